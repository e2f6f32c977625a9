"""Random bodies in every position: how many come to rest, how exactly, and why the others do not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from psoas import mjcf
from psoas import upright as standing_up
from psoas.body.build import build
from psoas.body.model import Array, stack
from psoas.equilibrium import Equilibrium, rest
from psoas.person import COVERED_BMI, COVERED_STATURE, Limb, Person
from psoas.position import position, upright_position
from psoas.props import furnished
from psoas.validation.report import heading, table

POSITIONS = ("supine", "constructive-rest", "bolstered", "calves-on-chair", "side-lying")
FLAT = ("supine", "constructive-rest")
"""Those in which the floor alone carries, so that the center of pressure lies under the center of mass."""
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
        lying = position(name)
        found = rest(body, lying, furnished(lying.under))
        yield found, time.perf_counter() - began


@dataclass(frozen=True)
class Settling:
    """One body in MuJoCo."""

    person: Person
    status: str
    message: str
    agrees: bool
    """Whether it came to rest where ours did."""
    other: bool
    """Whether it came to another rest, which ours, started there, confirms."""
    turn: float
    """Largest difference of a joint's turn [rad]."""
    force: float
    """Largest difference of a region's support force [N]."""


@dataclass(frozen=True)
class Outcome:
    """What became of a population in one position."""

    name: str
    people: list[Person]
    equilibria: list[Equilibrium]
    seconds: float
    settled: list[Settling]

    @property
    def converged(self) -> Array:
        """Whether each came to rest (B,) bool."""
        return np.concatenate([found.converged for found in self.equilibria])

    @property
    def failures(self) -> list[tuple[Person, str]]:
        """Those who did not, each with the sentence given."""
        messages = [message for found in self.equilibria for message in found.messages]
        return [(self.people[k], messages[k]) for k in np.flatnonzero(np.logical_not(self.converged))]

    def over_all(self, name: str) -> Array:
        """A field of the equilibria, of those at rest (B,)."""
        return np.concatenate([getattr(found, name)[found.converged] for found in self.equilibria])

    def balances(self) -> Balance:
        """Force sums of those at rest."""
        sums = [
            balance(found.take(np.flatnonzero(found.converged))) for found in self.equilibria if found.converged.any()
        ]
        parts = {f: np.concatenate([getattr(s, f) for s in sums]) for f in Balance.__dataclass_fields__}
        return Balance(**parts)

    @property
    def good(self) -> bool:
        """Whether it is all that is asked of a population."""
        sums = self.balances()
        return bool(
            self.converged.mean() >= 0.99
            and self.over_all("residual_force").max() < 1e-3
            and self.over_all("residual_moment").max() < 1e-4
            and np.abs(sums.weight).max() < 1e-3
            and sums.force.max() < 1e-3
            and sums.moment.max() < 1e-4
            and (self.name not in FLAT or sums.center_of_pressure.max() < 1e-3)
            and all(s.agrees or s.other for s in self.settled)
        )


def _settling(found: Equilibrium, person: Person, seed: int) -> Settling:
    """One body at rest, settled in MuJoCo from a little aside."""
    settled = mjcf.settle(found, seed=seed)
    there = settled.rest
    if there is None:
        return Settling(person, settled.status, settled.message, False, False, np.nan, np.nan)
    other = False
    if not there.agrees:
        again = rest(found.body, found.position, support=found.support, start=there.coordinates[None])
        other = bool(again.converged[0] and np.abs(again.coordinates - there.coordinates)[0, 3:].max() < mjcf.SAME_TURN)
    return Settling(
        person, settled.status, settled.message, there.agrees, other, there.turn_difference, there.force_difference
    )


SETTLED = 20
"""How many of each position settle in MuJoCo too."""


