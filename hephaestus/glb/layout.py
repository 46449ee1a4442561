"""Views and accessors of a GLB: checked all together first, then decoded one by one with numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits

_COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class View:
    """Bytes [start, start + size) of the binary chunk; stride 0 means tightly packed."""

    start: int
    size: int
    stride: int


@dataclass(frozen=True, slots=True)
class Accessor:
    """`count` elements of `width` components each; view None means zeros."""

    view: int | None
    offset: int
    count: int
    width: int
    kind: np.dtype
    normalized: bool
    sparse: tuple[View, np.dtype, View, int] | None


class Layout:
    """The typed arrays of a file."""

    def __init__(self, document: dict[str, Any], binary: memoryview) -> None:
        """Check every view and accessor.

        Args:
            document: the parsed JSON.
            binary: the binary chunk.

        Raises:
            AssetError: a view leaves the file, an accessor leaves its view, or counts are beyond reason.
        """
        self.binary = binary
        self._size = self._buffer(document)
        views = limits.objects(document, "bufferViews", "the document", _MOST)
        self.views = [self._view(v, f"buffer view {i}") for i, v in enumerate(views)]
        accessors = limits.objects(document, "accessors", "the document", _MOST)
        self.accessors = [self._accessor(a, f"accessor {i}") for i, a in enumerate(accessors)]
        self._decoded = 0

    def _buffer(self, document: dict[str, Any]) -> int:
        buffers = limits.objects(document, "buffers", "the document", 16)
        for i, buffer in enumerate(buffers):
            if "uri" in buffer:
                raise AssetError(f"Buffer {i} lives outside the GLB (it has a uri); export everything into one file.")
        if len(buffers) > 1:
            raise AssetError("The GLB has several buffers; only the one inside the file is read.")
        if not buffers:
            return 0
        size = limits.integer(buffers[0].get("byteLength"), 1, limits.FILE_BYTES, "byteLength of the buffer")
        if size > len(self.binary):
            raise AssetError(f"The buffer claims {size} bytes; the file holds {len(self.binary)}.")
        return size

    def _view(self, view: dict[str, Any], where: str) -> View:
        limits.integer(view.get("buffer"), 0, 0, f"buffer of {where}")
        start = limits.integer(view.get("byteOffset", 0), 0, self._size, f"byteOffset of {where}")
        size = limits.integer(view.get("byteLength"), 1, self._size - start or 1, f"byteLength of {where}")
        if start + size > self._size:
            raise AssetError(f"{where.capitalize()} ends at byte {start + size} of a buffer of {self._size}.")
        stride = limits.integer(view["byteStride"], 4, 252, f"byteStride of {where}") if "byteStride" in view else 0
        return View(start, size, stride)

    def _accessor(self, accessor: dict[str, Any], where: str) -> Accessor:
        kind, width = self._kind(accessor, where), accessor.get("type")
        if not isinstance(width, str) or width not in _WIDTHS:
            raise AssetError(f"Type of {where} is {limits.clip(repr(width))}, which glTF does not have.")
        width = _WIDTHS[width]
        count = limits.integer(accessor.get("count"), 1, 4 * limits.INDICES, f"count of {where}")
        offset = limits.integer(accessor.get("byteOffset", 0), 0, limits.FILE_BYTES, f"byteOffset of {where}")
        view = limits.index(accessor, "bufferView", len(self.views), where)
        if view is not None:
            self._fits(self.views[view], offset, count, width * kind.itemsize, where)
        sparse = self._sparse(accessor["sparse"], count, width, kind, where) if "sparse" in accessor else None
        return Accessor(view, offset, count, width, kind, accessor.get("normalized") is True, sparse)

    @staticmethod
    def _kind(owner: dict[str, Any], where: str) -> np.dtype:
        code = owner.get("componentType")
        if type(code) is not int or code not in _COMPONENTS:
            raise AssetError(f"componentType of {where} is {limits.clip(repr(code))}, which glTF does not have.")
        return np.dtype(_COMPONENTS[code])

    @staticmethod
    def _fits(view: View, offset: int, count: int, size: int, where: str) -> None:
        stride = view.stride or size
        if stride < size or offset + (count - 1) * stride + size > view.size:
            raise AssetError(f"{where.capitalize()} wants {count} elements of {size} bytes; its view has {view.size}.")

    def _sparse(
        self, sparse: object, count: int, width: int, kind: np.dtype, where: str
    ) -> tuple[View, np.dtype, View, int]:
        if not isinstance(sparse, dict):
            raise AssetError(f"sparse of {where} is not an object.")
        changed = limits.integer(sparse.get("count"), 1, count, f"sparse count of {where}")
        spots = limits.mapping(sparse, "indices", where)
        spot_kind = self._kind(spots, f"the sparse indices of {where}")
        if spot_kind.kind != "u":
            raise AssetError(f"The sparse indices of {where} are not unsigned.")
        index_view = self._part(spots, changed, spot_kind.itemsize, where)
        value_view = self._part(limits.mapping(sparse, "values", where), changed, width * kind.itemsize, where)
        return index_view, spot_kind, value_view, changed

    def _part(self, part: dict[str, Any], count: int, size: int, where: str) -> View:
        index = limits.index(part, "bufferView", len(self.views), where)
        if index is None:
            raise AssetError(f"The sparse part of {where} has no buffer view.")
        offset = limits.integer(part.get("byteOffset", 0), 0, limits.FILE_BYTES, f"byteOffset of {where}")
        self._fits(View(0, self.views[index].size, 0), offset, count, size, where)
        return View(self.views[index].start + offset, count * size, 0)

    def raw(self, index: int) -> np.ndarray:
        """Return accessor `index` as stored: [count, width], a copy in its own type."""
        a = self.accessors[index]
        self._decoded += a.count * a.width * a.kind.itemsize
        if self._decoded > limits.DECODED_BYTES:
            raise AssetError(f"The arrays of the GLB take more than {limits.DECODED_BYTES >> 20} MB.")
        if a.view is None:
            out = np.zeros((a.count, a.width), a.kind)
        else:
            view = self.views[a.view]
            strides = (view.stride or a.width * a.kind.itemsize, a.kind.itemsize)
            start = view.start + a.offset
            out = np.ndarray((a.count, a.width), a.kind, self.binary, start, strides).copy()
        if a.sparse is not None:
            spots, kind, values, changed = a.sparse
            at = np.ndarray((changed,), kind, self.binary, spots.start)
            if int(at.max()) >= a.count:
                raise AssetError(f"Accessor {index} changes an element that it does not have.")
            out[at] = np.ndarray((changed, a.width), a.kind, self.binary, values.start)
        return out

    def floats(self, index: int) -> np.ndarray:
        """Return accessor `index` as float32 [count, width]; normalised integers become [0, 1] or [-1, 1]."""
        a, out = self.accessors[index], self.raw(index)
        if a.kind.kind == "f":
            return out
        wide = out.astype(np.float32)
        if not a.normalized:
            return wide
        return np.maximum(wide / np.float32(np.iinfo(a.kind).max), np.float32(-1.0))

    def bytes_of(self, view: int) -> memoryview:
        """Return the bytes of a buffer view."""
        v = self.views[view]
        return self.binary[v.start : v.start + v.size]
