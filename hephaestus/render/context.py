"""A place to draw in: an OpenGL context of a window, or of none."""

from __future__ import annotations

import warnings
from typing import Any

from hephaestus.render.scene import RenderError


def open_context(window: Any = None) -> Any:
    """Make an OpenGL context current: of the pyglet window given, or of a new hidden one.

    Raises:
        RenderError: no EGL, no display, no OpenGL 3.3.
    """
    try:
        import pyglet

        pyglet.options.debug_gl = False
        if window is None:
            pyglet.options.headless = True
            pyglet.options.shadow_window = False
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # pyglet remarks on what the error below says better
                from pyglet.window import Window

                window = Window(16, 16, visible=False)
        window.switch_to()
        from pyglet.gl import gl_info

        if not gl_info.have_version(3, 3):
            raise RenderError(f"OpenGL 3.3 is needed, here is {gl_info.get_version_string()}")
        return window
    except RenderError:
        raise
    except Exception as reason:  # pyglet, ctypes and drivers fail in many ways, none of them documented
        text = str(reason).strip().split("\n")[0] or type(reason).__name__
        raise RenderError(f"OpenGL cannot be opened here ({text}); install libegl1 and libgl1-mesa-dri") from reason
