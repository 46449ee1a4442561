"""MotionStream: sentences go in at any time, frames of motion come out for as long as one likes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from prometheus.motion.control import Control
from prometheus.motion.features import FRAMES_PER_TOKEN, TOKEN_WIDTH, WIDTH, LocalFrames, join, unpack
from prometheus.motion.text import Prompt

if TYPE_CHECKING:
    from prometheus.motion.model import KeyValue
    from prometheus.motion.pipeline import MotionPipeline


class MotionStream:
    """One body's motion, made token by token (0.1 s) in a window of active tokens over a frozen history.

    An ordinary prompt enters with the newest token and shows after the window has passed (0.5 s); an urgent one throws
    away what is not committed and is seen in the next token. Steering by `steer` reaches every uncommitted token.
    The same seed and calls give the same frames.

    Attributes:
        network_seconds: s spent inside the network since the start.
    """

    def __init__(self, pipeline: MotionPipeline, text: str, *, seed: int = 0, guidance: float = 3.0) -> None:
        self._model, self._scheduler = pipeline.model, pipeline.scheduler
        self._encoder = pipeline.encoder
        self._guidance = guidance
        self._random = torch.Generator().manual_seed(seed)
        self._prompt: Prompt = self._encoder.prompt(text)
        self._words: dict[str, list[KeyValue]] = {}
        self._seen: tuple[tuple[str, ...], list[KeyValue], Tensor] | None = None
        self._control = Control().vector()
        self._window = _Window()
        self._history: list[KeyValue] | None = None
        self._pending: _Window | None = None
        self._position = 0
        self._tick = 0
        self._ready: LocalFrames = unpack(np.zeros((0, WIDTH), np.float32))
        self.network_seconds = 0.0

    def push(self, text: str, *, urgent: bool = False) -> None:
        """Change the sentence; `urgent` drops what is not committed yet, so that the body reacts at once."""
        if text == self._prompt.text and not urgent:
            return
        self._prompt = self._encoder.prompt(text)
        if urgent:
            self._window = _Window()
            self._tick = 0

    def steer(self, control: Control) -> None:
        """Set where the root is to go and with how much energy, from the next token on."""
        self._control = control.vector()

    @torch.inference_mode()
    def next(self, frames: int = 1) -> LocalFrames:
        """Return the next frames."""
        while len(self._ready) < frames:
            self._advance()
        taken, self._ready = self._ready[:frames], self._ready[frames:]
        return taken

    def _advance(self) -> None:
        """One tick: let a new token in when it is time, denoise the window, commit the oldest when it is clean."""
        if self._tick % self._scheduler.steps_per_token == 0 and len(self._window) < self._scheduler.chunk:
            self._window.enter(torch.randn(TOKEN_WIDTH, generator=self._random), self._prompt)
        window = self._window
        clean = self._denoise()
        level = self._scheduler.level(window.age)
        window.age += 1
        window.tokens = self._scheduler.step(clean, window.tokens, level, self._scheduler.level(window.age))
        self._tick += 1
        if int(window.age[0]) == self._scheduler.ticks:
            self._commit()

    def _denoise(self) -> Tensor:
        """Predict the clean window [A, TOKEN_WIDTH], with guidance; extend the history by the pending token."""
        window, pending = self._window, self._pending
        both = window if pending is None else pending.followed_by(window)
        held = len(both) - len(window)
        condition = torch.cat([both.slots, torch.from_numpy(self._control).expand(len(both), -1)], 1)
        if pending is not None and pending.control is not None:
            condition[:held, window.slots.shape[1] :] = pending.control
        unconditional = torch.zeros_like(condition)
        words, words_mask = self._see_words(both)
        past = (
            None
            if self._history is None
            else [(k.expand(2, -1, -1, -1), v.expand(2, -1, -1, -1)) for k, v in self._history]
        )
        seen = 0 if past is None else past[0][0].shape[2]
        mask = None
        if held:
            mask = torch.ones(len(both), seen + len(both), dtype=torch.bool)
            mask[:held, seen + held :] = False
        level = self._scheduler.level(both.age)
        started = time.perf_counter()
        clean, present = self._model(
            both.tokens.expand(2, -1, -1),
            level.expand(2, -1),
            torch.stack([condition, unconditional]),
            words,
            words_mask,
            torch.arange(self._position - held, self._position - held + len(both)),
            mask,
            past,
        )
        self.network_seconds += time.perf_counter() - started
        if held:
            self._remember([(k[:1, :, :held], v[:1, :, :held]) for k, v in present])
            self._pending = None
        told, untold = clean[0, held:], clean[1, held:]
        return untold + self._guidance * (told - untold)

    def _see_words(self, both: _Window) -> tuple[list[KeyValue], Tensor]:
        """Keys and values of every prompt in the window side by side, and who may see which; row 1 sees none."""
        key = tuple(prompt.text for prompt in both.prompts)
        if self._seen is None or self._seen[0] != key:
            self._seen = (key, *self._lay_out(both.prompts))
        return self._seen[1:]

    def _lay_out(self, prompts: list[Prompt]) -> tuple[list[KeyValue], Tensor]:
        texts = list({prompt.text: prompt for prompt in prompts}.values())
        projected = [self._project(prompt) for prompt in texts]
        words: list[KeyValue] = []
        for parts in zip(*projected, strict=True):
            key, value = (torch.cat([pair[i] for pair in parts], 2).expand(2, -1, -1, -1) for i in (0, 1))
            words.append((key, value))
        mask = torch.zeros(2, 1, len(prompts), words[0][0].shape[2], dtype=torch.bool)
        mask[1, :, :, 0] = True
        start = 0
        for prompt, parts in zip(texts, projected, strict=True):
            width = parts[0][0].shape[2]
            rows = [i for i, other in enumerate(prompts) if other.text == prompt.text]
            mask[0, :, rows, start : start + width] = True
            start += width
        return words, mask

    def _project(self, prompt: Prompt) -> list[KeyValue]:
        if prompt.text not in self._words:
            if len(self._words) >= 16:
                self._words.pop(next(iter(self._words)))
            self._words[prompt.text] = self._model.project_words(prompt.states[None])
        return self._words[prompt.text]

    def _remember(self, new: list[KeyValue]) -> None:
        keep = self._model.config.history
        if self._history is None:
            self._history = new
        else:
            self._history = [
                (torch.cat([k, a], 2)[:, :, -keep:], torch.cat([v, b], 2)[:, :, -keep:])
                for (k, v), (a, b) in zip(self._history, new, strict=True)
            ]

    def _commit(self) -> None:
        self._pending, self._window = self._window.split()
        self._pending.control = torch.from_numpy(self._control)
        self._position += 1
        frames = self._pending.tokens[0] * self._model.std + self._model.mean
        self._ready = join([self._ready, unpack(frames.reshape(FRAMES_PER_TOKEN, WIDTH).numpy())])


class _Window:
    """Tokens being denoised, oldest first."""

    def __init__(self) -> None:
        self.tokens = torch.zeros(0, TOKEN_WIDTH)
        self.age = torch.zeros(0, dtype=torch.long)
        self.prompts: list[Prompt] = []
        self.control: Tensor | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def slots(self) -> Tensor:
        return torch.stack([prompt.slots for prompt in self.prompts])

    def enter(self, noise: Tensor, prompt: Prompt) -> None:
        self.tokens = torch.cat([self.tokens, noise[None]])
        self.age = torch.cat([self.age, torch.zeros(1, dtype=torch.long)])
        self.prompts = [*self.prompts, prompt]

    def followed_by(self, other: _Window) -> _Window:
        joined = _Window()
        joined.tokens = torch.cat([self.tokens, other.tokens])
        joined.age = torch.cat([self.age, other.age])
        joined.prompts = self.prompts + other.prompts
        return joined

    def split(self) -> tuple[_Window, _Window]:
        """Part the oldest token from the rest."""
        first, rest = _Window(), _Window()
        first.tokens, rest.tokens = self.tokens[:1], self.tokens[1:]
        first.age, rest.age = self.age[:1], self.age[1:]
        first.prompts, rest.prompts = self.prompts[:1], self.prompts[1:]
        return first, rest
