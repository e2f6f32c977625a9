"""Run the model against the mechanical claims of the sources; writes claims-runs.json, claims-runs.md and the results in claims.md.

Run: ``python docs/claims.py`` (``make docs`` does). Every run is the seeded ensemble of ``psoas.uncertainty``, and every
difference is taken member by member. Nothing here feeds back into the model.
"""

# ruff: noqa: E501  (each run stands on one line)
from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np

from psoas import uncertainty
from psoas.body.build import build, build_many
from psoas.body.kinematics import pose
from psoas.body.model import take
from psoas.body.paths import muscle_paths
from psoas.body.variation import Variation
from psoas.energy import muscle_state
from psoas.equilibrium import Equilibrium, rest
from psoas.mechanics.joint import passive_resistance
from psoas.person import Limb, Person
from psoas.position import position
from psoas.props import prop
from psoas.quantities import measure
from psoas.uncertainty import HIGH, LOW, PSOAS_FORCE, fitted_draws
from psoas.units import Quantity, display

HERE = Path(__file__).parent
MEMBERS = uncertainty.MEMBERS
"""All of the ensemble."""
PLAIN = Person("female", 1.72, 68.0)
"""The person of ``examples/person.toml``."""
LEVELS = ("L5_S1", "L4_L5", "L3_L4", "L2_L3", "L1_L2", "T12_L1")
HEELS = (0.20, 0.3048, 0.4064, 0.55)
"""Distances run [m]; the second and third are 12 and 16 inches."""
TOWELS = (0.01, 0.03, 0.06)


# -- runs ---------------------------------------------------------------------------------------------


def both(shortening: float) -> Person:
    """The person with both sides' hip flexors shortened."""
    limb = Limb(hip_flexor_shortening=shortening)
    return replace(PLAIN, left=limb, right=limb)


@dataclass(frozen=True)
class Run:
    """What is asked of the model."""

    person: Person = PLAIN
    position: str = "supine"
    surface: str | None = None
    towel: float | None = None
    flexors: bool = True
    values: tuple[tuple[str, float | str], ...] = ()

    def words(self) -> str:
        """In a few words."""
        said = [{"supine": "straight", "constructive-rest": "constructive rest"}[self.position]]
        left, right = self.person.left.hip_flexor_shortening, self.person.right.hip_flexor_shortening
        if left and right:
            said.append(f"shortening {left:g}")
        elif left or right:
            said.append(f"shortening {max(left, right):g} on the {'left' if left else 'right'} only")
        for name, value in self.values:
            said.append(f"heels {value * 100:.0f} cm" if name == "heel_distance" else f"{name} {value}")
        if self.towel:
            said.append(f"towel {self.towel * 100:g} cm")
        if self.surface:
            said.append(self.surface)
        if self.person.tone:
            said.append(f"tone {self.person.tone:g}")
        if self.person.psoas_minor:
            said.append("with psoas minor")
        if not self.flexors:
            said.append("psoas and iliacus left out")
        return ", ".join(said)


STRAIGHT = Run()
BENT = Run(position="constructive-rest")


def heels(distance: float) -> Run:
    """Constructive rest with the heels at a distance [m]."""
    return replace(BENT, values=(("heel_distance", distance),))


@dataclass(frozen=True)
class Solved:
    """A run's equilibria: the default body and the members that came to rest."""

    nominal: Equilibrium
    ensemble: Equilibrium
    members: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "default_values", {k: m.values[0] for k, m in measure(self.nominal).items()})
        object.__setattr__(self, "values", {k: m.values for k, m in measure(self.ensemble).items()})
        object.__setattr__(self, "units", {k: m.unit for k, m in measure(self.nominal).items()})


@contextmanager
def without_flexors() -> Iterator[None]:
    """The ensemble's bodies with psoas and iliacus too thin to pull."""
    forget()
    drawn = uncertainty.fitted_draws
    bare = lambda *given: tuple(replace(v, **NO_FLEXORS) for v in drawn(*given))  # noqa: E731
    with patch.object(uncertainty, "fitted_draws", bare):
        yield
    forget()


