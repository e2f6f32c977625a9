"""The dark page: stopping, the two quiet minutes, coming back, worry, clocks that are set, and the sound."""

from datetime import datetime, timedelta

import pytest

from psoas import screening

START = "2026-03-01T18:00:00Z"
# Five minutes between the bells, a minute and a half to get down, two to get up.
REST_START, HALFWAY, REST_END, TOTAL = 90, 240, 390, 510

HEADSET = """
const own = navigator.mediaSession.setActionHandler.bind(navigator.mediaSession);
window.headset = {};
navigator.mediaSession.setActionHandler = (name, handler) => { window.headset[name] = handler; own(name, handler); };
"""
# What the page itself sounds where it has no file: when a tone begins, and what is said.
EARS = """
window.heard = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (when) {
  window.heard.push(Math.round(performance.now() / 1000));
  start.call(this, when);
};
if (!("speechSynthesis" in window)) throw new Error("no voice in this browser");
window.said = [];
speechSynthesis.speak = (words) => window.said.push(words.text);
"""


@pytest.fixture
def somebody(psoas, window):
    """Opens the dark page of a rest that somebody new has set up."""

    def opens(script="", start=START, options=(), told=(), **given):
        who = psoas.somebody(**dict(told))
        entry = psoas.rest_ready(who, **dict(options))
        visit = window(psoas, clock=start, script=script, **given)
        visit.who, visit.entry = who, entry
        return visit

    return opens


@pytest.fixture
def resting(somebody):
    """Somebody a little into their rest."""
    visit = somebody(script=HEADSET).opens_rest()
    visit.presses("Enter")
    visit.passes(100)
    assert visit.mode() == "stage"
    assert not visit.sound()["paused"]
    return visit


def kept(visit):
    """The only rest in the journal."""
    (rest,) = visit.delivered().psoas.rests(visit.who)
    return rest.record


STOPS = {
    "a click": lambda page: page.mouse.click(30, 400),
    "space": lambda page: page.keyboard.press("Space"),
    "escape": lambda page: page.keyboard.press("Escape"),
    "enter": lambda page: page.keyboard.press("Enter"),
    "the headset's pause": lambda page: page.evaluate("headset.pause()"),
    "the headset's stop": lambda page: page.evaluate("headset.stop()"),
    "the sound's own pause": lambda page: page.evaluate("document.getElementById('sound').pause()"),
}


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)
def test_stopping_is_quiet_at_once_and_asks_nothing(resting, stop):
    stop(resting.page)
    resting.waits_until(lambda: resting.mode() == "stopped")  # the page's clock stands still meanwhile
    assert resting.sound()["paused"]
    for choice in ("Go on resting", "Change something", "Help to come back", "Something new or worrying", "Finish"):
        assert resting.sees(choice)
    resting.passes(119)
    assert resting.mode() == "stopped"
    resting.passes(1)
    assert resting.mode() == "ended"
    record = kept(resting)
    assert record["ending"] == "stopped-quiet"
    assert (record["played_seconds"], record["paused_seconds"], record["rested_seconds"]) == (100, 120, 10)


def test_a_second_tap_by_accident_ends_nothing(resting):
    resting.page.evaluate("headset.pause(); headset.pause()")
    assert resting.mode() == "stopped"
    resting.presses("Space", "Escape")
    assert resting.mode() == "stopped"


def test_a_rest_goes_on_where_it_was_stopped(resting):
    resting.presses("Space")
    resting.passes(60)
    resting.page.evaluate("headset.play()")
    assert resting.mode() == "stage"
    sound = resting.sound()
    assert not sound["paused"]
    assert 100 <= sound["at"] < REST_END
    resting.passes(TOTAL - 100)
    assert resting.mode() == "ended"
    record = kept(resting)
    assert (record["ending"], record["paused_seconds"], record["rested_seconds"]) == ("run-out", 60, 300)


def test_changing_something_and_the_slow_way_up(resting):
    resting.presses("Space")
    resting.tabs_to("Change something").presses("Enter")
    resting.passes(30)
    resting.tabs_to("Go to the slow way up").presses("Enter")
    assert resting.mode() == "stage"
    assert REST_END <= resting.sound()["at"] < TOTAL
    resting.passes(TOTAL - REST_END)
    assert resting.mode() == "ended"
    assert kept(resting)["rested_seconds"] == 10


