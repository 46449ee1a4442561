"""Limbs: bones that keep their length, joints that no body could move faster, and limbs that move at all."""

from __future__ import annotations

import numpy as np

from hephaestus.motion import Motion
from hephaestus.skeleton import PARENTS
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.direction import gaits
from prometheus.motion.evaluate.row import Row

ENDS = [20, 21, 7, 8]
"""Wrists and ankles."""
MOVES = 0.1
"""M/s: a wrist or ankle that moves less relative to the pelvis hangs there."""


def bone_drift(motion: Motion) -> float:
    """Return the largest change of a bone's length as a share of its mean length."""
    bones = np.linalg.norm(motion.joints[:, 1:] - motion.joints[:, PARENTS[1:]], axis=-1)
    return float((np.ptp(bones, axis=0) / bones.mean(0)).max())


def fastest(motion: Motion) -> float:
    """Return the highest speed m/s of a joint."""
    return float(np.linalg.norm(np.diff(motion.joints, axis=0), axis=-1).max() * motion.fps)


def least_moved(motion: Motion) -> float:
    """Return the mean speed m/s, relative to the pelvis, of the wrist or ankle that moves least."""
    ends = motion.joints[:, ENDS] - motion.joints[:, :1]
    return float(np.linalg.norm(np.diff(ends, axis=0), axis=-1).mean(0).min() * motion.fps)


def rows(bench: Bench) -> list[Row]:
    """Return bone drift and the fastest joint over all gaits, and the share of walks and runs with all limbs moving."""
    made = {key: motion for (key, _), motion in zip(
        gaits(bench).items(), bench.model.sample(list(gaits(bench).values())), strict=True)}  # fmt: skip
    every = list(made.values())
    walking = [m for (pace, _, _), m in made.items() if pace != "sprint"]
    drift = real_drift = real_speed = real_limbs = None
    if bench.reference is not None:
        real = [m for pace in ("walk", "run", "sprint") for m in bench.reference.gait(pace)]
        real_drift, real_speed = max(map(bone_drift, real)), max(map(fastest, real))
        real_limbs = float(np.mean([least_moved(m) > MOVES for m in real]))
    drift = max(map(bone_drift, every))
    return [
        Row("bone-length drift, worst bone of all gaits", drift, real_drift, bar=0.03, better="less"),
        Row("fastest joint of all gaits, m/s", max(map(fastest, every)), real_speed, bar=15.0, better="less"),
        Row("limbs move: share of walks and runs with wrists and ankles over 0.1 m/s",
            float(np.mean([least_moved(m) > MOVES for m in walking])), real_limbs, bar=1.0),
    ]  # fmt: skip
