"""Foot: what is known of one foot of a stream, carried from frame to frame; see `planting`.

A foot is four numbers here and three there, so that plain floats are a dozen times faster than arrays. Places over the
floor are complex numbers, left + i forward in the body's heading frame: a turn to the left is a multiplication.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hephaestus.ik import LEG_LENGTHS
from hephaestus.skeleton import ANKLE_HEIGHT, FPS, REST_OFFSETS

Spot = Sequence[float]
"""x left, y up, z forward, m."""
_HIP, _FOOT = (float(np.linalg.norm(REST_OFFSETS[joint])) for joint in (1, 10))
_SOLE = 0.025
"""m: the ball of a standing foot above its sole."""
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
_LOWEST_ANKLE, _LOWEST_BALL = 0.055, 0.015
"""m: lowest that ankle and ball get."""
_LEVEL_AIR, _LEVEL_PLANTED = 0.7, 0.3
"""Share of a foot's height over the floor that is mended a frame, in the air and planted."""
_CLEAR = 0.015
"""m: how far above the floor a sole passes that travels."""
_TRAVELS = 0.2, 0.8
"""m/s: speeds over which a foot in the air begins to travel."""


class _Point:
    """An ankle or the ball of a foot.

    Attributes:
        planted: whether it stands.
        hold: 1 while it does, then falling to 0.
        offset: m, how far it is held off where it was generated.
        speed: m/s, at which it was generated to move over the floor.
    """

    __slots__ = ("_before", "_standing", "hold", "offset", "planted", "speed")

    def __init__(self, standing: float) -> None:
        self._standing = standing
        self._before: complex | None = None
        self.planted = False
        self.hold = self.speed = 0.0
        self.offset = 0j

    def follow(self, spot: Spot, contact: float, turn: complex, step: complex) -> None:
        """Find out whether it is planted, and how far it is to be held off where it is.

        Args:
            spot: where it was generated.
            contact: probability that it stands.
            turn: e^(i angle) of the heading's turn to this frame.
            step: of the root to this frame.
        """
        place = complex(spot[0], spot[2])
        slip = 0j
        if self._before is not None:
            self.offset *= turn
            slip = place - self._before * turn + step
        self._before = place
        self.speed = speed = abs(slip) * FPS
        height = spot[1] - self._standing
        stays = self.planted and contact > _STAYS and height < _OFF and speed < _FAST
        self.planted = stays or (contact > _COMES and height < _NEAR and speed < _SLOW)
        if not self.planted:
            self.hold = max(self.hold - _GOES, 0.0)
            return
        self.hold = 1.0
        # The nearer to its reach, the less a point holds on: a dragged foot sets off gently.
        offset = self.offset
        if offset.real * slip.real + offset.imag * slip.imag < 0.0:
            slip *= max(1.0 - (offset.real**2 + offset.imag**2) / _REACH**2, 0.0)
        self.offset = offset - slip


class Foot:
    """One foot's ankle and ball, and how far they are raised."""

    __slots__ = ("_rise", "ankle", "ball")

    def __init__(self) -> None:
        self.ankle, self.ball = _Point(ANKLE_HEIGHT), _Point(_SOLE)
        self._rise = 0.0

    def follow(self, ankle: Spot, ball: Spot, contacts: Sequence[float], turn: complex, step: complex) -> None:
        """Take in where ankle and ball were generated, as `_Point.follow` says."""
        self.ankle.follow(ankle, contacts[0], turn, step)
        self.ball.follow(ball, contacts[1], turn, step)
        a, b = self.ankle, self.ball
        # A point in the air goes where the other one of its foot is held, or else where it was generated.
        to_a, to_b = b.offset * b.planted, a.offset * a.planted
        a.offset += (1.0 - _FADE) * (1.0 - a.hold) * (to_a - a.offset)
        b.offset += (1.0 - _FADE) * (1.0 - b.hold) * (to_b - b.offset)

    def place(self, ankle: Spot, ball: Spot, pelvis: Spot, hip: Spot) -> tuple[Spot, Spot]:
        """Return ankle and ball held, on or above the floor, and within reach of the hip."""
        self._level(ball[1])
        ankle = _moved(ankle, self.ankle.offset, self._rise, _LOWEST_ANKLE)
        ball = _moved(ball, self.ball.offset, self._rise, _LOWEST_BALL)
        hip, firm = _from(pelvis, hip, _HIP), self.ball.hold
        ankle = _between(ankle, _from(ball, ankle, _FOOT), firm)
        # A leg too short for a held ball lifts the heel, as a foot does that pushes off.
        for _ in range(2):
            ankle = _reached(hip, ankle)
            ankle = _between(ankle, _from(ball, ankle, _FOOT), firm)
        return ankle, _from(ankle, ball, _FOOT)

    def _level(self, height: float) -> None:
        """Bring the foot's rise nearer to what puts a ball of this height m on or over the floor."""
        planted = self.ball.planted
        share = min(max((self.ball.speed - _TRAVELS[0]) / (_TRAVELS[1] - _TRAVELS[0]), 0.0), 1.0)
        low = _LOWEST_BALL if planted else _SOLE + _CLEAR * share
        level = max(low - height, 0.0)
        if planted and height > _SOLE + 0.01:
            level = _SOLE + 0.01 - height
        rate = 1.0 if level > self._rise else _LEVEL_PLANTED if planted else _LEVEL_AIR
        self._rise += rate * (level - self._rise)


def _moved(spot: Spot, offset: complex, rise: float, lowest: float) -> Spot:
    return spot[0] + offset.real, max(spot[1] + rise, lowest), spot[2] + offset.imag


def _from(start: Spot, end: Spot, length: float) -> Spot:
    """The spot at a length m from the start towards the end; the start itself if they are one."""
    x, y, z = end[0] - start[0], end[1] - start[1], end[2] - start[2]
    share = length / max(math.sqrt(x * x + y * y + z * z), 1e-9)
    return start[0] + share * x, start[1] + share * y, start[2] + share * z


def _between(start: Spot, end: Spot, share: float) -> Spot:
    return (
        start[0] + share * (end[0] - start[0]),
        start[1] + share * (end[1] - start[1]),
        start[2] + share * (end[2] - start[2]),
    )


def _reached(hip: Spot, ankle: Spot) -> Spot:
    """The ankle as near to where it is wanted as the leg gets."""
    distance = math.dist(hip, ankle)
    if distance <= _EASY:
        return ankle
    slack = _LONGEST - _EASY
    return _from(hip, ankle, _LONGEST - slack * math.exp((_EASY - distance) / slack))
