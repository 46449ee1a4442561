"""Senses: who can see or hear whom."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from prometheus.world.entity import Actor, Sighting

if TYPE_CHECKING:
    from prometheus.world.physics import World

_SECTORS = (
    "ahead", "ahead and to the left", "to the left", "behind and to the left", "behind", "behind and to the right",
    "to the right", "ahead and to the right",
)  # fmt: skip
_LOOKS = {"patrol": "wander", "pass_by": "wander"}
MEMORY = 4.0
"""s that a body remembers where something was after it lost sight of it."""


def remember(world: World, watcher: Actor) -> None:
    """Note where a watcher sees others now, and forget what is too old or plainly not there any more."""
    places = watcher.sightings
    for other in world.actors:
        if other is watcher:
            continue
        if can_see(world, watcher, other):
            x, y = other.position[:2].tolist()
            places[other.id] = Sighting(world.frame, (x, y), look_of(other))
        elif other.id in places and (
            world.frame - places[other.id].frame > MEMORY * 20 or _in_view(world, watcher, places[other.id].place)
        ):
            del places[other.id]


def look_of(other: Actor) -> str:
    """Return what another seems to do."""
    name = getattr(other, "behavior", "wander" if other.speed > 0.3 else "stop")
    return _LOOKS.get(name, name)


def _in_view(world: World, watcher: Actor, place: tuple[float, float]) -> bool:
    # Up close a body's own width hides the place; there it is believed to be until memory fades.
    distance = watcher.distance_to(place)
    x, y = place
    return (
        1.5 < distance <= watcher.senses.range
        and abs(watcher.bearing_of(place)) <= watcher.senses.view / 2 - 0.2
        and world.sees(watcher.eye, (x, y, watcher.eye[2] * 0.5))
    )


def line_of_sight(world: World, watcher: Actor, other: Actor) -> bool:
    """Whether a watcher's eyes meet the other's chest or head with nothing solid between."""
    x, y, z = (float(v) for v in other.position)
    return world.sees(watcher.eye, (x, y, z + 0.9 * other.height)) or world.sees(
        watcher.eye, (x, y, z + 0.55 * other.height)
    )


def can_see(world: World, watcher: Actor, other: Actor) -> bool:
    """Whether the other is within range, field of view and line of sight."""
    return (
        watcher.distance_to(other.position) <= watcher.senses.range
        and abs(watcher.bearing_of(other.position)) <= watcher.senses.view / 2
        and line_of_sight(world, watcher, other)
    )


def sector(bearing: float) -> str:
    """Return a bearing (rad, left positive) as coarse words: ahead, behind and to the left, ..."""
    return _SECTORS[round(bearing / (math.pi / 4)) % 8]
