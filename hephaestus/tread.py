"""Tread: how a foot of any length and thickness meets the floor while its ankle goes where the source's goes.

A foot that is longer than the source's would lift its ankle when it is pitched as the source's is, and a shorter one
would leave the floor. So the height of the ankle counts, and the pitch follows: as much of the source's as brings the
sole to the floor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hephaestus.rig import Rig
from hephaestus.sole import Sole
from hephaestus.tpose import foot_forward
from hephaestus.vector import apply, length, real, smoothstep, swing, unit

_MOST = 1.6
"""Times the source's pitch that a short foot may take on to reach the floor."""
_SLIGHT = 0.02
"""m a metre of leg: a pitch that lifts the ankle by less is left alone."""


_LEVEL = np.array([1.0, 0.0, 1.0], np.float32)
_ZERO, _ONE, _TINY = map(real, (0.0, 1.0, 1e-9))
_MORE = real(_MOST - 1.0)


class Standing(NamedTuple):
    """Feet whose soles fit under their ankles.

    Attributes:
        foot, toe: [T, 2, 3, 3] turns from rest.
        clear: [T, 2] m, the least height of the ankles above the floor.
        ahead: [T, 2, 3] unit, from ankle to toe.
        along: [T, 2, 3], the same on the floor plan, unit.
    """

    foot: np.ndarray
    toe: np.ndarray
    clear: np.ndarray
    ahead: np.ndarray
    along: np.ndarray


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
        self._stands, self._slight = real(self.ankle_height), real(_SLIGHT * ratio)

    def roll(
        self, shin: np.ndarray, foot: np.ndarray, lifted: np.ndarray, planted: np.ndarray, ball: np.ndarray
    ) -> Standing:
        """Pitch the feet so that their soles fit under the ankles.

        Args:
            shin: [T, 2, 3, 3] turns of the shins.
            foot: [T, 2, 3, 3] turns of the feet as the source has them.
            lifted: [T, 2] m, height of the ankles as the source has it.
            planted: [T, 2], 0 to 1, how firmly each stands.
            ball: [T, 2], 0 to 1, how near its ball is to the floor.
        """
        ahead = apply(foot, self.forward)
        plan = ahead * _LEVEL
        size = length(plan)
        along = plan / np.maximum(size, _TINY)[..., None]
        # A foot that points straight down has no way along the floor; it is high in the air and fits.
        level = smoothstep(0.2, 0.7, size)
        near, steep = level * ball, ahead - along
        # Toes are flat on the floor while the heel is up, in line with the foot otherwise.
        toe = swing(ahead, self._toward(ahead, along, near)) @ foot if self.has_toe else foot
        rise = -self._stands - self.sole.low(shin, foot, toe)
        room = lifted - self._stands
        # As much of the pitch as there is room for; where nothing is to be had from it, all of it.
        share = (room + self._slight) / np.maximum(rise + self._slight, self._slight)
        share = np.minimum(np.maximum(share, _ZERO), _ONE + _MORE * planted)
        share = _ONE + level * smoothstep(0.0, 1.0, rise / self._slight) * (share - _ONE)
        wanted = unit(along + share[..., None] * steep)
        if not self.has_toe:
            foot = toe = swing(ahead, wanted) @ foot
        else:
            # Foot and toes turn in one upright plane.
            ends = np.concatenate([wanted[None], self._toward(wanted, along, near)[None]])
            foot, toe = swing(ahead, ends) @ foot
        return Standing(foot, toe, -self.sole.low(shin, foot, toe), wanted, along)

    @staticmethod
    def _toward(ahead: np.ndarray, along: np.ndarray, near: np.ndarray) -> np.ndarray:
        """Directions [T, 2, 3] of the toes of feet that point ahead [T, 2, 3], along [T, 2, 3] on the floor plan."""
        share = near * smoothstep(0.0, -0.15, ahead[..., 1])
        return unit(ahead + share[..., None] * (along - ahead))
