"""What a GLB may ask for: every bound is checked on the bytes and the JSON before an array is allocated.

A file from a stranger may claim 2^31 vertices in 36 bytes, views past its end, nodes that are their own ancestors or
pictures of a gigapixel. The rules here and in `layout` refuse those with one sentence.
"""

from __future__ import annotations

import json
import math
import re
import struct
from typing import Any

import numpy as np

from hephaestus.errors import AssetError

FILE_BYTES = 64 << 20
JSON_BYTES = 8 << 20
JSON_DEPTH = 64
NODES = 4096
JOINTS = 512
SKINS = 256
VERTICES = 2_000_000
INDICES = 12_000_000
TEXTURES = 64
TEXTURE_SIDE = 8192
TEXTURE_PIXELS = 4096 * 4096
DECODED_BYTES = 192 << 20
"""Of all arrays of a file together, so that many accessors over the same bytes stay bounded."""
LARGEST_FLOAT = 1e9

_MAGIC, _JSON, _BIN = 0x46546C67, 0x4E4F534A, 0x004E4942
# The closing quote is optional so that an unterminated string is swallowed at once: linear in the worst case.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SUPPORTED_EXTENSIONS = {
    "KHR_mesh_quantization", "EXT_texture_webp", "VRM", "VRMC_vrm", "KHR_lights_punctual",
}  # fmt: skip


