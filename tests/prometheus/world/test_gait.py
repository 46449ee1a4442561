"""The gait driver: bones keep their length, feet stay put, rotations and joints tell the same story."""

import numpy as np
import pytest

from hephaestus.rotation import multiply, rotate
from hephaestus.skeleton import JOINT, PARENTS, REST_OFFSETS
from prometheus.world.gait import advance, gait, gait_motion, stride_length

PHASE = np.linspace(0, 1, 121, endpoint=False)


def walk(speed: float):
    place = np.stack([PHASE * stride_length(speed), 0 * PHASE, 0 * PHASE], 1)
    return gait_motion(PHASE, np.full_like(PHASE, speed), place, np.zeros_like(PHASE))


@pytest.mark.parametrize("speed", [0.0, 0.5, 1.4, 2.5, 4.0, 5.5])
def test_bones_and_ground(speed: float):
    joints = gait(PHASE, np.full_like(PHASE, speed), 0.3)
    assert joints.shape == (121, 22, 3)
    assert np.isfinite(joints).all()
    lengths = np.linalg.norm(joints[:, 1:] - joints[:, PARENTS[1:]], axis=-1)
    assert np.allclose(lengths, np.linalg.norm(REST_OFFSETS[1:], axis=-1), atol=1e-4)
    assert joints[..., 1].min() > 0.0
    assert joints[:, [JOINT["L_foot"], JOINT["R_foot"]], 1].min() < 0.05


@pytest.mark.parametrize("speed", [0.5, 1.4, 5.5])
def test_planted_feet_stay_where_they_are(speed: float):
    motion = walk(speed)
    seconds = stride_length(speed) / speed / len(PHASE)
    ball = motion.joints[:, JOINT["L_foot"]]
    both = (motion.contacts[1:, 1] > 0) & (motion.contacts[:-1, 1] > 0)
    slide = np.linalg.norm(np.diff(ball, axis=0)[:, [0, 2]], axis=1)[both] / seconds
    assert np.percentile(slide, 85) < 0.12 * speed


def test_forward_kinematics_of_the_rotations_gives_the_joints():
    motion = gait_motion(PHASE, 3 * PHASE, np.stack([PHASE] * 3, 1), 2 * PHASE, PHASE)
    world = motion.rotations.copy()
    joints = motion.joints.copy()
    for j in range(1, 22):
        joints[:, j] = joints[:, PARENTS[j]] + rotate(world[:, PARENTS[j]], REST_OFFSETS[j][None])
        world[:, j] = multiply(world[:, PARENTS[j]], world[:, j])
    assert np.abs(joints - motion.joints).max() < 1e-4


def test_heading_and_place_follow_the_frames():
    motion = gait_motion(np.zeros(2), np.zeros(2), np.array([[1, 2, 0], [1, 2, 0.0]]), np.array([0, np.pi / 2]))
    assert motion.joints[0, 0] == pytest.approx([2, motion.joints[0, 0, 1], 1], abs=1e-4)
    toes = motion.joints[:, JOINT["L_foot"]] - motion.joints[:, JOINT["L_ankle"]]
    assert toes[0, 2] > 0.1
    assert toes[1, 0] > 0.1


def test_arms_oppose_legs_and_running_flies():
    joints = gait(np.array([0.0]), np.array([1.4]))[0]
    assert joints[JOINT["L_ankle"], 2] > joints[JOINT["R_ankle"], 2]
    assert joints[JOINT["L_wrist"], 2] < joints[JOINT["R_wrist"], 2]
    assert (walk(5.0).contacts.sum(1) == 0).any()
    assert (walk(1.4).contacts.sum(1) >= 1).all()


def test_phase_advances_by_stride():
    assert advance(0.0, 1.4, stride_length(1.4) / 1.4 * 0.25) == pytest.approx(0.25)
