"""What all wrappers share: they are brains around a brain."""

from __future__ import annotations

from aether.brain import Brain, Quote, Reply
from aether.prompt import Prompt


class Wrapper:
    """A brain around a brain; by itself it changes nothing.

    Attributes:
        brain: The brain inside.
    """

    def __init__(self, brain: Brain) -> None:
        """Wraps `brain`."""
        self.brain = brain

    @property
    def name(self) -> str:
        """The name of the brain inside."""
        return self.brain.name

    @property
    def instant(self) -> bool:
        """Whether neither the wrapper nor the brain inside ever waits."""
        return bool(getattr(self.brain, "instant", False))

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Asks the brain inside."""
        return await self.brain.think(prompt, deadline_s=deadline_s)

    def quote(self, prompt: Prompt) -> Quote:
        """The most that one answer can take."""
        return quote(self.brain, prompt)

    async def prepare(self) -> None:
        """Prepares the brain inside."""
        await prepare(self.brain)

    def close(self) -> None:
        """Closes the brain inside."""
        close(self.brain)


def quote(brain: Brain, prompt: Prompt) -> Quote:
    """The most that one answer of `brain` can take; nothing for a brain that does not say."""
    ask = getattr(brain, "quote", None)
    found = ask(prompt) if callable(ask) else None
    return found if isinstance(found, Quote) else Quote(0, 0, 0.0)


async def prepare(brain: Brain) -> None:
    """Lets a brain load what its first call needs; nothing for a brain that needs nothing."""
    import inspect

    load = getattr(brain, "prepare", None)
    if inspect.iscoroutinefunction(load):
        await load()


def close(brain: object) -> None:
    """Closes a brain that holds something."""
    end = getattr(brain, "close", None)
    if callable(end):
        end()


def innermost(brain: Brain) -> Brain:
    """The brain inside all wrappers; of a chain the first one."""
    inside: Brain | None = getattr(brain, "brain", None)
    return brain if inside is None else innermost(inside)
