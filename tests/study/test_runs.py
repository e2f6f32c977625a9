"""The claims' runs: what the package shows is what the model gives, and verdicts say what they say they do."""

import json
from importlib.resources import files

import numpy as np
import pytest

from psoas import evidence
from psoas.study import CLAIMS, Asked, Bench, Reading, runs
from psoas.study.readings import BENT, STRAIGHT, change, of

KEPT = json.loads((files("psoas.evidence") / "runs.json").read_text(encoding="utf-8"))
FEW = Bench(members=2)
"""The default body does not depend on how many others there are."""


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_what_is_shown_is_what_the_model_gives(claim):
    kept = KEPT["runs"][claim.id]
    assert kept["says"] == claim.says
    assert [row["what"] for row in kept["results"]] == [test.what for test in claim.tests]
    for row, test in zip(kept["results"], claim.tests, strict=True):
        assert test.ask(FEW).nominal == pytest.approx(row["default"], abs=1e-3 * test.matters), "run make evidence"


def test_the_first_members_are_those_that_are_shown():
    reading = change("psoas_major_length_left", STRAIGHT, BENT)(FEW)
    row = next(r for r in KEPT["runs"]["rest-lengthens"]["results"] if r["unit"] == "mm")
    assert np.all((reading.values > row["low"] - 10) & (reading.values < row["high"] + 10))
    assert row["members"] == KEPT["members"] == 96


def test_nothing_is_kept_that_is_no_run():
    assert list(KEPT["runs"]) == [claim.id for claim in CLAIMS] == list(evidence.runs())


@pytest.mark.parametrize(
    ("values", "claimed", "said"),
    [
        (np.linspace(2, 4, 96), 1, "supports"),
        (np.linspace(2, 4, 96), -1, "contradicts"),
        (np.linspace(2, 4, 96), 0, "more"),
        (np.linspace(-4, -2, 96), 0, "less"),
        (np.linspace(-2, 4, 96), 1, "cannot tell"),
        (np.linspace(-0.5, 0.5, 96), 1, "too small to notice"),
        (np.linspace(0.2, 1.2, 96), 1, "supports, mostly too small to notice"),
    ],
)
def test_verdicts(values, claimed, said):
    reading = Reading(float(values[0]), values, np.arange(96))
    assert runs.verdict(Asked("x", lambda bench: reading, "N", claimed, 1.0), reading) == said


def test_rivals_are_told_apart():
    reading = of("psoas_major_passive_force_left", STRAIGHT)(FEW)
    everyone = Reading(0.0, np.arange(96.0), np.arange(96))
    table = runs.groups(everyone)
    assert set(table) == set(runs.RIVALS)
    assert all(sum(count for _, _, count in kinds.values()) <= 96 for kinds in table.values())
    assert not runs.groups(reading)["psoas path"]  # two members are too few for a group
