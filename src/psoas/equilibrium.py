"""Where a body comes to rest: energy minimised within a friction state, friction brought up to date between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from psoas.body.kinematics import Pose, pose
from psoas.body.model import Array, Body, Flags, Index, take
from psoas.body.skin import on_side
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
    hold_legs,
    lift,
    place,
)
from psoas.position import Position
from psoas.props import Prop
from psoas.support import Pairs, Support

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
LEGS_TOLERANCE = 2e-7
"""How far from the plane across two legs their friction may act when done [m]."""
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
    """Whether a foot, or a leg on the side, slid from where it was placed before it held (B,)."""

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
        pairs, theirs = self.support.pairs, others.support.pairs
        if pairs is not None and theirs is not None:
            sticks = ("points", "normal", "stiffness")
            changes: dict[str, Any] = {name: put(getattr(pairs, name), getattr(theirs, name)) for name in sticks}
            pairs = replace(pairs, **changes)
        put_all: dict[str, Any] = {name: put(getattr(self, name), getattr(others, name)) for name in arrays}
        return replace(
            self,
            support=replace(
                self.support,
                grip_point=put(self.support.grip_point, others.support.grip_point),
                grip_anchor=put(self.support.grip_anchor, others.support.grip_anchor),
                grip_stiffness=put(self.support.grip_stiffness, others.support.grip_stiffness),
                pairs=pairs,
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
    body = on_side(body) if position.on_side else body
    laid_here = support is None
    support = support or place(body, position, props, given)
    coordinates = (support.start if start is None else start).copy()
    hint = None
    if start is None:
        hint = hint_of(near) if near is not None else known_hint(position) if laid_here else None
    if position.on_side:
        # The person bends the legs as they lie down; only then does friction take hold.
        if not warm:
            near_rest = coordinates + hint.displacement if hint is not None else coordinates
            coordinates = _lay_over(body, support, near_rest)
            support = hold_legs(body, anchor(body, support, coordinates), coordinates)
            support = _let_go(support, evaluate(body, support, coordinates, second=False))
            warm = True
        hint = None
    if hint is not None:
        coordinates, support = _follow(hint, body, support, given)
    count, active = body.count, body.tree.active
    support = replace(
        support, grip_point=support.grip_point.copy(), grip_anchor=support.grip_anchor.copy(),
        grip_stiffness=support.grip_stiffness.copy(), pairs=copied(support.pairs),
    )  # fmt: skip
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
        next_ = _renew(these, supports, position, take(given, rows), now, take(slide, rows))
        slide.update(rows, next_.slide)
        stuck[rows] = ~found.converged | slide.away[rows].any(1)
        loaded = np.linalg.norm(now.grip_force, axis=-1) > 1e-6
        off_plane = np.max(np.abs(now.grip_points[..., 2] - supports.grip_height) * loaded, axis=1, initial=0.0)
        settled = (off_plane < PLANE_TOLERANCE) & (next_.short < DISTANCE_TOLERANCE) & ~next_.over.any(1)
        done[rows] = settled & found.converged
        moved = anchor(these, supports, coordinates[rows], next_.force)
        moved = hold_legs(these, moved, coordinates[rows], next_.across)
        if position.on_side:
            moved = _let_go(moved, now)
        keep = ~(settled | stuck[rows])
        support.grip_point[rows[keep]] = moved.grip_point[keep]
        support.grip_anchor[rows[keep]] = moved.grip_anchor[keep]
        if support.pairs is not None and moved.pairs is not None:
            support.pairs.points[rows[keep]] = moved.pairs.points[keep]
            support.pairs.normal[rows[keep]] = moved.pairs.normal[keep]
            support.pairs.stiffness[rows[keep]] = moved.pairs.stiffness[keep]
            support.grip_stiffness[rows[keep]] = moved.grip_stiffness[keep]

    whole = rows.size == count and bool(done.all())
    final = now if whole and now is not None else evaluate(body, support, coordinates, second=False)
    gradient = np.abs(final.gradient[:, active])
    residual_force, residual_moment = gradient[:, :3].max(1), gradient[:, 3:].max(1)
    converged = done & (residual_force < RESIDUAL_FORCE) & (residual_moment < RESIDUAL_MOMENT)
    rolled = np.abs(side_roll(body, position, final.pose)) if position.on_side else np.zeros(count)
    converged &= rolled < ROLLED
    return Equilibrium(
        body=body,
        support=support,
        position=position,
        conditions=given,
        coordinates=coordinates,
        converged=converged,
        messages=tuple(
            _sentence(position, *each)
            for each in zip(
                converged,
                slide.length > 0.0,
                slide.away,
                side_roll(body, position, final.pose) if position.on_side else rolled,
                strict=True,
            )
        ),
        residual_force=residual_force,
        residual_moment=residual_moment,
        iterations=iterations,
        rounds=rounds,
        slipping=np.asarray((slide.length[:, [0, 1, -1]] > 0.0).any(1)),
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


LAID_STIFFNESS = 300.0
"""With which someone holds hips and knees bent while they turn on their side [N·m/rad]."""
LAID_ROUNDS = 6
"""How often the trunk rolls on before the legs are let go."""


def _lay_over(body: Body, support: Support, start: Array) -> Array:
    """Where bodies come to lie on their side while they still hold their legs bent, without friction (B, coordinates)."""
    tree = body.tree
    held = support.tone_stiffness.copy()
    for name in ("femur_r", "femur_l", "tibia_r", "tibia_l"):
        held[:, tree.coordinate(name, "flexion")] = LAID_STIFFNESS
    loose = replace(support, tone_stiffness=held)
    coordinates = start.copy()
    rows = np.arange(body.count)
    for _ in range(LAID_ROUNDS):
        these, at = body.take(rows), coordinates[rows]
        found, now = settle(these, loose, at, damping=COLD)
        moved = np.abs(found.x - at[:, tree.active]).max(1)
        at[:, tree.active] = found.x
        coordinates[rows] = at
        now = now or evaluate(these, loose, at, second=False)
        across = now.legs.friction if now.legs is not None else None
        loose = hold_legs(these, anchor(these, loose, at, now.grip_force), at, across)
        # Each body by itself, so that it rests among others as it does alone.
        left = np.flatnonzero(moved >= LAID_STILL)
        rows, loose = rows[left], take(loose, left)
        if rows.size == 0:
            break
    return coordinates


LAID_STILL = 1e-3
"""Change of every coordinate below which the trunk has rolled as far as it does [m, rad]."""


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
    """The hint for a position and its arms, if there is one; none on the side, as there are two of them."""
    if position.on_side:
        return None
    return known_hints().get(f"{position.id} {position['arms']}")


def _follow(hint: Hint, body: Body, support: Support, given: Conditions) -> tuple[Array, Support]:
    """Coordinates as far from the start as the hint says, on its floor, and grips that hold there with its forces.

    Backs that keep hold of the floor from lying straight keep their marks.
    """
    coordinates = support.start + hint.displacement
    coordinates[:, 2] += lift(body, support, coordinates)
    support = hold_legs(body, support, coordinates)
    force = np.broadcast_to(hint.grip_force * body.weight[:, None, None] / AVERAGE_WEIGHT, support.grip_anchor.shape)
    moved = anchor(body, support, coordinates, np.where(support.grip_stiffness > 0.0, force, 0.0))
    back = grip_groups()[3]
    marked = given.back_grips[:, None, None]
    for mine, theirs in ((moved.grip_point, support.grip_point), (moved.grip_anchor, support.grip_anchor)):
        mine[:, back] = np.where(marked, theirs[:, back], mine[:, back])
    return coordinates, moved


@dataclass(frozen=True)
class Slide:
    """What is remembered of sliding, for each body and group of grips, the upper leg on the lower last (B, groups)."""

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
        zero = np.zeros((count, len(grip_groups()) + 1))
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


class Renewed(NamedTuple):
    """What to go on with after bodies came to rest within a friction state."""

    force: Array
    """Of the floor on each grip (B, grips, 2) [N]."""
    across: Array
    """Of the lower leg on each patch of the upper, across (B, pairs, 3) [N]."""
    over: Flags
    """Which groups carried more than friction can (B, groups)."""
    short: Array
    """How far the feet are from where they are to be, or the legs' pairs from where they may stick (B,) [m]."""
    slide: Slide
    """What to remember."""


