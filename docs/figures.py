"""Make the pictures and example outputs of README.md and commands.md with the command itself.

Run: ``python docs/figures.py`` (``make docs`` does).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from psoas.anatomy import tables
from psoas.body.build import build
from psoas.person import Person

ROOT = Path(__file__).parent.parent
FIGURES = Path("docs/figures")
PERSON = "examples/person.toml"


def psoas(*words: str) -> str:
    """What the command prints, at 80 columns and without color."""
    env = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "psoas", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"psoas {' '.join(words)}: {done.stderr}")
    print("psoas", *words)
    return done.stdout


def fill(page: str, outputs: dict[str, str]) -> None:
    """Put outputs between their marks."""
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    for key, output in outputs.items():
        mark = re.compile(rf"(<!-- output {key} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not mark.search(text):
            raise SystemExit(f"{page} has no place for output {key}")
        body = "\n".join(line.rstrip() for line in output.splitlines() if not line.startswith("Wrote ")).strip("\n")
        text = mark.sub(lambda found, body=body: f"{found[1]}```text\n{body}\n```\n{found[2]}", text)
    path.write_text(text, encoding="utf-8")


def counted(text: str) -> str:
    """A page with what can be counted between its marks."""
    tree = build(Person("female", 1.72, 68.0)).tree
    found = {
        "assumed": sum(row.status == "assumed" for name in tables.names() for row in tables.load(name)),
        "segments": len(tree.segments),
        "coordinates": len(tree.active),
        "lines": len(tree.muscles),
        "skin": len(tree.skin),
    }
    for key, number in found.items():
        text = re.sub(rf"(<!-- count {key} -->).*?(<!-- end -->)", rf"\g<1>{number}\g<2>", text)
    return text


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(counted(readme.read_text(encoding="utf-8")), encoding="utf-8")
    bent = ("rest", PERSON, "--position", "constructive-rest")
    rest = psoas(*bent, "--picture", str(FIGURES / "constructive-rest.svg"))
    psoas(*bent, "--theme", "dark", "--picture", str(FIGURES / "constructive-rest-dark.svg"))
    layers = [word for one in ("diaphragm", "kidneys", "organs", "hammock") for word in ("--layer", one)]
    psoas(*bent, *layers, "--picture", str(FIGURES / "layers.svg"))
    compared = psoas("compare", PERSON, "--picture", str(FIGURES / "compare.svg"))
    raised = ("bolstered", "bolster=12", "pillow"), ("calves-on-chair", "chair=42", "towel")
    for other, *props in (*raised, ("side-lying", "pillow=10", "pillow=10@between-knees")):
        given = [word for one in props for word in ("--prop", one)]
        psoas("rest", PERSON, "--position", other, *given, "--picture", str(FIGURES / f"{other}.svg"))
    searched = psoas("set-up", PERSON, "--have", "towel,folded-blanket")
    fill("README.md", {"rest": rest, "compare": compared, "set-up": searched})
    fill("docs/commands.md", {"positions": psoas("positions"), "props": psoas("props")})
