"""Forecast: what would touch the agent within two seconds, for each way that it could go.

The agent moves straight at one pace; solids are met by an exact sweep; everyone else is rolled forward by a model of
what it is doing (constant velocity, or the phases of a charge), cut into short straight pieces, so that the time of a
touch is the root of a quadratic and not a sample.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from prometheus.intent import DIRECTIONS
from prometheus.world.behaviour import Charge, Notice
from prometheus.world.entity import Actor
from prometheus.world.geometry import sweep
from prometheus.world.npc import Npc
from prometheus.world.physics import World
from prometheus.world.senses import line_of_sight

HORIZON = 2.0
"""s that the forecast looks ahead."""
WAYS = (*DIRECTIONS, "stand")
PACE = {"calm": 1.4, "alert": 2.5, "threatened": 4.5}
"""m/s that a situation calls for."""
NEARBY = 3.0
"""m between hulls within which a beast is a danger whatever it does."""
_REACH = 12.0
_WARY = 8.0
_PIECES = 20
_TOUCH = 0.02
_TURNS = np.array([*DIRECTIONS.values(), 0.0])


@dataclass(frozen=True, slots=True)
class Risk:
    """What a way, or an entity, brings.

    Attributes:
        danger: whether it touches within the horizon (for an entity: or charges, or is a beast close by).
        kind: "wall", or the entity's kind; None where nothing is met.
        time_s: s until the touch, None where there is none in reach.
        distance_m: m that the agent goes until the touch; for an entity, m between the hulls now.
        clearance_m: m free of solids along the way, at most 12; for an entity the least gap of the hulls to come.
        name: which solid or entity.
    """

    danger: bool
    kind: str | None = None
    time_s: float | None = None
    distance_m: float | None = None
    clearance_m: float = _REACH
    name: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, to 1 ms and 1 cm."""
        return {
            "danger": self.danger,
            "kind": self.kind,
            "time_s": None if self.time_s is None else round(self.time_s, 3),
            "distance_m": None if self.distance_m is None else round(self.distance_m, 2),
        }


