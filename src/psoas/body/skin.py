"""The skin that touches the floor: rounded patches that follow bones and girths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np

from psoas.anatomy import tables
from psoas.body.model import Array, Body, Tree
from psoas.body.skeleton import HEEL_PLANE, LUMBAR, SEGMENTS, Skeleton, bend_thorax
from psoas.body.variation import Variation
from psoas.person import Person, value, values

REGIONS = (
    "head", "upper_back", "ribs", "lumbar", "pelvis", "thigh_r", "thigh_l", "calf_r", "calf_l",
    "foot_r", "foot_l", "arm_r", "arm_l", "shoulder", "side", "waist", "hip",
)  # fmt: skip
"""Contacts that results are given for; the last four only of a body that lies on its side."""
RIB_PATCHES = (1, 2)
THORAX_PATCHES, THIGH_PATCHES, CALF_PATCHES = 6, 5, 4
SIDE_RIB_PATCHES = 3
ENDS = (("_r", 1.0), ("_l", -1.0))
"""The two sides, and the sign of what lies there along Z."""


@dataclass(frozen=True)
class Skin:
    """One body's patches; arrays as in :class:`psoas.body.Body` without the leading axis."""

    names: tuple[str, ...]
    """(skin,)."""
    segments: tuple[int, ...]
    """Index of the segment each is fixed in, among ``SEGMENTS`` (skin,)."""
    regions: tuple[str, ...]
    """Which of ``REGIONS`` each is counted to (skin,)."""
    center: Array
    """(skin, 3) [m]."""
    radius: Array
    """(skin,) [m]."""
    modulus: Array
    """(skin,) [Pa]."""
    thickness: Array
    """(skin,) [m]."""
    seat_edge: Array
    """(3,) [m]."""


@cache
def _sd(id: str, quantity: str) -> Array:
    return tables.load("skin").get(id, quantity).sd_si


