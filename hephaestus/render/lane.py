"""Lane: the other side of `relay`, run as `python -m hephaestus.render.lane LINE MEMORY`.

Opens a hidden context and does what it is told over the line, in that order; pictures are left in the shared memory.
It ends when the line is closed, as it is when the other process dies.
"""

from __future__ import annotations

import os
import signal
import sys
from mmap import mmap
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus.render.scene import RenderError, Shot
from hephaestus.thrift import PICTURE, be_thrifty, tidy

if TYPE_CHECKING:
    from hephaestus.render.gl import GlRenderer

BELOW = 2
"""How much a lane gives way to whoever else wants the processor: the world's clock goes before a picture."""


def serve(line: Connection, memory: mmap) -> None:
    """Do what comes over the line until it is closed."""
    renderer: Any = None
    while True:
        try:
            kind, *values = line.recv()
        except (EOFError, OSError):
            break
        try:
            if kind == "open":
                from hephaestus.render.gl import GlRenderer

                renderer = GlRenderer(**values[0])
                answer: tuple[str, Any] = ("done", renderer.name)
            elif kind == "draw":
                answer = ("picture", _draw(renderer, memory, *values))
            else:
                getattr(renderer, {"load": "load", "body": "set_body", "size": "resize"}[kind])(*values)
                if kind == "load":
                    tidy()
                answer = ("done", None)
        except RenderError as refused:
            answer = ("picture" if kind == "draw" else "done", refused)
        try:
            line.send(answer)
        except OSError:
            break
    if renderer is not None:
        renderer.close()


def _draw(renderer: GlRenderer, memory: mmap, place: int, channels: int, shot: Shot) -> tuple[int, tuple[int, ...]]:
    """Draw a picture and leave it at a place in the memory, row 0 at the top; returns the place and its shape."""
    renderer.render(shot)
    pixels = renderer.pixels(channels)
    np.frombuffer(memory, np.uint8, pixels.size, place).reshape(pixels.shape)[:] = pixels[::-1]
    return place, pixels.shape


def main() -> None:
    """Take over the line and the memory that the relay has made."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the relay says when it is over
    os.nice(BELOW)
    be_thrifty(PICTURE)
    serve(Connection(int(sys.argv[1])), mmap(int(sys.argv[2]), 0))


if __name__ == "__main__":
    main()
