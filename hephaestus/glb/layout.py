"""Views and accessors of a GLB: checked all together first, then decoded one by one with numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits

_COMPONENTS = {
    code: np.dtype(kind)
    for code, kind in ((5120, "<i1"), (5121, "<u1"), (5122, "<i2"), (5123, "<u2"), (5125, "<u4"), (5126, "<f4"))
}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


class View(NamedTuple):
    """Bytes [start, start + size) of the binary block; stride 0 means tightly packed."""

    start: int
    size: int
    stride: int


@dataclass(frozen=True, slots=True)
class Sparse:
    """`count` elements that differ: their places and their values."""

    places: View
    kind: np.dtype
    values: View
    count: int


@dataclass(frozen=True, slots=True)
class Accessor:
    """`count` elements of `width` components each; view None means zeros."""

    view: int | None
    offset: int
    count: int
    width: int
    kind: np.dtype
    normalized: bool
    sparse: Sparse | None


class Layout:
    """The typed arrays of a file.

    Attributes:
        binary: the bytes that all views lie in.
        views: checked buffer views.
        accessors: checked accessors.
    """

    def __init__(self, document: dict[str, Any], binary: memoryview) -> None:
        """Check every view and accessor.

        Args:
            document: the parsed JSON; all its views lie in buffer 0.
            binary: the binary block.

        Raises:
            AssetError: a view leaves the file, an accessor leaves its view, or counts are beyond reason.
        """
        self.binary = binary
        self._size = self._buffer(document)
        views = limits.objects(document, "bufferViews", "the document", limits.ARRAYS)
        self.views = [self._view(v, f"buffer view {i}") for i, v in enumerate(views)]
        accessors = limits.objects(document, "accessors", "the document", limits.ARRAYS)
        self.accessors = [self._accessor(a, f"accessor {i}") for i, a in enumerate(accessors)]
        self._decoded = 0
        self._unpacked: dict[int, np.ndarray] = {}
        self._shared: dict[int, np.ndarray] = {}

    def _buffer(self, document: dict[str, Any]) -> int:
        buffers = limits.objects(document, "buffers", "the document", 16)
        if not buffers:
            return 0
        size = limits.whole(buffers[0], "byteLength", 1, limits.FILE_BYTES + limits.DECODED_BYTES, "the buffer")
        if size > len(self.binary):
            raise AssetError(f"The buffer claims {size} bytes; the file holds {len(self.binary)}.")
        return size

    def _view(self, view: dict[str, Any], where: str) -> View:
        limits.whole(view, "buffer", 0, 0, where)
        start = limits.whole(view, "byteOffset", 0, self._size, where, 0)
        size = limits.whole(view, "byteLength", 1, self._size - start or 1, where)
        if start + size > self._size:
            raise AssetError(f"{where.capitalize()} ends at byte {start + size} of a buffer of {self._size}.")
        return View(start, size, limits.whole(view, "byteStride", 4, 252, where) if "byteStride" in view else 0)

    def _accessor(self, accessor: dict[str, Any], where: str) -> Accessor:
        kind, shape = self._kind(accessor, where), accessor.get("type")
        width = _WIDTHS.get(shape) if isinstance(shape, str) else None
        if width is None:
            raise AssetError(f"Type of {where} is {limits.shown(shape)}, which glTF does not have.")
        count = limits.whole(accessor, "count", 1, limits.ELEMENTS, where)
        offset = limits.whole(accessor, "byteOffset", 0, limits.FILE_BYTES, where, 0)
        view = limits.index(accessor, "bufferView", len(self.views), where)
        if view is not None:
            self._fits(self.views[view], offset, count, width * kind.itemsize, where)
        sparse = self._sparse(accessor["sparse"], count, width, kind, where) if "sparse" in accessor else None
        return Accessor(view, offset, count, width, kind, accessor.get("normalized") is True, sparse)

    @staticmethod
    def _kind(owner: dict[str, Any], where: str) -> np.dtype:
        code = owner.get("componentType")
        kind = _COMPONENTS.get(code) if type(code) is int else None
        if kind is None:
            raise AssetError(f"componentType of {where} is {limits.shown(code)}, which glTF does not have.")
        return kind

    @staticmethod
    def _fits(view: View, offset: int, count: int, size: int, where: str) -> None:
        stride = view.stride or size
        if stride < size or offset + (count - 1) * stride + size > view.size:
            raise AssetError(f"{where.capitalize()} wants {count} elements of {size} bytes; its view has {view.size}.")

    def _sparse(self, sparse: object, count: int, width: int, kind: np.dtype, where: str) -> Sparse:
        if not isinstance(sparse, dict):
            raise AssetError(f"sparse of {where} is not an object.")
        changed = limits.whole(sparse, "count", 1, count, f"sparse of {where}")
        places = limits.mapping(sparse, "indices", where)
        place_kind = self._kind(places, f"the sparse indices of {where}")
        if place_kind.kind != "u":
            raise AssetError(f"The sparse indices of {where} are not unsigned.")
        place_view = self._part(places, changed, place_kind.itemsize, where)
        value_view = self._part(limits.mapping(sparse, "values", where), changed, width * kind.itemsize, where)
        return Sparse(place_view, place_kind, value_view, changed)

    def _part(self, part: dict[str, Any], count: int, size: int, where: str) -> View:
        index = limits.index(part, "bufferView", len(self.views), where)
        if index is None:
            raise AssetError(f"The sparse part of {where} has no buffer view.")
        offset = limits.whole(part, "byteOffset", 0, limits.FILE_BYTES, where, 0)
        self._fits(View(0, self.views[index].size, 0), offset, count, size, where)
        return View(self.views[index].start + offset, count * size, 0)

    def unpack(self, index: int, values: np.ndarray, where: str) -> None:
        """Give accessor `index`, which has no bytes of its own, the values [count, width] that it is packed as.

        Raises:
            AssetError: they are not as many as it claims.
        """
        a = self.accessors[index]
        if values.shape != (a.count, a.width):
            raise AssetError(f"{where} unpacks to {values.shape[0]} x {values.shape[-1]} numbers, which does not fit.")
        with np.errstate(invalid="ignore"):  # a number that its own type cannot hold is the file's fault
            self._unpacked[index] = values.astype(a.kind)

    def spend(self, count: int) -> None:
        """Count `count` numbers against what a file may decode.

        Raises:
            AssetError: it is too much.
        """
        self._decoded += 4 * count
        if self._decoded > limits.DECODED_BYTES:
            raise AssetError(f"The arrays of the GLB take more than {limits.DECODED_BYTES >> 20} MB.")

    def raw(self, index: int, most: int | None = None) -> np.ndarray:
        """Return the first `most` elements of accessor `index` as stored: [count, width], maybe a view of the file."""
        a = self.accessors[index]
        count = a.count if most is None else min(a.count, most)
        self.spend(count * a.width)
        if index in self._unpacked:
            return self._unpacked[index][:count]
        if a.view is None:
            out = np.zeros((count, a.width), a.kind)
        else:
            view = self.views[a.view]
            strides = (view.stride or a.width * a.kind.itemsize, a.kind.itemsize)
            out = np.ndarray((count, a.width), a.kind, self.binary, view.start + a.offset, strides)
        return out if a.sparse is None else self._changed(out, a, a.sparse, index)

    def _changed(self, values: np.ndarray, a: Accessor, sparse: Sparse, index: int) -> np.ndarray:
        at = np.ndarray((sparse.count,), sparse.kind, self.binary, sparse.places.start)
        if int(at.max()) >= a.count:
            raise AssetError(f"Accessor {index} changes an element that it does not have.")
        out, here = values.copy(), at < len(values)
        out[at[here]] = np.ndarray((sparse.count, a.width), a.kind, self.binary, sparse.values.start)[here]
        return out

    def floats(self, index: int, most: int | None = None) -> np.ndarray:
        """Return accessor `index` as float32 [count, width], a copy; normalised integers become [0, 1] or [-1, 1]."""
        a = self.accessors[index]
        wide = self.raw(index, most).astype(np.float32)
        if a.normalized and a.kind.kind != "f":
            wide /= np.float32(np.iinfo(a.kind).max)
            np.maximum(wide, np.float32(-1.0), out=wide)
        return wide

    def shared_floats(self, index: int) -> np.ndarray:
        """Return `floats(index)`, decoded once however many ask; not to be written to."""
        if index not in self._shared:
            values = self.floats(index)
            values.flags.writeable = False
            self._shared[index] = values
        return self._shared[index]

    def bytes_of(self, view: int) -> memoryview:
        """Return the bytes of a buffer view."""
        v = self.views[view]
        return self.binary[v.start : v.start + v.size]
