"""What the motion model reads and writes: 71 of HumanML3D's 263 columns, two frames a token.

The other columns (rotations, velocities) follow from these. Columns, in the order used here: half yaw step (rad a
frame, negative while turning left), root velocity left and forward (m a frame), root height (m), 21 joint positions in
the heading frame (m), 4 foot contacts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hephaestus.ik import fit_bones, rotations_from_joints
from hephaestus.motion import Motion
from hephaestus.skeleton import ANKLE_HEIGHT
from prometheus.motion.planting import Planting

FRAMES_PER_TOKEN = 2
COLUMNS = np.r_[0:67, 259:263]
"""The columns of the 263 that the model works on."""
WIDTH = len(COLUMNS)
TOKEN_WIDTH = WIDTH * FRAMES_PER_TOKEN
YAW, VELOCITY, HEIGHT, JOINTS, CONTACTS = 0, slice(1, 3), 3, slice(4, 67), slice(67, 71)
_HEIGHTS = np.r_[HEIGHT, 5:67:3]
"""Columns of the heights of all 22 joints."""
_LOWEST = np.array(
    [0.09, 0.07, 0.07, 0.07, 0.03, 0.03, 0.07, 0.03, 0.03, 0.07, -0.01, -0.01, 0.03, 0.03, 0.03, 0.05, 0.03, 0.03,
     0.0, 0.0, 0.02, 0.02], np.float32
)  # fmt: skip
"""m: how low each joint of a body gets that lies on the floor."""
_STANDING = _LOWEST.copy()
_STANDING[[7, 8]], _STANDING[[10, 11]] = ANKLE_HEIGHT, 0.025
"""m: height of each joint while it carries the body."""
_STRIDE, _SINKS = 0.02, 0.02
"""m: how far above the floor the lower foot of a body gets that walks, at most (in nine of ten captured frames 0.013),
and how much more such a body is lowered from one frame to the next."""


@dataclass(frozen=True, slots=True)
class LocalFrames:
    """Frames of motion in the body's own heading frame (x left, y up, z forward); whoever moves the body places them.

    Attributes:
        joints: float32 [n, 22, 3], m; the pelvis over the origin at its height, bones of the uniform skeleton's length.
        rotations: float32 [n, 22, 4], as in `hephaestus.motion.Motion`.
        turn: float32 [n], rad: how the heading changes from this frame to the next, left positive.
        step: float32 [n, 2], m: how the root moves from this frame to the next (left, forward), in the next heading.
        contacts: float32 [n, 4], probability that L_ankle, L_foot, R_ankle, R_foot stand on the ground; from a stream 1
            or 0.
    """

    joints: np.ndarray
    rotations: np.ndarray
    turn: np.ndarray
    step: np.ndarray
    contacts: np.ndarray

    def __len__(self) -> int:
        return len(self.joints)

    def __getitem__(self, frames: slice) -> LocalFrames:
        return LocalFrames(
            self.joints[frames], self.rotations[frames], self.turn[frames], self.step[frames], self.contacts[frames])


def join(parts: Sequence[LocalFrames]) -> LocalFrames:
    """Put stretches of frames one after the other."""
    columns = ((p.joints, p.rotations, p.turn, p.step, p.contacts) for p in parts)
    return LocalFrames(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def lifted(features: np.ndarray) -> np.ndarray:
    """Return features [n, WIDTH] of bodies raised out of the floor, where they have sunk into it."""
    sunk = np.maximum((_LOWEST - features[:, _HEIGHTS]).max(1, keepdims=True), 0.0)
    if not sunk.any():
        return features
    raised = features.copy()
    raised[:, _HEIGHTS] += sunk
    return raised


def lowered(features: np.ndarray, walks: bool, before: float) -> tuple[np.ndarray, float]:
    """Bring bodies down that leave the floor though they walk: what tells a walk from a run is that it has no flight.

    Args:
        features: [n, WIDTH], the frames that follow.
        walks: whether their sentence asks for a gait without flight.
        before: m by which the frame before them was lowered.

    Returns:
        The features, changed in a copy where there is something to change, and by how much the last one was lowered.
    """
    high = (features[:, _HEIGHTS] - _STANDING).min(1)
    if before <= 0.0 and not (walks and high.max() > _STRIDE):
        return features, 0.0
    down = []
    for free in high.tolist():
        most = free - _STRIDE if walks else before - _SINKS
        before = max(min(most, before + _SINKS, free), 0.0)
        down.append(before)
    sunk = features.copy()
    sunk[:, _HEIGHTS] -= np.array(down, np.float32)[:, None]
    return sunk, before


def unpack(features: np.ndarray, planting: Planting | None = None, trim: float = 0.0) -> LocalFrames:
    """Turn features [n, WIDTH] into frames; what the network leaves of bone lengths is mended here.

    Args:
        features: as the columns above.
        planting: what keeps planted feet in place, where these frames follow those that it saw last.
        trim: rad a frame by which the body turns beside what the features say.
    """
    n = len(features)
    joints = np.zeros((n, 22, 3), np.float32)
    joints[:, 0, 1] = features[:, HEIGHT]
    joints[:, 1:] = features[:, JOINTS].reshape(n, 21, 3)
    turn, step = (trim - 2.0 * features[:, YAW]).astype(np.float32), features[:, VELOCITY].astype(np.float32)
    contacts = np.clip(features[:, CONTACTS], 0.0, 1.0).astype(np.float32)
    if planting is not None:
        contacts = planting.plant(joints, turn, step, contacts)
    joints = fit_bones(joints)
    if planting is not None:
        planting.lift_knees(joints)
    return LocalFrames(joints, rotations_from_joints(joints), turn, step, contacts)


def place(frames: LocalFrames, start: float = 0.0) -> Motion:
    """Put frames one after the other in the motion frame, starting over the origin with a heading of `start` rad."""
    heading = start + np.concatenate([[0.0], np.cumsum(frames.turn[:-1])])
    left, forward = frames.step[:-1, 0], frames.step[:-1, 1]
    cos, sin = np.cos(heading[1:]), np.sin(heading[1:])
    x = np.concatenate([[0.0], np.cumsum(cos * left + sin * forward)])
    z = np.concatenate([[0.0], np.cumsum(-sin * left + cos * forward)])
    return stand(frames, np.stack([x, 0 * x, z], -1), heading)


def stand(frames: LocalFrames, place: np.ndarray, heading: np.ndarray) -> Motion:
    """Put each frame at a place [n, 3] m of the motion frame with a heading [n] rad, left positive."""
    heading = np.asarray(heading, np.float32)[:, None]
    joints, rotations = frames.joints.copy(), frames.rotations.copy()
    joints[..., 0], joints[..., 2] = _turned(frames.joints[..., 0], frames.joints[..., 2], heading)
    joints += np.asarray(place, np.float32)[:, None]
    # The Hamilton product with a turn about +y, (0, sin, 0, cos) of half the angle, turns (x, z) and (y, w) alike.
    rotations[:, 0, :2], rotations[:, 0, 2:] = _turned(rotations[:, 0, :2], rotations[:, 0, 2:], 0.5 * heading)
    return Motion(joints, rotations, frames.contacts)


def _turned(a: np.ndarray, b: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cos, sin = np.cos(angle), np.sin(angle)
    return cos * a + sin * b, cos * b - sin * a
