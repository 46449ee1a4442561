"""Building: walls and signs that a person puts up, as the world knows them and as they look."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus.glb.asset import Asset
from prometheus.drawing.stage import build_stage, meshes_asset
from prometheus.world.primitives import Sign, Wall

if TYPE_CHECKING:
    from prometheus.world.physics import World

WALL = (3.0, 2.2, 0.4)
"""m: length, height and thickness."""
WORDS = "no entry"
Solid = Wall | Sign


def plan(what: str, world: World, spot: np.ndarray, turn: float) -> Solid:
    """Return a wall or a sign for a place [3] m (world), facing `turn` rad."""
    names = {solid.name for solid in world.scenario.solids} | {actor.id for actor in world.actors}
    name = next(name for k in range(1, 10_000) if (name := f"placed {what} {k}") not in names)
    x, y = float(spot[0]), float(spot[1])
    if what == "sign":
        return Sign(kind="sign", name=name, at=(x, y), text=WORDS, heading=turn)
    length, height, thickness = WALL
    # A wall faces across its length.
    dx, dy = -math.sin(turn) * length / 2, math.cos(turn) * length / 2
    ends: dict[str, Any] = {"start": (x - dx, y - dy), "end": (x + dx, y + dy)}
    return Wall(kind="wall", name=name, height=height, thickness=thickness, **ends)


def look(solid: Solid, world: World) -> Asset:
    """Return how it looks, as a body of one node in the motion frame."""
    alone: dict[str, Any] = {"solids": (solid,), "entities": (), "torches": ()}
    stage = build_stage(world.scenario.model_copy(update=alone))
    return meshes_asset("built", [(mesh.material, stage.materials[mesh.material], mesh) for mesh in stage.meshes])
