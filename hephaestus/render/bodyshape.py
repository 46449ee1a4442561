"""Shape of a body: all that is worked out of it before a GPU takes it, so that any thread or process may do that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.glb.asset import Asset, Material, Primitive
from hephaestus.render.levels import coarser, depths, in_order, mean_edge, silhouette

LEAST_WEIGHT = 0.04
"""Joints that move a vertex less than this share of the strongest are left out: nobody sees them, all pay for them."""

COLORS = 4
"""Shades of red, green and blue that a coarser level keeps apart."""
BENT_APART = 2
"""So many coarse levels are bent without the vertices that only finer ones ask for; more would be too many calls."""
SIMPLER = 0.7
"""A rough mesh throws the shadow where it has less than this share of the triangles."""
SHADOW_RADIUS = 22.0
"""m round the camera's aim that throw shadows."""
SHADOW_TEXELS = 2.0
"""How rough the mesh is that throws a body's shadow, in pixels of the shadow map; half that with several samples."""


@dataclass(frozen=True, slots=True)
class Triangulated:
    """Vertices as the GPU takes them: attributes [V, n] by location, and indices [I] or None for points."""

    attributes: dict[int, np.ndarray]
    indices: np.ndarray | None


@dataclass(frozen=True, slots=True)
class SkinShape:
    """What bends a primitive.

    Attributes:
        skin: index into the asset's skins.
        bind: bind pose, joints and weights, as points.
        runs: (depth, influences, first vertex, vertices) of vertices that as many joints move and that levels up to
            that depth (at most `BENT_APART`) ask for.
        outline: a rough mesh of one joint a vertex for shadows, or None where it would be no simpler.
    """

    skin: int
    bind: Triangulated
    runs: list[tuple[int, int, int, int]]
    outline: Triangulated | None


@dataclass(frozen=True, slots=True)
class PartShape:
    """One primitive.

    Attributes:
        mesh: all levels' triangles, one behind the other.
        length: vertices.
        levels: (width of a cell in m at rest, first index, indices) of each level, the finest first.
        edge: m, mean edge of the finest level at rest.
        skin: what bends it, or None where it hangs on a node.
        node: index of the node that carries it.
        base: linear RGBA.
        glow: linear RGB that it sends out.
        shine: strength and exponent of highlights.
        texture: index of its base colour picture among the asset's, or None.
        defines: which shader.
        blend: whether one sees through it.
    """

    mesh: Triangulated
    length: int
    levels: list[tuple[float, int, int]]
    edge: float
    skin: SkinShape | None
    node: int
    base: np.ndarray
    glow: np.ndarray
    shine: np.ndarray
    texture: int | None
    defines: frozenset[str]
    blend: bool


@dataclass(frozen=True, slots=True)
class BodyShape:
    """A body, ready to be uploaded.

    Attributes:
        asset: what it is.
        parts: its primitives.
        used: indices of the nodes that carry vertices.
        margin: m, how far a vertex is from the node that carries it most.
    """

    asset: Asset
    parts: tuple[PartShape, ...]
    used: np.ndarray
    margin: float


def shadow_texels(samples: int) -> float:
    """Return how rough, in pixels of the shadow map, the mesh is that throws a body's shadow."""
    return SHADOW_TEXELS / (2 if samples > 1 else 1)


def shadow_cell(samples: int, pixels: int = 1024) -> float:
    """Return the same in m at rest, for a shadow map of that many pixels a side and samples a pixel of the picture."""
    return shadow_texels(samples) * 2 * SHADOW_RADIUS / pixels


def shape_body(asset: Asset, cell: float) -> BodyShape:
    """Work out levels, outlines and surfaces of a body.

    Args:
        asset: what it is.
        cell: m at rest, how rough shadows may be; see `shadow_cell`.
    """
    used, margin = _reach(asset)
    parts = tuple(_shape(asset, p, cell) for p in asset.primitives if len(p.indices))
    return BodyShape(asset, parts, used, margin)


def _shape(asset: Asset, p: Primitive, cell: float) -> PartShape:
    surface = asset.materials[p.material] if p.material is not None else Material()
    attributes: dict[int, np.ndarray] = {}
    defines, picture = set(), None
    if p.uvs is not None and surface.texture is not None:
        attributes[2] = np.c_[p.uvs, np.zeros(len(p.uvs))].astype(np.float32)
        picture = surface.texture
        defines.add("TEXTURED")
    if p.colors is not None:
        attributes[3] = (np.sqrt(np.clip(p.colors, 0, 1)) * 255 + 0.5).astype(np.uint8)
    for name, wanted in (
        ("TWOSIDED", surface.double_sided), ("CUTOUT", surface.alpha == "MASK"), ("UNLIT", surface.unlit),
    ):  # fmt: skip
        if wanted:
            defines.add(name)
    base = np.array(surface.base_color, np.float32)
    if not surface.unlit:
        base[:3] *= 1 - 0.35 * surface.metallic  # there is nothing around to mirror: keep some of the colour
    if surface.alpha == "OPAQUE":
        base[3] = 1.0
    smooth = 1 - surface.roughness
    shine = np.array([0.05 + 0.45 * smooth * (0.5 + surface.metallic), 8 + 90 * smooth**2], np.float32)
    mesh, length, skin, levels, edge = _mesh(asset, p, attributes, cell)
    return PartShape(
        mesh, length, levels, edge, skin, p.node, base, np.array(surface.emissive, np.float32), shine, picture,
        frozenset(defines), surface.alpha == "BLEND",
    )  # fmt: skip


