"""A person's measurements become a body: masses, lengths, girths and sides arrive where they should."""

from dataclasses import replace

import numpy as np
import pytest

from psoas.body import variation
from psoas.body.build import build, build_many
from psoas.body.kinematics import pose
from psoas.body.model import stack
from psoas.body.muscles import ILIACUS, PSOAS_MAJOR, PSOAS_MINOR
from psoas.body.paths import muscle_paths
from psoas.body.skeleton import LEVELS, build_skeleton
from psoas.body.variation import Variation
from psoas.energy import muscle_state
from psoas.mechanics.joint import passive_resistance
from psoas.person import Limb, Person, values
from psoas.validation.population import people

GRAM, CENTIMETRE, MILLIMETRE, MICROMETRE = 1e-3, 1e-2, 1e-3, 1e-6
WOMAN = Person("female", 1.72, 68.0)
EVERYONE = people(12)
ids = [f"{p.sex}-{p.stature * 100:.0f}-{p.bmi:.0f}" for p in EVERYONE]
each_person = pytest.mark.parametrize("person", EVERYONE, ids=ids)


def other(name):
    return name[:-2] + {"_r": "_l", "_l": "_r"}[name[-2:]] if name[-2:] in ("_r", "_l") else name


# -- weights --------------------------------------------------------------------------------------------


@each_person
def test_the_segments_weigh_what_the_person_weighs(person):
    body = build(person)
    assert body.mass.sum() == pytest.approx(person.mass, abs=GRAM)
    massless = [body.tree.segments[k] for k in np.flatnonzero(body.mass[0] <= 0.0)]
    assert massless == ["T12"]  # one with the thorax, whose slice holds its share
    assert np.all(body.inertia > 0.0)


@each_person
def test_the_thorax_balances_what_the_belly_was_cut_from(person):
    """The mass centres of a trunk cut into slices lie within the trunk."""
    body = build(person)
    tree = body.tree
    back = -0.5 * person.anthropometry("chestdepth")
    for name in ("thorax", *LEVELS[:-1]):
        x, _, z = body.mass_center[0, tree.segment(name)]
        assert back < x < person.anthropometry("waistdepth")
        assert z == 0.0


def test_measured_girths_move_mass_to_the_part_that_is_wider():
    thigh = WOMAN.expected("thighcircumference")
    wider = build(replace(WOMAN, thigh=1.1 * thigh))
    plain = build(WOMAN)
    femur = plain.tree.segment("femur_r")
    assert wider.mass[0, femur] > 1.1 * plain.mass[0, femur]
    assert wider.mass.sum() == pytest.approx(plain.mass.sum(), abs=GRAM)


# -- lengths --------------------------------------------------------------------------------------------


@each_person
def test_standing_height_adds_up_to_the_stature(person):
    """From the unloaded sole to the top of the skull, hip and knees straight: within a centimeter of skin and hair."""
    body, skeleton = build(person), build_skeleton(person, Variation())
    tree, frame = body.tree, pose(body, body.standing)
    size = skeleton.scale["head"]
    vertex = (
        np.array(values("bones", "skull_vertex", "position")) - np.array(values("bones", "C7_T1", "centre"))
    ) * size
    heel = tree.skin.index("heel_r")
    top = frame.locate(np.array([tree.segment("head")]), vertex[None, None])[0, 0]
    sole = frame.locate(np.array([tree.segment("foot_r")]), body.skin_center[:, [heel]])[0, 0]
    up = np.array([-1.0, 0.0, 0.0])  # of the pelvis, which stands as it lies
    assert (top - sole) @ up + body.skin_radius[0, heel] == pytest.approx(person.stature, abs=CENTIMETRE)


def test_a_measured_leg_is_as_long_as_measured():
    longer = WOMAN.expected_leg_length + 0.02
    body = build(replace(WOMAN, right=Limb(leg_length=longer)))
    tree = body.tree
    for end, length in (("_r", longer), ("_l", WOMAN.expected_leg_length)):
        joints = [-body.joint_position[0, tree.segment(s + end), 1] for s in ("tibia", "foot")]
        asis = np.array(values("bones", "asis_r", "position")) * WOMAN.pelvis_scale
        assert np.hypot(asis[1] + sum(joints), asis[0]) == pytest.approx(length, abs=2 * MILLIMETRE)


def test_bodies_grow_with_stature():
    small, big = build(Person("male", 1.55, 60.0)), build(Person("male", 1.95, 90.0))
    for name in ("L4", "tibia_r", "foot_r", "head", "forearm_l"):
        s = small.tree.segment(name)
        assert np.linalg.norm(big.joint_position[0, s]) > 1.1 * np.linalg.norm(small.joint_position[0, s])


