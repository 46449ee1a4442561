"""C06 Contextual Memory Utilization: what failed before is not tried again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask
from prometheus.bench.layout import BEARING, SIDES, Layout
from prometheus.bench.live import FPS, Take
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading, apart
from prometheus.bench.stage import Stage

_SECONDS, _OUT = 14.0, 4.5
_ARM, _WIDE = 3.2, 1.1
"""m: how long a blind arm is, and half the width of the way between its walls."""


def make(name: str, number: int, draw: Draw) -> Case:
    """A blind place: two or three ways were tried and failed, and nothing in the scene shows it; one is a new wall."""

    def once() -> Case | None:
        failed = draw.sides(2 if number % 2 else 3)
        free = [side for side in SIDES if side not in failed]
        draw.random.shuffle(failed)
        recent = tuple(f"hit_wall_{side}" for side in failed)
        # A shut way that no ray can show: glass, a low bar. The open ones may have a wall far off.
        walls = {side: draw.metres(5.0, 9.0) for side in free if draw.random.random() < 0.3}
        layout = Layout(walls, (), draw.heading(), "find the way out", recent=recent)
        asked = ask(f"{name}.1", layout, draw.seed, choices=free)
        if not any(not fate.danger for fate in asked.fates.values()):
            return None
        facts = {"failed": sorted(failed), "free": [side for side in free if not asked.fates[side].danger]}
        asked = replace(asked, facts={**asked.facts, **facts})
        return Case(name, "C06", f"{len(failed)} of four ways have failed before", draw.seed, (asked,))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """No failed way again (50), the failures cited in PREDICT (20), another and safe way taken (30)."""
    (asked,), (answer,) = case.asks, readings
    failed, free = asked.facts["failed"], asked.facts["free"]
    way = answer.way
    chosen = way is not None
    again = chosen and any(apart(way or "", side) <= (0 if "-" not in (way or "") else 1) for side in failed)
    cited = [
        side
        for side in failed
        if (outlook := answer.outlook(side)) is not None and outlook.danger and "prev" in answer.facts(side)
    ]
    # To cite what did not fail is to cite nothing.
    wrongly = [side for side in SIDES if side not in failed and "prev" in answer.facts(side)]
    safe = way in free
    return Marks(
        case.id,
        (
            mark("no failed way again", 50, chosen and not again, [s for s in SIDES if s not in failed], way),
            mark("failures cited", 20, 0.0 if wrongly else len(cited) / len(failed), failed, cited),
            mark("another, safe way", 30, safe, free, way),
        ),
    )


def play(case: Case, stage: Stage) -> list[Take]:
    """Two attempts to get out of a crossing whose arms are blind but for the open ones; the mind keeps its memory."""
    first = case.asks[0].layout
    layout = Layout({}, (), first.heading, first.task)

    def out(simulation: Any) -> bool:
        x, y = simulation.agent.actor.position[:2]
        return math.hypot(x, y) > _OUT

    return stage.takes(layout, _SECONDS, case.seed, 2, crossing(case), until=out)


def score_takes(case: Case, takes: list[Take]) -> Marks:
    """The second attempt sets off into an open way (60), and costs no more time than the first (40)."""
    first, second = takes
    free = case.asks[0].facts["free"]
    way, spoken = _way_taken(second), second.spoken
    lost = (len(second.place) - len(first.place)) / FPS
    out = len(second.place) < _SECONDS * FPS
    return Marks(
        case.id,
        (
            mark(
                "the second attempt takes an open way",
                60,
                spoken * (way is not None and any(apart(way, s) <= 1 for s in free)),
                free,
                way,
            ),
            mark(
                "no time is lost",
                40,
                spoken * max(0.0, 1.0 - max(lost, 0.0) / 4.0) if out else 0.0,
                "<= 0 s",
                round(lost, 2),
            ),
        ),
    )


def _way_taken(take: Take) -> str | None:
    """The side of the start, in the start's frame, on which an attempt ended or got to after four seconds."""
    frame = min(len(take.place) - 1, 4 * FPS)
    offset = take.place[frame] - take.place[0]
    if math.hypot(*offset) < 0.7:
        return None
    bearing = math.atan2(offset[1], offset[0]) - float(take.heading[0])
    return min(BEARING, key=lambda way: abs(math.remainder(BEARING[way] - bearing, math.tau)))


def crossing(case: Case) -> list[dict[str, Any]]:
    """Walls of a scenario's crossing: the corners between its arms, and an end to every arm that is blind."""
    return _crossing(case.asks[0].layout.heading, set(case.asks[0].facts["free"]))


def _crossing(heading: float, free: set[str]) -> list[dict[str, Any]]:

    def at(x: float, y: float) -> list[float]:
        cos, sin = math.cos(heading), math.sin(heading)
        return [round(cos * x - sin * y, 4), round(sin * x + cos * y, 4)]

    walls = []
    for side in SIDES:
        cos, sin = math.cos(BEARING[side]), math.sin(BEARING[side])
        for hand in (-1, 1):
            ends = [at(cos * d - sin * hand * _WIDE, sin * d + cos * hand * _WIDE) for d in (_WIDE, _ARM)]
            walls.append({"kind": "wall", "name": f"{side} {'left' if hand > 0 else 'right'} flank", "start": ends[0],
                          "end": ends[1], "height": 2.4, "thickness": 0.2})  # fmt: skip
        if side not in free:
            ends = [at(cos * _ARM - sin * y, sin * _ARM + cos * y) for y in (-_WIDE - 0.1, _WIDE + 0.1)]
            walls.append({"kind": "wall", "name": f"{side} end", "start": ends[0], "end": ends[1], "height": 2.4,
                          "thickness": 0.2})  # fmt: skip
    return walls
