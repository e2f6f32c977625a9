"""Who is let in: every route, every method, whatever a browser, another site or another program sends."""

import os
import stat
import threading
from hashlib import sha256
from types import SimpleNamespace

import pytest
from starlette.routing import Mount, Route

from psoas.app import access, server
from psoas.app.access import COOKIE, HEADERS, KEY_FILE, MOST_BYTES, TOKEN_FILE
from psoas.journal.exchange import MOST_FILE

HOST = "127.0.0.1:8766"
METHODS = ("GET", "POST", "HEAD", "BREW")
STRANGE = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
STATIC = ("/static/style.css", "/static/app.js", "/static/mark.svg", "/static/fonts", "/static/nothing", "/static/")


@pytest.fixture
def full(at):
    """Somebody with one of everything that an address can name."""
    entry = at.rested()
    who = at.who(entry)
    tried = at.store.add_tried(who, what="yoga", created_at=at.clock())
    photo = at.store.add_photo(
        who, b"\xff\xd8", which="before", taken_at=at.clock(), mime="image/jpeg", width=1, height=1, entry_id=entry
    )
    two = at.store.begin_comparison(
        who,
        created_at=at.clock(),
        name_a="a",
        name_b="b",
        outcome="comfort",
        method="alternating",
        order=["A", "B"] * 4,
    )
    note = at.store.add_clue_note(who, created_at=at.clock(), seen={"foot": ["limp"]})
    ids = {
        "entry": entry,
        "note": note.id,
        "person": who,
        "tried": tried.id,
        "comparison": two.id,
        "photo": photo.id,
        "cue": "rest-breath",
        "claim": "112",
    }
    at.ids = SimpleNamespace(**ids)
    at.paths = [path_of(route, ids) for route in at.app.routes] + list(STATIC)
    return at


def path_of(route, ids):
    path = route.path
    assert isinstance(route, Route | Mount)
    for name, id in ids.items():
        path = path.replace(f"{{{name}}}", id)
    return path.replace("{path:path}", "style.css")


def asks(routes, client, **sent):
    """Every method at every address; the answers, by method and address."""
    for path in routes:
        for method in METHODS:
            yield method, path, client.request(method, path, follow_redirects=False, **sent)


def contents(at):
    """Everything in the journal."""
    from psoas.journal import exchange

    return exchange.to_json(at.store)


def test_the_routes_are_all_looked_at(full):
    assert len(full.paths) == len(full.app.routes) + len(STATIC)
    assert not [path for path in full.paths if "{" in path]
    assert len({route.path for route in full.app.routes}) > 30


# -- another name, another site -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8767", "127.0.0.1:8766.evil.example", "[::1]:8766",
     "0.0.0.0:8766", "localhost", "LOCALHOST:8766", "127.0.0.1:8766 ", "", "127.0.0.1:8766,evil.example"],
)  # fmt: skip
def test_another_host_is_refused_everywhere(full, host):
    before = contents(full)
    for method, path, answer in asks(full.paths, full.client, headers={"host": host}):
        assert answer.status_code == 421, (method, path)
        assert method == "HEAD" or answer.text.startswith("This is psoas on its own machine;")
    assert contents(full) == before


def raw(at, path, headers, method="GET", body=()):
    """A request below the client, which would mend its headers; status, headers, body."""
    import asyncio

    parts, sent = list(body) or [b""], []

    async def receive():
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("127.0.0.1", 8766), "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers], "asgi": {"version": "3.0"},
    }  # fmt: skip
    asyncio.run(at.app(scope, receive, send))
    headers = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]), len(parts)


@pytest.mark.parametrize("hosts", [[], [HOST, "evil.example"], ["evil.example", HOST], [HOST, HOST]])
def test_no_host_or_two_are_refused_everywhere(full, hosts):
    cookie = ("cookie", f"{COOKIE}={access.key(full.folder)}")
    assert raw(full, "/help", [("host", HOST), cookie])[0] == 200
    for path in full.paths:
        assert raw(full, path, [*(("host", host) for host in hosts), cookie])[0] == 421, path


