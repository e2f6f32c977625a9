"""A part of a body moves as the whole does."""

import numpy as np
import pytest

from psoas.body.kinematics import pose
from psoas.body.muscles import PSOAS_MAJOR
from psoas.body.paths import muscle_paths
from psoas.body.reduce import only
from psoas.errors import InputError

ROUNDING = 1e-12
CHOSEN = (*(line + "_r" for line in PSOAS_MAJOR), "iliacus_1_l", "rectus_femoris_r")


def test_lines_of_a_part_are_those_of_the_whole(lopsided, rng):
    part = only(lopsided, CHOSEN)
    whole_tree, tree = lopsided.tree, part.tree
    assert tree.muscles == CHOSEN
    assert len(tree.segments) < len(whole_tree.segments)
    columns = [whole_tree.coordinates.index(name) for name in tree.coordinates]
    rows = [whole_tree.muscles.index(name) for name in CHOSEN]
    for _ in range(10):
        at = lopsided.standing + 0.3 * rng.normal(size=lopsided.standing.shape)
        whole = muscle_paths(lopsided, pose(lopsided, at))
        found = muscle_paths(part, pose(part, at[:, columns]))
        assert found.length == pytest.approx(whole.length[:, rows], abs=ROUNDING)
        assert found.arms == pytest.approx(whole.arms[:, rows][:, :, columns], abs=ROUNDING)


def test_what_no_chosen_line_reaches_is_left_out(lopsided):
    part = only(lopsided, ("psoas_minor_r",))
    assert "femur_r" not in part.tree.segments
    assert part.tree.segments[0] == "pelvis"
    assert part.tree.skin == ()


def test_a_muscle_nobody_knows_is_named(lopsided):
    with pytest.raises(InputError, match="muscle is 'soas_r'; give any of"):
        only(lopsided, ("soas_r",))


def test_every_line_alone_gives_its_own_length(average):
    whole = muscle_paths(average, pose(average, average.standing)).length[0]
    for m, name in enumerate(average.tree.muscles):
        part = only(average, (name,))
        columns = [average.tree.coordinates.index(c) for c in part.tree.coordinates]
        assert muscle_paths(part, pose(part, average.standing[:, columns])).length[0, 0] == pytest.approx(
            whole[m], abs=ROUNDING
        )
    assert np.all(whole > 0.02)
