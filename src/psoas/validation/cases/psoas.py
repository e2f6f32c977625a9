"""The psoas itself: its leverage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from psoas.body.build import build, build_many
from psoas.body.kinematics import pose
from psoas.body.muscles import PSOAS_MAJOR
from psoas.body.paths import muscle_paths
from psoas.body.variation import PSOAS_PATHS, Variation
from psoas.validation.case import ADULTS, Case, Found


def _arm(segment: str, hip: float) -> Callable[[str], Found]:
    """Strength-weighted moment arm at a joint, hip at an angle [deg]; the range is that of the rival paths [mm]."""

    def ours(who: str) -> Found:
        bodies = build_many(ADULTS[who], [Variation(psoas_path=path) for path in PSOAS_PATHS])
        tree = bodies.tree
        at = bodies.standing.copy()
        at[:, tree.coordinate("femur_r", "flexion")] = np.deg2rad(hip)
        rows = [tree.muscles.index(line + "_r") for line in PSOAS_MAJOR]
        arms = -1e3 * muscle_paths(bodies, pose(bodies, at)).arms[:, rows, tree.coordinate(segment, "flexion")]
        mean = np.array(
            [np.average(a, weights=s) for a, s in zip(arms, bodies.max_isometric_force[:, rows], strict=True)]
        )
        return Found(float(mean[0]), float(mean.min()), float(mean.max()))

    return ours


def _share(who: str) -> Found:
    """Share of the psoas's strength in the fascicle from T12-L1 [%]."""
    body = build(ADULTS[who])
    rows = [body.tree.muscles.index(line + "_r") for line in PSOAS_MAJOR]
    strength = body.max_isometric_force[0, rows]
    return Found.single(100.0 * float(strength[0] / strength.sum()))


MRI = "four published models and MRI of cadavers (Arnold 2000: within 10 % of experiment), gathered in conflicts.md"
CASES = (
    Case("psoas moment arm at the hip, 0°", "input", "mm", "20 to 30", 20.0, 30.0, MRI, _arm("femur_r", 0.0),
         "the path was chosen among rivals, the wrap kept, so that this holds"),
    Case("psoas moment arm at the hip, 20° extended", "model", "mm", "24.2", 20.0, 30.0,
         "Rajagopal 2016, OpenSim 4.6 run", _arm("femur_r", -20.0)),
    Case("psoas moment arm at the hip, 45° flexed", "model", "mm", "30.9 (Rajagopal), 42.6 (gait2392)", 27.0, 43.0,
         "OpenSim 4.6 run of both", _arm("femur_r", 45.0), "± 10 % of either"),
    Case("psoas moment arm at the hip, 90° flexed", "model", "mm", "33.1 (Rajagopal), 27.3 (gait2392)", 24.6, 36.4,
         "OpenSim 4.6 run of both", _arm("femur_r", 90.0), "± 10 % of either"),
    Case("psoas moment arm at L5-S1 (- flattens)", "model", "mm", "-19 to -28", -28.0, -19.0,
         "Christophy with corrected brim; Wilkinson; MyoTorso", _arm("L5", 0.0), "uncertain by 10 mm (conflicts.md, A8)"),
    Case("psoas moment arm at L3-L4", "held out", "mm", "about 0", -10.0, 10.0,
         "Bogduk 1992, abstract: nil at the middle levels", _arm("L3", 0.0)),
    Case("strength of the fascicle from T12-L1", "input", "% of the muscle", "6 to 15", 6.0, 15.0,
         "rival tables of fascicle areas", _share, "labels of two public tables disagree"),
)  # fmt: skip
