"""Active tone: the least effort that keeps a body in balance, by a quadratic program over muscle activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import daqp
import numpy as np

from psoas.anatomy import tables
from psoas.body.kinematics import pose
from psoas.body.model import Array, Body
from psoas.body.paths import muscle_paths
from psoas.energy import evaluate, muscle_state
from psoas.errors import InputError
from psoas.mechanics.muscle import active_fiber_curve
from psoas.support import Support

ROUNDS = 20
"""Most Newton steps for the force of active fibers at the length that their tendon leaves them."""
EXACT = 1e-12
"""Change of activity at which they end [-]."""


class Optimum(NamedTuple):
    """Answer of a quadratic program, see :func:`quadratic`."""

    x: Array
    """(n,)."""
    duals: Array
    """Of the bounds (n,), then of the rows (m,): what the cost would gain by one unit, + where the upper bound holds."""
    solved: bool
    """Whether there is an answer; without one ``x`` says nothing."""


def quadratic(hessian: Array, linear: Array, rows: Array, lower: Array, upper: Array) -> Optimum:
    r"""Minimize :math:`\tfrac12 x^T H x + f^T x` within bounds on x and on linear rows of it.

    Args:
        hessian: :math:`H`, positive definite (n, n).
        linear: :math:`f` (n,).
        rows: :math:`A` (m, n).
        lower, upper: Bounds on x, then on A x (n + m,); equal ones hold exactly.
    Returns:
        The minimum, and the multipliers with :math:`H x + f + \lambda_x + A^T \lambda_A = 0`.
    """
    sense = np.where(lower == upper, 5, 0).astype(np.intc)
    contiguous = [np.ascontiguousarray(part, dtype=float) for part in (hessian, linear, rows, upper, lower)]
    x, _, flag, info = daqp.solve(*contiguous, sense)
    return Optimum(np.asarray(x, dtype=float), np.asarray(info["lam"], dtype=float), flag == 1)


class Active(NamedTuple):
    """Muscles at some lengths and activations; arrays (B, muscles)."""

    tone: Array
    """Force of the active fibers over maximum isometric force, as ``Body.tone`` takes it: activation times the active curve at
    the fibers' length, on top of the body's own resting tone [-]."""
    tension: Array
    """Along the tendon, passive and active together [N]."""
    by_activation: Array
    """Change of the tension with activation [N]."""
    by_length: Array
    """Change of the tension with muscle-tendon length, activation kept [N/m]."""


def activate(body: Body, length: Array, activation: Array, near: Array | None = None) -> Active:
    r"""What muscles do at some lengths and activations, and how that changes with both.

    .. math:: t = t_0 + a\, f_L(\tilde l), \quad \tilde l \text{ from } (f_{PE} + t)\cos\alpha = f_T

    The active force is that of :func:`psoas.mechanics.muscle.active_fiber_curve` at the length the fibers then have, their
    tendon drawn out by it.

    Args:
        body: ``B`` bodies; their own tone :math:`t_0` comes on top of the activation.
        length: Muscle-tendon lengths (B, muscles) [m].
        activation: :math:`a`, 0 to 1 (B, muscles) [-].
        near: A tone to start from, such as that of the posture before (B, muscles) [-].
    Returns:
        See :class:`Active`.
    """
    shape = tables.load("tissues").get("fiber_active", "shape").number
    strength, optimal = body.max_isometric_force, body.optimal_fiber_length
    there = np.maximum(strength, 1e-9)  # a muscle that is not there pulls with nothing
    tone = body.tone + activation if near is None else near
    _, _, c3, k = body.tendon
    rounds = 0
    while True:
        rounds += 1
        state = muscle_state(replace(body, tone=tone), length)
        fiber = state.fiber_length
        curve = active_fiber_curve(fiber / optimal, shape)
        tendon = there * k * (state.tension / there + c3) / body.tendon_slack_length
        yielding = np.clip(1.0 - state.stiffness / tendon, 0.0, 1.0)  # share of a stretch that the fibers take
        cosine = np.sqrt(np.maximum(1.0 - (optimal * np.sin(body.pennation_angle) / fiber) ** 2, 0.0))
        by_tone = strength * cosine * yielding
        slope = activation * curve.stiffness / optimal * cosine
        by_itself = 1.0 + slope * by_tone / tendon
        change = (body.tone + activation * curve.force - tone) / by_itself
        if rounds == ROUNDS or np.max(np.abs(change), initial=0.0) < EXACT:
            break
        tone = tone + change
    gain = by_tone / by_itself
    return Active(tone, state.tension, gain * curve.force, state.stiffness + gain * slope * yielding)


@dataclass(frozen=True)
class Tone:
    """The least effort that holds ``B`` bodies in a posture, as :func:`hold` gives it."""

    balanced: tuple[bool, ...]
    """Whether the muscles can hold it (B,)."""
    messages: tuple[str, ...]
    """A sentence for each body; where it cannot be held, which joint's moment is short and by how much (B,)."""
    activation: Array
    """0 to 1; not a number where the posture cannot be held (B, muscles) [-]."""
    body: Body
    """The same bodies with that activity as their tone."""
    short: Array
    """Moment that no activation gives, by coordinate (B, coordinates) [N, N·m]."""
    ideal: Array
    """Moment or force at the coordinates that were left to an ideal torque, + as the coordinate (B, coordinates) [N, N·m]."""
    moment: Array
    """Moment that the activity adds, + as the coordinate (B, coordinates) [N, N·m]."""

    @property
    def effort(self) -> Array:
        """Sum of squared activations (B,) [-]."""
        return np.sum(self.activation**2, axis=1)


