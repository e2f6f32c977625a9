"""The trade-off behind a set-up as one SVG: what each choice would mean, and which choices are equally good.

Small panels under each other share the choice as their axis, in one column for a phone or several for a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

import numpy as np

from psoas.advice import scaled
from psoas.advice.scaled import length
from psoas.advice.search import FREE_RIBS, MOST_KNEE, THIGH_LOAD, Found, against, grip, heel_band, pile_band, pull
from psoas.advice.sweep import Sweep
from psoas.body.model import Array, Flags
from psoas.drawing import FAMILIES, Theme, ThemeName, font_faces, text_width, themes
from psoas.person import Person
from psoas.position import Position
from psoas.uncertainty import HIGH, LOW
from psoas.units import from_si, to_si

COLUMN, MARGIN, PLOT, ABOVE, GAP = 460.0, 16.0, 84.0, 30.0, 10.0
"""Width of a column; around; height of a panel; of its title; between panels [page units]."""
LEFT, RIGHT, LINE = 40.0, 12.0, 16.0
"""Room for a panel's numbers and at its end; from line to line of text [page units]."""
SMALL, PLAIN, TITLE = 12.0, 13.0, 18.0
"""Letters [page units]."""


@dataclass(frozen=True)
class Curve:
    """A quantity over the choices.

    Attributes:
        values: 5th percentile, median and 95th, or the median alone (n, 3) or (n, 1) [the panel's unit].
        title: What it is, where a panel has several.
        dashes: As SVG takes them; empty for a whole line.
        red: Whether it is the psoas's.
    """

    values: Array
    title: str = ""
    dashes: str = ""
    red: bool = False


@dataclass(frozen=True)
class Panel:
    """One quantity, or several of one unit, over the choices.

    Attributes:
        title: What it shows, with its unit.
        x: The choices (n,) [m].
        curves: The first is the quantity itself.
        limits: Values of the rule, each with its words.
        good: Ends of what is equally good [m]; nothing where the rule cannot be satisfied.
        sources: Ends of what the sources say, for this body [m]; nothing where they say no number.
        chosen: What was chosen [m].
        most: Highest value shown; a little more than the curves reach where not given.
        span: Least that is shown of the unit, so that nothing looks like much.
    """

    title: str
    x: Array
    curves: tuple[Curve, ...]
    limits: tuple[tuple[float, str], ...] = ()
    good: tuple[float, float] | None = None
    sources: tuple[float, float] | None = None
    chosen: float | None = None
    most: float | None = None
    span: float = 1.0


@dataclass(frozen=True)
class Span:
    """A range of choices, drawn as a bar over the panels.

    Attributes:
        title: Whose it is.
        low, high: Its ends [m].
        tone: A color of the theme.
    """

    title: str
    low: float
    high: float
    tone: str


@dataclass(frozen=True)
class Column:
    """Panels under each other that share their choices.

    Attributes:
        title: Over the column.
        axis: What is chosen.
        spans: Ranges of choices.
        words: A sentence or two under the ranges.
        panels: From above.
    """

    title: str
    axis: str
    spans: tuple[Span, ...]
    words: str
    panels: tuple[Panel, ...]


def plot(found: Found, person: Person, *, theme: ThemeName = "light", inches: bool = False) -> str:
    """What was tried for a set-up, as an SVG.

    Args:
        found: A set-up in a position that has a heel distance or a height under the shoulders.
        person: Whose it is.
        theme: ``light`` or ``dark``.
        inches: Whether lengths are in inches.
    Returns:
        The SVG; for a position with neither, how a head lies on each thickness.
    Raises:
        DataError: A table lacks a row.
    """
    setup, columns, unit = found.setup, [], "in" if inches else "cm"
    chosen = {line.name: line.quantity.value for line in setup.lines}
    if "heel_distance" in found.sweeps:
        columns.append(heels(found.sweeps["heel_distance"], setup.position, person, chosen["heel_distance"], unit=unit))
    if "height" in found.sweeps:
        columns.append(heights(found.sweeps["height"], chosen["height"]))
    if not columns:
        columns.append(_towels(found.sweeps["towel"], chosen["towel"]))
    return draw(columns, theme=theme, unit=unit)


