"""C02 Entity Recognition: who is there, what it does, how far off, and on which side."""

from __future__ import annotations

import math

from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask, fits
from prometheus.bench.layout import Being, Layout
from prometheus.bench.marks import Mark, Marks, mark
from prometheus.bench.reading import Reading
from prometheus.bench.truth import Unclear

_KINDS, _ACTS = ("beast", "man", "woman"), ("stop", "approach", "charge", "wander")
_NOBODY = frozenset("none nobody nothing null empty unknown".split())


def make(name: str, number: int, draw: Draw) -> Case:
    """One being of any kind, deed, distance and side; in three of ten scenarios nobody."""

    def once() -> Case | None:
        walls = {side: draw.metres(5.0, 11.0) for side in draw.sides(draw.pick((0, 1, 2)))}
        beings: tuple[Being, ...] = ()
        if number % 10 not in (3, 6, 9):
            # In the middle of a sector of an eighth of a turn, so that its name is plain.
            bearing = draw.bearing(draw.random.randrange(8) * math.pi / 4, 0.2)
            kind, deed = _KINDS[number % 3], _ACTS[(number // 2 + number) % 4]
            beings = (Being(kind, deed, draw.metres(1.8, 11.0), bearing),)
        layout = Layout(walls, beings, draw.heading())
        if not fits(layout):
            return None
        facts: dict[str, object] = {"npc": None}
        asked = ask(f"{name}.1", layout, draw.seed)
        if beings:
            (being,), (seen,) = beings, asked.scene.entities
            if being.behaviour != seen.behavior or seen.bearing is None:
                raise Unclear("it does not look like what it is")
            sector = round(seen.bearing / (math.pi / 4)) % 8
            facts = {"npc": {"kind": being.kind, "act": being.behaviour, "distance": seen.distance, "sector": sector}}
        asked = ask(f"{name}.1", layout, draw.seed, facts=facts)
        title = f"a {beings[0].kind} that does: {beings[0].behaviour}" if beings else "nobody is there"
        return Case(name, "C02", title, draw.seed, (asked,))

    return draw.until(once)


_SECTORS = (
    "forward", "forward-left", "left", "backward-left", "backward", "backward-right", "right", "forward-right"
)  # fmt: skip


def score(case: Case, readings: list[Reading]) -> Marks:
    """Type 30, behaviour 25, distance within a tenth or 0.3 m 25, sector 20; all or nothing where nobody is there."""
    (asked,), (answer,) = case.asks, readings
    truth, outlook = asked.facts["npc"], answer.outlook("npc")
    if truth is None:
        invented = outlook is not None and not (_NOBODY & set(answer.facts("npc")))
        answered = answer.decision is not None
        return Marks(case.id, (mark("nobody is invented", 100, answered and not invented, "nobody", outlook),))
    if outlook is None:
        return Marks(case.id, (Mark("somebody is told of", 0.0, 100.0, str(truth["kind"]), "nobody"),))
    said, off = outlook.distance, max(0.3, 0.1 * float(truth["distance"]))
    near = said is not None and abs(said - float(truth["distance"])) <= off + 1e-9
    sector = _SECTORS[int(truth["sector"])]
    return Marks(
        case.id,
        (
            mark("type", 30, truth["kind"] in answer.facts("npc"), truth["kind"], answer.facts("npc")),
            mark("behaviour", 25, answer.act() == truth["act"], truth["act"], answer.act()),
            mark("distance", 25, near, float(truth["distance"]), said),
            mark("bearing", 20, answer.sector() == sector, sector, answer.sector()),
        ),
    )