def forget() -> None:
    """Drop bodies that the ensemble keeps between answers."""
    for kept in (uncertainty._bodies, uncertainty._lying_straight):
        kept.cache_clear()


NO_FLEXORS = {"psoas_area": 1e-9, "iliacus_area": 1e-9}


@cache
def solve(run: Run) -> Solved:
    """Solve the default body and the ensemble."""
    print(f"  {run.words()}", flush=True)
    resting = position(run.position).with_values(run.surface, **dict(run.values))
    props = [prop("towel", run.towel)] if run.towel else []
    nominal = rest(build(run.person, Variation(**({} if run.flexors else NO_FLEXORS))), resting, props)
    if not nominal.converged[0]:
        print(f"    the default body: {nominal.messages[0]}", file=sys.stderr)
    with nullcontext() if run.flexors else without_flexors():
        everyone = uncertainty.solve_ensemble(run.person, resting, props, MEMBERS, nominal)
    kept = np.flatnonzero(everyone.converged)
    return Solved(nominal, everyone.take(kept), kept)


# -- readings -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """One number from each member, and from the default body."""

    nominal: float
    values: np.ndarray
    members: np.ndarray


Ask = Callable[[], Reading]


def of(name: str, run: Run) -> Ask:
    """A quantity of a run."""

    def ask() -> Reading:
        solved = solve(run)
        return Reading(float(solved.default_values[name]), solved.values[name], solved.members)

    return ask


def change(name: str, before: Run, after: Run) -> Ask:
    """A quantity's change from one run to another, member by member."""

    def ask() -> Reading:
        a, b = of(name, before)(), of(name, after)()
        members, i, j = np.intersect1d(a.members, b.members, return_indices=True)
        return Reading(b.nominal - a.nominal, b.values[j] - a.values[i], members)

    return ask


def difference(one: Ask, other: Ask) -> Ask:
    """One reading less another, member by member."""

    def ask() -> Reading:
        a, b = one(), other()
        members, i, j = np.intersect1d(a.members, b.members, return_indices=True)
        return Reading(a.nominal - b.nominal, a.values[i] - b.values[j], members)

    return ask


def total(asks: list[Ask], weights: list[float]) -> Ask:
    """A weighted sum of readings."""

    def ask() -> Reading:
        found = [one() for one in asks]
        members = found[0].members
        return Reading(
            sum(w * f.nominal for w, f in zip(weights, found, strict=True)),
            np.sum([w * f.values for w, f in zip(weights, found, strict=True)], 0),
            members,
        )

    return ask


def across(name: str, before: Run, after: Run) -> Ask:
    """A quantity of any body after, less that of any other body before: what one look at one person has to go by."""

    def ask() -> Reading:
        a, b = of(name, before)(), of(name, after)()
        return Reading(
            b.nominal - a.nominal, (b.values[:, None] - a.values).ravel(), np.repeat(b.members, a.members.size)
        )

    return ask


def where_below(one: Ask, other: Ask, limit: float) -> Ask:
    """The first reading of those members whose second lies below a limit."""

    def ask() -> Reading:
        a, b = one(), other()
        members, i, j = np.intersect1d(a.members, b.members, return_indices=True)
        kept = b.values[j] < limit
        return Reading(a.nominal, a.values[i][kept], members[kept])

    return ask


def largest_part(one: Ask, other: Ask) -> Ask:
    """The first reading over the sum of both [%]."""

    def ask() -> Reading:
        a, b = one(), other()
        return Reading(
            100 * a.nominal / max(a.nominal + b.nominal, 1e-9),
            100 * a.values / np.maximum(a.values + b.values, 1e-9),
            a.members,
        )

    return ask


def middle_against_ends(name: str) -> Ask:
    """A quantity at 12 and 16 inches, the larger, less the smaller of that nearer and farther."""

    def ask() -> Reading:
        found = [of(name, heels(d))() for d in HEELS]
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


