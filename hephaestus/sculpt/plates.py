"""Plates: hard-edged shapes for machines - bevelled prisms and turned parts - as triangles with their normals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from hephaestus.sculpt.panels import Border, Mesh, Region, cut, everywhere

Flat = Sequence[tuple[float, float]]
_AXES = {"x": (1, 2, 0), "y": (2, 0, 1), "z": (0, 1, 2)}
"""Where the two coordinates of a profile and the way along the axis go."""


@dataclass(frozen=True)
class Plate:
    """Triangles of one part.

    Attributes:
        points: float64 [V, 3] m.
        normals: float64 [V, 3], unit length.
        faces: int64 [F, 3], counter-clockwise seen from outside.
        worn: float64 [V], 1 on bevels, where paint wears off.
    """

    points: np.ndarray
    normals: np.ndarray
    faces: np.ndarray
    worn: np.ndarray

    def moved(self, by: Sequence[float] = (0, 0, 0), turn: np.ndarray | None = None) -> Plate:
        """Return the part turned by a matrix [3, 3] about the origin and then moved."""
        turn = np.eye(3) if turn is None else turn
        return replace(self, points=self.points @ turn.T + np.asarray(by, float), normals=self.normals @ turn.T)

    def mirrored(self) -> Plate:
        """Return the mirror image at x = 0."""
        flip = np.array([-1.0, 1.0, 1.0])
        return replace(self, points=self.points * flip, normals=self.normals * flip, faces=self.faces[:, ::-1])


def split(plate: Plate, region: Region, *lines: Region) -> tuple[Plate, Plate]:
    """Cut a part along the border of a region: returns what is inside and what is outside.

    Args:
        plate: the part.
        region: [N, 3] m -> [N], negative inside.
        lines: smooth functions that are zero where the border runs, if it is not where `region` is zero: a band that
            is narrower than a triangle needs one for each side, or they are missed.
    """
    values = np.concatenate([plate.normals, plate.worn[:, None]], 1)
    mesh = Mesh(plate.points, plate.faces, values, np.ones(len(values), bool))
    for line in lines or (region,):
        mesh = cut(mesh, Border(line, everywhere), snap=False)
    inside = region(mesh.vertices[mesh.faces].mean(1)) < 0
    out = []
    for faces in (mesh.faces[inside], mesh.faces[~inside]):
        used, local = np.unique(faces, return_inverse=True)
        rows = mesh.values[used]
        out.append(Plate(mesh.vertices[used], rows[:, :3], local.reshape(-1, 3), rows[:, 3]))
    return out[0], out[1]


def join(parts: Sequence[Plate]) -> Plate:
    """Return several parts as one."""
    start = np.cumsum([0] + [len(p.points) for p in parts])
    return Plate(
        np.concatenate([p.points for p in parts]),
        np.concatenate([p.normals for p in parts]),
        np.concatenate([p.faces + s for p, s in zip(parts, start, strict=False)]),
        np.concatenate([p.worn for p in parts]),
    )


def prism(
    profile: Flat,
    low: float,
    high: float,
    axis: str = "x",
    bevel: float = 0.015,
    top: Flat | None = None,
    grain: float = 0.4,
) -> Plate:
    """Pull a convex profile along an axis and break all its edges.

    Args:
        profile: corners, m: (y, z) for a prism along x, (z, x) along y, (x, y) along z; counter-clockwise.
        low: m, where it starts on the axis.
        high: m, where it ends.
        axis: "x", "y" or "z".
        bevel: m, width of the broken edges; 0 leaves them sharp, with a fifth of the triangles.
        top: the profile at `high`, if it tapers: as many corners.
        grain: m, longest edge of a triangle, for what is painted on its corners.
    """
    start = np.array(profile, float)
    end = start if top is None else np.array(top, float)
    order = np.argsort(_AXES[axis])
    if bevel <= 0.0:
        ends = [np.concatenate([c, np.full((len(c), 1), at)], 1) for c, at in ((start, low), (end, high))]
        return _flat(np.stack(ends)[:, :, order], bevel, grain)
    rings = [
        _ring(_inset(start, bevel), bevel, low),
        _ring(start, bevel, low + bevel),
        _ring(end, bevel, high - bevel),
        _ring(_inset(end, bevel), bevel, high),
    ]
    return _flat(np.stack(rings)[:, :, order], bevel, grain)


def box(center: Sequence[float], size: Sequence[float], bevel: float = 0.015, grain: float = 0.4) -> Plate:
    """Return a box of edge lengths `size` (x, y, z) m about its centre."""
    x, y, z = (0.5 * s for s in size)
    return prism([(-x, -y), (x, -y), (x, y), (-x, y)], -z, z, "z", bevel, grain=grain).moved(center)


def lathe(profile: Flat, axis: str = "x", around: int = 20, at: Sequence[float] = (0, 0, 0)) -> Plate:
    """Turn a profile about an axis: round along the turn, hard-edged along the profile.

    Args:
        profile: (way along the axis, radius) m, from the low end to the high one; what lies to the left of the way is
            outside. It is closed where the radius is 0.
        axis: "x", "y" or "z".
        around: corners of the circle.
        at: m, where the axis' origin lies.
    """
    turn = 2.0 * np.pi * np.arange(around) / around
    circle = np.round(np.stack([np.cos(turn), np.sin(turn)], 1), 9)
    order = np.argsort(_AXES[axis])
    points: list[np.ndarray] = []
    normals: list[np.ndarray] = []
    faces: list[np.ndarray] = []
    worn: list[np.ndarray] = []
    rows = np.array(profile, float)
    for (t0, r0), (t1, r1) in pairwise(rows.tolist()):
        slope = np.array([t1 - t0, -(r1 - r0)])
        size = np.sqrt((slope * slope).sum())
        if size < 1e-9 or (r0 <= 0 and r1 <= 0):
            continue
        n = np.concatenate([circle * slope[0] / size, np.full((around, 1), slope[1] / size)], 1)
        base = 2 * around * (len(points) // 2)
        for t, r in ((t0, r0), (t1, r1)):
            points.append(np.concatenate([circle * r, np.full((around, 1), t)], 1))
            normals.append(n)
            worn.append(np.full(around, 1.0 if size < 0.03 else 0.0))
        i, j = np.arange(around), (np.arange(around) + 1) % around
        a, b, c, d = base + i, base + j, base + around + j, base + around + i
        if r0 > 0:
            faces.append(np.stack([a, b, c], 1))
        if r1 > 0:
            faces.append(np.stack([a, c, d], 1))
        if r0 <= 0:
            faces[-1] = np.stack([a, c, d], 1)
    plate = Plate(np.concatenate(points)[:, order], np.concatenate(normals)[:, order], np.concatenate(faces),
                  np.concatenate(worn))  # fmt: skip
    return _facing(plate).moved(at)


def _ring(corners: np.ndarray, bevel: float, at: float) -> np.ndarray:
    """Cut the corners [n, 2] of a polygon and lay it across the axis: [2n, 3]."""
    before, after = np.roll(corners, 1, 0) - corners, np.roll(corners, -1, 0) - corners
    lengths = [np.sqrt((e * e).sum(1, keepdims=True)) for e in (before, after)]
    cut = np.minimum(bevel, 0.45 * np.minimum(*lengths))
    pairs = np.stack([corners + before / lengths[0] * cut, corners + after / lengths[1] * cut], 1)
    flat = pairs.reshape(-1, 2)
    return np.concatenate([flat, np.full((len(flat), 1), at)], 1)


def _inset(corners: np.ndarray, by: float) -> np.ndarray:
    """Move the edges of a convex polygon [n, 2] inward."""
    after = np.roll(corners, -1, 0) - corners
    after = after / np.sqrt((after * after).sum(1, keepdims=True))
    before = np.roll(after, 1, 0)
    inward = np.stack([-after[:, 1], after[:, 0]], 1) + np.stack([-before[:, 1], before[:, 0]], 1)
    # Half the sum of two unit normals is as long as the cosine of half the angle between them.
    return corners + inward * (2.0 * by / np.maximum((inward * inward).sum(1, keepdims=True), 0.2))


def _flat(rings: np.ndarray, bevel: float, grain: float) -> Plate:
    """Close rings [R, n, 3] with sides and ends, each face with its own normal."""
    count, n = rings.shape[:2]
    quads = []
    for r in range(count - 1):
        a, b = rings[r], np.roll(rings[r], -1, 0)
        c, d = np.roll(rings[r + 1], -1, 0), rings[r + 1]
        quads += list(np.stack([a, b, c, d], 1))
    parts = [_quad(q, bevel, grain) for q in quads]
    for ring in (rings[0][::-1], rings[-1]):
        # An end is cut into strips between opposite corners; each strip is a quad, the last of odd ones a triangle.
        for k in range((n - 1) // 2):
            parts.append(_quad(ring[[k, k + 1, n - 2 - k, n - 1 - k]], 0.0, grain))
    return _outward(join([p for p in parts if p is not None]))


def _quad(corners: np.ndarray, bevel: float, grain: float) -> Plate | None:
    """Cut a quad [4, 3] into a grid of triangles no longer than `grain`."""
    a, b, c, d = corners
    normal = np.cross(c - a, d - b)
    size = np.sqrt((normal * normal).sum())
    if size < 1e-10:
        return None
    along = max(np.sqrt(((b - a) ** 2).sum()), np.sqrt(((c - d) ** 2).sum()))
    across = max(np.sqrt(((d - a) ** 2).sum()), np.sqrt(((c - b) ** 2).sum()))
    nu, nv = max(1, int(np.ceil(along / grain))), max(1, int(np.ceil(across / grain)))
    u, v = np.meshgrid(np.arange(nu + 1) / nu, np.arange(nv + 1) / nv, indexing="ij")
    u, v = u.ravel()[:, None], v.ravel()[:, None]
    points = (1 - u) * (1 - v) * a + u * (1 - v) * b + u * v * c + (1 - u) * v * d
    i, j = (g.ravel() for g in np.meshgrid(np.arange(nu), np.arange(nv), indexing="ij"))
    k = i * (nv + 1) + j
    faces = np.concatenate([np.stack([k, k + nv + 1, k + nv + 2], 1), np.stack([k, k + nv + 2, k + 1], 1)])
    worn = np.full(len(points), 1.0 if min(along, across) < 1.8 * bevel else 0.0)
    return Plate(points, np.tile(normal / size, (len(points), 1)), faces, worn)


def _outward(plate: Plate) -> Plate:
    """Turn a convex part inside out if its sides look inward, and its triangles to their normals."""
    middle = 0.5 * (plate.points.min(0) + plate.points.max(0))
    if ((plate.points - middle) * plate.normals).sum() < 0:
        plate = replace(plate, normals=-plate.normals)
    return _facing(plate)


def _facing(plate: Plate) -> Plate:
    """Order the corners of each triangle counter-clockwise as seen from where its normals point."""
    a, b, c = (plate.points[plate.faces[:, k]] for k in range(3))
    against = (np.cross(b - a, c - a) * plate.normals[plate.faces].sum(1)).sum(1) < 0
    return replace(plate, faces=np.where(against[:, None], plate.faces[:, ::-1], plate.faces))
