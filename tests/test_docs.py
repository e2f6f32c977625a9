"""The documentation says what there is, its links lead somewhere, and its examples run."""

import importlib
import pkgutil
import re
import shlex
import shutil
import socket
import sys
from pathlib import Path

import pytest
import typer

import psoas
from psoas.cli import app, main

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "design").glob("*.md"), ROOT / "src/psoas/anatomy/README.md"]
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def text(path):
    return path.read_text(encoding="utf-8")


def prose(path):
    """A page without its code and comments."""
    return re.sub(r"<!--.*?-->", "", BLOCK.sub("", text(path)), flags=re.DOTALL)


def anchors(path):
    """What a link into a page may name, as GitHub makes it."""
    found = set(re.findall(r'id="([^"]+)"', text(path)))
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE):
        plain = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-"))
    return found


# -- what there is is documented ----------------------------------------------------------------------


def commands():
    return typer.main.get_command(app).commands


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_is_documented(name):
    page = text(DOCS / "commands.md")
    assert f"`psoas {name}" in page
    words = [word for option in commands()[name].params for word in (*option.opts, *option.secondary_opts)]
    named = {word for word in words if word.startswith("--")}
    assert not [word for word in named - {"--help"} if not re.search(rf"`{word}\b", page)]


@pytest.mark.parametrize("name", psoas.__all__)
def test_every_public_name_is_documented(name):
    assert f"`{name}`" in text(DOCS / "python.md")


def modules():
    return sorted(m.name for m in pkgutil.iter_modules(psoas.__path__) if not m.name.startswith("_"))


@pytest.mark.parametrize("name", modules())
def test_every_module_is_documented(name):
    assert any(f"psoas.{name}" in text(page) for page in DOCS.glob("*.md"))


def test_every_quantity_is_documented():
    from psoas.quantities import SOURCES

    page = text(DOCS / "quantities.md")
    assert not [family for family in SOURCES if family not in page]


# -- links --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(page)) + re.findall(r'(?:src|srcset|href)="([^"]+)"', prose(page))
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        path = (page.parent / place).resolve() if place else page
        assert path.exists(), f"{target} does not exist"
        assert ROOT in path.parents, f"{target} lies outside the repository"
        if anchor:
            assert anchor in anchors(path), f"{place or page.name} has no {anchor}; it has {sorted(anchors(path))}"


def test_every_page_is_reached_from_the_index():
    reached, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for target in re.findall(r"\]\(([^)\s#]+\.md)", prose(page)):
            path = (page.parent / target).resolve()
            if path.exists() and path not in reached and DOCS in path.parents:
                waiting.append(path)
    assert {page for page in PAGES if DOCS in page.parents} <= reached


ELSEWHERE = re.compile(
    r"""(?<![\w.)\]<>/*])/\w[\w./-]*   # from the root of a disk, but not 1/2, [m]/s, </a> or ../x
    |   ~\w*/[\w./-]*                  # from somebody's home
    |   \b[A-Za-z]:[\\/]\S*            # from a drive
    |   \w+://\S*                      # an address, or a host without its scheme
    |   \b[\w-]+\.(?:org|com|net|io|dev)\b""",
    re.VERBOSE,
)
ANYBODYS = {"/path/to/python3"}


def elsewhere(words):
    """Addresses and places on one machine, none of which a reader can rely on."""
    return [place for place in ELSEWHERE.findall(words) if place not in ANYBODYS]


@pytest.mark.parametrize(
    "page", [*PAGES, *sorted(DOCS.glob("*.py"))], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_no_address_and_no_place_on_one_machine(page):
    assert not elsewhere(text(page))


@pytest.mark.parametrize(
    "place",
    ["/srv", "/srv/psoas", "~/psoas", "~me/psoas", r"C:\psoas", "C:/psoas", "https://host", "file:///x", "example.org"],
)
def test_an_address_or_a_place_on_one_machine_is_found(place):
    for planted in (f"see {place}", f"`{place}`", f"[here]({place})", f'PYTHON="{place}"', f"PYTHON={place} make"):
        assert elsewhere(planted), planted
    assert not elsewhere("1/2, [m]/s, N·m/rad, </a>, ../x, docs/x.md, doi:10.1/x, /path/to/python3")


# -- examples -----------------------------------------------------------------------------------------

PYTHON = [
    (page.name, code)
    for page in (ROOT / "README.md", DOCS / "python.md")
    for kind, code in BLOCK.findall(text(page))
    if kind == "python"
]


@pytest.mark.parametrize(("page", "code"), PYTHON, ids=[page for page, _ in PYTHON])
def test_python_examples_run(page, code, capsys):
    exec(compile(code, page, "exec"), {})
    assert "deg" in capsys.readouterr().out


LINES = [line.strip() for line in re.findall(r"^    (psoas .+)$", text(ROOT / "README.md"), re.MULTILINE)]


@pytest.mark.parametrize("line", LINES)
def test_command_examples_run(line, tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line, comments=True)[1:]
    if words[0] in ("rest", "compare"):
        words += ["--members", "4"]
    if words[0] == "app":  # up to where it would serve for good
        monkeypatch.setattr("uvicorn.Server.run", lambda server, sockets: None)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        words += ["--no-browser", "--data", str(tmp_path / "data"), "--port", str(port)]
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 0
    assert capsys.readouterr().out
    if "--picture" in words:
        assert (tmp_path / words[words.index("--picture") + 1]).stat().st_size > 1000


def test_the_readme_names_the_targets_there_are():
    targets = set(re.findall(r"^(\w+):", text(ROOT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"^    make (\w+)", text(ROOT / "README.md"), re.MULTILINE)) <= targets


# -- generated pages ----------------------------------------------------------------------------------


def script(name, monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    sys.modules.pop(name, None)
    return importlib.import_module(name)


def test_references_are_up_to_date(monkeypatch):
    assert script("references", monkeypatch).page() == text(DOCS / "references.md"), "run make docs"


def test_counts_in_the_readme_are_up_to_date(monkeypatch):
    figures, before = script("figures", monkeypatch), text(ROOT / "README.md")
    assert figures.counted(before) == before, "run make docs"


def test_claims_show_their_runs(monkeypatch):
    for path, page in script("claims", monkeypatch).pages().items():
        assert text(path) == page, "run make evidence"


FILLED = (ROOT / "README.md", DOCS / "commands.md", DOCS / "claims.md", DOCS / "calibration.md")


@pytest.mark.parametrize("page", FILLED, ids=lambda page: page.name)
def test_no_place_for_a_result_is_empty(page):
    found = re.findall(r"<!-- (?:run|table|output) ([\w-]+) -->\n(.*?)<!-- end -->", text(page), re.DOTALL)
    assert found
    assert not [key for key, content in found if len(content) < 40]


def test_every_picture_describes_itself():
    for page in PAGES:
        for words in re.findall(r"!\[([^]]*)\]\(", prose(page)) + re.findall(r'<img alt="([^"]*)"', prose(page)):
            assert len(words) > 20, f"{page.name}: {words!r}"
