"""Tables of published values: one row, one measured value, with its spread, population, source and status.

Rival values of one quantity stand side by side; exactly one of them is the default, and its note says why. A
row is read as printed, in its own unit; `Row.si` and `Table.array` give SI. Nothing here scales, combines or
guesses.
"""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from psoas import units
from psoas.errors import DataError, InputError

COLUMNS = (
    "id", "quantity", "sex", "body", "value", "unit", "sd", "n",
    "population", "source", "locator", "status", "use", "note",
)  # fmt: skip
"""The columns of every table, in the order of `Row`."""

IGNORED_COLUMNS = frozenset({"side_rule"})
"""Columns a table may have for its editors, which no code reads."""

SEXES = ("both", "female", "male")
STATUSES = ("read", "transcribed", "derived", "assumed")
USES = ("default", "alternative")


@dataclass(frozen=True)
class Row:
    """One measured value.

    Attributes:
        id: What was measured: a muscle, point, joint, segment or prop.
        quantity: Which of its properties.
        sex: ``both``, ``female`` or ``male``.
        body: The body in whose frame a point is given; empty where that means nothing.
        value: The value as published (n,) [unit]; a scalar has one element.
        unit: A unit of `psoas.units`.
        sd: Standard deviation (n,) [unit]; empty where none is given.
        n: How many were measured; None where that is not said.
        population: Who was measured.
        source: Key into ``sources.bib``.
        locator: Table, figure, equation or page.
        status: ``read`` (in the paper), ``transcribed`` (from a public model quoting it), ``derived`` (by a
            script in design/) or ``assumed`` (no source).
        use: ``default`` or ``alternative``.
        note: Why this row is the default, what disagrees with it, where it stops holding.
    """

    id: str
    quantity: str
    sex: str
    body: str
    value: tuple[float, ...]
    unit: str
    sd: tuple[float, ...]
    n: int | None
    population: str
    source: str
    locator: str
    status: str
    use: str
    note: str

    @property
    def si(self) -> NDArray[np.float64]:
        """The value in SI (n,)."""
        return units.to_si(np.array(self.value, dtype=np.float64), self.unit)

    @property
    def sd_si(self) -> NDArray[np.float64]:
        """The standard deviation in SI (n,); zeros where none is given."""
        return units.to_si(np.array(self.sd or [0.0] * len(self.value), dtype=np.float64), self.unit)

    @property
    def number(self) -> float:
        """The value of a scalar row, in SI.

        Raises:
            DataError: The row holds a vector.
        """
        if len(self.value) != 1:
            raise DataError(f"{self.id} {self.quantity} holds {len(self.value)} numbers; one was asked for")
        return float(self.si[0])


class Table:
    """The rows of one table, found by id and quantity.

    Args:
        name: What the table is called in messages.
        rows: Its rows, in their order.

    Raises:
        DataError: Two default rows compete for the same id, quantity and sex.
    """

    def __init__(self, name: str, rows: Iterable[Row]) -> None:
        self.name = name
        self.rows = tuple(rows)
        self._rivals: dict[tuple[str, str], list[Row]] = {}
        self._defaults: dict[tuple[str, str, str], Row] = {}
        for row in self.rows:
            self._rivals.setdefault((row.id, row.quantity), []).append(row)
            if row.use == "default":
                key = (row.id, row.quantity, row.sex)
                if key in self._defaults:
                    raise DataError(
                        f"{name}: {row.id} {row.quantity} ({row.sex}) has two default rows, from "
                        f"{self._defaults[key].source} and {row.source}; make one of them an alternative"
                    )
                self._defaults[key] = row

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"Table({self.name!r}, {len(self.rows)} rows)"

    def __contains__(self, key: object) -> bool:
        """Whether ``(id, quantity)`` has any row."""
        return key in self._rivals

    def get(self, id: str, quantity: str, sex: str = "both") -> Row:
        """The default row; where this sex has none of its own, the one for both.

        Raises:
            DataError: There is none; the message names rows that look like it.
        """
        self._check_sex(sex)
        for own in dict.fromkeys((sex, "both")):
            if row := self._defaults.get((id, quantity, own)):
                return row
        raise DataError(self._missing(id, quantity, sex))

    def rivals(self, id: str, quantity: str, sex: str = "both") -> tuple[Row, ...]:
        """Every published value that could stand in `get`'s place, its own row first.

        For one sex these are its own rows and those for both; for ``both`` they are the rows for both only.

        Raises:
            DataError: `get` has no row.
        """
        chosen = self.get(id, quantity, sex)
        others = [row for row in self._rivals[id, quantity] if row is not chosen and row.sex in (sex, "both")]
        return (chosen, *others)

    def ids(self, prefix: str = "") -> tuple[str, ...]:
        """The ids that start so, each once, in the table's order."""
        return tuple(dict.fromkeys(row.id for row in self.rows if row.id.startswith(prefix)))

    def quantities(self, id: str) -> tuple[str, ...]:
        """The quantities given for an id, each once, in the table's order; none for an unknown id."""
        return tuple(dict.fromkeys(row.quantity for row in self.rows if row.id == id))

    def array(self, ids: Sequence[str], quantity: str, sex: str = "both") -> NDArray[np.float64]:
        """One quantity of several ids, from their default rows, in SI.

        Args:
            ids: The ids, in the order wanted (k,).
            quantity: The quantity.
            sex: ``both``, ``female`` or ``male``.

        Returns:
            The values (k,) where each is a scalar, else (k, n).

        Raises:
            DataError: A row is missing, or rows differ in length or in kind of unit.
        """
        rows = [self.get(id, quantity, sex) for id in ids]
        kinds = {(len(row.value), units.unit(row.unit).dimension) for row in rows}
        if len(kinds) > 1:
            raise DataError(f"{self.name}: the {quantity} rows asked for differ in length or kind of unit")
        values = np.array([row.si for row in rows], dtype=np.float64)
        return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values

    def _check_sex(self, sex: str) -> None:
        if sex not in SEXES:
            raise DataError(f"sex is {sex!r}; give {', '.join(SEXES)}")

    def _missing(self, id: str, quantity: str, sex: str) -> str:
        wanted = f"{self.name} has no default {quantity!r} of {id!r} for {sex}"
        if own := self.quantities(id):
            held = [f"{row.quantity} ({row.sex}, {row.use})" for row in self._rivals.get((id, quantity), [])]
            return f"{wanted}; it has {', '.join(held or own)}"
        near = get_close_matches(id, self.ids(), n=3, cutoff=0.5)
        return f"{wanted}; it has {', '.join(near) or 'no similar id'}"


