"""A person's file: what is read, and the sentence where it cannot be."""

from pathlib import Path

import pytest

from psoas.errors import InputError
from psoas.person import Limb, Person
from psoas.person_file import LIMB_READERS, READERS, checked, make_person, read_fields, read_person

EXAMPLE = Path(__file__).parents[1] / "examples" / "person.toml"
PLAIN = 'sex = "female"\nstature = 172\nmass = 68\n'


def written(folder, content):
    path = folder / "me.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_the_example_is_a_person():
    assert read_person(EXAMPLE) == Person("female", 1.72, 68.0)


def test_every_key_stands_in_the_example():
    text = EXAMPLE.read_text(encoding="utf-8")
    assert all(f"{key} = " in text for key in (*READERS, *LIMB_READERS))


def test_the_example_uncommented_is_a_person_too(tmp_path):
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    keys = (*READERS, *LIMB_READERS, "[")
    opened = [s[2:] if s.startswith("# ") and s[2:].startswith(keys) and ("=" in s or "]" in s) else s for s in lines]
    person = read_person(written(tmp_path, "\n".join(opened)))
    assert person.right == Limb(0.1, 0.90)
    assert person.waist == pytest.approx(0.78)
    assert person.age == 40


def test_values_may_carry_their_unit(tmp_path):
    path = written(
        tmp_path,
        'sex = "Male"\nstature = "5ft 8in"\nmass = "150 lb"\nwaist = "32in"\npsoas_minor = true\n'
        '[left]\nhip_flexor_shortening = "20%"\nleg_length = "0.9 m"\n',
    )
    person = read_person(path)
    assert person.sex == "male"
    assert person.stature == pytest.approx(68 * 0.0254)
    assert person.mass == pytest.approx(150 * 0.45359237)
    assert person.waist == pytest.approx(32 * 0.0254)
    assert person.psoas_minor is True
    assert person.left == Limb(pytest.approx(0.2), 0.9)
    assert person.right == Limb()


def test_a_byte_order_mark_is_no_harm(tmp_path):
    assert read_person(written(tmp_path, b"\xef\xbb\xbf" + PLAIN.encode())).stature == 1.72


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty; give at least sex"),
        ("# a comment\n", "is empty"),
        ("stature = \n", "is not TOML: .*line 1.*stature = 172"),
        ("stature = 1\nstature = 2\n", "is not TOML"),
        ("a = " + "[" * 5000, "nested too deeply"),
        ("stature = " + "9" * 6000, "is not TOML"),
        (b"\x00\xff\xfe\x93", "is not text in UTF-8"),
        (PLAIN.encode("utf-16"), "is not text in UTF-8"),
        (b"#" * 200_000, "more than 100 kB"),
        (PLAIN + "statur = 3\n", r"'statur' is no key here \(did you mean stature\?\); give any of sex"),
        (PLAIN + "height = 3\n", r"did you mean stature\?"),
        (PLAIN + "weight = 3\n", r"did you mean mass\?"),
        (PLAIN + "zzz = 3\n", "'zzz' is no key here; give any of sex"),
        (PLAIN + "hip_flexor_shortening = 0.1\n", r"give it under \[left\] or \[right\]"),
        (PLAIN + "left = 3\n", r"left is 3; give a table \[left\]"),
        (PLAIN + "[left]\nleglength = 90\n", r"in \[left\], 'leglength' .*leg_length"),
        (PLAIN + "[right]\nleg_length = 20\n", "right leg length is 20 cm; give"),
        (PLAIN + "[right]\nhip_flexor_shortening = 2\n", "right hip flexor shortening is 2; give 0 to 0.5"),
        (PLAIN + "[right]\nhip_flexor_shortening = 'much'\n", "is 'much'; give a fraction"),
        (PLAIN + "age = 'old'\n", "age is 'old'; give a number of years"),
        (PLAIN + "age = true\n", "age is True; give a number of years"),
        (PLAIN + "tone = inf\n", "tone is inf, which is not a finite number"),
        (PLAIN + "tone = 'nan%'\n", "tone is 'nan%', which is not a finite number"),
        (PLAIN + "psoas_minor = 'yes'\n", "psoas minor is 'yes'; give true or false"),
        (PLAIN + "waist = 1979-05-27\n", "waist is .*give a length"),
        (PLAIN + "calf = '3 kg'\n", "calf is '3 kg'; give a length"),
        (PLAIN.replace("172", "17"), "stature is 17 cm; give"),
        (PLAIN.replace("172", "1720"), "stature is 1720 cm; give"),
        (PLAIN.replace("172", "nan"), "stature is nan, which is not a finite number; give a length"),
        (PLAIN.replace("68", "0"), "mass is 0 kg; give"),
        (PLAIN.replace("68", "'68 cm'"), "mass is '68 cm'; give a mass"),
        (PLAIN.replace('"female"', "3"), "sex is 3; give female or male"),
        (PLAIN.replace("mass = 68\n", ""), "mass is missing; a person needs sex"),
        ("age = 40\n", "sex, stature and mass are missing"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_one_sentence_that_names_it(tmp_path, content, said):
    path = written(tmp_path, content)
    with pytest.raises(InputError, match=said) as problem:
        read_person(path)
    message = str(problem.value)
    assert message.startswith(str(path))
    assert "\n" not in message


@pytest.mark.parametrize(
    ("path", "said"),
    [("", "name is empty"), ("nowhere.toml", "does not exist"), ("/", "is a folder"), ("a\0b", "cannot be read")],
)
def test_a_path_without_a_file_is_refused(path, said):
    with pytest.raises(InputError, match=f"{said}.*give a person's file"):
        read_fields(path)


def test_a_refused_value_that_was_typed_does_not_blame_the_file():
    fields = checked({"sex": "female", "stature": 17, "mass": 68})
    with pytest.raises(InputError, match=r"^stature is 17 cm"):
        make_person(fields, "me.toml", given=("stature",))
    with pytest.raises(InputError, match=r"^me.toml: stature is 17 cm"):
        make_person(fields, "me.toml", given=("mass",))
