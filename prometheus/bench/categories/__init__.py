"""The categories of the bench: each makes its scenarios, scores their answers, and lives them through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus.bench.case import Case
from prometheus.bench.categories import (
    differentiation,
    entities,
    environment,
    escalation,
    expression,
    memory,
    prediction,
    recovery,
)
from prometheus.bench.draw import Draw
from prometheus.bench.live import Take
from prometheus.bench.marks import Marks
from prometheus.bench.reading import Reading
from prometheus.bench.stage import Stage


@dataclass(frozen=True, slots=True)
class Category:
    """One category.

    Attributes:
        id, title: such as "C01". make: a scenario from its id and draw (and which of the ten it is).
        score: text marks of a scenario, from the reading of each of its answers, in order.
        play: lives through a scenario on a stage. score_takes: grounded marks, from what was seen.
    """

    id: str
    title: str
    make: Callable[[str, int, Draw], Case]
    score: Callable[[Case, list[Reading]], Marks]
    play: Callable[[Case, Stage], list[Take]]
    score_takes: Callable[[Case, list[Take]], Marks]


CATEGORIES = {
    name: Category(name, title, module.make, module.score, module.play, module.score_takes)
    for name, title, module in (
        ("C01", "Environmental Awareness", environment),
        ("C02", "Entity Recognition", entities),
        ("C03", "Prediction-Based Reasoning", prediction),
        ("C04", "Threat-Type Differentiated Response", differentiation),
        ("C05", "Autonomous Emotion Escalation", escalation),
        ("C06", "Contextual Memory Utilization", memory),
        ("C07", "Post-Threat Adaptive Recovery", recovery),
        ("C08", "Motion-Emotion Expression", expression),
    )
}
"""Those that are asked and lived through; C09 and C10 are measured."""
TITLES = {name: category.title for name, category in CATEGORIES.items()} | {
    "C09": "Real-Time Cognitive Performance",
    "C10": "Body-Swap Extensibility",
}
