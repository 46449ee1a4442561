"""Report: the figures of a run."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.episode import versions
from prometheus.tally import Tally
from prometheus.world.geometry import penetration

if TYPE_CHECKING:
    from prometheus.docket import Outcome
    from prometheus.loop import Moment, Simulation


@dataclass
class Report:
    """Counts while a run goes on; see the README for what each key of `to_json` means.

    Attributes:
        header: of the episode. tallies: what was counted of each agent, by its id, the first agent's first.
    """

    header: dict[str, Any]
    tallies: dict[str, Tally]
    deepest_wall_penetration_m: float = 0.0
    deepest_bone_m: float = 0.0
    control_fps: float = 0.0
    finish_seconds: float = 0.0
    renderer: str | None = None
    stages: dict[str, float] = field(default_factory=dict)
    thinking: dict[str, Any] = field(default_factory=dict)
    _places: list[np.ndarray] = field(default_factory=list)

    @classmethod
    def begin(cls, simulation: Simulation, header: dict[str, Any]) -> Report:
        """Start counting."""
        return cls(dict(header), {agent.id: Tally() for agent in simulation.agents})

    @property
    def first(self) -> Tally:
        """What was counted of the first agent."""
        return next(iter(self.tallies.values()))

    @property
    def frames(self) -> int:
        """Frames done."""
        return self.first.frames

    @property
    def decisions(self) -> int:
        """Decisions of the first agent."""
        return self.first.decisions

    @property
    def caught(self) -> bool:
        """Whether a beast touched the first agent."""
        return self.first.caught

    def see(self, simulation: Simulation, moment: Moment) -> None:
        """Count a frame."""
        beasts = [npc for npc in simulation.world.npcs if npc.kind == "beast"]
        self._places.append(simulation.world.agent.position.copy())
        for agent, act in zip(simulation.agents, moment.acts, strict=True):
            actor, tally = agent.actor, self.tallies[agent.id]
            gaps = {b.id: actor.distance_to(b.position) - actor.radius - b.radius for b in beasts}
            tally.saw((contact.other for contact in actor.contacts), gaps)
            if act.thought is not None and act.verdict is not None:
                tally.decided(
                    act.verdict.agreement,
                    replaced=act.verdict.replaced,
                    route=act.thought.route,
                    emotion=agent.mind.emotion.name,
                )
            self.settle(act.outcomes)

    def settle(self, outcomes: Iterable[Outcome]) -> None:
        """Count what became of earlier decisions."""
        for outcome in outcomes:
            self.tallies[outcome.agent].settle(outcome.calls, outcome.confidence, outcome.leads)

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
        """Return the figures that do not depend on the clock: the first agent's, and under "agents" the others'."""
        first, *others = self.tallies
        figures = self.tallies[first].figures() | {
            "deepest_wall_penetration_m": round(self.deepest_wall_penetration_m, 4),
            "deepest_bone_m": round(self.deepest_bone_m, 4),
        }
        return figures | ({"agents": {name: self.tallies[name].figures() for name in others}} if others else {})

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
