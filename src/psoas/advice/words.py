"""A searched set-up for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from psoas import __version__
from psoas.advice.beside import Beside, beside_json, hands_note
from psoas.advice.chair import Chair
from psoas.advice.scaled import length
from psoas.advice.search import Found
from psoas.advice.sweep import Sweep
from psoas.position import Saying
from psoas.report import amount, inset, quiet


def set_up_json(found: Found, others: Sequence[Beside] = ()) -> dict[str, Any]:
    """A searched set-up as plain values: sentence, lines, props, what was tried, what would be otherwise.

    Args:
        found: From :func:`psoas.advice.search.search`.
        others: The same with one thing changed, from :mod:`psoas.advice.beside`.
    Returns:
        What ``json.dumps(..., allow_nan=False)`` takes.
    """
    setup = found.setup
    return {
        "sentence": setup.sentence(),
        "position": {"id": setup.position.id, "surface": setup.position.surface},
        "feasible": found.feasible,
        "lines": [
            {
                "name": line.name,
                "title": line.title,
                "quantity": line.quantity.as_dict(),
                "reason": line.reason,
                "given": [
                    {"source": s.seed, "low": amount(s.low, "m"), "high": amount(s.high, "m")} for s in line.given
                ],
            }
            for line in setup.lines
        ],
        "props": [
            {"id": prop.id, "under": prop.under, "thickness": amount(prop.thickness, "cm")} for prop in setup.props
        ],
        "notes": list(found.notes),
        "beside": [beside_json(one) for one in others],
        "tried": {
            name: {
                "values": {"value": [float(f"{v:.12g}") for v in sweep.values], "unit": "m"},
                "quantities": {
                    q: {"unit": sweep.units[q], "low_median_high": sweep.band(q).tolist()} for q in sweep.quantities
                },
                "left_out": [{"value": float(f"{v:.12g}"), "unit": "m", "why": w} for v, w in sweep.why_not.items()],
            }
            for name, sweep in found.sweeps.items()
        },
        "model_version": __version__,
    }


CAREFUL = (
    "No source names a safe weight; what is taken here is assumed. It lies so that one hand can take it off, and never over"
    " face, neck or a belly with a child in it."
)
SHOWN_OF_SWEEPS = {
    "heel_distance": (
        ("psoas_major_passive_force_left", "psoas [N]"), ("iliacus_passive_force_left", "iliacus [N]"),
        ("friction_demand_heel_left", "grip needed"), ("lateral_stiffness_demand_left", "hip stiffness needed [N m/rad]"),
        ("knee_flexion_left", "knee [deg]"), ("support_force_lumbar", "low back bears [N]"),
    ),
    "height": (
        ("thigh_gap_left", "gap under the thigh [mm]"), ("support_force_thigh_left", "thigh bears [N]"),
        ("support_force_ribs", "lower ribs bear [N]"), ("psoas_major_passive_force_left", "psoas [N]"),
    ),
}  # fmt: skip
"""What of a sweep stands in a terminal's table: medians."""


def set_up_report(
    found: Found, others: Sequence[Beside] = (), *, why: bool = False, inches: bool = False
) -> RenderableType:
    """A searched set-up for a terminal.

    Args:
        found: From :func:`psoas.advice.search.search`.
        others: The same with one thing changed, from :mod:`psoas.advice.beside`.
        why: Whether to say what chose each number, and who disagrees.
        inches: Whether lengths are in inches.
    Returns:
        Something Rich prints.
    """
    unit, setup = ("in" if inches else "cm"), found.setup
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    table.add_column("")
    for head in ("for this body", "equally good", "the sources say"):
        table.add_column(head, justify="right")
    for line in setup.lines:
        q = line.quantity
        given = ", ".join(_given_words(saying, unit) for saying in line.given) or "no number"
        ends = f"{length(q.low, unit)} to {length(q.high, unit)}"
        table.add_row(line.title[:1].upper() + line.title[1:], length(q.value, unit), ends, given)
    parts: list[RenderableType] = ["", inset(Text(setup.position.title, style="bold")), ""]
    parts += [inset(Text(setup.sentence(unit))), "", inset(table), ""]
    unheld = [] if found.feasible or why else [setup.lines[0].reason]
    notes = [*unheld, *found.notes, *hands_note(found, others)]
    for one in others:
        if one.id.startswith("weight="):
            notes += [*([] if why else [one.sentence()]), CAREFUL]
    parts += [inset(Text(note)) for note in notes]
    if why:
        for line in setup.lines:
            parts += [
                "",
                inset(Text(line.title[:1].upper() + line.title[1:], style="bold")),
                inset(Text(line.reason), 4),
            ]
        if others:
            parts += ["", inset(Text("One thing changed, the rest as it is", style="bold"))]
            parts += [inset(Text(one.sentence()), 4) for one in others]
        for name, columns in SHOWN_OF_SWEEPS.items():
            if name in found.sweeps:
                parts += ["", inset(_sweep_table(found.sweeps[name], columns, unit), 4)]
        said = [Text(f"{s.seed}: ", style="dim").append(s.says, style="not dim") for s in setup.position.sources]
        parts += ["", inset(Text("The sources", style="bold")), *(inset(one, 4) for one in said)]
    tail = (
        "A model's estimate, not a measurement. Equally good means by the rule that --why states; where it is easier to lie"
        " is yours to find."
    )
    return Group(*parts, "", quiet(tail), "")


