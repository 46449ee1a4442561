"""Draws segments: those that solids hide, then those that are seen through them."""

from __future__ import annotations

import ctypes

import numpy as np
from pyglet import gl

from hephaestus.render.programs import Programs
from hephaestus.render.scene import Lines


class LinePainter:
    """Draws lines; its memory with the driver is kept from picture to picture."""

    def __init__(self, programs: Programs) -> None:
        """Reserve names with the driver; the programs are those of this context."""
        self._programs = programs
        self._array, self._buffer = gl.GLuint(), gl.GLuint()
        gl.glGenVertexArrays(1, ctypes.byref(self._array))
        gl.glGenBuffers(1, ctypes.byref(self._buffer))
        gl.glBindVertexArray(self._array)
        gl.glBindBuffer(gl.GL_ARRAY_BUFFER, self._buffer)
        for location, width, offset in ((0, 3, 0), (3, 4, 12)):
            gl.glEnableVertexAttribArray(location)
            gl.glVertexAttribPointer(location, width, gl.GL_FLOAT, False, 28, offset)
        gl.glBindVertexArray(0)

    def draw(self, lines: Lines) -> None:
        """Draw over what is bound."""
        points = np.asarray(lines.points, np.float32).reshape(-1, 2, 3)
        through = np.broadcast_to(np.asarray(lines.through, bool), len(points))
        order = np.argsort(through, kind="stable")
        ends = np.empty((len(points), 2, 7), np.float32)
        ends[..., :3] = points[order]
        ends[..., 3:] = np.asarray(lines.colors, np.float32)[order, None]
        hidden = len(points) - int(np.count_nonzero(through))
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA)
        self._programs.use("line")
        gl.glBindVertexArray(self._array)
        gl.glBindBuffer(gl.GL_ARRAY_BUFFER, self._buffer)
        gl.glBufferData(gl.GL_ARRAY_BUFFER, ends.nbytes, ctypes.c_void_p(ends.ctypes.data), gl.GL_STREAM_DRAW)
        if hidden:
            gl.glDrawArrays(gl.GL_LINES, 0, 2 * hidden)
        if hidden < len(points):
            gl.glDisable(gl.GL_DEPTH_TEST)
            gl.glDrawArrays(gl.GL_LINES, 2 * hidden, 2 * (len(points) - hidden))
            gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glBindVertexArray(0)
        gl.glDisable(gl.GL_BLEND)

    def close(self) -> None:
        """Give the memory back."""
        gl.glDeleteVertexArrays(1, ctypes.byref(self._array))
        gl.glDeleteBuffers(1, ctypes.byref(self._buffer))
