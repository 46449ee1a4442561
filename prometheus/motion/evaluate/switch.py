"""Switch: jerk in the 30 frames round a change of sentence, beside real transitions (as in FlowMDM, Barquero 2024)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.metrics import jerk
from hephaestus.motion import Motion
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.sentences import SWITCHES
from prometheus.motion.evaluate.wish import Push, Source, Wish

BEFORE, AFTER = 10, 20
"""Frames of the window before and after the switch; a new sentence shows only after it was given."""
WARM = 2.0
"""S of the first sentence before the switch."""
_MOST = 1.5


@dataclass(frozen=True, slots=True)
class Jolt:
    """Jerk round switches.

    Attributes:
        peak: m/s^3, the highest jerk of any joint in a window, mean over windows.
        area: m/s^2, integral over the window of how far the highest jerk of any joint is from `usual`, mean.
        usual: m/s^3, mean over all frames of the highest jerk of any joint.
    """

    peak: float
    area: float
    usual: float


def jolt(windows: list[np.ndarray], fps: float, usual: float | None = None) -> Jolt:
    """Measure windows of joints [BEFORE + AFTER, 22, 3] m.

    Args:
        windows: round the switches.
        fps: frames a second.
        usual: mean jerk of real motion that the area is counted from; None for that of the windows themselves.
    """
    curves = np.stack([jerk(window, fps).max(1) for window in windows])
    level = float(curves.mean()) if usual is None else usual
    return Jolt(float(curves.max(1).mean()), float(np.abs(curves - level).sum(1).mean() / fps), level)


def window(motion: Motion, frame: int) -> np.ndarray:
    """Return the joints [BEFORE + AFTER, 22, 3] round a frame."""
    return motion.joints[frame - BEFORE : frame + AFTER]


def _wishes(bench: Bench, urgent: bool) -> list[Wish]:
    if bench.reference is not None:
        pairs = [edge.texts for edge in bench.reference.edges(bench.amount.switches)]
    else:
        pairs = [SWITCHES[i % len(SWITCHES)] for i in range(bench.amount.switches)]
    length = WARM + AFTER / 20.0
    return [Wish(a, length, seed, (Push(WARM, b, urgent),)) for seed, (a, b) in enumerate(pairs)]


def _made(source: Source, wishes: list[Wish], usual: float | None) -> Jolt:
    motions = source.sample(wishes)
    return jolt([window(m, round(WARM * m.fps)) for m in motions], motions[0].fps, usual)


def rows(bench: Bench) -> list[Row]:
    """Return peak jerk and area under jerk of ordinary and urgent switches."""
    real = None
    if bench.reference is not None:
        real = jolt(bench.reference.windows(bench.amount.switches), 20.0)
    usual = real.usual if real else None
    stored = _made(bench.library, _wishes(bench, False), usual) if bench.library else None
    found = []
    for urgent, name in ((False, "ordinary"), (True, "urgent")):
        made = _made(bench.model, _wishes(bench, urgent), usual)
        for metric, part in (("peak jerk, m/s^3", "peak"), ("area under jerk, m/s^2", "area")):
            ceiling = getattr(real, part) if real else None
            found.append(
                Row(f"{metric}, 30 frames round {name} switches", getattr(made, part), ceiling, None,
                    getattr(stored, part) if stored else None, _MOST * ceiling if ceiling else None, "less",
                    bench.why("reference"))
            )  # fmt: skip
    return found
