"""Planting: generated feet that stand are kept where they were set down, frame by frame and without looking ahead.

A network that predicts joints lets planted feet drift by some centimetres a step. Here each ankle and each ball of a
foot has a state, planted or not, that follows the generated contacts with hysteresis. While planted it takes back
every step that the generated motion would make over the floor; afterwards what was taken back fades. The legs then
follow by two-bone IK (`hephaestus.ik.fit_bones`). Everything happens in the body's own heading frame, so that it does
not matter who places the body, or where.
"""

from __future__ import annotations

import math

import numpy as np

from hephaestus.ik import LEG_LENGTHS
from hephaestus.skeleton import ANKLE_HEIGHT, FPS, REST_OFFSETS
from hephaestus.vector import cross, dot, length, unit

_FEET = np.array([[7, 10], [8, 11]])
"""Joints [foot, ankle or ball]."""
_HIPS, _KNEES = np.array([1, 2]), np.array([4, 5])
_PLAN = np.array([0, 2])
_HIP = np.linalg.norm(REST_OFFSETS[_HIPS], axis=-1)[:, None].astype(np.float32)
_FOOT = np.float32(np.linalg.norm(REST_OFFSETS[10]))
_SOLE = 0.025
"""m: the ball of a standing foot above its sole."""
_STANDING = np.array([ANKLE_HEIGHT, _SOLE], np.float32)
_COMES, _STAYS = 0.5, 0.3
"""A foot is planted when its contact rises above the first, until it falls below the second."""
_NEAR, _OFF = 0.06, 0.10
"""m: how far above its standing height a point may be to become planted, and to stay so."""
_SLOW, _FAST = 0.6, 1.2
"""m/s: how fast the generated point may be to become planted, and to stay so."""
_REACH = 0.14
"""m: furthest that a point is held off where it was generated; the nearer to it, the more it slides."""
_FADE = 0.72
"""Share of what was taken back that is left a frame after the foot has gone."""
_GOES = 0.15
"""How fast a hold loosens, a frame: what fades must not start with a jerk."""
_EASY, _LONGEST = 0.975 * sum(LEG_LENGTHS), 0.998 * sum(LEG_LENGTHS)
"""m: how far a leg stretches freely, and at most: the last bit comes slower and slower, lest the knee snap."""
_LOWEST = np.array([0.055, 0.015], np.float32)
"""m: lowest that ankle and ball get."""
_KNEE, _WATCHED = 0.03, 0.15
"""m: lowest that a knee gets, and from where on it is watched."""
_UP = np.array([0.0, 1.0, 0.0], np.float32)
_LEVEL = np.array([0.7, 0.3], np.float32)
"""Share of a foot's height over the floor that is mended a frame, in the air and planted."""
_CLEAR = 0.015
"""m: how far above the floor a sole passes that travels."""
_TRAVELS = 0.2, 0.8
"""m/s: speeds over which a foot in the air begins to travel."""