def build_skin(person: Person, variation: Variation, skeleton: Skeleton) -> Skin:
    """Patches of skin on a skeleton, from ``skin.csv``, ``tissues.csv`` and the girths of ``segments.csv``.

    Args:
        person: Measurements; girths move the skin they were taken at.
        variation: Which of the bodies with these measurements.
        skeleton: From :func:`psoas.body.skeleton.build_skeleton`.
    Returns:
        The patches.
    Raises:
        DataError: A table lacks a row.
    """
    names: list[str] = []
    segments: list[int] = []
    regions: list[str] = []
    centers: list[Array] = []
    radii: list[float] = []
    moduli: list[float] = []
    depths: list[float] = []
    soft = value("skin", "skin", "modulus") * variation.tissue_modulus
    fat = max(1.0 + value("skin", "back", "tissue_per_bmi") * (person.bmi - 25.0), 0.4)
    fat *= person.girth_ratio("waist")

    def put(
        name: str,
        segment: str,
        region: str,
        center: Array,
        radius: float,
        thickness: float,
        modulus: float = soft,
    ) -> None:
        names.append(name)
        segments.append(SEGMENTS.index(segment))
        regions.append(region)
        centers.append(np.asarray(center, dtype=float))
        radii.append(radius)
        moduli.append(modulus)
        depths.append(thickness)

    def sides(name: str, segment: str, region: str, center: Array, *rest: float) -> None:
        for end, sign in (("_r", 1.0), ("_l", -1.0)):
            paired = segment + end if segment not in SEGMENTS else segment
            where = region + end if region in ("thigh", "calf", "foot", "arm") else region
            put(name + end, paired, where, center * [1.0, 1.0, sign], *rest)

    def back_tissue(id: str) -> float:
        thickness = value("skin", id, "tissue") + variation.back_tissue * float(_sd(id, "tissue")[0])
        return max(thickness * fat, 0.004)

    # Ribs and shoulder blades.
    size = skeleton.scale["thorax"]
    plane = 0.0
    for k in range(1, THORAX_PATCHES + 1):
        id = f"thorax_{k}"
        bone = bend_thorax(np.array(values("skin", id, "bone")), skeleton.bend) * size
        bone[0] -= variation.back_profile * float(_sd(id, "bone")[0])
        tissue, radius = back_tissue(id), value("skin", id, "radius") * float(size[0])
        plane = min(plane, bone[0] - tissue)
        region = "ribs" if k in RIB_PATCHES else "upper_back"
        sides(id, "thorax", region, np.array([bone[0] - tissue + radius, bone[1], bone[2]]), radius, tissue)

    # Head: its back lies a published distance in front of the shoulder blades' plane.
    size = skeleton.scale["head"]
    radius = value("skin", "occiput", "radius") * float(size[0])
    neck = skeleton.joint_position[SEGMENTS.index("head")]
    rise = value("skin", "occiput", "rise", person.sex) + variation.head_rise * float(_sd("occiput", "rise")[0])
    height = (values("bones", "occiput", "position")[1] - values("bones", "C7_T1", "centre")[1]) * float(size[1])
    put("occiput", "head", "head", np.array([plane + rise + radius - neck[0], height, 0.0]), radius,
        value("tissues", "occiput", "skin_thickness"))  # fmt: skip

    # Small of the back.
    for level in LUMBAR:
        id = f"{level}_back"
        x, y, z = np.array(values("skin", id, "bone")) * skeleton.scale[level]
        tissue, radius = back_tissue(id), value("skin", id, "radius") * person.pelvis_scale
        sides(id, level, "lumbar", np.array([x - tissue + radius, y, z]), radius, tissue)

    # Sacrum and buttocks.
    size = skeleton.scale["pelvis"]
    x, y, z = np.array(values("skin", "sacrum", "bone")) * size
    tissue, radius = back_tissue("sacrum"), value("skin", "sacrum", "radius") * person.pelvis_scale
    sides("sacrum", "pelvis", "pelvis", np.array([x - tissue + radius, y, z]), radius, tissue)
    depth = person.anthropometry("buttockdepth") * person.girth_ratio("hip")
    share = value("skin", "buttock", "depth_behind_hip") + variation.buttock * float(
        _sd("buttock", "depth_behind_hip")[0]
    )
    radius = (
        value("skin", "buttock", "radius")
        * person.girth_ratio("hip")
        * np.sqrt(person.pelvis_scale * max(person.bmi, 17.0) / 25.0)
    )
    thickness = value("tissues", "buttock", "skin_thickness")
    for id, row, less in (
        ("buttock", "height", 0.0),
        ("buttock_low", "low_height", value("skin", "buttock", "low_rise")),
    ):
        where = np.array([
            -share * depth + less + radius,
            value("skin", "buttock", row) * float(size[1]),
            value("skin", "buttock", "half_spread") * float(size[2]),
        ])  # fmt: skip
        sides(id, "pelvis", "pelvis", where, radius, thickness)

    # The buttocks end at their fold, a little below the height of the crotch.
    fold = person.anthropometry("trochanterionheight") - person.anthropometry("crotchheight")
    seat_edge = np.array([-share * depth + 0.04, -fold - value("skin", "buttock", "fold_below_crotch"), 0.0])

    # Legs.
    upper, lower = person.anthropometry("thighcircumference"), person.anthropometry("lowerthighcircumference")
    lower *= person.girth_ratio("thigh")
    calf = person.anthropometry("calfcircumference")
    ankle = person.anthropometry("anklecircumference") * person.girth_ratio("calf")
    girths = {"thigh": (upper, lower), "calf": (calf, ankle)}
    for limb, count, segment in (("thigh", THIGH_PATCHES, "femur"), ("calf", CALF_PATCHES, "tibia")):
        big, small = (girth / (2.0 * np.pi) for girth in girths[limb])
        thickness = value("tissues", f"{limb}_back" if limb == "thigh" else limb, "skin_thickness")
        for k in range(1, count + 1):
            id = f"{limb}_{k}"
            radius = big + value("skin", id, "taper") * (small - big)
            for end in ("_r", "_l"):
                scale = float(skeleton.scale[segment + end][0])
                child = "tibia" if segment == "femur" else "foot"
                length = -skeleton.joint_position[SEGMENTS.index(child + end)][1]
                ahead = value("skin", id, "offset") * scale
                if limb == "thigh":
                    ahead -= variation.thigh_flesh * float(_sd(id, "offset")[0])
                put(id + end, segment + end, limb + end, np.array([ahead, -value("skin", id, "fraction") * length, 0.0]),
                    radius, min(thickness, 0.6 * radius))  # fmt: skip

    # Feet: one patch serves the back and the sole of the heel; the sole is level when standing.
    for end, sign in (("_r", 1.0), ("_l", -1.0)):
        size = skeleton.scale["foot" + end] * [1.0, 1.0, sign]
        sole = HEEL_PLANE * abs(float(size[1]))
        pad = value("skin", "heel", "tissue")
        radius = value("skin", "heel", "radius") * abs(float(size[0]))
        bone = np.array(values("skin", "heel", "bone")) * size
        put("heel" + end, "foot" + end, "foot" + end,
            np.array([bone[0] - 0.5 * pad + radius, sole + radius, bone[2]]), radius, pad,
            value("skin", "heel", "modulus"))  # fmt: skip
        for id in ("ball_medial", "ball_lateral"):
            bone = np.array(values("skin", id, "bone")) * size
            radius = value("skin", id, "radius") * abs(float(size[0]))
            put(id + end, "foot" + end, "foot" + end, np.array([bone[0], sole + radius, bone[2]]), radius,
                value("tissues", "foot_sole", "skin_thickness"), value("skin", "heel", "modulus"))  # fmt: skip

        # Arms.
        reach = -skeleton.joint_position[SEGMENTS.index("forearm" + end)][1]
        forearm = person.anthropometry("radialestylionlength")
        hand = forearm + 0.5 * person.anthropometry("handlength")
        thin = 0.010
        put("upper_arm" + end, "upper_arm" + end, "arm" + end, np.array([0.0, -0.45 * reach, 0.0]),
            value("skin", "upper_arm", "radius"), 0.02)  # fmt: skip
        put(
            "elbow" + end,
            "upper_arm" + end,
            "arm" + end,
            np.array([0.0, -reach, 0.0]),
            value("skin", "elbow", "radius"),
            thin,
        )
        put("forearm" + end, "forearm" + end, "arm" + end, np.array([0.0, -0.55 * forearm, 0.0]),
            value("skin", "forearm", "radius"), 0.015)  # fmt: skip
        put(
            "hand" + end,
            "forearm" + end,
            "arm" + end,
            np.array([0.0, -hand, 0.0]),
            value("skin", "hand", "radius"),
            thin,
        )

    return Skin(
        tuple(names),
        tuple(segments),
        tuple(regions),
        np.array(centers),
        np.array(radii),
        np.array(moduli),
        np.array(depths),
        seat_edge,
    )


