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


def between(before: Snapshot, after: Snapshot, share: float) -> dict[str, np.ndarray]:
    """Return where everything is a share (0 to 1) of the way from one moment to the next.

    Rotations are mixed and made orthogonal again along their columns: over 50 ms nobody sees that the way is a chord.
    """
    if share >= 1.0 or before is after:
        return dict(after.places)
    mixed = {}
    for key, end in after.places.items():
        start = before.places.get(key)
        if start is None or start.shape != end.shape or float(np.abs(end[0, :3, 3] - start[0, :3, 3]).max()) > JUMP:
            mixed[key] = end
            continue
        nodes = start + np.float32(share) * (end - start)
        axes = nodes[:, :3, :3]
        wanted = np.linalg.norm(end[:, :3, :3], axis=1, keepdims=True)
        axes *= wanted / np.maximum(np.linalg.norm(axes, axis=1, keepdims=True), 1e-9)
        mixed[key] = nodes
    return mixed
