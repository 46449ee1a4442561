"""Inputs: keys, mouse, wheel, drops and sizes, each to whom it is meant for: a panel, the camera, the hand, a body."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from prometheus.window.controls import WALK, table

if TYPE_CHECKING:
    from prometheus.window.app import App

_STILL = 4.0
"""Points of the screen that the mouse may move between press and release for it to count as a click."""
_BUTTONS = {1: 0, 4: 1, 2: 2}
"""Pyglet's buttons as the panels call them."""


class Inputs:
    """Listens to a window.

    Args:
        app: whose window it is.

    Attributes:
        mouse: where it is, pixels right and down.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._keys = table()
        self.mouse = (0.0, 0.0)
        self._pressed: dict[int, tuple[float, float, str]] = {}
        self._polled = time.perf_counter()
        self._since = self._polled
        self._waiting: float | None = None
        self._asked: deque[tuple[Any, float | None]] = deque(maxlen=64)
        app.window.push_handlers(
            self.on_key_press, self.on_key_release, self.on_text, self.on_mouse_motion, self.on_mouse_drag,
            self.on_mouse_press, self.on_mouse_release, self.on_mouse_scroll, self.on_mouse_leave, self.on_file_drop,
            self.on_deactivate, self.on_close, self.on_resize, self.on_expose,
        )  # fmt: skip

    def poll(self) -> None:
        """Hand on what happened since the last time."""
        now = time.perf_counter()
        before, self._polled = self._polled, now
        self._since = before
        self._app.window.switch_to()
        self._app.window.dispatch_events()

    def asked(self, camera: Any) -> None:
        """A picture was asked for that holds what came of all inputs so far; it may be shown some pictures later."""
        self._asked.append((camera, self._waiting))
        self._waiting = None

    def shown(self, now: float, camera: Any) -> None:
        """The picture by that camera is on the screen; note what the slowest input waited that it answers."""
        if not any(asked is camera for asked, _ in self._asked):
            return
        done = False
        while not done:
            asked, waited = self._asked.popleft()
            done = asked is camera
            if waited is not None:
                self._app.stats.answer(now - waited)

    def on_key_press(self, symbol: int, modifiers: int) -> bool:
        """A key went down."""
        from pyglet.window import key

        self._note()
        app = self._app
        if app.panels.typing:
            app.panels.hand_on(lambda: app.desk.key(symbol, modifiers, True))
            if symbol == key.ESCAPE:
                app.panels.stop_typing()
            return True
        action = self._keys.get((symbol, bool(modifiers & key.MOD_CTRL)))
        if action in WALK:
            app.walker.held.add(action)
        elif action is not None:
            app.actions.do(action)
        app.desk.touch()
        # Without this, pyglet's own handler closes the window on Escape.
        return True

    def on_key_release(self, symbol: int, modifiers: int) -> None:
        """A key went up."""
        for ctrl in (False, True):
            action = self._keys.get((symbol, ctrl))
            if action in WALK:
                self._app.walker.held.discard(action)
        if self._app.panels.typing:
            self._app.panels.hand_on(lambda: self._app.desk.key(symbol, modifiers, False))

    def on_text(self, text: str) -> None:
        """Letters were typed."""
        if self._app.panels.typing and not self._app.panels.swallows_first():
            self._app.panels.hand_on(lambda: self._app.desk.text(text))

    def on_mouse_motion(self, x: float, y: float, dx: float, dy: float) -> None:
        """The mouse moved with no button down."""
        self._move(x, y)

    def on_mouse_drag(self, x: float, y: float, dx: float, dy: float, buttons: int, modifiers: int) -> None:
        """The mouse moved with a button down."""
        self._note()
        self._move(x, y)
        for button, (_, _, whose) in self._pressed.items():
            if not buttons & button:
                continue
            if whose == "view":
                self._app.viewpoint.drag(dx, dy)
            elif whose == "hand":
                self._app.actions.carry()

    def on_mouse_press(self, x: float, y: float, button: int, modifiers: int) -> None:
        """A button went down."""
        self._note()
        self._move(x, y)
        app, (px, py) = self._app, self.mouse
        if app.desk.covers(px, py):
            self._pressed[button] = (px, py, "panel")
            app.desk.press(_BUTTONS.get(button, 0), True)
            return
        app.panels.stop_typing()
        left = button == 1
        held = left and not app.actions.placing and app.actions.grab()
        self._pressed[button] = (px, py, "hand" if held else "view")

    def on_mouse_release(self, x: float, y: float, button: int, modifiers: int) -> None:
        """A button went up."""
        self._note()
        self._move(x, y)
        px, py, whose = self._pressed.pop(button, (0.0, 0.0, ""))
        app = self._app
        if whose == "panel":
            app.desk.press(_BUTTONS.get(button, 0), False)
            return
        still = abs(self.mouse[0] - px) + abs(self.mouse[1] - py) <= _STILL * self._ratio()
        if whose == "hand":
            app.actions.let_go(throw=not still)
        if still and button == 1:
            app.actions.click()
        app.desk.touch()

    def on_mouse_scroll(self, x: float, y: float, scroll_x: float, scroll_y: float) -> None:
        """The wheel was turned."""
        self._note()
        self._move(x, y)
        if self._app.desk.covers(*self.mouse):
            self._app.desk.scroll(scroll_x, scroll_y)
        else:
            self._app.viewpoint.zoom(scroll_y)

    def on_mouse_leave(self, x: float, y: float) -> None:
        """The mouse left the window."""
        self._app.desk.point(-1e4, -1e4)
        self._app.desk.touch()

    def on_file_drop(self, x: float, y: float, paths: list[str]) -> None:
        """Files were dropped on the window."""
        self._note()
        self._move(x, y)
        self._app.actions.drop([str(path) for path in paths[:8]], here=True)

    def on_deactivate(self) -> None:
        """Another window has the keys now: nothing is held any more."""
        self._app.walker.held.clear()
        self._pressed.clear()

    def on_resize(self, width: int, height: int) -> None:
        """The window has another size."""
        self._app.desk.touch()

    def on_expose(self) -> None:
        """The window was covered, or is shown for the first time."""
        self._app.desk.renew()

    def on_close(self) -> bool:
        """Somebody wants the window closed."""
        self._app.is_open = False
        return True

    def _note(self) -> None:
        """An input came some time since the events before it were read; its picture is still to come."""
        if self._waiting is None:
            self._waiting = self._since

    def _ratio(self) -> float:
        width, _ = self._app.window.get_size()
        pixels, _ = self._app.window.get_framebuffer_size()
        return float(pixels) / max(float(width), 1.0)

    def _move(self, x: float, y: float) -> None:
        ratio = self._ratio()
        _, height = self._app.window.get_framebuffer_size()
        before = self._app.desk.covers(*self.mouse)
        self.mouse = (x * ratio, height - y * ratio)
        self._app.desk.point(*self.mouse)
        if before or self._app.desk.covers(*self.mouse):
            self._app.desk.touch()
