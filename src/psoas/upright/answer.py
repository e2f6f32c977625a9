"""How a person stands or sits, and how sure that is: the same ensemble as for a body that lies."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from psoas.body.build import build, build_many
from psoas.body.model import Array, Flags, Index
from psoas.errors import InputError
from psoas.person import Person
from psoas.position import Position
from psoas.quantities import Measured, measure
from psoas.uncertainty import FEWEST, NOBODY, SEED, Estimate, fitted_draws, interval, nearest_middle
from psoas.upright.balance import Balanced, Told, balance, chest_held

MEMBERS = 32
"""Bodies in the ensemble: a third of a lying body's, since each takes several times as long."""
LEAN_SPREAD = 0.015
"""Standard deviation of how far the mass center stands ahead of the ankles, cut at two; assumed, as is its mean [m]."""
HARDLY = 0.03
"""Share of the weight on both feet below which they hardly reach the floor; sitting they usually bear a fifth; assumed [-]."""
FIRST_PART = 0.8
"""Of the waiting, until some are tried again [-]."""
FAR_ABOVE = 2.0
"""A body that takes this many times the median effort of its ensemble may be caught where much less would do; assumed [-]."""


def leans(position: Position, members: int) -> Array:
    """How far ahead of the ankles each member's mass center stands (members,) [m]; zeros for who sits."""
    asked = position.number("lean")
    if asked is None:
        return np.zeros(members)
    z = [float(np.clip(np.random.default_rng([SEED, k, 5]).standard_normal(), -2.0, 2.0)) for k in range(members)]
    return asked + LEAN_SPREAD * np.array(z)


def ensemble(
    person: Person, position: Position, members: int = MEMBERS, near: Balanced | None = None, told: Told | None = None
) -> Balanced:
    """The bodies that a person may have, upright.

    Args:
        person: Measurements.
        position: ``standing`` or ``sitting``, its parameters set.
        members: How many, at least one.
        near: The default body in this position, to start from.
        told: Told how much is done, 0 to 1.
    Returns:
        All of them, whether they balance or not (members,).
    Raises:
        InputError: The position cannot be taken by one of these bodies.
        DataError: A table lacks a row, or gives no body of this stature.
    """
    body, lean = build_many(person, fitted_draws(person, members)), leans(position, members)
    found = balance(body, position, lean, near, (lambda share: told(FIRST_PART * share)) if told else None)
    if position.values.get("support") == "backrest":  # which starts from where each lets itself down
        return found
    for start in (None, _best(found)):
        doubtful = np.flatnonzero(_doubtful(found, found))
        if doubtful.size and (start is not None or near is not None):
            again = balance(body.take(doubtful), position, lean[doubtful], start)
            found = _lesser(found, doubtful, again)
    return found


def _doubtful(found: Balanced, others: Balanced) -> Flags:
    """Whose search did not end in a balance by itself, or ended far above what others usually take (B,)."""
    fine = others.equilibrium.converged
    usual = np.median(others.effort[fine]) if fine.any() else np.inf
    return ~found.equilibrium.converged | ~found.least | (found.effort > FAR_ABOVE * usual)


def _best(found: Balanced) -> Balanced | None:
    """The body that balances with least effort, to start others from."""
    effort = np.where(found.equilibrium.converged, found.effort, np.inf)
    best = int(np.argmin(effort))
    return found.take(np.array([best])) if np.isfinite(effort[best]) else None


def _lesser(found: Balanced, members: Index, again: Balanced) -> Balanced:
    """The bodies, each as it took less effort to balance; ``again`` are some of them, by their places."""
    had, has = found.equilibrium.converged[members], again.equilibrium.converged
    better = np.flatnonzero(has & (~had | (again.effort < found.effort[members])))
    return found.replaced(members[better], again.take(better)) if better.size else found


def estimate(person: Person, position: Position, *, members: int = MEMBERS, told: Told | None = None) -> Estimate:
    """How this person stands or sits, what their muscles do there, and how sure that is.

    Args:
        person: Measurements.
        position: From :func:`psoas.position.upright_position`, its parameters set.
        members: Bodies in the ensemble, 0 or more; 0 gives values without ranges.
        told: Told how much of it is done, 0 to 1.
    Returns:
        An answer like that for a body that lies (:func:`psoas.uncertainty.estimate`), its bodies active: quantities by name,
        each with unit, range and sources. ``not_converged`` where the default body found no balance, or less than ``FEWEST``
        of the ensemble did.
    Raises:
        InputError: The position is none of these, or cannot be taken by this body.
        DataError: A table lacks a row, or gives no body of this stature.
    """
    began = time.perf_counter()
    if not position.upright:
        raise InputError(f"position is {position.id}, in which one lies; give standing or sitting")
    found = balance(build(person), position)
    nominal = found.equilibrium

    def answer(status: str, message: str, kept: Index = NOBODY, spread: Balanced | None = None) -> Estimate:
        values = measure(nominal) if status == "converged" else {}
        many: Mapping[str, Measured] = measure(spread.equilibrium) if spread is not None else {}
        typical = nominal
        if spread is not None:
            typical = spread.equilibrium.take([nearest_middle(spread.equilibrium, many)])
        return Estimate(
            person=person,
            position=position,
            props=(),
            weights=(),
            status=status,
            message=message,
            quantities={name: interval(one, many.get(name)) for name, one in values.items()},
            nominal=nominal,
            ensemble=spread.equilibrium if spread is not None else None,
            typical=typical,
            members=kept,
            alternatives=(),
            warnings=(*person.warnings, *_warnings(found, spread, members)),
            solve_seconds=time.perf_counter() - began,
        )

    if not nominal.converged[0]:
        return answer("not_converged", nominal.messages[0])
    if not members:
        return answer("converged", nominal.messages[0])
    everyone = ensemble(person, position, members, found, told)
    if (
        _doubtful(found, everyone)[0]
        and (start := _best(everyone)) is not None
        and position.values.get("support") != "backrest"
    ):
        found = _lesser(found, np.zeros(1, dtype=np.intp), balance(build(person), position, near=start))
        nominal = found.equilibrium
    kept = np.flatnonzero(everyone.equilibrium.converged)
    if kept.size < FEWEST * members:
        return answer(
            "not_converged",
            f"Only {kept.size} of {members} bodies with these measurements found a balance, too few for an honest range.",
        )
    return answer("converged", nominal.messages[0], kept, everyone.take(kept))


def _warnings(found: Balanced, spread: Balanced | None, members: int) -> tuple[str, ...]:
    position = found.equilibrium.position
    said = []
    if spread is not None and spread.equilibrium.body.count < members:
        lost = members - spread.equilibrium.body.count
        said.append(f"{lost} of {members} bodies of the ensemble found no balance and are left out")
    at = found.equilibrium
    soles = [k for k, region in enumerate(at.body.tree.skin_regions) if region.startswith("foot")]
    if position.legs == "chair" and at.evaluation().touch.floor[0, soles].sum() < HARDLY * at.body.weight[0]:
        said.append("the feet hardly reach the floor: this seat is too high for these legs")
    if not found.least[0]:
        said.append("the search for less effort was stopped; somewhat less may do")
    joints = "neck and ankles" if position.legs == "standing" else "neck"
    said.append(f"no muscle of the {joints} is modeled: an ideal torque stands in there, and costs nothing")
    if position.legs == "chair" and not chest_held(position) and position["support"] == "unsupported":
        said.append("with the chest let go, least effort means sinking together until discs and ligaments hold")
    return tuple(said)
