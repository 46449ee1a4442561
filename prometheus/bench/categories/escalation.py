"""C05 Autonomous Emotion Escalation: a threat that grows from scene to scene, and the body's arousal with it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from prometheus.bench.case import Ask, Case
from prometheus.bench.draw import Draw, ask, fits
from prometheus.bench.layout import Being, Layout
from prometheus.bench.level import LADDER, due
from prometheus.bench.live import FPS, Take
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading
from prometheus.bench.stage import Stage

_STEPS = (
    (None, None),
    ("stop", (8.5, 11.0)),
    ("wander", (3.2, 4.6)),
    ("approach", (3.0, 4.4)),
    ("charge", (3.0, 5.0)),
)
_EACH, _SIGHT = 3.0, 1.1
_RISE = 0.3
"""Arousal between the calmest and the most excited step from which a rise is one."""


def make(name: str, number: int, draw: Draw) -> Case:
    """Nobody, then a beast far off, near, coming, charging; at times one of the middle steps is left out."""

    def once() -> Case | None:
        layout = Layout({side: draw.metres(7.0, 11.0) for side in draw.sides(1)}, (), draw.heading(), "explore")
        steps = [step for i, step in enumerate(_STEPS) if number % 2 == 0 or i != 1 + number % 3]
        bearing = draw.bearing(0.0, 2.4)
        asks: list[Ask] = []
        felt = 0
        for deed, reach in steps:
            beings = () if deed is None or reach is None else (Being("beast", deed, draw.metres(*reach), bearing),)
            this = replace(layout, beings=beings, emotion=LADDER[felt])
            if not fits(this):
                return None
            asks.append(ask(f"{name}.{len(asks) + 1}", this, draw.seed, at=3.0 * len(asks)))
            felt = due(this)
        return Case(name, "C05", f"a threat that grows in {len(asks)} scenes", draw.seed, tuple(asks))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """Emotion never falls (40), rises in all two levels or more (30), and is not the input's own word again (30)."""
    levels = [answer.level for answer in readings]
    said = [level for level in levels if level is not None]
    complete = len(said) == len(levels)
    # What merely repeats the scene's word has not been felt: it stands for no level of its own.
    own = [
        level
        for asked, level in zip(case.asks, levels, strict=True)
        if level is not None and not (is_echo(asked.scene.own.emotion, level) and LADDER[level] != asked.facts["level"])
    ]
    rise = own[-1] - own[0] if own else 0
    grows = rise >= 1 and complete
    never_falls = grows and all(a <= b for a, b in pairwise(said))
    echoes = sum(
        level is None or is_echo(asked.scene.own.emotion, level)
        for asked, level in zip(case.asks, levels, strict=True)
        if asked.facts["level"] != asked.scene.own.emotion
    )
    changes = sum(asked.facts["level"] != asked.scene.own.emotion for asked in case.asks)
    shown = [None if level is None else LADDER[level] for level in levels]
    return Marks(
        case.id,
        (
            mark("emotion never falls", 40, never_falls, "rising", shown),
            mark("it rises by two levels", 30, min(rise, 2) / 2 if grows else 0.0, ">= 2", rise),
            mark(
                "no echo of the input",
                30,
                never_falls * (1 - echoes / max(changes, 1)),
                "own words",
                f"{echoes} echoes",
            ),
        ),
    )


def play(case: Case, stage: Stage) -> list[Take]:
    """Three seconds of each step, one after the other."""
    layouts = [(_EACH * i, _in_sight(asked.layout)) for i, asked in enumerate(case.asks)]
    return [stage.take(layouts, _EACH * len(layouts), case.seed)]


def score_takes(case: Case, takes: list[Take]) -> Marks:
    """Spearman's rank correlation of arousal with the threat's step: 0.8 is full, where it rises at all."""
    (take,) = takes
    shown = [round(float(part.max()), 3) for part in phases(take.arousal, len(case.asks))]
    rho = spearman([due(asked.layout) for asked in case.asks], shown)
    rises = min(1.0, (max(shown) - min(shown)) / _RISE) * take.spoken * (len(take.replies) > 1)
    return Marks(
        case.id,
        (mark("arousal rises (Spearman)", 100, rises * min(max(0.0, rho) / 0.8, 1.0), ">= 0.8", round(rho, 3)),),
    )


def is_echo(told: str, level: int) -> bool:
    """Whether a level is the one that the input named."""
    return told in LADDER and LADDER.index(told) == level


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
