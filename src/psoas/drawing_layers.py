"""What a plate can show besides the psoas: layers in outline, and the sources' images. All drawn, none of it computed.

The shapes are fixed in the solved body's own segments, so that they move with its posture; their levels and sizes, with where
they were read, are in ``drawing_shapes/layers.toml``. This room makes shapes; :mod:`psoas.drawing` inks them.

Not drawn: breath, how organs shift as a body turns, and whatever makes one person's kidneys lie elsewhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal, Protocol

import numpy as np

from psoas.body.model import Array
from psoas.errors import InputError

LAYERS = ("neighbors", "diaphragm", "kidneys", "organs", "hammock", "pendulum", "shelf")
"""What can be added to a plate, in the order in which it is listed."""
ENDS = ("_r", "_l")
SPINE = ("L5", "L4", "L3", "L2", "L1", "T12")

Kind = Literal["computed", "drawn", "image"]
When = Literal["under", "among", "over"]


class Placed(Protocol):
    """What a layer needs to know of a solved body; :class:`psoas.drawing.Figure` is one."""

    @property
    def sizes(self) -> Mapping[str, Array]:
        """Size of each segment over that of the stored shapes (3,) [-]."""

    @property
    def fullness(self) -> tuple[float, float, float]:
        """Half depth, half width of the belly and how far its middle lies before the spine [m]."""

    @property
    def lying(self) -> str:
        """The side it lies on, or nothing."""

    def place(self, segment: str, local: Array) -> Array:
        """World position of points fixed in a segment (n, 3) [m]."""

    def bone(self, segment: str, points: Sequence[Sequence[float]] | Array, side: float = 0.0) -> Array:
        """World position of a stored shape's points, at the segment's size (n, 3) [m]."""

    def belly(self, level: str) -> float:
        """How far the belly reaches in front of a lumbar vertebra [m]."""


@dataclass(frozen=True)
class Words:
    """How a layer is told: its ``title``, its ``key`` beside a sample of it, and whether it is computed, drawn or an image."""

    title: str
    key: str
    kind: Kind


@dataclass(frozen=True, eq=False)
class Mark:
    """One shape of a layer, in the world.

    Attributes:
        layer: One of :data:`LAYERS`.
        when: ``under`` the bones, ``among`` them and under the psoas, or ``over`` all of it.
        ink: Its colour in :func:`inks`; its line's is that with ``_line``.
        balls: Groups of balls whose hulls make a solid (n, 4) each [m].
        lines: Smooth curves (n, 3) each [m].
        closed: Whether the curves close.
        filled: How much its fill covers [-]; 0 for none.
        weight: Of its line over that of a bone's [-]; 0 for none.
        strength: Of its line [-].
        dashed: Whether the line of an image is dashed, as all but its smallest parts are.
        inside: How far inside the body's outline it stays [m]; nothing where it need not.
    """

    layer: str
    when: When
    ink: str
    balls: tuple[Array, ...] = ()
    lines: tuple[Array, ...] = ()
    closed: bool = False
    filled: float = 0.0
    weight: float = 1.0
    strength: float = 1.0
    dashed: bool = True
    inside: float | None = None

    @property
    def image(self) -> bool:
        """Whether it is an image and no anatomy."""
        return words()[self.layer].kind == "image"


@cache
def stored() -> Mapping[str, Any]:
    """The file of shapes, as it is."""
    return tomllib.loads((files("psoas") / "drawing_shapes" / "layers.toml").read_text(encoding="utf-8"))


@cache
def words() -> Mapping[str, Words]:
    """How each layer is told, by its name."""
    return {name: Words(**stored()["words"][name]) for name in LAYERS}


def inks(theme: str) -> Mapping[str, str]:
    """Colours by name, sRGB hex, of ``light`` or ``dark``."""
    found: Mapping[str, str] = stored()["ink"][theme]
    return found


def known(names: Iterable[str]) -> tuple[str, ...]:
    """Layers as they are asked for, each once and in their own order.

    Args:
        names: Any of :data:`LAYERS`.
    Returns:
        Them.
    Raises:
        InputError: There is no such layer.
    """
    asked = tuple(names)
    for name in asked:
        if name not in LAYERS:
            raise InputError(f"layer is {name!r}; give {', '.join(LAYERS)}")
    return tuple(name for name in LAYERS if name in asked)


def told(layers: Sequence[str]) -> str:
    """What is switched on, in sentences, for those who listen; nothing for no layers."""
    how = words()
    by_kind = {
        kind: [how[name] for name in layers if how[name].kind == kind] for kind in ("computed", "drawn", "image")
    }
    found = [f"Also shown: {one.key}." for one in by_kind["computed"]]
    found += (
        [f"Also drawn, not computed: {'; '.join(one.key for one in by_kind['drawn'])}."] if by_kind["drawn"] else []
    )
    found += [f"As an image, not anatomy, dashed: {one.key}." for one in by_kind["image"]]
    return " ".join(found)


def marks(body: Placed, layers: Sequence[str], side: bool) -> tuple[Mark, ...]:
    """The shapes of some layers.

    Args:
        body: The solved body.
        layers: Any of :data:`LAYERS`; ``neighbors`` has no shapes of its own.
        side: Whether the body is seen from its side, where the half toward the viewer stands for both; else from in front.
    Returns:
        Shapes, the lowest first.
    """
    made = {"diaphragm": _diaphragm, "kidneys": _kidneys, "organs": _organs} | {
        "hammock": _hammock, "pendulum": _pendulum, "shelf": _shelf
    }  # fmt: skip
    ends = (("_l",) if body.lying == "right" else ("_r",)) if side else ENDS
    found = [
        mark for name in ("organs", "diaphragm", "kidneys") if name in layers for mark in made[name](body, ends, side)
    ]
    for name in ("shelf", "pendulum", "hammock"):
        if name in layers:
            found += made[name](body, ends, side)
    if "shelf" in layers and "kidneys" not in layers:  # a shelf without anything on it is none
        found += [Mark("shelf", "over", "image", tuple(kidney(body, end)), weight=0.8, strength=0.6) for end in ends]
    return tuple(found)


# -- places -------------------------------------------------------------------------------------------


def spine(body: Placed, points: Sequence[Sequence[float]] | Array, end: str = "_r") -> Array:
    """Places along the spine in the world, between the frames of its vertebrae so that they bend with it.

    Args:
        body: The solved body.
        points: Height (see ``layers.toml``), forward and to the side (n, 3) [-, m, m].
        end: ``_l`` mirrors them.
    Returns:
        World points (n, 3) [m].
    """
    across = float(body.sizes["L1"][0])
    out = []
    for height, x, z in np.asarray(points, dtype=float)[:, :3]:
        local = np.array([[across * x, 0.0, across * (-z if end == "_l" else z)]])
        low = int(np.clip(np.floor(height), 0, len(SPINE) - 2))
        below, above = (body.place(level, local)[0] for level in SPINE[low : low + 2])
        out.append(below + (height - low) * (above - below))
    return np.array(out)


def _tube(body: Placed, rows: Sequence[Sequence[float]], end: str = "_r") -> tuple[Array, ...]:
    """A tapered tube along the spine, as balls: rows of height, x, z and radius."""
    table = np.array(rows)
    balls = np.column_stack([spine(body, table, end), table[:, 3] * float(body.sizes["L1"][0])])
    return tuple(balls[k : k + 2] for k in range(len(balls) - 1))


def _mirrored(points: Sequence[Sequence[float]] | Array, end: str) -> Array:
    return np.asarray(points, dtype=float) * [1.0, 1.0, -1.0 if end == "_l" else 1.0]


# -- layers -------------------------------------------------------------------------------------------


class _Axes:
    """Where a kidney is: its middle, along it toward the head, outward across it, and its size."""

    def __init__(self, body: Placed, end: str) -> None:
        shape = stored()["kidneys"]
        middle = shape["middle"][end[1:]]
        poles = [[middle + height, x, z] for height, x, z in (shape["upper"], shape["lower"])]
        upper, lower = spine(body, poles, end)
        origin, front, out = spine(body, [[middle, 0.0, 0.0], [middle, 0.1, 0.0], [middle, 0.0, 0.1]], end)
        along = (upper - lower) / np.linalg.norm(upper - lower)
        turn = np.deg2rad(shape["turn"])
        across = np.cos(turn) * (out - origin) - np.sin(turn) * (front - origin)
        across -= (across @ along) * along
        self.size = float(body.sizes["thorax"][1])
        self.long = shape["length"] * self.size
        self.middle, self.along, self.across = 0.5 * (upper + lower), along, across / np.linalg.norm(across)

    def ball(self, share: float, out: float, radius: float) -> Array:
        """A ball at a share of the length and so far outward (4,) [m]."""
        return np.append(
            self.middle + share * self.long * self.along + out * self.size * self.across, radius * self.size
        )


def kidney(body: Placed, end: str) -> list[Array]:
    """One kidney.

    Args:
        body: The solved body.
        end: ``_r`` or ``_l``.
    Returns:
        Groups of balls, whose hulls are the kidney (n, 4) each [m].
    """
    axes = _Axes(body, end)
    slices = [
        np.array([axes.ball(share, inner + half, half), axes.ball(share, outer - half, half)])
        for share, inner, outer, half in stored()["kidneys"]["slices"]
    ]
    return [np.concatenate(pair) for pair in pairwise(slices)]


def _kidneys(body: Placed, ends: Sequence[str], side: bool) -> list[Mark]:
    found = []
    for end in ends:
        axes = _Axes(body, end)
        cap = np.array([axes.ball(*row) for row in stored()["kidneys"]["adrenal"]])
        own = tuple(kidney(body, end))
        found += [
            Mark("kidneys", "among", "kidneys", (cap,), filled=0.55, weight=0.8),
            Mark("kidneys", "among", "kidneys", own, filled=0.80),
            Mark("kidneys", "over", "kidneys", own, strength=0.55, weight=0.8),
        ]
    return found


def _diaphragm(body: Placed, ends: Sequence[str], side: bool) -> list[Mark]:
    shape = stored()["diaphragm"]
    found = []
    if side:
        [end] = ends
        high = 1.0 if end == "_r" else shape["left"]
        arch = np.array([[x, y * high if y > 0.0 else y, shape["dome_at"]] for x, y in shape["arch"]])
        margin = _mirrored(shape["margin"], end)
        dome = body.bone("thorax", _mirrored(arch, end))
        sheet = np.concatenate([dome[:1], dome, dome[-1:], body.bone("thorax", margin[1:])])
        edge = body.bone("thorax", margin)
    else:
        right = np.array(shape["crown"])
        left = _mirrored(right[::-1], "_l")
        left[:, 1] *= np.where(np.abs(left[:, 2]) > 0.03, shape["left"], 1.0)
        dome = body.bone("thorax", np.concatenate([right[:1], right, left, left[-1:]]))
        front = np.array(shape["margin"])[3:]
        edge = body.bone("thorax", np.concatenate([_mirrored(front, "_l"), front[::-1]]))
        sheet = np.concatenate([dome, edge])
    found.append(Mark("diaphragm", "under", "diaphragm", lines=(sheet,), closed=True, filled=0.30, weight=0.0))
    found.append(Mark("diaphragm", "under", "diaphragm", lines=(edge,), weight=0.8, strength=0.6))
    found.append(Mark("diaphragm", "under", "diaphragm", lines=(dome,), weight=2.0))
    for end in ends:
        crus = _tube(body, shape["crus"][end[1:]], end)
        found.append(Mark("diaphragm", "among", "diaphragm", crus, filled=0.85, weight=0.7))
        arch = spine(body, shape["arcuate"], end)
        found.append(
            Mark("diaphragm", "over", "diaphragm", lines=(np.vstack([arch[:1], arch, arch[-1:]]),), weight=1.9)
        )
    return found


def _slice(low: float, front: float, wide: float) -> Array:
    """Four balls' places in a level slice: back and front, on either side, with a radius (4, 3): x, z, radius [m]."""
    radius = min(0.28 * (front - low), 0.45 * wide)
    return np.array([
        [x, z, radius] for x in (low + radius, front - radius) for z in (wide - radius, radius - wide)
    ])  # fmt: skip


