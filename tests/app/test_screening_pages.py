"""What the questions answer is what the pages do: the same as psoas.screening.screen says, which has a table of its own."""

import json
import random
from itertools import combinations
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psoas import screening, session
from psoas.errors import InputError
from psoas.screening import WAYS, groups, screen

ITEMS = {item.id: item for group in groups() for item in group.items}
GROUP = {item.id: group.id for group in groups() for item in group.items}
ONE = {group.id for group in groups() if group.kind == "one"}
PAIRS = [pair for pair in combinations(ITEMS, 2) if {GROUP[id] for id in pair} - ONE]  # not two weeks of one pregnancy
EMERGENCIES = [id for id, item in ITEMS.items() if item.emergency]
STEPS = ("look", "set-up", "session", "sound.flac", "sheet")
SAMPLE = random.Random(20260328).sample(PAIRS, 40)


def expected(at, *ids):
    return screen(at.answers(*ids))


def judged(answers):
    """The outcome, or why there is none."""
    try:
        return screen(answers), ""
    except InputError as problem:
        return None, str(problem).rstrip(".").lower()


def test_the_sample_has_something_of_everything():
    assert len(PAIRS) > 800 and len(EMERGENCIES) > 5
    assert {ITEMS[id].effect for pair in SAMPLE for id in pair} == {"allow", "change", "block"}
    assert {GROUP[id] for pair in SAMPLE for id in pair} == {group.id for group in groups()}
    assert [pair for pair in SAMPLE if {ITEMS[id].effect for id in pair} == {"change"}]


# -- through the API ----------------------------------------------------------------------------------


def asked(at, answers):
    return at.client.post("/api/screening", json={"answers": answers})


@pytest.mark.parametrize("pairs", [[()], [(id,) for id in ITEMS], PAIRS], ids=["nothing", "alone", "pairs"])
def test_the_api_says_what_screening_says(at, pairs):
    for ids in pairs:
        answer = asked(at, at.answers(*ids))
        assert answer.status_code == 200
        assert answer.json() == json.loads(json.dumps(expected(at, *ids).as_dict())), ids


def test_the_api_asks_what_screening_asks(at):
    told = at.client.get("/api/screening").json()["groups"]
    assert [(group["id"], group["title"], group["kind"]) for group in told] == [
        (g.id, g.title, g.kind) for g in groups()
    ]
    assert {item["id"]: item["text"] for group in told for item in group["items"]} == {
        i.id: i.text for i in ITEMS.values()
    }


SOME = st.dictionaries(
    st.sampled_from([*(group.id for group in groups()), "other"]),
    st.one_of(st.lists(st.sampled_from([*ITEMS, "none", "nonsense"]), max_size=4), st.sampled_from([*ITEMS, "none"])),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SOME)
def test_the_api_refuses_what_screening_refuses_in_its_words(at, answers):
    answer = asked(at, answers)
    outcome, refusal = judged(answers)
    if outcome is None:
        assert answer.status_code == 422
        assert answer.json()["problem"].rstrip(".").lower() == refusal
    else:
        assert answer.status_code == 200
        assert answer.json()["effect"] == outcome.effect


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        JSON.map(json.dumps).map(str.encode),
        JSON.map(lambda inner: json.dumps({"answers": inner}).encode()),
        st.dictionaries(st.sampled_from([g.id for g in groups()]), JSON).map(
            lambda d: json.dumps({"answers": d}).encode()
        ),
        st.binary(max_size=40),
    )
)
def test_the_api_answers_anything_with_one_sentence(at, body):
    answer = at.client.post("/api/screening", content=body)
    assert answer.status_code == 422, body
    assert answer.json()["problem"].endswith(".")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"answers":' * 10_000, b"9" * 10_000, b"\xff\xfe", b"", b"NaN"])
def test_the_api_is_not_upset(at, body):
    assert at.client.post("/api/screening", content=body).status_code == 422


# -- through the page ---------------------------------------------------------------------------------


