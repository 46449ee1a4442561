"""C01 Environmental Awareness: which of four directions are free, and does the body stay clear?"""

from __future__ import annotations

import numpy as np

from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask, fits, someone
from prometheus.bench.layout import BEARING, SIDES, Being, Layout
from prometheus.bench.live import Take
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading, apart
from prometheus.bench.stage import Stage

_NEAR, _FAR = (1.0, 2.1), (4.4, 9.0)
_TASKS = ("explore the yard", "look around", "find a way on")
_SECONDS = 8.0
_GONE = 3.0
"""m that exploring covers at least."""


def make(name: str, number: int, draw: Draw) -> Case:
    """Two or three walls near enough to be met within two seconds, others far off or none; at times a passer-by."""

    def once() -> Case | None:
        near = draw.sides(draw.pick((1, 2, 2, 3)))
        walls = {}
        for side in SIDES:
            if side in near:
                walls[side] = draw.metres(*_NEAR)
            elif draw.random.random() < 0.4:
                walls[side] = draw.metres(*_FAR)
        beings: tuple[Being, ...] = ()
        if number % 3 == 0:
            middle = draw.pick([way for way in BEARING if "-" in way])
            kind = draw.pick(("man", "woman"))
            beings = (someone(draw, kind, draw.pick(("stop", "wander")), (3.0, 6.0), BEARING[middle], 0.15),)
        layout = Layout(walls, beings, draw.heading(), draw.pick(_TASKS))
        if not fits(layout):
            return None
        asked = ask(f"{name}.1", layout, draw.seed, choices=SIDES)
        return Case(name, "C01", f"{len(near)} of four directions are blocked", draw.seed, (asked,))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """15 points for the status of a direction, 5 for its reason, 20 for a MOTION that takes a safe one."""
    (asked,), (answer,) = case.asks, readings
    marks = []
    for side in SIDES:
        fate, outlook = asked.fates[side], answer.outlook(side)
        right = outlook is not None and outlook.danger == fate.danger
        marks.append(mark(f"{side}: status", 15, right, _status(fate.danger), outlook and _status(outlook.danger)))
        # A safe direction needs no reason; calling everything safe must not earn reasons, though: see the danger's.
        reason = right and (fate.kind in answer.facts(side) if fate.danger else not _invented(answer, side))
        marks.append(mark(f"{side}: reason", 5, reason, fate.kind or "open", answer.facts(side)))
    free = [side for side in SIDES if not asked.fates[side].danger]
    way = answer.way
    safe = way is not None and any(apart(way, side) == 0 for side in free)
    # A diagonal is safe where both of its sides are.
    if way is not None and "-" in way:
        safe = all(side in free for side in SIDES if apart(way, side) == 1)
    marks.append(mark("MOTION takes a safe direction", 20, safe, free, way))
    return Marks(case.id, tuple(marks))


def play(case: Case, stage: Stage) -> list[Take]:
    """Explore for eight seconds."""
    return [stage.take([(0.0, case.asks[0].layout)], _SECONDS, case.seed)]


def score_takes(case: Case, takes: list[Take]) -> Marks:
    """Half for the share of the run without contact, half for directions called as the forecast has them."""
    (take,) = takes
    # Whoever does not move runs into nothing, and has not explored.
    gone = float(np.linalg.norm(np.diff(take.place, axis=0), axis=1).sum())
    clear = (1.0 - float((take.touched | take.caught).mean())) * min(1.0, gone / _GONE) * take.spoken
    calls = [
        (outlook := decided.reading.outlook(side)) is not None
        and outlook.danger == decided.verdict.forecast[side].danger
        for decided in take.decisions
        for side in SIDES
    ]
    right = sum(calls) / max(len(calls), 1)
    return Marks(
        case.id,
        (
            mark("share of the run without contact", 50, clear, "1", round(clear, 3)),
            mark("directions called right", 50, right, "1", round(right, 3)),
        ),
    )


def _status(danger: bool) -> str:
    return "danger" if danger else "safe"


def _invented(answer: Reading, side: str) -> bool:
    """Whether a cause of danger is told of a direction that is called safe."""
    return bool({"wall", "beast", "drop"} & set(answer.facts(side)))
