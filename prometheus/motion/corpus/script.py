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

_STYLES = ("crouch", "lean", "hunch", "wide", "up", "guard", "cover", "shake")
_PULL = 9.0
"""m/s2 that a body can speed up, slow down or swerve with."""
_MARGIN = 1.2
"""s played before and after a script and cut off, so that it starts and ends in full movement."""
# m/s of creep, walk, run, sprint, for travel ahead, ahead and sideways, sideways, back and sideways, back.
_SPEED = np.array([[0.7, 1.35, 2.8, 4.7], [0.68, 1.3, 2.7, 4.3], [0.62, 1.2, 2.4, 3.7], [0.62, 1.15, 2.2, 3.4],
                   [0.62, 1.15, 2.2, 3.3]])  # fmt: skip


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
    kernel = gaussian(ease * RATE)
    track = {name: smooth(values.astype(float), kernel) for name, values in track.items()}
    arms = gaussian(max(ease, 0.14) * RATE)
    track |= {name: smooth(track[name], arms) for name in ("wide", "up", "guard", "cover")}
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


def play(name: str, beats: list[Beat], body: Body, rng: np.random.Generator, ease: float, kind: str) -> Clip:
    """Return the clip of a script, with one hint a beat."""
    joints = perform(body, score_of(beats, rng, ease))
    skip = round(_MARGIN * FPS)
    count = round(sum(b.seconds for b in beats) * FPS)
    joints = canonical(joints[skip : skip + count])
    # The words come a little before the body answers: a prompt is the cause of the change.
    ahead = round(ease * FPS)
    edges = np.round(np.cumsum([0.0, *(b.seconds for b in beats)]) * FPS).astype(int)
    starts = [0, *(max(int(e) - ahead, 0) for e in edges[1:-1])]
    ends = [*starts[1:], len(joints)]
    hints = tuple((a, b, beat.hint) for a, b, beat in zip(starts, ends, beats, strict=True))
    source = f"{body.walk.source}+{body.run.source}+{body.idle.source}"
    return Clip(name, joints, "edited", source, kind, hints=hints)


def _mood(rng: np.random.Generator, pace: int) -> tuple[dict[str, float], dict[str, str]]:
    """Style and words of a mood that goes with a pace."""
    draw = rng.random()
    if pace == 3 and draw < 0.6:
        arms = rng.choice(["wide", "up", ""], p=[0.5, 0.2, 0.3])
        style = {"lean": rng.uniform(0.08, 0.25), "shake": 1.0, "swing": rng.uniform(1.1, 1.4)}
        hint = {"mood": "panic"}
        return (style | {arms: 1.0}, hint | {"arms": str(arms)}) if arms else (style, hint)
    if pace == 2 and draw < 0.3:
        arms = rng.choice(["wide", "up"])
        return {str(arms): 1.0, "lean": 0.1, "shake": 0.6}, {"mood": "afraid", "arms": str(arms)}
    if pace >= 2:
        return {"lean": rng.uniform(0.0, 0.12)}, {"mood": "urgent"} if draw > 0.75 else {}
    if draw < 0.15:
        return {"guard": 1.0, "crouch": rng.uniform(0.02, 0.1), "shake": 0.5}, {"mood": "afraid", "arms": "guard"}
    if draw < 0.27:
        return {"crouch": rng.uniform(0.17, 0.28), "hunch": rng.uniform(0.15, 0.35)}, {"mood": "wary"}
    if draw < 0.33:
        return {"wide": 1.0}, {"arms": "wide"}
    if draw < 0.39:
        return {"hunch": rng.uniform(0.4, 0.6), "swing": 0.7}, {"mood": "tired"}
    if draw < 0.55:
        return {}, {"mood": "calm"}
    return {}, {}


def going(rng: np.random.Generator, octant: int, pace: int, seconds: float, turn: float = 0.0) -> Beat:
    """Return a beat of steady travel in one of eight directions."""
    style, hint = _mood(rng, pace)
    return Beat(seconds, 45.0 * octant + rng.uniform(-12, 12), speed_of(octant, pace) * rng.uniform(0.88, 1.12), turn,
                style, hint)  # fmt: skip


