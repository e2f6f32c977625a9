"""How sure we are: a fixed, seeded ensemble over published spreads and rival anatomy, re-solved for every answer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import Body, Index, stack, take
from psoas.body.paths import muscle_paths
from psoas.body.variation import AREA_TABLES, DISC_LAWS, PASSIVE_CURVES, PASSIVE_SUMS, PSOAS_PATHS, Variation
from psoas.energy import muscle_state
from psoas.equilibrium import Equilibrium, rest
from psoas.errors import InputError
from psoas.person import Person, values
from psoas.placement import Conditions, carry_back, conditions, place
from psoas.position import Position, position
from psoas.props import Prop
from psoas.quantities import PARTS, Array, Measured, measure
from psoas.units import Quantity
from psoas.weights import Weight, check_lying, laden

MEMBERS = 96
"""Bodies in the ensemble."""
SEED = 20260101
"""Of the ensemble's draws: the same people get the same bodies, run after run."""
LOW, HIGH = 5.0, 95.0
"""Percentiles of an interval."""
ILIACUS_SHARE = 0.6
"""Passive force of iliacus over that of psoas major when standing, as their areas in the default rows [-]."""
PSOAS_FORCE = (0.0, 140.0)
"""Range of psoas major's passive force when standing straight that fits the published sums, sampled evenly [N]."""
HIP_ZERO = np.deg2rad(3.5)
"""Half of how far published zeros of the hip lie apart, sampled evenly [rad]."""
FEWEST = 0.75
"""Share of the ensemble that must come to rest for an interval to be given."""
DRAWN_UP = 20.0
"""Knee flexion from which legs laid straight count as drawn up [deg]."""
NOBODY = np.zeros(0, dtype=np.intp)
ROLLED_START = np.deg2rad(25.0)
"""How far a body on its side is rolled either way to look for another resting place [rad]."""
DISTINCT = np.deg2rad(3.0)
"""How far apart two resting places must be in some joint of trunk or legs to count as two [rad]."""


@dataclass(frozen=True)
class Alternative:
    """Another way the same body could come to rest, or the same without an assumption."""

    title: str
    """What is different, in words."""
    differs: Mapping[str, tuple[float, str]]
    """Differences of the default body from how it rests in the answer, by quantity: the change, and its unit as in
    ``Quantity.unit`` [that unit]. Empty where no such resting place was found, which the title then says."""


@dataclass(frozen=True)
class Estimate:
    """The answer for one person in one position, as :func:`estimate` gives it."""

    person: Person
    """Who lies."""
    position: Position
    """How, its parameters set."""
    props: tuple[Prop, ...]
    """On what."""
    weights: tuple[Weight, ...]
    """What lies on them."""
    status: str
    """``converged`` or ``not_converged``."""
    message: str
    """A sentence: that the default body rests, or why there is no answer."""
    quantities: Mapping[str, Quantity]
    """Results by name, each in its own unit: the ensemble's median, and its 5th and 95th percentile as low and high (the
    default body's value for all three without an ensemble). Empty unless converged."""
    nominal: Equilibrium
    """The body of the default rows, which says whether the position holds at all."""
    ensemble: Equilibrium | None
    """The ``n`` members that came to rest; ``None`` without an ensemble or an answer."""
    typical: Equilibrium
    """The one of them that rests nearest the middle of all, to draw; the default body without an ensemble."""
    members: Index
    """Places of the ensemble's members among the draws (n,), empty without an ensemble."""
    alternatives: tuple[Alternative, ...]
    """Other ways it could rest; empty where none was looked for or found."""
    warnings: tuple[str, ...]
    """What to know before reading the numbers, a clause each."""
    solve_seconds: float
    """Time it took by the clock on the wall [s]."""
    built: tuple[Person, Variation] | None = None
    """What the one to draw was built from; ``None`` for the default body."""

    @property
    def residual(self) -> float:
        """Largest unbalanced force or moment of any body of the answer [N, N·m]."""
        bodies = [self.nominal] + ([self.ensemble] if self.ensemble is not None else [])
        return float(max(max(b.residual_force.max(), b.residual_moment.max()) for b in bodies))


