"""Wish: one motion that the evaluation wants to have made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hephaestus.motion import Motion


@dataclass(frozen=True, slots=True, order=True)
class Push:
    """A change of sentence.

    Attributes:
        second: when, in s of motion.
        text: the new sentence.
        urgent: whether what is not committed is thrown away.
    """

    second: float
    text: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A sentence (and later ones), a seed and a length.

    Attributes:
        text: the first sentence.
        seconds: length of the motion.
        seed: of everything random.
        then: later sentences, in order of time.
    """

    text: str
    seconds: float = 3.0
    seed: int = 0
    then: tuple[Push, ...] = ()


class Source(Protocol):
    """Whoever can make motion: the model, the model told less, or a library of stored clips."""

    def sample(self, wishes: list[Wish]) -> list[Motion]:
        """Return a motion a wish, over the xz origin and facing +z at the start, `seconds` x 20 frames long."""
        ...
