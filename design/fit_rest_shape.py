"""Fit the spine's rest shape; writes the first two rows of ``fitted.csv``.

Run: ``python design/fit_rest_shape.py``. The average man and the average woman lie straight. Two numbers are free: the
share of the standing lordosis that each level keeps without load, and how much flatter the thorax rests on T12 than it
stands. Chosen is the smallest departure from standing at which both adults lie with a T12-S1 lordosis of 30 to 50
degrees (published recumbent: 36.8, standard deviation 13.2). Nothing else is fitted here, and no claim is looked at.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np

from psoas.body import skeleton
from psoas.body.build import build
from psoas.equilibrium import rest
from psoas.position import position
from psoas.validation.case import ADULTS

LEAST, MOST = 30.0, 49.9
"""The lordosis asked for, with a little room for rounding [deg]."""
KEPT = np.arange(0.60, 1.001, 0.05)
"""Bounds keep a plausible profile: no level loses more than two fifths of its standing angle [-]."""
FLATTENED = np.deg2rad(np.arange(0.0, 15.1, 1.0))
"""Bounds keep a plausible thorax: kyphosis lying is 9 degrees less than standing in one published group [rad]."""


def lordosis(kept: float, flattened: float) -> np.ndarray:
    """T12-S1 lordosis of the two average adults lying straight [deg]; NaN where one does not come to rest."""
    real = skeleton.value

    def value(table: str, id: str, quantity: str, sex: str = "both") -> float:
        if (id, quantity) == ("spine", "rest_shape"):
            return kept
        if (id, quantity) == ("thorax", "rest_flattening"):
            return flattened
        return real(table, id, quantity, sex)

    found = []
    with patch.object(skeleton, "value", value):
        for person in ADULTS.values():
            body = build(person)
            lying = rest(body, position("supine"))
            angles = [lying.coordinates[0, body.tree.coordinate(level, "flexion")] for level in skeleton.LEVELS]
            found.append(np.degrees(sum(angles)) if lying.converged[0] else np.nan)
    return np.array(found)


def departure(kept: float, flattened: float) -> float:
    """How far from standing, each part against half of its range [-]."""
    return ((1.0 - kept) / 0.2) ** 2 + (flattened / np.deg2rad(7.5)) ** 2


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "src/psoas/anatomy/fitted.csv")
    grid = sorted(((k, f) for k in KEPT for f in FLATTENED), key=lambda pair: departure(*pair))
    for kept, flattened in grid:
        angles = lordosis(kept, flattened)
        if np.all((angles >= LEAST) & (angles <= MOST)):
            break
    else:
        raise SystemExit("no shape within the bounds brings both average adults to 30-50 degrees")
    print(
        f"kept {kept:.2f} of standing, flattened {np.degrees(flattened):.0f} degrees: lordosis {angles.round(1)} degrees"
    )
    with target.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    for key, number in ((("spine", "rest_shape"), kept), (("thorax", "rest_flattening"), flattened)):
        row = next(r for r in table if (r["id"], r["quantity"]) == key)
        row["value"] = f"{number:.4g}"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
