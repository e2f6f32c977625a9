"""Bones and masses: the tree, where its joints are, what it weighs and how its joints resist."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from scipy.spatial.transform import Rotation

from psoas.body.model import Array, Tree, other_side
from psoas.body.variation import Variation
from psoas.errors import DataError
from psoas.mechanics.joint import stop_through
from psoas.person import SIDES, Person, value, values

LUMBAR = ("L5", "L4", "L3", "L2", "L1")
LEVELS = (*LUMBAR, "T12")
"""Segments that turn on the one below, and so name the joints L5-S1 … T12-L1."""
JOINT_NAMES = dict(zip(LEVELS, ("L5-S1", "L4-L5", "L3-L4", "L2-L3", "L1-L2", "T12-L1"), strict=True))
JOINT_ROWS = {"L5": "L5_S1", "L4": "L4_L5", "L3": "L3_L4", "L2": "L2_L3", "L1": "L1_L2", "T12": "T12_L1"}
SEGMENTS = (
    "pelvis", *LEVELS, "thorax", "head",
    "upper_arm_r", "forearm_r", "upper_arm_l", "forearm_l",
    "femur_r", "tibia_r", "foot_r", "femur_l", "tibia_l", "foot_l",
)  # fmt: skip
PARENTS = (-1, 0, 1, 2, 3, 4, 5, 6, 7, 7, 9, 7, 11, 0, 13, 14, 0, 16, 17)
FREE_AXES = {
    "pelvis": (0, 1, 2), **dict.fromkeys(LEVELS, (0, 1, 2)), "thorax": (0,), "head": (0, 1, 2),
    "upper_arm": (0, 1, 2), "forearm": (0,), "femur": (0, 1, 2), "tibia": (0,), "foot": (0, 1),
}  # fmt: skip
FREE = tuple(
    (s, axis) for s, name in enumerate(SEGMENTS) for axis in FREE_AXES[name.removesuffix("_r").removesuffix("_l")]
)

STEEPNESS = 2.5
"""How much of an exponential lies between a segment's neutral zone and its range at 10 N·m; assumed 1.5 to 4 [-]."""
NEUTRAL_ZONE_STIFFNESS = np.deg2rad(1.0) ** -1 * 0.33
"""Slope inside the neutral zone, 0.28 to 0.38 N·m/deg (Gay et al., quoting in vitro tests) [N·m/rad]."""
HEEL_PLANE = -0.0644
"""Height of the unloaded sole against the ankle on the reference foot [m]."""


@dataclass(frozen=True)
class Skeleton:
    """One body's bones, masses and joints; arrays as in :class:`psoas.body.Body` without the leading axis."""

    joint_position: Array
    """(segments, 3) [m]."""
    joint_orientation: Array
    """(segments, 3, 3) [-]."""
    mass: Array
    """(segments,) [kg]."""
    mass_center: Array
    """(segments, 3) [m]."""
    inertia: Array
    """(segments, 3) [kg·m²]."""
    neutral: Array
    """(coordinates,) [rad]."""
    stop_threshold: Array
    """(coordinates, 2) [rad]."""
    stop_scale: Array
    """(coordinates, 2) [N·m]."""
    stop_rate: Array
    """(coordinates, 2) [1/rad]."""
    stiffness: Array
    """(coordinates, 2, 3) [N·m/rad, N·m/rad², N·m/rad³]."""
    scale: dict[str, Array]
    """Size of each segment over the reference skeleton's, along its axes (3,) [-]."""
    bend: float
    """Bend of the thorax [rad], see :func:`bend_thorax`."""
    sacral_slope: float
    """Slope of the sacral endplate in the standing pelvis [rad]."""
    standing: Array
    """Coordinates of standing (coordinates,) [m, rad]."""


def bend_thorax(point: Array, bend: float) -> Array:
    """Carry a point of the reference thorax forward where the thorax is bent.

    Args:
        point: In the thorax frame (3,) [m].
        bend: Bend up to C7 [rad].
    Returns:
        The point moved forward, by the square of its height above the frame's origin (3,) [m].
    Raises:
        DataError: ``bones.csv`` lacks the place of C7.
    """
    reach = values("bones", "C7_T1", "centre")[1]
    x, y, z = point
    return np.array([x + bend * max(y, 0.0) ** 2 / (2.0 * reach), y, z])


