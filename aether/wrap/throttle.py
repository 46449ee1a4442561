"""Rate limits that several minds share."""

from __future__ import annotations

import threading
import time

from aether.brain import Brain, Reply
from aether.errors import BrainError, BrainTimeout
from aether.prompt import Prompt
from aether.wrap.wrapper import Wrapper, prepare


class Throttle:
    """Gives out places in time, evenly spaced; safe between threads and loops.

    A place that was taken late, as where something blocked the loop of those who wait, puts off the ones after it: two
    calls are never closer than they may be.

    Args:
        per_minute: Calls a minute.

    Raises:
        BrainError: It is no positive number.
    """

    def __init__(self, per_minute: float) -> None:
        """See the class."""
        if not 0 < per_minute < float("inf"):
            raise BrainError(f"brain.per_minute must be a positive number of calls, not {per_minute}")
        self._gap_s = 60.0 / per_minute
        self._next = 0.0
        self._last = float("-inf")
        self._lock = threading.Lock()

    def wait_s(self, patience_s: float) -> float:
        """Seconds until the caller's place, which is then taken.

        Raises:
            BrainTimeout: It lies beyond `patience_s`; no place is taken.
        """
        with self._lock:
            now = time.monotonic()
            wait = max(0.0, self._next - now, self._last + self._gap_s - now)
            _check(wait, patience_s)
            self._next = now + wait + self._gap_s
            if not wait:
                self._last = now
            return wait

    def late_s(self, patience_s: float) -> float:
        """Seconds that a caller whose place has come must wait still, as the one before came late; 0 means go.

        Raises:
            BrainTimeout: They lie beyond `patience_s`.
        """
        with self._lock:
            now = time.monotonic()
            wait = max(0.0, self._last + self._gap_s - now)
            _check(wait, patience_s)
            if not wait:
                self._last = now
                self._next = max(self._next, now + self._gap_s)
            return wait


def _check(wait: float, patience_s: float) -> None:
    if wait >= patience_s:
        raise BrainTimeout(f"the rate limit leaves no place for {wait:.1f} s; raise brain.per_minute")


class Throttled(Wrapper):
    """Waits for a place before each call."""

    instant = False

    def __init__(self, brain: Brain, throttle: Throttle) -> None:
        """See the class."""
        super().__init__(brain)
        self.throttle = throttle

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Waits for a place, then asks.

        Raises:
            BrainTimeout: There is no place inside the deadline.
        """
        import asyncio

        end = time.monotonic() + deadline_s
        # What the first call of all has to load would stand between its place and the call.
        await prepare(self.brain)
        wait = self.throttle.wait_s(end - time.monotonic())
        while wait:
            await asyncio.sleep(wait)
            wait = self.throttle.late_s(end - time.monotonic())
        return await self.brain.think(prompt, deadline_s=end - time.monotonic())