SIT = np.deg2rad(90.0)


def sitting_stretch() -> Ask:
    """Psoas fiber length on an upright chair less that in constructive rest: geometry only, nothing is solved [-].

    Hip at 90 degrees; the lumbar spine keeps 40 % of its standing angles, as between standing and chair sitting in the
    one man of Bae 2012 the lordosis fell from 66 to 47 degrees, and it falls further on a low seat.
    """

    def ask() -> Reading:
        bent = of("psoas_major_normalized_fiber_length_left", BENT)()
        both_ = []
        for body in (build(PLAIN), build_many(PLAIN, fitted_draws(PLAIN, MEMBERS))):
            q = 0.4 * body.standing
            for end in ("_r", "_l"):
                q[:, body.tree.coordinate("femur" + end, "flexion")] = SIT
            state = muscle_state(body, muscle_paths(body, pose(body, q)).length)
            rows = [i for i, m in enumerate(body.tree.muscles) if m.startswith("psoas_major") and m.endswith("_l")]
            share = body.max_isometric_force[:, rows] / body.max_isometric_force[:, rows].sum(1, keepdims=True)
            both_.append(np.sum((state.fiber_length / body.optimal_fiber_length)[:, rows] * share, 1))
        return Reading(float(both_[0][0] - bent.nominal), both_[1][bent.members] - bent.values, bent.members)

    return ask


EXTENSIONS = np.deg2rad(np.arange(-45.0, 61.0, 1.0))
HIP_MOMENT = 15.0
"""Moment at which the hip's extension is read, about what a hanging thigh gives in a Thomas test [N·m]."""


@cache
def extension_limits(person: Person) -> tuple[np.ndarray, np.ndarray]:
    """Hip flexion at which the left hip resists extension with ``HIP_MOMENT``, spine as standing: default, members [deg]."""
    found = []
    for body in (build(person), build_many(person, fitted_draws(person, MEMBERS))):
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

    def ask() -> Reading:
        plain, short = extension_limits(PLAIN), extension_limits(both(shortening))
        return Reading(float(short[0][0] - plain[0][0]), short[1] - plain[1], np.arange(MEMBERS))

    return ask


# -- rivals -------------------------------------------------------------------------------------------

RIVALS: dict[str, Callable[[object], str]] = {
    "psoas path": lambda v: v.psoas_path,
    "psoas areas": lambda v: v.psoas_areas,
    "passive curve": lambda v: v.passive_curve,
    "passive hip sum": lambda v: v.hip_sum,
    "hip zero": lambda v: "more flexed" if v.hip_zero > 0 else "more extended",
    "capsule's share": lambda v: "high" if v.capsule_share > CAPSULE_MIDDLE else "low",
    "psoas force at neutral": lambda v: "high" if v.psoas_stretch > STRETCH_MIDDLE else "low",
    "disc law": lambda v: v.disc_law,
    "trunk grip": lambda v: v.trunk_grip,
    "skin: back": lambda v: "thick" if v.back_tissue > 0 else "thin",
    "skin: ribs": lambda v: "far back" if v.back_profile > 0 else "flat",
    "skin: buttocks": lambda v: "far back" if v.buttock > 0 else "flat",
    "skin: thighs": lambda v: "deep" if v.thigh_flesh > 0 else "shallow",
}
DRAWN = fitted_draws(PLAIN, MEMBERS)
CAPSULE_MIDDLE = float(np.median([v.capsule_share for v in DRAWN]))
STRETCH_MIDDLE = float(np.median([v.psoas_stretch for v in DRAWN]))
FEWEST_IN_GROUP = 6


def groups(reading: Reading) -> dict[str, dict[str, tuple[float, float, int]]]:
    """For every rival and what it may be: median, share above zero, and number of members."""
    table = {}
    for rival, name in RIVALS.items():
        kinds = np.array([name(DRAWN[m]) for m in reading.members])
        table[rival] = {
            str(kind): (float(np.median(v)), float(np.mean(v > 0)), int(v.size))
            for kind in dict.fromkeys(kinds)
            if (v := reading.values[kinds == kind]).size >= FEWEST_IN_GROUP
        }
    return table


