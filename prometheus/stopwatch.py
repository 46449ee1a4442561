"""Stopwatch: where the time of a frame goes, by stage."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType


@dataclass(slots=True)
class Stopwatch:
    """Sums wall time by stage.

    Attributes:
        total: s by stage since the start. frame: s by stage in the current frame.
    """

    total: dict[str, float] = field(default_factory=dict)
    frame: dict[str, float] = field(default_factory=dict)

    def stage(self, name: str) -> Stage:
        """Charge the time of a `with` block to a stage."""
        return Stage(self, name)

    def lap(self) -> dict[str, float]:
        """Return the frame's stages in ms and begin the next frame."""
        done = {name: round(1e3 * seconds, 3) for name, seconds in self.frame.items()}
        self.frame = {}
        return done


class Stage:
    """A block whose time is charged to a stage."""

    __slots__ = ("_name", "_started", "_watch")

    def __init__(self, watch: Stopwatch, name: str) -> None:
        self._watch, self._name, self._started = watch, name, 0.0

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        spent, watch, name = time.perf_counter() - self._started, self._watch, self._name
        watch.total[name] = watch.total.get(name, 0.0) + spent
        watch.frame[name] = watch.frame.get(name, 0.0) + spent
