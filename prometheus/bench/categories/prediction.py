"""C03 Prediction-Based Reasoning: what the next two seconds hold, the choice of least risk, and does it come so?"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask, fits, someone
from prometheus.bench.layout import BEARING, SIDES, Layout
from prometheus.bench.live import FPS, Decided, Take
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading
from prometheus.bench.stage import Stage
from prometheus.bench.truth import HORIZON, STAND, Fate

_TOLERANCE = 0.6
"""m or s of risk within which two choices are as good as each other."""
_SECONDS = 4.0


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
        if not 1 <= dangers <= 3 or len(best_ways(asked.fates)) > 3:
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
    best = best_ways(asked.fates)
    choice = answer.way or (STAND if answer.is_sentence and answer.intent.pace == "stand" else None)
    return Marks(
        case.id,
        (
            mark("danger over directions (F1)", 60, f1, truth, said),
            mark("MOTION takes a direction of least risk", 40, choice in best, best, choice),
        ),
    )


def play(case: Case, stage: Stage) -> list[Take]:
    """Get out of it for four seconds."""
    return [stage.take([(0.0, case.asks[0].layout)], _SECONDS, case.seed)]


def score_takes(case: Case, takes: list[Take]) -> Marks:
    """Half for the error of the foretold times to contact, half for no avoidable contact within the horizon."""
    (take,) = takes
    errors = [error for decided in take.decisions for error in _errors(decided)]
    timing = fmean(max(0.0, 1.0 - error / HORIZON) for error in errors) if errors else 0.0
    hurt = (take.touched | take.caught)[: round(HORIZON * FPS)]
    avoidable = any(not fate.danger for fate in case.asks[0].fates.values())
    met = bool(hurt.any())
    return Marks(
        case.id,
        (
            mark("times to contact", 50, timing, "as the forecast has them", round(timing, 3)),
            mark("no avoidable contact in two seconds", 50, not (met and avoidable), "none", "met" if met else "none"),
        ),
    )


def best_ways(fates: Mapping[str, Fate]) -> set[str]:
    """The choices of least risk, and those that are as good but for `_TOLERANCE`."""
    worst, least = min(fate.risk() for fate in fates.values())
    return {way for way, fate in fates.items() if fate.risk()[0] == worst and fate.risk()[1] <= least + _TOLERANCE}


def _errors(decided: Decided) -> list[float]:
    """S by which each direction's foretold time to contact is off; what is called safe comes at the horizon."""
    found = []
    for side in SIDES:
        risk, outlook = decided.verdict.forecast[side], decided.reading.outlook(side)
        true = HORIZON if risk.time_s is None or not risk.danger else min(risk.time_s, HORIZON)
        if outlook is None:
            found.append(HORIZON)
        elif outlook.danger == risk.danger:
            # A status that is right foretells a time within the horizon; a distance beside it says which.
            found.append(
                0.0 if not risk.danger or outlook.distance is None else _late(decided, outlook.distance, side, true)
            )
        else:
            found.append(HORIZON - true if risk.danger else HORIZON)
    return found


def _late(decided: Decided, distance: float, side: str, true: float) -> float:
    """S between a foretold distance, at the pace of the forecast, and the true time."""
    risk = decided.verdict.forecast[side]
    if risk.distance_m is None or risk.kind not in ("wall", "drop"):
        return 0.0
    pace = max(risk.distance_m / max(true, 0.05), 0.1)
    return min(abs(max(distance - 0.3, 0.0) / pace - true), HORIZON)
