"""Controller: moves the upright bodies of all actors through Bullet, frame by frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prometheus.errors import WorldError
from prometheus.world.arena import ACTOR_GROUP, FIXED, GRAVITY, MOVER_GROUP, OBJECT_GROUP, Arena
from prometheus.world.entity import Actor, Contact
from prometheus.world.footing import Footing, feel
from prometheus.world.geometry import Outline, Solids, gaps
from prometheus.world.hull import add_hull, girth, hull_turn
from prometheus.world.lineup import Lineup
from prometheus.world.mover import Mover, carry
from prometheus.world.vicinity import Vicinity
from prometheus.world.walkers import Gait, Stature, plan, push, settle, ways
from prometheus.world.wedge import Pose, freed_box, freed_circle

_GROUND = FIXED | OBJECT_GROUP | MOVER_GROUP
_SWIFT = 4.0
"""m/s from which a body may pass a contact between two steps."""
_STRAY = 4.0
"""s in the air after which a body counts as lost, and is put back where it last stood."""
_CLIMB = 8.0
"""m/s: no contact lifts or drops a standing body faster."""
_FASTEST_FALL = 30.0
_SPIN = 6.0
"""rad/s that a long body turns at most."""
_NO_SPIN = (0.0, 0.0, 0.0)
Touches = dict[int, list[Any]]


@dataclass(slots=True, eq=False)
class _Driven:
    """A body that is driven by hand within a frame.

    Attributes:
        row: in the line-up. actor, handle, middle: as there.
        aim: (x, y) m/s. most: m/s that it can change by in a substep. grounded: whether it stands.
        height: m of its feet at the frame's start. rise: m/s.
        place: (x, y, z) m of its feet. speed: (x, y, z) m/s.
        near: whether a solid is in reach.
    """

    row: int
    actor: Actor
    handle: int
    middle: float
    aim: tuple[float, float]
    most: float
    grounded: bool
    height: float
    rise: float
    place: tuple[float, float, float]
    speed: tuple[float, float, float]
    near: bool


class Controller:
    """The bodies of all actors.

    A frame is `begin`, then `push`, Bullet's step and `feel` for each substep, then `finish`. Bodies with nothing in
    reach are set going once a frame and left alone; the others are driven by hand from the substep on in which they may
    touch something: their contacts are read where the solver changed their velocity, and whoever was pressed into a
    wall is put back on its surface.

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
        self.arena, self.actors = arena, actors
        self._substeps, self._step, self._frame = substeps, step, substeps * step
        self._wet = wet
        self.enclose(solids)
        self._later: dict[int, list[int]] = {}
        self._busy: list[_Driven] = []
        self._touches: dict[int, Touches] = {}
        self._free: dict[int, Pose] = {}
        self._gait: Gait
        for actor in actors:
            self.add(actor)

    def enclose(self, solids: Solids) -> None:
        """Take over the fixed upright geometry; what was built since is in the arena already."""
        self._solids, self._vicinity = solids, Vicinity(self.arena, solids, self._substeps, self._step)
        self._outlines = [Outline(solids, i) for i in range(len(solids))]
        self._lineup: Lineup | None = None

    def add(self, actor: Actor) -> None:
        """Give an actor its body in Bullet, in place of the one that it has."""
        arena = self.arena
        if actor.handle >= 0:
            arena.names.pop(actor.handle, None)
            arena.bullet.removeBody(actor.handle, physicsClientId=arena.client)
        actor.handle = add_hull(arena, actor)
        actor.stood, actor.turned = actor.position, hull_turn(actor)
        arena.names[actor.handle] = (actor.id, actor.kind)
        arena.group(actor.handle, ACTOR_GROUP)
        self._lineup = None

    def begin(self, movers: Sequence[Mover]) -> None:
        """Work out where everybody who stands goes in this frame."""
        self._touches, self._busy, self._free, self._later = {}, [], {}, {}
        up = [i for i, actor in enumerate(self.actors) if actor.fall is None or actor.upright]
        if self._lineup is None or up != self._lineup.indices:
            self._lineup = Lineup.of(up, self.actors)
        lineup = self._lineup
        if not up:
            return
        actors, stature, feet = lineup.actors, lineup.stature, lineup.read()
        carried = wet = None
        if movers:
            carried = carry(movers, np.array([actor.under for actor in actors]), feet)
            _board(actors, carried, {mover.handle for mover in movers})
        if self._wet is not None and (feet[:, 2] < 0).any():
            wet = np.clip(np.minimum(self._wet(feet[:, :2]), -feet[:, 2]), 0.0, None)
        wanted = np.array([actor.target for actor in actors])
        gait = self._gait = plan(lineup.pace(), wanted, lineup.ground(), stature, carried, wet, self._step)
        self._feet, vicinity = feet, self._vicinity
        vicinity.look(lineup, gait, movers)
        calm = lineup.calm & vicinity.plain
        if calm.all():
            gait.rise = (0.0 - feet[:, 2]) / self._frame
        else:
            footing = self._footing(actors, stature, carried)
            lift = 0.0 if carried is None else carried[:, 2]
            calm = vicinity.plain & settle(actors, feet, stature, gait, footing, lift, self._frame, calm)
        lineup.calm = calm
        vicinity.first[~gait.grounded | stature.long] = 0
        self._start(lineup)

    def push(self, done: int) -> None:
        """Set velocities before substep `done` (from 0)."""
        if done in self._later:
            for row in self._later[done]:
                self._take_over(row, done)
        if not self._busy:
            return
        reset, client, step = self.arena.bullet.resetBaseVelocity, self.arena.client, self._step
        pull = GRAVITY * step
        for body in self._busy:
            vx, vy = push(body.speed, body.aim, body.most)
            if body.grounded:
                climb = (body.height + body.rise * (done + 1) * step - body.place[2]) / step
                vz = min(max(climb, -_CLIMB), _CLIMB) + pull
            else:
                vz = max(body.speed[2], -_FASTEST_FALL)
            body.speed = speed = (vx, vy, vz)
            spin = self._spin(body.actor, self._frame - done * step) if body.actor.length > 0 else _NO_SPIN
            reset(body.handle, speed, spin, client)

    def feel(self) -> None:
        """After a substep: read where the busy ones are, what they touch, and put back who was pressed into a wall."""
        if not self._busy:
            return
        bullet, client = self.arena.bullet, self.arena.client
        where, fast, pull = bullet.getBasePositionAndOrientation, bullet.getBaseVelocity, GRAVITY * self._step
        most = self._vicinity.most
        for body in self._busy:
            (x, y, z), _ = where(body.handle, client)
            (vx, vy, vz), _ = fast(body.handle, client)
            ax, ay, az = body.speed
            share = min(1.0, most / max(math.hypot(vx, vy), 1e-9))  # the solver may hurl out who is in the ground
            body.place, body.speed = (x, y, z - body.middle), (share * vx, share * vy, vz)
            met = abs(vx - ax) + abs(vy - ay) + abs(vz - az + pull) > 1e-7
            if met:
                self._touch(body.handle, self._touches.setdefault(body.row, {}))
            if body.near and (met or body.actor.length > 0 or abs(vx) + abs(vy) > _SWIFT):
                self._keep_out(body)

    def finish(self, frame: int) -> None:
        """Read everybody's state at the end of the frame.

        Raises:
            WorldError: a body is nowhere.
        """
        lineup, bullet, client = self._lineup, self.arena.bullet, self.arena.client
        if lineup is None or not lineup.indices:
            return
        # Whom nothing was near has kept its course, but only Bullet knows where that has led to.
        places = np.array([bullet.getBasePositionAndOrientation(handle, client)[0] for handle in lineup.handles])
        places[:, 2] -= lineup.middles
        speeds = self._gait.after(self._substeps)
        for body in self._busy:
            places[body.row], speeds[body.row] = body.place, body.speed[:2]
        if not math.isfinite(places.sum() + speeds.sum()):
            lost = lineup.actors[int(np.argmin(np.isfinite(places).all(1) & np.isfinite(speeds).all(1)))]
            raise WorldError(f"'{lost.id}' is nowhere at frame {frame}; report the world and its seed")
        lineup.keep(places, speeds)
        for actor, position, velocity in zip(lineup.actors, lineup.places, lineup.paces, strict=True):
            actor.position, actor.velocity = position, velocity
            if actor.contacts:
                actor.contacts = []
            if actor.grounded:
                actor.rise, actor.stood = 0.0, position
        for body in self._busy:
            self._finish_busy(body)

    def spots(self) -> np.ndarray:
        """Return where all actors are, [A, 3] m; not to be changed."""
        lineup = self._lineup
        if lineup is not None and len(lineup.indices) == len(self.actors):
            return lineup.read()
        return np.array([actor.position for actor in self.actors], np.float64).reshape(-1, 3)

    def paces(self) -> np.ndarray:
        """Return how fast all actors go, [A, 2] m/s; not to be changed."""
        lineup = self._lineup
        if lineup is not None and len(lineup.indices) == len(self.actors):
            return lineup.pace()
        return np.array([actor.velocity for actor in self.actors], np.float64).reshape(-1, 2)

    def _finish_busy(self, body: _Driven) -> None:
        """Read what a body that was driven by hand has met; who falls, and who is long, is one of them."""
        actor = body.actor
        if not actor.grounded:
            actor.rise = body.speed[2]
        if actor.length > 0:
            _, turn = self.arena.bullet.getBasePositionAndOrientation(actor.handle, self.arena.client)
            actor.heading = _attitude(turn)[0]
            actor.turned = turn if actor.grounded else actor.turned
        actor.contacts = [
            Contact(*self.arena.names[other], tuple(point), tuple(normal), float(impulse))
            for other, (_, point, normal, impulse) in sorted(self._touches.get(body.row, {}).items())
        ]
        if not actor.grounded and actor.airborne > _STRAY:
            # As it lay there: a long body that has turned since may not fit.
            actor.heading = _attitude(actor.turned)[0] if actor.length > 0 else actor.heading
            x, y, z = actor.stood.tolist()
            self.place(actor, x, y, z, actor.turned)

    def depth(self, actor: Actor) -> float:
        """Return how deep (m) a body is in fixed solids as Bullet has it: for long ones, which lean with the ground."""
        bullet, client = self.arena.bullet, self.arena.client
        gap = gaps(actor.position[None, :2], self._solids)[0] - actor.reach
        points = (
            point
            for index in np.flatnonzero(gap < 0.0).tolist()
            for point in bullet.getClosestPoints(
                actor.handle, self.arena.solid_handles[index], 0.0, physicsClientId=client
            )
        )
        return max((-float(point[8]) for point in points), default=0.0)

    def place(self, actor: Actor, x: float, y: float, z: float, turn: Sequence[float] | None = None) -> None:
        """Put an actor's body somewhere, feet at z, at rest; level, to its heading, unless `turn` (xyzw) says how."""
        bullet, client = self.arena.bullet, self.arena.client
        actor.slope = 0.0
        actor.position, actor.velocity = np.array([x, y, z]), np.zeros(2)
        actor.rise, actor.airborne, actor.grounded, actor.under = 0.0, 0.0, True, -1
        bullet.resetBasePositionAndOrientation(
            actor.handle, (x, y, z + actor.middle), turn or hull_turn(actor), physicsClientId=client
        )
        bullet.resetBaseVelocity(actor.handle, (0, 0, 0), (0, 0, 0), physicsClientId=client)
        if self._lineup is not None:
            self._lineup.calm[:] = False

    def _cast(self, starts: Any, ends: Any) -> Any:
        return self.arena.rays(starts, ends, _GROUND)

    def _footing(self, actors: Sequence[Actor], stature: Stature, carried: np.ndarray | None) -> Footing:
        """Feel the ground where everybody will be at the frame's end; plain level ground needs no rays."""
        gait, feet = self._gait, self._feet
        count = len(feet)
        footing = Footing(np.zeros(count), np.zeros(count), np.zeros((count, 2)), np.full(count, -1))
        rough = np.flatnonzero(~self._vicinity.plain)
        if len(rough):
            mean = gait.mean(self._substeps)
            ahead = feet.copy()
            ahead[:, :2] += self._frame * mean
            heading = np.array([actor.heading for actor in actors])
            own = mean if carried is None else mean - carried[:, :2]
            way = ways(heading, np.where(stature.long[:, None], 0.0, own))
            fall = float(-gait.rise.min(initial=0.0)) * self._frame + 0.5
            felt = feel(
                self._cast, ahead[rough], way[rough], stature.step[rough], stature.footprint[rough],
                stature.side[rough], fall,
            )  # fmt: skip
            for mine, its in zip(footing.columns(), felt.columns(), strict=True):
                mine[rough] = its
        return footing

    def _start(self, lineup: Lineup) -> None:
        """Set everybody going until the substep at which something may be in the way."""
        reset, client = self.arena.bullet.resetBaseVelocity, self.arena.client
        gait, first = self._gait, self._vicinity.first
        # Gravity pulls in each substep; a start this fast comes down to where it began within the time.
        start = np.empty((len(first), 3))
        start[:, :2] = gait.mean(np.maximum(first, 1))
        start[:, 2] = gait.rise + 0.5 * GRAVITY * self._step * (first + 1)
        for row, (count, handle, speed) in enumerate(zip(first.tolist(), lineup.handles, start.tolist(), strict=True)):
            if count < self._substeps:
                self._later.setdefault(count, []).append(row)
            if count:
                reset(handle, speed, _NO_SPIN, client)

    def _take_over(self, row: int, done: int) -> None:
        """Drive a body by hand from now on."""
        lineup, gait = self._lineup, self._gait
        assert lineup is not None
        actor = lineup.actors[row]
        x, y, z = self._feet[row].tolist()
        (vx, vy), (u, v) = gait.velocity[row].tolist(), gait.target[row].tolist()
        rise, height = float(gait.rise[row]), z
        if done or actor.length > 0:
            place, turn = self.arena.bullet.getBasePositionAndOrientation(actor.handle, self.arena.client)
            self._free[row] = (*place, turn)
        if done:
            x, y, z = place[0], place[1], place[2] - actor.middle
            share = min(done * float(gait.share[row]), 1.0)
            vx, vy = vx + (u - vx) * share, vy + (v - vy) * share
        self._busy.append(
            _Driven(
                row, actor, lineup.handles[row], actor.middle, (u, v),
                float(gait.acceleration[row]) * self._step, bool(gait.grounded[row]), height, rise, (x, y, z),
                (vx, vy, rise), row in self._vicinity.near,
            )
        )  # fmt: skip

    def _spin(self, actor: Actor, left: float) -> tuple[float, float, float]:
        """Turn (rad/s) of a long body that brings it to where it faces, its belly along the ground, in `left` s."""
        _, turn = self.arena.bullet.getBasePositionAndOrientation(actor.handle, physicsClientId=self.arena.client)
        heading, pitch = _attitude(turn)
        off = math.remainder(actor.facing - heading, 2 * math.pi)
        tilt = -math.atan(actor.slope) - pitch
        spin, lean = (min(max(v / left, -_SPIN), _SPIN) for v in (off, tilt))
        return -math.sin(heading) * lean, math.cos(heading) * lean, spin

    def _keep_out(self, body: _Driven) -> None:
        bullet, client = self.arena.bullet, self.arena.client
        row, actor = body.row, body.actor
        x, y, z = body.place
        if actor.length > 0:
            walls = [self.arena.solid_handles[index] for index in self._vicinity.near[row]]
            pose, free = freed_box(self.arena, actor.handle, walls, self._free.get(row), body.grounded)
            if free:
                self._free[row] = pose
            x, y, z = pose[0], pose[1], pose[2] - actor.middle
        else:
            knee, top = z + actor.step, z + actor.height
            wide = (
                (i, girth(actor.radius, float(self._vicinity.high[i]) - knee, top - float(self._vicinity.low[i])))
                for i in self._vicinity.near[row]
            )
            beside = [(self._outlines[index], radius) for index, radius in wide if radius > 0.0]
            x, y = freed_circle((x, y), (float(self._feet[row, 0]), float(self._feet[row, 1])), beside)
        if (x, y, z) == body.place:
            return
        _, turn = bullet.getBasePositionAndOrientation(actor.handle, physicsClientId=client)
        vx, vy, vz = body.speed
        vz = vz if z == body.place[2] else 0.0
        body.place, body.speed = (x, y, z), (0.5 * vx, 0.5 * vy, vz)
        bullet.resetBasePositionAndOrientation(actor.handle, (x, y, z + actor.middle), turn, physicsClientId=client)

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


def _attitude(turn: Sequence[float]) -> tuple[float, float]:
    """Heading and pitch (rad, nose down positive) of a body's rotation xyzw."""
    x, y, z, w = turn
    heading = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return heading, math.asin(min(max(2 * (w * y - z * x), -1.0), 1.0))


def _board(actors: Sequence[Actor], carried: np.ndarray, platforms: set[int]) -> None:
    # Whoever steps on a platform takes its velocity at once, and keeps it when it steps off, until its legs act.
    for actor, (x, y, _) in zip(actors, carried.tolist(), strict=True):
        if actor.grounded and actor.under in platforms:
            actor.velocity = actor.velocity + np.array([x - actor.carried[0], y - actor.carried[1]])
            actor.carried = (x, y)
        else:
            actor.carried = (0.0, 0.0)
