import math
from collections import Counter

import numpy as np
import pytest

from psoas import units
from psoas.anatomy import sources, tables
from psoas.anatomy.tables import COLUMNS, Table
from psoas.errors import DataError

HEADER = ",".join(COLUMNS)


def line(**cells):
    row = {
        "id": "psoas_major_L3_TP", "quantity": "pcsa", "sex": "both", "value": "1.2", "unit": "cm2",
        "source": "ward2009", "status": "read", "use": "default", **cells,
    }  # fmt: skip
    return ",".join(row.get(column, "") for column in COLUMNS)


def muscles(*lines):
    return tables.parse("\n".join([HEADER, *lines]) + "\n", "muscles")


# -- the tables we ship ---------------------------------------------------------------------------------

each_table = pytest.mark.parametrize("table", [tables.load(name) for name in tables.names()], ids=tables.names())


def assert_no_row(broken, table):
    """The header is line 1, and no row spans lines."""
    offenders = [
        f"{table.name}.csv:{number}: {row.id} {row.quantity} {row.sex} ({row.source})"
        for number, row in enumerate(table, 2)
        if broken(row)
    ]
    assert not offenders, "\n".join(offenders)


def test_the_tables_of_the_layout_are_here():
    assert {"segments", "bones", "joints", "muscles", "tissues", "props"} <= set(tables.names())


@each_table
def test_every_row_holds_finite_numbers_in_a_known_unit(table):
    def broken(row):
        numbers = (*row.value, *row.sd, *row.si, *row.sd_si)
        return not (
            row.id
            and row.quantity
            and row.value
            and all(math.isfinite(number) for number in numbers)
            and len(row.sd) in (0, len(row.value))
            and units.unit(row.unit).factor > 0
            and (row.n is None or row.n > 0)
        )

    assert_no_row(broken, table)


@each_table
def test_every_row_speaks_the_vocabulary(table):
    def broken(row):
        return row.sex not in tables.SEXES or row.status not in tables.STATUSES or row.use not in tables.USES

    assert_no_row(broken, table)


@each_table
def test_every_row_names_a_source_we_list(table):
    assert_no_row(lambda row: row.source not in sources.load(), table)


@each_table
def test_every_row_says_where_in_its_source_it_stands_unless_it_is_assumed(table):
    assert_no_row(lambda row: row.status != "assumed" and not row.locator, table)


@each_table
def test_every_assumed_row_says_how_wide_the_guess_is(table):
    assert_no_row(lambda row: row.status == "assumed" and not (row.sd or row.note), table)


@each_table
def test_every_row_has_exactly_one_default_to_stand_beside(table):
    defaults = Counter((row.id, row.quantity, row.sex) for row in table if row.use == "default")

    def broken(row):
        shared, female, male = (defaults[row.id, row.quantity, sex] for sex in ("both", "female", "male"))
        if row.sex == "both":  # may also stand beside one default for women and one for men
            return shared != 1 and (female, male) != (1, 1)
        return ({"female": female, "male": male}[row.sex] or shared) != 1

    assert_no_row(broken, table)


# -- the reader -----------------------------------------------------------------------------------------


def test_a_row_is_read_as_printed_and_given_in_si():
    row = muscles(line(value="1.2 3.4", sd="0.1", n="21")).get("psoas_major_L3_TP", "pcsa")
    assert row.value == (1.2, 3.4)
    assert row.sd == (0.1, 0.1)
    assert row.n == 21
    np.testing.assert_allclose(row.si, [1.2e-4, 3.4e-4], rtol=1e-15)
    np.testing.assert_allclose(row.sd_si, [1e-5, 1e-5], rtol=1e-15)
    with pytest.raises(DataError, match="holds 2 numbers; one was asked for"):
        _ = row.number


def test_a_missing_spread_is_none_and_counts_as_zero():
    row = muscles(line()).get("psoas_major_L3_TP", "pcsa")
    assert row.sd == ()
    assert row.n is None
    assert row.sd_si.tolist() == [0.0]
    assert row.number == pytest.approx(1.2e-4, rel=1e-15)


def test_a_sex_without_its_own_row_takes_the_one_for_both():
    ours = muscles(line(), line(sex="female", value="0.9"))
    assert ours.get("psoas_major_L3_TP", "pcsa", "female").value == (0.9,)
    assert ours.get("psoas_major_L3_TP", "pcsa", "male").value == (1.2,)
    assert ours.get("psoas_major_L3_TP", "pcsa").value == (1.2,)


