"""What a body may be like before anybody has looked: one standard normal number for each row of ``prior.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from scipy.ndimage import map_coordinates
from scipy.special import ndtr, ndtri

from psoas import units
from psoas.anatomy import tables
from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import Array
from psoas.body.paths import muscle_paths
from psoas.body.skeleton import LEVELS, LUMBAR
from psoas.body.variation import Variation
from psoas.energy import muscle_state
from psoas.person import Limb, Person, value
from psoas.uncertainty import ILIACUS_SHARE, STRETCHES, stretched

SHORTENING = ("shortening_both", "shortening_side")
"""The first two columns of a particle: what both sides share, and by how much they differ."""
CUT = 2.0
"""Where a spread is cut, as in :func:`psoas.uncertainty.draw` [sd]."""
MOMENT_ARMS = (0.025, 0.036)
"""Of psoas and iliacus about the hip, standing, as :func:`psoas.uncertainty.draw` takes them [m]."""
CAPSULE = 8.0
"""Moment that psoas and iliacus would have to carry for nothing to be left to the capsule, likewise [N·m]."""
_SHORTENINGS = np.linspace(0.0, 0.42, 15)
"""Shortenings over which standing passive force is tabulated [-]."""


@dataclass(frozen=True)
class Row:
    """One row of ``prior.toml``; see the head of that file.

    Attributes:
        name: A field of :class:`~psoas.body.variation.Variation`, or ``profile_`` and a level.
        law: ``normal``, ``lognormal``, ``uniform`` or ``rival``.
        source: Key of ``anatomy/sources.bib``.
        status: As in the tables of ``psoas/anatomy``.
        spread, low, high: As the law needs them [unit].
        rivals, weights: Likewise.
        unit: Of spread, low and high.
        note: Why.
    """

    name: str
    law: str
    source: str
    status: str
    spread: float = 0.0
    low: float = 0.0
    high: float = 0.0
    rivals: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    unit: str = "1"
    note: str = ""

    def turned(self, z: Array) -> Array:
        """Standard normal numbers as values of this row, any shape, in SI; for rivals, their places in ``rivals``."""
        if self.law == "rival":
            below = np.cumsum(self.weights)[:-1] / np.sum(self.weights)
            return np.searchsorted(below, ndtr(z), side="right").astype(float)
        spread, low, high = (units.to_si(x, self.unit) for x in (self.spread, self.low, self.high))
        if self.law == "uniform":
            return low + (high - low) * ndtr(z)
        cut = spread * np.clip(z, -CUT, CUT)
        return np.exp(cut) if self.law == "lognormal" else cut


@cache
def table() -> Mapping[str, Any]:
    """``prior.toml`` as it stands."""
    return tomllib.loads((files("psoas.evaluation") / "prior.toml").read_text(encoding="utf-8"))


@cache
def rows() -> tuple[Row, ...]:
    """The rows, in the order of a particle's columns after :data:`SHORTENING`."""
    found = []
    for name, entry in table()["row"].items():
        fields: dict[str, Any] = {key: tuple(x) if isinstance(x, list) else x for key, x in entry.items()}
        found.append(Row(name=name, **fields))
    return tuple(found)


@cache
def columns() -> tuple[str, ...]:
    """Names of a particle's numbers (columns,)."""
    return (*SHORTENING, *(row.name for row in rows()))


def particles(count: int, seed: int) -> Array:
    """Bodies drawn from the prior, spread evenly along each row (a Latin hypercube).

    Args:
        count: How many.
        seed: Of the draws.
    Returns:
        Standard normal numbers (count, columns) [-].
    """
    rng = np.random.default_rng(seed)
    places = np.array([rng.permutation(count) for _ in columns()]).T
    return np.asarray(ndtri((places + rng.uniform(size=places.shape)) / count))


def sides(particles: Array) -> Array:
    """The numbers that shortening left and right come from, each standard normal (n, 2) [-]."""
    alike = table()["shortening"]["alike"]
    both, apart = np.sqrt(0.5 + 0.5 * alike) * particles[:, 0], np.sqrt(0.5 - 0.5 * alike) * particles[:, 1]
    return np.column_stack([both + apart, both - apart])


