"""Two ways to rest, day by day, in one person: the plan of the days, and what the days say.

The difference is B minus A, with an interval that nine in ten of such comparisons get right. Where the days were drawn by
lot, the lot itself carries the interval: no normal curve is assumed, and no number of days is too small to be honest about.
Where they merely alternate, a straight trend over time is allowed for, and errors are assumed to be normal and independent.
Nothing here knows who rests, or reads a clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from random import Random

import numpy as np
from scipy import stats

from psoas.errors import InputError

WAYS = ("A", "B")
"""The two ways."""
KINDS = ("randomized", "alternating")
"""How the days may be dealt out."""
BLOCKS = (2, 4)
"""Days in one block of the lot: as many of A as of B in each."""
FEWEST_PAIRS, MOST_PAIRS = 4, 20
"""Pairs of days that a comparison may be planned with."""
LEVEL = 0.90
"""How often the interval is to hold the difference [-]."""
FEWEST_EACH = 4
"""Days of each way below which alternating days tell nothing: five more than the three numbers that are fitted; assumed."""
EXACT = 2**15
"""Arrangements of the days up to which each one is counted."""
DRAWN = 2**15 - 1
"""Arrangements that are drawn where there are more; with the one that was, a valid test (Phipson and Smyth 2010)."""
SEED = 20260411
"""Of those draws."""
POWER = 0.80
"""How often the difference should then be told, where it is said how many more pairs that might take; a convention [-]."""
MANY = 40
"""Pairs beyond which no number is given."""


@dataclass(frozen=True)
class Day:
    """One day of a comparison.

    Attributes:
        step: Its place in the plan, from 0.
        planned: What the plan had, ``A`` or ``B``.
        done: What was done; ``None`` where it was neither, or nobody said.
        value: The outcome, in any unit; ``None`` where there is none.
        when: Days since any day of the comparison [day].
    """

    step: int
    planned: str
    done: str | None
    value: float | None
    when: float


@dataclass(frozen=True)
class Difference:
    """What the days say: B minus A, in the unit of the outcome.

    Attributes:
        status: ``told`` where the interval leaves zero out; ``cannot_tell`` where it does not; ``too_few`` where no
            outcome of so few days could, which leaves ``value``, ``low`` and ``high`` empty.
        value: The difference; ``None`` with too few days.
        low, high: Its 90 % interval.
        days: Days of A and of B that count.
        more: Pairs more that it would take: with ``too_few`` to tell anything at all, with ``cannot_tell`` a rough guess,
            as if the difference were the one seen; ``None`` where that is more than ``MANY``, or nothing is missing.
    """

    status: str
    value: float | None
    low: float | None
    high: float | None
    days: tuple[int, int]
    more: int | None


# -- the plan -----------------------------------------------------------------------------------------


def plan(kind: str, pairs: int, block: int = 2, seed: int = 0) -> tuple[str, ...]:
    """Which way is due at each step.

    Args:
        kind: ``randomized``: each block holds as many of A as of B, in an order that is drawn, each as likely as any
            other; ``alternating``: A and B in turn, the first one drawn.
        pairs: Days of each way, ``FEWEST_PAIRS`` to ``MOST_PAIRS``.
        block: Days in a block, 2 or 4; of an odd number of pairs, the last block of four has two. Alternating days have none.
        seed: Any whole number from 0; the same one gives the same plan.
    Returns:
        ``A`` or ``B``, two for each pair.
    Raises:
        InputError: One of them is none of these.
    """
    if kind not in KINDS:
        raise InputError(f"kind is {kind!r}; give {' or '.join(KINDS)}")
    if type(pairs) is not int or not FEWEST_PAIRS <= pairs <= MOST_PAIRS:
        raise InputError(f"pairs is {pairs!r}; give a whole number from {FEWEST_PAIRS} to {MOST_PAIRS}")
    if block not in BLOCKS:
        raise InputError(f"block is {block!r}; give {' or '.join(map(str, BLOCKS))}")
    if type(seed) is not int or seed < 0:
        raise InputError(f"seed is {seed!r}; give a whole number from 0")
    # Python promises the same stream of random() from the same seed in later versions, which shuffle() has not.
    lot = Random(seed).random
    if kind == "alternating":
        first = int(2 * lot())
        return tuple(WAYS[(first + step) % 2] for step in range(2 * pairs))
    days: list[str] = []
    while len(days) < 2 * pairs:
        size = min(block, 2 * pairs - len(days))
        orders = list(combinations(range(size), size // 2))
        chosen = orders[int(lot() * len(orders))]
        days += [WAYS[place in chosen] for place in range(size)]
    return tuple(days)


def can_tell(kind: str, pairs: int, block: int = 2) -> bool:
    """Whether a comparison of that size could tell a difference at all, however large it is.

    Raises:
        InputError: As :func:`plan`.
    """
    days = plan(kind, pairs, block)
    if kind == "alternating":
        return pairs >= FEWEST_EACH
    counts = [days[at : at + block].count("B") for at in range(0, len(days), block)]
    sizes = [min(block, len(days) - at) for at in range(0, len(days), block)]
    return _enough(math.prod(math.comb(n, k) for n, k in zip(sizes, counts, strict=True)))


def _enough(arrangements: int) -> bool:
    """Whether so many arrangements can leave as few as 5 % at either end, the one that was among them."""
    return arrangements * (1.0 - LEVEL) / 2.0 >= 1.0 - 1e-9


# -- what the days say --------------------------------------------------------------------------------


def difference(days: Sequence[Day], kind: str, block: int = 2, *, by: str = "done") -> Difference:
    r"""The difference B minus A that the days show, with its 90 % interval.

    Randomized days: the test of a difference :math:`\delta` takes it off the days of B and asks how many of the arrangements
    that the lot might have drawn, block by block, would make the rest look as different as it does; the interval is of all
    :math:`\delta` that are not rejected at 5 % on either side. As the statistic is linear in the outcomes, each arrangement
    turns at one :math:`\delta = (D - D_z) / (1 - c_z)`, with :math:`D_z` and :math:`c_z` the differences that it would have
    given the outcomes and the days of B, and the ends are order statistics of these (for pairs, Hartigan 1969). Blocks weigh
    by :math:`n_A n_B / (n_A + n_B)`; one that holds a single way tells nothing and is left out.

    Alternating days: least squares of a level, a straight trend over time, and the difference, with Student's t.

    Args:
        days: In any order; those without an outcome, or of which nobody said what was done, do not count.
        kind: As they were planned.
        block: Days in a block of the lot.
        by: ``done``: a day counts as what was done; ``planned``: as what the plan had.
    Returns:
        The difference. By what was done it rests on there being no reason, in the outcome, for doing otherwise than planned.
    Raises:
        InputError: ``kind``, ``block`` or ``by`` is none of these, or an outcome is not finite.
    """
    if kind not in KINDS:
        raise InputError(f"kind is {kind!r}; give {' or '.join(KINDS)}")
    if block not in BLOCKS:
        raise InputError(f"block is {block!r}; give {' or '.join(map(str, BLOCKS))}")
    if by not in ("done", "planned"):
        raise InputError(f"by is {by!r}; give done or planned")
    counted = sorted(
        (day for day in days if day.done in WAYS and day.value is not None), key=lambda day: (day.step, day.when)
    )
    values = np.array([day.value for day in counted], dtype=float)
    if not np.isfinite(values).all():
        raise InputError("an outcome is not finite; give numbers, or none")
    second = np.array([(day.done if by == "done" else day.planned) == "B" for day in counted], dtype=bool)
    if kind == "randomized":
        return _by_lot(values, second, np.array([day.step // block for day in counted], dtype=int), block)
    return _by_trend(values, second, np.array([day.when for day in counted], dtype=float))


def _by_lot(values: np.ndarray, second: np.ndarray, blocks: np.ndarray, block: int) -> Difference:
    """By the arrangements that the lot might have drawn (n,), (n,), (n,)."""
    whole = [mine for b in np.unique(blocks) if 0 < second[mine := blocks == b].sum() < mine.sum()]
    days = (
        sum(int((~second[mine]).sum()) for mine in whole),
        sum(int(second[mine].sum()) for mine in whole),
    )
    shares = [float(second[m].sum() * (~second[m]).sum() / m.sum()) for m in whole]
    parts = [
        _arranged(values[mine], second[mine], share / sum(shares)) for mine, share in zip(whole, shares, strict=True)
    ]
    arrangements = math.prod(found.shape[1] for found, _ in parts)
    if not _enough(arrangements):
        return Difference("too_few", None, None, None, days, _blocks_more(arrangements, block) * block // 2)
    value = sum(float(found[0, was]) for found, was in parts)
    found = _all_of(parts) if arrangements <= EXACT else _some_of(parts)
    room = 1.0 - found[1]
    same = room <= 1e-9  # the arrangement that was
    # Each rejected end holds so many of the others; below, a smaller difference would look as extreme in 5 % at most.
    out = int((1.0 - LEVEL) / 2.0 * found.shape[1] + 1e-9) - int(same.sum())
    turns = np.sort((value - found[0, ~same]) / room[~same])
    return _judged(value, float(turns[out]), float(turns[-out - 1]), days, values)


def _arranged(values: np.ndarray, second: np.ndarray, share: float) -> tuple[np.ndarray, int]:
    """What each arrangement of one block's days adds to the difference of the outcomes, and of the days of B (2, n); and
    which arrangement was."""
    size, of_b = second.size, int(second.sum())
    orders = np.zeros((math.comb(size, of_b), size), dtype=bool)
    for row, places in zip(orders, combinations(range(size), of_b), strict=True):
        row[list(places)] = True
    weights = share * (orders / of_b - ~orders / (size - of_b))
    was = int(np.flatnonzero((orders == second).all(1))[0])
    return np.stack([weights @ values, weights @ second.astype(float)]), was


def _all_of(parts: Sequence[tuple[np.ndarray, int]]) -> np.ndarray:
    """Every arrangement of all blocks together (2, n)."""
    return reduce(
        lambda one, other: (one[:, :, None] + other[:, None, :]).reshape(2, -1), [found for found, _ in parts]
    )


def _some_of(parts: Sequence[tuple[np.ndarray, int]]) -> np.ndarray:
    """The arrangement that was, and some that are drawn (2, n)."""
    lot = np.random.default_rng(SEED)
    drawn = [np.append(lot.integers(found.shape[1], size=DRAWN), was) for found, was in parts]
    return np.asarray(sum(found[:, chosen] for (found, _), chosen in zip(parts, drawn, strict=True)))


def _blocks_more(arrangements: int, block: int) -> int:
    """Whole blocks more until something could be told."""
    more = 0
    while not _enough(arrangements * math.comb(block, block // 2) ** more):
        more += 1
    return more


def _by_trend(values: np.ndarray, second: np.ndarray, when: np.ndarray) -> Difference:
    """By least squares, with a straight trend over time (n,), (n,), (n,)."""
    days = (int((~second).sum()), int(second.sum()))
    missing = FEWEST_EACH - min(days)
    if missing > 0:
        return Difference("too_few", None, None, None, days, missing)
    spread = when.std() or 1.0
    design = np.column_stack([np.ones(when.size), (when - when.mean()) / spread, second])
    # All of A before all of B: what is trend and what is difference is then only told apart by a straight line.
    solution, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    if rank < 3:
        return Difference("too_few", None, None, None, days, 1)
    left = values - design @ solution
    freedom = when.size - 3
    error = math.sqrt(float(left @ left) / freedom * float(np.linalg.inv(design.T @ design)[2, 2]))
    reach = float(stats.t.ppf(0.5 + LEVEL / 2.0, freedom)) * error
    value = float(solution[2])
    return _judged(value, value - reach, value + reach, days, values)


def _judged(value: float, low: float, high: float, days: tuple[int, int], values: np.ndarray) -> Difference:
    # What rounding leaves of a zero is a zero.
    small = 1e-9 * float(np.abs(values).max())
    value, low, high = (0.0 if abs(number) <= small else number for number in (value, low, high))
    if low > 0.0 or high < 0.0:
        return Difference("told", value, low, high, days, None)
    return Difference("cannot_tell", value, low, high, days, _pairs_more(value, low, high, min(days)))


def _pairs_more(value: float, low: float, high: float, pairs: int) -> int | None:
    """Pairs more at which the difference seen would be told four times in five, if it and the scatter were the true ones."""
    if value == 0.0 or not math.isfinite(high - low):
        return None
    end, often = stats.norm.ppf([0.5 + LEVEL / 2.0, POWER])
    error = (high - low) / (2.0 * end)
    more = math.ceil(pairs * ((end + often) * error / value) ** 2) - pairs
    return max(more, 1) if more <= MANY else None