def test_help_to_come_back_takes_its_time(somebody):
    told = {"inner_resources": "a lake at dusk", "outer_resources": "the dog", "crisis_number": "0800 123"}
    visit = somebody(told=told).opens_rest()
    visit.presses("Enter")
    visit.passes(100)
    visit.presses("Space")
    visit.tabs_to("Help to come back").presses("Enter")
    assert visit.mode() == "helping"
    for words in ("eyes", "feet", "a lake at dusk", "the dog", "0800 123"):
        assert visit.sees(words)
    visit.passes(599)
    assert visit.mode() == "helping"
    visit.passes(1)
    assert visit.mode() == "ended"
    assert kept(visit)["ending"] == "stopped-quiet"


def worrying(visit):
    visit.passes(100)
    visit.presses("Space")
    visit.tabs_to("Something new or worrying").presses("Enter")
    assert visit.sees("Which is nearest to it?")
    assert visit.sound()["paused"]
    return visit


def test_a_sign_that_is_chosen_ends_the_rest_with_the_words_of_the_screening(somebody):
    visit = worrying(somebody(told={"crisis_number": "0800 123"}).opens_rest().presses("Enter"))
    for symptom in (*(item.id for item in screening.symptoms()), screening.OTHER):
        outcome = screening.new_symptom(symptom)
        visit.page.click(f"[data-symptom='{symptom}']")
        assert visit.mode() == "worried" and kept(visit)["ending"] == "worried"
        for words in (outcome.headline, *outcome.say):
            assert visit.sees(words), symptom
        # A friend's or a crisis line's number would stand in the way of an ambulance.
        assert visit.sees("0800 123") == (symptom in ("crisis", screening.OTHER)), symptom
        assert outcome.headline in visit.focus()
        assert not visit.sees("Which is nearest to it?") and not visit.sees("None of it: back")
    visit.passes(TOTAL)
    assert visit.mode() == "worried"  # what to do stays until the person leaves it
    visit.page.get_by_role("link", name="Leave it there").click()
    visit.at(f"/people/{visit.who}")
    assert visit.sees("something new or worrying came up")


def test_a_worry_by_mistake_leads_back(resting):
    worrying(resting).tabs_to("None of it: back").presses("Enter")
    assert resting.mode() == "stopped"
    resting.tabs_to("Go on resting").presses("Enter")
    resting.passes(TOTAL)
    assert (resting.mode(), kept(resting)["ending"]) == ("ended", "run-out")


def test_a_worry_that_stays_silent_is_kept_and_what_to_do_can_still_be_read(resting):
    worrying(resting).passes(600)
    assert (resting.mode(), kept(resting)["ending"]) == ("worried", "worried")
    assert not resting.sees("None of it: back")
    resting.page.click("[data-symptom='chest']")
    assert resting.sees("Do not start. Get urgent care now.")


def test_finishing_ends_it(resting):
    resting.presses("Escape")
    resting.tabs_to("Finish").presses("Space")
    assert resting.mode() == "ended"
    assert kept(resting)["ending"] == "finished"


def test_begin_held_down_does_not_stop_what_it_began(somebody):
    visit = somebody().opens_rest()
    for _ in range(5):
        visit.page.keyboard.down("Enter")
    visit.page.keyboard.up("Enter")
    assert visit.mode() == "stage"
    visit.presses("Enter")
    assert visit.mode() == "stopped"


@pytest.mark.parametrize("shift", [timedelta(days=-3), timedelta(hours=1), timedelta(days=400)], ids=str)
def test_a_clock_that_is_set_changes_no_time(resting, shift):
    began = datetime.fromisoformat(START)
    resting.page.clock.set_system_time(began + timedelta(seconds=100) + shift)
    resting.passes(TOTAL - 100 - 1)
    assert resting.mode() == "stage"
    resting.passes(1)
    record = kept(resting)
    assert datetime.fromisoformat(record["started_at"]) == began
    assert (record["total_seconds"], record["rested_seconds"], record["ending"]) == (TOTAL, 300, "run-out")


@pytest.mark.parametrize(
    ("place", "start"),
    [
        ("Europe/Paris", "2026-03-29T00:58:00Z"),  # 01:58 there; two minutes later it is three
        ("Europe/Paris", "2026-10-25T00:58:00Z"),  # 02:58 there; two minutes later it is two
        ("Australia/Lord_Howe", "2026-04-04T14:58:00Z"),  # half an hour, back
    ],
)
def test_daylight_saving_changes_no_time(somebody, place, start):
    visit = somebody(start=start, timezone_id=place).opens_rest()
    before = visit.page.evaluate("new Date().getTimezoneOffset()")
    visit.presses("Enter")
    visit.passes(TOTAL)
    assert visit.page.evaluate("new Date().getTimezoneOffset()") != before
    record = kept(visit)
    assert datetime.fromisoformat(record["started_at"]) == datetime.fromisoformat(start)
    assert (record["total_seconds"], record["rested_seconds"]) == (TOTAL, 300)


