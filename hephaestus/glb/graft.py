"""An animation put into a file that somebody else made: everything else in the file stays as it is.

What the reader does not read (other textures, cameras, expressions, extras, compressed meshes, whatever comes next) is
not lost, since the document is changed only where the animation goes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.asset import Animation, Asset
from hephaestus.glb.container import data_uri, open_document, pack
from hephaestus.glb.prune import without_animations

_FLOAT, _SHORT = 5126, 5122
_WIDTHS = {3: "VEC3", 4: "VEC4"}


def graft(asset: Asset, animation: Animation, *, quantize: bool = False, keep: bool = False) -> bytes:
    """Return the file that an asset was read from with an animation in it.

    Args:
        asset: as read; its `source` is the file.
        animation: translations, rotations and scales of its nodes.
        quantize: whether rotations are stored in 16 bits.
        keep: whether the file's own animations stay, behind the new one.

    Raises:
        AssetError: a part of the file that reading passes over is broken.
    """
    assert asset.source is not None
    document, binary = open_document(asset.source)
    document = dict(document)
    blob = _whole_binary(document, binary)
    if not keep:
        document, blob = without_animations(document, blob)
    _embed_pictures(document, blob)
    _separate(document, asset, {channel.node for channel in animation.channels})
    raw = _Writer(document, blob, quantize).animation(animation)
    document["animations"] = [raw, *limits.objects(document, "animations", "the document", 1024)]
    if not document["animations"][0]["channels"]:
        raise AssetError("An animation without channels cannot be written.")
    buffers = list(document.get("buffers") or [{}])
    document["buffers"] = [{**buffers[0], "byteLength": len(blob)}, *buffers[1:]]
    return pack(document, blob)


def _whole_binary(document: dict[str, Any], binary: memoryview) -> bytearray:
    buffers = limits.objects(document, "buffers", "the document", 16)
    return bytearray(binary[: buffers[0]["byteLength"]] if buffers else b"")


def _embed_pictures(document: dict[str, Any], blob: bytearray) -> None:
    """Move pictures out of data: URIs, which have no place in a GLB."""
    images = limits.objects(document, "images", "the document", limits.TEXTURES)
    if not any("uri" in image for image in images):
        return
    views, moved = list(limits.objects(document, "bufferViews", "the document", limits.ARRAYS)), []
    for i, image in enumerate(images):
        if "uri" in image:
            kind = str(image["uri"])[5:].partition(";")[0] or "image/png"
            image = {k: v for k, v in image.items() if k != "uri"}
            if "bufferView" in image:  # which is what was read
                moved.append(image)
                continue
            image["bufferView"] = len(views)
            image.setdefault("mimeType", kind)
            # A picture of no bytes is broken before and after; a view of none would break the whole file.
            views.append(append(blob, data_uri(images[i]["uri"], f"Image {i}") or b"\0"))
        moved.append(image)
    document["images"], document["bufferViews"] = moved, views


def append(blob: bytearray, data: bytes) -> dict[str, Any]:
    """Put data behind a binary block, aligned to 8 bytes, and return the buffer view of it."""
    blob += bytes(-len(blob) % 8)
    view = {"buffer": 0, "byteOffset": len(blob), "byteLength": len(data)}
    blob += data
    return view


def _separate(document: dict[str, Any], asset: Asset, moved: set[int]) -> None:
    """Give animated nodes that have a matrix translation, rotation and scale instead, as only those may be animated."""
    nodes = list(document["nodes"])
    for i in moved:
        if "matrix" in nodes[i]:
            nodes[i] = {k: v for k, v in nodes[i].items() if k != "matrix"}
            nodes[i] |= {
                "translation": asset.translations[i].tolist(),
                "rotation": asset.rotations[i].tolist(),
                "scale": asset.scales[i].tolist(),
            }
    document["nodes"] = nodes


class _Writer:
    """Lays the arrays of an animation one behind the other in one new buffer view."""

    def __init__(self, document: dict[str, Any], blob: bytearray, quantize: bool) -> None:
        self.document, self.blob, self.quantize = document, blob, quantize
        self.accessors = list(limits.objects(document, "accessors", "the document", limits.ARRAYS))
        self.views = list(limits.objects(document, "bufferViews", "the document", limits.ARRAYS))
        self.data = bytearray()
        self.clocks: dict[bytes, int] = {}

    def animation(self, animation: Animation) -> dict[str, Any]:
        """Return the JSON of an animation; its arrays are added to the document and the block."""
        channels: list[dict[str, Any]] = []
        samplers: list[dict[str, Any]] = []
        for channel in animation.channels:
            output = self._turns(channel.values) if channel.path == "rotation" else self._array(channel.values)
            channels.append({"sampler": len(samplers), "target": {"node": channel.node, "path": channel.path}})
            samplers.append({"input": self._clock(channel.times), "output": output, "interpolation": "LINEAR"})
        self.views.append(append(self.blob, bytes(self.data)))
        self.document["accessors"], self.document["bufferViews"] = self.accessors, self.views
        named = {"name": animation.name} if animation.name else {}
        return {**named, "channels": channels, "samplers": samplers}

    def _clock(self, times: np.ndarray) -> int:
        key = times.astype("<f4").tobytes()
        if key not in self.clocks:
            bounds = {"min": [float(times[0])], "max": [float(times[-1])]}
            self.clocks[key] = self._add(key, _FLOAT, len(times), "SCALAR", bounds)
        return self.clocks[key]

    def _turns(self, values: np.ndarray) -> int:
        if not self.quantize:
            return self._array(values)
        return self._add(quantized(values).tobytes(), _SHORT, len(values), "VEC4", {"normalized": True})

    def _array(self, values: np.ndarray) -> int:
        return self._add(values.astype("<f4").tobytes(), _FLOAT, len(values), _WIDTHS[values.shape[1]], {})

    def _add(self, data: bytes, kind: int, count: int, shape: str, more: dict[str, Any]) -> int:
        place = {"bufferView": len(self.views), "byteOffset": len(self.data)}
        self.accessors.append({**place, "componentType": kind, "count": count, "type": shape, **more})
        self.data += data
        return len(self.accessors) - 1


def quantized(turns: np.ndarray) -> np.ndarray:
    """Return unit quaternions [..., 4] as normalised int16 (glTF 2.0, 3.11): off by at most 2e-5 a component."""
    return np.round(np.clip(turns, -1, 1) * 32767).astype("<i2")
