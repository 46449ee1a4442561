"""Terrain: how high the ground is anywhere, and what it is, as arrays and apart from Bullet.

Floors are what one walks on: the level ground, ramps, stairs, hills, the bottom of pits and waters. The level tops of
solids and platforms count for whoever is high enough to step on them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from prometheus.world.geometry import STEP_UP, Solids
from prometheus.world.primitives import Hills, Pit, Ramp, Stairs, Water

CLASSES = ("flat", "slope", "stairs", "water", "pit")
"""Ground classes by their number."""
FLAT, SLOPE, STAIRS, WATER, PIT = range(5)
LEVEL = 0.12
"""Steepness, m up for each m along, below which hills count as flat."""
_NOWHERE = -1e6


@dataclass(frozen=True, slots=True)
class Grid:
    """A height field: heights [rows, columns] m over a rectangle, each cell cut from its low to its high corner."""

    low: np.ndarray
    cell: np.ndarray
    heights: np.ndarray

    def at(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the height [N] m, steepness [N], and whether points [N, 2] lie on it [N]."""
        place = (points - self.low) / self.cell
        rows, columns = self.heights.shape
        inside = ((place >= 0) & (place <= [columns - 1, rows - 1])).all(1)
        place = np.clip(place, 0, [columns - 1, rows - 1])
        corner = np.minimum(place.astype(int), [columns - 2, rows - 2])
        u, v = (place - corner).T
        c, r = corner.T
        h00, h10 = self.heights[r, c], self.heights[r, c + 1]
        h01, h11 = self.heights[r + 1, c], self.heights[r + 1, c + 1]
        low = u >= v
        du = np.where(low, h10 - h00, h11 - h01)
        dv = np.where(low, h11 - h10, h01 - h00)
        return h00 + u * du + v * dv, np.hypot(du / self.cell[0], dv / self.cell[1]), inside


def grid_of(hills: Hills) -> Grid:
    """Return the heights of a hill field; those of a seed are a sum of a few smooth waves that fade to the edges."""
    size = np.array(hills.size)
    low = np.array(hills.at) - size / 2
    if hills.heights is not None:
        heights = np.array(hills.heights, np.float64)
    else:
        columns, rows = (int(np.clip(round(6 * s / hills.wave), 12, 64)) for s in size)
        x, y = np.meshgrid(np.linspace(0, size[0], columns), np.linspace(0, size[1], rows))
        rng = np.random.Generator(np.random.PCG64(hills.seed))
        heights = np.zeros_like(x)
        for turn, start, share in rng.random((7, 3)):
            wave = 2 * math.pi / (hills.wave * (0.75 + 0.75 * share))
            heights += np.cos(wave * (x * math.cos(math.pi * turn) + y * math.sin(math.pi * turn)) + 6.2832 * start)
        heights -= heights.min()
        edge = np.minimum(np.minimum(x, size[0] - x), np.minimum(y, size[1] - y))
        fade = np.clip(edge / min(0.3 * size.min(), hills.wave / 2), 0, 1)
        heights *= fade * fade * (3 - 2 * fade)
        heights *= hills.height / max(float(heights.max()), 1e-9)
    rows, columns = heights.shape
    return Grid(low, size / np.array([columns - 1, rows - 1]), heights)


