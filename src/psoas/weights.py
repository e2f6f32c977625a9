"""Weight laid on a body at rest: where it may lie, how much, and the body with it.

004 lays heavy blankets and pillows on heart, pelvis, ankles or along the legs (features 30 to 32). No source names a safe
weight, and none was found: the most that is taken here is assumed, low enough to be lifted off with one hand. Nothing lies
over the face, the neck, or a belly with a child in it; that last is the screening's to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from psoas import units
from psoas.body.model import Array, Body
from psoas.errors import InputError
from psoas.position import Position

MOST: Mapping[str, float] = MappingProxyType({"heart": 3.0, "belly": 3.0, "pelvis": 5.0, "thighs": 5.0, "ankles": 4.0})
"""Places, and the most that may lie there; assumed, a half to twice as much [kg]."""
LEAST = 0.1
"""Less is a sheet [kg]."""
MOST_IN_ALL = 0.10
"""Share of the body's mass that all weights together may have; shops say so of blankets, nothing was measured [-]."""
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "heart": "over the heart", "belly": "on the belly", "pelvis": "over the pelvis", "thighs": "over both thighs",
        "ankles": "over both ankles",
    }
)  # fmt: skip
"""The places in people's words."""


@dataclass(frozen=True)
class Weight:
    """Something heavy that lies on a body. Use :func:`weight`, which checks it."""

    place: str
    """One of :data:`MOST`."""
    mass: float
    """In all, over both sides [kg]."""


def weight(place: str, mass: float) -> Weight:
    """A weight.

    Args:
        place: One of :data:`MOST`.
        mass: In all, over both sides [kg].
    Returns:
        The weight.
    Raises:
        InputError: No such place, or less or more than may lie there.
    """
    if place not in MOST:
        names = list(MOST)
        raise InputError(f"weight lies on {place!r}; give {', '.join(names[:-1])} or {names[-1]}")
    if not units.within(mass, LEAST, MOST[place]):
        raise InputError(f"weight on the {place} is {mass:g} kg; give {LEAST:g} to {MOST[place]:g} kg")
    return Weight(place, mass)


def check_lying(position: Position, weights: Sequence[Weight]) -> None:
    """Refuse weights that would not stay where they lie.

    Raises:
        InputError: The body lies on its side, where a weight over its front has nothing under it.
    """
    if position.on_side and weights:
        raise InputError(
            f"{weights[0].mass:g} kg lie {TITLES[weights[0].place]}, where nothing carries them on the side; leave the weight"
            " out, or give a position on the back"
        )


def laden(body: Body, weights: Sequence[Weight]) -> Body:
    """The bodies with weights on them: mass on the front of a segment, and nothing pressed.

    Args:
        body: ``B`` bodies without weights.
        weights: What lies on them.
    Returns:
        The bodies; the same where nothing lies on them.
    Raises:
        InputError: All weights together are more than :data:`MOST_IN_ALL` of the lightest body.
    """
    if not weights:
        return body
    total, most = sum(w.mass for w in weights), MOST_IN_ALL * float(body.mass.sum(1).min())
    if total > most + 1e-9:
        raise InputError(f"weights are {total:g} kg together; give at most {most:.1f} kg, a tenth of the body's mass")
    mass, center, inertia = body.mass.copy(), body.mass_center.copy(), body.inertia.copy()
    for one in weights:
        for segment, point in _places(body, one.place):
            share = one.mass / len(_places(body, one.place))
            both = mass[:, segment] + share
            away = point - center[:, segment]
            reduced = (mass[:, segment] * share / both)[:, None]
            inertia[:, segment] += reduced * (np.sum(away**2, -1, keepdims=True) - away**2)
            center[:, segment] += (share / both)[:, None] * away
            mass[:, segment] = both
    return replace(body, mass=mass, mass_center=center, inertia=inertia)


def _places(body: Body, place: str) -> list[tuple[int, Array]]:
    """Segments that carry a weight there, and where on each (B, 3) [m]; how far in front of the bones is assumed."""
    tree = body.tree
    size = body.joint_position[:, tree.segment("L4"), 1] / 0.0388  # of this trunk over the tables'

    def front(segment: str, forward: float, up: float) -> tuple[int, Array]:
        return tree.segment(segment), np.stack([forward * size, up * size, np.zeros_like(size)], -1)

    if place == "heart":
        return [front("thorax", 0.14, 0.12)]
    if place == "belly":
        return [front("L3", 0.13, 0.0)]
    if place == "pelvis":
        return [front("pelvis", 0.10, 0.06)]
    found = []
    segment, child, along, patch = (
        ("femur", "tibia", 0.5, "thigh_3") if place == "thighs" else ("tibia", "foot", 0.9, "calf_4")
    )
    for end in ("_r", "_l"):
        length = -body.joint_position[:, tree.segment(child + end), 1]
        forward = body.skin_radius[:, tree.skin.index(patch + end)]
        found.append((tree.segment(segment + end), np.stack([forward, -along * length, np.zeros_like(length)], -1)))
    return found
