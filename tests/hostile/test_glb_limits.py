"""Files that lie: each is refused with one sentence, fast, and before anything large is allocated."""

from __future__ import annotations

import copy
import json
import os
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hephaestus.errors import AssetError
from hephaestus.glb import limits, read
from tests.hostile.seeds import Builder, Document, embedded, pack, picture, triangle


def test_the_sound_file_reads() -> None:
    asset = read(pack(*triangle()))
    assert asset.names == ("root", "tip", "")
    assert asset.textures[0].shape == (4, 4, 4)
    assert len(asset.animations[0].channels) == 1
    np.testing.assert_allclose(asset.primitives[0].normals, [[0, 0, 1]] * 3)


def spoil(*path: Any, value: Any) -> Callable[[Document], None]:
    """Return a change of one place in the document."""

    def change(document: Document) -> None:
        at: Any = document
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


SPOILS: dict[str, tuple[Callable[[Document], None], str]] = {
    "2^31 vertices in 36 bytes": (spoil("accessors", 0, "count", value=2**31), "count"),
    "a count just past its view": (spoil("accessors", 0, "count", value=4), "view has"),
    "2^31 zeros": (spoil("accessors", 0, value={"componentType": 5126, "count": 2**31, "type": "MAT4"}), "count"),
    "forty million zeros": (
        spoil("accessors", 0, value={"componentType": 5126, "count": 40_000_000, "type": "VEC3"}),
        "vertices",
    ),
    "negative count": (spoil("accessors", 0, "count", value=-3), "count"),
    "a count that is text": (spoil("accessors", 0, "count", value="3"), "count"),
    "a count that is true": (spoil("accessors", 0, "count", value=True), "count"),
    "a view past the buffer": (spoil("bufferViews", 0, "byteOffset", value=10_000_000), "byteOffset"),
    "a view of a gigabyte": (spoil("bufferViews", 0, "byteLength", value=2**30), "byteLength"),
    "an accessor offset of a gigabyte": (spoil("accessors", 0, "byteOffset", value=2**30), "byteOffset"),
    "a huge stride": (spoil("bufferViews", 0, "byteStride", value=2**20), "byteStride"),
    "a buffer larger than the file": (spoil("buffers", 0, "byteLength", value=2**26), "buffer"),
    "a buffer outside": (spoil("buffers", 0, "uri", value="../../../etc/passwd"), "outside"),
    "an image outside": (spoil("images", 0, value={"uri": "../../../../etc/shadow"}), "outside"),
    "an image from the web": (spoil("images", 0, value={"uri": "https://example.com/a.png"}), "outside"),
    "a node that is its own child": (spoil("nodes", 0, "children", value=[0]), "ancestor"),
    "two nodes in a ring": (spoil("nodes", 1, value={"children": [0]}), "ancestor|parents"),
    "a child twice": (spoil("nodes", 0, "children", value=[1, 1]), "parents"),
    "a child that is not there": (spoil("nodes", 0, "children", value=[99]), "child"),
    "a mesh that is not there": (spoil("nodes", 2, "mesh", value=5), "mesh"),
    "a joint that is not there": (spoil("skins", 0, "joints", value=[12]), "joint"),
    "too many joints": (spoil("skins", 0, "joints", value=[0] * 513), "at most 512"),
    "too many nodes": (spoil("nodes", value=[{}] * 5000), "at most 4096"),
    "too many textures": (spoil("textures", value=[{"source": 0}] * 65), "at most 64"),
    "too many images": (spoil("images", value=[{}] * 65), "at most 64"),
    "an accessor that is not there": (
        spoil("meshes", 0, "primitives", 0, "attributes", "POSITION", value=77),
        "POSITION",
    ),
    "indices of floats": (spoil("meshes", 0, "primitives", 0, "indices", value=0), "unsigned"),
    "normals of another count": (spoil("meshes", 0, "primitives", 0, "attributes", "NORMAL", value=6), "fit"),
    "a zero quaternion": (spoil("nodes", 0, "rotation", value=[0, 0, 0, 0]), "quaternion"),
    "a rotation of three": (spoil("nodes", 0, "rotation", value=[0, 0, 1]), "4 numbers"),
    "a huge translation": (spoil("nodes", 0, "translation", value=[1e300, 0, 0]), "finite"),
    "a projection": (spoil("nodes", 0, "matrix", value=[0, 0, 0, 1] * 4), "affine"),
    "an unknown extension": (spoil("extensionsRequired", value=["EVIL_thing"]), "EVIL_thing"),
    "draco": (spoil("extensionsRequired", value=["KHR_draco_mesh_compression"]), "KHR_draco_mesh_compression"),
    "meshopt": (spoil("extensionsRequired", value=["EXT_meshopt_compression"]), "EXT_meshopt_compression"),
    "draco without data": (
        spoil("meshes", 0, "primitives", 0, "extensions", value={"KHR_draco_mesh_compression": {}}),
        "KHR_draco_mesh_compression",
    ),
    "an extension that is a list": (spoil("extensionsRequired", value=[["VRM"]]), "name"),
    "a number of four hundred digits": (spoil("nodes", 0, "scale", value=[1, 1, 10**400]), "finite"),
    "a factor of four hundred digits": (
        spoil("materials", 0, "pbrMetallicRoughness", "roughnessFactor", value=10**400),
        "finite",
    ),
    "a scale that multiplies": (
        spoil("nodes", value=[{"children": [i + 1], "scale": [1e8] * 3} for i in range(9)] + [{}]),
        "mesh|finite",
    ),
    "no nodes": (lambda document: [document.pop(key) for key in ("nodes", "skins", "animations", "scenes")], "nodes"),
    "an image without data": (spoil("images", 0, value={}), "no data"),
    "a picture that is cut": (spoil("bufferViews", 7, "byteLength", value=40), "decoded"),
    "an unknown scene": (spoil("scene", value=4), "scene"),
    "a huge picture in a data URI": (
        spoil("images", 0, value={"uri": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAdTAAAHUwCAIAAAA="}),
        "decoded|read",
    ),
    "broken base64": (spoil("buffers", 0, "uri", value="data:application/octet-stream;base64,@@"), "base64"),
    "a VRM bone that is not there": (
        spoil("extensions", value={"VRMC_vrm": {"humanoid": {"humanBones": {"hips": {"node": 77}}}}}),
        "VRM",
    ),
    "glTF 1": (spoil("asset", "version", value="1.0"), "1.0"),
    "nodes that are text": (spoil("nodes", value="many"), "list"),
    "a mesh that is text": (spoil("meshes", value=["a"]), "object"),
    "an unknown sampler": (spoil("animations", 0, "samplers", 0, "interpolation", value="MAGIC"), "interpolation"),
    "keys that do not fit": (spoil("animations", 0, "samplers", 0, "output", value=0), "fit"),
    "an unknown component": (spoil("accessors", 0, "componentType", value=9999), "componentType"),
    "an unknown type": (spoil("accessors", 0, "type", value="VEC99"), "Type"),
    "sparse past its end": (
        spoil("accessors", 0, "sparse", value={"count": 3, "indices": {"bufferView": 1, "componentType": 5125}}),
        "view",
    ),
}


@pytest.mark.parametrize("name", SPOILS)
def test_one_spoiled_place_is_refused_with_a_sentence(name: str) -> None:
    change, expected = SPOILS[name]
    document, blob = triangle()
    change(document)
    tracemalloc.start()
    try:
        with pytest.raises(AssetError, match=f"(?i){expected}") as caught:
            read(pack(document, blob))
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
    message = str(caught.value)
    assert len(message) < 250
    assert message.endswith(".")


def test_headers_and_chunks_that_lie() -> None:
    good = pack(*triangle())
    lies = {
        b"": "short",
        b"glTF": "short",
        b"PK\x03\x04" + good[4:]: "not a GLB",
        good[:4] + struct.pack("<I", 1) + good[8:]: "version",
        good[:-1]: "truncated",
        good + b"\0\0\0\0": "truncated or padded",
        good[:12] + struct.pack("<I", 2**31) + good[16:]: "claims",
        good[:16] + b"BIN\0" + good[20:]: "JSON",
    }
    for data, expected in lies.items():
        with pytest.raises(AssetError, match=expected):
            read(data)


def test_every_truncation_is_refused() -> None:
    good = pack(*triangle())
    for end in range(0, len(good), 7):
        with pytest.raises(AssetError):
            read(good[:end])


def test_json_bombs() -> None:
    bombs = {
        b'{"asset":' + b"[" * 200_000 + b"]" * 200_000 + b"}": "nested",
        b'{"a":' * 65 + b"1" + b"}" * 65: "nested",
        b'{"x": "' + b'\\"' * 1_000_000: "cannot be read",
        b'{"x": ' + b"9" * 1_000_000 + b"}": "cannot be read",
        b'{"asset": {"version": "2.0"}, "nodes": [{"translation": [NaN, 0, 0]}]}': "NaN",
        b'{"asset": {"version": "2.0"}, "nodes": [{"translation": [1e999, 0, 0]}]}': "finite",
        b"\xff\xfe{}": "cannot be read",
        b"[]": "object",
        b" " * (limits.JSON_BYTES + 4): "at most",
        b'{"x": [' + b"{}," * 1_000_000 + b"{}]}": "too many",
        b'{"x": "' + b"[" * 100 + b'", "y": ' + b"[" * 70 + b"]" * 70 + b"}": "nested",
    }
    for text, expected in bombs.items():
        start = time.perf_counter()
        with pytest.raises(AssetError, match=expected):
            read(pack(text))
        assert time.perf_counter() - start < 2.0


def test_brackets_inside_strings_are_not_depth() -> None:
    document, blob = triangle()
    document["nodes"][0]["name"] = "[" * 150
    assert read(pack(document, blob)).names[0] == "[" * 150


def test_a_chain_of_4096_nodes_reads_fast() -> None:
    document: Document = {"asset": {"version": "2.0"}, "nodes": [{"children": [i + 1]} for i in range(4095)] + [{}]}
    start = time.perf_counter()
    asset = read(pack(document))
    assert len(asset.levels) == 4096
    assert time.perf_counter() - start < 2.0


def test_a_ring_at_the_end_of_a_long_chain_is_found() -> None:
    nodes: list[Document] = [{"children": [i + 1]} for i in range(4000)] + [{}]
    nodes[4000]["children"] = [3000]
    nodes[2999] = {}
    with pytest.raises(AssetError, match="ancestor"):
        read(pack({"asset": {"version": "2.0"}, "nodes": nodes}))


def test_nan_in_the_binary() -> None:
    document, blob = triangle()
    spoiled = struct.pack("<f", float("nan")) + blob[4:]
    with pytest.raises(AssetError, match="finite"):
        read(pack(document, spoiled))
    at = document["bufferViews"][6]["byteOffset"]
    spoiled = blob[:at] + struct.pack("<f", float("inf")) + blob[at + 4 :]
    asset = read(pack(document, spoiled))
    assert len(asset.animations[0].channels[0].times) == 1
    assert "not finite" in asset.notes[0]


def test_an_index_past_the_vertices_and_a_weight_of_another_joint() -> None:
    document, blob = triangle()
    at = document["bufferViews"][1]["byteOffset"]
    with pytest.raises(AssetError, match="past"):
        read(pack(document, blob[:at] + struct.pack("<H", 3) + blob[at + 2 :]))
    at = document["bufferViews"][3]["byteOffset"]
    with pytest.raises(AssetError, match="joint"):
        read(pack(document, blob[:at] + b"\x07" + blob[at + 1 :]))


def test_weights_that_do_not_sum_to_one_are_mended() -> None:
    document, blob = triangle()
    at = document["bufferViews"][2]["byteOffset"]
    asset = read(
        pack(document, blob[:at] + struct.pack("<4f", 3, -1, 0, 0) + struct.pack("<4f", 0, 0, 0, 0) + blob[at + 32 :])
    )
    np.testing.assert_allclose(asset.primitives[0].weights, [[1, 0, 0, 0]] * 3)


def test_a_picture_of_a_gigapixel_is_refused_by_its_header() -> None:
    document, blob = triangle()
    at = document["bufferViews"][7]["byteOffset"]
    header = b"IHDR" + struct.pack(">II", 12000, 12000) + blob[at + 24 : at + 29]
    spoiled = blob[: at + 12] + header + struct.pack(">I", zlib.crc32(header)) + blob[at + 33 :]
    tracemalloc.start()
    with pytest.raises(AssetError, match="12000 x 12000"):
        read(pack(document, spoiled))
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()


def test_one_mesh_drawn_by_every_node_is_bounded() -> None:
    document, blob = triangle()
    document["accessors"][0] = {"componentType": 5126, "count": 100_000, "type": "VEC3"}
    document["meshes"][0]["primitives"] = [{"attributes": {"POSITION": 0}}]
    document["nodes"] = [{"mesh": 0} for _ in range(4096)]
    del document["skins"], document["animations"]
    with pytest.raises(AssetError, match="vertices"):
        read(pack(document, blob))


def test_a_primitive_drawn_without_end_is_bounded() -> None:
    document, blob = triangle()
    document["nodes"] = [{"mesh": 0} for _ in range(4096)]
    document["meshes"][0]["primitives"] *= 4
    del document["skins"], document["animations"]
    with pytest.raises(AssetError, match="primitives"):
        read(pack(document, blob))


def dressed(picture_file: bytes) -> bytes:
    """Return a GLB whose one material wears a picture."""
    b = Builder()
    b.document |= {
        "nodes": [{}],
        "images": [{"bufferView": b.view(picture_file)}],
        "textures": [{"source": 0}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
    }
    return pack(*b.finish())


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_pictures_that_hide_work_are_refused_or_cost_nothing() -> None:
    png, jpeg = picture("PNG"), picture("JPEG")
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1 << 20)))
    assert read(dressed(png[:33] + text * 200 + png[33:])).textures[0].shape == (4, 4, 4)
    bombs = {
        png[:33] + chunk(b"tEXt", b"") * 70_000 + png[33:]: "too many chunks",
        jpeg[:2] + b"\xff\xfe\x00\x02" * 10_000 + jpeg[2:]: "too many segments",
        jpeg.replace(b"\xff\xda", jpeg[jpeg.index(b"\xff\xc0") :][:19] + b"\xff\xda", 1)[:-2]
        + jpeg[jpeg.index(b"\xff\xc0") :][:19]: "two frames",
        png[:16] + struct.pack(">II", 0, 4) + png[24:]: "0 x 4",
        b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff" + bytes(40): "16777216 x 16777216",
    }
    for data, expected in bombs.items():
        tracemalloc.start()
        with pytest.raises(AssetError, match=expected):
            read(dressed(data))
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
        tracemalloc.stop()


