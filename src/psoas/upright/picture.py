"""The plate of an upright body: the same ink as that of a body that lies, on a page that stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from psoas.body.muscles import PSOAS_MAJOR
from psoas.drawing import (
    COMPACT,
    SIDE,
    THEMES,
    Canvas,
    Drawing,
    Figure,
    Job,
    Page,
    Pen,
    Sheet,
    ThemeName,
    _layer_key,
    _legend,
    _notes,
    _notes_height,
    _percentiles,
    _side_view,
    bands,
    figure,
    font_faces,
    text_width,
    themes,
)
from psoas.drawing_layers import known
from psoas.drawing_layers import told as layers_told
from psoas.equilibrium import Equilibrium
from psoas.errors import InputError
from psoas.position import Position

PAGE = Page(1100.0, 48.0, 46.0, 36.0, 20.0, 17.0, (2.1, 1.15, 0.75), 640.0, False)
"""Measures of the page [page units]."""
COLUMN = 330.0
"""Width of the words beside the figure [page units]."""
NARROW = 600
"""Below this width the words stand under the figure, in larger letters [px]."""
BOARD, LEG = 0.05, 0.035
"""Thickness of a chair's boards and legs, as they are drawn; a drawing's choice [m]."""


def draw(
    equilibrium: Equilibrium,
    *,
    ensemble: Equilibrium | None = None,
    labels: Mapping[str, str] | None = None,
    theme: ThemeName = "light",
    layers: Sequence[str] = (),
    width: int = 1100,
    fonts: bool = True,
) -> Drawing:
    """Draw one upright body from its right, head up, on the floor and its chair.

    Args:
        equilibrium: Upright bodies, of which the first is drawn.
        ensemble: Many such bodies: those at the 5th and 95th percentile of lordosis are drawn faintly behind one that
            stands.
        labels: What to write: ``title``, ``subtitle`` (neither where the title is empty), ``psoas_major`` (its lines
            parted by ``\\n``), ``iliacus``, and at their lines ``seat_height`` and ``seat_depth``.
        theme: ``light`` or ``dark``.
        layers: What :func:`upright_layers` takes, told under the plate.
        width: Width it is meant to be seen at; below 600 px the words stand under the figure, in larger letters [px].
        fonts: Whether to carry the fonts along (45 kB).
    Returns:
        The plate.
    Raises:
        InputError: No such theme or layer, or an image that does not fit one who is upright.
    """
    if theme not in THEMES:
        raise InputError(f"theme is {theme!r}; give {', '.join(THEMES)}")
    said = dict(labels or {})
    fig = upright_figure(equilibrium)
    # On a chair the others' outlines would hang through the seat.
    alone = ensemble is None or bool(equilibrium.support.prop_places)
    spread = () if alone or ensemble is None else tuple(upright_figure(ensemble, k) for k in _percentiles(ensemble))
    job = Job(
        fig,
        said,
        theme,
        upright_layers(equilibrium.position, layers),
        spread,
        equilibrium.position.title,
        bool(equilibrium.converged[0]),
    )
    # The rounded buttocks of a body that lies would hang through the seat: flesh ends where the seat begins.
    job.__dict__["side"] = sat_flat(job.side, equilibrium)
    page = COMPACT if width < NARROW else PAGE
    canvas = Canvas(page, themes()[theme])
    y, title = page.margin, said.get("title", job.title)
    if title:
        y += page.title
        canvas.write(title, page.margin, y, page.title, "serif")
    if title and said.get("subtitle"):
        y = canvas.paragraph(
            said["subtitle"], page.margin, y + 1.6 * page.text, page.text, page.width - 2 * page.margin,
            color=canvas.theme.quiet,
        )  # fmt: skip
    left, _, right, high = job.side_bounds
    column = 0.0 if page.compact else COLUMN
    room = page.width - (2 if page.compact else 3) * page.margin - column
    # What stands left of the chair has room there.
    aside = text_width(said["seat_height"], page.text, "sans") + 2.0 * page.text if said.get("seat_height") else 0.0
    scale = min(page.most_scale, (room - aside) / (right - left))
    ground = y + 2.0 * page.text + scale * high
    x = page.margin + aside + 0.5 * (room - aside) - 0.5 * scale * (left + right)
    pen = Pen(canvas.theme, theme, Sheet(x, ground, scale), SIDE, page.weights)
    floor = 0.5 * page.margin, page.margin + room
    canvas.items += _side_view(job, pen, floor)
    lowest = _seat_lines(job, equilibrium, said, pen, canvas)
    beside, at = page.width - page.margin - column, y + 3.5 * page.text
    if page.compact:
        beside, at, column = page.margin, lowest + 2.6 * page.text, room
    canvas.write("psoas major", beside, at, page.name, "italic", canvas.theme.madder)
    for line in said.get("psoas_major", "").split("\n"):
        if line:
            at = canvas.paragraph(line, beside, at + 1.5 * page.text, page.text, column)
    if not page.compact:
        band = pen.flat(bands(fig, PSOAS_MAJOR, fig.near, 0.06)[3].line)
        tip_x, tip_y = (float(x) for x in band[len(band) // 3])
        canvas.path(f"M{tip_x:.1f} {tip_y:.1f}L{beside - 8:.1f} {at:.1f}", canvas.theme.madder, page.weights[2])
        dot = 1.5 * page.weights[0]
        canvas.items.append(f'<circle cx="{tip_x:.1f}" cy="{tip_y:.1f}" r="{dot:.1f}" fill="{canvas.theme.madder}"/>')
    under = _legend(job, beside, at + (2.4 if page.compact else 3.0) * page.text, column, canvas)
    _notes(job, beside, under + 0.5 * page.small + _notes_height(job, page, column), column, canvas)
    canvas.bottom = max(canvas.bottom, lowest)
    _layer_key(job, canvas)
    height = round(canvas.bottom + 0.8 * page.margin)
    told = "\n".join(filter(None, [words(job, equilibrium), layers_told(job.layers)]))
    body = "".join(canvas.items)
    mark = hashlib.sha256((body + told).encode()).hexdigest()[:8]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width:.0f} {height}" width="{width}"'
        f' height="{round(width * height / page.width)}" role="img" aria-labelledby="t{mark} d{mark}">'
        f'<title id="t{mark}">{escape(job.title)}</title><desc id="d{mark}">{escape(told)}</desc>'
        f"{font_faces() if fonts else ''}"
        f'<rect width="{page.width:.0f}" height="{height}" fill="{canvas.theme.paper}"/>{body}</svg>\n'
    )
    return Drawing(svg, told, (page.width, float(height)))


def upright_layers(position: Position, layers: Sequence[str]) -> tuple[str, ...]:
    """What can be added to the plate of an upright body: what lies in it and follows its spine, and the images that fit.

    Args:
        position: ``standing`` or ``sitting``.
        layers: Any of :data:`psoas.drawing_layers.LAYERS` but the hammock, which is an image of a body that lies, and, on a
            chair, the pendulum, which would swing through the seat.
    Returns:
        The layers, in their order, each once.
    Raises:
        InputError: No such layer, or one of those two.
    """
    found = known(layers)
    if "hammock" in found:
        raise InputError("layer is 'hammock', an image of one who lies: it hangs toward the floor; leave it out")
    if "pendulum" in found and position.legs == "chair":
        raise InputError("layer is 'pendulum', which swings with a leg and not through a seat; leave it out")
    return found


def _seat_lines(job: Job, equilibrium: Equilibrium, said: Mapping[str, str], pen: Pen, canvas: Canvas) -> float:
    """How high and how deep the seat is, as lines beside and below it; returns how far down the page they reach."""
    page, support, sheet = canvas.page, equilibrium.support, pen.sheet
    lowest = sheet.y + 1.6 * page.text
    if "seat" not in support.prop_places:
        return lowest
    seat = support.prop_places.index("seat")
    middle, half, edge = support.prop_center[0, seat], support.prop_half_size[0, seat], support.prop_rounding[0, seat]
    (rear, _), (front, top) = middle - half - edge, middle + half + edge
    tick, thin = 0.35 * page.text, page.weights[2]
    if said.get("seat_height"):
        x = sheet.x + sheet.scale * float(rear) - 1.2 * page.text
        high, low = sheet.y - sheet.scale * float(top), sheet.y
        ends = "".join(f"M{x - tick:.1f} {y:.1f}h{2 * tick:.1f}" for y in (high, low))
        canvas.path(f"M{x:.1f} {high:.1f}V{low:.1f}{ends}", canvas.theme.quiet, thin)
        canvas.write(said["seat_height"], x - 0.6 * page.text, 0.5 * (high + low), page.text, anchor="end")
    if said.get("seat_depth"):
        back = job.side.intersection(shapely.box(-5.0, float(top), 5.0, float(top) + 0.15)).bounds[0]
        left, right = (sheet.x + sheet.scale * float(x) for x in (back, front))
        y = sheet.y + 1.5 * page.text
        ends = "".join(f"M{x:.1f} {y - tick:.1f}v{2 * tick:.1f}" for x in (left, right))
        canvas.path(f"M{left:.1f} {y:.1f}H{right:.1f}{ends}", canvas.theme.quiet, thin)
        canvas.write(said["seat_depth"], 0.5 * (left + right), y + 1.4 * page.text, page.text, anchor="middle")
        lowest = y + 2.0 * page.text
    return lowest


def words(job: Job, equilibrium: Equilibrium) -> str:
    """The plate in words, for those who listen to it."""
    position = equilibrium.position
    if position.legs == "standing":
        how = "standing on the floor, arms by the sides"
    else:
        back = "leaning on a backrest" if position["support"] == "backrest" else "its back free"
        how = f"sitting on a chair, both feet on the floor, {back}"
    rows = [job.fig.body.tree.muscles.index(name + end) for name in PSOAS_MAJOR for end in ("_r", "_l")]
    low, high = float(job.fig.stretch[rows].min()), float(job.fig.stretch[rows].max())
    label = job.labels.get("psoas_major", "").replace("\n", ", ")
    return (
        f"{job.title}: a body seen from the right, {how}. The psoas major is drawn in color; its fibers are"
        f" {low:.2f} to {high:.2f} of their easy length{f'; {label}' if label else ''}."
    )


def sat_flat(shape: BaseGeometry, equilibrium: Equilibrium) -> BaseGeometry:
    """An outline without what would lie inside the seat [m]."""
    support = equilibrium.support
    for k, name in enumerate(support.prop_places):
        if name == "seat" and support.prop_angle is not None:
            (cx, cz), (hx, hz) = support.prop_center[0, k], support.prop_half_size[0, k]
            r = float(support.prop_rounding[0, k])
            inside = shapely.box(cx - hx - r, cz - 5.0, cx + hx, cz + hz + r)
            angle = float(np.degrees(support.prop_angle[0, k]))
            shape = shape.difference(shapely.affinity.rotate(inside, angle, origin=(cx, cz)))
    parts = getattr(shape, "geoms", [shape])
    return max(parts, key=lambda part: float(part.area))


def upright_figure(equilibrium: Equilibrium, member: int = 0) -> Figure:
    """A figure whose boxes are drawn as seat and backrest of a chair."""
    fig = figure(equilibrium, member)
    support = equilibrium.support
    outlines = []
    for k, name in enumerate(support.prop_places):
        (cx, cz), (hx, hz) = support.prop_center[member, k], support.prop_half_size[member, k]
        r = float(support.prop_rounding[member, k])
        angle = 0.0 if support.prop_angle is None else float(np.degrees(support.prop_angle[member, k]))
        if name == "seat":  # the model's block is thick; a board of it carries as well
            board = shapely.box(cx - hx - r, cz + hz + r - BOARD, cx + hx + r, cz + hz + r)
        else:
            board = shapely.box(cx + hx + r - BOARD, cz - hz - r, cx + hx + r, cz + hz + r)
        turned = shapely.affinity.rotate(board, angle, origin=(cx, cz)).buffer(-0.012).buffer(0.012)
        if name == "seat":
            left, _, right, top = turned.bounds
            under = [shapely.box(at, 0.0, at + LEG, top) for at in (left + 0.02, right - 0.02 - LEG)]
            below = shapely.affinity.rotate(
                shapely.box(cx - 5.0, cz - 5.0, cx + 5.0, cz + hz + r - 0.5 * BOARD), angle, origin=(cx, cz)
            )
            turned = shapely.union_all([turned, *(leg.intersection(below) for leg in under)])
        outlines.append(turned)
    return replace(fig, props=tuple(outlines))


__all__: Sequence[str] = ["draw", "upright_layers", "words"]
