import pytest

from psoas.anatomy import sources
from psoas.errors import DataError

TWO = """
Text between entries is ignored, even with an address a@b.c in it.

@Article{ward2009,
  author = {Ward, Samuel R. and {Others}},
  title  = "Are Current Measurements of {L}ower Extremity
            Muscle Architecture Accurate?",
  year   = 2009,
  pages  = {1074--1082},
}
@misc{model, note = {nested {braces {twice}}, and a comma}}
"""


def test_braced_quoted_and_bare_fields():
    ward, model = sources.parse(TWO).values()
    assert (ward.key, ward.type, model.type) == ("ward2009", "article", "misc")
    assert ward.fields == {
        "author": "Ward, Samuel R. and {Others}",
        "title": "Are Current Measurements of {L}ower Extremity Muscle Architecture Accurate?",
        "year": "2009",
        "pages": "1074--1082",
    }
    assert model.fields == {"note": "nested {braces {twice}}, and a comma"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("@misc{a, note = {open", "'a' is not closed"),
        ('@misc{a, note = "open', "'a' is not closed"),
        ("@misc{a, note = {x},", "'a' has an unreadable field"),
        ("@misc{a, = {x}}", "'a' has an unreadable field"),
        ("@misc{a, note = {x}, note = {y}}", "gives 'note' twice"),
        ("@misc{a, note = {x}}\n@misc{a, note = {y}}", "'a' stands twice"),
    ],
)
def test_a_broken_entry_is_named(text, sentence):
    with pytest.raises(DataError, match=sentence):
        sources.parse(text)


def test_every_entry_of_ours_can_be_found_by_a_reader():
    for source in sources.load().values():
        assert source.fields.get("title") or source.fields.get("howpublished"), source.key
        assert source.type == "misc" or {"author", "editor"} & source.fields.keys(), source.key


def test_an_unknown_key_names_its_neighbours():
    key = next(iter(sources.load()))
    assert sources.get(key).key == key
    with pytest.raises(DataError, match=f"it has .*{key}"):
        sources.get(f"{key}x")
