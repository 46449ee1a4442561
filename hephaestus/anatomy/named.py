"""Named: a humanoid map from names alone, for a rest pose that geometry cannot read; the tree must agree with it."""

from __future__ import annotations

import numpy as np

from hephaestus.anatomy.finding import Part
from hephaestus.anatomy.stance import Stance

_ARM, _LEG = ("clavicle", "upperarm", "forearm", "hand"), ("thigh", "shin", "foot", "toe")
_WORTH = 0.75
_LEAST = 0.45
"""Weight below which a name is too vague to go by alone."""


def named_parts(stance: Stance) -> dict[str, Part] | None:
    """Return role -> nodes if the names give a whole figure whose parts hang from each other as they must."""
    chains: dict[str, int] = {}
    for side, sign in (("L", 1), ("R", -1)):
        for roles in (_LEG, _ARM):
            found = _chain(stance, roles, sign)
            if found is None:
                return None
            chains |= {f"{side}_{role}": j for role, j in found.items()}
    middle = _middle(stance, chains)
    if middle is None:
        return None
    joints = [j for part in middle.values() for j in part] + list(chains.values())
    if len(set(joints)) < len(joints):
        return None
    nodes = stance.joints.nodes
    parts = {role: Part(tuple(int(nodes[j]) for j in js), _WORTH) for role, js in middle.items()}
    return parts | {role: Part((int(nodes[j]),), _WORTH) for role, j in chains.items()}


def _chain(stance: Stance, roles: tuple[str, ...], side: int) -> dict[str, int] | None:
    """The joints of a limb, each below the one before; clavicle, hand and toe may be missing."""
    joints, last = stance.joints, -1
    found: dict[str, int] = {}
    for role in roles:
        fits = [
            (h.roles.get(role, 0.0), -int(joints.above[j].sum()), j)
            for j, h in enumerate(stance.hints)
            if h.side == side
            and h.roles.get(role, 0.0) >= _LEAST
            and j not in found.values()
            and (last < 0 or joints.above[j, last])
        ]
        if fits:
            last = found[role] = max(fits)[2]
        elif role in ("upperarm", "forearm", "thigh", "shin", "foot"):
            return None
    return found


def _middle(stance: Stance, chains: dict[str, int]) -> dict[str, list[int]] | None:
    joints, hints = stance.joints, stance.hints
    hips = joints.common([chains["L_thigh"], chains["R_thigh"]])
    if hips < 0:
        return None
    chest = joints.common([chains["L_upperarm"], chains["R_upperarm"]])
    way = joints.path(hips, chest) if chest >= 0 else []
    spine = [j for j in way if j != hips]
    above = [j for j, h in enumerate(hints) if "head" in h.roles and not h.side and joints.above[j, hips]]
    found: dict[str, list[int]] = {"hips": [hips]}
    if spine:
        found["spine"] = spine
    if above:
        head = min(above, key=lambda j: int(joints.above[j].sum()))
        neck = [j for j in joints.climb(head, chest)[1:-1] if j not in way] if chest >= 0 else []
        if neck:
            found["neck"] = neck[::-1]
        found["head"] = [head]
    return found


def axes_of(stance: Stance, parts: dict[str, Part]) -> tuple[np.ndarray, np.ndarray]:
    """Return up and facing [3] from the places of named parts: up from feet to head, left from right to left."""
    points = stance.joints.asset.rest_world[:, :3, 3].astype(float)
    pairs = [("L_thigh", "R_thigh"), ("L_upperarm", "R_upperarm")]
    left = np.sum(
        [points[parts[a].nodes[0]] - points[parts[b].nodes[0]] for a, b in pairs if a in parts and b in parts], 0
    )
    top = points[parts["head" if "head" in parts else "hips"].nodes[0]]
    feet = 0.5 * (points[parts["L_foot"].nodes[0]] + points[parts["R_foot"].nodes[0]])
    up = _snapped(top - feet) if np.linalg.norm(top - feet) > 1e-9 else stance.up
    front = np.cross(left, up)
    if np.linalg.norm(front) < 1e-9:
        front = np.cross(stance.mirror.normal, up)
    if np.linalg.norm(front) < 1e-9:
        front = np.eye(3)[(int(np.argmax(np.abs(up))) + 1) % 3]
    return up, _snapped(front)


def _snapped(way: np.ndarray) -> np.ndarray:
    way = way / max(float(np.linalg.norm(way)), 1e-12)
    axis = int(np.argmax(np.abs(way)))
    return np.eye(3)[axis] * np.sign(way[axis]) if abs(way[axis]) > 0.94 else way
