"""How soon a window answers: from a key that goes down to the picture that shows what came of it.

xvfb-run -s "-screen 0 1280x800x24" python benchmarks/window_latency.py --trials 10 --out latency.json

Keys go down on the display itself (XTEST), as a keyboard's would. Camera: a key chooses another view; the time is taken
until a picture of it is on the screen. Walking: the agent stands still, W goes down; the time is taken until a picture
is on the screen in which its pelvis has moved by 3 cm.
"""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from prometheus.config import load_config
from prometheus.window.app import App, Wanted

CAMERA_BAR, WALK_BAR = 100.0, 350.0
"""ms."""
MOVED = 0.03
"""m that a pelvis moves before it counts as walking."""
_STANDS, _WALKS, _LOOKS = 2.0, 1.2, 0.5
"""s for which a body is let stand, and walk, and a view is looked at."""
_NEVER = 3.0


class Keyboard:
    """Presses keys on a display."""

    def __init__(self) -> None:
        """Open the display of the environment."""
        self._x = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        self._test = ctypes.CDLL(ctypes.util.find_library("Xtst") or "libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(None))

    def point(self, x: int, y: int) -> None:
        """Put the mouse there: without a window manager, keys go to the window under it."""
        self._test.XTestFakeMotionEvent(self._display, -1, x, y, ctypes.c_ulong(0))
        self._x.XFlush(self._display)

    def press(self, letter: str, down: bool) -> None:
        """Let a key go down or up."""
        code = self._x.XKeysymToKeycode(self._display, ctypes.c_ulong(ord(letter)))
        self._test.XTestFakeKeyEvent(self._display, code, int(down), ctypes.c_ulong(0))
        self._x.XFlush(self._display)


class Trials:
    """What is pressed, picture by picture.

    Args:
        app: whose window it is.
        count: trials of each kind.
    """

    def __init__(self, app: App, count: int) -> None:
        self._app, self._count, self._keyboard = app, count, Keyboard()
        self.camera: list[float] = []
        self.walk: list[float] = []
        self._turns = self._all()
        self._keyboard.point(150, 250)

    def shown(self) -> None:
        """A picture is on the screen."""
        if next(self._turns, None) is None:
            self._app.is_open = False

    def _all(self) -> Iterator[bool]:
        for _ in range(self._count):
            yield from self._walks()
            yield from self._looks()

    def _walks(self) -> Iterator[bool]:
        app = self._app
        app.actions.do("reset")
        generation = app.playground.generation if app.playground is not None else 0
        while app.playground is None or app.playground.generation == generation:
            yield True
        app.actions.tell("a person stands still")
        yield from self._wait(_STANDS)
        began, place = time.perf_counter(), self._pelvis()
        self._keyboard.press("w", True)
        while np.linalg.norm(self._pelvis() - place) < MOVED and time.perf_counter() - began < _NEVER:
            yield True
        self.walk.append((time.perf_counter() - began) * 1000)
        yield from self._wait(_WALKS)
        self._keyboard.press("w", False)
        yield True

    def _looks(self) -> Iterator[bool]:
        for letter, view in (("2", "orbit"), ("1", "follow")):
            began, seen = time.perf_counter(), []
            self._keyboard.press(letter, True)
            while not any(self._on_screen(camera) for camera in seen) and time.perf_counter() - began < _NEVER:
                yield True
                if self._app.viewpoint.view == view:
                    seen.append(self._app.viewpoint.camera)
            self.camera.append((time.perf_counter() - began) * 1000)
            self._keyboard.press(letter, False)
            yield from self._wait(_LOOKS)

    def _pelvis(self) -> np.ndarray:
        """Where the agent is on the screen, [2] m on the ground."""
        shown = self._app.shown
        return (
            np.asarray(shown.placements[self._app.chosen][:, [0, 2], 3].mean(0)) if shown is not None else np.zeros(2)
        )

    def _on_screen(self, camera: Any) -> bool:
        return self._app.shown is not None and self._app.shown.camera is camera

    def _wait(self, seconds: float) -> Iterator[bool]:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            yield True


def main() -> int:
    """Press, measure, and say what holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CONFIG_HOME"] = name  # the window begins as it first does, and changes nobody's settings
        config = load_config(mode="realtime", motion__worker=True, seed=7)
        app = App("castle", config, Wanted(size=(640, 480), out=Path(name)))
        trials = Trials(app, given.trials)
        note = app.stats.frame

        def noted(seconds: float) -> None:
            note(seconds)
            trials.shown()

        app.stats.frame = noted  # type: ignore[method-assign]
        app.run()
        stats = app.stats.to_json()
    figures: dict[str, Any] = {"trials": given.trials, "fps_median": stats["fps_median"]}
    for kind, times, bar in (("camera", trials.camera, CAMERA_BAR), ("walk", trials.walk, WALK_BAR)):
        rows = np.array(times or [np.inf])
        figures[kind] = {
            "ms_p50": round(float(np.median(rows)), 1), "ms_p95": round(float(np.quantile(rows, 0.95)), 1),
            "ms_max": round(float(rows.max()), 1), "bar_ms": bar, "holds": bool(np.quantile(rows, 0.95) <= bar),
        }  # fmt: skip
    text = json.dumps(figures, indent=2)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n", encoding="utf-8")
    return 0 if figures["camera"]["holds"] and figures["walk"]["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
