"""Offline: the same weights sampled without a stream, with other noise schedules and masks than the one in use.

Nothing is cached: every step shows the network the history and the active tokens again. Slow, and for comparison only.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from hephaestus.motion import Motion
from hephaestus.skeleton import FPS
from prometheus.errors import MotionError
from prometheus.motion.control import CONTROLS
from prometheus.motion.evaluate.wish import Wish
from prometheus.motion.features import FRAMES_PER_TOKEN, TOKEN_WIDTH, WIDTH, place, unpack
from prometheus.motion.stream import GUIDANCE
from prometheus.motion.text import SLOTS

if TYPE_CHECKING:
    from prometheus.motion.model import KeyValue
    from prometheus.motion.pipeline import MotionPipeline

SCHEDULES = ("triangular", "random", "one-shot")
TOGETHER = 16


@dataclass(frozen=True, slots=True)
class _Told:
    """What B sentences tell: words as keys and values, which of them count, and slots."""

    words: list[KeyValue]
    mask: Tensor
    slots: Tensor


class Offline:
    """A source that samples whole motions of one sentence each.

    Schedules: "triangular" as in the stream; "random", where each token falls from noise to clean in steps of random
    size, so that a newer token may be cleaner than an older one; "one-shot", where all tokens of the motion fall
    together.
    """

    def __init__(
        self,
        pipeline: MotionPipeline,
        schedule: str = "triangular",
        *,
        causal: bool = False,
        guidance: float = GUIDANCE,
    ) -> None:
        """Choose how to sample.

        Args:
            pipeline: whose weights.
            schedule: one of SCHEDULES.
            causal: whether an active token sees older active ones only.
            guidance: as in the stream.

        Raises:
            MotionError: there is no such schedule.
        """
        if schedule not in SCHEDULES:
            raise MotionError(f"no schedule is called '{schedule}': use one of {', '.join(SCHEDULES)}")
        self._pipeline, self._schedule, self._causal, self._guidance = pipeline, schedule, causal, guidance

    def sample(self, wishes: list[Wish]) -> list[Motion]:
        """Return a motion a wish.

        Raises:
            MotionError: a wish changes its sentence.
        """
        if any(wish.then for wish in wishes):
            raise MotionError("a motion that changes its sentence can only be made by a stream")
        made: dict[Wish, Motion] = {}
        order = sorted(set(wishes), key=lambda wish: (wish.seconds, wish.text, wish.seed))
        for first in range(0, len(order), TOGETHER):
            group = order[first : first + TOGETHER]
            made.update(zip(group, self._make(group), strict=True))
        return [made[wish] for wish in wishes]

    @torch.inference_mode()
    def _make(self, wishes: list[Wish]) -> list[Motion]:
        frames = [max(1, round(wish.seconds * FPS)) for wish in wishes]
        count = -(-max(frames) // FRAMES_PER_TOKEN)
        tokens = torch.stack(
            [torch.randn(count, TOKEN_WIDTH, generator=torch.Generator().manual_seed(w.seed)) for w in wishes]
        )
        told = self._tell(wishes)
        levels = self._levels(count, wishes[0].seed)
        for now, then in pairwise(levels):
            # A token takes part from its first step on, and is history once it is clean.
            active = torch.nonzero((now > 0) & (then < 1))[:, 0]
            first, last = int(active[0]), int(active[-1])
            begin = max(0, first - int(self._pipeline.model.config.history))
            clean = self._denoise(tokens[:, begin : last + 1], now[begin : last + 1], told, begin, first - begin)
            share = (then[active] / now[active])[:, None]
            tokens[:, active] = torch.lerp(clean[:, active - begin], tokens[:, active], share)
        model = self._pipeline.model
        rows = (tokens * model.std + model.mean).reshape(len(wishes), -1, WIDTH).numpy()
        return [place(unpack(row[:length])) for row, length in zip(rows, frames, strict=True)]

    def _levels(self, count: int, seed: int) -> Tensor:
        """Noise levels [steps + 1, count] from the first step to the last."""
        scheduler = self._pipeline.scheduler
        ticks = scheduler.ticks
        if self._schedule == "one-shot":
            return torch.linspace(1.0, 0.0, ticks + 1)[:, None].expand(-1, count)
        start = np.arange(count) * scheduler.steps_per_token
        steps = np.arange(start[-1] + ticks + 1)
        done = np.clip(steps[:, None] - start, 0, ticks)
        fall = np.linspace(1.0, 0.0, ticks + 1)[None].repeat(count, 0)
        if self._schedule == "random":
            inner = np.random.default_rng(seed).random((count, ticks - 1))
            fall[:, 1:-1] = -np.sort(-inner, axis=1)
        return torch.from_numpy(np.take_along_axis(fall.T, done, 0)).float()

    def _denoise(self, tokens: Tensor, level: Tensor, told: _Told, begin: int, held: int) -> Tensor:
        """Return clean tokens [B, S, TOKEN_WIDTH] of tokens of which the first `held` are history."""
        size, count = tokens.shape[:2]
        model = self._pipeline.model
        row = torch.arange(count)
        older = (row[:, None] >= row) & (row[:, None] - row <= int(model.config.history))
        mask = older.clone()
        if not self._causal:
            mask[held:, held:] = True
        condition = torch.zeros(2 * size, count, SLOTS + CONTROLS)
        condition[:size, :, :SLOTS] = told.slots[:, None]
        seen = told.mask[:, None, None].expand(-1, -1, count, -1).clone()
        unseen = torch.zeros_like(seen)
        unseen[..., 0] = True
        # History keeps what it was told: the untold branch forgets the sentence for the active tokens alone.
        condition[size:, :held] = condition[:size, :held]
        unseen[:, :, :held] = seen[:, :, :held]
        words = [(torch.cat([key, key]), torch.cat([value, value])) for key, value in told.words]
        clean = model(
            tokens.repeat(2, 1, 1), level.expand(2 * size, -1), condition, words, torch.cat([seen, unseen]),
            row + begin, mask,
        )  # fmt: skip
        return torch.lerp(clean[size:], clean[:size], self._guidance)

    def _tell(self, wishes: list[Wish]) -> _Told:
        prompts = [self._pipeline.encoder.prompt(wish.text) for wish in wishes]
        longest = max(len(prompt.states) for prompt in prompts)
        states = torch.zeros(len(prompts), longest, prompts[0].states.shape[1])
        mask = torch.zeros(len(prompts), 1 + longest, dtype=torch.bool)
        mask[:, 0] = True
        for i, prompt in enumerate(prompts):
            states[i, : len(prompt.states)] = prompt.states
            mask[i, 1 : 1 + len(prompt.states)] = True
        words = self._pipeline.model.project_words(states)
        return _Told(words, mask, torch.stack([prompt.slots for prompt in prompts]))
