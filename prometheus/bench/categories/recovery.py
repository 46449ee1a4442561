"""C07 Post-Threat Adaptive Recovery: the threat is gone, and fear leaves mind and body step by step."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np

from aether.heading import sector
from prometheus.bench.case import Ask, Case
from prometheus.bench.categories.escalation import is_echo
from prometheus.bench.draw import Draw, ask, fits
from prometheus.bench.layout import Being, Layout
from prometheus.bench.level import LADDER, due
from prometheus.bench.live import FPS, Take
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading, apart
from prometheus.bench.stage import Stage

_AFTER = 6
"""Decisions within which calm has to return."""
_FRIGHT, _SECONDS = 2.5, 14.0
_PEAK = 0.9
"""Share of the highest arousal from which on it counts as the peak."""


def make(name: str, number: int, draw: Draw) -> Case:
    """A beast charges or comes near, and then nobody is there any more, seven times."""

    def once() -> Case | None:
        goal = (draw.bearing(draw.random.randrange(4) * math.pi / 2, 0.25), draw.metres(9.0, 14.0))
        layout = Layout({}, (), draw.heading(), "walk to the gate", goal)
        deed = "charge" if number % 3 else "approach"
        bearing = draw.bearing(goal[0] + math.pi / 2, 0.8)
        threat = replace(layout, beings=(Being("beast", deed, draw.metres(3.0, 4.4), bearing),), emotion="afraid")
        if not fits(threat):
            return None
        felt = due(threat)
        asks = [ask(f"{name}.1", threat, draw.seed, facts={"step": felt})]
        for step in range(_AFTER + 1):
            after = replace(layout, emotion=LADDER[felt], recent=("run_away",))
            felt = max(0, felt - 1)
            asks.append(
                ask(f"{name}.{step + 2}", after, draw.seed, at=2.0 + step, facts={"goal": goal[0], "step": felt})
            )
        return Case(name, "C07", f"after a beast's {deed}", draw.seed, tuple(asks))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """Falls by one level a decision at most (40), is calm within six (40), and goes back to the task (20)."""
    # A word of the input said again where it should have changed has not been felt.
    levels = [
        None if answer.level is None or _stale(asked, answer.level) else answer.level
        for asked, answer in zip(case.asks, readings, strict=True)
    ]
    shown = [None if level is None else LADDER[level] for level in levels]
    fright, after = levels[0], levels[1:]
    felt = fright is not None and fright >= LADDER.index("afraid")
    calmed = next((i for i, level in enumerate(after) if level == 0), None)
    until = after if calmed is None else after[: calmed + 1]
    fall = [level for level in (fright, *until) if level is not None]
    gone = len(fall) < 1 + len(until)
    steps = [a - b for a, b in pairwise(fall)]
    stepwise = felt and not gone and sum(steps) >= 2 and all(0 <= step <= 1 for step in steps)
    calm = felt and calmed is not None and calmed < _AFTER and all(level == 0 for level in after[calmed:])
    bearing = float(case.asks[-1].facts["goal"])
    last = readings[-1]
    on_task = felt and calm and last.way is not None and apart(last.way, sector(bearing)) <= 1
    return Marks(
        case.id,
        (
            mark("falls a level at a time", 40, stepwise, "one step each", shown),
            mark("calm within six decisions", 40, calm, "calm", shown),
            mark("takes its task up again", 20, on_task, sector(bearing), last.way),
        ),
    )


def play(case: Case, stage: Stage) -> list[Take]:
    """Two and a half seconds of fright, then nobody is there any more."""
    threat, after = case.asks[0].layout, case.asks[-1].layout
    return [stage.take([(0.0, threat), (_FRIGHT, after)], _SECONDS, case.seed)]


def score_takes(case: Case, takes: list[Take]) -> Marks:
    """Arousal falls with a half-life of 1-6 s (60), and the body goes for its goal again at the end (40)."""
    (take,) = takes
    arousal, start = take.arousal, round(_FRIGHT * FPS)
    half = half_life(arousal, start)
    # From nothing at 0 s to all at 1 s, and back to nothing from 6 to 9 s.
    close = 0.0 if half is None else min(half, 1.0, max(0.0, (9.0 - half) / 3.0))
    goal = case.asks[0].layout.goal or (0.0, 10.0)
    turn = case.asks[0].layout.heading + goal[0]
    target = goal[1] * np.array([math.cos(turn), math.sin(turn)])
    off = np.linalg.norm(take.place - target, axis=1)
    back = float(off[-3 * FPS] - off[-1])
    there = bool(off[-3 * FPS :].min() < 2.0)
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


def _stale(asked: Ask, level: int) -> bool:
    told = asked.layout.emotion
    return is_echo(told, level) and LADDER.index(told) != int(asked.facts["step"])


def half_life(arousal: np.ndarray, start: int) -> float | None:
    """Half-life of what a fright leaves, s: ln 2 times the mean lifetime, the area under the decay over its height.

    For an exponential decay this is its half-life; for any other it counts every moment, not the one in which a
    threshold is crossed. Where the body has left the threat behind by itself, and calms before it is gone, the decay
    begins at the end of its peak.

    Args:
        arousal: [T] of the whole take.
        start: the frame in which the threat went.

    Returns:
        None where the body was not aroused.
    """
    peak, rest = float(arousal[: start + FPS].max()), float(np.median(arousal[-6 * FPS :]))
    if peak < rest + 0.15:
        return None
    begin = min(start, int(np.flatnonzero(arousal[: start + FPS] >= _PEAK * peak)[-1]))
    left = np.maximum(arousal[begin:] - rest, 0.0) / (peak - rest)
    return math.log(2.0) * float(left.sum()) / FPS
