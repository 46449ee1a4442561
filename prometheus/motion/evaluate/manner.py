"""Manner: turns, paces, standing, height, arms and energy as the words say."""

from __future__ import annotations

import numpy as np

from hephaestus import rotation
from hephaestus.humanml3d import heading
from hephaestus.motion import Motion
from prometheus.motion.evaluate.bench import Bench
from prometheus.motion.evaluate.path import pace, speeds, turned
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.sentences import (
    CALM_TO_PANIC,
    LADDER,
    LOW,
    STILL,
    TURNS,
    WIDE,
    swapped,
    travel,
)
from prometheus.motion.evaluate.wish import Source, Wish

_TURNED = np.radians(15.0)
"""Least turn that has a sign."""
_ENDS = [20, 21, 7, 8]
"""Wrists and ankles."""


def rows(bench: Bench) -> list[Row]:
    """Return turn sign, pace order, speed while standing, height, arm spread, and intensity."""
    return [_turns(bench), _order(bench), *_still(bench), _low(bench), _wide(bench), *_intensity(bench)]


def _wishes(bench: Bench, texts: tuple[str, ...] | list[str], seconds: float | None = None) -> list[Wish]:
    length = seconds or bench.amount.seconds
    return [Wish(text, length, seed) for text in texts for seed in range(bench.amount.seeds)]


def _turns(bench: Bench) -> Row:
    def score(source: Source) -> float:
        chosen = TURNS[::2] if bench.amount.phrasings else TURNS
        angles = np.array([
            [turned(m) for m in source.sample(_wishes(bench, texts))]
            for texts in (chosen, [swapped(t) for t in chosen])
        ])  # fmt: skip
        return float((angles * [[1.0], [-1.0]] > _TURNED).mean())

    stored = score(bench.library) if bench.library else None
    return Row("turn sign", score(bench.model), None, 0.5, stored, 0.95)


def _order(bench: Bench) -> Row:
    def score(source: Source) -> float:
        seeds = range(bench.amount.seeds)
        wishes = [Wish(travel(step, "forward", s), bench.amount.seconds, s) for step in LADDER for s in seeds]
        paces = np.array([pace(m) for m in source.sample(wishes)]).reshape(len(LADDER), -1)
        return float((np.diff(paces, axis=0) > 0).all(0).mean())

    stored = score(bench.library) if bench.library else None
    return Row("pace order creep < walk < run < sprint, share of seeds", score(bench.model), None, 1 / 24, stored, 0.95)


def _still(bench: Bench) -> list[Row]:
    drifts = np.array([speeds(m).mean() for m in bench.model.sample(_wishes(bench, STILL[:2]))])
    real = None
    if bench.reference is not None:
        real = float(np.mean([speeds(m).mean() for m in bench.reference.standing()]))
    stored = None
    if bench.library is not None:
        stored = float(np.mean([speeds(m).mean() for m in bench.library.sample(_wishes(bench, STILL[:2]))]))
    return [
        Row("stand still: speed of the pelvis, m/s", float(drifts.mean()), real, None, stored, 0.05, "less"),
        Row("stand still: the worst sample, m/s", float(drifts.max()), bar=0.05, better="less"),
    ]


def _low(bench: Bench) -> Row:
    tall = np.mean([m.joints[:, 0, 1].mean() for m in bench.model.sample(_wishes(bench, STILL[:2]))])
    low = [float(m.joints[:, 0, 1].min()) for m in bench.model.sample(_wishes(bench, LOW))]
    share = np.mean(np.array(low) < tall - 0.10)
    return Row("height: share of ducks and crouches that lower the pelvis by 10 cm", float(share))


def _spread(motion: Motion) -> float:
    """Mean distance m of the wrists across the body."""
    local = rotation.rotate(rotation.yaw(-heading(motion.joints))[:, None], motion.joints[:, [20, 21]])
    return float(np.abs(local[:, 0, 0] - local[:, 1, 0]).mean())


def _wide(bench: Bench) -> Row:
    def spreads(texts: list[str]) -> np.ndarray:
        return np.array([_spread(m) for m in bench.model.sample(_wishes(bench, texts))])

    plain = [text.split(", arms")[0].replace(" with the arms spread wide", " still") for text in WIDE]
    more = spreads(list(WIDE)) - spreads(plain)
    return Row("arm spread: share of samples with arms wide by 15 cm more than without", float(np.mean(more > 0.15)))


def energy(motion: Motion) -> float:
    """Return the mean speed m/s of wrists and ankles relative to the pelvis."""
    ends = motion.joints[:, _ENDS] - motion.joints[:, :1]
    return float(np.linalg.norm(np.diff(ends, axis=0), axis=-1).mean() * motion.fps)


def _intensity(bench: Bench) -> list[Row]:
    made = bench.model.sample(_wishes(bench, CALM_TO_PANIC))
    found = []
    for name, figure in (("speed", pace), ("energy of the limbs", energy)):
        values = np.array([figure(m) for m in made]).reshape(len(CALM_TO_PANIC), -1)
        order = np.mean([_spearman(column) for column in values.T])
        found.append(Row(f"intensity: rank correlation of words and {name}", float(order), floor=0.0))
    return found


def _spearman(values: np.ndarray) -> float:
    """Rank correlation of values [n] with their places."""
    ranks = np.argsort(np.argsort(values))
    return float(np.corrcoef(ranks, np.arange(len(values)))[0, 1])
