"""Masonry: the pieces of a world put into Bullet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from prometheus.world.ground import Patch, deepest, floor_shapes, patches
from prometheus.world.scenario import Scenario
from prometheus.world.shapes import Shape


def form_of(bullet: Any, client: int, shape: Shape) -> int:
    """Return Bullet's collision shape of a piece, about its own centre."""
    half = [v / 2 for v in shape.size]
    if shape.kind == "cylinder":
        return int(
            bullet.createCollisionShape(
                bullet.GEOM_CYLINDER, radius=half[0], height=shape.size[2], physicsClientId=client
            )
        )
    if shape.kind == "ramp":
        x, y, z = half
        corners = [(-x, -y, -z), (-x, y, -z), (x, -y, -z), (x, y, -z), (x, -y, z), (x, y, z)]
        return int(bullet.createCollisionShape(bullet.GEOM_MESH, vertices=corners, physicsClientId=client))
    return int(bullet.createCollisionShape(bullet.GEOM_BOX, halfExtents=half, physicsClientId=client))


def turn_of(heading: float) -> tuple[float, float, float, float]:
    """Return the quaternion (xyzw) of a heading (rad)."""
    return 0.0, 0.0, math.sin(heading / 2), math.cos(heading / 2)


def lay_ground(bullet: Any, client: int, scenario: Scenario) -> list[tuple[int, str]]:
    """Build the floor that nobody falls through, and everything that is not level.

    Returns:
        Bullet's handle of each piece, and the name of the solid that it belongs to ("ground" for the level ground).
    """
    floors, fields = floor_shapes(scenario), patches(scenario)
    plane = bullet.createCollisionShape(bullet.GEOM_PLANE, physicsClientId=client)
    # With holes in it the level ground is made of boxes, and the plane lies under everything as a last floor.
    place = (0.0, 0.0, deepest(scenario) - 0.9 if floors else 0.0)
    pieces = [(int(bullet.createMultiBody(0, plane, basePosition=place, physicsClientId=client)), "ground")]
    for shape in floors:
        handle = bullet.createMultiBody(
            0, form_of(bullet, client, shape), basePosition=shape.centre, useMaximalCoordinates=1,
            physicsClientId=client,
        )  # fmt: skip
        pieces.append((int(handle), shape.name))
    pieces += [(_add_patch(bullet, client, patch), patch.name) for patch in fields]
    for handle, _ in pieces:
        bullet.changeDynamics(handle, -1, lateralFriction=0.8, physicsClientId=client)
    return pieces


def _add_patch(bullet: Any, client: int, patch: Patch) -> int:
    # Bullet keeps single precision: a mesh about its own middle stays exact far from the origin.
    x0, y0, x1, y1 = patch.outline
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2, 0.0])
    form = bullet.createCollisionShape(
        bullet.GEOM_MESH, vertices=(patch.vertices - middle).tolist(), indices=patch.triangles.ravel().tolist(),
        physicsClientId=client,
    )  # fmt: skip
    return int(
        bullet.createMultiBody(
            0, form, basePosition=middle.tolist(), useMaximalCoordinates=1, physicsClientId=client
        )
    )