def names() -> tuple[str, ...]:
    """The tables there are, in alphabetical order."""
    found = (entry.name for entry in files("psoas.anatomy").iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in found if name.endswith(".csv")))


@cache
def load(name: str) -> Table:
    """A table of the package, read once.

    Raises:
        DataError: There is no such table, or a row of it is broken.
    """
    if name not in names():
        raise DataError(f"there is no table {name!r}; there are {', '.join(names()) or 'none'}")
    return parse((files("psoas.anatomy") / f"{name}.csv").read_text(encoding="utf-8"), name)


def parse(text: str, name: str) -> Table:
    """A table from CSV text with the columns of `COLUMNS`.

    Raises:
        DataError: A column is missing or unknown, a number or unit cannot be read, a word is outside its
            vocabulary, or two default rows compete; the message names table and line.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""))
    found = tuple(reader.fieldnames or ())
    missing = [column for column in COLUMNS if column not in found]
    unknown = [column for column in found if column not in COLUMNS and column not in IGNORED_COLUMNS]
    if missing or unknown:
        raise DataError(
            f"{name}.csv lacks columns {missing} and has unknown columns {unknown}; give {', '.join(COLUMNS)}"
        )
    rows = []
    for record in reader:
        try:
            rows.append(_row(record))
        except (DataError, InputError) as error:
            raise DataError(f"{name}.csv, line {reader.line_num} ({record['id']}): {error}") from error
    return Table(name, rows)


def _row(record: dict[str, str]) -> Row:
    if None in record or None in record.values():
        raise DataError("the row has more or fewer cells than the header; quote a cell that holds a comma")
    cells = {column: record[column].strip() for column in COLUMNS}
    for column in ("id", "quantity", "value", "unit", "source"):
        if not cells[column]:
            raise DataError(f"{column} is empty; every row gives one")
    for column, words in (("sex", SEXES), ("status", STATUSES), ("use", USES)):
        if cells[column] not in words:
            raise DataError(f"{column} is {cells[column]!r}; give {', '.join(words)}")
    units.unit(cells["unit"])
    value = _numbers(cells["value"], "value")
    sd = _numbers(cells["sd"], "sd")
    if any(spread < 0 for spread in sd) or len(sd) not in (0, 1, len(value)):
        raise DataError(f"sd is {cells['sd']!r}; give one number of zero or more, or one for each in value, or none")
    return Row(
        id=cells["id"],
        quantity=cells["quantity"],
        sex=cells["sex"],
        body=cells["body"],
        value=value,
        unit=cells["unit"],
        sd=sd * len(value) if len(sd) == 1 else sd,
        n=_count(cells["n"]),
        population=cells["population"],
        source=cells["source"],
        locator=cells["locator"],
        status=cells["status"],
        use=cells["use"],
        note=cells["note"],
    )


def _numbers(text: str, column: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(word) for word in text.split())
    except ValueError:
        numbers = (math.nan,)
    if not all(math.isfinite(number) for number in numbers):
        raise DataError(f"{column} is {text!r}; give finite numbers separated by spaces")
    return numbers


def _count(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise DataError(f"n is {text!r}; give a whole number above zero, or leave it empty")
    return int(text)
