"""Tasks: what is rewarded, and when an episode has come to its own end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from prometheus.errors import ConfigError, shorten

if TYPE_CHECKING:
    from prometheus.env.core import Field

CAUGHT, ARRIVED = -10.0, 10.0
NEAR = 1.0
"""m from the goal that count as there."""
BESIDE = (1.0, 3.0)
"""m from who is followed that earn the whole reward."""


class Task(Protocol):
    """Judges one body; a new one for each body and episode."""

    def judge(self, field: Field, name: str) -> tuple[float, bool]:
        """Return the reward of the last step, and whether the body's episode is over by itself."""
        ...


class Survive:
    """Each second unharmed is worth 1; to be caught costs 10 and ends it."""

    def __init__(self, field: Field, name: str) -> None:
        self._step_s = field.frames / 20

    def judge(self, field: Field, name: str) -> tuple[float, bool]:
        """As `Task.judge`."""
        return (CAUGHT, True) if field.caught(name) else (self._step_s, False)


class Reach:
    """Each metre nearer to the goal is worth 1 and a second costs 0.05; arriving earns 10, to be caught costs 10.

    Raises:
        ConfigError: the body has no goal.
    """

    def __init__(self, field: Field, name: str) -> None:
        left = field.to_goal(name)
        if left is None:
            raise ConfigError(f"'{name}' has no goal in the world '{field.scenario.name}'; use task='survive'")
        self._left, self._cost = left, 0.05 * field.frames / 20

    def judge(self, field: Field, name: str) -> tuple[float, bool]:
        """As `Task.judge`."""
        left = field.to_goal(name)
        assert left is not None
        gained, self._left = self._left - left - self._cost, left
        if field.caught(name):
            return gained + CAUGHT, True
        return (gained + ARRIVED, True) if left <= NEAR else (gained, False)


class Follow:
    """Each second at the side of a person is worth 1, less with the distance; to be caught costs 10 and ends it.

    Raises:
        ConfigError: there is nobody else in the world.
    """

    def __init__(self, field: Field, name: str) -> None:
        me = field.world.actor(name)
        others = [actor for actor in field.world.actors if actor is not me and actor.kind != "beast"]
        if not others:
            raise ConfigError(f"there is nobody to follow in the world '{field.scenario.name}'; use task='survive'")
        self.whom = min(others, key=lambda other: (me.distance_to(other.position), other.id)).id
        self._step_s = field.frames / 20

    def judge(self, field: Field, name: str) -> tuple[float, bool]:
        """As `Task.judge`."""
        if field.caught(name):
            return CAUGHT, True
        gap = field.world.actor(name).distance_to(field.world.actor(self.whom).position)
        off = max(BESIDE[0] - gap, gap - BESIDE[1], 0.0)
        return self._step_s * math.exp(-off), False


TASKS: dict[str, type[Survive] | type[Reach] | type[Follow]] = {"survive": Survive, "reach": Reach, "follow": Follow}


def task_of(name: str | None, field: Field) -> str:
    """Return a task's name; None for `reach` where the world has a goal, and `survive` where it has none.

    Raises:
        ConfigError: no such task.
    """
    if name is None:
        return "reach" if field.scenario.agent.goal is not None else "survive"
    if name not in TASKS:
        raise ConfigError(f"no task '{shorten(name, 30)}'; use one of: {', '.join(TASKS)}")
    return name
