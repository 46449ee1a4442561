"""Desk: the panels over the world: who is told of the mouse and the keys, and when they are drawn anew."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from imgui_bundle import imgui

from prometheus.window.painter import Box, Painter

EVERY = 0.3
"""s between two drawings of the panels while nobody touches them."""
BUSY = 0.04
"""s between two while the mouse is over them or somebody types."""
_FONT = Path("assets") / "fonts" / "Roboto" / "Roboto-Regular.ttf"
_SIZE = 14.0
NO_FRAME = (
    imgui.WindowFlags_.no_decoration.value | imgui.WindowFlags_.no_move.value
    | imgui.WindowFlags_.no_saved_settings.value | imgui.WindowFlags_.no_nav.value
    | imgui.WindowFlags_.no_focus_on_appearing.value
)  # fmt: skip
_CHILD = imgui.WindowFlags_.child_window.value
_NAMES = {
    "TAB": "tab", "BACKSPACE": "backspace", "RETURN": "enter", "ENTER": "enter", "NUM_ENTER": "keypad_enter",
    "ESCAPE": "escape", "DELETE": "delete", "LEFT": "left_arrow", "RIGHT": "right_arrow", "UP": "up_arrow",
    "DOWN": "down_arrow", "HOME": "home", "END": "end", "PAGEUP": "page_up", "PAGEDOWN": "page_down", "A": "a",
    "C": "c", "V": "v", "X": "x", "Z": "z", "Y": "y",
}  # fmt: skip


class Desk:
    """Lays the panels out, draws them now and then, and lays them over every picture.

    Args:
        window: of pyglet; its context is current.
    """

    def __init__(self, window: Any) -> None:
        from pyglet.window import key

        self._context = imgui.create_context()
        self._window = window
        self._io = io = imgui.get_io()
        io.set_ini_filename("")
        io.set_log_filename("")
        self._keys = {getattr(key, name): getattr(imgui.Key, to) for name, to in _NAMES.items()}
        self._load_font()
        _dress()
        self._painter = Painter()
        self._drawn = 0.0
        self._touched = True
        self.boxes: list[Box] = []
        self._set_size()
        _share_clipboard(window)

    @property
    def typing(self) -> bool:
        """Whether keys go into a field."""
        return bool(self._io.want_text_input)

    @property
    def scale(self) -> float:
        """How much larger letters are than on an ordinary screen."""
        return float(imgui.get_style().font_scale_dpi)

    def covers(self, x: float, y: float) -> bool:
        """Whether a panel is at a pixel, right and down from the window's upper left corner."""
        return any(left <= x < right and top <= y < bottom for left, top, right, bottom in self.boxes)

    def touch(self) -> None:
        """Draw the panels anew in the next frame."""
        self._touched = True

    def point(self, x: float, y: float) -> None:
        """The mouse is at a pixel, right and down."""
        self._io.add_mouse_pos_event(x, y)

    def press(self, button: int, down: bool) -> None:
        """A button of the mouse (0 left, 1 right, 2 middle) went down or up."""
        self._io.add_mouse_button_event(button, down)
        self._touched = True

    def scroll(self, right: float, up: float) -> None:
        """The wheel was turned over a panel."""
        self._io.add_mouse_wheel_event(right, up)
        self._touched = True

    def key(self, symbol: int, modifiers: int, down: bool) -> None:
        """A key went down or up."""
        from pyglet.window import key

        for mask, named in ((key.MOD_CTRL, imgui.Key.mod_ctrl), (key.MOD_SHIFT, imgui.Key.mod_shift)):
            self._io.add_key_event(named, bool(modifiers & mask))
        if symbol in self._keys:
            self._io.add_key_event(self._keys[symbol], down)
        self._touched = True

    def text(self, letters: str) -> None:
        """Something was typed."""
        for letter in letters:
            if letter.isprintable():
                self._io.add_input_character(ord(letter))
        self._touched = True

    def lay_out(self, panels: Callable[[], None], *, force: bool = False) -> None:
        """Draw the panels anew where it is time for it.

        Args:
            panels: what lays them out.
            force: whether it is time in any case.
        """
        now = time.perf_counter()
        rest = BUSY if self._touched else EVERY
        if not force and now - self._drawn < rest:
            return
        self._io.delta_time = float(np.clip(now - self._drawn, 1e-3, 0.5))
        self._drawn, self._touched = now, False
        self._set_size()
        imgui.new_frame()
        try:
            panels()
        finally:
            imgui.render()
        data = imgui.get_draw_data()
        self._painter.draw(data, self._window.get_framebuffer_size())
        before, self.boxes = self.boxes, _boxes(self._context, self._io.display_size)
        # A panel learns how large it has to be while it is drawn: what grew is drawn once more.
        self._touched = self._touched or before != self.boxes

    def begin(self) -> None:
        """A picture begins."""
        self._painter.begin(self._window.get_framebuffer_size())

    def lay_over(self, still: float = math.inf) -> None:
        """Lay the panels over the picture in the window; from `still` (pixels) on to the right, there is no other."""
        self._painter.lay_over(self.boxes, still)

    def renew(self) -> None:
        """The window is another one, or was covered: nothing of the last picture is there any more."""
        self._painter.renew()
        self._touched = True

    def end(self) -> None:
        """The picture is about to be shown."""
        self._painter.end()

    def close(self) -> None:
        """Give the memory back."""
        self._painter.close()
        imgui.destroy_context(self._context)

    def _set_size(self) -> None:
        width, height = self._window.get_framebuffer_size()
        self._io.display_size = imgui.ImVec2(max(width, 1), max(height, 1))
        imgui.get_style().font_scale_dpi = letter_scale(self._window)

    def _load_font(self) -> None:
        import imgui_bundle

        file = Path(imgui_bundle.__file__).parent / _FONT
        if file.is_file():
            self._io.fonts.add_font_from_file_ttf(str(file), _SIZE)
        imgui.get_style().font_size_base = _SIZE


