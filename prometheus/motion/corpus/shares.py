"""How often each clip is drawn in training: shares of time by what is done."""

from __future__ import annotations

from collections import Counter

import numpy as np

from prometheus.motion.corpus.clip import Clip
from prometheus.motion.corpus.measure import measure

_SHARES = {"travel": 0.54, "stand": 0.11, "turn": 0.08, "crouch": 0.04, "limp": 0.03, "hop": 0.03, "gesturing": 0.03,
           "fall": 0.035, "fall_getup": 0.005, "crawl": 0.01, "other": 0.09}  # fmt: skip
"""Share of training time wanted for travel (evenly over 8 directions x 4 paces) and for everything else."""
_TOLD = "humanml"
"""Kind, and class, of clips with captions of their own: they are drawn as often as they are long."""
_GAITS = {"walk", "run", "gait", "react", "idle", "sidestep_back", "sneak", "other"}


def _class_of(clip: Clip, start: int, end: int) -> str:
    if clip.kind not in _GAITS:
        return clip.kind if clip.kind in _SHARES or clip.kind == _TOLD else "other"
    facts = measure(clip.joints[start:end])
    if facts.direction is not None:
        return f"{facts.direction} {facts.pace}"
    return "turn" if abs(facts.turned) > 0.5 else "stand" if facts.pace == "stand" else "other"


def classes_of(clips: list[Clip]) -> list[list[tuple[str, int]]]:
    """Return for every clip the class and the frames of each of its spans."""
    return [[(_class_of(clip, s.start, s.end), s.end - s.start) for s in clip.spans] for clip in clips]


def weights_of(classes: list[list[tuple[str, int]]]) -> list[float]:
    """Return for every clip the factor on the chance of each of its frames that brings the classes to their shares."""
    frames: Counter[str] = Counter()
    for spans in classes:
        for name, count in spans:
            frames[name] += count
    told = frames.pop(_TOLD, 0)
    travel = [name for name in frames if name not in _SHARES]
    total = sum(frames.values())
    want = {name: _SHARES["travel"] / max(len(travel), 1) for name in travel} | _SHARES
    factor = {name: np.clip(want[name] * total / frames[name], 0.15, 4.0) for name in frames}
    factor |= {_TOLD: 1.0} if told else {}
    return [
        float(round(sum(factor[n] * c for n, c in spans) / max(sum(c for _, c in spans), 1), 3)) for spans in classes
    ]
