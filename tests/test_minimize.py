"""The minimiser on problems whose answers are known."""

from dataclasses import dataclass

import numpy as np
import pytest

from psoas.minimize import Options, minimize

ROUNDING = 1e-11  # relative; what the solver itself calls equal energies


@dataclass
class At:
    energy: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray


def quadratic(matrix, center, calls=None):
    def evaluate(members, x):
        if calls is not None:
            calls.append(members.copy())
        away = x - center[members]
        pull = np.einsum("nij,nj->ni", matrix[members], away)
        return At(0.5 * np.sum(away * pull, 1), pull, matrix[members])

    return evaluate


def rosenbrock(members, x):
    a, b = x[:, 0], x[:, 1]
    e = (1 - a) ** 2 + 100 * (b - a**2) ** 2
    g = np.stack([-2 * (1 - a) - 400 * a * (b - a**2), 200 * (b - a**2)], -1)
    h = np.empty((a.size, 2, 2))
    h[:, 0, 0], h[:, 1, 1] = 2 - 400 * (b - 3 * a**2), 200.0
    h[:, 0, 1] = h[:, 1, 0] = -400 * a
    return At(e, g, h)


def double_well(depth):
    """-depth x^2/2 + x^4/4 + y^2/2: a saddle at 0, minima at x = +-sqrt(depth)."""

    def evaluate(members, x):
        e = -0.5 * depth * x[:, 0] ** 2 + 0.25 * x[:, 0] ** 4 + 0.5 * x[:, 1] ** 2
        g = np.stack([-depth * x[:, 0] + x[:, 0] ** 3, x[:, 1]], -1)
        h = np.zeros((x.shape[0], 2, 2))
        h[:, 0, 0], h[:, 1, 1] = -depth + 3 * x[:, 0] ** 2, 1.0
        return At(e, g, h)

    return evaluate


def never_rises(found):
    trail = np.array(found.energies)
    return np.all(np.diff(trail, axis=0) <= ROUNDING * np.maximum(np.abs(trail[:-1]), 1e-3))


def test_quadratics_are_solved_in_a_few_steps(rng):
    root = rng.normal(size=(6, 5, 5))
    matrix = root @ np.swapaxes(root, -1, -2) + np.eye(5)
    center = rng.normal(size=(6, 5))
    found = minimize(quadratic(matrix, center), rng.normal(size=(6, 5)), Options(tolerance=1e-9, damping=1e-7))
    assert found.converged.all()
    assert found.x == pytest.approx(center, abs=1e-8)
    assert found.iterations.max() <= 6
    assert never_rises(found)


@pytest.mark.parametrize("start", [(-1.2, 1.0), (3.0, -3.0), (0.0, 10.0)])
def test_the_banana_valley(start):
    """Rosenbrock 1960: the minimum is at (1, 1)."""
    found = minimize(rosenbrock, np.array([start]), Options(tolerance=1e-10, most_iterations=200))
    assert found.converged[0]
    assert found.x[0] == pytest.approx([1.0, 1.0], abs=1e-9)
    assert never_rises(found)


@pytest.mark.parametrize("depth", [1.0, 0.01])
def test_it_does_not_stop_on_a_saddle(depth):
    found = minimize(double_well(depth), np.zeros((1, 2)), Options(tolerance=1e-9, largest_step=0.5))
    assert found.converged[0]
    assert abs(found.x[0, 0]) == pytest.approx(np.sqrt(depth), abs=1e-6)


def test_leaving_a_shallow_saddle_does_not_raise_the_energy():
    """The push may be longer than the dip is wide."""
    found = minimize(double_well(1e-4), np.zeros((1, 2)), Options(tolerance=1e-9, largest_step=1.0))
    trail = np.array(found.energies)[:, 0]
    assert found.x[0, 0] ** 2 == pytest.approx(1e-4, rel=1e-3)
    assert np.all(np.diff(trail) <= 1e-15)


def test_it_leaves_the_neighbourhood_of_a_saddle_too():
    """Where the gain is below rounding and the gradient above tolerance."""

    def lifted(members, x):
        found = double_well(1.0)(members, x)
        found.energy = found.energy + 100.0  # rounding of 1e-14 hides the gain
        return found

    found = minimize(lifted, np.array([[1e-8, 0.0]]), Options(tolerance=1e-9, largest_step=0.3))
    assert found.converged[0]
    assert abs(found.x[0, 0]) == pytest.approx(1.0, abs=1e-6)


def test_each_problem_is_solved_as_if_alone(rng):
    starts = np.array([(-1.2, 1.0), (3.0, -3.0), (1.0, 1.0), (0.0, 10.0)])
    options = Options(tolerance=1e-10)
    together = minimize(rosenbrock, starts, options)
    for k, start in enumerate(starts):
        alone = minimize(rosenbrock, start[None], options)
        assert alone.x[0] == pytest.approx(together.x[k], abs=1e-12)
        assert alone.iterations[0] == together.iterations[k]
    assert together.iterations[2] == 0


def test_problems_at_rest_are_not_evaluated_again(rng):
    calls = []
    matrix = np.tile(np.eye(3), (4, 1, 1))
    center = rng.normal(size=(4, 3))
    start = center.copy()
    start[3] += 5.0
    minimize(quadratic(matrix, center, calls), start, Options(tolerance=1e-9))
    assert calls[0].size == 4
    assert all(list(members) == [3] for members in calls[1:])
    assert len(calls) > 1


def test_no_step_is_longer_than_allowed():
    seen = []

    def evaluate(members, x):
        seen.append(x.copy())
        return quadratic(np.eye(2)[None], np.array([[10.0, 0.0]]))(members, x)

    minimize(evaluate, np.zeros((1, 2)), Options(largest_step=np.array([0.7, 0.1])))
    steps = np.abs(np.diff(np.concatenate(seen), axis=0))
    assert steps[:, 0].max() == pytest.approx(0.7)
    assert np.all(steps <= [0.7 + 1e-12, 0.1 + 1e-12])


def test_out_of_steps_it_says_so():
    found = minimize(rosenbrock, np.array([(-1.2, 1.0), (1.0, 1.0)]), Options(most_iterations=3))
    assert list(found.converged) == [False, True]
    assert found.iterations[0] == 3
    assert found.energies[-1][0] < found.energies[0][0]


def test_a_trial_without_a_number_is_refused():
    """log is not defined below zero; a shorter step is."""

    def evaluate(members, x):
        with np.errstate(all="ignore"):
            return At((x - np.log(x))[:, 0], 1 - 1 / x, (1 / x**2)[..., None])

    found = minimize(evaluate, np.array([[5.0]]), Options(tolerance=1e-10, damping=1e-7))
    assert found.converged[0]
    assert found.x[0, 0] == pytest.approx(1.0, abs=1e-9)