def shortening(particles: Array) -> Array:
    """Hip flexor shortening left and right (n, 2) [-]."""
    row = table()["shortening"]
    return np.minimum(row["spread"] * ndtri(0.5 + 0.5 * ndtr(sides(particles))), row["most"])


def drifted(particles: Array, days: float, seed: int) -> Array:
    """The same bodies some days later: shortening may have changed, all else stays (n, columns) [-]."""
    kept = np.exp(-days / (365.25 * table()["drift"]["years"]))
    later = particles.copy()
    noise = np.random.default_rng(seed).standard_normal((particles.shape[0], len(SHORTENING)))
    later[:, : len(SHORTENING)] = kept * particles[:, : len(SHORTENING)] + np.sqrt(1.0 - kept**2) * noise
    return later


def drawn(particles: Array) -> dict[str, Array]:
    """Values of every row by name, in SI (n,); ``capsule_share`` with what psoas and iliacus leave of it."""
    at = len(SHORTENING)
    found = {row.name: row.turned(particles[:, at + k]) for k, row in enumerate(rows())}
    force = found["psoas_stretch"]
    carried = force * MOMENT_ARMS[0] + ILIACUS_SHARE * force * MOMENT_ARMS[1]
    found["capsule_share"] = np.clip(1.0 - carried / CAPSULE, 0.05, 1.0) * found["capsule_share"]
    return found


def shortened(person: Person, left: float, right: float) -> Person:
    """The person with these shortenings [-] in place of any that were given."""
    return replace(
        person,
        left=Limb(hip_flexor_shortening=left, leg_length=person.left.leg_length),
        right=Limb(hip_flexor_shortening=right, leg_length=person.right.leg_length),
    )


def bodies(person: Person, particles: Array) -> tuple[tuple[Person, ...], tuple[Variation, ...]]:
    """Particles as people and variations, ready to build.

    Args:
        person: Measurements; shortening is the particles' own.
        particles: (n, columns) [-].
    Returns:
        People (n,) and variations (n,).
    Raises:
        DataError: A table lacks a row.
    """
    values = drawn(particles)
    rivals = {row.name: row.rivals for row in rows() if row.law == "rival"}
    made = []
    for k in range(particles.shape[0]):
        fields: dict[str, Any] = {
            name: rivals[name][int(column[k])] if name in rivals else float(column[k])
            for name, column in values.items()
        }
        profile = tuple(fields.pop(f"profile_{level}") for level in LEVELS)
        force = fields["psoas_stretch"]
        draw = Variation(**fields, lumbar_profile=profile, iliacus_stretch=ILIACUS_SHARE * force)
        made.append(stretched(person, draw))
    return tuple(shortened(person, *map(float, pair)) for pair in shortening(particles)), tuple(made)


# -- what a particle means for one person -------------------------------------------------------------


@lru_cache(maxsize=64)
def _standing_forces(person: Person, curve: str, areas: str) -> tuple[Array, Array]:
    """Standing passive force of one side's psoas major and iliacus over added stretch and shortening (n, m) [N]."""
    one = build(person, Variation(passive_curve=curve, psoas_areas=areas))
    lengths = muscle_paths(one, pose(one, one.standing)).length
    sine = np.sin(one.pennation_angle)
    neutral = np.sqrt(((lengths - one.tendon_slack_length) / one.optimal_fiber_length) ** 2 + sine**2)
    stretch, short = (x.ravel()[:, None] for x in np.meshgrid(STRETCHES, _SHORTENINGS, indexing="ij"))
    along = np.sqrt(np.maximum((neutral + stretch) ** 2 - sine**2, 1e-6)) * one.optimal_fiber_length
    many = replace(
        one.take(np.zeros(stretch.size, dtype=np.intp)),
        tendon_slack_length=np.maximum(lengths - along, 0.05 * lengths),
        optimal_fiber_length=one.optimal_fiber_length * (1.0 - short),
    )
    tension = muscle_state(many, np.broadcast_to(lengths, along.shape)).tension

    def of(group: str) -> Array:
        lines = [i for i, m in enumerate(one.tree.muscles) if m.startswith(group) and m.endswith("_r")]
        return tension[:, lines].sum(1).reshape(STRETCHES.size, _SHORTENINGS.size)

    return of("psoas_major"), of("iliacus")


