"""The local server: loopback only, one port, one data folder."""

from __future__ import annotations

import contextlib
import socket
import webbrowser
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

import uvicorn
from platformdirs import user_data_path
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from psoas.app import access
from psoas.app.page import House, refusal
from psoas.app.views import chair, comparison, evidence, journal, people, practice, rest, set_up
from psoas.app.views import files as file_views
from psoas.app.worker import Worker
from psoas.errors import InputError, StorageError
from psoas.journal import Store, hold

ADDRESS = "127.0.0.1"
PORT = 8766
"""Fixed, so that a page left open over a restart finds its way back."""


def data_folder(given: str | Path | None = None) -> Path:
    """Where everything a person writes is kept.

    Args:
        given: A folder, instead of the usual one of this operating system.
    Returns:
        The folder; it need not exist.
    """
    return Path(given).expanduser().resolve() if given else Path(user_data_path("psoas", appauthor=False))


class _Static(StaticFiles):
    """Files that a browser may keep: their address changes with them."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if path.endswith(".js"):
            response.headers["cache-control"] = "no-cache"  # modules name each other without a fingerprint
        return response


def create_app(
    folder: Path, port: int = PORT, *, now: Callable[[], datetime] | None = None, worker: Worker | None = None
) -> Starlette:
    """The app over one data folder.

    Args:
        folder: The data folder; made where there is none.
        port: The port it will be served on, for the check of the Host header.
        now: The clock, with the offset of this place.
        worker: Where long work is done.
    Returns:
        An ASGI app.
    Raises:
        StorageError: The journal cannot be opened.
    """
    made = worker or Worker()
    store = Store(folder)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        made.close()
        store.close()

    package = files("psoas")
    stack = contextlib.ExitStack()
    static, fonts = (stack.enter_context(as_file(package / place)) for place in ("app/static", "fonts"))
    app = Starlette(
        routes=[
            Route("/start", start),
            Mount("/static/fonts", _Static(directory=fonts)),
            Mount("/static", _Static(directory=static)),
            *people.ROUTES,
            *rest.ROUTES,
            *set_up.ROUTES,
            *journal.ROUTES,
            *file_views.ROUTES,
            *comparison.ROUTES,
            *evidence.ROUTES,
            *practice.ROUTES,
            *chair.ROUTES,
        ],
        middleware=[
            Middleware(access.Gate, hosts=[f"{ADDRESS}:{port}", f"localhost:{port}"], folder=folder),
            Middleware(GZipMiddleware, minimum_size=500),
        ],
        lifespan=lifespan,
        exception_handlers={404: _missing, 500: _broken},
    )
    app.state.house = House(store, made, folder, now or (lambda: datetime.now().astimezone()))
    return app


async def start(request: Request) -> Response:
    """Let a browser in: the start token, good for one use, becomes a cookie that lasts."""
    folder = request.app.state.house.folder
    if request.method == "HEAD":  # asks what is there, and uses nothing up
        return PlainTextResponse("")
    if not access.use_token(folder, request.query_params.get("token", "")):
        words = "This address has been used, or is an old one. Run psoas app, or make app, once more for a fresh one."
        return refusal(request.headers, words, 403)
    response = RedirectResponse("/", 303)
    try:
        let_in(response, access.key(folder))
    except StorageError as problem:
        return refusal(request.headers, f"{problem}.", 507)
    return response


def let_in(response: Response, key: str) -> None:
    """Give a browser the cookie."""
    response.set_cookie(
        access.COOKIE, key, max_age=access.COOKIE_DAYS * 86400, path="/", httponly=True, samesite="strict"
    )


async def _missing(request: Request, problem: Exception) -> Response:
    return refusal(request.headers, "There is nothing at this address.", 404)


async def _broken(request: Request, problem: Exception) -> Response:
    # This answer is given outside the gate, which dresses all others.
    words = "Something in psoas itself went wrong. What was kept before is kept."
    return access.dressed(refusal(request.headers, words, 500))


def serve(folder: Path, port: int = PORT, *, browse: bool = True, say: Callable[[str], None] = print) -> None:
    """Serve until interrupted.

    Where psoas is already running on this folder, only a browser is let in, and nothing is started.

    Args:
        folder: The data folder.
        port: To listen on.
        browse: Whether to open a browser.
        say: Where words for the person at the keyboard go.
    Raises:
        InputError: The port is taken by something else.
        StorageError: The journal cannot be opened.
    """
    address = f"http://{ADDRESS}:{port}/start?token="
    if _runs(port):
        with contextlib.suppress(StorageError), hold(folder):
            # Nobody holds this folder, so the one that answers serves another.
            raise InputError(f"port is {port}, where psoas already runs on another data folder; {_another(port)}")
        url = address + access.new_token(folder)
        say(f"psoas is already running. Open {url}")
        if browse:
            webbrowser.open(url)
        return
    with hold(folder), _listening(port) as listener:
        app = create_app(folder, port)
        app.state.house.worker.warm()  # while the first page is read
        url = address + access.new_token(folder)
        say(f"psoas runs on this computer only. Open {url}")
        say(
            "The address lets in one browser, once. Ctrl-C ends it; a rest that is going on runs to its end in the page."
        )
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, date_header=False)
        server = _Server(config, (lambda: webbrowser.open(url)) if browse else None)
        server.run(sockets=[listener])


def _runs(port: int) -> bool:
    """Whether psoas already answers there."""
    try:
        with socket.create_connection((ADDRESS, port), timeout=1.0) as asking:
            asking.sendall(f"GET /static/mark.svg HTTP/1.0\r\nHost: {ADDRESS}:{port}\r\n\r\n".encode())
            return access.SERVER in asking.recv(2000)
    except (OSError, OverflowError):
        return False


class _Server(uvicorn.Server):
    """Opens the browser once it listens."""

    def __init__(self, config: uvicorn.Config, opened: Callable[[], object] | None) -> None:
        super().__init__(config)
        self._opened = opened

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self._opened is not None and self.started:
            self._opened()


def _another(port: int) -> str:
    """What to do about a port that is taken."""
    other = port + 1 if 1024 <= port < 65535 else PORT
    return f"give a free one from 1024 to 65535, such as psoas app --port {other}, or make app PORT={other}"


def _listening(port: int) -> socket.socket:
    """A socket on the loopback address."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if port == 0:  # would be any port, and the address that is printed none
            raise OverflowError
        listener.bind((ADDRESS, port))
        listener.listen(128)  # at once: who opens the address that is printed next waits, and is not refused
    except (OSError, OverflowError) as problem:
        listener.close()
        reason = getattr(problem, "strerror", None) or "no such port"
        raise InputError(f"port is {port}, which cannot be used ({reason.lower()}); {_another(port)}") from None
    return listener
