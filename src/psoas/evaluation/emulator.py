"""A quick stand-in for the resting body near one person: a straight line and a smooth rest, fitted to solved bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from psoas.body.model import Array, Index

RIDGE = 10.0
"""Pull of slopes and bends toward zero [-]."""
BEND = 2.0
"""How much a feature's bend counts toward its weight, beside its slope, both squared [-]."""
FLOOR = 0.05
"""Least weight of a feature, so that none is shut out [-]."""
NOISE = 0.02
"""Variance that the kernel leaves unexplained, over the output's [-]."""
REACHES, SHARES = (1.0, 2.0), (0.5, 3.0)
"""Reaches and variances of the smooth rest that are tried, in weighted features [-]."""


@dataclass(frozen=True)
class Emulator:
    """One output as a Gaussian process: linear in weighted features plus a squared-exponential rest."""

    middle: Array
    """Of the training features (features,)."""
    weight: Array
    """Of each feature (features,)."""
    nodes: Array
    """Weighted training features (n, features)."""
    pull: Array
    """Of each node (n,)."""
    reach: float
    """Of the smooth rest [-]."""
    share: float
    """Its variance [-]."""
    mean: float
    """Of the training output."""
    scale: float
    """Its standard deviation."""
    left_out: Array
    """What each training body's output is above what the others predict for it (n,)."""

    def __call__(self, features: Array) -> Array:
        """Predicted outputs (m,) at features (m, features)."""
        kernel = _kernel((features - self.middle) * self.weight, self.nodes, self.reach, self.share)
        return np.asarray(self.mean + self.scale * (kernel @ self.pull))


def _kernel(a: Array, b: Array, reach: float, share: float) -> Array:
    inner = a @ b.T
    apart = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2.0 * inner
    return np.asarray(inner + share * np.exp(np.minimum(apart, 1e3) / (-2.0 * reach**2)))


def fit(features: Array, output: Array, groups: Index) -> Emulator:
    """Fit one output.

    Features are weighted by slopes and bends of a ridge regression on them and their squares. Reach and variance of the
    rest are those of the few tried that best predict bodies left out, both sides of a body left out together.

    Args:
        features: (n, features).
        output: (n,).
        groups: Which body each row is a side of (n,).
    Returns:
        The emulator.
    """
    middle, width = features.mean(0), features.std(0)
    width = np.where(width > 1e-9, width, np.inf)  # a feature that never changes says nothing
    mean, scale = float(output.mean()), float(max(output.std(), 1e-9))
    x, y = (features - middle) / width, (output - mean) / scale
    terms = np.column_stack([x, x**2 - (x**2).mean(0)])
    slope, bend = np.linalg.solve(terms.T @ terms + RIDGE * np.eye(terms.shape[1]), terms.T @ y).reshape(2, -1)
    weight = np.sqrt(slope**2 + BEND * bend**2 + FLOOR**2) / width
    nodes = (features - middle) * weight
    pairs = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    best: tuple[float, float, float, Array, Array] | None = None
    for reach in REACHES:
        for share in SHARES:
            full = _kernel(nodes, nodes, reach, share) + NOISE * np.eye(y.size)
            inverse = np.asarray(np.linalg.inv(full), dtype=np.float64)
            pull = inverse @ y
            out = _left_out(inverse, pull, pairs)
            error = float(np.mean(out**2))
            if best is None or error < best[0]:
                best = error, reach, share, pull, out
    assert best is not None
    _, reach, share, pull, out = best
    return Emulator(middle, weight, nodes, pull, reach, share, mean, scale, scale * out)


def _left_out(inverse: Array, pull: Array, groups: Sequence[Index]) -> Array:
    """Residuals with each group left out (n,), by the block formula for the inverse."""
    found = np.empty_like(pull)
    for rows in groups:
        found[rows] = np.linalg.solve(inverse[np.ix_(rows, rows)], pull[rows])
    return found
