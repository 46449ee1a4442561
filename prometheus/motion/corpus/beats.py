"""What bodies are asked to do: beats of travel, standing, turning, frights and single acts, drawn from a seed."""

from __future__ import annotations

import numpy as np

from prometheus.motion.corpus.script import Beat, speed_of

Style = dict[str, float]
Hint = dict[str, str]


def _fast_mood(rng: np.random.Generator, pace: int) -> tuple[Style, Hint]:
    """Style and words of running and sprinting: elbows bent and swinging, unless the words say arms wide or up."""
    draw = rng.random()
    if pace == 3 and draw < 0.45:
        style: Style = {"lean": rng.uniform(0.08, 0.25), "shake": 1.0, "swing": rng.uniform(1.1, 1.4)}
        if draw < 0.22:
            arms = "wide" if draw < 0.16 else "up"
            return style | {arms: 1.0}, {"mood": "panic", "arms": arms}
        return style | {"shake": 0.3}, {"mood": "panic"}
    if draw < 0.1:
        arms = str(rng.choice(["wide", "up", "guard"]))
        return {arms: 1.0, "lean": 0.08, "shake": 0.6}, {"mood": "afraid", "arms": arms}
    if draw < 0.3:
        return {"lean": rng.uniform(0.05, 0.15), "swing": rng.uniform(1.0, 1.2)}, {"mood": "afraid"}
    return {"lean": rng.uniform(0.0, 0.12)}, {"mood": "urgent"} if draw > 0.8 else {}


def _slow_mood(rng: np.random.Generator, pace: int) -> tuple[Style, Hint]:
    """Style and words of creeping and walking."""
    draw = rng.random()
    sneaky = 0.4 if pace == 0 else 0.12
    if draw < sneaky:
        style = {"crouch": rng.uniform(0.08, 0.24), "hunch": rng.uniform(0.1, 0.3), "guard": rng.uniform(0.0, 0.4)}
        return style, {"mood": "wary"}
    draw = rng.random()
    if draw < 0.08:
        return {"guard": 1.0, "crouch": rng.uniform(0.02, 0.1), "shake": 0.5}, {"mood": "afraid", "arms": "guard"}
    if draw < 0.12:
        return {"wide": 1.0}, {"arms": "wide"}
    if draw < 0.2:
        return {"hunch": rng.uniform(0.4, 0.6), "swing": 0.7}, {"mood": "tired"}
    if draw < 0.28:
        return {"scan": rng.uniform(0.5, 0.9)}, {"mood": "wary", "look": "around"}
    if draw < 0.34:
        side = float(rng.choice([-1, 1]))
        return {"wave": side}, {"mood": "calm", "arms": "wave-left" if side > 0 else "wave-right"}
    return {}, {"mood": "calm"} if draw < 0.55 else {}


def going(
    rng: np.random.Generator, octant: int, pace: int, seconds: float, turn: float = 0.0, plain: bool = False
) -> Beat:
    """Return a beat of steady travel in one of eight directions; a plain one has no mood."""
    style, hint = ({}, {}) if plain else _fast_mood(rng, pace) if pace >= 2 else _slow_mood(rng, pace)
    return Beat(seconds, 45.0 * octant + rng.uniform(-10, 10), speed_of(octant, pace) * rng.uniform(0.92, 1.1), turn,
                style, hint)  # fmt: skip


def calm(seconds: float) -> Beat:
    """Return a beat of plain standing."""
    return Beat(seconds)


def standing(rng: np.random.Generator, seconds: float, turn: float = 0.0) -> Beat:
    """Return a beat of standing in some mood, or of turning on the spot by `turn` degrees a second."""
    draw = rng.random()
    if draw < 0.25:
        return Beat(seconds, 0, 0, turn, {}, {"mood": "calm"})
    if draw < 0.4:
        style = {"crouch": rng.uniform(0.04, 0.1), "hunch": 0.12, "guard": rng.uniform(0.3, 0.6), "shake": 0.2}
        return Beat(seconds, 0, 0, turn, style, {"mood": "alert"})
    if draw < 0.46:
        style = {"guard": 1.0, "shake": 0.6, "hunch": 0.1}
        return Beat(seconds, 0, 0, turn, style, {"mood": "afraid", "arms": "guard"})
    if draw < 0.5:
        arms = str(rng.choice(["wide", "up"]))
        return Beat(seconds, 0, 0, turn, {arms: 1.0, "shake": 0.3}, {"arms": arms})
    return Beat(seconds, 0, 0, turn)


