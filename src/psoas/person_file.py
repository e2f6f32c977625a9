"""A person's file: TOML in, a checked person out, and a sentence where that cannot be."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from psoas import noticing, units
from psoas.errors import InputError
from psoas.noticing import Seen
from psoas.person import GIRTHS, SIDES, Limb, Person

NEEDED = ("sex", "stature", "mass")
"""Keys without which there is no person."""
MOST_BYTES = 100_000
"""A person's file is a few lines; more than this is something else."""
LOOK = "look"
"""The table of a person's file that holds what was seen on the floor."""
SYNONYMS = {"height": "stature", "weight": "mass", "gender": "sex"}
"""What people also write for a key."""


def read_person(path: str | Path) -> Person:
    """The person a file describes.

    Args:
        path: A TOML file of at most ``MOST_BYTES``; ``examples/person.toml`` shows every key. Lengths and girths [cm] and
            mass [kg] as bare numbers, or text with a unit; age [years]; shortening and tone as fractions [-], or text
            with ``%``.
    Returns:
        The person, in SI.
    Raises:
        InputError: The file cannot be read, a key is unknown or missing, or a value cannot be used.
        DataError: A leg length was given, and the tables lack a row to compare it with.
    """
    return make_person(read_fields(path), path)


def make_person(fields: Mapping[str, Any], path: str | Path | None = None, given: Collection[str] = ()) -> Person:
    """A person from checked fields.

    Args:
        fields: As :func:`read_fields` or :func:`checked` return them, in SI.
        path: The file they came from, to be named where a value is refused.
        given: Names that did not come from the file.
    Returns:
        The person.
    Raises:
        InputError: A field is missing, or a value is outside what a body can be.
        DataError: A leg length was given, and the tables lack a row to compare it with.
    """
    where = f"{path}: " if path else ""
    missing = [name for name in NEEDED if name not in fields]
    if missing:
        raise InputError(
            f"{where}{_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing; a person needs sex (female or"
            " male), stature (in cm) and mass (in kg)"
        )
    sides: dict[str, Any] = {side: Limb(**fields.get(side, {})) for side in SIDES}
    try:
        return Person(**{**fields, **sides})
    except InputError as problem:
        typed = any(str(problem).startswith(name.replace("_", " ")) for name in given)
        raise InputError(f"{'' if typed else where}{problem}") from None


def read_fields(path: str | Path) -> dict[str, Any]:
    """What a person's file holds, checked key by key and in SI.

    Args:
        path: The file.
    Returns:
        Fields of :class:`~psoas.person.Person` by name; ``left`` and ``right`` are fields of
        :class:`~psoas.person.Limb`. ``[look]`` is no part of a person; :func:`read_look` gives it.
    Raises:
        InputError: The file cannot be read, a key is unknown, or a value cannot be used.
    """
    table = {key: value for key, value in _table(path).items() if key != LOOK}
    if not table:
        raise InputError(f"{path} is empty; give at least sex, stature and mass, such as stature = 172")
    return checked(table, f"{path}: ")


def read_look(path: str | Path) -> dict[str, Seen]:
    """What somebody saw on the floor, from the table ``[look]`` of a person's file.

    Args:
        path: The file. Under ``[look]`` stand places of :func:`psoas.noticing.places`, each with a length [cm], fingers or
            ``can't tell``, and ``how`` they were taken, one of ``noticing.HOWS``; ``guess`` if not said.
    Returns:
        Answers by place; empty where the file has no such table.
    Raises:
        InputError: The file cannot be read, or an answer cannot be used.
    """
    given = _table(path).get(LOOK, {})
    if not isinstance(given, Mapping):
        raise InputError(f'{path}: look is {given!r}; give a table [look] with lines such as lumbar_arch = "2 fingers"')
    answers = {str(place): answer for place, answer in given.items() if place != "how"}
    try:
        return see(answers, given.get("how", "guess"))
    except InputError as problem:
        raise InputError(f"{path}: in [look], {problem}") from None


def see(answers: Mapping[str, Any], how: Any) -> dict[str, Seen]:
    """Answers as somebody typed them.

    Args:
        answers: By place id, with hyphens or underscores.
        how: One of ``noticing.HOWS``.
    Returns:
        Answers by place.
    Raises:
        InputError: No such place or way, or an answer cannot be used.
    """
    titles = {place.id: place.title for place in noticing.places()}
    found = {}
    for typed, answer in answers.items():
        place = typed.strip().replace("-", "_")
        _known(place, titles)
        if isinstance(answer, bool) or not isinstance(answer, int | float | str):
            raise InputError(
                f"{place} is {answer!r}; give fingers or a length, such as 2 fingers or 3 cm, or can't tell"
            )
        found[place] = noticing.seen(str(answer), str(how), name=titles[place].lower())
    return found


