"""Weight on a body: where its mass goes, what it changes, and what is not taken."""

import numpy as np
import pytest

from psoas import mjcf
from psoas.body.build import build
from psoas.body.model import GRAVITY
from psoas.equilibrium import rest
from psoas.errors import InputError
from psoas.person import Person
from psoas.position import position
from psoas.quantities import measure
from psoas.uncertainty import changes, estimate
from psoas.validation import population
from psoas.weights import MOST, TITLES, Weight, laden, weight

WOMAN = Person("female", 1.72, 68.0)
SUPINE = position("supine")


@pytest.mark.parametrize("place", MOST)
def test_the_mass_is_there_and_lies_in_front_of_the_bones(place):
    bare = build(WOMAN)
    body = laden(bare, [weight(place, 2.0)])
    assert body.mass.sum() == pytest.approx(bare.mass.sum() + 2.0)
    changed = np.flatnonzero(body.mass[0] != bare.mass[0])
    assert len(changed) == (2 if place in ("thighs", "ankles") else 1)
    assert np.all(body.mass_center[0, changed, 0] > bare.mass_center[0, changed, 0])
    assert np.all(body.inertia[0, changed] >= bare.inertia[0, changed])
    assert np.array_equal(bare.mass, build(WOMAN).mass)  # the body without it stays as it was


def test_the_center_of_mass_of_a_segment_is_that_of_both():
    bare = build(WOMAN)
    one, two = (
        laden(bare, [weight("pelvis", 2.0)]),
        laden(laden(bare, [weight("pelvis", 1.0)]), [weight("pelvis", 1.0)]),
    )
    assert two.mass_center == pytest.approx(one.mass_center, abs=1e-12)
    assert two.inertia == pytest.approx(one.inertia, abs=1e-9)


@pytest.mark.parametrize("place", MOST)
def test_what_carries_the_body_carries_the_weight_too(place):
    found = rest(laden(build(WOMAN), [weight(place, 3.0)]), SUPINE)
    assert found.converged[0]
    sums = population.balance(found)
    assert np.abs(sums.weight).max() < 1e-8
    assert sums.moment.max() < 1e-6
    total = measure(found)["support_force_total"].values[0]
    assert total == pytest.approx((68.0 + 3.0) * GRAVITY, rel=1e-6)
    target, sign = found.body.tree.mirror
    assert (found.coordinates * sign)[:, target] == pytest.approx(found.coordinates, abs=1e-7)


def test_mujoco_agrees():
    there = mjcf.settle(rest(laden(build(WOMAN), [weight("ankles", 3.0)]), SUPINE)).rest
    assert there is not None and there.agrees


def test_a_weight_on_the_pelvis_is_borne_below_it_and_the_pull_hardly_changes():
    bare, heavy = (
        estimate(WOMAN, SUPINE, weights=w, members=6, alternatives=False) for w in ((), (weight("pelvis", 5.0),))
    )
    found = changes(bare, heavy)
    assert found["support_force_pelvis"].quantity.value > 20.0 and found["support_force_pelvis"].sure
    assert abs(found["psoas_major_passive_force_left"].quantity.value) < 10.0
    assert heavy.weights == (Weight("pelvis", 5.0),)


def test_nothing_is_nothing():
    body = build(WOMAN)
    assert laden(body, []) is body
    assert set(TITLES) == set(MOST)
    assert not {"neck", "face", "head"} & set(MOST)


@pytest.mark.parametrize(
    ("place", "mass", "said"),
    [
        ("neck", 1.0, "weight lies on 'neck'; give heart, belly, pelvis, thighs or ankles"),
        ("heart", 4.0, "weight on the heart is 4 kg; give 0.1 to 3 kg"),
        ("pelvis", 0.0, "weight on the pelvis is 0 kg; give 0.1 to 5 kg"),
        ("belly", float("nan"), "weight on the belly is nan kg"),
    ],
)
def test_what_is_not_taken(place, mass, said):
    with pytest.raises(InputError, match=said):
        weight(place, mass)


def test_no_more_than_a_tenth_in_all():
    with pytest.raises(InputError, match=r"weights are 8 kg together; give at most 6.8 kg, a tenth of the body's mass"):
        laden(build(WOMAN), [weight("pelvis", 5.0), weight("thighs", 3.0)])
