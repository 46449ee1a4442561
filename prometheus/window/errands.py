"""Errands: what takes long, such as reading a body or waking a brain, is done beside the loop."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from aether.errors import AetherError
from hephaestus.errors import BodyError
from prometheus.errors import PrometheusError, shorten

if TYPE_CHECKING:
    from prometheus.window.playground import Playground

EXPECTED = (PrometheusError, AetherError, BodyError)
"""What may go wrong when a person asks for something; it is said and the world goes on."""
MOST = 8
"""Errands at a time."""
Wish = Callable[["Playground"], str | None]
"""What is done between two frames; it may return a sentence that the person is shown."""
Errand = Callable[[], Wish]
"""What takes long, and gives what is to be done between two frames once it is over."""


class Errands:
    """Runs errands in threads.

    Args:
        done: takes what is to be done after an errand.
    """

    def __init__(self, done: Callable[[Wish], None]) -> None:
        self._done = done
        self._next: dict[tuple[object, ...], Errand | None] = {}
        self._lock = threading.Lock()

    def run(self, errand: Errand, about: tuple[object, ...] = ()) -> bool:
        """Begin an errand; what goes wrong on it becomes a sentence.

        Args:
            errand: what takes long.
            about: what it is about. Of those that are asked for about the same while one is under way, only the newest
                is run, after that one: the last body or brain that was asked for is the one that stays.

        Returns:
            False where too much is under way already.
        """
        about = about or (errand,)
        with self._lock:
            under_way = about in self._next
            if not under_way and len(self._next) >= MOST:
                return False
            self._next[about] = errand if under_way else None
        if not under_way:
            threading.Thread(target=self._go, args=(errand, about), name="errand", daemon=True).start()
        return True

    def _go(self, errand: Errand | None, about: tuple[object, ...]) -> None:
        while errand is not None:
            self._done(_run(errand))
            with self._lock:
                errand = self._next.pop(about)
                if errand is not None:
                    self._next[about] = None


def complaint(error: Exception) -> str:
    """Return what went wrong as a sentence; what nobody expected is printed as well.

    A wish is made in passing, and must not end a world that somebody has played in for an hour.
    """
    if isinstance(error, EXPECTED):
        return str(error)
    traceback.print_exception(error)
    return f"that failed inside: {type(error).__name__}: {shorten(str(error), 100)}"


def _run(errand: Errand) -> Wish:
    try:
        return errand()
    except Exception as error:
        text = complaint(error)
        return lambda _: text
