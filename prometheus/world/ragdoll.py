"""Ragdoll: a limp body in Bullet, hinged as people are, for as long as somebody is knocked over.

It cannot stand, balance or get up: it falls as a body falls whose muscles only brake. Everything else that bodies do in
a world is animation that physics constrains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hephaestus import rotation
from hephaestus.skeleton import JOINT, REST_OFFSETS
from prometheus.world.arena import ACTOR_GROUP, FIXED, MOVER_GROUP, OBJECT_GROUP, Arena

HEIGHT = 1.75
"""m: of the body that the lengths and radii below are given for."""
_SPINE = tuple(JOINT[name] for name in ("spine1", "spine2", "spine3"))
_FOLDED = {
    "spine1": ("spine1", "spine2", "spine3"), "neck": ("neck", "head"),
    "L_shoulder": ("L_collar", "L_shoulder"), "R_shoulder": ("R_collar", "R_shoulder"),
}  # fmt: skip
"""Joints of the 22 that one joint of the ragdoll stands for, from the trunk outwards."""


@dataclass(frozen=True, slots=True)
class Limb:
    """A part of the ragdoll, and the hinges that join it to its parent.

    Attributes:
        joint: the one of the 22 at which it is joined. parent: the joint of the part that it hangs on.
        axes: of its hinges, from the parent outwards: x to the left, y up, z forward, in the T-pose.
        low, high: rad, limits of each hinge. tone: N m with which muscles brake each.
        mass: share of the body's (Winter 2009, Biomechanics and motor control of human movement, table 4.1).
        start, end: m from the joint to the ends of its capsule. radius: m.
    """

    joint: str
    parent: str
    axes: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    tone: float
    mass: float
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float


def _pair(joint: str, parent: str, axes: str, low: Any, high: Any, tone: float, mass: float, *shape: Any) -> list[Limb]:
    """A limb of the left, as it is given, and its mirror image: y and z turn the other way round."""
    start, end, radius = shape
    swapped = [(lo, hi) if axis == "x" else (-hi, -lo) for axis, lo, hi in zip(axes, low, high, strict=True)]
    far = [(-x, y, z) for x, y, z in (start, end)]
    other = f"R_{parent}" if f"R_{parent}" in JOINT else parent
    mine = f"L_{parent}" if f"L_{parent}" in JOINT else parent
    return [
        Limb(f"L_{joint}", mine, axes, tuple(low), tuple(high), tone, mass, start, end, radius),
        Limb(f"R_{joint}", other, axes, tuple(s[0] for s in swapped), tuple(s[1] for s in swapped), tone, mass,
             far[0], far[1], radius),
    ]  # fmt: skip


def _in_order(limbs: tuple[Limb, ...], parent: str = "pelvis") -> tuple[Limb, ...]:
    """Limbs as a walk through the tree meets them: Bullet numbers the links of a body like that."""
    return tuple(
        each for limb in limbs if limb.parent == parent for each in (limb, *_in_order(limbs, limb.joint))
    )


LIMBS = _in_order((
    Limb("spine1", "pelvis", "xzy", (-0.4, -0.45, -0.6), (0.9, 0.45, 0.6), 14, 0.355,
         (0, 0.08, 0), (0, 0.30, 0), 0.125),
    Limb("neck", "spine1", "xzy", (-0.6, -0.5, -0.9), (0.6, 0.5, 0.9), 4, 0.081,
         (0, 0.12, 0.03), (0, 0.17, 0.03), 0.095),
    *_pair("shoulder", "spine1", "zyx", (-1.5, -1.45, -1.2), (1.2, 0.6, 1.2), 4, 0.028,
           (0.02, 0, 0), (0.26, 0, 0), 0.045),
    *_pair("elbow", "shoulder", "y", (-2.4,), (0.0,), 2.5, 0.022, (0.02, 0, 0), (0.33, 0, 0), 0.04),
    *_pair("hip", "pelvis", "xzy", (-2.0, -0.3, -0.6), (0.4, 0.8, 0.6), 10, 0.100, (0, -0.04, 0), (0, -0.37, 0), 0.068),
    *_pair("knee", "hip", "x", (0.0,), (2.4,), 6, 0.0465, (0, -0.03, 0), (0, -0.37, 0), 0.048),
    *_pair("ankle", "knee", "x", (-0.5,), (0.7,), 3, 0.0145, (0, -0.045, -0.03), (0.01, -0.045, 0.16), 0.035),
))  # fmt: skip
_PELVIS_MASS = 0.142
_AXIS = {"x": 0, "y": 1, "z": 2}


class Ragdoll:
    """A limp body.

    Args:
        arena: where it falls.
        mass: kg. height: m.
        root: [3] m, the pelvis in the world.
        rotations: [22, 4] local xyzw, as in `hephaestus.motion.Motion`, the pelvis relative to the motion frame.
        velocity: [3] m/s and spin: [3] rad/s, world, that it starts with.
    """

    def __init__(
        self, arena: Arena, mass: float, height: float, root: Any, rotations: np.ndarray, velocity: Any, spin: Any
    ) -> None:
        self._arena, self.scale = arena, height / HEIGHT
        self.handle = self._build(mass, root, rotations)
        bullet, client = arena.bullet, arena.client
        bullet.resetBaseVelocity(self.handle, list(velocity), list(spin), physicsClientId=client)

    def place(self) -> np.ndarray:
        """Return the pelvis [3] m in the world."""
        place, _ = self._arena.bullet.getBasePositionAndOrientation(self.handle, physicsClientId=self._arena.client)
        return np.array(place)

    def pose(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the pelvis [3] m in the world, and the rotations float32 [22, 4] of the 22 joints."""
        bullet, client = self._arena.bullet, self._arena.client
        place, turn = bullet.getBasePositionAndOrientation(self.handle, physicsClientId=client)
        states = bullet.getJointStates(self.handle, range(self._hinges), physicsClientId=client)
        return np.array(place), _rotations([state[0] for state in states], np.array(turn))

    def speed(self) -> float:
        """Return how much it still moves: m/s of its fastest part, roughly."""
        bullet, client = self._arena.bullet, self._arena.client
        (x, y, z), (u, v, w) = bullet.getBaseVelocity(self.handle, physicsClientId=client)
        states = bullet.getJointStates(self.handle, range(self._hinges), physicsClientId=client)
        turning = max(abs(state[1]) for state in states)
        return math.sqrt(x * x + y * y + z * z) + 0.4 * self.scale * max(math.sqrt(u * u + v * v + w * w), turning)

    def remove(self) -> None:
        """Take it out of the arena."""
        self._arena.bullet.removeBody(self.handle, physicsClientId=self._arena.client)

    def _build(self, mass: float, root: Any, rotations: np.ndarray) -> int:
        arena, size = self._arena, self.scale
        bullet, client = arena.bullet, arena.client
        rows: dict[str, list[Any]] = {
            key: [] for key in ("Masses", "CollisionShapeIndices", "Positions", "InertialFramePositions",
                                "ParentIndices", "JointAxis")
        }  # fmt: skip
        last = {"pelvis": 0}
        limits: list[tuple[float, float, float]] = []
        for limb in LIMBS:
            parent, offset = last[limb.parent], _between(limb.parent, limb.joint) * size
            for number, axis in enumerate(limb.axes):
                final = number == len(limb.axes) - 1
                middle = 0.5 * size * (np.array(limb.start) + limb.end)
                rows["Masses"].append(mass * (limb.mass if final else 0.006))
                rows["CollisionShapeIndices"].append(self._capsule(limb) if final else -1)
                rows["Positions"].append(_world(offset) if number == 0 else (0.0, 0.0, 0.0))
                rows["InertialFramePositions"].append(_world(middle) if final else (0.0, 0.0, 0.0))
                rows["ParentIndices"].append(parent)
                rows["JointAxis"].append(_world(np.eye(3)[_AXIS[axis]]))
                parent = len(rows["Masses"])
                limits.append((limb.low[number], limb.high[number], limb.tone))
            last[limb.joint] = parent
        self._hinges = count = len(limits)
        still = [(0.0, 0.0, 0.0, 1.0)] * count
        hips = arena.form(
            "capsule", (0.1 * size, 0.14 * size), (0.0, 0.0, 0.0), (math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5))
        )
        handle = bullet.createMultiBody(
            mass * _PELVIS_MASS, hips, basePosition=[float(v) for v in root],
            baseOrientation=_world_turn(rotations[0]), **{f"link{key}": value for key, value in rows.items()},
            linkVisualShapeIndices=[-1] * count, linkOrientations=still, linkInertialFrameOrientations=still,
            linkJointTypes=[bullet.JOINT_REVOLUTE] * count, physicsClientId=client,
        )  # fmt: skip
        mask = FIXED | OBJECT_GROUP | MOVER_GROUP
        inertia = 6e-5 * mass * size * size
        for link in range(-1, count):
            bullet.setCollisionFilterGroupMask(handle, link, ACTOR_GROUP, mask, physicsClientId=client)
            bullet.changeDynamics(
                handle, link, lateralFriction=0.8, restitution=0.0, rollingFriction=0.02, spinningFriction=0.02,
                linearDamping=0.04, angularDamping=0.2, activationState=bullet.ACTIVATION_STATE_DISABLE_SLEEPING,
                physicsClientId=client,
            )  # fmt: skip
        share = mass / 70.0
        for link, (low, high, tone) in enumerate(limits):
            if rows["CollisionShapeIndices"][link] < 0:
                bullet.changeDynamics(handle, link, localInertiaDiagonal=[inertia] * 3, physicsClientId=client)
            bullet.changeDynamics(
                handle, link, jointLowerLimit=low, jointUpperLimit=high, jointDamping=0.1 * share,
                physicsClientId=client,
            )
            bullet.setJointMotorControl2(
                handle, link, bullet.VELOCITY_CONTROL, targetVelocity=0.0, force=tone * share * size,
                physicsClientId=client,
            )
        for link, (angle, (low, high, _)) in enumerate(zip(_angles(rotations), limits, strict=True)):
            bullet.resetJointState(handle, link, min(max(angle, low), high), physicsClientId=client)
        return int(handle)

    def _capsule(self, limb: Limb) -> int:
        start, end = np.array(_world(np.array(limb.start))), np.array(_world(np.array(limb.end)))
        along = end - start
        turn = rotation.from_to(np.array([0.0, 0.0, 1.0]), along / np.linalg.norm(along))
        return self._arena.form(
            "capsule", (limb.radius * self.scale, float(np.linalg.norm(along)) * self.scale),
            tuple((0.5 * self.scale * (start + end)).tolist()), tuple(float(v) for v in turn),
        )  # fmt: skip


