"""Camcorder: screenshots and videos of the window as it is seen; `darkroom` writes them, in a process of its own."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections import deque
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np

from hephaestus import child
from hephaestus.render.relay import LARGEST, reserve
from prometheus.errors import shorten
from prometheus.window.darkroom import FPS, free_name

SLOTS = 4
"""Pictures that may wait to be written; more are left out, or memory would fill."""
LINGER_S = 2.0
"""s after which a process that has nothing to do is let go."""
_ENDS_S = 30.0
"""s that it has to complete a video when the window is closed."""
_SLOT = LARGEST * LARGEST * 3


class Camcorder:
    """Reads the window's picture before it is shown, into memory from which another process writes it.

    Args:
        out: folder of what is kept by key.

    Attributes:
        notices: sentences for the person, oldest first.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self.notices: deque[str] = deque(maxlen=8)
        self._room: _Room | None = None
        self._left: list[subprocess.Popen[bytes]] = []
        self._path: Path | None = None
        self._began = 0.0
        self._step = -1
        self._wanted = False
        self._busy_at = 0.0

    @property
    def films(self) -> bool:
        """Whether a video is being recorded."""
        return self._path is not None

    def snap(self) -> None:
        """Keep the next picture in `out`."""
        self._wanted = True

    def toggle(self) -> str:
        """Start a video, or end the one that runs; returns what to tell the person."""
        path = self._path
        if path is None:
            self._path, self._step = free_name(self.out, "play", ".mp4"), -1
            return f"recording {self._path}; V ends it"
        self._path = None
        if self._step < 0:
            return "the video ended before it began; press V again"
        if self._room is not None:
            self._room.tell("finish")
        return f"video: {path}"

    def see(self, size: tuple[int, int], now: float) -> None:
        """Take what is wanted of the picture that is about to be shown, of that size in pixels, at a time in s."""
        self._hear(now)
        if self._wanted:
            self._wanted = not self._take(size, "shoot", self.out, True)
        if self._path is None:
            return
        if self._step < 0:
            self._began = now
        step = int((now - self._began) * FPS)
        if step > self._step and self._take(size, "film", self._path, step):
            self._step = step

    def shoot(self, size: tuple[int, int], folder: Path) -> None:
        """Write the picture that is about to be shown as a PNG, unless too many wait already."""
        self._take(size, "shoot", folder, False)

    def close(self) -> None:
        """End a video that runs, and wait until everything is written; no window is left to say in that it failed."""
        path = self._path if self._step >= 0 else None
        self._leave()
        end = time.monotonic() + _ENDS_S
        for process in self._left:
            try:
                process.wait(max(end - time.monotonic(), 0.0))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if path is not None and not path.exists():
            print(f"pwm: the video {shorten(str(path), 100)} could not be completed; see --out", file=sys.stderr)

    def _take(self, size: tuple[int, int], kind: str, *more: Any) -> bool:
        """Have the picture written, unless too many wait already; whether it will be."""
        try:
            self._room = self._room or _Room()
        except OSError as error:
            self._fail(f"no process can be started that writes pictures ({error.strerror}); free some memory")
            return True
        return self._room.take(size, kind, *more)

    def _hear(self, now: float) -> None:
        """Take over what the other process says, and let it go once it is of no use any more."""
        room = self._room
        self._left = [process for process in self._left if process.poll() is None]
        if room is None:
            return
        for said, lost in room.heard():
            if lost:
                self._fail(said)
            elif said:
                self.notices.append(said)
        if room.gone:
            how = child.fate(room.process)
            self._fail(f"the process that writes pictures {how}; what it had not written is lost")
            self._leave()
        elif room.waiting or self.films:
            self._busy_at = now
        elif now - self._busy_at > LINGER_S:
            self._leave()

    def _fail(self, why: str) -> None:
        self._path = None
        self.notices.append(why)

    def _leave(self) -> None:
        """Let the other process go; it completes what it has begun."""
        self._path = None
        if self._room is not None:
            self._left.append(self._room.process)
            self._room.close()
            self._room = None


class _Room:
    """The other process, the line to it, and the memory in which it finds pictures.

    Attributes:
        waiting: messages that are not answered yet. gone: whether the process is.
    """

    def __init__(self) -> None:
        memory = reserve(SLOTS * _SLOT)
        try:
            self._memory = mmap(memory, 0)
            self.process, self._line = child.start("prometheus.window.darkroom", str(memory), share=[memory])
        finally:
            os.close(memory)
        self.waiting, self.gone = 0, False
        self._turn = 0

    def take(self, size: tuple[int, int], *message: Any) -> bool:
        """Leave the window's picture in the memory and say what is to be done with it; whether there was room."""
        # Messages are answered in order: with fewer of them than places, the next place is free.
        if self.waiting >= SLOTS or self.gone:
            return False
        place, self._turn = self._turn * _SLOT, (self._turn + 1) % SLOTS
        shape = (size[1], size[0], 3)
        read_window(np.frombuffer(self._memory, np.uint8, int(np.prod(shape)), place).reshape(shape))
        kind, *more = message
        self.tell(kind, place, shape, *more)
        return True

    def tell(self, *message: Any) -> None:
        """Say something."""
        try:
            self._line.send(message)
            self.waiting += 1
        except OSError:
            self.gone = True

    def heard(self) -> list[tuple[str, bool]]:
        """Return what was answered since the last time."""
        answers = []
        try:
            while self._line.poll():
                answers.append(self._line.recv())
                self.waiting -= 1
        except (EOFError, OSError):
            self.gone = True
        return answers

    def close(self) -> None:
        """Close the line, and give the memory back."""
        self._line.close()
        self._memory.close()


def read_window(pixels: np.ndarray) -> None:
    """Read the picture that is about to be shown into uint8 [h, w, 3], row 0 below."""
    from pyglet import gl

    gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)
    gl.glReadBuffer(gl.GL_BACK)
    gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
    where = ctypes.c_void_p(pixels.ctypes.data)
    gl.glReadPixels(0, 0, pixels.shape[1], pixels.shape[0], gl.GL_RGB, gl.GL_UNSIGNED_BYTE, where)
