"""From a look on the floor to what the tissue may be like, and how sure that is."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from psoas import noticing
from psoas.body.build import build
from psoas.body.model import Array, Index, stack
from psoas.body.variation import Variation
from psoas.equilibrium import Equilibrium, rest
from psoas.errors import InputError
from psoas.evaluation import prior
from psoas.evaluation.answers import PLACES, Answers
from psoas.evaluation.emulator import Emulator, fit
from psoas.noticing import Seen
from psoas.person import Person
from psoas.placement import conditions
from psoas.position import position
from psoas.quantities import RIBS, THIGH
from psoas.uncertainty import FEWEST, HIGH, LOW, Ensemble
from psoas.units import Quantity, format_length, from_si

SEED = 20260404
"""Of every draw here: the same look at the same person gets the same answer."""
EXPLORED = 160
"""Bodies solved for one person, spread over the prior; every look of theirs is answered from them."""
PARTICLES, MOST_PARTICLES = 8192, 16384
"""Bodies that the emulator answers for; as many as that where the look leaves few."""
ENOUGH = 400.0
"""Particles that the look must leave, counted as evenly weighted ones, before no more are drawn."""
SAMPLES, MEMBERS = 2048, 48
"""Particles kept for a later look, and bodies handed on."""
CONTRADICTORY = 2.5
"""How far off, in standard deviations of the answers taken together, the best fitting body may be before the look is called
contradictory [-]."""
JITTER = 0.2
"""How far a kept particle moves before a later look, in standard deviations of all that were kept [-]."""
LIFTED = 0.010
"""Added to a thigh's gap before its logarithm is taken: from flesh on the floor to a leg drawn up it grows fiftyfold [m]."""
ALIKE = 0.4
"""How far apart the logarithms of two pulls may be for bodies to count as alike, one standard deviation [-]."""
SAME_STATURE = 0.05
"""How far two statures of one person may lie apart [m]."""
LOOSE = 0.02
"""Shortening that nobody could tell from none [-]."""
PARTED = 0.4
"""Correlation that a look leaves between two parameters before it is said that it cannot part them [-]."""


@dataclass(frozen=True)
class Told:
    """What a look says of one parameter.

    Attributes:
        title: In people's words.
        before: Before anyone has looked: median, 5th and 95th percentile.
        after: With this look, and those it goes on from.
        identified: Whether that is clearly narrower; otherwise the look does not tell it.
    """

    title: str
    before: Quantity
    after: Quantity
    identified: bool


@dataclass(frozen=True)
class Gap:
    """One place of the look.

    Attributes:
        title: In people's words.
        seen: As somebody took it; ``None`` where it was left out.
        predicted: By the bodies that are left: median, 5th and 95th percentile [mm].
        off: How far above the answer the best fitting body's gap lies, in standard deviations; 0 where nothing was told.
    """

    title: str
    seen: Seen | None
    predicted: Quantity
    off: float


@dataclass(frozen=True)
class Runs:
    """Solved bodies of one person, which the emulator is made of."""

    particles: Array
    """(n, columns) [-]."""
    gaps: Array
    """Clear distance at each of ``PLACES``, below zero where skin is pressed in (n, 5) [m]."""


@dataclass(frozen=True)
class Evaluation:
    """What a look on the floor says of one person, as :func:`evaluate` gives it: a model's estimate.

    Attributes:
        person: Who was looked at. Shortening is as it was given, which the evaluation sets aside.
        look: The answers, by place.
        looks: How many looks this rests on, those before it included.
        status: ``evaluated``; ``unseen`` where no answer tells anything; ``contradictory`` where no body of these measures
            fits all of it; ``not_converged`` where too few bodies came to rest, which leaves everything below empty.
        message: A sentence on that.
        parameters: By name.
        gaps: By place.
        confounded: What this look cannot part, a sentence each.
        warnings: What else to know, a sentence each.
        people, variations: Bodies that fit, evenly weighted (n,): build and lay each pair down as it is.
        samples: Particles that fit, evenly weighted (m, columns) [-].
        solved: How many bodies it rests on.
        solve_seconds: Time it took by the clock on the wall [s].
    """

    person: Person
    look: Mapping[str, Seen]
    looks: int
    status: str
    message: str
    parameters: Mapping[str, Told]
    gaps: Mapping[str, Gap]
    confounded: tuple[str, ...]
    warnings: tuple[str, ...]
    people: tuple[Person, ...]
    variations: tuple[Variation, ...]
    samples: Array
    solved: int
    solve_seconds: float

    @property
    def ensemble(self) -> Ensemble | None:
        """The bodies that fit; ``None`` where no look told anything."""
        telling = bool(self.people) and not (self.status == "unseen" and self.looks == 1)
        return Ensemble(self.people, self.variations) if telling else None


