"""The ground: one level picture seen at two scales, so that it neither repeats nor blurs.

From afar `plan` colours it: base and path colours, large patches, dirt and shade at the feet of walls. From near
`detail` gives the grain of both. The shader multiplies the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hephaestus.render.shapes import FOOT_SHADE
from hephaestus.render.texture import SIZE, noise, smoothstep, texture

PLAN = 512
"""Pixels along an edge of the plan."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The level ground at z = 0.

    Attributes:
        base: texture name of most of it.
        second: texture name of paths, yards and the feet of walls.
        extent: m, edge of the planned square round the origin; beyond it the plan is mirrored.
        paths: lines of world points [N, 2] with a width, m.
        yards: world rectangles (x0, y0, x1, y1), m, laid out in the second texture.
        span: m a tile of the detail.
        holes: world rectangles (x0, y0, x1, y1), m, in which there is no ground.
    """

    base: str = "grass"
    second: str = "earth"
    extent: float = 96.0
    paths: tuple[tuple[np.ndarray, float], ...] = ()
    yards: tuple[tuple[float, float, float, float], ...] = ()
    span: float = 3.0
    holes: tuple[tuple[float, float, float, float], ...] = ()


def squares(ground: Ground, cuts: np.ndarray) -> np.ndarray:
    """Cut the ground along lines, and along the edges of its holes.

    Args:
        ground: with its holes.
        cuts: [N] m, rising; the same along both axes.

    Returns:
        float [S, 4] m, motion frame: x0, z0, x1, z1 (world y and x) of every square that is ground.
    """
    holes = np.array(ground.holes, float).reshape(-1, 4)
    across = np.unique(np.concatenate([cuts, holes[:, [1, 3]].ravel()]))
    along = np.unique(np.concatenate([cuts, holes[:, [0, 2]].ravel()]))
    x0, z0 = (grid.ravel() for grid in np.meshgrid(across[:-1], along[:-1], indexing="ij"))
    x1, z1 = (grid.ravel() for grid in np.meshgrid(across[1:], along[1:], indexing="ij"))
    x, z = (x0 + x1)[:, None] / 2, (z0 + z1)[:, None] / 2
    gone = (x > holes[:, 1]) & (x < holes[:, 3]) & (z > holes[:, 0]) & (z < holes[:, 2])
    found: np.ndarray = np.stack([x0, z0, x1, z1], -1)[~gone.any(1)]
    return found


def detail(ground: Ground) -> np.ndarray:
    """Return the grain uint8 [N, N, 3] (row 0 at v = 0): base, second, and a height that frays where they meet."""
    out = np.empty((SIZE, SIZE, 3), np.float32)
    for k, name in enumerate((ground.base, ground.second)):
        picture = texture(name).astype(np.float32)
        grey = picture @ np.array([0.3, 0.55, 0.15], np.float32)
        out[..., k] = grey / max(float(grey.mean()), 1.0) * 0.5
    out[..., 2] = 0.5 + 0.16 * noise(131, 0.8, 3)
    return (np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8)


def plan(ground: Ground, footprints: list[np.ndarray]) -> np.ndarray:
    """Colour the ground from above.

    Args:
        ground: what it is made of.
        footprints: outlines [K, 2] (world x, y, m; convex, counter-clockwise) of what stands on it.

    Returns:
        uint8 [PLAN, PLAN, 4]: the square root of a linear colour, and the share of the second texture; column along
        world x, row along world y, both rising from -extent / 2.
    """
    c = ((np.arange(PLAN) + 0.5) / PLAN - 0.5) * ground.extent
    x, y = np.meshgrid(c.astype(np.float32), c.astype(np.float32))
    close = _nearest(x, y, footprints)
    patches = noise(141, 1.5, 2, PLAN)
    share = _laid(ground, x, y) + 0.85 * smoothstep(1.3, 0.0, close) + 0.35 * smoothstep(1.3, 2.4, patches)
    share = share - 0.75 * smoothstep(0.7, 2.0, noise(144, 1.1, 5, PLAN)) * (share > 0.6)
    share = np.clip(share + 0.10 * noise(142, 0.9, 8, PLAN) * (share > 0.02) * (share < 0.98), 0, 1)[..., None]
    base, second = (texture(n).reshape(-1, 3).mean(0) / 255 for n in (ground.base, ground.second))
    color = base * (1 - share) + second * share
    warm = noise(143, 1.3, 2, PLAN)[..., None] * np.array([0.045, 0.005, -0.02])
    color = color * (1 + 0.07 * patches[..., None] + warm)
    shade = FOOT_SHADE + (1 - FOOT_SHADE) * np.sqrt(np.clip(close / 1.1, 0, 1))
    color = color * np.sqrt(shade)[..., None]
    return (np.clip(np.concatenate([color, share], -1), 0, 1) * 255 + 0.5).astype(np.uint8)


def mirrored(picture: np.ndarray) -> np.ndarray:
    """Put a picture [N, N, C] beside its mirrored fellows [2 N, 2 N, C], so that it goes on without a seam."""
    wide = np.concatenate([picture, picture[:, ::-1]], 1)
    return np.concatenate([wide, wide[::-1]], 0)


def _laid(ground: Ground, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the share [PLAN, PLAN] of paths and yards, soft at the edges."""
    share = np.zeros_like(x)
    for x0, y0, x1, y1 in ground.yards:
        inside = np.minimum(np.minimum(x - x0, x1 - x), np.minimum(y - y0, y1 - y))
        share = np.maximum(share, smoothstep(-0.5, 0.5, inside))
    for line, width in ground.paths:
        points = np.asarray(line, np.float32)
        for a, b in pairwise(points):
            ab = b - a
            t = np.clip(((x - a[0]) * ab[0] + (y - a[1]) * ab[1]) / max(float(ab @ ab), 1e-6), 0, 1)
            gap = np.hypot(x - a[0] - t * ab[0], y - a[1] - t * ab[1])
            share = np.maximum(share, smoothstep(width * 0.5 + 0.5, width * 0.5 - 0.4, gap))
    return share


def _nearest(x: np.ndarray, y: np.ndarray, footprints: list[np.ndarray], reach: float = 2.0) -> np.ndarray:
    """Return metres [PLAN, PLAN] to the nearest outline, 0 inside and at most `reach`; works in small windows."""
    close = np.full_like(x, reach)
    left, step = float(x[0, 0]), float(x[0, 1] - x[0, 0])
    for outline in footprints:
        low = np.clip(((outline.min(0) - reach - left) / step).astype(int), 0, PLAN)
        high = np.clip(((outline.max(0) + reach - left) / step).astype(int) + 2, 0, PLAN)
        window = np.s_[low[1] : high[1], low[0] : high[0]]
        edge = np.roll(outline, -1, 0) - outline
        normal = np.stack([edge[:, 1], -edge[:, 0]], -1)
        normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
        # The largest of the distances to the edges' lines: exact along edges, a little short round corners.
        gaps = x[window][..., None] * normal[:, 0] + y[window][..., None] * normal[:, 1] - (outline * normal).sum(-1)
        close[window] = np.minimum(close[window], np.maximum(gaps.max(-1), 0))
    return close
