"""How to lie today: the numbers, the picture, what the model would choose, and all of it on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from psoas import advice, drawing_layers, habits, noticing, screening, session, units
from psoas.app import voice
from psoas.app.access import PICTURE_POLICY
from psoas.app.page import SENTENCE, Ask, go, page, sentence, unit_of, view, whole, with_unit
from psoas.app.views.entry import (
    NOTHING,
    allowed,
    lain_on,
    looks_offered,
    minutes_of,
    on_offered,
    plan_of,
    problem_of,
    ready,
    whose,
)
from psoas.app.views.people import AVERAGE, body_of
from psoas.app.worker import LAYOUTS, THEMES, Beside, Followed, Look, Question, Rested, Searched, Wish
from psoas.errors import InputError, NotFoundError, PsoasError, StorageError
from psoas.journal import Entry, Person
from psoas.position import Position, position
from psoas.props import Prop, furnished, prop
from psoas.props import props as known_props
from psoas.session import Way
from psoas.units import Quantity, parse_length

NOT_NOW = (
    "Not now with new numbness between the legs, trouble with urine or stool, weakness in both legs, or sudden severe pain in"
    " chest, belly or back: get urgent care."
)
"""On whatever leaves the program, where the questions are not asked."""


NUMBERS = ("heel_distance", "foot_width", "shoulders", "height", "seat", "prop", "thickness")
"""Fields that the model may fill in."""
CHOICES = (*NUMBERS, "arms", "surface")
SOUND = ("voice", "halfway", "questions", "image")
OWN = "own"
"""What holds, in a set-up as it is kept, which of ``NUMBERS`` a person chose, with commas between them."""
UNDER_SHOULDERS = ("cushion", "bolster", "folded-blanket", "block", "pillow")
SLIDES = {
    "heel_distance": (0.12, 0.60), "foot_width": (0.08, 0.50), "height": (0.03, 0.25), "seat": (0.20, 0.60),
    "thickness": (0.01, 0.12),
}  # fmt: skip
"""Ends of the sliders [m]."""


@view
def set_up(ask: Ask) -> Response:
    """How to lie today."""
    entry, who = whose(ask)
    if entry.record:
        return go(f"/rest/{entry.id}/check-back")
    outcome = allowed(ask, entry)
    if isinstance(outcome, str):
        return go(outcome)
    way = _offered(str(ask.query.get("way") or entry.way or outcome.ways[0]), outcome)
    before = {k: str(v) for k, v in (entry.options or {}).items() if isinstance(v, str)}
    kept = {**_usual(ask, who), **_free(before)}
    if ask.query.get("anew"):  # without a person's own numbers
        kept = {name: text for name, text in kept.items() if name not in NUMBERS}
    if _planned(entry, way, outcome):
        kept["minutes"] = f"{entry.minutes:g}"
    layers = [("layer", name) for name in ask.request.query_params.getlist("layer")]
    chosen = {name: text for name, text in {**kept, **ask.query}.items() if name != "layer"}
    return _setting_up(ask, entry, who, outcome, way, FormData([*chosen.items(), *layers]))


@view
def keep_set_up(ask: Ask) -> Response:
    """Show a change, or keep the set-up and go to the quiet."""
    entry, who = whose(ask)
    if entry.record:
        return go(f"/rest/{entry.id}/check-back")
    outcome = allowed(ask, entry)
    if isinstance(outcome, str):
        return go(outcome)
    form, chosen = ask.form, None
    try:
        way, layers = session.way(str(form.get("way", ""))), _layers(form)
        if form.get("do") in ("show", "layers"):
            shown = {name: str(form.get(name, "")) for name in ("arms", "surface", *SOUND, "minutes") if form.get(name)}
            _lying(who, way, on_offered(_as_shown(form), outcome))
            opened = {"open": "yes"} if form.get("do") == "show" else {}
            onward = {"way": way.id, **opened, **shown, **_own(form), "layer": layers}
            return go(f"/rest/{entry.id}/set-up?{urlencode(onward, doseq=True)}")
        chosen = plan_of(way, form, outcome)
        why = screening.allows(outcome, way.id, chosen.minutes)
        if way.position is not None and form.get("surface") in set(screening.SURFACES) - set(outcome.surfaces):
            why = "The floor or a mat is not offered today; choose a bed."
        if why:
            raise InputError(why)
        form = on_offered(form, outcome)
        own = _own(form)
        made = _lying(who, way, _as_shown(form))
        kept = {**{name: str(form.get(name, "")) for name in (*CHOICES, *SOUND)}, **(made.fields if made else {})}
        ask.store.change_entry(
            entry.id,
            way=way.id,
            minutes=chosen.minutes,
            stage="set-up",
            options=kept | {OWN: ",".join(own)},
            setup={name: made.setup.sentence(unit) if made else way.summary for unit, name in SENTENCE.items()}
            | {"title": way.title},
        )
    except (InputError, StorageError) as problem:
        way = _offered(str(form.get("way", "")), outcome)
        words = str(problem).lower().replace(" ", "_")
        wrong = next((name for name in ("minutes", *NUMBERS[:2], "thickness", "height", "seat") if name in words), "")
        return _setting_up(ask, entry, who, outcome, way, form, wrong=wrong, **problem_of(problem))
    return go(f"/rest/{entry.id}/session")


def _planned(entry: Entry, way: Way, outcome: screening.Outcome) -> bool:
    """Whether the minutes that an entry has, perhaps from a file, are some that this way can have today."""
    try:
        session.plan(way.id, f"{entry.minutes or 0:g}")
        return not screening.allows(outcome, way.id, entry.minutes or 0.0)
    except InputError:
        return False


def _offered(way: str, outcome: screening.Outcome) -> Way:
    """A way to rest if it is offered today, else the first one that is."""
    return session.way(way if way in outcome.ways else outcome.ways[0])


def _usual(ask: Ask, who: Person) -> dict[str, str]:
    """What was chosen last time, or what a first time begins with; numbers that nobody chose are chosen anew."""
    for entry in ask.store.entries(who.id):
        if entry.record and entry.options:
            return _free({n: str(t) for n, t in entry.options.items() if n in (*CHOICES, *SOUND, OWN)})
    return {"surface": who.surface or "mat", "halfway": "yes"}


def _free(options: Mapping[str, str]) -> dict[str, str]:
    """Choices as they were kept, without the numbers that the model or the sources had filled in."""
    own = _own(options)
    return {name: text for name, text in options.items() if name not in (*NUMBERS, OWN)} | own


def _own(form: Mapping[str, Any]) -> dict[str, str]:
    """The numbers that a person chose: those that are not as the page had filled them in."""
    given = {name: text for name in NUMBERS if (text := str(form.get(name) or "").strip())}
    if OWN in form:
        return {name: text for name, text in given.items() if name in str(form[OWN]).split(",")}
    return {name: text for name, text in given.items() if text != str(form.get(f"shown_{name}") or "").strip()}


def _as_shown(form: FormData) -> FormData:
    """A form as whoever sends it saw it, whatever a search has found since."""
    return FormData([(name, text) for name, text in form.multi_items() if not name.startswith("shown_")])


@dataclass(frozen=True)
class Lying:
    """A set-up as a page shows it."""

    setup: advice.Setup
    """What is lain in."""
    fields: Mapping[str, str]
    """Every number of it, by name, as a field holds it; what is shown is what is computed with."""
    by: Mapping[str, str]
    """Who chose each line: ``own``, ``model`` or ``scaled``; ``at hand`` where the model names no height."""
    scaled: Mapping[str, Quantity]
    """The sources' numbers, scaled to this body, by name."""


