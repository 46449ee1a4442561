"""Descent: what straight ways over uneven ground come to: an edge, deep water, a bank too steep, a wall up there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.footing import pace_in, pace_on
from prometheus.world.geometry import gaps
from prometheus.world.terrain import FLAT

if TYPE_CHECKING:
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World

DROP = 0.6
"""m: who steps down farther than this falls."""
WADE = 0.6
"""Share of a body's height: deeper water is a danger."""
_STRIDE = 0.15
"""m between the samples of a way: no longer than any tread."""
_MOST = 64


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


def uneven(world: World, actor: Actor, moves: np.ndarray, seconds: float) -> np.ndarray:
    """Return which ways [W, 2] m/s leave the level ground within some seconds, [W]; all where it stands higher."""
    if abs(float(actor.position[2])) > 0.05:
        return np.ones(len(moves), bool)
    if world.terrain.level:
        return np.zeros(len(moves), bool)
    points = _samples(actor, moves, seconds)
    height, sort = world.ground_at(points.reshape(-1, 2))
    rough = (np.abs(height) > 0.02) | (sort != FLAT)
    leaves: np.ndarray = rough.reshape(points.shape[:2]).any(1)
    return leaves


def _samples(actor: Actor, moves: np.ndarray, seconds: float) -> np.ndarray:
    """Points [W, S, 2] m along ways, close enough to find every tread."""
    pace = float(np.hypot(moves[:, 0], moves[:, 1]).max(initial=0.0))
    count = min(max(1, math.ceil(pace * seconds / _STRIDE)), _MOST)
    points: np.ndarray = actor.position[:2] + moves[:, None] * (seconds * np.arange(1, count + 1) / count)[:, None]
    return points


def descend(world: World, actor: Actor, moves: np.ndarray, seconds: float) -> Descent:
    """Walk straight ways in thought.

    Args:
        world: the world now.
        actor: who would go.
        moves: [W, 2] m/s.
        seconds: how long, at full pace.
    """
    pace = np.hypot(moves[:, 0], moves[:, 1])
    points = _samples(actor, moves, seconds)
    count = points.shape[1]
    step = float(getattr(actor, "step", 0.25))
    stride = pace * seconds / count
    feet = np.full((len(moves), count), float(actor.position[2]))
    when = np.full((len(moves), count), np.inf)
    ends = np.full(len(moves), count)
    kind: list[str | None] = [None] * len(moves)
    drop = np.zeros(len(moves))
    under, clock = np.full(len(moves), float(actor.position[2])), np.zeros(len(moves))
    flat = points.reshape(-1, 2)
    bottom, levels = world.terrain.floors(flat)
    wet = world.terrain.wet(flat).reshape(feet.shape)
    bottom, levels = bottom.reshape(feet.shape), levels.reshape(*feet.shape, -1)
    tall = np.full(len(moves), actor.height)
    for s in range(count):
        if (ends < count).all():
            break
        reach = levels[:, s] <= (under + step)[:, None]
        ground = np.maximum(np.where(reach, levels[:, s], -np.inf).max(1), bottom[:, s])
        rise = ground - under
        walked = (rise >= -DROP) & (rise <= step + 1e-6)
        slope = np.where(walked, np.clip(rise / np.maximum(stride, 1e-6), -1, 1), 0.0)
        clock = clock + seconds / count / (pace_on(slope) * pace_in(wet[:, s], tall))
        deep = wet[:, s] > WADE * actor.height
        for w in np.flatnonzero((ends == count) & (pace > 0.05) & (~walked | deep)):
            if rise[w] > step + 1e-6:
                ends[w], kind[w] = s, "wall"
            elif rise[w] < -DROP:
                ends[w], kind[w], drop[w] = s, "drop", -rise[w]
            else:
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
    start = gaps(actor.position[None, :2], world.solids)[0] - actor.radius
    close = start < float(np.hypot(*(points[:, -1] - actor.position[:2]).T).max(initial=0.0)) + 0.1
    solids, start = world.solids.pick(close), start[close]
    if not len(solids):
        return
    ways, count = feet.shape
    gap = gaps(points.reshape(-1, 2), solids).reshape(ways, count, -1) - actor.radius
    # Beside a body that climbs, the sides of its stairs are as high as the steps before it, not as its feet.
    before_it = np.ceil((actor.radius + 0.1) / np.maximum(stride, 0.02)).astype(int)[:, None]
    ahead = np.take_along_axis(feet, np.minimum(np.arange(count) + before_it, count - 1), 1)
    over = np.maximum(feet, ahead)[..., None] + step
    stops = (solids.high > over) & (solids.low < feet[..., None] + actor.height)
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
