"""Is this for you today? Answers become allow, change or block, for the page and the API alike.

The questions, their words, what follows and what each rests on stand in ``screening.toml``; here is only the rule by
which answers combine. It asks what a person feels or was told; it never concludes what they have. It knows no HTML, no
physics, no clock and no store.

**Limits first.** A list cannot see a person. Most red flags rest on lists for back pain, read in part or in copies; every
number of minutes is assumed. A clear answer is no promise.

The ways that the sources name beside the usual six ask more of a body. They are offered only where all six are, and an
item may leave some or all of them out without changing anything else.

The rule: block wins over change, change over allow; an emergency comes first and alone says what to do; the ways that
every answer leaves are the ways offered; the shortest time, the softest surface and every other wish hold together. Where
no way is left, it is a block. So one more tick never loosens what the others asked for.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from psoas.errors import DataError, InputError

WAYS = ("constructive-rest", "supine", "bolstered", "calves-on-chair", "side-lying", "chair")
"""The usual ways to rest, in the order in which they are offered to someone who ticks nothing."""

OTHER_WAYS = (
    "pawanmuktasana", "virasana", "chair-backbend", "arch-and-release", "seated-leg-lift", "childs-pose", "in-bed",
)  # fmt: skip
"""Those that the sources name beside them, after them and behind a fold."""

BACK_WAYS = ("constructive-rest", "supine", "bolstered", "calves-on-chair")
"""Those that are on the back; raised shoulders leave the pelvis flat."""

SURFACES = ("floor", "mat", "mattress")
"""What can be lain on, as in ``psoas.position``."""

EFFECTS = ("allow", "change", "block")
"""What an answer can do, from least to most."""

NONE = "none"
"""The tick that says that nothing in a group is so."""

CRISIS = ("crisis", "despair")
"""Items for which the number that the person noted is shown; under any other it would stand in the way."""
OTHER = "other"
"""A new or worrying thing that is on no list."""

CAUTION = "assumed: our caution"
"""The grade of what nobody was read to say."""

GRADES = (
    "official", "professional body", "copy of official", "study", "secondary", "practice page", "source text"
)  # fmt: skip
"""How near a source is to official advice, from most to least. A source text tells what somebody lived through."""


@dataclass(frozen=True)
class Source:
    """What an item rests on."""

    key: str
    """Such as ``girft2023``, or a source text's number, such as ``004``."""
    title: str
    """What it is, in words."""
    locator: str
    """Where in it, and how it was read."""
    grade: str
    """One of :data:`GRADES`."""


@dataclass(frozen=True)
class Item:
    """One thing to tick, what follows from it, and why."""

    id: str
    """Such as ``saddle-numbness``; every item of every group has its own."""
    text: str
    """Its words on the page."""
    effect: str
    """One of :data:`EFFECTS`."""
    emergency: bool = False
    """Whether urgent care comes first; only where the effect is block."""
    lasting: bool = False
    """Whether it holds from day to day, so that a person may have it remembered. A symptom of today does not."""
    ways: tuple[str, ...] = WAYS
    """The usual ways of resting it leaves. One that takes any of them takes the others as well."""
    others: bool = True
    """Whether it leaves those of :data:`OTHER_WAYS` that ``without`` does not name."""
    without: tuple[str, ...] = ()
    """Those of :data:`OTHER_WAYS` that it leaves out."""
    first: tuple[str, ...] = ()
    """Those of them it wants offered first."""
    most_minutes: int | None = None
    """Longest rest [min]; ``None`` where it sets no limit."""
    back_minutes: int | None = None
    """Longest rest flat on the back [min]; ``None`` where it sets no limit."""
    eyes: str = "either"
    """``either``, or ``open``."""
    company: bool = False
    """Whether it wants someone within call."""
    weight: bool = True
    """Whether added weight stays possible."""
    surface: str = "any"
    """``any``, or ``soft``: a mattress or a padded seat."""
    slow_up: bool = False
    """Whether it asks for the slow way of getting up."""
    do: tuple[str, ...] = ()
    """What to do, in sentences, action first."""
    say: str = ""
    """One sentence: what follows, and why. Empty where nothing follows."""
    sources: tuple[Source, ...] = ()
    """What it rests on."""
    features: tuple[int, ...] = ()
    """Numbers of the collected features."""
    assumed: str = ""
    """Which part is our own caution; empty where a source says all of it."""

    @property
    def leaves(self) -> tuple[str, ...]:
        """All ways of resting it leaves, the others among them, in order."""
        kept = self.others and self.ways == WAYS
        return (*self.ways, *(way for way in OTHER_WAYS if kept and way not in self.without))

    @property
    def grade(self) -> str:
        """The best grade among its sources; :data:`CAUTION` where it has none but source texts."""
        read = [source.grade for source in self.sources if source.grade != GRADES[-1]]
        return min(read, key=GRADES.index) if read else CAUTION


