"""Where a body comes to rest: energy minimised within a friction state, friction brought up to date between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from psoas.body.kinematics import pose
from psoas.body.model import Array, Body, Flags, Index, take
from psoas.energy import Evaluation, evaluate
from psoas.minimize import Minimum, Options, minimize
from psoas.placement import (
    Conditions,
    anchor,
    conditions,
    grip_groups,
    heading,
    heel_distance,
    heel_places,
    lift,
    place,
)
from psoas.position import Position
from psoas.props import Prop
from psoas.support import Support

RESIDUAL_FORCE, RESIDUAL_MOMENT = 1e-3, 1e-4
"""What counts as at rest [N], [N·m]."""
COLD, WARM = 0.1, 1e-6
"""Initial damping from a laid-out body, and from one near rest [-]."""
LARGEST_TURN, LARGEST_SLIDE = 0.3, 0.05
"""Most that one step of the solver may change a coordinate [rad], [m]."""
AVERAGE_WEIGHT = 700.0
"""Weight that the forces of a hint are for [N]."""
ROUNDS = 40
"""Most times friction is brought up to date."""
SHORTEST_SLIDE, LONGEST_SLIDE, FARTHEST_SLIDE = 1e-5, 0.03, 0.25
"""Least and most that a patch slides at a time, and how far in all before it counts as not coming to hold [m]."""
PLANE_TOLERANCE = 2e-5
"""How far from the floor's plane friction may act when done [m]."""
DISTANCE_TOLERANCE = 2e-5
"""How exactly the heels keep the distance asked for [m]."""
TOGETHER = 12
"""Most bodies whose energy is worked out at once: the arrays of more leave a processor's cache, and take half as long again
for each body."""


@dataclass(frozen=True)
class Equilibrium:
    """``B`` bodies at rest (or not): plain arrays, as :func:`rest` gives them.

    Where a body did not come to rest its numbers are those of where the search stopped; ``converged`` tells.
    """

    body: Body
    """The bodies."""
    support: Support
    """What carries and holds them, its grips where they came to hold."""
    position: Position
    """How they lie."""
    conditions: Conditions
    """Friction, tone and what grips (B,)."""
    coordinates: Array
    """The root's slides, then three turns for each segment, as ``body.tree.coordinates`` names them (B, coordinates)
    [m, rad]."""
    converged: Flags
    """Whether the body rests: within ``RESIDUAL_FORCE`` and ``RESIDUAL_MOMENT``, and no grip beyond friction (B,)."""
    messages: tuple[str, ...]
    """A sentence for each body: that it rests, or why not (B,)."""
    residual_force: Array
    """Largest unbalanced force (B,) [N]."""
    residual_moment: Array
    """Largest unbalanced moment (B,) [N·m]."""
    iterations: Index
    """Steps of the solver in all (B,)."""
    rounds: Index
    """How often friction was brought up to date (B,)."""
    slipping: Flags
    """Whether a foot slid from where it was placed before it held (B,)."""

    def evaluation(self, *, second: bool = False) -> Evaluation:
        """The bodies' energy, paths and contacts where they rest, worked out anew at each call.

        Args:
            second: Whether to compute the Hessian.
        Returns:
            See :class:`~psoas.energy.Evaluation`.
        """
        return evaluate(self.body, self.support, self.coordinates, second=second)

    def take(self, members: Index | Sequence[int] | slice) -> Equilibrium:
        """Some of the bodies.

        Args:
            members: Their places in the ensemble (n,), or a slice.
        Returns:
            An equilibrium of those bodies, in that order.
        """
        index = np.arange(self.body.count)[members]
        return replace(
            take(self, index),
            body=self.body.take(index),
            support=take(self.support, index),
            conditions=take(self.conditions, index),
            messages=tuple(self.messages[i] for i in index),
        )

    def replaced(self, members: Index, others: Equilibrium) -> Equilibrium:
        """The same bodies with some of them as they rest in another equilibrium.

        Args:
            members: Places here of the other's bodies (n,).
            others: ``n`` of the same bodies, in that order.
        Returns:
            A new equilibrium; this one stays as it is.
        """

        def put(mine: Array, theirs: Array) -> Array:
            changed = mine.copy()
            changed[members] = theirs
            return changed

        messages = list(self.messages)
        for place_, message in zip(members, others.messages, strict=True):
            messages[place_] = message
        arrays = ("coordinates", "converged", "residual_force", "residual_moment", "iterations", "rounds", "slipping")
        put_all: dict[str, Any] = {name: put(getattr(self, name), getattr(others, name)) for name in arrays}
        return replace(
            self,
            support=replace(
                self.support,
                grip_point=put(self.support.grip_point, others.support.grip_point),
                grip_anchor=put(self.support.grip_anchor, others.support.grip_anchor),
            ),
            messages=tuple(messages),
            **put_all,
        )