@pytest.mark.parametrize(
    "sent",
    [
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "https://127.0.0.1:8766"},
        {"origin": "http://127.0.0.1:8767"},
        {"origin": "http://127.0.0.1"},
        {"origin": "http://localhost:8766"},  # this server by its other name: another origin all the same
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},  # another port of this machine
        {"sec-fetch-site": "nonsense"},
        {"origin": f"http://{HOST}", "sec-fetch-site": "cross-site"},
    ],
    ids=str,
)
def test_another_site_is_refused_everywhere(full, sent):
    before = contents(full)
    for method, path, answer in asks(full.paths, full.client, headers=sent):
        assert answer.status_code == 403, (method, path)
        assert method == "HEAD" or answer.text.startswith("Another site asked for this;")
    assert contents(full) == before


def test_a_second_origin_or_site_hides_behind_no_first(full):
    cookie = ("cookie", f"{COOKIE}={access.key(full.folder)}")
    for name, good, bad in (
        ("origin", f"http://{HOST}", "http://evil.example"),
        ("sec-fetch-site", "same-origin", "cross-site"),
    ):
        assert raw(full, "/help", [("host", HOST), cookie, (name, good)])[0] == 200
        for pair in ((good, bad), (bad, good)):
            assert raw(full, "/help", [("host", HOST), cookie, *((name, one) for one in pair)])[0] == 403


