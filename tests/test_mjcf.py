import mujoco
import numpy as np
import pytest

from psoas import mjcf
from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.paths import muscle_paths
from psoas.body.skeleton import LEVELS
from psoas.energy import evaluate
from psoas.equilibrium import rest
from psoas.errors import InputError, PsoasError
from psoas.person import Limb, Person
from psoas.placement import conditions
from psoas.position import position
from psoas.props import prop

AVERAGE = Person("female", 1.72, 68.0)
LOPSIDED = Person("male", 1.83, 88.0, right=Limb(hip_flexor_shortening=0.15), psoas_minor=True)

# Both sides work in double precision from the same numbers; nothing but rounding may differ.
ROUNDING = 1e-12
# A settle ends at 2e-5 rad/s: slow modes, of about 3 rad/s, are then within 1e-5 rad of rest.
TURN = np.deg2rad(0.005)
FORCE = 0.05  # [N]; skin of 10 kN/m that is 5 um off
WEIGHT = 1e-4  # of the body weight; the issue asks for 1e-3
EXPORTED = 0.2  # [N, N·m]; MJCF is written with six digits


def lie(person, name, props=()):
    body, where = build(person), position(name)
    found = rest(body, where, props, conditions(body, where, friction=3.0))
    assert found.converged.all(), found.messages
    return found


@pytest.fixture(scope="module")
def supine():
    return lie(AVERAGE, "supine")


@pytest.fixture(scope="module")
def bent():
    return lie(LOPSIDED, "constructive-rest", [prop("towel")])


# -- geometry -------------------------------------------------------------------------------------------


def test_qpos_is_our_free_coordinates(supine):
    tree, model = supine.body.tree, mjcf.model(supine)
    names = [model.joint(k).name for k in range(model.njnt)]
    assert names == [tree.coordinates[c] for c in tree.active]
    assert model.key("rest").qpos == pytest.approx(supine.coordinates[0, tree.active], abs=0)


def random_postures(equilibrium, count):
    """Around the rest, and over the whole range of hip and knee."""
    tree, rng = equilibrium.body.tree, np.random.default_rng(0)
    at = np.repeat(equilibrium.coordinates, count, axis=0)
    at[:, tree.active] += rng.uniform(-0.25, 0.25, (count, tree.active.size))
    for end in ("_r", "_l"):
        at[:, tree.coordinate("femur" + end, "flexion")] = np.deg2rad(rng.uniform(-20.0, 120.0, count))
        at[:, tree.coordinate("tibia" + end, "flexion")] = np.deg2rad(rng.uniform(-120.0, 2.0, count))
    return at


def test_frames_tendon_lengths_and_jacobians_are_ours(bent):
    body, tree = bent.body, bent.body.tree
    model = mjcf.model(bent)
    data = mujoco.MjData(model)
    muscles = len(tree.muscles)
    row = np.repeat(np.arange(model.ntendon), model.ten_J_rownnz)
    wraps = 0
    for at in random_postures(bent, 60):
        data.qpos[:] = at[tree.active]
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        mujoco.mj_tendon(model, data)
        frame = pose(body, at[None])
        paths = muscle_paths(body, frame)
        assert data.xpos[[model.body(name).id for name in tree.segments]] == pytest.approx(
            frame.position[0], abs=ROUNDING
        )
        assert data.ten_length[:muscles] == pytest.approx(paths.length[0], abs=ROUNDING)
        jacobian = np.zeros((model.ntendon, model.nv))
        jacobian[row, model.ten_J_colind] = data.ten_J
        assert jacobian[:muscles] == pytest.approx(paths.arms[0][:, tree.active], abs=ROUNDING)
        wraps += int(paths.bends.touches.sum())
    assert wraps > 200  # or the cylinders were not tried


def test_mass_is_ours(bent):
    assert mjcf.model(bent).body_mass.sum() == pytest.approx(bent.body.mass.sum(), abs=1e-8)


# -- second opinion -------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [AVERAGE, LOPSIDED], ids=["average", "lopsided"])
@pytest.mark.parametrize("name", ["supine", "constructive-rest"])
def test_a_disturbed_body_settles_where_ours_rests(person, name):
    equilibrium = lie(person, name)
    settled = mjcf.settle(equilibrium, seed=1)
    assert settled.status == "settled", settled.message
    found = settled.rest
    assert found.agrees
    assert found.turn_difference < TURN
    assert found.slide_difference < 1e-6
    assert found.force_difference < FORCE
    assert found.reaction_difference < FORCE
    assert found.support_force_total == pytest.approx(equilibrium.body.weight[0], rel=WEIGHT)
    assert sum(found.support_force.values()) == pytest.approx(found.support_force_total)


def test_it_settles_on_a_towel_too(bent):
    settled = mjcf.settle(bent)
    assert settled.status == "settled", settled.message
    assert settled.rest.turn_difference < TURN
    contact = bent.evaluation().touch
    head = bent.body.tree.skin_regions.index("head")
    assert contact.props[0, 0, head] > 10.0  # the towel does carry the head
    assert settled.rest.support_force["head"] == pytest.approx(
        (contact.props[0, 0, head] * contact.prop_normal[0, 0, head, 2]) + contact.floor[0, head], abs=FORCE
    )


