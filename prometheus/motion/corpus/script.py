"""Scripts for edited motion: what a body is asked to do over some seconds, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hephaestus.humanml3d import canonical
from hephaestus.skeleton import FPS
from prometheus.motion.corpus.clean import gaussian, smooth
from prometheus.motion.corpus.clip import Clip
from prometheus.motion.corpus.gait import Body, Score, directions, perform
from prometheus.motion.corpus.steps import RATE

_STYLES = ("crouch", "lean", "hunch", "wide", "up", "guard", "cover", "wave", "shake", "limp", "hop", "look")
_ARMS = ("wide", "up", "guard", "cover", "wave")
_PULL = 9.0
"""m/s2 that a body can speed up, slow down or swerve with."""
_MARGIN = 1.2
"""s played before and after a script and cut off, so that it starts and ends in full movement."""
_AHEAD = 2
"""Frames that words come before the body answers: a prompt is the cause of the change."""
# m/s of creep, walk, run, sprint, for travel ahead, ahead and sideways, sideways, back and sideways, back.
_SPEED = np.array([[0.46, 1.32, 3.0, 4.8], [0.45, 1.28, 2.85, 4.5], [0.42, 1.2, 2.45, 3.7], [0.4, 1.12, 2.2, 3.3],
                   [0.4, 1.12, 2.15, 3.2]])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beat:
    """One stretch of a script: travel (degrees, left positive; m/s), turn (degrees a second), style, what it means."""

    seconds: float
    travel: float = 0.0
    speed: float = 0.0
    turn: float = 0.0
    style: dict[str, float] = field(default_factory=dict)
    hint: dict[str, str] = field(default_factory=dict)


def speed_of(octant: int, pace: int) -> float:
    """Return m/s of a pace (0 creep to 3 sprint) in one of eight directions (0 forward, 2 left, 4 backward)."""
    return float(_SPEED[min(octant, 8 - octant), pace])


def score_of(beats: list[Beat], rng: np.random.Generator, ease: float) -> Score:
    """Return the score of a script; changes take about 2.5 x `ease` seconds."""
    counts = [round(b.seconds * RATE) for b in beats]
    counts[0] += round(_MARGIN * RATE)
    counts[-1] += round(_MARGIN * RATE)
    track = {name: np.repeat([b.style.get(name, 0.0) for b in beats], counts) for name in _STYLES}
    track["swing"] = np.repeat([b.style.get("swing", 1.0) for b in beats], counts)
    speed = np.repeat([b.speed for b in beats], counts)[:, None]
    travel = np.repeat([np.deg2rad(b.travel) for b in beats], counts)
    turn = np.repeat([np.deg2rad(b.turn) for b in beats], counts)
    clock = np.arange(len(turn)) / RATE
    scan = np.repeat([b.style.get("scan", 0.0) for b in beats], counts)
    track["look"] = track["look"] + scan * np.sin(2 * np.pi * (rng.uniform(0.22, 0.4) * clock + rng.uniform(0, 1)))
    kernel = gaussian(ease * RATE)
    track = {name: smooth(values.astype(float), kernel) for name, values in track.items()}
    arms = gaussian(max(ease, 0.14) * RATE)
    track |= {name: smooth(track[name], arms) for name in _ARMS}
    track["look"] = smooth(track["look"], gaussian(0.15 * RATE))
    return Score(
        velocity=smooth(_limited(speed * directions(travel)), kernel), turn=smooth(turn.astype(float), kernel), **track,
        tempo=float(rng.uniform(0.92, 1.1)), phase=float(rng.uniform(0, 1)), home=float(rng.uniform(0.09, 0.14)),
        seed=int(rng.integers(1 << 30)), flail=float(rng.uniform(0.6, 1.4)),
    )  # fmt: skip


def _limited(velocity: np.ndarray) -> np.ndarray:
    """Let a velocity [N, 2] change by at most `_PULL`, looking ahead as much as back."""
    step = _PULL / RATE
    out = velocity.copy()
    for i in range(1, len(out)):
        change = velocity[i] - out[i - 1]
        size = float(np.hypot(*change))
        out[i] = velocity[i] if size <= step else out[i - 1] + change * (step / size)
    return out


def play(
    name: str, beats: list[Beat], body: Body, rng: np.random.Generator, ease: float, kind: str, origin: str = "edited"
) -> Clip:
    """Return the clip of a script, with one hint a beat; beats with the same hint object are one stretch of words."""
    joints = perform(body, score_of(beats, rng, ease))
    skip = round(_MARGIN * FPS)
    count = round(sum(b.seconds for b in beats) * FPS)
    joints = canonical(joints[skip : skip + count])
    edges = np.round(np.cumsum([0.0, *(b.seconds for b in beats)]) * FPS).astype(int)
    starts = [0, *(max(int(e) - _AHEAD, 0) for e in edges[1:-1])]
    ends = [*starts[1:], len(joints)]
    hints: list[tuple[int, int, dict[str, str]]] = []
    for a, b, beat in zip(starts, ends, beats, strict=True):
        if hints and hints[-1][2] is beat.hint and beat.hint:
            hints[-1] = (hints[-1][0], b, beat.hint)
        else:
            hints.append((a, b, beat.hint))
    source = f"{body.walk.source}+{body.run.source}+{body.idle.source}"
    return Clip(name, joints, origin, source, kind, hints=tuple(hints))
