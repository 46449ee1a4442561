"""Precision: whether the evaluator finds the right motion for a sentence, and how near generated is to real."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.motion import Motion
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.combination import unseen
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.wish import Source, Wish

WAYS = 32
"""Motions among which the right one must be found."""
SHARE = 0.85
"""Of the real-data ceiling that generated motion must reach."""
_ROUNDS = 20
_NAMES = (
    *(f"R-precision top {k} of {WAYS}" for k in (1, 2, 3)),
    f"R-precision top 3 of {WAYS}, captures alone",
    "MM-Dist",
    "FID on the evaluator's features",
    f"R-precision top 3 of {WAYS}, unseen combinations",
)


@dataclass(frozen=True, slots=True)
class Precision:
    """R-precision and distance.

    Attributes:
        top: share of sentences whose own motion is among the nearest 1, 2 and 3 of WAYS.
        distance: mean distance of a sentence and its own motion in the evaluator's space (MM-Dist; 0 to 2).
    """

    top: tuple[float, float, float]
    distance: float


def precision(texts: np.ndarray, motions: np.ndarray, ways: int = WAYS) -> Precision:
    """Compare sentences with their motions, averaged over random groups (Guo et al. 2022).

    Args:
        texts: [N, D] vectors of sentences, N >= ways.
        motions: [N, D] vectors of their motions.
        ways: size of a group.
    """
    rng = np.random.default_rng(22)
    ranks = []
    for _ in range(_ROUNDS):
        groups = rng.permutation(len(texts))[: len(texts) // ways * ways].reshape(-1, ways)
        apart = np.linalg.norm(texts[groups][:, :, None] - motions[groups][:, None], axis=-1)
        own = np.diagonal(apart, axis1=1, axis2=2)[..., None]
        ranks.append((apart < own).sum(-1).ravel())
    rank = np.concatenate(ranks)
    top = tuple(float((rank < k).mean()) for k in (1, 2, 3))
    return Precision((top[0], top[1], top[2]), float(np.linalg.norm(texts - motions, axis=-1).mean()))


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Return the Frechet distance of two sets of vectors [N, D], [M, D] (Heusel et al. 2017)."""
    spreads = [np.cov(x, rowvar=False) for x in (a, b)]
    # The trace of the root of a product of two positive matrices is the sum of the roots of its eigenvalues.
    roots = np.sqrt(np.maximum(np.linalg.eigvals(spreads[0] @ spreads[1]).real, 0.0))
    apart = a.mean(0) - b.mean(0)
    return float(apart @ apart + np.trace(spreads[0]) + np.trace(spreads[1]) - 2.0 * roots.sum())


def rows(bench: Bench) -> list[Row]:
    """Return R-precision, MM-Dist and FID on captions kept aside, and R-precision on unseen combinations."""
    why = bench.why("reference", "evaluator")
    names = _NAMES
    if bench.reference is None or bench.evaluator is None:
        return [Row(name, note=why, better="less" if name in names[4:6] else "more") for name in names]
    pieces = bench.reference.captions(bench.amount.captions)
    if len(pieces) < WAYS:
        few = f"the corpus keeps only {len(pieces)} different captions aside, {WAYS} are needed"
        return [Row(name, note=few) for name in names]
    wishes = [piece.wish for piece in pieces]
    texts = bench.evaluator.read([wish.text for wish in wishes], bench.model.pipeline.encoder)
    real = bench.evaluator.see([bench.reference.motion(piece) for piece in pieces])
    made = bench.evaluator.see(bench.model.sample(wishes))
    kept = bench.evaluator.see(bench.library.sample(wishes)) if bench.library else None
    shuffled = texts[np.random.default_rng(23).permutation(len(texts))]
    ours, best, worst = precision(texts, made), precision(texts, real), precision(shuffled, real)
    stored = precision(texts, kept) if kept is not None else None
    found = [
        Row(names[k], ours.top[k], best.top[k], worst.top[k], stored.top[k] if stored else None,
            SHARE * best.top[k] if k == 2 else None) for k in range(3)
    ]  # fmt: skip
    found.append(_captures(bench, names[3]))
    found.append(Row(names[4], ours.distance, best.distance, worst.distance, stored.distance if stored else None,
                     better="less"))  # fmt: skip
    taken = {piece.stretch for piece in pieces}
    others = bench.evaluator.see([bench.reference.motion(s) for s in bench.reference.kept if s not in taken])
    found.append(
        Row(names[5], frechet(made, others), None, frechet(real, others),
            frechet(kept, others) if kept is not None else None, better="less",
            note="the floor is the FID of real motion with the same captions against the other real motion kept aside")
    )  # fmt: skip
    found.append(_combinations(bench, names[6]))
    return found


def _captures(bench: Bench, name: str) -> Row:
    """R-precision on captured clips alone, without what was edited from them."""
    assert bench.reference is not None
    pieces = bench.reference.captions(bench.amount.captions, "mocap")
    if len(pieces) < WAYS:
        return Row(name, note=f"only {len(pieces)} different captions of captures are kept aside, {WAYS} are needed")
    wishes = [piece.wish for piece in pieces]
    best = _scored(bench, wishes, [bench.reference.motion(piece) for piece in pieces])
    return Row(name, _top(bench, bench.model, wishes), best, 3 / WAYS,
               _top(bench, bench.library, wishes) if bench.library else None, SHARE * best)  # fmt: skip


def _combinations(bench: Bench, name: str) -> Row:
    assert bench.reference is not None
    if not bench.amount.combinations:
        return Row(name, note="left out of a quick run")
    texts = unseen(bench.reference, bench.amount.combinations)
    if len(texts) < WAYS:
        return Row(name, note=f"only {len(texts)} combinations are not in the corpus, {WAYS} are needed")
    wishes = [Wish(text, bench.amount.seconds, seed) for seed, text in enumerate(texts)]
    stored = _top(bench, bench.library, wishes) if bench.library else None
    return Row(name, _top(bench, bench.model, wishes), None, 3 / WAYS, stored, stored,
               note="the bar is the figure of the nearest stored caption")  # fmt: skip


def _top(bench: Bench, source: Source, wishes: list[Wish]) -> float:
    return _scored(bench, wishes, source.sample(wishes))


def _scored(bench: Bench, wishes: list[Wish], motions: list[Motion]) -> float:
    assert bench.evaluator is not None
    texts = bench.evaluator.read([wish.text for wish in wishes], bench.model.pipeline.encoder)
    return precision(texts, bench.evaluator.see(motions)).top[2]
