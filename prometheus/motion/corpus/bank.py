"""Captured strides and stances, and the bodies that are made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prometheus.motion.corpus.clip import Clip
from prometheus.motion.corpus.cycles import Cycle, Idle, cycles_of, hands_low, idles_of, standing_still
from prometheus.motion.corpus.gait import Body

_IDLE_KINDS = {"gesture", "soccer_kick", "jump_turn", "martial_arts", "walk", "household", "idle"}


@dataclass(frozen=True, slots=True)
class Bank:
    """Captured strides and stances to make bodies of."""

    walks: list[Cycle]
    runs: list[Cycle]
    idles: list[Idle]
    ups: list[Clip]

    def body(self, rng: np.random.Generator) -> Body:
        """Draw one person."""
        walk, run, idle = (int(rng.integers(len(part))) for part in (self.walks, self.runs, self.idles))
        return Body(self.walks[walk], self.runs[run], self.idles[idle])


def bank_of(clips: list[Clip]) -> Bank:
    """Collect strides, stances and ways of getting up; at most two strides of a clip and its mirror image each."""
    walks, runs, idles = [], [], []
    for clip in clips:
        found = cycles_of(clip) if clip.kind in ("walk", "run") else []
        for cycle in [c for c in found if c.source == clip.id][:2] + [c for c in found if c.source != clip.id][:2]:
            if cycle.speed < 1.95 and 0.8 < cycle.speed and cycle.duty > 0.48:
                walks.append(cycle)
            elif cycle.speed > 2.3:
                runs.append(cycle)
        if clip.kind in _IDLE_KINDS:
            idles += idles_of(clip, 1.6)
    ups = [clip for clip in clips if clip.kind == "fall_getup" and clip.joints[0, 0, 1] < 0.35]
    low = [cycle for cycle in runs if hands_low(cycle)]
    return Bank(walks, low or runs, idles or [standing_still()], ups)
