"""Endless: what a stream of many minutes does: numbers that break, bodies that freeze, heights that drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.motion import Motion
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.feet import BALLS, SOLE, ground
from prometheus.motion.evaluate.path import speeds
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.sentences import ENDLESS
from prometheus.motion.evaluate.wish import Push, Wish

HOLD = 6.0
"""S that each sentence lasts."""
STOOD = 0.1
"""M/s: a pelvis slower than this, and wrists and ankles as slow, do not move."""
_LONGEST_FREEZE, _MOST_DRIFT = 5.0, 0.05


@dataclass(frozen=True, slots=True)
class Visit:
    """One stretch under one sentence; `text`, and its frames [start, end)."""

    text: str
    start: int
    end: int


def wish(seconds: float, seed: int = 0, sentences: tuple[str, ...] = ENDLESS) -> tuple[Wish, list[Visit]]:
    """Return the wish of a long stream and the stretches of its sentences, each of which comes back at least once."""
    count = max(1, int(np.ceil(seconds / HOLD)))
    cycle = sentences[: max(1, count // 2)]
    texts = [cycle[i % len(cycle)] for i in range(count)]
    frames = round(seconds * 20)
    step = round(HOLD * 20)
    visits = [Visit(text, i * step, min((i + 1) * step, frames)) for i, text in enumerate(texts)]
    pushes = tuple(Push(i * HOLD, text) for i, text in enumerate(texts) if i)
    return Wish(texts[0], seconds, seed, pushes), visits


def longest_freeze(motion: Motion, visits: list[Visit]) -> float:
    """Return the longest time s in which nothing moved under sentences that move."""
    frozen = np.zeros(len(motion), bool)
    ends = motion.joints[:, [20, 21, 7, 8]] - motion.joints[:, :1]
    limbs = np.linalg.norm(np.diff(ends, axis=0), axis=-1).mean(1) * motion.fps
    frozen[1:] = (speeds(motion) < STOOD) & (limbs < STOOD)
    for visit in visits:
        if "stand" in visit.text:
            frozen[visit.start : visit.end] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[False], frozen, [False]]).astype(int)))
    return float(np.max(edges[1::2] - edges[::2]) / motion.fps) if len(edges) else 0.0


def drift(heights: np.ndarray, visits: list[Visit], settle: int = 30) -> float:
    """Return how far m the mean of heights [T] of a sentence's later stretches gets from its first one's, at most."""
    first: dict[str, float] = {}
    most = 0.0
    for visit in visits:
        part = heights[visit.start + settle : visit.end]
        if len(part):
            mean = float(part.mean())
            most = max(most, abs(mean - first.setdefault(visit.text, mean)))
    return most


def rows(bench: Bench) -> list[Row]:
    """Return the rows of one long stream."""
    asked, visits = wish(bench.amount.endless)
    (motion,) = bench.model.sample([asked])
    told = f"{bench.amount.endless / 60:g} min of stream"
    broken = int((~np.isfinite(motion.joints)).any((1, 2)).sum())
    if broken:
        return [Row(f"{told}: frames that are not finite", float(broken), bar=0.0, better="less")]
    soles = motion.joints[:, BALLS, 1].min(1) - SOLE
    last = ground([motion[max(0, len(motion) - 1200) :]])
    return [
        Row(f"{told}: frames that are not finite", 0.0, bar=0.0, better="less"),
        Row(f"{told}: longest freeze under a moving prompt, s", longest_freeze(motion, visits), bar=_LONGEST_FREEZE,
            better="less"),
        Row(f"{told}: drift of the pelvis' height, m", drift(motion.joints[:, 0, 1], visits),
            bar=_MOST_DRIFT, better="less"),
        Row(f"{told}: drift of the soles' height, m", drift(soles, visits), bar=_MOST_DRIFT, better="less"),
        Row(f"{told}: foot skate in the last minute, m/s", last.skate, better="less"),
    ]  # fmt: skip
