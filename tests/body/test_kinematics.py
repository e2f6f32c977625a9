"""Frames against scipy's rotations, and a path over a cylinder against brute force."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from psoas.body.kinematics import LYING, bend, cross, pose

ROUNDING = 1e-12
MICROMETRE = 1e-6


def posture(body, rng, spread=0.5):
    return rng.normal(size=(body.count, len(body.tree.coordinates))) * spread


# -- frames ---------------------------------------------------------------------------------------------


def test_frames_are_products_of_rotations_about_z_x_and_y(body, rng):
    """Independently, segment by segment, with scipy."""
    at, tree = posture(body, rng), body.tree
    found = pose(body, at)
    rotation, position = {}, {}
    for s, parent in enumerate(tree.parents):
        turn = Rotation.from_euler("ZXY", at[0, 3 + 3 * s : 6 + 3 * s]).as_matrix()
        if parent < 0:
            rotation[s], position[s] = LYING @ turn, at[0, :3]
        else:
            rotation[s] = rotation[parent] @ body.joint_orientation[0, s] @ turn
            position[s] = position[parent] + rotation[parent] @ body.joint_position[0, s]
        assert found.rotation[0, s] == pytest.approx(rotation[s], abs=ROUNDING)
        assert found.position[0, s] == pytest.approx(position[s], abs=ROUNDING)


def test_lying_puts_forward_up_and_the_head_toward_minus_x():
    forward, up, right = LYING.T
    assert list(forward) == [0.0, 0.0, 1.0]
    assert list(up) == [-1.0, 0.0, 0.0]
    assert list(right) == [0.0, -1.0, 0.0]  # +Y is the body's left
    assert np.linalg.det(LYING) == pytest.approx(1.0)


def test_localize_undoes_locate(body, rng):
    frame = pose(body, posture(body, rng))
    segments = np.arange(len(body.tree.segments))
    local = rng.normal(size=(1, segments.size, 3))
    assert frame.localize(segments, frame.locate(segments, local)) == pytest.approx(local, abs=ROUNDING)


def test_axes_and_moments_say_how_fast_points_move(body, rng):
    """A coordinate moves a point x of a segment it carries by axis x point + moment, and others not at all."""
    tree, at = body.tree, posture(body, rng)
    segments = rng.integers(0, len(tree.segments), 12)
    local = rng.normal(size=(1, 12, 3)) * 0.1
    frame, step = pose(body, at), 1e-6
    points = frame.locate(segments, local)
    for c in range(len(tree.coordinates)):
        more, less = (pose(body, at + sign * step * np.eye(at.shape[1])[c]).locate(segments, local) for sign in (1, -1))
        speed = np.cross(frame.axis[:, c], points) + frame.moment[:, c]
        assert (more - less) / (2 * step) == pytest.approx(speed * tree.moved_by[segments, c][:, None], abs=1e-8)


def test_cross_is_numpys(rng):
    a, b = rng.normal(size=(5, 1, 3)), rng.normal(size=(4, 3))
    assert cross(a, b) == pytest.approx(np.cross(a, b), abs=ROUNDING)


def test_a_mirrored_posture_mirrors_every_point(average, rng):
    at, tree = posture(average, rng), average.tree
    target, sign = tree.mirror
    here, there = pose(average, at), pose(average, (at * sign)[:, target])
    for s, name in enumerate(tree.segments):
        other = name[:-2] + {"_r": "_l", "_l": "_r"}[name[-2:]] if name[-2:] in ("_r", "_l") else name
        assert there.position[0, tree.segment(other)] == pytest.approx(here.position[0, s] * [1, -1, 1], abs=ROUNDING)


# -- over a cylinder ------------------------------------------------------------------------------------

RADIUS = 0.03


def ends(rng, count):
    """Random points outside the cylinder, the first on +y, the second on -y, so that +x lies between them."""
    r = rng.uniform(1.05 * RADIUS, 4.0 * RADIUS, (2, count))
    angle = rng.uniform([[0.2], [-np.pi + 0.3]], [[np.pi - 0.3], [-0.2]], (2, count))
    z = rng.uniform(-0.1, 0.1, (2, count))
    points = np.stack([r * np.cos(angle), r * np.sin(angle), z], -1)
    return points[0], points[1]


def shortest(start, end):
    """The shortest string round +x, by trial: where it meets and leaves the circle (among what each end can see), then
    at which heights."""

    def best(point, sign):
        turn = np.arctan2(point[1], point[0]) + np.linspace(-0.5 * np.pi, 0.5 * np.pi, 400001)
        circle = RADIUS * np.stack([np.cos(turn), np.sin(turn)], -1)
        seen = circle @ point[:2] >= RADIUS**2  # a straight line from there does not enter the circle
        flat = np.linalg.norm(circle[seen] - point[:2], axis=1)
        k = np.argmin(flat + sign * RADIUS * turn[seen])
        return flat[k], turn[seen][k]

    (first, a), (last, b) = best(start, 1.0), best(end, -1.0)
    arc = RADIUS * (a - b)
    assert arc > 0.0

    def length(heights):
        u, v = heights
        return np.hypot(first, start[2] - u) + np.hypot(arc, u - v) + np.hypot(last, v - end[2])

    guess = np.array([start[2], end[2]]) * 0.5
    return minimize(length, guess, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-14}).fun


def test_a_bent_path_is_the_shortest_string_round_the_cylinder(rng):
    start, end = ends(rng, 60)
    found = bend(start, end, np.full(60, RADIUS))
    chosen = np.flatnonzero(found.touches)[:20]
    assert chosen.size == 20
    for k in chosen:
        assert found.length[k] == pytest.approx(shortest(start[k], end[k]), abs=MICROMETRE)


def test_a_path_that_passes_the_cylinder_is_straight(rng):
    start, end = ends(rng, 400)
    found = bend(start, end, np.full(400, RADIUS))
    clear = ~found.touches
    assert 20 < clear.sum() < 380
    assert found.length[clear] == pytest.approx(np.linalg.norm(start - end, axis=-1)[clear], abs=ROUNDING)
    assert np.all(found.length >= np.linalg.norm(start - end, axis=-1) - ROUNDING)


def test_it_meets_the_cylinder_at_a_tangent(rng):
    start, end = ends(rng, 200)
    found = bend(start, end, np.full(200, RADIUS))
    for k in np.flatnonzero(found.touches):
        for point, met in ((start[k], found.tangents[k, 0]), (end[k], found.tangents[k, 1])):
            assert np.hypot(*met[:2]) == pytest.approx(RADIUS, abs=ROUNDING)
            assert (point - met)[:2] @ met[:2] == pytest.approx(0.0, abs=ROUNDING)
    parts = found.tangents[found.touches]
    flat = np.linalg.norm(start[found.touches] - parts[:, 0], axis=1) + np.linalg.norm(
        end[found.touches] - parts[:, 1], axis=1
    )
    turned = np.abs(np.arctan2(parts[:, 0, 1], parts[:, 0, 0]) - np.arctan2(parts[:, 1, 1], parts[:, 1, 0]))
    arc = np.hypot(RADIUS * turned, parts[:, 0, 2] - parts[:, 1, 2])
    assert flat + arc == pytest.approx(found.length[found.touches], abs=ROUNDING)


def test_first_and_second_derivatives_of_the_length(rng):
    start, end = ends(rng, 200)
    radius = np.full(200, RADIUS)
    found = bend(start, end, radius)
    contact = np.abs(
        np.abs(np.arctan2(start[:, 1], start[:, 0]) - np.arctan2(end[:, 1], end[:, 0]))
        - np.arccos(RADIUS / np.hypot(start[:, 0], start[:, 1]))
        - np.arccos(RADIUS / np.hypot(end[:, 0], end[:, 1]))
    )
    smooth = contact > 1e-3  # the second derivative jumps where it lifts off
    step = 1e-6
    for k in range(6):
        way = step * np.eye(6)[k]
        more = bend(start + way[:3], end + way[3:], radius)
        less = bend(start - way[:3], end - way[3:], radius)
        assert (more.length - less.length) / (2 * step) == pytest.approx(found.gradient[:, k], abs=1e-8)
        change = (more.gradient - less.gradient) / (2 * step)
        assert change[smooth] == pytest.approx(found.hessian[smooth, k], abs=1e-4, rel=1e-6)


@pytest.mark.parametrize("height", [0.0, 0.08])
def test_length_and_slope_are_continuous_where_it_touches(height):
    """An end is lowered until the straight line meets the cylinder."""
    start = np.array([RADIUS + 0.01, 0.05, height])
    x = np.linspace(RADIUS + 0.02, -0.02, 40001)
    end = np.stack([x, np.full_like(x, -0.05), np.zeros_like(x)], -1)
    found = bend(np.broadcast_to(start, end.shape), end, np.full(x.size, RADIUS))
    change = np.flatnonzero(np.diff(found.touches.astype(int)))
    assert change.size == 1
    step = abs(x[1] - x[0])
    assert np.abs(np.diff(found.length)).max() < 1.01 * step
    assert np.abs(np.diff(found.gradient, axis=0)).max() < 100.0 * step  # curvatures stay below 100 / m


def test_an_end_inside_is_taken_to_the_surface():
    found = bend(np.array([0.5 * RADIUS, 0.2 * RADIUS, 0.0]), np.array([0.0, -0.1, 0.0]), np.array(RADIUS))
    assert np.isfinite(found.length) and np.all(np.isfinite(found.gradient))
