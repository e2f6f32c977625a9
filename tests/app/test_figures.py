"""The small pictures: each clue has one, whole, in the page's own colors, with words, within its frame."""

import re
from xml.etree import ElementTree

import pytest

from psoas import clues
from psoas.app.figures import PICTURES, SIDE, at, chain, picture, skin


def test_every_clue_has_a_picture_and_every_picture_its_words():
    assert {clue.id for clue in clues.clues()} | {"chair"} == set(PICTURES)
    words = [told for told, _ in PICTURES.values()]
    assert len(set(words)) == len(words) and all(len(told) > 20 and told.endswith(".") for told in words)


@pytest.mark.parametrize("id", PICTURES)
def test_a_picture_is_whole_has_one_red_thing_at_least_and_stays_in_its_frame(id):
    root = ElementTree.fromstring(picture(id))
    kinds = {each.get("class") for each in root}
    assert kinds <= {"body", "limb", "bone", "red", "dash", "ground", "prop"}
    assert {"red"} <= kinds and kinds & {"body", "limb"}
    # Colors and widths are the page's own.
    assert not re.search(r"style=|stroke=|fill=|#[0-9a-f]{3}", picture(id))
    for each in root:
        if each.tag == "path":
            numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", each.get("d"))]
        else:
            x, y, r = (float(each.get(name)) for name in ("cx", "cy", "r"))
            numbers = [x - r, x + r, y - r, y + r]
        assert numbers and all(0.0 <= number <= SIDE for number in numbers), (
            each.get("class"),
            min(numbers),
            max(numbers),
        )


def test_a_picture_is_the_same_each_time():
    first = picture("stoop")
    picture.cache_clear()
    assert picture("stoop") == first


def test_a_limb_is_as_long_as_its_balls_and_one_outline():
    limb = skin(chain((10.0, 10.0, 4.0), (10.0, 50.0, 2.0)))
    assert limb.geom_type == "Polygon"
    left, low, right, high = limb.bounds
    assert (left, right, low, high) == pytest.approx((6.0, 14.0, 6.0, 52.0), abs=0.2)
    assert at((0.0, 0.0), 2.0, 90.0) == pytest.approx((2.0, 0.0)) and at((0.0, 0.0), 2.0, 0.0) == pytest.approx(
        (0.0, -2.0)
    )
