r"""The posture of least effort among those that balance.

.. math:: \min_{q, a} \tfrac12 |a|^2 \quad \text{with} \quad \partial E(q, a) = 0, \quad 0 \le a \le 1, \quad c(q) = 0

E is the same energy as that of a body that lies, its muscles active on top of what they carry passively; c are the rules of the
posture: the gaze level, the chest upright if it is held so, the mass center ahead of the ankles where someone stands. Solved by a
sequence of quadratic programs in posture and activation together, each damped and bounded as Levenberg and Marquardt do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from psoas.body.kinematics import cross, pose
from psoas.body.model import Array, Body, Flags, Index, Tree, other_side, take
from psoas.body.paths import muscle_paths
from psoas.energy import Evaluation, evaluate
from psoas.equilibrium import RESIDUAL_FORCE, RESIDUAL_MOMENT, Equilibrium
from psoas.minimize import Options, minimize
from psoas.placement import conditions
from psoas.position import Position
from psoas.support import Support
from psoas.tone import activate, joint_words, quadratic
from psoas.upright.place import place

STEPS = 150
"""Most quadratic programs in a row."""
LAST_STEPS = 50
"""How many of them at the end ask for exact balance, whatever effort could still be saved."""
PENALTIES = (1e1, 1e4, 1e6)
"""Cost of a missing moment over that of an activation, each squared, first, then, and last [1/(N·m)²]."""
FORCE_SHARE, RULE_SHARE = 0.1, 10.0
"""What one newton and one radian or meter of a rule count for against one newton meter [m, N·m]."""
FIRST_DAMPING, LEAST_DAMPING = 10.0, 1e-5
"""Of a change of posture, against activation [1/rad²]."""
SLIDE_DAMPING = 10.0
"""How many times a meter of sliding counts for against a radian of turning [rad/m]."""
CORRECTIONS = 3
"""How often a step is corrected for how the balance bends along it."""
LARGEST_TURN, LARGEST_SLIDE = 0.2, 0.05
"""Most that one step changes a coordinate [rad], [m]."""
SMALL = 1e-6
"""Share of the cost that a step must promise to save, or the search ends [-]."""
KEPT = 1e-4
"""How well the rules must hold [rad, m]."""
TOGETHER = 16
"""Most bodies whose energy is worked out at once."""
ALIKE = ("max_isometric_force", "optimal_fiber_length", "tendon_slack_length", "tone")
"""What of muscles tells whether left and right are alike."""
EVEN = 1e-12
"""How much left and right may differ and still count as alike [m, N, N·m]."""


@dataclass(frozen=True)
class Balanced:
    """``B`` bodies upright (or not): what :func:`balance` found."""

    equilibrium: Equilibrium
    """Posture and supports; its bodies carry the activity as tone, so that every force is that of passive and active muscle."""
    activation: Array
    """0 to 1 (B, muscles) [-]."""
    ideal: Array
    """Moment at the coordinates where the body has no muscle and an ideal torque stands in, + as the coordinate; 0 elsewhere
    (B, coordinates) [N·m]."""
    least: Flags
    """Whether the search for less effort ended by itself: elsewhere a little less may do (B,)."""
    symmetric: bool
    """Whether left and right were taken to do the same."""

    @property
    def effort(self) -> Array:
        """Sum of squared activations (B,) [-]."""
        return np.sum(self.activation**2, axis=1)

    def replaced(self, members: Index, others: Balanced) -> Balanced:
        """The same bodies with some of them, by their places (n,), as they ended in another search for a balance (n bodies)."""
        activation, ideal, least = self.activation.copy(), self.ideal.copy(), self.least.copy()
        activation[members], ideal[members], least[members] = others.activation, others.ideal, others.least
        mine, theirs = self.equilibrium, others.equilibrium
        tone = mine.body.tone.copy()
        tone[members] = theirs.body.tone
        merged = mine.replaced(members, theirs)
        return replace(
            self,
            equilibrium=replace(merged, body=replace(mine.body, tone=tone)),
            activation=activation,
            ideal=ideal,
            least=least,
        )

    def take(self, members: Index) -> Balanced:
        """Some of the bodies, by their places (n,)."""
        return replace(
            self,
            equilibrium=self.equilibrium.take(members),
            activation=self.activation[members],
            ideal=self.ideal[members],
            least=self.least[members],
        )


class Free(NamedTuple):
    """What the search may change."""

    posture: Array
    """How the tree's free coordinates follow the unknowns: one each, or one for both sides (free, unknowns) [-]."""
    muscles: Array
    """How activations follow theirs (muscles, unknowns) [-]."""
    coordinates: tuple[str, ...]
    """Name of each of the posture's unknowns; the right side's where it is for both."""


