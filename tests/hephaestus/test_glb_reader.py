"""Everything that a GLB may hold comes out as arrays of one form."""

from __future__ import annotations

import base64
import importlib.util
import io
import json

import numpy as np
import pytest
from PIL import Image

from hephaestus.errors import AssetError
from hephaestus.glb import Asset, play, read, sample
from tests.hostile.seeds import Builder, embedded, everything, pack, picture, rigid, triangle


@pytest.fixture(scope="module")
def rich() -> Asset:
    return read(pack(*everything()))


def square(b: Builder, **more: int) -> dict:
    """Return a primitive: a unit square of two triangles."""
    corners = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    return {"attributes": {"POSITION": b.array(corners), **more}, "indices": b.array([0, 1, 2, 0, 2, 3], "u2")}


def draw(b: Builder, *primitives: dict, **node: object) -> Asset:
    """Read a document with one mesh on one node."""
    b.document["meshes"] = [{"primitives": list(primitives)}]
    b.document["nodes"] = [{"mesh": 0, **node}, *b.document["nodes"]]
    return read(pack(*b.finish()))


def test_quantized_attributes_become_floats(rich: Asset) -> None:
    strip = rich.primitives[0]
    np.testing.assert_allclose(strip.positions[1], [100, 0, 0])
    np.testing.assert_allclose(strip.normals, np.tile([0, 0, 1], (4, 1)), atol=1e-6)
    np.testing.assert_allclose(strip.colors, np.full((4, 4), 200 / 255), atol=1e-6)
    assert strip.positions.dtype == strip.uvs.dtype == np.float32


def test_more_than_four_weights_keep_the_strongest_and_sum_to_one(rich: Asset) -> None:
    strip = rich.primitives[0]
    assert strip.weights.shape == (4, 4)
    np.testing.assert_allclose(strip.weights.sum(1), 1, atol=1e-6)
    strength = np.sort(strip.weights[0])[::-1]
    np.testing.assert_allclose(strength, np.array([128, 127, 25.5, 25.5]) / (128 + 127 + 51), atol=1e-6)


def test_strips_and_fans_become_triangles_of_one_winding(rich: Asset) -> None:
    strip, fan = rich.primitives
    for p in (strip, fan):
        base = p.morphed(np.zeros(2))
        a, b, c = (base[p.indices.reshape(-1, 3)[:, i]] for i in range(3))
        assert (np.cross(b - a, c - a)[:, 2] > 0).all()
        assert len(p.indices) == 6


def test_morph_targets_are_carried_and_applied_at_rest(rich: Asset) -> None:
    strip = rich.primitives[0]
    np.testing.assert_allclose(strip.morph, [0.5, 0])
    moved = np.array([[1, 1, 1], [0, 0, 0], [0, 0, 0], [1, 1, 1]])
    np.testing.assert_allclose(strip.targets[1], moved)
    np.testing.assert_allclose(strip.positions[3], np.array([100, 100, 0]) + 0.5)
    np.testing.assert_allclose(strip.morphed(np.array([0, 2])) - strip.morphed(np.zeros(2)), 2 * moved, atol=1e-4)
    (channel,) = (c for c in rich.animations[0].channels if c.path == "weights")
    assert sample(channel, np.array([0.25])).shape == (1, 2)


def test_every_sampler_is_read(rich: Asset) -> None:
    ways = {c.path: (c.interpolation, c.values.shape) for c in rich.animations[0].channels}
    assert ways == {
        "rotation": ("STEP", (3, 4)),
        "translation": ("CUBICSPLINE", (3, 3, 3)),
        "scale": ("LINEAR", (3, 3)),
        "weights": ("LINEAR", (3, 2)),
    }
    assert play(rich, rich.animations[0], np.array([0, 0.3])).shape == (2, 4, 4, 4)


def test_a_matrix_node_is_exact_and_split_into_parts(rich: Asset) -> None:
    np.testing.assert_allclose(np.diag(rich.rest[0]), [0.01, 0.01, -0.01, 1], atol=1e-8)
    np.testing.assert_allclose(rich.rest[0, :3, 3], [0, 1, 0])
    assert np.prod(rich.scales[0]) < 0
    np.testing.assert_allclose(rich.scales[1], [1, -2, 0.5])