def turning(rng: np.random.Generator) -> Beat:
    """Return a beat that turns on the spot by 45 to 200 degrees."""
    angle = float(rng.choice([50, 70, 90, 90, 120, 150, 180, 180])) * rng.choice([-1, 1])
    seconds = abs(angle) / rng.uniform(80, 170) + 0.3
    return standing(rng, seconds, angle / seconds)


def turn_and_go(rng: np.random.Generator) -> list[Beat]:
    """Return beats that turn by 60 to 180 degrees and go on ahead, under one sentence."""
    angle = float(rng.choice([70, 90, 90, 110, 180, 180])) * float(rng.choice([-1, 1]))
    seconds = abs(angle) / rng.uniform(110, 180)
    pace = int(rng.choice([0, 1, 1, 1, 2]))
    style, hint = _slow_mood(rng, pace) if pace < 2 else _fast_mood(rng, pace)
    hint = hint | {"turn": "and"}
    slow = speed_of(0, pace) * 0.55
    first = Beat(seconds, 0, slow, angle / seconds, style, hint)
    return [first, Beat(rng.uniform(1.6, 2.8), 0, speed_of(0, pace) * rng.uniform(0.92, 1.08), 0, style, hint)]


def reacting(rng: np.random.Generator) -> list[Beat]:
    """Return beats of a fright: alert, a sudden move, flight or cowering, and calm again."""
    octant, side = int(rng.integers(8)), float(rng.choice([-1, 1]))
    alert = Beat(rng.uniform(0.8, 2.4), 0, 0, 0, {"crouch": 0.06, "hunch": 0.1, "guard": 0.4}, {"mood": "alert"})
    move = str(rng.choice(["dodge", "dodge", "recoil", "duck", "cower", "lunge"]))
    fear: Style = {"shake": 0.8, "hunch": 0.1}
    if move == "dodge":
        way = float(rng.choice([90, 90, 90, 45, 135, 180])) * side
        wide = bool(rng.random() < 0.4)
        style = fear | {"wide": 0.9 * wide, "lean": 0.2, "crouch": rng.uniform(0, 0.12)}
        sudden = Beat(rng.uniform(0.7, 1.1), way, rng.uniform(3.0, 3.8), 0, style,
                      {"move": move, "mood": "panic"} | ({"arms": "wide"} if wide else {}))  # fmt: skip
    elif move == "recoil":
        sudden = Beat(rng.uniform(0.7, 1.2), float(rng.choice([180, 180, 135 * side])), rng.uniform(1.2, 2.0), 0,
                      {"shake": 1.0, "guard": 1.0, "lean": -0.05},
                      {"move": move, "mood": "afraid", "arms": "guard"})  # fmt: skip
    elif move == "lunge":
        way = float(rng.choice([0, 0, 45 * side, 90 * side]))
        sudden = Beat(rng.uniform(0.7, 1.0), way, rng.uniform(3.0, 4.0), 0,
                      {"lean": 0.3, "guard": 0.4, "crouch": 0.1}, {"move": move})  # fmt: skip
    else:
        deep = rng.uniform(0.34, 0.5)
        sudden = Beat(rng.uniform(1.4, 2.8), 0, 0, 0, {"crouch": deep, "hunch": rng.uniform(0.5, 0.8), "cover": 1.0},
                      {"move": move, "mood": "afraid", "arms": "cover"})  # fmt: skip
    flight = going(rng, octant, 3, rng.uniform(1.8, 3.2), float(rng.choice([0, 0, 40, -40])))
    rest = Beat(rng.uniform(1.6, 3.0), 0, 0, 0, {"hunch": 0.1}, {"move": "relax", "mood": "calm"})
    return [alert, sudden, flight, rest] if rng.random() < 0.6 else [alert, sudden, rest]


def chain(rng: np.random.Generator, count: int, quick: bool = False) -> list[Beat]:
    """Return beats that change direction, pace, turn and stance; quick ones last a second or so each."""
    beats: list[Beat] = []
    span = (0.8, 1.7) if quick else (1.6, 3.2)
    while len(beats) < count:
        draw = rng.random()
        if draw < 0.2 and (not beats or beats[-1].speed > 0):
            beats.append(standing(rng, rng.uniform(1.0, 2.4)))
        elif draw < 0.28:
            beats.append(turning(rng))
        elif draw < 0.34:
            beats += turn_and_go(rng)
        else:
            octant = int(rng.choice(8, p=[0.24, 0.1, 0.14, 0.09, 0.1, 0.09, 0.14, 0.1]))
            pace = int(rng.choice(4, p=[0.17, 0.33, 0.3, 0.2]))
            turn = float(rng.choice([0, 0, 0, 1, -1])) * rng.uniform(25, 80) * (1.0 if octant in (0, 1, 7) else 0.5)
            beats.append(going(rng, octant, pace, rng.uniform(*span), turn, bool(rng.random() < 0.4)))
    return beats


