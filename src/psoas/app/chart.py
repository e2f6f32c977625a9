"""Small charts of the journal, as SVG with words beside them: before and after with their ranges, what the looks tell over
time, and the days of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from math import ceil, floor, log10
from typing import Any

from psoas import noticing, units
from psoas.journal import Entry

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 200, 52, 12, 14, 34  # [px]; drawn at two thirds, two beside each other
SHOWN = 60
"""Rests that a chart shows, the latest; more would be a smear."""
ROW = 66
"""Height of one place before and after [px]."""


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
        Comfort, percent better, and one chart for each place that was looked at, with the range of each answer; those with
        two points or more, of the latest ``SHOWN`` rests.
    """
    entries = entries[-SHOWN:]
    found = [
        _chart("Comfort, 0 to 10", entries, lambda e: (e.comfort_before, e.comfort_after), 0, 10),
        _chart("Percent better", entries, lambda e: (None, e.better), -100, 100),
    ]
    for place in noticing.places():

        def gaps(entry: Entry, id: str = place.id) -> tuple[float | None, float | None]:
            before, after = (_gap((look or {}).get(id), unit) for look in (entry.look_before, entry.look_after))
            return before, after

        def ends(entry: Entry, id: str = place.id) -> tuple[Ends, Ends]:
            before, after = (_ends((look or {}).get(id), unit) for look in (entry.look_before, entry.look_after))
            return before, after

        found.append(_chart(f"{place.title}, gap to the floor [{unit}]", entries, gaps, 0, None, ends))
    return [one for one in found if one is not None]


def _gap(seen: Any, unit: str) -> float | None:
    return None if not seen or seen.get("value") is None else units.from_si(float(seen["value"]), unit)


Ends = tuple[float, float] | None
"""Least and most of an answer; ``None`` where nobody said how it was taken."""


def _ends(seen: Any, unit: str) -> Ends:
    low, high = ((seen or {}).get(name) for name in ("low", "high"))
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    return units.from_si(float(low), unit), units.from_si(float(high), unit)


def _none(entry: Entry) -> tuple[Ends, Ends]:
    return None, None


def _chart(
    title: str, entries: Sequence[Entry], of: Any, low: float, high: float | None, ends: Any = _none
) -> Chart | None:
    points = [(entry, *of(entry)) for entry in entries]
    points = [point for point in points if point[1] is not None or point[2] is not None]
    if len(points) < 2:
        return None
    ranges = {entry.id: ends(entry) for entry, *_ in points}
    largest = max(float(x) for point in points for x in point[1:] if x is not None)
    largest = max(largest, *(pair[1] for both in ranges.values() for pair in both if pair is not None), 0.0)
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
        for value, pair, aside in zip((before, after), ranges[entry.id], (-2.5, 2.5), strict=True):
            if value is not None and pair is not None:
                parts.append(_line("range", at + aside, y(pair[0]), at + aside, y(pair[1])))
        if before is not None and after is not None:
            parts.append(f'<line class="link" x1="{at:.1f}" x2="{at:.1f}" y1="{y(before):.1f}" y2="{y(after):.1f}"/>')
        for value, name in ((before, "before"), (after, "after")):
            if value is not None:
                parts.append(f'<circle class="{name}" cx="{at:.1f}" cy="{y(value):.1f}" r="5"/>')
    parts += _dates(first, last)
    said = f"{title}: {len(points)} days; open circles before, filled after. The numbers are in the table below."
    svg = _svg(parts, said)
    rows = tuple(
        (f"{e.created_at.day} {e.created_at:%B %Y}", _cell(b, "before"), _cell(a, "after")) for e, b, a in points
    )
    return Chart(title, svg, rows)


def _signed(value: float) -> str:
    return (f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}").replace("-", "−")


def _cell(value: float | None, name: str) -> str:
    return "" if value is None else f"{value:.3g} {name}"


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, said: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'


def _dot(kind: str, x: float, y: float) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'


def _dates(first: datetime, last: datetime) -> list[str]:
    ends = ((first, "start", LEFT), (last, "end", WIDTH - RIGHT))
    return [_text(at, HEIGHT - 6, f"{moment.day} {moment:%b %Y}", anchor) for moment, anchor, at in ends]


