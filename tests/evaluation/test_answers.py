"""A look as numbers: errors, touching, and what nobody could tell."""

from dataclasses import dataclass

import numpy as np
import pytest

from psoas.evaluation.answers import END, PLACES, Answers
from psoas.noticing import places, seen

millimeter = 1e-3


@dataclass(frozen=True)
class Bodies:
    gaps: np.ndarray
    error: np.ndarray
    together: np.ndarray


def bodies(*gaps, error=0.0, together=None):
    """Bodies whose five gaps are alike [mm]."""
    found = np.repeat(np.array(gaps, dtype=float)[:, None], 5, axis=1) * millimeter
    return Bodies(found, np.full_like(found, error * millimeter), np.eye(5) if together is None else together)


def test_places_and_their_order_are_those_of_the_look():
    assert tuple(place.id for place in places()) == PLACES


def test_the_range_of_an_answer_is_a_90_percent_interval():
    answers = Answers.of({"lumbar_arch": seen("3 cm", "helper"), "thigh_left": seen("2 fingers", "helper")})
    assert answers.error[0] * END == pytest.approx(5 * millimeter)
    assert answers.error[3] * END == pytest.approx((44 + 5 - 36) * millimeter)
    assert answers.telling


def test_nobody_could_tell_means_that_all_bodies_are_alike():
    answers = Answers.of({place: seen("can't tell") for place in PLACES})
    assert not answers.telling
    assert answers.weights(bodies(0, 20, 90)) == pytest.approx([1 / 3] * 3)
    assert answers.least_surprise(bodies(0, 20, 90)) == 0.0


def test_a_gap_is_most_likely_where_it_was_seen():
    answers = Answers.of({"ribs_left": seen("3 cm", "helper")})
    weight = answers.weights(bodies(10, 25, 30, 35, 50))
    assert np.argmax(weight) == 2
    assert weight[1] == pytest.approx(weight[3])
    assert weight[1] / weight[2] == pytest.approx(np.exp(-0.5 * (5 * END / 5) ** 2))


def test_touching_says_nothing_of_how_firmly():
    answers = Answers.of({"thigh_left": seen("0", "helper")})
    weight = answers.weights(bodies(-8, 0, 3, 20))
    assert weight[0] == weight[1]
    assert weight[1] > weight[2] > 100 * weight[3]
    assert answers.surprise(bodies(-8))[0, 3] == 0.0


def test_what_the_emulator_does_not_know_widens_an_answer():
    answers = Answers.of({"lumbar_arch": seen("3 cm", "photo")})
    sure, unsure = (answers.weights(bodies(30, 40, error=e)) for e in (0.0, 10.0))
    assert sure[1] < unsure[1] < 0.5


def test_errors_that_go_together_tell_only_once():
    both = Answers.of({"ribs_left": seen("3 cm", "photo"), "ribs_right": seen("3 cm", "photo")})
    one = Answers.of({"ribs_left": seen("3 cm", "photo")})
    bound = np.full((5, 5), 0.999) + 0.001 * np.eye(5)
    apart, together, single = (
        answers.weights(bodies(30, 45, error=20.0, together=matrix))[1]
        for answers, matrix in ((both, np.eye(5)), (both, bound), (one, bound))
    )
    assert apart < together
    assert together == pytest.approx(single, rel=0.02)


def test_distance_is_that_of_the_multivariate_normal(rng):
    root = rng.standard_normal((5, 5))
    matrix = root @ root.T
    matrix /= np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    answers = Answers.of({place: seen("3 cm", "helper") for place in PLACES})
    here = Bodies(rng.uniform(0.01, 0.06, (7, 5)), rng.uniform(0.001, 0.01, (7, 5)), matrix)
    log = []
    for gaps, error in zip(here.gaps, here.error, strict=True):
        spread = matrix * np.outer(error, error) + np.diag(answers.error**2)
        off = gaps - 0.03
        log.append(-0.5 * off @ np.linalg.inv(spread) @ off - 0.5 * np.log(np.linalg.det(spread)))
    expected = np.exp(np.array(log) - max(log))
    assert answers.weights(here) == pytest.approx(expected / expected.sum())


def test_what_was_seen_is_what_the_errors_would_give(rng):
    """Drawn from the tobit model itself, answers weigh bodies as often as they come from them."""
    gaps, error = np.array([0.0, 2.0, 5.0]), 5.0 / END
    bodily, came, weighed = bodies(*gaps), np.zeros(3), np.zeros(3)
    for _ in range(1500):
        k = rng.integers(3)
        said = max(gaps[k] + error * rng.standard_normal(), 0.0)
        weight = Answers.of({"ribs_right": seen(f"{said / 10} cm", "helper")}).weights(bodily)
        came[k] += 1
        weighed += weight
    assert weighed / weighed.sum() == pytest.approx(came / came.sum(), abs=0.04)


def test_wider_answers_are_less_surprised():
    answers = Answers.of({"lumbar_arch": seen("3 cm", "photo")})
    assert answers.widened(2.0).least_surprise(bodies(40)) == pytest.approx(0.5 * answers.least_surprise(bodies(40)))
