"""Bearer: the node of a file that is above a whole body, as game engines want one, going along on the floor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hephaestus.rig import Rig
from hephaestus.vector import about, apply


class Floor(NamedTuple):
    """How the ground under a body has moved since its rest, in the motion frame: x -> turn x + shift.

    Attributes:
        turn: [T, 3, 3].
        shift: [T, 3] m.
    """

    turn: np.ndarray
    shift: np.ndarray

    def under(self, points: np.ndarray) -> np.ndarray:
        """Return points [T, ..., 3] as they are seen from this ground."""
        many = (slice(None), *[None] * (points.ndim - 2))
        return apply(np.swapaxes(self.turn, -1, -2)[many], points - self.shift[many])


class Bearer:
    """The topmost node above a body that the driver does not steer.

    Left where it is at rest, it would stay behind with all that hangs from it and from nothing else; and who takes
    the path of a body from its root would see none.

    Args:
        rig: the rig.
        nodes: node indices that are steered; the first carries the body.
        centre: [3] m, the point of the body at rest that follows the path.

    Attributes:
        node: its index, or -1 where the file has none.
        below: bool [J], what hangs from it.
    """

    def __init__(self, rig: Rig, nodes: Sequence[int], centre: np.ndarray) -> None:
        self.node = _topmost(rig, nodes)
        self.below = rig.ancestors[:, self.node] if self.node >= 0 else np.zeros(len(rig.asset), bool)
        if self.node < 0:
            return
        parent = int(rig.asset.parents[self.node])
        above = np.linalg.pinv(rig.rest_world[parent]) if parent >= 0 else np.eye(4)
        self._above, self._rest = above.astype(np.float32), rig.rest_world[self.node].astype(np.float32)
        # It goes exactly along the path, unless it has skin of its own that must stay with the body.
        own = bool((rig.surface[1] == self.node).any())
        self._pivot = (np.asarray(centre if own else rig.rest_points[self.node]) * [1, 0, 1]).astype(np.float32)

    def floor(self, heading: np.ndarray, path: np.ndarray) -> Floor:
        """Return how the ground moves under a body that heads [T] rad (left positive) at places path [T, 3] m."""
        turn = about(1, np.asarray(heading, np.float32))
        place = np.asarray(path, np.float32) * np.array([1, 0, 1], np.float32)
        return Floor(turn, place - turn @ self._pivot)

    def local(self, floor: Floor) -> np.ndarray:
        """Return its local transforms [T, 4, 4]."""
        moved = np.tile(np.eye(4, dtype=np.float32), (len(floor.turn), 1, 1))
        moved[:, :3, :3], moved[:, :3, 3] = floor
        return np.asarray(self._above @ moved @ self._rest)


def _topmost(rig: Rig, nodes: Sequence[int]) -> int:
    above = np.flatnonzero(rig.ancestors[nodes[0]])
    return -1 if np.isin(above, nodes).any() else next((int(n) for n in above if rig.asset.parents[n] < 0), -1)
