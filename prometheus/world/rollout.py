"""Rollout: the forecast from a second physics client, in which every way is walked at once.

The client holds the world's fixed geometry. A forecast sets what moves from the current states: one capsule a way
(8 directions at each pace, standing, and going on as now), which collide with walls, heavy objects, doors and everybody
else but not with one another, and one a body that is in reach, driven along its predicted path. A hunter goes where the
way goes: its touch is the distance between its path for that way and the way's own. Two seconds at 60 Hz, no gravity:
uneven ground is walked in thought (`descent`), as in the analytic forecast.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prometheus.world.arena import ACTOR_GROUP, MOVER_GROUP, OBJECT_GROUP, SOLID_GROUP, Arena
from prometheus.world.descent import uneven
from prometheus.world.entity import Actor
from prometheus.world.forecast import HORIZON, PACE, Forecast, Risk, assemble, fixed_risks, meet
from prometheus.world.masonry import turn_of
from prometheus.world.obstacles import obstacles
from prometheus.world.physics import World
from prometheus.world.prediction import hunts, predict_paths

RATE = 60
_STEPS = round(HORIZON * RATE)
_TICK = 3
"""Steps between two corrections of the others' velocities."""
_WAY_GROUP, _OTHER_GROUP = 64, 128
_TOUCH = 0.01
_AWAY = (0.0, 0.0, -1000.0)
_STILL = (0.0, 0.0, 0.0, 1.0)


@dataclass(slots=True)
class _Reading:
    """What a rollout found: first touches of each way, s (inf for none)."""

    fixed: np.ndarray
    names: list[tuple[str, str] | None]
    met: np.ndarray


