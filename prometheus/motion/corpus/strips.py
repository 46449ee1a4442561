"""Strips of pictures: a clip as stick figures side by side, to be judged by eye."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hephaestus.skeleton import FPS, PARENTS

if TYPE_CHECKING:
    from PIL import Image

_SIZE, _SCALE = 132, 58.0
_LEFT_SIDE = {1, 4, 7, 10, 13, 16, 18, 20}
_RIGHT_SIDE = {2, 5, 8, 11, 14, 17, 19, 21}
_COLOURS = {"left": (200, 60, 40), "right": (40, 90, 200), "middle": (60, 60, 60)}


def _flat(joints: np.ndarray) -> np.ndarray:
    """Pixels [22, 2] of joints seen from ahead and to the left, the pelvis in the middle of the tile."""
    at = joints - joints[0] * np.array([1.0, 0.0, 1.0], np.float32)
    turn = np.deg2rad(35)
    across = np.cos(turn) * at[:, 0] - np.sin(turn) * at[:, 2]
    depth = np.sin(turn) * at[:, 0] + np.cos(turn) * at[:, 2]
    return np.stack([_SIZE / 2 + _SCALE * across, _SIZE - 14 - _SCALE * (at[:, 1] - 0.22 * depth)], -1)


def strip(joints: np.ndarray, title: str, tiles: int = 10) -> Image.Image:
    """Return a row of `tiles` frames of joints [T, 22, 3] (left limbs red, right blue) under a title."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (_SIZE * tiles, _SIZE + 18), (250, 250, 246))
    draw = ImageDraw.Draw(picture)
    draw.text((4, 2), title[:220], fill=(0, 0, 0))
    for i, frame in enumerate(np.linspace(0, len(joints) - 1, tiles).astype(int)):
        points = _flat(joints[frame]) + np.array([i * _SIZE, 18])
        floor = 18 + _SIZE - 14
        draw.line([(i * _SIZE + 6, floor), ((i + 1) * _SIZE - 6, floor)], fill=(205, 205, 195))
        for joint in range(1, 22):
            side = "left" if joint in _LEFT_SIDE else "right" if joint in _RIGHT_SIDE else "middle"
            ends = [tuple(points[joint]), tuple(points[PARENTS[joint]])]
            draw.line(ends, fill=_COLOURS[side], width=3)
        x, y = points[15]
        draw.ellipse([x - 6, y - 9, x + 6, y + 3], outline=(60, 60, 60), width=2)
        place = joints[frame, 0]
        draw.text((i * _SIZE + 4, 20), f"{frame / FPS:.1f}s {place[0]:+.1f} {place[2]:+.1f}", fill=(120, 120, 120))
    return picture


def sheet(rows: list[tuple[np.ndarray, str]], path: Path, tiles: int = 10) -> None:
    """Write strips below one another as a PNG (atomically)."""
    from PIL import Image

    strips = [strip(joints, title, tiles) for joints, title in rows]
    picture = Image.new("RGB", (strips[0].width, sum(s.height for s in strips)))
    at = 0
    for part in strips:
        picture.paste(part, (0, at))
        at += part.height
    path.parent.mkdir(parents=True, exist_ok=True)
    part_path = path.with_name(path.name + ".part")
    picture.save(part_path, format="PNG")
    os.replace(part_path, path)