# -- claims -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Test:
    """One run that bears on a claim."""

    what: str
    ask: Ask
    unit: str
    claimed: int
    """Sign that the claim expects; 0 where it expects none."""
    matters: float
    """Below this size nobody would notice [unit]."""


@dataclass(frozen=True)
class Claim:
    """What a source says, and what is run."""

    id: str
    says: str
    """In our words, with the sources that say it."""
    tests: tuple[Test, ...]
    decides: int | None = 0
    """Which test answers the claim in the summary; ``None`` where none does."""


FORCE, FIBER = "psoas_major_passive_force_left", "psoas_major_normalized_fiber_length_left"
SHORT15, SHORT30 = (replace(STRAIGHT, person=both(s)) for s in (0.15, 0.30))
BENT30 = replace(BENT, person=both(0.30))
LEFT20 = replace(STRAIGHT, person=replace(PLAIN, left=Limb(hip_flexor_shortening=0.2)))
TONE = replace(STRAIGHT, person=replace(PLAIN, tone=0.02))
MINOR, MINOR_BENT = (replace(r, person=replace(PLAIN, psoas_minor=True)) for r in (STRAIGHT, BENT))
BARE, BARE_BENT = replace(STRAIGHT, flexors=False), replace(BENT, flexors=False)

CLAIMS = (
    Claim("4-5", "Heels 12 to 16 inches from the buttocks are the right distance (001, 002).", (
        Test("psoas fiber length with the heels at 12 and 16 in (the larger), less the smaller of 20 and 55 cm", middle_against_ends(FIBER), "1", -1, 0.02),
        Test("psoas force with the heels at 12 and 16 in (the larger), less the smaller of 20 and 55 cm", middle_against_ends(FORCE), "N", -1, 1.0),
        Test("psoas force, heels from 12 to 16 in", change(FORCE, heels(HEELS[1]), heels(HEELS[2])), "N", 0, 1.0),
        Test("lumbar lordosis, heels from 12 to 16 in", change("lumbar_lordosis", heels(HEELS[1]), heels(HEELS[2])), "deg", 0, 1.0),
        Test("friction needed under the foot, heels from 12 to 16 in", change("friction_demand_heel_left", heels(HEELS[1]), heels(HEELS[2])), "1", 0, 0.05),
        Test("friction needed under the foot, heels from 16 in to 55 cm", change("friction_demand_heel_left", heels(HEELS[2]), heels(HEELS[3])), "1", 0, 0.05),
        Test("sideways stiffness needed at the hip, heels from 12 to 16 in", change("lateral_stiffness_demand_left", heels(HEELS[1]), heels(HEELS[2])), "Nm/rad", 0, 1.0),
    ), decides=None),
    Claim("7", "A folded towel under the head, if trunk and head are not parallel with the floor (002).", (
        *(Test(f"lumbar lordosis, towel of {t * 100:g} cm put under the head", change("lumbar_lordosis", BENT, replace(BENT, towel=t)), "deg", 0, 1.0)
        for t in TOWELS),
        Test("psoas force, towel of 3 cm put under the head", change(FORCE, BENT, replace(BENT, towel=0.03)), "N", 0, 1.0),
    ), decides=None),
    Claim("8", "Do not push the low back down or tuck the pelvis (001, 002).", (
        Test("psoas length if every lumbar level in constructive rest were flattened by 2° more", arm_between(LEVELS, BENT, 2.0), "mm", 1, 1.0),
        Test("compression of L4-L5, straight to constructive rest", change("compression_L4_L5", STRAIGHT, BENT), "N", 0, 20.0),
    ), decides=None),
    Claim("10", "Arms over the ribs, on the belly or by the sides, below shoulder height (001, 002).", (
        *(Test(f"lumbar lordosis, arms from the belly to the {a}", change("lumbar_lordosis", BENT, replace(BENT, values=(("arms", a),))), "deg", 0, 1.0)
        for a in ("sides", "ribs")),
        Test("psoas force, arms from the belly to the sides", change(FORCE, BENT, replace(BENT, values=(("arms", "sides"),))), "N", 0, 1.0),
    ), decides=None),
    Claim("16", "In constructive rest the psoas is released: its pull falls (001, 002).", (
        Test("psoas force, straight to constructive rest", change(FORCE, STRAIGHT, BENT), "N", -1, 1.0),
        Test("iliacus force, straight to constructive rest", change("iliacus_passive_force_left", STRAIGHT, BENT), "N", -1, 1.0),
        Test("lumbar lordosis, straight to constructive rest", change("lumbar_lordosis", STRAIGHT, BENT), "deg", -1, 1.0),
        Test("the same with psoas and iliacus left out", change("lumbar_lordosis", BARE, BARE_BENT), "deg", -1, 1.0),
        Test("what psoas and iliacus add to that flattening", difference(
            change("lumbar_lordosis", STRAIGHT, BENT), change("lumbar_lordosis", BARE, BARE_BENT)), "deg", -1, 1.0),
    )),
    Claim("17", "A padded floor, not a bed, which tends to be too soft (002).", (
        Test("lumbar lordosis in constructive rest, floor to mattress", change("lumbar_lordosis", BENT, replace(BENT, surface="mattress")), "deg", 0, 1.0),
        Test("psoas force in constructive rest, floor to mattress", change(FORCE, BENT, replace(BENT, surface="mattress")), "N", 1, 1.0),
    ), decides=1),
    Claim("51", "Lower ribs that stick up when lying flat show a tight psoas (004).", (
        Test("rib gap lying straight, shortening 0 to 0.15", change("rib_gap_left", STRAIGHT, SHORT15), "mm", 1, 5.0),
        Test("rib gap lying straight, shortening 0 to 0.30", change("rib_gap_left", STRAIGHT, SHORT30), "mm", 1, 5.0),
        Test("lumbar lordosis lying straight, shortening 0 to 0.30", change("lumbar_lordosis", STRAIGHT, SHORT30), "deg", 1, 1.0),
        Test("rib gap lying straight with no shortening at all", of("rib_gap_left", STRAIGHT), "mm", -1, 5.0),
        Test("rib gap of one body with shortening 0.15 less that of another with none", across("rib_gap_left", STRAIGHT, SHORT15), "mm", 1, 5.0),
    ), decides=4),
    Claim("52", "Hamstrings off the floor when lying flat show a tight psoas (004).", (
        Test("thigh gap lying straight, shortening 0 to 0.15", change("thigh_gap_left", STRAIGHT, SHORT15), "mm", 1, 5.0),
        Test("thigh gap lying straight, shortening 0 to 0.30", change("thigh_gap_left", STRAIGHT, SHORT30), "mm", 1, 5.0),
        Test("thigh gap lying straight with no shortening at all", of("thigh_gap_left", STRAIGHT), "mm", -1, 5.0),
        Test("thigh gap of one body with shortening 0.15 less that of another with none", across("thigh_gap_left", STRAIGHT, SHORT15), "mm", 1, 5.0),
    ), decides=3),
    Claim("55", "A tight psoas draws the rib cage forward, \"rib shear\" (004).", (
        Test("rib gap lying straight, resting tone of psoas and iliacus 0 to 2 %", change("rib_gap_left", STRAIGHT, TONE), "mm", 1, 5.0),
        Test("shear at T12-L1 lying straight, shortening 0 to 0.30 (+ holds the ribs back as they are drawn forward)", change("shear_T12_L1", STRAIGHT, SHORT30), "N", 1, 5.0),
        Test("upper psoas arm: pull of the psoas on T12-L1, + hollows the back", of("psoas_major_T12_L1_moment_arm_left", STRAIGHT), "mm", 1, 1.0),
    )),
    Claim("56", "Tips, dips and torques of the pelvis go with a psoas that is engaged (001).", (
        Test("pelvic tilt lying straight, shortening 0 to 0.30 (+ tips forward)", change("pelvic_tilt", STRAIGHT, SHORT30), "deg", 1, 1.0),
        Test("left hip flexion less right, left side shortened by 0.2", difference(of("hip_flexion_left", LEFT20), of("hip_flexion_right", LEFT20)), "deg", 1, 1.0),
    )),
    Claim("58", "A tight psoas goes with tight hip sockets (001) and little hip extension (003).", (
        Test("hip extension lost before 15 N·m, shortening 0 to 0.15", extension_lost(0.15), "deg", 1, 2.0),
        Test("hip extension lost before 15 N·m, shortening 0 to 0.30", extension_lost(0.30), "deg", 1, 2.0),
    )),
    Claim("60", "A tight psoas leaves the low back overly curved (003; or overly flat).", (
        Test("lumbar lordosis lying straight with psoas and iliacus, less without them", change("lumbar_lordosis", BARE, STRAIGHT), "deg", 1, 1.0),
        Test("lumbar lordosis in constructive rest with psoas and iliacus, less without them", change("lumbar_lordosis", BARE_BENT, BENT), "deg", 1, 1.0),
    )),
    Claim("112", "In constructive rest the psoas is bent, so it is short already (a reader, 002).", (
        Test("psoas fiber length, straight to constructive rest", change(FIBER, STRAIGHT, BENT), "1", -1, 0.02),
        Test("psoas fiber length on an upright chair less in constructive rest (geometry only)", sitting_stretch(), "1", 0, 0.02),
        Test("psoas force left in constructive rest", of(FORCE, BENT), "N", 0, 1.0),
        Test("psoas force left in constructive rest with shortening 0.30", of(FORCE, BENT30), "N", 0, 1.0),
        Test("lumbar gap, straight to constructive rest", change("lumbar_gap", STRAIGHT, BENT), "mm", -1, 5.0),
    )),
    Claim("116", "Ribs down and pressure in the belly make the psoas tight (a reader, 002).", (
        Test("psoas length lying straight if T12-L1, L1-L2 and L2-L3 were each flattened by 2°", arm_between(LEVELS[3:], STRAIGHT, 2.0), "mm", 1, 1.0),
        Test("psoas length lying straight if every level were flattened by 2°", arm_between(LEVELS, STRAIGHT, 2.0), "mm", 1, 1.0),
    )),
    Claim("121", "Iliacus and psoas minor matter too; the first run answers for iliacus (a reader, 001).", (
        Test("iliacus' share of the two muscles' force lying straight", largest_part(of("iliacus_passive_force_left", STRAIGHT), of(FORCE, STRAIGHT)), "%", 1, 10.0),
        Test("lumbar lordosis lying straight, psoas minor added", change("lumbar_lordosis", STRAIGHT, MINOR), "deg", 0, 1.0),
        Test("psoas minor force lying straight, where there is one", of("psoas_minor_passive_force_left", MINOR), "N", 0, 1.0),
        Test("lumbar lordosis in constructive rest, psoas minor added", change("lumbar_lordosis", BENT, MINOR_BENT), "deg", 0, 1.0),
    )),
    Claim("137", "Constructive rest lengthens the psoas (000).", (
        Test("psoas major length, straight to constructive rest", change("psoas_major_length_left", STRAIGHT, BENT), "mm", 1, 2.0),
        Test("the same with shortening 0.30", change("psoas_major_length_left", SHORT30, BENT30), "mm", 1, 2.0),
    )),
    Claim("142", "Ribs that come down show that the psoas has lengthened (004).", (
        Test("rib gap, straight to constructive rest", change("rib_gap_left", STRAIGHT, BENT), "mm", -1, 5.0),
        Test("psoas length, straight to constructive rest, in the bodies whose ribs come down by more than 5 mm",
             where_below(change("psoas_major_length_left", STRAIGHT, BENT), change("rib_gap_left", STRAIGHT, BENT), -5.0), "mm", 1, 2.0),
        Test("rib gap, straight to constructive rest with psoas and iliacus left out", change("rib_gap_left", BARE, BARE_BENT), "mm", 0, 5.0),
    ), decides=1),
)  # fmt: skip


