"""Viewpoint: from where a person looks, moved by mouse, wheel and keys."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hephaestus.render.camera import Camera, to_motion, to_world
from hephaestus.render.follow import FollowCamera

if TYPE_CHECKING:
    from hephaestus.render.follow import Blocked

View = Literal["follow", "orbit", "eyes", "above"]
VIEWS: tuple[View, ...] = ("follow", "orbit", "eyes", "above")
TITLES = {"follow": "following", "orbit": "orbit", "eyes": "first person", "above": "from above"}
_TURN, _TILT = 0.008, 0.006
"""rad for each point of the screen that the mouse is dragged."""
_ZOOM = 1.12
_NEAR, _FAR = 1.2, 60.0
_ROOM, _ENOUGH, _STEEPEST = 0.25, 2.4, 1.45
"""m that an orbit keeps from walls; m from its middle that are enough; rad of its tilt at the most."""
_WAYS = (0.0, 0.35, -0.35, 0.7, -0.7, 1.2, -1.2, 1.8, -1.8, 2.4, -2.4)
_RISES, _SWINGS = (grid.ravel() for grid in np.meshgrid(np.linspace(0.0, 1.2, 5), _WAYS, indexing="ij"))
"""rad by which an orbit may rise and go round before a wall; neither comes first."""
_MIDDLE = 0.95
"""m above the feet, what an orbit goes round."""


@dataclass(frozen=True, slots=True)
class Lens(Camera):
    """A camera whose picture is moved aside, so that its middle is where no panel is.

    Attributes:
        aside: shift to the right as a share of half the picture's width.
    """

    aside: float = 0.0

    def matrix(self, aspect: float) -> np.ndarray:
        """Return projection times view [4, 4]."""
        whole = Camera.matrix(self, aspect)
        whole[0] += np.float32(self.aside) * whole[3]
        return whole


class Viewpoint:
    """The camera of a window.

    Args:
        view: how it looks at first.

    Attributes:
        view: see above. blocked: what is in the way of a camera that follows, such as `Stage.clear`.
        camera: the last one. aside: where the middle of the picture is, as `Lens.aside`.
        wide: pixels of the window's width that the picture takes, from the left; 0 for all.
    """

    def __init__(self, view: View = "follow") -> None:
        self.view: View = view
        self.blocked: Blocked | None = None
        self.camera = Camera.orbit(np.zeros(3), math.pi)
        self.aside, self.wide = 0.0, 0
        self._follow = FollowCamera()
        self._turn, self._tilt, self._distance = math.pi, 0.38, 6.0
        self._off = (0.0, 0.0)
        self._height = 14.0
        self._look = (0.0, 0.0)
        self._aim: np.ndarray | None = None

    def show(self, view: View) -> None:
        """Look in another way from now on; an orbit goes on from where the camera is."""
        if view == "orbit" and self.view != "orbit":
            self._take_over()
        self.view, self._look = view, (0.0, 0.0)

    def next(self) -> None:
        """Look in the next way."""
        self.show(VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)])

    def drag(self, right: float, up: float) -> None:
        """Turn by so many points of the screen; dragging leaves a camera that follows for an orbit."""
        if self.view == "follow":
            self.show("orbit")
        if self.view == "eyes":
            turn, tilt = self._look
            tilt = float(np.clip(tilt + up * _TILT * 0.6, -0.9, 0.9))
            self._look = (math.remainder(turn - right * _TURN * 0.6, 2 * math.pi), tilt)
            return
        self._turn = math.remainder(self._turn - right * _TURN, 2 * math.pi)
        self._tilt = float(np.clip(self._tilt - up * _TILT, -0.05, _STEEPEST))

    def zoom(self, steps: float) -> None:
        """Come nearer by so many notches of the wheel, or go away."""
        factor = _ZOOM ** -float(np.clip(steps, -20, 20))
        self._distance = float(np.clip(self._distance * factor, _NEAR, _FAR))
        self._height = float(np.clip(self._height * factor, 4.0, 80.0))
        self._follow.distance = float(np.clip(self._follow.distance * factor, 1.8, 12.0))

    def reset(self) -> None:
        """Forget where it was: the world is another one."""
        self._follow = FollowCamera(blocked=self.blocked, distance=self._follow.distance)
        self._aim, self._off = None, (0.0, 0.0)

    def look(self, actor: Mapping[str, Any], height: float, threat: np.ndarray | None, seconds: float) -> Camera:
        """Move on, and return the camera.

        Args:
            actor: whom it looks at: `position` (m, world) and `heading` (rad).
            height: m, of that actor.
            threat: place [3] m (world) of what is to be kept in the picture by a camera that follows, or None.
            seconds: since the last call.
        """
        place = to_motion(np.asarray(actor["position"], float))
        aim = place + np.array([0.0, min(_MIDDLE, 0.6 * height), 0.0])
        if self._aim is None or float(np.abs(aim - self._aim).max()) > 4.0:
            self._aim = aim
        self._aim = self._aim + (aim - self._aim) * (1.0 - math.exp(-8.0 * seconds))
        heading = float(actor["heading"])
        if self.view == "follow":
            self._follow.blocked = self.blocked
            danger = None if threat is None else to_motion(threat)
            self.camera = self._follow.update(place, heading, danger, seconds, height)
        elif self.view == "eyes":
            self.camera = self._through_eyes(place, heading, height)
        elif self.view == "above":
            self.camera = Camera.above(self._aim, self._height)
        else:
            self.camera = self._around(seconds)
        seen = self.camera
        self.camera = Lens(seen.eye, seen.target, seen.fov, seen.near, seen.far, self.aside)
        return self.camera

    def ray(self, x: float, y: float, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Return where from and which way [3] (world, unit) one looks at a pixel right and down in a window."""
        camera, size = self.camera, (self.wide or size[0], size[1])
        back = np.asarray(camera.eye, float) - np.asarray(camera.target, float)
        view = camera.view()[:3, :3]
        tall = math.tan(camera.fov / 2)
        u, v = 2 * x / max(size[0], 1) - 1 - self.aside, 1 - 2 * y / max(size[1], 1)
        way = view.T @ np.array([u * tall * size[0] / max(size[1], 1), v * tall, -1.0])
        if not np.isfinite(way).all() or not np.linalg.norm(back):
            way = np.array([0.0, 0.0, 1.0])
        return to_world(np.asarray(camera.eye, float)), to_world(way / np.linalg.norm(way))

    def _through_eyes(self, place: np.ndarray, heading: float, height: float) -> Camera:
        turn, tilt = self._look
        camera = Camera.eyes(place, heading + turn, 0.925 * height)
        flat = np.array([math.sin(heading + turn), 0.0, math.cos(heading + turn)]) * math.cos(tilt)
        ahead = flat + np.array([0.0, math.sin(tilt) - 0.06, 0.0])
        return Camera(camera.eye, (camera.eye + ahead).astype(np.float32), camera.fov)

    def _around(self, seconds: float) -> Camera:
        aim = self._aim if self._aim is not None else np.zeros(3)
        if self.blocked is None:
            return Camera.orbit(aim, self._turn, self._tilt, self._distance)
        goal = self._room(self.blocked, aim)
        far = self._distance * float(self.blocked(aim, self._eyes(aim, *self._off), _ROOM))
        if far < min(self._distance, _ENOUGH / 2):
            better = self._distance * float(self.blocked(aim, self._eyes(aim, *goal), _ROOM))
            # As a film is cut: on its way it would come through a wall, or stand in a body.
            self._off, far = (goal, better) if better > far else (self._off, far)
        swing, rise = self._off
        near = min(max(far, _NEAR * 0.6), self._distance)
        camera = Camera.orbit(aim, self._turn + swing, min(self._tilt + rise, _STEEPEST), near)
        swing += float(np.clip(goal[0] - swing, -2.5 * seconds, 2.5 * seconds))
        self._off = swing, rise + float(np.clip(goal[1] - rise, -1.0 * seconds, 2.5 * seconds))
        return camera

    def _room(self, blocked: Blocked, aim: np.ndarray) -> tuple[float, float]:
        """Return how far (rad) an orbit goes round and rises before a wall: no farther than there is need.

        From so near that a body fills the picture nobody sees a thing.
        """
        for count in (1, len(_SWINGS)):  # mostly there is room, and nothing else is looked at
            swings, rises = _SWINGS[:count], _RISES[:count]
            far = self._distance * np.asarray(blocked(aim, self._eyes(aim, swings, rises).reshape(-1, 3), _ROOM))
            short = np.maximum(min(self._distance, _ENOUGH) - far, 0.0)
            if short[0] == 0.0:
                break
        moves = np.abs(swings - self._off[0]) + np.abs(rises - self._off[1])
        best = int((np.abs(swings) + 0.8 * rises + 3.0 * short + 0.5 * moves).argmin())
        return float(swings[best]), float(rises[best])

    def _eyes(self, aim: np.ndarray, swing: Any, rise: Any) -> np.ndarray:
        """Return where [..., 3] an orbit's camera stands that goes so far (rad) round and up; as `Camera.orbit`."""
        turn, tilt = self._turn + np.asarray(swing), np.minimum(self._tilt + np.asarray(rise), _STEEPEST)
        level = np.cos(tilt)
        way = np.stack([np.sin(turn) * level, np.sin(tilt), np.cos(turn) * level], -1)
        eyes: np.ndarray = aim + self._distance * way
        return eyes

    def _take_over(self) -> None:
        away = np.asarray(self.camera.eye, float) - np.asarray(self.camera.target, float)
        self._turn, self._off = math.atan2(away[0], away[2]), (0.0, 0.0)
        self._distance = float(np.clip(np.linalg.norm(away), _NEAR, _FAR))
        self._tilt = float(np.clip(math.asin(np.clip(away[1] / max(self._distance, 1e-6), -1, 1)), -0.05, _STEEPEST))
