"""Grounded scores: scenarios lived through, and what the body did and met held against what was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus.bench.case import Case
from prometheus.bench.grounded import (
    differentiation,
    entities,
    environment,
    escalation,
    expression,
    memory,
    prediction,
    recovery,
)
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.live import Take
from prometheus.bench.marks import Marks


@dataclass(frozen=True, slots=True)
class Live:
    """How a category is lived through and scored.

    Attributes:
        play: lives through a scenario on a stage. score: marks of what was seen.
    """

    play: Callable[[Case, Stage], list[Take]]
    score: Callable[[Case, list[Take]], Marks]


LIVE = {
    "C01": Live(environment.play, environment.score),
    "C02": Live(entities.play, entities.score),
    "C03": Live(prediction.play, prediction.score),
    "C04": Live(differentiation.play, differentiation.score),
    "C05": Live(escalation.play, escalation.score),
    "C06": Live(memory.play, memory.score),
    "C07": Live(recovery.play, recovery.score),
    "C08": Live(expression.play, expression.score),
}
