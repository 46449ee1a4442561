"""Crowd: all entities of a world at once: what they sense, which way they take, how they pass one another.

What each wants is its behaviour's own affair; what costs time is done for all of them in one go. They sense, decide and
look for their way at 10 Hz, which is faster than people do, or at 5 Hz where nothing presses them, and turn and change
their pace in every frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.behaviour import CALM, TICK, Steer
from prometheus.world.entity import MAX_SPEED
from prometheus.world.gait import advance
from prometheus.world.senses import MUFFLED
from prometheus.world.shapes import build_solids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prometheus.world.arena import Prop
    from prometheus.world.entity import Actor
    from prometheus.world.npc import Npc
    from prometheus.world.physics import World
    from prometheus.world.routes import Routes

FRAME = 0.05
_EVERY, _CALM = round(TICK / FRAME), round(CALM / FRAME)
"""Frames between two decisions, of those who are in a hurry and of the others."""
_TURN_RATE = 5.0
_SLOWEST = 0.25
"""Share of its pace that one keeps who has to turn far."""
_TURNS = np.array([0.0, -0.35, 0.35, -0.7, 0.7, -1.1, 1.1, -1.6, 1.6, -2.3, 2.3])
"""rad off the wanted way that are tried; of two equal ones the right-hand one wins, so that two who meet pass."""
_DETOUR = np.abs(_TURNS) + 1e-3 * (_TURNS > 0)
_AHEAD = np.array([0.3, 0.7, 1.2, 1.8])
"""Shares of the look-ahead at which the ground is tried."""
_WALL = np.array([4.0, 2.5, 0.8, 0.3])
"""What it costs to meet a wall there."""
_LOOK = 1.0
_HORIZON = 1.8
_NEIGHBOURS = 8
_SPACE = 0.2
"""m that one keeps off others."""
_EASE = 0.5
"""s before a touch, and before the next decision, from which on one slows down."""
_REPLAN = 1.0
"""s after which a way round something is looked for again."""


@dataclass(frozen=True, slots=True)
class _Ranks:
    """Entities that stand, and what does not change about them.

    Attributes:
        npcs: N of them. rows: [N] their rows among the world's actors. radius: [N] m.
        reach, view, hearing: [N] of their senses. cares: [N, A] for whom they care. who, whom: where that is true.
        sizes: [A + P] m, the radii of all actors and of what can be pushed.
    """

    npcs: list[Npc]
    rows: np.ndarray
    radius: np.ndarray
    reach: np.ndarray
    view: np.ndarray
    hearing: np.ndarray
    cares: np.ndarray
    who: np.ndarray
    whom: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, npcs: list[Npc], actors: Sequence[Actor], props: Sequence[Prop]) -> _Ranks:
        """Line entities up."""
        row = {actor.id: index for index, actor in enumerate(actors)}
        cares = np.array([[npc.cares_for(other) for other in actors] for npc in npcs], bool)
        sizes = [(n.radius, n.senses.range, 0.5 * n.senses.view, n.senses.hearing) for n in npcs]
        wide = [*(actor.radius for actor in actors), *(0.5 * max(prop.shape.size[:2]) for prop in props)]
        rows = np.array([row[n.id] for n in npcs])
        return cls(npcs, rows, *np.array(sizes).T, cares, *np.nonzero(cares), np.array(wide))

    def pick(self, some: list[int]) -> _Ranks:
        """Return some of them."""
        if len(some) == len(self.npcs):
            return self
        own = (self.rows, self.radius, self.reach, self.view, self.hearing, self.cares)
        rows, radius, reach, view, hearing, cares = (each[some] for each in own)
        npcs = [self.npcs[i] for i in some]
        return _Ranks(npcs, rows, radius, reach, view, hearing, cares, *np.nonzero(cares), self.sizes)


@dataclass(slots=True)
class _Course:
    """What entities [N] aim for until they decide again.

    Attributes:
        way: rad. pace: m/s, 0 for who stands.
        least: share of its pace that it keeps while it turns; who walks where it faces slows down to turn.
    """

    way: np.ndarray
    pace: np.ndarray
    least: np.ndarray

    @classmethod
    def of(cls, count: int) -> _Course:
        """Return the courses of so many who stand."""
        return cls(np.zeros(count), np.zeros(count), np.ones(count))


class Crowd:
    """The entities of a world."""

    def __init__(self, world: World) -> None:
        """Take over a world's entities; the grid that they find their way on is laid when one first walks."""
        self._world = world
        self._routes: Routes | None = None
        self._ranks: _Ranks | None = None
        self._course = _Course.of(0)

    @property
    def routes(self) -> Routes:
        """The grid of the world's ground."""
        if self._routes is None:
            from prometheus.world.routes import Routes

            world = self._world
            places = [actor.position[:2] for actor in world.actors]
            places += [np.array(p) for npc in world.npcs for p in npc.entity.path]
            places += [np.array(mind.goal) for mind in world.scenario.minds if mind.goal is not None]
            self._routes = Routes(world.terrain, build_solids(world.shapes, movable=True), np.array(places))
            # Now, and not when the first one has to go round something: that would hold up a frame.
            self._routes.prepare({npc.radius for npc in world.npcs})
        return self._routes

    def resized(self) -> None:
        """Note that a body has another size now."""
        self._ranks = None

    def forget(self) -> None:
        """Forget the ways: the world has changed."""
        self._routes = None
        for npc in self._world.npcs:
            npc.route = None

    def choose(self) -> None:
        """Let every entity that stands sense and decide where it is time, and set the velocity that it aims for."""
        npcs = [npc for npc in self._world.npcs if npc.fall is None]
        if not npcs:
            return
        ranks = self._ranks
        if ranks is None or ranks.npcs != npcs:
            ranks = self._ranks = _Ranks.of(npcs, self._world.actors, self._world.props)
            self._course = _Course.of(len(npcs))
            self._decide(ranks, list(range(len(npcs))))
        elif self._world.frame % _EVERY == 0:
            all_of_them = self._world.frame % _CALM == 0
            self._decide(ranks, [i for i, npc in enumerate(npcs) if all_of_them or npc.behaviour.tick < CALM])
        self._turn(npcs)

    def stride(self) -> None:
        """Advance everybody's gait by what physics let them move."""
        npcs = self._world.npcs
        if npcs:
            velocity = self._world.paces[-len(npcs) :]
            speed = np.hypot(velocity[:, 0], velocity[:, 1])
            phases = advance(np.array([n.phase for n in npcs]), speed, FRAME).tolist()
            for npc, phase in zip(npcs, phases, strict=True):
                npc.phase = phase

    def _decide(self, everybody: _Ranks, due: list[int]) -> None:
        """Let those whose turn it is sense, decide and find their way."""
        if not due:
            return
        world, ranks = self._world, everybody.pick(due)
        spots = world.spots
        self._sense(ranks, spots)
        steers = [npc.decide(world) for npc in ranks.npcs]
        ticks = [npc.behaviour.tick for npc in ranks.npcs]
        wanted = np.array([(*s.velocity, s.heading, s.avoid, t) for s, t in zip(steers, ticks, strict=True)], float)
        if not np.isfinite(wanted).all():
            # A behaviour of somebody's own that divides by zero makes nobody leave the world.
            wanted = np.nan_to_num(wanted, posinf=0.0, neginf=0.0)
        east, north, facing, avoid, tick = wanted.T
        pace = np.minimum(np.sqrt(east * east + north * north), MAX_SPEED)
        moving = pace >= 0.05
        way = np.where(moving, np.arctan2(north, east), facing)
        pace[~moving] = 0.0
        careful = moving & (avoid > 0)
        at = np.flatnonzero(careful)
        if len(at):
            place, radius = spots[ranks.rows[at], :2], ranks.radius[at]
            self._lead(ranks, steers, at, place, radius, way)
            way[at], soon = self._pass(ranks, steers, at, spots, way[at], pace[at])
            pace[at] *= np.minimum(np.maximum(soon - tick[at], 0.0) / _EASE, 1.0)
        course = self._course
        course.way[due], course.pace[due], course.least[due] = way, pace, np.where(careful, _SLOWEST, 1.0)

    def _turn(self, npcs: list[Npc]) -> None:
        """Turn everybody towards its way, as fast as bodies turn, and let it walk where it faces."""
        course = self._course
        heading = np.array([n.heading for n in npcs])
        off = wrapped(course.way - heading)
        # A body walks where it faces: it slows down while it turns instead of sliding sideways.
        speed = course.pace * np.maximum(np.cos(off), course.least)
        most = _TURN_RATE * FRAME
        heading = wrapped(heading + np.minimum(np.maximum(off, -most), most))
        targets = zip((speed * np.cos(heading)).tolist(), (speed * np.sin(heading)).tolist(), strict=True)
        for npc, target, facing in zip(npcs, targets, heading.tolist(), strict=True):
            npc.target, npc.facing = target, facing
            if npc.length <= 0:
                npc.heading = facing

    def _sense(self, ranks: _Ranks, spots: np.ndarray) -> None:
        """Tell each entity whom it cares for and notices now, the nearest first."""
        world, npcs, actors = self._world, ranks.npcs, self._world.actors
        for npc in npcs:
            npc.aware = ()
        who, whom = ranks.who, ranks.whom
        if not len(who):
            return
        away = spots[whom, :2] - spots[ranks.rows[who], :2]
        far = np.hypot(away[:, 0], away[:, 1])
        hearing = ranks.hearing[who]
        near = np.flatnonzero(far <= np.maximum(ranks.reach[who], hearing))
        if not len(near):
            return
        who, whom, away, far, hearing = who[near], whom[near], away[near], far[near], hearing[near]
        heading = np.array([npcs[i].heading for i in who])
        bearing = np.abs(wrapped(np.arctan2(away[:, 1], away[:, 0]) - heading))
        heard = far <= hearing
        seen = (far <= ranks.reach[who]) & (bearing <= ranks.view[who])
        # A wall hides from sight, and leaves a part of the distance at which steps are heard.
        asked = np.flatnonzero(seen | heard & (far > MUFFLED * hearing))
        if len(asked):
            eyes = [npcs[i].eye for i in who[asked]]
            chest, head = ([actors[j].point_at(share) for j in whom[asked]] for share in (0.55, 0.9))
            lines = world.clear_lines([*eyes, *eyes], [*chest, *head])
            free = lines[: len(asked)] | lines[len(asked) :]
            seen[asked] &= free
            heard[asked] &= free | (far[asked] <= MUFFLED * hearing[asked])
        known = np.flatnonzero(heard | seen)
        found: dict[int, list[Actor]] = {}
        for k in known[np.argsort(far[known], kind="stable")].tolist():
            found.setdefault(int(who[k]), []).append(actors[whom[k]])
        for i, noticed in found.items():
            npcs[i].aware = tuple(noticed)

    def _lead(
        self, ranks: _Ranks, steers: list[Steer], at: np.ndarray, place: np.ndarray, radius: np.ndarray,
        way: np.ndarray,
    ) -> None:  # fmt: skip
        """Turn the way of those who cannot walk straight to their goal towards the next corner of a way round."""
        led = [(n, i, goal) for n, i in enumerate(at.tolist()) if (goal := steers[i].goal) is not None]
        if not led:
            return
        rows = [n for n, _, _ in led]
        straight = self.routes.clear(place[rows], np.array([goal for _, _, goal in led], float), radius[rows])
        for (n, i, goal), free in zip(led, straight.tolist(), strict=True):
            npc = ranks.npcs[i]
            if free:
                npc.route = None
            elif (corner := self._corner(npc, goal)) is not None:
                way[i] = math.atan2(corner[1] - place[n, 1], corner[0] - place[n, 0])

    def _corner(self, npc: Npc, goal: tuple[float, float]) -> tuple[float, float] | None:
        """The next corner of an entity's way to a goal, or None where there is no way."""
        now, route = self._world.time, npc.route
        if route is None or math.dist(route.goal, goal) > 0.75 or now - route.since > 6 * _REPLAN:
            if route is not None and now - route.since < _REPLAN and route.corners is None:
                return None
            corners = self.routes.path(npc.position[:2], goal, npc.radius)
            found = None if corners is None else [(x, y) for x, y in corners.tolist()]
            npc.route = route = Route((float(goal[0]), float(goal[1])), now, found)
        if route.corners is None:
            return None
        while len(route.corners) > 1 and npc.distance_to(route.corners[0]) < 0.35 + 0.5 * npc.radius:
            route.corners = route.corners[1:]
        return route.corners[0]

    def _pass(
        self, ranks: _Ranks, steers: list[Steer], at: np.ndarray, spots: np.ndarray, way: np.ndarray, pace: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Choose for each the least turn off its way that meets nothing soon: (way [N] rad, s [N] until it does)."""
        place, radius = spots[ranks.rows[at], :2], ranks.radius[at]
        others = self._neighbours(ranks, steers, at, spots)
        tries = way[:, None] + _TURNS
        east, north = np.cos(tries), np.sin(tries)
        look = (np.maximum(_LOOK, 0.5 * pace)[:, None] * _AHEAD)[:, None]
        x = place[:, 0, None, None] + east[..., None] * look
        y = place[:, 1, None, None] + north[..., None] * look
        room = np.minimum(radius, self.routes.room_at(place) + 0.02)
        wall = (self.routes.room_of(x, y) < room[:, None, None]) @ _WALL
        soon = others.contacts(east * pace[:, None], north * pace[:, None])
        crash = np.where(soon < _HORIZON, 1.2 / np.maximum(soon, 0.15), 0.0)
        best = (_DETOUR + wall + crash).argmin(1)
        rows = np.arange(len(at))
        return tries[rows, best], soon[rows, best]

    def _neighbours(self, ranks: _Ranks, steers: list[Steer], at: np.ndarray, spots: np.ndarray) -> _Neighbours:
        """The nearest others of each of those that walk, whom it goes up to left out."""
        world = self._world
        props = world.props
        places, pace, sizes = spots[:, :2], world.paces, ranks.sizes
        if props:
            places = np.concatenate([places, [p.position[:2] for p in props]])
            pace = np.concatenate([pace, np.zeros((len(props), 2))])
        rows = ranks.rows[at]
        apart = places - places[rows, None]
        far = apart[..., 0] * apart[..., 0] + apart[..., 1] * apart[..., 1]
        beyond = far - (sizes + (ranks.radius[at, None] + _SPACE)) ** 2
        each = np.arange(len(at))
        beyond[each, rows] = np.inf
        for n, i in enumerate(at.tolist()):
            mate = steers[i].mate
            if mate is not None and mate in world.row_of:
                beyond[n, world.row_of[mate]] = np.inf
        near = beyond.argpartition(min(_NEIGHBOURS, beyond.shape[1]) - 1, axis=1)[:, :_NEIGHBOURS]
        each = each[:, None]
        return _Neighbours(apart[each, near], pace[near], beyond[each, near])


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """The M nearest others of bodies.

    Attributes:
        apart: [N, M, 2] m to each. pace: [N, M, 2] m/s of each.
        beyond: [N, M] m^2, the square of the distance less that of the one at which they touch; inf for nobody.
    """

    apart: np.ndarray
    pace: np.ndarray
    beyond: np.ndarray

    def contacts(self, east: np.ndarray, north: np.ndarray) -> np.ndarray:
        """Return the seconds [N, K] until each would touch one of them on courses [N, K] m/s; inf for never.

        Time to contact with neighbours that keep their velocity is the root of a quadratic, as in Karamouzas et al.,
        "A Predictive Collision Avoidance Model for Pedestrian Simulation" (2009).
        """
        x = east[:, :, None] - self.pace[:, None, :, 0]
        y = north[:, :, None] - self.pace[:, None, :, 1]
        a = np.maximum(x * x + y * y, 1e-9)
        b = self.apart[:, None, :, 0] * x + self.apart[:, None, :, 1] * y
        root = b * b - a * self.beyond[:, None]
        when = np.where((b > 0) & (root > 0), (b - np.sqrt(np.maximum(root, 0.0))) / a, np.inf)
        soonest: np.ndarray = np.maximum(when.min(-1), 0.0)
        return soonest


def wrapped(angles: np.ndarray) -> np.ndarray:
    """Return angles in -pi..pi."""
    found: np.ndarray = np.remainder(angles + math.pi, 2 * math.pi) - math.pi
    return found


@dataclass(slots=True)
class Route:
    """A way to a goal.

    Attributes:
        goal: (x, y) m. since: s of world time when the way was found. corners: (x, y) m each, None where there is none.
    """

    goal: tuple[float, float]
    since: float
    corners: list[tuple[float, float]] | None
