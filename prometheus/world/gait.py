"""Gait: a cheap walk-to-run cycle for entities without a mind, as a stateless function of phase and speed.

Legs are planar two-bone chains to a foot path with a planted stance; arms swing against them; the pelvis bobs and the
trunk leans with speed. Everything is vectorised over frames (or over bodies: the first axis is whatever you like).
Sagittal angles add up along a limb, so each joint's world rotation is yaw * pitch (* drop of the arm), and positions
are one product with the ancestor matrix: no loop over joints or frames.
"""

from __future__ import annotations

import numpy as np

from hephaestus.motion import Motion
from hephaestus.skeleton import ANKLE_HEIGHT, JOINT, PARENTS, REST_HEIGHT, REST_OFFSETS

TAU = 2.0 * np.pi
THIGH = float(np.linalg.norm(REST_OFFSETS[JOINT["L_knee"]]))
SHIN = float(np.linalg.norm(REST_OFFSETS[JOINT["L_ankle"]]))
_SHIN_TILT = float(np.arctan2(REST_OFFSETS[JOINT["L_ankle"], 2], -REST_OFFSETS[JOINT["L_ankle"], 1]))
_ANCESTORS = np.zeros((22, 22), np.float32)
for _joint in range(22):
    _ANCESTORS[_joint] = _ANCESTORS[max(PARENTS[_joint], 0)] if _joint else 0.0
    _ANCESTORS[_joint, _joint] = 1.0
_SAFE_PARENTS = np.maximum(PARENTS, 0)
_LEGS = np.array([[JOINT[f"{side}_{part}"] for part in ("hip", "knee", "ankle", "foot")] for side in "LR"])
_ARMS = np.array([[JOINT[f"{side}_{part}"] for part in ("shoulder", "elbow", "wrist")] for side in "LR"])
_BALL_AHEAD, _BALL_BELOW = float(REST_OFFSETS[JOINT["L_foot"], 2]), -float(REST_OFFSETS[JOINT["L_foot"], 1])
_HEEL_RISE = 0.9
"""rad that the heel has come up at toe-off."""
_SPINE = [JOINT[name] for name in ("spine1", "spine2", "spine3", "neck", "head", "L_collar", "R_collar")]
# Products of quaternions as one outer product and one constant matrix: a third of the calls of the general forms in
# hephaestus.rotation, which matters for batches as small as the two or three entities of a frame.
_PRODUCT = np.zeros((4, 4, 4), np.float32)
for _i, _j, _k, _sign in (
    (3, 0, 0, 1), (0, 3, 0, 1), (1, 2, 0, 1), (2, 1, 0, -1), (3, 1, 1, 1), (1, 3, 1, 1), (2, 0, 1, 1), (0, 2, 1, -1),
    (3, 2, 2, 1), (2, 3, 2, 1), (0, 1, 2, 1), (1, 0, 2, -1), (3, 3, 3, 1), (0, 0, 3, -1), (1, 1, 3, -1), (2, 2, 3, -1),
):  # fmt: skip
    _PRODUCT[_i, _j, _k] = _sign
_PRODUCT = _PRODUCT.reshape(16, 4)
_MATRIX = np.zeros((4, 4, 3, 3), np.float32)
for _a in range(3):
    _MATRIX[3, 3, _a, _a] = 1.0
    for _b in range(3):
        _MATRIX[_a, _b, _a, _b] += 2.0
        _MATRIX[_a, _a, _b, _b] -= 1.0
    _MATRIX[3, _a, (_a + 2) % 3, (_a + 1) % 3] += 2.0
    _MATRIX[3, _a, (_a + 1) % 3, (_a + 2) % 3] -= 2.0
_MATRIX = _MATRIX.reshape(16, 9)
_CONJUGATE = np.array([-1, -1, -1, 1], np.float32)
_ARM_DROP = 1.32
"""rad from the T-pose down to a hanging arm."""


def stride_length(speed: np.ndarray | float) -> np.ndarray:
    """Return the length [...] m of one full cycle (two steps) at a speed [...] m/s.

    Close to what adults choose: 1.33 m at 1.4 m/s, 3.2 m at 5.5 m/s (Inman, Human Walking; Hay, running stride).
    """
    return 0.7 + 0.45 * np.abs(speed)


def advance(phase: np.ndarray | float, speed: np.ndarray | float, seconds: float) -> np.ndarray:
    """Return the phase [...] in 0..1 after walking `seconds` at a speed [...] m/s."""
    return np.mod(phase + np.abs(speed) * seconds / stride_length(speed), 1.0)


