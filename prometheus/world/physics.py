"""World: a scenario in PyBullet. 240 Hz physics in frames of 50 ms, deterministic, rebuilt and never restored."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from prometheus.errors import WorldError, shorten
from prometheus.world.bullet import load_bullet
from prometheus.world.crowd import Crowd
from prometheus.world.entity import Actor, Contact, place_actor
from prometheus.world.geometry import Outline, Solids, gaps, penetration
from prometheus.world.masonry import form_of, lay_ground, turn_of
from prometheus.world.npc import Npc
from prometheus.world.scenario import Agent, Scenario, Speeds
from prometheus.world.senses import remember
from prometheus.world.shapes import Shape, build_shapes, build_solids
from prometheus.world.terrain import PIT, Terrain
from prometheus.world.variation import settle

SUBSTEPS = 12
FRAME_RATE = 20
STEP = 1.0 / (SUBSTEPS * FRAME_RATE)
FRAME = 1.0 / FRAME_RATE
RAY_GROUP, GROUND_GROUP, SOLID_GROUP, OBJECT_GROUP, ACTOR_GROUP = 1, 2, 4, 8, 16
_RISE = 0.5
"""m/s: a body that is squeezed over an edge is not thrown into the air."""
_SKIN = 0.004
"""m inside a wall beyond which a body is put back by hand; Bullet itself stays far below it."""

_TURNS = np.arange(32) * math.pi / 16
_REACHES = np.arange(0.1, 3.05, 0.1)[:, None, None]
_RINGS = np.vstack([(0.0, 0.0), (_REACHES * np.stack([np.cos(_TURNS), np.sin(_TURNS)], 1)).reshape(-1, 2)])
"""[N, 2] m: offsets at which a free start is looked for, nearest first."""


@dataclass(slots=True, eq=False)
class Prop:
    """A movable box.

    Attributes:
        shape: its size and material. position: [3] m, its middle. rotation: [4] xyzw.
    """

    shape: Shape
    position: tuple[float, ...]
    rotation: tuple[float, ...]
    handle: int

    def to_json(self) -> dict[str, Any]:
        """Return its state as plain JSON values."""
        return {"name": self.shape.name, "position": list(self.position), "rotation": list(self.rotation)}


class World:
    """A running scenario: the agent, the entities and the geometry, advanced frame by frame.

    Attributes:
        scenario: what it was built from. seed: of its variations and behaviours.
        agent: the first of `agents`, the actors that minds move. npcs: the others. actors: all, agents first.
        shapes: every piece for drawing. solids: the fixed geometry as arrays. terrain: the floors. props: movable boxes.
        frame: frames done. time: seconds done.
        engine_seconds: s of wall time spent inside Bullet's steps.
    """

    def __init__(self, scenario: Scenario, seed: int | np.random.SeedSequence | None = None) -> None:
        """Build the world.

        Args:
            scenario: from `load_scenario`.
            seed: a whole number >= 0 or a SeedSequence child; the scenario's own when None.

        Raises:
            WorldError: the seed is negative, or a body starts inside a wall.
        """
        sequence = _sequence(scenario.seed if seed is None else seed)
        self.scenario = scenario = settle(scenario, sequence)
        self.seed = scenario.seed if seed is None else seed
        self.frame = 0
        self.engine_seconds = 0.0
        self.shapes = build_shapes(scenario)
        self.solids: Solids = build_solids(self.shapes)
        self.terrain = Terrain.build(scenario.solids, self.solids)
        # Further agents draw last, so that a world stays as it is when one joins.
        entities, more = len(scenario.entities), len(scenario.agents)
        first, *seeds = _children(sequence, 1 + entities + more)
        self.agents = [_agent(start, seed) for start, seed in zip(scenario.minds, [first, *seeds[entities:]], strict=True)]
        self.agent = self.agents[0]
        self.npcs = [Npc.build(entity, seed) for entity, seed in zip(scenario.entities, seeds, strict=False)]
        self.actors: list[Actor] = [*self.agents, *self.npcs]
        self.crowd = Crowd(self)
        self._actor_of_id = {actor.id: actor for actor in self.actors}
        self._limits = np.array([[actor.radius, actor.height] for actor in self.actors])
        self._low, self._high = self.solids.low, self.solids.high
        self._outlines = [Outline(self.solids, i) for i in range(len(self.solids))]
        self._blocking: dict[float, Solids] = {}
        self._free_starts()
        self._bullet = load_bullet()
        self._client = self._bullet.connect(self._bullet.DIRECT)
        self.props: list[Prop] = []
        self._names: dict[int, tuple[str, str]] = {}
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    @property
    def time(self) -> float:
        """Seconds of world time done."""
        return self.frame / FRAME_RATE

    @property
    def goal(self) -> tuple[float, float] | None:
        """(x, y) m, where the agent's task ends."""
        return self.scenario.agent.goal

    def actor(self, actor_id: str) -> Actor:
        """Return an actor by its id.

        Raises:
            WorldError: there is none.
        """
        if actor_id not in self._actor_of_id:
            known = ", ".join(self._actor_of_id)
            raise WorldError(f"no actor '{shorten(actor_id, 40)}' in {self.scenario.name}; it has {known}")
        return self._actor_of_id[actor_id]

    def step(self) -> None:
        """Advance one frame of 50 ms: entities choose, then 12 substeps of physics."""
        self.crowd.choose()
        reach = self._reach()
        near = self._near(reach)
        busy = self._busy(near, reach)
        touched: list[dict[int, list[Any]]] = [{} for _ in self.actors]
        for _ in range(SUBSTEPS):
            self._push()
            started = time.perf_counter()
            self._bullet.stepSimulation(physicsClientId=self._client)
            self.engine_seconds += time.perf_counter() - started
            for index in busy:
                if near[index]:
                    self._keep_out(self.actors[index], near[index])
                self._touch(self.actors[index], touched[index])
        self.frame += 1
        for actor, touches in zip(self.actors, touched, strict=True):
            self._read(actor, touches)
        for prop in self.props:
            prop.position, prop.rotation = self._bullet.getBasePositionAndOrientation(
                prop.handle, physicsClientId=self._client
            )
        self.crowd.stride()
        for agent in self.agents:
            remember(self, agent)

    def rays(self, starts: Any, ends: Any, mask: int = SOLID_GROUP | OBJECT_GROUP) -> list[tuple[float, str | None]]:
        """Cast rays [N, 3] -> [N, 3] and return (share of the way, name of what was hit or None) for each."""
        hits = self._bullet.rayTestBatch(starts, ends, collisionFilterMask=mask, physicsClientId=self._client)
        return [(hit[2], self._names[hit[0]][0] if hit[0] in self._names else None) for hit in hits]

    def sees(self, start: Any, end: Any) -> bool:
        """Whether nothing solid stands between two points (x, y, z)."""
        return bool(self.clear_lines([start], [end])[0])

    def clear_lines(self, starts: Any, ends: Any) -> np.ndarray:
        """Whether nothing solid stands between points [N, 3] and points [N, 3], the ground included: [N]."""
        mask = SOLID_GROUP | OBJECT_GROUP | GROUND_GROUP
        hits = self._bullet.rayTestBatch(starts, ends, collisionFilterMask=mask, physicsClientId=self._client)
        return np.array([hit[0] < 0 for hit in hits], bool)

    def ground_at(self, points: Any, feet: Any = None) -> tuple[np.ndarray, np.ndarray]:
        """Return how high the ground is under points [N, 2] m, and its class: see `Terrain.at`."""
        return self.terrain.at(points, feet)

    def blocking(self, height: float) -> Solids:
        """Return the solids that an upright body of `height` m meets."""
        if height not in self._blocking:
            self._blocking[height] = self.solids.blocking(height)
        return self._blocking[height]

    def penetrations(self) -> np.ndarray:
        """Return how deep [A] m each actor's capsule is inside the fixed geometry, from poses alone."""
        feet = np.array([actor.position for actor in self.actors])
        return penetration(feet, self._limits[:, 0], self.solids, self._limits[:, 1])

    def state(self) -> dict[str, Any]:
        """Return every actor's and prop's state as plain JSON values."""
        return {
            "frame": self.frame,
            "actors": [actor.to_json() for actor in self.actors],
            "props": [prop.to_json() for prop in self.props],
        }

    def close(self) -> None:
        """Free the physics client; closing twice is allowed."""
        if self._client >= 0:
            self._bullet.disconnect(physicsClientId=self._client)
            self._client = -1

    def __enter__(self) -> World:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _free_starts(self) -> None:
        # A varied start may land in a wall, a crate, a pit or on another: the nearest free place within 3 m is taken.
        crates = build_solids(tuple(s for s in self.shapes if s.mass > 0), movable=True)
        lifts = {mover.id: mover.lift for mover in (*self.scenario.minds, *self.scenario.entities)}
        for index, actor in enumerate(self.actors):
            places, lift = actor.position[:2] + _RINGS, lifts[actor.id]
            room = actor.radius + 0.01
            free = gaps(places, self.solids.blocking(actor.height, feet=lift)).min(1, initial=np.inf) >= room
            free &= gaps(places, crates.blocking(actor.height, feet=lift)).min(1, initial=np.inf) >= room
            for other in self.actors[:index]:
                free &= np.hypot(*(places - other.position[:2]).T) >= room + other.radius
            ground, sort = self.terrain.at(places, lift)
            free &= (sort != PIT) & (ground > lift - 0.6)
            if not free.any():
                raise WorldError(f"'{actor.id}' starts inside a wall of {self.scenario.name}; move its `at`")
            best = int(free.argmax())
            actor.position[:] = (*places[best], ground[best])

    def _build(self) -> None:
        bullet, client = self._bullet, self._client
        bullet.setPhysicsEngineParameter(
            fixedTimeStep=STEP, numSubSteps=0, deterministicOverlappingPairs=1, physicsClientId=client
        )
        bullet.setGravity(0, 0, -9.81, physicsClientId=client)
        for handle, _ in lay_ground(bullet, client, self.scenario):
            self._group(handle, GROUND_GROUP)
        for shape in self.shapes:
            if shape.solid:
                self._add_shape(shape)
        for actor in self.actors:
            self._add_actor(actor)

    def _group(self, handle: int, group: int) -> None:
        # What never moves is not tested against what never moves.
        mask = RAY_GROUP | OBJECT_GROUP | ACTOR_GROUP if group in (GROUND_GROUP, SOLID_GROUP) else 31
        self._bullet.setCollisionFilterGroupMask(handle, -1, group, mask, physicsClientId=self._client)

    def _add_shape(self, shape: Shape) -> None:
        bullet, client = self._bullet, self._client
        form, rotation = form_of(bullet, client, shape), turn_of(shape.heading)
        handle = bullet.createMultiBody(
            shape.mass, form, basePosition=shape.centre, baseOrientation=rotation, useMaximalCoordinates=1,
            physicsClientId=client,
        )  # fmt: skip
        if not shape.floor:
            self._names[handle] = (shape.name, "object" if shape.mass else "wall")
        self._group(handle, OBJECT_GROUP if shape.mass else GROUND_GROUP if shape.floor else SOLID_GROUP)
        # Bodies of an actor have no friction of their own, so that walls and the ground never brake a step.
        bullet.changeDynamics(handle, -1, lateralFriction=0.6, restitution=0.0, physicsClientId=client)
        if shape.mass:
            bullet.changeDynamics(
                handle, -1, activationState=bullet.ACTIVATION_STATE_ENABLE_SLEEPING, physicsClientId=client
            )
            self.props.append(Prop(shape, shape.centre, rotation, handle))

    def _add_actor(self, actor: Actor) -> None:
        bullet, client = self._bullet, self._client
        form = bullet.createCollisionShape(
            bullet.GEOM_CAPSULE, radius=actor.radius, height=actor.height - 2 * actor.radius, physicsClientId=client
        )
        x, y, z = (float(v) for v in actor.position)
        actor.handle = bullet.createMultiBody(
            actor.mass, form, basePosition=(x, y, z + actor.height / 2), useMaximalCoordinates=1,
            physicsClientId=client,
        )  # fmt: skip
        # A zero inertia counts as an infinite one: contacts never tip the capsule over.
        bullet.changeDynamics(
            actor.handle, -1, mass=actor.mass, localInertiaDiagonal=(0, 0, 0), lateralFriction=0.0, restitution=0.0,
            linearDamping=0.0, angularDamping=0.0, activationState=bullet.ACTIVATION_STATE_DISABLE_SLEEPING,
            physicsClientId=client,
        )  # fmt: skip
        self._names[actor.handle] = (actor.id, actor.kind)
        self._group(actor.handle, ACTOR_GROUP)

    def _near(self, reach: float) -> list[list[int]]:
        """For each actor the solids that it could touch within the frame."""
        feet = np.array([actor.position for actor in self.actors])
        near = gaps(feet[:, :2], self.solids) < self._limits[:, :1] + reach
        near &= (self._low < feet[:, 2:] + self._limits[:, 1:]) & (self._high > feet[:, 2:] + 0.05)
        return [np.flatnonzero(row).tolist() for row in near]

    def _busy(self, near: list[list[int]], reach: float) -> list[int]:
        """Actors that may touch something else than the ground within the frame."""
        places = [(float(a.position[0]), float(a.position[1]), a.radius) for a in self.actors]
        others = [*places, *((p.position[0], p.position[1], max(p.shape.size)) for p in self.props)]
        return [
            i
            for i, (x, y, radius) in enumerate(places)
            if near[i]
            or any(math.hypot(x - u, y - v) < radius + r + 2 * reach for j, (u, v, r) in enumerate(others) if j != i)
        ]

    def _reach(self) -> float:
        """The farthest (m) that anyone can get within the frame, whoever pushes."""
        return 0.06 + FRAME * max(max(actor.speed, math.hypot(*actor.target)) for actor in self.actors)

    def _push(self) -> None:
        bullet, client = self._bullet, self._client
        for actor in self.actors:
            (vx, vy, vz), _ = bullet.getBaseVelocity(actor.handle, physicsClientId=client)
            dx, dy = actor.target[0] - vx, actor.target[1] - vy
            wanted, most = math.hypot(dx, dy), actor.acceleration * STEP
            if wanted == 0.0 and vz <= _RISE:
                continue
            scale = min(1.0, most / wanted) if wanted > 0 else 0.0
            bullet.resetBaseVelocity(
                actor.handle, (vx + dx * scale, vy + dy * scale, min(vz, _RISE)), (0, 0, 0), physicsClientId=client
            )

    def _keep_out(self, actor: Actor, near: list[int]) -> None:
        # Bullet's own contacts hold a body to about 0.1 mm. What gets through (a squeeze between two others) is put
        # back on the surface, so that the 2 cm promise does not hang on a solver's convergence.
        bullet, client = self._bullet, self._client
        (x, y, z), turn = bullet.getBasePositionAndOrientation(actor.handle, physicsClientId=client)
        moved = False
        for _ in range(4):
            worst, push = _SKIN, (0.0, 0.0)
            for index in near:
                depth, nx, ny = self._outlines[index].depth(x, y, actor.radius)
                if depth > worst:
                    worst, push = depth, (nx * depth, ny * depth)
            if worst <= _SKIN:
                break
            x, y, moved = x + push[0], y + push[1], True
        if moved:
            (vx, vy, vz), _ = bullet.getBaseVelocity(actor.handle, physicsClientId=client)
            bullet.resetBasePositionAndOrientation(actor.handle, (x, y, z), turn, physicsClientId=client)
            bullet.resetBaseVelocity(actor.handle, (0.5 * vx, 0.5 * vy, vz), (0, 0, 0), physicsClientId=client)

    def _touch(self, actor: Actor, touches: dict[int, list[Any]]) -> None:
        for point in self._bullet.getContactPoints(bodyA=actor.handle, physicsClientId=self._client):
            other = point[2]
            if other in self._names and point[9] > 0.0:
                known = touches.get(other)
                if known is None or point[9] > known[0]:
                    total = (known[3] if known else 0.0) + point[9] * STEP
                    touches[other] = [point[9], point[5], point[7], total]
                else:
                    known[3] += point[9] * STEP

    def _read(self, actor: Actor, touches: dict[int, list[Any]]) -> None:
        bullet, client = self._bullet, self._client
        (x, y, z), _ = bullet.getBasePositionAndOrientation(actor.handle, physicsClientId=client)
        (vx, vy, _), _ = bullet.getBaseVelocity(actor.handle, physicsClientId=client)
        if not math.isfinite(x + y + z + vx + vy):
            raise WorldError(f"'{actor.id}' is nowhere at frame {self.frame}; report world and seed {self.seed}")
        actor.position = np.array([x, y, z - actor.height / 2])
        actor.velocity = np.array([vx, vy])
        actor.contacts = [
            Contact(*self._names[other], tuple(point), tuple(normal), float(impulse))
            for other, (_, point, normal, impulse) in sorted(touches.items())
        ]


def _agent(start: Agent, seed: np.random.SeedSequence) -> Actor:
    generator = np.random.Generator(np.random.PCG64(seed))
    actor = place_actor(start, start.id, "agent", start.senses, Speeds(walk=1.4, run=4.5), generator)
    actor.task, actor.goal = start.task, start.goal
    return actor


def _sequence(seed: int | np.random.SeedSequence) -> np.random.SeedSequence:
    if isinstance(seed, np.random.SeedSequence):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise WorldError(f"the seed {shorten(seed, 30)} is not a whole number of 0 or more; give one, such as 7")
    return np.random.SeedSequence(int(seed))


def _children(sequence: np.random.SeedSequence, count: int) -> list[np.random.SeedSequence]:
    # `spawn` would count up in the caller's object: the same sequence must give the same world twice.
    return [np.random.SeedSequence(sequence.entropy, spawn_key=(*sequence.spawn_key, i)) for i in range(count)]
