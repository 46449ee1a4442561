"""Ways to spoil a GLB: bytes, lengths, JSON values, structure and numbers."""

from __future__ import annotations

import copy
import json
import random
import struct
from collections.abc import Callable
from typing import Any

from tests.hostile.attacks import attack
from tests.hostile.seeds import Document, pack, unpack

NASTY: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2, 3, 7, 63, 255, 65535, 2**31 - 1, 2**31, 2**32, 2**53, 2**63, 2**64, 10**30,
    10**400, -(2**31), 0.5, -0.0, 1e-45, 3.5, 5.0, 1e9, 1e30, 1e308, -1e308, 1e999, float("nan"), "", "x", "\ud800",
    "\x00\x1b[2J", "../../etc/passwd", "data:,", "data:application/octet-stream;base64,AAAA", "A" * 5000, [], {}, [0],
    [[]], [{}], [None], {"index": 0}, {"node": 0}, {"bufferView": 0}, [0, 0], [1, 0], list(range(40)), [0] * 600,
    [{}] * 100, [1e38] * 16, [0.0] * 4, [1, 1, 1, 1], [0] * 16, {"a": {"b": {"c": [1]}}},
)  # fmt: skip
WORDS = (
    "CUBICSPLINE", "STEP", "LINEAR", "weights", "rotation", "translation", "scale", "pointer", "VEC2", "VEC3", "VEC4",
    "MAT4", "MAT2", "SCALAR", "BLEND", "MASK", "KHR_draco_mesh_compression", "EXT_meshopt_compression", "1.0", "2.1",
)  # fmt: skip
CODES = (5120, 5121, 5122, 5123, 5124, 5125, 5126, 0, 1, 4, 5, 6)
_FLOATS = [struct.pack("<f", x) for x in (float("nan"), float("inf"), -float("inf"), 3e38, -3e38, 1e-45, -0.0, 0.0)]


def mutate(rng: random.Random, seeds: dict[str, bytes]) -> bytes:
    """Return a spoiled copy of a random seed."""
    names = list(seeds)
    # The small seeds come first and are spoiled more often: more of them is structure.
    seed = seeds[names[min(int(rng.expovariate(0.45)), len(names) - 1)]]
    kind = rng.random()
    if kind < 0.2 or seed[:1] == b"{":
        return _bytes(rng, seed)
    if kind < 0.27:
        return _lengths(rng, seed)
    document, blob = unpack(seed)
    binary = bytearray(blob)
    if kind < 0.32:
        return _text(rng, document, bytes(binary))
    if kind < 0.6:
        return attack(rng, document, binary)
    for _ in range(min(1 + int(rng.expovariate(0.8)), 8)):
        rng.choice(_WAYS)(rng, document, binary)
    return pack(_encoded(document), bytes(binary))


def _encoded(document: Document) -> bytes:
    try:
        return json.dumps(document).encode()
    except (RecursionError, ValueError):
        return b'{"asset":' * 2000


