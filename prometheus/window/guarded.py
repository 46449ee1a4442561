"""Guarded: a window of X11 that stands what others drag over it (XDND, version 5) and what it is not told itself.

Pyglet speaks the protocol of dragging, but takes the other program at its word: one that offers three kinds or fewer,
drops before it enters, offers nothing of use or lists what is no address ends the whole program. And unless its own
main loop runs, it never looks whether what was dropped has come. A key that is let go while the window is made anew
(full screen and back) or while another one has the keys stays down for ever, and is not heard when it is next pressed.
"""

from __future__ import annotations

import ctypes
import sys
import time
from typing import Any

from prometheus.window.dropped import paths_of

LONGEST = 1 << 18
"""Bytes of a list of addresses that are read."""
_KINDS = 256
"""Kinds of data that are looked through."""
_PASTE_S = 0.3
"""s that another program has to hand over what is pasted."""
_KEYS_S = 0.1
"""s between two questions which keys are down: the answer is waited for."""
_ID = 0xFFFFFFFF


def guarded(window: Any) -> Any:
    """Return a class of window like that of pyglet for this platform, that stands whatever happens to it."""
    if not hasattr(window, "_event_drag_enter"):
        return window
    from pyglet.libs.x11 import xlib
    from pyglet.window.xlib import XlibEventHandler

    class Guarded(window):  # type: ignore[misc]
        """A window of X11."""

        _asked = 0.0

        def dispatch_events(self) -> None:
            """Hand on what happened, and also what was dropped here or is to be pasted elsewhere.

            Pyglet asks for these kinds of event only in its own main loop, which this program does not run.
            """
            super().dispatch_events()
            event = xlib.XEvent()
            self._allow_dispatch_event = True
            for kind in (xlib.SelectionNotify, xlib.SelectionRequest, xlib.SelectionClear):
                while self._window and xlib.XCheckTypedWindowEvent(
                    self._x_display, self._window, kind, ctypes.byref(event)
                ):
                    self.dispatch_platform_event(event)
            self._let_go()
            self._allow_dispatch_event = False

        def get_clipboard_text(self) -> str:
            """Return what another program holds to be pasted, "" where it does not say so soon."""
            if self._clipboard_str is not None:
                return str(self._clipboard_str)
            if not xlib.XGetSelectionOwner(self._x_display, self._clipboard_atom):
                return ""
            asked = self._clipboard_atom, self._utf8_atom, self._clipboard_atom, self._window
            xlib.XConvertSelection(self._x_display, *asked, xlib.CurrentTime)
            event, end = xlib.XEvent(), time.monotonic() + _PASTE_S
            while not xlib.XCheckTypedWindowEvent(
                self._x_display, self._window, xlib.SelectionNotify, ctypes.byref(event)
            ):
                if time.monotonic() > end:
                    return ""
                time.sleep(0.002)
            if not event.xselection.property:
                return ""
            return self._read(self._window, event.xselection.property, 8, LONGEST).decode("utf-8", "replace")

        def _update_exclusivity(self) -> None:
            """Leave the pointer where it is; pyglet puts it into a corner of a full screen and holds it there."""
            if self._mouse_exclusive or self._keyboard_exclusive:
                super()._update_exclusivity()

        def _let_go(self) -> None:
            """Take keys as let go that are up, whether or not anybody said so."""
            pressed, now = getattr(self, "pressed_keys", None), time.monotonic()
            if not pressed or now - self._asked < _KEYS_S:
                return
            self._asked = now
            down = (ctypes.c_char * 32)()
            xlib.XQueryKeymap(self._x_display, down)
            for symbol in tuple(pressed):
                code = xlib.XKeysymToKeycode(self._x_display, symbol)
                if code and not down.raw[code // 8] >> code % 8 & 1:
                    pressed.discard(symbol)
                    self.dispatch_event("on_key_release", symbol, 0)

        def _event_drag_enter(self, ev: Any) -> None:
            told = ev.xclient.data.l
            self._xdnd_source, self._xdnd_version = told[0] & _ID, (told[1] >> 24) & 0xFF
            kinds = self._offered() if told[1] & 1 else list(told[2:5])
            wanted = self._xdnd_atoms["text/uri-list"]
            self._xdnd_format = wanted if wanted in kinds and self._xdnd_version <= 5 else None

        def _event_drag_position(self, ev: Any) -> None:
            if self._xdnd_source is not None and ev.xclient.data.l[0] & _ID == self._xdnd_source:
                super()._event_drag_position(ev)

        def _event_drag_drop(self, ev: Any) -> None:
            if self._xdnd_source is None or ev.xclient.data.l[0] & _ID != self._xdnd_source:
                return
            if self._xdnd_format:
                super()._event_drag_drop(ev)
            else:
                self._finish(taken=False)

        @XlibEventHandler(xlib.SelectionNotify)
        def _event_selection_notification(self, ev: Any) -> None:
            answer = ev.xselection
            if answer.selection != self._xdnd_atoms["XdndSelection"] or self._xdnd_source is None:
                return
            if not self._xdnd_format or not answer.property:
                self._finish(taken=False)
                return
            paths = paths_of(self._read(self._window, answer.property, 8, LONGEST))
            xlib.XDeleteProperty(self._x_display, self._window, answer.property)
            self._finish(taken=bool(paths))
            x, y = self._xdnd_position
            self.dispatch_event("on_file_drop", x, self._height - y, paths)

        def _offered(self) -> list[int]:
            """Which kinds of data the other program offers, where they are more than three."""
            data = self._read(self._xdnd_source, self._xdnd_atoms["XdndTypeList"], 32, _KINDS * 4)
            size = ctypes.sizeof(ctypes.c_ulong)
            return [int.from_bytes(data[at : at + size], sys.byteorder) & _ID for at in range(0, len(data), size)]

        def _read(self, owner: int, name: int, bits: int, longest: int) -> bytes:
            """Read a property of a window, which may be gone: b"" where it is not there or of another width."""
            kind, width = xlib.Atom(), ctypes.c_int()
            count, rest = ctypes.c_ulong(), ctypes.c_ulong()
            data = ctypes.POINTER(ctypes.c_ubyte)()
            xlib.XGetWindowProperty(
                self._x_display, owner, name, 0, longest // 4, False, 0, ctypes.byref(kind), ctypes.byref(width),
                ctypes.byref(count), ctypes.byref(rest), ctypes.byref(data),
            )  # fmt: skip
            if not data:
                return b""
            # Xlib hands 32 bits out as long integers.
            size = ctypes.sizeof(ctypes.c_ulong) if bits == 32 else 1
            read = ctypes.string_at(data, count.value * size) if width.value == bits else b""
            xlib.XFree(data)
            return read

        def _finish(self, *, taken: bool) -> None:
            """Tell the other program that it is over."""
            said = xlib.XEvent()
            said.xclient.type = xlib.ClientMessage
            said.xclient.message_type = self._xdnd_atoms["XdndFinished"]
            said.xclient.display = ctypes.cast(self._x_display, ctypes.POINTER(xlib.Display))
            said.xclient.window = self._xdnd_source
            said.xclient.format = 32
            for k, value in enumerate((self._window, int(taken), self._xdnd_atoms["XdndActionCopy"] if taken else 0)):
                said.xclient.data.l[k] = value
            xlib.XSendEvent(self._x_display, self._xdnd_source, False, xlib.NoEventMask, ctypes.byref(said))
            xlib.XFlush(self._x_display)
            self._xdnd_source = self._xdnd_format = None

    return Guarded
