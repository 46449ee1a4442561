"""Darkroom: writes the window's pictures, run as `python -m prometheus.window.darkroom LINE MEMORY`.

The other side of `camcorder`. An encoder wants much of a processor and some hundred megabytes: here it gives way to all
that moves in the window, and what it held is given back when the process ends, as it does when the line is closed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from mmap import mmap
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prometheus.errors import RenderError, shorten

if TYPE_CHECKING:
    from prometheus.video import VideoWriter

FPS = 25
"""Steps a second of a video's clock, and so pictures a second at the most."""
BELOW = 10
"""How much it gives way to whoever else wants the processor."""


class Darkroom:
    """Writes screenshots, and one video at a time."""

    def __init__(self) -> None:
        """Nothing is written yet."""
        self._film: VideoWriter | None = None
        self._lost: Path | None = None

    def shoot(self, picture: np.ndarray, folder: Path, aloud: bool) -> str:
        """Write a picture uint8 [h, w, 3] into a folder as a PNG; returns what to tell the person who wants to be told.

        Raises:
            RenderError: it cannot be written.
        """
        from PIL import Image

        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = free_name(folder, "shot", ".png")
            part = path.with_name(f".{path.name}.part")
            Image.fromarray(picture).save(part, "PNG", compress_level=1)
            part.replace(path)
        except OSError as error:
            where = shorten(str(folder), 100)
            raise RenderError(f"cannot write into {where}: {error.strerror}; see --out") from error
        return f"screenshot: {path}" if aloud else ""

    def film(self, picture: np.ndarray, path: Path, step: int) -> str:
        """Append a picture to the video; one of another size is cut or padded to the first one's.

        Args:
            picture: uint8 [h, w, 3].
            path: of the video; its first picture opens it.
            step: of its clock at which the picture is seen, later than the one before.

        Raises:
            RenderError: it cannot be written; what there was of it is thrown away, and so is what is to follow.
        """
        from prometheus.video import VideoWriter

        if path == self._lost:
            return ""
        try:
            if self._film is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._film = VideoWriter(path, FPS, (picture.shape[1], picture.shape[0]), live=True)
            self._film.add(_fitted(picture, *self._film.size), step)
        except (RenderError, OSError) as error:
            film, self._film, self._lost = self._film, None, path
            if film is not None:
                film.discard()
            where = shorten(str(path), 100)
            full = f"cannot write {where}: {error.strerror}; see --out" if isinstance(error, OSError) else str(error)
            raise RenderError(full) from error
        return ""

    def finish(self) -> str:
        """Complete the video, if there is one.

        Raises:
            RenderError: it cannot be written.
        """
        film, self._film = self._film, None
        if film is not None:
            film.finish()
        return ""


def serve(line: Connection, memory: mmap) -> None:
    """Do what comes over the line until it is closed; each message is answered, in order.

    A message is ("shoot", place, shape, folder, aloud), ("film", place, shape, path, step) or ("finish",), place and
    shape being those of a picture in the memory, row 0 below. The answer is what to tell the person, and whether the
    video is lost.
    """
    room = Darkroom()
    while True:
        try:
            kind, *given = line.recv()
        except (EOFError, OSError):
            break
        try:
            if kind == "finish":
                answer = room.finish(), False
            else:
                place, shape, *more = given
                picture = np.frombuffer(memory, np.uint8, int(np.prod(shape)), place).reshape(shape)
                answer = getattr(room, kind)(np.ascontiguousarray(picture[::-1]), *more), False
        except RenderError as error:
            answer = str(error), kind != "shoot"
        try:
            line.send(answer)
        except OSError:
            break
    # Whoever closes the window, or loses it, keeps what was filmed.
    room.finish()


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """Return a path in a folder that does not exist yet, named for the time."""
    named = f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    path, number = folder / f"{named}{suffix}", 1
    while path.exists():
        number += 1
        path = folder / f"{named}-{number}{suffix}"
    return path


def _fitted(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a picture of that size, black where there is nothing."""
    if picture.shape[:2] == (height, width):
        return picture
    whole = np.zeros((height, width, 3), np.uint8)
    h, w = min(height, len(picture)), min(width, picture.shape[1])
    whole[:h, :w] = picture[:h, :w]
    return whole


def main() -> None:
    """Take over the line and the memory that the window has made."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the window says when it is over
    os.nice(BELOW)
    serve(Connection(int(sys.argv[1])), mmap(int(sys.argv[2]), 0))


if __name__ == "__main__":
    main()
