"""One person's ensemble at rest at many values of one choice: the raw material of a search."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from psoas.body.model import Array
from psoas.equilibrium import Equilibrium, rest_again
from psoas.errors import InputError
from psoas.placement import place
from psoas.position import Position
from psoas.props import Prop
from psoas.quantities import measure
from psoas.uncertainty import HIGH, LOW, Ensemble, settle_all

ENOUGH = 0.75
"""Share of them that must come to rest for a value to count."""
Told = Callable[[float], None]
"""Hears which share of a search is done."""


@dataclass(frozen=True)
class Sweep:
    """An ensemble at ``n`` values of one choice."""

    name: str
    """What was varied, such as ``heel_distance``."""
    values: Array
    """The values, rising (n,) [m]."""
    quantities: Mapping[str, Array]
    """What each member does there, not a number where it found no rest (n, members) [the quantity's unit]."""
    units: Mapping[str, str]
    """Of the quantities, as in ``Quantity.unit``."""
    why_not: Mapping[float, str]
    """Values at which too few came to rest, with a sentence each [m]."""

    def among(self, members: Array | Sequence[int]) -> Sweep:
        """The same with some of the members alone.

        Args:
            members: Their places (n,).
        Returns:
            A new sweep.
        """
        return replace(self, quantities={name: table[:, members] for name, table in self.quantities.items()})

    def band(self, name: str) -> Array:
        """5th percentile, median and 95th of a quantity at each value (n, 3) [the quantity's unit]."""
        return np.nanpercentile(self.quantities[name], [LOW, 50.0, HIGH], axis=1).T


def over_heel_distance(
    ensemble: Ensemble,
    position: Position,
    props: Sequence[Prop],
    distances: Array,
    names: Sequence[str],
    *,
    told: Told | None = None,
    nearest: Callable[[Equilibrium], bool] | None = None,
    farthest: Callable[[Equilibrium], bool] | None = None,
) -> Sweep:
    """The ensemble with its feet at many distances: laid down at the middle one, and its feet moved from there both ways.

    Args:
        ensemble: Who lies: the bodies a person may have.
        position: One whose feet are held.
        props: What lies under them.
        distances: Rising; those that these legs do not reach are left out (n,) [m].
        names: Of the quantities that are wanted.
        told: Hears the share that is done.
        nearest, farthest: Say of a distance, with the bodies at rest there, whether nearer or farther ones need not be
            tried; all are where not given. The middle one is the first they are asked about, and farther ones come first.
    Returns:
        See :class:`Sweep`.
    Raises:
        InputError: None of the distances can be taken.
        DataError: A table lacks a row.
    """
    rows: dict[int, Equilibrium] = {}
    why: dict[float, str] = {}
    hear = told or (lambda share: None)

    def take(k: int, found: Equilibrium) -> bool:
        """Whether enough bodies rest there; it is kept then, and said why not otherwise."""
        rested = int(found.converged.sum())
        if rested < ENOUGH * ensemble.count:
            why[float(distances[k])] = f"only {rested} of {ensemble.count} bodies come to rest"
            return False
        rows[k] = found
        hear(len(rows) / distances.size)
        return True

    at = lambda k: position.with_values(heel_distance=float(distances[k]))  # noqa: E731
    for first in np.argsort(np.abs(distances - _usual(position, distances)), kind="stable").tolist():
        try:
            if take(first, settle_all(ensemble, at(first), props)):
                break
        except InputError as problem:
            why[float(distances[first])] = str(problem)
    if not rows:
        raise InputError(next(iter(why.values())))
    for order, enough in ((range(first + 1, distances.size), farthest), (range(first - 1, -1, -1), nearest)):
        near, before = rows[first], rows.get(first + 1)
        for k in order:
            if enough is not None and enough(near):
                break
            try:
                place(near.body, at(k), props, near.conditions)  # says what these legs reach
            except InputError as problem:
                why[float(distances[k])] = str(problem)
                break
            found = rest_again(near, at(k), before)
            if not take(k, found):
                break
            near, before = found, near
    return _collect("heel_distance", distances, rows, names, why)


def over_props(
    ensemble: Ensemble,
    position: Position,
    piles: Mapping[float, Sequence[Prop]],
    names: Sequence[str],
    *,
    told: Told | None = None,
    title: str = "height",
    instead: Mapping[float, Position] | None = None,
    known: Equilibrium | None = None,
    enough: Callable[[Equilibrium], bool] | None = None,
) -> Sweep:
    """The ensemble on many piles, laid down on each anew.

    Args:
        ensemble: Who lies: the bodies a person may have.
        position: How.
        piles: Props by the value they stand for, rising [m].
        names: Of the quantities that are wanted.
        told: Hears the share that is done.
        title: What the value is called.
        instead: Other positions for some values, such as lying flat for a height of 0.
        known: The bodies at rest on the first pile, where that is known already: each other one is then looked for near the
            one before it, which saves steps where the piles are much alike.
        enough: Says of a value, with the bodies at rest there, whether higher ones need not be tried; all are where not given.
    Returns:
        See :class:`Sweep`.
    Raises:
        InputError: None of the piles can be lain on.
        DataError: A table lacks a row.
    """
    values = np.array(sorted(piles))
    rows: dict[int, Equilibrium] = {}
    why: dict[float, str] = {}
    for k, value in enumerate(values):
        if k == 0 and known is not None:
            found = known
        else:
            near = rows.get(k - 1) if known is not None else None
            try:
                found = settle_all(ensemble, (instead or {}).get(float(value), position), piles[float(value)], near)
            except InputError as problem:
                why[float(value)] = str(problem)
                continue
        if told is not None:
            told((k + 1) / values.size)
        rested = found.converged.sum()
        if rested < ENOUGH * ensemble.count:
            why[float(value)] = f"only {rested} of {ensemble.count} bodies come to rest"
            continue
        rows[k] = found
        if enough is not None and enough(found):
            break
    if not rows:
        raise InputError(next(iter(why.values())))
    return _collect(title, values, rows, names, why)


def _usual(position: Position, distances: Array) -> float:
    return position.number("heel_distance") or float(np.median(distances))


def head_tilt(found: Equilibrium) -> Array:
    """How far the chin tips up from a level head (B,) [deg]."""
    up = found.evaluation().pose.rotation[:, found.body.tree.segment("head"), :, 1]
    return np.asarray(np.degrees(np.arcsin(-up[:, 2])))


def _collect(
    name: str, values: Array, rows: Mapping[int, Equilibrium], names: Sequence[str], why: Mapping[float, str]
) -> Sweep:
    order = sorted(rows)
    quantities: dict[str, list[Array]] = {n: [] for n in names}
    units: dict[str, str] = {}
    for k in order:
        found = rows[k]
        read = measure(found) if set(names) - {"head_tilt"} else {}
        for n in names:
            values_here = head_tilt(found) if n == "head_tilt" else read[n].values
            units[n] = "deg" if n == "head_tilt" else read[n].unit
            quantities[n].append(np.where(found.converged, values_here, np.nan))
    return Sweep(name, values[order], {n: np.array(rows_) for n, rows_ in quantities.items()}, units, dict(why))
