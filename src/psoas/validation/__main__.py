"""Run everything and print it: ``python -m psoas.validation`` (``make validate``)."""

from __future__ import annotations

import argparse
import sys

from psoas.position import upright_positions
from psoas.validation import population, report
from psoas.validation.cases import CASES


def main(arguments: list[str] | None = None) -> int:
    """Print the report.

    Args:
        arguments: As on the command line.
    Returns:
        0 if the populations are as they must be; cases may disagree, which is what the report is for.
    """
    parser = argparse.ArgumentParser(prog="python -m psoas.validation", description="Published numbers against ours.")
    parser.add_argument("--bodies", type=int, default=population.BODIES, help="random bodies in each position")
    parser.add_argument("--settled", type=int, default=population.SETTLED, help="how many of them settle in MuJoCo too")
    parser.add_argument(
        "--upright", type=int, default=population.UPRIGHT, help="random bodies that stand, and that sit"
    )
    given = parser.parse_args(arguments)

    print(report.heading("Published numbers against ours"))
    print(
        "Ours: median (5th to 95th percentile) of 64 bodies with the same measurements, or one number, or the rivals' range."
    )
    for line in report.lines(CASES):
        print(line, flush=True)

    print(report.heading(f"{given.bodies} random bodies"))
    print(
        f"142 to 203 cm, BMI 16 to 40, both sexes, shortening 0 to 0.35 a side, half with psoas minor; seed {population.SEED}."
    )
    outcomes = [population.run(name, given.bodies, given.settled) for name in population.POSITIONS]
    for line in population.lines(outcomes):
        print(line)
    print(report.heading(f"{given.upright} random bodies upright"))
    fine = True
    for name in upright_positions():
        stood = population.upright(name, given.upright)
        fine &= stood.good
        for line in population.upright_lines(stood):
            print(line, flush=True)
    good = fine and all(outcome.good for outcome in outcomes)
    print("\n" + ("The populations are as they must be." if good else "THE POPULATIONS ARE NOT AS THEY MUST BE."))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
