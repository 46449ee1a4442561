"""Opening: a window on a display, or one sentence about what is missing."""

from __future__ import annotations

import os
import sys
from typing import Any

from prometheus.errors import RenderError

MOST_FPS = 60.0
"""Pictures a second at the most, where the screen does not say."""
_EARLY = 1.25
"""How much sooner than a quick screen shows it the next picture is begun, so that it is never late for it."""
HEADLESS = "pwm run WORLD --video draws without a display"


def open_window(size: tuple[int, int], title: str, *, fullscreen: bool = False, vsync: bool = True) -> Any:
    """Open a window that can be resized and takes files that are dropped on it.

    Args:
        size: width and height in pixels.
        title: of the window.
        fullscreen: whether it takes the whole screen.
        vsync: whether it waits for the screen, where the driver can.

    Raises:
        RenderError: there is no display, no OpenGL 3.3, or no interface library.
    """
    _check_interface()
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise RenderError(f"no window opens here: DISPLAY is not set; use a desktop or xvfb-run; {HEADLESS}")
    try:
        import pyglet

        # Whoever drew without a window before, in this process, has switched windows off.
        pyglet.options.headless = False
        pyglet.options.debug_gl = False
        pyglet.options.shadow_window = False
        pyglet.options.dpi_scaling = "real"
        from pyglet.gl import Config, gl_info
        from pyglet.window import Window

        from prometheus.window.guarded import guarded

        make: Any = Config
        config = make(double_buffer=True, major_version=3, minor_version=3, depth_size=0, stencil_size=0)
        shape: dict[str, Any] = {"fullscreen": True} if fullscreen else {"width": size[0], "height": size[1]}
        window = guarded(Window)(
            **shape, caption=title, resizable=True, vsync=vsync, visible=False, config=config, file_drops=True
        )
        window.set_minimum_size(320, 240)
    except Exception as reason:  # pyglet, ctypes and drivers fail in many ways, none of them documented
        text = (str(reason).strip().split("\n")[0] or type(reason).__name__).rstrip(".")
        if "Cannot connect" in text:
            text = f"the display {os.environ.get('DISPLAY')} does not answer"
        raise RenderError(
            f"no window can be opened ({text}); check DISPLAY and install libgl1 and libgl1-mesa-dri; {HEADLESS}"
        ) from reason
    if not gl_info.have_version(3, 3):
        window.close()
        raise RenderError(f"the window needs OpenGL 3.3 and the driver has {gl_info.get_version_string()}; {HEADLESS}")
    return window


def enlarge(window: Any, scale: float) -> None:
    """Make a window of the first start as large to the eye as on an ordinary screen, as far as the screen reaches."""
    if scale > 1.0:
        width, height = window.get_size()
        most = window.screen.width, window.screen.height
        window.set_size(min(round(width * scale), most[0]), min(round(height * scale), most[1]))


def most_fps(window: Any) -> float:
    """Return the pictures a second to be drawn at the most for a window; the screen itself holds them, where it can.

    To pause for a sixtieth of a second on a screen of 75 Hz would miss every other of its pictures.
    """
    try:
        rate = float(window.screen.get_mode().rate or 0.0)
    except (AttributeError, TypeError, ValueError, ZeroDivisionError):
        rate = 0.0
    return rate * _EARLY if window.vsync and MOST_FPS + 1.0 < rate <= 500.0 else MOST_FPS


def _check_interface() -> None:
    try:
        import imgui_bundle  # noqa: F401
    except ImportError as error:
        raise RenderError("the window needs imgui-bundle; install it with: pip install imgui-bundle") from error
