"""The named runs of the model that test what the sources claim, and how their results are read.

Nothing here feeds back into the model: no number of it was chosen by what a run gives.
"""

# ruff: noqa: E501  (each run stands on one line)
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from psoas.body.variation import Variation
from psoas.person import Limb
from psoas.props import prop
from psoas.study.readings import (
    BENT,
    HEELS,
    LEANING,
    PLAIN,
    SITTING,
    SLUMPED,
    STANDING,
    STRAIGHT,
    Ask,
    Bench,
    Reading,
    across,
    arm_between,
    both,
    change,
    difference,
    extension_lost,
    heels,
    largest_part,
    middle_against_ends,
    of,
    raised,
    tension,
    where_below,
)  # fmt: skip
from psoas.uncertainty import HIGH, LOW, fitted_draws
from psoas.weights import weight

LEVELS = ("L5_S1", "L4_L5", "L3_L4", "L2_L3", "L1_L2", "T12_L1")
TOWELS = (0.01, 0.03, 0.06)
"""Thicknesses under the head [m]."""


@dataclass(frozen=True)
class Asked:
    """One number that bears on a claim."""

    what: str
    ask: Ask
    unit: str
    claimed: int
    """Sign that the claim expects; 0 where it expects none."""
    matters: float
    """Below this size nobody would notice [unit]."""


@dataclass(frozen=True)
class Claimed:
    """What a source says, and what is run."""

    id: str
    features: tuple[int, ...]
    says: str
    """In our words, with the sources that say it."""
    tests: tuple[Asked, ...]
    decides: int | None = 0
    """Which test answers the claim in a summary; ``None`` where none does."""


# -- rivals -------------------------------------------------------------------------------------------


@cache
def _drawn(members: int) -> tuple[Variation, ...]:
    return fitted_draws(PLAIN, members)


@cache
def _middle(name: str) -> float:
    """Median of something drawn, over the whole ensemble."""
    return float(np.median([getattr(one, name) for one in _drawn(Bench().members)]))


RIVALS: dict[str, Callable[[Variation], str]] = {
    "psoas path": lambda v: v.psoas_path,
    "psoas areas": lambda v: v.psoas_areas,
    "passive curve": lambda v: v.passive_curve,
    "passive hip sum": lambda v: v.hip_sum,
    "hip zero": lambda v: "more flexed" if v.hip_zero > 0 else "more extended",
    "capsule's share": lambda v: "high" if v.capsule_share > _middle("capsule_share") else "low",
    "psoas force at neutral": lambda v: "high" if v.psoas_stretch > _middle("psoas_stretch") else "low",
    "disc law": lambda v: v.disc_law,
    "trunk grip": lambda v: v.trunk_grip,
    "skin: back": lambda v: "thick" if v.back_tissue > 0 else "thin",
    "skin: ribs": lambda v: "far back" if v.back_profile > 0 else "flat",
    "skin: buttocks": lambda v: "far back" if v.buttock > 0 else "flat",
    "skin: thighs": lambda v: "deep" if v.thigh_flesh > 0 else "shallow",
}
"""What may be otherwise, and which it is in a draw."""
FEWEST_IN_GROUP = 6
"""Members of a group that is reported."""


def groups(reading: Reading) -> dict[str, dict[str, tuple[float, float, int]]]:
    """For every rival and what it may be: median, share above zero, and number of members."""
    drawn, table = _drawn(int(reading.members.max(initial=-1)) + 1), {}
    for rival, name in RIVALS.items():
        kinds = np.array([name(drawn[m]) for m in reading.members])
        table[rival] = {
            str(kind): (float(np.median(v)), float(np.mean(v > 0)), int(v.size))
            for kind in dict.fromkeys(kinds)
            if (v := reading.values[kinds == kind]).size >= FEWEST_IN_GROUP
        }
    return table


# -- runs ---------------------------------------------------------------------------------------------

FORCE, FIBER = "psoas_major_passive_force_left", "psoas_major_normalized_fiber_length_left"
SHORT15, SHORT30 = (replace(STRAIGHT, person=both(s)) for s in (0.15, 0.30))
BENT30 = replace(BENT, person=both(0.30))
LEFT20 = replace(STRAIGHT, person=replace(PLAIN, left=Limb(hip_flexor_shortening=0.2)))
TONE = replace(STRAIGHT, person=replace(PLAIN, tone=0.02))
MINOR, MINOR_BENT = (replace(r, person=replace(PLAIN, psoas_minor=True)) for r in (STRAIGHT, BENT))
BARE, BARE_BENT = replace(STRAIGHT, flexors=False), replace(BENT, flexors=False)

