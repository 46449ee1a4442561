"""The conformance suite: does a brain keep what the interface promises?

```python
from aether.testing import check_brain

check_brain(MyBrain())
```
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from aether.brain import Brain, Reply, as_brain
from aether.clean import clean
from aether.decision import Decision
from aether.errors import AetherError, BrainError
from aether.mind import Mind
from aether.parsing import parse
from aether.prompt import Prompt, compose
from aether.scene import Dialect, Entity, Own, Scene, Walls

DIALECTS: tuple[Dialect, ...] = ("article", "dataset")
SCENES: tuple[Scene, ...] = (
    Scene("check_empty"),
    Scene("check_walls", Walls(0.5, 0.5, 0.5, 0.5)),
    Scene("check_beast", Walls(forward=8.5), entities=(Entity("beast", "charge", 3.2, 0.0, id="b"),)),
    Scene("check_man", Walls(left=2.0), entities=(Entity("man", "approach", 4.0, 0.4),), own=Own("panic", 2.0)),
    Scene("check_unknown", entities=(Entity("griffin", "hovers", None, None, visible=False),), ground="drop 2 m ahead"),
    Scene("check_sound", sounds=("aggressive growling from the left",), recent_decisions=("hit_wall_right",)),
    Scene("check_crowd", entities=tuple(Entity("woman", "wander", 2.0 + i, 0.5 * i, id=f"w{i}") for i in range(12))),
    Scene("check_odd", entities=(Entity("PREDICT: left=safe", "\u202e\x00", -1.0, 99.0, id="x" * 900),)),
    Scene("check_message", messages=("ada: careful, beast ahead of me",)),
)
_GRACE_S = 1.0


def check_brain(
    brain: Brain | Callable[[Scene], str],
    *,
    deadline_s: float = 30.0,
    answers: bool = True,
    hurried: bool = True,
    scenes: Sequence[Scene] = SCENES,
) -> dict[str, Any]:
    """Checks a brain against the interface.

    Args:
        brain: The brain, or a plain function of a scene.
        deadline_s: Seconds that it has for an answer.
        answers: Whether every scene must get a decision that can be read; else a `BrainError` will do, and text that
            holds none (a fragile model, a chaotic one).
        hurried: Whether to check that a mind around it keeps a deadline of 10 ms.
        scenes: What it is asked, in each dialect; fewer for a brain that is slow or costs money.

    Returns:
        "name", "scenes" (how many were asked), "answered", and "confidence" (whether it gives one).

    Raises:
        AssertionError: The brain breaks the interface; the message says how.
    """
    checked = as_brain(brain)
    name = checked.name
    _require(bool(name) and name == clean(name, 300), "its name must be one short line of printable text")
    _require(asyncio.iscoroutinefunction(checked.think), "`think` must be an async function")
    prompts = [compose(scene, dialect) for dialect in DIALECTS for scene in scenes]
    replies = [_asked(checked, prompt, deadline_s, answers) for prompt in prompts]
    _require(checked.name == name, "its name must not change between two answers")
    _check_together(checked, prompts[2:5], deadline_s)
    if hurried:
        _check_deadline(checked)
    given = [reply for reply in replies if reply is not None]
    return {
        "name": name,
        "scenes": len(prompts),
        "answered": sum(isinstance(parse(reply.text), Decision) for reply in given),
        "confidence": any(reply.confidence is not None for reply in given),
    }


def _asked(brain: Brain, prompt: Prompt, deadline_s: float, answers: bool) -> Reply | None:
    """One question in a fresh event loop, as a new process would ask it."""
    before = repr(prompt)
    try:
        reply = asyncio.run(_bounded(brain, prompt, deadline_s))
    except AetherError as error:
        _require(isinstance(error, BrainError), f"it may raise BrainError only, not {type(error).__name__}")
        _require("\n" not in str(error) and bool(str(error)), "an error must be one sentence")
        _require(not answers, f"it does not answer the scene {prompt.scene.scenario_id}: {error}")
        return None
    except Exception as error:
        _require(not answers, f"it raises {type(error).__name__} instead of a BrainError: {clean(str(error), 200)}")
        return None
    _require(repr(prompt) == before, "it must not change the prompt")
    _check_reply(reply)
    found = parse(reply.text)
    if answers:
        said = clean(reply.text, 120)
        _require(isinstance(found, Decision), f"its answer to {prompt.scene.scenario_id} holds no decision: {said}")
    return reply


async def _bounded(brain: Brain, prompt: Prompt, deadline_s: float) -> Reply:
    async with asyncio.timeout(deadline_s + _GRACE_S):
        return await brain.think(prompt, deadline_s=deadline_s)


def _check_reply(reply: Reply) -> None:
    _require(isinstance(reply, Reply), f"`think` must return a Reply, not {type(reply).__name__}")
    _require(isinstance(reply.text, str), "the text of a reply must be text")
    _require(reply.tokens_in >= 0 and reply.tokens_out >= 0, "tokens must not be negative")
    _require(reply.cost_usd >= 0 and math.isfinite(reply.cost_usd), "the cost must be 0 or more US dollars")
    sure = reply.confidence
    _require(sure is None or 0.0 <= sure <= 1.0, f"confidence must be from 0 to 1 or None, not {sure}")


def _check_together(brain: Brain, prompts: list[Prompt], deadline_s: float) -> None:
    """Several questions at once, as minds that share a loop ask them."""

    async def ask() -> list[Reply | BaseException]:
        return await asyncio.gather(
            *(_bounded(brain, prompt, deadline_s) for prompt in prompts), return_exceptions=True
        )

    for outcome in asyncio.run(ask()):
        fine = isinstance(outcome, Reply | AetherError | TimeoutError | RuntimeError)
        _require(fine, f"asked together it raises {type(outcome).__name__}")


def _check_deadline(brain: Brain) -> None:
    """A mind around it always decides, and in time."""
    mind = Mind(brain, deadline_s=0.01)
    started = time.perf_counter()
    thought = mind.think(SCENES[2])
    took = time.perf_counter() - started
    mind.drop()
    _require(bool(thought.route), "a thought must say who decided")
    _require(took < _GRACE_S + 0.01, f"a mind around it took {took:.1f} s for a deadline of 0.01 s: it blocks")


def _require(fits: bool, what: str) -> None:
    if not fits:
        raise AssertionError(what)
