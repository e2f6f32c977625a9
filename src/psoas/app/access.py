"""Who may speak to the app: this machine, this site, and a browser that was let in.

The server listens on the loopback address only. That alone keeps nobody out: any page open in the same browser can
send requests to it, and a name that points to 127.0.0.1 can read the answers. So every route refuses a foreign Host,
a request that another site set off, and whoever has not exchanged the start token for the cookie.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from psoas.app.page import refusal
from psoas.errors import StorageError
from psoas.journal.exchange import MOST_FILE

COOKIE = "psoas-key"
KEY_FILE = "key"
TOKEN_FILE = "start-token"
COOKIE_DAYS = 400
"""Browsers keep no cookie longer."""
OPEN_PATHS = ("/start", "/static/")
"""What is answered without the cookie."""
MOST_BYTES = 30_000_000
"""Largest request; a photograph or a recording is smaller."""
IMPORT = re.compile(r"/people/[^/]+/import")
"""Where a file comes back that went out from here, which may hold many photographs."""
MOST_IMPORT = MOST_FILE + 10_000
"""Largest request there: the file, and what a form puts around it."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content security policy of every page."""
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"
"""Of a picture opened by itself: it carries its own style and fonts."""

SERVER = b"psoas-app"
"""How an answer says whose it is, for a second start of the program."""
HEADERS = {
    "server": SERVER.decode(),
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # same-origin, not no-referrer: with the latter a browser sends "Origin: null" with its own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    "cache-control": "no-store",
}
"""Set on every answer that does not bring its own."""


def key(folder: Path) -> str:
    """The secret of a data folder, made when there is none.

    Args:
        folder: The data folder.
    Returns:
        The cookie's value.
    Raises:
        StorageError: There is none, and none can be written.
    """
    path = folder / KEY_FILE
    try:
        found = path.read_text(encoding="ascii").strip()
        if len(found) >= 32:
            return found
    except (OSError, ValueError):
        pass
    return new_key(folder)


def new_key(folder: Path) -> str:
    """A fresh secret; every browser that was let in is out."""
    made = secrets.token_urlsafe(32)
    _write_private(folder / KEY_FILE, made)
    return made


def new_token(folder: Path) -> str:
    """A token that lets one browser in, once.

    It lies hashed in the data folder, so that a second start of the program can let in another browser while the
    first is serving.

    Args:
        folder: The data folder.
    Returns:
        The token, for the address that is opened.
    Raises:
        StorageError: It cannot be written.
    """
    token = secrets.token_urlsafe(24)
    _write_private(folder / TOKEN_FILE, sha256(token.encode()).hexdigest())
    return token


def use_token(folder: Path, token: str) -> bool:
    """Whether a token is the one that was made last; it is good for one use.

    Args:
        folder: The data folder.
        token: As it came in the address.
    """
    path = folder / TOKEN_FILE
    taken = folder / f"{TOKEN_FILE}.{secrets.token_hex(8)}"
    given = sha256(token.encode()).hexdigest()
    try:
        if not hmac.compare_digest(path.read_text(encoding="ascii"), given):
            return False
        os.rename(path, taken)  # of two that come at once, one finds nothing to rename
        taken.unlink()
    except (OSError, ValueError, TypeError):
        return False
    return True


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as problem:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written ({problem.strerror or problem}); see that its disk is writable and has room"
        ) from None


def dressed(answer: Response) -> Response:
    """An answer with the headers that every one has."""
    _dress(answer.headers)
    return answer


def _dress(headers: MutableHeaders) -> MutableHeaders:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    return headers


class Gate:
    """The door: in front of every route, files included.

    Args:
        app: What lies behind it.
        hosts: Values of the Host header that mean this server, such as ``127.0.0.1:8766``.
        folder: The data folder, whose key the cookie must match.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], folder: Path) -> None:
        self.app, self.hosts, self.folder = app, frozenset(hosts), folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a refusal, or pass the request on and dress the answer."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        refused = self._refusal(scope, asked)
        if refused is not None:
            status, words = refused
            await dressed(refusal(asked, words, status))(scope, receive, send)
            return

        begun = False

        async def dressing(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = _dress(MutableHeaders(raw=message["headers"])).raw
            await send(message)

        try:
            await self.app(scope, _bounded(receive, _most(scope)), dressing)
        except _TooLargeError:
            if begun:
                raise
            await dressed(refusal(asked, _too_large(_most(scope)), 413))(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Status and sentence where a request is not let through."""
        hosts, origins, sites = (headers.getlist(name) for name in ("host", "origin", "sec-fetch-site"))
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return 421, "This is psoas on its own machine; open the address that psoas app prints."
        if set(origins) - {f"http://{hosts[0]}"} or set(sites) - {"same-origin", "none"}:
            return 403, "Another site asked for this; open psoas in a window of its own."
        try:
            if int(headers.get("content-length", "0")) > _most(scope):
                return 413, _too_large(_most(scope))
        except ValueError:
            return 400, "This request does not say how long it is."
        path = scope["path"]
        if any(
            path == open_path or (open_path.endswith("/") and path.startswith(open_path)) for open_path in OPEN_PATHS
        ):
            return None
        try:
            known = self._knows(headers)
        except StorageError as problem:
            return 507, f"{problem}."
        if not known:
            return 403, (
                "This browser has not been let in. Run psoas app, or make app, once more: it opens an address that"
                " lets this browser in, for good."
            )
        return None

    def _knows(self, headers: Headers) -> bool:
        """Whether the request carries the cookie.

        A browser sends with it the cookies of every other server on this address, in whatever form those like; one that
        is read strictly would hide ours.
        """
        given = [cookie_parser(line).get(COOKIE, "") for line in headers.getlist("cookie")]
        wanted = key(self.folder).encode()
        return any(hmac.compare_digest(one.encode(), wanted) for one in given)


def _most(scope: Scope) -> int:
    """Largest request at an address [bytes]."""
    return MOST_IMPORT if scope["method"] == "POST" and IMPORT.fullmatch(scope["path"]) else MOST_BYTES


def _too_large(most: int) -> str:
    return f"This is larger than {most // 1_000_000} MB; send something smaller."


class _TooLargeError(Exception):
    """A body went on beyond what its address takes without having said so."""


def _bounded(receive: Receive, most: int) -> Receive:
    """Stop reading a body that goes on without having said how long it is."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise _TooLargeError
        return message

    return limited
