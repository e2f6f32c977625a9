"""The plate: bodies at rest as SVG, PNG and words. Everything is placed by the solved state, nothing by hand.

Flesh and long bones are balls fixed in segments. Balls stay circles from every side, so hulls of neighbours
are the same body from the right, from above and from the feet. Flat bones are contours in the plane of their
segment. The shapes are our own outlines through published landmarks (``drawing_shapes/bones.toml``). What the
solved body does not know, such as a face, ribs or the roundness of a belly, is only drawn: no number is read
from it.

World: X from head to feet, Y to the body's left, Z up, in metres. A page's Y runs down, in its own units.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple
from xml.sax.saxutils import escape

import numpy as np
import resvg_py
import shapely
import shapely.affinity
from scipy.interpolate import CubicSpline
from shapely.geometry.base import BaseGeometry

from psoas.body.kinematics import Pose
from psoas.body.model import Array, Body
from psoas.body.muscles import ILIACUS, PSOAS_MAJOR, PSOAS_MINOR
from psoas.body.paths import Paths, muscle_paths, plan_of
from psoas.body.skeleton import LEVELS, LUMBAR
from psoas.drawing_layers import LAYERS, Mark, inks, known, marks, told
from psoas.drawing_layers import words as layer_words
from psoas.equilibrium import Equilibrium
from psoas.errors import InputError
from psoas.support import Support

ThemeName = Literal["light", "dark"]
THEMES: tuple[ThemeName, ...] = ("light", "dark")

LABELS = (
    "title", "subtitle", "psoas_major", "psoas_words", "iliacus", "psoas_minor", "heels", "under_head",
    "under_shoulders", "under_calves", "under_between-knees", "lumbar_gap", "spread", "note",
)  # fmt: skip
"""What a caller can have written; see :func:`draw`."""
STRETCH_RANGE = (0.6, 1.6)
"""Normalized fiber lengths at the ends of the colour scale [-]."""
BUNDLE_WIDTH = 0.088
"""Width of all fascicles of one psoas major side by side at the reference pelvis; a drawing's choice [m]."""


# -- ink ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Theme:
    """Colours of one drawing, sRGB hex (``drawing_shapes/themes.toml``).

    ``paper``, ``ink``, ``quiet`` (lesser words) and ``hair`` (hatching) are the page's. ``flesh``, ``arm``, ``bone``,
    ``far_bone``, ``disc``, ``rib``, ``prop``, ``iliacus`` and ``neighbor`` fill or draw what they name, with ``flesh_line``,
    ``bone_line``, ``far_bone_line``, ``prop_line`` and ``iliacus_line`` round it. ``madder`` writes the psoas's name,
    ``fiber_line`` draws its fibers and ``spread`` the faint postures.
    """

    paper: str
    ink: str
    quiet: str
    hair: str
    flesh: str
    flesh_line: str
    arm: str
    bone: str
    bone_line: str
    far_bone: str
    far_bone_line: str
    disc: str
    rib: str
    prop: str
    prop_line: str
    madder: str
    iliacus: str
    iliacus_line: str
    neighbor: str
    spread: str
    fiber_line: str
    scale: tuple[tuple[float, float, float], ...]
    """OKLCH colours from slack to stretched: lightness [-], chroma [-], hue [deg]."""


@cache
def themes() -> Mapping[str, Theme]:
    found = tomllib.loads(_bundled("drawing_shapes", "themes.toml").read_text(encoding="utf-8"))
    return {name: Theme(**tokens) for name, tokens in found.items()}


def _bundled(folder: str, name: str) -> Traversable:
    """A file that comes with the package."""
    return files("psoas") / folder / name


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """An OKLCH colour as sRGB hex (Ottosson 2020, ``OKLab``), clipped to what a screen shows."""
    a, b = chroma * np.cos(np.deg2rad(hue)), chroma * np.sin(np.deg2rad(hue))
    linear = np.clip(CONE_TO_LINEAR @ (LAB_TO_CONE @ [lightness, a, b]) ** 3, 0.0, 1.0)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1.0 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * c):02x}" for c in coded)


LAB_TO_CONE = np.array([
    [1.0, 0.3963377774, 0.2158037573],
    [1.0, -0.1055613458, -0.0638541728],
    [1.0, -0.0894841775, -1.2914855480],
])  # fmt: skip
CONE_TO_LINEAR = np.array([
    [4.0767416621, -3.3077115913, 0.2309699292],
    [-1.2684380046, 2.6097574011, -0.3413193965],
    [-0.0041960863, -0.7034186147, 1.7076147010],
])  # fmt: skip


@cache
def stretch_color(stretch: float, theme: ThemeName = "light") -> str:
    """Colour of a fiber at a normalized length: evenly darker from slack to stretched, for every kind of eye.

    Args:
        stretch: Fiber length over optimal fiber length [-]; outside ``STRETCH_RANGE`` the nearest end.
        theme: ``light`` or ``dark``; not checked.
    Returns:
        sRGB hex.
    """
    low, high = STRETCH_RANGE
    at = np.clip((stretch - low) / (high - low), 0.0, 1.0)
    scale = np.array(themes()[theme].scale)
    knots = np.linspace(0.0, 1.0, len(scale))
    return _hex(*(float(np.interp(at, knots, scale[:, c])) for c in range(3)))


# -- type ---------------------------------------------------------------------------------------------

FAMILIES = {
    "serif": ("EBGaramond-Regular", "normal", "'EB Garamond', 'Iowan Old Style', Palatino, Georgia, serif"),
    "italic": ("EBGaramond-Italic", "italic", "'EB Garamond', 'Iowan Old Style', Palatino, Georgia, serif"),
    "sans": ("OpenSans-Regular", "normal", "'Open Sans', 'Segoe UI', 'Helvetica Neue', sans-serif"),
}
"""Bundled file, style and what stands in for it."""


FONT_FILES = ("EBGaramond-Regular.otf", "EBGaramond-Italic.otf", "OpenSans-Regular.ttf")


@cache
def _advances() -> Mapping[str, Mapping[str, float]]:
    return tomllib.loads(_bundled("fonts", "advances.toml").read_text(encoding="utf-8"))


def text_width(text: str, size: float, family: str) -> float:
    """Width of a line as set in a bundled font; unknown characters count as wide ones.

    Args:
        text: The line.
        size: Of the letters [page units].
        family: A key of ``FAMILIES``.
    Returns:
        Its width, by ``fonts/advances.toml`` [page units].
    """
    table = _advances()[family]
    return size * sum(table.get(letter, 0.25 if letter == "\u00a0" else 0.75) for letter in text)


def _wrap(text: str, size: float, family: str, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size, family) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


@cache
def font_faces() -> str:
    """The bundled fonts, cut to what a plate writes, for readers that lack them."""
    faces = []
    for name, style, stack in FAMILIES.values():
        data = base64.b64encode(_bundled("fonts", f"{name}.woff2").read_bytes()).decode()
        source = f"url(data:font/woff2;base64,{data}) format('woff2')"
        family = stack.split(",")[0]
        faces.append(f"@font-face{{font-family:{family};font-style:{style};src:{source}}}")
    return "<style>" + "".join(faces) + "</style>"


# -- shapes -------------------------------------------------------------------------------------------


@cache
def _shapes() -> Mapping[str, Any]:
    return tomllib.loads(_bundled("drawing_shapes", "bones.toml").read_text(encoding="utf-8"))


class View(NamedTuple):
    """A direction to look in: the two directions in the world that lie along the page."""

    right: tuple[float, float, float]
    """Along the page, a unit vector of the world [-]."""
    up: tuple[float, float, float]
    """Up the page, a unit vector of the world [-]."""

    def flat(self, points: Array) -> Array:
        """World points (..., 3) on the view's plane (..., 2) [m]."""
        return points @ np.array([self.right, self.up]).T

    def depth(self, points: Array) -> Array:
        """Distance of world points (..., 3) toward the viewer (...) [m]."""
        return points @ np.cross(self.right, self.up)


