"""Stopwatch: where the time of a frame goes, by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """Sums wall time by stage.

    Attributes:
        total: s by stage since the start. frame: s by stage in the current frame.
    """

    total: dict[str, float] = field(default_factory=dict)
    frame: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Charge the time of a block to a stage."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self.total[name] = self.total.get(name, 0.0) + spent
            self.frame[name] = self.frame.get(name, 0.0) + spent

    def lap(self) -> dict[str, float]:
        """Return the frame's stages in ms and begin the next frame."""
        done = {name: round(1e3 * seconds, 3) for name, seconds in self.frame.items()}
        self.frame = {}
        return done
