"""Upright: which way is up, from what the limbs stand on."""

from __future__ import annotations

import numpy as np

from hephaestus.anatomy.joints import Joints
from hephaestus.anatomy.limbs import Limb
from hephaestus.anatomy.mirror import Mirror

FLOOR = 0.07
"""Share of the height within which an end counts as standing on the floor."""


def find_up(joints: Joints, mirror: Mirror, limbs: list[Limb]) -> np.ndarray:
    """Return the up axis [3]: the way along which most limbs stand with their ends on the floor.

    Args:
        joints: all joints.
        mirror: the plane of the body, in which up lies.
        limbs: the paired chains.
    """
    points = joints.cloud if len(joints.cloud) else joints.points
    best = max(_candidates(mirror, limbs), key=lambda up: score(points, limbs, up) + habit(up))
    return _settled(points, mirror, limbs, best)


def score(points: np.ndarray, limbs: list[Limb], up: np.ndarray) -> float:
    """Tell how much like standing a body looks for an up axis: limbs that end on the floor, hanging ones best."""
    heights = points @ up
    low, high = float(heights.min()), float(heights.max())
    tall = max(high - low, 1e-9)
    total = 0.0
    for limb in limbs[:10]:
        if len(limb.chains[0]) < 2 or float((limb.ends @ up).min()) > low + FLOOR * tall:
            continue
        chord = limb.tip - limb.points[0]
        lean = float(chord @ -up) / max(float(np.linalg.norm(chord)), 1e-9)
        weight = min(1.0, limb.length / (0.25 * limb.joints.size))
        total += weight * (0.4 + max(0.0, lean) ** 3)
    return total


def ways_up(joints: Joints, mirror: Mirror) -> list[np.ndarray]:
    """Return what could be up for a body without limbs: the file's axes, and the main axes of its outline."""
    points = joints.cloud if len(joints.cloud) else joints.points
    flat = points - np.outer(points @ mirror.normal, mirror.normal)
    _, _, main = np.linalg.svd(flat - flat.mean(0), full_matrices=False)
    ways = [sign * axis for axis in (*np.eye(3), *main[:2]) for sign in (1.0, -1.0)]
    out: list[np.ndarray] = []
    for way in ways:
        flat_way = way - mirror.normal * (way @ mirror.normal)
        length = float(np.linalg.norm(flat_way))
        if length > 0.99 and not any(float(flat_way @ o) > 0.999 * length for o in out):
            out.append(flat_way / length)
    return out or [np.array([0.0, 1.0, 0.0])]


def habit(up: np.ndarray) -> float:
    """Return how much files are wont to have an axis up: +y by the standard of glTF, else +z."""
    return 0.35 * max(0.0, float(up[1])) ** 30 + 0.2 * max(0.0, float(up[2])) ** 30


def on_floor(points: np.ndarray, limb: Limb, up: np.ndarray) -> bool:
    """Tell whether a limb's end comes down to the floor."""
    heights = points @ up
    low, tall = float(heights.min()), float(np.ptp(heights))
    return bool(float((limb.ends @ up).min()) <= low + FLOOR * tall)


def _candidates(mirror: Mirror, limbs: list[Limb]) -> list[np.ndarray]:
    """The file's axes that lie in the mirror plane, and the ways from the limbs' ends to their roots."""
    ways = [sign * axis for axis in np.eye(3) for sign in (1.0, -1.0)]
    ways += [limb.points[0] - limb.tip for limb in limbs[:8]]
    if limbs:
        # A file may be turned by any angle: all ways round in the mirror plane are asked, too.
        first = np.cross(mirror.normal, np.eye(3)[int(np.argmin(np.abs(mirror.normal)))])
        first /= np.linalg.norm(first)
        second = np.cross(mirror.normal, first)
        ways += [np.cos(a) * first + np.sin(a) * second for a in np.arange(0.0, 2.0 * np.pi, np.pi / 36.0)]
    out = []
    for way in ways:
        flat = way - mirror.normal * (way @ mirror.normal)
        length = np.linalg.norm(flat)
        if length > 0.8 * np.linalg.norm(way) and length > 0:
            out.append(flat / length)
    return out or [np.array([0.0, 1.0, 0.0])]


def _settled(points: np.ndarray, mirror: Mirror, limbs: list[Limb], up: np.ndarray) -> np.ndarray:
    """Snap to the file's axis where one is near; else lay the floor under the soles."""
    axis = int(np.argmax(np.abs(up)))
    if abs(up[axis]) > 0.97 and abs(mirror.normal[axis]) < 1e-3:
        return np.asarray(np.eye(3)[axis] * np.sign(up[axis]))
    standing = [limb for limb in limbs if len(limb.skin) and on_floor(points, limb, up)]
    if not standing:
        return up
    forward = np.cross(mirror.normal, up)
    skin = np.concatenate([limb.skin for limb in standing])
    return _level(np.stack([skin @ forward, skin @ up], 1), forward, up)


def _level(plane: np.ndarray, forward: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Turn up so that the longest lower edge of the outline of the soles [n, 2] is level, if it nearly is."""
    best, turn = 0.0, 0.0
    tall = float(np.ptp(plane[:, 1]))
    for angle in np.radians(np.arange(-14.0, 14.01, 0.5)):
        heights = plane @ np.array([-np.sin(angle), np.cos(angle)])
        along = plane @ np.array([np.cos(angle), np.sin(angle)])
        touching = along[heights < heights.min() + 0.01 * tall]
        width = float(np.ptp(touching))
        if width > best * 1.001:
            best, turn = width, float(angle)
    out = np.cos(turn) * up - np.sin(turn) * forward
    return np.asarray(out / np.linalg.norm(out))
