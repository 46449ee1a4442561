"""A deliberation: the brain is asked, then the fallback, then the reflex, each only where the one before failed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from aether.brain import Brain, Reply
from aether.brains.reflex import Reflex
from aether.caller import Caller, Pending
from aether.clean import clean, redact
from aether.decision import Decision, Refusal
from aether.errors import BrainError, BrainRefusal, BrainTimeout
from aether.parsing import parse
from aether.prompt import Prompt, compose
from aether.scene import Scene
from aether.wrap.wrapper import Wrapper

_MAX_TEXT = 8_000


class Outcome(NamedTuple):
    """What came of it: the decision, the reply that holds it, and the route to it."""

    decision: Decision
    reply: Reply
    route: str


class Deliberation:
    """The way to one decision, a step at a time, so that nobody has to wait for it.

    Args:
        brains: The brain, and who answers where it fails.
        scene: What is to be decided on.
        deadline_s: Seconds that each of them has.
        caller: The loop that their calls run on.
        doubt: What the judge says of a decision.

    Attributes:
        brain: The name of the first brain.
        scene: What is to be decided on.
        started: When it began, seconds of `time.perf_counter`.
    """

    def __init__(
        self,
        brains: Sequence[Brain],
        scene: Scene,
        deadline_s: float,
        caller: Caller,
        doubt: Callable[[Decision], str | None] | None = None,
    ) -> None:
        """Asks the first brain."""
        self.brain = brains[0].name
        self.scene = scene
        self._doubt = doubt
        self._prompt: Prompt | None = None
        self.started = time.perf_counter()
        self._waiting = list(brains)
        self._deadline_s, self._caller = deadline_s, caller
        self._asked: Brain | None = None
        self._pending: Pending[Reply] | None = None
        self._until = math.inf
        self._why, self._spent = "", Reply("")
        self._outcome: Outcome | None = None
        self._ended = math.inf
        self._ask()

    @property
    def took(self) -> float:
        """Seconds from the question to the outcome, or until now where there is none yet."""
        return min(self._ended, time.perf_counter()) - self.started

    @property
    def ready(self) -> bool:
        """Whether `poll` has something to do or to give."""
        return self._outcome is not None or self._pending is None or self._pending.done or self._late()

    def question(self, scene: Scene | None = None) -> tuple[str, str]:
        """System and user message as the brain that decided got them; the reflex's as any other would have.

        Args:
            scene: The one that the reflex decided on, where it stepped in for a brain that was asked about another.
        """
        if scene is not None:
            prompt = compose(scene)
            return prompt.system, prompt.user
        prompt = self._prompt or compose(self.scene)
        brain = self._asked
        while isinstance(brain, Wrapper):
            brain = brain.brain
        settings = getattr(brain, "settings", None)
        if isinstance(settings, Mapping) and (settings.get("form", "lines") != "lines" or not settings.get("shots", 1)):
            prompt = prompt.styled(form=settings.get("form", "lines"), shots=bool(settings.get("shots", True)))
        return prompt.system, prompt.user

    def poll(self, *, patient: bool = False) -> Outcome | None:
        """The outcome, or None where an answer is still to come. Never waits.

        Args:
            patient: Whether a moment may be spent on a loop that hangs.
        """
        while self._outcome is None and self._pending is not None:
            if self._pending.done:
                self._take(self._pending)
            elif self._late():
                self._pending.abandon(patient=patient)
                self._failed(f"time-out after {self._deadline_s:.1f} s")
            else:
                return None
        return self._outcome

    def wait(self) -> Outcome:
        """The outcome, at the latest a moment after all deadlines."""
        while (outcome := self.poll(patient=True)) is None:
            if self._pending is not None:
                self._pending.wait(max(0.0, self._until - time.perf_counter()))
        return outcome

    def settle(self) -> float:
        """Waits for the outcome; returns the seconds from the question to it."""
        self.wait()
        return self.took

    def abandon(self) -> None:
        """Drops the call that runs."""
        if self._pending is not None:
            self._pending.abandon(patient=False)
            self._pending = None

    def _late(self) -> bool:
        return time.perf_counter() >= self._until

    def _ask(self) -> None:
        """Asks the next brain; an instant one answers here, and where there is none left the reflex does."""
        while self._outcome is None:
            if not self._waiting:
                self._take_reflex(Reflex())
                return
            self._asked = brain = self._waiting.pop(0)
            if type(brain) is Reflex:
                self._take_reflex(brain)
                return
            self._prompt = self._prompt or compose(self.scene, doubt=self._doubt)
            try:
                if not getattr(brain, "instant", False):
                    self._until = time.perf_counter() + self._deadline_s
                    self._pending = self._caller.start(brain.think(self._prompt, deadline_s=self._deadline_s))
                    return
                self._judge(_instantly(brain, self._prompt, self._deadline_s))
            except Exception as error:  # a brain is foreign code: whatever it raises costs one decision, never the run
                self._note(self._reason(error))

    def _take(self, pending: Pending[Reply]) -> None:
        """Takes what a call gave."""
        self._pending = None
        try:
            self._judge(pending.result())
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # foreign code may raise anything; an attempt to end the program was contained
            self._note(self._reason(error))
        self._ask()

    def _failed(self, reason: str) -> None:
        self._pending = None
        self._note(reason)
        self._ask()

    def _judge(self, reply: object) -> None:
        """Reads a reply: a decision is the outcome, anything else a reason to ask the next."""
        brain = self._asked
        if brain is None:
            return
        if not isinstance(reply, Reply):
            self._note(clean(f"error: {brain.name} returned {type(reply).__name__}, not a Reply", 200))
            return
        found = parse(reply.text)
        reply = _recordable(reply)
        self._spent = _sum(self._spent, reply)
        if isinstance(found, Refusal):
            self._note(f"refusal, {found.reason}")
            return
        route = f"{brain.name}: {self._why}" if self._why else reply.route or "brain"
        self._end(found, self._spent, route)

    def _take_reflex(self, reflex: Reflex) -> None:
        """The reflex's decision: it is ours and cannot fail, so that nothing has to be sent, read or masked."""
        decision = reflex.decide(self.scene)
        sure = None if self._why else reflex.confidence(self.scene)
        reply = replace(self._spent, text=decision.lines(self.scene.dialect), confidence=sure)
        self._end(decision, reply, f"{reflex.name}: {self._why}" if self._why else "brain")

    def _end(self, decision: Decision, reply: Reply, route: str) -> None:
        self._outcome, self._ended = Outcome(decision, reply, route), time.perf_counter()

    def _note(self, reason: str) -> None:
        # The reflex needs no name in the chain of reasons: whoever answers last is named in front of it.
        asked = self._asked.name if self._asked is not None else ""
        self._why = f"{self._why}; {asked}: {reason}" if self._why else reason

    def _reason(self, error: BaseException) -> str:
        if isinstance(error, BrainError) and error.fatal:
            raise error
        if isinstance(error, BrainTimeout):
            return f"time-out after {self._deadline_s:.1f} s"
        kind = (
            "refusal" if isinstance(error, BrainRefusal)
            else "error" if isinstance(error, BrainError)
            else f"error {type(error).__name__}"
        )  # fmt: skip
        return clean(redact(f"{kind}: {error}"), 200)


