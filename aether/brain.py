"""A brain: one method. Anything that answers a prompt is one, also a plain function of the scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeGuard

from aether.errors import BrainError
from aether.prompt import Prompt
from aether.scene import Scene

_MAX_HUNG = 4


class Token(NamedTuple):
    """A token of an answer and what it could have been.

    Attributes:
        text: The token.
        likelihood: 0-1.
        others: The likeliest tokens in its place with their likelihoods, itself included.
    """

    text: str
    likelihood: float
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Stage:
    """A step of a policy or of a chain, and what it spent.

    Attributes:
        name: Such as "greedy", "vote", "adjudicate".
        calls: How many answers were asked for.
        tokens_in: Tokens of their prompts.
        tokens_out: Tokens of their answers.
        cost_usd: US dollars.
    """

    name: str
    calls: int = 1
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True)
class Quote:
    """The most that one call can take.

    Attributes:
        tokens_in: Tokens of the prompt.
        tokens_out: Tokens of the longest answer.
        cost_usd: US dollars; 0 where the price is not known.
        priced: Whether the price is known.
    """

    tokens_in: int
    tokens_out: int
    cost_usd: float
    priced: bool = True


@dataclass(frozen=True)
class Reply:
    """What a brain says.

    Attributes:
        text: The raw text; `aether.parse` reads it.
        tokens_in: Tokens of the prompt, 0 where there are none.
        tokens_out: Tokens of the answer.
        cost_usd: What the call cost, US dollars.
        confidence: How sure the brain is, 0-1; None where it does not say.
        route: "" where the brain itself answered; else who did and why, such as "ollama/qwen3: time-out".
        stages: What a policy did to come to the answer.
        tokens: The answer's tokens with their likelihoods, where they were asked for and the model tells.
    """

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    confidence: float | None = None
    route: str = ""
    stages: tuple[Stage, ...] = ()
    tokens: tuple[Token, ...] = field(default=(), repr=False)


class Brain(Protocol):
    """Whatever can think: a model behind a network, rules, a file, a person at a keyboard.

    A brain whose `think` never waits may set a class attribute `instant = True`: a `Mind` then asks it in its own
    thread, without a deadline and without a loop. One that knows what a call can cost has `quote(prompt) -> Quote`, and
    one that holds a server or a file has `close()`.
    """

    @property
    def name(self) -> str:
        """Names the brain in records, such as "openai/gpt-5-mini"."""
        ...

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Answers `prompt`.

        Args:
            prompt: The rules and the scene.
            deadline_s: Seconds after which nobody waits for the answer any more.

        Raises:
            BrainError: It cannot answer; one sentence says why.
        """
        ...


class FunctionBrain:
    """A plain `callable(Scene) -> str` as a brain. It may block: each call has a daemon thread of its own."""

    def __init__(self, function: Callable[[Scene], str], name: str | None = None) -> None:
        """Wraps `function`."""
        self.name: str = name or str(getattr(function, "__name__", type(function).__name__))
        self._function = function
        self._running = 0

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Calls the function in a thread and waits for it."""
        import asyncio
        import threading

        if self._running >= _MAX_HUNG:
            raise BrainError(f"{self.name} has {self._running} calls that never came back; make it return in time")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()

        def settle(text: str, error: BaseException | None) -> None:
            if answer.done():
                return
            if error is None:
                answer.set_result(text)
            else:
                answer.set_exception(BrainError(f"{self.name} raised {type(error).__name__}: {error}"))

        def run() -> None:
            text, failure = "", None
            try:
                text = self._function(prompt.scene)
            except BaseException as error:  # foreign code: whatever it raises costs one decision, never the run
                failure = error
            finally:
                self._running -= 1
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, text, failure)

        self._running += 1
        threading.Thread(target=run, name=f"aether-{self.name}", daemon=True).start()
        return Reply(await answer)


def as_brain(brain: Brain | Callable[[Scene], str]) -> Brain:
    """A brain from a brain or from a plain function.

    Raises:
        BrainError: It is neither.
    """
    if _is_brain(brain):
        return brain
    if callable(brain) and not isinstance(brain, type):
        return FunctionBrain(brain)
    what = type(brain).__name__
    raise BrainError(f"{what} is no brain; give an object with `name` and `async think(prompt, *, deadline_s)`")


def _is_brain(brain: object) -> TypeGuard[Brain]:
    if isinstance(brain, type):
        return False
    return callable(getattr(brain, "think", None)) and isinstance(getattr(brain, "name", None), str)
