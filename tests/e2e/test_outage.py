"""The program dies, the page dies, the answer is lost: a rest ends on time and is kept, once."""

import json
from datetime import datetime

import pytest
from playwright.sync_api import Error

START = "2026-03-01T18:00:00Z"
# Five minutes between the bells, a minute and a half to get down, two to get up.
REST_START, TOTAL = 90, 510
NETWORK = ("Failed to load resource",)


@pytest.fixture
def resting(psoas, window):
    """Somebody who lies in the middle of a rest of five minutes, in a window of their own."""
    return lies_down(psoas, window)


@pytest.fixture
def alone(own_psoas, window):
    """The same, where the program may be killed."""
    return lies_down(own_psoas, window)


def lies_down(psoas, window):
    visit = window(psoas, clock=START, expecting=NETWORK)
    visit.who = psoas.somebody()
    visit.entry = psoas.rest_ready(visit.who)
    visit.opens_rest().presses("Enter")
    return visit.passes(200)


def kept(visit):
    """The only rest in the journal, as soon as it is there."""
    visit.waits_until(lambda: visit.psoas.rests(visit.who)).delivered()
    (rest,) = visit.psoas.rests(visit.who)
    return rest.record


def exported(visit):
    """The rests as the person's own export has them."""
    answer = visit.page.request.get(f"{visit.psoas.url}/people/{visit.who}/export.json")
    return [entry for entry in json.loads(answer.body())["entries"] if entry["record"]]


def test_a_rest_ends_on_time_without_the_program_and_is_kept_when_it_is_back(own_psoas, alone):
    own_psoas.kill()
    alone.passes(TOTAL - 200 - 1)
    assert alone.mode() == "stage"
    alone.passes(1)
    assert alone.mode() == "ended"
    alone.waits_until(lambda: alone.sees("not running"))
    assert [waiting["entry"] for waiting in alone.waits()] == [alone.entry]
    own_psoas.start()
    alone.opens()  # the next page that opens
    record = kept(alone)
    assert record["ending"] == "run-out"
    assert (record["rested_seconds"], record["total_seconds"]) == (300, TOTAL)
    assert datetime.fromisoformat(record["started_at"]) == datetime.fromisoformat(START)
    assert len(exported(alone)) == 1


def test_the_page_that_stayed_open_hands_the_rest_over_by_itself(own_psoas, alone):
    own_psoas.kill()
    alone.passes(TOTAL)
    assert not alone.sees("Check back")
    alone.waits_until(lambda: not alone.hands_over())
    own_psoas.start()
    alone.passes(10)
    alone.delivered()
    alone.waits_until(lambda: alone.sees("Check back"))
    assert not alone.sees("not running")
    assert kept(alone)["rested_seconds"] == 300
    alone.presses("Tab", "Enter")
    alone.at(f"/rest/{alone.entry}/check-back")


def test_a_lost_answer_keeps_the_rest_once(psoas, resting):
    def stored_but_lost(route):
        route.fetch()
        route.abort()

    resting.page.route("**/record", stored_but_lost)
    resting.passes(TOTAL - 200)
    resting.waits_until(lambda: psoas.rests(resting.who))
    resting.waits_until(lambda: resting.sees("not running"))
    assert len(resting.waits()) == 1
    resting.page.unroute("**/record")
    resting.opens()
    assert kept(resting)["rested_seconds"] == 300
    assert len(exported(resting)) == 1


def test_two_tabs_at_once_keep_the_rest_once(own_psoas, alone):
    own_psoas.kill()
    alone.passes(TOTAL)
    other = alone.another_tab()
    own_psoas.start()
    sent = []
    alone.page.context.on("request", lambda asked: sent.append(asked.url) if asked.url.endswith("/record") else None)
    home = own_psoas.url + "/help"
    for tab in (alone, other):
        tab.page.evaluate("address => { setTimeout(() => location.assign(address)) }", home)
    for tab in (alone, other):
        tab.passes(1)
    for tab in (alone, other):
        tab.at("/help").delivered()
    assert len(exported(alone)) == 1
    assert sent


def test_a_page_that_is_killed_leaves_its_rest_to_the_next(psoas, resting):
    visit = resting.is_killed().opens()
    record = kept(visit)
    assert record["ending"] is None
    assert 200 - 10 <= record["total_seconds"] <= 200
    visit.opens(f"/people/{resting.who}/journal")
    assert visit.sees("constructive rest, 2 minutes")


def test_a_restored_tab_does_not_begin_over_a_lost_rest(psoas, resting):
    visit = resting.is_killed().opens(f"/rest/{resting.entry}/session")
    visit.waits_until(lambda: visit.mode() == "ended")
    assert kept(visit)["total_seconds"] >= 190


def test_a_reload_in_the_middle_loses_nothing(psoas, resting):
    resting.page.reload()
    resting.waits_until(lambda: resting.mode() == "ended")
    resting.delivered()
    record = kept(resting)
    assert (record["total_seconds"], record["ending"]) == (200, "finished")


def test_a_reload_without_the_program_loses_nothing(own_psoas, alone):
    own_psoas.kill()
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        alone.page.reload()
    own_psoas.start()
    alone.opens()
    assert kept(alone)["total_seconds"] == 200


def test_a_rest_that_is_over_is_not_begun_again_in_another_tab(psoas, resting):
    entry = psoas.rest_ready(resting.who)
    first, second = resting.another_tab().opens_session(entry), resting.another_tab()
    first.page.click("#begin")
    first.passes(TOTAL)
    first.delivered()
    second.opens(f"/rest/{entry}/session").at(f"/rest/{entry}/check-back")


def test_words_that_cannot_be_sent_stay_on_the_page(own_psoas, window):
    who = own_psoas.somebody()
    visit = window(own_psoas, expecting=NETWORK).opens(f"/people/{who}/you").writes("Name", "Kim")
    own_psoas.kill()
    visit.chooses("Keep").is_told("What you wrote is still here")
    assert visit.page.get_by_label("Name").input_value() == "Kim"
    own_psoas.start()
    visit.chooses("Keep").at(f"/people/{who}")
    assert visit.opens(f"/people/{who}/you").page.get_by_label("Name").input_value() == "Kim"


def test_a_killed_program_leaves_no_process_behind(own_psoas, window):
    who = own_psoas.somebody()
    window(own_psoas).opens_session(own_psoas.rest_ready(who))  # the sound was made in a process beside it
    children = own_psoas.children()
    assert children
    own_psoas.kill()
    own_psoas.waits_until(lambda: not own_psoas.alive(children), f"still there: {own_psoas.alive(children)}")
