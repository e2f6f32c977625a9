"""Random bodies in every position: how many come to rest, how exactly, and why the others do not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from psoas.body.build import build
from psoas.body.model import Array, stack
from psoas.equilibrium import Equilibrium, rest
from psoas.person import COVERED_BMI, COVERED_STATURE, Limb, Person
from psoas.position import position

POSITIONS = ("supine", "constructive-rest")
SHORTENING = (0.0, 0.35)
"""Hip flexor shortening drawn for either side [-]."""
BODIES, BATCH, SEED = 500, 50, 2026
"""How many bodies are drawn, how many of them are solved at once, and from which seed."""


def people(count: int = BODIES, seed: int = SEED) -> list[Person]:
    """Random people over all that is promised: stature, body mass index, sex, shortening of either side, psoas minor.

    Args:
        count: How many; a shorter list is the beginning of a longer one.
        seed: Of the draws.
    Returns:
        The people.
    """
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        stature, bmi = rng.uniform(*COVERED_STATURE), rng.uniform(*COVERED_BMI)
        left, right = rng.uniform(*SHORTENING, 2)
        sex, minor = rng.integers(2), rng.integers(2)
        found.append(
            Person(
                "male" if sex else "female", float(stature), float(bmi * stature**2), psoas_minor=bool(minor),
                left=Limb(hip_flexor_shortening=float(left)), right=Limb(hip_flexor_shortening=float(right)),
            )
        )  # fmt: skip
    return found


def describe(person: Person) -> str:
    """A person in one line, enough to build them again."""
    minor = "with" if person.psoas_minor else "without"
    return (
        f"{person.sex} {person.stature * 100:.1f} cm {person.mass:.1f} kg (BMI {person.bmi:.1f}), shortening left"
        f" {person.left.hip_flexor_shortening:.3f} right {person.right.hip_flexor_shortening:.3f}, {minor} psoas minor"
    )


@dataclass(frozen=True)
class Balance:
    """How well the forces on ``B`` resting bodies add up, from forces and points alone."""

    weight: Array
    """Support over weight, less 1 (B,) [-]."""
    force: Array
    """Size of the net external force (B,) [N]."""
    moment: Array
    """Size of the net external moment about the centre of mass (B,) [N·m]."""
    center_of_pressure: Array
    """How far the centre of pressure lies from under the centre of mass, along the floor (B,) [m]."""


def balance(equilibrium: Equilibrium) -> Balance:
    """Sum gravity, floor, props and friction over each body.

    The floor pushes up under each patch, a prop along its normal where it touches, and friction acts on the grips' points.
    """
    body, now = equilibrium.body, equilibrium.evaluation()
    mass = body.mass[..., None]
    center = (mass * now.mass_centers).sum(1) / mass.sum(1)
    touch, radius = now.touch, body.skin_radius
    up = np.zeros_like(touch.centers)
    up[..., 2] = touch.floor
    on_prop = touch.prop_normal * touch.props[..., None]
    prop_points = touch.centers[:, None] - touch.prop_normal * radius[:, None, :, None]
    friction = np.zeros_like(now.grip_points)
    friction[..., :2] = now.grip_force
    weight = np.zeros_like(center)
    weight[:, 2] = -body.weight

    points = np.concatenate([touch.centers, prop_points.reshape(body.count, -1, 3), now.grip_points], 1)
    forces = np.concatenate([up, on_prop.reshape(body.count, -1, 3), friction], 1)
    away = points - center[:, None]
    moment = np.cross(away, forces).sum(1)
    lift = forces[..., 2]
    carried = lift.sum(1)
    pressure = (lift[..., None] * away[..., :2]).sum(1) / carried[:, None]
    return Balance(
        weight=carried / body.weight - 1.0,
        force=np.linalg.norm(forces.sum(1) + weight, axis=1),
        moment=np.linalg.norm(moment, axis=1),
        center_of_pressure=np.linalg.norm(pressure, axis=1),
    )


def solve(drawn: Sequence[Person], name: str, batch: int = BATCH) -> Iterator[tuple[Equilibrium, float]]:
    """Bring people to rest, some at once.

    Args:
        drawn: The people.
        name: The position.
        batch: How many are solved together.
    Yields:
        The equilibria of each batch, and the seconds they took.
    """
    for first in range(0, len(drawn), batch):
        body = stack([build(person) for person in drawn[first : first + batch]])
        began = time.perf_counter()
        found = rest(body, position(name))
        yield found, time.perf_counter() - began
