"""Plots of what the model says: what is drawn lies on the page, and the words say the same."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psoas.app.plots import over_time, ranges

values = st.floats(-1e4, 1e4, allow_subnormal=False)


def places(svg, name):
    """All numbers of an attribute of the drawing."""
    return [float(x) for x in re.findall(rf' {name}="(-?[\d.]+)"', svg)]


@given(st.lists(st.tuples(values, values, values).map(sorted), min_size=1, max_size=5))
def test_ranges_lie_on_their_page_in_order(rows):
    svg = ranges("Pull", "N", [(f"way {k}", *ends) for k, ends in enumerate(rows)])
    box = [float(x) for x in ElementTree.fromstring(svg).get("viewBox").split()]
    for x in (*places(svg, "x1"), *places(svg, "cx"), *places(svg, "x2")):
        assert 0.0 <= x <= box[2]
    for y in (*places(svg, "y1"), *places(svg, "cy")):
        assert 0.0 <= y <= box[3]
    found = re.findall(r'class="ends" x1="([\d.]+)" x2="([\d.]+)".*?cx="([\d.]+)"', svg)
    assert len(found) == len(rows)
    assert all(float(low) - 0.06 <= float(middle) <= float(high) + 0.06 for low, high, middle in found)


@given(st.lists(st.tuples(values, values, values).map(sorted), min_size=2, max_size=20), st.floats(1.0, 60.0))
def test_a_band_lies_on_its_page_and_holds_its_middle(rows, minutes):
    moments = [minutes * k / (len(rows) - 1) for k in range(len(rows))]
    low, middle, high = zip(*rows, strict=True)
    svg = over_time("Pull", "N", moments, low, middle, high)
    root = ElementTree.fromstring(svg)
    _, _, wide, tall = (float(x) for x in root.get("viewBox").split())
    points = {
        part.get("class"): [tuple(map(float, pair.split(","))) for pair in part.get("points").split()]
        for part in root
        if part.get("points")
    }
    assert all(0.0 <= x <= wide and 0.0 <= y <= tall for line in points.values() for x, y in line)
    n = len(rows)
    for k, (_, y) in enumerate(points["middle"]):
        assert points["area"][k][1] - 0.06 <= y <= points["area"][2 * n - 1 - k][1] + 0.06


def test_what_is_drawn_is_said():
    assert 'aria-label="Pull: 70 N at first, 50 N after 20 minutes; the range at the end is 10 to 80 N."' in over_time(
        "Pull", "N", [0.0, 20.0], [20.0, 10.0], [70.0, 50.0], [120.0, 80.0]
    )
    assert 'aria-label="Tilt: &lt;a&gt; −3 deg, −9 to 1."' in ranges("Tilt", "deg", [("<a>", -9.0, -3.0, 1.0)])


@pytest.mark.parametrize("minutes", [1.0, 5.0, 17.0, 20.0, 60.0])
def test_minutes_are_marked_few_and_round(minutes):
    svg = over_time("Pull", "N", [0.0, minutes], [0.0, 0.0], [1.0, 1.0], [2.0, 2.0])
    marks = re.findall(r'y="194" [^>]*>([\d.]+)', svg)
    assert 2 <= len(marks) <= 6 and marks[0] == "0" and float(marks[-1]) <= minutes