@lru_cache(maxsize=1)
def coordinate_index() -> dict[str, int]:
    """Place of each segment's first turn among the coordinates."""
    return {name: 3 + 3 * s for s, name in enumerate(SEGMENTS)}


def build_skeleton(person: Person, variation: Variation) -> Skeleton:
    """Bones, masses and joints of a person.

    Lengths from ``bones.csv`` and, for arms, feet and chest, ``segments.csv`` (ANSUR II, 2012); masses, mass centres and
    inertia from ``segments.csv`` (Dumas 2007); joint laws from ``joints.csv`` and ``fitted.csv``.

    Args:
        person: Measurements.
        variation: Which of the bodies with these measurements.
    Returns:
        The skeleton.
    Raises:
        DataError: A table lacks a row, the tables give no body of this stature, a stop begins on the wrong side of
            neutral, or the variation names no known disc law.
    """
    count = len(SEGMENTS)
    at = {name: s for s, name in enumerate(SEGMENTS)}
    sex, stature = person.sex, person.stature
    pelvis_scale = person.pelvis_scale
    position, orientation = np.zeros((count, 3)), np.tile(np.eye(3), (count, 1, 1))
    scale = {name: np.full(3, pelvis_scale) for name in SEGMENTS}

    # Legs.
    hip = np.array([0.0, 0.0, value("bones", "hip_r", "half_width") * pelvis_scale])
    for side, end, sign in (("right", "_r", 1.0), ("left", "_l", -1.0)):
        stretch = person.leg_scale("right" if side == "right" else "left")
        thigh, shank = person.thigh_length * stretch, person.shank_length * stretch
        foot = person.anthropometry("footlength") / value("bones", "foot", "reference_length")
        scale["femur" + end] = np.full(3, thigh / value("bones", "femur", "reference_length"))
        scale["tibia" + end] = np.full(3, shank / value("bones", "tibia", "reference_length"))
        scale["foot" + end] = np.full(3, foot)
        position[at["femur" + end]] = hip * [1, 1, sign]
        position[at["tibia" + end]] = [0.0, -thigh, 0.0]
        position[at["foot" + end]] = [0.0, -shank, 0.0]

    # Lumbar spine: whole-segment angles between blocks whose ends are the mid-disc centres.
    inter_asis = value("bones", "pelvis", "inter_asis_width", sex) * stature / _dumas_stature(sex)
    center = np.array(values("bones", "L5_S1", "centre_over_asis_width", sex)) * inter_asis
    spread = _sd("bones", "L5_S1", "distance_over_asis_width", sex) / np.hypot(*center[:2]) * inter_asis
    center *= 1.0 + variation.lumbosacral_distance * spread
    behind = np.arctan2(-center[0], center[1])
    incidence = value("bones", "pelvis", "pelvic_incidence")
    incidence += variation.pelvic_incidence * _sd("bones", "pelvis", "pelvic_incidence")
    slope = incidence - behind
    position[at["L5"]] = center
    orientation[at["L5"]] = Rotation.from_euler("z", -slope).as_matrix()
    spacing = {level: value("bones", level, "disc_spacing_over_stature") * stature for level in LEVELS}
    for lower, upper in pairwise(LEVELS):
        position[at[upper]] = [0.0, spacing[lower], 0.0]
    for level in LEVELS:
        reference = (
            value("bones", level, "muscle_point_reference_spacing") if level != "T12" else spacing[level] / pelvis_scale
        )
        scale[level] = np.array([pelvis_scale, spacing[level] / reference, pelvis_scale])

    # Thorax and head fill the stature up: the standing profile's height is what remains.
    profile = np.array([value("bones", level, "segment_angle_standing") for level in LEVELS])
    standing_angle = profile * incidence / value("bones", "pelvis", "pelvic_incidence")
    lean = -slope + np.cumsum(standing_angle)
    spine = sum(spacing[level] * np.cos(lean[i]) for i, level in enumerate(LEVELS[:-1]))
    legs = person.thigh_length + person.shank_length - HEEL_PLANE * scale["foot_r"][0]
    remaining = stature - legs - center[1] - spine
    vertex = np.array(values("bones", "skull_vertex", "position"))
    trunk = remaining / vertex[1]
    if not 0.7 < trunk < 1.5:
        raise DataError(f"a stature of {stature} m leaves {remaining:.2f} m for thorax and head")
    depth = person.anthropometry("chestdepth") / value("segments", "chestdepth", "mean", sex)
    thorax = np.array([0.5 * (trunk + depth), trunk, trunk])
    scale["thorax"] = scale["head"] = thorax
    bend = variation.kyphosis

    def joint(row: str) -> Array:
        return bend_thorax(np.array(values("bones", row, "centre")), bend) * thorax

    # The table's thorax is upright in standing, while T12 leans back.
    upright = value("bones", "thorax", "frame_tilt_standing") - lean[-1]
    orientation[at["thorax"]] = Rotation.from_euler("z", upright).as_matrix()
    position[at["head"]] = joint("C7_T1")
    # The generic skeleton's neck is too straight for lying: carry the head forward to the published occiput height.
    shoulder = joint("shoulder_r")
    shoulder[2] = 0.5 * person.anthropometry("biacromialbreadth") - 0.015
    upper_arm, forearm = (
        person.anthropometry("acromionradialelength"),
        person.anthropometry("radialestylionlength"),
    )
    for end, sign in (("_r", 1.0), ("_l", -1.0)):
        position[at["upper_arm" + end]] = shoulder * [1, 1, sign]
        position[at["forearm" + end]] = [0.0, -upper_arm, 0.0]
        scale["upper_arm" + end] = np.full(3, upper_arm / -values("bones", "elbow_r", "centre")[1])
        scale["forearm" + end] = np.full(3, forearm / -values("bones", "wrist_r", "centre")[1])

    standing = np.zeros(3 + 3 * count)
    for level, angle in zip(LEVELS, standing_angle, strict=True):
        standing[coordinate_index()[level]] = angle
    mass, mass_center, inertia = _masses(person, position, orientation, spacing, standing_angle, thorax)
    neutral, threshold, stop_scale, rate, stiffness = _joints(person, variation, standing_angle)
    return Skeleton(
        position, orientation, mass, mass_center, inertia, neutral, threshold, stop_scale, rate, stiffness,
        scale, bend, float(slope), standing,
    )  # fmt: skip


