"""Layers and images: where anatomy says they are, inside the body, apart from what is computed, and named for what they are."""

import re
import xml.etree.ElementTree as ET
from functools import cache
from itertools import combinations

import numpy as np
import pytest
import shapely

from psoas import drawing, drawing_layers
from psoas.body.build import build
from psoas.body.muscles import PSOAS_MAJOR
from psoas.equilibrium import Equilibrium, rest
from psoas.errors import InputError
from psoas.person import Limb, Person
from psoas.position import position
from psoas.props import prop

SVG = "{http://www.w3.org/2000/svg}"
MILLIMETER = 1e-3
CENTIMETER = 1e-2
ADDED = tuple(name for name in drawing_layers.LAYERS if name != "neighbors")
"""Layers with shapes of their own."""
DRAWN = ("diaphragm", "kidneys", "organs")
IMAGES = ("hammock", "pendulum", "shelf")
WOMAN, MAN = Person("female", 1.65, 65.0), Person("male", 1.77, 77.0)
LYING = {
    "straight": (WOMAN, "supine", {}, ()),
    "knees up": (WOMAN, "constructive-rest", {}, (("towel", 0.04, None),)),
    "raised": (WOMAN, "bolstered", {}, (("bolster", 0.12, None), ("pillow", None, None))),
    "on the left side": (
        WOMAN, "side-lying", {"side": "left"}, (("pillow", 0.10, None), ("pillow", 0.10, "between-knees")),
    ),
    "on the right side": (
        WOMAN, "side-lying", {"side": "right"}, (("pillow", 0.10, None), ("pillow", 0.10, "between-knees")),
    ),
    "a man": (MAN, "supine", {}, ()),
    "small": (Person("female", 1.45, 38.0), "constructive-rest", {}, ()),
    "large": (Person("male", 1.95, 140.0), "supine", {}, ()),
    "round": (Person("female", 1.58, 95.0), "constructive-rest", {}, (("towel", 0.04, None),)),
}  # fmt: skip


@cache
def lying(name: str) -> Equilibrium:
    person, id, values, under = LYING[name]
    props = [prop(what, thick, *([where] if where else [])) for what, thick, where in under]
    return rest(build(person), position(id).with_values(**values), props)


@cache
def figure(name: str) -> drawing.Figure:
    return drawing.figure(lying(name))


def solid(name: str, end: str, view: drawing.View = drawing.SIDE) -> shapely.Geometry:
    return drawing.hull(drawing_layers.kidney(figure(name), end), view)


def in_frame(fig: drawing.Figure, segment: str, points: np.ndarray) -> np.ndarray:
    """World points in a segment's own frame (n, 3) [m]."""
    index = fig.body.tree.segment(segment)
    return (points - fig.frame.position[0, index]) @ fig.frame.rotation[0, index]


def balls(name: str, end: str) -> np.ndarray:
    """A kidney's balls (n, 4) [m]."""
    return np.concatenate(drawing_layers.kidney(figure(name), end))


def texts(drawn: drawing.Drawing) -> list[tuple[str, float, float, float, float]]:
    """Every line and its box: left, top, right, bottom."""
    found = []
    for element in ET.fromstring(drawn.svg).iter(f"{SVG}text"):
        x, y, size = (float(element.get(k, "nan")) for k in ("x", "y", "font-size"))
        serif = "Garamond" in element.get("font-family", "")
        family = "italic" if element.get("font-style") else "serif" if serif else "sans"
        wide = drawing.text_width(element.text or "", size, family)
        found.append((element.text or "", x, y - 0.72 * size, x + wide, y + 0.22 * size))
    return found


def paths(drawn: drawing.Drawing, key: str) -> list[dict[str, str]]:
    return [dict(e.attrib) for e in ET.fromstring(drawn.svg).iter(f"{SVG}path") if e.get(f"data-{key}")]


# -- what is on and what is not -----------------------------------------------------------------------


def test_nothing_is_added_unasked() -> None:
    drawn = drawing.draw(lying("straight"))
    assert paths(drawn, "layer") == []
    assert "drawn, not computed" not in drawn.svg
    assert "not anatomy" not in drawn.svg


