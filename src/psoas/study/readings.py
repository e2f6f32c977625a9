"""What is asked of the model: runs of the ensemble, and one number from each of its bodies.

Every difference is taken body by body: a member against itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from psoas import time_course, uncertainty
from psoas.body.build import build, build_many
from psoas.body.kinematics import pose
from psoas.body.model import Array, Index, take
from psoas.body.paths import muscle_paths
from psoas.body.variation import Variation
from psoas.energy import muscle_state
from psoas.equilibrium import Equilibrium, rest
from psoas.mechanics.joint import passive_resistance
from psoas.person import Limb, Person
from psoas.position import position, upright_position
from psoas.props import Prop, prop
from psoas.quantities import measure
from psoas.uncertainty import Ensemble, fitted_draws, settle_all, usual
from psoas.upright import answer as upright
from psoas.upright.balance import balance
from psoas.weights import Weight, laden

PLAIN = Person("female", 1.72, 68.0)
"""Whom every run is about: the person of ``examples/person.toml``."""
TITLES = {
    "supine": "straight", "constructive-rest": "constructive rest", "bolstered": "on cushions", "standing": "standing",
    "sitting": "sitting",
}  # fmt: skip
"""Positions in a word or two."""


def both(shortening: float) -> Person:
    """The person with both sides' hip flexors shortened by a fraction."""
    limb = Limb(hip_flexor_shortening=shortening)
    return replace(PLAIN, left=limb, right=limb)


@dataclass(frozen=True)
class Run:
    """One way in which the ensemble lies."""

    person: Person = PLAIN
    position: str = "supine"
    surface: str | None = None
    props: tuple[Prop, ...] = ()
    weights: tuple[Weight, ...] = ()
    flexors: bool = True
    """Whether psoas and iliacus are there."""
    values: tuple[tuple[str, float | str], ...] = ()
    """Of the position [SI]."""
    minutes: float = 0.0
    """How long it has lain so [min]."""

    def words(self) -> str:
        """In a few words."""
        said = [TITLES[self.position]]
        left, right = self.person.left.hip_flexor_shortening, self.person.right.hip_flexor_shortening
        if left and right:
            said.append(f"shortening {left:g}")
        elif left or right:
            said.append(f"shortening {max(left, right):g} on the {'left' if left else 'right'} only")
        for name, value in self.values:
            said.append(f"heels {value * 100:.0f} cm" if isinstance(value, float) else f"{name} {value}")
        said += [f"{one.id} {one.thickness * 100:g} cm" for one in self.props]
        said += [f"{one.mass:g} kg on the {one.place}" for one in self.weights]
        if self.surface:
            said.append(self.surface)
        if self.person.tone:
            said.append(f"tone {self.person.tone:g}")
        if self.person.psoas_minor:
            said.append("with psoas minor")
        if not self.flexors:
            said.append("psoas and iliacus left out")
        if self.minutes:
            said.append(f"{self.minutes:g} minutes")
        return ", ".join(said)


STRAIGHT = Run()
BENT = Run(position="constructive-rest")
STANDING = Run(position="standing")
SITTING = Run(position="sitting", values=(("trunk", "upright"),))
"""On a chair without leaning back, the chest held upright."""
LEANING = Run(position="sitting", values=(("support", "backrest"),))
"""On a chair, leaning back on its backrest."""
SLUMPED = Run(position="sitting")
"""On a chair without leaning back, the chest let go."""


def without_flexors(variation: Variation) -> Variation:
    """The same with psoas and iliacus too thin to pull."""
    return replace(variation, psoas_area=1e-9, iliacus_area=1e-9)


def heels(distance: float) -> Run:
    """Constructive rest with the heels at a distance [m]."""
    return replace(BENT, values=(("heel_distance", distance),))


def raised(height: float) -> Run:
    """Shoulders and head on firm cushions of a height [m], legs straight."""
    cushion = replace(prop("cushion"), thickness=height, soft=height, under="shoulders")
    return Run(position="bolstered", props=(cushion,))


