"""C05 lived through: the body's arousal rises with the threat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from prometheus.bench.case import Case
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.layout import Layout
from prometheus.bench.level import due
from prometheus.bench.live import FPS, Take
from prometheus.bench.marks import Marks, mark

_EACH, _SIGHT = 3.0, 1.1
_RISE = 0.3
"""Arousal between the calmest and the most excited step from which a rise is one."""


def play(case: Case, stage: Stage) -> list[Take]:
    """Three seconds of each step, one after the other."""
    layouts = [(_EACH * i, _in_sight(asked.layout)) for i, asked in enumerate(case.asks)]
    return [stage.take(layouts, _EACH * len(layouts), case.seed)]


def score(case: Case, takes: list[Take]) -> Marks:
    """Spearman's rank correlation of arousal with the threat's step: 0.8 is full, where it rises at all."""
    (take,) = takes
    shown = [round(float(part.max()), 3) for part in phases(take.arousal, len(case.asks))]
    rho = spearman([due(asked.layout) for asked in case.asks], shown)
    rises = min(1.0, (max(shown) - min(shown)) / _RISE) * take.spoken * (len(take.replies) > 1)
    return Marks(
        case.id,
        (mark("arousal rises (Spearman)", 100, rises * min(max(0.0, rho) / 0.8, 1.0), ">= 0.8", round(rho, 3)),),
    )


def _in_sight(layout: Layout) -> Layout:
    """The layout on open ground, with whoever is there in front of the body: it walks on between the steps."""
    beings = tuple(replace(b, bearing=max(-_SIGHT, min(_SIGHT, b.bearing))) for b in layout.beings)
    return replace(layout, walls={}, beings=beings)


def phases(values: np.ndarray, count: int) -> list[np.ndarray]:
    """The values of each step, its first second left out: a body needs a moment."""
    length = round(_EACH * FPS)
    return [values[i * length + FPS : (i + 1) * length] for i in range(count)]


def spearman(a: list[int], b: list[float]) -> float:
    """Return Spearman's rank correlation, -1 to 1; 0 where either row is all ties."""
    x, y = _ranks(np.array(a, float)), _ranks(np.array(b, float))
    if x.std() == 0.0 or y.std() == 0.0:
        return 0.0
    return float(np.corrcoef(x, y)[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    less = (values[:, None] > values[None]).sum(1)
    same = (values[:, None] == values[None]).sum(1)
    ranks: np.ndarray = less + (same - 1) / 2
    return ranks
