"""Control: how the world steers the motion model besides words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CONTROLS = 6
"""Width of the control vector: wanted velocity left and forward (m/s), turn (rad/s), intensity (0-1), and two flags
that say whether the first three and the fourth are given."""


@dataclass(frozen=True, slots=True)
class Control:
    """Where the root is to go, and with how much energy. None leaves it to the words.

    Attributes:
        velocity: (left, forward) m/s in the body's heading frame.
        turn: rad/s, left positive.
        intensity: 0 (limp, calm) to 1 (blind panic).
        trim: rad a frame, left positive: turned beside what is generated, while planted feet stay. Not for the network.
    """

    velocity: tuple[float, float] | None = None
    turn: float = 0.0
    intensity: float | None = None
    trim: float = 0.0

    def vector(self) -> np.ndarray:
        """Return float32 [CONTROLS] as `CONTROLS` says."""
        steered = self.velocity is not None
        left, forward = self.velocity or (0.0, 0.0)
        felt = self.intensity is not None
        return np.array(
            [left, forward, self.turn * steered, self.intensity or 0.0, float(steered), float(felt)], np.float32
        )
