"""Compass: what the mind foretold of each way, and what the judge found."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from imgui_bundle import imgui

if TYPE_CHECKING:
    from prometheus.window.snapshot import Mindscape

WAYS = {"forward": 0.0, "left": math.pi / 2, "backward": math.pi, "right": -math.pi / 2}
"""rad, left positive: forward is up."""
CALLS = {
    "hit": ((0.98, 0.45, 0.36), "foretold danger"), "correct_safe": ((0.42, 0.82, 0.50), "rightly safe"),
    "miss": ((0.95, 0.28, 0.85), "missed danger"), "false_alarm": ((1.0, 0.72, 0.22), "false alarm"),
}  # fmt: skip
"""Colour and words of what the judge says of a call."""
UNSAID = (0.45, 0.48, 0.54)
FARTHEST = 10.0
"""m that the compass shows."""


def draw_compass(mind: Mindscape, radius: float) -> None:
    """Draw the compass at the cursor: a sector for each way, filled where danger was foretold, ringed where it is safe.

    Args:
        mind: whose.
        radius: pixels.
    """
    pen = imgui.get_window_draw_list()
    corner = imgui.get_cursor_screen_pos()
    x, y = corner.x + radius + 2, corner.y + radius + 2
    imgui.dummy((2 * radius + 4, 2 * radius + 4))
    for share in (0.5, 1.0):
        pen.add_circle((x, y), radius * share, _ink((1, 1, 1), 0.16), 40, 1.0)
    predict = mind.thought.decision.predict if mind.thought is not None else {}
    agreement = mind.verdict.agreement if mind.verdict is not None else {}
    for way, turn in WAYS.items():
        outlook = predict.get(way)
        color = CALLS[agreement[way]][0] if way in agreement else UNSAID
        danger = outlook is not None and outlook.danger
        reach = outlook.distance if outlook is not None and outlook.distance is not None else FARTHEST
        inner = radius * (min(reach, FARTHEST) / FARTHEST if danger else 0.82)
        _sector(pen, (x, y), min(inner, radius * 0.92), radius, turn, color, 0.85 if danger else 0.38)
        if agreement.get(way) == "miss" and not danger:
            _sector(pen, (x, y), radius * 0.12, radius, turn, color, 0.35)
    _arrow(pen, x, y, radius * 0.16)
    scene = mind.scene
    for entity in scene.entities if scene is not None else ():
        if entity.bearing is not None and entity.distance is not None:
            far = radius * min(entity.distance, FARTHEST) / FARTHEST
            spot = (x - far * math.sin(entity.bearing), y - far * math.cos(entity.bearing))
            foe = entity.type == "beast"
            pen.add_circle_filled(spot, radius * 0.075, _ink((1.0, 0.32, 0.26) if foe else (0.43, 0.70, 1.0), 1.0))


def legend() -> None:
    """Say what the colours mean, each in its own."""
    for color, words in CALLS.values():
        imgui.text_colored(imgui.ImVec4(*color, 1.0), words)


def _sector(
    pen: Any, middle: tuple[float, float], inner: float, outer: float, turn: float,
    color: tuple[float, float, float], opacity: float,
) -> None:  # fmt: skip
    # On the screen y goes down: straight ahead is -90 degrees, left of it is more negative.
    aim, half = -math.pi / 2 - turn, math.pi / 4 - 0.05
    points = []
    steps = 7
    for k in range(steps + 1):
        angle = aim - half + 2 * half * k / steps
        c, s = math.cos(angle), math.sin(angle)
        points.append(((middle[0] + inner * c, middle[1] + inner * s), (middle[0] + outer * c, middle[1] + outer * s)))
    ink = _ink(color, opacity)
    for (a, b), (c2, d) in pairwise(points):
        pen.add_quad_filled(a, b, d, c2, ink)


def _arrow(pen: Any, x: float, y: float, size: float) -> None:
    pen.add_triangle_filled((x, y - size), (x - size * 0.7, y + size * 0.8), (x + size * 0.7, y + size * 0.8),
                            _ink((1.0, 0.84, 0.36), 1.0))  # fmt: skip


def _ink(color: tuple[float, float, float], opacity: float) -> int:
    return int(imgui.get_color_u32(imgui.ImVec4(*color, opacity)))
