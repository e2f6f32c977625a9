r"""How a rest changes over minutes: tissue that is held gives way, and the body is let come to rest again and again.

A muscle's passive fibers are a bundle: one share of the curve stays, two have a dashpot in series that flows (generalized
Maxwell model). So have the moments of the spine's segments and of the hip capsule in bending, with one dashpot each. From one
moment to the next the dashpots flow at fixed lengths, then the body settles:

.. math:: E(q_n, \alpha_{n+1}) \le E(q_n, \alpha_n), \qquad q_{n+1} = \arg\min_q E(q, \alpha_{n+1})

Each half lowers the potential energy, so it never rises, whatever the steps. Between two moments the grips take hold anew in
the floor's plane under their patches, keeping their force and with it their energy: what sticks rolls, and does not slide.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from psoas.anatomy import tables
from psoas.body.model import Array, Body, Flags
from psoas.energy import evaluate
from psoas.equilibrium import RESIDUAL_FORCE, RESIDUAL_MOMENT, WARM, Equilibrium, settle
from psoas.errors import InputError
from psoas.mechanics.joint import passive_resistance
from psoas.mechanics.muscle import passive_fiber_curve
from psoas.mechanics.relaxation import eased, of_long_time, relaxation_time
from psoas.person import value
from psoas.placement import anchor, hold_legs
from psoas.quantities import LEVELS, Measured, measure
from psoas.uncertainty import FEWEST, HIGH, LOW, SEED, Change, Estimate
from psoas.units import Quantity

SHORTEST, LONGEST = 1.0, 60.0
"""Minutes that may be asked for: the sources rest from 5 to 60. Over hours discs fill, which is left out [min]."""
MEMBERS = 32
"""Bodies of an ensemble that are followed."""
SHOWN = (0.0, 60.0, 300.0, 600.0, 1200.0)
"""Moments that a table shows, as far as they lie within [s]."""
FIRST_STEP, STEPS = 5.0, 14
"""The first step in time, and how many there are of growing length [s], [-]."""
STANDS_FOR = ("start", "end")
"""What the resting body may stand for: tissue just laid down, or tissue that has given way."""
TOPPLED = np.deg2rad(15.0)
"""How far a hip may turn within one step before its leg counts as fallen [rad]."""


OF_LONG_TIME = 0.25
"""How often the muscle's shares are drawn as shares of the force that stays; a judgment [-]."""


@dataclass(frozen=True)
class Law:
    """How the tissue of ``B`` bodies gives way; from :func:`usual_law` or :func:`drawn_law`."""

    muscle_share: Array
    """Shares of the passive fibers' force that go, fast and slow (B, 2) [-]."""
    muscle_time: Array
    """Their time constants at constant length (B, 2) [s]."""
    joint_share: Array
    """Share of each joint's moment that goes (B, coordinates) [-]."""
    joint_time: Array
    """Its time constant at constant angle (B, coordinates) [s]."""
    tone_fall: Array
    """Share of the resting tone of psoas and iliacus that goes: an assumption someone makes (B,) [-]."""
    tone_time: Array
    """Its time constant (B,) [s]."""


@dataclass(frozen=True)
class Band:
    """One quantity over time: the ensemble's median, and its 5th and 95th percentile."""

    name: str
    """As in :func:`psoas.quantities.measure`."""
    unit: str
    """A unit of ``psoas.units``."""
    low: Array
    """(t,) [unit]."""
    median: Array
    """(t,) [unit]."""
    high: Array
    """(t,) [unit]."""
    sources: tuple[str, ...]
    """Keys of ``anatomy/sources.bib``."""

    def at(self, moment: int) -> Quantity:
        """The quantity at one of the times.

        Args:
            moment: Its place among them.
        Raises:
            InputError: A value is not a finite number.
        """
        low, median, high = (float(x[moment]) for x in (self.low, self.median, self.high))
        return Quantity(self.name, median, self.unit, low, high, self.sources)