def open_container(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """Split a GLB into its JSON document and its binary chunk.

    Args:
        data: the whole file.

    Returns:
        The parsed document and a view of the binary chunk (empty where there is none).

    Raises:
        AssetError: magic, version, lengths, size or depth are not what a GLB may have.
    """
    if len(data) > FILE_BYTES:
        raise AssetError(f"The GLB is {len(data) >> 20} MB; at most {FILE_BYTES >> 20} MB are read.")
    if len(data) < 20:
        raise AssetError("The file is too short to be a GLB; export it again.")
    magic, version, length = struct.unpack_from("<III", data)
    if magic != _MAGIC:
        raise AssetError("The file is not a GLB (it does not start with 'glTF'); export it as glTF binary.")
    if version != 2:
        raise AssetError(f"The GLB is of version {version}; only version 2 is read, convert it to glTF 2.0.")
    if length != len(data):
        raise AssetError(f"The GLB says it has {length} bytes but has {len(data)}; it is truncated or padded.")
    chunks = _chunks(data)
    if not chunks or chunks[0][0] != _JSON:
        raise AssetError("The first chunk of the GLB is not JSON; export it again.")
    binary = chunks[1][1] if len(chunks) > 1 and chunks[1][0] == _BIN else memoryview(b"")
    return _document(bytes(chunks[0][1])), binary


def _chunks(data: bytes) -> list[tuple[int, memoryview]]:
    view, at, chunks = memoryview(data), 12, []
    while at < len(data):
        if at + 8 > len(data):
            raise AssetError("The GLB ends inside a chunk header; it is truncated.")
        size, kind = struct.unpack_from("<II", data, at)
        if size > len(data) - at - 8:
            raise AssetError(f"A chunk of the GLB claims {size} bytes where {len(data) - at - 8} are left.")
        chunks.append((kind, view[at + 8 : at + 8 + size]))
        at += 8 + size
        if len(chunks) > 16:
            raise AssetError("The GLB has more than 16 chunks.")
    return chunks


def _document(text: bytes) -> dict[str, Any]:
    if len(text) > JSON_BYTES:
        raise AssetError(f"The JSON of the GLB is {len(text) >> 20} MB; at most {JSON_BYTES >> 20} MB are read.")
    if _depth(text) > JSON_DEPTH:
        raise AssetError(f"The JSON of the GLB is nested deeper than {JSON_DEPTH} levels.")
    try:
        document = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise AssetError(f"The JSON of the GLB cannot be read: {clip(str(error))}.") from None
    if not isinstance(document, dict):
        raise AssetError("The JSON of the GLB is not an object.")
    return document


def _depth(text: bytes) -> int:
    step = np.zeros(256, np.int8)
    step[[ord("["), ord("{")]], step[[ord("]"), ord("}")]] = 1, -1
    return int(np.cumsum(step[np.frombuffer(_STRING.sub(b"", text), np.uint8)], dtype=np.int32).max(initial=0))


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def check_extensions(document: dict[str, Any]) -> None:
    """Refuse a file that is not glTF 2.x or that needs an extension which is not read here.

    Raises:
        AssetError: naming the extension.
    """
    version = str(mapping(document, "asset", "the document").get("version", ""))
    if not version.startswith("2."):
        raise AssetError(f"The GLB says it is glTF {clip(version) or 'of no version'}; only 2.x is read.")
    for name in sequence(document, "extensionsRequired", "the document", 256):
        if name not in _SUPPORTED_EXTENSIONS and not str(name).startswith("KHR_materials_"):
            raise AssetError(f"The GLB requires the extension {clip(str(name))}, which is not read; export without it.")


def clip(text: str) -> str:
    """Shorten what a file says to something that fits into a sentence."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 60 else text[:57] + "..."


def mapping(owner: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    """Return owner[key], an object, or {} where it is missing; `where` names the owner in errors."""
    value = owner.get(key, {})
    if not isinstance(value, dict):
        raise AssetError(f"{key} of {where} is not an object.")
    return value


def sequence(owner: dict[str, Any], key: str, where: str, most: int) -> list[Any]:
    """Return owner[key], a list of at most `most` things, or [] where it is missing."""
    value = owner.get(key, [])
    if not isinstance(value, list):
        raise AssetError(f"{key} of {where} is not a list.")
    if len(value) > most:
        raise AssetError(f"{key} of {where} has {len(value)} entries; at most {most} are read.")
    return value


def objects(owner: dict[str, Any], key: str, where: str, most: int) -> list[dict[str, Any]]:
    """Return owner[key], a list of at most `most` objects, or [] where it is missing."""
    values = sequence(owner, key, where, most)
    if not all(isinstance(v, dict) for v in values):
        raise AssetError(f"{key} of {where} holds something that is not an object.")
    return values


def integer(value: object, low: int, high: int, what: str) -> int:
    """Return value as an int of [low, high]; a float without fraction is taken, as some exporters write 5.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if type(value) is not int or not low <= value <= high:
        raise AssetError(f"{what} is {clip(repr(value))}; it must be a whole number from {low} to {high}.")
    return value


def index(owner: dict[str, Any], key: str, count: int, where: str) -> int | None:
    """Return owner[key] as an index into `count` things, or None where it is missing."""
    if key not in owner:
        return None
    if not count:
        raise AssetError(f"{key} of {where} points at something, but the GLB has none.")
    return integer(owner[key], 0, count - 1, f"{key} of {where}")


def number(value: object, what: str) -> float:
    """Return a finite float of a size that float32 arithmetic survives."""
    if type(value) not in (int, float) or not math.isfinite(value) or abs(value) > LARGEST_FLOAT:  # type: ignore[arg-type]
        raise AssetError(f"{what} is {clip(repr(value))}; it must be a finite number.")
    return float(value)  # type: ignore[arg-type]


def numbers(owner: dict[str, Any], key: str, default: tuple[float, ...], where: str) -> tuple[float, ...]:
    """Return owner[key] as floats, as many as the default has."""
    if key not in owner:
        return default
    values = owner[key]
    if not isinstance(values, list) or len(values) != len(default):
        raise AssetError(f"{key} of {where} must be {len(default)} numbers.")
    return tuple(number(v, f"{key} of {where}") for v in values)


def text(owner: dict[str, Any], key: str) -> str:
    """Return owner[key] as a string of at most 200 characters, "" where it is missing or something else."""
    value = owner.get(key)
    return value[:200] if isinstance(value, str) else ""
