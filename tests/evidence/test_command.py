"""``psoas evidence``: the shelf, one claim, words, and what it refuses."""

import json

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
    assert "Nothing holds all of these words" in out


def test_json_is_whole(run):
    _, out, _ = run("evidence", "112", "--json")
    (one,) = json.loads(out)["claims"]
    assert one["feature"] == 112 and one["runs"] and one["papers"] and one["views"]
    assert {"value", "low", "high", "unit"} <= set(one["runs"][0]["results"][0])


@pytest.mark.parametrize("words", [("164",), ("7",), ("--grade", "true"), ("--kind", "fact")])
def test_what_it_refuses_it_refuses_in_one_sentence(run, words):
    code, out, err = run("evidence", *words)
    assert (code, out) == (2, "") and err.count("\n") == 1 and "give" in err
