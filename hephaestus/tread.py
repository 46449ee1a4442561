"""Tread: how a foot of any length and thickness meets the floor while its ankle goes where the source's goes.

A foot that is longer than the source's would lift its ankle when it is pitched as the source's is, and a shorter one
would leave the floor. So the height of the ankle counts, and the pitch follows: as much of the source's as brings the
sole to the floor.
"""

from __future__ import annotations

import numpy as np

from hephaestus.rig import Rig
from hephaestus.sole import Sole
from hephaestus.tpose import foot_forward
from hephaestus.vector import apply, clamp, flat, smoothstep, swing, unit

_MOST = 1.6
"""Times the source's pitch that a short foot may take on to reach the floor."""
_SLIGHT = 0.02
"""m a metre of leg: a pitch that lifts the ankle by less is left alone."""


class Tread:
    """Both feet, vectorised over frames and sides.

    Args:
        rig: a humanoid rig.
        ratio: its leg length over the human's.
        level: [2, 3, 3] turns of the feet from their rest to standing level.

    Attributes:
        has_toe: whether the toes bend.
        forward: [2, 3] unit, from ankle to toe along the floor, in each foot's rest frame: `turns @ forward` is in the
            motion frame.
        sole: what is lowest.
        ankle_height: m, of the ankle above the floor when the foot stands flat.
    """

    def __init__(self, rig: Rig, ratio: float, level: np.ndarray) -> None:
        self.has_toe = "L_toe" in rig and "R_toe" in rig
        forward = np.stack([foot_forward(rig, s) for s in "LR"])
        along = unit(apply(level, forward) * [1.0, 0.0, 1.0]).astype(np.float32)
        self.forward = apply(np.swapaxes(level, -1, -2), along)
        self.sole = Sole(rig, ratio, self.has_toe)
        self.ankle_height = -float(self.sole.low(level[None], level[None], level[None]).mean())
        self._slight = np.float32(_SLIGHT * ratio)

    def roll(
        self, shin: np.ndarray, foot: np.ndarray, lifted: np.ndarray, planted: np.ndarray, ball: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pitch the feet so that their soles fit under the ankles.

        Args:
            shin: [T, 2, 3, 3] turns of the shins.
            foot: [T, 2, 3, 3] turns of the feet as the source has them.
            lifted: [T, 2] m, height of the ankles as the source has it.
            planted: [T, 2], 0 to 1, how firmly each stands.
            ball: [T, 2], 0 to 1, how near its ball is to the floor.

        Returns:
            Turns of feet and of toes [T, 2, 3, 3], and the least height [T, 2] m of the ankles above the floor.
        """
        ahead = apply(foot, self.forward)
        along = flat(ahead)
        # A foot that points straight down has no way along the floor; it is high in the air and fits.
        level = smoothstep(0.2, 0.7, np.sqrt(ahead[..., 0] ** 2 + ahead[..., 2] ** 2))
        full = -self.sole.low(shin, foot, self._toes(foot, ahead, along, level * ball))
        rise, room = full - self.ankle_height, lifted - self.ankle_height
        # As much of the pitch as there is room for; where nothing is to be had from it, all of it.
        share = (room + self._slight) / np.maximum(rise + self._slight, self._slight)
        share = clamp(0.0, 1.0 + (_MOST - 1.0) * planted, share)
        share = 1.0 + level * smoothstep(0.0, 1.0, rise / self._slight) * (share - 1.0)
        wanted = unit(along + share[..., None] * (ahead - along))
        if not self.has_toe:
            foot = toe = swing(ahead, wanted) @ foot
        else:
            # Foot and toes turn in one upright plane.
            ends = np.stack([wanted, self._toward(wanted, along, level * ball)])
            foot, toe = swing(ahead, ends) @ foot
        return foot, toe, -self.sole.low(shin, foot, toe)

    def _toes(self, foot: np.ndarray, ahead: np.ndarray, along: np.ndarray, near: np.ndarray) -> np.ndarray:
        """Turns [T, 2, 3, 3] of the toes: flat on the floor while the heel is up, in line with the foot otherwise."""
        return swing(ahead, self._toward(ahead, along, near)) @ foot if self.has_toe else foot

    @staticmethod
    def _toward(ahead: np.ndarray, along: np.ndarray, near: np.ndarray) -> np.ndarray:
        """Directions [T, 2, 3] of the toes of feet that point ahead [T, 2, 3], along [T, 2, 3] on the floor plan."""
        share = near * smoothstep(0.0, -0.15, ahead[..., 1])
        return unit(ahead + share[..., None] * (along - ahead))
