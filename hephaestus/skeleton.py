"""The 22-joint skeleton that motion is described on (SMPL joint order, as HumanML3D uses it).

Motion frame: x left, y up, z forward, metres. The rest pose is a T-pose that faces +z with its feet at y = 0.
"""

from __future__ import annotations

import numpy as np

FPS = 20
"""Frames a second of every motion in the project."""

JOINT_NAMES = (
    "pelvis", "L_hip", "R_hip", "spine1", "L_knee", "R_knee", "spine2", "L_ankle", "R_ankle", "spine3", "L_foot",
    "R_foot", "neck", "L_collar", "R_collar", "head", "L_shoulder", "R_shoulder", "L_elbow", "R_elbow", "L_wrist",
    "R_wrist",
)  # fmt: skip
JOINT = {name: index for index, name in enumerate(JOINT_NAMES)}
PARENTS = np.array([-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19])
CONTACT_JOINTS = (7, 10, 8, 11)
"""Order of the four foot contacts: L_ankle, L_foot, R_ankle, R_foot."""

MIRROR = np.array([JOINT[{"L": "R", "R": "L"}[n[0]] + n[1:]] if n[1] == "_" else JOINT[n] for n in JOINT_NAMES])
"""Joint index after swapping left and right."""

# Proportions of a 1.75 m adult: 0.41 m thigh and shin, shoulders 0.37 m apart.
_LEFT_AND_CENTRE = {
    "pelvis": (0.0, 0.0, 0.0),
    "L_hip": (0.09, -0.07, 0.0),
    "spine1": (0.0, 0.11, -0.01),
    "L_knee": (0.0, -0.41, 0.0),
    "spine2": (0.0, 0.13, 0.0),
    "L_ankle": (0.0, -0.41, -0.01),
    "spine3": (0.0, 0.07, 0.0),
    "L_foot": (0.01, -0.055, 0.125),
    "neck": (0.0, 0.21, -0.01),
    "L_collar": (0.07, 0.12, -0.01),
    "head": (0.0, 0.10, 0.03),
    "L_shoulder": (0.115, 0.03, -0.01),
    "L_elbow": (0.27, 0.0, 0.0),
    "L_wrist": (0.25, 0.0, 0.0),
}


def _rest_offsets() -> np.ndarray:
    offsets = np.zeros((22, 3), np.float32)
    for name, xyz in _LEFT_AND_CENTRE.items():
        offsets[JOINT[name]] = xyz
        if name[1] == "_":
            offsets[JOINT["R" + name[1:]]] = (-xyz[0], xyz[1], xyz[2])
    return offsets


REST_OFFSETS = _rest_offsets()
"""[22, 3] m: each joint from its parent in the rest pose."""

ANKLE_HEIGHT = 0.08
"""m: the ankle above the sole in the rest pose; the ball of the foot (L_foot, R_foot) is 0.025 m above it."""
HUMAN_HEIGHT = 1.75
"""m: an adult of these proportions, to the top of the head."""
REST_HEIGHT = 0.97
"""m: the pelvis above the floor in the rest pose."""


def rest_joints() -> np.ndarray:
    """Return the T-pose as joints [22, 3] in m, feet on y = 0, pelvis over the origin, facing +z."""
    joints = np.zeros((22, 3), np.float32)
    joints[0, 1] = REST_HEIGHT
    for j in range(1, 22):
        joints[j] = joints[PARENTS[j]] + REST_OFFSETS[j]
    return joints
