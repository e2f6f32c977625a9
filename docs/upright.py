"""The table of docs/upright.md, worked out anew: ``python docs/upright.py``; some minutes."""

from __future__ import annotations

import re
from pathlib import Path

from psoas.position import upright_position
from psoas.upright import estimate
from psoas.validation.case import ADULTS

PAGE = Path(__file__).parent / "upright.md"
WAYS = {
    "standing": ("standing", {}), "sitting, let go": ("sitting", {}), "sitting up": ("sitting", {"trunk": "upright"}),
    "on a backrest (20°)": ("sitting", {"support": "backrest"}),
}  # fmt: skip
ROWS = {
    "lumbar_lordosis": ("lordosis T12–S1 [deg]", 0), "pelvic_tilt": ("pelvic tilt, + forward [deg]", 0),
    "hip_flexion_left": ("hip flexion [deg]", 0), "psoas_major_length_left": ("psoas length [mm]", 0),
    "psoas_major_tension_left": ("psoas pull, one side [N]", 0), "psoas_major_activation_left": ("psoas activation [1]", 3),
    "iliacus_tension_left": ("iliacus pull, one side [N]", 0), "compression_T12_L1": ("compression T12-L1 [N]", 0),
    "compression_L1_L2": ("compression L1-L2 [N]", 0), "compression_L2_L3": ("compression L2-L3 [N]", 0),
    "compression_L3_L4": ("compression L3-L4 [N]", 0), "compression_L4_L5": ("compression L4-L5 [N]", 0),
    "compression_L5_S1": ("compression L5-S1 [N]", 0), "shear_L5_S1": ("shear L5-S1 [N]", 0),
    "muscle_effort": ("sum of squared activations [1]", 3),
}  # fmt: skip


def table(members: int = 32) -> str:
    """The table in Markdown."""
    found = {
        (who, way): estimate(person, upright_position(name).with_values(None, **values), members=members).quantities
        for who, person in ADULTS.items()
        for way, (name, values) in WAYS.items()
    }
    lines = ["| | | " + " | ".join(WAYS) + " |", "|---|---|" + "---|" * len(WAYS)]
    for name, (title, digits) in ROWS.items():
        for who in ADULTS:
            cells = [
                f"{q.value:.{digits}f} ({q.low:.{digits}f} to {q.high:.{digits}f})"
                for q in (found[who, way][name] for way in WAYS)
            ]
            lines.append(f"| {title if who == 'man' else ''} | {who} | " + " | ".join(cells) + " |")
    return "\n".join(lines).replace("-0 ", "0 ").replace("(-0 ", "(0 ")


if __name__ == "__main__":
    old = PAGE.read_text(encoding="utf-8")
    made = f"<!-- table upright -->\n{table()}\n<!-- end -->"
    PAGE.write_text(
        re.sub(r"<!-- table upright -->.*?<!-- end -->", lambda _: made, old, flags=re.DOTALL), encoding="utf-8"
    )
