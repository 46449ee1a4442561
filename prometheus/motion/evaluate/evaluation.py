"""Evaluation: every measure over one set of weights, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from prometheus.data import data_path
from prometheus.errors import MotionError
from prometheus.motion.evaluate import (
    ablation,
    direction,
    endless,
    feet,
    limbs,
    manner,
    novelty,
    precision,
    reaction,
    switch,
)
from prometheus.motion.evaluate.bench import FULL, QUICK, Bench
from prometheus.motion.evaluate.evaluator import Evaluator
from prometheus.motion.evaluate.generator import Generator
from prometheus.motion.evaluate.library import Library
from prometheus.motion.evaluate.reference import Reference
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.sentences import STRIPS
from prometheus.motion.evaluate.strip import StripPainter
from prometheus.motion.evaluate.table import Table
from prometheus.motion.evaluate.wish import Wish
from prometheus.motion.pipeline import MotionPipeline
from prometheus.motion.stream import GUIDANCE

_MEASURES: tuple[Callable[[Bench], list[Row]], ...] = (
    direction.rows, manner.rows, feet.rows, limbs.rows, reaction.rows, switch.rows, precision.rows, novelty.rows,
    endless.rows,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be evaluated.

    Attributes:
        weights: folder of the model, or None for the shipped one.
        corpus: folder of a corpus, or None: rows that need it stay empty.
        seeds: of every sentence about directions, paces and turns, or None for the usual number.
        quick: whether a check of minutes will do.
        ablations: whether the slow comparisons are made.
        guidance: of sampling.
        evaluator: folder of an evaluator, or None for the shipped one.
    """

    weights: Path | None = None
    corpus: Path | None = None
    seeds: int | None = None
    quick: bool = False
    ablations: bool = False
    guidance: float = GUIDANCE
    evaluator: Path | None = None


def prepare(order: Order) -> Bench:
    """Load what the measures need.

    Raises:
        MotionError: weights or corpus are missing or broken.
    """
    amount = (QUICK if order.quick else FULL).with_seeds(order.seeds)
    lacking: dict[str, str] = {}
    reference = library = None
    if order.corpus is None:
        lacking["reference"] = "needs a corpus: build one with `pwm motion corpus build` and name it with --corpus"
        lacking["library"] = lacking["reference"]
    else:
        reference = Reference(order.corpus)
    evaluator = _evaluator(order, lacking)
    model = Generator(MotionPipeline.load(order.weights or data_path("assets", "motion")), order.guidance)
    if reference is not None and amount.library > 0:
        library = Library(reference, model.pipeline.encoder, amount.library)
    elif reference is not None:
        lacking["library"] = "left out of a quick run"
    words = model.told_less(words=True)
    return Bench(amount, model, words, library, reference, evaluator, lacking)


def _evaluator(order: Order, lacking: dict[str, str]) -> Evaluator | None:
    try:
        return Evaluator.load(order.evaluator or data_path("assets", "motion", "evaluator"))
    except MotionError as error:
        if order.evaluator is not None:
            raise
        lacking["evaluator"] = str(error)
        return None


def evaluate(order: Order, progress: Callable[[int, int], None] | None = None) -> tuple[Table, Bench]:
    """Measure everything.

    Args:
        order: what to evaluate.
        progress: called with (measures done, measures in all).

    Returns:
        The table, and the bench with the samples made.
    """
    bench = prepare(order)
    measures = [*_MEASURES, *([ablation.rows] if order.ablations else [])]
    rows: list[Row] = []
    for number, measure in enumerate(measures):
        rows += measure(bench)
        if progress is not None:
            progress(number + 1, len(measures))
    settings = {
        "weights": order.weights.name if order.weights else "shipped",
        "corpus": order.corpus.name if order.corpus else "none",
        "seeds": bench.amount.seeds,
        "amount": "quick" if order.quick else "full",
        "guidance": order.guidance,
        "motion made, s": round(bench.model.seconds + bench.words.seconds),
    }
    return Table(tuple(rows), settings), bench


def paint(bench: Bench, folder: Path, seed: int = 0) -> list[Path]:
    """Draw a strip of pictures for each of the twenty fixed sentences; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    motions = bench.model.sample([Wish(text, 3.0, seed) for _, text in STRIPS])
    painter = StripPainter()
    try:
        paths = [folder / f"{name}.png" for name, _ in STRIPS]
        for path, motion, (_, text) in zip(paths, motions, STRIPS, strict=True):
            painter.paint(motion, text, path)
    finally:
        painter.close()
    return paths
