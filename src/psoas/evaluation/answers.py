"""A look as numbers with errors, and how well a body's gaps agree with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.special import log_ndtr

from psoas.body.model import Array
from psoas.noticing import Seen

PLACES = ("lumbar_arch", "ribs_left", "ribs_right", "thigh_left", "thigh_right")
"""Places of a look, in the order of all arrays here; ids of :func:`psoas.noticing.places`."""
END = 1.645
"""Standard deviations from an answer to the end of what it may be, which is taken as a 90 % interval [-]."""


class Gaps(Protocol):
    """Bodies with their gaps."""

    @property
    def gaps(self) -> Array:
        """(n, 5) [m]."""

    @property
    def error(self) -> Array:
        """How far off those may be themselves, one standard deviation (n, 5) [m]."""

    @property
    def together(self) -> Array:
        """Correlation of those errors between places (5, 5) [-]."""


@dataclass(frozen=True)
class Answers:
    """A look; arrays over :data:`PLACES`.

    An answer is the gap plus a normal error, and nothing where that would be below nothing (a tobit model): "touches" is
    seen of all that touches, and of any gap that the error may hide.
    """

    value: Array
    """(5,) [m]; not a number where nothing was told."""
    error: Array
    """Standard deviation of an answer (5,) [m]."""

    @classmethod
    def of(cls, look: Mapping[str, Seen]) -> Answers:
        """The answers of a look; the upper end of what each may be counts, since the lower is cut at zero."""
        value, error = np.full(len(PLACES), np.nan), np.ones(len(PLACES))
        for k, id in enumerate(PLACES):
            seen = look.get(id)
            if seen is not None and seen.value is not None and seen.high is not None:
                value[k], error[k] = seen.value, max(seen.high - seen.value, 1e-3) / END
        return cls(value, error)

    @property
    def telling(self) -> bool:
        """Whether any place was told."""
        return not bool(np.isnan(self.value).all())

    def widened(self, times: float) -> Answers:
        """The same with larger errors."""
        return replace(self, error=self.error * times)

    def surprise(self, bodies: Gaps) -> Array:
        """How far each body's gap lies above an answer (n, 5) [sd]; 0 where nothing was told."""
        spread = np.sqrt(self.error**2 + bodies.error**2)
        off = (np.maximum(bodies.gaps, 0.0) - self.value) / spread
        return np.where(np.isnan(self.value), 0.0, off)

    def squares(self, bodies: Gaps) -> Array:
        """Squared distance of each body from the look, counted in standard deviations of all that may be off (n,) [-]."""
        free, _ = self._freed(bodies)
        return np.asarray((free**2).sum(1) + (self.surprise(bodies)[:, self.value == 0.0] ** 2).sum(1))

    def least_surprise(self, bodies: Gaps) -> float:
        """How far off the best fitting body is in all [sd]."""
        return float(np.sqrt(self.squares(bodies).min()))

    def weights(self, bodies: Gaps) -> Array:
        """How likely each body makes the look, adding up to one (n,) [-]."""
        free, log_spread = self._freed(bodies)
        touching = log_ndtr(-self.surprise(bodies)[:, self.value == 0.0])
        log = touching.sum(1) - 0.5 * (free**2).sum(1) - log_spread
        weight = np.exp(log - log.max())
        return np.asarray(weight / weight.sum())

    def _freed(self, bodies: Gaps) -> tuple[Array, Array]:
        """What lies between answers and gaps as independent standard normal numbers (n, k), and the logarithm of what they
        were divided by (n,); of places that were seen apart from the floor.

        The answers' own errors are independent. Those of the gaps are not: both ribs are off together.
        """
        apart = np.flatnonzero(self.value > 0.0)
        off = np.maximum(bodies.gaps[:, apart], 0.0) - self.value[apart]
        error = bodies.error[:, apart]
        spread = bodies.together[np.ix_(apart, apart)] * error[:, :, None] * error[:, None, :]
        root = np.linalg.cholesky(spread + np.diag(self.error[apart] ** 2))
        free = np.linalg.solve(root, off[..., None])[..., 0]
        return free, np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1)