def _svg(parts: Sequence[str], said: str, height: float = HEIGHT) -> str:
    drawn = "".join(parts)
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(said)}">{drawn}</svg>'


def _ticks(low: float, high: float) -> list[float]:
    """Three to five round numbers from at most ``low`` to at least ``high``."""
    high = high if high > low else low + 1.0
    span = high - low
    step = 10.0 ** floor(log10(span))
    step *= next(share for share in (0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0) if span / (share * step) <= 3.0)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [step * k for k in range(first, last + 1)]


# -- one rest -----------------------------------------------------------------------------------------


def gaps(before: Mapping[str, Any], after: Mapping[str, Any], unit: str) -> Chart | None:
    """The places of a look before and after, each answer with its range, on one scale.

    Args:
        before, after: Looks as the journal keeps them.
        unit: ``cm`` or ``in``.
    Returns:
        The chart; ``None`` where no gap was told with its range.
    """
    rows: list[tuple[str, list[tuple[str, float, tuple[float, float]]]]] = []
    for place in noticing.places():
        told = []
        for name, look in (("before", before), ("after", after)):
            value, ends = _gap(look.get(place.id), unit), _ends(look.get(place.id), unit)
            if value is not None and ends is not None:
                told.append((name, value, ends))
        if told:
            rows.append((place.title, told))
    if not rows:
        return None
    ticks = _ticks(0.0, max(ends[1] for _, told in rows for *_, ends in told))
    left, height = 6, ROW * len(rows) + 30

    def x(value: float) -> float:
        return left + (WIDTH - left - RIGHT) * value / ticks[-1]

    parts = [_line("axis", x(tick), 4, x(tick), ROW * len(rows) + 6) for tick in ticks]
    for k, (title, told) in enumerate(rows):
        parts.append(_text(left + 4, ROW * k + 22, title))
        for name, value, (low, high) in told:
            y = ROW * k + (36 if name == "before" else 52)
            parts.append(
                f'<rect class="band {name}" x="{x(low):.1f}" y="{y - 5}" width="{max(x(high) - x(low), 1):.1f}" height="10"/>'
            )
            parts.append(_dot(name, x(value), y))
    for tick in ticks:
        anchor = "start" if tick == 0 else "end" if tick == ticks[-1] else "middle"
        parts.append(_text(x(tick) + (0 if tick else -4), height - 4, f"{tick:.3g} {unit}", anchor))
    said = f"Gaps to the floor [{unit}]: open circles before, filled after, each with its range. The numbers are below."
    table = tuple(
        (title, name, f"{value:.1f} ({ends[0]:.1f} to {ends[1]:.1f}) {unit}")
        for title, told in rows
        for name, value, ends in told
    )
    return Chart(f"Gap to the floor [{unit}]", _svg(parts, said, height), table)


# -- what the looks tell over time --------------------------------------------------------------------


