"""A body as one distance field: parts joined by smooth unions, some carved away."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hephaestus.sculpt.shapes import Shape

_FAR = 1.0


@dataclass(frozen=True)
class Part:
    """A shape with its place in the body.

    Attributes:
        shape: its form; where `mirrored`, its mirror image at x = 0 is meant.
        bone: the joint or chain that it moves with, for `Field.owners`; "" for carvings.
        blend: m, the width of the smooth seam with what is there already.
        carve: takes away instead of adding.
        mirrored: reflect at x = 0.
    """

    shape: Shape
    bone: str = ""
    blend: float = 0.02
    carve: bool = False
    mirrored: bool = False

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Return the signed distance [N] (m) of points [N, 3]."""
        return self.shape.distance(points * np.array([-1.0, 1.0, 1.0]) if self.mirrored else points)

    def bounds(self, margin: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the box that holds the part, `margin` (m) wider on every side."""
        low, high = self.shape.bounds()
        if self.mirrored:
            low, high = np.array([-high[0], low[1], low[2]]), np.array([-low[0], high[1], high[2]])
        return low - margin, high + margin


def both(part: Part) -> list[Part]:
    """Return a part of the left side and its mirror image; a bone "L_x" becomes "R_x"."""
    bone = "R" + part.bone[1:] if part.bone.startswith("L_") else part.bone
    return [part, replace(part, mirrored=True, bone=bone)]


def smooth_min(a: np.ndarray, b: np.ndarray, k: float) -> np.ndarray:
    """Return the polynomial smooth minimum of seam width k (I. Quilez, "Smooth minimum", quadratic)."""
    h = np.maximum(k - np.abs(a - b), 0.0)
    return np.minimum(a, b) - h * h * (0.25 / k)


class Field:
    """The parts of a body in the order in which they are put on."""

    def __init__(self, parts: list[Part]) -> None:
        """Keep the parts, and the boxes outside of which each has no say."""
        self.parts = parts
        boxes = [part.bounds(part.blend) for part in parts]
        self._low, self._high = np.array([b[0] for b in boxes]), np.array([b[1] for b in boxes])

    def distance(self, points: np.ndarray, margin: float = 0.05) -> np.ndarray:
        """Return the field [N] (m) at points [N, 3]; parts further away than `margin` are passed over."""
        # Sorted along z, the points near a part are found by bisection.
        order = np.argsort(points[:, 2], kind="stable")
        ordered = points[order]
        x, y, z = np.ascontiguousarray(ordered.T)
        first = np.searchsorted(z, self._low[:, 2] - margin)
        last = np.searchsorted(z, self._high[:, 2] + margin, "right")
        field = np.full(len(points), _FAR)
        for i, part in enumerate(self.parts):
            low, high = self._low[i] - margin, self._high[i] + margin
            span = slice(first[i], last[i])
            near = (x[span] > low[0]) & (x[span] < high[0]) & (y[span] > low[1]) & (y[span] < high[1])
            at = np.flatnonzero(near) + first[i]
            if len(at):
                field[at] = self._join(field[at], part.distance(ordered[at]), part)
        out = np.empty_like(field)
        out[order] = field
        return out

    @staticmethod
    def _join(field: np.ndarray, distance: np.ndarray, part: Part) -> np.ndarray:
        if part.carve:
            return -smooth_min(-field, distance, part.blend)
        return smooth_min(field, distance, part.blend)

    def grid(self, step: float) -> tuple[np.ndarray, np.ndarray]:
        """Evaluate the field on a grid around the body.

        Args:
            step: m between grid points.

        Returns:
            The corner [3] and the values [X, Y, Z]; only signs and values near the surface are meaningful.
        """
        boxes = [part.bounds(2.5 * step) for part in self.parts if not part.carve]
        corner, end = np.min([b[0] for b in boxes], 0), np.max([b[1] for b in boxes], 0)
        # Symmetric about x = 0, with no grid point on the plane itself.
        half = np.ceil(max(-corner[0], end[0]) / step) + 0.5
        corner[0] = -half * step
        shape = np.ceil((end - corner) / step).astype(int) + 1
        shape[0] = int(2 * half) + 1
        values = np.full(shape, _FAR)
        axes = [corner[i] + step * np.arange(shape[i]) for i in range(3)]
        for part in self.parts:
            low, high = part.bounds(part.blend + 2 * step)
            cut = tuple(slice(*np.searchsorted(axes[i], (low[i], high[i]))) for i in range(3))
            block = np.meshgrid(*(axes[i][cut[i]] for i in range(3)), indexing="ij")
            points = np.stack([b.ravel() for b in block], 1)
            if len(points):
                inside = values[cut]
                values[cut] = self._join(inside.ravel(), part.distance(points), part).reshape(inside.shape)
        return corner, values

    def gradient(self, points: np.ndarray, step: float = 1e-3, margin: float = 0.05) -> np.ndarray:
        """Return the gradient [N, 3] by central differences on a tetrahedron (four samples)."""
        out = np.zeros_like(points)
        for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
            k = np.array(corner, np.float64)
            out += k * self.distance(points + k * step, margin)[:, None]
        return out / (4 * step)

    def normals(self, points: np.ndarray, step: float = 1e-3) -> np.ndarray:
        """Return unit normals [N, 3] at points near the surface."""
        g = self.gradient(points, step)
        return g / np.maximum(np.sqrt((g * g).sum(1, keepdims=True)), 1e-9)

    def project(self, points: np.ndarray, steps: int = 2) -> np.ndarray:
        """Move points [N, 3] near the surface onto it (damped Newton along the gradient)."""
        for _ in range(steps):
            g = self.gradient(points)
            square = np.maximum((g * g).sum(1, keepdims=True), 0.05)
            move = g * (self.distance(points)[:, None] / square)
            length = np.sqrt((move * move).sum(1, keepdims=True))
            points = points - move * np.minimum(1.0, 0.01 / np.maximum(length, 1e-9))
        return points

    def owners(self, points: np.ndarray) -> tuple[list[str], np.ndarray]:
        """Return the bones of the parts and the distance [N, B] (m) of each point to the nearest part of each."""
        bones = sorted({part.bone for part in self.parts if part.bone})
        out = np.full((len(points), len(bones)), _FAR)
        for part in self.parts:
            if part.bone:
                column = bones.index(part.bone)
                out[:, column] = np.minimum(out[:, column], part.distance(points))
        return bones, out

    def occlusion(self, points: np.ndarray, normals: np.ndarray, reach: float = 0.12) -> np.ndarray:
        """Return how open the sky above points [N, 3] is: [N], 1 free, 0 closed in (I. Quilez, "Raymarching AO")."""
        hidden, weight = np.zeros(len(points)), 1.0
        for i in range(1, 6):
            away = reach * i / 5
            seen = self.distance(points + normals * away, margin=reach)
            hidden += weight * np.maximum(away - seen, 0.0) / away
            weight *= 0.7
        return np.clip(1.0 - hidden / 2.77, 0.0, 1.0)
