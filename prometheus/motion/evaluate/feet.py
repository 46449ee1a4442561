"""Feet: skate, penetration, float, and whether the supporting foot stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.motion import Motion
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.direction import gaits
from prometheus.motion.evaluate.path import speeds
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.sentences import STILL
from prometheus.motion.evaluate.wish import Wish

BALLS, ANKLES = [10, 11], [7, 8]
LOW = 0.05
"""M: a ball of a foot lower than this is on the ground."""
SLIDES = 0.2
"""M/s: a foot on the ground that is faster slides."""
SOLE = 0.025
"""M: the ball of a foot above its sole."""
_MOST_SKATE = 1.5
_MOST_SLIP = 0.4
_CAPTURES = "foot skate: speed of feet lower than 5 cm, m/s, captures alone"


@dataclass(frozen=True, slots=True)
class Ground:
    """How feet meet the ground, over many motions.

    Attributes:
        skate: m/s, mean speed over the floor of balls lower than LOW.
        slides: share of those samples that are faster than SLIDES.
        sunk: share of frames in which a sole is more than 2 cm below the floor.
        deepest: m, the deepest sole.
        floats: m, mean height of the lower sole above the floor over frames that say that a foot stands.
    """

    skate: float
    slides: float
    sunk: float
    deepest: float
    floats: float


def ground(motions: list[Motion]) -> Ground:
    """Measure motions of at least two frames."""
    skates, soles, standing = [], [], []
    for motion in motions:
        balls = motion.joints[:, BALLS]
        step = np.linalg.norm(np.diff(balls[..., [0, 2]], axis=0), axis=-1) * motion.fps
        low = (balls[1:, :, 1] < LOW) & (balls[:-1, :, 1] < LOW)
        skates.append(step[low])
        soles.append(balls[..., 1].min(1) - SOLE)
        standing.append(motion.contacts.max(1) > 0.5)
    skate, sole, stands = (np.concatenate(parts) for parts in (skates, soles, standing))
    return Ground(
        skate=float(skate.mean()) if len(skate) else 0.0,
        slides=float((skate > SLIDES).mean()) if len(skate) else 0.0,
        sunk=float((sole < -0.02).mean()),
        deepest=float(max(-sole.min(), 0.0)),
        floats=float(np.maximum(sole[stands], 0.0).mean()) if stands.any() else 0.0,
    )


def slip(motion: Motion, feet: list[int]) -> float:
    """Return the mean speed of the slower of two feet as a share of the pelvis' mean speed, both over the floor."""
    step = np.linalg.norm(np.diff(motion.joints[:, feet][..., [0, 2]], axis=0), axis=-1) * motion.fps
    return float(step.min(1).mean() / max(speeds(motion).mean(), 1e-3))


def moving(motions: list[Motion], least: float = 0.3) -> list[Motion]:
    """Return the motions that go anywhere: without a path, slip has no scale."""
    return [motion for motion in motions if speeds(motion).mean() > least]


def rows(bench: Bench) -> list[Row]:
    """Return skate, penetration and float beside the corpus', and slip in walks, runs and sprints."""
    return [*_contact(bench), *_slips(bench)]


def _contact(bench: Bench) -> list[Row]:
    if bench.reference is None:
        why = f"over walks and runs, without the corpus beside it: {bench.why('reference')}"
        made = ground(bench.model.sample([w for key, w in gaits(bench).items() if key[0] != "sprint"]))
        return [*_grounded(made, note=why), Row(_CAPTURES, better="less", note=bench.why("reference"))]
    kept = bench.reference.captions(bench.amount.captions)
    wishes = [piece.wish for piece in kept]
    stored = ground(bench.library.sample(wishes)) if bench.library else None
    found = _grounded(ground(bench.model.sample(wishes)), ground([bench.reference.motion(p) for p in kept]), stored)
    captured = bench.reference.captions(bench.amount.captions // 4, "mocap")
    if not captured:
        return [*found, Row(_CAPTURES, better="less", note="the corpus keeps no captures aside")]
    real = ground([bench.reference.motion(p) for p in captured]).skate
    made_skate = ground(bench.model.sample([piece.wish for piece in captured])).skate
    return [*found, Row(_CAPTURES, made_skate, real, bar=_MOST_SKATE * real, better="less")]


def _grounded(
    made: Ground, real: Ground | None = None, stored: Ground | None = None, note: str | None = None
) -> list[Row]:
    def row(name: str, metric: str, bar: float | None = None) -> Row:
        ceiling = getattr(real, name) if real else None
        limit = bar * ceiling if bar and ceiling is not None else None
        return Row(metric, getattr(made, name), ceiling, None, getattr(stored, name) if stored else None, limit, "less",
                   note)  # fmt: skip

    return [
        row("skate", "foot skate: speed of feet lower than 5 cm, m/s", _MOST_SKATE),
        row("slides", "foot skate: share of feet lower than 5 cm that are faster than 0.2 m/s", _MOST_SKATE),
        row("sunk", "penetration: share of frames with a sole 2 cm below the floor"),
        row("deepest", "penetration: the deepest sole, m"),
        row("floats", "float: height of the lower sole while a foot is said to stand, m"),
    ]


def _slips(bench: Bench) -> list[Row]:
    found = []
    wishes = gaits(bench)
    for pace in ("walk", "run", "sprint"):
        made = moving(bench.model.sample([wish for key, wish in wishes.items() if key[0] == pace]))
        real = moving(bench.reference.gait(pace)) if bench.reference is not None else []
        for name, feet in (("ball", BALLS), ("ankle", ANKLES)):
            slips = np.array([slip(m, feet) for m in made])
            truth = np.array([slip(m, feet) for m in real])
            if not len(slips):
                found.append(Row(f"slip of the slower {name} / root, {pace}", note="no sample went anywhere"))
                continue
            found.append(Row(f"slip of the slower {name} / root, {pace}, mean", float(slips.mean()),
                             float(truth.mean()) if len(truth) else None, better="less"))  # fmt: skip
            if pace != "sprint":
                found.append(Row(f"slip of the slower {name} / root, {pace}, worst sample", float(slips.max()),
                                 float(np.percentile(truth, 99)) if len(truth) else None, bar=_MOST_SLIP,
                                 better="less"))  # fmt: skip
    still = ground(bench.model.sample([Wish(t, bench.amount.seconds, s) for t in STILL[:2]
                                       for s in range(bench.amount.seeds)]))  # fmt: skip
    found.append(Row("standing feet: speed while lower than 5 cm, m/s", still.skate, better="less"))
    return found
