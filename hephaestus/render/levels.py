"""Levels of detail: coarser triangles over the same vertices, for what is far and for shadows.

Vertices that share a cell of a grid and a joint become one of them, as in Rossignac and Borrel 1993 (vertex
clustering); since no vertex is made, a level is nothing but indices. Each level is made of the finer one and asks only
for vertices that the finer one asks for too: sorted well, those of a level stand in front.
"""

from __future__ import annotations

import numpy as np

FIRST, STEP = 1.1, 1.5
"""Cell of the first coarse level in mean edges, and how much wider the next one's is."""
MOST = 6
"""Coarse levels at most."""
FEWEST = 150
"""Triangles under which nothing is made coarser."""
WORTH = 0.8
"""A level is kept that has less than this share of the triangles of the finer one."""


def mean_edge(positions: np.ndarray, triangles: np.ndarray) -> float:
    """Return the mean length of the edges of triangles [N, 3] over positions [V, 3]."""
    if len(triangles) == 0:
        return 0.0
    corners = positions[triangles]
    return float(np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).mean())


def along_curve(points: np.ndarray) -> np.ndarray:
    """Return the order [N] of points [N, 3] along Morton's curve: neighbours in it are neighbours in space."""
    if len(points) == 0:
        return np.zeros(0, np.int64)
    low, wide = points.min(0), max(float(np.ptp(points, axis=0).max()), 1e-9)
    cell = ((points - low) / wide * 1023).astype(np.uint64)
    code = np.zeros(len(points), np.uint64)
    for bit in range(10):
        for axis in range(3):
            code |= (cell[:, axis] >> np.uint64(bit) & np.uint64(1)) << np.uint64(3 * bit + axis)
    return np.argsort(code, kind="stable")


def in_order(positions: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put triangles beside their neighbours, and vertices in the order in which triangles ask for them.

    Drivers keep few vertices at a time: in this order each is worked out about once instead of three times.

    Args:
        positions: [V, 3].
        indices: [I].

    Returns:
        Triangles [N, 3] of new numbers, and the old number of each new vertex [W], W <= V: what no triangle uses goes.
    """
    triangles = indices.reshape(-1, 3)
    triangles = triangles[along_curve(positions[triangles].mean(1))]
    used, first = np.unique(triangles, return_index=True)
    order = used[np.argsort(first, kind="stable")]
    number = np.zeros(len(positions), np.int64)
    number[order] = np.arange(len(order))
    return number[triangles], order


def coarser(
    positions: np.ndarray,
    triangles: np.ndarray,
    groups: np.ndarray,
    look: np.ndarray,
    cells: tuple[float, ...] | None = None,
) -> list[tuple[float, np.ndarray]]:
    """Make coarse levels.

    Args:
        positions: float [V, 3].
        triangles: int [N, 3].
        groups: int [V]; vertices of different groups stay apart (the joint that moves them most).
        look: float [V, D], what a vertex that replaces another should have alike: texture place and normal.
        cells: widths of the grids, or None for those that suit the mesh.

    Returns:
        (cell, triangles [M, 3]) of each level, the finest first; not the mesh itself.
    """
    if cells is None:
        edge = mean_edge(positions, triangles)
        cells = tuple(edge * FIRST * STEP**k for k in range(MOST)) if edge > 0 else ()
    same = _welded(positions)
    levels: list[tuple[float, np.ndarray]] = []
    now = triangles
    for cell in cells:
        if len(now) < FEWEST:
            break
        used, corners = np.unique(now, return_inverse=True)
        alike = np.unique(same[used], return_inverse=True)[1].reshape(-1)
        chosen = used[_chosen(positions[used], alike, groups[used], look[used], cell)]
        t = chosen[corners.reshape(-1, 3)]
        a, b, c = same[t].T
        t = t[(a != b) & (b != c) & (c != a)]
        if len(t) < WORTH * len(now):
            levels.append((cell, t))
            now = t
    return levels


def depths(triangles: list[np.ndarray], length: int) -> np.ndarray:
    """Return the number of the coarsest level [length] that asks for each vertex.

    Args:
        triangles: [N, 3] of each level, the finest first; no level asks for what the finer one does not.
        length: vertices.
    """
    deepest = np.zeros(length, np.int64)
    for level, t in enumerate(triangles):
        deepest[t.ravel()] = level
    return deepest


def _welded(positions: np.ndarray) -> np.ndarray:
    """Return a number [V] for each vertex, the same for those at the same place."""
    rows = np.ascontiguousarray(positions, np.float32).view(np.dtype((np.void, 12))).ravel()
    return np.unique(rows, return_inverse=True)[1].reshape(-1)


def silhouette(
    positions: np.ndarray, triangles: np.ndarray, groups: np.ndarray, cell: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make a rough mesh that throws the same shadow: the vertices of a cell and a group are one, at their mean.

    Args:
        positions: float [V, 3].
        triangles: int [N, 3].
        groups: int [V], the joint that moves each vertex most.
        cell: width of the grid.

    Returns:
        Positions [W, 3], the group [W] of each, and triangles [M, 3].
    """
    cluster, mean = _clusters(positions, _welded(positions), groups, cell)
    group = np.zeros(len(mean), groups.dtype)
    group[cluster] = groups
    t = cluster[triangles]
    a, b, c = t.T
    t = t[(a != b) & (b != c) & (c != a)]
    _, once = np.unique(np.sort(t, axis=1), axis=0, return_index=True)
    return mean, group, t[np.sort(once)]


def _clusters(
    positions: np.ndarray, same: np.ndarray, groups: np.ndarray, cell: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the cluster [V] of each vertex, and the mean place [W, 3] of each cluster."""
    key = np.floor(positions / cell).astype(np.int64)
    key -= key.min(0)
    wide = key.max(0) + 1
    flat = ((key[:, 0] * wide[1] + key[:, 1]) * wide[2] + key[:, 2]) * (int(groups.max()) + 1) + groups
    # All vertices at one place go the same way, or the surface would tear: the first of them decides.
    _, first = np.unique(same, return_index=True)
    cluster = np.unique(flat[first[same]], return_inverse=True)[1].reshape(-1)
    count = np.bincount(cluster)
    return cluster, np.stack([np.bincount(cluster, positions[:, k]) for k in range(3)], -1) / count[:, None]


def _chosen(positions: np.ndarray, same: np.ndarray, groups: np.ndarray, look: np.ndarray, cell: float) -> np.ndarray:
    """Return for each vertex [V] the vertex that stands for it: of its cell the place nearest to the mean."""
    cluster, mean = _clusters(positions, same, groups, cell)
    gap = ((positions - mean[cluster]) ** 2).sum(-1)
    by = np.lexsort((gap, cluster))
    place = same[by[np.searchsorted(cluster[by], np.arange(len(mean)))]]
    return _alike(same, place[cluster], look)


def _alike(same: np.ndarray, place: np.ndarray, look: np.ndarray) -> np.ndarray:
    """Return for each vertex [V], of the vertices at its new place [V], the one that looks most like it."""
    by = np.argsort(same, kind="stable")
    start = np.searchsorted(same[by], np.arange(int(same.max()) + 2))
    best = by[start[place]]
    least = ((look[best] - look) ** 2).sum(-1)
    several = np.diff(start)[place]
    for k in range(1, min(int(several.max()), 16)):
        here = np.flatnonzero(several > k)
        other = by[start[place[here]] + k]
        off = ((look[other] - look[here]) ** 2).sum(-1)
        nearer = off < least[here]
        best[here[nearer]], least[here[nearer]] = other[nearer], off[nearer]
    return np.asarray(best)
