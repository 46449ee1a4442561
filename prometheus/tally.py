"""Tally: what is counted of one agent, whether the run goes on now or is read back from its episode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from aether.calibration import Calibration

LEVELS = ("calm", "curious", "alert", "afraid", "panic")
_RIGHT = ("hit", "correct_safe")


def _nothing() -> dict[str, int]:
    return {"hit": 0, "miss": 0, "false_alarm": 0, "correct_safe": 0}


@dataclass
class Tally:
    """Counts of one agent.

    Attributes:
        agreement: of its calls with the forecast at once. settled: of the same calls with what then happened.
        calibration: how sure it was, against what then happened.
        leads: s between each danger that was foretold and its coming.
    """

    frames: int = 0
    decisions: int = 0
    replaced: int = 0
    fallbacks: int = 0
    contacts: int = 0
    caught: bool = False
    closest_threat_m: float | None = None
    agreement: dict[str, int] = field(default_factory=_nothing)
    settled: dict[str, int] = field(default_factory=_nothing)
    emotions: list[str] = field(default_factory=list)
    leads: list[float] = field(default_factory=list)
    calibration: Calibration = field(default_factory=Calibration)
    _touching: set[str] = field(default_factory=set)

    def saw(self, touching: Iterable[str], threats: Mapping[str, float]) -> None:
        """Count a frame: whom and what the body touches, and the gap (m) to each beast."""
        self.frames += 1
        touching = set(touching)
        self.contacts += len(touching - self._touching)
        self._touching = touching
        self.caught = self.caught or bool(touching & threats.keys())
        nearest = min(threats.values(), default=None)
        if nearest is not None:
            self.closest_threat_m = nearest if self.closest_threat_m is None else min(self.closest_threat_m, nearest)

    def decided(self, agreement: Mapping[str, str], *, replaced: bool, route: str, emotion: str) -> None:
        """Count a decision."""
        self.decisions += 1
        self.replaced += replaced
        self.fallbacks += route != "brain"
        self.emotions.append(emotion)
        for call in agreement.values():
            self.agreement[call] += 1

    def settle(self, calls: Mapping[str, str], confidence: float, leads: Iterable[float]) -> None:
        """Count what became of a decision's calls."""
        for call in calls.values():
            self.settled[call] += 1
        self.calibration.add(confidence, calls)
        self.leads += leads

    def figures(self) -> dict[str, Any]:
        """Return the figures that do not depend on the clock."""
        calibration = self.calibration.report()
        return {
            "frames": self.frames,
            "decisions": self.decisions,
            "predictions": {key: self.agreement[key] for key in ("hit", "miss", "false_alarm")},
            "calls_right": sum(self.agreement[key] for key in _RIGHT),
            "commands_replaced": self.replaced,
            "fallbacks": self.fallbacks,
            "contacts": self.contacts,
            "caught": self.caught,
            "closest_threat_m": None if self.closest_threat_m is None else round(self.closest_threat_m, 3),
            "emotion_at_end": self.emotions[-1] if self.emotions else None,
            "most_aroused": max(self.emotions, key=_level, default=None),
            "settled": dict(self.settled),
            "accuracy": calibration["right"],
            "brier": calibration["brier"],
            "calibration_error": calibration["expected_error"],
            "reliability": calibration["reliability"],
            "lead_time_s": round(fmean(self.leads), 3) if self.leads else None,
        }


def _level(emotion: str) -> int:
    return LEVELS.index(emotion) if emotion in LEVELS else -1
