"""Npc: an actor without a mind, moved by one small behaviour at a time, at 20 Hz."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.world.behaviour import BEHAVIOURS, Behaviour, Steer
from prometheus.world.entity import Actor, place_actor, wrap
from prometheus.world.gait import advance
from prometheus.world.scenario import Entity
from prometheus.world.senses import can_notice

if TYPE_CHECKING:
    from prometheus.world.physics import World

TICK = 0.05
_TURN_RATE = 5.0
_LOOK_AHEAD = 1.6
_WAYS = (0.0, 0.4, -0.4, 0.8, -0.8, 1.3, -1.3, 1.9, -1.9)


@dataclass(slots=True, eq=False, kw_only=True)
class Npc(Actor):
    """A beast, man or woman that behaves by itself.

    Attributes:
        entity: its description in the scenario. rng: its own random numbers. home: (x, y) m, where it started.
        behaviour: what it is doing. noticed: id of the actor that it has noticed, or None.
        aim: (x, y) m that it goes for, or None; `target` is the velocity that it is driven at.
        phase: 0..1 of its gait cycle. arousal: 0..1. sound: what can be heard of it, or "".
        seen_at, alert_until, ignore_until: s of world time.
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
    behaviour: Behaviour = field(init=False)

    def __post_init__(self) -> None:
        """Take up the behaviour of the description."""
        self.behaviour = BEHAVIOURS[self.entity.behaviour](self)

    @classmethod
    def build(cls, entity: Entity, seed: np.random.SeedSequence) -> Npc:
        """Return the entity at its start, varied by the seed."""
        rng = np.random.Generator(np.random.PCG64(seed))
        base = place_actor(entity, entity.id, entity.kind, entity.senses, entity.speeds, rng)
        known = {each.name: getattr(base, each.name) for each in fields(base)} | {"acceleration": 9.0}
        home = (float(base.position[0]), float(base.position[1]))
        return cls(**known, entity=entity, rng=rng, home=home, phase=float(rng.random()))

    @property
    def behavior(self) -> str:
        """What it does now, as seen from outside."""
        return self.behaviour.shown

    def choose(self, world: World) -> None:
        """Sense, change behaviour where it must, and set the velocity to aim for."""
        self._notice(world)
        following = self.behaviour.next(self, world)
        if following is not None:
            self.become(following)
        steer = self.behaviour.steer(self, world)
        self.sound = steer.sound
        self.arousal += (steer.arousal - self.arousal) * 0.2
        self.drive(*self._free_way(world, steer))

    def become(self, name: str) -> None:
        """Take up another behaviour by its name."""
        self.behaviour = BEHAVIOURS[name](self)

    def stride(self) -> None:
        """Advance the gait by what physics let it move."""
        self.phase = float(advance(self.phase, self.speed, TICK))

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

    def _notice(self, world: World) -> None:
        prey = world.agent
        if self.entity.on_notice is None or world.time < self.ignore_until:
            return
        if not can_notice(world, self, prey):
            return
        self.seen_at = world.time
        if self.noticed is None:
            self.noticed, self.alert_until = prey.id, world.time + self.entity.interest
            self.become("notice")

    def _free_way(self, world: World, steer: Steer) -> tuple[tuple[float, float], float]:
        x, y = steer.velocity
        speed = math.hypot(x, y)
        if speed < 0.05:
            return (0.0, 0.0), self._turned(steer.heading)
        way = math.atan2(y, x)
        if steer.avoid:
            way += self._detour(world, way, max(_LOOK_AHEAD, 0.5 * speed))
            speed *= max(0.25, math.cos(min(abs(wrap(way - self.heading)), math.pi / 2)))
        heading = self._turned(way)
        # A body walks where it faces: it slows down while it turns instead of sliding sideways.
        return (speed * math.cos(heading), speed * math.sin(heading)), heading

    def _turned(self, wanted: float) -> float:
        limit = _TURN_RATE * TICK
        return self.heading + min(max(wrap(wanted - self.heading), -limit), limit)

    def _detour(self, world: World, way: float, reach: float) -> float:
        """The smallest turn (rad) off a way (rad) along which nothing stands within `reach` m."""
        x, y, z = (float(v) for v in self.position)
        start = (x, y, z + 0.35)
        best, most = 0.0, -1.0
        length = reach + self.radius
        turns = [way + turn for turn in _WAYS]
        ends = [(x + length * math.cos(t), y + length * math.sin(t), start[2]) for t in turns]
        sx, sy = -math.sin(way) * self.radius, math.cos(way) * self.radius
        shoulders = [(x + sx, y + sy, start[2]), (x - sx, y - sy, start[2])]
        feelers = [(u + length * math.cos(way), v + length * math.sin(way), w) for u, v, w in shoulders]
        hits = world.rays([start] * len(ends) + shoulders, ends + feelers)
        shares = [share for share, _ in hits]
        ahead = min(shares[0], shares[-1], shares[-2])
        for turn, share in zip(_WAYS, [ahead, *shares[1 : len(_WAYS)]], strict=True):
            if share >= 0.999:
                return turn
            if share > most:
                best, most = turn, share
        return best
