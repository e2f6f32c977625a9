"""How to lie, with sliders: one body follows at once, the range of others after it, and what is shown is what is kept."""

import pytest

SLOW = 240_000
"""Many bodies at rest on a busy machine [ms]."""


@pytest.fixture
def lying(psoas, window):
    """Somebody on the page that says how to lie."""
    return opens_how_to_lie(ready(psoas, window))


def ready(psoas, window, stature=170):
    """Somebody of this stature [cm] with a rest to set up."""
    visit = window(psoas)
    who = psoas.somebody(
        name="Kim",
        measures={"sex": "female", "stature": stature / 100, "mass": 65.0},
        typed={"stature": str(stature), "mass": "65"},
    )
    visit.entry = psoas.rest_ready(who)
    return visit


def opens_how_to_lie(visit):
    return visit.opens(f"/rest/{visit.entry}/set-up?way=constructive-rest&anew=yes")


def whole(visit):
    """The model has chosen, and the picture is there."""
    visit.page.wait_for_selector("[data-search]", state="detached", timeout=SLOW)
    visit.page.wait_for_selector(".plate img", timeout=SLOW)
    return visit


def heels(visit):
    return visit.page.get_by_label("Heels from the buttocks").first


def test_the_models_numbers_come_by_themselves_and_a_slider_goes_on_from_there(lying, psoas):
    page = whole(lying).page
    chosen = page.locator("#sentence").inner_text()
    assert "the model’s choice" in page.locator("#numbers").inner_text()
    before = int(heels(lying).input_value())

    heels(lying).press("ArrowRight")
    heels(lying).press("ArrowRight")
    page.wait_for_selector(".plate .sketch svg")
    lying.waits_until(lambda: f"heels about {before + 2} cm" in page.locator("#sentence").inner_text())
    assert "One body of this size: psoas pull" in page.locator("#glimpsed").inner_text()
    assert page.locator("#now-heel_distance").inner_text() == f"{before + 2} cm"

    page.wait_for_selector(".plate img", timeout=SLOW)  # the range of others
    lying.waits_until(lambda: "your own choice" in page.locator("#numbers").inner_text())
    assert page.locator("#sentence").inner_text() != chosen

    lying.chooses("To the quiet").at(f"/rest/{lying.entry}/session")
    with psoas.journal() as store:
        kept = store.entry(lying.entry)
    assert (kept.options["heel_distance"], kept.options["own"]) == (f"{before + 2} cm", "heel_distance")
    assert lying.sees(f"heels about {before + 2} cm")


def test_whoever_has_begun_to_choose_is_not_overtaken_by_the_model(psoas, window):
    lying = ready(psoas, window, stature=171)  # nobody else's: a search once done is there at once
    page, held = lying.page, []
    page.route("**/choice?*part=yes*", lambda route: held.append(route))  # the search takes its time
    opens_how_to_lie(lying)
    lying.waits_until(lambda: held)
    heels(lying).press("ArrowRight")
    page.wait_for_selector(".sketch", timeout=SLOW)
    moved = heels(lying).input_value()
    for route in held:
        route.continue_()
    page.wait_for_selector("#late", timeout=SLOW)
    assert heels(lying).input_value() == moved
    lying.chooses("To the quiet").at(f"/rest/{lying.entry}/session")
    assert lying.sees(f"heels about {moved} cm")


def test_a_slider_says_what_legs_cannot_reach_and_goes_on(lying):
    page = whole(lying).page
    heels(lying).press("End")
    heels(lying).press("ArrowLeft")
    page.wait_for_selector(".sketch", timeout=SLOW)
    heels(lying).fill("12")
    lying.waits_until(
        lambda: (
            "heel distance is 12 cm" in page.locator("#glimpsed").inner_text().lower()
            or "12 cm" in page.locator("#sentence").inner_text()
        )
    )
    heels(lying).fill("36")
    lying.waits_until(lambda: "heels about 36 cm" in page.locator("#sentence").inner_text())


def test_without_the_program_a_slider_says_so_and_loses_nothing(own_psoas, window):
    visit = window(own_psoas, expecting=("ERR_CONNECTION_REFUSED",))
    entry = own_psoas.rest_ready(own_psoas.somebody())
    whole(visit.opens(f"/rest/{entry}/set-up?way=constructive-rest"))
    own_psoas.kill()
    heels(visit).press("ArrowRight")
    visit.waits_until(lambda: "could not be drawn now" in visit.page.locator("#glimpsed").inner_text())
    assert visit.page.locator("#heel_distance").input_value() == f"{heels(visit).input_value()} cm"


def test_minutes_and_other_ways_are_a_press_away(lying):
    page = whole(lying).page
    page.get_by_text("What minutes do to it").click()
    page.wait_for_selector(".charts svg", timeout=SLOW)
    assert lying.sees("cannot tell") and lying.sees("psoas pull")
    page.get_by_text("Back to the set-up").click()
    page.get_by_text("Beside the other ways to rest").click()
    page.wait_for_selector(".charts svg", timeout=SLOW)
    page.wait_for_selector(".plate img", timeout=SLOW)
    assert page.locator(".plate img").get_attribute("alt").startswith("Lying straight")
