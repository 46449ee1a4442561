"""Chains: which joints of an arm or a leg are its parts, by the lengths of the bones between them.

Every choice of joints for (clavicle), upper arm, forearm, hand or for thigh, shin, foot, (toe) is priced, and the
cheapest is taken: both long bones are about equal, a clavicle and a hand are shorter, an ankle is near the floor; extra
joints (twist joints in line, a bone from pelvis to hip) are paid for. A trusted name takes a part of the price away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from hephaestus.anatomy.limbs import Limb, branches

ARM = ("clavicle", "upperarm", "forearm", "hand")
LEG = ("thigh", "shin", "foot", "toe")
_MOST = 12

Names = Callable[[int, str], float]
"""(place in the chain, role) -> weight that the name gives, 0 where it is not trusted."""


def arm(limb: Limb, names: Names, inner: np.ndarray) -> tuple[dict[str, int], float]:
    """Return role -> place in an arm's chain, and the price.

    Args:
        limb: the pair of arms.
        names: what the names say.
        inner: [K] distance of each joint of the chain from the mirror plane.
    """
    count = min(len(limb.chains[0]), _MOST)
    end = _fingers(limb)
    best: tuple[float, dict[str, int]] = (np.inf, {})
    for size in (4, 3, 2):
        for places in combinations(range(count), size):
            for roles in _arm_roles(size):
                found = dict(zip(roles, places, strict=True))
                price = _arm_price(limb, found, end, inner) - _said(found, names)
                if price < best[0]:
                    best = price, found
    return best[1], best[0]


def leg(limb: Limb, names: Names, heights: np.ndarray, ahead: np.ndarray) -> tuple[dict[str, int], float]:
    """Return role -> place in a leg's chain, and the price.

    Args:
        limb: the pair of legs.
        names: what the names say.
        heights: [K] height of each joint of the chain above the floor.
        ahead: [K] share of the foot, from heel to tip, at which each joint lies.
    """
    count = min(len(limb.chains[0]), _MOST)
    best: tuple[float, dict[str, int]] = (np.inf, {})
    for size in (4, 3):
        for places in combinations(range(count), size):
            found = dict(zip(LEG, places, strict=False))
            price = _leg_price(limb, found, heights, ahead) - _said(found, names)
            if price < best[0]:
                best = price, found
    return best[1], best[0]


def _arm_roles(size: int) -> list[Sequence[str]]:
    choices: dict[int, list[Sequence[str]]] = {4: [ARM], 3: [ARM[1:], ARM[:3]], 2: [ARM[1:3]]}
    return choices[size]


def _fingers(limb: Limb) -> int:
    """Place of the joint where the fingers part: the hand; the last place plus one where there are none."""
    chain = limb.chains[0]
    for place in range(1, len(chain)):
        parts = branches(limb.joints, limb.mirror, chain[place])
        spans = sorted((limb.joints.bones[c] + limb.joints.reach[c] for c in parts), reverse=True)
        if len(spans) > 1 and spans[1] > 0.4 * spans[0] and spans[0] < 0.6 * limb.length and place >= 2:
            return place
    return len(chain)


def _said(found: dict[str, int], names: Names) -> float:
    return sum(names(place, role) for role, place in found.items())


def _log(a: float, b: float) -> float:
    return abs(float(np.log(max(a, 1e-6) / max(b, 1e-6))))


def _passed(limb: Limb, found: dict[str, int], last: int) -> float:
    """Price of the joints up to a place that have no role though they move skin; between roles they are twists."""
    mass, first = limb.joints.mass, min(found.values())
    passed = [k for k in range(last) if k not in found.values() and mass[limb.chains[0][k]] > 0]
    return sum(0.45 if place < first else 0.2 for place in passed)


def _between(limb: Limb, start: int, end: int) -> tuple[float, float]:
    """Straight distance between two places of a chain, and the way along the bones."""
    return float(np.linalg.norm(limb.points[end] - limb.points[start])), float(limb.bones[start:end].sum())


def _bent(limb: Limb, start: int, end: int) -> float:
    """Price of the joints that a bone passes by: little for twist joints in line, much for a joint that bends."""
    straight, way = _between(limb, start, end)
    return 0.12 * (end - start - 1) + 4.0 * max(0.0, way / max(straight, 1e-9) - 1.0)


def _arm_price(limb: Limb, found: dict[str, int], fingers: int, inner: np.ndarray) -> float:
    upper, fore = found["upperarm"], found["forearm"]
    first, _ = _between(limb, upper, fore)
    price = _bent(limb, upper, fore) + _passed(limb, found, max(found.values()))
    hand = found.get("hand")
    rest = float(limb.bones[fore:].sum() + np.linalg.norm(limb.tip - limb.points[-1]))
    if hand is not None:
        second, _ = _between(limb, fore, hand)
        price += 1.2 * _log(first, second) + _bent(limb, fore, hand)
        palm = float(limb.bones[hand:].sum() + np.linalg.norm(limb.tip - limb.points[-1]))
        price += 0.4 * max(0.0, _log(palm, 0.65 * second) - 0.5)
        if fingers < len(limb.chains[0]):
            price += 0.5 * abs(hand - fingers)
    else:
        price += 0.35 + 1.2 * _log(first, 0.65 * rest)
    if "clavicle" in found:
        clavicle = found["clavicle"]
        short, _ = _between(limb, clavicle, upper)
        price += 0.4 * max(0.0, _log(short, 0.45 * first) - 0.6) + 0.8 * max(0.0, short / max(first, 1e-9) - 0.9)
        # A clavicle starts near the spine, well inside of the shoulder.
        price += 0.5 * max(0.0, float(inner[clavicle] / max(inner[upper], 1e-9)) - 0.8)
        price += 0.3 * clavicle + 0.25 * (limb.joints.mass[limb.chains[0][clavicle]] <= 0)
    else:
        price += 0.1 + 0.25 * upper
    return price


def _leg_price(limb: Limb, found: dict[str, int], heights: np.ndarray, ahead: np.ndarray) -> float:
    thigh, shin, foot = found["thigh"], found["shin"], found["foot"]
    first, _ = _between(limb, thigh, shin)
    second, _ = _between(limb, shin, foot)
    price = 1.2 * _log(first, second) + _bent(limb, thigh, shin) + 0.6 * _bent(limb, shin, foot)
    tall = max(float(heights[thigh]), 1e-9)
    price += 3.0 * max(0.0, float(heights[foot]) / tall - 0.22) + 2.0 * max(0.0, 0.35 - float(heights[shin]) / tall)
    # The bone from pelvis to hip, if there is one, is short.
    skipped = float(limb.bones[:thigh].sum())
    price += 0.08 * thigh + 4.0 * max(0.0, skipped / max(limb.length, 1e-9) - 0.12)
    if thigh == 0 and first < 0.35 * second:
        price += 0.5
    toe = found.get("toe")
    if toe is None:
        return price + 0.25 + (0.25 if foot + 1 < len(limb.chains[0]) else 0.0)
    price += 0.05 * (toe - foot - 1) + 0.5 * abs(float(ahead[toe]) - 0.66)
    return price + 2.0 * max(0.0, float(heights[toe] - heights[foot]) / tall)
