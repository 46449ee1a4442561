"""Steering: a command, given once, becomes a control of the motion model in every frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus.motion.control import Control

if TYPE_CHECKING:
    from prometheus.judge import Command

FACING_PACE = 2.0
"""m/s: from here on a body turns to face where it goes; below it steps aside or back without turning."""
AHEAD = math.pi / 3
"""rad: to what lies within this angle of straight ahead a body turns at any pace, as people do."""
_AROUSED = 0.3
"""Below this arousal the words alone say how lively a body moves."""
_SIDEWAYS, _BACKWARD = 0.8, 0.7
"""Share of the forward pace that legs can do sideways and backward."""
MAX_TURN = 3.5
"""rad/s."""
TURN_GAIN = 3.0
"""1/s: how fast the facing closes on the one that is wanted."""
TRIM = 0.4
"""rad/s: how much of a wrong facing is mended beside the generated turn: as much as planted feet under it allow."""
ACCELERATION = 9.0
"""m/s^2: how fast the wanted velocity may change; beyond it a body would have to slide."""


@dataclass(slots=True)
class Steering:
    """Holds the course (in the world) that the last command set.

    Attributes:
        course: rad in the world, or None for standing.
        facing: rad in the world that the body turns to.
        pace: m/s.
        intensity: 0-1, or None to leave it to the words.
    """

    course: float | None = None
    facing: float = 0.0
    pace: float = 0.0
    intensity: float | None = None
    _velocity: tuple[float, float] = (0.0, 0.0)

    def follow(self, command: Command, heading: float, arousal: float) -> None:
        """Take a new command, given for a body that heads `heading` (rad, world) and feels an arousal of 0-1."""
        self.course = None if command.direction is None else heading + command.direction
        self.pace = command.pace
        self.intensity = arousal if arousal >= _AROUSED else None
        self.facing = heading + command.turn
        ahead = command.direction is not None and abs(command.direction) < AHEAD
        if self.course is not None and not command.turn and (ahead or command.pace >= FACING_PACE):
            self.facing = self.course

    @property
    def turns_to_course(self) -> bool:
        """Whether the body is turned to face where it goes, so that it goes "forward" whatever the words say."""
        return self.course is not None and self.facing == self.course

    def trim(self, heading: float, seconds: float) -> float:
        """Return the turn (rad) by which the facing is mended now: generated motion drifts."""
        off = math.remainder(self.facing - heading, 2 * math.pi)
        return max(-TRIM, min(TRIM, off)) * seconds

    def control(self, heading: float, seconds: float) -> Control:
        """Return what the motion model is asked for now, by a body that heads `heading`, `seconds` after the last."""
        wanted = (0.0, 0.0)
        if self.course is not None:
            pace = self.pace * _reach(self.course - heading)
            wanted = (pace * math.cos(self.course), pace * math.sin(self.course))
        self._velocity = _towards(self._velocity, wanted, ACCELERATION * seconds)
        x, y = self._velocity
        cos, sin = math.cos(heading), math.sin(heading)
        off = math.remainder(self.facing - heading, 2 * math.pi)
        turn = max(-MAX_TURN, min(MAX_TURN, TURN_GAIN * off))
        trim = self.trim(heading, seconds)
        return Control((-sin * x + cos * y, cos * x + sin * y), turn, self.intensity, trim)


def _reach(way: float) -> float:
    """Share of a pace that can be done in a direction (rad, body frame)."""
    cos, sin = math.cos(way), math.sin(way)
    along = 1.0 if cos >= 0 else _BACKWARD
    return math.hypot(along * cos, _SIDEWAYS * sin)


def _towards(now: tuple[float, float], wanted: tuple[float, float], reach: float) -> tuple[float, float]:
    dx, dy = wanted[0] - now[0], wanted[1] - now[1]
    far = math.hypot(dx, dy)
    if far <= reach:
        return wanted
    return now[0] + dx * reach / far, now[1] + dy * reach / far