def follows(at, entry, *ids):
    """Answer on the page, and hold the pages that come to what screening says."""
    outcome = expected(at, *ids)
    page = at.screened(entry, *ids)
    assert page.status == 200
    answered = at.get(f"/rest/{entry}/answer")
    assert answered.h1 == outcome.headline
    for sentence in outcome.say:
        assert sentence in answered.text, (ids, sentence)
    for _, sentence in outcome.because:
        assert sentence in answered.text, (ids, sentence)
    at_answer = at.path(page) == f"/rest/{entry}/answer"
    assert at_answer == (outcome.effect != "allow"), ids
    if outcome.effect == "block":
        assert page.response.text == answered.response.text
        blocked(at, entry, page, outcome, ids)
    else:
        offered(at, entry, outcome, ids)
    return outcome


def blocked(at, entry, page, outcome, ids):
    """Nothing leads on, and no typed address does."""
    assert [link for link in page.links if link.startswith("/rest/")] == [f"/rest/{entry}/ask"]
    assert page.forms == []
    urgent = [given for tag, given in page.tags if tag == "div" and given.get("class") == "urgent"]
    assert bool(urgent) == outcome.emergency
    for step in STEPS:
        for address in (f"/rest/{entry}/{step}", f"/rest/{entry}/{step}?way=constructive-rest&minutes=5&save=1&page=1"):
            assert at.path(at.get(address)) == f"/rest/{entry}/answer", (step, ids)
    for step, data in (
        ("look", {"how": "guess"}),
        ("set-up", {"way": "chair", "minutes": "5", "do": "go"}),
        ("set-up", {"way": "chair", "minutes": "5", "do": "show"}),
        ("done", {}),
    ):
        assert at.path(at.post(f"/rest/{entry}/{step}", data)) == f"/rest/{entry}/answer", (step, ids)
    kept = at.store.entry(entry)
    assert (kept.record, kept.stage) == (None, "screened")


def ways_of(page):
    return [parse_qs(urlsplit(link).query)["way"][0] for link in page.links if "set-up?way=" in link]


def offered(at, entry, outcome, ids):
    """The ways, the minutes, what to lie on and what is said of the eyes."""
    page = at.get(f"/rest/{entry}/set-up")
    assert page.status == 200
    assert ways_of(page) == list(outcome.ways), ids
    if outcome.effect == "change":
        for sentence in outcome.say:
            assert sentence in page.text
    for way in WAYS:
        chosen = at.get(f"/rest/{entry}/set-up?way={way}")
        shown = chosen.form(f"/rest/{entry}/set-up").data["way"]
        assert shown == [way if way in outcome.ways else outcome.ways[0]], (way, ids)
        most = outcome.most(shown[0])
        [minutes] = [given for tag, given in chosen.tags if given.get("id") == "minutes"]
        assert int(minutes["max"]) == (most or 60), (way, ids)
        assert 5 <= int(minutes["value"]) <= int(minutes["max"])
        refused(at, entry, way, "5" if way not in outcome.ways else str((most or 60) + 1), ids)
        if way in outcome.ways:
            lie_on(at, entry, chosen, outcome, way)
            page = at.set_up(entry, way, str(most or 60), surface=outcome.surfaces[-1])
            assert at.path(page) == f"/rest/{entry}/session", (way, ids, page.problem)
            assert ("Leave your eyes open" in page.text) == (outcome.eyes == "open")
            plan = json.loads(page.response.text.split('id="session-data">')[1].split("</script>")[0])["plan"]
            assert (plan["way"], plan["minutes"], plan["options"]["eyes"]) == (way, most or 60, outcome.eyes)


def lie_on(at, entry, page, outcome, way):
    """What can be chosen to lie on; another surface is refused."""
    if session.way(way).position is None:
        return
    text = page.response.text.split('id="surface"')[1].split("</select>")[0]
    shown = {surface for surface in screening.SURFACES if f'value="{surface}"' in text}
    assert shown == set(outcome.surfaces)
    assert page.form(f"/rest/{entry}/set-up").data["surface"][0] in outcome.surfaces
    for surface in set(screening.SURFACES) - shown:
        page = at.set_up(entry, way, "5", surface=surface)
        assert (page.status, page.problem) == (422, "The floor or a mat is not offered today; choose a bed.")


