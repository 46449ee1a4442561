"""Keeper: whether a window's picture is still there to be drawn on after it was shown.

OpenGL does not say. Where pictures are copied to the screen, as software drivers do, it is; where two or three take
turns, it is not. So it is tried: in each of a few pictures a point in the corner gets another grey, and is looked at
when the next one begins.
"""

from __future__ import annotations

import ctypes

from pyglet import gl

TRIALS = 6
"""Pictures."""


class Keeper:
    """Finds out whether the window keeps what is drawn; begins anew when its size changes."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._size = (0, 0)
        self._tried, self._marked = 0, False
        self._failed = False

    @property
    def keeps(self) -> bool:
        """Whether it does; False until that is known."""
        return not self._failed and self._tried >= TRIALS

    def forget(self) -> None:
        """Begin anew with the next picture: the window is another one."""
        self._size = (0, 0)

    def look(self, size: tuple[int, int]) -> None:
        """Look for the last picture's mark; called before anything of the next one is drawn."""
        if size != self._size:
            self._size, self._tried, self._marked = size, 0, False
        if self._marked:
            self._marked = False
            self._failed = self._failed or self._read() != self._grey
            self._tried += 1

    def mark(self) -> None:
        """Make a mark; called right before a picture is shown."""
        if self._failed or self._tried >= TRIALS:
            return
        self._marked = True
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)
        gl.glEnable(gl.GL_SCISSOR_TEST)
        gl.glScissor(self._size[0] - 1, 0, 1, 1)
        level = self._grey / 255
        gl.glClearColor(level, level, level, 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)
        gl.glDisable(gl.GL_SCISSOR_TEST)

    @property
    def _grey(self) -> int:
        return 60 + 25 * self._tried

    def _read(self) -> int:
        pixel = (gl.GLubyte * 4)()
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)
        gl.glReadBuffer(gl.GL_BACK)
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        gl.glReadPixels(self._size[0] - 1, 0, 1, 1, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE, ctypes.byref(pixel))
        return int(pixel[0])
