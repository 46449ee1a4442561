"""C01 lived through: does the body stay clear, and are the free ways called free?"""

from __future__ import annotations

from prometheus.bench.case import Case
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.layout import SIDES
from prometheus.bench.live import Take
from prometheus.bench.marks import Marks, mark

_SECONDS = 8.0


def play(case: Case, stage: Stage) -> list[Take]:
    """Explore for eight seconds."""
    return [stage.take([(0.0, case.asks[0].layout)], _SECONDS, case.seed)]


def score(case: Case, takes: list[Take]) -> Marks:
    """Half for the share of frames without contact, half for the share of directions called as the forecast has them."""
    (take,) = takes
    clear = 1.0 - float((take.touched | take.caught).mean())
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