@dataclass(frozen=True)
class Change:
    """A quantity's change from one position to another: the median over members, each against itself."""

    name: str
    """Of the quantity."""
    quantity: Quantity
    """The change in the quantity's own unit and from its sources: median, 5th and 95th percentile."""
    sure: bool
    """Whether nine members in ten agree on the sign, and the interval leaves out zero."""


@lru_cache(maxsize=8)
def draws(members: int = MEMBERS, seed: int = SEED) -> tuple[Variation, ...]:
    """The ensemble's variations, the same for everyone.

    Only draws are taken whose average adult keeps the summed passive hip moment inside the published band (they are listed
    in ``fitted.csv`` by ``design/draw_ensemble.py``); beyond the list, and for another seed, draws are taken as they come.

    Args:
        members: How many.
        seed: Of the draws.
    Returns:
        The variations (members,); the forces of psoas and iliacus still stand for their neutral stretch, see
        :func:`fitted_draws`.
    Raises:
        DataError: ``fitted.csv`` lacks its row.
    """
    accepted = [int(k) for k in values("fitted", "ensemble", "accepted_draws")] if seed == SEED else []
    first = accepted[-1] + 1 if accepted else 0
    places = [*accepted, *range(first, first + members)][:members]
    return tuple(draw(place, seed) for place in places)


def draw(place: int, seed: int = SEED) -> Variation:
    """One draw.

    Where a default row is chosen it is as likely as its rivals together; otherwise rivals are even. Spreads are normal, cut
    at two standard deviations; factors are log-normal. The psoas's passive force when standing is sampled over the whole
    range that fits the published sums, the iliacus follows by its strength, and the capsule gives way so that the sum stays.

    Args:
        place: Of the draw in its series.
        seed: Of the series.
    Returns:
        The variation; ``psoas_stretch`` and ``iliacus_stretch`` hold the wanted forces [N].
    """
    rng = np.random.default_rng([seed, place])

    def z() -> float:
        return float(np.clip(rng.standard_normal(), -2.0, 2.0))

    def pick(rivals: Sequence[str], weights: Sequence[float] | None = None) -> str:
        return str(rng.choice(list(rivals), p=weights))

    force = float(rng.uniform(*PSOAS_FORCE))
    carried = force * 0.025 + ILIACUS_SHARE * force * 0.036  # at the moment arms of psoas and iliacus, standing [m]
    return Variation(
        pelvic_incidence=z(),
        lumbosacral_distance=z(),
        lumbar_profile=(z(), z(), z(), z(), z(), z()),
        kyphosis=0.12 * z(),
        hip_zero=float(HIP_ZERO * rng.uniform(-1.0, 1.0)),
        disc_law=pick(DISC_LAWS, (0.5, 0.25, 0.25)),
        disc_stiffness=float(np.exp(0.3 * z())),
        psoas_path=pick(PSOAS_PATHS, (0.5, 0.25, 0.25)),
        psoas_areas=pick(AREA_TABLES, (0.75, 0.25)),
        psoas_area=float(np.exp(0.35 * z())),
        iliacus_area=float(np.exp(0.35 * z())),
        passive_curve=pick(PASSIVE_CURVES),
        psoas_stretch=force,
        iliacus_stretch=ILIACUS_SHARE * force,
        hip_sum=pick(PASSIVE_SUMS),
        capsule_share=float(np.clip(1.0 - carried / 8.0, 0.05, 1.0) * np.exp(0.2 * z())),
        neighbor_stretch=0.03 * z(),
        back_tissue=z(),
        back_profile=z(),
        buttock=z(),
        thigh_flesh=z(),
        tissue_modulus=float(np.exp(0.5 * z())),
        head_rise=z(),
        lateral_tone=float(np.exp(0.5 * z())),
        friction=float(np.exp(0.2 * z())),
        trunk_grip=pick(("pelvis", "back", "both"), (0.5, 0.25, 0.25)),
        flank=z(),  # from here on last, so that no other draw moves
        breadth=(z(), z(), z(), z()),
    )


