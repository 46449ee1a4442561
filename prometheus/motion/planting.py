"""Planting: generated feet that stand are kept where they were set down, frame by frame and without looking ahead.

A network that predicts joints lets planted feet drift by some centimetres a step. Here each ankle and each ball of a
foot has a state, planted or not, that follows the generated contacts with hysteresis. While planted it takes back
every step that the generated motion would make over the floor; afterwards what was taken back fades. The legs then
follow by two-bone IK (`hephaestus.ik.fit_bones`). Everything happens in the body's own heading frame, so that it does
not matter who places the body, or where.
"""

from __future__ import annotations

import cmath

import numpy as np

from hephaestus.vector import cross, dot, length, unit
from prometheus.motion.foot import Foot

_FEET = np.array([[7, 10], [8, 11]])
"""Joints [foot, ankle or ball]."""
_HIPS, _KNEES = np.array([1, 2]), np.array([4, 5])
_READ = np.array([0, 1, 2, 7, 10, 8, 11])
"""Joints that planting looks at: pelvis, hips, and the feet in the order of `_FEET`."""
_KNEE, _WATCHED = 0.03, 0.15
"""m: lowest that a knee gets, and from where on it is watched."""
_UP = np.array([0.0, 1.0, 0.0], np.float32)


class Planting:
    """What is known of the feet of one stream, carried from frame to frame.

    The state is a function of the frames so far: the same frames in other portions give the same result.
    """

    def __init__(self) -> None:
        self._left, self._right = Foot(), Foot()
        self._side = np.zeros(2)
        self._before = 1.0 + 0j, 0j

    def plant(self, joints: np.ndarray, turn: np.ndarray, step: np.ndarray, contacts: np.ndarray) -> np.ndarray:
        """Move ankles and balls of the frames that follow those of the last call.

        Args:
            joints: float32 [n, 22, 3] m in the heading frame, pelvis over the origin; changed in place.
            turn: [n] rad to the next frame, left positive.
            step: [n, 2] m to the next frame (left, forward), in the next heading.
            contacts: [n, 4], probability that L_ankle, L_foot, R_ankle, R_foot stand.

        Returns:
            float32 [n, 4]: 1 for what is planted, else 0.
        """
        left, right = self._left, self._right
        planted, moved = [], []
        frames = zip(joints[:, _READ].tolist(), contacts.tolist(), turn.tolist(), step.tolist(), strict=True)
        for (pelvis, *hips, ankle_l, ball_l, ankle_r, ball_r), stand, angle, way in frames:
            left.follow(ankle_l, ball_l, stand[:2], *self._before)
            right.follow(ankle_r, ball_r, stand[2:], *self._before)
            self._before = cmath.rect(1.0, angle), complex(*way)
            moved.append((left.place(ankle_l, ball_l, pelvis, hips[0]), right.place(ankle_r, ball_r, pelvis, hips[1])))
            planted.append((left.ankle.planted, left.ball.planted, right.ankle.planted, right.ball.planted))
        joints[:, _FEET] = np.array(moved, np.float32).reshape(-1, 2, 2, 3)
        return np.array(planted, np.float32).reshape(-1, 4)

    def lift_knees(self, joints: np.ndarray) -> None:
        """Swing knees out of the floor: about the line from hip to ankle, which both stay where they are.

        Args:
            joints: float32 [n, 22, 3] m of the frames that were planted last, legs bent; changed in place.
        """
        knees = joints[:, _KNEES]
        if knees[..., 1].min(initial=_WATCHED) >= _WATCHED:
            self._side[:] = 0.0
            return
        hips = joints[:, _HIPS]
        axis = unit(joints[:, _FEET[:, 0]] - hips)
        centre = hips + axis * dot(knees - hips, axis)[..., None]
        spoke = knees - centre
        radius = np.maximum(length(spoke), 1e-6)
        up = unit(_UP - axis * axis[..., 1:2])
        aside = cross(axis, up)
        least = (_KNEE - centre[..., 1]) / np.maximum(radius * up[..., 1], 1e-6)
        cos = np.maximum(dot(spoke, up) / radius, np.clip(least, -1.0, 1.0))
        sin = np.sqrt(np.maximum(1.0 - cos * cos, 0.0))
        low, own = knees[..., 1] < _KNEE, np.where(dot(spoke, aside) < 0.0, -1.0, 1.0)
        for frame in range(len(joints)):
            # A knee that is swung stays on the side on which it came down, or it would flutter.
            self._side = np.where(low[frame] & (self._side != 0.0), self._side, own[frame])
            sin[frame] *= self._side
        swung = centre + radius[..., None] * (cos[..., None] * up + sin[..., None] * aside)
        joints[:, _KNEES] = np.where(low[..., None], swung, knees)
