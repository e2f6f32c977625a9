"""Fiber, tendon and the two in series, against closed forms, published points and scipy."""

import numpy as np
import pytest
from scipy.optimize import brentq

from psoas.mechanics.muscle import (
    EXPONENT_LIMIT,
    TOE,
    equilibrate,
    passive_fiber_curve,
    softened_exponential,
    tendon_curve,
    tendon_free_stretch,
)

DE_GROOTE = (0.200, 0.995, 0.250, 35.0)  # De Groote et al. 2016, table S1
ROUNDING = 1e-12
DIFFERENCE = 1e-8  # what a central difference over 1e-5 leaves of smooth curves, relative
NANOMETRE, NANONEWTON = 1e-9, 1e-9


def slope(function, x, step=1e-5):
    return (function(x + step) - function(x - step)) / (2.0 * step)


# -- curves ---------------------------------------------------------------------------------------------


def test_tendon_is_the_published_curve():
    """De Groote 2016: force-free at 0.995 + ln(1.25)/35, and maximum isometric force near 5 % strain."""
    assert tendon_free_stretch(*DE_GROOTE) == pytest.approx(0.995 + np.log(1.25) / 35.0, abs=ROUNDING)
    assert tendon_curve(tendon_free_stretch(*DE_GROOTE), *DE_GROOTE).force == pytest.approx(0.0, abs=ROUNDING)
    assert tendon_curve(np.array(1.0), *DE_GROOTE).force == pytest.approx(0.2 * np.exp(0.175) - 0.25, abs=ROUNDING)
    assert tendon_free_stretch(*DE_GROOTE, force=1.0) == pytest.approx(1.04736, abs=5e-6)
    assert tendon_curve(np.array(1.049), *DE_GROOTE).force == pytest.approx(1.0739, abs=5e-5)


def test_free_stretch_inverts_the_tendon():
    force = np.linspace(0.0, 3.0, 31)
    assert tendon_curve(tendon_free_stretch(*DE_GROOTE, force=force), *DE_GROOTE).force == pytest.approx(
        force, abs=ROUNDING
    )


@pytest.mark.parametrize(
    ("shape", "strain", "stretch", "force"),
    [
        (5.0, 0.6, 1.6, 1.0),  # unit force at the strain that is named for it
        (5.0, 0.6, 1.3, 0.075858),  # (e^2.5 - 1)/(e^5 - 1)
        (4.0, 0.6, 1.3, 0.119203),  # (e^2 - 1)/(e^4 - 1)
        (4.0, 0.6, 1.15, 0.032058),  # (e - 1)/(e^4 - 1), the least that the toe has died out at
    ],
)
def test_passive_fiber_is_thelens_curve(shape, strain, stretch, force):
    """Thelen 2003, eq. 3."""
    faint = TOE / np.e / np.expm1(shape)
    assert passive_fiber_curve(np.array(stretch), shape, strain).force == pytest.approx(force, abs=min(faint, 3e-5))


def test_the_toe_costs_no_more_than_it_says():
    """Against the plain exponential: never above it, at most toe/e below, there at y = toe."""
    y = np.linspace(0.0, EXPONENT_LIMIT, 200001)
    lost = np.expm1(y) - softened_exponential(y, EXPONENT_LIMIT).force
    assert lost.min() >= 0.0
    assert lost.max() == pytest.approx(TOE / np.e, abs=1e-9)
    assert y[np.argmax(lost)] == pytest.approx(TOE, abs=1e-4)


def test_the_toe_starts_without_a_kink():
    tiny = np.array([-1e-7, 0.0, 1e-7])
    curve = softened_exponential(tiny, EXPONENT_LIMIT)
    assert np.all(curve.force[:2] == 0.0) and np.all(curve.energy[:2] == 0.0) and np.all(curve.stiffness[:2] == 0.0)
    assert curve.stiffness[2] < 1e-5


def test_far_out_it_goes_on_along_its_tangent():
    edge, beyond = softened_exponential(np.array([5.0, 8.0]), 5.0).force
    assert beyond - edge == pytest.approx(3.0 * softened_exponential(np.array(5.0), 5.0).stiffness, rel=ROUNDING)


@pytest.mark.parametrize("limit", [5.0, 7.0])
def test_energy_force_and_stiffness_of_the_exponential_are_derivatives(limit):
    y = np.concatenate(
        [np.linspace(-1.0, -0.01, 10), np.linspace(0.01, limit - 0.01, 200), np.linspace(limit + 0.01, 12.0, 20)]
    )
    curve = softened_exponential(y, limit)
    size = np.exp(np.minimum(np.abs(y), limit))
    assert np.all(np.abs(slope(lambda y: softened_exponential(y, limit).energy, y) - curve.force) < DIFFERENCE * size)
    assert np.all(
        np.abs(slope(lambda y: softened_exponential(y, limit).force, y) - curve.stiffness) < 10 * DIFFERENCE * size
    )


def test_energy_and_stiffness_of_fiber_and_tendon_are_derivatives():
    stretch = np.linspace(0.9, 1.55, 66) + 1e-3
    of = lambda s: passive_fiber_curve(s, 4.0, 0.6, 1.0)  # noqa: E731
    assert slope(lambda s: of(s).energy, stretch) == pytest.approx(of(stretch).force, abs=DIFFERENCE)
    assert slope(lambda s: of(s).force, stretch) == pytest.approx(of(stretch).stiffness, abs=1e-6)
    stretch = np.linspace(0.98, 1.06, 41)
    of = lambda s: tendon_curve(s, *DE_GROOTE)  # noqa: E731
    assert slope(lambda s: of(s).energy, stretch) == pytest.approx(of(stretch).force, abs=1e-6)
    assert slope(lambda s: of(s).force, stretch) == pytest.approx(of(stretch).stiffness, rel=1e-6)


