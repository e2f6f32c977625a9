"""Somebody new goes from Today to a rest that is kept and checked back, by keyboard alone and by touch alone."""

import re

from psoas import screening

START = "2026-03-01T18:00:00Z"
REST_START, TOTAL = 90, 510


def answers_with_keys(visit):
    """Is this for you today? Nothing of it is so."""
    for group in screening.groups():
        if group.kind == "many":
            visit.tabs_to("None of these").presses("Space")
        else:
            # Into the circles, and down and up again: what fits nobody here stands first.
            visit.tabs_to(group.items[0].text).presses("Space", "ArrowDown", "ArrowUp")
    visit.tabs_to("Go on").presses("Enter")


def looks_with_keys(visit):
    visit.tabs_to("By feel", "Alone, with a strip").presses("ArrowDown", "ArrowDown", "ArrowDown")
    visit.tabs_to("small of your back").types("2 fingers")
    visit.tabs_to("lowest ribs from the floor on the left").types("1 cm")
    visit.tabs_to("How does your body feel", "0").presses("Space", *["ArrowRight"] * 4)
    visit.tabs_to("Keep").presses("Enter")


def test_by_keyboard_alone(own_psoas, window):
    visit = window(own_psoas, clock=START, let_in=False)
    visit.page.goto(own_psoas.told())
    visit.at("/")
    visit.tabs_to("Begin").presses("Enter")
    visit.at("/rest/[^/]+/ask")
    answers_with_keys(visit)
    visit.at("/rest/[^/]+/look")
    looks_with_keys(visit)
    visit.at("/rest/[^/]+/set-up")

    visit.page.wait_for_selector(".plate img")  # the body has come to rest and is drawn
    assert "psoas" in visit.page.get_attribute(".plate img", "alt").lower()
    visit.tabs_to("Why, and who disagrees").presses("Enter")
    assert visit.sees("an assumption")
    visit.tabs_to("Minutes").presses("Control+a").types("5")
    visit.tabs_to("Two soft bells and silence")
    visit.tabs_to("To the quiet").presses("Enter")

    visit.at("/rest/[^/]+/session").page.wait_for_selector("#begin:enabled")
    assert visit.focus().startswith("Begin")  # it waits under the fingers
    visit.presses("Enter")
    assert (visit.mode(), visit.word()) == ("stage", "Down")
    visit.tabs_to("I am lying down").presses("Enter")
    visit.passes(10)
    visit.presses("Space")
    assert visit.mode() == "stopped"
    visit.tabs_to("Change something").presses("Space")
    assert visit.mode() == "changing"
    visit.tabs_to("How loud").presses("ArrowLeft")
    assert visit.page.evaluate("document.getElementById('sound').volume") < 1
    visit.tabs_to("Go on resting").presses("Enter")
    assert visit.mode() == "stage"
    visit.passes(TOTAL - REST_START - 10)
    assert visit.mode() == "ended"
    visit.delivered()
    visit.tabs_to("Check back").presses("Enter")

    visit.at("/rest/[^/]+/check-back")
    assert visit.sees("you rested for 5 minutes")
    visit.tabs_to("Heaviness").presses("Space")
    visit.tabs_to("What it was like").types("A quiet evening.")
    visit.tabs_to("How does your body feel now", "0").presses("Space", *["ArrowRight"] * 6)
    visit.tabs_to("How much better, in percent").types("5")
    visit.tabs_to("Keep").presses("Enter")

    visit.at("/people/[^/]+")
    assert visit.sees("last time,")
    visit.tabs_to("Journal", back=True).presses("Enter")
    visit.at("/people/[^/]+/journal").tabs_to("Constructive rest, 5 minutes").presses("Enter")
    visit.at("/rest/[^/]+")
    for words in ("A quiet evening.", "Heaviness", "6 of 10", "+5 %", "to its end"):
        assert visit.sees(words)

    (who,) = people(own_psoas)
    (rest,) = own_psoas.rests(who)
    assert rest.stage == "checked"
    assert (rest.comfort_before, rest.comfort_after) == (4, 6)
    assert rest.look_before["lumbar_arch"]["how"] == "guess"
    assert (rest.record["rested_seconds"], rest.record["total_seconds"]) == (300, TOTAL - REST_START)


