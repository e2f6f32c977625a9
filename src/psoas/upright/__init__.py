"""Standing and sitting: the posture of least muscle effort among those in balance, and what the muscles do in it."""

from psoas.upright.answer import ensemble, estimate
from psoas.upright.balance import Balanced, balance
from psoas.upright.place import place

__all__ = ["Balanced", "balance", "ensemble", "estimate", "place"]
