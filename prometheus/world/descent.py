"""Descent: what straight ways over uneven ground come to: an edge, deep water, a bank too steep, a wall up there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.footing import pace_in, pace_on
from prometheus.world.geometry import gaps
from prometheus.world.terrain import WATER

if TYPE_CHECKING:
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World

DROP = 0.6
"""m: who steps down farther than this falls."""
WADE = 0.6
"""Share of a body's height: deeper water is a danger."""
_STRIDE = 0.12
"""m between the samples of a way: shorter than any tread."""
_MOST = 80


@dataclass(frozen=True, slots=True)
class Descent:
    """Where each of W ways ends.

    Attributes:
        distance: [W] m, inf where nothing ends it. time: [W] s until there.
        kind: "wall", "drop", "water" or None, for each. name: which solid, where it is one.
        drop: [W] m that the body would fall.
    """

    distance: np.ndarray
    time: np.ndarray
    kind: list[str | None]
    name: list[str | None]
    drop: np.ndarray


def is_level(world: World, actor: Actor, reach: float) -> bool:
    """Whether an actor stands on the level ground and nothing else is within `reach` m of it."""
    if abs(float(actor.position[2])) > 0.05:
        return False
    if world.terrain.level:
        return True
    ring = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    spokes = np.arange(0.3, reach + 0.3, 0.5)[:, None, None] * np.stack([np.cos(ring), np.sin(ring)], -1)
    height, sort = world.ground_at(actor.position[:2] + spokes.reshape(-1, 2))
    return bool((np.abs(height) < 0.02).all() and (sort == 0).all())


def descend(world: World, actor: Actor, moves: np.ndarray, seconds: float) -> Descent:
    """Walk straight ways in thought.

    Args:
        world: the world now.
        actor: who would go.
        moves: [W, 2] m/s.
        seconds: how long, at full pace.
    """
    pace = np.hypot(moves[:, 0], moves[:, 1])
    count = min(max(1, math.ceil(float(pace.max(initial=0.0)) * seconds / _STRIDE)), _MOST)
    step = float(getattr(actor, "step", 0.25))
    points = actor.position[:2] + moves[:, None] * (seconds * np.arange(1, count + 1) / count)[:, None]
    stride = pace * seconds / count
    feet = np.full((len(moves), count), float(actor.position[2]))
    when = np.empty((len(moves), count))
    ends = np.full(len(moves), count)
    kind: list[str | None] = [None] * len(moves)
    drop = np.zeros(len(moves))
    under, clock = np.full(len(moves), float(actor.position[2])), np.zeros(len(moves))
    for s in range(count):
        ground, sort = world.terrain.at(points[:, s], under, step)
        wet = world.terrain.wet(points[:, s]) if (sort == WATER).any() else np.zeros(len(moves))
        rise = ground - under
        slope = np.clip(rise / np.maximum(stride, 1e-6), -1, 1)
        share = pace_on(slope) * pace_in(wet, np.full(len(moves), actor.height))
        clock = clock + seconds / count / share
        for w in np.flatnonzero((ends == count) & (pace > 0.05)):
            if rise[w] > step + 1e-6:
                ends[w], kind[w] = s, "wall"
            elif rise[w] < -DROP:
                ends[w], kind[w], drop[w] = s, "drop", -rise[w]
            elif wet[w] > WADE * actor.height:
                ends[w], kind[w] = s, "water"
        under = np.where(ends == count, ground, under)
        feet[:, s], when[:, s] = under, clock
    distance = np.where(ends < count, (ends + 1) * stride, np.inf)
    time = np.where(ends < count, when[np.arange(len(moves)), np.minimum(ends, count - 1)], np.inf)
    # The hull meets a bank before its middle does; an edge only when its middle is over it.
    early = np.array([k == "wall" for k in kind]) * actor.radius
    time = np.maximum(time - early / np.maximum(pace, 0.05), 0.0)
    found = Descent(np.maximum(distance - early, 0.0), time, kind, [None] * len(moves), drop)
    _walls(world, actor, found, points, feet, when, stride, step)
    return found


def _walls(
    world: World, actor: Actor, found: Descent, points: np.ndarray, feet: np.ndarray, when: np.ndarray,
    stride: np.ndarray, step: float,
) -> None:  # fmt: skip
    """Cut ways at the first solid that is in the way of a body whose feet are where the ground leads them."""
    solids = world.solids
    if not len(solids):
        return
    ways, count = feet.shape
    gap = gaps(points.reshape(-1, 2), solids).reshape(ways, count, -1) - actor.radius
    # Beside a body that climbs, the sides of its stairs are as high as the steps before it, not as its feet.
    before_it = np.ceil((actor.radius + 0.1) / np.maximum(stride, 0.02)).astype(int)[:, None]
    ahead = np.take_along_axis(feet, np.minimum(np.arange(count) + before_it, count - 1), 1)
    over = np.maximum(feet, ahead)[..., None] + step
    stops = (solids.high > over) & (solids.low < feet[..., None] + actor.height)
    start = gaps(actor.position[None, :2], solids)[0] - actor.radius
    before = np.concatenate([np.broadcast_to(start, (ways, 1, gap.shape[2])), gap[:, :-1]], 1)
    # One that already touches and parts is no new touch.
    inside = (gap < 0) & stops & (gap < before - 1e-9)
    hit = inside.any(2)
    for w in np.flatnonzero(hit.any(1) & (stride > 0)):
        s = int(hit[w].argmax())
        j = int(np.where(inside[w, s], gap[w, s], np.inf).argmin())
        share = float(np.clip(before[w, s, j] / max(before[w, s, j] - gap[w, s, j], 1e-9), 0.0, 1.0))
        away = (s + share) * stride[w]
        if away < found.distance[w]:
            last = when[w, s - 1] if s else 0.0
            found.distance[w], found.time[w] = away, last + share * (when[w, s] - last)
            found.kind[w], found.name[w] = "wall", solids.names[j]
            found.drop[w] = 0.0
