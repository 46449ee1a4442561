"""Captured: bare joint positions of any human, as a motion on the uniform skeleton."""

from __future__ import annotations

import numpy as np

from hephaestus import ik
from hephaestus.motion import Motion
from hephaestus.skeleton import ANKLE_HEIGHT, CONTACT_JOINTS, FPS

_BALL_HEIGHT = 0.025
_STILL = 0.45
"""m/s: slower feet stand, if they are low."""
_RISE = np.array([0.06, 0.035, 0.06, 0.035])
"""m above its height in standing that a joint may be and still stand: heel or ball may be up a little."""
_SUNK = 0.03
"""m: a floor further off than this from y = 0 is moved there."""
_MOST_SCALE = 30.0


def motion_of(joints: np.ndarray, fps: float = FPS) -> Motion:
    """Return joints as a motion: legs of the uniform length, bones of the uniform skeleton, contacts from the feet.

    Args:
        joints: [T, 22, 3] m, motion frame, SMPL order, of a body of any size.
        fps: frames a second.

    Raises:
        ValueError: the legs have no length.
    """
    joints = np.asarray(joints, np.float32)
    legs = [joints[:, [1, 4, 7]], joints[:, [2, 5, 8]]]
    length = float(np.median([np.linalg.norm(np.diff(leg, axis=1), axis=-1).sum(1) for leg in legs]))
    scale = sum(ik.LEG_LENGTHS) / max(length, 1e-9)
    if not 1.0 / _MOST_SCALE < scale < _MOST_SCALE:
        raise ValueError(f"legs of {length:.3g} m")
    if abs(scale - 1.0) > 0.005:
        joints = joints * np.float32(scale)
    joints = ik.fit_bones(joints)
    # Robust against a foot that dips for a frame, and against clips that begin in the air.
    lowest = np.minimum(joints[:, [10, 11], 1] - _BALL_HEIGHT, joints[:, [7, 8], 1] - ANKLE_HEIGHT).min(1)
    floor = float(np.percentile(lowest, 10))
    if abs(floor) > _SUNK:
        joints[..., 1] -= floor
    return Motion(joints, ik.rotations_from_joints(joints), contacts(joints, fps), fps)


def contacts(joints: np.ndarray, fps: float = FPS) -> np.ndarray:
    """Return contacts float32 [T, 4] (0 or 1): a joint of a foot stands when it is low and nearly still.

    Args:
        joints: [T, 22, 3] m, feet on y = 0.
        fps: frames a second.
    """
    feet = joints[:, CONTACT_JOINTS]
    if len(feet) < 2:
        return np.ones((len(feet), 4), np.float32)
    step = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) * fps
    # The slower of the steps to both neighbours: the first and the last frame of a stance stand, too.
    speed = np.minimum(np.concatenate([step[:1], step]), np.concatenate([step, step[-1:]]))
    rest = np.array([ANKLE_HEIGHT, _BALL_HEIGHT] * 2)
    stands = (speed < _STILL) & (feet[..., 1] < rest + _RISE)
    if len(stands) > 2:
        inner = stands[1:-1] | (stands[:-2] & stands[2:])
        stands[1:-1] = inner & (stands[:-2] | stands[2:])
    return np.asarray(stands.astype(np.float32))
