"""Retries: the same call again after a failure that may pass, and after no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aether.brain import Brain, Reply
from aether.clean import clean
from aether.errors import BrainError, BrainTimeout
from aether.prompt import Prompt
from aether.wrap.deadline import Clock
from aether.wrap.wrapper import Wrapper

if TYPE_CHECKING:
    from tenacity import RetryCallState

_FIRST_S, _LONGEST_S = 0.2, 8.0


class Retry(Wrapper):
    """Asks again after transient errors (408, 409, 429, 5xx, a lost connection), inside the deadline.

    Args:
        brain: Who is asked.
        times: How often at most.

    Raises:
        BrainError: `times` is no whole number from 0 to 10.
    """

    instant = False

    def __init__(self, brain: Brain, times: int = 2) -> None:
        """See the class."""
        super().__init__(brain)
        if isinstance(times, bool) or not isinstance(times, int) or not 0 <= times <= 10:
            raise BrainError(f"brain.retries must be a whole number from 0 to 10, not {clean(repr(times), 40)}")
        self.times = times

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Asks until there is an answer, a lasting error, or no time to wait for another try."""
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, stop_before_delay

        clock = Clock(deadline_s)
        attempts = AsyncRetrying(
            retry=retry_if_exception(_passes),
            stop=stop_after_attempt(1 + self.times) | stop_before_delay(deadline_s),
            wait=_wait,
            reraise=True,
        )
        async for attempt in attempts:
            with attempt:
                if clock.left() <= 0:
                    raise BrainTimeout(f"{self.name} gave no answer after {deadline_s:.1f} s; raise brain.deadline_s")
                return await self.brain.think(prompt, deadline_s=clock.left())
        raise BrainError(f"{self.name} was not asked; set brain.retries to 0 or more")


def _passes(error: BaseException) -> bool:
    return isinstance(error, BrainError) and error.transient


def _wait(state: RetryCallState) -> float:
    """Seconds to wait: what the server asks for, else twice as long each time, with some jitter."""
    import random

    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.retry_after_s if isinstance(error, BrainError) else None
    backoff = min(_LONGEST_S, _FIRST_S * 2.0 ** (state.attempt_number - 1)) + random.uniform(0.0, 0.1)
    return max(backoff, asked or 0.0)
