"""C04 lived through: twelve meetings in one place; the body's vigour is in the order of the threats."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np

from prometheus.bench.case import Case
from prometheus.bench.categories.differentiation import tau_b
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.level import PACE, due_of
from prometheus.bench.live import FPS, Take
from prometheus.bench.marks import Marks, mark

_SECONDS = 3.0


def play(case: Case, stage: Stage) -> list[Take]:
    """Meet each of the twelve for three seconds."""
    return [stage.take([(0.0, asked.layout)], _SECONDS, case.seed) for asked in case.asks]


def score(case: Case, takes: list[Take]) -> Marks:
    """Peak speed 40, distance kept 30, and facing away from who threatens 30: Kendall's tau-b with what each calls for.

    Steps that call for the same pace (calm and curious; afraid and panic) count as one: a body has no fourth gait.
    """
    wanted = [sorted(set(PACE)).index(PACE[due_of(asked.layout.beings[0])]) for asked in case.asks]
    peak = [round(float(np.percentile(take.speed, 90)), 1) for take in takes]
    left = [_left(take) for take in takes]
    away = [_away(take) for take in takes]
    varied = len(frozenset().union(*(take.replies for take in takes))) > 1
    spoken = varied * fmean(take.spoken for take in takes)
    marks = []
    for what, most, values in (("peak speed", 40, peak), ("distance kept", 30, left), ("turned away", 30, away)):
        tau = spoken * max(0.0, _coarse(wanted, values))
        marks.append(mark(f"{what} (tau-b)", most, tau, _listed(wanted), _listed(values)))
    return Marks(case.id, tuple(marks))


def _listed(values: Sequence[float]) -> str:
    return " ".join(f"{value:g}" for value in values)


def _coarse(wanted: list[int], shown: list[float]) -> float:
    """Tau-b over pairs whose due steps differ: within a step a body may do as it likes."""
    pairs = [(i, j) for i in range(len(wanted)) for j in range(i) if wanted[i] != wanted[j]]
    signs = [np.sign(wanted[i] - wanted[j]) * np.sign(shown[i] - shown[j]) for i, j in pairs]
    untied = sum(sign != 0 for sign in signs)
    if untied == 0 or tau_b(wanted, shown) == 0.0:
        return 0.0
    # Two steps that both call for flight may look alike: ties count half.
    return float((sum(signs) + 0.5 * (len(signs) - untied)) / len(signs))


def _left(take: Take) -> float:
    """How much farther the body is at the end, m, from where the other stood when they met."""
    other = next(iter(take.others.values()))[0]
    return round(float(np.linalg.norm(take.place[-1] - other) - np.linalg.norm(take.place[0] - other)), 0)


def _away(take: Take) -> float:
    """How far the body has its back to the other, -1 to 1, on the mean after its first second, to a half."""
    other = next(iter(take.others.values()))
    toward = np.arctan2(*(other - take.place).T[::-1])
    return round(float(np.nanmean(-np.cos(toward - take.heading)[FPS:])) * 2.0) / 2.0
