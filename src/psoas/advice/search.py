"""The forward search: where a person's ensemble comes to rest at every choice, and which choices are equally good by a rule.

Each rule is stated in its reason. Limits that nobody has measured are assumed and say so; the interval of equally good
choices widens and narrows with them, which ``docs/set-up.md`` shows. Nothing here is tuned to what a source says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from psoas.advice import scaled
from psoas.advice.scaled import Line, Setup, length
from psoas.advice.sweep import Sweep, Told, over_heel_distance, over_props
from psoas.anatomy import tables
from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import Array, Flags
from psoas.equilibrium import Equilibrium
from psoas.errors import InputError, NoRestError
from psoas.evaluation import Evaluation
from psoas.person import Person
from psoas.placement import place
from psoas.position import Position, position
from psoas.props import PLACES, Prop, furnished, prop
from psoas.quantities import measure
from psoas.uncertainty import HIGH, LOW, Ensemble, settle_all, usual
from psoas.units import Quantity

MEMBERS = 32
"""Bodies that a search lets rest at every value."""
MOST_KNEE = 120.0
"""Most that a knee is bent for long; assumed, 100 to 135 [deg]."""
SAME_PULL = 10.0
"""How much more psoas and iliacus of one side may pull before a distance counts as worse; assumed, 5 to 20 [N]."""
NINE_IN_TEN = 0.9
"""Share of the bodies that a condition must hold for [-]."""
THIGH_LOAD = 20.0
"""What each thigh must bear before it counts as resting on the floor; assumed, 10 to 40 [N]."""
SAME_GAP = 5.0
"""Difference of two gaps that nobody lying there can tell; assumed, 3 to 10 [mm]."""
FREE_RIBS = 20.0
"""Most that the lower ribs may bear and still count as free; assumed, 10 to 40 [N]."""
TOO_BENT = MOST_KNEE + 15.0
"""Bend of the knees beyond which nearer distances are not tried: the most that anyone could take for the limit [deg]."""
FAR_MORE = 4.0
"""How many times :data:`SAME_PULL` more psoas and iliacus pull where farther distances are not tried [-]."""
LIFTED = 20.0
"""Grip needed from which on a foot no longer presses on anything: nothing holds so much [-]."""
STEP = 0.005
"""How finely an interval's ends are told [m]."""
HEELS = np.arange(0.12, 0.625, 0.03)
"""Heel distances that are tried, as far as the legs reach [m]."""
HEIGHTS = (0.0, 0.03, 0.06, 0.09, 0.12, 0.16, 0.20, 0.25, 0.30)
"""Heights of a pile under the shoulders that are tried [m]."""
TOWELS = (0.0, 0.04, 0.08, 0.12)
"""Thicknesses under the head that are tried [m]."""
MODEST = 0.12
"""Highest pile that is offered where lying flat does as well [m]."""
BEYOND = (0.01, 0.02, 0.03)
"""How much farther the heels are tried where the bodies, laid down at once, do not hold in the interval [m]."""
FEW_PILES = 3
"""How many piles of what is at hand are lain on to find one that suits."""
FOLDED = ("towel", "folded-blanket")
"""What can be folded thicker or thinner."""
LEVEL = 5.0
"""How far a head may tip and still count as level; assumed, 3 to 10 [deg]."""
HEEL_QUANTITIES = (
    *(f"{name}_{side}" for name in ("friction_demand_heel", "lateral_stiffness_demand", "lateral_stiffness_supply",
      "psoas_major_passive_force", "iliacus_passive_force", "knee_flexion") for side in ("left", "right")),
    "support_force_lumbar", "lumbar_gap", "lumbar_lordosis",
)  # fmt: skip
PILE_QUANTITIES = (
    *(f"{name}_{side}" for name in ("thigh_gap", "support_force_thigh", "rib_gap", "psoas_major_passive_force")
      for side in ("left", "right")),
    "support_force_ribs", "support_force_head", "support_force_upper_back", "lumbar_lordosis", "head_tilt",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A set-up that was searched for.

    Attributes:
        setup: The set-up; each line's interval is that of equally good choices.
        sweeps: What was tried, by the name of the line it is for.
        notes: What to know beside the lines, a sentence each.
        feasible: Whether every number that was chosen satisfies its rule, with the bodies laid down once more as it says.
        bodies: Who was laid down.
        rested: They at rest in the set-up.
    """

    setup: Setup
    sweeps: Mapping[str, Sweep]
    notes: tuple[str, ...]
    feasible: bool
    bodies: Ensemble
    rested: Equilibrium


def search(
    person: Person,
    resting: Position,
    have: Sequence[Prop] = (),
    *,
    given: Sequence[Prop] = (),
    seen: Evaluation | None = None,
    members: int = MEMBERS,
    told: Told | None = None,
) -> Found:
    """A set-up for one body in one position, from what the model finds and what is at hand.

    Args:
        person: Who lies.
        resting: The position; values already set in it are kept, and everything else follows them.
        have: Props at hand, each as thick as it is; what can be folded is folded as needed.
        given: Props that lie under the body as they are, whatever else is found.
        seen: What a look on the floor told of this person: the bodies that fit it are then those that are laid down, and the
            shortening in ``person`` is set aside.
        members: How many bodies are laid down at every choice; as many as there are, where fewer fit a look.
        told: Hears which share of the search is done.
    Returns:
        See :class:`Found`.
    Raises:
        InputError: The position cannot be taken by this body, or needs something that is not at hand.
        NoRestError: No body with these measurements comes to rest in it.
        DataError: A table lacks a row.
    """
    if resting.on_side:
        raise InputError(
            f"position is {resting.id}, for which there is nothing to search yet; give constructive-rest, supine, bolstered or"
            " calves-on-chair"
        )
    pinned = {place_: [p for p in given if p.under == place_] for place_ in PLACES}
    seats = pinned["calves"] or [p for p in have if p.under == "calves"][:1]
    lies = [p for p in given if p.under != "calves"] + (seats if "calves" in resting.under else pinned["calves"])
    place(build(person), resting, furnished(resting.under, lies))  # says at once what cannot be
    ensemble, notes = _bodies(person, seen, members)
    props: list[Prop] = []
    parts = sum((resting.feet_held, "shoulders" in resting.under, True))
    hear = _shared(told, parts)
    if "calves" in resting.under:
        props += seats[:1] or [prop("chair")]
        if not seats:
            notes.append(f"No chair was named; the numbers are for a seat of {length(props[-1].thickness, 'cm')}.")
    if "shoulders" in resting.under:
        plan = _pile(ensemble, resting, props, have, pinned["shoulders"], hear())
    elif resting.feet_held:
        plan = _heels(person, ensemble, resting, props, hear())
    else:
        plan = _Plan([(resting, props)], lambda found: [], lambda _, __: ([], []), "", None)
    wholes: list[_Whole] = []
    for lying, laid in plan.options:
        heard = hear() if not wholes else None
        wholes.append(_whole(ensemble, lying, laid, have, pinned["head"], plan.trouble, heard))
        if not wholes[-1].trouble:
            break
    whole = wholes[-1] if not wholes[-1].trouble else wholes[0]
    lines, more = plan.told(whole, whole.trouble)
    if not whole.rested.converged.any():
        raise NoRestError(f"{resting.title} is no rest for this body: {whole.rested.messages[0]}")
    notes += more + (_shown_below(whole.rested) if "shoulders" in resting.under else [])
    sweeps = {} if plan.sweep is None else {plan.name: plan.sweep}
    if told is not None:
        told(1.0)
    setup = Setup(whole.lying, tuple(whole.props), (*lines, whole.towel), True)
    every = {**sweeps, "towel": whole.sweep}
    return Found(setup, every, tuple(notes), not whole.trouble, ensemble, whole.rested)


@dataclass(frozen=True)
class _Whole:
    """A whole set-up with the bodies laid down in it at once, as anyone would who read it."""

    lying: Position
    props: list[Prop]
    towel: Line
    sweep: Sweep
    rested: Equilibrium
    trouble: list[str]


@dataclass(frozen=True)
class _Plan:
    """What a sweep proposes: choices to lay the bodies down at, the first one first, and the words for the one that is taken."""

    options: list[tuple[Position, list[Prop]]]
    trouble: Callable[[Equilibrium], list[str]]
    told: Callable[[_Whole, list[str]], tuple[list[Line], list[str]]]
    name: str
    sweep: Sweep | None


def _whole(
    ensemble: Ensemble,
    lying: Position,
    props: Sequence[Prop],
    have: Sequence[Prop],
    head: Sequence[Prop],
    trouble: Callable[[Equilibrium], list[str]],
    told: Told | None,
) -> _Whole:
    """The set-up at one choice: what goes under the head there, and the bodies laid down on all of it."""
    laid = settle_all(ensemble, lying, props)
    towel, under, sweep = _towel(ensemble, lying, props, have, head, laid, told)
    rested = settle_all(ensemble, lying, [*props, *under]) if under else laid
    return _Whole(lying, [*props, *under], towel, sweep, rested, trouble(rested))


def _bodies(person: Person, seen: Evaluation | None, members: int) -> tuple[Ensemble, list[str]]:
    """The bodies this person may have, and what to say of them."""
    fitting = None if seen is None else seen.ensemble
    if seen is None or fitting is None:
        said = [] if seen is None else ["The look told nothing, so these are bodies of your measures alone."]
        return usual(person, members), said
    bodies = fitting.first(members)
    said = [f"From your look on the floor: these are {bodies.count} bodies that fit it."]
    if seen.status == "contradictory":
        said.append(seen.message)
    return bodies, said


def _shared(told: Told | None, parts: int) -> Callable[[], Told | None]:
    """One listener for each part of a search, in order."""
    started = [0]

    def next_part() -> Told | None:
        if told is None:
            return None
        before = started[0] / parts
        started[0] += 1
        return lambda share: told(before + share / parts)

    return next_part


# -- heels --------------------------------------------------------------------------------------------


def pull(sweep: Sweep) -> Array:
    """What psoas and iliacus of the side that pulls more pull together (n, members) [N]."""
    of = sweep.quantities
    sides = [
        of[f"psoas_major_passive_force_{side}"] + of[f"iliacus_passive_force_{side}"] for side in ("left", "right")
    ]
    return np.maximum(*sides)


def grip(surface: str) -> float:
    """Coefficient of friction that a surface can be counted on for: what is assumed of it less its spread (``props.csv``)
    [-].

    Raises:
        DataError: ``props.csv`` lacks the surface.
    """
    row = tables.load("props").get(surface, "friction")
    return float(row.number - row.sd_si[0])


@dataclass(frozen=True)
class Band:
    """Choices that are equally good by a rule.

    Attributes:
        low, high: Its ends [m].
        nearer: Why not less, a clause; empty where nothing less was tried.
        farther: Why not more, likewise.
        holds: Whether the rule can be satisfied at all; else the band is where it is missed least.
        reach: How far, on both sides, all of the rule but the pull is satisfied [m].
    """

    low: float
    high: float
    nearer: str
    farther: str
    holds: bool
    reach: tuple[float, float] = (0.0, 0.0)


def heel_band(sweep: Sweep, surface: str, *, same_pull: float = SAME_PULL, most_knee: float = MOST_KNEE) -> Band:
    """The interval of equally good heel distances.

    The rule: in nine bodies of ten the feet hold by friction and the knees stay up, the knees bend no more than
    ``most_knee``, and of what is left psoas and iliacus pull at most ``same_pull`` more, body by body, than where they pull
    least.

    Args:
        sweep: From :func:`psoas.advice.sweep.over_heel_distance`.
        surface: What they lie on.
        same_pull: See :data:`SAME_PULL` [N].
        most_knee: See :data:`MOST_KNEE` [deg].
    Returns:
        The band.
    Raises:
        DataError: ``props.csv`` lacks the surface.
    """
    of, least_grip = sweep.quantities, grip(surface)
    fine = np.arange(sweep.values[0], sweep.values[-1] + 1e-9, STEP)

    def at(table: Array) -> Array:
        return np.array([np.interp(fine, sweep.values, column) for column in table.T]).T

    friction = np.maximum(of["friction_demand_heel_left"], of["friction_demand_heel_right"])
    spare = np.minimum(
        *(of[f"lateral_stiffness_supply_{s}"] - of[f"lateral_stiffness_demand_{s}"] for s in ("left", "right"))
    )
    knee = np.nanmedian(np.maximum(of["knee_flexion_left"], of["knee_flexion_right"]), axis=1)
    slides = np.interp(fine, sweep.values, np.nanmean(friction <= least_grip, axis=1)) < NINE_IN_TEN
    lifts = np.interp(fine, sweep.values, np.nanmean(friction < LIFTED, axis=1)) < NINE_IN_TEN
    falls = np.interp(fine, sweep.values, np.nanmean(spare >= 0.0, axis=1)) < NINE_IN_TEN
    folds = np.interp(fine, sweep.values, knee) > most_knee
    ok = ~(slides | falls | folds)
    holds = bool(ok.any())
    if not holds:
        stands = np.interp(fine, sweep.values, np.nanmean((friction <= least_grip) & (spare >= 0.0), axis=1))
        most = np.flatnonzero(stands == stands.max())
        ok = np.zeros_like(ok)
        ok[most[most.size // 2]] = True
    pulls = at(pull(sweep))
    best = int(np.flatnonzero(ok)[np.argmin(np.nanmedian(pulls[ok], axis=1))])
    more = np.nanmedian(pulls - pulls[best], axis=1)
    good = ok & (more <= same_pull)
    low, high = _around(best, good)
    reach = tuple(float(fine[k]) for k in _around(best, ok))

    def why(k: int, end: str) -> str:
        if not 0 <= k < fine.size:
            return f"{end} was not tried"
        reasons = [
            (folds[k], f"the knees bend more than {most_knee:.0f} degrees"),
            (lifts[k], "the hip flexors may draw a foot off the floor"),
            (slides[k] and not lifts[k], "the feet may slide"),
            (falls[k], "the knees may fall to a side"),
            (more[k] > same_pull, f"psoas and iliacus pull over {same_pull:.0f} N a side more"),
        ]
        return " and ".join(text for so, text in reasons if so) or "it is no better"

    return Band(
        float(fine[low]),
        float(fine[high]),
        why(low - 1, "nearer"),
        why(high + 1, "farther"),
        holds,
        (reach[0], reach[1]),
    )


def _around(place_: int, so: Flags) -> tuple[int, int]:
    """The stretch around a place over which something is so."""
    low = high = place_
    while low > 0 and so[low - 1]:
        low -= 1
    while high < so.size - 1 and so[high + 1]:
        high += 1
    return low, high


def _folded(found: Equilibrium) -> bool:
    """Whether the knees of most are bent so far that nothing nearer need be tried."""
    tree = found.body.tree
    bent = [-np.degrees(found.coordinates[:, tree.coordinate("tibia" + end, "flexion")]) for end in ("_r", "_l")]
    return bool(np.median(np.maximum(*bent)) > TOO_BENT)


def _pulled(sources: float) -> Callable[[Equilibrium], bool]:
    """Whether farther heels need not be tried: beyond what the sources say [m], and psoas and iliacus pull far more already
    than where they were first laid down."""
    first: list[Array] = []

    def enough(found: Equilibrium) -> bool:
        tension = found.evaluation().muscle.tension
        lines = found.body.tree.muscles
        sides = []
        for end in ("_l", "_r"):
            of = [
                k for k, name in enumerate(lines) if name.startswith(("psoas_major", "iliacus")) and name.endswith(end)
            ]
            sides.append(tension[:, of].sum(1))
        pulls = np.maximum(*sides)
        first.append(pulls)
        far = (found.position.number("heel_distance") or 0.0) >= sources
        return far and float(np.median(pulls - first[0])) > FAR_MORE * SAME_PULL

    return enough


def heel_trouble(found: Equilibrium, *, most_knee: float = MOST_KNEE) -> list[str]:
    """What of the rule for the heels does not hold where bodies rest, a clause each.

    Args:
        found: The bodies; one that did not come to rest counts as not holding.
        most_knee: See :data:`MOST_KNEE` [deg].
    Returns:
        Clauses; none where the rule holds.
    Raises:
        DataError: ``props.csv`` lacks the surface.
    """
    of = {name: one.values for name, one in measure(found).items()}
    friction = np.maximum(of["friction_demand_heel_left"], of["friction_demand_heel_right"])
    spare = np.minimum(
        *(of[f"lateral_stiffness_supply_{s}"] - of[f"lateral_stiffness_demand_{s}"] for s in ("left", "right"))
    )
    knee = np.maximum(of["knee_flexion_left"], of["knee_flexion_right"])
    in_nine = lambda so: np.mean(so & found.converged) >= NINE_IN_TEN  # noqa: E731
    trouble = []
    if not in_nine(friction <= grip(found.position.surface)):
        trouble.append(
            "the feet may slide" if in_nine(friction < LIFTED) else "the hip flexors may draw a foot off the floor"
        )
    if not in_nine(spare >= 0.0):
        trouble.append("the knees may fall to a side")
    if found.converged.any() and np.median(knee[found.converged]) > most_knee:
        trouble.append(f"the knees bend more than {most_knee:.0f} degrees")
    return trouble


def _heels(person: Person, ensemble: Ensemble, resting: Position, props: list[Prop], told: Told | None) -> _Plan:
    of = {one.name: one for one in scaled.set_up(person, resting.without("heel_distance")).lines}
    sources, width = of["heel_distance"], of["foot_width"]
    own = resting.number("heel_distance")
    resting = resting.with_values(foot_width=width.quantity.value)
    free = resting.without("heel_distance")
    far_enough = _pulled(sources.quantity.high)
    sweep = over_heel_distance(
        ensemble, free, props, HEELS, HEEL_QUANTITIES, told=told, nearest=_folded, farthest=far_enough
    )
    band = heel_band(sweep, resting.surface)
    # Laid down there at once, and not by way of other distances, the bodies may rest a little otherwise, which can matter
    # where what holds is narrow.
    beyond = [round(band.high + d, 3) for d in BEYOND if band.holds and band.high + d <= band.reach[1]]
    inside = list(dict.fromkeys((0.5 * (band.low + band.high), band.high, band.low)))
    tried = [own] if own is not None else [*inside, *beyond]

    def words(whole: _Whole, trouble: list[str]) -> tuple[list[Line], list[str]]:
        value = whole.lying.number("heel_distance") or 0.0
        if band.holds:
            said = (
                f"From {length(band.low, 'cm')} to {length(band.high, 'cm')} it is all the same to the model by this rule: in"
                f" nine bodies of ten the feet hold and the knees stay up, the knees bend no more than {MOST_KNEE:.0f}"
                f" degrees, and psoas and iliacus pull within {SAME_PULL:.0f} N a side of their least there. Nearer,"
                f" {band.nearer}; farther, {band.farther}."
            )
        else:
            said = (
                f"No distance satisfies the rule on the {resting.surface}: at each of them, in more than one body of ten, the"
                " feet may slide, the knees fall to a side or the hip flexors draw a foot off the floor. At"
                f" {length(band.low, 'cm')} the fewest do."
            )
        ends = (band.low, band.high)
        if own is None and value > band.high:
            ends = (value, value)
            said += f" Laid down there at once they do not quite hold; at {length(value, 'cm')} they do, with a little more pull."
        if trouble and (band.holds or own is not None):
            said += f" At {length(value, 'cm')} itself it does not hold: {' and '.join(trouble)}."
        said += f" {against(band, sources.quantity.low, sources.quantity.high)}" if band.holds else ""
        if own is not None:
            among = band.holds and band.low <= own <= band.high
            said = f"Your own choice, {'among' if among else 'outside'} what is equally good. {said}"
        quantity = Quantity("heel_distance", value, "m", *ends, sources.quantity.sources)
        return [replace(sources, quantity=quantity, reason=said), width], []

    options = [(resting.with_values(heel_distance=value), props) for value in tried]
    return _Plan(options, heel_trouble, words, "heel_distance", sweep)


def against(band: Band, low: float, high: float, unit: str = "cm") -> str:
    """What the search says of the sources' band.

    Args:
        band: What is equally good.
        low, high: The sources' ends, scaled to these legs [m].
        unit: ``cm`` or ``in``, for lengths.
    Returns:
        A sentence.
    """
    own = f"The sources' {length(low, unit)} to {length(high, unit)}, scaled to these legs,"
    if band.low <= low and high <= band.high:
        return f"{own} lie within it."
    if band.high < low or high < band.low:
        return f"{own} lie outside it: the model does not support them by this rule."
    return f"{own} overlap it from {length(max(low, band.low), unit)} to {length(min(high, band.high), unit)}."


# -- under the shoulders ------------------------------------------------------------------------------


def pile_band(sweep: Sweep) -> tuple[Band, bool]:
    """Heights under the shoulders at which the thighs rest on the floor and the lower ribs stay free.

    Args:
        sweep: From :func:`psoas.advice.sweep.over_props`, over heights.
    Returns:
        The band, and whether lying flat is in it; where no height does it, the lowest height at which the thighs hang as
        little as they do anywhere.
    """
    of = sweep.quantities
    load = np.nanmedian(np.minimum(of["support_force_thigh_left"], of["support_force_thigh_right"]), axis=1)
    ribs = np.nanmedian(of["support_force_ribs"], axis=1)
    gap = np.nanmedian(np.maximum(of["thigh_gap_left"], of["thigh_gap_right"]), axis=1)
    fine = np.arange(sweep.values[0], sweep.values[-1] + 1e-9, STEP)
    down = np.interp(fine, sweep.values, load) >= THIGH_LOAD
    free = np.interp(fine, sweep.values, ribs) <= FREE_RIBS
    ok = down & free
    if not ok.any():
        hangs = np.where(free, np.interp(fine, sweep.values, gap), np.inf)
        best = float(fine[int(np.flatnonzero(hangs <= hangs.min() + SAME_GAP)[0])])
        return Band(best, best, "", "", False), False
    first = int(np.flatnonzero(ok)[0])
    last = first
    while last < fine.size - 1 and ok[last + 1]:
        last += 1
    nearer = "the thighs hang" if first else ""
    farther = (
        ""
        if last == fine.size - 1
        else "the thighs rise again"
        if free[last + 1]
        else "the lower ribs come to rest on it"
    )
    return Band(float(fine[first]), float(fine[last]), nearer, farther, True), first == 0


def _past() -> Callable[[Equilibrium], bool]:
    """Whether higher piles need not be tried: some did what is asked, and the last two no longer do."""
    did: list[bool] = []

    def enough(found: Equilibrium) -> bool:
        did.append(not pile_trouble(found))
        return any(did) and not any(did[-2:])

    return enough


def pile_trouble(found: Equilibrium) -> list[str]:
    """What of the rule for a pile under the shoulders does not hold where bodies rest, a clause each.

    Args:
        found: The bodies; those that did not come to rest are left out.
    Returns:
        Clauses; none where the rule holds.
    Raises:
        DataError: A table lacks a row.
    """
    if not found.converged.any():
        return ["the bodies do not come to rest"]
    of = {name: one.values[found.converged] for name, one in measure(found).items()}
    load = np.minimum(of["support_force_thigh_left"], of["support_force_thigh_right"])
    trouble = ["a thigh hangs"] if np.median(load) < THIGH_LOAD else []
    return trouble + (["the lower ribs come to rest on it"] if np.median(of["support_force_ribs"]) > FREE_RIBS else [])


def _pile(
    ensemble: Ensemble,
    resting: Position,
    props: list[Prop],
    have: Sequence[Prop],
    own: Sequence[Prop],
    told: Told | None,
) -> _Plan:
    flat = position("supine").with_values(resting.surface, arms=str(resting["arms"]))
    usual = prop("cushion")
    tried = {h: [replace(usual, thickness=h, soft=h, under="shoulders")] if h else [] for h in HEIGHTS}
    sweep = over_props(ensemble, resting, tried, PILE_QUANTITIES, told=told, instead={0.0: flat}, enough=_past())
    band, flat_does = pile_band(sweep)
    gaps = np.nanmedian(np.maximum(sweep.quantities["thigh_gap_left"], sweep.quantities["thigh_gap_right"]), axis=1)
    now, then = gaps[0], float(np.interp(band.low, sweep.values, gaps))
    middle = 0.5 * (band.low + band.high)
    value = 0.5 * (band.low + min(band.high, MODEST)) if flat_does else min(band.low + 2.0 * STEP, middle)
    load = np.nanmedian(np.minimum(*(sweep.quantities[f"support_force_thigh_{s}"] for s in ("left", "right"))), axis=1)
    if not band.holds:
        up_to = length(float(sweep.values[-1]), "cm")
        misses = (
            f"up to {up_to} the thighs do not both come to bear {THIGH_LOAD:.0f} N"
            if load.max() < THIGH_LOAD
            else f"up to {up_to} there is none at which both thighs bear {THIGH_LOAD:.0f} N and the lower ribs stay free"
        )
        least = (
            f"The gap under them is as small as it gets lying flat, {now / 10:.1f} cm."
            if band.low < STEP
            else f"From {length(band.low, 'cm')} on the gap under them is as small as it gets, {then / 10:.1f} cm, from"
            f" {now / 10:.1f} cm lying flat."
        )
        reason = f"In the model no height lets both thighs rest on the floor, so it names none: {misses}. {least}"
    elif flat_does:
        reason = (
            f"The thighs rest on the floor already when you lie flat, by the model; up to {length(band.high, 'cm')} they go"
            f" on doing so with the lower ribs free{'; higher, ' + band.farther if band.farther else ''}."
        )
    else:
        reason = (
            f"From {length(band.low, 'cm')} to {length(band.high, 'cm')} both thighs bear {THIGH_LOAD:.0f} N or more and the"
            f" lower ribs stay free; lower, {band.nearer}{'; higher, ' + band.farther if band.farther else ''}."
        )
    notes: list[str] = []
    piles = [list(own)] if own else _nearest_first(have, band, value)
    if not piles:
        heights = dict.fromkeys(max(h, usual.low) for h in (value, middle, band.high))
        piles = [_cushions(h) for h in heights]
        what = "Nothing at hand suits the shoulders" if have else "Nothing was named for the shoulders"
        notes.append(f"{what}; the numbers are for a firm cushion.")

    def words(whole: _Whole, trouble: list[str]) -> tuple[list[Line], list[str]]:
        pile = [p for p in whole.props if p.under == "shoulders"]
        height = sum(p.thickness for p in pile)
        steps = "; then ".join(f"{_a(p)} of {length(p.thickness, 'cm')}" for p in pile)
        edge = length(resting.number("edge") or 0.0, "cm")
        said = [*notes, f"On the floor first: {steps}. The edge is laid {edge} below your arms."]
        if band.holds and abs(height - value) > 0.02 and not band.low <= height <= band.high:
            what = "This" if own else "What is at hand"
            said.append(f"{what} makes {length(height, 'cm')}; {length(value, 'cm')} was looked for.")
        if band.holds and trouble:
            does = f"{length(band.low, 'cm')} to {length(band.high, 'cm')} of firm cushion would do"
            said.append(
                f"On it {' and '.join(trouble)}, by the model; {does if band.high > 0.0 else 'lying flat would do'}."
            )
        why = f"Your own choice, {'outside' if trouble else 'among'} what does it. {reason}" if own else reason
        quantity = Quantity("height", height, "m", min(band.low, height), max(band.high, height), ("004",))
        return [Line("height", "height under shoulders and head, before anyone lies on it", quantity, (), why)], said

    options = [(resting, [*props, *pile]) for pile in piles[: FEW_PILES if band.holds else 1]]
    return _Plan(options, pile_trouble, words, "height", sweep)


def _cushions(height: float) -> list[Prop]:
    """Firm cushions that make a height, as few as do [of equal thickness]."""
    usual = prop("cushion")
    number = int(np.ceil(height / usual.high - 1e-9))
    return [prop("cushion", max(height / number, usual.low), "shoulders")] * number


def _nearest_first(have: Sequence[Prop], band: Band, value: float) -> list[list[Prop]]:
    """Piles of what is at hand, those within the band first, then those nearest to it; of each, the nearest to the value."""

    def far(pile: Sequence[Prop]) -> tuple[float, float, int]:
        height = sum(p.thickness for p in pile)
        return (
            round(max(band.low - height, height - band.high, 0.0), 3),
            round(abs(height - value), 3),
            len(pile),
        )

    return sorted(_piles(have), key=far)


def _shown_below(found: Equilibrium) -> list[str]:
    """004's check with the arms out in a T: how much of the pile shows below them."""
    tree, support = found.body.tree, found.support
    lowest = support.prop_places.index("shoulders")
    edge = support.prop_center[:, lowest, 0] + support.prop_half_size[:, lowest, 0] + support.prop_rounding[:, lowest]
    arms = [tree.segment("upper_arm" + end) for end in ("_r", "_l")]
    shoulders = pose(found.body, found.coordinates).position[:, arms, 0].mean(1)
    shows = 100.0 * (edge - shoulders - found.body.skin_radius[:, tree.skin.index("upper_arm_r")])[found.converged]
    low, middle, high = np.percentile(shows, [LOW, 50.0, HIGH])
    return [
        f"With the arms out in a T, {middle:.0f} cm ({low:.0f} to {high:.0f}) of it would show below them, by the model; 004"
        " says a couple of inches."
    ]


def build_pile(have: Sequence[Prop], height: float) -> list[Prop]:
    """The pile of what is at hand that comes nearest to a height, the thickest lowest.

    Args:
        have: Props at hand; a chair is no part of it, and pillow and towel are kept for the head where there is more.
        height: Before anyone lies on it [m].
    Returns:
        Props under the shoulders; empty where nothing is at hand. Of piles that come equally near, the one of fewest.
    """
    piles = _piles(have)
    return min(piles, key=lambda pile: (round(abs(sum(p.thickness for p in pile) - height), 3), len(pile)), default=[])


def _piles(have: Sequence[Prop]) -> list[list[Prop]]:
    """Every pile that can be made of what is at hand, the thickest lowest."""
    useful = [replace(p, under="shoulders") for p in have if p.under != "calves" and p.id not in ("pillow", "towel")]
    useful = useful or [replace(p, under="shoulders") for p in have if p.id == "towel"]
    piles = [list(some) for n in range(1, len(useful) + 1) for some in combinations(useful, n)]
    return [sorted(pile, key=lambda p: -p.thickness) for pile in piles]


# -- under the head -----------------------------------------------------------------------------------


def _towel(
    ensemble: Ensemble,
    resting: Position,
    props: Sequence[Prop],
    have: Sequence[Prop],
    own: Sequence[Prop],
    laid: Equilibrium,
    told: Told | None,
) -> tuple[Line, list[Prop], Sweep]:
    piles = {h: [*props, *([prop("towel", h, "head")] if h else [])] for h in TOWELS}
    sweep = over_props(ensemble, resting, piles, ("head_tilt",), told=told, title="towel", known=laid)
    tilt = sweep.quantities["head_tilt"]
    level = np.array([_crossing(sweep.values, column) for column in tilt.T])
    low, middle, high = np.nanpercentile(level, [LOW, 50.0, HIGH])
    tips = lambda thick: float(np.interp(thick, sweep.values, np.nanmedian(tilt, axis=1)))  # noqa: E731
    flat, thick = tips(0.0), float(np.clip(round(middle / STEP) * STEP, 0.01, TOWELS[-1]))
    taken = {p.id for p in props}
    at_hand = [_folded_to(p, thick) for p in have if p.under == "head" and p.id not in taken]
    under: list[Prop] = []
    if own:
        under = list(own)
        there = sum(p.thickness for p in own)
        reason = (
            f"Your own choice; with it {_tipped(tips(there))}, by the model, and about {length(max(middle, 0.0), 'cm')} would"
            " bring forehead and chin level."
        )
    elif flat <= LEVEL:
        reason = f"Without anything {_tipped(flat)}, by the model; bodies differ, so look at forehead and chin."
    else:
        best = min(at_hand, key=lambda p: abs(tips(p.thickness)), default=prop("towel", thick, "head"))
        reason = (
            f"Without it the chin tips up by about {flat:.0f} degrees, by the model; about {length(middle, 'cm')} brings"
            " forehead and chin level."
        )
        if abs(tips(best.thickness)) < abs(flat):
            under = [best]
            if abs(tips(best.thickness)) > LEVEL:
                reason += f" With what is at hand {_tipped(tips(best.thickness))}."
        else:
            reason += f" What is at hand, {length(best.thickness, 'cm')}, is too thick for that, so nothing lies there."
    there = sum(p.thickness for p in under)
    quantity = Quantity("towel", there, "m", min(float(low), there), max(float(high), there), ("002",))
    return Line("towel", "under the head, as folded", quantity, (), reason), under, sweep


def _folded_to(p: Prop, thickness: float) -> Prop:
    """What can be folded, folded as near to a thickness as it goes; else as it is."""
    return prop(p.id, float(np.clip(thickness, p.low, p.high)), p.under) if p.id in FOLDED else p


def _tipped(tilt: float) -> str:
    """How a head lies, in words."""
    if abs(tilt) <= LEVEL:
        return f"the head tips by about {abs(tilt):.0f} degrees, which counts as level"
    return f"the {'chin' if tilt > 0.0 else 'forehead'} tips up by about {abs(tilt):.0f} degrees"


def _crossing(heights: Array, tilt: Array) -> float:
    """Thickness at which one body's head is level [m]; the ends of what was tried beyond them."""
    known = np.isfinite(tilt)
    if not known.any():
        return float("nan")
    return float(np.interp(0.0, -tilt[known], heights[known]))


def _a(p: Prop) -> str:
    name = p.id.replace("-", " ")
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
