"""The report as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from psoas.validation.case import ADULTS, KINDS, Case, Found, Kind

WIDTH = 110


def heading(text: str) -> str:
    """A line with a rule under it."""
    return f"\n{text}\n{'-' * len(text)}"


def number(value: float) -> str:
    """Two or three figures, as the size asks."""
    return f"{value:.0f}" if abs(value) >= 20.0 else f"{value:.1f}" if abs(value) >= 2.0 else f"{value:.2f}"


def range_of(found: Found) -> str:
    """A value, with its range where it has one."""
    if found.low == found.high:
        return number(found.value)
    return f"{number(found.value)} ({number(found.low)} to {number(found.high)})"


def lines(cases: Sequence[Case]) -> Iterator[str]:
    """All cases, those that mean most first, each with ours for both adults and a verdict."""
    order: tuple[Kind, ...] = ("held out", "model", "input", "fitted")
    for kind in order:
        chosen = [case for case in cases if case.kind == kind]
        yield heading(f"{kind.capitalize()} ({len(chosen)}): {KINDS[kind].split(': ', 1)[-1]}")
        for case in chosen:
            yield f"{case.title} [{case.unit}]"
            yield f"    published  {case.published}"
            for who in ADULTS:
                found = case.ours(who)
                yield f"    {who:<9}  {range_of(found):<28} {case.verdict(found)}"
            said = f"{case.source}." + (f" {case.note}." if case.note else "")
            yield textwrap.fill(said, WIDTH, initial_indent="    ", subsequent_indent="    ")


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns under titles, the first to the left, the others to the right."""
    widths = [max(len(row[k]) for row in (titles, *rows)) for k in range(len(titles))]
    said = []
    for row in (titles, *rows):
        cells = [cell.ljust(widths[0]) if k == 0 else cell.rjust(widths[k]) for k, cell in enumerate(row)]
        said.append("  ".join(cells).rstrip())
    return "\n".join(said)
