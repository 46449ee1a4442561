"""Arena: the pieces of a scenario as collision bodies of a Bullet client, for the world and for what-if clients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from prometheus.world.bullet import load_bullet
from prometheus.world.masonry import form_of, lay_ground, turn_of
from prometheus.world.scenario import Scenario
from prometheus.world.shapes import Shape

RAY_GROUP, GROUND_GROUP, SOLID_GROUP, OBJECT_GROUP, ACTOR_GROUP, MOVER_GROUP = 1, 2, 4, 8, 16, 32
FIXED = GROUND_GROUP | SOLID_GROUP
EVERYTHING = 63
GRAVITY = 9.81
_AT_REST = (0.0, 0.0, 0.0)


@dataclass(eq=False)
class Prop:
    """A movable box or cylinder.

    Attributes:
        shape: its size and material. position: [3] m, its middle. rotation: [4] xyzw.
        home: (x, y, z) m, where it comes back to should it ever be lost.
        velocity: (x, y, z) m/s over the last frame.
    """

    shape: Shape
    position: tuple[float, ...]
    rotation: tuple[float, ...]
    handle: int
    home: tuple[float, ...] = ()
    velocity: tuple[float, ...] = (0.0, 0.0, 0.0)

    @property
    def moving(self) -> bool:
        """Whether it was faster than 0.5 m/s."""
        return any(abs(v) > 0.5 for v in self.velocity)

    @cached_property
    def radius(self) -> float:
        """M from its middle to its farthest corner."""
        return 0.5 * math.sqrt(sum(v * v for v in self.shape.size))

    @property
    def speed(self) -> float:
        """m/s over the last frame, and what it may gain in the next."""
        return math.sqrt(sum(v * v for v in self.velocity)) + 0.5

    def to_json(self) -> dict[str, Any]:
        """Return its state as plain JSON values."""
        return {"name": self.shape.name, "position": list(self.position), "rotation": list(self.rotation)}


@dataclass(eq=False)
class Arena:
    """A Bullet client with a scenario's geometry in it.

    Attributes:
        bullet: the pybullet module. client: its physics client.
        names: handle -> (name, kind) of everything but the ground; kind as in `prometheus.world.entity.Contact`.
        props: what can be pushed.
        boxes, rounds: handles of the fixed boxes and cylinders, in the order of `prometheus.world.shapes.build_solids`.
        forms: handles of the shapes that `form` has made.
        plane: m, the height of the endless floor.
        slants: (low, high) corners m of the boxes round everything that belongs to the ground but is not level.
    """

    bullet: Any
    client: int
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    props: list[Prop] = field(default_factory=list)
    boxes: list[int] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    slants: list[tuple[Any, Any]] = field(default_factory=list)
    plane: float = -math.inf
    forms: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _things: np.ndarray | None = None

    @property
    def things(self) -> np.ndarray:
        """[P, 4] of the props: where (x, y) m each is, its radius m, and its speed m/s; not to be changed."""
        if self._things is None:
            rows = [(*prop.position[:2], prop.radius, prop.speed) for prop in self.props]
            self._things = np.array(rows, np.float64).reshape(-1, 4)
        return self._things

    @property
    def solid_handles(self) -> list[int]:
        """Handles in the order of the world's `Solids`: boxes, then cylinders."""
        return self.boxes + self.rounds

    @cached_property
    def slanted(self) -> tuple[np.ndarray, np.ndarray]:
        """(low, high) corners [K, 3] m of `slants`; asked for when everything is in."""
        corners = np.array(self.slants, np.float64).reshape(-1, 2, 3)
        return corners[:, 0], corners[:, 1]

    @classmethod
    def open(cls, step: float) -> Arena:
        """Return an empty arena.

        Args:
            step: s of physics at a time.
        """
        bullet = load_bullet()
        client = bullet.connect(bullet.DIRECT)
        bullet.setPhysicsEngineParameter(
            fixedTimeStep=step, numSubSteps=0, deterministicOverlappingPairs=1, physicsClientId=client
        )
        bullet.setGravity(0, 0, -GRAVITY, physicsClientId=client)
        return cls(bullet, client)

    def furnish(self, scenario: Scenario, shapes: Iterable[Shape]) -> None:
        """Put the ground and the solid shapes of a scenario in."""
        for handle, _ in lay_ground(self.bullet, self.client, scenario):
            self.group(handle, GROUND_GROUP)
            self._note_slant(handle)
        for shape in shapes:
            if shape.solid:
                self.add(shape)

    def add(self, shape: Shape) -> int:
        """Put a shape in and return its handle."""
        bullet, client = self.bullet, self.client
        form, rotation = form_of(bullet, client, shape), turn_of(shape.heading)
        handle = bullet.createMultiBody(
            shape.mass, form, basePosition=shape.centre, baseOrientation=rotation,
            useMaximalCoordinates=1, physicsClientId=client,
        )  # fmt: skip
        if shape.floor:
            self._note_slant(handle)
        else:
            self.names[handle] = (shape.name, "object" if shape.mass else "wall")
        self.group(handle, OBJECT_GROUP if shape.mass else GROUND_GROUP if shape.floor else SOLID_GROUP)
        # Bodies of an actor have no friction of their own, so that walls and the ground never brake a step.
        bullet.changeDynamics(handle, -1, lateralFriction=0.6, restitution=0.0, physicsClientId=client)
        if shape.mass:
            bullet.changeDynamics(
                handle, -1, activationState=bullet.ACTIVATION_STATE_ENABLE_SLEEPING, physicsClientId=client
            )
            self.props.append(Prop(shape, shape.centre, rotation, handle, shape.centre))
            self._things = None
        elif not shape.floor and shape.kind in ("box", "cylinder"):
            (self.boxes if shape.kind == "box" else self.rounds).append(int(handle))
        return int(handle)

    def form(self, kind: str, size: tuple[float, ...], centre: Any = (0, 0, 0), turn: Any = (0, 0, 0, 1)) -> int:
        """Return the handle of a collision shape; the same one is made once, however often it is asked for.

        Args:
            kind: "box" of half extents (x, y, z) m, or "capsule" along z of (radius, length between its round ends) m.
            size: as `kind` says.
            centre: (x, y, z) m of the shape within its body.
            turn: xyzw, likewise.
        """
        key = (kind, *size, *centre, *turn)
        if key not in self.forms:
            bullet = self.bullet
            extent = {"halfExtents": size} if kind == "box" else {"radius": size[0], "height": size[1]}
            self.forms[key] = bullet.createCollisionShape(
                bullet.GEOM_BOX if kind == "box" else bullet.GEOM_CAPSULE, **extent, collisionFramePosition=centre,
                collisionFrameOrientation=turn, physicsClientId=self.client,
            )  # fmt: skip
        return self.forms[key]

    def _note_slant(self, handle: int) -> None:
        low, high = self.bullet.getAABB(handle, physicsClientId=self.client)
        if high[0] - low[0] < 1e4:
            self.slants.append((low, high))
        else:
            self.plane = self.bullet.getBasePositionAndOrientation(handle, physicsClientId=self.client)[0][2]

    def group(self, handle: int, group: int, link: int = -1) -> None:
        """Say what a body is: what never moves is not tested against what never moves."""
        moving = RAY_GROUP | OBJECT_GROUP | ACTOR_GROUP
        mask = moving if group in (GROUND_GROUP, SOLID_GROUP, MOVER_GROUP) else EVERYTHING
        self.bullet.setCollisionFilterGroupMask(handle, link, group, mask, physicsClientId=self.client)

    def rays(self, starts: Any, ends: Any, mask: int) -> Any:
        """Cast rays [N, 3] -> [N, 3]: (handle or -1, link, share of the way, place, normal) for each."""
        return self.bullet.rayTestBatch(starts, ends, collisionFilterMask=mask, physicsClientId=self.client)

    def push(self, prop: Prop, velocity: Any) -> None:
        """Give something movable a velocity (x, y, z) m/s, and no spin."""
        bullet, client = self.bullet, self.client
        bullet.changeDynamics(prop.handle, -1, activationState=bullet.ACTIVATION_STATE_WAKE_UP, physicsClientId=client)
        bullet.resetBaseVelocity(prop.handle, tuple(float(v) for v in velocity), (0, 0, 0), physicsClientId=client)

    def step(self) -> None:
        """Advance physics by one step."""
        self.bullet.stepSimulation(physicsClientId=self.client)

    def read_props(self, seconds: float) -> None:
        """Read where everything that can be pushed has got to in a frame of `seconds`.

        What has left the world comes back to where it began.
        """
        bullet, client = self.bullet, self.client
        for prop in self.props:
            place, turn = bullet.getBasePositionAndOrientation(prop.handle, client)
            if place == prop.position and turn == prop.rotation and prop.velocity == _AT_REST:
                continue
            self._things = None
            prop.rotation = turn
            prop.velocity = tuple((b - a) / seconds for a, b in zip(prop.position, place, strict=True))
            prop.position = place
            if not (-60.0 < prop.position[2] < 200.0):
                prop.position, prop.rotation = prop.home, turn_of(prop.shape.heading)
                bullet.resetBasePositionAndOrientation(
                    prop.handle, prop.position, prop.rotation, physicsClientId=client
                )
                bullet.resetBaseVelocity(prop.handle, (0, 0, 0), (0, 0, 0), physicsClientId=client)

    def close(self) -> None:
        """Free the client; closing twice is allowed."""
        if self.client >= 0:
            self.bullet.disconnect(physicsClientId=self.client)
            self.client = -1
