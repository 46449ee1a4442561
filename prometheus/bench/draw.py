"""Draw: the random numbers of a scenario, and layouts made from them whose truth is clear."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from aether.scene import Own, Scene
from prometheus.bench.case import Ask
from prometheus.bench.layout import SIDES, Being, Layout
from prometheus.bench.level import LADDER, is_clear
from prometheus.bench.truth import Fate, Unclear, engage, fates

T = TypeVar("T")
_TRIES = 400
WAYS_OUT = 2.4
"""m between a being and a wall's face at least."""


class Draw:
    """Everything random about one scenario, from its seed alone.

    Attributes:
        seed: of the scenario. random: its numbers.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)

    def metres(self, low: float, high: float) -> float:
        """A length, m, to the centimetre."""
        return round(self.random.uniform(low, high), 2)

    def bearing(self, middle: float, spread: float) -> float:
        """An angle about `middle`, rad, to the milliradian, in [-pi, pi]."""
        return round(math.remainder(middle + self.random.uniform(-spread, spread), math.tau), 3)

    def heading(self) -> float:
        """Where the agent faces in the world, rad."""
        return round(self.random.uniform(-math.pi, math.pi), 3)

    def pick(self, things: Sequence[T]) -> T:
        """One of some things."""
        return self.random.choice(things)

    def sides(self, count: int) -> list[str]:
        """Some of the four sides, in the order of `SIDES`."""
        chosen = set(self.random.sample(SIDES, count))
        return [side for side in SIDES if side in chosen]

    def until(self, make: Callable[[], T | None]) -> T:
        """Draw until something comes whose truth is clear.

        Raises:
            RuntimeError: it never does; the generator is at fault.
        """
        for _ in range(_TRIES):
            try:
                made = make()
            except Unclear:
                continue
            if made is not None:
                return made
        raise RuntimeError(f"no clear layout for seed {self.seed}")


def fits(layout: Layout) -> bool:
    """Whether every being stands inside the walls with room around it, apart from others, at a clear distance."""
    places = []
    for being in layout.beings:
        x, y = being.distance * math.cos(being.bearing), being.distance * math.sin(being.bearing)
        limits = {"forward": x, "backward": -x, "left": y, "right": -y}
        if any(limits[side] > metres - 0.9 for side, metres in layout.walls.items()) or not is_clear(being):
            return False
        places.append((x, y))
    return all(math.dist(a, b) > 1.2 for i, a in enumerate(places) for b in places[:i])


def ask(
    name: str,
    layout: Layout,
    seed: int,
    *,
    at: float = 0.0,
    choices: Iterable[str] = (),
    facts: dict[str, Any] | None = None,
) -> Ask:
    """Build a layout, look at it through the agent's senses, and follow each of `choices`.

    Raises:
        Unclear: a choice's end could be called either way, or the agent does not see whom it is asked about.
    """
    scene = look(name, layout, seed)
    found: dict[str, Fate] = fates(layout, seed, choices) if choices else {}
    return Ask(name, at, layout, scene, found, {"level": LADDER[_due(layout)], **(facts or {})})


def look(name: str, layout: Layout, seed: int) -> Scene:
    """What the agent perceives of a layout.

    Raises:
        Unclear: somebody in it cannot be seen.
    """
    from prometheus.world.perception import perceive
    from prometheus.world.physics import World
    from prometheus.world.scenario import Scenario

    with World(Scenario.model_validate(layout.document("look", seed)), seed) as world:
        engage(world, {being.id: being.behaviour for being in layout.beings})
        own = Own(emotion=layout.emotion, task=layout.task)
        scene = perceive(world, world.agent, own, layout.recent)
    if len([entity for entity in scene.entities if entity.visible]) != len(layout.beings):
        raise Unclear("somebody is out of sight")
    return replace(scene, scenario_id=name)


def someone(
    draw: Draw, kind: str, behaviour: str, distance: tuple[float, float], bearing: float, spread: float
) -> Being:
    """A being somewhere in a sector."""
    return Being(kind, behaviour, draw.metres(*distance), draw.bearing(bearing, spread))


def _due(layout: Layout) -> int:
    from prometheus.bench.level import due

    return due(layout)
