"""Senses: who sees whom, what is remembered of it, and what is heard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.entity import Actor, Sighting

if TYPE_CHECKING:
    from prometheus.world.npc import Npc
    from prometheus.world.physics import World

_SECTORS = (
    "ahead", "ahead and to the left", "to the left", "behind and to the left", "behind", "behind and to the right",
    "to the right", "ahead and to the right",
)  # fmt: skip
_LOOKS = {"patrol": "wander", "pass_by": "wander", "talk": "stop", "guard": "stop"}
MEMORY = 4.0
"""s that a body remembers where something was after it lost sight of it."""
HEARING = 14.0
"""m: a loud sound carries this far in the open."""
MUFFLED = 0.5
"""What a wall, or several, leaves of that distance."""
_BODY = (0.9, 0.55)
"""Shares of another's height that one looks for: head and chest."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one actor sees at one moment; rows are the world's actors.

    Attributes:
        distance: [A] m. bearing: [A] rad. seen: [A], within range, view and line of sight, and not in a blind spot.
    """

    distance: np.ndarray
    bearing: np.ndarray
    seen: np.ndarray


def look(world: World, watcher: Actor) -> Sight:
    """Return what a watcher sees of everybody now, by one batch of rays."""
    away = world.spots - watcher.position
    distance = np.hypot(away[:, 0], away[:, 1])
    turn = np.arctan2(away[:, 1], away[:, 0]) - watcher.heading
    bearing = np.remainder(turn + math.pi, 2 * math.pi) - math.pi
    senses = watcher.senses
    seen = (distance <= senses.range) & (np.abs(bearing) <= senses.view / 2) & ~in_blind_spot(senses.blind, bearing)
    seen[world.row_of[watcher.id]] = False
    rows = np.flatnonzero(seen)
    if len(rows):
        seen[rows] = meets_eyes(world, watcher, [world.actors[row] for row in rows.tolist()])
    return Sight(distance, bearing, seen)


def meets_eyes(world: World, watcher: Actor, others: list[Actor]) -> np.ndarray:
    """Whether a watcher's eyes meet the head or the chest of others with nothing solid between, [N]."""
    head, chest = _BODY
    free = world.clear_lines([watcher.eye] * len(others), [other.point_at(head) for other in others])
    hidden = np.flatnonzero(~free).tolist()
    if hidden:
        ends = [others[row].point_at(chest) for row in hidden]
        free[hidden] = world.clear_lines([watcher.eye] * len(ends), ends)
    return free


def in_blind_spot(spots: tuple[tuple[float, float], ...], bearing: np.ndarray) -> np.ndarray:
    """Whether bearings [N] rad lie in a blind sector; a sector goes left from its first bearing to its second."""
    blind = np.zeros(np.shape(bearing), bool)
    for start, end in spots:
        blind |= np.remainder(bearing - start, 2 * math.pi) <= (end - start) % (2 * math.pi)
    return blind


def remember(world: World, watcher: Actor) -> Sight:
    """Note where a watcher sees others now, forget what is too old or plainly gone, and return what it sees."""
    places, sight = watcher.sightings, look(world, watcher)
    spots, frame = world.spots.tolist(), world.frame
    watcher.looked = frame
    for other, (x, y, _), visible in zip(world.actors, spots, sight.seen.tolist(), strict=True):
        if visible:
            places[other.id] = Sighting(frame, (x, y), look_of(other))
        elif other.id in places and (
            frame - places[other.id].frame > MEMORY * 20 or _in_view(world, watcher, places[other.id].place)
        ):
            del places[other.id]
    return sight


def look_of(other: Actor) -> str:
    """Return what another seems to do."""
    name = getattr(other, "behavior", None) or ("wander" if other.speed > 0.3 else "stop")
    return _LOOKS.get(name, name)


def _in_view(world: World, watcher: Actor, place: tuple[float, float]) -> bool:
    # Up close a body's own width hides the place; there it is believed to be until memory fades.
    distance = watcher.distance_to(place)
    bearing = watcher.bearing_of(place)
    x, y = place
    return (
        1.5 < distance <= watcher.senses.range
        and abs(bearing) <= watcher.senses.view / 2 - 0.2
        and not in_blind_spot(watcher.senses.blind, np.array(bearing))
        and world.sees(watcher.eye, (x, y, float(watcher.position[2]) + 0.46 * watcher.height))
    )


def line_of_sight(world: World, watcher: Actor, other: Actor) -> bool:
    """Whether a watcher's eyes meet the other's chest or head with nothing solid between."""
    return bool(meets_eyes(world, watcher, [other])[0])


def hear(world: World, listener: Actor) -> list[tuple[Npc, float]]:
    """Return who is heard, and how loud (0..1), the loudest first: walls do not stop a sound, they weaken it."""
    loud = [npc for npc in world.npcs if npc.sound and npc is not listener]
    if not loud:
        return []
    clear = meets_eyes(world, listener, list(loud))
    heard = []
    for npc, free in zip(loud, clear.tolist(), strict=True):
        loudness = 1.0 - listener.distance_to(npc.position) / (HEARING if free else HEARING * MUFFLED)
        if loudness >= 0:
            heard.append((npc, loudness))
    return sorted(heard, key=lambda pair: (-pair[1], pair[0].id))


def sector(bearing: float) -> str:
    """Return a bearing (rad, left positive) as coarse words: ahead, behind and to the left, ..."""
    return _SECTORS[round(bearing / (math.pi / 4)) % 8]
