"""Triangles of a GLB document: positions, normals, colours, weights and indices as arrays of known range."""

from __future__ import annotations

from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.asset import Primitive, Skin
from hephaestus.glb.layout import Layout
from hephaestus.rotation import normalize

_TRIANGLES, _STRIP, _FAN = 4, 5, 6
_UNPACKED = ("KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression")


class MeshReader:
    """Reads the primitives of every node that carries a mesh; a mesh on several nodes shares its arrays."""

    def __init__(self, document: dict[str, Any], layout: Layout, skins: tuple[Skin, ...]) -> None:
        """Check the list of meshes.

        Args:
            document: the parsed JSON.
            layout: its accessors.
            skins: its skins.

        Raises:
            AssetError: the list is malformed.
        """
        self.layout, self.skins = layout, skins
        self.meshes = limits.objects(document, "meshes", "the document", limits.NODES)
        self.materials = len(limits.objects(document, "materials", "the document", limits.NODES))
        self.notes: list[str] = []
        self._cache: dict[tuple[int, int], Primitive | None] = {}
        self._vertices = self._indices = self._primitives = 0

    def read(self, nodes: list[dict[str, Any]]) -> tuple[Primitive, ...]:
        """Return the primitives of all nodes.

        Raises:
            AssetError: an index out of range, attributes of different lengths, or too many vertices.
        """
        out = []
        for i, node in enumerate(nodes):
            mesh = limits.index(node, "mesh", len(self.meshes), f"node {i}")
            if mesh is None:
                continue
            skin = limits.index(node, "skin", len(self.skins), f"node {i}")
            for k, raw in enumerate(limits.objects(self.meshes[mesh], "primitives", f"mesh {mesh}", 1024)):
                if (mesh, k) not in self._cache:
                    self._cache[mesh, k] = self._primitive(raw, f"primitive {k} of mesh {mesh}")
                shared = self._cache[mesh, k]
                if shared is not None:
                    self._count(shared)
                    out.append(self._placed(shared, i, skin, f"mesh {mesh}"))
        return tuple(out)

    def _count(self, primitive: Primitive) -> None:
        self._vertices += len(primitive.positions)
        self._indices += len(primitive.indices)
        self._primitives += 1
        if self._vertices > limits.VERTICES or self._indices > limits.INDICES or self._primitives > limits.NODES:
            raise AssetError(f"The GLB draws more than {limits.VERTICES} vertices; simplify it first.")

    def _placed(self, p: Primitive, node: int, skin: int | None, where: str) -> Primitive:
        joints, weights = p.joints, p.weights
        if skin is None or joints is None:
            joints = weights = skin = None
        elif int(joints.max(initial=0)) >= len(self.skins[skin].joints):
            raise AssetError(f"A vertex of {where} is bound to a joint that skin {skin} does not have.")
        return Primitive(p.positions, p.normals, p.indices, p.uvs, p.colors, joints, weights, p.material, node, skin)

    def _primitive(self, raw: dict[str, Any], where: str) -> Primitive | None:
        mode = limits.integer(raw.get("mode", _TRIANGLES), 0, 6, f"mode of {where}")
        attributes = limits.mapping(raw, "attributes", where)
        at = {key: limits.index(attributes, key, len(self.layout.accessors), where) for key in list(attributes)[:64]}
        self._refuse_packed(raw, at.get("POSITION"), where)
        if mode < _TRIANGLES or at.get("POSITION") is None:
            self._note(f"{where.capitalize()} has points or lines, or no positions; it is not drawn.")
            return None
        if raw.get("targets"):
            self._note("Morph targets are left out.")
        positions = self._attribute(at, "POSITION", (3,), None, where)
        assert positions is not None
        if np.abs(positions).max(initial=0.0) > limits.LARGEST_FLOAT:
            raise AssetError(f"Positions of {where} are too large.")
        count = len(positions)
        indices = self._triangles(raw, mode, count, where)
        normals = self._attribute(at, "NORMAL", (3,), count, where)
        normals = smooth_normals(positions, indices) if normals is None else _mend_normals(normals)
        joints, weights = self._weights(at, count, where)
        return Primitive(
            positions,
            normals,
            indices,
            self._attribute(at, "TEXCOORD_0", (2,), count, where),
            self._colors(at, count, where),
            joints,
            weights,
            limits.index(raw, "material", self.materials, where),
        )

    def _refuse_packed(self, raw: dict[str, Any], position: int | None, where: str) -> None:
        extensions = limits.mapping(raw, "extensions", where)
        packed = next((name for name in _UNPACKED if name in extensions), None)
        if packed and (position is None or self.layout.accessors[position].view is None):
            raise AssetError(f"The GLB is compressed with {packed}, which is not read; export without it.")

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes and len(self.notes) < 32:
            self.notes.append(sentence)

    def _attribute(
        self, at: dict[str, int | None], key: str, widths: tuple[int, ...], count: int | None, where: str
    ) -> np.ndarray | None:
        index = at.get(key)
        if index is None:
            return None
        accessor = self.layout.accessors[index]
        if accessor.width not in widths or accessor.count != (count or accessor.count):
            raise AssetError(f"{key} of {where} has {accessor.count} x {accessor.width} numbers, which does not fit.")
        if accessor.count > limits.VERTICES:
            raise AssetError(f"The GLB draws more than {limits.VERTICES} vertices; simplify it first.")
        values = self.layout.floats(index)
        if not np.isfinite(values).all():
            raise AssetError(f"{key} of {where} holds numbers that are not finite; export it again.")
        return values

    def _colors(self, at: dict[str, int | None], count: int, where: str) -> np.ndarray | None:
        colors = self._attribute(at, "COLOR_0", (3, 4), count, where)
        if colors is not None and colors.shape[1] == 3:
            colors = np.concatenate([colors, np.ones((count, 1), np.float32)], 1)
        return None if colors is None else np.clip(colors, 0.0, 1.0)

    def _weights(
        self, at: dict[str, int | None], count: int, where: str
    ) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
        """Keep the four strongest joints of a vertex and make their weights sum to 1."""
        joints, weights = [], []
        for n in range(4):
            index, weight = at.get(f"JOINTS_{n}"), self._attribute(at, f"WEIGHTS_{n}", (4,), count, where)
            if index is None or weight is None:
                break
            accessor = self.layout.accessors[index]
            if accessor.width != 4 or accessor.kind.kind != "u" or accessor.count != count:
                raise AssetError(f"JOINTS_{n} of {where} does not fit its vertices.")
            joints.append(self.layout.raw(index).astype(np.int64).clip(0, 65535).astype(np.int32))
            weights.append(np.maximum(weight, 0.0))
        if not joints:
            return None, None
        j, w = np.concatenate(joints, 1), np.concatenate(weights, 1)
        if j.shape[1] > 4:
            best = np.argsort(-w, axis=1, kind="stable")[:, :4]
            j, w = np.take_along_axis(j, best, 1), np.take_along_axis(w, best, 1)
        j = np.where(w > 0, j, 0).astype(np.int32)
        total = w.sum(1, keepdims=True)
        w = np.where(total > 0, w / np.where(total > 0, total, 1), np.array([1, 0, 0, 0], np.float32))
        return j, w.astype(np.float32)

    def _triangles(self, raw: dict[str, Any], mode: int, count: int, where: str) -> np.ndarray:
        index = limits.index(raw, "indices", len(self.layout.accessors), where)
        if index is None:
            line = np.arange(count, dtype=np.uint32)
        else:
            accessor = self.layout.accessors[index]
            if accessor.width != 1 or accessor.kind.kind != "u" or accessor.count > limits.INDICES:
                raise AssetError(f"The indices of {where} are not a list of at most {limits.INDICES} unsigned numbers.")
            line = self.layout.raw(index)[:, 0].astype(np.uint32)
        if int(line.max(initial=0)) >= count:
            raise AssetError(f"An index of {where} points past its {count} vertices.")
        return _as_list(line, mode)