# -- results ------------------------------------------------------------------------------------------

SURE = 0.9


def verdict(test: Test, reading: Reading) -> str:
    """In one or two words; ``psoas.uncertainty.changes`` calls the same changes sure."""
    low, high = np.percentile(reading.values, [LOW, HIGH])
    middle = float(np.median(reading.values))
    if max(abs(low), abs(high)) < test.matters:
        return "too small to notice"
    agree = max(np.mean(reading.values > 0), np.mean(reading.values < 0))
    if not (agree >= SURE and (low > 0 or high < 0)):
        return "cannot tell"
    small = ", mostly too small to notice" if abs(middle) < test.matters else ""
    if test.claimed == 0:
        return ("more" if middle > 0 else "less") + small
    return ("supports" if np.sign(middle) == test.claimed else "contradicts") + small


def outcome(claim: Claim, test: Test) -> dict:
    """One test's result, ready for JSON."""
    reading = test.ask()
    low, high = (float(x) for x in np.percentile(reading.values, [LOW, HIGH]))
    middle = float(np.median(reading.values))
    table = groups(reading)
    flips = [
        f"{rival} {kind}"
        for rival, kinds in table.items()
        for kind, (median, _, _) in kinds.items()
        if median * middle < 0 and abs(median) > 0.05 * test.matters
    ]
    spread = {
        rival: max(v[0] for v in kinds.values()) - min(v[0] for v in kinds.values())
        for rival, kinds in table.items()
        if len(kinds) > 1
    }
    most = max(spread, key=lambda k: spread[k]) if spread else ""
    return {
        "claim": claim.id,
        "what": test.what,
        "unit": test.unit,
        "default": round(reading.nominal, 6),
        "median": round(middle, 6),
        "low": round(low, 6),
        "high": round(high, 6),
        "share_above_zero": round(float(np.mean(reading.values > 0)), 4),
        "members": int(np.unique(reading.members).size),
        "claimed": test.claimed,
        "matters": test.matters,
        "verdict": verdict(test, reading),
        "flips": flips,
        "moves_most": most,
        "moves_by": round(spread.get(most, 0.0), 6),
        "groups": {
            r: {k: [round(m, 6), round(s, 4), n] for k, (m, s, n) in kinds.items()} for r, kinds in table.items()
        },
    }