def settle(
    body: Body,
    support: Support,
    start: Array,
    *,
    tolerance: float = 1e-7,
    most_iterations: int = 150,
    damping: float = 0.1,
) -> tuple[Minimum, Evaluation | None]:
    """Minimise the energy within one friction state.

    Args:
        body: ``B`` bodies.
        support: What carries them; its grips stay as they are.
        start: Coordinates to start from (B, coordinates) [m, rad].
        tolerance: Largest component of the energy's gradient at rest [N, N·m].
        most_iterations: Steps before giving up.
        damping: Initial damping: little where the start is near rest already [-].
    Returns:
        The minimum over the free coordinates (B, free), and all that is known there if the last look was at all bodies.
    """
    active = body.tree.active
    turns = active >= 3
    cache: dict[bytes, list[tuple[slice, Body, Support, Array]]] = {}
    last: list[tuple[Array, Evaluation]] = []

    class Reduced:
        def __init__(self, parts: Sequence[Evaluation]) -> None:
            self.energy = np.concatenate([part.energy for part in parts])
            self.gradient = np.concatenate([part.gradient for part in parts])[:, active]
            self.hessian = np.concatenate([part.hessian for part in parts if part.hessian is not None])

    def problem(members: Index, x: Array) -> Reduced:
        key = members.tobytes()
        if key not in cache:
            cache.clear()
            parts = -(-members.size // TOGETHER)
            edges = np.linspace(0, members.size, parts + 1).astype(int)
            cache[key] = [
                (
                    slice(low, high),
                    body.take(members[low:high]),
                    take(support, members[low:high]),
                    start[members[low:high]],
                )
                for low, high in pairwise(edges.tolist())
            ]
        found = []
        for rows, these, supports, coordinates in cache[key]:
            coordinates = coordinates.copy()
            coordinates[:, active] = x[rows]
            found.append(evaluate(these, supports, coordinates))
        last[:] = [(x, found[0])] if len(found) == 1 and members.size == body.count else []
        return Reduced(found)

    options: Options[Reduced] = Options(
        tolerance=tolerance,
        most_iterations=most_iterations,
        damping=damping,
        scale_floor=np.where(turns, 1.0, 1000.0),
        largest_step=np.where(turns, LARGEST_TURN, LARGEST_SLIDE),
    )
    found = minimize(problem, start[:, active], options)
    known = last[0][1] if last and np.array_equal(last[0][0], found.x) else None
    return found, known


def rest(
    body: Body,
    position: Position,
    props: Sequence[Prop] = (),
    given: Conditions | None = None,
    *,
    start: Array | None = None,
    support: Support | None = None,
    near: Equilibrium | None = None,
    warm: bool = False,
) -> Equilibrium:
    """Let ``B`` bodies come to rest.

    Friction follows a stated history. The feet, if the position holds them, stick where they were placed, the given
    distance from the buttocks; the part of the trunk that grips sticks where it was laid; everything else slides until
    no friction is left in it, as someone wriggles until the back lies easy. After each settling the grips take hold
    anew under the patches' centres, in the floor's plane, keeping their force; a foot that would need more than the
    coefficient of friction slides until it does not.

    Args:
        body: The bodies.
        position: The position, its parameters set.
        props: What lies under them.
        given: Friction, tone and what grips; the position's usual where not given.
        start: Coordinates to start from instead of the position's (B, coordinates) [m, rad].
        support: The support to start from instead of a new placement.
        near: One body at rest in this position, or each of these bodies at rest much like this: they start as far from where
            they were laid as it, or each of them, came to rest.
        warm: Whether ``start`` is near rest.
    Returns:
        The equilibrium; members that found none say so.
    Raises:
        InputError: The position cannot be taken by these bodies.
        DataError: A table lacks a row.
    """
    given = given or conditions(body, position)
    laid_here = support is None
    support = support or place(body, position, props, given)
    coordinates = (support.start if start is None else start).copy()
    hint = None
    if start is None:
        hint = hint_of(near) if near is not None else known_hint(position) if laid_here else None
    if hint is not None:
        coordinates, support = _follow(hint, body, support, given)
    count, active = body.count, body.tree.active
    support = replace(support, grip_point=support.grip_point.copy(), grip_anchor=support.grip_anchor.copy())
    iterations, rounds = np.zeros(count, dtype=np.intp), np.zeros(count, dtype=np.intp)
    slide = Slide.none(count)
    done, stuck = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    cold = hint is None and not warm

    now: Evaluation | None = None
    rows = np.arange(count)
    for _ in range(ROUNDS):
        left = np.flatnonzero(~done & ~stuck)
        if left.size == 0:
            break
        rows = left
        these, supports = body.take(rows), take(support, rows)
        found, now = settle(these, supports, coordinates[rows], damping=COLD if cold else WARM)
        cold = False
        coordinates[rows[:, None], active] = found.x
        iterations[rows] += found.iterations
        rounds[rows] += 1

        now = now or evaluate(these, supports, coordinates[rows], second=False)
        force, over, short, sliding = _renew(these, supports, position, take(given, rows), now, take(slide, rows))
        slide.update(rows, sliding)
        stuck[rows] = ~found.converged | slide.away[rows].any(1)
        loaded = np.linalg.norm(now.grip_force, axis=-1) > 1e-6
        off_plane = np.max(np.abs(now.grip_points[..., 2] - supports.grip_height) * loaded, axis=1, initial=0.0)
        settled = (off_plane < PLANE_TOLERANCE) & (short < DISTANCE_TOLERANCE) & ~over.any(1)
        done[rows] = settled & found.converged
        moved = anchor(these, supports, coordinates[rows], force)
        keep = ~(settled | stuck[rows])
        support.grip_point[rows[keep]] = moved.grip_point[keep]
        support.grip_anchor[rows[keep]] = moved.grip_anchor[keep]

    whole = rows.size == count and bool(done.all())
    final = now if whole and now is not None else evaluate(body, support, coordinates, second=False)
    gradient = np.abs(final.gradient[:, active])
    residual_force, residual_moment = gradient[:, :3].max(1), gradient[:, 3:].max(1)
    converged = done & (residual_force < RESIDUAL_FORCE) & (residual_moment < RESIDUAL_MOMENT)
    return Equilibrium(
        body=body,
        support=support,
        position=position,
        conditions=given,
        coordinates=coordinates,
        converged=converged,
        messages=tuple(
            _sentence(bool(c), s, a) for c, s, a in zip(converged, slide.length > 0.0, slide.away, strict=True)
        ),
        residual_force=residual_force,
        residual_moment=residual_moment,
        iterations=iterations,
        rounds=rounds,
        slipping=np.asarray((slide.length[:, :2] > 0.0).any(1)),
    )


def rest_again(near: Equilibrium, position: Position, before: Equilibrium | None = None) -> Equilibrium:
    """The same bodies on the same support with the position's distances changed a little, as by a slider.

    The feet are carried to their new distance with the force they had; everything else goes on from where it rested.

    Args:
        near: Where they rested; all of them did.
        position: The same position with other numbers; surface and arms as before.
        before: Where they rested at a distance before that: they then start where a straight line leads, which saves steps
            and changes nothing else.
    Returns:
        The new equilibrium.
    Raises:
        DataError: A table lacks a row.
    """
    change = heel_distance(near.body, position) - heel_distance(near.body, near.position) if position.feet_held else 0.0
    anchors = near.support.grip_anchor.copy()
    along, _ = heading(near.body, pose(near.body, near.coordinates))
    for foot in grip_groups()[:2]:
        anchors[:, foot] += (np.broadcast_to(change, (near.body.count,))[:, None] * along)[:, None]
    start = near.coordinates
    if before is not None and position.feet_held:
        apart = heel_distance(near.body, near.position) - heel_distance(near.body, before.position)
        known = near.converged & before.converged & (apart != 0.0)
        share = np.where(known, change / np.where(known, apart, 1.0), 0.0)
        start = start + share[:, None] * (near.coordinates - before.coordinates)
    return rest(
        near.body,
        position,
        given=near.conditions,
        start=start,
        support=replace(near.support, grip_anchor=anchors),
        warm=True,
    )


@dataclass(frozen=True)
class Hint:
    """Where to look first: how a body came to rest from where it was laid; one for all, or one for each of ``B``."""

    displacement: Array
    """From the start to rest (coordinates,) or (B, coordinates) [m, rad]."""
    grip_force: Array
    """Of the floor on each grip, for a body of ``AVERAGE_WEIGHT`` (grips, 2) or (B, grips, 2) [N]."""


def hint_of(near: Equilibrium) -> Hint:
    """What one body at rest tells about others in the same position, or many about themselves."""
    force = near.evaluation(second=False).grip_force * AVERAGE_WEIGHT / near.body.weight[:, None, None]
    moved = near.coordinates - near.support.start
    return Hint(moved[0], force[0]) if near.body.count == 1 else Hint(moved, force)


@cache
def known_hints() -> Mapping[str, Hint]:
    """Hints of the average adult by position and arms, from ``starts.json``, written by ``design/starting_points.py``."""
    text = (files("psoas.positions") / "starts.json").read_text(encoding="utf-8")
    return MappingProxyType(
        {key: Hint(np.array(h["displacement"]), np.array(h["grip_force"])) for key, h in json.loads(text).items()}
    )


def known_hint(position: Position) -> Hint | None:
    """The hint for a position and its arms, if there is one."""
    return known_hints().get(f"{position.id} {position['arms']}")


def _follow(hint: Hint, body: Body, support: Support, given: Conditions) -> tuple[Array, Support]:
    """Coordinates as far from the start as the hint says, on its floor, and grips that hold there with its forces.

    Backs that keep hold of the floor from lying straight keep their marks.
    """
    coordinates = support.start + hint.displacement
    coordinates[:, 2] += lift(body, support, coordinates)
    force = np.broadcast_to(hint.grip_force * body.weight[:, None, None] / AVERAGE_WEIGHT, support.grip_anchor.shape)
    moved = anchor(body, support, coordinates, np.where(support.grip_stiffness > 0.0, force, 0.0))
    back = grip_groups()[3]
    marked = given.back_grips[:, None, None]
    for mine, theirs in ((moved.grip_point, support.grip_point), (moved.grip_anchor, support.grip_anchor)):
        mine[:, back] = np.where(marked, theirs[:, back], mine[:, back])
    return coordinates, moved


@dataclass(frozen=True)
class Slide:
    """What is remembered of sliding, for each body and group of grips (B, groups)."""

    length: Array
    """How far it has slid [m]."""
    step: Array
    """How far it slid last [m]."""
    excess: Array
    """By how much it carried more than friction could, before that [N]."""
    away: Flags
    """Whether it is not coming to hold."""

    @staticmethod
    def none(count: int) -> Slide:
        """Nothing has slid, in ``count`` bodies (count, groups)."""
        zero = np.zeros((count, len(grip_groups())))
        return Slide(zero, zero.copy(), zero.copy(), zero > 0.0)

    def update(self, rows: Index, others: Slide) -> None:
        """Put what is now known of some bodies in its place.

        Args:
            rows: Places of those bodies (n,).
            others: What is known of them (n, groups).
        """
        for mine, theirs in zip(vars(self).values(), vars(others).values(), strict=True):
            mine[rows] = theirs

    def further(self, excess: Array, stiffness: Array) -> Slide:
        """Slide on: to where the excess should vanish, going by what the last step did, or farther than before.

        Args:
            excess: What each group carries beyond friction (B, groups) [N].
            stiffness: Of each group's grips (B, groups) [N/m].
        Returns:
            What to remember from now on (B, groups).
        """
        over = excess > 0.0
        again = over & (self.step > 0.0)
        fell = np.maximum(self.excess - excess, 0.0)
        first = np.maximum(excess / np.maximum(stiffness, 1.0), SHORTEST_SLIDE)
        secant = 1.02 * excess * self.step / np.maximum(fell, 1e-12) + SHORTEST_SLIDE
        step = np.where(again, np.clip(secant, 0.5 * self.step, 3.0 * self.step), first)
        step = np.where(over, np.minimum(step, LONGEST_SLIDE), 0.0)
        length = self.length + step
        return Slide(
            length, np.where(over, step, self.step), np.where(over, excess, self.excess), length > FARTHEST_SLIDE
        )


def _renew(
    body: Body, support: Support, position: Position, given: Conditions, now: Evaluation, slide: Slide
) -> tuple[Array, Flags, Array, Slide]:
    """What each grip should carry next.

    Args:
        body, support, position, given: As in :func:`rest`.
        now: Where the bodies came to rest with the grips as they are.
        slide: What is remembered of sliding.
    Returns:
        Force of the floor on each grip (B, grips, 2) [N]; which groups carried more than friction can (B, groups); how far
        the feet are from where they are to be (B,) [m]; and what to remember.
    """
    force = now.grip_force.copy()
    groups = grip_groups()
    totals = np.stack([force[:, grips].sum(1) for grips in groups], axis=1)
    size = np.linalg.norm(totals, axis=-1)
    carried = now.touch.floor + (now.touch.props * now.touch.prop_normal[..., 2]).sum(1)
    normal = np.stack([carried[:, support.grip_skin[grips]].sum(1) for grips in groups], axis=1)
    friction = np.stack([given.friction, given.friction, given.trunk_friction, given.trunk_friction], axis=1)
    excess = size - friction * np.maximum(normal, 1e-9)
    over = excess > 1e-5 * size + 1e-6
    stiffness = np.stack([support.grip_stiffness[:, grips].sum((1, 2)) / 2.0 for grips in groups], axis=1)
    slid = slide.further(np.where(over, excess, 0.0), stiffness)
    # Slide along the force: the grips let go of as much as that length of their shear.
    direction = totals / np.maximum(size, 1e-9)[..., None]
    for group, grips in enumerate(groups):
        length = np.where(over[:, group], slid.step[:, group], 0.0)
        force[:, grips] -= (length[:, None] * direction[:, group])[:, None] * support.grip_stiffness[:, grips]

    short = np.zeros(body.count)
    if position.feet_held:
        along, left = heading(body, now.pose)
        far, aside = heel_places(body, now.pose)
        width = position.number("foot_width")
        held = ~(slid.length[:, :2] > 0.0).any(1)
        for foot, sign in ((0, -1.0), (1, 1.0)):
            grips = grip_groups()[foot]
            move = np.where(held, heel_distance(body, position) - far[:, foot], 0.0)[:, None] * along
            if width is not None:
                move = move + np.where(held, sign * 0.5 * width - aside[:, foot], 0.0)[:, None] * left
            force[:, grips] += move[:, None] * support.grip_stiffness[:, grips]
            short = np.maximum(short, np.max(np.abs(move), axis=1))
    return force, over, short, slid


def _sentence(converged: bool, slid: Flags, away: Flags) -> str:
    if converged and slid[:2].any():
        return "At rest, after the feet slid from where they were placed."
    if converged:
        return "At rest."
    if away[:2].any():
        return "No resting place was found: the feet keep sliding, so this surface does not hold them at this distance."
    if away[2:].any():
        return "No resting place was found: the trunk keeps sliding, so this surface does not hold it."
    return "No resting place was found: the solver did not bring the unbalanced moments to zero."


def free_hessian(equilibrium: Equilibrium) -> Array:
    """Hessian over the free coordinates where the bodies rest (B, free, free) [N/m, N, N·m/rad]."""
    hessian = equilibrium.evaluation(second=True).hessian
    assert hessian is not None
    return hessian


__all__ = ["Equilibrium", "free_hessian", "pose", "rest", "rest_again", "settle"]
