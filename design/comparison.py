"""How often a comparison of two ways to rest is right: simulated days with a known difference.

For each way of dealing out the days, each number of pairs and each kind of days, 2000 comparisons with a difference of 1 and as
many with none: how often the 90 % interval holds the 1, and how often a difference is told where there is none.

    python design/comparison.py
"""

import numpy as np

from psoas.comparison import Day, difference, plan

RUNS = 2000
DEALT = (("randomized", 2, 5), ("randomized", 2, 8), ("randomized", 2, 16), ("randomized", 4, 4), ("randomized", 4, 8),
         ("alternating", 2, 4), ("alternating", 2, 8), ("alternating", 2, 16))  # fmt: skip


def in_spells(rng, n):
    found = 1.2 * rng.normal(size=n)
    for day in range(1, n):
        found[day] += 0.5 * found[day - 1]
    return found


WORLDS = {
    "steady days": lambda rng, n: 1.5 * rng.normal(size=n),
    "a day far off now and then": lambda rng, n: rng.standard_t(2.5, size=n),
    "getting better by itself": lambda rng, n: rng.normal(size=n) + 0.15 * np.arange(n),
    "good and bad spells": in_spells,
    "a leap on some day": lambda rng, n: rng.normal(size=n) + 2.0 * (np.arange(n) > n * rng.random()),
    "whole points": lambda rng, n: np.round(1.5 * rng.normal(size=n)),
}


def one(kind, block, pairs, world, true, seed):
    order = plan(kind, pairs, block, seed)
    values = world(np.random.default_rng([seed, 77]), 2 * pairs) + true * np.array([way == "B" for way in order])
    days = [Day(k, way, way, float(value), float(k)) for k, (way, value) in enumerate(zip(order, values, strict=True))]
    return difference(days, kind, block)


print("| days | " + " | ".join(WORLDS) + " |")
print("|---" * (len(WORLDS) + 1) + "|")
for kind, block, pairs in DEALT:
    cells = []
    for world in WORLDS.values():
        held = [one(kind, block, pairs, world, 1.0, seed) for seed in range(RUNS)]
        none = [one(kind, block, pairs, world, 0.0, seed) for seed in range(RUNS)]
        inside = np.mean([found.low - 1e-9 <= 1.0 <= found.high + 1e-9 for found in held])
        false = np.mean([found.status == "told" for found in none])
        cells.append(f"{100 * inside:.0f}, {100 * false:.0f}")
    name = f"by lot, blocks of {block}" if kind == "randomized" else "in turn"
    print(f"| {name}, {pairs} pairs | " + " | ".join(cells) + " |", flush=True)
