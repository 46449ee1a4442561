"""Walkers: where upright bodies want to go within a frame, and what legs, slopes, water and gravity make of it.

A body floats `step` m above its feet, so that kerbs, stairs and sills pass below it; rays feel the ground that it
stands on, where that is not plain. Its velocity follows what drives it, within what legs can do; gravity takes over
where the ground ends. All functions take all bodies at once: rows are actors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.footing import Footing, pace_in, pace_on

if TYPE_CHECKING:
    from prometheus.world.entity import Actor

GRAVITY = 9.81
_AIR = 3.0
"""m/s^2 that a body can do for its course while it falls."""
_UP, _DOWN = 2.5, 3.5
"""m/s that the feet rise onto, and sink onto, uneven ground, beside what the pace needs."""
_FASTEST_FALL = 30.0
_SLIDE = 3.0


@dataclass(frozen=True, slots=True)
class Stature:
    """What does not change about bodies from frame to frame, as arrays [A]: see the properties of `Actor`."""

    height: np.ndarray
    step: np.ndarray
    reach: np.ndarray
    footprint: np.ndarray
    side: np.ndarray
    acceleration: np.ndarray
    long: np.ndarray

    @classmethod
    def of(cls, actors: Sequence[Actor]) -> Stature:
        """Measure actors."""
        rows = np.array([(a.height, a.step, a.reach, a.footprint, a.side, a.acceleration, a.length) for a in actors])
        return cls(*rows.reshape(-1, 7).T[:6], rows.reshape(-1, 7)[:, 6] > 0)


@dataclass(slots=True, eq=False)
class Gait:
    """What bodies do within one frame.

    Attributes:
        velocity: [A, 2] m/s, at the frame's start. target: [A, 2] m/s, aimed for, slopes and water taken off.
        acceleration: [A] m/s^2. rise: [A] m/s, upward. grounded: [A].
        share: [A, substeps] of the way from velocity to target that legs have done after each substep.
    """

    velocity: np.ndarray
    target: np.ndarray
    acceleration: np.ndarray
    rise: np.ndarray
    grounded: np.ndarray
    share: np.ndarray

    def mean(self, substeps: int) -> np.ndarray:
        """Return the mean velocity [A, 2] m/s over the first substeps, if nothing is in the way."""
        return self.velocity + (self.target - self.velocity) * self.share[:, :substeps].mean(1, keepdims=True)

    def after(self, substeps: int) -> np.ndarray:
        """Return the velocity [A, 2] m/s after so many substeps, if nothing is in the way."""
        return self.velocity + (self.target - self.velocity) * self.share[:, substeps - 1 : substeps]


def ways(heading: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Return the unit vectors [A, 2] along which bodies go, or face where they stand."""
    speed = np.hypot(velocity[:, 0], velocity[:, 1])[:, None]
    facing = np.stack([np.cos(heading), np.sin(heading)], -1)
    return np.where(speed > 0.05, velocity / np.maximum(speed, 1e-9), facing)


def plan(
    actors: Sequence[Actor], stature: Stature, carried: np.ndarray, wet: np.ndarray, substeps: int, step: float
) -> Gait:
    """Work out for one frame how fast everybody wants to go.

    Args:
        actors: A bodies.
        stature: theirs.
        carried: [A, 3] m/s of the platform that each stands on.
        wet: [A] m of water that each stands in.
        substeps: of the frame.
        step: s of one.
    """
    rows = np.array(
        [(*a.velocity, *a.target, a.rise, a.slope, *a.downhill, a.grounded) for a in actors], np.float64
    )
    velocity, wanted, rise, slope = rows[:, 0:2], rows[:, 2:4], rows[:, 4], rows[:, 5]
    downhill, grounded = rows[:, 6:8], rows[:, 8] > 0
    if slope.any() or wet.any():
        wanted = wanted * (pace_on(slope) * pace_in(wet, stature.height))[:, None]
    wanted = wanted + carried[:, :2]
    if downhill.any():
        steep = np.hypot(downhill[:, 0], downhill[:, 1])[:, None]
        unit = downhill / np.maximum(steep, 1e-9)
        uphill = np.minimum((wanted * unit).sum(1, keepdims=True), 0.0)
        wanted = np.where(steep > 0, wanted - uphill * unit + _SLIDE * unit, wanted)
    acceleration = np.where(grounded, stature.acceleration, np.minimum(stature.acceleration, _AIR))
    size = np.hypot(*(wanted - velocity).T)
    share = np.minimum(1.0, np.arange(1, substeps + 1) * (acceleration * step / np.maximum(size, 1e-12))[:, None])
    return Gait(velocity, wanted, acceleration, rise, grounded, share)


def settle(
    actors: Sequence[Actor],
    feet: np.ndarray,
    stature: Stature,
    gait: Gait,
    footing: Footing,
    lift: np.ndarray,
    frame: float,
) -> None:
    """Decide who stands and who falls, and how fast each goes up or down in the frame; changes `gait` and the actors.

    Args:
        actors: A bodies.
        feet: [A, 3] m.
        stature: theirs.
        gait: of the frame.
        footing: at its end.
        lift: [A] m/s, upward, of the platform under each.
        frame: s.
    """
    apart = footing.height + lift * frame - feet[:, 2]
    # Who falls lands where the ground is reached within the frame; who stands goes down a step but not a ledge.
    dropping = np.maximum(gait.rise - GRAVITY * frame, -_FASTEST_FALL)
    landing = ~gait.grounded & (apart >= 0.5 * (gait.rise + dropping) * frame)
    standing = gait.grounded & (apart >= -stature.step - 0.02) | landing
    speed = np.hypot(*gait.target.T)
    apart = np.where(standing, apart, 0.0) / frame
    easy = np.clip(apart, -(_DOWN + speed), _UP + speed)
    rise = np.where(standing, np.where(landing & (apart < 0), np.maximum(apart, -_FASTEST_FALL), easy), gait.rise)
    for i, actor in enumerate(actors):
        if standing[i]:
            actor.airborne, actor.grounded, actor.slope = 0.0, True, float(footing.slope[i])
            actor.downhill = (float(footing.downhill[i, 0]), float(footing.downhill[i, 1]))
            actor.landing = float(-dropping[i]) if landing[i] else 0.0
        else:
            actor.airborne, actor.grounded, actor.slope = actor.airborne + frame, False, 0.0
            actor.downhill, actor.landing = (0.0, 0.0), 0.0
        actor.under = int(footing.under[i])
    gait.rise, gait.grounded = rise, standing


def push(velocity: tuple[float, float, float], target: tuple[float, float], most: float) -> tuple[float, float]:
    """Return the velocity (x, y) m/s after legs changed it by at most `most` m/s towards the target."""
    dx, dy = target[0] - velocity[0], target[1] - velocity[1]
    wanted = math.hypot(dx, dy)
    scale = min(1.0, most / wanted) if wanted > 0.0 else 0.0
    return velocity[0] + dx * scale, velocity[1] + dy * scale