def _organs(body: Placed, ends: Sequence[str], side: bool) -> list[Mark]:
    shape, slices = stored()["organs"], []
    across, (_, wide, _) = float(body.sizes["L1"][0]), body.fullness
    wall = shape["wall"] * max(across, 1.0)
    behind = across * shape["behind"]
    for y, back, front, half, share in shape["chest"]:
        size = float(body.sizes["thorax"][0])
        full = max((body.belly("L1") - wall) / size - front, 0.0)
        rows = _slice(back, front + share * full, half)
        centers = body.bone("thorax", np.column_stack([rows[:, 0], np.full(4, y), rows[:, 1]]))
        slices.append(np.column_stack([centers, rows[:, 2] * size]))
    for level in reversed(SPINE[:-1]):
        rows = _slice(behind, max(body.belly(level) - wall, behind + 0.03), shape["width"] * wide)
        centers = body.place(level, np.column_stack([rows[:, 0], np.full(4, 0.015), rows[:, 1]]))
        slices.append(np.column_stack([centers, rows[:, 2]]))
    for y, back, front, half, share in shape["pelvis"]:
        full = max((body.belly("L5") - wall) / across - front, 0.0)
        rows = _slice(back, front + share * full, half)
        centers = body.bone("pelvis", np.column_stack([rows[:, 0], np.full(4, y), rows[:, 1]]))
        slices.append(np.column_stack([centers, rows[:, 2] * across]))
    belly = tuple(np.concatenate(pair) for pair in pairwise(slices))
    found = []
    if side:
        found.append(Mark("organs", "under", "organs", belly, filled=0.55, weight=0.9, inside=shape["edge"]))
    for vessel in ("cava", "aorta"):
        branch = {"cava": "vein", "aorta": "artery"}[vessel]
        limbs = [_branch(body, shape[branch], end) for end in ENDS]
        if side:
            limbs = [_branch(body, shape[branch], ends[0])]
        tubes = (*_tube(body, shape[vessel]), *(tube for limb in limbs for tube in limb))
        found.append(Mark("organs", "among", vessel, tubes, filled=0.70, weight=0.6))
    if not side:
        found.append(Mark("organs", "over", "organs", belly, filled=0.16, weight=0.9, inside=shape["edge"]))
    return found


