"""A camera behind an agent, that keeps out of walls and keeps the agent, and a threat, in the picture."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from hephaestus.render.camera import UP, Camera

ROOM = 0.3
"""m that the camera keeps from walls."""
NEAREST = 1.5
"""m from the agent's head: nearer than that, the camera goes round or above before it comes closer."""
_EASY = 2.0
"""Times that distance at which it begins to look for more room."""
_AHEAD = 2.0
"""Times the way by which the camera lags behind the agent that it looks ahead for walls."""
SWINGS = (0.0, 0.35, -0.35, 0.7, -0.7, 1.1, -1.1, 1.6, -1.6, 2.2, -2.2)
"""rad about the agent: where the camera looks for room, in this order."""
PIVOT = 1.45
"""m above the feet: the point that must be seen."""
TALL, TALLEST = 1.9, 6.0
"""m: an agent taller than the one is seen from as much farther away, up to the other."""
LOOKS = 0.04
"""s between two moments at which it looks for room."""
_LIFT, _SWING = (grid.ravel() for grid in np.meshgrid((0.0, 0.5, 1.0), SWINGS, indexing="ij"))


class Blocked(Protocol):
    """Says how far one sees, as `Stage.clear` does."""

    def __call__(self, start: np.ndarray, end: np.ndarray, room: float = 0.0, /) -> Any:
        """Return the share 0 to 1 of the way from start to end [3] (motion frame) that is free, with room around.

        For many ends [N, 3] it returns shares [N].
        """


def _wrap(angle: float) -> float:
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


