"""Facing: which of the two ways along the mirror plane is the front, by votes of feet, knees, elbows, head, names.

Each vote is a number from -1 to 1 times its weight, positive for `Stance.ahead`. A mirror error is the worst that can
happen to a map, so several signs are asked and none decides alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.anatomy.limbs import Limb
from hephaestus.anatomy.stance import Stance

_FRONT = frozenset("front fore nose snout jaw mouth chin eye eyes face toe toes teeth fang".split())
_BACK = frozenset("back hind rear tail heel ponytail butt".split())


@dataclass(frozen=True, slots=True)
class Vote:
    """One sign of where the front is.

    Attributes:
        why: for people.
        weight: how much it counts.
        value: -1 to 1, positive for `Stance.ahead`.
    """

    why: str
    weight: float
    value: float


def decide(votes: list[Vote]) -> tuple[float, float]:
    """Return the sign of the front along `Stance.ahead`, and how sure that is from 0 to 1."""
    total = sum(v.weight * v.value for v in votes)
    against = sum(max(0.0, -v.weight * v.value * np.sign(total or 1.0)) for v in votes)
    sure = abs(total) / (abs(total) + 2.0 * against + 0.8)
    return (1.0 if total >= 0 else -1.0), float(sure)


def clip(value: float) -> float:
    """Return a value between -1 and 1."""
    return float(min(1.0, max(-1.0, value)))


def feet(stance: Stance, limb: Limb) -> Vote:
    """Feet reach further to the front of the shin than behind it."""
    heights = stance.height_of(limb.skin) if len(limb.skin) else np.zeros(0)
    joints = stance.height_of(limb.points)
    tall = max(float(joints.max()), 1e-9)
    sole, shin = limb.skin[heights < 0.06 * tall], limb.skin[(heights > 0.14 * tall) & (heights < 0.34 * tall)]
    if len(sole) < 3:
        if len(limb.points) < 4:
            return Vote("feet", 0.0, 0.0)
        return Vote("feet", 2.0, clip(float((limb.points[-1] - limb.points[-2]) @ stance.ahead) / (0.06 * limb.length)))
    if len(shin) >= 12:
        middle = 0.5 * float(np.quantile(shin @ stance.ahead, 0.05) + np.quantile(shin @ stance.ahead, 0.95))
    else:
        # Too coarse a skin for an outline of the shin: the bones tell where it is.
        order = np.argsort(joints)
        middle = float(np.interp(0.24 * tall, joints[order], (limb.points @ stance.ahead)[order]))
    low = sole @ stance.ahead
    front, back = float(np.quantile(low, 0.98)) - middle, middle - float(np.quantile(low, 0.02))
    return Vote("feet", 3.0, clip(1.6 * (front - back) / max(front + back, 0.02 * limb.length)))


def knees(stance: Stance, limb: Limb, places: tuple[int, int, int] | None = None) -> Vote:
    """Knees (the first bend below the hip) point to the front."""
    hip, knee, ankle = places or (0, 1, len(limb.points) - 1)
    if not 0 <= hip < knee < ankle < len(limb.points):
        return Vote("knees", 0.0, 0.0)
    return Vote("knees", 1.2, _bend(stance, limb, hip, knee, ankle))


def elbows(stance: Stance, limb: Limb, places: tuple[int, int, int]) -> Vote:
    """Elbows point backward."""
    return Vote("elbows", 0.9, -_bend(stance, limb, *places))


def _bend(stance: Stance, limb: Limb, first: int, middle: int, last: int) -> float:
    a, b, c = limb.points[[first, middle, last]]
    along = c - a
    length = max(float(np.linalg.norm(along)), 1e-9)
    off = (b - a) - along * float((b - a) @ along) / length**2
    return clip(float(off @ stance.ahead) / (0.05 * length))


def head(stance: Stance, joint: int, weight: float = 0.7) -> Vote:
    """A face and a jaw lie before the joint that carries them; what hangs from the head by its name is left out."""
    joints = stance.joints
    below = [j for j in joints.under(joint) if not {"hair", "ponytail", "ptail"} & set(stance.hints[j].words)]
    skin = joints.skin(below)
    if len(skin) < 6:
        return Vote("head", 0.0, 0.0)
    low, high = np.quantile(stance.height_of(skin), (0.02, 0.98))
    face = skin[stance.height_of(skin) < low + 0.55 * (high - low)]
    if not len(face):
        return Vote("head", 0.0, 0.0)
    size = max(float(np.ptp(skin @ stance.ahead)), float(high - low), 1e-9)
    lead = float(np.median(face @ stance.ahead)) - float(joints.points[joint] @ stance.ahead)
    return Vote("head", weight, clip(lead / (0.25 * size)))


def toward(stance: Stance, start: np.ndarray, end: np.ndarray, why: str, weight: float) -> Vote:
    """Something lies to the front of something else."""
    off = end - start
    length = max(float(np.linalg.norm(off)), 1e-9)
    return Vote(why, weight, clip(1.5 * float(off @ stance.ahead) / length))


def names(stance: Stance, trust: float) -> list[Vote]:
    """Left and right, front and back in the names, as far as they do not contradict each other."""
    sides, ends = [], []
    joints = stance.joints
    centre = float(np.median(stance.skin @ stance.ahead))
    deep = max(float(np.ptp(stance.skin @ stance.ahead)), 1e-9)
    for j, said in enumerate(stance.hints):
        side = int(stance.mirror.side[j])
        if side and said.side:
            sides.append(side * said.side)
        words = set(said.words)
        way = bool(words & _FRONT) - bool(words & _BACK)
        if way:
            ends.append(way * clip(4.0 * (float(joints.points[j] @ stance.ahead) - centre) / deep))
    votes = []
    if len(sides) >= 2:
        agreed = float(np.mean(sides))
        votes.append(Vote("names of sides", 3.2 * trust * abs(agreed), clip(1.5 * agreed)))
    if ends:
        votes.append(Vote("names of ends", 1.2 * trust, clip(float(np.mean(ends)))))
    return votes


def habit(stance: Stance) -> Vote:
    """What files are wont to have: +z by the standard of glTF, -z in VRM 0.x, -y where z is up."""
    front = np.array([0.0, 0.0, 1.0])
    if stance.joints.asset.vrm == 0:
        front = -front
    if abs(float(stance.up[2])) > 0.7:
        front = np.array([0.0, -1.0, 0.0])
    return Vote("habit of files", 0.35, clip(float(front @ stance.ahead)))
