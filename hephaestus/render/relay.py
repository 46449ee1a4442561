"""Relay: pictures drawn in turn by several processes, each with a hidden context of its own.

A software driver draws with the processor, and one picture never keeps all of its cores busy: first the vertices are
worked out by one thread, then pixels are filled by all, then one reads the picture back. Whole pictures side by side
do, and whoever asks for them is free meanwhile. On a graphics card there is nothing to gain: see `wanted`.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import select
import tempfile
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from mmap import mmap
from typing import Any

import numpy as np

from hephaestus import child
from hephaestus.glb.asset import Asset
from hephaestus.render.backdrop import paint
from hephaestus.render.bodyshape import BodyShape, shadow_cell, shape_body
from hephaestus.render.scene import RenderError, Shot, Stage

LARGEST = 8192
"""Pixels along an edge of the largest picture."""
LONGEST_S = 120.0
"""s that a lane may be silent before it is given up; the first picture compiles shaders."""
SLOTS = 2
"""Pictures of a lane that lie in its memory: one is looked at while the next is drawn."""
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swr")
"""Drivers that draw with the processor, as they call themselves."""


def wanted(driver: str) -> int:
    """Return how many lanes are worth having with a driver of that name; 1: none beside this process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not hasattr(os, "fork") or not any(name in driver.lower() for name in SOFTWARE):
        return 1
    return min(cores, 4)