# -- skin -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("girth", "measure", "patch", "where"),
    [
        ("thigh", "thighcircumference", "thigh_1_r", "radius"),
        ("calf", "calfcircumference", "calf_2_r", "radius"),
        ("hip", "buttockcircumference", "buttock_r", "back"),
        ("waist", "waistcircumference", "L3_back_r", "back"),
    ],
)
def test_a_wider_girth_moves_the_skin_outward(girth, measure, patch, where):
    plain, wider = build(WOMAN), build(replace(WOMAN, **{girth: 1.1 * WOMAN.expected(measure)}))
    k = plain.tree.skin.index(patch)
    if where == "radius":
        assert wider.skin_radius[0, k] == pytest.approx(1.1 * plain.skin_radius[0, k], rel=0.05)
    back = [body.skin_center[0, k, 0] - body.skin_radius[0, k] for body in (plain, wider)]
    assert back[1] < back[0] - 0.5 * MILLIMETRE
    far = plain.tree.skin.index("hand_l")
    assert wider.skin_center[0, far] == pytest.approx(plain.skin_center[0, far])


def test_girths_as_expected_change_nothing():
    given = {"waist": "waistcircumference", "hip": "buttockcircumference", "thigh": "thighcircumference",
             "calf": "calfcircumference"}  # fmt: skip
    measured = build(replace(WOMAN, **{girth: WOMAN.expected(row) for girth, row in given.items()}))
    plain = build(WOMAN)
    for name in ("mass", "skin_center", "skin_radius", "points", "optimal_fiber_length"):
        assert getattr(measured, name) == pytest.approx(getattr(plain, name), abs=1e-12)


@each_person
def test_every_patch_has_tissue_and_a_bone_inside(person):
    body = build(person)
    assert np.all(body.skin_radius > 0.005)
    assert np.all(body.skin_thickness > 0.003)
    assert np.all(body.skin_modulus > 1e3)


# -- muscles --------------------------------------------------------------------------------------------


def test_shortening_shortens_the_optimal_fibers_of_psoas_major_and_iliacus_of_that_side_and_nothing_else():
    plain = build(WOMAN)
    tight = build(replace(WOMAN, right=Limb(hip_flexor_shortening=0.25)))
    for m, name in enumerate(plain.tree.muscles):
        line, end = name[:-2], name[-2:]
        short = end == "_r" and line in (*PSOAS_MAJOR, *ILIACUS)
        ratio = tight.optimal_fiber_length[0, m] / plain.optimal_fiber_length[0, m]
        assert ratio == pytest.approx(0.75 if short else 1.0, rel=1e-12)
    for name in vars(plain):
        if name not in ("tree", "optimal_fiber_length"):
            assert np.array_equal(getattr(tight, name), getattr(plain, name)), name


def test_shorter_fibers_pull_more_at_the_same_length():
    pulls = []
    for shortening in (0.0, 0.15, 0.35):
        body = build(replace(WOMAN, left=Limb(shortening), right=Limb(shortening)))
        lengths = muscle_paths(body, pose(body, body.standing)).length
        psoas = [m for m, name in enumerate(body.tree.muscles) if name.startswith("psoas_major")]
        pulls.append(muscle_state(body, lengths).tension[0, psoas].sum())
    assert pulls[0] < pulls[1] < pulls[2]


def test_psoas_minor_is_strong_only_where_there_is_one():
    for known, strong in ((True, True), (False, False), (None, False)):
        body = build(replace(WOMAN, psoas_minor=known))
        rows = [m for m, name in enumerate(body.tree.muscles) if name[:-2] in PSOAS_MINOR]
        assert np.all((body.max_isometric_force[0, rows] > 0.0) == strong)


def test_tone_is_of_psoas_and_iliacus():
    body = build(replace(WOMAN, tone=0.02))
    for m, name in enumerate(body.tree.muscles):
        assert body.tone[0, m] == (0.02 if name[:-2] in (*PSOAS_MAJOR, *ILIACUS) else 0.0)


@each_person
def test_fibers_and_tendons_fill_the_standing_path(person):
    """Neutral fiber lengths are the tables', whoever stands; tendons stay long enough to be tendons."""
    body = build(replace(person, left=Limb(), right=Limb()))
    assert np.all(body.tendon_slack_length > 0.0)
    lengths = muscle_paths(body, pose(body, body.standing)).length
    reference = build(WOMAN)
    usual = muscle_state(reference, muscle_paths(reference, pose(reference, reference.standing)).length)
    found = muscle_state(body, lengths)
    stretch = found.fiber_length / body.optimal_fiber_length
    assert stretch == pytest.approx(usual.fiber_length / reference.optimal_fiber_length, abs=1e-9)


# -- joints ---------------------------------------------------------------------------------------------

LAWS = [Variation(disc_law=law) for law in variation.DISC_LAWS] + [Variation(hip_sum=s) for s in variation.PASSIVE_SUMS]


