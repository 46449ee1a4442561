"""Pictures inside a GLB: their size is read from the header before anything is decoded.

A PNG or JPEG may hide much work in few bytes: millions of tiny chunks, compressed text, hundreds of scans. So a picture
is taken apart here first, and the decoder sees only what it needs to draw.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits

LARGEST_SIDE = 1024
"""px: larger pictures are shrunk while they are read; a body on a screen shows no more."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS, _JPEG_SEGMENTS = 1 << 16, 4096
# JPEG markers that say how to decode: frames, Huffman tables, quantisation, restarts, JFIF and Adobe colour.
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_JPEG_KEPT = {*_JPEG_FRAMES, 0xC4, 0xCC, 0xDB, 0xDD, 0xE0, 0xEE}
_SCANS = 8
"""Scans of a usual progressive JPEG; each costs a pass over the whole picture."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture that has been looked at but not decoded.

    Attributes:
        kind: "PNG", "JPEG" or "WEBP".
        width: px.
        height: px.
        work: pixels that decoding goes over.
        data: the file without what is not drawn.
    """

    kind: str
    width: int
    height: int
    work: int
    data: bytes


def look(data: memoryview, what: str) -> Encoded | None:
    """Find out what a picture is and how large, from its header.

    Args:
        data: the picture file.
        what: its name in errors.

    Returns:
        The picture, or None where it is of a kind that is not drawn.

    Raises:
        AssetError: the header is broken, or the picture is too large.
    """
    try:
        found = _READERS[kind](data) if (kind := _kind(bytes(data[:12]))) else None
    except (struct.error, IndexError, ValueError) as error:
        raise AssetError(f"{what} cannot be decoded: {limits.clip(str(error))}.") from None
    if found is None:
        return None
    width, height = found.width, found.height
    if min(width, height) < 1 or max(width, height) > limits.TEXTURE_SIDE or width * height > limits.TEXTURE_PIXELS:
        most = f"{limits.TEXTURE_PIXELS >> 20} Mpixel"
        raise AssetError(f"{what} is {width} x {height}; pictures of 1 pixel to {most} are read.")
    return found


def _kind(head: bytes) -> str:
    if head.startswith(_PNG):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WEBP" if head[:4] == b"RIFF" and head[8:] == b"WEBP" else ""


def _png(data: memoryview) -> Encoded:
    """Keep header, palette, transparency and pixels (as one chunk); drop text, profiles and animation."""
    kept: dict[bytes, bytes] = {}
    pixels, at = [], 8
    for _ in range(_PNG_CHUNKS):
        (size,), name = struct.unpack_from(">I", data, at), bytes(data[at + 4 : at + 8])
        if size > len(data) - at - 12:
            raise ValueError("a chunk leaves the file")
        if name == b"IDAT":
            pixels.append(data[at + 8 : at + 8 + size])
        elif name in (b"IHDR", b"PLTE", b"tRNS"):
            kept.setdefault(name, bytes(data[at + 8 : at + 8 + size]))
        elif name == b"IEND":
            break
        at += 12 + size
    else:
        raise ValueError("it has too many chunks")
    width, height = struct.unpack_from(">II", kept.get(b"IHDR", b""))
    kept[b"IDAT"], kept[b"IEND"] = b"".join(pixels), b""
    parts = [_PNG]
    for name, body in kept.items():
        parts += [struct.pack(">I", len(body)), name, body, struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))]
    return Encoded("PNG", width, height, width * height, b"".join(parts))


def _jpeg(data: memoryview) -> Encoded:
    """Keep what decodes; drop comments, thumbnails and profiles. Scans are counted."""
    kept, at, width, height = [b"\xff\xd8"], 2, 0, 0
    for _ in range(_JPEG_SEGMENTS):
        lead, marker, size = struct.unpack_from(">BBH", data, at)
        if lead != 0xFF or size < 2:
            raise ValueError("a marker is missing")
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
        if marker == 0xDA:
            break
        if marker in _JPEG_KEPT:
            kept.append(bytes(data[at : at + 2 + size]))
        at += 2 + size
    else:
        raise ValueError("it has too many segments")
    rest = bytes(data[at:])
    end = rest.find(b"\xff\xd9")  # a camera may append another picture behind the end
    rest = rest[: end + 2] if end >= 0 else rest
    # A later frame header would change the size after it has been checked.
    if any(rest.find(b"\xff" + bytes([frame])) >= 0 for frame in _JPEG_FRAMES):
        raise ValueError("it has two frames")
    scans = rest.count(b"\xff\xda")
    return Encoded("JPEG", width, height, width * height * max(1, scans // _SCANS), b"".join([*kept, rest]))


def _webp(data: memoryview) -> Encoded | None:
    """Read the size as in the WebP container specification; an animation is not drawn."""
    kind = bytes(data[12:16])
    if kind == b"VP8X":
        if data[20] & 2:
            return None
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 ":
        width, height = (int.from_bytes(data[i : i + 2], "little") & 0x3FFF for i in (26, 28))
    else:
        return None
    # It is decoded whole, at twice the cost of the others.
    return Encoded("WEBP", width, height, 2 * width * height, bytes(data))


_READERS: dict[str, Callable[[memoryview], Encoded | None]] = {"PNG": _png, "JPEG": _jpeg, "WEBP": _webp}


def decode(picture: Encoded, what: str) -> np.ndarray:
    """Return the pixels, uint8 [H, W, 4]; sides of more than `LARGEST_SIDE` px are shrunk.

    Raises:
        AssetError: the picture is broken.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture.data), formats=(picture.kind,)) as image:
            if image.size != (picture.width, picture.height):
                raise ValueError("its header says two sizes")
            image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
            if max(image.size) > LARGEST_SIDE:
                image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            if image.mode.startswith("I"):  # sixteen bits of grey, which Pillow does not turn into eight
                grey = np.asarray(image).astype(np.uint32) >> 8
                return np.dstack([np.repeat(grey[..., None], 3, 2), np.full(grey.shape, 255)]).astype(np.uint8)
            return np.asarray(image.convert("RGBA"))
    except Exception as error:  # a decoder fed by a stranger may raise anything; all of it means the same
        raise AssetError(f"{what} cannot be decoded: {limits.clip(str(error)) or type(error).__name__}.") from None
