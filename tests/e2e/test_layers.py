"""What else is on the picture of how to lie: by keyboard, by finger, without script; the address remembers it."""

import pytest

SLOW = 240_000
"""Many bodies at rest on a busy machine [ms]."""


@pytest.fixture
def ready(psoas):
    """A rest that is about to be set up."""
    who = psoas.somebody(
        name="Kim", measures={"sex": "female", "stature": 1.7, "mass": 65.0}, typed={"stature": "170", "mass": "65"}
    )
    return psoas.rest_ready(who)


def opened(visit, entry, query="way=constructive-rest"):
    """The page with its picture, once the model has chosen."""
    visit.opens(f"/rest/{entry}/set-up?{query}")
    visit.page.wait_for_selector("[data-search]", state="detached", timeout=SLOW)
    visit.page.wait_for_selector(".plate img", timeout=SLOW)
    return visit


def alt(visit):
    return visit.page.locator(".plate img").get_attribute("alt") or ""


def told(visit, words):
    visit.page.locator("#layered").filter(has_text=words).wait_for(timeout=SLOW)


def test_a_box_by_keyboard_changes_picture_and_address_and_nothing_else(psoas, window, ready):
    visit = opened(window(psoas), ready)
    page, sentence = visit.page, visit.page.locator("#sentence").inner_text()
    assert "kidneys" not in alt(visit)
    visit.tabs_to("kidneys").presses("Space")
    told(visit, "On the picture: kidneys.")
    assert "kidneys, beside the upper psoas" in alt(visit)
    assert page.url.endswith("way=constructive-rest&layer=kidneys")
    assert "layer=kidneys" in page.locator("[data-sheet]").get_attribute("href")
    visit.tabs_to("hammock").presses("Space")
    told(visit, "On the picture: kidneys, hammock.")
    assert "As an image, not anatomy" in alt(visit)

    page.reload()
    page.wait_for_selector(".plate img", timeout=SLOW)
    assert (
        page.get_by_label("kidneys", exact=True).is_checked() and page.get_by_label("hammock", exact=True).is_checked()
    )
    assert "As an image, not anatomy" in alt(visit)
    assert page.locator("#sentence").inner_text() == sentence
    page.get_by_role("link", name="Lying straight").click()
    page.wait_for_selector(".plate img", timeout=SLOW)
    assert "Lying straight" in alt(visit) and "kidneys" in alt(visit)

    for box in ("kidneys", "hammock"):
        page.get_by_label(box, exact=True).uncheck()
    told(visit, "The picture is as it was.")
    assert "layer" not in page.url and "kidneys" not in alt(visit)
    visit.chooses("To the quiet").at(f"/rest/{ready}/session")
    with psoas.journal() as store:
        assert "layer" not in str(store.entry(ready).options)


def test_a_slider_keeps_what_is_on_the_picture(psoas, window, ready):
    visit = opened(window(psoas), ready, "way=constructive-rest&anew=yes&layer=organs")
    heels = visit.page.get_by_label("Heels from the buttocks").first
    heels.press("ArrowRight")
    visit.page.wait_for_selector('.sketch [data-layer="organs"]', timeout=SLOW)
    visit.page.wait_for_selector(".plate img", timeout=SLOW)
    assert "what fills the belly" in alt(visit)
    assert visit.page.get_by_label("organs").is_checked()


def test_without_script_the_boxes_are_sent_and_the_address_holds_them(psoas, window, ready):
    visit = window(psoas, java_script_enabled=False)
    visit.opens(f"/rest/{ready}/set-up?way=constructive-rest&surface=floor")
    page = visit.page
    page.get_by_label("diaphragm").check()
    page.get_by_label("shelf").check()
    page.get_by_role("button", name="Show these").click()
    visit.waits_until(lambda: "layer=diaphragm&layer=shelf" in page.url and "surface=floor" in page.url)
    assert page.get_by_label("diaphragm").is_checked() and not page.get_by_label("kidneys").is_checked()
    page.get_by_role("link", name="Draw it").click()
    page.wait_for_selector(".plate img", timeout=SLOW)
    assert "diaphragm, breathed out" in alt(visit) and "a shelf for the kidneys" in alt(visit)
