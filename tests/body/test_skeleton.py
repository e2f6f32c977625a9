"""Joints resist as the papers say, and the bones keep their published places."""

import numpy as np
import pytest

from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.skeleton import JOINT_ROWS, LEVELS, LUMBAR, SEGMENTS, bend_thorax, build_skeleton
from psoas.body.variation import Variation
from psoas.mechanics.joint import passive_resistance
from psoas.person import Person, value, values

WOMAN = Person("female", 1.72, 68.0)
NEWTON_METRE = 1.0
SMALL = 0.06  # [N m]: Falisse's exponentials are taken from where they reach 0.05
DEGREE = np.deg2rad(1.0)


def moment(body, segment, axis, angles):
    """Passive moment of one joint at angles (n,), + where it pushes the angle back down [N m]."""
    many = body.take(np.zeros(angles.size, dtype=np.intp))
    at = many.neutral.copy()
    c = body.tree.coordinate(segment, axis)
    at[:, c] = angles
    found = passive_resistance(at, many.neutral, many.stop_threshold, many.stop_scale, many.stop_rate, many.stiffness)
    return found.moment[:, c]


def preloaded():
    """How much stiffer a segment is for the load of a lying person, from its rows [-]."""
    share = value("joints", "lumbar_segment", "resting_compression") / 250.0
    return 1.0 + share * (value("joints", "lumbar_segment", "preload_multiplier_250N") - 1.0)


@pytest.mark.parametrize("level", LUMBAR)
def test_motion_segments_turn_as_far_as_yamamoto_found(level):
    """Yamamoto 1989: how far each level goes under 10 N m, here under that times what lying adds; the softened foot of the
    stop costs up to 2 %."""
    body, row = build(WOMAN), JOINT_ROWS[level]
    assert value("joints", row, "yamamoto_moment") == 10.0
    for axis, sides in (
        ("flexion", ("flexion", "extension")),
        ("abduction", ("lateral",) * 2),
        ("rotation", ("axial",) * 2),
    ):
        c = body.tree.coordinate(level, axis)
        reach = np.array([-value("joints", row, f"range_{sides[0]}"), value("joints", row, f"range_{sides[1]}")])
        found = moment(body, level, axis, body.neutral[0, c] + reach)
        assert found == pytest.approx(np.array([-10.0, 10.0]) * preloaded(), rel=0.02), axis


@pytest.mark.parametrize("level", LUMBAR)
def test_inside_the_neutral_zone_segments_are_slack(level):
    """A third of a newton metre a degree in bending, twice that to the side and in turning."""
    body = build(WOMAN)
    for axis, stiffness in (("flexion", 0.33), ("abduction", 0.66), ("rotation", 0.66)):
        c = body.tree.coordinate(level, axis)
        found = moment(body, level, axis, body.neutral[0, c] + np.array([0.2 * DEGREE]))
        assert found[0] == pytest.approx(0.2 * stiffness * preloaded(), rel=0.02)


def test_the_rival_of_heuer_is_her_polynomial():
    body = build(WOMAN, Variation(disc_law="heuer2007"))
    for side, direction in ((-1.0, "flexion"), (1.0, "extension")):
        p = [value("joints", "lumbar_segment", f"{direction}_p{k}") for k in (1, 2, 3)]
        a = 4.0 * DEGREE
        expected = side * (p[0] * a + p[1] * a**2 + p[2] * a**3) * preloaded()
        c = body.tree.coordinate("L3", "flexion")
        assert moment(body, "L3", "flexion", body.neutral[0, c] + np.array([side * a]))[0] == pytest.approx(
            expected, rel=1e-9
        )


@pytest.mark.parametrize(
    ("segment", "axis", "joint", "name", "sign", "degrees"),
    [
        ("tibia_r", "flexion", "knee", "angle", 1.0, (5.0, 8.0, -138.0, -145.0)),
        ("foot_r", "abduction", "subtalar", "angle", 1.0, (-30.0, -34.0, 30.0, 34.0)),
    ],
)
def test_knee_and_subtalar_stops_are_falisses(segment, axis, joint, name, sign, degrees):
    """Falisse 2019: M = K1 exp(K2 (q - theta2)) + K3 exp(K4 (q - theta1)); what is stiff inside comes on top."""
    body = build(WOMAN)
    k = {n: value("joints", joint, f"limit_{name}_{n}") for n in ("K1", "K2", "K3", "K4", "theta1", "theta2")}
    q = np.deg2rad(np.array(degrees))
    published = k["K1"] * np.exp(k["K2"] * (q - k["theta2"])) + k["K3"] * np.exp(k["K4"] * (q - k["theta1"]))
    c = body.tree.coordinate(segment, axis)
    linear = body.stiffness[0, c, 0, 0] * (q - body.neutral[0, c])
    assert sign * -(moment(body, segment, axis, q) - linear) == pytest.approx(published, abs=SMALL, rel=0.01)


