"""psoas as a real process, a real browser, and what a person does with both."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Error

from psoas import screening, session
from psoas.app import access
from psoas.journal import Store

DESK = {"width": 1100, "height": 900}
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
PATIENCE = 240
"""How long anything may take before a test gives up [s]; no test is slower for it."""

# Ways to say that none of it is so.
NOTHING = {group.id: ["none"] if group.kind == "many" else [group.items[0].id] for group in screening.groups()}


class Psoas:
    """The program on a port and a data folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.process = None
        self.log = folder.with_name(f"{folder.name}.log")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """``psoas app``, on the same port and folder each time."""
        command = [sys.executable, "-m", "psoas", "app", "--data", str(self.folder), "--no-browser"]
        self.log.unlink(missing_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        until(self.answers, "psoas does not answer")

    def answers(self):
        """It has told its address, and takes a call there."""
        said = self.log.read_text()
        assert self.process.poll() is None, f"psoas has ended: {said}"
        if f"{self.url}/start?token=" not in said:
            return False
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        """As the system kills: at once, with no goodbye."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def children(self):
        """The processes that it started, by number."""
        told = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = (map(int, line.split()) for line in told.splitlines())
        return [pid for pid, parent in pairs if parent == self.process.pid]

    def alive(self, pids):
        told = subprocess.run(["ps", "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout
        pairs = (line.split() for line in told.splitlines())
        return [int(pid) for pid, state in pairs if int(pid) in pids and not state.startswith("Z")]

    def waits_until(self, true, otherwise):
        until(true, otherwise)

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)

    def told(self):
        """The address that it told at its start."""
        return re.search(r"http\S+", self.log.read_text()).group()

    def entrance(self):
        """Another address that lets one browser in, once."""
        return f"{self.url}/start?token={access.new_token(self.folder)}"

    def journal(self):
        """The same journal, read and written beside the program."""
        return Store(self.folder)

    def somebody(self, **told):
        """Somebody who has been here before; their id."""
        with self.journal() as store:
            return store.add_person(created_at=now(), **told).id

    def rest_ready(self, who, way="constructive-rest", minutes=5, answers=(), **options):
        """A rest that has been asked about and set up, and waits to be begun; its id."""
        chosen = {"surface": "mat", "halfway": "yes", **options}
        answers = {**NOTHING, **dict(answers)}
        with self.journal() as store:
            entry = store.begin_entry(
                who, practice="rest", created_at=now(), stage="set-up", way=way, minutes=minutes, options=chosen,
                screening=answered(answers),
                setup={"sentence": "Knees bent, feet on the floor.", "title": session.way(way).title},
            )  # fmt: skip
        return entry.id

    def rests(self, who):
        """The rests that were delivered, the latest first."""
        with self.journal() as store:
            return [entry for entry in store.entries(who) if entry.record]


class Visit:
    """One tab, and what a person does in it."""

    def __init__(self, page, psoas, own_clock=False):
        self.page, self.psoas, self.own_clock = page, psoas, own_clock
        self.who = self.entry = None

    # -- going

    def opens(self, path="/"):
        self.page.goto(self.psoas.url + path)
        return self

    def at(self, path):
        """The page has got to an address like this, and stands there whole."""
        self.page.wait_for_url(re.compile(re.escape(self.psoas.url) + path + r"(\?.*)?$"))
        return self

    def opens_session(self, entry):
        """The dark page, with the sound fetched."""
        self.opens(f"/rest/{entry}/session")
        self.page.wait_for_selector("#begin:enabled")
        return self

    def now(self):
        return now()

    def another_tab(self):
        """In the same browser."""
        return Visit(self.page.context.new_page(), self.psoas, self.own_clock)

    def opens_rest(self):
        """The dark page of the rest that this visit is about."""
        return self.opens_session(self.entry)

    def is_killed(self):
        """The page dies, as when a browser is killed: nothing in it runs any more. Another tab is what is left."""
        other = self.another_tab()
        other.who, other.entry = self.who, self.entry
        with contextlib.suppress(Error):
            self.page.goto("chrome://crash")
        self.page.close()
        return other

    # -- the hands

    def presses(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def types(self, text):
        self.page.keyboard.type(text)
        return self

    def tabs_to(self, *names, back=False):
        """Tab by tab, as somebody without a mouse goes, to the first thing that has one of these in its name."""
        for _ in range(200):
            self.presses("Shift+Tab" if back else "Tab")
            if any(name.lower() in self.focus().lower() for name in names):
                return self
        raise AssertionError(f"no way by keyboard to {names} on {self.page.url}")

    def chooses(self, text):
        """With a mouse."""
        self.page.get_by_role("button", name=text, exact=True).filter(visible=True).click()
        return self

    def is_told(self, text=""):
        """What is wrong with a form, or why it could not be kept."""
        self.page.get_by_role("alert").filter(has_text=text).first.wait_for()
        return self

    def reads(self, title):
        """A page with this heading."""
        self.page.get_by_role("heading", level=1, name=title, exact=True).wait_for()
        return self

    def comes_to_see(self, text):
        """These words get shown, on this page or the next of the same address."""
        self.page.get_by_text(text).filter(visible=True).first.wait_for()
        return self

    def writes(self, label, text):
        self.page.get_by_label(label).first.fill(text)
        return self

    def ticks(self, label):
        self.page.get_by_label(label, exact=True).check()
        return self

    def leaves_all_open(self):
        """Takes away every tick."""
        self.page.locator("input:checked").evaluate_all("boxes => boxes.forEach((box) => { box.checked = false; })")
        return self

    def taps(self, text):
        """With a finger."""
        said = self.page.get_by_text(text, exact=True)
        said.filter(visible=True).first.tap()
        return self

    def focus(self):
        """What the focused element is called."""
        return self.page.evaluate(
            "() => { const e = document.activeElement; if (!e || e === document.body) return '';"
            " return [e.getAttribute('aria-label'), ...[...(e.labels ?? [])].map((l) => l.innerText), e.innerText]"
            ".filter(Boolean).join(' | '); }"
        )

    # -- what is there

    def mode(self):
        """Which part of the dark page is shown."""
        return self.page.evaluate("document.querySelector('main > section:not([hidden])').id")

    def word(self):
        return self.page.inner_text("#word")

    def sees(self, text):
        """Whether these words are shown."""
        return text.lower() in self.page.inner_text("main").lower()

    def sound(self):
        return self.page.evaluate(
            "(() => { const s = document.getElementById('sound');"
            " return { paused: s.paused, at: s.currentTime, seconds: s.duration, has: s.src !== '' }; })()"
        )

    def waits(self):
        """What waits in this browser to be delivered."""
        return json.loads(self.page.evaluate("localStorage.getItem('psoas-outbox')") or "[]")

    def waits_until(self, true):
        # The page's own wait lets the browser's events in meanwhile.
        until(true, f"not so after {PATIENCE} s, on {self.page.url}", lambda: self.page.wait_for_timeout(20))
        return self

    def hands_over(self):
        """Whether a delivery is under way."""
        held = self.page.evaluate("navigator.locks.query().then((all) => all.held.map((one) => one.name))")
        return "psoas-outbox" in held

    def delivered(self):
        """Nothing waits any more. What a busy computer did not take at once is handed over again ten seconds later, by a timer of
        the page: on a clock that stands still, these have to pass."""
        again = time.monotonic() + 30.0

        def gone():
            nonlocal again
            if not self.waits():
                return True
            if self.own_clock and time.monotonic() > again and not self.hands_over():
                again = time.monotonic() + 10.0
                self.passes(10)
            return False

        return self.waits_until(gone)

    # -- the clock

    def passes(self, seconds):
        """Time passes, on the page's own clock, timer by timer."""
        self.page.clock.run_for(round(seconds * 1000))
        return self

    def sleeps(self, seconds):
        """Time passes while no timer runs, as when a computer dozes."""
        self.page.clock.fast_forward(round(seconds * 1000))
        return self


def answered(answers):
    """The answers as the page keeps them, given now."""
    outcome = screening.screen(answers).as_dict()
    return {"answers": answers, "outcome": outcome, "answered_at": now().isoformat()}


def until(true, otherwise, pause=lambda: time.sleep(0.02)):
    """Wait for a condition, not for a time."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, otherwise
        pause()


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def now():
    return datetime.now(UTC).astimezone()


@pytest.fixture(scope="session")
def visit_of():
    """What a person does, for a page that a test opened itself."""
    return Visit


@pytest.fixture(scope="session")
def shared_psoas(tmp_path_factory, chromium_path):
    made = Psoas(tmp_path_factory.mktemp("e2e") / "data")
    made.start()
    yield made
    made.end()


@pytest.fixture
def psoas(shared_psoas):
    """The program, running; shared, so each test brings people of its own."""
    return shared_psoas


@pytest.fixture
def own_psoas(tmp_path, shared_psoas):
    """The program, running, for one test alone: to be killed, started again, or erased."""
    made = Psoas(tmp_path / "data")
    if (shared_psoas.folder / "sound").is_dir():  # saves rendering the same sound again
        shutil.copytree(shared_psoas.folder / "sound", made.folder / "sound")
        made.folder.chmod(0o700)
    made.start()
    yield made
    made.end()


@pytest.fixture
def window(browser):
    """Opens a window of the browser that psoas has let in; what goes wrong in it fails the test."""
    opened, wrong = [], []

    def open_window(psoas, *, clock=None, expecting=(), let_in=True, asked=None, script="", **options):
        context = browser.new_context(**{"viewport": DESK, **options})
        context.set_default_timeout(1000 * PATIENCE)
        opened.append(context)

        def watch(page):
            page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
            page.on("console", lambda said: heard(page, said))
            page.on("dialog", lambda dialog: dialog.accept())

        def heard(page, said):
            if said.type in ("error", "warning") and not any(word in said.text for word in expecting):
                wrong.append(f"{page.url}: {said.text}")

        context.on("page", watch)
        if asked is not None:
            context.on("request", lambda request: asked.append(request.url))
        if script:
            context.add_init_script(script)
        if clock is not None:
            context.clock.install(time=clock)
            context.clock.pause_at(clock)
        page = context.new_page()
        if let_in:
            page.goto(psoas.entrance())
        return Visit(page, psoas, own_clock=clock is not None)

    yield open_window
    for context in opened:
        context.close()
    assert not wrong, wrong


@pytest.fixture
def phone():
    """A window like a phone's, for a finger."""
    return dict(PHONE)
