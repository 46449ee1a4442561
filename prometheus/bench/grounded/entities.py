"""C02 lived through: is whoever is there told of, moment by moment?"""

from __future__ import annotations

import math
from statistics import fmean

from prometheus.bench.case import Case
from prometheus.bench.grounded.stage import Stage
from prometheus.bench.live import FPS, Decided, Take
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import apart

_SECONDS = 5.0
_SECTORS = (
    "forward", "forward-left", "left", "backward-left", "backward", "backward-right", "right", "forward-right"
)  # fmt: skip


def play(case: Case, stage: Stage) -> list[Take]:
    """Meet whoever is there for five seconds."""
    return [stage.take([(0.0, case.asks[0].layout)], _SECONDS, case.seed)]


def score(case: Case, takes: list[Take]) -> Marks:
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
    sector = _SECTORS[round(exact) % 8]
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
