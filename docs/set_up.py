"""Plot what the search for a set-up tries, and how its bands move with its rules and with rival anatomy.

Writes figures/set-up-heels.svg and figures/set-up-height.svg, each also -dark, with the code behind ``psoas set-up --plot``, and
the tables in set-up.md. Run: ``python docs/set_up.py``
(``make docs`` does). Deterministic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from psoas.advice import plot, scaled
from psoas.advice.search import HEEL_QUANTITIES, HEELS, HEIGHTS, PILE_QUANTITIES, SAME_PULL, Band, heel_band
from psoas.advice.sweep import Sweep, over_heel_distance, over_props
from psoas.body.variation import PSOAS_PATHS
from psoas.person import Limb, Person
from psoas.position import position
from psoas.props import prop
from psoas.uncertainty import draws, usual

HERE = Path(__file__).parent
MEMBERS = 96


def man(shortening: float) -> Person:
    """The average man of the tables, his hip flexors so much shorter."""
    limb = Limb(hip_flexor_shortening=shortening)
    return Person("male", 1.78, 80.0, left=limb, right=limb)


PEOPLE = {"woman": Person("female", 1.68, 68.0), "man, flexors 15 % shorter": man(0.15), "man, 30 % shorter": man(0.30)}
BENT, BOLSTERED = position("constructive-rest"), position("bolstered")
PATH_NAMES = {"rajagopal2016": "Rajagopal 2016", "delp1990": "Delp 1990", "wilkinson2021": "Wilkinson 2021"}


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
    cushion = prop("cushion")
    piles = {h: [replace(cushion, thickness=h, soft=h, under="shoulders")] if h else [] for h in HEIGHTS}
    return over_props(usual(person, MEMBERS), BOLSTERED, piles, PILE_QUANTITIES, instead={0.0: position("supine")})


def by_path(sweep: Sweep, path: str) -> Sweep:
    """The members of one rival psoas path alone."""
    return sweep.among([k for k, one in enumerate(draws(MEMBERS)) if one.psoas_path == path])


def paths(sweep: Sweep) -> dict[str, Sweep]:
    """The members of each rival psoas path, by its name."""
    return {f"path of {PATH_NAMES[path]}": by_path(sweep, path) for path in PSOAS_PATHS}


def save(name: str, columns: list[plot.Column]) -> None:
    """Write a figure, light and dark."""
    for theme, end in (("light", ""), ("dark", "-dark")):
        path = HERE / "figures" / f"{name}{end}.svg"
        path.write_text(plot.draw(columns, theme=theme), encoding="utf-8")
        print(path.relative_to(HERE.parent))


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
    found = {name: heels(person) for name, person in list(PEOPLE.items())[:2]}
    save(
        "set-up-heels",
        [
            plot.heels(one.sweep, BENT, PEOPLE[name], title=f"Heel distance, {name}", rivals=paths(one.sweep))
            for name, one in found.items()
        ],
    )
    piles = {name: heights(person) for name, person in PEOPLE.items()}
    save("set-up-height", [plot.heights(sweep, title=f"On bolsters, {name}") for name, sweep in piles.items()])
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
