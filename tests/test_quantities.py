"""What is read off a body at rest, each by another way round."""

from dataclasses import replace

import numpy as np
import pytest

from psoas import mjcf
from psoas.anatomy import sources
from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import GRAVITY, stack
from psoas.body.paths import muscle_paths
from psoas.body.skeleton import JOINT_NAMES
from psoas.equilibrium import free_hessian, rest, settle
from psoas.person import Limb, Person
from psoas.placement import conditions
from psoas.position import position
from psoas.props import prop
from psoas.quantities import GROUPS, JOINTS, LEVELS, NEVER_NEGATIVE, SIDES, lateral_stiffness, measure

LOPSIDED = Person("male", 1.83, 88.0, psoas_minor=True, right=Limb(hip_flexor_shortening=0.15))
DEGREE, MILLIMETRE, NEWTON = 1.0, 1.0, 1.0  # in the units that are reported
ROUNDING = 1e-9
EXACT = 1e-6
PERTURBED = 0.2 * np.pi / 180.0


@pytest.fixture(scope="module", params=["supine", "constructive-rest"])
def found(request):
    return rest(build(LOPSIDED), position(request.param), [prop("towel")])


@pytest.fixture(scope="module")
def bent():
    return rest(build(LOPSIDED), position("constructive-rest"))


@pytest.fixture
def values(found):
    return {name: float(m.values[0]) for name, m in measure(found).items()}


# -- names ----------------------------------------------------------------------------------------------


def promised(minor, feet):
    """The names of issue 2, "What comes out"."""
    sides = ("left", "right")
    names = {"lumbar_lordosis", "pelvic_tilt", "lumbar_gap", "support_force_total"}
    names |= {f"{n}_{s}" for n in ("hip_flexion", "knee_flexion", "rib_gap", "thigh_gap") for s in sides}
    for muscle in ("psoas_major", "iliacus", *(("psoas_minor",) if minor else ())):
        names |= {f"{muscle}_{q}_{s}" for q in ("length", "normalized_fiber_length", "passive_force") for s in sides}
    names |= {f"psoas_major_hip_moment_arm_{s}" for s in sides}
    names |= {f"psoas_major_{j}_moment_arm_{s}" for j in JOINTS.values() for s in sides}
    names |= {f"{q}_{j}" for q in ("compression", "shear") for j in JOINTS.values()}
    if feet:
        names |= {f"{n}_{s}" for n in ("friction_demand_heel", "lateral_stiffness_demand") for s in sides}
    return names


@pytest.mark.parametrize("minor", [True, False, None])
@pytest.mark.parametrize("name", ["supine", "constructive-rest"])
def test_everything_promised_is_there_with_a_unit_and_known_sources(name, minor):
    got = measure(rest(build(Person("female", 1.65, 60.0, psoas_minor=minor)), position(name)))
    feet = name == "constructive-rest"
    assert promised(minor, feet) <= set(got)
    assert any(n.startswith("psoas_minor") for n in got) == bool(minor)
    assert any(n.startswith(("friction", "lateral")) for n in got) == feet
    library = sources.load()
    for m in got.values():
        assert m.unit in ("deg", "mm", "N", "1", "Nm/rad")
        assert m.sources
        assert all(source in library for source in m.sources)
        assert m.values.shape == (1,)
        assert np.all(np.isfinite(m.values))


def test_each_of_the_eleven_fascicles_is_given(values):
    fascicles = [n for n in values if n.startswith("psoas_major_") and n.endswith("_passive_force_left")]
    assert len(fascicles) == 1 + 11
    for side in SIDES:
        total = sum(values[n.removesuffix("left") + side] for n in fascicles if n != "psoas_major_passive_force_left")
        assert total == pytest.approx(values[f"psoas_major_passive_force_{side}"], abs=ROUNDING)


def test_what_cannot_be_negative_is_not(values):
    for name, value in values.items():
        if any(part in name for part in NEVER_NEGATIVE):
            assert value >= -1e-9, name
    assert not any(part in "compression_L5_S1 shear_L5_S1 pelvic_tilt" for part in NEVER_NEGATIVE)


# -- posture --------------------------------------------------------------------------------------------


def tilted(frame, tree, name):
    """How far a segment's upward axis points off the floor [deg]."""
    return np.rad2deg(np.arcsin(frame.rotation[0, tree.segment(name), 2, 1]))


