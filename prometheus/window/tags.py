"""Tags: names over heads, drawn over every picture, for panels come too seldom to follow somebody who runs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pyglet import gl

from hephaestus.render.gpu import Picture, Program, Vertices

if TYPE_CHECKING:
    from hephaestus.render.camera import Camera
    from prometheus.window.snapshot import Snapshot

VERTEX = """#version 330
uniform vec4 box;       // left, bottom, right, top, -1 to 1
layout(location=0) in vec3 corner;
out vec2 v_uv;
void main() {
    v_uv = vec2(corner.x, 1.0 - corner.y);
    gl_Position = vec4(mix(box.xy, box.zw, corner.xy), 0.0, 1.0);
}
"""
FRAGMENT = """#version 330
uniform sampler2D picture;
in vec2 v_uv;
out vec4 pixel;
void main() { pixel = texture(picture, v_uv); }
"""
CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], np.float32)
COLORS = {"agent": (255, 222, 120), "beast": (255, 128, 110)}
_KEPT = 96
_FARTHEST = 40.0
"""m from which on nobody's name is drawn."""
_TOP = 0.28


class Tags:
    """Draws names; each is made into a picture once."""

    def __init__(self) -> None:
        """Compile the shader; a context is current."""
        self._program = Program(VERTEX, FRAGMENT)
        self._corners = Vertices({0: CORNERS}, mode=gl.GL_TRIANGLE_STRIP)
        self._made: OrderedDict[tuple[str, tuple[int, int, int], int], tuple[Picture, int, int]] = OrderedDict()

    def draw(
        self, snapshot: Snapshot, places: Mapping[str, np.ndarray], camera: Camera, picture: tuple[int, int],
        window: tuple[int, int], scale: float,
    ) -> None:  # fmt: skip
        """Draw everybody's name, and what passers-by do.

        Args:
            snapshot: the moment.
            places: nodes [J, 4, 4] of who is in the picture, by id.
            camera: that took it.
            picture: pixels of the window that it takes, from the left.
            window: pixels of the bound window.
            scale: of letters.
        """
        rows: list[tuple[Mapping[str, Any], np.ndarray]] = []
        for actor in snapshot.state["actors"]:
            nodes = places.get(actor["id"])
            if nodes is not None and len(nodes):
                top = nodes[:, :3, 3].mean(0)
                top[1] = float(nodes[:, 1, 3].max()) + _TOP
                rows.append((actor, top))
        if not rows:
            return
        seen = camera.project(np.stack([top for _, top in rows]), picture)
        gl.glDisable(gl.GL_DEPTH_TEST)
        gl.glDisable(gl.GL_CULL_FACE)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA)
        # Beside the picture lies a panel that is not drawn anew each time.
        gl.glEnable(gl.GL_SCISSOR_TEST)
        gl.glScissor(0, 0, *picture)
        self._program.use()
        self._program.set("picture", 0)
        for (actor, _), (x, y, away) in zip(rows, seen, strict=True):
            if camera.near < away < _FARTHEST and -200 < x < picture[0] and abs(y) < 1e5:
                self._lay(*self._tag(actor, scale), x, y, window)
        gl.glDisable(gl.GL_SCISSOR_TEST)
        gl.glDisable(gl.GL_BLEND)
        gl.glBindVertexArray(0)

    def close(self) -> None:
        """Give the memory back."""
        for picture, _, _ in self._made.values():
            picture.close()
        self._corners.close()
        gl.glDeleteProgram(self._program.id)

    def _tag(self, actor: Mapping[str, Any], scale: float) -> tuple[Picture, int, int]:
        from hephaestus.render.labels import tag

        text = f"{actor['id']}  {str(actor.get('behavior', '')).replace('_', ' ')}".strip()[:60]
        key = (text, COLORS.get(actor["kind"], (190, 215, 255)), round(12 * scale))
        if key not in self._made:
            pixels = tag(*key)
            self._made[key] = Picture(pixels, gl.GL_CLAMP_TO_EDGE, mipmaps=False), pixels.shape[1], pixels.shape[0]
            if len(self._made) > _KEPT:
                self._made.popitem(last=False)[1][0].close()
        self._made.move_to_end(key)
        return self._made[key]

    def _lay(self, picture: Picture, wide: int, tall: int, x: float, y: float, size: tuple[int, int]) -> None:
        left, top = round(x - wide / 2), round(y - tall)
        edges = np.array([left, size[1] - top - tall, left + wide, size[1] - top], float)
        self._program.set("box", edges / [size[0], size[1], size[0], size[1]] * 2 - 1)
        picture.bind(0)
        self._corners.draw()
