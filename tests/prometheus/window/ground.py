"""A playground without the motion model, played by hand, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prometheus.config import load_config
from prometheus.env.stride import Stride
from prometheus.run import simulate
from prometheus.window.errands import Wish
from prometheus.window.playground import Playground


class Legs:
    """A motor whose streams walk by rule."""

    def streams(self, texts: Sequence[str], seeds: Sequence[int], *, guidance: float | None = None) -> list[Stride]:
        """Return a stream for each sentence."""
        return [Stride() for _ in texts]


def playground(world: str = "castle", **settings: Any) -> Playground:
    """Return a world that has not begun; its thread does not run."""
    config = load_config(mode="realtime", seed=7, **settings)
    legs: Any = Legs()
    simulation, header = simulate(world, config, motor=legs)
    return Playground(simulation, header, config, legs)


def play(ground: Playground, frames: int, *wishes: Wish) -> None:
    """Make wishes, and let some frames pass."""
    for wish in wishes:
        ground.do(wish)
    for _ in range(frames):
        ground.advance()