def _branch(body: Placed, rows: Sequence[Sequence[float]], end: str) -> tuple[Array, ...]:
    """A branch of a great vessel: it leaves the trunk where that is, and goes to its own side."""
    table = np.array(rows)
    if end == "_l":
        table[1:, 2] *= -1.0
    return _tube(body, table.tolist())


# -- images -------------------------------------------------------------------------------------------


def _down(body: Placed, along: Array) -> Array:
    """Which way a hammock sags between ends that lie ``along`` (3,) [-]: to the floor, or to the back if it would stand on end.

    A body on its side has been turned, so that its side view looks down.
    """
    floor = np.array([0.0, 1.0, 0.0]) if body.lying else np.array([0.0, 0.0, -1.0])
    return floor if abs(floor @ along) < 0.7 else -_lateral(body)[0]


def _ring(centre: Array, radius: float, normal: Array, around: Array) -> Array:
    """A circle about a centre in the plane that has this normal (24, 3) [m]."""
    first = around - (around @ normal) * normal
    first /= np.linalg.norm(first)
    turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)[:, None]
    return centre + radius * (np.cos(turn) * first + np.sin(turn) * np.cross(normal, first))


def _lateral(body: Placed) -> tuple[Array, Array, Array]:
    """Forward, up along the body and to its right, at L3 (3,) each [-]."""
    origin, *ends = body.place("L3", np.array([[0.0, 0, 0], [1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]))
    forward, up, right = (end - origin for end in ends)
    return forward, up, right


def _insertion(body: Placed, end: str) -> Array:
    """The lesser trochanter (3,) [m]."""
    return body.bone("femur" + end, [[-0.0250, -0.0545, 0.0125]])[0]


def _hammock(body: Placed, ends: Sequence[str], side: bool) -> list[Mark]:
    shape, found = stored()["hammock"], []
    forward, _, right = _lateral(body)
    share = np.linspace(0.0, 1.0, 17)[:, None]
    hang = 4.0 * share * (1.0 - share)
    for end in ends:
        top, low = spine(body, [shape["top"]], end)[0], _insertion(body, end)
        long = float(np.linalg.norm(low - top))
        cord, down = top + share * (low - top), hang * long * _down(body, (low - top) / long)
        edge, cloth, *lower = (cord + sag * down for sag in shape["sag"])
        out = hang * shape["spread"] * right
        sheet = (edge, cloth) if side else (edge + out, edge - out)
        closed = np.concatenate([sheet[0][:1], sheet[0], sheet[0][-1:], sheet[1][::-1]])
        normal = right if side else forward
        rings = tuple(_ring(at, shape["ring"], normal, low - top) for at in (top, low))
        found.append(Mark("hammock", "among", "image", lines=(closed,), closed=True, filled=0.16))
        for line, faint in zip(lower, (0.7, 0.45), strict=True):
            found.append(Mark("hammock", "among", "image", lines=(line,), strength=faint))
        found.append(Mark("hammock", "over", "image", lines=rings, closed=True, dashed=False))
    return found


def _turned(point: Array, about: Array, axis: Array, angle: float) -> Array:
    """A point turned about an axis through another (3,) [m]."""
    arm = point - about
    c, s = np.cos(angle), np.sin(angle)
    found: Array = about + c * arm + s * np.cross(axis, arm) + (1.0 - c) * (axis @ arm) * axis
    return found


def _pendulum(body: Placed, ends: Sequence[str], side: bool) -> list[Mark]:
    shape, found = stored()["pendulum"], []
    forward, _, right = _lateral(body)
    normal = right if side else forward
    for end in ends:
        pivot = spine(body, [shape["pivot"]], end)[0]
        bob = pivot + shape["bob"] * (_insertion(body, end) - pivot)
        ahead, behind = np.deg2rad(shape["swing"])
        if (np.cross(right, bob - pivot)) @ forward < 0.0:
            ahead, behind = -ahead, -behind
        places = [_turned(bob, pivot, right, angle) for angle in (ahead, -behind)]
        ring = lambda at, size: _ring(at, size, normal, bob - pivot)  # noqa: E731, B023
        found.append(Mark("pendulum", "among", "image", lines=(np.linspace(pivot, bob, 4),)))
        found.append(Mark("pendulum", "over", "image", lines=(ring(bob, shape["radius"]),), closed=True, filled=0.25))
        found.append(
            Mark("pendulum", "over", "image", lines=(ring(pivot, 0.3 * shape["radius"]),), closed=True, dashed=False)
        )
        if side:  # from in front it swings toward the eye
            arc = np.array([_turned(bob, pivot, right, angle) for angle in np.linspace(-behind, ahead, 13)])
            ghosts = tuple(ring(at, shape["radius"]) for at in places)
            found.append(Mark("pendulum", "over", "image", lines=ghosts, closed=True, strength=0.5))
            found.append(Mark("pendulum", "over", "image", lines=(arc,), strength=0.7))
    return found


def _shelf(body: Placed, ends: Sequence[str], side: bool) -> list[Mark]:
    shape, found = stored()["shelf"], []
    top, low, foot = shape["at"], shape["at"] - shape["thick"], shape["foot"]
    for end in ends:
        if side:
            near, far = shape["deep"]
            at = lambda h, x: [h, x, 0.06]  # noqa: E731
            bracket = [at(low, 0.8 * far), at(foot, 0.0)]
        else:
            near, far = shape["wide"]
            at = lambda h, z: [h, 0.0, z]  # noqa: E731
            bracket = [at(low, 0.85 * far), at(foot, near)]
        board = spine(body, [at(top, near), at(top, far), at(low, far), at(low, near)], end)
        corners = np.concatenate(
            [np.linspace(a, b, 6)[:-1] for a, b in zip(board, np.roll(board, -1, axis=0), strict=True)]
        )
        brace = spine(body, bracket, end)
        found.append(Mark("shelf", "over", "image", lines=(corners,), closed=True, filled=0.20))
        found.append(Mark("shelf", "over", "image", lines=(np.linspace(brace[0], brace[1], 4),)))
    return found


__all__ = ["LAYERS", "Mark", "Placed", "Words", "inks", "kidney", "known", "marks", "spine", "told", "words"]