def letter_scale(window: Any) -> float:
    """Return how much larger letters must be than on an ordinary screen, to be as large to the eye: 1 to 4.

    Systems say it in one of two ways: dots per inch, or more pixels in a window than its size counts.
    """
    pixels, _ = window.get_framebuffer_size()
    width, _ = window.get_size()
    return float(np.clip(max(float(window.dpi) / 96.0, pixels / max(width, 1)), 1.0, 4.0))


def _boxes(context: Any, size: Any) -> list[Box]:
    """Where panels, lists that are folded out and tips are now."""
    found: list[Box] = []
    for panel in context.windows:
        # The library keeps one of its own for what is drawn outside of all panels.
        if not panel.active or panel.hidden or panel.is_fallback_window or panel.flags & _CHILD:
            continue
        left, top = max(0.0, panel.pos.x), max(0.0, panel.pos.y)
        right, bottom = min(size.x, panel.pos.x + panel.size.x), min(size.y, panel.pos.y + panel.size.y)
        if right > left and bottom > top:
            found.append((left, top, right, bottom))
    return _merged(found)


def _merged(boxes: list[Box]) -> list[Box]:
    """Boxes that overlap become one, so that nothing is laid over twice."""
    rest = list(boxes)
    done: list[Box] = []
    while rest:
        a = rest.pop()
        hit = next((b for b in rest if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]), None)
        if hit is None:
            done.append(a)
            continue
        rest.remove(hit)
        rest.append((min(a[0], hit[0]), min(a[1], hit[1]), max(a[2], hit[2]), max(a[3], hit[3])))
    return done


def _share_clipboard(window: Any) -> None:
    platform = imgui.get_platform_io()
    platform.platform_get_clipboard_text_fn = lambda _: str(window.get_clipboard_text() or "")[:4096]
    platform.platform_set_clipboard_text_fn = lambda _, text: window.set_clipboard_text(text)


def _dress() -> None:
    """Dark paper, rounded corners, gold where something is chosen: the film's colours."""
    imgui.style_colors_dark()
    style = imgui.get_style()
    style.window_rounding = style.frame_rounding = style.popup_rounding = style.grab_rounding = 5.0
    style.window_border_size = 0.0
    style.window_padding, style.frame_padding = imgui.ImVec2(10, 8), imgui.ImVec2(7, 3)
    style.item_spacing = imgui.ImVec2(7, 4)
    gold, paper = (1.0, 0.84, 0.36), (0.05, 0.055, 0.08)
    colors = imgui.Col_
    for name, color in (
        (colors.window_bg, (*paper, 0.78)), (colors.popup_bg, (*paper, 0.95)), (colors.text, (0.94, 0.94, 0.92, 1)),
        (colors.text_disabled, (0.60, 0.63, 0.68, 1)), (colors.frame_bg, (0.20, 0.22, 0.28, 0.75)),
        (colors.frame_bg_hovered, (0.30, 0.32, 0.38, 0.8)), (colors.button, (0.22, 0.25, 0.33, 0.85)),
        (colors.button_hovered, (*gold, 0.45)), (colors.button_active, (*gold, 0.7)),
        (colors.header, (0.22, 0.25, 0.33, 0.6)), (colors.header_hovered, (*gold, 0.35)),
        (colors.header_active, (*gold, 0.5)), (colors.check_mark, (*gold, 1)), (colors.slider_grab, (*gold, 0.8)),
        (colors.separator, (1, 1, 1, 0.14)), (colors.scrollbar_bg, (0, 0, 0, 0)),
    ):  # fmt: skip
        style.set_color_(name.value, imgui.ImVec4(*color))