@dataclass(frozen=True)
class Solved:
    """A run's equilibria, measured."""

    nominal: Equilibrium
    """The body of the default rows (1,)."""
    ensemble: Equilibrium
    """The members that came to rest (n,)."""
    members: Index
    """Their places among the draws (n,)."""
    default_values: dict[str, float]
    """By quantity [its unit]."""
    values: dict[str, Array]
    """By quantity (n,) [its unit]."""
    units: dict[str, str]
    """By quantity."""


@dataclass(frozen=True)
class Bench:
    """Solves runs, each once."""

    members: int = uncertainty.MEMBERS
    """Bodies in the ensemble."""
    say: Callable[[str], None] = lambda words: None
    """Where progress goes."""

    def solve(self, run: Run) -> Solved:
        """The default body and the ensemble in a run."""
        return _solve(self, run)


@lru_cache(maxsize=256)
def _solve(bench: Bench, run: Run) -> Solved:
    if run.minutes:
        return _held(bench, run)
    bench.say(run.words())
    if run.position in ("standing", "sitting"):
        return _upright(bench, run)
    resting = position(run.position).with_values(run.surface, **dict(run.values))
    default, bodies = Variation(), usual(run.person, bench.members)
    if not run.flexors:
        default, bodies = (
            without_flexors(default),
            Ensemble(bodies.people, tuple(map(without_flexors, bodies.variations))),
        )
    nominal = rest(laden(build(run.person, default), run.weights), resting, run.props)
    everyone = settle_all(bodies, resting, run.props, nominal, run.weights)
    kept = np.flatnonzero(everyone.converged)
    return _measured(nominal, everyone.take(kept), kept)


def _upright(bench: Bench, run: Run) -> Solved:
    """Standing or sitting: fewer bodies, since each takes several times as long."""
    where = upright_position(run.position).with_values(None, **dict(run.values))
    default = balance(build(run.person), where)
    everyone = upright.ensemble(run.person, where, min(bench.members, upright.MEMBERS), default).equilibrium
    kept = np.flatnonzero(everyone.converged)
    return _measured(default.equilibrium, everyone.take(kept), kept)


def _held(bench: Bench, run: Run) -> Solved:
    """The same run after so many minutes."""
    start = bench.solve(replace(run, minutes=0.0))
    bench.say(run.words())
    times = time_course.moments(run.minutes)
    alone = time_course.run(start.nominal, time_course.usual_law(start.nominal.body), times)
    law = time_course.drawn_law(start.ensemble.body, start.members)
    followed = time_course.run(start.ensemble, law, times)
    rests = np.flatnonzero(followed.lost == np.inf)
    return _measured(alone.states[-1], followed.states[-1].take(rests), start.members[rests])


def _measured(nominal: Equilibrium, ensemble: Equilibrium, members: Index) -> Solved:
    one = measure(nominal)
    return Solved(
        nominal, ensemble, members, {name: float(found.values[0]) for name, found in one.items()},
        {name: found.values for name, found in measure(ensemble).items()}, {name: found.unit for name, found in one.items()},
    )  # fmt: skip


HEELS = (0.20, 0.3048, 0.4064, 0.55)
"""Heel distances that are compared; the second and third are 12 and 16 inches [m]."""


# -- readings -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """One number from each member, and from the default body."""

    nominal: float
    values: Array
    """(n,)."""
    members: Index
    """Whose they are (n,)."""


Ask = Callable[[Bench], Reading]
"""What reads a number off the ensemble."""


def of(name: str, run: Run) -> Ask:
    """A quantity of a run."""

    def ask(bench: Bench) -> Reading:
        solved = bench.solve(run)
        return Reading(float(solved.default_values[name]), solved.values[name], solved.members)

    return ask


def change(name: str, before: Run, after: Run) -> Ask:
    """A quantity's change from one run to another, member by member."""

    def ask(bench: Bench) -> Reading:
        a, b = of(name, before)(bench), of(name, after)(bench)
        members, i, j = np.intersect1d(a.members, b.members, return_indices=True)
        return Reading(b.nominal - a.nominal, b.values[j] - a.values[i], members)

    return ask


