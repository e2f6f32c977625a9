"""The same body through MuJoCo: a second opinion, joint reactions, a viewer, a file for other tools.

MuJoCo's own kinematics, tendon paths, contacts and solver stand in for ours. The laws of tissue (muscle,
joint, skin) are the same ones, handed over as springs that are linearised anew at every step. What agrees
therefore checks geometry, statics and the minimisation; it says nothing about the tissue. How each part is
carried over:

- Joints are hinges about Z, X and Y of the segment in that order, the root's after three slides along the
  world's axes, so that ``qpos`` equals our free coordinates. Turns that are not free are baked in.
- Muscles are spatial tendons over cylinders, the side site on the side the path passes.
- Skin is spheres that meet the supports only (explicit pairs), without friction; a prop is a box with a
  margin of its rounding. A patch pressed by :math:`F(\\delta)` becomes its tangent: a spring
  :math:`2c\\delta_0` that begins at :math:`\\delta_0/2`.
- One leg on the other is pairs of spheres, with a margin of what lies between, and a tendon of no rest length where
  they stick; at rest it pulls across only, as ours does.
- Grips, skin that sticks in the floor's plane, are pairs of tendons to sites :data:`FAR` away, each pulling
  along one axis of the world. Ties, a hand on the trunk, are tendons of no rest length.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import mujoco
import numpy as np
from scipy.spatial.transform import Rotation

from psoas.body.kinematics import LYING
from psoas.body.model import GRAVITY, Array, Body, Index
from psoas.body.skeleton import JOINT_NAMES, LEVELS
from psoas.energy import muscle_state
from psoas.equilibrium import Equilibrium
from psoas.errors import InputError, PsoasError
from psoas.mechanics.contact import press
from psoas.mechanics.joint import relaxed_resistance
from psoas.support import Support

FAR = 1000.0
"""Distance of the other end of a grip's tendons [m]; it errs by slip over this, 1e-5 for a centimeter."""
DETECTED = 3.0
"""How far from a support skin is still listed as a contact, without force [m]."""
IMPEDANCE = 0.5
"""MuJoCo's constraint impedance; contacts are scaled to it, so that nothing at rest depends on it [-]."""
SHALLOWEST = 2e-4
"""A shallower indentation gets this one's stiffness, so that skin about to touch meets something [m]."""
LIGHTEST = 1e-9
"""Mass given to a segment that has none, without which MuJoCo does not let it move [kg]."""
CONTACT_DAMPING = 0.02
"""Damping of a contact over its stiffness while settling; nothing at rest depends on it [s]."""
DAMPING = 4.0
"""Damping over inertia while settling, critical at 2 rad/s; nothing at rest depends on it [1/s]."""
STEP, FIRST_STEP, FIRST_STEPS = 0.02, 0.005, 60
"""Time step of the settling, and that of the first so many, in which the body is dropped [s], [s], [-]."""
HOPPING = 15.0
"""Simulated time from which steps are as short as the first: a light foot that rests on the other may hop from one long step
to the next for ever [s]."""
STILL = 2e-5
"""Fastest coordinate of a body that has come to rest [rad/s, m/s]."""
BALANCED = 2e-3
"""Largest unbalanced moment or force of a body that has come to rest [N·m, N]."""
SAME_TURN, SAME_FORCE = np.deg2rad(0.3), 2.0
"""What counts as the same resting place [rad], [N]; the same place found twice is a hundred times nearer."""
FLUNG = 1e3
"""A coordinate as fast as this is no longer settling [rad/s, m/s]."""
EXPORT_INERTIA, EXPORT_DAMPING = 0.01, 1.0
"""Added to every turn of an exported body, so that it can be stepped by 2 ms; nothing at rest depends on them
[kg·m², N·m·s/rad]."""

Status = Literal["settled", "not_settled", "warned"]


@dataclass(frozen=True)
class Reactions:
    """What the segment below passes on to the one above at each lumbar joint, L5-S1 first."""

    joints: tuple[str, ...]
    """Names, ``L5-S1`` … ``T12-L1``."""
    frame: Array
    """Axes at mid-disc, halfway between those of the segments below and above, as columns in the world:
    forward, up the spine, right (6, 3, 3) [-]."""
    force: Array
    """On the upper segment at mid-disc, in that frame (6, 3) [N]."""
    moment: Array
    """On the upper segment about mid-disc, in that frame (6, 3) [N·m]."""

    @property
    def compression(self) -> Array:
        """Positive when the joint is pressed together (6,) [N]."""
        return self.force[:, 1]

    @property
    def shear(self) -> Array:
        """Positive where the upper segment is held back (6,) [N]."""
        return -self.force[:, 0]


