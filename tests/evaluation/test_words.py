"""What a reader gets: a table, JSON, a look in a person's file, and one sentence where something cannot be used."""

import json

import pytest
from rich.console import Console

from psoas import cli
from psoas.errors import InputError
from psoas.evaluation import evaluate, prior, words
from psoas.noticing import CANT_TELL, seen
from psoas.person import Person
from psoas.person_file import read_look, read_person

PLAIN = 'sex = "female"\nstature = 172\nmass = 68\n'
LOOK = '[look]\nhow = "helper"\nlumbar_arch = "3 fingers"\nribs_left = 2\nthigh-left = "3 cm"\nthigh_right = "can\'t tell"\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "me.toml"
    path.write_text(PLAIN + LOOK, encoding="utf-8")
    return path


@pytest.fixture
def run(capsys):
    def call(*said):
        with pytest.raises(SystemExit) as left:
            cli.main(said)
        told = capsys.readouterr()
        return left.value.code, told.out, told.err

    return call


@pytest.fixture(scope="module")
def found():
    look = {"lumbar_arch": seen("3 fingers", "helper"), "thigh_left": seen("3 cm", "helper"), "ribs_left": seen("?")}
    return evaluate(Person("female", 1.72, 68.0), look)


def printed(what):
    console = Console(width=100)
    with console.capture() as told:
        console.print(what)
    return told.get()


def test_a_look_stands_in_a_persons_file(file):
    look = read_look(file)
    assert look["lumbar_arch"] == seen("3 fingers", "helper")
    assert look["ribs_left"].value == pytest.approx(0.02)
    assert look["thigh_left"].how == "helper"
    assert look["thigh_right"].said == CANT_TELL
    assert set(look) == {"lumbar_arch", "ribs_left", "thigh_left", "thigh_right"}
    assert read_person(file) == Person("female", 1.72, 68.0)


def test_a_file_without_a_look_has_none(tmp_path):
    path = tmp_path / "me.toml"
    path.write_text(PLAIN, encoding="utf-8")
    assert read_look(path) == {}


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("look = 3\n", "look is 3; give a table [look]"),
        ("[look]\nknee = 2\n", "in [look], 'knee' is no key here; give any of lumbar_arch"),
        ("[look]\nthigh_lef = 2\n", "did you mean thigh_left?"),
        ("[look]\nlumbar_arch = true\n", "lumbar_arch is True; give fingers or a length"),
        ("[look]\nlumbar_arch = [2]\n", "lumbar_arch is [2]; give fingers or a length"),
        ('[look]\nlumbar_arch = "far"\n', "small of the back is 'far'; give fingers or a length"),
        ("[look]\nlumbar_arch = 40\n", "small of the back is 40, 40 cm; give 0 to 15 cm"),
        ("[look]\nlumbar_arch = -1\n", "small of the back is '-1'"),
        ('[look]\nhow = "ruler"\nlumbar_arch = 1\n', "was taken by 'ruler'; give strip, photo, helper or guess"),
        ("[look]\nhow = 2\nlumbar_arch = 1\n", "was taken by '2'; give strip"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_in_one_sentence(tmp_path, table, sentence):
    path = tmp_path / "me.toml"
    path.write_text(PLAIN + table if table.startswith("[") else table + PLAIN, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_look(path)
    assert sentence in str(refused.value)
    assert str(path) in str(refused.value)


def test_the_table_says_every_parameter_and_gap_once(found):
    text = printed(words.as_table(found))
    for parameter in prior.PARAMETERS:
        assert text.count(parameter.title[0].upper() + parameter.title[1:]) == 1
    assert "3 fingers" in text
    assert "can't tell" in text
    assert "not told" in text
    assert "estimate, not a measurement" in text
    assert "r = -0.09" in text


def test_json_is_plain_and_the_same_but_for_the_time(found):
    told = words.as_json(found)
    again = json.loads(json.dumps(told, allow_nan=False))
    assert again["schema"] == "psoas.evaluate/1"
    assert again["status"] == "evaluated"
    assert again["gaps"]["lumbar_arch"]["seen"]["said"] == "3 fingers"
    assert again["gaps"]["thigh_right"]["seen"] is None
    after = again["parameters"]["pelvic_incidence"]["after"]
    assert after["low"] < after["value"] < after["high"]
    assert after["unit"] == "deg"
    assert again["interval"]["bodies"] == found.solved > 120


def test_the_command_reads_the_file_and_what_is_typed_goes_before(run, file):
    code, out, _ = run("evaluate", str(file), "--look", "lumbar-arch=4cm", "--how", "photo", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["gaps"]["lumbar_arch"]["seen"] == seen("4cm", "photo").as_dict()
    assert told["gaps"]["ribs_left"]["seen"]["how"] == "helper"


def test_the_command_without_a_look_says_what_is_known_of_anybody(run):
    code, out, _ = run("evaluate", "--sex", "female", "--stature", "172", "--mass", "68")
    assert code == 0
    assert "No answer of this look tells anything" in out
    assert "not told" not in out


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("--look", "lumbar_arch"), "--look is 'lumbar_arch'; give a place and a gap"),
        (("--look", "knee=2"), "'knee' is no key here"),
        (("--look", "how=helper"), "'how' is no key here"),
        (("--look", "lumbar_arch=2", "--how", "eye"), "was taken by 'eye'"),
        (("--look", "lumbar_arch=20"), "give 0 to 15 cm"),
    ],
)
def test_a_command_line_that_cannot_be_used_gets_one_sentence(run, said, sentence):
    code, out, err = run("evaluate", "--sex", "female", "--stature", "172", "--mass", "68", *said)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
