"""Ground: the level floor with its holes, and the meshes of hills and basins, for physics and for drawing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from prometheus.world.primitives import PATCHES, Hills, Pit, Water
from prometheus.world.scenario import Scenario
from prometheus.world.shapes import Shape
from prometheus.world.terrain import Grid, grid_of

EDGE = 620.0
"""m from the origin to the edge of a ground with holes; a world's things are at most 500 m off."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of ground that is not level.

    Attributes:
        name: of the solid. kind: "hills" or "water".
        vertices: [V, 3] m, world. triangles: [T, 3], counter-clockwise seen from above.
        material: of its surface.
        outline: x0, y0, x1, y1 m.
    """

    name: str
    kind: str
    vertices: np.ndarray
    triangles: np.ndarray
    material: str
    outline: tuple[float, float, float, float]


def holes(scenario: Scenario) -> np.ndarray:
    """Return the rectangles [K, 4] (x0, y0, x1, y1 m) in which the level ground is missing."""
    parts = [s for s in scenario.solids if isinstance(s, PATCHES)]
    return np.array([_outline(s) for s in parts], np.float64).reshape(-1, 4)


def deepest(scenario: Scenario) -> float:
    """Return the height (m, at most 0) that no floor of the world is below."""
    depths = [0.0]
    for solid in scenario.solids:
        if isinstance(solid, Pit | Water):
            depths.append(-solid.depth)
        elif isinstance(solid, Hills):
            depths.append(float(grid_of(solid).heights.min()))
    return min(depths)


def floor_shapes(scenario: Scenario) -> tuple[Shape, ...]:
    """Return boxes whose tops are the level ground round the holes, and the pits' floors; none without holes."""
    cuts = holes(scenario)
    if not len(cuts):
        return ()
    low = deepest(scenario) - 1.0
    material = scenario.ground.material
    pieces = [
        Shape("ground", "box", ((x0 + x1) / 2, (y0 + y1) / 2, low / 2), (x1 - x0, y1 - y0, -low), 0.0, material,
              floor=True)
        for x0, y0, x1, y1 in _around(cuts)
    ]  # fmt: skip
    for pit in scenario.solids:
        if isinstance(pit, Pit):
            thick = -pit.depth - low
            centre, size = (*pit.at, low + thick / 2), (*pit.size, thick)
            pieces.append(Shape(pit.name, "box", centre, size, 0.0, pit.material, floor=True))
    return tuple(pieces)


def patches(scenario: Scenario) -> tuple[Patch, ...]:
    """Return the meshes of hills and basins."""
    found = []
    for solid in scenario.solids:
        if isinstance(solid, Hills):
            vertices, triangles = _field(grid_of(solid))
        elif isinstance(solid, Water):
            vertices, triangles = _basin(solid)
        else:
            continue
        found.append(Patch(solid.name, solid.kind, vertices, triangles, solid.material, _outline(solid)))
    return tuple(found)


def _outline(solid: Pit | Water | Hills) -> tuple[float, float, float, float]:
    (x, y), (length, width) = solid.at, solid.size
    return x - length / 2, y - width / 2, x + length / 2, y + width / 2


def _around(cuts: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Cover the square of `EDGE` with rectangles that leave the cuts free: rows between cuts, joined along x."""
    ys = sorted({-EDGE, EDGE, *cuts[:, 1].tolist(), *cuts[:, 3].tolist()})
    tiles: list[tuple[float, float, float, float]] = []
    for y0, y1 in pairwise(ys):
        row = cuts[(cuts[:, 1] < (y0 + y1) / 2) & (cuts[:, 3] > (y0 + y1) / 2)]
        x = -EDGE
        for cut in row[row[:, 0].argsort()]:
            if cut[0] - x > 1e-9:
                tiles.append((x, y0, float(cut[0]), y1))
            x = float(cut[2])
        tiles.append((x, y0, EDGE, y1))
    return tiles


def _field(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = grid.heights.shape
    r, c = np.mgrid[:rows, :columns]
    x, y = grid.low[0] + c * grid.cell[0], grid.low[1] + r * grid.cell[1]
    vertices = np.stack([x, y, grid.heights], -1).reshape(-1, 3)
    at = (r * columns + c)[:-1, :-1].ravel()
    # Cut from the low to the high corner, as `Grid.at` reads it.
    triangles = np.concatenate(
        [
            np.stack([at, at + 1, at + columns + 1], 1),
            np.stack([at, at + columns + 1, at + columns], 1),
        ]
    )
    edges = (np.s_[0, :], np.s_[:, -1], np.s_[-1, ::-1], np.s_[::-1, 0])
    ring = np.concatenate([(r * columns + c)[edge] for edge in edges])
    return _skirted(vertices, triangles, ring)


def _skirted(vertices: np.ndarray, triangles: np.ndarray, ring: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Close the edge down to the level ground, or below it, so that nothing gets under a field."""
    ring = ring[np.r_[True, ring[1:] != ring[:-1]]]
    foot = vertices[ring].copy()
    foot[:, 2] = min(0.0, float(vertices[:, 2].min())) - 0.5
    a = np.arange(len(ring) - 1)
    base = len(vertices)
    sides = np.concatenate(
        [np.stack([base + a, base + a + 1, ring[a + 1]], 1), np.stack([base + a, ring[a + 1], ring[a]], 1)]
    )
    return np.vstack([vertices, foot]), np.concatenate([triangles, sides])


def _basin(water: Water) -> tuple[np.ndarray, np.ndarray]:
    outer = np.array(water.size) / 2
    inner = np.maximum(outer - water.depth / water.bank, 0.0)
    # Where the banks meet before they are deep enough, they meet in the middle.
    fall = float(min((outer - inner).min(), outer.min()))
    inner, depth = outer - fall, min(fall * water.bank, water.depth)
    ring = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    vertices = np.zeros((8, 3))
    vertices[:4, :2], vertices[4:, :2] = ring * outer + water.at, ring * inner + water.at
    vertices[4:, 2] = -depth
    sides = [((i, (i + 1) % 4, 4 + (i + 1) % 4), (i, 4 + (i + 1) % 4, 4 + i)) for i in range(4)]
    triangles = [t for pair in sides for t in pair] + [(4, 5, 6), (4, 6, 7)]
    return vertices, np.array(triangles)