def _bytes(rng: random.Random, data: bytes) -> bytes:
    """Flip, cut, insert or repeat bytes anywhere."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16, 64))):
        at = rng.randrange(len(out))
        way = rng.random()
        if way < 0.6:
            out[at] = rng.choice((rng.randrange(256), out[at] ^ 1 << rng.randrange(8), 0, 255))
        elif way < 0.7:
            del out[at : at + rng.randrange(1, 64)]
        elif way < 0.8:
            out[at:at] = rng.randbytes(rng.randrange(1, 32))
        elif way < 0.9:
            out[at : at + 64] = out[at // 2 : at // 2 + 64]
        else:
            del out[at:]
        if len(out) < 2:
            break
    if len(out) >= 12 and rng.random() < 0.7:
        out[8:12] = struct.pack("<I", len(out))
    return bytes(out)


def _lengths(rng: random.Random, data: bytes) -> bytes:
    """Lie about the length of the file or of a chunk."""
    out = bytearray(data)
    (size,) = struct.unpack_from("<I", data, 12)
    for at in rng.sample((4, 8, 12, 16, 20 + size, 24 + size), rng.randrange(1, 4)):
        lie = rng.choice((0, 1, 3, 4, size - 1, size + 1, size + 4, len(data), 2**31, 2**32 - 1, rng.randrange(2**32)))
        if at + 4 <= len(out):
            out[at : at + 4] = struct.pack("<I", lie)
    if rng.random() < 0.3:
        out += rng.randbytes(rng.randrange(1, 64))
    return bytes(out)


def _text(rng: random.Random, document: Document, binary: bytes) -> bytes:
    """Spoil the JSON as text: depth, numbers, strings and encodings that no parsed value can stand for."""
    text = json.dumps(document)
    places = [i for i, c in enumerate(text) if c == ":"]
    at = rng.choice(places) + 1
    depth = rng.choice((10, 60, 70, 1000, 100_000))
    bomb = rng.choice(
        ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth, "[" * depth, "9" * depth, "1e" + "9" * 30,
         '"' + "\\" * depth, '"\\ud83d"', "NaN", "-Infinity", "1" + "0" * depth, '"' + "x" * depth + '"', "tru", "0x1",
         "[" + "0," * depth + "0]", "[" + "{}," * depth + "{}]")
    )  # fmt: skip
    comma = "," if rng.random() < 0.7 else ""
    spoiled = (text[:at] + bomb + comma + ('"z":' if comma else "") + text[at:]).encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        spoiled = rng.choice((b"\xef\xbb\xbf" + spoiled, spoiled.decode().encode("utf-16"), b"\xff" + spoiled))
    return pack(spoiled, binary)


def _walk(rng: random.Random, document: Document) -> tuple[Any, Any]:
    """Return a random container of the document and a key in it."""
    at: Any = document
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return document, rng.choice(list(document))
        key = rng.choice(keys)
        if not isinstance(at[key], dict | list) or not at[key] or rng.random() < 0.12:
            return at, key
        at = at[key]


def _value(rng: random.Random, document: Document, binary: bytearray) -> None:
    owner, key = _walk(rng, document)
    owner[key] = copy.deepcopy(rng.choice(NASTY))


def _near(rng: random.Random, document: Document, binary: bytearray) -> None:
    """Move a number a little, so that it is wrong by one."""
    for _ in range(20):
        owner, key = _walk(rng, document)
        if type(owner[key]) in (int, float):
            owner[key] += rng.choice((-1, 1, 2, -2, 4, owner[key]))
            return


def _word(rng: random.Random, document: Document, binary: bytearray) -> None:
    for _ in range(20):
        owner, key = _walk(rng, document)
        if isinstance(owner[key], str) or key in ("componentType", "mode"):
            owner[key] = rng.choice(CODES if key in ("componentType", "mode") else WORDS)
            return


def _drop(rng: random.Random, document: Document, binary: bytearray) -> None:
    owner, key = _walk(rng, document)
    if len(owner) > 1 or owner is not document:
        del owner[key]


def _copy(rng: random.Random, document: Document, binary: bytearray) -> None:
    """Put one part of the document in the place of another, or many of it into a list."""
    owner, key = _walk(rng, document)
    other, name = _walk(rng, document)
    part = copy.deepcopy(other[name])
    if isinstance(owner, list) and rng.random() < 0.5:
        owner.extend(copy.deepcopy(owner[key]) for _ in range(rng.choice((1, 2, 30, 300))))
    else:
        owner[key] = part


def _graph(rng: random.Random, document: Document, binary: bytearray) -> None:
    """Hang nodes on each other at random: rings, two parents, long chains."""
    nodes = document.get("nodes")
    if isinstance(nodes, list) and nodes:
        if rng.random() < 0.1:
            start, length = len(nodes), rng.choice((10, 500, 4200))
            nodes += [{"children": [start + i + 1], "scale": [rng.choice((1, 10, 0.1))] * 3} for i in range(length)]
            nodes.append({})
        for _ in range(rng.randrange(1, 4)):
            node = rng.choice(nodes)
            if isinstance(node, dict):
                node["children"] = [rng.randrange(len(nodes)) for _ in range(rng.randrange(1, 4))]


def _overlap(rng: random.Random, document: Document, binary: bytearray) -> None:
    """Let accessors and views lie over each other or past their ends."""
    views, accessors = document.get("bufferViews"), document.get("accessors")
    for things in (views, accessors):
        if isinstance(things, list) and things and isinstance(thing := rng.choice(things), dict):
            sizes = (0, 1, 2, 4, 12, 100, len(binary) - 1, len(binary), len(binary) + 1, 10**6, 2**27, 2**40)
            thing[rng.choice(("byteOffset", "byteLength", "byteStride", "count", "bufferView"))] = rng.choice(sizes)


def _huge(rng: random.Random, document: Document, binary: bytearray) -> None:
    """Claim many elements without bytes for them: an accessor without a view is zeros, as many as it says."""
    accessors = document.get("accessors")
    if isinstance(accessors, list) and accessors and isinstance(accessor := rng.choice(accessors), dict):
        accessor.pop("bufferView", None)
        accessor["count"] = rng.choice((1, 1000, 65536, 10**6, 1_999_999, 2_000_001, 12_000_000, 48_000_000, 2**31))


def _numbers(rng: random.Random, document: Document, binary: bytearray) -> None:
    """Spoil the binary chunk: NaN, infinities, huge floats, random bytes."""
    if len(binary) < 16:
        return
    for _ in range(rng.choice((1, 4, 64))):
        at = rng.randrange(len(binary) - 4) // 4 * 4
        binary[at : at + 4] = rng.choice((*_FLOATS, rng.randbytes(4)))


def _extension(rng: random.Random, document: Document, binary: bytearray) -> None:
    """Claim an extension on a random object."""
    name = rng.choice(
        ("KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_texture_transform", "VRM", "VRMC_vrm",
         "KHR_materials_pbrSpecularGlossiness", "EXT_texture_webp", "KHR_materials_unlit")
    )  # fmt: skip
    owner, key = _walk(rng, document)
    holder = owner[key] if isinstance(owner[key], dict) else owner
    if isinstance(holder, dict):
        holder["extensions"] = {name: copy.deepcopy(rng.choice((*NASTY[-20:], {"bufferView": 0, "attributes": {}})))}


_WAYS: tuple[Callable[[random.Random, Document, bytearray], None], ...] = (
    _value, _value, _value, _near, _near, _word, _drop, _copy, _graph, _overlap, _huge, _numbers, _numbers, _extension,
)  # fmt: skip
