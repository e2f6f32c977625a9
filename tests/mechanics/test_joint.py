"""Passive joints, against closed forms and their own derivatives."""

import numpy as np
import pytest

from psoas.errors import DataError
from psoas.mechanics.joint import EXPONENT_LIMIT, passive_resistance, stop_through

ROUNDING = 1e-12
NEUTRAL = 0.1
START, SCALE, RATE = np.array([0.2, 0.3]), np.array([0.5, 1.5]), np.array([9.0, 6.0])
# Heuer's flexion and extension, rounded: p1 a + p2 a^2 + p3 a^3
POLYNOMIAL = np.array([[64.0, -300.0, 900.0], [72.0, -100.0, 400.0]])


def resist(angle, start=START, polynomial=POLYNOMIAL, scale=SCALE, neutral=NEUTRAL):
    shape = np.shape(angle)
    full = lambda table: np.broadcast_to(table, (*shape, *np.shape(table)))  # noqa: E731
    return passive_resistance(
        np.asarray(angle, dtype=float), full(neutral), full(start), full(scale), full(RATE), full(polynomial)
    )


def test_inside_the_stops_it_is_the_polynomial_of_its_side():
    away = np.array([0.05, 0.15])
    p = POLYNOMIAL[1]
    assert resist(NEUTRAL + away).moment == pytest.approx(p[0] * away + p[1] * away**2 + p[2] * away**3, abs=ROUNDING)
    p = POLYNOMIAL[0]
    assert resist(NEUTRAL - away).moment == pytest.approx(
        -(p[0] * away + p[1] * away**2 + p[2] * away**3), abs=ROUNDING
    )


def test_beyond_the_stop_the_exponential_is_added():
    """Far beyond its toe: A (exp(B (a - start)) - 1)."""
    away = 0.9
    only = resist(NEUTRAL + away, polynomial=np.zeros((2, 3))).moment
    assert only == pytest.approx(1.5 * np.expm1(6.0 * 0.6), rel=1e-9)


def test_no_moment_and_no_energy_at_neutral():
    found = resist(NEUTRAL)
    assert found.moment == 0.0
    assert found.energy == 0.0


def test_energy_and_moment_cross_neutral_without_a_jump():
    below, above = resist(NEUTRAL - 1e-12), resist(NEUTRAL + 1e-12)
    assert above.energy - below.energy == pytest.approx(0.0, abs=ROUNDING)
    assert above.moment - below.moment == pytest.approx(0.0, abs=1e-9)


def test_moment_and_stiffness_are_derivatives_of_the_energy():
    angle, step = np.linspace(-0.8, 1.0, 181) + 3e-4, 1e-6
    found, more, less = resist(angle), resist(angle + step), resist(angle - step)
    size = 1.0 + np.abs(found.stiffness)
    assert np.all(np.abs((more.energy - less.energy) / (2 * step) - found.moment) < 1e-8 * size)
    assert np.all(np.abs((more.moment - less.moment) / (2 * step) - found.stiffness) < 1e-6 * size)


def test_it_always_pushes_back_to_neutral():
    angle = np.linspace(-2.0, 2.0, 401)
    found = resist(angle, polynomial=np.array([[20.0, 0.0, 0.0], [20.0, 0.0, 0.0]]))
    assert np.all(found.moment * (angle - NEUTRAL) >= 0.0)
    assert np.all(np.diff(found.moment) > 0.0)


def test_far_out_it_is_finite_and_straight():
    far = resist(np.array([30.0, 31.0, 32.0]), polynomial=np.zeros((2, 3)))
    assert np.all(np.isfinite(far.energy))
    slope = 1.5 * 6.0 * np.exp(EXPONENT_LIMIT)
    assert np.diff(far.moment) == pytest.approx(slope, rel=1e-9)


def test_stop_through_goes_through():
    """It carries the moment asked for at the limit (the softened toe, died out there, left out)."""
    scale, rate = stop_through(0.1, 0.3, 10.0, 2.5)
    found = resist(np.array([0.1, 0.3]), np.array([0.1, 0.1]), np.zeros((2, 3)), np.array([scale, scale]), neutral=0.0)
    assert found.moment[0] == 0.0
    assert scale * np.expm1(rate * 0.2) == pytest.approx(10.0, abs=ROUNDING * 10)
    assert rate * 0.2 == pytest.approx(2.5)


@pytest.mark.parametrize("limit", [0.1, 0.05])
def test_a_stop_must_end_beyond_its_start(limit):
    with pytest.raises(DataError, match=f"limit is {limit} rad; give more than its threshold, 0.1 rad"):
        stop_through(0.1, limit, 10.0, 2.5)
