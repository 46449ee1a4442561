"""Routes: ways round walls, drops and water, on a grid of the ground.

Where a body can stand and how far it is from there to the next wall or edge comes from the heights alone: what rises
more than a stride above its neighbours is a wall, what falls more is a drop. Shortest ways are Dijkstra's, by
`scipy.sparse.csgraph`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.world.geometry import STEP_UP
from prometheus.world.primitives import Pit, Water
from prometheus.world.terrain import PIT, WATER

if TYPE_CHECKING:
    from prometheus.world.geometry import Solids
    from prometheus.world.terrain import Terrain

CELL = 0.25
"""m along an edge of a cell; larger in a world of over `MOST` cells."""
MOST = 90_000
HEADROOM = 1.9
"""m under a lintel or a roof that one can walk through."""
_MARGIN = 4.0
_BLOCKED = 50.0
_LOOKS = 16
_NEIGHBOURS = ((1, 0), (0, 1), (1, 1), (1, -1))


class Routes:
    """The grid of a world.

    Attributes:
        low: (x, y) m of the middle of the first cell. cell: m. shape: rows (along y), columns (along x).
        height: [rows, columns] m of the ground. room: [rows, columns] m to the nearest wall or edge.
    """

    def __init__(self, terrain: Terrain, solids: Solids, places: np.ndarray) -> None:
        """Lay the grid.

        Args:
            terrain: the floors.
            solids: what stands on them, movable things included.
            places: [N, 2] m, where somebody starts or wants to go.
        """
        from scipy.ndimage import distance_transform_edt  # type: ignore[import-untyped]

        low, high = _bounds(terrain, solids, places)
        self.cell = max(CELL, math.sqrt(float(np.prod(high - low)) / MOST))
        columns, rows = (int(v) for v in np.ceil((high - low) / self.cell) + 1)
        self.low, self.shape = low, (rows, columns)
        x, y = np.meshgrid(low[0] + self.cell * np.arange(columns), low[1] + self.cell * np.arange(rows))
        floor, sort = terrain.at(np.stack([x, y], -1).reshape(-1, 2))
        self.height = _stacked(floor.reshape(rows, columns), solids, x, y)
        self._wet = (sort == WATER).reshape(rows, columns)
        self._fits: dict[float, tuple[np.ndarray, Any, np.ndarray]] = {}
        cliff = _cliffs(self.height) | (sort == PIT).reshape(rows, columns)
        # The edge lies somewhere within a cliff's cell: half a cell is taken off.
        self.room = np.maximum(distance_transform_edt(~cliff) * self.cell - 0.5 * self.cell, 0.0)
        self._flat, self._corner, self._scale = self.room.ravel(), (low - 0.5 * self.cell).tolist(), 1.0 / self.cell
        self._cost = 1.0 + 1.5 * np.clip(1.0 - self.room / 0.9, 0.0, 1.0) + 2.0 * self._wet

    def room_at(self, points: np.ndarray) -> np.ndarray:
        """Return m [...] from points [..., 2] to the nearest wall or edge; the rim's where points lie outside."""
        return self.room_of(points[..., 0], points[..., 1])

    def room_of(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return what `room_at` does for points of x [...] and y [...] m."""
        rows, columns = self.shape
        column = ((x - self._corner[0]) * self._scale).astype(int)
        row = ((y - self._corner[1]) * self._scale).astype(int)
        column = np.minimum(np.maximum(column, 0), columns - 1)
        row = np.minimum(np.maximum(row, 0), rows - 1)
        found: np.ndarray = self._flat.take(row * columns + column)
        return found

    def clear(self, starts: np.ndarray, ends: np.ndarray, radii: np.ndarray) -> np.ndarray:
        """Whether bodies of radii [N] m can walk straight from starts [N, 2] to ends [N, 2] m.

        Of radii and starts there may be one for all.
        """
        if not len(ends):
            return np.zeros(0, bool)
        x, y, dx, dy = starts[:, :1], starts[:, 1:2], ends[:, :1] - starts[:, :1], ends[:, 1:2] - starts[:, 1:2]
        pieces = min(int(float(np.hypot(dx, dy).max()) / (0.8 * self.cell)) + 1, 199)
        share = np.arange(pieces + 1) / pieces
        room = self.room_of(x + share * dx, y + share * dy)
        # Who stands close to a wall may still walk away from it.
        needed = np.minimum(radii[:, None], np.maximum(room[:, :1], 0.5 * self.cell))
        free: np.ndarray = (room >= needed - 1e-9).all(1)
        return free

    def prepare(self, radii: Iterable[float]) -> None:
        """Work out now where bodies of these radii (m) fit, and not when a way is first asked for."""
        for radius in radii:
            self._graph(radius)

    def path(self, start: Any, goal: Any, radius: float) -> np.ndarray | None:
        """Return the corners [K, 2] m of a short way, the goal last, or None where there is none.

        A goal that no body of this radius (m) can stand at is replaced by the nearest place where it can.
        """
        from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]

        fits, graph, island = self._graph(radius)
        a = self._free_cell(start, fits)
        b = None if a is None else self._free_cell(goal, island == island.flat[a])
        if a is None or b is None:
            return None
        straight = math.dist(self._place(a), self._place(b))
        for limit in (1.4 * straight + 2.0, 3.0 * straight + 6.0, np.inf):
            dist, before = dijkstra(graph, indices=b, return_predecessors=True, limit=limit / self.cell)
            if np.isfinite(dist[a]):
                break
        else:
            return None
        cells = [a]
        while cells[-1] != b:
            cells.append(int(before[cells[-1]]))
        return self._pulled(np.array([self._place(c) for c in cells]), radius)

    def _pulled(self, points: np.ndarray, radius: float) -> np.ndarray:
        """Drop the corners that can be cut."""
        kept, at = [], 0
        radii = np.full(len(points), radius)
        while at < len(points) - 1:
            # A few of the corners to come are as good as all of them, the last one among them.
            tries = np.unique(np.linspace(at + 1, len(points) - 1, _LOOKS).astype(int))
            free = self.clear(np.broadcast_to(points[at], (len(tries), 2)), points[tries], radii[: len(tries)])
            at = int(tries[free][-1]) if free.any() else at + 1
            kept.append(points[at])
        return np.array(kept) if kept else points[-1:]

    def _graph(self, radius: float) -> tuple[np.ndarray, Any, np.ndarray]:
        key = round(radius, 1)
        if key not in self._fits:
            from scipy.sparse import coo_matrix  # type: ignore[import-untyped]
            from scipy.sparse.csgraph import connected_components

            rows, columns = self.shape
            fits = self.room >= key
            number = np.arange(rows * columns).reshape(rows, columns)
            sources, targets, costs = [], [], []
            for dx, dy in _NEIGHBOURS:
                a = np.s_[max(-dy, 0) : rows - max(dy, 0), : columns - dx]
                b = np.s_[max(dy, 0) : rows + min(dy, 0), dx:]
                steep = np.abs(self.height[a] - self.height[b])
                use = fits[a] & fits[b] & (steep <= STEP_UP * (1 + 0.42 * (dx and dy != 0)))
                sources.append(number[a][use])
                targets.append(number[b][use])
                costs.append((0.5 * math.hypot(dx, dy) * (self._cost[a] + self._cost[b]))[use])
            s, t, c = (np.concatenate(v) for v in (sources, targets, costs))
            count = rows * columns
            graph = coo_matrix((np.r_[c, c], (np.r_[s, t], np.r_[t, s])), (count, count)).tocsr()
            island = connected_components(graph, directed=False)[1].reshape(self.shape)
            self._fits[key] = (fits, graph, island)
        found: tuple[np.ndarray, Any, np.ndarray] = self._fits[key]
        return found

    def _free_cell(self, point: Any, fits: np.ndarray) -> int | None:
        """The number of the nearest cell within 3 m at which the body fits."""
        rows, columns = self.shape
        c, r = (int(v) for v in np.rint((np.asarray(point[:2], float) - self.low) / self.cell))
        r, c = min(max(r, 0), rows - 1), min(max(c, 0), columns - 1)
        if fits[r, c]:
            return r * columns + c
        reach = math.ceil(3.0 / self.cell)
        r0, c0 = max(r - reach, 0), max(c - reach, 0)
        found = np.argwhere(fits[r0 : r + reach + 1, c0 : c + reach + 1]) + np.array([r0, c0])
        if not len(found):
            return None
        best = found[((found - np.array([r, c])) ** 2).sum(1).argmin()]
        return int(best[0] * columns + best[1])

    def _place(self, number: int) -> np.ndarray:
        r, c = divmod(number, self.shape[1])
        place: np.ndarray = self.low + self.cell * np.array([c, r])
        return place


def _bounds(terrain: Terrain, solids: Solids, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    reach = np.hypot(*solids.box_half.T)[:, None]
    points = [places, solids.box_centre - reach, solids.box_centre + reach]
    points += [solids.round_centre - solids.round_radius[:, None], solids.round_centre + solids.round_radius[:, None]]
    holes: list[Pit | Water] = [*terrain.pits, *terrain.waters]
    for part in holes:
        half = np.array(part.size) / 2
        points.append(np.array([part.at - half, part.at + half]))
    for grid in terrain.hills:
        points.append(np.array([grid.low, grid.low + grid.cell * (np.array(grid.heights.shape[::-1]) - 1)]))
    everything = np.concatenate([np.asarray(p, float).reshape(-1, 2) for p in points])
    # A wall far off, or one that is half a kilometre long, must not make the cells coarse.
    middle = np.median(places, axis=0)
    everything = np.clip(everything, middle - 60.0, middle + 60.0)
    return everything.min(0) - _MARGIN, everything.max(0) + _MARGIN


def _stacked(height: np.ndarray, solids: Solids, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Put what stands on the ground on top of it; what hangs too low to walk under is a wall."""
    height = height.copy()
    step = x[0, 1] - x[0, 0]
    boxes = len(solids.box_low)
    order = np.argsort(solids.high, kind="stable")
    for i in order:
        box = i < boxes
        centre = solids.box_centre[i] if box else solids.round_centre[i - boxes]
        reach = (math.hypot(*solids.box_half[i]) if box else float(solids.round_radius[i - boxes])) + step
        c0, c1 = np.searchsorted(x[0], [centre[0] - reach, centre[0] + reach])
        r0, r1 = np.searchsorted(y[:, 0], [centre[1] - reach, centre[1] + reach])
        window = np.s_[r0:r1, c0:c1]
        dx, dy = x[window] - centre[0], y[window] - centre[1]
        if box:
            c, s = solids.box_axis[i]
            # Half a cell more, so that a thin wall never slips between two cells.
            half = np.maximum(solids.box_half[i], 0.5 * step)
            inside = (np.abs(c * dx + s * dy) <= half[0]) & (np.abs(c * dy - s * dx) <= half[1])
        else:
            inside = np.hypot(dx, dy) <= max(float(solids.round_radius[i - boxes]), 0.71 * step)
        here = height[window]
        low, high = float(solids.low[i]), float(solids.high[i])
        hangs = low > here + 0.02
        top = np.where(hangs, np.where(low - here < HEADROOM, here + _BLOCKED, here), np.maximum(here, high))
        height[window] = np.where(inside, top, here)
    return height


def _cliffs(height: np.ndarray) -> np.ndarray:
    """Cells with a neighbour that is a wall or a drop from here."""
    cliff = np.zeros(height.shape, bool)
    for axis in (0, 1):
        steep = np.abs(np.diff(height, axis=axis)) > STEP_UP
        near, far = (np.s_[:-1, :], np.s_[1:, :]) if axis == 0 else (np.s_[:, :-1], np.s_[:, 1:])
        cliff[near] |= steep
        cliff[far] |= steep
    return cliff
