"""What the GPU draws in one call: merged static solids, pieces of ground, primitives of a body."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from pyglet import gl

from hephaestus.glb.asset import Asset, Primitive
from hephaestus.render.gpu import Block, Buffer, Picture, Program, Vertices
from hephaestus.render.ground import Ground
from hephaestus.render.scene import Mesh, RenderError, Stage
from hephaestus.render.shaders import JOINTS, NEAR_TORCHES

CELL = 12.0
"""m: solids of one material within such a square are drawn together."""
GROUND_REACH = 420.0
"""m from the origin to the end of the ground."""
LEAST_WEIGHT = 0.04
"""Joints that move a vertex less than this share of the strongest are left out: nobody sees them, all pay for them."""


@dataclass
class Part:
    """One draw call of something that stands still.

    Attributes:
        vertices: its triangles.
        low: [3] m, lowest corner.
        high: [3] m, highest corner.
        defines: which shader.
        torches: indices into the stage's torches, those that reach it.
    """

    vertices: Vertices
    low: np.ndarray
    high: np.ndarray
    defines: frozenset[str]
    torches: tuple[int, ...]


def reached(stage: Stage, low: np.ndarray, high: np.ndarray) -> tuple[int, ...]:
    """Return the torches whose light reaches a box, the nearest first, at most as many as the shader takes."""
    gaps: list[tuple[float, int]] = []
    if not stage.sky.torchlight:
        return ()
    for k, torch in enumerate(stage.torches):
        d = float(np.linalg.norm(np.maximum(np.maximum(low - torch.position, torch.position - high), 0)))
        if d < torch.reach:
            gaps.append((d, k))
    return tuple(k for _, k in sorted(gaps)[:NEAR_TORCHES])


def layers(stage: Stage) -> list[str]:
    """Return the textures that the stage's meshes wear, in the order of their layers."""
    return sorted({stage.materials[m.material].texture for m in stage.meshes})


def static_parts(stage: Stage) -> list[Part]:
    """Merge a stage's meshes by place."""
    names = layers(stage)
    groups: dict[tuple[int, int], list[Mesh]] = {}
    for mesh in stage.meshes:
        middle = (mesh.positions.min(0) + mesh.positions.max(0)) / 2
        groups.setdefault((round(float(middle[0]) / CELL), round(float(middle[2]) / CELL)), []).append(mesh)
    return [_merge(stage, meshes, names) for meshes in groups.values()]


def _merge(stage: Stage, meshes: list[Mesh], names: list[str]) -> Part:
    uvs, colors = [], []
    for mesh in meshes:
        m = stage.materials[mesh.material]
        uvs.append(np.c_[mesh.uvs / m.span, np.full(len(mesh.uvs), names.index(m.texture))])
        color = np.clip(mesh.shades[:, None] * np.array([[*m.color, 0.0]]), 0, 1)
        color[:, 3] = min(m.glow / 8, 1.0)
        colors.append(np.sqrt(color) * 255 + 0.5)
    starts = np.cumsum([0, *(len(m.positions) for m in meshes)])
    positions = np.concatenate([m.positions for m in meshes]).astype(np.float32)
    attributes: dict[int, np.ndarray] = {
        0: positions,
        1: np.concatenate([m.normals for m in meshes]).astype(np.float32),
        2: np.concatenate(uvs).astype(np.float32),
        3: np.concatenate(colors).astype(np.uint8),
    }
    vertices = Vertices(attributes, np.concatenate([m.indices + s for m, s in zip(meshes, starts, strict=False)]))
    low, high = positions.min(0), positions.max(0)
    torches = reached(stage, low, high)
    return Part(vertices, low, high, frozenset({"STATIC"} | ({"TORCHES"} if torches else set())), torches)