def _instantly(brain: Brain, prompt: Prompt, deadline_s: float) -> object:
    """What a brain that never waits says, without a loop."""
    work: Coroutine[Any, Any, Reply] = brain.think(prompt, deadline_s=deadline_s)
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    work.close()
    raise BrainError(f"{brain.name} says that it is instant but waits; remove its attribute `instant`")


def _sum(spent: Reply, reply: Reply) -> Reply:
    """`reply`, charged with what was spent before it."""
    return replace(
        reply,
        tokens_in=spent.tokens_in + reply.tokens_in,
        tokens_out=spent.tokens_out + reply.tokens_out,
        cost_usd=spent.cost_usd + reply.cost_usd,
        stages=spent.stages + reply.stages,
    )


def _recordable(reply: Reply) -> Reply:
    """A reply that any file can hold: text bounded, keys masked, no lone surrogates; figures finite."""
    text = reply.text if isinstance(reply.text, str) else ""
    sure = reply.confidence
    return replace(
        reply,
        text=redact(text[:_MAX_TEXT]).encode("utf-8", "replace").decode("utf-8"),
        tokens_in=max(0, int(reply.tokens_in)),
        tokens_out=max(0, int(reply.tokens_out)),
        cost_usd=reply.cost_usd if math.isfinite(reply.cost_usd) else 0.0,
        confidence=sure if sure is not None and 0.0 <= sure <= 1.0 else None,
        route=clean(redact(reply.route), 300),
        tokens=(),
    )