# -- in series ------------------------------------------------------------------------------------------

MUSCLES = {
    "plain": dict(
        optimal_fiber_length=0.10, tendon_slack_length=0.10, pennation_angle=0.0, tone=0.0, passive_start=1.0
    ),
    "pennate": dict(
        optimal_fiber_length=0.08, tendon_slack_length=0.20, pennation_angle=0.4, tone=0.0, passive_start=1.0
    ),
    "toned": dict(
        optimal_fiber_length=0.09, tendon_slack_length=0.12, pennation_angle=0.2, tone=0.03, passive_start=1.0
    ),
    "early": dict(
        optimal_fiber_length=0.12, tendon_slack_length=0.05, pennation_angle=0.19, tone=0.0, passive_start=0.83
    ),
    "long tendon": dict(
        optimal_fiber_length=0.05, tendon_slack_length=0.35, pennation_angle=0.1, tone=0.01, passive_start=1.0
    ),
}
LENGTHS = np.linspace(0.75, 1.45, 141)
"""Of the fiber if the tendon did not give, over optimal."""


def unit(name):
    given = {key: np.full(LENGTHS.size, value) for key, value in MUSCLES[name].items()}
    return dict(
        given, max_isometric_force=np.full(LENGTHS.size, 700.0), passive_shape=np.full(LENGTHS.size, 4.0),
        passive_strain=np.full(LENGTHS.size, 0.6), tendon=DE_GROOTE,
    )  # fmt: skip


def path(name):
    m = MUSCLES[name]
    thickness = m["optimal_fiber_length"] * np.sin(m["pennation_angle"])
    return np.sqrt((LENGTHS * m["optimal_fiber_length"]) ** 2 - thickness**2) + m["tendon_slack_length"]


@pytest.mark.parametrize("name", MUSCLES)
def test_fiber_and_tendon_carry_the_same(name):
    """Against scipy's bracketing root finder on the same two curves."""
    m, lengths = MUSCLES[name], path(name)
    thickness = m["optimal_fiber_length"] * np.sin(m["pennation_angle"])
    found = equilibrate(lengths, **unit(name))

    def excess(along, length):
        fiber = np.hypot(along, thickness)
        passive = passive_fiber_curve(fiber / m["optimal_fiber_length"], 4.0, 0.6, m["passive_start"]).force
        return (passive + m["tone"]) * along / fiber - tendon_curve(
            (length - along) / m["tendon_slack_length"], *DE_GROOTE
        ).force

    for k, length in enumerate(lengths):
        free = length - m["tendon_slack_length"] * tendon_free_stretch(*DE_GROOTE)
        along = brentq(excess, 0.3 * m["optimal_fiber_length"], free + 1e-9, args=(length,), xtol=1e-16, rtol=1e-15)
        tension = 700.0 * tendon_curve((length - along) / m["tendon_slack_length"], *DE_GROOTE).force
        assert found.fiber_length[k] == pytest.approx(np.hypot(along, thickness), abs=NANOMETRE * 1e-3)
        assert found.tension[k] == pytest.approx(tension, abs=NANONEWTON)


@pytest.mark.parametrize("name", MUSCLES)
def test_tension_is_the_slope_of_the_energy_and_stiffness_its_slope(name):
    lengths = path(name)
    of = lambda length: equilibrate(length, **unit(name))  # noqa: E731
    step = 2e-6
    millinewton = 1e-3
    assert slope(lambda x: of(x).energy, lengths, step) == pytest.approx(of(lengths).tension, abs=millinewton, rel=1e-6)
    assert slope(lambda x: of(x).tension, lengths, step) == pytest.approx(of(lengths).stiffness, abs=0.5, rel=1e-3)


@pytest.mark.parametrize("name", MUSCLES)
def test_a_longer_muscle_never_pulls_less(name):
    found = equilibrate(path(name), **unit(name))
    assert np.all(np.diff(found.tension) >= -NANONEWTON)
    assert np.all(found.stiffness >= 0.0)
    assert np.all(np.diff(found.fiber_length) > 0.0)


@pytest.mark.parametrize("name", ["plain", "pennate", "early"])
def test_a_slack_muscle_pulls_nothing_at_all(name):
    start = MUSCLES[name]["passive_start"]
    slack = start - 0.01 > LENGTHS
    found = equilibrate(path(name), **unit(name))
    assert slack.sum() > 10
    assert np.max(np.abs(found.tension[slack])) < NANONEWTON
    assert np.max(np.abs(found.stiffness[slack])) < NANONEWTON


def test_tone_pulls_a_slack_muscle_with_its_share():
    """Fibers that carry tone alone pull F0 a cos(alpha)."""
    m = MUSCLES["toned"]
    found = equilibrate(path("toned"), **unit("toned"))
    slack = found.fiber_length < 0.99 * m["optimal_fiber_length"]
    thickness = m["optimal_fiber_length"] * np.sin(m["pennation_angle"])
    cosine = np.sqrt(1.0 - (thickness / found.fiber_length[slack]) ** 2)
    assert slack.sum() > 10
    assert found.tension[slack] == pytest.approx(700.0 * 0.03 * cosine, abs=NANONEWTON)


def test_ten_steps_are_plenty():
    """Over all stretches that a body can ask for."""
    for name in MUSCLES:
        ten = equilibrate(path(name), **unit(name), iterations=10)
        assert ten.tension == pytest.approx(equilibrate(path(name), **unit(name)).tension, abs=NANONEWTON)
