"""What carries a lying body, and what holds its feet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from psoas.body.kinematics import pose
from psoas.equilibrium import Equilibrium
from psoas.validation.case import Case, Found, quantity, resting


def _percentiles(values: np.ndarray) -> Found:
    low, middle, high = (float(x) for x in np.percentile(values, [5.0, 50.0, 95.0]))
    return Found(middle, low, high)


def _ensemble(who: str, at: str) -> Equilibrium:
    found = resting(who, at).ensemble
    assert found is not None
    return found


def _share(*regions: str) -> Callable[[str], Found]:
    """Share of the weight that regions carry, lying straight [%]."""

    def ours(who: str) -> Found:
        found = _ensemble(who, "supine")
        rows = [k for k, region in enumerate(found.body.tree.skin_regions) if region in regions]
        floor = found.evaluation().touch.floor
        return _percentiles(100.0 * floor[:, rows].sum(1) / found.body.weight)

    return ours


def _on_sacrum(found: Equilibrium) -> np.ndarray:
    rows = [k for k, name in enumerate(found.body.tree.skin) if name.startswith("sacrum")]
    return np.asarray(found.evaluation().touch.floor[:, rows].sum(1))


def _sacrum(who: str) -> Found:
    """Load on the sacrum with the knees bent over that lying straight, member by member [-]."""
    first, second = resting(who, "supine"), resting(who, "constructive-rest")
    _, before, after = np.intersect1d(first.members, second.members, return_indices=True)
    one, two = (_on_sacrum(_ensemble(who, at)) for at in ("supine", "constructive-rest"))
    carried = one[before] > 10.0  # a ratio to nearly nothing says nothing
    return _percentiles(two[after][carried] / one[before][carried])


def _occiput(who: str) -> Found:
    """How far the back of the head would lie above the floor with the neck as neutral as when standing [mm]."""
    found = _ensemble(who, "supine")
    tree, at = found.body.tree, found.coordinates.copy()
    at[:, tree.coordinate("head", "flexion")] = 0.0
    row = tree.skin.index("occiput")
    centers = pose(found.body, at).locate(np.array([tree.segment("head")]), found.body.skin_center[:, [row]])
    return _percentiles(1e3 * (centers[:, 0, 2] - found.body.skin_radius[:, row]))


CASES = (
    Case("weight carried by head, shoulders, buttocks, calves and heels", "held out", "% of weight", "essentially all",
         85.0, 100.0, "supine on a floor (Garfin & Pye 1980), abstract: five points carry the body",
         _share("head", "upper_back", "ribs", "pelvis", "calf_r", "calf_l", "foot_r", "foot_l", "arm_r", "arm_l"),
         "arms counted with the shoulders; what is missing rests on thighs and small of the back"),
    Case("weight on the head", "held out", "% of weight", "7 to 9", 6.0, 9.5,
         "a head weighs 6.7 to 6.9 % (de Leva 1996); the neck lends some", _share("head"),
         "no measured supine share was found; a bound from weights"),
    Case("load on the sacrum, knees bent over straight", "held out", "-", "1.2 to 2.1", 1.2, 2.1,
         "106 students on two beds (J Jpn Soc Nurs Res 10), abstract: pressure under an 8 cm pad", _sacrum,
         "theirs is pressure on a bed, ours force on the sacral patches on a floor"),
    Case("back of the head above the floor, neck neutral", "input", "mm", "42 (men), 33 (women); 0 to 95", 0.0, 95.0,
         "100 adults on a board (Schriger 1991)", _occiput, "the rise is put in; trunk and floor decide what is left of it"),
    Case("friction needed under the feet, knees bent", "held out", "-", "below 0.6", 0.0, 0.6,
         "people rest so on wooden floors in socks; no measurement was found",
         quantity("friction_demand_heel_left", "constructive-rest"), "a plausibility bound, not a measurement"),
)  # fmt: skip
