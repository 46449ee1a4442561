"""The turn of each humanoid node from the file's rest pose to the T-pose that motions are relative to.

Rests differ: A-pose, T-pose, a crouch, a frame in mid-animation. Limb bones are swung (and, where knee or elbow is bent
enough to show its hinge, twisted) to the T-pose directions; the trunk is set upright as a whole and keeps its curve;
feet keep their sole as flat as it rests and only turn to the front.
"""

from __future__ import annotations

import numpy as np

from hephaestus.rig import Rig
from hephaestus.skeleton import JOINT
from hephaestus.vector import cross, swing, unit

_SLACK = np.radians(25.0)
"""How far trunk, neck, clavicles and hands may differ from the T-pose and still count as the body's own shape."""
_HINGE_SHOWS = np.radians(15.0)
_HINGES = {"thigh": (1.0, 0.0, 0.0), "L_arm": (0.0, -1.0, 0.0), "R_arm": (0.0, 1.0, 0.0)}


def rest_turns(rig: Rig, source: np.ndarray) -> dict[int, np.ndarray]:
    """Return node -> rotation [3, 3] in the motion frame from the rest pose to the T-pose.

    Args:
        rig: a humanoid rig.
        source: [22, 3] m, the T-pose of the motion's skeleton.
    """
    turns: dict[int, np.ndarray] = {}
    hips = _trunk(rig, source, turns)
    for side in "LR":
        _arm(rig, source, side, turns, turns[rig.roles["spine"][-1]] if "spine" in rig else hips)
        _leg(rig, source, side, turns, hips)
    return turns


def bone(rig: Rig, role: str, child: str) -> np.ndarray:
    """Return the rest direction [3] from a role's node to another's, in the motion frame."""
    return unit(rig.rest_points[rig.node(child)] - rig.rest_points[rig.node(role)])


def _source(joints: np.ndarray, start: str, end: str) -> np.ndarray:
    return unit(joints[JOINT[end]] - joints[JOINT[start]])


