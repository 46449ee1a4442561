"""Stage: the brain's settings and the motion model, with which scenarios are lived through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus.bench.layout import Layout
from prometheus.bench.live import Take, perform

if TYPE_CHECKING:
    from aether.memory import Memory
    from prometheus.config import Config
    from prometheus.motion.motor import Motor


@dataclass(frozen=True)
class Stage:
    """Where takes are made.

    Attributes:
        config: brain and motion. motor: the motion model. body: what the agent wears.
    """

    config: Config
    motor: Motor
    body: str = "humanoid"

    def take(self, layouts: Sequence[tuple[float, Layout]], seconds: float, seed: int, **more: Any) -> Take:
        """Make one take; see `prometheus.bench.live.perform`."""
        return perform(layouts, seconds, self.config, self.motor, seed, body=self.body, **more)[0]

    def takes(
        self, layout: Layout, seconds: float, seed: int, count: int, solids: Sequence[Mapping[str, Any]], **more: Any
    ) -> list[Take]:
        """Make takes one after the other with a mind that remembers the ones before."""
        made, memory = [], None
        for _ in range(count):
            take, memory = self._remembered(layout, seconds, seed, memory, solids, more)
            made.append(take)
        return made

    def _remembered(
        self, layout: Layout, seconds: float, seed: int, memory: Memory | None, solids: Any, more: Mapping[str, Any]
    ) -> tuple[Take, Memory]:
        return perform(
            [(0.0, layout)], seconds, self.config, self.motor, seed, body=self.body, memory=memory, solids=solids, **more
        )