def evaluate(
    person: Person, look: Mapping[str, Seen], *, before: Evaluation | None = None, days: float = 0.0
) -> Evaluation:
    """What a look on the floor says of the tissue.

    Args:
        person: Measurements. Shortening given with them is set aside: it is what is asked for.
        look: Answers by place id of :func:`psoas.noticing.places`, as :func:`psoas.noticing.seen` reads them; any may be
            missing, or "can't tell".
        before: The evaluation of an earlier look at the same person, which this one goes on from.
        days: Between the two [day].
    Returns:
        The evaluation; without a telling answer it is what was known before, and says so.
    Raises:
        InputError: No such place, a negative time, or the earlier evaluation is of somebody else.
        DataError: A table lacks a row, or gives no body of this stature.
    """
    began = time.perf_counter()
    _check(person, look, before, days)
    answers, looks = Answers.of(look), 1 if before is None else before.looks + 1
    seed = SEED + 10 * looks
    runs = explored(replace(prior.shortened(person, 0.0, 0.0), age=None))
    if runs.gaps.shape[0] < FEWEST * EXPLORED:
        return _no_rest(person, look, looks, runs, time.perf_counter() - began)

    def prospects(count: int) -> Array:
        if before is None:
            return prior.particles(count, seed)
        return prior.drifted(spread_out(before.samples, count, seed), days, seed + 1)

    warnings = []
    bodies = Emulated(person, runs, prospects(PARTICLES))
    if before is not None and answers.least_surprise(bodies) > CONTRADICTORY:
        warnings.append("This look does not follow from the one before, so it is taken alone.")
        before = None
        bodies = Emulated(person, runs, prospects(PARTICLES))
    widened = max(answers.least_surprise(bodies) / CONTRADICTORY, 1.0)
    weights = answers.widened(widened).weights(bodies)
    if effective(weights) < ENOUGH:
        bodies = Emulated(person, runs, prospects(MOST_PARTICLES))
        weights = answers.widened(widened).weights(bodies)
    return _told(person, look, looks, answers, bodies, weights, widened, warnings, began)


SUPINE = position("supine")
"""How someone lies to be looked at."""


def series(person: Person, looks: Sequence[tuple[float, Mapping[str, Seen]]]) -> tuple[Evaluation, ...]:
    """A journal's looks, each going on from the one before.

    Args:
        person: Measurements.
        looks: Day and answers of each, in order of time.
    Returns:
        What was known after each.
    Raises:
        InputError: As :func:`evaluate`.
        DataError: As :func:`evaluate`.
    """
    found: list[Evaluation] = []
    day = looks[0][0] if looks else 0.0
    for when, look in looks:
        found.append(evaluate(person, look, before=found[-1] if found else None, days=when - day))
        day = when
    return tuple(found)


def _check(person: Person, look: Mapping[str, Seen], before: Evaluation | None, days: float) -> None:
    for id in look:
        if id not in PLACES:
            raise InputError(f"place is {id!r}; give any of {', '.join(PLACES)}")
    if not (np.isfinite(days) and days >= 0.0):
        raise InputError(f"days is {days:g}; give 0 or more, counted from the look before")
    # Weight and girths may change from look to look; particles are counted in spreads, so that they carry over.
    if before is not None and (
        before.person.sex != person.sex or abs(before.person.stature - person.stature) > SAME_STATURE
    ):
        raise InputError(
            f"the look before is of somebody else, {before.person.sex} and {format_length(before.person.stature)};"
            " give one of the same person, or leave it out"
        )


