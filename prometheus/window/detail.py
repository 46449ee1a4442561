"""Detail: how finely the world is drawn, so that the picture stays smooth on slow drivers; panels stay sharp."""

from __future__ import annotations

STEPS = (1.0, 0.85, 0.72, 0.6, 0.5, 0.42)
"""Shares of the window's width and height that are drawn; the picture is stretched to the window."""
SLOW, QUICK = 0.0200, 0.0165
"""s: a picture that takes longer is drawn coarser, one that takes less finer."""
_PATIENCE = 20
"""Pictures that are looked at before anything is changed."""
_EASY = 8
"""Times the patience before it is drawn finer again, so that it does not waver."""


class Detail:
    """Chooses the share from how long pictures take.

    Attributes:
        least: the smallest share so far.
        still: whether nothing moves in the picture; then all of it is drawn, however long that takes.
    """

    def __init__(self, share: float = 1.0, *, fixed: bool = False) -> None:
        """Begin with a share of the pixels, such as was right the last time, and stay there where it is fixed."""
        self._step = min(range(len(STEPS)), key=lambda k: abs(STEPS[k] - share))
        self._times: list[float] = []
        self._easy = 0
        self._sum, self._count = 0.0, 0
        self._fixed = fixed
        self.still = False
        self.least = self.share

    @property
    def share(self) -> float:
        """Of the window's width and height."""
        return 1.0 if self.still and not self._fixed else STEPS[self._step]

    @property
    def moving(self) -> float:
        """The share while something moves."""
        return STEPS[self._step]

    @property
    def mean(self) -> float:
        """The mean share since the beginning."""
        return self._sum / self._count if self._count else 1.0

    def size(self, window: tuple[int, int]) -> tuple[int, int]:
        """Return how large the world is drawn for a window of that size, pixels."""
        return max(16, round(window[0] * self.share)), max(16, round(window[1] * self.share))

    def note(self, seconds: float) -> None:
        """Note how long a picture took to draw."""
        if self.still:
            return
        self._sum, self._count = self._sum + self.share, self._count + 1
        self.least = min(self.least, self.share)
        self._times.append(seconds)
        if self._fixed or len(self._times) < _PATIENCE:
            return
        middle = sorted(self._times)[len(self._times) // 2]
        self._times.clear()
        if middle > SLOW and self._step < len(STEPS) - 1:
            more = 2 if middle > 1.6 * SLOW else 1
            self._step, self._easy = min(self._step + more, len(STEPS) - 1), 0
        elif middle < QUICK and self._step > 0:
            self._easy += 1
            if self._easy >= _EASY:
                self._step, self._easy = self._step - 1, 0
        else:
            self._easy = 0
