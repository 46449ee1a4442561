"""Painter: puts what the interface library lays out on the window.

Text is dear where software draws it, so the panels are drawn into a picture of their own a few times a second, and
that picture is laid over the world in every frame, only where panels are.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from imgui_bundle import imgui
from pyglet import gl

from hephaestus.render.gpu import Program, Vertices
from hephaestus.render.scene import RenderError
from prometheus.window.keeper import Keeper

PANEL_VERTEX = """#version 330
uniform vec4 screen;    // scale and offset from interface units to the picture's edges
layout(location=0) in vec2 place;
layout(location=1) in vec2 uv;
layout(location=2) in vec4 color;
out vec2 v_uv;
out vec4 v_color;
void main() {
    v_uv = uv;
    v_color = color;
    gl_Position = vec4(place * screen.xy + screen.zw, 0.0, 1.0);
}
"""
PANEL_FRAGMENT = """#version 330
uniform sampler2D picture;
in vec2 v_uv;
in vec4 v_color;
out vec4 pixel;
void main() { pixel = v_color * texture(picture, v_uv); }
"""
OVER_VERTEX = """#version 330
uniform vec4 box;       // left, bottom, right, top, -1 to 1
layout(location=0) in vec3 corner;
void main() { gl_Position = vec4(mix(box.xy, box.zw, corner.xy), 0.0, 1.0); }
"""
OVER_FRAGMENT = """#version 330
uniform sampler2D picture;
out vec4 pixel;
void main() { pixel = texelFetch(picture, ivec2(gl_FragCoord.xy), 0); }
"""
CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], np.float32)
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the window, from its upper left corner."""