def fitted_draws(person: Person, members: int = MEMBERS, seed: int = SEED) -> tuple[Variation, ...]:
    """The draws for one person: neutral stretches chosen so that psoas and iliacus carry the force that was drawn.

    Args:
        person: Measurements; shortening is left out here, it comes on top.
        members, seed: See :func:`draws`.
    Returns:
        Variations ready to build (members,).
    Raises:
        DataError: A table lacks a row.
    """
    return tuple(stretched(person, variation) for variation in draws(members, seed))


def stretched(person: Person, variation: Variation) -> Variation:
    """A draw with the neutral stretches at which this person's psoas and iliacus carry the forces drawn.

    Args:
        person: Measurements; shortening and tone are left out here.
        variation: From :func:`draw`, with forces [N] in place of neutral stretches.
    Returns:
        The same draw with neutral stretches [-], within ``STRETCHES``.
    Raises:
        DataError: A table lacks a row.
    """
    plain = replace(
        person,
        left=replace(person.left, hip_flexor_shortening=0.0),
        right=replace(person.right, hip_flexor_shortening=0.0),
        tone=0.0,
    )
    psoas, iliacus = _neutral_forces(plain, variation.passive_curve, variation.psoas_areas)
    return replace(
        variation,
        psoas_stretch=float(np.interp(variation.psoas_stretch, variation.psoas_area * psoas, STRETCHES)),
        iliacus_stretch=float(np.interp(variation.iliacus_stretch, variation.iliacus_area * iliacus, STRETCHES)),
    )


STRETCHES = np.linspace(-0.10, 0.75, 35)
"""Added neutral stretches over which standing passive force is tabulated [-]."""


@lru_cache(maxsize=64)
def _neutral_forces(person: Person, curve: str, areas: str) -> tuple[Array, Array]:
    """Standing passive force of one side's psoas major and iliacus at each of ``STRETCHES`` (n,) [N]."""
    one = build(person, Variation(passive_curve=curve, psoas_areas=areas))
    lengths = muscle_paths(one, pose(one, one.standing)).length
    sine = np.sin(one.pennation_angle)
    neutral = np.sqrt(((lengths - one.tendon_slack_length) / one.optimal_fiber_length) ** 2 + sine**2)
    along = np.sqrt(np.maximum((neutral + STRETCHES[:, None]) ** 2 - sine**2, 1e-6)) * one.optimal_fiber_length
    many = one.take(np.zeros(STRETCHES.size, dtype=np.intp))
    slack = np.maximum(lengths - along, 0.05 * lengths)
    tension = muscle_state(replace(many, tendon_slack_length=slack), np.broadcast_to(lengths, slack.shape)).tension
    strictly = 1e-9 * np.arange(STRETCHES.size)
    of = lambda group: [i for i, m in enumerate(one.tree.muscles) if m.startswith(group) and m.endswith("_r")]  # noqa: E731
    return tension[:, of("psoas_major")].sum(1) + strictly, tension[:, of("iliacus")].sum(1) + strictly


