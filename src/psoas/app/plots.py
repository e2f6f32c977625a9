"""Small plots of what a model says, as SVG with its words beside it: a band over time, ranges under one another."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

WIDTH, LEFT, RIGHT = 480, 58, 14
"""Of a plot [px]; drawn at two thirds where two stand beside each other."""
HEIGHT, TOP, BOTTOM = 210, 16, 46
ROW = 46
"""Height of one range and its name [px]."""


def over_time(
    title: str,
    unit: str,
    minutes: Sequence[float],
    low: Sequence[float],
    middle: Sequence[float],
    high: Sequence[float],
) -> str:
    """A middle and its range against minutes.

    Args:
        title: What it is, for those who listen.
        unit: Of the values, as it is read.
        minutes: Rising (t,) [min].
        low, middle, high: (t,) [unit].
    Returns:
        The SVG.
    """
    bottom, top, ticks = _scale(min(low), max(high))

    def x(minute: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * minute / minutes[-1]

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (top - value) / (top - bottom)

    parts = [_tick(x(0.0), x(minutes[-1]), y(tick), _plain(tick)) for tick in ticks]
    there = [f"{x(m):.1f},{y(v):.1f}" for m, v in zip(minutes, high, strict=True)]
    back = [f"{x(m):.1f},{y(v):.1f}" for m, v in zip(minutes, low, strict=True)][::-1]
    parts.append(f'<polygon class="area" points="{" ".join(there + back)}"/>')
    along = " ".join(f"{x(m):.1f},{y(v):.1f}" for m, v in zip(minutes, middle, strict=True))
    parts.append(f'<polyline class="middle" points="{along}"/>')
    step = next(s for s in (1.0, 2.0, 5.0, 10.0, 15.0, 20.0) if minutes[-1] / s <= 4.5)
    marks = [step * k for k in range(int(minutes[-1] / step + 1e-9) + 1)]
    for k, mark in enumerate(marks):
        words = f"{_plain(mark)} min" if k == len(marks) - 1 else _plain(mark)
        parts.append(
            f'<text x="{x(mark):.1f}" y="{HEIGHT - 16}" text-anchor="{"end" if k == len(marks) - 1 else "middle"}">{words}</text>'
        )
    said = (
        f"{title}: {_plain(middle[0])} {unit} at first, {_plain(middle[-1])} {unit} after {_plain(minutes[-1])} minutes;"
        f" the range at the end is {_plain(low[-1])} to {_plain(high[-1])} {unit}."
    )
    return _svg(HEIGHT, said, parts)


def ranges(title: str, unit: str, rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Middles with their ranges under one another, on one scale.

    Args:
        title: What it is, for those who listen.
        unit: Of the values, as it is read.
        rows: Name, low, middle and high of each.
    Returns:
        The SVG.
    """
    bottom, top, ticks = _scale(min(row[1] for row in rows), max(row[3] for row in rows))
    height = TOP + ROW * len(rows) + 30

    def x(value: float) -> float:
        return 16 + (WIDTH - 32) * (value - bottom) / (top - bottom)

    parts = []
    for tick in ticks:
        parts.append(f'<line class="axis" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{height - 28}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{height - 8}" text-anchor="middle">{_plain(tick)}</text>')
    for k, (name, low, middle, high) in enumerate(rows):
        y = TOP + ROW * k + 32
        parts.append(f'<text class="name" x="{x(bottom):.1f}" y="{y - 12}">{escape(name)}</text>')
        parts.append(f'<line class="ends" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y}" y2="{y}"/>')
        parts.append(f'<circle class="after" cx="{x(middle):.1f}" cy="{y}" r="6"/>')
    said = "; ".join(f"{n} {_plain(m)} {unit}, {_plain(a)} to {_plain(b)}" for n, a, m, b in rows)
    return _svg(height, f"{title}: {said}.", parts)


def _svg(height: float, said: str, parts: Sequence[str]) -> str:
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(said)}">{"".join(parts)}</svg>'


def _tick(left: float, right: float, y: float, words: str) -> str:
    return (
        f'<line class="axis" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{left - 8:.1f}" y="{y + 6:.1f}" text-anchor="end">{words}</text>'
    )


def _scale(low: float, high: float) -> tuple[float, float, list[float]]:
    """Ends of a scale around what it shows, and three to five round ticks on it."""
    low, high = min(low, 0.0) if low < 0.25 * high else low, max(high, 0.0)
    span = max(high - low, 1e-9 + 0.1 * abs(high), 1e-3)
    rough = 10.0 ** floor(log10(span / 4.0))
    step = next(rough * k for k in (1, 2, 5, 10) if span / (rough * k) <= 4.0)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = [step * k for k in range(first, max(last, first + 1) + 1)]
    return ticks[0], ticks[-1], ticks


def _plain(value: float) -> str:
    return f"{value:.3g}".replace("-", "−") if abs(value) > 1e-9 else "0"
