"""Video: pictures into an MP4 (h264, yuv420p) that every browser plays, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from prometheus.errors import RenderError

QUALITY = 23
"""x264's constant rate factor: lower is better and larger."""


class VideoWriter:
    """Writes an MP4 picture by picture; the file appears when it is complete.

    Use it as a context manager: an exception inside leaves nothing behind.
    """

    def __init__(self, path: Path | str, fps: float, size: tuple[int, int], quality: int = QUALITY, live: bool = False):
        """Open the file.

        Args:
            path: of the MP4.
            fps: pictures a second.
            size: width and height in pixels; an odd last row or column is cut off, as yuv420p wants it.
            quality: x264's constant rate factor.
            live: whether pictures come as they happen: they take little processor and memory, and a larger file.

        Raises:
            RenderError: it cannot be written there.
        """
        import av

        self.path, self.size, self.frames = Path(path), (size[0] // 2 * 2, size[1] // 2 * 2), 0
        try:
            handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", suffix=".mp4", dir=self.path.parent)
            os.close(handle)
        except OSError as error:
            raise RenderError(f"cannot write {self.path}: {error.strerror}; choose another place") from error
        self._partial = Path(name)
        self._container: Any = av.open(name, "w", options={"movflags": "+faststart"})
        self._stream: Any = self._container.add_stream("libx264", rate=round(fps))
        self._stream.width, self._stream.height = self.size
        self._stream.pix_fmt = "yuv420p"
        threads = 1 if live else min(4, os.cpu_count() or 1)
        preset = "ultrafast" if live else "veryfast"
        self._stream.options = {"crf": str(quality), "preset": preset, "threads": str(threads)}
        self._step = Fraction(1, round(fps))

    def add(self, picture: np.ndarray, step: int | None = None) -> None:
        """Append a picture.

        Args:
            picture: uint8 [h, w, 3], sRGB, row 0 at the top.
            step: of the film's clock (1 / fps) at which it is seen, later than the one before; None: the next one.

        Raises:
            RenderError: it has another size.
        """
        import av

        width, height = self.size
        if picture.ndim != 3 or picture.shape[0] // 2 * 2 != height or picture.shape[1] // 2 * 2 != width:
            raise RenderError(f"the film is {width}x{height}, a picture of shape {picture.shape} does not fit")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width], np.uint8), format="rgb24")
        if step is not None:
            frame.pts, frame.time_base = step, self._step
        self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def finish(self) -> None:
        """Complete the file and put it in its place.

        Raises:
            RenderError: no picture was added, or the disk is full.
        """
        if self.frames == 0:
            self.discard()
            raise RenderError(f"{self.path} would be a film without a picture; record at least one frame")
        try:
            self._container.mux(self._stream.encode())
            self._container.close()
            self._partial.chmod(0o644)
            os.replace(self._partial, self.path)
        except OSError as error:
            self._partial.unlink(missing_ok=True)
            raise RenderError(f"cannot write {self.path}: {error.strerror}; make room or choose another") from error

    def discard(self) -> None:
        """Throw away what was written."""
        with contextlib.suppress(OSError):  # a disk that was full still is
            self._container.close()
        self._partial.unlink(missing_ok=True)

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.discard()


def write_video(path: Path | str, frames: Iterable[np.ndarray], fps: float, size: tuple[int, int]) -> int:
    """Write pictures into an MP4, atomically.

    Args:
        path: of the MP4.
        frames: uint8 [h, w, 3] each.
        fps: pictures a second.
        size: width and height in pixels.

    Returns:
        How many pictures it has.

    Raises:
        RenderError: there is no picture, one has another size, or the file cannot be written.
    """
    with VideoWriter(path, fps, size) as film:
        for frame in frames:
            film.add(frame)
    return film.frames
