"""The passive moment of the hip."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import Array
from psoas.body.paths import muscle_paths
from psoas.body.variation import PASSIVE_SUMS, Variation
from psoas.energy import muscle_state
from psoas.mechanics.joint import passive_resistance
from psoas.person import value
from psoas.validation.case import ADULTS, Case, Found

HIPS, KNEES = np.arange(-15.0, 60.1, 5.0), np.arange(15.0, 90.1, 15.0)
"""What the calibration covers [deg]."""
WIDENED = 3.0
"""Added to either side of the band between the two papers [N·m]."""


def riener(hip: Array, knee: Array) -> Array:
    """Passive hip moment of Riener & Edrich 1999, + toward flexion [N·m], at angles [deg]."""
    c = {k: value("joints", "hip", f"riener_{k}") for k in ("a0", "a_knee", "a_hip", "b0", "b_knee", "b_hip", "offset")}
    h, k = np.deg2rad(hip), np.deg2rad(knee)
    up, down = c["a0"] + c["a_knee"] * k + c["a_hip"] * h, c["b0"] + c["b_knee"] * k + c["b_hip"] * h
    return np.asarray(np.exp(up) - np.exp(down) + c["offset"])


def silder(hip: Array, knee: Array) -> Array:
    """Passive hip moment digitised from Silder 2007, + toward flexion [N·m], between its curves, at angles [deg]."""
    text = (files("psoas.validation") / "data" / "silder2007_hip_moment.csv").read_text(encoding="utf-8")
    table = np.array([[float(x) for x in row] for row in list(csv.reader(text.splitlines()))[1:]])
    hips, knees = np.unique(table[:, 0]), np.unique(table[:, 1])
    grid = np.full((hips.size, knees.size), np.nan)
    grid[np.searchsorted(hips, table[:, 0]), np.searchsorted(knees, table[:, 1])] = table[:, 2]
    return np.asarray(RegularGridInterpolator((hips, knees), grid)(np.stack([hip, knee], -1)))


@cache
def moments(who: str, rival: str) -> tuple[Array, Array, Array]:
    """Hip and knee angles [deg], and the moment our hip gives there, muscles and capsule, + toward flexion [N·m]."""
    hip, knee = (a.ravel() for a in np.meshgrid(HIPS, KNEES, indexing="ij"))
    body = build(ADULTS[who], Variation(hip_sum=rival)).take(np.zeros(hip.size, dtype=np.intp))
    tree = body.tree
    at, c = body.standing.copy(), tree.coordinate("femur_r", "flexion")
    at[:, c] = np.deg2rad(hip) - value("joints", "hip", "paper_zero")
    at[:, tree.coordinate("tibia_r", "flexion")] = -np.deg2rad(knee)
    lines = muscle_paths(body, pose(body, at))
    muscles = -np.sum(muscle_state(body, lines.length).tension * lines.arms[:, :, c], axis=1)
    capsule = passive_resistance(at, body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness)
    return hip, knee, np.asarray(muscles - capsule.moment[:, c])


def _outside(who: str) -> Found:
    """How far our moment leaves the band, at the worst, for the default rival; up to the other rival's [N·m]."""
    worst = []
    for rival in PASSIVE_SUMS:
        hip, knee, ours = moments(who, rival)
        two = np.stack([silder(hip, knee), riener(hip, knee)])
        beyond = np.maximum(ours - two.max(0), two.min(0) - ours) - WIDENED
        worst.append(float(max(beyond.max(), 0.0)))
    return Found(worst[0], min(worst), max(worst))


def _zero(who: str) -> Found:
    """Hip angle of no moment with the knee at 90 degrees, for each rival [deg]."""
    crossings = []
    for rival in PASSIVE_SUMS:
        hip, knee, ours = moments(who, rival)
        bent = knee == 90.0
        angle, moment = hip[bent], ours[bent]
        crossings.append(float(np.interp(0.0, -moment, angle)))
    return Found(crossings[0], min(crossings), max(crossings))


CASES = (
    Case("passive hip moment, farthest outside the band", "fitted", "N m", "between two papers ± 3", 0.0, 0.0,
         "Silder 2007 digitised, Riener & Edrich 1999; hip -15 to 60°, knee 15 to 90°", _outside,
         "fitted to the mean of both adults; our range spans the two fits"),
    Case("hip angle of no passive moment, knee at 90°", "fitted", "deg", "37 or 91", 37.0, 91.0,
         "Silder 2007; Riener & Edrich 1999", _zero, "the papers disagree; 91 lies beyond the fitted range"),
)  # fmt: skip
