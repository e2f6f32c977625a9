"""The cases, one file a subject."""

from psoas.validation.case import Case
from psoas.validation.cases import hip, mass, psoas, spine, support

CASES: tuple[Case, ...] = (*spine.CASES, *hip.CASES, *psoas.CASES, *mass.CASES, *support.CASES)

__all__ = ["CASES"]
