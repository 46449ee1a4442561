"""C03 Prediction-Based Reasoning: what the next two seconds hold in each direction, and the choice of least risk."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask, fits, someone
from prometheus.bench.layout import BEARING, SIDES, Layout
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading
from prometheus.bench.truth import STAND, Fate

_TOLERANCE = 0.6
"""m or s of risk within which two choices are as good as each other."""


def make(name: str, number: int, draw: Draw) -> Case:
    """A threat that closes in, and walls: one, two or three of four directions lead to a touch."""

    def once() -> Case | None:
        side = draw.pick(SIDES)
        deed = ("charge", "approach", "charge", "wander", "charge")[number % 5]
        reach = {"charge": (3.0, 6.6), "approach": (2.2, 4.6), "wander": (2.0, 4.4)}[deed]
        kind = "man" if number % 10 == 7 else "beast"
        beast = someone(draw, kind, "charge" if kind == "man" else deed, reach, BEARING[side], 0.35)
        others = [other for other in SIDES if other != side]
        walls = {
            other: draw.metres(1.0, 2.2) if draw.random.random() < 0.5 else draw.metres(8.0, 11.0)
            for other in others
            if draw.random.random() < 0.75
        }
        layout = Layout(walls, (beast,), draw.heading(), "get across the yard", emotion="alert")
        if not fits(layout):
            return None
        asked = ask(f"{name}.1", layout, draw.seed, choices=(*BEARING, STAND))
        dangers = sum(asked.fates[side].danger for side in SIDES)
        if not 1 <= dangers <= 3 or len(_best(asked.fates)) > 3:
            return None
        return Case(name, "C03", f"a {kind} that does: {beast.behaviour}; {dangers} ways out fail", draw.seed, (asked,))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """60 x F1 of danger over the directions, and 40 for a MOTION that takes a direction of least risk."""
    (asked,), (answer,) = case.asks, readings
    truth = {side for side in SIDES if asked.fates[side].danger}
    said = {side for side in SIDES if (outlook := answer.outlook(side)) is not None and outlook.danger}
    known = sum(answer.outlook(side) is not None for side in SIDES) == len(SIDES)
    hits = len(truth & said)
    f1 = 2 * hits / (len(truth) + len(said)) if known and (truth or said) else 0.0
    best = _best(asked.fates)
    choice = answer.way or (STAND if answer.is_sentence and answer.intent.pace == "stand" else None)
    return Marks(
        case.id,
        (
            mark("danger over directions (F1)", 60, f1, truth, said),
            mark("MOTION takes a direction of least risk", 40, choice in best, best, choice),
        ),
    )


def _best(fates: Mapping[str, Fate]) -> set[str]:
    """The choices of least risk, and those that are as good but for `_TOLERANCE`."""
    worst, least = min(fate.risk() for fate in fates.values())
    return {way for way, fate in fates.items() if fate.risk()[0] == worst and fate.risk()[1] <= least + _TOLERANCE}
