"""Rotations agree with each other, with matrices and with plain geometry."""

import numpy as np
import pytest

from hephaestus import rotation

RNG = np.random.default_rng(0)
Q, R = (rotation.normalize(RNG.normal(size=(200, 4)).astype(np.float32)) for _ in range(2))
V = RNG.normal(size=(200, 3)).astype(np.float32)


def test_product_turns_by_the_right_factor_first():
    np.testing.assert_allclose(
        rotation.rotate(rotation.multiply(Q, R), V), rotation.rotate(Q, rotation.rotate(R, V)), atol=1e-5
    )


def test_matrices_act_on_columns_and_come_back():
    matrices = rotation.to_matrix(Q)
    np.testing.assert_allclose(np.einsum("nij,nj->ni", matrices, V), rotation.rotate(Q, V), atol=1e-5)
    np.testing.assert_allclose(rotation.to_matrix(rotation.from_matrix(matrices)), matrices, atol=1e-5)


def test_six_numbers_come_back_and_any_six_give_a_rotation():
    again = rotation.from_6d(rotation.to_6d(Q))
    np.testing.assert_allclose(rotation.to_matrix(again), rotation.to_matrix(Q), atol=1e-5)
    loose = rotation.to_matrix(rotation.from_6d(RNG.normal(size=(50, 6))))
    np.testing.assert_allclose(loose @ np.swapaxes(loose, -1, -2), np.broadcast_to(np.eye(3), loose.shape), atol=1e-6)


def test_yaw_turns_forward_to_the_left():
    np.testing.assert_allclose(rotation.rotate(rotation.yaw(np.pi / 2), np.array([0.0, 0, 1])), [1, 0, 0], atol=1e-6)
    assert rotation.yaw_of(rotation.yaw(0.3)) == pytest.approx(0.3, abs=1e-6)


def test_from_to_reaches_its_aim_even_opposite():
    a = rotation.normalize(V)
    np.testing.assert_allclose(rotation.rotate(rotation.from_to(a, a[::-1]), a), a[::-1], atol=1e-5)
    np.testing.assert_allclose(rotation.rotate(rotation.from_to(a, -a), a), -a, atol=1e-5)


def test_slerp_goes_evenly_the_short_way():
    start, end = rotation.yaw(np.float32(0.2)), -rotation.yaw(np.float32(1.2))
    angles = [float(rotation.yaw_of(rotation.slerp(start, end, t))) for t in (0.0, 0.25, 0.5, 1.0)]
    np.testing.assert_allclose(angles, [0.2, 0.45, 0.7, 1.2], atol=1e-5)


def test_rotation_vectors_and_twist():
    again = rotation.from_rotation_vector(rotation.to_rotation_vector(Q))
    np.testing.assert_allclose(rotation.to_matrix(again), rotation.to_matrix(Q), atol=1e-5)
    up = np.array([0, 1, 0], np.float32)
    swing = rotation.from_axis_angle(np.array([1, 0, 0], np.float32), np.float32(0.4))
    twist = rotation.twist_about(rotation.multiply(swing, rotation.yaw(np.float32(0.7))), up)
    assert rotation.yaw_of(twist) == pytest.approx(0.7, abs=1e-5)
