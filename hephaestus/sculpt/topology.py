"""Edges and neighbours of a triangle mesh as arrays."""

from __future__ import annotations

import numpy as np


def edges(faces: np.ndarray) -> np.ndarray:
    """Return the edges [E, 2] of triangles [F, 3], smaller index first, sorted, each once."""
    pairs = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
    base = int(faces.max()) + 1
    keys = np.sort(pairs[:, 0] * base + pairs[:, 1])
    keys = keys[np.append(True, np.diff(keys) > 0)]
    return np.stack([keys // base, keys % base], 1)


def is_closed(faces: np.ndarray) -> bool:
    """Tell whether every directed edge occurs once and meets its opposite once: a closed, oriented 2-manifold."""
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    base = int(faces.max()) + 1
    there, back = np.sort(pairs[:, 0] * base + pairs[:, 1]), np.sort(pairs[:, 1] * base + pairs[:, 0])
    return bool(np.array_equal(there, back) and (np.diff(there) > 0).all())


def neighbours(pairs: np.ndarray, count: int) -> np.ndarray:
    """Return the neighbours [count, D] of every vertex by edges [E, 2], filled up with -1."""
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    degree = np.bincount(both[:, 0], minlength=count)
    start = np.concatenate([[0], np.cumsum(degree)[:-1]])
    table = np.full((count, int(degree.max(initial=1))), -1, np.int64)
    table[both[:, 0], np.arange(len(both)) - start[both[:, 0]]] = both[:, 1]
    return table


def least_around(values: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return for every vertex [V] the least value among itself and its neighbours by edges [E, 2]."""
    out = values.copy()
    np.minimum.at(out, pairs[:, 0], values[pairs[:, 1]])
    np.minimum.at(out, pairs[:, 1], values[pairs[:, 0]])
    return out


def components(pairs: np.ndarray, count: int) -> np.ndarray:
    """Return a label [count] for each vertex: the least vertex index of its connected piece."""
    label = np.arange(count)
    while True:
        new = least_around(label, pairs)
        new = new[new]
        if np.array_equal(new, label):
            return label
        label = new


def compact(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Drop unused vertices; returns vertices, faces and the old index of each vertex kept."""
    used = np.unique(faces)
    number = np.full(len(vertices), -1, np.int64)
    number[used] = np.arange(len(used))
    return vertices[used], number[faces], used


def face_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return normals [F, 3] as long as twice the triangle's area."""
    p = vertices[faces]
    return np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return unit normals [V, 3], the mean of the faces around weighted by area."""
    normal = face_normals(vertices, faces)
    total = np.zeros_like(vertices)
    for axis in range(3):
        weight = np.repeat(normal[:, axis], 3)
        total[:, axis] = np.bincount(faces.ravel(), weights=weight, minlength=len(vertices))
    length = np.sqrt((total * total).sum(1, keepdims=True))
    return total / np.maximum(length, 1e-18)
