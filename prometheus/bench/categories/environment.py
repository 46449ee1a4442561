"""C01 Environmental Awareness: which of four directions are free, and why the others are not."""

from __future__ import annotations

from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask, fits, someone
from prometheus.bench.layout import BEARING, SIDES, Being, Layout
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading, apart

_NEAR, _FAR = (1.0, 2.1), (4.4, 9.0)
_TASKS = ("explore the yard", "look around", "find a way on")


def make(name: str, number: int, draw: Draw) -> Case:
    """Two or three walls near enough to be met within two seconds, others far off or none; at times a passer-by."""

    def once() -> Case | None:
        near = draw.sides(draw.pick((1, 2, 2, 3)))
        walls = {}
        for side in SIDES:
            if side in near:
                walls[side] = draw.metres(*_NEAR)
            elif draw.random.random() < 0.4:
                walls[side] = draw.metres(*_FAR)
        beings: tuple[Being, ...] = ()
        if number % 3 == 0:
            middle = draw.pick([way for way in BEARING if "-" in way])
            kind = draw.pick(("man", "woman"))
            beings = (someone(draw, kind, draw.pick(("stop", "wander")), (3.0, 6.0), BEARING[middle], 0.15),)
        layout = Layout(walls, beings, draw.heading(), draw.pick(_TASKS))
        if not fits(layout):
            return None
        asked = ask(f"{name}.1", layout, draw.seed, choices=SIDES)
        return Case(name, "C01", f"{len(near)} of four directions are blocked", draw.seed, (asked,))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """15 points for the status of a direction, 5 for its reason, 20 for a MOTION that takes a safe one."""
    (asked,), (answer,) = case.asks, readings
    marks = []
    for side in SIDES:
        fate, outlook = asked.fates[side], answer.outlook(side)
        right = outlook is not None and outlook.danger == fate.danger
        marks.append(mark(f"{side}: status", 15, right, _status(fate.danger), outlook and _status(outlook.danger)))
        # A safe direction needs no reason; calling everything safe must not earn reasons, though: see the danger's.
        reason = right and (fate.kind in answer.facts(side) if fate.danger else not _invented(answer, side))
        marks.append(mark(f"{side}: reason", 5, reason, fate.kind or "open", answer.facts(side)))
    free = [side for side in SIDES if not asked.fates[side].danger]
    way = answer.way
    safe = way is not None and any(apart(way, side) == 0 for side in free)
    # A diagonal is safe where both of its sides are.
    if way is not None and "-" in way:
        safe = all(side in free for side in SIDES if apart(way, side) == 1)
    marks.append(mark("MOTION takes a safe direction", 20, safe, free, way))
    return Marks(case.id, tuple(marks))


def _status(danger: bool) -> str:
    return "danger" if danger else "safe"


def _invented(answer: Reading, side: str) -> bool:
    """Whether a cause of danger is told of a direction that is called safe."""
    return bool({"wall", "beast", "drop"} & set(answer.facts(side)))
