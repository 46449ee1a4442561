"""Leak: memory that fades, over any number of frames at once: low-pass filters and damped swings."""

from __future__ import annotations

import numpy as np


class Leak:
    """The recursion y[t] = keep y[t - 1] + (1 - keep) x[t], carried on from call to call.

    A real `keep` gives a low-pass filter. A complex one turns as it fades, so that the imaginary part of the answer to
    a push is that of a damped pendulum. The recursion runs over all frames in log2(T) steps (W. D. Hillis and G. L.
    Steele, "Data parallel algorithms", CACM 29, 1986), so that a stream and a batch give the same.

    Args:
        seconds: after which a memory has faded to 1 / e; an array gives each value its own.
        fps: frames a second.
        turn: rad a second that a complex memory turns.
        start: y before the first frame; None takes the first x.
    """

    def __init__(
        self, seconds: float | np.ndarray, fps: float, turn: float = 0.0, start: complex | np.ndarray | None = None
    ) -> None:
        keep = np.exp((1j * turn - 1.0 / np.maximum(seconds, 1e-6)) / fps)
        self._keep = keep if turn else keep.real
        self._gain = 1.0 - self._keep
        self._last = None if start is None else np.asarray(start)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return y [T, ...] of x [T, ...], the frames that follow those of the last call."""
        x = np.asarray(x, float)
        if not len(x):
            return x
        if self._last is None:
            self._last = x[0]
        y = np.asarray(self._gain * x)
        y[0] += self._keep * self._last
        reach, weight = 1, self._keep
        while reach < len(y):
            y[reach:] = y[reach:] + weight * y[:-reach]
            reach, weight = 2 * reach, weight * weight
        self._last = y[-1].copy()
        return y


class Swing:
    """A weight on a spring: follows what it is given, late and with an overshoot that dies away.

    Args:
        seconds: after which a swing has faded to 1 / e.
        hertz: swings a second.
        fps: frames a second.
    """

    def __init__(self, seconds: float, hertz: float, fps: float) -> None:
        turn = 2.0 * np.pi * hertz
        self._leak = Leak(seconds, fps, turn, start=0j)
        self._gain = 1.0 / (1.0 - np.exp((1j * turn - 1.0 / seconds) / fps))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return where the weight is [T, ...] while it is pulled to x [T, ...]."""
        return np.imag(self._leak(x) * self._gain) / np.imag(self._gain)


class Memory:
    """What a body remembers from frame to frame, by name: filters, sums, and what was before."""

    def __init__(self) -> None:
        self._filters: dict[str, Leak | Swing] = {}
        self._last: dict[str, np.ndarray] = {}

    def leak(
        self, name: str, seconds: float | np.ndarray, x: np.ndarray, fps: float, start: float | None = None
    ) -> np.ndarray:
        """Return x [T, ...] smoothed by a `Leak`."""
        if name not in self._filters:
            self._filters[name] = Leak(seconds, fps, start=start)
        return self._filters[name](x)

    def swing(self, name: str, seconds: float, hertz: float, x: np.ndarray, fps: float) -> np.ndarray:
        """Return x [T, ...] as a `Swing` follows it."""
        if name not in self._filters:
            self._filters[name] = Swing(seconds, hertz, fps)
        return self._filters[name](x)

    def total(self, name: str, steps: np.ndarray, start: float = 0.0) -> np.ndarray:
        """Return the running sum [T, ...] of steps [T, ...] from `start` on."""
        out = self._last.get(name, np.asarray(start)) + np.cumsum(steps, 0)
        self._last[name] = out[-1]
        return np.asarray(out)

    def before(self, name: str, x: np.ndarray) -> np.ndarray:
        """Return x [T, ...] of the frame before; the first frame of all has its own."""
        out = np.concatenate([np.asarray(self._last.get(name, x[0]))[None], x[:-1]])
        self._last[name] = np.asarray(x[-1])
        return out

    def unwrap(self, name: str, angle: np.ndarray) -> np.ndarray:
        """Return angles [T] rad without jumps of a whole turn."""
        last = self._last.get(name, angle[0])
        out = last + np.cumsum((np.diff(angle, prepend=last) + np.pi) % (2.0 * np.pi) - np.pi)
        self._last[name] = out[-1]
        return np.asarray(out)
