"""Footsteps for any path: where and when each foot stands, and how it flies between.

A foot's foothold is the place under the body in the middle of its stance (as in Raibert, "Legged Robots That
Balance", 1986), so that it never slides, whatever the body's direction, speed and turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus import rotation
from prometheus.motion.corpus.clean import runs

RATE = 60
"""Samples a second that gaits are planned at."""
_MOVING, _TURNING = 0.12, 0.3
_REACH = 0.52
"""m that the body may be away from over a standing foot, along the floor."""
_SPEEDS = np.array([0.0, 0.4, 0.7, 1.3, 1.9, 2.3, 2.8, 3.5, 4.6, 6.0])
_STRIDE = np.array([1.35, 1.3, 1.25, 1.1, 0.92, 0.8, 0.74, 0.68, 0.6, 0.54])
HOP_TIME, HOP_DUTY = 0.74, 0.55
"""s from one take-off of a jumper to the next, and the share of it on the floor."""
_DUTY = np.array([0.74, 0.72, 0.68, 0.62, 0.55, 0.44, 0.4, 0.37, 0.34, 0.28])


@dataclass(frozen=True, slots=True)
class Path:
    """What the body is to do, sampled at RATE.

    Attributes:
        place: [N, 2] m: the root over the floor (x, z).
        heading: [N] rad.
        velocity: [N, 2] m/s in the body's frame (left, forward).
        tempo: [N] factor on the stride rate.
        hop: [N] 0..1 of travelling by jumps with both feet.
    """

    place: np.ndarray
    heading: np.ndarray
    velocity: np.ndarray
    tempo: np.ndarray
    hop: np.ndarray

    @property
    def speed(self) -> np.ndarray:
        """[N] m/s."""
        return np.asarray(np.linalg.norm(self.velocity, axis=-1))


@dataclass(frozen=True, slots=True)
class Feet:
    """Both feet at RATE.

    Attributes:
        phase: [N] of the gait, 0 at a touch-down of the left foot.
        moving: [N] 0..1: 0 while standing still.
        ball: [N, 2, 2] m: ball of the foot over the floor (x, z).
        yaw: [N, 2] rad: where the foot points.
        stands: [N, 2] whether the foot stands.
        share: [N, 2] 0..1 of the present stance or swing.
        reach: [N, 2] m: length of the present swing.
        swung: [N, 2] 0..1 of the way of the present swing.
    """

    phase: np.ndarray
    moving: np.ndarray
    ball: np.ndarray
    yaw: np.ndarray
    stands: np.ndarray
    share: np.ndarray
    reach: np.ndarray
    swung: np.ndarray


def stride_time(speed: np.ndarray, sideways: np.ndarray) -> np.ndarray:
    """Return seconds a stride at a speed; steps sideways and backward are shorter and quicker."""
    return np.asarray(np.interp(speed, _SPEEDS, _STRIDE) * (1.0 - 0.22 * sideways))


def phases(path: Path, start: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gait's phase [N] (growing), the duty [N] and whether the gait runs [N].

    Standing still freezes the phase where both feet are down; turning in place keeps it running.
    """
    speed = path.speed
    turning = np.abs(np.gradient(path.heading)) * RATE
    sideways = np.abs(np.sin(np.arctan2(path.velocity[:, 0], path.velocity[:, 1]))) * (speed > 0.05)
    effort = np.maximum(speed, np.minimum(0.3 * turning, 1.2))
    period = stride_time(effort, sideways) / path.tempo
    duty = np.interp(effort, _SPEEDS, _DUTY)
    jumps = path.hop > 0.5
    period = np.where(jumps, HOP_TIME / path.tempo, period)
    duty = np.where(jumps, HOP_DUTY, duty)
    active = (speed > _MOVING) | (turning > _TURNING) | jumps
    phase = np.empty(len(speed))
    value = start
    for i in range(len(speed)):
        phase[i] = value
        step = 1.0 / (RATE * period[i])
        if active[i]:
            value += step
            continue
        rest = max(duty[i] - 0.5, 0.02) / 2.0
        target = np.ceil((value - rest) * 2.0 - 1e-9) / 2.0 + rest
        value = min(value + step, target)
    runs_on = np.concatenate([np.diff(phase) > 1e-6, [False]])
    return phase, duty, runs_on