def _dumas_stature(sex: str) -> float:
    """Mean stature of the sample of Dumas 2007, remembered: 1.61 m (women), 1.77 m (men) [m]."""
    return value("bones", "dumas_sample", "stature", sex)


@cache
def _sd(table: str, id: str, quantity: str, sex: str = "both") -> float:
    from psoas.anatomy import tables

    return float(tables.load(table).get(id, quantity, sex).sd_si[0])


def _masses(
    person: Person,
    position: Array,
    orientation: Array,
    spacing: dict[str, float],
    angle: Array,
    thorax: Array,
) -> tuple[Array, Array, Array]:
    """Masses, mass centres and inertia (Dumas 2007), the torso cut into slices at the discs."""
    sex = person.sex
    at = {name: s for s, name in enumerate(SEGMENTS)}
    names = ("head", "upper_arm", "forearm", "hand", "torso", "pelvis", "thigh", "shank", "foot")
    share = {name: value("segments", name, "mass_fraction", sex) for name in names}
    paired = ("upper_arm", "forearm", "hand", "thigh", "shank", "foot")
    for name, girth in (("thigh", "thigh"), ("shank", "calf"), ("torso", "waist"), ("pelvis", "hip")):
        share[name] *= person.girth_ratio(girth) ** 2
    total = sum(share[n] * (2 if n in paired else 1) for n in names)
    kilograms = {name: share[name] / total * person.mass for name in names}

    mass, center, inertia = (
        np.zeros(len(SEGMENTS)),
        np.zeros((len(SEGMENTS), 3)),
        np.zeros((len(SEGMENTS), 3)),
    )

    def put(segment: str, name: str, length: float, sign: float = 1.0) -> None:
        where = [value("segments", name, f"com_{axis}_fraction", sex) for axis in "xyz"]
        spread = [value("segments", name, f"rg_{axis}_fraction", sex) for axis in "xyz"]
        mass[at[segment]] = kilograms[name]
        center[at[segment]] = np.array(where) * length * [1, 1, sign]
        inertia[at[segment]] = kilograms[name] * (np.array(spread) * length) ** 2

    put("pelvis", "pelvis", float(np.hypot(*position[at["L5"]][:2])))
    center[at["pelvis"]] += position[at["L5"]]  # Dumas measures from the lumbar joint
    center[at["pelvis"], 2] = 0.0
    head_length = person.stature * value("segments", "head", "dumas_length_over_stature", sex)
    put("head", "head", head_length)
    center[at["head"], 2] = 0.0
    for end, sign in (("_r", 1.0), ("_l", -1.0)):
        put("femur" + end, "thigh", -position[at["tibia" + end]][1], sign)
        put("tibia" + end, "shank", -position[at["foot" + end]][1], sign)
        sole = person.stature * value("segments", "foot_ankle_to_metatarsal", "dumas_length_over_stature", sex)
        put("foot" + end, "foot", sole, sign)
        center[at["foot" + end]] = np.array([0.35 * sole, 0.5 * HEEL_PLANE * sole / 0.14, 0.0])
        reach = -position[at["forearm" + end]][1]
        put("upper_arm" + end, "upper_arm", reach, sign)
        lower = person.anthropometry("radialestylionlength")
        put("forearm" + end, "forearm", lower, sign)
        hand = np.array([0.0, -lower - 0.35 * person.anthropometry("handlength"), 0.0])
        combined = kilograms["forearm"] + kilograms["hand"]
        both = (kilograms["forearm"] * center[at["forearm" + end]] + kilograms["hand"] * hand) / combined
        inertia[at["forearm" + end]][[0, 2]] += (
            kilograms["hand"] * (hand[1] - center[at["forearm" + end]][1]) ** 2 * 0.7
        )
        mass[at["forearm" + end]], center[at["forearm" + end]] = combined, both

    # Slices of the belly by their length; the thorax takes what is left of the torso, mass and mass centre.
    wide, deep = person.anthropometry("waistbreadth"), person.anthropometry("waistdepth")
    forward = 0.5 * deep - 0.075 * person.pelvis_scale
    height = sum(spacing[level] for level in LEVELS[:-1])
    cut = {level: LUMBAR_SHARE * kilograms["torso"] * spacing[level] / height for level in LEVELS[:-1]}
    frame, place = np.eye(3), np.zeros(3)
    moment, origin = np.zeros(3), position[at["L5"]]
    lean = np.zeros(3)
    for i, level in enumerate(LEVELS):
        base = orientation[at["L5"]] if level == "L5" else np.eye(3)
        place = place + frame @ position[at[level]]
        frame = frame @ base @ Rotation.from_euler("z", angle[i]).as_matrix()
        if level == "T12":
            break
        slice_mass = cut[level]
        lean = np.array([forward, 0.5 * spacing[level], 0.0])
        mass[at[level]], center[at[level]] = slice_mass, lean
        inertia[at[level]] = slice_mass * np.array([wide**2, (wide**2 + deep**2), deep**2]) / 16.0
        moment += slice_mass * (place + frame @ lean)
    frame = frame @ orientation[at["thorax"]]
    neck = place + frame @ position[at["head"]]
    axis = neck - origin
    length = float(np.linalg.norm(axis))
    up = axis / length
    ahead = np.array([up[1], -up[0], 0.0])
    torso = kilograms["torso"]
    where = neck + length * (
        value("segments", "torso", "com_x_fraction", sex) * ahead
        + value("segments", "torso", "com_y_fraction", sex) * up
    )
    rest = torso - sum(mass[at[level]] for level in LEVELS[:-1])
    mass[at["thorax"]] = rest
    center[at["thorax"]] = frame.T @ ((torso * where - moment) / rest - place)
    center[at["thorax"], 2] = 0.0
    spread_thorax = np.array([0.27, 0.25, 0.28]) * 0.6 * length
    inertia[at["thorax"]] = rest * spread_thorax**2
    inertia = np.maximum(inertia, 1e-4)
    return mass, center, inertia