# -- the sound ----------------------------------------------------------------------------------------


def test_the_sound_is_there_before_begin(somebody):
    visit = somebody()
    waiting = []
    visit.page.route("**/sound.flac*", lambda route: waiting.append(route))
    visit.opens(f"/rest/{visit.entry}/session").waits_until(lambda: waiting)
    assert visit.page.is_disabled("#begin")
    waiting[0].continue_()
    visit.page.wait_for_selector("#begin:enabled")
    visit.waits_until(lambda: visit.sound()["seconds"] == TOTAL)


def test_the_sound_follows_the_clock(resting):
    for at, passed in ((200, 100), (350, 150)):
        # Timers run once at the end, as after a sleep; the sound goes to where the clock is.
        resting.sleeps(passed)
        assert at <= resting.sound()["at"] < at + 40


def test_skipping_goes_to_the_first_bell(somebody):
    visit = somebody().opens_rest()
    visit.presses("Enter")
    visit.passes(10)
    visit.tabs_to("I am lying down").presses("Space")
    assert visit.mode() == "stage"
    assert REST_START <= visit.sound()["at"] < HALFWAY
    assert visit.word() == "Settle"
    visit.passes(TOTAL - REST_START)
    record = kept(visit)
    assert (record["total_seconds"], record["rested_seconds"]) == (10 + TOTAL - REST_START, 300)


def test_a_stop_before_the_first_sound_leaves_the_sound(somebody):
    visit = somebody(script=HEADSET).opens_rest()
    # As where the sound is still on its way to the ears: what it promised is taken back by the stop.
    visit.page.evaluate(
        "document.getElementById('sound').load(); document.getElementById('begin').click(); headset.pause()"
    )
    assert visit.mode() == "stopped"
    visit.page.evaluate("headset.play()")
    visit.waits_until(lambda: not visit.sound()["paused"])


def test_going_on_at_once_is_not_stopped_by_late_word_of_the_pause(somebody):
    visit = somebody(script=HEADSET).opens_rest()
    visit.presses("Enter")
    visit.waits_until(lambda: visit.sound()["at"] > 0)
    # All in one go, so that the browser tells of the pause when the sound already plays again.
    visit.page.evaluate("headset.pause(); headset.play(); new Promise((done) => "
                        "document.getElementById('sound').addEventListener('pause', () => done()))")  # fmt: skip
    assert visit.mode() == "stage"
    assert not visit.sound()["paused"]


def test_the_page_rings_by_itself_where_there_is_no_file(somebody):
    visit = somebody(script=EARS, expecting=("Failed to load resource",))
    visit.page.route("**/sound.flac*", lambda route: route.abort())
    visit.opens_rest()
    assert visit.sees("could not be had")
    begun = round(visit.page.evaluate("performance.now() / 1000"))
    visit.presses("Enter")
    visit.passes(TOTAL - 1)
    assert visit.mode() == "stage"
    visit.passes(1)
    assert visit.mode() == "ended"
    bells = sorted(set(visit.page.evaluate("heard")))
    assert [at - begun for at in bells] == [REST_START, HALFWAY, REST_END]
    assert kept(visit)["ending"] == "run-out"


def test_what_is_jumped_over_is_not_rung_or_said(somebody):
    visit = somebody(script=EARS, options={"voice": "voice"}, expecting=("Failed to load resource",))
    visit.page.route("**/sound.flac*", lambda route: route.abort())
    visit.opens_rest()
    visit.presses("Enter")
    before = visit.page.evaluate("said")
    visit.tabs_to("I am lying down").presses("Space")
    assert len(visit.page.evaluate("heard")) == 3  # one bell: three tones
    assert len(visit.page.evaluate("said")) <= len(before) + 1


def test_no_motion_where_none_is_wished(somebody):
    moving = "getComputedStyle(document.getElementById('gone')).transitionDuration"
    assert somebody().opens_rest().page.evaluate(moving) == "1s"
    assert somebody(reduced_motion="reduce").opens_rest().page.evaluate(moving) == "0s"