@pytest.mark.parametrize("layer", ADDED)
@pytest.mark.parametrize("name", ["straight", "on the left side"])
def test_one_layer_is_added_and_no_other(layer: str, name: str) -> None:
    drawn = drawing.draw(lying(name), layers=[layer])
    assert {path["data-layer"] for path in paths(drawn, "layer")} == {layer}
    told = drawing_layers.words()[layer]
    assert told.key in drawn.words
    assert all(other.key not in drawn.words for id, other in drawing_layers.words().items() if id != layer)
    said = {"drawn": "not computed", "image": "not anatomy"}[told.kind]
    assert said in drawn.words
    assert said in " ".join(text for text, *_ in texts(drawn))


def test_the_order_and_twice_the_same_change_nothing() -> None:
    once = drawing.draw(lying("knees up"), layers=["kidneys", "hammock"])
    assert drawing.draw(lying("knees up"), layers=["hammock", "kidneys", "hammock"]).svg == once.svg
    assert drawing_layers.known(["shelf", "neighbors", "shelf"]) == ("neighbors", "shelf")


def test_an_unknown_layer_is_named_with_those_that_are_known() -> None:
    with pytest.raises(InputError) as caught:
        drawing.draw(lying("straight"), layers=["kidneys", "spleen"])
    assert str(caught.value) == f"layer is 'spleen'; give {', '.join(drawing_layers.LAYERS)}"


def test_what_is_computed_is_drawn_alike_with_and_without() -> None:
    plain = paths(drawing.draw(lying("knees up")), "fascicle")
    full = paths(drawing.draw(lying("knees up"), layers=drawing_layers.LAYERS), "fascicle")
    assert plain == full
    assert len(plain) > 2 * len(PSOAS_MAJOR)


def test_only_images_are_dashed_and_every_image_is() -> None:
    found = paths(drawing.draw(lying("knees up"), layers=ADDED), "layer")
    for layer in ADDED:
        dashed = [path for path in found if path["data-layer"] == layer and path.get("stroke-dasharray")]
        assert bool(dashed) == (layer in IMAGES), layer


def test_a_shelf_carries_kidneys_even_alone() -> None:
    fig = figure("straight")
    count = lambda *layers: len([m for m in drawing_layers.marks(fig, layers, True) if m.balls and m.image])  # noqa: E731
    assert count("shelf") == 1
    assert count("shelf", "kidneys") == 0


