"""Things that carry a part of the body: so far, what can lie under the head."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from psoas.anatomy import tables
from psoas.errors import InputError

TITLES = {
    "towel": "folded flat towel under the head (002: if trunk and head are not parallel with the floor)",
    "pillow": "pillow under the head (004: find what supports you need)",
    "folded-blanket": "folded blanket under the head",
}


@dataclass(frozen=True)
class Prop:
    """A prop of some thickness, before anything lies on it.

    Its numbers are rows of ``props.csv``, all assumed: no measurement of them was found. Use :func:`prop`, which checks the
    thickness; this class does not.
    """

    id: str
    """What it is called: a key of ``TITLES``."""
    title: str
    """What it is, in people's words."""
    under: str
    """The region of skin it lies under."""
    thickness: float
    """As folded [m]."""
    low: float
    """Least thickness that is taken [m]."""
    high: float
    """Most thickness that is taken [m]."""
    length: float
    """Along the body [m]."""
    modulus: float
    """Of its column when pressed [Pa]."""


@cache
def props() -> Mapping[str, Prop]:
    """All props by id, each at its usual thickness (``props.csv``).

    Raises:
        DataError: The table lacks a row of a prop.
    """
    table = tables.load("props")
    number = lambda id, quantity: table.get(id, quantity).number  # noqa: E731
    return MappingProxyType(
        {
            id: Prop(
                id, title, "head", number(id, "thickness"), number(id, "thickness_low"), number(id, "thickness_high"),
                number(id, "length"), number(id, "modulus"),
            )
            for id, title in TITLES.items()
        }
    )  # fmt: skip


def prop(id: str, thickness: float | None = None) -> Prop:
    """One prop by id.

    Args:
        id: What it is: ``towel``, ``pillow`` or ``folded-blanket``.
        thickness: As folded; its usual thickness (``props.csv``) where not given [m].
    Returns:
        The prop.
    Raises:
        InputError: No such prop, or a thickness it cannot have.
        DataError: The table lacks a row of a prop.
    """
    known = props()
    if id not in known:
        near = get_close_matches(id, known, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"prop is {id!r}; give {', '.join(list(known)[:-1])} or {list(known)[-1]}{hint}")
    usual = known[id]
    if thickness is None:
        return usual
    if not math.isfinite(thickness) or not usual.low <= thickness <= usual.high:
        raise InputError(
            f"{id} thickness is {thickness * 100:g} cm; give {usual.low * 100:g} to {usual.high * 100:g} cm"
        )
    return replace(usual, thickness=thickness)
