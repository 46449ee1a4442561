"""Person: somebody at the window who decides instead of a mind, through the same door as its own decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aether.brains.reflex import Reflex
from aether.decision import Decision
from aether.thought import Thought
from prometheus.agent import PERSON

if TYPE_CHECKING:
    from aether.emotion import Emotion
    from aether.mind import Doubt
    from aether.mind import Mind as RealMind
    from aether.scene import Scene
    from prometheus.agent import Place

LONGEST = 300
"""Characters of a sentence that are taken."""


class Person:
    """A mind that a person can speak for; while nobody does, it is the mind that it stands in for.

    What is said becomes a decision: it is foreseen, judged, recorded and followed as any other. While `steers` is set
    the mind goes on to feel and to remember, and decides nothing.

    Args:
        mind: whose place it takes.
    """

    def __init__(self, mind: RealMind) -> None:
        self.mind = mind
        self.steers = False
        self._said: str | None = None
        self._reflex = Reflex()

    def say(self, sentence: str) -> None:
        """Decide what the body does from the next frame on, as one sentence."""
        text = " ".join(sentence.split())[:LONGEST]
        if text:
            self._said = text

    @property
    def brain(self) -> Any:
        """Who thinks while no person does; may be set at any time."""
        return self.mind.brain

    @brain.setter
    def brain(self, brain: Any) -> None:
        self.mind.brain = brain

    @property
    def emotion(self) -> Emotion:
        """How the mind feels."""
        return self.mind.emotion

    @property
    def pending(self) -> bool:
        """Whether a person has spoken, or the brain was asked."""
        return self._said is not None or (not self.steers and self.mind.pending)

    @property
    def ready(self) -> bool:
        """Whether there is an answer."""
        return self._said is not None or (not self.steers and self.mind.ready)

    def feel(self, scene: Scene, *, heading: float | None = None, place: Place | None = None) -> Scene:
        """As `aether.Mind.feel`."""
        return self.mind.feel(scene, heading=heading, place=place)

    def begin(
        self, scene: Scene, *, heading: float | None = None, place: Place | None = None, doubt: Doubt | None = None
    ) -> None:
        """As `aether.Mind.begin`; asks nobody while a person steers."""
        if not self.steers:
            self.mind.begin(scene, heading=heading, place=place, doubt=doubt)

    def settle(self) -> float:
        """As `aether.Mind.settle`."""
        return 0.0 if self._said is not None or self.steers else self.mind.settle()

    def poll(
        self,
        scene: Scene | None = None,
        *,
        heading: float | None = None,
        place: Place | None = None,
        arrived: bool | None = None,
    ) -> Thought | None:
        """Return what was said as a thought, or else what the mind thought."""
        if self._said is not None and scene is not None:
            said, self._said = self._said, None
            self.mind.drop()
            # Nobody types predictions: what a person expects is what the reflex would.
            decision = Decision(self._reflex.decide(scene).predict, said)
            text = decision.lines(scene.dialect)
            thought = Thought(decision, text, PERSON, 0.0, 0, 0, 0.0, None, PERSON, scene=scene)
            self.mind.take(thought, scene, heading=heading, place=place)
            return thought
        if self.steers:
            self.mind.drop()
            return None
        return self.mind.poll(scene, heading=heading, place=place, arrived=arrived)

    def judged(self, agreement: Mapping[str, str]) -> None:
        """As `aether.Mind.judged`."""
        self.mind.judged(agreement)

    def learn(self, outcome: str, *, heading: float | None = None, place: Place | None = None) -> None:
        """As `aether.Mind.learn`."""
        self.mind.learn(outcome, heading=heading, place=place)

    def close(self) -> None:
        """As `aether.Mind.close`."""
        self.mind.close()
