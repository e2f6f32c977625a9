"""The least effort that balances: its conditions, another solver's answer, and what it says when muscles cannot."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import lsq_linear, minimize

from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import other_side
from psoas.body.paths import muscle_paths
from psoas.energy import evaluate, muscle_state
from psoas.errors import InputError
from psoas.person import Person
from psoas.position import upright_position
from psoas.tone import activate, hold, joint_words, least_effort, quadratic
from psoas.upright.place import place

MAN = Person("male", 1.75, 75.0)
SPINE = tuple(f"{name}_flexion" for name in ("L5", "L4", "L3", "L2", "L1", "T12"))
millinewton_meter = 1e-3


@pytest.fixture(scope="module")
def body():
    return build(MAN)


def random_program(seed, rows=12, muscles=40):
    rng = np.random.default_rng(seed)
    arms = rng.normal(0.0, 20.0, (rows, muscles))
    return arms, arms @ rng.uniform(0.0, 0.4, muscles)


@pytest.mark.parametrize("seed", range(5))
def test_the_answer_meets_the_conditions_of_an_optimum(seed):
    arms, target = random_program(seed)
    activation, missing = least_effort(arms, target)
    assert np.abs(arms @ activation + missing - target).max() < millinewton_meter
    assert np.abs(missing).max() < millinewton_meter
    # Gradient a + A'y vanishes where 0 < a < 1, pushes against the bound where it holds.
    inside = (activation > 1e-7) & (activation < 1.0 - 1e-7)
    y = np.linalg.lstsq(arms[:, inside].T, -activation[inside], rcond=None)[0]
    slope = activation + arms.T @ y
    assert np.abs(slope[inside]).max() < 1e-6
    assert np.all(slope[activation <= 1e-7] > -1e-6)
    assert np.all(slope[activation >= 1.0 - 1e-7] < 1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_another_method_comes_to_the_same(seed):
    arms, target = random_program(seed)
    ours, _ = least_effort(arms, target)
    # The same cost as bounded least squares: |a|² + rho |target - R a|².
    weight = 1e3
    theirs = lsq_linear(
        np.vstack([np.eye(40), weight * arms]), np.r_[np.zeros(40), weight * target], (0.0, 1.0), tol=1e-14
    ).x
    assert np.abs(ours - theirs).max() < 1e-4
    slsqp = minimize(
        lambda a: 0.5 * a @ a, ours * 0.0 + 0.2, jac=lambda a: a, bounds=[(0.0, 1.0)] * 40, method="SLSQP",
        constraints={"type": "eq", "fun": lambda a: arms @ a - target, "jac": lambda a: arms},
        options={"ftol": 1e-14, "maxiter": 500},
    ).x  # fmt: skip
    assert np.abs(ours - slsqp).max() < 1e-4


def test_the_duals_are_what_the_cost_would_gain():
    arms, target = random_program(7)
    count, size = arms.shape

    def solve(target):
        lower = np.r_[np.zeros(size), target]
        return quadratic(np.eye(size), np.zeros(size), arms, lower, np.r_[np.ones(size), target])

    found = solve(target)
    assert found.solved
    assert np.abs(found.x + arms.T @ found.duals[size:] + found.duals[:size]).max() < 1e-7
    for row in range(count):
        more = solve(target + 1e-4 * np.eye(count)[row])
        less = solve(target - 1e-4 * np.eye(count)[row])
        gain = (0.5 * more.x @ more.x - 0.5 * less.x @ less.x) / 2e-4
        assert gain == pytest.approx(-found.duals[size + row], rel=1e-3, abs=1e-7)


def test_contradicting_rows_have_no_answer():
    rows = np.array([[1.0, 0.0], [1.0, 0.0]])
    ends = np.array([0.0, 0.0, 0.2, 0.8])
    assert not quadratic(np.eye(2), np.zeros(2), rows, ends, np.array([1.0, 1.0, 0.2, 0.8])).solved


def test_slopes_of_active_muscles_are_those_of_differences(body):
    length = muscle_paths(body, pose(body, body.standing)).length
    activation = np.random.default_rng(1).uniform(0.0, 1.0, length.shape)
    now = activate(body, length, activation)
    e = 1e-5
    by_activation = (
        (activate(body, length, activation + e).tension - activate(body, length, activation - e).tension) / 2 / e
    )
    by_length = (
        (activate(body, length + e, activation).tension - activate(body, length - e, activation).tension) / 2 / e
    )
    assert np.abs(now.by_activation - by_activation).max() < 1e-3 * np.abs(by_activation).max()
    assert np.abs(now.by_length - by_length).max() < 1e-3 * np.abs(by_length).max()


def test_a_muscle_without_activity_is_the_passive_one(body):
    length = muscle_paths(body, pose(body, body.standing)).length
    now = activate(body, length, np.zeros_like(length))
    assert np.allclose(now.tension, muscle_state(body, length).tension, atol=1e-9)


def leaning(body, angle):
    """Bent forward at the hips, the spine in its unloaded shape: the back muscles must hold."""
    _, support = place(body, upright_position("standing"))
    at = support.start.copy()
    tree = body.tree
    for name in (*SPINE, "thorax_flexion"):
        c = tree.coordinates.index(name)
        at[:, c] = body.neutral[:, c]
    at[:, tree.coordinate("pelvis", "flexion")] -= angle
    return support, at


def test_what_is_held_is_in_balance_by_a_sum_over_the_free_body(body):
    support, at = leaning(body, 0.3)
    held = hold(body, support, at, over=("L4_flexion",))
    assert held.balanced == (True,)
    # The energy's gradient and a sum of forces over everything above L4-L5 are two ways to the same moment.
    now = evaluate(held.body, support, at, second=False)
    columns = [body.tree.coordinates.index("L4_flexion")]
    assert np.abs(now.gradient[0, columns]).max() < millinewton_meter
    tree, row = body.tree, body.tree.segment("L4")
    c = tree.coordinates.index("L4_flexion")
    above = tree.moved_by[:, c] > 0.0
    joint, axis = now.pose.position[0, row], now.pose.axis[0, c]
    weights = body.mass[0] * 9.80665
    moment = sum(
        np.cross(now.mass_centers[0, s] - joint, [0.0, 0.0, -weights[s]]) for s in np.flatnonzero(above)
    ) @ axis  # fmt: skip
    bodyless = replace(held.body, mass=body.mass * 1e-12)
    tissue = -evaluate(bodyless, support, at, second=False).gradient[0, c]
    arms = [support.grip_skin.size, support.tie_segments.size]
    assert arms[1] == 0
    assert moment + tissue == pytest.approx(0.0, abs=10 * millinewton_meter)


def test_left_and_right_do_the_same(body):
    support, at = leaning(body, 0.3)
    held = hold(body, support, at, over=("L4_flexion",))
    tree = body.tree
    mirrored = [tree.muscles.index(other_side(name)) for name in tree.muscles]
    assert np.abs(held.activation[0] - held.activation[0, mirrored]).max() < 1e-6


def test_bending_forward_asks_for_more_effort(body):
    efforts = []
    for angle in (0.15, 0.3, 0.45):
        support, at = leaning(body, angle)
        efforts.append(float(hold(body, support, at, over=("L4_flexion",)).effort[0]))
    assert efforts == sorted(efforts)
    assert efforts[0] < 0.7 * efforts[-1]


def test_what_muscles_cannot_hold_is_named(body):
    support, at = leaning(body, 0.3)
    weak = replace(body, max_isometric_force=1e-3 * body.max_isometric_force)
    held = hold(weak, support, at, over=("L4_flexion",))
    assert held.balanced == (False,)
    assert "cannot hold" in held.messages[0]
    assert "N m" in held.messages[0]
    assert np.isnan(held.activation).all()
    assert np.abs(held.short).max() > 1.0


def test_an_ideal_torque_is_told_not_met(body):
    support, at = leaning(body, 0.3)
    held = hold(body, support, at, over=("L4_flexion", "head_flexion"), ideal=("head_flexion",))
    assert held.balanced == (True,)
    assert abs(held.ideal[0, body.tree.coordinates.index("head_flexion")]) > 0.1
    assert np.count_nonzero(held.ideal) == 1


def test_an_unknown_joint_is_refused(body):
    support, at = leaning(body, 0.3)
    with pytest.raises(InputError, match=r"coordinate is 'tail_flexion'; give"):
        hold(body, support, at, over=("tail_flexion",))


def test_joints_are_named_in_words():
    assert joint_words("femur_r_flexion") == "the hip (flexion, right)"
    assert joint_words("L5_flexion") == "L5-S1 (flexion)"
