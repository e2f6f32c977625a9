"""Stress relaxation and creep: how a force that is held gives way with time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from psoas.mechanics.muscle import Array

MOST_TRIALS = 60
"""Trials of :func:`eased`; halving alone would settle a share to rounding in that many."""


def remaining(time: Array | float, share: Array, constant: Array) -> Array:
    r"""What is left of a force at constant length: a sum of exponentials (Prony series, generalized Maxwell model).

    .. math:: g(t) = 1 - \sum_i g_i\,(1 - e^{-t/\tau_i})

    Args:
        time: :math:`t` (...) [s].
        share: :math:`g_i` of the force at once (..., terms) [-].
        constant: :math:`\tau_i` (..., terms) [s].
    Returns:
        Over the force at once (...) [-].
    """
    return np.asarray(1.0 - np.sum(share * -np.expm1(-np.asarray(time)[..., None] / constant), axis=-1))


def relaxation_time(creep_time: Array | float, share: Array | float) -> Array:
    r"""Time constant at constant length of a linear solid whose creep at constant force is known (standard linear solid).

    .. math:: \tau_r = (1 - g)\,\tau_c

    Args:
        creep_time: :math:`\tau_c`, any shape [s].
        share: :math:`g`, the share of the force that goes [-].
    Returns:
        :math:`\tau_r` [s].
    """
    return np.asarray((1.0 - np.asarray(share)) * np.asarray(creep_time))


def of_long_time(share: Array) -> Array:
    r"""Shares of the force at once from shares of the force that stays.

    .. math:: g_i = \gamma_i / (1 + \sum_k \gamma_k)

    Args:
        share: :math:`\gamma_i` (..., terms) [-].
    Returns:
        :math:`g_i` (..., terms) [-].
    """
    return np.asarray(share / (1.0 + share.sum(-1, keepdims=True)))


def eased(law: Callable[[Array], tuple[Array, Array]], stretch: Array, keep: Array) -> Array:
    r"""Stretch at which a spring carries a share of what it carries now, sought between here and its rest.

    A spring in series with a dashpot that flows at the rate :math:`\dot\alpha = f / (\tau f')` carries, held at one length,
    :math:`f\,e^{-t/\tau}` whatever the spring's law. The dashpot only ever takes energy out.

    Args:
        law: Force and stiffness at a stretch (...); the force has the stretch's sign or is zero, and grows with it.
        stretch: Of the spring now (...), in the law's own unit.
        keep: Share of its force that stays, 0 to 1 (...) [-].
    Returns:
        The new stretch (...), between zero and the old one; where the spring carries nothing, the old one.
    """
    force, _ = law(stretch)
    taut = np.abs(force) > 0.0
    whole = np.where(taut, force, 1.0)
    low, high = np.zeros_like(stretch), np.ones_like(stretch)
    share = np.ones_like(stretch)
    for _ in range(MOST_TRIALS):
        found, slope = law(share * stretch)
        miss = np.where(taut, found / whole - keep, 0.0)
        high, low = np.where(miss > 0.0, share, high), np.where(miss > 0.0, low, share)
        steep = np.where(taut, slope * stretch / whole, 1.0)
        newton = share - miss / np.where(steep > 0.0, steep, np.inf)
        better = np.where((newton > low) & (newton < high), newton, 0.5 * (low + high))
        better = np.where(np.abs(miss) < 1e-14, share, better)
        if np.max(np.abs(better - share), initial=0.0) < 1e-13:
            break
        share = better
    return np.asarray(np.where(taut, share, 1.0) * stretch)
