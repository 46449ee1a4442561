"""The OpenGL renderer: headless through EGL or in a window, one path for both. See shaders.py for the light."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from hephaestus.glb.asset import Asset
from hephaestus.render.bodyshape import SHADOW_RADIUS, BodyShape, shadow_cell, shape_body
from hephaestus.render.camera import Camera, planes
from hephaestus.render.context import open_context
from hephaestus.render.scene import RenderError, Shot, Stage
from hephaestus.render.sky import tone

SKIN_OFFSET = 1.6
"""Texels of the shadow map that a lookup is moved off the surface, against stripes."""


class GlRenderer:
    """Draws a stage with OpenGL 3.3: GPU skinning, textures, sun with shadows, fog, sky, torches.

    Attributes:
        name: "gl: " and the driver's name.
        size: width and height in pixels.
        shown: what the picture shows that was rendered last; None before the first.
    """

    def __init__(
        self,
        size: tuple[int, int] = (640, 480),
        shadows: bool = True,
        samples: int = 4,
        shadow_pixels: int = 1024,
        window: Any = None,
    ):
        """Open the driver.

        Args:
            size: width and height in pixels.
            shadows: whether the sun throws shadows.
            samples: samples a pixel (0 or 1: none; edges are stepped).
            shadow_pixels: edge of the shadow map.
            window: a pyglet window to draw for, or None for a hidden context.

        Raises:
            RenderError: the driver cannot do it.
        """
        self.window = open_context(window)
        from pyglet import gl
        from pyglet.gl import gl_info

        from hephaestus.render.gpu import Block, Target
        from hephaestus.render.layer import Layer
        from hephaestus.render.linepainter import LinePainter
        from hephaestus.render.programs import Programs

        self.name = f"gl: {gl_info.get_renderer()}"
        self.size = (int(size[0]), int(size[1]))
        self._gl, self._samples = gl, samples
        self._own = window is None
        self._target = Target(self.size, samples)
        self._frame = Block(0, 56)
        self._programs = Programs()
        self._layer = Layer()
        self._lines = LinePainter(self._programs)
        self._shadows, self._shadow_pixels = shadows, shadow_pixels
        self._shadow: Any = None
        self._solids: Any = None
        self._painter: Any = None
        self._bodies: dict[str, Any] = {}
        self.stage = Stage()
        self.shown: Shot | None = None

    def load(
        self,
        stage: Stage,
        shapes: Mapping[str, BodyShape] | None = None,
        pictures: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Upload a stage; what was loaded before is given back.

        Args:
            stage: what is to be drawn.
            shapes: of its bodies by key, those that were worked out already.
            pictures: of the stage, where they were painted already by `hephaestus.render.backdrop.paint`.
        """
        from hephaestus.render.bodypainter import BodyPainter
        from hephaestus.render.shadow import ShadowMap
        from hephaestus.render.stagepainter import StagePainter

        self.window.switch_to()
        self._unload()
        self.stage = stage
        if self._shadows:
            self._shadow = ShadowMap(self._shadow_pixels, SHADOW_RADIUS, stage.sky.to_sun)
        self._solids = StagePainter(stage, self._programs, self._shadows, self._samples > 1, pictures)
        self._painter = BodyPainter(self._programs, self._solids, self._shadow, self._samples)
        for key, asset in stage.bodies.items():
            self.set_body(key, asset, None if shapes is None else shapes.get(key))

    def set_body(self, key: str, asset: Asset, shape: BodyShape | None = None) -> None:
        """Give a key a body; the one that had it is given back.

        Args:
            key: whose it is.
            asset: the body.
            shape: of that body, where it was worked out already, as by another process.

        Raises:
            RenderError: it cannot be drawn; the key keeps what it has.
        """
        from hephaestus.render.bodyparts import BodyParts

        self.window.switch_to()
        body = BodyParts(shape or shape_body(asset, shadow_cell(self._samples, self._shadow_pixels)))
        if key in self._bodies:
            self._bodies[key].close()
        self._bodies[key] = body
        self.stage.bodies[key] = asset

    def resize(self, size: tuple[int, int]) -> None:
        """Draw pictures of another size from now on; width and height in pixels, at least 1.

        Raises:
            RenderError: the driver cannot draw so large a picture; the size stays as it was.
        """
        from hephaestus.render.gpu import Target

        size = (max(1, int(size[0])), max(1, int(size[1])))
        if size == self.size:
            return
        self.window.switch_to()
        target = Target(size, self._samples)
        self._target.close()
        self._target, self.size = target, size

    def draw(self, shot: Shot) -> np.ndarray:
        """Draw one picture; see `hephaestus.render.scene.Renderer.draw`.

        Raises:
            RenderError: a placement's key is unknown.
        """
        self.render(shot)
        return self._target.read()

    def draw_all(self, shots: Iterable[Shot]) -> Iterator[np.ndarray]:
        """Draw many pictures, one after the other; see `hephaestus.render.scene.Renderer.draw_all`."""
        for shot in shots:
            yield self.draw(shot)

    def pixels(self, channels: int) -> np.ndarray:
        """Return what was rendered last: uint8 [h, w, 3 or 4], row 0 below; valid until the next picture is read."""
        return self._target.pixels(channels)

    def render(self, shot: Shot) -> None:
        """Draw into the renderer's own picture without reading it; `present` shows it.

        Raises:
            RenderError: a placement's key is unknown.
        """
        from hephaestus.render.bodyparts import Placed, within

        self.window.switch_to()
        gl = self._gl
        self.shown, camera, lines = shot, shot.camera, shot.lines
        placed = [Placed(self._body(key), world, camera.eye) for key, world in shot.placements.items()]
        placed = [p for p in placed if np.isfinite(p.low).all() and np.isfinite(p.high).all()]
        if self._solids is None:
            self.load(self.stage)
        self._programs.forget()
        self._begin()
        matrix = camera.matrix(self.size[0] / self.size[1])
        six = planes(matrix)
        visible = sorted(within(placed, six), key=lambda p: p.away)
        self._painter.shade(camera, placed, visible)
        self._write_frame(camera, matrix, shot.time)
        self._target.bind()
        gl.glClearColor(*self._horizon(), 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT | gl.GL_DEPTH_BUFFER_BIT)
        if self._shadow is not None:
            self._shadow.bind(2)
        self._solids.draw_solids(camera, six)
        # A software driver begins to fill pixels when it is flushed: it does so while bodies are bent.
        gl.glFlush()
        self._painter.bend(camera, self.size[1], visible)
        self._painter.draw(camera, self.size[1], visible, blend=False)
        self._painter.draw(camera, self.size[1], visible[::-1], blend=True)
        self._solids.draw_flames()
        if lines is not None and len(lines.points):
            self._lines.draw(lines)
        self._target.resolve()
        if shot.overlay is not None:
            self._target.bind_outer()
            self._layer.draw(self._programs.use("layer"), shot.overlay)

    def present(self, width: int | None = None) -> None:
        """Copy the picture to the window, stretched to its size, or to so many pixels of its width from the left."""
        whole, height = self.window.get_framebuffer_size()
        self._target.blit(0, (whole if width is None else width, height), self._target.outer)
        self._gl.glBindFramebuffer(self._gl.GL_FRAMEBUFFER, 0)
        self._gl.glViewport(0, 0, *self.window.get_framebuffer_size())

    def _body(self, key: str) -> Any:
        if key not in self._bodies:
            raise RenderError(f"no body is loaded for {key!r}; loaded are: {', '.join(self._bodies) or 'none'}")
        return self._bodies[key]

    def _begin(self) -> None:
        """Set what others may have changed: a window's own drawing, or a library's."""
        gl = self._gl
        for switch in (gl.GL_DEPTH_TEST, gl.GL_CULL_FACE):
            gl.glEnable(switch)
        for switch in (gl.GL_BLEND, gl.GL_SCISSOR_TEST, gl.GL_STENCIL_TEST, gl.GL_FRAMEBUFFER_SRGB):
            gl.glDisable(switch)
        gl.glColorMask(True, True, True, True)
        gl.glDepthMask(gl.GL_TRUE)
        gl.glDepthFunc(gl.GL_LEQUAL)
        gl.glFrontFace(gl.GL_CCW)
        gl.glCullFace(gl.GL_BACK)
        gl.glPolygonMode(gl.GL_FRONT_AND_BACK, gl.GL_FILL)
        gl.glVertexAttrib4f(3, 1.0, 1.0, 1.0, 1.0)

    def _horizon(self) -> tuple[float, ...]:
        seen_as = np.sqrt(np.clip(tone(np.array(self.stage.sky.horizon)), 0, 1))
        return tuple(float(c) for c in seen_as)

    def _write_frame(self, camera: Camera, matrix: np.ndarray, time: float) -> None:
        sky, shadow = self.stage.sky, self._shadow
        values = np.zeros(56, np.float32)
        values[:16] = matrix.T.ravel()
        values[16:32] = (shadow.lookup if shadow is not None else np.eye(4)).T.ravel()
        values[32:36] = (*camera.eye, time)
        values[36:40] = (*sky.to_sun, shadow.texel * SKIN_OFFSET if shadow is not None else 0.0)
        values[40:43], values[44:47], values[48:51] = sky.sun_color, sky.ambient, sky.bounce
        values[52:56] = (*self._horizon(), sky.fog / 4)
        self._frame.write(values)

    def _unload(self) -> None:
        for thing in (*self._bodies.values(), self._solids, self._shadow):
            if thing is not None:
                thing.close()
        self._bodies.clear()
        self._shadow = self._solids = self._painter = None

    def close(self) -> None:
        """Give the driver's memory back; a window that was given stays open. Closing twice is allowed."""
        if self.window is None:
            return
        self.window.switch_to()
        self._unload()
        for thing in (self._programs, self._target, self._frame, self._layer, self._lines):
            thing.close()
        if self._own:
            self.window.close()
        self.window = None
