"""C03 lived through: does what was foretold come when it was foretold, and is the avoidable avoided?"""

from __future__ import annotations

from statistics import fmean

from prometheus.bench.case import Case
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.layout import SIDES
from prometheus.bench.live import FPS, Decided, Take
from prometheus.bench.marks import Marks, mark
from prometheus.bench.truth import HORIZON

_SECONDS = 4.0


def play(case: Case, stage: Stage) -> list[Take]:
    """Get out of it for four seconds."""
    return [stage.take([(0.0, case.asks[0].layout)], _SECONDS, case.seed)]


def score(case: Case, takes: list[Take]) -> Marks:
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
