"""Worker: the motion model in a process of its own, so that a window beside it never waits for the interpreter.

Calls go over in the order in which they are made and take effect at the frame that is asked for next, as in this
process: the same seeds and calls give the same frames, byte for byte. While nothing new is said the worker makes a few
tokens ahead (`host.AHEAD`); a sentence or a command that comes in between takes them back.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hephaestus import child
from prometheus.errors import MotionError
from prometheus.motion.control import Control
from prometheus.motion.features import LocalFrames
from prometheus.motion.weights import check_denoiser

LONGEST_S = 120.0
"""s that the worker may be silent, loading included, before it is given up."""


class RemoteMotor:
    """A `Motor` in another process; it loads there while this one goes on.

    Example:
        >>> stream = RemoteMotor(data_path("assets", "motion")).stream("a person walks forward", seed=1)
        >>> frames = stream.next(20)

    Args:
        folder: of the weights, as for `Motor.load`.
        threads: that the network uses there.

    Raises:
        MotionError: there are no such weights; what else is wrong with them is said by the first `next`.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        check_denoiser(folder / "model")
        self._process, self._line = child.start("prometheus.motion.host", str(folder.resolve()), str(threads))
        self._closed = weakref.finalize(self, child.end, self._process, self._line)
        self._streams = 0
        self._loaded = False

    @property
    def loaded(self) -> bool:
        """Whether the model is there and frames come without delay; never waits."""
        if not self._loaded and self._line.poll():
            self._hear()
        return self._loaded

    @property
    def pid(self) -> int:
        """The worker's process."""
        return self._process.pid

    def stream(self, text: str, *, seed: int = 0, guidance: float | None = None) -> RemoteStream:
        """Start an endless stream of motion."""
        return self.streams([text], [seed], guidance=guidance)[0]

    def streams(
        self, texts: Sequence[str], seeds: Sequence[int], *, guidance: float | None = None
    ) -> list[RemoteStream]:
        """Start streams that share the network's calls."""
        first = self._streams
        self._streams += len(texts)
        self.say("streams", list(texts), list(seeds), guidance)
        return [RemoteStream(self, first + i, text) for i, text in enumerate(texts)]

    def keep(self, streams: Sequence[RemoteStream]) -> None:
        """Let the worker forget all streams but these: a world that was begun anew asks for others.

        Raises:
            MotionError: the worker is gone.
        """
        self.say("keep", [stream.index for stream in streams])

    def __call__(self, text: str, *, seconds: float = 6.0, seed: int = 0, guidance: float | None = None) -> LocalFrames:
        """Return `seconds` of motion of one sentence."""
        return self.stream(text, seed=seed, guidance=guidance).next(round(seconds * 20))

    def close(self) -> None:
        """End the worker; no stream of it gives frames any more."""
        self._closed()

    def say(self, *message: Any) -> None:
        """Send a call over; nothing is waited for.

        Raises:
            MotionError: the worker is gone.
        """
        try:
            self._line.send(message)
        except OSError:
            while True:  # what it had to say before it went is the better reason
                self._hear()

    def ask(self, *message: Any) -> Any:
        """Send a call over and return its answer.

        Raises:
            MotionError: the worker is gone, or refuses.
        """
        self.say(*message)
        while not self._loaded:
            self._hear()
        return self._hear()

    def _hear(self) -> Any:
        """Return the next thing that the worker says; None for the greeting."""
        try:
            if not self._line.poll(LONGEST_S):
                self.close()
                raise MotionError(f"the motion worker did not answer for {LONGEST_S:.0f} s and was ended; start again")
            kind, value = self._line.recv()
        except (EOFError, OSError):
            raise self._gone() from None
        if kind == "refused":
            self.close()
            raise MotionError(value)
        self._loaded = True
        return value

    def _gone(self) -> MotionError:
        closed = not self._closed.alive
        self.close()
        if closed:
            return MotionError("the motion worker was closed; start another")
        return MotionError(
            f"the motion worker {child.fate(self._process)}; start the run again, or set motion.worker=false"
        )


class RemoteStream:
    """One body's motion, made in a worker; the calls are those of `MotionStream`. Made by `RemoteMotor`.

    Attributes:
        index: its number in the worker.
        ready: frames that the worker has made and nobody has asked for, as far as is known here.
        model_seconds: s that the worker spent between sentences and frames.
    """

    def __init__(self, motor: RemoteMotor, index: int, text: str) -> None:
        self._motor, self.index = motor, index
        self._text, self._control = text, Control()
        self.ready = 0
        self.model_seconds = 0.0

    def push(self, text: str, *, urgent: bool = False) -> None:
        """Change the sentence; `urgent` drops what is not committed yet, so that the body reacts at once.

        Raises:
            MotionError: the worker is gone.
        """
        if text != self._text or urgent:
            self._text = text
            self._motor.say("push", self.index, text, urgent)

    def steer(self, control: Control) -> None:
        """Set where the root is to go and with how much energy.

        Raises:
            MotionError: the worker is gone.
        """
        if control != self._control:
            self._control = control
            self._motor.say("steer", self.index, control)

    def next(self, frames: int = 1) -> LocalFrames:
        """Return the next frames.

        Raises:
            MotionError: the worker is gone, or the model cannot be loaded there.
        """
        made, self.ready, self.model_seconds = self._motor.ask("next", self.index, frames)
        taken: LocalFrames = made
        return taken
