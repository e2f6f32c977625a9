"""One thing changed: what a mattress, other places of the hands and a weight do to bodies at rest in a set-up."""

import json
from dataclasses import replace

import numpy as np
import pytest

from psoas.advice import beside
from psoas.advice.search import SAME_PULL, search
from psoas.energy import GRAVITY
from psoas.errors import InputError
from psoas.person import Person
from psoas.position import position
from psoas.props import prop
from psoas.uncertainty import settle_all
from psoas.weights import weight

WOMAN = Person("female", 1.72, 68.0)
FEW = 4


@pytest.fixture(scope="module")
def bent():
    return search(WOMAN, position("constructive-rest"), [prop("towel")], members=FEW)


def test_a_mattress_gives_way_under_what_presses_and_meets_what_hangs(bent):
    changed = beside.on(bent, "mattress")
    assert changed.changes["lumbar_gap"].high < 0.0 < changed.changes["lumbar"].value
    assert changed.changes["pelvis"].value < 0.0
    assert "lumbar_gap" in changed.matters
    assert changed.sentence().startswith("On a mattress instead: pull of psoas and iliacus, a side, ")


def test_changes_are_counted_body_by_body(bent):
    there = settle_all(bent.bodies, bent.setup.position.with_values("mattress"), bent.setup.props, bent.rested)
    tree = bent.rested.body.tree
    levels = [tree.coordinate(level, "flexion") for level in ("L5", "L4", "L3", "L2", "L1", "T12")]
    own = np.degrees((there.coordinates[:, levels] - bent.rested.coordinates[:, levels]).sum(1))
    assert beside.on(bent, "mattress").changes["lumbar_lordosis"].value == pytest.approx(np.median(own), abs=1e-9)


def test_the_same_surface_changes_nothing_that_counts(bent):
    same = beside.on(bent, "floor")
    assert same.matters == ()
    assert abs(same.changes["pull"].value) < 1.0


def test_hands_elsewhere_are_no_reason(bent):
    others = beside.hands(bent)
    assert [one.id for one in others] == ["arms=sides", "arms=ribs"]
    assert all(abs(one.changes["pull"].value) < 3.0 for one in others)
    [note] = beside.hands_note(bent, others)
    assert note.startswith("Hands on your belly, or elsewhere") and " no reason to prefer a place (" in note
    assert all("No reason to prefer either: " in one.sentence() for one in others)


def test_where_hands_would_matter_it_says_so(bent):
    one = beside.hands(bent)[0]
    strong = replace(one, changes={**one.changes, "pull": replace(one.changes["pull"], value=20.0)}, matters=("pull",))
    [note] = beside.hands_note(bent, [strong])
    assert "elsewhere the pull changes by up to 20 N a side" in note
    assert "this counts as different: pull of psoas and iliacus" in strong.sentence()


def test_a_weight_presses_and_does_not_pull(bent):
    changed = beside.under(bent, [weight("pelvis", 3.0)])
    assert changed.title == "with 3 kg over the pelvis"
    assert abs(changed.changes["pull"].value) < 0.5 * SAME_PULL
    borne = changed.changes["pelvis"].value
    assert 0.5 * 3.0 * GRAVITY < borne < 1.1 * 3.0 * GRAVITY
    assert "What bears you changes, the muscle does not: " in changed.sentence()


def test_what_cannot_be_laid_on_is_refused(bent):
    with pytest.raises(InputError, match="weights are 8 kg together"):
        beside.under(bent, [weight("pelvis", 5.0), weight("heart", 3.0)])
    with pytest.raises(InputError, match="surface is 'water'"):
        beside.on(bent, "water")


def test_where_too_few_rest_there_is_a_sentence_and_no_number(bent, monkeypatch):
    lost = replace(bent.rested, converged=np.zeros(FEW, dtype=bool))
    monkeypatch.setattr(beside, "settle_all", lambda *_: lost)
    one = beside.on(bent, "mattress")
    assert one.changes == {} and one.sentence() == "On a mattress instead: only 0 of 4 bodies come to rest so."


def test_as_json(bent):
    told = json.loads(json.dumps(beside.beside_json(beside.on(bent, "mattress")), allow_nan=False))
    assert told["id"] == "surface=mattress"
    assert told["changes"]["pull"]["value"]["unit"] == "N"
    assert told["changes"]["lumbar_gap"]["matters"] is True
