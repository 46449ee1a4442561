"""The node forest and the skins of a GLB document."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.asset import Skin, compose, decompose
from hephaestus.glb.layout import Layout

_BONES = 256
_VRM_KEYS = (("VRMC_vrm", 1), ("VRM", 0))


@dataclass(frozen=True, slots=True)
class Forest:
    """Names, parents and rest transforms of J nodes, with the raw node objects beside them."""

    raw: list[dict[str, Any]]
    names: tuple[str, ...]
    parents: np.ndarray
    translations: np.ndarray
    rotations: np.ndarray
    scales: np.ndarray
    rest: np.ndarray


def read_forest(document: dict[str, Any]) -> Forest:
    """Read the nodes and make sure that they are a forest.

    Raises:
        AssetError: too many nodes, a child out of range, a node with two parents, a cycle, a transform that is none.
    """
    raw = limits.objects(document, "nodes", "the document", limits.NODES)
    if not raw:
        raise AssetError("The GLB has no nodes; there is nothing in it that could move.")
    parents = _parents(raw)
    _refuse_cycles(parents)
    rest = np.zeros((len(raw), 4, 4), np.float32)
    parts = [np.zeros((len(raw), n), np.float32) for n in (3, 4, 3)]
    sheared = [i for i, node in enumerate(raw) if "matrix" in node]
    for i, node in enumerate(raw):
        where = f"node {i}"
        parts[0][i] = limits.numbers(node, "translation", (0.0, 0.0, 0.0), where)
        parts[1][i] = _unit(limits.numbers(node, "rotation", (0.0, 0.0, 0.0, 1.0), where), where)
        parts[2][i] = limits.numbers(node, "scale", (1.0, 1.0, 1.0), where)
    rest[:] = compose(*parts)
    for i in sheared:
        flat = limits.numbers(raw[i], "matrix", (0.0,) * 16, f"node {i}")
        rest[i] = np.array(flat, np.float32).reshape(4, 4).T
        if not np.allclose(rest[i, 3], (0, 0, 0, 1), atol=1e-4):
            raise AssetError(f"The matrix of node {i} is a projection; only affine matrices are read.")
    for part, values in zip(parts, decompose(rest[sheared]) if sheared else (), strict=False):
        part[sheared] = values
    moves, turns, scales = parts
    return Forest(raw, tuple(limits.text(n, "name") for n in raw), parents, moves, turns, scales, rest)


def _parents(raw: list[dict[str, Any]]) -> np.ndarray:
    parents = np.full(len(raw), -1, np.int32)
    for i, node in enumerate(raw):
        for child in limits.sequence(node, "children", f"node {i}", limits.NODES):
            at = limits.integer(child, 0, len(raw) - 1, f"a child of node {i}")
            if parents[at] >= 0:
                raise AssetError(f"Node {at} has two parents; the nodes must be a forest.")
            parents[at] = i
    return parents


def _refuse_cycles(parents: np.ndarray) -> None:
    # Every node points at its parent; after log2(n) doublings all have reached the virtual root behind the roots.
    root = len(parents)
    up = np.append(np.where(parents < 0, root, parents), root)
    for _ in range(max(root, 1).bit_length() + 1):
        up = up[up]
    if (up != root).any():
        raise AssetError(f"Node {int(np.argmax(up != root))} is its own ancestor; the nodes must be a forest.")


def _unit(q: tuple[float, ...], where: str) -> tuple[float, ...]:
    length = sum(c * c for c in q) ** 0.5
    if abs(length - 1.0) > 0.05:
        raise AssetError(f"The rotation of {where} is not a unit quaternion (its length is {length:.3g}).")
    return tuple(c / length for c in q)


def read_skins(document: dict[str, Any], layout: Layout, nodes: int) -> tuple[Skin, ...]:
    """Read the joints and inverse bind matrices of every skin; joints may repeat, as exporters do that.

    Raises:
        AssetError: a joint out of range, too many joints, or matrices that are not there.
    """
    skins, total = [], 0
    for i, skin in enumerate(limits.objects(document, "skins", "the document", limits.SKINS)):
        where = f"skin {i}"
        joints = limits.sequence(skin, "joints", where, limits.JOINTS)
        total += len(joints)
        if not joints:
            raise AssetError(f"{where.capitalize()} has no joints.")
        if total > limits.SKIN_JOINTS:
            raise AssetError(f"The skins of the GLB have more than {limits.SKIN_JOINTS} joints together.")
        at = np.array([limits.integer(j, 0, nodes - 1, f"a joint of {where}") for j in joints], np.int32)
        skins.append(Skin(at, _inverse_binds(skin, layout, len(at), where)))
    return tuple(skins)


def _inverse_binds(skin: dict[str, Any], layout: Layout, count: int, where: str) -> np.ndarray:
    index = limits.index(skin, "inverseBindMatrices", len(layout.accessors), where)
    if index is None:
        return np.tile(np.eye(4, dtype=np.float32), (count, 1, 1))
    accessor = layout.accessors[index]
    if accessor.width != 16 or accessor.kind.kind != "f" or accessor.count < count:
        raise AssetError(f"The inverse bind matrices of {where} are not {count} float matrices.")
    matrices = layout.floats(index, count).reshape(count, 4, 4).transpose(0, 2, 1)
    if not np.abs(matrices).max() <= limits.LARGEST_FLOAT:  # false for NaN
        raise AssetError(f"The inverse bind matrices of {where} are not finite.")
    matrices = np.ascontiguousarray(matrices)
    matrices[:, 3] = (0, 0, 0, 1)
    return matrices


def read_humanoid(document: dict[str, Any], nodes: int) -> tuple[dict[str, int], int | None]:
    """Read the humanoid block of a VRM 1.0 or 0.x file.

    Returns:
        VRM bone name to node index, and the major version; ({}, None) where there is no such block.

    Raises:
        AssetError: the block is malformed.
    """
    extensions = limits.mapping(document, "extensions", "the document")
    for key, version in _VRM_KEYS:
        if key not in extensions:
            continue
        block = limits.mapping(limits.mapping(extensions, key, "the extensions"), "humanoid", key)
        bones = block.get("humanBones")
        if isinstance(bones, dict):
            pairs = [(name, bone) for name, bone in islice(bones.items(), _BONES) if isinstance(bone, dict)]
        else:
            pairs = [(limits.text(b, "bone"), b) for b in limits.objects(block, "humanBones", key, _BONES)]
        found = {n[:200]: limits.index(b, "node", nodes, f"VRM bone {limits.clip(n)}") for n, b in pairs}
        return {name: node for name, node in found.items() if node is not None}, version
    return {}, None


def read_scene(document: dict[str, Any], parents: np.ndarray) -> np.ndarray:
    """Return bool [J]: which nodes stand in the scene that is shown (all where there is no scene, or an empty one).

    Raises:
        AssetError: an index is out of range.
    """
    scenes = limits.objects(document, "scenes", "the document", limits.NODES)
    shown = limits.index(document, "scene", len(scenes), "the document")
    if not scenes:
        return np.ones(len(parents), bool)
    nodes = limits.sequence(scenes[shown or 0], "nodes", "the scene", limits.NODES)
    seen = np.zeros(len(parents) + 1, bool)
    seen[[limits.integer(n, 0, len(parents) - 1, "a node of the scene") for n in nodes]] = True
    # As for cycles: after log2(n) doublings every node has heard of all its ancestors.
    up = np.append(np.where(parents < 0, len(parents), parents), len(parents))
    for _ in range(len(parents).bit_length() + 1):
        seen |= seen[up]
        up = up[up]
    return seen[:-1] if seen.any() else ~seen[:-1]
