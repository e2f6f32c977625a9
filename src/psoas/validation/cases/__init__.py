"""The cases, one file a subject."""

from psoas.validation.case import Case
from psoas.validation.cases import hip, mass, psoas, spine, support, upright

CASES: tuple[Case, ...] = (*spine.CASES, *hip.CASES, *psoas.CASES, *mass.CASES, *support.CASES, *upright.CASES)

__all__ = ["CASES"]