def test_only_the_scene_that_is_shown_is_drawn(rich: Asset) -> None:
    assert {p.node for p in rich.primitives} == {2}
    assert any("scene" in note for note in rich.notes)


def test_materials_of_other_models_are_brought_to_one(rich: Asset) -> None:
    plain, glossy = rich.materials
    assert plain.unlit
    assert not glossy.unlit
    assert glossy.base_color == (1, 0, 0, 1)
    assert (glossy.metallic, glossy.roughness, glossy.alpha) == (0, 0.5, "MASK")
    assert [t.shape for t in rich.textures] == [(4, 8, 4)] * 2


def test_texture_coordinates_follow_their_transform(rich: Asset) -> None:
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    c, s = np.cos(1.0), np.sin(1.0)
    expected = corners @ np.array([[c, s], [-s, c]]).T + [0.5, 0]
    np.testing.assert_allclose(rich.primitives[0].uvs, expected, atol=1e-6)


def test_vrm_blocks_name_bones() -> None:
    old, new = read(pack(*everything())), read(pack(*rigid()))
    assert (dict(old.humanoid), old.vrm) == ({"hips": 0, "head": 1}, 0)
    assert (dict(new.humanoid), new.vrm) == ({"hips": 0, "spine": 1}, 1)


def test_rigid_nodes_carry_their_meshes() -> None:
    asset = read(pack(*rigid()))
    assert not asset.skins
    assert [p.node for p in asset.primitives] == [0, 1, 2]
    turret = asset.vertices(asset.primitives[1], asset.rest_world)
    np.testing.assert_allclose(turret[1], [100, 50, 0])
    assert asset.primitives[0].positions is asset.primitives[1].positions


def test_a_gltf_file_with_embedded_data_reads_like_a_glb() -> None:
    loose, whole = read(embedded()), read(pack(*triangle()))
    np.testing.assert_array_equal(loose.primitives[0].positions, whole.primitives[0].positions)
    np.testing.assert_array_equal(loose.textures[0], whole.textures[0])
    np.testing.assert_array_equal(loose.animations[0].channels[0].values, whole.animations[0].channels[0].values)


def test_buffers_are_joined() -> None:
    document, blob = triangle()
    more = base64.b64encode(b"xx" + np.eye(3, dtype="<f4").tobytes()).decode()
    document["buffers"].append({"byteLength": 38, "uri": f"data:application/gltf-buffer;base64,{more}"})
    document["bufferViews"].append({"buffer": 1, "byteOffset": 2, "byteLength": 36})
    document["accessors"].append({"bufferView": 8, "componentType": 5126, "count": 3, "type": "VEC3"})
    document["meshes"][0]["primitives"][0]["attributes"]["POSITION"] = 7
    asset = read(pack(document, blob))
    np.testing.assert_array_equal(asset.primitives[0].positions, np.eye(3))
    np.testing.assert_array_equal(asset.skins[0].inverse_binds[0], np.eye(4))


def test_interleaved_attributes() -> None:
    b, rng = Builder(), np.random.default_rng(0)
    rows = rng.normal(size=(4, 8)).astype("<f4")
    view = b.view(rows.tobytes(), byteStride=32)
    at = {
        name: b.array(np.zeros((4, width)), bufferView=view, byteOffset=offset)
        for name, width, offset in (("POSITION", 3, 0), ("NORMAL", 3, 12), ("TEXCOORD_0", 2, 24))
    }
    (p,) = draw(b, {"attributes": at, "indices": b.array([0, 1, 2, 1, 2, 3], "u1")}).primitives
    np.testing.assert_array_equal(p.positions, rows[:, :3])
    np.testing.assert_array_equal(p.uvs, rows[:, 6:])
    np.testing.assert_allclose(p.normals, rows[:, 3:6] / np.linalg.norm(rows[:, 3:6], axis=1, keepdims=True), atol=1e-6)


