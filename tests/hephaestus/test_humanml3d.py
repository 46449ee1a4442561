"""The 263 features: golden samples, round trip, streaming, mirror, signs."""

from pathlib import Path

import numpy as np
import pytest

from hephaestus import humanml3d, rotation
from hephaestus.skeleton import MIRROR, rest_joints

GOLDEN = Path(__file__).parents[3] / "shared" / "mocap" / "golden"


def walking(frames: int = 50, turn: float = 0.03) -> np.ndarray:
    """A body that glides forward and turns left; its limbs swing a little."""
    clock = np.arange(frames)
    joints = np.tile(rest_joints(), (frames, 1, 1))
    joints[:, 18:, 2] += 0.2 * np.sin(0.4 * clock)[:, None]
    facing = turn * clock
    joints = rotation.rotate(rotation.yaw(facing.astype(np.float32))[:, None], joints)
    joints[:, :, 0] += np.cumsum(0.05 * np.sin(facing))[:, None]
    joints[:, :, 2] += np.cumsum(0.05 * np.cos(facing))[:, None]
    return joints.astype(np.float32)


@pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs shared/mocap/golden")
@pytest.mark.parametrize("name", ["walk", "hop_turn"])
def test_golden_samples(name):
    joints = np.load(GOLDEN / f"{name}_joints22.npy")
    offsets = np.load(GOLDEN / "target_offsets.npy")
    features = humanml3d.encode(humanml3d.uniform(joints, offsets), original=True)
    np.testing.assert_allclose(features, np.load(GOLDEN / f"{name}_263_sigma0.npy"), atol=1e-4)


def test_columns_and_signs():
    features = humanml3d.encode(walking())
    assert features.shape == (49, humanml3d.WIDTH)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features[:, 0], -0.015, atol=1e-5)  # half the step, negative to the left
    assert np.abs(features[:, 2] - 0.05).max() < 0.002
    np.testing.assert_allclose(features[:, 3], 0.97, atol=1e-5)


def test_round_trip():
    joints = walking()
    np.testing.assert_allclose(
        humanml3d.decode(humanml3d.encode(joints)), humanml3d.canonical(joints)[:-1], atol=1e-5
    )


def test_stream_gives_what_the_batch_gives():
    features = humanml3d.encode(walking())
    decoder = humanml3d.StreamDecoder()
    parts = [decoder.push(features[a : a + 3]) for a in range(0, len(features), 3)]
    np.testing.assert_allclose(np.concatenate(parts), humanml3d.decode(features), atol=1e-6)
    assert decoder.push(features[:0]).shape == (0, 22, 3)


def test_mirror_of_features_is_features_of_the_mirror():
    joints = walking()
    image = joints[:, MIRROR] * np.array([-1, 1, 1], np.float32)
    np.testing.assert_allclose(
        humanml3d.encode(image), humanml3d.mirror(humanml3d.encode(joints)), atol=1e-5
    )


def test_given_contacts_are_kept_and_loose_ones_follow_the_definition():
    joints = walking()
    labels = np.zeros((50, 4), np.float32)
    labels[:, 1] = 1
    np.testing.assert_array_equal(humanml3d.encode(joints, labels)[:, 259:], labels[:-1])
    assert humanml3d.encode(joints)[:, 259:].max() == 0.0  # feet that glide at 1 m/s
    assert humanml3d.encode(np.tile(rest_joints(), (3, 1, 1)))[:, 259:].min() == 1.0


@pytest.mark.parametrize("shape", [(1, 22, 3), (5, 21, 3), (5, 66)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="encode needs joints"):
        humanml3d.encode(np.zeros(shape))
