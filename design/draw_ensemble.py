"""List the draws of the ensemble that keep the summed passive hip moment within its band; writes one row of ``fitted.csv``.

Run after the fits: ``python design/draw_ensemble.py``. A draw is taken if the average adult built from it stays, over hip -15
to 60 and knee 15 to 90 degrees, within ``BEYOND`` of the band that the default bodies were fitted to. Its own zero of the hip
is used to read the papers' angles.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import take
from psoas.body.paths import muscle_paths
from psoas.body.variation import Variation
from psoas.energy import muscle_state
from psoas.mechanics.joint import passive_resistance
from psoas.person import value
from psoas.uncertainty import draw, stretched
from psoas.validation.case import ADULTS
from psoas.validation.cases.hip import HIPS, KNEES, WIDENED, riener, silder

WANTED, MOST = 192, 1500
BEYOND = 1.0
"""How far outside the band a draw may come: the fascicles' and capsule's own spread [N·m]."""


def summed_moment(variation: Variation) -> np.ndarray:
    """Passive moment of the average adult's hip on the papers' grid, + toward flexion [N·m]."""
    hip, knee = (a.ravel() for a in np.meshgrid(HIPS, KNEES, indexing="ij"))
    body = take(build(ADULTS["man"], stretched(ADULTS["man"], variation)), np.zeros(hip.size, dtype=np.intp))
    index = body.tree.coordinate("femur_r", "flexion")
    at = body.standing.copy()
    at[:, index] = np.deg2rad(hip) - value("joints", "hip", "paper_zero") - variation.hip_zero
    at[:, body.tree.coordinate("tibia_r", "flexion")] = -np.deg2rad(knee)
    paths = muscle_paths(body, pose(body, at))
    muscles = -np.sum(muscle_state(body, paths.length).tension * paths.arms[:, :, index], axis=1)
    capsule = passive_resistance(
        at, body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness
    ).moment[:, index]
    return muscles - capsule


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "src/psoas/anatomy/fitted.csv")
    hip, knee = (a.ravel() for a in np.meshgrid(HIPS, KNEES, indexing="ij"))
    two = np.stack([silder(hip, knee), riener(hip, knee)])
    low, high = two.min(0) - WIDENED - BEYOND, two.max(0) + WIDENED + BEYOND
    accepted: list[int] = []
    for place in range(MOST):
        total = summed_moment(draw(place))
        if np.all((total >= low) & (total <= high)):
            accepted.append(place)
        if len(accepted) == WANTED:
            break
    forces = np.array([draw(place).psoas_stretch for place in accepted])
    print(
        f"{len(accepted)} of {place + 1} draws taken; their psoas forces: quartiles {np.percentile(forces, [0, 25, 50, 75, 100])} N"
    )
    with target.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    row = next(r for r in table if (r["id"], r["quantity"]) == ("ensemble", "accepted_draws"))
    row["value"] = " ".join(str(place) for place in accepted)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
