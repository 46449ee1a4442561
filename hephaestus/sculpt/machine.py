"""Machines: bodies of many rigid pieces, each of which moves with one joint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hephaestus.glb.asset import Asset, Material, Primitive, Skin
from hephaestus.sculpt.panels import linear
from hephaestus.sculpt.plates import Plate
from hephaestus.sculpt.sculpture import Joint

Tint = Callable[[np.ndarray, np.ndarray], np.ndarray]
_GRAIN = 2.0**17
_CELL, _REACH = 0.05, 0.6
"""m: of the grid in which shade is looked up, and how far what shades may be."""


@dataclass(frozen=True)
class Piece:
    """A rigid part.

    Attributes:
        plate: its triangles in the body's frame.
        joint: name of the joint that it moves with.
        material: index of the material.
        color: sRGB, 0 to 255.
        edge: sRGB on worn bevels, or None for none.
        tint: points [N, 3] and colours [N, 3] sRGB -> colours, for what is painted over; or None.
        shaded: whether the light that other pieces take away at rest is painted in; not for what runs about.
    """

    plate: Plate
    joint: str
    material: int
    color: tuple[float, float, float]
    edge: tuple[float, float, float] | None = None
    tint: Tint | None = None
    shaded: bool = True


@dataclass(frozen=True)
class Machine:
    """Everything that `assemble` needs.

    Attributes:
        name: of the files.
        kind: of the body.
        height_m: standing.
        radius_m: of its controller.
        pieces: makes the parts.
        joints: parents before children.
        materials: the pieces' surfaces.
        roles: role to joint name, or list of names from root to tip.
    """

    name: str
    kind: str
    height_m: float
    radius_m: float
    pieces: Callable[[], list[Piece]]
    joints: list[Joint]
    materials: tuple[Material, ...]
    roles: Mapping[str, str | list[str] | list[list[str]]]


def assemble(machine: Machine) -> Asset:
    """Put the pieces of a machine on its joints: one skin in which every vertex moves with one joint."""
    order, pieces = [joint.name for joint in machine.joints], machine.pieces()
    points = np.concatenate([p.plate.points for p in pieces])
    normals = np.concatenate([p.plate.normals for p in pieces])
    shade = openness(points, normals, np.concatenate([_spread(p.plate) for p in pieces if p.shaded]))
    start, rows = 0, []
    for piece in pieces:
        end = start + len(piece.plate.points)
        rows.append(_paint(piece, shade[start:end]))
        start = end
    colors = np.concatenate(rows)
    material = np.concatenate([np.full(len(p.plate.points), p.material) for p in pieces])
    joint = np.concatenate([np.full(len(p.plate.points), order.index(p.joint)) for p in pieces])
    first = np.cumsum([0] + [len(p.plate.points) for p in pieces])
    faces = np.concatenate([p.plate.faces + s for p, s in zip(pieces, first, strict=False)])
    primitives = []
    for m in np.unique(material):
        used, local = np.unique(faces[material[faces[:, 0]] == m], return_inverse=True)
        primitives.append(
            Primitive(
                (np.round(points[used] * _GRAIN) / _GRAIN).astype(np.float32),
                np.round(_unit(normals[used]), 5).astype(np.float32),
                local.ravel().astype(np.uint32),
                colors=colors[used].astype(np.float32),
                joints=np.pad(joint[used][:, None], ((0, 0), (0, 3))).astype(np.int32),
                weights=np.tile(np.array([1, 0, 0, 0], np.float32), (len(used), 1)),
                material=int(m),
                node=len(order),
                skin=0,
            )
        )
    return skeleton(machine.name, machine.joints, primitives, machine.materials)


def skeleton(name: str, joints: list[Joint], primitives: list[Primitive], materials: tuple[Material, ...]) -> Asset:
    """Return an asset of joints without turns of their own and one skin over them, drawn by a node behind them."""
    order = [joint.name for joint in joints]
    places = np.array([joint.at for joint in joints], np.float32)
    parents = np.array([order.index(j.parent) if j.parent else -1 for j in joints] + [-1], np.int32)
    count = len(order) + 1
    offsets = np.zeros((count, 3), np.float32)
    offsets[:-1] = places - np.where(parents[:-1, None] >= 0, places[parents[:-1]], 0)
    rest = np.tile(np.eye(4, dtype=np.float32), (count, 1, 1))
    rest[:, :3, 3] = offsets
    inverse = np.tile(np.eye(4, dtype=np.float32), (len(order), 1, 1))
    inverse[:, :3, 3] = -places
    turn = np.tile(np.array([0, 0, 0, 1], np.float32), (count, 1))
    skins = (Skin(np.arange(len(order), dtype=np.int32), inverse),)
    return Asset(
        (*order, f"{name}_skin"),
        parents,
        offsets,
        turn,
        np.ones((count, 3), np.float32),
        rest,
        tuple(primitives),
        skins,
        materials,
    )


def _paint(piece: Piece, shade: np.ndarray) -> np.ndarray:
    plate = piece.plate
    color = np.tile(np.array(piece.color, float), (len(plate.points), 1))
    if piece.edge is not None:
        color += plate.worn[:, None] * (np.array(piece.edge) - color)
    if piece.tint is not None:
        color = piece.tint(plate.points, color)
    light = linear(np.clip(color, 0.0, 255.0))
    if piece.shaded:
        light = light * (0.30 + 0.70 * shade)[:, None]
    return np.concatenate([np.round(light, 4), np.ones((len(light), 1))], 1)


def openness(points: np.ndarray, normals: np.ndarray, cloud: np.ndarray) -> np.ndarray:
    """Return how much of the sky [N] 0 to 1 points on a surface see past a cloud of surface points [M, 3] m.

    The cloud is sorted into a grid, and short rays are walked through it.
    """
    low = np.minimum(cloud.min(0), 0.0) - 2 * _REACH
    shape = np.ceil((cloud.max(0) + 2 * _REACH - low) / _CELL).astype(int)
    full = np.zeros(shape, bool)
    full[tuple(np.floor((cloud - low) / _CELL).astype(int).T)] = True
    # The floor shades as well.
    full[:, : int((0.0 - low[1]) / _CELL)] = True
    ways = _directions()
    hidden, total = np.zeros(len(points)), np.zeros(len(points))
    for way in ways:
        lean = (normals * way).sum(1)
        sees = lean > 0.1
        blocked = np.zeros(len(points))
        for step in range(2, int(_REACH / _CELL) + 1):
            at = np.floor((points + normals * 0.6 * _CELL + way * (step * _CELL) - low) / _CELL).astype(int)
            hit = full[tuple(np.clip(at, 0, shape - 1).T)] & (blocked == 0)
            blocked[hit] = 1.0 - 0.8 * step * _CELL / _REACH
        hidden += np.where(sees, lean * blocked, 0.0)
        total += np.where(sees, lean, 0.0)
    return np.clip(1.0 - 1.1 * hidden / np.maximum(total, 1e-9), 0.0, 1.0)


def _directions() -> np.ndarray:
    """26 directions from the middle of a cube."""
    grid = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if x or y or z], float)
    return _unit(grid)


def _unit(v: np.ndarray) -> np.ndarray:
    return v / np.sqrt((v * v).sum(1, keepdims=True))


def _spread(plate: Plate) -> np.ndarray:
    """Points all over the triangles of a part, closer than a cell."""
    a, b, c = (plate.points[plate.faces[:, k]] for k in range(3))
    size = np.sqrt(np.maximum(((b - a) ** 2).sum(1), ((c - a) ** 2).sum(1)).max())
    n = int(np.clip(np.ceil(2.0 * size / _CELL), 1, 24))
    out = [a + (b - a) * ((i + 0.5) / n) + (c - a) * ((j + 0.5) / n) for i in range(n) for j in range(n - i)]
    return np.concatenate(out)
