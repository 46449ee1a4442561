"""A brain that fails on purpose, at configured rates, to show that nothing else does."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from aether.brain import Brain, Reply
from aether.clean import clean
from aether.errors import BrainError
from aether.prompt import Prompt
from aether.wrap.wrapper import Wrapper

KINDS = ("time-out", "rate-limit", "garbage", "truncated", "slow", "crash")
"""The faults: never answers; 429; nonsense; half an answer; late but inside the deadline; an error of its own."""
_GARBAGE = (
    "",
    "I'm sorry, I can't help with that.",
    "PREDICT: MOTION: PREDICT:",
    "<think>" + "hm " * 400,
    '{"predict": {"left": 7}, "motion": [',
    "\x00\ufffd\u202e\u200b" * 50,
    "PREDICT: left=perhaps\nMOTION:",
    "=" * 5000,
)
_SLOW = 0.5  # share of the deadline that a slow answer takes


class Chaos(Wrapper):
    """A brain around another that answers, or fails, by chance; the same seed gives the same faults.

    Args:
        brain: Who answers where no fault comes up.
        faults: The share of calls with a fault, spread evenly over `KINDS`; or the share by kind.
        seed: Of the chance.

    Attributes:
        injected: How often each kind came up.

    Raises:
        BrainError: A kind is not known, or the shares are not within 0 and 1 together.
    """

    instant = False

    def __init__(self, brain: Brain, faults: float | Mapping[str, float] = 0.3, seed: int = 0) -> None:
        """See the class."""
        super().__init__(brain)
        self._rates = _rates(faults)
        self._seed, self._calls = seed, 0
        self.injected = dict.fromkeys(KINDS, 0)

    @property
    def name(self) -> str:
        """Both names."""
        return f"chaos:{self.brain.name}"

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Answers, or fails in one of the ways."""
        chance = random.Random(f"{self._seed}/{self._calls}")
        self._calls += 1
        kind = _drawn(self._rates, chance.random())
        if kind is None:
            return await self.brain.think(prompt, deadline_s=deadline_s)
        self.injected[kind] += 1
        if kind == "rate-limit":
            raise BrainError(f"{self.brain.name} is rate limited (429); ask less often", transient=True)
        if kind == "crash":
            raise RuntimeError("a fault that chaos injected")
        if kind == "garbage":
            return Reply(chance.choice(_GARBAGE))
        if kind == "truncated":
            reply = await self.brain.think(prompt, deadline_s=deadline_s)
            return replace(reply, text=reply.text[: chance.randrange(max(1, len(reply.text)))])
        import asyncio

        if kind == "time-out":
            await asyncio.Event().wait()
        await asyncio.sleep(_SLOW * deadline_s)
        return await self.brain.think(prompt, deadline_s=deadline_s * (1 - _SLOW))


def _rates(faults: float | Mapping[str, float]) -> dict[str, float]:
    rates = dict(faults) if isinstance(faults, Mapping) else {kind: faults / len(KINDS) for kind in KINDS}
    for kind, rate in rates.items():
        if kind not in KINDS:
            raise BrainError(f"there is no fault '{clean(str(kind), 40)}'; brain.faults knows {', '.join(KINDS)}")
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise BrainError(f"brain.faults must be shares from 0 to 1, not {clean(repr(rate), 40)}")
    if sum(rates.values()) > 1 + 1e-9:
        raise BrainError("the shares of brain.faults must not pass 1 together")
    return rates


def _drawn(rates: Mapping[str, float], draw: float) -> str | None:
    for kind, rate in rates.items():
        if draw < rate:
            return kind
        draw -= rate
    return None