def refused(at, entry, way, minutes, ids):
    """A way or a length that is not offered: said in a sentence, and nothing kept."""
    before = at.store.entry(entry)
    page = at.set_up(entry, way, minutes, surface="mattress")
    assert page.status == 422, (way, minutes, ids)
    assert "not offered today" in page.problem or "at most" in page.problem or "give a whole number" in page.problem
    assert page.form(f"/rest/{entry}/set-up").data["minutes"] == [minutes]
    assert at.store.entry(entry) == before


@pytest.mark.parametrize("id", [*ITEMS, None])
def test_every_item_alone(at, id):
    follows(at, at.begin(), *([id] if id else []))


def test_pairs_answered_one_after_the_other_in_one_rest(at):
    """Each set of answers stands alone, whatever was answered before it: the back button opens and closes."""
    entry = at.begin()
    for pair in SAMPLE:
        follows(at, entry, *pair)


def test_every_pair_opens_changes_or_closes_the_page_as_it_is_written(at):
    """In one rest, one pair after the other; reloading the page that a pair led to shows it again."""
    entry = at.begin()
    for pair in PAIRS:
        outcome = expected(at, *pair)
        page = at.screened(entry, *pair)
        if outcome.effect == "allow":
            assert at.path(page) in (f"/rest/{entry}/look", f"/rest/{entry}/set-up"), pair
        else:
            assert (at.path(page), page.h1) == (f"/rest/{entry}/answer", outcome.headline), pair
            said = [*outcome.say, *(sentence for _, sentence in outcome.because)]
            assert [sentence for sentence in said if sentence not in page.text] == [], pair
        if outcome.effect == "block":
            assert at.path(at.get(f"/rest/{entry}/session")) == f"/rest/{entry}/answer", pair
        else:
            assert ways_of(at.get(f"/rest/{entry}/set-up")) == list(outcome.ways), pair
        assert at.get(at.path(page)).response.text == page.response.text, pair


def test_every_emergency_with_anything_else(at):
    entry, others = at.begin(), random.Random(7)
    for emergency in EMERGENCIES:
        for other in others.sample(sorted(set(ITEMS) - {emergency}), 4):
            outcome = expected(at, emergency, other)
            page = at.screened(entry, emergency, other)
            assert page.h1 == outcome.headline == "Do not start. Get urgent care now."
            assert [sentence for sentence in outcome.say if sentence not in page.text] == []
            blocked(at, entry, page, outcome, (emergency, other))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(list(ITEMS)), max_size=6))
def test_any_set_of_answers(at, ids):
    weeks = sorted(id for id in ids if GROUP[id] in ONE)
    follows(at, at.begin(), *(ids - set(weeks[1:])))


def test_the_noted_crisis_number_stands_where_it_is_to_be_called_and_nowhere_else(at):
    entry = at.begin()
    at.store.change_person(at.who(entry), crisis_number="116 123")
    for id in ("crisis", "despair"):
        assert "The number you noted: 116 123" in at.screened(entry, id).text
    for id in ("chest", "night-pain", "heart"):
        assert "116 123" not in at.screened(entry, id).text


def test_no_look_flat_on_the_back_where_that_is_not_offered(at):
    entry = at.begin()
    for id, offered in (("from-28", False), ("from-16", True)):
        page = at.screened(entry, id)
        assert any(link.endswith("/look") for link in page.links) == offered
        assert at.path(at.get(f"/rest/{entry}/look")) == f"/rest/{entry}/{'look' if offered else 'set-up'}"
        links = at.get(f"/rest/{entry}/set-up").links
        assert any(link.endswith("/look") for link in links) == offered
        assert at.path(at.post(f"/rest/{entry}/look", {"lumbar_arch": "1"})) == f"/rest/{entry}/set-up"
    assert at.store.entry(entry).look_before["lumbar_arch"]["value"] == 0.01


