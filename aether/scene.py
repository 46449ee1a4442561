"""The scene: all that a mind is told before it decides."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aether.clean import clean

Dialect = Literal["article", "dataset"]
DIRECTIONS = ("forward", "left", "right", "backward")
MAX_ENTITIES = 16
MAX_SOUNDS = 8
MAX_RECENT = 16
MAX_MESSAGES = 8
MAX_TEXT = 200
MAX_METRES = 10_000.0


def metres(value: float | None) -> float | None:
    """A distance in centimetre steps, 0 to 10 km; None where it is unknown, infinite or not a number."""
    if value is None or not math.isfinite(value):
        return None
    return round(min(max(0.0, float(value)), MAX_METRES), 2)


@dataclass(frozen=True)
class Walls:
    """Free distance to what blocks the way, m, from the body's centre; None where nothing is in reach."""

    forward: float | None = None
    left: float | None = None
    right: float | None = None
    backward: float | None = None

    def __post_init__(self) -> None:
        """Rounds to centimetres so that a scene equals its own JSON."""
        for name in DIRECTIONS:
            object.__setattr__(self, name, metres(getattr(self, name)))

    def __getitem__(self, direction: str) -> float | None:
        """The distance in one of the four directions, m."""
        value: float | None = getattr(self, direction)
        return value


@dataclass(frozen=True)
class Entity:
    """Someone or something near the agent.

    Attributes:
        type: What it is, such as "beast", "man", "woman", "gate".
        behavior: What it does, such as "stop", "wander", "notice", "approach", "charge".
        distance: Metres from the agent's centre; None where unknown.
        bearing: Radians from the agent's heading, left positive, in [-pi, pi]; None where unknown.
        visible: Whether there is a line of sight now.
        id: A name that stays the same between scenes.
    """

    type: str
    behavior: str = "stop"
    distance: float | None = None
    bearing: float | None = None
    visible: bool = True
    id: str | None = None

    def __post_init__(self) -> None:
        """Cleans the texts, rounds the figures and wraps the bearing."""
        object.__setattr__(self, "type", clean(self.type, 40) or "unknown")
        object.__setattr__(self, "behavior", clean(self.behavior, 40) or "stop")
        object.__setattr__(self, "distance", metres(self.distance))
        object.__setattr__(self, "bearing", angle(self.bearing))
        object.__setattr__(self, "id", clean(self.id, 60) or None if self.id is not None else None)


def angle(value: float | None) -> float | None:
    """An angle wrapped to [-pi, pi], rad, in steps of 0.001; None where it is unknown or not a number."""
    if value is None or not math.isfinite(value):
        return None
    return round(math.atan2(math.sin(value), math.cos(value)), 3) + 0.0


@dataclass(frozen=True)
class Own:
    """The agent's own state.

    Attributes:
        emotion: Its emotion before this decision, a level of `aether.emotion.LADDER` or a word near one.
        speed: Its speed, m/s.
        body: The body it wears, such as "humanoid".
        task: What it is about, such as "walk to the gate, forward and to the left"; "" where it has none.
    """

    emotion: str = "calm"
    speed: float = 0.0
    body: str = "humanoid"
    task: str = ""

    def __post_init__(self) -> None:
        """Cleans the texts and rounds the speed."""
        object.__setattr__(self, "emotion", clean(self.emotion, 24).lower() or "calm")
        object.__setattr__(self, "speed", metres(self.speed) or 0.0)
        object.__setattr__(self, "body", clean(self.body, 40) or "humanoid")
        object.__setattr__(self, "task", clean(self.task, MAX_TEXT))


@dataclass(frozen=True)
class Scene:
    """What the agent perceives at one moment, in its own frame.

    Every text in it is cleaned and bounded when the scene is made: whatever a world, a file or another
    agent says stays data. Distances are kept to 1 cm and angles to 1 mrad.

    Attributes:
        scenario_id: Names the moment, such as "C04_003".
        walls: Free distances.
        ground: "flat", "slope", "stairs" or free text such as "drop ahead".
        entities: Nearest or most important first; the first is the `npc` of the two dialects.
        sounds: Free texts such as "aggressive growling".
        own: The agent's own state.
        recent_decisions: Oldest first, tokens such as "hit_wall_left" or "run_right".
        messages: What others near by called out, such as "ada: beast ahead of me".
        image: A PNG of what the agent sees, for models with vision.
        dialect: The dialect that it came in, and in which a brain answers.
        extra: Keys that neither dialect has, kept as they were read.
    """

    scenario_id: str = "scene"
    walls: Walls = field(default_factory=Walls)
    ground: str = "flat"
    entities: tuple[Entity, ...] = ()
    sounds: tuple[str, ...] = ()
    own: Own = field(default_factory=Own)
    recent_decisions: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    image: bytes | None = field(default=None, repr=False)
    dialect: Dialect = "article"
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Cleans and bounds everything that came from outside."""
        sounds = (clean(sound, MAX_TEXT).replace(";", ",") for sound in self.sounds[:MAX_SOUNDS])
        recent = (clean(token, 60) for token in self.recent_decisions[-MAX_RECENT:])
        object.__setattr__(self, "scenario_id", clean(self.scenario_id, 80) or "scene")
        object.__setattr__(self, "ground", clean(self.ground, 60) or "flat")
        object.__setattr__(self, "entities", tuple(self.entities[:MAX_ENTITIES]))
        object.__setattr__(self, "sounds", tuple(sound for sound in sounds if sound))
        object.__setattr__(self, "recent_decisions", tuple(token for token in recent if token))
        messages = (clean(message, 120) for message in self.messages[:MAX_MESSAGES])
        object.__setattr__(self, "messages", tuple(message for message in messages if message))

    def to_json(self, dialect: Dialect | None = None) -> dict[str, Any]:
        """The scene as a JSON-able object with fixed keys in a fixed order.

        Args:
            dialect: "article" keeps everything but the image; "dataset" has the published keys only (one npc,
                no bearing, no backward wall). None means the scene's own.
        """
        from aether.dialect import write

        return write(self, dialect or self.dialect)

    @classmethod
    def from_json(cls, obj: Mapping[str, Any] | str) -> Scene:
        """Reads a scene of either dialect, also one wrapped in a record's `input`.

        Raises:
            SceneError: The object is no scene; the message names the key and what it must hold.
        """
        from aether.dialect import read

        return read(obj)
