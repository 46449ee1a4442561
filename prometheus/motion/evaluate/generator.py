"""Generator: the one place where the evaluation samples the model, through its public face alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from hephaestus.motion import Motion
from hephaestus.skeleton import FPS
from prometheus.motion.evaluate.wish import Push, Wish
from prometheus.motion.pipeline import MotionPipeline
from prometheus.motion.sample import Change, play
from prometheus.motion.stream import GUIDANCE
from prometheus.motion.text import Prompt

if TYPE_CHECKING:
    from prometheus.motion.text import TextEncoder

TOGETHER = 16
"""Streams that are made side by side; more are hardly faster on one core."""


class Generator:
    """Makes motion with a pipeline and keeps what it made, so that rows of the table share samples.

    Attributes:
        seconds: s of motion made so far.
    """

    def __init__(
        self, pipeline: MotionPipeline, guidance: float = GUIDANCE, progress: Callable[[float], None] | None = None
    ) -> None:
        """Wrap a pipeline; `progress` is called with the seconds of motion made so far."""
        self.pipeline, self.guidance = pipeline, guidance
        self.seconds = 0.0
        self._made: dict[Wish, Motion] = {}
        self._progress = progress

    def sample(self, wishes: list[Wish]) -> list[Motion]:
        """Return a motion a wish; the same wish is made once."""
        new = sorted({wish for wish in wishes if wish not in self._made}, key=_order)
        for first in range(0, len(new), TOGETHER):
            group = new[first : first + TOGETHER]
            self._made.update(zip(group, self._make(group), strict=True))
            self.seconds += sum(wish.seconds for wish in group)
            if self._progress is not None:
                self._progress(self.seconds)
        return [self._made[wish] for wish in wishes]

    def _make(self, wishes: list[Wish]) -> list[Motion]:
        streams = self.pipeline.streams([w.text for w in wishes], [w.seed for w in wishes], guidance=self.guidance)
        changes = [[Change(round(push.second * FPS), push.text, push.urgent) for push in w.then] for w in wishes]
        return play(streams, changes, [max(1, round(wish.seconds * FPS)) for wish in wishes])

    def told_less(self, *, words: bool) -> Generator:
        """Return a generator that hides the slots from the model, and the words too unless `words`."""
        return Generator(_Muffled(self.pipeline, words), self.guidance, self._progress)

    def with_guidance(self, guidance: float) -> Generator:
        """Return a generator that follows the words more or less strictly."""
        return Generator(self.pipeline, guidance, self._progress)

    def with_pipeline(self, pipeline: MotionPipeline) -> Generator:
        """Return a generator of another pipeline."""
        return Generator(pipeline, self.guidance, self._progress)


def _order(wish: Wish) -> tuple[float, str, int, tuple[Push, ...]]:
    """Motions of one length are made together; the rest keeps the order free of chance."""
    return wish.seconds, wish.text, wish.seed, wish.then


class _Muffled(MotionPipeline):
    """The same weights, told less about each sentence."""

    def __init__(self, pipeline: MotionPipeline, words: bool) -> None:
        super().__init__(pipeline.model, pipeline.scheduler)
        self._muffler = _Muffler(pipeline.encoder, words)

    @property
    def encoder(self) -> TextEncoder:
        return self._muffler  # type: ignore[return-value]


class _Muffler:
    """A text encoder whose prompts lack slots, and words where those are hidden too."""

    def __init__(self, encoder: TextEncoder, words: bool) -> None:
        self._encoder, self._words = encoder, words

    def prompt(self, text: str) -> Prompt:
        whole = self._encoder.prompt(text)
        states = whole.states if self._words else whole.states[:0]
        return replace(whole, states=states, slots=whole.slots * 0.0)