def _lying(who: Person, way: Way, form: Mapping[str, Any], found: Searched | None = None) -> Lying | None:
    """The set-up of a way that the body model carries: a person's own numbers, then what the model found, then the sources'.

    Raises:
        InputError: A choice cannot be used.
    """
    if way.position is None:
        return None
    unit, body = unit_of(who), body_of(who)
    own = {name: with_unit(text, unit) for name, text in _own(form).items()}
    resting = position(way.position)
    resting = resting.with_values(lain_on(form), arms=str(form.get("arms") or resting["arms"]))
    plain = advice.set_up(body or AVERAGE, resting, measured=body is not None)
    lines, props, values, by = plain.lines, _usual_props(who, resting), plain.position.values, "scaled"
    if found is not None and not found.message:
        lines, props, values, by = found.lines, list(found.props), dict(found.values), "model"
    fields = {n: advice.length(float(v), unit) for n in ("heel_distance", "foot_width") if (v := values.get(n))}
    fields |= _prop_fields(props, resting, unit)
    fields = _together(fields, own)
    chosen = {name: "own" if name in own else by for name in fields}
    lengths = {
        name: parse_length(text, name=name.replace("_", " "))
        for name, text in fields.items()
        if name in resting.parameters
    }
    under = _props_of(fields, resting)
    lain_in = lengths | {
        "towel": sum(one.thickness for one in under if one.under == "head"),
        "height": sum(one.thickness for one in under if one.under == "shoulders"),
    }
    chosen |= {"foot_width": "own" if "foot_width" in own else "scaled"}  # the search takes it as it is
    chosen["towel"] = "own" if {"prop", "thickness"} & own.keys() else by
    none = found is not None and not found.feasible  # then the model names no height
    chosen["height"] = "own" if {"shoulders", "height"} & own.keys() else "at hand" if none else by
    setup = advice.Setup(
        resting.with_values(None, **lengths),
        tuple(under),
        tuple(_as_chosen(line, lain_in[line.name], chosen[line.name]) for line in lines),
        body is not None,
    )
    return Lying(setup, fields, chosen, {line.name: line.quantity for line in plain.lines})


