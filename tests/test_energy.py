"""The energy's derivatives against differences of the energy, on real bodies with props, ties and grips."""

from dataclasses import replace

import numpy as np
import pytest

from psoas.body.kinematics import pose
from psoas.body.model import GRAVITY, stack, take
from psoas.energy import evaluate
from psoas.placement import conditions, place
from psoas.position import position
from psoas.props import prop

AGREES = 1e-8  # the aim of engine.md, relative to the largest entry
STEP = 2e-6  # the fourth-order difference below and rounding are then both good to some 1e-11
SCENES = {
    "supine": ("supine", ()),
    "bent on a towel": ("constructive-rest", ("towel",)),
    "bent on a pillow": ("constructive-rest", ("pillow",)),
    "on a bolster": ("bolstered", ("bolster",)),
    "calves on a chair": ("calves-on-chair", ("towel", "chair")),
}


def differences(of, count):
    """Fourth-order central differences (Richardson) of ``of``, which takes steps (n, count) all at once."""
    steps = np.concatenate([sign * STEP * np.eye(count) for sign in (1.0, -1.0, 2.0, -2.0)])
    near, nearer_less, far, far_less = np.split(of(steps), 4)
    return (8.0 * (near - nearer_less) - (far - far_less)) / (12.0 * STEP)


@pytest.fixture(params=SCENES, ids=list(SCENES))
def scene(request, average, lopsided):
    """Two bodies in a position, everything that can hold them holding: grips, ties, props, tone."""
    name, props = SCENES[request.param]
    bodies, where = stack([average, lopsided]), position(name)
    given = conditions(bodies, where, grips="both")
    return bodies, place(bodies, where, [prop(p) for p in props], given)


def postures(bodies, support, seed):
    """Random postures about the start, the head on its props, no skin just about to touch, or just at the corner of a prop:
    there the second derivative has a kink, which differences would see from both sides."""
    rng, active = np.random.default_rng(seed), bodies.tree.active
    head = bodies.tree.skin.index("occiput")
    found = support.start.copy()
    for member in range(bodies.count):
        body, held = bodies.take([member]), take(support, [member])
        for _ in range(300):
            at = held.start.copy()
            at[:, active] += rng.normal(size=active.size) * 0.12
            at[:, 2] = held.start[:, 2] - 0.02 * rng.uniform()
            touch = evaluate(body, held, at, second=False).touch
            clear = np.abs(touch.centers[..., 2] - body.skin_radius) > 10 * STEP
            aside = np.abs(touch.centers[:, None][..., [0, 2]] - held.prop_center[:, :, None])
            clear &= np.all(np.abs(aside - held.prop_half_size[:, :, None]) > 10 * STEP, axis=(1, 3))
            on_head = [under != "calves" for under in held.prop_places]
            if clear.all() and np.all(touch.props[:, on_head, head] > 0.0):
                found[member] = at
                break
        else:
            pytest.fail("no such posture was drawn")
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_the_slope_of_the_energy(scene, seed):
    bodies, support = scene
    at = postures(bodies, support, seed)
    found = evaluate(bodies, support, at, second=False)
    for member in range(bodies.count):
        rows = np.full(4 * at.shape[1], member)
        many, held = bodies.take(rows), take(support, rows)
        slope = differences(lambda d: evaluate(many, held, at[rows] + d, second=False).energy, at.shape[1])  # noqa: B023
        exact = found.gradient[member]
        assert np.abs(slope - exact).max() < AGREES * np.abs(exact).max()


@pytest.mark.parametrize("seed", range(3))
def test_the_hessian_is_the_slope_of_the_gradient_and_symmetric(scene, seed):
    bodies, support = scene
    active = bodies.tree.active
    at = postures(bodies, support, seed)
    found = evaluate(bodies, support, at)
    assert evaluate(bodies, support, at, second=False).hessian is None
    for member in range(bodies.count):
        rows = np.full(4 * at.shape[1], member)
        many, held = bodies.take(rows), take(support, rows)
        slope = differences(lambda d: evaluate(many, held, at[rows] + d, second=False).gradient, at.shape[1])  # noqa: B023
        exact = found.hessian[member]
        assert np.abs(slope[np.ix_(active, active)] - exact).max() < AGREES * np.abs(exact).max()
        assert np.abs(exact - exact.T).max() < 1e-12 * np.abs(exact).max()


