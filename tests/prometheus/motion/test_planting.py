"""Planting: standing feet stay, travelling feet travel, and nothing sinks into the floor."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hephaestus.ik import fit_bones
from hephaestus.skeleton import PARENTS, rest_joints
from prometheus.data import data_path
from prometheus.motion.features import HEIGHT, JOINTS, VELOCITY, WIDTH, YAW, lifted, lowered, place, unpack
from prometheus.motion.motor import Motor
from prometheus.motion.planting import Planting

BALLS = [10, 11]


@pytest.fixture(scope="module")
def motor():
    torch.set_num_threads(1)
    return Motor.load(data_path("assets", "motion"))


def standing(frames: int, contact: float = 1.0) -> np.ndarray:
    """Features of a body that stands with knees a little bent."""
    features = np.zeros((frames, WIDTH), np.float32)
    joints = rest_joints() - [0.0, 0.03, 0.0]
    joints[[7, 10, 8, 11], 1] += 0.03
    features[:, HEIGHT], features[:, JOINTS] = joints[0, 1], joints[1:].ravel()
    features[:, -4:] = contact
    return features


def played(features: np.ndarray, portion: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Joints in the heading frame, and contacts, of features that come in portions."""
    planting = Planting()
    parts = [unpack(features[i : i + portion], planting) for i in range(0, len(features), portion)]
    return np.concatenate([part.joints for part in parts]), np.concatenate([part.contacts for part in parts])


def over_floor(features: np.ndarray, trim: float = 0.0) -> np.ndarray:
    """Joints where the features' own steps put them."""
    return place(unpack(features, Planting(), trim)).joints


def test_a_drifting_foot_stays_and_the_leg_follows():
    features = standing(20)
    features[:, VELOCITY] = 0.0, 0.003  # the pelvis creeps on at 6 cm/s, and takes its feet along
    plain, held = place(unpack(features)).joints, over_floor(features)
    assert np.ptp(plain[:, BALLS, 2], axis=0).min() > 0.05
    assert np.ptp(held[:, BALLS][..., [0, 2]], axis=0).max() < 0.005
    bones = np.linalg.norm(held[:, 1:] - held[:, PARENTS[1:]], axis=-1)
    assert np.ptp(bones, axis=0).max() < 1e-4


def test_a_foot_that_is_dragged_along_slides_in_the_end_and_without_a_jump():
    features = standing(80)
    features[:, VELOCITY] = 0.0, 0.02
    held = over_floor(features)
    steps = np.diff(held[:, BALLS, 2], axis=0)
    assert held[-1, 10, 2] > 1.0
    assert steps.max() < 0.04


def test_a_foot_that_travels_is_not_nailed_down_whatever_the_contact_says():
    features = standing(20)
    features[:, VELOCITY] = 0.0, 0.1
    held, plain = over_floor(features), place(unpack(features)).joints
    np.testing.assert_allclose(held[:, BALLS][..., [0, 2]], plain[:, BALLS][..., [0, 2]], atol=0.005)
    away = standing(20, contact=0.0)
    np.testing.assert_allclose(played(away)[0], unpack(away).joints, atol=1e-4)


def test_what_was_taken_back_fades_when_the_foot_leaves():
    features = standing(40)
    features[:10, VELOCITY] = 0.0, 0.003
    features[10:, -4:] = 0.0
    lifted_feet = features[10:, JOINTS].reshape(30, 21, 3).copy()
    lifted_feet[:, [6, 7, 9, 10], 1] += 0.06
    features[10:, JOINTS] = lifted_feet.reshape(30, 63)
    joints, _ = played(features)
    apart = np.linalg.norm(joints[:, BALLS] - unpack(features).joints[:, BALLS], axis=-1).max(1)
    assert apart[9] > 0.02
    assert apart[-1] < 0.002
    assert np.abs(np.diff(apart)).max() < 0.02


