"""The clay: tapered capsules, ellipsoids and lofts as distance fields.

Every shape answers `distance(points[N, 3]) -> [N]` (m, negative inside, exact near the surface or close to it) and
`bounds() -> (low[3], high[3])`. Only + - * / and square roots are used, which IEEE 754 rounds the same everywhere, so
that a body comes out byte-equal on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

Vec = tuple[float, float, float]


class Shape(Protocol):
    """What a part of a body is made of."""

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Return the signed distance [N] (m) of points [N, 3]."""
        ...

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the box [3], [3] that holds the shape."""
        ...


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    # Written out: BLAS would use fused products on some machines.
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]


def _length(a: np.ndarray) -> np.ndarray:
    return np.sqrt(_dot(a, a))


@dataclass(frozen=True)
class Cone:
    """A round cone: two balls of radius ra at a and rb at b (m), and their hull (I. Quilez, "Round cone - exact")."""

    a: Vec
    b: Vec
    ra: float
    rb: float

    def distance(self, points: np.ndarray) -> np.ndarray:
        """See `Shape`."""
        a, b = np.array(self.a), np.array(self.b)
        ba, pa = b - a, points - a
        l2 = float(_dot(ba, ba))
        rr = self.ra - self.rb
        a2 = l2 - rr * rr
        y = _dot(pa, ba)
        z = y - l2
        x = pa * l2 - ba * y[:, None]
        x2, y2, z2 = _dot(x, x), y * y * l2, z * z * l2
        k = np.sign(rr) * rr * rr * x2
        body = (np.sqrt(x2 * a2 / l2) + y * rr) / l2 - self.ra
        head = np.sqrt(x2 + z2) / l2 - self.rb
        foot = np.sqrt(x2 + y2) / l2 - self.ra
        return np.where(np.sign(z) * a2 * z2 > k, head, np.where(np.sign(y) * a2 * y2 < k, foot, body))

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Shape`."""
        a, b = np.array(self.a), np.array(self.b)
        return np.minimum(a - self.ra, b - self.rb), np.maximum(a + self.ra, b + self.rb)


@dataclass(frozen=True)
class Ball:
    """An ellipsoid with half axes r (m); its y axis lies along `up` and its z axis as near `front` as may be."""

    center: Vec
    r: Vec
    up: Vec = (0.0, 1.0, 0.0)
    front: Vec = (0.0, 0.0, 1.0)

    def _axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        y = np.array(self.up) / _length(np.array(self.up))
        x = np.cross(y, np.array(self.front))
        x = x / _length(x)
        return x, y, np.cross(x, y)

    def distance(self, points: np.ndarray) -> np.ndarray:
        """See `Shape`; I. Quilez, "Ellipsoid - bound": first order, good near the surface."""
        p = points - np.array(self.center)
        q = [_dot(p, axis) / r for axis, r in zip(self._axes(), self.r, strict=True)]
        k0 = np.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2])
        g = [c / r for c, r in zip(q, self.r, strict=True)]
        k1 = np.sqrt(g[0] * g[0] + g[1] * g[1] + g[2] * g[2])
        return np.where(k1 < 1e-9, -min(self.r), k0 * (k0 - 1.0) / np.maximum(k1, 1e-9))

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Shape`."""
        half = np.zeros(3)
        for axis, r in zip(self._axes(), self.r, strict=True):
            half += np.abs(axis) * r
        return np.array(self.center) - half, np.array(self.center) + half


@dataclass(frozen=True)
class Slab:
    """The half space behind a plane: points with (p - at) . normal < 0 are inside; within the box of `reach`."""

    at: Vec
    normal: Vec
    reach: tuple[Vec, Vec]

    def distance(self, points: np.ndarray) -> np.ndarray:
        """See `Shape`."""
        n = np.array(self.normal)
        return _dot(points - np.array(self.at), n / _length(n))

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Shape`."""
        return np.array(self.reach[0]), np.array(self.reach[1])


class Chain:
    """A tapering tube through points (tail, horn): round cones along a Catmull-Rom curve, joined without bulges."""

    def __init__(self, points: Sequence[tuple[Vec, float]], pieces: int = 4) -> None:
        """Lay the curve.

        Args:
            points: places and radii, m.
            pieces: cones between two points.
        """
        self.points, self.pieces = tuple(points), pieces
        table = np.array([(*at, radius) for at, radius in points])
        ends = np.concatenate([2 * table[:1] - table[1:2], table, 2 * table[-1:] - table[-2:-1]])
        t = (np.arange(pieces) / pieces)[:, None, None]
        a, b, c, d = ends[:-3], ends[1:-2], ends[2:-1], ends[3:]
        curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        line = np.concatenate([curve.transpose(1, 0, 2).reshape(-1, 4), table[-1:]])
        low, high = np.minimum(table[:-1, 3], table[1:, 3]), np.maximum(table[:-1, 3], table[1:, 3])
        line[:-1, 3] = np.clip(line[:-1, 3], np.repeat(low, pieces), np.repeat(high, pieces))
        rows = line.tolist()
        self.cones = [Cone((p[0], p[1], p[2]), (q[0], q[1], q[2]), p[3], q[3]) for p, q in pairwise(rows)]

    def distance(self, points: np.ndarray) -> np.ndarray:
        """See `Shape`."""
        out = self.cones[0].distance(points)
        for cone in self.cones[1:]:
            out = np.minimum(out, cone.distance(points))
        return out

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Shape`."""
        boxes = [cone.bounds() for cone in self.cones]
        return np.min([b[0] for b in boxes], 0), np.max([b[1] for b in boxes], 0)