class AcrossLegs(NamedTuple):
    """Friction of one leg on the other; no pairs where the position has none."""

    force: Array
    """On each patch of the upper leg, across and only where it is pressed (B, pairs, 3) [N]."""
    normal: Array
    """All that presses (B,) [N]."""
    stiffness: Array
    """Of what is pressed and sticks (B, pairs) [N/m]."""
    off: Array
    """How far two sticking points are from one plane across, or endless where what is clear still sticks (B,) [m]."""


def _across_legs(support: Support, now: Evaluation) -> AcrossLegs:
    if now.legs is None or support.pairs is None:
        none = np.zeros(now.energy.shape)
        return AcrossLegs(np.zeros((none.size, 0, 3)), none, np.zeros((none.size, 0)), none)
    legs, pressed = now.legs, now.legs.force > 0.0
    along = np.sum(legs.friction * legs.normal, -1)
    force = np.where(pressed[..., None], legs.friction - along[..., None] * legs.normal, 0.0)
    sticks = support.pairs.stiffness > 0.0
    between = np.sum((legs.points[:, :, 0] - legs.points[:, :, 1]) * legs.normal, -1)
    # As near as the floor's plane would be too far: each is another lever for the friction of both.
    off = np.where(sticks, PLANE_TOLERANCE / LEGS_TOLERANCE * np.abs(between), 0.0).max(1)
    return AcrossLegs(
        force, legs.force.sum(1), np.where(pressed, support.pairs.stiffness, 0.0),
        np.where((sticks & ~pressed).any(1), np.inf, off),
    )  # fmt: skip


