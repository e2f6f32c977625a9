"""Standing and sitting: lordosis and disc loads, beside what was measured. Of it only the standing profile is in the model."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from psoas.errors import PsoasError
from psoas.position import upright_position
from psoas.uncertainty import Estimate
from psoas.upright import estimate
from psoas.validation.case import ADULTS, Case, Found, resting

MEMBERS = 32
"""Bodies behind each of our ranges."""
WAYS = {"standing": ("standing", {}), "let go": ("sitting", {}), "upright": ("sitting", {"trunk": "upright"}),
        "backrest": ("sitting", {"support": "backrest"})}  # fmt: skip


@cache
def _held(who: str, way: str) -> Estimate:
    name, values = WAYS[way]
    found = estimate(ADULTS[who], upright_position(name).with_values(**values), members=MEMBERS)
    if found.status != "converged":
        raise PsoasError(f"the average {who} finds no balance {name}: {found.message}")
    return found


def _own(name: str, way: str) -> Callable[[str], Found]:
    def ours(who: str) -> Found:
        found = _held(who, way).quantities[name]
        return Found(found.value, found.low, found.high)

    return ours


def _ratio(over: str, under: str, name: str = "compression_L4_L5") -> Callable[[str], Found]:
    """A load in one way over that in another, by medians, each end of the upper one's range over the other's median."""

    def ours(who: str) -> Found:
        below = (resting(who, "supine") if under == "lying" else _held(who, under)).quantities[name].value
        above = _held(who, over).quantities[name]
        return Found(*(float(np.divide(x, below)) for x in (above.value, above.low, above.high)))

    return ours


def _less(way: str) -> Callable[[str], Found]:
    """Lordosis standing less that in another way, by medians [deg]."""

    def ours(who: str) -> Found:
        standing = _held(who, "standing").quantities["lumbar_lordosis"].value
        other = _held(who, way).quantities["lumbar_lordosis"]
        return Found(standing - other.value, standing - other.high, standing - other.low)

    return ours


SATO = "disc pressure at L4-L5 in 8 healthy people turned into force: 144 N prone, 800 standing, 996 sitting (Sato 1999), quoted"
WILKE = (
    "disc pressure at L4-L5 in one man: 0.10 MPa lying, 0.50 standing, 0.46 sitting unsupported (Wilke 1999), recalled"
)
ANYBODY = "AnyBody managed model repository, its tests' reference values: 111 N lying, 621 standing, 287 sitting"
CASES = (
    Case("lordosis T12-S1, standing, by least effort", "input", "deg", "49.8 ± 11.2", 38.6, 61.0,
         "healthy people of 20 to 79 years, n = 627 (PMC6680033), abstract", _own("lumbar_lordosis", "standing"),
         "the bones' standing profile is this mean; tested: the unloaded spine, fitted to lying, gets there by least effort"),
    Case("lordosis, standing less sitting let go", "held out", "deg", "more than 0; often 15 to 25", 0.0, 60.0,
         "several radiographic studies, recalled, not read", _less("let go"), "only the sign is asked for"),
    Case("lordosis, standing less sitting up", "held out", "deg", "more than 0", 0.0, 60.0,
         "several radiographic studies, recalled, not read", _less("upright"), "only the sign is asked for"),
    Case("compression at L4-L5, standing over lying", "held out", "-", "5.6 (Sato), 5 (Wilke)", 2.5, 11.2,
         f"{SATO}; {WILKE}", _ratio("standing", "lying"), "ours lies on its back; a factor of two allowed"),
    Case("compression at L4-L5, sitting let go over standing", "held out", "-", "1.25 (Sato), 0.92 (Wilke)", 0.6, 2.5,
         f"{SATO}; {WILKE}", _ratio("let go", "standing"), "the papers disagree on which is more; a factor of two allowed"),
    Case("compression at L4-L5, on a backrest over sitting free", "held out", "-", "less than 1", 0.3, 1.0,
         "Nachemson 1975 and others, recalled, not read", _ratio("backrest", "let go"), "only the direction is asked for"),
    Case("compression at L4-L5, standing", "model", "N", "621", 310.0, 1242.0, ANYBODY, _own("compression_L4_L5", "standing"),
         "a factor of two allowed; level not stated"),
    Case("psoas active, standing", "held out", "-", "little or none", 0.0, 0.05,
         "needle electrodes (Andersson 1995), recalled, not read", _own("psoas_major_activation_left", "standing"), "below 5 %"),
    Case("psoas active, sitting up", "held out", "-", "some, more than relaxed", 0.001, 0.2,
         "needle electrodes (Andersson 1995: straight back; Park 2013), recalled, not read",
         _own("psoas_major_activation_left", "upright"), "any more than a thousandth counts"),
)  # fmt: skip
