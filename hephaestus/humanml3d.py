"""The 263 features a frame of HumanML3D (Guo et al., CVPR 2022) of 22-joint motion at 20 fps, both ways.

Columns: 0 half the yaw step (rad, negative while turning left); 1:3 root velocity x, z in the heading frame (m per
frame); 3 root height; 4:67 the other 21 joints, root xz and heading removed; 67:193 6-D rotations of 21 joints;
193:259 velocities of 22 joints in the heading frame (m per frame); 259:263 contacts of L_ankle, L_foot, R_ankle and
R_foot.

The heading is causal: it is taken from the hips and shoulders of each frame alone (sigma = 0), as the direction that is
square to the sum of the two lines from right to left. So a body that is filmed frame by frame (`StreamEncoder`) gives
the rows that the whole clip gives. The original smooths the heading with a Gaussian of 20 frames, which looks into the
future and cannot be streamed, and lets the hips enter with the wrong sign; `encode(..., original=True)` keeps that
sign, without the smoothing. Features made either way decode here all the same, because decoding only adds up the steps
that the columns hold.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hephaestus import rotation
from hephaestus.ik import rotations_from_joints
from hephaestus.motion import Motion
from hephaestus.skeleton import CONTACT_JOINTS, MIRROR, PARENTS, REST_OFFSETS

WIDTH = 263
"""Features a frame."""
_CHAINS = ((0, 2, 5, 8, 11), (0, 1, 4, 7, 10), (0, 3, 6, 9, 12, 15), (9, 14, 17, 19, 21), (9, 13, 16, 18, 20))


def heading(joints: np.ndarray) -> np.ndarray:
    """Return the facing [...] (rad about +y, left positive, 0 is +z) of joints [..., 22, 3]."""
    across = joints[..., 1, :] - joints[..., 2, :] + joints[..., 16, :] - joints[..., 17, :]
    facing: np.ndarray = np.arctan2(-across[..., 2], across[..., 0]).astype(np.float32)
    return facing


def _original_heading(joints: np.ndarray) -> np.ndarray:
    """The original's heading [T]: shoulders minus hips."""
    across = joints[:, 16] - joints[:, 17] - joints[:, 1] + joints[:, 2]
    facing: np.ndarray = np.arctan2(-across[:, 2], across[:, 0]).astype(np.float32)
    return facing


def contacts_loose(joints: np.ndarray, threshold: float = 0.002) -> np.ndarray:
    """Return the original's contact labels [T-1, 4]: squared step under the threshold (0.89 m/s), no height test."""
    step = np.diff(joints[:, CONTACT_JOINTS], axis=0)
    labels: np.ndarray = ((step * step).sum(-1) < threshold).astype(np.float32)
    return labels


def _axes() -> np.ndarray:
    """Main axis [22, 3] of each bone in the rest pose that the original's 6-D rotations start from."""
    axes = np.zeros((22, 3), np.float32)
    axes[[1, 13]], axes[[2, 14]] = (1, 0, 0), (-1, 0, 0)
    axes[[3, 6, 9, 12]], axes[[4, 5, 7, 8, 16, 17, 18, 19, 20, 21]] = (0, 1, 0), (0, -1, 0)
    axes[[10, 11, 15]] = (0, 0, 1)
    return axes


_AXES = _axes()


def _direction_rotations(joints: np.ndarray, facing: np.ndarray) -> np.ndarray:
    """The original's rotations [T, 22, 4]: each bone's shortest turn from its axis; the twist is undefined.

    The root's is the inverse of the heading, and every chain, the arms too, starts from it, as in the original.
    """
    unit = _AXES
    q = rotation.identity(len(joints), 22)
    q[:, 0] = rotation.yaw(-facing)
    for chain in _CHAINS:
        turn = q[:, 0]
        for parent, joint in pairwise(chain):
            bone = rotation.normalize(joints[:, joint] - joints[:, parent])
            world = rotation.from_to(np.broadcast_to(unit[joint], bone.shape), bone)
            q[:, joint] = rotation.multiply(rotation.conjugate(turn), world)
            turn = world
    return q


def uniform(joints: np.ndarray, offsets: np.ndarray = REST_OFFSETS) -> np.ndarray:
    """Return joints [T, 22, 3] with the bone lengths of a skeleton, its lowest joint on y = 0, as the original does.

    Directions of bones are kept and the root's path is scaled by the ratio of the right legs.

    Args:
        joints: [T, 22, 3] m of any body.
        offsets: [22, 3] m, bones of the skeleton.
    """
    joints = np.asarray(joints, np.float32)
    lengths = np.linalg.norm(offsets, axis=-1)
    first = np.linalg.norm(joints[0, [5, 8]] - joints[0, [2, 5]], axis=-1)
    out = np.empty_like(joints)
    out[:, 0] = joints[:, 0] * (lengths[[5, 8]].sum() / first.sum())
    for j in range(1, 22):
        out[:, j] = out[:, PARENTS[j]] + rotation.normalize(joints[:, j] - joints[:, PARENTS[j]]) * lengths[j]
    out[..., 1] -= out[..., 1].min()
    return out