def _renew(
    body: Body, support: Support, position: Position, given: Conditions, now: Evaluation, slide: Slide
) -> Renewed:
    """What each grip should carry next.

    Args:
        body, support, position, given: As in :func:`rest`.
        now: Where the bodies came to rest with the grips as they are.
        slide: What is remembered of sliding.
    Returns:
        See :class:`Renewed`.
    """
    force = now.grip_force.copy()
    groups = grip_groups(position.on_side)
    totals = np.stack([force[:, grips].sum(1) for grips in groups], axis=1)
    size = np.linalg.norm(totals, axis=-1)
    carried = now.touch.floor + (now.touch.props * now.touch.prop_normal[..., 2]).sum(1)
    legs = _across_legs(support, now)
    if position.on_side:
        # On the side only what is pressed sticks.
        clear = (carried[:, support.grip_skin] <= 0.0) & (support.grip_stiffness > 0.0).any(-1)
        force[clear] = 0.0
        totals = np.stack([force[:, grips].sum(1) for grips in groups], axis=1)
        size = np.linalg.norm(totals, axis=-1)
        legs = legs._replace(off=np.where(clear.any(1), np.inf, legs.off))
    normal = np.stack([carried[:, support.grip_skin[grips]].sum(1) for grips in groups], axis=1)
    friction = np.stack([given.friction, given.friction, given.trunk_friction, given.trunk_friction], axis=1)
    stiffness = np.stack([support.grip_stiffness[:, grips].sum((1, 2)) / 2.0 for grips in groups], axis=1)
    size = np.column_stack([size, np.linalg.norm(legs.force.sum(1), axis=-1)])
    normal = np.column_stack([normal, legs.normal])
    friction = np.column_stack([friction, given.friction])
    stiffness = np.column_stack([stiffness, legs.stiffness.sum(1)])
    excess = size - friction * np.maximum(normal, 1e-9)
    over = excess > 1e-5 * size + 1e-6
    slid = slide.further(np.where(over, excess, 0.0), stiffness)
    # Slide along the force: the grips let go of as much as that length of their shear.
    direction = totals / np.maximum(size[:, : len(groups)], 1e-9)[..., None]
    for group, grips in enumerate(groups):
        length = np.where(over[:, group], slid.step[:, group], 0.0)
        force[:, grips] -= (length[:, None] * direction[:, group])[:, None] * support.grip_stiffness[:, grips]
    across = legs.force.copy()
    if across.shape[1]:
        way = across.sum(1) / np.maximum(size[:, -1:], 1e-9)
        length = np.where(over[:, -1], slid.step[:, -1], 0.0)
        across -= (length[:, None] * way)[:, None] * legs.stiffness[..., None]

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
    return Renewed(force, across, over, np.maximum(short, legs.off), slid)