def estimate(
    person: Person,
    resting: Position,
    props: Sequence[Prop] = (),
    *,
    weights: Sequence[Weight] = (),
    members: int = MEMBERS,
    alternatives: bool = True,
    among: Ensemble | None = None,
) -> Estimate:
    """Where this person comes to rest, what their psoas does there, and how sure we are.

    Args:
        person: Measurements.
        resting: The position, its parameters set.
        props: What lies under the body.
        weights: What lies on it.
        members: Bodies in the ensemble, 0 or more; 0 gives values without intervals.
        alternatives: Whether to look for other resting places.
        among: The bodies this person may have, such as those that fit a look on the floor, of which the first ``members`` are
            taken; by default those of the measurements alone. The default body then has the middle shortening of theirs.
    Returns:
        The answer; ``not_converged`` where the default body found no resting place, or less than ``FEWEST`` of the
        ensemble did. Units stand with each quantity; the default rows of ``psoas/anatomy`` and their rivals are behind
        them, and ``Quantity.sources`` says whose they are.
    Raises:
        InputError: The position is none in which one lies, or cannot be taken by this body: the heels are too far or too near
            for its legs; or the weights are too much for it, or would not stay.
        DataError: A table lacks a row, or gives no body of this stature.
    """
    began = time.perf_counter()
    if resting.upright:
        raise InputError(f"position is {resting.id}, in which nobody lies; give it to psoas.upright.estimate")
    check_lying(resting, weights)
    if among is not None:
        person, members = _middle(person, among), min(members, among.count)
    body = laden(build(person), weights)
    nominal = rest(body, resting, props)
    if not nominal.converged[0]:
        return Estimate(
            person, resting, tuple(props), tuple(weights), "not_converged", nominal.messages[0], {}, nominal, None, nominal,
            NOBODY, (), person.warnings, time.perf_counter() - began,
        )  # fmt: skip
    values = measure(nominal)
    spread: dict[str, Measured] = {}
    ensemble, kept, built, typical = None, NOBODY, None, nominal
    if members:
        bodies = usual(person, members) if among is None else among.first(members)
        everyone = settle_all(bodies, resting, props, nominal, weights)
        kept = np.flatnonzero(everyone.converged)
        if kept.size < FEWEST * members:
            return Estimate(
                person, resting, tuple(props), tuple(weights), "not_converged",
                f"Only {kept.size} of {members} bodies with these measurements came to rest, too few for an honest range.",
                {}, nominal, None, nominal, NOBODY, (), person.warnings, time.perf_counter() - began,
            )  # fmt: skip
        ensemble = everyone.take(kept)
        spread = measure(ensemble)
        middle = nearest_middle(ensemble, spread)
        typical = ensemble.take([middle])
        built = bodies.people[kept[middle]], bodies.variations[kept[middle]]
    others = _alternatives(nominal, resting, props, values) if alternatives else ()
    return Estimate(
        person=person,
        position=resting,
        props=tuple(props),
        weights=tuple(weights),
        status="converged",
        message=nominal.messages[0],
        quantities={name: interval(found, spread.get(name)) for name, found in values.items()},
        nominal=nominal,
        ensemble=ensemble,
        typical=typical,
        members=kept,
        alternatives=others,
        warnings=(*person.warnings, *_warnings(nominal, values, spread, kept.size, members)),
        solve_seconds=time.perf_counter() - began,
        built=built,
    )


def alone(
    one: Equilibrium, person: Person, resting: Position, props: Sequence[Prop] = (), parts: Sequence[str] = PARTS
) -> Estimate:
    """One body's answer as an estimate without ranges.

    Args:
        one: A body at rest, or one that found no rest (1,).
        person: Whose it may be.
        resting: The position, its parameters set.
        props: What lies under it.
        parts: The quantities that are wanted, as in :func:`psoas.quantities.measure`.
    Returns:
        The answer: every quantity's low and high are its value.
    """
    rests = bool(one.converged[0])
    quantities = {name: interval(found, None) for name, found in measure(one, parts).items()} if rests else {}
    return Estimate(
        person, resting, tuple(props), (), "converged" if rests else "not_converged", one.messages[0], quantities, one, None,
        one, NOBODY, (), person.warnings, 0.0,
    )  # fmt: skip


