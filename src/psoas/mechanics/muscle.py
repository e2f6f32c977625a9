"""Passive fiber, tendon, and the two in series."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TOE = 0.15
"""Width of the softened toe of :func:`passive_fiber_curve`, in units of the exponent [-]."""

SMALLEST_FIBER = 1e-12
"""Keeps a fiber without length from dividing by zero [m]."""

SMALLEST_STEP = 1e-8
"""Newton's last step [m]: it squares the error, which is then below rounding."""

EXPONENT_LIMIT = 5.0
"""Exponent above which :func:`passive_fiber_curve` goes on linearly (about 2.7 of maximum isometric force) [-]."""


class Curve(NamedTuple):
    """A normalized force curve: its energy, force and stiffness, each shaped like the input."""

    energy: Array
    """Integral of the force, shaped like the input [-]."""
    force: Array
    """Over maximum isometric force, shaped like the input [-]."""
    stiffness: Array
    """Change of the force with the input, shaped like it [-]."""


def softened_exponential(y: Array, limit: float, toe: float = TOE) -> Curve:
    r"""Exponential spring whose stiffness starts from zero, and which goes on linearly far out.

    .. math:: g(y) = e^{y} - 1 - y\,e^{-y/y_0}, \quad 0 < y < y_{max}

    The published curves start with a finite slope, which is a kink for a solver that uses second derivatives. The
    subtracted term removes it and costs at most ``toe / e`` (0.055) of the exponential's unit, at ``y = toe``.

    Args:
        y: Exponent, any shape [-]; the result is zero where it is negative.
        limit: Exponent above which the curve is continued by its tangent [-].
        toe: Width of the softened toe [-].
    Returns:
        Energy (integral of the force over ``y``), force and stiffness, shaped like ``y`` [-].
    """
    inside = np.minimum(np.maximum(y, 0.0), limit)
    beyond = np.maximum(y - limit, 0.0)
    grown, fading = np.exp(inside), np.exp(-inside / toe)
    force = grown - 1.0 - inside * fading
    stiffness = np.where(y > 0.0, grown - (1.0 - inside / toe) * fading, 0.0)
    energy = grown - 1.0 - inside + toe * (inside + toe) * fading - toe * toe
    return Curve(energy + beyond * (force + 0.5 * beyond * stiffness), force + beyond * stiffness, stiffness)


def passive_fiber_curve(stretch: Array, shape: Array, strain: Array, start: Array | float = 1.0) -> Curve:
    r"""Passive force of a fiber, normalized to maximum isometric force.

    .. math:: f = \frac{e^{k(\tilde l - \tilde l_0)/\varepsilon_0} - 1}{e^{k} - 1}, \quad \tilde l > \tilde l_0

    Thelen 2003, the passive curve of the Thelen muscle; softened over the first 2 % of strain as described in
    :func:`softened_exponential` (at most 0.1 % of maximum isometric force) and continued linearly above about 2.7 times
    maximum isometric force, far outside what the source measured.

    Args:
        stretch: Fiber length over optimal fiber length, any shape [-].
        shape: Exponential shape factor :math:`k` [-].
        strain: Strain from there to unit force :math:`\varepsilon_0` [-].
        start: Stretch :math:`\tilde l_0` at which passive force begins, 1 in the source [-].
    Returns:
        Energy per (maximum isometric force x optimal fiber length), force and stiffness [-]; zero when slack.
    """
    rate = shape / strain
    curve = softened_exponential(rate * (stretch - start), EXPONENT_LIMIT)
    unit = np.expm1(shape)
    return Curve(curve.energy / (rate * unit), curve.force / unit, curve.stiffness * rate / unit)


