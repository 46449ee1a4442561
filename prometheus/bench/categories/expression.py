"""C08 Motion-Emotion Expression: a sentence that a body can act, with the fitting feeling, and acted as it says."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np

from aether.heading import sector
from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask, fits
from prometheus.bench.layout import BEARING, Being, Layout
from prometheus.bench.level import LADDER
from prometheus.bench.live import FPS, Decided, Take
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading, apart
from prometheus.bench.stage import Stage

_MOMENTS = (
    (None, None, None),
    ("man", "stop", (3.0, 5.0)),
    ("beast", "stop", (8.0, 11.0)),
    ("beast", "wander", (2.6, 4.6)),
    ("beast", "approach", (2.6, 4.6)),
    ("beast", "charge", (3.0, 6.0)),
)
_BRIEF = 12
_SECONDS = 4.0
_PACE = {"stand": (0.0, 0.3), "creep": (0.15, 1.1), "walk": (0.6, 2.0), "run": (1.8, 4.8), "sprint": (3.2, 7.0)}
"""m/s between which a pace is that pace."""
_ENERGY = ((0.0, 1.4), (0.0, 1.6), (0.2, 2.2), (0.8, 4.0), (1.2, 6.0))
"""m/s of the limbs between which a step of the ladder shows as itself."""


def make(name: str, number: int, draw: Draw) -> Case:
    """A moment of every step of the ladder, from nobody there to a beast that charges."""

    def once() -> Case | None:
        kind, deed, reach = _MOMENTS[number % len(_MOMENTS)]
        beings: tuple[Being, ...] = ()
        if kind is not None and deed is not None and reach is not None:
            beings = (Being(kind, deed, draw.metres(*reach), draw.bearing(0.0, 1.3)),)
        layout = Layout({side: draw.metres(6.5, 11.0) for side in draw.sides(1)}, beings, draw.heading(), "explore")
        if not fits(layout):
            return None
        asked = ask(f"{name}.1", layout, draw.seed)
        return Case(name, "C08", f"a moment to be {asked.facts['level']}", draw.seed, (asked,))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """A body part (25), a manner (25), the fitting emotion (30; half for the next one), one deed told briefly (20)."""
    (asked,), (answer,) = case.asks, readings
    due = LADDER.index(str(asked.facts["level"]))
    level, sound = answer.level, answer.is_sentence
    fit = 0.0 if level is None else {0: 1.0, 1: 0.5}.get(abs(level - due), 0.0)
    brief = asked.scene.dialect != "dataset" or len(answer.words) <= _BRIEF
    coherent = sound and brief and not _contradicts(answer, asked.scene.entities[0].bearing if due >= 3 else None)
    # Parts and manners that go with a wrong feeling express nothing.
    shows = fit if sound else 0.0
    return Marks(
        case.id,
        (
            mark("a body part", 25, shows * bool(answer.parts), "any", answer.parts),
            mark("a manner", 25, shows * bool(answer.manners), "any", answer.manners),
            mark("the emotion", 30, fit, LADDER[due], None if level is None else LADDER[level]),
            mark("no contradiction", 20, coherent * shows, "one deed, one feeling", answer.motion),
        ),
    )


def play(case: Case, stage: Stage) -> list[Take]:
    """Live in the moment for four seconds."""
    return [stage.take([(0.0, case.asks[0].layout)], _SECONDS, case.seed)]


def score_takes(case: Case, takes: list[Take]) -> Marks:
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


def _contradicts(answer: Reading, threat: float | None) -> bool:
    """Whether the sentence runs toward the threat, or is calm at a sprint, or in panic at a stroll."""
    toward = threat is not None and answer.way is not None and apart(answer.way, sector(threat)) <= 1
    fast, level = answer.intent.pace in ("run", "sprint"), answer.level
    return toward or (fast and level is not None and level <= 1)


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
