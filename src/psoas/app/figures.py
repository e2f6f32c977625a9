"""Small line pictures of what to look at, as SVG: a body of tapered capsules, one smooth outline, and one red thing.

A page's own colors fill them in, light and dark. They show where to look and are no measure: a body here is a hundred units
high, of proportions placed by hand, and what is red is drawn larger than it is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from math import cos, radians, sin
from types import MappingProxyType

import shapely
import shapely.affinity
from shapely.geometry.base import BaseGeometry

Point = tuple[float, float]
Ball = tuple[float, float, float]
"""Place and radius of a ball, y upward."""

SIDE = 120.0
"""Width and height of a picture; the ground is at ``GROUND`` from below."""
GROUND = 10.0
# Lengths of a standing body a hundred high, by eye.
THIGH, SHIN, TRUNK, NECK = 24.0, 23.0, 30.0, 12.0


# -- shapes -------------------------------------------------------------------------------------------


def chain(*balls: Ball) -> BaseGeometry:
    """A limb: balls, each joined to the next by a tapered capsule."""
    discs = [shapely.Point(x, y).buffer(r) for x, y, r in balls]
    if len(discs) == 1:
        return discs[0]
    return shapely.union_all([discs[i].union(discs[i + 1]).convex_hull for i in range(len(discs) - 1)])


def skin(*parts: BaseGeometry, reach: float = 1.6) -> BaseGeometry:
    """One outline around parts, that runs smoothly over their creases."""
    return shapely.union_all(parts).buffer(reach).buffer(-2 * reach).buffer(reach)


def at(start: Point, length: float, degrees: float) -> Point:
    """The point at a distance, with 0 straight down and positive toward the right."""
    return start[0] + length * sin(radians(degrees)), start[1] - length * cos(radians(degrees))


def _curve(points: Sequence[Point], closed: bool) -> str:
    """A smooth path guided by points: quadratic arcs between their midpoints, y turned downward."""
    flat = [(x, SIDE - y) for x, y in points]
    if len(flat) < 3:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in flat)
    ends = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(flat, flat[1:] + flat[:1], strict=True)]
    if closed:
        start, arcs = ends[-1], zip(flat, ends, strict=True)
        return f"M{start[0]:.1f} {start[1]:.1f}" + _arcs(arcs) + "Z"
    arcs = zip(flat[1:-1], [*ends[1:-2], flat[-1]], strict=True)
    return f"M{flat[0][0]:.1f} {flat[0][1]:.1f}" + _arcs(arcs)


def _arcs(arcs: object) -> str:
    return "".join(f"Q{c[0]:.1f} {c[1]:.1f} {e[0]:.1f} {e[1]:.1f}" for c, e in arcs)  # type: ignore[attr-defined]


def body(shape: BaseGeometry, kind: str = "body") -> str:
    """A shape, filled and outlined."""
    parts = getattr(shape, "geoms", [shape])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    paths = "".join(_curve(list(ring.simplify(0.12).segmentize(3.0).coords)[:-1], True) for ring in rings)
    return f'<path class="{kind}" d="{paths}"/>'


def line(*points: Point, kind: str = "red") -> str:
    """A smooth line through the middle of its points."""
    return f'<path class="{kind}" d="{_curve(points, False)}"/>'


def ring(center: Point, radius: float = 5.0, kind: str = "red") -> str:
    """A circle around a place."""
    return f'<circle class="{kind}" cx="{center[0]:.1f}" cy="{SIDE - center[1]:.1f}" r="{radius:.1f}"/>'


def arc(center: Point, radius: float, first: float, last: float, kind: str = "red") -> str:
    """Part of a circle, between two directions as :func:`at` takes them [degrees]."""
    steps = [first + (last - first) * i / 8 for i in range(9)]
    return line(*(at(center, radius, each) for each in steps), kind=kind)


def span(first: Point, last: Point, tick: float = 2.5) -> str:
    """A dimension line with a tick at either end."""
    dx, dy = last[0] - first[0], last[1] - first[1]
    length = (dx * dx + dy * dy) ** 0.5
    nx, ny = -dy / length * tick, dx / length * tick
    ends = [line((x - nx, y - ny), (x + nx, y + ny)) for x, y in (first, last)]
    return line(first, last) + "".join(ends)


def ground(left: float = 6.0, right: float = 114.0) -> str:
    """The floor."""
    return line((left, GROUND), (right, GROUND), kind="ground")


# -- a body -------------------------------------------------------------------------------------------


def leg(hip: Point, thigh: float, shin: float, foot: float = 90.0, front: float = 0.0) -> BaseGeometry:
    """A leg from the side, facing right: angles from straight down [degrees]; ``front`` adds to the front of the thigh."""
    knee, ankle = at(hip, THIGH, thigh), at(at(hip, THIGH, thigh), SHIN, shin)
    heel, toe = at(ankle, 2.4, foot - 165.0), at(at(ankle, 3.4, foot - 75.0), 10.0, foot)
    calf = at(at(knee, SHIN * 0.3, shin), 1.1, shin - 90.0)
    middle = at(at(hip, THIGH * 0.45, thigh), 1.0 + front, thigh + 90.0)
    return shapely.union_all([
        chain((*hip, 7.2), (*middle, 5.9), (*knee, 3.9)),
        chain((*knee, 3.9), (*calf, 3.9), (*ankle, 2.3)),
        chain((*ankle, 2.3), (*heel, 2.1), (*toe, 1.3)),
        chain((*ankle, 2.3), (*toe, 1.3)),
    ])  # fmt: skip


def trunk(hip: Point, curve: float = 2.0, lean: float = 0.0, drop: float = 0.0) -> tuple[BaseGeometry, list[Point]]:
    """Trunk and head from the side, facing right, and the line of the spine.

    Args:
        hip: Where the hips are.
        curve: How far the low back is hollow.
        lean: How far the trunk leans forward [degrees].
        drop: How far the upper back is rounded beyond that [degrees].
    """
    up = 180.0 - lean  # a lean to the right, seen from straight up
    waist = at(at(hip, 11.0, up), 0.6 + curve * 0.45, 90.0)
    chest = at(at(hip, 22.0, up - drop * 0.3), 0.6, 90.0)
    neck = at(chest, 11.0, up - drop * 0.8)
    head = at(at(neck, NECK - 1.0, up - drop * 1.1), 1.2 + drop * 0.05, 90.0)
    seat = at(hip, 3.4, -75.0)
    shape = shapely.union_all([
        chain((*hip, 7.4), (*waist, 6.4), (*chest, 8.2), (*neck, 3.1), (*head, 3.2)),
        chain((*seat, 6.2), (*hip, 7.0)),
        chain((*head, 6.4)),
        chain((head[0] + 1.6, head[1] - 2.6, 4.4)),
    ])  # fmt: skip
    back = [
        at(hip, 6.6, up + 105.0 - 30.0),
        at(at(hip, 4.0, up), 5.6 - curve * 0.3, -90.0),
        at(at(hip, 11.0, up), 4.8 - curve * 1.25, -90.0),
        at(at(hip, 18.0, up - drop * 0.2), 5.8 - curve * 0.25, -90.0),
        at(chest, 6.4, up + 90.0 + 8.0),
        at(neck, 1.8, up + 90.0),
    ]
    return shape, back


def arm(shoulder: Point, upper: float, lower: float) -> str:
    """An arm from the side, hanging in front of the trunk."""
    elbow = at(shoulder, 14.0, upper)
    wrist = at(elbow, 13.0, lower)
    shape = skin(chain((*shoulder, 2.9), (*elbow, 2.3), (*wrist, 1.8), (*at(wrist, 4.0, lower), 1.9)), reach=0.6)
    return body(shape, "limb")


def standing(x: float, curve: float = 2.0) -> tuple[str, list[Point], Point]:
    """A body standing easily, facing right; its spine, and where its hips are."""
    hip = (x, GROUND + 2.3 + SHIN + THIGH + 2.0)
    shape, back = trunk(hip, curve)
    return body(skin(shape, leg(hip, 1.5, -2.0))), back, hip


def hips_from_front(tilt: float) -> tuple[str, str]:
    """Hips and thighs from the front with the bones of the pelvis, and the line between its rims; tilt [degrees]."""
    center = (60.0, 66.0)
    out = skin(
        chain((60.0, 116.0, 20.0), (60.0, 96.0, 17.5), (52.0, 78.0, 15.0), (60.0, 64.0, 22.0)),
        chain((60.0, 96.0, 17.5), (68.0, 78.0, 15.0), (60.0, 64.0, 22.0)),
        chain((47.0, 58.0, 14.5), (45.0, 12.0, 11.0)),
        chain((73.0, 58.0, 14.5), (75.0, 12.0, 11.0)),
        reach=3.0,
    ).intersection(shapely.box(0.0, 18.0, 120.0, 112.0))
    wing = [(-5, 6), (-7, 14), (-12, 20), (-19, 23), (-27, 21), (-30, 15), (-26, 7), (-20, 1), (-13, -2)]
    sacrum = [(-8, 15), (8, 15), (6, 6), (0, 1), (-6, 6)]
    socket = [(-13, 1), (-19, 2), (-21, -4), (-17, -9), (-9, -14), (-3, -20), (0, -17), (0, -10), (-7, -7), (-12, -3)]

    def turned(points: Sequence[Point], mirror: float) -> list[Point]:
        t = radians(tilt)
        flat = [(mirror * x, y) for x, y in points]
        return [(center[0] + x * cos(t) - y * sin(t), center[1] + x * sin(t) + y * cos(t)) for x, y in flat]

    bones = shapely.union_all([shapely.Polygon(turned(wing, m)) for m in (-1.0, 1.0)])
    bones = bones.union(shapely.Polygon(turned(sacrum, 1.0)))
    arches = shapely.union_all([shapely.Polygon(turned(socket, m)).buffer(1.0) for m in (-1.0, 1.0)])
    pelvis = skin(bones, arches, reach=1.0)
    left, right = turned([(-38, 22), (38, 22)], 1.0)
    return body(out) + body(pelvis, "bone"), line(left, right)


# -- the pictures -------------------------------------------------------------------------------------


def _pelvis() -> str:
    drawn, rims = hips_from_front(-7.0)
    return drawn + line((22.0, 88.0), (98.0, 88.0), kind="dash") + rims


def _thigh_front() -> str:
    hip = (54.0, 86.0)
    scale = 1.75
    big = shapely.affinity.scale(
        skin(leg((0.0, 0.0), 1.5, -2.0, front=3.2), chain((0.0, 0.0, 7.4), (1.5, 12.0, 6.4)), chain((-3.2, -1.0, 6.4))),
        scale, scale, origin=(0.0, 0.0),
    )  # fmt: skip
    shown = shapely.affinity.translate(big, *hip).intersection(shapely.box(0.0, 8.0, 120.0, 104.0))
    front = [(63.0, 80.0), (71.5, 71.0), (72.5, 62.0), (67.5, 52.0), (63.5, 46.0)]
    arrow = line((82.0, 100.0), (90.0, 95.0), (91.0, 84.0)) + line((87.5, 87.5), (91.0, 83.6), (94.0, 88.0))
    return body(shown) + line(*front) + arrow


def _hip_movement() -> str:
    low, high = (17.0, 32.0), (100.0, 62.0)
    hips = (60.0, 26.0)
    seat = skin(chain((48.0, 24.0, 13.0), (72.0, 24.0, 13.0)))
    thighs = [chain((hips[0] + dx, 25.0, 11.0), (*knee, 6.0)) for dx, knee in ((-9.0, low), (9.0, high))]
    feet = [chain((54.0, 14.0, 4.2), (47.0, 12.5, 2.6)), chain((66.0, 14.0, 4.2), (73.0, 12.5, 2.6))]
    drawn = (
        ground() + body(skin(seat, *thighs, reach=2.0)) + "".join(body(skin(foot, reach=0.5), "limb") for foot in feet)
    )
    rays = line((60.0, 25.0), (60.0, 84.0), kind="dash")
    return drawn + rays + arc((60.0, 25.0), 46.0, 184.0, 224.0) + arc((60.0, 25.0), 52.0, 176.0, 140.0)


def _places() -> str:
    drawn, back, hip = standing(58.0)
    knee = at(hip, THIGH, 1.5)
    ankle = at(knee, SHIN, -2.0)
    shoulder = (hip[0] - 0.5, hip[1] + 27.0)
    rings = (
        ring((back[2][0] + 1.5, back[2][1] - 3.0), 5.5)
        + ring(knee, 5.5)
        + ring(ankle, 4.5)
        + ring((ankle[0] + 11.0, 12.5), 4.0)
    )
    return ground() + drawn + rings + ring(shoulder, 4.5, "dash")


def _back_curve() -> str:
    drawn = ground()
    for x, curve in ((22.0, -1.6), (58.0, 2.0), (94.0, 5.2)):
        figure, back, _ = standing(x, curve)
        drawn += figure + line(*back)
    return drawn


def walking(x: float, behind: float, ahead: float) -> tuple[str, Point, list[Point]]:
    """A body in mid step, facing right; where its hips are, and its heels."""
    hip = (x, GROUND + 2.3 + (SHIN + THIGH) * cos(radians(ahead * 0.8)) + 2.6)
    shape, _ = trunk(hip, 2.0, 2.0)
    back_leg = leg(hip, -behind, -behind - 20.0, 58.0)
    front_leg = leg(hip, ahead, ahead - 6.0, 98.0)
    heels = [at(at(hip, THIGH, -behind), SHIN, -behind - 20.0), at(at(hip, THIGH, ahead), SHIN, ahead - 6.0)]
    shoulder = (hip[0] + 0.8, hip[1] + 27.0)
    figure = body(skin(back_leg), "limb") + body(skin(shape, front_leg)) + arm(shoulder, -18.0, -4.0)
    return figure, hip, heels


def _hip_extension() -> str:
    drawn, hip, _ = walking(60.0, 18.0, 22.0)
    knee = at(hip, 30.0, -18.0)
    return (
        ground()
        + drawn
        + line(hip, (hip[0], hip[1] - 40.0), kind="dash")
        + line(hip, knee)
        + arc(hip, 24.0, 0.0, -18.0)
    )


def _stride() -> str:
    drawn, _, heels = walking(58.0, 17.0, 26.0)
    return ground() + drawn + span((heels[0][0] - 2.0, 3.5), (heels[1][0] - 3.5, 3.5))


def sitting(seat: float = 34.0) -> str:
    """A body on a chair, facing right, its hips a little above its knees; ``seat`` is the height of the hips."""
    hip = (46.0, GROUND + seat)
    shape, _ = trunk(hip, 1.0, -2.0)
    knee = at(hip, THIGH, 84.0)
    thigh = chain((*hip, 7.2), (*knee, 4.2))
    ankle = (knee[0] - 1.0, GROUND + 2.6)
    shin = chain((*knee, 4.2), (knee[0] - 1.8, knee[1] - 7.0, 3.9), (*ankle, 2.3))
    foot = chain((ankle[0] - 2.0, GROUND + 2.2, 2.1), (ankle[0] + 10.0, GROUND + 1.5, 1.3))
    under = hip[1] - 7.6
    chair = "".join(
        line(*points, kind="prop")
        for points in (
            ((36.0, under), (64.0, under)), ((38.0, under), (36.0, GROUND)), ((62.0, under), (64.0, GROUND)),
            ((36.0, under), (31.0, under + 34.0)),
        )
    )  # fmt: skip
    figure = body(skin(shape, thigh, shin, foot))
    return ground() + chair + figure + arm((hip[0] + 1.0, hip[1] + 26.0), 24.0, 58.0)


def _hours_sat() -> str:
    face = ring((96.0, 88.0), 13.0) + line((96.0, 88.0), (96.0, 97.0)) + line((96.0, 88.0), (102.5, 84.5))
    return sitting() + face


def _stoop() -> str:
    upright, _, hip = standing(36.0)
    bent_hip = (84.0, GROUND + 2.3 + (SHIN + THIGH) * 0.96 + 2.6)
    shape, _ = trunk(bent_hip, -1.0, 14.0, 26.0)
    legs = leg(bent_hip, 18.0, -14.0)
    head = hip[1] + 51.0
    low = shape.bounds[3]
    shoulder = at(bent_hip, 26.0, 180.0 - 22.0)
    marks = line((20.0, head), (116.0, head), kind="dash") + span((112.0, low), (112.0, head))
    return ground() + upright + body(skin(shape, legs)) + arm(shoulder, 2.0, 8.0) + marks


def sole(heel: Point, degrees: float, mirror: float) -> tuple[str, Point]:
    """A foot from above, toes upward, turned outward; and where its second toe is."""

    def place(across: float, along: float) -> Point:
        turned = at(heel, along, 180.0 - mirror * degrees)
        return at(turned, across, 90.0 - mirror * degrees)

    m = mirror
    shape = skin(
        chain((*place(0.0, 0.0), 7.5), (*place(1.5 * m, 20.0), 6.6), (*place(0.0, 37.0), 10.0)),
        chain((*place(-5.5 * m, 38.0), 4.5), (*place(-6.0 * m, 52.0), 4.0)),
        chain((*place(1.0 * m, 40.0), 4.5), (*place(0.5 * m, 51.5), 3.0)),
        chain((*place(5.5 * m, 38.0), 4.5), (*place(5.8 * m, 48.0), 2.9)),
        chain((*place(8.0 * m, 35.0), 3.0), (*place(9.4 * m, 43.5), 2.6)),
        reach=0.5,
    )
    return body(shape), place(0.5 * m, 52.0)


def _foot() -> str:
    left_heel, right_heel = (44.0, 30.0), (76.0, 30.0)
    left, _ = sole(left_heel, 6.0, -1.0)
    right, toe = sole(right_heel, 30.0, 1.0)
    ahead = line(right_heel, (76.0, 98.0), kind="dash") + line(right_heel, toe)
    return left + right + ahead + arc(right_heel, 62.0, 180.0, 150.0)


PICTURES: Mapping[str, tuple[str, Callable[[], str]]] = MappingProxyType(
    {
        "pelvis": ("Hips from the front; a line through the rims of the pelvis dips below a level one.", _pelvis),
        "thigh-front": (
            "A thigh from the side that stands out in front; an arrow leads forward and down.",
            _thigh_front,
        ),
        "hip-movement": ("Both knees fall out, seen from the feet; one stays higher than the other.", _hip_movement),
        "places": ("A standing body with rings at low back, knee, ankle, toes and shoulder.", _places),
        "back-curve": ("Three standing bodies from the side: a flat low back, one between, a hollow one.", _back_curve),
        "hip-extension": ("A walking body from the side; the rear thigh and how far it goes behind.", _hip_extension),
        "hours-sat": ("A body sitting on a chair, and a clock.", _hours_sat),
        "stride": ("A walking body from the side, and the length of its step on the ground.", _stride),
        "stoop": ("An upright body beside a stooped one, and the height between their heads.", _stoop),
        "foot": ("Two feet from above; one is turned out farther than the other.", _foot),
        "chair": ("A body sitting on a flat chair, hip sockets slightly above the knees.", lambda: _chair()),
    }
)
"""What each picture shows, in words, and how it is drawn."""


def _chair() -> str:
    hip, knee = (46.0, GROUND + 34.0), at((46.0, GROUND + 34.0), THIGH, 84.0)
    level = line((knee[0] - 34.0, knee[1]), (knee[0] + 26.0, knee[1]), kind="dash")
    return sitting() + level + ring(hip, 2.2) + ring(knee, 2.2)


@cache
def picture(id: str) -> str:
    """One picture as SVG that takes the page's colors.

    Args:
        id: A key of :data:`PICTURES`.
    Raises:
        KeyError: There is none of that name.
    """
    words, draw = PICTURES[id]
    return f'<svg class="figure" viewBox="0 0 {SIDE:.0f} {SIDE:.0f}" role="img" aria-label="{escape(words)}">{draw()}</svg>'
