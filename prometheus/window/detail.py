"""Detail: how finely the world is drawn, so that the picture stays smooth on slow drivers; panels stay sharp."""

from __future__ import annotations

STEPS = (1.0, 0.85, 0.72, 0.6, 0.5, 0.42)
"""Shares of the window's width and height that are drawn; the picture is stretched to the window."""
SLOW, QUICK = 0.0200, 0.0175
"""s: a picture that takes longer is drawn coarser, one that takes less finer.

Between them lies what is left alone. A screen of 60 Hz holds each picture for 16.7 ms, however soon it is there.
"""
SETTLING_S = 2.5
"""s of drawing after something was loaded that say nothing: shaders are compiled and pictures uploaded meanwhile."""
_LOOK = 20
"""Pictures of which the median is judged at once."""
_LOOKS = 3
"""Looks in a row that must say the same before anything is changed: a hitch is none of its business."""
_LEAST_GAIN = 0.95
"""Share of the time before to which coarser pictures must come down, or they were not what was slow."""
_TRIAL, _LONGEST_WAIT = 12, 64
"""Looks after going finer in which slow pictures say that it was in vain; and looks until something is tried again that
failed, at the most: with each failure it waits twice as long."""


class Detail:
    """Chooses the share from how long pictures take.

    It goes coarser where they are slow for a while, and back where that was of no use (a screen that shows thirty
    pictures a second shows no more of coarse ones). It goes finer where they are quick, and waits the longer before it
    tries that again the more often it was in vain.

    Attributes:
        least: the smallest share so far.
        still: whether nothing moves in the picture; then all of it is drawn, however long that takes.
    """

    def __init__(self, share: float = 1.0, *, fixed: bool = False) -> None:
        """Begin with a share of the pixels, such as was right the last time, and stay there where it is fixed."""
        self._step = min(range(len(STEPS)), key=lambda k: abs(STEPS[k] - share))
        self._times: list[float] = []
        self._settling = SETTLING_S
        self._slow: list[float] = []
        self._quick = self._tried = self._rest = 0
        self._before: tuple[int, float] | None = None
        self._finer_after = self._coarser_after = _LOOKS
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

    def settle(self) -> None:
        """Something was loaded, or the window has another size: the next moments say nothing."""
        self._settling = SETTLING_S
        self._finer_after = self._coarser_after = _LOOKS
        self._before, self._tried, self._rest = None, 0, 0
        self._forget()

    def note(self, seconds: float) -> None:
        """Note how long a picture took to draw."""
        if self.still:
            return
        self._sum, self._count = self._sum + self.share, self._count + 1
        self.least = min(self.least, self.share)
        if self._settling > 0.0:
            self._settling -= seconds
            return
        self._times.append(seconds)
        if self._fixed or len(self._times) < _LOOK:
            return
        middle = sorted(self._times)[len(self._times) // 2]
        self._times.clear()
        self._judge(middle)

    def _judge(self, middle: float) -> None:
        """Look at the median of some pictures, and go a step where that is called for."""
        if self._tried == 1:  # finer went well
            self._finer_after = _LOOKS
        self._rest, self._tried = max(self._rest - 1, 0), max(self._tried - 1, 0)
        if middle > SLOW:
            self._slow.append(middle)
        else:
            self._slow, self._before = [], None
        self._quick = self._quick + 1 if middle < QUICK else 0
        if len(self._slow) >= _LOOKS:
            self._go_coarser(sorted(self._slow[-_LOOKS:])[_LOOKS // 2])
        elif self._quick >= self._finer_after and self._step > 0:
            self._step, self._tried = self._step - 1, _TRIAL
            self._forget()
        elif self._quick >= _LONGEST_WAIT:
            self._finer_after = self._coarser_after = _LOOKS

    def _go_coarser(self, took: float) -> None:
        before, self._before = self._before, None
        if before is not None and took > _LEAST_GAIN * before[1]:
            # As slow as it was: the pixels are not what takes the time.
            self._step = before[0]
            self._rest = self._coarser_after = min(2 * self._coarser_after, _LONGEST_WAIT)
        elif self._rest == 0 and self._step < len(STEPS) - 1:
            if self._tried:
                self._finer_after = min(2 * self._finer_after, _LONGEST_WAIT)
            self._tried = 0
            self._before = self._step, took
            self._step = min(self._step + (2 if took > 1.6 * SLOW else 1), len(STEPS) - 1)
        self._forget()

    def _forget(self) -> None:
        self._times.clear()
        self._slow, self._quick = [], 0
