"""Track: the loop on which the links of a tank's track run, found from where the links are at rest."""

from __future__ import annotations

import numpy as np

_FEWEST = 8
_SAMPLES = 1024


class Track:
    """A closed smooth curve (Catmull-Rom) through the links, in the upright plane along the body.

    Args:
        points: [n, 3] m, the links at rest in the motion frame, in any order.

    Attributes:
        runs: whether the links form a loop; a few plates or a single mesh do not, and stay where they are.
        aside: m, how far left of the middle the loop lies.
    """

    def __init__(self, points: np.ndarray) -> None:
        points = np.asarray(points, float).reshape(-1, 3)
        self.aside = float(points[:, 0].mean()) if len(points) else 0.0
        flat = points[:, [2, 1]]
        self.runs = len(points) >= _FEWEST and float(np.ptp(flat[:, 1])) > 0.08 * float(np.ptp(flat[:, 0]))
        if not self.runs:
            return
        order = _around(flat)
        loop = flat[order]
        per = max(4, _SAMPLES // len(loop))
        fine = np.stack([_curve(loop, k / per) for k in range(per)], 1).reshape(-1, 2)
        closed = np.vstack([fine, fine[:1]])
        steps = np.linalg.norm(np.diff(closed, axis=0), axis=1)
        self._arc = np.concatenate([[0.0], np.cumsum(steps)])
        self._line = closed
        slope = np.roll(fine, -1, 0) - np.roll(fine, 1, 0)
        angle = np.unwrap(np.arctan2(slope[:, 1], slope[:, 0]))
        turns = round((angle[-1] - angle[0]) / (2 * np.pi)) or -1
        self._angle = np.append(angle, angle[0] + 2 * np.pi * turns)
        self._full = 2 * np.pi * turns
        self._start = np.empty(len(points))
        self._start[order] = self._arc[:-1:per]
        self._rest_angle = np.interp(self._start, self._arc, self._angle)

    def move(self, way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where the links are after the loop has run `way` [T] m: backward below, forward above.

        Returns:
            Places float [T, n, 2] m (forward, up), and how far [T, n] rad each has turned about the left axis.
        """
        length = self._arc[-1]
        at = np.asarray(way)[:, None] + self._start
        laps = np.floor(at / length)
        at = at - laps * length
        place = np.stack([np.interp(at, self._arc, self._line[:, k]) for k in (0, 1)], -1)
        angle = np.interp(at, self._arc, self._angle) + laps * self._full
        return place, self._rest_angle - angle


def _around(flat: np.ndarray) -> np.ndarray:
    """Return the order in which links [n, 2] follow each other: over the top forward, below backward.

    The order of the file is taken if it makes the shorter loop, else that of the angles about the middle.
    """
    off = flat - 0.5 * (flat.min(0) + flat.max(0))
    size = np.maximum(np.ptp(flat, axis=0), 1e-9)
    by_angle = np.argsort(-np.arctan2(off[:, 1] / size[1], off[:, 0] / size[0]), kind="stable")
    given = np.arange(len(flat))
    if _length(flat[given]) <= _length(flat[by_angle]):
        a, b = flat, np.roll(flat, -1, 0)
        area = float((a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]).sum())
        return given if area < 0 else given[::-1]
    return by_angle


def _length(loop: np.ndarray) -> float:
    return float(np.linalg.norm(loop - np.roll(loop, 1, 0), axis=1).sum())


def _curve(loop: np.ndarray, share: float) -> np.ndarray:
    """Return the points [n, 2] at a share of the way from each link to the next."""
    a, b, c, d = np.roll(loop, 1, 0), loop, np.roll(loop, -1, 0), np.roll(loop, -2, 0)
    t = share
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