@dataclass(frozen=True)
class TimeCourse:
    """A rest over minutes, as :func:`time_course` gives it: a model's estimate of tissue, not of what is felt."""

    status: str
    """``converged`` or ``not_converged``."""
    message: str
    """A sentence: that the body kept resting, or when and why not."""
    times: Array
    """Since lying down (t,) [s]."""
    quantities: Mapping[str, Band]
    """By name; the same at the first moment as those of the resting body. Empty unless converged."""
    changes: Mapping[str, Change]
    """From the first moment to the last, body by body; empty without an ensemble."""
    energy: Array
    """Potential energy of the default body, gravity and all springs, less that at first (t,) [J]."""
    members: int
    """Bodies behind the bands; 0 for the default body alone."""
    stands_for: str
    """One of ``STANDS_FOR``."""
    tone_fall: float
    """Share of resting tone that was assumed to go [-]."""
    warnings: tuple[str, ...]
    """What to know before reading, a clause each."""
    solve_seconds: float
    """Time it took by the clock on the wall [s]."""

    @property
    def shown(self) -> tuple[int, ...]:
        """Places among the times of those that a table shows: ``SHOWN`` as far as they lie within, and the last."""
        wanted = [t for t in SHOWN if t < self.times[-1]] + [float(self.times[-1])]
        return tuple(int(np.argmin(np.abs(self.times - t))) for t in wanted)


# -- the law ------------------------------------------------------------------------------------------


def usual_law(body: Body, tone_fall: float = 0.0) -> Law:
    """The default rows of ``relaxation.csv`` for all bodies.

    Args:
        body: ``B`` bodies.
        tone_fall: Share of resting tone that goes, 0 to 1 [-].
    Returns:
        The law (B, ...).
    Raises:
        DataError: The table lacks a row.
    """
    one = np.ones(body.count)
    return _law(
        body, one[:, None] * [_row("muscle", "share_fast"), _row("muscle", "share_slow")],
        one[:, None] * [_row("muscle", "time_fast"), _row("muscle", "time_slow")],
        one * _row("lumbar_segment", "share"), one * _row("hip_capsule", "share"), one * _row("lumbar", "creep_time"),
        one * tone_fall, one * _row("tone", "fall_time"),
    )  # fmt: skip


def drawn_law(body: Body, places: Iterable[int], tone_fall: float = 0.0, seed: int = SEED) -> Law:
    """A law for each member of an ensemble, drawn from the spreads and rivals of ``relaxation.csv``.

    Shares are normal, cut at two standard deviations; time constants log-normal. Whether the muscle's shares are of the force
    at once or of the force that stays is drawn three to one: what was measured in living hamstrings and calves lies nearer the
    first.

    Args:
        body: ``B`` bodies.
        places: Of the members among the draws (B,); the same place gets the same law.
        tone_fall, seed: As in :func:`usual_law`, :func:`psoas.uncertainty.draws`.
    Returns:
        The law (B, ...).
    Raises:
        DataError: The table lacks a row.
    """
    table = tables.load("relaxation")
    shares, constants, others = [], [], []
    for place in places:
        rng = np.random.default_rng([seed, int(place), 20])

        def z(rng: np.random.Generator = rng) -> float:
            return float(np.clip(rng.standard_normal(), -2.0, 2.0))

        def normal(id: str, quantity: str, by: float) -> float:
            row = table.get(id, quantity)
            return max(row.number + by * float(row.sd_si[0]), 0.0)

        def longer(id: str, quantity: str, by: float) -> float:
            row = table.get(id, quantity)
            return row.number * math.exp(by * float(row.sd_si[0]) / row.number)

        more = z()  # who gives way more does so fast and slow
        drawn = np.array([normal("muscle", "share_fast", more), normal("muscle", "share_slow", more)])
        shares.append(of_long_time(drawn) if rng.random() < OF_LONG_TIME else drawn)
        constants.append([longer("muscle", "time_fast", z()), longer("muscle", "time_slow", z())])
        alone = [normal("lumbar_segment", "share", z()), normal("hip_capsule", "share", z())]
        others.append([*alone, longer("lumbar", "creep_time", z()), longer("tone", "fall_time", z())])
    spine, capsule, creep, fading = np.array(others).T
    fall = np.full(body.count, tone_fall)
    return _law(body, np.array(shares), np.array(constants), spine, capsule, creep, fall, fading)


def _row(id: str, quantity: str) -> float:
    return value("relaxation", id, quantity)


