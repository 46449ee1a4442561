"""Text: the scenarios put to a mind as questions, and its answers scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean

from prometheus.bench.case import Ask, Case
from prometheus.bench.categories import CATEGORIES
from prometheus.bench.marks import Marks
from prometheus.bench.nulls import NULLS, ORACLE, oracle
from prometheus.bench.reading import read
from prometheus.bench.total import text1000

Answer = Callable[[Case, Ask], str]


@dataclass(frozen=True, slots=True)
class TextResult:
    """What a mind's answers earned.

    Attributes:
        marks: of each scenario, in order. categories: mean score of each, 0-100.
    """

    marks: tuple[Marks, ...]
    categories: Mapping[str, float]

    @property
    def text1000(self) -> float:
        """Of a thousand."""
        return text1000(self.categories)


def score(cases: list[Case], answers: Mapping[str, str]) -> TextResult:
    """Score answers, by the ask's id; one that is missing counts as empty."""
    marks: list[Marks] = []
    found: dict[str, list[float]] = {}
    for case in cases:
        category = CATEGORIES.get(case.category)
        if category is not None:
            got = category.score(case, [read(answers.get(asked.id, "")) for asked in case.asks])
            marks.append(got)
            found.setdefault(case.category, []).append(got.score)
    return TextResult(tuple(marks), {name: fmean(scores) for name, scores in sorted(found.items())})


def selfcheck(cases: list[Case], seed: int) -> dict[str, float]:
    """Return `text1000` of each null reference and of the oracle."""
    asks = [(case, asked) for case in cases for asked in case.asks]
    found = {
        name: score(cases, {asked.id: null(asked.scene, seed) for _, asked in asks}).text1000
        for name, null in NULLS.items()
    }
    found[ORACLE] = score(cases, {asked.id: oracle(case, asked) for case, asked in asks}).text1000
    return {name: round(total, 1) for name, total in found.items()}