SHORT = 1e-4
"""What is missing before a posture counts as not held [N, N·m]."""
PENALTY = 1e6
"""Cost of a missing moment over that of an activation, each squared: so dear that what is missing is rounding if nothing must be
[1/(N·m)²]."""


def least_effort(arms: Array, target: Array, most: Array | float = 1.0) -> tuple[Array, Array]:
    r"""Activations of least sum of squares that meet moments, and what they miss where they cannot.

    .. math:: \min_{a,s} \tfrac12 |a|^2 + \tfrac12 \rho |s|^2, \quad R a + s = m, \quad 0 \le a \le a_{max}

    Args:
        arms: :math:`R`, moment of each muscle at full activation (rows, muscles) [N·m].
        target: :math:`m` (rows,) [N·m].
        most: :math:`a_{max}` (muscles,) [-].
    Returns:
        Activations (muscles,) [-] and what is missing (rows,) [N·m].
    """
    count, size = arms.shape
    root = np.sqrt(PENALTY)
    limits = np.full(count, np.inf)
    found = quadratic(
        np.eye(size + count),
        np.zeros(size + count),
        np.hstack([arms, np.eye(count) / root]),
        np.concatenate([np.zeros(size), -limits, target]),
        np.concatenate([np.broadcast_to(np.asarray(most, dtype=float), (size,)), limits, target]),
    )
    return np.clip(found.x[:size], 0.0, most), found.x[size:] / root


def hold(
    body: Body, support: Support, coordinates: Array, *, over: Sequence[str], ideal: Sequence[str] = (), rounds: int = 8
) -> Tone:
    """The least effort that balances every moment over some joints, the posture given.

    The program is linear in the activations; that tendons give way under them is brought up to date a few times.

    Args:
        body: ``B`` bodies.
        support: What carries them: its forces are part of the balance.
        coordinates: The posture (B, coordinates) [m, rad].
        over: Names of the coordinates that must balance, as in ``body.tree.coordinates``.
        ideal: Those of them at which an ideal torque is there, since the model has no muscle: their balance is reported, not met.
        rounds: Most times the muscles are brought up to date.
    Returns:
        See :class:`Tone`.
    Raises:
        InputError: A name is none of the body's coordinates.
    """
    names = body.tree.coordinates
    unknown = [name for name in (*over, *ideal) if name not in names]
    if unknown:
        raise InputError(f"coordinate is {unknown[0]!r}; give any of body.tree.coordinates, such as {names[6]}")
    rows = np.array([names.index(name) for name in over if name not in ideal], dtype=np.intp)
    free = np.array([names.index(name) for name in ideal], dtype=np.intp)
    passive = evaluate(body, support, coordinates, second=False).gradient
    lines = muscle_paths(body, pose(body, coordinates))
    at_rest = muscle_state(body, lines.length).tension
    activation = np.zeros_like(at_rest)
    short = np.zeros_like(coordinates)
    for _ in range(rounds):
        now = activate(body, lines.length, activation)
        before = activation.copy()
        # At these slopes the tension is T + T' (a' - a); moments are minus tension times change of length.
        constant = now.tension - now.by_activation * activation - at_rest
        for b in range(body.count):
            arms = lines.arms[b][:, rows].T
            target = -passive[b, rows] - arms @ constant[b]
            activation[b], short[b, rows] = least_effort(arms * now.by_activation[b], target)
        if np.max(np.abs(activation - before)) < 1e-9:
            break
    tone = activate(body, lines.length, activation).tone
    toned = replace(body, tone=tone)
    after = evaluate(toned, support, coordinates, second=False).gradient
    left, torque = np.zeros_like(after), np.zeros_like(after)
    left[:, rows], torque[:, free] = after[:, rows], after[:, free]
    worst = rows[np.argmax(np.abs(left[:, rows]), axis=1)] if rows.size else np.zeros(body.count, dtype=np.intp)
    missing = np.abs(left[np.arange(body.count), worst])
    balanced = missing < SHORT
    messages = tuple(
        "The muscles hold it."
        if fine
        else f"The muscles cannot hold this posture: {joint_words(names[c])} is short of {m:.2g} N m."
        for fine, c, m in zip(balanced, worst, missing, strict=True)
    )
    return Tone(
        tuple(bool(x) for x in balanced),
        messages,
        np.where(balanced[:, None], activation, np.nan),
        toned,
        left,
        torque,
        passive - after,
    )


WORDS = {
    "pelvis": "the pelvis", "L5": "L5-S1", "L4": "L4-L5", "L3": "L3-L4", "L2": "L2-L3", "L1": "L1-L2", "T12": "T12-L1",
    "thorax": "the chest on T12", "head": "the neck", "upper_arm": "the shoulder", "forearm": "the elbow", "femur": "the hip",
    "tibia": "the knee", "foot": "the ankle",
}  # fmt: skip


def joint_words(coordinate: str) -> str:
    """A coordinate's joint in people's words, such as ``the hip (flexion, right)`` for ``femur_r_flexion``."""
    segment, _, axis = coordinate.rpartition("_")
    side = {"_r": ", right", "_l": ", left"}.get(segment[-2:], "")
    return f"{WORDS.get(segment[:-2] if side else segment, segment)} ({axis}{side})"