def build_flank(person: Person, variation: Variation, skeleton: Skeleton, skin: Skin) -> Skin:
    """Patches of the body's two sides, from ``skin.csv`` and the breadths of ``segments.csv``.

    They are kept apart from the skin of the back, and join it by :func:`on_side` where a body lies on its side. A rounded
    patch does not resist rolling; the chest has two columns of them, the crest two, because they lie on flattened sides.

    Args:
        person: Measurements; breadths follow stature and body mass index, the waist's its girth.
        variation: Which of the bodies with these measurements.
        skeleton: From :func:`psoas.body.skeleton.build_skeleton`.
        skin: From :func:`build_skin`; the head's side is placed by its back.
    Returns:
        The patches; ``seat_edge`` is that of the skin.
    Raises:
        DataError: A table lacks a row.
    """
    names: list[str] = []
    segments: list[int] = []
    regions: list[str] = []
    centers: list[Array] = []
    radii: list[float] = []
    depths: list[float] = []
    fat = max(1.0 + value("skin", "back", "tissue_per_bmi") * (person.bmi - 25.0), 0.4)
    fat *= person.girth_ratio("waist")

    def tissue(id: str, grown: float = 1.0) -> float:
        """What gives way there, grown by fat [m]."""
        return max((value("skin", id, "tissue") + variation.flank * float(_sd(id, "tissue")[0])) * grown, 0.004)

    def put(name: str, segment: str, region: str, x: float, y: float, out: float, id: str, thickness: float) -> None:
        """A patch whose skin reaches ``out`` from its segment's axis, + to the right."""
        radius = value("skin", id, "radius")
        names.append(name)
        segments.append(SEGMENTS.index(segment))
        regions.append(region)
        centers.append(np.array([x, y, out - np.copysign(radius, out)]))
        radii.append(radius)
        depths.append(thickness)

    def sides(name: str, segment: str, region: str, x: float, y: float, half: float, id: str, thickness: float) -> None:
        for end, sign in ENDS:
            put(name + end, segment, region, x, y, sign * half, id, thickness)

    breadth = lambda name: 0.5 * person.anthropometry(name)  # noqa: E731

    def drawn(name: str, z: float) -> float:
        """Half a breadth, as far from its mean for this stature and mass as was drawn [m]."""
        return breadth(name) + 0.5 * z * float(tables.load("segments").get(name, "regression", person.sex).sd_si[0])

    shoulders, chests, waists, hips = variation.breadth
    x, y, _ = skin.center[skin.names.index("occiput")] + values("skin", "temple", "place") * skeleton.scale["head"]
    sides("temple", "head", "head", x, y, breadth("headbreadth"), "temple",
          value("tissues", "occiput", "skin_thickness"))  # fmt: skip
    x, y, _ = skeleton.joint_position[SEGMENTS.index("upper_arm_r")] + values("skin", "shoulder", "place")
    sides("shoulder", "thorax", "shoulder", x, y,
          breadth("biacromialbreadth") + value("skin", "shoulder", "beyond_acromion")
        + shoulders * float(_sd("shoulder", "beyond_acromion")[0]), "shoulder",
          tissue("shoulder"))  # fmt: skip
    size, chest = skeleton.scale["thorax"], drawn("chestbreadth", chests)
    for k in range(1, SIDE_RIB_PATCHES + 1):
        id = f"side_rib_{k}"
        for place, sign in (("front", 1.0), ("back", -1.0)):
            ahead = value("skin", "side_rib", "middle") + sign * value("skin", "side_rib", "half_spread")
            x, y, _ = bend_thorax(np.array([ahead, value("skin", id, "height"), 0.0]), skeleton.bend) * size
            half = value("skin", id, "share") * chest - value("skin", "side_rib", "less")
            sides(f"{id}_{place}", "thorax", "side", x, y, half, id, tissue(id, fat))
    waist = drawn("waistbreadth", waists) * person.girth_ratio("waist") - value("skin", "waist", "less")
    for level in ("L2", "L4"):
        id = f"waist_{level}"
        sides(id, level, "waist", value("skin", id, "forward") * person.pelvis_scale, 0.0, waist, id,
              tissue(id, fat))  # fmt: skip
    for id in ("crest_front", "crest_back"):
        x, y, _ = np.array(values("skin", id, "bone")) * skeleton.scale["pelvis"]
        half = breadth("bicristalbreadth") - value("skin", id, "less") + value("skin", id, "tissue") * (fat - 1.0)
        sides(id, "pelvis", "hip", x, y, half, id, tissue(id, fat))
    # Flesh over the trochanters is what the hips are broader than between the hip joints.
    joint = float(skeleton.joint_position[SEGMENTS.index("femur_r")][2])
    flesh = drawn("hipbreadth", hips) * person.girth_ratio("hip") - joint
    at, thick = np.array(values("skin", "trochanter", "place")), tissue("trochanter", fat)
    for end, sign in ENDS:
        x, y, _ = at * skeleton.scale["femur" + end]
        put("trochanter" + end, "femur" + end, "hip", x, y, sign * flesh, "trochanter", thick)
    for end, sign in ENDS:
        thigh = -float(skeleton.joint_position[SEGMENTS.index("tibia" + end)][1])
        shank = -float(skeleton.joint_position[SEGMENTS.index("foot" + end)][1])
        knee = value("skin", "knee", "half_breadth") * float(skeleton.scale["femur" + end][0])
        put("knee" + end, "femur" + end, "thigh" + end, 0.0, -thigh, sign * knee, "knee", tissue("knee"))
        ankle = breadth("bimalleolarbreadth")
        put("ankle" + end, "tibia" + end, "foot" + end, 0.0, -shank, sign * ankle, "ankle", tissue("ankle"))

    soft = value("skin", "skin", "modulus") * variation.tissue_modulus
    return Skin(
        tuple(names), tuple(segments), tuple(regions), np.array(centers), np.array(radii), np.full(len(names), soft),
        np.array(depths), skin.seat_edge,
    )  # fmt: skip


