"""Combination: sentences of known words put together as no training caption does."""

from __future__ import annotations

import numpy as np

from prometheus.intent import DIRECTIONS, read_intent
from prometheus.motion.evaluate.reference import Reference
from prometheus.motion.evaluate.sentences import WHERE

_VERBS = {"creep": "creeps", "walk": "walks", "run": "runs", "sprint": "sprints"}
_MANNERS = {
    "arms thrown wide": "wide",
    "arms raised high": "raised high",
    "crouched low": "crouch",
    "hunched over": "hunched",
    "hands raised to guard": "guard",
    "covering the head with both arms": "head",
    "while turning left": "left",
    "while turning right": "right",
}
"""Manner, and the word in a caption that shows it."""


def unseen(reference: Reference, count: int) -> list[str]:
    """Return up to `count` sentences of pace, direction and manner that no training caption combines."""
    known = set()
    for stretch in reference.stretches("train"):
        for text in stretch.texts:
            intent = read_intent(text)
            if intent.direction is not None:
                turn = intent.turn if intent.turn in ("left", "right") else ""
                known |= {(intent.pace, intent.direction, word) for word in _MANNERS.values()
                          if (word == turn if word in ("left", "right") else word in text)}  # fmt: skip
    new = [
        (pace, direction, manner)
        for pace in _VERBS
        for direction in DIRECTIONS
        for manner, word in _MANNERS.items()
        if (pace, direction, word) not in known
    ]
    order = np.random.default_rng(24).permutation(len(new))[:count]
    return [_sentence(new[i], number) for number, i in enumerate(order)]


def _sentence(parts: tuple[str, str, str], number: int) -> str:
    pace, direction, manner = parts
    where = WHERE[direction][number % len(WHERE[direction])]
    joint = " " if manner.startswith("while") else ", "
    return f"a person {_VERBS[pace]} {where}{joint}{manner}"