def active_fiber_curve(stretch: Array, shape: float) -> Curve:
    r"""Active isometric force of a fully active fiber, normalized to maximum isometric force.

    .. math:: f_L = e^{-(\tilde l - 1)^2 / \gamma}

    Thelen 2003, the active curve of the Thelen muscle. It is a bell about optimal length without the plateau and the feet of
    a single sarcomere, and never falls quite to zero. No energy belongs to it: activity is not conservative.

    Args:
        stretch: Fiber length over optimal fiber length, any shape [-].
        shape: Width :math:`\gamma` [-].
    Returns:
        Energy (zero), force and the force's change with stretch [-].
    """
    away = stretch - 1.0
    force = np.exp(-(away**2) / shape)
    return Curve(np.zeros_like(force), force, -2.0 * away / shape * force)


def relaxed_fiber_curve(
    stretch: Array, shape: Array, strain: Array, start: Array, share: Array | None, flow: Array | None
) -> Curve:
    r"""Passive force of a fiber that is a bundle: shares of one curve, each with a dashpot in series that has flowed.

    .. math:: f = \sum_k w_k\, f_{PE}(\tilde l - \alpha_k)

    Args:
        stretch, shape, strain, start: As :func:`passive_fiber_curve` (..., n) [-].
        share: :math:`w_k` (..., n, terms) [-]; nothing for one curve that does not flow.
        flow: :math:`\alpha_k`, how far each dashpot has flowed over optimal fiber length (..., n, terms) [-].
    Returns:
        Energy, force and stiffness as :func:`passive_fiber_curve` gives them (..., n) [-].
    """
    if share is None or flow is None:
        return passive_fiber_curve(stretch, shape, strain, start)
    parts = passive_fiber_curve(stretch[..., None] - flow, shape[..., None], strain[..., None], start[..., None])
    return Curve(*(np.sum(share * part, axis=-1) for part in parts))


def tendon_curve(stretch: Array, c1: float, c2: float, c3: float, k: float) -> Curve:
    r"""Force of a tendon, normalized to maximum isometric force.

    .. math:: f = c_1 e^{k(\tilde l - c_2)} - c_3      (De Groote et al. 2016, eq. S1)

    Args:
        stretch: Tendon length over slack length, any shape [-].
        c1, c2, c3, k: The four published coefficients [-].
    Returns:
        Energy per (maximum isometric force x slack length), measured from the force-free length, force and stiffness [-].
    """
    free = tendon_free_stretch(c1, c2, c3, k)
    grown = c1 * np.exp(k * (stretch - c2))
    return Curve((grown - c3) / k - c3 * (stretch - free), grown - c3, k * grown)


def tendon_free_stretch(c1: float, c2: float, c3: float, k: float, force: Array | float = 0.0) -> Array:
    """Stretch at which :func:`tendon_curve` carries a normalized force (zero: its force-free stretch).

    Args:
        c1, c2, c3, k: See :func:`tendon_curve` [-].
        force: Over maximum isometric force, any shape, above ``-c3`` [-].
    Returns:
        Tendon length over slack length, shaped like ``force`` [-].
    """
    return np.asarray(c2 + np.log((np.asarray(force) + c3) / c1) / k)


class MuscleState(NamedTuple):
    """What a muscle-tendon unit does at a length; arrays shaped like that length."""

    energy: Array
    """Stored energy [J]."""
    tension: Array
    """Tension along the tendon [N]."""
    stiffness: Array
    """Change of tension with muscle-tendon length [N/m]."""
    fiber_length: Array
    """Length of the fibers [m]."""


class _Balance(NamedTuple):
    """Fibers and tendon at a trial; forces over maximum isometric force, stiffnesses over that and per metre."""

    fiber: Array
    passive: Curve
    taut: Curve
    excess: Array
    fiber_stiffness: Array
    tendon_stiffness: Array


