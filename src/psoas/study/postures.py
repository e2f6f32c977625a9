"""Question 112 in numbers: length, pull and loads of the psoas, standing, sitting, lying straight, bent and on cushions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely

from psoas import drawing
from psoas.equilibrium import Equilibrium
from psoas.study.readings import (
    BENT,
    LEANING,
    SITTING,
    STANDING,
    STRAIGHT,
    Ask,
    Bench,
    Reading,
    Run,
    difference,
    hip_share,
    of,
    raised,
    relative,
    tension,
    trunk_borne,
)
from psoas.study.runs import SURE
from psoas.uncertainty import HIGH, LOW
from psoas.upright import picture

POSTURES: Mapping[str, tuple[str, Run]] = MappingProxyType(
    {
        "standing": ("Standing", STANDING),
        "sitting": ("Sitting upright, no backrest", SITTING),
        "leaning": ("Sitting, leaning back", LEANING),
        "bent": ("Constructive rest", BENT),
        "straight": ("Lying straight", STRAIGHT),
        "bolstered": ("Straight, on cushions", raised(0.12)),
    }
)
"""What is set beside each other, and its title; cushions of 12 cm."""
LENGTH = "psoas_major_length_left"


@dataclass(frozen=True)
class Row:
    """One thing that is told of every posture."""

    title: str
    unit: str
    ask: Mapping[str, Ask]
    """By posture."""
    matters: float
    """Below this size nobody would notice a difference [unit]."""


ROWS: Mapping[str, Row] = MappingProxyType(
    {
        "length": Row(
            "Length of the psoas, of its length lying straight", "%",
            {id: relative(of(LENGTH, run), of(LENGTH, STRAIGHT)) for id, (_, run) in POSTURES.items()}, 1.0,
        ),
        "pull": Row("Pull of the psoas, one side", "N", {id: tension(run) for id, (_, run) in POSTURES.items()}, 1.0),
        "share": Row(
            "Its part of all that bends the hip", "%", {id: hip_share(run) for id, (_, run) in POSTURES.items()}, 5.0
        ),
        "low_back": Row(
            "Load on the low back, L4 on L5", "N",
            {id: of("compression_L4_L5", run) for id, (_, run) in POSTURES.items()}, 20.0,
        ),
        "borne": Row(
            "Weight that floor or seat bears under trunk and head", "%",
            {id: trunk_borne(run) for id, (_, run) in POSTURES.items()}, 5.0,
        ),
    }
)  # fmt: skip
"""Everything that is told, by name."""


def everything(bench: Bench) -> dict[str, Any]:
    """Numbers and outlines of all postures, ready for JSON: what :func:`psoas.evidence.postures` reads."""
    return {
        "person": "a woman of 172 cm and 68 kg",
        "rows": {name: {"title": row.title, "unit": row.unit} for name, row in ROWS.items()},
        "postures": [
            {
                "id": id, "title": title, "numbers": {name: _number(row, id, bench) for name, row in ROWS.items()},
                **_sketch(bench.solve(run).nominal),
            }
            for id, (title, run) in POSTURES.items()
        ],
    }  # fmt: skip


def _number(row: Row, id: str, bench: Bench) -> dict[str, Any]:
    """A number with its range, and whether it is more or less than lying straight."""
    reading = row.ask[id](bench)
    low, middle, high = (round(float(x), 4) for x in np.percentile(reading.values, [LOW, 50.0, HIGH]))
    said = "" if id == "straight" else against(row, difference(row.ask[id], row.ask["straight"])(bench))
    members = int(reading.members.size)
    return {
        "default": round(reading.nominal, 4), "median": middle, "low": low, "high": high, "against_straight": said,
        "members": members,
    }  # fmt: skip


def against(row: Row, change: Reading) -> str:
    """``more``, ``less``, ``about the same`` or ``cannot tell``, by the rule of every run."""
    low, high = np.percentile(change.values, [LOW, HIGH])
    if max(abs(low), abs(high)) < row.matters:
        return "about the same"
    agree = max(np.mean(change.values > 0), np.mean(change.values < 0))
    if not (agree >= SURE and (low > 0 or high < 0)):
        return "cannot tell"
    return "more" if np.median(change.values) > 0 else "less"


SMALLEST = 1e-4
"""Parts of an outline that are not drawn [m²]."""
MARGIN = 0.03
"""Around a posture [m]."""


def _sketch(state: Equilibrium) -> dict[str, Any]:
    """Outline, psoas and what carries the body, from the side, as paths in centimeters, the floor at zero and up negative."""
    view = drawing.SIDE
    if state.position.upright:
        fig = picture.upright_figure(state)
        body = picture.sat_flat(drawing.silhouette(fig, view), state)
    else:
        fig = drawing.figure(state)
        body = drawing.silhouette(fig, view)
    rows = [i for i, m in enumerate(fig.body.tree.muscles) if m.startswith("psoas_major") and m.endswith("_l")]
    low, _, high, top = shapely.union_all([body, *fig.props]).bounds
    return {
        "box": [round(100 * x, 1) for x in (low - MARGIN, -top - MARGIN, high - low + 2 * MARGIN, top + 2 * MARGIN)],
        "body": [_path(ring, closed=True) for ring in _rings(body)],
        "psoas": [_path(view.flat(drawing.muscle_line(fig, row))) for row in rows],
        "carried_by": [_path(ring, closed=True) for prop in fig.props for ring in _rings(prop)],
    }


def _rings(shape: Any) -> list[Any]:
    """Outer rings of a plane shape, thinned (n, 2) [m]."""
    parts = getattr(shape, "geoms", [shape])
    return [shapely.get_coordinates(part.exterior.simplify(0.003)) for part in parts if part.area > SMALLEST]


def _path(points: Any, *, closed: bool = False) -> str:
    """Points of the view's plane as an SVG path."""
    text = "L".join(f"{100 * x:.1f} {-100 * y:.1f}" for x, y in points)
    return f"M{text}{'z' if closed else ''}"
