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

    def spread(self, bodies: Gaps) -> Array:
        """Standard deviation between an answer and the gap given (n, 5) [m]."""
        return np.sqrt(self.error**2 + bodies.error**2)

    def surprise(self, bodies: Gaps) -> Array:
        """How far each body's gap lies above an answer (n, 5) [sd]; 0 where nothing was told."""
        off = (np.maximum(bodies.gaps, 0.0) - self.value) / self.spread(bodies)
        return np.where(np.isnan(self.value), 0.0, off)

    def squares(self, bodies: Gaps) -> Array:
        """Sum of squared surprises (n,) [-]."""
        return np.asarray(np.sum(self.surprise(bodies) ** 2, axis=1))

    def least_surprise(self, bodies: Gaps) -> float:
        """How far off the best fitting body is in all [sd]."""
        return float(np.sqrt(self.squares(bodies).min()))

    def weights(self, bodies: Gaps) -> Array:
        """How likely each body makes the look, adding up to one (n,) [-]."""
        off = self.surprise(bodies)
        touching, apart = log_ndtr(-off), -0.5 * off**2 - np.log(self.spread(bodies))
        each = np.where(self.value > 0.0, apart, touching)
        log = np.where(np.isnan(self.value), 0.0, each).sum(1)
        weight = np.exp(log - log.max())
        return np.asarray(weight / weight.sum())
