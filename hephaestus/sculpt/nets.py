"""From a grid of distances to triangles: naive surface nets (S. F. Gibson, MERL TR-99-24, 1998)."""

from __future__ import annotations

import numpy as np

_CORNERS = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
_EDGES = np.array([(a, b) for a in range(8) for b in range(a + 1, 8) if np.abs(_CORNERS[a] - _CORNERS[b]).sum() == 1])
_SHAVES = 40


def surface_nets(values: np.ndarray, corner: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Mesh the zero surface of a field.

    Where two sheets pass through one cell (at tips and webs thinner than the grid) they would share its vertex;
    there the field is shaved until none is left.

    Args:
        values: [X, Y, Z] distances, negative inside, positive on the border of the grid.
        corner: [3], where values[0, 0, 0] lies, m.
        step: m between grid points.

    Returns:
        Vertices float64 [V, 3] (one a cell that the surface crosses, in the middle of its crossings) and triangles
        int64 [F, 3], counter-clockwise seen from outside.
    """
    for _ in range(_SHAVES):
        active, vertices, quads, code = _net(values)
        bad = _AMBIGUOUS[code]
        if not bad.any():
            break
        values = values.copy()
        spots = tuple((active[bad][:, None] + _CORNERS).reshape(-1, 3).T)
        values[spots] = np.maximum(values[spots], 1e-3 * step)
    vertices = corner + step * vertices
    return vertices, _split(vertices, quads)


def _ambiguous() -> np.ndarray:
    """Return bool [256]: for which sets of inside corners a cell's surface is more than one sheet."""
    out = np.zeros(256, bool)
    for code in range(256):
        inside = [bool(code >> c & 1) for c in range(8)]
        label = list(range(8))
        for _ in range(8):
            for a, b in _EDGES:
                if inside[a] == inside[b]:
                    label[a] = label[b] = min(label[a], label[b])
        out[code] = len(set(label)) > 2
    return out


_AMBIGUOUS = _ambiguous()


def _net(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the crossed cells [V, 3], their vertices [V, 3] in grid units, quads [Q, 4], and corner sets [V]."""
    inside = values < 0
    cells = np.array(values.shape) - 1
    code = np.zeros(cells, np.uint8)
    for c, (i, j, k) in enumerate(_CORNERS):
        code |= inside[i : i + cells[0], j : j + cells[1], k : k + cells[2]].astype(np.uint8) << np.uint8(c)
    active = np.argwhere((code > 0) & (code < 255))
    number = np.full(cells, -1, np.int64)
    number[tuple(active.T)] = np.arange(len(active))
    quads = np.concatenate([_quads(inside, number, axis) for axis in range(3)])
    return active, active + _crossings(values, active), quads, code[tuple(active.T)]


def _crossings(values: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Return the mean place [N, 3] of the surface on the edges of each active cell, 0 to 1."""
    at = active[:, None] + _CORNERS
    d = values[at[..., 0], at[..., 1], at[..., 2]]
    total, crossed = np.zeros((len(active), 3)), np.zeros(len(active))
    for a, b in _EDGES:
        mixed = (d[:, a] < 0) != (d[:, b] < 0)
        t = d[:, a] / np.where(mixed, d[:, a] - d[:, b], 1.0)
        place = _CORNERS[a] + t[:, None] * (_CORNERS[b] - _CORNERS[a])
        total += np.where(mixed[:, None], place, 0.0)
        crossed += mixed
    return total / crossed[:, None]


def _quads(inside: np.ndarray, number: np.ndarray, axis: int) -> np.ndarray:
    """Return [Q, 4] vertex indices: one quad around every grid edge along an axis that changes sign."""
    b, c = (axis + 1) % 3, (axis + 2) % 3
    along = [slice(None)] * 3
    along[axis] = slice(None, -1)
    first = inside[tuple(along)]
    along[axis] = slice(1, None)
    second = inside[tuple(along)]
    at = np.argwhere(first != second)
    at = at[(at[:, b] > 0) & (at[:, c] > 0)]
    outward = first[tuple(at.T)]
    corners = []
    for db, dc in ((1, 1), (0, 1), (0, 0), (1, 0)):
        cell = at.copy()
        cell[:, b] -= db
        cell[:, c] -= dc
        corners.append(number[tuple(cell.T)])
    quads = np.stack(corners, 1)
    return np.where(outward[:, None], quads, quads[:, ::-1])


def _split(vertices: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Cut quads along their shorter diagonal."""
    p = vertices[quads]
    first = ((p[:, 0] - p[:, 2]) ** 2).sum(1) <= ((p[:, 1] - p[:, 3]) ** 2).sum(1)
    q = np.where(first[:, None], quads, np.roll(quads, -1, 1))
    return np.concatenate([q[:, [0, 1, 2]], q[:, [0, 2, 3]]])
