"""Pace: when a frame's hour has come, so that a world runs beside the clock, faster, slower, or frame by frame."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from prometheus.errors import ConfigError
from prometheus.world.physics import FRAME

SLOWEST, FASTEST = 0.1, 8.0
"""Times the clock's own pace."""
LATE = 0.25
"""s behind the clock from which a world gives up catching up, so that a stall is not followed by a rush."""


class Pace:
    """Counts out frames of 50 ms against a clock.

    A loop with a picture asks `due()` whenever it has drawn; one without calls `wait()`.

    Args:
        speed: times the clock's pace, 0.1 to 8.
        clock: seconds that never go back.
        sleep: waits for some seconds.

    Raises:
        ConfigError: the speed is out of range.
    """

    def __init__(
        self,
        speed: float = 1.0,
        *,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._next = clock()
        self._paused = False
        self._single = 0
        self.speed = speed

    @property
    def speed(self) -> float:
        """Times the clock's pace; set at any time, it holds from the next frame on."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if not (math.isfinite(speed) and SLOWEST <= speed <= FASTEST):
            raise ConfigError(f"speed is {SLOWEST:g} to {FASTEST:g} times the clock, not {speed:g}")
        self._speed = float(speed)

    @property
    def paused(self) -> bool:
        """Whether only `once` lets a frame pass."""
        return self._paused

    def pause(self) -> None:
        """Stop the world."""
        self._paused = True

    def resume(self) -> None:
        """Let the world go on from where it stopped; frames asked for singly and not played are forgotten."""
        if self._paused:
            self._paused, self._single, self._next = False, 0, self._clock()

    def once(self) -> None:
        """Let one frame pass, and pause."""
        self._paused = True
        self._single += 1

    def due(self) -> bool:
        """Whether a frame is to be played now; one that is counts as played."""
        if self._paused:
            if not self._single:
                return False
            self._single -= 1
            return True
        now = self._clock()
        if now < self._next:
            return False
        self._next = max(self._next, now - LATE) + FRAME / self._speed
        return True

    @property
    def rest(self) -> float:
        """Seconds until the next frame's hour; infinite while the world is paused."""
        if self._paused:
            return 0.0 if self._single else math.inf
        return max(0.0, self._next - self._clock())

    def wait(self) -> None:
        """Sleep until the next frame's hour, which then counts as played; meanwhile another thread may `resume`."""
        while not self.due():
            self._sleep(min(self.rest, 0.1))