def ladder(rng: np.random.Generator, octant: int) -> list[Beat]:
    """Return beats that go up or down through the paces in one direction."""
    paces = [0, 1, 2, 3] if rng.random() < 0.6 else [3, 2, 1, 0]
    beats = [going(rng, octant, pace, rng.uniform(1.5, 2.2), 0.0, bool(rng.random() < 0.7)) for pace in paces]
    return [calm(rng.uniform(0.8, 1.6)), *beats, calm(1.2)]


def setting_off(rng: np.random.Generator, octant: int, pace: int) -> list[Beat]:
    """Return beats of a long calm and a start from it, then a stop."""
    stand = calm(rng.uniform(2.6, 5.0)) if rng.random() < 0.5 else standing(rng, rng.uniform(2.6, 5.0))
    return [stand, going(rng, octant, pace, rng.uniform(1.8, 2.6), 0.0, bool(rng.random() < 0.6)),
            standing(rng, rng.uniform(1.2, 2.0))]  # fmt: skip


def crouching(rng: np.random.Generator, octant: int) -> list[Beat]:
    """Return beats of going down, travelling crouched, staying low, getting up."""
    deep = rng.uniform(0.22, 0.36)
    low: Style = {"crouch": deep, "hunch": rng.uniform(0.2, 0.45)}
    pace = int(rng.choice([0, 0, 1]))
    speed = speed_of(octant, pace) * rng.uniform(0.92, 1.05)
    return [
        calm(rng.uniform(0.8, 1.6)),
        Beat(rng.uniform(1.4, 2.4), 0, 0, 0, low, {"move": "crouch"}),
        Beat(rng.uniform(2.2, 3.2), 45.0 * octant + rng.uniform(-8, 8), speed, 0, low, {"mood": "wary"}),
        Beat(rng.uniform(1.2, 2.0), 0, 0, 0, {}, {"move": "rise"}),
    ]


def limping(rng: np.random.Generator) -> list[Beat]:
    """Return beats of lame travel, mostly ahead."""
    side = float(rng.choice([-1, 1]))
    octant = int(rng.choice([0, 0, 0, 1, 7, 2, 6, 4]))
    style: Style = {"limp": side * rng.uniform(0.7, 1.1), "hunch": rng.uniform(0.05, 0.25), "swing": 0.8}
    hint = {"move": "limp", "side": "left" if side > 0 else "right"}
    turn = float(rng.choice([0, 0, 1, -1])) * rng.uniform(15, 40)
    go = Beat(rng.uniform(3.2, 4.5), 45.0 * octant, rng.uniform(0.5, 0.85), turn, style, hint)
    return [calm(rng.uniform(0.8, 1.4)), go, calm(1.2)]


def jumping(rng: np.random.Generator) -> list[Beat]:
    """Return beats of jumps with both feet, on the spot or in one of eight directions."""
    on_the_spot = rng.random() < 0.4
    octant = int(rng.choice([0, 0, 0, 1, 2, 4, 6, 7]))
    speed = 0.0 if on_the_spot else rng.uniform(0.7, 1.3)
    style: Style = {"hop": 1.0, "guard": rng.uniform(0.1, 0.4), "lean": 0.03}
    go = Beat(rng.uniform(1.5, 3.2), 45.0 * octant, speed, 0, style, {"move": "jump" if on_the_spot else "hop"})
    return [calm(rng.uniform(0.9, 1.8)), go, calm(rng.uniform(1.2, 1.8))]


def gesturing(rng: np.random.Generator) -> list[Beat]:
    """Return beats of waving or looking around while standing."""
    if rng.random() < 0.5:
        side = float(rng.choice([-1, 1]))
        act = Beat(rng.uniform(2.0, 3.2), 0, 0, 0, {"wave": side},
                   {"move": "wave", "side": "left" if side > 0 else "right", "arms": "wave"})  # fmt: skip
    else:
        act = Beat(rng.uniform(2.6, 4.5), 0, 0, 0, {"scan": rng.uniform(0.6, 1.0)}, {"move": "look"})
    return [calm(rng.uniform(0.8, 2.0)), act, calm(rng.uniform(0.8, 1.6))]
