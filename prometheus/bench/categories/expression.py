"""C08 Motion-Emotion Expression: a sentence that a body can act, with the feeling that the moment calls for."""

from __future__ import annotations

from prometheus.bench.case import Case
from prometheus.bench.draw import Draw, ask, fits
from prometheus.bench.layout import Being, Layout
from prometheus.bench.level import LADDER
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading, apart

_MOMENTS = (
    (None, None, None),
    ("man", "stop", (3.0, 5.0)),
    ("beast", "stop", (8.0, 11.0)),
    ("beast", "wander", (2.6, 4.6)),
    ("beast", "approach", (2.6, 4.6)),
    ("beast", "charge", (3.0, 6.0)),
)
_BRIEF = 12


def make(name: str, number: int, draw: Draw) -> Case:
    """A moment of every step of the ladder, from nobody there to a beast that charges."""

    def once() -> Case | None:
        kind, deed, reach = _MOMENTS[number % len(_MOMENTS)]
        beings: tuple[Being, ...] = ()
        if kind is not None and deed is not None and reach is not None:
            beings = (Being(kind, deed, draw.metres(*reach), draw.bearing(0.0, 1.3)),)
        layout = Layout({side: draw.metres(6.5, 11.0) for side in draw.sides(1)}, beings, draw.heading(), "explore")
        if not fits(layout):
            return None
        asked = ask(f"{name}.1", layout, draw.seed)
        return Case(name, "C08", f"a moment to be {asked.facts['level']}", draw.seed, (asked,))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """A body part (25), a manner (25), the fitting emotion (30; half for the next one), one deed told briefly (20)."""
    (asked,), (answer,) = case.asks, readings
    due = LADDER.index(str(asked.facts["level"]))
    level, sound = answer.level, answer.is_sentence
    fit = 0.0 if level is None else {0: 1.0, 1: 0.5}.get(abs(level - due), 0.0)
    brief = asked.scene.dialect != "dataset" or len(answer.words) <= _BRIEF
    coherent = sound and brief and not _contradicts(answer, asked.scene.entities[0].bearing if due >= 3 else None)
    # Parts and manners that go with a wrong feeling express nothing.
    shows = fit if sound else 0.0
    return Marks(
        case.id,
        (
            mark("a body part", 25, shows * bool(answer.parts), "any", answer.parts),
            mark("a manner", 25, shows * bool(answer.manners), "any", answer.manners),
            mark("the emotion", 30, fit, LADDER[due], None if level is None else LADDER[level]),
            mark("no contradiction", 20, coherent * shows, "one deed, one feeling", answer.motion),
        ),
    )


def _contradicts(answer: Reading, threat: float | None) -> bool:
    """Whether the sentence runs toward the threat, or is calm at a sprint, or in panic at a stroll."""
    from prometheus.bench.categories.recovery import sector

    toward = threat is not None and answer.way is not None and apart(answer.way, sector(threat)) <= 1
    fast, level = answer.intent.pace in ("run", "sprint"), answer.level
    return toward or (fast and level is not None and level <= 1)
