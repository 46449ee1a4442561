"""The OpenGL renderer: headless through EGL or in a window, one path for both. See shaders.py for the light."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hephaestus.glb.asset import Asset
from hephaestus.render.camera import Camera, planes, seen
from hephaestus.render.context import open_context
from hephaestus.render.scene import Lines, RenderError, Stage
from hephaestus.render.sky import tone

SHADOW_RADIUS = 22.0
"""m round the camera's aim that throw shadows."""
SKIN_OFFSET = 1.6
"""Texels of the shadow map that a lookup is moved off the surface, against stripes."""
LEVEL_PIXELS = 1.8
"""A coarser level of a body is drawn where its cells are no wider than that."""
DENSE_PIXELS = 7.0
"""A body is lit at its vertices where its edges are no longer than that."""
SHADOW_TEXELS = 0.9
"""A coarser level throws the shadow where its cells are no wider than that many pixels of the shadow map."""
_NONE: frozenset[str] = frozenset()


class GlRenderer:
    """Draws a stage with OpenGL 3.3: GPU skinning, textures, sun with shadows, fog, sky, torches.

    Attributes:
        name: "gl: " and the driver's name.
        size: width and height in pixels.
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
        from hephaestus.render.programs import Programs

        self.name = f"gl: {gl_info.get_renderer()}"
        self.size = (int(size[0]), int(size[1]))
        self._gl, self._samples = gl, samples
        self._own = window is None
        self._target = Target(self.size, samples)
        self._frame = Block(0, 56)
        self._programs = Programs()
        self._layer = Layer()
        self._shadows, self._shadow_pixels = shadows, shadow_pixels
        self._shadow: Any = None
        self._clear()

    def _clear(self) -> None:
        self.stage = Stage()
        self._static: list[Any] = []
        self._ground: list[Any] = []
        self._bodies: dict[str, Any] = {}
        self._pictures: dict[str, Any] = {}
        self._sky: Any = None
        self._flames: tuple[Any, Any] = (None, None)

    def load(self, stage: Stage) -> None:
        """Upload a stage; what was loaded before is given back."""
        from hephaestus.render import parts
        from hephaestus.render.gpu import Picture, Vertices
        from hephaestus.render.ground import detail, mirrored, plan
        from hephaestus.render.shadow import ShadowMap
        from hephaestus.render.sky import dome, panorama
        from hephaestus.render.texture import square

        self.window.switch_to()
        self._unload()
        gl, self.stage = self._gl, stage
        directions, uvs, indices = dome()
        self._sky = Vertices({0: directions, 2: uvs}, indices)
        self._pictures["sky"] = Picture(panorama(stage.sky), gl.GL_CLAMP_TO_EDGE, mipmaps=False)
        if stage.ground is not None:
            self._ground = parts.ground_parts(stage, stage.ground)
            self._pictures["ground"] = Picture(detail(stage.ground), smooth=True)
            self._pictures["plan"] = Picture(mirrored(plan(stage.ground, stage.footprints)), mipmaps=False)
        self._static = parts.static_parts(stage)
        if self._static:
            self._pictures["layers"] = Picture(np.stack([square(name) for name in parts.layers(stage)]))
        self._flames = (parts.flames(stage, halo=True), parts.flames(stage, halo=False))
        if self._shadows:
            self._shadow = ShadowMap(self._shadow_pixels, SHADOW_RADIUS, stage.sky.to_sun)
        for key, asset in stage.bodies.items():
            self.set_body(key, asset)
        self._corners = [np.stack(c) for c in zip(*((p.low, p.high) for p in self._static), strict=True)]

    def set_body(self, key: str, asset: Asset) -> None:
        """Give a key a body; one that had it is given back."""
        from hephaestus.render.bodyparts import BodyParts

        self.window.switch_to()
        body = BodyParts(asset, SHADOW_TEXELS * 2 * SHADOW_RADIUS / self._shadow_pixels)
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

    def draw(
        self,
        camera: Camera,
        placements: Mapping[str, np.ndarray],
        overlay: np.ndarray | None = None,
        *,
        lines: Lines | None = None,
        time: float = 0.0,
    ) -> np.ndarray:
        """Draw one picture; see `hephaestus.render.scene.Renderer.draw`.

        Raises:
            RenderError: a placement's key is unknown.
        """
        self.render(camera, placements, overlay, lines=lines, time=time)
        return self._target.read()

    def render(
        self,
        camera: Camera,
        placements: Mapping[str, np.ndarray],
        overlay: np.ndarray | None = None,
        *,
        lines: Lines | None = None,
        time: float = 0.0,
    ) -> None:
        """Draw into the renderer's own picture without reading it; `present` shows it. Arguments as of `draw`.

        Raises:
            RenderError: a placement's key is unknown.
        """
        from hephaestus.render.bodyparts import Placed

        self.window.switch_to()
        gl = self._gl
        placed = [Placed(self._body(key), world) for key, world in placements.items()]
        placed = [p for p in placed if np.isfinite(p.low).all() and np.isfinite(p.high).all()]
        self._programs.forget()
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthMask(gl.GL_TRUE)
        gl.glEnable(gl.GL_CULL_FACE)
        gl.glFrontFace(gl.GL_CCW)
        gl.glDepthFunc(gl.GL_LEQUAL)
        gl.glDisable(gl.GL_BLEND)
        gl.glDisable(gl.GL_SCISSOR_TEST)
        matrix = camera.matrix(self.size[0] / self.size[1])
        six = planes(matrix)
        if placed:
            shown = seen(np.stack([p.low for p in placed]), np.stack([p.high for p in placed]), six)
        visible = sorted((p for k, p in enumerate(placed) if shown[k]), key=lambda p: p.gap(camera.eye))
        gl.glVertexAttrib4f(3, 1.0, 1.0, 1.0, 1.0)
        self._shade(camera, placed, visible)
        self._write_frame(camera, matrix, time)
        self._target.bind()
        gl.glClearColor(*self._horizon(), 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT | gl.GL_DEPTH_BUFFER_BIT)
        if self._shadow is not None:
            self._shadow.bind(2)
        self._draw_static(camera, six)
        self._draw_ground(six)
        self._draw_sky()
        # A software driver begins to fill pixels when it is flushed: it does so while bodies are bent.
        gl.glFlush()
        self._bend([part for p in visible for part in p.skinned(True)])
        self._draw_bodies(camera, visible, blend=False)
        self._draw_bodies(camera, visible[::-1], blend=True)
        self._draw_flames()
        if lines is not None and len(lines.points):
            self._draw_lines(lines)
        self._target.resolve()
        if overlay is not None:
            self._target.bind_outer()
            self._layer.draw(self._programs.use("layer"), overlay)

    def present(self) -> None:
        """Copy the picture to the window, stretched to its size."""
        self._target.blit(0, self.window.get_framebuffer_size(), self._target.outer)
        self._gl.glBindFramebuffer(self._gl.GL_FRAMEBUFFER, 0)
        self._gl.glViewport(0, 0, *self.window.get_framebuffer_size())

    def _body(self, key: str) -> Any:
        if key not in self._bodies:
            raise RenderError(f"no body is loaded for {key!r}; loaded are: {', '.join(self._bodies) or 'none'}")
        return self._bodies[key]

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

    def _shade(self, camera: Camera, placed: list[Any], visible: list[Any]) -> None:
        """Take over where bodies are, bend those that throw their own shadow, and draw the shadow map."""
        for p in placed:
            p.body.move(p.matrices)
        shadow = self._shadow
        if shadow is None:
            self._bend([part for p in visible for part in p.skinned(False)])
            return
        ahead = np.asarray(camera.target, float) - camera.eye
        ahead[1] = 0.0
        ahead *= min(1.0, 14.0 / max(float(np.linalg.norm(ahead)), 1e-6))
        focus = np.asarray(camera.eye, float) + ahead
        focus[1] = 0.0
        fresh = shadow.aim(focus)
        six = planes(shadow.matrix)
        casting = [p for p in placed if seen(p.low[None], p.high[None], six)[0]]
        self._bend([part for p in placed if p in casting or p in visible for part in p.skinned(False)])
        self._draw_shadows(casting, fresh)

    def _bend(self, parts: list[tuple[Any, Any]]) -> None:
        """Bend parts of bodies: (body, part)."""
        if not parts:
            return
        gl = self._gl
        gl.glEnable(gl.GL_RASTERIZER_DISCARD)
        program = self._programs.use("skin")
        for body, part in parts:
            body.bend(program, part)
        gl.glDisable(gl.GL_RASTERIZER_DISCARD)

    def _draw_shadows(self, casting: list[Any], fresh: bool) -> None:
        gl, shadow = self._gl, self._shadow
        gl.glEnable(gl.GL_POLYGON_OFFSET_FILL)
        gl.glPolygonOffset(1.5, 3.0)
        if fresh:
            shadow.begin_still()
            gl.glDisable(gl.GL_CULL_FACE)
            program = self._programs.use("depth")
            program.set_matrix("light", shadow.matrix)
            program.set_matrix("model", np.eye(4))
            for part in self._static:
                part.vertices.draw()
        shadow.begin_moving([(p.low, p.high) for p in casting], fresh)
        gl.glEnable(gl.GL_CULL_FACE)
        for p in casting:
            for part in p.body.parts:
                if part.blend:
                    continue
                outline = part.skinned.outline if part.skinned is not None else None
                defines = frozenset({"JOINTED"}) if outline is not None else part.defines & {"CUTOUT", "TEXTURED"}
                program = self._programs.use("depth", defines)
                program.set_matrix("light", shadow.matrix)
                if outline is None:
                    self._draw_part(program, p, part, SHADOW_TEXELS * shadow.texel / max(p.size, 1e-6))
                else:
                    p.body.blocks[part.skinned.skin].bind()
                    gl.glDisable(gl.GL_CULL_FACE)  # it is too rough to have a right side
                    outline.draw()
        gl.glEnable(gl.GL_CULL_FACE)
        gl.glFrontFace(gl.GL_CCW)
        gl.glDisable(gl.GL_POLYGON_OFFSET_FILL)

    def _draw_bodies(self, camera: Camera, visible: list[Any], blend: bool) -> None:
        from hephaestus.render.parts import reached

        gl = self._gl
        if blend:
            gl.glEnable(gl.GL_BLEND)
            gl.glBlendFunc(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA)
            gl.glDepthMask(gl.GL_FALSE)
        shadows = {"SHADOWS"} if self._shadow is not None else set()
        for p in visible:
            parts = [part for part in p.body.parts if part.blend == blend]
            torches = reached(self.stage, p.low, p.high) if parts else ()
            pixel = camera.pixel(p.gap(camera.eye), self.size[1]) / max(p.size, 1e-6)
            for part in parts:
                defines = part.defines | shadows | ({"TORCHES"} if torches else set())
                if part.edge <= DENSE_PIXELS * pixel and "UNLIT" not in defines:
                    defines |= {"DENSE"}
                if "UNLIT" in defines:
                    defines -= {"SHADOWS", "TORCHES"}
                program = self._programs.use("body", frozenset(defines))
                program.set("glow", part.glow)
                program.set("shine", part.shine)
                self._set_torches(program, torches)
                self._draw_part(program, p, part, LEVEL_PIXELS * pixel)
        gl.glDepthMask(gl.GL_TRUE)
        gl.glDisable(gl.GL_BLEND)
        gl.glEnable(gl.GL_CULL_FACE)
        gl.glFrontFace(gl.GL_CCW)

    def _draw_part(self, program: Any, p: Any, part: Any, cell: float) -> None:
        """Draw a part of a body as coarse as its cells (m at rest) may be, seen from outside also where it mirrors."""
        from hephaestus.render.bodyparts import turn_of

        gl, model = self._gl, p.model(part)
        program.set_matrix("model", model)
        program.set_turn("turn", turn_of(model))
        program.set("base", part.base)
        if part.picture is not None:
            part.picture.bind(0)
        self._face(p, part)
        part.draw(cell)

    def _face(self, p: Any, part: Any) -> None:
        """Leave out the triangles of a part that face away, if any."""
        gl = self._gl
        (gl.glDisable if "TWOSIDED" in part.defines else gl.glEnable)(gl.GL_CULL_FACE)
        gl.glFrontFace(gl.GL_CW if p.mirrored(part) else gl.GL_CCW)

    def _set_torches(self, program: Any, torches: tuple[int, ...]) -> None:
        if not torches:
            return
        near = [self.stage.torches[k] for k in torches]
        program.set("torches", len(near))
        program.set("torch_place", np.array([[*t.position, 1 / t.reach**2] for t in near], np.float32))
        program.set("torch_color", np.array([[*t.color, 0] for t in near], np.float32))

    def _stage_program(self, part: Any) -> Any:
        shadows = {"SHADOWS"} if self._shadow is not None else set()
        program = self._programs.use("stage", part.defines | shadows)
        self._set_torches(program, part.torches)
        return program

    def _draw_static(self, camera: Camera, six: np.ndarray) -> None:
        """Draw walls from near to far, so that few pixels are shaded twice."""
        if self._static:
            self._pictures["layers"].bind(3)
            low, high = self._corners
            gap = np.linalg.norm(np.maximum(np.maximum(low - camera.eye, camera.eye - high), 0), axis=1)
            visible = seen(low, high, six)
            for k in np.argsort(gap, kind="stable"):
                if visible[k]:
                    self._stage_program(self._static[k])
                    self._static[k].vertices.draw()

    def _draw_ground(self, six: np.ndarray) -> None:
        ground = self.stage.ground
        if ground is None:
            return
        self._pictures["ground"].bind(0)
        self._pictures["plan"].bind(1)
        for part in self._ground:
            if seen(part.low[None], part.high[None], six)[0]:
                # The plan's picture holds the square and its mirrored fellows: it is twice as wide.
                self._stage_program(part).set("scales", np.array([1 / ground.span, 0.5 / ground.extent]))
                part.vertices.draw()

    def _draw_sky(self) -> None:
        if self._sky is None:
            return
        gl = self._gl
        gl.glDisable(gl.GL_CULL_FACE)
        self._programs.use("sky")
        self._pictures["sky"].bind(0)
        self._sky.draw()
        gl.glEnable(gl.GL_CULL_FACE)

    def _draw_flames(self) -> None:
        halo, flame = self._flames
        if flame is None:
            return
        gl = self._gl
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_ONE, gl.GL_ONE)
        gl.glDepthMask(gl.GL_FALSE)
        gl.glDisable(gl.GL_CULL_FACE)
        program = self._programs.use("flame")
        # A flame's glow is lost in daylight.
        program.set("halo", float(0.42 * np.exp(-2.2 * max(self.stage.sky.ambient))))
        halo.draw()
        program.set("halo", 0.0)
        flame.draw()
        gl.glDepthMask(gl.GL_TRUE)
        gl.glDisable(gl.GL_BLEND)
        gl.glEnable(gl.GL_CULL_FACE)

    def _draw_lines(self, lines: Lines) -> None:
        from hephaestus.render.gpu import Vertices

        gl = self._gl
        if lines.through:
            gl.glDisable(gl.GL_DEPTH_TEST)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA)
        self._programs.use("line")
        points = np.asarray(lines.points, np.float32).reshape(-1, 3)
        colors = np.repeat(np.asarray(lines.colors, np.float32), 2, 0)
        vertices = Vertices({0: points, 3: colors}, mode=gl.GL_LINES)
        vertices.draw()
        vertices.close()
        gl.glDisable(gl.GL_BLEND)
        gl.glEnable(gl.GL_DEPTH_TEST)

    def _unload(self) -> None:
        things = [p.vertices for p in (*self._static, *self._ground)]
        things += [*self._bodies.values(), *self._pictures.values(), *self._flames, self._sky, self._shadow]
        for thing in things:
            if thing is not None:
                thing.close()
        self._shadow = None
        self._clear()

    def close(self) -> None:
        """Give the driver's memory back; a window that was given stays open. Closing twice is allowed."""
        if self.window is None:
            return
        self.window.switch_to()
        self._unload()
        for thing in (self._programs, self._target, self._frame, self._layer):
            thing.close()
        if self._own:
            self.window.close()
        self.window = None
