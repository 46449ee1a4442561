"""Sheet: a picture from elsewhere, laid over the window. Over pyglet.gl, as `gpu`."""

from __future__ import annotations

import ctypes

import numpy as np
from pyglet import gl

from hephaestus.render.gpu import name_of, pointer_to


class Sheet:
    """A picture from elsewhere that is laid over the window."""

    def __init__(self) -> None:
        """Begin with nothing to be seen."""
        self.size = (0, 0)
        self._texture, self._frame = name_of(gl.glGenTextures), name_of(gl.glGenFramebuffers)

    def fill(self, pixels: np.ndarray) -> None:
        """Upload uint8 [h, w, 4], row 0 at the top."""
        height, width = pixels.shape[:2]
        t = gl.GL_TEXTURE_2D
        gl.glActiveTexture(gl.GL_TEXTURE0)
        gl.glBindTexture(t, self._texture)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 4)
        if (width, height) != self.size:
            gl.glTexImage2D(t, 0, gl.GL_RGBA8, width, height, 0, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE, None)
            for key in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
                gl.glTexParameteri(t, key, gl.GL_LINEAR)
            gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._frame)
            gl.glFramebufferTexture2D(gl.GL_FRAMEBUFFER, gl.GL_COLOR_ATTACHMENT0, t, self._texture, 0)
            self.size = (width, height)
        kind = gl.GL_UNSIGNED_BYTE
        gl.glTexSubImage2D(t, 0, 0, 0, width, height, gl.GL_RGBA, kind, pointer_to(np.ascontiguousarray(pixels)))

    def lay(self, size: tuple[int, int], window: tuple[int, int]) -> None:
        """Lay it over the window, stretched to that size in pixels from the lower left; the window is bound then."""
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, self._frame)
        gl.glBindFramebuffer(gl.GL_DRAW_FRAMEBUFFER, 0)
        gl.glDisable(gl.GL_SCISSOR_TEST)
        if not all(self.size):
            gl.glClearColor(0.0, 0.0, 0.0, 1.0)
            gl.glClear(gl.GL_COLOR_BUFFER_BIT)
        else:
            width, height = self.size
            kind = gl.GL_NEAREST if size == self.size else gl.GL_LINEAR
            gl.glBlitFramebuffer(0, height, width, 0, 0, 0, *size, gl.GL_COLOR_BUFFER_BIT, kind)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)
        gl.glViewport(0, 0, *window)

    def close(self) -> None:
        """Give the memory back."""
        gl.glDeleteFramebuffers(1, ctypes.byref(gl.GLuint(self._frame)))
        gl.glDeleteTextures(1, ctypes.byref(gl.GLuint(self._texture)))