_SAMPLES = 257


class Loft:
    """A limb or trunk drawn by its cross sections: four quarter ellipses along a straight axis.

    A section is a row (t, right, left, front, back, shift_right, shift_front) in m: where along the axis, how far the
    skin is in four directions from the section's centre, and how far that centre is from the axis. Between rows the
    values follow monotone cubics (Fritsch and Carlson, SIAM J. Numer. Anal. 17, 1980); both ends close with domes.
    """

    def __init__(
        self,
        origin: Vec,
        axis: Vec,
        front: Vec,
        rows: Sequence[Sequence[float]],
        *,
        square: float = 0.0,
        dome: float = 0.6,
    ) -> None:
        """Fit the curves.

        Args:
            origin: where t = 0, m.
            axis: direction of t.
            front: direction of "front", made perpendicular to the axis; "right" is axis x front... as seen from behind.
            rows: the sections, t rising.
            square: 0 for ellipses, towards 1 for squares (Fernandez-Guasti's squircle).
            dome: height of the end domes as a share of the smaller half width there.
        """
        self.start, self.along, self.front, self.rows = origin, axis, front, rows
        self.origin = np.array(origin)
        self.axis = np.array(axis) / _length(np.array(axis))
        v = np.array(front) - self.axis * float(_dot(np.array(front), self.axis))
        self.v = v / _length(v)
        self.u = np.cross(self.axis, self.v)
        table = np.array(rows, np.float64)
        self.t = table[:, 0]
        self.table = _monotone(self.t, table[:, 1:])
        self.square, self.dome = square, dome
        self.low, self.high = dome * table[0, 1:5].min(), dome * table[-1, 1:5].min()

    def distance(self, points: np.ndarray) -> np.ndarray:
        """See `Shape`; first order in the slope of the sections."""
        p = points - self.origin
        t, x, y = _dot(p, self.axis), _dot(p, self.u), _dot(p, self.v)
        inside = np.clip(t, self.t[0], self.t[-1])
        right, left, front, back, cu, cv = self._at(inside)
        x, y, over = x - cu, y - cv, t - inside
        rx, ry = np.where(x >= 0, right, left), np.where(y >= 0, front, back)
        rz = np.where(over >= 0, self.high, self.low)
        qx, qy, qz = x / rx, y / ry, over / rz
        a, b = qx * qx, qy * qy
        flat = 0.5 * (a + b + np.sqrt(np.maximum((a + b) * (a + b) - 4 * self.square**2 * a * b, 0.0)))
        k0 = np.sqrt(flat + qz * qz)
        k1 = np.sqrt((qx / rx) ** 2 + (qy / ry) ** 2 + (qz / rz) ** 2)
        least = np.minimum(np.minimum(right, left), np.minimum(front, back))
        return np.where(k1 < 1e-9, -least, k0 * (k0 - 1.0) / np.maximum(k1, 1e-9))

    def _at(self, t: np.ndarray) -> np.ndarray:
        place = (t - self.t[0]) / (self.t[-1] - self.t[0]) * (_SAMPLES - 1)
        i = np.minimum(place.astype(np.int64), _SAMPLES - 2)
        share = (place - i)[:, None]
        return (self.table[i] * (1 - share) + self.table[i + 1] * share).T

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Shape`."""
        line = np.linspace(self.t[0], self.t[-1], _SAMPLES)
        line[0], line[-1] = line[0] - self.low, line[-1] + self.high
        right, left, front, back, cu, cv = self.table.T
        spine = self.origin + line[:, None] * self.axis + cu[:, None] * self.u + cv[:, None] * self.v
        reach = np.sqrt(np.maximum(right, left) ** 2 + np.maximum(front, back) ** 2)[:, None]
        return (spine - reach).min(0), (spine + reach).max(0)


def _monotone(t: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sample monotone cubics through values [R, C] at t [R] on an even grid: [_SAMPLES, C]."""
    h = np.diff(t)[:, None]
    slope = np.diff(values, axis=0) / h
    w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    same = slope[1:] * slope[:-1] > 0
    safe = np.where(same, slope[1:] * w2 * 0 + 1.0, 1.0)
    left, right = np.where(same, slope[:-1], safe), np.where(same, slope[1:], safe)
    inner = np.where(same, (w1 + w2) / (w1 / left + w2 / right), 0.0)
    m = np.concatenate([slope[:1], inner, slope[-1:]])
    at = np.linspace(t[0], t[-1], _SAMPLES)
    i = np.clip(np.searchsorted(t, at, "right") - 1, 0, len(t) - 2)
    s = ((at - t[i]) / h[i, 0])[:, None]
    a, b, ma, mb, hh = values[i], values[i + 1], m[i], m[i + 1], h[i]
    return (
        a * (1 + 2 * s) * (1 - s) ** 2
        + b * s * s * (3 - 2 * s)
        + hh * ma * s * (1 - s) ** 2
        - hh * mb * s * s * (1 - s)
    )
