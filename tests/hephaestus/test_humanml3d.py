"""The 263 features: golden samples, round trip, streaming, mirror, signs."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hephaestus import humanml3d, ik, rotation
from hephaestus.skeleton import MIRROR, REST_OFFSETS, rest_joints

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


def tumbling(seed: int, frames: int) -> np.ndarray:
    """A body on the uniform skeleton that bends everywhere, turns by up to 150 degrees a frame and wanders."""
    rng = np.random.default_rng(seed)
    q = rotation.from_rotation_vector(rng.normal(0, 0.3, (frames, 22, 3)).astype(np.float32))
    facing = np.cumsum(rng.uniform(-2.6, 2.6, frames)).astype(np.float32)
    q[:, 0] = rotation.multiply(rotation.yaw(facing), q[:, 0])
    root = np.cumsum(rng.normal(0, 0.1, (frames, 3)), 0).astype(np.float32) * [1, 0.1, 1] + [3.0, 0.9, -2.0]
    return ik.forward(q, root.astype(np.float32))


MOTIONS = st.builds(tumbling, st.integers(0, 2**32 - 1), st.integers(2, 40))


@given(MOTIONS)
@settings(max_examples=40, deadline=None)
def test_any_motion_comes_back_from_its_features(joints):
    features = humanml3d.encode(joints)
    assert features.shape == (len(joints) - 1, humanml3d.WIDTH)
    kept = humanml3d.canonical(joints)[:-1]
    np.testing.assert_allclose(humanml3d.decode(features), kept, atol=2e-5)
    # The rotations alone say the same, on bones of the same length.
    np.testing.assert_allclose(humanml3d.decode_rotations(features), kept, atol=1e-3)
    motion = humanml3d.decode_motion(features)
    np.testing.assert_array_equal(motion.contacts, features[:, 259:])
    # Positions leave the twist open, but turning the bones as told must bring limbs to where they were.
    again = ik.forward(motion.rotations, motion.joints[:, 0])
    legs = [1, 2, 4, 5, 7, 8, 10, 11]
    np.testing.assert_allclose(again[:, legs], motion.joints[:, legs], atol=2e-3)


@given(MOTIONS, st.lists(st.integers(0, 7), min_size=1, max_size=12), st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_frames_fed_one_by_one_give_the_rows_of_the_batch(joints, sizes, labelled, original):
    labels = np.random.default_rng(0).random((len(joints), 4)).astype(np.float32) if labelled else None
    encoder, rows, start = humanml3d.StreamEncoder(original), [], 0
    for size in [*sizes, len(joints)]:
        part = slice(start, start + size)
        rows.append(encoder.push(joints[part], None if labels is None else labels[part]))
        start += size
    np.testing.assert_allclose(
        np.concatenate(rows), humanml3d.encode(joints, labels, original=original), atol=1e-6
    )


@given(MOTIONS)
@settings(max_examples=40, deadline=None)
def test_mirror_commutes_with_encoding_and_undoes_itself(joints):
    features = humanml3d.encode(joints)
    image = joints[:, MIRROR] * np.array([-1, 1, 1], np.float32)
    # Half a turn in one frame has no sign; the rest must agree.
    clear = np.abs(features[:, 0]) < 1.55
    np.testing.assert_allclose(humanml3d.encode(image)[clear], humanml3d.mirror(features)[clear], atol=2e-3)
    np.testing.assert_array_equal(humanml3d.mirror(humanml3d.mirror(features)), features)


@pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs shared/mocap/golden")
@pytest.mark.parametrize("name", ["walk", "hop_turn"])
def test_golden_samples(name):
    joints = np.load(GOLDEN / f"{name}_joints22.npy")
    offsets = np.load(GOLDEN / "target_offsets.npy")
    features = humanml3d.encode(humanml3d.uniform(joints, offsets), original=True)
    golden = np.load(GOLDEN / f"{name}_263_sigma0.npy")
    np.testing.assert_allclose(features, golden, atol=1e-4)
    smoothed = np.load(GOLDEN / f"{name}_263_sigma20.npy")
    for made in (golden, smoothed):
        np.testing.assert_allclose(humanml3d.decode_rotations(made, offsets), humanml3d.decode(made), atol=1e-3)
    # However the heading was smoothed, the body goes the same way.
    np.testing.assert_allclose(humanml3d.decode(golden)[:, 0], humanml3d.decode(smoothed)[:, 0], atol=1e-2)


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


def test_bones_of_another_length_are_used():
    features = humanml3d.encode(walking())
    longer = humanml3d.decode_rotations(features, 2.0 * REST_OFFSETS)
    np.testing.assert_allclose(
        np.linalg.norm(longer[:, 7] - longer[:, 4], axis=-1), 2 * np.linalg.norm(REST_OFFSETS[7]), rtol=1e-4
    )


def test_the_stream_encoder_refuses_what_does_not_fit():
    encoder = humanml3d.StreamEncoder()
    with pytest.raises(ValueError, match=r"needs joints \[n, 22, 3\]"):
        encoder.push(np.zeros((2, 21, 3)))
    with pytest.raises(ValueError, match=r"needs contacts \[2, 4\]"):
        encoder.push(np.zeros((2, 22, 3)), np.zeros((1, 4)))
    assert encoder.push(walking()[:1]).shape == (0, 263)


@pytest.mark.parametrize("shape", [(1, 22, 3), (5, 21, 3), (5, 66)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="encode needs joints"):
        humanml3d.encode(np.zeros(shape))