class Relay:
    """A `Renderer` whose pictures are drawn by other processes, several at a time and given in order.

    Attributes:
        name: "gl: " and the driver's name.
        size: width and height in pixels.
        stage: what was loaded.
        shown: what the picture shows that `present` put on the window last; None before the first.
    """

    def __init__(
        self,
        size: tuple[int, int] = (640, 480),
        *,
        shadows: bool = True,
        samples: int = 4,
        shadow_pixels: int = 1024,
        lanes: int = 2,
        window: Any = None,
    ) -> None:
        """Start the lanes.

        Args:
            size: width and height in pixels.
            shadows: whether the sun throws shadows.
            samples: samples a pixel (0 or 1: none; edges are stepped).
            shadow_pixels: edge of the shadow map.
            lanes: processes that draw.
            window: a pyglet window in which `present` shows pictures, or None.

        Raises:
            RenderError: the driver cannot do it.
        """
        self.size, self.stage = _checked(size), Stage()
        self._pending: deque[tuple[_Lane, Shot]] = deque()
        self._next = 0
        self.shown: Shot | None = None
        self._screen: Any = None
        self._cell = shadow_cell(samples, shadow_pixels)
        options = {"size": self.size, "shadows": shadows, "samples": samples, "shadow_pixels": shadow_pixels}
        self._lanes: list[_Lane] = []
        try:
            for _ in range(lanes):
                self._lanes.append(_Lane())
            self.name = str(self._tell("open", options)[0])
            if window is not None:
                from hephaestus.render.screen import Screen

                self._screen = Screen(window)
        except BaseException:
            self.close()
            raise

    @property
    def processes(self) -> tuple[int, ...]:
        """Ids of the processes that draw."""
        return tuple(lane.process.pid for lane in self._lanes)

    def load(
        self,
        stage: Stage,
        shapes: Mapping[str, BodyShape] | None = None,
        pictures: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Take over what is to be drawn; see `GlRenderer.load`."""
        shapes = shapes or {}
        shapes = {key: shapes.get(key) or self._shape(asset) for key, asset in stage.bodies.items()}
        self._tell("load", stage, shapes, pictures or paint(stage))
        self.stage = stage

    def set_body(self, key: str, asset: Asset, shape: BodyShape | None = None) -> None:
        """Give a key another body; see `GlRenderer.set_body`."""
        self._tell("body", key, asset, shape or self._shape(asset))
        self.stage.bodies[key] = asset

    def resize(self, size: tuple[int, int]) -> None:
        """Draw pictures of another size (pixels) from now on; those asked for before keep theirs."""
        size = _checked(size)
        if size != self.size:
            self._tell("size", size)
            self.size = size

    def draw(self, shot: Shot) -> np.ndarray:
        """Draw one picture and wait for it; see `hephaestus.render.scene.Renderer.draw`."""
        return next(self.draw_all([shot]))

    def draw_all(self, shots: Iterable[Shot]) -> Iterator[np.ndarray]:
        """Draw many pictures: shots are taken some ahead of the pictures that are given, in their order."""
        self._drop()
        for shot in shots:
            self._ask(shot, 3)
            if len(self._pending) > len(self._lanes):
                yield self._take().copy()
        while self._pending:
            yield self._take().copy()

    def render(self, shot: Shot) -> None:
        """Ask for a picture; `present` shows it when its turn comes."""
        self._ask(shot, 4)

    def present(self, width: int | None = None) -> None:
        """Show the oldest picture not shown yet, stretched to the window or to so many pixels of its width.

        While lanes are idle, as for the first pictures, the one before is shown again.
        """
        pixels = None
        # One more in flight would keep lanes from idling meanwhile, and answer every key a picture later.
        if len(self._pending) >= len(self._lanes):
            self.shown = self._pending[0][1]
            pixels = self._take()
        self._screen.show(pixels, width)

    def close(self) -> None:
        """End the lanes; the window stays open. Closing twice is allowed."""
        for lane in self._lanes:
            lane.close()
        self._pending.clear()
        if self._screen is not None:
            self._screen.close()
            self._screen = None

    def _shape(self, asset: Asset) -> BodyShape:
        """Work out once what every lane would work out for itself."""
        return shape_body(asset, self._cell)

    def _ask(self, shot: Shot, channels: int) -> None:
        lane = self._lanes[self._next]
        self._next = (self._next + 1) % len(self._lanes)
        lane.ask(shot, channels)
        self._pending.append((lane, shot))

    def _drop(self) -> None:
        """Let go of pictures that were asked for and that nobody waits for any more."""
        while self._pending:
            with contextlib.suppress(RenderError):
                self._take()

    def _take(self) -> np.ndarray:
        return self._pending.popleft()[0].take()

    def _tell(self, kind: str, *values: Any) -> list[Any]:
        """Tell every lane the same, and wait until all have done it."""
        message = pickle.dumps((kind, *values), pickle.HIGHEST_PROTOCOL)
        for lane in self._lanes:
            lane.send(message)
        answers = [lane.done() for lane in self._lanes]
        for answer in answers:
            if isinstance(answer, RenderError):
                raise answer
        return answers


@dataclass
class _Lane:
    """One process, the line to it, and the memory in which it leaves pictures."""

    pictures: deque[tuple[int, tuple[int, ...]] | RenderError] = field(default_factory=deque)
    turn: int = 0

    def __post_init__(self) -> None:
        try:
            memory = reserve(SLOTS * LARGEST * LARGEST * 4)
        except OSError as reason:
            raise RenderError(f"there is no memory for pictures ({reason.strerror})") from reason
        try:
            self.memory = mmap(memory, 0)
            # Whole pictures beside one another keep the cores busy: threads of the driver's own would be in their way.
            self.process, self.line = child.start(
                "hephaestus.render.lane", str(memory), share=[memory], environment={"LP_NUM_THREADS": "0"}
            )
        except OSError as reason:
            raise RenderError(f"no process to draw with can be started ({reason.strerror})") from reason
        finally:
            os.close(memory)
        self.ready = select.poll()
        self.ready.register(self.line, select.POLLIN)
        self.close = weakref.finalize(self, child.end, self.process, self.line)

    def send(self, message: bytes) -> None:
        """Say something.

        Raises:
            RenderError: the lane has gone.
        """
        try:
            self.line.send_bytes(message)
        except OSError:
            raise self._gone() from None

    def ask(self, shot: Shot, channels: int) -> None:
        """Ask for a picture of 3 or 4 channels."""
        place = self.turn * LARGEST * LARGEST * 4
        self.turn = (self.turn + 1) % SLOTS
        self.send(pickle.dumps(("draw", place, channels, shot), pickle.HIGHEST_PROTOCOL))

    def take(self) -> np.ndarray:
        """Return the next picture asked for: uint8 [h, w, channels], row 0 at the top.

        It is valid until the next but one is asked for.

        Raises:
            RenderError: it could not be drawn.
        """
        while not self.pictures:
            self.pictures.append(self._hear()[1])
        found = self.pictures.popleft()
        if isinstance(found, RenderError):
            raise found
        place, shape = found
        return np.frombuffer(self.memory, np.uint8, math.prod(shape), place).reshape(shape)

    def done(self) -> Any:
        """Return what a command other than a picture gave, or the `RenderError` with which it was refused."""
        while True:
            kind, value = self._hear()
            if kind != "picture":
                return value
            self.pictures.append(value)

    def _hear(self) -> tuple[str, Any]:
        try:
            if not self.ready.poll(1000 * LONGEST_S):
                raise self._gone()
            answer: tuple[str, Any] = self.line.recv()
            return answer
        except (EOFError, OSError):
            raise self._gone() from None

    def _gone(self) -> RenderError:
        how = child.fate(self.process)
        self.close()
        return RenderError(f"a process that draws {how}; begin anew")


def reserve(length: int) -> int:
    """Return the number of an open file in memory; pages that nobody writes take no room."""
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("pictures")
    else:
        number, path = tempfile.mkstemp()
        os.unlink(path)
    try:
        os.ftruncate(number, length)
    except OSError:
        os.close(number)
        raise
    return number


def _checked(size: tuple[int, int]) -> tuple[int, int]:
    width, height = max(1, int(size[0])), max(1, int(size[1]))
    if max(width, height) > LARGEST:
        raise RenderError(f"a picture of {width}x{height} is too large; at most {LARGEST} pixels along an edge")
    return width, height
