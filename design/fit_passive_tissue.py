"""Fit capsule and neutral fiber lengths to the summed passive hip moment; writes the hip rows of ``fitted.csv``.

Run: ``python design/fit_passive_tissue.py``. The average adult stands with the pelvis held; the hip goes from -15 to 60
degrees of flexion and the knee from 15 to 90. Psoas, iliacus and the muscles with published neutral lengths stay as they
are. Two rivals are fitted: the points of Silder 2007 and the equation of Riener & Edrich 1999.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import take
from psoas.body.muscles import FITTED
from psoas.body.paths import muscle_paths
from psoas.body.variation import PASSIVE_SUMS, Variation
from psoas.energy import muscle_state
from psoas.mechanics.joint import passive_resistance
from psoas.person import Person, value
from psoas.validation.case import ADULTS
from psoas.validation.cases.hip import HIPS, KNEES, WIDENED, riener, silder

MARGIN = 0.05
"""How far inside the band either adult is to stay [N·m]."""
NAMES = (
    "rectus_femoris", "hamstrings", "gluteus_maximus",
    "neutral", "extension_scale", "extension_rate", "flexion_threshold", "flexion_scale", "flexion_rate",
)  # fmt: skip
STARTS = (
    (0.57, 0.60, 0.70, 0.6, 0.45, 4.8, 0.6, 0.3, 1.3),
    (0.60, 0.65, 0.70, 0.7, 0.3, 4.0, 0.6, 0.3, 1.3),
    (0.75, 0.65, 0.70, 0.7, 0.3, 4.0, 0.6, 0.3, 1.3),
    (0.75, 0.75, 0.80, 1.5, 0.5, 2.0, 0.6, 0.3, 1.3),
    (0.50, 0.67, 0.65, 1.55, 1.8, 1.15, 0.6, 0.3, 1.3),
)
LOW = np.array([0.40, 0.40, 0.55, 0.10, 0.02, 0.5, 0.0, 0.02, 0.3])
HIGH = np.array([1.10, 1.20, 1.20, 2.40, 40.0, 12.0, 1.2, 40.0, 6.0])


@dataclass(frozen=True)
class Bench:
    """One average adult with the hip and knee on a grid of angles; what does not depend on the fit is worked out once."""

    body: object
    length: np.ndarray
    arm: np.ndarray
    hip: np.ndarray
    knee: np.ndarray
    index: int


def bench(person: Person, rival: str) -> Bench:
    """Path lengths and hip moment arms of one adult over the grid."""
    hip, knee = (a.ravel() for a in np.meshgrid(HIPS, KNEES, indexing="ij"))
    body = take(build(person, Variation(hip_sum=rival)), np.zeros(hip.size, dtype=np.intp))
    tree = body.tree
    q = body.standing.copy()
    index = tree.coordinate("femur_r", "flexion")
    q[:, index] = np.deg2rad(hip) - value("joints", "hip", "paper_zero")
    q[:, tree.coordinate("tibia_r", "flexion")] = -np.deg2rad(knee)
    paths = muscle_paths(body, pose(body, q))
    return Bench(body, paths.length, -paths.arms[:, :, index], hip, knee, index)


def moment(stand: Bench, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Muscles' share and the sum with the capsule, + toward flexion [N·m]."""
    body = stand.body
    fitted = dict(zip(NAMES, x, strict=True))
    slack = body.tendon_slack_length.copy()
    for m, name in enumerate(body.tree.muscles):
        group = FITTED.get(name[:-2])
        if group is None:
            continue
        sine = np.sin(body.pennation_angle[0, m])
        now = value("fitted", f"{group}_{RIVAL}", "normalized_fiber_length_neutral")
        before, after = (np.sqrt(s**2 - sine**2) * body.optimal_fiber_length[0, m] for s in (now, fitted[group]))
        slack[:, m] += before - after
    from dataclasses import replace

    tension = muscle_state(replace(body, tendon_slack_length=slack), stand.length).tension
    muscles = np.sum(tension * stand.arm, axis=1)
    angle = np.deg2rad(stand.hip)[:, None]
    pair = lambda a, b: np.array([[[fitted[a], fitted[b]]]])  # noqa: E731
    capsule = passive_resistance(
        angle, np.full((1, 1), fitted["neutral"]), np.array([[[0.0, fitted["flexion_threshold"]]]]), pair("extension_scale", "flexion_scale"),
        pair("extension_rate", "flexion_rate"), np.zeros((1, 1, 2, 3)),
    )  # fmt: skip
    return muscles, muscles - capsule.moment[:, 0]


def fit(rival: str) -> tuple[np.ndarray, float, float]:
    """Best values for one published sum, the largest distance from it and the largest distance outside the band [N·m]."""
    global RIVAL
    RIVAL = rival
    stands = [bench(person, rival) for person in ADULTS.values()]
    hip, knee = stands[0].hip, stands[0].knee
    two = np.stack([silder(hip, knee), riener(hip, knee)])
    target = two[PASSIVE_SUMS.index(rival)]
    low, high = two.min(0) - WIDENED, two.max(0) + WIDENED

    def outside(totals: np.ndarray, margin: float = 0.0) -> np.ndarray:
        return np.maximum(totals - high + margin, 0.0) + np.maximum(low + margin - totals, 0.0)

    def error(x: np.ndarray) -> np.ndarray:
        totals = np.array([moment(stand, x)[1] for stand in stands])
        weight = 1.0 / (1.0 + 0.1 * np.abs(target))
        kept = 0.05 * (x[:3] - 1.0) / 0.1  # where the data do not say, near the published lengths
        return np.concatenate([(totals.mean(0) - target) * weight, 100.0 * outside(totals, MARGIN).ravel(), kept])

    best = None
    for start in STARTS:
        found = least_squares(error, np.array(start), bounds=(LOW, HIGH), x_scale=HIGH - LOW, max_nfev=200)
        if best is None or found.cost < best.cost:
            best = found
    totals = np.array([moment(stand, best.x)[1] for stand in stands])
    return best.x, float(np.max(np.abs(totals.mean(0) - target))), float(outside(totals).max())


RIVAL = PASSIVE_SUMS[0]

if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) > 1 else "src/psoas/anatomy/fitted.csv"
    with open(path, encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    for rival in PASSIVE_SUMS:
        x, away, outside = fit(rival)
        print(
            rival,
            dict(zip(NAMES, np.round(x, 4), strict=True)),
            f"max off {away:.2f} N·m, outside band {outside:.2f} N·m",
        )
        for name, number in zip(NAMES, x, strict=True):
            muscle = name in FITTED.values()
            key = (f"{name}_{rival}", "normalized_fiber_length_neutral") if muscle else (f"hip_capsule_{rival}", name)
            row = next(r for r in table if (r["id"], r["quantity"]) == key)
            row["value"] = f"{number:.5g}"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
