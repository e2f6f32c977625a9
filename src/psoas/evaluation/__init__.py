"""The inverse problem: from a look on the floor to what the tissue may be like, with its spread."""

from psoas.evaluation.inference import Evaluation, Gap, Told, evaluate, series

__all__ = ["Evaluation", "Gap", "Told", "evaluate", "series"]