def heels(
    sweep: Sweep,
    lying: Position,
    person: Person,
    chosen: float | None = None,
    *,
    title: str = "Heel distance",
    rivals: Mapping[str, Sweep] | None = None,
    unit: str = "cm",
) -> Column:
    """What a heel distance means.

    Args:
        sweep: From :func:`psoas.advice.sweep.over_heel_distance`.
        lying: The position, whose sources say a distance.
        person: Whose legs.
        chosen: What was chosen [m].
        title: Over the column.
        rivals: Parts of the sweep whose pull is drawn as lines of their own, by name.
        unit: ``cm`` or ``in``, for the words.
    Returns:
        The column.
    Raises:
        DataError: A table lacks a row.
    """
    of, band = sweep.quantities, heel_band(sweep, lying.surface)
    said = next(
        one for one in scaled.set_up(person, lying.without("heel_distance")).lines if one.name == "heel_distance"
    )
    low, high = said.quantity.low, said.quantity.high
    given = [(s.low or 0.0, s.high or 0.0) for s in said.given]
    worse = lambda name, pick=np.maximum: pick(of[f"{name}_left"], of[f"{name}_right"])  # noqa: E731
    spare = np.minimum(
        *(of[f"lateral_stiffness_supply_{s}"] - of[f"lateral_stiffness_demand_{s}"] for s in ("left", "right"))
    )
    friction, least = worse("friction_demand_heel"), grip(lying.surface)
    tension = [Curve(_band(pull(sweep)), red=True)]
    for (name, part), dashes in zip((rivals or {}).items(), ("7 3", "3 3", "1.5 2.5"), strict=False):
        tension.append(Curve(np.nanmedian(pull(part), axis=1)[:, None], name, dashes, red=True))
    good = (band.low, band.high) if band.holds else None
    panel = partial(Panel, x=sweep.values, good=good, sources=(low, high), chosen=chosen)
    has = np.nanmedian(worse("lateral_stiffness_supply", np.minimum), axis=1)[:, None]
    panels = (
        panel("Psoas and iliacus pull, a side [N]", curves=tuple(tension)),
        panel(
            "Grip the feet need",
            curves=(Curve(_band(friction)),),
            limits=((least, f"a {lying.surface} is counted on for {least:g}"),),
            most=1.2,
        ),
        panel(
            "Stiffness the hips need to the side [N m/rad]",
            curves=(Curve(_band(worse("lateral_stiffness_demand"))), Curve(has, "what they have", "3 3")),
        ),
        panel(
            "Knees bent [deg]", curves=(Curve(_band(worse("knee_flexion"))),), limits=((MOST_KNEE, "most, assumed"),)
        ),
        panel("Small of the back bears [N]", curves=(Curve(_band(of["support_force_lumbar"])),), span=20.0),
    )
    falls = float(np.nanmin(np.nanmean(spare >= 0.0, axis=1)))
    words = against(band, low, high, unit) if band.holds else "No distance satisfies the rule here."
    if falls == 1.0:
        words += " No knee falls to a side at any distance tried."
    spans = [Span("equally good by the rule", band.low, band.high, "madder")] if band.holds else []
    spans += [
        Span("the sources, for these legs", low, high, "quiet"),
        Span("the sources, as given", min(g[0] for g in given), max(g[1] for g in given), "hair"),
    ]
    return Column(
        title,
        "heels from the buttocks",
        tuple(spans),
        words,
        panels,
    )


