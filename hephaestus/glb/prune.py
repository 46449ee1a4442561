"""A document without its animations, and without the arrays and bytes that only they used."""

from __future__ import annotations

from typing import Any

import numpy as np

from hephaestus.glb import limits
from hephaestus.glb.container import MESHOPT

_DRACO = "KHR_draco_mesh_compression"
_POINTER = "KHR_animation_pointer"
# Extensions that are known to point at no accessor and no buffer view but in the places handled below.
_KNOWN = (
    "KHR_materials_", "KHR_texture_", "EXT_texture_", "VRM", "KHR_lights_punctual", "KHR_mesh_quantization",
    "KHR_xmp_json_ld", "KHR_node_", _DRACO, *MESHOPT, _POINTER,
)  # fmt: skip
_STEP = 8
"""Bytes are taken out in multiples of it, so that what comes behind stays aligned."""


def without_animations(document: dict[str, Any], blob: bytearray) -> tuple[dict[str, Any], bytearray]:
    """Return a document and its binary block without animations.

    Where the file uses an extension that may point at arrays in a way not known here, it is returned as it is.

    Args:
        document: the parsed JSON; not changed.
        blob: the bytes of buffer 0.

    Raises:
        AssetError: an index is out of range.
    """
    used = limits.sequence(document, "extensionsUsed", "the document", 1024)
    if not document.get("animations") or not all(isinstance(n, str) and n.startswith(_KNOWN) for n in used):
        return document, blob
    out = {key: value for key, value in document.items() if key != "animations"}
    for key in ("extensionsUsed", "extensionsRequired"):
        names = [n for n in limits.sequence(document, key, "the document", 1024) if n != _POINTER]
        out.pop(key, None)
        out |= {key: names} if names else {}
    accessors = limits.objects(document, "accessors", "the document", limits.ARRAYS)
    views = limits.objects(document, "bufferViews", "the document", limits.ARRAYS)
    gone = _played(document, len(accessors)) - _drawn(document, len(accessors))
    kept = [accessor for i, accessor in enumerate(accessors) if i not in gone]
    empty = _viewed([accessors[i] for i in gone], {}, len(views)) - _viewed(kept, document, len(views))
    _repoint(out, kept, _renumbered(len(accessors), gone), _renumbered(len(views), empty))
    out["bufferViews"], blob = _squeezed(views, empty, blob)
    return {key: value for key, value in out.items() if value or key not in ("accessors", "bufferViews")}, blob


def _renumbered(count: int, gone: set[int]) -> dict[int, int]:
    return {old: new for new, old in enumerate(i for i in range(count) if i not in gone)}


def _played(document: dict[str, Any], count: int) -> set[int]:
    """Return the accessors of all samplers."""
    found: set[int | None] = set()
    for i, animation in enumerate(limits.objects(document, "animations", "the document", 1024)):
        for sampler in limits.objects(animation, "samplers", f"animation {i}", limits.CHANNELS):
            found |= {limits.index(sampler, key, count, f"animation {i}") for key in ("input", "output")}
    return {i for i in found if i is not None}


def _drawn(document: dict[str, Any], count: int) -> set[int]:
    """Return the accessors of all meshes and skins."""
    found: set[int | None] = set()
    for i, raw in _primitives(document):
        for attributes in _attributes(raw, f"mesh {i}"):
            found |= {limits.index(attributes, key, count, f"mesh {i}") for key in attributes}
        found.add(limits.index(raw, "indices", count, f"mesh {i}"))
    for i, skin in enumerate(limits.objects(document, "skins", "the document", limits.SKINS)):
        found.add(limits.index(skin, "inverseBindMatrices", count, f"skin {i}"))
    return {i for i in found if i is not None}


