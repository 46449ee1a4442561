"""From imported joints to motion on the uniform skeleton: resample, retarget, floor, foot lock, contacts."""

from __future__ import annotations

import numpy as np

from hephaestus import ik, rotation
from hephaestus.skeleton import ANKLE_HEIGHT, FPS, REST_OFFSETS
from prometheus.motion.corpus.clip import Raw

BALL_HEIGHT = 0.025
"""m: the ball of the foot above the floor when it stands."""
CONTACT_SPEED = 0.35
"""m/s: a point of the foot that moves faster does not stand."""
_CONTACT_RISE = {"ankle": 0.06, "ball": 0.035}
_LEG = sum(ik.LEG_LENGTHS)
_FARTHEST = 1e4
"""m."""
_ANKLES, _BALLS = [7, 8], [10, 11]


def resample(joints: np.ndarray, fps: float, to: float = FPS) -> np.ndarray:
    """Return joints [T', 22, 3] at another rate: averaged over a frame's width first, then read off linearly."""
    width = round(fps / to / 2) * 2 + 1 if fps > to else 1
    if width >= 3:
        joints = smooth(joints, np.hanning(width + 2)[1:-1])
    times = np.arange(0.0, len(joints) - 1 + 1e-6, fps / to)
    low = np.minimum(times.astype(int), max(len(joints) - 2, 0))
    share = (times - low)[:, None, None]
    return np.asarray(
        (joints[low] * (1 - share) + joints[np.minimum(low + 1, len(joints) - 1)] * share).astype(np.float32)
    )


