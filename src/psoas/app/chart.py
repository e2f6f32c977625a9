"""Small charts of the journal, as SVG with words beside them: before and after, joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from typing import Any

from psoas import noticing, units
from psoas.journal import Entry

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 200, 52, 12, 14, 34  # [px]; drawn at two thirds, two beside each other


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        title: What it shows, with its unit.
        svg: The drawing.
        rows: The same in numbers: day, before, after.
    """

    title: str
    svg: str
    rows: tuple[tuple[str, ...], ...]


def charts(entries: Sequence[Entry], unit: str) -> list[Chart]:
    """The charts there is anything to show in.

    Args:
        entries: The first one first.
        unit: ``cm`` or ``in``.
    Returns:
        Comfort, percent better, and one chart for each place that was looked at; those with two points or more.
    """
    found = [
        _chart("Comfort, 0 to 10", entries, lambda e: (e.comfort_before, e.comfort_after), 0, 10),
        _chart("Percent better", entries, lambda e: (None, e.better), -100, 100),
    ]
    for place in noticing.places():

        def gaps(entry: Entry, id: str = place.id) -> tuple[float | None, float | None]:
            before, after = (_gap((look or {}).get(id), unit) for look in (entry.look_before, entry.look_after))
            return before, after

        found.append(_chart(f"{place.title}, gap to the floor [{unit}]", entries, gaps, 0, None))
    return [one for one in found if one is not None]


def _gap(seen: Any, unit: str) -> float | None:
    return None if not seen or seen.get("value") is None else units.from_si(float(seen["value"]), unit)


def _chart(title: str, entries: Sequence[Entry], of: Any, low: float, high: float | None) -> Chart | None:
    points = [(entry, *of(entry)) for entry in entries]
    points = [point for point in points if point[1] is not None or point[2] is not None]
    if len(points) < 2:
        return None
    largest = max(float(x) for point in points for x in point[1:] if x is not None)
    top = high if high is not None else max(2.0, 2.0 * ceil(largest / 2.0))  # even, so that half of it is whole
    first, last = points[0][0].created_at, points[-1][0].created_at
    span = max((last - first).total_seconds(), 1.0)

    def x(entry: Entry) -> float:
        return LEFT + 8 + (WIDTH - LEFT - RIGHT - 16) * (entry.created_at - first).total_seconds() / span

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (top - low))

    parts = []
    for tick in (low, 0.5 * (low + top), top):
        parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(tick) + 6:.1f}" text-anchor="end">{_signed(tick)}</text>')
    for entry, before, after in points:
        at = x(entry)
        if before is not None and after is not None:
            parts.append(f'<line class="link" x1="{at:.1f}" x2="{at:.1f}" y1="{y(before):.1f}" y2="{y(after):.1f}"/>')
        for value, name in ((before, "before"), (after, "after")):
            if value is not None:
                parts.append(f'<circle class="{name}" cx="{at:.1f}" cy="{y(value):.1f}" r="5"/>')
    for moment, anchor, at in ((first, "start", LEFT), (last, "end", WIDTH - RIGHT)):
        parts.append(f'<text x="{at}" y="{HEIGHT - 6}" text-anchor="{anchor}">{moment.day} {moment:%b %Y}</text>')
    said = escape(
        f"{title}: {len(points)} days; open circles before, filled after. The numbers are in the table below."
    )
    svg = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}">{"".join(parts)}</svg>'
    rows = tuple(
        (f"{e.created_at.day} {e.created_at:%B %Y}", _cell(b, "before"), _cell(a, "after")) for e, b, a in points
    )
    return Chart(title, svg, rows)


def _signed(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _cell(value: float | None, name: str) -> str:
    return "" if value is None else f"{value:.3g} {name}"
