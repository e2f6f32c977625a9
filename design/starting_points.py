"""Rest the average adult in every position, for others to start near; writes ``positions/starts.json``.

Run last: ``python design/starting_points.py``. The hints only say where to look first: an answer does not depend on them
beyond rounding, but for bodies with several resting places.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from psoas import equilibrium
from psoas.body.build import build
from psoas.person import Person
from psoas.position import positions

AVERAGE = Person("female", 1.68, 68.0)

if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "src/psoas/positions/starts.json")
    equilibrium.known_hint = lambda position: None  # type: ignore[assignment]
    body = build(AVERAGE)
    found = {}
    for id, resting in positions().items():
        for arms in resting.parameters["arms"].choices:
            at = equilibrium.rest(body, resting.with_values(arms=arms))
            if not at.converged[0]:
                raise SystemExit(f"{id} with arms {arms}: {at.messages[0]}")
            hint = equilibrium.hint_of(at)
            found[f"{id} {arms}"] = {
                "displacement": np.round(hint.displacement, 5).tolist(),
                "grip_force": np.round(hint.grip_force, 2).tolist(),
            }
            print(id, arms, at.iterations, at.rounds)
    target.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