def _law(
    body: Body, share: Array, constant: Array, spine: Array, capsule: Array, creep: Array, fall: Array, fading: Array
) -> Law:
    tree = body.tree
    joint_share = np.zeros((body.count, len(tree.coordinates)))
    for level in LEVELS:
        for axis in ("flexion", "abduction", "rotation"):
            joint_share[:, tree.coordinate(level, axis)] = spine
    for end in ("_r", "_l"):
        joint_share[:, tree.coordinate("femur" + end, "flexion")] = capsule
    return Law(share, constant, joint_share, relaxation_time(creep[:, None], joint_share), fall, fading)


# -- the run ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """``B`` bodies at each moment."""

    times: Array
    """(t,) [s]."""
    states: tuple[Equilibrium, ...]
    """How they rest then (t,); a body that lost its rest stays where it was lost."""
    energy: Array
    """Potential energy (t, B) [J]."""
    lost: Array
    """When a body's rest was lost, or infinity (B,) [s]."""


def moments(minutes: float) -> Array:
    """When to let the body settle anew: steps that grow, and the moments of a table among them.

    Args:
        minutes: How long the rest is [min].
    Returns:
        Times from 0 to the end (t,) [s].
    """
    end = 60.0 * minutes
    growing = np.geomspace(FIRST_STEP, max(end, 2.0 * FIRST_STEP), STEPS)
    marks = np.array([t for t in SHOWN if t < end] + [end])
    apart = np.min(np.abs(np.log(growing[:, None] / np.maximum(marks, 1e-3))), axis=1) > 0.15
    return np.unique(np.concatenate([marks, growing[apart & (growing < end)]]))


def giving_way(body: Body, law: Law, stands_for: str = "start") -> Body:
    """The same bodies as bundles that can give way, none of which has yet.

    Args:
        body: ``B`` bodies.
        law: How they give way.
        stands_for: What the passive laws of ``body`` are: those at once (``start``), or those that stay (``end``), in which
            case the shares that go come on top.
    Returns:
        Bodies with shares and flows.
    Raises:
        InputError: ``stands_for`` is neither.
    """
    if stands_for not in STANDS_FOR:
        raise InputError(f"stands_for is {stands_for!r}; give start or end")
    muscles = len(body.tree.muscles)
    go = np.repeat(law.muscle_share[:, None], muscles, axis=1)
    stay = 1.0 - go.sum(-1, keepdims=True)
    share = np.concatenate([stay, go], axis=-1)
    joint = np.stack([1.0 - law.joint_share, law.joint_share], axis=-1)
    if stands_for == "end":
        share, joint = share / stay, joint / joint[..., :1]
    return replace(
        body, passive_share=share, passive_flow=np.zeros_like(share), joint_share=joint, joint_flow=np.zeros_like(joint)
    )


def long_held(body: Body) -> Body:
    """Bodies as :func:`giving_way` gives them, with all that can go gone for good (``B`` bodies)."""
    assert body.passive_share is not None
    assert body.joint_share is not None

    def first(share: Array) -> Array:
        kept = np.zeros_like(share)
        kept[..., 0] = share[..., 0]
        return kept

    return replace(body, passive_share=first(body.passive_share), joint_share=first(body.joint_share))


def flowed(body: Body, law: Law, coordinates: Array, fiber_length: Array, step: float) -> Body:
    """The bodies after their dashpots have flowed for a while at fixed lengths.

    Args:
        body: As :func:`giving_way` gives them.
        law: How they give way.
        coordinates: Where they are (B, coordinates) [m, rad].
        fiber_length: (B, muscles) [m].
        step: How long [s].
    Returns:
        The same bodies, flowed.
    """
    assert body.passive_flow is not None
    assert body.joint_flow is not None
    shape, strain, start = (x[..., None] for x in (body.passive_shape, body.passive_strain, body.passive_start))

    def fiber(stretch: Array) -> tuple[Array, Array]:
        found = passive_fiber_curve(start + stretch, shape, strain, start)
        return found.force, found.stiffness

    passive_flow = body.passive_flow.copy()
    stretch = (fiber_length / body.optimal_fiber_length - body.passive_start)[..., None] - passive_flow[..., 1:]
    keep = np.broadcast_to(np.exp(-step / law.muscle_time)[:, None], stretch.shape)
    passive_flow[..., 1:] += stretch - eased(fiber, stretch, keep)

    columns = np.flatnonzero((law.joint_share > 0.0).any(0))
    given = [x[:, columns] for x in (body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness)]

    def joint(away: Array) -> tuple[Array, Array]:
        found = passive_resistance(away, np.zeros_like(away), *given)
        return found.moment, found.stiffness

    joint_flow = body.joint_flow.copy()
    away = coordinates[:, columns] - body.neutral[:, columns] - joint_flow[:, columns, 1]
    joint_flow[:, columns, 1] += away - eased(joint, away, np.exp(-step / law.joint_time[:, columns]))
    return replace(body, passive_flow=passive_flow, joint_flow=joint_flow)


