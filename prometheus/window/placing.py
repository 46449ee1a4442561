"""Placing: what is put where the mouse points, and what it points at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.errors import WorldError
from prometheus.world.arena import EVERYTHING

if TYPE_CHECKING:
    from prometheus.window.playground import Playground
    from prometheus.world.physics import World

BODIES = {"beast": "beast", "man": "humanoid", "woman": "woman"}
"""What those who can be placed wear."""
REACH = 200.0
"""m that a ray of the mouse goes."""


def pick(world: World, start: np.ndarray, way: np.ndarray) -> str | None:
    """Return the name of what a ray from a point [3] along a unit vector [3] (world) meets first, or None."""
    end = start + REACH * way
    return world.rays([start.tolist()], [end.tolist()], EVERYTHING)[0][1]


def ground(world: World, start: np.ndarray, way: np.ndarray) -> np.ndarray | None:
    """Return where such a ray meets the ground or a wall, [3] m, or None where it goes to the sky."""
    end = start + REACH * way
    share, _ = world.rays([start.tolist()], [end.tolist()], EVERYTHING)[0]
    if share >= 1.0:
        return None
    point = start + share * (end - start)
    return point if np.isfinite(point).all() else None


def place(playground: Playground, what: str, start: np.ndarray, way: np.ndarray, turn: float) -> str:
    """Put somebody or something where a ray meets the ground; within a wish only.

    Args:
        playground: into which.
        what: "beast", "man", "woman", "wall" or "sign".
        start: of the ray, [3] m, world.
        way: of the ray, a unit vector [3], world.
        turn: rad, which way it faces.

    Returns:
        What to tell the person.

    Raises:
        WorldError: there is no ground or no room.
    """
    world = playground.simulation.world
    spot = ground(world, start, way)
    if spot is None:
        raise WorldError(f"there is no ground for the {what} there; click on the ground")
    if what in BODIES:
        return _welcome(playground, what, spot, _wrapped(turn))
    return _build(playground, what, spot, _wrapped(turn))


def _welcome(playground: Playground, kind: str, spot: np.ndarray, turn: float) -> str:
    from prometheus.world.kinds import SHIPPED, fill
    from prometheus.world.scenario import Entity

    world = playground.simulation.world
    names = {actor.id for actor in world.actors}
    name = next(name for k in range(1, 1000) if (name := kind if k == 1 else f"{kind} {k}") not in names)
    raw: dict[str, Any] = {"id": name, "kind": kind, "at": (float(spot[0]), float(spot[1])), "heading": turn}
    if kind == "beast":
        raw |= {"on_notice": "charge", "radius": 0.45, "height": 1.1}
    raw["body"] = BODIES[kind]
    entity = Entity.model_validate(fill(raw, SHIPPED))
    npc = world.admit(entity, float(spot[2]))
    playground.simulation.look_anew()
    playground.dressed.append((npc.id, playground.cast.body(npc.id).asset))
    playground.cut()
    return f"{name} has come"


def _build(playground: Playground, what: str, spot: np.ndarray, turn: float) -> str:
    from prometheus.drawing.stage import prop_key
    from prometheus.window.building import look, plan
    from prometheus.world.shapes import build_shapes

    world = playground.simulation.world
    solid = plan(what, world, spot, turn)
    world.erect(solid)
    playground.simulation.look_anew()
    for shape in build_shapes(world.scenario.model_copy(update={"solids": (solid,)})):
        # What is drawn is a body of its own; the stage only has to know what is in the way of a camera.
        playground.bar(np.array(shape.centre), np.array(shape.size), shape.heading)
    key = prop_key(solid.name)
    playground.dressed.append((key, look(solid, world)))
    playground.cast.built[key] = np.eye(4, dtype=np.float32)[None]
    playground.cut()
    return f"a {what} stands there"


def _wrapped(turn: float) -> float:
    return math.remainder(turn, 2 * math.pi)
