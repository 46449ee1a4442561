"""Berth: where a body can be set down, clear of walls, of things, of others, and of ground that rises into it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.errors import WorldError
from prometheus.world.geometry import gaps
from prometheus.world.obstacles import loose
from prometheus.world.terrain import PIT, Terrain

if TYPE_CHECKING:
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World

_TURNS = np.arange(32) * math.pi / 16
_REACHES = np.arange(0.1, 3.05, 0.1)[:, None, None]
_RINGS = np.vstack([(0.0, 0.0), (_REACHES * np.stack([np.cos(_TURNS), np.sin(_TURNS)], 1)).reshape(-1, 2)])
"""[N, 2] m: offsets at which a free place is looked for, nearest first."""
_FAR = np.r_[0.0, np.repeat(_REACHES.ravel(), len(_TURNS))]
"""[N] m: how far off each is."""
_BELOW = 0.6
"""m under the floor that was asked for at which a place counts as a hole in it."""
_ALIKE = 0.05
_BATCH = 32
"""Places that are felt out at a time."""
_SNUG, _TIGHT = 0.01, 0.25
"""m that the ground may rise into a hull: where there is such a place, and at all."""
_DEEP = 1.1
"""m below its feet at which a body ahead of an edge feels no ground any more."""
_CELL = 0.35
"""m between the points of a hull's underside."""


@dataclass(frozen=True, slots=True)
class Berth:
    """A place for a body.

    Attributes:
        place: (x, y, z) m of its feet. slope: rise of the ground for each metre ahead; 0 for who stands upright.
    """

    place: tuple[float, float, float]
    slope: float


def find_berth(world: World, actor: Actor, start: np.ndarray, lift: float, others: Sequence[Actor]) -> Berth:
    """Return the nearest free place for an actor that faces its heading.

    Args:
        world: as it is now.
        actor: who is to be set down.
        start: (x, y) m, where it would be best.
        lift: m, the height of the floor that it is to stand on.
        others: who is there already.

    Raises:
        WorldError: there is none within 3 m.
    """
    places, room = np.asarray(start, float) + _RINGS, actor.reach + 0.01
    free = np.ones(len(places), bool)
    # A hull floats over what its legs can step on.
    for solids, step in ((world.solids, 0.05), (loose(world), actor.step)):
        free &= gaps(places, solids.blocking(actor.height, step, lift)).min(1, initial=np.inf) >= room
    for other in others:
        if other is not actor:
            free &= np.hypot(*(places - other.position[:2]).T) >= room + other.reach
    ground, sort = world.terrain.at(places, lift)
    # Nobody is put into a pit but who lies in one.
    free &= ((sort != PIT) | (np.abs(ground - lift) < _ALIKE)) & (ground > lift - _BELOW)
    # A place up on an edge, or down from it, is as far off as it is high.
    rows = np.argsort(_FAR + np.abs(ground - ground[0]), kind="stable")
    rows = rows[free[rows]]
    best: tuple[float, Berth] | None = None
    for some in np.array_split(rows, range(_BATCH, len(rows), _BATCH)):
        height, slope, deep = _settled(world.terrain, actor, places[some], ground[some])
        if not len(some):
            break
        at = int((deep <= _SNUG).argmax()) if (deep <= _SNUG).any() else int(deep.argmin())
        if best is None or deep[at] < best[0]:
            x, y = places[some[at]].tolist()
            best = float(deep[at]), Berth((x, y, float(height[at])), float(slope[at]))
        if best is not None and best[0] <= _SNUG:
            break
    if best is None or best[0] > _TIGHT:
        raise WorldError(f"'{actor.id}' starts inside a wall of {world.scenario.name}; move its `at`")
    return best[1]


def _settled(
    terrain: Terrain, actor: Actor, places: np.ndarray, ground: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How high [N] m an actor stands at places [N, 2] m, how it leans [N], and how deep [N] m the ground is in it."""
    none = np.zeros(len(places))
    if terrain.level or not len(places):
        return ground, none, none
    top = ground + actor.height
    if actor.length <= 0:
        spread, under = _dome(actor)
        floor = _floor(terrain, places, spread, top)
        return ground, none, (floor - ground[:, None] - under).max(1)
    ahead = np.array([math.cos(actor.heading), math.sin(actor.heading)])
    front, back = _floor(terrain, places, actor.footprint * np.array([ahead, -ahead]), top).T
    # As `prometheus.world.footing.feel` has it, so that the first frame changes nothing.
    both = np.minimum(front, back) > ground - _DEEP
    height = np.where(both, np.maximum(ground, 0.5 * (front + back)), ground)
    slope = np.where(both, np.clip((front - back) / (2 * actor.footprint), -1.0, 1.0), 0.0)
    along, across = np.meshgrid(_row(actor.length / 2), _row(actor.radius))
    along, across = along.ravel(), across.ravel()
    spread = along[:, None] * ahead + across[:, None] * np.array([-ahead[1], ahead[0]])
    lean = np.hypot(1.0, slope)
    # It turns about its middle: the more it leans, the lower its belly.
    belly = height + actor.step + 0.5 * (actor.height - actor.step) * (1.0 - lean)
    under = belly[:, None] + slope[:, None] * along
    return height, slope, (_floor(terrain, places, spread, top) - under).max(1)


def _floor(terrain: Terrain, places: np.ndarray, spread: np.ndarray, top: np.ndarray) -> np.ndarray:
    """The highest floor [N, K] m that would meet a body up to `top` [N] m, beside places [N, 2] at offsets [K, 2] m."""
    points = places[:, None] + spread
    return terrain.crest(points.reshape(-1, 2), np.repeat(top, len(spread))).reshape(points.shape[:2])


def _dome(actor: Actor) -> tuple[np.ndarray, np.ndarray]:
    """Points [K, 2] m under a capsule, and how high [K] m above its feet its round end is there."""
    away = actor.radius * np.array([0.4, 0.7, 1.0])
    spread = (away[:, None, None] * np.stack([np.cos(_TURNS[::4]), np.sin(_TURNS[::4])], 1)).reshape(-1, 2)
    under = actor.step + actor.radius - np.sqrt(actor.radius**2 - np.minimum(away, actor.radius) ** 2)
    return spread, np.repeat(under, len(_TURNS[::4]))


def _row(half: float) -> np.ndarray:
    return np.linspace(-half, half, max(3, math.ceil(2 * half / _CELL) + 1))