def test_pictures_past_the_budget_are_white() -> None:
    b = Builder()
    view = b.view(picture("JPEG", (4096, 4096)))
    b.document |= {
        "nodes": [{}],
        "images": [{"bufferView": view}] * 6,
        "textures": [{"source": i} for i in range(6)],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": i}}} for i in range(6)],
    }
    asset = read(pack(*b.finish()))
    assert [t.shape[0] for t in asset.textures] == [1024] * 4 + [1] * 2
    assert sum("white" in note for note in asset.notes) == 2


def test_names_are_lines_of_text() -> None:
    document, blob = triangle()
    document["nodes"][0]["name"] = "\x1b[2J\ud800\nroot" + "x" * 10_000
    asset = read(pack(document, blob))
    assert asset.names[0].startswith("?[2J??root")
    assert len(asset.names[0]) == 200
    asset.names[0].encode()


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.glb", "/dev/zero", "a\0b", tmp_path / ("x" * 300)):
        with pytest.raises(AssetError, match="give the path"):
            read(path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.glb")
        with pytest.raises(AssetError, match="not a file"):
            read(tmp_path / "pipe.glb")
    with (tmp_path / "large.glb").open("wb") as file:
        file.truncate(limits.FILE_BYTES + 1)
    with pytest.raises(AssetError, match="64 MB"):
        read(tmp_path / "large.glb")


def test_a_gltf_file_reaches_for_no_other_file() -> None:
    document = json.loads(embedded())
    for uri in ("body.bin", "../../etc/passwd", "file:///etc/passwd", "https://example.com/a.bin", 7, "data:", None):
        spoiled = copy.deepcopy(document)
        spoiled["buffers"][0]["uri"] = uri
        with pytest.raises(AssetError, match="outside"):
            read(json.dumps(spoiled).encode())


def test_many_accessors_over_the_same_bytes_are_bounded() -> None:
    count = 50_000
    blob = bytes(count * 12)
    document: Document = {
        "asset": {"version": "2.0"},
        "nodes": [{}],
        "animations": [
            {
                "samplers": [{"input": 0, "output": i} for i in range(1, 1001)],
                "channels": [{"sampler": i, "target": {"node": 0, "path": "translation"}} for i in range(1000)],
            }
        ],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": count, "type": "SCALAR"}]
        + [{"bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3"}] * 1000,
        "bufferViews": [{"buffer": 0, "byteLength": len(blob)}],
        "buffers": [{"byteLength": len(blob)}],
    }
    with pytest.raises(AssetError, match="MB"):
        read(pack(document, blob))
