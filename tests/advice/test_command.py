"""``psoas set-up`` and ``psoas why``: what they take, print and write."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "person.toml")
FEW = ("--members", "4")


@pytest.fixture
def run(run):
    """The same, what it prints in one line."""

    def call(*words):
        code, out, err = run(*words)
        return code, " ".join(out.split()), err

    return call


def test_a_set_up_is_told_and_its_trade_off_drawn(run, tmp_path):
    file = tmp_path / "trade-off.svg"
    code, out, _ = run(
        "set-up", EXAMPLE, "--have", "towel", *FEW, "--plot", str(file), "--theme", "dark", "--weight", "pelvis=3"
    )
    assert code == 0
    assert "On your back on the floor" in out and f"Wrote {file}" in out
    assert "no reason to prefer a place (the most that changes is" in out
    assert "With 3 kg over the pelvis: pull of psoas and iliacus, a side, " in out
    assert "No source names a safe weight" in out
    assert "On a mattress instead" not in out  # that is for --why
    drawn = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    assert drawn.find("{http://www.w3.org/2000/svg}title").text == "Heel distance"


def test_why_is_set_up_with_its_reasons(run):
    command = (EXAMPLE, "--position", "calves-on-chair", "--have", "chair,towel", *FEW)
    code, out, _ = run("why", *command)
    assert code == 0
    assert (0, out, "") == run("set-up", *command, "--why")
    for said in ("On a mattress instead: ", "Hands by your sides instead: ", "The sources", "One thing changed"):
        assert said in out


def test_json_holds_what_would_be_otherwise(run):
    code, out, _ = run("set-up", EXAMPLE, "--position", "calves-on-chair", "--weight", "heart=1", "--json", *FEW)
    told = json.loads(out)
    assert code == 0 and told["feasible"] is True
    assert [one["id"] for one in told["beside"]] == [
        "surface=mattress", "arms=sides", "arms=ribs", "weight=heart=1kg",
    ]  # fmt: skip
    assert told["beside"][3]["changes"]["pull"]["value"]["unit"] == "N"


def test_on_a_mattress_a_mattress_is_no_change(run):
    _, out, _ = run("set-up", EXAMPLE, "--position", "calves-on-chair", "--surface", "mattress", "--json", *FEW)
    assert [one["id"] for one in json.loads(out)["beside"]] == ["arms=sides", "arms=ribs"]


def test_a_position_with_neither_heels_nor_pile_draws_the_head(run, tmp_path):
    file = tmp_path / "head.svg"
    code, _, _ = run("why", EXAMPLE, "--position", "supine", "--have", "blanket", *FEW, "--plot", str(file))
    words = [
        one.text
        for one in ElementTree.fromstring(file.read_text(encoding="utf-8")).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert code == 0
    assert "Chin tips up [deg]" in words and "Under the head" in words


def test_a_prop_lies_where_it_is_said_to_lie(run):
    _, out, _ = run("set-up", EXAMPLE, "--position", "calves-on-chair", "--prop", "towel=5", "--json", *FEW)
    told = json.loads(out)
    assert {"id": "towel", "under": "head", "thickness": {"value": 5.0, "unit": "cm"}} in told["props"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--heel-distance", "85"), "heel distance is 85 cm; these legs reach"),
        (("--heel-distance", "2"), "heel distance is 2 cm; give 5 to 90 cm"),
        (("--set", "height=20"), "constructive-rest has no height; it has"),
        (("--weight", "head=1"), "weight lies on 'head'; give heart, belly, pelvis, thighs or ankles"),
        (("--weight", "pelvis=9"), "weight on the pelvis is 9 kg; give 0.1 to 5 kg"),
        (("--weight", "pelvis=5", "--weight", "heart=3"), "weights are 8 kg together; give at most"),
        (("--plot", "a.png"), "plot is a.png, which does not end in .svg"),
        (("--theme", "pink"), "theme is 'pink'; give light or dark"),
        (("--members", "0"), "members is '0'; give a whole number from 1 to 1000"),
        (("--have", "sofa"), "prop is 'sofa'; give towel"),
        (("--prop", "towel=40"), "towel thickness is 40 cm; give"),
    ],
)
@pytest.mark.parametrize("command", ["set-up", "why"])
def test_what_cannot_be_used_is_one_sentence_at_once(run, monkeypatch, command, words, said):
    monkeypatch.setattr("psoas.advice.search.over_heel_distance", lambda *_, **__: pytest.fail("it was tried"))
    code, out, err = run(command, EXAMPLE, *words)
    assert code == 2 and out == ""
    assert err.startswith(said) and err.count("\n") == 1


def test_a_search_where_nobody_rests_says_so_and_ends_with_three(run, monkeypatch):
    from psoas.advice import search as room

    settle = room.settle_all

    def nobody(*given, **named):
        found = settle(*given, **named)
        return replace(found, converged=np.zeros(found.body.count, dtype=bool))

    monkeypatch.setattr(room, "settle_all", nobody)
    code, out, err = run("set-up", EXAMPLE, "--position", "supine", *FEW)
    assert (code, out) == (3, "") and "is no rest for this body" in err
