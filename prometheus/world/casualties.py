"""Casualties: who is knocked over in a world, lies, and gets up again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hephaestus.motion import Motion
from prometheus.errors import WorldError
from prometheus.world.arena import ACTOR_GROUP, FIXED, MOVER_GROUP, OBJECT_GROUP, Arena
from prometheus.world.fall import RISE, Fall, Stance, spin_of
from prometheus.world.gait import gait_motion
from prometheus.world.ragdoll import Ragdoll

if TYPE_CHECKING:
    from prometheus.world.controller import Controller
    from prometheus.world.entity import Actor, Contact

KNOCK = 2.5
"""m/s: a hit that changes a body's speed by more than this throws it over."""
HIT = 1.0
"""m/s towards a body that the other must have had: who runs into a post only stops."""
DROP = 7.0
"""m/s at which legs give way on landing: a fall of 2.5 m."""
Room = Callable[["Actor"], tuple[float, ...]]


class Casualties:
    """Whoever is down.

    Args:
        arena: where they fall. controller: of the upright bodies. actors: all.
        room: gives the nearest free place (x, y, z) m for an actor to stand up in.
    """

    def __init__(self, arena: Arena, controller: Controller, actors: Sequence[Actor], room: Room) -> None:
        self._arena, self._controller, self._actors, self._room = arena, controller, actors, room
        self._seen: dict[str, Stance] = {}
        self._before: list[np.ndarray] = []

    def begin(self) -> None:
        """Before a frame: note how fast everybody comes, and hold those who get up."""
        self._before = [actor.velocity for actor in self._actors]
        for actor in self._actors:
            if actor.fall is not None:
                # The touch that felled it stands in the frame in which it fell, and no longer.
                actor.contacts = []
                actor.drive((0.0, 0.0), actor.heading)

    def finish(self, seconds: float) -> None:
        """After a frame: fell whoever was hit too hard, move the fallen on, and let those who have lain get up."""
        for actor in self._actors:
            if actor.fall is not None:
                self._advance(actor, actor.fall, seconds)
            elif actor.topples and (actor.contacts or actor.landing):
                push = self._blow(actor)
                if push is not None:
                    self.knock(actor, push)

    def knock(self, actor: Actor, push: np.ndarray) -> None:
        """Knock an actor over.

        Args:
            actor: who; one that is down already stays as it is.
            push: [3] m/s, the change of its speed that did it.
        """
        if actor.fall is not None:
            return
        before = self._stance(actor)
        x, y, height = before.root
        scale = actor.height / 1.75
        root = np.array([x, y, actor.position[2] + height * scale])
        velocity = np.array([*actor.velocity, actor.rise])
        spin = spin_of(push, actor.height)
        ragdoll = Ragdoll(self._arena, actor.mass, actor.height, root, before.rotations, velocity, spin)
        actor.fall = Fall(ragdoll, before)
        self._hide(actor, True)

    def shown(self, actor: Actor, motion: Motion) -> Motion:
        """Return one frame of an actor as physics lets it be seen, and remember it as its pose.

        Args:
            actor: whose.
            motion: one frame that stands where the actor is, heights over its ground (`actor.position[2]`).
        """
        if actor.fall is not None:
            motion = actor.fall.pose(motion, actor)
        self._seen[actor.id] = Stance.of(motion)
        return motion

    def _blow(self, actor: Actor) -> np.ndarray | None:
        """The change of its speed [3] m/s by what it touched or how it landed, where that throws it over."""
        if actor.landing > DROP:
            return np.array([*actor.velocity, 0.0])
        total = np.zeros(3)
        for contact in actor.contacts:
            velocity = self._coming(contact)
            normal = np.array(contact.normal)
            if velocity is not None and float(velocity @ normal[:2]) > HIT:
                total += normal * (contact.impulse / actor.mass)
        return total if float(np.hypot(total[0], total[1])) > KNOCK else None

    def _coming(self, contact: Contact) -> np.ndarray | None:
        """How fast (x, y) m/s what touches somebody came before the frame; None for what stood."""
        for actor, velocity in zip(self._actors, self._before, strict=False):
            if actor.id == contact.other:
                return velocity
        # Things still have the velocity of the frame before: they are read after this.
        prop = next((prop for prop in self._arena.props if prop.shape.name == contact.other and prop.moving), None)
        return None if prop is None else np.array(prop.velocity[:2])

    def _advance(self, actor: Actor, fall: Fall, seconds: float) -> None:
        if fall.ragdoll is not None:
            self._follow(actor, fall.ragdoll)
        fall.advance(actor, seconds)
        if not self._watched(actor):
            fall.pose(self._wanted(actor), actor)
        if fall.lies():
            self._raise(actor, fall)
        elif fall.phase == "rising" and fall.age >= RISE:
            actor.fall = None

    def _follow(self, actor: Actor, ragdoll: Ragdoll) -> None:
        x, y, z = ragdoll.place()
        if not np.isfinite([x, y, z]).all() or z < actor.stood[2] - 60.0:
            x, y, z = actor.stood.tolist()
        hit = self._arena.rays([(x, y, z + 0.1)], [(x, y, z - 3.0)], FIXED | OBJECT_GROUP | MOVER_GROUP)[0]
        ground = z + 0.1 - 3.1 * hit[2] if hit[0] >= 0 else z - 0.1
        actor.velocity = (np.array([x, y]) - actor.position[:2]) * 20.0
        actor.position = np.array([x, y, ground])

    def _raise(self, actor: Actor, fall: Fall) -> None:
        try:
            place = self._room(actor)
        except WorldError:
            return
        actor.heading = actor.facing = fall.way_up()
        if fall.ragdoll is not None:
            fall.ragdoll.remove()
        ground = actor.position[2]
        fall.rise(actor.heading)
        self._controller.place(actor, *place)
        if fall.lying is not None:
            fall.lying.root[2] += (ground - place[2]) * 1.75 / actor.height
        self._hide(actor, False)

    def _hide(self, actor: Actor, hidden: bool) -> None:
        arena = self._arena
        if not hidden:
            arena.group(actor.handle, ACTOR_GROUP)
            return
        arena.bullet.setCollisionFilterGroupMask(actor.handle, -1, 0, 0, physicsClientId=arena.client)
        # Out of everybody's way, and not falling for ever.
        arena.bullet.resetBasePositionAndOrientation(
            actor.handle, (0.0, 0.0, -500.0), (0, 0, 0, 1), physicsClientId=arena.client
        )
        arena.bullet.resetBaseVelocity(actor.handle, (0, 0, 0), (0, 0, 0), physicsClientId=arena.client)

    def _watched(self, actor: Actor) -> bool:
        """Whether somebody asks for its pose in every frame, as the loop does for agents."""
        return actor.kind == "agent" and actor.id in self._seen

    def _stance(self, actor: Actor) -> Stance:
        seen = self._seen.get(actor.id)
        return seen if seen is not None else Stance.of(self._wanted(actor))

    def _wanted(self, actor: Actor) -> Motion:
        x, y = actor.position[:2].tolist()
        phase, arousal = getattr(actor, "phase", 0.0), getattr(actor, "arousal", 0.0)
        speed = actor.speed if actor.fall is None else 0.0
        place, heading = np.array([[x, y, 0.0]]), np.array([actor.heading])
        return gait_motion(np.array([phase]), np.array([speed]), place, heading, np.array([arousal]))
