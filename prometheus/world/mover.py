"""Movers: doors and platforms, which nothing holds up but a body that they would crush."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.world.arena import GRAVITY, MOVER_GROUP, Arena
from prometheus.world.masonry import form_of, turn_of
from prometheus.world.moving import Pose, door_pose, platform_pose, timer_opened
from prometheus.world.primitives import Door, Platform
from prometheus.world.shapes import Shape

if TYPE_CHECKING:
    from prometheus.world.entity import Actor

_MASS = 1e6
"""kg: what is pushed does not slow it."""
_CRUSH = 0.006
"""m that a mover may press into a body before it gives way."""
_OVER = 0.5
"""Cosine of the angle up to which something counts as straight below, or straight behind."""
_BACK = 6
"""Frames that a mover goes back when it has met a body that could not yield."""


@dataclass(slots=True, eq=False)
class Mover:
    """A door's leaf or a platform's slab: a body that moves along its path, whoever is in the way.

    It is as heavy as a house, so that it pushes and carries; what is caught between it and a wall makes it stop and go
    back for a moment, as a lift's door does.

    Attributes:
        part: its description. shape: its size and material, where it was built.
        progress: s along a platform's path, or 0 closed to 1 open of a door.
        pose: where it is: x, y, z m, heading rad. velocity: (x, y, z) m/s and spin rad/s within this frame.
        open_until: s of world time that a door stays open.
    """

    part: Door | Platform
    shape: Shape
    handle: int
    pose: Pose
    progress: float = 0.0
    velocity: Pose = (0.0, 0.0, 0.0, 0.0)
    open_until: float = -1.0
    stuck: int = 0
    _from: Pose = (0.0, 0.0, 0.0, 0.0)
    _goal: Pose = (0.0, 0.0, 0.0, 0.0)
    _end: float = 0.0
    _share: float = 0.0
    _halted: bool = field(default=False)

    @classmethod
    def build(cls, part: Door | Platform, arena: Arena) -> Mover:
        """Put a door or a platform into an arena."""
        pose = _pose_at(part, 0.0)
        size = (part.width, part.thickness, part.height) if isinstance(part, Door) else part.size
        shape = Shape(part.name, "box", pose[:3], size, pose[3], part.material)
        bullet, client = arena.bullet, arena.client
        handle = bullet.createMultiBody(
            _MASS, form_of(bullet, client, shape), basePosition=pose[:3], baseOrientation=turn_of(pose[3]),
            useMaximalCoordinates=1, physicsClientId=client,
        )  # fmt: skip
        bullet.changeDynamics(
            handle, -1, mass=_MASS, localInertiaDiagonal=(0, 0, 0), lateralFriction=0.8, restitution=0.0,
            linearDamping=0.0, angularDamping=0.0, activationState=bullet.ACTIVATION_STATE_DISABLE_SLEEPING,
            physicsClientId=client,
        )  # fmt: skip
        arena.group(handle, MOVER_GROUP)
        arena.names[handle] = (part.name, "wall")
        return cls(part, shape, handle, pose)

    @property
    def name(self) -> str:
        """Of the part."""
        return self.part.name

    @property
    def radius(self) -> float:
        """M from its middle to its farthest corner, in plan."""
        return 0.5 * math.hypot(self.shape.size[0], self.shape.size[1])

    @property
    def speed(self) -> float:
        """m/s of its fastest point within this frame."""
        x, y, z, spin = self.velocity
        return math.sqrt(x * x + y * y + z * z) + abs(spin) * self.radius

    def begin(self, actors: Sequence[Actor], time: float, frame: float) -> None:
        """Choose where it goes in a frame of `frame` s that starts at `time` s."""
        self._from, self._share, self._halted = self.pose, 0.0, False
        if isinstance(self.part, Platform):
            ahead = -frame if self.stuck > 0 else frame
            self._end = max(self.progress + ahead, 0.0)
        else:
            goal = self._wanted(self.part, actors, time)
            if self.stuck > 0:
                goal = 1.0 - goal
            most = frame / self.part.seconds
            self._end = self.progress + min(max(goal - self.progress, -most), most)
        self.stuck = max(self.stuck - 1, 0)
        self._goal = _pose_at(self.part, self._end)
        turn = math.remainder(self._goal[3] - self._from[3], 2 * math.pi)
        x, y, z = ((b - a) / frame for a, b in zip(self._from[:3], self._goal[:3], strict=True))
        self.velocity = (x, y, z, turn / frame)

    def push(self, arena: Arena, step: float) -> None:
        """Set its velocity for one step of `step` s."""
        x, y, z, spin = (0.0, 0.0, 0.0, 0.0) if self._halted else self.velocity
        arena.bullet.resetBaseVelocity(
            self.handle, (x, y, z + GRAVITY * step), (0, 0, spin), physicsClientId=arena.client
        )

    def check(self, arena: Arena, share: float) -> None:
        """After a step, `share` of the frame done: stop where it presses into somebody who cannot yield."""
        if self._halted or not any(self.velocity):
            return
        points = arena.bullet.getContactPoints(bodyA=self.handle, physicsClientId=arena.client)
        if any(self._crushes(arena, point) for point in points):
            self._halted, self.stuck = True, _BACK
            self._place(arena)
        else:
            self._share = share

    def _crushes(self, arena: Arena, point: Any) -> bool:
        """Whether it presses into what it touches, comes down on it, or presses that into something else."""
        other, normal, apart, force = point[2], point[7], point[8], point[9]
        if apart < -_CRUSH:
            return True
        if force <= 0.0:
            return False
        if self.velocity[2] < 0.0 and normal[2] > _OVER:
            # A standing hull floats over its feet: it would be pressed into the ground before it met it.
            return True
        beyond = arena.bullet.getContactPoints(bodyA=other, physicsClientId=arena.client)
        return any(p[8] < -_CRUSH and sum(a * b for a, b in zip(p[7], normal, strict=True)) > _OVER for p in beyond)

    def finish(self, arena: Arena) -> None:
        """End the frame: it is exactly where its path says."""
        share = self._share if self._halted else 1.0
        self.progress += share * (self._end - self.progress)
        self._share = share
        self._place(arena)

    def velocity_at(self, x: float, y: float) -> tuple[float, float, float]:
        """Return the velocity (m/s) of the point of it at x, y m."""
        u, v, w, spin = self.velocity
        return u - spin * (y - self.pose[1]), v + spin * (x - self.pose[0]), w

    def to_json(self) -> dict[str, Any]:
        """Return its state as plain JSON values."""
        x, y, z, heading = self.pose
        return {"name": self.name, "position": [x, y, z], "rotation": list(turn_of(heading))}

    def _wanted(self, door: Door, actors: Sequence[Actor], time: float) -> float:
        if door.opens == "timer":
            return timer_opened(door, time)
        if door.opens == "approach":
            near = any(math.dist(actor.position[:2], door.at) <= door.reach + actor.radius for actor in actors)
        else:
            near = any(contact.other == door.name for actor in actors for contact in actor.contacts)
        if near:
            self.open_until = time + door.seconds + door.hold
        return 1.0 if time < self.open_until else 0.0

    def _place(self, arena: Arena) -> None:
        a, b, s = self._from, self._goal, self._share
        turn = math.remainder(b[3] - a[3], 2 * math.pi)
        x, y, z = (u + s * (v - u) for u, v in zip(a[:3], b[:3], strict=True))
        self.pose = (x, y, z, a[3] + s * turn)
        arena.bullet.resetBasePositionAndOrientation(
            self.handle, (x, y, z), turn_of(self.pose[3]), physicsClientId=arena.client
        )


def decks(movers: Sequence[Mover]) -> list[Shape]:
    """Return the slabs of platforms where they are now."""
    return [
        Shape(m.name, "box", m.pose[:3], m.shape.size, m.pose[3], m.shape.material)
        for m in movers
        if isinstance(m.part, Platform)
    ]


def carry(movers: Sequence[Mover], under: np.ndarray, feet: np.ndarray) -> np.ndarray:
    """Return the velocity [A, 3] m/s of the movers that bodies stand on, 0 for who stands on none.

    Args:
        movers: all.
        under: [A] handles of what each stands on.
        feet: [A, 3] m.
    """
    carried = np.zeros((len(feet), 3))
    for mover in movers:
        for i in np.flatnonzero(under == mover.handle):
            carried[i] = mover.velocity_at(float(feet[i, 0]), float(feet[i, 1]))
    return carried


def _pose_at(part: Door | Platform, progress: float) -> Pose:
    return door_pose(part, progress) if isinstance(part, Door) else platform_pose(part, progress)
