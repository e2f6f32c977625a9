"""Beside a rest: a day told by keyboard alone, a note taken with a finger, another way rested in, and all of it erased."""

import pytest


def test_a_day_is_told_and_changed_by_keyboard_alone(psoas, window):
    who = psoas.somebody(name="Kim")
    visit = window(psoas, expecting=("422",)).opens(f"/people/{who}/journal")
    visit.tabs_to("things of a day").presses("Enter").at(f"/people/{who}/habits").reads("Things of today")
    visit.tabs_to("A leisurely walk").presses("Space").tabs_to("Something for supple feet").presses("Space")
    visit.tabs_to("In your own words").types("By the river.")
    visit.tabs_to("Shoes").presses("Enter").tabs_to("None of these").presses("Space")
    visit.tabs_to("The sole bends", back=True).presses("Space")  # a tick takes "none of these" back
    assert not visit.page.get_by_label("None of these").first.is_checked()
    visit.tabs_to("Keep").presses("Enter").waits_until(lambda: visit.sees("1 was ticked: a sole that bends"))
    with psoas.journal() as store:
        [kept] = store.habit_days(who)
    assert (kept.done, kept.checks, kept.note) == (["walk", "feet"], {"shoes": ["bends"]}, "By the river.")
    assert visit.page.get_by_label("The sole bends").is_checked()

    visit.tabs_to("The day before").presses("Enter").reads("Things of yesterday")
    assert not visit.page.get_by_label("A leisurely walk").is_checked()
    visit.tabs_to("The day after").presses("Enter").reads("Things of today")
    visit.tabs_to("In your own words").presses("Control+a").types("x" * 2001).tabs_to("Keep").presses("Enter")
    visit.is_told("Note has 2001 characters")
    assert visit.page.get_by_label("In your own words").input_value() == "x" * 2001
    assert visit.page.get_by_label("A leisurely walk").is_checked()


def test_a_note_is_taken_with_a_finger_and_leads_to_a_doctor_without_alarm(psoas, window, phone):
    who = psoas.somebody(name="Kim")
    visit = window(psoas, expecting=("422",), **phone).opens(f"/people/{who}/clues").reads("What is noticed by eye")
    visit.taps("A fall within a year").taps("Rather flat").taps("4 to 8").taps("Keep").at("/clues/[^/]+")
    visit.waits_until(lambda: visit.sees("worth telling a doctor at the next visit"))
    assert not visit.sees("emergency")
    [note] = notes(psoas, who)
    assert note.seen == {"back-curve": ["flat"], "hours-sat": ["4-to-8"], "stoop": ["fell"]}
    # One that stands by itself beside another comes back, with all that was ticked.
    visit.page.get_by_label("Nothing of the kind").nth(-2).tap()
    visit.taps("Keep").is_told("together; leave one of them")
    assert visit.page.get_by_label("A fall within a year").is_checked()
    assert notes(psoas, who) == (note,)
    visit.opens(f"/people/{who}/journal")
    assert visit.sees("3 clues")


def notes(psoas, who):
    with psoas.journal() as store:
        return store.clue_notes(who)


@pytest.mark.parametrize("script", [True, False])
def test_another_way_is_found_in_its_fold_and_leads_to_the_dark_page(psoas, window, script):
    who = psoas.somebody()
    entry = psoas.rest_ready(who)
    visit = window(psoas, java_script_enabled=script).opens(f"/rest/{entry}/set-up?way=chair")
    assert not visit.sees("Between the heels")
    visit.page.get_by_text("Other ways the sources name").click()
    visit.page.get_by_role("link", name="Between the heels, leaning back").click()
    visit.page.get_by_text("The body model cannot fold its knees").wait_for()
    visit.chooses("To the quiet").at(f"/rest/{entry}/session")
    with psoas.journal() as store:
        kept = store.entry(entry)
    assert (kept.way, kept.minutes) == ("virasana", 5)


def test_days_and_notes_are_erased_with_their_person(own_psoas, window):
    who = own_psoas.somebody(name="Kim")
    visit = window(own_psoas).opens(f"/people/{who}/habits").ticks("Something for supple feet").writes(
        "In your own words", "canary7531"
    )  # fmt: skip
    visit.chooses("Keep").page.get_by_role("button", name="Delete this day").wait_for()
    visit.opens(f"/people/{who}/clues").writes("What else", "canary7531").chooses("Keep").at("/clues/[^/]+")
    visit.opens(f"/people/{who}/data").ticks("I have what I want to keep").chooses("Erase Kim").reads("Erased")
    held = [path for path in own_psoas.folder.rglob("*") if path.is_file() and b"canary7531" in path.read_bytes()]
    assert held == []
    with own_psoas.journal() as store:
        assert store.people() == ()
