"""Retargeting: any humanoid rig follows the 22 joints, whatever its rest pose, axes, unit and tree."""

from itertools import islice

import numpy as np
import pytest

from hephaestus.bodies import load_body
from hephaestus.captured import motion_of
from hephaestus.metrics import Report, lowest_vertex, measure
from hephaestus.motion import Motion
from hephaestus.retarget import Retargeter
from hephaestus.rig import make_rig
from hephaestus.skeleton import JOINT
from tests.hephaestus.sample_rigs import (
    A_POSE,
    CROUCH,
    SHARED,
    humanoid,
    needs_shared,
    pose_rotations,
    recorded,
    t_pose,
    walk,
    wild,
)

_Z_UP = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], float)
_BACK = np.diag([-1.0, 1.0, -1.0])
VARIANTS = {
    "A-pose": {"pose": A_POSE},
    "other axes": {"pose": A_POSE, "axes_seed": 1},
    "crouch": {"pose": CROUCH, "axes_seed": 2},
    "five spine joints": {"spine": 5, "axes_seed": 3},
    "loose thighs and feet": {"pose": A_POSE, "loose": True, "axes_seed": 4},
    "centimetres, z up, facing x": {"unit": 0.01, "turn": _Z_UP, "axes_seed": 5},
    "facing back (VRM 0.x)": {"turn": _BACK},
}


def joints_of(retargeter: Retargeter, motion: Motion) -> dict[str, np.ndarray]:
    rig = retargeter.rig
    points = rig.asset.world(retargeter(motion))[..., :3, 3]
    return {role: points[:, nodes[-1]] for role, nodes in rig.roles.items()}


def error(found: dict[str, np.ndarray], motion: Motion, joints=None) -> float:
    from tests.hephaestus.sample_rigs import ROLES

    worst = 0.0
    for role, name in ROLES.items():
        joint = JOINT[name[-1] if isinstance(name, list) else name]
        if role in found and (joints is None or joint in joints):
            worst = max(worst, float(np.linalg.norm(found[role] - motion.joints[:, joint], axis=-1).max()))
    return worst


def test_the_same_skeleton_follows_to_the_millimetre():
    motion = wild(0)
    assert error(joints_of(Retargeter(humanoid()), motion), motion) < 0.006


@pytest.mark.parametrize("name", VARIANTS)
def test_rest_pose_axes_unit_and_tree_do_not_matter(name):
    motion = wild(1)
    found = joints_of(Retargeter(humanoid(**VARIANTS[name])), motion)
    limbs = [j for n, j in JOINT.items() if not n.startswith(("spine", "neck", "head"))]
    assert error(found, motion, limbs) < {"crouch": 0.1, "five spine joints": 0.03}.get(name, 0.006)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_t_pose_is_reached_from_every_rest(name):
    found = joints_of(Retargeter(humanoid(**VARIANTS[name])), t_pose())
    # A leg that is quite straight gives a little, which moves its knee by two centimetres.
    assert error(found, t_pose()) < (0.08 if name == "crouch" else 0.03)
    arms = [j for n, j in JOINT.items() if n.endswith(("shoulder", "elbow", "wrist"))]
    assert error(found, t_pose(), arms) < (0.08 if name == "crouch" else 0.006)


def test_one_spine_joint_carries_the_chest():
    motion = wild(2)
    found = joints_of(Retargeter(humanoid(spine=1)), motion)
    bent = found["L_upperarm"] - found["R_upperarm"]
    wanted = motion.joints[:, 16] - motion.joints[:, 17]
    cosine = (bent * wanted).sum(-1) / np.linalg.norm(bent, axis=-1) / np.linalg.norm(wanted, axis=-1)
    assert cosine.min() > 0.98


def test_batch_and_stream_agree():
    retargeter, motion = Retargeter(humanoid(A_POSE, axes_seed=7)), walk()
    whole = retargeter(motion)
    one, some = retargeter.stream(), retargeter.stream()
    single = np.concatenate([one(motion[i : i + 1]) for i in range(len(motion))])
    pieces = np.concatenate([some(motion[a:b]) for a, b in ((0, 7), (7, 8), (8, 31), (31, 60))])
    np.testing.assert_allclose(single, whole, atol=3e-6)
    np.testing.assert_allclose(pieces, whole, atol=3e-6)
    assert whole.dtype == np.float32


