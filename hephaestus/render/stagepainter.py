"""Draws what stands still: walls, ground, sky, flames."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from pyglet import gl

from hephaestus.render import parts
from hephaestus.render.backdrop import paint
from hephaestus.render.camera import Camera, seen
from hephaestus.render.gpu import Picture, Program, Vertices
from hephaestus.render.programs import Programs
from hephaestus.render.scene import Stage
from hephaestus.render.sky import dome


class StagePainter:
    """A stage on the GPU, without its bodies."""

    def __init__(
        self,
        stage: Stage,
        programs: Programs,
        shadows: bool,
        smooth: bool = True,
        pictures: Mapping[str, np.ndarray] | None = None,
    ):
        """Upload.

        Args:
            stage: what is drawn.
            programs: of this context.
            shadows: whether the sun may be barred.
            smooth: whether the ground's grain fades without the faint lines that cost less.
            pictures: of the stage, where they were painted already by `hephaestus.render.backdrop.paint`.
        """
        self.stage, self._programs = stage, programs
        self._shadows = frozenset({"SHADOWS"} if shadows else set())
        painted = pictures or paint(stage)
        directions, uvs, indices = dome()
        self._sky = Vertices({0: directions, 2: uvs}, indices)
        self._pictures = {"sky": Picture(painted["sky"], gl.GL_CLAMP_TO_EDGE, mipmaps=False)}
        self._ground: list[parts.Part] = []
        if stage.ground is not None:
            self._ground = parts.ground_parts(stage, stage.ground)
            self._pictures["ground"] = Picture(painted["ground"], smooth=smooth)
            self._pictures["plan"] = Picture(painted["plan"], mipmaps=False)
        self._static = parts.static_parts(stage)
        if self._static:
            self._pictures["layers"] = Picture(painted["layers"])
        self._defines = {p.defines: p.defines | self._shadows for p in (*self._static, *self._ground)}
        self._low = np.array([p.low for p in self._static]).reshape(-1, 3)
        self._high = np.array([p.high for p in self._static]).reshape(-1, 3)
        self._lights: dict[tuple[int, ...], tuple[np.ndarray, np.ndarray]] = {}
        self._halo, self._flame = parts.flames(stage, halo=True), parts.flames(stage, halo=False)

    def draw_solids(self, camera: Camera, six: np.ndarray) -> None:
        """Draw walls from near to far, then ground and sky, so that few pixels are shaded twice.

        Args:
            camera: where from.
            six: [6, 4], the planes that bound what is seen.
        """
        self._draw_static(camera, six)
        self._draw_ground(six)
        self._draw_sky()

    def draw_depth(self) -> None:
        """Draw walls with the depth program in use."""
        for part in self._static:
            part.vertices.draw()

    def set_torches(self, program: Program, torches: tuple[int, ...]) -> None:
        """Give a program in use the torches of those indices."""
        if not torches:
            return
        if torches not in self._lights:
            near = [self.stage.torches[k] for k in torches]
            places = np.array([[*t.position, 1 / t.reach**2] for t in near], np.float32)
            self._lights[torches] = places, np.array([[*t.color, 0] for t in near], np.float32)
        places, colors = self._lights[torches]
        program.set("torches", len(torches))
        program.set("torch_place", places)
        program.set("torch_color", colors)

    def _program(self, part: parts.Part) -> Program:
        program = self._programs.use("stage", self._defines[part.defines])
        self.set_torches(program, part.torches)
        return program

    def _draw_static(self, camera: Camera, six: np.ndarray) -> None:
        if not self._static:
            return
        self._pictures["layers"].bind(3)
        gap = np.maximum(np.maximum(self._low - camera.eye, camera.eye - self._high), 0)
        visible = seen(self._low, self._high, six)
        for k in np.argsort((gap * gap).sum(1), kind="stable").tolist():
            if visible[k]:
                self._program(self._static[k])
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
                self._program(part).set("scales", np.array([1 / ground.span, 0.5 / ground.extent]))
                part.vertices.draw()

    def _draw_sky(self) -> None:
        gl.glDisable(gl.GL_CULL_FACE)
        self._programs.use("sky")
        self._pictures["sky"].bind(0)
        self._sky.draw()
        gl.glEnable(gl.GL_CULL_FACE)

    def draw_flames(self) -> None:
        """Draw flames and the glow round them over everything else."""
        if self._halo is None or self._flame is None:
            return
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_ONE, gl.GL_ONE)
        gl.glDepthMask(gl.GL_FALSE)
        gl.glDisable(gl.GL_CULL_FACE)
        program = self._programs.use("flame")
        # A flame's glow is lost in daylight.
        program.set("halo", float(0.42 * np.exp(-2.2 * max(self.stage.sky.ambient))))
        self._halo.draw()
        program.set("halo", 0.0)
        self._flame.draw()
        gl.glDepthMask(gl.GL_TRUE)
        gl.glDisable(gl.GL_BLEND)
        gl.glEnable(gl.GL_CULL_FACE)

    def close(self) -> None:
        """Give the memory back."""
        for part in (*self._static, *self._ground):
            part.vertices.close()
        for thing in (*self._pictures.values(), self._halo, self._flame, self._sky):
            if thing is not None:
                thing.close()