def ground_parts(stage: Stage, ground: Ground) -> list[Part]:
    """Cut the ground into squares; those that the same torches reach are drawn together."""
    step, half = 8.0, ground.extent / 2
    cuts = np.concatenate([[-GROUND_REACH], np.arange(-half, half + 0.1, step), [GROUND_REACH]])
    groups: dict[tuple[int, ...], list[tuple[float, float, float, float]]] = {}
    for x0, x1 in pairwise(cuts):
        for z0, z1 in pairwise(cuts):
            near = reached(stage, np.array([x0, 0, z0]), np.array([x1, 0, z1]))
            groups.setdefault(near, []).append((x0, z0, x1, z1))
    parts = []
    for torches, squares in groups.items():
        s = np.array(squares, np.float32)
        corners = np.zeros((len(s), 4, 3), np.float32)
        corners[..., 0], corners[..., 2] = s[:, [0, 0, 2, 2]], s[:, [1, 3, 3, 1]]
        positions = corners.reshape(-1, 3)
        i = np.array([0, 1, 2, 0, 2, 3]) + 4 * np.arange(len(s))[:, None]
        normals = np.tile(np.array([0, 1, 0], np.float32), (len(positions), 1))
        defines = frozenset({"GROUND"} | ({"TORCHES"} if torches else set()))
        vertices = Vertices({0: positions, 1: normals}, i.ravel())
        parts.append(Part(vertices, positions.min(0), positions.max(0), defines, torches))
    return parts


@dataclass
class Skinned:
    """A primitive before it is bent, and where the bent vertices go.

    Attributes:
        vertices: bind pose, joints and weights, as points.
        bent: position and normal of each vertex, written by transform feedback.
        runs: (influences, first vertex, vertices) of vertices that as many joints move.
    """

    vertices: Vertices
    bent: Buffer
    runs: list[tuple[int, int, int]]


@dataclass
class BodyPart:
    """One primitive of a body on the GPU; `skinned` is None where it hangs on a node."""

    vertices: Vertices
    skinned: Skinned | None
    node: int
    skin: int | None
    base: np.ndarray
    glow: np.ndarray
    shine: np.ndarray
    picture: Picture | None
    defines: frozenset[str]
    blend: bool


