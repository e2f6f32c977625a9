"""The shelf of evidence in the browser: browse, search, one page a claim, what was read."""

import pytest

from psoas import evidence, session
from psoas.app.page import weighing
from psoas.units import Quantity


def test_the_shelf_lists_every_claim(at):
    page = at.get("/evidence")
    assert page.status == 200
    assert {f"/evidence/{one.feature}" for one in evidence.claims()} <= set(page.links)


@pytest.mark.parametrize("claim", evidence.claims(), ids=lambda claim: str(claim.feature))
def test_every_claim_has_its_page(at, claim):
    page = at.get(f"/evidence/{claim.feature}")
    assert page.status == 200 and page.h1 == claim.title
    flat = " ".join(page.text.split())
    assert claim.statement in flat and claim.looked in flat
    assert all(view.holds in flat for view in claim.views)
    assert not evidence.CITED.search(page.text)
    inside = [link[1:] for link in page.links if link.startswith("#") and link != "#main"]
    ids = {given.get("id") for _, given in page.tags}
    assert set(inside) <= ids
    if claim.ask:
        assert flat.index(claim.ask) > max(flat.index(text[:20]) for text in ("What was read", "Who says what"))


def test_a_search_keeps_what_was_typed_and_finds(at):
    page = at.get("/evidence?q=breath&form=question")
    assert page.status == 200 and "/evidence/115" in page.links and "/evidence/130" not in page.links
    assert any(given.get("value") == "breath" for tag, given in page.tags if tag == "input")
    assert "Nothing here holds" in at.get("/evidence?q=zebra+xylophone").text


def test_a_grade_that_is_none_is_said_and_the_shelf_stays(at):
    page = at.get("/evidence?grade=true")
    assert page.status == 422 and "give supported" in page.problem and "/evidence/112" in page.links


@pytest.mark.parametrize("address", ["/evidence/164", "/evidence/nothing", "/evidence/%3Cb%3E"])
def test_a_claim_that_is_none_is_not_found(at, address):
    page = at.get(address)
    assert page.status == 404 and "<b>" not in page.response.text


def test_a_claim_is_found_by_its_id(at):
    one = evidence.claim(112)
    assert at.get(f"/evidence/{one.id}").h1 == one.title


def test_what_was_read_is_listed_once(at):
    page = at.get("/evidence/papers")
    for paper in evidence.papers().values():
        assert page.text.count(paper.title) == 1


def test_the_shelf_of_resources_names_its_texts_and_opens_nothing(at):
    page = at.get("/evidence/resources")
    assert all(item.title in page.text for item in evidence.resources())
    assert not [link for link in page.links if link.startswith("http")]


def test_every_page_leads_to_the_evidence(at):
    assert "/evidence" in at.get("/help").links


@pytest.mark.parametrize("way", ["constructive-rest", "bolstered", "chair"])
def test_the_drawers_of_a_set_up_lead_to_the_evidence(at, way):
    entry = at.begin()
    at.screened(entry)
    page = at.get(f"/rest/{entry}/set-up?way={way}")
    leads = {n for each in session.way(way).disagree for n in each.features if evidence.FIRST <= n <= evidence.LAST}
    assert {f"/evidence/{n}" for n in leads} <= set(page.links) and "/evidence" in page.links


def test_the_central_question_is_answered_in_a_picture_and_leads_to_the_nerves(at):
    page = at.get("/evidence/112")
    shown = evidence.postures()
    for posture in shown:
        assert page.text.count(posture.title) >= 1 + len(posture.numbers)
    assert "Pictures and numbers come from a computer body (a model), not from measured people." in page.text
    for number in (161, 151, 155, 113):
        assert f"/evidence/{number}" in page.links and evidence.claim(number).title in page.text
    assert sum(tag == "svg" for tag, _ in page.tags) == len(shown) * (1 + len(shown[0].numbers))
    assert "In a picture" not in at.get("/evidence/111").text


def test_what_cannot_be_told_of_sitting_and_lying_is_told(at):
    shown = " ".join(at.get("/evidence/112").text.split())
    verdicts = {one.what: one.verdict for one in evidence.runs()["upright"].results}
    for way in ("sitting upright", "sitting leaning back"):
        verdict = verdicts[f"psoas pull, {way} to constructive rest"]
        untold = f"Between {way} and constructive rest the computer body cannot tell" in shown
        told = (
            f"{way.capitalize()}, it pulls {'less' if verdict == 'more' else 'more'} than in constructive rest."
            in shown
        )
        assert (told, untold) == (verdict in ("more", "less"), verdict == "cannot tell")
    for name in ("low_back", "share"):
        untold = [
            one.title.lower() for one in evidence.postures() if one.numbers[name].against_straight == "cannot tell"
        ]
        assert not untold or f"For {' and for '.join(untold)}, the computer body cannot tell." in shown


def test_what_is_said_of_a_chair_is_what_the_model_found():
    verdicts = {one.what: one.verdict for one in evidence.runs()["upright"].results}
    assert verdicts["psoas pull, sitting leaning back to constructive rest"] == "more"
    assert verdicts["compression of L4-L5, sitting leaning back to constructive rest"] == "supports"  # less


def test_a_force_is_told_as_a_weight_in_the_readers_unit():
    force = Quantity("x", 98.1, "N", 49.05, 981.0, ())
    assert weighing(force, "cm") == "10 kg (5 to 100)"
    assert weighing(force, "in") == "22 lb (11 to 221)"
    assert weighing(Quantity("x", 9.81, "N", 0.0, 19.62, ()), "cm") == "1.0 kg (0.0 to 2.0)"


def test_the_answer_comes_before_the_grade_and_the_claim_is_called_one(at):
    for one in evidence.claims():
        flat = " ".join(at.get(f"/evidence/{one.feature}").text.split())
        answer, reason = (" ".join(text.split("[")[0].split())[:40] for text in (one.answer, one.reason))
        assert flat.index(answer) < flat.index("The claim") < flat.index(reason, flat.index("The claim"))
