"""Things that carry a part of the body, and piles of them: under the head, under the shoulders and the head, under the calves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from psoas import units
from psoas.anatomy import tables
from psoas.errors import InputError

PLACES = ("head", "shoulders", "calves", "between-knees")
"""What a prop can lie under; under the shoulders it carries the head as well. Between the knees it lies under the upper leg."""
ALSO = {"blanket": "folded-blanket", "sofa-cushion": "cushion"}
"""Other words that are understood."""
WORDS = {"head": "head", "shoulders": "shoulders and head", "calves": "calves", "between-knees": "knees"}
"""The same in people's words."""
TITLES = {
    "towel": "folded flat towel (002: under the head, if trunk and head are not parallel with the floor)",
    "pillow": "pillow (004: find what supports you need)",
    "folded-blanket": "folded blanket",
    "cushion": "firm seat or sofa cushion (004)",
    "bolster": "bolster across or along the spine (004)",
    "block": "foam block, flat",
    "chair": "seat of a chair, a stool or a sofa, under the calves",
}
USUAL_PLACE = {"towel": "head", "pillow": "head", "folded-blanket": "head", "chair": "calves"}
"""Where a prop lies when nobody says; the others under the shoulders."""


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
    """One of :data:`PLACES`. Props under the same place lie on each other, the first lowest."""
    thickness: float
    """As folded; of a chair, the height of its seat [m]."""
    low: float
    """Least thickness that is taken [m]."""
    high: float
    """Most thickness that is taken [m]."""
    length: float
    """Along the body [m]."""
    modulus: float
    """Of what gives way when pressed [Pa]."""
    soft: float
    """How much of its thickness gives way: all of a pillow, the padding of a chair [m]."""

    @property
    def compliance(self) -> float:
        """How far it gives way for a pressure [m/Pa]."""
        return self.soft / self.modulus


@cache
def props() -> Mapping[str, Prop]:
    """All props by id, each at its usual thickness and place (``props.csv``).

    Raises:
        DataError: The table lacks a row of a prop.
    """
    table = tables.load("props")
    number = lambda id, quantity: table.get(id, quantity).number  # noqa: E731
    found = {}
    for id, title in TITLES.items():
        thickness = number(id, "thickness")
        found[id] = Prop(
            id, title, USUAL_PLACE.get(id, "shoulders"), thickness, number(id, "thickness_low"),
            number(id, "thickness_high"), number(id, "length"), number(id, "modulus"),
            number(id, "padding") if id == "chair" else thickness,
        )  # fmt: skip
    return MappingProxyType(found)


def prop(id: str, thickness: float | None = None, under: str | None = None) -> Prop:
    """One prop by id.

    Args:
        id: What it is: a key of ``TITLES``, such as ``towel``, or of ``ALSO``.
        thickness: As folded; its usual thickness (``props.csv``) where not given [m].
        under: One of :data:`PLACES`; its usual place where not given.
    Returns:
        The prop.
    Raises:
        InputError: No such prop or place, or a thickness it cannot have.
        DataError: The table lacks a row of the prop.
    """
    known, id = props(), ALSO.get(id, id)
    if id not in known:
        near = get_close_matches(id, known, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"prop is {id!r}; give {', '.join(list(known)[:-1])} or {list(known)[-1]}{hint}")
    usual = known[id]
    if under is not None:
        if under not in PLACES:
            raise InputError(f"{id} lies under {under!r}; give {', '.join(PLACES[:-1])} or {PLACES[-1]}")
        if (id == "chair") != (under == "calves"):
            carried = "a chair carries the calves" if id == "chair" else "only a chair carries the calves"
            raise InputError(f"{id} lies {where_words(under)}; {carried}")
        usual = replace(usual, under=under)
    if thickness is None:
        return usual
    if not units.within(thickness, usual.low, usual.high):
        raise InputError(
            f"{id} thickness is {thickness * 100:g} cm; give {usual.low * 100:g} to {usual.high * 100:g} cm"
        )
    return replace(usual, thickness=thickness, soft=usual.soft if id == "chair" else thickness)


def where_words(place: str, whose: str = "the") -> str:
    """Where a prop lies, one of :data:`PLACES`, in people's words: ``under the head``, ``between your knees``."""
    return f"{'between' if place == 'between-knees' else 'under'} {whose} {WORDS[place]}"


def furnished(under: Mapping[str, str], given: Sequence[Prop] = ()) -> list[Prop]:
    """What was given, and the usual prop wherever a position needs something and nothing was given.

    Args:
        under: What the position needs, as in ``Position.under``.
        given: Props.
    Returns:
        The props, the given ones first.
    """
    taken = {prop.under for prop in given}
    return [*given, *(prop(id, under=place) for place, id in under.items() if place not in taken)]