@pytest.mark.parametrize(
    "sent", [{}, {"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}]
)
def test_this_site_is_not_refused(full, sent):
    assert full.client.get("/help", headers=sent).status_code == 200
    assert full.get(f"/people/{full.ids.person}", headers=sent).status == 200


def test_the_other_name_of_this_machine_works(full):
    stranger = full.another(let_in=False)
    answer = stranger.get("http://localhost:8766/help", headers={"cookie": f"{COOKIE}={access.key(full.folder)}"})
    assert answer.status_code == 200


# -- the cookie ---------------------------------------------------------------------------------------


def wrong_cookies(key):
    yield from ({}, {"cookie": f"{COOKIE}="}, {"cookie": f"{COOKIE}={key}x"}, {"cookie": f"{COOKIE}={key[:-1]}"})
    yield from ({"cookie": f"psoas-last={key}"}, {"cookie": f"x{COOKIE}={key}"}, {"cookie": key})
    yield {"cookie": f"{COOKIE}={sha256(key.encode()).hexdigest()}".encode()}
    yield {"cookie": f"{COOKIE}=é".encode("latin-1")}


def test_without_the_cookie_nothing_but_start_and_files_answers(full):
    stranger, before = full.another(let_in=False), contents(full)
    for cookie in wrong_cookies(access.key(full.folder)):
        for path in full.paths:
            if path == "/start" or path.startswith("/static"):
                continue
            for method in METHODS[:2]:
                answer = stranger.request(method, path, headers=cookie, follow_redirects=False)
                assert answer.status_code == 403, (method, path, cookie)
                assert method == "HEAD" or answer.text.startswith("This browser has not been let in.")
                assert "set-cookie" not in answer.headers
    assert contents(full) == before


def test_no_address_that_looks_open_is(full):
    stranger = full.another(let_in=False)
    for path in ("/start/", "/startx", "/Start", "/start/people", "/static", "/static.", "//static/x", "/x/static/x"):
        assert stranger.get(path, follow_redirects=False).status_code == 403, path


def test_files_come_without_the_cookie(full):
    stranger = full.another(let_in=False)
    for path in STATIC[:3]:
        assert stranger.get(path).status_code == 200
    assert stranger.get("/static/nothing").status_code == 404


@pytest.mark.parametrize(
    "others", ['settings={"a": 1}', "bare", "=", "a=b; ; c", 'x="unclosed', "x=\\", "_xsrf=2|1|é;,", "a=" + "b" * 3000]
)
def test_other_servers_cookies_do_not_hide_ours(at, others):
    """A browser sends the cookies of every port of 127.0.0.1, in whatever form their servers like."""
    stranger, ours = at.another(let_in=False), f"{COOKIE}={access.key(at.folder)}"
    for line in (f"{others}; {ours}", f"{ours}; {others}", f"{others}; {ours}; {others}"):
        assert stranger.get("/help", headers={"cookie": line.encode("latin-1")}).status_code == 200, line


# -- the start token ----------------------------------------------------------------------------------


def test_a_token_lets_one_browser_in_once(at):
    token, first, second = access.new_token(at.folder), at.another(let_in=False), at.another(let_in=False)
    answer = first.get(f"/start?token={token}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}={access.key(at.folder)};")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/", f"max-age={400 * 86400}"} <= parts
    assert not [part for part in parts if part.startswith("domain")]
    assert first.get("/help").status_code == 200
    for client in (first, second):
        again = client.get(f"/start?token={token}", follow_redirects=False)
        assert again.status_code == 403
        assert again.text.startswith("This address has been used, or is an old one.")
    assert second.get("/help").status_code == 403
    assert not (at.folder / TOKEN_FILE).exists()


def test_a_newer_token_puts_an_older_one_out(at):
    old, new = access.new_token(at.folder), access.new_token(at.folder)
    client = at.another(let_in=False)
    assert client.get(f"/start?token={old}", follow_redirects=False).status_code == 403
    assert client.get(f"/start?token={new}", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("token", ["", "x", "%00", "é", "a" * 5000])
def test_no_other_word_is_a_token(at, token):
    client = at.another(let_in=False)
    for exists in (False, True):
        if exists:
            access.new_token(at.folder)
        answer = client.get("/start", params={"token": token}, follow_redirects=False)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    hashed = (at.folder / TOKEN_FILE).read_text()
    assert client.get(f"/start?token={hashed}", follow_redirects=False).status_code == 403
    assert client.get("/start", follow_redirects=False).status_code == 403


def test_of_many_at_once_one_is_let_in(at):
    for _ in range(20):
        token, gate, answers = access.new_token(at.folder), threading.Barrier(8), []

        def use(token=token, gate=gate, answers=answers):
            gate.wait()
            answers.append(access.use_token(at.folder, token))

        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [False] * 7 + [True]


def test_asking_for_the_headers_uses_no_token_up(at):
    """HEAD changes nothing (RFC 9110, 9.2.1): a program that looks at a link first lets nobody in, and keeps nobody out."""
    token, client = access.new_token(at.folder), at.another(let_in=False)
    assert "set-cookie" not in client.head(f"/start?token={token}", follow_redirects=False).headers
    assert client.get(f"/start?token={token}", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("method", ["POST", "PUT", "BREW"])
def test_a_token_is_only_taken_from_an_address(at, method):
    token, client = access.new_token(at.folder), at.another(let_in=False)
    assert client.request(method, f"/start?token={token}", follow_redirects=False).status_code == 405
    assert access.use_token(at.folder, token)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_secrets_are_for_their_owner_only(at):
    mask = os.umask(0)
    try:
        access.new_token(at.folder)
        access.new_key(at.folder)
    finally:
        os.umask(mask)
    for name in (TOKEN_FILE, KEY_FILE):
        assert stat.S_IMODE((at.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(at.folder.stat().st_mode) == 0o700
    assert not list(at.folder.glob("*.part"))


def test_the_token_itself_is_not_on_the_disk(at):
    token = access.new_token(at.folder)
    assert token not in (at.folder / TOKEN_FILE).read_text()


# -- the key ------------------------------------------------------------------------------------------


def test_the_cookie_outlives_a_restart(at, open_app):
    entry = at.begin()
    cookie = access.key(at.folder)
    again = open_app(at.folder)
    client = again.another(let_in=False)
    client.cookies.set(COOKIE, cookie)
    assert client.get(f"/rest/{entry}/ask").status_code == 200


def test_each_folder_has_a_key_of_its_own(at, open_app, tmp_path):
    other = open_app(tmp_path / "other")
    client = other.another(let_in=False)
    client.cookies.set(COOKIE, access.key(at.folder))
    assert client.get("/help").status_code == 403


@pytest.mark.parametrize("left", ["", "short", "\n", None])
def test_a_key_that_is_none_opens_nothing_and_is_made_anew(at, left):
    if left is None:
        (at.folder / KEY_FILE).unlink()
    else:
        (at.folder / KEY_FILE).write_text(left)
    stranger = at.another(let_in=False)
    for given in ("", "short", left or ""):
        assert stranger.get("/help", headers={"cookie": f"{COOKIE}={given.strip()}"}).status_code == 403
    assert len(access.key(at.folder)) >= 32
    assert at.another().get("/help").status_code == 200


def test_a_key_that_can_be_neither_read_nor_written_lets_nobody_in_and_says_so(at, monkeypatch):
    good = access.key(at.folder)
    (at.folder / KEY_FILE).unlink()
    token = access.new_token(at.folder)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(access.os, "fsync", full)
    stranger = at.another(let_in=False)
    answer = stranger.get("/help", headers={"cookie": f"{COOKIE}={good}"})
    assert answer.status_code == 507
    assert "cannot be written (No space left on device); see that its disk is writable and has room" in answer.text
    answer = stranger.get(f"/start?token={token}", follow_redirects=False)
    assert answer.status_code == 507
    assert "set-cookie" not in answer.headers
    assert not list(at.folder.glob("*.part"))


# -- what every answer carries ------------------------------------------------------------------------


def carries(answer, path, **instead):
    for name, value in {**HEADERS, **instead}.items():
        assert answer.headers.get(name) == value, (path, name, answer.status_code)
    assert len([name for name in answer.headers if name == "content-security-policy"]) == 1


def test_every_answer_carries_the_headers(full):
    found = set()
    for method, path, answer in asks(full.paths, full.client):
        if path.endswith(("/erase", "/delete")):
            continue
        own = {"cache-control": answer.headers["cache-control"]}
        if answer.headers.get("content-type") == "image/svg+xml" and (
            path.startswith("/rest/") or path.endswith("/chair.svg")
        ):
            own["content-security-policy"] = access.PICTURE_POLICY
        carries(answer, f"{method} {path}", **own)
        kept = path.startswith("/static/") and answer.status_code == 200
        assert ("no-store" in own["cache-control"]) != kept, path
        found.add(answer.status_code)
    assert {200, 303, 404, 405, 422} <= found


def test_refusals_carry_the_headers(full, monkeypatch):
    for path in full.paths:
        carries(full.client.get(path, headers={"host": "evil.example"}), path)
        carries(full.client.get(path, headers={"origin": "null"}), path)
        carries(full.client.post(path, headers={"content-length": str(access.MOST_IMPORT + 1)}), path)
    stranger = full.another(let_in=False)
    carries(stranger.get("/help"), "/help")
    carries(stranger.get("/start?token=x"), "/start")


def test_a_failure_of_our_own_carries_the_headers_and_says_little(at, monkeypatch):
    def broken(*_):
        raise RuntimeError("a secret")

    monkeypatch.setattr(server.people, "screening", None)
    client = at.another(raise_server_exceptions=False)
    answer = client.get("/help")
    assert answer.status_code == 500
    assert answer.text == "Something in psoas itself went wrong. What was kept before is kept."
    carries(answer, "/help")


def test_pages_allow_nothing_from_elsewhere_and_nothing_inline(full):
    policy = dict(part.split(" ", 1) for part in HEADERS["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert set(" ".join(policy.values()).split()) == {"'none'", "'self'", "blob:"}
    for path in ("/help", "/people", f"/people/{full.ids.person}", f"/rest/{full.ids.entry}"):
        page = full.get(path)
        for tag, given in page.tags:
            assert not [name for name in given if name.startswith("on") or name == "style"], (path, tag, given)
            assert tag != "style"
            assert tag != "script" or "src" in given or given.get("type") == "application/json"
            for name in ("src", "href", "action", "srcset"):
                assert given.get(name, "/")[0] in "/#" and not given.get(name, "").startswith("//"), (path, given)


# -- bodies, methods, files ---------------------------------------------------------------------------


def test_a_body_that_says_it_is_too_large_is_refused_everywhere(full):
    for path in full.paths:
        most = access.MOST_IMPORT if path.endswith("/import") else MOST_BYTES
        answer = full.client.post(path, headers={"content-length": str(most + 1)}, follow_redirects=False)
        assert answer.status_code == 413, path
        assert answer.text == f"This is larger than {most // 1_000_000} MB; send something smaller."
    assert access.MOST_IMPORT > MOST_FILE > MOST_BYTES
    assert any(path.endswith("/import") for path in full.paths)


@pytest.mark.parametrize("length", ["many", "1e3", "", "²", "0x10", "1,1"])
def test_a_length_that_is_none_is_refused(at, length):
    cookie = ("cookie", f"{COOKIE}={access.key(at.folder)}")
    status, _, text, _ = raw(at, "/people", [("host", HOST), cookie, ("content-length", length)], "POST")
    assert (status, text) == (400, b"This request does not say how long it is.")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/people", "application/x-www-form-urlencoded"),
        ("/people", "multipart/form-data; boundary=x"),
        ("/api/screening", "application/json"),
    ],
)
def test_a_body_that_goes_on_without_having_said_so_is_cut_off(at, path, kind):
    part = b"a" * 999_999 + b"&"
    if "multipart" in kind:
        start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    else:
        start = b"name="
    sent = [start] + [part] * 100
    headers = [("host", HOST), ("cookie", f"{COOKIE}={access.key(at.folder)}"), ("content-type", kind)]
    status, headers, text, left = raw(at, path, headers, "POST", sent)
    assert (status, text) == (413, b"This is larger than 30 MB; send something smaller.")
    assert headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert left >= 69, "all of it was read"
    assert at.store.people() == ()


def test_strange_methods_are_answered_and_change_nothing(full):
    before = contents(full)
    for path in full.paths:
        for method in STRANGE:
            answer = full.client.request(method, path, follow_redirects=False)
            assert answer.status_code in (404, 405, 307), (method, path, answer.status_code)
    assert contents(full) == before


def test_head_is_get_without_a_body(full):
    for route in full.app.routes:
        if isinstance(route, Route) and "GET" in route.methods and route.path not in ("/start",):
            path = path_of(route, vars(full.ids))
            if path.endswith(("picture.svg", "estimate", "sheet", ".flac")):
                continue  # long work; the same function answers
            get, head = (full.client.request(one, path, follow_redirects=False) for one in ("GET", "HEAD"))
            assert head.status_code == get.status_code, path
            assert head.content == b""
    assert full.client.head("/static/style.css").status_code == 200


TRAPS = [
    "/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2fserver.py", "/static/..%5cserver.py",
    "/static/....//server.py", "/static//etc/passwd", "/static/%2fetc/passwd", "/static/fonts/../../server.py",
    "/static/fonts/..%2f..%2fapp%2fserver.py", "/static/%00", "/static/style.css%00.js", "/static/" + "a" * 5000,
    "/static/~root", "/static/%ff", "/static/fonts/%2e%2e/errors.py",
]  # fmt: skip


@pytest.mark.parametrize("path", TRAPS)
def test_no_way_out_of_the_folder_of_files(at, path):
    for client in (at.another(), at.another(let_in=False)):
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code in (403, 404), (path, answer.status_code)
        assert "import" not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize("path", TRAPS)
def test_no_way_out_of_the_folder_of_files_below_the_client_either(at, path):
    """The client tidies an address before it sends it; others do not."""
    from urllib.parse import unquote

    status, _, text, _ = raw(
        at, unquote(path, errors="surrogateescape").encode("utf-8", "replace").decode(), [("host", HOST)]
    )
    assert status in (403, 404)
    assert b"import" not in text and b"root:" not in text


def test_an_address_that_is_none_says_so(at):
    for path in ("/nothing", "/people/", "/rest/x/ask", "/rest/%00/ask", "/people/" + "a" * 3000, "/photos/..%2fkey"):
        answer = at.client.get(path, follow_redirects=False)
        assert answer.status_code in (404, 307), path
