"""Prediction: where everybody else will be in the next two seconds, by what an observer can tell of their doings.

A charge goes on along its line, or starts when its wind-up is over, towards where its prey will be; who comes up to
somebody stops before them; anybody else goes on as they go now. Walls end every path.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.behaviour import Approach, Charge, Notice
from prometheus.world.geometry import Solids, gaps, sweep
from prometheus.world.npc import Npc

if TYPE_CHECKING:
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World

REACH = 12.0
"""m: farther walls end nothing within the time."""
_MANNERS = 0.8
"""m that who approaches leaves between the hulls."""


def hunts(other: Actor, actor: Actor) -> bool:
    """Whether another's path depends on where the actor goes: it charges at it, is about to, or comes up to it."""
    return (
        isinstance(other, Npc)
        and other.noticed == actor.id
        and isinstance(other.behaviour, Charge | Notice | Approach)
        and (isinstance(other.behaviour, Approach) or math.isfinite(other.behaviour.delay(other)))
    )


@dataclass(frozen=True, slots=True)
class Runs:
    """Straight runs of others [K].

    Attributes:
        place: [K, 2] m, where they are. line: [K, 2], their courses. speed: [K] m/s. free: [K] m that they get.
    """

    place: np.ndarray
    line: np.ndarray
    speed: np.ndarray
    free: np.ndarray

    def of(self, rows: np.ndarray) -> Runs:
        """Return those of some."""
        return Runs(self.place[rows], self.line[rows], self.speed[rows], self.free[rows])


def predict_paths(
    world: World, actor: Actor, others: Sequence[Actor], moves: np.ndarray, times: np.ndarray, ran: Runs | None = None
) -> np.ndarray:
    """Return where others will be, [W, K, T, 2] m.

    Args:
        world: the world now.
        actor: on whom the paths of hunters depend.
        others: K bodies.
        moves: [W, 2] m/s, the ways that the actor may go.
        times: [T] s.
        ran: `runs` of the others for that time, where they are known.
    """
    paths = np.empty((len(moves), len(others), len(times), 2))
    if not others:
        return paths
    # Everybody at constant velocity, those whom the actor may meet until a wall.
    ran = ran or runs(world, actor, others, moves, float(times[-1]))
    way = np.minimum(ran.speed[:, None] * times, ran.free[:, None])
    paths[:] = ran.place[:, None] + ran.line[:, None] * way[..., None]
    for k, other in enumerate(others):
        if isinstance(other, Npc) and hunts(other, actor):
            paths[:, k] = _hunt(world, actor, other, moves, times)
    return paths


def go_straight(actor: Actor, others: Sequence[Actor], ran: Runs, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return who [K] keeps its velocity for some seconds, and where all would be then if they did, [K, 2] m.

    Args:
        actor: on whom the paths of hunters depend.
        others: K bodies.
        ran: their `runs` for that time.
        seconds: how long.
    """
    keeps = ran.speed * seconds <= ran.free
    keeps &= ~np.array([isinstance(other, Npc) and hunts(other, actor) for other in others], bool)
    return keeps, ran.place + ran.line * (ran.speed * seconds)[:, None]


def runs(world: World, actor: Actor, others: Sequence[Actor], moves: np.ndarray, seconds: float) -> Runs:
    """Return how far others get within some seconds if they go on straight; as above."""
    fastest = float(np.hypot(moves[:, 0], moves[:, 1]).max(initial=0.0))
    place = np.array([other.position for other in others])[:, :2]
    velocity = np.array([other.velocity for other in others])
    radius = np.array([other.radius for other in others])
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    line = velocity / np.maximum(speed, 1e-9)[:, None]
    free = np.full(len(others), REACH)
    away = place - actor.position[:2]
    apart = np.hypot(away[:, 0], away[:, 1]) - actor.radius - radius
    some = np.flatnonzero((speed > 0.05) & (apart < (fastest + speed) * seconds))
    if len(some):
        # Who has no wall within the way that it can go needs no look at where that way leads.
        room = gaps(place[some], world.solids).min(1, initial=np.inf)
        some = some[room < speed[some] * seconds + radius[some]]
    blocked: dict[tuple[object, ...], tuple[Solids, list[int]]] = {}
    for k in some.tolist():
        walls = walls_for(world, others[k])
        alike = (walls.names, walls.low.tobytes(), walls.high.tobytes())
        blocked.setdefault(alike, (walls, []))[1].append(k)
    for walls, at in blocked.values():
        share, _ = sweep(place[at], line[at] * REACH, radius[at], walls)
        free[at] = np.minimum(share, 1.0) * REACH
    return Runs(place, line, speed, free)


def walls_for(world: World, other: Actor) -> Solids:
    """Return the solids that stop a body where it stands."""
    feet = float(other.position[2])
    if abs(feet) < 0.05:
        return world.blocking(other.height)
    return world.solids.blocking(other.height, step=getattr(other, "step", 0.05), feet=feet)


def _hunt(world: World, actor: Actor, other: Npc, moves: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The path [W, T, 2] of one whose way depends on the actor's."""
    if isinstance(other.behaviour, Approach):
        delay = 0.0
        line, length = _aim(actor, other, moves, 0.5 * float(times[-1]))
        length = np.maximum(length - other.radius - actor.radius - _MANNERS, 0.0)
        ran = np.broadcast_to(other.speeds.walk * times, (len(moves), len(times)))
    else:
        delay, line, length = _attack(world, actor, other, moves)
        ran = _run(np.maximum(times - delay, 0.0), other.speed if delay == 0 else 0.0, other)[None]
    ran = np.minimum(ran, length[:, None])
    if ran.max() > 0.05:
        origins = np.broadcast_to(other.position[:2], line.shape)
        share, _ = sweep(origins, line * REACH, other.radius, walls_for(world, other))
        ran = np.minimum(ran, np.minimum(share, 1.0)[:, None] * REACH)
    path: np.ndarray = other.position[:2] + line[:, None] * ran[..., None]
    return path


def _aim(actor: Actor, other: Actor, moves: np.ndarray, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Direction [W, 2] and distance [W] m to where the actor will be after some seconds."""
    way = actor.position[:2] + moves * seconds - other.position[:2]
    length = np.hypot(way[:, 0], way[:, 1])
    return way / np.maximum(length, 1e-9)[:, None], length


def _attack(world: World, actor: Actor, npc: Npc, moves: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Seconds until a charge starts, and for each move its direction [W, 2] and length [W] m."""
    charge = npc.behaviour
    if isinstance(charge, Charge) and charge.phase == "commitment":
        line = np.array([math.cos(charge.line), math.sin(charge.line)])
        left = charge.remaining(npc)
        return 0.0, np.broadcast_to(line, (len(moves), 2)), np.full(len(moves), left)
    delay = charge.delay(npc)
    if isinstance(charge, Charge) and charge.phase == "recovery" and world.time + delay >= npc.alert_until:
        delay = math.inf
    seconds = min(delay, 2.0)
    gap = npc.distance_to(actor.position)
    lead = min(0.5 * gap / max(npc.speeds.run, 0.1), 0.6)
    line, length = _aim(actor, npc, moves, seconds + lead)
    return delay, line, length + Charge.overshoot


def _run(times: np.ndarray, speed: float, npc: Npc) -> np.ndarray:
    """Metres run after times [T] s, from a speed up to its running speed at its acceleration."""
    rise = max(npc.speeds.run - speed, 0.0) / npc.acceleration
    held = np.minimum(times, rise)
    run: np.ndarray = speed * held + 0.5 * npc.acceleration * held**2 + npc.speeds.run * np.maximum(times - rise, 0.0)
    return run
