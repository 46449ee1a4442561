"""Pacing: when the next picture is due."""

from __future__ import annotations

MOST_LATE = 0.5
"""Share of a picture's time by which one may come early to make up for one before it that came late."""


class Pacer:
    """Keeps pictures evenly apart.

    Dues add up, so that neither a late picture nor a long sleep slows down all that follow; what was missed by more
    than a part of a picture is let go.
    """

    def __init__(self) -> None:
        """The first picture is due at once."""
        self._due = 0.0

    def rest(self, now: float, rate: float) -> float:
        """Return s to rest after a picture was shown, 0 for not at all.

        Args:
            now: s, on any clock that always goes forward.
            rate: pictures a second.
        """
        period = 1.0 / rate
        self._due = min(max(self._due + period, now - MOST_LATE * period), now + period)
        return max(self._due - now, 0.0)