def test_rivals_stand_behind_the_chosen_one():
    ours = muscles(
        line(use="alternative", value="2.0"),
        line(),
        line(sex="female", value="0.9"),
        line(sex="male", value="1.5", use="alternative"),
    )
    assert [row.value for row in ours.rivals("psoas_major_L3_TP", "pcsa")] == [(1.2,), (2.0,)]
    assert [row.value for row in ours.rivals("psoas_major_L3_TP", "pcsa", "female")] == [
        (0.9,),
        (2.0,),
        (1.2,),
    ]
    assert [row.value for row in ours.rivals("psoas_major_L3_TP", "pcsa", "male")] == [(1.2,), (2.0,), (1.5,)]


def test_ids_and_arrays_keep_order():
    ours = muscles(
        line(id="b1"),
        line(id="a", value="3"),
        line(id="b2", value="300", unit="mm2"),
        line(id="b1", quantity="x"),
    )
    assert ours.ids() == ("b1", "a", "b2")
    assert ours.ids("b") == ("b1", "b2")
    assert ours.quantities("b1") == ("pcsa", "x")
    assert ("b1", "x") in ours
    assert ("a", "x") not in ours
    np.testing.assert_allclose(ours.array(ours.ids("b"), "pcsa"), [1.2e-4, 3e-4], rtol=1e-15)


def test_vectors_stack_and_unlike_rows_do_not():
    ours = muscles(
        line(id="p", value="1 2 3", unit="m"), line(id="q", value="4 5 6", unit="m"), line(id="r", unit="m"),
        line(id="s", unit="deg"),
    )  # fmt: skip
    np.testing.assert_array_equal(ours.array(["q", "p"], "pcsa"), [[4, 5, 6], [1, 2, 3]])
    for unlike in (["p", "r"], ["r", "s"]):
        with pytest.raises(DataError, match="differ in length or kind of unit"):
            ours.array(unlike, "pcsa")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            ("psoas_major_L3_PT", "pcsa"),
            "no default 'pcsa' of 'psoas_major_L3_PT' for both; it has psoas_major_L3_TP",
        ),
        (("xyz", "pcsa"), "it has no similar id"),
        (("psoas_major_L3_TP", "pscas"), "it has pcsa"),
        (("only_women", "pcsa", "male"), r"it has pcsa \(female, default\)"),
        (("psoas_major_L3_TP", "pcsa", "Female"), "sex is 'Female'; give both, female, male"),
    ],
)
def test_what_is_missing_names_what_is_near(asked, sentence):
    with pytest.raises(DataError, match=sentence):
        muscles(line(), line(id="only_women", sex="female")).get(*asked)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ({"id": ""}, "id is empty"),
        ({"source": ""}, "source is empty"),
        ({"value": ""}, "value is empty"),
        ({"value": "1.2 wide"}, "value is '1.2 wide'; give finite numbers"),
        ({"value": "nan"}, "value is 'nan'; give finite numbers"),
        ({"sd": "-1"}, "sd is '-1'"),
        ({"sd": "1 2"}, "sd is '1 2'"),
        ({"n": "many"}, "n is 'many'"),
        ({"unit": "furlong"}, "'furlong' is not a unit"),
        ({"sex": "f"}, "sex is 'f'; give both, female, male"),
        ({"status": "remembered"}, "status is 'remembered'; give read, transcribed, derived, assumed"),
        ({"use": "maybe"}, "use is 'maybe'; give default, alternative"),
        ({"note": "a, b"}, "more or fewer cells"),
    ],
)
def test_a_broken_row_names_table_line_and_cell(broken, sentence):
    with pytest.raises(DataError, match=rf"^muscles.csv, line 3 .*: .*{sentence}"):
        muscles(line(id="fine"), line(**broken))


def test_two_defaults_are_refused():
    with pytest.raises(DataError, match=r"pcsa \(both\) has two default rows, from ward2009 and other"):
        muscles(line(), line(source="other"))


def test_columns_are_checked_and_side_rule_is_ignored():
    assert len(tables.parse(f"{HEADER},side_rule\n{line()},mirror\n", "muscles")) == 1
    with pytest.raises(DataError, match=r"lacks columns \['note'\] and has unknown columns \['notes'\]"):
        tables.parse(f"{HEADER}s\n{line()}\n", "muscles")
    with pytest.raises(DataError, match="lacks columns"):
        tables.parse("", "muscles")


def test_an_unknown_table_names_those_there_are():
    with pytest.raises(DataError, match=r"there is no table '\.\./muscles'"):
        tables.load("../muscles")


def test_a_table_is_read_once():
    name = tables.names()[0]
    assert tables.load(name) is tables.load(name)
    assert isinstance(tables.load(name), Table)
