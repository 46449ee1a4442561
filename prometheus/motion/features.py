"""What the motion model reads and writes: 71 of HumanML3D's 263 columns, two frames a token.

The other columns (rotations, velocities) follow from these. Columns, in the order used here: half yaw step (rad a
frame, negative while turning left), root velocity left and forward (m a frame), root height (m), 21 joint positions in
the heading frame (m), 4 foot contacts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FRAMES_PER_TOKEN = 2
COLUMNS = np.r_[0:67, 259:263]
"""The columns of the 263 that the model works on."""
WIDTH = len(COLUMNS)
TOKEN_WIDTH = WIDTH * FRAMES_PER_TOKEN
YAW, VELOCITY, HEIGHT, JOINTS, CONTACTS = 0, slice(1, 3), 3, slice(4, 67), slice(67, 71)


@dataclass(frozen=True, slots=True)
class LocalFrames:
    """Frames of motion in the body's own heading frame (x left, y up, z forward); whoever moves the body places them.

    Attributes:
        joints: float32 [n, 22, 3], m; the pelvis over the origin at its height.
        turn: float32 [n], rad: how the heading changes from this frame to the next, left positive.
        step: float32 [n, 2], m: how the root moves from this frame to the next (left, forward), in the next heading.
        contacts: float32 [n, 4], probability that L_ankle, L_foot, R_ankle, R_foot stand on the ground.
    """

    joints: np.ndarray
    turn: np.ndarray
    step: np.ndarray
    contacts: np.ndarray

    def __len__(self) -> int:
        return len(self.joints)

    def __getitem__(self, frames: slice) -> LocalFrames:
        return LocalFrames(self.joints[frames], self.turn[frames], self.step[frames], self.contacts[frames])


def join(parts: Sequence[LocalFrames]) -> LocalFrames:
    """Put stretches of frames one after the other."""
    columns = ((p.joints, p.turn, p.step, p.contacts) for p in parts)
    return LocalFrames(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def unpack(features: np.ndarray) -> LocalFrames:
    """Turn features [n, WIDTH] into frames."""
    n = len(features)
    joints = np.zeros((n, 22, 3), np.float32)
    joints[:, 0, 1] = features[:, HEIGHT]
    joints[:, 1:] = features[:, JOINTS].reshape(n, 21, 3)
    return LocalFrames(
        joints=joints,
        turn=(-2.0 * features[:, YAW]).astype(np.float32),
        step=features[:, VELOCITY].astype(np.float32),
        contacts=np.clip(features[:, CONTACTS], 0.0, 1.0).astype(np.float32),
    )


def place(frames: LocalFrames) -> np.ndarray:
    """Return the joints [n, 22, 3] in the motion frame, starting over the origin, facing +z."""
    heading = np.concatenate([[0.0], np.cumsum(frames.turn[:-1])])
    cos, sin = np.cos(heading), np.sin(heading)
    left, forward = frames.step[:-1, 0], frames.step[:-1, 1]
    x = np.concatenate([[0.0], np.cumsum(cos[1:] * left + sin[1:] * forward)])
    z = np.concatenate([[0.0], np.cumsum(-sin[1:] * left + cos[1:] * forward)])
    rotation = np.stack([cos, 0 * cos, sin, 0 * cos, 1 + 0 * cos, 0 * cos, -sin, 0 * cos, cos], -1).reshape(-1, 3, 3)
    placed = np.einsum("nij,nkj->nki", rotation, frames.joints)
    return (placed + np.stack([x, 0 * x, z], -1)[:, None]).astype(np.float32)
