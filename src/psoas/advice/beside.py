"""What would be otherwise: the bodies of a set-up laid down once more with one thing changed, each against itself.

A mattress, another place for the hands, a weight. What counts as a difference is assumed, as in the search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from psoas.advice.search import SAME_GAP, SAME_PULL, Found
from psoas.body.model import Array
from psoas.equilibrium import Equilibrium
from psoas.position import Position
from psoas.quantities import measure
from psoas.report import amount
from psoas.uncertainty import FEWEST, HIGH, LOW, settle_all
from psoas.units import Quantity, display, format_number
from psoas.weights import TITLES, Weight

SAME_CURVE = 3.0
"""Difference of two lumbar curves that counts as none; assumed, 2 to 5 [deg]."""
SAME_LOAD = 10.0
"""Difference in what one place bears that counts as none; assumed, 5 to 20 [N]."""
HANDS = {"sides": "by your sides", "belly": "on your belly", "ribs": "on your ribs"}
MUSCLE = ("pull", "lumbar_lordosis")
"""What is told of every change."""
BORNE = ("head", "upper_back", "ribs", "lumbar", "pelvis", "thigh", "calf", "foot")
WORDS: Mapping[str, str] = {
    "pull": "pull of psoas and iliacus, a side,",
    "lumbar_lordosis": "lumbar curve",
    "lumbar_gap": "gap under the small of the back",
    "thigh_gap": "gap under the thighs",
    "head": "head bears", "upper_back": "upper back bears", "ribs": "lower ribs bear", "lumbar": "small of the back bears",
    "pelvis": "pelvis bears", "thigh": "thighs bear", "calf": "calves bear", "foot": "feet bear",
}  # fmt: skip
"""What is compared, in words."""


@dataclass(frozen=True)
class Beside:
    """A set-up with one thing changed.

    Attributes:
        id: What is changed, such as ``surface=mattress``.
        title: In words, such as "on a mattress".
        changes: By what is compared, a key of :data:`WORDS`: the median over the bodies, each against itself, and its 5th
            and 95th percentile, signed, each in its own unit. Empty where too few bodies rest there.
        matters: Which of them are more than counts as none, in the median and with one sign in nine bodies of ten.
        message: Why there is no comparison; empty where there is one.
    """

    id: str
    title: str
    changes: Mapping[str, Quantity]
    matters: tuple[str, ...]
    message: str = ""

    def sentence(self) -> str:
        """The changes in one or two sentences."""
        if self.message:
            return f"{self.title[:1].upper()}{self.title[1:]}: {self.message}"
        told = ", ".join(self._change(name) for name in MUSCLE)
        more = [self._change(name) for name in self.matters if name not in MUSCLE]
        return f"{self.title[:1].upper()}{self.title[1:]}: {told}{'; ' if more else ''}{', '.join(more)}. {self._verdict(more)}"

    def _change(self, name: str) -> str:
        q = self.changes[name]
        value, low, high = (_signed(x) for x in (q.value, q.low, q.high))
        return f"{WORDS[name]} {value} {display(q.unit)} ({low} to {high})"

    def _verdict(self, more: Sequence[str]) -> str:
        """What follows from the changes, one sentence."""
        pull, told = abs(self.changes["pull"].value), [WORDS[name] for name in MUSCLE if name in self.matters]
        if told:
            return f"Of muscle and curve, this counts as different: {' and '.join(told)}."
        little = f"{pull:.1f} N a side, where {SAME_PULL:.0f} would count."
        if self.id.startswith("arms="):
            return f"No reason to prefer either: {little}"
        return f"{'What bears you changes, the muscle does not' if more else 'The muscle does not change'}: {little}"


def on(found: Found, surface: str) -> Beside:
    """The set-up on another surface, its numbers as they are.

    Args:
        found: A set-up.
        surface: One of ``psoas.position.SURFACES``.
    Returns:
        See :class:`Beside`.
    Raises:
        InputError: No such surface.
        DataError: A table lacks a row.
    """
    lying = found.setup.position.with_values(surface)
    return _beside(found, f"surface={surface}", f"on a {surface} instead", lying)


def hands(found: Found) -> tuple[Beside, ...]:
    """The set-up with the hands in each other place.

    Args:
        found: A set-up.
    Returns:
        One for each other place; see :class:`Beside`.
    Raises:
        DataError: A table lacks a row.
    """
    lying = found.setup.position
    return tuple(
        _beside(found, f"arms={where}", f"hands {words} instead", lying.with_values(arms=where))
        for where, words in HANDS.items()
        if where != lying["arms"]
    )


def under(found: Found, weights: Sequence[Weight]) -> Beside:
    """The set-up with weights on the body.

    Args:
        found: A set-up.
        weights: What lies on the body, one or more.
    Returns:
        See :class:`Beside`.
    Raises:
        InputError: The weights are too much for these bodies.
        DataError: A table lacks a row.
    """
    named = " and ".join(f"{w.mass:g} kg {TITLES[w.place]}" for w in weights)
    id = "weight=" + ",".join(f"{w.place}={w.mass:g}kg" for w in weights)
    return _beside(found, id, f"with {named}", found.setup.position, weights)


def hands_note(found: Found, others: Sequence[Beside]) -> list[str]:
    """What to say of where the hands lie, a sentence if there is one.

    Args:
        found: A set-up.
        others: What would be otherwise; only other places of the hands are looked at.
    Returns:
        One sentence, or none where nothing was compared.
    """
    places = [one for one in others if one.id.startswith("arms=") and not one.message]
    if not places:
        return []
    here = HANDS[str(found.setup.position["arms"])]
    most, curve = (max(abs(one.changes[name].value) for one in places) for name in MUSCLE)
    if any(name in one.matters for one in places for name in MUSCLE):
        return [f"Hands {here}: elsewhere the pull changes by up to {most:.0f} N a side, by the model; --why says how."]
    return [
        f"Hands {here}, or elsewhere below the shoulders: the model has no reason to prefer a place (the most that changes is"
        f" {most:.1f} N a side and {curve:.1f} degrees of lumbar curve)."
    ]


def beside_json(one: Beside) -> dict[str, object]:
    """As plain values for JSON."""
    return {
        "id": one.id,
        "title": one.title,
        "message": one.message,
        "changes": {
            name: {
                "title": WORDS[name],
                **{end: amount(getattr(q, end), q.unit, si=False) for end in ("value", "low", "high")},
                "matters": name in one.matters,
            }
            for name, q in one.changes.items()
        },
    }


def _beside(found: Found, id: str, title: str, lying: Position, weights: Sequence[Weight] = ()) -> Beside:
    other = settle_all(found.bodies, lying, found.setup.props, found.rested, weights)
    both = found.rested.converged & other.converged
    if both.sum() < FEWEST * both.size:
        return Beside(id, title, {}, (), f"only {both.sum()} of {both.size} bodies come to rest so.")
    before, after = _compared(found.rested), _compared(other)
    changes: dict[str, Quantity] = {}
    matters = []
    for name, (unit, values, same) in after.items():
        if name not in before:
            continue
        change = (values - before[name][1])[both]
        low, middle, high = (float(x) for x in np.percentile(change, [LOW, 50.0, HIGH]))
        changes[name] = Quantity(name, middle, unit, low, high)
        if abs(middle) > same and max(np.mean(change > 0.0), np.mean(change < 0.0)) >= 0.9:
            matters.append(name)
    return Beside(id, title, changes, tuple(matters))


def _compared(found: Equilibrium) -> dict[str, tuple[str, Array, float]]:
    """Unit, values (members,) and what counts as none, of each thing in :data:`WORDS`."""
    of = {name: one.values for name, one in measure(found).items()}
    sides = [of[f"psoas_major_passive_force_{s}"] + of[f"iliacus_passive_force_{s}"] for s in ("left", "right")]
    told: dict[str, tuple[str, Array, float]] = {
        "pull": ("N", np.maximum(*sides), SAME_PULL),
        "lumbar_lordosis": ("deg", of["lumbar_lordosis"], SAME_CURVE),
        "lumbar_gap": ("mm", of["lumbar_gap"], SAME_GAP),
    }
    if not found.position.legs_bent:
        told["thigh_gap"] = ("mm", np.maximum(of["thigh_gap_left"], of["thigh_gap_right"]), SAME_GAP)
    for place in BORNE:
        names = [f"support_force_{place}{end}" for end in ("", "_left", "_right")]
        told[place] = ("N", np.sum([of[n] for n in names if n in of], axis=0), SAME_LOAD)
    return told


def _signed(number: float) -> str:
    """A change to one place where it is small, with its sign."""
    text = format_number(abs(number), 1 if abs(number) < 3.0 else 0)
    return text if float(text) == 0.0 else ("+" if number > 0.0 else "−") + text