def plan(path: Path, start: float, home: float, lead: np.ndarray, swing: np.ndarray) -> Feet:
    """Place both feet along a path.

    Args:
        path: where the body goes.
        start: phase at the first sample.
        home: m, half the distance of the feet when standing.
        lead: [N] shift between the feet's phases away from half a stride (gallop), positive leads with the right.
        swing: table of the way over a swing.
    """
    phase, duty, running = phases(path, start)
    speed = path.speed
    stride = stride_time(np.maximum(speed, 0.4), np.abs(path.velocity[:, 0]) / np.maximum(speed, 0.3)) / path.tempo
    # Feet that step sideways must not cross: they stand wider by half of what one gains on the other in a step.
    wide = 0.5 * np.abs(path.velocity[:, 0]) * stride * (0.5 - np.abs(lead)) + 0.055
    width = np.maximum(home, np.minimum(wide, 0.36))
    feet = [_foot(path, phase, duty, running, side, lead, width, swing) for side in (0, 1)]
    merged = [np.stack(parts, 1) for parts in zip(*feet, strict=True)]
    return Feet(phase, running.astype(float), *merged)


def _foot(
    path: Path, phase: np.ndarray, duty: np.ndarray, running: np.ndarray, side: int, lead: np.ndarray,
    width: np.ndarray, swing: np.ndarray,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    n = len(phase)
    sign = 1.0 if side == 0 else -1.0
    own = phase + (0.0 if side == 0 else 0.5) + sign * 0.5 * lead
    own = np.maximum.accumulate(own)
    stands = (own % 1.0) < duty
    intervals = runs(stands) or [(0, n)]
    places, yaws, kept = [], [], []
    for a, b in intervals:
        frozen = np.flatnonzero(~running[a:b])
        if len(frozen) > RATE // 6:
            at = a + int(np.median(frozen))
        else:
            middle = np.floor(own[a]) + 0.5 * duty[a:b].mean()
            at = a + int(np.argmin(np.abs(own[a:b] - middle)))
        facing = path.heading[at]
        offset = np.array([sign * width[at], 0.0, 0.02], np.float32)
        turned = rotation.rotate(rotation.yaw(facing), offset)
        places.append(path.place[at] + turned[[0, 2]])
        yaws.append(facing)
        kept.append(_in_reach(path.place, a, b, at))
    stands = np.zeros(n, bool)
    for a, b in kept:
        stands[a:b] = True
    return _between(kept, np.array(places), np.array(yaws), n, swing, stands)


def _in_reach(place: np.ndarray, a: int, b: int, at: int) -> tuple[int, int]:
    """Shorten a stance to the time in which the body is near enough for the leg to stand."""
    far = np.linalg.norm(place[a:b] - place[at], axis=-1) > _REACH
    before, after = np.flatnonzero(far[: at - a]), np.flatnonzero(far[at - a :])
    first = a + int(before[-1]) + 1 if len(before) else a
    last = at + int(after[0]) if len(after) else b
    return first, max(last, first + 1)


def _between(
    intervals: list[tuple[int, int]], places: np.ndarray, yaws: np.ndarray, n: int, swing: np.ndarray,
    stands: np.ndarray,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    ball, yaw = np.empty((n, 2)), np.empty(n)
    share, reach, swung = np.zeros(n), np.zeros(n), np.zeros(n)
    ball[: intervals[0][0]], yaw[: intervals[0][0]] = places[0], yaws[0]
    for k, (a, b) in enumerate(intervals):
        ball[a:b], yaw[a:b] = places[k], yaws[k]
        share[a:b] = (np.arange(b - a) + 0.5) / (b - a)
        if k + 1 < len(intervals):
            until = intervals[k + 1][0]
            gone = (np.arange(until - b) + 1.0) / (until - b + 1.0)
            way = np.interp(gone, np.linspace(0, 1, len(swing)), swing)
            way = (way - swing[0]) / (swing[-1] - swing[0])
            ball[b:until] = places[k] + way[:, None] * (places[k + 1] - places[k])
            even = gone * gone * (3 - 2 * gone)
            yaw[b:until] = yaws[k] + even * (yaws[k + 1] - yaws[k])
            share[b:until], swung[b:until] = gone, way
            reach[b:until] = np.linalg.norm(places[k + 1] - places[k])
        else:
            ball[b:], yaw[b:] = places[k], yaws[k]
    return ball, yaw, stands, share, reach, swung
