"""Ablation: the same weights sampled in other ways, and with nothing told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from prometheus.intent import DIRECTIONS
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.direction import CHANCE, gaits
from prometheus.motion.evaluate.feet import ground
from prometheus.motion.evaluate.offline import Offline
from prometheus.motion.evaluate.path import displacements, within
from prometheus.motion.evaluate.precision import WAYS, frechet, precision
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.wish import Source, Wish
from prometheus.motion.pipeline import MotionPipeline
from prometheus.motion.scheduler import TriangularScheduler

SEEDS, CAPTIONS = 2, 96
"""How much of the usual amount an ablation is measured on."""
GUIDANCES = (1.0, 2.0, 3.0, 5.0)
"""1 is the told prediction alone."""


def sources(bench: Bench) -> dict[str, Source]:
    """Return every other way of sampling by name."""
    model = bench.model
    pipeline, guidance = model.pipeline, model.guidance
    chunk, steps = pipeline.scheduler.chunk, pipeline.scheduler.steps_per_token
    found: dict[str, Source] = {"unconditional": model.told_less(words=False)}
    for other in (2, 4, 8):
        if other != chunk:
            found[f"chunk n = {other}"] = model.with_pipeline(_paced(pipeline, other, steps))
    for other in (1, 2, 4):
        if other != steps:
            found[f"{other} steps a token"] = model.with_pipeline(_paced(pipeline, chunk, other))
    for strictness in GUIDANCES:
        if strictness != guidance:
            found[f"guidance {strictness:g}"] = model.with_guidance(strictness)
    found["one-shot"] = Offline(pipeline, "one-shot", guidance=guidance)
    found["causal mask"] = Offline(pipeline, causal=True, guidance=guidance)
    found["random schedule"] = Offline(pipeline, "random", guidance=guidance)
    found["no cache, triangular (for the three above)"] = Offline(pipeline, guidance=guidance)
    return found


def _paced(pipeline: MotionPipeline, chunk: int, steps: int) -> MotionPipeline:
    return MotionPipeline(pipeline.model, TriangularScheduler(chunk, steps))


def rows(bench: Bench) -> list[Row]:
    """Return direction, skate, R-precision and FID of each way; the baseline is the model as it is used."""
    small = replace(bench, amount=replace(bench.amount, seeds=min(SEEDS, bench.amount.seeds)))
    usual = _figures(small, bench.model)
    found = []
    for name, source in sources(bench).items():
        figures = _figures(small, source)
        for metric, row in usual.items():
            found.append(
                Row(f"{name}: {metric}", figures[metric].value, row.ceiling, row.floor, row.value, None, row.better,
                    row.note)
            )  # fmt: skip
    return found


def _figures(bench: Bench, source: Source) -> dict[str, Row]:
    wishes = gaits(bench)
    made = source.sample(list(wishes.values()))
    bearings = np.array([DIRECTIONS[direction] for _, direction, _ in wishes])
    found = {
        "direction accuracy": Row("", float(within(displacements(made), bearings).mean()), None, CHANCE),
        "foot skate, m/s": Row("", ground(made).skate, better="less"),
    }
    precise, fid = f"R-precision top 3 of {WAYS}", "FID"
    if bench.reference is None or bench.evaluator is None:
        why = bench.why("reference", "evaluator")
        return {**found, precise: Row("", note=why), fid: Row("", better="less", note=why)}
    pieces = bench.reference.captions(min(CAPTIONS, bench.amount.captions))
    if len(pieces) < WAYS:
        return found
    asked: list[Wish] = [piece.wish for piece in pieces]
    texts = bench.evaluator.read([wish.text for wish in asked], bench.model.pipeline.encoder)
    real = bench.evaluator.see([bench.reference.motion(piece) for piece in pieces])
    seen = bench.evaluator.see(source.sample(asked))
    taken = {piece.stretch for piece in pieces}
    others = bench.evaluator.see([bench.reference.motion(s) for s in bench.reference.kept if s not in taken])
    found[precise] = Row("", precision(texts, seen).top[2], precision(texts, real).top[2], 3 / WAYS)
    found[fid] = Row("", frechet(seen, others), None, frechet(real, others), better="less")
    return found
