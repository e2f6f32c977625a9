"""Every feature of the source texts has its place in the product, or stands in the list of those that have none."""

import importlib
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from psoas import cli, evidence
from psoas.app.server import create_app

PAGE = (Path(__file__).parents[1] / "docs" / "features.md").read_text(encoding="utf-8")
ROWS = {int(n): where for n, where in re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)}
PACKAGE = files("psoas")


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    """Every address the app answers."""
    app = create_app(tmp_path_factory.mktemp("features"))
    yield {re.sub(r"\{\w+\}", "*", route.path) for route in app.routes}
    app.state.house.worker.close()
    app.state.house.store.close()


def named(data):
    """Every feature that a data file names."""
    if isinstance(data, dict):
        return set().union(*(set(v) if k == "features" else named(v) for k, v in data.items())) if data else set()
    return set().union(*map(named, data)) if isinstance(data, list) and data else set()


def test_every_number_stands_there_once():
    assert list(ROWS) == list(range(1, 177))
    assert len(re.findall(r"^\| \d+ \|", PAGE, re.MULTILINE)) == 176


def test_what_nothing_serves_is_what_the_page_says():
    listed = re.search(r"\*\*Served by no part:\*\* ([\d, ]+)\.", PAGE)[1]
    assert [int(n) for n in listed.split(", ")] == [n for n, where in ROWS.items() if where.startswith("not served: ")]


@pytest.mark.parametrize("number", ROWS)
def test_every_place_is_there(number, routes):
    where = ROWS[number]
    if where.startswith("not served: "):
        return
    places = re.findall(r"`([^`]+)`", where)
    assert places
    for place in places:
        if place.startswith("page "):
            assert f"/{place[5:]}" in routes, place
        elif place.startswith("psoas "):
            assert place.split()[1] in {one.name or one.callback.__name__ for one in cli.app.registered_commands}, place
        elif place.startswith("psoas."):
            assert importlib.import_module(place), place
        else:
            data = tomllib.loads(PACKAGE.joinpath(*place.split("/")).read_text(encoding="utf-8"))
            assert not named(data) or number in named(data), place


def test_what_a_data_file_says_it_serves_is_no_news_to_the_page():
    served = set()
    for folder in ("plans", "positions", "positions/upright"):
        for path in Path(str(PACKAGE / folder)).glob("*.toml"):
            served |= named(tomllib.loads(path.read_text(encoding="utf-8")))
    assert not {n for n in served if ROWS[n].startswith("not served")}


@pytest.mark.parametrize(("id", "command"), [("standing", "psoas stand"), ("sitting", "psoas sit")])
def test_what_an_upright_position_serves_names_it_and_its_command(id, command):
    path = f"positions/upright/{id}.toml"
    for number in named(tomllib.loads(PACKAGE.joinpath(*path.split("/")).read_text(encoding="utf-8"))):
        assert f"`{path}`" in ROWS[number] and f"`{command}`" in ROWS[number], number


def test_every_claim_has_its_title_here():
    for one in evidence.claims():
        assert f"| {one.feature} | {one.title} |" in PAGE
