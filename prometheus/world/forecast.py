"""Forecast: what would touch the agent within two seconds, for each way that it could go.

The agent moves straight at one pace. Two ways to find out: the analytic one here (an exact sweep past the solids, a
walk over uneven ground in thought, the roots of quadratics for everybody else's predicted path), and a rollout in a
second physics client (`prometheus.world.rollout`). Both share what they believe of the others (`prediction`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from prometheus.intent import DIRECTIONS
from prometheus.world.descent import Descent, descend, uneven
from prometheus.world.entity import Actor
from prometheus.world.geometry import Solids, sweep
from prometheus.world.npc import Npc
from prometheus.world.obstacles import obstacles
from prometheus.world.physics import World
from prometheus.world.prediction import REACH, go_straight, predict_paths, runs, walls_for
from prometheus.world.senses import line_of_sight

HORIZON = 2.0
"""s that the forecast looks ahead."""
WAYS = (*DIRECTIONS, "stand")
PACE = {"calm": 1.4, "alert": 2.5, "threatened": 4.5}
"""m/s that a situation calls for."""
NEARBY = 3.0
"""m between hulls within which a beast is a danger whatever it does."""
_WARY = 8.0
_PIECES = 20
_TOUCH = 0.02
_STAND, _COURSE = len(DIRECTIONS), len(DIRECTIONS) + 1
"""Rows of moves: the eight directions, then these two, then the directions at other paces."""
_TURNS = np.array([*DIRECTIONS.values(), 0.0])


@dataclass(frozen=True, slots=True)
class Risk:
    """What a way, or an entity, brings.

    Attributes:
        danger: whether it touches within the horizon (for an entity: or charges, or is a beast close by).
        kind: "wall", "object" (one too heavy to be pushed aside), "drop", "water", or the entity's kind; None where
            nothing is met.
        time_s: s until the touch, None where there is none in reach.
        distance_m: m that the agent goes until the touch; for an entity, m between the hulls now.
        clearance_m: m free of solids along the way, at most 12; for an entity the least gap of the hulls to come.
        name: which solid or entity.
        drop_m: m that the body would fall.
    """

    danger: bool
    kind: str | None = None
    time_s: float | None = None
    distance_m: float | None = None
    clearance_m: float = REACH
    name: str | None = None
    drop_m: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, to 1 ms and 1 cm."""
        return {
            "danger": self.danger,
            "kind": self.kind,
            "time_s": None if self.time_s is None else round(self.time_s, 3),
            "distance_m": None if self.distance_m is None else round(self.distance_m, 2),
        } | ({"drop_m": round(self.drop_m, 2)} if self.drop_m > 0 else {})


@dataclass(frozen=True, slots=True)
class Forecast:
    """All ways and all entities at one moment.

    Attributes:
        ways: Risk of the 8 directions of `prometheus.intent.DIRECTIONS` and of "stand".
        course: Risk of going on as it moves now.
        npcs: Risk of each entity, by id.
        pace: m/s that the situation calls for; alarm: "calm", "alert" or "threatened".
        heading: rad of the agent; frame: of the world.
        fixed: Risk of each way by the world alone, had nobody else been there.
        meetings: for each way, when whom would be met, s by id.
        paces: the directions' Risks at other paces too, by pace in m/s, where they were tried; see `at`.
    """

    ways: dict[str, Risk]
    course: Risk
    npcs: dict[str, Risk]
    pace: float
    alarm: str
    heading: float
    frame: int
    fixed: dict[str, Risk] = field(default_factory=dict, compare=False)
    meetings: dict[str, dict[str, float]] = field(default_factory=dict, compare=False)
    paces: dict[float, dict[str, Risk]] = field(default_factory=dict, compare=False)

    def at(self, way: str, pace: float) -> Risk:
        """Return the Risk of a way at the pace, of those that were tried, that is nearest to `pace` m/s."""
        if way == "stand" or not self.paces:
            return self.ways[way]
        return self.paces[min(self.paces, key=lambda tried: abs(tried - pace))][way]

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


class Forecaster(Protocol):
    """Who makes forecasts: `Analytic`, or `prometheus.world.rollout.Rollout`."""

    def __call__(self, world: World, actor: Actor, pace: float | None = None) -> Forecast:
        """As `forecast`."""

    def close(self) -> None:
        """Free what it holds."""


class Analytic:
    """The analytic forecast; it holds nothing."""

    def __call__(self, world: World, actor: Actor, pace: float | None = None) -> Forecast:
        """As `forecast`."""
        return forecast(world, actor, pace)

    def close(self) -> None:
        """Nothing to free."""


def forecaster(kind: Literal["analytic", "physics"], world: World) -> Forecaster:
    """Return who makes forecasts in a world; close it with the world."""
    if kind == "analytic":
        return Analytic()
    from prometheus.world.rollout import Rollout

    return Rollout(world)


