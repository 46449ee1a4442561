"""Perception: the Scene that a body could know, by rays, line of sight, hearing and memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from aether import scene as seen
from prometheus.world.entity import Actor
from prometheus.world.percept import Percept, feel, noise_seed
from prometheus.world.physics import World
from prometheus.world.primitives import Sign
from prometheus.world.senses import hear, look_of, remember, sector

WAYS = {"forward": 0.0, "left": math.pi / 2, "right": -math.pi / 2, "backward": math.pi}
READING = 7.0
"""m within which a sign can be read from its front."""
_WAY_WORDS = (
    "forward", "forward and to the left", "to the left", "backward and to the left", "backward",
    "backward and to the right", "to the right", "forward and to the right",
)  # fmt: skip
_SIDES = {"forward": "ahead", "left": "left", "right": "right", "backward": "behind"}

Camera = Callable[[World, Actor], bytes]
"""Draws what an actor sees, as a PNG."""


def perceive(
    world: World, actor: Actor, own: seen.Own, recent: Sequence[str] = (), camera: Camera | None = None
) -> seen.Scene:
    """Return what an actor can know now; both dialects of the scene are written from it.

    Args:
        world: the world it is in.
        actor: who looks.
        own: its own state; speed and body are filled in from the actor, and the task gets the way to the goal.
        recent: tokens of recent decisions, oldest first.
        camera: draws what it sees, for minds with vision, as `prometheus.drawing.eye.Eye` does. None for the world's,
            where the actor's senses have a `camera`.
    """
    if camera is None and actor.senses.camera:
        camera = world.camera
    own = replace(own, speed=actor.speed, body=actor.body, task=_task(world, actor, own.task))
    percept = feel(world, actor, actor.senses.rays)
    return seen.Scene(
        scenario_id=f"{world.scenario.name}_{world.frame:05d}",
        walls=seen.Walls(**_walls(percept)),
        ground=ground_words(percept),
        entities=_entities(world, actor),
        sounds=_sounds(world, actor),
        own=own,
        recent_decisions=tuple(recent),
        messages=_signs(world, actor),
        image=None if camera is None else camera(world, actor),
        extra=_extra(percept),
    )


def wall_distances(world: World, actor: Actor) -> dict[str, float | None]:
    """Return the free distance (m) from the body's centre in four directions, None beyond `WALL_RANGE`."""
    return _walls(feel(world, actor))


def ground_words(percept: Percept) -> str:
    """Return the ground as the scene tells it: its class, and what follows in the four directions.

    "flat", "slope", "stairs" or "water"; behind it "drop ahead 1.2 m", "step up left 0.9 m" or "stairs ahead 2.1 m",
    the two nearest of them.
    """
    told: list[tuple[float, str]] = []
    for name, bearing in WAYS.items():
        way, side = percept.way(bearing), _SIDES[name]
        if math.isfinite(way.edge) and way.edge <= way.free + 0.01:
            told.append((way.edge, f"drop {side}"))
        elif way.begins is not None and way.begins[1] < way.free:
            told.append((way.begins[1], f"{way.begins[0]} {side}"))
        elif way.step < way.free:
            told.append((way.step, f"step up {side}"))
    base = "flat" if percept.ground == "pit" else percept.ground
    return ", ".join([base, *(f"{what} {metres:.1f} m" for metres, what in sorted(told)[:2])])


def _walls(percept: Percept) -> dict[str, float | None]:
    free = {name: percept.way(bearing).free for name, bearing in WAYS.items()}
    return {name: None if math.isinf(metres) else metres for name, metres in free.items()}


def _extra(percept: Percept) -> dict[str, Any]:
    if len(percept.ways) == len(WAYS):
        return {}
    return {
        "walls_16": [None if math.isinf(way.free) else round(way.free, 2) for way in percept.ways],
        "ground_16": [way.ground for way in percept.ways],
    }


def _entities(world: World, actor: Actor) -> tuple[seen.Entity, ...]:
    sight = remember(world, actor)
    distance, bearing = sight.distance, sight.bearing
    if actor.senses.noise > 0:
        draw = np.random.Generator(np.random.PCG64([*noise_seed(world, actor), 1]))
        distance = distance * np.maximum(1.0 + actor.senses.noise * draw.standard_normal(len(distance)), 0.1)
        bearing = bearing + 0.5 * actor.senses.noise * draw.standard_normal(len(bearing))
    heard = {npc.id for npc, _ in hear(world, actor)}
    known = []
    rows = zip(world.actors, sight.seen.tolist(), distance.tolist(), bearing.tolist(), strict=True)
    for other, visible, far, side in rows:
        if visible:
            known.append(seen.Entity(_kind(other), look_of(other), far, side, True, other.id))
        elif other is not actor and other.id in actor.sightings:
            known.append(_remembered(actor, other, other.id in heard))
    # The first entity is the `npc` of the two dialects: a threat comes before a nearer passer-by.
    return tuple(sorted(known, key=lambda e: (e.type != "beast", e.distance or 0.0, e.id or "")))


def _kind(other: Actor) -> str:
    return "person" if other.kind == "agent" else other.kind


def _remembered(actor: Actor, other: Actor, heard: bool) -> seen.Entity:
    """Another as it was when it was last seen, and, where it is heard, as it sounds now."""
    last = actor.sightings[other.id]
    behavior, bearing = last.behavior, actor.bearing_of(last.place)
    if heard:
        # A sound tells what it is at and from which side, not how far off.
        behavior = look_of(other)
        bearing = round(actor.bearing_of(other.position) / (math.pi / 4)) * (math.pi / 4)
    return seen.Entity(_kind(other), behavior, actor.distance_to(last.place), bearing, False, other.id)


def _sounds(world: World, actor: Actor) -> tuple[str, ...]:
    heard = []
    for npc, loudness in hear(world, actor):
        near = "close" if loudness > 0.7 else "near" if loudness > 0.3 else "far"
        heard.append(f"{npc.sound}, {near}, {sector(actor.bearing_of(npc.position))}")
    return tuple(heard)


def _signs(world: World, actor: Actor) -> tuple[str, ...]:
    """What the signs say that stand before it, turned to it and with nothing between, the nearest first."""
    told = []
    for sign in world.signs:
        distance, bearing = actor.distance_to(sign.at), actor.bearing_of(sign.at)
        if distance > READING or abs(bearing) > min(actor.senses.view / 2, math.pi / 2):
            continue
        dx, dy = actor.position[0] - sign.at[0], actor.position[1] - sign.at[1]
        front = dx * math.cos(sign.heading) + dy * math.sin(sign.heading)
        x, y = sign.at[0] + 0.2 * math.cos(sign.heading), sign.at[1] + 0.2 * math.sin(sign.heading)
        if front > 0.3 * distance and world.sees(actor.eye, (x, y, _height(world, sign))):
            told.append((distance, f"sign {sector(bearing)}: {sign.text}"))
    return tuple(text for _, text in sorted(told))


def _height(world: World, sign: Sign) -> float:
    return float(world.ground_at([sign.at])[0][0]) + sign.height


def _task(world: World, actor: Actor, task: str) -> str:
    if not task or actor.goal is None:
        return task
    distance = actor.distance_to(actor.goal)
    if distance < 1.0:
        return f"{task}, reached"
    bearing = actor.bearing_of(actor.goal)
    way = _WAY_WORDS[round(bearing / (math.pi / 4)) % 8]
    return f"{task}, {way}, bearing {bearing:.2f}, {distance:.0f} m"
