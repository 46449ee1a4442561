"""Triangles and weights of one primitive brought into the one form that is drawn, in bounded memory."""

from __future__ import annotations

import numpy as np

from hephaestus.rotation import normalize

_STRIP, _FAN = 5, 6
_CHUNK = 1 << 19
"""Rows worked on at a time, so that a mesh of millions needs no more memory beside itself than a small one."""


def triangle_list(line: np.ndarray, mode: int) -> np.ndarray:
    """Turn indices [N] of a glTF primitive mode (4 list, 5 strip, 6 fan) into separate triangles, uint32 [I]."""
    if mode not in (_STRIP, _FAN) or len(line) < 3:
        return line[: len(line) // 3 * 3]
    if mode == _FAN:
        first = np.full(len(line) - 2, line[0])
        return np.stack([first, line[1:-1], line[2:]], 1).ravel()
    triangles = np.stack([line[:-2], line[1:-1], line[2:]], 1)
    triangles[1::2, :2] = triangles[1::2, 1::-1]
    return triangles.ravel()


def used_vertices(indices: np.ndarray, count: int) -> tuple[np.ndarray | None, np.ndarray]:
    """Find out which of `count` vertices are drawn, as exporters let many primitives share one long list.

    Args:
        indices: uint32 [I].
        count: vertices in the file's list.

    Returns:
        The drawn vertices in rising order and the indices into them; (None, indices) where most vertices are drawn.
    """
    drawn = np.zeros(count, bool)
    drawn[indices] = True
    kept = np.flatnonzero(drawn)
    if not len(kept) or 2 * len(kept) > count:
        return None, indices
    place = np.zeros(count, np.uint32)
    place[kept] = np.arange(len(kept), dtype=np.uint32)
    return kept, place[indices]


def strongest_four(joints: list[np.ndarray], weights: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Keep the four strongest joints of each vertex and make their weights sum to 1.

    Args:
        joints: one to four arrays [V, 4] of unsigned integers.
        weights: as many float arrays [V, 4]; negative ones count as zero.

    Returns:
        int32 [V, 4] and float32 [V, 4]; a vertex without weight follows the skin's first joint.
    """
    count = len(weights[0])
    bound, strength = np.zeros((count, 4), np.int32), np.zeros((count, 4), np.float32)
    for start in range(0, count, _CHUNK):
        rows = slice(start, start + _CHUNK)
        j = np.concatenate([np.minimum(part[rows], np.uint32(65535)).astype(np.int32) for part in joints], 1)
        w = np.maximum(np.concatenate([part[rows] for part in weights], 1), 0)
        if j.shape[1] > 4:
            best = np.argpartition(w, -4, axis=1)[:, -4:]
            j, w = np.take_along_axis(j, best, 1), np.take_along_axis(w, best, 1)
        total = w.sum(1, keepdims=True)
        bound[rows] = np.where(w > 0, j, 0)
        strength[rows] = np.where(total > 0, w / np.where(total > 0, total, 1), np.array([1, 0, 0, 0], np.float32))
    return bound, strength


def smooth_normals(positions: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Return area-weighted vertex normals [V, 3] of triangles [I] over positions [V, 3]; +y where there are none."""
    triangles = indices.reshape(-1, 3)
    total = np.zeros((3, len(positions)))
    for start in range(0, len(triangles), _CHUNK):
        part = triangles[start : start + _CHUNK]
        a, b, c = (positions.take(part[:, i], 0).T for i in range(3))
        faces = _cross(b - a, c - a)
        low, high = int(part.min()), int(part.max()) + 1
        for corner in range(3):
            at = part[:, corner] - low
            for axis in range(3):
                total[axis, low:high] += np.bincount(at, faces[axis], high - low)
    return mend_normals(total.T)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a x b of vectors [3, N]."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def mend_normals(normals: np.ndarray) -> np.ndarray:
    """Return normals [V, 3] as float32 at length one; +y where one has no direction."""
    largest = np.abs(normals).max(1, keepdims=True, initial=0.0)
    sound = largest > np.finfo(np.float32).tiny
    # Scaled first: the squares of what float32 can hold may leave it at either end.
    scaled = (normals / np.where(sound, largest, 1)).astype(np.float32)
    return np.where(sound, normalize(scaled), np.array([0, 1, 0], np.float32)).astype(np.float32)
