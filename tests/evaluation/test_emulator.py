"""The emulator: what it must get right, and that leaving out is leaving out."""

import numpy as np
import pytest

from psoas.evaluation.emulator import NOISE, Emulator, _kernel, fit


def twins(rng, count=60, features=6):
    x = rng.standard_normal((count, features))
    return np.concatenate([x, x[:, ::-1]]), np.tile(np.arange(count), 2)


def test_a_straight_line_is_found_again(rng):
    x, bodies = twins(rng)
    slope = np.array([3.0, -2.0, 0.0, 1.0, 0.0, 0.5])
    found = fit(x, x @ slope + 7.0, bodies)
    new = rng.standard_normal((200, 6))
    assert found(new) == pytest.approx(new @ slope + 7.0, abs=0.1 * np.std(x @ slope))


def test_a_bend_is_learned_better_than_by_a_line(rng):
    x, bodies = twins(rng, count=120)
    y = 2.0 * x[:, 0] + np.abs(x[:, 1]) ** 1.5
    new = rng.standard_normal((300, 6))
    truth = 2.0 * new[:, 0] + np.abs(new[:, 1]) ** 1.5
    line = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y, rcond=None)[0]
    straight = np.column_stack([np.ones(len(new)), new]) @ line
    assert np.std(fit(x, y, bodies)(new) - truth) < 0.8 * np.std(straight - truth)


def test_what_is_left_out_is_what_a_fit_without_it_misses(rng):
    x, bodies = twins(rng, count=30)
    y = x[:, 0] + 0.3 * x[:, 1] ** 2 + 0.1 * rng.standard_normal(60)
    whole = fit(x, y, bodies)
    for body in (0, 17):
        rest = bodies != body
        kernel = _kernel(whole.nodes[rest], whole.nodes[rest], whole.reach, whole.share) + NOISE * np.eye(rest.sum())
        pull = np.linalg.solve(kernel, (y[rest] - whole.mean) / whole.scale)
        without = Emulator(
            whole.middle,
            whole.weight,
            whole.nodes[rest],
            pull,
            whole.reach,
            whole.share,
            whole.mean,
            whole.scale,
            y[rest],
        )
        assert whole.left_out[~rest] == pytest.approx(y[~rest] - without(x[~rest]), abs=1e-8)


def test_a_feature_that_never_changes_does_no_harm(rng):
    x, bodies = twins(rng)
    x[:, 2] = 4.0
    assert np.isfinite(fit(x, x[:, 0], bodies)(x)).all()
