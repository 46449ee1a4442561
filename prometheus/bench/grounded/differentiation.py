"""C04 lived through: twelve meetings in one place; the body's vigour is in the order of the threats."""

from __future__ import annotations

import numpy as np

from prometheus.bench.case import Case
from prometheus.bench.categories.differentiation import tau_b
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.level import due_of
from prometheus.bench.live import Take
from prometheus.bench.marks import Marks, mark

_SECONDS = 3.0
_RANGE = 12.0


def play(case: Case, stage: Stage) -> list[Take]:
    """Meet each of the twelve for three seconds."""
    return [stage.take([(0.0, asked.layout)], _SECONDS, case.seed) for asked in case.asks]


def score(case: Case, takes: list[Take]) -> Marks:
    """Peak speed 40, distance kept 30, and facing away from who threatens 30: Kendall's tau-b with what each calls for."""
    wanted = [due_of(asked.layout.beings[0]) for asked in case.asks]
    peak = [round(float(np.percentile(take.speed, 90)), 1) for take in takes]
    kept = [round(float(min(take.gap()[-1], _RANGE)), 0) for take in takes]
    fled = [_flight(take) for take in takes]
    marks = []
    for what, most, values in (("peak speed", 40, peak), ("distance kept", 30, kept), ("turned away", 30, fled)):
        tau = max(0.0, _coarse(wanted, values))
        marks.append(mark(f"{what} (tau-b)", most, tau, wanted, values))
    return Marks(case.id, tuple(marks))


def _coarse(wanted: list[int], shown: list[float]) -> float:
    """Tau-b over pairs whose due steps differ: within a step a body may do as it likes."""
    pairs = [(i, j) for i in range(len(wanted)) for j in range(i) if wanted[i] != wanted[j]]
    signs = [np.sign(wanted[i] - wanted[j]) * np.sign(shown[i] - shown[j]) for i, j in pairs]
    untied = sum(sign != 0 for sign in signs)
    if untied == 0 or tau_b(wanted, shown) == 0.0:
        return 0.0
    # Two steps that both call for flight may look alike: ties count half.
    return float((sum(signs) + 0.5 * (len(signs) - untied)) / len(signs))


def _flight(take: Take) -> float:
    """How much farther from the other, m, the body is at the end than standing still would have left it."""
    start, end = take.gap()[0], take.gap()[-1]
    other = next(iter(take.others.values()))
    alone = float(np.linalg.norm(other[-1] - take.place[0]))
    return round(float(min(end, _RANGE) - min(alone, start, _RANGE)), 0)
