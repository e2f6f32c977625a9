"""What stands beside a rest: things that the sources only name, things of a day, and what is noticed by eye."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from psoas import session
from psoas.app.page import Ask, page, view


def evidence(number: int) -> str:
    """The page of a claim: who says what, and its grade. The one place that knows its address."""
    return f"/evidence/{number}"


@view
def others(ask: Ask) -> Response:
    """What the sources name without saying how it goes."""
    who = ask.store.person(ask.path("person"))
    return page(ask, "others.html", who, pointers=session.pointers(), ways=session.ways(), evidence=evidence)


ROUTES = [
    Route("/people/{person}/others", others),
]
