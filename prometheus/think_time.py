"""Think time: in which frame a decision counts as made."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, Protocol

from prometheus.errors import ConfigError, shorten
from prometheus.world.physics import FRAME

Mode = Literal["lockstep", "realtime"]
Spell = Literal["zero", "measured"] | float
"""What a thought costs in a world that waits: nothing, what the clock says, or so many seconds."""


class Thinker(Protocol):
    """What is asked of a mind here; `aether.Mind` is one."""

    @property
    def ready(self) -> bool: ...  # noqa: D102
    def settle(self) -> float: ...  # noqa: D102


class ThinkTime(Protocol):
    """Says when the answer to an open question counts as there; one for each agent."""

    def asked(self, mind: Thinker, frame: int) -> None:
        """Note that a question was put in `frame`."""

    def arrived(self, mind: Thinker, frame: int) -> bool:
        """Whether its answer is there in `frame`; only asked while a question is open."""
        ...


class Charged:
    """The world waits for the brain and charges what it took: asked in frame f, decided in f + ceil(seconds / 0.05).

    Args:
        seconds: that every thought takes; None for what the clock measures of each.
    """

    def __init__(self, seconds: float | None = 0.0) -> None:
        self._seconds = seconds
        self._due = 0

    def asked(self, mind: Thinker, frame: int) -> None:
        """See `ThinkTime`; where time is measured, this waits for the answer."""
        seconds = mind.settle() if self._seconds is None else self._seconds
        self._due = frame + frames_of(seconds)

    def arrived(self, mind: Thinker, frame: int) -> bool:
        """See `ThinkTime`."""
        return frame >= self._due


class Live:
    """The world does not wait: an answer is there when it is there."""

    def asked(self, mind: Thinker, frame: int) -> None:
        """See `ThinkTime`."""

    def arrived(self, mind: Thinker, frame: int) -> bool:
        """See `ThinkTime`."""
        return mind.ready


class Recorded:
    """As an episode says: whatever the clock did then, it does again.

    Args:
        frames: in which decisions took effect.
    """

    def __init__(self, frames: Iterable[int]) -> None:
        self._frames = frozenset(frames)

    def asked(self, mind: Thinker, frame: int) -> None:
        """See `ThinkTime`."""

    def arrived(self, mind: Thinker, frame: int) -> bool:
        """See `ThinkTime`."""
        return frame in self._frames


def frames_of(seconds: float) -> int:
    """Return the frames that a span of time fills, the last one begun included."""
    # A whole number of frames must not become one more by a rounding error.
    return math.ceil(round(seconds / FRAME, 6))


def think_time(mode: Mode, spell: Spell) -> ThinkTime:
    """Return how a loop's mode counts the time of thoughts.

    Raises:
        ConfigError: no such mode or time.
    """
    if mode == "realtime":
        return Live()
    if mode != "lockstep":
        raise ConfigError(f"there is no loop mode '{shorten(mode, 20)}'; use lockstep or realtime")
    if spell == "measured":
        return Charged(None)
    if spell == "zero":
        return Charged(0.0)
    if isinstance(spell, str) or isinstance(spell, bool) or not (math.isfinite(spell) and 0 <= spell <= 600):
        raise ConfigError(f"think_time is zero, measured or seconds from 0 to 600, not '{shorten(spell, 20)}'")
    return Charged(float(spell))
