"""How much of a motion segment's moment gives way with time; prints the rows ``lumbar_segment`` of ``relaxation.csv``.

Run: ``python design/fit_disc_relaxation.py``. People bent fully forward creep on by 5.5 degrees in 20 minutes with a time
constant of 9.4 (McGill & Brown 1992): a plateau of 6.2 degrees at constant moment. The lumbar spine of each disc law is bent
to the published range of flexion (Pearcy 1985); the share sought is the one whose loss makes up for the moment that 6.2
degrees more would ask for. Only this is fitted; nothing that rests on the floor is looked at.
"""

from __future__ import annotations

import numpy as np

from psoas.body.build import build
from psoas.body.variation import DISC_LAWS, Variation
from psoas.mechanics.joint import passive_resistance
from psoas.person import value
from psoas.validation.case import ADULTS

LEVELS = ("L5", "L4", "L3", "L2", "L1")
ANGLES = np.linspace(0.0, 0.6, 6001)
MOMENTS = np.linspace(0.1, 200.0, 20000)


def plateau() -> float:
    """Creep of the whole lumbar spine after a long time [rad]."""
    return value("relaxation", "lumbar", "creep_20min") / (
        1.0 - np.exp(-1200.0 / value("relaxation", "lumbar", "creep_time"))
    )


def share(law: str) -> float:
    """Share of the moment that must go, for one disc law [-]."""
    body = build(next(iter(ADULTS.values())), Variation(disc_law=law))
    bent = np.zeros(MOMENTS.size)
    for level in LEVELS:
        c = body.tree.coordinate(level, "flexion")
        tables = (body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness)
        found = passive_resistance((body.neutral[0, c] - ANGLES)[:, None], *(t[0, c][None] for t in tables))
        bent += np.interp(MOMENTS, -found.moment[:, 0], ANGLES)
    full = value("joints", "lumbar", "range_flexion")
    before, after = np.interp([full, full + plateau()], bent, MOMENTS)
    return float(1.0 - before / after)


if __name__ == "__main__":
    shares = {law: share(law) for law in DISC_LAWS}
    for law, found in shares.items():
        print(f"{law:14s} {found:.3f}")
    full = value("joints", "lumbar", "range_flexion")
    print(f"mean           {np.mean(list(shares.values())):.3f}")
    print(f"straight       {plateau() / (full + plateau()):.3f}")
