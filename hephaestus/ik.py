"""Between joint positions and joint rotations: rotations from positions, forward kinematics, two-bone IK, bone lengths.

Positions alone leave the twist of a bone open. The rules that fix it here: the pelvis follows hips and spine, the
chest follows collars and neck, the spine spreads the twist between them, a thigh or upper arm takes the twist that
lets its knee or elbow bend as a hinge, and everything else swings from its parent without twist. All functions are
vectorised over leading axes; frames are independent of each other, so a stream and a batch give the same result.
"""

from __future__ import annotations

import numpy as np

from hephaestus import rotation
from hephaestus.skeleton import JOINT, PARENTS, REST_OFFSETS, rest_joints
from hephaestus.vector import apply, clamp, cross, dot, length, orthonormal, swing, unit

_BONE_LENGTHS = np.linalg.norm(REST_OFFSETS[1:], axis=-1, keepdims=True).astype(np.float32)
LEG_LENGTHS = (float(np.linalg.norm(REST_OFFSETS[4])), float(np.linalg.norm(REST_OFFSETS[7])))
"""m: thigh and shin of the uniform skeleton."""

_MIDDLE = np.array([JOINT[n] for n in ("L_knee", "R_knee", "L_elbow", "R_elbow")])
_CHAIN = np.array([PARENTS[_MIDDLE], _MIDDLE, [JOINT[n] for n in ("L_ankle", "R_ankle", "L_wrist", "R_wrist")]])
"""Joints [3, 4] along legs and arms: hip or shoulder, knee or elbow, ankle or wrist."""
_HINGES = np.array([[1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0]], np.float32)
"""Axis in the T-pose about which a knee bends backward and an elbow forward, in the order of `_MIDDLE`."""
_REST_LIMBS = np.swapaxes(
    orthonormal(np.stack([np.stack([_HINGES, REST_OFFSETS[end], REST_OFFSETS[end]], -1) for end in _CHAIN[1:]])), -1, -2
)
_ANKLES = np.array([7, 8])
_FEET = np.array([10, 11])
_LEAVES = np.array([10, 11, 15, 20, 21])
_GIRDLES = np.array([1, 13, 2, 14, 0, 9, 3, 12])
"""Left, right, low and high ends of pelvis and chest; the low end of the pelvis is replaced by the hips' middle."""
_TRUNK = np.array([3, 6, 12, 13, 14])
_TRUNK_ENDS = np.array([6, 9, 15, 16, 17])
_SPINE_SHARES = np.array([1 / 3, 2 / 3], np.float32)[:, None, None]
_ABOVE = np.zeros((22, 22), np.float32)
"""[joint, ancestor or itself]: 1; a sum of bones along it gives the place of a joint."""
for _joint in range(22):
    _above = _joint
    while _above >= 0:
        _ABOVE[_joint, _above] = 1.0
        _above = int(PARENTS[_above])


def _levels() -> list[tuple[np.ndarray, np.ndarray]]:
    depth = np.zeros(22, int)
    for j in range(1, 22):
        depth[j] = depth[PARENTS[j]] + 1
    return [(np.flatnonzero(depth == d), PARENTS[depth == d]) for d in range(1, depth.max() + 1)]


_LEVELS = _levels()