def gait(phase: np.ndarray, speed: np.ndarray, arousal: np.ndarray | float = 0.0) -> np.ndarray:
    """Return joints [T, 22, 3] m, heading-local: pelvis over the origin, facing +z, feet on y = 0.

    Args:
        phase: [T] in 0..1; 0 is the left foot's touch-down.
        speed: [T] m/s forward.
        arousal: [T] or one number in 0..1: crouches lower and lifts the arms.
    """
    rotations, height, _ = _rotations(phase, speed, arousal)
    return _joints(rotations, height)


def gait_motion(
    phase: np.ndarray,
    speed: np.ndarray,
    place: np.ndarray,
    heading: np.ndarray,
    arousal: np.ndarray | float = 0.0,
) -> Motion:
    """Return the gait as a Motion that stands in the world.

    Args:
        phase: [T].
        speed: [T] m/s.
        place: [T, 3] m, the feet in the WORLD frame (x forward, y left, z up).
        heading: [T] rad, left positive.
        arousal: as in `gait`.
    """
    rotations, height, contacts = _rotations(phase, speed, arousal)
    joints = _joints(rotations, height)
    turn = _axis_turn(1, np.asarray(heading, np.float32))[:, None]
    place = np.asarray(place, np.float32)[:, None, [1, 2, 0]]
    world = _multiply(np.broadcast_to(turn, rotations.shape), rotations)
    local = _local(world)
    return Motion((_rotate(turn, joints) + place).astype(np.float32), local.astype(np.float32), contacts)


def _rotations(phase: np.ndarray, speed: np.ndarray, arousal: np.ndarray | float) -> tuple[np.ndarray, ...]:
    """World rotations [T, 22, 4] (heading-local), pelvis height [T], contacts [T, 4]."""
    phase, speed, arousal = (np.atleast_1d(np.asarray(v, np.float32)) for v in (phase, speed, arousal))
    phase, speed, arousal = np.broadcast_arrays(phase, speed, np.clip(arousal, 0.0, 1.0))
    run = _smooth(speed, 1.7, 2.7)
    moving = _smooth(speed, 0.05, 0.6)
    both = np.stack([phase, phase + 0.5], 1) % 1.0
    duty = 0.62 - 0.27 * run - 0.02 * np.clip(speed - 3.0, 0.0, 3.0)
    reach = stride_length(speed) * duty * 0.5 * _smooth(speed, 0.0, 0.2)
    bob = np.cos(2 * TAU * (phase - 0.5 * duty))
    drop = 0.02 + 0.035 * moving + 0.02 * run + 0.10 * arousal + 0.05 * np.clip(speed - 3.0, 0.0, 3.0) / 3.0
    height = REST_HEIGHT - drop + moving * (0.02 - 0.055 * run) * bob
    foot, lift, pitch, stance = _feet(both, duty[:, None], reach[:, None], run[:, None], moving[:, None])
    lean = 0.03 * moving + 0.22 * run + 0.18 * arousal
    sway = moving * (0.10 + 0.08 * run) * np.sin(TAU * (phase + 0.25))
    quats = np.empty((len(phase), 22, 4), np.float32)
    quats[:, 0] = _yaw_pitch(sway, 0.4 * lean)
    quats[:, _SPINE] = _yaw_pitch(
        sway[:, None] * np.array([0.3, -0.3, -0.9, -0.4, 0.0, -0.9, -0.9]),
        lean[:, None] * np.array([0.7, 1.0, 1.0, 0.6, 0.15, 1.0, 1.0]),
    )
    _legs(quats, foot, lift, pitch, height)
    _arms(quats, both, run, moving, lean, arousal, sway)
    planted = stance | (moving[:, None] < 0.05)
    heel = planted & (lift < 0.02)
    contacts = np.stack([heel[:, 0], planted[:, 0], heel[:, 1], planted[:, 1]], 1)
    return quats, height, contacts.astype(np.float32)