def standing(rng: np.random.Generator, seconds: float, turn: float = 0.0) -> Beat:
    """Return a beat of standing, or of turning on the spot by `turn` degrees a second."""
    draw = rng.random()
    if draw < 0.3:
        return Beat(seconds, 0, 0, turn, {}, {"mood": "calm"})
    if draw < 0.5:
        style = {"crouch": rng.uniform(0.04, 0.1), "hunch": 0.12, "guard": rng.uniform(0.3, 0.6), "shake": 0.4}
        return Beat(seconds, 0, 0, turn, style, {"mood": "alert"})
    if draw < 0.58:
        style = {"guard": 1.0, "shake": 0.8, "hunch": 0.1}
        return Beat(seconds, 0, 0, turn, style, {"mood": "afraid", "arms": "guard"})
    if draw < 0.64:
        arms = str(rng.choice(["wide", "up"]))
        return Beat(seconds, 0, 0, turn, {arms: 1.0, "shake": 0.5}, {"arms": arms})
    return Beat(seconds, 0, 0, turn)


def turning(rng: np.random.Generator) -> Beat:
    """Return a beat that turns on the spot by 45 to 200 degrees."""
    angle = float(rng.choice([60, 90, 90, 135, 180, 180, 200])) * rng.choice([-1, 1])
    seconds = abs(angle) / rng.uniform(70, 150) + 0.3
    return standing(rng, seconds, angle / seconds)


def reacting(rng: np.random.Generator) -> list[Beat]:
    """Return beats of a fright: alert, a sudden move, flight or cowering, and calm again."""
    octant, side = int(rng.integers(8)), float(rng.choice([-1, 1]))
    alert = Beat(rng.uniform(0.8, 1.6), 0, 0, 0, {"crouch": 0.06, "hunch": 0.1, "guard": 0.5}, {"mood": "alert"})
    move = str(rng.choice(["dodge", "recoil", "duck", "cower", "lunge"]))
    fear = {"shake": 1.0, "hunch": 0.1}
    if move == "dodge":
        sudden = Beat(rng.uniform(0.8, 1.1), 90 * side, rng.uniform(3.2, 4.2), 0, fear | {"wide": 0.9, "lean": 0.2},
                      {"move": move, "mood": "panic", "arms": "wide"})  # fmt: skip
    elif move == "recoil":
        sudden = Beat(rng.uniform(0.7, 1.1), 180 + 30 * side, rng.uniform(1.2, 2.0), 0,
                      {"shake": 1.0, "guard": 1.0, "lean": -0.05},
                      {"move": move, "mood": "afraid", "arms": "guard"})  # fmt: skip
    elif move == "lunge":
        sudden = Beat(rng.uniform(0.8, 1.1), 0, rng.uniform(3.4, 4.4), 0, {"lean": 0.3, "guard": 0.4}, {"move": move})
    else:
        deep = rng.uniform(0.36, 0.5)
        sudden = Beat(rng.uniform(1.2, 2.4), 0, 0, 0, {"crouch": deep, "hunch": rng.uniform(0.5, 0.8), "cover": 1.0},
                      {"move": move, "mood": "afraid", "arms": "cover"})  # fmt: skip
    flight = going(rng, octant, 3, rng.uniform(1.8, 3.2), float(rng.choice([0, 0, 40, -40])))
    calm = Beat(rng.uniform(1.6, 2.6), 0, 0, 0, {"hunch": 0.1}, {"move": "relax", "mood": "calm"})
    return [alert, sudden, flight, calm] if rng.random() < 0.7 else [alert, sudden, calm]


def chain(rng: np.random.Generator, count: int) -> list[Beat]:
    """Return beats that change direction, pace, turn and stance."""
    beats: list[Beat] = []
    for _ in range(count):
        draw = rng.random()
        if draw < 0.18 and (not beats or beats[-1].speed > 0):
            beats.append(standing(rng, rng.uniform(1.4, 2.6)))
        elif draw < 0.26:
            beats.append(turning(rng))
        else:
            octant = int(rng.choice(8, p=[0.26, 0.1, 0.13, 0.08, 0.12, 0.08, 0.13, 0.1]))
            pace = int(rng.choice(4, p=[0.18, 0.34, 0.28, 0.2]))
            turn = float(rng.choice([0, 0, 1, -1])) * rng.uniform(25, 80) * (1.0 if octant in (0, 1, 7) else 0.5)
            beats.append(going(rng, octant, pace, rng.uniform(1.6, 3.4), turn))
    return beats