CLAIMS: tuple[Claimed, ...] = (
    Claimed("heel-distance", (4, 5, 124), "Heels 12 to 16 inches from the buttocks are the right distance (001, 002).", (
        Asked("psoas fiber length with the heels at 12 and 16 in (the larger), less the smaller of 20 and 55 cm", middle_against_ends(FIBER), "1", -1, 0.02),
        Asked("psoas force with the heels at 12 and 16 in (the larger), less the smaller of 20 and 55 cm", middle_against_ends(FORCE), "N", -1, 1.0),
        Asked("psoas force, heels from 12 to 16 in", change(FORCE, heels(HEELS[1]), heels(HEELS[2])), "N", 0, 1.0),
        Asked("lumbar lordosis, heels from 12 to 16 in", change("lumbar_lordosis", heels(HEELS[1]), heels(HEELS[2])), "deg", 0, 1.0),
        Asked("friction needed under the foot, heels from 12 to 16 in", change("friction_demand_heel_left", heels(HEELS[1]), heels(HEELS[2])), "1", 0, 0.05),
        Asked("friction needed under the foot, heels from 16 in to 55 cm", change("friction_demand_heel_left", heels(HEELS[2]), heels(HEELS[3])), "1", 0, 0.05),
        Asked("sideways stiffness needed at the hip, heels from 12 to 16 in", change("lateral_stiffness_demand_left", heels(HEELS[1]), heels(HEELS[2])), "Nm/rad", 0, 1.0),
    ), decides=None),
    Claimed("towel", (7, 135), "A folded towel under the head, if trunk and head are not parallel with the floor (002).", (
        *(Asked(f"lumbar lordosis, towel of {t * 100:g} cm put under the head", change("lumbar_lordosis", BENT, replace(BENT, props=(prop("towel", t),))), "deg", 0, 1.0)
        for t in TOWELS),
        Asked("psoas force, towel of 3 cm put under the head", change(FORCE, BENT, replace(BENT, props=(prop("towel", 0.03),))), "N", 0, 1.0),
    ), decides=None),
    Claimed("flattening", (8, 9, 131), "Do not push the low back down or tuck the pelvis (001, 002).", (
        Asked("psoas length if every lumbar level in constructive rest were flattened by 2° more", arm_between(LEVELS, BENT, 2.0), "mm", 1, 1.0),
        Asked("compression of L4-L5, straight to constructive rest", change("compression_L4_L5", STRAIGHT, BENT), "N", 0, 20.0),
    ), decides=None),
    Claimed("arms", (10, 11, 136), "Arms over the ribs, on the belly or by the sides, below shoulder height (001, 002).", (
        *(Asked(f"lumbar lordosis, arms from the belly to the {a}", change("lumbar_lordosis", BENT, replace(BENT, values=(("arms", a),))), "deg", 0, 1.0)
        for a in ("sides", "ribs")),
        Asked("psoas force, arms from the belly to the sides", change(FORCE, BENT, replace(BENT, values=(("arms", "sides"),))), "N", 0, 1.0),
    ), decides=None),
    Claimed("rest-releases", (16, 112, 161), "In constructive rest the psoas is released: its pull falls (001, 002).", (
        Asked("psoas force, straight to constructive rest", change(FORCE, STRAIGHT, BENT), "N", -1, 1.0),
        Asked("iliacus force, straight to constructive rest", change("iliacus_passive_force_left", STRAIGHT, BENT), "N", -1, 1.0),
        Asked("lumbar lordosis, straight to constructive rest", change("lumbar_lordosis", STRAIGHT, BENT), "deg", -1, 1.0),
        Asked("the same with psoas and iliacus left out", change("lumbar_lordosis", BARE, BARE_BENT), "deg", -1, 1.0),
        Asked("what psoas and iliacus add to that flattening", difference(
            change("lumbar_lordosis", STRAIGHT, BENT), change("lumbar_lordosis", BARE, BARE_BENT)), "deg", -1, 1.0),
    )),
    Claimed("mattress", (17, 111, 132), "A padded floor, not a bed, which tends to be too soft (002).", (
        Asked("lumbar lordosis in constructive rest, floor to mattress", change("lumbar_lordosis", BENT, replace(BENT, surface="mattress")), "deg", 0, 1.0),
        Asked("psoas force in constructive rest, floor to mattress", change(FORCE, BENT, replace(BENT, surface="mattress")), "N", 1, 1.0),
    ), decides=1),
    Claimed("ribs-up", (51, 53), "Lower ribs that stick up when lying flat show a tight psoas (004).", (
        Asked("rib gap lying straight, shortening 0 to 0.15", change("rib_gap_left", STRAIGHT, SHORT15), "mm", 1, 5.0),
        Asked("rib gap lying straight, shortening 0 to 0.30", change("rib_gap_left", STRAIGHT, SHORT30), "mm", 1, 5.0),
        Asked("lumbar lordosis lying straight, shortening 0 to 0.30", change("lumbar_lordosis", STRAIGHT, SHORT30), "deg", 1, 1.0),
        Asked("rib gap lying straight with no shortening at all", of("rib_gap_left", STRAIGHT), "mm", -1, 5.0),
        Asked("rib gap of one body with shortening 0.15 less that of another with none", across("rib_gap_left", STRAIGHT, SHORT15), "mm", 1, 5.0),
    ), decides=4),
    Claimed("thighs-up", (52, 53), "Hamstrings off the floor when lying flat show a tight psoas (004).", (
        Asked("thigh gap lying straight, shortening 0 to 0.15", change("thigh_gap_left", STRAIGHT, SHORT15), "mm", 1, 5.0),
        Asked("thigh gap lying straight, shortening 0 to 0.30", change("thigh_gap_left", STRAIGHT, SHORT30), "mm", 1, 5.0),
        Asked("thigh gap lying straight with no shortening at all", of("thigh_gap_left", STRAIGHT), "mm", -1, 5.0),
        Asked("thigh gap of one body with shortening 0.15 less that of another with none", across("thigh_gap_left", STRAIGHT, SHORT15), "mm", 1, 5.0),
    ), decides=3),
    Claimed("rib-shear", (55,), "A tight psoas draws the rib cage forward, \"rib shear\" (004).", (
        Asked("rib gap lying straight, resting tone of psoas and iliacus 0 to 2 %", change("rib_gap_left", STRAIGHT, TONE), "mm", 1, 5.0),
        Asked("shear at T12-L1 lying straight, shortening 0 to 0.30 (+ holds the ribs back as they are drawn forward)", change("shear_T12_L1", STRAIGHT, SHORT30), "N", 1, 5.0),
        Asked("upper psoas arm: pull of the psoas on T12-L1, + hollows the back", of("psoas_major_T12_L1_moment_arm_left", STRAIGHT), "mm", 1, 1.0),
    )),
    Claimed("pelvis-tips", (56,), "Tips, dips and torques of the pelvis go with a psoas that is engaged (001).", (
        Asked("pelvic tilt lying straight, shortening 0 to 0.30 (+ tips forward)", change("pelvic_tilt", STRAIGHT, SHORT30), "deg", 1, 1.0),
        Asked("left hip flexion less right, left side shortened by 0.2", difference(of("hip_flexion_left", LEFT20), of("hip_flexion_right", LEFT20)), "deg", 1, 1.0),
    )),
    Claimed("hip-extension", (58, 61), "A tight psoas goes with tight hip sockets (001) and little hip extension (003).", (
        Asked("hip extension lost before 15 N·m, shortening 0 to 0.15", extension_lost(0.15), "deg", 1, 2.0),
        Asked("hip extension lost before 15 N·m, shortening 0 to 0.30", extension_lost(0.30), "deg", 1, 2.0),
    )),
    Claimed("back-curve", (60, 149), "A tight psoas leaves the low back overly curved (003; or overly flat).", (
        Asked("lumbar lordosis lying straight with psoas and iliacus, less without them", change("lumbar_lordosis", BARE, STRAIGHT), "deg", 1, 1.0),
        Asked("lumbar lordosis in constructive rest with psoas and iliacus, less without them", change("lumbar_lordosis", BARE_BENT, BENT), "deg", 1, 1.0),
    )),
    Claimed("bent-is-short", (112,), "In constructive rest the psoas is bent, so it is short already (a reader, 002).", (
        Asked("psoas fiber length, straight to constructive rest", change(FIBER, STRAIGHT, BENT), "1", -1, 0.02),
        Asked("psoas fiber length sitting upright, less that in constructive rest", change(FIBER, BENT, SITTING), "1", 0, 0.02),
        Asked("psoas force left in constructive rest", of(FORCE, BENT), "N", 0, 1.0),
        Asked("psoas force left in constructive rest with shortening 0.30", of(FORCE, BENT30), "N", 0, 1.0),
        Asked("lumbar gap, straight to constructive rest", change("lumbar_gap", STRAIGHT, BENT), "mm", -1, 5.0),
    )),
    Claimed("ribs-down", (116, 142), "Ribs down and pressure in the belly make the psoas tight (a reader, 002).", (
        Asked("psoas length lying straight if T12-L1, L1-L2 and L2-L3 were each flattened by 2°", arm_between(LEVELS[3:], STRAIGHT, 2.0), "mm", 1, 1.0),
        Asked("psoas length lying straight if every level were flattened by 2°", arm_between(LEVELS, STRAIGHT, 2.0), "mm", 1, 1.0),
    )),
    Claimed("iliacus-and-minor", (121, 163), "Iliacus and psoas minor matter too; the first run answers for iliacus (a reader, 001).", (
        Asked("iliacus' share of the two muscles' force lying straight", largest_part(of("iliacus_passive_force_left", STRAIGHT), of(FORCE, STRAIGHT)), "%", 1, 10.0),
        Asked("lumbar lordosis lying straight, psoas minor added", change("lumbar_lordosis", STRAIGHT, MINOR), "deg", 0, 1.0),
        Asked("psoas minor force lying straight, where there is one", of("psoas_minor_passive_force_left", MINOR), "N", 0, 1.0),
        Asked("lumbar lordosis in constructive rest, psoas minor added", change("lumbar_lordosis", BENT, MINOR_BENT), "deg", 0, 1.0),
    )),
    Claimed("rest-lengthens", (137,), "Constructive rest lengthens the psoas (000).", (
        Asked("psoas major length, straight to constructive rest", change("psoas_major_length_left", STRAIGHT, BENT), "mm", 1, 2.0),
        Asked("the same with shortening 0.30", change("psoas_major_length_left", SHORT30, BENT30), "mm", 1, 2.0),
    )),
    Claimed("ribs-come-down", (142, 34), "Ribs that come down show that the psoas has lengthened (004).", (
        Asked("rib gap, straight to constructive rest", change("rib_gap_left", STRAIGHT, BENT), "mm", -1, 5.0),
        Asked("psoas length, straight to constructive rest, in the bodies whose ribs come down by more than 5 mm",
             where_below(change("psoas_major_length_left", STRAIGHT, BENT), change("rib_gap_left", STRAIGHT, BENT), -5.0), "mm", 1, 2.0),
        Asked("rib gap, straight to constructive rest with psoas and iliacus left out", change("rib_gap_left", BARE, BARE_BENT), "mm", 0, 5.0),
    ), decides=1),
    Claimed("bolster-height", (22, 134, 135, 161), "Shoulders and head on cushions, legs straight, let the backs of the thighs rest firmly, the ribs come down and the psoas let go (004).", (
        *(Asked(f"{what}, straight to cushions of {h * 100:.0f} cm", change(name, STRAIGHT, raised(h)), unit, sign, matters)
          for h in (0.10, 0.20) for what, name, unit, sign, matters in (
            ("psoas force", FORCE, "N", -1, 1.0), ("psoas fiber length", FIBER, "1", -1, 0.02), ("what the floor bears under a thigh", "support_force_thigh_left", "N", 1, 5.0),
            ("hip flexion", "hip_flexion_left", "deg", 1, 2.0), ("lumbar lordosis", "lumbar_lordosis", "deg", -1, 1.0))),
        Asked("psoas force on cushions of 20 cm with straight legs, less that in constructive rest", change(FORCE, BENT, raised(0.20)), "N", -1, 1.0),
    )),
    Claimed("added-weight", (30, 31, 32, 161), "Heavy blankets over heart, pelvis or ankles help it let go (004).", (
        *(Asked(f"psoas force lying straight, {one.mass:g} kg {words}", change(FORCE, STRAIGHT, replace(STRAIGHT, weights=(one,))), "N", -1, 1.0)
          for one, words in ((weight("pelvis", 5.0), "over the pelvis"), (weight("heart", 3.0), "over the heart"), (weight("ankles", 4.0), "over the ankles"), (weight("thighs", 5.0), "over the thighs"))),
        Asked("what the floor bears under the pelvis, 5 kg laid over it", change("support_force_pelvis", STRAIGHT, replace(STRAIGHT, weights=(weight("pelvis", 5.0),))), "N", 1, 5.0),
        Asked("lumbar lordosis lying straight, 5 kg over the pelvis", change("lumbar_lordosis", STRAIGHT, replace(STRAIGHT, weights=(weight("pelvis", 5.0),))), "deg", 0, 1.0),
    )),
    Claimed("minutes", (12, 29, 133, 161), "Lying longer lets more go: 10 to 20 minutes (000, 001, 002), 5 to 60 (004).", (
        *(Asked(f"psoas force lying straight, from the start to {m:.0f} minutes", change(FORCE, STRAIGHT, replace(STRAIGHT, minutes=m)), "N", -1, 1.0) for m in (5.0, 10.0, 20.0, 60.0)),
        Asked("psoas force lying straight, from 20 to 60 minutes", change(FORCE, replace(STRAIGHT, minutes=20.0), replace(STRAIGHT, minutes=60.0)), "N", -1, 1.0),
        *(Asked(f"psoas force in constructive rest, from the start to {m:.0f} minutes", change(FORCE, BENT, replace(BENT, minutes=m)), "N", -1, 1.0) for m in (10.0, 20.0)),
        Asked("lumbar gap in constructive rest, from the start to 20 minutes", change("lumbar_gap", BENT, replace(BENT, minutes=20.0)), "mm", -1, 2.0),
    ), decides=2),
    Claimed("upright", (112, 61, 157), "Sitting leaves the psoas short, as constructive rest does; standing lengthens it (a reader, 002; 003).", (
        Asked("psoas length, standing to sitting upright", change("psoas_major_length_left", STANDING, SITTING), "mm", -1, 2.0),
        Asked("psoas length, sitting upright to constructive rest", change("psoas_major_length_left", SITTING, BENT), "mm", 0, 2.0),
        Asked("psoas pull, standing to sitting upright", difference(tension(SITTING), tension(STANDING)), "N", -1, 1.0),
        Asked("psoas pull, sitting upright to constructive rest", difference(tension(BENT), tension(SITTING)), "N", 0, 1.0),
        Asked("psoas pull, sitting leaning back to constructive rest", difference(tension(BENT), tension(LEANING)), "N", 0, 1.0),
        Asked("compression of L4-L5, sitting leaning back to constructive rest", change("compression_L4_L5", LEANING, BENT), "N", -1, 20.0),
        Asked("compression of L4-L5, sitting upright to constructive rest", change("compression_L4_L5", SITTING, BENT), "N", -1, 20.0),
        Asked("compression of L4-L5, standing to constructive rest", change("compression_L4_L5", STANDING, BENT), "N", -1, 20.0),
        Asked("lumbar lordosis, standing to sitting with the chest let go", change("lumbar_lordosis", STANDING, SLUMPED), "deg", -1, 1.0),
        Asked("lumbar lordosis, standing to sitting upright", change("lumbar_lordosis", STANDING, SITTING), "deg", -1, 1.0),
    )),
)  # fmt: skip


