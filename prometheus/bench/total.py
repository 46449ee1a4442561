"""Total: from the scores of categories to pillars, a thousand points and a grade (wmbench.md, part 1)."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus.bench.case import PILLARS

POINTS = {"P1": 250.0, "P2": 450.0, "P3": 300.0}
PILLAR_NAMES = {"P1": "Perception", "P2": "Cognition", "P3": "Embodiment"}
_TEXT_P3 = 100.0
"""What P3 is worth on Track A, where C08 is all of it."""
_GRADES = ((900, "S"), (750, "A"), (600, "B"), (400, "C"), (200, "D"))


def pillars(scores: Mapping[str, float]) -> dict[str, float]:
    """Points of each pillar: the mean of its categories' scores (0-100) times its maximum / 100.

    A pillar counts those of its categories that have a score; one without any is left out.
    """
    found = {pillar: [scores[c] for c in categories if c in scores] for pillar, categories in PILLARS.items()}
    return {pillar: sum(got) / len(got) / 100.0 * POINTS[pillar] for pillar, got in found.items() if got}


def text1000(scores: Mapping[str, float]) -> float:
    """P1 and P2 by the formula, and P3 from C08 alone; 0-1000."""
    return sum(pillars({name: score for name, score in scores.items() if name <= "C08"}).values())


def most_of(track: str) -> dict[str, float]:
    """The most points of each pillar: on Track A P3 is C08's hundred, of 800 in all."""
    return POINTS | {"P3": _TEXT_P3} if track == "A" else dict(POINTS)


def pillars_of(track: str, scores: Mapping[str, float]) -> dict[str, float]:
    """Points of each pillar as a track counts them; their sum is the track's total."""
    most = most_of(track)
    return {name: points / POINTS[name] * most[name] for name, points in pillars(scores).items()}


def grade(total: float) -> str:
    """S from 900, A from 750, B from 600, C from 400, D from 200, else F; of a thousand points."""
    return next((name for least, name in _GRADES if total >= least), "F")