def standing_forces(person: Person, particles: Array) -> tuple[Array, Array]:
    """Passive force of psoas major and iliacus standing straight, shortening included.

    Args:
        person: Measurements.
        particles: (n, columns) [-].
    Returns:
        Psoas and iliacus, each left and right (n, 2) [N].
    Raises:
        DataError: A table lacks a row.
    """
    plain = replace(shortened(person, 0.0, 0.0), tone=0.0)
    values, short = drawn(particles), shortening(particles)
    found = np.zeros((2, particles.shape[0], 2))
    rivals = {row.name: row.rivals for row in rows()}
    for c, curve in enumerate(rivals["passive_curve"]):
        for a, areas in enumerate(rivals["psoas_areas"]):
            mine = np.flatnonzero((values["passive_curve"] == c) & (values["psoas_areas"] == a))
            tabulated = _standing_forces(plain, curve, areas)
            for muscle, (name, share) in enumerate((("psoas_area", 1.0), ("iliacus_area", ILIACUS_SHARE))):
                area, wanted = values[name][mine], share * values["psoas_stretch"][mine]
                force = tabulated[muscle]
                rising = force[:, 0] + 1e-9 * np.arange(STRETCHES.size)
                stretch = np.interp(wanted / area, rising, np.arange(STRETCHES.size))
                for side in (0, 1):
                    at = np.interp(short[mine, side], _SHORTENINGS, np.arange(_SHORTENINGS.size))
                    logs = map_coordinates(np.log(force + 1.0), [stretch, at], order=1, mode="nearest")
                    found[muscle, mine, side] = area * (np.exp(logs) - 1.0)
    return found[0], found[1]


@dataclass(frozen=True)
class Parameter:
    """One thing to be inferred.

    Attributes:
        name: The field's word for it.
        title: In people's words.
        unit: A unit of ``psoas.units``.
        sources: Keys of ``anatomy/sources.bib``.
    """

    name: str
    title: str
    unit: str
    sources: tuple[str, ...]


PARAMETERS = (
    Parameter("hip_flexor_shortening_left", "shorter hip flexors, left", "%", ("estimate",)),
    Parameter("hip_flexor_shortening_right", "shorter hip flexors, right", "%", ("estimate",)),
    Parameter("psoas_major_standing_force_left", "psoas pull, left", "N", ("silder2007", "riener1999")),
    Parameter("psoas_major_standing_force_right", "psoas pull, right", "N", ("silder2007", "riener1999")),
    Parameter("iliacus_standing_force_left", "iliacus pull, left", "N", ("silder2007", "riener1999")),
    Parameter("iliacus_standing_force_right", "iliacus pull, right", "N", ("silder2007", "riener1999")),
    Parameter("pelvic_incidence", "pelvic incidence", "deg", ("lordosis2022",)),
    Parameter("rest_lordosis", "hollow of the free back", "deg", ("lordosis2022", "estimate")),
    Parameter("disc_stiffness", "stiffness of the discs", "1", ("estimate",)),
    Parameter("back_tissue", "flesh over the spine", "mm", ("skinspine2020",)),
    Parameter("buttock", "buttock behind the hip", "mm", ("myosuite2022", "ansur2012")),
    Parameter("thigh_flesh", "thigh behind the bone", "mm", ("ansur2012", "estimate")),
)
"""What an evaluation speaks of; every other row is a nuisance that widens it."""


