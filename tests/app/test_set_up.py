"""How to lie: whose numbers stand where, what a slider asks, and what is kept of it."""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import replace

import pytest

from psoas.app.worker import Searched
from psoas.drawing_layers import LAYERS
from psoas.props import prop


@pytest.fixture
def entry(at):
    """A rest of somebody whose answers let them rest."""
    made = at.begin()
    at.screened(made)
    return made


def fields(at, entry, query=""):
    return at.get(f"/rest/{entry}/set-up{query}").form(f"/rest/{entry}/set-up").data


def keep(at, entry, query="", **changed):
    """Send the form as it stands, with some fields changed."""
    return at.post(f"/rest/{entry}/set-up", {**fields(at, entry, query), **changed, "do": "go"})


def searching(at, monkeypatch, answers):
    """A search that answers as the futures tell."""
    left = iter(answers)
    last = []

    def searched(wish, looking=""):
        last[:] = [next(left, last[0] if last else None)]
        return last[0]

    monkeypatch.setattr(at.app.state.house.worker, "searched", searched)


def test_the_models_numbers_stand_in_the_fields_and_say_so(at, entry):
    page = at.get(f"/rest/{entry}/set-up")
    told = page.form(f"/rest/{entry}/set-up").data
    assert (told["heel_distance"], told["foot_width"]) == (["33 cm"], ["16 cm"])
    assert "33 cm (26 to 40)" in page.text and "the model’s choice" in page.text
    assert "scaled to these legs" in page.text  # the sources' own band stays beside it
    assert "looking for numbers of its own" not in page.text


def test_while_the_model_looks_the_sources_numbers_stand_there(at, entry, monkeypatch):
    searching(at, monkeypatch, [Future()])
    page = at.get(f"/rest/{entry}/set-up")
    assert "looking for numbers of its own" in page.text
    assert any("data-search" in given for _, given in page.tags)
    assert page.form(f"/rest/{entry}/set-up").data["heel_distance"] == ["36 cm"]


def test_what_is_kept_is_what_was_shown_whatever_has_been_found_since(at, entry, monkeypatch):
    found = at.app.state.house.worker.searched
    wanted = []
    monkeypatch.setattr(at.app.state.house.worker, "searched", lambda wish, looking="": wanted.append(wish) or Future())
    sent = fields(at, entry)
    monkeypatch.setattr(at.app.state.house.worker, "searched", found)
    at.post(f"/rest/{entry}/set-up", {**sent, "do": "go"})
    kept = at.store.entry(entry)
    assert kept.options["heel_distance"] == "36 cm" and kept.options["own"] == ""
    assert "36 cm" in kept.setup["sentence"]
    assert wanted


def test_a_search_without_an_answer_leaves_the_sources_numbers_and_says_why(at, entry, monkeypatch):
    lost = Future()
    lost.set_result(Searched(message="These legs are too long for it."))
    searching(at, monkeypatch, [lost])
    page = at.get(f"/rest/{entry}/set-up")
    assert "The model found no numbers of its own: These legs are too long for it." in page.text
    assert page.form(f"/rest/{entry}/set-up").data["heel_distance"] == ["36 cm"]


def test_only_a_persons_own_numbers_are_theirs_the_next_time(at, entry):
    keep(at, entry, heel_distance="40 cm")
    assert at.store.entry(entry).options["own"] == "heel_distance"
    at.post(f"/rest/{entry}/done")
    new = at.begin()
    at.screened(new)
    page = at.get(f"/rest/{new}/set-up")
    told = page.form(f"/rest/{new}/set-up").data
    assert (told["heel_distance"], told["foot_width"]) == (["40 cm"], ["16 cm"])
    assert "shown_heel_distance" not in told and told["shown_foot_width"] == ["16 cm"]
    assert "your own choice" in page.text
    [anew] = [link for link in page.links if "anew" in link]
    assert fields(at, new, f"?{anew.partition('?')[2]}")["heel_distance"] == ["33 cm"]


def test_the_sheet_has_the_numbers_of_the_page_that_leads_to_it(at, entry):
    [link] = [link for link in at.get(f"/rest/{entry}/set-up?heel_distance=44").links if "/sheet" in link]
    told = at.get(link).text
    assert "heels about 44 cm" in told and "16 cm apart" in told
    keep(at, entry, "?heel_distance=30")
    assert "heels about 30 cm" in at.get(f"/rest/{entry}/sheet").text
    at.post(f"/rest/{entry}/done")
    assert "heels about 30 cm" in at.get(link).text  # of a rest that has been, the sheet is what it was