class FollowCamera:
    """A camera behind and above an agent, that turns gently and keeps a near threat in the picture.

    Where a wall is behind the agent the camera comes in before it, and where that would be too near it goes round the
    agent, or above, to where there is room. Positions and headings are the motion frame's: heading 0 looks along +z,
    left positive (towards +x).
    """

    def __init__(
        self,
        distance: float = 4.4,
        height: float = 1.85,
        aim: float = 0.95,
        fov: float = 0.92,
        blocked: Blocked | None = None,
    ):
        """Set the place behind the agent.

        Args:
            distance: m behind.
            height: m above the agent's feet.
            aim: m above the agent's feet, what is seen in the middle of the picture.
            fov: vertical field of view, rad.
            blocked: what is in the way, for instance `Stage.clear`; None: nothing.
        """
        self.distance, self.height, self.aim, self.fov, self.blocked = distance, height, aim, fov, blocked
        self._azimuth: float | None = None
        self._place = self._aim = self._off = np.zeros(3)
        self._lag = np.zeros(3)
        self._reach, self._swing, self._lift, self._size = 1.0, 0.0, 0.0, 1.0
        self._since, self._wanted = 0.0, (0.0, 0.0)

    def update(
        self,
        position: np.ndarray,
        heading: float,
        threat: np.ndarray | None = None,
        dt: float = 0.05,
        stature: float = TALL,
    ) -> Camera:
        """Move on by dt seconds.

        Args:
            position: [3] m, the agent's feet.
            heading: rad.
            threat: [3] m, feet of what is to be kept in the picture, or None.
            dt: s since the last call.
            stature: m, how tall the agent is.

        Returns:
            The camera of this frame.
        """
        position = np.asarray(position, float)
        self._size = min(max(stature, TALL), TALLEST) / TALL
        azimuth, aim, stretch = heading, position + self.aim * self._size * UP, 1.0
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
        first = self._azimuth is None
        turn = self._follow(position, azimuth, aim, dt)
        self._lag = position - self._place
        if self.blocked is None:
            eye = self._eye(turn, 0.0, stretch)
        else:
            eye = self._dodge(self.blocked, turn, stretch, first, dt)
        return Camera(eye.astype(np.float32), self._aim.astype(np.float32), self.fov)

    def _eye(self, azimuth: Any, lift: Any, stretch: float) -> np.ndarray:
        """Return where [..., 3] the camera stands where nothing is in the way; lift 0 behind to 1 high above."""
        far = self.distance * stretch * self._size
        behind = np.stack([np.sin(azimuth), 0.0 * np.asarray(azimuth), np.cos(azimuth)], -1)
        off = far * (1.0 - 0.75 * np.asarray(lift)[..., None]) * behind
        return self._place - off + (self.height * self._size + np.asarray(lift)[..., None] * 0.55 * far) * UP

    def _dodge(self, blocked: Blocked, turn: float, stretch: float, first: bool, dt: float) -> np.ndarray:
        # Of a giant more than the head must be seen.
        head = self._place + PIVOT * self._size**0.5 * UP
        self._since += dt
        if first or self._since >= LOOKS:
            self._since, self._wanted = 0.0, self._room(blocked, head, turn, stretch)
        swing, lift = self._wanted
        if first:
            self._swing, self._lift = swing, lift
        most = 3.0 * dt
        self._swing += float(np.clip(_wrap(swing - self._swing), -most, most))
        self._lift += float(np.clip(lift - self._lift, -0.8 * dt, 3.0 * dt))
        eye = self._eye(turn + self._swing, self._lift, stretch)
        free = float(blocked(head, eye, ROOM))
        far = free * float(np.linalg.norm(eye - head))
        if far < NEAREST * self._size:
            # On its way round it would come through a wall: it is there at once, as a film is cut.
            swing, lift = self._wanted = self._room(blocked, head, turn, stretch)
            there = self._eye(turn + swing, lift, stretch)
            seen = float(blocked(head, there, ROOM))
            if seen * float(np.linalg.norm(there - head)) > max(NEAREST * self._size, far):
                self._swing, self._lift, self._reach = swing, lift, seen
                eye, free = there, seen
        # In at once, so that no wall is ever between; out slowly, so that the picture does not jump.
        self._reach = free if first or free < self._reach else min(free, self._reach + 1.0 * dt)
        return head + (eye - head) * self._reach

    def _room(self, blocked: Blocked, head: np.ndarray, turn: float, stretch: float) -> tuple[float, float]:
        """Return the swing (rad) and lift (0 to 1) with room for the camera that are nearest to those it has."""
        soon = head + _AHEAD * self._lag
        if float(blocked(head, soon, ROOM)) < 1.0:
            soon = head
        for count in (1, len(_SWING)):  # mostly there is room behind, and nothing else is looked at
            swing, lift = _SWING[:count], _LIFT[:count]
            eyes = self._eye(turn + swing, lift, stretch)
            ways = np.linalg.norm(eyes - head, axis=1)
            free = np.minimum(blocked(head, eyes, ROOM), blocked(soon, eyes + soon - head, ROOM))
            short = np.maximum(NEAREST * self._size * _EASY - ways * free, 0.0)
            if short[0] == 0.0:
                break
        # To stay costs less than to go, so that it does not waver between two places.
        stay = np.abs(swing - self._swing) + np.abs(lift - self._lift)
        best = int((np.abs(swing) + 0.8 * lift + 3.0 * short + 0.7 * stay).argmin())
        return float(swing[best]), float(lift[best])

    def _follow(self, position: np.ndarray, azimuth: float, aim: np.ndarray, dt: float) -> float:
        if self._azimuth is None:
            self._azimuth, self._place, self._aim, self._off = azimuth, position, aim, aim - position
            return azimuth
        slow, fast = 1.0 - np.exp(-2.2 * dt), 1.0 - np.exp(-9.0 * dt)
        turn = _wrap(azimuth - self._azimuth) * slow
        self._azimuth += float(np.clip(turn, -2.0 * dt, 2.0 * dt))
        self._place = self._place + (position - self._place) * fast
        # Where to look beside the agent changes slowly, but whoever runs must not run out of the picture.
        self._off = self._off + (aim - position - self._off) * (1.0 - np.exp(-5.0 * dt))
        self._aim = self._place + self._off
        return self._azimuth
