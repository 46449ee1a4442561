"""Retargeting: any humanoid rig follows the 22 joints, whatever its rest pose, axes, unit and tree."""

import numpy as np
import pytest

from hephaestus.glb.reader import read
from hephaestus.metrics import lowest_vertex, measure
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


@needs_shared
@pytest.mark.parametrize("name", HUMANOIDS)
@pytest.mark.parametrize("clip", ["walk", "hop_turn"])
def test_real_rigs_follow_recorded_motion(name, clip):
    from hephaestus.anatomy import find_rig

    report = measure(Retargeter(find_rig(read(SHARED / "glb" / f"{name}.glb"), name)), recorded(clip))
    # The robot is 4.6 m tall and its hips are over a metre apart: a turning pelvis swings its feet far out. The kaiju's
    # pelvis joint lies a foot below and behind its hips, and shakes with every turn of them.
    giant = name == "robot_expressive"
    assert report.limb_direction_deg < 6.0
    assert report.skate_cm_s < report.source_skate_cm_s + (12.0 if giant else 2.0)
    assert report.penetration_share <= 0.01
    assert report.flips == 0
    assert report.jerk_ratio < {"robot_expressive": 1.8, "m2m_kaiju_animated": 1.6}.get(name, 1.3)


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
