"""The evidence as a whole, and every rule that its reader holds it to."""

import re
from dataclasses import replace
from importlib.resources import files

import pytest

from psoas import evidence
from psoas.errors import DataError, InputError
from psoas.evidence import shelf
from psoas.evidence.claim import CARRIES

ROW = {
    "id": "a-claim", "feature": 137, "title": "Does it?", "statement": "It does.", "kind": "mechanics", "grade": "supported",
    "reason": "One paper says so [wilke_1999].", "known": ["It was measured [wilke_1999]."], "unknown": "", "ask": "",
    "looked": "Looked.", "papers": ["wilke_1999"], "runs": ["rest-lengthens"], "related": [112],
    "view": [{"holds": "It does.", "stance": "yes", "said": [{"source": "002", "who": "author"}]}],
}  # fmt: skip


# -- what is there ------------------------------------------------------------------------------------


def test_every_feature_has_its_claim():
    assert [one.feature for one in evidence.claims()] == list(range(evidence.FIRST, evidence.LAST + 1))
    assert len({one.id for one in evidence.claims()}) == len(evidence.claims())


@pytest.mark.parametrize("claim", evidence.claims(), ids=lambda claim: claim.id)
def test_every_claim_is_whole(claim):
    assert claim.statement.endswith(".") and claim.reason and claim.known and claim.looked and claim.views
    assert all(view.said and view.holds for view in claim.views)
    if claim.form == "question":
        assert claim.ask, "a question ends with what to ask a professional"
    if claim.form == "disagreement":
        assert len(claim.views) >= 2, "a disagreement has two sides"
    for text in (claim.title, claim.statement, claim.reason, claim.short, *claim.known, claim.unknown, claim.ask):
        assert "!" not in text
        assert not re.search(r"\bshould\b", text, re.IGNORECASE), text
        assert "http" not in text and "www." not in text


def test_every_view_names_a_role_and_nobody():
    """A reader is a reader; the authors are named as their texts name them."""
    names = {
        said.words.split(",")[0].split(" (")[0] for one in evidence.claims() for view in one.views for said in view.said
    }
    assert names <= {"a reader", "another site", *(text.author for text in evidence.texts().values())}


def test_every_paper_bears_on_something_and_says_how_much_was_read():
    used = {paper.key for one in evidence.claims() for paper in one.papers}
    assert used == set(evidence.papers())
    for paper in evidence.papers().values():
        assert paper.limits and (paper.found or paper.read == "title")
        assert re.fullmatch(r"(10\.\d{4,9}/\S+)?", paper.doi), paper.key
        assert paper.key.endswith((str(paper.year), *(f"{paper.year}{c}" for c in "bcd")))


def test_every_run_bears_on_a_claim():
    used = {run.id for one in evidence.claims() for run in one.runs}
    of_looks = {"ribs-up", "thighs-up", "rib-shear", "pelvis-tips", "hip-extension", "back-curve", "towel"}
    assert set(evidence.runs()) - used <= of_looks  # those test what stands under features 7 to 61


def test_a_number_shown_is_a_number_of_its_run():
    for run in evidence.runs().values():
        for result in run.results:
            assert result.quantity.low <= result.quantity.value <= result.quantity.high
            assert 0 < result.members <= 96


# -- looking for something ----------------------------------------------------------------------------


def test_a_claim_is_found_by_number_and_id():
    one = evidence.claim(112)
    assert evidence.claim("112") is one is evidence.claim(one.id) is evidence.claim(f" {one.id.upper()} ")


@pytest.mark.parametrize("wanted", [104, 164, "no-such-thing", "", "x" * 500])
def test_a_claim_that_is_none_is_refused_in_one_sentence(wanted):
    with pytest.raises(InputError, match=r"^claim is '.{0,40}'; give a number from 105 to 163") as told:
        evidence.claim(wanted)
    assert len(str(told.value)) < 200