@lru_cache(maxsize=8)
def unknowns(tree: Tree, symmetric: bool) -> Free:
    """What is free to change: every coordinate and muscle, or, of a body alike on both sides, its right half and middle plane.

    Args:
        tree: The bodies' tree.
        symmetric: Whether the left side does what the right does.
    """
    active, names = list(tree.active), tree.coordinates
    if not symmetric:
        return Free(np.eye(len(active)), np.eye(len(tree.muscles)), tuple(names[c] for c in active))
    target, sign = tree.mirror
    columns, kept = [], []
    for i, c in enumerate(active):
        other = int(target[c])
        if (other == c and sign[c] < 0.0) or names[c].split("_")[-2] == "l":
            continue
        column = np.zeros(len(active))
        column[i] = 1.0
        if other != c:
            column[active.index(other)] = sign[c]
        columns.append(column)
        kept.append(names[c])
    pairs = [(i, tree.muscles.index(other_side(m))) for i, m in enumerate(tree.muscles) if m.endswith("_r")]
    muscles = np.zeros((len(tree.muscles), len(pairs)))
    for k, both in enumerate(pairs):
        muscles[list(both), k] = 1.0
    return Free(np.array(columns).T, muscles, tuple(kept))


def ideal_joints(position: Position) -> tuple[str, ...]:
    """Coordinates at which an ideal torque stands in for muscles that the body does not have: the neck, which keeps the gaze
    level, and the ankles of someone who stands."""
    ankles = ("foot_r_flexion", "foot_l_flexion") if position.legs == "standing" else ()
    return ("head_flexion", "head_abduction", "head_rotation", *ankles)


def symmetric(body: Body) -> bool:
    """Whether all bodies are alike on both sides."""
    tree = body.tree
    muscles = [tree.muscles.index(other_side(m)) for m in tree.muscles]
    segments = [tree.segment(other_side(s)) for s in tree.segments]
    skin = [tree.skin.index(other_side(s)) for s in tree.skin]
    same = lambda table, order: np.all(np.abs(table - table[:, order]) <= EVEN)  # noqa: E731
    lengths = np.linalg.norm(body.joint_position, axis=-1)
    return bool(
        all(same(getattr(body, name), muscles) for name in ALIKE)
        and same(body.mass, segments) and same(lengths, segments) and same(body.skin_radius, skin)
    )  # fmt: skip


Told = Callable[[float], object]
"""Somebody who is told how much of a search is done, 0 to 1."""


