"""Fewer and rounder triangles: short edges collapse, diagonals flip, vertices relax along the surface.

Incremental isotropic remeshing (M. Botsch and L. Kobbelt, SGP 2004) with a length wanted that varies over the body,
done in rounds: in each, edges that do not touch each other's neighbourhood change all at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hephaestus.sculpt.field import Field
from hephaestus.sculpt.topology import compact, edges, face_normals, least_around, neighbours, vertex_normals

Size = Callable[[np.ndarray], np.ndarray]
_DEGREE = 10
_STEEPEST = 0.35
_CARE = 2.0
"""How much longer an edge counts where the surface turns, so that tips and fingers keep their form."""


def remesh(
    vertices: np.ndarray, faces: np.ndarray, field: Field, size: Size, rounds: int = 60
) -> tuple[np.ndarray, np.ndarray]:
    """Coarsen a fine mesh of a field's zero surface.

    Args:
        vertices: [V, 3] m.
        faces: [F, 3], closed.
        field: the surface that vertices stay on.
        size: wanted edge length (m) at points [N, 3] -> [N].
        rounds: most rounds of collapses.

    Returns:
        Vertices and faces, closed if the input was.
    """
    vertices = field.project(vertices, 1)
    wanted = size(vertices)
    for turn in range(rounds):
        vertices, faces, wanted, changed = _collapse(vertices, faces, wanted, field)
        if turn % 6 == 5 or not changed:
            faces = flip(vertices, faces)
            vertices = relax(vertices, faces, field)
        if changed < len(vertices) // 500:
            break
    for _ in range(4):
        faces = flip(vertices, faces)
        vertices = relax(vertices, faces, field)
    return field.project(vertices, 3), faces


def _collapse(
    vertices: np.ndarray, faces: np.ndarray, wanted: np.ndarray, field: Field
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    pairs = edges(faces)
    normal = vertex_normals(vertices, faces)
    bend = 1.0 - (normal[pairs[:, 0]] * normal[pairs[:, 1]]).sum(1)
    length = 2.0 * _lengths(vertices, pairs) / (wanted[pairs[:, 0]] + wanted[pairs[:, 1]]) * (1.0 + _CARE * bend)
    table = neighbours(pairs, len(vertices))
    short = np.flatnonzero(length < 0.8)
    short = short[_collapsible(table, pairs[short])]
    chosen = _apart(pairs, short, length[short], len(vertices))
    if not len(chosen):
        return vertices, faces, wanted, 0
    keep, drop = pairs[chosen].T
    moved = vertices.copy()
    moved[keep] = field.project(0.5 * (vertices[keep] + vertices[drop]), 1)
    good = _unfolded(vertices, moved, faces, keep, drop)
    keep, drop = keep[good], drop[good]
    target = np.arange(len(vertices))
    target[drop] = keep
    out = vertices.copy()
    out[keep] = moved[keep]
    faces = target[faces]
    alive = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    wanted = wanted.copy()
    wanted[keep] = 0.5 * (wanted[keep] + wanted[drop])
    out, faces, used = compact(out, faces[alive])
    return out, faces, wanted[used], len(keep)


def _lengths(vertices: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    d = vertices[pairs[:, 0]] - vertices[pairs[:, 1]]
    return np.sqrt((d * d).sum(1))


def _collapsible(table: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Tell which edges [N, 2] keep the surface a manifold: exactly two common neighbours, no degree left under 4."""
    a, b = table[pairs[:, 0]], table[pairs[:, 1]]
    common = ((a[:, :, None] == b[:, None, :]) & (a[:, :, None] >= 0)).any(2)
    degree = (table >= 0).sum(1)
    across = np.where(common, degree[a], 99).min(1)
    total = degree[pairs[:, 0]] + degree[pairs[:, 1]] - 4
    return (common.sum(1) == 2) & (across > 4) & (total <= _DEGREE)


def _apart(pairs: np.ndarray, chosen: np.ndarray, cost: np.ndarray, count: int) -> np.ndarray:
    """Pick the cheapest of the chosen edges such that no two share a neighbourhood."""
    rank = np.empty(len(chosen), np.int64)
    rank[np.argsort(cost, kind="stable")] = np.arange(len(chosen))
    best = np.full(count, len(chosen))
    for side in (0, 1):
        np.minimum.at(best, pairs[chosen, side], rank)
    best = least_around(best, pairs)
    return chosen[(best[pairs[chosen, 0]] == rank) & (best[pairs[chosen, 1]] == rank)]


