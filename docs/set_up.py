"""Plot what the search for a set-up tries, and how its bands move with its rules and with rival anatomy.

Writes figures/set-up-heels.svg and figures/set-up-height.svg, and the tables in set-up.md. Run: ``python docs/set_up.py``
(``make docs`` does). Deterministic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from plots import HERE, INK, save, serif, style

from psoas.advice import scaled
from psoas.advice.search import (
    HEEL_QUANTITIES,
    HEELS,
    HEIGHTS,
    MOST_KNEE,
    PILE_QUANTITIES,
    SAME_PULL,
    THIGH_LOAD,
    Band,
    grip,
    heel_band,
    pile_band,
    pull,
)
from psoas.advice.sweep import Sweep, over_heel_distance, over_props
from psoas.body.model import Array
from psoas.body.variation import PSOAS_PATHS
from psoas.person import Limb, Person
from psoas.position import position
from psoas.props import prop
from psoas.uncertainty import draws, usual

MEMBERS = 96


def man(shortening: float) -> Person:
    """The average man of the tables, his hip flexors so much shorter."""
    limb = Limb(hip_flexor_shortening=shortening)
    return Person("male", 1.78, 80.0, left=limb, right=limb)


PEOPLE = {"woman": Person("female", 1.68, 68.0), "man, flexors 15 % shorter": man(0.15), "man, 30 % shorter": man(0.30)}
BENT, BOLSTERED = position("constructive-rest"), position("bolstered")
PATH_NAMES = {"rajagopal2016": "Rajagopal 2016", "delp1990": "Delp 1990", "wilkinson2021": "Wilkinson 2021"}
DASHES = ("-", "--", ":")


@dataclass(frozen=True)
class Heels:
    """One person's sweep over heel distance, and what the sources say for their legs [m]."""

    sweep: Sweep
    low: float
    high: float


def heels(person: Person) -> Heels:
    """The sweep behind a person's heel distance."""
    said = next(one for one in scaled.set_up(person, BENT).lines if one.name == "heel_distance").quantity
    return Heels(over_heel_distance(usual(person, MEMBERS), BENT, [], HEELS, HEEL_QUANTITIES), said.low, said.high)


def heights(person: Person) -> Sweep:
    """The sweep behind a person's height under the shoulders."""
    usual = prop("cushion")
    piles = {h: [replace(usual, thickness=h, soft=h, under="shoulders")] if h else [] for h in HEIGHTS}
    return over_props(usual(person, MEMBERS), BOLSTERED, piles, PILE_QUANTITIES, instead={0.0: position("supine")})


def by_path(sweep: Sweep, path: str) -> Sweep:
    """The members of one rival psoas path alone."""
    rows = [k for k, one in enumerate(draws(MEMBERS)) if one.psoas_path == path]
    return replace(sweep, quantities={name: table[:, rows] for name, table in sweep.quantities.items()})


def band_of(axes: Axes, x: Array, table: Array, color: str, label: str = "") -> None:
    """Median and nine in ten."""
    low, middle, high = np.nanpercentile(table, [5.0, 50.0, 95.0], axis=1)
    axes.fill_between(x, low, high, color=color, alpha=0.18, linewidth=0)
    axes.plot(x, middle, color=color, linewidth=1.6, label=label)


def shade(axes: Axes, band: Band, color: str) -> None:
    """The equally good choices."""
    axes.axvspan(100 * band.low, 100 * band.high, color=color, alpha=0.13, linewidth=0)


def plot_heels(one: Heels) -> None:
    """Four panels over heel distance."""
    sweep, of = one.sweep, one.sweep.quantities
    x, band = 100 * sweep.values, heel_band(sweep, "floor")
    figure, panels = plt.subplots(2, 2, figsize=(8.2, 6.0), sharex=True, constrained_layout=True)
    red, ink, quiet = INK["madder"], INK["ink"], INK["quiet"]
    pulled, gripping, knees, back = panels.flat
    band_of(pulled, x, pull(sweep), red)
    for path, dashes in zip(PSOAS_PATHS, DASHES, strict=True):
        middle = np.nanmedian(pull(by_path(sweep, path)), axis=1)
        pulled.plot(x, middle, dashes, color=red, linewidth=0.9, label=f"path of {PATH_NAMES[path]}")
    pulled.legend(fontsize=7, loc="upper left")
    serif(pulled, "psoas and iliacus pull, a side [N]")
    band_of(gripping, x, of["friction_demand_heel_left"], ink)
    gripping.axhline(grip("floor"), color=quiet, linewidth=0.9, linestyle="--")
    gripping.text(36, grip("floor") + 0.02, "what a floor is counted on for", ha="center", fontsize=7, color=quiet)
    serif(gripping, "grip the feet need")
    gripping.set_ylim(0.0, 1.2)
    band_of(knees, x, of["knee_flexion_left"], ink)
    knees.axhline(MOST_KNEE, color=quiet, linewidth=0.9, linestyle="--")
    knees.text(x[-1], MOST_KNEE + 2, "most that is asked, assumed", ha="right", fontsize=7, color=quiet)
    serif(knees, "knees bent [deg]")
    band_of(back, x, of["support_force_lumbar"], ink)
    serif(back, "small of the back bears [N]")
    for axes in panels.flat:
        shade(axes, band, red)
        axes.axvspan(
            100 * one.low, 100 * one.high, facecolor="none", edgecolor=quiet, hatch="///", linewidth=0, alpha=0.5
        )
        axes.margins(x=0.01)
    for axes in panels[1]:
        axes.set_xlabel("heels from the buttocks [cm]")
    figure.supxlabel("Red: equally good by the rule. Hatched: the sources' 12 to 16 inches, scaled to these legs."
                " Bands: nine bodies in ten.", fontsize=7.5, color=quiet, x=0.01, ha="left")  # fmt: skip
    save(figure, "set-up-heels")


