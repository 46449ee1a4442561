"""Paint with sharp edges: triangles are cut along the borders of coloured panels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hephaestus.sculpt.field import Part
from hephaestus.sculpt.topology import edges

Region = Callable[[np.ndarray], np.ndarray]
_SNAP = 0.3
_TOUCH = 0.12
"""Shares of an edge: a vertex that close to a border moves onto it, or counts as on it where it must stay."""


@dataclass(frozen=True)
class Border:
    """A line on the skin along which triangles are cut.

    Attributes:
        height: [N, 3] m -> [N], smooth, zero on the line.
        within: [N, 3] m -> [N], negative where the line is wanted.
    """

    height: Region
    within: Region


@dataclass(frozen=True)
class Panel:
    """A coloured area.

    Attributes:
        name: for people.
        material: index of the material.
        color: sRGB, 0 to 255.
        region: [N, 3] m -> [N], negative inside.
        borders: where its edge runs; None means the zero set of `region`, () that another panel covers the edge. A
            stripe thinner than a triangle needs its two sides as borders of their own, or its edge is missed.
        tint: [N, 3] m -> [N, 3], sRGB that takes the place of `color`, or None.
    """

    name: str
    material: int
    color: tuple[int, int, int]
    region: Region
    borders: tuple[Border, ...] | None = None
    tint: Region | None = None

    @property
    def cuts(self) -> tuple[Border, ...]:
        """The borders to cut along."""
        return (Border(self.region, everywhere),) if self.borders is None else self.borders


def everywhere(p: np.ndarray) -> np.ndarray:
    """Return -1 for all points [N, 3]: a region without border."""
    return np.full(len(p), -1.0)


def near(some: list[Part], margin: float) -> Region:
    """Return the region within `margin` (m) of parts; of mirrored pairs the left ones are enough."""

    def region(p: np.ndarray) -> np.ndarray:
        left = p * np.array([0.0, 1.0, 1.0]) + np.abs(p) * np.array([1.0, 0.0, 0.0])
        out = np.full(len(p), 1.0)
        for part in some:
            low, high = part.bounds(0.08)
            close = np.flatnonzero(((left > low) & (left < high)).all(1))
            out[close] = np.minimum(out[close], part.distance(left[close]))
        return out - margin

    return region


@dataclass
class Mesh:
    """A mesh in the making.

    Attributes:
        vertices: [V, 3] m.
        faces: [F, 3].
        values: [V, C], what is carried along (for instance skin weights).
        fixed: bool [V], which vertices lie on a border already and stay there.
    """

    vertices: np.ndarray
    faces: np.ndarray
    values: np.ndarray
    fixed: np.ndarray


def cut(mesh: Mesh, border: Border, snap: bool = True) -> Mesh:
    """Cut the triangles of a mesh along a border.

    Vertices close to the border move onto it, along the edge that crosses it; other crossing edges are split.

    Args:
        mesh: what to cut; it stays closed if it was.
        border: the line.
        snap: move vertices; without it every crossing edge is split where it crosses.

    Returns:
        The mesh with edges along the border.
    """
    height = border.height(mesh.vertices)
    if snap:
        mesh, height = _snap(mesh, height, border.within)
    pairs = edges(mesh.faces)
    a, b = pairs[_crossing(mesh, height, border.within, pairs)].T
    if not len(a):
        return mesh
    t = (height[a] / (height[a] - height[b]))[:, None]
    count = len(mesh.vertices)
    vertices = np.concatenate([mesh.vertices, mesh.vertices[a] * (1 - t) + mesh.vertices[b] * t])
    values = np.concatenate([mesh.values, mesh.values[a] * (1 - t) + mesh.values[b] * t])
    fixed = np.append(mesh.fixed, np.ones(len(a), bool))
    return Mesh(vertices, _split(mesh.faces, a * count + b, count), values, fixed)


def _crossing(mesh: Mesh, height: np.ndarray, within: Region, pairs: np.ndarray) -> np.ndarray:
    """Return the indices of the edges [E, 2] that cross the border where it is wanted."""
    a, b = pairs.T
    at = np.flatnonzero(height[a] * height[b] < 0)
    a, b = a[at], b[at]
    t = (height[a] / (height[a] - height[b]))[:, None]
    return at[within(mesh.vertices[a] * (1 - t) + mesh.vertices[b] * t) < 0]


def _snap(mesh: Mesh, height: np.ndarray, within: Region) -> tuple[Mesh, np.ndarray]:
    pairs = edges(mesh.faces)
    pairs = pairs[_crossing(mesh, height, within, pairs)]
    a, b = np.concatenate([pairs, pairs[:, ::-1]]).T
    t = height[a] / (height[a] - height[b])
    height = height.copy()
    height[a[(t < _TOUCH) & mesh.fixed[a]]] = 0.0
    close = (t < _SNAP) & ~mesh.fixed[a]
    a, b, t = a[close], b[close], t[close]
    order = np.lexsort((b, t, a))
    order = order[np.append(True, np.diff(a[order]) > 0)] if len(a) else order
    a, b, t = a[order], b[order], t[order][:, None]
    vertices, values = mesh.vertices.copy(), mesh.values.copy()
    vertices[a] = mesh.vertices[a] * (1 - t) + mesh.vertices[b] * t
    values[a] = mesh.values[a] * (1 - t) + mesh.values[b] * t
    height[a] = 0.0
    fixed = mesh.fixed.copy()
    fixed[a] = True
    return Mesh(vertices, mesh.faces, values, fixed), height


def _split(faces: np.ndarray, keys: np.ndarray, count: int) -> np.ndarray:
    """Replace triangles that have split edges; `keys` are those edges, rising, in the order of their new vertices."""

    def place(i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        key = np.minimum(i, j) * count + np.maximum(i, j)
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        return count + at, keys[at] == key

    split = [place(faces[:, i], faces[:, (i + 1) % 3])[1] for i in range(3)]
    number = split[0].astype(int) + split[1] + split[2]
    out = [faces[number == 0]]
    for i in range(3):
        rolled = np.roll(faces, -i, 1)
        one = rolled[(number == 1) & split[i]]
        m, _ = place(one[:, 0], one[:, 1])
        out += [np.stack([one[:, 0], m, one[:, 2]], 1), np.stack([m, one[:, 1], one[:, 2]], 1)]
        # Both edges at corner 0 are split: the corner comes off, the rest is a quad.
        two = rolled[(number == 2) & split[i] & split[(i + 2) % 3]]
        m, n = place(two[:, 0], two[:, 1])[0], place(two[:, 0], two[:, 2])[0]
        out += [np.stack([two[:, 0], m, n], 1), np.stack([m, two[:, 1], two[:, 2]], 1), np.stack([m, two[:, 2], n], 1)]
    return np.concatenate(out)


def regions(points: np.ndarray, panels: list[Panel]) -> np.ndarray:
    """Return the index [N] of the last panel that each point lies in; the first panel is everywhere."""
    out = np.zeros(len(points), np.int64)
    for i, panel in enumerate(panels[1:], 1):
        out[panel.region(points) < 0] = i
    return out


def linear(color: np.ndarray | tuple[int, int, int]) -> np.ndarray:
    """Turn sRGB 0-255 [..., 3] into linear light (c^2.25, which square roots give, for IEC 61966-2-1)."""
    c = np.asarray(color) / 255.0
    return c * c * np.sqrt(np.sqrt(c))


def blend(a: tuple[int, int, int], b: tuple[int, int, int], share: np.ndarray) -> np.ndarray:
    """Return colours [N, 3] that go from a to b as share [N] goes from 0 to 1; smooth at both ends."""
    s = np.clip(share, 0.0, 1.0)[:, None]
    s = s * s * (3 - 2 * s)
    return np.array(a) * (1 - s) + np.array(b) * s