def trend(
    title: str,
    when: Sequence[datetime],
    points: Sequence[tuple[float, float, float]],
    before: tuple[float, float, float],
    texts: Sequence[str],
) -> Chart:
    """One inferred parameter, look by look: the middle, the range around it, and the range before anybody had looked.

    Args:
        title: What it is, with its unit.
        when: Of each look (n,).
        points: Middle, least and most after each (n, 3), in that unit.
        before: The same before any look.
        texts: What was known before, and the points, as they are read (n + 1,).
    """
    least, most = min(low for _, low, _ in points), max(high for *_, high in points)
    # What was known before may be so wide that nothing else could be read beside it.
    dashed = [end for end in before[1:] if least - 0.6 * (most - least) <= end <= most + 0.6 * (most - least)]
    ticks = _ticks(min(least, *dashed, most), max(most, *dashed, least))
    first, last = when[0], when[-1]
    span = max((last - first).total_seconds(), 1.0)
    left = LEFT + 14

    def x(moment: datetime) -> float:
        if first == last:
            return 0.5 * (left + WIDTH - RIGHT)
        return left + 8 + (WIDTH - left - RIGHT - 16) * (moment - first).total_seconds() / span

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - ticks[0]) / (ticks[-1] - ticks[0]))

    parts = []
    for tick in ticks:
        parts.append(_line("axis", LEFT, y(tick), WIDTH - RIGHT, y(tick)))
        parts.append(_text(LEFT - 8, y(tick) + 6, _signed(tick), "end"))
    parts += [_line("prior", LEFT, y(end), WIDTH - RIGHT, y(end)) for end in dashed]
    edge = [(x(moment), y(high)) for moment, (_, _, high) in zip(when, points, strict=True)]
    edge += [(x(moment), y(low)) for moment, (_, low, _) in reversed(list(zip(when, points, strict=True)))]
    middle = [(x(moment), y(value)) for moment, (value, *_) in zip(when, points, strict=True)]
    if len(points) > 1:
        parts.append(f'<polygon class="area" points="{_path(edge)}"/><polyline class="link" points="{_path(middle)}"/>')
    for (at, value), (_, low, high) in zip(middle, points, strict=True):
        parts += [_line("range", at, y(low), at, y(high)), _dot("after", at, value)]
    parts += (
        _dates(first, last)
        if first != last
        else [_text(middle[0][0], HEIGHT - 6, f"{first.day} {first:%b %Y}", "middle")]
    )
    said = f"{title}: after {len(points)} looks, with ranges; dashed, the range before any look. The numbers are below."
    days = ("before any look", *(f"{moment.day} {moment:%B %Y}" for moment in when))
    rows = tuple(zip(days, texts, strict=True))
    return Chart(title, _svg(parts, said), rows)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


# -- a comparison -------------------------------------------------------------------------------------


def difference(
    days: Sequence[tuple[datetime, str, float]], found: tuple[float, float, float] | None, unit: str
) -> list[Chart]:
    """The days of a comparison, and what they come to.

    Args:
        days: When, which way it was (anything but ``A`` and ``B`` is left out), and the outcome.
        found: Difference B minus A, and its ends; ``None`` where there is none.
        unit: Of the outcome.
    """
    days = [day for day in days if day[1] in ("A", "B")]
    if not days:
        return []
    of = f" [{unit}]" if unit else ""
    charts = [_by_day(days, of)]
    if found is not None:
        charts.append(_interval(found, of))
    return charts


def _by_day(days: Sequence[tuple[datetime, str, float]], of: str) -> Chart:
    values = [value for *_, value in days]
    ticks = _ticks(min(*values, 0.0), max(*values, 0.0))
    first, last = min(day[0] for day in days), max(day[0] for day in days)
    span = max((last - first).total_seconds(), 1.0)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - ticks[0]) / (ticks[-1] - ticks[0]))

    parts = []
    for tick in ticks:
        parts.append(_line("axis", LEFT, y(tick), WIDTH - RIGHT, y(tick)))
        parts.append(_text(LEFT - 8, y(tick) + 6, _signed(tick), "end"))
    for moment, way, value in days:
        at = LEFT + 8 + (WIDTH - LEFT - RIGHT - 16) * (moment - first).total_seconds() / span
        parts.append(_dot("before" if way == "A" else "after", at, y(value)))
    parts += _dates(first, last)
    title = f"Day by day{of}"
    return Chart(
        title, _svg(parts, f"{title}: open circles are A, filled ones B. The numbers are in the table below."), ()
    )


def _interval(found: tuple[float, float, float], of: str) -> Chart:
    value, low, high = found
    ticks = _ticks(min(low, 0.0), max(high, 0.0))
    left, height = 24, 92

    def x(number: float) -> float:
        return left + (WIDTH - 2 * left) * (number - ticks[0]) / (ticks[-1] - ticks[0])

    parts = [_line("zero" if abs(tick) < 1e-9 else "axis", x(tick), 8, x(tick), 62) for tick in ticks]
    parts.append(
        f'<rect class="band after" x="{x(low):.1f}" y="29" width="{max(x(high) - x(low), 1):.1f}" height="12"/>'
    )
    parts.append(_dot("after", x(value), 35))
    parts += [_text(x(tick), height - 10, _signed(tick + 0.0), "middle") for tick in ticks]
    title = f"B minus A{of}"
    return Chart(title, _svg(parts, f"{title}, with its 90 % interval; a line stands at zero.", height), ())