@dataclass(frozen=True)
class Rest:
    """Where a body came to rest in MuJoCo, and how far that is from our equilibrium."""

    coordinates: Array
    """(coordinates,) [m, rad]."""
    support_force: dict[str, float]
    """Upward force on each region of skin, by its name [N]."""
    support_force_total: float
    """[N]; the weight, if the body is at rest."""
    reactions: Reactions
    """Through the lumbar joints, where it rests in MuJoCo."""
    turn_difference: float
    """Largest difference of a free turn [rad]."""
    slide_difference: float
    """Largest difference of a slide of the root [m]."""
    force_difference: float
    """Largest difference of a region's support force [N]."""
    reaction_difference: float
    """Largest difference of a component of a lumbar joint's force from :func:`joint_reactions` [N]."""

    @property
    def agrees(self) -> bool:
        """Whether this is the place where ours rests: within :data:`SAME_TURN` and :data:`SAME_FORCE`."""
        return self.turn_difference < SAME_TURN and self.force_difference < SAME_FORCE


@dataclass(frozen=True)
class Settled:
    """What :func:`settle` found."""

    status: Status
    """``settled``; ``not_settled`` when time ran out; ``warned`` when MuJoCo counted a warning."""
    message: str
    """A sentence."""
    steps: int
    """Time steps taken."""
    rest: Rest | None
    """Only where the status is ``settled``."""


def model(equilibrium: Equilibrium, member: int = 0) -> mujoco.MjModel:
    """One body and its supports as a MuJoCo model, its springs linearised where the body rests.

    Args:
        equilibrium: The bodies.
        member: Which of them.
    Returns:
        The model, with a keyframe ``rest``.
    Raises:
        InputError: No such member.
    """
    return _Twin(_Given.of(equilibrium, member)).model


def settle(
    equilibrium: Equilibrium,
    member: int = 0,
    *,
    perturbation: float = np.deg2rad(3.0),
    lift: float = 0.005,
    seconds: float = 60.0,
    seed: int = 0,
) -> Settled:
    """Let a body settle in MuJoCo from a disturbed posture: the second opinion on an equilibrium.

    A damped simulation with MuJoCo's ``discrete`` integrator, which treats springs, tendons and contacts
    implicitly. Grips hold where they hold in the equilibrium: one friction state is compared, not how it came
    about. A disturbed body may come to rest elsewhere, which :attr:`Rest.agrees` tells.

    Args:
        equilibrium: The bodies at rest.
        member: Which of them.
        perturbation: Standard deviation of what is added to each free turn, at most two of them [rad].
        lift: How far the body is raised to begin with [m].
        seconds: Simulated time after which to give up [s].
        seed: Of the random posture.
    Returns:
        Where it came to rest, or a status and a sentence why not.
    Raises:
        InputError: No such member, or it found no equilibrium to compare with.
    """
    given = _Given.of(equilibrium, member, at_rest=True)
    twin = _Twin(given)
    drawn = np.clip(np.random.default_rng(seed).standard_normal(twin.model.nv), -2.0, 2.0) * perturbation
    drawn[:3] = 0.0, 0.0, lift
    start = given.coordinates[given.active] + drawn

    with _quiet(), np.errstate(all="ignore"):  # a body that is flung about has a status for it
        return _run(twin, start, seconds)


def _run(twin: _Twin, start: Array, seconds: float) -> Settled:
    """Settle a twin from a posture."""
    twin.place(start)
    steps = 0
    while twin.data.time < seconds:
        twin.step(FIRST_STEP if steps < FIRST_STEPS or twin.data.time > HOPPING else STEP)
        steps += 1
        if twin.warnings:
            return Settled("warned", f"MuJoCo warned while settling: {', '.join(twin.warnings)}.", steps, None)
        if not twin.fastest < FLUNG:
            return Settled("not_settled", "MuJoCo's settle flung the body about.", steps, None)
        if twin.fastest < STILL and twin.imbalance() < BALANCED:
            break
    else:
        sentence = f"MuJoCo's settle was still moving at {twin.fastest:.1e} rad/s after {seconds:g} s."
        return Settled("not_settled", sentence, steps, None)

    given = twin.given
    rest = _compare(twin, _reactions(_Twin(given).at(given.coordinates[given.active])))
    if twin.warnings:
        return Settled("warned", f"MuJoCo warned while settling: {', '.join(twin.warnings)}.", steps, None)
    apart = f"a turn at most {np.rad2deg(rest.turn_difference):.4f}° from our equilibrium"
    return Settled("settled", f"Settled in MuJoCo after {twin.data.time:.1f} s, {apart}.", steps, rest)


