"""One claim: what is said, by whom, who disagrees, what papers found, how it is graded and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psoas.units import Quantity

KINDS: Mapping[str, str] = {
    "anatomy": "where things are",
    "mechanics": "forces and lengths",
    "physiology": "how bodies work",
    "practice": "what people do and what it does",
    "tradition": "what a tradition teaches",
    "metaphor": "an image",
}
"""What sort of statement it is, and that in a few words."""
GRADES: Mapping[str, str] = {
    "supported": "What was read agrees with it.",
    "mixed": "What was read agrees in part, or disagrees with itself.",
    "contradicted": "What was read says otherwise.",
    "untested": "Nothing that tests it was found.",
    "not testable": "No measurement could settle it.",
}
"""What a grade means."""
READ = ("full text", "part", "table", "abstract", "secondary", "title")
"""How much of a paper was read, most first."""
VERDICTS: Mapping[str, str] = {
    "supported": "What was read says yes",
    "mixed": "What was read points both ways",
    "contradicted": "What was read says no",
    "untested": "No test of it was found",
    "not testable": "Nothing that could be measured",
}
"""The same as an answer to the statement, for a list."""
HOW_TO_READ = (
    "Supports, contradicts: nine bodies in ten go the way that the sentence above the numbers says, or the other way. More,"
    " less: where it says neither, the second of two postures has more or less than the first, and a single number is above"
    " or below zero. Cannot tell: too few go the same way. Too small to notice: in nine of ten it is less than would matter."
)
"""What the words beside the numbers of the model's runs mean."""
CARRIES = frozenset(READ[:4])
"""What may carry a grade: a page that only quotes a paper, and its title, may not."""
STANCES: Mapping[str, str] = {
    "yes": "says so", "no": "says otherwise", "partly": "says so in part", "asks": "asks",
}  # fmt: skip
"""How a view stands to the statement."""
FORMS = ("question", "disagreement", "claim")
"""Where features 105 to 163 come from: readers' questions, where the texts part, and statements that need a label."""
FIRST, LAST = 105, 163
"""Features that each have a claim here."""


@dataclass(frozen=True)
class Text:
    """One of the five source texts."""

    id: str
    """``000`` to ``004``."""
    title: str
    author: str
    credentials: str
    """As the text itself gives them."""
    date: str
    """Year, month and day where known; empty where not."""
    when: str
    """The same in words."""
    kind: str


@dataclass(frozen=True)
class Paper:
    """A publication, and how much of it was read."""

    key: str
    authors: str
    year: int
    title: str
    journal: str
    doi: str
    """Empty where none was seen."""
    pmid: str
    """Number in PubMed; empty where none was seen."""
    read: str
    """One of :data:`READ`."""
    found: str
    """What it found, in our words."""
    limits: str
    """What it cannot say."""

    @property
    def short(self) -> str:
        """Such as ``Wilke 1999``."""
        return f"{self.authors.split(',')[0].split(' and ')[0].rsplit(' ', 1)[0]} {self.year}"


@dataclass(frozen=True)
class Said:
    """Who holds a view, and where they said so."""

    text: Text
    who: str
    """``author``, ``a reader`` or ``another site``."""
    date: str
    """Of a comment; empty for the text itself."""
    note: str

    @property
    def words(self) -> str:
        """Such as ``Liz Koch, 2005 (002)`` or ``a reader, 2013 (002)``."""
        name = self.text.author if self.who == "author" else self.who
        year = (self.date or self.text.date)[:4]
        return f"{name}{', ' + year if year else ''} ({self.text.id})"


@dataclass(frozen=True)
class View:
    """One side of it."""

    holds: str
    """In our words."""
    stance: str
    """Toward the statement, one of :data:`STANCES`."""
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Result:
    """One number of a model run."""

    what: str
    quantity: Quantity
    """Median of the ensemble, its 5th and 95th percentile."""
    verdict: str
    """``supports``, ``contradicts``, ``cannot tell``, ``too small to notice``, ``more`` or ``less``."""
    members: int
    """Bodies behind it."""
    rivals: tuple[str, ...]
    """Rival anatomy whose median has the opposite sign."""
    moves_most: str
    """The rival that moves it most."""


@dataclass(frozen=True)
class Run:
    """A named run of the model that tests what is said."""

    id: str
    says: str
    """What is put to the test."""
    features: tuple[int, ...]
    verdict: str
    """Of the result that decides it; empty where none does."""
    results: tuple[Result, ...]


@dataclass(frozen=True)
class Claim:
    """A statement with its evidence."""

    id: str
    feature: int
    """Its number among everything the texts describe."""
    title: str
    statement: str
    """One sentence in our words; the grade is of this sentence."""
    kind: str
    """One of :data:`KINDS`."""
    grade: str
    """One of :data:`GRADES`."""
    reason: str
    """Why this grade."""
    known: tuple[str, ...]
    """What is known, a paragraph each; ``[key]`` cites a paper."""
    unknown: str
    ask: str
    """What to ask a professional; may be empty."""
    looked: str
    """What was looked for, and what was not found."""
    papers: tuple[Paper, ...]
    runs: tuple[Run, ...]
    related: tuple[int, ...]
    """Features worth reading next."""
    views: tuple[View, ...]
    short: str = ""
    """The answer in plain words, where the first paragraph of what is known does not give it."""

    @property
    def answer(self) -> str:
        """What a reader gets first."""
        return self.short or self.known[0]

    @property
    def more(self) -> tuple[str, ...]:
        """What is known beyond that."""
        return self.known if self.short else self.known[1:]

    @property
    def form(self) -> str:
        """One of :data:`FORMS`."""
        return FORMS[0] if self.feature <= 123 else FORMS[1] if self.feature <= 146 else FORMS[2]


@dataclass(frozen=True)
class Amount:
    """One number of a posture."""

    quantity: Quantity
    """Median of the ensemble, its 5th and 95th percentile."""
    against_straight: str
    """``more``, ``less``, ``about the same`` or ``cannot tell``, compared with lying straight; empty for that itself."""
    members: int
    """Bodies behind it."""


LOOSE = 20.0
"""Pull from which a psoas is drawn as pulling, about the weight of two kilograms; a drawing's choice [N]."""


@dataclass(frozen=True)
class Posture:
    """A posture in which question 112 is answered, with its outline from the side [cm], floor at zero, up negative."""

    id: str
    title: str
    numbers: Mapping[str, Amount]
    box: tuple[float, float, float, float]
    """Left, top, width and height around it."""
    body: tuple[str, ...]
    """Outlines as SVG paths."""
    psoas: tuple[str, ...]
    """Its fascicles as SVG paths."""
    carried_by: tuple[str, ...]
    """Cushions or a chair as SVG paths."""

    @property
    def loose(self) -> bool:
        """Whether the psoas hangs loose: by its middle it pulls less than ``LOOSE``."""
        return self.numbers["pull"].quantity.value < LOOSE


@dataclass(frozen=True)
class Item:
    """Something on the shelf: a book, a recording, or somebody to ask."""

    title: str
    kind: str
    by: str
    named_in: tuple[str, ...]
    """Texts that name it; empty where it is our own pointer."""
    note: str
