"""Panels: everything that lies over the world, laid out anew a few times a second."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from imgui_bundle import imgui

from prometheus.window.controls import groups
from prometheus.window.dashboard import GOLD, GREY, RED, Dashboard
from prometheus.window.desk import NO_FRAME
from prometheus.window.tools import Tools
from prometheus.window.trace import feeling_color
from prometheus.window.viewpoint import TITLES

if TYPE_CHECKING:
    from prometheus.window.app import App
    from prometheus.window.snapshot import Snapshot

HINTS = (
    "W A S D walk, Shift runs. T: say in your own words what to do.",
    "Drag turns the camera, the wheel zooms, C changes it. Drag a person or a crate to throw it.",
    "F3: worlds, bodies, brains. F1: all keys. Drop a GLB here to wear it.",
)
_STAYS = 6.0
"""s that a notice stays."""
_INPUT = NO_FRAME & ~imgui.WindowFlags_.no_nav.value


class Notices:
    """Sentences that go away by themselves."""

    def __init__(self) -> None:
        """Nothing is said."""
        self._said: deque[tuple[float, str]] = deque(maxlen=4)

    def add(self, text: str) -> None:
        """Say something."""
        self._said.append((time.perf_counter(), text[:400]))

    def current(self) -> list[str]:
        """Return what is still to be read, oldest first."""
        now = time.perf_counter()
        return [text for at, text in self._said if now - at < _STAYS]


class Panels:
    """All panels of a window.

    Args:
        app: whose window it is.

    Attributes:
        dashboard, tools, notices: parts of it. typing: whether a sentence is being typed.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self.dashboard = Dashboard(app.kept.level)
        self.tools = Tools(app, app.kept.tools)
        self.notices = Notices()
        self._help = False
        self._hints = not app.kept.seen_hints
        self._sentence: str | None = None
        self._focus = self._swallow = self._active = False
        self._waiting: list[Callable[[], None]] = []

    @property
    def typing(self) -> bool:
        """Whether keys go into a field."""
        return self._sentence is not None or self._app.desk.typing

    def type(self) -> None:
        """Let the person type a sentence; the letter of the key that began it is not part of it."""
        self._sentence, self._focus, self._swallow, self._active = "", True, True, False
        self._waiting.clear()

    def swallows_first(self) -> bool:
        """Whether a letter that was typed belongs to the key that opened the field."""
        swallow, self._swallow = self._swallow, False
        return swallow

    def hand_on(self, event: Callable[[], None]) -> None:
        """Hand something that was typed to the field; what is typed before it is there waits for it."""
        if self._sentence is not None and not self._active:
            self._waiting.append(event)
        else:
            event()

    def stop_typing(self) -> None:
        """Close the field."""
        self._sentence = None

    def switch_help(self) -> None:
        """Show the keys, or no longer."""
        self._help = not self._help
        self._close_hints()

    def close_help(self) -> None:
        """Close what explains."""
        self._help = False
        self._close_hints()

    def covered(self, size: tuple[int, int]) -> float:
        """Return how far the middle of what no panel covers lies left of the window's, as a share of half its width."""
        scale, docked = self._app.desk.scale, self.docked(size)
        right = 0.0 if docked else self.dashboard.width(size, scale)
        left = self.tools.width(size, scale)
        return float((right - left) / max(size[0] - docked, 1))

    def docked(self, size: tuple[int, int]) -> int:
        """Return how many pixels of a window's width the world is not drawn in, for a panel takes them for itself."""
        return self.dashboard.docked(size, self._app.desk.scale)

    def lay_out(self) -> None:
        """Lay out what is to be seen now."""
        app = self._app
        display = imgui.get_io().display_size
        size, scale = (display.x, display.y), imgui.get_style().font_scale_dpi
        if app.playground is not None:
            while app.playground.notices:
                self.notices.add(app.playground.notices.popleft())
        while app.camcorder.notices:
            self.notices.add(app.camcorder.notices.popleft())
        snapshot = app.snapshot
        if snapshot is None or not app.awake:
            if not app.lost:
                self._draw_waiting(size, snapshot)
        else:
            if self._swallow and not self._focus:
                self._swallow = False
            self._draw_status(snapshot, scale)
            self.dashboard.draw(snapshot, app.chosen, size, scale)
            self.tools.draw(snapshot, size, scale)
        bottom = self._draw_sentence(size, scale)
        self._draw_notices(size, bottom, scale)
        if app.lost:
            self._draw_loss(size, scale)
        if self._help:
            self._draw_help(size, scale)

    def _draw_waiting(self, size: tuple[float, float], snapshot: Snapshot | None) -> None:
        imgui.set_next_window_pos((size[0] / 2, size[1] / 2), imgui.Cond_.always.value, (0.5, 0.5))
        imgui.begin("waiting", None, NO_FRAME | imgui.WindowFlags_.always_auto_resize.value)
        dots = "." * (1 + int(time.perf_counter() * 2) % 3)
        imgui.text_colored(GOLD, "PROMETHEUS")
        imgui.text_unformatted("the motion model wakes up" + dots if snapshot else f"building {self._app.world}{dots}")
        imgui.end()

    def _draw_loss(self, size: tuple[float, float], scale: float) -> None:
        """Say why the world has gone, and offer to begin it anew."""
        wide = size[0] - self.docked((int(size[0]), int(size[1])))
        imgui.set_next_window_pos((wide / 2, size[1] / 2), imgui.Cond_.always.value, (0.5, 0.5))
        imgui.set_next_window_bg_alpha(1.0)
        imgui.begin("lost", None, NO_FRAME | imgui.WindowFlags_.always_auto_resize.value)
        imgui.text_colored(RED, "The world has stopped")
        imgui.push_text_wrap_pos(min(420 * scale, wide - 40))
        imgui.text_unformatted(self._app.lost)
        imgui.pop_text_wrap_pos()
        if imgui.button("begin it anew"):
            self._app.actions.reset()
        imgui.same_line()
        imgui.text_disabled("Ctrl+Q closes the window")
        imgui.end()

    def _draw_status(self, snapshot: Snapshot, scale: float) -> None:
        app = self._app
        assert app.playground is not None
        pace = app.playground.pace
        imgui.set_next_window_pos((6, 6))
        imgui.begin("status", None, NO_FRAME | imgui.WindowFlags_.always_auto_resize.value)
        imgui.text_unformatted(f"{snapshot.frame / 20:6.1f} s")
        imgui.same_line()
        if pace.paused:
            imgui.text_colored(GOLD, "paused")
        else:
            imgui.text_disabled(f"{pace.speed:g}x")
        imgui.same_line()
        imgui.text_disabled(TITLES[app.viewpoint.view])
        mind = snapshot.minds.get(app.chosen)
        if self.dashboard.level == "off" and mind is not None:
            imgui.same_line()
            imgui.text_colored(feeling_color(mind.emotion), mind.emotion)
        if app.camcorder.films:
            imgui.same_line()
            imgui.text_colored(imgui.ImVec4(1.0, 0.32, 0.26, 1.0), "REC")
        if app.actions.placing:
            imgui.text_colored(GOLD, f"click where the {app.actions.placing} goes; R turns it, Esc lets go")
        else:
            imgui.text_disabled("F1 keys   F3 tools")
        imgui.end()

    def _draw_sentence(self, size: tuple[float, float], scale: float) -> float:
        """The line in which a sentence is typed; returns where the space above it ends."""
        bottom = size[1] - 8
        if self._sentence is None:
            return bottom
        left = 6 + self.tools.width(size, scale) + 6 if self.tools.open else 6
        wide = min(520 * scale, max(size[0] - left - 6, 120))
        imgui.set_next_window_pos((left, bottom), imgui.Cond_.always.value, (0.0, 1.0))
        imgui.set_next_window_size((wide, 0))
        imgui.begin("sentence", None, _INPUT)
        imgui.text_colored(GREY, f"{self._app.chosen}: what shall it do? Enter says it, Esc closes")
        if self._focus:
            imgui.set_keyboard_focus_here()
            self._focus = False
        imgui.set_next_item_width(-1)
        flags = imgui.InputTextFlags_.enter_returns_true.value
        entered, text = imgui.input_text("##sentence", self._sentence, flags)
        self._sentence, self._active = text[:300], imgui.is_item_active()
        if self._active and self._waiting:
            for event in self._waiting:
                event()
            self._waiting.clear()
        height = imgui.get_window_height()
        imgui.end()
        if entered:
            self._sentence = None
            if text.strip():
                self._app.actions.tell(text)
                self.notices.add(f"{self._app.chosen}: {text.strip()}")
        return bottom - height - 6

    def _draw_notices(self, size: tuple[float, float], bottom: float, scale: float) -> None:
        texts = self.notices.current()
        if self._hints and self._app.snapshot is not None and self._app.snapshot.frame > 0:
            texts = [*HINTS, "(F1 or Esc closes these)", *texts]
        if not texts:
            return
        left = 6 + self.tools.width(size, scale) + 6 if self.tools.open else 6
        imgui.set_next_window_pos((left, bottom), imgui.Cond_.always.value, (0.0, 1.0))
        imgui.begin("notices", None, NO_FRAME | imgui.WindowFlags_.always_auto_resize.value)
        imgui.push_text_wrap_pos(min(480 * scale, max(size[0] - left - self.dashboard.width(size, scale) - 24, 160)))
        for text in texts:
            imgui.text_unformatted(text)
        imgui.pop_text_wrap_pos()
        imgui.end()

    def _draw_help(self, size: tuple[float, float], scale: float) -> None:
        imgui.set_next_window_pos((size[0] / 2, size[1] / 2), imgui.Cond_.always.value, (0.5, 0.5))
        imgui.set_next_window_size((min(900 * scale, size[0] - 16), min(560 * scale, size[1] - 16)))
        imgui.set_next_window_bg_alpha(0.96)
        imgui.begin("help", None, NO_FRAME & ~imgui.WindowFlags_.no_scrollbar.value)
        imgui.text_colored(GOLD, "Keys")
        imgui.same_line()
        imgui.text_disabled("F1 or Esc closes this; the mouse turns, zooms, chooses, carries and throws")
        columns = 3 if size[0] > 700 * scale else 2 if size[0] > 420 * scale else 1
        if imgui.begin_table("keys", columns):
            for heading, bindings in groups().items():
                imgui.table_next_column()
                imgui.text_colored(GOLD, heading)
                for binding in bindings:
                    imgui.text_unformatted(f"{binding.label}")
                    imgui.same_line(92 * scale)
                    imgui.push_style_color(imgui.Col_.text.value, GREY)
                    imgui.text_wrapped(binding.text)
                    imgui.pop_style_color()
                imgui.dummy((1, 6))
            imgui.end_table()
        imgui.end()

    def _close_hints(self) -> None:
        self._hints = False
        self._app.kept.seen_hints = True
