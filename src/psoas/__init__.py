"""The resting body: one person lies down, and their psoas is computed and drawn.

Importing the package prints, reads and registers nothing. The names below are its public ones; each is loaded
from its room the first time it is used. The rooms ``psoas.position`` and ``psoas.props`` keep their own names:

    from psoas import Person, estimate, prop
    from psoas.position import position

    lying = estimate(Person("female", 1.72, 68.0), position("hook_lying"), [prop("towel", 0.03)])
    print(lying.quantities["lumbar_lordosis"].format())
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
"""Of the package and its model, as ``psoas --version`` says it; the build reads it here."""

_ROOM = {  # public name -> the module it lives in
    "PsoasError": "errors",
    "InputError": "errors",
    "DataError": "errors",
    "Quantity": "units",
    "Person": "person",
    "Limb": "person",
    "read_person": "person_file",
    "Position": "position",
    "Prop": "props",
    "prop": "props",
    "Equilibrium": "equilibrium",
    "estimate": "uncertainty",
    "Estimate": "uncertainty",
    "Alternative": "uncertainty",
    "changes": "uncertainty",
    "Change": "uncertainty",
    "evaluate": "evaluation",
    "Evaluation": "evaluation",
    "draw": "drawing",
    "Drawing": "drawing",
}

__all__ = ["__version__", *_ROOM]


def __getattr__(name: str) -> Any:
    if name not in _ROOM:
        raise AttributeError(f"module 'psoas' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"psoas.{_ROOM[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
