"""Motion without a network: a body in its rest pose that goes exactly where it is steered to."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aether.team import Team
from hephaestus.bodies import load_body
from hephaestus.skeleton import rest_joints
from prometheus.agent import Agent
from prometheus.loop import Simulation
from prometheus.motion.features import LocalFrames
from prometheus.think_time import Charged
from prometheus.world.document import read_document
from prometheus.world.physics import World
from prometheus.world.scenario import load_scenario, parse_scenario


class Legs:
    """A stream that obeys."""

    model_seconds = 0.0

    def __init__(self) -> None:
        self.said: list[tuple[str, bool]] = []
        self._velocity, self._turn = (0.0, 0.0), 0.0

    def push(self, text, *, urgent=False):
        self.said.append((text, urgent))

    def steer(self, control):
        self._velocity, self._turn = control.velocity or (0.0, 0.0), control.turn

    def next(self, frames=1):
        joints = np.float32(rest_joints())[None]
        rotations = np.tile(np.float32([0, 0, 0, 1]), (1, 22, 1))
        step = np.float32([self._velocity]) / 20
        return LocalFrames(joints, rotations, np.float32([self._turn / 20]), step, np.ones((1, 4), np.float32))


def scenario_of(text: str, folder: Path):
    """A scenario from YAML."""
    path = folder / "world.yaml"
    path.write_text(text)
    return parse_scenario(read_document(path))


def simulation_of(scenario, minds, *, think_time=None, seed=1, judge_mode="enforce", eye=None):
    """A simulation that moves on `Legs`, with a mind an agent."""
    world = World(load_scenario(scenario) if isinstance(scenario, str) else scenario, seed)
    team = Team() if len(world.agents) > 1 else None
    worn = load_body("humanoid")
    agents = []
    for actor, mind, start in zip(world.agents, minds, world.scenario.minds, strict=True):
        if team is not None:
            team.join(actor.id, mind, start.role, ward=start.ward)
        when = think_time() if think_time is not None else Charged(0.0)
        agents.append(Agent(world, actor, mind, Legs(), worn, think_time=when))
    return Simulation(world, agents, judge_mode=judge_mode, team=team, eye=eye)
