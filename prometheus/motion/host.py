"""Host: the other side of `worker`, run as `python -m prometheus.motion.host FD FOLDER THREADS`.

Answers calls over a socket in the order in which they come, and ends when the socket is closed, as it is when the other
process dies.
"""

from __future__ import annotations

import copy
import signal
import sys
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hephaestus.thrift import be_thrifty, tidy
from prometheus.errors import MotionError
from prometheus.motion.features import FRAMES_PER_TOKEN, LocalFrames, join

if TYPE_CHECKING:
    from prometheus.motion.motor import Motor
    from prometheus.motion.stream import MotionStream

AHEAD = 4
"""Tokens that are made before they are asked for: 0.4 s."""
QUIET = 2 * FRAMES_PER_TOKEN
"""Frames taken with nothing said, after which tokens are made ahead."""


class Ahead:
    """A stream that goes on while nobody asks, and goes back when something new is said.

    Args:
        stream: alone in its batch, lest others be taken along.
    """

    def __init__(self, stream: MotionStream) -> None:
        self._stream = stream
        self._rest: LocalFrames | None = None
        self._made: deque[tuple[MotionStream, LocalFrames]] = deque()
        self._quiet = 0

    @property
    def eager(self) -> bool:
        """Whether a token is worth making: there is room, and nothing was said for a while.

        Whoever steers at every frame would have all of it thrown away.
        """
        return self._quiet >= QUIET and len(self._made) < AHEAD and self._stream.ready == 0

    @property
    def ready(self) -> int:
        """Frames that are made."""
        return self._stream.ready + FRAMES_PER_TOKEN * len(self._made) + (0 if self._rest is None else len(self._rest))

    @property
    def model_seconds(self) -> float:
        """As of the stream."""
        return self._stream.model_seconds

    def advance(self) -> None:
        """Make a token ahead, and keep how things were before it."""
        before = _copied(self._stream)
        self._made.append((before, self._stream.next(FRAMES_PER_TOKEN)))

    def next(self, frames: int) -> LocalFrames:
        """Return the next frames."""
        parts = [] if self._rest is None else [self._rest]
        while self._made and sum(map(len, parts)) < frames:
            before, made = self._made.popleft()
            before.dissolve()
            parts.append(made)
        missing = frames - sum(map(len, parts))
        if missing > 0 or not parts:
            parts.append(self._stream.next(max(missing, 0)))
        whole = join(parts)
        self._rest = whole[frames:] if len(whole) > frames else None
        self._quiet += frames
        return whole[:frames]

    def heed(self) -> MotionStream:
        """Return the stream as it is at the frame that is asked for next, for something new to be said."""
        if self._made:
            spent = self._stream.model_seconds
            first, *others = (before for before, _ in self._made)
            for stream in (self._stream, *others):
                stream.dissolve()
            self._stream = first
            self._stream.model_seconds = spent
            self._made.clear()
        self._quiet = 0
        return self._stream


def _copied(stream: MotionStream) -> MotionStream:
    """Copy what changes as the stream goes on; weights, prompts and what was made of them are shared."""
    return copy.deepcopy(stream, {id(one): one for one in stream.shared})


class Host:
    """The streams of one worker.

    Args:
        motor: the model.
        line: to the other process.
    """

    def __init__(self, motor: Motor, line: Connection) -> None:
        self._motor, self._line = motor, line
        self._streams: dict[int, Ahead] = {}
        self._begun = 0
        self._calls: dict[str, Callable[..., None]] = {
            "streams": self._begin, "push": self._push, "steer": self._steer, "next": self._next, "keep": self._keep,
        }  # fmt: skip

    def run(self) -> None:
        """Answer until the line is closed."""
        self._line.send(("loaded", None))
        while True:
            if len(self._streams) == 1:
                (only,) = self._streams.values()
                while only.eager and not self._line.poll():
                    only.advance()
            call, *arguments = self._line.recv()
            self._calls[call](*arguments)

    def _begin(self, texts: list[str], seeds: list[int], guidance: float | None) -> None:
        options: dict[str, Any] = {} if guidance is None else {"guidance": guidance}
        for stream in self._motor.streams(texts, seeds, **options):
            self._streams[self._begun] = Ahead(stream)
            self._begun += 1

    def _keep(self, wanted: list[int]) -> None:
        self._streams = {index: stream for index, stream in self._streams.items() if index in wanted}
        tidy()

    def _push(self, index: int, text: str, urgent: bool) -> None:
        self._streams[index].heed().push(text, urgent=urgent)

    def _steer(self, index: int, control: Any) -> None:
        self._streams[index].heed().steer(control)

    def _next(self, index: int, frames: int) -> None:
        stream = self._streams[index]
        made = stream.next(frames)
        self._line.send(("frames", (made, stream.ready, stream.model_seconds)))


def main(descriptor: int, folder: Path, threads: int) -> None:
    """Load the model and answer; what goes wrong is said over the line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells both processes; the other one decides
    line = Connection(descriptor)
    try:
        import torch

        from prometheus.motion.motor import Motor

        be_thrifty()
        torch.set_num_threads(threads)
        Host(Motor.load(folder), line).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except (MotionError, OSError, RuntimeError, ValueError, MemoryError) as error:
        line.send(("refused", str(error) if isinstance(error, MotionError) else f"the motion worker failed: {error}"))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
