"""Motion and Pose: what a mind's sentence becomes, and what a body makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.skeleton import FPS


@dataclass(frozen=True, slots=True)
class Motion:
    """A stretch of human motion on the 22-joint skeleton, in the motion frame (x left, y up, z forward).

    Attributes:
        joints: float32 [T, 22, 3], m.
        rotations: float32 [T, 22, 4], xyzw, each joint relative to its parent and to the T-pose
            (the pelvis relative to the motion frame).
        contacts: float32 [T, 4], probability that L_ankle, L_foot, R_ankle, R_foot stand on the ground.
        fps: frames a second.
    """

    joints: np.ndarray
    rotations: np.ndarray
    contacts: np.ndarray
    fps: float = FPS

    def __len__(self) -> int:
        return len(self.joints)

    def __getitem__(self, frames: slice) -> Motion:
        return Motion(self.joints[frames], self.rotations[frames], self.contacts[frames], self.fps)

    @property
    def root_path(self) -> np.ndarray:
        """[T, 3] m: the pelvis."""
        return self.joints[:, 0]


@dataclass(frozen=True, slots=True)
class Pose:
    """One frame of a rig.

    Attributes:
        local: float32 [J, 4, 4], each node relative to its parent.
        root: float32 [4, 4], where the body stands in the motion frame (y up).
    """

    local: np.ndarray
    root: np.ndarray
