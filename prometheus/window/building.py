"""Building: walls and signs that a person puts up, as the world knows them and as they look."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus.glb.asset import Asset, Material, Primitive
from hephaestus.render.texture import texture
from prometheus.stage import build_stage
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
    primitives, materials, textures = [], [], []
    for number, mesh in enumerate(stage.meshes):
        surface = stage.materials[mesh.material]
        picture = texture(surface.texture)
        shade = np.repeat(mesh.shades[:, None], 3, 1) * np.array(surface.color)
        primitives.append(
            Primitive(
                mesh.positions, mesh.normals, mesh.indices, (mesh.uvs / surface.span).astype(np.float32),
                np.c_[shade, np.ones(len(shade))].astype(np.float32), material=number,
            )
        )  # fmt: skip
        materials.append(Material(mesh.material, roughness=1.0, texture=number))
        textures.append(np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)]))
    return Asset(
        names=("built",), parents=np.array([-1], np.int32), translations=np.zeros((1, 3), np.float32),
        rotations=np.array([[0, 0, 0, 1]], np.float32), scales=np.ones((1, 3), np.float32),
        rest=np.eye(4, dtype=np.float32)[None], primitives=tuple(primitives), materials=tuple(materials),
        textures=tuple(textures),
    )  # fmt: skip
