"""Steered: the behaviour of a passer-by whom a person moves, by the same sentences that move an agent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from prometheus.steering import Steering
from prometheus.world.behaviour import TICK, Behaviour, Steer

if TYPE_CHECKING:
    from prometheus.judge import Command
    from prometheus.world.npc import Npc
    from prometheus.world.physics import World

_RUN = 2.0
"""m/s: a command that is faster makes it run as its kind runs, a slower one walk."""


class Steered(Behaviour):
    """Goes where it is told, and notices nobody."""

    name = "steered"
    heeds: ClassVar[bool] = False

    def __init__(self, npc: Npc) -> None:
        """Stand until something is said."""
        super().__init__(npc)
        self._steering = Steering(facing=npc.heading)
        self._pace = 0.0

    def obey(self, npc: Npc, command: Command) -> None:
        """Follow a command from now on, at the speeds of its kind."""
        self._steering.follow(command, npc.heading, command.intensity)
        speeds = npc.speeds
        self._pace = 0.0 if command.direction is None else speeds.run if command.pace >= _RUN else speeds.walk
        if 0 < command.pace < 1.0:
            self._pace *= 0.5

    def steer(self, npc: Npc, world: World) -> Steer:
        """Return what to do in this frame."""
        self.age += TICK
        course = self._steering.course
        if course is None or self._pace == 0.0:
            return Steer(heading=self._steering.facing)
        velocity = (self._pace * math.cos(course), self._pace * math.sin(course))
        return Steer(velocity, course, avoid=False, arousal=min(self._pace / 6.0, 1.0))