def forecast(world: World, actor: Actor, pace: float | None = None) -> Forecast:
    """Return the analytic forecast for an actor.

    Args:
        world: the world now; it is not changed.
        actor: whose ways are tried.
        pace: m/s; None for what the situation calls for as the world knows it. To measure a mind by what it could know,
            pass `aether.emotion.called_pace(scene)`.
    """

    def meetings(others: Sequence[Actor], moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        radii = np.array([actor.radius + other.radius for other in others])
        ran = runs(world, actor, others, moves, HORIZON)
        straight, ends = go_straight(actor, others, ran, HORIZON)
        when, gaps = np.empty((2, len(moves), len(others)))
        # Two who both keep their course need one piece of way; hunters, and who runs into a wall, need many.
        some = np.flatnonzero(straight)
        start = np.array([others[k].position[:2] for k in some]).reshape(-1, 2) - actor.position[:2]
        end = ends[some] - actor.position[:2] - HORIZON * moves[:, None]
        apart = np.stack([np.broadcast_to(start, end.shape), end], 2)
        when[:, some], gaps[:, some] = meet(apart, radii[some], np.array([0.0, HORIZON]))
        rest = np.flatnonzero(~straight)
        if len(rest):
            times = np.linspace(0.0, HORIZON, _PIECES + 1)
            own = actor.position[:2] + moves[:, None] * times[:, None]
            paths = predict_paths(world, actor, [others[k] for k in rest], moves, times, ran.of(rest))
            when[:, rest], gaps[:, rest] = meet(paths - own[:, None], radii[rest], times)
        level = np.abs(np.array([other.position[2] for other in others]) - actor.position[2]) < actor.height
        return np.where(level, when, np.inf), gaps

    return assemble(world, actor, pace, lambda moves: fixed_risks(world, actor, moves), meetings)


Meetings = Callable[[Sequence[Actor], np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Others [K] and moves [W, 2] m/s -> times of touch [W, K] s (inf for none), least gaps [W, K] m."""


def assemble(
    world: World,
    actor: Actor,
    pace: float | None,
    fixed: Callable[[np.ndarray], list[Risk]],
    meetings: Meetings,
    paces: Sequence[float] = (),
) -> Forecast:
    """Put a forecast together.

    Args:
        world: the world now.
        actor: whose ways are tried.
        pace: as for `forecast`.
        fixed: what the world does to each move [W, 2] m/s.
        meetings: what the others do.
        paces: m/s at which the directions are tried as well.
    """
    others = [other for other in world.actors if other is not actor]
    alarm = _alarm(world, actor, others)
    pace = PACE[alarm] if pace is None else max(float(pace), 0.1)
    turns = actor.heading + _TURNS
    moves = pace * np.stack([np.cos(turns), np.sin(turns)], -1)
    moves[-1] = 0.0
    more = [other for other in paces if abs(other - pace) > 0.01]
    moves = np.vstack([moves, actor.velocity, *(moves[:-1] * (other / pace) for other in more)])
    still = fixed(moves)
    meet_s, gaps = meetings(others, moves) if others else (np.empty((len(moves), 0)), np.empty((len(moves), 0)))
    risks = [_way_risk(moves[i], still[i], meet_s[i], others) for i in range(len(moves))]
    soonest = np.minimum(meet_s[_STAND], meet_s[_COURSE]).tolist()
    least = np.minimum(gaps[_STAND], gaps[_COURSE]).tolist()
    npcs = {
        other.id: _npc_risk(actor, other, soon, gap)
        for other, soon, gap in zip(others, soonest, least, strict=True)
    }
    met: dict[str, dict[str, float]] = {name: {} for name in WAYS}
    for i, k in zip(*(at.tolist() for at in np.nonzero(meet_s[: len(WAYS)] <= HORIZON)), strict=True):
        met[WAYS[i]][others[k].id] = float(meet_s[i, k])
    tried = {pace: risks[:_STAND]} | {other: risks[_COURSE + 1 + i * _STAND :][:_STAND] for i, other in enumerate(more)}
    by_pace = {other: dict(zip(WAYS, found, strict=False)) for other, found in tried.items()} if more else {}
    return Forecast(
        dict(zip(WAYS, risks, strict=False)), risks[_COURSE], npcs, pace, alarm, actor.heading, world.frame,
        dict(zip(WAYS, still, strict=False)), met, by_pace,
    )  # fmt: skip


def _alarm(world: World, actor: Actor, others: list[Actor]) -> str:
    beasts = [o for o in others if o.kind == "beast"]
    charging = any(isinstance(o, Npc) and o.noticed == actor.id and o.behavior == "charge" for o in beasts)
    if charging:
        return "threatened"
    near = any(actor.distance_to(o.position) < _WARY and line_of_sight(world, actor, o) for o in beasts)
    return "alert" if near else "calm"


def fixed_risks(world: World, actor: Actor, moves: np.ndarray) -> list[Risk]:
    """Return what walls, heavy objects and the ground do to each move [W, 2] m/s."""
    speed = np.hypot(moves[:, 0], moves[:, 1])
    free, struck = _free(actor, moves, speed, walls_for(world, actor))
    risks = [_standing(float(speed[i]), float(free[i]), "wall", struck[i]) for i in range(len(moves))]
    rough = np.flatnonzero(uneven(world, actor, moves, HORIZON))
    if len(rough):
        way = descend(world, actor, moves[rough], HORIZON)
        for n, i in enumerate(rough):
            risks[i] = _climb(way, n)
    return _objects(world, actor, moves, speed, risks)


def _climb(way: Descent, n: int) -> Risk:
    """The Risk of a way over uneven ground."""
    if way.kind[n] is None or not math.isfinite(way.distance[n]):
        return Risk(False)
    far, time = min(float(way.distance[n]), REACH), float(way.time[n])
    return Risk(time <= HORIZON, way.kind[n], time, far, far, way.name[n], float(way.drop[n]))


def _objects(world: World, actor: Actor, moves: np.ndarray, speed: np.ndarray, risks: list[Risk]) -> list[Risk]:
    """Add the movable things that are too heavy to be pushed aside, and doors."""
    things = obstacles(world, actor)
    if not len(things):
        return risks
    free, struck = _free(actor, moves, speed, things)
    for i, name in enumerate(struck):
        if name is None:
            continue
        met, known = _standing(float(speed[i]), float(free[i]), "object", name), risks[i].time_s
        if met.time_s is not None and (known is None or met.time_s < known):
            risks[i] = met
    return risks


def _free(actor: Actor, moves: np.ndarray, speed: np.ndarray, solids: Solids) -> tuple[np.ndarray, list[str | None]]:
    """For each move [W, 2] m/s: m of free way, at most `REACH`, and the name of the solid that ends it."""
    unit = moves / np.maximum(speed, 1e-9)[:, None]
    share, index = sweep(actor.position[None, :2], unit * REACH, actor.radius, solids)
    free = np.where(speed > 0.05, np.minimum(share, 1.0), 1.0) * REACH
    return free, [solids.names[i] if i >= 0 else None for i in index.tolist()]


def _standing(speed: float, free: float, kind: str, struck: str | None) -> Risk:
    """The Risk of something that stands in the way."""
    if struck is None or speed <= 0.05:
        return Risk(False, clearance_m=free)
    time = free / speed
    return Risk(time <= HORIZON, kind, time, free, free, struck)


def meet(apart: np.ndarray, radii: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return when hulls first touch [W, K] s (inf for never), and the least gaps [W, K] m.

    Args:
        apart: [W, K, T, 2] m from one to the other, on straight pieces between the times.
        radii: [K] m, both hulls' together.
        times: [T] s.
    """
    x, y = apart[..., 0], apart[..., 1]
    dx, dy = x[:, :, 1:] - x[:, :, :-1], y[:, :, 1:] - y[:, :, :-1]
    x, y = x[:, :, :-1], y[:, :, :-1]
    reach = (radii + _TOUCH)[None, :, None]
    a = np.maximum(dx * dx + dy * dy, 1e-12)
    b = x * dx + y * dy
    c = x * x + y * y - reach**2
    root = b * b - a * c
    enter = np.where(c <= 0, 0.0, (-b - np.sqrt(np.maximum(root, 0.0))) / a)
    hits = (c <= 0) | ((root >= 0) & (enter >= 0) & (enter <= 1))
    # One that already touches, and parts, is no new touch.
    hits[:, :, 0] &= (c[:, :, 0] > 0) | (b[:, :, 0] < 0)
    when = np.where(hits, times[:-1] + enter * np.diff(times), np.inf)
    share = np.minimum(np.maximum(-b / a, 0.0), 1.0)
    x, y = x + share * dx, y + share * dy
    return when.min(-1), np.sqrt(x * x + y * y).min(-1) - radii


def _way_risk(move: np.ndarray, fixed: Risk, meet_s: np.ndarray, others: list[Actor]) -> Risk:
    first = int(meet_s.argmin()) if len(meet_s) else -1
    entity = float(meet_s[first]) if first >= 0 else math.inf
    if math.isinf(entity) or (fixed.time_s is not None and fixed.time_s <= entity):
        return fixed
    other, speed = others[first], math.hypot(move[0], move[1])
    return Risk(True, other.kind, entity, entity * speed, fixed.clearance_m, other.id)


def _npc_risk(actor: Actor, other: Actor, soonest: float, gap: float) -> Risk:
    apart = max(actor.distance_to(other.position) - actor.radius - other.radius, 0.0)
    hunting = isinstance(other, Npc) and other.noticed == actor.id and other.behavior == "charge"
    danger = bool(soonest <= HORIZON) or hunting or (other.kind == "beast" and apart <= NEARBY)
    return Risk(danger, other.kind, None if math.isinf(soonest) else float(soonest), apart, max(gap, 0.0), other.id)
