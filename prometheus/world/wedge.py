"""Wedge: puts bodies that were pressed into walls back on their surface.

Bullet's own contacts hold a body to about 0.1 mm. What gets through (a squeeze between two others) is put back by hand,
so that the 2 cm promise does not hang on a solver's convergence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prometheus.world.geometry import Outline

if TYPE_CHECKING:
    from prometheus.world.arena import Arena

SKIN = 0.004
"""m inside a wall beyond which a body is put back; Bullet itself stays far below it."""
_TRIES = 4
Pose = tuple[float, float, float, tuple[float, ...]]
"""x, y, z m and rotation xyzw."""


def freed_circle(
    place: tuple[float, float], before: tuple[float, float], walls: Sequence[tuple[Outline, float]]
) -> tuple[float, float]:
    """Return where (x, y) m a circle comes to that is pushed out of walls, in plan.

    Args:
        place: (x, y) m, its middle.
        before: where it was when nothing pressed it: it goes back there where it is wedged.
        walls: outlines, and the radius m that it has beside each.
    """
    x, y = place
    tried = []
    for _ in range(_TRIES + 1):
        deep, dx, dy = _inside(x, y, walls)
        if deep <= SKIN:
            return x, y
        tried.append((deep, x, y))
        x, y = x + dx, y + dy
    tried.append((_inside(*before, walls)[0], *before))
    _, x, y = min(tried, key=lambda way: way[0])
    return x, y


def freed_box(arena: Arena, handle: int, walls: Sequence[int], before: Pose | None, level: bool) -> tuple[Pose, bool]:
    """Push a leaning box out of walls and return where it is, and whether it is free there.

    Args:
        arena: that it is in.
        handle: of the box, which is moved.
        walls: handles of what it may be in.
        before: where it was when nothing pressed it: in plan, it goes back there where it is wedged.
        level: whether it comes up no higher than it is; what falls on an edge has to.
    """
    (x, y, z), turn = arena.bullet.getBasePositionAndOrientation(handle, physicsClientId=arena.client)
    tried: list[tuple[float, Pose]] = []
    for _ in range(_TRIES):
        deep, (dx, dy, dz) = _pressed(arena, handle, walls)
        tried.append((deep, (x, y, z, turn)))
        if deep <= SKIN:
            return tried[-1][1], True
        x, y, z = x + dx, y + dy, z + (min(dz, 0.0) if level else dz)
        _move(arena, handle, (x, y, z, turn))
    if before is not None:
        back = (*before[:2], tried[0][1][2], before[3])
        _move(arena, handle, back)
        tried.append((_pressed(arena, handle, walls)[0], back))
    deep, pose = min(tried, key=lambda way: way[0])
    _move(arena, handle, pose)
    return pose, deep <= SKIN


def _inside(x: float, y: float, walls: Sequence[tuple[Outline, float]]) -> tuple[float, float, float]:
    """How deep (m) a circle is in the wall that it is deepest in, and the way out of it."""
    worst = (0.0, 0.0, 0.0)
    for outline, radius in walls:
        depth, nx, ny = outline.depth(x, y, radius)
        if depth > worst[0]:
            worst = (depth, nx * depth, ny * depth)
    return worst


def _pressed(arena: Arena, handle: int, walls: Sequence[int]) -> tuple[float, tuple[float, float, float]]:
    """How deep (m) a box is in the wall that it is deepest in, and the way out of it."""
    deep, out = 0.0, (0.0, 0.0, 0.0)
    for wall in walls:
        for point in arena.bullet.getClosestPoints(handle, wall, 0.0, physicsClientId=arena.client):
            if -point[8] > deep:
                deep, (nx, ny, nz) = -point[8], point[7]
                out = (deep * nx, deep * ny, deep * nz)
    return deep, out


def _move(arena: Arena, handle: int, pose: Pose) -> None:
    arena.bullet.resetBasePositionAndOrientation(handle, pose[:3], pose[3], physicsClientId=arena.client)
