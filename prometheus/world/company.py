"""Company: behaviours that are about somebody else: flee, follow, guard, talk."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from prometheus.world.behaviour import TICK, Behaviour, Steer, heading_to, towards

if TYPE_CHECKING:
    from prometheus.world.entity import Actor
    from prometheus.world.npc import Npc
    from prometheus.world.physics import World

_RING = np.arange(16) * math.pi / 8


class Flee(Behaviour):
    """Runs to where the threat is farther and nothing bars the way; stops when it has not noticed it for a while."""

    name = "flee"
    seconds: ClassVar[float] = 3.0
    safe: ClassVar[float] = 14.0
    """m from the threat at which it does not run farther."""
    rethink: ClassVar[float] = 0.6

    def __init__(self, npc: Npc) -> None:
        """Choose the way in the first frame."""
        super().__init__(npc)
        self._goal: tuple[float, float] | None = None
        self._chosen = -math.inf

    def next(self, npc: Npc, world: World) -> str | None:
        """Go back to what it did once the threat has been out of its senses for a while."""
        foe = self._foe(npc, world)
        gone = world.time - max(npc.threat_at, npc.seen_at) > self.seconds
        if self.age < 1.0 or not (gone or npc.distance_to(foe.position) > self.safe + 4.0):
            return None
        npc.threat = None
        npc.forget(world)
        calm = npc.entity.behaviour
        return calm if calm != "flee" else "wander"

    def steer(self, npc: Npc, world: World) -> Steer:
        """Run to the goal; look back at the threat once far enough."""
        self.age += TICK
        foe = self._foe(npc, world)
        if npc.distance_to(foe.position) > self.safe:
            self.shown = "stop"
            return Steer(heading=heading_to(npc, foe.position), arousal=0.5)
        self.shown = self.name
        if self._goal is None or self.age - self._chosen > self.rethink or npc.distance_to(self._goal) < 0.8:
            self._goal, self._chosen = self._refuge(npc, foe, world), self.age
        return towards(npc, self._goal, npc.speeds.run, arousal=1.0, sound=npc.entity.says or "a cry of fear")

    @staticmethod
    def _foe(npc: Npc, world: World) -> Actor:
        return npc.prey(world) if npc.threat is None else world.actor(npc.threat)

    @staticmethod
    def _refuge(npc: Npc, foe: Actor, world: World) -> tuple[float, float]:
        """The best of 48 places about it: far from where the threat will be, reached straight, and not in a corner."""
        place = npc.position[:2]
        reach = np.array([2.5, 5.0, 8.0])
        points = place + (reach[:, None, None] * np.stack([np.cos(_RING), np.sin(_RING)], 1)).reshape(-1, 2)
        routes = world.crowd.routes
        free = routes.clear(np.broadcast_to(place, points.shape), points, np.full(len(points), npc.radius))
        soon = foe.position[:2] + 0.5 * foe.velocity
        away = np.hypot(*(points - soon).T)
        # To run past the threat is worse than to run a shorter way.
        step = points - place
        length = np.hypot(*step.T)
        share = np.clip(((soon - place) * step).sum(1) / np.maximum(length**2, 1e-9), 0.0, 1.0)
        pass_by = np.hypot(*(place + share[:, None] * step - soon).T)
        ahead = np.cos(np.arctan2(step[:, 1], step[:, 0]) - npc.heading)
        score = away + 1.5 * np.minimum(pass_by, 3.0) + np.minimum(routes.room_at(points), 2.0) + 0.3 * ahead
        best = int(np.where(free, score, score - 100.0).argmax())
        return float(points[best, 0]), float(points[best, 1])


class Follow(Behaviour):
    """Walks after `whom` at some distance, runs when left behind, waits when near."""

    name = "follow"
    near: ClassVar[float] = 1.6
    far: ClassVar[float] = 6.0

    def __init__(self, npc: Npc) -> None:
        """Start where it is."""
        super().__init__(npc)
        self._waits = True
        self._seen: tuple[float, float] | None = None

    def steer(self, npc: Npc, world: World) -> Steer:
        """Go to where it knows its friend to be."""
        self.age += TICK
        friend = npc.friend(world)
        if friend in npc.aware or self._seen is None:
            self._seen = (float(friend.position[0]), float(friend.position[1]))
        gap = npc.distance_to(self._seen) - npc.radius - friend.radius
        # Two thresholds, or it would start and stop with each of its friend's steps.
        self._waits = gap < (self.near + 0.8 if self._waits else self.near)
        if self._waits:
            self.shown = "stop"
            return Steer(heading=heading_to(npc, self._seen))
        self.shown = self.name
        hurry = min(max((gap - self.near) / (self.far - self.near), 0.0), 1.0)
        speed = npc.speeds.walk + hurry * (npc.speeds.run - npc.speeds.walk)
        return towards(npc, self._seen, speed, mate=friend.id if gap < self.near + 1.5 else None)


class Guard(Behaviour):
    """Keeps a post, or a friend: steps between it and an agent that comes within `roam` m, and goes back."""

    name = "guard"
    reach: ClassVar[float] = 1.3

    def __init__(self, npc: Npc) -> None:
        """Look where it looked when it took its post."""
        super().__init__(npc)
        self._watch = npc.entity.heading

    def steer(self, npc: Npc, world: World) -> Steer:
        """Stand, challenge, or go back."""
        self.age += TICK
        post = npc.home
        if npc.entity.whom is not None:
            ward = npc.friend(world)
            post = (float(ward.position[0]), float(ward.position[1]))
        comer = next((a for a in npc.aware if a.id != npc.entity.whom and a.kind in ("agent", "beast")), None)
        if comer is not None and math.dist(comer.position[:2], post) < npc.entity.roam:
            return self._challenge(npc, comer, post)
        limit = 0.4 if npc.entity.whom is None else 2.2
        if npc.distance_to(post) > limit:
            self.shown = "patrol"
            return towards(npc, post, npc.speeds.walk, mate=npc.entity.whom)
        self.shown = "stop"
        turn = self._watch + 0.7 * math.sin(0.6 * self.age)
        return Steer(heading=turn)

    def _challenge(self, npc: Npc, comer: Actor, post: tuple[float, float]) -> Steer:
        x, y = comer.position[:2].tolist()
        gap = max(math.dist((x, y), post), 1e-6)
        share = max(min(0.5, 1.0 - (self.reach + npc.radius + comer.radius) / gap), 0.0)
        stand = (post[0] + share * (x - post[0]), post[1] + share * (y - post[1]))
        sound = npc.entity.says or "a voice says halt"
        if npc.distance_to(stand) < 0.35:
            self.shown = "notice"
            return Steer(heading=heading_to(npc, (x, y)), arousal=0.3, sound=sound)
        self.shown = "approach"
        return towards(npc, stand, npc.speeds.run if npc.distance_to(stand) > 3 else npc.speeds.walk, sound=sound)


class Talk(Behaviour):
    """Goes up to `whom`, or to the one of its own sort that is nearest, and talks by turns."""

    name = "talk"
    near: ClassVar[float] = 0.8

    def __init__(self, npc: Npc) -> None:
        """Begin with a word or with listening, as it happens."""
        super().__init__(npc)
        self._turn = float(npc.rng.uniform(0.0, 4.0))

    def steer(self, npc: Npc, world: World) -> Steer:
        """Walk up, face the other, and talk every other while."""
        self.age += TICK
        friend = self._friend(npc, world)
        if friend is None:
            self.shown = "stop"
            return Steer(heading=npc.heading)
        place = (float(friend.position[0]), float(friend.position[1]))
        gap = npc.distance_to(place) - npc.radius - friend.radius
        if gap > self.near + (0.5 if self.shown == "stop" else 0.0):
            self.shown = "wander"
            return towards(npc, place, npc.speeds.walk, mate=friend.id)
        self.shown = "stop"
        talks = (self.age + self._turn) % 4.0 < 2.2
        sound = npc.entity.says or "talking"
        return Steer(heading=heading_to(npc, place), arousal=0.15, sound=sound if talks else "")

    @staticmethod
    def _friend(npc: Npc, world: World) -> Actor | None:
        if npc.entity.whom is not None:
            return npc.friend(world)
        others = [a for a in world.npcs if a is not npc and a.kind != "beast" and a.threat is None]
        return min(others, key=lambda a: npc.distance_to(a.position)) if others else None