def checked(table: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Values as a person gives them, read into SI.

    Args:
        table: Numbers, words and text with units, by key.
        where: What to say before a complaint.
    Returns:
        Fields as :func:`read_fields` returns them.
    Raises:
        InputError: A key is unknown, or a value cannot be used.
    """
    found: dict[str, Any] = {}
    try:
        for key, value in table.items():
            if key in SIDES:
                found[key] = _limb(key, value)
            else:
                _known(key, (*READERS, *SIDES))
                found[key] = READERS[key](value, key.replace("_", " "))
    except InputError as problem:
        raise InputError(f"{where}{problem}") from None
    return found


def _table(path: str | Path) -> dict[str, Any]:
    """The parsed file."""
    wanted = "give a person's file in TOML, such as examples/person.toml"
    if not str(path):
        raise InputError(f"the file's name is empty; {wanted}")
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; {wanted}") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; {wanted}") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no path"
        raise InputError(f"{path} cannot be read ({reason}); {wanted}") from None
    if len(data) > MOST_BYTES:
        raise InputError(f"{path} holds more than {MOST_BYTES // 1000} kB, too much for one person; {wanted}")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8; {wanted}") from None
    except RecursionError:
        raise InputError(f"{path} is nested too deeply; {wanted}") from None
    except ValueError as problem:  # tomllib's own error is one; so is a number with too many digits
        # One sentence, and no control characters of the file's in the terminal.
        reason = "".join(c if c.isprintable() else "?" for c in " ".join(str(problem).split(";")[0].split()))
        raise InputError(f"{path} is not TOML: {reason}; give lines such as stature = 172") from None


def _known(key: str, keys: Collection[str]) -> None:
    if key in keys:
        return
    if key in LIMB_READERS:
        raise InputError(f"{key} belongs to one side; give it under [left] or [right]")
    near = get_close_matches(key.lower().replace("-", "_"), keys, n=1, cutoff=0.6)
    meant = SYNONYMS.get(key.lower()) or (near[0] if near else None)
    hint = f" (did you mean {meant}?)" if meant in keys else ""
    raise InputError(f"{key!r} is no key here{hint}; give any of {', '.join(keys)}")


def _limb(side: str, value: object) -> dict[str, float]:
    keys = ", ".join(LIMB_READERS)
    if not isinstance(value, Mapping):
        raise InputError(f"{side} is {value!r}; give a table [{side}] with any of {keys}")
    found = {}
    for key, given in value.items():
        try:
            _known(key, LIMB_READERS)
        except InputError as problem:
            raise InputError(f"in [{side}], {problem}") from None
        found[key] = LIMB_READERS[key](given, f"{side} {key.replace('_', ' ')}")
    return found


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# -- one value ----------------------------------------------------------------------------------------


def _sex(value: Any, name: str) -> Any:
    return value.strip().lower() if isinstance(value, str) else value  # Person says which there are


def _length(value: Any, name: str) -> float:
    return units.parse_length(value, name=name)


def _mass(value: Any, name: str) -> float:
    return units.parse_mass(value, name=name)


def _years(value: Any, name: str) -> float:
    return _number(value, name, "a number of years, such as 40")


def read_fraction(value: Any, name: str) -> float:
    """A fraction as a person gives it, such as 0.2 or ``20%``.

    Args:
        value: What was given.
        name: What it is, for the sentence.
    Returns:
        The fraction [-].
    Raises:
        InputError: It is no finite number.
    """
    accepted = "a fraction, such as 0.2 or 20%"
    if isinstance(value, str) and value.strip().endswith("%"):
        return units.to_si(_number(value.strip()[:-1], name, accepted, value), "%")
    return _number(value, name, accepted)


def _whether(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{name} is {value!r}; give true or false")
    return value


def _number(value: Any, name: str, accepted: str, said: object = None) -> float:
    shown = value if said is None else said
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InputError(f"{name} is {shown!r}; give {accepted}")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise InputError(f"{name} is {shown!r}; give {accepted}") from None
    if not math.isfinite(number):
        raise InputError(f"{name} is {shown!r}, which is not a finite number; give {accepted}")
    return number


READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "sex": _sex,
    "stature": _length,
    "mass": _mass,
    "age": _years,
    **dict.fromkeys(GIRTHS, _length),
    "psoas_minor": _whether,
    "tone": read_fraction,
}
"""Keys of a person's file, and how each is read."""
LIMB_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "hip_flexor_shortening": read_fraction,
    "leg_length": _length,
}
"""Keys of ``[left]`` and ``[right]``."""