def test_the_same_frames_in_other_portions_give_the_same():
    rng = np.random.default_rng(1)
    features = standing(24) + rng.normal(0.0, 0.004, (24, WIDTH)).astype(np.float32)
    for portion in (1, 3, 24):
        for a, b in zip(played(features), played(features, portion=portion), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


def test_feet_stay_under_a_body_that_is_turned():
    features = standing(30)
    held = over_floor(features, trim=0.01)
    facing = held[:, 16] - held[:, 17]
    turned = np.arctan2(-facing[:, 2], facing[:, 0])
    assert turned[-1] - turned[0] == pytest.approx(0.29, abs=0.02)
    assert np.ptp(held[:, BALLS][..., [0, 2]], axis=0).max() < 0.01
    assert features[:, YAW].max() == 0.0


def test_generated_feet_stand_still_and_still_take_steps(motor):
    for text in ("a person walks forward", "a person runs to the left", "a person turns to the right"):
        frames = motor.stream(text, seed=2).next(80)
        balls = place(frames).joints[:, BALLS]
        speed = np.linalg.norm(np.diff(balls[..., [0, 2]], axis=0), axis=-1) * 20
        firm = frames.contacts[:, [1, 3]] > 0.5
        both = firm[1:] & firm[:-1]
        assert set(np.unique(frames.contacts)) <= {0.0, 1.0}
        assert speed[both].mean() < (0.06 if "turns" in text else 0.02), text
        assert 0.1 < both.mean() < 0.98, text
        assert balls[..., 1].min() > 0.0


def test_a_body_that_sank_lies_on_the_floor():
    features = standing(4)
    features[:, HEIGHT] -= 0.9
    heights = features[:, JOINTS].reshape(4, 21, 3).copy()
    heights[..., 1] -= 0.9
    features[:, JOINTS] = heights.reshape(4, 63)
    raised = lifted(features)
    assert raised[:, JOINTS].reshape(4, 21, 3)[..., 1].min() >= -0.01 - 1e-6
    np.testing.assert_allclose(np.diff(raised[:, [HEIGHT, 5, 8]]), np.diff(features[:, [HEIGHT, 5, 8]]), atol=1e-6)
    upright = standing(4)
    assert lifted(upright) is upright


def test_a_body_that_walks_does_not_fly_and_one_that_jumps_does():
    high = np.concatenate([np.zeros(4), np.linspace(0.0, 0.2, 9), np.linspace(0.2, 0.0, 9), np.zeros(4)])
    features = np.concatenate([raised(standing(1), up) for up in high])

    def soles(walks: bool, portion: int) -> np.ndarray:
        parts, down = [], 0.0
        for i in range(0, len(features), portion):
            part, down = lowered(features[i : i + portion], walks, down)
            parts.append(part[:, JOINTS].reshape(-1, 21, 3)[:, 9, 1])
        return np.concatenate(parts) - standing(1)[0, JOINTS].reshape(21, 3)[9, 1]

    jumped, walked = soles(False, 2), soles(True, 2)
    np.testing.assert_allclose(jumped, high, atol=1e-6)
    assert walked.max() < 0.08
    assert walked.min() > -1e-6
    assert np.abs(np.diff(walked)).max() < 0.03
    np.testing.assert_allclose(soles(True, 1), walked, atol=1e-6)


def raised(features: np.ndarray, up: float) -> np.ndarray:
    moved = features.copy()
    moved[:, [HEIGHT, *range(5, 67, 3)]] += np.float32(up)
    return moved


def test_knees_swing_out_of_the_floor_on_bones_of_the_same_length():
    joints = np.repeat(rest_joints()[None].astype(np.float32), 4, 0)
    joints[:, :, 1] -= joints[:, :1, 1] - 0.25  # hips near the floor, ankles behind them
    joints[:, [7, 8], 1], joints[:, [7, 8], 2] = 0.08, -0.5
    joints[:, [10, 11], 1], joints[:, [10, 11], 2] = 0.03, -0.6
    joints[:, [4, 5], 1] = -0.2
    joints = fit_bones(joints)
    assert joints[:, [4, 5], 1].max() < 0.0
    bones = np.linalg.norm(joints[:, 1:] - joints[:, PARENTS[1:]], axis=-1)
    Planting().lift_knees(joints)
    assert joints[:, [4, 5], 1].min() > 0.029
    np.testing.assert_allclose(np.linalg.norm(joints[:, 1:] - joints[:, PARENTS[1:]], axis=-1), bones, atol=1e-4)
