"""The mind: a brain with memory, emotion and a sense of how sure it is, that always answers in time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from aether.brain import Brain, Reply, as_brain
from aether.brains.reflex import Reflex
from aether.calibration import Calibration, kind_of
from aether.caller import Caller
from aether.decision import Decision
from aether.deliberation import Deliberation, Outcome
from aether.emotion import Emotion
from aether.errors import BrainError
from aether.heading import apart
from aether.ledger import Entry, Ledger
from aether.memory import Memory
from aether.scene import Scene
from aether.thought import Thought
from aether.threat import swiftness, threat

if TYPE_CHECKING:
    from aether.team import Seat

__all__ = ["Doubt", "Mind", "Thought"]

Doubt = Callable[[Decision], str | None]
"""Says what is wrong with a decision, or None: the judge's voice."""


class Mind:
    """What a simulation talks to: `feel` and `think` before a decision, `judged` and `learn` after it.

    `think` waits for the brain, at most its deadline. A world that does not wait calls `begin` and `poll` instead, or
    `attend`, which does both.

    Args:
        brain: A brain, its name, or a plain `callable(Scene) -> str`.
        fallback: The brain that answers on time-out, refusal or error; the reflex where none is given.
        deadline_s: Seconds that the brain has.
        memory: What it remembers from before.
        emotion: How it feels; None means as the first scene says.
        caller: The loop that its calls run on; several minds may share one.
        ledger: Where its spending is booked; several minds may share one.

    Attributes:
        fallback: See above.
        deadline_s: See above.
        memory: See above.
        ledger: See above.
        calibration: How sure it was, and how often right.
        team: Its seat in a team, or None.

    Raises:
        BrainError: The brain is none, or the deadline is no positive number.
    """

    def __init__(
        self,
        brain: Brain | str | Callable[[Scene], str],
        fallback: Brain | str | Callable[[Scene], str] | None = None,
        deadline_s: float = 4.0,
        *,
        memory: Memory | None = None,
        emotion: Emotion | None = None,
        caller: Caller | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        """See the class."""
        if not (math.isfinite(deadline_s) and deadline_s > 0):
            raise BrainError(f"deadline_s must be a positive number of seconds, not {deadline_s}")
        self._reflex = Reflex()
        self._brain = _loaded(brain)
        self._held: list[Brain] = [self._brain]
        self.fallback = self._reflex if fallback is None else _loaded(fallback)
        self.deadline_s = deadline_s
        self.memory = memory or Memory()
        self.ledger = ledger or Ledger()
        self.calibration = Calibration()
        self.team: Seat | None = None
        self._emotion = emotion
        self._owns_caller = caller is None
        self._caller = caller or Caller()
        self._felt: Scene | None = None
        self._seen: Scene | None = None
        self._deliberation: Deliberation | None = None
        self._last: tuple[Thought, str] | None = None
        self._decisions = 0
        self._asked_at: float | None = None

    @property
    def brain(self) -> Brain:
        """The brain that is asked. A new one, also by name, may be set at any time; a call that runs is dropped."""
        return self._brain

    @brain.setter
    def brain(self, brain: Brain | str | Callable[[Scene], str]) -> None:
        self._brain = _loaded(brain)
        self._held.append(self._brain)
        self.drop()

    @property
    def emotion(self) -> Emotion:
        """How it feels now."""
        return self._emotion or Emotion()

    @property
    def pending(self) -> bool:
        """Whether a question is open."""
        return self._deliberation is not None

    @property
    def ready(self) -> bool:
        """Whether `poll` would give an answer now; cheap enough to ask in every frame."""
        return self._deliberation is not None and self._deliberation.poll() is not None

    def recent(self, heading: float | None = None) -> tuple[str, ...]:
        """The tokens of memory for a scene's `recent_decisions`, in the frame of a body that heads `heading` rad."""
        return self.memory.tokens(heading)

    def feel(self, scene: Scene, *, heading: float | None = None, place: tuple[float, float] | None = None) -> Scene:
        """Lets the scene move the emotion, and returns the scene as the brain will see it.

        The returned scene carries the emotion from before (a brain has to say by itself how it feels now), what memory
        adds and what the team calls out; `emotion` is the one after. On the first scene emotion and memory are taken
        from the scene.
        """
        before = self._emotion or Emotion.named(scene.own.emotion)
        self.memory.see(scene, heading=heading, place=place)
        recent = self.recent(heading) or scene.recent_decisions
        felt = replace(scene, own=replace(scene.own, emotion=before.kind), recent_decisions=recent)
        if self.team is not None:
            felt = self.team.hears(felt)
        self._emotion = before.after(threat(felt), swiftness(felt))
        self._felt, self._seen = felt, scene
        return felt

    def think(
        self,
        scene: Scene,
        *,
        heading: float | None = None,
        place: tuple[float, float] | None = None,
        doubt: Doubt | None = None,
    ) -> Thought:
        """Decides, at the latest a moment after the deadline.

        Args:
            scene: What `feel` returned, or any scene, which is then felt first.
            heading: The body's heading, rad in the world, so that memory can turn its directions along.
            place: The body's place, m in the world, so that memory knows where a way was blocked.
            doubt: What the judge says of a decision, for policies that ask again.

        Raises:
            BrainError: One that ends a run: a transcript that does not fit. Any other failure costs one decision.
        """
        self.begin(scene, heading=heading, place=place, doubt=doubt)
        return self.finish(heading=heading, place=place)

    def begin(
        self,
        scene: Scene,
        *,
        heading: float | None = None,
        place: tuple[float, float] | None = None,
        doubt: Doubt | None = None,
    ) -> None:
        """Asks the brain and comes back at once; an open question is dropped. The arguments are those of `think`."""
        self.drop()
        if scene is not self._felt:
            scene = self.feel(scene, heading=heading, place=place)
        self._ask(scene, heading, doubt)

    def finish(self, *, heading: float | None = None, place: tuple[float, float] | None = None) -> Thought:
        """Waits for the answer to the open question, at the latest until a moment after the deadline.

        Raises:
            BrainError: Nothing was asked.
        """
        deliberation, self._deliberation = self._deliberation, None
        if deliberation is None:
            raise BrainError("the mind has no open question; call begin first")
        self._felt = self._seen = None
        return self._thought(deliberation, deliberation.wait(), heading, place)

    def settle(self) -> float:
        """Waits for the answer to the open question and keeps it for `poll`; returns the seconds that it took.

        Raises:
            BrainError: Nothing was asked.
        """
        if self._deliberation is None:
            raise BrainError("the mind has no open question; call begin first")
        return self._deliberation.settle()

    def poll(
        self,
        scene: Scene | None = None,
        *,
        heading: float | None = None,
        place: tuple[float, float] | None = None,
        arrived: bool | None = None,
    ) -> Thought | None:
        """The thought, if there is one now. Never waits unless told to.

        A world that charges a thought with time of its own says itself when the answer is there.

        Args:
            scene: What is perceived now, if anything was. The reflex then steps in, and the thought's `route` says so,
                where the brain still thinks about a scene that was less threatening, or answers to one.
            heading: As for `think`.
            place: As for `think`.
            arrived: True waits for the answer, False holds one back that is there already.

        Returns:
            None where nothing was asked, or the brain still thinks and nothing presses.
        """
        deliberation = self._deliberation
        if deliberation is None:
            return None
        now = None if scene is None else self._sensed(scene, heading, place)
        self._felt = now
        outcome = None
        if arrived is not False:
            outcome = deliberation.wait() if arrived else deliberation.poll()
        if outcome is not None:
            self._deliberation = None
        if now is not None and (why := self._presses(deliberation, outcome, now, heading)):
            return self._step_in(deliberation, outcome, why, now, heading, place)
        return None if outcome is None else self._thought(deliberation, outcome, heading, place)

    def attend(
        self,
        scene: Scene,
        *,
        heading: float | None = None,
        place: tuple[float, float] | None = None,
        doubt: Doubt | None = None,
    ) -> Thought | None:
        """`poll`, and `begin` where no question is open: all that a world in real time has to call."""
        if scene is not self._felt:
            scene = self.feel(scene, heading=heading, place=place)
        if self._deliberation is None:
            self._ask(scene, heading, doubt)
        thought = self.poll(scene, heading=heading, place=place)
        self._felt = self._seen = None
        return thought

    def take(
        self,
        thought: Thought,
        scene: Scene,
        *,
        heading: float | None = None,
        place: tuple[float, float] | None = None,
    ) -> None:
        """Makes a thought its own, whoever thought it: remembers and books it, and calls out what it says.

        Args:
            thought: The thought.
            scene: What it was decided from.
            heading: As for `think`.
            place: As for `think`.
        """
        self._decisions += 1
        self._last = (thought, kind_of(scene))
        self._felt = self._seen = None
        self.memory.decided(thought.decision.motion, heading=heading, place=place)
        spent = (thought.tokens_in, thought.tokens_out, thought.cost_usd, thought.latency_s, thought.stages)
        self.ledger.add(Entry(self._decisions, thought.brain, thought.route, *spent))
        if self.team is not None:
            self.team.calls_out(thought, scene)

    def judged(self, agreement: Mapping[str, str]) -> None:
        """Learns what physics said of the last thought.

        Args:
            agreement: For each of its calls "hit", "miss", "false_alarm" or "correct_safe".
        """
        if self._last is not None:
            thought, kind = self._last
            self.calibration.add(0.5 if thought.confidence is None else thought.confidence, agreement, kind)
            self._last = None

    def learn(self, outcome: str, *, heading: float | None = None, place: tuple[float, float] | None = None) -> None:
        """Remembers how a decision ended, as a token such as "hit_wall_left" in the body's frame at `heading`."""
        self.memory.note(outcome, heading=heading, place=place)

    def drop(self) -> None:
        """Drops an open question."""
        if self._deliberation is not None:
            self._deliberation.abandon()
            self._deliberation = None

    def close(self) -> None:
        """Drops calls that still run, stops the loop if it is its own, and closes its brains."""
        self.drop()
        if self._owns_caller:
            self._caller.close()
        for brain in (*self._held, self.fallback):
            end = getattr(brain, "close", None)
            if callable(end):
                end()
        self._held = [self._brain]

    def __enter__(self) -> Mind:
        """The mind itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()

    def _sensed(self, scene: Scene, heading: float | None, place: tuple[float, float] | None) -> Scene:
        """The scene as it is felt, without feeling the same moment twice."""
        if self._felt is not None and (scene is self._felt or scene is self._seen):
            return self._felt
        return self.feel(scene, heading=heading, place=place)

    def _ask(self, scene: Scene, heading: float | None, doubt: Doubt | None) -> None:
        self._asked_at = heading
        brains = (self._brain, self.fallback)
        self._deliberation = Deliberation(brains, scene, self.deadline_s, self._caller, doubt)

    def _presses(self, deliberation: Deliberation, outcome: Outcome | None, now: Scene, heading: float | None) -> str:
        """Why the brain is not waited for, or its answer not taken; "" where it may be.

        The reason is part of the episode, which holds nothing that a clock measured: no word of how long it took.
        """
        worse = threat(now) > threat(deliberation.scene) + _RISE
        if outcome is None:
            return f"{deliberation.brain} still thinks" if worse or self.emotion.level >= _PRESSING else ""
        if worse:
            return f"the scene grew worse while {deliberation.brain} thought"
        # An answer names directions of the body as it stood when it was asked.
        if heading is not None and self._asked_at is not None and apart(heading, self._asked_at) > _TURNED:
            return f"the body turned while {deliberation.brain} thought"
        return ""

    def _step_in(
        self,
        deliberation: Deliberation,
        outcome: Outcome | None,
        why: str,
        scene: Scene,
        heading: float | None,
        place: tuple[float, float] | None,
    ) -> Thought:
        """The reflex's decision for a scene that cannot wait, or that the brain's answer is too old for."""
        decision = self._reflex.decide(scene)
        spent = Reply("") if outcome is None else outcome.reply
        reply = replace(spent, text=decision.lines(scene.dialect), confidence=None)
        stepped = Outcome(decision, reply, f"{self._reflex.name}: {why}")
        return self._thought(deliberation, stepped, heading, place, scene)

    def _thought(
        self,
        deliberation: Deliberation,
        outcome: Outcome,
        heading: float | None,
        place: tuple[float, float] | None,
        scene: Scene | None = None,
    ) -> Thought:
        decision, reply, route = outcome
        stepped, scene = scene, scene or deliberation.scene
        expected = round(self.calibration.expected(kind_of(scene)), 4)
        thought = Thought(
            decision=decision,
            text=reply.text,
            brain=deliberation.brain,
            latency_s=deliberation.took,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost_usd=reply.cost_usd,
            confidence=expected if reply.confidence is None else reply.confidence,
            route=route,
            stages=reply.stages,
            prompt=deliberation.question(stepped),
            scene=scene,
        )
        self.take(thought, scene, heading=heading, place=place)
        return thought


_PRESSING = 3
"""Step of the emotion ladder (afraid) from which nothing waits for a brain."""
_TURNED = math.pi / 4
"""Angle, rad, by which the body must have turned for an answer's directions to be wrong."""
_RISE = 0.2
"""Threat by which a scene must have grown for an answer to be too old."""


def _loaded(brain: Brain | str | Callable[[Scene], str]) -> Brain:
    if isinstance(brain, str):
        from aether.brains import load

        return load(brain)
    return as_brain(brain)
