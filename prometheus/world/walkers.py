"""Walkers: the upright bodies of a world, and what makes them walk, climb, fall and stop in Bullet.

A body is a dynamic capsule (a box where it has a length) that floats `step` m above its feet, so that kerbs, stairs and
the sill of a door pass below it; rays feel the ground that it stands on. Its velocity follows what drives it, within
what legs can do; gravity takes over where the ground ends. Those with nothing in reach cost one call a frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.world.footing import Footing, feel, pace_in, pace_on

if TYPE_CHECKING:
    from prometheus.world.entity import Actor

GRAVITY = 9.81
_AIR = 3.0
"""m/s^2 that a body can do for its course while it falls."""
_UP, _DOWN = 2.5, 3.5
"""m/s that the feet rise onto, and sink onto, uneven ground, beside what the pace needs."""
_FASTEST_FALL = 30.0
_SLIDE = 3.0
_TURN = 6.0
"""rad/s that a long body turns at most."""


@dataclass(slots=True, eq=False)
class Gait:
    """What all bodies do within one frame; rows are actors.

    Attributes:
        velocity: [A, 2] m/s, at the frame's start. target: [A, 2] m/s, aimed for, slopes and water taken off.
        acceleration: [A] m/s^2. rise: [A] m/s, upward. grounded: [A]. last: [A, 2] m/s at the frame's end if free.
    """

    velocity: np.ndarray
    target: np.ndarray
    acceleration: np.ndarray
    rise: np.ndarray
    grounded: np.ndarray
    last: np.ndarray
    mean: np.ndarray


def ways(actors: Sequence[Actor], velocity: np.ndarray) -> np.ndarray:
    """Return the unit vectors [A, 2] along which bodies go, or face where they stand."""
    heading = np.array([actor.heading for actor in actors])
    facing = np.stack([np.cos(heading), np.sin(heading)], -1)
    speed = np.hypot(velocity[:, 0], velocity[:, 1])[:, None]
    return np.where(speed > 0.05, velocity / np.maximum(speed, 1e-9), facing)


def plan(
    actors: Sequence[Actor], feet: np.ndarray, cast: Any, carried: np.ndarray, wet: np.ndarray, substeps: int, step: float
) -> tuple[Gait, Footing]:
    """Work out for one frame where everybody wants to go, and what ground they will come to.

    Args:
        actors: A bodies.
        feet: [A, 3] m.
        cast: rays against what can be stood on.
        carried: [A, 3] m/s of the platform that each stands on.
        wet: [A] m of water that each stands in.
        substeps: of the frame. step: s of one.
    """
    frame = substeps * step
    velocity = np.array([actor.velocity for actor in actors])
    wanted = np.array([actor.target for actor in actors])
    rise = np.array([actor.rise for actor in actors])
    grounded = np.array([actor.grounded for actor in actors])
    height = np.array([actor.height for actor in actors])
    slope = np.array([actor.slope for actor in actors])
    along = np.einsum("ac,ac->a", wanted, ways(actors, wanted))
    wanted = wanted * (np.where(along > 0.05, pace_on(slope), 1.0) * pace_in(wet, height))[:, None]
    wanted = wanted + carried[:, :2]
    downhill = np.array([actor.downhill for actor in actors])
    steep = np.hypot(downhill[:, 0], downhill[:, 1])
    unit = downhill / np.maximum(steep, 1e-9)[:, None]
    uphill = np.minimum(np.einsum("ac,ac->a", wanted, unit), 0.0)
    wanted = np.where(steep[:, None] > 0, wanted - uphill[:, None] * unit + _SLIDE * unit, wanted)
    legs = np.array([actor.acceleration for actor in actors])
    acceleration = np.where(grounded, legs, np.minimum(legs, _AIR))
    change = wanted - velocity
    size = np.hypot(change[:, 0], change[:, 1])
    share = np.minimum(1.0, np.arange(1, substeps + 1) * (acceleration * step / np.maximum(size, 1e-12))[:, None])
    mean = velocity + change * share.mean(1)[:, None]
    last = velocity + change * share[:, -1:]
    climb = np.array([actor.step for actor in actors])
    reach = np.array([actor.footprint for actor in actors])
    ahead = feet.copy()
    ahead[:, :2] += frame * mean
    fall = float(-rise.min(initial=0.0)) * frame + 0.5
    footing = feel(cast, ahead, ways(actors, mean - carried[:, :2]), climb, reach, fall)
    return Gait(velocity, wanted, acceleration, rise, grounded, last, mean), footing


def settle(actors: Sequence[Actor], feet: np.ndarray, gait: Gait, footing: Footing, lift: np.ndarray, frame: float) -> None:
    """Decide who stands and who falls, and how fast each goes up or down in the frame; changes `gait` and the actors.

    Args:
        actors: A bodies. feet: [A, 3] m.
        gait: of the frame. footing: at its end.
        lift: [A] m/s, upward, of the platform under each.
        frame: s.
    """
    ground = footing.height + lift * frame
    climb = np.array([actor.step for actor in actors])
    apart = ground - feet[:, 2]
    # Who falls lands where the ground is reached within the frame; who stands goes down a step but not a ledge.
    dropping = np.maximum(gait.rise - GRAVITY * frame, -_FASTEST_FALL)
    landing = ~gait.grounded & (apart >= 0.5 * (gait.rise + dropping) * frame)
    standing = gait.grounded & (apart >= -climb - 0.02) | landing
    speed = np.hypot(gait.mean[:, 0], gait.mean[:, 1])
    easy = np.clip(np.where(standing, apart, 0.0) / frame, -(_DOWN + speed), _UP + speed)
    hard = np.maximum(np.where(standing, apart, 0.0) / frame, -_FASTEST_FALL)
    for i, actor in enumerate(actors):
        actor.landing = float(-dropping[i]) if landing[i] else 0.0
        actor.airborne = 0.0 if standing[i] else actor.airborne + frame
        actor.grounded = bool(standing[i])
        actor.slope = float(footing.slope[i]) if standing[i] else 0.0
        actor.downhill = (float(footing.downhill[i, 0]), float(footing.downhill[i, 1])) if standing[i] else (0.0, 0.0)
    gait.rise = np.where(standing, np.where(landing & (hard < 0), hard, easy), gait.rise)
    gait.grounded = standing


def push(
    velocity: tuple[float, float, float], target: tuple[float, float], most: float
) -> tuple[float, float]:
    """Return the velocity (x, y) m/s after legs changed it by at most `most` m/s towards the target."""
    dx, dy = target[0] - velocity[0], target[1] - velocity[1]
    wanted = math.hypot(dx, dy)
    scale = min(1.0, most / wanted) if wanted > 0.0 else 0.0
    return velocity[0] + dx * scale, velocity[1] + dy * scale
