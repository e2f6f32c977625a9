"""Every page by HTTP alone, without script: what is typed is kept or comes back, and stays with whom it belongs to."""

import base64
import csv
import io
import json
import os
import re
import tempfile
import threading
import wave
from datetime import timedelta
from types import SimpleNamespace

import icalendar
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from starlette.routing import Route

from psoas import noticing, session
from psoas.app import access
from psoas.app.page import templates, worried
from psoas.journal import back_up, exchange, restore

CUE = next(iter(session.cues()))
ONE_APP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def jpeg(gps=True, size=(640, 480), color=(90, 60, 40)):
    """A photograph as a phone writes it: with place, time and device."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "CanaryMake", "CanaryModel", "2026:03:28 18:30:00"
    if gps:
        place = exif.get_ifd(0x8825)
        place[1], place[2], place[3], place[4] = "N", (52.0, 31.0, 12.0), "E", (13.0, 24.0, 18.0)
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG", exif=exif, comment=b"CanaryComment")
    return out.getvalue()


def wav(seconds=1.0, size=0.3, rate=22_050):
    """A tone."""
    t = np.arange(int(seconds * rate)) / rate
    samples = (32767 * size * np.sin(2 * np.pi * 220 * t) * np.hanning(t.size)).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def pages_of(at, **ids):
    """The addresses of every page that can be read, for these ids."""
    found = []
    for route in at.app.routes:
        path = route.path
        for name, id in ids.items():
            path = path.replace(f"{{{name}}}", str(id))
        if isinstance(route, Route) and "GET" in route.methods and "{" not in path and path != "/start":
            found.append(path)
    return found


# -- the whole way, by forms alone --------------------------------------------------------------------


def test_from_today_to_a_deleted_rest_without_script(at):
    page = at.get("/")
    assert (page.status, at.path(page)) == (200, "/")
    page = at.post(page.form("/begin").action)
    entry = at.path(page).split("/")[2]
    assert page.h1 == "Is this for you today?"
    form = page.form(f"/rest/{entry}/ask")
    assert (form.method, form.data) == ("post", {})
    page = at.post(form.action, form.filled(**at.answers()))
    assert at.path(page) == f"/rest/{entry}/look"
    form = page.form(f"/rest/{entry}/look")
    page = at.post(form.action, form.filled(lumbar_arch="2 fingers", ribs_left="can't tell", comfort_before="4"))
    assert at.path(page) == f"/rest/{entry}/set-up"
    form = page.form(f"/rest/{entry}/set-up")
    assert form.data["minutes"] == ["20"] or form.data["minutes"][0].isdigit()
    page = at.post(form.action, form.filled(minutes="15", do="go"))
    assert at.path(page) == f"/rest/{entry}/session"
    assert page.h1 == "15 minutes, constructive rest"
    sound = at.client.get(next(has["src"] for tag, has in page.tags if tag == "audio" and "src" in has))
    assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/flac")
    page = at.post(page.form(f"/rest/{entry}/done").action)
    assert at.path(page) == f"/rest/{entry}/check-back"
    assert "You rested for 15 minutes." in page.text
    who = at.who(entry)
    today = at.get("/")
    assert at.path(today) == f"/people/{who}"
    assert f"/rest/{entry}/check-back" in today.links
    form = page.form(f"/rest/{entry}/check-back")
    words = "Heavy,\nthen light. <b> & 'so' – “on” 🌿"
    page = at.post(form.action, form.filled(noticed=["heavy"], words=words, comfort_after="7", better="-15 %"))
    assert at.path(page) == f"/people/{who}"
    assert f"/rest/{entry}/check-back" not in page.links
    at.clock.later(hours=13)
    page = at.get(f"/people/{who}")
    assert f"/rest/{entry}/morning" in page.links
    form = at.get(f"/rest/{entry}/morning").form(f"/rest/{entry}/morning")
    at.post(
        form.action, form.filled(sleep="better", cramp="yes", cramp_time="6:30", cramp_minutes="2.5", morning_note="ä")
    )
    assert f"/rest/{entry}/morning" not in at.get(f"/people/{who}").links
    page = at.get(f"/people/{who}/journal")
    assert f"/rest/{entry}" in page.links
    assert "15 minutes" in page.text
    page = at.get(f"/rest/{entry}")
    for told in ("4 of 10", "7 of 10", "-15 %", "Heavy,", "🌿", "better than most nights", "6:30", "2.5", "can't tell"):
        assert told in page.text, told
    for step in ("check-back", "morning"):  # what was kept comes back to be changed
        form = at.get(f"/rest/{entry}/{step}").form(f"/rest/{entry}/{step}")
        before = exchange.to_json(at.store)
        at.post(form.action, form.data)
        assert exchange.to_json(at.store) == before, step
    page = at.post(f"/rest/{entry}/delete")
    assert (page.status, page.h1) == (422, "Not deleted")
    page = at.post(f"/rest/{entry}/delete", {"sure": "yes"})
    assert at.path(page) == f"/people/{who}/journal"
    assert f"/rest/{entry}" not in page.links
    for step in ("", "/ask", "/check-back", "/session", "/sheet", "/sound.flac"):
        assert at.client.get(f"/rest/{entry}{step}").status_code == 404


def test_begin_goes_on_where_it_was_left_today_and_starts_afresh_tomorrow(at):
    first = at.begin()
    assert at.begin(at.who(first)) == first == at.begin()
    at.clock.later(days=1)
    second = at.begin()
    assert second != first
    at.screened(second)
    at.set_up(second)
    at.post(f"/rest/{second}/done")
    assert at.begin() != second


def test_today_leads_back_to_a_rest_that_has_its_questions_and_not_its_quiet(at):
    entry = at.begin()
    today = f"/people/{at.who(entry)}"
    assert "A rest begun" not in at.get(today).text
    at.screened(entry)
    assert "A rest begun: how to lie" in at.get(today).text
    assert f"/rest/{entry}/set-up" in at.get(today).links
    at.set_up(entry)
    at.post(f"/rest/{entry}/done")
    assert "A rest begun" not in at.get(today).text
    at.screened(at.begin(at.who(entry)))
    at.clock.later(days=1)
    assert "A rest begun" not in at.get(today).text


def test_today_and_the_journal_show_the_latest_first(at):
    entries = []
    for way in ("side-lying", "chair", "constructive-rest"):
        entries.append(at.rested(way=way))
        at.clock.later(days=1)
    who = at.who(entries[0])
    page = at.get(f"/people/{who}")
    assert at.store.entry(entries[-1]).setup["sentence"] in page.text
    links = [
        link.removeprefix("/rest/") for link in at.get(f"/people/{who}/journal").links if link.startswith("/rest/")
    ]
    assert links == entries[::-1]
    form = at.get(f"/rest/{at.begin()}/set-up")
    assert at.path(form).endswith("/ask")


def test_all_measures_come_back_as_they_were_typed(at):
    who = at.who(at.begin())
    typed = {
        "name": "Ann", "sex": "female", "stature": "5ft 8in", "mass": "150 lb", "age": "44", "unit": "in", "waist": "80 cm",
        "hip": "39in", "thigh": "", "calf": "36", "left_leg": "88", "right_leg": "0.885 m", "surface": "floor",
        "props": ["towel", "pillow"], "history": ["heart"], "inner_resources": "a lake\n\nat dawn", "outer_resources": "the dog",
        "crisis_number": "116 123",
    }  # fmt: skip
    page = at.post(f"/people/{who}/you", typed)
    assert at.path(page) == f"/people/{who}"
    form = at.get(f"/people/{who}/you").form(f"/people/{who}/you")
    assert form.data == {name: value if isinstance(value, list) else [value] for name, value in typed.items()}
    kept = at.store.person(who)
    assert kept.measures["stature"] == pytest.approx(1.7272)
    assert kept.measures["mass"] == pytest.approx(68.04, abs=0.01)
    assert at.path(at.post(f"/people/{who}/you?then=/rest/x", form.data)) == "/rest/x"
    for elsewhere in ("//evil.example", "https://evil.example", "/people", "rest/", "\\\\evil"):
        page = at.post(f"/people/{who}/you?then={elsewhere}", form.data)
        assert at.path(page) == f"/people/{who}", elsewhere


# -- what cannot be used ------------------------------------------------------------------------------

LONG = "9" * 5000  # more digits than Python turns into a number
WRONG = [
    ("you", {"stature": "17"}, "height"),
    ("you", {"stature": "tall"}, "height"),
    ("you", {"stature": LONG}, "height"),
    ("you", {"mass": "-3"}, "mass"),
    ("you", {"mass": "nan"}, "mass"),
    ("you", {"age": "²"}, "age"),
    ("you", {"waist": "5 kg"}, "waist"),
    ("you", {"left_leg": "3 m"}, "leg"),
    ("you", {"name": "a" * 81}, "name has 81 characters; give 80 at most"),
    ("you", {"inner_resources": "a" * 2001}, "inner resources has 2001 characters; give 2000 at most"),
    ("you", {"crisis_number": "1" * 201}, "crisis number has 201 characters; give 200 at most"),
    ("people", {"name": "a" * 81}, "name has 81 characters; give 80 at most"),
    ("look", {"lumbar_arch": "lots"}, "give fingers or a length"),
    ("look", {"lumbar_arch": "3 m"}, "give 0 to"),
    ("look", {"ribs_left": "-1 cm"}, "give"),
    ("look", {"thigh_left": "²"}, "give"),
    ("look", {"thigh_right": LONG}, "give"),
    ("look", {"scale": "a" * 201}, "scale has 201 characters"),
    ("look-again", {"ribs_right": "a hand"}, "give fingers or a length"),
    ("set-up", {"minutes": "4"}, "give a whole number from 5 to 60"),
    ("set-up", {"minutes": "61"}, "give a whole number from 5 to 60"),
    ("set-up", {"minutes": "²"}, "give a whole number from 5 to 60"),
    ("set-up", {"minutes": LONG}, "give a whole number from 5 to 60"),
    ("set-up", {"minutes": "7.5"}, "give a whole number from 5 to 60"),
    ("set-up", {"heel_distance": "far"}, "heel distance"),
    ("set-up", {"heel_distance": "3 m"}, "heel"),
    ("set-up", {"foot_width": "-4"}, "foot width"),
    ("set-up", {"thickness": "thick", "prop": "towel"}, "thickness"),
    ("set-up", {"thickness": LONG, "prop": "towel"}, "thickness"),
    ("check-back", {"better": "much"}, "percent better"),
    ("check-back", {"better": "²"}, "percent better"),
    ("check-back", {"better": "-+5"}, "percent better"),
    ("check-back", {"better": "101"}, "percent better"),
    ("check-back", {"better": "٣"}, "percent better"),
    ("check-back", {"better": LONG}, "percent better"),
    ("check-back", {"words": "a" * 100_001}, "words has 100001 characters; give 100000 at most"),
    ("morning", {"cramp_minutes": "²"}, "cramp minutes"),
    ("morning", {"cramp_minutes": "long"}, "cramp minutes"),
    ("morning", {"cramp_minutes": "1441"}, "cramp minutes"),
    ("morning", {"cramp_minutes": LONG}, "cramp minutes"),
    ("morning", {"cramp_minutes": "."}, "cramp minutes"),
    ("compare", {"pairs": "3"}, "pairs is '3'; give a whole number from 4 to 20"),
    ("compare", {"pairs": "²"}, "pairs is"),
    ("compare", {"pairs": LONG}, "pairs is"),
    ("compare", {"pairs": "4", "deal": "pairs"}, "too few by lot in pairs to tell anything"),
    ("compare", {"name_a": " "}, "way a is empty"),
    ("compare", {"name_b": "a" * 81}, "way b has 81 characters; give 80 at most"),
    ("compare", {"name_b": "ON the <floor>"}, "as way a is"),
    ("tried", {"what": ""}, "what was tried is empty"),
    ("tried", {"what": "a" * 201}, "what has 201 characters"),
    ("tried", {"note": "a" * 100_001}, "note has 100001 characters"),
    ("tried/id", {"what": "  "}, "what was tried is empty"),
    ("reminder.ics", {"minutes": "²"}, "minutes"),
    ("reminder.ics", {"minutes": LONG}, "minutes"),
    ("reminder.ics", {"minutes": "0"}, "minutes"),
    ("reminder.ics", {"time": "25:00"}, "time of day"),
    ("reminder.ics", {"time": ""}, "time of day"),
    ("reminder.ics", {"title": "a" * 201}, "title has 201 characters"),
]


def short(wrong):
    place, typed, _ = wrong
    [(name, text), *_] = typed.items()
    return f"{place}-{name}-{text[:8]}".replace("²", "squared").replace("٣", "three")


@pytest.fixture
def places(at):
    """Where each form is shown and sent, for somebody who has been through all of them."""
    entry = at.rested()
    who = at.who(entry)
    at.clock.later(days=1)
    new = at.begin()
    at.screened(new)
    tried = at.store.add_tried(who, what="yoga", created_at=at.clock())
    person, rest = f"/people/{who}", f"/rest/{entry}"
    return {
        "people": ("/people", "/people"),
        "you": (f"{person}/you", f"{person}/you"),
        "look": (f"/rest/{new}/look", f"/rest/{new}/look"),
        "set-up": (f"/rest/{new}/set-up", f"/rest/{new}/set-up"),
        "look-again": (f"{rest}/look-again", f"{rest}/look-again"),
        "check-back": (f"{rest}/check-back", f"{rest}/check-back"),
        "morning": (f"{rest}/morning", f"{rest}/morning"),
        "compare": (f"{person}/compare", f"{person}/compare"),
        "tried": (f"{person}/journal", f"{person}/tried"),
        "tried/id": (f"{person}/tried/{tried.id}", f"{person}/tried/{tried.id}"),
        "reminder.ics": (f"{person}/data", f"{person}/reminder.ics"),
    }


# Something good in every field beside the wrong one, which is to come back as well.
BESIDE = {
    "you": {"name": "Ann <i>", "sex": "female", "stature": "171", "mass": "66", "waist": "81",
            "outer_resources": "a \"dog\"\nnear",
            "props": ["pillow"], "history": ["heart", "fear"], "unit": "in", "surface": "floor"},
    "people": {},
    "look": {"how": "photo", "lumbar_arch": "3 cm", "ribs_left": "1 finger", "comfort_before": "6", "scale": "my <hand>"},
    "look-again": {"how": "helper", "lumbar_arch": "can't tell", "scale": "a 'brick'"},
    "set-up": {"way": "constructive-rest", "minutes": "25", "heel_distance": "40", "foot_width": "30", "arms": "ribs",
               "surface": "floor", "prop": "pillow", "thickness": "5 cm", "voice": "", "questions": "yes"},
    "check-back": {"noticed": ["heavy"], "words": "one\n\n<two> & three", "comfort_after": "8", "better": "5"},
    "morning": {"sleep": "worse", "cramp": "yes", "cramp_time": "6:30", "cramp_minutes": "3", "morning_note": "“so”\n\nlà"},
    "compare": {"what": "own", "name_a": "on the <floor>", "name_b": "on \"the\" bed", "outcome": "sleep",
                "deal": "turn", "pairs": "9"},
    "tried": {"what": "a <walk>", "when": "before '09", "outcome": "worse", "note": "one\ntwo"},
    "tried/id": {"what": "a walk", "when": "always", "outcome": "helped", "note": "\n\nlate"},
    "reminder.ics": {"title": "Qu\"iet", "time": "07:15", "minutes": "25", "day": ["mo", "fr"]},
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=short)
def test_a_wrong_value_brings_the_form_back_whole_with_one_sentence(at, places, wrong):
    place, typed, told = wrong
    shown, sent_to = places[place]
    sent = {**at.get(shown).form(sent_to).data, **BESIDE[place], **typed}
    before = exchange.to_json(at.store)
    page = at.post(sent_to, {**sent, "do": "go"})
    assert page.status == 422
    assert told in page.problem.lower()
    assert re.fullmatch(r"[A-Z][^\n]{10,900}\.", page.problem), page.problem
    found = page.form(sent_to).data
    wanted = {name: value if isinstance(value, list) else [value] for name, value in sent.items()}
    found, wanted = (  # what the page had filled in is nothing that was typed
        {name: value for name, value in one.items() if value != [""] and not name.startswith("shown_")}
        for one in (found, wanted)
    )
    assert {name: sorted(value) for name, value in found.items()} == {n: sorted(v) for n, v in wanted.items()}
    assert exchange.to_json(at.store) == before


FORGED = [
    ("you", {"surface": "lava"}), ("look", {"how": "magic"}), ("look", {"comfort_before": "11"}),
    ("look", {"comfort_before": "²"}), ("look", {"comfort_before": LONG}), ("set-up", {"way": "standing"}),
    ("set-up", {"way": ""}), ("set-up", {"arms": "wings"}), ("set-up", {"surface": "lava"}), ("set-up", {"prop": "anvil"}),
    ("check-back", {"noticed": ["<b>"]}), ("check-back", {"comfort_after": "-1"}), ("morning", {"sleep": "<b>"}),
    ("tried", {"outcome": "<b>"}), ("tried/id", {"outcome": "<b>"}), ("tried", {"what": "a\0b"}), ("you", {"name": "a\0b"}),
    ("compare", {"what": "all"}), ("compare", {"outcome": "<b>"}), ("compare", {"deal": "<b>"}), ("compare", {"deal": ""}),
    ("compare", {"name_a": "a\0b"}), ("check-back", {"compared": "<b>"}),
    ("people", {"name": "a\0b"}), ("check-back", {"words": "a\0b"}), ("reminder.ics", {"title": "a\0b"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "typed"), FORGED, ids=lambda value: str(value)[:30].encode("ascii", "replace").decode()
)
def test_a_value_that_no_page_offers_is_refused(at, places, place, typed):
    shown, sent_to = places[place]
    before = exchange.to_json(at.store)
    page = at.post(sent_to, {**at.get(shown).form(sent_to).data, **BESIDE[place], **typed, "do": "go"})
    assert page.status == 422
    assert page.problem or page.h1 == "This cannot be used"
    assert "<b>" not in page.response.text
    assert exchange.to_json(at.store) == before


@settings(ONE_APP, max_examples=60)
@given(st.data())
def test_no_form_is_upset_by_anything(at, places, data):
    """Whatever text comes in whatever field: an answer, and never a failure of our own."""
    place = data.draw(st.sampled_from(sorted(places)))
    shown, sent_to = places[place]
    anything = st.text(max_size=40) | st.sampled_from(
        ["-1", "1e400", "nan", "٣", "½", "1 in", "٫5", LONG, "\u202e", "\r\n"]
    )
    sent = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys([*BESIDE[place], "do", "what", "x"], anything)))
    page = at.client.post(sent_to, data={**BESIDE[place], **sent})
    assert page.status_code in (200, 422), (place, sent)
    assert at.get(shown).status in (200, 404)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"%ff=%fe&name=%"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(5000))),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nnot ended'),
        ("application/json", b'{"name": "x"}'),
        ("", b"name=x"),
    ],
)
def test_a_body_that_is_no_form_is_no_failure(at, kind, body):
    answer = at.client.post("/people", content=body, headers={"content-type": kind})
    assert answer.status_code in (200, 400, 422)


# -- strange names, and words that would be markup ----------------------------------------------------

STRANGE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'; alert(1); //", "</script><b>", "{{ 7 * 7 }}{% if %}",
    "&lt;i&gt; &amp;", "]]><!--", "🧘🏽\u200d♀️ Ann", "\u202eנועה\u202c עם", "名前", "a\u0301" * 40, "x" * 80,
    "javascript:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("word", STRANGE, ids=range(len(STRANGE)))
def test_whatever_somebody_writes_stays_text_on_every_page(at, word):
    entry = at.rested()
    who = at.who(entry)
    person = at.get(f"/people/{who}/you").form(f"/people/{who}/you").data
    typed = {"name": word, "inner_resources": word, "outer_resources": word, "crisis_number": word}
    assert at.path(at.post(f"/people/{who}/you", {**person, **typed})) == f"/people/{who}"
    data = {"how": "strip", "lumbar_arch": "1 cm", "scale": word}
    at.post(f"/rest/{entry}/look-again", data, files={"photo": (f"{word}.jpg", jpeg())})
    at.post(f"/rest/{entry}/check-back", {"words": word})
    at.post(f"/rest/{entry}/morning", {"cramp_time": word, "morning_note": word, "cramp": "yes"})
    at.post(f"/people/{who}/tried", {"what": word, "when": word, "note": word})
    at.post(f"/people/{who}/habits", {"note": word})
    assert at.path(at.post(f"/people/{who}/clues", {"words": word, "by": word})).startswith("/clues/")
    reminder = {"title": word, "time": "18:00", "minutes": "30", "day": "mo"}
    assert at.client.post(f"/people/{who}/reminder.ics", data=reminder).status_code == 200
    two = {"what": "own", "name_a": word, "name_b": f"{word[:70]} b", "outcome": "comfort", "deal": "pairs"}
    assert at.post(f"/people/{who}/compare", {**two, "pairs": "5"}).status == 200
    [two] = at.store.comparisons(who)
    new = at.ready()
    [tried], [photo] = at.store.tried(who), at.store.photos(who)
    seen = 0
    [note] = at.store.clue_notes(who)
    ids = {"person": who, "tried": tried.id, "comparison": two.id, "note": note.id}
    for path in {*pages_of(at, entry=entry, **ids), *pages_of(at, entry=new, **ids)}:
        answer = at.client.get(path)
        if "text/html" not in answer.headers.get("content-type", "") or answer.status_code != 200:
            continue
        seen += 1
        page = at.get(path)
        for tag, has in page.tags:
            assert tag not in ("b", "i"), path
            assert tag != "script" or "src" in has or has.get("type") == "application/json", path
            assert not [name for name in has if name.startswith("on")], path
            assert not (has.get("href") or "").lower().startswith("javascript:"), path
        if "<" in word:
            assert word not in answer.text, path
        if "<header" in answer.text and f"/people/{who}/you" in page.links:
            assert word in page.text, path
        if 'type="application/json"' in answer.text:
            json.loads(answer.text.split('id="session-data">')[1].split("</script>")[0])
    assert seen > 12
    entry_page = at.get(f"/rest/{entry}").text
    for place in ("In own words", "In the morning", "scale: "):
        assert f"{word}" in entry_page.split(place, 1)[1], place
    assert at.store.photo(photo.id).scale_note == word
    table = io.StringIO(at.client.get(f"/people/{who}/export.csv").content.decode("utf-8-sig"))
    [cells] = [cells for cells in csv.DictReader(table) if cells["id"] == entry]
    assert exchange.unguarded(cells["words"]) == word


@pytest.mark.parametrize("word", [*STRANGE, "<!--<script>", "\u2028"])
def test_no_word_ends_the_data_of_a_page(word):
    written = str(templates().filters["json"]({word: [word]}))
    assert not re.search("[<>&\u2028]", written)
    assert json.loads(written) == {word: [word]}


def test_a_formula_is_no_formula_in_a_spreadsheet(at):
    entry = at.rested()
    at.post(f"/rest/{entry}/check-back", {"words": '=HYPERLINK("http://evil.example")'})
    rows = list(csv.DictReader(io.StringIO(at.client.get(f"/people/{at.who(entry)}/export.csv").text.lstrip("\ufeff"))))
    assert rows[0]["words"] == '\'=HYPERLINK("http://evil.example")'


def test_a_mail_and_a_set_up_link_carry_no_more_than_they_show(at):
    entry = at.ready(heel_distance="40", prop="towel")
    page = at.get(f"/rest/{entry}/sheet")
    [mail] = [link for link in page.links if link.startswith("mailto:")]
    assert mail.startswith("mailto:?subject=Constructive")
    assert "\n" not in mail and "<" not in mail and mail.count("?") == 1


# -- two people ---------------------------------------------------------------------------------------


@pytest.fixture
def two(at):
    """Two people, each with one of everything that is told apart by a word."""
    people = []
    for word in ("Alder", "Birch"):
        page = at.post("/people", {"name": word})
        who = at.path(page).removeprefix("/people/")
        entry = at.begin(who)
        at.screened(entry)
        at.set_up(entry)
        at.post(f"/rest/{entry}/done")
        at.post(f"/rest/{entry}/check-back", {"words": f"{word} words"})
        at.post(f"/rest/{entry}/look-again", {"scale": f"{word} hand"}, files={"photo": ("p.jpg", jpeg())})
        at.post(f"/people/{who}/tried", {"what": f"{word} tea", "outcome": "helped"})
        at.post(f"/people/{who}/voice/{CUE}", files={"file": ("a.wav", wav())})
        at.post(f"/people/{who}/habits", {"done": ["walk"], "note": f"{word} river"})
        at.post(f"/people/{who}/clues", {"clue_foot": ["limp"], "by": f"{word} teacher", "words": f"{word} feet"})
        [tried], [photo], [note] = at.store.tried(who), at.store.photos(who), at.store.clue_notes(who)
        people.append(SimpleNamespace(word=word, who=who, entry=entry, tried=tried.id, photo=photo.id, note=note.id))
    return people


def test_nobody_is_on_anybody_elses_pages(at, two):
    for one, other in (two, two[::-1]):
        for path in pages_of(at, entry=one.entry, person=one.who, tried=one.tried, note=one.note):
            if path in ("/people", "/", "/help"):
                continue
            answer = at.client.get(path)
            told = answer.text if "flac" not in path else ""
            assert other.word not in told, path
            for id in (other.who, other.entry, other.tried, other.photo, other.note):
                assert id not in told, path


def test_no_id_of_one_opens_at_the_address_of_the_other(at, two):
    one, other = two
    before = exchange.to_json(at.store)
    for answer in (
        at.client.get(f"/people/{one.who}/tried/{other.tried}"),
        at.client.post(f"/people/{one.who}/tried/{other.tried}", data={"what": "mine now"}),
        at.client.post(f"/people/{one.who}/tried/{other.tried}", data={"do": "delete"}),
    ):
        assert answer.status_code == 404
        assert other.word not in answer.text
    assert exchange.to_json(at.store) == before


def test_a_person_is_no_rest_and_a_rest_no_photo(at, two):
    one, other = two
    for path in (
        f"/rest/{one.who}", f"/people/{one.entry}", f"/photos/{one.entry}", f"/people/{one.tried}/journal",
        f"/rest/{other.photo}/session", f"/photos/{other.tried}", f"/clues/{other.tried}", f"/rest/{one.note}",
    ):  # fmt: skip
        assert at.client.get(path).status_code == 404, path


def test_a_recording_is_heard_by_its_own_person_only(at, two):
    one, other = two
    at.post(f"/people/{one.who}/voice/{CUE}", {"do": "delete"})
    assert at.client.get(f"/people/{one.who}/voice/{CUE}.flac").status_code == 404
    assert at.client.get(f"/people/{other.who}/voice/{CUE}.flac").status_code == 200


def test_a_table_of_one_is_not_taken_in_for_the_other(at, two):
    one, other = two
    table = at.client.get(f"/people/{other.who}/export.csv").content
    before = exchange.to_json(at.store)
    page = at.post(f"/people/{one.who}/import", files={"file": ("psoas.csv", table)})
    assert page.status == 422
    assert "belongs to somebody else's entry" in page.problem
    assert exchange.to_json(at.store) == before


def test_an_export_and_an_erasure_are_of_one_person(at, two):
    one, other = two
    told = at.client.get(f"/people/{one.who}/export.json").text
    assert one.word in told and other.word not in told and other.who not in told
    kept = at.client.get(f"/people/{other.who}/export.json").content
    page = at.post(f"/people/{one.who}/erase", {"sure": "yes", "what": "me"})
    assert page.h1 == "Erased"
    for path in (f"/people/{one.who}", f"/rest/{one.entry}", f"/photos/{one.photo}", f"/people/{one.who}/export.json"):
        assert at.client.get(path).status_code == 404
    assert at.client.get(f"/people/{other.who}/export.json").content == kept


def test_with_two_people_the_first_page_asks_who(at, two):
    at.client.cookies.delete("psoas-last")
    page = at.get("/")
    assert at.path(page) == "/people"
    assert {f"/people/{one.who}" for one in two} <= set(page.links)
    at.get(f"/people/{two[1].who}")
    assert at.path(at.get("/")) == f"/people/{two[1].who}"
    for last in ("nobody", "../help", "é", two[0].entry):
        client = at.another()
        client.cookies.set("psoas-last", last.encode("ascii", "ignore").decode())
        assert client.get("/").url.path == "/people"


# -- a rest is handed over ----------------------------------------------------------------------------


def played(way="constructive-rest", minutes=10, **options):
    """A record as the player writes it: stopped after a while, gone on, run to the end."""
    plan = session.plan(way, minutes, **options)
    state = session.start(plan)
    for event, at in (("begin", 5.0), ("skip", 20.0), ("stop", 100.0), ("resume", 130.5), ("tick", 5000.0)):
        state = session.step(state, event, at)
    assert state.complete
    return session.record(state)


def deliver(at, entry, key="a-key-of-its-own", record=None, began="2026-03-28T18:31:00.250Z", client=None, **whose):
    body = {"record": played() if record is None else record, "started_at": began, **whose}
    sent = {"idempotency-key": key} if key is not None else {}
    return (client or at.client).post(f"/api/rest/{entry}/record", json=body, headers=sent)


def test_a_rest_arrives_once_however_often_it_is_sent(at):
    entry = at.ready()
    first = deliver(at, entry)
    kept = at.store.entry(entry)
    assert first.status_code == 201
    assert kept.record == {**played(), "started_at": "2026-03-28T19:31:00.250000+01:00"}
    assert kept.stage == "rested"
    for _ in range(3):
        assert deliver(at, entry).status_code == 200
    other = deliver(at, entry, key="another-key", record=played(minutes=5))
    assert other.status_code == 200
    assert other.json() == {"kept": "another record had come before, and is kept", "another": True}
    assert deliver(at, entry).json()["another"] is False
    assert at.store.entry(entry) == kept
    assert len(at.store.entries(kept.person_id)) == 1


def test_of_many_at_once_one_is_stored(at):
    entry, gate, answers = at.ready(), threading.Barrier(6), []

    def send(number):
        client = at.another()
        gate.wait()
        answers.append(deliver(at, entry, client=client, key=f"the-key-{number % 2}").status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 5 + [201]


def test_what_was_checked_before_its_record_came_stays_checked(at):
    entry = at.ready()
    at.post(f"/rest/{entry}/check-back", {"words": "quiet"})
    assert deliver(at, entry).status_code == 201
    at.post(f"/rest/{entry}/check-back", {"words": "quiet"})
    kept = at.store.entry(entry)
    assert (kept.stage, kept.words, kept.record["rested_seconds"]) == ("checked", "quiet", played()["rested_seconds"])


def test_a_record_by_hand_does_not_take_the_place_of_one_that_came(at):
    entry = at.ready()
    deliver(at, entry)
    kept = at.store.entry(entry)
    at.post(f"/rest/{entry}/done")
    assert at.store.entry(entry) == kept


def test_a_rest_erased_meanwhile_is_gone(at):
    entry = at.ready()
    at.post(f"/rest/{entry}/delete", {"sure": "yes"})
    for _ in range(2):
        answer = deliver(at, entry)
        assert (answer.status_code, answer.json()["problem"]) == (410, "This rest has been deleted.")
    assert deliver(at, "no-such-rest").status_code == 410
    entry = at.ready()
    at.post(f"/people/{at.who(entry)}/erase", {"sure": "yes", "what": "all"})
    at.client.cookies.set(access.COOKIE, access.key(at.folder))
    assert deliver(at, entry).status_code == 410
    assert at.store.people() == ()


@pytest.mark.parametrize("key", [None, "", "short", "a" * 101, "a" * 5000, "a\x0bbcdefgh", "\x85" * 9])
def test_a_key_is_needed(at, key):
    entry = at.ready()
    body = json.dumps({"record": played(), "started_at": "2026-03-28T18:31:00Z"})
    sent = {} if key is None else {"idempotency-key": key.encode("latin-1")}
    answer = at.client.post(f"/api/rest/{entry}/record", content=body, headers=sent)
    assert answer.status_code == 422
    assert at.store.entry(entry).record is None


def test_a_key_that_came_with_another_rest_is_refused(at):
    first = at.ready()
    deliver(at, first)
    second = at.ready()
    answer = deliver(at, second)
    assert (answer.status_code, at.store.entry(second).record) == (422, None)
    assert "has come with another entry" in answer.json()["problem"]
    assert deliver(at, second, key="its-own-key").status_code == 201


@pytest.mark.parametrize(
    ("began", "status"),
    [
        ("2026-03-28T18:31:00Z", 201), ("2026-03-28T18:31:00-07:00", 201), ("2026-03-28", 201),
        ("0001-01-01T00:00:00+14:00", 422), ("9999-12-31T23:59:59-14:00", 422), ("now", 422), ("", 422), (None, 422),
        (1774722660, 422), ([], 422), ({}, 422), ("2026-03-28T18:31:00Z" * 500, 422), ("\ud800", 422),
    ],
)  # fmt: skip
def test_when_it_began(at, began, status):
    entry = at.ready()
    body = json.dumps({"record": played(), "started_at": began})
    answer = at.client.post(f"/api/rest/{entry}/record", content=body, headers={"idempotency-key": "12345678"})
    assert answer.status_code == status
    assert (at.store.entry(entry).record is not None) == (status == 201)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(ONE_APP, max_examples=150)
@given(
    st.one_of(
        JSON.map(json.dumps).map(str.encode),
        JSON.map(lambda inner: json.dumps({"record": inner, "started_at": "2026-03-28"}).encode()),
        JSON.map(lambda inner: json.dumps({"record": played(), "started_at": inner, "more": 1}).encode()),
        st.binary(max_size=60),
        st.sampled_from([b"[" * 50_000, b"9" * 9000, b'{"record": NaN}', b"\xef\xbb\xbf{}", b""]),
    )
)
def test_what_is_no_record_is_told_so_and_not_stored(at, body):
    entry = at.begin()
    answer = at.client.post(f"/api/rest/{entry}/record", content=body, headers={"idempotency-key": "12345678"})
    assert answer.status_code == 422, body
    assert re.fullmatch(r"(?s)\S.*[.?]", answer.json()["problem"])
    assert at.store.entry(entry).record is None


@settings(ONE_APP, max_examples=80)
@given(st.sampled_from(sorted(played())), JSON, st.data())
def test_a_record_with_one_thing_changed_is_taken_whole_or_not_at_all(at, name, value, data):
    entry, record = at.begin(), played()
    if isinstance(record[name], dict):
        record[name] = {**record[name], data.draw(st.sampled_from(sorted(record[name]))): value}
    else:
        record[name] = value
    body = json.dumps({"record": record, "started_at": "2026-03-28T18:31:00Z"}).encode()
    answer = at.client.post(f"/api/rest/{entry}/record", content=body, headers={"idempotency-key": f"key-{entry}"})
    assert answer.status_code in (201, 422)
    kept = at.store.entry(entry).record
    assert (kept is not None) == (answer.status_code == 201)
    for path in (f"/rest/{entry}", f"/rest/{entry}/check-back", f"/people/{at.who(entry)}/journal"):
        assert at.client.get(path).status_code == 200
    at.store.delete_entry(entry)


def test_a_record_that_is_too_large_is_not_read(at):
    entry = at.ready()
    body = json.dumps({"record": {**played(), "events": "a" * 100_000}, "started_at": ""}).encode()
    assert at.client.post(f"/api/rest/{entry}/record", content=body).status_code == 413
    pieces = at.client.post(f"/api/rest/{entry}/record", content=iter([body[:50], body[50:]]))  # without a length
    assert pieces.status_code == 413
    assert at.store.entry(entry).record is None


# -- out and in ---------------------------------------------------------------------------------------


def filled(at):
    """A rest with something in every field that a page can fill."""
    entry = at.begin()
    who = at.who(entry)
    person = {
        "name": "Ann",
        "sex": "female",
        "stature": "171",
        "mass": "66",
        "inner_resources": "a\nb",
        "props": "towel",
    }
    at.post(f"/people/{who}/you", {**person, "history": "heart", "unit": "in"})
    two = {"what": "own", "name_a": "on the floor", "name_b": "on <b>the bed", "outcome": "gap-lumbar-arch"}
    at.post(f"/people/{who}/compare", {**two, "deal": "fours", "pairs": "4"})
    assert at.begin(who) == entry  # goes on where it was, as the first day of the comparison
    at.screened(entry, "heart")
    look = {
        "how": "photo",
        "lumbar_arch": "2 fingers",
        "ribs_left": "can't tell",
        "comfort_before": "3",
        "scale": "my hand",
    }
    at.post(f"/rest/{entry}/look", look, files={"photo": ("p.jpg", jpeg())})
    at.set_up(entry, heel_distance="40", prop="towel")
    assert deliver(at, entry).status_code == 201
    at.post(f"/rest/{entry}/look-again", {"how": "photo", "lumbar_arch": "1 finger"})
    at.post(
        f"/rest/{entry}/check-back",
        {"noticed": "heavy", "words": "one\ntwo", "comfort_after": "8", "better": "20", "compared": "B"},
    )
    at.post(f"/rest/{entry}/morning", {"sleep": "usual", "cramp": "no", "morning_note": "fine"})
    at.post(f"/people/{who}/tried", {"what": "yoga", "when": "2019", "outcome": "helped", "note": "a year"})
    at.post(f"/people/{who}/habits", {"done": ["walk"], "check_shoes": ["bends"], "note": "by <b>the river"})
    at.post(f"/people/{who}/clues", {"clue_stoop": ["fell"], "words": "one\ntwo", "by": "<b>Kim"})
    at.post(f"/people/{who}/voice/{CUE}", files={"file": ("a.wav", wav())})
    at.post(
        f"/people/{who}/reminder.ics", {"title": "Quiet time", "time": "18:00", "minutes": "30", "day": ["mo", "fr"]}
    )
    return who, entry


def test_out_and_erased_and_in_again_is_the_same(at):
    who, entry = filled(at)
    told = at.client.get(f"/people/{who}/export.json")
    assert told.headers["content-disposition"] == 'attachment; filename="psoas.json"'
    assert {kind: len(items) for kind, items in told.json().items() if kind != "schema"} == {
        "people": 1, "entries": 1, "tried": 1, "photos": 1, "recordings": 1, "reminders": 1,
        "comparisons": 1, "comparison_days": 1, "habit_days": 1, "clue_notes": 1,
    }  # fmt: skip
    old_key = access.key(at.folder)
    page = at.post(f"/people/{who}/erase", {"sure": "yes", "what": "all"})
    assert (page.status, page.h1) == (200, "Erased")
    assert page.response.headers["clear-site-data"] == '"cache", "storage"'
    assert access.key(at.folder) != old_key
    assert at.another().get("/people").status_code == 200
    stranger = at.another(let_in=False)
    assert stranger.get("/people", headers={"cookie": f"{access.COOKIE}={old_key}"}).status_code == 403
    at.client.cookies.clear()
    at.client.cookies.set(access.COOKIE, access.key(at.folder))
    assert at.store.people() == ()
    assert not (at.folder / "sound").exists()
    new = at.path(at.post("/people", {"name": "Somebody"})).removeprefix("/people/")
    page = at.post(f"/people/{new}/import", files={"file": ("psoas.json", told.content)})
    assert "Taken in: 10 new, 0 changed, 0 already here." in page.text
    assert at.client.get(f"/people/{who}/export.json").content == told.content
    page = at.post(f"/people/{new}/import", files={"file": ("psoas.json", told.content)})
    assert "Taken in: 0 new, 0 changed, 10 already here." in page.text
    assert at.client.get(f"/people/{who}/export.json").content == told.content
    assert "one\ntwo" in at.get(f"/rest/{entry}").text


def test_an_older_copy_takes_no_newer_words_and_opens_no_rest(at):
    """What the page says is what happens: an earlier copy of both kinds, with the tick and without."""
    done, who = at.rested(), at.store.people()[0].id
    blocked = at.ready()
    copies = [("psoas.json", at.client.get(f"/people/{who}/export.json").content)]
    copies.append(("psoas.csv", at.client.get(f"/people/{who}/export.csv").content))
    at.post(f"/rest/{done}/check-back", {"words": "an hour of writing", "better": "30", "noticed": ["heavy"]})
    at.post(f"/rest/{done}/morning", {"sleep": "better", "morning_note": "slept well"})
    at.screened(blocked, "saddle-numbness")
    kept = [at.store.entry(done), at.store.entry(blocked)]
    assert "What is already here stays" in at.get(f"/people/{who}/data").text
    for copy in copies:
        for tick in ({}, {"wins": "yes"}):
            page = at.post(f"/people/{who}/import", tick, files={"file": copy})
            assert page.status == 200 and "Taken in: 0 new" in page.text
            assert [at.store.entry(done), at.store.entry(blocked)] == kept
            assert at.path(at.get(f"/rest/{blocked}/session")) == f"/rest/{blocked}/answer"


def test_a_rest_that_comes_from_a_file_is_asked_about_anew(at):
    entry = at.ready()
    who = at.who(entry)
    copy = ("psoas.json", at.client.get(f"/people/{who}/export.json").content)
    at.post(f"/rest/{entry}/delete", {"sure": "yes"})
    at.post(f"/people/{who}/import", files={"file": copy})
    for step in ("session", "set-up", "sheet"):
        assert at.path(at.get(f"/rest/{entry}/{step}")) == f"/rest/{entry}/ask"


@pytest.mark.parametrize("minutes", ["0", "2", "1440"])
def test_minutes_from_a_table_that_no_session_has_block_no_day(at, minutes):
    who = at.who(at.rested())
    table = f"began_at,planned_min,way\n{at.clock().isoformat()},{minutes},constructive-rest\n".encode()
    at.post(f"/people/{who}/import", files={"file": ("a.csv", table)})
    entry = at.begin()  # the one from the table, of today
    assert at.store.entry(entry).minutes == float(minutes)
    at.screened(entry)
    for step in ("session", "sound.flac", "sheet"):
        assert at.path(at.get(f"/rest/{entry}/{step}")) == f"/rest/{entry}/set-up"
    page = at.get(f"/rest/{entry}/set-up")
    assert (page.status, page.form(f"/rest/{entry}/set-up").data["minutes"]) == (200, ["15"])
    assert at.path(at.set_up(entry)) == f"/rest/{entry}/session"


def test_nothing_from_a_file_that_no_way_knows_blocks_a_day_or_says_none(at):
    entry = at.rested()
    told = json.loads(exchange.to_json(at.store))
    copy = {**told["entries"][0], "id": "11111111-1111-4111-8111-111111111111", "record": None, "record_key": None}
    copy |= {"next_morning": dict.fromkeys(("sleep", "cramp", "cramp_time", "cramp_minutes", "note")), "way": "bogus"}
    told["entries"] = [{**copy, "options": {"heel_distance": "nan", "surface": 5}}]
    exchange.from_json(at.store, json.dumps(told).encode())
    page = at.get(f"/rest/{copy['id']}/morning")
    assert page.status == 200 and "None" not in page.response.text
    assert "None" not in at.get(f"/rest/{copy['id']}").response.text
    at.screened(copy["id"])
    for step in ("session", "set-up", "sheet"):
        assert at.path(at.get(f"/rest/{copy['id']}/{step}")) == f"/rest/{copy['id']}/set-up", step
    page = at.get(f"/rest/{copy['id']}/set-up")
    assert page.form(f"/rest/{copy['id']}/set-up") and "nan" in page.problem
    assert at.path(at.set_up(copy["id"])) == f"/rest/{copy['id']}/session"
    assert entry != copy["id"]


def test_a_worry_whose_page_was_lost_is_a_worry(at):
    entry = at.ready()
    asked = session.step(
        session.step(session.start(session.plan("constructive-rest", 20)), "begin", 0.0), "worry", 100.0
    )
    assert session.record(asked)["ending"] is None
    assert deliver(at, entry, record=session.record(asked)).status_code == 201
    at.clock.later(days=1)
    words = "something new or worrying came up"
    assert words in at.get(f"/people/{at.who(entry)}").text
    assert words in at.get(f"/rest/{at.begin()}/ask").text
    assert "ended by something new" in at.get(f"/rest/{entry}").text


@pytest.mark.parametrize("after", ["stop", "finish"])
def test_a_worry_that_was_taken_back_is_none(at, after):
    entry = at.ready()
    state = session.step(session.start(session.plan("constructive-rest", 20)), "begin", 0.0)
    for event, when in (("worry", 100.0), ("stop", 101.0), (after, 102.0)):
        state = session.step(state, event, when)
    deliver(at, entry, record=session.record(state))
    assert "something new or worrying" not in at.get(f"/people/{at.who(entry)}").text


@pytest.mark.parametrize("events", [None, [], [5], "worry", [["worry"]], [[1.0, "worry", 2]]])
def test_events_from_a_file_are_read_as_they_are(events):
    worry = worried(SimpleNamespace(record={"ending": None, "events": events}))
    assert worry is (events == [["worry"]])


def test_a_rest_that_an_older_backup_does_not_know_is_kept_once(at, open_app, tmp_path):
    at.rested()
    at.clock.later(days=1)
    who = at.store.people()[0].id
    back_up(at.folder, tmp_path / "older.zip")
    entry = at.ready()
    at.store.close()
    restore(at.folder, tmp_path / "older.zip")
    again = open_app(at.folder)
    assert deliver(again, entry).status_code == 410  # as an older page delivers, which does not say whose it is
    for status in (201, 200):
        assert deliver(again, entry, person=who).status_code == status
    kept = again.store.entry(entry)
    assert (kept.person_id, kept.stage, kept.way) == (who, "rested", "constructive-rest")
    assert [one.id for one in again.store.entries(who)].count(entry) == 1
    assert again.get(f"/rest/{entry}/check-back").status == 200
    again.post(f"/rest/{entry}/delete", {"sure": "yes"})
    assert deliver(again, entry, person=who).status_code == 410
    again.post(f"/people/{who}/erase", {"sure": "yes", "what": "me"})
    assert deliver(again, entry, person=who, key="a-later-key").status_code == 410
    assert again.store.people() == ()


@pytest.mark.parametrize("person", [None, 5, {}, "nobody", ["x"]])
def test_a_rest_of_nobody_known_begins_nothing(at, person):
    at.rested()
    before = exchange.to_json(at.store)
    assert deliver(at, "22222222-2222-4222-8222-222222222222", person=person).status_code == 410
    assert exchange.to_json(at.store) == before


def test_what_is_uploaded_never_lies_in_a_temporary_folder(at, monkeypatch):
    """A photograph still says where it was taken, and a journal says everything."""
    monkeypatch.setattr(
        tempfile.SpooledTemporaryFile, "rollover", lambda self: pytest.fail("written to a temporary file")
    )
    entry = at.ready()
    who = at.who(entry)
    word = json.dumps({"schema": "psoas.journal/1", "note": "word " * 800_000})  # 4 MB
    page = at.post(f"/people/{who}/import", files={"file": ("a.json", word.encode())})
    assert page.problem.startswith("The file holds 'note'")
    noise = Image.effect_noise((2000, 2000), 60).convert("RGB")
    noise.save(out := io.BytesIO(), "JPEG", quality=98)
    assert len(out.getvalue()) > 2_000_000
    look = at.post(f"/rest/{entry}/look", {"how": "guess"}, files={"photo": ("p.jpg", out.getvalue())})
    assert look.status == 200 and at.store.photos(who, entry)


def test_a_large_export_comes_in_again(at):
    entry = at.rested()
    who = at.who(entry)
    for which in ("before", "after"):
        at.store.add_photo(
            who, os.urandom(13_000_000), which=which, taken_at=at.clock(), mime="image/jpeg", width=1, height=1,
            entry_id=entry,
        )  # fmt: skip
    copy = at.client.get(f"/people/{who}/export.json").content
    assert len(copy) > access.MOST_BYTES
    page = at.post(f"/people/{who}/import", files={"file": ("psoas.json", copy)})
    assert "Taken in: 0 new, 0 changed, 4 already here." in page.text


def test_erasing_asks_first_and_asks_what(at):
    who, _ = filled(at)
    before = exchange.to_json(at.store)
    for sent in (
        {},
        {"what": "all"},
        {"what": "me"},
        {"sure": "yes"},
        {"sure": "yes", "what": "nothing"},
        {"sure": "on", "what": "all"},
    ):
        page = at.post(f"/people/{who}/erase", sent)
        assert page.status == 422
        assert page.problem.startswith("Nothing was erased;")
    assert exchange.to_json(at.store) == before


def test_a_table_goes_out_is_changed_and_comes_in(at):
    who, entry = filled(at)
    told = at.client.get(f"/people/{who}/export.csv")
    assert told.headers["content-type"] == "text/csv; charset=utf-8"
    page = at.post(f"/people/{who}/import", files={"file": ("psoas.csv", told.content)})
    assert "Taken in: 0 new, 0 changed, 1 already here." in page.text
    rows = list(csv.DictReader(io.StringIO(told.content.decode("utf-8-sig"))))
    rows[0]["words"] = "changed <b>"
    rows.append(
        {
            **dict.fromkeys(rows[0], ""),
            "began_at": "2026-01-02T08:00:00+01:00",
            "rested_min": "12",
            "lumbar_gap_before_mm": "20",
        }
    )
    rows[-1] |= {"lumbar_gap_after_mm": "10", "comfort_after_0_to_10": "6"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    changed = {"file": ("mine.CSV", text.getvalue().encode())}
    page = at.post(f"/people/{who}/import", files=changed)
    assert "Taken in: 1 new, 0 changed, 1 already here." in page.text
    assert "changed <b>" not in at.get(f"/rest/{entry}").text
    page = at.post(f"/people/{who}/import", {"wins": "yes"}, files=changed)
    assert "Taken in: 0 new, 1 changed, 1 already here." in page.text
    assert "changed <b>" in at.get(f"/rest/{entry}").text
    [old] = [one for one in at.store.entries(who) if one.id != entry]
    page = at.get(f"/rest/{old.id}")
    assert page.status == 200
    assert "12 minutes" in page.text
    for path in (
        f"/rest/{old.id}/check-back",
        f"/rest/{old.id}/look-again",
        f"/people/{who}/journal",
        f"/people/{who}",
    ):
        assert at.client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("psoas.json", b""), ("psoas.json", b"{}"), ("psoas.json", b"\xff\xfe"), ("psoas.json", b"[" * 100_000),
        ("psoas.json", b'{"schema": "psoas.journal/1", "people": [{"id": 1}]}'), ("psoas.csv", b"a,b\n1,2\n"),
        ("psoas.csv", b"\x00\x01"), ("psoas.csv", b"began_at\nyesterday\n"), ("psoas.csv", b'began_at,words\n"open'),
        ("psoas.zip", b"PK\x03\x04"), ("", b"x"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_ours_is_refused_in_a_sentence(at, name, content):
    who = at.who(at.begin())
    before = exchange.to_json(at.store)
    page = at.post(f"/people/{who}/import", files={"file": (name, content)})
    assert page.status == 422
    assert re.fullmatch(r"[A-Z][^\n]+\.", page.problem)
    assert exchange.to_json(at.store) == before


# Values that a file of ours may hold by its schema, and that no page of ours has ever written.
ODD = {
    "entries": [
        {"record": {"a": 1}}, {"record": {"rested_seconds": "long"}}, {"record": {"rested_seconds": True}},
        {"record": {"rested_seconds": -5, "minutes": [], "ending": {}}}, {"record": {"rested_seconds": 1e15, "ending": None}},
        {"look_before": {"lumbar_arch": {"value": 0.03}},
         "look_after": {"lumbar_arch": {"value": 0.02, "low": "a", "high": None}}},
        {"look_after": {"ribs_left": {"value": None, "said": [], "how": {}}}}, {"screening": {"answers": [1, 2]}},
        {"screening": {"answers": {"now": [{}], "x": None}}}, {"screening": {"outcome": 3}}, {"setup": {"sentence": ["x"]}},
        {"setup": {"title": 5}}, {"options": {"heel_distance": 5, "surface": {}, "prop": [], "arms": None}},
        {"options": {"surface": "lava", "prop": "anvil"}}, {"way": "nowhere"}, {"way": "chair", "minutes": 0},
        {"minutes": 1440, "way": "supine"}, {"next_morning": {"sleep": None, "cramp": None, "more": "x"}},
        {"noticed": ["never-heard"]}, {"practice": "standing"}, {"better": -100, "comfort_after": 0},
        {"created_at": "0002-01-01T00:00:00+00:00"}, {"created_at": "9998-01-01T00:00:00+00:00"},
    ],
    "comparisons": [
        {"outcome": "never-heard"}, {"outcome": "gap-"}, {"method": "never-heard"}, {"block": 3}, {"order": ["A"]},
        {"state": "stopped"}, {"set_a": {"way": 5, "minutes": "x", "options": []}}, {"name_a": "<b>"},
        {"set_a": {"way": "nowhere", "minutes": 10**9, "options": {"prop": "anvil", "x": 5}}, "state": "running"},
    ],
    "habit_days": [
        {"done": ["never-heard"]}, {"checks": {"shoes": 5, "never": [1]}}, {"checks": {"shoes": [{}, None, "bends"]}},
        {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"note": "<b>", "done": []},
    ],
    "clue_notes": [
        {"seen": {"never": ["heard"], "foot": 5}}, {"seen": {"foot": [None, {}, "limp"]}}, {"seen": {"stoop": {"fell": 1}}},
        {"seen": {}, "by": "<b>"},
    ],
    "people": [
        {"measures": {"stature": "tall"}}, {"measures": {"sex": 5, "stature": 1.7, "mass": 60}}, {"measures": {"left": 3}},
        {"measures": {"sex": "female", "stature": 1.7, "mass": 60, "right": {"leg_length": []}}},
        {"measures": {"sex": "female", "stature": 17.0, "mass": 60}}, {"typed": {"stature": 5, "name": {}, "x": None}},
        {"props": [1, {}, None]}, {"history": ["never-heard"]}, {"units": "furlong"}, {"surface": "lava"},
        {"settings": {"a": []}},
        {"crisis_number": "'><b>"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "odd"), [(kind, odd) for kind, all in ODD.items() for odd in all], ids=str)
def test_no_page_breaks_on_what_a_file_may_hold(at, kind, odd):
    who, entry = filled(at)
    told = json.loads(exchange.to_json(at.store))
    told[kind][0] |= odd
    if "record" in odd:
        told["entries"][0]["record_key"] = "from-a-file"
    elif kind == "entries" and not {"look_before", "look_after", "next_morning", "noticed"} & set(odd):
        told["entries"][0] |= {"record": None, "record_key": None, "stage": "set-up"}
    at.store.erase_person(who)
    exchange.from_json(at.store, json.dumps(told).encode())
    [tried], [two], [note] = at.store.tried(who), at.store.comparisons(who), at.store.clue_notes(who)
    statuses = {}
    for path in pages_of(at, entry=entry, person=who, tried=tried.id, comparison=two.id, note=note.id):
        answer = at.client.get(path)
        assert answer.status_code in (200, 404, 422), (path, answer.status_code)
        statuses[path] = answer.status_code
    assert "<b>" not in at.client.get("/help").text
    for path in (
        f"/people/{who}",
        f"/people/{who}/journal",
        f"/people/{who}/you",
        f"/people/{who}/data",
        f"/people/{who}/compare",
        f"/people/{who}/looks",
        f"/rest/{entry}",
    ):
        assert statuses[path] == 200, path
    at.clock.later(days=1)
    assert at.post(f"/people/{who}/begin").status == 200


# -- a reminder ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "rule"), [(["mo", "fr"], {"FREQ": ["WEEKLY"], "BYDAY": ["MO", "FR"]}), ([], {"FREQ": ["DAILY"]})]
)
def test_a_reminder_says_nothing_about_body_or_health(at, days, rule):
    who = at.who(at.begin())
    at.post(f"/people/{who}/you", {"name": "Ann"})
    form = at.get(f"/people/{who}/data").form(f"/people/{who}/reminder.ics")
    assert form.data["title"] == ["Quiet time"]
    sent = {"title": "", "time": "07:05", "minutes": "25", "day": days}
    answer = at.client.post(f"/people/{who}/reminder.ics", data=sent)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    [event] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]) == "Quiet time"
    assert event["dtstart"].dt.tzinfo is None and event["dtstart"].dt.strftime("%H:%M") == "07:05"
    assert event["duration"].dt == timedelta(minutes=25)
    assert {name: event["rrule"][name] for name in rule} == rule
    assert not re.search("psoas|rest|body|muscle|health|ann|pain", answer.text, re.IGNORECASE)
    assert at.client.post(f"/people/{who}/reminder.ics", data=sent).content == answer.content
    assert len(at.store.reminders(who)) == 1


# -- photographs --------------------------------------------------------------------------------------


def test_a_photo_is_kept_without_place_time_and_device(at):
    entry = at.begin()
    at.screened(entry)
    sent = jpeg()
    assert b"CanaryMake" in sent and Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825)
    page = at.post(f"/rest/{entry}/look", {"scale": "my hand"}, files={"photo": ("IMG_0001.jpg", sent)})
    assert at.path(page) == f"/rest/{entry}/set-up"
    [photo] = at.store.photos(at.who(entry), entry)
    answer = at.client.get(f"/photos/{photo.id}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    kept = Image.open(io.BytesIO(answer.content))
    assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (640, 480), {})
    for word in (b"Canary", b"Exif", b"GPS", b"2026:03", b"IMG_0001"):
        assert word not in answer.content
    told = json.loads(exchange.to_json(at.store))["photos"][0]
    assert base64.b64decode(told["data"]) == answer.content
    page = at.post(f"/rest/{entry}/look", {}, files={"photo": ("b.jpg", jpeg(size=(64, 48)))})
    [photo] = at.store.photos(at.who(entry), entry)
    assert (photo.width, photo.height) == (64, 48)
    assert "There is one already; a new one takes its place." in at.get(f"/rest/{entry}/look").text
    at.post(f"/rest/{entry}/look", {"lumbar_arch": "1 cm"})  # and without a new one it stays
    assert at.store.photos(at.who(entry), entry) == (photo,)


@pytest.mark.parametrize(
    "content",
    [
        b"no picture",
        b"\xff\xd8\xff\xe0 but no more",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        jpeg()[:400],
        b"%PDF-1.7",
    ],
)
def test_what_is_no_photo_is_refused_and_the_rest_of_the_form_comes_back(at, content):
    entry = at.begin()
    at.screened(entry)
    before = exchange.to_json(at.store)
    typed = {"how": "photo", "lumbar_arch": "2 fingers", "scale": "my hand", "comfort_before": "5"}
    page = at.post(f"/rest/{entry}/look", typed, files={"photo": ("p.jpg", content)})
    assert page.status == 422
    assert page.problem == "The photo is no picture that can be read; give a JPEG, PNG or WebP file."
    found = page.form(f"/rest/{entry}/look").data
    assert {name: found[name] for name in typed} == {name: [value] for name, value in typed.items()}
    assert exchange.to_json(at.store) == before


# -- own voice and sound ------------------------------------------------------------------------------


def test_an_own_recording_is_kept_heard_used_and_taken_back(at):
    entry = at.ready(voice="voice", minutes="5")
    who = at.who(entry)
    page = at.get(f"/people/{who}/voice")
    assert len([form for form in page.forms if "/voice/" in form.action]) == len(session.cues())
    for cue in session.cues():  # every cue, so that no voice but this one is needed
        page = at.post(f"/people/{who}/voice/{cue}", files={"file": ("mine.wav", wav(0.5))})
        assert at.path(page) == f"/people/{who}/voice"
    heard = at.client.get(f"/people/{who}/voice/{CUE}.flac")
    assert (heard.status_code, heard.headers["content-type"], heard.content[:4]) == (200, "audio/flac", b"fLaC")
    first = at.client.get(f"/rest/{entry}/sound.flac?save=1")
    assert first.headers["content-disposition"] == 'attachment; filename="rest-5-min.flac"'
    assert len(list((at.folder / "sound").iterdir())) == 1
    at.post(f"/people/{who}/voice/{CUE}", files={"file": ("mine.wav", wav(1.5))})
    assert not (at.folder / "sound").exists()  # the voice that was replaced is nowhere
    assert at.client.get(f"/rest/{entry}/sound.flac").content != first.content
    page = at.post(f"/people/{who}/voice/{CUE}", {"do": "delete"})
    assert at.client.get(f"/people/{who}/voice/{CUE}.flac").status_code == 404
    assert not (at.folder / "sound").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no sound", "not audio we know"), (wav(1.0)[:30], "cannot be read as audio"), (wav(1.0, size=0.0), "silent"),
        (wav(75.0), "longer than"), (jpeg(), "not audio we know"), (None, "there is no sound file"),
    ],
    ids=["text", "cut", "silent", "long", "photo", "none"],
)  # fmt: skip
def test_what_is_no_recording_is_refused(at, content, told):
    who = at.who(at.begin())
    files = {} if content is None else {"files": {"file": ("mine.wav", content)}}
    page = at.post(f"/people/{who}/voice/{CUE}", **files)
    assert page.status == 422
    assert told in page.problem.lower()
    assert at.store.recordings(who) == ()


def test_a_recording_of_no_cue_is_refused(at):
    who = at.who(at.begin())
    page = at.post(f"/people/{who}/voice/no-such-cue", files={"file": ("mine.wav", wav())})
    assert (page.status, at.store.recordings(who)) == (422, ())


def test_a_recording_from_a_file_is_sound_whatever_it_says_it_is(at):
    who, _ = filled(at)
    told = json.loads(exchange.to_json(at.store))
    page = b"<script>alert(1)</script>"
    told["recordings"][0] |= {"mime": "text/html", "data": base64.b64encode(page).decode()}
    told["photos"][0] |= {"mime": "text/html", "data": base64.b64encode(page).decode()}
    exchange.from_json(at.store, json.dumps(told).encode(), file_wins=True)
    answer = at.client.get(f"/people/{who}/voice/{CUE}.flac")
    assert (answer.content, answer.headers["content-type"]) == (page, "audio/flac")
    answer = at.client.get(f"/photos/{told['photos'][0]['id']}")
    assert (answer.content, answer.headers["content-type"]) == (page, "image/jpeg")


def test_no_more_sounds_stay_on_the_disk_than_are_said(at):
    entry = at.ready()
    for minutes in range(5, 13):
        at.set_up(entry, minutes=str(minutes))
        assert at.client.get(f"/rest/{entry}/sound.flac").status_code == 200
    assert len(list((at.folder / "sound").iterdir())) == 6


# -- units --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "other"), [("cm", "in"), ("in", "cm")])
def test_lengths_are_shown_in_the_unit_of_choice(at, unit, other):
    entry = at.begin()
    who = at.who(entry)
    at.post(f"/people/{who}/you", {"unit": unit, "sex": "female", "stature": "171", "mass": "66"})
    at.screened(entry)
    at.post(f"/rest/{entry}/look", {"lumbar_arch": "2 fingers"})
    lead = at.get(f"/rest/{entry}/set-up").text.split("Ways to rest")[-1]
    assert re.search(rf"\d {unit}\b", lead)
    at.set_up(entry)
    at.post(f"/rest/{entry}/done")
    at.post(f"/rest/{entry}/look-again", {"lumbar_arch": "1 finger"})
    for shown in (unit, other):  # also of a rest that was set up in the other
        at.post(f"/people/{who}/you", {"unit": shown, "sex": "female", "stature": "171", "mass": "66"})
        said = at.get(f"/people/{who}").text
        assert [bool(re.search(rf"feet flat.*\d {each}\b", said)) for each in (shown, unit)] == [True, shown == unit]
    at.post(f"/people/{who}/you", {"unit": unit, "sex": "female", "stature": "171", "mass": "66"})
    for path in (f"/rest/{entry}", f"/rest/{entry}/check-back"):
        text = at.get(path).text
        assert re.search(rf"\d\.\d {unit} \(", text), path
        assert not re.search(rf"\d\.\d {other}\b", text), path


def test_a_gap_is_compared_by_what_its_way_of_taking_can_tell(at):
    entry = at.rested()
    place = noticing.places()[0].id
    for before, after, told in (
        ("4 cm", "2 cm", "less"),
        ("2 cm", "4 cm", "more"),
        ("2 cm", "2.9 cm", "no change that this can tell"),
    ):
        look = {place: noticing.look({place: before}, "photo")[place]}
        at.store.change_entry(entry, look_before=look)
        at.post(f"/rest/{entry}/look-again", {"how": "photo", place: after})
        assert told in at.get(f"/rest/{entry}/check-back").text


# -- what the model would choose ----------------------------------------------------------------------


def test_what_the_model_would_choose_can_be_taken(at):
    entry = at.begin()
    at.store.change_person(at.who(entry), props=["towel", "bolster", "nonsense"])
    at.screened(entry)
    at.post(f"/rest/{entry}/look", {"lumbar_arch": "2 fingers", "thigh_left": "can't tell"})
    [link] = [link for link in at.get(f"/rest/{entry}/set-up?surface=floor").links if "/choice" in link]
    page = at.get(link)
    assert page.h1 == "What the model would choose"
    part = next(given["data-estimate"] for tag, given in page.tags if "data-estimate" in given)
    found = at.get(part)
    assert "constructive-rest on the floor, 2 at hand, 2 gaps seen" in found.text
    assert "33 cm (26 to 40)" in found.text and "Because." in found.text and "A note." in found.text
    [drawn] = [given["src"] for tag, given in found.tags if tag == "img"]
    assert at.client.get(drawn).text == "<svg/>"
    assert at.client.get(drawn.replace("theme=light", "theme=red")).status_code == 404
    whole = at.get(part.replace("part=yes", "page=1"))
    assert whole.h1 == page.h1
    [take] = [link for link in found.links if "anew" in link]
    form = at.get(take).form(f"/rest/{entry}/set-up").data
    assert (form["heel_distance"], form["foot_width"], form["surface"]) == (["33 cm"], ["16 cm"], ["floor"])


def test_a_choice_is_for_a_way_that_the_model_carries_and_for_whom_it_is_offered(at):
    entry = at.begin()
    assert at.path(at.get(f"/rest/{entry}/choice")) == f"/rest/{entry}/ask"
    at.screened(entry, "chest")
    assert at.path(at.get(f"/rest/{entry}/choice?way=constructive-rest")) == f"/rest/{entry}/answer"
    at.screened(entry)
    for way in ("chair", "side-lying"):
        assert at.path(at.get(f"/rest/{entry}/choice?way={way}")) == f"/rest/{entry}/set-up"
        assert not [link for link in at.get(f"/rest/{entry}/set-up?way={way}").links if "/choice" in link]


def test_a_gap_of_which_nobody_said_how_it_was_taken_is_left_out(at):
    entry = at.begin()
    at.screened(entry)
    at.store.change_entry(entry, look_before={"lumbar_arch": {"value": 0.02}})
    assert "0 gaps seen" in at.get(f"/rest/{entry}/choice?way=constructive-rest&part=yes").text
