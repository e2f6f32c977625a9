import pytest

import psoas
from psoas import errors


@pytest.mark.parametrize("child", [errors.InputError, errors.DataError])
def test_one_handler_catches_every_error(child):
    with pytest.raises(errors.PsoasError, match="stature is 17 cm"):
        raise child("stature is 17 cm; give 142 to 203 cm")


def test_the_tree_in_the_docstring_is_the_tree_in_the_code():
    classes = [item for item in vars(errors).values() if isinstance(item, type)]
    assert {item.__name__ for item in classes} == {word for word in errors.__doc__.split() if word.endswith("Error")}
    assert all(issubclass(item, errors.PsoasError) for item in classes)


@pytest.mark.parametrize("name", psoas.__all__)
def test_every_public_name_loads(name):
    assert getattr(psoas, name) is not None


def test_an_unknown_public_name_is_refused_with_those_that_exist():
    with pytest.raises(AttributeError, match=r"'pelvis'.*Quantity"):
        psoas.pelvis  # noqa: B018
