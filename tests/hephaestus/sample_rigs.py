"""Rigs and motions made by hand for tests: the uniform skeleton in any rest pose, any axes, any unit, and a beast."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hephaestus import ik, rotation
from hephaestus.glb.asset import Asset, Primitive
from hephaestus.motion import Motion
from hephaestus.rig import Rig, make_rig
from hephaestus.skeleton import CONTACT_JOINTS, JOINT, JOINT_NAMES, PARENTS, REST_HEIGHT, rest_joints
from hephaestus.stepping import ankle_path, stride_length

SHARED = Path(__file__).resolve().parents[3] / "shared"
needs_shared = pytest.mark.skipif(not (SHARED / "glb").is_dir(), reason="../shared/glb is not there")

PARTS = {
    "clavicle": "collar", "upperarm": "shoulder", "forearm": "elbow", "hand": "wrist",
    "thigh": "hip", "shin": "knee", "foot": "ankle", "toe": "foot",
}  # fmt: skip
ROLES = {"hips": "pelvis", "spine": ["spine1", "spine2", "spine3"], "neck": "neck", "head": "head"} | {
    f"{s}_{role}": f"{s}_{joint}" for s in "LR" for role, joint in PARTS.items()
}
_FOOT_BOX = np.array([[x, y, z] for x in (-0.04, 0.04) for y in (-0.08, 0.0) for z in (-0.05, 0.12)], np.float32)
_TOE_BOX = np.array([[x, y, z] for x in (-0.04, 0.04) for y in (-0.025, 0.01) for z in (0.0, 0.06)], np.float32)
_BOX = np.array(
    [0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3]
)


def asset_of(names, parents, world, boxes=()) -> Asset:
    """An asset from world rest transforms [J, 4, 4] and rigid boxes (node, corners relative to it in the world)."""
    world, parents = np.asarray(world, float), np.asarray(parents)
    above = np.where(parents[:, None, None] >= 0, world[parents], np.eye(4))
    local = np.linalg.inv(above) @ world
    primitives = []
    for node, corners in boxes:
        own = corners @ np.linalg.inv(world[node, :3, :3]).T
        primitives.append(
            Primitive(own.astype(np.float32), np.zeros((8, 3), np.float32), _BOX.astype(np.uint32), node=node)
        )
    scales = np.linalg.norm(local[:, :3, :3], axis=1)
    quaternions = rotation.from_matrix(local[:, :3, :3] / scales[:, None, :])
    return Asset(
        tuple(names), parents.astype(np.int32), local[:, :3, 3].astype(np.float32), quaternions.astype(np.float32),
        scales.astype(np.float32), local.astype(np.float32), tuple(primitives),
    )  # fmt: skip


def pose_rotations(**turns) -> np.ndarray:
    """Local rotations [22, 4]: joint name -> rotation vector in rad."""
    out = rotation.identity(22)
    for name, vector in turns.items():
        out[JOINT[name]] = rotation.from_rotation_vector(np.array(vector, np.float32))
    return out


A_POSE = pose_rotations(L_shoulder=(0, 0, -0.8), R_shoulder=(0, 0, 0.8))
CROUCH = pose_rotations(
    pelvis=(0.35, 0, 0), spine1=(0.2, 0, 0), spine2=(0.2, 0, 0), spine3=(0.2, 0, 0), head=(-0.6, 0, 0),
    L_hip=(-1.35, 0, 0), R_hip=(-1.35, 0, 0), L_knee=(1.6, 0, 0), R_knee=(1.6, 0, 0),
    L_ankle=(-0.6, 0, 0), R_ankle=(-0.6, 0, 0), L_shoulder=(0, 0, -1.0), R_shoulder=(0, 0, 1.0),
    L_elbow=(0, -1.3, 0), R_elbow=(0, 1.3, 0),
)  # fmt: skip


def humanoid(pose=None, axes_seed=None, unit=1.0, turn=None, spine=3, loose=False, toes=True) -> Rig:
    """A humanoid rig on the uniform skeleton.

    Args:
        pose: local rotations [22, 4] of its rest pose.
        axes_seed: gives every node axes of its own.
        unit: of the file (0.01: centimetres).
        turn: [3, 3] that the file is turned by.
        spine: how many spine joints.
        loose: thighs beside the pelvis and feet as roots, as rigs with IK leftovers have.
        toes: whether there are toe nodes.
    """
    rotations = rotation.identity(22) if pose is None else pose
    points = ik.forward(rotations, np.array([0, REST_HEIGHT, 0], np.float32)).astype(float)
    turns = rotation.to_matrix(ik.to_world(rotations)).astype(float)
    names, parents = list(JOINT_NAMES), [*PARENTS]
    low = min(float((points[a] + turns[a] @ corner)[1]) for a in (7, 8) for corner in _FOOT_BOX)
    points[:, 1] -= low
    roles = dict(ROLES)
    if spine == 5:
        for name, after in (("spine1b", "spine1"), ("spine2b", "spine2")):
            at, child = names.index(after), parents.index(names.index(after))
            points = np.vstack([points, 0.5 * (points[at] + points[child])])
            turns = np.concatenate([turns, turns[at][None]])
            names.append(name)
            parents.append(at)
            parents[child] = len(names) - 1
        roles["spine"] = ["spine1", "spine1b", "spine2", "spine2b", "spine3"]
    elif spine == 1:
        roles["spine"] = ["spine2"]
    names, parents = ["armature", *names], [-1, *(p + 1 for p in parents)]
    if loose:
        for name in ("L_hip", "R_hip", "L_ankle", "R_ankle"):
            parents[names.index(name)] = 0
    world = np.tile(np.eye(4), (len(names), 1, 1))
    world[1:, :3, :3], world[1:, :3, 3] = turns, points
    boxes = [(names.index(f"{s}_ankle"), _FOOT_BOX @ turns[JOINT[f"{s}_ankle"]].T) for s in "LR"]
    boxes += [(names.index(f"{s}_foot"), _TOE_BOX @ turns[JOINT[f"{s}_foot"]].T) for s in "LR"]
    if axes_seed is not None:
        random = np.random.default_rng(axes_seed).normal(size=(len(names), 4))
        world[1:, :3, :3] = world[1:, :3, :3] @ rotation.to_matrix(rotation.normalize(random))[1:]
    if not toes:
        roles = {k: v for k, v in roles.items() if not k.endswith("toe")}
    out = np.eye(4)
    out[:3, :3] = (np.eye(3) if turn is None else turn) / unit
    world = out @ world
    boxes = [(node, corners @ out[:3, :3].T) for node, corners in boxes]
    asset = asset_of(names, parents, world, boxes)
    height = None if unit == 1.0 else float(points[:, 1].max())
    return make_rig(asset, roles, up=out[:3, 1], facing=out[:3, 2], height_m=height)


def beast(unit: float = 1.0, turn: np.ndarray | None = None, hips: bool = True) -> Rig:
    """A four-legged rig, 1 m at the shoulder, with three bones a leg, a neck of two and a tail of three."""
    nodes = {"root": (None, (0, 0, 0)), "pelvis": ("root", (0, 1.0, -0.5)), "spine_a": ("pelvis", (0, 1.02, -0.15)),
             "spine_b": ("spine_a", (0, 1.0, 0.25)), "neck_a": ("spine_b", (0, 1.1, 0.6)),
             "neck_b": ("neck_a", (0, 1.25, 0.8)), "head": ("neck_b", (0, 1.35, 0.95)),
             "tail_a": ("pelvis", (0, 1.0, -0.7)), "tail_b": ("tail_a", (0, 0.9, -0.95)),
             "tail_c": ("tail_b", (0, 0.85, -1.2))}  # fmt: skip
    for s, x in (("L", 0.2), ("R", -0.2)):
        nodes |= {f"{s}_h1": ("pelvis", (x, 0.92, -0.5)), f"{s}_h2": (f"{s}_h1", (x, 0.55, -0.35)),
                  f"{s}_h3": (f"{s}_h2", (x, 0.3, -0.6)), f"{s}_h4": (f"{s}_h3", (x, 0.06, -0.5)),
                  f"{s}_f1": ("spine_b", (x, 0.85, 0.45)), f"{s}_f2": (f"{s}_f1", (x, 0.5, 0.33)),
                  f"{s}_f3": (f"{s}_f2", (x, 0.2, 0.42)), f"{s}_f4": (f"{s}_f3", (x, 0.05, 0.45))}  # fmt: skip
    names = list(nodes)
    world = np.tile(np.eye(4), (len(names), 1, 1))
    world[:, :3, 3] = [p for _, p in nodes.values()]
    out = np.eye(4)
    out[:3, :3] = (np.eye(3) if turn is None else turn) / unit
    parents = [-1 if p is None else names.index(p) for p, _ in nodes.values()]
    corners = np.array([[x, y, z] for x in (-0.05, 0.05) for y in (-0.05, 0.02) for z in (-0.04, 0.1)])
    boxes = []
    for paw in ("L_h4", "R_h4", "L_f4", "R_f4"):
        low = corners.copy()
        low[:, 1] = np.where(low[:, 1] < 0, -nodes[paw][1][1], low[:, 1])
        boxes.append((names.index(paw), low @ out[:3, :3].T))
    roles = {"spine": ["spine_a", "spine_b"], "neck": ["neck_a", "neck_b"], "head": "head",
             "tail": ["tail_a", "tail_b", "tail_c"]}  # fmt: skip
    roles |= {f"{s}_{end}": [f"{s}_{end[0]}{k}" for k in (1, 2, 3, 4)] for s in "LR" for end in ("front", "hind")}
    if hips:
        roles["hips"] = "pelvis"
    return make_rig(
        asset_of(names, parents, out @ world, boxes), roles, kind="quadruped", name="beast",
        up=out[:3, 1], facing=out[:3, 2], height_m=None if unit == 1.0 else 1.35,
    )  # fmt: skip


def walk(speed: float = 1.4, frames: int = 60, heading: float = 0.0, turn: float = 0.0) -> Motion:
    """A steady walk or run on the uniform skeleton, arms hanging, from the table that `stepping` reads against."""
    t = np.arange(frames) / 20.0
    phase = t * speed / stride_length(np.array(speed))
    joints = np.tile(
        ik.forward(pose_rotations(L_shoulder=(0, 0, -1.3), R_shoulder=(0, 0, 1.3)), np.zeros(3)), (frames, 1, 1)
    )
    joints[..., 1] += REST_HEIGHT - (0.02 if speed == 0 else 0.055 if speed < 2 else 0.11)
    both = np.stack([phase, phase + 0.5], 1) % 1.0
    ahead, lift = ankle_path(both, np.array(speed))
    duty = 0.62 if speed < 1.7 else 0.35
    ankles = joints[:, [7, 8]].copy()
    ankles[..., 0], ankles[..., 1], ankles[..., 2] = (0.09, -0.09), 0.08 + lift, ahead
    pitch = np.where(both < duty, np.arcsin(np.clip(lift / 0.137, 0, 1)), 0.3)
    feet = np.stack([0 * pitch + [0.073, -0.073], -np.sin(pitch + 0.414), np.cos(pitch + 0.414)], -1)
    joints = ik.set_feet(joints, ankles, feet, np.tile([0.0, 0.0, 1.0], (frames, 2, 1)))
    angle = heading + turn * t
    way = np.concatenate([[[0, 0]], np.cumsum(np.stack([np.sin(angle), np.cos(angle)], 1)[:-1] * speed / 20.0, 0)])
    joints = rotation.rotate(rotation.yaw(angle)[:, None], joints)
    joints[..., [0, 2]] += way[:, None].astype(np.float32)
    stands = (both < duty) if speed > 0 else np.ones_like(both, bool)
    contacts = np.repeat(stands, 2, 1).astype(np.float32)
    return Motion(joints.astype(np.float32), ik.rotations_from_joints(joints), contacts)


def recorded(name: str = "walk") -> Motion:
    """A golden capture of ../shared on the uniform skeleton, its floor levelled."""
    joints = ik.fit_bones(np.load(SHARED / "mocap" / "golden" / f"{name}_joints22.npy"))
    joints[..., 1] -= np.percentile(joints[:, [10, 11], 1].min(1), 5) - 0.025
    feet = joints[:, CONTACT_JOINTS]
    speed = np.linalg.norm(np.gradient(feet, axis=0), axis=-1) * 20.0
    low = feet[..., 1] < np.array([0.12, 0.06, 0.12, 0.06])
    return Motion(joints, ik.rotations_from_joints(joints), ((speed < 0.5) & low).astype(np.float32))


def t_pose(frames: int = 1) -> Motion:
    """The T-pose, feet on the floor."""
    joints = np.tile(rest_joints(), (frames, 1, 1))
    return Motion(joints, rotation.identity(frames, 22), np.ones((frames, 4), np.float32))


def wild(seed: int, frames: int = 40) -> Motion:
    """Smooth random motion of all joints in the air, with no contacts: what a gait never does."""
    random = np.random.default_rng(seed)
    waves = random.normal(size=(22, 3, 3)) * np.array([0.35, 0.2, 0.1])
    t = np.arange(frames)[:, None, None] / 20.0
    vectors = sum(waves[..., k] * np.sin((k + 1) * 2.0 * t + k) for k in range(3))
    rotations = rotation.from_rotation_vector(vectors.astype(np.float32))
    root = np.array([0, 1.6, 0], np.float32) + t[:, 0] * np.array([0.3, 0.0, 1.0], np.float32)
    return Motion(ik.forward(rotations, root), rotations, np.zeros((frames, 4), np.float32))
