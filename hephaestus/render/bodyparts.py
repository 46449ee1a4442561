"""A body on the GPU: its primitives in levels of detail, its pictures, its joints' matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyglet import gl

from hephaestus.render.body_shaders import JOINTS
from hephaestus.render.bodyshape import BENT_APART, BodyShape, PartShape
from hephaestus.render.camera import seen
from hephaestus.render.gpu import Block, Buffer, Picture, Program, Vertices
from hephaestus.render.scene import RenderError


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


def volumes(matrices: np.ndarray) -> np.ndarray:
    """Return by how much matrices [J, 4, 4] make things larger: their determinants [J], negative where they mirror."""
    a, b, c, d, e, f, g, h, i = matrices[:, :3, :3].reshape(-1, 9).T.astype(np.float64)
    grown: np.ndarray = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return grown


def within(placed: list[Placed], six: np.ndarray) -> list[Placed]:
    """Return those of bodies that may be on the seen side of six planes [6, 4]."""
    if not placed:
        return []
    ins = seen(np.array([p.low for p in placed]), np.array([p.high for p in placed]), six)
    return [p for p, one in zip(placed, ins.tolist(), strict=True) if one]


class BodyParts:
    """A body on the GPU: its primitives, its pictures, a block of joint matrices for each skin."""

    def __init__(self, shape: BodyShape):
        """Upload.

        Args:
            shape: what it is, worked out by `hephaestus.render.bodyshape.shape_body`.

        Raises:
            RenderError: a skin has more joints than the shader takes.
        """
        asset = shape.asset
        for skin in asset.skins:
            if len(skin.joints) > JOINTS:
                raise RenderError(f"a skin has {len(skin.joints)} joints; at most {JOINTS} can be drawn")
        self.asset, self.used, self.margin = asset, shape.used, shape.margin
        used = sorted({part.texture for part in shape.parts if part.texture is not None})
        self._pictures = {number: Picture(asset.textures[number]) for number in used}
        self.blocks = {k: Block(1, JOINTS * 12) for k in range(len(asset.skins))}
        self.parts = [self._part(part) for part in shape.parts]
        self._rest = np.maximum(np.abs(volumes(asset.rest_world)[self.used]), 1e-30)
        self._binds = [volumes(skin.inverse_binds) for skin in asset.skins]

    def _part(self, part: PartShape) -> BodyPart:
        skin, skinned = part.skin, None
        if skin is not None:
            outline = None if skin.outline is None else Vertices(skin.outline.attributes, skin.outline.indices)
            bind = Vertices(skin.bind.attributes, mode=gl.GL_POINTS)
            skinned = Skinned(skin.skin, bind, Buffer(24 * part.length), skin.runs, outline)
        bent = None if skinned is None else skinned.bent
        vertices = Vertices(part.mesh.attributes, part.mesh.indices, bent=bent, length=part.length)
        picture = None if part.texture is None else self._pictures[part.texture]
        return BodyPart(
            vertices, part.levels, part.edge, skinned, part.node, part.base, part.glow, part.shine, picture,
            part.defines, part.blend,
        )  # fmt: skip

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

    def stretch(self, grown: np.ndarray) -> float:
        """Return how many times as large as at rest the body is whose nodes have volumes [J]."""
        ratios = np.sort(np.abs(grown[self.used]) / self._rest)
        # What is no number is sorted behind all others.
        middle = (ratios[(len(ratios) - 1) // 2] + ratios[len(ratios) // 2]) / 2 if ratios[-1] < np.inf else np.nan
        return float(np.cbrt(middle))

    def mirrors(self, skin: int, grown: np.ndarray) -> bool:
        """Whether a skin is turned inside out on a body whose nodes have volumes [J]."""
        return float(grown[self.asset.skins[skin].joints] @ self._binds[skin]) < 0

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
        away: m from the eye to the body, about.
    """

    def __init__(self, body: BodyParts, world: np.ndarray, eye: np.ndarray):
        """Work out its box and its joints' matrices, for an eye [3] m."""
        self.body, self.world = body, np.asarray(world, np.float32)
        self._grown = volumes(self.world)
        self.size = body.stretch(self._grown)
        places = self.world[body.used, :3, 3]
        low, high = places.min(0), places.max(0)
        room = body.margin * self.size
        self.low, self.high = low - room, high + room
        gap = np.maximum(np.maximum(low - eye, eye - high), 0)
        self.away = float(np.sqrt(gap @ gap))
        self._inside_out: dict[int, bool] = {}
        self.matrices = [body.asset.skin_matrices(k, self.world) for k in range(len(body.asset.skins))]

    def skinned(self, outlined: bool) -> list[BodyPart]:
        """Return the skinned parts whose shadow is thrown by an outline, or those whose is not."""
        return [p for p in self.body.parts if p.skinned is not None and (p.skinned.outline is not None) == outlined]

    def mirrored(self, part: BodyPart) -> bool:
        """Whether a part is turned inside out, so that its triangles face the other way round."""
        if part.skinned is None:
            return float(self._grown[part.node]) < 0
        skin = part.skinned.skin
        if skin not in self._inside_out:
            self._inside_out[skin] = self.body.mirrors(skin, self._grown)
        return self._inside_out[skin]

    def turn(self, node: int) -> np.ndarray:
        """Return the matrix [3, 3] that the normals of a node's parts follow: outwards also where it mirrors."""
        (a, b, c), (d, e, f), (g, h, i) = self.world[node, :3, :3].tolist()
        cofactors = np.array(
            [[e * i - f * h, f * g - d * i, d * h - e * g], [c * h - b * i, a * i - c * g, b * g - a * h],
             [b * f - c * e, c * d - a * f, a * e - b * d]], np.float32
        )  # fmt: skip
        return cofactors if a * cofactors[0, 0] + b * cofactors[0, 1] + c * cofactors[0, 2] >= 0 else -cofactors
