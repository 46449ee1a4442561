"""Positions to rotations and back; two-bone IK; bone lengths."""

import numpy as np
import pytest

from hephaestus import ik, rotation
from hephaestus.skeleton import JOINT, PARENTS, REST_OFFSETS, rest_joints

LEAVES = [10, 11, 15, 20, 21]


def moving(frames: int = 60, size: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """Smooth random rotations [frames, 22, 4] with hinged knees and elbows, and their joints."""
    rng = np.random.default_rng(1)
    time = np.linspace(0, 2 * np.pi, frames)[:, None, None]
    vectors = size * np.sin(time * rng.integers(1, 4, (22, 3)) + rng.uniform(0, 6, (22, 3)))
    bend = 0.7 + 0.4 * np.sin(time[:, 0])
    for name, axis in (("L_knee", 0), ("R_knee", 0), ("L_elbow", 1), ("R_elbow", 1)):
        vectors[:, JOINT[name]] = 0.0
        sign = -1.0 if name == "L_elbow" else 1.0
        vectors[:, JOINT[name], axis] = sign * bend[:, 0]
    q = rotation.from_rotation_vector(vectors.astype(np.float32))
    q[:, LEAVES] = (0, 0, 0, 1)
    root = np.tile(np.array([0, 0.95, 0], np.float32), (frames, 1))
    return q, ik.forward(q, root)


def test_rest_pose_has_no_rotation():
    np.testing.assert_allclose(ik.rotations_from_joints(rest_joints())[..., :3], 0.0, atol=1e-6)


def test_joints_come_back_exactly():
    _, joints = moving()
    again = ik.forward(ik.rotations_from_joints(joints), joints[:, 0])
    np.testing.assert_allclose(again, joints, atol=1e-5)


def test_knees_and_elbows_are_hinges():
    _, joints = moving()
    turns = rotation.to_rotation_vector(ik.rotations_from_joints(joints))
    knees, elbows = turns[:, [4, 5]], turns[:, [18, 19]]
    np.testing.assert_allclose(knees[..., 1:], 0.0, atol=5e-3)
    assert (knees[..., 0] > 0).all()
    np.testing.assert_allclose(elbows[..., [0, 2]], 0.0, atol=5e-3)
    assert (elbows[:, 0, 1] < 0).all()
    assert (elbows[:, 1, 1] > 0).all()


def test_rotations_do_not_jump_when_a_leg_straightens():
    clock = np.linspace(0, 1, 80)
    hips = np.tile(rest_joints(), (80, 1, 1))
    ankles = hips[:, [7, 8]].copy()
    ankles[..., 1] += 0.05 * (1 - np.cos(2 * np.pi * clock))[:, None]
    joints = ik.set_feet(hips, ankles, hips[:, [10, 11]] - hips[:, [7, 8]], np.array([0, 0, 1.0], np.float32))
    q = ik.rotations_from_joints(joints)
    step = rotation.to_rotation_vector(rotation.multiply(rotation.conjugate(q[:-1]), q[1:]))
    assert np.linalg.norm(step, axis=-1).max() < 0.2


def test_each_frame_stands_alone():
    _, joints = moving()
    np.testing.assert_array_equal(ik.rotations_from_joints(joints)[7:9], ik.rotations_from_joints(joints[7:9]))


@pytest.mark.parametrize("distance", [0.0, 0.3, 0.6, 0.819, 1.5])
def test_two_bones_keep_their_lengths_and_bend_to_the_pole(distance):
    start = np.zeros(3, np.float32)
    middle, end = ik.two_bone(start, np.array([0, -distance, 0], np.float32), np.array([0, 0, 1], np.float32))
    assert np.linalg.norm(middle) == pytest.approx(ik.LEG_LENGTHS[0], abs=2e-3)
    assert np.linalg.norm(end - middle) == pytest.approx(ik.LEG_LENGTHS[1], abs=2e-3)
    assert middle[2] >= -1e-6
    if 0.1 < distance < 0.82:
        np.testing.assert_allclose(end, [0, -distance, 0], atol=1e-4)


def test_fit_bones_restores_lengths_and_keeps_ankles():
    _, joints = moving(size=0.15)
    noisy = joints + np.random.default_rng(2).normal(0, 0.01, joints.shape).astype(np.float32)
    noisy[:, [7, 8]] = joints[:, [7, 8]]
    fitted = ik.fit_bones(noisy)
    lengths = np.linalg.norm(fitted[:, 1:] - fitted[:, PARENTS[1:]], axis=-1)
    assert np.abs(lengths - np.linalg.norm(REST_OFFSETS[1:], axis=-1)).max() < 1e-4
    assert np.abs(fitted[:, [7, 8]] - joints[:, [7, 8]]).max() < 0.03
