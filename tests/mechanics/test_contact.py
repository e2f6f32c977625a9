"""Skin on supports, against closed forms, brute force and their own derivatives."""

import numpy as np
import pytest

from psoas.mechanics.contact import STIFFENING, foundation_coefficient, press, pressing_limit, rounded_box_distance

ROUNDING = 1e-12
CENTER, HALF, EDGE = np.array([0.1, 0.05]), np.array([0.14, 0.03]), np.array(0.02)


def test_an_elastic_foundation_under_a_sphere():
    """Johnson 1985, section 4.3: F = pi R K/h delta^2, the pressure integrated over a pressed paraboloid; for indentations
    that are small against the tissue."""
    radius, modulus, thickness, depth = 0.09, 60e3, 0.03, 3e-5
    c = foundation_coefficient(np.array(radius), np.array(modulus), np.array(thickness))
    rim = np.sqrt(2.0 * radius * depth)
    r = np.linspace(0.0, rim, 20001)
    pressure = modulus / thickness * (depth - r**2 / (2.0 * radius))
    whole = np.trapezoid(pressure * 2.0 * np.pi * r, r)
    assert press(np.array(depth), c, np.array(thickness)).force == pytest.approx(whole, rel=3 * depth / thickness)


def test_layers_under_the_skin_add_their_compliance():
    bare = foundation_coefficient(np.array(0.09), np.array(60e3), np.array(0.03))
    double = foundation_coefficient(np.array(0.09), np.array(60e3), np.array(0.03), 0.03 / 60e3)
    assert double == pytest.approx(0.5 * bare)
    assert pressing_limit(np.array(60e3), np.array(0.03)) == pytest.approx(0.03)
    assert pressing_limit(np.array(60e3), np.array(0.03), 0.03 / 60e3) == pytest.approx(0.06)


LIMIT = 0.03


def test_pressing_stores_what_it_pushes_with():
    depth, step = np.linspace(0.0005, 2.0 * LIMIT, 72), 1e-7
    c, limit = np.full(72, 4e5), np.full(72, LIMIT)
    found, more, less = press(depth, c, limit), press(depth + step, c, limit), press(depth - step, c, limit)
    assert (more.energy - less.energy) / (2 * step) == pytest.approx(found.force, rel=1e-6)
    assert (more.force - less.force) / (2 * step) == pytest.approx(found.stiffness, rel=1e-6)


def test_deeper_than_flat_force_grows_evenly():
    depth, step = np.linspace(1.3 * LIMIT, 30.0 * LIMIT, 50), 0.01 * LIMIT
    c, limit = np.full(50, 4e5), np.full(50, LIMIT)
    gained = press(depth + step, c, limit).force - press(depth, c, limit).force
    np.testing.assert_allclose(gained, gained[0], rtol=1e-9)


def test_tissue_stiffens_as_it_is_pressed_flat():
    """F = c d^2 exp(s d / limit): pressed flat it is e^s times what a linear layer would be."""
    depth = np.linspace(0.0, 1.2 * LIMIT, 500)
    found = press(depth, np.full(500, 4e5), np.full(500, LIMIT))
    assert np.all(np.diff(found.force) > 0.0)
    assert np.all(np.diff(found.stiffness) > 0.0)
    flat = press(np.array(LIMIT), np.array(4e5), np.array(LIMIT)).force
    assert flat == pytest.approx(4e5 * LIMIT**2 * np.exp(STIFFENING))


def test_what_is_clear_is_not_pushed():
    found = press(np.array([-0.01, 0.0]), np.array(4e5), np.array(LIMIT))
    assert np.all(found.energy == 0.0) and np.all(found.force == 0.0) and np.all(found.stiffness == 0.0)


# -- props seen from the side ---------------------------------------------------------------------------


def outline(count=4000):
    """Points on the surface of the rounded box, walked along it."""
    turn = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    corner = np.sign(np.stack([np.cos(turn), np.sin(turn)], -1)) * HALF
    arcs = CENTER + corner + EDGE * np.stack([np.cos(turn), np.sin(turn)], -1)
    t = np.linspace(-1.0, 1.0, count)[:, None]
    flats = [CENTER + np.concatenate([t * HALF[0], np.full_like(t, s * (HALF[1] + EDGE))], 1) for s in (1, -1)]
    sides = [CENTER + np.concatenate([np.full_like(t, s * (HALF[0] + EDGE)), t * HALF[1]], 1) for s in (1, -1)]
    return np.concatenate([arcs, *flats, *sides])


def seen(points):
    return rounded_box_distance(np.asarray(points)[None], CENTER[None], HALF[None], EDGE[None])


def test_distance_is_that_to_the_nearest_point_of_the_surface():
    rng = np.random.default_rng(0)
    points = CENTER + rng.uniform(-0.4, 0.4, (300, 2))
    found = seen(points).distance[0]
    surface = outline()
    brute = np.array([np.linalg.norm(surface - p, axis=1).min() for p in points])
    outside = found > 0.0
    assert outside.sum() > 100
    tenth_of_a_millimetre = 1e-4  # the outline is walked in steps of 0.07 mm
    assert found[outside] == pytest.approx(brute[outside], abs=tenth_of_a_millimetre)
    assert -found[~outside] == pytest.approx(brute[~outside], abs=tenth_of_a_millimetre)


def test_the_normal_is_the_slope_of_the_distance_and_the_curvature_its_change():
    rng = np.random.default_rng(1)
    points = CENTER + rng.uniform(-0.4, 0.4, (400, 2))
    points = points[seen(points).distance[0] > 0.001]
    found, step = seen(points), 1e-6
    moved = lambda k, sign: seen(points + sign * step * np.eye(2)[k])  # noqa: E731
    slope = np.stack([(moved(k, 1).distance - moved(k, -1).distance)[0] / (2 * step) for k in (0, 1)], -1)
    assert slope == pytest.approx(found.normal[0], abs=1e-7)
    assert np.linalg.norm(found.normal[0], axis=1) == pytest.approx(1.0, abs=ROUNDING)
    turn = np.stack([(moved(k, 1).normal - moved(k, -1).normal)[0] / (2 * step) for k in (0, 1)], -1)
    along = np.stack([found.normal[0, :, 1], -found.normal[0, :, 0]], -1)
    assert np.einsum("ni,nij,nj->n", along, turn, along) == pytest.approx(found.curvature[0], abs=1e-4)


def test_a_prop_without_size_is_a_bolster():
    """Distance to a circle."""
    point = np.array([[[0.3, 0.4]]])
    found = rounded_box_distance(point, np.zeros((1, 2)), np.zeros((1, 2)), np.array([0.1]))
    assert found.distance[0, 0] == pytest.approx(0.4)
    assert found.curvature[0, 0] == pytest.approx(1.0 / 0.5)
