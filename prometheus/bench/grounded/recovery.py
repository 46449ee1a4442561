"""C07 lived through: the fright passes from the body, and it goes back to what it was about."""

from __future__ import annotations

import math

import numpy as np

from prometheus.bench.case import Case
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.live import FPS, Take
from prometheus.bench.marks import Marks, mark

_FRIGHT, _SECONDS = 2.5, 14.0
_PEAK = 0.9
"""Share of the highest arousal from which on it counts as the peak."""


def play(case: Case, stage: Stage) -> list[Take]:
    """Two and a half seconds of fright, then nobody is there any more."""
    threat, after = case.asks[0].layout, case.asks[1].layout
    return [stage.take([(0.0, threat), (_FRIGHT, after)], _SECONDS, case.seed)]


def score(case: Case, takes: list[Take]) -> Marks:
    """Arousal falls with a half-life of 1-6 s (60), and the body goes for its goal again at the end (40)."""
    (take,) = takes
    arousal, start = take.arousal, round(_FRIGHT * FPS)
    half = half_life(arousal, start)
    right = half is not None and 1.0 <= half <= 6.0
    close = 1.0 if right else 0.0 if half is None else max(0.0, 1.0 - (1.0 - half if half < 1 else half - 6.0) / 3.0)
    goal = case.asks[0].layout.goal or (0.0, 10.0)
    turn = case.asks[0].layout.heading + goal[0]
    target = goal[1] * np.array([math.cos(turn), math.sin(turn)])
    apart = np.linalg.norm(take.place - target, axis=1)
    back = float(apart[-3 * FPS] - apart[-1])
    there = bool(apart[-3 * FPS :].min() < 2.0)
    return Marks(
        case.id,
        (
            mark("half-life of arousal", 60, close * take.spoken, "1-6 s", None if half is None else round(half, 2)),
            mark(
                "goes back to its task",
                40,
                take.spoken * (1.0 if there else min(max(back / 1.2, 0.0), 1.0)),
                ">= 1.2 m nearer in 3 s",
                round(back, 2),
            ),
        ),
    )


def half_life(arousal: np.ndarray, start: int) -> float | None:
    """S from the threat's end until arousal has come half of its way down to its rest, for a second at least.

    Where the body has left the threat behind by itself, and calms before it is gone, the end of its peak counts.

    Args:
        arousal: [T] of the whole take.
        start: the frame in which the threat went.

    Returns:
        None where the body was not aroused, or never comes down.
    """
    peak, rest = float(arousal[: start + FPS].max()), float(np.median(arousal[-6 * FPS :]))
    if peak < rest + 0.15:
        return None
    begin = min(start, int(np.flatnonzero(arousal[: start + FPS] >= _PEAK * peak)[-1]))
    below = arousal[begin:] <= (peak + rest) / 2
    lasting = np.convolve(below, np.ones(FPS), mode="valid") >= FPS
    return float(lasting.argmax()) / FPS if lasting.any() else None
