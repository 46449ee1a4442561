"""Lineup: the bodies that stand in a frame, as arrays, so that they are moved all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter, is_

import numpy as np

from prometheus.world.entity import Actor
from prometheus.world.geometry import Solids, gaps
from prometheus.world.walkers import Ground, Stature

_PLACE, _PACE = attrgetter("position"), attrgetter("velocity")


@dataclass(slots=True)
class Lineup:
    """Bodies [N] that stand.

    Attributes:
        indices: of each among all actors. actors, handles: of each. middles: [N] m, of each; see `Actor`.
        stature: theirs.
        calm: [N] who stood on plain level ground all through the last frame, so that nothing under it can be new.
        feet: [N, 3] m, where they stand.
        gap: [N, S] m from each hull to each solid in plan, as it was when it was measured last.
        places, paces: the rows of `feet`, and of how fast they go, that each was given in the frame before.
    """

    indices: list[int]
    actors: list[Actor]
    handles: list[int]
    middles: np.ndarray
    stature: Stature
    calm: np.ndarray
    feet: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    gap: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    places: list[np.ndarray] = field(default_factory=list)
    paces: list[np.ndarray] = field(default_factory=list)
    _speeds: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    _level: Ground | None = None
    _where: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    _least: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, indices: list[int], actors: Sequence[Actor]) -> Lineup:
        """Line up those of `actors` with these indices."""
        some = [actors[index] for index in indices]
        return cls(
            indices, some, [a.handle for a in some], np.array([a.middle for a in some]), Stature.of(some),
            np.zeros(len(some), bool),
        )  # fmt: skip

    def read(self) -> np.ndarray:
        """Read where they stand, and return it: `feet`."""
        if not (self.places and all(map(is_, map(_PLACE, self.actors), self.places))):
            self.feet = np.array([actor.position for actor in self.actors], np.float64).reshape(-1, 3)
        return self.feet

    def pace(self) -> np.ndarray:
        """Return how fast they go, [N, 2] m/s."""
        if not (self.paces and all(map(is_, map(_PACE, self.actors), self.paces))):
            self._speeds = np.array([actor.velocity for actor in self.actors], np.float64).reshape(-1, 2)
        return self._speeds

    def keep(self, feet: np.ndarray, speeds: np.ndarray) -> None:
        """Take over where they are [N, 3] m and how fast they go [N, 2] m/s, for as long as nobody says otherwise.

        `places` and `paces` are theirs to hold: as long as they do, nothing has to be gathered from them again.
        """
        self.feet, self._speeds = feet, speeds
        self.places, self.paces = list(feet), list(speeds)

    def close_by(self, solids: Solids, reach: float) -> np.ndarray:
        """Return the rows of those who may be within `reach` m of a solid; `gap` is exact for them.

        Nobody is measured again before it has gone far enough to come into reach of anything (a Verlet list).
        """
        place = self.feet[:, :2]
        if len(self.gap) != len(place):
            self._measure(np.arange(len(place)), solids)
        rows = np.flatnonzero(self._least - np.hypot(*(place - self._where).T) < reach)
        if len(rows):
            self._measure(rows, solids)
            rows = rows[self._least[rows] < reach]
        return rows

    def _measure(self, rows: np.ndarray, solids: Solids) -> None:
        if len(self.gap) != len(self.feet):
            count = len(self.feet)
            self.gap, self._where, self._least = np.zeros((count, len(solids))), np.zeros((count, 2)), np.zeros(count)
        place = self.feet[rows, :2]
        self._where[rows] = place
        self.gap[rows] = gaps(place, solids) - self.stature.reach[rows, None]
        self._least[rows] = self.gap[rows].min(1, initial=np.inf)

    def ground(self) -> Ground:
        """Return what was under them in the last frame; not to be changed."""
        restless = np.flatnonzero(~self.calm)
        if not len(restless):
            if self._level is None:
                count = len(self.actors)
                self._level = np.zeros(count), np.zeros(count), np.zeros((count, 2)), np.ones(count, bool)
            return self._level
        rows = np.zeros((len(self.actors), 5))
        rows[:, 4] = 1.0
        some = (self.actors[row] for row in restless.tolist())
        rows[restless] = [(a.rise, a.slope, *a.downhill, a.grounded) for a in some]
        return rows[:, 0], rows[:, 1], rows[:, 2:4], rows[:, 4] > 0