def _usual_props(who: Person, resting: Position) -> list[Prop]:
    """What lies under a body of which nothing has been searched for yet."""
    towel = [prop("towel")] if "towel" in who.props and resting.legs == "sole" else []
    at_hand = [id for id in UNDER_SHOULDERS if id in who.props]
    under = {place: (at_hand or ["cushion"])[0] if place == "shoulders" else id for place, id in resting.under.items()}
    return furnished(under, towel)


def _prop_fields(props: Sequence[Prop], resting: Position, unit: str) -> dict[str, str]:
    """What lies under a body as fields hold it."""
    under = {place: [one for one in props if one.under == place] for place in ("head", "shoulders", "calves")}
    fields = {"prop": under["head"][0].id if under["head"] else NOTHING}
    if under["head"]:
        fields["thickness"] = advice.length(under["head"][0].thickness, unit)
    if "shoulders" in resting.under:
        pile = under["shoulders"]
        fields["shoulders"] = pile[0].id
        fields["height"] = advice.length(sum(one.thickness for one in pile), unit)
        if len(pile) > 1:
            fields["shoulders"] = PLUS.join(f"{one.id}={advice.length(one.thickness, unit)}" for one in pile)
    if "calves" in resting.under:
        fields["seat"] = advice.length(under["calves"][0].thickness, unit)
    return fields


PLUS = " + "
"""Between the parts of a pile, the lowest first."""