def test_lordosis_is_the_angle_between_the_endplates(found, values):
    """Upper endplate of T12 to that of S1, from the frames: the endplate of S1 leans by the sacral slope."""
    frame, tree = found.evaluation().pose, found.body.tree
    sacrum = frame.rotation[0, 0] @ found.body.joint_orientation[0, tree.segment("L5")]
    top = frame.rotation[0, tree.segment("T12")]
    turn = sacrum.T @ top
    assert values["lumbar_lordosis"] == pytest.approx(np.rad2deg(np.arctan2(turn[1, 0], turn[0, 0])), abs=0.5 * DEGREE)
    parts = sum(values[f"segment_angle_{joint}"] for joint in JOINTS.values())
    assert values["lumbar_lordosis"] == pytest.approx(parts, abs=ROUNDING)


def test_tilt_and_limbs_are_read_from_where_the_bones_lie(found, values):
    """Lengthwise: pelvis against the floor, thigh against pelvis, shank against thigh, all from positions and frames."""
    frame, tree = found.evaluation().pose, found.body.tree
    assert values["pelvic_tilt"] == pytest.approx(tilted(frame, tree, "pelvis"), abs=0.05 * DEGREE)
    for side, end in SIDES.items():
        hip, knee, ankle = (frame.position[0, tree.segment(s + end)] for s in ("femur", "tibia", "foot"))
        thigh, shank = (knee - hip) / np.linalg.norm(knee - hip), (ankle - knee) / np.linalg.norm(ankle - knee)
        assert values[f"knee_flexion_{side}"] == pytest.approx(
            np.sign(values[f"knee_flexion_{side}"]) * np.rad2deg(np.arccos(thigh @ shank)), abs=0.01 * DEGREE
        )
        in_pelvis = frame.rotation[0, 0].T @ thigh
        assert values[f"hip_flexion_{side}"] == pytest.approx(
            np.rad2deg(np.arctan2(in_pelvis[0], -in_pelvis[1])), abs=0.5 * DEGREE
        )


# -- muscles --------------------------------------------------------------------------------------------


def test_lengths_are_weighted_by_strength_and_forces_are_sums(found, values):
    now, body, tree = found.evaluation(), found.body, found.body.tree
    for group in GROUPS:
        for side, end in SIDES.items():
            rows = [m for m, name in enumerate(tree.muscles) if name.startswith(group) and name.endswith(end)]
            strength = body.max_isometric_force[0, rows]
            length = np.average(now.paths.length[0, rows], weights=strength)
            stretch = np.average((now.muscle.fiber_length / body.optimal_fiber_length)[0, rows], weights=strength)
            assert values[f"{group}_length_{side}"] == pytest.approx(1e3 * length, abs=EXACT)
            assert values[f"{group}_normalized_fiber_length_{side}"] == pytest.approx(stretch, abs=EXACT)
            assert values[f"{group}_passive_force_{side}"] == pytest.approx(
                now.muscle.tension[0, rows].sum(), abs=EXACT
            )


def test_moment_arms_are_slopes_of_the_mean_length(found, values):
    """+ flexes the hip and hollows the back, in mm, by central differences."""
    body, tree = found.body, found.body.tree
    step = 1e-5
    for side, end in SIDES.items():
        rows = [m for m, name in enumerate(tree.muscles) if name.startswith("psoas_major") and name.endswith(end)]
        strength = body.max_isometric_force[0, rows]

        def slope(segment, rows=rows, strength=strength):
            lengths = []
            for sign in (1.0, -1.0):
                at = found.coordinates.copy()
                at[:, tree.coordinate(segment, "flexion")] += sign * step
                lengths.append(np.average(muscle_paths(body, pose(body, at)).length[0, rows], weights=strength))
            return -1e3 * (lengths[0] - lengths[1]) / (2 * step)

        assert values[f"psoas_major_hip_moment_arm_{side}"] == pytest.approx(slope("femur" + end), abs=1e-4)
        for level in LEVELS:
            assert values[f"psoas_major_{JOINTS[level]}_moment_arm_{side}"] == pytest.approx(slope(level), abs=1e-4)


# -- joint forces ---------------------------------------------------------------------------------------


