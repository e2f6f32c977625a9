"""The process beside the server: it answers once, survives a crash, and says why there is no answer."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from psoas.app import worker as own
from psoas.app.worker import (
    LAYOUTS,
    THEMES,
    Looks,
    Question,
    Wish,
    Worker,
    find,
    follow,
    glimpse,
    lay_beside,
    own_recording,
    render_session,
    solve,
    trace,
)
from psoas.errors import InputError
from psoas.noticing import seen
from psoas.person import Person
from psoas.props import prop

FEW = Question(Person("female", 1.72, 68.0), "constructive-rest", (), "mat", members=8)


@pytest.fixture
def worker():
    made = Worker()
    yield made
    made.close()


def test_a_set_up_is_answered_with_pictures_words_and_rows(worker):
    answer = worker.rested(FEW).result()
    assert answer.message == ""
    assert set(answer.pictures) == {(theme, layout) for theme in THEMES for layout in LAYOUTS}
    assert all(svg.startswith("<svg") for svg in answer.pictures.values())
    assert len(set(answer.pictures.values())) == len(answer.pictures)
    titles = [title for title, _ in answer.rows]
    assert "Psoas pull" in titles
    assert len(titles) == len(set(titles))
    assert worker.rested(FEW) is worker.rested(FEW)


def test_a_position_that_cannot_be_taken_is_one_sentence(worker):
    far = Question(FEW.person, FEW.position, (("heel_distance", 0.9),), "mat", members=8)
    with pytest.raises(InputError, match="heel distance is 90 cm"):
        worker.rested(far).result()


def test_after_a_crash_the_next_question_is_answered(worker):
    with pytest.raises(Exception, match="terminated"):
        worker.run(os._exit, 1)
    assert worker.run(len, "abc") == 3


def test_ending_waits_for_no_search(worker):
    body = Person("female", 1.68, 68.0)
    search = worker.searched(Wish(body, "constructive-rest", "floor", "belly"))
    worker.glimpse(FEW, "light", "wide")
    worker.close()
    assert search.cancelled() or search.exception() is not None  # it was not worked out to its end
    assert worker.glimpse(FEW, "light", "wide").picture  # and whoever comes after is answered


def test_what_was_answered_can_be_forgotten(worker):
    first = worker.rested(FEW)
    worker.forget()
    assert worker.rested(FEW) is not first


def test_another_layer_is_another_picture_of_the_same_bodies(monkeypatch):
    """The bodies rest once; only the picture is drawn anew."""
    solved, found = [], own._estimated
    own.drop()
    monkeypatch.setattr(
        own, "_estimated", lambda question, members: solved.append(question) or found(question, members)
    )
    plain = solve(FEW)
    full = solve(replace(FEW, layers=("kidneys", "hammock")))
    assert solved == [FEW]
    assert plain.rows == full.rows
    for key, svg in full.pictures.items():
        assert 'data-layer="kidneys"' in svg and 'data-layer="hammock"' in svg
        assert "data-layer" not in plain.pictures[key]
    assert full.words.startswith(plain.words) and "kidneys" in full.words
    own.drop()
    assert solve(FEW) == plain
    assert solved == [FEW, FEW], "what was dropped is worked out again"


def test_layers_are_a_question_of_their_own(worker):
    assert worker.rested(FEW) is not worker.rested(replace(FEW, layers=("kidneys",)))


def test_a_glimpse_shows_the_layers_that_are_on():
    seen = glimpse(replace(FEW, layers=("organs",)), None, "dark", "narrow")
    assert 'data-layer="organs"' in seen.picture and "data-layer" not in glimpse(FEW, None, "dark", "narrow").picture


def test_a_session_is_rendered_whole(tmp_path):
    import soundfile

    path = tmp_path / "rest.flac"
    render_session(str(path), [(0.0, "start"), (30.0, "end")], [], 60.0)
    sound, rate = soundfile.read(path)
    assert len(sound) == 60 * rate
    assert [name.name for name in tmp_path.iterdir()] == ["rest.flac"]


def test_an_own_recording_is_refused_in_one_sentence():
    with pytest.raises(InputError, match="not audio"):
        own_recording(b"no sound at all")


def test_a_picture_that_nobody_waits_for_any_more_is_not_drawn(worker):
    """Somebody who looks at one set-up after another waits for the last one, not for all of them."""
    asked = [replace(FEW, values=(("heel_distance", 0.30 + n / 100),)) for n in range(6)]
    left = [worker.rested(question, looking="a rest") for question in asked]
    other = worker.rested(replace(FEW, values=(("heel_distance", 0.40),)), looking="another rest")
    assert left[-1].result().pictures and other.result().pictures
    assert sum(one.cancelled() for one in left) >= 3  # two may have been on their way
    again = worker.rested(asked[4], looking="a rest")
    assert again.result().pictures, "what was given up can be asked again"


def test_who_asks_for_the_same_again_goes_on_waiting(worker):
    first = worker.rested(FEW, looking="a rest")
    assert worker.rested(FEW, looking="a rest") is first
    assert first.result().pictures


# -- a search -----------------------------------------------------------------------------------------


def test_a_search_is_worked_out_with_a_look_and_what_cannot_be_is_a_sentence():
    body = Person("female", 1.68, 68.0)
    looked = (("thigh_left", seen("4 cm", "helper")), ("thigh_right", seen("4 cm", "helper")))
    found = find(Wish(body, "constructive-rest", "floor", "belly", (prop("towel"),), looked, members=4))
    assert not found.message
    assert [line.name for line in found.lines] == ["heel_distance", "foot_width", "towel"]
    assert dict(found.values)["arms"] == "belly"
    assert set(found.plots) == set(THEMES) and all(svg.startswith("<svg") for svg in found.plots.values())
    heels = found.lines[0].quantity
    assert heels.low <= dict(found.values)["heel_distance"] == heels.value <= heels.high
    assert any("bodies that fit it" in note for note in found.notes)
    lost = find(Wish(body, "calves-on-chair", "floor", "belly", (prop("chair", 0.60),), members=2))
    assert lost.message.startswith("Chair thickness is 60 cm;") and not lost.lines


# -- a slider, minutes, ways beside each other --------------------------------------------------------


def test_a_glimpse_is_the_body_that_the_estimate_draws():
    answer = solve(FEW)
    seen = glimpse(FEW, answer.drawn, "light", "wide")
    assert not seen.message
    assert seen.picture.startswith("<svg") and "@font-face" not in seen.picture and "from above" not in seen.picture
    assert [title for title, _ in seen.rows] == ["Psoas pull", "Small of the back, gap", "Knees bent"]
    assert all("to" not in text.split() for _, text in seen.rows)  # one body has no range


def test_a_slider_comes_to_the_rest_that_one_would_find_at_once():
    there = replace(FEW, values=(("heel_distance", 0.42),))
    at_once = glimpse(there, None, "light", "wide")
    glimpse(replace(FEW, values=(("heel_distance", 0.36),)), None, "light", "wide")
    assert glimpse(there, None, "light", "wide").rows == at_once.rows


def test_a_glimpse_of_what_cannot_be_is_refused_and_the_next_one_is_seen(worker):
    with pytest.raises(InputError, match="heel distance is 90 cm"):
        worker.glimpse(replace(FEW, values=(("heel_distance", 0.9),)), "light", "wide")
    assert worker.glimpse(FEW, "dark", "narrow").picture


def test_a_look_changes_whose_bodies_rest():
    high = (("thigh_left", seen("5 cm", "helper")), ("thigh_right", seen("5 cm", "helper")))
    lying = replace(FEW, position="supine")
    assert solve(replace(lying, look=high)).rows != solve(lying).rows


def test_minutes_are_told_with_moments_changes_and_plots():
    found = follow(replace(FEW, position="supine"), 6.0)
    assert not found.message and found.members > 20
    assert {title for title, _ in found.plots} == {
        "Psoas pull [N]", "Hollow of the back (lordosis) [°]", "Small of the back, gap to the floor [mm]",
    }  # fmt: skip
    pull = next(row for row in found.rows if row[0] == "Psoas pull")
    assert pull[3].startswith("-") and pull[1] != pull[2]
    with pytest.raises(InputError, match="minutes"):
        follow(FEW, 0.0)


def test_sides_that_a_look_tells_apart_are_followed_apart():
    uneven = (("thigh_left", seen("0", "helper")), ("thigh_right", seen("6 cm", "helper")))
    titles = {title for title, *_ in follow(replace(FEW, position="supine", look=uneven), 5.0).rows}
    assert {"Psoas pull, left", "Psoas pull, right"} <= titles and "Psoas pull" not in titles


def test_ways_lie_beside_each_other_and_what_cannot_be_is_told_apart():
    far = replace(FEW, values=(("heel_distance", 0.9),))
    found = lay_beside((("Straight", replace(FEW, position="supine")), ("Bent", FEW), ("Far", far)))
    assert [way for way, _ in found.lost] == ["Far"] and "90 cm" in found.lost[0][1]
    told = {title: ways for title, _, ways in found.rows}
    assert [way for way, _, _ in told["Psoas pull [N]"]] == ["Straight", "Bent"]
    assert told["Psoas pull [N]"][0][2] == "" and told["Psoas pull [N]"][1][2] in ("less", "more", "cannot tell")
    assert told["Hollow of the back (lordosis) [°]"][1][2] == "less"
    assert [way for way, _, _ in told["Backs of the thighs, gap [mm]"]] == ["Straight"]
    assert set(found.pictures) == {(theme, layout) for theme in THEMES for layout in LAYOUTS}
    assert lay_beside((("Far", far),)).rows == ()


# -- what looks tell ----------------------------------------------------------------------------------


def test_looks_are_told_one_after_another_as_the_evaluation_has_them():
    """The first look by ``evaluate`` itself; a second one goes on from it, and what neither tells is marked."""
    from psoas.evaluation import evaluate

    body = Person("female", 1.68, 68.0)
    first = {"thigh_left": seen("4 cm", "helper"), "thigh_right": seen("4 cm", "helper")}
    second = {"thigh_left": seen("1 cm", "helper"), "lumbar_arch": seen("can't tell", "helper")}
    told = trace(Looks(body, ((0.0, tuple(first.items())), (30.0, tuple(second.items())))))
    assert told.message == ""
    alone = evaluate(body, first)
    going_on = evaluate(body, second, before=alone, days=30.0)
    assert [len(one.points) for one in told.trends] == [2] * len(alone.parameters)
    for one, (name, known) in zip(told.trends, alone.parameters.items(), strict=True):
        after = [known.after, going_on.parameters[name].after]
        assert one.points == tuple((x.value, x.low, x.high) for x in after)
        assert one.texts == tuple(x.format() for x in after)
        assert one.told == going_on.parameters[name].identified
        assert one.before == (known.before.value, known.before.low, known.before.high)
    assert any(one.told for one in told.trends) and not all(one.told for one in told.trends)
    assert told.said == (alone.message, " ".join([going_on.message, *told.said[1].split(going_on.message)[1:]]).strip())
    assert set(going_on.confounded) <= set(told.apart)
    assert any("shape as well as from tightness" in sentence for sentence in told.apart)


def test_looks_of_a_body_that_cannot_be_are_a_sentence():
    assert trace(Looks(FEW.person, ())).message == "There is no look to go by."
    backwards = ((5.0, ()), (2.0, ()))
    assert trace(Looks(FEW.person, backwards)).message.startswith("Days is -3; give 0 or more")


def test_looks_are_told_in_a_process_of_their_own_and_once(worker):
    asked = Looks(FEW.person, ())
    assert worker.traced(asked).result().message
    assert worker.traced(asked) is worker.traced(Looks(FEW.person, ()))
