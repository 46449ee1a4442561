"""Bench: what is measured, with how much, and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from prometheus.motion.evaluate.generator import Generator
from prometheus.motion.evaluate.wish import Source

if TYPE_CHECKING:
    from prometheus.motion.evaluate.evaluator import Evaluator
    from prometheus.motion.evaluate.reference import Reference


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is sampled.

    Attributes:
        seeds: of every sentence about directions, paces and turns.
        seconds: length of those samples.
        phrasings: of unseen words and other lists; 0 for all.
        words_paces: in how many of the three paces directions are asked for with the words alone.
        captions: kept-aside captions that motion is made for.
        combinations: unseen combinations that are told apart 32 at a time; 0 leaves that row out.
        switches: prompt switches.
        reactions: seeds of each pair of sentences.
        endless: s of the long stream.
        library: share of the training clips that the retrieval baseline knows; 0 leaves it out.
        stored: share of the training clips that samples are compared with.
    """

    seeds: int = 20
    seconds: float = 3.0
    phrasings: int = 0
    words_paces: int = 3
    captions: int = 512
    combinations: int = 96
    switches: int = 96
    reactions: int = 10
    endless: float = 600.0
    library: float = 1.0
    stored: float = 1.0

    def with_seeds(self, seeds: int | None) -> Amount:
        """Return the amount with another number of seeds, or the same for None."""
        return self if seeds is None else replace(self, seeds=seeds)


QUICK = Amount(
    seeds=1, seconds=2.5, phrasings=6, words_paces=1, captions=64, combinations=0, switches=12, reactions=2,
    endless=30.0, library=0.0, stored=0.25,
)  # fmt: skip
"""Small enough for a check between two changes; its figures have wide errors."""
FULL = Amount()


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that a measure may use.

    Attributes:
        amount: how much is sampled.
        model: the model as it is used.
        words: the model without slots: text tokens alone.
        library: the retrieval baseline, or None.
        reference: the corpus, or None.
        evaluator: the frozen judge of text and motion, or None.
        lacking: why reference, evaluator or library are None, by their names.
    """

    amount: Amount
    model: Generator
    words: Generator
    library: Source | None = None
    reference: Reference | None = None
    evaluator: Evaluator | None = None
    lacking: dict[str, str] = field(default_factory=dict)

    def why(self, *names: str) -> str | None:
        """Return why one of these is missing, or None."""
        return next((self.lacking[name] for name in names if name in self.lacking), None)
