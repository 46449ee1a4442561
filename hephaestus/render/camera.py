"""Where the picture is taken from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

UP = np.array([0.0, 1.0, 0.0], np.float32)


def to_motion(points: np.ndarray) -> np.ndarray:
    """Carry world points or directions [..., 3] (z up) into the motion frame (y up)."""
    return np.asarray(points)[..., [1, 2, 0]]


def to_world(points: np.ndarray) -> np.ndarray:
    """Carry motion points or directions [..., 3] (y up) into the world frame (z up)."""
    return np.asarray(points)[..., [2, 0, 1]]


def _cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the cross product of two vectors [3]; numpy's own takes thirty times as long for so few."""
    (a, b, c), (d, e, f) = one.tolist(), other.tolist()
    return np.array([b * f - c * e, c * d - a * f, a * e - b * d], np.float32)


def look_at(eye: np.ndarray, target: np.ndarray, up: np.ndarray = UP) -> np.ndarray:
    """Return the view matrix [4, 4] of an eye that looks at a target, as gluLookAt defines it."""
    eye = np.asarray(eye, np.float32)
    back = eye - np.asarray(target, np.float32)
    back /= max(float(np.linalg.norm(back)), 1e-6)
    right = _cross(up, back)
    if np.linalg.norm(right) < 1e-6:  # straight up or down: any direction may be up
        right = _cross(np.array([0.0, 0.0, 1.0], np.float32), back)
    right /= np.linalg.norm(right)
    view = np.eye(4, dtype=np.float32)
    view[:3, :3] = right, _cross(back, right), back
    view[:3, 3] = -view[:3, :3] @ eye
    return view


def perspective(fov: float, aspect: float, near: float, far: float) -> np.ndarray:
    """Return the projection [4, 4] of a vertical field of view (rad), as gluPerspective defines it."""
    f = 1.0 / np.tan(fov / 2)
    m = np.zeros((4, 4), np.float32)
    m[0, 0], m[1, 1] = f / aspect, f
    m[2, 2], m[2, 3], m[3, 2] = (far + near) / (near - far), 2 * far * near / (near - far), -1.0
    return m


def orthographic(left: float, right: float, bottom: float, top: float, near: float, far: float) -> np.ndarray:
    """Return the parallel projection [4, 4] of a box in eye space, as glOrtho defines it."""
    m = np.eye(4, dtype=np.float32)
    m[0, 0], m[1, 1], m[2, 2] = 2 / (right - left), 2 / (top - bottom), -2 / (far - near)
    m[0, 3] = -(right + left) / (right - left)
    m[1, 3] = -(top + bottom) / (top - bottom)
    m[2, 3] = -(far + near) / (far - near)
    return m


def planes(view_projection: np.ndarray) -> np.ndarray:
    """Return the six planes [6, 4] whose positive side is seen (Gribb and Hartmann 2001)."""
    m = view_projection
    return np.stack([m[3] + m[0], m[3] - m[0], m[3] + m[1], m[3] - m[1], m[3] + m[2], m[3] - m[2]])


def seen(lows: np.ndarray, highs: np.ndarray, six: np.ndarray) -> np.ndarray:
    """Return which boxes [N] of corners [N, 3] may be on the seen side of all planes [6, 4]."""
    normals = six[:, None, :3]
    far = np.where(normals > 0, highs[None], lows[None])
    return ((normals * far).sum(-1) + six[:, None, 3] >= 0).all(0)


@dataclass(frozen=True, slots=True)
class Camera:
    """A perspective camera in the motion frame.

    Attributes:
        eye: [3] m.
        target: [3] m, the middle of the picture.
        fov: vertical field of view, rad.
        near: m.
        far: m.
    """

    eye: np.ndarray
    target: np.ndarray
    fov: float = 0.85
    near: float = 0.12
    far: float = 400.0

    @classmethod
    def in_world(cls, eye: np.ndarray, target: np.ndarray, fov: float = 0.85) -> Camera:
        """Make a camera from world points [3] (z up)."""
        return cls(to_motion(np.asarray(eye, float)), to_motion(np.asarray(target, float)), fov)

    @classmethod
    def orbit(
        cls, target: np.ndarray, azimuth: float, height: float = 0.35, distance: float = 5.0, fov: float = 0.85
    ) -> Camera:
        """Look at a point [3] (motion frame) from all around.

        Args:
            target: m, motion frame.
            azimuth: rad, where the camera stands seen from the target: 0 before it (+z), left positive.
            height: rad above the level.
            distance: m.
            fov: rad.
        """
        flat = np.cos(height)
        away = np.array([np.sin(azimuth) * flat, np.sin(height), np.cos(azimuth) * flat])
        target = np.asarray(target, float)
        return cls((target + distance * away).astype(np.float32), target.astype(np.float32), fov)

    @classmethod
    def above(cls, target: np.ndarray, height: float = 14.0, fov: float = 0.85) -> Camera:
        """Look straight down on a point [3] m (motion frame); forward (+z) is up in the picture."""
        target = np.asarray(target, float)
        # A hair behind, so that up in the picture is forward.
        eye = target + np.array([0.0, height, -1e-3 * height])
        return cls(eye.astype(np.float32), target.astype(np.float32), fov)

    @classmethod
    def eyes(cls, feet: np.ndarray, heading: float, height: float = 1.62, fov: float = 1.2) -> Camera:
        """Look as somebody does who stands at a point [3] m (motion frame) and faces a heading (rad)."""
        ahead = np.array([np.sin(heading), 0.0, np.cos(heading)])
        eye = np.asarray(feet, float) + height * UP + 0.14 * ahead
        return cls(eye.astype(np.float32), (eye + ahead - 0.06 * UP).astype(np.float32), fov)

    def view(self) -> np.ndarray:
        """Return the view matrix [4, 4]."""
        return look_at(self.eye, self.target)

    def matrix(self, aspect: float) -> np.ndarray:
        """Return projection times view [4, 4]."""
        return perspective(self.fov, aspect, self.near, self.far) @ self.view()

    def pixel(self, away: float, height: int) -> float:
        """Return metres that a pixel of a picture of that height covers so many metres away."""
        return 2.0 * float(np.tan(self.fov / 2)) * max(away, self.near) / height

    def project(self, points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Return where points [N, 3] are seen, [N, 3]: pixels right and down, and metres away (negative: behind)."""
        whole = np.c_[np.asarray(points, np.float32), np.ones(len(points), np.float32)]
        clip = whole @ self.matrix(size[0] / size[1]).T
        ndc = clip[:, :2] / np.where(np.abs(clip[:, 3:]) < 1e-6, 1e-6, clip[:, 3:])
        return np.c_[(ndc[:, 0] + 1) / 2 * size[0], (1 - ndc[:, 1]) / 2 * size[1], clip[:, 3]]
