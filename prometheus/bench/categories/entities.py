"""C02 Entity Recognition: who is there, what it does, how far off, and on which side, moment by moment."""

from __future__ import annotations

import math
from statistics import fmean

from aether.heading import SECTORS
from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask, fits
from prometheus.bench.layout import Being, Layout
from prometheus.bench.live import FPS, Decided, Take
from prometheus.bench.marks import Mark, Marks, mark
from prometheus.bench.reading import Reading, apart
from prometheus.bench.stage import Stage
from prometheus.bench.truth import Unclear

_KINDS, _ACTS = ("beast", "man", "woman"), ("stop", "approach", "charge", "wander")
_NOBODY = frozenset("none nobody nothing null empty unknown".split())
_SECONDS = 5.0


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
    sector = SECTORS[int(truth["sector"])]
    return Marks(
        case.id,
        (
            mark("type", 30, truth["kind"] in answer.facts("npc"), truth["kind"], answer.facts("npc")),
            mark("behaviour", 25, answer.act() == truth["act"], truth["act"], answer.act()),
            mark("distance", 25, near, float(truth["distance"]), said),
            mark("bearing", 20, answer.sector() == sector, sector, answer.sector()),
        ),
    )


def play(case: Case, stage: Stage) -> list[Take]:
    """Meet whoever is there for five seconds."""
    return [stage.take([(0.0, case.asks[0].layout)], _SECONDS, case.seed)]


def score_takes(case: Case, takes: list[Take]) -> Marks:
    """Type 30, behaviour 25, distance 25, sector 20 as in the text, against the live entity, over all decisions."""
    (take,) = takes
    truth = case.asks[0].facts["npc"]
    if truth is None:
        alone = [decided.reading.outlook("npc") is None and bool(decided.reading.words) for decided in take.decisions]
        share = sum(alone) / max(len(alone), 1)
        return Marks(case.id, (mark("nobody is invented", 100, share, "nobody", round(share, 2)),))
    parts = [_parts(decided, take, str(truth["kind"])) for decided in take.decisions if _near(take, decided)]
    kind, deed, distance, sector = (fmean(column) for column in zip(*parts, strict=True)) if parts else (0.0,) * 4
    return Marks(
        case.id,
        (
            mark("type", 30, kind, truth["kind"], round(kind, 2)),
            mark("behaviour", 25, deed, "as it behaves", round(deed, 2)),
            mark("distance", 25, distance, "within a tenth or 0.3 m", round(distance, 2)),
            mark("bearing", 20, sector, "the sector, or at its border the next", round(sector, 2)),
        ),
    )


def _near(take: Take, decided: Decided) -> bool:
    """Whether the being could be known of at a decision: it is in the scene."""
    return bool(decided.scene.entities)


def _parts(decided: Decided, take: Take, kind: str) -> tuple[float, float, float, float]:
    reading, entity = decided.reading, decided.scene.entities[0]
    outlook = reading.outlook("npc")
    frame = min(max(decided.frame - 1, 0), len(take.place) - 1)
    offset = next(iter(take.others.values()))[frame] - take.place[frame]
    distance = float(math.hypot(*offset))
    if outlook is None or math.isnan(distance):
        return 0.0, 0.0, 0.0, 0.0
    bearing = math.remainder(math.atan2(offset[1], offset[0]) - float(take.heading[frame]), math.tau)
    said = reading.sector()
    exact = bearing / (math.pi / 4)
    sector = SECTORS[round(exact) % 8]
    # Within a sixth of a sector of its border either name is right.
    border = abs(exact - round(exact)) > 0.42
    close = outlook.distance is not None and abs(outlook.distance - distance) <= max(0.3, 0.1 * distance) + 2.0 / FPS
    return (
        float(kind in reading.facts("npc")),
        float(reading.act() == _plain(entity.behavior)),
        float(close),
        float(said is not None and (said == sector or (border and apart(said, sector) == 1))),
    )


def _plain(behavior: str) -> str:
    """The live behaviour in the four words that an answer can say."""
    return {"charge": "charge", "approach": "approach", "follow": "approach", "stop": "stop", "talk": "stop"}.get(
        behavior, "stop" if behavior in ("notice", "guard") else "wander"
    )
