"""A chair for one body: how high, how deep, what goes on it; at a desk and in a car."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from psoas import units
from psoas.app.access import PICTURE_POLICY
from psoas.app.page import Ask, page, sentence, unit_of, view, with_unit
from psoas.app.views.people import AVERAGE, body_of
from psoas.app.worker import Sitter
from psoas.errors import InputError, NotFoundError
from psoas.journal import Person
from psoas.position import upright_position


@view
def chair(ask: Ask) -> Response:
    """The page, and the part of it that takes a while; the address holds what was asked."""
    who = ask.store.person(ask.path("person"))
    asked = {name: str(ask.query.get(name, ""))[:60] for name in ("height", "car")}
    query, answer, template, status, problem = urlencode(asked), None, "chair.html", 200, ""
    try:
        sitter = _sitter(ask, who)
        if ask.query.get("part") or ask.query.get("page"):
            answer = ask.house.worker.seated(sitter).result()
            template = "chair_part.html" if ask.query.get("part") else template
    except InputError as wrong:
        query, status, problem = "", 422, sentence(str(wrong))
    return page(
        ask, template, who, status=status, problem=problem, wrong="height" if problem else "", form=asked, query=query,
        answer=answer, measured=body_of(who) is not None, url=f"/people/{who.id}/chair.svg?{query}",
    )  # fmt: skip


def _sitter(ask: Ask, who: Person) -> Sitter:
    """Who sits on what.

    Raises:
        InputError: The height is none that a chair has.
    """
    typed = str(ask.query.get("height", "")).strip()
    unit = unit_of(who)
    height = units.parse_length(with_unit(typed, unit), name="seat height") if typed else None
    if height is not None:
        upright_position("sitting").with_values(seat_height=height)  # says what no chair has
    return Sitter(body_of(who) or AVERAGE, height, bool(ask.query.get("car")), unit)


@view
def picture(ask: Ask) -> Response:
    """The body on that chair, as SVG."""
    who = ask.store.person(ask.path("person"))
    pictures = ask.house.worker.seated(_sitter(ask, who)).result().pictures
    theme = str(ask.query.get("theme", "light"))
    if theme not in pictures:
        raise NotFoundError(f"theme is {theme!r}; give light or dark")
    return Response(pictures[theme], media_type="image/svg+xml", headers={"content-security-policy": PICTURE_POLICY})


ROUTES = [Route("/people/{person}/chair", chair), Route("/people/{person}/chair.svg", picture)]
