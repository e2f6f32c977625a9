"""Soft tissue pressed against a support."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from psoas.mechanics.muscle import Array


class Press(NamedTuple):
    """Energy [J], force [N] and stiffness [N/m] of a pressed patch, shaped like its indentation."""

    energy: Array
    force: Array
    stiffness: Array


def foundation_coefficient(radius: Array, modulus: Array, thickness: Array, below: Array | float = 0.0) -> Array:
    r"""Coefficient of :func:`press` for a rounded patch of soft tissue on a layered support.

    .. math:: c = \pi R / (h/E + h_b/E_b)

    Elastic (Winkler) foundation: pressure is indentation over the compliance of the layers, each thickness over modulus,
    and the pressed area of a sphere of radius :math:`R` is :math:`2\pi R\delta` (Johnson 1985, section 4.3). It
    leaves out shear between neighbouring columns, and holds while the indentation is small against radius and thickness.

    Args:
        radius: Radius of the skin (..., n) [m].
        modulus: Young's modulus of the tissue (..., n) [Pa].
        thickness: Thickness of the tissue (..., n) [m].
        below: Compliance of what lies under the skin, thickness over modulus, 0 for a rigid floor [m/Pa].
    Returns:
        :math:`c` (..., n) [N/m²].
    """
    return np.pi * radius / (thickness / modulus + below)


def pair_coefficient(
    radii: tuple[Array, Array],
    moduli: tuple[Array, Array],
    thicknesses: tuple[Array, Array],
    between: Array | float = 0.0,
) -> Array:
    r"""Coefficient of :func:`press` for two rounded patches on each other, perhaps with something between.

    .. math:: c = \pi R / (h_1/E_1 + h_2/E_2 + h_b/E_b), \quad 1/R = 1/R_1 + 1/R_2

    The same foundation as :func:`foundation_coefficient`, of whose area two spheres have that of one with their relative
    radius (Johnson 1985, section 4.2); the layers lie in series. What lies between bends with them and has no width.

    Args:
        radii: Of the two (..., n) [m].
        moduli: Young's modulus of either tissue (..., n) [Pa].
        thicknesses: Of either tissue (..., n) [m].
        between: Compliance of what lies between, thickness over modulus (..., n) [m/Pa].
    Returns:
        :math:`c` (..., n) [N/m²].
    """
    radius = radii[0] * radii[1] / (radii[0] + radii[1])
    return np.pi * radius / (thicknesses[0] / moduli[0] + thicknesses[1] / moduli[1] + between)


STIFFENING = 2.0
"""Exponent gained while a layer is pressed to nothing, see :func:`press`; assumed, 1 to 3 [-]."""
FLATTEST = 1.2
"""Share of the limit beyond which stiffness grows no further: deeper than anything rests, but a fall can get there [-]."""


def press(indentation: Array, coefficient: Array, limit: Array) -> Press:
    r"""Force of a patch pressed into a support, stiffening as its layers are pressed flat.

    .. math:: F = c\,\delta^2 e^{s\,\delta/\delta_l}

    For small indentation this is the elastic foundation of :func:`foundation_coefficient`. Gluteal muscle is 7 times as
    stiff under 30 N as under 5 N (Isogai 2022), which ``STIFFENING`` spends over the whole thickness; the form is assumed.
    Beyond ``FLATTEST`` of the limit it goes on along its tangent.

    Args:
        indentation: Depth :math:`\delta` of the undeformed skin below the surface (..., n) [m].
        coefficient: See :func:`foundation_coefficient` (..., n) [N/m²].
        limit: Indentation :math:`\delta_l` at which the layers would be flat, see :func:`pressing_limit` (..., n) [m].
    Returns:
        Energy, force and stiffness (..., n); zero where the patch is clear.
    """
    flat = FLATTEST * limit
    beyond = np.maximum(indentation - flat, 0.0)
    depth = np.clip(indentation, 0.0, flat)
    rate = STIFFENING / limit
    x = rate * depth
    grown = np.exp(x)
    force = coefficient * depth**2 * grown
    stiffness = coefficient * depth * (2.0 + x) * grown
    energy = coefficient / rate**3 * (grown * (x**2 - 2.0 * x + 2.0) - 2.0)
    energy += beyond * (force + 0.5 * beyond * stiffness)
    return Press(energy, force + beyond * stiffness, stiffness)


def pressing_limit(modulus: Array, thickness: Array, below: Array | float = 0.0) -> Array:
    r"""Indentation at which the tissue would be pressed flat, what lies under it giving way in proportion.

    .. math:: \delta_l = h + E\,h_b/E_b

    Args:
        modulus, thickness, below: As in :func:`foundation_coefficient` (..., n) [Pa, m, m/Pa].
    Returns:
        The limit of :func:`press` (..., n) [m].
    """
    return thickness + modulus * below


class Surface(NamedTuple):
    """Distance to a support and its first and second derivatives; arrays (..., n)."""

    distance: Array
    """Positive outside, negative inside (..., n) [m]."""
    normal: Array
    """Outward unit normal in the vertical plane of the body's length (..., n, 2) [-]."""
    curvature: Array
    """Second derivative of the distance along the surface, 0 on a flat (..., n) [1/m]."""


def rounded_box_distance(point: Array, center: Array, half_size: Array, rounding: Array) -> Surface:
    r"""Signed distance to a box with rounded edges, seen from the side (towel, block; with no size at all, a bolster).

    .. math:: d = |\max(\mathbf q, 0)| + \min(\max(q_x, q_z), 0) - r, \quad
              \mathbf q = |\mathbf p - \mathbf c| - \mathbf h

    Args:
        point: Points (..., n, 2), along the floor and up [m].
        center: Centre of the box (..., 2) [m].
        half_size: Half length and half height of the box without its rounding (..., 2) [m].
        rounding: Radius of the edges (...) [m].
    Returns:
        Distance, outward normal and curvature. The distance is exact outside; the normal jumps only inside the box's core.
    """
    offset = point - center[..., None, :]
    reach = np.abs(offset) - half_size[..., None, :]
    outside = np.maximum(reach, 0.0)
    length = np.sqrt(np.sum(outside**2, axis=-1))
    distance = length + np.minimum(np.max(reach, axis=-1), 0.0) - rounding[..., None]
    on_core = length == 0.0
    along_x = reach[..., 0] > reach[..., 1]
    core = np.stack([along_x.astype(float), 1.0 - along_x.astype(float)], axis=-1)
    safe = np.where(on_core, 1.0, length)
    direction = np.where(on_core[..., None], core, outside / safe[..., None])
    corner = (reach[..., 0] > 0.0) & (reach[..., 1] > 0.0)
    return Surface(distance, direction * np.where(offset < 0.0, -1.0, 1.0), np.where(corner, 1.0 / safe, 0.0))
