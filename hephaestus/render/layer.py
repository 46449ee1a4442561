"""A picture with opacity laid over what was drawn: head-up displays and text, in a window as in memory."""

from __future__ import annotations

import ctypes

import numpy as np
from pyglet import gl

from hephaestus.render.gpu import Picture, Program, Vertices

CORNERS = np.array([[-1, -1, 0], [1, -1, 0], [-1, 1, 0], [1, 1, 0]], np.float32)


class Layer:
    """Draws uint8 [h, w, 4] pictures over the whole target; its texture is kept while the size stays."""

    def __init__(self) -> None:
        """Upload the rectangle."""
        self._vertices = Vertices({0: CORNERS}, mode=gl.GL_TRIANGLE_STRIP)
        self._picture: Picture | None = None
        self._size = (0, 0)

    def draw(self, program: Program, pixels: np.ndarray) -> None:
        """Lay a picture uint8 [h, w, 4], row 0 at the top, over the bound target with the program in use."""
        a = np.ascontiguousarray(pixels, np.uint8)
        height, width = a.shape[:2]
        if self._picture is None or self._size != (width, height):
            if self._picture is not None:
                self._picture.close()
            self._picture, self._size = Picture(a, gl.GL_CLAMP_TO_EDGE, mipmaps=False), (width, height)
            self._picture.bind(0)
        else:
            self._picture.bind(0)
            data = ctypes.c_void_p(a.ctypes.data)
            gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
            gl.glTexSubImage2D(gl.GL_TEXTURE_2D, 0, 0, 0, width, height, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE, data)
        gl.glDisable(gl.GL_DEPTH_TEST)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA)
        self._vertices.draw()
        gl.glDisable(gl.GL_BLEND)
        gl.glEnable(gl.GL_DEPTH_TEST)

    def close(self) -> None:
        """Give the memory back."""
        self._vertices.close()
        if self._picture is not None:
            self._picture.close()
        self._picture = None