@dataclass(frozen=True, slots=True)
class Forecast:
    """All ways and all entities at one moment.

    Attributes:
        ways: Risk of the 8 directions of `prometheus.intent.DIRECTIONS` and of "stand".
        course: Risk of going on as it moves now.
        npcs: Risk of each entity, by id.
        pace: m/s that the situation calls for; alarm: "calm", "alert" or "threatened".
        heading: rad of the agent; frame: of the world.
    """

    ways: dict[str, Risk]
    course: Risk
    npcs: dict[str, Risk]
    pace: float
    alarm: str
    heading: float
    frame: int
    fixed: dict[str, Risk] = field(default_factory=dict)

    @property
    def npc(self) -> Risk | None:
        """The entity that matters most: a danger first, then the soonest, then the nearest."""
        if not self.npcs:
            return None
        far = math.inf
        return min(
            self.npcs.values(),
            key=lambda r: (
                not r.danger,
                far if r.time_s is None else r.time_s,
                far if r.distance_m is None else r.distance_m,
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "pace": self.pace,
            "alarm": self.alarm,
            "ways": {name: risk.to_json() for name, risk in self.ways.items()},
            "npcs": {name: risk.to_json() for name, risk in self.npcs.items()},
        }


def forecast(world: World, actor: Actor, pace: float | None = None) -> Forecast:
    """Return the forecast for an actor.

    Args:
        world: the world now; it is not changed.
        actor: whose ways are tried.
        pace: m/s; None for what the situation calls for as the world knows it. To measure a mind by what it could know,
            pass `aether.emotion.called_pace(scene)`.
    """
    others = [other for other in world.actors if other is not actor]
    alarm = _alarm(world, actor, others)
    pace = PACE[alarm] if pace is None else max(float(pace), 0.1)
    turns = actor.heading + _TURNS
    moves = pace * np.stack([np.cos(turns), np.sin(turns)], -1)
    moves[-1] = 0.0
    moves = np.vstack([moves, actor.velocity])
    free, struck = _free_ways(world, actor, moves)
    meet, gaps = _meetings(world, actor, others, moves)
    risks = [_way_risk(actor, moves[i], free[i], struck[i], meet[i], others) for i in range(len(moves))]
    npcs = {}
    for k, other in enumerate(others):
        soonest = min(meet[len(WAYS) - 1, k], meet[-1, k])
        npcs[other.id] = _npc_risk(actor, other, soonest, float(gaps[[-2, -1], k].min()))
    return Forecast(dict(zip(WAYS, risks, strict=False)), risks[-1], npcs, pace, alarm, actor.heading, world.frame)


def _alarm(world: World, actor: Actor, others: list[Actor]) -> str:
    beasts = [o for o in others if o.kind == "beast"]
    charging = any(isinstance(o, Npc) and o.noticed == actor.id and o.behavior == "charge" for o in beasts)
    if charging:
        return "threatened"
    near = any(actor.distance_to(o.position) < _WARY and line_of_sight(world, actor, o) for o in beasts)
    return "alert" if near else "calm"


def _free_ways(world: World, actor: Actor, moves: np.ndarray) -> tuple[np.ndarray, list[str | None]]:
    """For each move [W, 2] m/s: m of free way, at most `_REACH`, and the name of the solid that ends it."""
    speed = np.hypot(moves[:, 0], moves[:, 1])
    unit = moves / np.maximum(speed, 1e-9)[:, None]
    solids = world.blocking(actor.height)
    share, index = sweep(np.broadcast_to(actor.position[:2], unit.shape), unit * _REACH, actor.radius, solids)
    free = np.where(speed > 0.05, np.minimum(share, 1.0), 1.0) * _REACH
    return free, [solids.names[i] if i >= 0 else None for i in index]


def _meetings(world: World, actor: Actor, others: list[Actor], moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times of touch [W, K] s (inf for none) and least gaps [W, K] m between the agent on each move and each other."""
    if not others:
        return np.full((len(moves), 0), np.inf), np.full((len(moves), 0), np.inf)
    times = np.linspace(0.0, HORIZON, _PIECES + 1)
    own = actor.position[:2] + moves[:, None] * times[:, None]
    paths = np.stack([_path(world, actor, other, moves, times) for other in others], 1)
    radii = np.array([actor.radius + other.radius for other in others])
    return meet(paths - own[:, None], radii, times)


def meet(apart: np.ndarray, radii: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return when hulls first touch [W, K] s (inf for never), and the least gaps [W, K] m.

    Args:
        apart: [W, K, T, 2] m from one to the other, on straight pieces between the times.
        radii: [K] m, both hulls' together.
        times: [T] s.
    """
    start, step = apart[:, :, :-1], np.diff(apart, axis=2)
    reach = (radii + _TOUCH)[None, :, None]
    a = np.maximum((step**2).sum(-1), 1e-12)
    b = (start * step).sum(-1)
    c = (start**2).sum(-1) - reach**2
    root = b * b - a * c
    enter = np.where(c <= 0, 0.0, (-b - np.sqrt(np.maximum(root, 0.0))) / a)
    hits = (c <= 0) | ((root >= 0) & (enter >= 0) & (enter <= 1))
    # One that already touches, and parts, is no new touch.
    hits[:, :, 0] &= (c[:, :, 0] > 0) | (b[:, :, 0] < 0)
    when = np.where(hits, times[:-1] + enter * np.diff(times), np.inf)
    nearest = np.sqrt(np.maximum((start + np.clip(-b / a, 0, 1)[..., None] * step) ** 2, 0.0).sum(-1)).min(-1)
    return when.min(-1), nearest - radii


def _path(world: World, actor: Actor, other: Actor, moves: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Where another will be, [W, T, 2] m: a charge depends on where the agent goes."""
    place = other.position[:2]
    if isinstance(other, Npc) and other.noticed == actor.id and isinstance(other.behaviour, Charge | Notice):
        delay, line, length = _attack(world, actor, other, moves)
        ran = _run(np.maximum(times - delay, 0.0), other.speed if delay == 0 else 0.0, other)
        ran = np.minimum(ran[None], length[:, None])
    else:
        speed = other.speed
        line = np.broadcast_to(other.velocity / max(speed, 1e-9), (len(moves), 2))
        ran = np.broadcast_to(speed * times, (len(moves), len(times)))
    if ran.max() > 0.05:
        origins = np.broadcast_to(place, line.shape)
        share, _ = sweep(origins, line * _REACH, other.radius, world.blocking(other.height))
        ran = np.minimum(ran, np.minimum(share, 1.0)[:, None] * _REACH)
    return place + line[:, None] * ran[..., None]


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
    seconds = min(delay, HORIZON)
    gap = npc.distance_to(actor.position)
    lead = min(0.5 * gap / max(npc.speeds.run, 0.1), 0.6)
    way = actor.position[:2] + moves * (seconds + lead) - npc.position[:2]
    length = np.hypot(way[:, 0], way[:, 1])
    return delay, way / np.maximum(length, 1e-9)[:, None], length + Charge.overshoot


def _run(times: np.ndarray, speed: float, npc: Npc) -> np.ndarray:
    """Metres run after times [T] s, from a speed up to its running speed at its acceleration."""
    rise = max(npc.speeds.run - speed, 0.0) / npc.acceleration
    held = np.minimum(times, rise)
    run: np.ndarray = speed * held + 0.5 * npc.acceleration * held**2 + npc.speeds.run * np.maximum(times - rise, 0.0)
    return run


def _way_risk(
    actor: Actor, move: np.ndarray, free: float, struck: str | None, meet: np.ndarray, others: list[Actor]
) -> Risk:
    speed = math.hypot(move[0], move[1])
    wall = free / speed if struck is not None and speed > 0.05 else math.inf
    first = int(meet.argmin()) if len(meet) else -1
    entity = float(meet[first]) if first >= 0 else math.inf
    if wall <= entity:
        if math.isinf(wall):
            return Risk(False, clearance_m=float(free))
        return Risk(bool(wall <= HORIZON), "wall", float(wall), float(free), float(free), struck)
    other = others[first]
    return Risk(True, other.kind, entity, entity * speed, float(free), other.id)


def _npc_risk(actor: Actor, other: Actor, soonest: float, gap: float) -> Risk:
    apart = max(actor.distance_to(other.position) - actor.radius - other.radius, 0.0)
    hunting = isinstance(other, Npc) and other.noticed == actor.id and other.behavior == "charge"
    danger = bool(soonest <= HORIZON) or hunting or (other.kind == "beast" and apart <= NEARBY)
    return Risk(danger, other.kind, None if math.isinf(soonest) else float(soonest), apart, max(gap, 0.0), other.id)
