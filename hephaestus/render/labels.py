"""Text over a picture: at places in the world, or at pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from hephaestus.render.camera import Camera

PAPER = (12, 14, 20, 150)


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text.

    Attributes:
        text: what it says; control characters are left out.
        place: [3] m in the motion frame, or [2] pixels right and down.
        color: sRGB, 0 to 255.
        size: of the letters, pixels.
    """

    text: str
    place: np.ndarray
    color: tuple[int, int, int] = (255, 255, 255)
    size: int = 14


def write(labels: list[Label], camera: Camera, size: tuple[int, int]) -> np.ndarray:
    """Draw labels as an overlay: uint8 [h, w, 4] for a picture of that size; those behind the camera are left out."""
    overlay = np.zeros((size[1], size[0], 4), np.uint8)
    for label in labels:
        place = np.asarray(label.place, float)
        drawn = tag(label.text[:200], label.color, int(np.clip(label.size, 6, 96)))
        if len(place) == 2:
            _paste(overlay, drawn, *place)
            continue
        x, y, away = camera.project(place[None], size)[0]
        if away > camera.near:  # it stands on its place
            _paste(overlay, drawn, x - drawn.shape[1] / 2, y - drawn.shape[0])
    return overlay


def _paste(overlay: np.ndarray, drawn: np.ndarray, x: float, y: float) -> None:
    if not (abs(x) < 1e5 and abs(y) < 1e5):
        return
    left, top = round(x), round(y)
    h, w = drawn.shape[:2]
    a, b = max(left, 0), max(top, 0)
    c, d = min(left + w, overlay.shape[1]), min(top + h, overlay.shape[0])
    if c > a and d > b:
        overlay[b:d, a:c] = drawn[b - top : d - top, a - left : c - left]


@lru_cache(512)
def tag(text: str, color: tuple[int, int, int], size: int) -> Any:
    """Return a line of text on paper, uint8 [h, w, 4]; `size` is the letters' height in pixels."""
    from PIL import Image, ImageDraw, ImageFont

    text = "".join(c for c in text if c.isprintable()) or " "
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    pad = max(2, size // 4)
    image = Image.new("RGBA", (max(1, int(right - left)) + 2 * pad, max(1, int(bottom - top)) + 2 * pad), PAPER)
    ImageDraw.Draw(image).text((pad - left, pad - top), text, font=font, fill=(*color, 255))
    return np.asarray(image)