def difference(one: Ask, other: Ask) -> Ask:
    """One reading less another, member by member."""

    def ask(bench: Bench) -> Reading:
        a, b = one(bench), other(bench)
        members, i, j = np.intersect1d(a.members, b.members, return_indices=True)
        return Reading(a.nominal - b.nominal, a.values[i] - b.values[j], members)

    return ask


def total(asks: list[Ask], weights: list[float]) -> Ask:
    """A weighted sum of readings."""

    def ask(bench: Bench) -> Reading:
        found = [one(bench) for one in asks]
        members = found[0].members
        return Reading(
            sum(w * f.nominal for w, f in zip(weights, found, strict=True)),
            np.sum([w * f.values for w, f in zip(weights, found, strict=True)], 0),
            members,
        )

    return ask


def across(name: str, before: Run, after: Run) -> Ask:
    """A quantity of any body after, less that of any other body before: what one look at one person has to go by."""

    def ask(bench: Bench) -> Reading:
        a, b = of(name, before)(bench), of(name, after)(bench)
        return Reading(
            b.nominal - a.nominal, (b.values[:, None] - a.values).ravel(), np.repeat(b.members, a.members.size)
        )

    return ask


def where_below(one: Ask, other: Ask, limit: float) -> Ask:
    """The first reading of those members whose second lies below a limit."""

    def ask(bench: Bench) -> Reading:
        a, b = one(bench), other(bench)
        members, i, j = np.intersect1d(a.members, b.members, return_indices=True)
        kept = b.values[j] < limit
        return Reading(a.nominal, a.values[i][kept], members[kept])

    return ask


def largest_part(one: Ask, other: Ask) -> Ask:
    """The first reading over the sum of both [%]."""

    def ask(bench: Bench) -> Reading:
        a, b = one(bench), other(bench)
        return Reading(
            100 * a.nominal / max(a.nominal + b.nominal, 1e-9),
            100 * a.values / np.maximum(a.values + b.values, 1e-9),
            a.members,
        )

    return ask


def middle_against_ends(name: str) -> Ask:
    """A quantity at 12 and 16 inches, the larger, less the smaller of that nearer and farther."""

    def ask(bench: Bench) -> Reading:
        found = [of(name, heels(d))(bench) for d in HEELS]
        shared = found[0].members
        for f in found[1:]:
            shared = np.intersect1d(shared, f.members)
        table = np.array([f.values[np.isin(f.members, shared)] for f in found])
        n = np.array([f.nominal for f in found])
        return Reading(
            float(max(n[1], n[2]) - min(n[0], n[3])),
            np.maximum(table[1], table[2]) - np.minimum(table[0], table[3]),
            shared,
        )

    return ask


def arm_between(levels: tuple[str, ...], run: Run, degrees: float) -> Ask:
    """How much longer the psoas gets where each of these levels flattens by so many degrees [mm]."""
    # Moment arm + extends: flattening (flexion) by dθ lengthens a muscle with a positive arm by arm times dθ.
    asks = [of(f"psoas_major_{level}_moment_arm_left", run) for level in levels]
    return total(asks, [float(np.deg2rad(degrees))] * len(asks))


def tension(run: Run) -> Ask:
    """What the left psoas major pulls with, passive and active [N]."""
    return _each(run, lambda state: _hip(state)[0])


def hip_share(run: Run) -> Ask:
    """The left psoas major's share of all that bends the left hip: muscles and capsule [%]."""
    return _each(run, lambda state: _hip(state)[1])


def _each(run: Run, read: Callable[[Equilibrium], Array]) -> Ask:
    def ask(bench: Bench) -> Reading:
        solved = bench.solve(run)
        return Reading(float(read(solved.nominal)[0]), read(solved.ensemble), solved.members)

    return ask