def heights(sweep: Sweep, chosen: float | None = None, *, title: str = "Height under the shoulders") -> Column:
    """What a height under the shoulders means.

    Args:
        sweep: From :func:`psoas.advice.sweep.over_props`, over heights.
        chosen: What was chosen [m].
        title: Over the column.
    Returns:
        The column.
    """
    of = sweep.quantities
    band, flat = pile_band(sweep)

    def worst(name: str, pick: Callable[[Array, Array], Array], red: bool = False) -> Curve:
        return Curve(_band(pick(of[f"{name}_left"], of[f"{name}_right"])), red=red)

    good = (band.low, band.high) if band.holds else None
    panel = partial(Panel, x=sweep.values, good=good, chosen=chosen, span=20.0)
    panels = (
        panel(
            "A thigh bears [N]",
            curves=(worst("support_force_thigh", np.minimum),),
            limits=((THIGH_LOAD, "least, assumed"),),
        ),
        panel(
            "Lower ribs bear [N]",
            curves=(Curve(_band(of["support_force_ribs"])),),
            limits=((FREE_RIBS, "most, assumed"),),
        ),
        panel("Gap under the thighs [mm]", curves=(worst("thigh_gap", np.maximum),)),
        panel("Gap under the lower ribs [mm]", curves=(worst("rib_gap", np.maximum),)),
        panel("Psoas pulls, a side [N]", curves=(worst("psoas_major_passive_force", np.maximum, red=True),)),
    )
    words = (
        "No height tried brings both thighs to rest with the lower ribs free."
        if not band.holds
        else "Lying flat does it already."
        if flat
        else "There both thighs rest and the lower ribs stay free."
    )
    spans = (Span("does what 004 asks, by the rule", band.low, band.high, "madder"),) if band.holds else ()
    return Column(
        title,
        "under the shoulders, before anyone lies on it",
        spans,
        f"{words} The sources give no height.",
        panels,
    )


def _towels(sweep: Sweep, chosen: float) -> Column:
    tilt = Panel("Chin tips up [deg]", sweep.values, (Curve(_band(sweep.quantities["head_tilt"])),), chosen=chosen)
    return Column("Under the head", "as folded", (), "Level is 0. The sources give no thickness.", (tilt,))


def _band(table: Array) -> Array:
    return np.asarray(np.nanpercentile(table, [LOW, 50.0, HIGH], axis=1).T)


# -- drawing ------------------------------------------------------------------------------------------


def draw(columns: Sequence[Column], *, theme: ThemeName = "light", unit: str = "cm") -> str:
    """Columns beside each other as an SVG.

    Args:
        columns: One or more.
        theme: ``light`` or ``dark``.
        unit: ``cm`` or ``in``, for lengths.
    Returns:
        The SVG, with its words for who does not see it.
    """
    ink = themes()[theme]
    parts: list[str] = []
    width, height = COLUMN * len(columns), 0.0
    for k, column in enumerate(columns):
        drawn, down = _column(column, k * COLUMN, ink, unit)
        parts += drawn
        height = max(height, down)
    shown = [panel for column in columns for panel in column.panels]
    foot = "Line: the median body; shade: nine bodies in ten."
    red = ["what is equally good"] if any(panel.good for panel in shown) else []
    red += ["what was chosen"] if any(panel.chosen is not None for panel in shown) else []
    foot += f" Red: {' and '.join(red)}." if red else ""
    if any(panel.sources for panel in shown):
        foot += " Dotted: the sources, for these legs."
    for line in _wrap(f"{foot} A model's estimate, not a measurement.", width - 2 * MARGIN, SMALL):
        height += LINE
        parts.append(_text(line, MARGIN, height, SMALL, ink.quiet))
    height += MARGIN
    said = " ".join(_said(column, unit) for column in columns)
    name = " and ".join(column.title for column in columns)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
        f' height="{height:.0f}" role="img" style="max-width:100%;height:auto"><title>{escape(name)}</title>'
        f"<desc>{escape(said)}</desc>{font_faces()}"
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="{ink.paper}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _column(column: Column, left: float, ink: Theme, unit: str) -> tuple[list[str], float]:
    """The parts of a column, and how far down it goes."""
    low = min(float(p.x[0]) for p in column.panels)
    high = max(float(p.x[-1]) for p in column.panels)
    begin, end = left + LEFT, left + COLUMN - RIGHT - MARGIN

    def across(x: float) -> float:
        return begin + (end - begin) * (min(max(x, low), high) - low) / (high - low)

    tone = lambda name: str(getattr(ink, name))  # noqa: E731
    down = MARGIN + TITLE
    parts = [_text(column.title, left + MARGIN, down, TITLE, tone("ink"), "serif")]
    for span in column.spans:
        down += 1.5 * LINE
        a, b = across(span.low), across(span.high)
        words = f"{span.title}: {_ends(span, unit)}"
        # A short mark with its ends, so that a single distance is seen as well.
        parts.append(_line(a, down + 6, max(b, a + 2), down + 6, tone(span.tone), 4))
        room = end - text_width(words, SMALL, "sans")
        parts.append(_text(words, max(begin, min(a, room)), down, SMALL, tone("ink")))
    down += 0.7 * LINE if column.spans else 0.3 * LINE
    for line in _wrap(column.words, COLUMN - 2 * MARGIN):
        down += LINE
        parts.append(_text(line, left + MARGIN, down, PLAIN, tone("ink")))
    for panel in column.panels:
        parts += _panel(panel, down + ABOVE, begin, end, across, left, tone)
        down += ABOVE + PLOT + GAP
    down += 0.2 * LINE
    for tick in _ticks(from_si(low, unit), from_si(high, unit), 6):
        at = across(float(to_si(tick, unit)))
        parts.append(_text(f"{tick:g}", at, down + 4, SMALL, tone("quiet"), anchor="middle"))
    down += 1.4 * LINE
    parts.append(_text(f"{column.axis} [{unit}]", 0.5 * (begin + end), down, SMALL, tone("quiet"), anchor="middle"))
    return parts, down + 0.4 * LINE


