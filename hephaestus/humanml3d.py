"""The 263 features a frame of HumanML3D (Guo et al., CVPR 2022) of 22-joint motion at 20 fps, both ways.

Columns: 0 half the yaw step (rad, negative while turning left); 1:3 root velocity x, z in the heading frame (m per
frame); 3 root height; 4:67 the other 21 joints, root xz and heading removed; 67:193 6-D rotations of 21 joints;
193:259 velocities of 22 joints in the heading frame (m per frame); 259:263 contacts of L_ankle, L_foot, R_ankle and
R_foot.

The heading is taken from hips and shoulders of each frame alone (sigma = 0), hips plus shoulders. The original smooths
it with a Gaussian of 20 frames, which looks into the future and so cannot be streamed, and lets the hips enter with
the wrong sign; `encode(..., original=True)` keeps that sign, without the smoothing. Features made either way decode
here all the same, because decoding only adds up the steps that the columns hold.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hephaestus import rotation
from hephaestus.skeleton import CONTACT_JOINTS, MIRROR, PARENTS, REST_OFFSETS

WIDTH = 263
"""Features a frame."""
_CHAINS = ((0, 2, 5, 8, 11), (0, 1, 4, 7, 10), (0, 3, 6, 9, 12, 15), (9, 14, 17, 19, 21), (9, 13, 16, 18, 20))


def heading(joints: np.ndarray) -> np.ndarray:
    """Return the facing [...] (rad about +y, left positive, 0 is +z) of joints [..., 22, 3]."""
    across = joints[..., 1, :] - joints[..., 2, :] + joints[..., 16, :] - joints[..., 17, :]
    return np.arctan2(-across[..., 2], across[..., 0]).astype(np.float32)


def _original_heading(joints: np.ndarray) -> np.ndarray:
    """The original's heading [T]: shoulders minus hips, and zero in the first frame."""
    across = joints[:, 16] - joints[:, 17] - joints[:, 1] + joints[:, 2]
    facing = np.arctan2(-across[:, 2], across[:, 0]).astype(np.float32)
    facing[0] = 0.0
    return facing


def contacts_loose(joints: np.ndarray, threshold: float = 0.002) -> np.ndarray:
    """Return the original's contact labels [T-1, 4]: squared step under the threshold (0.89 m/s), no height test."""
    step = np.diff(joints[:, CONTACT_JOINTS], axis=0)
    return ((step * step).sum(-1) < threshold).astype(np.float32)


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
    joints = canonical(joints)
    facing = _original_heading(joints) if original else heading(joints)
    back = rotation.yaw(-facing)
    step = _wrap(np.diff(facing))
    root = joints[:, 0]
    velocity = rotation.rotate(back[1:], np.diff(root, axis=0))
    local = joints.copy()
    local[..., [0, 2]] -= root[:, None, [0, 2]]
    local = rotation.rotate(back[:, None], local)
    rotations = _direction_rotations(joints, facing)
    speed = rotation.rotate(back[:-1, None], np.diff(joints, axis=0))
    feet = contacts_loose(joints) if contacts is None else np.asarray(contacts, np.float32)[:-1]
    frames = len(joints) - 1
    columns = [-0.5 * step[:, None], velocity[:, [0, 2]], root[:-1, 1:2], local[:-1, 1:].reshape(frames, 63)]
    columns += [rotation.to_6d(rotations[:-1, 1:]).reshape(frames, 126), speed.reshape(frames, 66), feet]
    return np.concatenate(columns, 1).astype(np.float32)


def _wrap(angle: np.ndarray) -> np.ndarray:
    return (angle + np.pi) % (2.0 * np.pi) - np.pi


def decode(features: np.ndarray) -> np.ndarray:
    """Return joints float32 [T, 22, 3] (m, motion frame) of features [T, >= 67], from columns 0:67.

    The first frame stands at the xz origin and faces +z.
    """
    return StreamDecoder().push(features)


def contacts(features: np.ndarray) -> np.ndarray:
    """Return the contact columns [..., 4] clipped to 0..1."""
    return np.clip(features[..., 259:263], 0.0, 1.0)


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
