"""The OpenGL renderer: headless through EGL or in a window, one path for both. See shaders.py for the light."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hephaestus.glb.asset import Asset
from hephaestus.render import shaders
from hephaestus.render.camera import Camera, planes, seen
from hephaestus.render.context import open_context
from hephaestus.render.overlay import lay_over
from hephaestus.render.scene import Lines, RenderError, Stage

SHADOW_RADIUS = 22.0
"""m round the camera's aim that throw shadows."""
SKIN_OFFSET = 1.6
"""Texels of the shadow map that a lookup is moved off the surface, against stripes."""
IDENTITY = np.eye(4, dtype=np.float32)


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

        self.name = f"gl: {gl_info.get_renderer()}"
        self.size = (int(size[0]), int(size[1]))
        self._gl = gl
        self._target = Target(self.size, samples)
        self._frame = Block(0, 56)
        self._shadows, self._shadow_pixels = shadows, shadow_pixels
        self._programs: dict[tuple[str, frozenset[str]], Any] = {}
        self._current: Any = None
        self._shadow: Any = None
        self._clear()

    def _clear(self) -> None:
        self.stage = Stage()
        self._static: list[Any] = []
        self._ground: list[Any] = []
        self._bodies: dict[str, Any] = {}
        self._pictures: dict[str, Any] = {}
        self._loose: list[Any] = []
        self._sky: Any = None
        self._flames: tuple[Any, Any] = (None, None)

    def load(self, stage: Stage) -> None:
        """Upload a stage; what was loaded before is given back."""
        from hephaestus.render import parts
        from hephaestus.render.gpu import Picture, Vertices
        from hephaestus.render.ground import detail, plan
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
            self._pictures["plan"] = Picture(plan(stage.ground, stage.footprints), gl.GL_MIRRORED_REPEAT)
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
        """Give a key a body."""
        from hephaestus.render.parts import BodyParts

        self.window.switch_to()
        if key in self._bodies:
            self._bodies[key].close()
        self._bodies[key] = BodyParts(asset)

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
        self.render(camera, placements, lines=lines, time=time)
        self._target.resolve()
        picture = self._target.read()
        return picture if overlay is None else lay_over(picture, overlay)

    def render(
        self, camera: Camera, placements: Mapping[str, np.ndarray], *, lines: Lines | None = None, time: float = 0.0
    ) -> None:
        """Draw into the renderer's own picture without reading it; `present` shows it."""
        self.window.switch_to()
        gl = self._gl
        bodies = [(self._body(key), np.asarray(world, np.float32)) for key, world in placements.items()]
        boxes = [body.box(world) for body, world in bodies]
        self._current = None
        self._bend(bodies)
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glEnable(gl.GL_CULL_FACE)
        gl.glDepthFunc(gl.GL_LEQUAL)
        gl.glDisable(gl.GL_BLEND)
        if self._shadow is not None:
            self._draw_shadows(camera, bodies, boxes)
        matrix = camera.matrix(self.size[0] / self.size[1])
        self._write_frame(camera, matrix, time)
        self._target.bind()
        gl.glClearColor(*(float(c) ** 0.5 for c in self.stage.sky.horizon), 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT | gl.GL_DEPTH_BUFFER_BIT)
        if self._shadow is not None:
            self._shadow.bind(2)
        gl.glVertexAttrib4f(3, 1.0, 1.0, 1.0, 1.0)
        six = planes(matrix)
        shown = [bool(seen(low[None], high[None], six)[0]) for low, high in boxes]
        visible = [(b, w, box) for (b, w), box, s in zip(bodies, boxes, shown, strict=True) if s]
        self._draw_bodies(visible, blend=False)
        self._draw_static(camera, six)
        self._draw_ground(six)
        self._draw_sky()
        self._draw_bodies(visible, blend=True)
        self._draw_flames()
        if lines is not None and len(lines.points):
            self._draw_lines(lines)

    def present(self) -> None:
        """Copy the picture to the window, stretched to its size."""
        self._target.resolve()
        self._target.blit(0, self.window.get_framebuffer_size(), self._target.outer)
        self._gl.glBindFramebuffer(self._gl.GL_FRAMEBUFFER, 0)

    def _body(self, key: str) -> Any:
        if key not in self._bodies:
            raise RenderError(f"no body is loaded for {key!r}; loaded are: {', '.join(self._bodies) or 'none'}")
        return self._bodies[key]

    def _program(
        self, vertex: str, fragment: str, defines: frozenset[str] = frozenset(), outputs: tuple[str, ...] = ()
    ) -> Any:
        """Put a program to use; it is compiled when first wanted."""
        key = (vertex, defines)
        if key not in self._programs:
            from hephaestus.render.gpu import Program

            self._programs[key] = Program(shaders.source(vertex, defines), shaders.source(fragment, defines), outputs)
            self._programs[key].use()
            for sampler, unit in (("picture", 0), ("plan", 1), ("shadow", 2), ("layers", 3)):
                self._programs[key].set(sampler, unit)
        program = self._programs[key]
        if self._current is not program:
            program.use()
            self._current = program
        return program

    def _solid(self, defines: frozenset[str]) -> Any:
        extra = {"SHADOWS"} if self._shadow is not None else set()
        return self._program(shaders.SOLID_VERTEX, shaders.SOLID_FRAGMENT, defines | extra)

    def _write_frame(self, camera: Camera, matrix: np.ndarray, time: float) -> None:
        sky, shadow = self.stage.sky, self._shadow
        values = np.zeros(56, np.float32)
        values[:16] = matrix.T.ravel()
        values[16:32] = (shadow.lookup if shadow is not None else np.eye(4)).T.ravel()
        values[32:36] = (*camera.eye, time)
        values[36:40] = (*sky.to_sun, shadow.texel * SKIN_OFFSET if shadow is not None else 0.0)
        values[40:43], values[44:47], values[48:51] = sky.sun_color, sky.ambient, sky.bounce
        values[52:56] = (*sky.horizon, sky.fog * 1.4427)
        self._frame.write(values)

    def _draw_shadows(self, camera: Camera, bodies: list[Any], boxes: list[Any]) -> None:
        gl, shadow = self._gl, self._shadow
        ahead = np.asarray(camera.target, float) - camera.eye
        ahead[1] = 0.0
        ahead *= min(1.0, 14.0 / max(float(np.linalg.norm(ahead)), 1e-6))
        focus = np.asarray(camera.eye, float) + ahead
        focus[1] = 0.0
        fresh = shadow.aim(focus)
        gl.glEnable(gl.GL_POLYGON_OFFSET_FILL)
        gl.glPolygonOffset(1.5, 3.0)
        if fresh:
            shadow.begin_still()
            gl.glDisable(gl.GL_CULL_FACE)
            program = self._program(shaders.DEPTH_VERTEX, shaders.DEPTH_FRAGMENT)
            program.set_matrix("light", shadow.matrix)
            program.set_matrix("model", IDENTITY)
            for part in self._static:
                part.vertices.draw()
            gl.glEnable(gl.GL_CULL_FACE)
        shadow.begin_moving(boxes, fresh)
        six = planes(shadow.matrix)
        for (body, world), (low, high) in zip(bodies, boxes, strict=True):
            if seen(low[None], high[None], six)[0]:
                self._draw_body_depth(body, world)
        gl.glDisable(gl.GL_POLYGON_OFFSET_FILL)

    def _bend(self, bodies: list[Any]) -> None:
        gl = self._gl
        gl.glEnable(gl.GL_RASTERIZER_DISCARD)
        program = self._program(shaders.SKIN_VERTEX, shaders.DEPTH_FRAGMENT, outputs=shaders.SKIN_OUTPUTS)
        for body, world in bodies:
            body.bend(program, world)
        gl.glDisable(gl.GL_RASTERIZER_DISCARD)

    def _draw_body_depth(self, body: Any, world: np.ndarray) -> None:
        program = self._program(shaders.DEPTH_VERTEX, shaders.DEPTH_FRAGMENT)
        program.set_matrix("light", self._shadow.matrix)
        for part in body.parts:
            if not part.blend:
                program.set_matrix("model", IDENTITY if part.skinned is not None else world[part.node])
                part.vertices.draw()

    def _set_torches(self, program: Any, torches: tuple[int, ...]) -> None:
        if not torches:
            return
        near = [self.stage.torches[k] for k in torches]
        program.set("torches", len(near))
        program.set("torch_place", np.array([[*t.position, 1 / t.reach**2] for t in near], np.float32))
        program.set("torch_color", np.array([[*t.color, 0] for t in near], np.float32))

    def _draw_bodies(self, visible: list[Any], blend: bool) -> None:
        from hephaestus.render.parts import reached

        gl = self._gl
        if blend:
            gl.glEnable(gl.GL_BLEND)
            gl.glBlendFunc(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA)
        for body, world, (low, high) in visible:
            torches = reached(self.stage, low, high)
            for part in body.parts:
                if part.blend == blend:
                    self._draw_body_part(part, world, torches)
        gl.glDisable(gl.GL_BLEND)

    def _draw_body_part(self, part: Any, world: np.ndarray, torches: tuple[int, ...]) -> None:
        gl = self._gl
        program = self._solid(part.defines | ({"TORCHES"} if torches else set()))
        program.set("base", part.base)
        program.set("glow", part.glow)
        program.set("shine", part.shine)
        self._set_torches(program, torches)
        if part.picture is not None:
            part.picture.bind(0)
        program.set_matrix("model", IDENTITY if part.skinned is not None else world[part.node])
        if "TWOSIDED" in part.defines:
            gl.glDisable(gl.GL_CULL_FACE)
        part.vertices.draw()
        gl.glEnable(gl.GL_CULL_FACE)

    def _draw_static(self, camera: Camera, six: np.ndarray) -> None:
        """Draw walls from near to far, so that few pixels are shaded twice."""
        if self._static:
            self._pictures["layers"].bind(3)
            low, high = self._corners
            gap = np.linalg.norm(np.maximum(np.maximum(low - camera.eye, camera.eye - high), 0), axis=1)
            visible = seen(low, high, six)
            for k in np.argsort(gap, kind="stable"):
                if visible[k]:
                    part = self._static[k]
                    self._set_torches(self._solid(part.defines), part.torches)
                    part.vertices.draw()

    def _draw_ground(self, six: np.ndarray) -> None:
        ground = self.stage.ground
        if ground is None:
            return
        self._pictures["ground"].bind(0)
        self._pictures["plan"].bind(1)
        for part in self._ground:
            if seen(part.low[None], part.high[None], six)[0]:
                program = self._solid(part.defines)
                program.set("scales", np.array([1 / ground.span, 1 / ground.extent]))
                self._set_torches(program, part.torches)
                part.vertices.draw()

    def _draw_sky(self) -> None:
        if self._sky is None:
            return
        gl = self._gl
        gl.glDisable(gl.GL_CULL_FACE)
        self._program(shaders.SKY_VERTEX, shaders.SKY_FRAGMENT)
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
        program = self._program(shaders.FLAME_VERTEX, shaders.FLAME_FRAGMENT)
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
        self._program(shaders.LINE_VERTEX, shaders.LINE_FRAGMENT)
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
        """Give the driver's memory back; a window that was given stays open."""
        if self.window is None:
            return
        self.window.switch_to()
        self._unload()
        for program in self._programs.values():
            self._gl.glDeleteProgram(program.id)
        self._programs.clear()
        self._target.close()
        self._frame.close()
        self.window = None
