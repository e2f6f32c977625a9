"""How to lie: the sources' numbers carried over to one body, and a search for what the resting body itself says.

:mod:`~psoas.advice.scaled` scales what the sources say to a person's legs. :mod:`~psoas.advice.search` lets an ensemble of
that person rest at many heel distances, on many heights, and chooses by rules it states.
"""

from psoas.advice.scaled import HIP_WIDTH_SPREAD, Line, Setup, average_leg, leg_length, length, set_up, spoken

__all__ = ["HIP_WIDTH_SPREAD", "Line", "Setup", "average_leg", "leg_length", "length", "set_up", "spoken"]