@dataclass(frozen=True)
class Ensemble:
    """Bodies that one person may have; as many people as variations."""

    people: tuple[Person, ...]
    """Measurements and shortening of each (n,)."""
    variations: tuple[Variation, ...]
    """What else differs (n,)."""

    @property
    def count(self) -> int:
        """How many."""
        return len(self.people)

    def first(self, count: int) -> Ensemble:
        """The first of them, all where there are no more."""
        return Ensemble(self.people[:count], self.variations[:count])


def _middle(person: Person, among: Ensemble) -> Person:
    """A person as shortened as the middle of an ensemble."""
    left, right = (
        replace(
            getattr(person, side),
            hip_flexor_shortening=float(np.median([getattr(one, side).hip_flexor_shortening for one in among.people])),
        )
        for side in ("left", "right")
    )
    return replace(person, left=left, right=right)


def usual(person: Person, members: int = MEMBERS) -> Ensemble:
    """The ensemble of one person of whom nothing but measurements is known.

    Args:
        person: Measurements.
        members: How many.
    Returns:
        The ensemble.
    Raises:
        DataError: A table lacks a row.
    """
    return Ensemble((person,) * members, fitted_draws(person, members))


def solve_ensemble(
    person: Person,
    resting: Position,
    props: Sequence[Prop] = (),
    members: int = MEMBERS,
    near: Equilibrium | None = None,
    weights: Sequence[Weight] = (),
) -> Equilibrium:
    """The ensemble of one person at rest; members whose back grips the floor lay straight before.

    Args:
        person: Measurements.
        resting: The position, its parameters set.
        props: What lies under the body.
        members: How many.
        near: The default body at rest in this position, which saves looking for it again.
        weights: What lies on the body.
    Returns:
        All members, whether they came to rest or not (members,).
    Raises:
        InputError: The position cannot be taken by one of these bodies.
        DataError: A table lacks a row, or gives no body of this stature.
    """
    near = near or rest(laden(build(person), weights), resting, props)
    return settle_all(usual(person, members), resting, props, near, weights)


def settle_all(
    ensemble: Ensemble,
    resting: Position,
    props: Sequence[Prop] = (),
    near: Equilibrium | None = None,
    weights: Sequence[Weight] = (),
) -> Equilibrium:
    """An ensemble at rest; members whose back grips the floor lay straight before.

    Args:
        ensemble: The bodies.
        resting: The position, its parameters set.
        props: What lies under the body.
        near: A body like them at rest in this position, or all of them at rest much like this; the first person's default
            body where not given.
        weights: What lies on the body.
    Returns:
        All members, whether they came to rest or not (members,).
    Raises:
        InputError: The position cannot be taken by one of these bodies.
        DataError: A table lacks a row, or gives no body of this stature.
    """
    body = laden(_bodies(ensemble), weights)
    given = _conditions(body, resting, ensemble.variations)
    support = place(body, resting, props, given)
    if given.back_grips.any():
        lying = _lying_straight(ensemble)
        support = carry_back(support, body, lying.support, lying.coordinates, given)
    near = near or rest(laden(build(ensemble.people[0]), weights), resting, props)
    found = rest(body, resting, props, given, support=support, near=near if near.converged.any() else None)
    lost = np.flatnonzero(~found.converged)
    if lost.size and near.converged.any():
        again = rest(body.take(lost), resting, props, take(given, lost), support=take(support, lost))
        found = found.replaced(lost, again)
    return found


@lru_cache(maxsize=4)
def _lying_straight(ensemble: Ensemble) -> Equilibrium:
    return settle_all(ensemble, position("supine"))


@lru_cache(maxsize=4)
def _bodies(ensemble: Ensemble) -> Body:
    return stack([build(*each) for each in zip(ensemble.people, ensemble.variations, strict=True)])