def equilibrate(
    length: Array,
    *,
    max_isometric_force: Array,
    optimal_fiber_length: Array,
    tendon_slack_length: Array,
    pennation_angle: Array,
    passive_shape: Array,
    passive_strain: Array,
    passive_start: Array,
    tone: Array,
    tendon: tuple[float, float, float, float],
    passive_share: Array | None = None,
    passive_flow: Array | None = None,
    iterations: int = 40,
) -> MuscleState:
    r"""Passive fibers and tendon in series, for a muscle of constant thickness.

    Solves :math:`F_0 (f_{PE}(\tilde l) + a)\cos\alpha = F_0 f_T(\tilde l_T)` with
    :math:`l\cos\alpha + l_T = L` for the fibers' length along the tendon, by Newton's method kept in a bracket.
    ``tone`` :math:`a` is a constant resting activity that does not depend on length.

    Args:
        length: Muscle-tendon length :math:`L` (..., n) [m].
        max_isometric_force: :math:`F_0` (..., n) [N].
        optimal_fiber_length: (..., n) [m].
        tendon_slack_length: (..., n) [m].
        pennation_angle: At optimal fiber length (..., n) [rad].
        passive_shape, passive_strain, passive_start: See :func:`passive_fiber_curve` (..., n) [-].
        tone: Resting activity, a fraction of maximum isometric force (..., n) [-].
        tendon: Coefficients of :func:`tendon_curve` [-].
        passive_share, passive_flow: Of fibers that give way with time, see :func:`relaxed_fiber_curve` (..., n, terms) [-].
        iterations: Most Newton steps; it stops after a step shorter than ``SMALLEST_STEP``.
    Returns:
        Energy [J], tension [N], stiffness [N/m] and fiber length [m], each (..., n).
    """
    thickness = optimal_fiber_length * np.sin(pennation_angle)
    free = tendon_slack_length * tendon_free_stretch(*tendon)
    along = length - free

    def held(stretch: Array) -> Curve:
        return relaxed_fiber_curve(stretch, passive_shape, passive_strain, passive_start, passive_share, passive_flow)

    def _balance(along: Array) -> _Balance:
        """Both halves at a length of the fibers along the tendon."""
        inside = np.maximum(along, 0.0)  # a path shorter than its tendon leaves nothing for the fibers
        fiber = np.maximum(np.sqrt(inside**2 + thickness**2), SMALLEST_FIBER)
        cosine = inside / fiber
        passive = held(fiber / optimal_fiber_length)
        taut = tendon_curve((length - along) / tendon_slack_length, *tendon)
        return _Balance(
            fiber,
            passive,
            taut,
            (passive.force + tone) * cosine - taut.force,
            passive.stiffness * cosine**2 / optimal_fiber_length + (passive.force + tone) * thickness**2 / fiber**3,
            taut.stiffness / tendon_slack_length,
        )

    # With a tendon that does not stretch the fibers are longest and carry the most: both bound the answer.
    fiber = np.maximum(np.sqrt(np.maximum(along, 0.0) ** 2 + thickness**2), SMALLEST_FIBER)
    most = held(fiber / optimal_fiber_length).force + tone
    upper = along
    lower = length - tendon_slack_length * tendon_free_stretch(*tendon, force=most * np.maximum(along, 0.0) / fiber)

    half = _balance(along)
    for _ in range(iterations):
        upper = np.where(half.excess > 0.0, np.minimum(upper, along), upper)
        lower = np.where(half.excess < 0.0, np.maximum(lower, along), lower)
        step = -half.excess / (half.fiber_stiffness + half.tendon_stiffness)
        proposed = along + step
        along = np.where((proposed >= lower) & (proposed <= upper), proposed, 0.5 * (lower + upper))
        half = _balance(along)
        if np.max(np.abs(step), initial=0.0) < SMALLEST_STEP:
            break

    energy = max_isometric_force * (
        optimal_fiber_length * half.passive.energy + tone * half.fiber + tendon_slack_length * half.taut.energy
    )
    stiffness = half.fiber_stiffness * half.tendon_stiffness / (half.fiber_stiffness + half.tendon_stiffness)
    return MuscleState(energy, max_isometric_force * half.taut.force, max_isometric_force * stiffness, half.fiber)
