"""Trunk: the joints in the middle of a body, from hips to chest, and what goes on beyond both."""

from __future__ import annotations

import numpy as np

from hephaestus.anatomy.limbs import Limb
from hephaestus.anatomy.stance import Stance


def carrier(stance: Stance, limb: Limb) -> int:
    """Return the middle joint that a pair of limbs hangs from: above both in the tree, or nearest to a loose pair."""
    joints = stance.joints
    root = 0.5 * (joints.points[limb.chains[0][0]] + joints.points[limb.chains[1][0]])
    top = joints.common([limb.chains[0][0], limb.chains[1][0]])
    far = np.linalg.norm(joints.points - root, axis=1)
    if top >= 0 and (joints.mass[top] > 0 or far[top] < 0.12 * joints.size):
        return top
    middle = np.flatnonzero(stance.centre & ((joints.mass > 0) | (joints.mass.sum() == 0)))
    if not len(middle):
        middle = np.flatnonzero(stance.centre)
    if not len(middle):
        return top
    nearest = int(middle[np.argmin(far[middle])])
    return nearest if top < 0 or far[nearest] < 0.5 * far[top] or joints.mass[top] == 0 else top


def between(stance: Stance, start: int, end: int) -> list[int]:
    """Return the middle joints from start to end, both included, in the order in which they lie.

    Where the tree does not join the two (a spine with a root of its own) the parts are put one behind the other.
    """
    joints = stance.joints
    way = joints.path(start, end)
    if way:
        kept = [j for j in way if joints.mass[j] > 0 or j in (start, end) or _inside(stance, way, j)]
        return kept
    up_start, up_end = joints.climb(start, -1), joints.climb(end, -1)
    return [start, *[j for j in reversed(up_end) if j not in up_start and joints.mass[j] > 0]]


def _inside(stance: Stance, way: list[int], joint: int) -> bool:
    """Tell whether a joint without skin lies between its neighbours and not far off, as a root on the floor does."""
    points = stance.joints.points
    at = way.index(joint)
    before, after = points[way[max(at - 1, 0)]], points[way[min(at + 1, len(way) - 1)]]
    direct = np.linalg.norm(after - before)
    return bool(np.linalg.norm(points[joint] - before) + np.linalg.norm(after - points[joint]) < 1.3 * direct)


def onward(stance: Stance, start: int, taken: set[int], way: np.ndarray | None = None) -> list[int]:
    """Follow the middle joints from a joint outward, away from those taken, to the end of the longest chain.

    Args:
        stance: the body.
        start: the joint to leave; not part of the answer.
        taken: joints that may not be used.
        way: [3], the direction to prefer at the first branch.
    """
    joints, at = stance.joints, start
    chain: list[int] = []
    while True:
        following = [c for c in joints.children[at] if stance.centre[c] and c not in taken and joints.heavy[c] > 0]
        if not following:
            return chain
        worth = [joints.reach[c] + joints.bones[c] for c in following]
        if way is not None and not chain:
            worth = [_toward(stance, c, start, way) for c in following]
        at = following[int(np.argmax(worth))]
        chain.append(at)


def chains_from(stance: Stance, start: int, taken: set[int]) -> list[list[int]]:
    """Return all chains of middle joints that leave a joint, the longest first."""
    joints = stance.joints
    out = []
    for child in joints.children[start]:
        if stance.centre[child] and child not in taken and joints.heavy[child] > 0:
            out.append([child, *onward(stance, child, taken)])
    return sorted(out, key=lambda chain: -(joints.reach[chain[0]] + joints.bones[chain[0]]))


def _toward(stance: Stance, joint: int, start: int, way: np.ndarray) -> float:
    """How far a branch goes along a direction, by the skin it moves."""
    joints = stance.joints
    skin = joints.skin_under(joint)
    reached = skin if len(skin) else joints.points[joints.under(joint)]
    along = (reached - joints.points[start]) @ way
    return float(np.quantile(along, 0.9)) + 0.3 * joints.size * float(np.sqrt(joints.heavy[joint]))