def _together(fields: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, with a person's own numbers over it: a part that no longer fits what they chose goes."""
    made = {**fields, **{name: text for name, text in own.items() if name in fields or name == "thickness"}}
    if "shoulders" in own and "height" not in own and made.get("shoulders") == own["shoulders"]:
        made.pop("height", None)
    if "height" in own and "shoulders" not in own and PLUS in made.get("shoulders", ""):
        made["shoulders"] = made["shoulders"].partition("=")[0]
    if "prop" in own and "thickness" not in own:
        made.pop("thickness", None)
    return made


def _props_of(fields: Mapping[str, str], resting: Position) -> list[Prop]:
    """What lies under a body.

    Raises:
        InputError: There is no such prop, or it cannot be so thick.
    """
    under = []
    if "seat" in fields:
        under.append(prop("chair", parse_length(fields["seat"], name="seat")))
    if pile := fields.get("shoulders", ""):
        parts = [part.partition("=") for part in pile.split(PLUS)]
        whole = fields.get("height", "") if len(parts) == 1 else ""
        under += [
            prop(id, parse_length(text or whole, name="height") if text or whole else None, "shoulders")
            for id, _, text in parts
        ]
    if (id := fields.get("prop", NOTHING)) != NOTHING:
        text = fields.get("thickness", "")
        under.append(prop(id, parse_length(text, name=f"{id} thickness") if text else None, "head"))
    return under


def _as_chosen(line: advice.Line, value: float, by: str) -> advice.Line:
    """A line with the number that is lain in, and whose choice it is."""
    if by != "own":
        return replace(line, quantity=replace(line.quantity, value=value))
    quantity = replace(line.quantity, value=value, low=value, high=value)
    return replace(line, quantity=quantity, reason=f"Your own choice. {line.reason}")


def _setting_up(
    ask: Ask, entry: Entry, who: Person, outcome: screening.Outcome, way: Way, form: FormData, **values: Any
) -> Response:
    layers = _layers(form)
    form = on_offered(form, outcome)
    found = _known(ask, entry, who, way, form)
    try:
        made = _lying(who, way, form, found)
    except InputError as problem:
        made = _lying(who, way, on_offered({}, outcome), found)
        values = {**problem_of(problem), **values}
    given = form.multi_items()
    if not form.get("minutes"):
        given.append(("minutes", str(minutes_of(way, outcome))))
    if made is not None:
        # What was typed stays, also where it cannot be used; every other field holds what is shown.
        given += [(name, text) for name, text in made.fields.items() if name not in _own(form)]
    waiting = found is None and way.position is not None
    return page(
        ask, "set_up.html", who, entry=entry, way=way, ways=[session.way(id) for id in outcome.ways], lying=made,
        setup=made.setup if made else None, form=FormData(given), own=_own(form), waiting=waiting,
        said=outcome.say if outcome.effect == "change" else (), most=outcome.most(way.id) or 60,
        surfaces=outcome.surfaces, looks=looks_offered(ask, entry), refused=found.message if found else "",
        notes=found.notes if found else (), slides=_slides(made, unit_of(who)) if made else (),
        average_leg=advice.average_leg(), voice_ready=voice.available(), voice_why=sentence(voice.why_not() or ""),
        query=_query(way, made, layers), part=_part(way, form), layers=layers, known_layers=drawing_layers.words(),
        layered=urlencode({"layer": layers}, doseq=True), besides=habits.besides(),
        left_out=[each.title for each in session.ways().values() if each.other and each.id not in outcome.ways], **values,
    )  # fmt: skip


def _layers(form: FormData | QueryParams) -> tuple[str, ...]:
    """What else is asked for on the picture; the address remembers it, and nothing else does.

    Raises:
        InputError: There is no such layer.
    """
    return drawing_layers.known(str(name) for name in form.getlist("layer"))


def _slides(made: Lying, unit: str) -> list[dict[str, Any]]:
    """The sliders of a set-up: the name of each one's field, its ends and its step in the person's unit."""
    titles = {
        "heel_distance": "Heels from the buttocks", "foot_width": "Between the feet", "height": "Under shoulders and head",
        "seat": "Height of the seat", "thickness": "Under the head",
    }  # fmt: skip
    step = {"cm": 1.0, "in": 0.5}[unit]
    found = []
    for name, (low, high) in SLIDES.items():
        if name in made.fields:
            ends = [round(units.from_si(end, unit) / step) * step for end in (low, high)]
            now = units.from_si(parse_length(made.fields[name], name=name), unit)
            found.append(
                {"name": name, "title": titles[name], "low": ends[0], "high": ends[1], "step": step, "now": now}
            )
    return found


def _query(way: Way, made: Lying | None, layers: tuple[str, ...] = ()) -> str:
    """A set-up as a part of an address: lengths and words of the position, and the picture's layers; nothing of the person."""
    if made is None:
        return urlencode({"way": way.id})
    lying = {"arms": str(made.setup.position["arms"]), "surface": made.setup.position.surface}
    return urlencode({"way": way.id, **lying, **made.fields, "layer": layers}, doseq=True)


def _part(way: Way, form: Mapping[str, Any]) -> str:
    """What a search depends on, as a part of an address."""
    arms = str(form.get("arms") or "")
    return urlencode({"way": way.id, "surface": lain_on(form), **({"arms": arms} if arms else {})})


# -- what the model would choose ----------------------------------------------------------------------


def _wish(entry: Entry, who: Person, way: Way, form: Mapping[str, Any]) -> Wish:
    """What is searched for: everything but a person's own numbers.

    Raises:
        InputError: The arms or the surface are none.
    """
    resting = position(way.position or "")
    arms = str(form.get("arms") or resting["arms"])
    resting = resting.with_values(lain_on(form), arms=arms)
    have = tuple(prop(id) for id in known_props() if id in who.props)  # a file may hold anything there
    return Wish(body_of(who) or AVERAGE, resting.id, resting.surface, arms, have, _look(entry), unit_of(who))


def _known(ask: Ask, entry: Entry, who: Person, way: Way, form: Mapping[str, Any]) -> Searched | None:
    """What the search has found, which begins here; ``None`` as long as it has not."""
    if way.position is None:
        return None
    try:
        answer = ask.house.worker.searched(_wish(entry, who, way, form), looking=f"search {entry.id}")
    except InputError:
        return Searched(message="What was chosen cannot be searched with.")
    if not answer.done() or answer.cancelled():
        return None
    try:
        return answer.result()
    except PsoasError as problem:
        return Searched(message=sentence(str(problem)))


def _look(entry: Entry) -> Look:
    seen = ((id, noticing.kept(found)) for id, found in (entry.look_before or {}).items())
    return tuple((id, one) for id, one in seen if one is not None)


@view
def choice(ask: Ask) -> Response:
    """What the model would choose for this body, and why: a page, and the part of it that takes long."""
    entry, who = whose(ask)
    outcome = allowed(ask, entry)
    if isinstance(outcome, str):
        return go(outcome)
    way = _offered(str(ask.query.get("way", "")), outcome)
    if way.position is None:
        return go(f"/rest/{entry.id}/set-up?way={way.id}")
    form = on_offered(ask.query, outcome)
    part = _part(way, form)
    if not ask.query.get("part") and not ask.query.get("page"):
        return page(ask, "choice.html", who, entry=entry, way=way, part=part, back=part)
    found = _searched(ask, _wish(entry, who, way, form))
    made = _lying(who, way, {"surface": lain_on(form), "arms": str(form.get("arms") or "")}, found)
    template = "choice_page.html" if ask.query.get("page") else "choice_part.html"
    return page(
        ask, template, who, entry=entry, way=way, found=found, setup=made.setup if made else None, use=part,
        looked=bool(_look(entry)), plot=f"/rest/{entry.id}/tried.svg?{part}",
    )  # fmt: skip


@view
def tried_picture(ask: Ask) -> Response:
    """What the search tried, drawn."""
    entry, who = whose(ask)
    way = session.way(str(ask.query.get("way", "")))
    if way.position is None:
        raise NotFoundError("nothing is searched for this way to rest; the body model cannot carry it yet")
    theme = str(ask.query.get("theme", "light"))
    found = _searched(ask, _wish(entry, who, way, ask.query))
    if theme not in found.plots:
        raise NotFoundError(found.message or f"theme is {theme!r}; give light or dark")
    return _svg(found.plots[theme])


def _searched(ask: Ask, wish: Wish) -> Searched:
    """The search's answer for a page that needs it whole."""
    while True:
        with suppress(CancelledError):
            return ask.house.worker.searched(wish).result()


# -- the picture --------------------------------------------------------------------------------------


def _question(entry: Entry, who: Person, made: Lying, layers: tuple[str, ...] = ()) -> Question:
    lying = made.setup.position
    values = tuple((n, v) for n in lying.parameters if (v := lying[n]) is not None)
    return Question(
        body_of(who) or AVERAGE, lying.id, values, lying.surface, made.setup.props, _look(entry), unit_of(who),
        layers=layers,
    )  # fmt: skip


def _asked_for(ask: Ask, who: Person) -> tuple[Way, Lying]:
    """The set-up that an address asks the resting body about.

    Raises:
        NotFoundError: The body model cannot carry it.
        InputError: There is no such way, or no such set-up.
    """
    way = session.way(str(ask.query.get("way", "")))
    made = _lying(who, way, ask.query)
    if made is None:
        raise NotFoundError("there is no picture of this way to rest; the body model cannot carry it yet")
    return way, made


def _rested(ask: Ask, entry: Entry, who: Person) -> Rested:
    question = _question(entry, who, _asked_for(ask, who)[1], _layers(ask.request.query_params))
    try:
        return ask.house.worker.rested(question, looking=entry.id).result()
    except CancelledError:
        return Rested(message="Another set-up was looked at meanwhile; open this one again for its picture.")


def _drawn(ask: Ask, question: Question) -> Rested:
    """The answer for a page that needs it whole, whatever else is looked at meanwhile."""
    while True:
        with suppress(CancelledError):
            return ask.house.worker.rested(question).result()


@view
def estimate(ask: Ask) -> Response:
    """What the body does in this set-up: a part of a page, or a page of its own for who has no script."""
    entry, who = whose(ask)
    try:
        answer = _rested(ask, entry, who)
    except InputError as problem:
        answer = Rested(message=sentence(str(problem)))
    query = urlencode([(name, text) for name, text in ask.request.query_params.multi_items() if name != "page"])
    template = "estimate_page.html" if ask.query.get("page") else "estimate.html"
    return page(ask, template, who, entry=entry, answer=answer, query=query, looked=bool(_look(entry)))


@view
def live(ask: Ask) -> Response:
    """One body in the set-up that a slider has come to, drawn at once."""
    entry, who = whose(ask)
    theme, layout = str(ask.query.get("theme", "light")), str(ask.query.get("layout", "wide"))
    if theme not in THEMES or layout not in LAYOUTS:
        raise NotFoundError(f"theme and layout are {theme!r} and {layout!r}; give light or dark, wide or narrow")
    try:
        way, made = _asked_for(ask, who)
        layers = _layers(ask.request.query_params)
        seen = ask.house.worker.glimpse(_question(entry, who, made, layers), theme, layout)
    except InputError as problem:
        return JSONResponse({"problem": sentence(str(problem))})
    if seen.message:
        return JSONResponse({"problem": seen.message})
    return JSONResponse(
        {
            "picture": seen.picture,
            "rows": seen.rows,
            "sentence": made.setup.sentence(unit_of(who)),
            "query": _query(way, made, layers),
        }
    )


# -- over minutes, and beside other ways --------------------------------------------------------------


@view
def course(ask: Ask) -> Response:
    """What minutes do to this set-up, by the model: a page, and the part of it that takes seconds."""
    entry, who = whose(ask)
    query = {name: text for name, text in ask.query.items() if name not in ("part", "page")}
    try:
        way, made = _asked_for(ask, who)
        minutes = whole(str(query.get("minutes") or way.minutes), "minutes", 5, 60)
    except InputError as problem:
        return page(ask, "course.html", who, entry=entry, query="", minutes=0, **problem_of(problem))
    if not ask.query.get("part") and not ask.query.get("page"):
        return page(ask, "course.html", who, entry=entry, query=urlencode(query), minutes=minutes)
    try:
        found = ask.house.worker.followed(_question(entry, who, made), minutes).result()
    except InputError as problem:
        found = Followed(message=sentence(str(problem)))
    template = "course_page.html" if ask.query.get("page") else "course_part.html"
    return page(ask, template, who, entry=entry, found=found, minutes=minutes)


@view
def beside(ask: Ask) -> Response:
    """The ways that the body model carries and today's answers leave, beside each other."""
    entry, who = whose(ask)
    outcome = allowed(ask, entry)
    if isinstance(outcome, str):
        return go(outcome)
    if not ask.query.get("part") and not ask.query.get("page"):
        return page(ask, "beside.html", who, entry=entry, titles=[way.title for way in _carried(outcome)])
    questions = _ways_beside(ask, entry, who, outcome)
    found = ask.house.worker.beside(questions).result() if questions else Beside()
    template = "beside_page.html" if ask.query.get("page") else "beside_part.html"
    return page(ask, template, who, entry=entry, found=found, first=questions[0][0] if questions else "")


def _carried(outcome: screening.Outcome) -> list[Way]:
    """The ways that can be beside each other; lying straight first, since the others are told apart from it."""
    ways = [session.way(id) for id in outcome.ways]
    return sorted((way for way in ways if way.position), key=lambda way: way.id != "supine")


def _ways_beside(ask: Ask, entry: Entry, who: Person, outcome: screening.Outcome) -> tuple[tuple[str, Question], ...]:
    """Each way with its set-up: the model's, where it has found one."""
    usual = {name: text for name, text in _usual(ask, who).items() if name == "surface"}
    found = []
    for way in _carried(outcome):
        form = on_offered(usual, outcome)
        made = _lying(who, way, form, _searched(ask, _wish(entry, who, way, form)))
        if made is not None:
            found.append((way.title, _question(entry, who, made)))
    return tuple(found)


@view
def beside_picture(ask: Ask) -> Response:
    """All ways on one plate."""
    entry, who = whose(ask)
    outcome = allowed(ask, entry)
    if isinstance(outcome, str):
        raise NotFoundError("there is no picture of ways that are not offered today")
    return _picture(ask, ask.house.worker.beside(_ways_beside(ask, entry, who, outcome)).result().pictures)


@view
def picture(ask: Ask) -> Response:
    """The picture as SVG."""
    entry, who = whose(ask)
    answer = _rested(ask, entry, who)
    if answer.message:
        raise NotFoundError(answer.message)
    return _picture(ask, answer.pictures)


def _picture(ask: Ask, pictures: Mapping[tuple[str, str], str]) -> Response:
    key = (str(ask.query.get("theme", "light")), str(ask.query.get("layout", "wide")))
    if key not in pictures:
        raise NotFoundError(f"theme and layout are {key[0]!r} and {key[1]!r}; give light or dark, wide or narrow")
    return _svg(pictures[key])


def _svg(picture: str) -> Response:
    return Response(picture, media_type="image/svg+xml", headers={"content-security-policy": PICTURE_POLICY})


@view
def sheet(ask: Ask) -> Response:
    """The set-up on one page, for paper and e-mail."""
    entry, who = whose(ask)
    outcome = allowed(ask, entry)
    form, id = dict(entry.options or _usual(ask, who)), entry.way or "constructive-rest"
    form.pop(OWN, None)  # every number as it is, whoever chose it
    if not entry.record:  # of a rest that has been, the sheet is what it was
        if isinstance(outcome, str):
            return go(outcome)
        if entry.way and entry.minutes is not None and isinstance(ready(ask, entry), str):
            return go(f"/rest/{entry.id}/set-up")
        if ask.query.get("way"):  # as the page that leads here showed it
            form, id = dict(ask.query), str(ask.query["way"])
        form, id = dict(on_offered(form, outcome)), _offered(id, outcome).id
    way, layers = session.way(id), _layers(ask.request.query_params)
    made = _lying(who, way, form)
    answer = _drawn(ask, _question(entry, who, made, layers)) if made else None
    said = made.setup.sentence(unit_of(who)) if made else way.summary
    minutes = f"{entry.minutes:g}" if entry.minutes is not None else str(way.minutes)
    down, up = ([cue.text for cue in cues] for cues in (way.down, way.up))
    mail = "\n\n".join([way.title, said, *down, f"{minutes} minutes.", *up, NOT_NOW])
    return page(
        ask, "sheet.html", who, entry=entry, way=way, setup=made.setup if made else None, answer=answer, sentence=said,
        minutes=minutes, mail=mail, not_now=NOT_NOW, query=_query(way, made, layers),
    )  # fmt: skip


ROUTES = [
    Route("/rest/{entry}/set-up", set_up),
    Route("/rest/{entry}/set-up", keep_set_up, methods=["POST"]),
    Route("/rest/{entry}/estimate", estimate),
    Route("/rest/{entry}/choice", choice),
    Route("/rest/{entry}/tried.svg", tried_picture),
    Route("/rest/{entry}/picture.svg", picture),
    Route("/api/rest/{entry}/live", live),
    Route("/rest/{entry}/course", course),
    Route("/rest/{entry}/beside", beside),
    Route("/rest/{entry}/beside.svg", beside_picture),
    Route("/rest/{entry}/sheet", sheet),
]
