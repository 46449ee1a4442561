"""Embodiment (C10): the same brain and scenario in several bodies, and a body changed while it runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.bench.draw import Draw
from prometheus.bench.generate import child
from prometheus.bench.layout import Being, Layout
from prometheus.bench.live import FPS, Take
from prometheus.bench.lived import digest
from prometheus.bench.marks import Marks, mark

if TYPE_CHECKING:
    from aether.scene import Scene
    from prometheus.bench.stage import Stage

BODIES = ("humanoid", "tank", "beast", "spider")
"""The shipped bodies that are compared; the first one's intent is what the others are held to."""
_EACH = 3.0
_SWAP_AT = 2.0
_EXACT, _LOST = 0.05, 0.5
"""Root path error, as a share of the path's length, up to which it is full and from which it is nothing."""
_OPEN = Layout({}, (), 0.0, "explore")


@dataclass(frozen=True)
class Worn:
    """What was seen of a body.

    Attributes:
        body: its name or path. stride: m that it goes for each of the human's. live: the scenario, with the brain.
        replay: the humanoid's own decisions again, on open ground.
    """

    body: str
    stride: float
    live: Take
    replay: Take


@dataclass(frozen=True, slots=True)
class Swap:
    """A body changed during a run.

    Attributes:
        seconds: that the change took. frames: of the decisions. least: decisions that were due at least.
    """

    seconds: float
    frames: tuple[int, ...]
    least: int


def measure_bodies(stage: Stage, seed: int, more: Sequence[str] = ()) -> tuple[Marks, dict[str, Any], float]:
    """Wear each of `BODIES` and `more`, and change bodies during a run.

    Returns:
        The marks; what the report tells of each body: path error, outcome, arousal, and a digest of all that it did;
        and the time that the change of bodies took, ms.

    Raises:
        BodyError: a body of `more` cannot be read.
    """
    from hephaestus.bodies import load_body

    names = list(dict.fromkeys((*BODIES, *more)))
    strides = {name: float(load_body(name).stride) for name in names}
    rising = script(seed)
    first = replace(stage, body=BODIES[0]).take(rising, 3 * _EACH, seed)
    said = [(decided.frame, _lines(decided.reading.decision)) for decided in first.decisions]
    worn = []
    for name in names:
        dressed = replace(stage, body=name)
        live = first if name == BODIES[0] else dressed.take(rising, 3 * _EACH, seed)
        worn.append(Worn(name, strides[name], live, _again(dressed, said, seed)))
    swap = _swap(stage, seed)
    told = {
        each.body: {
            "path_error": round(path_error(each, worn[0]), 4),
            "caught": bool(each.live.caught.any()),
            "arousal": [round(value, 3) for value in arousal(each)],
            "print": digest([each.live, each.replay]),
        }
        for each in worn
    }
    return score(worn, swap), told, round(1000 * swap.seconds, 1)