def smooth(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return values [T, ...] filtered along time by a symmetric kernel of odd length, ends reflected about the end."""
    kernel = np.asarray(kernel, np.float64) / np.sum(kernel)
    half = len(kernel) // 2
    if half == 0 or len(values) < 3:
        return values
    flat = np.asarray(values, np.float64).reshape(len(values), -1)
    half_in = min(half, len(flat) - 1)
    head = 2 * flat[0] - flat[half_in:0:-1]
    tail = 2 * flat[-1] - flat[-2 : -half_in - 2 : -1]
    padded = np.concatenate([np.repeat(head[:1], half - half_in, 0), head, flat, tail])
    padded = np.concatenate([padded, np.repeat(padded[-1:], half - half_in, 0)])
    out = sum(k * padded[i : i + len(flat)] for i, k in enumerate(kernel))
    return np.asarray(out).reshape(values.shape).astype(values.dtype)


def gaussian(sigma: float) -> np.ndarray:
    """Return a Gaussian kernel of odd length, sigma in frames."""
    half = max(int(np.ceil(3 * sigma)), 1)
    return np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)


def speeds(points: np.ndarray, fps: float = FPS) -> np.ndarray:
    """Return speeds [T, ...] m/s of points [T, ..., 3] by central differences."""
    return np.asarray(np.linalg.norm(np.gradient(points, axis=0), axis=-1) * fps)


def _flat_feet(ankles: np.ndarray, balls: np.ndarray, fps: float) -> np.ndarray:
    """Frames [T, 2] in which a foot stands still and low: what shows how this rig's standing foot looks."""
    still = (speeds(ankles, fps) < 0.25) & (speeds(balls, fps) < 0.25)
    low = ankles[..., 1] < np.percentile(ankles[..., 1], 40)
    return np.asarray(still & low)


def _pitch(feet: np.ndarray) -> np.ndarray:
    return np.asarray(np.arctan2(feet[..., 1], np.linalg.norm(feet[..., [0, 2]], axis=-1)))


def _pitched(feet: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Feet directions [..., 3] with their pitch changed by angle [...] (rad, up positive)."""
    level = feet * np.array([1.0, 0.0, 1.0], np.float32)
    axis = rotation.normalize(np.cross(level, np.array([0.0, 1.0, 0.0], np.float32)))
    return rotation.rotate(rotation.from_axis_angle(axis, angle), feet)


def retarget(raw: Raw, root_scale: float = 1.0) -> np.ndarray:
    """Return joints [T, 22, 3] on the uniform skeleton, feet near y = 0, at the source's rate.

    Directions of bones are kept, the trunk relative to the source's own rest pose. Lengths of the path are scaled by
    the ratio of the legs, and ankles are put by IK where the scaled source has them.

    Args:
        raw: the import.
        root_scale: extra factor on the source's root x and z.

    Raises:
        ValueError: a leg has no length, or a number is not finite or absurd.
    """
    if not (np.abs(raw.joints) < _FARTHEST).all():  # false for NaN too
        raise ValueError("a joint lies nowhere or kilometres away")
    source = raw.joints.copy()
    shift = source[:, :1] * np.array([root_scale - 1.0, 0.0, root_scale - 1.0], np.float32)
    source = source + shift
    legs = [np.linalg.norm(source[0, a] - source[0, b]) for a, b in ((1, 4), (4, 7), (2, 5), (5, 8))]
    if min(legs) < 0.02:
        raise ValueError("a bone of a leg has no length")
    scale = 2.0 * _LEG / sum(legs)
    scaled = source * scale
    local = ik.rotations_from_joints(source, raw.rest)
    # Our hips hang 0.07 m under the pelvis, the source's elsewhere: keep the middle of the hips.
    body = ik.forward(local, scaled[:, 0])
    body = body + (scaled[:, [1, 2]].mean(1) - body[:, [1, 2]].mean(1))[:, None]
    ankles, balls = scaled[:, _ANKLES], scaled[:, _BALLS]
    flat = _flat_feet(ankles, balls, raw.fps)
    if flat.sum() < 5:
        flat = ankles[..., 1] <= np.percentile(ankles[..., 1], 15)
    rest_pitch = float(_pitch(REST_OFFSETS[10]))
    feet = _pitched(balls - ankles, np.asarray(rest_pitch - np.median(_pitch(balls - ankles)[flat]), np.float32))
    lift = ANKLE_HEIGHT - float(np.median(ankles[..., 1][flat]))
    rise = np.array([0.0, lift, 0.0], np.float32)
    return ik.set_feet(body + rise, ankles + rise, feet, ik.knee_poles(scaled))


def lift_above_floor(joints: np.ndarray) -> np.ndarray:
    """Return joints [T, 22, 3] whose feet do not go through y = 0: ankles raised, balls pitched up, legs by IK."""
    ankles = joints[:, _ANKLES].copy()
    ankles[..., 1] = np.maximum(ankles[..., 1], 0.055)
    feet = joints[:, _BALLS] - joints[:, _ANKLES]
    length = float(np.linalg.norm(REST_OFFSETS[10]))
    lowest = np.clip((0.015 - ankles[..., 1]) / length, -1.0, 1.0)
    extra = np.maximum(np.arcsin(lowest) - _pitch(feet), 0.0)
    return ik.set_feet(joints, ankles, _pitched(feet, extra), ik.knee_poles(joints))


def contacts(joints: np.ndarray, fps: float = FPS, slack: np.ndarray | float = 0.0) -> np.ndarray:
    """Return contacts [T, 4] (L_ankle, L_foot, R_ankle, R_foot; 0 or 1) by height and speed together.

    Args:
        joints: [T, 22, 3] m.
        fps: frames a second.
        slack: m/s, extra speed allowed, one number or [T]: to find feet that stand but were captured sliding.
    """
    out = np.zeros((len(joints), 4), np.float32)
    for column, joint, part, base in ((0, 7, "ankle", ANKLE_HEIGHT), (1, 10, "ball", BALL_HEIGHT),
                                      (2, 8, "ankle", ANKLE_HEIGHT), (3, 11, "ball", BALL_HEIGHT)):  # fmt: skip
        point = joints[:, joint]
        step = np.linalg.norm(np.diff(point[:, [0, 2]], axis=0), axis=-1) * fps
        # A frame stands when the slower of the steps to its neighbours is slow: the first and last of a stance too.
        speed = np.minimum(np.concatenate([step[:1], step]), np.concatenate([step, step[-1:]]))
        out[:, column] = (point[:, 1] < base + _CONTACT_RISE[part]) & (speed < CONTACT_SPEED + slack)
    return _despeckled(out)


def _despeckled(flags: np.ndarray) -> np.ndarray:
    """Fill gaps of one frame, then drop runs of one frame."""
    if len(flags) < 3:
        return flags
    out = flags.copy()
    out[1:-1] = np.maximum(out[1:-1], np.minimum(flags[:-2], flags[2:]))
    lone = np.minimum(out[1:-1], np.maximum(out[:-2], out[2:]))
    out[1:-1] = lone
    return out


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Return [start, end) of every stretch of true values in flags [T]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(flags, np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def lock_feet(joints: np.ndarray, fps: float = FPS) -> np.ndarray:
    """Return joints [T, 22, 3] whose standing feet do not slide.

    While a ball (or, where only the heel stands, an ankle) is in contact it is held at the mean of its places; between
    contacts the shift of the foot goes linearly from one to the next. Legs follow by IK.
    """
    # The faster the body, the more a badly retargeted foot slides while it stands.
    root = smooth(joints[:, 0, [0, 2]], gaussian(2.0))
    flags = contacts(joints, fps, 0.3 * np.maximum(speeds(root, fps) - 1.0, 0.0))
    ankles, balls = joints[:, _ANKLES].copy(), joints[:, _BALLS].copy()
    feet = balls - ankles
    for side in range(2):
        keys, shifts = [], []
        for start, end in runs(np.maximum(flags[:, 2 * side], flags[:, 2 * side + 1])):
            ball = flags[start:end, 2 * side + 1] > 0
            point = balls[start:end, side] if ball.sum() * 2 >= end - start else ankles[start:end, side]
            held = ball if ball.sum() * 2 >= end - start else np.ones(end - start, bool)
            place = np.median(point[held], axis=0)
            frames = np.arange(start, end)[held]
            keys.append(frames)
            shifts.append((place - point[held]) * np.array([1.0, 0.0, 1.0]))
        if keys:
            frames, shift = np.concatenate(keys), np.concatenate(shifts)
            every = np.arange(len(joints))
            move = np.stack([np.interp(every, frames, shift[:, a]) for a in range(3)], -1)
            ankles[:, side] += move
    return lift_above_floor(ik.set_feet(joints, ankles, feet, ik.knee_poles(joints)))


def best_root_scale(raw: Raw) -> float:
    """Return the factor 0.8..1.05 on root x and z with which standing feet slide least (rigs retargeted badly)."""
    trial = Raw(raw.joints[:: max(1, int(raw.fps // 60))], raw.rest, raw.fps / max(1, int(raw.fps // 60)))
    moved = trial.joints[:, [10, 11]]
    low = moved[..., 1] < np.percentile(moved[..., 1], 30) + 0.02
    root = np.gradient(trial.joints[:, 0, [0, 2]], axis=0)
    relative = np.gradient(moved[..., [0, 2]], axis=0) - root[:, None]
    if np.linalg.norm(root, axis=-1).mean() * trial.fps < 0.4 or low.sum() < 8:
        return 1.0
    factors = np.linspace(0.8, 1.05, 26)
    slides = [np.median(np.linalg.norm(relative + f * root[:, None], axis=-1)[low]) for f in factors]
    return float(factors[int(np.argmin(slides))])


def clean(raw: Raw, fix_scale: bool = False) -> np.ndarray:
    """Return joints [T, 22, 3] on the uniform skeleton at 20 fps, on the floor, with locked feet."""
    joints = retarget(raw, best_root_scale(raw) if fix_scale else 1.0)
    joints = resample(joints, raw.fps)
    joints = ik.forward(ik.rotations_from_joints(joints), joints[:, 0]) if raw.fps > FPS else joints
    return lock_feet(joints)
