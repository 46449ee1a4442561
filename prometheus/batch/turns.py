"""Turns: episodes in one process, each in a thread of its own, of which one runs while the others wait for brains.

The world, the motion model and their caches are used by one thread at a time; only the wait for an answer is shared.
"""

from __future__ import annotations

import threading
from collections.abc import Coroutine
from typing import Any, TypeVar, cast

from aether.caller import Caller, Pending

_T = TypeVar("_T")


class TurnCaller(Caller):
    """An event loop for the calls of many episodes; who waits for one lets another episode go on.

    Attributes:
        turn: held by the episode that runs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.turn = threading.Lock()

    def start(self, work: Coroutine[Any, Any, _T]) -> Pending[_T]:
        """As `Caller.start`."""
        return cast("Pending[_T]", _Turned(super().start(work), self.turn))


class _Turned:
    """A call whose wait gives the turn away."""

    def __init__(self, pending: Pending[Any], turn: threading.Lock) -> None:
        self._pending, self._turn = pending, turn

    def wait(self, seconds: float) -> bool:
        if self._pending.done:
            return True
        self._turn.release()
        try:
            return self._pending.wait(seconds)
        finally:
            self._turn.acquire()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pending, name)
