"""Where the picture is taken from: a camera, and one that follows an agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

UP = np.array([0.0, 1.0, 0.0], np.float32)


def to_motion(points: np.ndarray) -> np.ndarray:
    """Carry world points or directions [..., 3] (z up) into the motion frame (y up)."""
    return np.asarray(points)[..., [1, 2, 0]]


def to_world(points: np.ndarray) -> np.ndarray:
    """Carry motion points or directions [..., 3] (y up) into the world frame (z up)."""
    return np.asarray(points)[..., [2, 0, 1]]


def look_at(eye: np.ndarray, target: np.ndarray, up: np.ndarray = UP) -> np.ndarray:
    """Return the view matrix [4, 4] of an eye that looks at a target, as gluLookAt defines it."""
    eye = np.asarray(eye, np.float32)
    back = eye - np.asarray(target, np.float32)
    back /= max(float(np.linalg.norm(back)), 1e-6)
    right = np.cross(up, back)
    if np.linalg.norm(right) < 1e-6:  # straight up or down: any direction may be up
        right = np.cross(np.array([0.0, 0.0, 1.0], np.float32), back)
    right /= np.linalg.norm(right)
    view = np.eye(4, dtype=np.float32)
    view[:3, :3] = right, np.cross(back, right), back
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


def _wrap(angle: float) -> float:
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


class FollowCamera:
    """A camera behind and above an agent, that turns gently and keeps a near threat in the picture.

    Positions and headings are the motion frame's: heading 0 looks along +z, left positive (towards +x).
    """

    def __init__(
        self,
        distance: float = 4.4,
        height: float = 1.85,
        aim: float = 0.95,
        fov: float = 0.92,
        blocked: Callable[[np.ndarray, np.ndarray], float] | None = None,
    ):
        """Set the place behind the agent.

        Args:
            distance: m behind.
            height: m above the agent's feet.
            aim: m above the agent's feet, what is seen in the middle of the picture.
            fov: vertical field of view, rad.
            blocked: called with two points [3] (motion frame); returns the share 0 to 1 of the way from the first to
                the second that is free, for instance `Stage.clear`.
        """
        self.distance, self.height, self.aim, self.fov, self.blocked = distance, height, aim, fov, blocked
        self._azimuth: float | None = None
        self._place = self._aim = np.zeros(3)
        self._reach = 1.0

    def update(
        self, position: np.ndarray, heading: float, threat: np.ndarray | None = None, dt: float = 0.05
    ) -> Camera:
        """Move on by dt seconds.

        Args:
            position: [3] m, the agent's feet.
            heading: rad.
            threat: [3] m, feet of what is to be kept in the picture, or None.
            dt: s since the last call.

        Returns:
            The camera of this frame.
        """
        position = np.asarray(position, float)
        azimuth, aim, stretch = heading, position + self.aim * UP, 1.0
        if threat is not None:
            gap = np.asarray(threat, float) - position
            away = float(np.hypot(gap[0], gap[2]))
            near = float(np.clip((14.0 - away) / 5.0, 0.0, 1.0))
            bearing = float(np.arctan2(gap[0], gap[2]))
            # The threat may stand at most this far from the line of sight, or it leaves the picture.
            off = _wrap(heading - bearing)
            azimuth = heading + near * _wrap(bearing + np.clip(off, -0.6, 0.6) - heading)
            aim = aim + near * 0.28 * np.clip(1.0, 0.0, 6.0 / max(away, 0.1)) * gap * [1, 0, 1]
            stretch = 1.0 + near * 0.25
        turn = self._follow(position, azimuth, aim, dt)
        direction = np.array([np.sin(turn), 0.0, np.cos(turn)])
        head = self._place + 1.35 * UP
        eye = self._place - direction * self.distance * stretch + self.height * UP
        if self.blocked is not None:
            free = max(0.12, float(self.blocked(head, eye)) - 0.06)
            # In at once, so that no wall is ever between; out slowly, so that the picture does not jump.
            self._reach = min(free, self._reach + 0.6 * dt) if free > self._reach else free
            eye = head + (eye - head) * self._reach
        return Camera(eye.astype(np.float32), self._aim.astype(np.float32), self.fov)

    def _follow(self, position: np.ndarray, azimuth: float, aim: np.ndarray, dt: float) -> float:
        if self._azimuth is None:
            self._azimuth, self._place, self._aim = azimuth, position, aim
            return azimuth
        slow, fast = 1.0 - np.exp(-2.2 * dt), 1.0 - np.exp(-9.0 * dt)
        turn = _wrap(azimuth - self._azimuth) * slow
        self._azimuth += float(np.clip(turn, -2.0 * dt, 2.0 * dt))
        self._place = self._place + (position - self._place) * fast
        self._aim = self._aim + (aim - self._aim) * (1.0 - np.exp(-5.0 * dt))
        return self._azimuth
