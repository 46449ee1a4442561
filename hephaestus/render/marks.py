"""What a developer wants to see over the picture: skeletons, rays, contacts, a grid. All give `Lines`."""

from __future__ import annotations

import numpy as np

from hephaestus.glb.asset import Asset
from hephaestus.render.scene import Lines

BONE, RAY, HIT, CONTACT, GRID = (
    (0.25, 1.0, 0.55, 0.95), (1.0, 0.84, 0.36, 0.55), (1.0, 0.35, 0.28, 0.95), (1.0, 0.30, 0.85, 1.0),
    (1.0, 1.0, 1.0, 0.16),
)  # fmt: skip
"""sRGB and opacity."""
LIFT = 0.012
"""m that a grid lies above the ground, or the two would flicker."""

Color = tuple[float, float, float, float]


def join(marks: list[Lines]) -> Lines:
    """Put lines behind one another; each stays seen through solids, or not."""
    if not marks:
        return Lines(np.zeros((0, 2, 3), np.float32), np.zeros((0, 4), np.float32))
    points = np.concatenate([np.asarray(m.points, np.float32).reshape(-1, 2, 3) for m in marks])
    colors = np.concatenate([np.asarray(m.colors, np.float32).reshape(-1, 4) for m in marks])
    through = [np.broadcast_to(np.asarray(m.through, bool), len(np.asarray(m.points).reshape(-1, 6))) for m in marks]
    return Lines(points, colors, np.concatenate(through))


def bones(asset: Asset) -> np.ndarray:
    """Return parent and child [B, 2] of each bone of a rig; nodes that neither are joints nor lead to one have none."""
    joints = np.zeros(len(asset.parents), bool)
    for skin in asset.skins:
        joints[skin.joints] = True
    if not joints.any():
        joints[:] = True
    ends = np.flatnonzero(joints & (asset.parents >= 0))
    ends = ends[joints[asset.parents[ends]]]
    return np.stack([asset.parents[ends], ends], 1)


def skeleton(bones: np.ndarray, world: np.ndarray, color: Color = BONE) -> Lines:
    """Draw bones [B, 2] of a rig whose nodes are at world [J, 4, 4] (motion frame); color is sRGB and opacity."""
    return _lines(np.asarray(world, np.float32)[bones, :3, 3], color, through=True)


def rays(start: np.ndarray, ends: np.ndarray, hits: np.ndarray, color: Color = RAY) -> Lines:
    """Draw rays from a point [3] to ends [N, 3] m (motion frame), a cross at those that hit, hits [N]."""
    ends = np.asarray(ends, np.float32).reshape(-1, 3)
    whole = _lines(np.stack([np.broadcast_to(np.asarray(start, np.float32), ends.shape), ends], 1), color)
    return join([whole, crosses(ends[np.asarray(hits, bool)], 0.12, HIT)])


def contacts(points: np.ndarray, normals: np.ndarray, length: float = 0.35) -> Lines:
    """Draw where bodies touch: a cross at points [N, 3] m and a stroke along normals [N, 3], seen through solids."""
    points = np.asarray(points, np.float32).reshape(-1, 3)
    strokes = np.stack([points, points + length * np.asarray(normals, np.float32).reshape(-1, 3)], 1)
    return join([_lines(strokes, CONTACT, through=True), crosses(points, 0.08, CONTACT, through=True)])


def crosses(points: np.ndarray, size: float, color: Color, through: bool = False) -> Lines:
    """Draw a cross along the three axes, that many m to each side, at points [N, 3]."""
    points = np.asarray(points, np.float32).reshape(-1, 1, 3)
    arms = size * np.eye(3, dtype=np.float32)
    return _lines(np.stack([points - arms, points + arms], 2).reshape(-1, 2, 3), color, through)


def grid(extent: float = 20.0, step: float = 1.0, middle: np.ndarray | None = None, color: Color = GRID) -> Lines:
    """Draw a grid on the ground round a point [3] m (motion frame), on whole multiples of its step."""
    n = int(np.clip(round(extent / step / 2), 1, 200))
    x, z = (0.0, 0.0) if middle is None else (float(middle[0]), float(middle[2]))
    x, z = round(x / step) * step, round(z / step) * step
    at = np.arange(-n, n + 1) * step
    ones = np.ones_like(at)
    along = np.stack([
        np.stack([x + at, LIFT * ones, (z - n * step) * ones], -1),
        np.stack([x + at, LIFT * ones, (z + n * step) * ones], -1),
    ], 1)  # fmt: skip
    across = np.stack([
        np.stack([(x - n * step) * ones, LIFT * ones, z + at], -1),
        np.stack([(x + n * step) * ones, LIFT * ones, z + at], -1),
    ], 1)  # fmt: skip
    return _lines(np.concatenate([along, across]), color)


def _lines(points: np.ndarray, color: Color, through: bool = False) -> Lines:
    colors = np.tile(np.asarray(color, np.float32), (len(points), 1))
    return Lines(np.asarray(points, np.float32), colors, through)
