"""Controller: moves the upright bodies of all actors through Bullet, frame by frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from prometheus.errors import WorldError
from prometheus.world.arena import ACTOR_GROUP, FIXED, GRAVITY, MOVER_GROUP, OBJECT_GROUP, Arena
from prometheus.world.entity import Actor, Contact
from prometheus.world.geometry import Outline, Solids, gaps
from prometheus.world.hull import add_hull, girth, hull_turn
from prometheus.world.mover import Mover, carry
from prometheus.world.walkers import Gait, plan, push, settle

_GROUND = FIXED | OBJECT_GROUP | MOVER_GROUP
_SKIN = 0.004
"""m inside a wall beyond which a body is put back by hand; Bullet itself stays far below it."""
_MARGIN = 0.06
_SWIFT = 4.0
"""m/s from which a body may pass a contact between two steps."""
_STRAY = 4.0
"""s in the air after which a body counts as lost, and is put back where it last stood."""
_CLIMB = 8.0
"""m/s: no contact lifts or drops a standing body faster."""
_FASTEST_FALL = 30.0
_SPIN = 6.0
"""rad/s that a long body turns at most."""
Touches = dict[int, list[Any]]


class Controller:
    """The bodies of all actors.

    A frame is `begin`, then `push`, Bullet's step and `feel` for each substep, then `finish`. Bodies with nothing in
    reach are set going once a frame and left alone; the others are driven in each substep, their contacts are read
    where the solver changed their velocity, and whoever was pressed into a wall is put back on its surface.

    Args:
        arena: with the world's geometry in it.
        actors: whoever has a body; each is put in at its position.
        solids: the fixed upright geometry.
        substeps: of a frame. step: s of one.
        wet: depth [N] m of water at points [N, 2].
    """

    def __init__(
        self,
        arena: Arena,
        actors: Sequence[Actor],
        solids: Solids,
        substeps: int,
        step: float,
        wet: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        self.arena, self.actors, self._solids = arena, actors, solids
        self._substeps, self._step, self._frame = substeps, step, substeps * step
        self._wet = wet
        self._low, self._high = solids.low, solids.high
        self._outlines = [Outline(solids, i) for i in range(len(solids))]
        self._up: list[int] = []
        self._busy: list[int] = []
        self._near: dict[int, list[int]] = {}
        self._aims: dict[int, tuple[float, float]] = {}
        self._touches: dict[int, Touches] = {}
        self._places: dict[int, tuple[float, float, float]] = {}
        self._speeds: dict[int, tuple[float, float, float]] = {}
        self._gait: Gait
        for actor in actors:
            self.add(actor)

    def add(self, actor: Actor) -> None:
        """Give an actor its body in Bullet, in place of the one that it has."""
        arena = self.arena
        if actor.handle >= 0:
            arena.names.pop(actor.handle, None)
            arena.bullet.removeBody(actor.handle, physicsClientId=arena.client)
        actor.handle = add_hull(arena, actor)
        arena.names[actor.handle] = (actor.id, actor.kind)
        arena.group(actor.handle, ACTOR_GROUP)

    def begin(self, movers: Sequence[Mover]) -> None:
        """Work out where everybody who stands goes in this frame."""
        self._touches, self._busy = {}, []
        self._up = [i for i, actor in enumerate(self.actors) if actor.upright]
        if not self._up:
            return
        actors = [self.actors[i] for i in self._up]
        feet = np.array([actor.position for actor in actors])
        carried = carry(movers, np.array([actor.under for actor in actors]), feet)
        _board(actors, carried, {mover.handle for mover in movers})
        wet = np.zeros(len(feet))
        if self._wet is not None:
            wet = np.clip(np.minimum(self._wet(feet[:, :2]), -feet[:, 2]), 0.0, None)
        self._gait, footing = plan(actors, feet, self._cast, carried, wet, self._substeps, self._step)
        settle(actors, feet, self._gait, footing, carried[:, 2], self._frame)
        for actor, handle in zip(actors, footing.under.tolist(), strict=True):
            actor.under = handle
        self._feet = feet
        self._sort_out(actors, feet, movers)

    def push(self, done: int) -> None:
        """Set velocities before substep `done` (from 0)."""
        bullet, client = self.arena.bullet, self.arena.client
        gait, pull = self._gait, GRAVITY * self._step
        if done == 0:
            self._set_free()
        for row in self._busy:
            actor = self.actors[self._up[row]]
            vx, vy, vz = self._speeds[row]
            vx, vy = push((vx, vy, vz), self._aims[row], float(gait.acceleration[row]) * self._step)
            if gait.grounded[row]:
                goal = float(self._feet[row, 2] + gait.rise[row] * (done + 1) * self._step)
                climb = (goal - self._places[row][2]) / self._step
                vz = min(max(climb, -_CLIMB), _CLIMB) + pull
            else:
                vz = max(vz, -_FASTEST_FALL)
            self._speeds[row] = (vx, vy, vz)
            spin = self._spin(actor) if actor.length > 0 else 0.0
            bullet.resetBaseVelocity(actor.handle, (vx, vy, vz), (0, 0, spin), physicsClientId=client)

    def feel(self) -> None:
        """After a substep: read where the busy ones are, what they touch, and put back who was pressed into a wall."""
        bullet, client = self.arena.bullet, self.arena.client
        pull = GRAVITY * self._step
        for row in self._busy:
            actor = self.actors[self._up[row]]
            handle = actor.handle
            (x, y, z), _ = bullet.getBasePositionAndOrientation(handle, physicsClientId=client)
            (vx, vy, vz), _ = bullet.getBaseVelocity(handle, physicsClientId=client)
            ax, ay, az = self._speeds[row]
            self._places[row] = (x, y, z - actor.middle)
            self._speeds[row] = (vx, vy, vz)
            met = abs(vx - ax) + abs(vy - ay) + abs(vz - az + pull) > 1e-7
            if met:
                self._touch(handle, self._touches.setdefault(row, {}))
            if self._near[row] and (met or actor.length > 0 or abs(vx) + abs(vy) > _SWIFT):
                self._keep_out(row, actor)

    def finish(self, frame: int) -> None:
        """Read everybody's state at the end of the frame.

        Raises:
            WorldError: a body is nowhere.
        """
        bullet, client = self.arena.bullet, self.arena.client
        busy = set(self._busy)
        for row, index in enumerate(self._up):
            actor = self.actors[index]
            if row in busy:
                x, y, z = self._places[row]
                vx, vy, vz = self._speeds[row]
            else:
                (x, y, z), _ = bullet.getBasePositionAndOrientation(actor.handle, physicsClientId=client)
                z -= actor.middle
                (vx, vy), vz = self._gait.last[row].tolist(), 0.0
            if not math.isfinite(x + y + z + vx + vy + vz):
                raise WorldError(f"'{actor.id}' is nowhere at frame {frame}; report the world and its seed")
            actor.position = np.array([x, y, z])
            actor.velocity = np.array([vx, vy])
            actor.rise = 0.0 if actor.grounded else vz
            if actor.length > 0:
                actor.heading = self._heading(actor)
            actor.contacts = [
                Contact(*self.arena.names[other], tuple(point), tuple(normal), float(impulse))
                for other, (_, point, normal, impulse) in sorted(self._touches.get(row, {}).items())
            ]
            self._keep_found(actor)

    def place(self, actor: Actor, x: float, y: float, z: float) -> None:
        """Put an actor's body somewhere, feet at z, at rest."""
        bullet, client = self.arena.bullet, self.arena.client
        actor.position, actor.velocity = np.array([x, y, z]), np.zeros(2)
        actor.rise, actor.airborne, actor.grounded, actor.under = 0.0, 0.0, True, -1
        bullet.resetBasePositionAndOrientation(
            actor.handle, (x, y, z + actor.middle), hull_turn(actor), physicsClientId=client
        )
        bullet.resetBaseVelocity(actor.handle, (0, 0, 0), (0, 0, 0), physicsClientId=client)

    def _cast(self, starts: Any, ends: Any) -> Any:
        return self.arena.rays(starts, ends, _GROUND)

    def _sort_out(self, actors: Sequence[Actor], feet: np.ndarray, movers: Sequence[Mover]) -> None:
        """Find who has something in reach, and what."""
        gait = self._gait
        radius = np.array([actor.reach for actor in actors])
        top = feet[:, 2] + np.array([actor.height for actor in actors])
        knee = feet[:, 2] + np.array([actor.step for actor in actors])
        speed = np.maximum(np.hypot(*gait.velocity.T), np.hypot(*gait.target.T))
        reach = _MARGIN + self._frame * float(speed.max(initial=0.0))
        near = gaps(feet[:, :2], self._solids) < radius[:, None] + reach
        near &= (self._low < top[:, None] + 0.3) & (self._high > knee[:, None] - 0.3)
        self._near = {row: np.flatnonzero(hits).tolist() for row, hits in enumerate(near)}
        busy = near.any(1) | ~gait.grounded | self._bumpy(feet, radius + reach, knee, top)
        apart = np.hypot(*(feet[:, None, :2] - feet[None, :, :2]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        busy |= (apart < radius[:, None] + radius + 2 * reach).any(1)
        others = [
            *((*p.position[:2], p.reach) for p in self.arena.props),
            *((*m.pose[:2], m.radius + self._frame * m.speed) for m in movers),
        ]
        if others:
            x, y, wide = np.array(others).T
            gap = np.hypot(feet[:, :1] - x, feet[:, 1:2] - y) - wide
            busy |= (gap < radius[:, None] + 2 * reach).any(1)
        busy |= np.array([actor.length > 0 for actor in actors])
        self._busy = np.flatnonzero(busy).tolist()
        for row in self._busy:
            x, y, z = feet[row].tolist()
            vx, vy = gait.velocity[row].tolist()
            self._places[row], self._speeds[row] = (x, y, z), (vx, vy, float(gait.rise[row]))
            self._aims[row] = (float(gait.target[row, 0]), float(gait.target[row, 1]))

    def _bumpy(self, feet: np.ndarray, reach: np.ndarray, knee: np.ndarray, top: np.ndarray) -> np.ndarray:
        """Who is close to a slanted thing, such as a ramp or a hill, that rises above its knees."""
        low, high = self.arena.slanted
        inside = (feet[:, None, :2] > low[:, :2] - reach[:, None, None]).all(2)
        inside &= (feet[:, None, :2] < high[:, :2] + reach[:, None, None]).all(2)
        return (inside & (high[:, 2] > knee[:, None]) & (low[:, 2] < top[:, None])).any(1)

    def _set_free(self) -> None:
        # Gravity pulls in each substep; a start this fast comes down to where it began within the frame.
        bullet, client = self.arena.bullet, self.arena.client
        gait, busy = self._gait, set(self._busy)
        hop = GRAVITY * self._step * (self._substeps + 1) / 2
        for row, index in enumerate(self._up):
            if row not in busy:
                x, y = gait.mean[row].tolist()
                bullet.resetBaseVelocity(
                    self.actors[index].handle, (x, y, float(gait.rise[row]) + hop), (0, 0, 0), physicsClientId=client
                )

    def _spin(self, actor: Actor) -> float:
        off = math.remainder(actor.facing - self._heading(actor), 2 * math.pi)
        return min(max(off / self._frame, -_SPIN), _SPIN)

    def _heading(self, actor: Actor) -> float:
        _, (_, _, s, c) = self.arena.bullet.getBasePositionAndOrientation(
            actor.handle, physicsClientId=self.arena.client
        )
        return math.remainder(2.0 * math.atan2(s, c), 2 * math.pi)

    def _keep_out(self, row: int, actor: Actor) -> None:
        # Bullet's own contacts hold a body to about 0.1 mm. What gets through (a squeeze between two others) is put
        # back on the surface, so that the 2 cm promise does not hang on a solver's convergence.
        x, y, z = self._places[row]
        if actor.length > 0:
            x, y = self._freed_box(row, actor)
        else:
            x, y = self._freed_capsule(row, actor)
        if (x, y) == self._places[row][:2]:
            return
        bullet, client = self.arena.bullet, self.arena.client
        _, turn = bullet.getBasePositionAndOrientation(actor.handle, physicsClientId=client)
        vx, vy, vz = self._speeds[row]
        self._places[row], self._speeds[row] = (x, y, z), (0.5 * vx, 0.5 * vy, vz)
        bullet.resetBasePositionAndOrientation(actor.handle, (x, y, z + actor.middle), turn, physicsClientId=client)

    def _freed_capsule(self, row: int, actor: Actor) -> tuple[float, float]:
        x, y, z = self._places[row]
        knee, top = z + actor.step, z + actor.height
        for _ in range(4):
            worst, way = _SKIN, (0.0, 0.0)
            for index in self._near[row]:
                radius = girth(actor.radius, float(self._high[index]) - knee, top - float(self._low[index]))
                depth, nx, ny = self._outlines[index].depth(x, y, radius) if radius > 0.0 else (0.0, 0.0, 0.0)
                if depth > worst:
                    worst, way = depth, (nx * depth, ny * depth)
            if worst <= _SKIN:
                break
            x, y = x + way[0], y + way[1]
        return x, y

    def _freed_box(self, row: int, actor: Actor) -> tuple[float, float]:
        x, y, _ = self._places[row]
        bullet, client = self.arena.bullet, self.arena.client
        for index in self._near[row]:
            points = bullet.getClosestPoints(
                actor.handle, self.arena.solid_handles[index], 0.0, physicsClientId=client
            )
            worst = min(points, key=lambda point: point[8], default=None)
            if worst is not None and worst[8] < -_SKIN:
                x, y = x - worst[7][0] * worst[8], y - worst[7][1] * worst[8]
        return x, y

    def _touch(self, handle: int, touches: Touches) -> None:
        names = self.arena.names
        for point in self.arena.bullet.getContactPoints(bodyA=handle, physicsClientId=self.arena.client):
            other = point[2]
            if other in names and point[9] > 0.0:
                known = touches.get(other)
                if known is None or point[9] > known[0]:
                    total = (known[3] if known else 0.0) + point[9] * self._step
                    touches[other] = [point[9], point[5], point[7], total]
                else:
                    known[3] += point[9] * self._step

    def _keep_found(self, actor: Actor) -> None:
        """Remember where a body last stood, and put it back there when it has left the world."""
        if actor.grounded:
            actor.stood = tuple(actor.position.tolist())
        elif actor.airborne > _STRAY:
            self.place(actor, *actor.stood)


def _board(actors: Sequence[Actor], carried: np.ndarray, platforms: set[int]) -> None:
    # Whoever steps on a platform takes its velocity at once, and keeps it when it steps off, until its legs act.
    for actor, (x, y, _) in zip(actors, carried.tolist(), strict=True):
        if actor.grounded and actor.under in platforms:
            actor.velocity = actor.velocity + [x - actor.carried[0], y - actor.carried[1]]
            actor.carried = (x, y)
        else:
            actor.carried = (0.0, 0.0)
