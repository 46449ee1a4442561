"""Gait cycles and idle stances cut from captures: the body that edited gaits are made of.

A cycle runs from one touch-down of the left foot to the next. Its tables are periodic, in the frame of its mean
heading, and sampled at `PHASES` even phases.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hephaestus import ik, rotation
from hephaestus.humanml3d import heading
from hephaestus.skeleton import FPS
from prometheus.motion.corpus.clean import contacts, runs, speeds
from prometheus.motion.corpus.clip import Clip, mirror

PHASES = 48
FOOT_SHARES = 17
"""Samples of a foot's table over its stance, and as many over its swing."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One stride of a captured gait.

    Attributes:
        source: the clip it comes from.
        speed: m/s.
        duration: s of the stride.
        duty: share of the stride in which a foot stands.
        body: [PHASES, 22, 4] rotations in the frame of the heading.
        root: [PHASES, 3] m: pelvis from its mean path (x, z) and above the floor (y).
        pitch: [2, FOOT_SHARES] rad: the foot's pitch over stance, then over swing (mean of both feet).
        ball: [2, FOOT_SHARES] m: height of the ball of the foot over stance, then over swing.
        swing: [FOOT_SHARES]: how far of its way the swinging foot is.
    """

    source: str
    speed: float
    duration: float
    duty: float
    body: np.ndarray
    root: np.ndarray
    pitch: np.ndarray
    ball: np.ndarray
    swing: np.ndarray


@dataclass(frozen=True, slots=True)
class Idle:
    """A stretch of standing: rotations [T, 22, 4] in the frame of the mean heading at 20 fps, pelvis height [T]."""

    source: str
    body: np.ndarray
    height: np.ndarray


def _periodic(table: np.ndarray, closing: np.ndarray) -> np.ndarray:
    """Spread the gap between the first row and the row that closes the stride, then resample by Fourier series."""
    n = len(table)
    ramp = np.arange(n).reshape(-1, *[1] * (table.ndim - 1)) / n
    even = table - ramp * (closing - table[0])
    spectrum = np.fft.rfft(even, axis=0)
    padded = np.zeros((PHASES // 2 + 1, *table.shape[1:]), complex)
    keep = min(len(spectrum), len(padded))
    padded[:keep] = spectrum[:keep]
    return np.fft.irfft(padded, PHASES, axis=0) * (PHASES / n)


def _aligned(q: np.ndarray) -> np.ndarray:
    """Choose signs along time so that neighbouring quaternions lie in one half space."""
    out = q.copy()
    for i in range(1, len(out)):
        flip = (out[i] * out[i - 1]).sum(-1, keepdims=True) < 0
        out[i] = np.where(flip, -out[i], out[i])
    return out


def _foot_tables(joints: np.ndarray, flags: np.ndarray, start: int, along: np.ndarray) -> dict[str, np.ndarray] | None:
    """Tables of one foot from the stride that begins at frame `start`; flags [T] its contacts, joints [T, 2, 3]."""
    stances = [(a, b) for a, b in runs(flags) if b > start - 1]
    first = next(((a, b) for a, b in stances if a >= start), None)
    following = next((a for a, _ in stances if first and a > first[0]), None)
    if first is None or following is None or following >= len(joints):
        return None
    touch, lift = first
    ankle, ball = joints[:, 0], joints[:, 1]
    foot = ball - ankle
    pitch = np.arctan2(foot[:, 1], np.linalg.norm(foot[:, [0, 2]], axis=-1))
    way = ball @ along
    frames = np.arange(len(joints))
    stand, fly = np.linspace(touch, lift - 1, FOOT_SHARES), np.linspace(lift - 1, following, FOOT_SHARES)
    gone = np.interp(fly, frames, way)
    total = gone[-1] - gone[0]
    if total < 0.15:
        return None
    return {
        "pitch": np.stack([np.interp(stand, frames, pitch), np.interp(fly, frames, pitch)]),
        "ball": np.stack([np.interp(stand, frames, ball[:, 1]), np.interp(fly, frames, ball[:, 1])]),
        "swing": np.clip((gone - gone[0]) / total, -0.05, 1.05),
        "duty": np.array((lift - touch) / (following - touch)),
    }


def _cut(clip_id: str, joints: np.ndarray, flags: np.ndarray, start: int, end: int) -> Cycle | None:
    n = end - start
    way = joints[end, 0] - joints[start, 0]
    way[1] = 0.0
    facing = np.unwrap(heading(joints[start : end + 1]))
    travel = np.arctan2(way[0], way[2])
    mean = float(facing.mean())
    off = abs((travel - mean + np.pi) % (2 * np.pi) - np.pi)
    speed = float(np.linalg.norm(way)) * FPS / n
    pace = speeds(joints[start : end + 1, 0] * [1, 0, 1])[1:-1]
    gap = float(np.abs(joints[end] - joints[end, :1] - joints[start] + joints[start, :1]).max())
    if speed < 0.35 or off > 0.35 or abs(facing[-1] - facing[0]) > 0.25 or pace.std() > 0.3 * speed or gap > 0.2:
        return None
    along = way / np.linalg.norm(way)
    feet = [
        _foot_tables(joints[:, [7 + s, 10 + s]], np.maximum(flags[:, 2 * s], flags[:, 2 * s + 1]), start, along)
        for s in range(2)
    ]
    if feet[0] is None or feet[1] is None:
        return None
    turn = rotation.yaw(-mean)
    world = _aligned(ik.to_world(ik.rotations_from_joints(joints[start : end + 1])))
    world = rotation.multiply(turn, world)
    path = joints[start, 0] + (np.arange(n + 1) / n)[:, None] * way
    path[:, 1] = 0.0
    root = rotation.rotate(turn, (joints[start : end + 1, 0] - path).astype(np.float32))
    body = rotation.normalize(_periodic(world[:-1], world[-1]).astype(np.float32))
    mean_of = {k: 0.5 * (feet[0][k] + feet[1][k]) for k in ("pitch", "ball", "swing", "duty")}
    centred = _periodic(root[:-1], root[-1])
    centred[:, [0, 2]] -= centred[:, [0, 2]].mean(0)
    return Cycle(clip_id, speed, n / FPS, float(mean_of["duty"]), body, centred.astype(np.float32),
                 mean_of["pitch"], mean_of["ball"], mean_of["swing"])  # fmt: skip


def cycles_of(clip: Clip, both_sides: bool = True) -> list[Cycle]:
    """Return the clean, straight, steady strides of a clip and, with both_sides, those of its mirror image."""
    found = []
    for joints, name in ((clip.joints, clip.id), (mirror(clip.joints), clip.id + "-m"))[: 2 if both_sides else 1]:
        flags = contacts(joints)
        starts = [a for a, _ in runs(np.maximum(flags[:, 0], flags[:, 1])) if a > 0]
        for start, end in pairwise(starts):
            if 8 <= end - start <= 36:
                cycle = _cut(name, joints, flags, start, end)
                if cycle is not None:
                    found.append(cycle)
    return found


def hands_low(cycle: Cycle) -> bool:
    """Return whether the arms of a stride swing below the shoulders, as plain walking and running arms do."""
    joints = ik.forward(ik.to_local(cycle.body.astype(np.float32)), cycle.root.astype(np.float32))
    shoulders = joints[:, [16, 17], 1]
    elbows, wrists = joints[:, [18, 19], 1] - shoulders, joints[:, [20, 21], 1] - shoulders
    return bool(elbows.max() < -0.04 and wrists.max() < 0.12)


def idles_of(clip: Clip, seconds: float = 2.0) -> list[Idle]:
    """Return stretches of at least `seconds` in which a clip stands still with the hands low."""
    joints = clip.joints
    flags = contacts(joints)
    still = (speeds(joints[:, 0]) < 0.12) & (flags.reshape(-1, 2, 2).max(-1).min(-1) > 0)
    low = joints[:, [20, 21], 1].max(-1) < joints[:, 0, 1] + 0.14
    quiet = (speeds(joints[:, [20, 21]]) < 0.7).all(-1)
    upright = joints[:, 0, 1] > 0.91
    found = []
    for start, end in runs(still & low & quiet & upright):
        if end - start >= seconds * FPS:
            part = joints[start:end]
            mean = float(np.unwrap(heading(part)).mean())
            world = rotation.multiply(rotation.yaw(-mean), _aligned(ik.to_world(ik.rotations_from_joints(part))))
            found.append(Idle(clip.id, world, part[:, 0, 1].copy()))
    return found


def standing_still(seconds: float = 4.0) -> Idle:
    """Return a plain way of standing, arms down and breathing, for where no capture stands."""
    clock = np.arange(round(seconds * FPS)) / FPS
    breath = np.sin(2 * np.pi * 0.25 * clock)
    local = rotation.identity(len(clock), 22)
    x, z = np.array([1, 0, 0], np.float32), np.array([0, 0, 1], np.float32)
    local[:, 9] = rotation.from_axis_angle(x, 0.015 * breath)
    hang = 1.3 - 0.01 * breath
    local[:, 16], local[:, 17] = rotation.from_axis_angle(z, -hang), rotation.from_axis_angle(z, hang)
    local[:, 18], local[:, 19] = rotation.yaw(np.full(len(clock), -0.25)), rotation.yaw(np.full(len(clock), 0.25))
    return Idle("standing", ik.to_world(local.astype(np.float32)), (0.955 + 0.002 * breath).astype(np.float32))
