"""The program dies, the page dies, the answer is lost: a rest ends on time and is kept, once."""

import json

import pytest
from playwright.sync_api import Error

START = "2026-03-01T18:00:00Z"
# Five minutes between the bells, a minute and a half to get down, two to get up.
REST_START, TOTAL = 90, 510
NETWORK = ("Failed to load resource",)


@pytest.fixture
def resting(own_psoas, window):
    """Somebody who lies in the middle of a rest of five minutes, in a window of their own."""
    who = own_psoas.somebody()
    entry = own_psoas.rest_ready(who)
    visit = window(own_psoas, clock=START, expecting=NETWORK).opens_session(entry)
    visit.presses("Enter")
    visit.passes(200)
    visit.who, visit.entry = who, entry
    return visit


def kept(visit):
    """The only rest in the journal, as soon as it is there."""
    visit.waits_until(lambda: visit.psoas.rests(visit.who)).delivered()
    (rest,) = visit.psoas.rests(visit.who)
    return rest.record


def exported(visit):
    """The rests as the person's own export has them."""
    answer = visit.page.request.get(f"{visit.psoas.url}/people/{visit.who}/export.json")
    return [entry for entry in json.loads(answer.body())["entries"] if entry["record"]]


def test_a_rest_ends_on_time_without_the_program_and_is_kept_when_it_is_back(own_psoas, resting):
    own_psoas.kill()
    resting.passes(TOTAL - 200 - 1)
    assert resting.mode() == "stage"
    resting.passes(1)
    assert resting.mode() == "ended"
    resting.waits_until(lambda: resting.sees("not running"))
    assert [waiting["entry"] for waiting in resting.waits()] == [resting.entry]
    own_psoas.start()
    resting.opens()  # the next page that opens
    record = kept(resting)
    assert record["ending"] == "run-out"
    assert (record["rested_seconds"], record["total_seconds"]) == (300, TOTAL)
    assert record["started_at"].startswith("2026-03-01T18:00:00")
    assert len(exported(resting)) == 1


def test_the_page_that_stayed_open_hands_the_rest_over_by_itself(own_psoas, resting):
    own_psoas.kill()
    resting.passes(TOTAL)
    assert not resting.sees("Check back")
    resting.waits_until(lambda: not resting.hands_over())
    own_psoas.start()
    resting.passes(10)
    resting.delivered()
    resting.waits_until(lambda: resting.sees("Check back"))
    assert not resting.sees("not running")
    assert kept(resting)["rested_seconds"] == 300
    resting.presses("Tab", "Enter")
    resting.at(f"/rest/{resting.entry}/check-back")


def test_a_lost_answer_keeps_the_rest_once(own_psoas, resting):
    def stored_but_lost(route):
        route.fetch()
        route.abort()

    resting.page.route("**/record", stored_but_lost)
    resting.passes(TOTAL - 200)
    resting.waits_until(lambda: own_psoas.rests(resting.who))
    resting.waits_until(lambda: resting.sees("not running"))
    assert len(resting.waits()) == 1
    resting.page.unroute("**/record")
    resting.opens()
    assert len(exported(resting)) == 1
    assert kept(resting)["rested_seconds"] == 300


def test_two_tabs_at_once_keep_the_rest_once(own_psoas, resting):
    own_psoas.kill()
    resting.passes(TOTAL)
    other = resting.another_tab()
    own_psoas.start()
    sent = []
    resting.page.context.on("request", lambda asked: sent.append(asked.url) if asked.url.endswith("/record") else None)
    home = own_psoas.url + "/help"
    for tab in (resting, other):
        tab.page.evaluate("address => { setTimeout(() => location.assign(address)) }", home)
    for tab in (resting, other):
        tab.passes(1)
    for tab in (resting, other):
        tab.at("/help").delivered()
    assert len(exported(resting)) == 1
    assert sent


def test_a_page_that_is_killed_leaves_its_rest_to_the_next(own_psoas, resting):
    visit = resting.is_killed().opens()
    record = kept(visit)
    assert record["ending"] is None
    assert 200 - 10 <= record["total_seconds"] <= 200
    visit.opens(f"/people/{resting.who}/journal")
    assert visit.sees("constructive rest, 2 minutes")


def test_a_restored_tab_does_not_begin_over_a_lost_rest(own_psoas, resting):
    visit = resting.is_killed().opens(f"/rest/{resting.entry}/session")
    visit.waits_until(lambda: visit.mode() == "ended")
    assert kept(visit)["total_seconds"] >= 190


def test_a_reload_in_the_middle_loses_nothing(own_psoas, resting):
    resting.page.reload()
    resting.waits_until(lambda: resting.mode() == "ended")
    resting.delivered()
    record = kept(resting)
    assert (record["total_seconds"], record["ending"]) == (200, "finished")


def test_a_reload_without_the_program_loses_nothing(own_psoas, resting):
    own_psoas.kill()
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        resting.page.reload()
    own_psoas.start()
    resting.opens()
    assert kept(resting)["total_seconds"] == 200


def test_a_rest_that_is_over_is_not_begun_again_in_another_tab(own_psoas, resting):
    entry = own_psoas.rest_ready(resting.who)
    first, second = resting.another_tab().opens_session(entry), resting.another_tab()
    first.page.click("#begin")
    first.passes(TOTAL)
    first.delivered()
    second.opens(f"/rest/{entry}/session").at(f"/rest/{entry}/check-back")


def test_a_killed_program_leaves_no_process_behind(own_psoas, window):
    who = own_psoas.somebody()
    window(own_psoas).opens_session(own_psoas.rest_ready(who))  # the sound was made in a process beside it
    children = own_psoas.children()
    assert children
    own_psoas.kill()
    own_psoas.waits_until(lambda: not own_psoas.alive(children), f"still there: {own_psoas.alive(children)}")