# -- bodies -------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def explored(person: Person) -> Runs:
    """Bodies over the whole prior lying straight; those that found no rest are left out.

    Args:
        person: Measurements, without shortening.
    Returns:
        The runs; kept, so that another look at the same person costs no more solving.
    Raises:
        DataError: A table lacks a row, or gives no body of this stature.
    """
    near = rest(build(person), SUPINE)
    particles = prior.particles(EXPLORED, SEED)
    people, variations = prior.bodies(person, particles)
    body = stack([build(*pair) for pair in zip(people, variations, strict=True)])
    # Lying straight nothing but the pelvis grips, so that a draw's friction and grips change nothing here.
    found = rest(body, SUPINE, (), conditions(body, SUPINE), near=near if near.converged[0] else None)
    return Runs(particles[found.converged], gaps(found)[found.converged])


def gaps(equilibrium: Equilibrium) -> Array:
    """Widest clear distance at each of ``PLACES``, as :mod:`psoas.quantities` has it but not cut at zero (B, 5) [m]."""
    tree = equilibrium.body.tree
    clear = equilibrium.evaluation().touch.centers[..., 2] - equilibrium.body.skin_radius
    lumbar = [name for name, region in zip(tree.skin, tree.skin_regions, strict=True) if region == "lumbar"]
    groups = [lumbar, *([name + end for name in names] for names in (RIBS, THIGH) for end in ("_l", "_r"))]
    return np.column_stack([clear[:, [tree.skin.index(name) for name in names]].max(1) for names in groups])


@dataclass(frozen=True)
class Emulated:
    """Particles with the gaps that the emulator gives them.

    The three emulators look at either side as the own one, so that each body teaches them twice.
    """

    person: Person
    runs: Runs
    particles: Array
    """(n, columns) [-]."""

    def _features(self, particles: Array) -> Array:
        return prior.features(self.person, particles)

    @cached_property
    def _emulators(self) -> tuple[Emulator, ...]:
        both = np.concatenate(self._features(self.runs.particles))
        bodies = np.tile(np.arange(self.runs.gaps.shape[0]), 2)
        g = bent(self.runs.gaps)
        outputs = (np.tile(g[:, 0], 2), g[:, 1:3].T.ravel(), g[:, 3:5].T.ravel())
        return tuple(fit(both, output, bodies) for output in outputs)

    @cached_property
    def _bent(self) -> Array:
        left, right = self._features(self.particles)
        back, ribs, thigh = self._emulators
        middle = 0.5 * (back(left) + back(right))
        return np.column_stack([middle, ribs(left), ribs(right), thigh(left), thigh(right)])

    @cached_property
    def gaps(self) -> Array:
        """(n, 5) [m]."""
        return straightened(self._bent)

    @cached_property
    def error(self) -> Array:
        """Standard deviation of what the emulators may be off by, for bodies whose hip flexors pull as hard (n, 5) [m].

        Where a leg is about to be drawn up they are off by several times as much as where all lies slack.
        """
        taught = np.concatenate(self._features(self.runs.particles))[:, prior.PULL]
        squares = np.array([e.left_out**2 for e in self._emulators]).T
        sides = []
        for own in self._features(self.particles)[..., prior.PULL]:
            near = np.exp(-0.5 * ((own[:, None] - taught) / ALIKE) ** 2) + 1e-3
            sides.append(np.sqrt(near @ squares / near.sum(1, keepdims=True)))
        left, right = sides
        middle = np.sqrt(0.5 * (left[:, 0] ** 2 + right[:, 0] ** 2))
        error = np.column_stack([middle, left[:, 1], right[:, 1], left[:, 2], right[:, 2]])
        error[:, 3:] *= np.maximum(self.gaps[:, 3:] + LIFTED, 0.2 * LIFTED)
        return error

    @cached_property
    def together(self) -> Array:
        """Correlation of the emulators' errors between places, on bodies left out (5, 5) [-]."""
        back, ribs, thigh = (e.left_out.reshape(2, -1) for e in self._emulators)
        return np.asarray(np.corrcoef(np.array([back.mean(0), *ribs, *thigh])))


def bent(gaps: Array) -> Array:
    """Gaps with the thighs' as logarithms (n, 5) [m, -]: legs that are drawn up lie far away from those that are not."""
    found = gaps.copy()
    found[:, 3:] = np.log(np.maximum(gaps[:, 3:] + LIFTED, 0.2 * LIFTED))
    return found