def test_by_touch_alone_in_a_window_like_a_phone(own_psoas, window, phone):
    visit = window(own_psoas, clock=START, **phone)
    visit.taps("Begin").at("/rest/[^/]+/ask")
    for box in visit.page.get_by_text("None of these", exact=True).all():
        box.tap()
    visit.taps("No, or the question does not fit you")
    visit.taps("Go on").at("/rest/[^/]+/look")
    visit.taps("Go on without").at("/rest/[^/]+/set-up")
    visit.page.get_by_label("Minutes").tap()
    visit.page.get_by_label("Minutes").fill("5")
    visit.taps("To the quiet").at("/rest/[^/]+/session").page.wait_for_selector("#begin:enabled")
    visit.taps("Begin")
    assert visit.mode() == "stage"
    for x, y in ((4, 4), (370, 735), (187, 370), (20, 700)):
        visit.passes(30)
        visit.page.touchscreen.tap(x, y)  # anywhere
        assert visit.mode() == "stopped"
        assert visit.sound()["paused"]
        visit.passes(5)
        visit.taps("Go on resting")
        assert visit.mode() == "stage"
    visit.passes(TOTAL - 4 * 30)
    assert visit.mode() == "ended"
    visit.delivered()
    visit.taps("Check back").at("/rest/[^/]+/check-back")
    visit.taps("Nothing in particular")
    visit.taps("Keep").at("/people/[^/]+")
    (who,) = people(own_psoas)
    (rest,) = own_psoas.rests(who)
    assert rest.stage == "checked"
    assert (rest.record["rested_seconds"], rest.record["paused_seconds"]) == (300, 20)
    assert [name for _, name in rest.record["events"]] == ["begin", *["stop", "resume"] * 4, "run-out"]


def test_without_script_from_today_to_the_check_back(own_psoas, window):
    visit = window(own_psoas, java_script_enabled=False)
    page = visit.page
    page.get_by_role("button", name="Begin").click()
    visit.at("/rest/[^/]+/ask")
    for box in page.get_by_label("None of these", exact=True).all():
        box.check()
    page.get_by_label("No, or the question does not fit you").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Keep").click()
    visit.at("/rest/[^/]+/set-up")
    page.get_by_role("link", name="Draw it").click()
    assert page.locator(".plate img").get_attribute("alt")
    page.go_back()
    page.get_by_label("Minutes").fill("5")
    page.get_by_role("button", name="To the quiet").click()
    visit.at("/rest/[^/]+/session")
    heard = page.request.get(own_psoas.url + page.locator("noscript audio, audio[controls]").first.get_attribute("src"))
    assert heard.headers["content-type"] == "audio/flac"
    page.get_by_role("button", name="I have rested without this page").click()
    visit.at("/rest/[^/]+/check-back")
    page.get_by_label("What it was like").fill("Quiet.")
    page.get_by_role("button", name="Keep").click()
    visit.at("/people/[^/]+")
    (who,) = people(own_psoas)
    (rest,) = own_psoas.rests(who)
    assert (rest.words, rest.record["rested_seconds"], rest.record["by_hand"]) == ("Quiet.", 300, True)


def test_nothing_leaves_the_machine_and_nothing_is_refused(own_psoas, window):
    """A whole evening, with every page that a link leads to: no request but to psoas, no word in the console."""
    asked = []
    visit = window(own_psoas, clock=START, asked=asked)
    page = visit.page
    page.get_by_role("button", name="Begin").click()
    visit.at("/rest/[^/]+/ask")
    for box in page.get_by_label("None of these", exact=True).all():
        box.check()
    page.get_by_label("No, or the question does not fit you").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Keep").click()
    page.wait_for_selector(".plate img")
    page.get_by_role("link", name="A sheet to print").click()
    page.go_back()
    page.get_by_label("Minutes").fill("5")
    page.get_by_role("button", name="To the quiet").click()
    page.wait_for_selector("#begin:enabled")
    visit.presses("Enter")
    visit.passes(TOTAL)
    visit.delivered()
    page.get_by_role("link", name="Check back").click()
    page.get_by_role("button", name="Keep").click()
    visit.at("/people/[^/]+")
    (who,) = people(own_psoas)
    for path in ("/journal", "/you", "/data", "/voice"):
        visit.opens(f"/people/{who}{path}")
    for path in ("/people", "/help"):
        visit.opens(path)
    page.wait_for_load_state("networkidle")
    allowed = re.compile(rf"(blob:)?{re.escape(own_psoas.url)}/|data:")
    assert len(asked) > 20
    assert [url for url in asked if not allowed.match(url)] == []


def test_the_first_page_weighs_less_than_50_kb(psoas, browser):
    context = browser.new_context()
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    loaded = []
    wire.on("Network.loadingFinished", lambda told: loaded.append(told["encodedDataLength"]))
    page.goto(psoas.entrance(), wait_until="networkidle")
    files = len(page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)"))
    context.close()
    assert len(loaded) > files >= 4  # the page itself, style, script, fonts
    print(f"first load: {sum(loaded) / 1000:.1f} kB in {len(loaded)} answers")
    assert sum(loaded) < 50_000


def people(psoas):
    with psoas.journal() as store:
        return [one.id for one in store.people()]
