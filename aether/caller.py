"""Calls that can be abandoned: coroutines on a private event loop in a daemon thread.

However a coroutine hangs - awaiting for ever, or blocking the loop itself - the caller gets its thread back at the
deadline. A loop that does not answer any more is left behind, and the next call gets a new one.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from aether.errors import BrainError, BrainTimeout

if TYPE_CHECKING:
    import asyncio
    import threading

_T = TypeVar("_T")
_MAX_LEFT_BEHIND = 4
_GRACE_S = 0.05


class Caller:
    """An event loop of its own, started with the first call."""

    def __init__(self) -> None:
        """Starts nothing yet."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._left_behind: list[threading.Thread] = []

    def call(self, work: Coroutine[Any, Any, _T], deadline_s: float) -> _T:
        """Runs `work` and waits at most `deadline_s` seconds.

        Raises:
            BrainTimeout: It had not ended by then; it is cancelled and nobody waits for it.
            BrainError: Too many earlier calls block their loops still.
            Exception: Whatever `work` raised.
        """
        import asyncio
        import concurrent.futures

        try:
            loop = self._running_loop()
        except BrainError:
            work.close()
            raise
        future = asyncio.run_coroutine_threadsafe(_contained(work), loop)
        try:
            done, _ = concurrent.futures.wait([future], timeout=deadline_s)
        except BaseException:
            future.cancel()
            raise
        if done:
            return future.result()
        future.cancel()
        self._leave_if_stuck()
        raise BrainTimeout(f"no answer after {deadline_s:.1f} s; raise brain.deadline_s or choose a faster model")

    def close(self) -> None:
        """Stops the loop; calls that still run are dropped."""
        loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_GRACE_S * 10)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            return self._loop
        self._left_behind = [thread for thread in self._left_behind if thread.is_alive()]
        if len(self._left_behind) >= _MAX_LEFT_BEHIND:
            raise BrainError(f"the brain blocks {len(self._left_behind)} event loops; make it return or await")
        import asyncio
        import threading

        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_run, args=(self._loop,), name="aether-loop", daemon=True)
        self._thread.start()
        return self._loop

    def _leave_if_stuck(self) -> None:
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        import threading

        alive = threading.Event()
        loop.call_soon_threadsafe(alive.set)
        if not alive.wait(_GRACE_S):
            # It stops by itself if the call that blocks it ever comes back.
            loop.call_soon_threadsafe(loop.stop)
            self._left_behind.append(thread)
            self._loop = self._thread = None


def _run(loop: asyncio.AbstractEventLoop) -> None:
    import asyncio

    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        pending = asyncio.all_tasks(loop)
        for task in pending:
            task.cancel()
        if pending:
            loop.run_until_complete(asyncio.wait(pending, timeout=_GRACE_S))
        loop.close()


async def _contained(work: Coroutine[Any, Any, _T]) -> _T:
    """`work`, but an attempt to end the program becomes an error: it would kill the loop's thread instead."""
    try:
        return await work
    except (SystemExit, KeyboardInterrupt) as error:
        failure = BrainError(f"the brain raised {type(error).__name__}")
    raise failure
