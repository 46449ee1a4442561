"""Reading: what a person can do with a recording, and the panels over it: a world's, fewer tools, and a timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from imgui_bundle import imgui

from prometheus.window.actions import SPEEDS, Actions
from prometheus.window.panels import Panels
from prometheus.window.timeline import HIGH, Timeline
from prometheus.window.tools import Tools, _list

if TYPE_CHECKING:
    from prometheus.window.viewer import Viewer

ALLOWED = (
    "view", "zoom", "turn", "mark", "next", "full", "dashboard", "tools", "help", "pause", "step", "slower", "faster",
    "real", "reset", "cancel", "screenshot", "video", "quit",
)  # fmt: skip
"""First words of the actions that mean something in a recording."""
NOT_ALLOWED = ("next body", "next brain", "next behaviour")
HINTS = (
    "Drag on the timeline, or hold left or right, to go back and on; Space plays and stops, [ and ] change the pace.",
    "Drag turns the camera, the wheel zooms, C changes it. A click or Tab chooses whose mind is shown. F1: all keys.",
)
_REACH = 0.8
"""m beside the mouse's ray at which somebody is still meant."""


class Looking(Actions):
    """What a person can do with a recording: look, choose, and move in its time.

    Args:
        app: whose window it is.
    """

    def __init__(self, app: Viewer) -> None:
        super().__init__(app)
        self._viewer = app

    def do(self, action: str) -> None:
        """Do what a key stands for, where that is something that can be done with a recording."""
        if action.partition(" ")[0] in ALLOWED and action not in NOT_ALLOWED:
            super().do(action)
        else:
            self._viewer.recording.do(action)

    def ask(self, order: str, *given: object) -> None:
        """Say that nothing can be changed."""
        self._viewer.recording.do(order)

    def walk(self) -> None:
        """Go back or on while left or right is held."""
        held = self._app.walker.held
        steps = ("right" in held) - ("left" in held)
        if steps:
            self._viewer.recording.pace.pause()
            self._viewer.recording.seek(self._viewer.recording.index + steps)

    def choose(self, name: str) -> None:
        """Look at somebody else."""
        self._app.chosen = name

    def pause(self) -> None:
        """Stop, or go on."""
        self._viewer.recording.play()

    def step(self) -> None:
        """Show the next frame."""
        self._viewer.recording.pace.pause()
        self._viewer.recording.seek(self._viewer.recording.index + 1)

    def change_speed(self, steps: int) -> None:
        """Let time run faster or slower."""
        speed = self._viewer.recording.pace.speed
        near = min(range(len(SPEEDS)), key=lambda k: abs(SPEEDS[k] - speed))
        self.set_speed(SPEEDS[min(max(near + steps, 0), len(SPEEDS) - 1)])

    def set_speed(self, speed: float) -> None:
        """Let time run at so many times the clock's pace."""
        self._viewer.recording.pace.speed = speed

    def reset(self) -> None:
        """Go back to the beginning."""
        self._viewer.recording.seek(0)

    def mark(self, name: str) -> None:
        """Switch a mark on or off."""
        if name == "ghosts":
            self.say("where others were expected to go is not part of a recording")
        else:
            self.say(f"{name} {'on' if self._app.markings.switch(name) else 'off'}")

    def click(self) -> None:
        """Choose whom the mouse points at."""
        app = self._app
        start, way = app.viewpoint.ray(*app.inputs.mouse, app.window.get_framebuffer_size())
        snapshot = app.snapshot
        if snapshot is None:
            return
        best, name = _REACH, ""
        for actor in snapshot.state["actors"]:
            middle = np.array(actor["position"], float)
            middle[2] += 0.5 * self._height(actor["id"])
            off = _beside(start, way, middle)
            if off < best:
                best, name = off, actor["id"]
        if name:
            self.choose(name)

    def grab(self) -> bool:
        """Nothing in a recording can be held."""
        return False

    def drop(self, paths: list[str], *, here: bool = False) -> None:
        """Nothing can be dropped into a recording."""
        self._viewer.recording.do("drop")

    def _height(self, name: str) -> float:
        return self._viewer.recording.heights.get(name, 1.75)


class Reading(Panels):
    """The panels over a recording: those of a world, fewer tools, and the timeline.

    Args:
        app: whose window it is.
    """

    def __init__(self, app: Viewer) -> None:
        super().__init__(app)
        self.tools = Few(app, app.kept.tools)
        self._timeline = Timeline(app.recording)
        # The hints of a world that one plays in are of no use here.
        self._hints = False
        for hint in HINTS:
            self.notices.add(hint)

    def lay_out(self) -> None:
        """Lay out what is to be seen now."""
        super().lay_out()
        if self._app.snapshot is not None:
            self._timeline.draw(self._app.chosen, *self._edges())

    def _draw_sentence(self, size: tuple[float, float], scale: float) -> float:
        """Nobody can be told anything; returns where the timeline begins."""
        return size[1] - (HIGH + 12) * scale

    def _edges(self) -> tuple[float, float, float, float]:
        """Left, right and bottom of the timeline in pixels, and the scale of letters."""
        display, scale = imgui.get_io().display_size, self._app.desk.scale
        size = (display.x, display.y)
        right = size[0] - self.dashboard.width(size, scale) - 12
        return 6.0, max(right, 200.0), size[1] - 6.0, scale


class Few(Tools):
    """The tools that mean something in a recording."""

    def _draw_world(self) -> None:
        """There is one world."""

    def _draw_chosen(self, snapshot: Any) -> None:
        imgui.separator()
        chosen = _list("##actor", self._app.chosen, [actor["id"] for actor in snapshot.state["actors"]])
        if chosen:
            self._app.actions.choose(chosen)

    def _draw_keeping(self) -> None:
        imgui.separator()
        film = "end video" if self._app.camcorder.films else "video"
        if imgui.button("screenshot"):
            self._app.actions.do("screenshot")
        imgui.same_line()
        if imgui.button(film):
            self._app.actions.do("video")


def _beside(start: np.ndarray, way: np.ndarray, point: np.ndarray) -> float:
    """Return how far a point [3] is from a ray along a unit vector [3], m; infinite behind its start."""
    along = float((point - start) @ way)
    return float(np.linalg.norm(point - start - along * way)) if along > 0 else float("inf")
