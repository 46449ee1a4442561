"""The eight directions of a body, in words and in radians."""

from __future__ import annotations

import math
from functools import lru_cache

from aether.threat import words

SECTORS = (
    "forward", "forward-left", "left", "backward-left", "backward", "backward-right", "right", "forward-right",
)  # fmt: skip
"""Eight directions, each 45 degrees further to the left."""

BEARINGS = {name: math.remainder(index * math.pi / 4, math.tau) for index, name in enumerate(SECTORS)}
"""Direction to bearing, rad, left positive, in [-pi, pi]."""

_PARTS = {name: tuple(name.split("-")) for name in SECTORS}
_DEPTH = dict.fromkeys(("forward", "forwards", "front", "fwd", "ahead", "straight"), "forward")
_DEPTH |= dict.fromkeys(("backward", "backwards", "back", "behind", "rear"), "backward")
_SIDE = {"left": "left", "right": "right", "leftward": "left", "rightward": "right"}
_REACH = 4  # words between the two halves of "forward and to the left"


def parts(direction: str) -> tuple[str, ...]:
    """The one or two of forward, left, right, backward that a direction is made of."""
    return _PARTS[direction]


def sector(bearing: float) -> str:
    """The direction nearest to a bearing, rad."""
    return SECTORS[round(bearing / (math.pi / 4)) % 8]


def turned(direction: str, heading_change: float) -> str:
    """A direction of a body, as the same body says it after turning by `heading_change` rad (left positive)."""
    return SECTORS[(SECTORS.index(direction) - round(heading_change / (math.pi / 4))) % 8]


def apart(a: float, b: float) -> float:
    """The angle between two bearings, rad, 0 to pi."""
    return abs(math.remainder(a - b, math.tau))


@lru_cache(maxsize=1024)
def named(text: str) -> str | None:
    """The first direction that `text` names, such as "left" or "forward-left"; None where it names none."""
    found = [(i, _DEPTH.get(w) or _SIDE[w]) for i, w in enumerate(words(text)) if w in _DEPTH or w in _SIDE]
    if not found:
        return None
    at, first = found[0]
    for other_at, other in found[1:]:
        if other_at - at > _REACH:
            break
        if (first in _SIDE) != (other in _SIDE):
            depth, side = (other, first) if first in _SIDE else (first, other)
            return f"{depth}-{side}"
    return first