def test_settling_is_repeatable(supine):
    first, second = mjcf.settle(supine), mjcf.settle(supine)
    assert np.array_equal(first.rest.coordinates, second.rest.coordinates)


def test_out_of_time_has_a_status_and_no_numbers(supine):
    settled = mjcf.settle(supine, seconds=0.1)
    assert settled.status == "not_settled"
    assert settled.rest is None
    assert "still moving" in settled.message


def test_a_body_flung_about_has_a_status_and_no_numbers(supine, monkeypatch, tmp_path, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mjcf, "DAMPING", -100.0)
    assert mjcf.settle(supine).status == "not_settled"
    monkeypatch.setattr(mjcf, "FLUNG", np.inf)
    settled = mjcf.settle(supine)
    assert settled.status == "warned", settled.message
    assert settled.rest is None
    assert list(tmp_path.iterdir()) == []  # MuJoCo would write a log here
    assert capfd.readouterr() == ("", "")


def test_only_a_body_at_rest_is_taken(supine):
    restless = rest(supine.body, position("supine"), start=supine.coordinates, support=supine.support)
    object.__setattr__(restless, "converged", np.array([False]))
    for action in (mjcf.settle, mjcf.joint_reactions, mjcf.to_xml):
        with pytest.raises(InputError, match="body 0 is not at rest"):
            action(restless)
    with pytest.raises(InputError, match="member is 1; give 0 to 0"):
        mjcf.model(supine, 1)


# -- joint reactions ------------------------------------------------------------------------------------


def test_joint_forces_are_those_of_virtual_work(bent):
    """Lifting all that a joint carries by a small way stores the work that the joint's force does."""
    reactions = mjcf.joint_reactions(bent)
    assert reactions.joints == ("L5-S1", "L4-L5", "L3-L4", "L2-L3", "L1-L2", "T12-L1")
    body, tree = bent.body, bent.body.tree
    rotation = bent.evaluation().pose.rotation[0]
    step = 1e-5
    for k, level in enumerate(LEVELS):
        segment = tree.segment(level)
        below = rotation[tree.parents[segment]]
        for axis in range(3):
            way = below.T @ reactions.frame[k][:, axis]
            stored = []
            for sign in (1.0, -1.0):
                place = body.joint_position.copy()
                place[0, segment] += sign * step * way
                moved = type(body)(**{**vars(body), "joint_position": place})
                stored.append(float(evaluate(moved, bent.support, bent.coordinates, second=False).energy[0]))
            work = (stored[0] - stored[1]) / (2.0 * step)
            assert reactions.force[k, axis] == pytest.approx(work, abs=FORCE)
    assert reactions.compression == pytest.approx(reactions.force[:, 1])
    assert reactions.shear == pytest.approx(-reactions.force[:, 0])


def test_joint_frames_are_right_handed_and_halfway(supine):
    reactions = mjcf.joint_reactions(supine)
    tree, rotation = supine.body.tree, supine.evaluation().pose.rotation[0]
    for k, level in enumerate(LEVELS):
        segment = tree.segment(level)
        below = rotation[tree.parents[segment]] @ supine.body.joint_orientation[0, segment]
        frame = reactions.frame[k]
        assert np.linalg.det(frame) == pytest.approx(1.0)
        assert frame.T @ below == pytest.approx((frame.T @ rotation[segment]).T, abs=ROUNDING)


# -- export ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["supine", "bent"])
def test_the_exported_file_rests_at_its_keyframe(which, request, tmp_path):
    equilibrium = request.getfixturevalue(which)
    path = tmp_path / "body.xml"
    mjcf.export(equilibrium, path)
    text = path.read_text(encoding="utf-8")
    assert "Linearised where it rests" in text
    model = mujoco.MjModel.from_xml_string(text)
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, model.key("rest").id)
    mujoco.mj_forward(model, data)
    assert model.body_mass.sum() == pytest.approx(equilibrium.body.mass.sum(), rel=1e-5)
    lengths = equilibrium.evaluation().paths.length[0]
    assert data.ten_length[: lengths.size] == pytest.approx(lengths, abs=1e-5)
    assert np.abs(data.qfrc_passive + data.qfrc_constraint - data.qfrc_bias).max() < EXPORTED

    start = data.qpos.copy()
    while data.time < 1.0:
        mujoco.mj_step(model, data)
    assert np.abs(data.qpos - start).max() < np.deg2rad(0.02)
    assert not any(warning.number for warning in data.warning)


def test_a_path_that_cannot_be_written_is_said(supine, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        mjcf.export(supine, tmp_path / "no" / "such" / "folder.xml")
    with pytest.raises(InputError, match="cannot be written"):
        mjcf.export(supine, tmp_path)


def test_without_a_screen_the_viewer_says_so(supine, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(PsoasError, match="no screen"):
        mjcf.view(supine)
