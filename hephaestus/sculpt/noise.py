"""Smooth noise for paint, from integer hashes, so that it is the same on every machine."""

from __future__ import annotations

import numpy as np


def noise(points: np.ndarray, size: float) -> np.ndarray:
    """Return value noise [N], -1 to 1, at points [N, 3]; `size` (m) is how far apart its bumps are."""
    cell = np.floor(points / size)
    s = points / size - cell
    s = s * s * (3 - 2 * s)
    base = cell.astype(np.int64)
    out = np.zeros(len(points))
    for i in (0, 1):
        for j in (0, 1):
            for k in (0, 1):
                weight = (s[:, 0] if i else 1 - s[:, 0]) * (s[:, 1] if j else 1 - s[:, 1])
                out += weight * (s[:, 2] if k else 1 - s[:, 2]) * _hash(base + np.array([i, j, k]))
    return out


def _hash(cells: np.ndarray) -> np.ndarray:
    """Return numbers in [-1, 1] for integer cells [N, 3] (a multiply-xorshift mix of 32 bits)."""
    mask = np.int64(0xFFFFFFFF)
    h = (cells[:, 0] * 73856093) ^ (cells[:, 1] * 19349663) ^ (cells[:, 2] * 83492791)
    for _ in range(2):
        h = ((h & mask) ^ ((h & mask) >> 15)) * 739982445
    return ((h >> 8) & 0xFFFF) / 32767.5 - 1.0
