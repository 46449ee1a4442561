"""Snapshot: all that the window shows of one moment, and what lies between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from aether.scene import Scene
    from aether.thought import Thought
    from prometheus.judge import Verdict


@dataclass(frozen=True, slots=True)
class Mindscape:
    """What there is to know of an agent's mind at a moment.

    Attributes:
        brain: who is asked. steered: whether a person moves the body.
        asking: whether a question is open.
        emotion: by its name. arousal: 0 to 1.
        scene, thought, verdict: of the decision in force; None before the first.
        decided: the frame in which it took effect.
        command: the sentence that the body follows.
        memory: tokens, oldest first.
        decisions, tokens, cost: so far; cost in US dollars.
    """

    brain: str = ""
    steered: bool = False
    asking: bool = False
    emotion: str = "calm"
    arousal: float = 0.0
    scene: Scene | None = None
    thought: Thought | None = None
    verdict: Verdict | None = None
    decided: int = 0
    command: str = ""
    memory: tuple[str, ...] = ()
    decisions: int = 0
    tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment, for whoever draws.

    Attributes:
        frame: its number, in frames of 50 ms.
        state: a `frame` line of an episode: actors, props and movers as plain values.
        places: nodes [J, 4, 4] in the motion frame of all that is drawn as a body, by its key.
        minds: of each agent, by its id.
        wears: each actor's body by name.
        ghosts: where others are expected to go within two seconds, [T, 2] m (world) by id.
    """

    frame: int
    state: Mapping[str, Any]
    places: Mapping[str, np.ndarray]
    minds: Mapping[str, Mindscape] = field(default_factory=dict)
    wears: Mapping[str, str] = field(default_factory=dict)
    ghosts: Mapping[str, np.ndarray] = field(default_factory=dict)

    def actor(self, name: str) -> Mapping[str, Any] | None:
        """Return an actor's state by its id, or None where there is none."""
        return next((actor for actor in self.state["actors"] if actor["id"] == name), None)


JUMP = 1.5
"""m in a frame from which something was put elsewhere and does not travel there."""


class Blend:
    """What lies between two moments, worked out for as many pictures as are drawn meanwhile.

    Rotations are mixed and made orthogonal again along their columns: over 50 ms nobody sees that the way is a chord.

    Args:
        before: the one moment.
        after: the next.
    """

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self._before, self._after = before, after
        self._moving = [key for key in after.places if _travels(before.places.get(key), after.places[key])]
        self._still = {key: nodes for key, nodes in after.places.items() if key not in self._moving}
        ends = [after.places[key] for key in self._moving]
        self._cuts = np.cumsum([len(nodes) for nodes in ends])[:-1].tolist()
        if ends:
            self._start = np.concatenate([before.places[key] for key in self._moving])
            end = np.concatenate(ends)
            self._way = end - self._start
            self._sizes = np.linalg.norm(end[:, :3, :3], axis=1, keepdims=True)

    def joins(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether it is these two."""
        return self._before is before and self._after is after

    def at(self, share: float) -> dict[str, np.ndarray]:
        """Return where everything is a share (0 to 1) of the way from one moment to the next."""
        if share >= 1.0 or self._before is self._after or not self._moving:
            return dict(self._after.places)
        nodes = self._start + np.float32(share) * self._way
        axes = nodes[:, :3, :3]
        axes *= self._sizes / np.maximum(np.sqrt(np.einsum("nij,nij->nj", axes, axes))[:, None], 1e-9)
        return self._still | dict(zip(self._moving, np.split(nodes, self._cuts), strict=True))


def _travels(start: np.ndarray | None, end: np.ndarray) -> bool:
    if start is None or start.shape != end.shape:
        return False
    return float(np.abs(end[0, :3, 3] - start[0, :3, 3]).max()) <= JUMP
