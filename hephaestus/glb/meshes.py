"""Triangles of a GLB document: positions, normals, colours, weights and indices as arrays of known range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.asset import Primitive, Skin
from hephaestus.glb.layout import Layout
from hephaestus.glb.shape import mend_normals, smooth_normals, strongest_four, triangle_list, used_vertices
from hephaestus.glb.surfaces import Wrap

_TRIANGLES = 4
_TOO_MANY = (
    f"The GLB draws more than {limits.VERTICES} vertices or {limits.INDICES // 3} triangles; simplify it first."
)
_MORPH_BYTES = 32 << 20
"""Of the targets of one primitive; larger ones are left out, as the body is whole without them."""
_MORPH_MOST = 100.0
"""Weight of one target; usual are 0 to 1."""
_Indices = dict[str, int | None]


class MeshReader:
    """Reads the primitives of every node that carries a mesh; a mesh on several nodes shares its arrays."""

    def __init__(
        self, document: dict[str, Any], layout: Layout, skins: tuple[Skin, ...], wraps: Sequence[Wrap | None]
    ) -> None:
        """Check the list of meshes.

        Args:
            document: the parsed JSON.
            layout: its accessors.
            skins: its skins.
            wraps: for each material how its texture is laid on, or None.

        Raises:
            AssetError: the list is malformed.
        """
        self.layout, self.skins, self.wraps = layout, skins, wraps
        self.meshes = limits.objects(document, "meshes", "the document", limits.NODES)
        self.morphs: dict[int, int] = {}
        """Node to its number of morph targets, as its animation channels need to know."""
        self.notes: list[str] = []
        self._cache: dict[tuple[int, int, tuple[float, ...]], Primitive | None] = {}
        self._sound: dict[int, np.ndarray] = {}
        self._vertices = self._indices = self._primitives = 0

    def read(self, nodes: list[dict[str, Any]], shown: np.ndarray) -> tuple[Primitive, ...]:
        """Return the primitives of all nodes that are `shown` (bool [J]).

        Raises:
            AssetError: an index out of range, attributes of different lengths, or too many vertices.
        """
        out = []
        for i, node in enumerate(nodes):
            mesh = limits.index(node, "mesh", len(self.meshes), f"node {i}")
            skin = limits.index(node, "skin", len(self.skins), f"node {i}")
            if mesh is None:
                continue
            raws = limits.objects(self.meshes[mesh], "primitives", f"mesh {mesh}", limits.PRIMITIVES)
            weights = _weights_at_rest(node, self.meshes[mesh], raws, mesh)
            self.morphs[i] = len(weights)
            self._primitives += len(raws)
            if self._primitives > limits.PRIMITIVES:
                raise AssetError(f"The GLB has more than {limits.PRIMITIVES} primitives; join its meshes first.")
            for k, raw in enumerate(raws):
                if (mesh, k, weights) not in self._cache:
                    made = self._primitive(raw, weights, f"primitive {k} of mesh {mesh}")
                    self._cache[mesh, k, weights] = made
                shared = self._cache[mesh, k, weights]
                if shared is None:
                    continue
                self._count(shared)
                placed = self._placed(shared, i, skin, f"mesh {mesh}")
                if shown[i]:
                    out.append(placed)
                else:
                    self._note("What stands outside the scene that the file shows is left out.")
        return tuple(out)

    def _count(self, primitive: Primitive) -> None:
        self._vertices += len(primitive.positions)
        self._indices += len(primitive.indices)
        if self._vertices > limits.VERTICES or self._indices > limits.INDICES:
            raise AssetError(_TOO_MANY)

    def _placed(self, p: Primitive, node: int, skin: int | None, where: str) -> Primitive:
        if skin is None or p.joints is None:
            return replace(p, joints=None, weights=None, node=node, skin=None)
        if int(p.joints.max(initial=0)) >= len(self.skins[skin].joints):
            raise AssetError(f"A vertex of {where} is bound to a joint that skin {skin} does not have.")
        return replace(p, node=node, skin=skin)

    def _primitive(self, raw: dict[str, Any], rest: tuple[float, ...], where: str) -> Primitive | None:
        # A mesh may have a primitive with fewer targets than another one, though glTF forbids it.
        rest = rest[: len(limits.sequence(raw, "targets", where, limits.MORPHS))]
        mode = limits.whole(raw, "mode", 0, 6, where, _TRIANGLES)
        at = self._accessors(limits.mapping(raw, "attributes", where), where)
        place = at.get("POSITION")
        if mode < _TRIANGLES or place is None:
            self._note(f"{where.capitalize()} has points or lines, or no positions; it is not drawn.")
            return None
        count = self.layout.accessors[place].count
        kept, indices = used_vertices(self._triangles(raw, mode, count, where), count)
        positions = self._attribute(at, "POSITION", (3,), count, kept, where)
        assert positions is not None
        normals = self._attribute(at, "NORMAL", (3,), count, kept, where)
        targets, moves, turns = self._morph(raw, rest, count, kept, where)
        if moves is not None:
            positions = np.clip(positions + moves, -limits.LARGEST_FLOAT, limits.LARGEST_FLOAT)
        normals = smooth_normals(positions, indices) if normals is None else mend_normals(normals + turns)
        joints, weights = self._weights(at, count, kept, where)
        material = limits.index(raw, "material", len(self.wraps), where)
        uvs = self._uvs(at, count, kept, None if material is None else self.wraps[material], where)
        colors = self._colors(at, count, kept, where)
        return Primitive(
            positions, normals, indices, uvs, colors, joints, weights, material,
            targets=targets, morph=np.array(rest if targets is not None else (), np.float32),
        )  # fmt: skip

    def _accessors(self, attributes: dict[str, Any], where: str) -> _Indices:
        count = len(self.layout.accessors)
        return {key: limits.index(attributes, key, count, where) for key in list(attributes)[:64]}

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes and len(self.notes) < 32:
            self.notes.append(sentence)

    def _attribute(
        self, at: _Indices, key: str, widths: tuple[int, ...], count: int, kept: np.ndarray | None, where: str
    ) -> np.ndarray | None:
        """Return a float attribute of the kept vertices; numbers that are not finite are refused in positions only."""
        index = at.get(key)
        if index is None:
            return None
        accessor = self.layout.accessors[index]
        if accessor.width not in widths or accessor.count != count:
            raise AssetError(f"{key} of {where} has {accessor.count} x {accessor.width} numbers, which does not fit.")
        if accessor.count > limits.VERTICES:
            raise AssetError(_TOO_MANY)
        if index not in self._sound:
            values = self.layout.shared_floats(index)
            good = np.abs(values) <= limits.LARGEST_FLOAT  # false for NaN
            if not good.all():
                if key == "POSITION":
                    raise AssetError(f"{key} of {where} holds numbers that are not finite; export it again.")
                self._note(f"Numbers in {key} of {where} that are not finite are taken as zero.")
                values = np.where(good, values, np.float32(0))
            self._sound[index] = values
        if kept is None:
            return self._sound[index]
        self.layout.spend(len(kept) * accessor.width)
        return self._sound[index][kept]

    def _uvs(
        self, at: _Indices, count: int, kept: np.ndarray | None, wrap: Wrap | None, where: str
    ) -> np.ndarray | None:
        uvs = self._attribute(at, f"TEXCOORD_{wrap.channel if wrap else 0}", (2,), count, kept, where)
        if uvs is None or wrap is None or np.array_equal(wrap.matrix, np.eye(2, 3)):
            return uvs
        return wrap.apply(uvs)

    def _colors(self, at: _Indices, count: int, kept: np.ndarray | None, where: str) -> np.ndarray | None:
        colors = self._attribute(at, "COLOR_0", (3, 4), count, kept, where)
        if colors is None:
            return None
        out = np.ones((len(colors), 4), np.float32)
        np.clip(colors, 0.0, 1.0, out=out[:, : colors.shape[1]])
        return out

    def _weights(
        self, at: _Indices, count: int, kept: np.ndarray | None, where: str
    ) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
        """Keep the four strongest joints of a vertex and make their weights sum to 1."""
        joints, weights = [], []
        for n in range(4):
            index, weight = at.get(f"JOINTS_{n}"), self._attribute(at, f"WEIGHTS_{n}", (4,), count, kept, where)
            if index is None or weight is None:
                break
            accessor = self.layout.accessors[index]
            if accessor.width != 4 or accessor.kind.kind != "u" or accessor.count != count:
                raise AssetError(f"JOINTS_{n} of {where} does not fit its vertices.")
            bound = self.layout.raw(index)
            joints.append(bound if kept is None else bound[kept])
            weights.append(weight)
        return strongest_four(joints, weights) if joints else (None, None)

    def _morph(
        self, raw: dict[str, Any], rest: tuple[float, ...], count: int, kept: np.ndarray | None, where: str
    ) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | np.float32]:
        """Return all targets [M, V, 3], and how far positions and normals [V, 3] are moved at rest."""
        targets = [self._accessors(t, where) for t in limits.objects(raw, "targets", where, limits.MORPHS)]
        size = count if kept is None else len(kept)
        if len(targets) * size * 12 > _MORPH_BYTES:
            self._note(f"The morph targets of {where} are left out; together they are too large.")
            return None, None, np.float32(0)
        moves: list[np.ndarray] = []
        turns: np.ndarray | np.float32 = np.float32(0)
        for at, weight in zip(targets, rest, strict=False):
            move = self._attribute(at, "POSITION", (3,), count, kept, where)
            moves.append(np.zeros((size, 3), np.float32) if move is None else move)
            turn = self._attribute(at, "NORMAL", (3,), count, kept, where) if weight else None
            turns = turns if turn is None else turns + np.float32(weight) * turn
        if not any(move.any() for move in moves):
            return None, None, turns
        self.layout.spend(len(moves) * size * 3)
        stacked = np.stack(moves)
        return stacked, np.einsum("m,mvi->vi", np.array(rest, np.float32), stacked) if any(rest) else None, turns

    def _triangles(self, raw: dict[str, Any], mode: int, count: int, where: str) -> np.ndarray:
        index = limits.index(raw, "indices", len(self.layout.accessors), where)
        length = count if index is None else self.layout.accessors[index].count
        if length * (1 if mode == _TRIANGLES else 3) > limits.INDICES or count > limits.VERTICES:
            raise AssetError(_TOO_MANY)
        if index is None:
            line = np.arange(count, dtype=np.uint32)
        else:
            accessor = self.layout.accessors[index]
            if accessor.width != 1 or accessor.kind.kind != "u":
                raise AssetError(f"The indices of {where} are not a list of unsigned numbers.")
            line = self.layout.raw(index)[:, 0].astype(np.uint32)
        if int(line.max(initial=0)) >= count:
            raise AssetError(f"An index of {where} points past its {count} vertices.")
        return triangle_list(line, mode)


def _weights_at_rest(
    node: dict[str, Any], mesh: dict[str, Any], raws: list[dict[str, Any]], i: int
) -> tuple[float, ...]:
    """Return the weight of every morph target of a mesh on a node; what the file leaves open is zero."""
    where = f"mesh {i}"
    count = max((len(limits.sequence(raw, "targets", where, limits.MORPHS)) for raw in raws), default=0)
    owner = node if "weights" in node else mesh
    given = [limits.number(w, f"a weight of {where}") for w in limits.sequence(owner, "weights", where, limits.MORPHS)]
    return tuple(min(max(w, -_MORPH_MOST), _MORPH_MOST) for w in (given + [0.0] * count)[:count])