@dataclass(slots=True, eq=False)
class Terrain:
    """The floors of a world.

    Attributes:
        tops: solids whose level tops one may stand on.
        decks: moving slabs that one may stand on; replaced whenever they have moved.
    """

    pits: list[Pit]
    waters: list[Water]
    hills: list[Grid]
    ramps: list[Ramp]
    stairs: list[Stairs]
    tops: Solids
    decks: Solids | None = None
    _slants: np.ndarray = field(init=False)
    _kerbs: bool = field(init=False)

    def __post_init__(self) -> None:
        """Lay ramps and stairs out as columns: x, y, cosine, sine, half length, half width, lift, height, steps."""
        slants: list[Ramp | Stairs] = [*self.ramps, *self.stairs]
        rows = [
            (*p.at, math.cos(p.heading), math.sin(p.heading), p.size[0] / 2, p.size[1] / 2, p.lift, p.size[2],
             p.steps if isinstance(p, Stairs) else 0)
            for p in slants
        ]  # fmt: skip
        self._slants = np.array(rows, np.float64).reshape(-1, 9).T
        self._kerbs = bool(((self.tops.high > 0.02) & (self.tops.high <= STEP_UP)).any())

    @classmethod
    def build(cls, solids: Iterable[object], tops: Solids) -> Terrain:
        """Sort out the floors of a scenario's solids."""
        parts = list(solids)
        return cls(
            [s for s in parts if isinstance(s, Pit)],
            [s for s in parts if isinstance(s, Water)],
            [grid_of(s) for s in parts if isinstance(s, Hills)],
            [s for s in parts if isinstance(s, Ramp)],
            [s for s in parts if isinstance(s, Stairs)],
            tops.pick(tops.high < 1e3),
        )

    @property
    def level(self) -> bool:
        """Whether there is nothing but the level ground for one who stands on it."""
        uneven = self.pits or self.waters or self.hills or self._slants.size or self.decks is not None
        return not (uneven or self._kerbs)

    def at(
        self,
        points: np.ndarray,
        feet: np.ndarray | float | None = None,
        reach: float = STEP_UP,
        hanging: float = np.inf,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how high the ground is under points, and its class: (m [N], index into `CLASSES` [N]).

        Args:
            points: [N, 2] m, world.
            feet: [N] or one height m from which one steps: the highest floor or top at most `reach` above it counts
                (or the bottom, where even that is higher). None for the highest floor, tops of solids left out.
            reach: m.
            hanging: tops of solids whose underside is higher than this (m) do not count: one walks under them.
        """
        points = np.asarray(points, np.float64).reshape(-1, 2)
        most = np.full(len(points), np.inf) if feet is None else np.broadcast_to(feet, len(points)) + reach
        height, kind = self._bottom(points)
        for level, sort in self._raised(points, feet is not None, hanging):
            level = np.where(level <= most[:, None], level, _NOWHERE)
            best = level.argmax(1)[:, None]
            top = np.take_along_axis(level, best, 1)[:, 0]
            kind = np.where(top > height, np.take_along_axis(sort, best, 1)[:, 0], kind)
            height = np.maximum(top, height)
        return height, kind

    def crest(self, points: np.ndarray, top: np.ndarray) -> np.ndarray:
        """Return the highest floor [N] m at points [N, 2] of those that a body reaching up to `top` [N] m would meet.

        Ramps and stairs are solid down to where they stand, slabs are as thick as they are; solids are left out.
        """
        height, _ = self._bottom(points)
        if self._slants.size:
            level, _ = self._slanted(points)
            height = np.maximum(height, np.where(self._slants[6] < top[:, None], level, _NOWHERE).max(1))
        if self.decks is not None and len(self.decks):
            level, _ = _tops(points, self.decks)
            height = np.maximum(height, np.where(self.decks.low < top[:, None], level, _NOWHERE).max(1))
        return height

    def floors(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the height of the bottom [N] m at points [N, 2], and of every floor there [N, K] m, the bottom's too.

        For whole ways at once: which floor one comes to depends on where one stood before, and is the caller's choice.
        """
        bottom, _ = self._bottom(points)
        levels = [bottom[:, None], *(level for level, _ in self._raised(points, True, np.inf))]
        return bottom, np.concatenate(levels, 1)

    def wet(self, points: np.ndarray) -> np.ndarray:
        """Return how deep [N] m the water is at points [N, 2]; 0 on dry ground."""
        depth = np.zeros(len(points))
        for water in self.waters:
            depth = np.maximum(depth, _basin(points, water))
        return depth

    def _bottom(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        height, kind = np.zeros(len(points)), np.zeros(len(points), int)
        for pit in self.pits:
            inside = (np.abs(points - pit.at) < np.array(pit.size) / 2).all(1)
            height[inside], kind[inside] = -pit.depth, PIT
        for water in self.waters:
            depth = _basin(points, water)
            inside = depth > 0
            height[inside], kind[inside] = -depth[inside], WATER
        for grid in self.hills:
            level, steep, inside = grid.at(points)
            height[inside] = level[inside]
            kind[inside] = np.where(steep[inside] > LEVEL, SLOPE, FLAT)
        return height, kind

    def _slanted(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ramps and stairs at points, as `_raised` has them."""
        x, y, c, s, length, width, lift, rise, steps = self._slants
        dx, dy = points[:, :1] - x, points[:, 1:2] - y
        along, across = c * dx + s * dy, c * dy - s * dx
        share = np.clip((along + length) / (2 * length), 0, 1)
        tread = np.minimum(np.floor(share * steps + 1e-9) + 1, steps) / np.maximum(steps, 1)
        level = lift + rise * np.where(steps > 0, tread, share)
        inside = (np.abs(along) <= length) & (np.abs(across) <= width)
        sort = np.where(steps > 0, STAIRS, SLOPE)
        return np.where(inside, level, _NOWHERE), np.broadcast_to(sort, level.shape)

    def _raised(
        self, points: np.ndarray, tops: bool, hanging: float = math.inf
    ) -> Iterable[tuple[np.ndarray, np.ndarray]]:
        """Floors above the bottom as (heights [N, K], classes [N, K]), `_NOWHERE` beside them."""
        if self._slants.size:
            yield self._slanted(points)
        if tops and len(self.tops):
            yield _tops(points, self.tops if math.isinf(hanging) else self.tops.pick(self.tops.low <= hanging))
        if self.decks is not None and len(self.decks):
            yield _tops(points, self.decks)


def _tops(points: np.ndarray, solids: Solids) -> tuple[np.ndarray, np.ndarray]:
    dx, dy = points[:, :1] - solids.box_centre[:, 0], points[:, 1:2] - solids.box_centre[:, 1]
    c, s = solids.box_axis[:, 0], solids.box_axis[:, 1]
    half = solids.box_half
    boxes = (np.abs(c * dx + s * dy) <= half[:, 0]) & (np.abs(c * dy - s * dx) <= half[:, 1])
    dx, dy = points[:, :1] - solids.round_centre[:, 0], points[:, 1:2] - solids.round_centre[:, 1]
    rounds = dx * dx + dy * dy <= solids.round_radius**2
    level = np.where(np.concatenate([boxes, rounds], 1), solids.high, _NOWHERE)
    return level, np.zeros(level.shape, int)


def _basin(points: np.ndarray, water: Water) -> np.ndarray:
    """Depth [N] m of a basin whose banks fall from its edge, 0 outside."""
    inwards = (np.array(water.size) / 2 - np.abs(points - water.at)).min(1)
    depth: np.ndarray = np.clip(inwards * water.bank, 0.0, water.depth)
    return depth
