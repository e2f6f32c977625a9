"""The app without a browser: one folder, one clock, a client that has been let in, and a reader of pages."""

from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from psoas import screening
from psoas.advice import Line
from psoas.app import access
from psoas.app.server import PORT, create_app
from psoas.app.worker import Beside, Followed, Glimpse, Rested, Sat, Searched, Traced, Trend, Worker
from psoas.position import Saying, position
from psoas.props import furnished
from psoas.units import Quantity

OVER = Quantity("hip_over_knee", 0.02, "m", 0.01, 0.03, ())
BASE = f"http://127.0.0.1:{PORT}"
START = datetime(2026, 3, 28, 18, 30, tzinfo=timezone(timedelta(hours=1)))
VOID = {"meta", "link", "input", "img", "br", "hr", "source", "circle", "line", "rect", "polygon", "polyline"}


# -- reading a page as a browser without script would -------------------------------------------------


@dataclass
class Form:
    """One form of a page: where it goes, and what a browser would send of it as it stands."""

    action: str
    method: str = "get"
    fields: list = field(default_factory=list)

    @property
    def data(self):
        """Values by name, as a client takes them."""
        found = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return found

    def filled(self, **typed):
        """The same with some fields typed over; ``None`` empties one."""
        found = {**self.data, **typed}
        return {name: value for name, value in found.items() if value is not None}


class Page(HTMLParser):
    """What stands on a page: headings, forms, links, text, and the sentence that says what is wrong."""

    def __init__(self, response):
        super().__init__()
        self.response, self.status = response, response.status_code
        self.forms, self.links, self.h1, self.text, self.problem = [], [], "", "", ""
        self.tags, self._open, self._area, self._select, self._heading = [], [], None, None, None
        self.feed(response.text.replace("\r\n", "\n"))  # as a browser reads it
        assert not self._open, self._open

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append((tag, given))
        if tag not in VOID:
            self._open.append((tag, given))
        form = self.forms[-1] if self.forms and any(open == "form" for open, _ in self._open) else None
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "input" and form and given.get("type") != "file":
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                form.fields.append((given["name"], given.get("value", "on")))
        elif tag == "textarea":
            self._area = (form, given["name"], [])
        elif tag == "select":
            self._select = (form, given["name"], [])
        elif tag == "option" and self._select:
            self._select[2].append((given["value"], "selected" in given))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        open, _ = self._open.pop()
        while open == "option" != tag:  # needs no end of its own
            open, _ = self._open.pop()
        assert open == tag, f"{tag} closes {open}"
        if tag == "textarea":
            form, name, parts = self._area
            # a browser drops a first line break, and every line break is sent as two signs
            form.fields.append((name, "".join(parts).removeprefix("\n")))
            self._area = None
        elif tag == "select":
            form, name, options = self._select
            chosen = [value for value, selected in options if selected] or [options[0][0]]
            form.fields.append((name, chosen[-1]))
            self._select = None

    def handle_data(self, data):
        if self._area:
            self._area[2].append(data)
            return
        if any(tag in ("script", "style") for tag, _ in self._open):
            return
        self.text += data
        heading = next((open for open in self._open if open[0] == "h1"), None)
        if heading is not None and (self._heading is None or self._heading is heading):
            self.h1, self._heading = self.h1 + data, heading  # the first one
        if any(given.get("id") == "problem" for _, given in self._open):
            self.problem = (self.problem + " " + data).strip()

    def form(self, action):
        """The form that goes to an address."""
        [found] = [one for one in self.forms if one.action.partition("?")[0] == action]
        return found


# -- the app ------------------------------------------------------------------------------------------


class Clock:
    """A wall clock that stands still until it is moved."""

    def __init__(self):
        self.time = START

    def __call__(self):
        return self.time

    def later(self, **passed):
        self.time += timedelta(**passed)


