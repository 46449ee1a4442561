"""Moving: where a door's leaf and a platform's slab are, as plain functions of how far and how long."""

from __future__ import annotations

import math

import numpy as np

from prometheus.world.primitives import Door, Platform

Pose = tuple[float, float, float, float]
"""x, y, z m of the middle of the piece, and its heading in rad."""


def door_pose(door: Door, opened: float) -> Pose:
    """Return where a door's leaf is.

    Args:
        door: the door.
        opened: 0 for closed to 1 for open.
    """
    share = min(max(opened, 0.0), 1.0)
    x, y = door.at
    z = door.height / 2
    c, s = math.cos(door.heading), math.sin(door.heading)
    if door.style == "slide":
        out = share * (door.width if door.travel is None else door.travel)
        return x + c * out, y + s * out, z, door.heading
    if door.style == "lift":
        return x, y, z + share * (door.height if door.travel is None else door.travel), door.heading
    turn = door.heading + share * (math.pi / 2 if door.travel is None else door.travel)
    half = door.width / 2
    return x + half * (math.cos(turn) - c), y + half * (math.sin(turn) - s), z, turn


def platform_pose(platform: Platform, seconds: float) -> Pose:
    """Return where a platform's slab is after some seconds: it starts with the pause at its first point."""
    points = np.array(platform.path, np.float64)
    legs = [*points, points[0]] if platform.loop else [*points, *points[-2::-1]]
    steps = np.diff(np.array(legs), axis=0)
    times = np.sqrt((steps**2).sum(1)) / platform.speed
    whole = float(times.sum()) + platform.pause * len(times)
    left = math.fmod(seconds, whole) if whole > 0 else 0.0
    place = points[0]
    for start, step, time in zip(legs, steps, times, strict=False):
        place = start
        left -= platform.pause
        if left <= 0:
            break
        if left < time:
            place = start + step * (left / time)
            break
        left -= time
        place = start + step
    x, y, z = (float(v) for v in place)
    return x, y, z - platform.size[2] / 2, platform.heading


def timer_opened(door: Door, seconds: float) -> float:
    """Return how far (0 to 1) a door with a timer is open: it opens at each `period`, stays for `hold`, and closes."""
    since = math.fmod(seconds, door.period)
    shut = door.seconds + door.hold
    if since <= shut:
        return min(since / door.seconds, 1.0)
    return max(1.0 - (since - shut) / door.seconds, 0.0)
