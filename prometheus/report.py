"""Report: the figures of a run."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.episode import versions
from prometheus.world.geometry import penetration

if TYPE_CHECKING:
    from prometheus.loop import Moment, Simulation


@dataclass
class Report:
    """Counts while a run goes on; see the README for what each key of `to_json` means."""

    header: dict[str, Any]
    decisions: int = 0
    replaced: int = 0
    fallbacks: int = 0
    frames: int = 0
    contacts: int = 0
    caught: bool = False
    agreement: dict[str, int] = field(
        default_factory=lambda: {"hit": 0, "miss": 0, "false_alarm": 0, "correct_safe": 0}
    )
    closest_threat_m: float | None = None
    emotions: list[str] = field(default_factory=list)
    deepest_wall_penetration_m: float = 0.0
    deepest_bone_m: float = 0.0
    control_fps: float = 0.0
    finish_seconds: float = 0.0
    renderer: str | None = None
    stages: dict[str, float] = field(default_factory=dict)
    thinking: dict[str, Any] = field(default_factory=dict)
    _places: list[np.ndarray] = field(default_factory=list)
    _touching: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, simulation: Simulation, header: dict[str, Any]) -> Report:
        """Start counting."""
        return cls(dict(header))

    def see(self, simulation: Simulation, moment: Moment) -> None:
        """Count a frame."""
        agent = simulation.world.agent
        self.frames += 1
        self._places.append(agent.position.copy())
        touching = {contact.other for contact in agent.contacts}
        self.contacts += len(touching - self._touching)
        self._touching = touching
        for npc in simulation.world.npcs:
            if npc.kind != "beast":
                continue
            gap = agent.distance_to(npc.position) - agent.radius - npc.radius
            self.closest_threat_m = gap if self.closest_threat_m is None else min(self.closest_threat_m, gap)
            self.caught |= npc.id in touching
        if moment.thought is not None and moment.verdict is not None:
            self.decisions += 1
            self.replaced += moment.verdict.replaced
            self.fallbacks += moment.thought.route != "brain"
            self.emotions.append(simulation.mind.emotion.name)
            for outcome in moment.verdict.agreement.values():
                self.agreement[outcome] += 1

    def finish(self, simulation: Simulation, local: np.ndarray) -> None:
        """Work out what needs the whole run; `finish_seconds` keeps what that took.

        Args:
            simulation: that has run.
            local: [T, J, 4, 4], the agent's poses.
        """
        started = time.perf_counter()
        world = simulation.world
        places = np.array(self._places)
        radius = np.full(len(places), world.agent.radius)
        height = np.full(len(places), world.agent.height)
        self.deepest_wall_penetration_m = float(max(0.0, penetration(places, radius, world.solids, height).max()))
        self.deepest_bone_m = _deepest_bone(simulation, local)
        spent = sum(simulation.watch.total.values())
        self.stages = {name: seconds / spent for name, seconds in simulation.watch.total.items()}
        self.control_fps = self.frames / spent
        self.thinking = _thinking(simulation.mind)
        self.finish_seconds = time.perf_counter() - started

    def outcome(self) -> dict[str, Any]:
        """Return the figures that do not depend on the clock."""
        return {
            "frames": self.frames,
            "decisions": self.decisions,
            "predictions": {key: self.agreement[key] for key in ("hit", "miss", "false_alarm")},
            "calls_right": self.agreement["hit"] + self.agreement["correct_safe"],
            "commands_replaced": self.replaced,
            "fallbacks": self.fallbacks,
            "contacts": self.contacts,
            "caught": self.caught,
            "closest_threat_m": None if self.closest_threat_m is None else round(self.closest_threat_m, 3),
            "deepest_wall_penetration_m": round(self.deepest_wall_penetration_m, 4),
            "deepest_bone_m": round(self.deepest_bone_m, 4),
            "emotion_at_end": self.emotions[-1] if self.emotions else None,
            "most_aroused": max(self.emotions, key=_LEVEL.index, default=None),
        }

    def to_json(self) -> dict[str, Any]:
        """Return everything that `report.json` holds."""
        run = {key: self.header[key] for key in ("world", "seed", "brain", "body")}
        return {
            **run,
            **self.outcome(),
            "control_fps": round(self.control_fps, 1),
            "stages": {name: round(share, 4) for name, share in self.stages.items()},
            "thinking": self.thinking,
            "renderer": self.renderer,
            "versions": versions(),
        }

    def write(self, path: Path) -> None:
        """Write `report.json` whole or not at all."""
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")
        os.replace(part, path)


_CHUNK = 400
"""Frames looked at together."""
_LEVEL = ("calm", "curious", "alert", "afraid", "panic")


def _thinking(mind: object) -> dict[str, Any]:
    """What a mind's ledger and calibration say; {} for one that keeps none."""
    ledger, calibration = getattr(mind, "ledger", None), getattr(mind, "calibration", None)
    if ledger is None or calibration is None:
        return {}
    return {"ledger": ledger.totals(), "latency": ledger.latency(), "calibration": calibration.report()}


def _deepest_bone(simulation: Simulation, local: np.ndarray) -> float:
    """How deep (m) any bone, with its flesh, ever was inside a wall: animation has hands that physics does not stop."""
    body, solids = simulation.body, simulation.world.solids
    deepest = 0.0
    for first in range(0, len(local), _CHUNK):
        ends = body.bones(body.asset.world(local[first : first + _CHUNK]))
        points = np.concatenate([ends, ends.mean(-2, keepdims=True)], -2)[..., [2, 0, 1]]
        radius = np.broadcast_to(body.bone_radii[None, :, None], points.shape[:-1])
        deepest = max(deepest, float(penetration(points.reshape(-1, 3), radius.reshape(-1), solids).max()))
    return deepest