def spoken(row: dict) -> str:
    """Median and interval with their unit."""
    q = Quantity("x", row["median"], row["unit"], min(row["low"], row["median"]), max(row["high"], row["median"]), ())
    return q.format()


def block(rows: list[dict]) -> str:
    """The results of one claim as a table."""
    lines = [
        "| run | median (5th to 95th percentile) | default body | verdict | a rival that turns the sign |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        one = Quantity(
            "x", row["default"], row["unit"], min(row["low"], row["default"]), max(row["high"], row["default"]), ()
        )
        alone = one.format().split(" (")[0]
        flips = "; ".join(row["flips"][:4]) + ("; …" if len(row["flips"]) > 4 else "") or "none"
        if row["verdict"] in ("too small to notice",):
            flips = "–"
        lines.append(f"| {row['what']} | {spoken(row)} | {alone} | **{row['verdict']}** | {flips} |")
    return "\n".join(lines)


def summary(rows: dict[str, list[dict]]) -> str:
    """One line a claim, answered by the run that decides it."""
    lines = ["| features | what is said | the model |", "|---|---|---|"]
    for claim in CLAIMS:
        said = "no answer: see below" if claim.decides is None else rows[claim.id][claim.decides]["verdict"]
        lines.append(f"| [{claim.id}](#run-{claim.id}) | {claim.says} | **{said}** |")
    return "\n".join(lines)


