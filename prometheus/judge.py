"""The judge: a decision against the forecast. What was predicted right, and which command is carried out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from prometheus.errors import ConfigError, shorten
from prometheus.intent import DIRECTIONS, PACES, Intent, read_intent

if TYPE_CHECKING:
    from aether.decision import Decision, Outlook
    from prometheus.world.forecast import Forecast, Risk

Mode = Literal["off", "advise", "enforce"]
MODES = ("off", "advise", "enforce")
Agreement = Literal["hit", "miss", "false_alarm", "correct_safe"]
KEYS = ("forward", "left", "right", "backward")
BRAKING = {"wall": 0.8, "object": 0.8, "drop": 1.2, "water": 1.2}
"""s: what stands still and is this near in time makes a command unsafe; before that the mind still has a thought to
turn away in, and more of it before an edge than before a wall."""
NEXT_THOUGHT, YIELD = 0.6, 3.5
"""s until the thought after this one shows in the body, and m/s^2 at which a runner who turns away loses its way
ahead: who runs needs a longer look than `BRAKING` gives."""
_TURN = {"left": math.pi / 2, "right": -math.pi / 2, "around": math.pi, None: 0.0}
_WORDS = {
    "forward": "forward",
    "forward-left": "forward and to the left",
    "left": "to the left",
    "backward-left": "backward and to the left",
    "backward": "backward",
    "backward-right": "backward and to the right",
    "right": "to the right",
    "forward-right": "forward and to the right",
}
_VERBS = ((0.2, "stands still"), (1.0, "creeps"), (2.0, "walks"), (3.6, "runs"), (math.inf, "sprints"))


@dataclass(frozen=True, slots=True)
class Command:
    """What the body is told to do.

    Attributes:
        text: the sentence for the motion model.
        direction: rad in the body's frame, left positive; None for no travel.
        pace: m/s.
        turn: rad, change of facing asked for.
        intensity: 0 (limp) to 1 (panic).
        urgent: whether the body must react at once instead of with its next step.
    """

    text: str
    direction: float | None
    pace: float
    turn: float
    intensity: float
    urgent: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "text": self.text,
            "direction": None if self.direction is None else round(self.direction, 4),
            "pace": round(self.pace, 2),
            "turn": round(self.turn, 4),
            "intensity": round(self.intensity, 3),
            "urgent": self.urgent,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judged decision.

    Attributes:
        forecast: Risk of each way: the 8 directions and "stand".
        npcs: Risk of each entity, by id.
        agreement: for each key that was predicted, and for each danger that was not: "hit" (danger foretold), "miss",
            "false_alarm" or "correct_safe".
        command: what is carried out.
        reason: why that, or (mode "advise") why it should not be; None where the mind's own command is safe.
        replaced: whether the command is not what the mind asked for.
    """

    forecast: Mapping[str, Risk]
    npcs: Mapping[str, Risk]
    agreement: Mapping[str, Agreement]
    command: Command
    reason: str | None = None
    replaced: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values with a fixed order of keys."""
        return {
            "forecast": {name: risk.to_json() for name, risk in self.forecast.items()},
            "npcs": {name: risk.to_json() for name, risk in self.npcs.items()},
            "agreement": dict(self.agreement),
            "command": self.command.to_json(),
            "reason": self.reason,
            "replaced": self.replaced,
        }


def judge(decision: Decision, forecast: Forecast, mode: Mode = "enforce", previous: Command | None = None) -> Verdict:
    """Judge a decision.

    Args:
        decision: what the mind said.
        forecast: what physics says.
        mode: "enforce" replaces an unsafe command by the nearest safe one, "advise" only says why, "off" is silent.
        previous: the command until now; what differs from it sharply is urgent.

    Raises:
        ConfigError: no such mode.
    """
    if mode not in MODES:
        raise ConfigError(f"no judge mode '{shorten(mode, 20)}'; use one of {', '.join(MODES)}")
    asked = command_of(decision.motion)
    reason, safer = (None, None) if mode == "off" else _review(asked, forecast)
    replaced = mode == "enforce" and safer is not None
    command = safer if replaced and safer is not None else asked
    command = replace(command, urgent=_urgent(command, previous, forecast))
    return Verdict(forecast.ways, forecast.npcs, agreement(decision.predict, forecast), command, reason, replaced)


def agreement(predict: Mapping[str, Outlook], forecast: Forecast) -> dict[str, Agreement]:
    """Compare a prediction with the forecast, key by key.

    A direction that was not predicted counts as called safe where it is a danger (a miss), and not at all where it is
    safe; likewise for the npc, which stands for the entity that matters most.
    """
    truth = {key: forecast.ways[key].danger for key in KEYS}
    truth["npc"] = forecast.npc is not None and forecast.npc.danger
    return compare(predict, truth)


def compare(predict: Mapping[str, Outlook], truth: Mapping[str, bool]) -> dict[str, Agreement]:
    """Compare a prediction with what is, or was, a danger, by key; see `agreement`."""
    result: dict[str, Agreement] = {}
    for key, danger in truth.items():
        outlook = predict.get(key)
        if outlook is None:
            if danger:
                result[key] = "miss"
        elif outlook.danger:
            result[key] = "hit" if danger else "false_alarm"
        else:
            result[key] = "miss" if danger else "correct_safe"
    return result


def command_of(text: str) -> Command:
    """Return the command that a MOTION sentence asks for; without any word of movement it is to stand."""
    intent = read_intent(text)
    turn = _TURN[intent.turn]
    pace = intent.speed if intent.speed is not None else (PACES["walk"] if intent.turn and intent.direction else 0.0)
    direction = _travel(intent, turn) if pace > 0 else None
    intensity = intent.intensity if intent.intensity is not None else min(0.15 + pace / 6.0, 0.9)
    return Command(text, direction, pace, turn, intensity)


def way_name(direction: float | None) -> str:
    """Return the nearest of the eight directions to an angle (rad, body frame), or "stand"."""
    if direction is None:
        return "stand"
    return min(DIRECTIONS, key=lambda name: abs(math.remainder(direction - DIRECTIONS[name], 2 * math.pi)))


def sentence(way: str, pace: float, manner: str = "") -> str:
    """Return a plain MOTION sentence for a way and a pace (m/s), such as "a person runs to the left, in panic"."""
    verb = next(word for limit, word in _VERBS if (0.0 if way == "stand" else pace) <= limit)
    where = f" {_WORDS[way]}" if way in _WORDS else ""
    return f"a person {verb}{where}" + (f", {manner}" if manner else "")


def _travel(intent: Intent, turn: float) -> float | None:
    # "turn left and walk forward" goes left; "sprints" alone goes where the body faces.
    if intent.turn is not None and intent.direction in (None, "forward"):
        return turn
    return intent.bearing if intent.direction is not None else 0.0


def _review(asked: Command, forecast: Forecast) -> tuple[str | None, Command | None]:
    """Why a command is unsafe, and what to do instead; (None, None) where it is safe."""
    way = way_name(asked.direction)
    risk = forecast.at(way, asked.pace)
    if not _unsafe(risk, asked.pace):
        return None, None
    going = "standing" if way == "stand" else way
    met = f"{going} would meet {_article(risk.kind)} in {_seconds(risk, asked.pace):.1f} s"
    pace = asked.pace if risk.kind in BRAKING else forecast.pace
    ways = {name: forecast.at(name, pace) for name in forecast.ways}
    safe = [name for name, other in ways.items() if not _unsafe(other, pace if name != "stand" else 0.0)]
    if safe:
        best = min(safe, key=lambda name: _detour(name, asked, forecast))
        reason = f"{met}; {best} is free"
    else:
        best = max(ways, key=lambda name: _seconds(ways[name], pace))
        reason = f"{met}; no way is free, {best} has the longest"
    if best == way:
        return reason, None
    stands = best == "stand"
    manner = _manner(asked.text)
    return reason, Command(
        sentence(best, pace, manner),
        None if stands else DIRECTIONS[best],
        0.0 if stands else pace,
        0.0,
        max(asked.intensity, 0.0 if risk.kind in BRAKING else 0.6),
    )


def _unsafe(risk: Risk, pace: float) -> bool:
    if risk.kind is None:
        return False
    if risk.kind in BRAKING:
        # The forecast is made at the situation's pace; a slower step reaches the wall later.
        return pace > 0 and _seconds(risk, pace) <= max(BRAKING[risk.kind], NEXT_THOUGHT + 0.5 * pace / YIELD)
    return risk.danger


def _seconds(risk: Risk, pace: float) -> float:
    if risk.kind in BRAKING and risk.distance_m is not None:
        return risk.distance_m / max(pace, 0.05)
    return math.inf if risk.time_s is None else risk.time_s


def _detour(name: str, asked: Command, forecast: Forecast) -> tuple[float, float]:
    """Order of alternatives: the smallest turn off what was asked, then the freest; standing still comes late."""
    clearance = -forecast.ways[name].clearance_m
    if name == "stand":
        return (math.pi * 0.76 if asked.direction is not None else 0.0), clearance
    if asked.direction is None:
        return 0.0, clearance
    return round(abs(math.remainder(asked.direction - DIRECTIONS[name], 2 * math.pi)), 3), clearance


def _manner(text: str) -> str:
    _, _, tail = text.partition(",")
    tail = tail.strip(" ,.;")[:120]
    intent = read_intent(tail)
    return "" if intent.direction or intent.turn or intent.pace else tail


def _urgent(command: Command, previous: Command | None, forecast: Forecast) -> bool:
    course = forecast.course
    if course.danger and course.time_s is not None and course.time_s < 1.0:
        return True
    if previous is None:
        return False
    if abs(command.pace - previous.pace) >= 1.5 and command.intensity >= 0.5:
        return True
    if command.direction is None or previous.direction is None:
        return False
    bend = abs(math.remainder(command.direction - previous.direction, 2 * math.pi))
    return bend > math.pi / 3 and command.pace >= 2.0


def _article(kind: str | None) -> str:
    if kind is None:
        return "something"
    return kind if kind == "water" else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