def _hip(state: Equilibrium) -> tuple[Array, Array]:
    """Tension of the left psoas [N], and its share of the moments that bend the left hip [%] (B,) each."""
    body, now = state.body, state.evaluation()
    column = body.tree.coordinate("femur_l", "flexion")
    muscles = -now.muscle.tension * now.paths.arms[:, :, column]  # + bends the hip
    joint = -passive_resistance(
        state.coordinates, body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness
    ).moment[:, column]
    rows = [i for i, m in enumerate(body.tree.muscles) if m.startswith("psoas_major") and m.endswith("_l")]
    bending = np.maximum(muscles, 0.0).sum(1) + np.maximum(joint, 0.0)
    share = 100.0 * np.maximum(muscles[:, rows], 0.0).sum(1) / np.maximum(bending, 1e-9)
    return now.muscle.tension[:, rows].sum(1), np.where(bending > 0.05, share, 0.0)


def relative(one: Ask, other: Ask) -> Ask:
    """One reading over another, member by member [%]."""

    def ask(bench: Bench) -> Reading:
        a, b = one(bench), other(bench)
        members, i, j = np.intersect1d(a.members, b.members, return_indices=True)
        return Reading(100.0 * a.nominal / b.nominal, 100.0 * a.values[i] / b.values[j], members)

    return ask


TRUNK = ("pelvis", "lumbar", "ribs", "upper_back", "head")
"""Places under the trunk that floor, cushion or seat can bear."""


def trunk_borne(run: Run) -> Ask:
    """Share of the weight that floor, cushions or seat bear under trunk and head [%]."""

    def ask(bench: Bench) -> Reading:
        solved = bench.solve(run)
        named = [f"support_force_{place}" for place in TRUNK if f"support_force_{place}" in solved.values]
        borne = np.sum([solved.values[name] for name in named], 0) / solved.values["support_force_total"]
        alone = sum(solved.default_values[name] for name in named) / solved.default_values["support_force_total"]
        return Reading(100.0 * alone, 100.0 * np.broadcast_to(borne, solved.members.shape), solved.members)

    return ask


EXTENSIONS = np.deg2rad(np.arange(-45.0, 61.0, 1.0))
"""Hip flexions tried [rad]."""
HIP_MOMENT = 15.0
"""Moment at which the hip's extension is read, about what a hanging thigh gives in a Thomas test [N·m]."""


@lru_cache(maxsize=8)
def extension_limits(person: Person, members: int) -> tuple[Array, Array]:
    """Hip flexion at which the left hip resists extension with ``HIP_MOMENT``, spine as standing: default, members [deg]."""
    found = []
    for body in (build(person), build_many(person, fitted_draws(person, members))):
        femur, knee = body.tree.coordinate("femur_l", "flexion"), body.tree.coordinate("tibia_l", "flexion")
        limits = []
        for k in range(body.count):
            many = take(body, np.full(EXTENSIONS.size, k))
            q = many.standing.copy()
            q[:, femur], q[:, knee] = EXTENSIONS, np.deg2rad(-15.0)
            paths = muscle_paths(many, pose(many, q))
            tension = muscle_state(many, paths.length).tension
            muscles = -np.sum(tension * paths.arms[:, :, femur], 1)
            joint = passive_resistance(
                q, many.neutral, many.stop_threshold, many.stop_scale, many.stop_rate, many.stiffness
            ).moment[:, femur]
            moment = muscles - joint  # + toward flexion, falls as the hip flexes
            above = np.flatnonzero(moment > HIP_MOMENT)
            at = above[-1] if above.size else 0
            limits.append(np.rad2deg(EXTENSIONS[at]))
        found.append(np.array(limits))
    return found[0], found[1]


def extension_lost(shortening: float) -> Ask:
    """How much earlier the hip resists extension with this shortening than with none [deg]."""

    def ask(bench: Bench) -> Reading:
        plain, short = extension_limits(PLAIN, bench.members), extension_limits(both(shortening), bench.members)
        return Reading(float(short[0][0] - plain[0][0]), short[1] - plain[1], np.arange(bench.members))

    return ask
