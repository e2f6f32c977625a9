"""What is read off a resting body: names, units and numbers, one for each member of an ensemble."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from psoas.anatomy import tables
from psoas.body.model import Span
from psoas.equilibrium import Equilibrium, free_hessian
from psoas.mechanics.muscle import active_fiber_curve, equilibrate
from psoas.placement import grip_groups

Array = NDArray[np.float64]

LEVELS = ("L5", "L4", "L3", "L2", "L1", "T12")
JOINTS = {"L5": "L5_S1", "L4": "L4_L5", "L3": "L3_L4", "L2": "L2_L3", "L1": "L1_L2", "T12": "T12_L1"}
SIDES = {"left": "_l", "right": "_r"}
GROUPS = ("psoas_major", "iliacus", "psoas_minor")
RIBS = ("thorax_1", "thorax_2")
THIGH = ("thigh_2", "thigh_3", "thigh_4")
NEVER_NEGATIVE = ("_gap", "_passive_force", "support_force", "friction_demand", "_gap_left", "_gap_right",
                  "_tension", "_activation", "muscle_effort")  # fmt: skip
"""Parts of names whose values cannot be below zero."""
GEOMETRY = ("rajagopal2016", "christophy2012", "reed1999", "lordosis2022", "remus2021")
SOURCES: Mapping[str, tuple[str, ...]] = {
    "lumbar_lordosis": ("lordosis2022", "yamamoto1989", "gardnermorse2004", "pmc6680033"),
    "pelvic_tilt": ("rajagopal2016", "silder2007", "riener1999"),
    "hip_flexion": ("silder2007", "riener1999", "deleva1996"),
    "knee_flexion": ("falisse2019", "deleva1996"),
    "length": GEOMETRY,
    "normalized_fiber_length": (*GEOMETRY, "thelen2003"),
    "passive_force": (
        "christophy2012",
        "anybody_ammr",
        "thelen2003",
        "rajagopal2016",
        "uhlrich2022",
        "degroote2016",
    ),
    "moment_arm": GEOMETRY,
    "compression": ("dumas2007", "christophy2012"),
    "shear": ("dumas2007", "christophy2012"),
    "gap": ("ansur2012", "myosuite2022", "isogai2022"),
    "support_force": ("dumas2007", "isogai2022", "ansur2012"),
    "friction_demand": ("dumas2007", "deleva1996"),
    "roll": ("dumas2007", "ansur2012", "isogai2022"),
    "lateral_stiffness": ("dumas2007", "deleva1996"),
    "tension": ("christophy2012", "anybody_ammr", "thelen2003", "rajagopal2016", "degroote2016"),
    "activation": ("christophy2012", "anybody_ammr", "thelen2003", "rajagopal2016", "degroote2016"),
    "muscle_effort": ("christophy2012", "rajagopal2016", "thelen2003"),
    "moment_without_muscle": ("dumas2007", "riener1999"),
    "hip_over_knee": ("deleva1996", "ansur2012"),
}
"""Sources by the family of a quantity, keys of ``anatomy/sources.bib``."""


@dataclass(frozen=True)
class Measured:
    """One quantity over the members of an ensemble."""

    name: str
    """The field's word for it, such as ``lumbar_lordosis``."""
    unit: str
    """A unit of ``psoas.units``, ``1`` for a pure number."""
    values: Array
    """One for each member (B,) [unit]."""
    sources: tuple[str, ...]
    """Keys of ``anatomy/sources.bib``, as in :data:`SOURCES`."""

    @property
    def never_negative(self) -> bool:
        """Whether the quantity cannot lie below zero."""
        return any(part in self.name for part in NEVER_NEGATIVE)


PARTS = ("posture", "muscles", "spine", "gaps", "supports", "legs_on_side", "bent_legs", "upright")
"""Families of quantities that are read together, in the order of a report."""


