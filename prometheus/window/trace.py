"""Trace: how an agent felt over the last half minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import pairwise

from imgui_bundle import imgui

from prometheus.drawing.hud import FEELINGS

SECONDS = 30.0
RATE = 20
"""Frames a second."""
POINTS = 120
"""Points of the curve, about."""


def feeling_color(emotion: str, opacity: float = 1.0) -> imgui.ImVec4:
    """Return the colour of a feeling."""
    red, green, blue = FEELINGS.get(emotion, (150, 156, 166))
    return imgui.ImVec4(red / 255, green / 255, blue / 255, opacity)


class Trace:
    """Keeps feeling and arousal of each agent over the last 30 s of world time."""

    def __init__(self) -> None:
        """Nothing was felt yet."""
        self._felt: dict[str, deque[tuple[int, float, str]]] = {}

    def add(self, agent: str, frame: int, arousal: float, emotion: str) -> None:
        """Note how an agent feels in a frame; a frame before the last one begins anew."""
        felt = self._felt.setdefault(agent, deque(maxlen=int(SECONDS * RATE)))
        if felt and frame < felt[-1][0]:
            felt.clear()
        if not felt or frame > felt[-1][0]:
            felt.append((frame, arousal, emotion))

    def keep(self, agents: Iterable[str]) -> None:
        """Forget all but these."""
        names = set(agents)
        self._felt = {name: felt for name, felt in self._felt.items() if name in names}

    def draw(self, agent: str, width: float, height: float) -> None:
        """Draw it at the cursor: arousal as a curve, in the colour of the feeling."""
        pen = imgui.get_window_draw_list()
        corner = imgui.get_cursor_screen_pos()
        imgui.dummy((width, height))
        x0, y0 = corner.x, corner.y
        paper = imgui.get_color_u32(imgui.ImVec4(0, 0, 0, 0.35))
        pen.add_rect_filled((x0, y0), (x0 + width, y0 + height), paper, 4.0)
        felt = self._felt.get(agent)
        if not felt or len(felt) < 2:
            return
        last = felt[-1][0]
        rows = list(felt)[:: max(1, len(felt) // POINTS)]
        inks = {
            emotion: [imgui.get_color_u32(feeling_color(emotion, opacity)) for opacity in (1.0, 0.28)]
            for emotion in {row[2] for row in rows}
        }
        points = [
            (x0 + width * (1.0 - (last - frame) / (SECONDS * RATE)), y0 + height * (1.0 - 0.92 * arousal))
            for frame, arousal, _ in rows
        ]
        for ((ax, ay), (bx, by)), (_, _, emotion) in zip(pairwise(points), rows[1:], strict=True):
            if bx <= x0:
                continue
            line, below = inks[emotion]
            ax = max(ax, x0)
            pen.add_quad_filled((ax, ay), (bx, by), (bx, y0 + height), (ax, y0 + height), below)
            pen.add_line((ax, ay), (bx, by), line, 1.6)