def test_planted_feet_stay_where_they_are_though_the_source_slides():
    motion = walk(1.2)
    slid = motion.joints.copy()
    slid[..., 2] += 0.1 * np.arange(len(motion))[:, None] / 20.0
    report = measure(Retargeter(humanoid(A_POSE)), Motion(slid, motion.rotations, motion.contacts))
    assert report.source_skate_cm_s > 5.0
    assert report.skate_cm_s < report.source_skate_cm_s - 2.0


def test_an_offset_fades_when_the_foot_has_gone():
    from hephaestus.lock import Lock

    points = np.zeros((30, 2, 2, 2), np.float32)
    points[:10, :, :, 1] = 0.005 * np.arange(10)[:, None, None]
    points[10:] = points[9]
    planted = np.zeros((30, 2, 2), np.float32)
    planted[:10] = 1.0
    offsets = Lock(0.1).hold(points, planted)
    assert offsets[9, 0, 1] == pytest.approx(-0.045, abs=0.012)
    assert np.abs(offsets[20:]).max() < 0.005


def test_a_tail_stays_level_and_the_trunk_keeps_its_lean():
    from hephaestus.anatomy import find_rig
    from tests.hephaestus.figures import fleshed, man

    figure = man(spine=(0, 1.05, 0.1), chest=(0, 1.2, 0.3), neck=(0, 1.4, 0.45), head=(0, 1.5, 0.5))
    for k in range(4):
        figure[f"tail{k}"] = (f"tail{k - 1}" if k else "hips", (0, 0.9, -0.15 - 0.25 * k))
    asset, index = fleshed(figure)
    rig = find_rig(asset)
    points = asset.world(Retargeter(rig)(walk(1.2)))[..., :3, 3]
    tail = points[:, index["tail3"]] - points[:, index["tail0"]]
    trunk = points[:, index["chest"]] - points[:, index["hips"]]
    assert np.abs(tail[:, 1] / np.linalg.norm(tail, axis=1)).max() < 0.2
    assert (trunk[:, 2] / np.linalg.norm(trunk, axis=1)).min() > 0.5


def test_unmapped_nodes_keep_their_rest():
    retargeter = Retargeter(humanoid(toes=False))
    rig = retargeter.rig
    local = retargeter(walk())
    for node in np.setdiff1d(np.arange(len(rig.asset)), retargeter.puppet.nodes):
        np.testing.assert_allclose(local[:, node], np.tile(rig.rest_local[node], (60, 1, 1)), atol=1e-6)


@pytest.mark.parametrize("speed", [0.0, 1.2, 3.0])
def test_planted_feet_stand_still_on_the_floor(speed):
    rig = humanoid(A_POSE)
    report = measure(Retargeter(rig), walk(speed))
    assert report.penetration_cm < 0.3
    assert report.float_cm < 1.0
    assert report.skate_cm_s < report.source_skate_cm_s + 2.0
    assert report.limb_direction_deg < 6.0
    assert report.flips == 0


def test_a_body_of_other_size_steps_by_its_legs():
    rig = humanoid(unit=1.0)
    small = make_rig(rig.asset, {r: list(n) for r, n in rig.roles.items()}, height_m=rig.height_m * 0.6)
    retargeter = Retargeter(small)
    assert retargeter.ratio == pytest.approx(0.6, rel=1e-3)
    motion = walk()
    report = measure(retargeter, motion)
    assert report.skate_cm_s < 0.6 * report.source_skate_cm_s + 2.0
    hips = small.asset.world(retargeter(motion))[:, small.node("hips"), :3, 3]
    np.testing.assert_allclose(hips[:, [0, 2]], motion.joints[:, 0, [0, 2]], atol=0.02)
    assert hips[:, 1].mean() == pytest.approx(0.6 * motion.joints[:, 0, 1].mean(), abs=0.02)


def test_knees_bend_forward_and_elbows_too():
    squat = pose_rotations(L_hip=(-1.2, 0, 0), R_hip=(-1.2, 0, 0), L_knee=(1.9, 0, 0), R_knee=(1.9, 0, 0))
    from hephaestus import ik

    joints = ik.forward(squat, np.array([0, 0.62, 0], np.float32))[None]
    motion = Motion(joints, ik.rotations_from_joints(joints), np.zeros((1, 4), np.float32))
    for options in VARIANTS.values():
        found = joints_of(Retargeter(humanoid(**options)), motion)
        for side in "LR":
            middle = 0.5 * (found[f"{side}_thigh"] + found[f"{side}_foot"])
            assert (found[f"{side}_shin"] - middle)[0, 2] > 0.15