def straightened(found: Array) -> Array:
    """The inverse of :func:`bent`; a leg higher than half a meter counts as that high (n, 5) [m]."""
    gaps = found.copy()
    gaps[:, 3:] = np.exp(np.minimum(found[:, 3:], np.log(0.5))) - LIFTED
    return gaps


# -- weighted particles -------------------------------------------------------------------------------


def effective(weights: Array) -> float:
    """How many evenly weighted particles these are worth."""
    return float(1.0 / np.sum(weights**2))


def evenly(weights: Array, count: int) -> Index:
    """Places of ``count`` particles, each as often as its weight asks for (count,)."""
    return np.searchsorted(np.cumsum(weights), (np.arange(count) + 0.5) / count).clip(0, weights.size - 1)


def spread_out(samples: Array, count: int, seed: int) -> Array:
    """More particles from few, with the same mean and covariance (Liu & West 2001, eq. 10.3.8, with a = sqrt(1 - h^2)).

    Args:
        samples: Evenly weighted (n, columns) [-].
        count: How many are wanted.
        seed: Of the moves.
    Returns:
        Particles (count, columns) [-].
    """
    rng = np.random.default_rng(seed)
    middle, root = samples.mean(0), np.linalg.cholesky(np.cov(samples.T) + 1e-9 * np.eye(samples.shape[1]))
    chosen = samples[np.arange(count) % samples.shape[0]]
    noise = rng.standard_normal(chosen.shape) @ root.T
    return np.asarray(middle + np.sqrt(1.0 - JITTER**2) * (chosen - middle) + JITTER * noise)


