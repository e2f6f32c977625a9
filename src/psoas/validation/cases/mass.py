"""Weights, against whole bodies on a board."""

from __future__ import annotations

import numpy as np

from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.skeleton import HEEL_PLANE
from psoas.validation.case import ADULTS, Case, Found


def _height_of_mass(who: str) -> Found:
    """Height of the mass centre above the soles over stature, standing with the arms hanging [%]."""
    person, body = ADULTS[who], build(ADULTS[who])
    tree = body.tree
    frame = pose(body, body.standing)
    centers = frame.locate(np.arange(len(tree.segments)), body.mass_center)[0]
    height = -np.average(centers[:, 0], weights=body.mass[0])
    foot = tree.segment("foot_r")
    sole = -frame.position[0, foot, 0] + HEEL_PLANE * float(body.skin_radius[0, tree.skin.index("heel_r")] / 0.036)
    return Found.single(100.0 * float(height - sole) / person.stature)


CASES = (
    Case("height of the mass centre over stature", "held out", "%", "56 (men), 54 to 55 (women)", 53.0, 57.5,
         "reaction-board studies since the 1930s; recalled, not read", _height_of_mass,
         "checks that the trunk's mass lies at the right height"),
)  # fmt: skip