def parameters(person: Person, particles: Array) -> dict[str, Array]:
    """Values of :data:`PARAMETERS` for every particle (n,), in SI.

    Args:
        person: Measurements.
        particles: (n, columns) [-].
    Raises:
        DataError: A table lacks a row.
    """
    values, short = drawn(particles), shortening(particles)
    psoas, iliacus = standing_forces(person, particles)
    skin = tables.load("skin")

    def off(id: str, quantity: str, z: str) -> Array:
        return value("skin", id, quantity) + values[z] * float(skin.get(id, quantity).sd_si[0])

    row = tables.load("bones").get("pelvis", "pelvic_incidence")
    incidence = row.number + values["pelvic_incidence"] * float(row.sd_si[0])
    rest = np.zeros_like(incidence)
    for level in LEVELS:
        angle = tables.load("bones").get(level, "segment_angle_standing")
        rest += value("fitted", "spine", "rest_shape") * angle.number * incidence / row.number
        rest += 0.5 * float(angle.sd_si[0]) * values[f"profile_{level}"]
    fat = max(1.0 + value("skin", "back", "tissue_per_bmi") * (person.bmi - 25.0), 0.4) * person.girth_ratio("waist")
    depth = person.anthropometry("buttockdepth") * person.girth_ratio("hip")
    girth = person.anthropometry("thighcircumference") / (2.0 * np.pi)
    return {
        "hip_flexor_shortening_left": short[:, 0],
        "hip_flexor_shortening_right": short[:, 1],
        "psoas_major_standing_force_left": psoas[:, 0],
        "psoas_major_standing_force_right": psoas[:, 1],
        "iliacus_standing_force_left": iliacus[:, 0],
        "iliacus_standing_force_right": iliacus[:, 1],
        "pelvic_incidence": incidence,
        "rest_lordosis": rest,
        "disc_stiffness": values["disc_stiffness"],
        "back_tissue": np.maximum(off(f"{LUMBAR[2]}_back", "tissue", "back_tissue") * fat, 0.004),
        "buttock": off("buttock", "depth_behind_hip", "buttock") * depth,
        "thigh_flesh": girth - value("skin", "thigh_2", "offset") + values["thigh_flesh"] * _sd("thigh_2", "offset"),
    }


def _sd(id: str, quantity: str) -> float:
    return float(tables.load("skin").get(id, quantity).sd_si[0])


def features(person: Person, particles: Array) -> Array:
    """What the emulator looks at: left and right seen each as the own side.

    Rows that change nothing lying straight are left out, rivals become columns of 0 and 1, and the pull of the hip flexors
    is given outright, since it depends on shortening through two exponentials.

    Args:
        person: Measurements.
        particles: (n, columns) [-].
    Returns:
        For left and right (2, n, features) [-].
    Raises:
        DataError: A table lacks a row.
    """
    values = drawn(particles)
    shared: list[Array] = []
    for k, row in enumerate(rows()):
        if row.name in IDLE:
            continue
        if row.law == "rival":
            shared += [(values[row.name] == pick).astype(float) for pick in range(1, len(row.rivals))]
        else:
            shared.append(np.clip(particles[:, len(SHORTENING) + k], -2.5, 2.5))
    psoas, iliacus = standing_forces(person, particles)
    moment = np.log(MOMENT_ARMS[0] * psoas + MOMENT_ARMS[1] * iliacus + 2.0)
    own: list[Sequence[Array]] = []
    z, logs = np.clip(sides(particles), -2.5, 2.5), np.log(psoas + 20.0)
    for side in (0, 1):
        other = 1 - side
        own.append(
            [z[:, side], z[:, other], logs[:, side], logs[:, other], moment[:, side], moment[:, other], moment.mean(1)]
        )
    return np.array([np.column_stack([*mine, *shared]) for mine in own])


PULL = 4
"""Which feature is the pull of the own side's hip flexors, as the logarithm of their moment."""
IDLE = ("lateral_tone", "friction", "trunk_grip")
"""Rows without effect on someone who lies straight: no foot is held, so only the pelvis keeps its place."""
