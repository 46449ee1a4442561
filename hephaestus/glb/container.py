"""The container of a glTF file: its JSON document and one binary block, with embedded data unpacked into it."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
import urllib.parse
from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits

MAGIC, JSON, BIN = 0x46546C67, 0x4E4F534A, 0x004E4942
MESHOPT = ("EXT_meshopt_compression", "KHR_meshopt_compression")
# The closing quote is optional so that an unterminated string is swallowed at once: linear in the worst case.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_READ_EXTENSIONS = {
    "EXT_meshopt_compression", "EXT_texture_webp", "KHR_animation_pointer", "KHR_draco_mesh_compression",
    "KHR_lights_punctual", "KHR_mesh_quantization", "KHR_meshopt_compression", "KHR_texture_transform",
    "KHR_xmp_json_ld", "VRM", "VRMC_materials_hdr_emissiveMultiplier", "VRMC_materials_mtoon", "VRMC_node_constraint",
    "VRMC_springBone", "VRMC_vrm",
}  # fmt: skip
"""A required extension that is not here is refused; materials (KHR_materials_...) only change how a thing looks."""


def open_document(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """Split a GLB, or a .gltf file with embedded data, into its JSON document and its binary block.

    Buffers in data: URIs are put behind the binary chunk, so that all buffer views lie in one buffer; the document is
    then a changed copy.

    Args:
        data: the whole file.

    Returns:
        The parsed document and a view of the binary block (empty where there is none).

    Raises:
        AssetError: magic, version, lengths, size or depth are not what a file may have, data lies outside the file,
            or a required extension is not read here.
    """
    if len(data) > limits.FILE_BYTES:
        raise AssetError(f"The GLB is {len(data) >> 20} MB; at most {limits.FILE_BYTES >> 20} MB are read.")
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        document, binary = _document(data), memoryview(b"")
    else:
        text, binary = _split(data)
        document = _document(text)
    _check_version(document)
    return _inline(document, binary)


def pack(document: dict[str, Any], binary: bytes | bytearray) -> bytes:
    """Return the bytes of a GLB around a document and a binary block.

    Raises:
        AssetError: the document holds a number that JSON cannot.
    """
    try:
        text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    except ValueError:
        raise AssetError("The GLB holds a number that is too large to be written.") from None
    text += b" " * (-len(text) % 4)
    padded = bytes(binary) + bytes(-len(binary) % 4)
    chunks = struct.pack("<II", len(text), JSON) + text
    if padded:
        chunks += struct.pack("<II", len(padded), BIN) + padded
    return struct.pack("<III", MAGIC, 2, 12 + len(chunks)) + chunks


def _split(data: bytes) -> tuple[bytes, memoryview]:
    if len(data) < 20:
        raise AssetError("The file is too short to be a GLB; export it again.")
    magic, version, length = struct.unpack_from("<III", data)
    if magic != MAGIC:
        raise AssetError("The file is not a GLB (it does not start with 'glTF'); export it as glTF binary.")
    if version != 2:
        raise AssetError(f"The GLB is of version {version}; only version 2 is read, convert it to glTF 2.0.")
    if length != len(data):
        raise AssetError(f"The GLB says it has {length} bytes but has {len(data)}; it is truncated or padded.")
    chunks = _chunks(data)
    if chunks[0][0] != JSON:
        raise AssetError("The first chunk of the GLB is not JSON; export it again.")
    binary = chunks[1][1] if len(chunks) > 1 and chunks[1][0] == BIN else memoryview(b"")
    return bytes(chunks[0][1]), binary


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
    if len(text) > limits.JSON_BYTES:
        raise AssetError(
            f"The JSON of the file is {len(text) >> 20} MB; at most {limits.JSON_BYTES >> 20} MB are read, "
            "save it as .glb."
        )
    depth, containers = _brackets(text)
    if depth > limits.JSON_DEPTH:
        raise AssetError(f"The JSON of the GLB is nested deeper than {limits.JSON_DEPTH} levels.")
    if containers > limits.JSON_CONTAINERS:
        raise AssetError(f"The JSON of the GLB has too many lists and objects ({containers}).")
    try:
        document = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise AssetError(f"The JSON of the GLB cannot be read: {limits.clip(str(error))}.") from None
    if not isinstance(document, dict):
        raise AssetError("The JSON of the GLB is not an object.")
    return document


def _brackets(text: bytes) -> tuple[int, int]:
    """Return how deep brackets are nested and how many open, those in strings left out; nothing here recurses."""
    table = np.zeros(256, np.int8)
    table[[ord("["), ord("{")]], table[[ord("]"), ord("}")]] = 1, -1
    if b"\\" in text:
        text = _STRING.sub(b"", text)
        steps = table[np.frombuffer(text, np.uint8)]
    else:  # every quote opens or closes a string
        letters = np.frombuffer(text, np.uint8)
        outside = ~np.logical_xor.accumulate(letters == ord('"'))
        steps = table[letters[outside]]
    steps = steps[steps != 0]
    return int(np.cumsum(steps, dtype=np.int32).max(initial=0)), int((steps > 0).sum())


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def _check_version(document: dict[str, Any]) -> None:
    version = limits.text(limits.mapping(document, "asset", "the document"), "version")
    if not version.startswith("2."):
        raise AssetError(f"The GLB says it is glTF {limits.clip(version) or 'of no version'}; only 2.x is read.")
    for name in limits.sequence(document, "extensionsRequired", "the document", 256):
        if not isinstance(name, str):
            raise AssetError("extensionsRequired of the document holds something that is not a name.")
        if name not in _READ_EXTENSIONS and not name.startswith("KHR_materials_"):
            raise AssetError(f"The GLB requires {limits.clip(name)}, which is not read; export without it.")


def _inline(document: dict[str, Any], binary: memoryview) -> tuple[dict[str, Any], memoryview]:
    """Put all buffers with bytes into one; those that only stand in for what meshopt compressed follow, empty."""
    buffers = limits.objects(document, "buffers", "the document", 16)
    sizes = [limits.whole(b, "byteLength", 1, limits.FILE_BYTES, f"buffer {i}") for i, b in enumerate(buffers)]
    pieces: list[bytes | memoryview | None] = []
    for i, (buffer, size) in enumerate(zip(buffers, sizes, strict=True)):
        piece = binary if "uri" not in buffer and i == 0 else _piece(buffer, i)
        if piece is not None and len(piece) < size:
            raise AssetError(f"The buffer {i} claims {size} bytes; the file holds {len(piece)}.")
        pieces.append(piece if piece is None else piece[:size])
    if not any("uri" in b for b in buffers):
        return document, binary[: sizes[0]] if sizes else binary[:0]
    joined, places = bytearray(), list[tuple[int, int]]()
    stand_ins = [b for b, p in zip(buffers, pieces, strict=True) if p is None]
    for piece in pieces:
        places.append((0, len(joined)) if piece is not None else (1 + sum(at > 0 for at, _ in places), 0))
        joined += piece or b""
        joined += bytes(-len(joined) % 8)
    views = limits.objects(document, "bufferViews", "the document", limits.ARRAYS)
    moved = [_moved(view, f"buffer view {i}", pieces, places) for i, view in enumerate(views)]
    whole = {**document, "buffers": [{"byteLength": len(joined)}, *stand_ins], "bufferViews": moved}
    return whole, memoryview(bytes(joined))


def _piece(buffer: dict[str, Any], i: int) -> bytes | None:
    if "uri" in buffer:
        return data_uri(buffer["uri"], f"Buffer {i}")
    if any(name in limits.mapping(buffer, "extensions", f"buffer {i}") for name in MESHOPT):
        return None
    raise AssetError(f"Buffer {i} has no data in the file; export everything into one file.")


def _moved(
    view: dict[str, Any], where: str, pieces: list[bytes | memoryview | None], places: list[tuple[int, int]]
) -> dict[str, Any]:
    """Return a view, and what it is compressed from, as lying in the joined buffer."""
    extensions = limits.mapping(view, "extensions", where)
    packed = {name: _shifted(limits.mapping(extensions, name, where), where, pieces, places)
              for name in MESHOPT if name in extensions}  # fmt: skip
    moved = _shifted(view, where, pieces, places)
    return {**moved, "extensions": {**extensions, **packed}} if packed else moved


def _shifted(
    view: dict[str, Any], where: str, pieces: list[bytes | memoryview | None], places: list[tuple[int, int]]
) -> dict[str, Any]:
    at = limits.whole(view, "buffer", 0, len(pieces) - 1, where)
    piece, (buffer, shift) = pieces[at], places[at]
    start = limits.whole(view, "byteOffset", 0, limits.FILE_BYTES, where, 0)
    size = limits.whole(view, "byteLength", 1, limits.FILE_BYTES, where)
    if piece is not None and start + size > len(piece):
        raise AssetError(f"{where.capitalize()} leaves its buffer.")
    return {**view, "buffer": buffer, "byteOffset": start + shift}


def data_uri(uri: object, what: str) -> bytes:
    """Return the bytes inside a data: URI.

    Raises:
        AssetError: it names a file or a server, or is not base64.
    """
    head, comma, body = uri.partition(",") if isinstance(uri, str) else ("", "", "")
    if not head.startswith("data:") or not comma:
        name = f" '{limits.clip(uri)}'" if isinstance(uri, str) and not uri.startswith("data:") else ""
        raise AssetError(f"{what} lives outside the file (uri{name or ' broken'}); export everything into one file.")
    try:
        if head.endswith(";base64"):
            return base64.b64decode(body, validate=True)
        return urllib.parse.unquote_to_bytes(body)
    except (binascii.Error, ValueError):
        raise AssetError(f"{what} is not sound base64; export everything into one file.") from None