def test_a_change_that_is_only_shown_is_kept_in_the_address(at, entry):
    page = at.post(f"/rest/{entry}/set-up", {**fields(at, entry), "foot_width": "22 cm", "do": "show"})
    assert at.path(page) == f"/rest/{entry}/set-up"
    told = page.form(f"/rest/{entry}/set-up").data
    assert (told["heel_distance"], told["foot_width"]) == (["33 cm"], ["22 cm"])
    assert at.store.entry(entry).options in (None, {})


@pytest.mark.parametrize(
    ("way", "changed", "said"),
    [
        ("bolstered", {"height": "9 cm"}, "a bolster of 9"),
        ("bolstered", {"shoulders": "cushion", "height": "11 cm"}, "a cushion of 11 cm"),
        ("bolstered", {"shoulders": "cushion=12 cm + folded-blanket=5 cm"}, "a folded blanket of 5"),
        ("calves-on-chair", {"seat": "40 cm"}, "a chair of 40 cm"),
        ("constructive-rest", {"prop": "pillow", "thickness": "8 cm"}, "a pillow of 8"),
        ("supine", {"prop": "towel", "thickness": "2 cm"}, "a towel of 2"),
    ],
)
def test_what_lies_under_a_body_can_be_chosen(at, entry, way, changed, said):
    keep(at, entry, f"?way={way}", **changed)
    kept = at.store.entry(entry)
    assert kept.way == way
    assert said in kept.setup["sentence"]
    assert set(changed) <= set(kept.options["own"].split(","))
    assert said in at.get(f"/rest/{entry}/sheet").text


@pytest.mark.parametrize(
    ("way", "changed", "told"),
    [
        ("bolstered", {"height": "90 cm"}, "give 5 to 30 cm"),
        ("bolstered", {"shoulders": "anvil"}, "prop is 'anvil'"),
        ("bolstered", {"shoulders": "cushion= + "}, "height is"),
        ("calves-on-chair", {"seat": "tall"}, "seat"),
        ("calves-on-chair", {"seat": "2 m"}, "chair thickness is 200 cm"),
    ],
)
def test_what_cannot_lie_there_is_one_sentence(at, entry, way, changed, told):
    page = keep(at, entry, f"?way={way}", **changed)
    assert page.status == 422
    assert told in page.problem.lower()
    for name, text in changed.items():
        if name != "shoulders":  # a choice that is none on the list
            assert page.form(f"/rest/{entry}/set-up").data[name] == [text]


def test_inches_stand_in_the_fields_of_whoever_reads_inches(at, entry):
    at.store.change_person(at.who(entry), units="in")
    told = fields(at, entry)
    assert told["heel_distance"] == ["13 in"]
    seat = fields(at, entry, "?way=calves-on-chair")["seat"]
    assert seat == ["17.5 in"]
    [slide] = [
        given
        for _, given in at.get(f"/rest/{entry}/set-up?way=calves-on-chair").tags
        if given.get("id") == "slide-seat"
    ]
    assert (slide["step"], slide["value"]) == ("0.5", "17.5")


def test_a_slider_is_answered_with_a_picture_numbers_and_the_sentence(at, entry):
    query = "way=constructive-rest&heel_distance=45+cm&foot_width=16+cm&prop=nothing&surface=mat&arms=belly"
    told = json.loads(at.client.get(f"/api/rest/{entry}/live?{query}&theme=dark&layout=narrow").text)
    assert told["picture"] == "<svg>constructive-rest dark narrow</svg>"
    assert told["rows"] == [["Psoas pull", "20 N"]]
    assert "heels about 45 cm" in told["sentence"]
    assert "heel_distance=45+cm" in told["query"]


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("way=constructive-rest&heel_distance=far", 200, "heel distance"),
        ("way=chair", 200, "the body model cannot carry it"),
        ("way=nowhere", 200, "way is 'nowhere'"),
        ("way=supine&theme=red", 404, ""),
    ],
)
def test_a_slider_that_asks_what_cannot_be_is_told(at, entry, query, status, told):
    answer = at.client.get(f"/api/rest/{entry}/live?{query}")
    assert answer.status_code == status
    if told:
        assert told in json.loads(answer.text)["problem"].lower()