def test_what_worried_last_time_is_asked_about(at):
    first = at.rested()
    assert "something new or worrying came up" not in at.get(f"/people/{at.who(first)}").text
    at.clock.later(days=1)
    entry = at.ready()
    record = {**at.store.entry(first).record, "ending": "worried"}
    del record["started_at"], record["by_hand"]
    sent = {"record": record, "started_at": "2026-03-01T19:00:00+01:00"}
    answer = at.client.post(f"/api/rest/{entry}/record", json=sent, headers={"idempotency-key": "a-key-of-its-own"})
    assert answer.status_code == 201
    assert "something new or worrying came up" in at.get(f"/people/{at.who(first)}").text


# -- without an answer --------------------------------------------------------------------------------


def test_before_any_answer_every_step_leads_to_the_questions(at):
    entry = at.begin()
    for step in (*STEPS, "answer"):
        assert at.path(at.get(f"/rest/{entry}/{step}")) == f"/rest/{entry}/ask", step
    for step in ("look", "set-up", "done"):
        assert at.path(at.post(f"/rest/{entry}/{step}", {"way": "chair"})) == f"/rest/{entry}/ask", step
    assert at.store.entry(entry).record is None


@pytest.mark.parametrize("left", [group.id for group in groups()])
def test_a_question_left_open_is_named_and_the_ticks_stay(at, left):
    entry, sent = at.begin(), at.answers("injury", "heart", "from-16", "fear")
    del sent[left]
    page = at.post(f"/rest/{entry}/ask", sent)
    assert page.status == 422
    [title] = [group.title for group in groups() if group.id == left]
    assert page.problem == f'Still without an answer: "{title}"; tick what is so, or say that nothing is.'
    assert page.form(f"/rest/{entry}/ask").data == sent
    assert at.store.entry(entry).screening is None
    assert at.path(at.get(f"/rest/{entry}/session")) == f"/rest/{entry}/ask"


@pytest.mark.parametrize("emergency", [item.id for group in groups() for item in group.items if item.emergency])
def test_an_emergency_is_heard_whatever_is_still_open(at, emergency):
    entry = at.begin()
    [group] = [group.id for group in groups() if emergency in [item.id for item in group.items]]
    page = at.post(f"/rest/{entry}/ask", {group: [emergency]})
    assert (page.status, page.h1) == (200, "Do not start. Get urgent care now.")
    assert at.path(at.get(f"/rest/{entry}/session")) == f"/rest/{entry}/answer"
    outcome = at.client.post("/api/screening", json={"answers": {group: [emergency]}}).json()
    assert (outcome["effect"], outcome["emergency"]) == ("block", True)


TICKS = st.fixed_dictionaries(
    {},
    optional={
        g.id: st.sampled_from([item.id for item in g.items]).map(lambda id: [id])
        if g.kind == "one"
        else st.lists(st.sampled_from([*(item.id for item in g.items), "none"]), unique=True, min_size=1, max_size=4)
        for g in groups()
    },
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TICKS)
def test_whatever_is_not_whole_comes_back_as_it_was_ticked(at, sent):
    entry = at.begin()
    page = at.post(f"/rest/{entry}/ask", sent)
    outcome, refusal = judged(sent)
    if outcome is None:
        assert page.status == 422
        assert page.problem.rstrip(".").lower() == refusal
        found = page.form(f"/rest/{entry}/ask").data
        assert {name: sorted(ids) for name, ids in found.items()} == {name: sorted(ids) for name, ids in sent.items()}
    else:
        assert at.get(f"/rest/{entry}/answer").h1 == outcome.headline
        at.screened(entry, "chest")  # so that Begin does not go on with what is allowed
    at.store.delete_entry(entry)


def test_the_last_tick_answers_what_was_left_open_with_nothing(at):
    entry = at.begin()
    page = at.post(f"/rest/{entry}/ask", {"told": "heart", "pregnancy": "no", "open": "none"})
    assert at.path(page) == f"/rest/{entry}/answer"
    assert at.store.entry(entry).screening["answers"] == at.answers("heart")
    page = at.post(f"/rest/{entry}/ask", {"now": "chest", "pregnancy": "no", "open": "none"})
    assert page.h1 == "Do not start. Get urgent care now."
    page = at.post(f"/rest/{entry}/ask", {"open": "none"})
    assert (page.status, page.form(f"/rest/{entry}/ask").data) == (422, {"open": ["none"]})  # which week is not "none"


