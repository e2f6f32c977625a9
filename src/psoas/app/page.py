"""What every view is given and gives: a request read whole, and a page filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, wraps
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from psoas import advice, evidence, units
from psoas.app.worker import Worker
from psoas.body.model import GRAVITY
from psoas.errors import InputError, NotFoundError, PsoasError, StorageError
from psoas.evidence import CITED, Claim
from psoas.journal import Entry, Person, Store
from psoas.position import Saying
from psoas.units import Quantity

MOST_FIELD = 25_000_000
"""Longest text in a form with files [bytes]."""
MOST_FIELDS = 400
MOST_SAID = 800
"""Characters of a message; more of it would be what was typed."""


@dataclass(frozen=True)
class House:
    """What the app stands on while it runs."""

    store: Store
    worker: Worker
    folder: Path
    now: Callable[[], datetime]
    """The wall clock, with the offset of this place; tests bring their own."""


@dataclass
class Ask:
    """One request, read whole.

    Attributes:
        request: As it came.
        house: Store, worker, folder, clock.
        form: What was typed; empty where nothing was.
        files: What was uploaded, by field: name and bytes.
    """

    request: Request
    house: House
    form: FormData = field(default_factory=FormData)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The journal."""
        return self.house.store

    @property
    def query(self) -> Mapping[str, str]:
        """What the address says after the question mark."""
        return self.request.query_params

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def now(self) -> datetime:
        """The time here, with its offset from UTC."""
        return self.house.now()


View = Callable[[Ask], Response]


def view(work: View) -> Callable[[Request], Awaitable[Response]]:
    """A route from a plain function: reads the request, works in a thread, turns what is raised into a page.

    Args:
        work: Takes what was asked and gives the answer.
    Returns:
        What the router calls.
    """

    @wraps(work)
    async def route(request: Request) -> Response:
        ask = Ask(request, request.app.state.house)
        if request.method == "POST" and not request.url.path.startswith("/api/"):
            form = await _form(request)
            ask.files = {
                name: (value.filename or "", await value.read())
                for name, value in form.multi_items()
                if isinstance(value, UploadFile) and value.filename
            }
            ask.form = FormData([(n, v) for n, v in form.multi_items() if isinstance(v, str)])
            await form.close()
        return await run_in_threadpool(_answer, work, ask)

    return route


class _InMemory(MultiPartParser):
    """Keeps what is uploaded in memory: a photograph that still says where it was taken has no place in a folder of others."""

    spool_max_size = 0  # none: never written to a temporary file