def _given_words(saying: Saying, unit: str) -> str:
    ends = dict.fromkeys((saying.low or 0.0, saying.high or 0.0))
    return f"{' to '.join(length(x, unit) for x in ends)} ({saying.seed})"


def _sweep_table(sweep: Sweep, columns: Sequence[tuple[str, str]], unit: str) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    table.add_column(sweep.name.replace("_", " "), justify="right")
    for _, title in columns:
        table.add_column(title, justify="right")
    bands = [sweep.band(name) for name, _ in columns]
    for k, value in enumerate(sweep.values):
        cells = [f"{band[k, 1]:.2f}" if band[:, 1].max() < 5.0 else f"{band[k, 1]:.0f}" for band in bands]
        table.add_row(length(float(value), unit), *cells)
    return table


def chair_report(found: Chair, *, why: bool = False, inches: bool = False) -> RenderableType:
    """A chair's set-up, or a car seat's, for a terminal.

    Args:
        found: From :func:`psoas.advice.chair.chair`.
        why: Whether to say what chose each number.
        inches: Whether lengths are in inches.
    Returns:
        Something Rich prints.
    """
    unit, setup = ("in" if inches else "cm"), found.setup
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    table.add_column("")
    for head in ("for this body", "equally good"):
        table.add_column(head, justify="right")
    lines = setup.lines[2:] if setup.car else setup.lines  # a car's seat is as high and as deep as it is
    for line in lines:
        q = line.quantity
        ends = "" if q.low == q.high else f"{length(q.low, unit)} to {length(q.high, unit)}"
        table.add_row(line.title[:1].upper() + line.title[1:], length(q.value, unit) if q.value else "none", ends)
    over, on = found.hip_over_knee, "" if found.feasible else " on a seat that would do"
    told = (
        f"Hip sockets over the knees{on}: {over.value:.0f} mm ({over.low:.0f} to {over.high:.0f} in bodies with these"
        " measurements)."
    )
    notes = [*([] if setup.car else [told]), *found.notes]
    parts: list[RenderableType] = ["", inset(Text(setup.position.title, style="bold")), ""]
    parts += [inset(Text(setup.sentence(unit))), "", inset(table), "", *(inset(Text(note)) for note in notes)]
    if why:
        for line in lines:
            parts += [
                "",
                inset(Text(line.title[:1].upper() + line.title[1:], style="bold")),
                inset(Text(line.reason), 4),
            ]
        said = [Text(f"{s.seed}: ", style="dim").append(s.says, style="not dim") for s in setup.position.sources]
        parts += ["", inset(Text("The sources", style="bold")), *(inset(one, 4) for one in said)]
    return Group(
        *parts,
        "",
        quiet("A model's estimate, not a measurement. Equally good means by the rule that --why states."),
        "",
    )


def chair_json(found: Chair, car: Chair, *, in_car: bool = False) -> dict[str, Any]:
    """A chair's set-up, and a car seat's, as plain values, ``psoas.chair/1``; its sentence is of the one asked for."""

    def told(one: Chair) -> dict[str, Any]:
        return {
            "feasible": one.feasible,
            "lines": [
                {"name": x.name, "title": x.title, "quantity": x.quantity.as_dict(), "reason": x.reason}
                for x in one.setup.lines
            ],
            "hip_over_knee": one.hip_over_knee.as_dict(),
            "notes": list(one.notes),
        }

    return {
        "schema": "psoas.chair/1", "sentence": (car if in_car else found).setup.sentence(),
        "chair": told(found), "car": told(car), "model_version": __version__,
    }  # fmt: skip
