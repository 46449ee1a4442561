"""C01 lived through: does the body stay clear, and are the free ways called free?"""

from __future__ import annotations

import numpy as np

from prometheus.bench.case import Case
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.layout import SIDES
from prometheus.bench.live import Take
from prometheus.bench.marks import Marks, mark

_SECONDS = 8.0
_GONE = 3.0
"""m that exploring covers at least."""


def play(case: Case, stage: Stage) -> list[Take]:
    """Explore for eight seconds."""
    return [stage.take([(0.0, case.asks[0].layout)], _SECONDS, case.seed)]


def score(case: Case, takes: list[Take]) -> Marks:
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
