"""Bodies that several tests share: an average one, and a lopsided one."""

import numpy as np
import pytest

from psoas.body.build import build
from psoas.person import Limb, Person

AVERAGE = Person("female", 1.72, 68.0)
LOPSIDED = Person("male", 1.83, 88.0, psoas_minor=True, right=Limb(hip_flexor_shortening=0.15))


@pytest.fixture(scope="session")
def average():
    return build(AVERAGE)


@pytest.fixture(scope="session")
def lopsided():
    return build(LOPSIDED)


@pytest.fixture(params=["average", "lopsided"])
def body(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def rng():
    return np.random.default_rng(0)
