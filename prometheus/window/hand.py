"""Hand: what a person holds with the mouse: a crate, a beast, anybody; and throws."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from prometheus.window.snapshot import Snapshot
    from prometheus.window.viewpoint import Viewpoint
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World

FRAME = 0.05
LIFT = 0.7
"""m over the ground at which somebody is carried."""
FASTEST = 11.0
"""m/s at which things follow the hand, and fly when they are thrown."""
KNOCK = 2.5
"""m/s from which somebody who is thrown falls over."""
_NEAR = 0.75
"""m from its middle within which a body or a thing is taken hold of."""


class Hand:
    """Holds one thing at a time; the window says what and where to, the world moves it."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._name: str | None = None
        self._target: np.ndarray | None = None
        self._middle = np.zeros(3)
        self._offset = np.zeros(3)
        self._path: list[np.ndarray] = []
        self._throw: np.ndarray | None = None

    @property
    def holds(self) -> str | None:
        """The name of what is held."""
        return self._name

    def take(self, name: str, middle: np.ndarray, offset: np.ndarray) -> None:
        """Take hold of something; see `grip`."""
        self._name, self._target, self._path, self._throw = name, None, [], None
        self._middle, self._offset = middle, offset

    def reach(self, start: np.ndarray, way: np.ndarray) -> None:
        """Carry it to where a ray of the mouse crosses the level on which it was taken."""
        if self._name is not None:
            target = _on_plane(start, way, self._middle) + self._offset
            off = target - self._middle
            far = float(np.linalg.norm(off))
            self._target = self._middle + off * min(1.0, 25.0 / max(far, 1e-6))

    def let_go(self, *, throw: bool) -> None:
        """Let go of it; thrown, it goes on the way that the hand moved."""
        pace = np.zeros(3)
        if throw and len(self._path) >= 2:
            pace = (self._path[-1] - self._path[0]) / (FRAME * (len(self._path) - 1))
            pace[2] += 0.35 * float(np.hypot(pace[0], pace[1]))
        self._throw = _capped(pace)
        if self._target is None:
            self._name = None

    def hold(self, world: World) -> None:
        """Move what is held; called before each of the world's frames."""
        name, target, throw = self._name, self._target, self._throw
        if throw is not None:
            self._name, self._target, self._throw = None, None, None
        if name is None or target is None:
            return
        prop = next((prop for prop in world.props if prop.shape.name == name), None)
        if prop is not None:
            place = np.array(prop.position)
            self._note(place)
            lifted = target + np.array([0.0, 0.0, LIFT])
            world.push(prop, _capped((lifted - place) / FRAME * 0.5) if throw is None else throw)
            return
        actor = next((actor for actor in world.actors if actor.id == name), None)
        if actor is not None and actor.upright:
            self._carry(world, actor, target, throw)

    def _carry(self, world: World, actor: Actor, target: np.ndarray, throw: np.ndarray | None) -> None:
        self._note(actor.position.copy())
        if throw is not None:
            speed = float(np.hypot(throw[0], throw[1]))
            if speed > KNOCK and actor.topples:
                world.knock(actor, throw)
            return
        step = target[:2] - actor.position[:2]
        far = float(np.hypot(step[0], step[1]))
        place = actor.position[:2] + step * min(1.0, FASTEST * FRAME / max(far, 1e-6))
        if not world.free(actor, place):
            place = actor.position[:2]
        height = float(world.ground_at(place[None], float(actor.position[2]))[0][0])
        if math.isfinite(height):
            world.move(actor, (place[0], place[1], height + LIFT))

    def _note(self, place: np.ndarray) -> None:
        self._path.append(place)
        del self._path[:-5]


def grip(
    viewpoint: Viewpoint, mouse: tuple[float, float], size: tuple[int, int], snapshot: Snapshot | None
) -> tuple[str, np.ndarray, np.ndarray] | None:
    """Return what is nearest under the mouse: its name, its middle [3], and how far [3] that is from the mouse's ray.

    None where there is nothing that can be held.
    """
    if snapshot is None:
        return None
    start, way = viewpoint.ray(*mouse, size)
    found = _under(start, way, snapshot.state)
    if found is None:
        return None
    name, middle = found
    return name, middle, middle - _on_plane(start, way, middle)


def _under(start: np.ndarray, way: np.ndarray, state: Mapping[str, Any]) -> tuple[str, np.ndarray] | None:
    """Return name and middle [3] of what a ray passes nearest to its beginning, or None."""
    things = [(a["id"], np.array(a["position"], float) + np.array([0.0, 0.0, 0.8])) for a in state["actors"]]
    things += [(p["name"], np.array(p["position"], float)) for p in state["props"]]
    found: tuple[str, np.ndarray] | None = None
    nearest = math.inf
    for name, middle in things:
        along = float((middle - start) @ way)
        if along < 0.3 or along > nearest:
            continue
        off = start + along * way - middle
        # People are tall and narrow.
        if float(np.hypot(off[0], off[1])) < _NEAR * 0.7 and abs(float(off[2])) < 1.0:
            found, nearest = (str(name), middle), along
    return found


def _on_plane(start: np.ndarray, way: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Return where a ray crosses the level of a point; one that goes up or far away ends at 25 m."""
    share = (middle[2] - start[2]) / way[2] if abs(way[2]) > 1e-3 else math.inf
    if not 0 < share < 60.0:
        share = float(np.clip((middle - start) @ way, 1.0, 25.0))
    point: np.ndarray = start + share * way
    return np.array([point[0], point[1], middle[2]])


def _capped(velocity: np.ndarray) -> np.ndarray:
    speed = float(np.linalg.norm(velocity))
    return velocity * min(1.0, FASTEST / max(speed, 1e-6)) if math.isfinite(speed) else np.zeros(3)
