"""A chain of brains: the next one answers where the one before fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aether.brain import Brain, Quote, Reply
from aether.clean import clean, redact
from aether.decision import Refusal
from aether.errors import BrainError, BrainTimeout
from aether.parsing import parse
from aether.prompt import Prompt
from aether.wrap.deadline import Clock, within
from aether.wrap.wrapper import Wrapper, close, quote


class Fallback(Wrapper):
    """Asks brains in their order until one gives a decision; each has an even share of the time that is left.

    Raises:
        BrainError: There is no brain.
    """

    def __init__(self, brains: Sequence[Brain]) -> None:
        """See the class."""
        if not brains:
            raise BrainError("a fallback chain needs at least one brain")
        super().__init__(brains[0])
        self.brains = tuple(brains)

    @property
    def instant(self) -> bool:
        """Whether no brain of the chain ever waits."""
        return all(getattr(brain, "instant", False) for brain in self.brains)

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """The first decision of the chain; its `route` says who gave it and why not the first.

        Raises:
            BrainError: None gave one; the message is that of the last.
        """
        clock, spent, why = Clock(deadline_s), Reply(""), ""
        failure: BrainError = BrainError(f"{self.name} was not asked")
        for index, brain in enumerate(self.brains):
            share = clock.left() / (len(self.brains) - index)
            try:
                work = brain.think(prompt, deadline_s=share)
                reply = await within(share, work, getattr(brain, "instant", False))
            except BrainError as error:
                if error.fatal:
                    raise
                failure, reason = error, _reason(error, share)
            else:
                reply = charged(reply, spent)
                found = parse(reply.text)
                if not isinstance(found, Refusal):
                    return replace(reply, route=f"{brain.name}: {why}" if why else reply.route)
                spent, reason = reply, f"refusal, {found.reason}"
                failure = BrainError(f"{brain.name}: {reason}")
            why = f"{why}; {brain.name}: {reason}" if why else reason
        if isinstance(failure, BrainTimeout):
            raise failure
        raise BrainError(clean(why, 300))

    def quote(self, prompt: Prompt) -> Quote:
        """The most that the whole chain can take."""
        quotes = [quote(brain, prompt) for brain in self.brains]
        return Quote(
            sum(q.tokens_in for q in quotes),
            sum(q.tokens_out for q in quotes),
            sum(q.cost_usd for q in quotes),
            all(q.priced for q in quotes),
        )

    def close(self) -> None:
        """Closes all of them."""
        for brain in self.brains:
            close(brain)


def charged(reply: Reply, spent: Reply) -> Reply:
    """`reply`, charged with what was spent before it."""
    return replace(
        reply,
        tokens_in=spent.tokens_in + reply.tokens_in,
        tokens_out=spent.tokens_out + reply.tokens_out,
        cost_usd=spent.cost_usd + reply.cost_usd,
        stages=spent.stages + reply.stages,
    )


def _reason(error: BrainError, seconds: float) -> str:
    if isinstance(error, BrainTimeout):
        return f"time-out after {seconds:.1f} s"
    return clean(redact(f"error: {error}"), 160)
