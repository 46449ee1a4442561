"""Attacks on a GLB that random spoiling seldom makes: each aims at one rule of the format and breaks it on purpose."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

from tests.hostile.seeds import Document, pack, picture

_NAN, _INF = float("nan"), float("inf")
_TURNS: tuple[tuple[str, list[float]], ...] = (
    ("scale", [0, 0, 0]), ("scale", [-1, 1, 1]), ("scale", [-1, -1, -1]), ("scale", [1e-30] * 3), ("scale", [1e9] * 3),
    ("scale", [1, 0, 1]), ("scale", [_NAN, 1, 1]), ("translation", [_INF, 0, 0]), ("translation", [1e9] * 3),
    ("translation", [1e308] * 3), ("rotation", [0, 0, 0, 0]), ("rotation", [2, 0, 0, 0]), ("rotation", [_NAN] * 4),
    ("rotation", [1, 1, 1, 1]), ("matrix", [0] * 16), ("matrix", [1e30] * 16), ("matrix", [_NAN] * 16),
    ("matrix", [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]), ("weights", [1e308, -1e308]), ("weights", [_NAN]),
)  # fmt: skip
_PLACES = (
    "file:///etc/passwd", "/etc/passwd", "../../secret.bin", "http://localhost:9/x", "\\\\server\\share\\x", "con", "",
    "data:", "data:;base64,", "data:application/octet-stream;base64,!!!!", "data:image/png;base64,iVBORw0KGgo=",
    "data:,%ff%00", "DATA:application/octet-stream;base64,AAAA", "a" * 70_000,
)  # fmt: skip
_FLOATS = tuple(struct.pack("<f", x) for x in (_NAN, _INF, -_INF, 0.0, -1.0, 3e38, 1e-40, 1e12))


def attack(rng: random.Random, document: Document, binary: bytearray) -> bytes:
    """Return the file of a document and its binary chunk with one to three attacks on it."""
    finish = pack
    for way in rng.choices(_WAYS, k=rng.choice((1, 1, 2, 3))):
        way(rng, document, binary)
    if rng.random() < 0.25:
        finish = rng.choice(_FINISHES)(rng)
    try:
        text = json.dumps(document).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        text = b"{}"
    return finish(text, bytes(binary))


def _one(rng: random.Random, document: Document, name: str) -> dict[str, Any]:
    """Return one of a list of objects of the document; an empty one where there is none."""
    things = document.get(name)
    sound = [thing for thing in things if isinstance(thing, dict)] if isinstance(things, list) else []
    return rng.choice(sound) if sound else {}


def _fill(rng: random.Random, document: Document, binary: bytearray, index: object, count: int) -> None:
    """Overwrite some of the floats of an accessor."""
    accessors, views = document.get("accessors"), document.get("bufferViews")
    try:
        accessor = accessors[index]  # type: ignore[index]
        start = views[accessor["bufferView"]].get("byteOffset", 0)  # type: ignore[index]
    except (KeyError, IndexError, TypeError, AttributeError):
        return
    value = rng.choice(_FLOATS)
    for k in range(count):
        at = start + 4 * k
        if isinstance(at, int) and 0 <= at <= len(binary) - 4:
            binary[at : at + 4] = value


def _place(rng: random.Random, document: Document, binary: bytearray) -> None:
    for _ in range(rng.choice((1, 1, 3))):
        key, value = rng.choice(_TURNS)
        _one(rng, document, "nodes")[key] = list(value)


def _binds(rng: random.Random, document: Document, binary: bytearray) -> None:
    _fill(rng, document, binary, _one(rng, document, "skins").get("inverseBindMatrices"), rng.choice((1, 4, 16, 64)))


def _weights(rng: random.Random, document: Document, binary: bytearray) -> None:
    primitive = _one(rng, _one(rng, document, "meshes"), "primitives")
    attributes = primitive.get("attributes", {})
    if isinstance(attributes, dict):
        name = rng.choice(("WEIGHTS_0", "JOINTS_0", "POSITION", "NORMAL", "TEXCOORD_0", "COLOR_0"))
        _fill(rng, document, binary, attributes.get(name), rng.choice((1, 12, 4000)))


def _skin(rng: random.Random, document: Document, binary: bytearray) -> None:
    skin, count = _one(rng, document, "skins"), len(document.get("nodes") or [])
    skin["joints"] = rng.choice(([], [0] * 512, [0] * 513, [count], [-1], [0, 0], list(range(count)), [0.5], [1e18]))
    if rng.random() < 0.5:
        skin["skeleton"] = rng.choice((count, -1, 0, "hips", None))


def _sparse(rng: random.Random, document: Document, binary: bytearray) -> None:
    views = len(document.get("bufferViews") or [])
    part = {"bufferView": rng.choice((0, views - 1, views, -1)), "byteOffset": rng.choice((0, 1, 3, 2**31))}
    _one(rng, document, "accessors")["sparse"] = {
        "count": rng.choice((0, 1, 2, 3, 10**6, 10**9, 2**31, -1)),
        "indices": {**part, "componentType": rng.choice((5121, 5123, 5125, 5126, 5122))},
        "values": {"bufferView": rng.choice((0, views - 1, views))},
    }


def _views(rng: random.Random, document: Document, binary: bytearray) -> None:
    for _ in range(rng.choice((1, 3, 20))):
        view = _one(rng, document, "bufferViews")
        view[rng.choice(("byteStride", "byteOffset", "byteLength"))] = rng.choice(
            (0, 1, 2, 3, 4, 5, 8, 12, 16, 252, 253, 255, 256, -4, len(binary), 2**31, 2**32 + 4, 1.5)
        )


def _clip(rng: random.Random, document: Document, binary: bytearray) -> None:
    animation = _one(rng, document, "animations")
    sampler = _one(rng, animation, "samplers")
    accessors, way = document.get("accessors"), rng.random()
    if way < 0.4 and isinstance(accessors, list):
        accessors.append({"componentType": 5126, "count": rng.choice((10**9, 2**20, 2**20 + 1, 1)), "type": "SCALAR"})
        sampler["input"] = len(accessors) - 1
    elif way < 0.6:
        sampler["output"] = sampler.get("input", 0)
    elif way < 0.8:
        _fill(rng, document, binary, sampler.get(rng.choice(("input", "output"))), rng.choice((1, 2, 8)))
    else:
        channels = animation.get("channels")
        if isinstance(channels, list) and channels:
            animation["channels"] = channels * rng.choice((100, 70_000 // len(channels)))


def _outside(rng: random.Random, document: Document, binary: bytearray) -> None:
    name = rng.choice(("buffers", "images"))
    thing = _one(rng, document, name)
    thing["uri"] = rng.choice(_PLACES)
    if rng.random() < 0.5:
        thing.pop("bufferView", None)


def _required(rng: random.Random, document: Document, binary: bytearray) -> None:
    names = ("EVIL_ext", "KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_texture_basisu", "", "\ud800", 7)
    document["extensionsRequired"] = rng.choices(names, k=rng.choice((1, 2, 300)))


def _mesh(rng: random.Random, document: Document, binary: bytearray) -> None:
    primitive, accessors = _one(rng, _one(rng, document, "meshes"), "primitives"), document.get("accessors")
    if not isinstance(accessors, list):
        return
    counts = (0, 1, 2, 3, 65_535, 2_000_000, 2_000_001, 6_000_000, 6_000_001, 10**9)
    accessors.append({"componentType": 5125, "count": rng.choice(counts), "type": "SCALAR"})
    way = rng.random()
    if way < 0.4:
        primitive["indices"] = len(accessors) - 1
    elif way < 0.7:
        accessors[-1] |= {"componentType": 5126, "type": "VEC3"}
        primitive["targets"] = [{"POSITION": len(accessors) - 1}] * rng.choice((1, 8, 512, 513))
    else:
        primitive["mode"] = rng.choice((0, 1, 4, 5, 6, 7, -1))


def _forest(rng: random.Random, document: Document, binary: bytearray) -> None:
    nodes = document.get("nodes")
    if not isinstance(nodes, list) or not nodes:
        return
    way, count = rng.random(), len(nodes)
    if way < 0.3:
        _one(rng, document, "nodes")["children"] = [rng.randrange(count)]
    elif way < 0.6:
        nodes += [{"mesh": 0, "skin": 0, "name": "x"} for _ in range(rng.choice((10, 300, 4000)))]
    elif way < 0.8:
        nodes += [{"children": [count + k + 1], "scale": [rng.choice((1.0, -1.0, 1.01))] * 3} for k in range(900)]
        nodes.append({})
    else:
        for k, node in enumerate(nodes):
            if isinstance(node, dict):
                node["name"] = rng.choice(("L_hand", "hips", "\x00", "\u202e" * 300, "wheel", str(k), "右足"))


def _bomb(rng: random.Random) -> bytes:
    """Return a picture that claims or holds far more than its bytes say."""
    side = rng.choice((0, 1, 4096, 8192, 8193, 30_000, 2**31 - 1))
    head = struct.pack(">IIBBBBB", side, rng.choice((side, 1)), rng.choice((1, 8, 16, 5)), rng.choice((0, 2, 3, 6)),
                       0, 0, rng.choice((0, 1)))  # fmt: skip
    body = zlib.compress(bytes(rng.choice((10, 100_000, 4_000_000))), 9)
    chunks = ((b"IHDR", head), (b"zTXt", b"a\0\0" + body), (b"IDAT", body), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks
    )
    jpeg = bytearray(picture("JPEG", (8, 8)))
    frame = next(k for k in range(len(jpeg)) if jpeg[k] == 0xFF and 0xC0 <= jpeg[k + 1] <= 0xC2)
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", *rng.choices((0, 1, 8, 4096, 65_535), k=2))
    scan = jpeg.find(b"\xff\xda")
    many = bytes(jpeg[:-2]) + bytes(jpeg[scan:-2]) * rng.choice((1, 50, 2000)) + b"\xff\xd9"
    return rng.choice(
        (png, png[: len(png) // 2], bytes(jpeg), many, b"GIF89a" + bytes(20), b"RIFF\xff\xff\xff\xffWEBP")
    )


def _picture(rng: random.Random, document: Document, binary: bytearray) -> None:
    image, views, data = _one(rng, document, "images"), document.get("bufferViews"), _bomb(rng)
    buffer = _one(rng, document, "buffers")
    if not isinstance(views, list) or not buffer or "uri" in buffer:
        return
    binary += bytes(-len(binary) % 4)
    views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)})
    binary += data
    buffer["byteLength"] = len(binary)
    image.pop("uri", None)
    image["bufferView"] = len(views) - 1


_Way = Callable[[random.Random, Document, bytearray], None]
_WAYS: tuple[_Way, ...] = (
    _place, _place, _binds, _weights, _skin, _sparse, _views, _clip, _outside, _required, _mesh, _forest, _picture,
    _picture,
)  # fmt: skip


def _chunked(rng: random.Random) -> Callable[[bytes, bytes], bytes]:
    """Return what writes the chunks in an order, number or length that the format does not have."""

    def finish(text: bytes, binary: bytes) -> bytes:
        text += b" " * (-len(text) % 4)
        binary += bytes(-len(binary) % 4)
        chunks = [(0x4E4F534A, text), (0x004E4942, binary)]
        way = rng.randrange(6)
        if way == 0:
            chunks.reverse()
        elif way == 1:
            chunks += [chunks[1]] * rng.choice((1, 20))
        elif way == 2:
            chunks.insert(1, (0x12345678, b"junk"))
        elif way == 3:
            chunks += [chunks[0]]
        elif way == 4:
            chunks.insert(rng.choice((0, 1)), (rng.choice((0x4E4F534A, 0x004E4942)), b""))
        else:
            chunks = chunks[:1]
        data = b"".join(struct.pack("<II", len(body), kind) + body for kind, body in chunks)
        return struct.pack("<III", 0x46546C67, 2, 12 + len(data)) + data

    return finish


def _worded(rng: random.Random) -> Callable[[bytes, bytes], bytes]:
    """Return what spoils the text: keys that come twice, bytes that are no UTF-8, a byte order mark."""

    def finish(text: bytes, binary: bytes) -> bytes:
        key = rng.choice((b'"nodes"', b'"meshes"', b'"asset"', b'"accessors"', b'"name"', b'"count"'))
        way = rng.randrange(4)
        if way == 0:
            text = b"{" + key + rng.choice((b":[],", b":{},", b":null,", b":1e999,")) + text[1:]
        elif way == 1:
            text = text.replace(key, key + b":[],\n" + key, 1)
        elif way == 2:
            text = text.replace(b'"name": "', b'"name": "' + rng.choice((b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80")))
        else:
            text = rng.choice((b"\xef\xbb\xbf" + text, text + b"\x00" * 40, text + text, b"\n" * 50_000 + text))
        return pack(text, binary)

    return finish


_FINISHES: tuple[Callable[[random.Random], Callable[[bytes, bytes], bytes]], ...] = (_chunked, _worded)
