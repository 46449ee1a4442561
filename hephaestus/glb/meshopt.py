"""Buffer views compressed with EXT_meshopt_compression, unpacked before anything else looks at them."""

from __future__ import annotations

from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits, meshopt_codec
from hephaestus.glb.container import MESHOPT

_MODES = {
    "ATTRIBUTES": meshopt_codec.attributes,
    "TRIANGLES": meshopt_codec.triangles,
    "INDICES": meshopt_codec.indices,
}
_FILTERS = {
    "OCTAHEDRAL": meshopt_codec.octahedral,
    "QUATERNION": meshopt_codec.quaternion,
    "EXPONENTIAL": meshopt_codec.exponential,
}
_MOST = 16 << 20
"""Bytes that all views of a file unpack to; each takes some fifty nanoseconds."""


def unpack(document: dict[str, Any], binary: memoryview) -> tuple[dict[str, Any], memoryview]:
    """Return a document without compressed views, their bytes behind those of the binary block.

    Args:
        document: the parsed JSON; not changed.
        binary: the bytes of buffer 0.

    Raises:
        AssetError: a view is broken or too large, or of a kind that is not read.
    """
    views = limits.objects(document, "bufferViews", "the document", limits.ARRAYS)
    packed = {i: found for i, view in enumerate(views) if "extensions" in view and (found := _packed(view, i))}
    if not packed:
        required = limits.sequence(document, "extensionsRequired", "the document", 256)
        for name in MESHOPT:
            if name in required:
                raise AssetError(f"The GLB requires {name}, but nothing in it is so compressed; export it again.")
        return document, binary
    joined, out, start = bytearray(binary), list(views), len(binary)
    for i, (name, part) in packed.items():
        joined += bytes(-len(joined) % 8)
        data = _unpacked(part, binary, f"buffer view {i}", name, _MOST - (len(joined) - start))
        view = {key: value for key, value in views[i].items() if key != "extensions"}
        out[i] = {**view, "buffer": 0, "byteOffset": len(joined), "byteLength": len(data)}
        joined += data
    return {**document, "buffers": [{"byteLength": len(joined)}], "bufferViews": out}, memoryview(bytes(joined))


def _packed(view: dict[str, Any], i: int) -> tuple[str, dict[str, Any]] | None:
    for name in MESHOPT:
        found = limits.extension(view, name, f"buffer view {i}")
        if found is not None:
            return name, found
    return None


def _unpacked(part: dict[str, Any], binary: memoryview, where: str, name: str, most: int) -> bytes:
    limits.whole(part, "buffer", 0, 0, where)
    start = limits.whole(part, "byteOffset", 0, len(binary), where, 0)
    size = limits.whole(part, "byteLength", 1, len(binary), where)
    stride = limits.whole(part, "byteStride", 1, 256, where)
    count = limits.whole(part, "count", 1, limits.INDICES, where)
    mode, filter_ = limits.text(part, "mode"), limits.text({"filter": "NONE", **part}, "filter")
    if start + size > len(binary) or count * stride > most:
        raise AssetError(f"{where.capitalize()} leaves its buffer or unpacks to too much.")
    try:
        rows = _MODES[mode](np.frombuffer(binary, np.uint8, size, start), count, stride)
        return (_FILTERS[filter_](rows) if filter_ != "NONE" else rows).tobytes()
    except KeyError:
        kind = limits.clip(f"{mode}, {filter_}")
        raise AssetError(f"{where.capitalize()} uses {name} in a way that is not read: {kind}.") from None
    except (ValueError, IndexError) as error:
        said = limits.clip(str(error))
        raise AssetError(f"{where.capitalize()} is compressed with {name} and cannot be unpacked: {said}.") from None
