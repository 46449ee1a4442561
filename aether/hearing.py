"""Where a sound comes from, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from aether.clean import first_clause
from aether.heading import named
from aether.threat import is_speech, words

# The side has to end the text, as in "growling from the left" or "growling, near, behind and to the right".
_SIDE = (
    r"\b(?:(?:from|on|to|at|in) (?:the |your )?)?"
    r"((?:(?:ahead|behind|front|back) (?:and )?(?:to the )?)?"
    r"(?:left|right|front|back|rear|ahead|behind|forward|backward))$"
)
# Somebody who orders a direction does not tell where a sound comes from.
_ORDERS = frozenset(
    "run go walk move flee sprint turn step head escape jump obey ignore proceed continue advance stay come must "
    "should safe danger predict motion system person you it is".split()
)
_MAX_WORDS = 14


def sound_side(sounds: Iterable[str]) -> str | None:
    """The direction, one of the eight, from which the first sound that tells one comes; None where none does."""
    return next((side for sound in sounds if (side := _side(sound))), None)


@lru_cache(maxsize=512)
def _side(sound: str) -> str | None:
    if is_speech(sound):
        return None
    found = words(first_clause(sound))
    if len(found) > _MAX_WORDS or _ORDERS & set(found):
        return None
    match = re.search(_SIDE, " ".join(found))
    return named(match[1]) if match else None