@pytest.mark.parametrize("theme", drawing.THEMES)
@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("name", ["straight", "knees up", "on the left side", "large"])
def test_words_stay_on_the_page_and_off_each_other(name: str, compact: bool, theme: drawing.ThemeName) -> None:
    labels = {"psoas_major": "1.05 of its easy length (0.98–1.14)", "subtitle": "172 cm, 68 kg, on the floor"}
    drawn = drawing.draw(lying(name), layers=drawing_layers.LAYERS, labels=labels, theme=theme, compact=compact)
    found = texts(drawn)
    width, height = drawn.size
    assert all(left >= 0.0 and right <= width and bottom <= height for _, left, _, right, bottom in found)
    for (one, *a), (other, *b) in combinations(found, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{one!r} and {other!r}"


def test_the_words_stand_under_everything_drawn() -> None:
    drawn = drawing.draw(lying("straight"), layers=DRAWN, fonts=False)
    top = min(box[1] for text, *box in [(t, *b) for t, *b in texts(drawn)] if text == "also drawn, not computed")
    lowest = max(float(y) for path in paths(drawn, "layer") for y in re.findall(r"M-?[\d.]+[ ]?(-?[\d.]+)", path["d"]))
    assert lowest < top


# -- where anatomy says it is -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["straight", "a man"])
def test_kidneys_have_the_size_and_place_that_were_read(name: str) -> None:
    """11 cm long, poles 4 to 5 and 6 to 9 cm from the midline, 5 to 9 cm under the skin of the back, T12 to L3."""
    fig = figure(name)
    for end, length in (("_r", 0.1085), ("_l", 0.1113)):
        found = balls(name, end)
        upper, lower = found[:2, :3].mean(0), found[-2:, :3].mean(0)
        reach = float(np.linalg.norm(upper - lower)) + found[0, 3] + found[-1, 3]
        assert reach == pytest.approx(length, abs=0.0126), "within one standard deviation"
        local = in_frame(fig, "L1", np.array([upper, lower]))
        assert 0.035 < abs(local[0, 2]) < 0.060
        assert 0.055 < abs(local[1, 2]) < 0.090
        assert abs(local[0, 2]) < abs(local[1, 2]), "closer together above"
        assert local[0, 0] < local[1, 0], "farther back above"
        top, bottom = (in_frame(fig, level, found[:, :3])[:, 1] for level in ("T12", "L3"))
        assert top.max() < 0.030, "not above T12"
        assert bottom.min() > 0.0, "not below L3"
        patch, radius = fig.local("L1_back_r")
        depth = float(in_frame(fig, "L1", found[:, :3])[:, 0].mean()) - (patch[0] - radius)
        assert 0.05 < depth < 0.09
    right, left = (in_frame(fig, "L1", balls(name, end)[:, :3])[:, 1].mean() for end in ("_r", "_l"))
    assert 0.0 < left - right < 0.025, "the right one a little lower"


@pytest.mark.parametrize("name", LYING)
def test_kidneys_are_inside_the_body_beside_the_psoas(name: str) -> None:
    fig = figure(name)
    outline = drawing.silhouette(fig, drawing.SIDE)
    for end in drawing_layers.ENDS:
        assert outline.buffer(-CENTIMETER).contains(solid(name, end)), (
            "behind the belly, in front of the skin of the back"
        )
        assert drawing.silhouette(fig, fig.second).contains(solid(name, end, fig.second))
        row = fig.body.tree.muscles.index(f"{PSOAS_MAJOR[0]}{end}")
        line = in_frame(fig, "L2", drawing.muscle_line(fig, row))
        found = in_frame(fig, "L2", balls(name, end)[:, :3])
        level = np.interp(found[:, 1].mean(), line[::-1, 1], np.abs(line[::-1, 2]))
        assert np.abs(found[:, 2]).mean() > level + CENTIMETER, "to the side of it"


@pytest.mark.parametrize("name", LYING)
def test_organs_are_inside_the_outline_and_in_front_of_the_spine(name: str) -> None:
    fig = figure(name)
    drawn = drawing.draw(lying(name), layers=["organs"], labels={}, fonts=False)
    assert paths(drawn, "layer")
    for side in (True, False):
        [belly] = [m for m in drawing_layers.marks(fig, ["organs"], side) if m.ink == "organs"]
        assert belly.inside is not None
        view = drawing.SIDE if side else fig.second
        shape = drawing.hull(belly.balls, view)
        kept = shape.intersection(drawing.silhouette(fig, view).buffer(-belly.inside))
        assert kept.area > 0.9 * shape.area, "hardly any of it needs to be cut"
        for level in ("L1", "L3"):
            assert not drawing.hull(belly.balls, drawing.SIDE).contains(
                shapely.Point(drawing.SIDE.flat(fig.place(level, np.array([[0.0, 0.015, 0.0]])))[0])
            )
    vessels = [m for m in drawing_layers.marks(fig, ["organs"], False) if m.ink in ("aorta", "cava")]
    middle = {m.ink: in_frame(fig, "L2", np.concatenate(m.balls)[:, :3]) for m in vessels}
    near = {ink: points[np.abs(points[:, 1]) < 0.06] for ink, points in middle.items()}
    assert near["cava"][:, 2].mean() > 0.0 > near["aorta"][:, 2].mean(), "the vein on the right"
    assert min(points[:, 0].min() for points in near.values()) > 0.02, "in front of the bodies of the vertebrae"


@pytest.mark.parametrize("name", LYING)
def test_the_diaphragm_stands_between_chest_and_belly(name: str) -> None:
    fig = figure(name)
    for side in (True, False):
        view = drawing.SIDE if side else fig.second
        found = drawing_layers.marks(fig, ["diaphragm"], side)
        outline = drawing.silhouette(fig, view)
        for mark in found:
            for line in mark.lines:
                assert outline.buffer(2.0 * MILLIMETER).contains(shapely.LineString(view.flat(line)))
        [dome] = [m.lines[0] for m in found if m.weight == 2.0]
        high = in_frame(fig, "thorax", dome)[:, 1].max()
        assert 0.09 < high / fig.sizes["thorax"][1] < 0.16, "up to the fourth or fifth space between the ribs"
    right, left = (
        np.concatenate(m.balls)
        for m in drawing_layers.marks(fig, ["diaphragm"], False)
        if m.when == "among" and m.balls
    )
    for crus, level in ((right, "L3"), (left, "L2")):
        end = in_frame(fig, level, crus[-1:, :3])[0]
        size = fig.sizes["pelvis"][0]
        assert end[0] == pytest.approx(0.020 * size, abs=4.0 * MILLIMETER), "on the front of the body of the vertebra"
        assert 0.0 < end[1] < 0.04 * fig.sizes[level][1]
        assert abs(end[2]) < 0.02


@pytest.mark.parametrize("name", ["straight", "knees up", "raised", "large"])
def test_the_psoas_passes_behind_the_arch(name: str) -> None:
    fig = figure(name)
    arches = [m.lines[0] for m in drawing_layers.marks(fig, ["diaphragm"], False) if m.when == "over"]
    for end, arch in zip(drawing_layers.ENDS, arches, strict=True):
        sign = 1.0 if end == "_r" else -1.0
        line = in_frame(fig, "L1", drawing.muscle_line(fig, fig.body.tree.muscles.index(f"{PSOAS_MAJOR[0]}{end}")))
        local = in_frame(fig, "L1", arch)
        top = local[np.argmax(local[:, 1])]
        assert line[0, 1] > local[:, 1].max() - CENTIMETER, "the muscle begins above it"
        assert sign * top[2] > sign * np.interp(top[1], line[::-1, 1], line[::-1, 2]), "and it spans the muscle outside"


def test_layers_follow_the_posture() -> None:
    """Fixed in the vertebrae: elsewhere in the room, at the same place of the spine."""
    straight, raised = (balls(name, "_r")[:, :3].mean(0) for name in ("straight", "raised"))
    local = [
        in_frame(figure(name), "L1", points[None])[0] for name, points in (("straight", straight), ("raised", raised))
    ]
    assert np.linalg.norm(straight - raised) > 2.0 * CENTIMETER
    assert np.linalg.norm(local[0] - local[1]) < CENTIMETER


def test_only_psoas_major_runs_from_the_lumbar_spine_to_the_thigh_bone() -> None:
    """What the page says of a claim; the sacrum is part of the model's pelvis."""
    tree = figure("straight").body.tree
    reached: dict[str, set[str]] = {}
    for span in tree.spans:
        ends = {tree.segments[tree.point_segments[point]] for point in (span.start, span.end)}
        reached.setdefault(tree.muscles[span.muscle], set()).update(ends)
    above, below = set(drawing_layers.SPINE) | {"thorax"}, {"femur_r", "femur_l", "tibia_r", "tibia_l"}
    both = {name[:-2] for name, ends in reached.items() if ends & above and ends & below}
    assert both == set(PSOAS_MAJOR)
    from_pelvis = {name[:-2] for name, ends in reached.items() if "pelvis" in ends and ends & below}
    assert {"gluteus_maximus_1", "piriformis"} <= from_pelvis


# -- images -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["straight", "knees up", "on the left side"])
def test_hammocks_hang_toward_the_floor_from_end_to_end(name: str) -> None:
    fig = figure(name)
    down = np.array([0.0, 1.0, 0.0]) if fig.lying else np.array([0.0, 0.0, -1.0])
    lines = [m.lines[0] for m in drawing_layers.marks(fig, ["hammock"], False) if not m.closed]
    assert len(lines) == 4
    for k, line in enumerate(lines):
        chord = 0.5 * (line[0] + line[-1])
        assert (line[len(line) // 2] - chord) @ down > 2.0 * CENTIMETER
        row = fig.body.tree.muscles.index(f"{PSOAS_MAJOR[0]}{'_r' if k < 2 else '_l'}")
        true = drawing.muscle_line(fig, row)
        assert np.linalg.norm(line[-1] - true[-1]) < 2.0 * CENTIMETER, "where the psoas ends"
        assert np.linalg.norm(line[0] - true[0]) < 4.0 * CENTIMETER, "near where it begins"


class Upright:
    """A lying figure set on its feet."""

    turn = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])

    def __init__(self, fig: drawing.Figure) -> None:
        self.fig, self.sizes, self.fullness, self.lying = fig, fig.sizes, fig.fullness, fig.lying
        self.belly = fig.belly

    def place(self, segment: str, local: np.ndarray) -> np.ndarray:
        return self.fig.place(segment, local) @ self.turn.T

    def bone(self, segment: str, points: np.ndarray, side: float = 0.0) -> np.ndarray:
        return self.fig.bone(segment, points, side) @ self.turn.T


def test_shapes_turn_with_the_body_and_a_hammock_on_end_sags_to_the_back() -> None:
    fig = figure("straight")
    standing = Upright(fig)
    for mark, turned in zip(
        drawing_layers.marks(fig, ADDED, False), drawing_layers.marks(standing, ADDED, False), strict=True
    ):
        for group, other in zip(mark.balls, turned.balls, strict=True):
            np.testing.assert_allclose(group[:, :3] @ Upright.turn.T, other[:, :3], atol=MILLIMETER)
        if mark.layer != "hammock":
            for line, other in zip(mark.lines, turned.lines, strict=True):
                np.testing.assert_allclose(line @ Upright.turn.T, other, atol=MILLIMETER)
    back = standing.place("L3", np.array([[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0]]))
    lines = [m.lines[0] for m in drawing_layers.marks(standing, ["hammock"], False) if not m.closed]
    for line in lines:
        assert (line[len(line) // 2] - 0.5 * (line[0] + line[-1])) @ (back[1] - back[0]) > 2.0 * CENTIMETER


def test_a_mirrored_body_has_mirrored_images() -> None:
    person = Person("female", 1.72, 68.0, left=Limb(hip_flexor_shortening=0.2))
    one, other = (drawing.figure(rest(build(who), position("supine"))) for who in (person, person.mirrored()))
    for layer in ("hammock", "pendulum"):
        here, there = (drawing_layers.marks(fig, [layer], False) for fig in (one, other))
        half = len(here) // 2
        for right, left in zip(here[:half], there[half:], strict=True):
            for a, b in zip(right.lines, left.lines, strict=True):
                if right.closed:  # a ring is the same whichever way round
                    a, b = a.mean(0)[None], b.mean(0)[None]
                np.testing.assert_allclose(a, b * [1.0, -1.0, 1.0], atol=MILLIMETER)


def test_the_side_toward_the_viewer_stands_for_both() -> None:
    for name, sign in (("on the left side", 1.0), ("on the right side", -1.0)):
        fig = figure(name)
        [own, *_] = [m for m in drawing_layers.marks(fig, ["kidneys"], True) if len(m.balls) > 1]
        across = in_frame(fig, "L1", np.concatenate(own.balls)[:, :3])[:, 2]
        assert np.all(sign * across > 0.0)


# -- the data behind ----------------------------------------------------------------------------------


def test_every_shape_says_what_it_rests_on() -> None:
    stored = drawing_layers.stored()
    for layer in ADDED:
        rows = stored[layer]["rests_on"]
        assert any(row["status"] == "read" for row in rows)
        assert any(row["status"] == "assumed" for row in rows), "no shape was read whole"
        for row in rows:
            assert set(row) == {"says", "source", "status"}
            assert row["source"] in stored["sources"] or row["source"] in ("001", "004")
            assert (row["source"] == "ours") == (row["status"] == "assumed")


def test_every_ink_has_a_light_and_a_dark_form() -> None:
    light, dark = (drawing_layers.inks(theme) for theme in drawing.THEMES)
    assert set(light) == set(dark)
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for theme in (light, dark) for color in theme.values())
    assert all(light[name] != dark[name] for name in light)


def test_an_image_is_told_in_one_sentence_with_where_it_fits_and_where_not() -> None:
    for name in IMAGES:
        key = drawing_layers.words()[name].key
        assert "." not in key
        assert " do" in key
        assert ", but " in key
