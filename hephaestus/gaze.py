"""Gaze and mood: what a body that is no human keeps of a human's head and hands, frame by frame."""

from __future__ import annotations

import numpy as np

from hephaestus.motion import Motion
from hephaestus.vector import apply, clamp, smoothstep, to_matrix

_TO_HEAD = [0, 3, 6, 9, 12, 15]
_TAU = 2.0 * np.pi


def gaze(motion: Motion, heading: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the human looks, each [T] rad: yaw relative to a heading (left positive) and pitch (down positive).

    Args:
        motion: T frames.
        heading: [T] rad, left positive.
    """
    turns = to_matrix(np.asarray(motion.rotations, np.float32)[:, _TO_HEAD])
    face = turns[:, -1, :, 2]
    for joint in range(len(_TO_HEAD) - 2, -1, -1):
        face = apply(turns[:, joint], face)
    yaw = np.arctan2(face[:, 0], face[:, 2]) - heading
    return (yaw + np.pi) % _TAU - np.pi, -np.arcsin(clamp(-1.0, 1.0, face[:, 1]))


def arousal(motion: Motion) -> np.ndarray:
    """Return the excitement [T] 0 to 1 as far as a frame shows it: hands up, as when running, guarding, throwing."""
    hands = 0.5 * (motion.joints[:, 20, 1] + motion.joints[:, 21, 1]) - motion.joints[:, 0, 1]
    return smoothstep(-0.05, 0.45, hands)
