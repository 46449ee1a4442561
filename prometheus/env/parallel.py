"""Parallel: several bodies in one world as a `pettingzoo.ParallelEnv`."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pettingzoo import ParallelEnv

from prometheus.env.actions import Kind, action_space, command
from prometheus.env.core import Field, Moving
from prometheus.env.picture import MODES, Picture
from prometheus.env.senses import observation_space, observe
from prometheus.env.tasks import TASKS, Task, task_of

_STAND = "a person stands still"


class ParallelWorld(ParallelEnv[str, dict[str, Any], Any]):
    """Bodies that act at the same time; who is caught or arrives leaves, and its body stands still.

    Example:
        >>> env = ParallelWorld("castle", agents=3)

    Args:
        world: name or file.
        agents: bodies; copies of the world's agent where it has fewer.
        body: this and all others are as for `WorldEnv`.
        task: "reach", "survive" or "follow".
        action: "continuous" or "text".
        motion: "model" or "stride".
        seconds: until all that are left are truncated.
        step_s: of world time between two actions.
        text: whether observations hold the scene as JSON.
        render_mode: "human", "rgb_array" or None.

    Raises:
        PrometheusError: an argument is wrong.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": list(MODES), "name": "prometheus_v0", "is_parallelizable": True, "render_fps": 4,
    }  # fmt: skip

    def __init__(
        self,
        world: str = "arena",
        *,
        agents: int = 2,
        body: str | None = None,
        task: Literal["reach", "survive", "follow"] | None = None,
        action: Kind = "continuous",
        motion: Moving = "model",
        seconds: float = 30.0,
        step_s: float = 0.25,
        text: bool = False,
        render_mode: str | None = None,
    ) -> None:
        self._picture = Picture(render_mode)
        self.field = Field(world, body, agents, motion, seconds, step_s)
        self.task = task_of(task, self.field)
        self.possible_agents = self.field.names
        self.agents: list[str] = []
        self.render_mode = render_mode
        self._shown = self._picture.show if render_mode == "human" else None
        self._text = text
        self._tasks: dict[str, Task] = {}
        self._random = np.random.default_rng()
        self._actions = {name: action_space(action) for name in self.possible_agents}
        self._observations = {name: observation_space(None, text) for name in self.possible_agents}
        self.observation_spaces, self.action_spaces = dict(self._observations), dict(self._actions)

    def observation_space(self, agent: str) -> Any:
        """Return the space of what an agent knows."""
        return self._observations[agent]

    def action_space(self, agent: str) -> Any:
        """Return the space of what an agent can be told."""
        return self._actions[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
        """Begin an episode."""
        if seed is not None:
            self._random = np.random.default_rng(seed)
        self.field.begin(int(self._random.integers(2**63)))
        self.agents = list(self.possible_agents)
        self._tasks = {name: TASKS[self.task](self.field, name) for name in self.agents}
        if self._shown is not None:
            self._shown(self.field)
        return self._observe(self.agents), {name: {} for name in self.agents}

    def step(self, actions: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        """Do what the actions say for `step_s` of world time; each dict has the agents that were there before it."""
        live = list(self.agents)
        if not live:
            return {}, {}, {}, {}, {}
        self.field.advance({name: command(action) for name, action in actions.items() if name in live}, self._shown)
        judged = {name: self._tasks[name].judge(self.field, name) for name in live}
        rewards = {name: float(reward) for name, (reward, _) in judged.items()}
        ends = {name: over for name, (_, over) in judged.items()}
        cuts = {name: self.field.over and not ends[name] for name in live}
        self.agents = [name for name in live if not (ends[name] or cuts[name])]
        for name in set(live) - set(self.agents):
            self.field.agent(name).obey(command(_STAND))
        infos = {name: {"caught": self.field.caught(name), "goal_m": self.field.to_goal(name)} for name in live}
        return self._observe(live), rewards, ends, cuts, infos

    def render(self) -> np.ndarray | None:
        """Return a picture from behind the first body, uint8 [h, w, 3]; a window draws itself, at each frame."""
        return self._picture.draw(self.field) if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Give world and renderer back."""
        self.field.close()
        self._picture.close()

    def _observe(self, names: list[str]) -> dict[str, dict[str, Any]]:
        return {name: observe(self.field, name, None, self._text) for name in names}