def _let_go(support: Support, now: Evaluation) -> Support:
    """The support with what is clear of floor and other leg no longer sticking, for good."""
    pressed = now.touch.floor + now.touch.props.sum(1) > 0.0
    stiffness = np.where(pressed[:, support.grip_skin, None], support.grip_stiffness, 0.0)
    pairs = support.pairs
    if pairs is not None and now.legs is not None:
        pairs = replace(pairs, stiffness=np.where(now.legs.force > 0.0, pairs.stiffness, 0.0))
    return replace(support, grip_stiffness=stiffness, pairs=pairs)


def copied(pairs: Pairs | None) -> Pairs | None:
    """Pairs that may be changed where they stick."""
    if pairs is None:
        return None
    return replace(pairs, points=pairs.points.copy(), normal=pairs.normal.copy(), stiffness=pairs.stiffness.copy())


ROLLED = np.deg2rad(60.0)
"""Beyond this a trunk that was laid on its side does not lie on its side [rad]."""


def side_roll(body: Body, position: Position, frame: Pose) -> Array:
    """How far pelvis or chest, whichever more, has rolled from square on the side, + onto the front (B,) [rad].

    Args:
        body: The bodies.
        position: One on the side.
        frame: Their pose.
    """
    low = 1.0 if position["side"] == "right" else -1.0
    axes = frame.rotation[:, [body.tree.segment("pelvis"), body.tree.segment("thorax")]][:, :, 2]
    # Up in each segment: forward and toward the lower side.
    roll = np.arctan2(-axes[..., 0], -low * axes[..., 2])
    return np.asarray(np.where(np.abs(roll[:, 0]) > np.abs(roll[:, 1]), roll[:, 0], roll[:, 1]))


def _sentence(position: Position, converged: bool, slid: Flags, away: Flags, roll: float) -> str:
    limbs = "legs" if position.on_side else "feet"
    if (converged and slid[:2].any()) or (converged and slid[-1]):
        return f"At rest, after the {limbs} slid from where they were placed."
    if converged:
        return "At rest."
    none = "No resting place was found:"
    if abs(roll) >= ROLLED:
        onto = "front" if roll > 0.0 else "back"
        return f"{none} this body does not stay on its side with the legs like that and rolls onto its {onto}."
    if away[:2].any() and position.on_side:
        return f"{none} the lower leg keeps sliding, so this surface does not hold it."
    if away[:2].any():
        return f"{none} the feet keep sliding, so this surface does not hold them at this distance."
    if away[2:4].any():
        return f"{none} the trunk keeps sliding, so this surface does not hold it."
    if away[4:].any():
        return f"{none} the upper leg keeps sliding off what it lies on."
    return f"{none} the solver did not bring the unbalanced moments to zero."


def free_hessian(equilibrium: Equilibrium) -> Array:
    """Hessian over the free coordinates where the bodies rest (B, free, free) [N/m, N, N·m/rad]."""
    hessian = equilibrium.evaluation(second=True).hessian
    assert hessian is not None
    return hessian


__all__ = ["Equilibrium", "free_hessian", "pose", "rest", "rest_again", "settle"]