@pytest.mark.parametrize("drawn", LAWS, ids=lambda v: f"{v.disc_law}-{v.hip_sum}")
def test_no_joint_pushes_differently_on_the_two_sides_of_an_angle(drawn):
    """Neither energy nor moment may jump, at neutral or anywhere in each joint's range."""
    body = build(WOMAN, drawn)
    step = 1e-7
    around = np.linspace(-2.4, 2.4, 1201)  # neutral in the middle
    for c in body.tree.active[3:]:
        angles = np.repeat(body.neutral, around.size, axis=0)
        angles[:, c] += around
        given = [np.repeat(t, around.size, axis=0) for t in
                 (body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness)]  # fmt: skip
        below, above = (passive_resistance(angles + sign * step, *given) for sign in (-1.0, 1.0))
        jump = above.moment[:, c] - below.moment[:, c]
        fastest = np.maximum(above.stiffness, below.stiffness)[:, c]
        assert np.all(np.abs(jump) <= 2.02 * step * fastest + 1e-9), body.tree.coordinates[c]
        climb = above.energy[:, c] - below.energy[:, c]
        hardest = np.maximum(np.abs(above.moment), np.abs(below.moment))[:, c]
        assert np.all(np.abs(climb) <= 2.02 * step * hardest + 1e-12), body.tree.coordinates[c]


def test_no_stop_starts_before_neutral():
    for drawn in LAWS:
        assert np.all(build(WOMAN, drawn).stop_threshold >= 0.0)


# -- sides ----------------------------------------------------------------------------------------------


def test_a_mirrored_person_is_a_mirrored_body():
    person = Person("male", 1.80, 80.0, psoas_minor=True, left=Limb(0.1, 0.97), right=Limb(0.3))
    here, there = build(person), build(person.mirrored())
    tree = here.tree
    flip = np.array([1.0, 1.0, -1.0])
    segments = [tree.segment(other(name)) for name in tree.segments]
    for name in ("mass", "inertia"):
        assert getattr(there, name)[:, segments] == pytest.approx(getattr(here, name), abs=1e-12)
    for name in ("joint_position", "mass_center"):
        assert getattr(there, name)[:, segments] == pytest.approx(getattr(here, name) * flip, abs=1e-12)
    muscles = [tree.muscles.index(other(name)) for name in tree.muscles]
    for name in ("max_isometric_force", "optimal_fiber_length", "tendon_slack_length", "pennation_angle", "tone"):
        assert getattr(there, name)[:, muscles] == pytest.approx(getattr(here, name), abs=1e-12)
    skin = [tree.skin.index(other(name)) for name in tree.skin]
    for name in ("skin_radius", "skin_thickness", "skin_modulus"):
        assert getattr(there, name)[:, skin] == pytest.approx(getattr(here, name), abs=1e-12)
    assert there.skin_center[:, skin] == pytest.approx(here.skin_center * flip, abs=1e-12)
    target, sign = tree.mirror
    for name in ("neutral", "standing"):
        assert (getattr(there, name) * sign)[:, target] == pytest.approx(getattr(here, name), abs=1e-12)


@each_person
def test_both_sides_of_an_even_person_are_alike(person):
    body = build(replace(person, left=Limb(), right=Limb()))
    tree = body.tree
    muscles = [tree.muscles.index(other(name)) for name in tree.muscles]
    length = muscle_paths(body, pose(body, body.standing)).length
    assert length[:, muscles] == pytest.approx(length, abs=1e-12)


def test_many_bodies_share_one_tree():
    many = build_many(WOMAN, [Variation(), Variation(kyphosis=0.1)])
    alone = build(WOMAN, Variation(kyphosis=0.1))
    assert many.count == 2
    assert many.tree is alone.tree
    assert many.take([1]).skin_center == pytest.approx(alone.skin_center, abs=0.0)
    assert stack([alone, alone]).weight == pytest.approx(alone.weight[0])


@pytest.mark.parametrize(
    "changed",
    [
        dict(psoas_path=p) for p in variation.PSOAS_PATHS[1:]
    ] + [dict(disc_law=p) for p in variation.DISC_LAWS[1:]] + [dict(passive_curve=p) for p in variation.PASSIVE_CURVES[1:]]
    + [dict(psoas_areas=p) for p in variation.AREA_TABLES[1:]] + [dict(hip_sum=p) for p in variation.PASSIVE_SUMS[1:]]
    + [dict(lumbar_profile=(1.0, 0, 0, 0, 0, 0))]
    + [{name: 1.0} for name in ("pelvic_incidence", "lumbosacral_distance", "back_tissue", "back_profile", "buttock",
       "thigh_flesh", "head_rise")]
    + [{name: 0.05} for name in ("kyphosis", "hip_zero", "psoas_stretch", "iliacus_stretch", "neighbor_stretch", "tone")]
    + [{name: 1.3} for name in ("disc_stiffness", "psoas_area", "iliacus_area", "capsule_share", "tissue_modulus")],
    ids=lambda c: "-".join(f"{k}" for k in c) + f"-{next(iter(c.values()))}",
)  # fmt: skip
def test_every_draw_changes_the_body(changed):
    """No rival and no spread is named without being felt."""
    plain, drawn = build(WOMAN), build(WOMAN, replace(Variation(), **changed))
    arrays = [name for name in vars(plain) if isinstance(getattr(plain, name), np.ndarray)]
    assert any(not np.array_equal(getattr(plain, name), getattr(drawn, name)) for name in arrays)
    assert all(np.all(np.isfinite(getattr(drawn, name))) for name in arrays)
