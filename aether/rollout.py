"""Two seconds ahead: what each of the eight directions would lead to, from the scene alone.

The body is a disc of 0.3 m that sets off at once at a given pace; threats pursue it at the speed that their behaviour
stands for. Walls are known in four directions; a diagonal is as free as the nearer of its two walls allows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from aether.clean import first_clause
from aether.heading import BEARINGS, SECTORS, apart, named, parts
from aether.hearing import sound_side
from aether.memory import failed_direction
from aether.scene import Entity, Scene
from aether.threat import CLOSING_SPEED, PREDATORS, act, entity_threat, nature, noun, words

HORIZON_S = 2.0
BODY_RADIUS = 0.3
_STEPS = 16
_STEP_S = HORIZON_S / _STEPS
_TOUCH = {"predator": 0.9, "unknown": 0.8, "person": 0.6, "thing": 0.6}  # centre to centre, m
_DROPS = frozenset("drop cliff pit ledge hole chasm gap abyss edge".split())
_FOOTING = {
    "stairs": "stairs", "stair": "stairs", "steps": "stairs", "staircase": "stairs", "slope": "slope", "hill": "slope",
    "ramp": "slope", "incline": "slope", "water": "water", "mud": "water", "shallows": "water",
}  # fmt: skip
_MOST_CLAUSES = 6
_NUMBER = r"[0-9]{1,4}(?:\.[0-9]{1,3})?"
_UNKNOWN_DISTANCE = 4.0
_MOST_FOES = 4
_NEAR = 10.0
_TOWARD = math.radians(62.0)


class Foe(NamedTuple):
    """Something that the body must keep away from.

    Attributes:
        kind: A plain noun.
        bearing: Where it is, rad, left positive.
        distance: Metres between the centres.
        speed: Metres a second at which it closes in.
        touch: Metres between the centres at which the two touch.
        shun: Whether even going toward it is to be avoided: it is near, or means the body.
    """

    kind: str
    bearing: float
    distance: float
    speed: float
    touch: float
    shun: bool


class Way(NamedTuple):
    """What one direction would lead to.

    Attributes:
        direction: One of the eight.
        room: Metres that the body's centre can travel before it touches something that stands; inf where open.
        cause: What makes it dangerous ("wall", "drop", "beast"), or None where it is safe.
        distance: Metres to that cause; None where only memory tells of it.
        tried: It failed before.
        toward: It leads toward a threat.
        nearest: The smallest gap to a threat on the way, m; inf where there is none.
        final: The gap to the nearest threat after two seconds, m.
    """

    direction: str
    room: float
    cause: str | None
    distance: float | None
    tried: bool
    toward: bool
    nearest: float
    final: float

    @property
    def bearing(self) -> float:
        """Its bearing, rad, left positive."""
        return BEARINGS[self.direction]


def foes(scene: Scene) -> tuple[Foe, ...]:
    """The threats of a scene, worst first: predators, the unknown, and people who charge."""
    hostile = [e for e in scene.entities if _hostile(e)]
    hostile.sort(key=lambda e: (-entity_threat(e), e.distance or 0.0))
    hint = BEARINGS[sound_side(scene.sounds) or "forward"]
    return tuple(_foe(entity, hint) for entity in hostile[:_MOST_FOES])


def _foe(entity: Entity, hint: float) -> Foe:
    deed = act(entity.behavior)
    distance = _UNKNOWN_DISTANCE if entity.distance is None else entity.distance
    return Foe(
        kind=noun(entity),
        bearing=hint if entity.bearing is None else entity.bearing,
        distance=distance,
        speed=CLOSING_SPEED[deed],
        touch=_TOUCH[nature(entity)],
        shun=distance < _NEAR or deed in ("charge", "approach", "notice"),
    )


def _hostile(entity: Entity) -> bool:
    sort = nature(entity)
    return sort in ("predator", "unknown") or (sort == "person" and act(entity.behavior) == "charge")


def ways(scene: Scene, pace: float, threats: Sequence[Foe]) -> dict[str, Way]:
    """Every direction of the body at `pace` m/s; in the dataset dialect only four, and any wall there is a danger."""
    failures = {d: token for token in scene.recent_decisions if (d := failed_direction(token))}
    falls = drops(scene.ground)
    names = SECTORS[::2] if scene.dialect == "dataset" else SECTORS
    return {name: _way(scene, name, pace, threats, failures.get(name), falls) for name in names}


def _way(
    scene: Scene,
    direction: str,
    pace: float,
    threats: Sequence[Foe],
    failure: str | None,
    falls: Mapping[str, float],
) -> Way:
    wall = _wall(scene, direction)
    gap = math.inf if wall is None else max(0.0, wall - BODY_RADIUS)
    causes: list[tuple[float, str, float | None]] = []
    if wall is not None and (gap <= pace * HORIZON_S or scene.dialect == "dataset"):
        causes.append((gap / pace, "wall", wall))
    room = gap
    fall = min((falls[part] for part in (direction, *parts(direction)) if part in falls), default=None)
    if fall is not None:
        edge = max(0.0, fall - BODY_RADIUS)
        room = min(room, edge)
        if edge <= pace * HORIZON_S:
            causes.append((edge / pace, "drop", fall))
    if failure is not None:
        beast = next((word for word in words(failure) if word in PREDATORS), "wall")
        causes.append((-1.0, beast, None))
    nearest = final = math.inf
    bearing = BEARINGS[direction]
    for foe in threats:
        touch_s, low, last = _pursuit(foe, bearing, pace, room)
        nearest, final = min(nearest, low), min(final, last)
        if touch_s is not None:
            causes.append((touch_s, foe.kind, foe.distance))
    _, cause, distance = min(causes, key=lambda c: c[0], default=(0.0, None, None))
    toward = any(apart(bearing, foe.bearing) < _TOWARD for foe in threats if foe.shun)
    return Way(direction, room, cause, distance, failure is not None, toward, nearest, final)


def _wall(scene: Scene, direction: str) -> float | None:
    known = [d for part in parts(direction) if (d := scene.walls[part]) is not None]
    if not known:
        return None
    return min(known) if "-" not in direction else min(known) * math.sqrt(2.0)


@lru_cache(maxsize=256)
def drops(ground: str) -> Mapping[str, float]:
    """Where the ground's words say that it falls away: the nearest edge, m, by direction.

    "flat, drop ahead 1.2 m, step up left 0.9 m" tells of one; whoever names no side means ahead, no distance means 1 m.
    """
    found: dict[str, float] = {}
    for part in first_clause(ground).split(",")[:_MOST_CLAUSES]:
        if _DROPS & set(words(part)):
            number = re.search(_NUMBER, part)
            side, edge = named(part) or "forward", float(number[0]) if number else 1.0
            found[side] = min(edge, found.get(side, edge))
    return found


@lru_cache(maxsize=256)
def footing(ground: str) -> str:
    """What the body stands on by the ground's words: "stairs", "slope", "water" or "flat"."""
    said = words(first_clause(ground).partition(",")[0])
    return next((_FOOTING[word] for word in said if word in _FOOTING), "flat")


def _pursuit(foe: Foe, bearing: float, pace: float, room: float) -> tuple[float | None, float, float]:
    """Time of the touch, s or None, and the smallest and last gap, m, as `foe` pursues a body that leaves."""
    x, y = foe.distance * math.cos(foe.bearing), foe.distance * math.sin(foe.bearing)
    cos, sin = math.cos(bearing), math.sin(bearing)
    stride, touch = foe.speed * _STEP_S, foe.touch
    gap = low = foe.distance - touch
    touch_s = 0.0 if gap <= 0.0 else None
    # Plain arithmetic: this runs for every direction and threat, and a decision has a millisecond in all.
    for step in range(1, _STEPS + 1):
        gone = pace * step * _STEP_S
        if gone > room:
            gone = room
        dx, dy = gone * cos - x, gone * sin - y
        distance = math.sqrt(dx * dx + dy * dy)
        if distance > stride:
            x, y = x + dx / distance * stride, y + dy / distance * stride
            gap = distance - stride - touch
        else:
            x, y, gap = x + dx, y + dy, -touch
        if gap < low:
            low = gap
        if gap <= 0.0 and touch_s is None:
            touch_s = step * _STEP_S
    return touch_s, low, gap
