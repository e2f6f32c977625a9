"""The plate: well formed, complete, the same every time, and true to the body it draws."""

import re
import xml.etree.ElementTree as ET
from functools import cache

import numpy as np
import pytest

from psoas import drawing
from psoas.body.build import build
from psoas.body.muscles import PSOAS_MAJOR
from psoas.equilibrium import Equilibrium, rest
from psoas.errors import InputError
from psoas.person import Limb, Person
from psoas.position import position
from psoas.props import prop

SVG = "{http://www.w3.org/2000/svg}"
SQUARE_CENTIMETER = 1e-4
KILOBYTES = 1000
LABELS = {
    "psoas_major": "1.05 of its easy length (0.98–1.14)",
    "psoas_words": "short and quiet here",
    "lumbar_gap": "34 mm (20–45)",
    "subtitle": "172 cm, 68 kg, on the floor",
}
EXTREMES = {
    "short and thin": (Person("female", 1.42, 32.5), "constructive-rest", 0.10),
    "short and heavy": (Person("female", 1.42, 80.5), "supine", None),
    "tall and thin": (Person("male", 2.03, 66.0), "constructive-rest", 0.60),
    "tall and heavy": (Person("male", 2.03, 164.0), "supine", None),
}


@cache
def lying(id: str, towel: bool = False) -> Equilibrium:
    """An average woman at rest."""
    props = [prop("towel", 0.04)] if towel else []
    return rest(build(Person("female", 1.72, 68.0)), position(id), props)


@cache
def extreme(name: str) -> Equilibrium:
    """A body at the edge of what is covered, wherever the search for rest ended."""
    person, id, distance = EXTREMES[name]
    return rest(build(person), position(id).with_values(heel_distance=distance), [prop("towel", 0.04)])


def root(drawn: drawing.Drawing) -> ET.Element:
    """The document's root; raises unless it is well formed."""
    return ET.fromstring(drawn.svg)


def outside(drawn: drawing.Drawing) -> list[str]:
    """Texts that leave the page."""
    width, height = drawn.size
    found = []
    for element in root(drawn).iter(f"{SVG}text"):
        text, x, y, size = (
            element.text or "",
            *(float(element.get(k, "nan")) for k in ("x", "y", "font-size")),
        )
        serif = "Garamond" in element.get("font-family", "")
        family = "italic" if element.get("font-style") else "serif" if serif else "sans"
        right = x + drawing.text_width(text, size, family)
        if x < 0.0 or right > width or y - size < 0.0 or y + 0.3 * size > height:
            found.append(text)
    return found


@pytest.mark.parametrize("theme", drawing.THEMES)
@pytest.mark.parametrize("id", ["supine", "constructive-rest"])
def test_is_one_labelled_image(id: str, theme: drawing.ThemeName) -> None:
    drawn = drawing.draw(lying(id), theme=theme)
    top = root(drawn)
    named = [element.get("id") for element in top if element.tag in (f"{SVG}title", f"{SVG}desc")]
    assert top.get("role") == "img"
    assert top.get("aria-labelledby", "").split() == named
    assert position(id).title in drawn.words
    assert top.findtext(f"{SVG}desc") == drawn.words
    assert len(drawn.svg) < 170 * KILOBYTES
    assert len(drawing.draw(lying(id), theme=theme, fonts=False).svg) < 125 * KILOBYTES


def test_is_the_same_every_time() -> None:
    assert drawing.draw(lying("constructive-rest")).svg == drawing.draw(lying("constructive-rest")).svg


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("name", EXTREMES)
def test_nothing_is_clipped(name: str, compact: bool) -> None:
    state = extreme(name)
    labels = {**LABELS, "under_head": "towel 4 cm"}
    if state.position.feet_held:
        labels["heels"] = "heels 36 cm from the buttocks, 29 to 38 is as good"
    drawn = drawing.draw(state, labels=labels, compact=compact)
    assert outside(drawn) == []
    width, height = drawn.size
    numbers = re.findall(r'd="M(-?[\d.]+)[ ]?(-?[\d.]+)', drawn.svg)
    starts = np.array(numbers, dtype=float)
    assert starts.min() >= 0.0
    assert starts[:, 0].max() <= width
    assert starts[:, 1].max() <= height


