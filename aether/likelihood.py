"""How sure a model was, read from the likelihoods of the tokens that say safe or danger."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from aether.brain import Token

_WORDS = ("safe", "danger")
_STEM = 2  # letters that a token needs to tell the two words apart for sure


class Doubt(NamedTuple):
    """What the tokens tell.

    Attributes:
        entropy: Of the most doubtful safe-or-danger choice, bits, 0 (sure) to 1 (a coin).
        confidence: Mean likelihood of the words that were chosen, 0-1.
        choices: How many such choices the answer holds.
    """

    entropy: float
    confidence: float
    choices: int


def doubt(tokens: Sequence[Token]) -> Doubt | None:
    """The doubt in an answer's safe and danger words; None where no token tells.

    Binary entropy H(p) = -p log2 p - (1-p) log2 (1-p) of p = P(danger) / (P(danger) + P(safe)), over the first token
    of each of the two words (Shannon 1948).
    """
    found = [share for token in tokens if (share := _share(token)) is not None]
    if not found:
        return None
    entropies = [_entropy(chosen) for chosen in found]
    return Doubt(max(entropies), sum(found) / len(found), len(found))


def _share(token: Token) -> float | None:
    """The likelihood of the word that `token` begins against that of the other one; None for any other token."""
    chosen = _word(token.text)
    if chosen is None:
        return None
    mass = dict.fromkeys(_WORDS, 0.0)
    for text, likelihood in token.others or ((token.text, token.likelihood),):
        word = _word(text)
        if word is not None:
            mass[word] += max(0.0, likelihood)
    whole = sum(mass.values())
    return mass[chosen] / whole if whole > 0 else None


def _word(text: str) -> str | None:
    text = text.strip().strip("=:\"'` ").lower()
    if len(text) < _STEM:
        return None
    return next((word for word in _WORDS if word.startswith(text) or text == word + "ous"), None)


def _entropy(p: float) -> float:
    if p <= 0.0 or p >= 1.0:
        return 0.0
    return -(p * math.log2(p) + (1 - p) * math.log2(1 - p))