def test_words_find_claims_and_all_of_them_have_to_be_there():
    found = evidence.find("breath")
    assert 115 in [one.feature for one in found]
    assert set(evidence.find("breath diaphragm")) <= set(found)
    assert evidence.find("breath zebra") == ()
    assert evidence.find("112")[0].feature == 112
    assert evidence.find("") == evidence.claims()


@pytest.mark.parametrize("grade", evidence.GRADES)
def test_a_grade_finds_its_own(grade):
    assert all(one.grade == grade for one in evidence.find(grade=grade))


def test_parts_of_the_shelf_make_the_whole():
    assert sum(len(evidence.find(form=form)) for form in evidence.FORMS) == len(evidence.claims())
    assert sum(len(evidence.find(kind=kind)) for kind in evidence.KINDS) == len(evidence.claims())


@pytest.mark.parametrize("named", [{"grade": "true"}, {"kind": "fact"}, {"form": "x" * 300}])
def test_a_grade_that_is_none_is_refused(named):
    with pytest.raises(InputError, match=r"; give \w+"):
        evidence.find(**named)


# -- the rules ----------------------------------------------------------------------------------------


@pytest.fixture
def read(monkeypatch):
    """The reader, over one paper of which as much was read as a test says."""

    def with_paper(how="abstract"):
        paper = replace(next(iter(evidence.papers().values())), key="wilke_1999", read=how)
        monkeypatch.setattr(shelf, "papers", lambda: {"wilke_1999": paper})

    with_paper()
    return with_paper


def test_a_whole_row_is_read(read):
    made = shelf._claim(ROW)
    assert made.papers[0].key == "wilke_1999" and made.runs[0].verdict == "contradicts"
    assert made.form == "disagreement"


@pytest.mark.parametrize("how", evidence.READ)
def test_nothing_is_graded_above_what_was_read(read, how):
    read(how)
    if how in CARRIES:
        assert shelf._claim(ROW).grade == "supported"
    else:
        with pytest.raises(DataError, match="graded supported with nothing read"):
            shelf._claim(ROW)
        assert shelf._claim({**ROW, "grade": "untested"})


def test_a_run_alone_carries_no_grade(read):
    with pytest.raises(DataError, match="with nothing read"):
        shelf._claim({**ROW, "papers": [], "known": [], "reason": "The model says so."})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"papers": ["nobody_2000"]}, "names paper 'nobody_2000'"),
        ({"runs": ["no-run"]}, "names run 'no-run'"),
        ({"known": ["See [nobody_2000]."]}, "names paper 'nobody_2000'"),
        ({"grade": "true"}, "give anatomy"),
        ({"kind": "fact"}, "give anatomy"),
        ({"feature": 12}, "give 105 to 163"),
        ({"view": [{"holds": "x", "stance": "maybe", "said": []}]}, "stance 'maybe'"),
        ({"view": [{"holds": "x", "stance": "yes", "said": [{"source": "009", "who": "author"}]}]}, "text '009'"),
        ({"view": [{"holds": "x", "stance": "yes", "said": [{"source": "002", "who": "Jo"}]}]}, "names 'Jo'"),
    ],
)  # fmt: skip
def test_a_row_that_breaks_a_rule_is_named(read, change, said):
    with pytest.raises(DataError, match=said):
        shelf._claim({**ROW, **change})


def test_a_row_that_lacks_a_field_is_named(read):
    with pytest.raises(DataError, match="claim 137 has no looked"):
        shelf._claim({name: value for name, value in ROW.items() if name != "looked"})


def test_a_feature_twice_is_refused(read, monkeypatch):
    monkeypatch.setattr(shelf, "_read", lambda name: {"claim": [ROW] if name != "claims.toml" else []})
    with pytest.raises(DataError, match="feature 137 has more than one claim"):
        shelf.claims.__wrapped__()


def test_files_hold_no_address():
    for name in ("questions.toml", "disagreements.toml", "claims.toml", "papers.toml", "sources.toml", "shelf.toml"):
        text = (files("psoas.evidence") / name).read_text(encoding="utf-8")
        assert "://" not in text and "www." not in text, name