def _panel(
    panel: Panel,
    top: float,
    begin: float,
    end: float,
    across: Callable[[float], float],
    left: float,
    tone: Callable[[str], str],
) -> list[str]:
    bottom = top + PLOT
    values = np.concatenate([c.values.ravel() for c in panel.curves] + [np.array([v for v, _ in panel.limits])])
    values = values[np.isfinite(values)]
    least = min(0.0, float(values.min(initial=0.0)))
    # The highest of a curve may be where a foot leaves the floor; what is cut is not hidden, the line leaves the panel.
    named = 1.3 if any(curve.title for curve in panel.curves) else 1.06
    most = panel.most or max(named * float(values.max(initial=0.0)), least + panel.span)
    ticks = _ticks(least, most, 3)
    least, most = min(least, ticks[0]), max(most, ticks[-1])

    def up(y: float) -> float:
        return bottom - PLOT * (min(max(y, least), most) - least) / (most - least)

    parts = [_text(panel.title, left + MARGIN, top - 9, PLAIN, tone("ink"))]
    if panel.good is not None:
        a, b = across(panel.good[0]), across(panel.good[1])
        parts.append(
            f'<rect x="{a:.1f}" y="{top:.1f}" width="{max(b - a, 1.5):.1f}" height="{PLOT:.1f}" fill="{tone("madder")}"'
            ' opacity="0.14"/>'
        )
    for tick in ticks:
        parts.append(_line(begin, up(tick), end, up(tick), tone("hair"), 0.5, opacity=0.6))
        parts.append(_text(f"{tick:g}".replace("-", "−"), begin - 6, up(tick) + 4, SMALL, tone("quiet"), anchor="end"))
    for edge in panel.sources or ():
        parts.append(_line(across(edge), top, across(edge), bottom, tone("quiet"), 1, "2 3"))
    over_all = []  # words, where nothing hides them
    for value, words in panel.limits:
        if least <= value <= most:
            parts.append(_line(begin, up(value), end, up(value), tone("ink"), 1, "6 3"))
            at, down, anchor = _clearest(panel, words, up(value), (begin, end), (top, bottom), across, up)
            over_all.append(_text(words, at, down, SMALL, tone("quiet"), anchor=anchor, halo=tone("paper")))
    label = top + 10
    for curve in panel.curves:
        color = tone("madder") if curve.red else tone("ink")
        middle = curve.values[:, curve.values.shape[1] // 2]
        if curve.values.shape[1] == 3:
            for run in _runs(np.asarray(np.isfinite(curve.values).all(axis=1))):
                there = [f"{across(float(panel.x[k])):.1f},{up(float(curve.values[k, 0])):.1f}" for k in run]
                back = [f"{across(float(panel.x[k])):.1f},{up(float(curve.values[k, 2])):.1f}" for k in reversed(run)]
                parts.append(f'<polygon points="{" ".join(there + back)}" fill="{color}" opacity="0.2"/>')
        for run in _runs(np.isfinite(middle)):
            points = " ".join(f"{across(float(panel.x[k])):.1f},{up(float(middle[k])):.1f}" for k in run)
            dashes = f' stroke-dasharray="{curve.dashes}"' if curve.dashes else ""
            wide = 1.1 if curve.dashes else 1.9
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{wide}"{dashes}'
                ' stroke-linejoin="round"/>'
            )
        if curve.title:
            parts.append(_line(begin + 6, label - 4, begin + 30, label - 4, color, 1.1, curve.dashes))
            over_all.append(_text(curve.title, begin + 36, label, SMALL, tone("quiet"), halo=tone("paper")))
            label += 14
    if panel.chosen is not None:
        parts.append(_line(across(panel.chosen), top, across(panel.chosen), bottom, tone("madder"), 1.2))
    return parts + over_all


