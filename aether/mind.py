"""The mind: a brain with memory and emotion that always answers in time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from aether.brain import Brain, Reply, as_brain
from aether.brains.reflex import Reflex
from aether.caller import Caller
from aether.clean import clean, redact
from aether.decision import Decision, Refusal
from aether.emotion import Emotion
from aether.errors import BrainError, BrainRefusal, BrainTimeout
from aether.memory import Memory
from aether.parse import parse
from aether.prompt import Prompt, compose
from aether.scene import Scene
from aether.threat import threat

_MAX_TEXT = 8_000


@dataclass(frozen=True)
class Thought:
    """A decision and how it came about.

    Attributes:
        decision: What to expect and what to do.
        text: The raw text of the brain that decided, keys masked, at most 8 000 characters.
        brain: The brain that was asked.
        latency_s: Seconds from the question to the decision, fallback included.
        tokens_in: Tokens of the prompt.
        tokens_out: Tokens of the answer.
        cost_usd: What it cost, US dollars.
        confidence: 0-1, or None where the brain does not say.
        route: "brain", or who answered instead and why: "reflex: time-out after 4.0 s".
    """

    decision: Decision
    text: str
    brain: str
    latency_s: float
    tokens_in: int
    tokens_out: int
    cost_usd: float
    confidence: float | None
    route: str


class Mind:
    """What a simulation talks to: `feel` and `think` before a decision, `learn` after it.

    Args:
        brain: A brain, or a plain `callable(Scene) -> str`.
        fallback: The brain that answers on time-out, refusal or error; the reflex where none is given.
        deadline_s: Seconds that the brain has.
        memory: What it remembers from before.
        emotion: How it feels; None means as the first scene says.
        caller: The loop that its calls run on; several minds may share one.

    Raises:
        BrainError: The brain is none, or the deadline is no positive number.
    """

    def __init__(
        self,
        brain: Brain | Callable[[Scene], str],
        fallback: Brain | Callable[[Scene], str] | None = None,
        deadline_s: float = 4.0,
        *,
        memory: Memory | None = None,
        emotion: Emotion | None = None,
        caller: Caller | None = None,
    ) -> None:
        """See the class."""
        if not (math.isfinite(deadline_s) and deadline_s > 0):
            raise BrainError(f"deadline_s must be a positive number of seconds, not {deadline_s}")
        self._brain = as_brain(brain)
        self._reflex = Reflex()
        self.fallback = self._reflex if fallback is None else as_brain(fallback)
        self.deadline_s = deadline_s
        self.memory = memory or Memory()
        self._emotion = emotion
        self._caller = caller or Caller()
        self._felt: Scene | None = None

    @property
    def brain(self) -> Brain:
        """The brain that is asked; it may be swapped between two decisions."""
        return self._brain

    @brain.setter
    def brain(self, brain: Brain | Callable[[Scene], str]) -> None:
        self._brain = as_brain(brain)

    @property
    def emotion(self) -> Emotion:
        """How it feels now."""
        return self._emotion or Emotion()

    def recent(self, heading: float | None = None) -> tuple[str, ...]:
        """The tokens of memory for a scene's `recent_decisions`, in the frame of a body that heads `heading` rad."""
        return self.memory.tokens(heading)

    def feel(self, scene: Scene, *, heading: float | None = None) -> Scene:
        """Lets the scene move the emotion, and returns the scene as the brain will see it.

        The returned scene carries the emotion from before (a brain has to say by itself how it feels now) and what
        memory adds; `emotion` is the one after. On the first scene both are taken from the scene.
        """
        before = self._emotion or Emotion.named(scene.own.emotion)
        recent = self.recent(heading) or scene.recent_decisions
        felt = replace(scene, own=replace(scene.own, emotion=before.name), recent_decisions=recent)
        self._emotion = before.after(threat(felt))
        self.memory.see(felt, heading=heading)
        self._felt = felt
        return felt

    def think(self, scene: Scene, *, heading: float | None = None) -> Thought:
        """Decides, at the latest a moment after the deadline.

        Args:
            scene: What `feel` returned, or any scene, which is then felt first.
            heading: The body's heading, rad in the world, so that memory can turn its directions along.
        """
        if scene is not self._felt:
            scene = self.feel(scene, heading=heading)
        self._felt = None
        started = time.perf_counter()
        prompt = compose(scene)
        decision, reply, route = self._decide(prompt)
        latency = time.perf_counter() - started
        self.memory.decided(decision.motion, heading=heading)
        return Thought(
            decision=decision,
            text=reply.text,
            brain=self._brain.name,
            latency_s=latency,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost_usd=reply.cost_usd,
            confidence=reply.confidence,
            route=route,
        )

    def learn(self, outcome: str, *, heading: float | None = None) -> None:
        """Remembers how a decision ended, as a token such as "hit_wall_left" in the body's frame at `heading`."""
        self.memory.note(outcome, heading=heading)

    def close(self) -> None:
        """Drops calls that still run and stops the loop."""
        self._caller.close()

    def __enter__(self) -> Mind:
        """The mind itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()

    def _decide(self, prompt: Prompt) -> tuple[Decision, Reply, str]:
        """The brain's decision, else the fallback's, else the reflex's, which has no way to fail."""
        why = ""
        spent = Reply("")
        for brain in (self._brain, self.fallback):
            reply, decision, failure = self._attempt(brain, prompt)
            spent = _sum(spent, reply)
            if decision is not None:
                return decision, spent, f"{brain.name}: {why}" if why else "brain"
            why = f"{why}; {brain.name}: {failure}" if why else failure
        decision = self._reflex.decide(prompt.scene)
        return decision, replace(spent, text=decision.lines(prompt.scene.dialect)), f"{self._reflex.name}: {why}"

    def _attempt(self, brain: Brain, prompt: Prompt) -> tuple[Reply, Decision | None, str]:
        try:
            reply = self._ask(brain, prompt)
            if not isinstance(reply, Reply):
                raise BrainError(f"{brain.name} returned {type(reply).__name__}, not a Reply")
        except BrainTimeout:
            return Reply(""), None, f"time-out after {self.deadline_s:.1f} s"
        except BrainRefusal as error:
            return Reply(""), None, _reason("refusal", error)
        except BrainError as error:
            return Reply(""), None, _reason("error", error)
        except Exception as error:  # a brain is foreign code: whatever it raises costs one decision, never the run
            return Reply(""), None, _reason(f"error {type(error).__name__}", error)
        parsed = parse(reply.text)
        reply = _recordable(reply)
        if isinstance(parsed, Refusal):
            return reply, None, f"refusal, {parsed.reason}"
        return reply, parsed, ""

    def _ask(self, brain: Brain, prompt: Prompt) -> Reply:
        work: Coroutine[Any, Any, Reply] = brain.think(prompt, deadline_s=self.deadline_s)
        if not getattr(brain, "instant", False):
            return self._caller.call(work, self.deadline_s)
        try:
            work.send(None)
        except StopIteration as end:
            reply: Reply = end.value
            return reply
        work.close()
        raise BrainError(f"{brain.name} says that it is instant but waits; remove its attribute `instant`")


def _reason(what: str, error: BaseException) -> str:
    return clean(redact(f"{what}: {error}"), 200)


def _sum(spent: Reply, reply: Reply) -> Reply:
    """`reply`, charged with what was spent before it."""
    return replace(
        reply,
        tokens_in=spent.tokens_in + reply.tokens_in,
        tokens_out=spent.tokens_out + reply.tokens_out,
        cost_usd=spent.cost_usd + reply.cost_usd,
    )


def _recordable(reply: Reply) -> Reply:
    """A reply that any file can hold: text bounded, keys masked, no lone surrogates; figures finite."""
    text = reply.text if isinstance(reply.text, str) else ""
    sure = reply.confidence
    return Reply(
        text=redact(text[:_MAX_TEXT]).encode("utf-8", "replace").decode("utf-8"),
        tokens_in=max(0, int(reply.tokens_in)),
        tokens_out=max(0, int(reply.tokens_out)),
        cost_usd=reply.cost_usd if math.isfinite(reply.cost_usd) else 0.0,
        confidence=sure if sure is not None and 0.0 <= sure <= 1.0 else None,
    )
