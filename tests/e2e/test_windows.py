"""What goes on in another window, a page that stood open too long, and a browser that keeps nothing."""

from datetime import timedelta

import pytest

START = "2026-03-01T18:00:00Z"
REST_START, TOTAL = 90, 510
NETWORK = ("Failed to load resource",)
# Full, or told to keep nothing.
REFUSES = """
Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
"""


@pytest.fixture
def standing(psoas, window):
    """Opens the dark page of a rest that somebody has set up, which then stands there."""
    return lambda **given: stands(psoas, window, **given)


def stands(psoas, window, **given):
    visit = window(psoas, **{"clock": START, **given})
    visit.who = psoas.somebody()
    visit.entry = psoas.rest_ready(visit.who)
    return visit.opens_rest()


def kept(visit):
    """The only rest in the journal, as soon as it is there."""
    visit.waits_until(lambda: visit.psoas.rests(visit.who))
    (rest,) = visit.psoas.rests(visit.who)
    return rest.record


def finished(visit):
    visit.presses("Space")
    visit.chooses("Finish")
    assert visit.mode() == "ended"


# -- a page that stood open ---------------------------------------------------------------------------


def answers_elsewhere(visit, **told):
    """In the same browser, another page answers otherwise."""
    other = visit.another_tab().opens(f"/rest/{visit.entry}/ask")
    for group, id in told.items():
        other.page.evaluate(
            "([group, id]) => { for (const box of document.getElementsByName(group)) box.checked = box.value === id; }",
            [group, id],
        )
    other.chooses("Go on").at(f"/rest/{visit.entry}/answer")
    other.page.close()


def test_an_emergency_told_in_another_window_stops_a_page_that_stands_open(standing, psoas):
    visit = standing()
    answers_elsewhere(visit, now="saddle-numbness")
    visit.presses("Enter").at(f"/rest/{visit.entry}/answer")
    assert visit.sees("Do not start")
    visit.opens()  # the next page hands over nothing
    assert not visit.waits() and not psoas.rests(visit.who)
    assert visit.page.evaluate("Object.keys(localStorage)") == []


def test_a_page_that_stood_open_over_night_asks_anew(standing, psoas):
    visit = standing()
    with psoas.journal() as store:
        told = store.entry(visit.entry).screening
        store.change_entry(
            visit.entry, screening={**told, "answered_at": (visit.now() - timedelta(days=1)).isoformat()}
        )
    visit.presses("Enter").at(f"/rest/{visit.entry}/ask")
    visit.chooses("Go on").at(f"/rest/{visit.entry}/look")  # the ticks of yesterday stand there
    visit.opens_rest().presses("Enter")
    visit.passes(TOTAL)
    assert visit.mode() == "ended" and kept(visit)["ending"] == "run-out"


def test_a_set_up_changed_in_another_window_is_the_one_that_is_rested(standing, psoas):
    visit = standing()
    with psoas.journal() as store:
        store.change_entry(visit.entry, minutes=10)
    visit.presses("Enter")
    visit.page.wait_for_selector("h1:has-text('10 minutes')")
    assert visit.mode() == "ready"


def test_without_the_program_a_rest_begins_at_once(own_psoas, window):
    visit = stands(own_psoas, window, expecting=NETWORK)
    own_psoas.kill()
    visit.presses("Enter")
    assert visit.mode() == "stage"
    visit.passes(TOTAL)
    assert visit.mode() == "ended"
    own_psoas.start()
    visit.passes(10)
    assert kept(visit)["rested_seconds"] == 300


def test_a_program_that_hangs_keeps_nobody_from_beginning_or_stopping(standing):
    visit = standing()
    hanging = []
    visit.page.route("**/ready?*", lambda route: hanging.append(route))
    visit.presses("Enter")
    assert visit.mode() == "stage" and not visit.sound()["paused"]
    visit.waits_until(lambda: hanging)
    visit.presses("Space")
    assert visit.mode() == "stopped" and visit.sound()["paused"]
    visit.chooses("Finish")
    assert kept(visit)["ending"] == "finished"
    hanging[0].fulfill(json={"go": "/help"})  # too late: it is over, and stays so
    visit.passes(5)
    assert visit.mode() == "ended"


# -- two windows --------------------------------------------------------------------------------------


def test_a_rest_that_goes_on_in_another_window_is_not_begun_again(standing):
    first = standing()
    second = first.another_tab().opens_session(first.entry)
    second.who = first.who
    first.page.bring_to_front()
    first.presses("Enter").passes(200)
    second.page.bring_to_front()
    second.presses("Enter")
    second.waits_until(lambda: second.sees("begun in another window"))
    assert second.mode() == "ready" and second.sound()["paused"]
    assert first.mode() == "stage"
    first.page.close(run_before_unload=False)
    second.passes(10)  # as every page does from time to time, it hands over what waits
    record = kept(second)
    assert record["total_seconds"] >= 190
    second.presses("Enter").at(f"/rest/{first.entry}/check-back")


