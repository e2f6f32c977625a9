"""The trade-off plot: it says and shows what the sweeps hold, and nothing is cut off at the edge."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from psoas.advice import plot
from psoas.advice.search import HEEL_QUANTITIES, PILE_QUANTITIES
from psoas.advice.sweep import Sweep
from psoas.drawing import text_width, themes
from psoas.person import Person
from psoas.position import position

WOMAN, BENT = Person("female", 1.72, 68.0), position("constructive-rest")
DISTANCES = np.arange(0.15, 0.601, 0.05)
SVG = "{http://www.w3.org/2000/svg}"


def heels(**of):
    columns = {name: np.zeros(DISTANCES.size) for name in HEEL_QUANTITIES}
    columns |= {f"lateral_stiffness_supply_{side}": np.full(DISTANCES.size, 50.0) for side in ("left", "right")}
    for name, column in of.items():
        for side in ("left", "right"):
            columns[f"{name}_{side}"] = np.asarray(column, dtype=float)
    spread = {n: np.stack([0.9 * c, c, 1.1 * c], 1) for n, c in columns.items()}
    return Sweep("heel_distance", DISTANCES, spread, {}, {})


RISING = heels(
    psoas_major_passive_force=99.0 * DISTANCES,
    friction_demand_heel=np.full(DISTANCES.size, 0.4),
    knee_flexion=150.0 - 150.0 * DISTANCES,
)


def piles():
    heights = np.array([0.0, 0.1, 0.2, 0.3])
    of = {name: np.zeros((4, 3)) for name in PILE_QUANTITIES}
    for side in ("left", "right"):
        of[f"support_force_thigh_{side}"] = np.outer([0.0, 40.0, 40.0, 0.0], [0.9, 1.0, 1.1])
        of[f"thigh_gap_{side}"] = np.outer([30.0, 10.0, 10.0, 15.0], [0.9, 1.0, 1.1])
    return Sweep("height", heights, of, {}, {})


def parsed(column, **how):
    return ElementTree.fromstring(plot.draw([column], **how))


def texts(tree):
    return [one.text for one in tree.iter(f"{SVG}text")]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_a_picture_with_its_words(theme):
    tree = parsed(plot.heels(RISING, BENT, WOMAN, 0.3), theme=theme)
    assert tree.find(f"{SVG}title").text == "Heel distance"
    said = tree.find(f"{SVG}desc").text.replace("\u00a0", " ")
    assert "Equally good by the rule: 20 to 30 cm." in said
    assert "Psoas and iliacus pull, a side [N]: 14.8 at 15 cm; 59.4 at 60 cm." in said
    assert tree.find(f"{SVG}rect").get("fill") == themes()[theme].paper


def test_what_was_asked_for_is_on_it():
    words = texts(parsed(plot.heels(RISING, BENT, WOMAN, 0.3)))
    for title in (
        "Psoas and iliacus pull",
        "Grip the feet need",
        "Stiffness the hips need",
        "Knees bent",
        "Small of the back",
    ):
        assert any(one.startswith(title) for one in words)
    assert any(one.startswith("the sources, for these legs: ") for one in words)
    assert any(one.replace("\u00a0", " ") == "the sources, as given: 30 to 41 cm" for one in words)
    assert "a floor is counted on for 0.6" in words
    words = texts(parsed(plot.heights(piles(), 0.1)))
    for title in (
        "A thigh bears",
        "Lower ribs bear",
        "Gap under the thighs",
        "Gap under the lower ribs",
        "Psoas pulls",
    ):
        assert any(one.startswith(title) for one in words)


def test_where_the_model_does_not_support_the_sources_it_says_so():
    near = heels(psoas_major_passive_force=400.0 * DISTANCES, friction_demand_heel=np.full(DISTANCES.size, 0.4))
    words = " ".join(texts(parsed(plot.heels(near, BENT, WOMAN))))
    assert "lie outside it: the model does not support them by this rule" in words
    slides = heels(friction_demand_heel=np.full(DISTANCES.size, 0.9))
    tree = parsed(plot.heels(slides, BENT, WOMAN))
    assert "No distance satisfies the rule here." in " ".join(texts(tree))
    assert not [one for one in tree.iter(f"{SVG}rect") if one.get("opacity")]


def test_the_shade_lies_where_the_bar_does():
    tree = parsed(plot.heels(RISING, BENT, WOMAN, 0.3))
    shade = next(one for one in tree.iter(f"{SVG}rect") if one.get("opacity"))
    bar = next(one for one in tree.iter(f"{SVG}line") if one.get("stroke-width") == "4")
    left, width = float(shade.get("x")), float(shade.get("width"))
    assert left == pytest.approx(float(bar.get("x1")), abs=0.1)
    assert left + width == pytest.approx(float(bar.get("x2")), abs=0.2)
    ticks = {one.text: float(one.get("x")) for one in tree.iter(f"{SVG}text") if one.get("text-anchor") == "middle"}
    assert left == pytest.approx(ticks["20"], abs=0.1)  # where the knees bend 120 degrees
    assert left + width == pytest.approx(ticks["30"], abs=0.2)  # where the pull is 10 N more


def test_the_median_is_drawn_where_it_is():
    tree = parsed(plot.heels(RISING, BENT, WOMAN, 0.3))
    line = next(tree.iter(f"{SVG}polyline"))
    y = [float(point.split(",")[1]) for point in line.get("points").split()]
    scale: dict[str, float] = {}
    for one in tree.iter(f"{SVG}text"):
        if one.get("text-anchor") == "end":
            scale.setdefault(one.text, float(one.get("y")) - 4.0)  # of the first panel
    assert y[0] == pytest.approx(np.interp(99.0 * 0.15, [0.0, 50.0], [scale["0"], scale["50"]]), abs=0.1)
    assert np.diff(y) == pytest.approx(np.full(len(y) - 1, np.diff(y)[0]), abs=0.15)


@pytest.mark.parametrize("unit", ["cm", "in"])
@pytest.mark.parametrize("column", [plot.heels(RISING, BENT, WOMAN, 0.3), plot.heights(piles(), 0.1)])
def test_no_word_runs_over_the_edge(column, unit):
    tree = parsed(column, unit=unit)
    _, _, width, height = (float(x) for x in tree.get("viewBox").split())
    for one in tree.iter(f"{SVG}text"):
        long = text_width(
            one.text, float(one.get("font-size")), "serif" if "Garamond" in one.get("font-family") else "sans"
        )
        start = float(one.get("x")) - {"start": 0.0, "middle": 0.5, "end": 1.0}[one.get("text-anchor")] * long
        assert start >= 0.0 and start + long <= width, one.text
        assert 0.0 < float(one.get("y")) < height


def test_what_did_not_come_to_rest_leaves_a_gap():
    some = {name: table.copy() for name, table in RISING.quantities.items()}
    for table in some.values():
        table[4, :2] = np.nan  # two bodies of three: the median is that of the third
    drawn = plot.draw([plot.heels(replace(RISING, quantities=some), BENT, WOMAN)]).split("</style>")[1]
    assert drawn.count("<polyline") == 6 and "nan" not in drawn.lower()


def test_columns_stand_beside_each_other():
    one, two = (ElementTree.fromstring(plot.draw([plot.heights(piles())] * n)).get("viewBox").split() for n in (1, 2))
    assert float(two[2]) == 2.0 * float(one[2])
    assert float(two[3]) <= float(one[3])  # the words at the foot take fewer lines