@dataclass(frozen=True)
class Group:
    """A question and what can be answered to it."""

    id: str
    """Such as ``now``."""
    title: str
    """The question."""
    kind: str
    """``many``: any number of items, or ``none``; ``one``: exactly one item."""
    items: tuple[Item, ...]
    """What can be ticked."""


@dataclass(frozen=True)
class Outcome:
    """What follows from all answers together."""

    effect: str
    """One of :data:`EFFECTS`."""
    emergency: bool
    """Whether urgent care comes first."""
    headline: str
    """The first words, to be read alone. Where it is an emergency they are what to do."""
    say: tuple[str, ...]
    """What to do or what is different today, in sentences, in the order in which they are to be read."""
    ways: tuple[str, ...]
    """The ways of resting, in the order offered; empty for a block."""
    most_minutes: int | None
    """Longest rest [min]: ``None`` where no answer sets a limit, 0 for a block. See also :meth:`most`."""
    eyes: str
    """``either``, or ``open``."""
    company: bool
    """Whether someone within call is wanted."""
    weight: bool
    """Whether added weight may be offered."""
    surface: str
    """``any``, or ``soft``: a mattress or a padded seat."""
    because: tuple[tuple[str, str], ...]
    """Id and sentence of each answer from which something follows, the gravest first."""
    back_minutes: int | None = None
    """Longest rest flat on the back [min], as ``most_minutes``."""
    slow_up: bool = False
    """Whether the slow way of getting up is asked for."""

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Those of :data:`SURFACES` that may be lain on; empty for a block."""
        if self.effect == "block":
            return ()
        return SURFACES if self.surface == "any" else ("mattress",)

    @property
    def crisis(self) -> bool:
        """Whether the number that the person noted is to be called, or may be."""
        return any(id in (*CRISIS, OTHER) for id, _ in self.because)

    def most(self, way: str) -> int | None:
        """Longest rest in one way [min]; ``None`` where no answer sets a limit, 0 where the way is not offered.

        Raises:
            InputError: No such way.
        """
        if _way(way) not in self.ways:
            return 0
        return _least([self.most_minutes, self.back_minutes if way in BACK_WAYS else None])

    def as_dict(self) -> dict[str, Any]:
        """Everything above by name, in what JSON knows; ``because`` as a list of ``{"item": id, "say": sentence}``."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return plain | {
            "because": [{"item": id, "say": sentence} for id, sentence in self.because],
            "surfaces": list(self.surfaces),
        }


@dataclass(frozen=True)
class Questions:
    """All that ``screening.toml`` holds."""

    words: Mapping[str, Any]
    """Words that belong to no item, such as ``none``, what the tick for nothing is called."""
    other: Mapping[str, Any]
    """What is said of a new symptom that is on no list."""
    ways: Mapping[str, str]
    """The usual ways of resting in words that go after "resting", by id."""
    other_ways: Mapping[str, str]
    """The others likewise."""
    sources: Mapping[str, Source]
    """What the items rest on, by key."""
    groups: tuple[Group, ...]
    """The questions, in the order in which they are asked."""


# -- asking -------------------------------------------------------------------------------------------


def groups() -> tuple[Group, ...]:
    """The questions in the order in which they are asked; every one is to be answered.

    Raises:
        DataError: The package's own file of questions is broken.
    """
    return questions().groups


def unanswered(answers: Mapping[str, Sequence[str]]) -> tuple[Group, ...]:
    """The questions that have no answer yet, in order."""
    return tuple(group for group in groups() if not answers.get(group.id))