def on_side(body: Body) -> Body:
    """The same bodies with the patches of their sides among their skin, to lie on a side.

    Args:
        body: ``B`` bodies.
    Returns:
        Bodies on a tree with more skin; the same ones if they have it already.
    """
    if (
        body.flank_center is None
        or body.flank_radius is None
        or body.flank_modulus is None
        or body.flank_thickness is None
    ):
        return body
    joined = lambda skin, flank: np.concatenate([skin, flank], axis=1)  # noqa: E731
    return replace(
        body,
        tree=_tree_on_side(body.tree),
        skin_center=joined(body.skin_center, body.flank_center),
        skin_radius=joined(body.skin_radius, body.flank_radius),
        skin_modulus=joined(body.skin_modulus, body.flank_modulus),
        skin_thickness=joined(body.skin_thickness, body.flank_thickness),
        flank_center=None,
        flank_radius=None,
        flank_modulus=None,
        flank_thickness=None,
    )


@lru_cache(maxsize=4)
def _tree_on_side(tree: Tree) -> Tree:
    return replace(
        tree,
        skin=tree.skin + tree.flank,
        skin_segments=tree.skin_segments + tree.flank_segments,
        skin_regions=tree.skin_regions + tree.flank_regions,
        flank=(),
        flank_segments=(),
        flank_regions=(),
    )
