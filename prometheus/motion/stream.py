"""MotionStream: sentences go in at any time, frames of motion come out for as long as one likes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from prometheus.motion.control import CONTROLS, Control
from prometheus.motion.denoiser import Denoiser
from prometheus.motion.features import FRAMES_PER_TOKEN, TOKEN_WIDTH, WIDTH, LocalFrames, join, lifted, lowered, unpack
from prometheus.motion.planting import Planting
from prometheus.motion.text import SLOTS, Prompt

if TYPE_CHECKING:
    from prometheus.motion.motor import Motor

GUIDANCE = 3.0
"""How far the prediction goes from the untold towards, and beyond, the told one (Ho and Salimans 2022)."""

YOUNG = 1
"""Tokens, besides the newest, that are noise enough to be told an ordinary prompt."""


class StreamBatch:
    """Streams that take their steps together: those that need frames at the same time share one call of the network.

    Attributes:
        streams: a `MotionStream` each.
    """

    def __init__(
        self, motor: Motor, texts: Sequence[str], seeds: Sequence[int], *, guidance: float = GUIDANCE
    ) -> None:
        self._guidance = guidance
        self.denoiser = Denoiser(motor.network, motor.schedule.chunk, len(texts))
        shown = 1 + motor.schedule.chunk
        self.tokens = torch.zeros(len(texts), shown, TOKEN_WIDTH)
        self.age = torch.zeros(len(texts), shown, dtype=torch.long)
        self.condition = torch.zeros(len(texts), shown, SLOTS + CONTROLS)
        self.position = torch.zeros(len(texts), shown, dtype=torch.float64)
        self.stride = torch.ones(len(texts), 1, dtype=torch.long)
        self._shrink = motor.schedule.shrinks()
        self.streams = [
            MotionStream(self, motor, i, text, seed) for i, (text, seed) in enumerate(zip(texts, seeds, strict=True))
        ]

    @torch.inference_mode()
    def fill(self, asking: MotionStream) -> None:
        """Make the next token of the stream that asks, and of every other one that has run out of frames."""
        short = [stream for stream in self.streams if stream is asking or not stream.ready]
        while waiting := [stream for stream in short if not stream.made]:
            first, last = waiting[0].index, waiting[-1].index
            if last - first < 2 * len(waiting):
                self._tick(waiting, slice(first, last + 1))
            else:
                for stream in waiting:
                    self._tick([stream], slice(stream.index, stream.index + 1))

    def _tick(self, streams: list[MotionStream], which: slice) -> None:
        """Let new tokens in where it is time, denoise the windows, commit what is clean.

        Args:
            streams: that take the step.
            which: a stretch of the batch that holds them; the others in it run along for less than the call costs that
                a stretch in pieces would take, and stay as they are.
        """
        for stream in streams:
            stream.prepare()
        age = self.age[which]
        told, untold = self.denoiser.clean(
            self.tokens[which], age, self.condition[which], self.position[which], which
        )
        clean = torch.lerp(untold, told, self._guidance)
        noisy = self.tokens[which, 1:]
        # One Euler step of every token from its level to its next (`Schedule.step`).
        shrink = self._shrink[self.stride[which], age[:, 1:]][..., None]
        if len(streams) == len(noisy):
            torch.lerp(clean, noisy, shrink, out=noisy)
        else:
            rows = [stream.index - streams[0].index for stream in streams]
            noisy[rows] = torch.lerp(clean[rows], noisy[rows], shrink[rows])
        for stream in streams:
            stream.settle()


class MotionStream:
    """One body's motion, made token by token (0.1 s) in a window of active tokens over a frozen history.

    An ordinary prompt enters with the newest tokens and shows when the window has passed (0.4 to 0.5 s); an urgent one
    throws away what is not committed and is seen in the next token. Steering reaches every uncommitted token.
    The same seed and calls give the same frames. Made by `Motor.stream` or `Motor.streams`.

    Attributes:
        index: place in the batch.
        made: features [FRAMES_PER_TOKEN, WIDTH] of committed tokens that nobody has asked for yet.
        model_seconds: s spent so far between sentences, steering and frames; a batch's calls count for the stream that
            asked.
    """

    def __init__(self, batch: StreamBatch, motor: Motor, index: int, text: str, seed: int) -> None:
        self.index = index
        self._batch, self._network, self._encoder = batch, motor.network, motor.encoder
        schedule = motor.schedule
        self._chunk, self._ticks, self._pace = schedule.chunk, schedule.ticks, schedule.steps_per_token
        self._stride = batch.stride[index]
        self._random = torch.Generator().manual_seed(seed)
        self._prompt: Prompt = self._encoder.prompt(text)
        self._projected: dict[str, Tensor] = {}
        self._prompts: list[Prompt] = [self._prompt] * (1 + self._chunk)
        self._told: tuple[str, ...] = ()
        self._seen = (-1, False, -1)
        self._tokens, self._age = batch.tokens[index], batch.age[index]
        self._condition, self._position = batch.condition[index], batch.position[index]
        self._given = Control()
        self._aim()
        self._active = self._committed = self._remembered = 0
        self._filling = True
        self._position.copy_(torch.arange(1 + self._chunk, dtype=torch.float64) - 1.0)
        self._mean, self._std = motor.network.mean.numpy(), motor.network.std.numpy()
        self.made: list[np.ndarray] = []
        self.model_seconds = 0.0
        self._planting, self._lowered = Planting(), 0.0
        self._frames: LocalFrames = unpack(np.zeros((0, WIDTH), np.float32))

    @property
    def ready(self) -> int:
        """Frames that can be handed out without a call of the network."""
        return len(self._frames) + FRAMES_PER_TOKEN * len(self.made)

    @property
    def shared(self) -> list[object]:
        """What never changes as the stream goes on: copies of the stream may share it."""
        return [self._network, self._encoder, *{*self._prompts, self._prompt}, *self._projected.values()]

    def dissolve(self) -> None:
        """Give its batch up, to be used no more: the two hold each other, and 2 MB until they are collected."""
        self._batch.streams.clear()

    def push(self, text: str, *, urgent: bool = False) -> None:
        """Change the sentence; `urgent` drops what is not committed yet, so that the body reacts at once."""
        if text == self._prompt.text and not urgent:
            return
        started = time.perf_counter()
        self._prompt = self._encoder.prompt(text)
        self.model_seconds += time.perf_counter() - started
        if urgent:
            self._active, self._filling = 0, True
        self._aim()
        for row in range(max(self._active - YOUNG, 0) + 1, self._active + 1):
            self._ask(row)

    def steer(self, control: Control) -> None:
        """Set where the root is to go and with how much energy, and by how much the body is turned, from now on."""
        started = time.perf_counter()
        self._given = control
        self._aim()
        self.model_seconds += time.perf_counter() - started

    def next(self, frames: int = 1) -> LocalFrames:
        """Return the next frames."""
        started = time.perf_counter()
        parts = [self._frames]
        while sum(map(len, parts)) < frames:
            if not self.made:
                self._batch.fill(self)
            parts.append(unpack(self.made.pop(0), self._planting, self._given.trim))
        self._frames = join(parts) if len(parts) > 1 else parts[0]
        taken, self._frames = self._frames[:frames], self._frames[frames:]
        self.model_seconds += time.perf_counter() - started
        return taken

    def prepare(self) -> None:
        """Before a tick: let a token in when it is time, and lay out what the network is to see."""
        # A window that fills up (at the start, and after an urgent prompt) takes a token and a whole level a tick.
        if self._active < self._chunk and (self._filling or int(self._age[self._active]) == self._pace):
            self._active += 1
            row = self._active
            self._tokens[row].normal_(generator=self._random)
            self._age.numpy()[row] = 0
            self._ask(row)
        self._stride.numpy()[0] = self._pace if self._filling else 1
        self._tell()
        seen = (self._remembered, self._held, self._active)
        if seen != self._seen:
            self._seen = seen
            self._batch.denoiser.see(self.index, filled=seen[0], held=seen[1], active=seen[2])

    def _aim(self) -> None:
        """Work out the control: what was given, and where that leaves the way open, what the sentence itself says."""
        told = self._given
        if told.velocity is None:
            told = replace(told, velocity=self._prompt.velocity)
        self._condition.numpy()[1:, SLOTS:] = told.vector()

    def _ask(self, row: int) -> None:
        """Let a token of the window be about the sentence that holds now."""
        self._condition.numpy()[row, :SLOTS] = self._prompt.slots.numpy()
        self._prompts[row] = self._prompt

    def settle(self) -> None:
        """After a tick: move the committed token into the history, commit the oldest if it is clean."""
        if self._held:
            self._batch.denoiser.remember(self.index, self._remembered)
            self._remembered += 1
        age = self._age.numpy()
        age[1 : 1 + self._active] += self._stride.numpy()
        if age[1] == self._ticks:
            self._commit()

    @property
    def _held(self) -> bool:
        return self._remembered < self._committed

    def _commit(self) -> None:
        # A handful of numbers: numpy moves them in a tenth of the time that a call of torch takes.
        tokens, age, condition = (rows.numpy() for rows in (self._tokens, self._age, self._condition))
        for rows in (tokens, age, condition):
            rows[:-1] = rows[1:]
        # Rows past the window hold no token; their age must stay a noise level above zero.
        age[self._active :] = 0
        self._position += 1.0
        self._prompts = [*self._prompts[1:], self._prompt]
        self._active -= 1
        self._filling = False
        self._committed += 1
        self.made.append(self._grounded())

    def _grounded(self) -> np.ndarray:
        """Features [FRAMES_PER_TOKEN, WIDTH] of the token just committed, lifted out of the floor and kept near it.

        The history gets the token as it is then, so that the network goes on from there and does not sink further and
        further, nor go on hopping where it was told to walk.
        """
        token = self._tokens[0].numpy()
        features = (token * self._std + self._mean).reshape(FRAMES_PER_TOKEN, WIDTH)
        level, self._lowered = lowered(lifted(features), self._prompts[0].walks, self._lowered)
        if level is not features:
            token[:] = (level.ravel() - self._mean) / self._std
        return level

    def _tell(self) -> None:
        """Give the network the words of the window's prompts, side by side after the one "no words"."""
        prompts = self._prompts[: 1 + self._active]
        told = tuple(prompt.text for prompt in prompts)
        if told == self._told:
            return
        self._told = told
        different = list({prompt.text: prompt for prompt in prompts}.values())
        projected = [self._project(prompt) for prompt in different]
        words = torch.cat([projected[0][:, :1], *(p[:, 1:] for p in projected)], 1)
        mask = torch.zeros(1 + self._chunk, words.shape[1], dtype=torch.bool)
        mask[:, 0] = True
        start = 1
        for prompt, part in zip(different, projected, strict=True):
            until = start + part.shape[1] - 1
            mask[[row for row, text in enumerate(told) if text == prompt.text], start:until] = True
            start = until
        self._batch.denoiser.tell(self.index, words, mask)

    def _project(self, prompt: Prompt) -> Tensor:
        """What the network needs of a prompt's words, as `Network.project` gives it."""
        if prompt.text not in self._projected:
            if len(self._projected) >= 16:
                self._projected.pop(next(iter(self._projected)))
            self._projected[prompt.text] = self._network.project(prompt.states)
        return self._projected[prompt.text]