def _frame(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    x = unit(x)
    z = unit(cross(x, y))
    return np.stack([x, cross(z, x), z], -1)


def _bone_frame(bone: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    y = unit(bone)
    z = unit(cross(hinge, y))
    return np.stack([cross(y, z), y, z], -1)


def _angle(turn: np.ndarray) -> float:
    return float(np.arccos(np.clip((np.trace(turn) - 1.0) / 2.0, -1.0, 1.0)))


def _settle(base: np.ndarray, rest: np.ndarray, wanted: np.ndarray, slack: float = _SLACK) -> np.ndarray:
    """Swing base so that the rest direction points as wanted, unless it does within the slack."""
    now = base @ rest
    if np.arccos(np.clip(now @ wanted, -1.0, 1.0)) <= slack:
        return base
    return swing(now, wanted) @ base


def _trunk(rig: Rig, source: np.ndarray, turns: dict[int, np.ndarray]) -> np.ndarray:
    points = rig.rest_points
    left, right = points[rig.node("L_thigh")], points[rig.node("R_thigh")]
    if "tail" in rig:
        return _leaning(rig, left - right, turns)
    top = trunk_top(rig)
    upright = _frame(source[1] - source[2], source[12] - 0.5 * (source[1] + source[2]))
    hips = upright @ _frame(left - right, top - 0.5 * (left + right)).T
    chest = hips
    if "L_upperarm" in rig and "R_upperarm" in rig and "spine" in rig:
        shoulders = points[rig.node("L_upperarm")] - points[rig.node("R_upperarm")]
        low = points[rig.roles["spine"][-1]]
        want = _frame(source[16] - source[17], source[12] - source[9])
        chest = want @ _frame(shoulders, top - low).T
        if _angle(chest @ hips.T) <= _SLACK:
            chest = hips
    turns[rig.node("hips")] = hips
    spine = rig.roles.get("spine", ())
    for k, node in enumerate(spine):
        # Only a rest that is bent or wound has a chest apart from the hips; the joints between share the difference.
        turns[node] = hips if chest is hips else _between(hips, chest, (k + 1) / len(spine))
    neck = chest
    if "neck" in rig and "head" in rig:
        along = unit(points[rig.node("head")] - points[rig.node("neck")])
        neck = _settle(chest, along, _source(source, "neck", "head"))
    for node in rig.roles.get("neck", ()):
        turns[node] = neck
    if "head" in rig:
        # A head looks to the front in nearly every rest, however bent the trunk is.
        turns[rig.node("head")] = np.eye(3)
    return hips


def _leaning(rig: Rig, across: np.ndarray, turns: dict[int, np.ndarray]) -> np.ndarray:
    """A body with a tail leans as it rests, the tail being its counterweight: the trunk only turns to the front."""
    turn = swing(unit(across * [1.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]))
    for role in ("hips", "spine", "neck", "head", "tail"):
        for node in rig.roles.get(role, ()):
            turns[node] = turn
    return turn


def trunk_top(rig: Rig) -> np.ndarray:
    """Return the rest position [3] of the upper end of the trunk: neck, else shoulders, else head."""
    points = rig.rest_points
    if "neck" in rig:
        return points[rig.node("neck")]
    if "L_upperarm" in rig and "R_upperarm" in rig:
        return 0.5 * (points[rig.node("L_upperarm")] + points[rig.node("R_upperarm")])
    if "head" in rig:
        return points[rig.node("head")]
    return points[rig.node("hips")] + [0.0, 0.3 * rig.height_m, 0.0]


def _between(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    from hephaestus import rotation

    return rotation.to_matrix(rotation.slerp(rotation.from_matrix(a), rotation.from_matrix(b), share))


def _arm(rig: Rig, source: np.ndarray, side: str, turns: dict[int, np.ndarray], chest: np.ndarray) -> None:
    upper, fore, hand = (f"{side}_{part}" for part in ("upperarm", "forearm", "hand"))
    base = chest
    if f"{side}_clavicle" in rig and upper in rig:
        wanted = _source(source, f"{side}_collar", f"{side}_shoulder")
        base = _settle(chest, bone(rig, f"{side}_clavicle", upper), wanted, np.radians(40.0))
        turns[rig.node(f"{side}_clavicle")] = base
    if upper not in rig or fore not in rig:
        if upper in rig:
            turns[rig.node(upper)] = base
        return
    first, second = bone(rig, upper, fore), None
    points, below = rig.rest_points, rig.rest_points[rig.under([rig.node(fore)])]
    if hand in rig:
        second = bone(rig, fore, hand)
    elif len(below) > 1:
        second = unit(below.mean(0) - points[rig.node(fore)])
    ends = _source(source, f"{side}_shoulder", f"{side}_elbow"), _source(source, f"{side}_elbow", f"{side}_wrist")
    turns[rig.node(upper)], fore_turn = _limb(base, first, second, ends, np.array(_HINGES[f"{side}_arm"]))
    turns[rig.node(fore)] = fore_turn
    if hand in rig:
        fingers = rig.rest_points[rig.under([rig.node(hand)])]
        turns[rig.node(hand)] = fore_turn
        if len(fingers) > 1:
            along = unit(fingers.mean(0) - points[rig.node(hand)])
            turns[rig.node(hand)] = _settle(fore_turn, along, ends[1])


def _leg(rig: Rig, source: np.ndarray, side: str, turns: dict[int, np.ndarray], hips: np.ndarray) -> None:
    thigh, shin, foot = (f"{side}_{part}" for part in ("thigh", "shin", "foot"))
    ends = _source(source, f"{side}_hip", f"{side}_knee"), _source(source, f"{side}_knee", f"{side}_ankle")
    turns[rig.node(thigh)], turns[rig.node(shin)] = _limb(
        hips, bone(rig, thigh, shin), bone(rig, shin, foot), ends, np.array(_HINGES["thigh"])
    )
    forward, wanted = foot_forward(rig, side), _source(source, f"{side}_ankle", f"{side}_foot")
    if forward[1] < -0.9 or forward[1] > 0.5:
        turn = swing(forward, wanted)
    else:
        flat, wanted_flat = (unit(v * [1.0, 0.0, 1.0]) for v in (forward, wanted))
        turn = swing(flat, wanted_flat)
    turns[rig.node(foot)] = turn
    if f"{side}_toe" in rig:
        turns[rig.node(f"{side}_toe")] = turn


def foot_forward(rig: Rig, side: str) -> np.ndarray:
    """Return the rest direction [3] of a foot from ankle to toe, from its toe joint or its vertices."""
    ankle = rig.rest_points[rig.node(f"{side}_foot")]
    if f"{side}_toe" in rig:
        return unit(rig.rest_points[rig.node(f"{side}_toe")] - ankle)
    points, nodes = rig.surface
    sole = points[rig.under([rig.node(f"{side}_foot")])[nodes]]
    if len(sole) < 4:
        return np.array([0.0, 0.0, 1.0])
    middle = sole.mean(0) - ankle
    flat = np.array([middle[0], 0.0, middle[2]])
    return unit(flat) if np.linalg.norm(flat) > 0.02 * rig.height_m else np.array([0.0, 0.0, 1.0])


def _limb(
    base: np.ndarray,
    first: np.ndarray,
    second: np.ndarray | None,
    wanted: tuple[np.ndarray, np.ndarray],
    hinge: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Turns of the two bones of a limb; a bent rest shows the hinge, which is then turned to the T-pose's."""
    if second is None:
        upper = swing(base @ first, wanted[0]) @ base
        return upper, upper
    normal = cross(first, second)
    if np.linalg.norm(normal) > np.sin(_HINGE_SHOWS) or first @ second < 0:
        rest_upper, rest_lower = _bone_frame(first, normal), _bone_frame(second, normal)
        return _bone_frame(wanted[0], hinge) @ rest_upper.T, _bone_frame(wanted[1], hinge) @ rest_lower.T
    upper = swing(base @ first, wanted[0]) @ base
    return upper, swing(upper @ second, wanted[1]) @ upper
