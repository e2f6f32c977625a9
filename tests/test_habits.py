"""Things of a day: what is ticked is checked and said again, and nobody is judged."""

import re
import tomllib
from importlib.resources import files

import pytest

from psoas.errors import InputError
from psoas.habits import besides, checks, done, habits, looked_over, restated

WRITTEN = tomllib.loads((files("psoas") / "habits.toml").read_text(encoding="utf-8"))
FORBIDDEN = re.compile(
    r"!|\b(should|must|safe\w*|need to|try|well done|good|great|bad|correct\w*|wrong|streak\w*|fail\w*|score\w*|cure\w*"
    r"|heal\w*|metres?|grey|colour)\b",
    re.IGNORECASE,
)


def strings(value):
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in strings(each)]


def test_the_features_are_all_there():
    """14, 47 to 49 and 172."""
    told = {number for each in (*habits(), *checks(), *besides()) for number in each.features}
    assert told == {14, 47, 48, 49, 172}
    assert all(each.sources for each in (*habits(), *checks(), *besides()))
    shoes = next(check for check in checks() if check.id == "shoes")
    assert {"neutral", "low-heel", "bends", "wide", "long"} <= {point.id for point in shoes.items}


def test_every_word_keeps_to_the_voice():
    texts = strings(WRITTEN)
    assert len(texts) > 60
    assert not [text for text in texts if FORBIDDEN.search(text)]
    assert FORBIDDEN.search("Good shoes!")


def test_ids_are_named_once():
    for group in (habits(), checks(), besides(), *(check.items for check in checks())):
        assert len({each.id for each in group}) == len(group)


def test_a_day_is_kept_in_the_order_of_the_list_and_once():
    assert done(["feet", "walk", "walk"]) == ("walk", "feet")
    assert done([]) == ()
    with pytest.raises(
        InputError, match=r"^what the day had is 'run'; give any of walk, bath, feet, before-exercise, "
    ):
        done(["walk", "run"])


def test_what_was_looked_over_is_checked():
    assert looked_over({"shoes": ["wide", "low-heel"], "car": []}) == {"shoes": ["low-heel", "wide"]}
    assert looked_over({"chair": ["none"]}) == {"chair": ["none"]}
    assert looked_over({}) == {}


@pytest.mark.parametrize(
    ("ticked", "sentence"),
    [
        ({"boots": ["wide"]}, "^what was looked over is 'boots'; give any of shoes, chair, car$"),
        ({"shoes": ["red"]}, "^shoes has 'red'; give any of comfortable, .*, long or none$"),
        ({"shoes": ["none", "wide"]}, "^shoes has none and something as well; leave one of them$"),
        ({"car": ["both-feet"]}, "^the seat of the car has 'both-feet'; "),
        ({"car": ["x" * 400]}, r"has 'x{56}\.\.\.; give"),
    ],
)
def test_what_cannot_have_been_looked_over(ticked, sentence):
    with pytest.raises(InputError, match=sentence):
        looked_over(ticked)


def test_a_check_says_again_what_was_ticked_and_no_more():
    shoes = checks()[0]
    assert restated(shoes, ["wide", "low-heel"]) == (
        "Of the 6 points that source 001 asks of shoes, 2 were ticked: a low heel and wide enough for the toes."
        " Left open: comfortable, neutral, a sole that bends and long enough for the toes."
    )
    assert restated(shoes, ["none"]) == "Of the 6 points that source 001 asks of shoes, none was ticked."
    assert restated(shoes, [point.id for point in shoes.items]).startswith("All 6 points that source 001 asks of shoes")
    assert "1 was ticked" in restated(shoes, ["bends", "from elsewhere"])
    for check in checks():
        for count in range(len(check.items) + 1):
            said = restated(check, [point.id for point in check.items[:count]])
            assert said.endswith(".") and not FORBIDDEN.search(said)
            assert all(point.phrase in said for point in check.items) or count in (0, len(check.items))