def ticked(answers: Mapping[str, Sequence[str]]) -> tuple[Item, ...]:
    """The items that the answers name, in the order in which they are asked.

    An emergency is heard whatever is still open: nobody is kept from it by a question further down.

    Args:
        answers: By group id, the ids ticked, or ``("none",)``; a single id may stand alone.
    Raises:
        InputError: A question is unknown or has no answer beside no emergency, an answer is unknown, ``none`` stands with
            another, or one choice was asked for and more were given. The sentence is meant for the page.
    """
    known = {group.id: group for group in groups()}
    for id in answers:
        if id not in known:
            raise InputError(f"{_short(id)} is no question here; the questions are {_listed(list(known))}")
    missing = unanswered(answers)
    items = tuple(
        item for group in known.values() if group not in missing for item in _chosen(group, answers[group.id])
    )
    if missing and not any(item.emergency for item in items):
        titles = _listed([f'"{group.title}"' for group in missing])
        raise InputError(f"still without an answer: {titles}; tick what is so, or say that nothing is")
    return items


def screen(answers: Mapping[str, Sequence[str]]) -> Outcome:
    """What follows from a whole set of answers.

    Args:
        answers: As :func:`ticked` takes them.
    Raises:
        InputError: As :func:`ticked` raises it.
    """
    return combine(ticked(answers))


