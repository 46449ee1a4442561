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
Ground = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Rise [A] m/s, slope [A], downhill [A, 2] and whether grounded [A] of bodies in the frame before; see `Actor`."""
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
        rows = [(a.height, a.step, a.reach, a.footprint, a.side, a.acceleration, a.length) for a in actors]
        columns = np.array(rows, np.float64).reshape(-1, 7).T.copy()
        return cls(*columns[:6], columns[6] > 0)


@dataclass(slots=True, eq=False)
class Gait:
    """What bodies do within one frame.

    Attributes:
        velocity: [A, 2] m/s, at the frame's start. target: [A, 2] m/s, aimed for, slopes and water taken off.
        change: [A, 2] m/s from the one to the other.
        acceleration: [A] m/s^2. rise: [A] m/s, upward. grounded: [A].
        share: [A] of the way from velocity to target that legs do in each substep, until all of it is done.
    """

    velocity: np.ndarray
    target: np.ndarray
    change: np.ndarray
    acceleration: np.ndarray
    rise: np.ndarray
    grounded: np.ndarray
    share: np.ndarray

    def mean(self, substeps: int | np.ndarray) -> np.ndarray:
        """Return the mean velocity [A, 2] m/s over the first substeps (one number, or [A]), if nothing is in the way.

        What is done after each substep is an arithmetic series up to 1.
        """
        rising = np.minimum(np.floor(1.0 / self.share), substeps)
        done = (0.5 * self.share * rising * (rising + 1.0) + (substeps - rising)) / substeps
        return self.velocity + self.change * done[:, None]

    def after(self, substeps: int) -> np.ndarray:
        """Return the velocity [A, 2] m/s after so many substeps, if nothing is in the way."""
        return self.velocity + self.change * np.minimum(substeps * self.share, 1.0)[:, None]


def ways(heading: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Return the unit vectors [A, 2] along which bodies go, or face where they stand."""
    speed = np.hypot(velocity[:, 0], velocity[:, 1])[:, None]
    facing = np.stack([np.cos(heading), np.sin(heading)], -1)
    return np.where(speed > 0.05, velocity / np.maximum(speed, 1e-9), facing)


def plan(
    velocity: np.ndarray, wanted: np.ndarray, ground: Ground, stature: Stature, carried: np.ndarray | None,
    wet: np.ndarray | None, step: float,
) -> Gait:  # fmt: skip
    """Work out for one frame how fast everybody wants to go.

    Args:
        velocity: [A, 2] m/s, of A bodies.
        wanted: [A, 2] m/s, what drives them.
        ground: what was under them.
        stature: theirs.
        carried: [A, 3] m/s of the platform that each stands on; None where there is none.
        wet: [A] m of water that each stands in; None where there is none.
        step: s of one substep.
    """
    rise, slope, downhill, grounded = ground
    if slope.any():
        wanted = wanted * pace_on(slope)[:, None]
    if wet is not None:
        wanted = wanted * pace_in(wet, stature.height)[:, None]
    if carried is not None:
        wanted = wanted + carried[:, :2]
    if downhill.any():
        steep = np.hypot(downhill[:, 0], downhill[:, 1])[:, None]
        unit = downhill / np.maximum(steep, 1e-9)
        uphill = np.minimum((wanted * unit).sum(1, keepdims=True), 0.0)
        wanted = np.where(steep > 0, wanted - uphill * unit + _SLIDE * unit, wanted)
    acceleration = stature.acceleration
    if not grounded.all():
        acceleration = np.where(grounded, acceleration, np.minimum(acceleration, _AIR))
    change = wanted - velocity
    size = np.hypot(change[:, 0], change[:, 1])
    share = np.minimum(1.0, acceleration * step / np.maximum(size, 1e-12))
    return Gait(velocity, wanted, change, acceleration, rise, grounded, share)


def settle(
    actors: Sequence[Actor],
    feet: np.ndarray,
    stature: Stature,
    gait: Gait,
    footing: Footing,
    lift: np.ndarray | float,
    frame: float,
    calm: np.ndarray,
) -> np.ndarray:
    """Decide who stands and who falls, and how fast each goes up or down in the frame; changes `gait` and the actors.

    Args:
        actors: A bodies.
        feet: [A, 3] m.
        stature: theirs.
        gait: of the frame.
        footing: at its end.
        lift: [A] m/s, or one for all, upward, of the platform under each.
        frame: s.
        calm: [A] who stood on plain level ground and does so still: nothing about it is new but its pace.

    Returns:
        Who stands and did not just land, [A].
    """
    apart = footing.height + lift * frame - feet[:, 2]
    # Who falls lands where the ground is reached within the frame; who stands goes down a step but not a ledge.
    dropping = np.maximum(gait.rise - GRAVITY * frame, -_FASTEST_FALL)
    landing = ~gait.grounded & (apart >= 0.5 * (gait.rise + dropping) * frame)
    standing = gait.grounded & (apart >= -stature.step - 0.02) | landing
    speed = np.hypot(gait.target[:, 0], gait.target[:, 1])
    apart = np.where(standing, apart, 0.0) / frame
    easy = np.minimum(np.maximum(apart, -(_DOWN + speed)), _UP + speed)
    rise = np.where(standing, np.where(landing & (apart < 0), np.maximum(apart, -_FASTEST_FALL), easy), gait.rise)
    for i in np.flatnonzero(~(calm & standing)).tolist():
        actor = actors[i]
        if standing[i]:
            actor.airborne, actor.grounded, actor.slope = 0.0, True, float(footing.slope[i])
            actor.downhill = (float(footing.downhill[i, 0]), float(footing.downhill[i, 1]))
            actor.landing = float(-dropping[i]) if landing[i] else 0.0
        else:
            actor.airborne, actor.grounded, actor.slope = actor.airborne + frame, False, 0.0
            actor.downhill, actor.landing = (0.0, 0.0), 0.0
        actor.under = int(footing.under[i])
    gait.rise, gait.grounded = rise, standing
    return standing & ~landing


def push(velocity: tuple[float, float, float], target: tuple[float, float], most: float) -> tuple[float, float]:
    """Return the velocity (x, y) m/s after legs changed it by at most `most` m/s towards the target."""
    dx, dy = target[0] - velocity[0], target[1] - velocity[1]
    wanted = math.hypot(dx, dy)
    scale = min(1.0, most / wanted) if wanted > 0.0 else 0.0
    return velocity[0] + dx * scale, velocity[1] + dy * scale
