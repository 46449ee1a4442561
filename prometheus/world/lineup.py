"""Lineup: the bodies that stand in a frame, as arrays, so that they are moved all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prometheus.world.entity import Actor
from prometheus.world.walkers import Stature


@dataclass(slots=True)
class Lineup:
    """Bodies [N] that stand.

    Attributes:
        indices: of each among all actors. actors, handles, middles: of each, see `Actor`.
        stature: theirs.
        calm: [N] who stood on plain level ground all through the last frame, so that nothing under it can be new.
    """

    indices: list[int]
    actors: list[Actor]
    handles: list[int]
    middles: list[float]
    stature: Stature
    calm: np.ndarray

    @classmethod
    def of(cls, indices: list[int], actors: Sequence[Actor]) -> Lineup:
        """Line up those of `actors` with these indices."""
        some = [actors[index] for index in indices]
        return cls(
            indices, some, [a.handle for a in some], [a.middle for a in some], Stature.of(some),
            np.zeros(len(some), bool),
        )  # fmt: skip

    def feet(self) -> np.ndarray:
        """Return [N, 3] m, where they stand."""
        return np.array([actor.position for actor in self.actors], np.float64).reshape(-1, 3)

    def ground(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return what was under them in the last frame: (rise [N] m/s, slope [N], downhill [N, 2], grounded [N])."""
        count = len(self.actors)
        rows = np.zeros((count, 5))
        rows[:, 4] = 1.0
        restless = np.flatnonzero(~self.calm)
        if len(restless):
            some = (self.actors[row] for row in restless.tolist())
            rows[restless] = [(a.rise, a.slope, *a.downhill, a.grounded) for a in some]
        return rows[:, 0], rows[:, 1], rows[:, 2:4], rows[:, 4] > 0
