"""Npc: an actor without a mind, moved by one small behaviour at a time, which decides at 10 Hz, or at 5 in calm."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.world.behaviour import TICK, Behaviour, Steer, behaviours
from prometheus.world.entity import Actor, place_actor
from prometheus.world.scenario import Entity

if TYPE_CHECKING:
    from prometheus.world.crowd import Route
    from prometheus.world.physics import World

_SOCIAL = frozenset({"follow", "guard", "talk"})
"""Behaviours that need to know of agents without having noticed one."""
_DREAD = 3.0
"""m between the hulls within which one runs from what it fears, whatever that does."""
_EASE = 0.36
"""Share of the way to what is felt now that arousal goes in a `TICK`."""


@dataclass(slots=True, eq=False, kw_only=True)
class Npc(Actor):
    """A beast, man or woman that behaves by itself.

    Attributes:
        entity: its description in the scenario. rng: its own random numbers. home: (x, y) m, where it started.
        behaviour: what it is doing. noticed: id of the actor that it has noticed, or None.
        aim: (x, y) m that it goes for, or None; `target` is the velocity that it is driven at.
        phase: 0..1 of its gait cycle. arousal: 0..1. sound: what can be heard of it, or "".
        seen_at, alert_until, ignore_until: s of world time.
        aware: whom of those that it cares for it notices now, the nearest first.
        threat: id of the one that it runs from, seen last at `threat_at` s. route: the way that it takes round things.
    """

    entity: Entity
    rng: np.random.Generator
    home: tuple[float, float]
    phase: float = 0.0
    arousal: float = 0.0
    sound: str = ""
    noticed: str | None = None
    aim: tuple[float, float] | None = None
    seen_at: float = -1.0
    alert_until: float = 0.0
    ignore_until: float = 0.0
    aware: tuple[Actor, ...] = ()
    threat: str | None = None
    threat_at: float = -1.0
    route: Route | None = None
    behaviour: Behaviour = field(init=False)

    def __post_init__(self) -> None:
        """Take up the behaviour of the description."""
        self.behaviour = behaviours()[self.entity.behaviour](self)

    @classmethod
    def build(cls, entity: Entity, seed: np.random.SeedSequence) -> Npc:
        """Return the entity at its start, varied by the seed."""
        rng = np.random.Generator(np.random.PCG64(seed))
        base = place_actor(entity, entity.id, entity.like, entity.senses, entity.speeds, rng)
        known = {each.name: getattr(base, each.name) for each in fields(base)}
        known |= {"acceleration": 9.0, "sort": entity.kind}
        home = (float(base.position[0]), float(base.position[1]))
        return cls(**known, entity=entity, rng=rng, home=home, phase=float(rng.random()))

    @property
    def voice(self) -> str:
        """What is heard of it while it is roused."""
        return self.entity.voice

    @property
    def behavior(self) -> str:
        """What it does now, as seen from outside."""
        return self.behaviour.shown

    def decide(self, world: World) -> Steer:
        """Change behaviour where it must, and return what it wants to do; `aware` is what it notices now."""
        self._react(world)
        following = self.behaviour.next(self, world)
        if following is not None:
            self.become(following)
        steer = self.behaviour.steer(self, world)
        self.sound = steer.sound
        self.arousal += (steer.arousal - self.arousal) * (1.0 - (1.0 - _EASE) ** (self.behaviour.tick / TICK))
        return steer

    def cares_for(self, other: Actor) -> bool:
        """Whether it would look twice at another."""
        entity = self.entity
        if other is self:
            return False
        social = _SOCIAL & {entity.behaviour, entity.on_notice}
        if other.id == entity.whom or other.kind in entity.fears:
            return True
        if other.kind == "beast":
            return "guard" in social
        return other.kind == "agent" and (entity.on_notice is not None or bool(social))

    def prey(self, world: World) -> Actor:
        """Whom it has noticed, or else the first agent."""
        return world.agent if self.noticed is None else world.actor(self.noticed)

    def friend(self, world: World) -> Actor:
        """Whom it follows, guards or talks to: `whom` of its description, or else the first agent."""
        return world.agent if self.entity.whom is None else world.actor(self.entity.whom)

    def become(self, name: str) -> None:
        """Take up another behaviour by its name."""
        self.behaviour = behaviours()[name](self)

    def interested(self, world: World) -> bool:
        """Whether it still cares for what it noticed: seen lately, and not for too long."""
        return self.noticed is not None and world.time < self.alert_until and world.time - self.seen_at < 1.5

    def forget(self, world: World) -> None:
        """Lose interest, for as long as the entity's `calm` says."""
        self.noticed, self.aim = None, None
        self.ignore_until = world.time + self.entity.calm

    def to_json(self) -> dict[str, Any]:
        """Return its state as plain JSON values."""
        return Actor.to_json(self) | {
            "behavior": self.behavior,
            "phase": self.phase,
            "arousal": self.arousal,
            "noticed": self.noticed,
        }

    def _react(self, world: World) -> None:
        if not self.aware or not self.behaviour.heeds:
            return
        foe = next((a for a in self.aware if a.kind in self.entity.fears and self._dreads(a)), None)
        if foe is not None:
            self.threat, self.threat_at = foe.id, world.time
            if self.behaviour.name != "flee":
                self.become("flee")
            return
        if self.entity.on_notice is None or world.time < self.ignore_until:
            return
        prey = next((a for a in self.aware if a.kind == "agent" and self.noticed in (None, a.id)), None)
        if prey is None:
            return
        self.seen_at = world.time
        if self.noticed is None:
            self.noticed, self.alert_until = prey.id, world.time + self.entity.interest
            self.become("notice")

    def _dreads(self, other: Actor) -> bool:
        """Whether one that it fears is close, or on the hunt."""
        close = self.distance_to(other.position) < self.radius + other.radius + _DREAD
        return close or getattr(other, "behavior", "") in ("charge", "notice")
