"""What a resting body costs, beside MuJoCo doing the same, in one run on one core.

Run: ``make bench`` (or ``python benchmarks/run.py``). Times depend on the machine; the ratios are what to compare.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import time
from collections.abc import Callable

import mujoco
import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.optimize import lsq_linear, minimize

from psoas import mjcf
from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.paths import muscle_paths
from psoas.body.reduce import only
from psoas.equilibrium import rest, rest_again
from psoas.person import Limb, Person
from psoas.position import position, upright_position
from psoas.time_course import moments, run, usual_law
from psoas.tone import least_effort
from psoas.uncertainty import MEMBERS, solve_ensemble
from psoas.upright import balance

PEOPLE = [
    (Person(sex, stature, bmi * stature**2), Person(sex, stature, bmi * stature**2, left=Limb(0.2)))
    for sex in ("female", "male")
    for stature in (1.55, 1.70, 1.85)
    for bmi in (19.0, 24.0, 31.0)
]


def times(work: Callable[[], object], repeats: int) -> np.ndarray:
    """Wall seconds of each run, after one that is not counted (repeats,)."""
    work()
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return np.array(found)


def cold() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Placement and solve of symmetric and asymmetric people, and the largest residual [s, s, N or N·m]."""
    seconds: list[list[float]] = [[], []]
    residual = []
    for pair in PEOPLE:
        for kind, person in enumerate(pair):
            body = build(person)
            for id in ("supine", "constructive-rest"):
                resting = position(id)
                seconds[kind] += list(times(lambda body=body, resting=resting: rest(body, resting), 3))
                found = rest(body, resting)
                residual.append(max(found.residual_force[0], found.residual_moment[0]))
    return np.array(seconds[0]), np.array(seconds[1]), np.array(residual)


def warm() -> np.ndarray:
    """A slider: heels 5 mm farther each time, from where the body rested [s]."""
    seconds = []
    for pair in PEOPLE[::3]:
        body = build(pair[0])
        near = rest(body, position("constructive-rest").with_values(heel_distance=0.30))
        for step in range(1, 13):
            resting = position("constructive-rest").with_values(heel_distance=0.30 + 0.005 * step)
            began = time.perf_counter()
            near = rest_again(near, resting)
            seconds.append(time.perf_counter() - began)
    return np.array(seconds)


def minutes() -> np.ndarray:
    """Twenty minutes of one body, both positions [s]."""
    found = []
    for pair in PEOPLE[::3]:
        for id in ("supine", "constructive-rest"):
            resting = rest(build(pair[1]), position(id))
            law = usual_law(resting.body)
            found += list(times(lambda resting=resting, law=law: run(resting, law, moments(20.0)), 1))
    return np.array(found)


def population() -> np.ndarray:
    """Seconds for each body of an ensemble, both positions."""
    found = []
    for pair in PEOPLE[::6]:
        for id in ("supine", "constructive-rest"):
            resting = position(id)
            near = rest(build(pair[0]), resting)
            solve_ensemble(pair[0], resting, members=MEMBERS, near=near)
            began = time.perf_counter()
            solve_ensemble(pair[0], resting, members=MEMBERS, near=near)
            found.append((time.perf_counter() - began) / MEMBERS)
    return np.array(found)


def paths() -> tuple[float, float]:
    """Postures a second with the eleven fascicles of one side: ours in batches, MuJoCo's from a loop."""
    body = build(PEOPLE[4][0])
    names = [m for m in body.tree.muscles if m.startswith("psoas_major") and m.endswith("_r")]
    small = only(body, names)
    rng = np.random.default_rng(1)
    count = 1024
    angles = np.repeat(small.standing, count, axis=0)
    angles[:, 3:] += 0.1 * rng.standard_normal((count, angles.shape[1] - 3))
    ours = count / float(np.median(times(lambda: muscle_paths(small, pose(small, angles)), 20)))

    model = mjcf.model(rest(body, position("supine")))
    data = mujoco.MjData(model)
    tries = 2000
    turns = 0.1 * rng.standard_normal((tries, model.nq))

    def loop() -> None:
        for row in turns:
            data.qpos[:] = row
            mujoco.mj_kinematics(model, data)
            mujoco.mj_comPos(model, data)
            mujoco.mj_tendon(model, data)

    theirs = tries / float(np.median(times(loop, 3)))
    return ours, theirs


