"""A real window on a virtual screen, driven as a person would: with keys, a mouse, and eyes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
NEEDED = ("Xvfb", "xdotool")
SCREEN = "1280x800x24"


def missing() -> str:
    """Return what is not installed, "" where nothing is."""
    return " and ".join(name for name in NEEDED if shutil.which(name) is None)


class Desktop:
    """A screen with one window of `pwm` on it.

    Args:
        home: folder for its configuration.
        arguments: of `pwm`.
        dpi: dots per inch that the desktop says its screen has, or None for nothing said.
    """

    def __init__(self, home: Path, *arguments: object, dpi: int | None = None) -> None:
        reader, writer = os.pipe()
        self._screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"],
            pass_fds=[writer],
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        with os.fdopen(reader) as pipe:
            self.display = f":{pipe.readline().strip()}"
        if dpi is not None:
            say_dpi(self.display, dpi)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PWM_")}
        paths = os.pathsep.join(filter(None, (str(ROOT), inherited.get("PYTHONPATH"))))
        self._environment = inherited | {
            "DISPLAY": self.display, "XDG_CONFIG_HOME": str(home), "PYTHONPATH": paths,
        }  # fmt: skip
        self.log = home / "pwm.log"
        with self.log.open("wb") as log:
            self.program = subprocess.Popen(
                [sys.executable, "-m", "prometheus", *map(str, arguments)],
                env=self._environment,
                cwd=home,
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Desktop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()
        self._screen.terminate()
        self._screen.wait()

    def do(self, *arguments: object) -> str:
        """Have xdotool do something."""
        done = subprocess.run(
            ["xdotool", *map(str, arguments)], env=self._environment, capture_output=True, text=True, timeout=30,
            check=False,
        )  # fmt: skip
        return done.stdout.strip()

    def key(self, *names: str) -> None:
        """Press keys, one after the other, as fast as a hand does."""
        for name in names:
            self.do("key", "--delay", "40", name)
            time.sleep(0.06)

    def titled(self, words: str) -> bool:
        """Whether there is a window with these words in its title."""
        return bool(self.do("search", "--name", words))

    def see(self, box: tuple[int, int, int, int] | None = None) -> np.ndarray:
        """Return what is on the screen, int16 [h, w, 3]; of left, top, right, bottom where given."""
        from PIL import ImageGrab

        picture = ImageGrab.grab(bbox=box, xdisplay=self.display)
        return np.asarray(picture.convert("RGB")).astype(np.int16)

    def wait(self, until: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait for something to become true."""
        end = time.monotonic() + seconds
        while not until():
            text = self.log.read_text("utf-8", "replace")[-2000:]
            assert self.program.poll() is None, f"pwm ended before {what}: {text}"
            assert time.monotonic() < end, f"no {what} within {seconds:g} s: {text}"
            time.sleep(0.1)


def say_dpi(display: str, dpi: int) -> None:
    """Have a screen say how fine it is, as desktops do (the resource Xft.dpi)."""
    import ctypes

    from pyglet.libs.x11 import xlib

    server = xlib.XOpenDisplay(display.encode())
    text = f"Xft.dpi:\t{dpi}\n".encode()
    start = ctypes.cast(ctypes.create_string_buffer(text), ctypes.POINTER(ctypes.c_ubyte))
    manager, string = 23, 31  # RESOURCE_MANAGER and STRING, as X11/Xatom.h numbers them
    xlib.XChangeProperty(server, xlib.XDefaultRootWindow(server), manager, string, 8, 0, start, len(text))
    xlib.XCloseDisplay(server)


def parted(one: np.ndarray, other: np.ndarray, by: int = 24) -> float:
    """Return the share of pixels in which two pictures differ by more than `by`."""
    return float((np.abs(one - other).max(-1) > by).mean())
