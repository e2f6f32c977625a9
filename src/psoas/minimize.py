"""Levenberg-Marquardt on a Cholesky factor, for many small problems at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from psoas.body.model import Array, Flags, Index


class Point(Protocol):
    """What is known at a trial: energy (n,), gradient (n, k) and Hessian (n, k, k)."""

    @property
    def energy(self) -> Array:
        """(n,)."""
        ...

    @property
    def gradient(self) -> Array:
        """(n, k)."""
        ...

    @property
    def hessian(self) -> Array:
        """(n, k, k)."""
        ...


P = TypeVar("P", bound=Point)


@dataclass(frozen=True)
class Minimum:
    """Where each problem came to rest."""

    x: Array
    """Where it stands (n, k), in the unknowns' own units."""
    converged: Flags
    """Whether its gradient is below the tolerance there (n,)."""
    iterations: Index
    """Steps tried (n,)."""
    energies: tuple[Array, ...]
    """The energy of every problem at the start and after each step (n,); it never rises (rounding apart) [J]."""


@dataclass(frozen=True)
class Options(Generic[P]):
    """How far and how fast."""

    tolerance: float = 1e-7
    """Largest gradient component at rest [N, N·m]."""
    most_iterations: int = 200
    """Steps before giving up."""
    scale_floor: Array | float = 1.0
    """Smallest diagonal that damping acts on (k,) [as the Hessian's diagonal]."""
    largest_step: Array | float = np.inf
    """Largest change of each unknown in one step (k,) [as the unknown]."""
    damping: float = 0.1
    """Initial damping, relative to the diagonal [-]."""


SMALLEST_CURVATURE = 1e-5
"""Smallest eigenvalue of a scaled Hessian that a mended step divides by [-]."""
SHORTEN, SHORTEST = 0.4, 0.1
"""How much shorter a refused step is tried again, and the share of it below which damping is raised instead [-]."""
SMALLEST_DAMPING = 1e-7
"""Damping never falls below this, so that a refused step finds the way back soon [-]."""
MOST_KICKS, KICK, HALVINGS = 4, 0.1, 8
"""How often a problem is pushed off a saddle, by how much of the largest step, and how often that is halved."""
ROUNDING = 1e-13
"""Energies closer than this fraction are equal [-]."""