# -- answering again ----------------------------------------------------------------------------------


def closed_to_set_up(at, entry):
    """What was set up before is no longer offered: the dark page, its sound, its sheet and the record by hand turn back."""
    for step in ("session", "sound.flac", "sound.flac?save=1", "sheet"):
        assert at.path(at.get(f"/rest/{entry}/{step}")) == f"/rest/{entry}/set-up", step
    assert at.path(at.post(f"/rest/{entry}/done")) == f"/rest/{entry}/set-up"
    assert at.store.entry(entry).record is None


def opens(at, entry):
    assert at.path(at.get(f"/rest/{entry}/session")) == f"/rest/{entry}/session"
    assert at.path(at.get(f"/rest/{entry}/sheet")) == f"/rest/{entry}/sheet"
    sound = at.client.get(f"/rest/{entry}/sound.flac")
    assert (sound.status_code, sound.headers["content-type"], sound.content[:4]) == (200, "audio/flac", b"fLaC")


def test_the_back_button_after_a_set_up(at):
    entry = at.ready(minutes="40")
    opens(at, entry)
    for ids in (("from-28",), ("from-16",), ("ill",), ("unwell-flat",), ("fear",), ("unsure", "thin-bones")):
        at.screened(entry, *ids)
        closed_to_set_up(at, entry)
        at.screened(entry)  # and again as it was: what was set up is still there
        opens(at, entry)
        assert at.get(f"/rest/{entry}/session").h1.startswith("40 minutes")


def test_from_28_weeks_the_page_that_was_open_can_no_longer_be_sent(at):
    entry = at.ready(minutes="40")
    old = at.get(f"/rest/{entry}/set-up").form(f"/rest/{entry}/set-up").filled(do="go")
    assert old["way"] == ["constructive-rest"]
    at.screened(entry, "from-28")
    page = at.post(f"/rest/{entry}/set-up", old)
    assert page.status == 422
    assert page.problem.startswith("Resting on the back with the knees bent is not offered today.")
    assert ways_of(page) == ["side-lying", "chair"]
    assert page.form(f"/rest/{entry}/set-up").data["way"] == ["side-lying"]
    closed_to_set_up(at, entry)
    page = at.get(f"/rest/{entry}/set-up")
    assert page.form(f"/rest/{entry}/set-up").data["way"] == ["side-lying"]


def test_a_soft_surface_asked_for_later_closes_a_floor_set_up_before(at):
    entry = at.ready(surface="floor")
    opens(at, entry)
    at.screened(entry, "thin-bones")
    closed_to_set_up(at, entry)
    page = at.get(f"/rest/{entry}/set-up")
    assert page.form(f"/rest/{entry}/set-up").data["surface"] == ["mattress"]
    sent = page.form(f"/rest/{entry}/set-up").filled(do="go")
    assert at.path(at.post(f"/rest/{entry}/set-up", sent)) == f"/rest/{entry}/session"
    assert at.store.entry(entry).options["surface"] == "mattress"
    opens(at, entry)


def test_what_was_set_up_long_ago_is_offered_only_as_far_as_today_allows(at):
    at.rested(surface="floor", minutes="45")
    at.clock.later(days=2)
    entry = at.begin()
    at.screened(entry, "thin-bones", "ill")
    form = at.get(f"/rest/{entry}/set-up").form(f"/rest/{entry}/set-up")
    assert (form.data["surface"], form.data["minutes"]) == (["mattress"], ["10"])
    assert at.path(at.post(f"/rest/{entry}/set-up", form.filled(do="go"))) == f"/rest/{entry}/session"


def test_a_block_after_a_set_up_closes_everything(at):
    entry = at.ready()
    outcome, page = expected(at, "leg-weakness"), at.screened(entry, "leg-weakness")
    blocked(at, entry, page, outcome, ("leg-weakness",))
    at.screened(entry)
    opens(at, entry)