def _world(vector: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in vector)
    return z, x, y


def _world_turn(quaternion: np.ndarray) -> tuple[float, float, float, float]:
    x, y, z, w = (float(v) for v in quaternion)
    return z, x, y, w


def _between(ancestor: str, joint: str) -> np.ndarray:
    """From one joint to another further out, m in the T-pose."""
    from hephaestus.skeleton import PARENTS

    offset, at = np.zeros(3), JOINT[joint]
    while at != JOINT[ancestor]:
        offset, at = offset + REST_OFFSETS[at], int(PARENTS[at])
    return offset


def _angles(rotations: np.ndarray) -> list[float]:
    """Hinge angles (rad) of all limbs, of local rotations [22, 4]."""
    angles: list[float] = []
    for limb in LIMBS:
        turn = np.array([0.0, 0.0, 0.0, 1.0], np.float32)
        for name in _FOLDED.get(limb.joint, (limb.joint,)):
            turn = rotation.multiply(turn, rotations[JOINT[name]])
        angles += decompose(turn, limb.axes)
    return angles


def decompose(quaternion: np.ndarray, axes: str) -> list[float]:
    """Return the angles (rad) about one or three different axes whose turns, from left to right, make a rotation.

    One axis takes the twist about it. Three: Diebel 2006, Representing attitude, section 8.
    """
    if len(axes) == 1:
        q = quaternion if quaternion[3] >= 0 else -quaternion
        return [2.0 * math.atan2(float(q[_AXIS[axes]]), float(q[3]))]
    i, j, k = (_AXIS[axis] for axis in axes)
    even = 1.0 if (j - i) % 3 == 1 else -1.0
    m = rotation.to_matrix(quaternion).astype(np.float64)
    return [
        math.atan2(-even * m[j, k], m[k, k]),
        math.asin(min(max(even * m[i, k], -1.0), 1.0)),
        math.atan2(-even * m[i, j], m[i, i]),
    ]


def _rotations(angles: list[float], base: np.ndarray) -> np.ndarray:
    """Local rotations float32 [22, 4] of hinge angles (rad) and the base's rotation in the world."""
    turns = np.zeros((22, 4), np.float32)
    turns[:, 3] = 1.0
    turns[0] = [*np.roll(base[:3], -1).tolist(), base[3]]
    at = 0
    for limb in LIMBS:
        turn = np.array([0.0, 0.0, 0.0, 1.0], np.float32)
        for axis in limb.axes:
            one = rotation.from_axis_angle(np.eye(3, dtype=np.float32)[_AXIS[axis]], angles[at])
            turn, at = rotation.multiply(turn, one), at + 1
        if limb.joint == "spine1":
            third = rotation.from_rotation_vector(rotation.to_rotation_vector(turn) / np.float32(3.0))
            turns[list(_SPINE)] = third
        else:
            turns[JOINT[limb.joint]] = turn
    return turns