def _conditions(body: Body, resting: Position, variations: Sequence[Variation]) -> Conditions:
    return conditions(
        body,
        resting,
        friction=np.array([v.friction for v in variations]),
        tone=np.array([v.lateral_tone for v in variations]),
        grips=[v.trunk_grip for v in variations],
        feet_hold=True,
    )


def interval(found: Measured, spread: Measured | None) -> Quantity:
    """Median and percentiles of the ensemble; the default body's value where there is none.

    Args:
        found: The default body's.
        spread: The ensemble's, if there is one.
    Returns:
        The quantity with its range, in its own unit.
    Raises:
        InputError: The value is not a finite number.
    """
    low = value = high = float(found.values[0])
    if spread is not None:
        low, value, high = (float(x) for x in np.percentile(spread.values, [LOW, 50.0, HIGH]))
    if found.never_negative:
        low, value, high = (max(x, 0.0) for x in (low, value, high))
    return Quantity(name=found.name, value=value, unit=found.unit, low=low, high=high, sources=found.sources)


def nearest_middle(ensemble: Equilibrium, spread: Mapping[str, Measured]) -> int:
    """The member whose posture and psoas lie nearest the medians, each against its spread.

    Args:
        ensemble: Bodies at rest (B,).
        spread: Their quantities by name, from :func:`psoas.quantities.measure`.
    Returns:
        Its place among them.
    """
    tree = ensemble.body.tree
    columns = [ensemble.coordinates[:, tree.coordinate(name, "flexion")] for name in TELLING_SEGMENTS]
    columns += [spread[name].values for name in TELLING if name in spread]
    apart = np.zeros(ensemble.body.count)
    for column in columns:
        low, middle, high = np.percentile(column, [25.0, 50.0, 75.0])
        if high > low:
            apart += ((column - middle) / (high - low)) ** 2
    return int(np.argmin(apart))


TELLING_SEGMENTS = ("pelvis", "head", "femur_r", "femur_l", "tibia_r", "tibia_l")
TELLING = (
    "lumbar_lordosis", "lumbar_gap", "pelvis_roll", "psoas_major_normalized_fiber_length_left",
    "psoas_major_normalized_fiber_length_right",
)  # fmt: skip
"""What the drawn member is chosen by: how these segments are bent, and these quantities."""


def _warnings(
    nominal: Equilibrium,
    values: Mapping[str, Measured],
    spread: Mapping[str, Measured],
    kept: int,
    members: int,
) -> tuple[str, ...]:
    said = []
    if kept < members:
        said.append(f"{members - kept} of {members} bodies of the ensemble found no resting place and are left out")
    demand = [m for name, m in spread.items() if name.startswith("friction_demand")]
    grip = float(nominal.conditions.friction[0])
    if demand and max(float(np.percentile(m.values, HIGH)) for m in demand) > grip:
        limbs = "legs" if nominal.position.on_side else "feet"
        said.append(
            f"on a smooth floor the {limbs} may slide: some of these bodies need more than the assumed friction of {grip:.1f}"
        )
    if nominal.position.legs == "straight" and spread:
        bent = np.maximum(spread["knee_flexion_left"].values, spread["knee_flexion_right"].values) > DRAWN_UP
        if bent.any():
            said.append(
                f"in {int(bent.sum())} of these {bent.size} bodies the hip flexors draw a knee up, so that they do not lie"
                " straight: values and ranges mix both"
            )
    levels = [m for name, m in values.items() if name.startswith("segment_angle_")]
    odd = [m.name.removeprefix("segment_angle_") for m in levels if not -20.0 <= float(m.values[0]) <= 35.0]
    if odd:
        said.append(f"the back's shape is implausible at {', '.join(odd)}")
    return tuple(said)