def test_missing_normals_are_smooth_over_shared_vertices() -> None:
    b = Builder()
    roof = b.array([[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1], [0, 1, 0], [0, 1, 1]])
    faces = b.array([0, 3, 1, 1, 3, 2, 0, 4, 3, 3, 4, 5], "u2")
    (p,) = draw(b, {"attributes": {"POSITION": roof}, "indices": faces}).primitives
    np.testing.assert_allclose(np.linalg.norm(p.normals, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(p.normals[1], [0, 1, 0], atol=1e-6)
    np.testing.assert_allclose(p.normals[4], [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(p.normals[3], np.array([1, 1, 0]) / 2**0.5, atol=1e-6)


def test_primitives_that_share_one_long_list_keep_only_what_they_draw() -> None:
    b, rng = Builder(), np.random.default_rng(1)
    places = rng.normal(size=(300, 3)).astype("f4")
    at, weights = b.array(places), b.array(np.tile([1, 0, 0, 0], (300, 1)))
    joints = b.array(np.tile([1, 0, 0, 0], (300, 1)), "u1")
    targets = [{"POSITION": b.array(np.arange(900).reshape(300, 3))}]
    lists = [rng.integers(start, start + 30, 60) for start in (0, 100, 270)]
    attributes = {"POSITION": at, "WEIGHTS_0": weights, "JOINTS_0": joints}
    b.document |= {"nodes": [{}, {}], "skins": [{"joints": [1, 2]}]}
    raws = [{"attributes": attributes, "indices": b.array(line, "u2"), "targets": targets} for line in lists]
    asset = draw(b, *raws, skin=0)
    for p, line in zip(asset.primitives, lists, strict=True):
        assert len(p.positions) == len(set(line.tolist())) == len(p.weights) == len(p.joints) == p.targets.shape[1]
        np.testing.assert_array_equal(p.positions[p.indices], places[line])
        np.testing.assert_array_equal(p.targets[0][p.indices, 0], line * 3)


def test_two_skins_over_the_same_joints_keep_their_own_binds() -> None:
    b = Builder()
    binds = [np.eye(4), np.diag([2.0, 2, 2, 1])]
    skins = [{"joints": [1], "inverseBindMatrices": b.array([bind.T.ravel()])} for bind in binds]
    joints, weights = b.array(np.zeros((4, 4)), "u1"), b.array(np.tile([1, 0, 0, 0], (4, 1)))
    b.document |= {"nodes": [{"translation": [0, 5, 0]}, {"mesh": 0, "skin": 1}], "skins": skins}
    asset = draw(b, square(b, JOINTS_0=joints, WEIGHTS_0=weights), skin=0)
    one, two = (asset.vertices(p, asset.rest_world) for p in asset.primitives)
    np.testing.assert_allclose(one[2], [1, 6, 0])
    np.testing.assert_allclose(two[2], [2, 7, 0])


def test_a_skinned_mesh_on_a_node_without_skin_is_rigid() -> None:
    b = Builder()
    joints, weights = b.array(np.zeros((4, 4)), "u1"), b.array(np.tile([1, 0, 0, 0], (4, 1)))
    asset = draw(b, square(b, JOINTS_0=joints, WEIGHTS_0=weights), translation=[1, 0, 0])
    assert asset.primitives[0].skin is None
    np.testing.assert_allclose(asset.vertices(asset.primitives[0], asset.rest_world)[0], [1, 0, 0])


def test_numbers_that_are_not_finite_are_mended_but_for_positions() -> None:
    b = Builder()
    nan = np.full((4, 3), np.nan)
    raw = square(b, NORMAL=b.array(nan), TEXCOORD_0=b.array(nan[:, :2]), COLOR_0=b.array(nan))
    asset = draw(b, raw)
    (p,) = asset.primitives
    np.testing.assert_allclose(np.linalg.norm(p.normals, axis=1), 1)
    assert not p.uvs.any()
    assert sum("not finite" in note for note in asset.notes) == 3


def paint(file: bytes) -> Asset:
    """Read a square that wears a picture."""
    b = Builder()
    b.document |= {
        "images": [{"bufferView": b.view(file)}],
        "textures": [{"source": 0}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
    }
    return draw(b, {**square(b), "material": 0})


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_mode_becomes_rgba(mode: str) -> None:
    grey = Image.fromarray((np.arange(64) * 4).astype("u1").reshape(8, 8))
    wide = Image.fromarray((np.arange(64) * 4 * 257).astype("u2").reshape(8, 8))
    file = io.BytesIO()
    (wide if mode == "I;16" else grey.convert(mode)).save(file, "PNG")
    (texture,) = paint(file.getvalue()).textures
    expected = np.asarray(grey.convert("1").convert("L") if mode == "1" else grey)
    np.testing.assert_allclose(texture[..., 0].astype(int), expected.astype(int), atol=1)
    assert (texture[..., 3] == 255).all()


@pytest.mark.parametrize(("kind", "options"), [("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {})])
def test_lossy_pictures_are_close(kind: str, options: dict) -> None:
    picture_ = Image.linear_gradient("L").resize((40, 30)).convert("RGB")
    file = io.BytesIO()
    picture_.save(file, kind, quality=95, **options)
    (texture,) = paint(file.getvalue()).textures
    assert np.abs(texture[..., :3].astype(int) - np.asarray(picture_).astype(int)).mean() < 3


def test_what_follows_a_jpeg_is_not_read() -> None:
    assert paint(picture("JPEG") + picture("JPEG", (64, 64))).textures[0].shape == (4, 4, 4)


def test_a_large_picture_is_shrunk_and_an_unknown_one_is_white() -> None:
    large = paint(picture("PNG", (3000, 1500)))
    assert large.textures[0].shape == (512, 1024, 4)
    assert "shrunk from 3000 x 1500" in large.notes[0]
    unknown = paint(b"GIF89a" + bytes(30))
    assert unknown.textures[0].tolist() == [[[255] * 4]]
    assert "white" in unknown.notes[0]


@pytest.mark.skipif(importlib.util.find_spec("DracoPy") is None, reason="DracoPy is not installed")
def test_draco_is_decoded() -> None:
    import DracoPy

    rng = np.random.default_rng(2)
    places = rng.normal(size=(60, 3)).astype("f4")
    faces = rng.permutation(60).reshape(20, 3).astype("u4")
    bound = rng.integers(0, 2, (60, 4)).astype("u1")
    weights = rng.random((60, 4)).astype("f4")
    data = DracoPy.encode(
        places, faces, quantization_bits=20, preserve_order=True, generic_attributes={7: bound, 9: weights}
    )
    mesh = DracoPy.decode(data)
    place = next(a["unique_id"] for a in mesh.attributes if a["attribute_type"] == 0)
    b = Builder()
    claims = {"POSITION": ("VEC3", 5126, place), "JOINTS_0": ("VEC4", 5121, 7), "WEIGHTS_0": ("VEC4", 5126, 9)}
    for shape, kind, _ in claims.values():
        b.document["accessors"].append({"componentType": kind, "count": len(mesh.points), "type": shape})
    b.document["accessors"].append({"componentType": 5125, "count": 3 * len(mesh.faces), "type": "SCALAR"})
    packed = {"bufferView": b.view(data), "attributes": {name: unique for name, (*_, unique) in claims.items()}}
    raw = {
        "attributes": {name: i for i, name in enumerate(claims)},
        "indices": 3,
        "extensions": {"KHR_draco_mesh_compression": packed},
    }
    b.document |= {"nodes": [{}, {}], "skins": [{"joints": [1, 2]}]}
    b.document["extensionsRequired"] = b.document["extensionsUsed"] = ["KHR_draco_mesh_compression"]
    (p,) = draw(b, raw, skin=0).primitives
    corner = lambda v: v[np.lexsort(np.round(v, 3).T)]  # noqa: E731
    np.testing.assert_allclose(corner(p.positions[p.indices]), corner(places[faces.ravel()]), atol=1e-3)
    np.testing.assert_allclose(p.weights.sum(1), 1, atol=1e-5)
    b.blob[b.document["bufferViews"][0]["byteOffset"] + 20] ^= 255
    b.document["accessors"][0]["count"] += 1
    with pytest.raises(AssetError, match=r"KHR_draco_mesh_compression|fit"):
        read(pack(*b.finish()))


def test_reading_leaves_the_bytes_alone_and_remembers_them() -> None:
    data = pack(*everything())
    before = bytes(bytearray(data))
    asset = read(data)
    assert data == before
    assert asset.source is data
    assert json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])["asset"]["version"] == "2.0"
