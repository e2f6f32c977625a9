"""How often the truth lies in an evaluation's 90 % interval; writes ``docs/evaluation-coverage.json`` and the table of
``docs/evaluation.md``.

``python design/coverage.py`` solves 300 people twice (about 20 minutes on two cores): truth drawn from the prior; and truth
with rival psoas paths, disc laws and skins, evaluated as if there were none.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from dataclasses import replace
from pathlib import Path
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from psoas import noticing
from psoas.body.build import build
from psoas.equilibrium import rest
from psoas.evaluation import evaluate, prior
from psoas.evaluation.answers import PLACES
from psoas.evaluation.inference import SUPINE, gaps
from psoas.person import Person
from psoas.units import from_si

PEOPLE, SEED = 300, 2027
HOWS = ("photo", "helper", "strip")
UNTOLD = 0.1
"""Share of places that nobody could tell [-]."""
SKIN = 0.005
"""How far each patch of a rival skin lies from where the rows have it, one standard deviation [m]."""
ROWS = prior.rows()
DEFAULTS = tuple(replace(r, rivals=r.rivals[:1], weights=(1.0,)) if r.law == "rival" else r for r in ROWS)
"""The prior without its rivals."""
RIVALS = tuple(
    replace(r, rivals=r.rivals[1:], weights=(1.0,) * len(r.rivals[1:])) if r.law == "rival" else r for r in ROWS
)
"""The prior of its rivals alone."""


def person(rng: np.random.Generator) -> Person:
    """Sex, stature and body mass index spread as among adults, roughly; age changes nothing in the body."""
    sex = ("female", "male")[rng.integers(2)]
    stature = float(np.clip(rng.normal(1.63 if sex == "female" else 1.76, 0.07), 1.45, 2.0))
    bmi = float(np.clip(np.exp(rng.normal(np.log(25.5), 0.18)), 17.5, 38.0))
    return Person(sex, stature, bmi * stature**2, age=float(rng.uniform(18.0, 80.0)))


def truth(who: Person, rng: np.random.Generator, rival: bool) -> tuple[np.ndarray, np.ndarray]:
    """One body at rest: its particle and its gaps [m]."""
    while True:
        particle = rng.standard_normal((1, len(prior.columns())))
        with mock.patch.object(prior, "rows", return_value=RIVALS if rival else ROWS):
            [one], [variation] = prior.bodies(who, particle)
        body = build(one, variation)
        if rival:
            names = [name.removesuffix("_r").removesuffix("_l") for name in body.tree.skin]
            shift = dict(zip(dict.fromkeys(names), rng.normal(0.0, SKIN, len(set(names))), strict=True))
            center = body.skin_center.copy()
            center[0, :, 0] += [shift[name] for name in names]
            body = replace(body, skin_center=center)
        found = rest(body, SUPINE)
        if found.converged[0]:
            return particle, gaps(found)[0]


def look(seen: np.ndarray, rng: np.random.Generator) -> dict[str, noticing.Seen]:
    """What somebody would say: off by the error that the way of taking it is given, to the millimeter."""
    how = HOWS[rng.integers(len(HOWS))]
    found = {}
    for place, gap in zip(PLACES, seen, strict=True):
        said = max(gap, 0.0) + noticing.TAKEN_WITHIN[how] / 1.645 * rng.standard_normal()
        text = f"{1000.0 * min(max(said, 0.0), noticing.most()):.0f} mm"  # more is refused, so that the most is given
        if rng.uniform() < UNTOLD:
            text = noticing.CANT_TELL
        found[place] = noticing.seen(text, how)
    return found


def one(task: tuple[str, int]) -> dict:
    """One simulated person, looked at and evaluated."""
    case, number = task
    rng = np.random.default_rng([SEED, case == "rival", number])
    who = person(rng)
    rival = case == "rival"
    particle, seen = truth(who, rng, rival)
    answers = look(seen, rng)
    with mock.patch.object(prior, "rows", return_value=DEFAULTS if rival else ROWS):
        found = evaluate(who, answers)
    with mock.patch.object(prior, "rows", return_value=RIVALS if rival else ROWS):
        true = {name: float(v[0]) for name, v in prior.parameters(who, particle).items()}
    told = {}
    for p in prior.PARAMETERS:
        after, before = found.parameters[p.name].after, found.parameters[p.name].before
        value = from_si(true[p.name], p.unit)
        told[p.name] = (
            bool(after.low <= value <= after.high),
            (after.high - after.low) / (before.high - before.low),
            found.parameters[p.name].identified,
        )
    drawn_up = bool(seen[3:].max() > 0.06)
    return {"told": told, "status": found.status, "seconds": found.solve_seconds, "drawn_up": drawn_up}


def summary(found: list[dict]) -> dict:
    """Shares over people."""
    names = found[0]["told"]
    return {
        "people": len(found),
        "contradictory": sum(f["status"] == "contradictory" for f in found),
        "knees_drawn_up": sum(f["drawn_up"] for f in found),
        "parameters": {
            name: {
                "covered": round(float(np.mean([f["told"][name][0] for f in found])), 3),
                "width": round(float(np.median([f["told"][name][1] for f in found])), 2),
                "told": round(float(np.mean([f["told"][name][2] for f in found])), 2),
            }
            for name in names
        },
    }


def page(text: str, result: dict) -> str:
    """The documentation's page with the table between its marks."""
    lines = [
        "| parameter | in the interval | with rivals | width | told |",
        "|---|---|---|---|---|",
    ]
    for p in prior.PARAMETERS:
        matched, rival = (result[case]["parameters"][p.name] for case in ("matched", "rival"))
        shares = (matched["covered"], rival["covered"], matched["width"], matched["told"])
        lines.append(f"| {p.title} | {' | '.join(f'{100 * x:.0f} %' for x in shares)} |")
    counts = [f"{result[case]['contradictory']} of {result[case]['people']}" for case in ("matched", "rival")]
    lines += ["", f"Wrongly called contradictory: {counts[0]}; with rivals, {counts[1]}."]
    head, mark, rest = text.partition("<!-- table coverage -->\n")
    return head + mark + "\n".join(lines) + "\n" + rest[rest.index("<!-- end -->") :]


if __name__ == "__main__":
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    target = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/evaluation-coverage.json")
    result = {}
    with multiprocessing.Pool(2) as pool:
        for case in ("matched", "rival"):
            found = pool.map(one, [(case, k) for k in range(people)], chunksize=5)
            result[case] = summary(found)
            print(
                case,
                "median seconds",
                np.median([f["seconds"] for f in found]),
                "most",
                max(f["seconds"] for f in found),
            )
            print(json.dumps(result[case], indent=1))
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if target.name == "evaluation-coverage.json":
        there = target.with_name("evaluation.md")
        there.write_text(page(there.read_text(encoding="utf-8"), result), encoding="utf-8")
