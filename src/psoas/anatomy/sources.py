"""The references behind the rows, read from ``sources.bib``.

The reader knows as much BibTeX as our own file uses: entries with braced, quoted or bare fields, braces
nested, and text between entries ignored. It knows no macros, no ``@string``, no ``#`` concatenation and no
``crossref``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from psoas.errors import DataError

_HEAD = re.compile(r"^[ \t]*@(\w+)\s*\{\s*([^\s,{}]+)\s*,", re.MULTILINE)
_FIELD = re.compile(r"\s*([\w-]+)\s*=\s*")


@dataclass(frozen=True)
class Source:
    """One reference.

    Attributes:
        key: The name rows call it by.
        type: Its BibTeX type in lower case, such as ``article``.
        fields: Its fields, names in lower case, outer braces removed.
    """

    key: str
    type: str
    fields: Mapping[str, str]


@cache
def load() -> Mapping[str, Source]:
    """Every reference of the package, by key.

    Raises:
        DataError: ``sources.bib`` cannot be read as the BibTeX described above.
    """
    return parse((files("psoas.anatomy") / "sources.bib").read_text(encoding="utf-8"))


def get(key: str) -> Source:
    """The reference with this key.

    Raises:
        DataError: There is none; the message names keys that look like it.
    """
    sources = load()
    if key not in sources:
        near = ", ".join(get_close_matches(key, sources, n=3)) or "no similar key"
        raise DataError(f"no source {key!r} in sources.bib; it has {near}")
    return sources[key]


def parse(text: str) -> Mapping[str, Source]:
    """The entries of a BibTeX text, by key, in their order.

    Raises:
        DataError: An entry is not closed, a field cannot be read, or a key or field stands twice.
    """
    sources: dict[str, Source] = {}
    position = 0
    while head := _HEAD.search(text, position):
        key = head[2]
        if key in sources:
            raise DataError(f"source {key!r} stands twice in the references; give each entry its own key")
        fields, position = _fields(text, head.end(), key)
        sources[key] = Source(key, head[1].lower(), MappingProxyType(fields))
    return MappingProxyType(sources)


def _fields(text: str, position: int, key: str) -> tuple[dict[str, str], int]:
    """The fields from `position` to the brace that closes the entry, and the place after it."""
    fields: dict[str, str] = {}
    while True:
        position = _skip(text, position, " \t\r\n,")
        if text[position : position + 1] == "}":
            return fields, position + 1
        name = _FIELD.match(text, position)
        if name is None:
            raise DataError(f"source {key!r} has an unreadable field at {text[position : position + 30]!r}")
        value, position = _value(text, name.end(), key)
        if name[1].lower() in fields:
            raise DataError(f"source {key!r} gives {name[1].lower()!r} twice; give it once")
        fields[name[1].lower()] = " ".join(value.split())


def _value(text: str, position: int, key: str) -> tuple[str, int]:
    """One field's value, without its outer braces or quotes, and the place after it."""
    opening = text[position : position + 1]
    depth = 0
    for place in range(position + (opening in '{"'), len(text)):
        mark = text[place]
        if depth == 0 and opening == "{" and mark == "}":
            return text[position + 1 : place], place + 1
        if depth == 0 and opening == '"' and mark == '"':
            return text[position + 1 : place], place + 1
        if depth == 0 and opening not in '{"' and mark in ",}\n":
            return text[position:place].strip(), place
        depth += (mark == "{") - (mark == "}")
    raise DataError(f"source {key!r} is not closed; every brace and quote needs its partner")


def _skip(text: str, position: int, marks: str) -> int:
    while position < len(text) and text[position] in marks:
        position += 1
    return position
