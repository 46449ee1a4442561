"""Single: a world as a `gymnasium.Env`."""

from __future__ import annotations

from typing import Any, Literal

import gymnasium
import numpy as np

from prometheus.drawing.eye import Eye
from prometheus.env.actions import Kind, action_space, command
from prometheus.env.core import Field, Moving
from prometheus.env.picture import MODES, Picture, modes
from prometheus.env.senses import observation_space, observe
from prometheus.env.tasks import TASKS, task_of


class WorldEnv(gymnasium.Env[dict[str, Any], Any]):
    """One body in a world.

    Example:
        >>> env = gymnasium.make("prometheus/Castle-v0", body="tank", render_mode="rgb_array")

    Args:
        world: name or file.
        body: what the agent wears; None for what the world says.
        task: "reach" a goal, "survive" or "follow"; None for what fits the world.
        action: "continuous" or "text".
        motion: "model" or "stride"; see `prometheus.env.core.Moving`.
        seconds: until the episode is truncated.
        step_s: of world time between two actions.
        image: size of the picture in observations, None for none.
        text: whether observations hold the scene as JSON.
        render_mode: "human" for a window, "rgb_array" or None.

    Raises:
        PrometheusError: an argument is wrong.
    """

    metadata: dict[str, Any] = {"render_modes": list(MODES), "render_fps": 4}  # noqa: RUF012  as Gymnasium has it

    def __init__(
        self,
        world: str = "arena",
        *,
        body: str | None = None,
        task: Literal["reach", "survive", "follow"] | None = None,
        action: Kind = "continuous",
        motion: Moving = "model",
        seconds: float = 30.0,
        step_s: float = 0.25,
        image: tuple[int, int] | None = None,
        text: bool = False,
        render_mode: str | None = None,
    ) -> None:
        self._picture = Picture(render_mode)
        self.field = Field(world, body, 1, motion, seconds, step_s)
        self.task = task_of(task, self.field)
        self.metadata = {"render_modes": modes(), "render_fps": 20 / self.field.frames}
        self.action_space = action_space(action)
        self.observation_space = observation_space(image, text)
        self.render_mode = render_mode
        self._shown = self._picture.show if render_mode == "human" else None
        self._eye = None if image is None else Eye(image)
        self._text = text
        self._name = self.field.scenario.agent.id

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin an episode."""
        super().reset(seed=seed)
        self.field.begin(int(self.np_random.integers(2**63)))
        self._task = TASKS[self.task](self.field, self._name)
        if self._shown is not None:
            self._shown(self.field)
        return self._observe(), self._info()

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Do what the action says for `step_s` of world time."""
        self.field.advance({self._name: command(action)}, self._shown)
        reward, over = self._task.judge(self.field, self._name)
        return self._observe(), float(reward), over, self.field.over and not over, self._info()

    def render(self) -> np.ndarray | None:
        """Return a picture from behind the body, uint8 [h, w, 3]; a window draws itself, at each frame."""
        return self._picture.draw(self.field) if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Give world and renderers back."""
        self.field.close()
        self._picture.close()
        if self._eye is not None:
            self._eye.close()

    def _observe(self) -> dict[str, Any]:
        return observe(self.field, self._name, self._eye, self._text)

    def _info(self) -> dict[str, Any]:
        world = self.field.world
        return {
            "time": round(world.time, 3),
            "caught": self.field.caught(self._name),
            "goal_m": self.field.to_goal(self._name),
        }
