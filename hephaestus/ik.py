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
from hephaestus.vector import cross

_BONE_LENGTHS = np.linalg.norm(REST_OFFSETS[1:], axis=-1, keepdims=True).astype(np.float32)
LEG_LENGTHS = (float(np.linalg.norm(REST_OFFSETS[4])), float(np.linalg.norm(REST_OFFSETS[7])))
"""m: thigh and shin of the uniform skeleton."""

_UPPER = np.array([JOINT[n] for n in ("L_hip", "R_hip", "L_shoulder", "R_shoulder")])
_MIDDLE = np.array([JOINT[n] for n in ("L_knee", "R_knee", "L_elbow", "R_elbow")])
_LOWER = np.array([JOINT[n] for n in ("L_ankle", "R_ankle", "L_wrist", "R_wrist")])
_HINGES = np.array([[1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0]], np.float32)
"""Axis in the T-pose about which a knee bends backward and an elbow forward, in the order of `_UPPER`."""
_ANKLES = np.array([7, 8])
_FEET = np.array([10, 11])
_COLLARS = np.array([13, 14])


def _levels() -> list[tuple[np.ndarray, np.ndarray]]:
    depth = np.zeros(22, int)
    for j in range(1, 22):
        depth[j] = depth[PARENTS[j]] + 1
    return [(np.flatnonzero(depth == d), PARENTS[depth == d]) for d in range(1, depth.max() + 1)]


_LEVELS = _levels()


def _frame(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Matrices [..., 3, 3] with first axis along x and second axis as near to y as can be."""
    x = rotation.normalize(x)
    z = rotation.normalize(cross(x, y))
    return np.stack([x, cross(z, x), z], -1)


def _pelvis_frame(joints: np.ndarray) -> np.ndarray:
    middle = 0.5 * (joints[..., 1, :] + joints[..., 2, :])
    return _frame(joints[..., 1, :] - joints[..., 2, :], joints[..., 3, :] - middle)


def _chest_frame(joints: np.ndarray) -> np.ndarray:
    return _frame(joints[..., 13, :] - joints[..., 14, :], joints[..., 12, :] - joints[..., 9, :])


def _swing(base: np.ndarray, rest_direction: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Global rotations that carry rest_direction onto direction with no twist beyond base."""
    return rotation.multiply(rotation.from_to(rotation.rotate(base, rest_direction), direction), base)


def _limbs(joints: np.ndarray, parents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Global rotations [..., 4, 4] of hips and shoulders, and of knees and elbows."""
    upper = joints[..., _MIDDLE, :] - joints[..., _UPPER, :]
    lower = joints[..., _LOWER, :] - joints[..., _MIDDLE, :]
    swung = _swing(parents, REST_OFFSETS[_MIDDLE], upper)
    plain = rotation.rotate(swung, _HINGES)
    normal = cross(rotation.normalize(upper), rotation.normalize(lower))
    bend = np.linalg.norm(normal, axis=-1, keepdims=True)
    # A straight limb has no plane of its own: there the untwisted swing decides, and the two blend between 3 and 17
    # degrees of bend so that the hinge does not jump.
    share = np.clip((bend - 0.05) / 0.25, 0.0, 1.0)
    hinge = share * normal / np.maximum(bend, 1e-8) + (1.0 - share) * plain
    rest_upper, rest_lower = _frame(_HINGES, REST_OFFSETS[_MIDDLE]), _frame(_HINGES, REST_OFFSETS[_LOWER])
    first = _align(upper, hinge, rest_upper)
    return first, _align(lower, hinge, rest_lower)


def _align(bone: np.ndarray, hinge: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Global rotations that put a rest frame (hinge, bone) on the given bone, hinge as near as can be."""
    y = rotation.normalize(bone)
    z = rotation.normalize(cross(hinge, y))
    frame = np.stack([cross(y, z), y, z], -1)
    return rotation.from_matrix(frame @ np.swapaxes(rest, -1, -2))


def rotations_from_joints(joints: np.ndarray, rest: np.ndarray | None = None) -> np.ndarray:
    """Return local rotations float32 [..., 22, 4] (xyzw, each relative to its parent and to the T-pose) of joints.

    Args:
        joints: [..., 22, 3] m, motion frame; bone lengths may differ from the uniform skeleton's.
        rest: [22, 3] the same body standing straight and facing +z, where its proportions of trunk and collars differ
            from the uniform skeleton's (retargeting); its arms and legs do not matter.

    The rotations of wrists, feet and head are the identity: positions do not tell them.
    """
    joints = np.asarray(joints, np.float32)
    rest = rest_joints() if rest is None else np.asarray(rest, np.float32)
    world = rotation.identity(*joints.shape[:-2], 22)
    pelvis = rotation.from_matrix(_pelvis_frame(joints) @ _pelvis_frame(rest).T)
    chest = rotation.from_matrix(_chest_frame(joints) @ _chest_frame(rest).T)
    world[..., 0, :], world[..., 9, :] = pelvis, chest
    for joint, child, share in ((3, 6, 1 / 3), (6, 9, 2 / 3)):
        between = rotation.slerp(pelvis, chest, np.full(pelvis.shape[:-1], share, np.float32))
        world[..., joint, :] = _swing(between, rest[child] - rest[joint], joints[..., child, :] - joints[..., joint, :])
    axial, ends = np.array([12, 13, 14]), np.array([15, 16, 17])
    world[..., axial, :] = _swing(
        chest[..., None, :], rest[ends] - rest[axial], joints[..., ends, :] - joints[..., axial, :]
    )
    parents = np.stack([pelvis, pelvis, world[..., 13, :], world[..., 14, :]], -2)
    world[..., _UPPER, :], world[..., _MIDDLE, :] = _limbs(joints, parents)
    world[..., _ANKLES, :] = _swing(
        world[..., [4, 5], :], REST_OFFSETS[_FEET], joints[..., _FEET, :] - joints[..., _ANKLES, :]
    )
    leaves = np.array([10, 11, 15, 20, 21])
    world[..., leaves, :] = world[..., PARENTS[leaves], :]
    return to_local(world)


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
    joints = np.zeros((*world.shape[:-1], 3), np.float32)
    joints[..., 0, :] = root
    bones = rotation.rotate(world[..., PARENTS[1:], :], REST_OFFSETS[1:])
    for level, parents in _LEVELS:
        joints[..., level, :] = joints[..., parents, :] + bones[..., level - 1, :]
    return joints


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
    fitted = joints.copy()
    for level, parents in _LEVELS:
        fitted[..., level, :] = fitted[..., parents, :] + bones[..., level - 1, :]
    feet = joints[..., _FEET, :] - joints[..., _ANKLES, :]
    return set_feet(fitted, joints[..., _ANKLES, :], feet, knee_poles(joints))
