"""Falls by physics: a ragdoll of 22 points that starts from a moving pose, lands on the floor, and gets up again.

Points are moved by Verlet integration and held together by distance constraints (Jakobsen, "Advanced Character
Physics", GDC 2001): bones and the braces of the trunk are stiff, the pose is kept by muscles that give way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus import ik, rotation
from hephaestus.humanml3d import canonical
from hephaestus.skeleton import FPS, PARENTS, REST_OFFSETS, rest_joints
from prometheus.motion.corpus.clip import Clip

_SUBSTEPS, _ROUNDS = 12, 14
_GRAVITY = np.array([0.0, -9.81, 0.0])
_BONES = np.stack([np.arange(1, 22), PARENTS[1:]], -1)
_BRACES = np.array(
    [[1, 2], [1, 3], [2, 3], [0, 6], [0, 9], [3, 9], [1, 9], [2, 9], [6, 12], [13, 14], [16, 17], [16, 12], [17, 12],
     [16, 6], [17, 6], [13, 6], [14, 6], [9, 15], [13, 12], [14, 12], [9, 16], [9, 17], [3, 12]]
)  # fmt: skip
# (a, b, m): points that may not come nearer: joints do not fold flat, limbs do not pass through one another.
_APART = ((1, 7, 0.38), (2, 8, 0.38), (16, 20, 0.28), (17, 21, 0.28), (7, 8, 0.14), (4, 5, 0.14), (15, 0, 0.5),
          (20, 9, 0.2), (21, 9, 0.2), (20, 0, 0.2), (21, 0, 0.2), (20, 21, 0.12), (4, 9, 0.3), (5, 9, 0.3),
          (4, 10, 0.42), (5, 11, 0.42))  # fmt: skip
_RADIUS = np.array([0.1, 0.09, 0.09, 0.09, 0.055, 0.055, 0.09, 0.055, 0.055, 0.1, 0.025, 0.025, 0.07, 0.08, 0.08, 0.1,
                    0.06, 0.06, 0.04, 0.04, 0.03, 0.03])  # fmt: skip
_FRICTION = 0.35
"""Share of the way along the floor that a touching point keeps in a step."""


@dataclass(frozen=True, slots=True)
class _Ties:
    """Pairs of points [K, 2] at distances [K, 1], and the share [22, K] with which a pair moves each of its points."""

    pairs: np.ndarray
    rest: np.ndarray
    share: np.ndarray


def _tied(pairs: np.ndarray, rest: np.ndarray) -> _Ties:
    """Ties that move a point by a little more than the mean of what they ask: chains would settle slowly otherwise."""
    share = np.zeros((22, len(pairs)))
    every = np.arange(len(pairs))
    share[pairs[:, 0], every], share[pairs[:, 1], every] = 0.8, -0.8
    counts = np.maximum(np.abs(share).sum(1, keepdims=True) / 0.8, 1.0)
    return _Ties(pairs, rest[:, None], share / counts)


def _ties(pose: np.ndarray) -> tuple[_Ties, _Ties]:
    """The stiff ties (at the skeleton's own lengths) and the muscles (at the pose's), of a pose [22, 3]."""
    still = rest_joints()
    braces = np.linalg.norm(still[_BRACES[:, 0]] - still[_BRACES[:, 1]], axis=-1)
    lengths = np.concatenate([np.linalg.norm(REST_OFFSETS[1:], axis=-1), braces])
    every = np.stack(np.triu_indices(22, 1), -1)
    held = np.linalg.norm(pose[every[:, 0]] - pose[every[:, 1]], axis=-1)
    return _tied(np.concatenate([_BONES, _BRACES]), lengths), _tied(every, held)


def _pulled(points: np.ndarray, ties: _Ties, stiffness: float) -> np.ndarray:
    """Points moved towards the ties' lengths; what several ties ask of a point is averaged."""
    way = points[ties.pairs[:, 1]] - points[ties.pairs[:, 0]]
    length = np.sqrt((way * way).sum(1, keepdims=True))
    return np.asarray(points + stiffness * (ties.share @ (way * (1.0 - ties.rest / np.maximum(length, 1e-6)))))


def _kept_apart(points: np.ndarray) -> np.ndarray:
    for a, b, least in _APART:
        way = points[b] - points[a]
        length = float(np.linalg.norm(way))
        if length < least:
            shift = 0.5 * way * (least / max(length, 1e-6) - 1.0)
            points[a] -= shift
            points[b] += shift
    return points


