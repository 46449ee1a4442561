"""OpenGL objects with names: program, buffer, vertices, picture, uniform block, target.

Over pyglet.gl: import this module only where a context is open (`gl.open_context`).
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import numpy as np
from pyglet import gl

from hephaestus.render.scene import RenderError


def name_of(make: Any) -> int:
    """Return the name of something new that the driver makes."""
    number = gl.GLuint()
    make(1, ctypes.byref(number))
    return number.value


def pointer_to(array: np.ndarray) -> ctypes.c_void_p:
    """Return where an array lies, as the driver takes it."""
    return ctypes.c_void_p(array.ctypes.data)


def _floats(raw: bytes) -> Any:
    """Return float32 values as the driver wants them; much faster than numpy's own `data_as`."""
    return (gl.GLfloat * (len(raw) // 4)).from_buffer_copy(raw)


class Program:
    """A linked vertex and fragment shader and where its uniforms are."""

    def __init__(self, vertex: str, fragment: str, outputs: tuple[str, ...] = ()):
        """Compile and link.

        Args:
            vertex: source.
            fragment: source.
            outputs: what transform feedback catches of each vertex, one behind the other.

        Raises:
            RenderError: the driver refuses the sources.
        """
        self.id = gl.glCreateProgram()
        for kind, text in ((gl.GL_VERTEX_SHADER, vertex), (gl.GL_FRAGMENT_SHADER, fragment)):
            shader = gl.glCreateShader(kind)
            raw = ctypes.create_string_buffer(text.encode())
            pointer = ctypes.cast(ctypes.pointer(raw), ctypes.POINTER(gl.GLchar))
            gl.glShaderSource(shader, 1, ctypes.byref(pointer), None)
            gl.glCompileShader(shader)
            self._check(gl.glGetShaderiv, gl.glGetShaderInfoLog, shader, gl.GL_COMPILE_STATUS)
            gl.glAttachShader(self.id, shader)
            gl.glDeleteShader(shader)
        if outputs:
            names = (ctypes.POINTER(gl.GLchar) * len(outputs))(
                *(ctypes.cast(ctypes.create_string_buffer(o.encode()), ctypes.POINTER(gl.GLchar)) for o in outputs)
            )
            gl.glTransformFeedbackVaryings(self.id, len(outputs), names, gl.GL_INTERLEAVED_ATTRIBS)
        gl.glLinkProgram(self.id)
        self._check(gl.glGetProgramiv, gl.glGetProgramInfoLog, self.id, gl.GL_LINK_STATUS)
        self._places: dict[str, int] = {}
        self._given: dict[int, Any] = {}
        for slot, name in enumerate(("Frame", "Joints")):
            index = gl.glGetUniformBlockIndex(self.id, name.encode())
            if index != gl.GL_INVALID_INDEX:
                gl.glUniformBlockBinding(self.id, index, slot)

    @staticmethod
    def _check(status: Any, log: Any, thing: int, what: int) -> None:
        ok = gl.GLint()
        status(thing, what, ctypes.byref(ok))
        if not ok.value:
            text = ctypes.create_string_buffer(2000)
            log(thing, 2000, None, text)
            raise RenderError(f"the driver refuses a shader: {text.value.decode(errors='replace').strip()[:500]}")

    def place(self, name: str) -> int:
        """Return a uniform's location, -1 where the driver dropped it."""
        if name not in self._places:
            self._places[name] = gl.glGetUniformLocation(self.id, name.encode())
        return self._places[name]

    def use(self) -> None:
        """Draw with this program from now on."""
        gl.glUseProgram(self.id)

    def set(self, name: str, value: np.ndarray | float | int) -> None:
        """Set a uniform of the program in use: an int, a float, a vector [2..4] or vectors [N, 4]."""
        if isinstance(value, int):
            if (place := self._news(name, value)) >= 0:
                gl.glUniform1i(place, value)
        elif isinstance(value, float):
            if (place := self._news(name, value)) >= 0:
                gl.glUniform1f(place, value)
        elif (place := self._news(name, raw := np.asarray(value, np.float32).tobytes())) >= 0:
            if value.ndim == 2:
                gl.glUniform4fv(place, len(value), _floats(raw))
            else:
                (gl.glUniform1fv, gl.glUniform2fv, gl.glUniform3fv, gl.glUniform4fv)[value.size - 1](
                    place, 1, _floats(raw)
                )

    def set_turn(self, name: str, value: np.ndarray) -> None:
        """Set a matrix [3, 3] (rows first) of the program in use."""
        raw = np.asarray(value, np.float32).tobytes()
        if (place := self._news(name, raw)) >= 0:
            gl.glUniformMatrix3fv(place, 1, gl.GL_TRUE, _floats(raw))

    def set_matrix(self, name: str, value: np.ndarray) -> None:
        """Set a matrix [4, 4] (rows first, as numpy keeps it) of the program in use."""
        raw = np.asarray(value, np.float32).tobytes()
        if (place := self._news(name, raw)) >= 0:
            gl.glUniformMatrix4fv(place, 1, gl.GL_TRUE, _floats(raw))

    def _news(self, name: str, value: bytes | float) -> int:
        """Return a uniform's location, -1 where it has that value already: the driver forgets none."""
        place = self.place(name)
        if self._given.get(place) == value:
            return -1
        self._given[place] = value
        return place


class Buffer:
    """Vertex data on the GPU, one array after the other."""

    def __init__(self, data: np.ndarray | int, use: int = gl.GL_ARRAY_BUFFER):
        """Upload an array, or reserve that many bytes."""
        self.id, self.use = name_of(gl.glGenBuffers), use
        gl.glBindBuffer(use, self.id)
        if isinstance(data, int):
            gl.glBufferData(use, data, None, gl.GL_DYNAMIC_COPY)
        else:
            a = np.ascontiguousarray(data)
            gl.glBufferData(use, a.nbytes, pointer_to(a), gl.GL_STATIC_DRAW)

    def attribute(self, location: int, width: int, kind: np.dtype, stride: int = 0, offset: int = 0) -> None:
        """Feed an attribute: float32 as it is, uint8 as 0..1, uint16 as whole numbers."""
        gl.glBindBuffer(gl.GL_ARRAY_BUFFER, self.id)
        gl.glEnableVertexAttribArray(location)
        if kind == np.uint16:
            gl.glVertexAttribIPointer(location, width, gl.GL_UNSIGNED_SHORT, stride, offset)
        elif kind == np.uint8:
            gl.glVertexAttribPointer(location, width, gl.GL_UNSIGNED_BYTE, True, stride, offset)
        else:
            gl.glVertexAttribPointer(location, width, gl.GL_FLOAT, False, stride, offset)

    def catch(self) -> None:
        """Let transform feedback write points into it, until glEndTransformFeedback."""
        gl.glBindBufferBase(gl.GL_TRANSFORM_FEEDBACK_BUFFER, 0, self.id)
        gl.glBeginTransformFeedback(gl.GL_POINTS)

    def close(self) -> None:
        """Give the memory back."""
        gl.glDeleteBuffers(1, ctypes.byref(gl.GLuint(self.id)))


class Vertices:
    """A vertex array: attributes by location, and indices."""

    def __init__(
        self,
        attributes: Mapping[int, np.ndarray],
        indices: np.ndarray | None = None,
        mode: int = gl.GL_TRIANGLES,
        bent: Buffer | None = None,
        length: int | None = None,
    ):
        """Upload.

        Args:
            attributes: location to array [V, n]; see `Buffer.attribute`.
            indices: whole numbers [I], or None for all vertices in order.
            mode: what the vertices make.
            bent: where attributes 0 and 1 come from instead: position and normal of each vertex in turn.
            length: vertices, where no attribute tells.
        """
        self.id, self.mode = name_of(gl.glGenVertexArrays), mode
        gl.glBindVertexArray(self.id)
        self._buffers = []
        for location, array in attributes.items():
            buffer = Buffer(array)
            buffer.attribute(location, array.shape[1], array.dtype)
            self._buffers.append(buffer)
        if bent is not None:
            bent.attribute(0, 3, np.dtype(np.float32), 24, 0)
            bent.attribute(1, 3, np.dtype(np.float32), 24, 12)
        length = length if length is not None else len(next(iter(attributes.values())))
        self.indexed, self._short = indices is not None, length <= 65536
        if indices is not None:
            kind = np.uint16 if self._short else np.uint32
            self._buffers.append(Buffer(np.asarray(indices).astype(kind), gl.GL_ELEMENT_ARRAY_BUFFER))
        self.count = length if indices is None else len(indices)
        gl.glBindVertexArray(0)

    def draw(self, first: int = 0, count: int | None = None) -> None:
        """Draw all of it (or `count` from `first`) with the program in use."""
        gl.glBindVertexArray(self.id)
        count = self.count - first if count is None else count
        if self.indexed and self._short:
            gl.glDrawElements(self.mode, count, gl.GL_UNSIGNED_SHORT, 2 * first)
        elif self.indexed:
            gl.glDrawElements(self.mode, count, gl.GL_UNSIGNED_INT, 4 * first)
        else:
            gl.glDrawArrays(self.mode, first, count)

    def close(self) -> None:
        """Give the memory back."""
        gl.glDeleteVertexArrays(1, ctypes.byref(gl.GLuint(self.id)))
        for buffer in self._buffers:
            buffer.close()


class Picture:
    """A texture: one picture, or several of one size as layers."""

    def __init__(self, pixels: np.ndarray, wrap: int = gl.GL_REPEAT, mipmaps: bool = True, smooth: bool = False):
        """Upload uint8 [h, w, 3 or 4], or layers [n, h, w, 3 or 4]; row 0 is at v = 0.

        Without `smooth` only the nearest mipmap is read: half the texels, which is what software drivers pay for.
        Level surfaces need both, or a line shows where one mipmap follows another.
        """
        self.id = name_of(gl.glGenTextures)
        self.target = gl.GL_TEXTURE_2D if pixels.ndim == 3 else gl.GL_TEXTURE_2D_ARRAY
        a = np.ascontiguousarray(pixels, np.uint8)
        kind, inner = (gl.GL_RGBA, gl.GL_RGBA8) if a.shape[-1] == 4 else (gl.GL_RGB, gl.GL_RGB8)
        gl.glActiveTexture(gl.GL_TEXTURE0)
        gl.glBindTexture(self.target, self.id)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        height, width = a.shape[-3:-1]
        if a.ndim == 3:
            gl.glTexImage2D(self.target, 0, inner, width, height, 0, kind, gl.GL_UNSIGNED_BYTE, pointer_to(a))
        else:
            gl.glTexImage3D(self.target, 0, inner, width, height, len(a), 0, kind, gl.GL_UNSIGNED_BYTE, pointer_to(a))
        between = gl.GL_LINEAR_MIPMAP_LINEAR if smooth else gl.GL_LINEAR_MIPMAP_NEAREST
        small = between if mipmaps else gl.GL_LINEAR
        for key, value in (
            (gl.GL_TEXTURE_MIN_FILTER, small),
            (gl.GL_TEXTURE_MAG_FILTER, gl.GL_LINEAR),
            (gl.GL_TEXTURE_WRAP_S, wrap),
            (gl.GL_TEXTURE_WRAP_T, wrap),
        ):
            gl.glTexParameteri(self.target, key, value)
        if mipmaps:
            gl.glGenerateMipmap(self.target)

    def bind(self, unit: int) -> None:
        """Let the sampler of that number read it."""
        gl.glActiveTexture(gl.GL_TEXTURE0 + unit)
        gl.glBindTexture(self.target, self.id)

    def close(self) -> None:
        """Give the memory back."""
        gl.glDeleteTextures(1, ctypes.byref(gl.GLuint(self.id)))


class Block:
    """A uniform block of a fixed number of floats, bound to one slot."""

    def __init__(self, slot: int, floats: int):
        """Reserve the memory."""
        self.id, self.slot = name_of(gl.glGenBuffers), slot
        gl.glBindBuffer(gl.GL_UNIFORM_BUFFER, self.id)
        gl.glBufferData(gl.GL_UNIFORM_BUFFER, floats * 4, None, gl.GL_DYNAMIC_DRAW)

    def write(self, values: np.ndarray) -> None:
        """Fill it from the start with float32 values and bind it."""
        a = np.ascontiguousarray(values, np.float32)
        gl.glBindBuffer(gl.GL_UNIFORM_BUFFER, self.id)
        gl.glBufferSubData(gl.GL_UNIFORM_BUFFER, 0, a.nbytes, pointer_to(a))
        self.bind()

    def bind(self) -> None:
        """Let the programs read it."""
        gl.glBindBufferBase(gl.GL_UNIFORM_BUFFER, self.slot, self.id)

    def close(self) -> None:
        """Give the memory back."""
        gl.glDeleteBuffers(1, ctypes.byref(gl.GLuint(self.id)))


class Target:
    """A picture to draw into, with depth and optional multisampling."""

    def __init__(self, size: tuple[int, int], samples: int = 0):
        """Reserve colour and depth of that size in pixels.

        Raises:
            RenderError: the driver cannot draw into such a picture.
        """
        self.size, self.samples = size, samples
        self._made: list[tuple[int, list[int]]] = []
        self.inner = self._frame(samples, depth=True)
        self.outer = self._frame(0, depth=False) if samples > 1 else self.inner
        self._pixels = np.empty(size[1] * size[0] * 4, np.uint8)

    def _frame(self, samples: int, depth: bool) -> int:
        frame = name_of(gl.glGenFramebuffers)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, frame)
        stores = []
        wanted = [(gl.GL_COLOR_ATTACHMENT0, gl.GL_RGBA8)] + [(gl.GL_DEPTH_ATTACHMENT, gl.GL_DEPTH_COMPONENT24)] * depth
        for attachment, kind in wanted:
            store = name_of(gl.glGenRenderbuffers)
            gl.glBindRenderbuffer(gl.GL_RENDERBUFFER, store)
            if samples > 1:
                gl.glRenderbufferStorageMultisample(gl.GL_RENDERBUFFER, samples, kind, *self.size)
            else:
                gl.glRenderbufferStorage(gl.GL_RENDERBUFFER, kind, *self.size)
            gl.glFramebufferRenderbuffer(gl.GL_FRAMEBUFFER, attachment, gl.GL_RENDERBUFFER, store)
            stores.append(store)
        if gl.glCheckFramebufferStatus(gl.GL_FRAMEBUFFER) != gl.GL_FRAMEBUFFER_COMPLETE:
            width, height = self.size
            raise RenderError(f"the driver cannot draw {width}x{height} with {samples} samples; ask for less")
        self._made.append((frame, stores))
        return frame

    def bind(self) -> None:
        """Draw into it from now on."""
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self.inner)
        gl.glViewport(0, 0, *self.size)

    def bind_outer(self) -> None:
        """Draw over the finished picture from now on."""
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self.outer)
        gl.glViewport(0, 0, *self.size)

    def blit(self, frame: int, size: tuple[int, int], source: int | None = None) -> None:
        """Copy the colours into another frame buffer (0: the window), stretched to its size in pixels."""
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, self.inner if source is None else source)
        gl.glBindFramebuffer(gl.GL_DRAW_FRAMEBUFFER, frame)
        kind = gl.GL_NEAREST if size == self.size else gl.GL_LINEAR
        gl.glBlitFramebuffer(0, 0, *self.size, 0, 0, *size, gl.GL_COLOR_BUFFER_BIT, kind)

    def resolve(self) -> None:
        """Average the samples, where there are several."""
        if self.outer != self.inner:
            self.blit(self.outer, self.size)

    def read(self) -> np.ndarray:
        """Return the picture uint8 [h, w, 3], row 0 at the top."""
        return np.ascontiguousarray(self.pixels(3)[::-1])

    def pixels(self, channels: int) -> np.ndarray:
        """Return the picture as the driver has it: uint8 [h, w, 3 or 4], row 0 below; valid until it is read again."""
        width, height = self.size
        pixels = self._pixels[: height * width * channels].reshape(height, width, channels)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self.outer)
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        kind = gl.GL_RGB if channels == 3 else gl.GL_RGBA
        gl.glReadPixels(0, 0, width, height, kind, gl.GL_UNSIGNED_BYTE, pointer_to(pixels))
        return pixels

    def close(self) -> None:
        """Give the memory back."""
        for frame, stores in self._made:
            gl.glDeleteFramebuffers(1, ctypes.byref(gl.GLuint(frame)))
            for store in stores:
                gl.glDeleteRenderbuffers(1, ctypes.byref(gl.GLuint(store)))
