"""A deadline that holds: the call is abandoned, whatever the brain does."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from typing import Any

from aether.brain import Brain, Reply
from aether.errors import BrainError, BrainTimeout
from aether.prompt import Prompt
from aether.wrap.wrapper import Wrapper


class Deadline(Wrapper):
    """Gives the brain inside at most `seconds`, or less where the caller has less.

    Raises:
        BrainError: `seconds` is no positive number.
    """

    def __init__(self, brain: Brain, seconds: float) -> None:
        """See the class."""
        super().__init__(brain)
        if not 0 < seconds < float("inf"):
            raise BrainError(f"deadline_s must be a positive number of seconds, not {seconds}")
        self.seconds = seconds

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Asks, and waits no longer than the deadline, also for a brain that swallows its cancellation.

        Raises:
            BrainTimeout: No answer by then.
        """
        seconds = min(self.seconds, deadline_s)
        return await within(seconds, self.brain.think(prompt, deadline_s=seconds), self.instant)


async def within(seconds: float, work: Coroutine[Any, Any, Reply], instant: bool = False) -> Reply:
    """What `work` gives inside `seconds`; later it is cancelled and nobody waits for it.

    Raises:
        BrainTimeout: It had not ended by then.
    """
    if instant:
        return await work
    import asyncio

    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except BaseException:
        task.cancel()
        raise
    if done:
        return task.result()
    task.cancel()
    task.add_done_callback(_forget)
    raise BrainTimeout(f"no answer after {seconds:.1f} s; raise brain.deadline_s or choose a faster model")


def _forget(task: Any) -> None:
    # Asking for the error keeps asyncio from logging it, with whatever it holds, when the task is thrown away.
    if not task.cancelled():
        task.exception()


class Clock:
    """What is left of a deadline."""

    def __init__(self, deadline_s: float) -> None:
        """Starts now."""
        self._end = time.monotonic() + deadline_s

    def left(self) -> float:
        """Seconds that are left, at least 0."""
        return max(0.0, self._end - time.monotonic())
