"""The sun's shadow map. Solids that stand still are drawn once; each frame only bodies are added, and wiped after."""

from __future__ import annotations

import ctypes

import numpy as np
from pyglet import gl

from hephaestus.render.camera import look_at, orthographic

DEPTH = 60.0
"""m before and behind the middle that throw and take shadows."""
TO_UNIT = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1]], np.float32)
"""Carries clip space -1..1 to 0..1."""
_CORNERS = np.indices((2, 2, 2)).reshape(3, 8).T.astype(bool)


class ShadowMap:
    """Depth seen from the sun over a square that follows the camera in steps."""

    def __init__(self, pixels: int, radius: float, to_sun: np.ndarray):
        """Reserve two depth pictures: of what stands still, and of everything.

        Args:
            pixels: edge of the map.
            radius: m, half the edge of what it covers.
            to_sun: [3], unit vector towards the sun.
        """
        self.pixels, self.radius, self.step = pixels, radius, radius / 3
        self.turn = look_at(np.zeros(3), -to_sun)
        self.matrix = np.eye(4, dtype=np.float32)
        self._center: tuple[int, ...] | None = None
        self._dirty: list[tuple[int, int, int, int]] = []
        self._textures = (gl.GLuint * 2)()
        self._frames = (gl.GLuint * 2)()
        gl.glGenTextures(2, self._textures)
        gl.glGenFramebuffers(2, self._frames)
        for texture, frame in zip(self._textures, self._frames, strict=True):
            self._reserve(texture, frame)

    def _reserve(self, texture: int, frame: int) -> None:
        t = gl.GL_TEXTURE_2D
        gl.glBindTexture(t, texture)
        gl.glTexImage2D(
            t, 0, gl.GL_DEPTH_COMPONENT24, self.pixels, self.pixels, 0, gl.GL_DEPTH_COMPONENT, gl.GL_UNSIGNED_INT, None
        )
        for key in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
            gl.glTexParameteri(t, key, gl.GL_LINEAR)
        for key in (gl.GL_TEXTURE_WRAP_S, gl.GL_TEXTURE_WRAP_T):
            gl.glTexParameteri(t, key, gl.GL_CLAMP_TO_BORDER)
        gl.glTexParameterfv(t, gl.GL_TEXTURE_BORDER_COLOR, (gl.GLfloat * 4)(1, 1, 1, 1))
        gl.glTexParameteri(t, gl.GL_TEXTURE_COMPARE_MODE, gl.GL_COMPARE_REF_TO_TEXTURE)
        gl.glTexParameteri(t, gl.GL_TEXTURE_COMPARE_FUNC, gl.GL_LEQUAL)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, frame)
        gl.glFramebufferTexture2D(gl.GL_FRAMEBUFFER, gl.GL_DEPTH_ATTACHMENT, t, texture, 0)
        gl.glDrawBuffer(gl.GL_NONE)
        gl.glReadBuffer(gl.GL_NONE)

    @property
    def texel(self) -> float:
        """Metres that one pixel of the map covers."""
        return 2 * self.radius / self.pixels

    @property
    def lookup(self) -> np.ndarray:
        """[4, 4]: carries motion points to the map, 0..1."""
        return TO_UNIT @ self.matrix

    def aim(self, focus: np.ndarray) -> bool:
        """Cover the surroundings of a point [3]; returns whether what stands still must be drawn anew.

        The square moves in large steps of whole pixels, so that shadows neither crawl nor cost anything in between, and
        are the same whatever was drawn before.
        """
        place = self.turn[:3, :3] @ np.asarray(focus, np.float32)
        center = tuple(round(float(c) / step) for c, step in zip(place, (self.step, self.step, DEPTH / 4), strict=True))
        if center == self._center:
            return False
        self._center = center
        x, y = (round(c * self.step / self.texel) * self.texel for c in center[:2])
        z, r = center[2] * DEPTH / 4, self.radius
        self.matrix = orthographic(x - r, x + r, y - r, y + r, -z - DEPTH, -z + DEPTH) @ self.turn
        return True

    def begin_still(self) -> None:
        """Draw what stands still from now on."""
        self._start(self._frames[0])
        gl.glClear(gl.GL_DEPTH_BUFFER_BIT)

    def begin_moving(self, boxes: np.ndarray, fresh: bool) -> None:
        """Draw bodies from now on.

        Args:
            boxes: [N, 2, 3] m, lowest and highest corner of each body.
            fresh: whether what stands still has just been drawn anew.
        """
        whole = (0, 0, self.pixels, self.pixels)
        for x, y, w, h in [whole] if fresh else self._dirty:
            gl.glCopyImageSubData(
                self._textures[0], gl.GL_TEXTURE_2D, 0, x, y, 0,
                self._textures[1], gl.GL_TEXTURE_2D, 0, x, y, 0, w, h, 1,
            )  # fmt: skip
        self._dirty = self._rectangles(boxes)
        self._start(self._frames[1])

    def _rectangles(self, boxes: np.ndarray) -> list[tuple[int, int, int, int]]:
        """Left, bottom, width and height of what boxes may darken, in pixels of the map."""
        corners = np.where(_CORNERS, boxes[:, 1:], boxes[:, :1])
        lookup = self.lookup
        flat = (corners @ lookup[:2, :3].T + lookup[:2, 3]) * self.pixels
        low = np.clip(np.floor(flat.min(1)) - 1, 0, self.pixels).astype(int)
        high = np.clip(np.ceil(flat.max(1)) + 1, 0, self.pixels).astype(int)
        return [(x, y, w, h) for x, y, w, h in np.hstack([low, high - low]).tolist() if w > 0 and h > 0]

    def _start(self, frame: int) -> None:
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, frame)
        gl.glViewport(0, 0, self.pixels, self.pixels)

    def bind(self, unit: int) -> None:
        """Let the sampler of that number read it."""
        gl.glActiveTexture(gl.GL_TEXTURE0 + unit)
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._textures[1])

    def close(self) -> None:
        """Give the memory back."""
        gl.glDeleteFramebuffers(2, ctypes.cast(self._frames, ctypes.POINTER(gl.GLuint)))
        gl.glDeleteTextures(2, ctypes.cast(self._textures, ctypes.POINTER(gl.GLuint)))