def _feet(
    both: np.ndarray, duty: np.ndarray, reach: np.ndarray, run: np.ndarray, moving: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Ankle ahead of the pelvis and above its rest height, pitch of the foot (toes down), stance: each [T, 2]."""
    share = np.minimum(both / duty, 1.0)
    stance = both < duty
    # Late in stance the foot turns about its ball, which stays planted: the ankle rises and comes forward.
    heel = moving * _HEEL_RISE * _smooth(share, 0.5, 1.0)
    sine, cosine = np.sin(heel), np.cos(heel)
    swing = np.clip((both - duty) / (1.0 - duty), 0.0, 1.0)
    start = _BALL_AHEAD * (1.0 - cosine) + _BALL_BELOW * sine
    rise = _BALL_AHEAD * sine - _BALL_BELOW * (1.0 - cosine)
    centre = -0.09 * moving
    planted = centre + reach * (1.0 - 2.0 * share) + start
    ease = 0.5 - 0.5 * np.cos(np.pi * swing)
    flying = planted + (centre + reach - planted) * ease
    lift = moving * (0.07 + 0.22 * run) * np.sin(np.pi * swing) * (1.2 - 0.5 * swing) + rise * (1.0 - ease)
    toes_up = 0.18 * moving * (1.0 - run)
    pitch = heel * (1.0 - _smooth(swing, 0.0, 0.7)) - toes_up * np.where(
        stance, 1.0 - _smooth(share, 0.0, 0.15), _smooth(swing, 0.6, 1.0)
    )
    return np.where(stance, planted, flying), np.where(stance, rise, lift), pitch, stance


def _legs(quats: np.ndarray, foot: np.ndarray, lift: np.ndarray, pitch: np.ndarray, height: np.ndarray) -> None:
    hips = _rotate(quats[:, None, 0], REST_OFFSETS[_LEGS[:, 0]][None])
    down = height[:, None] + hips[..., 1] - (ANKLE_HEIGHT + lift)
    ahead = foot - hips[..., 2]
    length = np.clip(np.hypot(down, ahead), 0.25, 0.999 * (THIGH + SHIN))
    at_hip = np.arccos(np.clip((THIGH**2 + length**2 - SHIN**2) / (2 * THIGH * length), -1, 1))
    at_knee = np.arccos(np.clip((THIGH**2 + SHIN**2 - length**2) / (2 * THIGH * SHIN), -1, 1))
    thigh = np.arctan2(ahead, down) + at_hip
    shin = thigh - (np.pi - at_knee)
    # A positive turn about x (left) takes +z down towards -y: a limb that swings forward turns by minus its angle.
    for column, angle in enumerate((-thigh, _SHIN_TILT - shin, pitch, pitch)):
        quats[:, _LEGS[:, column]] = _axis_turn(0, angle)


def _arms(
    quats: np.ndarray,
    both: np.ndarray,
    run: np.ndarray,
    moving: np.ndarray,
    lean: np.ndarray,
    arousal: np.ndarray,
    sway: np.ndarray,
) -> None:
    swing = (moving * (0.30 + 0.38 * run))[:, None] * -np.cos(TAU * both)
    bend = (0.22 + 1.25 * np.maximum(run, 0.8 * arousal))[:, None] * np.ones(2)
    raise_ = (0.5 * arousal)[:, None]
    sides = np.array([1.0, -1.0], np.float32)
    drop = _axis_turn(2, -sides * (_ARM_DROP - 0.25 * run - 0.35 * arousal)[:, None])
    trunk = _axis_turn(1, np.broadcast_to(-0.9 * sway[:, None], swing.shape))
    upper = _multiply(trunk, _axis_turn(0, 0.6 * lean[:, None] - swing - raise_))
    lower = _multiply(trunk, _axis_turn(0, 0.6 * lean[:, None] - swing - raise_ - bend))
    quats[:, _ARMS[:, 0]] = _multiply(upper, drop)
    quats[:, _ARMS[:, 1]] = _multiply(lower, drop)
    quats[:, _ARMS[:, 2]] = _multiply(lower, drop)


def _multiply(q: np.ndarray, r: np.ndarray) -> np.ndarray:
    outer = q[..., :, None] * r[..., None, :]
    return outer.reshape(*outer.shape[:-2], 16) @ _PRODUCT


def _rotate(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    outer = (q[..., :, None] * q[..., None, :]).reshape(*q.shape[:-1], 16)
    return ((outer @ _MATRIX).reshape(*q.shape[:-1], 3, 3) @ v[..., None])[..., 0]


def _joints(rotations: np.ndarray, height: np.ndarray) -> np.ndarray:
    steps = _rotate(rotations[:, _SAFE_PARENTS], REST_OFFSETS[None])
    steps[:, 0] = 0.0
    steps[:, 0, 1] = height
    return np.einsum("jk,tkc->tjc", _ANCESTORS, steps).astype(np.float32)


def _local(world: np.ndarray) -> np.ndarray:
    local = _multiply(world[:, _SAFE_PARENTS] * _CONJUGATE, world)
    local[:, 0] = world[:, 0]
    return local


def _axis_turn(axis: int, angle: np.ndarray) -> np.ndarray:
    half = np.asarray(angle, np.float32) * np.float32(0.5)
    quat = np.zeros((*half.shape, 4), np.float32)
    quat[..., axis], quat[..., 3] = np.sin(half), np.cos(half)
    return quat


def _yaw_pitch(yaw: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    a, b = np.asarray(yaw, np.float32) * 0.5, np.asarray(pitch, np.float32) * 0.5
    sa, ca, sb, cb = np.sin(a), np.cos(a), np.sin(b), np.cos(b)
    return np.stack([ca * sb, sa * cb, -sa * sb, ca * cb], -1)


def _smooth(x: np.ndarray, low: float, high: float) -> np.ndarray:
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
