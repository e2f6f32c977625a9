"""Set-ups of random bodies: does each search find one that its rule holds for, or say that there is none, and the same twice?

``python design/set_ups.py`` searches for 300 bodies in two positions (about two hours on one core), appending a row each to
``docs/set-up-bodies.csv`` and going on where it stopped; ``python design/set_ups.py twice`` searches for twenty of them in a
process of its own and compares; ``python design/set_ups.py tell`` fills the table in ``docs/set-up.md``.

What is chosen is checked apart from the search: the ensemble is laid down once in the whole set-up, and the rule's
conditions are counted here.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from psoas.advice.search import MEMBERS, Found, search
from psoas.errors import PsoasError
from psoas.person import Person
from psoas.position import position
from psoas.props import prop
from psoas.quantities import measure
from psoas.uncertainty import solve_ensemble
from psoas.validation.population import people

BODIES, TWICE, SEED = 300, 20, 2028
POSITIONS = ("constructive-rest", "bolstered")
AT_HAND = ("", "towel,folded-blanket,cushion,bolster")
"""What is at hand: nothing for every other body."""
KINDS = {
    "no distance does it": "No distance satisfies the rule",
    "no height does it": "no height lets both thighs rest",
    "not on what is at hand": "On it ",
    "not laid down at once": "itself it does not hold",
}
"""What a set-up that does not hold says, and the sentence it says it with."""
HERE = Path(__file__).parent.parent / "docs"
ROWS, PAGE = HERE / "set-up-bodies.csv", HERE / "set-up.md"
FIELDS = ("body", "position", "at_hand", "outcome", "value_m", "low_m", "high_m", "checked", "why", "seconds")


def holds(person: Person, found: Found) -> str:
    """What of the rule does not hold in the whole set-up, counted anew; empty where all does."""
    setup = found.setup
    laid = solve_ensemble(person, setup.position, setup.props, MEMBERS)
    of = {name: one.values for name, one in measure(laid).items()}
    rests = laid.converged
    if setup.position.id == "constructive-rest":
        hold = rests.copy()
        for side in ("left", "right"):
            hold &= of[f"friction_demand_heel_{side}"] <= 0.6
        stay = rests.copy()
        for side in ("left", "right"):
            stay &= of[f"lateral_stiffness_demand_{side}"] <= of[f"lateral_stiffness_supply_{side}"]
        knee = np.median(np.maximum(of["knee_flexion_left"], of["knee_flexion_right"])[rests])
        said = [f"feet hold in {hold.mean():.2f}"] if hold.mean() < 0.9 else []
        said += [f"knees stay in {stay.mean():.2f}"] if stay.mean() < 0.9 else []
        said += [f"knees {knee:.1f}"] if knee > 120.0 else []
    else:
        thigh = np.median(np.minimum(of["support_force_thigh_left"], of["support_force_thigh_right"])[rests])
        ribs = np.median(of["support_force_ribs"][rests])
        said = [f"thigh {thigh:.1f} N"] if thigh < 20.0 else []
        said += [f"ribs {ribs:.1f} N"] if ribs > 20.0 else []
    return "; ".join(said)


def row(body: int, person: Person, where: str) -> dict[str, str]:
    """One body in one position."""
    at_hand = AT_HAND[body % 2]
    given = {"body": str(body), "position": where, "at_hand": at_hand}
    began = time.perf_counter()
    try:
        found = search(person, position(where), [prop(id) for id in at_hand.split(",") if id])
    except PsoasError as problem:
        return given | dict.fromkeys(FIELDS[4:8], "") | {"outcome": "refused", "why": str(problem), "seconds": ""}
    took = time.perf_counter() - began
    line = found.setup.lines[0]
    ends = {f"{k}_m": f"{getattr(line.quantity, k):.4f}" for k in ("value", "low", "high")}
    why = "" if found.feasible else kind(f"{line.reason} {' '.join(found.notes)}")
    checked = holds(person, found) if found.feasible else ""
    return given | ends | {
        "outcome": "feasible" if found.feasible else "none",
        "checked": checked,
        "why": why,
        "seconds": f"{took:.1f}",
    }  # fmt: skip


def kind(said: str) -> str:
    """Which of its sentences a set-up that does not hold says."""
    return next((words for words, sentence in KINDS.items() if sentence in said), said)


def known() -> list[dict[str, str]]:
    """Rows there are."""
    if not ROWS.exists():
        return []
    with ROWS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def go_on() -> None:
    """Search for whoever has no row yet."""
    done = {(r["body"], r["position"]) for r in known()}
    if not ROWS.exists():
        ROWS.write_text(",".join(FIELDS) + "\n", encoding="utf-8")
    for body, person in enumerate(people(BODIES)):
        for where in POSITIONS:
            if (str(body), where) in done:
                continue
            one = row(body, person, where)
            with ROWS.open("a", encoding="utf-8", newline="") as file:
                csv.DictWriter(file, FIELDS, lineterminator="\n").writerow(one)


def again() -> None:
    """Some of them once more, in this process; what differs is printed."""
    rows = known()
    chosen = np.random.default_rng(SEED).choice(len(rows), min(TWICE, len(rows)), replace=False)
    everyone = people(BODIES)
    apart = 0
    for k in chosen.tolist():
        old = rows[k]
        new = row(int(old["body"]), everyone[int(old["body"])], old["position"])
        differs = [f for f in FIELDS[:-1] if new[f] != old[f]]
        apart += bool(differs)
        print(
            old["body"],
            old["position"],
            "the same" if not differs else [(f, old[f], new[f]) for f in differs],
            flush=True,
        )
    print(f"{len(chosen) - apart} of {len(chosen)} the same")


def table(rows: list[dict[str, str]]) -> Iterator[str]:
    """The outcomes as a page's table."""
    yield "| | constructive rest | on bolsters |"
    yield "|---|---|---|"
    of = {where: [r for r in rows if r["position"] == where] for where in POSITIONS}

    def line(title: str, cell) -> str:
        return f"| {title} | " + " | ".join(str(cell(of[where])) for where in POSITIONS) + " |"

    feasible = lambda some: [r for r in some if r["outcome"] == "feasible"]  # noqa: E731
    yield line("bodies", len)
    yield line("a set-up that its rule holds for", lambda some: len(feasible(some)))
    yield line(
        "says that there is none, with what comes nearest", lambda some: sum(r["outcome"] == "none" for r in some)
    )
    for words in KINDS:
        yield line(f"of these: {words}", lambda some, words=words: sum(r["why"] == words for r in some))
    yield line("refused", lambda some: sum(r["outcome"] == "refused" for r in some))
    yield line(
        "feasible, and not so when laid down apart from the search",
        lambda some: sum(bool(r["checked"]) for r in feasible(some)),
    )

    def wide(some: list[dict[str, str]]) -> str:
        widths = [100 * (float(r["high_m"]) - float(r["low_m"])) for r in feasible(some)]
        return ", ".join(f"{x:.1f}" for x in np.percentile(widths, [5, 25, 50, 75, 95])) + " cm" if widths else ""

    yield line("width of what is equally good: 5, 25, 50, 75, 95 of 100", wide)

    def slow(some: list[dict[str, str]]) -> str:
        seconds = [float(r["seconds"]) for r in some if r["seconds"]]
        return ", ".join(f"{x:.0f}" for x in np.percentile(seconds, [50, 95])) + " s" if seconds else ""

    yield line("seconds, 50 and 95 of 100, on a busy machine", slow)


def tell() -> None:
    """Put the table into the page."""
    head, mark, rest = PAGE.read_text(encoding="utf-8").partition("<!-- table bodies -->\n")
    PAGE.write_text(
        head + mark + "\n".join(table(known())) + "\n" + rest[rest.index("<!-- end -->") :], encoding="utf-8"
    )


if __name__ == "__main__":
    {"": go_on, "twice": again, "tell": tell}[sys.argv[1] if len(sys.argv) > 1 else ""]()
