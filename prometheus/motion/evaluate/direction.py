"""Direction: whether the body goes where the words say, and to the other side when the words are mirrored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prometheus.intent import DIRECTIONS
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.path import displacements, within
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.sentences import (
    MOTION_SENTENCES,
    PACES,
    UNSEEN_COMBINATIONS,
    UNSEEN_WORDS,
    Asked,
    travel,
)
from prometheus.motion.evaluate.wish import Source, Wish

CHANCE = 0.25
"""Share of directions within 45 degrees, and of pairs that part rightly, by chance."""


@dataclass(frozen=True, slots=True)
class Score:
    """Outcome of asking for directions.

    Attributes:
        moves: [N, 2] m gone (left, forward).
        hits: bool [N].
        directions: N keys of DIRECTIONS.
        pairs: bool [M], whether a sentence and its mirrored twin went to their own sides.
    """

    moves: np.ndarray
    hits: np.ndarray
    directions: tuple[str, ...]
    pairs: np.ndarray

    @property
    def accuracy(self) -> float:
        """Share of hits."""
        return float(self.hits.mean())

    @property
    def parted(self) -> float:
        """Share of pairs that went to their own sides."""
        return float(self.pairs.mean())

    @property
    def worst(self) -> float:
        """Accuracy of the worst direction."""
        names = np.array(self.directions)
        return min(float(self.hits[names == name].mean()) for name in set(self.directions))


def gaits(bench: Bench, paces: tuple[str, ...] = PACES) -> dict[tuple[str, str, int], Wish]:
    """Return the wish of each pace, direction and seed."""
    return {
        (pace, direction, seed): Wish(travel(pace, direction, seed), bench.amount.seconds, seed)
        for pace in paces
        for direction in DIRECTIONS
        for seed in range(bench.amount.seeds)
    }


def ask(source: Source, asked: list[tuple[Asked, int]], seconds: float) -> Score:
    """Score sentences with their seeds; the mirrored twin of one that names a side must be among them."""
    moves = displacements(source.sample([Wish(a.text, seconds, seed) for a, seed in asked]))
    place = {pair: i for i, pair in enumerate(asked)}
    lefts = [(i, place[a.mirrored(), s]) for (a, s), i in place.items() if "left" in a.direction]
    pairs = [moves[i, 0] > 0.0 > moves[j, 0] for i, j in lefts]
    bearings = np.array([a.bearing for a, _ in asked])
    return Score(moves, within(moves, bearings), tuple(a.direction for a, _ in asked), np.array(pairs, bool))


def _steady(bench: Bench, source: Source, paces: tuple[str, ...]) -> Score:
    asked = [(Asked(wish.text, key[1]), key[2]) for key, wish in gaits(bench, paces).items()]
    return ask(source, asked, bench.amount.seconds)


def _listed(bench: Bench, source: Source, sentences: tuple[Asked, ...]) -> Score:
    chosen = sentences[:: max(1, len(sentences) // bench.amount.phrasings)] if bench.amount.phrasings else sentences
    both = [twin for a in chosen for twin in ((a, a.mirrored()) if "left" in a.direction else (a,))]
    seeds = range(max(1, bench.amount.seeds // 2))
    return ask(source, [(a, seed) for a in both for seed in seeds], bench.amount.seconds)


def _accuracy(score: Score | None) -> float | None:
    return None if score is None else score.accuracy


def _parted(score: Score | None) -> float | None:
    return None if score is None else score.parted


def rows(bench: Bench) -> list[Row]:
    """Return accuracy and pairs over all directions and paces, with words alone, and with words that are not known."""
    scores = {pace: _steady(bench, bench.model, (pace,)) for pace in PACES}
    whole = _steady(bench, bench.model, PACES)
    stored = _steady(bench, bench.library, PACES) if bench.library else None
    told = f"{len(PACES)} paces x {bench.amount.seeds} seeds"
    words = PACES[1:2] if bench.amount.words_paces == 1 else PACES[: bench.amount.words_paces]
    alone = _steady(bench, bench.words, words)
    fetched = _steady(bench, bench.library, words) if bench.library else None
    found = [
        Row(f"direction accuracy, 8 directions x {told}", whole.accuracy, None, CHANCE,
            _accuracy(stored), 0.90),
        Row("left/right pairs", whole.parted, None, CHANCE, _parted(stored), 0.97),
        *(Row(f"direction accuracy, {pace}", score.accuracy, floor=CHANCE) for pace, score in scores.items()),
        Row("direction accuracy, worst of 8 directions", whole.worst, floor=CHANCE),
        Row("direction accuracy, words alone (no slots, no path)", alone.accuracy, None, CHANCE,
            _accuracy(fetched), 0.75),
        Row("left/right pairs, words alone (no slots, no path)", alone.parted, None, CHANCE,
            _parted(fetched), 0.90),
    ]  # fmt: skip
    for name, sentences in (
        ("unseen words", UNSEEN_WORDS), ("unseen combinations", UNSEEN_COMBINATIONS),
        ("MOTION sentences", MOTION_SENTENCES),
    ):  # fmt: skip
        score = _listed(bench, bench.model, sentences)
        known = _listed(bench, bench.library, sentences) if bench.library else None
        found += [
            Row(f"direction accuracy, {name}", score.accuracy, None, CHANCE, _accuracy(known)),
            Row(f"left/right pairs, {name}", score.parted, None, CHANCE, _parted(known)),
        ]
    return found
