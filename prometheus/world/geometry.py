"""Static geometry as arrays: exact distances, sweeps and penetration, apart from Bullet.

Solids are upright boxes and cylinders, so a body that stands upright meets them in plan view: every question is one
about circles, turned rectangles and height intervals. All functions broadcast over points and solids; no loops.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

FAR = 1e9
STEP_UP = 0.25
"""m that a body climbs in a stride: what rises less above its feet is a step, what rises more is a wall."""


@dataclass(frozen=True, slots=True)
class Solids:
    """Upright boxes and cylinders in the world frame (metres, z up).

    Attributes:
        box_centre: [B, 2]; box_half: [B, 2] half extents along the box's own axes; box_axis: [B, 2] cosine and sine of
            its heading; box_low, box_high: [B] heights of bottom and top.
        round_centre: [C, 2]; round_radius, round_low, round_high: [C].
        names: names of the boxes, then of the cylinders.
        materials: likewise.
    """

    box_centre: np.ndarray
    box_half: np.ndarray
    box_axis: np.ndarray
    box_low: np.ndarray
    box_high: np.ndarray
    round_centre: np.ndarray
    round_radius: np.ndarray
    round_low: np.ndarray
    round_high: np.ndarray
    names: tuple[str, ...]
    materials: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def low(self) -> np.ndarray:
        """[S] m: bottom of each solid, boxes first; what stands on the ground reaches below it."""
        low = np.concatenate([self.box_low, self.round_low])
        return np.where(low <= 0.02, -FAR, low)

    @property
    def high(self) -> np.ndarray:
        """[S] m: top of each solid, boxes first."""
        return np.concatenate([self.box_high, self.round_high])

    def pick(self, mask: np.ndarray) -> Solids:
        """Return the solids where mask [S] is true."""
        boxes, rounds = np.split(np.asarray(mask, bool), [len(self.box_low)])
        kept = np.flatnonzero(mask)
        return Solids(
            self.box_centre[boxes], self.box_half[boxes], self.box_axis[boxes], self.box_low[boxes],
            self.box_high[boxes], self.round_centre[rounds], self.round_radius[rounds], self.round_low[rounds],
            self.round_high[rounds], tuple(self.names[i] for i in kept), tuple(self.materials[i] for i in kept),
        )  # fmt: skip

    def blocking(self, height: float, step: float = 0.05, feet: float = 0.0) -> Solids:
        """Return the solids that an upright body of `height` m meets, its feet at `feet` m.

        No lintels, and nothing that it steps on because its top is at most `step` m above the feet.
        """
        return self.pick((self.low < feet + height) & (self.high > feet + step))


def gaps(points: np.ndarray, solids: Solids) -> np.ndarray:
    """Return the signed plan distance [N, S] m from points [N, 2] to each outline, negative inside.

    Rectangle: the box distance of Quilez (2-D signed distance functions).
    """
    c, s = solids.box_axis[:, 0], solids.box_axis[:, 1]
    x, y = points[:, :1] - solids.box_centre[:, 0], points[:, 1:2] - solids.box_centre[:, 1]
    dx = np.abs(c * x + s * y) - solids.box_half[:, 0]
    dy = np.abs(c * y - s * x) - solids.box_half[:, 1]
    box = np.hypot(np.maximum(dx, 0.0), np.maximum(dy, 0.0)) + np.minimum(np.maximum(dx, dy), 0.0)
    x, y = points[:, :1] - solids.round_centre[:, 0], points[:, 1:2] - solids.round_centre[:, 1]
    return np.concatenate([box, np.hypot(x, y) - solids.round_radius], 1)


def distance(points: np.ndarray, solids: Solids) -> tuple[np.ndarray, np.ndarray]:
    """Return the signed plan distance [N, S] m from points [N, 2] to each outline, and unit outward normals [N, S, 2].

    As `gaps`, with the way out of each.
    """
    points = np.asarray(points, np.float64).reshape(-1, 2)
    c, s = solids.box_axis[:, 0], solids.box_axis[:, 1]
    offset = points[:, None] - solids.box_centre
    x = c * offset[..., 0] + s * offset[..., 1]
    y = c * offset[..., 1] - s * offset[..., 0]
    dx, dy = np.abs(x) - solids.box_half[:, 0], np.abs(y) - solids.box_half[:, 1]
    ox, oy = np.maximum(dx, 0.0), np.maximum(dy, 0.0)
    outside = np.hypot(ox, oy)
    inner = np.minimum(np.maximum(dx, dy), 0.0)
    along_x = np.where(outside > 0, ox, dx >= dy) * np.where(x < 0, -1.0, 1.0)
    along_y = np.where(outside > 0, oy, dx < dy) * np.where(y < 0, -1.0, 1.0)
    scale = np.where(outside > 0, np.maximum(outside, 1e-12), 1.0)
    along_x, along_y = along_x / scale, along_y / scale
    box_normal = np.stack([c * along_x - s * along_y, s * along_x + c * along_y], -1)
    away = points[:, None] - solids.round_centre
    length = np.hypot(away[..., 0], away[..., 1])
    tip = np.array([1.0, 0.0])
    round_normal = np.where(length[..., None] > 1e-9, away / np.maximum(length, 1e-9)[..., None], tip)
    return (
        np.concatenate([outside + inner, length - solids.round_radius], 1),
        np.concatenate([box_normal, round_normal], 1),
    )


def penetration(
    points: np.ndarray, radius: float | np.ndarray, solids: Solids, height: float | np.ndarray = 0.0
) -> np.ndarray:
    """Return how deep [N] m upright bodies are inside any solid; 0 outside.

    Args:
        points: [N, 3] m, the feet of bodies of `radius` and `height`; with height 0, spheres' centres such as bones.
        radius: m; a scalar, or [N].
        solids: the geometry.
        height: m; a scalar, or [N].

    Depth is the least move that frees the body: sideways, over the top or below the bottom.
    """
    points = np.asarray(points, np.float64).reshape(-1, 3)
    if not len(points) or not len(solids):
        return np.zeros(len(points))
    radius, height = (np.broadcast_to(np.asarray(v, np.float64), len(points))[:, None] for v in (radius, height))
    margin = np.where(height > 0, 0.0, radius)
    sideways = radius - gaps(points[:, :2], solids)
    over = solids.high - (points[:, 2:] - margin)
    under = points[:, 2:] + height + margin - solids.low
    return np.maximum(np.minimum(np.minimum(sideways, over), under).max(1), 0.0)


def sweep(
    origins: np.ndarray, moves: np.ndarray, radius: float | np.ndarray, solids: Solids
) -> tuple[np.ndarray, np.ndarray]:
    """Return when circles first touch a solid: (share of the move [N] in 0..1 or inf, index of the solid [N] or -1).

    Args:
        origins: [N, 2] m, or [1, 2] for all.
        moves: [N, 2] m.
        radius: m; a scalar, or [N].
        solids: what may be touched, in plan view.

    A circle against a rectangle is a point against that rectangle grown by the radius with rounded corners: a slab test
    and, where the way comes in at a corner, a test of that corner's circle (Ericson, Real-Time Collision Detection,
    5.5.7). A circle that already touches counts as touching (0) when it moves further in, and as free when it moves
    away or along.
    """
    origins, moves = (np.asarray(a, np.float64).reshape(-1, 2) for a in (origins, moves))
    if not len(solids):
        return np.full(len(moves), np.inf), np.full(len(moves), -1)
    wide = np.asarray(radius, np.float64).reshape(-1, 1)
    times = np.concatenate(
        [_sweep_boxes(origins, moves, wide, solids), _sweep_rounds(origins, moves, wide, solids)], 1
    )
    touching = gaps(origins, solids) <= wide + 1e-6
    if touching.any():
        _, normal = distance(origins, solids)
        inward = normal[..., 0] * moves[:, :1] + normal[..., 1] * moves[:, 1:] < -1e-9
        times = np.where(touching, np.where(inward, 0.0, np.inf), times)
    first = times.argmin(1)
    best = times[np.arange(len(times)), first]
    hit = best <= 1.0
    return np.where(hit, best, np.inf), np.where(hit, first, -1)


def _sweep_boxes(origins: np.ndarray, moves: np.ndarray, wide: np.ndarray, solids: Solids) -> np.ndarray:
    """Shares [N, B] of the moves at which points that begin outside come into boxes grown by `wide` [N, 1] m."""
    c, s = solids.box_axis.T
    half_x, half_y = solids.box_half.T
    dx, dy = origins[:, :1] - solids.box_centre[:, 0], origins[:, 1:] - solids.box_centre[:, 1]
    x, y = c * dx + s * dy, c * dy - s * dx
    u, v = c * moves[:, :1] + s * moves[:, 1:], c * moves[:, 1:] - s * moves[:, :1]
    enter_x, leave_x = _slab(x, u, half_x + wide)
    enter_y, leave_y = _slab(y, v, half_y + wide)
    enter, leave = np.maximum(enter_x, enter_y), np.minimum(leave_x, leave_y)
    at = np.maximum(enter, 0.0)
    to_x, to_y = x + at * u, y + at * v
    side = np.where((enter <= leave) & (enter >= 0), enter, np.inf)
    # Who comes in at a corner and misses its circle goes past: the grown box is convex.
    corner = _circles(x - np.copysign(half_x, to_x), y - np.copysign(half_y, to_y), u, v, wide)
    return np.where((np.abs(to_x) > half_x) & (np.abs(to_y) > half_y), corner, side)


def _sweep_rounds(origins: np.ndarray, moves: np.ndarray, wide: np.ndarray, solids: Solids) -> np.ndarray:
    x, y = origins[:, :1] - solids.round_centre[:, 0], origins[:, 1:] - solids.round_centre[:, 1]
    return _circles(x, y, moves[:, :1], moves[:, 1:], solids.round_radius + wide)


def _slab(start: np.ndarray, step: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """When points at `start` that move by `step` come between -half and half, and when they leave."""
    # A move of 1e-12 m instead of 0 keeps the division finite and the answer the same.
    step = np.where(np.abs(step) < 1e-12, 1e-12, step)
    middle, around = -start / step, np.abs(half / step)
    return middle - around, middle + around


def _circles(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """When points (x, y) that move by (u, v) come into circles round the origin."""
    a = np.maximum(u * u + v * v, 1e-18)
    b = x * u + y * v
    root = b * b - a * (x * x + y * y - radius * radius)
    enter = (-b - np.sqrt(np.maximum(root, 0.0))) / a
    return np.where((root >= 0) & (enter >= 0) & (b < 0), enter, np.inf)


class Outline:
    """One solid's plan outline in plain floats: numpy is slower for a single point."""

    __slots__ = ("_a", "_b", "_c", "_round", "_s", "_x", "_y")

    def __init__(self, solids: Solids, index: int) -> None:
        """Take solid `index` (boxes first)."""
        boxes = len(solids.box_low)
        self._round = index >= boxes
        if self._round:
            at = index - boxes
            self._x, self._y = (float(v) for v in solids.round_centre[at])
            self._a, self._b, self._c, self._s = float(solids.round_radius[at]), 0.0, 1.0, 0.0
        else:
            self._x, self._y = (float(v) for v in solids.box_centre[index])
            self._a, self._b = (float(v) for v in solids.box_half[index])
            self._c, self._s = (float(v) for v in solids.box_axis[index])

    def depth(self, x: float, y: float, radius: float) -> tuple[float, float, float]:
        """Return how deep (m) a circle is inside, negative outside, and the unit vector that leads out."""
        x, y = x - self._x, y - self._y
        if self._round:
            away = math.hypot(x, y)
            ux, uy = (x / away, y / away) if away > 1e-9 else (1.0, 0.0)
            return radius + self._a - away, ux, uy
        u, v = self._c * x + self._s * y, self._c * y - self._s * x
        du, dv = abs(u) - self._a, abs(v) - self._b
        if du <= 0 or dv <= 0:
            gap, nu, nv = (du, 1.0, 0.0) if du > dv else (dv, 0.0, 1.0)
        else:
            gap = math.hypot(du, dv)
            nu, nv = du / gap, dv / gap
        nu, nv = math.copysign(nu, u), math.copysign(nv, v)
        return radius - gap, self._c * nu - self._s * nv, self._s * nu + self._c * nv