def test_a_reload_shows_the_same(at):
    entry = at.begin()
    for ids in ((), ("fear",), ("chest",), ("from-28", "thin-bones"), ("night-pain",)):
        at.screened(entry, *ids)
        if "set-up" in at.path(at.get(f"/rest/{entry}/set-up")):
            at.set_up(entry, expected(at, *ids).ways[0], "5", surface="mattress")
        for step in ("ask", "answer", "look", "set-up", "session", "sheet", "worry", "check-back"):
            first, again = (at.get(f"/rest/{entry}/{step}") for _ in range(2))
            assert first.status == 200
            assert at.path(first) == at.path(again)
            assert first.response.text == again.response.text, step


def test_the_questions_come_back_as_they_were_answered(at):
    entry = at.begin()
    for ids in (("heart", "from-16", "fear"), ("chest",), ()):
        at.screened(entry, *ids)
        assert at.get(f"/rest/{entry}/ask").form(f"/rest/{entry}/ask").data == at.answers(*ids)


def test_answers_are_judged_anew_and_not_as_they_were_once(at):
    """A kept outcome is never believed; a kept answer that is no longer asked sends back to the questions."""
    entry = at.ready()
    allowed = expected(at).as_dict()
    told = {"outcome": allowed, "answered_at": at.clock().isoformat()}
    at.store.change_entry(entry, screening={"answers": at.answers("chest"), **told})
    assert at.path(at.get(f"/rest/{entry}/session")) == f"/rest/{entry}/answer"
    for answers in ({"now": ["asked-long-ago"]}, {}, [], "none", {"now": "none"}, {"now": [["none"]]}, None):
        at.store.change_entry(entry, screening={"answers": answers, **told})
        for step in (*STEPS, "answer"):
            assert at.path(at.get(f"/rest/{entry}/{step}")) == f"/rest/{entry}/ask", (step, answers)


# -- answers of another day ---------------------------------------------------------------------------


def asked_anew(at, entry):
    """Every way on leads to the questions, which show what was ticked; by hand as well, and for a page that stands open."""
    for step in (*STEPS, "answer", "sound.flac"):
        assert at.path(at.get(f"/rest/{entry}/{step}")) == f"/rest/{entry}/ask", step
    for step, data in (
        ("done", {}),
        ("look", {"how": "guess"}),
        ("set-up", {"way": "chair", "minutes": "5", "do": "go"}),
    ):
        assert at.path(at.post(f"/rest/{entry}/{step}", data)) == f"/rest/{entry}/ask", step
    assert at.client.get(f"/api/rest/{entry}/ready").json() == {"go": f"/rest/{entry}/ask"}
    assert at.store.entry(entry).record is None


def test_answers_hold_for_their_own_day(at):
    entry = at.ready("heart")
    at.clock.later(hours=5)  # 23:30
    assert at.path(at.get(f"/rest/{entry}/session")) == f"/rest/{entry}/session"
    at.clock.later(hours=1)
    asked_anew(at, entry)
    assert at.get(f"/rest/{entry}/ask").form(f"/rest/{entry}/ask").data == at.answers("heart")
    at.clock.later(days=30)
    asked_anew(at, entry)
    at.screened(entry, "heart")
    assert at.path(at.get(f"/rest/{entry}/session")) == f"/rest/{entry}/session"


@pytest.mark.parametrize("when", [None, 5, "", "yesterday", "2026-03-28T18:30:00", "2026-03-27T18:30:00+01:00"])
def test_answers_without_a_time_of_today_are_asked_anew(at, when):
    entry = at.ready()
    told = {name: own for name, own in at.store.entry(entry).screening.items() if name != "answered_at"}
    at.store.change_entry(entry, screening=told if when is None else {**told, "answered_at": when})
    asked_anew(at, entry)


def test_the_answers_of_a_rest_that_has_been_stay(at):
    entry = at.rested()
    at.clock.later(days=30)
    assert at.path(at.get(f"/rest/{entry}/look-again")) == f"/rest/{entry}/look-again"
    assert at.get(f"/rest/{entry}/sheet").status == 200


