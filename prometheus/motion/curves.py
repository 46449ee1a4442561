"""Curves: the losses of a training as a picture."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Points = list[tuple[float, float]]
_SIZE, _MARGIN = (1000, 560), (86, 34, 24, 52)
"""Pixels: width and height; left, top, right and bottom of the axes."""
_COLOURS = ((38, 99, 178), (206, 86, 44), (44, 140, 84), (140, 84, 170), (120, 120, 120), (190, 150, 40))
_INK, _GRID = (40, 40, 44), (226, 226, 230)


def curves_of(rows: Sequence[dict[str, Any]]) -> dict[str, Points]:
    """Return the curves of a log: of training "diffusion", of clips kept aside "diffusion, kept aside", and so on."""
    curves: dict[str, Points] = {}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, dict):
                for part, number in value.items():
                    _add(curves, f"{part}, kept aside", row["step"], number)
            elif name not in ("step", "seconds"):
                _add(curves, name, row["step"], value)
    return curves


def draw_curves(curves: dict[str, Points], path: Path, title: str = "loss") -> None:
    """Draw curves over steps, the values on a logarithmic scale, as a PNG that appears when it is complete.

    Args:
        curves: (step, value) by name; the values are positive.
        path: of the PNG.
        title: written above.
    """
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", _SIZE, (255, 255, 255))
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(14)
    points = [point for curve in curves.values() for point in curve]
    last = max((step for step, _ in points), default=1.0) or 1.0
    low = math.floor(min((math.log10(v) for _, v in points), default=-1.0))
    high = max(math.ceil(max((math.log10(v) for _, v in points), default=0.0)), low + 1)
    left, top, right, bottom = _MARGIN
    wide, tall = _SIZE[0] - left - right, _SIZE[1] - top - bottom

    def place(step: float, value: float) -> tuple[float, float]:
        return left + wide * step / last, top + tall * (high - math.log10(value)) / (high - low)

    for power in range(low, high + 1):
        for digit in (1, 2, 5) if power < high else (1,):
            y = place(0, digit * 10.0**power)[1]
            pen.line([left, y, left + wide, y], fill=_GRID)
            pen.text((left - 8, y), f"{digit * 10.0**power:g}", font=font, fill=_INK, anchor="rm")
    for k in range(5):
        x = left + wide * k / 4
        pen.line([x, top, x, top + tall], fill=_GRID)
        pen.text((x, top + tall + 8), f"{last * k / 4:.0f}", font=font, fill=_INK, anchor="ma")
    pen.text((left, 8), title, font=font, fill=_INK)
    pen.text((left + wide / 2, _SIZE[1] - 22), "step", font=font, fill=_INK, anchor="ma")
    for k, (name, curve) in enumerate(curves.items()):
        kept = name.endswith("kept aside")
        colour = _COLOURS[_family(name, curves) % len(_COLOURS)]
        line = [place(*point) for point in curve]
        if len(line) > 1:
            pen.line(line, fill=colour, width=3 if kept else 1)
        for x, y in line if kept or len(line) == 1 else ():
            pen.ellipse([x - 3, y - 3, x + 3, y + 3], fill=colour)
        y = top + 10 + 20 * k
        pen.line([left + wide - 190, y, left + wide - 166, y], fill=colour, width=3 if kept else 1)
        pen.text((left + wide - 158, y), name, font=font, fill=_INK, anchor="lm")
    part = path.with_name(f".{path.name}.part")
    image.quantize(32).save(part, format="PNG", compress_level=3)
    os.replace(part, path)


def _add(curves: dict[str, Points], name: str, step: float, value: Any) -> None:
    if isinstance(value, int | float) and math.isfinite(value) and value > 0:
        curves.setdefault(name, []).append((float(step), float(value)))


def _family(name: str, curves: dict[str, Points]) -> int:
    """Number of a curve's colour: training and kept aside share one."""
    names = list(dict.fromkeys(n.removesuffix(", kept aside") for n in curves))
    return names.index(name.removesuffix(", kept aside"))
