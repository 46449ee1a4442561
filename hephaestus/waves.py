"""Waves: curves over the phase of a stride and the speed, tabulated once and read off by interpolation.

A gait is full of ramps and sines that depend on phase and speed alone. Evaluated for one frame they cost a numpy call
each; as a table they cost one look-up for all of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_SPEED_STEP = 0.05
_TOP_SPEED = 7.0
_PHASES = 192


class Waves:
    """A table of C curves.

    Args:
        curves: takes phases [n] in 0..1 and speeds [n] m/s, returns [n, C]; periodic in the phase.
    """

    def __init__(self, curves: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
        speeds = np.arange(0.0, _TOP_SPEED + 2 * _SPEED_STEP, _SPEED_STEP)
        # The last column repeats the first, so that reading across the end of a cycle needs no wrap.
        phases = np.append(np.arange(_PHASES) / _PHASES, 0.0)
        phase, speed = np.meshgrid(phases, speeds)
        self._table = np.ascontiguousarray(curves(phase.ravel(), speed.ravel()), np.float32)

    def at(self, phase: np.ndarray, speed: np.ndarray) -> np.ndarray:
        """Return [T, K, C].

        Args:
            phase: [T, K], of any size; whole turns do not matter.
            speed: [T] m/s, from 0; above 7 m/s the table ends.
        """
        across = (phase % 1.0) * np.float32(_PHASES)
        up = np.minimum(speed, _TOP_SPEED) * np.float32(1.0 / _SPEED_STEP)
        # A phase just below 1 may round to a whole turn in float32.
        column, row = np.minimum(across.astype(np.intp), _PHASES - 1), up.astype(np.intp)
        a, b = (across - column)[..., None], (up - row)[:, None, None]
        at = row[:, None] * (_PHASES + 1) + column
        low = self._table[at]
        low += a * (self._table[at + 1] - low)
        at += _PHASES + 1
        high = self._table[at]
        high += a * (self._table[at + 1] - high)
        low += b * (high - low)
        return low