def test_the_knee_is_free_in_between():
    body = build(WOMAN)
    assert np.abs(moment(body, "tibia_r", "flexion", np.deg2rad(np.linspace(-100.0, -5.0, 40)))).max() < SMALL


def test_the_ankle_is_riener_and_edrichs():
    """1999, with the knee straight: exp(a0 - a1 p) - exp(b0 + b1 p) + c, p the plantarflexion in degrees."""
    body = build(WOMAN)
    p = np.array([-10.0, 0.0, 10.0, 30.0, 40.0])
    get = lambda name: value("joints", "ankle", f"riener_{name}")  # noqa: E731
    x = np.deg2rad(p)
    published = np.exp(get("a0") + get("a_ankle") * x) - np.exp(get("b0") + get("b_ankle") * x) + get("offset")
    ours = moment(body, "foot_r", "flexion", -x)  # + dorsiflexion here; it pushes toward plantarflexion
    assert ours == pytest.approx(published, abs=0.35 * NEWTON_METRE)


def test_both_sides_resist_alike():
    body = build(WOMAN)
    q = np.deg2rad(np.array([-20.0, -5.0, 5.0, 20.0]))
    for segment in ("femur", "tibia", "foot"):
        assert moment(body, segment + "_r", "flexion", q) == pytest.approx(moment(body, segment + "_l", "flexion", q))
        for axis in ("abduction", "rotation"):  # mirrored: out is out
            right, left = moment(body, segment + "_r", axis, q), moment(body, segment + "_l", axis, -q)
            assert right == pytest.approx(-left)


# -- bones ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sex", ["female", "male"])
def test_discs_follow_one_another_up_the_spine(sex):
    """Spacing by stature, each joint on top of the vertebra below, in the mid-plane; T12-L1 to L5-S1 rise about a tenth of
    the stature (Visible Human and Wilkinson, 147 to 161 mm from L5-S1 to L1-L2 in 1.70 to 1.80 m)."""
    person = Person(sex, 1.75, 75.0)
    body = build(person)
    place = pose(body, body.standing).position[0]
    levels = [body.tree.segment(level) for level in LEVELS]
    rises = np.linalg.norm(np.diff(place[levels], axis=0), axis=1)
    assert np.all((rises > 0.025) & (rises < 0.045))
    assert 0.140 < rises[:4].sum() < 0.165
    assert np.all(np.abs(place[levels][:, 1]) < 1e-12)


def test_a_bent_thorax_carries_its_top_forward_and_its_base_not():
    top = np.array(values("bones", "C7_T1", "centre"))
    assert bend_thorax(np.zeros(3), 0.2) == pytest.approx(np.zeros(3), abs=0.0)
    moved = bend_thorax(top, 0.2) - top
    assert moved == pytest.approx([0.5 * 0.2 * top[1], 0.0, 0.0])
    slope = (bend_thorax(top + [0, 1e-6, 0], 0.2) - bend_thorax(top, 0.2))[0] / 1e-6
    assert slope == pytest.approx(0.2, rel=1e-3)


def test_more_incidence_makes_a_steeper_sacrum_and_more_lordosis():
    plain, steep = (build_skeleton(WOMAN, Variation(pelvic_incidence=z)) for z in (0.0, 1.0))
    spread = np.deg2rad(11.4)  # the published standard deviation
    assert steep.sacral_slope - plain.sacral_slope == pytest.approx(spread, abs=0.2 * DEGREE)
    assert steep.standing.sum() > plain.standing.sum()


def test_the_tree_hangs_together():
    body = build(WOMAN)
    tree = body.tree
    assert tree.segments == SEGMENTS
    for segment, parent in (
        ("L5", "pelvis"),
        ("T12", "L1"),
        ("thorax", "T12"),
        ("tibia_l", "femur_l"),
        ("femur_l", "pelvis"),
    ):
        assert tree.parents[tree.segment(segment)] == tree.segment(parent)
    free = {tree.coordinates[c] for c in tree.active}
    assert {f"{level}_{axis}" for level in LEVELS for axis in ("flexion", "abduction", "rotation")} <= free
    assert "tibia_r_abduction" not in free
