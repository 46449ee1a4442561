"""Novelty: that motion is made, not fetched: how far samples are from stored clips and from one another."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from hephaestus import rotation
from hephaestus.humanml3d import heading
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.direction import gaits
from prometheus.motion.evaluate.reference import Reference
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.wish import Wish

WINDOW, STEP = 30, 3
"""Frames of a window that is compared, and every which frame of it."""
SAME = 0.01
"""M: joints that are nearer on average are the same clip."""


def local(joints: np.ndarray) -> np.ndarray:
    """Return joints [T, 66] m, flat, without place over the floor and heading."""
    there = joints.copy()
    there[..., [0, 2]] -= joints[:, :1, [0, 2]]
    turned = rotation.rotate(rotation.yaw(-heading(joints))[:, None], there)
    return np.asarray(turned.reshape(len(joints), 66), np.float32)


def nearest(samples: list[np.ndarray], reference: Reference, share: float = 1.0, split: str = "train") -> np.ndarray:
    """Return each sample's root mean square distance m a joint [N] to the nearest window of the stored clips.

    Args:
        samples: joints [T >= WINDOW, 22, 3]; their first WINDOW frames count.
        reference: the corpus.
        share: of the clips to look at.
        split: whose clips.
    """
    queries = np.stack([local(sample[:WINDOW])[::STEP] for sample in samples])
    count, steps, width = queries.shape
    flat = queries.reshape(count * steps, width)
    own = (flat * flat).sum(1)
    best = np.full(count, np.inf)
    every = max(1, round(1.0 / share))
    chosen = [c for c in reference.clips if c["split"] == split and c["length"] >= WINDOW][::every]
    for clip in chosen:
        frames = local(reference.joints[clip["start"] : clip["start"] + clip["length"]])
        apart = own[:, None] + (frames * frames).sum(1) - 2.0 * flat @ frames.T
        apart = apart.reshape(count, steps, len(frames))
        windows = len(frames) - (steps - 1) * STEP
        total = sum(apart[:, k, k * STEP : k * STEP + windows] for k in range(steps))
        best = np.minimum(best, np.asarray(total).min(1))
    return np.asarray(np.sqrt(np.maximum(best, 0.0) / steps / 22.0))


def spread(samples: list[np.ndarray]) -> float:
    """Return the mean distance m a joint over pairs of samples [T, 22, 3], path and heading removed."""
    flat = [local(sample) for sample in samples]
    apart = [np.sqrt(((a - b) ** 2).sum(1).mean() / 22.0) for a, b in combinations(flat, 2)]
    return float(np.mean(apart))


def rows(bench: Bench) -> list[Row]:
    """Return the distance to stored clips beside that of real motion kept aside, and the spread over seeds."""
    wishes = list(gaits(bench).values())
    made = [m.joints for m in bench.model.sample(wishes)]
    seeds = range(max(3, min(bench.amount.seeds, 6)))
    texts = ("a person walks forward", "a person runs to the left", "a person stands still")
    sets = [[m.joints for m in bench.model.sample([Wish(t, bench.amount.seconds, s) for s in seeds])] for t in texts]
    spreads = [spread(each) for each in sets]
    diversity = [
        Row("seed diversity: distance of samples of one sentence, m a joint", float(np.mean(spreads))),
        Row("seed diversity: the least diverse sentence, m a joint", min(spreads), bar=SAME),
    ]
    if bench.reference is None:
        why = bench.why("reference")
        return [Row("distance to the nearest stored clip, 1.5 s, m a joint", note=why),
                Row("share of samples that are a stored clip", better="less", note=why), *diversity]  # fmt: skip
    share = bench.amount.stored
    stride = max(1, len(made) // 96)
    apart = nearest(made[::stride], bench.reference, share)
    kept = [bench.reference.motion(p).joints for p in bench.reference.captions(96)]
    real = nearest(kept, bench.reference, share)
    return [
        Row("distance to the nearest stored clip, 1.5 s, m a joint", float(apart.mean()), float(real.mean())),
        Row("share of samples that are a stored clip", float((apart < SAME).mean()), float((real < SAME).mean()),
            bar=0.0, better="less"),
        *diversity,
    ]  # fmt: skip