def _clearest(
    panel: Panel,
    words: str,
    line: float,
    sides: tuple[float, float],
    ends: tuple[float, float],
    across: Callable[[float], float],
    up: Callable[[float], float],
) -> tuple[float, float, str]:
    """Where the words of a line stand farthest from every curve: along, down and anchor [page units]."""
    long = text_width(words, SMALL, "sans")
    places = {"end": sides[1] - long, "middle": 0.5 * (sum(sides) - long), "start": sides[0] + 6.0}
    at = np.array([across(float(x)) for x in panel.x])
    curves = [
        np.array([up(float(y)) if np.isfinite(y) else np.inf for y in c]) for one in panel.curves for c in one.values.T
    ]
    best, found = -1.0, (sides[1], line - 4.0, "end")
    for anchor, left in places.items():
        there = np.linspace(left, left + long, 9)
        for baseline in (line - 4.0, line + 13.0):
            if not ends[0] + 9.0 < baseline < ends[1]:
                continue
            away = min(float(np.abs(np.interp(there, at, c) - (baseline - 4.0)).min()) for c in curves)
            if away > best + 1.0:
                x = {"end": left + long, "middle": left + 0.5 * long, "start": left}[anchor]
                best, found = away, (x, baseline, anchor)
    return found


def _runs(known: Flags) -> list[list[int]]:
    """Stretches of choices at which something is known, two or more."""
    places = np.flatnonzero(known)
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return [run.tolist() for run in runs if run.size > 1]


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers within a range, few of them."""
    for step in (s * 10.0**e for e in range(-2, 5) for s in (1.0, 2.0, 5.0)):
        first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [float(round(step * k, 6)) + 0.0 for k in np.arange(first, last + 1)] or [round(low, 2)]
    return [low, high]


def _line(
    a: float, b: float, c: float, d: float, color: str, wide: float, dashes: str = "", opacity: float = 1.0
) -> str:
    more = f' stroke-dasharray="{dashes}"' if dashes else ""
    more += f' opacity="{opacity:g}"' if opacity < 1.0 else ""
    return f'<line x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}" stroke="{color}" stroke-width="{wide:g}"{more}/>'


def _text(
    words: str,
    x: float,
    y: float,
    size: float,
    color: str,
    family: str = "sans",
    *,
    anchor: str = "start",
    halo: str = "",
) -> str:
    stack = FAMILIES[family][2]
    round_it = f' stroke="{halo}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{stack}" font-size="{size:g}" fill="{color}"'
        f' text-anchor="{anchor}"{round_it}>{escape(words)}</text>'
    )


def _wrap(text: str, width: float, size: float = PLAIN) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size, "sans") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _ends(span: Span, unit: str) -> str:
    """A range for reading: ``12 to 16 in``."""
    high = length(span.high, unit)
    low = length(span.low, unit)
    return high if low == high else f"{low.split()[0]} to {high}"


def _said(column: Column, unit: str) -> str:
    """A column in words: its ranges, and each quantity's median at both ends and where it was chosen."""
    told = [f"{column.title}."]
    told += [f"{s.title[:1].upper()}{s.title[1:]}: {_ends(s, unit)}." for s in column.spans]
    told.append(column.words)
    for panel in column.panels:
        middle = panel.curves[0].values[:, panel.curves[0].values.shape[1] // 2]
        known = np.flatnonzero(np.isfinite(middle))
        places = [known[0], known[-1]] if known.size else []
        at = "; ".join(f"{middle[k]:.3g} at {length(float(panel.x[k]), unit)}" for k in places)
        told.append(f"{panel.title}: {at}.")
    return " ".join(told)


__all__ = ["Column", "Curve", "Panel", "Span", "draw", "heels", "heights", "plot"]
