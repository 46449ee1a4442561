"""Path: where a body goes, how fast, and how far it turns."""

from __future__ import annotations

import numpy as np

from hephaestus import rotation
from hephaestus.humanml3d import heading
from hephaestus.motion import Motion

NEAR = np.pi / 4
"""Rad: how far a direction may be off."""
LEAST = 0.3
"""M that a body must have gone before it has a direction."""


def displacement(motion: Motion) -> np.ndarray:
    """Return the way [2] m (left, forward) from the first frame to the last, in the facing of the first."""
    way = motion.joints[-1, 0] - motion.joints[0, 0]
    turned = rotation.rotate(rotation.yaw(-heading(motion.joints[:1]))[0], way.astype(np.float32))
    return np.asarray(turned[[0, 2]], np.float32)


def displacements(motions: list[Motion]) -> np.ndarray:
    """Return `displacement` of each, [N, 2] m."""
    return np.stack([displacement(motion) for motion in motions])


def within(moves: np.ndarray, bearings: np.ndarray) -> np.ndarray:
    """Return which moves [N, 2] m went at least LEAST m and within NEAR of their bearings [N] rad."""
    off = np.arctan2(moves[:, 0], moves[:, 1]) - bearings
    off = np.abs((off + np.pi) % (2 * np.pi) - np.pi)
    return np.asarray((off <= NEAR) & (np.linalg.norm(moves, axis=1) >= LEAST))


def speeds(motion: Motion) -> np.ndarray:
    """Return the speed [T - 1] m/s of the pelvis over the floor."""
    step = np.diff(motion.joints[:, 0][:, [0, 2]], axis=0)
    return np.asarray(np.linalg.norm(step, axis=-1) * motion.fps)


def pace(motion: Motion, settle: float = 1.0) -> float:
    """Return the mean speed m/s over the floor after `settle` s, or after half of a shorter motion."""
    every = speeds(motion)
    return float(every[min(round(settle * motion.fps), len(every) // 2) :].mean())


def turned(motion: Motion) -> float:
    """Return how far the body turned in all, rad, left positive."""
    facing = np.unwrap(heading(motion.joints))
    return float(facing[-1] - facing[0])