class Rollout:
    """Forecasts of one world by physics.

    Args:
        world: whose geometry is copied; its state is read anew for each forecast and never changed.
    """

    def __init__(self, world: World) -> None:
        self._arena = Arena.open(1.0 / RATE)
        bullet, client = self._arena.bullet, self._arena.client
        bullet.setGravity(0, 0, 0, physicsClientId=client)
        for shape in world.shapes:
            if shape.solid and shape.mass == 0 and not shape.floor:
                self._arena.add(shape)
        self._pools: dict[tuple[float, float, float, int], list[int]] = {}
        self._used: dict[tuple[float, float, float, int], int] = {}
        self._blocks: dict[tuple[float, ...], list[int]] = {}
        self._taken: dict[tuple[float, ...], int] = {}

    def close(self) -> None:
        """Free the client."""
        self._arena.close()

    def __call__(self, world: World, actor: Actor, pace: float | None = None) -> Forecast:
        """Return the forecast for an actor; as `prometheus.world.forecast.forecast`."""
        reading: list[_Reading] = []

        def fixed(moves: np.ndarray) -> list[Risk]:
            others = [other for other in world.actors if other is not actor]
            reading.append(self._roll(world, actor, moves, others))
            return self._risks(world, actor, moves, reading[0])

        def meetings(others: Sequence[Actor], moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return reading[0].met, _gaps(world, actor, others, moves)

        return assemble(world, actor, pace, fixed, meetings, tuple(PACE.values()))

    def _roll(self, world: World, actor: Actor, moves: np.ndarray, others: list[Actor]) -> _Reading:
        """Set the client from the world's state, let two seconds pass, and read the touches."""
        self._clear()
        times = np.arange(0, _STEPS + 1, _TICK) / RATE
        ways = [self._body(actor, _WAY_GROUP, actor.position, move) for move in moves.tolist()]
        number = {handle: w for w, handle in enumerate(ways)}
        self._block(world, actor)
        near = [k for k, other in enumerate(others) if _in_reach(actor, other, moves)]
        paths = predict_paths(world, actor, [others[k] for k in near], moves, times)
        ghosts = self._ghosts(actor, others, near, paths)
        whose = {body: k for body, k, _ in ghosts}
        hunters = [(k, i) for i, k in enumerate(near) if hunts(others[k], actor)]
        found = _Reading(np.full(len(moves), np.inf), [None] * len(moves), np.full((len(moves), len(others)), np.inf))
        bullet, client = self._arena.bullet, self._arena.client
        for step in range(_STEPS):
            if step % _TICK == 0:
                self._drive(ghosts, paths, step // _TICK)
            bullet.stepSimulation(physicsClientId=client)
            for contact in bullet.getContactPoints(physicsClientId=client):
                _note(found, contact, number, whose, self._arena.names, moves, (step + 1) / RATE)
        for k, i in hunters:
            found.met[:, k] = _chased(actor, others[k], moves, paths[:, i], times)
        return found

    def _clear(self) -> None:
        """Put everything that moves out of the way."""
        bullet, client = self._arena.bullet, self._arena.client
        for key, pool in self._pools.items():
            for handle in pool[: self._used.get(key, 0)]:
                bullet.resetBasePositionAndOrientation(handle, _AWAY, _STILL, physicsClientId=client)
                bullet.resetBaseVelocity(handle, (0, 0, 0), (0, 0, 0), physicsClientId=client)
        for size, pool in self._blocks.items():
            for handle in pool[: self._taken.get(size, 0)]:
                bullet.resetBasePositionAndOrientation(handle, _AWAY, _STILL, physicsClientId=client)
        self._used.clear()
        self._taken.clear()

    def _body(self, actor: Actor, group: int, feet: np.ndarray, velocity: Sequence[float]) -> int:
        """A capsule as an actor has one, at a place (feet) and with a velocity (x, y) m/s."""
        bullet, client = self._arena.bullet, self._arena.client
        step = float(getattr(actor, "step", 0.0))
        tall = max(actor.height - step, 2 * actor.radius + 0.01)
        key = (actor.radius, tall, actor.mass, group)
        pool, used = self._pools.setdefault(key, []), self._used.get(key, 0)
        if used == len(pool):
            form = bullet.createCollisionShape(
                bullet.GEOM_CAPSULE, radius=actor.radius, height=tall - 2 * actor.radius, physicsClientId=client
            )
            handle = bullet.createMultiBody(
                actor.mass, form, basePosition=_AWAY, useMaximalCoordinates=1, physicsClientId=client
            )
            bullet.changeDynamics(
                handle, -1, mass=actor.mass, localInertiaDiagonal=(0, 0, 0), lateralFriction=0.0, restitution=0.0,
                linearDamping=0.0, angularDamping=0.0, activationState=bullet.ACTIVATION_STATE_DISABLE_SLEEPING,
                physicsClientId=client,
            )  # fmt: skip
            meets = SOLID_GROUP | OBJECT_GROUP | MOVER_GROUP | (_OTHER_GROUP if group == _WAY_GROUP else _WAY_GROUP)
            bullet.setCollisionFilterGroupMask(handle, -1, group | ACTOR_GROUP, meets, physicsClientId=client)
            pool.append(int(handle))
        handle = pool[used]
        self._used[key] = used + 1
        place = (float(feet[0]), float(feet[1]), float(feet[2]) + actor.height - tall / 2)
        bullet.resetBasePositionAndOrientation(handle, place, _STILL, physicsClientId=client)
        bullet.resetBaseVelocity(handle, (velocity[0], velocity[1], 0.0), (0, 0, 0), physicsClientId=client)
        return handle

    def _block(self, world: World, actor: Actor) -> None:
        """Stand heavy objects and shut doors where they are now."""
        bullet, client = self._arena.bullet, self._arena.client
        things = obstacles(world, actor)
        for i in range(len(things)):
            half = (*things.box_half[i].tolist(), float(things.box_high[i] - things.box_low[i]) / 2)
            size = tuple(round(v, 4) for v in half)
            pool, used = self._blocks.setdefault(size, []), self._taken.get(size, 0)
            if used == len(pool):
                form = bullet.createCollisionShape(bullet.GEOM_BOX, halfExtents=half, physicsClientId=client)
                handle = int(bullet.createMultiBody(0, form, basePosition=_AWAY, physicsClientId=client))
                self._arena.group(handle, SOLID_GROUP)
                pool.append(handle)
            self._taken[size] = used + 1
            x, y = things.box_centre[i].tolist()
            place = (x, y, float(things.box_low[i]) + half[2])
            turn = turn_of(math.atan2(things.box_axis[i, 1], things.box_axis[i, 0]))
            bullet.resetBasePositionAndOrientation(pool[used], place, turn, physicsClientId=client)
            self._arena.names[pool[used]] = (things.names[i], "object")

    def _ghosts(
        self, actor: Actor, others: list[Actor], near: list[int], paths: np.ndarray
    ) -> list[tuple[int, int, int]]:
        """A body for everybody near who does not hunt: its handle, its index among all others, and among the near."""
        ghosts = []
        for i, k in enumerate(near):
            if not hunts(others[k], actor):
                ghosts.append((self._body(others[k], _OTHER_GROUP, others[k].position, (0.0, 0.0)), k, i))
        return ghosts

    def _drive(self, ghosts: list[tuple[int, int, int]], paths: np.ndarray, tick: int) -> None:
        bullet, client = self._arena.bullet, self._arena.client
        for handle, _, i in ghosts:
            x, y = ((paths[0, i, tick + 1] - paths[0, i, tick]) * (RATE / _TICK)).tolist()
            bullet.resetBaseVelocity(handle, (x, y, 0.0), (0, 0, 0), physicsClientId=client)

    def _risks(self, world: World, actor: Actor, moves: np.ndarray, found: _Reading) -> list[Risk]:
        speed = np.hypot(moves[:, 0], moves[:, 1])
        risks = fixed_risks(world, actor, moves)
        for w in np.flatnonzero(~uneven(world, actor, moves, HORIZON)):
            time = float(found.fixed[w])
            struck, far = found.names[w], float(speed[w]) * HORIZON
            if struck is None:
                # What lies beyond the two seconds is the sweep's to say.
                risks[w] = Risk(False, clearance_m=far) if risks[w].danger else risks[w]
            else:
                away = time * float(speed[w])
                risks[w] = Risk(True, struck[1], time, away, away, struck[0])
        return risks


def _note(
    found: _Reading,
    contact: tuple[Any, ...],
    number: dict[int, int],
    whose: dict[int, int],
    names: dict[int, tuple[str, str]],
    moves: np.ndarray,
    time: float,
) -> None:
    a, b, normal, distance = contact[1], contact[2], contact[7], contact[8]
    if distance > _TOUCH:
        return
    sign = 1.0
    if a not in number:
        a, b, sign = b, a, -1.0
    if a not in number:
        return
    w = number[a]
    if b in whose:
        k = whose[b]
        found.met[w, k] = min(found.met[w, k], time)
    elif b in names:
        # Along or away from what it touched from the start is no new touch; the normal points from the other to it.
        into = -sign * (moves[w, 0] * normal[0] + moves[w, 1] * normal[1])
        if into > 0.02 and time < found.fixed[w]:
            found.fixed[w], found.names[w] = time, names[b]


def _in_reach(actor: Actor, other: Actor, moves: np.ndarray) -> bool:
    fastest = float(np.hypot(moves[:, 0], moves[:, 1]).max(initial=0.0))
    run = max(other.speed, other.speeds.run if hunts(other, actor) else 0.0)
    far = actor.distance_to(other.position) - actor.radius - other.radius
    return far < (fastest + run) * HORIZON and abs(other.position[2] - actor.position[2]) < actor.height


def _chased(actor: Actor, other: Actor, moves: np.ndarray, paths: np.ndarray, times: np.ndarray) -> np.ndarray:
    own = actor.position[:2] + moves[:, None] * times[:, None]
    when, _ = meet((paths - own)[:, None], np.array([actor.radius + other.radius]), times)
    return when[:, 0]


def _gaps(world: World, actor: Actor, others: Sequence[Actor], moves: np.ndarray) -> np.ndarray:
    times = np.linspace(0.0, HORIZON, 21)
    own = actor.position[:2] + moves[:, None] * times[:, None]
    radii = np.array([actor.radius + other.radius for other in others])
    return meet(predict_paths(world, actor, others, moves, times) - own[:, None], radii, times)[1]