def run(state: Equilibrium, law: Law, times: Array, stands_for: str = "start") -> Run:
    """Follow ``B`` bodies that have come to rest.

    What sticks keeps sticking; whether it could is told by the friction demand.

    Args:
        state: The bodies at rest.
        law: How they give way.
        times: Since lying down, from 0, growing (t,) [s].
        stands_for: See :func:`giving_way`; with ``end`` they settle once more before the first moment.
    Returns:
        How they rest at each of the times.
    Raises:
        InputError: ``stands_for`` is neither of ``STANDS_FOR``.
    """
    body = giving_way(state.body, law, stands_for)
    tone = body.tone
    state = replace(state, body=body)
    if stands_for == "end":
        state, _ = _settled(state)
    now = state.evaluation()
    lost = np.where(state.converged, np.inf, 0.0)
    states, energy = [state], [now.energy]
    hips = [body.tree.coordinate("femur" + end, axis) for end in ("_r", "_l") for axis in ("abduction", "rotation")]
    for before, after in pairwise(times):
        left = np.exp(-after / law.tone_time)
        fallen = replace(
            flowed(state.body, law, state.coordinates, now.muscle.fiber_length, float(after - before)),
            tone=tone * (1.0 - law.tone_fall * (1.0 - left))[:, None],
        )
        rolled = anchor(fallen, state.support, state.coordinates, now.grip_force)
        rolled = hold_legs(fallen, rolled, state.coordinates, None if now.legs is None else now.legs.friction)
        found, rests = _settled(replace(state, body=fallen, support=rolled))
        turned = np.max(np.abs(found.coordinates[:, hips] - state.coordinates[:, hips]), axis=1)
        gone = (lost == np.inf) & ~(rests & (turned < TOPPLED))
        lost[gone] = after
        state = found
        now = state.evaluation()
        states.append(replace(state, converged=lost == np.inf))
        energy.append(now.energy)
    return Run(times, tuple(states), np.array(energy), lost)


def _settled(state: Equilibrium) -> tuple[Equilibrium, Flags]:
    """The bodies at rest again on the grips they have, and which of them are."""
    found, _ = settle(state.body, state.support, state.coordinates, tolerance=1e-6, most_iterations=60, damping=WARM)
    coordinates = state.coordinates.copy()
    coordinates[:, state.body.tree.active] = found.x
    gradient = np.abs(
        evaluate(state.body, state.support, coordinates, second=False).gradient[:, state.body.tree.active]
    )
    force, moment = gradient[:, :3].max(1), gradient[:, 3:].max(1)
    rests = found.converged & (force < RESIDUAL_FORCE) & (moment < RESIDUAL_MOMENT)
    return replace(state, coordinates=coordinates, residual_force=force, residual_moment=moment), rests


# -- the answer ---------------------------------------------------------------------------------------


def check_minutes(minutes: float) -> float:
    """A length of rest that can be followed, ``SHORTEST`` to ``LONGEST`` [min].

    Args:
        minutes: As asked for [min].
    Raises:
        InputError: It is too short or long, or not a number.
    """
    if not SHORTEST <= minutes <= LONGEST:
        raise InputError(f"minutes is {minutes}; give {SHORTEST:.0f} to {LONGEST:.0f}")
    return float(minutes)


