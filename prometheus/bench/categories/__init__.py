"""The categories of the bench: each makes its scenarios and scores their answers."""

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
from prometheus.bench.marks import Marks
from prometheus.bench.reading import Reading


@dataclass(frozen=True, slots=True)
class Category:
    """One category.

    Attributes:
        id, title: such as "C01". make: a scenario from its id and draw (and which of the ten it is).
        score: marks of a scenario from the reading of each of its answers, in order.
    """

    id: str
    title: str
    make: Callable[[str, int, Draw], Case]
    score: Callable[[Case, list[Reading]], Marks]


CATEGORIES = {
    category.id: category
    for category in (
        Category("C01", "Environmental Awareness", environment.make, environment.score),
        Category("C02", "Entity Recognition", entities.make, entities.score),
        Category("C03", "Prediction-Based Reasoning", prediction.make, prediction.score),
        Category("C04", "Threat-Type Differentiated Response", differentiation.make, differentiation.score),
        Category("C05", "Autonomous Emotion Escalation", escalation.make, escalation.score),
        Category("C06", "Contextual Memory Utilization", memory.make, memory.score),
        Category("C07", "Post-Threat Adaptive Recovery", recovery.make, recovery.score),
        Category("C08", "Motion-Emotion Expression", expression.make, expression.score),
    )
}
"""Those with a text score; C09 and C10 are measured."""
TITLES = {name: category.title for name, category in CATEGORIES.items()} | {
    "C09": "Real-Time Cognitive Performance",
    "C10": "Body-Swap Extensibility",
}