def free_body(found, level):
    """Force of the joint on all above it [N]: what balances weight, floor, props, grips, ties and every line that is cut."""
    now, body, tree, support = found.evaluation(), found.body, found.body.tree, found.support
    above = [False] * len(tree.segments)
    for s, parent in enumerate(tree.parents):
        above[s] = tree.segments[s] == level or (parent >= 0 and above[parent])
    above = np.array(above)
    outside = np.zeros(3)
    outside[2] -= body.mass[0, above].sum() * GRAVITY
    on = above[np.array(tree.skin_segments)]
    outside[2] += now.touch.floor[0, on].sum()
    outside += (now.touch.prop_normal * now.touch.props[..., None])[0, :, on].sum((0, 1))
    gripping = on[support.grip_skin]
    outside[:2] += now.grip_force[0, gripping].sum(0)
    for k, (one, two) in enumerate(support.tie_segments):
        pull = support.tie_stiffness[0, k] * (now.tie_points[0, k, 1] - now.tie_points[0, k, 0])
        outside += pull * (float(above[one]) - float(above[two]))
    for span in tree.spans:
        if span.cylinder >= 0:
            continue  # none crosses the spine
        a, b = (tree.point_segments[p] for p in (span.start, span.end))
        if above[a] == above[b]:
            continue
        way = now.paths.points[0, span.end] - now.paths.points[0, span.start]
        pull = now.muscle.tension[0, span.muscle] * way / np.linalg.norm(way)
        outside += pull if above[a] else -pull
    return -outside


@pytest.mark.parametrize("level", LEVELS)
def test_joint_forces_balance_all_that_lies_above(found, values, level):
    tree = found.body.tree
    frame = found.evaluation().pose.rotation[0]
    segment = tree.segment(level)
    lower = frame[tree.parents[segment]] @ found.body.joint_orientation[0, segment]
    between = lower + frame[segment]  # the frame halfway, up to length
    ahead, up = (axis / np.linalg.norm(axis) for axis in (between[:, 0], between[:, 1]))
    force = free_body(found, level)
    tenth = 0.1 * NEWTON  # halfway about the flexion axis alone, or about all three
    assert values[f"compression_{JOINTS[level]}"] == pytest.approx(force @ up, abs=tenth)
    assert values[f"shear_{JOINTS[level]}"] == pytest.approx(-force @ ahead, abs=tenth)


def test_joint_forces_are_mujocos(found, values):
    reactions = mjcf.joint_reactions(found)
    assert reactions.joints == tuple(JOINT_NAMES[level] for level in LEVELS)
    for k, level in enumerate(LEVELS):
        assert values[f"compression_{JOINTS[level]}"] == pytest.approx(reactions.compression[k], abs=0.5 * NEWTON)
        assert values[f"shear_{JOINTS[level]}"] == pytest.approx(reactions.shear[k], abs=0.5 * NEWTON)


# -- gaps and supports ----------------------------------------------------------------------------------


def test_gaps_are_the_widest_clear_distance_in_the_region(found, values):
    now, tree = found.evaluation(), found.body.tree
    clear = 1e3 * (now.touch.centers[0, :, 2] - found.body.skin_radius[0])
    by_name = dict(zip(tree.skin, clear, strict=True))
    lumbar = [
        v for name, v in by_name.items() if name.startswith(("L1_back", "L2_back", "L3_back", "L4_back", "L5_back"))
    ]
    assert len(lumbar) == 10
    assert values["lumbar_gap"] == pytest.approx(max(max(lumbar), 0.0), abs=EXACT)
    for side, end in SIDES.items():
        ribs = [by_name[name + end] for name in ("thorax_1", "thorax_2")]
        thigh = [by_name[name + end] for name in ("thigh_2", "thigh_3", "thigh_4")]
        assert values[f"rib_gap_{side}"] == pytest.approx(max(*ribs, 0.0), abs=EXACT)
        assert values[f"thigh_gap_{side}"] == pytest.approx(max(*thigh, 0.0), abs=EXACT)


def test_supports_add_up_to_the_weight(found, values):
    parts = [v for name, v in values.items() if name.startswith("support_force_") and name != "support_force_total"]
    assert len(parts) == 13
    assert sum(parts) == pytest.approx(values["support_force_total"], abs=EXACT)
    assert values["support_force_total"] == pytest.approx(found.body.weight[0], rel=1e-3)


