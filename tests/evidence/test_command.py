"""``psoas evidence``: the shelf, one claim, words, and what it refuses."""

import json
import re

import pytest

from psoas import evidence


def test_the_whole_shelf(run):
    code, out, _ = run("evidence")
    assert code == 0
    for claim in evidence.claims():
        assert f"{claim.feature}" in out
    assert sum(out.count(grade) for grade in evidence.GRADES) >= len(evidence.claims())


@pytest.mark.parametrize("claim", evidence.claims(), ids=lambda claim: str(claim.feature))
def test_every_claim_shows_grade_sources_and_papers(run, claim):
    code, out, _ = run("evidence", str(claim.feature))
    flat = " ".join(out.split())
    assert code == 0
    assert claim.statement in flat and f"{claim.grade[:1].upper()}{claim.grade[1:]}." in flat
    assert all(said.words.split(" (")[0] in flat for view in claim.views for said in view.said)
    assert all(paper.short in flat for paper in claim.papers)
    assert not evidence.CITED.search(out)
    assert ("A model's estimate" in flat) == bool(claim.runs)


def test_words_find(run):
    _, out, _ = run("evidence", "diaphragm", "breath")
    assert "115" in out
    _, out, _ = run("evidence", "zebra", "breath")
    assert "Nothing holds zebra;" in out
    assert evidence.unheld("Zebra breath zebra") == ("zebra",)
    assert evidence.find("yawn", kind="anatomy") == () and evidence.unheld("yawn") == ()
    _, out, _ = run("evidence", "yawn", "--kind", "anatomy")
    assert "Nothing holds all of these words" in out


@pytest.mark.parametrize("words", [(), ("breath",), ("--grade", "Supported"), ("--kind", " Anatomy")])
def test_a_list_ends_with_the_first_of_its_own(run, words):
    _, out, _ = run("evidence", *words)
    assert f"psoas evidence {out.split()[0]} shows one of them whole" in " ".join(out.split())


def test_every_number_says_of_how_many_bodies_it_is(run):
    _, out, _ = run("evidence", "112")
    counted = {result.members for run in evidence.claim(112).runs for result in run.results}
    assert {32, 96} <= counted
    for result in (result for run in evidence.claim(112).runs for result in run.results):
        assert re.search(rf"{re.escape(result.quantity.format())} +{result.members}  {result.verdict}", out)


def test_whose_body_it_is_and_how_the_verdicts_are_read(run):
    _, out, _ = run("evidence", "112")
    flat = " ".join(out.split()).lower()
    assert "the measures of a woman of 172 cm and 68 kg" in flat
    legend = flat[flat.index("supports, contradicts:") :]
    for result in (result for run in evidence.runs().values() for result in run.results):
        assert all(word in legend for word in result.verdict.replace(", mostly", ",").split(", "))
    _, out, _ = run("evidence", "125")
    assert not evidence.claim(125).runs and "Supports, contradicts:" not in out


@pytest.mark.parametrize("number", ["112", "137"])
def test_what_was_looked_for_is_no_paper(run, number):
    _, out, _ = run("evidence", number)
    assert "- Looked for: psoas " in out
    assert "):  " not in out  # a paper of which nothing was read


def test_json_is_whole(run):
    _, out, _ = run("evidence", "112", "--json")
    (one,) = json.loads(out)["claims"]
    assert one["feature"] == 112 and one["runs"] and one["papers"] and one["views"]
    assert {"value", "low", "high", "unit"} <= set(one["runs"][0]["results"][0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("112", "--grade", "untested"), "112 is graded supported; leave out --grade untested."),
        (("112", "--kind", "anatomy"), "112 is of the kind mechanics; leave out --kind anatomy."),
        (("112", "113"), "112 and 113 are several numbers; give one number at a time."),
        (("--", "-5"), "claim is '-5'; give a number from 105 to 163"),
        (("112.5",), "claim is '112.5'; give a number from 105 to 163"),
        (("112", "--grade", "nope"), "grade is 'nope'; give supported"),
    ],
)
def test_a_number_that_cannot_be_is_one_sentence(run, words, said):
    code, out, err = run("evidence", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(said)


def test_a_number_of_the_grade_that_was_asked_for_is_shown(run):
    assert run("evidence", "112", "--grade", "Supported") == run("evidence", "112")


@pytest.mark.parametrize("words", [("164",), ("7",), ("--grade", "true"), ("--kind", "fact")])
def test_what_it_refuses_it_refuses_in_one_sentence(run, words):
    code, out, err = run("evidence", *words)
    assert (code, out) == (2, "") and err.count("\n") == 1 and "give" in err
