"""Crowd: all entities of a world at once: what they sense, which way they take, how they pass one another.

What each wants is its behaviour's own affair; what costs time is done for all of them in one go. They sense, decide and
look for their way at 10 Hz, which is faster than people do, and turn and change their pace in every frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.behaviour import TICK, Steer
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
EVERY = round(TICK / FRAME)
"""Frames between two decisions."""
_TURN_RATE = 5.0
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
_SPACE = 0.12
"""m that one keeps off others."""
_EASE = 0.5
"""s before a touch, and before the next decision, from which on one slows down."""
_REPLAN = 1.0
"""s after which a way round something is looked for again."""
_GLANCE = 0.5
"""s that a straight way to a goal counts as free, once it was found so; the way itself is watched all the time."""
_STRAYED = 0.5
"""m that the goal may move within that time."""


@dataclass(frozen=True, slots=True)
class _Ranks:
    """Entities that stand, and what does not change about them.

    Attributes:
        npcs: N of them. rows: [N] their rows among the world's actors. radius: [N] m.
        reach, view, hearing: [N] of their senses. cares: [N, A] for whom they care.
        sizes: [A + P] m, the radii of all actors and of what can be pushed.
    """

    npcs: list[Npc]
    rows: np.ndarray
    radius: np.ndarray
    reach: np.ndarray
    view: np.ndarray
    hearing: np.ndarray
    cares: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, npcs: list[Npc], actors: Sequence[Actor], props: Sequence[Prop]) -> _Ranks:
        """Line entities up."""
        row = {actor.id: index for index, actor in enumerate(actors)}
        cares = np.array([[npc.cares_for(other) for other in actors] for npc in npcs], bool)
        sizes = [(n.radius, n.senses.range, 0.5 * n.senses.view, n.senses.hearing) for n in npcs]
        wide = [*(actor.radius for actor in actors), *(0.5 * max(prop.shape.size[:2]) for prop in props)]
        return cls(npcs, np.array([row[n.id] for n in npcs]), *np.array(sizes).T, cares, np.array(wide))


@dataclass(slots=True)
class _Course:
    """What entities [N] aim for until they decide again.

    Attributes:
        way: rad. pace: m/s, 0 for who stands. careful: who walks where it faces, and slows down to turn.
    """

    way: np.ndarray
    pace: np.ndarray
    careful: np.ndarray


class Crowd:
    """The entities of a world."""

    def __init__(self, world: World) -> None:
        """Take over a world's entities; the grid that they find their way on is laid when one first walks."""
        self._world = world
        self._routes: Routes | None = None
        self._ranks: _Ranks | None = None
        self._course = _Course(np.zeros(0), np.zeros(0), np.zeros(0, bool))

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
            self._decide(ranks)
        elif self._world.frame % EVERY == 0:
            self._decide(ranks)
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

    def _decide(self, ranks: _Ranks) -> None:
        """Let everybody sense, decide and find its way."""
        world = self._world
        spots = world.spots
        self._sense(ranks, spots)
        steers = [npc.decide(world) for npc in ranks.npcs]
        wanted = np.array([(*s.velocity, s.heading, s.avoid) for s in steers], float)
        if not np.isfinite(wanted).all():
            # A behaviour of somebody's own that divides by zero makes nobody leave the world.
            wanted = np.nan_to_num(wanted, posinf=0.0, neginf=0.0)
        east, north, facing, avoid = wanted.T
        pace = np.minimum(np.sqrt(east * east + north * north), MAX_SPEED)
        moving = pace >= 0.05
        way = np.where(moving, np.arctan2(north, east), facing)
        pace[~moving] = 0.0
        careful = moving & (avoid > 0)
        at = np.flatnonzero(careful)
        if len(at):
            place, radius = spots[ranks.rows[at], :2], ranks.radius[at]
            self._lead(ranks, steers, at, place, radius, way)
            way[at], ease = self._pass(ranks, steers, at, spots, way[at], pace[at])
            pace[at] *= ease
        self._course = _Course(way, pace, careful)

    def _turn(self, npcs: list[Npc]) -> None:
        """Turn everybody towards its way, as fast as bodies turn, and let it walk where it faces."""
        course = self._course
        heading = np.array([n.heading for n in npcs])
        off = wrapped(course.way - heading)
        # A body walks where it faces: it slows down while it turns instead of sliding sideways.
        slow = np.maximum(0.25, np.cos(np.minimum(np.abs(off), math.pi / 2)))
        speed = np.where(course.careful, course.pace * slow, course.pace)
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
        who, whom = np.nonzero(ranks.cares)
        away = spots[whom, :2] - spots[ranks.rows[who], :2]
        far = np.hypot(away[:, 0], away[:, 1])
        hearing = ranks.hearing[who]
        near = np.flatnonzero(far <= np.maximum(ranks.reach[who], hearing))
        for npc in npcs:
            npc.aware = ()
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
        now = self._world.time
        led = [(n, int(i), goal) for n, i in enumerate(at) if (goal := steers[i].goal) is not None]
        asked = [entry for entry in led if not _still_clear(ranks.npcs[entry[1]].route, entry[2], now)]
        if asked:
            rows = [n for n, _, _ in asked]
            goals = np.array([goal for _, _, goal in asked], float)
            straight = self.routes.clear(place[rows], goals, radius[rows])
            for (_, i, goal), free in zip(asked, straight.tolist(), strict=True):
                if free:
                    ranks.npcs[i].route = Route(goal, now, None, clear=True)
                elif (route := ranks.npcs[i].route) is not None and route.clear:
                    ranks.npcs[i].route = None
        for n, i, goal in led:
            npc = ranks.npcs[i]
            if npc.route is None or not npc.route.clear:
                corner = self._corner(npc, goal)
                if corner is not None:
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
        """Choose for each the least turn off its way that meets nothing soon: (way [N] rad, share of speed [N])."""
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
        return tries[rows, best], np.minimum(np.maximum(soon[rows, best] - TICK, 0.0) / _EASE, 1.0)

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
        clear: whether nothing stood between, so that there are no corners to go by.
    """

    goal: tuple[float, float]
    since: float
    corners: list[tuple[float, float]] | None
    clear: bool = False


def _still_clear(route: Route | None, goal: tuple[float, float], now: float) -> bool:
    """Whether a straight way to a goal was found a moment ago."""
    if route is None or not route.clear:
        return False
    return now - route.since < _GLANCE and math.dist(route.goal, goal) < _STRAYED