def heel_table() -> tuple[list[dict], str]:
    """What changes with heel distance, position by position."""
    wanted = (
        (FORCE, "psoas force a side"), ("lumbar_lordosis", "lordosis"), ("hip_flexion_left", "hip flexion"),
        ("friction_demand_heel_left", "friction needed"), ("lateral_stiffness_demand_left", "sideways stiffness needed"),
    )  # fmt: skip
    data, lines = [], ["| heels | " + " | ".join(t for _, t in wanted) + " |", "|---" * (len(wanted) + 1) + "|"]
    for distance in HEELS:
        cells = []
        for name, _ in wanted:
            reading = of(name, heels(distance))()
            low, high = (float(x) for x in np.percentile(reading.values, [LOW, HIGH]))
            middle = float(np.median(reading.values))
            unit = solve(heels(distance)).units[name]
            cells.append(Quantity("x", middle, unit, low, high, ()).format())
            data.append(
                {
                    "heel_distance": distance,
                    "quantity": name,
                    "median": round(middle, 6),
                    "low": round(low, 6),
                    "high": round(high, 6),
                }
            )
        lines.append(f"| {distance * 100:.0f} cm ({distance / 0.0254:.0f} in) | " + " | ".join(cells) + " |")
    return data, "\n".join(lines)


