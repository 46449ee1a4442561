"""C08 lived through: the body does what its sentence says, as fast, that way, and with that much life."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np

from prometheus.bench.case import Case
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.live import FPS, Decided, Take
from prometheus.bench.marks import Marks, mark

_SECONDS = 4.0
_PACE = {"stand": (0.0, 0.3), "creep": (0.15, 1.1), "walk": (0.6, 2.0), "run": (1.8, 4.8), "sprint": (3.2, 7.0)}
"""m/s between which a pace is that pace."""
_ENERGY = ((0.0, 1.4), (0.0, 1.6), (0.2, 2.2), (0.8, 4.0), (1.2, 6.0))
"""m/s of the limbs between which a step of the ladder shows as itself."""


def play(case: Case, stage: Stage) -> list[Take]:
    """Live in the moment for four seconds."""
    return [stage.take([(0.0, case.asks[0].layout)], _SECONDS, case.seed)]


def score(case: Case, takes: list[Take]) -> Marks:
    """A third each: speed, direction and energy of the motion that was generated fit the sentence."""
    (take,) = takes
    spans = _spans(take)
    parts = [_fit(take, decided, first, last) for decided, first, last in spans]
    speed, way, energy = (fmean(column) for column in zip(*parts, strict=True)) if parts else (0.0, 0.0, 0.0)
    return Marks(
        case.id,
        (
            mark("speed fits the sentence", 34, speed, "its pace", round(speed, 2)),
            mark("direction fits the sentence", 33, way, "its way", round(way, 2)),
            mark("energy fits the feeling", 33, energy, "its feeling", round(energy, 2)),
        ),
    )


def _spans(take: Take) -> list[tuple[Decided, int, int]]:
    """Sentences that lasted: each with the frames in which it shows, 0.6 s after it was said."""
    found, decisions = [], list(take.decisions)
    index = 0
    while index < len(decisions):
        until = index + 1
        while until < len(decisions) and _same(decisions[index], decisions[until]):
            until += 1
        last = decisions[until].frame if until < len(decisions) else len(take.place)
        first = decisions[index].frame + round(0.6 * FPS)
        if last - first >= FPS // 2:
            found.append((decisions[index], first, last))
        index = until
    return found


def _same(a: Decided, b: Decided) -> bool:
    one, other = a.reading, b.reading
    return (one.intent.pace, one.way, one.level) == (other.intent.pace, other.way, other.level)


def _fit(take: Take, decided: Decided, first: int, last: int) -> tuple[float, float, float]:
    reading = decided.reading
    if not reading.is_sentence:
        return 0.0, 0.0, 0.0
    speed = float(np.median(take.speed[first:last]))
    low, high = _PACE[reading.intent.pace or "walk"]
    miss = max(low - speed, speed - high, 0.0)
    pace = max(0.0, 1.0 - miss / 1.0)
    return pace, _way(take, decided, first, last), _energy(take, reading.level, first, last)


def _way(take: Take, decided: Decided, first: int, last: int) -> float:
    way, start = decided.reading.way, take.heading[max(decided.frame - 1, 0)]
    moved = take.place[last - 1] - take.place[first]
    if way is None:
        return 1.0 if math.hypot(*moved) < 0.5 * (last - first) / FPS else 0.0
    from prometheus.bench.layout import BEARING

    if math.hypot(*moved) < 0.1:
        return 0.0
    off = abs(math.remainder(math.atan2(moved[1], moved[0]) - float(start) - BEARING[way], math.tau))
    return 1.0 if off <= math.pi / 4 else max(0.0, 2.0 - off / (math.pi / 4))


def _energy(take: Take, level: int | None, first: int, last: int) -> float:
    if level is None:
        return 0.0
    low, high = _ENERGY[level]
    limbs = float(np.median(take.energy[first:last]))
    return max(0.0, 1.0 - max(low - limbs, limbs - high, 0.0) / 1.0)
