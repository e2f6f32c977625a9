"""The evidence by keyboard alone: from any page to the shelf, a search, a claim, a paper on it, and back."""


def test_a_claim_is_found_by_keyboard_alone(psoas, window):
    who = psoas.somebody(name="Kim")
    visit = window(psoas).opens(f"/people/{who}")
    visit.tabs_to("The evidence").presses("Enter").at("/evidence").reads("The evidence")
    visit.tabs_to("Search, for example").types("heels").presses("Enter")
    visit.comes_to_see("found, the closest first")
    visit.tabs_to("How far from the buttocks").presses("Enter").at("/evidence/124")
    visit.tabs_to("The model’s numbers").presses("Enter")
    visit.comes_to_see("Friction needed under the foot")
    visit.tabs_to("(Choi 2000)", back=True).presses("Enter")
    visit.page.locator("#choi_2000").get_by_text("Its summary (abstract) was read").wait_for()
    visit.tabs_to("Who the texts are by", back=True).presses("Enter")
    visit.comes_to_see("somatic educator")
    visit.tabs_to("Today", back=True).presses("Enter").at(f"/people/{who}")


def test_the_shelf_reads_without_script_and_on_paper(psoas, window):
    visit = window(psoas, java_script_enabled=False).opens("/evidence/112")
    assert visit.sees("What nobody knows yet") and visit.sees("What a professional can be asked")
    visit.page.emulate_media(media="print")
    assert not visit.page.is_visible("footer") and visit.page.is_visible("h1")
