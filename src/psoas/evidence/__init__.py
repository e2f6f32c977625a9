"""What the texts claim, who disagrees, what papers found, and which run of the model tests it: data, and its reader.

A claim is graded by what was read, never by the model: a model's run stands beside it, with its range and its rivals.
"""

from psoas.evidence.claim import (
    FIRST,
    FORMS,
    GRADES,
    HOW_TO_READ,
    KINDS,
    LAST,
    READ,
    STANCES,
    VERDICTS,
    Amount,
    Claim,
    Item,
    Paper,
    Posture,
    Result,
    Run,
    Said,
    Text,
    View,
)  # fmt: skip
from psoas.evidence.shelf import CITED, claim, claims, find, papers, postures, resources, runs, studied, texts, unheld

__all__ = [
    "CITED", "FIRST", "FORMS", "GRADES", "HOW_TO_READ", "KINDS", "LAST", "READ", "STANCES", "VERDICTS", "Amount", "Claim",
    "Item", "Paper", "Posture", "Result", "Run", "Said", "Text", "View", "claim", "claims", "find", "papers", "postures",
    "resources", "runs", "studied", "texts", "unheld",
]  # fmt: skip