def measure(equilibrium: Equilibrium, parts: Sequence[str] = PARTS) -> dict[str, Measured]:
    """Every quantity of every member, whether it came to rest or not; callers leave out those that did not.

    Args:
        equilibrium: ``B`` bodies.
        parts: Which of :data:`PARTS`, for whoever is in a hurry; what makes no sense in a position is left out.
    Returns:
        Quantities by name, each with its unit and (B,) values, in the order of a report.
    """
    return {found.name: found for found in _Reader(equilibrium).quantities(parts)}


class _Reader:
    """Reads one equilibrium; what several quantities share is worked out once."""

    def __init__(self, equilibrium: Equilibrium) -> None:
        self.equilibrium = equilibrium
        self.body = equilibrium.body
        self.tree = equilibrium.body.tree
        self.now = equilibrium.evaluation()

    def quantities(self, parts: Sequence[str]) -> Iterator[Measured]:
        lying = self.equilibrium.position
        without = {
            "gaps": lying.on_side or lying.upright, "legs_on_side": not lying.on_side, "bent_legs": not lying.legs_bent,
            "upright": not lying.upright,
        }  # fmt: skip
        for part in parts:
            if not without.get(part, False):
                yield from getattr(self, part)()

    def coordinate(self, segment: str, axis: str = "flexion") -> Array:
        return np.asarray(self.equilibrium.coordinates[:, self.tree.coordinate(segment, axis)])

    def posture(self) -> Iterator[Measured]:
        lordosis = sum(self.coordinate(level) for level in LEVELS)
        yield _quantity("lumbar_lordosis", "deg", np.degrees(lordosis), "lumbar_lordosis")
        for level in LEVELS:
            yield _quantity(
                f"segment_angle_{JOINTS[level]}", "deg", np.degrees(self.coordinate(level)), "lumbar_lordosis"
            )
        if self.equilibrium.position.on_side:
            yield from self.trunk_on_side()
        else:
            up = self.now.pose.rotation[:, self.tree.segment("pelvis"), :, 1]
            tilt = np.arctan2(up[:, 2], np.hypot(up[:, 0], up[:, 1]))
            if self.equilibrium.position.upright:  # from the plumb line, not from the floor
                tilt = np.arctan2(up[:, 0], up[:, 2])
            yield _quantity("pelvic_tilt", "deg", np.degrees(tilt), "pelvic_tilt")
        for side, end in SIDES.items():
            yield _quantity(f"hip_flexion_{side}", "deg", np.degrees(self.coordinate("femur" + end)), "hip_flexion")
        for side, end in SIDES.items():
            yield _quantity(f"knee_flexion_{side}", "deg", -np.degrees(self.coordinate("tibia" + end)), "knee_flexion")

    @property
    def low(self) -> float:
        """1 on the right side, -1 on the left [-]."""
        return 1.0 if self.equilibrium.position["side"] == "right" else -1.0

    def trunk_on_side(self) -> Iterator[Measured]:
        """Roll of pelvis and chest from square on the side, + onto the front; the lumbar spine's bend to the side, + where its
        middle hangs toward the floor."""
        for name in ("pelvis", "thorax"):
            axis = self.now.pose.rotation[:, self.tree.segment(name), 2]
            roll = np.degrees(np.arctan2(-axis[:, 0], -self.low * axis[:, 2]))
            yield _quantity(f"{name}_roll", "deg", roll, "roll")
        bend = sum(self.coordinate(level, "abduction") for level in LEVELS)
        yield _quantity("lumbar_side_bend", "deg", -self.low * np.degrees(bend), "roll")

    def legs_on_side(self) -> Iterator[Measured]:
        """What the upper leg rests on the lower with, and the friction either leg needs."""
        legs, support = self.now.legs, self.equilibrium.support
        if legs is None:
            return
        yield _quantity("leg_on_leg_force", "N", legs.force.sum(1), "support_force")
        lower = grip_groups(on_side=True)[0 if self.low > 0.0 else 1]
        held = self.now.grip_force[:, lower].sum(1)
        pressed = self.upward[:, support.grip_skin[lower]].sum(1)
        for name, force, normal in (
            ("lower", held, pressed),
            ("upper", legs.friction.sum(1), legs.force.sum(1)),
        ):
            demand = np.linalg.norm(force, axis=1) / np.maximum(normal, 1e-9)
            yield _quantity(f"friction_demand_{name}_leg", "1", demand, "friction_demand")

    @cached_property
    def lines(self) -> dict[str, list[int]]:
        """Indices of the lines of each muscle and side."""
        found: dict[str, list[int]] = {}
        for group in GROUPS:
            for end in SIDES.values():
                rows = [i for i, m in enumerate(self.tree.muscles) if m.startswith(group) and m.endswith(end)]
                found[group + end] = rows
        return found

    @cached_property
    def let_go(self) -> Array:
        """Tension that the muscles would have where they are without any activity (B, muscles) [N]."""
        body = self.body
        return equilibrate(
            self.now.paths.length, max_isometric_force=body.max_isometric_force,
            optimal_fiber_length=body.optimal_fiber_length, tendon_slack_length=body.tendon_slack_length,
            pennation_angle=body.pennation_angle, passive_shape=body.passive_shape, passive_strain=body.passive_strain,
            passive_start=body.passive_start, tone=np.zeros_like(body.tone), tendon=body.tendon,
        ).tension  # fmt: skip

    @cached_property
    def activation(self) -> Array:
        """Of an upright body's muscles (B, muscles) [-]."""
        shape = tables.load("tissues").get("fiber_active", "shape").number
        stretch = self.now.muscle.fiber_length / self.body.optimal_fiber_length
        return self.body.tone / active_fiber_curve(stretch, shape).force

    def upright(self) -> Iterator[Measured]:
        """Effort, what the missing muscles of neck and ankles would do, and how the hips lie over the knees in sitting."""
        yield _quantity("muscle_effort", "1", np.sum(self.activation**2, 1), "muscle_effort")
        joints: dict[str, tuple[str, ...]] = {"neck": ("head_flexion",)}
        if self.equilibrium.position.legs == "standing":
            joints["ankle"] = ("foot_r_flexion", "foot_l_flexion")
        for name, coordinates in joints.items():
            columns = [self.tree.coordinates.index(c) for c in coordinates]
            moment = self.now.gradient[:, columns].sum(1)
            yield _quantity(f"{name}_moment_without_muscle", "Nm", moment, "moment_without_muscle")
        if self.equilibrium.position.legs != "chair":  # of someone who stands it would be the length of the thigh
            return
        height = self.now.pose.position[..., 2]
        for side, end in SIDES.items():
            over = height[:, self.tree.segment("femur" + end)] - height[:, self.tree.segment("tibia" + end)]
            yield _quantity(f"hip_over_knee_{side}", "mm", 1e3 * over, "hip_over_knee")

    def muscles(self) -> Iterator[Measured]:
        length = self.now.paths.length
        stretch = self.now.muscle.fiber_length / self.body.optimal_fiber_length
        upright = self.equilibrium.position.upright
        tension = self.let_go if upright else self.now.muscle.tension
        strength = self.body.max_isometric_force
        for group in GROUPS:
            if np.all(strength[:, self.lines[group + "_r"]] == 0.0):
                continue
            for side, end in SIDES.items():
                rows = self.lines[group + end]
                share = strength[:, rows] / np.maximum(strength[:, rows].sum(1, keepdims=True), 1e-9)
                mean = lambda table, rows=rows, share=share: np.sum(table[:, rows] * share, 1)  # noqa: E731
                yield _quantity(f"{group}_length_{side}", "mm", 1e3 * mean(length), "length")
                yield _quantity(
                    f"{group}_normalized_fiber_length_{side}", "1", mean(stretch), "normalized_fiber_length"
                )
                yield _quantity(f"{group}_passive_force_{side}", "N", tension[:, rows].sum(1), "passive_force")
                if upright:
                    pulls = self.now.muscle.tension[:, rows].sum(1)
                    yield _quantity(f"{group}_tension_{side}", "N", pulls, "tension")
                    yield _quantity(f"{group}_activation_{side}", "1", mean(self.activation), "activation")
                if group == "psoas_major":
                    yield from self.moment_arms(rows, share, side, end)
        for group in GROUPS:
            for side, end in SIDES.items():
                rows = self.lines[group + end]
                if len(rows) < 2 or np.all(strength[:, rows] == 0.0):
                    continue
                for row in rows:
                    name = self.tree.muscles[row].removesuffix(end)
                    yield _quantity(f"{name}_length_{side}", "mm", 1e3 * length[:, row], "length")
                    yield _quantity(
                        f"{name}_normalized_fiber_length_{side}",
                        "1",
                        stretch[:, row],
                        "normalized_fiber_length",
                    )
                    yield _quantity(f"{name}_passive_force_{side}", "N", tension[:, row], "passive_force")

    def moment_arms(self, rows: list[int], share: Array, side: str, end: str) -> Iterator[Measured]:
        """By strength-weighted mean; + flexes the hip, + extends (hollows) the back."""
        arms = -self.now.paths.arms[:, rows]
        hip = np.sum(arms[:, :, self.tree.coordinate("femur" + end, "flexion")] * share, 1)
        yield _quantity(f"psoas_major_hip_moment_arm_{side}", "mm", 1e3 * hip, "moment_arm")
        for level in LEVELS:
            arm = np.sum(arms[:, :, self.tree.coordinate(level, "flexion")] * share, 1)
            yield _quantity(f"psoas_major_{JOINTS[level]}_moment_arm_{side}", "mm", 1e3 * arm, "moment_arm")

    def spine(self) -> Iterator[Measured]:
        """Compression along, and shear across, the middle of each disc; shear + where the upper vertebra is held back."""
        rotation = self.now.pose.rotation
        for level in LEVELS:
            segment = self.tree.segment(level)
            force = self.now.joint_force[:, segment]
            half = 0.5 * self.coordinate(level)
            ahead, up = rotation[:, segment, :, 0], rotation[:, segment, :, 1]
            c, s = np.cos(-half)[:, None], np.sin(-half)[:, None]
            disc_ahead, disc_up = c * ahead + s * up, c * up - s * ahead
            yield _quantity(f"compression_{JOINTS[level]}", "N", np.sum(force * disc_up, 1), "compression")
            yield _quantity(f"shear_{JOINTS[level]}", "N", -np.sum(force * disc_ahead, 1), "shear")

    @cached_property
    def clear(self) -> Array:
        """Clear distance of each patch of skin to the floor, or to the prop right below it (B, skin) [m]."""
        support, centers = self.equilibrium.support, self.now.touch.centers
        half = support.prop_half_size + support.prop_rounding[..., None]
        over = np.abs(centers[:, None, :, 0] - support.prop_center[..., 0, None]) <= half[..., 0, None]
        top = np.where(over, (support.prop_center[..., 1] + half[..., 1])[..., None], 0.0)
        return np.asarray(centers[..., 2] - self.body.skin_radius - top.max(1, initial=0.0))

    def gaps(self) -> Iterator[Measured]:
        def widest(names: list[str]) -> Array:
            rows = [self.tree.skin.index(name) for name in names]
            return 1e3 * np.maximum(self.clear[:, rows].max(1), 0.0)

        lumbar = [
            name for name, region in zip(self.tree.skin, self.tree.skin_regions, strict=True) if region == "lumbar"
        ]
        yield _quantity("lumbar_gap", "mm", widest(lumbar), "gap")
        for side, end in SIDES.items():
            yield _quantity(f"rib_gap_{side}", "mm", widest([name + end for name in RIBS]), "gap")
        for side, end in SIDES.items():
            yield _quantity(f"thigh_gap_{side}", "mm", widest([name + end for name in THIGH]), "gap")

    @cached_property
    def upward(self) -> Array:
        """Upward force of floor and props on each patch (B, skin) [N]."""
        touch = self.now.touch
        return np.asarray(touch.floor + (touch.props * touch.prop_normal[..., 2]).sum(1))

    def region(self, name: str) -> list[int]:
        return [k for k, region in enumerate(self.tree.skin_regions) if region == name]

    def supports(self) -> Iterator[Measured]:
        for name in dict.fromkeys(self.tree.skin_regions):
            force = self.upward[:, self.region(name)].sum(1)
            side = {"_r": "_right", "_l": "_left"}.get(name[-2:], "")
            plain = name[:-2] + side if side else name
            yield _quantity(f"support_force_{plain}", "N", force, "support_force")
        yield _quantity("support_force_total", "N", self.upward.sum(1), "support_force")

    def bent_legs(self) -> Iterator[Measured]:
        held = "heel" if self.equilibrium.position.feet_held else "calf"
        region = {"heel": "foot", "calf": "calf"}[held]
        for side, end in SIDES.items():
            grips = [
                k for k, skin in enumerate(self.equilibrium.support.grip_skin) if skin in self.region(region + end)
            ]
            force = np.linalg.norm(self.now.grip_force[:, grips].sum(1), axis=1)
            normal = np.maximum(self.upward[:, self.region(region + end)].sum(1), 1e-9)
            yield _quantity(f"friction_demand_{held}_{side}", "1", force / normal, "friction_demand")
        demand, supply = lateral_stiffness(self.equilibrium)
        for column, side in enumerate(SIDES):
            yield _quantity(f"lateral_stiffness_demand_{side}", "Nm/rad", demand[:, column], "lateral_stiffness")
        for column, side in enumerate(SIDES):
            yield _quantity(f"lateral_stiffness_supply_{side}", "Nm/rad", supply[:, column], "lateral_stiffness")


