from __future__ import annotations

import asyncio
import threading

from aether.brain import Reply
from aether.mind import Mind
from aether.prompt import Prompt
from aether.scene import Scene
from prometheus.batch.turns import TurnCaller


class Slow:
    """A brain that answers when two ask it at the same time."""

    name = "slow"

    def __init__(self) -> None:
        self.asked = self.most = 0
        self.both = asyncio.Event()

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        self.asked += 1
        self.most = max(self.most, self.asked)
        if self.asked == 2:
            self.both.set()
        await self.both.wait()
        return Reply("PREDICT: forward=safe\nMOTION: a person walks forward")


def test_one_episode_runs_while_another_waits_for_its_brain() -> None:
    caller, brain, routes, inside = TurnCaller(), Slow(), list[str](), list[int]()

    def episode() -> None:
        with caller.turn:
            inside.append(1)
            assert sum(inside) == 1, "two episodes run at the same time"
            mind = Mind(brain, deadline_s=20.0, caller=caller)
            inside.append(-1)
            routes.append(mind.think(Scene()).route)

    threads = [threading.Thread(target=episode) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    caller.close()
    assert routes == ["brain", "brain"]
    assert brain.most == 2
