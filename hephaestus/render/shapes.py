"""Simple solids as triangles, in the WORLD frame (x forward, y left, z up), metres, with texture coordinates in metres.

Each function gives `Triangles`; faces that share a plane share their texture, so neighbouring boxes look like one wall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FOOT_SHADE = 0.62
"""Brightness of a wall's foot on the ground: light hardly reaches the corner (ambient occlusion)."""
FOOT_HEIGHT = 0.9
"""m: how far up that shade reaches."""
TINTS = (1.0, 0.88)
"""Brightness of the two kinds of sides, so that a corner reads even in the shade."""


@dataclass(frozen=True, slots=True)
class Triangles:
    """Triangles of one material.

    Attributes:
        positions: float32 [V, 3], m.
        normals: float32 [V, 3], unit length.
        uvs: float32 [V, 2], m along the surface, v up.
        shades: float32 [V], brightness 0 to 1.
        indices: uint32 [I], counter-clockwise seen from outside.
    """

    positions: np.ndarray
    normals: np.ndarray
    uvs: np.ndarray
    shades: np.ndarray
    indices: np.ndarray


def join(parts: list[Triangles]) -> Triangles:
    """Put triangles behind one another."""
    starts = np.cumsum([0, *(len(p.positions) for p in parts)])
    return Triangles(
        np.concatenate([p.positions for p in parts]).astype(np.float32),
        np.concatenate([p.normals for p in parts]).astype(np.float32),
        np.concatenate([p.uvs for p in parts]).astype(np.float32),
        np.concatenate([p.shades for p in parts]).astype(np.float32),
        np.concatenate([p.indices + s for p, s in zip(parts, starts, strict=False)]).astype(np.uint32),
    )


def quad(corners: np.ndarray, shades: np.ndarray, uvs: np.ndarray | None = None) -> Triangles:
    """Make a flat face of four corners [4, 3], counter-clockwise seen from outside."""
    normal = np.cross(corners[1] - corners[0], corners[3] - corners[0])
    normal = normal / max(float(np.linalg.norm(normal)), 1e-9)
    if uvs is None:
        uvs = plane_uvs(corners, normal)
    return Triangles(corners, np.tile(normal, (4, 1)), uvs, shades, np.array([0, 1, 2, 0, 2, 3], np.uint32))


