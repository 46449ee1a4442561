"""Asking a brain about many scenes, several at the same time, each with a mind that has no past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aether.brain import Brain
from aether.caller import Caller
from aether.mind import Mind
from aether.scene import Scene
from aether.thought import Thought


def ask_all(brain: Brain, scenes: Sequence[Scene], deadline_s: float, jobs: int = 1) -> Iterator[Thought]:
    """Yield a thought for each scene, in order.

    Args:
        brain: who is asked; not closed.
        scenes: what it is asked about.
        deadline_s: s that it has for each.
        jobs: questions that are open at the same time.
    """
    caller = Caller()
    try:
        for first in range(0, len(scenes), jobs):
            batch = scenes[first : first + jobs]
            minds = [Mind(brain, deadline_s=deadline_s, caller=caller) for _ in batch]
            for scene, mind in zip(batch, minds, strict=True):
                mind.begin(scene)
            for mind in minds:
                yield mind.finish()
    finally:
        caller.close()