def joint_reactions(equilibrium: Equilibrium, member: int = 0) -> Reactions:
    """Force and moment through each lumbar joint where the body rests, worked out by MuJoCo.

    From ``mj_rnePostConstraint``: weight, supports, grips and the pull of every tendon along its own line,
    summed over all that the joint carries. It is what disc, facets and ligaments pass on together; a disc's
    pretension is not in it.

    Args:
        equilibrium: The bodies at rest.
        member: Which of them.
    Returns:
        See :class:`Reactions`.
    Raises:
        InputError: No such member, or it found no equilibrium.
    """
    given = _Given.of(equilibrium, member, at_rest=True)
    return _reactions(_Twin(given).at(given.coordinates[given.active]))


def unbalanced(equilibrium: Equilibrium, member: int = 0, ideal: Array | None = None) -> Array:
    """What MuJoCo finds unbalanced where a body is: the second opinion on one that stands or sits.

    An upright body would fall if it were dropped, so it is not settled but weighed as it is: MuJoCo's own frames,
    tendon paths and contacts, its muscles pulling as hard as ours do there.

    Args:
        equilibrium: The bodies, in balance.
        member: Which of them.
        ideal: Moments that stand in for muscle, as :attr:`psoas.upright.Balanced.ideal` (B, coordinates) [N·m]; none if left out.
    Returns:
        Sum of all forces at each coordinate, 0 where it is not free (coordinates,) [N, N·m].
    Raises:
        InputError: No such member, or it found no equilibrium.
        PsoasError: A warning counter of MuJoCo rose.
    """
    given = _Given.of(equilibrium, member, at_rest=True)
    twin, free = _Twin(given), given.coordinates[given.active]
    held = np.zeros(free.size) if ideal is None else ideal[member, given.active]
    twin.data.qfrc_applied[:] = held
    with _quiet():
        twin.at(free)
    if twin.warnings:
        raise PsoasError(f"MuJoCo warned: {', '.join(twin.warnings)}")
    d, left = twin.data, np.zeros_like(given.coordinates)
    left[given.active] = d.qfrc_passive + d.qfrc_constraint + held - d.qfrc_bias
    return left


def export(equilibrium: Equilibrium, path: str | Path, member: int = 0) -> None:
    """Write a body as MJCF, MuJoCo's XML, for other tools.

    The file rests at its keyframe ``rest`` and is right near it only: muscles, joints and skin are springs
    linearised there (stiffness and rest length), while ours are curves. Turns have some damping and inertia
    added so that it can be stepped by 2 ms.

    Args:
        equilibrium: The bodies at rest.
        path: Where to write.
        member: Which of them.
    Raises:
        InputError: No such member, it found no equilibrium, or the path cannot be written.
    """
    text = to_xml(equilibrium, member)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise InputError(
            f"{path} cannot be written ({problem.strerror}); give a file in a folder you may write to"
        ) from None


def to_xml(equilibrium: Equilibrium, member: int = 0) -> str:
    """The text that :func:`export` writes.

    Args:
        equilibrium: The bodies at rest.
        member: Which of them.
    Raises:
        InputError: No such member, or it found no equilibrium.
    """
    given = _Given.of(equilibrium, member, at_rest=True)
    return _write(_Twin(given, sturdy=True).at(given.coordinates[given.active]))


XML_COMMENT = """\
  <!-- A resting body of psoas. Linearised where it rests (keyframe "rest"), and right near there only:
       tendons carry stiffness and springlength of their muscle's curve at that length, hinges stiffness and
       springref of their joint's law at that angle, contacts the stiffness of skin at that depth. Armature
       and damping are added for stability and change nothing at rest. Tendons named grip_* reach far away on
       purpose: each is skin that sticks, a spring along one axis of the floor. Angles: radians. -->"""


def view(equilibrium: Equilibrium, member: int = 0) -> None:
    """Open a body in MuJoCo's own viewer, and return when it is closed.

    Args:
        equilibrium: The bodies.
        member: Which of them.
    Raises:
        InputError: No such member.
        PsoasError: There is no screen to open it on, or the viewer did not open.
    """
    given = _Given.of(equilibrium, member)
    twin = _Twin(given, sturdy=True).at(given.coordinates[given.active])
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise PsoasError("there is no screen to open MuJoCo's viewer on; use psoas export, or run it on a desktop")
    from mujoco import viewer

    twin.model.pair_gap[:] = 0.0  # or it would draw a contact for every patch
    try:
        viewer.launch(twin.model, twin.data)
    except Exception as problem:  # whatever the window system throws
        raise PsoasError(f"MuJoCo's viewer did not open ({problem}); use psoas export instead") from problem


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave MuJoCo's warnings to its counters; otherwise it also prints them and writes a file."""
    before = mujoco.get_mju_user_warning()
    mujoco.set_mju_user_warning(lambda _: None)
    try:
        yield
    finally:
        mujoco.set_mju_user_warning(before)


