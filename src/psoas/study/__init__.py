"""The model put to the sources' claims: named runs over the ensemble, whose results the evidence shows.

``python -m psoas.study`` runs them all, some five minutes, and writes what :func:`psoas.evidence.runs` reads.
"""

from psoas.study.readings import Bench, Reading, Run
from psoas.study.runs import CLAIMS, Asked, Claimed, everything, outcome

__all__ = ["CLAIMS", "Bench", "Claimed", "Reading", "Run", "Asked", "everything", "outcome"]