def test_minutes_are_followed_on_a_page_and_without_script(at, entry):
    [link] = [link for link in at.get(f"/rest/{entry}/set-up").links if "/course" in link]
    page = at.get(link)
    assert page.h1 == "What minutes do to it"
    part = next(given["data-estimate"] for _, given in page.tags if "data-estimate" in given)
    assert "15 (8 to 24) N" in at.get(part).text and "After 15 minutes" in at.get(part).text
    assert at.get(part.replace("part=yes", "page=1")).h1 == page.h1


@pytest.mark.parametrize("minutes", ["0", "10000", "x", "-5"])
def test_minutes_that_cannot_be_followed_are_one_sentence(at, entry, minutes):
    page = at.get(f"/rest/{entry}/course?way=supine&minutes={minutes}")
    assert page.status == 422
    assert page.problem == f"Minutes is '{minutes}'; give a whole number from 5 to 60."


def test_the_ways_that_are_offered_and_carried_lie_beside_each_other(at, entry):
    page = at.get(f"/rest/{entry}/beside")
    assert "Lying straight, Constructive rest, Straight, raised, Calves on a chair" in page.text
    told = at.get(f"/rest/{entry}/beside?part=yes").text.replace("−", "-")
    for id in ("supine", "constructive-rest", "bolstered", "calves-on-chair"):
        assert f"{id} on the mat" in told
    assert "Another: It cannot." in told
    assert at.client.get(f"/rest/{entry}/beside.svg").text == "<svg/>"
    assert at.client.get(f"/rest/{entry}/beside.svg?theme=red").status_code == 404


def test_only_ways_that_todays_answers_leave_are_beside_each_other(at, entry):
    at.screened(entry, "thin-bones")
    told = at.get(f"/rest/{entry}/beside?page=1").text
    assert "supine on the mattress" in told
    assert "bolstered on" not in told and "calves-on-chair on" not in told
    at.screened(entry, "unwell-flat")
    assert "None of the ways" in at.get(f"/rest/{entry}/beside?page=1").text
    at.screened(entry, "chest")
    assert at.path(at.get(f"/rest/{entry}/beside")) == f"/rest/{entry}/answer"
    assert at.client.get(f"/rest/{entry}/beside.svg").status_code == 404


def test_a_bare_number_is_in_the_unit_that_its_reader_reads(at, entry):
    at.store.change_person(at.who(entry), units="in")
    keep(at, entry, heel_distance="14", foot_width="6.5")
    kept = at.store.entry(entry).options
    assert (kept["heel_distance"], kept["foot_width"]) == ("14 in", "6.5 in")
    at.post(f"/rest/{entry}/look", {"how": "strip", "ribs_left": "1", "ribs_right": "1 cm", "lumbar_arch": "2 fingers"})
    seen = at.store.entry(entry).look_before
    assert seen["ribs_left"]["value"] == pytest.approx(0.0254) and seen["ribs_right"]["value"] == pytest.approx(0.01)


def test_whoever_reads_inches_reads_no_centimeters_in_reasons(at, entry, monkeypatch, told_line):
    found = Future()
    told = replace(
        told_line("towel", "under the head, as folded", 0.0, 0.025, 0.05), reason="From 2.5 cm to 5 cm it does."
    )
    found.set_result(Searched("", (told,), (("arms", "sides"),), (), ("A seat of 44 cm.",)))
    searching(at, monkeypatch, [found])
    at.store.change_person(at.who(entry), units="in")
    text = at.get(f"/rest/{entry}/set-up?way=supine").text
    assert "From 1 in to 2 in it does." in text and "A seat of 17.5 in." in text


def test_where_the_model_names_no_height_what_there_is_is_not_called_its_choice(at, entry, monkeypatch, told_line):
    found = Future()
    high = told_line("height", "height under shoulders and head", 0.0, 0.12, 0.12)
    under = (prop("cushion", 0.12),)
    found.set_result(Searched("", (high,), (("arms", "sides"),), under, (), feasible=False))
    searching(at, monkeypatch, [found])
    text = at.get(f"/rest/{entry}/set-up?way=bolstered").text
    assert "the model names no height" in text and "the model’s choice" not in text