def test_every_label_is_written() -> None:
    labels = {**LABELS, "heels": "heels there", "under_head": "towel here", "iliacus": "quiet"}
    text = " ".join(root(drawing.draw(lying("constructive-rest", True), labels=labels)).itertext())
    for said in labels.values():
        assert said in text


def test_every_fascicle_is_drawn_as_wide_as_its_share() -> None:
    state = lying("supine")
    svg = drawing.draw(state).svg
    for fascicle in PSOAS_MAJOR:
        assert svg.count(f'data-fascicle="{fascicle}_r"') == 2, "from the right and from above"
        assert svg.count(f'data-fascicle="{fascicle}_l"') == 1, "from above"
    drawn = drawing.bands(drawing.figure(state), PSOAS_MAJOR, "_r", 1.0)
    rows = [state.body.tree.muscles.index(band.name) for band in drawn]
    force = state.body.max_isometric_force[0, rows]
    np.testing.assert_allclose([band.width for band in drawn], force / force.sum())


def test_lines_are_as_long_as_their_muscles() -> None:
    """The drawn path is the solved one: same length but for the corners of its polygon round a cylinder."""
    millimetre = 1e-3
    state = lying("constructive-rest")
    fig = drawing.figure(state)
    for name in PSOAS_MAJOR:
        row = state.body.tree.muscles.index(name + "_r")
        line = drawing.muscle_line(fig, row)
        length = np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
        assert length == pytest.approx(fig.paths.length[0, row], abs=millimetre)


def test_a_mirrored_body_has_the_same_side_silhouette() -> None:
    person = Person("female", 1.72, 68.0, left=Limb(hip_flexor_shortening=0.2))
    one = drawing.figure(rest(build(person), position("supine")))
    other = drawing.figure(rest(build(person.mirrored()), position("supine")))
    difference = drawing.silhouette(one, drawing.SIDE) ^ drawing.silhouette(other, drawing.SIDE)
    assert difference.area < 0.1 * SQUARE_CENTIMETER


def test_color_darkens_evenly_with_stretch() -> None:
    for theme in drawing.THEMES:
        channels = [drawing.stretch_color(x, theme)[1:] for x in np.linspace(*drawing.STRETCH_RANGE, 9)]
        light = [0.2126 * int(c[:2], 16) + 0.7152 * int(c[2:4], 16) + 0.0722 * int(c[4:], 16) for c in channels]
        assert np.all(np.diff(light) < -5.0)


def test_positions_compare_on_one_scale() -> None:
    states = [lying("supine"), lying("constructive-rest")]
    drawn = drawing.compare(states, labels=[{"psoas_major": "1.08"}, {"psoas_major": "0.92"}])
    assert outside(drawn) == []
    assert all(state.position.title in drawn.words for state in states)


def test_an_ensemble_shows_its_spread() -> None:
    state = lying("supine")
    drawn = drawing.draw(state, ensemble=state)
    assert "percentile" in drawn.words


def test_png_keeps_its_letters() -> None:
    """Without its bundled fonts the renderer drops text silently; with them the title leaves ink."""
    drawn = drawing.draw(lying("supine"))
    without = re.sub(r"<text.*?</text>", "", drawn.svg)
    png = drawing.to_png(drawn, width=300)
    assert png.startswith(b"\x89PNG")
    assert png != drawing.to_png(without, width=300)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"theme": "sepia"}, "theme is 'sepia'; give light, dark"),
        ({"layers": ("nerves",)}, "layer is 'nerves'; give"),
        ({"labels": {"psoas": ""}}, "label is 'psoas'; give"),
        ({"member": 7}, "member is 7; give 0 to 0"),
    ],
)
def test_names_what_it_does_not_know(wrong: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        drawing.draw(lying("supine"), **wrong)


def test_nothing_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="equilibria is empty"):
        drawing.compare([])
