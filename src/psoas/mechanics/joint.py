"""Passive resistance of a joint, one direction at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from psoas.errors import DataError
from psoas.mechanics.muscle import Array, softened_exponential

EXPONENT_LIMIT = 7.0
"""Exponent above which a stop goes on linearly, so that an iterate far outside cannot overflow [-]."""


class Resistance(NamedTuple):
    """Energy [J], restoring moment [N·m] and stiffness [N·m/rad] of a joint, shaped like its angle."""

    energy: Array
    moment: Array
    stiffness: Array


def passive_resistance(
    angle: Array, neutral: Array, threshold: Array, scale: Array, rate: Array, polynomial: Array
) -> Resistance:
    r"""Passive moment of a joint: a polynomial about its neutral angle, and an exponential stop on either side.

    .. math:: M(\theta) = p_1 a + p_2 a^2 + p_3 a^3 + A\,(e^{B\langle a - \theta_s\rangle} - 1),
              \quad a = |\theta - \theta_0|

    with its own coefficients for either sign of :math:`\theta - \theta_0`. The exponential is softened at its foot
    (:func:`psoas.mechanics.muscle.softened_exponential`). Heuer's polynomial, a straight line, a neutral zone with a
    stop, and exponential limit torques are all members of this family, so that rivals differ by numbers only.

    Args:
        angle: Joint angle (..., n) [rad].
        neutral: Angle of no moment :math:`\theta_0` (..., n) [rad].
        threshold: Where the stop begins, measured from neutral, for the negative and positive side (..., n, 2) [rad].
        scale: :math:`A` for either side (..., n, 2) [N·m].
        rate: :math:`B` for either side (..., n, 2) [1/rad].
        polynomial: :math:`p_1, p_2, p_3` for either side (..., n, 2, 3) [N·m/rad, N·m/rad², N·m/rad³].
    Returns:
        Energy, the derivative of the energy by the angle (positive moment pushes the angle back down), and stiffness,
        each (..., n).
    """
    away = angle - neutral
    upper = away > 0.0

    def pick(table: Array) -> Array:
        return np.where(upper, table[..., 1], table[..., 0])

    p1, p2, p3 = (pick(polynomial[..., i]) for i in range(3))
    start, a, b = pick(threshold), pick(scale), pick(rate)

    size, sign = np.abs(away), np.sign(away)
    stop = softened_exponential(b * (size - start), EXPONENT_LIMIT)
    energy = size**2 * (p1 / 2 + size * (p2 / 3 + size * p3 / 4)) + a / b * stop.energy
    moment = size * (p1 + size * (p2 + size * p3)) + a * stop.force
    stiffness = p1 + size * (2 * p2 + size * 3 * p3) + a * b * stop.stiffness
    return Resistance(energy, sign * moment, stiffness)


def relaxed_resistance(
    angle: Array,
    neutral: Array,
    threshold: Array,
    scale: Array,
    rate: Array,
    polynomial: Array,
    share: Array | None,
    flow: Array | None,
) -> Resistance:
    r"""Passive moment of a joint that is a bundle: shares of one law, each with a dashpot in series that has flowed.

    .. math:: M = \sum_k w_k\, M_0(\theta - \beta_k)

    Args:
        angle, neutral, threshold, scale, rate, polynomial: As :func:`passive_resistance`.
        share: :math:`w_k` (..., n, terms) [-]; nothing for one law that does not flow.
        flow: :math:`\beta_k`, how far each dashpot has flowed (..., n, terms) [rad].
    Returns:
        Energy, moment and stiffness as :func:`passive_resistance` gives them (..., n).
    """
    if share is None or flow is None:
        return passive_resistance(angle, neutral, threshold, scale, rate, polynomial)
    parts = passive_resistance(
        angle[..., None] - flow, neutral[..., None], threshold[..., None, :], scale[..., None, :], rate[..., None, :],
        polynomial[..., None, :, :],
    )  # fmt: skip
    return Resistance(*(np.sum(share * part, axis=-1) for part in parts))


def stop_through(threshold: float, limit: float, moment: float, steepness: float) -> tuple[float, float]:
    r"""Scale and rate of a stop that starts at ``threshold`` and carries ``moment`` at ``limit``.

    .. math:: B = s / (\theta_{l} - \theta_s), \quad A = M_l / (e^{s} - 1)

    Args:
        threshold, limit: Angles from neutral [rad].
        moment: Moment at ``limit`` [N·m].
        steepness: :math:`s`, how much of an exponential lies between the two [-].
    Returns:
        ``scale`` [N·m] and ``rate`` [1/rad] for :func:`passive_resistance`.
    Raises:
        DataError: If ``limit`` does not lie beyond ``threshold``.
    """
    if limit <= threshold:
        raise DataError(f"a stop's limit is {limit:g} rad; give more than its threshold, {threshold:g} rad")
    return moment / float(np.expm1(steepness)), steepness / (limit - threshold)