def settling() -> np.ndarray:
    """MuJoCo's damped settle of the same bodies [s]."""
    found = []
    for pair in PEOPLE[::6]:
        for id in ("supine", "constructive-rest"):
            resting = rest(build(pair[0]), position(id))
            found += list(times(lambda resting=resting: mjcf.settle(resting), 1))
    return np.array(found)


def frames() -> tuple[float, float, float]:
    """One program of least effort, as upright bodies ask for it: ours, and the same by two of scipy's methods [s]."""
    rng = np.random.default_rng(3)
    arms = rng.normal(0.0, 20.0, (20, 80))
    target = arms @ rng.uniform(0.0, 0.3, 80)
    ours = times(lambda: least_effort(arms, target), 200)
    stacked, wanted = np.vstack([np.eye(80), 1e3 * arms]), np.r_[np.zeros(80), 1e3 * target]
    squares = times(lambda: lsq_linear(stacked, wanted, (0.0, 1.0)), 10)
    held = {"type": "eq", "fun": lambda a: arms @ a - target, "jac": lambda a: arms}
    slsqp = times(
        lambda: minimize(
            lambda a: 0.5 * a @ a,
            np.full(80, 0.2),
            jac=lambda a: a,
            bounds=[(0.0, 1.0)] * 80,
            method="SLSQP",
            constraints=held,
        ),
        5,
    )
    return float(np.median(ours)), float(np.median(squares)), float(np.median(slsqp))


def upright() -> np.ndarray:
    """One body standing and one sitting, from where they are placed [s]."""
    return np.concatenate(
        [
            times(lambda name=name: balance(build(PEOPLE[8][0]), upright_position(name)), 2)
            for name in ("standing", "sitting")
        ]
    )


def main() -> None:
    """Print the table."""
    symmetric, lopsided, residual = cold()
    slide, each, settle = warm(), population(), settling()
    ours, theirs = paths()
    program, squares, slsqp = frames()
    ms = 1e3
    p = lambda values, q: float(np.percentile(values, q))  # noqa: E731
    rows = [
        ("cold solve, symmetric person, p95", f"{ms * p(symmetric, 95):.0f} ms", "50 ms", "10 ms"),
        ("cold solve, asymmetric person, p95", f"{ms * p(lopsided, 95):.0f} ms", "150 ms", "30 ms"),
        ("warm re-solve (heels 5 mm farther), p99", f"{ms * p(slide, 99):.1f} ms", "10 ms", "3 ms"),
        ("population, each equilibrium, median", f"{ms * p(each, 50):.1f} ms", "10 ms", "2 ms"),
        ("twenty minutes of one body, p95", f"{ms * p(minutes(), 95):.0f} ms", "1000 ms", ""),
        ("psoas length and moment arms, 11 fascicles", f"{ours:,.0f} postures/s", "300,000", "1,000,000"),
        ("one program of least effort, 80 muscles", f"{ms * program:.2f} ms", "5 ms", ""),
        ("standing, and sitting, one body, slowest", f"{ms * upright().max():.0f} ms", "", ""),
        ("residual, largest", f"{residual.max():.1e} N or N·m", "1e-4", "1e-6"),
    ]
    table = Table(title="one core", title_justify="left")
    for title in ("figure", "here", "must", "aim"):
        table.add_column(title, justify="left" if title == "figure" else "right")
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.print(table)
    console.print(
        f"MuJoCo in the same run: damped settle {ms * p(settle, 50):.0f} ms, {p(settle, 50) / p(lopsided, 50):.1f} times our"
        f" cold solve; kinematics and tendons from a Python loop, all {80} muscles, {theirs:,.0f} postures/s."
    )
    console.print(
        f"Least effort in the same run: scipy's bounded least squares take {squares / program:.0f} times as long, its SLSQP"
        f" {slsqp / program:.0f} times."
    )


if __name__ == "__main__":
    main()
