"""Another program that drags files over a window and drops them: the other side of XDND, spoken over Xlib."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

VERSION = 5
URIS = "text/uri-list"


class Dragging:
    """Drops data on a window.

    Args:
        display: name of the X display.
        target: id of the window.
        data: what is dropped, as `kinds[-1]`.
        kinds: of data that are offered.
    """

    def __init__(self, display: str, target: int, data: bytes, kinds: Sequence[str] = (URIS,)) -> None:
        from pyglet.libs.x11 import xlib

        self._x, self._target, self._data = xlib, target, data
        self._display = xlib.XOpenDisplay(display.encode())
        assert self._display, f"no display {display}"
        self._root = xlib.XDefaultRootWindow(self._display)
        self._own = xlib.XCreateSimpleWindow(self._display, self._root, 0, 0, 1, 1, 0, 0, 0)
        self._kinds = [self._atom(kind) for kind in kinds]
        xlib.XSetSelectionOwner(self._display, self._atom("XdndSelection"), self._own, 0)
        listed = (ctypes.c_ulong * len(self._kinds))(*self._kinds)
        bytes_of = ctypes.cast(listed, ctypes.POINTER(ctypes.c_ubyte))
        xlib.XChangeProperty(self._display, self._own, self._atom("XdndTypeList"), 4, 32, 0, bytes_of, len(listed))

    def __enter__(self) -> Dragging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._x.XCloseDisplay(self._display)

    @property
    def aware(self) -> int:
        """The version that the window says it speaks, 0 for none."""
        kind, width = self._x.Atom(), ctypes.c_int()
        count, rest = ctypes.c_ulong(), ctypes.c_ulong()
        data = ctypes.POINTER(ctypes.c_ubyte)()
        self._x.XGetWindowProperty(
            self._display, self._target, self._atom("XdndAware"), 0, 1, 0, 0, ctypes.byref(kind), ctypes.byref(width),
            ctypes.byref(count), ctypes.byref(rest), ctypes.byref(data),
        )  # fmt: skip
        return int(ctypes.cast(data, ctypes.POINTER(ctypes.c_ulong))[0]) if data and count.value else 0

    def enter(self) -> None:
        """Come over the window."""
        more = len(self._kinds) > 3
        self.say("XdndEnter", VERSION << 24 | int(more), *([0, 0, 0] if more else [*self._kinds, 0, 0][:3]))

    def move(self, x: int, y: int) -> bool:
        """Move to a place on the screen; whether the window would take it."""
        self.say("XdndPosition", 0, x << 16 | y, 0, self._atom("XdndActionCopy"))
        answer = self._wait("XdndStatus")
        return bool(answer is not None and answer[1] & 1)

    def drop(self) -> bool:
        """Drop it there, and hand it over; whether the window took it."""
        self.say("XdndDrop", 0, 0)
        answer = self._wait("XdndFinished")
        return bool(answer is not None and answer[1] & 1)

    def say(self, name: str, *values: int) -> None:
        """Send the window a message."""
        event = self._x.XEvent()
        event.xclient.type = self._x.ClientMessage
        event.xclient.message_type = self._atom(name)
        event.xclient.display = ctypes.cast(self._display, ctypes.POINTER(self._x.Display))
        event.xclient.window = self._target
        event.xclient.format = 32
        for k, value in enumerate((self._own, *values)):
            event.xclient.data.l[k] = value
        self._x.XSendEvent(self._display, self._target, 0, 0, ctypes.byref(event))
        self._x.XFlush(self._display)

    def _wait(self, name: str, seconds: float = 20.0) -> list[int] | None:
        """Answer what the window asks until it sends a message of that name; None where none comes."""
        end = time.monotonic() + seconds
        event = self._x.XEvent()
        while time.monotonic() < end:
            if not self._x.XPending(self._display):
                time.sleep(0.01)
                continue
            self._x.XNextEvent(self._display, ctypes.byref(event))
            if event.type == self._x.SelectionRequest:
                self._hand_over(event.xselectionrequest)
            elif event.type == self._x.ClientMessage and event.xclient.message_type == self._atom(name):
                return list(event.xclient.data.l)
        return None

    def _hand_over(self, asked: Any) -> None:
        data = (ctypes.c_ubyte * max(len(self._data), 1)).from_buffer_copy(self._data or b"\0")
        start = ctypes.cast(data, ctypes.POINTER(ctypes.c_ubyte))
        self._x.XChangeProperty(
            self._display, asked.requestor, asked.property, asked.target, 8, 0, start, len(self._data)
        )
        event = self._x.XEvent()
        event.xselection.type = self._x.SelectionNotify
        event.xselection.requestor, event.xselection.selection = asked.requestor, asked.selection
        event.xselection.target, event.xselection.property = asked.target, asked.property
        event.xselection.time = asked.time
        self._x.XSendEvent(self._display, asked.requestor, 0, 0, ctypes.byref(event))
        self._x.XFlush(self._display)

    def _atom(self, name: str) -> int:
        return int(self._x.XInternAtom(self._display, name.encode(), 0))
