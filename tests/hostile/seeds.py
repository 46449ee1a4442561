"""Sound files that the hostile tests spoil: small ones that use every part of the format, and the shipped bodies."""

from __future__ import annotations

import base64
import copy
import importlib.util
import io
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Document = dict[str, Any]
BODIES = Path(__file__).parents[2] / "assets" / "bodies"
_CODES = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
_SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}

# Streams of the reference encoders: 300 rows of 4 bytes and 52 triangles for meshopt, a grid for Draco.
ROWS = (
    "oFVVVVUqq6quCwuquqrqCwurqq6qCwu6quqrCwsLqq6qugsLquqrqgsLrqq6qgsL6quqrgsLC6q6quoLC6uqrqoLC7qq6qsLCwuqrqq6Cwuq"
    "6quqCwuuqrqqCwvqq6quCwsLqrqq6gsLqaqqqgPJpPAIBQoHIIciEEEIUAAocEECAIcgAKcCACEocCAIUCEiEKcAIIciEEEIUAAocEECAIcg"
    "AKcCACEocCAIUCEiEKcAIIciEEEIUAAocEECAIcgAKcCACEocCAIUCEiEKcAIIciEEEIUAAocEECAIcgAKcCACEocCAIUCEiEKcA/////wBK"
    "SkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpK"
    "SkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpK"
    "SkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpK"
    "SkpKSkpKSkpKSkoAAAAAFauqrqoLC7qq6qsLCwuqrqoACyoghyIQQQhQAChwQQIAhyAApwIAIShwAAA/SkpKSkpKSkpKSkpKSkpKSkpKSkpK"
    "SkpKSkpKSkpKSkpKSkpKSkpKSkpKSkoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
TRIANGLES = (
    "4f4eEA4QDhAOEA7+HhkOGA4XDhYO/x4WDhYOFg4WDv8eFg4WDhYOFg7/HhYOFg4WDhYO//8PDJ8CXwkMXwkMXwkM/wA/HJ8dDgB2h1ZneKmG"
    "ZYlomAFpAAA="
)
DRACO = (
    "RFJBQ08CAgEBAAAAEBIAEgIABu/T6lOtGv8BEQH/AAABAAkDAAACAQEBAQKtAakq//+fAQwBBK0CrQIL4BQ5zOyaibvEvZoAAAAA/wAAAAAA"
    "AAAAAAAAAAAAAAAAQEAI"
)


def pack(document: Document | bytes, binary: bytes = b"") -> bytes:
    """Return a GLB around a document and a binary chunk."""
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    if binary:
        chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks


def unpack(data: bytes) -> tuple[Document, bytes]:
    """Return document and binary chunk of a sound GLB."""
    (size,) = struct.unpack_from("<I", data, 12)
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def picture(kind: str = "PNG", size: tuple[int, int] = (4, 4)) -> bytes:
    """Return a picture file of one colour."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(file, kind)
    return file.getvalue()


class Builder:
    """A document that grows with its binary chunk."""

    def __init__(self) -> None:
        self.document: Document = {"asset": {"version": "2.0"}, "nodes": [], "accessors": [], "bufferViews": []}
        self.blob = bytearray()

    def view(self, data: bytes, **more: Any) -> int:
        """Add a buffer view and return its index."""
        self.blob += bytes(-len(self.blob) % 4)
        views = self.document["bufferViews"]
        views.append({"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data), **more})
        self.blob += data
        return len(views) - 1

    def array(self, values: Any, kind: str = "f4", **more: Any) -> int:
        """Add an accessor over new bytes and return its index."""
        data = np.asarray(values, f"<{kind}")
        data = data.reshape(len(data), -1)
        view = {} if "bufferView" in more else {"bufferView": self.view(data.tobytes())}
        shape = {"componentType": _CODES[kind], "count": len(data), "type": _SHAPES[data.shape[1]]}
        self.document["accessors"].append({**view, **shape, **more})
        return len(self.document["accessors"]) - 1

    def finish(self) -> tuple[Document, bytes]:
        """Return the document and its binary chunk."""
        if self.blob:
            self.document["buffers"] = [{"byteLength": len(self.blob)}]
        return self.document, bytes(self.blob)


def triangle() -> tuple[Document, bytes]:
    """Return a skinned triangle with one picture and one animation."""
    positions = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes()
    indices = np.array([0, 1, 2, 0], "<u2").tobytes()
    weights = np.tile(np.array([1, 0, 0, 0], "<f4"), (3, 1)).tobytes()
    joints = np.zeros((3, 4), "u1").tobytes()
    inverse = np.eye(4, dtype="<f4").tobytes()
    times = np.array([0, 1], "<f4").tobytes()
    turns = np.array([[0, 0, 0, 1], [0, 1, 0, 0]], "<f4").tobytes()
    parts = [positions, indices, weights, joints, inverse, times, turns, picture()]
    views, blob = [], b""
    for part in parts:
        views.append({"buffer": 0, "byteOffset": len(blob), "byteLength": len(part)})
        blob += part + bytes(-len(part) % 4)
    attributes = {"POSITION": 0, "JOINTS_0": 3, "WEIGHTS_0": 2}
    channel = {"sampler": 0, "target": {"node": 0, "path": "rotation"}}
    document: Document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0, 2]}],
        "nodes": [{"name": "root", "children": [1]}, {"name": "tip"}, {"mesh": 0, "skin": 0}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 1, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "textures": [{"source": 0}],
        "images": [{"bufferView": 7, "mimeType": "image/png"}],
        "skins": [{"joints": [0], "inverseBindMatrices": 4}],
        "animations": [{"samplers": [{"input": 5, "output": 6}], "channels": [channel]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"},
            {"bufferView": 2, "componentType": 5126, "count": 3, "type": "VEC4"},
            {"bufferView": 3, "componentType": 5121, "count": 3, "type": "VEC4"},
            {"bufferView": 4, "componentType": 5126, "count": 1, "type": "MAT4"},
            {"bufferView": 5, "componentType": 5126, "count": 2, "type": "SCALAR"},
            {"bufferView": 6, "componentType": 5126, "count": 2, "type": "VEC4"},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": len(blob)}],
    }
    return document, blob


def everything() -> tuple[Document, bytes]:
    """Return a VRM with morph targets, sparse and quantised accessors, strips, all samplers and two pictures."""
    b = Builder()
    square = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])
    attributes = {
        "POSITION": b.array(square * 100, "i2"),
        "NORMAL": b.array(np.tile([0, 0, 127, 0], (4, 1)), "i1", type="VEC3", normalized=True),
        "TEXCOORD_0": b.array(square[:, :2] * 65535, "u2", normalized=True),
        "TEXCOORD_1": b.array(square[:, :2]),
        "COLOR_0": b.array(np.full((4, 4), 200), "u1", normalized=True),
        "JOINTS_0": b.array(np.tile([0, 1, 0, 0], (4, 1)), "u1"),
        "WEIGHTS_0": b.array(np.tile([128, 127, 0, 0], (4, 1)), "u1", normalized=True),
        "JOINTS_1": b.array(np.tile([1, 0, 0, 0], (4, 1)), "u2"),
        "WEIGHTS_1": b.array(np.full((4, 4), 0.1)),
    }
    b.document["bufferViews"][1]["byteStride"] = 4
    places, values = b.view(np.array([0, 3], "<u2").tobytes()), b.view(np.ones((2, 3), "<f4").tobytes())
    sparse = {"count": 2, "indices": {"bufferView": places, "componentType": 5123}, "values": {"bufferView": values}}
    b.document["accessors"].append({"componentType": 5126, "count": 4, "type": "VEC3", "sparse": sparse})
    target = {"POSITION": len(b.document["accessors"]) - 1}
    strip = {"attributes": attributes, "mode": 5, "material": 0, "targets": [target, target]}
    fan = {"attributes": {"POSITION": attributes["POSITION"]}, "mode": 6, "indices": b.array([0, 1, 3, 2], "u1")}
    times, turn = b.array([0.0, 0.5, 1.0]), np.tile([0.0, 0, 0, 1], (3, 1))
    tracks = [
        ("rotation", "STEP", b.array(turn * 32767, "i2", normalized=True)),
        ("translation", "CUBICSPLINE", b.array(np.zeros((9, 3)))),
        ("scale", "LINEAR", b.array(np.ones((3, 3)))),
    ]
    samplers = [{"input": times, "output": output, "interpolation": way} for _, way, output in tracks]
    channels = [{"sampler": i, "target": {"node": 1, "path": path}} for i, (path, _, _) in enumerate(tracks)]
    samplers.append({"input": times, "output": b.array(np.zeros(6))})
    channels.append({"sampler": 3, "target": {"node": 2, "path": "weights"}})
    move = {"extensions": {"KHR_texture_transform": {"offset": [0.5, 0], "rotation": 1.0, "texCoord": 1}}, "index": 0}
    glossy = {"diffuseFactor": [1, 0, 0, 1], "diffuseTexture": {"index": 1}, "glossinessFactor": 0.5}
    b.document |= {
        "extensionsUsed": ["VRM", "KHR_mesh_quantization", "KHR_texture_transform", "KHR_materials_unlit"],
        "extensionsRequired": ["KHR_mesh_quantization"],
        "scene": 1,
        "scenes": [{"nodes": [3]}, {"nodes": [0, 2]}],
        "nodes": [
            {"name": "ヒップ", "children": [1], "matrix": [0.01, 0, 0, 0, 0, 0.01, 0, 0, 0, 0, -0.01, 0, 0, 1, 0, 1]},
            {"name": "\ud83d head\n", "rotation": [0, 0.7071068, 0, 0.7071068], "scale": [1, -2, 0.5]},
            {"mesh": 0, "skin": 0, "weights": [0.5, 0.0]},
            {"mesh": 1, "translation": [1, 2, 3]},
        ],
        "meshes": [
            {"primitives": [strip, {**fan, "targets": [target, target]}], "weights": [0, 0.25]},
            {"primitives": [fan]},
        ],
        "materials": [
            {"pbrMetallicRoughness": {"baseColorTexture": move}, "extensions": {"KHR_materials_unlit": {}}},
            {"extensions": {"KHR_materials_pbrSpecularGlossiness": glossy}, "alphaMode": "MASK"},
        ],
        "textures": [{"source": 0}, {"source": 1, "extensions": {"EXT_texture_webp": {"source": 2}}}],
        "images": [{"bufferView": b.view(picture(kind, (8, 4)))} for kind in ("PNG", "JPEG", "WEBP")],
        "skins": [{"joints": [0, 1], "inverseBindMatrices": b.array(np.tile(np.eye(4).ravel(), (2, 1)))}],
        "animations": [{"name": "all", "samplers": samplers, "channels": channels}],
        "extensions": {"VRM": {"humanoid": {"humanBones": [{"bone": "hips", "node": 0}, {"bone": "head", "node": 1}]}}},
    }
    return b.finish()


def embedded() -> bytes:
    """Return a .gltf file with its buffer and its picture in data: URIs."""
    document, blob = triangle()
    document["buffers"][0]["uri"] = "data:application/octet-stream;base64," + base64.b64encode(blob).decode()
    document["images"] = [{"uri": "data:image/png;base64," + base64.b64encode(picture()).decode()}]
    return json.dumps(document).encode()


def rigid() -> tuple[Document, bytes]:
    """Return a machine of rigid nodes with a VRM 1.0 block: a hull, a turret on it, a gun on that."""
    b = Builder()
    mesh = {"primitives": [{"attributes": {"POSITION": b.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])},
                            "indices": b.array([0, 2, 1, 0, 1, 3, 1, 2, 3, 2, 0, 3], "u4")}]}  # fmt: skip
    b.document |= {
        "nodes": [
            {"name": "hull", "mesh": 0, "children": [1], "scale": [100, 100, 100]},
            {"name": "turret", "mesh": 0, "children": [2], "translation": [0, 0.5, 0]},
            {"name": "gun", "mesh": 0, "scale": [0.1, 0.1, 2]},
        ],
        "meshes": [mesh],
        "extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {"hips": {"node": 0}, "spine": {"node": 1}}}}},
    }
    return b.finish()


def compressed() -> tuple[Document, bytes]:
    """Return a document whose positions and triangles are compressed; a second buffer stands in for them."""
    b = Builder()
    parts = ((ROWS, 300, 4, "ATTRIBUTES"), (TRIANGLES, 156, 2, "TRIANGLES"))
    for i, (text, count, stride, mode) in enumerate(parts):
        data = base64.b64decode(text)
        b.view(data)
        part = {**b.document["bufferViews"][i], "byteStride": stride, "count": count, "mode": mode}
        b.document["bufferViews"][i] = {
            "buffer": 1, "byteOffset": i * 1200, "byteLength": count * stride,
            "extensions": {"EXT_meshopt_compression": part},
        }  # fmt: skip
    b.document["bufferViews"][0]["byteStride"] = 4
    b.document["accessors"] = [
        {"bufferView": 0, "componentType": 5121, "count": 300, "type": "VEC3"},
        {"bufferView": 1, "componentType": 5123, "count": 156, "type": "SCALAR"},
    ]
    b.document |= {
        "extensionsUsed": ["KHR_mesh_quantization", "EXT_meshopt_compression"],
        "extensionsRequired": ["KHR_mesh_quantization", "EXT_meshopt_compression"],
        "nodes": [{"name": "grid", "mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
    }
    b.finish()
    b.document["buffers"].append({"byteLength": 1512, "extensions": {"EXT_meshopt_compression": {"fallback": True}}})
    return b.document, bytes(b.blob)


def draco() -> tuple[Document, bytes]:
    """Return a grid compressed with Draco."""
    b = Builder()
    packed = {"bufferView": b.view(base64.b64decode(DRACO)), "attributes": {"POSITION": 0}}
    raw = {"attributes": {"POSITION": 0}, "indices": 1, "extensions": {"KHR_draco_mesh_compression": packed}}
    b.document |= {
        "extensionsUsed": ["KHR_draco_mesh_compression"],
        "extensionsRequired": ["KHR_draco_mesh_compression"],
        "accessors": [
            {"componentType": 5126, "count": 16, "type": "VEC3"},
            {"componentType": 5123, "count": 54, "type": "SCALAR"},
        ],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [raw]}],
    }
    return b.finish()


SMALL: dict[str, Callable[[], tuple[Document, bytes]]] = {
    "triangle": triangle,
    "everything": everything,
    "rigid": rigid,
    "compressed": compressed,
}


def seeds() -> dict[str, bytes]:
    """Return all seeds by name, the small ones first."""
    found = {name: pack(*copy.deepcopy(make())) for name, make in SMALL.items()} | {"embedded": embedded()}
    if importlib.util.find_spec("DracoPy") is not None:
        found["draco"] = pack(*draco())
    return found | {path.stem: path.read_bytes() for path in sorted(BODIES.glob("*.glb"))}
