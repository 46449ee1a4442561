"""Obstacles: what can be moved but stops a body all the same: heavy objects, and doors that are shut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.geometry import Solids
from prometheus.world.primitives import Door
from prometheus.world.shapes import build_solids, door_leaf

if TYPE_CHECKING:
    from prometheus.world.arena import Prop
    from prometheus.world.entity import Actor
    from prometheus.world.mover import Mover
    from prometheus.world.physics import World

LIGHT = 0.15
"""Share of a body's mass: what weighs less is pushed aside and is no obstacle."""


def is_obstacle(mass: float, actor: Actor) -> bool:
    """Whether a movable thing of a mass (kg) is an obstacle for an actor."""
    return mass >= LIGHT * actor.mass


def obstacles(world: World, actor: Actor) -> Solids:
    """Return the things that stop an actor where they stand now, as upright boxes."""
    feet, step = float(actor.position[2]), float(getattr(actor, "step", 0.05))
    x, y = actor.position[:2].tolist()

    def stops(prop: Prop) -> bool:
        near = abs(prop.position[0] - x) + abs(prop.position[1] - y) < 20
        return near and is_obstacle(prop.shape.mass, actor)

    return _boxes([*filter(stops, world.props)], world.movers, feet + step, feet + actor.height)


def loose(world: World) -> Solids:
    """Return everything movable, and the leaves of doors, where they stand now, as upright boxes."""
    if world.props or world.movers:
        return _boxes(world.props, world.movers, -np.inf, np.inf)
    # Before its physics is there.
    doors = [door_leaf(solid) for solid in world.scenario.solids if isinstance(solid, Door)]
    return build_solids((*(shape for shape in world.shapes if shape.mass > 0), *doors), movable=True)


def _boxes(props: Sequence[Prop], movers: Sequence[Mover], above: float, below: float) -> Solids:
    """Props, and movers that are no floors, of which some part is between two heights (m)."""
    rows, names = [], []
    for prop in props:
        low, high, half, heading = _upright(prop.position, prop.rotation, prop.shape.size)
        if high > above and low < below:
            rows.append((prop.position[0], prop.position[1], *half, heading, low, high))
            names.append(prop.shape.name)
    for mover in movers:
        if mover.shape.floor:
            continue
        x, y, z, heading = mover.pose
        length, width, height = mover.shape.size
        low, high = z - height / 2, z + height / 2
        if high > above and low < below:
            rows.append((x, y, length / 2, width / 2, heading, low, high))
            names.append(mover.shape.name)
    table = np.array(rows, np.float64).reshape(-1, 7)
    none = np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros(0)
    axis = np.stack([np.cos(table[:, 4]), np.sin(table[:, 4])], -1)
    materials = tuple("" for _ in names)
    return Solids(table[:, :2], table[:, 2:4], axis, table[:, 5], table[:, 6], *none, tuple(names), materials)


def _upright(
    place: tuple[float, ...], turn: tuple[float, ...], size: tuple[float, float, float]
) -> tuple[float, float, tuple[float, float], float]:
    """Bottom, top, half length and width, and heading of a box however it lies; a tilted one as its outline."""
    x, y, z, w = turn
    length, width, height = (0.5 * side for side in size)
    if 1 - 2 * (x * x + y * y) > 0.99:
        heading = math.atan2(2 * (x * y + z * w), 1 - 2 * (y * y + z * z))
        return place[2] - height, place[2] + height, (length, width), heading
    matrix = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    around = np.abs(matrix) @ np.array([length, width, height])
    return place[2] - around[2], place[2] + around[2], (float(around[0]), float(around[1])), 0.0