# -- one body of the ensemble ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Given:
    """One body of an equilibrium; arrays keep their leading axis of one."""

    equilibrium: Equilibrium
    body: Body
    support: Support
    coordinates: Array
    """(coordinates,) [m, rad]."""
    active: Index
    grips: Index
    """Those that hold at all."""

    @staticmethod
    def of(equilibrium: Equilibrium, member: int, *, at_rest: bool = False) -> _Given:
        if not 0 <= member < equilibrium.body.count:
            raise InputError(f"member is {member}; give 0 to {equilibrium.body.count - 1}")
        if at_rest and not equilibrium.converged[member]:
            raise InputError(f"body {member} is not at rest: {equilibrium.messages[member]}")
        one = equilibrium.take([member])
        return _Given(
            one,
            one.body,
            one.support,
            one.coordinates[0],
            one.body.tree.active,
            np.flatnonzero((one.support.grip_stiffness[0] > 0.0).any(axis=-1)),
        )

    def tension(self, length: Array) -> tuple[Array, Array]:
        """Tension of each muscle and its slope at tendon lengths (muscles,) [m]: [N], [N/m]."""
        state = muscle_state(self.body, length[None])
        return state.tension[0], state.stiffness[0]

    def moment(self, free: Array) -> tuple[Array, Array]:
        """Resisting moment of each free coordinate and its slope (free,) [N·m, N·m/rad]; zero for slides."""
        at = self.coordinates[None].copy()
        at[0, self.active] = free
        body, support = self.body, self.support
        law = relaxed_resistance(
            at, body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness,
            body.joint_share, body.joint_flow,
        )  # fmt: skip
        moment = law.moment + support.tone_stiffness * (at - support.tone_angle)
        slope = law.stiffness + support.tone_stiffness
        return moment[0, self.active], slope[0, self.active]


# -- description ----------------------------------------------------------------------------------------


def _describe(given: _Given, *, sturdy: bool = False) -> mujoco.MjSpec:
    """The description, its springs not yet set; sturdy with what an exported body is given."""
    spec = mujoco.MjSpec()
    spec.modelname = "psoas resting body"
    spec.compiler.degree = False
    spec.compiler.autolimits = True
    option = spec.option
    option.gravity = [0.0, 0.0, -GRAVITY]
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.timestep = 0.002
    option.tolerance = 1e-14  # the default leaves contacts 0.01 N off
    option.iterations = 200
    option.disableflags = int(mujoco.mjtDisableBit.mjDSBL_AUTORESET) | int(mujoco.mjtDisableBit.mjDSBL_REFSAFE)
    spec.stat.extent = 1.5
    spec.stat.center = [0.0, 0.0, 0.2]
    _add_segments(spec, given)
    if sturdy:
        for joint in spec.joints:
            joint.damping = [EXPORT_DAMPING, 0.0, 0.0]
            joint.armature = EXPORT_INERTIA if joint.type == mujoco.mjtJoint.mjJNT_HINGE else 0.0
    _add_muscles(spec, given)
    _add_supports(spec, given)
    _add_holds(spec, given)
    spec.add_key(name="rest", qpos=given.coordinates[given.active])
    return spec


def _add_segments(spec: mujoco.MjSpec, given: _Given) -> None:
    body, tree = given.body, given.body.tree
    free = set(tree.free)
    made: list[mujoco.MjsBody] = []
    for s, name in enumerate(tree.segments):
        parent = tree.parents[s]
        angle = given.coordinates[3 + 3 * s : 6 + 3 * s]
        # Baked-in turns go into the frame; an axis before them is carried back through them.
        after = np.eye(3)
        axes = np.zeros((3, 3))
        for axis in (2, 1, 0):
            axes[axis] = after.T @ TURN_AXES[axis]
            if (s, axis) not in free:
                after = _turn(TURN_AXES[axis], angle[axis]) @ after
        frame = body.joint_orientation[0, s] @ after
        if parent < 0:
            home, frame, position = spec.worldbody, LYING @ frame, np.zeros(3)
        else:
            home, position = made[parent], body.joint_position[0, s]
        segment = home.add_body(
            name=name,
            pos=position,
            quat=_quaternion(frame),
            mass=max(float(body.mass[0, s]), LIGHTEST),
            ipos=body.mass_center[0, s],
            inertia=_solid(body.inertia[0, s]),
            explicitinertial=True,
        )
        made.append(segment)
        if parent < 0:
            for axis, label in enumerate("xyz"):
                segment.add_joint(name=f"slide_{label}", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=frame[axis])
        for axis in range(3):
            if (s, axis) in free:
                label = tree.coordinates[3 + 3 * s + axis]
                segment.add_joint(name=label, type=mujoco.mjtJoint.mjJNT_HINGE, axis=axes[axis])
        if parent > 0 and np.linalg.norm(position) > 0.01:
            made[parent].add_geom(
                type=mujoco.mjtGeom.mjGEOM_CAPSULE, fromto=[0.0, 0.0, 0.0, *position], size=[0.012, 0.0, 0.0],
                contype=0, conaffinity=0, rgba=[0.9, 0.87, 0.8, 1.0],
            )  # fmt: skip


