"""The command line: what it takes, what it prints, and one sentence where something cannot be used."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import typer
from rich.text import Text

import psoas
from psoas import cli, uncertainty
from psoas.drawing_layers import LAYERS
from psoas.errors import InputError
from psoas.person import Limb, Person
from psoas.position import upright_position
from psoas.upright import answer

EXAMPLE = str(Path(__file__).parents[1] / "examples" / "person.toml")
PERSON = ("--sex", "female", "--stature", "172", "--mass", "68")
FEW = ("--members", "2")
NONE = ("--members", "0")


@pytest.fixture
def quick(monkeypatch):
    """Leave out the search for other resting places."""
    monkeypatch.setattr(uncertainty, "_alternatives", lambda *_: ())


@cache
def process(*words):
    """Run a command line in a process of its own."""
    source = str(Path(psoas.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source, "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, "-m", "psoas", *words], capture_output=True, text=True, env=environment, check=False
    )


def without_time(text):
    found = json.loads(text)
    found.pop("solve_seconds")
    return found


def strict(text):
    """JSON without NaN or Infinity, which Python would otherwise read."""

    def refuse(word):
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)


# -- help and lists -----------------------------------------------------------------------------------


def test_the_version(run):
    assert run("--version") == (0, f"psoas {psoas.__version__}\n", "")


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_the_help_names_every_command(run, words):
    code, out, _ = run(*words)
    assert code == 0
    assert all(name in out for name in ("rest", "compare", "positions", "props", "view", "export"))


@pytest.mark.parametrize("command", ["rest", "compare", "positions", "props", "view", "export"])
def test_every_command_has_help(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"psoas {command}" in out


def test_the_help_loads_nothing_heavy():
    heavy = "numpy", "scipy", "mujoco", "shapely", "resvg_py"
    code = f"import sys, psoas, psoas.cli; sys.exit(any(name in sys.modules for name in {heavy}))"
    source = str(Path(psoas.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": source}, check=False)
    assert done.returncode == 0


def test_the_help_knows_the_usual_number_of_bodies(run):
    assert cli.USUAL_MEMBERS == uncertainty.MEMBERS
    assert cli.UPRIGHT_MEMBERS == answer.MEMBERS
    usual = {"rest": cli.USUAL_MEMBERS, "compare": cli.USUAL_MEMBERS}
    for command in ("rest", "compare", "stand", "sit"):
        _, out, _ = run(command, "--help")
        assert f"{usual.get(command, cli.UPRIGHT_MEMBERS)} if not given" in " ".join(out.replace("│", " ").split())


def test_no_help_loses_what_stands_in_brackets():
    """Help is markup: a bracket that is not escaped takes the word behind it along."""
    group = typer.main.get_command(cli.app)
    helps = [one.help for one in group.commands.values()]
    helps += [p.help for one in group.commands.values() for p in one.params if getattr(p, "help", None)]
    assert any("[look]" in Text.from_markup(help).plain for help in helps)
    for help in helps:
        assert Text.from_markup(help).plain == help.replace("\\[", "[")


@pytest.mark.parametrize("command", ["set-up", "why", "evaluate"])
def test_the_help_names_the_table_of_a_look(run, command):
    _, out, _ = run(command, "--help")
    assert "under [look], such as" in " ".join(out.replace("│", " ").split())


def test_positions_come_with_what_their_sources_say(run):
    code, out, _ = run("positions")
    assert code == 0
    for said in ("constructive-rest", "supine", "--heel-distance", "--set lateral_tone=", "001", "002", "16 inches"):
        assert said in out


def test_positions_tell_what_standing_and_sitting_take(run):
    code, out, _ = run("positions")
    assert code == 0
    upright = " ".join(out.split("sitting  Sitting on a chair")[1].split())
    for said in (
        "psoas sit",
        "psoas stand",
        "--set seat_height=",
        "20 to 80 cm",
        "unsupported or backrest",
        "--set arms=",
    ):
        assert said in upright
    assert "-2 to 12 cm" in upright and "--arms" not in upright
    assert "where the arms are: sides; sides if not given" in upright


@pytest.mark.parametrize(("command", "id"), [("stand", "standing"), ("sit", "sitting")])
def test_the_help_names_all_that_can_be_set(run, command, id):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert not [name for name in upright_position(id).parameters if name not in out]


def test_props_come_with_their_thickness(run):
    code, out, _ = run("props")
    assert code == 0
    for said in ("towel", "pillow", "folded-blanket", "3 cm", "002"):
        assert said in out


# -- bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "sex, stature and mass are missing; give a person's file, or --sex female"),
        (("--sex", "female"), "stature and mass are missing"),
        ((*PERSON, "--sex", "f"), "sex is 'f'; give female or male"),
        ((*PERSON, "--stature", "17"), "stature is 17 cm; give"),
        ((*PERSON, "--stature", "1.72"), "stature is 1.72 cm; give 130 to 230 cm, or 1.72 m if meters were meant"),
        ((*PERSON, "--stature", "231"), "stature is 231 cm; give 130 to 230 cm."),
        ((*PERSON, "--stature", "1720"), "stature is 1720 cm; give"),
        ((*PERSON, "--stature", "nan"), "stature is 'nan', which is not a finite number; give a length"),
        ((*PERSON, "--stature", "tall"), "stature is 'tall'; give a length"),
        ((*PERSON, "--stature", ""), "stature is ''; give a length"),
        ((*PERSON, "--mass", "0"), "mass is 0 kg; give"),
        ((*PERSON, "--mass", "-5"), "which is negative; give a mass"),
        ((*PERSON, "--mass", "inf"), "not a finite number; give a mass"),
        ((*PERSON, "--age", "5"), "age is 5 years; give"),
        ((*PERSON, "--waist", "3"), "waist is 3 cm; give"),
        ((*PERSON, "--shortening", "2"), "left hip flexor shortening is 2; give 0 to 0.5, or 0% to 50%."),
        ((*PERSON, "--left-shortening", "much"), "left hip flexor shortening is 'much'; give a fraction"),
        ((*PERSON, "--right-leg", "20"), "right leg length is 20 cm; give 74 to 110 cm."),
        ((*PERSON, "--tone", "1"), "tone is 1; give 0 to 0.2, or 0% to 20%."),
        ((*PERSON, "--prop", "sock"), "prop is 'sock'; give towel"),
        ((*PERSON, "--prop", "towl=3"), "did you mean towel?"),
        ((*PERSON, "--prop", "towel="), "towel thickness is ''; give a length"),
        ((*PERSON, "--prop", "towel=99"), "towel thickness is 99 cm; give"),
        ((*PERSON, "--position", "sitting"), "position is 'sitting', in which nobody lies; give"),
        ((*PERSON, "--position", "supin"), "did you mean supine?"),
        ((*PERSON, "--position", "supine", "--heel-distance", "35"), "supine has no heel_distance; it has arms"),
        ((*PERSON, "--heel-distance", "200"), "heel distance is 200 cm; give"),
        ((*PERSON, "--heel-distance", "nan"), "not a finite number"),
        ((*PERSON, "--heel-distance", "85"), "heel distance is 85 cm; these legs reach"),
        ((*PERSON, "--foot-width", "1"), "foot width is 1 cm; give"),
        ((*PERSON, "--arms", "up"), "arms is 'up'; give"),
        ((*PERSON, "--surface", "bed"), "surface is 'bed'; give floor, mat or mattress"),
        ((*PERSON, "--set", "lateral_tone"), "give a name and a value"),
        ((*PERSON, "--set", "lateral_tone=soft"), "lateral tone is 'soft'; give 0 to"),
        ((*PERSON, "--set", "knees=2"), "constructive-rest has no knees; it has"),
        ((*PERSON, "--theme", "sepia"), "theme is 'sepia'; give light or dark"),
        (
            (*PERSON, "--picture", "me.svg", "--layer", "spleen"),
            "layer is 'spleen'; give neighbors, diaphragm, kidneys, organs, hammock, pendulum, shelf",
        ),
        ((*PERSON, "--layer", "kidneys"), "layer is 'kidneys' and no picture is asked for; give --picture or --png"),
        ((*PERSON, "--members", "many"), "members is 'many'; give a whole number from 0 to 1000"),
        ((*PERSON, "--members", "100000"), "members is '100000'; give a whole number"),
        ((*PERSON, "--picture", "/nowhere/me.svg"), "there is no folder /nowhere; give a file"),
        ((*PERSON, "--picture", "/"), "which is a folder; give a file"),
        ((*PERSON, "--picture", "me.png"), "does not end in .svg; give"),
        ((*PERSON, "--png", "me.svg"), "does not end in .png; give"),
        ((*PERSON, "--picture", ""), "picture is empty; give"),
        ((*PERSON, "--pictures", "x"), "psoas rest --help lists what there is"),
        ((*PERSON, *NONE, "--stature"), "requires an argument; psoas rest --help lists what there is"),
        (("nowhere.toml",), "nowhere.toml does not exist; give a person's file"),
        (("/",), "/ is a folder; give a person's file"),
        ((EXAMPLE, "again.toml"), "again.toml"),
        ((EXAMPLE, "--stature", "17"), "stature is 17 cm; give"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(run, words, said):
    code, out, err = run("rest", *words, *NONE) if "--members" not in words else run("rest", *words)
    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_what_was_typed_is_not_blamed_on_the_file(run):
    _, _, err = run("rest", EXAMPLE, "--stature", "17")
    assert err.startswith("stature is 17 cm")
    _, _, err = run("rest", EXAMPLE, "--left-shortening", "2")
    assert err.startswith("left hip flexor shortening is 2;")


def test_both_ends_of_what_a_leg_may_be_are_taken():
    with pytest.raises(InputError, match=r"^left leg length is 30 cm; give (\d+) to (\d+) cm$") as problem:
        Person("male", 1.75, 75.0, left=Limb(leg_length=0.3))
    expected = Person("male", 1.75, 75.0).expected_leg_length
    low, high = (int(word) for word in str(problem.value).split() if word.isdigit() and word != "30")
    assert 0 <= low - 80 * expected < 1 and 0 <= 120 * expected - high < 1
    for end in (low, high):
        assert Person("male", 1.75, 75.0, left=Limb(leg_length=0.01 * end))


@pytest.mark.parametrize("content", [b"", b"stature =", b"\x00\xff\x9f", b"statur = 172\n"])
def test_a_bad_file_is_one_sentence_and_code_2(run, tmp_path, content):
    path = tmp_path / "me.toml"
    path.write_bytes(content)
    code, out, err = run("rest", str(path))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert str(path) in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nonsense",), "psoas --help lists what there is"),
        (("--nonsense",), "psoas --help lists what there is"),
        (("export", EXAMPLE), "--mjcf"),
        (("export", EXAMPLE, "--mjcf", "/nowhere/body.xml"), "there is no folder /nowhere"),
        (("compare", EXAMPLE, "--positions", ""), "give ids with commas between them"),
        (("compare", EXAMPLE, "--positions", "supine"), "give at least one that is not lying straight"),
        (("compare", EXAMPLE, "--positions", "supine,sitting"), "position is 'sitting', in which nobody lies; give"),
        (("compare", EXAMPLE, "--members", "0"), "members is 0; give 1 to"),
        (("compare", EXAMPLE, "--set", "knees=2"), "has no knees"),
    ],
)
def test_other_commands_refuse_likewise(run, words, said):
    code, out, err = run(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_picture_that_cannot_be_written_after_all(run, quick, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    code, out, err = run("rest", *PERSON, *NONE, "--position", "supine", "--picture", str(tmp_path / "me.svg"))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "No space left on device" in err


def test_no_screen_is_one_sentence(run, monkeypatch):
    monkeypatch.setattr("psoas.mjcf.sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    code, _, err = run("view", *PERSON)
    assert (code, err.count("\n")) == (2, 1)
    assert "psoas export" in err


# -- rest ---------------------------------------------------------------------------------------------


def test_the_table_has_left_and_right_and_says_what_it_is():
    done = process("rest", EXAMPLE, *FEW, "--prop", "towel=1in", "--heel-distance", "14in")
    assert (done.returncode, done.stderr) == (0, "")
    out = done.stdout
    for said in (
        "Constructive rest", "female, 172 cm, 68 kg", "heels 14 in from the buttocks", "towel 1 in under the head",
        "Lordosis, T12 to S1", "Psoas major", "left", "right", "Iliacus", "compression", "Small of the back", "Pelvis",
        "A model's estimate, not a measurement", "2 bodies with these measurements",
        "leaves out", "Other ways it could rest",
    ):  # fmt: skip
        assert said in " ".join(out.split())
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "\x1b" not in out


def test_the_json_is_strict_and_complete():
    done = process("rest", EXAMPLE, *FEW, "--json", "--prop", "towel=3", "--psoas-minor")
    assert (done.returncode, done.stderr) == (0, "")
    found = strict(done.stdout)
    assert found["schema"] == "psoas.rest/1"
    assert found["status"] == "converged"
    assert set(found) == {
        "schema", "status", "message", "quantities", "interval", "residual", "alternatives", "warnings", "person",
        "position", "props", "weights", "solve_seconds", "model_version",
    }  # fmt: skip
    assert found["model_version"] == psoas.__version__
    assert found["interval"]["members"] == 2
    assert found["residual"]["moment"]["value"] < 1e-4
    assert found["residual"]["force"]["value"] < 1e-3
    assert found["person"]["stature"] == {"value": 172.0, "unit": "cm"}
    assert found["position"]["id"] == "constructive-rest"
    assert found["position"]["values"]["heel_distance"]["unit"] == "cm"
    assert found["position"]["surface"] == "floor"
    assert found["props"][0]["thickness"] == {"value": 3.0, "unit": "cm"}
    quantities = found["quantities"]
    for quantity in quantities.values():
        assert set(quantity) == {"value", "unit", "low", "high", "sources"}
        assert quantity["low"] <= quantity["value"] <= quantity["high"]
        assert all(math.isfinite(quantity[key]) for key in ("value", "low", "high"))
        assert quantity["sources"]
    sided = {
        f"{stem}_{side}"
        for stem in (
            "hip_flexion", "knee_flexion", "rib_gap", "thigh_gap", "psoas_major_hip_moment_arm", "friction_demand_heel",
            "lateral_stiffness_demand",
            *(
                f"{muscle}_{measure}"
                for muscle in ("psoas_major", "iliacus", "psoas_minor", "psoas_major_L1_TP", "iliacus_1")
                for measure in ("length", "normalized_fiber_length", "passive_force")
            ),
        )
        for side in ("left", "right")
    }  # fmt: skip
    spine = {f"{load}_{joint}" for load in ("compression", "shear") for joint in ("T12_L1", "L5_S1")}
    assert sided | spine | {"lumbar_lordosis", "pelvic_tilt", "lumbar_gap", "support_force_total"} <= set(quantities)
    for other in found["alternatives"]:
        assert set(other) == {"title", "differs"}


def test_a_rerun_is_the_same_to_the_last_bit(run):
    words = ("rest", EXAMPLE, *FEW, "--json", "--prop", "towel=3", "--psoas-minor")
    assert without_time(run(*words)[1]) == without_time(process(*words).stdout)


def test_options_go_over_the_file(run, quick, tmp_path):
    path = tmp_path / "me.toml"
    path.write_text('sex = "female"\nstature = 172\nmass = 68\n[left]\nhip_flexor_shortening = 0.1\nleg_length = 90\n')
    words = ("--stature", "5ft8in", "--left-shortening", "20%", "--right-shortening", "0", "--shortening", "0.3")
    code, out, _ = run("rest", str(path), *words, *NONE, "--json", "--mass", "150lb", "--position", "supine")
    assert code == 0
    person = strict(out)["person"]
    assert person["stature"]["value"] == pytest.approx(172.72)
    assert person["mass"]["value"] == pytest.approx(68.0388555)
    assert person["left"]["hip_flexor_shortening"]["value"] == pytest.approx(0.2)
    assert person["left"]["leg_length"]["value"] == pytest.approx(90.0)
    assert person["right"]["hip_flexor_shortening"]["value"] == 0.0


def test_a_person_outside_the_anthropometry_gets_one_warning(run, quick):
    words = ("rest", "--sex", "male", "--stature", "210", "--mass", "90", *NONE, "--position", "supine")
    code, out, _ = run(*words)
    assert code == 0
    assert out.count("lies outside") == 1
    assert "Stature 210 cm lies outside the 142 to 203 cm" in out


@pytest.mark.parametrize(("stature", "warned"), [("203", False), ("204", True), ("230", True)])
def test_the_ends_that_a_message_names_are_taken(stature, warned):
    found = cli.Who(sex="male", stature=stature, mass="100").person()
    assert any("lies outside the 142 to 203 cm" in said for said in found.warnings) == warned


def test_pictures_are_written(run, quick, tmp_path):
    svg, png = tmp_path / "me.svg", tmp_path / "me.png"
    words = ("rest", *PERSON, *NONE, "--position", "supine", "--theme", "dark")
    code, out, err = run(*words, "--picture", str(svg), "--png", str(png), "--json")
    assert code == 0
    strict(out)  # and nothing else
    assert err == f"Wrote {svg}\nWrote {png}\n"
    assert svg.read_bytes().startswith(b"<svg")
    assert png.read_bytes().startswith(b"\x89PNG")


def test_layers_are_put_on_the_picture(run, quick, tmp_path):
    svg = tmp_path / "me.svg"
    words = ("rest", *PERSON, *NONE, "--position", "supine", "--picture", str(svg))
    assert run(*words, "--layer", "kidneys", "--layer", "hammock")[0] == 0
    drawn = svg.read_text(encoding="utf-8")
    for name in LAYERS:
        assert (f'data-layer="{name}"' in drawn) == (name in ("kidneys", "hammock"))
    assert run("compare", *PERSON, *FEW, "--picture", str(svg), "--layer", "kidneys")[0] == 0
    assert svg.read_text(encoding="utf-8").count("also drawn, not computed") == 1


def unsettled(monkeypatch):
    """Let every search for rest fail."""

    def lost(*given, **options):
        found = estimate(*given, **{**options, "members": 0, "alternatives": False})
        return replace(found, status="not_converged", message="No resting place was found.", quantities={})

    estimate = uncertainty.estimate
    monkeypatch.setattr(uncertainty, "estimate", lost)


def test_no_rest_is_code_3_and_a_sentence(run, monkeypatch, tmp_path):
    unsettled(monkeypatch)
    svg = tmp_path / "me.svg"
    code, out, err = run("rest", *PERSON, "--position", "supine", "--picture", str(svg))
    assert (code, out) == (3, "")
    assert err == "Lying straight: No resting place was found.\n"
    assert not svg.exists()
    code, out, err = run("rest", *PERSON, "--position", "supine", "--json")
    found = strict(out)
    assert code == 3
    assert (found["status"], found["quantities"]) == ("not_converged", {})
    assert found["message"]


# -- compare and export -------------------------------------------------------------------------------


def test_positions_side_by_side():
    done = process("compare", EXAMPLE, *FEW)
    assert (done.returncode, done.stderr) == (0, "")
    for said in ("From lying straight", "change", "Psoas pull", "cannot tell", "In constructive rest:"):
        assert said in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


def test_the_comparison_as_json(run, quick, tmp_path):
    svg = tmp_path / "both.svg"
    code, out, _ = run("compare", EXAMPLE, *FEW, "--json", "--heel-distance", "35", "--picture", str(svg))
    assert code == 0
    found = strict(out)
    assert found["schema"] == "psoas.compare/1"
    assert list(found["positions"]) == ["supine", "constructive-rest"]
    assert found["baseline"] == "supine"
    change = found["changes"]["constructive-rest"]["psoas_major_length_left"]
    assert set(change) == {"value", "unit", "low", "high", "sources", "sign"}
    assert change["sign"] == -1
    lengths = [p["quantities"]["psoas_major_length_left"]["value"] for p in found["positions"].values()]
    assert change["value"] == pytest.approx(lengths[1] - lengths[0])
    assert svg.exists()


def test_lying_straight_is_always_there_to_compare_with(run, monkeypatch):
    unsettled(monkeypatch)
    code, out, err = run("compare", EXAMPLE, "--positions", "hook_lying", "--json")
    assert code == 3
    assert list(strict(out)["positions"]) == ["supine", "constructive-rest"]
    assert err.count("\n") == 2


def test_a_body_is_exported(run, tmp_path):
    path = tmp_path / "body.xml"
    code, out, err = run("export", *PERSON, "--position", "supine", "--mjcf", str(path))
    assert (code, out, err) == (0, f"Wrote {path}\n", "")
    assert path.read_text(encoding="utf-8").startswith("<mujoco")
