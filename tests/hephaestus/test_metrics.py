"""Metrics: each figure shows the fault it is meant to show."""

import json

import numpy as np
import pytest

from hephaestus import metrics
from hephaestus.retarget import Retargeter
from tests.hephaestus.sample_rigs import humanoid, t_pose, walk


def test_a_good_retarget_reads_well_and_is_json():
    report = metrics.measure(Retargeter(humanoid()), walk())
    assert report.limb_direction_deg < 2.0
    assert report.end_effector < 0.01
    assert json.loads(json.dumps(report.to_dict()))["unmapped"] == []


def test_limb_direction_counts_degrees():
    rig, motion = humanoid(), t_pose()
    points = rig.asset.world(Retargeter(rig)(motion))[..., :3, 3]
    assert metrics.limb_direction_error(rig, motion, points)[:, [0, 1, 4, 5]].max() < 0.6
    turned = points.copy()
    fore, hand = rig.node("L_forearm"), rig.node("L_hand")
    arm = np.linalg.norm(points[0, hand] - points[0, fore])
    turned[0, hand] = points[0, fore] + [0.0, arm, 0.0]
    assert metrics.limb_direction_error(rig, motion, turned).max() == pytest.approx(90.0, abs=0.5)


def test_skate_counts_planted_feet_only():
    feet = np.zeros((5, 2, 3))
    feet[:, 0, 2] = np.arange(5) * 0.01
    contact = np.array([[1, 1]] * 5, bool)
    np.testing.assert_allclose(metrics.skate(feet, contact, 20.0).reshape(4, 2), [[20.0, 0.0]] * 4)
    contact[:, 0] = False
    assert metrics.skate(feet, contact, 20.0).max() == 0.0


def test_lowest_vertex_sees_a_sunken_foot():
    rig, motion = humanoid(), t_pose()
    local = Retargeter(rig)(motion)
    assert metrics.lowest_vertex(rig, rig.asset.world(local))[0] == pytest.approx(0.0, abs=1e-3)
    local[:, rig.node("hips"), 1, 3] -= 0.03
    assert metrics.lowest_vertex(rig, rig.asset.world(local))[0] == pytest.approx(-0.03, abs=1e-3)


def test_flips_and_jerk():
    turns = np.tile(np.eye(3), (4, 2, 1, 1))
    turns[2, 1] = np.diag([-1.0, 1.0, -1.0])
    assert metrics.flips(turns) == 2
    assert metrics.flips(turns[:2]) == 0
    t = np.arange(8)[:, None, None] / 20.0
    points = t**3 * np.ones((1, 2, 3))
    np.testing.assert_allclose(metrics.jerk(points, 20.0), 6.0 * np.sqrt(3.0), rtol=1e-6)


def test_path_error_is_a_share_of_the_length():
    path = np.zeros((11, 3))
    path[:, 2] = np.linspace(0, 10, 11)
    assert metrics.path_error(path, path) == 0.0
    assert metrics.path_error(path + np.array([0.5, 3.0, 0.0]), path) == pytest.approx(0.05)
