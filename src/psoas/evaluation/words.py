"""What an evaluation looks like to a reader: JSON, and a table for the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from psoas import __version__
from psoas.evaluation.inference import SEED, Evaluation
from psoas.report import ESTIMATE, person_json, person_words, value_text
from psoas.uncertainty import HIGH, LOW

SCHEMA = "psoas.evaluate/1"
TITLE = "What the look on the floor says"
SHAPE = (
    "A gap comes from shape as well as from tightness: among 25 people, how far the hips went back and how hollow the back"
    " was had next to nothing to do with each other (r = -0.09)."
)
"""What no look from outside can settle; read in an abstract (docs/evaluation.md)."""


def as_json(found: Evaluation) -> dict[str, Any]:
    """One evaluation as plain values, ``psoas.evaluate/1``: the same for the same look, except ``solve_seconds``."""
    return {
        "schema": SCHEMA,
        "status": found.status,
        "message": found.message,
        "parameters": {
            name: {
                "title": told.title,
                "before": told.before.as_dict(),
                "after": told.after.as_dict(),
                "identified": told.identified,
            }
            for name, told in found.parameters.items()
        },
        "gaps": {
            id: {
                "title": gap.title,
                "seen": gap.seen.as_dict() if gap.seen else None,
                "predicted": gap.predicted.as_dict(),
                "off": gap.off,
            }
            for id, gap in found.gaps.items()
        },
        "confounded": list(found.confounded),
        "warnings": list(found.warnings),
        "interval": {"percentiles": [LOW, HIGH], "seed": SEED, "bodies": found.solved},
        "looks": found.looks,
        "person": person_json(found.person),
        "solve_seconds": found.solve_seconds,
        "model_version": __version__,
    }


def as_table(found: Evaluation) -> RenderableType:
    """One evaluation that came to an answer, for a terminal."""
    tissue = Table.grid(padding=(0, 2))
    tissue.add_row("", Text("before any look", style="dim"), Text("with it", style="dim"), "")
    for told in found.parameters.values():
        name = told.title[0].upper() + told.title[1:]
        mark = Text("") if told.identified or found.status == "unseen" else Text("not told", style="dim")
        tissue.add_row(name, value_text(told.before), value_text(told.after), mark)
    gaps = Table.grid(padding=(0, 2))
    gaps.add_row("", Text("seen", style="dim"), Text("by the bodies that are left", style="dim"))
    for gap in found.gaps.values():
        gaps.add_row(gap.title, gap.seen.said if gap.seen else Text("-", style="dim"), value_text(gap.predicted))
    said = [*found.warnings, *found.confounded]
    if found.status != "unseen":
        said.append(SHAPE)
    notes = Table.grid(padding=(0, 1))
    for sentence in said:
        notes.add_row("-", sentence)
    heading = Group(Text(TITLE, style="bold"), Text(person_words(found.person), style="dim"), Text(found.message))
    parts: list[RenderableType] = [
        heading,
        "",
        Text("Tissue", style="bold"),
        tissue,
        "",
        Text("Gaps", style="bold"),
        gaps,
    ]
    if said:
        parts += ["", Text("Worth knowing", style="bold"), notes]
    parts += [
        "",
        Text(
            f"{ESTIMATE} Values are the median, ranges the {LOW:.0f}th to {HIGH:.0f}th percentile of the bodies that fit."
            " Pulls are those of muscle at rest, standing straight; discs as published are 1.",
            style="dim",
        ),
    ]
    return Padding(Group(*parts), (1, 2))