class Here(Worker):
    """Short work done in this process, and no solve at all: none of these tests is about either."""

    def run(self, work, *given):
        return work(*given)

    def rested(self, question, looking=""):
        answer = Future()
        answer.set_result(Rested(pictures={("light", "wide"): "<svg/>"}, words=f"{question.position}, drawn elsewhere"))
        return answer

    def seated(self, sitter):
        answer = Future()
        answer.set_result(Sat("", "On a seat.", (), (), OVER, {"light": "<svg/>", "dark": "<svg/>"}, "sits"))
        return answer

    def traced(self, looks):
        answer = Future()
        middle, texts = (20.0, 5.0, 60.0), tuple("20 (5 to 60) N" for _ in looks.looks)
        points = tuple((20.0 - k, 10.0, 40.0) for k, _ in enumerate(looks.looks))
        trends = (
            Trend("psoas pull, left", "N", True, middle, points, texts, "20 (5 to 60) N"),
            Trend("stiffness of the discs", "", False, middle, points, texts, "1.0 (0.6 to 1.7)"),
        )
        said = tuple(f"{len(look)} answers on day {day:.2f}" for day, look in looks.looks)
        answer.set_result(Traced("", trends, said, ("A look cannot tell these apart.",)))
        return answer

    def followed(self, question, minutes):
        answer = Future()
        row = ("Psoas pull", "20 (10 to 30) N", "15 (8 to 24) N", "cannot tell")
        answer.set_result(Followed("", (row,), (("Psoas pull [N]", "<svg></svg>"),), (), 32))
        return answer

    def beside(self, questions):
        answer = Future()
        ways = tuple((title, f"{q.position} on the {q.surface}", "cannot tell") for title, q in questions)
        rows = (("Psoas pull [N]", "<svg></svg>", ways),)
        answer.set_result(Beside({("light", "wide"): "<svg/>"}, "drawn elsewhere", rows, (("Another", "It cannot."),)))
        return answer

    def glimpse(self, question, theme, layout):
        return Glimpse("", f"<svg>{question.position} {theme} {layout}</svg>", (("Psoas pull", "20 N"),))

    def searched(self, wish, looking=""):
        told = f"{wish.position} on the {wish.surface}, {len(wish.have)} at hand, {len(wish.look)} gaps seen"
        lines, values = [], {"arms": wish.arms}
        if wish.position == "constructive-rest":
            lines = [line("heel_distance", "from the buttocks to the back of the heels", 0.26, 0.33, 0.40),
                     line("foot_width", "between the midlines of the feet", 0.14, 0.16, 0.18)]  # fmt: skip
            values |= {"heel_distance": 0.333, "foot_width": 0.16}
        under = tuple(furnished(position(wish.position).under))
        answer = Future()
        answer.set_result(
            Searched(
                "",
                tuple(lines),
                tuple(values.items()),
                under,
                (told, "A note."),
                True,
                {"light": "<svg/>", "dark": "<svg></svg>"},
            )
        )
        return answer


def line(name, title, low, value, high):
    """A number of a set-up as a search tells it."""
    said = (Saying("001", "It says.", name, 0.41, 0.41),) if name == "heel_distance" else ()
    return Line(name, title, Quantity(name, value, "m", low, high, ("001",)), said, "Because.")


@pytest.fixture
def told_line():
    """Makes a number of a set-up as a search tells it."""
    return line


class Opened:
    """The app over one folder, and a client with the cookie; what the app raises is raised in the test."""

    def __init__(self, folder, **chosen):
        self.folder, self.clock = folder, Clock()
        self.app = create_app(folder, now=self.clock, worker=Here(), **chosen)
        self.store = self.app.state.house.store
        self.client = self.another()

    def another(self, let_in=True, **chosen):
        """A client of its own, with the cookie or without."""
        client = TestClient(self.app, base_url=BASE, **chosen)
        if let_in:
            client.cookies.set(access.COOKIE, access.key(self.folder))
        return client

    def get(self, path, **how):
        return Page(self.client.get(path, **how))

    def post(self, path, data=None, **how):
        return Page(self.client.post(path, data=data or {}, **how))

    def path(self, page):
        """Where the client ended up."""
        return page.response.url.path

    # the steps of a rest

    def begin(self, who=None):
        """Press Begin; the id of the rest."""
        page = self.post(f"/people/{who}/begin" if who else "/begin")
        return self.path(page).split("/")[2]

    @staticmethod
    def answers(*ids):
        """All questions answered: these items, and nothing else."""
        full = {}
        for group in screening.groups():
            ticked = [item.id for item in group.items if item.id in ids]
            full[group.id] = ticked or ["none" if group.kind == "many" else "no"]
        return full

    def screened(self, entry, *ids):
        """Answer; the page that comes."""
        return self.post(f"/rest/{entry}/ask", self.answers(*ids))

    def set_up(self, entry, way="constructive-rest", minutes="20", **chosen):
        """Choose how to lie; the page that comes."""
        given = {"way": way, "minutes": minutes, "voice": "", "do": "go", **chosen}
        return self.post(f"/rest/{entry}/set-up", given)

    def ready(self, *ids, **chosen):
        """A rest as far as the dark page."""
        entry = self.begin()
        self.screened(entry, *ids)
        assert self.path(self.set_up(entry, **chosen)) == f"/rest/{entry}/session"
        return entry

    def rested(self, **chosen):
        """A rest that has been."""
        entry = self.ready(**chosen)
        assert self.path(self.post(f"/rest/{entry}/done")) == f"/rest/{entry}/check-back"
        return entry

    def who(self, entry):
        """Whose rest it is."""
        return self.store.entry(entry).person_id


@pytest.fixture
def open_app():
    """Opens the app over a folder, as often as a test wishes."""
    with ExitStack() as stack:

        def open_(folder, **chosen):
            opened = Opened(folder, **chosen)
            stack.enter_context(opened.client)  # closes the store in the end
            return opened

        yield open_


@pytest.fixture
def at(open_app, tmp_path):
    """The app over a fresh folder."""
    return open_app(tmp_path / "data")


@pytest.fixture
def read():
    """A response as a page."""
    return Page