def test_friction_demand_is_friction_over_load_of_the_whole_foot(bent):
    now, tree, got = bent.evaluation(), bent.body.tree, measure(bent)
    for side, end in SIDES.items():
        skin = [k for k, region in enumerate(tree.skin_regions) if region == "foot" + end]
        grips = [k for k, patch in enumerate(bent.support.grip_skin) if patch in skin]
        demand = np.linalg.norm(now.grip_force[0, grips].sum(0)) / now.touch.floor[0, skin].sum()
        assert got[f"friction_demand_heel_{side}"].values[0] == pytest.approx(demand, rel=1e-9)
        assert demand < bent.conditions.friction[0]


# -- sides, members -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["supine", "constructive-rest"])
def test_a_symmetric_body_has_equal_sides(average, name):
    got = measure(rest(average, position(name)))
    sided = [n for n in got if n.endswith("_left")]
    assert len(sided) > 30
    for left in sided:
        right = got[left.removesuffix("left") + "right"]
        assert got[left].values[0] == pytest.approx(right.values[0], abs=EXACT), left


def test_each_member_is_measured_as_if_alone(average):
    other = build(Person("female", 1.60, 75.0))
    together = measure(rest(stack([average, other]), position("constructive-rest")))
    alone = measure(rest(other, position("constructive-rest")))
    for name, m in alone.items():
        assert together[name].values[1] == pytest.approx(m.values[0], rel=1e-5, abs=1e-5), name


def test_people_with_and_without_a_psoas_minor_can_be_measured_together():
    pair = [build(Person("female", 1.65, 60.0, psoas_minor=minor)) for minor in (True, False)]
    got = measure(rest(stack(pair), position("supine")))
    assert np.isfinite(got["psoas_minor_passive_force_left"].values[0])
    assert got["psoas_minor_passive_force_left"].values[1] == 0.0


# -- how the legs stay up -------------------------------------------------------------------------------


def test_the_lateral_demand_is_where_a_leg_topples():
    """A tall, heavy man's left hip is let go step by step, its moment kept: once it is softer than the demand, a small push
    makes the leg fall, and until then it does not."""
    found = rest(build(Person("male", 1.95, 145.0)), position("constructive-rest"))
    tree = found.body.tree
    (demand, _), (supply, _) = (both[0] for both in lateral_stiffness(found))
    assert 0.0 < demand < supply
    own = [tree.coordinate("femur_l", axis) for axis in ("abduction", "rotation")]
    tone = found.support.tone_stiffness[0, own]
    moment = tone * (found.coordinates[0, own] - found.support.tone_angle[0, own])
    hessian = free_hessian(found)[0]
    rows = [list(tree.active).index(c) for c in own]

    def falls(taken):
        left = tone - taken
        stiffness, angle = found.support.tone_stiffness.copy(), found.support.tone_angle.copy()
        stiffness[0, own] = left
        angle[0, own] = found.coordinates[0, own] - moment / left
        loose = replace(found.support, tone_stiffness=stiffness, tone_angle=angle)
        softer = hessian.copy()
        softer[rows, rows] -= taken
        mode = np.linalg.eigh(softer)[1][:, 0]
        turned = []
        for sign in (1.0, -1.0):
            start = found.coordinates.copy()
            start[0, tree.active] += sign * PERTURBED * mode / np.abs(mode[3:]).max()
            ended, _ = settle(found.body, loose, start)
            turned.append(np.abs(ended.x[0, 3:] - found.coordinates[0, tree.active[3:]]).max())
        return max(turned) > 10 * PERTURBED

    spare = supply - demand
    assert not falls(0.9 * spare)
    assert falls(spare + 0.1 * demand)


def test_without_tone_the_legs_lie_apart_or_lean_further(average):
    """The tone is what the supply is made of, and what holds the knees near where they were put."""
    where = position("constructive-rest")
    held, loose = rest(average, where), rest(average, where, (), conditions(average, where, tone=0.0))
    supplies = [lateral_stiffness(found)[1][0, 0] for found in (held, loose)]
    tone = where.number("lateral_tone")
    assert supplies[0] > tone
    assert supplies[1] < 0.5 * tone
    tree = average.tree
    out = [abs(found.coordinates[0, tree.coordinate("femur_r", "abduction")]) for found in (held, loose)]
    assert out[1] > out[0]
