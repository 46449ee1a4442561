"""Perception: the Scene that a body could know, by rays, line of sight and hearing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from aether import scene as seen
from prometheus.world.entity import Actor
from prometheus.world.npc import Npc
from prometheus.world.physics import World
from prometheus.world.senses import can_see, line_of_sight, look_of, sector

WALL_RANGE = 12.0
"""m: farther walls are open space to the mind."""
RAY_HEIGHTS = (0.35, 1.3)
"""m above the feet: one meets crates, the other walls with openings below."""
WAYS = {"forward": 0.0, "left": math.pi / 2, "right": -math.pi / 2, "backward": math.pi}
HEARING = 14.0
"""m: a loud sound carries this far, behind walls half as far."""
_WAY_WORDS = (
    "forward", "forward and to the left", "to the left", "backward and to the left", "backward",
    "backward and to the right", "to the right", "forward and to the right",
)  # fmt: skip


def perceive(world: World, actor: Actor, own: seen.Own, recent: Sequence[str] = ()) -> seen.Scene:
    """Return what an actor can know now.

    Args:
        world: the world it is in.
        actor: who looks.
        own: its own state; speed and body are filled in from the actor, and the task gets the way to the goal.
        recent: tokens of recent decisions, oldest first.
    """
    own = replace(own, speed=actor.speed, body=actor.body, task=_task(world, actor, own.task))
    return seen.Scene(
        scenario_id=f"{world.scenario.name}_{world.frame:05d}",
        walls=seen.Walls(**wall_distances(world, actor)),
        ground="flat",
        entities=_entities(world, actor),
        sounds=_sounds(world, actor),
        own=own,
        recent_decisions=tuple(recent),
    )


def wall_distances(world: World, actor: Actor) -> dict[str, float | None]:
    """Return the free distance (m) from the body's centre in four directions, None beyond `WALL_RANGE`."""
    x, y, z = (float(v) for v in actor.position)
    starts, ends = [], []
    for way in WAYS.values():
        turn = actor.heading + way
        dx, dy = WALL_RANGE * math.cos(turn), WALL_RANGE * math.sin(turn)
        for height in RAY_HEIGHTS:
            starts.append((x, y, z + height))
            ends.append((x + dx, y + dy, z + height))
    shares = [share for share, _ in world.rays(starts, ends)]
    nearest = [min(shares[i : i + len(RAY_HEIGHTS)]) for i in range(0, len(shares), len(RAY_HEIGHTS))]
    return {
        name: None if share >= 0.9999 else share * WALL_RANGE for name, share in zip(WAYS, nearest, strict=True)
    }


def _entities(world: World, actor: Actor) -> tuple[seen.Entity, ...]:
    known = [entity for other in world.actors if other is not actor and (entity := _entity(world, actor, other))]
    # The first entity is the `npc` of the two dialects: a threat comes before a nearer passer-by.
    return tuple(sorted(known, key=lambda e: (e.type != "beast", e.distance or 0.0, e.id or "")))


def _entity(world: World, actor: Actor, other: Actor) -> seen.Entity | None:
    """Another as it is seen, or as it is remembered and heard; None where the actor cannot know of it."""
    kind = "person" if other.kind == "agent" else other.kind
    if can_see(world, actor, other):
        place = other.position
        return seen.Entity(kind, look_of(other), actor.distance_to(place), actor.bearing_of(place), True, other.id)
    last = actor.sightings.get(other.id)
    if last is None:
        return None
    behavior, bearing = last.behavior, actor.bearing_of(last.place)
    if isinstance(other, Npc) and other.sound and _heard(world, actor, other) is not None:
        # A sound tells what it is at and from which side, not how far off.
        behavior = look_of(other)
        bearing = round(actor.bearing_of(other.position) / (math.pi / 4)) * (math.pi / 4)
    return seen.Entity(kind, behavior, actor.distance_to(last.place), bearing, False, other.id)


def _heard(world: World, actor: Actor, other: Npc) -> float | None:
    """Loudness in 0..1 of what an entity sounds like here, or None where it cannot be heard."""
    reach = HEARING if line_of_sight(world, actor, other) else HEARING / 2
    loudness = 1.0 - actor.distance_to(other.position) / reach
    return loudness if loudness >= 0 else None


def _sounds(world: World, actor: Actor) -> tuple[str, ...]:
    heard = []
    for other in world.npcs:
        loudness = _heard(world, actor, other) if other.sound and other is not actor else None
        if loudness is not None:
            near = "close" if loudness > 0.7 else "near" if loudness > 0.3 else "far"
            heard.append((-loudness, f"{other.sound}, {near}, {sector(actor.bearing_of(other.position))}"))
    return tuple(text for _, text in sorted(heard))


def _task(world: World, actor: Actor, task: str) -> str:
    if not task or actor.goal is None:
        return task
    distance = actor.distance_to(actor.goal)
    if distance < 1.0:
        return f"{task}, reached"
    bearing = actor.bearing_of(actor.goal)
    way = _WAY_WORDS[round(bearing / (math.pi / 4)) % 8]
    return f"{task}, {way}, bearing {bearing:.2f}, {distance:.0f} m"
