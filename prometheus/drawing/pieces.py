"""Pieces: a body cut into rigid parts of one colour, one set a bone, for renderers that cannot bend a skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.glb.asset import Asset, Material, Primitive

LEVELS = 5
"""Steps of each colour channel that are told apart."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Triangles that follow one node as one rigid part.

    Attributes:
        node: index of the node.
        positions: float32 [V, 3] m, in the node's frame with its rest scale applied.
        normals: float32 [V, 3].
        indices: uint32 [I].
        color: sRGB, 0 to 1.
    """

    node: int
    positions: np.ndarray
    normals: np.ndarray
    indices: np.ndarray
    color: tuple[float, float, float]


def cut(asset: Asset, scales: np.ndarray) -> list[Piece]:
    """Cut a body by the node that moves each triangle most, and by colour.

    Args:
        asset: the body.
        scales: [J, 3], of each node where the body is to be drawn; a rigid part cannot change its size.
    """
    pieces = []
    for primitive in asset.primitives:
        triangles = primitive.indices.reshape(-1, 3)
        if len(triangles) == 0:
            continue
        nodes, into = _main_nodes(asset, primitive, scales)
        colors = _colors(asset, primitive)[triangles].mean(1)
        steps = np.rint(colors * (LEVELS - 1)).astype(int)
        key = np.c_[nodes[triangles[:, 0]], steps]
        _, group = np.unique(key, axis=0, return_inverse=True)
        for g in range(int(group.max()) + 1):
            mine = group.reshape(-1) == g
            node = int(key[mine][0, 0])
            color = colors[mine].mean(0)
            pieces.append(_piece(primitive, triangles[mine], node, into[node], color))
    return pieces


def _piece(p: Primitive, triangles: np.ndarray, node: int, into: np.ndarray, color: np.ndarray) -> Piece:
    used, indices = np.unique(triangles, return_inverse=True)
    positions = p.positions[used] @ into[:3, :3].T + into[:3, 3]
    normals = p.normals[used] @ np.linalg.inv(into[:3, :3])
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    r, g, b = (float(c) for c in color)
    return Piece(node, positions, normals, indices.reshape(-1).astype(np.uint32), (r, g, b))


def _main_nodes(asset: Asset, p: Primitive, scales: np.ndarray) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Return the node [V] that moves each vertex most, and what carries vertices into each node's scaled frame."""
    if p.skin is None or p.joints is None or p.weights is None:
        return np.full(len(p.positions), p.node), {p.node: _scale(scales[p.node])}
    skin = asset.skins[p.skin]
    main = np.take_along_axis(p.joints, p.weights.argmax(1)[:, None], 1)[:, 0]
    into = {int(n): _scale(scales[n]) @ skin.inverse_binds[k] for k, n in enumerate(skin.joints)}
    return skin.joints[main], into


def _scale(scale: np.ndarray) -> np.ndarray:
    return np.diag(np.append(scale, 1.0)).astype(np.float32)


def _colors(asset: Asset, p: Primitive) -> np.ndarray:
    """Return the colour of each vertex, sRGB [V, 3], 0 to 1."""
    surface = asset.materials[p.material] if p.material is not None else Material()
    linear = np.tile(np.array(surface.base_color[:3]), (len(p.positions), 1))
    if p.colors is not None:
        linear = linear * p.colors[:, :3]
    if surface.texture is not None and p.uvs is not None:
        picture = asset.textures[surface.texture]
        h, w = picture.shape[:2]
        x = np.floor(p.uvs[:, 0] * w).astype(int) % w
        y = np.floor(p.uvs[:, 1] * h).astype(int) % h
        linear = linear * (picture[y, x, :3] / 255.0) ** 2.2
    return np.clip(linear + np.array(surface.emissive), 0, 1) ** (1 / 2.2)