def time_course(
    answer: Estimate,
    minutes: float = 20.0,
    *,
    members: int = MEMBERS,
    tone_fall: float = 0.0,
    stands_for: str = "start",
) -> TimeCourse:
    """How an answer's bodies go on resting.

    Args:
        answer: From :func:`psoas.uncertainty.estimate`.
        minutes: How long, ``SHORTEST`` to ``LONGEST`` [min].
        members: How many of the answer's ensemble to follow, at most as many as it has; 0 for the default body alone.
        tone_fall: Share of resting tone that goes, 0 to 1; an assumption, none was found [-].
        stands_for: What the published passive laws stand for, see :func:`giving_way`.
    Returns:
        Posture, tension and gaps against time; ``not_converged``, with a sentence, where the answer is, or where the default
        body or more than a quarter of the others lose their rest.
    Raises:
        InputError: ``minutes``, ``tone_fall`` or ``stands_for`` cannot be used.
        DataError: ``relaxation.csv`` lacks a row.
    """
    began = time.perf_counter()
    times = moments(check_minutes(minutes))
    if not 0.0 <= tone_fall <= 1.0:
        raise InputError(f"tone fall is {tone_fall:g}; give 0 to 1")
    if stands_for not in STANDS_FOR:
        raise InputError(f"stands_for is {stands_for!r}; give start or end")
    nowhere = np.zeros(times.size)

    def none(message: str, energy: Array = nowhere) -> TimeCourse:
        spent = time.perf_counter() - began
        return TimeCourse("not_converged", message, times, {}, {}, energy, 0, stands_for, tone_fall, (), spent)

    if answer.status != "converged":
        return none(answer.message)
    alone = run(answer.nominal, usual_law(answer.nominal.body, tone_fall), times, stands_for)
    energy = alone.energy[:, 0] - alone.energy[0, 0]
    if alone.lost[0] < np.inf:
        return none(
            f"After {alone.lost[0] / 60.0:.2g} minutes the body no longer rests: it would move on from here.", energy
        )
    ensemble, count, warnings, followed = answer.ensemble, 0, [], alone
    if tone_fall and not answer.nominal.body.tone.any():
        warnings.append("there is no resting tone to fall, as this person is given none")
    if ensemble is not None and members:
        some = ensemble.take(np.arange(min(members, ensemble.body.count)))
        followed = run(some, drawn_law(some.body, answer.members[: some.body.count], tone_fall), times, stands_for)
        kept = np.flatnonzero(followed.lost == np.inf)
        count = int(kept.size)
        if count < FEWEST * some.body.count:
            return none(f"Only {count} of {some.body.count} bodies kept resting, too few for an honest range.", energy)
        if count < some.body.count:
            warnings.append(f"{some.body.count - count} of {some.body.count} bodies lose their rest and are left out")
        followed = replace(followed, states=tuple(s.take(kept) for s in followed.states))
    measured = [_measure(state) for state in followed.states]
    bands = {name: _band([m[name] for m in measured]) for name in measured[0]}
    return TimeCourse(
        status="converged",
        message=f"At rest throughout {minutes:g} minutes.",
        times=times,
        quantities=bands,
        changes={name: _change(measured[0][name], measured[-1][name]) for name in bands} if count else {},
        energy=energy,
        members=count,
        stands_for=stands_for,
        tone_fall=tone_fall,
        warnings=tuple(warnings),
        solve_seconds=time.perf_counter() - began,
    )


def _measure(state: Equilibrium) -> dict[str, Measured]:
    """What is followed: all quantities but those of single lines of muscle, and the demands on stiffness."""
    lines = {name.removesuffix("_r").removesuffix("_l") for name in state.body.tree.muscles} - {"psoas_minor"}
    return {
        name: found
        for name, found in measure(state).items()
        if not name.startswith("lateral_stiffness") and not any(name.startswith(f"{line}_") for line in lines)
    }


def _band(found: Sequence[Measured]) -> Band:
    table = np.array([m.values for m in found])
    low, median, high = np.percentile(table, [LOW, 50.0, HIGH], axis=1)
    if found[0].never_negative:
        low, median, high = (np.maximum(x, 0.0) for x in (low, median, high))
    return Band(found[0].name, found[0].unit, low, median, high, found[0].sources)


def _change(first: Measured, last: Measured) -> Change:
    difference = last.values - first.values
    low, change, high = (float(x) for x in np.percentile(difference, [LOW, 50.0, HIGH]))
    agree = max(np.mean(difference > 0.0), np.mean(difference < 0.0))
    sure = bool(agree >= 0.9 and (low > 0.0 or high < 0.0))
    return Change(first.name, Quantity(first.name, change, first.unit, low, high, first.sources), sure)


__all__ = ["Band", "Law", "Run", "TimeCourse", "check_minutes", "moments", "run", "time_course"]