def test_a_contact_over_a_step_is_not_dragged_to_the_floor():
    rig = humanoid()
    motion = t_pose()
    motion.joints[..., 1] += 0.5
    world = rig.asset.world(Retargeter(rig)(motion))
    assert lowest_vertex(rig, world)[0] == pytest.approx(0.5, abs=0.02)


HUMANOIDS = ("m2m_human_male", "m2m_kaiju_animated", "khr_rigged_figure", "robot_expressive")


def holds(reports: list[Report]) -> None:
    """The bar of a retarget, in the mean of several clips."""
    mean = {
        name: np.mean([getattr(report, name) for report in reports])
        for name in ("limb_direction_deg", "skate_cm_s", "source_skate_cm_s", "penetration_share", "jerk_ratio")
    }
    assert mean["limb_direction_deg"] <= 6.0
    assert mean["skate_cm_s"] <= mean["source_skate_cm_s"] + 2.0
    assert mean["penetration_share"] <= 0.01
    assert mean["jerk_ratio"] <= 1.3
    assert sum(report.flips for report in reports) == 0


@needs_shared
@pytest.mark.parametrize("name", HUMANOIDS)
def test_real_rigs_follow_recorded_motion(name):
    retargeter = load_body(SHARED / "glb" / f"{name}.glb").driver.retargeter
    holds([measure(retargeter, recorded(clip)) for clip in ("walk", "hop_turn")])


@pytest.fixture(scope="module")
def acrobatics() -> list[Motion]:
    """What a wheel of pybullet carries: walks and runs, but kicks, rolls and somersaults, too."""
    from prometheus.motion.corpus.mocap import read_pybullet

    return [motion_of(clip.joints) for clip in read_pybullet()]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["humanoid", "woman", "child", "robot"])
def test_shipped_humanoids_follow_acrobats(name, acrobatics):
    retargeter = load_body(name).driver.retargeter
    holds([measure(retargeter, clip) for clip in acrobatics])


@pytest.fixture(scope="module")
def captures() -> list[Motion]:
    """Twenty captures of walks, runs, dances and daily doings."""
    from prometheus.motion.corpus.mocap import read_folder, sound

    clips = (clip for clip in read_folder(SHARED / "mocap") if len(clip.joints) >= 60 and sound(clip) is None)
    return [motion_of(clip.joints[:160]) for clip in islice(clips, 20)]


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("name", ["humanoid", *HUMANOIDS])
def test_twenty_captures_hold_the_bar(name, captures):
    assert len(captures) == 20
    body = load_body(name if name == "humanoid" else SHARED / "glb" / f"{name}.glb")
    holds([measure(body.driver.retargeter, clip) for clip in captures])


def test_hands_lie_on_the_floor_instead_of_going_through_it():
    from hephaestus import ik

    fours = pose_rotations(pelvis=(1.3, 0, 0), L_shoulder=(0, 1.5, 0), R_shoulder=(0, -1.5, 0), L_hip=(-1.5, 0, 0),
                           R_hip=(-1.5, 0, 0), L_knee=(1.6, 0, 0), R_knee=(1.6, 0, 0))  # fmt: skip
    joints = ik.forward(fours, np.array([0, 0.35, 0], np.float32))[None]
    joints[..., 1] += 0.05 - joints[0, [20, 21], 1].min()
    motion = Motion(joints, ik.rotations_from_joints(joints), np.zeros((1, 4), np.float32))
    retargeter = Retargeter(humanoid())
    turns, positions = retargeter.pose(motion)
    hands = [retargeter.names.index(f"{s}_hand") for s in "LR"]
    before = positions[0, hands, 1].copy()
    retargeter.hands._tips = np.array([[0.18, 0, 0], [-0.18, 0, 0]], np.float32)
    retargeter.hands._lengths = np.full(2, 0.18, np.float32)
    turns, positions = retargeter.pose(motion)
    tips = positions[0, hands] + (turns[0, hands] @ retargeter.hands._tips[..., None])[..., 0]
    np.testing.assert_allclose(positions[0, hands, 1], before, atol=1e-6)
    assert before.min() < 0.1
    assert tips[:, 1].min() > 0.0