SIDE = View((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
ABOVE = View((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
FEET = View((0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
FRONT = View((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0))
"""From where the face looks, of a body on its side that is turned as in :func:`_turned`: its head where :data:`SIDE` has not."""

TURN = np.linspace(0.0, 2.0 * np.pi, 28, endpoint=False)
CIRCLE = np.stack([np.cos(TURN), np.sin(TURN)], axis=-1)


def hull(balls: Sequence[Array], view: View) -> BaseGeometry:
    """Outline of hulls of balls.

    Args:
        balls: Groups of balls, world centre and radius (n, 4) each [m].
        view: Where from.
    Returns:
        Their union in the view's plane [m].
    """
    clouds = [view.flat(group[:, None, :3]) + group[:, None, 3:] * CIRCLE for group in balls]
    return shapely.union_all([shapely.MultiPoint(cloud.reshape(-1, 2)).convex_hull for cloud in clouds])


def soften(shape: BaseGeometry, hollow: float, edge: float) -> BaseGeometry:
    """Round a shape's inner corners to a radius of ``hollow`` and its outer ones to ``edge`` [m]."""
    return shape.buffer(hollow, quad_segs=6).buffer(-hollow - edge, quad_segs=6).buffer(edge, quad_segs=6)


def flow(shape: BaseGeometry, reach: float) -> BaseGeometry:
    """Let outlines run smoothly over corners within about ``reach`` [m], as skin does."""
    step = 0.5 * reach
    parts = [part for part in getattr(shape, "geoms", [shape]) if part.exterior.length > 12 * step]
    return shapely.union_all(
        [shapely.Polygon(_flowed(p.exterior, step), [_flowed(i, step) for i in p.interiors]) for p in parts]
    )


def _flowed(ring: BaseGeometry, step: float) -> Array:
    points = _resample(shapely.get_coordinates(ring)[:-1], step, True)
    for _ in range(6):
        points = 0.25 * np.roll(points, 1, axis=0) + 0.5 * points + 0.25 * np.roll(points, -1, axis=0)
    return points


def _chain(balls: Array) -> list[Array]:
    return [balls[k : k + 2] for k in range(len(balls) - 1)]


def _resample(points: Array, step: float, closed: bool) -> Array:
    """Evenly spaced points along a polyline (n, 2 or 3) [m]."""
    if closed:
        points = np.concatenate([points, points[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    count = max(int(np.ceil(along[-1] / step)), 6)
    at = np.linspace(0.0, along[-1], count + 1)
    out = np.stack([np.interp(at, along, points[:, c]) for c in range(points.shape[1])], axis=-1)
    return out[:-1] if closed else out


# -- the body as it lies ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Figure:
    """One solved body with the sizes its shapes are drawn at; lengths in metres, points in the world."""

    body: Body
    """A body of one."""
    frame: Pose
    """Where its segments are."""
    paths: Paths
    """Its muscle lines."""
    stretch: Array
    """Fiber length over optimal fiber length (muscles,) [-]."""
    props: tuple[BaseGeometry, ...]
    """Seen from the side [m]."""
    prop_places: tuple[str, ...]
    """What each lies under, as in ``psoas.props.PLACES`` (props,)."""
    surface: str
    """What it lies on, one of ``psoas.position.SURFACES``."""
    feet_down: bool
    """Whether the soles carry the legs, knees up."""
    lying: str = ""
    """The side it lies on, ``right`` or ``left``, or nothing: then all of it is turned so that :data:`SIDE` looks down on it."""
    beside: tuple[BaseGeometry, ...] = ()
    """Of a body on its side: the props seen from the front [m]."""
    between: Array | None = None
    """Of a body on its side: what lies between the knees, as balls (n, 4) [m]."""

    @property
    def near(self) -> str:
        """The end of the names on the side toward the viewer."""
        return "_l" if self.lying == "right" else "_r"

    @property
    def second(self) -> View:
        """Where the smaller view is from."""
        return FRONT if self.lying else ABOVE

    @cached_property
    def sizes(self) -> Mapping[str, Array]:
        """Size of each segment over that of the stored shapes (3,) [-]."""
        body, tree, shape = self.body, self.body.tree, _shapes()["reference"]
        joint = lambda name: body.joint_position[0, tree.segment(name)]  # noqa: E731
        radius = lambda name: float(body.skin_radius[0, tree.skin.index(name)])  # noqa: E731
        pelvis = abs(float(joint("femur_r")[2])) / shape["hip_half_width"]
        tall = float(joint("head")[1]) / shape["c7_height"]
        deep = radius("thorax_1_r") / shape["thorax_patch"]
        sizes = {"pelvis": np.full(3, pelvis), "thorax": np.array([deep, tall, tall])}
        sizes["head"] = sizes["T12"] = sizes["thorax"]
        for lower, upper in pairwise(LEVELS):
            spacing = float(joint(upper)[1]) / shape["disc_spacing"][lower]
            sizes[lower] = np.array([pelvis, spacing, pelvis])
        for end in ("_r", "_l"):
            sizes["femur" + end] = np.full(3, -float(joint("tibia" + end)[1]) / shape["femur_length"])
            sizes["tibia" + end] = np.full(3, -float(joint("foot" + end)[1]) / shape["tibia_length"])
            sizes["foot" + end] = np.full(3, radius("heel" + end) / shape["heel_patch"])
            sizes["upper_arm" + end] = np.full(3, -float(joint("forearm" + end)[1]) / shape["upper_arm"])
        return sizes

    @cached_property
    def bend(self) -> float:
        """How the thorax's line leans forward with height, beyond the stored shape [1/m]."""
        shape = _shapes()["reference"]
        neck = self.body.joint_position[0, self.body.tree.segment("head")]
        return float((neck[0] - shape["c7_forward"] * self.sizes["thorax"][0]) / neck[1] ** 2)

    @cached_property
    def fullness(self) -> tuple[float, float, float]:
        """Half depth, half width of the belly and how far its middle lies before the spine [m].

        A slice of belly is an elliptic disc with half axes a, b and moments m a²/4, m (a² + b²)/4 and m b²/4.
        """
        level = self.body.tree.segment("L3")
        mass, moment = self.body.mass[0, level], self.body.inertia[0, level]
        deep, wide = 2.0 * np.sqrt(moment[2] / mass), 2.0 * np.sqrt(moment[0] / mass)
        return float(deep), float(wide), float(self.body.mass_center[0, level, 0])

    @cached_property
    def cushion(self) -> float:
        """Soft tissue over the bones of the back [m]."""
        return float(self.body.skin_thickness[0, self.body.tree.skin.index("thorax_3_r")])

    def belly(self, level: str) -> float:
        """How far the belly reaches in front of a lumbar vertebra, lying [m]."""
        patch, radius = self.local(f"{level}_back_r")
        return float(patch[0] - radius + 2.0 * self.fullness[0] * BELLY_FLATTER)

    def place(self, segment: str, local: Array) -> Array:
        """World position of points fixed in a segment (n, 3) [m]."""
        index = self.body.tree.segment(segment)
        return np.asarray(local) @ self.frame.rotation[0, index].T + self.frame.position[0, index]

    def bone(self, segment: str, points: Sequence[Sequence[float]] | Array, side: float = 0.0) -> Array:
        """World position of a stored shape's points (n, 2 or 3), drawn at the segment's size (n, 3) [m]."""
        local = np.asarray(points, dtype=float)
        if local.shape[1] == 2:
            local = np.column_stack([local, np.full(len(local), side)])
        mirror = np.array([1.0, 1.0, -1.0 if segment.endswith("_l") else 1.0])
        local = local * self.sizes[segment] * mirror
        if segment == "thorax":
            local[:, 0] += self.bend * np.maximum(local[:, 1], 0.0) ** 2
        return self.place(segment, local)

    def ball(self, segment: str, x: float, y: float, z: float, radius: float) -> Array:
        """A ball fixed in a segment, z outward on paired segments (4,) [m]."""
        out = -z if segment.endswith("_l") else z
        return np.append(self.place(segment, np.array([[x, y, out]]))[0], radius)

    def skin(self, *names: str) -> Array:
        """Patches of skin as balls (n, 4) [m]."""
        rows = [self.body.tree.skin.index(name) for name in names]
        segments = np.array(self.body.tree.skin_segments)[rows]
        centers = self.frame.locate(segments, self.body.skin_center[:, rows])[0]
        return np.column_stack([centers, self.body.skin_radius[0, rows]])

    def around(self, *ids: str) -> Array:
        """Patches by their names without a side, on both sides or in the midline (n, 4) [m]."""
        wanted = [name for id in ids for name in (id, id + "_r", id + "_l")]
        return self.skin(*(name for name in wanted if name in self.body.tree.skin))

    def local(self, name: str) -> tuple[Array, float]:
        """Centre of a patch in its segment's frame (3,) and its radius [m]."""
        row = self.body.tree.skin.index(name)
        return self.body.skin_center[0, row], float(self.body.skin_radius[0, row])


def figure(equilibrium: Equilibrium, member: int = 0) -> Figure:
    """Everything a drawing needs to know of one body of an equilibrium.

    Args:
        equilibrium: Bodies at rest, or where the search for rest stopped.
        member: Which of them.
    Returns:
        The figure.
    Raises:
        InputError: No such member.
    """
    if not 0 <= member < equilibrium.body.count:
        raise InputError(f"member is {member}; give 0 to {equilibrium.body.count - 1}")
    one = equilibrium.take([member])
    state = one.evaluation()
    support = one.support
    props = tuple(
        _chair(box) if place == "calves" else box
        for place, box in zip(support.prop_places, _boxes(support), strict=True)
    )
    stretch = state.muscle.fiber_length[0] / one.body.optimal_fiber_length[0]
    if one.position.on_side:
        return _on_side(one, stretch)
    return Figure(
        one.body,
        state.pose,
        state.paths,
        stretch,
        props,
        support.prop_places,
        one.position.surface,
        one.position.legs == "sole",
    )


PILLOW_WIDTH = 0.55
"""Across the body of what lies under the head of someone on their side, as it is drawn; a drawing's choice [m]."""


def _turned(lying: str) -> Array:
    """What carries the world to where a body on its side is drawn from: up becomes toward the viewer, its front up the page,
    and its head left on the left side, right on the right (3, 3) [-]."""
    if lying == "left":
        return np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    return np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, -1.0, 0.0]])


def _on_side(one: Equilibrium, stretch: Array) -> Figure:
    """The figure of a body of one on its side."""
    state, lying = one.evaluation(), str(one.position["side"])
    turn = _turned(lying)
    frame = Pose(
        turn @ state.pose.rotation, state.pose.position @ turn.T, state.pose.axis @ turn.T, state.pose.moment @ turn.T
    )
    support, body = one.support, one.body
    head = float(frame.position[0, body.tree.segment("head"), 2])
    seen = turn[0, 0]
    middle = seen * support.prop_center[0, :, 0]
    half = support.prop_half_size[0] + support.prop_rounding[0, :, None]
    above = [
        shapely.box(
            x - h + 0.04, head - 0.5 * PILLOW_WIDTH + 0.04, x + h - 0.04, head + 0.5 * PILLOW_WIDTH - 0.04
        ).buffer(0.04)
        for x, h in zip(middle, half[:, 0], strict=True)
    ]
    beside = [shapely.affinity.scale(box, -seen, 1.0, origin=(0.0, 0.0)) for box in _boxes(support)]
    between = None
    pairs, legs = support.pairs, state.legs
    if pairs is not None and legs is not None and np.any(pairs.thickness > 0.0):
        rows = np.flatnonzero(pairs.thickness[0] > 0.0)
        upper, lower = pairs.skin[rows].T
        room = legs.distance[0, rows] - body.skin_radius[0, upper] - body.skin_radius[0, lower]
        at = state.touch.centers[0, lower] + legs.normal[0, rows] * (body.skin_radius[0, lower] + 0.5 * room)[:, None]
        # Where the legs press, what lies between is thinner than it was; flesh has no room of its own in a picture.
        between = np.column_stack([at @ turn.T, np.maximum(0.5 * room, 0.012)])
    return Figure(
        body, frame, muscle_paths(body, frame), stretch, tuple(above), support.prop_places, one.position.surface, False,
        lying, tuple(beside), between,
    )  # fmt: skip


def _boxes(support: Support) -> list[BaseGeometry]:
    """The props' outlines from the side, as they lie before anything presses on them."""
    return [
        shapely.box(c[0] - h[0], c[1] - h[1], c[0] + h[0], c[1] + h[1]).buffer(max(float(r), 1e-4), quad_segs=6)
        for c, h, r in zip(support.prop_center[0], support.prop_half_size[0], support.prop_rounding[0], strict=True)
    ]


SEAT_BOARD, CHAIR_LEG = 0.06, 0.035
"""Thickness of a chair's seat and of its legs, as it is drawn; a drawing's choice [m]."""


def _chair(box: BaseGeometry) -> BaseGeometry:
    """A seat on legs where the body model has a block."""
    left, _, right, top = box.bounds
    board = box.intersection(shapely.box(left, top - SEAT_BOARD, right, top))
    inset = 0.02
    legs = [
        shapely.box(x, 0.0, x + CHAIR_LEG, top - 0.5 * SEAT_BOARD) for x in (left + inset, right - inset - CHAIR_LEG)
    ]
    return shapely.union_all([board, *legs])


# -- flesh --------------------------------------------------------------------------------------------


def _trunk(fig: Figure) -> list[Array]:
    """Slices of the trunk from the shoulders to the pelvic floor, each hulled with the next."""
    slices = [*_chest(fig), *_belly(fig), *_pelvis(fig)]
    return [np.concatenate(pair) for pair in pairwise(slices)]


def _chest(fig: Figure) -> list[Array]:
    shape, size, soft = _shapes()["thorax"], fig.sizes["thorax"], fig.cushion
    deep, full, _ = fig.fullness
    patch, radius = fig.local("L1_back_r")
    belly = patch[0] - radius + 2.0 * deep * BELLY_FLATTER
    out = []
    for k, share in zip(range(6, 0, -1), (0.0, 0.10, 0.22, 0.40, 0.62, 0.85), strict=True):
        x, y = np.array(shape["front"][k - 1]) * size[:2]
        x += fig.bend * y**2 + 0.8 * soft
        wide = shape["half_width"][k - 1] * size[2] + 0.6 * soft
        patch, radius = fig.local(f"thorax_{k}_r")
        back = patch[0] - radius
        x += share * max(belly - x, 0.0)
        wide += share * max(0.94 * full - wide, 0.0)
        front_radius, flank = 0.048 * size[0], 0.42 * (x - back)
        balls = [fig.skin(f"thorax_{k}_r", f"thorax_{k}_l")]
        for sign in (1.0, -1.0):
            balls.append(fig.ball("thorax", x - front_radius, y, sign * 0.42 * wide, front_radius)[None])
            balls.append(fig.ball("thorax", 0.5 * (x + back), y, sign * (wide - flank), flank)[None])
        out.append(np.concatenate(balls))
    return out


def _belly(fig: Figure) -> list[Array]:
    """The belly; lying, it is a little flatter and wider than the standing slices it is weighed in."""
    deep, wide, _ = fig.fullness
    out = []
    for level, waist in zip(reversed(LUMBAR), (0.94, 0.91, 0.92, 0.96, 1.0), strict=True):
        segment = fig.body.tree.segment(level)
        _, y, _ = fig.body.mass_center[0, segment]
        front = fig.belly(level)
        ball, flank = 0.30 * deep + 0.03, 0.62 * deep
        balls = [fig.skin(f"{level}_back_r", f"{level}_back_l")]
        for sign in (1.0, -1.0):
            balls.append(fig.ball(level, front - ball, y, sign * 0.35 * waist * wide, ball)[None])
            balls.append(fig.ball(level, front - 1.02 * deep, y, sign * (waist * wide - flank), flank)[None])
        out.append(np.concatenate(balls))
    return out


BELLY_FLATTER = 0.95
"""Depth of a belly lying over standing; assumed, 0.8 to 1 [-]."""


def _pelvis(fig: Figure) -> list[Array]:
    size, soft = float(fig.sizes["pelvis"][0]), fig.cushion
    deep, wide, _ = fig.fullness
    fat = max(deep - 0.105, 0.0)
    thigh = fig.local("thigh_1_r")[1]
    hip = abs(float(fig.body.joint_position[0, fig.body.tree.segment("femur_r"), 2]))
    out = []
    for names, front, y, ball, flank in (
        (("sacrum",), 0.076 * size + 0.9 * fat, 0.085 * size, 0.055, 0.82),
        (("sacrum", "buttock"), 0.080 * size + 0.6 * fat, 0.035 * size, 0.052, 0.92),
        (("buttock", "buttock_low"), 0.066 * size + soft, -0.010 * size, 0.045, 1.0),
    ):
        radius = ball * size
        side = hip + 0.72 * thigh if flank == 1.0 else max(flank * (hip + 0.62 * thigh), 0.9 * wide)
        balls = [fig.around(*names)]
        for sign in (1.0, -1.0):
            balls.append(fig.ball("pelvis", front - radius, y, sign * 0.045 * size, radius)[None])
            balls.append(fig.ball("pelvis", -0.012 * size, y, sign * (side - 0.06 * size), 0.06 * size)[None])
        out.append(np.concatenate(balls))
    return out


def _leg(fig: Figure, end: str) -> list[Array]:
    """Thigh and shank."""
    femur, thigh = float(fig.sizes["femur" + end][0]), fig.local("thigh_1" + end)[1]
    length, knee = _shapes()["reference"]["femur_length"] * femur, fig.local("thigh_5" + end)[1]
    root = fig.ball("femur" + end, -0.012 * femur, -0.03 * femur, 0.012, 0.98 * thigh)
    chain = np.vstack([root, fig.skin(*(f"thigh_{k}{end}" for k in range(1, 6)))])
    cap = fig.ball("femur" + end, 0.010 * femur, -length + 0.008, 0.0, 0.84 * knee)
    front = fig.ball("femur" + end, 0.002, -0.38 * length, 0.0, 0.93 * fig.local("thigh_2" + end)[1])
    return [*_chain(chain), *_chain(np.array([root, front, cap])), *_shank(fig, end)]


def _shank(fig: Figure, end: str) -> list[Array]:
    """From the knee to the ankle."""
    femur, tibia = float(fig.sizes["femur" + end][0]), float(fig.sizes["tibia" + end][0])
    knee = fig.local("thigh_5" + end)[1]
    length = _shapes()["reference"]["femur_length"] * femur
    cap = fig.ball("femur" + end, 0.010 * femur, -length + 0.008, 0.0, 0.84 * knee)
    below = fig.ball("tibia" + end, 0.004, -0.045 * tibia, 0.0, 0.90 * knee)
    calf = fig.skin("thigh_5" + end, *(f"calf_{k}{end}" for k in range(1, 5)))
    shin = fig.ball("tibia" + end, 0.006, -0.30 * tibia * 0.4, 0.0, 0.80 * fig.local("calf_2" + end)[1])
    return [
        *_chain(np.array([cap, below, shin])),
        *_chain(np.array([calf[0], below, *calf[1:], _ankle(fig, end)])),
        np.array([shin, calf[3]]),
    ]


def _ankle(fig: Figure, end: str) -> Array:
    return fig.ball("foot" + end, 0.0, 0.0, 0.0, max(0.92 * fig.local("calf_4" + end)[1], 0.033))


def _foot(fig: Figure, end: str) -> list[Array]:
    ankle, size = _ankle(fig, end), float(fig.sizes["foot" + end][0])
    heel, medial, lateral = fig.skin("heel" + end, "ball_medial" + end, "ball_lateral" + end)
    local, radius = fig.local("ball_medial" + end)
    sole = local[1] - radius
    toe = lambda x, z, r: fig.ball("foot" + end, x * size, sole + r * size, z * size, r * size)  # noqa: E731
    top = fig.ball("foot" + end, 0.050 * size, sole + 0.052 * size, -0.004 * size, 0.031 * size)
    big, small = toe(0.200, -0.016, 0.0135), toe(0.150, 0.046, 0.0110)
    middle = toe(0.190, 0.012, 0.0110)
    return [
        np.array([heel, ankle]), np.array([ankle, top]), np.array([heel, top, medial, lateral]),
        np.array([medial, lateral, big, middle, small]), np.array([top, medial, big]),
    ]  # fmt: skip


def _arm(fig: Figure, end: str) -> list[Array]:
    upper, forearm = "upper_arm" + end, "forearm" + end
    length = -fig.local(forearm)[0][1] / 0.55  # where its patch of skin lies along it, see body.skin
    hand = 2.0 * (-fig.local("hand" + end)[0][1] - length)
    full = float(np.clip(fig.fullness[0] / 0.11, 0.8, 1.35))
    shoulder = _shoulder(fig, end)
    mid, elbow, fore = fig.skin(upper, "elbow" + end, forearm)
    mid[3] *= full
    elbow[3] *= 0.5 + 0.5 * full
    bulge = fig.ball(forearm, 0.0, -0.25 * length, 0.0, 0.041 * (0.5 + 0.5 * full))
    wrist = fig.ball(forearm, 0.0, -0.98 * length, 0.0, 0.025)
    fore[3] *= 0.93
    palm = _balls("hand", _hand_place(fig, end, hand))
    return [*_chain(np.array([shoulder, mid, elbow, bulge, fore, wrist])), np.vstack([wrist, palm[0][:2]]), *palm]


def _hand_place(fig: Figure, end: str, length: float) -> Callable[[Sequence[float]], Array]:
    """Where a hand's balls are: about its solved patch; where the forearm rises to it, laid down flat."""
    turn = fig.frame.rotation[0, fig.body.tree.segment("forearm" + end)]
    along, across = -turn[:, 1], turn[:, 2] * (-1.0 if end == "_l" else 1.0)
    level = np.array([along[0], along[1], 0.0])
    if along[2] > 0.2 and np.linalg.norm(level) > 0.2:
        along = level / np.linalg.norm(level)
        flat = np.cross([0.0, 0.0, 1.0], along)
        across = -flat if flat[0] > 0.0 else flat  # the thumb toward the head
    centre = fig.skin("hand" + end)[0, :3]
    return lambda b: np.append(centre + (b[1] - 0.5) * length * along + b[2] * across, b[3])


def _balls(name: str, place: Callable[[Sequence[float]], Array]) -> list[Array]:
    """Hulls of a stored shape's balls, put into the world; those of the head on both sides."""
    shape = _shapes()[name]
    placed = {
        key: np.array([place(ball), *([place([*ball[:2], -ball[2], ball[3]])] if name == "head" else [])])
        for key, ball in shape["balls"].items()
    }
    return [np.concatenate([placed[key] for key in names]) for names in shape["hulls"]]


def _head(fig: Figure) -> tuple[list[Array], list[Array]]:
    """Head, neck: a skull's proportions about the solved back of the head, without a face."""
    (x, y, _), radius = fig.local("occiput")
    unit, size = radius / 0.085, fig.sizes["thorax"]
    place = lambda b: fig.ball("head", x + b[0] * unit, y + b[1] * unit, b[2] * unit, b[3] * unit)  # noqa: E731
    full = float(np.clip(0.5 + 0.5 * fig.fullness[0] / 0.11, 0.85, 1.3))
    skull = _balls("head", place)
    under = np.array([place([0.014, -0.080, z, 0.026]) for z in (0.038, -0.038)])
    high = np.array([place([*at, 0.0, r * full]) for *at, r in NECK_TOP])
    low = np.array([fig.ball("head", a * size[0], b, 0.0, r * full) for a, b, r in NECK_ROOT])
    return skull, [np.vstack([skull[0], high, under]), np.vstack([high, low]), *_yoke(fig, low)]


NECK_TOP = ((-0.004, -0.062, 0.054), (0.010, -0.082, 0.050), (0.030, -0.096, 0.038))
NECK_ROOT = ((-0.010, -0.004, 0.062), (0.010, 0.012, 0.056))
"""Forward, up and radius: about the back of the head, and about C7 [m]."""


def _yoke(fig: Figure, neck: Array) -> list[Array]:
    """From the neck to each shoulder."""
    size = fig.sizes["thorax"]
    root = float(fig.body.joint_position[0, fig.body.tree.segment("head"), 0]) - 0.014
    out = []
    for end, side in (("_r", 1.0), ("_l", -1.0)):
        slope = fig.ball("thorax", root, 0.258 * size[1], side * 0.070 * size[2], 0.046)
        out += [np.vstack([neck, slope]), np.vstack([slope, _shoulder(fig, end)])]
    return out


def _shoulder(fig: Figure, end: str) -> Array:
    full = float(np.clip(fig.fullness[0] / 0.11, 0.8, 1.35))
    return fig.ball("upper_arm" + end, 0.0, -0.014, 0.002, 0.051 * full)


def _girdle(fig: Figure) -> list[Array]:
    """Shoulders: from the chest to the roots of the arms."""
    chest = _chest(fig)
    return [np.vstack([chest[1], _shoulder(fig, end)]) for end in ("_r", "_l")]


def silhouette(fig: Figure, view: View) -> BaseGeometry:
    """Outline of the body without its arms: one smooth closed shape in the view's plane [m]."""
    head, neck = _head(fig)
    trunk = soften(hull([*neck, *_trunk(fig), *_girdle(fig)], view), 0.030, 0.010)
    legs = [soften(hull([*_leg(fig, end), *_foot(fig, end)], view), 0.030, 0.006) for end in ("_r", "_l")]
    flesh = flow(soften(shapely.union_all([trunk, *legs]), 0.028 if view == SIDE else 0.012, 0.004), 0.013)
    face = flow(soften(hull(head, view), 0.005, 0.002), 0.005)
    return _grounded(fig, soften(flesh.union(face), 0.007, 0.002), view)


def _grounded(fig: Figure, shape: BaseGeometry, view: View) -> BaseGeometry:
    """What is above the floor, rounded a little where it rests; a mattress gives way instead."""
    if view == ABOVE or fig.surface == "mattress" or (fig.lying and view == SIDE):
        return shape
    low, _, high, top = shape.bounds
    return shape.intersection(shapely.box(low - 1.0, 0.0, high + 1.0, top + 1.0))


# -- ink on a page ------------------------------------------------------------------------------------


class Sheet(NamedTuple):
    """Where a view's plane lies on the page."""

    x: float
    """Of the plane's origin, from the left [page units]."""
    y: float
    """Of the plane's origin, from the top [page units]."""
    scale: float
    """[page units per m]."""

    def at(self, points: Array) -> Array:
        """Plane (n, 2) [m] to page (n, 2) [page units]."""
        return np.asarray(points) * [self.scale, -self.scale] + [self.x, self.y]


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".").replace("-0", "-0" if abs(value) >= 0.05 else "0")


def _tenths(values: Array) -> list[str]:
    """Page units as text, to one tenth."""
    return [
        str(v // 10) if v % 10 == 0 else f"{v / 10:g}" for v in np.round(np.asarray(values) * 10).astype(int).tolist()
    ]


def _round_path(points: Array, closed: bool) -> str:
    """A smooth curve guided by points on the page (n, 2): quadratic arcs between their midpoints."""
    p = np.round(points, 1)
    if closed:
        middle = np.round(0.5 * (p + np.roll(p, -1, axis=0)), 1)
        start, controls = middle[-1], p
    else:
        middle = np.round(np.concatenate([0.5 * (p[1:-2] + p[2:-1]), p[-1:]]), 1)
        start, controls = p[0], p[1:-1]
    here = np.concatenate([start[None], middle[:-1]])
    steps = np.column_stack([controls - here, middle - here])
    return f"M{_joined(start)}q{_joined(steps.ravel())}" + ("z" if closed else "")


def _joined(values: Array) -> str:
    """Numbers of a path, with no more between them than it takes."""
    return re.sub(r"(?<!\d)0\.", ".", " ".join(_tenths(values)).replace(" -", "-"))


def _straight_path(points: Array, closed: bool = False) -> str:
    return "M" + "L".join(" ".join(_tenths(p)) for p in points) + ("z" if closed else "")


def _outline(shape: BaseGeometry, sheet: Sheet, step: float) -> str:
    """A plane shape as smooth curves, its points ``step`` apart [m]."""
    parts = [part for part in getattr(shape, "geoms", [shape]) if part.area > step**2]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    rings = [ring for ring in rings if ring.length > 6 * step]
    thinned = (
        _thinned(_resample(shapely.get_coordinates(ring)[:-1], step, True), 0.22 / sheet.scale) for ring in rings
    )
    return "".join(_round_path(sheet.at(_pinned(points, step)), True) for points in thinned)


def _pinned(points: Array, step: float) -> Array:
    """With a point near both ends of every long side, so that a smooth closed curve runs straight there (n, 2) [m]."""
    onward = np.roll(points, -1, axis=0) - points
    length = np.linalg.norm(onward, axis=1)
    kept = []
    for point, along, long in zip(points, onward, length, strict=True):
        kept.append(point)
        if long > 4.0 * step:
            kept += [point + along * (step / long), point + along * (1.0 - step / long)]
    return np.array(kept)


def _thinned(points: Array, tolerance: float) -> Array:
    """Fewer points where an outline runs straight (n, 2) [m]."""
    half = len(points) // 2
    halves = (points[: half + 1], np.concatenate([points[half:], points[:1]]))
    kept = [shapely.get_coordinates(shapely.LineString(part).simplify(tolerance)) for part in halves]
    return np.concatenate([kept[0][:-1], kept[1][:-1]])


def _attributes(given: Mapping[str, object]) -> str:
    pairs = ((key.replace("_", "-"), v) for key, v in given.items() if v is not None)
    return "".join(f' {key}="{_number(v) if isinstance(v, float) else v}"' for key, v in pairs)


def _tag(name: str, **attributes: object) -> str:
    return f"<{name}{_attributes(attributes)}/>"


def _dot(centre: Array, radius: float, **attributes: object) -> str:
    return _tag("circle", cx=float(centre[0]), cy=float(centre[1]), r=float(radius), **attributes)


def _path(d: str, fill: str = "none", stroke: str | None = None, width: float | None = None, **more: object) -> str:
    return _tag("path", d=d, fill=fill, stroke=stroke, stroke_width=width, **more) if d else ""


def _group(items: Iterable[str], **attributes: object) -> str:
    return f"<g{_attributes(attributes)}>{''.join(items)}</g>"


@dataclass(frozen=True)
class Pen:
    """What a view is drawn with."""

    theme: Theme
    """Its colours."""
    name: ThemeName
    """Their name."""
    sheet: Sheet
    """Where the view stands on the page."""
    view: View
    """Where from."""
    weights: tuple[float, float, float]
    """Width of the lines: outline, bone and hair [page units]."""

    def flat(self, points: Array) -> Array:
        """World points (n, 3) [m] on the page (n, 2) [page units]."""
        return self.sheet.at(self.view.flat(points))

    def smooth(self, points: Array, closed: bool = True) -> str:
        """Path of a smooth curve near world points (n, 3) [m]."""
        return _round_path(self.flat(points), closed)

    def solid(self, groups: Sequence[Array], hollow: float, edge: float, step: float) -> str:
        """Path round hulls of balls.

        Args:
            groups: See :func:`hull` (n, 4) each [m].
            hollow, edge: See :func:`soften` [m].
            step: Between the path's points [m].
        """
        return _outline(flow(soften(hull(groups, self.view), hollow, edge), 1.2 * step), self.sheet, step)


# -- bones --------------------------------------------------------------------------------------------


def _rounded_bone(fig: Figure, pen: Pen, name: str, segment: str) -> str:
    """Path of a bone made of balls."""
    shape, size = _shapes()[name], float(fig.sizes[segment][0])
    balls = {key: fig.ball(segment, *(np.array(value) * size)) for key, value in shape["balls"].items()}
    groups = [np.array([balls[key] for key in pair]) for chain in shape["chains"] for pair in pairwise(chain)]
    groups += [np.array([balls[key] for key in names]) for names in shape.get("hulls", ())]
    return pen.solid(groups, shape.get("hollow", 0.016) * size, 0.002 * size, 0.005 * size)


class Vertebra(NamedTuple):
    """A lumbar vertebra or T12 as drawn, in the world."""

    body: Array
    """Contour of the body in its middle plane (n, 3) [m]."""
    arch: Array
    """Contour of the arch in the middle plane (n, 3) [m]."""
    ends: Array
    """Corners: lower front, lower back, upper front, upper back (4, 3) [m]."""
    face: Array
    """Contour of the body from the front (n, 3) [m]."""
    wings: Array
    """Tips and roots of the transverse processes (4, 3) [m]."""


def _spacing(fig: Figure, level: str) -> float:
    shape = _shapes()["reference"]["disc_spacing"]
    return float(shape.get(level, 0.0262) * fig.sizes[level][1])


def _vertebra(fig: Figure, level: str) -> Vertebra:
    shape, size = _shapes()["lumbar"], float(fig.sizes["pelvis"][0])
    deep, wide, high = shape["depth"][level] * size, shape["width"][level] * size, _spacing(fig, level)
    low, top = shape["bottom"] * high, shape["top"] * high
    flat = lambda p: fig.place(level, np.column_stack([p, np.zeros(len(p))]))  # noqa: E731
    arch = np.array(shape["arch"]) * [deep, high]
    face = _block(wide, low, top)
    corners = np.array([[deep, low], [-deep, low], [deep, top], [-deep, top]])
    x, y, z = np.array(shape["transverse"]) * [size, high / 0.0310, size]
    roots = np.array([[-deep, y, 0.8 * wide], [x, y, z], [-deep, y, -0.8 * wide], [x, y, -z]])
    return Vertebra(
        flat(_corner(_block(deep, low, top), 0.0045 * size)), flat(arch), flat(corners),
        fig.place(level, np.column_stack([np.zeros(len(face)), face[:, 1], face[:, 0]])),
        fig.place(level, roots),
    )  # fmt: skip


def _block(half: float, low: float, top: float) -> Array:
    """Contour of a vertebral body, waisted, between its endplates (14, 2) [m]."""
    tall, middle = top - low, 0.5 * (low + top)
    right = np.array([
        [0.5 * half, low + 0.04 * tall], [half, low], [0.985 * half, low + 0.14 * tall],
        [0.91 * half, middle],
        [0.985 * half, top - 0.14 * tall], [half, top], [0.5 * half, top - 0.03 * tall],
    ])  # fmt: skip
    return np.concatenate([right, right[::-1] * [-1.0, 1.0]])


def _corner(points: Array, radius: float, step: float = 0.0036) -> Array:
    """A polygon (n, 2) with its corners rounded, evenly sampled."""
    shape = shapely.Polygon(points).buffer(-radius, quad_segs=4).buffer(radius, quad_segs=4)
    return _resample(shapely.get_coordinates(shape)[:-1], step, True)


def _disc(lower: Array, upper: Array) -> Array:
    """Contour of a disc between the upper corners of a vertebra and the lower ones of the next (n, 3) [m]."""
    front = np.stack([lower[0], upper[0]])
    back = np.stack([lower[1], upper[1]])
    out = 0.06 * (front.mean(0) - back.mean(0))
    points = np.stack([front[0], front.mean(0) + out, front[1], back[1], back.mean(0) - 0.5 * out, back[0]])
    inset = 0.03 * (points - points.mean(0))
    return points - inset


def _endplate(fig: Figure) -> Array:
    """Corners of the endplate of S1, front and back (2, 3) [m]."""
    pelvis, level = fig.body.tree.segment("pelvis"), fig.body.tree.segment("L5")
    shape = _shapes()["lumbar"]
    half, gap = shape["depth"]["L5"] * float(fig.sizes["pelvis"][0]), shape["bottom"] * _spacing(fig, "L5")
    turned = fig.body.joint_orientation[0, level]
    local = fig.body.joint_position[0, level] + np.array([[half, -gap, 0.0], [-half, -gap, 0.0]]) @ turned.T
    return local @ fig.frame.rotation[0, pelvis].T + fig.frame.position[0, pelvis]


def _sacrum(fig: Figure) -> Array:
    """Contour of sacrum and coccyx from the side, hung on the solved endplate (n, 3) [m]."""
    stored = np.array(_shapes()["sacrum"]["contour"])
    local = np.column_stack([stored, np.zeros(len(stored))])
    ends = _endplate(fig)
    home = fig.frame.localize(np.zeros(2, dtype=np.intp), ends[None])[0] / fig.sizes["pelvis"][0]
    shift = home.mean(0) - np.array([-0.0259, 0.1022, 0.0])
    local += np.clip(local[:, 1:2] / 0.10, 0.0, 1.0) * shift
    return np.concatenate([ends[:1], ends[:1], fig.bone("pelvis", local), ends[1:], ends[1:]])


class Small(NamedTuple):
    """A schematic vertebra of the chest or neck."""

    centre: Array
    """In the world (3,) [m]."""
    up: Array
    """Along the spine (3,) [-]."""
    forward: Array
    """To the front (3,) [-]."""
    half: tuple[float, float]
    """Half depth and half height [m]."""
    neck: bool
    """Whether it is one of the neck."""


def _upper_spine(fig: Figure) -> list[Small]:
    """T11 to C1 along a line through the solved thorax and head."""
    shape, size = _shapes()["thorax"], float(fig.sizes["thorax"][1])
    chest = fig.bone("thorax", shape["spine"])
    neck = np.array(shape["neck"]) * fig.sizes["head"][:2]
    occiput, radius = fig.local("occiput")
    lean = (occiput[0] - radius + 0.0835 * fig.sizes["head"][0]) / (0.1382 * size)
    neck[:, 0] += lean * neck[:, 1]
    line = np.concatenate([chest, fig.place("head", np.column_stack([neck, np.zeros(len(neck))]))])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    spline = CubicSpline(along, line)
    first, seventh, last = (
        _spacing(fig, "T12"),
        along[len(chest) - 1] + 0.6 * (along[len(chest)] - along[len(chest) - 1]),
        along[-1],
    )
    heights = np.concatenate([np.linspace(1.25, 0.88, 11)])
    edges = first + (seventh - first) * np.concatenate([[0.0], np.cumsum(heights) / heights.sum()])
    edges = np.concatenate([edges, np.linspace(seventh, last, 8)[1:]])
    side = fig.frame.rotation[0, fig.body.tree.segment("thorax"), :, 2]
    out = []
    depths = np.linspace(shape["half_depth"][0], shape["half_depth"][1], len(edges) - 1) * fig.sizes["thorax"][0]
    for k, (low, high) in enumerate(pairwise(edges)):
        middle = 0.5 * (low + high)
        up = spline(middle, 1)
        up = up / np.linalg.norm(up)
        out.append(Small(spline(middle), up, np.cross(up, side), (float(depths[k]), 0.41 * float(high - low)), k >= 11))
    return out


def _small_vertebra(part: Small) -> tuple[Array, Array]:
    """Body (n, 3) and spinous process (m, 3) of a schematic vertebra [m]."""
    deep, high = part.half
    axes = np.array([part.forward, part.up])
    body = _corner(np.array([[deep, -high], [deep, high], [-deep, high], [-deep, -high]]), 0.4 * high, 0.0055)
    if part.neck:
        spine = [[-1.25, 0.5], [-2.2, -0.1], [-3.3, -0.7], [-3.3, -1.3], [-2.3, -0.9], [-1.25, -0.4]]
    else:
        spine = [[-1.25, 0.6], [-2.0, -0.2], [-2.75, -1.6], [-2.75, -2.3], [-2.1, -1.3], [-1.25, -0.3]]
    return part.centre + body @ axes, part.centre + (np.array(spine) * [deep, high]) @ axes


def _ribs(fig: Figure, end: str, first: float = 0.10) -> list[tuple[Array, Array]]:
    """Ribs of one side from ``first`` [half turns] on, each as bone and cartilage polylines (n, 3) [m]."""
    shape = _shapes()["thorax"]
    sign = 1.0 if end == "_r" else -1.0
    spine, front = np.array(shape["spine"]), np.array(shape["front"])
    ahead = lambda y: np.interp(y, front[:, 1], front[:, 0])  # noqa: E731
    out = []
    rows = [(*row, True) for row in shape["ribs"]] + [(a, b, 0.0, w, s, False) for a, b, w, s in shape["floating"]]
    for top, low, breast, wide, share, joined in rows:
        back = np.interp(top, spine[:, 1], spine[:, 0]) - 0.026
        reach = back + (ahead(max(low, 0.02)) - back) * share
        turn = np.linspace(first, 0.84 if joined else 0.62, 15) * np.pi
        x = 0.5 * (back + reach) - 0.5 * (reach - back) * np.cos(turn) / np.cos(0.16 * np.pi)
        y = top + (low - top) * (0.5 - 0.5 * np.cos(turn)) ** 0.9
        bone = np.column_stack([x, y, sign * wide * np.sin(turn) ** 0.8])
        cartilage = np.zeros((0, 3))
        if joined:
            goal = np.array([ahead(breast), breast, sign * 0.016])
            bend = np.array(
                [
                    0.5 * (bone[-1, 0] + goal[0]) + 0.008,
                    min(bone[-1, 1], breast) - 0.004,
                    0.5 * (bone[-1, 2] + goal[2]),
                ]
            )
            cartilage = fig.bone("thorax", np.array([bone[-1], bone[-1], bend, goal, goal]))
        out.append((fig.bone("thorax", bone), cartilage))
    return out


# -- muscles ------------------------------------------------------------------------------------------


class Band(NamedTuple):
    """A muscle line as drawn."""

    name: str
    """Of the muscle line, with its side."""
    line: Array
    """From origin to insertion, along the solved path (n, 3) [m]."""
    width: float
    """Where it is widest [m]."""
    stretch: float
    """Fiber length over optimal fiber length [-]."""
    place: float = 0.0
    """Where it lies across its bundle [m]."""


def muscle_line(fig: Figure, muscle: int) -> Array:
    """The solved path of one muscle, round its cylinders (n, 3) [m]."""
    bend_of = plan_of(fig.body.tree).bend_of
    points: list[Array] = []
    for span in fig.body.tree.spans:
        if span.muscle != muscle:
            continue
        if not points:
            points.append(fig.paths.points[0, span.start])
        if span in bend_of and bool(fig.paths.bends.touches[0, bend_of[span]]):
            points.extend(_wrapped(fig, bend_of[span]))
        points.append(fig.paths.points[0, span.end])
    return np.array(points)


def _wrapped(fig: Figure, row: int) -> Array:
    """Where a path lies on its cylinder (n, 3) [m]."""
    tangents = fig.paths.bends.tangents[0, row]
    angle = np.arctan2(tangents[:, 1], tangents[:, 0])
    turn = np.linspace(0.0, 1.0, 9)
    around = angle[0] + (angle[1] - angle[0]) * turn
    radius = np.hypot(tangents[0, 0], tangents[0, 1])
    local = np.column_stack(
        [
            radius * np.cos(around),
            radius * np.sin(around),
            tangents[0, 2] + (tangents[1, 2] - tangents[0, 2]) * turn,
        ]
    )
    return local @ fig.paths.bend_frame[0, row].T + fig.paths.bend_center[0, row]


def bands(fig: Figure, lines: Sequence[str], end: str, total: float) -> list[Band]:
    """The fascicles of a muscle as bands whose widths share a total as their strengths do.

    Args:
        fig: The body.
        lines: Names of the lines without their side.
        end: ``_r`` or ``_l``.
        total: Width of all bands together [m].
    Returns:
        Bands in the order of ``lines``; none for a muscle without strength.
    """
    rows = [fig.body.tree.muscles.index(name + end) for name in lines]
    force = fig.body.max_isometric_force[0, rows]
    if not force.sum() > 0.0:
        return []
    widths = total * force / force.sum()
    found = [
        Band(lines[k] + end, _softened(muscle_line(fig, row)), float(widths[k]), float(fig.stretch[row]))
        for k, row in enumerate(rows)
    ]
    return [band for band in found if band.width > 0.0]


def _softened(line: Array) -> Array:
    """A path without kinks at its via points: the same way within a few millimetres (n, 3) [m]."""
    even = _resample(line, 0.006, False)
    for _ in range(4):
        even[1:-1] = 0.25 * even[:-2] + 0.5 * even[1:-1] + 0.25 * even[2:]
    return _resample(even, 0.016, False)


BELLY = np.array([
    [0.0, 0.05, 0.20, 0.40, 0.60, 0.75, 0.90, 1.0],
    [0.22, 0.62, 1.0, 1.0, 0.90, 0.74, 0.36, 0.16],
])  # fmt: skip
"""Width of a band along its way over its widest: fleshy above, tendon below."""
PACKING = np.array([[0.0, 0.10, 0.30, 0.55, 0.78, 1.0], [0.0, 0.03, 0.18, 0.34, 0.30, 0.03]])
"""How far bands of one muscle lie side by side where they share a path, over the sum of their widths."""


def _ribbon(pen: Pen, band: Band, places: Sequence[float] = (-0.5, 0.5)) -> list[Array]:
    """Lines along a band on the page, at these places across it (n, 2) each."""
    line = pen.flat(band.line)
    slope = np.gradient(line, axis=0)
    normal = np.column_stack([-slope[:, 1], slope[:, 0]]) / np.maximum(np.linalg.norm(slope, axis=1), 1e-6)[:, None]
    along = np.linspace(0.0, 1.0, len(line))
    middle = band.place * np.interp(along, *PACKING) * pen.sheet.scale
    half = np.interp(along, *BELLY) * band.width * pen.sheet.scale
    return [line + (middle + place * half)[:, None] * normal for place in places]


def _thin_line(line: Array) -> Array:
    """A line on the page with fewer points where it runs straight (n, 2)."""
    kept = shapely.get_coordinates(shapely.LineString(line).simplify(0.2))
    return line if len(kept) < 4 else kept


def _packed(pen: Pen, found: Sequence[Band]) -> list[Band]:
    """Give each band its place across the bundle, in the order in which they come in, so that none cross."""
    if len(found) < 2:
        return list(found)
    ends = pen.flat(np.array([band.line[-1] for band in found]))
    middles = pen.flat(np.array([band.line[int(0.72 * len(band.line))] for band in found]))
    along = (ends - middles).mean(axis=0)
    origins = pen.flat(np.array([band.line[0] for band in found])) - middles.mean(axis=0)
    side = along[0] * origins[:, 1] - along[1] * origins[:, 0]
    order = np.argsort(np.round(side / np.linalg.norm(along), 3), kind="stable")
    widths = np.array([found[k].width for k in order])
    places = np.cumsum(widths) - 0.5 * widths - 0.5 * widths.sum()
    packed = list(found)
    for k, place in zip(order, places, strict=True):
        packed[k] = found[k]._replace(place=float(place))
    return packed


def _band_ink(pen: Pen, band: Band, color: str, edge: str, fibers: Sequence[float]) -> str:
    left, right = _ribbon(pen, band)
    ring = np.concatenate([left[:1], left, left[-1:], right[::-1][:1], right[::-1], right[:1]])
    if band.width * pen.sheet.scale < 4.0:
        fibers = ()
    hairs = "".join(_round_path(_thin_line(line[1:-2]), False) for line in _ribbon(pen, band, fibers))
    return _path(_round_path(ring, True), color, edge, 0.55 * pen.weights[1], data_fascicle=band.name) + _path(
        hairs, "none", edge, 0.5 * pen.weights[2], opacity=0.5
    )


def _muscles(fig: Figure, pen: Pen, ends: Sequence[str]) -> tuple[list[str], list[str], list[Band]]:
    """Iliacus, then psoas, far lines first; and the psoas's bands."""
    size, theme = float(fig.sizes["pelvis"][0]), pen.theme
    quiet, red, drawn = [], [], []
    for end in ends:
        for band in _packed(pen, bands(fig, ILIACUS, end, 0.046 * size)):
            quiet.append(_band_ink(pen, band, theme.iliacus, theme.iliacus_line, (-0.3, -0.1, 0.1, 0.3)))
        own = _packed(pen, bands(fig, PSOAS_MAJOR, end, BUNDLE_WIDTH * size))
        drawn += own
        for band in sorted(own, key=lambda b: (round(float(pen.view.depth(b.line).mean()), 4), b.name)):
            red.append(_band_ink(pen, band, stretch_color(band.stretch, pen.name), theme.fiber_line, (-0.17, 0.17)))
        for band in bands(fig, PSOAS_MINOR, end, 0.006 * size):
            line = _round_path(pen.flat(band.line), False)
            red.append(_path(line, "none", theme.fiber_line, 2.6 * pen.weights[2], stroke_linecap="round"))
            red.append(
                _path(
                    line,
                    "none",
                    stretch_color(band.stretch, pen.name),
                    1.7 * pen.weights[2],
                    data_fascicle=band.name,
                )
            )
    return quiet, red, drawn


def _neighbors(fig: Figure, pen: Pen, ends: Sequence[str]) -> str:
    own = (*PSOAS_MAJOR, *PSOAS_MINOR, *ILIACUS)
    lines = [
        _straight_path(pen.flat(_softened(muscle_line(fig, k))))
        for k, name in enumerate(fig.body.tree.muscles)
        if name[:-2] not in own and name[-2:] in ends
    ]
    return _path("".join(lines), "none", pen.theme.neighbor, 2.0 * pen.weights[1], opacity=0.55, stroke_linecap="round")


def _added(job: Job, pen: Pen, when: str) -> str:
    """The layers' shapes of one turn: under the bones, among them, or over all."""
    side = pen.view == SIDE
    outline = job.side if side else job.above
    found = marks(job.fig, job.layers, side)
    return "".join(_mark(mark, pen, outline) for mark in found if mark.when == when)


def _mark(mark: Mark, pen: Pen, outline: BaseGeometry) -> str:
    ink, bone = inks(pen.name), pen.weights[1]
    line = ink.get(f"{mark.ink}_line", ink.get("vessel_line") if mark.ink in ("aorta", "cava") else ink[mark.ink])
    if mark.balls:
        if mark.inside is None:
            shape = flow(soften(hull(mark.balls, pen.view), 0.006, 0.002), 0.006)
        else:
            shape = hull(mark.balls, pen.view).intersection(outline.buffer(-mark.inside))
            shape = flow(soften(shape, 0.030, 0.020), 0.016)
        d = _outline(shape, pen.sheet, 0.005)
    else:
        d = "".join(pen.smooth(points, mark.closed) for points in mark.lines)
    return _path(
        d,
        ink[mark.ink] if mark.filled else "none",
        line if mark.weight else None,
        mark.weight * bone * (1.25 if mark.image else 1.0) if mark.weight else None,
        fill_opacity=mark.filled or None,
        stroke_opacity=mark.strength if mark.strength < 1.0 else None,
        stroke_dasharray=_dashes(pen.weights) if mark.image and mark.dashed else None,
        stroke_linejoin="round",
        stroke_linecap="round",
        data_layer=mark.layer,
    )


def _dashes(weights: tuple[float, float, float]) -> str:
    """What tells an image from anatomy."""
    return f"{_number(4.5 * weights[1])} {_number(4.0 * weights[1])}"


# -- the three views ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """What one plate shows, before it has a place on a page."""

    fig: Figure
    """The body."""
    labels: Mapping[str, str]
    """What is written, by the keys of :data:`LABELS`."""
    theme: ThemeName
    """One of :data:`THEMES`."""
    layers: tuple[str, ...]
    """What is added, of :data:`LAYERS`."""
    spread: tuple[Figure, ...]
    """The postures at the 5th and 95th percentile of lordosis; empty without an ensemble."""
    title: str
    """Of the position."""
    rests: bool
    """Whether the body came to rest."""

    @cached_property
    def side(self) -> BaseGeometry:
        """The body from the right [m]."""
        return silhouette(self.fig, SIDE)

    @cached_property
    def side_arms(self) -> tuple[BaseGeometry, BaseGeometry]:
        """Near and far arm from the right [m]."""
        right, left = _arms(self.fig, SIDE)
        return (right, left) if self.fig.near == "_r" else (left, right)

    @cached_property
    def above(self) -> BaseGeometry:
        """The body from above, or from the front of one on its side [m]."""
        return silhouette(self.fig, self.fig.second)

    @cached_property
    def above_arms(self) -> tuple[BaseGeometry, BaseGeometry]:
        """Right and left arm from there [m]."""
        return _arms(self.fig, self.fig.second)

    @cached_property
    def front(self) -> tuple[BaseGeometry, BaseGeometry]:
        """Right and left shank and foot from the feet [m]."""
        right, left = ([*_shank(self.fig, end), *_foot(self.fig, end)] for end in ("_r", "_l"))
        return _flesh(self.fig, right, FEET, 0.016, 0.008), _flesh(self.fig, left, FEET, 0.016, 0.008)

    @cached_property
    def front_back(self) -> BaseGeometry:
        """Thighs and pelvis behind them [m]."""
        groups = [*_pelvis(self.fig), *_leg(self.fig, "_r"), *_leg(self.fig, "_l")]
        return _flesh(self.fig, groups, FEET, 0.020, 0.010)

    @cached_property
    def side_bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of all that lies there, from the right [m]."""
        return _bounds([self.side, *self.side_arms, *self.fig.props, *(silhouette(f, SIDE) for f in self.spread)])

    @cached_property
    def above_bounds(self) -> tuple[float, float, float, float]:
        """The same from above [m]."""
        return _bounds([self.above, *self.above_arms, *self.fig.beside])

    @cached_property
    def front_bounds(self) -> tuple[float, float, float, float]:
        """The same of the legs from the feet [m]."""
        return _bounds([*self.front, self.front_back])


def _arms(fig: Figure, view: View) -> tuple[BaseGeometry, BaseGeometry]:
    right, left = (_flesh(fig, _arm(fig, end), view, 0.010, 0.009) for end in ("_r", "_l"))
    return right, left


def _flesh(fig: Figure, balls: Sequence[Array], view: View, hollow: float, reach: float) -> BaseGeometry:
    return _grounded(fig, flow(soften(hull(balls, view), hollow, 0.004), reach), view)


def _bounds(shapes: Iterable[BaseGeometry]) -> tuple[float, float, float, float]:
    boxes = np.array([shape.bounds for shape in shapes if not shape.is_empty])
    return (
        float(boxes[:, 0].min()),
        float(boxes[:, 1].min()),
        float(boxes[:, 2].max()),
        float(boxes[:, 3].max()),
    )


def _side_view(job: Job, pen: Pen, floor: tuple[float, float]) -> list[str]:
    """The figure from the right, on its ground between two places on the page."""
    fig, theme, (line, bone, hair) = job.fig, pen.theme, pen.weights
    near, far = job.side_arms
    body = _outline(job.side, pen.sheet, 0.009)
    quiet, red, _ = _muscles(fig, pen, (fig.near,))
    out = [] if fig.lying else [_ground(job, pen, floor)]
    out += [
        _path(_outline(prop.difference(job.side), pen.sheet, 0.004), theme.prop, theme.prop_line, bone)
        for prop in fig.props
    ]
    out.append(_path(_outline(far, pen.sheet, 0.007), theme.arm, theme.flesh_line, hair))
    spread = [_outline(silhouette(other, SIDE), pen.sheet, 0.012) for other in job.spread]
    out += [_path(d, "none", theme.spread, bone, opacity=0.75) for d in spread]
    out.append(_path(body, theme.flesh, theme.flesh_line, line, stroke_linejoin="round"))
    out += [_path(d, "none", theme.spread, hair, opacity=0.55) for d in spread]
    out.append(_path(_outline(near, pen.sheet, 0.006), theme.arm, opacity=0.55))
    out.append(_cage(fig, pen, (fig.near,)))
    out.append(_added(job, pen, "under"))
    out.append(_column(fig, pen))
    out.append(_light_leg(fig, pen, fig.near))
    out.append(_path(_patella(fig, pen, fig.near), theme.far_bone, theme.far_bone_line, hair))
    if "neighbors" in job.layers:
        out.append(_neighbors(fig, pen, (fig.near,)))
    out.append(_hip_bone(fig, pen))
    out += quiet
    out.append(_femur(fig, pen, fig.near))
    out.append(_femoral_head(fig, pen))
    out.append(_added(job, pen, "among"))
    out += red
    out.append(_added(job, pen, "over"))
    out.append(_path(_outline(near, pen.sheet, 0.006), "none", theme.flesh_line, hair, opacity=0.6))
    return out


def _ground(job: Job, pen: Pen, floor: tuple[float, float]) -> str:
    """Floor line and hatching, or the mattress that gives way."""
    theme, (left, right), y = pen.theme, floor, pen.sheet.y
    depth = {"mat": 0.012, "mattress": 0.12}.get(job.fig.surface, 0.0)
    below = y + depth * pen.sheet.scale
    parts = []
    if depth:
        start, end = ((x - pen.sheet.x) / pen.sheet.scale for x in (left, right))
        slab = shapely.box(start, -depth, end, 0.0).difference(job.side).difference(job.side_arms[0])
        slab = max(getattr(slab, "geoms", [slab]), key=lambda part: part.area)
        coordinates = pen.sheet.at(shapely.get_coordinates(slab.simplify(0.0004).exterior))
        parts.append(
            _path(
                _straight_path(coordinates, True),
                theme.prop,
                theme.prop_line,
                pen.weights[2],
                fill_opacity=0.5,
            )
        )
    size = 11.0 if depth == 0.0 else 8.0
    xs = np.arange(left, right - size, 0.62 * size)
    hatch = "".join(f"M{_number(float(x))} {_number(below + size)}l{_number(size)} {_number(-size)}" for x in xs)
    parts.append(_path(hatch, "none", theme.hair, 0.7 * pen.weights[2], opacity=0.7))
    parts.append(_path(f"M{_number(left)} {_number(below)}H{_number(right)}", "none", theme.ink, 0.8 * pen.weights[0]))
    return "".join(parts)


def _cage(fig: Figure, pen: Pen, ends: Sequence[str]) -> str:
    theme, width = pen.theme, 0.0068 * float(fig.sizes["thorax"][1]) * pen.sheet.scale
    first = 0.47 if pen.view in (ABOVE, FRONT) else 0.10
    found = [rib for end in ends for rib in _ribs(fig, end, first)]
    bone = "".join(pen.smooth(rib, False) for rib, _ in found)
    soft = "".join(pen.smooth(piece, False) for _, piece in found if len(piece))
    breast = pen.smooth(fig.bone("thorax", _shapes()["thorax"]["sternum"]), False)
    inked = [
        _path(soft, stroke=theme.rib, width=0.8 * width, opacity=0.55),
        _path(bone + breast, stroke=theme.rib, width=width),
    ]
    return _group(inked, stroke_linecap="round", fill="none")


def _column(fig: Figure, pen: Pen) -> str:
    """The spine from the side: chest and neck lightly, T12 to the tail in full."""
    theme, (_, bone, hair) = pen.theme, pen.weights
    small = [_small_vertebra(part) for part in _upper_spine(fig)]
    light = "".join(pen.smooth(spine) for _, spine in small) + "".join(pen.smooth(body) for body, _ in small)
    own = [_vertebra(fig, level) for level in LEVELS]
    uppers = [_endplate(fig), *(v.ends[2:] for v in own[:-1])]
    discs = "".join(pen.smooth(_dense(_disc(low, v.ends[:2]))) for low, v in zip(uppers, own, strict=True))
    arches = "".join(pen.smooth(v.arch) for v in own)
    bodies = "".join(pen.smooth(v.body) for v in own)
    return "".join([
        _path(light, theme.far_bone, theme.far_bone_line, hair),
        _path(discs, theme.disc, theme.bone_line, 0.7 * hair),
        _path(arches, theme.bone, theme.bone_line, 0.8 * bone),
        _path(pen.smooth(_sacrum(fig)), theme.bone, theme.bone_line, bone),
        _path(bodies, theme.bone, theme.bone_line, bone),
    ])  # fmt: skip


def _dense(points: Array) -> Array:
    return _resample(points, 0.004, True)


def _hip_bone(fig: Figure, pen: Pen) -> str:
    theme, (_, bone, hair), shape = pen.theme, pen.weights, _shapes()["hip_bone"]
    contour = pen.smooth(fig.bone("pelvis", shape["contour"]))
    hole = pen.smooth(fig.bone("pelvis", shape["foramen"]))
    brim = pen.smooth(fig.bone("pelvis", shape["brim"]), False)
    return (
        _path(contour + hole, theme.bone, theme.bone_line, bone, fill_opacity=0.62, fill_rule="evenodd")
        + _path(brim, stroke=theme.bone_line, width=bone, opacity=0.8)
        + _circle(fig, pen, "pelvis", shape["socket"], fill=theme.disc, stroke=theme.bone_line, stroke_width=hair)
    )


def _circle(fig: Figure, pen: Pen, segment: str, ball: Sequence[float], **attributes: object) -> str:
    x, y, radius = ball
    centre = pen.flat(fig.bone(segment, [[x, y]]))[0]
    return _dot(centre, radius * float(fig.sizes[segment][0]) * pen.sheet.scale, **attributes)


def _femoral_head(fig: Figure, pen: Pen) -> str:
    x, y, _, radius = _shapes()["femur"]["balls"]["head"]
    ink = {"fill": pen.theme.bone, "stroke": pen.theme.bone_line, "stroke_width": pen.weights[1]}
    return _circle(fig, pen, "femur" + fig.near, (x, y, radius), **ink)


def _femur(fig: Figure, pen: Pen, end: str) -> str:
    return _path(_rounded_bone(fig, pen, "femur", "femur" + end), pen.theme.bone, pen.theme.bone_line, pen.weights[1])


def _light_leg(fig: Figure, pen: Pen, end: str) -> str:
    """Bones below the knee, lightly."""
    names = (("fibula", "tibia"), ("foot", "foot"), ("tibia", "tibia"))
    found = [_rounded_bone(fig, pen, name, segment + end) for name, segment in names]
    return "".join(_path(d, pen.theme.far_bone, pen.theme.far_bone_line, pen.weights[2]) for d in found)


def _patella(fig: Figure, pen: Pen, end: str) -> str:
    """The kneecap: held by the tibia, it sinks between the condyles as the knee bends."""
    size = float(fig.sizes["femur" + end][0])
    shape = _shapes()["patella"]["balls"]
    bend = float(np.arccos(np.clip(np.sum(_up(fig, "femur" + end) * _up(fig, "tibia" + end)), -1.0, 1.0)))
    turn, near = 0.72 * bend, 1.0 - 0.16 * min(bend, 1.6)
    pivot = np.array([0.0, -0.404, 0.0])
    c, s = near * np.cos(turn), near * np.sin(turn)
    rotate = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, near]])
    at = {key: ((rotate @ (np.array(b[:3]) - pivot) + pivot) * size, b[3] * size) for key, b in shape.items()}
    balls = [fig.ball("femur" + end, p[0], p[1], p[2], radius) for p, radius in at.values()]
    return pen.solid(_chain(np.array(balls)), 0.006, 0.002, 0.004)


def _up(fig: Figure, segment: str) -> Array:
    return fig.frame.rotation[0, fig.body.tree.segment(segment), :, 1]


def _above_view(job: Job, pen: Pen) -> list[str]:
    """The figure from above, both sides."""
    fig, theme, (line, _, hair) = job.fig, pen.theme, pen.weights
    quiet, red, _ = _muscles(fig, pen, ("_r", "_l"))
    whole = soften(shapely.union_all([job.above, *job.above_arms]), 0.014, 0.002)
    arms = [_arm_over(job, pen, arm, end) for arm, end in zip(job.above_arms, ("_r", "_l"), strict=True)]
    light = [_light_leg(fig, pen, end) for end in ("_r", "_l")]
    femurs = [_femur(fig, pen, end) for end in ("_r", "_l")]
    caps = [_path(_patella(fig, pen, end), theme.far_bone, theme.far_bone_line, hair) for end in ("_r", "_l")]
    body = _outline(whole, pen.sheet, 0.009)
    out = []
    if fig.lying:
        left, _, right, _ = job.above_bounds
        ends = [float(pen.sheet.x + pen.sheet.scale * x) for x in (left - 0.03, right + 0.03)]
        out.append(
            _path(f"M{_number(ends[0])} {_number(pen.sheet.y)}H{_number(ends[1])}", "none", theme.ink, 0.8 * line)
        )
        props = [_outline(prop.difference(whole), pen.sheet, 0.004) for prop in fig.beside]
        out += [_path(d, theme.prop, theme.prop_line, hair) for d in props]
    out.append(_path(body, theme.flesh, theme.flesh_line, line, stroke_linejoin="round"))
    if fig.between is not None:
        pillow = pen.solid(_chain(fig.between), 0.020, 0.006, 0.006)
        out.append(_path(pillow, theme.prop, theme.prop_line, hair, opacity=0.85))
    out += [_path(d, theme.arm, opacity=0.55) for d, _ in arms]
    out += [
        _cage(fig, pen, ("_r", "_l")),
        _added(job, pen, "under"),
        *light,
        _front_column(fig, pen),
        _front_pelvis(fig, pen),
    ]
    if "neighbors" in job.layers:
        out.append(_neighbors(fig, pen, ("_r", "_l")))
    out += [*quiet, *femurs, *caps, _added(job, pen, "among"), *red, _added(job, pen, "over")]
    out += [_path(d, stroke=theme.flesh_line, width=hair, opacity=0.6) for _, d in arms]
    return out


def _arm_over(job: Job, pen: Pen, arm: BaseGeometry, end: str) -> tuple[str, str]:
    """Where an arm lies over the trunk: its surface and its edge, which begin below the shoulder."""
    joint = pen.view.flat(job.fig.place("upper_arm" + end, np.zeros((1, 3))))[0]
    shoulder = shapely.Point(joint).buffer(0.10)
    over = arm.intersection(job.above).difference(shoulder)
    edge = arm.boundary.intersection(job.above.buffer(-0.004)).difference(shoulder)
    lines = [part for part in getattr(edge, "geoms", [edge]) if part.length > 0.02]
    drawn = [_resample(shapely.get_coordinates(line), 0.008, False) for line in lines]
    return _outline(over, pen.sheet, 0.008), "".join(_round_path(pen.sheet.at(line), False) for line in drawn)


def _front_column(fig: Figure, pen: Pen) -> str:
    theme, (_, bone, hair) = pen.theme, pen.weights
    own = [_vertebra(fig, level) for level in LEVELS]
    wings = "".join(_straight_path(pen.flat(v.wings[k : k + 2])) for v in own for k in (0, 2))
    faces = "".join(pen.smooth(_dense(v.face)) for v in own)
    side = fig.frame.rotation[0, fig.body.tree.segment("thorax"), :, 2]
    corners = np.array([[1.05, 1.0], [1.05, -1.0], [-1.05, -1.0], [-1.05, 1.0]])
    blocks = "".join(
        pen.smooth(_dense(part.centre + (corners * part.half) @ np.array([side, part.up])))
        for part in _upper_spine(fig)
    )
    wide = 0.007 * float(fig.sizes["pelvis"][0]) * pen.sheet.scale
    return (
        _path(blocks, theme.far_bone, theme.far_bone_line, hair)
        + _path(wings, stroke=theme.bone_line, width=wide, stroke_linecap="round")
        + _path(wings, stroke=theme.bone, width=wide - 1.4 * bone, stroke_linecap="round")
        + _path(faces, theme.bone, theme.bone_line, 0.9 * bone)
    )


def _front_pelvis(fig: Figure, pen: Pen) -> str:
    theme, (_, bone, hair) = pen.theme, pen.weights
    shape, seat = _shapes()["hip_bone"], _shapes()["sacrum"]
    half = np.array(seat["front"])
    sacrum = fig.bone("pelvis", np.concatenate([half, half[::-1] * [1, 1, -1]]))
    dip = lambda x, y, z: np.array([[x, y, z], *[[x - 0.004, y - 0.002, 0.0]] * 2, [x, y, -z]])  # noqa: E731
    seams = "".join(pen.smooth(fig.bone("pelvis", dip(*seam)), False) for seam in seat["seams"])
    wings = ""
    for sign in (1.0, -1.0):
        wings += pen.smooth(fig.bone("pelvis", np.array(shape["wing"]) * [1, 1, sign]))
        wings += pen.smooth(fig.bone("pelvis", np.array(shape["hole"]) * [1, 1, sign]))
    return (
        _path(pen.smooth(sacrum), theme.bone, theme.bone_line, bone)
        + _path(seams, stroke=theme.bone_line, width=hair, opacity=0.7)
        + _path(wings, theme.bone, theme.bone_line, bone, fill_rule="evenodd")
    )


def _front_view(job: Job, pen: Pen, floor: tuple[float, float]) -> list[str]:
    """Feet, shins and the hip sockets behind them, from the feet."""
    fig, theme, (line, _, hair) = job.fig, pen.theme, pen.weights
    ground = _straight_path(np.array([[floor[0], pen.sheet.y], [floor[1], pen.sheet.y]]))
    out = [_path(ground, stroke=theme.ink, width=0.8 * line)]
    out.append(_path(_outline(job.front_back, pen.sheet, 0.009), theme.arm, theme.flesh_line, hair))
    legs = [_outline(leg, pen.sheet, 0.009) for leg in job.front]
    out += [_path(d, theme.flesh, theme.flesh_line, 0.8 * line) for d in legs]
    for end in ("_r", "_l"):
        thigh = _rounded_bone(fig, pen, "femur", "femur" + end)
        out.append(_path(thigh, theme.far_bone, theme.far_bone_line, hair))
        out.append(_light_leg(fig, pen, end))
        out.append(_path(_patella(fig, pen, end), theme.far_bone, theme.far_bone_line, hair))
        out.append(_hip_over_foot(fig, pen, end))
    return out


def _hip_over_foot(fig: Figure, pen: Pen, end: str) -> str:
    """The hip socket, the plumb line below it, and the midline of the foot on the floor."""
    theme, (_, bone, hair), floor = pen.theme, pen.weights, pen.sheet.y
    hip = pen.flat(fig.place("femur" + end, np.zeros((1, 3))))[0]
    foot = pen.flat(fig.skin("heel" + end)[:, :3])[0, 0]
    radius = 0.027 * float(fig.sizes["pelvis"][0]) * pen.sheet.scale
    plumb = _straight_path(np.array([[hip[0], hip[1] + radius], [hip[0], floor + 10.0]]))
    midline = _straight_path(np.array([[foot, floor + 3.0], [foot, floor + 12.0]]))
    return (
        _dot(hip, radius, fill="none", stroke=theme.madder, stroke_width=bone)
        + _path(plumb, stroke=theme.madder, width=hair, stroke_dasharray="3 3")
        + _path(midline, stroke=theme.ink, width=bone)
    )


# -- words --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawing:
    """A plate, as :func:`draw` and :func:`compare` give it."""

    svg: str
    """A complete SVG document."""
    words: str
    """The same in words, for those who listen to it; the SVG carries them as its description."""
    size: tuple[float, float] = field(default=(0.0, 0.0))
    """Width and height of its page, the SVG's ``viewBox`` [page units]."""

    def save(self, path: str | Path) -> None:
        """Write the SVG.

        Args:
            path: Where to.
        Raises:
            OSError: It cannot be written; the command line refuses such a path before.
        """
        Path(path).write_text(self.svg, encoding="utf-8")


def heel_distance(fig: Figure) -> float:
    """From the buttocks to the back of the right heel, along the floor [m]."""
    heel = fig.skin("heel_r")[0]
    return float(heel[0] - heel[3] - _buttock_edge(fig))


def _buttock_edge(fig: Figure) -> float:
    """Where the fold of the buttocks is along the floor [m]."""
    return float(fig.place("pelvis", fig.body.seat_edge)[0, 0])


def _piles(fig: Figure) -> dict[str, BaseGeometry]:
    """What lies under each place, as one outline."""
    return {
        place: shapely.union_all([p for p, under in zip(fig.props, fig.prop_places, strict=True) if under == place])
        for place in dict.fromkeys(fig.prop_places)
    }


def _usual_labels(fig: Figure) -> dict[str, str]:
    """What is written when a caller asks for nothing else: what can be read off this one body."""
    labels = {"psoas_major": ""}
    if fig.feet_down:
        labels["heels"] = f"heels {100 * heel_distance(fig):.0f} cm from the buttocks"
    for place, outline in () if fig.lying else _piles(fig).items():
        labels[f"under_{place}"] = f"{100 * (outline.bounds[3] - outline.bounds[1]):.0f} cm"
    return labels


def words(job: Job, alone: bool = True) -> str:
    """The plate in words, for those who listen to it.

    Args:
        job: What the plate shows.
        alone: Whether it is the only one on its page, with the smaller views.
    """
    fig, labels = job.fig, job.labels
    muscle = [fig.body.tree.muscles.index(name + end) for name in PSOAS_MAJOR for end in ("_r", "_l")]
    low, high = float(fig.stretch[muscle].min()), float(fig.stretch[muscle].max())
    apart = f"heels about {100 * heel_distance(fig):.0f} centimeters from the buttocks"
    legs = f"knees bent, feet flat on the {fig.surface}, {apart}" if fig.feet_down else "legs straight"
    if "calves" in fig.prop_places:
        legs = "knees bent, calves on a chair"
    if "shoulders" in fig.prop_places:
        legs += ", shoulders and head raised"
    how = f"a body seen from the right, lying on its back on the {fig.surface}, head to the left,"
    if fig.lying:
        legs = "knees bent, one leg on the other"
        head = "left" if fig.lying == "left" else "right"
        how = f"a body seen from above, lying on its {fig.lying} side on the {fig.surface}, head to the {head},"
    said = [
        f"{job.title}: {how}",
        f"{legs}. Psoas major is drawn in red as {len(PSOAS_MAJOR)} bands on each side, from the last",
        "thoracic and the lumbar vertebrae over the rim of the pelvis to the lesser trochanter of the thigh",
        f"bone; its fibers are {low:.2f} to {high:.2f} of their easy length, darker where longer.",
    ]
    said += [
        f"{_sentence(labels[key])}."
        for key in ("heels", "under_head", "under_shoulders", "under_calves", "under_between-knees")
        if labels.get(key)
    ]
    if labels.get("psoas_major"):
        said.append(f"Psoas major: {'; '.join(t for t in (labels.get('psoas_words'), labels['psoas_major']) if t)}.")
    for key, name in (
        ("iliacus", "Iliacus"),
        ("psoas_minor", "Psoas minor"),
        ("lumbar_gap", "Gap under the small of the back"),
    ):
        if labels.get(key):
            said.append(f"{name}: {labels[key]}.")
    if job.spread:
        said.append("Faint outlines show the postures at the 5th and 95th percentile of lumbar lordosis.")
    if alone and fig.lying:
        said.append("A second view from the front shows both sides, the floor below.")
    elif alone:
        said.append(
            "A second view from above shows both sides"
            + ("; a third, from the feet, shows them against the hip sockets." if fig.feet_down else ".")
        )
    if not job.rests:
        said.append("No resting place was found: the body is drawn where the search stopped.")
    return " ".join(said)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


# -- the page -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """Measures of a layout [page units]."""

    width: float
    """Of the page."""
    margin: float
    """On every side."""
    title: float
    """Size of the title's letters."""
    name: float
    """Size of the letters of a muscle's name."""
    text: float
    """Size of a label's letters."""
    small: float
    """Size of a note's letters."""
    weights: tuple[float, float, float]
    """Width of the lines: outline, bone and hair."""
    most_scale: float
    """Largest scale of a body [page units per m]."""
    compact: bool
    """Whether it is the narrow layout."""


WIDE = Page(1400.0, 48.0, 46.0, 36.0, 20.0, 17.0, (2.1, 1.15, 0.75), 840.0, False)
COMPACT = Page(720.0, 26.0, 46.0, 38.0, 25.0, 23.0, (2.4, 1.3, 0.95), 470.0, True)


@dataclass
class Canvas:
    """Ink so far, and how far down the page it reaches."""

    page: Page
    """Its measures."""
    theme: Theme
    """Its colours."""
    items: list[str] = field(default_factory=list)
    """SVG elements, the first at the bottom."""
    bottom: float = 0.0
    """Lowest line so far, from the top [page units]."""

    def write(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        family: str = "sans",
        color: str | None = None,
        anchor: str = "start",
    ) -> tuple[float, float]:
        """Set one line, moved sideways where it would leave the page.

        Args:
            text: The line.
            x, y: Where it is anchored on its baseline [page units].
            size: Of the letters [page units].
            family: A key of ``FAMILIES``.
            color: The theme's ink where not given.
            anchor: ``start``, ``middle`` or ``end``: which part of the line stands at ``x``.
        Returns:
            Where it begins and ends [page units].
        """
        wide = text_width(text, size, family)
        left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * wide
        left = min(max(left, 0.5 * self.page.margin), max(self.page.width - 0.5 * self.page.margin - wide, 0.0))
        _, style, stack = FAMILIES[family]
        slant = ' font-style="italic"' if style == "italic" else ""
        self.items.append(
            f'<text x="{_number(left)}" y="{_number(y)}" font-family="{stack}"'
            f' font-size="{_number(size)}"{slant}'
            f' fill="{color or self.theme.ink}">{escape(text)}</text>'
        )
        self.bottom = max(self.bottom, y + 0.3 * size)
        return left, left + wide

    def paragraph(self, text: str, x: float, y: float, size: float, width: float, **more: Any) -> float:
        """Set lines within a width.

        Args:
            text: Broken between words.
            x, y: Start of the first line [page units].
            size: Of the letters [page units].
            width: Of the paragraph [page units].
            more: As in :meth:`write`.
        Returns:
            The last baseline [page units].
        """
        lines = _wrap(text, size, more.get("family", "sans"), width)
        for k, line in enumerate(lines):
            self.write(line, x, y + 1.35 * size * k, size, **more)
        return y + 1.35 * size * (len(lines) - 1)

    def path(self, d: str, color: str, weight: float) -> None:
        """Draw a line: an SVG path in a colour, ``weight`` wide [page units]."""
        self.items.append(_path(d, stroke=color, width=weight))


def _plate(
    job: Job, page: Page, top: float, scale: float, canvas: Canvas, hip_at: float | None, key: bool, smaller_views: bool
) -> None:
    """One position: heading and labelled side view; alone on its page (no ``hip_at``) the smaller views."""
    theme = canvas.theme
    y = top + page.title
    canvas.write(job.labels.get("title", job.title), page.margin, y, page.title, "serif")
    subtitle = job.labels.get("subtitle", "")
    if subtitle:
        room = page.width - 2 * page.margin - (0.0 if page.compact else KEY_WIDTH + page.margin)
        y = canvas.paragraph(subtitle, page.margin, y + 1.6 * page.text, page.text, room, color=theme.quiet)
    if key and not page.compact:
        x = page.width - page.margin - KEY_WIDTH
        _legend(job, x, top + 0.45 * page.title, KEY_WIDTH, canvas, hip_at is None)
    pen, floor = _side_pen(job, page, y, scale, hip_at)
    canvas.items += _side_view(job, pen, floor)
    _psoas_label(job, pen, canvas)
    below = _measures(job, pen, canvas)
    canvas.bottom = max(canvas.bottom, below)
    if hip_at is None and smaller_views:
        _smaller_views(job, page, below, scale, canvas)


def _side_pen(job: Job, page: Page, y: float, scale: float, hip_at: float | None) -> tuple[Pen, tuple[float, float]]:
    left, _, right, high = job.side_bounds
    hip = float(job.fig.place("pelvis", np.zeros((1, 3)))[0, 0])
    x = 0.5 * (page.width - scale * (left + right)) if hip_at is None else hip_at - scale * hip
    room = 0.0
    if "psoas_major" in job.labels:
        place = _label_place(job, page, Pen(themes()[job.theme], job.theme, Sheet(x, 0.0, scale), SIDE, page.weights))
        room = page.name - place.name_y
    ground = y + max(room + 0.8 * page.text, high * scale + 1.4 * page.text)
    pen = Pen(themes()[job.theme], job.theme, Sheet(x, ground, scale), SIDE, page.weights)
    return pen, (0.5 * page.margin, page.width - 0.5 * page.margin)


def _top_between(job: Job, start: float, end: float) -> float:
    """Highest point of the figure between two places along the floor [m]."""
    strip = shapely.box(start, -5.0 if job.fig.lying else 0.0, end, 5.0)
    tops = [part.bounds[3] for shape in (job.side, *job.side_arms) if not (part := shape.intersection(strip)).is_empty]
    return max(tops, default=0.0)


class LabelPlace(NamedTuple):
    """Where the psoas's name stands [page units]."""

    lines: list[str]
    """What stands below the name."""
    left: float
    """Where the words begin."""
    right: float
    """Where they end."""
    name_y: float
    """Baseline of the name; the lines follow below."""
    last: float
    """Baseline of the last line."""
    target: Array
    """Where the leader ends (2,) [page units]."""
    wide: bool
    """Whether the words reach beyond what they name."""


def _label_place(job: Job, page: Page, pen: Pen) -> LabelPlace:
    """Beside the psoas and clear of the figure: left of a raised thigh, above trunk and hands."""
    band = bands(job.fig, PSOAS_MAJOR, job.fig.near, 0.06)[3]
    target = pen.flat(band.line)[int(0.42 * len(band.line))]
    limit = min(target[0] - 1.8 * page.text, _thigh_limit(job, pen))
    lines = _psoas_lines(job.labels, page, limit - page.margin)
    wide = max([text_width("psoas major", page.name, "italic"), *(text_width(t, page.text, "sans") for t in lines)])
    left = max(limit - wide, page.margin)
    right = left + wide
    plane = lambda x: (x - pen.sheet.x) / pen.sheet.scale  # noqa: E731
    clear = _top_between(job, plane(left) - 0.01, plane(max(right, target[0])) + 0.01)
    last = pen.sheet.y - clear * pen.sheet.scale - 1.3 * page.text
    name_y = last - 1.4 * page.text * len(lines) - (0.25 * page.text if lines else 0.0)
    return LabelPlace(lines, left, right, float(name_y), float(last), target, bool(right > limit + 1.0))


def _psoas_label(job: Job, pen: Pen, canvas: Canvas) -> None:
    """Name and numbers of the red thing above the trunk, with a fine leader to it."""
    if "psoas_major" not in job.labels:
        return
    page, madder = canvas.page, canvas.theme.madder
    lines, left, right, name_y, last, target, wide = _label_place(job, page, pen)
    anchor, edge = ("start", left) if wide else ("end", right)
    canvas.write("psoas major", edge, name_y, page.name, "italic", madder, anchor)
    for k, text in enumerate(lines):
        canvas.write(text, edge, name_y + 1.4 * page.text * (k + 1) + 0.25 * page.text, page.text, anchor=anchor)
    if wide:
        start, bend = (
            np.array([target[0], last + 0.5 * page.text]),
            0.5 * (target + np.array([target[0], last])),
        )
    else:
        start = np.array([right + 0.4 * page.text, name_y - 0.28 * page.name])
        bend = np.array([target[0], start[1]])
    curve = f"M{_joined(start)}Q{_joined(np.concatenate([bend, target]))}"
    canvas.items.append(_path(curve, stroke=madder, width=page.weights[1]))
    dot = float(1.5 * page.weights[0])
    canvas.items.append(_tag("circle", cx=float(target[0]), cy=float(target[1]), r=dot, fill=madder))


def _psoas_lines(labels: Mapping[str, str], page: Page, room: float) -> list[str]:
    said = [labels[key] for key in ("psoas_words", "psoas_major") if labels.get(key)]
    joined = ": ".join(said)
    if len(said) == 2 and not page.compact and text_width(joined, page.text, "sans") <= room:
        return [joined]
    return [line for text in said for line in _wrap(text, page.text, "sans", page.width - 2 * page.margin)]


def _thigh_limit(job: Job, pen: Pen) -> float:
    """How far right text above the belly may run before it meets a raised thigh [page units]."""
    if not job.fig.feet_down and "calves" not in job.fig.prop_places:
        return pen.sheet.at(np.array([[job.side_bounds[2], 0.0]]))[0, 0]
    hip = job.fig.place("femur_r", np.zeros((1, 3)))[0]
    return float(pen.sheet.at(np.array([[hip[0] - 0.02, 0.0]]))[0, 0])


KEY_WIDTH = 300.0
"""Of the scale of fiber length on a wide page [page units]."""


class Measure(NamedTuple):
    """A dimension below the floor: a span along it, or one place."""

    start: float
    """Across the page [page units]."""
    end: float
    """Across the page; the start again for one place [page units]."""
    text: str
    """What is written below it."""
    rise: float
    """Height its line goes up to, for a single place [page units above the floor]."""


def _measures(job: Job, pen: Pen, canvas: Canvas) -> float:
    """Dimension lines and their words under the floor, in rows that do not collide; returns the lowest."""
    page, theme = canvas.page, canvas.theme
    if job.fig.lying:
        return _named_props(job, pen, canvas)
    depth = {"mat": 0.012, "mattress": 0.12}.get(job.fig.surface, 0.0) * pen.sheet.scale
    first = pen.sheet.y + depth + 1.9 * page.text
    rows: list[list[tuple[float, float]]] = []
    lowest = first
    for measure in sorted(_found_measures(job, pen), key=lambda m: m.start):
        wide = text_width(measure.text, page.text, "sans")
        centre = 0.5 * (measure.start + measure.end)
        left = min(max(centre - 0.5 * wide, page.margin), page.width - page.margin - wide)
        span = (min(left, measure.start) - page.text, max(left + wide, measure.end) + page.text)
        row = next((k for k, used in enumerate(rows) if all(span[0] > b or span[1] < a for a, b in used)), len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(span)
        y = first + row * 2.5 * page.text
        tick = 0.35 * page.text
        if measure.end > measure.start:
            ends = [np.array([[x, y - tick], [x, y + tick]]) for x in (measure.start, measure.end)]
            ends.append(np.array([[measure.start, y], [measure.end, y]]))
        else:
            ends = [np.array([[centre, pen.sheet.y - measure.rise], [centre, y + tick]])]
        canvas.path("".join(_straight_path(end) for end in ends), theme.quiet, page.weights[2])
        canvas.write(measure.text, left, y + 1.45 * page.text, page.text)
        lowest = max(lowest, y + 1.9 * page.text)
    return lowest if rows else pen.sheet.y + depth + 1.2 * page.text


def _named_props(job: Job, pen: Pen, canvas: Canvas) -> float:
    """What carries a body on its side, in a line below it, which looks down on the floor; returns the lowest."""
    page = canvas.page
    y = pen.sheet.y - job.side_bounds[1] * pen.sheet.scale + 1.9 * page.text
    said = [
        f"{where}: {text}"
        for key, where in (("under_head", "under the head"), ("under_between-knees", "between the knees"))
        if (text := job.labels.get(key))
    ]
    if not said:
        return y
    return canvas.paragraph("; ".join(said), page.margin, y, page.text, page.width - 2 * page.margin)


def _found_measures(job: Job, pen: Pen) -> list[Measure]:
    fig, labels, found = job.fig, job.labels, []
    at = lambda x: float(pen.sheet.x + pen.sheet.scale * x)  # noqa: E731
    if labels.get("heels"):
        heel = fig.skin("heel_r")[0]
        found.append(Measure(at(_buttock_edge(fig)), at(float(heel[0] - heel[3])), labels["heels"], 0.0))
    for place, pile in _piles(fig).items():
        if text := labels.get(f"under_{place}"):
            middle = 0.5 * (pile.bounds[0] + pile.bounds[2])
            rise = 0.5 * pen.sheet.scale * (pile.bounds[1] + pile.bounds[3])
            found.append(Measure(at(middle), at(middle), text, rise))
    if labels.get("lumbar_gap"):
        names = [name for name in fig.body.tree.skin if name.startswith(LUMBAR)]
        skin = fig.skin(*names)
        gaps = skin[:, 2] - skin[:, 3]
        x = float(skin[int(np.argmax(gaps)), 0])
        found.append(Measure(at(x), at(x), labels["lumbar_gap"], pen.sheet.scale * max(float(gaps.max()), 0.0)))
    return found


def _smaller_views(job: Job, page: Page, top: float, scale: float, canvas: Canvas) -> None:
    """From above, from the feet, and what the colours mean."""
    room = page.width - 2 * page.margin
    left, low, right, high = job.above_bounds
    share = 1.0 if page.compact else 0.60 if job.fig.feet_down else 0.68
    small = min(share * room / (right - left), scale if page.compact else 0.72 * scale)
    caption = top + 1.9 * page.name
    seen = "from the front" if job.fig.lying else "from above"
    canvas.write(seen, page.margin, caption, 0.72 * page.name, "italic", canvas.theme.quiet)
    y = caption + 0.6 * page.text + high * small
    sheet = Sheet(page.margin - left * small, y, small)
    if page.compact:
        sheet = sheet._replace(x=0.5 * (page.width - small * (left + right)))
    weights = page.weights if page.compact else tuple(0.85 * w for w in page.weights)
    pen = Pen(canvas.theme, job.theme, sheet, job.fig.second, weights)  # type: ignore[arg-type]
    canvas.items += _above_view(job, pen)
    _sides(job, pen, canvas)
    bottom = y - low * small
    canvas.bottom = max(canvas.bottom, bottom + page.text)
    if page.compact:
        _column_below(job, page, bottom + 0.5 * page.text, small, canvas)
    else:
        _column_beside(job, page, caption, bottom, page.margin + (right - left) * small + 70.0, small, canvas)


def _sides(job: Job, pen: Pen, canvas: Canvas) -> None:
    """Which side is which, beside the feet."""
    page = canvas.page
    if job.fig.lying:
        return
    head = pen.flat(job.fig.skin("occiput")[:, :3])[0]
    reach = 0.135 * pen.sheet.scale
    canvas.write("left", head[0], head[1] - reach, page.small, "sans", canvas.theme.quiet, "middle")
    canvas.write("right", head[0], head[1] + reach + 0.8 * page.small, page.small, "sans", canvas.theme.quiet, "middle")


def _column_beside(job: Job, page: Page, caption: float, bottom: float, x: float, scale: float, canvas: Canvas) -> None:
    edge = page.width - page.margin
    if job.fig.feet_down:
        left, _, right, high = job.front_bounds
        fit = min(scale, 0.6 * (edge - x) / (right - left))
        ground = caption + 0.6 * page.text + high * fit
        wide = (right - left) * fit + 28.0
        canvas.write("from the feet", x, caption, 0.72 * page.name, "italic", canvas.theme.quiet)
        _inset(job, page, x + 14.0 - left * fit, ground, fit, (x, x + wide), canvas)
        bottom = max(bottom, ground)
        x += wide + 44.0
    if edge - x < 230.0:
        x, bottom = (
            page.margin,
            canvas.bottom + 1.2 * page.small + _notes_height(job, page, edge - page.margin),
        )
    _notes(job, x, bottom, edge - x, canvas)


def _column_below(job: Job, page: Page, top: float, scale: float, canvas: Canvas) -> None:
    y = top
    if job.fig.feet_down:
        left, _, right, high = job.front_bounds
        caption = y + 1.2 * page.name
        canvas.write("from the feet", page.margin, caption, 0.72 * page.name, "italic", canvas.theme.quiet)
        middle = 0.5 * page.width
        ground = caption + high * scale + 0.3 * page.text
        half = 0.5 * (right - left) * scale + 30.0
        _inset(
            job,
            page,
            middle - 0.5 * (left + right) * scale,
            ground,
            scale,
            (middle - half, middle + half),
            canvas,
        )
        y = ground + 2.0 * page.small
    y = _legend(job, page.margin, y + 2.4 * page.small, page.width - 2 * page.margin, canvas)
    wide = page.width - 2 * page.margin
    _notes(job, page.margin, y + _notes_height(job, page, wide), wide, canvas)


def _inset(
    job: Job, page: Page, x: float, ground: float, scale: float, floor: tuple[float, float], canvas: Canvas
) -> None:
    weights = page.weights if page.compact else tuple(0.82 * w for w in page.weights)
    pen = Pen(canvas.theme, job.theme, Sheet(x, ground, scale), FEET, weights)  # type: ignore[arg-type]
    canvas.items += _front_view(job, pen, floor)
    canvas.write(
        "red: hip sockets",
        0.5 * (floor[0] + floor[1]),
        ground + 1.9 * page.small,
        page.small,
        "sans",
        canvas.theme.quiet,
        "middle",
    )


def _note_entries(job: Job) -> list[tuple[str, str]]:
    entries = []
    if job.spread:
        entries.append(
            (
                "spread",
                job.labels.get("spread", "the flattest and the most hollow back of 9 in 10 such bodies"),
            )
        )
    if job.rests and "note" in job.labels:
        entries.append(("note", job.labels["note"]))
    if not job.rests:
        entries.append(("note", job.labels.get("note", "no resting place found: drawn where the search stopped")))
    return entries


def _notes_height(job: Job, page: Page, width: float) -> float:
    lines = [_wrap(text, page.small, "sans", width - 2.1 * page.small) for _, text in _note_entries(job)]
    return 1.5 * page.small * sum(len(line) for line in lines)


def _notes(job: Job, x: float, bottom: float, width: float, canvas: Canvas) -> None:
    """What the quieter lines mean, ending at ``bottom``."""
    y = bottom - _notes_height(job, canvas.page, width)
    for name, text in _note_entries(job):
        y = _legend_line(name, text, x, y + 1.5 * canvas.page.small, canvas, width)


def _legend(job: Job, x: float, y: float, width: float, canvas: Canvas, marked: bool = True) -> float:
    """The scale of fiber length with a mark for each fascicle, then the quieter lines."""
    page, theme = canvas.page, canvas.theme
    low, high = STRETCH_RANGE
    tall = 0.62 * page.small
    name = f"m{len(canvas.items)}{job.theme[0]}"
    stops = "".join(
        f'<stop offset="{k / 8:g}" stop-color="{stretch_color(low + (high - low) * k / 8, job.theme)}"/>'
        for k in range(9)
    )
    canvas.items.append(f'<linearGradient id="{name}">{stops}</linearGradient>')
    canvas.items.append(
        _tag("rect", x=float(x), y=float(y), width=float(width), height=float(tall), fill=f"url(#{name})")
    )
    rows = [job.fig.body.tree.muscles.index(name + end) for name in PSOAS_MAJOR for end in ("_r", "_l")]
    marks = np.clip((job.fig.stretch[rows] - low) / (high - low), 0.0, 1.0) * width + x
    ticks = "".join(f"M{_number(float(m))} {_number(y - 3)}v{_number(-0.45 * page.small)}" for m in sorted(marks))
    if marked:
        canvas.items.append(_path(ticks, stroke=theme.ink, width=page.weights[1]))
    easy = x + width * (1.0 - low) / (high - low)
    canvas.items.append(
        _path(
            f"M{_number(easy)} {_number(y + tall)}v{_number(0.3 * page.small)}",
            stroke=theme.quiet,
            width=page.weights[2],
        )
    )
    below = y + tall + 1.15 * page.small
    for text, place, anchor in (
        ("slack", x, "start"),
        ("easy length", easy, "middle"),
        ("stretched", x + width, "end"),
    ):
        canvas.write(text, place, below, page.small, "sans", theme.quiet, anchor)
    below += 0.2 * page.small
    for name in ("iliacus", "psoas minor"):
        text = job.labels.get(name.replace(" ", "_"), "")
        if name == "iliacus" or bands(job.fig, PSOAS_MINOR, "_r", 1.0):
            below = _legend_line(name, f"{name}: {text}" if text else name, x, below + 1.5 * page.small, canvas, width)
    return below


def _legend_line(name: str, text: str, x: float, y: float, canvas: Canvas, width: float) -> float:
    page, theme = canvas.page, canvas.theme
    mark = y - 0.3 * page.small
    line = f"M{_number(x)} {_number(mark)}h{_number(1.5 * page.small)}"
    stroke, weight = {
        "iliacus": (theme.iliacus, 0.5 * page.small), "psoas minor": (theme.madder, 2.0 * page.weights[2]),
        "spread": (theme.spread, page.weights[1]), "note": (theme.madder, page.weights[0]),
    }[name]  # fmt: skip
    canvas.items.append(_path(line, stroke=stroke, width=float(weight)))
    lines = _wrap(text, page.small, "sans", width - 2.1 * page.small)
    for k, part in enumerate(lines):
        canvas.write(part, x + 2.1 * page.small, y + 1.5 * page.small * k, page.small, "sans", theme.quiet)
    return y + 1.5 * page.small * (len(lines) - 1)


LAYER_HEADS = {"computed": "also in the model", "drawn": "also drawn, not computed", "image": "an image, not anatomy"}
"""What stands above the layers of one kind."""


def _layer_key(job: Job, canvas: Canvas) -> None:
    """What was added, under everything else: a sample of each and what it is, anatomy apart from images."""
    page, told_of = canvas.page, layer_words()
    kinds = [[n for n in job.layers if told_of[n].kind in some] for some in (("computed", "drawn"), ("image",))]
    columns = [names for names in kinds if names]
    if not columns:
        return
    gap = 0.0 if page.compact else 2.0 * page.margin
    room = page.width - 2 * page.margin
    wide = room if page.compact else 0.5 * (room - gap) if len(columns) == 2 else min(0.7 * room, 44.0 * page.small)
    top = canvas.bottom + 1.4 * page.small
    for k, names in enumerate(columns):
        x, y = page.margin + (0.0 if page.compact else k * (wide + gap)), canvas.bottom if page.compact else top
        for kind, head in LAYER_HEADS.items():
            own = [name for name in names if told_of[name].kind == kind]
            if own:
                y += 2.0 * page.text
                canvas.write(head, x, y, 1.15 * page.text, "italic", canvas.theme.quiet)
            for name in own:
                y = _layer_line(job, name, x, y + 1.75 * page.small, wide, canvas)


def _layer_line(job: Job, name: str, x: float, y: float, width: float, canvas: Canvas) -> float:
    """A sample of a layer and its words; returns the last baseline."""
    page, ink = canvas.page, inks(job.theme)
    left, right, middle, bone = x, x + 1.9 * page.small, y - 0.32 * page.small, page.weights[1]
    line = f"M{_number(left)} {_number(middle)}H{_number(right)}"
    if layer_words()[name].kind == "image":
        dashes = _dashes(page.weights)
        canvas.items.append(_sketch(name, left, middle, right - left, ink["image"], bone, dashes))
    elif name == "neighbors":
        canvas.items.append(_path(line, "none", canvas.theme.neighbor, 2.0 * bone, opacity=0.55))
    else:
        canvas.items.append(
            _tag(
                "rect", x=left, y=middle - 0.28 * page.small, width=right - left, height=0.56 * page.small,
                rx=0.28 * page.small, fill=ink[name], fill_opacity=0.75, stroke=ink[f"{name}_line"], stroke_width=bone,
            )
        )  # fmt: skip
    lines = _wrap(layer_words()[name].key, page.small, "sans", width - 2.6 * page.small)
    for k, part in enumerate(lines):
        canvas.write(part, x + 2.6 * page.small, y + 1.5 * page.small * k, page.small, "sans", canvas.theme.quiet)
    return y + 1.5 * page.small * (len(lines) - 1)


def _sketch(name: str, x: float, y: float, wide: float, color: str, weight: float, dashes: str) -> str:
    """A small sign for an image, between ``x`` and ``x + wide`` about ``y`` [page units]."""
    u = wide / 10.0
    d = {
        "hammock": f"M{_number(x)} {_number(y - 2 * u)}q{_number(5 * u)} {_number(8 * u)} {_number(10 * u)} 0",
        "pendulum": f"M{_number(x + 2 * u)} {_number(y - 3 * u)}l{_number(5 * u)} {_number(4 * u)}",
        "shelf": f"M{_number(x)} {_number(y - u)}h{_number(10 * u)}m{_number(-2 * u)} 0l{_number(-6 * u)} {_number(5 * u)}",
    }[name]
    bob = np.array([x + 8.2 * u, y + 2.0 * u])
    more = _dot(bob, 1.6 * u, fill="none", stroke=color, stroke_width=1.3 * weight) if name == "pendulum" else ""
    return _path(d, "none", color, 1.3 * weight, stroke_dasharray=dashes) + more


# -- the public face ----------------------------------------------------------------------------------


def draw(
    equilibrium: Equilibrium,
    *,
    member: int = 0,
    ensemble: Equilibrium | None = None,
    labels: Mapping[str, str] | None = None,
    theme: ThemeName = "light",
    layers: Sequence[str] = (),
    width: int = 1400,
    compact: bool | None = None,
    fonts: bool = True,
    smaller_views: bool = True,
) -> Drawing:
    """Draw one body where it rests.

    Args:
        equilibrium: Bodies at rest; one that found no rest is drawn where the search stopped, and says so.
        member: Which of them.
        ensemble: Many such bodies: those at the 5th and 95th percentile of lordosis are drawn faintly behind.
        labels: What to write, by the keys of :data:`LABELS`; what can be read off this body where not given.
        theme: ``light`` or ``dark``.
        layers: Any of :data:`LAYERS`: the other muscles, layers in outline, images; see :mod:`psoas.drawing_layers`.
        width: Width it is meant to be seen at [px].
        compact: The narrow layout with larger letters; by default below 600 px.
        fonts: Whether to carry the fonts along (45 kB), for a file that is looked at on its own.
        smaller_views: Whether the body is drawn from above and from the feet as well, which takes two thirds of the time.
    Returns:
        The plate.
    Raises:
        InputError: No such theme, layer, label or member.
    """
    job = _job(equilibrium, member, ensemble, labels, theme, layers)
    return _compose([job], theme, width, compact, fonts, smaller_views)


def compare(
    equilibria: Sequence[Equilibrium],
    *,
    member: int = 0,
    ensembles: Sequence[Equilibrium | None] | None = None,
    labels: Sequence[Mapping[str, str] | None] | None = None,
    theme: ThemeName = "light",
    layers: Sequence[str] = (),
    width: int = 1400,
    compact: bool | None = None,
    fonts: bool = True,
) -> Drawing:
    """Draw positions under one another at the same scale, hip over hip, each on its own ground.

    Args:
        equilibria: The positions, first on top.
        member, theme, layers, width, compact, fonts: As in :func:`draw`.
        ensembles: One for each position, or ``None``.
        labels: One mapping for each position, or ``None``.
    Returns:
        The plate.
    Raises:
        InputError: Nothing to compare, or as in :func:`draw`.
    """
    if not equilibria:
        raise InputError("equilibria is empty; give at least one to compare")
    many = ensembles or [None] * len(equilibria)
    said = labels or [None] * len(equilibria)
    jobs = [_job(e, member, s, t, theme, layers) for e, s, t in zip(equilibria, many, said, strict=True)]
    return _compose(jobs, theme, width, compact, fonts)


def _job(
    equilibrium: Equilibrium,
    member: int,
    ensemble: Equilibrium | None,
    labels: Mapping[str, str] | None,
    theme: str,
    layers: Sequence[str],
) -> Job:
    for given, taken, what in (([theme], THEMES, "theme"), (labels or (), LABELS, "label")):
        for name in given:
            if name not in taken:
                raise InputError(f"{what} is {name!r}; give {', '.join(taken)}")
    fig = figure(equilibrium, member)
    spread = () if ensemble is None else tuple(figure(ensemble, k) for k in _percentiles(ensemble))
    return Job(
        fig, dict(_usual_labels(fig) if labels is None else labels), theme, known(layers), spread,  # type: ignore[arg-type]
        equilibrium.position.title, bool(equilibrium.converged[member]),
    )  # fmt: skip


def _percentiles(ensemble: Equilibrium) -> tuple[int, int]:
    """Members nearest the 5th and 95th percentile of lumbar lordosis."""
    tree = ensemble.body.tree
    lordosis = ensemble.coordinates[:, [tree.coordinate(level, "flexion") for level in LEVELS]].sum(axis=1)
    rows = np.flatnonzero(ensemble.converged) if ensemble.converged.any() else np.arange(len(lordosis))
    order = rows[np.argsort(lordosis[rows], kind="stable")]
    last = len(order) - 1
    return int(order[round(0.05 * last)]), int(order[round(0.95 * last)])


def _compose(
    jobs: Sequence[Job], theme: ThemeName, width: int, compact: bool | None, fonts: bool, smaller_views: bool = True
) -> Drawing:
    page = COMPACT if (width < 600 if compact is None else compact) else WIDE
    canvas = Canvas(page, themes()[theme])
    scale, hip_at = _common_scale(jobs, page)
    for k, job in enumerate(jobs):
        top = canvas.bottom + (page.margin if k == 0 else 1.6 * page.margin)
        _plate(job, page, top, scale, canvas, hip_at if len(jobs) > 1 else None, k == 0, smaller_views)
    if len(jobs) > 1 and page.compact:
        _legend(
            jobs[0],
            page.margin,
            canvas.bottom + 2.4 * page.small,
            page.width - 2 * page.margin,
            canvas,
            False,
        )
    _layer_key(jobs[0], canvas)
    height = round(canvas.bottom + 0.8 * page.margin)
    said = "\n".join(
        filter(None, [*(words(job, len(jobs) == 1 and smaller_views) for job in jobs), told(jobs[0].layers)])
    )
    name = " and ".join(job.title for job in jobs)
    body = "".join(canvas.items)
    mark = hashlib.sha256((body + said).encode()).hexdigest()[:8]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width:.0f} {height}" width="{width}"'
        f' height="{round(width * height / page.width)}" role="img" aria-labelledby="t{mark} d{mark}">'
        f'<title id="t{mark}">{escape(name)}</title><desc id="d{mark}">{escape(said)}</desc>'
        f"{font_faces() if fonts else ''}"
        f'<rect width="{page.width:.0f}" height="{height}" fill="{canvas.theme.paper}"/>{body}</svg>\n'
    )
    return Drawing(svg, said, (page.width, float(height)))


def _common_scale(jobs: Sequence[Job], page: Page) -> tuple[float, float]:
    """One scale for all, and where the hips stand on the page when there are several."""
    ahead = behind = 0.0
    widest = 0.0
    for job in jobs:
        left, _, right, _ = job.side_bounds
        hip = float(job.fig.place("pelvis", np.zeros((1, 3)))[0, 0])
        ahead, behind, widest = max(ahead, right - hip), max(behind, hip - left), max(widest, right - left)
    room = page.width - 2 * page.margin
    across = widest if len(jobs) == 1 else ahead + behind
    scale = min(room / across, page.most_scale)
    spare = room - scale * (ahead + behind)
    return scale, page.margin + 0.5 * spare + scale * behind


def to_png(svg: str | Drawing, path: str | Path | None = None, width: int = 1400) -> bytes:
    """Render a plate with the bundled fonts.

    Args:
        svg: A drawing or its SVG.
        path: Where to write it, if anywhere.
        width: Of the picture [px].
    Returns:
        The PNG's bytes.
    Raises:
        OSError: The path cannot be written.
    """
    text = svg.svg if isinstance(svg, Drawing) else svg
    with ExitStack() as stack:
        fonts = [str(stack.enter_context(as_file(_bundled("fonts", name)))) for name in FONT_FILES]
        data = bytes(resvg_py.svg_to_bytes(svg_string=text, width=width, font_files=fonts, skip_system_fonts=True))
    if path is not None:
        Path(path).write_bytes(data)
    return data


__all__ = [
    "LABELS", "LAYERS", "STRETCH_RANGE", "THEMES", "Drawing", "Figure", "compare", "draw", "figure",
    "heel_distance", "silhouette", "stretch_color", "text_width", "to_png",
]  # fmt: skip