def canonical(joints: np.ndarray) -> np.ndarray:
    """Return joints [T, 22, 3] moved so that frame 0 stands over the xz origin and faces +z."""
    out = np.array(joints, np.float32)
    out[..., [0, 2]] -= out[0, 0, [0, 2]]
    return rotation.rotate(rotation.yaw(-heading(out[0])), out)


def encode(joints: np.ndarray, contacts: np.ndarray | None = None, original: bool = False) -> np.ndarray:
    """Return features float32 [T-1, 263] of joints [T, 22, 3] (m, motion frame, feet on y = 0, 20 fps).

    Args:
        joints: at least two frames; place and first heading are removed.
        contacts: [T, 4] labels to use instead of the original's loose ones.
        original: take the heading as HumanML3D's code does (see the head of this module).

    Raises:
        ValueError: for another shape.
    """
    joints = np.asarray(joints, np.float32)
    if joints.ndim != 3 or joints.shape[1:] != (22, 3) or len(joints) < 2:
        raise ValueError(f"encode needs joints [T >= 2, 22, 3], not {joints.shape}.")
    return StreamEncoder(original).push(joints, contacts)


class StreamEncoder:
    """Encodes joints as they come: the rows that `encode` gives for all of them, one for each frame but the first.

    A row describes a frame and the step to the next one, so it leaves one frame late.
    """

    def __init__(self, original: bool = False) -> None:
        """Start before the first frame; `original` as in `encode`."""
        self._original = original
        self._last: tuple[np.ndarray, np.ndarray, np.ndarray | None] | None = None
        self._start = np.zeros(3, np.float32)
        self._turn = rotation.identity()

    def push(self, joints: np.ndarray, contacts: np.ndarray | None = None) -> np.ndarray:
        """Return the rows float32 [m, 263] that are complete now.

        Args:
            joints: [n, 22, 3] m, the next frames; the first frame ever sets the origin and the heading zero.
            contacts: [n, 4] labels to use instead of the original's loose ones; given always or never.

        Raises:
            ValueError: for another shape.
        """
        joints = np.asarray(joints, np.float32)
        if joints.ndim != 3 or joints.shape[1:] != (22, 3):
            raise ValueError(f"the encoder needs joints [n, 22, 3], not {joints.shape}.")
        labels = None if contacts is None else np.asarray(contacts, np.float32)
        if labels is not None and labels.shape != (len(joints), 4):
            raise ValueError(f"the encoder needs contacts [{len(joints)}, 4], not {labels.shape}.")
        if not len(joints):
            return np.zeros((0, WIDTH), np.float32)
        joints, facing = self._settle(joints)
        if self._last is not None:
            before, faced, stood = self._last
            joints, facing = np.concatenate([before, joints]), np.concatenate([faced, facing])
            labels = np.concatenate([stood, labels]) if stood is not None and labels is not None else None
        self._last = joints[-1:], facing[-1:], None if labels is None else labels[-1:]
        return _rows(joints, facing, labels)

    def _settle(self, joints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The frames moved as the first one wants it, and their headings [n]."""
        first = self._last is None
        if first:
            self._start = joints[0, 0] * np.array([1.0, 0.0, 1.0], np.float32)
            self._turn = rotation.yaw(-heading(joints[0]))
        joints = rotation.rotate(self._turn, joints - self._start)
        facing = _original_heading(joints) if self._original else heading(joints)
        if self._original and first:
            facing[0] = 0.0
        return joints, facing


def _rows(joints: np.ndarray, facing: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    """Features [T-1, 263] of joints [T, 22, 3] with headings [T] and contact labels [T, 4]."""
    back = rotation.yaw(-facing)
    step = _wrap(np.diff(facing))
    root = joints[:, 0]
    velocity = rotation.rotate(back[1:], np.diff(root, axis=0))
    local = joints.copy()
    local[..., [0, 2]] -= root[:, None, [0, 2]]
    local = rotation.rotate(back[:, None], local)
    rotations = _direction_rotations(joints, facing)
    speed = rotation.rotate(back[:-1, None], np.diff(joints, axis=0))
    feet = contacts_loose(joints) if labels is None else labels[:-1]
    frames = len(joints) - 1
    columns = [-0.5 * step[:, None], velocity[:, [0, 2]], root[:-1, 1:2], local[:-1, 1:].reshape(frames, 63)]
    columns += [rotation.to_6d(rotations[:-1, 1:]).reshape(frames, 126), speed.reshape(frames, 66), feet]
    return np.concatenate(columns, 1).astype(np.float32)


def _wrap(angle: np.ndarray) -> np.ndarray:
    wrapped: np.ndarray = (angle + np.pi) % (2.0 * np.pi) - np.pi
    return wrapped


def decode(features: np.ndarray) -> np.ndarray:
    """Return joints float32 [T, 22, 3] (m, motion frame) of features [T, >= 67], from columns 0:67.

    The first frame stands at the xz origin and faces +z.
    """
    return StreamDecoder().push(features)


def decode_motion(features: np.ndarray) -> Motion:
    """Return the motion of features [T, 263]: positions and contacts from their columns, rotations by `hephaestus.ik`.

    The stored 6-D rotations come from bone directions and hold no twist, so that a body needs the rules of `ik`
    instead; `decode_rotations` reads the stored ones.
    """
    joints = decode(features)
    return Motion(joints, rotations_from_joints(joints), contacts(features))


def decode_rotations(features: np.ndarray, offsets: np.ndarray = REST_OFFSETS) -> np.ndarray:
    """Return joints float32 [T, 22, 3] (m, motion frame) that the 6-D columns 67:193 stand for, on given bones.

    This is the original's `recover_from_rot`: the root's path from columns 0:4, every bone turned from its main axis by
    the product of the rotations along its chain, which begins with the inverse of the heading.

    Args:
        features: [T, >= 193].
        offsets: [22, 3] m; only the lengths of the bones count.
    """
    features = np.asarray(features, np.float32)
    joints = decode(features)
    turned = np.concatenate([[0.0], np.cumsum(2.0 * features[:-1, 0])]) if len(features) else np.zeros(0)
    stored = rotation.from_6d(features[:, 67:193].reshape(-1, 21, 6))
    lengths = np.linalg.norm(np.asarray(offsets, np.float32), axis=-1)
    for chain in _CHAINS:
        turn = rotation.yaw(turned.astype(np.float32))
        for parent, joint in pairwise(chain):
            turn = rotation.multiply(turn, stored[:, joint - 1])
            joints[:, joint] = joints[:, parent] + rotation.rotate(turn, _AXES[joint]) * lengths[joint]
    return joints


def contacts(features: np.ndarray) -> np.ndarray:
    """Return the contact columns [..., 4] clipped to 0..1."""
    found: np.ndarray = np.clip(features[..., 259:263], 0.0, 1.0).astype(np.float32)
    return found


class StreamDecoder:
    """Decodes features as they come, carrying place and heading from one call to the next."""

    def __init__(self) -> None:
        """Start at the xz origin, facing +z."""
        self.reset()

    def reset(self, heading: float = 0.0, place: tuple[float, float] = (0.0, 0.0)) -> None:
        """Let the next frame face `heading` (rad, left positive) and stand at `place` (x, z in m)."""
        self._heading = float(heading)
        self._place = np.array(place, np.float64)

    def push(self, features: np.ndarray) -> np.ndarray:
        """Return joints float32 [T, 22, 3] of the next features [T, >= 67]; T may be one."""
        features = np.asarray(features, np.float64)
        frames = len(features)
        facing = self._heading + np.concatenate([[0.0], np.cumsum(-2.0 * features[:, 0])])
        step = np.zeros((frames, 3))
        step[:, [0, 2]] = features[:, 1:3]
        # Column 1:3 of frame t is the way to frame t + 1 in the heading of frame t + 1.
        step = rotation.rotate(rotation.yaw(facing[1:]), step)
        place = self._place + np.concatenate([np.zeros((1, 2)), np.cumsum(step[:, [0, 2]], 0)])
        joints = np.zeros((frames, 22, 3))
        joints[:, 0, 1] = features[:, 3]
        joints[:, 1:] = features[:, 4:67].reshape(frames, 21, 3)
        joints = rotation.rotate(rotation.yaw(facing[:-1])[:, None], joints)
        joints[..., [0, 2]] += place[:-1, None]
        if frames:
            self._heading, self._place = float(facing[-1]), place[-1]
        return joints.astype(np.float32)


def mirror(features: np.ndarray) -> np.ndarray:
    """Return features [..., 263] of the motion with left and right exchanged (x negated, sides swapped)."""
    out = np.array(features, np.float32)
    out[..., 0] *= -1.0
    out[..., 1] *= -1.0
    flip = np.array([-1.0, 1.0, 1.0], np.float32)
    sides = MIRROR[1:] - 1
    lead = out.shape[:-1]
    out[..., 4:67] = (features[..., 4:67].reshape(*lead, 21, 3)[..., sides, :] * flip).reshape(*lead, 63)
    # Mirroring in x changes the sign of every matrix entry with exactly one index in x.
    six = np.array([1.0, -1.0, -1.0, -1.0, 1.0, 1.0], np.float32)
    out[..., 67:193] = (features[..., 67:193].reshape(*lead, 21, 6)[..., sides, :] * six).reshape(*lead, 126)
    out[..., 193:259] = (features[..., 193:259].reshape(*lead, 22, 3)[..., MIRROR, :] * flip).reshape(*lead, 66)
    out[..., 259:263] = features[..., [261, 262, 259, 260]]
    return out