def _alternatives(
    nominal: Equilibrium, resting: Position, props: Sequence[Prop], values: Mapping[str, Measured]
) -> tuple[Alternative, ...]:
    """Other resting places reachable from plausible starts, and the answer without the lateral tone."""
    body, tree = nominal.body, nominal.body.tree
    support = place(body, resting, props, nominal.conditions)
    starts = []
    for tilt, knees, twist in (
        (0.25, 0.0, 0.0),
        (-0.25, 0.0, 0.0),
        (0.0, 0.5, 0.0),
        (0.0, -0.3, 0.0),
        (0.0, 0.0, 0.35),
    ):
        start = support.start[0].copy()
        start[tree.coordinate("pelvis", "flexion")] += tilt
        for end, sign in (("_r", 1.0), ("_l", -1.0)):
            start[tree.coordinate("femur" + end, "flexion")] -= tilt
            start[tree.coordinate("femur" + end, "abduction")] -= sign * knees
            start[tree.coordinate("femur" + end, "rotation")] += twist
        starts.append(start)
    if resting.on_side:
        starts = []
        for roll in (-ROLLED_START, ROLLED_START):
            start = support.start[0].copy()
            start[tree.coordinate("pelvis", "rotation")] += roll
            starts.append(start)
    many = np.zeros(len(starts), dtype=np.intp)
    found = rest(
        body.take(many), resting, props, conditions(body.take(many), resting), start=np.array(starts),
        support=take(support, many),
    )  # fmt: skip
    others: list[Alternative] = []
    telling = [
        k for k, name in enumerate(tree.coordinates) if k > 2 and not name.startswith(("upper_arm", "forearm", "head"))
    ]
    seen = [nominal.coordinates[0]]
    for k in np.flatnonzero(found.converged):
        if all(np.max(np.abs(found.coordinates[k, telling] - other[telling])) > DISTINCT for other in seen):
            seen.append(found.coordinates[k])
            one = found.take([int(k)])
            others.append(_alternative("another resting place", one, values))
    if resting.legs_bent and nominal.conditions.lateral_tone[0] > 0.0:
        loose = rest(body, resting, props, conditions(body, resting, tone=0.0))
        if loose.converged[0]:
            others.append(_alternative("without resting stiffness of the hips to the side", loose, values))
        else:
            others.append(Alternative("without resting stiffness of the hips to the side the legs do not stay up", {}))
    return tuple(others)


def _alternative(title: str, other: Equilibrium, values: Mapping[str, Measured]) -> Alternative:
    measured = measure(other)
    headline = ("lumbar_lordosis", "pelvic_tilt", "pelvis_roll", "hip_flexion_left", "hip_flexion_right", "lumbar_gap",
                "psoas_major_passive_force_left", "psoas_major_passive_force_right")  # fmt: skip
    differs = {
        name: (float(measured[name].values[0] - values[name].values[0]), values[name].unit)
        for name in headline
        if name in measured
    }
    return Alternative(title, differs)


def changes(before: Estimate, after: Estimate) -> dict[str, Change]:
    """Change of every quantity that two estimates of one person share, from the members that came to rest in both.

    Args:
        before, after: Estimates of the same person with the same number of members; neither is checked.
    Returns:
        Changes by name, each in its quantity's unit, ``after`` less ``before``; empty where either has no ensemble.
    Raises:
        InputError: A change is not a finite number.
    """
    if before.ensemble is None or after.ensemble is None:
        return {}
    _, rows_before, rows_after = np.intersect1d(before.members, after.members, return_indices=True)
    first, second = measure(before.ensemble), measure(after.ensemble)
    found = {}
    for name, value in after.quantities.items():
        if name not in first or name not in before.quantities:
            continue
        difference = second[name].values[rows_after] - first[name].values[rows_before]
        low, change, high = (float(x) for x in np.percentile(difference, [LOW, 50.0, HIGH]))
        agree = max(np.mean(difference > 0.0), np.mean(difference < 0.0))
        found[name] = Change(
            name,
            Quantity(name, change, value.unit, low, high, value.sources),
            bool(agree >= 0.9 and (low > 0.0 or high < 0.0)),
        )
    return found