# -- what else is on the picture ----------------------------------------------------------------------


def asked_to_draw(at, monkeypatch):
    """The layers of every picture that is asked for."""
    seen, found = [], at.app.state.house.worker.rested

    def rested(question, looking=""):
        seen.append(question.layers)
        return found(question, looking)

    monkeypatch.setattr(at.app.state.house.worker, "rested", rested)
    return seen


def boxes(page):
    """Every box by its layer, and whether it is ticked."""
    found = [given for tag, given in page.tags if tag == "input" and given.get("name") == "layer"]
    assert all(given["form"] == "lie" and given["type"] == "checkbox" for given in found)
    return {given["value"]: "checked" in given for given in found}


def test_every_layer_has_a_box_and_none_is_ticked_unasked(at, entry):
    page = at.get(f"/rest/{entry}/set-up")
    assert boxes(page) == dict.fromkeys(LAYERS, False)
    assert "Also show" in page.text and "As an image, not anatomy" in page.text
    assert not any("layer" in link for link in page.links)


def test_the_address_says_what_is_on_the_picture(at, entry, monkeypatch):
    seen = asked_to_draw(at, monkeypatch)
    page = at.get(f"/rest/{entry}/set-up?layer=hammock&layer=kidneys")
    assert [name for name, on in boxes(page).items() if on] == ["kidneys", "hammock"]
    part = next(given["data-estimate"] for _, given in page.tags if "data-estimate" in given)
    assert part.endswith("&layer=kidneys&layer=hammock")
    drawn = at.get(part)
    [source] = [given["src"] for tag, given in drawn.tags if tag == "img"]
    assert source.endswith("&layer=kidneys&layer=hammock&theme=light")
    assert at.client.get(source).status_code == 200
    assert seen == [("kidneys", "hammock")] * 2
    for kind in ("way=supine", "/sheet?"):  # the other ways to lie, and the sheet, show the same
        [link] = [link for link in page.links if kind in link]
        assert "layer=kidneys&layer=hammock" in link
    at.get(link)
    assert seen[-1] == ("kidneys", "hammock")


def test_boxes_that_are_sent_come_back_in_the_address(at, entry):
    sent = {**fields(at, entry), "heel_distance": "40 cm", "layer": ["organs", "shelf"], "do": "layers"}
    page = at.post(f"/rest/{entry}/set-up", sent)
    assert at.path(page) == f"/rest/{entry}/set-up"
    assert page.response.url.params.get_list("layer") == ["organs", "shelf"]
    assert page.form(f"/rest/{entry}/set-up").data["heel_distance"] == ["40 cm"]
    assert [name for name, on in boxes(page).items() if on] == ["organs", "shelf"]


def test_what_is_on_the_picture_is_remembered_by_nothing_but_the_address(at, entry):
    at.post(f"/rest/{entry}/set-up", {**fields(at, entry), "layer": ["organs"], "do": "go"})
    kept = at.store.entry(entry)
    assert "layer" not in kept.options and "organs" not in json.dumps(kept.options)
    assert not any(boxes(at.get(f"/rest/{entry}/set-up")).values())


@pytest.mark.parametrize("place", ["set-up?", "picture.svg?way=supine&", "sheet?way=supine&"])
def test_a_layer_that_there_is_not_is_one_sentence(at, entry, place):
    page = at.get(f"/rest/{entry}/{place}layer=spleen")
    assert page.status == 422
    assert f"layer is 'spleen'; give {', '.join(LAYERS)}." in page.text.lower()


def test_a_slider_asks_for_what_is_on_the_picture(at, entry, monkeypatch):
    seen, found = [], at.app.state.house.worker.glimpse
    monkeypatch.setattr(
        at.app.state.house.worker,
        "glimpse",
        lambda question, *how: seen.append(question.layers) or found(question, *how),
    )
    told = json.loads(at.client.get(f"/api/rest/{entry}/live?way=supine&layer=diaphragm").text)
    assert seen == [("diaphragm",)] and told["query"].endswith("&layer=diaphragm")
    told = json.loads(at.client.get(f"/api/rest/{entry}/live?way=supine&layer=spleen").text)
    assert told["problem"].startswith("Layer is 'spleen'")