def ready_of(at, entry):
    """What the dark page asks at Begin."""
    page = at.client.get(f"/rest/{entry}/session").text
    return json.loads(page.split('id="session-data">')[1].split("</script>")[0])["ready"]


def test_the_dark_page_can_ask_whether_its_plan_still_stands(at):
    entry = at.ready(minutes="20")
    asks = ready_of(at, entry)
    go = lambda: at.client.get(asks).json()["go"]  # noqa: E731
    assert go() == ""
    at.set_up(entry, minutes="25")
    assert go() == f"/rest/{entry}/session"  # to be planned as it is now
    at.set_up(entry, minutes="20")
    assert go() == ""
    at.screened(entry, "fear")  # five minutes at most
    assert go() == f"/rest/{entry}/set-up"
    at.screened(entry, "chest")
    assert go() == f"/rest/{entry}/answer"
    at.screened(entry)
    at.post(f"/rest/{entry}/done")
    assert go() == f"/rest/{entry}/check-back"
    at.post(f"/rest/{entry}/delete", {"sure": "yes"})
    assert go() == "/"


# -- when the rest is over ----------------------------------------------------------------------------


def test_after_the_rest_an_emergency_is_still_answered_and_nothing_that_was_is_changed(at):
    entry = at.rested()
    kept = at.store.entry(entry)
    for ids in (("chest",), ("crisis", "fear"), ("night-pain",)):
        page = at.screened(entry, *ids)
        outcome = expected(at, *ids)
        assert (page.status, page.h1) == (200, outcome.headline)
        assert [sentence for sentence in outcome.say if sentence not in page.text] == []
    for ids in ((), ("fear",)):
        assert at.path(at.screened(entry, *ids)) == f"/rest/{entry}/check-back"
    assert at.path(at.get(f"/rest/{entry}/set-up")) == f"/rest/{entry}/check-back"
    assert at.path(at.set_up(entry, "chair", "5")) == f"/rest/{entry}/check-back"
    assert at.path(at.get(f"/rest/{entry}/session")) == f"/rest/{entry}/check-back"
    assert at.store.entry(entry) == kept


# -- what lasts, and what does not --------------------------------------------------------------------


def test_what_lasts_is_ticked_the_next_time_and_what_passes_is_not(at):
    entry = at.begin()
    lasting = [item.id for item in ITEMS.values() if item.lasting]
    at.post(f"/people/{at.who(entry)}/you", {"history": [*lasting, "chest"], "unit": "cm"})
    form = at.get(f"/rest/{entry}/ask").form(f"/rest/{entry}/ask")
    assert {id for ids in form.data.values() for id in ids} == set(lasting)


@pytest.mark.parametrize("weeks", ["under-16", "from-16", "from-28", "unsure"])
def test_no_pregnancy_is_remembered_only_until_there_is_one(at, weeks):
    for answer in ("no", weeks):
        entry = at.begin()
        at.screened(entry, answer)
        at.set_up(entry, "side-lying", "5")
        at.post(f"/rest/{entry}/done")
        at.clock.later(days=1)
    page = at.get(f"/rest/{at.begin()}/ask")
    assert "pregnancy" not in page.form(page.response.url.path).data


# -- something new or worrying ------------------------------------------------------------------------


@pytest.mark.parametrize("id", [item.id for item in screening.symptoms()] + [screening.OTHER])
def test_a_new_symptom_is_answered_in_the_words_of_the_questions(at, id):
    entry = at.ready()
    page = at.post(f"/rest/{entry}/worry", {"symptom": id})
    outcome = screening.new_symptom(id)
    assert (page.status, page.h1) == (200, outcome.headline)
    assert [sentence for sentence in outcome.say if sentence not in page.text] == []
    if id != screening.OTHER:
        assert outcome.say == expected(at, id).say
    dark = at.get(f"/rest/{entry}/session").response.text
    said = dark.split(f'data-said="{id}"')[1].split("</div>")[0]
    assert outcome.headline in said


def test_a_symptom_that_is_on_no_list_is_refused(at):
    page = at.post(f"/rest/{at.begin()}/worry", {"symptom": "<b>"})
    assert page.status == 422
    assert "<b>" not in page.response.text
