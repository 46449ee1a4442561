"""Core: bodies in a world that somebody outside drives, a few frames at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from aether.brains.reflex import Reflex
from aether.mind import Mind
from prometheus.agent import Act, Agent
from prometheus.company import clone_agents
from prometheus.config import Config, load_config
from prometheus.env.stride import Stride
from prometheus.errors import ConfigError, shorten
from prometheus.judge import Command
from prometheus.loop import Simulation
from prometheus.think_time import think_time
from prometheus.world.physics import FRAME, World
from prometheus.world.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from prometheus.agent import Stream
    from prometheus.motion.motor import Motor

Moving = Literal["model", "stride"]
"""What moves bodies: the motion model, or plain strides for training a policy."""


class Driven(Agent):
    """An agent that never looks up by itself; `obey` tells it what to do."""

    def attends(self) -> bool:
        """Never; but after a fall it takes its bearings."""
        self._stand_again()
        return False


class Field:
    """A world with bodies that are driven.

    Args:
        world: name or file. body: what all wear, None for what the world says. agents: how many there are.
        motion: what moves them. seconds: of world time until the end. step_s: between two commands.

    Raises:
        PrometheusError: the world, body or a number is wrong.
    """

    def __init__(
        self, world: str, body: str | None, agents: int, motion: Moving, seconds: float, step_s: float
    ) -> None:
        if motion not in ("model", "stride"):
            raise ConfigError(f"motion is 'model' or 'stride', not '{shorten(motion, 30)}'")
        if not (FRAME <= step_s <= 10 and 0 < seconds <= 3600):
            raise ConfigError("step_s is 0.05 to 10 s, and seconds at most 3600")
        self.config: Config = load_config(body=body, agents=agents, seconds=float(seconds))
        self.scenario: Scenario = clone_agents(load_scenario(world), self.config.agents)
        self.motion: Moving = motion
        self.frames = max(1, round(step_s / FRAME))
        self.limit = max(1, round(seconds / FRAME))
        self.acts: dict[str, Act] = {}
        self._simulation: Simulation | None = None
        self.bodies = {name: _body(name) for name in {self.config.body or mind.body for mind in self.scenario.minds}}

    @property
    def names(self) -> list[str]:
        """Ids of all that are driven."""
        return [mind.id for mind in self.scenario.minds]

    @property
    def simulation(self) -> Simulation:
        """What runs.

        Raises:
            ConfigError: `reset` was not called yet.
        """
        if self._simulation is None:
            raise ConfigError("call reset() before step() or render()")
        return self._simulation

    @property
    def world(self) -> World:
        """Where it runs."""
        return self.simulation.world

    def agent(self, name: str) -> Driven:
        """Return one of the driven."""
        found = next(agent for agent in self.simulation.agents if agent.id == name)
        assert isinstance(found, Driven)
        return found

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.world.frame >= self.limit

    def begin(self, seed: int) -> None:
        """Build the world anew; everything random follows from the seed."""
        self.close()
        worlds, latents = np.random.SeedSequence(seed).spawn(2)
        minds = self.scenario.minds
        seeds = [int(state) for state in latents.generate_state(len(minds))]
        streams = self._streams(seeds)
        world = World(self.scenario, worlds)
        agents = []
        for actor, start, stream in zip(world.agents, minds, streams, strict=True):
            body = self.bodies[self.config.body or start.body]
            mind = Mind(Reflex())
            when = think_time("lockstep", "zero")
            agent = Driven(world, actor, mind, stream, body, think_time=when)
            agent.wears = self.config.body or start.body
            agents.append(agent)
        self._simulation = Simulation(world, agents)
        self.acts = {}

    def advance(self, commands: dict[str, Command], shown: Callable[[Field], None] | None = None) -> None:
        """Give commands and let `step_s` pass; who gets none goes on as before. `shown` is called after each frame."""
        for name, command in commands.items():
            self.agent(name).obey(command)
        for _ in range(self.frames):
            self.acts = {act.agent: act for act in self.simulation.step().acts}
            if shown is not None:
                shown(self)

    def caught(self, name: str) -> bool:
        """Whether a beast touches one now."""
        beasts = {npc.id for npc in self.world.npcs if npc.kind == "beast"}
        return any(contact.other in beasts for contact in self.world.actor(name).contacts)

    def to_goal(self, name: str) -> float | None:
        """Return the distance (m) that one has to its goal, None where it has none."""
        actor = self.world.actor(name)
        return None if actor.goal is None else math.dist(actor.position[:2].tolist(), actor.goal)

    def close(self) -> None:
        """Give the world back."""
        if self._simulation is not None:
            self._simulation.close()
            self._simulation = None

    def _streams(self, seeds: list[int]) -> list[Stream]:
        if self.motion == "stride":
            return [Stride() for _ in seeds]
        texts = ["a person stands still"] * len(seeds)
        return list(_motor().streams(texts, seeds, guidance=self.config.motion.guidance))


@lru_cache(maxsize=16)
def _body(name: str) -> Body:
    from hephaestus.bodies import load_body

    return load_body(name)


@lru_cache(maxsize=1)
def _motor() -> Motor:
    from prometheus.run import load_motion

    return load_motion(load_config())
