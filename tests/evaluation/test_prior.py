"""The prior: the rows are the ensemble's own draws, and what a particle means agrees with the body it builds."""

from dataclasses import fields

import numpy as np
import pytest

from psoas.anatomy import tables
from psoas.anatomy.sources import load as load_sources
from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import stack
from psoas.body.paths import muscle_paths
from psoas.body.skeleton import LEVELS
from psoas.body.variation import Variation
from psoas.energy import muscle_state
from psoas.evaluation import prior
from psoas.person import Person
from psoas.uncertainty import draw

WOMAN = Person("female", 1.72, 68.0)
COUNT = 3000


@pytest.fixture(scope="module")
def drawn_by_the_ensemble():
    return [draw(place, seed=5) for place in range(COUNT)]


@pytest.fixture(scope="module")
def particles():
    return prior.particles(COUNT, 3)


@pytest.mark.parametrize("row", prior.rows(), ids=lambda row: row.name)
def test_a_row_is_spread_as_the_ensemble_draws_it(row, drawn_by_the_ensemble, particles):
    mine = prior.drawn(particles)[row.name]
    if row.name.startswith("profile_"):
        level = LEVELS.index(row.name.removeprefix("profile_"))
        theirs = np.array([v.lumbar_profile[level] for v in drawn_by_the_ensemble])
    else:
        theirs = np.array([getattr(v, row.name) for v in drawn_by_the_ensemble])
    if row.law == "rival":
        theirs = np.array([row.rivals.index(name) for name in theirs])
        for pick in range(len(row.rivals)):
            assert np.mean(mine == pick) == pytest.approx(np.mean(theirs == pick), abs=4 * np.sqrt(0.25 / COUNT))
        return
    # Kolmogorov-Smirnov: the largest distance between two distributions of 3000 is below 0.05 in 999 of 1000 cases.
    everything = np.sort(np.concatenate([mine, theirs]))
    reached = [np.searchsorted(np.sort(x), everything, side="right") / COUNT for x in (mine, theirs)]
    assert np.max(np.abs(reached[0] - reached[1])) < 0.05
    assert mine.min() == pytest.approx(theirs.min(), abs=0.05 * np.ptp(theirs))
    assert mine.max() == pytest.approx(theirs.max(), abs=0.05 * np.ptp(theirs))


def test_every_field_of_a_variation_is_drawn_or_follows():
    named = {row.name for row in prior.rows()}
    follow = {"lumbar_profile", "iliacus_stretch", "tone"}
    sides = {"flank", "breadth"}  # which no look at someone on the back can tell, nor any search there needs
    assert {field.name for field in fields(Variation)} == {
        n for n in named if not n.startswith("profile_")
    } | follow | sides


def test_every_row_names_a_source_and_a_status():
    known = load_sources()
    for row in prior.rows():
        assert row.source in known, row.name
        assert row.status in tables.STATUSES, row.name
    for parameter in prior.PARAMETERS:
        assert all(key in known for key in parameter.sources), parameter.name


def test_particles_are_standard_normal_and_the_same_every_time(particles):
    assert np.abs(particles.mean(0)).max() < 0.01
    assert np.abs(particles.std(0) - 1.0).max() < 0.01
    assert np.array_equal(particles, prior.particles(COUNT, 3))


def test_shortening_is_never_negative_and_the_sides_agree_as_stated(particles):
    short = prior.shortening(particles)
    assert short.min() >= 0.0
    assert short.max() <= prior.table()["shortening"]["most"]
    assert np.median(short) == pytest.approx(0.12 * 0.674, rel=0.05)  # half a normal curve
    assert np.corrcoef(prior.sides(particles).T)[0, 1] == pytest.approx(prior.table()["shortening"]["alike"], abs=0.03)


def test_mirrored_particles_change_sides(particles):
    mirrored = particles.copy()
    mirrored[:, 1] *= -1.0
    assert np.array_equal(prior.shortening(mirrored), prior.shortening(particles)[:, ::-1])


def test_drift_keeps_all_but_shortening_and_keeps_the_prior(particles):
    later = prior.drifted(particles, 365.25, 1)
    assert np.array_equal(later[:, 2:], particles[:, 2:])
    assert np.abs(later[:, :2].std(0) - 1.0).max() < 0.05
    assert np.corrcoef(later[:, 0], particles[:, 0])[0, 1] == pytest.approx(np.exp(-1.0), abs=0.05)
    assert np.array_equal(prior.drifted(particles, 0.0, 1), particles)


def test_standing_forces_are_those_of_the_body_built(particles):
    """The table is read between its points, so that a few percent, or a newton, may be off."""
    some = particles[:24]
    people, variations = prior.bodies(WOMAN, some)
    body = stack([build(*pair) for pair in zip(people, variations, strict=True)])
    tension = muscle_state(body, muscle_paths(body, pose(body, body.standing)).length).tension
    for found, group in zip(prior.standing_forces(WOMAN, some), ("psoas_major", "iliacus"), strict=True):
        for side, end in enumerate(("_l", "_r")):
            lines = [i for i, m in enumerate(body.tree.muscles) if m.startswith(group) and m.endswith(end)]
            assert found[:, side] == pytest.approx(tension[:, lines].sum(1), rel=0.05, abs=1.0)


def test_rest_lordosis_and_incidence_are_those_of_the_body_built(particles):
    some = particles[:12]
    people, variations = prior.bodies(WOMAN, some)
    body = stack([build(*pair) for pair in zip(people, variations, strict=True)])
    flexion = [body.tree.coordinate(level, "flexion") for level in LEVELS]
    found = prior.parameters(WOMAN, some)
    assert found["rest_lordosis"] == pytest.approx(body.neutral[:, flexion].sum(1), abs=1e-9)
    patch = body.tree.skin.index("L3_back_r")
    assert found["back_tissue"] == pytest.approx(body.skin_thickness[:, patch], abs=1e-9)
    thigh = body.tree.skin.index("thigh_2_r")
    behind = body.skin_radius[:, thigh] - body.skin_center[:, thigh, 0]
    assert np.diff(found["thigh_flesh"]) == pytest.approx(np.diff(behind), abs=1e-9)


def test_every_parameter_has_its_values(particles):
    found = prior.parameters(WOMAN, particles[:50])
    assert list(found) == [parameter.name for parameter in prior.PARAMETERS]
    assert all(np.isfinite(values).all() and values.shape == (50,) for values in found.values())
