"""Strip: recorded moments of a take side by side, seen from above, as one small picture."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from prometheus.bench.layout import Layout

_SIDE, _SCALE = 132, 9.0
"""Pixels of a moment's edge, and pixels a metre."""
_GROUND, _WALL, _AGENT, _OTHER, _PATH, _HURT = "#eef0ea", "#6b6b66", "#1f4e79", "#b3402e", "#8fa9c4", "#d8352a"
_BONES = (
    (0, 1, 4, 7, 10), (0, 2, 5, 8, 11), (0, 3, 6, 9, 12, 15), (9, 13, 16, 18, 20), (9, 14, 17, 19, 21),
)  # fmt: skip
"""Chains of the 22 joints: legs, spine and head, arms."""


def strip(shots: Sequence[Mapping[str, Any]], layout: Layout, solids: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return moments as a PNG's data URI: walls, the way so far, the body from above, and who else is there.

    Args:
        shots: moments, as `prometheus.bench.lived.film` gives them.
        layout: of the scenario.
        solids: further walls.
    """
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (_SIDE * max(len(shots), 1), _SIDE), _GROUND)
    walls = [*layout.document("strip", 0)["solids"], *solids]
    for index, shot in enumerate(shots):
        tile = Image.new("RGB", (_SIDE, _SIDE), _GROUND)
        _moment(ImageDraw.Draw(tile), shot, walls)
        picture.paste(tile, (index * _SIDE, 0))
    data = io.BytesIO()
    picture.quantize(32).save(data, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode("ascii")


def _moment(draw: Any, shot: Mapping[str, Any], walls: Sequence[Mapping[str, Any]]) -> None:
    middle = shot["place"]

    def at(x: float, y: float) -> tuple[float, float]:
        """World x forward is up in the picture, y left is left."""
        return _SIDE / 2 - _SCALE * (y - middle[1]), _SIDE / 2 - _SCALE * (x - middle[0])

    for wall in walls:
        width = max(2, round(_SCALE * float(wall["thickness"])))
        draw.line([at(*wall["start"]), at(*wall["end"])], fill=_WALL, width=width)
    if len(shot["path"]) > 1:
        draw.line([at(*point) for point in shot["path"]], fill=_PATH, width=2)
    for place in shot["others"].values():
        _disc(draw, at(*place), 0.45 * _SCALE, _OTHER)
    if shot["touched"] or shot["caught"]:
        _disc(draw, at(*middle), 0.75 * _SCALE, None, _HURT)
    # Motion frame (x left, y up, z forward) to the world: (x, y) = (z, x).
    joints = [at(z, x) for x, _, z in shot["joints"]]
    for chain in _BONES:
        draw.line([joints[i] for i in chain], fill=_AGENT, width=2)
    nose = 0.7
    ahead = at(middle[0] + nose * math.cos(shot["heading"]), middle[1] + nose * math.sin(shot["heading"]))
    draw.line([at(*middle), ahead], fill=_AGENT, width=1)
    draw.text((3, _SIDE - 13), f"{shot['time']:.1f} s", fill="#444444")
    draw.rectangle((0, 0, _SIDE - 1, _SIDE - 1), outline="#ffffff")


def _disc(draw: Any, middle: tuple[float, float], radius: float, fill: str | None, outline: str | None = None) -> None:
    x, y = middle
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill, outline=outline, width=2)
