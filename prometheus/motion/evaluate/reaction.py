"""Reaction: motion time from a new sentence to its first visible sign."""

from __future__ import annotations

import numpy as np

from hephaestus.motion import Motion
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.sentences import REACTIONS
from prometheus.motion.evaluate.wish import Push, Wish

VISIBLE = 0.3
"""M/s by which the pelvis' velocity must differ from the same stream without the new sentence."""
WARM, WATCH = 2.0, 2.0
"""S before the new sentence and after it."""
BARS = {True: 0.25, False: 0.6}
"""S of motion within which an urgent and an ordinary sentence must show."""


def first_sign(told: Motion, untold: Motion, frame: int) -> float:
    """Return s from the new sentence to the first frame whose pelvis velocity differs by VISIBLE; WATCH for none.

    Args:
        told: the motion that got a new sentence.
        untold: the same without it.
        frame: frames made before the sentence was given: the next one counts as 1 / fps s.
    """
    velocities = [np.diff(m.joints[:, 0], axis=0) * m.fps for m in (told, untold)]
    apart = np.linalg.norm(velocities[0] - velocities[1], axis=-1)[frame - 1 :] > VISIBLE
    return float((np.argmax(apart) + 1) / told.fps) if apart.any() else WATCH


def rows(bench: Bench) -> list[Row]:
    """Return the median and the 90th percentile over pairs of sentences and seeds, urgent and ordinary."""
    pairs = [(a, b, seed) for a, b in REACTIONS for seed in range(bench.amount.reactions)]
    length, frame = WARM + WATCH, round(WARM * 20)
    untold = bench.model.sample([Wish(a, length, seed) for a, _, seed in pairs])
    found = []
    for urgent, name in ((True, "urgent"), (False, "ordinary")):
        told = bench.model.sample([Wish(a, length, seed, (Push(WARM, b, urgent),)) for a, b, seed in pairs])
        signs = np.array([first_sign(t, u, frame) for t, u in zip(told, untold, strict=True)])
        bar = BARS[urgent]
        found += [
            Row(f"{name} prompt to visible change, s, median", float(np.median(signs)), bar=bar, better="less"),
            Row(f"{name} prompt to visible change, s, 90th percentile", float(np.percentile(signs, 90)), bar=bar,
                better="less"),
            Row(f"{name} prompt to visible change, share within {bar} s", float((signs <= bar).mean())),
        ]  # fmt: skip
    return found