def lateral_stiffness(equilibrium: Equilibrium) -> tuple[Array, Array]:
    """How stiff each hip must be to the side for a bent leg to stay up, and how stiff it is.

    The supply is what tone, capsule and muscle of one hip add together against abduction and rotation, in their softest
    direction. The demand is what of it is needed: so much of an even stiffness can be taken from that hip, everything else
    in place, until some sideways motion of the whole body no longer costs energy and the leg topples.

    Args:
        equilibrium: ``B`` bodies.
    Returns:
        Demand and supply, left and right (B, 2) [N·m/rad]; a demand of 0 where the leg stays up with the hip let go.
    """
    body, tree = equilibrium.body, equilibrium.body.tree
    active = list(tree.active)
    whole = free_hessian(equilibrium)
    femurs = {tree.segment("femur" + end) for end in SIDES.values()}
    crossing = np.array(
        [
            bool(femurs & {tree.point_segments[p] for span in spans for p in (span.start, span.end)})
            for spans in _spans(tree.spans, len(tree.muscles))
        ]
    )
    # No muscle of one hip has a part in the other's block, so that both sides' are taken away at once.
    bare_body = replace(body, max_isometric_force=np.where(crossing, 0.0, body.max_isometric_force))
    bare = free_hessian(replace(equilibrium, body=bare_body))
    softest = np.linalg.inv(whole)
    demand, supply = np.empty((body.count, 2)), np.empty((body.count, 2))
    for column, end in enumerate(SIDES.values()):
        indices = [tree.coordinate("femur" + end, axis) for axis in ("abduction", "rotation")]
        own = [active.index(i) for i in indices]
        given = equilibrium.support.tone_stiffness[:, indices] + body.stiffness[:, indices, 0, 0]
        block = bare[:, own][:, :, own] - given[..., None] * np.eye(2)
        supply[:, column] = np.linalg.eigvalsh(whole[:, own][:, :, own] - block)[:, 0]
        spare = 1.0 / np.linalg.eigvalsh(softest[:, own][:, :, own])[:, -1]
        demand[:, column] = supply[:, column] - spare
    return np.maximum(demand, 0.0), supply


def _spans(spans: Sequence[Span], muscles: int) -> list[list[Span]]:
    """Spans by muscle."""
    return [[span for span in spans if span.muscle == m] for m in range(muscles)]


def _quantity(name: str, unit: str, values: Array, family: str) -> Measured:
    return Measured(name, unit, np.asarray(values, dtype=float), SOURCES[family])
