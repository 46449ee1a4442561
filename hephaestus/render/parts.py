"""What the GPU draws in one call of what stands still: merged solids, pieces of ground, flames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyglet import gl

from hephaestus.render.backdrop import layers
from hephaestus.render.gpu import Vertices
from hephaestus.render.ground import Ground, squares
from hephaestus.render.scene import Mesh, Stage
from hephaestus.render.shaders import NEAR_TORCHES

CELL = 18.0
"""m: solids of one material within such a square are drawn together."""
GROUND_REACH = 420.0
"""m from the origin to the end of the ground."""
GROUND_RINGS = (70.0, 110.0, 180.0, 280.0, GROUND_REACH)
"""m from the origin: where the ground is cut beyond what is planned, for fog is worked out at corners."""


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
    return Part(vertices, low, high, frozenset({"TORCHES"} if torches else set()), torches)


def ground_parts(stage: Stage, ground: Ground) -> list[Part]:
    """Cut the ground into squares; those that the same torches reach are drawn together."""
    # Few large squares, as their edges cost too; small ones where the light of torches is to be told apart.
    step, half = 8.0 if stage.torches and stage.sky.torchlight else 32.0, ground.extent / 2
    rings = np.array([r for r in GROUND_RINGS if r > half + step])
    cuts = np.concatenate([-rings[::-1], np.linspace(-half, half, max(round(ground.extent / step), 1) + 1), rings])
    groups: dict[tuple[int, ...], list[tuple[float, float, float, float]]] = {}
    for x0, z0, x1, z1 in squares(ground, cuts).tolist():
        near = reached(stage, np.array([x0, 0, z0]), np.array([x1, 0, z1]))
        groups.setdefault(near, []).append((x0, z0, x1, z1))
    parts = []
    for torches, pieces in groups.items():
        s = np.array(pieces, np.float32)
        corners = np.zeros((len(s), 4, 3), np.float32)
        corners[..., 0], corners[..., 2] = s[:, [0, 0, 2, 2]], s[:, [1, 3, 3, 1]]
        positions = corners.reshape(-1, 3)
        i = np.array([0, 1, 2, 0, 2, 3]) + 4 * np.arange(len(s))[:, None]
        normals = np.tile(np.array([0, 1, 0], np.float32), (len(positions), 1))
        defines = frozenset({"GROUND"} | ({"TORCHES"} if torches else set()))
        vertices = Vertices({0: positions, 1: normals}, i.ravel())
        parts.append(Part(vertices, positions.min(0), positions.max(0), defines, torches))
    return parts


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
