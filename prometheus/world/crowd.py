"""Crowd: all entities of a world at once, at 20 Hz: what they sense, which way they take, how they pass one another.

What each wants is its behaviour's own affair; what costs time is done for all of them in one go.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.behaviour import Steer
from prometheus.world.gait import advance
from prometheus.world.senses import MUFFLED
from prometheus.world.shapes import build_solids

if TYPE_CHECKING:
    from prometheus.world.npc import Npc
    from prometheus.world.physics import World
    from prometheus.world.routes import Routes

TICK = 0.05
_TURN_RATE = 5.0
_TURNS = np.array([0.0, -0.35, 0.35, -0.7, 0.7, -1.1, 1.1, -1.6, 1.6, -2.3, 2.3])
"""rad off the wanted way that are tried; of two equal ones the right-hand one wins, so that two who meet pass."""
_AHEAD = np.array([0.3, 0.7, 1.2, 1.8])
"""Shares of the look-ahead at which the ground is tried."""
_LOOK = 1.0
_HORIZON = 1.8
_NEIGHBOURS = 8
_REPLAN = 1.0
"""s after which a way round something is looked for again."""


class Crowd:
    """The entities of a world."""

    def __init__(self, world: World) -> None:
        """Take over a world's entities; the grid that they find their way on is laid when one first walks."""
        self._world = world
        self._routes: Routes | None = None
        self._cares: tuple[tuple[str, ...], np.ndarray] | None = None

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
        return self._routes

    def choose(self) -> None:
        """Let every entity sense, decide, and set the velocity that it aims for."""
        npcs = [npc for npc in self._world.npcs if npc.fall is None]
        if npcs:
            # Eyes and ears work at 10 Hz: nobody notices faster, and they are a third of what a crowd costs.
            if self._world.frame % 2 == 0:
                self._sense(npcs)
            self._drive(npcs, [npc.decide(self._world) for npc in npcs])

    def stride(self) -> None:
        """Advance everybody's gait by what physics let them move."""
        npcs = self._world.npcs
        if npcs:
            phases = advance(np.array([n.phase for n in npcs]), np.array([n.speed for n in npcs]), TICK)
            for npc, phase in zip(npcs, phases.tolist(), strict=True):
                npc.phase = phase

    def _sense(self, npcs: list[Npc]) -> None:
        """Tell each entity whom it cares for and notices now, the nearest first."""
        world = self._world
        actors = world.actors
        cares = self._caring(npcs)
        if not cares.any():
            for npc in npcs:
                npc.aware = ()
            return
        places = np.array([a.position for a in actors])
        own = np.array([n.position for n in npcs])
        away = places[None, :, :2] - own[:, None, :2]
        far = np.hypot(away[..., 0], away[..., 1])
        heading = np.array([n.heading for n in npcs])[:, None]
        bearing = np.abs(wrapped(np.arctan2(away[..., 1], away[..., 0]) - heading))
        reach, view, hearing = np.array([(n.senses.range, n.senses.view, n.senses.hearing) for n in npcs]).T
        heard = cares & (far <= hearing[:, None])
        seen = cares & (far <= reach[:, None]) & (bearing <= view[:, None] / 2)
        # A wall hides from sight, and leaves a part of the distance at which steps are heard.
        rows, columns = np.nonzero(seen | heard & (far > MUFFLED * hearing[:, None]))
        if len(rows):
            eyes = [npcs[i].eye for i in rows]
            chest, head = ([actors[j].point_at(share) for j in columns] for share in (0.55, 0.9))
            lines = world.clear_lines([*eyes, *eyes], [*chest, *head])
            free = lines[: len(rows)] | lines[len(rows) :]
            seen[rows, columns] &= free
            heard[rows, columns] &= free | (far[rows, columns] <= MUFFLED * hearing[rows])
        for i, npc in enumerate(npcs):
            known = np.flatnonzero(heard[i] | seen[i])
            npc.aware = tuple(actors[j] for j in known[far[i, known].argsort(kind="stable")])

    def _caring(self, npcs: list[Npc]) -> np.ndarray:
        """Who cares for whom, [N, A]; it is a matter of their descriptions, so it is asked once."""
        key = tuple(npc.id for npc in npcs)
        if self._cares is None or self._cares[0] != key:
            table = [[npc.cares_for(other) for other in self._world.actors] for npc in npcs]
            self._cares = (key, np.array(table, bool))
        return self._cares[1]

    def _drive(self, npcs: list[Npc], steers: list[Steer]) -> None:
        place = np.array([n.position[:2] for n in npcs])
        radius = np.array([n.radius for n in npcs])
        heading = np.array([n.heading for n in npcs])
        velocity = np.array([s.velocity for s in steers])
        speed = np.hypot(velocity[:, 0], velocity[:, 1])
        moving = speed >= 0.05
        way = np.where(moving, np.arctan2(velocity[:, 1], velocity[:, 0]), [s.heading for s in steers])
        careful = moving & np.array([s.avoid for s in steers])
        if careful.any():
            self._lead(npcs, steers, place, radius, way, careful)
            at = np.flatnonzero(careful)
            way[at], ease = self._pass(npcs, steers, at, place[at], radius[at], way[at], speed[at])
            turn = np.abs(wrapped(way[at] - heading[at]))
            # A body walks where it faces: it slows down while it turns instead of sliding sideways.
            speed[at] *= np.maximum(0.25, np.cos(np.minimum(turn, math.pi / 2))) * ease
        off = wrapped(way - heading)
        heading = heading + np.clip(off, -_TURN_RATE * TICK, _TURN_RATE * TICK)
        speed = np.where(moving, speed, 0.0)
        course = np.stack([speed * np.cos(heading), speed * np.sin(heading)], 1)
        for npc, wanted, facing in zip(npcs, course.tolist(), heading.tolist(), strict=True):
            npc.drive(wanted, facing)

    def _lead(
        self, npcs: list[Npc], steers: list[Steer], place: np.ndarray, radius: np.ndarray, way: np.ndarray,
        careful: np.ndarray,
    ) -> None:  # fmt: skip
        """Turn the way of those who cannot walk straight to their goal towards the next corner of a way round."""
        at = np.array([i for i in np.flatnonzero(careful) if steers[i].goal is not None], int)
        if not len(at):
            return
        goals = np.array([steers[i].goal for i in at], float)
        straight = self.routes.clear(place[at], goals, radius[at])
        for i, goal, free in zip(at, goals, straight, strict=True):
            npc = npcs[i]
            if free:
                npc.route = None
                continue
            corner = self._corner(npc, goal)
            if corner is not None:
                way[i] = math.atan2(corner[1] - place[i, 1], corner[0] - place[i, 0])

    def _corner(self, npc: Npc, goal: np.ndarray) -> np.ndarray | None:
        """The next corner of an entity's way to a goal, or None where there is no way."""
        now, route = self._world.time, npc.route
        if route is None or math.dist(route.goal, goal) > 0.75 or now - route.since > 6 * _REPLAN:
            if route is not None and now - route.since < _REPLAN and route.corners is None:
                return None
            corners = self.routes.path(npc.position[:2], goal, npc.radius)
            npc.route = route = Route((float(goal[0]), float(goal[1])), now, corners)
        if route.corners is None:
            return None
        while len(route.corners) > 1 and npc.distance_to(route.corners[0]) < 0.35 + 0.5 * npc.radius:
            route.corners = route.corners[1:]
        corner: np.ndarray = route.corners[0]
        return corner

    def _pass(
        self, npcs: list[Npc], steers: list[Steer], at: np.ndarray, place: np.ndarray, radius: np.ndarray,
        way: np.ndarray, speed: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Choose for each the least turn off its way on which it meets nothing soon: (way [N] rad, share of speed [N]).

        Time to contact with neighbours that keep their velocity is the root of a quadratic, as in Karamouzas et al.,
        "A Predictive Collision Avoidance Model for Pedestrian Simulation" (2009).
        """
        tries = way[:, None] + _TURNS
        unit = np.stack([np.cos(tries), np.sin(tries)], -1)
        look = np.maximum(_LOOK, 0.5 * speed)
        room = self.routes.room_at(place[:, None, None] + unit[:, :, None] * (look[:, None] * _AHEAD)[:, None, :, None])
        here = self.routes.room_at(place)
        blocked = room < np.minimum(radius, here + 0.02)[:, None, None]
        wall = (blocked * np.array([4.0, 2.5, 0.8, 0.3])).sum(-1)
        soon = self._contacts(npcs, steers, at, place, radius, unit * speed[:, None, None])
        crash = np.where(soon < _HORIZON, 1.2 / np.maximum(soon, 0.15), 0.0)
        cost = np.abs(_TURNS) + 1e-3 * (_TURNS > 0) + wall + crash
        best = cost.argmin(1)[:, None]
        chosen = np.take_along_axis(tries, best, 1)[:, 0]
        left = np.take_along_axis(soon, best, 1)[:, 0]
        return chosen, np.clip(left / 0.6, 0.0, 1.0)

    def _contacts(
        self, npcs: list[Npc], steers: list[Steer], at: np.ndarray, place: np.ndarray, radius: np.ndarray,
        courses: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """Seconds [N, K] until each would touch a neighbour on each course [N, K, 2] m/s; inf for never."""
        world = self._world
        others = world.actors
        spots = np.array([a.position[:2] for a in others] + [p.position[:2] for p in world.props]).reshape(-1, 2)
        sizes = np.array([a.radius for a in others] + [0.5 * max(p.shape.size[:2]) for p in world.props])
        pace = np.zeros_like(spots)
        pace[: len(others)] = [a.velocity for a in others]
        gap = np.hypot(*(spots[None] - place[:, None]).transpose(2, 0, 1)) - sizes
        index = {actor.id: j for j, actor in enumerate(others)}
        for row, i in enumerate(at):
            gap[row, index[npcs[i].id]] = np.inf
            if steers[i].mate in index:
                gap[row, index[steers[i].mate]] = np.inf
        near = gap.argpartition(min(_NEIGHBOURS, gap.shape[1]) - 1, axis=1)[:, :_NEIGHBOURS]
        apart = spots[near] - place[:, None]
        reach = sizes[near] + radius[:, None] + 0.08
        towards = courses[:, :, None] - pace[near][:, None]
        a = np.maximum((towards**2).sum(-1), 1e-9)
        b = (apart[:, None] * towards).sum(-1)
        c = ((apart**2).sum(-1) - reach**2)[:, None]
        root = b * b - a * c
        hits = (b > 0) & (root > 0) & np.isfinite(np.take_along_axis(gap, near, 1))[:, None]
        when = np.where(hits, np.maximum((b - np.sqrt(np.maximum(root, 0.0))) / a, 0.0), np.inf)
        soonest: np.ndarray = when.min(-1)
        return soonest


def wrapped(angles: np.ndarray) -> np.ndarray:
    """Return angles in -pi..pi."""
    found: np.ndarray = np.remainder(angles + math.pi, 2 * math.pi) - math.pi
    return found


class Route:
    """A way round something: the goal (x, y) m, the s of world time when it was found, and its corners or None."""

    __slots__ = ("corners", "goal", "since")

    def __init__(self, goal: tuple[float, float], since: float, corners: np.ndarray | None) -> None:
        """Keep a way."""
        self.goal, self.since, self.corners = goal, since, corners