def balance(
    body: Body, position: Position, lean: Array | None = None, near: Balanced | None = None, told: Told | None = None
) -> Balanced:
    """The posture of least effort of ``B`` upright bodies.

    Args:
        body: The bodies.
        position: ``standing`` or ``sitting``, its parameters set.
        lean: How far the mass center stands ahead of the ankles, one each (B,) [m]; the position's where not given.
        near: One body in this position to start as far from where it was placed as it ended.
        told: Told as the search goes on.
    Returns:
        See :class:`Balanced`. Bodies that cannot balance say so in ``messages``; whose search did not end is not ``least``.
    Raises:
        InputError: The seat does not suit these legs.
        DataError: A table lacks a row.
    """
    even = symmetric(body)
    body, support = place(body, position)
    if lean is None:
        lean = np.full(body.count, position.number("lean") or 0.0)
    start = _let_down(body, support) if position.values.get("support") == "backrest" else support.start.copy()
    activation = np.zeros((body.count, len(body.tree.muscles)))
    if near is not None and position.values.get("support") != "backrest":
        start += (near.equilibrium.coordinates - near.equilibrium.support.start)[:1]
        activation += near.activation[:1]
    parts, tell = [], told or (lambda share: None)
    for rows in np.array_split(np.arange(body.count), -(-body.count // TOGETHER)):

        def tell_part(done: float, first: int = int(rows[0]), size: int = rows.size) -> object:
            return tell((first + done * size) / body.count)

        some = body.take(rows), take(support, rows), position, start[rows], activation[rows], lean[rows]
        parts.append(_search(*some, even, tell_part))
    coordinates, found, iterations, least = (np.concatenate([part[k] for part in parts]) for k in range(4))
    return _result(body, support, position, coordinates, found, iterations, least, lean, even)


NECK_HELD = 100.0
"""Stiffness of a neck that is held while a body lets itself down on a backrest [N·m/rad]."""


def _let_down(body: Body, support: Support) -> Array:
    """Where bodies come to rest that let themselves go against a backrest, no muscle active (B, coordinates).

    Against a backrest least effort alone does not say where: nothing costs anything on it, nor off it. Whoever leans
    back lets go.
    """
    free, active = unknowns(body.tree, True), body.tree.active
    held = support.tone_stiffness.copy()
    held[:, body.tree.coordinate("head", "flexion")] = NECK_HELD
    support = replace(support, tone_stiffness=held)

    def spread(rows: Index, x: Array) -> Array:
        return _moved(support.start[rows], active, x @ free.posture.T)

    def fall(rows: Index, x: Array) -> _Fallen:
        now = evaluate(body.take(rows), take(support, rows), spread(rows, x))
        assert now.hessian is not None
        return _Fallen(now.energy, now.gradient[:, active] @ free.posture, free.posture.T @ now.hessian @ free.posture)

    slides = np.array([name.startswith("slide") for name in free.coordinates])
    options: Options[_Fallen] = Options(
        scale_floor=np.where(slides, 1000.0, 1.0), largest_step=np.where(slides, LARGEST_SLIDE, LARGEST_TURN)
    )
    found = minimize(fall, np.zeros((body.count, free.posture.shape[1])), options)
    return spread(np.arange(body.count), found.x)


class _Fallen(NamedTuple):
    """What :func:`psoas.minimize.minimize` asks for, over the unknowns of a body alike on both sides."""

    energy: Array
    gradient: Array
    hessian: Array


def _result(
    body: Body, support: Support, position: Position, coordinates: Array, activation: Array, iterations: Index,
    least: Flags, lean: Array, even: bool,
) -> Balanced:  # fmt: skip
    tree = body.tree
    tone = activate(body, muscle_paths(body, pose(body, coordinates)).length, activation).tone
    toned = replace(body, tone=tone)
    now = evaluate(toned, support, coordinates, second=False)
    names = tree.coordinates
    ideal = np.array([names.index(name) for name in ideal_joints(position)], dtype=np.intp)
    left = np.zeros_like(now.gradient)
    left[:, tree.active] = now.gradient[:, tree.active]
    torque = np.zeros_like(left)
    torque[:, ideal] = left[:, ideal]
    left[:, ideal] = 0.0
    broken = np.abs(rules(position, lean, even)(toned, now)[0]).max(1)
    force, moment = np.abs(left[:, :3]).max(1), np.abs(left[:, 3:]).max(1)
    fine = (force < RESIDUAL_FORCE) & (moment < RESIDUAL_MOMENT) & (broken < KEPT)
    messages = []
    for b in range(body.count):
        worst = int(np.argmax(np.abs(left[b, 3:]))) + 3
        if fine[b]:
            messages.append(f"The body {'stands' if position.legs == 'standing' else 'sits'} in balance.")
        elif broken[b] >= KEPT:
            messages.append("No posture was found that keeps gaze, chest and mass center where they should be.")
        else:
            messages.append(
                f"No balance was found: {joint_words(names[worst])} is short of {abs(left[b, worst]):.2g} N m."
            )
    count = body.count
    given = conditions(body, position)
    return Balanced(
        Equilibrium(
            body=toned, support=support, position=position, conditions=given, coordinates=coordinates, converged=fine,
            messages=tuple(messages), residual_force=force, residual_moment=moment, iterations=iterations,
            rounds=np.ones(count, dtype=np.intp), slipping=np.zeros(count, dtype=bool),
        ),
        activation,
        torque,
        least,
        even,
    )  # fmt: skip


def chest_held(position: Position) -> bool:
    """Whether the chest is carried upright: by whoever stands, and whoever sits up."""
    return position.legs == "standing" or (position["support"] != "backrest" and position["trunk"] == "upright")


Rule = Callable[[Body, Evaluation], tuple[Array, Array]]


def rules(position: Position, lean: Array, even: bool) -> Rule:
    """What a posture keeps besides balance, as a function of a body at a pose.

    Args:
        position: The position.
        lean: See :func:`balance` (B,) [m].
        even: Whether the body moves in its middle plane alone.
    Returns:
        A function to how far each rule is broken (B, rules) [rad, m] and its change with every coordinate
        (B, rules, coordinates).
    """
    level = ["head"]
    if chest_held(position):
        level.append("thorax")
    axes = [1] if even else [0, 1, 2]

    def broken(body: Body, now: Evaluation) -> tuple[Array, Array]:
        tree = body.tree
        values, slopes = [], []
        wanted = upright_frames(body)
        for name in level:
            s = tree.segment(name)
            turn = now.pose.rotation[:, s] @ np.swapaxes(wanted[:, s], -1, -2)
            away = 0.5 * np.stack(
                [turn[:, 2, 1] - turn[:, 1, 2], turn[:, 0, 2] - turn[:, 2, 0], turn[:, 1, 0] - turn[:, 0, 1]], -1
            )
            values.append(away[:, axes])
            # d(turn) = w x turn, of whose antisymmetric part the vector is (tr(turn) 1 - turn) w / 2.
            spread = 0.5 * (np.trace(turn, axis1=1, axis2=2)[:, None, None] * np.eye(3) - turn)
            spin = np.swapaxes(now.pose.axis * tree.moved_by[s][:, None], -1, -2)
            slopes.append((spread @ spin)[:, axes])
        if position.legs == "standing":
            feet = [tree.segment("foot_r"), tree.segment("foot_l")]
            share = body.mass / body.mass.sum(1, keepdims=True)
            moves = lambda at, s: (  # noqa: E731
                (cross(now.pose.axis[:, None], at[:, :, None]) + now.pose.moment[:, None]) * tree.moved_by[s][..., None]
            )[..., 0]
            ankles = now.pose.position[:, feet]
            center = np.sum(share * now.mass_centers[..., 0], 1)
            values.append((center - ankles[..., 0].mean(1) - lean)[:, None])
            everything = np.arange(len(tree.segments))
            slope = np.sum(moves(now.mass_centers, everything) * share[..., None], 1) - moves(ankles, feet).mean(1)
            slopes.append(slope[:, None])
        return np.concatenate(values, 1), np.concatenate(slopes, 1)

    return broken


def upright_frames(body: Body) -> Array:
    """Axes of all segments in the standing profile, set upright (B, segments, 3, 3) [-]."""
    standing = body.standing.copy()
    standing[:, body.tree.coordinate("pelvis", "flexion")] -= 0.5 * np.pi
    return pose(body, standing).rotation


class Look(NamedTuple):
    """What is known at a posture and activation."""

    missing: Array
    """Rows that must vanish, scaled (B, rows) [N·m]."""
    by_posture: Array | None
    """(B, rows, unknowns)."""
    by_activation: Array | None
    """(B, rows, unknowns)."""
    tone: Array
    """(B, muscles) [-]."""


def _search(
    body: Body,
    support: Support,
    position: Position,
    start: Array,
    activation: Array,
    lean: Array,
    even: bool,
    tell: Told,
) -> tuple[Array, Array, Index, Flags]:
    tree, count = body.tree, body.count
    free = unknowns(tree, even)
    active = tree.active
    size, strings = free.posture.shape[1], free.muscles.shape[1]
    ideal = ideal_joints(position)
    rows = np.array([k for k, name in enumerate(free.coordinates) if name not in ideal], dtype=np.intp)
    slides = np.array([name.startswith("slide") for name in free.coordinates])
    weight = np.where(slides[rows], FORCE_SHARE, 1.0)
    heavy = np.where(slides, SLIDE_DAMPING**2, 1.0)
    cap = np.where(slides, LARGEST_SLIDE, LARGEST_TURN)
    there = (body.max_isometric_force @ free.muscles > 0.0).astype(float)
    share = free.muscles / free.muscles.sum(0)

    def look(members: Index, coordinates: Array, a: Array, tone: Array | None = None, *, second: bool = True) -> Look:
        these, supports = body.take(members), take(support, members)
        length = muscle_paths(these, pose(these, coordinates)).length
        muscle = activate(these, length, a @ free.muscles.T, tone)
        toned = replace(these, tone=muscle.tone)
        now = evaluate(toned, supports, coordinates, second=second)
        broken, slope = rules(position, lean[members], even)(toned, now)
        gradient = (now.gradient[:, active] @ free.posture)[:, rows] * weight
        missing = np.concatenate([gradient, RULE_SHARE * broken], 1)
        if not second or now.hessian is None:
            return Look(missing, None, None, muscle.tone)
        arms = now.paths.arms[:, :, active] @ free.posture
        stiffer = muscle.by_length - now.muscle.stiffness
        whole = free.posture.T @ now.hessian @ free.posture
        whole += np.swapaxes(arms * stiffer[..., None], -1, -2) @ arms
        pulls = np.swapaxes(arms, -1, -2) @ (muscle.by_activation[..., None] * free.muscles)
        by_rules = slope[:, :, active] @ free.posture
        return Look(
            missing,
            np.concatenate([whole[:, rows] * weight[:, None], RULE_SHARE * by_rules], 1),
            np.concatenate([pulls[:, rows] * weight[:, None], np.zeros((members.size, by_rules.shape[1], strings))], 1),
            muscle.tone,
        )

    q, a = start.copy(), activation @ share
    stage = np.zeros(count, dtype=np.intp)
    damping = np.full(count, FIRST_DAMPING)
    iterations = np.zeros(count, dtype=np.intp)
    left = np.arange(count)
    here = look(left, q, a)
    for number in range(STEPS):
        if number == STEPS - LAST_STEPS:  # balance comes before the last bit of effort
            stage[:] = np.maximum(stage, len(PENALTIES) - 2)
        if number == STEPS - LAST_STEPS // 2:
            stage[:] = len(PENALTIES) - 1
        penalty = np.array(PENALTIES)[stage[left]]
        cost = lambda missing, a: 0.5 * np.sum(a**2, 1) + 0.5 * penalty * np.sum(missing**2, 1)  # noqa: B023, E731
        before = cost(here.missing, a[left])
        step, tried = np.zeros((left.size, size)), a[left].copy()
        promised, solved = np.zeros(left.size), np.zeros(left.size, dtype=bool)
        assert here.by_posture is not None
        assert here.by_activation is not None
        for k, b in enumerate(left.tolist()):
            program = _program(here, k, a[b], damping[b] * heavy, cap, there[b], penalty[k])
            good, step[k], tried[k] = program(here.missing[k])
            solved[k] = good
            if good:
                expected = here.missing[k] + here.by_posture[k] @ step[k] + here.by_activation[k] @ (tried[k] - a[b])
                promised[k] = before[k] - (0.5 * np.sum(tried[k] ** 2) + 0.5 * penalty[k] * np.sum(expected**2))
        moved = lambda step: _moved(q[left], active, step @ free.posture.T)  # noqa: B023, E731
        there_now = look(left, moved(step), tried, here.tone, second=False)
        after = cost(there_now.missing, tried)
        best_step, best_a, missing = step.copy(), tried.copy(), there_now.missing
        for _ in range(CORRECTIONS):
            # The balance bends along a step: ask the same program again with what is really missing at its end.
            again = np.flatnonzero(solved & (after > before - 0.5 * promised))
            if again.size == 0:
                break
            for k in again.tolist():
                b = int(left[k])
                program = _program(here, k, a[b], damping[b] * heavy, cap, there[b], penalty[k])
                straight = here.by_posture[k] @ step[k] + here.by_activation[k] @ (tried[k] - a[b])
                good, new_step, new_a = program(missing[k] - straight)
                if good:
                    step[k], tried[k] = new_step, new_a
            there_now = look(left, moved(step), tried, here.tone, second=False)
            missing = there_now.missing
            corrected = cost(missing, tried)
            better = corrected < after
            best_step[better], best_a[better] = step[better], tried[better]
            after = np.where(better, corrected, after)
        taken = solved & (after < before)
        ratio = np.where(solved, (before - after) / np.maximum(promised, 1e-14), 0.0)
        small = solved & (promised < SMALL * np.maximum(before, 1e-4))
        damping[left] = np.clip(
            damping[left]
            * np.where(taken, np.where(ratio > 0.75, 0.2, np.where(ratio > 0.25, 1.0, 3.0)), 8.0),
            LEAST_DAMPING, 1e8,
        )  # fmt: skip
        q[left[taken]] = moved(best_step)[taken]
        a[left[taken]] = best_a[taken]
        iterations[left] += 1
        onward = small | ((ratio > 0.9) & (promised < 0.02 * before))
        last = stage[left] == len(PENALTIES) - 1
        done = small & last
        stage[left] = np.where(onward & ~last, stage[left] + 1, stage[left])
        left = left[~done]
        tell(max(1.0 - left.size / count, (number + 1) / STEPS))
        if left.size == 0:
            break
        here = look(left, q[left], a[left], here.tone[~done])
    return q, a @ free.muscles.T, iterations, ~np.isin(np.arange(count), left)


def _moved(coordinates: Array, active: Index, step: Array) -> Array:
    moved = coordinates.copy()
    moved[:, active] += step
    return moved


def _program(
    here: Look, k: int, a: Array, damping: Array, cap: Array, there: Array, penalty: float
) -> Callable[[Array], tuple[bool, Array, Array]]:
    """The quadratic program of one body at a posture, for any rows that are missing there."""
    assert here.by_posture is not None
    assert here.by_activation is not None
    pulls = here.by_activation[k]
    rows, size, strings = pulls.shape[0], cap.size, a.size
    scale = 1.0 / np.sqrt(damping)  # with unknowns scaled so, the program's Hessian is the unit matrix
    matrix = np.hstack([here.by_posture[k] * scale, pulls, np.eye(rows) / np.sqrt(penalty)])
    length = np.linalg.norm(matrix, axis=1)
    matrix /= length[:, None]
    whole = np.eye(size + strings + rows)
    far = np.full(rows, np.inf)

    def solve(missing: Array) -> tuple[bool, Array, Array]:
        target = (pulls @ a - missing) / length
        found = quadratic(
            whole, np.zeros(size + strings + rows), matrix,
            np.concatenate([-cap / scale, np.zeros(strings), -far, target]),
            np.concatenate([cap / scale, there, far, target]),
        )  # fmt: skip
        if not found.solved:
            return False, np.zeros(size), a
        return True, found.x[:size] * scale, np.clip(found.x[size : size + strings], 0.0, there)

    return solve
