"""The loop: perceive, predict, judge, act, step, record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import numpy as np

from aether.mind import Thought
from aether.scene import Scene
from aether.team import Team
from hephaestus.motion import Motion
from prometheus.agent import Act, Agent, Mind, Place, Stream
from prometheus.judge import Mode as Judging
from prometheus.judge import Verdict
from prometheus.stopwatch import Stopwatch
from prometheus.world.forecast import forecaster
from prometheus.world.physics import FRAME, World

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from prometheus.drawing.eye import Eye

__all__ = ["FRAME", "Act", "Agent", "Mind", "Moment", "Place", "Simulation", "Stream"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame of 50 ms as it turned out.

    Attributes:
        frame: its number, 1 for the first.
        acts: what each agent did, in the order of `Simulation.agents`.
    """

    frame: int
    acts: tuple[Act, ...]

    @property
    def motion(self) -> Motion:
        """The first agent's motion."""
        return self.acts[0].motion

    @property
    def local(self) -> np.ndarray:
        """The first agent's pose."""
        return self.acts[0].local

    @property
    def scene(self) -> Scene | None:
        """What the first agent's decision was made from."""
        return self.acts[0].scene

    @property
    def thought(self) -> Thought | None:
        """The first agent's decision."""
        return self.acts[0].thought

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on it."""
        return self.acts[0].verdict


class Simulation:
    """Agents in a world.

    Args:
        world: where it happens; closed with the simulation.
        agents: who has a mind, one for each of `world.agents`; their minds are closed with the simulation.
        judge_mode: "off", "advise" or "enforce".
        forecast: how the judge looks ahead, "analytic" or "physics".
        team: through which they hear one another, or None.
        eye: draws what they see, for brains with vision, or None; closed with the simulation.
    """

    def __init__(
        self,
        world: World,
        agents: Sequence[Agent],
        *,
        judge_mode: Judging = "enforce",
        forecast: Literal["analytic", "physics"] = "analytic",
        team: Team | None = None,
        eye: Eye | None = None,
    ) -> None:
        self.world, self.agents, self.judge_mode, self.team = world, list(agents), judge_mode, team
        self.eye = eye
        self._forecast: Literal["analytic", "physics"] = forecast
        self.forecast = forecaster(forecast, world)
        self.watch = Stopwatch()

    def step(self) -> Moment:
        """Advance by one frame."""
        with self.watch.stage("perceive"):
            awake = [agent for agent in self._heard() if agent.attends()]
            _each(awake, Agent.perceive, self.eye)
        with self.watch.stage("judge"):
            _each(awake, Agent.foresee, self.forecast)
        with self.watch.stage("predict"):
            _each(awake, Agent.ask)
            decided = [agent for agent in awake if agent.predict()]
        with self.watch.stage("judge"):
            _each(decided, Agent.judge, self.judge_mode)
        with self.watch.stage("motion"):
            _each(self.agents, Agent.steer)
            _each(self.agents, Agent.act)
        with self.watch.stage("physics"):
            self.world.step()
            _each(self.agents, Agent.learn)
        with self.watch.stage("body"):
            return Moment(self.world.frame, tuple(agent.settle() for agent in self.agents))

    def run(self, seconds: float) -> Iterator[Moment]:
        """Yield each frame of the next seconds of world time."""
        for _ in range(max(1, round(seconds / FRAME))):
            yield self.step()

    def look_anew(self) -> None:
        """Let the forecast know that something was built since."""
        self.forecast.close()
        self.forecast = forecaster(self._forecast, self.world)

    @property
    def agent(self) -> Agent:
        """The first agent."""
        return self.agents[0]

    @property
    def mind(self) -> Mind:
        """The first agent's mind; `simulation.mind.brain` may be set at any time."""
        return self.agent.mind

    @property
    def stream(self) -> Stream:
        """The first agent's motion."""
        return self.agent.stream

    @property
    def body(self) -> Body:
        """The first agent's body; set `simulation.agent.body` to change it."""
        return self.agent.body

    def close(self) -> None:
        """Free the world and stop the minds."""
        self.forecast.close()
        self.world.close()
        _each(self.agents, Agent.close)
        if self.team is not None:
            self.team.close()
        if self.eye is not None:
            self.eye.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _heard(self) -> list[Agent]:
        """All agents, once the team knows where they are."""
        if self.team is not None:
            for agent in self.agents:
                self.team.moved(agent.id, *agent.place, agent.actor.heading)
        return self.agents


def _each(agents: Sequence[Agent], step: Callable[..., object], *given: object) -> None:
    for agent in agents:
        step(agent, *given)