def run(name: str, count: int = BODIES, settled: int = SETTLED) -> Outcome:
    """Bring a population to rest, and let some of it settle in MuJoCo.

    Args:
        name: The position.
        count: How many bodies.
        settled: How many of those at rest settle in MuJoCo, spread over the population.
    Returns:
        See :class:`Outcome`.
    """
    drawn = people(count)
    equilibria, seconds = [], 0.0
    for found, took in solve(drawn, name):
        equilibria.append(found)
        seconds += took
    places = [(e, k, drawn[BATCH * b + k]) for b, e in enumerate(equilibria) for k in np.flatnonzero(e.converged)]
    chosen = places[:: max(len(places) // settled, 1)][:settled] if settled else []
    twins = []
    for seed, (found, member, person) in enumerate(chosen):
        twins.append(_settling(found.take([int(member)]), person, seed))
    return Outcome(name, drawn, equilibria, seconds, twins)


UPRIGHT = 100
"""How many bodies stand, and how many sit."""


@dataclass(frozen=True)
class Stood:
    """A population upright."""

    name: str
    """The position."""
    people: list[Person]
    """Who."""
    found: list[standing_up.Balanced]
    """How each of them, one a person."""
    seconds: float
    """By the clock on the wall."""
    second: Array
    """The most that MuJoCo finds unbalanced in each that balances (bodies,) [N, N·m]."""

    @property
    def good(self) -> bool:
        """Whether every body balances, in MuJoCo too, or says by name why not."""
        named = all(one.equilibrium.converged[0] or "short of" in one.equilibrium.messages[0] for one in self.found)
        return named and bool(np.all(self.second < SAME_BALANCE))


SAME_BALANCE = 0.05
"""Less than this unbalanced in MuJoCo is the same balance: a five-thousandth of what joints and feet bear [N, N·m]."""


def upright(name: str, count: int = UPRIGHT) -> Stood:
    """Let random people stand or sit, each alone: most are lopsided, and balance in three dimensions.

    Args:
        name: ``standing`` or ``sitting``.
        count: How many people.
    """
    drawn = people(count)
    began = time.perf_counter()
    found = [standing_up.balance(build(person), upright_position(name)) for person in drawn]
    seconds = time.perf_counter() - began
    second = [
        float(np.abs(mjcf.unbalanced(one.equilibrium, 0, one.ideal)).max())
        for one in found
        if one.equilibrium.converged[0]
    ]
    return Stood(name, drawn, found, seconds, np.array(second))


def upright_lines(stood: Stood) -> Iterator[str]:
    """An upright population as a report."""
    fine = [one for one in stood.found if one.equilibrium.converged[0]]
    least = sum(bool(one.least[0]) for one in fine)
    force = max((float(one.equilibrium.residual_force[0]) for one in fine), default=np.nan)
    moment = max((float(one.equilibrium.residual_moment[0]) for one in fine), default=np.nan)
    yield (
        f"{stood.name}: {len(fine)} of {len(stood.found)} in balance, {least} of them where the search for less effort ended by"
        f" itself; unbalanced at most {force:.1g} N and {moment:.1g} N m, by MuJoCo"
        f" {stood.second.max(initial=0.0):.1g} N or N m; {stood.seconds / max(len(stood.found), 1):.1f} s a body"
    )
    for person, one in zip(stood.people, stood.found, strict=True):
        if not one.equilibrium.converged[0]:
            yield f"    {describe(person)}: {one.equilibrium.messages[0]}"


def lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The outcomes as a report."""
    rows = [("at rest", *(f"{o.converged.sum()} of {o.converged.size} ({o.converged.mean():.1%})" for o in outcomes))]
    sums = [o.balances() for o in outcomes]

    def spread(title: str, values: Sequence[Array], unit: str) -> None:
        for word, q in (("median", 50), ("95th percentile", 95), ("most", 100)):
            rows.append(
                (f"{title}, {word} [{unit}]", *(f"{np.percentile(np.abs(v), q):.3g}" if v.size else "" for v in values))
            )

    spread("steps", [o.over_all("iterations") for o in outcomes], "-")
    spread("times friction was brought up to date", [o.over_all("rounds") for o in outcomes], "-")
    spread("unbalanced force", [o.over_all("residual_force") for o in outcomes], "N")
    spread("unbalanced moment", [o.over_all("residual_moment") for o in outcomes], "N m")
    spread("net force from outside", [s.force for s in sums], "N")
    spread("net moment from outside about the mass centre", [s.moment for s in sums], "N m")
    spread("support over weight, less 1", [s.weight for s in sums], "-")
    apart = [1e3 * s.center_of_pressure if o.name in FLAT else np.zeros(0) for o, s in zip(outcomes, sums, strict=True)]
    spread("center of pressure from under the mass centre, on a flat floor", apart, "mm")
    rows.append(("feet slid before they held", *(str(int(o.over_all("slipping").sum())) for o in outcomes)))
    rows.append(("time a body [ms]", *(f"{1e3 * o.seconds / o.converged.size:.1f}" for o in outcomes)))
    yield table(("", *(o.name for o in outcomes)), rows)
    for outcome in outcomes:
        for person, message in outcome.failures:
            yield f"not at rest in {outcome.name}: {describe(person)}: {message}"
    yield heading("The same bodies settled in MuJoCo, from 3° and 5 mm aside")
    for o in outcomes:
        same = [s for s in o.settled if s.agrees]
        warned = sum(s.status == "warned" for s in o.settled)
        turn = np.rad2deg(max((s.turn for s in same), default=np.nan))
        force = max((s.force for s in same), default=np.nan)
        yield (
            f"{o.name}: {len(same)} of {len(o.settled)} came to the same rest, at most {turn:.4f}° and {force:.2g} N away;"
            f" {warned} warning counters rose"
        )
        for s in o.settled:
            if not s.agrees:
                said = " Ours, started there, rests there too." if s.other else ""
                yield f"    {describe(s.person)}: {s.message}{said}"