def plane_uvs(points: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Return metres [N, 2] along the face of that normal: level to the left, then up; world x, y on a level face."""
    if abs(normal[2]) > 0.9:
        return points[:, :2]
    level = np.array([-normal[1], normal[0], 0.0])
    level /= np.linalg.norm(level)
    return np.stack([points @ level, points @ np.cross(normal, level)], -1)


def turn_about_z(yaw: float) -> np.ndarray:
    """Return the matrix [3, 3] that turns by yaw rad about z, left positive."""
    c, s = np.cos(yaw), np.sin(yaw)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _rows(low: float, high: float) -> list[tuple[float, float, float, float]]:
    """Cut a side into rows (z0, z1, shade0, shade1): one darkened row where it stands on the ground."""
    if low > 0.06:
        return [(low, high, 1.0, 1.0)]
    split = max(low, 0.0) + FOOT_HEIGHT
    if split >= high - 0.05:
        return [(low, high, FOOT_SHADE, 1.0)]
    return [(low, split, FOOT_SHADE, 1.0), (split, high, 1.0, 1.0)]


def box(center: np.ndarray, size: np.ndarray, yaw: float = 0.0, turn: np.ndarray | None = None) -> Triangles:
    """Make a box.

    Args:
        center: [3] m.
        size: [3] m, whole edge lengths along its own axes.
        yaw: rad about z, left positive.
        turn: [3, 3] instead of yaw: the box's axes as columns.
    """
    center, half = np.asarray(center, float), np.asarray(size, float) / 2
    upright = turn is None
    turn = turn_about_z(yaw) if turn is None else np.asarray(turn, float)
    x, y, z = half
    ring = np.array([[x, -y], [x, y], [-x, y], [-x, -y]])
    rows = _rows(center[2] - z, center[2] + z) if upright else [(center[2] - z, center[2] + z, 1.0, 1.0)]
    parts = []
    for side in range(4):
        a, b = ring[side], ring[(side + 1) % 4]
        tint = TINTS[side % 2]
        for low, high, s0, s1 in rows:
            z0, z1 = low - center[2], high - center[2]
            corners = np.array([[*a, z0], [*b, z0], [*b, z1], [*a, z1]])
            parts.append(quad(corners @ turn.T + center, tint * np.array([s0, s0, s1, s1])))
    lid = np.array([[x, -y, z], [x, y, z], [-x, y, z], [-x, -y, z]])
    parts.append(quad(lid @ turn.T + center, np.ones(4)))
    floor = lid[::-1] * [1, 1, -1]
    parts.append(quad(floor @ turn.T + center, np.full(4, 0.7)))
    return join(parts)


def ramp(center: np.ndarray, size: np.ndarray, yaw: float = 0.0) -> Triangles:
    """Make a wedge in the box of that centre and size [3] m, that rises along its own +x."""
    center, (x, y, z) = np.asarray(center, float), np.asarray(size, float) / 2
    turn = turn_about_z(yaw)
    faces = [
        np.array([[-x, y, -z], [-x, -y, -z], [x, -y, z], [x, y, z]]),
        np.array([[x, -y, -z], [x, y, -z], [x, y, z], [x, -y, z]]),
        np.array([[-x, -y, -z], [-x, y, -z], [x, y, -z], [x, -y, -z]]),
    ]
    parts = [quad(f @ turn.T + center, np.full(4, s)) for f, s in zip(faces, (1.0, 0.9, 0.7), strict=True)]
    for side in (-1, 1):
        c = np.array([[-x, side * y, -z], [x, side * y, -z], [x, side * y, z]]) @ turn.T + center
        c = c if side < 0 else c[[0, 2, 1]]
        normal = turn @ np.array([0.0, side, 0.0])
        parts.append(
            Triangles(c, np.tile(normal, (3, 1)), plane_uvs(c, normal), np.full(3, 0.9), np.array([0, 1, 2], np.uint32))
        )
    return join(parts)


def _round(base: np.ndarray, r0: float, r1: float, height: float, segments: int, span: float, foot: bool) -> Triangles:
    """Make the mantle of a cone frustum; its texture goes round a whole number of `span` metres."""
    base = np.asarray(base, float)
    angle = np.linspace(0.0, 2 * np.pi, segments + 1)
    around = max(1, round(2 * np.pi * max(r0, r1) / span)) * span * angle / (2 * np.pi)
    slope = np.hypot(height, r0 - r1)
    rows = _rows(base[2], base[2] + height) if foot else [(base[2], base[2] + height, 1.0, 1.0)]
    parts = []
    for low, high, s0, s1 in rows:
        t0, t1 = (low - base[2]) / height, (high - base[2]) / height
        ends = []
        for t, z, s in ((t0, low, s0), (t1, high, s1)):
            r = r0 + (r1 - r0) * t
            ring = np.stack([base[0] + r * np.cos(angle), base[1] + r * np.sin(angle), np.full_like(angle, z)], -1)
            ends.append(
                (ring, np.stack([around, np.full_like(angle, base[2] + t * slope)], -1), np.full_like(angle, s))
            )
        flat = np.stack([np.cos(angle), np.sin(angle), np.full_like(angle, (r0 - r1) / height)], -1)
        flat /= np.linalg.norm(flat, axis=-1, keepdims=True)
        i = np.arange(segments)
        j = i + segments + 1
        indices = np.stack([i, i + 1, j + 1, i, j + 1, j], -1).ravel().astype(np.uint32)
        points, uvs, shades = (np.concatenate(c) for c in zip(*ends, strict=True))
        parts.append(Triangles(points, np.concatenate([flat, flat]), uvs, shades, indices))
    return join(parts)


def _disc(center: np.ndarray, radius: float, segments: int, up: bool) -> Triangles:
    angle = np.linspace(0.0, 2 * np.pi, segments, endpoint=False) * (1 if up else -1)
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], -1) * radius + center
    points = np.concatenate([[center], ring])
    i = np.arange(segments)
    indices = np.stack([np.zeros_like(i), i + 1, (i + 1) % segments + 1], -1).ravel().astype(np.uint32)
    normal = np.array([0.0, 0.0, 1.0 if up else -1.0])
    n = len(points)
    return Triangles(points, np.tile(normal, (n, 1)), points[:, :2], np.full(n, 1.0 if up else 0.7), indices)


def cylinder(center: np.ndarray, radius: float, height: float, segments: int = 32, span: float = 1.0) -> Triangles:
    """Make an upright cylinder about its centre [3] m."""
    center = np.asarray(center, float)
    half = np.array([0, 0, height / 2])
    base, top = center - half, center + half
    mantle = _round(base, radius, radius, height, segments, span, foot=True)
    return join([mantle, _disc(top, radius, segments, True), _disc(base, radius, segments, False)])


def cone(
    base: np.ndarray, radius: float, height: float, top: float = 0.0, segments: int = 32, span: float = 1.0
) -> Triangles:
    """Make an upright cone on its base centre [3] m, that narrows from `radius` to `top`."""
    base = np.asarray(base, float)
    parts = [_round(base, radius, top, height, segments, span, foot=False), _disc(base, radius, segments, False)]
    if top > 0:
        parts.append(_disc(base + np.array([0, 0, height]), top, segments, True))
    return join(parts)