async def _form(request: Request) -> FormData:
    """What a form sends; how much that may be is for the gate to say.

    Raises:
        HTTPException: It is none.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await request.form(max_files=0, max_fields=MOST_FIELDS)
    reader = _InMemory(request.headers, request.stream(), max_files=4, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD)
    try:
        return await reader.parse()
    except MultiPartException as problem:
        raise HTTPException(400, problem.message) from None


def _answer(work: View, ask: Ask) -> Response:
    try:
        return work(ask)
    except NotFoundError:
        return message(ask, "There is nothing here", "It may have been deleted, or the address is not whole.", 404)
    except StorageError as problem:
        return message(ask, "This could not be kept", str(problem), 507)
    except InputError as problem:
        return message(ask, "This cannot be used", str(problem), 422)
    except PsoasError as problem:
        return message(ask, "This did not work", str(problem), 500)


# -- pages --------------------------------------------------------------------------------------------


def page(
    ask: Ask, template: str, who: Person | None = None, *, status: int = 200, problem: str = "", **values: Any
) -> HTMLResponse:
    """A page filled in.

    Args:
        ask: What was asked.
        template: Its file in ``templates/``.
        who: Whose page it is.
        status: Of the answer; 422 where a form comes back.
        problem: What is wrong with the form, in one sentence.
        values: For the template.
    Returns:
        The page.
    """
    given = {
        "who": who,
        "home": f"/people/{who.id}" if who else "/",
        "here": _here(ask, who),
        "problem": problem,
        "wrong": "",
        "form": FormData(),
        "unit": unit_of(who),
        **values,
    }
    return HTMLResponse(templates().get_template(template).render(given), status)


def message(ask: Ask, title: str, text: str, status: int) -> HTMLResponse:
    """A page that says one thing, and hands back what was typed, so that nothing is lost."""
    kept = [
        (name.replace("_", " "), value) for name, value in ask.form.multi_items() if isinstance(value, str) and value
    ]
    return page(ask, "message.html", title=title, text=sentence(text), kept=kept, status=status)


REFUSALS = {
    400: "This cannot be read", 403: "Not let in", 404: "There is nothing here", 413: "Too large", 421: "Another address",
    500: "Something went wrong", 507: "This could not be kept",
}  # fmt: skip


def refusal(headers: Headers, words: str, status: int) -> Response:
    """One sentence in place of an answer: a page for whoever reads pages, plain text for anything else.

    Args:
        headers: Of the request.
        words: The sentence.
        status: Of the answer.
    Returns:
        The answer; its headers are the gate's to set.
    """
    if "text/html" not in headers.get("accept", ""):
        return PlainTextResponse(words, status)
    given = {"title": REFUSALS[status], "text": words, "who": None, "home": "/", "here": None, "problem": ""}
    return HTMLResponse(templates().get_template("refusal.html").render(given), status)


def go(path: str) -> RedirectResponse:
    """To another page, with GET."""
    return RedirectResponse(path, 303)


def unit_of(who: Person | None) -> str:
    """``cm`` or ``in``, as the person wishes."""
    return "in" if who is not None and who.units == "in" else "cm"


def _here(ask: Ask, who: Person | None) -> str | None:
    """The part of the address that the navigation marks."""
    base = f"/people/{who.id}" if who else "/"
    path = ask.request.url.path
    return path.removeprefix(base) if path.startswith(base) else None


@cache
def templates() -> Environment:
    """The templates, and the few filters they use."""
    made = Environment(
        loader=PackageLoader("psoas.app"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static
    made.filters.update(
        json=_json, in_unit=in_unit, spoken=advice.spoken, length=advice.length, saying_number=saying_number,
        capitalize_first=lambda text: text[:1].upper() + text[1:], lower_first=lambda text: text[:1].lower() + text[1:],
        weighing=weighing,
        pile=lambda text: ", then ".join(part.replace("=", " of ").replace("-", " ") for part in text.split(" + ")),
        typeset=lambda text: text.replace("-", "−").replace(" deg", "°"), cited=cited, claims_of=claims_of,
    )  # fmt: skip
    return made


def _json(value: Any) -> Markup:
    """Data for a script block: no sign in it can end the block."""
    text = json.dumps(value, allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def cited(text: str, claim: Claim) -> Markup:
    """A paragraph whose papers are links to where they stand on the page."""
    papers = {paper.key: paper.short for paper in claim.papers}

    def link(found: re.Match[str]) -> str:
        return f'<a href="#{found[1]}">({papers[found[1]]})</a>'

    return Markup(CITED.sub(link, str(escape(text))))


def weighing(force: Quantity, unit: str) -> str:
    """A force as the weight of so many kilograms, or of so many pounds for readers of inches, with its range."""
    symbol = "lb" if unit == "in" else "kg"
    value, low, high = (units.from_si(x / GRAVITY, symbol) for x in (force.value, force.low, force.high))
    places = 0 if high >= 20 else 1
    return f"{value:.{places}f} {symbol} ({low:.{places}f} to {high:.{places}f})"


def claims_of(features: Container[int]) -> list[Claim]:
    """The claims among some features."""
    return [one for one in evidence.claims() if one.feature in features]


@cache
def static(name: str) -> str:
    """The address of a file in ``static/``, with its fingerprint, so that a browser may keep it."""
    data = (files("psoas.app") / "static" / name).read_bytes()
    return f"/static/{name}?v={sha256(data).hexdigest()[:10]}"


# -- words --------------------------------------------------------------------------------------------


def saying_number(saying: Saying, unit: str) -> str:
    """What a source says, in the reader's unit, with the source's own inches beside it."""
    low, high = saying.low or 0.0, saying.high or 0.0
    inches = [f"{units.from_si(x, 'in'):.0f}" for x in dict.fromkeys((low, high))]
    said = f"{' to '.join(inches)} in"
    if unit == "in":
        return said
    return f"{said} ({' to '.join(f'{units.from_si(x, unit):.0f}' for x in dict.fromkeys((low, high)))} {unit})"


SENTENCE = {"cm": "sentence", "in": "sentence_in"}
"""What holds the sentence of a set-up that was kept, by the unit of its lengths."""


def set_up_words(entry: Entry, unit: str) -> str:
    """How somebody lay, in the unit they read now; empty where nothing was kept."""
    kept = entry.setup or {}
    return str(kept.get(SENTENCE[unit]) or kept.get("sentence") or "")


def with_unit(text: str, unit: str) -> str:
    """A length as it was typed; a bare number is in the unit that its reader reads."""
    text = text.strip()
    return f"{text} {unit}" if re.fullmatch(r"\d{1,4}([.,]\d{1,3})?", text, re.ASCII) else text


def in_unit(text: str, unit: str) -> str:
    """A sentence with its centimeters in the unit that its reader reads."""
    if unit == "cm":
        return text
    return re.sub(r"(\d+(?:\.\d+)?) cm", lambda found: advice.length(float(found[1]) / 100.0, unit), text)


def day_words(moment: datetime, now: datetime) -> str:
    """A local moment in words: ``today, 18:30``, ``yesterday``, ``on 3 May 2026``."""
    days = (now.date() - moment.date()).days
    clock = f"{moment:%H:%M}"
    if days == 0:
        return f"today, {clock}"
    if days == 1:
        return f"yesterday, {clock}"
    return f"on {moment.day} {moment:%B %Y}, {clock}"


def sentence(text: str) -> str:
    """A message as a sentence on a page; what somebody typed in the middle of it may have been long."""
    if len(text) > MOST_SAID:
        text = f"{text[: MOST_SAID // 2]} … {text[-MOST_SAID // 2 :]}"
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def line(form: FormData, name: str, most: int = 200) -> str:
    """A field as one line of text.

    Raises:
        InputError: It is longer than ``most`` characters.
    """
    return _short_enough(" ".join(str(form.get(name, "")).split()), name, most)


def area(form: FormData, name: str, most: int = 2000) -> str:
    """A field as text of some lines.

    Raises:
        InputError: It is longer than ``most`` characters.
    """
    return _short_enough(str(form.get(name, "")).replace("\r\n", "\n").strip(), name, most)


def _short_enough(text: str, name: str, most: int) -> str:
    if len(text) > most:
        raise InputError(f"{name.replace('_', ' ')} has {len(text)} characters; give {most} at most")
    return text


def whole(text: str, name: str, low: int, high: int, *, also: str = "") -> int:
    """A whole number as it was typed.

    Args:
        text: Digits, perhaps after a sign.
        name: What it is called, for the message.
        low, high: What is taken.
        also: What else could be done, for the message.
    Raises:
        InputError: It is none, or outside.
    """
    if not re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
        raise InputError(f"{name} is {short(text)}; give a whole number from {low} to {high}{also}")
    return int(text)


def short(value: object) -> str:
    """What was given, quoted and no longer than a line, since it may come from anywhere."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def rested_seconds(entry: Entry) -> float | None:
    """What the record of a rest says was rested [s]; ``None`` where it tells nothing, as one from a file may."""
    told = (entry.record or {}).get("rested_seconds")
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) and told >= 0 else None


def rested_words(entry: Entry) -> str:
    """The same in words."""
    seconds = rested_seconds(entry)
    return "a while" if seconds is None else minutes_words(seconds)


def minutes_words(seconds: float) -> str:
    """A time in words: ``12 minutes``, ``40 seconds``."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{round(seconds)} seconds"
    return "one minute" if minutes == 1 else f"{minutes} minutes"


def worried(entry: Entry) -> bool:
    """Whether something new or worrying came up in a rest: it ended so, or its page was lost while it asked what it was."""
    record = entry.record or {}
    if record.get("ending") is not None:
        return bool(record["ending"] == "worried")
    events = record.get("events")
    last = events[-1] if isinstance(events, list) and events else None
    return isinstance(last, list) and last[-1:] == ["worry"]