def percentiles(values: Array, weights: Array) -> tuple[float, float, float]:
    """Median, ``LOW`` and ``HIGH`` percentile of weighted values."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) - 0.5 * weights[order]
    low, middle, high = np.interp(np.array([LOW, 50.0, HIGH]) / 100.0, reached, values[order])
    return float(middle), float(low), float(high)


# -- the answer ---------------------------------------------------------------------------------------


def _told(
    person: Person,
    look: Mapping[str, Seen],
    looks: int,
    answers: Answers,
    bodies: Emulated,
    weights: Array,
    widened: float,
    warnings: Sequence[str],
    began: float,
) -> Evaluation:
    values = prior.parameters(person, bodies.particles)
    unseen = prior.parameters(person, prior.particles(PARTICLES, SEED))
    even = np.full(PARTICLES, 1.0 / PARTICLES)
    parameters = {}
    for one in prior.PARAMETERS:
        spreads = [
            _quantity(one.name, one.unit, v, w, one.sources)
            for v, w in ((unseen[one.name], even), (values[one.name], weights))
        ]
        before, after = spreads
        narrower = (after.high - after.low) <= prior.table()["narrower"]["share"] * (before.high - before.low)
        parameters[one.name] = Told(one.title, before, after, narrower)
    off = answers.surprise(bodies)[int(np.argmin(answers.squares(bodies)))]
    titles = {place.id: place for place in noticing.places()}
    gaps_found = {
        id: Gap(
            titles[id].title,
            look.get(id),
            _quantity(titles[id].quantity, "mm", np.maximum(bodies.gaps[:, k], 0.0), weights, ("ansur2012",)),
            float(off[k]),
        )
        for k, id in enumerate(PLACES)
    }
    status, message = _status(answers, gaps_found, widened, looks)
    samples = bodies.particles[evenly(weights, SAMPLES)]
    people, variations = prior.bodies(person, bodies.particles[evenly(weights, MEMBERS)])
    return Evaluation(
        person=person,
        look=dict(look),
        looks=looks,
        status=status,
        message=message,
        parameters=parameters,
        gaps=gaps_found,
        confounded=_confounded(values, weights) if answers.telling or looks > 1 else (),
        warnings=(*(f"{w[0].upper()}{w[1:]}." for w in person.warnings), *warnings, *_warnings(person, parameters)),
        people=people,
        variations=variations,
        samples=samples,
        solved=bodies.runs.gaps.shape[0],
        solve_seconds=time.perf_counter() - began,
    )


def _quantity(name: str, unit: str, values: Array, weights: Array, sources: tuple[str, ...]) -> Quantity:
    middle, low, high = (float(from_si(x, unit)) for x in percentiles(values, weights))
    return Quantity(name, middle, unit, low, high, sources)


def _no_rest(person: Person, look: Mapping[str, Seen], looks: int, runs: Runs, seconds: float) -> Evaluation:
    count = runs.gaps.shape[0]
    message = f"Only {count} of {EXPLORED} bodies with these measurements came to rest, too few to tell anything by."
    none = np.zeros((0, len(prior.columns())))
    return Evaluation(
        person, dict(look), looks, "not_converged", message, {}, {}, (), (), (), (), none, count, seconds
    )  # fmt: skip


def _status(answers: Answers, found: Mapping[str, Gap], widened: float, looks: int) -> tuple[str, str]:
    if not answers.telling:
        known = "what is known of anybody with these measures" if looks == 1 else "what was known before"
        return "unseen", f"No answer of this look tells anything, so that this is {known}."
    if widened > 1.0:
        farthest = max(found.values(), key=lambda gap: abs(gap.off))
        where = "more" if farthest.off < 0.0 else "less"
        return (
            "contradictory",
            f"No body of these measures fits all of it; farthest off is {farthest.title[0].lower()}{farthest.title[1:]},"
            f" where {where} was seen than the model can make fit. Each answer is taken as {widened:.1f} times as uncertain.",
        )
    told = int(np.sum(~np.isnan(answers.value)))
    return "evaluated", f"Evaluated from {told} of {len(PLACES)} places" + (f", look {looks}." if looks > 1 else ".")


def _warnings(person: Person, parameters: Mapping[str, Told]) -> list[str]:
    said = []
    if person.left.hip_flexor_shortening or person.right.hip_flexor_shortening:
        said.append("The shortening given with the measures is set aside: it is what is asked for here.")
    low = [parameters[f"hip_flexor_shortening_{side}"].after.low for side in ("left", "right")]
    if min(low) < 100.0 * LOOSE:
        said.append("Little shortening and none look alike from outside: the lower ends of these ranges mean little.")
    if not any(told.identified for told in parameters.values()):
        said.append("Nothing here is told apart from what is known without looking.")
    return said


KINDS = {
    "shortening": "tighter hip flexors",
    "force": "hip flexors that pull harder when standing",
    "incidence": "a pelvis of another shape",
    "lordosis": "a back that is hollower by itself",
    "disc": "stiffer discs",
    "back_tissue": "more flesh over the spine",
    "buttock": "fuller buttocks",
    "thigh": "fuller thighs",
}
"""What more of a parameter is, by a part of its name."""


def _kind(name: str) -> str:
    return next(kind for kind in KINDS if kind in name)


def _confounded(values: Mapping[str, Array], weights: Array) -> tuple[str, ...]:
    """Pairs of different kinds that the look leaves bound together, the strongest first."""
    names = list(values)
    table = np.array([values[name] for name in names])
    spread = np.cov(table, aweights=weights)
    width = np.sqrt(np.maximum(np.diag(spread), 1e-30))
    bound = spread / np.outer(width, width)
    pairs: dict[frozenset[str], float] = {}
    for i, a in enumerate(names):
        for j in range(i):
            kinds = frozenset((_kind(a), _kind(names[j])))
            # Pelvic incidence shapes the back, and shortening adds to the pull: those go together with or without a look.
            if len(kinds) == 1 or kinds in (frozenset(("shortening", "force")), frozenset(("incidence", "lordosis"))):
                continue
            if abs(bound[i, j]) > abs(pairs.get(kinds, 0.0)):
                pairs[kinds] = float(bound[i, j])
    strong = sorted((item for item in pairs.items() if abs(item[1]) >= PARTED), key=lambda item: -abs(item[1]))
    said = []
    for kinds, r in strong[:3]:
        a, b = sorted(kinds, key=list(KINDS).index)
        with_ = "less of" if r < 0.0 else "more of"
        said.append(f"More of one with {with_} the other fits as well (r = {r:.2f}): {KINDS[a]}; {KINDS[b]}.")
    return tuple(said)
