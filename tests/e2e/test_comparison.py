"""A comparison by keyboard alone, from the journal to its first day, and to its end; and on a page without script."""

from datetime import timedelta

import pytest

from psoas import comparison, session


def test_a_comparison_is_begun_and_stopped_by_keyboard_alone(psoas, window):
    who = psoas.somebody(name="Kim")
    visit = window(psoas, expecting=("422",)).opens(f"/people/{who}/journal")
    visit.tabs_to("Let your own days tell").presses("Enter").at(f"/people/{who}/compare")
    visit.tabs_to("Knees bent").presses("ArrowDown", "ArrowDown", "ArrowDown")
    visit.tabs_to("such as on the floor").types("on the floor").presses("Tab").types("on the bed")
    visit.tabs_to("Asked on each of the days").tabs_to("By lot, in pairs").presses("ArrowDown")
    visit.tabs_to("one day of each").types("84")
    visit.presses("Enter").is_told("give a whole number from 4 to 20")
    assert visit.page.get_by_label("A such as on the floor").input_value() == "on the floor"
    visit.tabs_to("one day of each").presses("Control+a").types("4").presses("Enter")
    visit.at("/comparison/[^/]+").reads("On the floor or on the bed")
    [made] = stored(psoas, who)
    assert (made.name_a, made.name_b, made.method, made.block) == ("on the floor", "on the bed", "randomized", 4)
    assert tuple(made.order) == comparison.plan("randomized", 4, 4, made.seed)
    assert visit.sees(f"Next is {made.order[0]}")

    visit.tabs_to("Today", back=True).presses("Enter").at(f"/people/{who}")
    assert visit.sees(f"next is {made.order[0]}")
    visit.tabs_to("Begin").presses("Enter").at("/rest/[^/]+/ask")
    entry = visit.page.url.split("/")[-2]
    with psoas.journal() as store:
        [day] = store.comparison_days(who)
    assert (day.entry_id, day.step, day.planned, day.done) == (entry, 0, made.order[0], None)

    visit.opens(f"/comparison/{made.id}").tabs_to("Stop here").presses("Enter")
    visit.page.get_by_text("Nobody can tell yet.").wait_for()
    assert visit.sees("It was stopped before its plan was through.")
    assert stored(psoas, who)[0].state == "stopped"


def stored(psoas, who):
    with psoas.journal() as store:
        return store.comparisons(who)


@pytest.fixture
def through(psoas):
    """Somebody whose plan is through but for the check back of its last rest; theirs, the comparison's and the rest's id."""

    def make(visit):
        who = psoas.somebody(measures={"sex": "female", "stature": 1.7, "mass": 65.0})
        order = comparison.plan("randomized", 5, 2, 1)
        with psoas.journal() as store:
            began = visit.now() - timedelta(days=12)
            made = store.begin_comparison(
                who, created_at=began, name_a="floor", name_b="bed", outcome="comfort", method="randomized",
                order=list(order), seed=1,
            )  # fmt: skip
            for step, way in enumerate(order):
                last = step == len(order) - 1
                entry = store.begin_entry(
                    who, practice="rest", created_at=began + timedelta(days=step + 1), way="constructive-rest", minutes=10,
                    stage="rested" if last else "checked", comfort_before=3,
                    comfort_after=None if last else 4 + 3 * (way == "B") + step % 2,
                )  # fmt: skip
                plan = session.plan("constructive-rest", 10)
                ended = session.step(session.step(session.start(plan), "begin", 0.0), "tick", plan.total_seconds)
                store.deliver(entry.id, f"through-{entry.id}", session.record(ended))
                store.add_comparison_day(
                    who, comparison_id=made.id, entry_id=entry.id, created_at=entry.created_at, step=step, planned=way,
                    done=None if last else way,
                )  # fmt: skip
        return who, made.id, entry.id, order

    return make


@pytest.mark.parametrize("script", [True, False])
def test_the_last_check_back_completes_it_with_script_and_without(psoas, window, phone, script, through):
    visit = window(psoas, java_script_enabled=script, **phone)
    who, made, entry, order = through(visit)
    visit.opens(f"/comparison/{made}")
    page = visit.page
    assert page.locator(".lead").inner_text() == "Nobody can tell yet."  # four pairs
    visit.opens(f"/rest/{entry}/check-back")
    assert page.locator("input[name=compared]:checked").get_attribute("value") == order[-1]
    page.locator(f"input[name=comfort_after][value='{8 if order[-1] == 'B' else 4}']").check(force=True)
    page.get_by_role("button", name="Keep").tap()
    visit.at(f"/people/{who}")
    page.get_by_role("link", name="What they say").tap()
    visit.at(f"/comparison/{made}")
    assert page.locator(".lead").inner_text() == "Higher on days of B."
    assert visit.sees("5 of A and 5 of B count; each was as planned.")
    assert page.locator("svg.chart").count() == 2


def test_what_the_looks_tell_needs_no_script(psoas, window, through):
    visit = window(psoas, java_script_enabled=False)
    who, _, entry, _ = through(visit)
    with psoas.journal() as store:
        seen = {"value": 0.04, "low": 0.03, "high": 0.05, "said": "4 cm", "how": "strip"}
        store.change_entry(entry, look_after={"thigh_left": seen, "thigh_right": seen})
    visit.opens(f"/people/{who}/looks")
    visit.page.get_by_role("link", name="Let the bodies lie down").click()
    visit.page.get_by_role("heading", name="What they cannot tell").wait_for(timeout=120_000)
    assert visit.page.locator("svg.chart").count() >= 1
    assert visit.sees("A gap comes from shape as well as from tightness")
