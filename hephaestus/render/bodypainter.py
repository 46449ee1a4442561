"""Draws bodies: into the picture, and into the shadow map."""

from __future__ import annotations

import numpy as np
from pyglet import gl

from hephaestus.render.bodyparts import BodyPart, BodyParts, Placed, within
from hephaestus.render.bodyshape import shadow_texels
from hephaestus.render.camera import Camera, planes
from hephaestus.render.gpu import Program
from hephaestus.render.parts import reached
from hephaestus.render.programs import Programs
from hephaestus.render.shadow import ShadowMap
from hephaestus.render.stagepainter import StagePainter

LEVEL_PIXELS = 4.0
"""A coarser level of a body is drawn where its cells are no wider than that; half that with several samples a pixel."""
DENSE_PIXELS = 7.0
"""A body is lit at its vertices where its edges are no longer than that."""
_PLAIN, _JOINTED = frozenset[str](), frozenset({"JOINTED"})
_UNTURNED, _UNMOVED = np.eye(3, dtype=np.float32), np.eye(4, dtype=np.float32)


class BodyPainter:
    """Draws bodies where they are placed."""

    def __init__(self, programs: Programs, stage: StagePainter, shadow: ShadowMap | None, samples: int = 0):
        """Take over programs, the stage with its torches, the shadow map (None: no shadows) and samples a pixel."""
        self._programs, self._stage, self._shadow = programs, stage, shadow
        self._cell = LEVEL_PIXELS / (2 if samples > 1 else 1)
        self._texels = shadow_texels(samples)
        self._shadows = frozenset({"SHADOWS"} if shadow is not None else set())

    def shade(self, camera: Camera, placed: list[Placed], visible: list[Placed]) -> None:
        """Take over where bodies are, bend those that throw their own shadow, and draw the shadow map.

        Args:
            camera: where from; shadows are drawn round what is before it.
            placed: all bodies.
            visible: those in the picture.
        """
        for p in placed:
            p.body.move(p.matrices)
        shadow = self._shadow
        if shadow is None:
            self._bend([(p.body, part, 0) for p in visible for part in p.skinned(False)])
            return
        fresh = shadow.aim(_focus(camera))
        casting = within(placed, planes(shadow.matrix))
        self._bend([(p.body, part, 0) for p in placed if p in casting or p in visible for part in p.skinned(False)])
        gl.glEnable(gl.GL_POLYGON_OFFSET_FILL)
        gl.glPolygonOffset(1.5, 3.0)
        if fresh:
            self._draw_still(shadow)
        shadow.begin_moving(np.array([(p.low, p.high) for p in casting]).reshape(-1, 2, 3), fresh)
        for p in casting:
            self._throw(shadow, p)
        _outwards()
        gl.glDisable(gl.GL_POLYGON_OFFSET_FILL)

    def bend(self, camera: Camera, height: int, visible: list[Placed]) -> None:
        """Bend what is in the picture and has not been bent by `shade`; arguments as of `draw`."""
        cells = [self._cell * _pixel(camera, height, p) for p in visible]
        self._bend(
            [
                (p.body, part, part.level(cell))
                for p, cell in zip(visible, cells, strict=True)
                for part in p.skinned(True)
            ]
        )

    def draw(self, camera: Camera, height: int, visible: list[Placed], blend: bool) -> None:
        """Draw bodies into the picture.

        Args:
            camera: where from.
            height: of the picture in pixels.
            visible: what is drawn, in this order.
            blend: whether the parts are drawn that one sees through, or the others.
        """
        if blend:
            gl.glEnable(gl.GL_BLEND)
            gl.glBlendFunc(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA)
            gl.glDepthMask(gl.GL_FALSE)
        for p in visible:
            parts = [part for part in p.body.parts if part.blend == blend]
            torches = reached(self._stage.stage, p.low, p.high) if parts else ()
            pixel = _pixel(camera, height, p)
            for part in parts:
                program = self._programs.use("body", self._defines(part, pixel, bool(torches)))
                program.set("glow", part.glow)
                program.set("shine", part.shine)
                self._stage.set_torches(program, torches)
                _draw_part(program, p, part, self._cell * pixel)
        gl.glDepthMask(gl.GL_TRUE)
        gl.glDisable(gl.GL_BLEND)
        _outwards()

    def _defines(self, part: BodyPart, pixel: float, torches: bool) -> frozenset[str]:
        if "UNLIT" in part.defines:
            return part.defines
        dense = {"DENSE"} if part.edge <= DENSE_PIXELS * pixel else _PLAIN
        return part.defines | self._shadows | dense | ({"TORCHES"} if torches else _PLAIN)

    def _bend(self, parts: list[tuple[BodyParts, BodyPart, int]]) -> None:
        if not parts:
            return
        gl.glEnable(gl.GL_RASTERIZER_DISCARD)
        program = self._programs.use("skin")
        for body, part, level in parts:
            body.bend(program, part, level)
        gl.glDisable(gl.GL_RASTERIZER_DISCARD)

    def _draw_still(self, shadow: ShadowMap) -> None:
        shadow.begin_still()
        gl.glDisable(gl.GL_CULL_FACE)
        program = self._programs.use("depth")
        program.set_matrix("light", shadow.matrix)
        program.set_matrix("model", _UNMOVED)
        self._stage.draw_depth()
        gl.glEnable(gl.GL_CULL_FACE)

    def _throw(self, shadow: ShadowMap, p: Placed) -> None:
        """Draw a body's shadow."""
        for part in p.body.parts:
            if part.blend:
                continue
            outline = part.skinned.outline if part.skinned is not None else None
            defines = _JOINTED if outline is not None else part.defines & {"CUTOUT", "TEXTURED"}
            program = self._programs.use("depth", defines)
            program.set_matrix("light", shadow.matrix)
            if outline is None or part.skinned is None:
                _draw_part(program, p, part, self._texels * shadow.texel / max(p.size, 1e-6))
            else:
                p.body.blocks[part.skinned.skin].bind()
                gl.glDisable(gl.GL_CULL_FACE)  # it is too rough to have a right side
                outline.draw()


def _draw_part(program: Program, p: Placed, part: BodyPart, cell: float) -> None:
    """Draw a part of a body as coarse as its cells (m at rest) may be, without the triangles that face away."""
    if part.skinned is None:
        program.set_matrix("model", p.world[part.node])
        program.set_turn("turn", p.turn(part.node))
    else:
        program.set_matrix("model", _UNMOVED)
        program.set_turn("turn", _UNTURNED)
    program.set("base", part.base)
    if part.picture is not None:
        part.picture.bind(0)
    (gl.glDisable if "TWOSIDED" in part.defines else gl.glEnable)(gl.GL_CULL_FACE)
    gl.glFrontFace(gl.GL_CW if p.mirrored(part) else gl.GL_CCW)
    part.draw(part.level(cell))


def _pixel(camera: Camera, height: int, p: Placed) -> float:
    """Return how many m of a body at rest a pixel covers at least, in a picture of that height."""
    return camera.pixel(p.away, height) / max(p.size, 1e-6)


def _outwards() -> None:
    gl.glEnable(gl.GL_CULL_FACE)
    gl.glFrontFace(gl.GL_CCW)


def _focus(camera: Camera) -> np.ndarray:
    """Return the point [3] on the ground round which shadows are wanted."""
    ahead = np.asarray(camera.target, float) - camera.eye
    ahead[1] = 0.0
    ahead *= min(1.0, 14.0 / max(float(np.linalg.norm(ahead)), 1e-6))
    focus: np.ndarray = np.asarray(camera.eye, float) + ahead
    focus[1] = 0.0
    return focus