def plot_heights(people: dict[str, Sweep]) -> None:
    """Thigh load and gap over height, for a body that is not tight and one that is."""
    red, ink, quiet = INK["madder"], INK["ink"], INK["quiet"]
    figure, panels = plt.subplots(
        len(people), 3, figsize=(8.2, 2.7 * len(people)), sharex=True, constrained_layout=True
    )
    for row, (name, sweep) in zip(panels, people.items(), strict=True):
        of, x = sweep.quantities, 100 * sweep.values
        gap, load, ribs = row
        band_of(gap, x, of["thigh_gap_left"] / 10, ink)
        serif(gap, name)
        gap.set_ylabel("gap under the thigh [cm]")
        band_of(load, x, of["support_force_thigh_left"], ink)
        load.axhline(THIGH_LOAD, color=quiet, linewidth=0.9, linestyle="--")
        serif(load, "thigh bears [N]")
        band_of(ribs, x, pull_of_psoas(sweep), red)
        serif(ribs, "psoas pulls [N]")
        band, _ = pile_band(sweep)
        for axes in row:
            if band.holds:
                shade(axes, band, red)
            axes.margins(x=0.01)
    for axes in panels[-1]:
        axes.set_xlabel("under the shoulders [cm]")
    save(figure, "set-up-height")


def pull_of_psoas(sweep: Sweep) -> Array:
    """Psoas major of the left side (n, members) [N]."""
    return sweep.quantities["psoas_major_passive_force_left"]


def words(band: Band) -> str:
    """A band in a table."""
    return f"{100 * band.low:.0f} to {100 * band.high:.0f} cm" if band.holds else "none"


def rules(found: dict[str, Heels]) -> str:
    """How the heel band moves with each limit of its rule, and with each rival path."""
    rows = [
        ("as it is", lambda s: heel_band(s, "floor")),
        ("pull within 5 N", lambda s: heel_band(s, "floor", same_pull=5.0)),
        ("pull within 20 N", lambda s: heel_band(s, "floor", same_pull=20.0)),
        ("knees to 110 degrees", lambda s: heel_band(s, "floor", most_knee=110.0)),
        ("knees to 135 degrees", lambda s: heel_band(s, "floor", most_knee=135.0)),
        ("on a mat", lambda s: heel_band(s, "mat")),
        *((f"only the path of {PATH_NAMES[p]}", lambda s, p=p: heel_band(by_path(s, p), "floor")) for p in PSOAS_PATHS),
    ]
    head = ["| rule | " + " | ".join(found) + " |", "|---|" + "---|" * len(found)]
    body = [
        f"| {title} | " + " | ".join(words(rule(one.sweep)) for one in found.values()) + " |" for title, rule in rows
    ]
    said = (
        "| the sources, scaled | "
        + " | ".join(f"{100 * o.low:.0f} to {100 * o.high:.0f} cm" for o in found.values())
        + " |"
    )
    return "\n".join([*head, *body, said])


def pile_table(people: dict[str, Sweep]) -> str:
    """Medians over height."""
    lines = ["| under the shoulders | " + " | ".join(f"{n}: gap, thigh bears, psoas" for n in people) + " |"]
    lines.append("|---|" + "---|" * len(people))
    for k, height in enumerate(HEIGHTS):
        cells = []
        for sweep in people.values():
            of = {n: float(np.nanmedian(sweep.quantities[n][k])) for n in PILE_QUANTITIES}
            cells.append(
                f"{of['thigh_gap_left'] / 10:.1f} cm, {of['support_force_thigh_left']:.0f} N,"
                f" {of['psoas_major_passive_force_left']:.0f} N"
            )
        lines.append(f"| {100 * height:.0f} cm | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Draw, and fill the tables."""
    style()
    found = {name: heels(person) for name, person in list(PEOPLE.items())[:2]}
    plot_heels(found["woman"])
    piles = {name: heights(person) for name, person in PEOPLE.items()}
    plot_heights(piles)
    page = HERE / "set-up.md"
    text = page.read_text(encoding="utf-8")
    for key, table in (("heels", rules(found)), ("heights", pile_table(piles))):
        mark = re.compile(rf"(<!-- table {key} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, count = mark.subn(lambda m, table=table: m[1] + table + "\n" + m[2], text)
        assert count == 1, key
    page.write_text(text, encoding="utf-8")
    print(f"filled {page.name}: pull within {SAME_PULL:.0f} N")


if __name__ == "__main__":
    main()
