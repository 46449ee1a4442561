"""Minimap: the world from above, with everybody in it and what the agent's rays meet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from prometheus.world.shapes import Shape

SCALE = 2
"""Drawn so much larger and shrunk, for smooth edges."""
COLORS = {"agent": (255, 214, 92), "beast": (255, 82, 66), "man": (110, 178, 255), "woman": (110, 178, 255)}
PAPER, INK, RAY = (14, 17, 24, 170), (176, 170, 158, 255), (255, 214, 92, 110)
WAYS = {"forward": 0.0, "left": math.pi / 2, "right": -math.pi / 2, "backward": math.pi}
RANGE = 12.0
"""m: how far a ray is drawn that meets nothing."""


class Minimap:
    """Draws the map; what stands still is drawn once."""

    def __init__(self, shapes: Sequence[Shape], size: int):
        """Draw what stands still.

        Args:
            shapes: every piece of the world.
            size: pixels along the longer edge.
        """
        from PIL import Image, ImageDraw

        solid = [s for s in shapes if s.solid and s.mass == 0]
        outlines = [_outline(s) for s in solid]
        points = np.concatenate(outlines) if outlines else np.array([[-10.0, -10.0], [10.0, 10.0]])
        low, high = points.min(0) - 1.2, points.max(0) + 1.2
        self._scale = size * SCALE / float((high - low).max())
        self._low, self._high = low, high
        self.size = tuple(max(24, math.ceil(v * self._scale / SCALE)) for v in high - low)
        self._image = Image.new("RGBA", (self.size[0] * SCALE, self.size[1] * SCALE), PAPER)
        pen = ImageDraw.Draw(self._image)
        for shape, outline in sorted(zip(solid, outlines, strict=True), key=lambda pair: pair[0].centre[2]):
            if shape.centre[2] - shape.size[2] / 2 > 1.9:
                continue  # a lintel or roof: one walks under it
            fill = INK if shape.material in ("stone", "brick") else (139, 110, 78, 255)
            pen.polygon([self._spot(p) for p in outline], fill=fill)

    def draw(self, actors: Sequence[Mapping[str, Any]], walls: Mapping[str, float | None] | None) -> np.ndarray:
        """Draw everybody.

        Args:
            actors: `id`, `kind`, `position`, `heading` of each, the agent with the id "agent".
            walls: free metres in the agent's four directions (None: no wall near), or None before the first thought.

        Returns:
            uint8 [h, w, 4].
        """
        from PIL import ImageDraw

        image = self._image.copy()
        pen = ImageDraw.Draw(image)
        agent = next((a for a in actors if a["id"] == "agent"), None)
        if agent is not None and walls is not None:
            self._draw_rays(pen, agent, walls)
        for actor in sorted(actors, key=lambda a: a["id"] == "agent"):
            color = COLORS.get("agent" if actor["id"] == "agent" else actor["kind"], (200, 200, 200))
            self._draw_arrow(pen, actor, color, 0.95 if actor["kind"] == "beast" else 0.75)
        return np.asarray(image.reduce(SCALE))

    def _draw_rays(self, pen: Any, agent: Mapping[str, Any], walls: Mapping[str, float | None]) -> None:
        x, y = agent["position"][:2]
        for way, turn in WAYS.items():
            free = walls.get(way)
            reach = RANGE if free is None else min(free, RANGE)
            angle = agent["heading"] + turn
            end = (x + reach * math.cos(angle), y + reach * math.sin(angle))
            pen.line([self._spot((x, y)), self._spot(end)], fill=RAY, width=SCALE)
            if free is not None:
                u, v = self._spot(end)
                pen.ellipse([u - 3, v - 3, u + 3, v + 3], fill=(*RAY[:3], 255))

    def _draw_arrow(self, pen: Any, actor: Mapping[str, Any], color: tuple[int, ...], size: float) -> None:
        x, y = actor["position"][:2]
        size = max(size, 5.5 * SCALE / self._scale)
        turns = ((0.0, 1.3), (2.5, 1.0), (math.pi, 0.45), (-2.5, 1.0))
        heading = actor["heading"]
        corners = [
            self._spot((x + r * size * math.cos(heading + a), y + r * size * math.sin(heading + a))) for a, r in turns
        ]
        pen.polygon(corners, fill=(*color, 255), outline=(10, 10, 12, 255))

    def _spot(self, point: Sequence[float]) -> tuple[float, float]:
        """World x goes right, y up."""
        return (point[0] - self._low[0]) * self._scale, (self._high[1] - point[1]) * self._scale


def _outline(shape: Shape) -> np.ndarray:
    """Return the outline [N, 2] of a shape from above, world m."""
    x, y, _ = shape.centre
    if shape.kind != "box":
        turn = np.linspace(0, 2 * math.pi, 20, endpoint=False)
        return np.array([x, y]) + shape.size[0] / 2 * np.stack([np.cos(turn), np.sin(turn)], -1)
    c, s = math.cos(shape.heading), math.sin(shape.heading)
    ring = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * np.array(shape.size[:2]) / 2
    return ring @ np.array([[c, s], [-s, c]]) + [x, y]
