"""World: a scenario in PyBullet. 240 Hz physics in frames of 50 ms, deterministic, rebuilt and never restored."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.errors import WorldError, shorten
from prometheus.world.arena import GROUND_GROUP, MOVER_GROUP, OBJECT_GROUP, SOLID_GROUP, Arena, Prop
from prometheus.world.berth import find_berth
from prometheus.world.bone_touch import BoneTouch, Touch
from prometheus.world.casualties import Casualties
from prometheus.world.controller import Controller
from prometheus.world.crowd import Crowd
from prometheus.world.entity import Actor, place_actor, wrap
from prometheus.world.geometry import Solids, gaps
from prometheus.world.hull import depths, hull_of
from prometheus.world.mover import Mover, decks
from prometheus.world.npc import Npc
from prometheus.world.primitives import Door, Platform, Sign, Wall
from prometheus.world.scenario import MAX_ENTITIES, MAX_SOLIDS, Agent, Entity, Scenario, Speeds
from prometheus.world.senses import remember
from prometheus.world.shapes import build_shapes, build_solids
from prometheus.world.terrain import Terrain
from prometheus.world.variation import settle

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.motion import Motion
    from prometheus.drawing.eye import Eye

SUBSTEPS = 12
FRAME_RATE = 20
STEP = 1.0 / (SUBSTEPS * FRAME_RATE)
FRAME = 1.0 / FRAME_RATE
LOOKS = 6
"""Frames after which agents note again where they see others, unless they have perceived since."""
_SIGHT = SOLID_GROUP | OBJECT_GROUP | MOVER_GROUP


class World:
    """A running scenario: the agent, the entities and the geometry, advanced frame by frame.

    Attributes:
        scenario: what it was built from. seed: of its variations and behaviours.
        agent: the first of `agents`, the actors that minds move. npcs: the others. actors: all, agents first.
        movers: doors and platforms.
        shapes: every piece for drawing. solids: the fixed geometry as arrays. terrain: the floors.
        props: movable boxes.
        row_of: the rows of `actors` by their ids.
        noise: what noisy senses draw from, beside the frame. frame: frames done. time: seconds done.
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
        self.noise = int(sequence.generate_state(1)[0])
        self.frame = 0
        self.engine_seconds = 0.0
        self._eye: Eye | None = None
        self.shapes = build_shapes(scenario)
        self.solids: Solids = build_solids(self.shapes)
        self.terrain = Terrain.build(scenario.solids, self.solids)
        # Further agents draw last, so that a world stays as it is when one joins.
        entities, more = len(scenario.entities), len(scenario.agents)
        first, *seeds = _children(sequence, 1 + entities + more)
        own = [first, *seeds[entities:]]
        self.agents = [_agent(start, seed) for start, seed in zip(scenario.minds, own, strict=True)]
        self.agent = self.agents[0]
        self.signs = [solid for solid in scenario.solids if isinstance(solid, Sign)]
        self.npcs = [Npc.build(entity, seed) for entity, seed in zip(scenario.entities, seeds, strict=False)]
        self.actors: list[Actor] = [*self.agents, *self.npcs]
        self.crowd = Crowd(self)
        self.row_of = {actor.id: row for row, actor in enumerate(self.actors)}
        self._blocking: dict[float, Solids] = {}
        self.props: list[Prop] = []
        self.movers: list[Mover] = []
        self._free_starts()
        self._arena = Arena.open(STEP)
        try:
            self._arena.furnish(scenario, self.shapes)
            self.movers = [Mover.build(s, self._arena) for s in scenario.solids if isinstance(s, Door | Platform)]
            wet = self.terrain.wet if self.terrain.waters else None
            self._controller = Controller(self._arena, self.actors, self.solids, SUBSTEPS, STEP, wet)
            self._casualties = Casualties(self._arena, self._controller, self.actors, self._room)
        except BaseException:
            self.close()
            raise
        self.props = self._arena.props
        self._bones: dict[str, BoneTouch] = {}
        self._lay_decks()

    @property
    def time(self) -> float:
        """Seconds of world time done."""
        return self.frame / FRAME_RATE

    @property
    def goal(self) -> tuple[float, float] | None:
        """(x, y) m, where the agent's task ends."""
        return self.scenario.agent.goal

    @property
    def spots(self) -> np.ndarray:
        """[A, 3] m, where the feet of all actors are; not to be changed."""
        return self._controller.spots()

    @property
    def paces(self) -> np.ndarray:
        """[A, 2] m/s of all actors; not to be changed."""
        return self._controller.paces()

    def actor(self, actor_id: str) -> Actor:
        """Return an actor by its id.

        Raises:
            WorldError: there is none.
        """
        if actor_id not in self.row_of:
            known = ", ".join(self.row_of)
            raise WorldError(f"no actor '{shorten(actor_id, 40)}' in {self.scenario.name}; it has {known}")
        return self.actors[self.row_of[actor_id]]

    def step(self) -> None:
        """Advance one frame of 50 ms: entities choose, then 12 substeps of physics."""
        self.crowd.choose()
        for mover in self.movers:
            mover.begin(self.actors, self.time, FRAME)
        self._casualties.begin()
        self._controller.begin(self.movers)
        for done in range(SUBSTEPS):
            self._controller.push(done)
            for mover in self.movers:
                mover.push(self._arena, STEP)
            started = time.perf_counter()
            self._arena.step()
            self.engine_seconds += time.perf_counter() - started
            self._controller.feel()
            for mover in self.movers:
                mover.check(self._arena, (done + 1) / SUBSTEPS)
        self.frame += 1
        for mover in self.movers:
            mover.finish(self._arena)
        self._controller.finish(self.frame)
        self._casualties.finish(FRAME)
        self._arena.read_props(FRAME)
        self._lay_decks()
        self.crowd.stride()
        for agent in self.agents:
            if self.frame - agent.looked >= LOOKS:
                remember(self, agent)

    def rays(self, starts: Any, ends: Any, mask: int = _SIGHT) -> list[tuple[float, str | None]]:
        """Cast rays [N, 3] -> [N, 3] and return (share of the way, name of what was hit or None) for each."""
        names = self._arena.names
        return [
            (hit[2], names[hit[0]][0] if hit[0] in names else None) for hit in self._arena.rays(starts, ends, mask)
        ]

    def sees(self, start: Any, end: Any) -> bool:
        """Whether nothing solid stands between two points (x, y, z)."""
        return bool(self.clear_lines([start], [end])[0])

    def clear_lines(self, starts: Any, ends: Any) -> np.ndarray:
        """Whether nothing solid stands between points [N, 3] and points [N, 3], the ground included: [N]."""
        mask = _SIGHT | GROUND_GROUP
        hits = self._arena.rays(starts, ends, mask)
        return np.array([hit[0] < 0 for hit in hits], bool)

    @property
    def camera(self) -> Eye:
        """Draws what an actor sees; made when it is first asked for."""
        from prometheus.drawing.eye import Eye

        if self._eye is None:
            self._eye = Eye()
        return self._eye

    def ground_at(self, points: Any, feet: Any = None) -> tuple[np.ndarray, np.ndarray]:
        """Return how high the ground is under points [N, 2] m, and its class: see `Terrain.at`."""
        return self.terrain.at(points, feet)

    def blocking(self, height: float) -> Solids:
        """Return the solids that an upright body of `height` m meets."""
        if height not in self._blocking:
            self._blocking[height] = self.solids.blocking(height)
        return self._blocking[height]

    def penetrations(self) -> np.ndarray:
        """Return how deep [A] m each actor's hull is inside the fixed geometry; 0 for who lies.

        Capsules from poses alone, without Bullet; long boxes, which lean with the ground, by Bullet's own distances.
        """
        step, radius, height = np.array([(a.step, a.radius, a.height) for a in self.actors]).T
        deep = depths(self.spots, step, radius, height, self.solids)
        for i, actor in enumerate(self.actors):
            if not actor.upright or actor.length > 0:
                deep[i] = self._controller.depth(actor) if actor.upright else 0.0
        return deep

    def move(self, actor: Actor, place: Any, heading: float | None = None) -> None:
        """Put an actor's body at rest at a place (x, y, z of the feet) m, whatever is there, facing `heading` rad."""
        if heading is not None:
            actor.heading = actor.facing = wrap(heading)
        self._controller.place(actor, *(float(v) for v in place))

    def refit(self, actor: Actor, radius: float, height: float, length: float = 0.0) -> None:
        """Give an actor a hull of another size (m), at the nearest place that is free for it.

        Args:
            actor: who.
            radius: half its width.
            height: from its feet up.
            length: of a hull that is a box, along its heading; 0 for an upright capsule.

        Raises:
            WorldError: there is no room for it within 3 m.
        """
        actor.radius, actor.height, actor.length = float(radius), max(float(height), 2 * float(radius)), float(length)
        if length > 0:
            actor.height = float(height)
        self._settle(actor, float(actor.position[2]), self.actors)
        self._controller.add(actor)
        self.crowd.resized()

    def wear(self, actor: Actor, body: Body) -> None:
        """Give an actor the hull of a body: a capsule for a humanoid, a box as long as the body at rest for any other.

        An agent whose size the world file says keeps it for a humanoid body of about that height.

        Raises:
            WorldError: there is no room for it within 3 m.
        """
        size = hull_of(body)
        if not size.fits(actor):
            actor.mass = size.mass
            self.refit(actor, size.radius, size.height, size.length)
        actor.topples = body.kind == "humanoid"

    def knock(self, actor: Actor, push: Any) -> None:
        """Knock an actor over, as a hit would that changes its speed by `push` (x, y, z) m/s."""
        self._casualties.knock(actor, np.asarray(push, np.float64))

    def push(self, prop: Prop, velocity: Any) -> None:
        """Give something movable a velocity (x, y, z) m/s, and no spin."""
        self._arena.push(prop, velocity)

    def free(self, actor: Actor, place: Any) -> bool:
        """Whether an upright actor's hull would be clear of the fixed geometry with its feet at (x, y) m."""
        blocking = self.solids.blocking(actor.height, feet=float(actor.position[2]))
        return bool(gaps(np.asarray(place, float)[None, :2], blocking).min(initial=np.inf) >= actor.reach)

    def admit(self, entity: Entity, lift: float = 0.0) -> Npc:
        """Let somebody in while the world runs, at the nearest free place to their start on the floor at `lift` m.

        Raises:
            WorldError: there are as many as a world may have, one has that id, or there is no room within 3 m.
        """
        if len(self.npcs) >= MAX_ENTITIES or entity.id in self.row_of:
            raise WorldError(f"'{shorten(entity.id, 40)}' cannot come in: the world is full, or has one of that name")
        npc = Npc.build(entity, np.random.SeedSequence((self.noise, self.frame, len(self.npcs))))
        npc.position = np.array([*entity.at, lift], np.float64)
        self._settle(npc, lift, self.actors)
        self._controller.add(npc)
        self.npcs.append(npc)
        self.actors.append(npc)
        self.row_of[npc.id] = len(self.actors) - 1
        self.scenario = self.scenario.model_copy(update={"entities": (*self.scenario.entities, entity)})
        return npc

    def erect(self, solid: Wall | Sign) -> None:
        """Build a wall or a sign while the world runs; a forecast that holds a copy of the world has to be made anew.

        Raises:
            WorldError: the world has as many solids as it may, or somebody or something stands there.
        """
        if len(self.scenario.solids) >= MAX_SOLIDS:
            raise WorldError(f"{self.scenario.name} has {MAX_SOLIDS} solids and takes no more")
        pieces = build_shapes(self.scenario.model_copy(update={"solids": (solid,)}))
        alone = build_solids(pieces)
        things = [(np.array(p.position[:2]), 0.5 * max(p.shape.size[:2])) for p in self.props]
        for place, room in [*((a.position[:2], a.reach) for a in self.actors), *things]:
            if float(gaps(place[None], alone).min(initial=np.inf)) < room + 0.02:
                raise WorldError(f"something is in the way of the {solid.kind}; choose a place with more room")
        for piece in pieces:
            if piece.solid:
                self._arena.add(piece)
        self.scenario = self.scenario.model_copy(update={"solids": (*self.scenario.solids, solid)})
        self.shapes = (*self.shapes, *pieces)
        self.solids = build_solids(self.shapes)
        self.terrain = Terrain.build(self.scenario.solids, self.solids)
        self._blocking.clear()
        self._controller.enclose(self.solids)
        self.crowd.forget()
        if isinstance(solid, Sign):
            self.signs.append(solid)
        self._lay_decks()

    def shown(self, actor: Actor, motion: Motion) -> Motion:
        """Return one frame of an actor's motion as physics lets it be seen: a ragdoll's pose while it is down.

        Args:
            actor: whose; ask in every frame, so that a fall begins with the pose that was seen last.
            motion: one frame that stands where the actor is, heights over its ground (`actor.position[2]`).
        """
        return self._casualties.shown(actor, motion)

    def feel(
        self, actor: Actor, body: Body, local: np.ndarray | Callable[[], np.ndarray], spread: float | None = None
    ) -> tuple[Touch, ...]:
        """Return what an actor's bones touch, and leave it in `actor.touches`; nothing near costs next to nothing.

        Args:
            actor: whose.
            body: what it wears.
            local: [J, 4, 4], its pose as it is seen, or what works it out.
            spread: m in plan from its feet that no bone is beyond, where that is known.
        """
        bones = self._bones.get(actor.id)
        if bones is None or bones.body is not body:
            bones = self._bones[actor.id] = BoneTouch(self._arena, actor, body)
        actor.touches = bones.feel(local, spread)
        return actor.touches

    def state(self) -> dict[str, Any]:
        """Return every actor's and prop's state as plain JSON values."""
        return {
            "frame": self.frame,
            "actors": [actor.to_json() for actor in self.actors],
            "props": [prop.to_json() for prop in self.props],
        } | ({"movers": [mover.to_json() for mover in self.movers]} if self.movers else {})

    def close(self) -> None:
        """Free the physics client and the camera; closing twice is allowed."""
        self._arena.close()
        if self._eye is not None:
            self._eye.close()

    def __enter__(self) -> World:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _free_starts(self) -> None:
        # A varied start may land in a wall, a crate, a pit or on another: the nearest free place within 3 m is taken.
        lifts = {mover.id: mover.lift for mover in (*self.scenario.minds, *self.scenario.entities)}
        for index, actor in enumerate(self.actors):
            self._settle(actor, lifts[actor.id], self.actors[:index])

    def _settle(self, actor: Actor, lift: float, others: Sequence[Actor]) -> None:
        """Let an actor be at the nearest free place, on the floor at `lift` m; its body in Bullet follows."""
        berth = find_berth(self, actor, actor.position[:2], lift, others)
        actor.position, actor.slope = np.array(berth.place), berth.slope

    def _room(self, actor: Actor) -> tuple[float, ...]:
        standing = [other for other in self.actors if other.upright]
        return find_berth(self, actor, actor.position[:2], float(actor.position[2]), standing).place

    def _lay_decks(self) -> None:
        slabs = decks(self.movers)
        if slabs:
            self.terrain.decks = build_solids(tuple(slabs))


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