class BodyParts:
    """A body on the GPU: its primitives, its pictures, a block of joint matrices for each skin."""

    def __init__(self, asset: Asset):
        """Upload.

        Raises:
            RenderError: a skin has more joints than the shader takes.
        """
        self.asset = asset
        self._pictures: dict[int, Picture] = {}
        self.blocks: dict[int, Block] = {}
        for k, skin in enumerate(asset.skins):
            if len(skin.joints) > JOINTS:
                raise RenderError(f"a skin has {len(skin.joints)} joints; at most {JOINTS} can be drawn")
            self.blocks[k] = Block(1, JOINTS * 12)
        self.parts = [self._part(p) for p in asset.primitives if len(p.indices)]
        self.parts.sort(key=lambda p: p.blend)
        self.used, self.margin = _reach(asset)

    def _part(self, p: Primitive) -> BodyPart:
        from hephaestus.glb.asset import Material as Surface

        surface = self.asset.materials[p.material] if p.material is not None else Surface()
        attributes: dict[int, np.ndarray] = {}
        defines, picture = {"SHINY"}, None
        if p.uvs is not None and surface.texture is not None:
            attributes[2] = np.c_[p.uvs, np.zeros(len(p.uvs))].astype(np.float32)
            picture = self._pictures.get(surface.texture) or Picture(self.asset.textures[surface.texture])
            self._pictures[surface.texture] = picture
            defines.add("TEXTURED")
        if p.colors is not None:
            attributes[3] = (np.sqrt(np.clip(p.colors, 0, 1)) * 255 + 0.5).astype(np.uint8)
        if surface.double_sided:
            defines.add("TWOSIDED")
        if surface.alpha == "MASK":
            defines.add("CUTOUT")
        vertices, skinned = _upload(p, attributes)
        base = np.array(surface.base_color, np.float32)
        base[:3] *= 1 - 0.35 * surface.metallic  # there is nothing around to mirror: keep some of the colour
        smooth = 1 - surface.roughness
        shine = np.array([0.05 + 0.45 * smooth * (0.5 + surface.metallic), 8 + 90 * smooth**2], np.float32)
        glow = np.array(surface.emissive, np.float32)
        return BodyPart(
            vertices, skinned, p.node, p.skin if skinned else None, base, glow, shine, picture,
            frozenset(defines), surface.alpha == "BLEND",
        )  # fmt: skip

    def box(self, world: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and highest corner [3] m of the body with its nodes at world [J, 4, 4]."""
        places = world[self.used, :3, 3]
        return places.min(0) - self.margin, places.max(0) + self.margin

    def bend(self, program: Program, world: np.ndarray) -> None:
        """Bend all skins to nodes at world [J, 4, 4] with the skinning program, which must be in use."""
        for k, block in self.blocks.items():
            block.write(self.asset.skin_matrices(k, world)[:, :3])
        for part in self.parts:
            if part.skinned is None or part.skin is None:
                continue
            self.blocks[part.skin].bind()
            part.skinned.bent.catch()
            for influences, first, count in part.skinned.runs:
                program.set("influences", influences)
                part.skinned.vertices.draw(first, count)
            gl.glEndTransformFeedback()

    def close(self) -> None:
        """Give the memory back."""
        for part in self.parts:
            part.vertices.close()
            if part.skinned is not None:
                part.skinned.vertices.close()
                part.skinned.bent.close()
        for picture in self._pictures.values():
            picture.close()
        for block in self.blocks.values():
            block.close()


def _upload(p: Primitive, attributes: dict[int, np.ndarray]) -> tuple[Vertices, Skinned | None]:
    """Upload a primitive; the vertices of a skinned one are sorted by the number of joints that move them."""
    places, normals = p.positions.astype(np.float32), p.normals.astype(np.float32)
    if p.skin is None or p.joints is None or p.weights is None:
        return Vertices({0: places, 1: normals, **attributes}, p.indices), None
    by_weight = np.argsort(-p.weights, axis=1, kind="stable")
    weights = np.take_along_axis(p.weights, by_weight, 1)
    weights = np.where(weights < LEAST_WEIGHT * weights[:, :1], 0, weights)
    weights = (weights / np.maximum(weights.sum(1, keepdims=True), 1e-9)).astype(np.float32)
    joints = np.take_along_axis(p.joints, by_weight, 1).astype(np.uint16)
    count = np.maximum((weights > 0).sum(1), 1)
    order = np.argsort(count, kind="stable")
    where = np.empty(len(order), np.uint32)
    where[order] = np.arange(len(order), dtype=np.uint32)
    influences, firsts, sizes = np.unique(count[order], return_index=True, return_counts=True)
    runs = list(zip(influences.tolist(), firsts.tolist(), sizes.tolist(), strict=True))
    bind = {0: places[order], 1: normals[order], 4: joints[order], 5: weights[order]}
    bent = Buffer(24 * len(places))
    skinned = Skinned(Vertices(bind, mode=gl.GL_POINTS), bent, runs)
    return Vertices({k: a[order] for k, a in attributes.items()}, where[p.indices], bent=bent), skinned


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


def flames(stage: Stage, halo: bool) -> Vertices | None:
    """Make the quads that carry the stage's flames (or the glow round them)."""
    lit = [t for t in stage.torches if t.flame > 0]
    if not lit:
        return None
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, -1], [1, 1], [-1, 1]], np.float32)
    places = np.repeat(np.stack([t.position for t in lit]), 6, 0).astype(np.float32)
    phases = np.repeat(np.arange(len(lit), dtype=np.float32) * 0.37, 6)[:, None]
    high = np.repeat([t.flame for t in lit], 6).astype(np.float32)[:, None]
    size = high * np.array([[1.8, 1.8]] if halo else [[0.32, 0.55]], np.float32)
    return Vertices({0: places, 1: np.hstack([np.tile(corners, (len(lit), 1)), phases]), 2: size}, mode=gl.GL_TRIANGLES)
