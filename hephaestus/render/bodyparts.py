"""A body on the GPU: its primitives in levels of detail, its pictures, its joints' matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyglet import gl

from hephaestus.glb.asset import Asset, Material, Primitive
from hephaestus.render.body_shaders import JOINTS
from hephaestus.render.gpu import Block, Buffer, Picture, Program, Vertices
from hephaestus.render.levels import coarser, depths, in_order, mean_edge, silhouette
from hephaestus.render.scene import RenderError

LEAST_WEIGHT = 0.04
"""Joints that move a vertex less than this share of the strongest are left out: nobody sees them, all pay for them."""

COLORS = 4
"""Shades of red, green and blue that a coarser level keeps apart."""
BENT_APART = 2
"""So many coarse levels are bent without the vertices that only finer ones ask for; more would be too many calls."""
SIMPLER = 0.7
"""A rough mesh throws the shadow where it has less than this share of the triangles."""


@dataclass
class Skinned:
    """A primitive before it is bent, and where the bent vertices go.

    Attributes:
        skin: index into the asset's skins.
        vertices: bind pose, joints and weights, as points.
        bent: position and normal of each vertex, written by transform feedback.
        runs: (depth, influences, first vertex, vertices) of vertices that as many joints move and that levels up to
            that depth (at most `BENT_APART`) ask for.
        outline: a rough mesh of one joint a vertex for shadows, or None where it would be no simpler.
    """

    skin: int
    vertices: Vertices
    bent: Buffer
    runs: list[tuple[int, int, int, int]]
    outline: Vertices | None


@dataclass
class BodyPart:
    """One primitive of a body on the GPU; `skinned` is None where it hangs on a node.

    Attributes:
        vertices: all levels' triangles, one behind the other.
        levels: (width of a cell in m at rest, first index, indices) of each level, the finest first.
        edge: m, mean edge of the finest level at rest.
        skinned: what bends it, or None.
        node: index of the node that carries it.
        base: linear RGBA.
        glow: linear RGB that it sends out.
        shine: strength and exponent of highlights.
        picture: its base colour picture, or None.
        defines: which shader.
        blend: whether one sees through it.
    """

    vertices: Vertices
    levels: list[tuple[float, int, int]]
    edge: float
    skinned: Skinned | None
    node: int
    base: np.ndarray
    glow: np.ndarray
    shine: np.ndarray
    picture: Picture | None
    defines: frozenset[str]
    blend: bool

    def level(self, cell: float) -> int:
        """Return the number of the coarsest level whose cells are no wider than that (m at rest); 0 is the finest."""
        return max((k for k, level in enumerate(self.levels) if level[0] <= cell), default=0)

    def draw(self, level: int) -> None:
        """Draw a level with the program in use."""
        _, first, count = self.levels[level]
        self.vertices.draw(first, count)


class BodyParts:
    """A body on the GPU: its primitives, its pictures, a block of joint matrices for each skin."""

    def __init__(self, asset: Asset, shadow_cell: float):
        """Upload.

        Args:
            asset: what it is.
            shadow_cell: m at rest, how rough shadows may be.

        Raises:
            RenderError: a skin has more joints than the shader takes.
        """
        for skin in asset.skins:
            if len(skin.joints) > JOINTS:
                raise RenderError(f"a skin has {len(skin.joints)} joints; at most {JOINTS} can be drawn")
        self.asset, self._shadow_cell = asset, shadow_cell
        self._pictures: dict[int, Picture] = {}
        self.blocks = {k: Block(1, JOINTS * 12) for k in range(len(asset.skins))}
        self.parts = [self._part(p) for p in asset.primitives if len(p.indices)]
        self.used, self.margin = _reach(asset)
        self._rest = np.abs(np.linalg.det(asset.rest_world[self.used, :3, :3].astype(np.float64)))

    def _part(self, p: Primitive) -> BodyPart:
        surface = self.asset.materials[p.material] if p.material is not None else Material()
        attributes: dict[int, np.ndarray] = {}
        defines, picture = set(), None
        if p.uvs is not None and surface.texture is not None:
            attributes[2] = np.c_[p.uvs, np.zeros(len(p.uvs))].astype(np.float32)
            picture = self._pictures.get(surface.texture) or Picture(self.asset.textures[surface.texture])
            self._pictures[surface.texture] = picture
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
        vertices, skinned, levels, edge = self._upload(p, attributes)
        return BodyPart(
            vertices, levels, edge, skinned, p.node, base, np.array(surface.emissive, np.float32), shine, picture,
            frozenset(defines), surface.alpha == "BLEND",
        )  # fmt: skip

    def _upload(
        self, p: Primitive, attributes: dict[int, np.ndarray]
    ) -> tuple[Vertices, Skinned | None, list[tuple[float, int, int]], float]:
        """Upload a primitive; a skinned one's vertices are sorted by depth, and by how many joints move them."""
        triangles, order = in_order(p.positions, p.indices)
        places, normals = p.positions[order].astype(np.float32), p.normals[order].astype(np.float32)
        skinned = p.skin is not None and p.joints is not None and p.weights is not None
        joints, weights = np.zeros((len(order), 4), np.uint16), np.ones((len(order), 4), np.float32)
        if p.joints is not None and p.weights is not None and skinned:
            joints, weights = _strongest(p.joints[order], p.weights[order])
        attributes = {k: a[order] for k, a in attributes.items()}
        look = 0.1 * normals if 2 not in attributes else np.c_[0.1 * normals, attributes[2]]
        unit = self._unit(p)
        apart = joints[:, 0].astype(np.int64) * COLORS**3
        if 3 in attributes:  # what is painted stays painted
            apart += (attributes[3][:, :3] // (256 // COLORS)).astype(np.int64) @ (COLORS ** np.arange(3))
        parts = [(0.0, triangles), *((c * unit, t) for c, t in coarser(places, triangles, apart, look))]
        starts = np.cumsum([0, *(t.size for _, t in parts)]).tolist()
        levels = [(cell, start, t.size) for (cell, t), start in zip(parts, starts, strict=False)]
        edge = mean_edge(places, triangles) * unit
        if p.skin is None or not skinned:
            vertices = Vertices({0: places, 1: normals, **attributes}, np.concatenate([t.ravel() for _, t in parts]))
            return vertices, None, levels, edge
        depth = np.minimum(depths([t for _, t in parts], len(order)), BENT_APART)
        by, runs = _runs(depth, np.maximum((weights > 0).sum(1), 1))
        where = np.empty(len(by), np.int64)
        where[by] = np.arange(len(by))
        bind = Vertices({0: places[by], 1: normals[by], 4: joints[by], 5: weights[by]}, mode=gl.GL_POINTS)
        outline = self._outline(p, places, triangles, joints[:, 0].astype(np.int64), unit)
        bent = Skinned(p.skin, bind, Buffer(24 * len(by)), runs, outline)
        indices = np.concatenate([where[t].ravel() for _, t in parts])
        attributes = {k: a[by] for k, a in attributes.items()}
        return Vertices(attributes, indices, bent=bent.bent, length=len(by)), bent, levels, edge

    def _outline(
        self, p: Primitive, places: np.ndarray, triangles: np.ndarray, groups: np.ndarray, unit: float
    ) -> Vertices | None:
        """Make what throws a part's shadow; a cut-out part throws its own."""
        if p.material is not None and self.asset.materials[p.material].alpha == "MASK":
            return None
        means, joints, rough = silhouette(places, triangles, groups, self._shadow_cell / unit)
        if len(rough) > SIMPLER * len(triangles):
            return None
        four = np.zeros((len(means), 4), np.uint16)
        four[:, 0] = joints
        return Vertices({0: means.astype(np.float32), 4: four}, rough.ravel())

    def _unit(self, p: Primitive) -> float:
        """Return metres at rest for one unit of a primitive's own frame."""
        own = float(np.linalg.norm(np.ptp(p.positions, axis=0)))
        rest = float(np.linalg.norm(np.ptp(self.asset.vertices(p, self.asset.rest_world), axis=0)))
        return rest / own if own > 0 else 1.0

    def move(self, matrices: list[np.ndarray]) -> None:
        """Take over matrices [K, 4, 4] of each skin."""
        for k, block in self.blocks.items():
            block.write(matrices[k][:, :3])

    def bend(self, program: Program, part: BodyPart, level: int = 0) -> None:
        """Bend what a level of a skinned part asks for, with the skinning program, which must be in use."""
        if part.skinned is None:
            return
        self.blocks[part.skinned.skin].bind()
        part.skinned.bent.catch()
        for depth, influences, first, count in part.skinned.runs:
            if depth >= min(level, BENT_APART):
                program.set("influences", influences)
                part.skinned.vertices.draw(first, count)
        gl.glEndTransformFeedback()

    def stretch(self, world: np.ndarray) -> float:
        """Return how many times as large as at rest the body is with its nodes at world [J, 4, 4]."""
        now = np.abs(np.linalg.det(world[self.used, :3, :3].astype(np.float64)))
        return float(np.cbrt(np.median(now / np.maximum(self._rest, 1e-30))))

    def close(self) -> None:
        """Give the memory back."""
        for part in self.parts:
            part.vertices.close()
            if part.skinned is not None:
                part.skinned.vertices.close()
                part.skinned.bent.close()
                if part.skinned.outline is not None:
                    part.skinned.outline.close()
        for picture in self._pictures.values():
            picture.close()
        for block in self.blocks.values():
            block.close()


class Placed:
    """A body where it is in one picture.

    Attributes:
        body: what it is.
        world: float32 [J, 4, 4], its nodes in the motion frame.
        low: [3] m, lowest corner of the box round it.
        high: [3] m, highest corner.
        size: how many times as large as at rest it is.
    """

    def __init__(self, body: BodyParts, world: np.ndarray):
        """Work out its box and its joints' matrices."""
        self.body, self.world = body, np.asarray(world, np.float32)
        self.size = body.stretch(self.world)
        places = self.world[body.used, :3, 3]
        self._inner = places.min(0), places.max(0)
        self.low, self.high = (c + s * body.margin * self.size for c, s in zip(self._inner, (-1, 1), strict=True))
        self._inside_out: dict[int, bool] = {}
        self.matrices = [body.asset.skin_matrices(k, self.world) for k in range(len(body.asset.skins))]

    def skinned(self, outlined: bool) -> list[BodyPart]:
        """Return the skinned parts whose shadow is thrown by an outline, or those whose is not."""
        return [p for p in self.body.parts if p.skinned is not None and (p.skinned.outline is not None) == outlined]

    def gap(self, eye: np.ndarray) -> float:
        """Return metres from a point [3] to the body, about."""
        low, high = self._inner
        return float(np.linalg.norm(np.maximum(np.maximum(low - eye, eye - high), 0)))

    def mirrored(self, part: BodyPart) -> bool:
        """Whether a part is turned inside out, so that its triangles face the other way round."""
        if part.skinned is None:
            return float(np.linalg.det(self.world[part.node, :3, :3])) < 0
        skin = part.skinned.skin
        if skin not in self._inside_out:
            self._inside_out[skin] = float(np.linalg.det(self.matrices[skin][:, :3, :3]).sum()) < 0
        return self._inside_out[skin]

    def turn(self, node: int) -> np.ndarray:
        """Return the matrix [3, 3] that the normals of a node's parts follow: outwards also where it mirrors."""
        (a, b, c), (d, e, f), (g, h, i) = self.world[node, :3, :3].tolist()
        cofactors = np.array(
            [[e * i - f * h, f * g - d * i, d * h - e * g], [c * h - b * i, a * i - c * g, b * g - a * h],
             [b * f - c * e, c * d - a * f, a * e - b * d]], np.float32
        )  # fmt: skip
        return cofactors if a * cofactors[0, 0] + b * cofactors[0, 1] + c * cofactors[0, 2] >= 0 else -cofactors


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
