"""Percept: what a body senses of the space round it, in numbers, before it is told as a scene."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.geometry import STEP_UP
from prometheus.world.senses import in_blind_spot
from prometheus.world.terrain import CLASSES, FLAT, PIT

if TYPE_CHECKING:
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World

WALL_RANGE = 12.0
"""m: farther walls are open space to the mind."""
RAY_HEIGHTS = (0.35, 0.75, 1.3)
"""m above the feet of a body of 1.75 m: crates, tables and fences, and walls with openings below."""
GROUND_RANGE = 4.0
"""m along which the ground ahead is felt out."""
STRIDE = 0.25
DROP = 0.6
"""m that the ground may fall within a stride before it counts as a drop."""
MARK = 0.1
"""m of a rise within a stride that is told as a step."""


@dataclass(frozen=True, slots=True)
class Way:
    """What lies in one direction.

    Attributes:
        bearing: rad from the heading. free: m to what stops a body or lets it fall, inf where nothing is in range.
        edge: m to a drop, inf for none. step: m to a step up, inf for none.
        ground: class of the ground within the next stride and a half. begins: class that follows, and in how many m.
    """

    bearing: float
    free: float
    edge: float = math.inf
    step: float = math.inf
    ground: str = CLASSES[FLAT]
    begins: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Percept:
    """The space round a body.

    Attributes:
        ways: in 4 or 16 directions, forward first, turning left.
        ground: class of the ground underfoot.
    """

    ways: tuple[Way, ...]
    ground: str

    def way(self, bearing: float) -> Way:
        """Return the way that is nearest to a bearing (rad)."""
        return self.ways[round(bearing / (2 * math.pi) * len(self.ways)) % len(self.ways)]


def feel(world: World, actor: Actor, count: int = 4) -> Percept:
    """Return what a body senses of the space round it in `count` (4 or 16) directions.

    The actor's senses may be noisy, which spoils distances, and may have blind spots, in which nothing is found.
    """
    bearings = 2 * math.pi * np.arange(count) / count
    floor = _profile(world, actor, bearings)
    rays = _free(world, actor, bearings, floor)
    # Where a ray and the ground tell of the same wall, the ray is exact and the ground is not.
    wall = np.where(rays <= floor.barred + 2 * STRIDE, rays, floor.barred)
    free = np.minimum(wall, floor.edge)
    free = _spoiled(world, actor, np.where(in_blind_spot(actor.senses.blind, bearings), np.inf, free))
    free[free > WALL_RANGE] = np.inf
    near = int(GROUND_RANGE / STRIDE)
    ways = tuple(
        Way(
            float(math.remainder(b, 2 * math.pi)), float(free[i]), float(floor.edge[i]), float(floor.step[i]),
            CLASSES[floor.kind[i, 0]], _next(floor.kind[i, :near]),
        )
        for i, b in enumerate(bearings)
    )  # fmt: skip
    return Percept(ways, CLASSES[floor.under])


@dataclass(frozen=True, slots=True)
class _Floor:
    """The ground along D ways of K strides.

    Attributes:
        edge, step, barred: [D] m to a drop, to a step up, and to what is too high to step on; inf for none.
        kind: [D, K], class of each stride. height: [D, K] m above the feet. under: the class underfoot.
    """

    edge: np.ndarray
    step: np.ndarray
    barred: np.ndarray
    kind: np.ndarray
    height: np.ndarray
    under: int = FLAT


def _free(world: World, actor: Actor, bearings: np.ndarray, floor: _Floor) -> np.ndarray:
    """M [D] to the nearest solid in each direction at any of the heights; inf beyond `WALL_RANGE`."""
    turn = actor.heading + bearings
    heights = np.array(RAY_HEIGHTS) * [1.0, *[max(actor.height, 1.0) / 1.75] * (len(RAY_HEIGHTS) - 1)]
    x, y, z = actor.position.tolist()
    starts = [(x, y, z + height) for height in heights.tolist()]
    tips = zip((x + WALL_RANGE * np.cos(turn)).tolist(), (y + WALL_RANGE * np.sin(turn)).tolist(), strict=True)
    ends = [(*tip, height) for tip in tips for _, _, height in starts]
    hits = np.array([share for share, _ in world.rays(starts * len(bearings), ends)]).reshape(len(bearings), -1)
    hits = np.where(hits >= 0.9999, np.inf, hits * WALL_RANGE)
    # A level ray that runs into rising ground tells nothing of what lies behind.
    sunk = floor.height[:, None, :] > heights[:, None]
    reached = STRIDE * (sunk.argmax(-1) + 1)
    hits = np.where(sunk.any(-1) & (hits > reached), np.inf, hits)
    nearest: np.ndarray = hits.min(1)
    return nearest


def _profile(world: World, actor: Actor, bearings: np.ndarray) -> _Floor:
    count = len(bearings)
    feet = float(actor.position[2])
    if world.terrain.level and abs(feet) < 0.05:
        nothing, flat = np.full(count, np.inf), np.zeros((count, 1), int)
        return _Floor(nothing, nothing, nothing, flat, flat.astype(float))
    reach = STRIDE * np.arange(int(WALL_RANGE / STRIDE) + 1)
    turn = actor.heading + bearings
    points = actor.position[:2] + reach[:, None] * np.stack([np.cos(turn), np.sin(turn)], -1)[:, None]
    # What is farther off may be higher and still be reached by a slope or stairs.
    most = np.broadcast_to(feet + reach, points.shape[:2]).reshape(-1)
    height, kind = world.terrain.at(points.reshape(-1, 2), most, STEP_UP, hanging=feet + STEP_UP)
    height, kind = height.reshape(count, -1), kind.reshape(count, -1)
    rise = np.diff(height, axis=1)
    rise[:, 0] = height[:, 1] - max(feet, height[0, 0])
    high = np.maximum.accumulate(rise > STEP_UP * 1.02, axis=1)
    fall = rise.copy()
    # Two strides together: a drop need not lie within one.
    fall[:, 1:] += np.minimum(rise[:, :-1], 0.0)
    drops = (fall < -DROP) & ~high | (kind[:, 1:] == PIT) & (kind[:, :1] != PIT)
    drops[:, int(GROUND_RANGE / STRIDE) :] = False
    steps = (rise > MARK) & (rise <= STEP_UP * 1.02) & (kind[:, 1:] == FLAT) & ~high
    steps[:, int(GROUND_RANGE / STRIDE) :] = False
    return _Floor(
        _first(drops, reach), _first(steps, reach), _first(high, reach), kind[:, 1:], height[:, 1:] - feet,
        int(kind[0, 0]),
    )  # fmt: skip


def _first(found: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """M [D] to the first true one of each row, the middle of its stride; inf for none."""
    return np.where(found.any(1), reach[found.argmax(1)] + 0.5 * STRIDE, np.inf)


def _next(kinds: np.ndarray) -> tuple[str, float] | None:
    """The first class along a way that is neither flat nor the one that it begins with."""
    if len(kinds) < 2:
        return None
    other = np.flatnonzero((kinds != kinds[0]) & (kinds != FLAT))
    return (CLASSES[kinds[other[0]]], float((other[0] + 0.5) * STRIDE)) if len(other) else None


def _spoiled(world: World, actor: Actor, metres: np.ndarray) -> np.ndarray:
    """Distances as noisy senses have them; the same in the same frame of the same world."""
    noise = actor.senses.noise
    if noise <= 0:
        return metres
    draw = np.random.Generator(np.random.PCG64(noise_seed(world, actor)))
    return np.maximum(metres * (1.0 + noise * draw.standard_normal(len(metres))), 0.0)


def noise_seed(world: World, actor: Actor) -> list[int]:
    """Return what an actor's noise of this frame is drawn from."""
    return [world.noise, zlib.crc32(actor.id.encode()), world.frame]