def _mesh(
    asset: Asset, p: Primitive, attributes: dict[int, np.ndarray], cell: float
) -> tuple[Triangulated, int, SkinShape | None, list[tuple[float, int, int]], float]:
    """Make a primitive's levels; a skinned one's vertices are sorted by depth, and by how many joints move them."""
    triangles, order = in_order(p.positions, p.indices)
    places, normals = p.positions[order].astype(np.float32), p.normals[order].astype(np.float32)
    skinned = p.skin is not None and p.joints is not None and p.weights is not None
    joints, weights = np.zeros((len(order), 4), np.uint16), np.ones((len(order), 4), np.float32)
    if p.joints is not None and p.weights is not None and skinned:
        joints, weights = _strongest(p.joints[order], p.weights[order])
    attributes = {k: a[order] for k, a in attributes.items()}
    look = 0.1 * normals if 2 not in attributes else np.c_[0.1 * normals, attributes[2]]
    unit = _unit(asset, p)
    apart = joints[:, 0].astype(np.int64) * COLORS**3
    if 3 in attributes:  # what is painted stays painted
        apart += (attributes[3][:, :3] // (256 // COLORS)).astype(np.int64) @ (COLORS ** np.arange(3))
    parts = [(0.0, triangles), *((c * unit, t) for c, t in coarser(places, triangles, apart, look))]
    starts = np.cumsum([0, *(t.size for _, t in parts)]).tolist()
    levels = [(wide, start, t.size) for (wide, t), start in zip(parts, starts, strict=False)]
    edge = mean_edge(places, triangles) * unit
    if p.skin is None or not skinned:
        whole = Triangulated({0: places, 1: normals, **attributes}, np.concatenate([t.ravel() for _, t in parts]))
        return whole, len(order), None, levels, edge
    depth = np.minimum(depths([t for _, t in parts], len(order)), BENT_APART)
    by, runs = _runs(depth, np.maximum((weights > 0).sum(1), 1))
    where = np.empty(len(by), np.int64)
    where[by] = np.arange(len(by))
    bind = Triangulated({0: places[by], 1: normals[by], 4: joints[by], 5: weights[by]}, None)
    outline = _outline(asset, p, places, triangles, joints[:, 0].astype(np.int64), cell / unit)
    indices = np.concatenate([where[t].ravel() for _, t in parts])
    mesh = Triangulated({k: a[by] for k, a in attributes.items()}, indices)
    return mesh, len(by), SkinShape(p.skin, bind, runs, outline), levels, edge


def _outline(
    asset: Asset, p: Primitive, places: np.ndarray, triangles: np.ndarray, groups: np.ndarray, cell: float
) -> Triangulated | None:
    """Make what throws a part's shadow; a cut-out part throws its own."""
    if p.material is not None and asset.materials[p.material].alpha == "MASK":
        return None
    means, joints, rough = silhouette(places, triangles, groups, cell)
    if len(rough) > SIMPLER * len(triangles):
        return None
    four = np.zeros((len(means), 4), np.uint16)
    four[:, 0] = joints
    return Triangulated({0: means.astype(np.float32), 4: four}, rough.ravel())


def _unit(asset: Asset, p: Primitive) -> float:
    """Return metres at rest for one unit of a primitive's own frame."""
    own = float(np.linalg.norm(np.ptp(p.positions, axis=0)))
    rest = float(np.linalg.norm(np.ptp(asset.vertices(p, asset.rest_world), axis=0)))
    return rest / own if own > 0 else 1.0


def _strongest(joints: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort joints and weights [V, 4] by weight, without those that hardly count."""
    by = np.argsort(-weights, axis=1, kind="stable")
    weights = np.take_along_axis(weights, by, 1)
    weights = np.where(weights < LEAST_WEIGHT * weights[:, :1], 0, weights)
    weights = (weights / np.maximum(weights.sum(1, keepdims=True), 1e-9)).astype(np.float32)
    return np.take_along_axis(joints, by, 1).astype(np.uint16), weights


def _runs(depth: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int, int, int]]]:
    """Sort vertices: deep ones first, and of a depth those first that few joints move.

    Args:
        depth: [V] of each vertex.
        count: [V], joints that move it.

    Returns:
        The order [V], and (depth, joints, first, vertices) of each run in it.
    """
    key = (depth.max(initial=0) - depth) * 8 + count
    by = np.argsort(key, kind="stable")
    _, firsts, sizes = np.unique(key[by], return_index=True, return_counts=True)
    deep, joints = depth[by[firsts]], count[by[firsts]]
    return by, list(zip(deep.tolist(), joints.tolist(), firsts.tolist(), sizes.tolist(), strict=True))


def _reach(asset: Asset) -> tuple[np.ndarray, float]:
    """Return the nodes that carry vertices, and how far (m) a vertex is from the node that carries it most."""
    used, margin = set(), 0.1
    for p in asset.primitives:
        points = asset.vertices(p, asset.rest_world)
        if p.skin is not None and p.joints is not None and p.weights is not None:
            main = np.take_along_axis(p.joints, p.weights.argmax(1)[:, None], 1)[:, 0]
            nodes = asset.skins[p.skin].joints[main]
        else:
            nodes = np.full(len(points), p.node)
        used.update(np.unique(nodes).tolist())
        if len(points):
            margin = max(margin, float(np.linalg.norm(points - asset.rest_world[nodes, :3, 3], axis=1).max()))
    return np.array(sorted(used or {0})), margin