def _chosen(group: Group, answer: object) -> tuple[Item, ...]:
    """The items of one group that were ticked."""
    given = [answer] if isinstance(answer, str) else answer
    ids = [item.id for item in group.items]
    takes = [*ids, NONE] if group.kind == "many" else ids
    if not isinstance(given, Sequence):
        raise InputError(f'"{group.title}" was answered with {_short(given)}; give a list of {_listed(takes, "or")}')
    for id in given:
        if id not in takes:
            near = get_close_matches(str(id), takes, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise InputError(f'{_short(id)} is no answer to "{group.title}"{hint}; give {_listed(takes, "or")}')
    if NONE in given and set(given) != {NONE}:
        raise InputError(f'"{group.title}" was answered with none and with something as well; leave one of them')
    if group.kind == "one" and len(set(given)) > 1:
        raise InputError(f'"{group.title}" was answered with {_listed(list(dict.fromkeys(given)))}; choose one')
    return tuple(item for item in group.items if item.id in given)


# -- combining ----------------------------------------------------------------------------------------


def combine(items: Iterable[Item]) -> Outcome:
    """What follows from these items together, by the rule at the top of this module.

    Args:
        items: In the order in which they are asked; it decides which sentence and which way comes first among equals.
    """
    items = tuple(items)
    gravest = sorted(items, key=lambda item: (not item.emergency, -EFFECTS.index(item.effect)))  # stable
    left = [way for way in (*WAYS, *OTHER_WAYS) if all(way in item.leaves for item in items)]
    wished = [way for item in items for way in item.first if way in left]
    ways = tuple(dict.fromkeys([*wished, *left]))
    effect = max((item.effect for item in items), key=EFFECTS.index, default="allow") if ways else "block"
    blocked = effect == "block"
    emergency = any(item.emergency for item in items)
    outcome = Outcome(
        effect=effect,
        emergency=emergency,
        headline=questions().words["headlines"]["emergency" if emergency else effect],
        say=(),
        ways=() if blocked else ways,
        most_minutes=0 if blocked else _least([item.most_minutes for item in items]),
        eyes="open" if any(item.eyes == "open" for item in items) else "either",
        company=any(item.company for item in items),
        weight=not blocked and all(item.weight for item in items),
        surface="soft" if any(item.surface == "soft" for item in items) else "any",
        because=tuple((item.id, item.say) for item in gravest if item.say),
        back_minutes=0 if blocked else _least([item.back_minutes for item in items]),
        slow_up=any(item.slow_up for item in items),
    )
    return _with_words(outcome, gravest)


def _with_words(outcome: Outcome, gravest: Sequence[Item]) -> Outcome:
    """The outcome with its sentences: only what is to be done now, and no sentence twice."""
    text = questions().words
    # An emergency says what to do about itself and nothing else; a block says nothing about how to rest.
    speaking = [
        item for item in gravest if item.emergency == outcome.emergency and item.effect == outcome.effect and item.do
    ]
    said = [sentence for item in speaking for sentence in item.do]
    if outcome.effect == "allow":
        said += [*_others_out(outcome), *text["after_allow"]]
    elif outcome.effect == "change":
        said = [*_changes(outcome), *said]
    elif not outcome.emergency:
        # No item blocks, so together they left no way.
        said = [*([] if speaking else [text["nothing_left"]]), *said, *text["after_block"]]
    return replace(outcome, say=tuple(dict.fromkeys(said)))


def _changes(outcome: Outcome) -> list[str]:
    """What is different today, a sentence each."""
    text = questions().words
    said = []
    usual = tuple(way for way in outcome.ways if way in WAYS)
    if usual != WAYS:
        offered = text["offered" if len(usual) > 1 else "offered_one"]
        said.append(offered.format(ways=_listed([questions().ways[way] for way in usual])))
    if outcome.most_minutes is not None:
        said.append(text["minutes"].format(minutes=outcome.most_minutes))
    on_back = {outcome.most(way) for way in outcome.ways if way in BACK_WAYS}
    if on_back - {outcome.most_minutes}:
        said.append(text["back_minutes"].format(minutes=outcome.back_minutes))
    wishes = [
        (outcome.surface == "soft", "soft"),
        (not outcome.weight, "no_weight"),
        (outcome.eyes == "open", "eyes_open"),
        (outcome.company, "company"),
        (outcome.slow_up, "slow_up"),
    ]
    said += [text[name] for holds, name in wishes if holds]
    return said + (_others_out(outcome) if any(way in OTHER_WAYS for way in outcome.ways) else [])


def _others_out(outcome: Outcome) -> list[str]:
    """Which of the ways that the sources name beside the usual ones are left out; nothing where all are there."""
    out = [questions().other_ways[way] for way in OTHER_WAYS if way not in outcome.ways]
    if len(out) == len(OTHER_WAYS):
        return [questions().words["others_none"]]
    return [questions().words["others_without"].format(ways=_listed(out))] if out else []


def allows(outcome: Outcome, way: str, minutes: float) -> str:
    """Why a way or a length is not offered after these answers; empty where it is.

    Args:
        outcome: From :func:`screen`.
        way: One of :data:`WAYS` or :data:`OTHER_WAYS`.
        minutes: Length of the rest [min].
    Raises:
        InputError: No such way, or a length that is none.
    """
    if not (math.isfinite(minutes) and minutes > 0):
        raise InputError(f"length is {minutes} minutes; give a number of minutes above 0")
    title = {**questions().ways, **questions().other_ways}[_way(way)]
    if outcome.effect == "block":
        return outcome.headline
    if way not in outcome.ways:
        return _because(outcome, f"Resting {title} is not offered today.", lambda item: way not in item.leaves)
    most = outcome.most(way)
    if most is None or minutes <= most:
        return ""
    return _because(
        outcome,
        f"Resting {title} is offered for at most {most} minutes today.",
        lambda item: most in (item.most_minutes, item.back_minutes if way in BACK_WAYS else None),
    )


def _because(outcome: Outcome, sentence: str, asked: Callable[[Item], bool]) -> str:
    """A sentence, and after it that of the first answer that asked for it."""
    known = {item.id: item for group in groups() for item in group.items}
    reasons = [say for id, say in outcome.because if id in known and asked(known[id])]
    return " ".join([sentence, *reasons[:1]])


# -- during a rest ------------------------------------------------------------------------------------


def symptoms() -> tuple[Item, ...]:
    """What a page offers first under "something new or worrying": the emergencies, in order."""
    return tuple(item for group in groups() for item in group.items if item.emergency)


def new_symptom(id: str | None = None) -> Outcome:
    """What follows when something new or worrying comes up: the rest ends, in every case.

    Args:
        id: An item of the groups ``now`` and ``first``; ``other`` or ``None`` for what is on no list.
    Returns:
        What :func:`screen` would give for that item alone, in the same words.
    Raises:
        InputError: No such item.
    """
    if id is None or id == OTHER:
        other = questions().other
        told = combine([Item(OTHER, "", "block", do=tuple(other["do"]), say=other["say"])])
        # Its own sentences already say when to get urgent care.
        return replace(told, headline=other["headline"], say=tuple(other["do"]))
    known = {item.id: item for group in groups() if group.id in ("now", "first") for item in group.items}
    if id not in known:
        raise InputError(f"{_short(id)} is no sign on the list; give {_listed([*known, OTHER], 'or')}")
    return combine([known[id]])


# -- reading the file ---------------------------------------------------------------------------------


@cache
def questions() -> Questions:
    """The package's own questions, read once.

    Raises:
        DataError: As :func:`parse` raises it.
    """
    return parse((files("psoas") / "screening.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Questions:
    """The questions in a TOML text, checked.

    Raises:
        DataError: It cannot be read, an item contradicts itself, or it names a way, grade or source that is not there.
    """
    try:
        data = tomllib.loads(text)
        known = {key: Source(key, **fields) for key, fields in data["sources"].items()}
        found = Questions(
            words=MappingProxyType(data["words"]),
            other=MappingProxyType(data["other"]),
            ways=MappingProxyType(data["ways"]),
            other_ways=MappingProxyType(data["other_ways"]),
            sources=MappingProxyType(known),
            groups=tuple(
                Group(entry["id"], entry["title"], entry["kind"], tuple(_item(item, known) for item in entry["items"]))
                for entry in data["groups"]
            ),
        )
    except (KeyError, TypeError, ValueError) as problem:  # tomllib's own error is a ValueError
        raise DataError(f"screening.toml cannot be read ({problem}); give what its first lines name") from None
    if tuple(found.ways) != WAYS:
        raise DataError(f"the ways in screening.toml are {', '.join(found.ways)}; give {', '.join(WAYS)}")
    if tuple(found.other_ways) != OTHER_WAYS:
        raise DataError(
            f"the other ways in screening.toml are {', '.join(found.other_ways)}; give {', '.join(OTHER_WAYS)}"
        )
    for source in known.values():
        if source.grade not in GRADES:
            raise DataError(f"grade of {source.key} is {source.grade!r}; give one of {', '.join(GRADES)}")
    for group in found.groups:
        if group.kind not in ("many", "one"):
            raise DataError(f"kind of {group.id} is {group.kind!r}; give many or one")
    ids = [item.id for group in found.groups for item in group.items] + [NONE, OTHER]
    twice = sorted({id for id in ids if ids.count(id) > 1})
    if twice:
        raise DataError(f"ids in screening.toml stand twice: {', '.join(twice)}; give each item its own")
    return found


def _item(entry: dict[str, Any], known: Mapping[str, Source]) -> Item:
    """One item, checked against itself."""
    id = entry.get("id", "an item without an id")
    missing = [key for key in entry.get("sources", ()) if key not in known]
    if missing:
        raise DataError(f"{id} names the sources {', '.join(missing)}; give keys of [sources]")
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    resolved = {"sources": tuple(known[key] for key in entry.get("sources", ()))}
    item = Item(**{**entry, **lists, **resolved})
    restricts = any(
        getattr(item, name) != getattr(Item("", "", "allow"), name)
        for name in ("ways", "first", "most_minutes", "back_minutes", "eyes", "company", "weight", "surface", "slow_up")
    )
    for wrong, what in (
        (item.effect not in EFFECTS, f"has the effect {item.effect!r}; give {', '.join(EFFECTS)}"),
        (not {*item.ways, *item.first} <= set(WAYS), f"names a way that is none; give {', '.join(WAYS)}"),
        (
            not set(item.without) <= set(OTHER_WAYS),
            f"leaves out another way that is none; give {', '.join(OTHER_WAYS)}",
        ),
        (
            item.back_minutes is not None and any(way in OTHER_WAYS for way in item.leaves),
            "limits the back and leaves the other ways, whose time it does not limit; give others = false",
        ),
        (not set(item.first) <= set(item.ways), "offers first a way that it takes away; give one that it leaves"),
        (item.eyes not in ("either", "open"), f"has eyes {item.eyes!r}; give either or open"),
        (item.surface not in ("any", "soft"), f"has surface {item.surface!r}; give any or soft"),
        (item.emergency and item.effect != "block", "is an emergency and does not block; give block"),
        (item.effect == "block" and not (item.do and item.say), "blocks without saying what to do and why; give both"),
        (item.effect == "change" and not (restricts and item.say), "changes nothing or says nothing; give both"),
        (item.effect != "change" and restricts, f"has the effect {item.effect} and restricts as well; give change"),
        (
            bool(item.say) and not (item.sources or item.assumed),
            "rests on nothing; give sources or say what is assumed",
        ),
    ):
        if wrong:
            raise DataError(f"{id} in screening.toml {what}")
    return item


# -- small things -------------------------------------------------------------------------------------


def _way(way: str) -> str:
    if way not in (*WAYS, *OTHER_WAYS):
        raise InputError(f"way of resting is {_short(way)}; give {_listed([*WAYS, *OTHER_WAYS], 'or')}")
    return way


def _least(minutes: Iterable[int | None]) -> int | None:
    return min((given for given in minutes if given is not None), default=None)


def _listed(parts: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _short(value: object) -> str:
    """What was given, quoted and no longer than a line, since it may come from anywhere."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