def drop(joints: np.ndarray, push: np.ndarray, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Let a body fall.

    Args:
        joints: [>= 2, 22, 3] m, y up, 20 fps: how it moved until now.
        push: [3] m/s given to the chest and, less and less, to what is below.
        seconds: how long.
        rng: source of what differs from fall to fall.

    Returns:
        Joints float32 [seconds * 20, 22, 3].
    """
    now = joints[-1].astype(np.float64)
    speed = (joints[-1] - joints[-2]).astype(np.float64) * FPS
    share = np.clip((now[:, 1:2] - 0.3) / 1.1, 0.0, 1.2)
    # The legs stay behind: that is what makes a push a fall.
    speed = speed * np.clip(0.4 + 0.6 * share, 0, 1) + push * share
    step = 1.0 / (FPS * _SUBSTEPS)
    before = now - speed * step
    stiff, muscles = _ties(now)
    tone = rng.uniform(0.15, 0.35)
    frames = []
    for i in range(round(seconds * FPS) * _SUBSTEPS):
        clock = i * step
        moved = now + 0.998 * (now - before) + _GRAVITY * step * step
        before, now = now, moved
        hold = tone * float(np.exp(-clock / 0.3)) + 0.004
        now = _pulled(now, muscles, hold)
        for _ in range(_ROUNDS):
            now = _pulled(now, stiff, 1.0)
        now = _kept_apart(now)
        under = now[:, 1] < _RADIUS
        now[:, 1] = np.maximum(now[:, 1], _RADIUS)
        before[under] = now[under] - (now - before)[under] * np.array([_FRICTION, 0.0, _FRICTION])
        if i % _SUBSTEPS == _SUBSTEPS - 1:
            frames.append(now.copy())
    return ik.fit_bones(np.array(frames, np.float32))


def _along(joints: np.ndarray) -> float:
    """Heading of a lying body: from the pelvis to the neck, rad."""
    way = joints[12] - joints[0]
    return float(np.arctan2(way[0], way[2]))


def faces_up(joints: np.ndarray) -> bool:
    """Return whether the chest of joints [22, 3] looks up."""
    return float(np.cross(joints[16] - joints[17], joints[12] - joints[0])[1]) > 0.0


def get_up(lying: np.ndarray, clip: np.ndarray, seconds: float) -> np.ndarray:
    """Return frames that lead from a lying pose [22, 3] into a get-up clip [T, 22, 3], and the clip in its place."""
    turn = rotation.yaw(_along(lying) - _along(clip[0]))
    placed = rotation.rotate(turn, clip - clip[0, 0] * np.array([1, 0, 1], np.float32))
    placed = placed + lying[0] * np.array([1, 0, 1], np.float32)
    share = np.linspace(0, 1, round(seconds * FPS) + 2)[1:-1, None, None]
    share = share * share * (3 - 2 * share)
    between = ik.fit_bones((lying * (1 - share) + placed[0] * share).astype(np.float32))
    return np.concatenate([between, placed]).astype(np.float32)


def falling(clip: Clip, ups: list[Clip], rng: np.random.Generator) -> Clip:
    """Return a clip that begins like `clip`, falls from its end, lies, and gets up by one of the `ups` that fits."""
    before = clip.joints
    way = float(rng.uniform(0, 2 * np.pi))
    push = rng.uniform(1.6, 2.8) * np.array([np.sin(way), 0.1, np.cos(way)])
    facing = rotation.yaw(_facing(before[-1]))
    down = drop(before, rotation.rotate(facing, push.astype(np.float32)), rng.uniform(2.0, 2.8), rng)
    parts, hints = [before, down], list(clip.hints)
    start = len(before) - 2
    hints[-1] = (hints[-1][0], start, hints[-1][2])
    settled = start + 22
    # The words say where the head went, which the push alone does not tell of a body that was moving.
    fell = rotation.rotate(rotation.yaw(-_facing(before[-1])), down[20, 15] - before[-1, 15])
    octant = int(np.round(np.arctan2(fell[0], fell[2]) / (np.pi / 4))) % 8
    hints.append((start, settled, {"move": "fall", "way": _WAYS[octant]}))
    hints.append((settled, len(before) + len(down) - 2, {"move": "lie"}))
    fit = [up for up in ups if faces_up(up.joints[0]) == faces_up(down[-1])]
    if fit:
        up = fit[int(rng.integers(len(fit)))]
        rising = get_up(down[-1], up.joints, rng.uniform(0.7, 1.1))
        at = len(before) + len(down)
        hints.append((at - 2, at + len(rising), {"move": "getup"}))
        parts.append(rising)
        source = f"{clip.source}+{up.source}"
    else:
        source = clip.source
    joints = canonical(np.concatenate(parts))
    return Clip(clip.id, joints, "physics", source, "fall", hints=tuple(hints))


_WAYS = ("forward", "forward-left", "left", "backward-left", "backward", "backward-right", "right", "forward-right")


def _facing(joints: np.ndarray) -> float:
    across = joints[1] - joints[2]
    return float(np.arctan2(-across[2], across[0]))