def _solid(inertia: Array) -> Array:
    """Principal moments (3,) [kg·m²], the largest less than the others together, as MuJoCo wants them."""
    moments = inertia.copy()
    largest = int(np.argmax(moments))
    others = float(moments.sum() - moments[largest])
    moments[largest] = min(float(moments[largest]), (1.0 - 1e-5) * others)
    return moments


def _add_muscles(spec: mujoco.MjSpec, given: _Given) -> None:
    body, tree = given.body, given.body.tree
    for k, segment in enumerate(tree.point_segments):
        spec.body(tree.segments[segment]).add_site(name=f"point_{k}", pos=body.points[0, k], size=[0.002] * 3, group=4)
    for k, segment in enumerate(tree.cylinder_segments):
        axes, radius = body.cylinder_axes[0, k], body.cylinder_radius[0, k]
        home = spec.body(tree.segments[segment])
        home.add_geom(
            name=f"wrap_{k}", type=mujoco.mjtGeom.mjGEOM_CYLINDER, size=[radius, 0.03, 0.0],
            pos=body.cylinder_center[0, k], quat=_quaternion(axes.T), contype=0, conaffinity=0, group=3,
        )  # fmt: skip
        side = body.cylinder_center[0, k] + 2.0 * radius * axes[0]
        home.add_site(name=f"side_{k}", pos=side, size=[0.002] * 3, group=4)
    for m, muscle in enumerate(tree.muscles):
        tendon = spec.add_tendon(name=muscle, rgba=[0.75, 0.25, 0.2, 1.0], width=0.002)
        spans = [span for span in tree.spans if span.muscle == m]
        tendon.wrap_site(f"point_{spans[0].start}")
        for span in spans:
            if span.cylinder >= 0:
                tendon.wrap_geom(f"wrap_{span.cylinder}", f"side_{span.cylinder}")
            tendon.wrap_site(f"point_{span.end}")


def _add_supports(spec: mujoco.MjSpec, given: _Given) -> None:
    body, tree, support = given.body, given.body.tree, given.support
    none = {"contype": 0, "conaffinity": 0}
    spec.worldbody.add_geom(
        name="floor",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[3.0, 3.0, 0.1],
        rgba=[0.8, 0.78, 0.75, 1.0],
        **none,
    )
    surfaces = [("floor", 0.0, support.floor_coefficient[0])]
    level = np.zeros(len(support.prop_center[0]))
    angles = level if support.prop_angle is None else support.prop_angle[0]
    for k, (center, half, angle) in enumerate(
        zip(support.prop_center[0], support.prop_half_size[0], angles, strict=True)
    ):
        spec.worldbody.add_geom(
            name=f"prop_{k}", type=mujoco.mjtGeom.mjGEOM_BOX, size=[half[0], PROP_WIDTH, half[1]],
            pos=[center[0], 0.0, center[1]], quat=_quaternion(_turn(np.array([0.0, -1.0, 0.0]), float(angle))),
            rgba=[0.5, 0.6, 0.7, 0.6], **none,
        )  # fmt: skip
        surfaces.append((f"prop_{k}", float(support.prop_rounding[0, k]), support.prop_coefficient[0, k]))
    for k, (name, segment) in enumerate(zip(tree.skin, tree.skin_segments, strict=True)):
        spec.body(tree.segments[segment]).add_geom(
            name=f"skin_{name}", type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[body.skin_radius[0, k], 0.0, 0.0],
            pos=body.skin_center[0, k], rgba=[0.85, 0.7, 0.6, 0.35], **none,
        )  # fmt: skip
    for surface, rounding, coefficient in surfaces:
        for name in np.array(tree.skin)[coefficient > 0.0]:
            spec.add_pair(
                name=f"{surface}_{name}", geomname1=surface, geomname2=f"skin_{name}", condim=1,
                margin=rounding, solref=[-1.0, -1.0], solimp=[IMPEDANCE, IMPEDANCE, 0.001, 0.5, 2.0],
            )  # fmt: skip
    if support.pairs is not None:
        for (upper, lower), thickness in zip(support.pairs.skin, support.pairs.thickness[0], strict=True):
            above, below = tree.skin[upper], tree.skin[lower]
            spec.add_pair(
                name=f"{below}_{above}", geomname1=f"skin_{below}", geomname2=f"skin_{above}", condim=1,
                margin=thickness, solref=[-1.0, -1.0], solimp=[IMPEDANCE, IMPEDANCE, 0.001, 0.5, 2.0],
            )  # fmt: skip