class Painter:
    """Draws panels into a picture, and the picture over the window. Made where the window's context is current."""

    def __init__(self) -> None:
        """Compile the shaders and tell the interface library what this can do."""
        self._panel = Program(PANEL_VERTEX, PANEL_FRAGMENT)
        self._over = Program(OVER_VERTEX, OVER_FRAGMENT)
        self._corners = Vertices({0: CORNERS}, mode=gl.GL_TRIANGLE_STRIP)
        self._array, self._points, self._indices = (gl.GLuint() for _ in range(3))
        gl.glGenVertexArrays(1, ctypes.byref(self._array))
        gl.glGenBuffers(1, ctypes.byref(self._points))
        gl.glGenBuffers(1, ctypes.byref(self._indices))
        self._lay_out()
        self._frame, self._texture = gl.GLuint(), gl.GLuint()
        gl.glGenFramebuffers(1, ctypes.byref(self._frame))
        self._size = (0, 0)
        self._textures: dict[int, Any] = {}
        self._keeper = Keeper()
        self._laid: set[tuple[tuple[int, int], Box]] = set()
        io = imgui.get_io()
        io.backend_flags |= imgui.BackendFlags_.renderer_has_textures.value
        most = gl.GLint()
        gl.glGetIntegerv(gl.GL_MAX_TEXTURE_SIZE, ctypes.byref(most))
        platform = imgui.get_platform_io()
        platform.renderer_texture_max_width = platform.renderer_texture_max_height = min(most.value, 8192)

    def draw(self, data: Any, size: tuple[int, int]) -> None:
        """Draw what was laid out into the panels' own picture.

        Args:
            data: the interface library's draw data.
            size: of the window in pixels.

        Raises:
            RenderError: the driver cannot hold a picture of that size.
        """
        self._laid.clear()
        self._mirror_textures()
        self._resize(size)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._frame)
        gl.glViewport(0, 0, *size)
        gl.glDisable(gl.GL_SCISSOR_TEST)
        gl.glClearColor(0.0, 0.0, 0.0, 0.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)
        for switch in (gl.GL_CULL_FACE, gl.GL_DEPTH_TEST):
            gl.glDisable(switch)
        for switch in (gl.GL_BLEND, gl.GL_SCISSOR_TEST):
            gl.glEnable(switch)
        # Opacity adds up as colours do, so that the picture can be laid over another one as it is.
        gl.glBlendFuncSeparate(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA, gl.GL_ONE, gl.GL_ONE_MINUS_SRC_ALPHA)
        width, height = max(data.display_size.x, 1.0), max(data.display_size.y, 1.0)
        ratio = size[0] / width, size[1] / height
        self._panel.use()
        self._panel.set("picture", 0)
        self._panel.set("screen", np.array([2 / width, -2 / height, -1.0, 1.0]))
        gl.glActiveTexture(gl.GL_TEXTURE0)
        gl.glBindVertexArray(self._array)
        kind = gl.GL_UNSIGNED_SHORT if imgui.INDEX_SIZE == 2 else gl.GL_UNSIGNED_INT
        for part in data.cmd_lists:
            points, indices = part.vtx_buffer, part.idx_buffer
            _fill(gl.GL_ARRAY_BUFFER, self._points, points, imgui.VERTEX_SIZE)
            _fill(gl.GL_ELEMENT_ARRAY_BUFFER, self._indices, indices, imgui.INDEX_SIZE)
            for command in part.cmd_buffer:
                x0, y0, x1, y1 = command.clip_rect
                left, top, right, bottom = x0 * ratio[0], y0 * ratio[1], x1 * ratio[0], y1 * ratio[1]
                if right <= left or bottom <= top:
                    continue
                gl.glScissor(int(left), int(size[1] - bottom), int(right - left), int(bottom - top))
                gl.glBindTexture(gl.GL_TEXTURE_2D, command.tex_ref.get_tex_id())
                first = ctypes.c_void_p(command.idx_offset * imgui.INDEX_SIZE)
                gl.glDrawElementsBaseVertex(gl.GL_TRIANGLES, command.elem_count, kind, first, command.vtx_offset)
        gl.glDisable(gl.GL_SCISSOR_TEST)
        gl.glDisable(gl.GL_BLEND)
        gl.glBindVertexArray(0)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)

    def lay_over(self, boxes: Sequence[Box], still: float = math.inf) -> None:
        """Lay the panels' picture over the bound window, where the boxes are.

        Args:
            boxes: where panels are.
            still: pixels from the left of the window from where on nothing but panels is drawn: what is there already
                need not be laid again, where the window keeps it.
        """
        width, height = self._size
        if not width:
            return
        if not math.isfinite(still):
            self._laid.clear()
        if self._keeper.keeps:
            boxes = [box for box in boxes if box[0] < still or (self._size, box) not in self._laid]
        self._laid |= {(self._size, box) for box in boxes if box[0] >= still}
        if not boxes:
            return
        gl.glDisable(gl.GL_DEPTH_TEST)
        gl.glDisable(gl.GL_CULL_FACE)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_ONE, gl.GL_ONE_MINUS_SRC_ALPHA)
        self._over.use()
        self._over.set("picture", 0)
        gl.glActiveTexture(gl.GL_TEXTURE0)
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._texture)
        for left, top, right, bottom in boxes:
            edges = np.array([left / width, 1 - bottom / height, right / width, 1 - top / height])
            self._over.set("box", np.clip(edges, 0, 1) * 2 - 1)
            self._corners.draw()
        gl.glDisable(gl.GL_BLEND)
        gl.glBindVertexArray(0)

    def begin(self, size: tuple[int, int]) -> None:
        """A picture of the bound window begins."""
        self._keeper.look(size)
        if not self._keeper.keeps:
            self._laid.clear()

    def renew(self) -> None:
        """The window keeps nothing of what was drawn before."""
        self._laid.clear()
        self._keeper.forget()

    def end(self) -> None:
        """It is about to be shown."""
        self._keeper.mark()

    def close(self) -> None:
        """Give the driver's memory back."""
        for texture in imgui.get_platform_io().textures:
            if texture.ref_count == 1:
                self._drop_texture(texture)
        self._corners.close()
        for program in (self._panel, self._over):
            gl.glDeleteProgram(program.id)
        gl.glDeleteVertexArrays(1, ctypes.byref(self._array))
        for buffer in (self._points, self._indices):
            gl.glDeleteBuffers(1, ctypes.byref(buffer))
        gl.glDeleteTextures(1, ctypes.byref(self._texture))
        gl.glDeleteFramebuffers(1, ctypes.byref(self._frame))

    def _lay_out(self) -> None:
        gl.glBindVertexArray(self._array)
        gl.glBindBuffer(gl.GL_ARRAY_BUFFER, self._points)
        gl.glBindBuffer(gl.GL_ELEMENT_ARRAY_BUFFER, self._indices)
        stride = imgui.VERTEX_SIZE
        for location, width, kind, whole, offset in (
            (0, 2, gl.GL_FLOAT, False, imgui.VERTEX_BUFFER_POS_OFFSET),
            (1, 2, gl.GL_FLOAT, False, imgui.VERTEX_BUFFER_UV_OFFSET),
            (2, 4, gl.GL_UNSIGNED_BYTE, True, imgui.VERTEX_BUFFER_COL_OFFSET),
        ):
            gl.glEnableVertexAttribArray(location)
            gl.glVertexAttribPointer(location, width, kind, whole, stride, offset)
        gl.glBindVertexArray(0)

    def _resize(self, size: tuple[int, int]) -> None:
        if size == self._size:
            return
        if not self._texture.value:
            gl.glGenTextures(1, ctypes.byref(self._texture))
        gl.glActiveTexture(gl.GL_TEXTURE0)
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._texture)
        gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, gl.GL_RGBA8, *size, 0, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE, None)
        for key in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, key, gl.GL_NEAREST)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._frame)
        gl.glFramebufferTexture2D(gl.GL_FRAMEBUFFER, gl.GL_COLOR_ATTACHMENT0, gl.GL_TEXTURE_2D, self._texture, 0)
        if gl.glCheckFramebufferStatus(gl.GL_FRAMEBUFFER) != gl.GL_FRAMEBUFFER_COMPLETE:
            raise RenderError(f"the driver cannot draw panels of {size[0]}x{size[1]}; make the window smaller")
        self._size = size

    def _mirror_textures(self) -> None:
        """Upload what the library has drawn of its letters since the last time."""
        status = imgui.ImTextureStatus
        for texture in imgui.get_platform_io().textures:
            if texture.status == status.want_create:
                name = gl.GLuint()
                gl.glGenTextures(1, ctypes.byref(name))
                gl.glBindTexture(gl.GL_TEXTURE_2D, name)
                for key in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
                    gl.glTexParameteri(gl.GL_TEXTURE_2D, key, gl.GL_LINEAR)
                for key in (gl.GL_TEXTURE_WRAP_S, gl.GL_TEXTURE_WRAP_T):
                    gl.glTexParameteri(gl.GL_TEXTURE_2D, key, gl.GL_CLAMP_TO_EDGE)
                gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
                pixels = ctypes.c_void_p(texture.get_pixels_array().ctypes.data)
                gl.glTexImage2D(
                    gl.GL_TEXTURE_2D, 0, gl.GL_RGBA8, texture.width, texture.height, 0, gl.GL_RGBA,
                    gl.GL_UNSIGNED_BYTE, pixels,
                )  # fmt: skip
                texture.set_tex_id(name.value)
                texture.status = status.ok
            elif texture.status == status.want_updates:
                self._update_texture(texture)
                texture.status = status.ok
            elif texture.status == status.want_destroy and texture.unused_frames > 0:
                self._drop_texture(texture)

    def _update_texture(self, texture: Any) -> None:
        gl.glBindTexture(gl.GL_TEXTURE_2D, texture.tex_id)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        gl.glPixelStorei(gl.GL_UNPACK_ROW_LENGTH, texture.width)
        start = texture.get_pixels_array().ctypes.data
        for box in texture.updates:
            pixels = ctypes.c_void_p(start + (box.y * texture.width + box.x) * texture.bytes_per_pixel)
            gl.glTexSubImage2D(gl.GL_TEXTURE_2D, 0, box.x, box.y, box.w, box.h, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE, pixels)
        gl.glPixelStorei(gl.GL_UNPACK_ROW_LENGTH, 0)

    def _drop_texture(self, texture: Any) -> None:
        gl.glDeleteTextures(1, ctypes.byref(gl.GLuint(texture.tex_id)))
        texture.set_tex_id(0)
        texture.status = imgui.ImTextureStatus.destroyed


def _fill(use: int, buffer: Any, values: Any, width: int) -> None:
    gl.glBindBuffer(use, buffer)
    gl.glBufferData(use, values.size() * width, ctypes.c_void_p(values.data_address()), gl.GL_STREAM_DRAW)
