"""Calls that can be abandoned: coroutines on a private event loop in a daemon thread.

However a coroutine hangs - awaiting for ever, or blocking the loop itself - the caller gets its thread back at the
deadline. A loop that does not answer any more is left behind, and the next call gets a new one.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aether.errors import BrainError, BrainTimeout

if TYPE_CHECKING:
    import asyncio
    import threading

_T = TypeVar("_T")
_MAX_LEFT_BEHIND = 4
_GRACE_S = 0.05


class Pending(Generic[_T]):
    """A call that runs."""

    def __init__(self, caller: Caller, work: Coroutine[Any, Any, _T], loop: asyncio.AbstractEventLoop) -> None:
        """Kept by the caller that starts it on `loop`."""
        import asyncio

        self._caller, self._work, self._loop = caller, work, loop
        self._future = asyncio.run_coroutine_threadsafe(_contained(work), loop)

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._future.done()

    def wait(self, seconds: float) -> bool:
        """Waits until it has ended, at most `seconds`; says whether it has."""
        import concurrent.futures

        return bool(concurrent.futures.wait([self._future], timeout=seconds).done)

    def result(self) -> _T:
        """What it gave, or raises what it raised. Only for a call that has ended."""
        return self._future.result(0)

    def abandon(self, *, patient: bool = True) -> None:
        """Cancels it; nobody waits for it any more.

        Args:
            patient: Whether to wait a moment to see if the loop still answers; else the next call finds out.
        """
        self._future.cancel()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_close_unstarted, self._work)
        self._caller.suspect(_GRACE_S if patient else 0.0)


class Caller:
    """An event loop of its own, started with the first call."""

    def __init__(self) -> None:
        """Starts nothing yet."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._left_behind: list[threading.Thread] = []
        self._sign: threading.Event | None = None

    def start(self, work: Coroutine[Any, Any, _T]) -> Pending[_T]:
        """Runs `work` on the loop and comes back at once.

        Raises:
            BrainError: Too many earlier calls block their loops still.
        """
        if self._sign is not None and not self._sign.is_set():
            self._leave()
        self._sign = None
        try:
            loop = self._running_loop()
        except BrainError:
            work.close()
            raise
        return Pending(self, work, loop)

    def call(self, work: Coroutine[Any, Any, _T], deadline_s: float) -> _T:
        """Runs `work` and waits at most `deadline_s` seconds.

        Raises:
            BrainTimeout: It had not ended by then; it is cancelled and nobody waits for it.
            BrainError: Too many earlier calls block their loops still.
            Exception: Whatever `work` raised.
        """
        pending = self.start(work)
        try:
            done = pending.wait(deadline_s)
        except BaseException:
            pending.abandon()
            raise
        if done:
            return pending.result()
        pending.abandon()
        raise BrainTimeout(f"no answer after {deadline_s:.1f} s; raise brain.deadline_s or choose a faster model")

    def suspect(self, grace_s: float) -> None:
        """Asks the loop for a sign of life; without one in `grace_s` (0: until the next call) it is left behind."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        import threading

        sign = threading.Event()
        loop.call_soon_threadsafe(sign.set)
        if grace_s <= 0:
            self._sign = sign
        elif not sign.wait(grace_s):
            self._leave()

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

    def _leave(self) -> None:
        """Leaves the loop to whatever blocks it; it stops by itself if that ever comes back."""
        loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            self._left_behind.append(thread)


def _close_unstarted(work: Coroutine[Any, Any, Any]) -> None:
    """Ends a coroutine that was cancelled before its first step; Python would warn of it."""
    import inspect

    if inspect.getcoroutinestate(work) == inspect.CORO_CREATED:
        work.close()


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
