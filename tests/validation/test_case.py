"""A verdict says what it says, and every case says where its number is from."""

import pytest

from psoas.validation import report
from psoas.validation.case import ADULTS, KINDS, Case, Found
from psoas.validation.cases import CASES


def case(low, high):
    return Case("a length", "held out", "mm", "10 to 20", low, high, "someone, read", lambda who: Found.single(1.0))


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Found(15.0, 5.0, 25.0), "inside"),
        (Found(10.0, 10.0, 10.0), "inside"),
        (Found(25.0, 19.0, 30.0), "overlaps"),
        (Found(5.0, 1.0, 10.0), "overlaps"),
        (Found(25.0, 21.0, 30.0), "outside"),
        (Found.single(9.9), "outside"),
    ],
)
def test_verdicts(found, verdict):
    assert case(10.0, 20.0).verdict(found) == verdict


def test_every_case_says_what_it_is_worth_and_where_its_number_is_from():
    assert len({c.title for c in CASES}) == len(CASES)
    for c in CASES:
        assert c.kind in KINDS
        assert c.low <= c.high
        assert len(c.source) > 15
        assert c.published
        assert c.unit
    assert {c.kind for c in CASES} == set(KINDS)


def test_what_was_fitted_is_kept_apart():
    """The two calibrations of issue 2, and nothing that is called held out."""
    fitted = [c.title for c in CASES if c.kind == "fitted"]
    assert len(fitted) == 3
    assert all(("lordosis" in title) or ("passive" in title) for title in fitted)


def test_ours_of_the_cases_that_need_no_rest():
    """Read off the built body: quick enough to be tested, for both adults."""
    for c in CASES:
        if c.title.startswith(("psoas moment arm", "strength of", "lordosis T12-S1, standing")):
            for who in ADULTS:
                found = c.ours(who)
                assert found.low <= found.value <= found.high
                assert c.verdict(found) in ("inside", "overlaps"), (c.title, who)


def test_the_report_prints_a_case_with_its_source_and_verdict():
    said = "\n".join(report.lines([case(0.5, 2.0)]))
    assert "a length [mm]" in said
    assert "published  10 to 20" in said
    assert "inside" in said
    assert "someone, read." in said
    assert "Held out (1)" in said and "Fitted (0)" in said