def _add_holds(spec: mujoco.MjSpec, given: _Given) -> None:
    """Grips and ties."""
    tree, support = given.body.tree, given.support
    hidden = {"size": [0.001] * 3, "group": 4}
    # Bodies of their own, because six digits of a site this far away would not do in a file.
    far = [
        spec.worldbody.add_body(name=f"far_{letter}", pos=-FAR * axis)
        for letter, axis in zip("xy", np.eye(3)[:2], strict=True)
    ]
    for g in given.grips:
        skin = support.grip_skin[g]
        label = f"grip_{tree.skin[skin]}"
        home = spec.body(tree.segments[tree.skin_segments[skin]])
        home.add_site(name=label, pos=support.grip_point[0, g], **hidden)
        for axis, letter in enumerate("xy"):
            far[axis].add_site(
                name=f"{label}_{letter}", pos=[*support.grip_anchor[0, g], support.grip_height[0, g]], **hidden
            )
            tendon = spec.add_tendon(name=f"{label}_{letter}", group=4, width=0.0005)
            tendon.stiffness = [support.grip_stiffness[0, g, axis], 0.0, 0.0]
            tendon.springlength = [FAR, FAR]
            tendon.wrap_site(f"{label}_{letter}")
            tendon.wrap_site(label)
    for t, pair in enumerate(support.tie_segments):
        tendon = spec.add_tendon(name=f"tie_{t}", group=4, width=0.001)
        tendon.stiffness = [support.tie_stiffness[0, t], 0.0, 0.0]
        tendon.springlength = [0.0, 0.0]
        for side in (0, 1):
            name = f"tie_{t}_{side}"
            home = spec.body(tree.segments[pair[side]])
            home.add_site(name=name, pos=support.tie_points[0, t, side], **hidden)
            tendon.wrap_site(name)
    if support.pairs is None:
        return
    for p in np.flatnonzero(support.pairs.stiffness[0] > 0.0):
        tendon = spec.add_tendon(name=f"legs_{p}", group=4, width=0.001)
        tendon.stiffness = [support.pairs.stiffness[0, p], 0.0, 0.0]
        tendon.springlength = [0.0, 0.0]
        for side in (0, 1):
            name = f"legs_{p}_{side}"
            home = spec.body(tree.segments[tree.skin_segments[support.pairs.skin[p, side]]])
            home.add_site(name=name, pos=support.pairs.points[0, p, side], **hidden)
            tendon.wrap_site(name)


TURN_AXES = np.eye(3)[[2, 0, 1]]
"""Axes of flexion, abduction and rotation in the segment."""
PROP_WIDTH = 5.0
"""Half width of a prop across the body, which our props lack [m]."""


def _turn(axis: Array, angle: float) -> Array:
    quaternion, matrix = np.zeros(4), np.zeros(9)
    mujoco.mju_axisAngle2Quat(quaternion, axis, angle)
    mujoco.mju_quat2Mat(matrix, quaternion)
    return matrix.reshape(3, 3)


def _quaternion(matrix: Array) -> Array:
    quaternion = np.zeros(4)
    mujoco.mju_mat2Quat(quaternion, np.ascontiguousarray(matrix).ravel())
    return quaternion


def _write(twin: _Twin) -> str:
    """A twin's description with its springs as they now are."""
    spec, m = twin.spec, twin.model
    for tendon in spec.tendons:
        k = m.tendon(tendon.name).id
        tendon.stiffness = [m.tendon_stiffness[k], 0.0, 0.0]
        tendon.springlength = m.tendon_lengthspring[k]
    for joint in spec.joints:
        k = m.joint(joint.name).id
        joint.stiffness = [m.jnt_stiffness[k], 0.0, 0.0]
        joint.springref = m.qpos_spring[k]
    for pair in spec.pairs:
        k = m.pair(pair.name).id
        pair.solref = m.pair_solref[k]
        pair.margin = m.pair_margin[k]
    head, _, tail = spec.to_xml().partition("\n")
    return f"{head}\n{XML_COMMENT}\n{tail}"


def _reactions(twin: _Twin) -> Reactions:
    """Of a twin whose forces are worked out."""
    m, d, body = twin.model, twin.data, twin.given.body
    mujoco.mj_rnePostConstraint(m, d)
    frames, forces, moments = [], [], []
    for level in LEVELS:
        segment = body.tree.segment(level)
        k = m.body(level).id
        wrench = d.cfrc_int[k]  # on this segment by its parent, about the whole body's mass centre
        about = d.subtree_com[m.body_rootid[k]] - d.xpos[k]
        moment = wrench[:3] + np.cross(about, wrench[3:])
        below = d.xmat[m.body_parentid[k]].reshape(3, 3) @ body.joint_orientation[0, segment]
        turn = Rotation.from_matrix(below.T @ d.xmat[k].reshape(3, 3)).as_rotvec()
        frame = below @ Rotation.from_rotvec(0.5 * turn).as_matrix()
        frames.append(frame)
        forces.append(frame.T @ wrench[3:])
        moments.append(frame.T @ moment)
    joints = tuple(JOINT_NAMES[level] for level in LEVELS)
    return Reactions(joints, np.array(frames), np.array(forces), np.array(moments))