def minimize(evaluate: Callable[[Index, Array], P], start: Array, options: Options[P]) -> Minimum:
    """Minimize ``n`` energies of ``k`` unknowns each.

    A step is taken only where it lowers the energy; where the predicted change is below rounding, where it lowers the
    gradient. Problems leave the batch as they come to rest.

    Args:
        evaluate: Energy, gradient and Hessian of the problems named by an index (m,), at (m, k).
        start: Where to start from (n, k).
        options: See :class:`Options`.
    Returns:
        The minima. A problem that did not come to rest says so and stands where it stopped.
    """
    count, size = start.shape
    x = start.astype(float).copy()
    converged = np.zeros(count, dtype=bool)
    iterations = np.zeros(count, dtype=np.intp)
    floor = np.broadcast_to(np.asarray(options.scale_floor, dtype=float), (size,))
    cap = np.broadcast_to(np.asarray(options.largest_step, dtype=float), (size,))

    active = np.arange(count)
    here = evaluate(active, x)
    energy, gradient, hessian = here.energy.copy(), here.gradient.copy(), here.hessian.copy()
    damping = np.full(count, options.damping)
    trail = [energy.copy()]
    full_energy = energy.copy()
    kicks = np.zeros(count, dtype=np.intp)
    shortened = np.ones(count)  # share of the step that is tried
    refused = np.zeros(count, dtype=bool)  # a step too small for the energy to judge was refused

    for _ in range(options.most_iterations):
        at_rest = np.max(np.abs(gradient), axis=1) < options.tolerance
        for k in np.flatnonzero(at_rest | refused[active]):
            if kicks[active[k]] < MOST_KICKS and not _definite(hessian[k : k + 1]):
                # A saddle: leave it along its most downward direction, to the side that leads down.
                kicks[active[k]] += 1
                refused[active[k]] = False
                away = _downward(evaluate, active[k], x[active[k]], energy[k], hessian[k], cap)
                if away is None:
                    continue
                at_rest[k] = False
                x[active[k]] += away
                there = evaluate(active[k : k + 1], x[active[k : k + 1]])
                energy[k], gradient[k], hessian[k] = there.energy[0], there.gradient[0], there.hessian[0]
                damping[k] = options.damping
        if at_rest.any():
            converged[active[at_rest]] = True
            keep = ~at_rest
            active, energy, gradient, hessian = active[keep], energy[keep], gradient[keep], hessian[keep]
            damping = damping[keep]
        if active.size == 0:
            break
        scale = np.maximum(np.abs(np.einsum("nii->ni", hessian)), floor)
        damped = _positive(hessian, scale, damping)
        step = -np.linalg.solve(damped, gradient[..., None])[..., 0]
        step *= np.minimum(1.0, 1.0 / np.maximum(np.max(np.abs(step) / cap, axis=1), 1e-300))[:, None]
        step *= shortened[active, None]
        predicted = -np.sum(gradient * step, 1) - 0.5 * np.sum(step * (hessian @ step[..., None])[..., 0], 1)

        there = evaluate(active, x[active] + step)
        gained = energy - there.energy
        tiny = np.abs(predicted) < ROUNDING * np.maximum(np.abs(energy), 1.0) * 10
        calmer = np.sum(there.gradient**2, 1) < np.sum(gradient**2, 1)
        finite = np.isfinite(there.energy) & np.all(np.isfinite(there.gradient), axis=1)
        take = finite & np.where(tiny, calmer & (gained > -ROUNDING * np.abs(energy) * 100), gained > 0.0)

        refused[active] = tiny & ~take
        ratio = np.where(tiny, np.where(calmer, 1.0, 0.0), gained / np.where(tiny, 1.0, predicted))
        factor = np.where(ratio > 0.75, 0.1, np.where(ratio > 0.25, 0.5, 4.0))
        # A refused step is first tried shorter; only when that does not help is the damping raised.
        spent = shortened[active] < SHORTEST
        factor = np.where(take, np.where(shortened[active] < 1.0, 1.0, factor), np.where(spent, 100.0, 1.0))
        damping = np.clip(damping * factor, SMALLEST_DAMPING, 1e12)
        shortened[active] = np.where(take | spent, 1.0, SHORTEN * shortened[active])
        x[active[take]] += step[take]
        energy = np.where(take, there.energy, energy)
        gradient = np.where(take[:, None], there.gradient, gradient)
        hessian = np.where(take[:, None, None], there.hessian, hessian)
        iterations[active] += 1
        full_energy[active] = energy
        trail.append(full_energy.copy())
    return Minimum(x, converged, iterations, tuple(trail))


def _downward(
    evaluate: Callable[[Index, Array], P], member: int, x: Array, energy: float, hessian: Array, cap: Array
) -> Array | None:
    """A step off a saddle that lowers the energy, or nothing if none does."""
    direction = np.linalg.eigh(hessian)[1][:, 0]
    direction *= KICK / np.max(np.abs(direction) / cap)
    rows = np.array([member])
    for _ in range(HALVINGS):
        for step in (direction, -direction):
            if evaluate(rows, (x + step)[None]).energy[0] < energy:
                return np.asarray(step)
        direction = 0.5 * direction
    return None


def _positive(hessian: Array, scale: Array, damping: Array) -> Array:
    """Damped Hessians, made positive definite where they are not.

    Where a Cholesky factor does not exist the eigenvalues (of the Hessian scaled by its diagonal) are replaced by their
    sizes: the step then leaves a saddle along its downward directions at the speed of their curvature.
    """
    diagonal = np.arange(hessian.shape[1])

    def damped(table: Array, members: Index | slice) -> Array:
        table = table.copy()
        table[:, diagonal, diagonal] += damping[members, None] * scale[members]
        return table

    table = damped(hessian, slice(None))
    indefinite = (
        [member for member in range(hessian.shape[0]) if not _definite(table[member])] if not _definite(table) else []
    )
    if indefinite:
        rows = np.array(indefinite)
        root = np.sqrt(scale[rows])
        values, vectors = np.linalg.eigh(hessian[rows] / root[:, :, None] / root[:, None, :])
        sizes = np.maximum(np.abs(values), SMALLEST_CURVATURE)
        mended = (vectors * sizes[:, None, :]) @ np.swapaxes(vectors, -1, -2) * root[:, :, None] * root[:, None, :]
        table[rows] = damped(mended, rows)
    return table


def _definite(table: Array) -> bool:
    try:
        np.linalg.cholesky(table)
    except np.linalg.LinAlgError:
        return False
    return True