def _unfolded(
    vertices: np.ndarray, moved: np.ndarray, faces: np.ndarray, keep: np.ndarray, drop: np.ndarray
) -> np.ndarray:
    """Tell which collapses leave every triangle around them facing the way it did."""
    target, owner = np.arange(len(vertices)), np.full(len(vertices), -1)
    target[drop] = keep
    owner[keep] = owner[drop] = np.arange(len(keep))
    touched = faces[(owner[faces] >= 0).any(1)]
    new = target[touched]
    alive = (new[:, 0] != new[:, 1]) & (new[:, 1] != new[:, 2]) & (new[:, 2] != new[:, 0])
    before, after = face_normals(vertices, touched[alive]), face_normals(moved, new[alive])
    cosine = (before * after).sum(1) / np.maximum(np.sqrt((before**2).sum(1) * (after**2).sum(1)), 1e-18)
    bad = owner[touched[alive][cosine < _STEEPEST]]
    good = np.ones(len(keep), bool)
    good[bad[bad >= 0]] = False
    return good


def flip(vertices: np.ndarray, faces: np.ndarray, rounds: int = 4) -> np.ndarray:
    """Flip diagonals whose opposite angles sum to more than 180 degrees (Delaunay), where nothing folds."""
    for _ in range(rounds):
        faces, changed = _flip_once(vertices, faces)
        if not changed:
            break
    return faces


def _flip_once(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, int]:
    count = len(vertices)
    half = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    third = np.concatenate([faces[:, 2], faces[:, 0], faces[:, 1]])
    face = np.tile(np.arange(len(faces)), 3)
    there = np.argsort(half[:, 0] * count + half[:, 1])
    back = np.argsort(half[:, 1] * count + half[:, 0])
    first = half[there, 0] < half[there, 1]
    e, o = there[first], back[first]
    a, b, c, d = half[e, 0], half[e, 1], third[e], third[o]
    gain = _cotangent(vertices, c, a, b) + _cotangent(vertices, d, a, b)
    degree = np.bincount(faces.ravel(), minlength=count)
    keys = np.sort(half[:, 0] * count + half[:, 1])
    key = c * count + d
    at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    free = (keys[at] != key) & (degree[a] > 4) & (degree[b] > 4) & (degree[c] < _DEGREE) & (degree[d] < _DEGREE)
    one, two = np.stack([c, a, d], 1), np.stack([d, b, c], 1)
    normal = face_normals(vertices, faces)
    mean = normal[face[e]] + normal[face[o]]
    for new in (one, two):
        n = face_normals(vertices, new)
        free &= (n * mean).sum(1) > 0.6 * np.sqrt((n * n).sum(1) * (mean * mean).sum(1))
    wanted = np.flatnonzero(free & (gain < -1e-3))
    if not len(wanted):
        return faces, 0
    rank = np.empty(len(wanted), np.int64)
    rank[np.argsort(gain[wanted], kind="stable")] = np.arange(len(wanted))
    best = np.full(count, len(wanted))
    corners = np.stack([a, b, c, d], 1)[wanted]
    for k in range(4):
        np.minimum.at(best, corners[:, k], rank)
    go = wanted[(best[corners] == rank[:, None]).all(1)]
    out = faces.copy()
    out[face[e[go]]], out[face[o[go]]] = one[go], two[go]
    return out, len(go)


def _cotangent(vertices: np.ndarray, at: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    u, v = vertices[a] - vertices[at], vertices[b] - vertices[at]
    n = np.cross(u, v)
    return (u * v).sum(1) / np.maximum(np.sqrt((n * n).sum(1)), 1e-18)


def relax(vertices: np.ndarray, faces: np.ndarray, field: Field, share: float = 0.5) -> np.ndarray:
    """Move vertices towards the middle of their neighbours, then back onto the surface."""
    table = neighbours(edges(faces), len(vertices))
    there = (table >= 0)[:, :, None]
    mean = np.where(there, vertices[table], 0.0).sum(1) / there.sum(1)
    normal = field.normals(vertices)
    step = mean - vertices
    step -= normal * (step * normal).sum(1, keepdims=True)
    return field.project(vertices + share * step, 1)