def test_every_kind_of_energy_is_in_that(scene):
    """Or the derivatives above would have been those of less."""
    bodies, support = scene
    now = evaluate(bodies, support, postures(bodies, support, 0))
    assert now.touch.floor.max() > 1.0
    assert now.muscle.tension.max() > 1.0
    assert np.abs(now.grip_force).max() > 1.0
    assert now.paths.bends.touches.any() and not now.paths.bends.touches.all()
    if support.tie_stiffness.size:
        assert np.abs(now.tie_points[:, :, 1] - now.tie_points[:, :, 0]).max() > 1e-3
        assert support.tone_stiffness.max() > 1.0
        assert now.touch.props.max() > 1.0


def test_a_stack_of_bodies_is_the_bodies_one_by_one(scene):
    bodies, support = scene
    at = postures(bodies, support, 1)
    together = evaluate(bodies, support, at)
    for member in range(bodies.count):
        alone = evaluate(bodies.take([member]), take(support, [member]), at[[member]])
        assert alone.energy[0] == pytest.approx(together.energy[member], rel=1e-14)
        assert alone.gradient[0] == pytest.approx(together.gradient[member], rel=1e-10, abs=1e-10)
        assert alone.hessian[0] == pytest.approx(together.hessian[member], rel=1e-10, abs=1e-8)


def test_a_body_in_the_air_weighs_its_weight(average):
    """Nothing touches: the only force on the root is gravity's."""
    where = position("supine")
    support = place(average, where, (), conditions(average, where))
    support = replace(support, grip_stiffness=np.zeros_like(support.grip_stiffness))
    at = support.start.copy()
    at[:, 2] += 1.0
    now = evaluate(average, support, at, second=False)
    assert now.touch.floor.max() == 0.0
    assert now.gradient[0, :3] == pytest.approx([0.0, 0.0, average.mass.sum() * GRAVITY])


def test_moving_body_and_floor_marks_together_changes_nothing(scene):
    """Along the floor, with anchors and props carried along."""
    bodies, support = scene
    way = np.array([0.3, -0.2])
    carried = replace(
        support,
        grip_anchor=support.grip_anchor + way,
        prop_center=support.prop_center + np.array([way[0], 0.0]),
    )
    at = postures(bodies, support, 2)
    moved = at.copy()
    moved[:, :2] += way
    here, there = evaluate(bodies, support, at), evaluate(bodies, carried, moved)
    assert there.energy == pytest.approx(here.energy, rel=1e-12)
    assert np.abs(there.gradient - here.gradient).max() < 1e-12 * np.abs(here.gradient).max()


def test_joint_force_is_what_holds_up_all_beyond_the_joint(average):
    """Virtual work: shifting all that a joint carries stores the work of the force there, all lines being straight."""
    where = position("constructive-rest")
    support = place(average, where, (), conditions(average, where))
    at, tree, step = support.start, average.tree, 1e-6
    now = evaluate(average, support, at, second=False)
    for name in ("L5", "L2", "T12", "head"):
        segment = tree.segment(name)
        below = pose(average, at).rotation[0, tree.parents[segment]]
        for axis in range(3):
            stored = []
            for sign in (1.0, -1.0):
                moved = average.joint_position.copy()
                moved[0, segment] += sign * step * below.T[:, axis]
                stored.append(evaluate(replace(average, joint_position=moved), support, at, second=False).energy[0])
            work = (stored[0] - stored[1]) / (2.0 * step)
            assert now.joint_force[0, segment, axis] == pytest.approx(work, abs=1e-3)
