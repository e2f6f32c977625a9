"""A chair in the browser: numbers for this body, its picture, and what is typed wrong."""

from concurrent.futures import Future
from functools import cache

import pytest

from psoas.advice.chair import chair
from psoas.app import worker
from psoas.person import Person

SEATED = cache(worker.seat)
MEASURES = {"sex": "female", "stature": 1.72, "mass": 68.0}


@pytest.fixture(autouse=True)
def once(at, monkeypatch):
    """Chairs are set up as they are, in this process; equal ones once for all tests."""

    def seated(self, sitter):
        answer = Future()
        answer.set_result(SEATED(sitter))
        return answer

    monkeypatch.setattr(type(at.app.state.house.worker), "seated", seated)


@pytest.fixture
def who(at):
    return at.store.add_person(created_at=at.clock(), measures=MEASURES, typed={"stature": "172"}).id


def test_the_page_asks_and_the_part_answers_with_the_numbers_of_this_body(at, who):
    page = at.get(f"/people/{who}/chair")
    assert page.status == 200 and page.h1 == "A chair for you"
    assert any(given.get("data-estimate") for _, given in page.tags)
    part = at.client.get(f"/people/{who}/chair?part=yes").text
    for line in chair(Person(**MEASURES)).setup.lines[:2]:
        assert f"{100 * line.quantity.value:.0f} cm" in part
    assert "A model estimate." in part and f"/people/{who}/chair.svg?" in part


def test_it_reads_without_script(at, who):
    page = at.get(f"/people/{who}/chair?height=38&page=1")
    assert "folded towel or wedge under your sit bones" in page.text


def test_a_car_seat_is_filled(at, who):
    text = at.get(f"/people/{who}/chair?car=yes&page=1").text
    assert "bucket seat" in text and "In a car: a folded towel or wedge" in text
    assert "Hip sockets over" not in text and "From the floor to the seat" not in text
    assert "On this chair" not in text


def test_a_chair_that_does_not_serve_is_told_first_and_one_that_would_is_drawn(at, who):
    text = at.get(f"/people/{who}/chair?height=60&page=1").text
    assert "Your seat of 60 cm is 14 cm too high for these legs" in text
    assert "Hip sockets over the knees on a seat that would do" in text
    assert "On a seat that would do" in text and "On this chair" not in text
    drawn = at.client.get(f"/people/{who}/chair.svg?height=60").text
    assert "cm high" in drawn and "60 cm" not in drawn and "towel" not in drawn
    assert "Your seat of 80 cm is" in at.get(f"/people/{who}/chair?height=80&page=1").text
    assert "Your seat of 25 cm is 20 cm too low" in at.get(f"/people/{who}/chair?height=25&page=1").text


@pytest.mark.parametrize("height", ["5 m", "2", "high", "-40", "nan"])
def test_a_height_that_no_chair_has_comes_back_with_one_sentence(at, who, height):
    page = at.get(f"/people/{who}/chair?height={height}")
    assert page.status == 422 and "eat height" in page.problem
    assert any(given.get("value") == height for tag, given in page.tags if tag == "input")


def test_the_picture_has_two_inks_and_no_others_and_says_how_high_and_deep(at, who):
    pictures = [at.client.get(f"/people/{who}/chair.svg?theme={theme}") for theme in worker.THEMES]
    assert all(one.status_code == 200 and one.headers["content-type"].startswith("image/svg") for one in pictures)
    assert pictures[0].text != pictures[1].text
    high, deep = (f"{100 * line.quantity.value:.0f} cm" for line in chair(Person(**MEASURES)).setup.lines[:2])
    assert all(f"{high} high" in one.text and f"{deep} deep" in one.text for one in pictures)


def test_the_picture_of_a_low_chair_is_as_high_as_with_its_towel(at, who):
    drawn = at.client.get(f"/people/{who}/chair.svg?height=40").text
    assert "cm with the towel" in drawn and "40 cm" not in drawn
    assert at.client.get(f"/people/{who}/chair.svg?theme=blue").status_code == 404


def test_inches_are_read_and_shown_as_inches(at, who):
    at.store.change_person(who, units="in")
    page = at.get(f"/people/{who}/chair?height=16&page=1")
    assert " in" in page.text and " cm" not in page.text.split("One source")[1].split("Things of a day")[0]


def test_nobody_without_measures_is_called_you(at):
    page = at.get(f"/people/{at.store.add_person(created_at=at.clock()).id}/chair")
    assert page.h1 == "A chair for an average body"
