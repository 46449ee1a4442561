"""Intent: what a MOTION sentence asks of a body, read from its words.

A sentence is free text for the motion model; this is the small, explicit part of it that the judge can check and the
model gets as slots beside its text tokens. Reading is deterministic and total: any string gives an Intent.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

DIRECTIONS = {
    "forward": 0.0,
    "forward-left": math.pi / 4,
    "left": math.pi / 2,
    "backward-left": 3 * math.pi / 4,
    "backward": math.pi,
    "backward-right": -3 * math.pi / 4,
    "right": -math.pi / 2,
    "forward-right": -math.pi / 4,
}
"""Eight directions in the body's frame, rad, left positive."""

PACES = {"stand": 0.0, "creep": 0.6, "walk": 1.3, "run": 2.8, "sprint": 4.5}
"""m/s that the words stand for."""

_CROUCHED = 0.75
"""Share of a pace that is left to a body that keeps low: in captures it creeps at 0.4 m/s and walks at 1.0 m/s."""

READ = 2000
"""Characters of a sentence that are read."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a sentence asks for.

    Attributes:
        direction: a key of DIRECTIONS, or None where the words name no direction of travel.
        pace: a key of PACES, or None where the words name none.
        turn: "left", "right", "around" or None: a change of facing.
        height: "low" (crouch, crawl, duck), "air" (jump, leap) or None.
        arms: "wide", "up" or None.
        intensity: 0 (limp, calm) to 1 (blind panic), or None where no word tells.
    """

    direction: str | None = None
    pace: str | None = None
    turn: str | None = None
    height: str | None = None
    arms: str | None = None
    intensity: float | None = None

    @property
    def bearing(self) -> float | None:
        """Direction of travel in the body's frame, rad, left positive."""
        return None if self.direction is None else DIRECTIONS[self.direction]

    @property
    def speed(self) -> float | None:
        """Pace in m/s; crouched, it is less."""
        return None if self.pace is None else PACES[self.pace] * (_CROUCHED if self.height == "low" else 1.0)


def plain(text: str) -> str:
    """Return the part of a text that is read: at most READ characters, without control or invisible ones.

    Wide and accented variants of letters become the usual ones (Unicode NFKC), and what cannot be written as UTF-8,
    such as half of a surrogate pair, becomes a question mark.
    """
    if text.isascii() and text.isprintable():
        return text[:READ]
    text = unicodedata.normalize("NFKC", text[:READ].encode("utf-8", "replace").decode("utf-8"))[:READ]
    return " ".join("".join(_visible(c) for c in text).split())


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    return " " if category == "Cc" else "" if category in ("Cf", "Co", "Cn") else character


@lru_cache(maxsize=4096)
def read_intent(text: str) -> Intent:
    """Read direction, pace, turn, height, arms and intensity from a sentence.

    Directions are relative to the body. Of several clauses the main one that moves the body counts. What limbs and
    eyes do ("left knee high", "looking back"), what others do ("as the beast charges"), where things are ("on the
    left") and what is denied ("without turning left") names no travel.
    """
    from prometheus.language.sentence import Sentence

    return Sentence(plain(text)).intent()