def _as_list(line: np.ndarray, mode: int) -> np.ndarray:
    """Turn strips and fans into separate triangles."""
    if mode == _TRIANGLES or len(line) < 3:
        return line[: len(line) // 3 * 3]
    if mode == _FAN:
        first = np.full(len(line) - 2, line[0])
        return np.stack([first, line[1:-1], line[2:]], 1).ravel()
    triangles = np.stack([line[:-2], line[1:-1], line[2:]], 1)
    triangles[1::2, :2] = triangles[1::2, 1::-1]
    return triangles.ravel()


def smooth_normals(positions: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Return area-weighted vertex normals [V, 3] of triangles [I] over positions [V, 3]; +y where there are none."""
    triangles = indices.reshape(-1, 3)
    corners = positions[triangles].astype(np.float64)
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros((len(positions), 3))
    for axis in range(3):
        weights = np.repeat(faces[:, axis], 3)
        total[:, axis] = np.bincount(triangles.ravel(), weights=weights, minlength=len(positions))
    return _mend_normals(total.astype(np.float32))


def _mend_normals(normals: np.ndarray) -> np.ndarray:
    length = np.sqrt((normals * normals).sum(1, keepdims=True))
    return np.where(length > 1e-12, normalize(normals), np.array([0, 1, 0], np.float32)).astype(np.float32)
