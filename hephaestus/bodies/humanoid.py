"""Driver of anything with two arms and two legs: retargets the 22 joints onto its rig."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hephaestus.motion import Motion
from hephaestus.retarget import Retargeter
from hephaestus.rig import Rig


class Driver:
    """Moves a humanoid rig.

    Args:
        rig: a rig of kind "humanoid".

    Attributes:
        retargeter: does the work.
        stride: leg length of the rig over the human's.
        segments: node pairs of the bones.
    """

    def __init__(self, rig: Rig) -> None:
        self.retargeter = Retargeter(rig)
        self.stride = self.retargeter.ratio
        puppet = self.retargeter.puppet
        self.segments = [
            (int(puppet.nodes[p]), int(n)) for n, p in zip(puppet.nodes, puppet.parents, strict=True) if p >= 0
        ]

    def poses(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of all nodes."""
        return self.retargeter(motion)

    def stream(self) -> Callable[[Motion], np.ndarray]:
        """Return the poses of a motion that is given piece by piece; planted feet stay from call to call."""
        return self.retargeter.stream()
