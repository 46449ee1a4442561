"""Brains for tests: they say what they are told to, and keep what they were asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aether import Entity, Reply, Scene, Walls

WALK = "PREDICT: forward=safe, left=safe, right=safe, backward=safe\nMOTION: a person walks forward calmly"
FLEE = (
    "PREDICT: forward=danger(beast), left=safe, right=safe, backward=safe\nMOTION: a person sprints backward in panic"
)
LEFT = "PREDICT: forward=danger(beast), left=safe\nMOTION: a person runs fast to the left, afraid"
CHARGE = Scene("charge", Walls(backward=9.0), entities=(Entity("beast", "charge", 4.0, 0.0, id="b"),))
QUIET = Scene("quiet")


class Says:
    """Answers in order, the last one again and again; an error is raised, a number slept before the next."""

    def __init__(self, *answers, name="says", tokens=(10, 5), cost=0.25, confidence=None):
        self.name, self.answers, self.prompts = name, list(answers), []
        self.reply = Reply("", *tokens, cost, confidence)
        self.closed = False

    async def think(self, prompt, *, deadline_s):
        self.prompts.append(prompt)
        answer = self.answers[min(len(self.prompts), len(self.answers)) - 1]
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            answer = self.answers[-1]
        return answer if isinstance(answer, Reply) else replace(self.reply, text=answer)

    def close(self):
        self.closed = True


def ask(brain, scene=QUIET, deadline_s=5.0, **more):
    from aether import compose

    return asyncio.run(brain.think(compose(scene, **more), deadline_s=deadline_s))
