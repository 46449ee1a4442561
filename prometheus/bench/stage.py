"""Stage: the brain's settings and the motion model, with which scenarios are lived through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
        minds: makes the minds, instead of the configuration. before: called before each frame of every take.
    """

    config: Config
    motor: Motor
    body: str = "humanoid"
    minds: Callable[..., Any] | None = None
    before: Callable[..., None] | None = None

    def take(self, layouts: Sequence[tuple[float, Layout]], seconds: float, seed: int, **more: Any) -> Take:
        """Make one take; see `prometheus.bench.live.perform`."""
        return self._perform(layouts, seconds, seed, **more)[0]

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
        return self._perform([(0.0, layout)], seconds, seed, memory=memory, solids=solids, **more)

    def _perform(
        self, layouts: Sequence[tuple[float, Layout]], seconds: float, seed: int, **more: Any
    ) -> tuple[Take, Memory]:
        own, guard = more.pop("before", None), self.before

        def before(simulation: Any, frame: int) -> None:
            for call in (own, guard):
                if call is not None:
                    call(simulation, frame)

        return perform(
            layouts, seconds, self.config, self.motor, seed, body=self.body, minds=self.minds,
            before=before if own or guard else None, **more,
        )  # fmt: skip
