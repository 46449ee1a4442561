"""C06 Contextual Memory Utilization: what failed before is not tried again."""

from __future__ import annotations

from dataclasses import replace

from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask
from prometheus.bench.layout import SIDES, Layout
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading, apart


def make(name: str, number: int, draw: Draw) -> Case:
    """A blind place: two or three ways were tried and failed, and nothing in the scene shows it; one is a new wall."""

    def once() -> Case | None:
        failed = draw.sides(2 if number % 2 else 3)
        free = [side for side in SIDES if side not in failed]
        draw.random.shuffle(failed)
        recent = tuple(f"hit_wall_{side}" for side in failed)
        # A shut way that no ray can show: glass, a low bar. The open ones may have a wall far off.
        walls = {side: draw.metres(5.0, 9.0) for side in free if draw.random.random() < 0.3}
        layout = Layout(walls, (), draw.heading(), "find the way out", recent=recent)
        asked = ask(f"{name}.1", layout, draw.seed, choices=free)
        if not any(not fate.danger for fate in asked.fates.values()):
            return None
        facts = {"failed": sorted(failed), "free": [side for side in free if not asked.fates[side].danger]}
        asked = replace(asked, facts={**asked.facts, **facts})
        return Case(name, "C06", f"{len(failed)} of four ways have failed before", draw.seed, (asked,))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """No failed way again (50), the failures cited in PREDICT (20), another and safe way taken (30)."""
    (asked,), (answer,) = case.asks, readings
    failed, free = asked.facts["failed"], asked.facts["free"]
    way = answer.way
    chosen = way is not None
    again = chosen and any(apart(way or "", side) <= (0 if "-" not in (way or "") else 1) for side in failed)
    cited = [
        side
        for side in failed
        if (outlook := answer.outlook(side)) is not None and outlook.danger and "prev" in answer.facts(side)
    ]
    # To cite what did not fail is to cite nothing.
    wrongly = [side for side in SIDES if side not in failed and "prev" in answer.facts(side)]
    safe = way in free
    return Marks(
        case.id,
        (
            mark("no failed way again", 50, chosen and not again, [s for s in SIDES if s not in failed], way),
            mark("failures cited", 20, 0.0 if wrongly else len(cited) / len(failed), failed, cited),
            mark("another, safe way", 30, safe, free, way),
        ),
    )
