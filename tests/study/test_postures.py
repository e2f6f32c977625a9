"""Question 112: what is shown is what the model gives, and the page's sentences are what its numbers say."""

import json
from importlib.resources import files

import pytest

from psoas import evidence
from psoas.study import Bench, postures

KEPT = json.loads((files("psoas.evidence") / "postures.json").read_text(encoding="utf-8"))
BY_ID = {posture.id: posture for posture in evidence.postures()}
FEW = Bench(members=1)


def middle(id, name):
    return BY_ID[id].numbers[name].quantity.value


@pytest.mark.parametrize("id", postures.POSTURES)
def test_what_is_shown_is_what_the_model_gives(id):
    (kept,) = (row for row in KEPT["postures"] if row["id"] == id)
    for name, row in postures.ROWS.items():
        given = row.ask[id](FEW).nominal
        assert given == pytest.approx(kept["numbers"][name]["default"], abs=0.05 * row.matters), "run make evidence"


def test_the_psoas_is_shorter_the_more_the_hip_is_bent():
    assert middle("sitting", "length") < middle("bent", "length") < middle("bolstered", "length") < 100
    assert middle("leaning", "length") < middle("bent", "length")
    for id in ("sitting", "leaning", "bent", "bolstered"):
        assert BY_ID[id].numbers["length"].against_straight == "less"


def test_short_is_slack():
    for id in ("sitting", "leaning", "bent", "bolstered"):
        assert BY_ID[id].numbers["pull"].against_straight == "less"
    assert middle("bent", "pull") < middle("bolstered", "pull") < middle("straight", "pull")


def test_upright_the_low_back_is_pressed_several_times_as_hard():
    for id in ("standing", "sitting"):
        assert BY_ID[id].numbers["low_back"].against_straight == "more"
        assert middle(id, "low_back") > 4 * middle("bent", "low_back")
        assert middle(id, "low_back") > 2.5 * max(middle(lying, "low_back") for lying in ("straight", "bolstered"))


def test_leaning_back_the_low_back_is_pressed_less_than_upright_and_more_than_lying():
    low = {id: BY_ID[id].numbers["low_back"].quantity for id in ("sitting", "leaning", "bent")}
    assert low["sitting"].value > low["leaning"].value > low["bent"].high
    assert low["leaning"].low > low["bent"].high


def test_what_is_drawn_loose_is_loose():
    assert {id for id, posture in BY_ID.items() if posture.loose} == {"sitting", "leaning", "bent"}


def test_lying_the_floor_carries_the_trunk():
    assert all(middle(id, "borne") > 65 for id in ("straight", "bolstered", "bent"))
    assert middle("standing", "borne") == 0 < middle("sitting", "borne") < 65


def test_lying_straight_it_is_long_and_pulls_as_standing():
    assert all(one.numbers["length"].quantity.high <= 100 for one in BY_ID.values() if one.id != "standing")
    assert all(BY_ID["standing"].numbers[name].against_straight == "cannot tell" for name in ("length", "pull"))


def test_every_posture_is_drawn_above_its_ground():
    for posture in BY_ID.values():
        left, top, width, height = posture.box
        assert posture.body
        assert len(posture.psoas) == 11
        for path in (*posture.body, *posture.psoas, *posture.carried_by):
            points = [tuple(map(float, pair.split())) for pair in path.strip("Mz").split("L")]
            assert all(left <= x <= left + width and top <= y <= top + height for x, y in points)
            assert all(y <= 1.0 for _, y in points)