def score(worn: Sequence[Worn], swap: Swap) -> Marks:
    """Root path error 40, threat outcome kept 30, arousal order over three levels 20, swap in under a second 10."""
    first, others = worn[0], worn[1:] or worn
    errors = [path_error(each, first) for each in others]
    follows = fmean(min(max((_LOST - error) / (_LOST - _EXACT), 0.0), 1.0) for error in errors)
    kept = [not each.live.caught.any() or bool(first.live.caught.any()) for each in others]
    orders = [ordered(arousal(each)) for each in worn]
    gaps = np.diff((0, *swap.frames))
    whole = len(swap.frames) >= swap.least and bool((gaps <= FPS // 2 + 1).all())
    return Marks(
        "C10",
        (
            mark("root path as the humanoid's", 40, follows, f"<= {_EXACT}", _row(errors)),
            mark("outcome of the threat kept", 30, fmean(kept), "as the humanoid's", f"{sum(kept)} of {len(kept)}"),
            mark("arousal rises over three levels", 20, fmean(orders), "1", _row(orders)),
            mark(
                "changed in a run", 10, whole and swap.seconds < 1.0, "< 1 s, no decision lost",
                f"{len(swap.frames)} decisions",
            ),
        ),
    )  # fmt: skip


def path_error(worn: Worn, first: Worn) -> float:
    """How far two bodies that follow the same decisions part within a second, as a share of the way of the first.

    Each second's way is taken in the body's own strides and from where it then faces: decisions tell directions of the
    body, and a step that falls a little otherwise would else turn everything after it.
    """
    ours, theirs = _ways(worn), _ways(first)
    count = min(len(ours), len(theirs))
    length = float(np.linalg.norm(theirs[:count], axis=1).mean())
    return float(np.linalg.norm(ours[:count] - theirs[:count], axis=1).mean()) / max(length, 0.1)


def _ways(worn: Worn) -> np.ndarray:
    """[N, 2] strides forward and to the left in each second, a new one every half."""
    take = worn.replay
    start = np.arange(0, len(take.place) - FPS, FPS // 2)
    gone = (take.place[start + FPS] - take.place[start]) / worn.stride
    cos, sin = np.cos(take.heading[start]), np.sin(take.heading[start])
    return np.stack([cos * gone[:, 0] + sin * gone[:, 1], cos * gone[:, 1] - sin * gone[:, 0]], 1)


def arousal(worn: Worn) -> list[float]:
    """How excited a body moves in each of the three phases: half its pace, half how fast its own joints turn."""
    take = worn.live
    pace = take.speed / (4.5 * worn.stride)
    most = float(np.percentile(take.stir, 95)) if take.stir.size else 0.0
    stir = take.stir / most if most > 1e-6 else np.zeros_like(pace)
    size = round(_EACH * FPS)
    return [float((0.5 * pace + 0.5 * stir)[i * size + FPS // 2 : (i + 1) * size].mean()) for i in range(3)]


def ordered(values: Sequence[float]) -> float:
    """Share of pairs that rise."""
    pairs = [(a, b) for i, a in enumerate(values) for b in values[i + 1 :]]
    return sum(a < b for a, b in pairs) / len(pairs)


def script(seed: int) -> list[tuple[float, Layout]]:
    """Nobody, then a beast that wanders near, then one that charges; where it stands follows from the seed."""
    draw = Draw(child(seed, "C10"))
    near = Being("beast", "wander", draw.metres(3.4, 4.6), draw.pick((-1.0, 1.0)) * draw.random.uniform(0.5, 1.3))
    far = replace(near, behaviour="charge", distance=draw.metres(5.0, 7.0))
    moments = (_OPEN, replace(_OPEN, beings=(near,)), replace(_OPEN, beings=(far,)))
    return [(_EACH * number, layout) for number, layout in enumerate(moments)]


def _again(stage: Stage, said: Sequence[tuple[int, str]], seed: int) -> Take:
    """Play decisions again at their frames, on open ground, where nothing else has a say."""
    now = [0]

    def tick(simulation: Any, frame: int) -> None:
        now[0] = frame

    def repeat(scene: Scene) -> str:
        return [text for frame, text in said if frame <= now[0]][-1]

    return replace(stage, minds=_minds(repeat)).take([(0.0, _OPEN)], 3 * _EACH, seed, before=tick)


def _minds(think: Any) -> Any:
    from aether.mind import Mind

    return lambda config, scenario: {agent.id: Mind(think) for agent in scenario.minds}


def _swap(stage: Stage, seed: int) -> Swap:
    took = [0.0]

    def change(simulation: Any, frame: int) -> None:
        if frame == round(_SWAP_AT * FPS):
            started = time.perf_counter()
            simulation.agent.body = BODIES[1]
            took[0] = time.perf_counter() - started

    take = replace(stage, body=BODIES[0]).take([(0.0, _OPEN)], 2 * _SWAP_AT, seed, before=change)
    frames = tuple(decided.frame for decided in take.decisions)
    return Swap(took[0], frames, round(2 * _SWAP_AT * FPS) // (FPS // 2))


def _lines(decision: Any) -> str:
    return "PREDICT: npc=safe\nMOTION: a person stands still" if decision is None else str(decision)


def _row(values: Sequence[float]) -> str:
    return " ".join(f"{value:.2f}" for value in values)
