"""The population run on a handful: its sums, its table and what it says of failures."""

from dataclasses import replace

import numpy as np
import pytest

from psoas.body.build import build
from psoas.equilibrium import rest
from psoas.position import position
from psoas.validation import population
from psoas.validation.__main__ import main


@pytest.fixture(scope="module")
def outcome():
    return population.run("supine", count=4, settled=1)


def test_a_good_population(outcome):
    assert outcome.converged.all()
    assert outcome.good
    assert outcome.failures == []
    (settled,) = outcome.settled
    assert settled.status == "settled"
    assert settled.agrees or settled.other


def test_a_body_that_does_not_rest_is_named_with_its_sentence(outcome):
    found = outcome.equilibria[0]
    restless = replace(
        found, converged=np.array([True, False, True, True]), messages=("At rest.", "It fell.", "At rest.", "At rest.")
    )
    bad = replace(outcome, equilibria=[restless])
    assert not bad.good
    assert bad.failures == [(outcome.people[1], "It fell.")]
    said = "\n".join(population.lines([bad]))
    assert "3 of 4 (75.0%)" in said
    assert population.describe(outcome.people[1]) + ": It fell." in said


def test_the_sums_notice_a_force_that_is_missing():
    """A foot that is pulled at, or a floor that gives way, and nothing adds up."""
    found = rest(build(population.people(1)[0]), position("constructive-rest"))
    assert population.balance(found).moment[0] < 1e-4
    pulled = found.support.grip_anchor.copy()
    pulled[:, :3, 0] += 1e-3
    dragged = population.balance(replace(found, support=replace(found.support, grip_anchor=pulled)))
    assert dragged.force[0] > 10.0
    assert dragged.moment[0] > 0.1
    softer = replace(found, support=replace(found.support, floor_coefficient=0.99 * found.support.floor_coefficient))
    sums = population.balance(softer)
    assert abs(sums.weight[0]) > 1e-3
    assert sums.force[0] > 1.0


def test_describe_tells_enough_to_build_the_body_again():
    said = population.describe(population.people(1)[0])
    for part in ("male", "cm", "kg", "BMI", "shortening left", "right", "psoas minor"):
        assert part in said


def test_the_command_ends_with_a_verdict(capsys, monkeypatch):
    monkeypatch.setattr("psoas.validation.__main__.CASES", ())
    assert main(["--bodies", "3", "--settled", "1", "--upright", "1"]) == 0
    said = capsys.readouterr().out
    assert said.rstrip().endswith("The populations are as they must be.")
    assert "constructive-rest: 1 of 1 came to the same rest" in said
    assert "0 warning counters rose" in said
    assert "standing: 1 of 1 in balance" in said
    assert "sitting: 1 of 1 in balance" in said