def test_where_the_first_window_kept_nothing_the_second_one_can_begin(standing):
    first = standing()
    second = first.another_tab().opens_session(first.entry)
    second.who = first.who
    first.page.evaluate(
        "void navigator.locks.request('psoas-rest-' + location.pathname.split('/')[2], () => new Promise(() => {}))"
    )
    second.presses("Enter")
    second.waits_until(lambda: second.sees("begun in another window"))
    first.page.close()
    held = "navigator.locks.query().then((all) => all.held.filter((one) => one.name.startsWith('psoas-rest-')).length)"
    second.waits_until(lambda: not second.page.evaluate(held))
    second.presses("Enter")
    second.passes(TOTAL)
    assert second.mode() == "ended" and kept(second)["ending"] == "run-out"


def test_a_second_record_of_a_rest_is_not_dropped_without_a_word(psoas, window):
    """Two browsers, which know nothing of each other."""
    first = stands(psoas, window)
    second = window(psoas, clock=START)
    second.who = first.who
    second.opens_session(first.entry).presses("Enter").passes(30)
    first.presses("Enter").passes(200)
    finished(first)
    assert kept(first)["total_seconds"] == 200
    finished(second)
    second.waits_until(lambda: second.sees("had handed over this rest before, and that one is kept"))
    second.delivered()
    assert kept(second)["total_seconds"] == 200
    assert not first.sees("had handed over")


# -- a browser that keeps nothing ---------------------------------------------------------------------


def test_a_browser_that_keeps_nothing_stops_as_any_other_and_the_rest_is_kept(standing):
    visit = standing(script=REFUSES)
    visit.presses("Enter")
    assert visit.mode() == "stage"
    visit.passes(100)
    visit.page.mouse.click(30, 400)
    assert visit.mode() == "stopped" and visit.sound()["paused"]
    visit.chooses("Finish")
    assert visit.mode() == "ended"
    assert kept(visit)["total_seconds"] == 100


def test_a_browser_that_fills_up_in_the_middle_loses_no_rest_that_is_left(standing):
    visit = standing()
    visit.presses("Enter").passes(100)
    visit.page.evaluate("() => {" + REFUSES + "}")
    visit.passes(100)
    visit.opens()
    record = kept(visit)
    assert (record["total_seconds"], record["ending"]) == (200, "finished")


def test_without_the_program_and_without_the_browser_the_page_keeps_the_rest(own_psoas, window):
    visit = stands(own_psoas, window, script=REFUSES, expecting=NETWORK)
    visit.presses("Enter")
    own_psoas.kill()
    visit.passes(TOTAL)
    assert visit.mode() == "ended"
    visit.waits_until(lambda: visit.sees("in this page, since the browser keeps nothing"))
    assert (
        visit.page.evaluate("dispatchEvent(new Event('beforeunload', { cancelable: true }))") is False
    )  # it asks first
    visit.waits_until(lambda: not visit.hands_over())
    own_psoas.start()
    visit.passes(10)
    visit.waits_until(lambda: visit.sees("Check back"))
    assert kept(visit)["rested_seconds"] == 300
    visit.passes(30)
    assert len(own_psoas.rests(visit.who)) == 1


def test_what_a_browser_will_not_let_go_of_is_delivered_once(standing):
    """A list that cannot be written anew, as where it is closed after the rest: nothing goes round and round."""
    visit = standing()
    sent = []
    visit.page.on("request", lambda asked: sent.append(asked.url) if asked.url.endswith("/record") else None)
    visit.presses("Enter").passes(100)
    visit.page.evaluate(
        "() => { Storage.prototype.removeItem = () => { throw new DOMException('closed', 'SecurityError'); }; }"
    )
    finished(visit)
    assert kept(visit)["total_seconds"] == 100
    visit.passes(60)
    assert len(sent) == 1


# -- other presses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [0, 10, 25, 60])
def test_a_second_press_right_after_the_first_sends_nothing(psoas, window, gap):
    visit = window(psoas).opens("/people").writes("Name", f"Twin {gap}")
    sent = []
    visit.page.on("request", lambda asked: sent.append(asked) if asked.method == "POST" else None)
    with visit.page.expect_navigation():
        visit.page.evaluate(
            "gap => { const button = document.querySelector('main form button'); button.click();"
            " setTimeout(() => button.click(), gap); }",
            gap,
        )
    with psoas.journal() as store:
        assert sum(one.name == f"Twin {gap}" for one in store.people()) == 1
    assert len(sent) == 1


@pytest.mark.parametrize("breaks", [
    "AudioWorklet.prototype.addModule = () => Promise.reject(new Error('no worklet'))",
    "window.AudioContext = class { constructor() { throw new Error('no sound'); } }",
])  # fmt: skip
def test_a_microphone_is_let_go_of_whatever_goes_wrong(psoas, window, breaks):
    who = psoas.somebody()
    visit = window(psoas).opens(f"/people/{who}/voice")
    visit.page.evaluate(
        "() => { window.heard = new AudioContext().createMediaStreamDestination().stream;"
        " navigator.mediaDevices.getUserMedia = async () => heard; " + breaks + "; }"
    )
    visit.page.locator("main summary").first.click()
    visit.chooses("Record")
    visit.page.get_by_role("button", name="No microphone").first.wait_for()
    assert visit.page.evaluate("heard.getTracks().map((track) => track.readyState)") == ["ended"]
