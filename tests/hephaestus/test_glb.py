"""GLB reading, writing, animation and forward kinematics."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hephaestus.errors import AssetError
from hephaestus.glb import (
    Animation,
    Asset,
    Channel,
    Material,
    Primitive,
    Skin,
    clip,
    compose,
    decompose,
    play,
    read,
    sample,
    to_bytes,
    write,
    write_animated,
)
from hephaestus.rotation import normalize


def chain(joints: int = 5, seed: int = 0) -> Asset:
    """Return a rig of a random tree of joints with a skinned strip and a textured rigid square on the last joint."""
    rng = np.random.default_rng(seed)
    parents = np.array([-1, *(rng.integers(0, i) for i in range(1, joints)), -1], np.int32)
    count = joints + 1
    moves = rng.normal(size=(count, 3)).astype(np.float32)
    turns = normalize(rng.normal(size=(count, 4)).astype(np.float32))
    moves[-1], turns[-1] = 0, (0, 0, 0, 1)
    scales = np.ones((count, 3), np.float32)
    rest = compose(moves, turns, scales)
    rig = Asset((*(f"joint {i}" for i in range(joints)), "skin"), parents, moves, turns, scales, rest)
    inverse = np.linalg.inv(rig.rest_world[:joints]).astype(np.float32)
    vertices = 4 * joints
    distinct = min(joints, 4)
    weights, bound = np.zeros((2, vertices, 4), np.float32)
    weights[:, :distinct] = rng.uniform(0.1, 1, (vertices, distinct))
    bound[:, :distinct] = np.argsort(rng.random((vertices, joints)), 1)[:, :distinct]
    strip = Primitive(
        rng.normal(size=(vertices, 3)).astype(np.float32),
        normalize(rng.normal(size=(vertices, 3)).astype(np.float32)),
        np.arange(vertices // 3 * 3, dtype=np.uint32),
        colors=(rng.integers(0, 65536, (vertices, 4)) / 65535).astype(np.float32),
        joints=bound.astype(np.int32),
        weights=weights / weights.sum(1, keepdims=True),
        material=0,
        node=joints,
        skin=0,
    )
    square = Primitive(
        np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32),
        np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        np.array([0, 1, 2, 0, 2, 3], np.uint32),
        uvs=np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32),
        material=1,
        node=joints - 1,
    )
    picture = rng.integers(0, 256, (8, 16, 4), dtype=np.uint8)
    return replace(
        rig,
        primitives=(square, strip),
        skins=(Skin(np.arange(joints, dtype=np.int32), inverse),),
        materials=(Material("hide", (0.5, 0.4, 0.3, 1.0), 0.1, 0.7), Material("sign", texture=0, double_sided=True)),
        textures=(picture,),
    )


def frames(asset: Asset, count: int = 12, seed: int = 1) -> np.ndarray:
    """Return local transforms [count, J, 4, 4] of a random dance: joints turn, the root also moves."""
    rng = np.random.default_rng(seed)
    turns = normalize(asset.rotations + np.cumsum(rng.normal(size=(count, len(asset), 4)) * 0.2, 0))
    moves = np.repeat(asset.translations[None], count, 0)
    moves[:, 0] += rng.normal(size=(count, 3))
    local = compose(moves, turns, asset.scales).astype(np.float32)
    local[:, -1] = asset.rest[-1]
    return local


def reference_world(asset: Asset, local: np.ndarray) -> np.ndarray:
    """Multiply matrices from each node up to its root, one by one."""
    world = np.zeros_like(local)
    for j in range(len(asset)):
        m, at = np.eye(4), j
        while at >= 0:
            m, at = local[at] @ m, int(asset.parents[at])
        world[j] = m
    return world


@given(st.integers(1, 40), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_forward_kinematics_equals_the_chain_of_matrices(joints: int, seed: int) -> None:
    asset = chain(joints, seed)
    order = np.random.default_rng(seed).permutation(len(asset))
    place = np.argsort(order)
    parents = np.where(asset.parents[order] < 0, -1, place[asset.parents[order]])
    shuffled = replace(asset, parents=parents.astype(np.int32), rest=asset.rest[order])
    np.testing.assert_allclose(shuffled.rest_world, reference_world(shuffled, shuffled.rest), rtol=1e-4, atol=1e-3)


def test_forward_kinematics_takes_any_leading_axes() -> None:
    asset = chain(7)
    local = frames(asset, 6)
    together = asset.world(local.reshape(2, 3, len(asset), 4, 4))
    assert together.shape == (2, 3, len(asset), 4, 4)
    np.testing.assert_array_equal(together[1, 2], asset.world(local[5]))


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    asset = chain(9)
    write(asset, tmp_path / "a.glb")
    back = read(tmp_path / "a.glb")
    assert back.names == asset.names
    assert back.materials == asset.materials
    for name in ("parents", "translations", "rotations", "scales", "rest"):
        np.testing.assert_allclose(getattr(back, name), getattr(asset, name), atol=1e-6, err_msg=name)
    np.testing.assert_array_equal(back.textures[0], asset.textures[0])
    np.testing.assert_array_equal(back.skins[0].joints, asset.skins[0].joints)
    np.testing.assert_array_equal(back.skins[0].inverse_binds, asset.skins[0].inverse_binds)
    for ours, theirs in zip(back.primitives, asset.primitives, strict=True):
        assert (ours.node, ours.skin, ours.material) == (theirs.node, theirs.skin, theirs.material)
        for name in ("positions", "normals", "indices", "uvs", "colors", "joints", "weights"):
            mine, other = getattr(ours, name), getattr(theirs, name)
            assert (mine is None) == (other is None), name
            if mine is not None:
                np.testing.assert_allclose(mine, other, atol=1e-6, err_msg=name)


def test_writing_twice_gives_equal_bytes_and_leaves_no_other_file(tmp_path: Path) -> None:
    asset = chain(4)
    write(asset, tmp_path / "a.glb")
    write(asset, tmp_path / "b.glb")
    write(asset, tmp_path / "b.glb")
    assert (tmp_path / "a.glb").read_bytes() == (tmp_path / "b.glb").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.glb", "b.glb"]


def test_a_clip_plays_back_what_was_recorded(tmp_path: Path) -> None:
    asset = chain(6)
    local = frames(asset, 20)
    write_animated(asset, local, 20.0, tmp_path / "a.glb", "dance")
    back = read(tmp_path / "a.glb")
    (animation,) = back.animations
    assert animation.name == "dance"
    assert animation.duration == pytest.approx(19 / 20)
    played = play(back, animation, np.arange(20) / 20)
    np.testing.assert_allclose(back.world(played), asset.world(local), atol=2e-4)


def test_a_clip_keys_every_joint_and_the_root_and_keeps_signs() -> None:
    asset = chain(6)
    still = np.repeat(asset.rest[None], 30, 0)
    spin = np.linspace(0, 4 * np.pi, 30)
    still[:, 2] = compose(
        np.repeat(asset.translations[2:3], 30, 0),
        np.stack([np.sin(spin / 2), 0 * spin, 0 * spin, np.cos(spin / 2)], 1),
        np.ones((30, 3)),
    )
    animation = clip(asset, still, 20)
    keyed = {(c.node, c.path) for c in animation.channels}
    assert {(j, "rotation") for j in range(6)} | {(0, "translation")} == keyed
    turn = next(c for c in animation.channels if c.node == 2)
    assert ((turn.values[1:] * turn.values[:-1]).sum(1) > 0).all()


def test_samplers_follow_the_standard() -> None:
    times, values = np.array([0, 1, 3], np.float32), np.array([[0, 0, 0], [2, 0, 0], [2, 4, 0]], np.float32)
    at = np.array([-1, 0.5, 1, 2.5, 9])
    straight = sample(Channel(0, "translation", times, values), at)
    np.testing.assert_allclose(straight[:, 0], [0, 1, 2, 2, 2])
    np.testing.assert_allclose(straight[:, 1], [0, 0, 0, 3, 4])
    step = sample(Channel(0, "translation", times, values, "STEP"), at)
    np.testing.assert_allclose(step[:, 1], [0, 0, 0, 0, 4])
    spline = np.zeros((3, 3, 3), np.float32)
    spline[:, 1] = values
    smooth = sample(Channel(0, "translation", times, spline, "CUBICSPLINE"), np.array([0.0, 0.5, 1.0, 2.0]))
    np.testing.assert_allclose(smooth[:, 0], [0, 1, 2, 2], atol=1e-6)
    np.testing.assert_allclose(smooth[:, 1], [0, 0, 0, 2], atol=1e-6)


def test_transforms_split_into_their_parts() -> None:
    rng = np.random.default_rng(3)
    moves, turns = rng.normal(size=(50, 3)), normalize(rng.normal(size=(50, 4)))
    scales = rng.uniform(0.1, 3, (50, 3)) * np.where(rng.random((50, 1)) < 0.3, [-1, 1, 1], 1)
    m = compose(moves, turns, scales)
    np.testing.assert_allclose(compose(*decompose(m)), m, atol=1e-5)


def test_linear_blend_skinning_moves_a_vertex_with_its_joint() -> None:
    asset = chain(5)
    strip = asset.primitives[1]
    one = replace(strip, weights=np.tile(np.array([1, 0, 0, 0], np.float32), (len(strip.positions), 1)))
    np.testing.assert_allclose(asset.vertices(one, asset.rest_world), one.positions, atol=1e-4)
    local = frames(asset, 1)[0]
    world = asset.world(local)
    matrix = world[one.joints[3, 0]] @ asset.skins[0].inverse_binds[one.joints[3, 0]]
    expected = matrix[:3, :3] @ one.positions[3] + matrix[:3, 3]
    np.testing.assert_allclose(asset.vertices(one, world)[3], expected, atol=1e-3)


def test_a_clip_of_the_wrong_shape_is_refused() -> None:
    asset = chain(3)
    with pytest.raises(AssetError, match="frames"):
        clip(asset, np.zeros((4, 2, 4, 4)), 20)
    broken = np.repeat(asset.rest[None], 4, 0)
    broken[2, 1, 0, 0] = np.nan
    with pytest.raises(AssetError, match="finite"):
        clip(asset, broken, 20)


def test_a_directory_that_is_not_there_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="cannot be written"):
        write(chain(2), tmp_path / "nowhere" / "a.glb")
    assert not list(tmp_path.iterdir())


def test_a_large_animation_reads_fast() -> None:
    asset = chain(8)
    rng = np.random.default_rng(0)
    channels = [
        Channel(j % 8, "rotation", np.arange(3, dtype=np.float32) + j, normalize(rng.normal(size=(3, 4))).astype("f4"))
        for j in range(400)
    ]
    back = read(to_bytes(replace(asset, animations=(Animation("many", tuple(channels)),))))
    assert len(back.animations[0].channels) == 400
