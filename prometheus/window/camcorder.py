"""Camcorder: screenshots and videos of the window as it is seen, written beside the loop and not in it."""

from __future__ import annotations

import ctypes
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from prometheus.errors import RenderError, shorten

FPS = 25
"""Pictures a second of a video."""
_WAITING = 6
"""Pictures that may wait to be written; more are left out, or memory would fill."""


class Camcorder:
    """Reads the window's picture before it is shown, and hands it to a thread that writes it.

    Args:
        out: folder of what is kept by key.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self.notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue(_WAITING)
        self._thread: threading.Thread | None = None
        self._reel: _Reel | None = None
        self._next = 0.0
        self._wish: list[Path | None] = []

    @property
    def films(self) -> bool:
        """Whether a video is being recorded."""
        return self._reel is not None

    def snap(self) -> None:
        """Keep the next picture in `out`."""
        self._wish.append(self.out)

    def toggle(self) -> str:
        """Start a video, or end the one that runs; returns what to tell the person."""
        if self._reel is not None:
            reel, self._reel = self._reel, None
            self._put(lambda: self._finish(reel), wait=True)
            return f"video: {reel.path}"
        self._reel = _Reel(free_name(self.out, "play", ".mp4"))
        self._next = 0.0
        return f"recording {self._reel.path}; V ends it"

    def see(self, size: tuple[int, int], now: float) -> None:
        """Take what is wanted of the picture that is about to be shown."""
        while self._wish:
            folder = self._wish.pop()
            if folder is not None:
                self.shoot(size, folder, say=True)
        reel = self._reel
        if reel is None or now < self._next:
            return
        self._next = max(self._next + 1 / FPS, now - 0.2) if self._next else now + 1 / FPS
        if reel.size is None:
            reel.size = (size[0] // 2 * 2, size[1] // 2 * 2)
        picture = read_window(size)
        self._put(lambda: reel.add(picture))
        if reel.failure:
            self.notices.put(reel.failure)
            self._reel = None

    def shoot(self, size: tuple[int, int], folder: Path, *, say: bool = False) -> None:
        """Write the picture that is about to be shown as a PNG."""
        picture = read_window(size)

        def write() -> None:
            from PIL import Image

            try:
                folder.mkdir(parents=True, exist_ok=True)
                path = free_name(folder, "shot", ".png")
                part = path.with_name(f".{path.name}.part")
                Image.fromarray(picture).save(part, "PNG", compress_level=1)
                part.replace(path)
            except OSError as error:
                self.notices.put(f"cannot write into {shorten(str(folder), 100)}: {error.strerror}; see --out")
                return
            if say:
                self.notices.put(f"screenshot: {path}")

        self._put(write)

    def close(self) -> None:
        """End a video that runs, and wait until everything is written."""
        if self._reel is not None:
            self.toggle()
        if self._thread is not None:
            self._work.put(None)
            self._thread.join(30.0)

    def _put(self, work: Callable[[], None], *, wait: bool = False) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="camcorder", daemon=True)
            self._thread.start()
        try:
            self._work.put(work, block=wait, timeout=20.0 if wait else None)
        except queue.Full:
            return

    def _write(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def _finish(self, reel: _Reel) -> None:
        try:
            reel.finish()
        except RenderError as error:
            self.notices.put(str(error))


class _Reel:
    """A video while it is recorded; a window that changes its size meanwhile is cut or padded to the first one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size: tuple[int, int] | None = None
        self.failure = ""
        self._writer: object | None = None

    def add(self, picture: np.ndarray) -> None:
        from prometheus.video import VideoWriter

        if self.failure or self.size is None:
            return
        try:
            if self._writer is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._writer = VideoWriter(self.path, FPS, self.size)
            assert isinstance(self._writer, VideoWriter)
            width, height = self.size
            whole = picture
            if picture.shape[:2] != (height, width):
                whole = np.zeros((height, width, 3), np.uint8)
                h, w = min(height, len(picture)), min(width, picture.shape[1])
                whole[:h, :w] = picture[:h, :w]
            self._writer.add(whole)
        except (RenderError, OSError) as error:
            self.failure = str(error)

    def finish(self) -> None:
        from prometheus.video import VideoWriter

        if isinstance(self._writer, VideoWriter):
            self._writer.finish()


def read_window(size: tuple[int, int]) -> np.ndarray:
    """Return the picture that is about to be shown, uint8 [h, w, 3], row 0 at the top."""
    from pyglet import gl

    pixels = np.empty((size[1], size[0], 3), np.uint8)
    gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)
    gl.glReadBuffer(gl.GL_BACK)
    gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
    where = ctypes.c_void_p(pixels.ctypes.data)
    gl.glReadPixels(0, 0, size[0], size[1], gl.GL_RGB, gl.GL_UNSIGNED_BYTE, where)
    return np.ascontiguousarray(pixels[::-1])


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """Return a path in a folder that does not exist yet, named for the time."""
    named = f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    path, number = folder / f"{named}{suffix}", 1
    while path.exists():
        number += 1
        path = folder / f"{named}-{number}{suffix}"
    return path