class Planting:
    """What is known of the feet of one stream, carried from frame to frame.

    The state is a function of the frames so far: the same frames in other portions give the same result.
    """

    def __init__(self) -> None:
        self._planted = np.zeros((2, 2), bool)
        self._hold = np.zeros((2, 2, 1), np.float32)
        self._offset = np.zeros((2, 2, 2), np.float32)
        self._rise = np.zeros((2, 1), np.float32)
        self._speed = np.zeros((2, 2), np.float32)
        self._side = np.zeros(2)
        self._before: tuple[np.ndarray, float, np.ndarray] | None = None

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
        planted = np.empty((len(joints), 4), np.float32)
        for frame in range(len(joints)):
            points = joints[frame, _FEET]
            self._follow(points, contacts[frame].reshape(2, 2))
            self._before = points[..., _PLAN], float(turn[frame]), step[frame]
            joints[frame, _FEET] = self._place(points, joints[frame])
            planted[frame] = self._planted.ravel()
        return planted

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

    def _follow(self, points: np.ndarray, contacts: np.ndarray) -> None:
        """Find out which of the points [2, 2, 3] are planted, and how far each is to be held off where it is."""
        slip = self._slip(points[..., _PLAN])
        speed = np.sqrt((slip * slip).sum(-1)) * FPS
        height = points[..., 1] - _STANDING
        stays = self._planted & (contacts > _STAYS) & (height < _OFF) & (speed < _FAST)
        comes = (contacts > _COMES) & (height < _NEAR) & (speed < _SLOW)
        self._planted = planted = stays | comes
        self._speed = speed
        firm = planted[..., None]
        self._hold = hold = np.where(firm, np.float32(1.0), np.maximum(self._hold - np.float32(_GOES), 0.0))
        # The nearer to its reach, the less a point holds on: a dragged foot sets off gently.
        far = (self._offset * self._offset).sum(-1, keepdims=True) / _REACH**2
        outward = (self._offset * slip).sum(-1, keepdims=True) < 0.0
        back = slip * firm * np.where(outward, np.maximum(1.0 - far, 0.0), 1.0)
        offset = self._offset - back
        # A point in the air goes where the other one of its foot is held, or else where it was generated.
        other = offset[:, ::-1] * firm[:, ::-1]
        loose = (1.0 - _FADE) * (1.0 - hold)
        self._offset = (offset + loose * (other - offset)).astype(np.float32)

    def _slip(self, plan: np.ndarray) -> np.ndarray:
        """How far the points [2, 2, 2] were generated to move over the floor since last frame, m; turns the state."""
        if self._before is None:
            return np.zeros_like(plan)
        before, turn, step = self._before
        cos, sin = math.cos(turn), math.sin(turn)
        into = np.array([[cos, sin], [-sin, cos]], np.float32)
        self._offset = self._offset @ into
        return np.asarray(plan - before @ into + step, np.float32)

    def _place(self, points: np.ndarray, joints: np.ndarray) -> np.ndarray:
        """Return points [2, 2, 3] held, on or above the floor, and within reach of the hips of joints [22, 3]."""
        firm = self._hold[:, 1]
        planted = self._planted[:, 1:]
        share = np.clip((self._speed[:, 1:] - _TRAVELS[0]) / (_TRAVELS[1] - _TRAVELS[0]), 0.0, 1.0)
        low = np.where(planted, _LOWEST[1], _SOLE + _CLEAR * share)
        high = np.where(planted, _SOLE + 0.01, 9.0)
        level = np.clip(points[:, 1:, 1], low, high) - points[:, 1:, 1]
        rate = np.where(level > self._rise, 1.0, _LEVEL[planted.astype(int)])
        self._rise = (self._rise + rate * (level - self._rise)).astype(np.float32)
        wanted = points.copy()
        wanted[..., _PLAN] += self._offset
        wanted[..., 1] = np.maximum(wanted[..., 1] + self._rise, _LOWEST)
        ankle, ball = wanted[:, 0], wanted[:, 1]
        hips = joints[0] + _HIP * unit(joints[_HIPS] - joints[0])
        ankle = ankle + firm * (ball - _FOOT * unit(ball - ankle) - ankle)
        # A leg too short for a held ball lifts the heel, as a foot does that pushes off.
        for _ in range(2):
            ankle = _reached(hips, ankle)
            ankle = ankle + firm * (ball + _FOOT * unit(ankle - ball) - ankle)
        ball = ankle + _FOOT * unit(ball - ankle)
        return np.stack([ankle, ball], 1)


def _reached(hips: np.ndarray, ankle: np.ndarray) -> np.ndarray:
    """Return ankles [2, 3] m as near to where they are wanted as the legs get."""
    leg = ankle - hips
    distance = length(leg)
    slack = _LONGEST - _EASY
    near = _LONGEST - slack * np.exp(np.minimum(_EASY - distance, 0.0) / slack)
    short = np.where(distance > _EASY, near / np.maximum(distance, 1e-6), 1.0)
    return np.asarray(hips + leg * short[:, None], np.float32)