# -- results ------------------------------------------------------------------------------------------

SURE = 0.9
"""Share of the members that have to agree on a sign."""


def verdict(test: Asked, reading: Reading) -> str:
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


def outcome(test: Asked, bench: Bench) -> dict[str, Any]:
    """One test's result, ready for JSON."""
    reading = test.ask(bench)
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


def everything(bench: Bench) -> dict[str, Any]:
    """Every run's results, ready for JSON: what :func:`psoas.evidence.runs` reads, and the groups of rivals with it."""
    found: dict[str, Any] = {}
    for claim in CLAIMS:
        results = [outcome(test, bench) for test in claim.tests]
        found[claim.id] = {
            "says": claim.says,
            "features": list(claim.features),
            "verdict": None if claim.decides is None else results[claim.decides]["verdict"],
            "results": results,
        }
    return {"person": "a woman of 172 cm and 68 kg", "members": bench.members, "runs": found, "heels": by_heels(bench)}


HEEL_ROWS = (
    "psoas_major_passive_force_left", "lumbar_lordosis", "hip_flexion_left", "friction_demand_heel_left",
    "lateral_stiffness_demand_left",
)  # fmt: skip
"""What is tabled against heel distance."""


def by_heels(bench: Bench) -> list[dict[str, Any]]:
    """What changes with heel distance, ready for JSON."""
    found = []
    for distance in HEELS:
        for name in HEEL_ROWS:
            reading = of(name, heels(distance))(bench)
            low, middle, high = (round(float(x), 6) for x in np.percentile(reading.values, [LOW, 50.0, HIGH]))
            unit = bench.solve(heels(distance)).units[name]
            found.append(
                {"heel_distance": distance, "quantity": name, "unit": unit, "median": middle, "low": low, "high": high}
            )
    return found
