"""Clips that were exported in place, and cycles of a second: the way they would go, and more of them."""

from __future__ import annotations

import numpy as np

from prometheus.motion.corpus.clean import gaussian, smooth
from prometheus.motion.corpus.clip import Raw

_IN_PLACE = 0.3
"""m that the root of a clip in place wanders at most."""
_LOW = 0.05
"""m above its lowest place under which a foot counts as standing."""
_JOINS = 0.06
"""m that the ends of a cycle differ at most, mean over joints."""
_LONG = 4.0
"""s that a cycle is repeated to."""


def travelling(raw: Raw) -> Raw:
    """Return a clip that treads in place with the travel that its standing feet tell; any other clip as it is."""
    joints = raw.joints
    if float(np.ptp(joints[:, 0, [0, 2]], axis=0).max()) > _IN_PLACE or len(joints) < 6:
        return raw
    balls = joints[:, [10, 11]]
    speed = np.gradient(balls[..., [0, 2]], axis=0) * raw.fps
    low = balls[..., 1] < balls[..., 1].min() + _LOW
    stands = low.any(1)
    if stands.sum() < 4:
        return raw
    lower = np.argmin(balls[..., 1], axis=1)
    slide = speed[np.arange(len(balls)), lower]
    mean = slide[stands].mean(0)
    # Feet that tread slide one way all the time; a dancer's go to and fro.
    if np.linalg.norm(mean) < 0.3 or np.linalg.norm(mean) < 0.6 * np.linalg.norm(slide[stands], axis=-1).mean():
        return raw
    every = np.arange(len(joints))
    velocity = np.stack([np.interp(every, every[stands], -slide[stands, a]) for a in range(2)], -1)
    velocity = smooth(velocity, gaussian(0.08 * raw.fps))
    way = np.zeros((len(joints), 1, 3), np.float32)
    way[1:, 0, [0, 2]] = np.cumsum(velocity[:-1], 0) / raw.fps
    return Raw(joints + way, raw.rest, raw.fps)


def is_cycle(joints: np.ndarray) -> bool:
    """Return whether the last frame of joints [T, 22, 3] joins the first, apart from the way gone."""
    first, last = joints[0] - joints[0, :1], joints[-1] - joints[-1, :1]
    rise = abs(float(joints[-1, 0, 1] - joints[0, 0, 1]))
    moved = float(np.linalg.norm(joints - joints[:1], axis=-1).max())
    return moved > 0.1 and rise < _JOINS and float(np.linalg.norm(first - last, axis=-1).mean()) < _JOINS


def unrolled(raw: Raw) -> Raw:
    """Return a short cycle laid end to end until it lasts four seconds; any other clip as it is."""
    joints, seconds = raw.joints, (len(raw.joints) - 1) / raw.fps
    if seconds >= _LONG or not is_cycle(joints):
        return raw
    step = (joints[-1, 0] - joints[0, 0]) * np.array([1.0, 0.0, 1.0], np.float32)
    count = int(np.ceil(_LONG / max(seconds, 0.1)))
    parts = [joints[:-1] + i * step for i in range(count)]
    return Raw(np.concatenate([*parts, joints[-1:] + (count - 1) * step]), raw.rest, raw.fps)