def fill(text: str, blocks: dict[str, str]) -> str:
    """Put the results between their marks in claims.md."""
    for key, table in blocks.items():
        mark = re.compile(rf"(<!-- run {re.escape(key)} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not mark.search(text):
            raise SystemExit(f"claims.md has no place for run {key}")
        text = mark.sub(lambda found, table=table: found[1] + table + "\n" + found[2], text)
    return text


def main() -> None:
    """Run everything and write the three files."""
    began = time.perf_counter()
    rows = {claim.id: [outcome(claim, test) for test in claim.tests] for claim in CLAIMS}
    heel_data, heel_lines = heel_table()
    everything = [row for found in rows.values() for row in found]
    (HERE / "claims-runs.json").write_text(
        json.dumps(
            {
                "members": MEMBERS,
                "person": "female 172 cm 68 kg",
                "claims": {c.id: None if c.decides is None else rows[c.id][c.decides]["verdict"] for c in CLAIMS},
                "tests": everything,
                "heels": heel_data,
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n",
        encoding="utf-8",
    )
    lines = [
        "# The runs behind the claims", "",
        "Generated by `docs/claims.py`; do not edit. A woman of 172 cm and 68 kg; the"
        f" {MEMBERS} members of the ensemble, each re-solved; differences member by member. For every rival: the median of its"
        " members and, in brackets, how many of them lie above zero.", "",
    ]  # fmt: skip
    for row in everything:
        lines += [f"## {row['claim']}: {row['what']}", "", f"{spoken(row)}, {row['members']} members, {row['share_above_zero']:.0%} above zero:"
                  f" **{row['verdict']}**. Moved most by {row['moves_most']} ({row['moves_by']:.3g} {display(row['unit'])}).".replace(" 1)", ")"), "",
                  "| rival | |", "|---|---|"]  # fmt: skip
        for rival, kinds in row["groups"].items():
            said = "; ".join(f"{kind} {m:.3g} ({s:.0%} of {n})" for kind, (m, s, n) in kinds.items())
            lines.append(f"| {rival} | {said} |")
        lines.append("")
    (HERE / "claims-runs.md").write_text("\n".join(lines), encoding="utf-8")
    page = HERE / "claims.md"
    if page.exists():
        blocks = {claim: block(found) for claim, found in rows.items()} | {
            "heels": heel_lines,
            "summary": summary(rows),
        }
        page.write_text(fill(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    print(
        f"{len(everything)} tests, psoas force sampled {PSOAS_FORCE[0]:g} to {PSOAS_FORCE[1]:g} N, {time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