LUMBAR_SHARE = 0.35
"""Share of the torso's mass between the discs T12-L1 and L5-S1: de Leva 1996 cut there (half of the middle trunk and
two fifths of the lower trunk, over those plus the upper trunk); assumed 0.28 to 0.43 [-]."""


def _joints(person: Person, variation: Variation, standing: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Passive laws of every joint, as ``mechanics.joint.passive_resistance`` takes them."""
    size = 3 + 3 * len(SEGMENTS)
    neutral, threshold = np.zeros(size), np.full((size, 2), 10.0)
    scale, rate, stiffness = np.zeros((size, 2)), np.ones((size, 2)), np.zeros((size, 2, 3))
    index = coordinate_index()

    preload = value("joints", "lumbar_segment", "resting_compression") / 250.0
    stiffer = 1.0 + preload * (value("joints", "lumbar_segment", "preload_multiplier_250N") - 1.0)
    stiffer *= variation.disc_stiffness
    rest = standing * value("fitted", "spine", "rest_shape")
    for i, level in enumerate(LEVELS):
        spread = _sd("bones", level, "segment_angle_standing")
        neutral[index[level]] = rest[i] + 0.5 * spread * variation.lumbar_profile[i]
        row = JOINT_ROWS[level]
        for axis, sides in enumerate((("flexion", "extension"), ("lateral", "lateral"), ("axial", "axial"))):
            zone = "flexion_extension" if axis == 0 else sides[0]
            c = index[level] + axis
            for side, direction in enumerate(sides):
                law = _disc(variation.disc_law, row, zone, direction)
                threshold[c, side], scale[c, side], rate[c, side] = law[0], law[1], law[2]
                stiffness[c, side] = law[3]
            scale[c] *= stiffer
            stiffness[c] *= stiffer

    def limits(segment: str, axis: int, joint: str, name: str) -> None:
        """Falisse's limit moments K1 exp(K2 (q - theta2)) + K3 exp(K4 (q - theta1)), from where they reach 0.05 N·m."""
        c = index[segment] + axis
        up_scale, up_rate, up = (value("joints", joint, f"limit_{name}_{k}") for k in ("K1", "K2", "theta2"))
        low_scale, low_rate, low = (value("joints", joint, f"limit_{name}_{k}") for k in ("K3", "K4", "theta1"))
        small = 0.05
        high_at = up + np.log(small / abs(up_scale)) / up_rate
        low_at = low + np.log(small / abs(low_scale)) / low_rate
        neutral[c] = 0.5 * (low_at + high_at)
        threshold[c] = 0.5 * (high_at - low_at)
        scale[c] = small
        rate[c] = -low_rate, up_rate

    for end in ("_r", "_l"):
        hip = index["femur" + end]
        tissue = f"hip_capsule_{variation.hip_sum}"
        neutral[hip] = value("fitted", tissue, "neutral") - value("joints", "hip", "paper_zero") - variation.hip_zero
        threshold[hip] = 0.0, value("fitted", tissue, "flexion_threshold")
        for side, name in enumerate(("extension", "flexion")):
            scale[hip, side] = value("fitted", tissue, f"{name}_scale") * variation.capsule_share
            rate[hip, side] = value("fitted", tissue, f"{name}_rate")
        limits("femur" + end, 1, "hip", "adduction")
        limits("femur" + end, 2, "hip", "rotation")
        stiffness[hip + 1, :, 0] = value("joints", "hip", "abduction_stiffness")
        stiffness[hip + 2, :, 0] = value("joints", "hip", "rotation_stiffness")
        limits("tibia" + end, 0, "knee", "angle")
        ankle = index["foot" + end]
        _ankle(ankle, neutral, threshold, scale, rate, stiffness)
        limits("foot" + end, 1, "subtalar", "angle")
        stiffness[ankle + 1, :, 0] = SUBTALAR_STIFFNESS
    neutral[index["thorax"]] = value("fitted", "thorax", "rest_flattening")
    stiffness[index["thorax"], :, 0] = value("joints", "thorax", "flexion_stiffness")
    for axis, name in enumerate(("flexion", "lateral", "axial")):
        stiffness[index["head"] + axis, :, 0] = value("joints", "neck", f"{name}_stiffness")
    if np.any(threshold < 0.0):
        raise DataError("a stop begins on the wrong side of its joint's neutral angle")
    return neutral, threshold, scale, rate, stiffness


PLANTARFLEXION_STIFFNESS = 4.0
"""Of the ankle beyond its rest, toward the toes; see :func:`_ankle` [N·m/rad]."""
SUBTALAR_STIFFNESS = 8.0
"""Of the foot turning in and out on the ankle; assumed, 3 to 20 [N·m/rad]."""


@cache
def _disc(law: str, row: str, zone: str, direction: str) -> tuple[float, float, float, tuple[float, float, float]]:
    """Threshold, scale, rate and polynomial of a motion segment in one direction."""
    if law == "yamamoto1989":
        start = value("joints", row, f"neutral_zone_{zone}")
        limit = value("joints", row, f"range_{direction}")
        inside = NEUTRAL_ZONE_STIFFNESS if zone == "flexion_extension" else 2.0 * NEUTRAL_ZONE_STIFFNESS
        remaining = value("joints", row, "yamamoto_moment") - inside * limit
        scale, rate = stop_through(start, limit, max(remaining, 1.0), STEEPNESS)
        return start, scale, rate, (inside, 0.0, 0.0)
    if law == "heuer2007":
        p1, p2, p3 = (value("joints", "lumbar_segment", f"{direction}_{p}") for p in ("p1", "p2", "p3"))
        return 10.0, 0.0, 1.0, (p1, p2, p3)
    if law == "schmidt1998":
        start = value("joints", row, f"range_{direction}")
        k = value("joints", "lumbar_segment", f"{direction}_stiffness_linear")
        scale, rate = stop_through(0.8 * start, 1.3 * start, 10.0, STEEPNESS)
        return 0.8 * start, scale, rate, (k, 0.0, 0.0)
    raise DataError(f"disc law is {law!r}; there are yamamoto1989, heuer2007, schmidt1998")


def _ankle(c: int, neutral: Array, threshold: Array, scale: Array, rate: Array, stiffness: Array) -> None:
    """Riener & Edrich 1999 with the knee straight, + plantarflexion in the paper and - here, about its zero.

    M = exp(a0 - a1 p) - exp(b0 + b1 p) + c crosses zero near 18 degrees of plantarflexion. The two exponentials are carried
    over as stops that start there; below, where the first one dies away, a straight line stands for it, within 0.35 N·m of
    the paper from -10 to 40 degrees.
    """
    a0, a1 = value("joints", "ankle", "riener_a0"), value("joints", "ankle", "riener_a_ankle")
    b0, b1 = value("joints", "ankle", "riener_b0"), value("joints", "ankle", "riener_b_ankle")
    offset = value("joints", "ankle", "riener_offset")
    zero = (np.log(-offset) - a0) / a1
    neutral[c] = -zero
    threshold[c] = 0.0
    scale[c, 1], rate[c, 1] = np.exp(a0 + a1 * zero), -a1  # dorsiflexion: + here, smaller p
    scale[c, 0], rate[c, 0] = np.exp(b0 + b1 * zero), b1
    stiffness[c, 0, 0] = PLANTARFLEXION_STIFFNESS


__all__ = [
    "JOINT_NAMES",
    "LEVELS",
    "LUMBAR",
    "SEGMENTS",
    "Skeleton",
    "Tree",
    "build_skeleton",
    "other_side",
    "SIDES",
]
