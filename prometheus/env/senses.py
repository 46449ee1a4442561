"""Senses: what a driven body knows, as arrays of fixed shape."""

from __future__ import annotations

import json
import math
import string
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces

from aether.scene import Own, Scene
from prometheus.world.percept import WALL_RANGE, feel
from prometheus.world.perception import perceive

if TYPE_CHECKING:
    from prometheus.env.core import Field

RAYS, ENTITIES = 16, 8
ENTITY = ("there", "beast", "person", "other", "distance", "sine", "cosine", "seen", "charges", "approaches")
"""Columns of `entities`; distance as a share of `FAR`, the angle that of the bearing."""
OWN = (
    "forward",
    "left",
    "goal",
    "goal_sine",
    "goal_cosine",
    "goal_distance",
    "fallen",
    "touching",
    "caught",
    "time_left",
)
"""Columns of `proprioception`; speeds as a share of `FAST`, distances of `FAR`."""
FAR, FAST = 40.0, 8.0
_TEXT = 6000


def observation_space(image: tuple[int, int] | None, text: bool) -> spaces.Dict:
    """Return the space.

    `rays` float32 [16]: free distance in sixteen directions from straight ahead, turning left, as a share of 12 m.
    `entities` float32 [8, 10], nearest first: see `ENTITY`. `proprioception` float32 [10]: see `OWN`.
    `image` uint8 [h, w, 3] where a size (w, h) is given. `scene` the scene as a brain gets it, JSON, where asked for.
    """
    parts: dict[str, spaces.Space[Any]] = {
        "rays": spaces.Box(0.0, 1.0, (RAYS,), np.float32),
        "entities": spaces.Box(-1.0, 1.0, (ENTITIES, len(ENTITY)), np.float32),
        "proprioception": spaces.Box(-1.0, 1.0, (len(OWN),), np.float32),
    }
    if image is not None:
        parts["image"] = spaces.Box(0, 255, (image[1], image[0], 3), np.uint8)
    if text:
        parts["scene"] = spaces.Text(_TEXT, min_length=1, charset=string.printable)
    return spaces.Dict(parts)


def observe(field: Field, name: str, eye: Any, text: bool) -> dict[str, Any]:
    """Return what one of the driven knows now; see `observation_space`."""
    world, actor = field.world, field.world.actor(name)
    own = Own(body=actor.body, task=actor.task)
    scene = perceive(world, actor, own)
    free = np.array([way.free for way in feel(world, actor, RAYS).ways])
    seen: dict[str, Any] = {
        "rays": (np.clip(free, 0.0, WALL_RANGE) / WALL_RANGE).astype(np.float32),
        "entities": _entities(scene),
        "proprioception": _own(field, name),
    }
    if eye is not None:
        seen["image"] = eye.draw(world, actor)
    if text:
        seen["scene"] = json.dumps(scene.to_json())[:_TEXT]
    return seen


def _entities(scene: Scene) -> np.ndarray:
    rows = np.zeros((ENTITIES, len(ENTITY)), np.float32)
    known = [entity for entity in scene.entities if entity.distance is not None and entity.bearing is not None]
    known.sort(key=lambda entity: entity.distance or 0.0)
    for row, entity in zip(rows, known, strict=False):
        assert entity.distance is not None
        assert entity.bearing is not None
        person = entity.type in ("man", "woman", "agent")
        row[:] = (
            1.0, entity.type == "beast", person, entity.type != "beast" and not person, min(entity.distance / FAR, 1.0),
            math.sin(entity.bearing), math.cos(entity.bearing), entity.visible, entity.behavior == "charge",
            entity.behavior in ("approach", "follow", "charge"),
        )  # fmt: skip
    return rows


def _own(field: Field, name: str) -> np.ndarray:
    actor = field.world.actor(name)
    cos, sin = math.cos(actor.heading), math.sin(actor.heading)
    x, y = actor.velocity.tolist()
    goal = [0.0, 0.0, 0.0, 0.0]
    distance = field.to_goal(name)
    if actor.goal is not None and distance is not None:
        way = math.atan2(actor.goal[1] - actor.position[1], actor.goal[0] - actor.position[0]) - actor.heading
        goal = [1.0, math.sin(way), math.cos(way), distance / FAR]
    left = 1.0 - field.world.frame / field.limit
    row = [
        (cos * x + sin * y) / FAST, (cos * y - sin * x) / FAST, *goal, actor.fall is not None, bool(actor.contacts),
        field.caught(name), left,
    ]  # fmt: skip
    return np.clip(np.array(row, np.float32), -1.0, 1.0)