def _frame(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Matrices [..., 3, 3] with first axis along x and second axis as near to y as can be."""
    return orthonormal(np.stack([x, y, y], -1))


def _girdles(joints: np.ndarray) -> np.ndarray:
    """Frames [..., 2, 3, 3] of pelvis and chest: first axis to the left, second up the spine."""
    ends = joints[..., _GIRDLES, :]
    side, low = ends[..., 0:2, :] - ends[..., 2:4, :], ends[..., 4:6, :]
    low[..., 0, :] = 0.5 * (ends[..., 0, :] + ends[..., 2, :])
    return _frame(side, ends[..., 6:8, :] - low)


def _pelvis_frame(joints: np.ndarray) -> np.ndarray:
    return _girdles(joints)[..., 0, :, :]


def _swung(base: np.ndarray, rest: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """World turns [..., 3, 3] that carry rest directions onto directions with no twist beyond base."""
    return swing(unit(apply(base, rest)), unit(direction)) @ base


def _limbs(joints: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """World turns [..., 2, 4, 3, 3]: of hips and shoulders, and of knees and elbows."""
    ends = joints[..., _CHAIN, :]
    bones = unit(ends[..., 1:, :, :] - ends[..., :-1, :, :])
    plain = apply(_swung(parents, REST_OFFSETS[_MIDDLE], bones[..., 0, :, :]), _HINGES)
    normal = cross(bones[..., 0, :, :], bones[..., 1, :, :])
    bend = length(normal)[..., None]
    # A straight limb has no plane of its own: there the untwisted swing decides, and the two blend between 3 and 17
    # degrees of bend so that the hinge does not jump. A little bend the wrong way is an elbow that gives, not one that
    # has turned over.
    against = np.maximum(-dot(normal, plain)[..., None], 0.0) / np.maximum(bend, 1e-8)
    share = clamp(0.0, 1.0, (bend - 0.05 - 0.3 * against) / 0.25)
    hinge = share * normal / np.maximum(bend, 1e-8) + (1.0 - share) * plain
    z = unit(cross(hinge[..., None, :, :], bones))
    return np.stack([cross(bones, z), bones, z], -1) @ _REST_LIMBS


def _resting(rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What turns the girdles [2, 3, 3] of joints [22, 3] back to the axes, and the bones of their trunk [5, 3]."""
    return np.swapaxes(_girdles(rest), -1, -2), rest[_TRUNK_ENDS] - rest[_TRUNK]


_REST = _resting(rest_joints())


def rotations_from_joints(joints: np.ndarray, rest: np.ndarray | None = None) -> np.ndarray:
    """Return local rotations float32 [..., 22, 4] (xyzw, each relative to its parent and to the T-pose) of joints.

    Args:
        joints: [..., 22, 3] m, motion frame; bone lengths may differ from the uniform skeleton's.
        rest: [22, 3] the same body standing straight and facing +z, where its proportions of trunk and collars differ
            from the uniform skeleton's (retargeting); its arms and legs do not matter.

    The rotations of wrists, feet and head are the identity: positions do not tell them.
    """
    joints = np.asarray(joints, np.float32)
    standing, trunk = _REST if rest is None else _resting(np.asarray(rest, np.float32))
    turns = np.empty((*joints.shape[:-1], 3, 3), np.float32)
    girdles = _girdles(joints) @ standing
    between = orthonormal(girdles[..., :1, :, :] + _SPINE_SHARES * (girdles[..., 1:, :, :] - girdles[..., :1, :, :]))
    turns[..., [0, 9], :, :] = girdles
    base = np.concatenate([between, girdles[..., [1, 1, 1], :, :]], -3)
    turns[..., _TRUNK, :, :] = _swung(base, trunk, joints[..., _TRUNK_ENDS, :] - joints[..., _TRUNK, :])
    turns[..., _CHAIN[:2], :, :] = _limbs(joints, turns[..., [0, 0, 13, 14], :, :])
    turns[..., _ANKLES, :, :] = _swung(
        turns[..., [4, 5], :, :], REST_OFFSETS[_FEET], joints[..., _FEET, :] - joints[..., _ANKLES, :]
    )
    turns[..., _LEAVES, :, :] = turns[..., PARENTS[_LEAVES], :, :]
    local = turns.copy()
    local[..., 1:, :, :] = np.swapaxes(turns[..., PARENTS[1:], :, :], -1, -2) @ turns[..., 1:, :, :]
    return rotation.from_matrix(local)


def to_local(world: np.ndarray) -> np.ndarray:
    """Return rotations [..., 22, 4] relative to the parent, of rotations in the motion frame."""
    local = world.copy()
    local[..., 1:, :] = rotation.multiply(rotation.conjugate(world[..., PARENTS[1:], :]), world[..., 1:, :])
    return local


def to_world(local: np.ndarray) -> np.ndarray:
    """Return rotations [..., 22, 4] in the motion frame, of rotations relative to the parent."""
    world = np.array(local, np.float32)
    for joints, parents in _LEVELS:
        world[..., joints, :] = rotation.multiply(world[..., parents, :], local[..., joints, :])
    return world


def forward(rotations: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Return joints float32 [..., 22, 3] of local rotations [..., 22, 4] and pelvis positions [..., 3], in m."""
    world = to_world(rotations)
    bones = rotation.rotate(world[..., PARENTS[1:], :], REST_OFFSETS[1:])
    return _ABOVE @ np.concatenate([np.asarray(root, np.float32)[..., None, :], bones], -2)


def two_bone(
    start: np.ndarray, target: np.ndarray, pole: np.ndarray, lengths: tuple[float, float] = LEG_LENGTHS
) -> tuple[np.ndarray, np.ndarray]:
    """Bend a limb of two bones so that it reaches a target (law of cosines).

    Args:
        start: [..., 3] m, hip or shoulder.
        target: [..., 3] m, where the end should be; beyond reach the limb points there, nearly straight.
        pole: [..., 3] direction towards which the middle joint bends.
        lengths: m, of the two bones.

    Returns:
        The middle joint and the end, each [..., 3] m.
    """
    a, b = lengths
    reach = target - start
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    # A target in the joint itself has no direction: the limb then folds downward.
    along = np.where(distance < 1e-6, np.array([0.0, -1.0, 0.0], np.float32), reach / np.maximum(distance, 1e-6))
    distance = np.clip(distance, abs(a - b) + 1e-3, (a + b) * 0.9995)
    side = pole - along * (pole * along).sum(-1, keepdims=True)
    side = rotation.normalize(side)
    projection = (a * a - b * b + distance * distance) / (2.0 * distance)
    height = np.sqrt(np.maximum(a * a - projection * projection, 0.0))
    middle = start + along * projection + side * height
    return middle, start + along * distance


def set_feet(joints: np.ndarray, ankles: np.ndarray, feet: np.ndarray, poles: np.ndarray) -> np.ndarray:
    """Return joints [..., 22, 3] with the legs bent so that the ankles come to given places.

    Args:
        joints: [..., 22, 3] m on the uniform skeleton.
        ankles: [..., 2, 3] m, left and right.
        feet: [..., 2, 3] directions from ankle to ball of the foot, any length.
        poles: [..., 2, 3] directions of the knees.
    """
    out = np.array(joints, np.float32)
    knees, ends = two_bone(out[..., [1, 2], :], ankles, poles)
    out[..., [4, 5], :], out[..., _ANKLES, :] = knees, ends
    out[..., _FEET, :] = ends + rotation.normalize(feet) * np.linalg.norm(REST_OFFSETS[10])
    return out


def knee_poles(joints: np.ndarray) -> np.ndarray:
    """Return directions [..., 2, 3] in which the knees of joints point; straight legs take the pelvis' forward."""
    hips, knees, ankles = joints[..., [1, 2], :], joints[..., [4, 5], :], joints[..., _ANKLES, :]
    along = rotation.normalize(ankles - hips)
    bend = knees - hips
    bend = bend - along * (bend * along).sum(-1, keepdims=True)
    forward_axis = _pelvis_frame(joints)[..., None, :, 2]
    # Two centimetres of knee offset is where its own direction can be trusted.
    return bend / 0.02 + forward_axis


def fit_bones(joints: np.ndarray) -> np.ndarray:
    """Return joints [..., 22, 3] with the bone lengths of the uniform skeleton and the ankles where they were.

    Directions of bones are kept; the legs are bent by two-bone IK, so that planted feet stay planted.
    """
    joints = np.asarray(joints, np.float32)
    bones = joints[..., 1:, :] - joints[..., PARENTS[1:], :]
    bones = rotation.normalize(bones) * _BONE_LENGTHS
    fitted = _ABOVE @ np.concatenate([joints[..., :1, :], bones], -2)
    feet = joints[..., _FEET, :] - joints[..., _ANKLES, :]
    return set_feet(fitted, joints[..., _ANKLES, :], feet, knee_poles(joints))