def _compare(twin: _Twin, ours: Reactions) -> Rest:
    """A twin at rest against the equilibrium it stands for."""
    given = twin.given
    found, active = given.coordinates.copy(), given.active
    found[active] = twin.data.qpos
    apart = np.abs(found - given.coordinates)[active]
    contact = given.equilibrium.evaluation().touch
    carried = contact.floor[0] + (contact.props * contact.prop_normal[..., 2])[0].sum(0)
    settled = twin.support_force()
    names = given.body.tree.skin_regions
    regions = tuple(dict.fromkeys(names))
    sums = {r: sum(float(f) for f, n in zip(settled, names, strict=True) if n == r) for r in regions}
    expected = {r: sum(float(f) for f, n in zip(carried, names, strict=True) if n == r) for r in regions}
    reactions = _reactions(twin)
    return Rest(
        coordinates=found,
        support_force=sums,
        support_force_total=float(settled.sum()),
        reactions=reactions,
        turn_difference=float(apart[3:].max()),
        slide_difference=float(apart[:3].max()),
        force_difference=max(abs(sums[r] - expected[r]) for r in regions),
        reaction_difference=float(np.abs(reactions.force - ours.force).max()),
    )


# -- the twin: a compiled body whose springs follow our laws ---------------------------------------------


class _Twin:
    """A compiled body and its state, whose springs are brought up to date wherever it is."""

    def __init__(self, given: _Given, *, sturdy: bool = False) -> None:
        self.given = given
        self.spec = _describe(given, sturdy=sturdy)
        self.model = self.spec.compile()
        self.data = mujoco.MjData(self.model)
        m, support = self.model, given.support
        self.muscles = slice(0, len(given.body.tree.muscles))
        self.turns = slice(3, m.nv)
        # The compiler puts pairs in an order of its own.
        tree = given.body.tree
        skin = {m.geom(f"skin_{name}").id: k for k, name in enumerate(tree.skin)}
        surface = {m.geom("floor").id: 0}
        surface |= {m.geom(f"prop_{k}").id: 1 + k for k in range(support.prop_rounding.shape[1])}
        tables = np.concatenate([support.floor_coefficient, support.prop_coefficient[0]])
        limits = np.concatenate([support.floor_limit, support.prop_limit[0]])
        pairs = [(int(a), int(b)) for a, b in zip(m.pair_geom1, m.pair_geom2, strict=True)]
        # Of two legs the upper one takes the place of the skin, its force is nobody's support.
        legs = {} if support.pairs is None else {tuple(two): k for k, two in enumerate(support.pairs.skin.tolist())}
        sides = [(a, b) if a in surface or (skin.get(b), skin.get(a)) in legs else (b, a) for a, b in pairs]
        self.skin_of_pair = np.array([skin[b] for _, b in sides])
        self.external = np.array([a in surface for a, _ in sides])

        def law(on_floor: Array, on_leg: Array) -> Array:
            rows = [(surface[a], skin[b]) if a in surface else legs[skin[b], skin[a]] for a, b in sides]
            return np.array([on_floor[row] if isinstance(row, tuple) else on_leg[row] for row in rows])

        none = np.zeros(0)
        self.coefficient = law(tables, none if support.pairs is None else support.pairs.coefficient[0])
        self.limit = law(limits, none if support.pairs is None else support.pairs.limit[0])
        self.rounding = m.pair_margin.copy()
        m.pair_gap[:] = DETECTED
        self.pair_of = np.full((m.ngeom, m.ngeom), -1, dtype=np.intp)
        for k, (a, b) in enumerate(pairs):
            self.pair_of[a, b] = self.pair_of[b, a] = k
        bodies = m.geom_bodyid[np.array(sides)]
        self.inverse_mass = m.body_invweight0[bodies, 0].sum(1)
        self.place(given.coordinates[given.active])

    def place(self, free: Array) -> None:
        """Put it at these free coordinates, at rest."""
        self.data.qpos[:] = free
        self.data.qvel[:] = 0.0
        self.data.qacc_warmstart[:] = 0.0
        self._linearize()

    def at(self, free: Array) -> _Twin:
        """The same, with all forces worked out."""
        self.place(free)
        self._forward()
        return self

    def step(self, step: float) -> None:
        """One step of the damped settle [s]."""
        m, d = self.model, self.data
        m.opt.integrator = mujoco.mjtIntegrator.mjINT_DISCRETE
        m.opt.solver = mujoco.mjtSolver.mjSOL_CG  # Newton would factor the tendons' coupling: 30 times slower
        m.opt.timestep = step
        self._linearize()
        mujoco.mj_mulM(m, d, d.qfrc_applied, d.qvel)
        d.qfrc_applied *= -DAMPING
        mujoco.mj_step(m, d)
        d.qfrc_applied[:] = 0.0
        self._learn_inverse_mass(step)

    def imbalance(self) -> float:
        """Largest unbalanced force or moment where it is [N, N·m]."""
        d = self.data
        kept = d.qvel.copy(), d.qacc_warmstart.copy(), self.inverse_mass.copy()
        d.qvel[:] = 0.0
        self._forward()
        unbalanced = float(np.abs(d.qfrc_passive + d.qfrc_constraint - d.qfrc_bias).max())
        d.qvel[:], d.qacc_warmstart[:], self.inverse_mass[:] = kept
        return unbalanced

    @property
    def fastest(self) -> float:
        """Fastest coordinate [rad/s, m/s]."""
        return float(np.abs(self.data.qvel).max())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Names of the warnings counted so far."""
        return tuple(
            mujoco.mjtWarning(k).name.removeprefix("mjWARN_")
            for k, warning in enumerate(self.data.warning)
            if warning.number
        )

    def _forward(self) -> None:
        """All forces at this posture, by a continuous-time integrator, so that they depend on no step."""
        self.model.opt.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        self.model.opt.solver = mujoco.mjtSolver.mjSOL_NEWTON
        for _ in range(2):  # the contacts' scale is known only once they are listed
            self._linearize()
            mujoco.mj_forward(self.model, self.data)
            self._learn_inverse_mass(0.0)

    def _linearize(self) -> None:
        """Give every spring its law's tangent here, from MuJoCo's lengths, angles and distances."""
        m, d = self.model, self.data
        mujoco.mj_kinematics(m, d)
        mujoco.mj_comPos(m, d)
        mujoco.mj_tendon(m, d)
        mujoco.mj_collision(m, d)

        length = d.ten_length[self.muscles]
        tension, slope = self.given.tension(length)
        slope = np.maximum(slope, tension / length)  # or the rest length would be negative
        m.tendon_stiffness[self.muscles] = slope
        m.tendon_lengthspring[self.muscles, 0] = 0.0
        rest = length - tension / np.where(slope > 0.0, slope, 1.0)
        m.tendon_lengthspring[self.muscles, 1] = np.maximum(rest, 0.0)

        moment, slope = self.given.moment(d.qpos)
        moment, slope = moment[self.turns], slope[self.turns]
        slope = np.maximum(slope, np.abs(moment) / np.pi)  # a spring needs stiffness to carry a moment
        m.jnt_stiffness[self.turns] = slope
        m.qpos_spring[self.turns] = d.qpos[self.turns] - moment / np.where(slope > 0.0, slope, 1.0)

        depth = np.zeros(m.npair)
        depth[self._pairs()] = -d.contact.dist
        depth = np.maximum(depth + self.rounding, 0.0)
        pressed = press(depth, self.coefficient, self.limit)
        slope = press(np.maximum(depth, SHALLOWEST), self.coefficient, self.limit).stiffness
        m.pair_margin[:] = self.rounding - (depth - pressed.force / slope)
        stiffness = slope * (1.0 - IMPEDANCE) * self.inverse_mass
        m.pair_solref[:, 0] = -stiffness
        m.pair_solref[:, 1] = -stiffness * CONTACT_DAMPING

    def _pairs(self) -> Index:
        """The pair each listed contact belongs to."""
        geoms = self.data.contact.geom
        return self.pair_of[geoms[:, 0], geoms[:, 1]]

    def _learn_inverse_mass(self, step: float) -> None:
        """What MuJoCo scaled each contact's stiffness by, for next time.

        Args:
            step: Time step of the ``discrete`` integrator, 0 for others. It evaluates a contact's spring
                and damper at the end of the step by making it heavier, which hides its scale.
        """
        address = self.data.contact.efc_address
        active = address >= 0
        pair = self._pairs()[active]
        stiffness = -self.model.pair_solref[pair, 0] / IMPEDANCE
        heavier = 1.0 + step * (CONTACT_DAMPING + step) * stiffness
        self.inverse_mass[pair] = self.data.efc_diagA[address[active]] * heavier

    def support_force(self) -> Array:
        """Upward force on each patch of skin (skin,) [N]."""
        out = np.zeros(len(self.given.body.tree.skin))
        force = np.zeros(6)
        for contact, pair in enumerate(self._pairs()):
            if self.data.contact.efc_address[contact] < 0 or not self.external[pair]:
                continue
            mujoco.mj_contactForce(self.model, self.data, contact, force)
            away = self.data.contact.frame[contact]
            out[self.skin_of_pair[pair]] += abs(force[0] * away[2])
        return out