def _primitives(document: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    meshes = limits.objects(document, "meshes", "the document", limits.NODES)
    return [
        (i, raw)
        for i, mesh in enumerate(meshes)
        for raw in limits.objects(mesh, "primitives", f"mesh {i}", limits.PRIMITIVES)
    ]


def _attributes(raw: dict[str, Any], where: str) -> list[dict[str, Any]]:
    return [limits.mapping(raw, "attributes", where), *limits.objects(raw, "targets", where, limits.MORPHS)]


def _viewed(accessors: list[dict[str, Any]], document: dict[str, Any], count: int) -> set[int]:
    """Return the buffer views of accessors, and those of the pictures and packed meshes of a document."""
    owners = list(accessors)
    for accessor in accessors:
        sparse = limits.mapping(accessor, "sparse", "an accessor")
        owners += [limits.mapping(sparse, key, "an accessor") for key in ("indices", "values")]
    owners += limits.objects(document, "images", "the document", limits.TEXTURES)
    for i, raw in _primitives(document):
        owners += [packed] if (packed := limits.extension(raw, _DRACO, f"mesh {i}")) is not None else []
    found = {limits.index(owner, "bufferView", count, "the document") for owner in owners}
    return {i for i in found if i is not None}


def _repoint(
    out: dict[str, Any], accessors: list[dict[str, Any]], accessor_at: dict[int, int], view_at: dict[int, int]
) -> None:
    """Give everything that points at an accessor or a view its new number; the changed objects are copies."""
    out["accessors"] = [_accessor(accessor, view_at) for accessor in accessors]
    if "images" in out:
        out["images"] = [_moved(image, ("bufferView",), view_at) for image in out["images"]]
    if "skins" in out:
        out["skins"] = [_moved(skin, ("inverseBindMatrices",), accessor_at) for skin in out["skins"]]
    if "meshes" in out:
        out["meshes"] = [
            {**mesh, "primitives": [_primitive(raw, accessor_at, view_at) for raw in mesh.get("primitives", [])]}
            for mesh in out["meshes"]
        ]


def _moved(owner: dict[str, Any], keys: tuple[str, ...], at: dict[int, int]) -> dict[str, Any]:
    return {**owner, **{key: at[owner[key]] for key in keys if key in owner}}


def _accessor(accessor: dict[str, Any], view_at: dict[int, int]) -> dict[str, Any]:
    out = _moved(accessor, ("bufferView",), view_at)
    if "sparse" in out:
        parts = {key: _moved(out["sparse"][key], ("bufferView",), view_at) for key in ("indices", "values")}
        out["sparse"] = {**out["sparse"], **parts}
    return out


def _primitive(raw: dict[str, Any], accessor_at: dict[int, int], view_at: dict[int, int]) -> dict[str, Any]:
    out = _moved(raw, ("indices",), accessor_at)
    if "attributes" in out:
        out["attributes"] = _moved(out["attributes"], tuple(out["attributes"]), accessor_at)
    if "targets" in out:
        out["targets"] = [_moved(target, tuple(target), accessor_at) for target in out["targets"]]
    if _DRACO in out.get("extensions", {}):
        packed = _moved(out["extensions"][_DRACO], ("bufferView",), view_at)
        out["extensions"] = {**out["extensions"], _DRACO: packed}
    return out


def _squeezed(views: list[dict[str, Any]], empty: set[int], blob: bytearray) -> tuple[list[dict[str, Any]], bytearray]:
    """Take the bytes out that only empty views hold, and move the other views up."""
    held = np.ones(len(blob) + 1, bool)
    kept = [i for i in range(len(views)) if i not in empty]
    for i in (*sorted(empty), *kept):
        for part in _parts(views[i], i):
            if limits.whole(part, "buffer", 0, 15, f"buffer view {i}") == 0:
                start = limits.whole(part, "byteOffset", 0, len(blob), f"buffer view {i}", 0)
                size = limits.whole(part, "byteLength", 1, len(blob), f"buffer view {i}")
                held[start : start + size] = i not in empty
    edges = np.flatnonzero(np.diff(held.view(np.int8), prepend=1))
    starts, lengths = edges[0::2], np.diff(edges)[0::2] // _STEP * _STEP
    gone_before = np.concatenate([[0], np.cumsum(lengths)])
    out, at = bytearray(), 0
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        out += blob[at:start]
        at = start + length
    out += blob[at:]
    moved = []
    for i in kept:
        view = dict(views[i])
        for part in _parts(view, i, copy=True):
            if part["buffer"] == 0:
                offset = int(part.get("byteOffset", 0))
                part["byteOffset"] = offset - int(gone_before[np.searchsorted(starts, offset, "right")])
        moved.append(view)
    return moved, out


def _parts(view: dict[str, Any], i: int, *, copy: bool = False) -> list[dict[str, Any]]:
    """Return a view and what it is compressed from; with `copy` the latter is made its own first."""
    extensions = limits.mapping(view, "extensions", f"buffer view {i}")
    packed = {name: limits.mapping(extensions, name, f"buffer view {i}") for name in MESHOPT if name in extensions}
    if copy and packed:
        packed = {name: dict(part) for name, part in packed.items()}
        view["extensions"] = {**extensions, **packed}
    return [view, *packed.values()]
