"""Vicinity: what is near whom, so that only those are watched closely who may touch something within the frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prometheus.world.arena import Arena
from prometheus.world.footing import from_above
from prometheus.world.geometry import Solids
from prometheus.world.hull import lows
from prometheus.world.lineup import Lineup
from prometheus.world.mover import Mover
from prometheus.world.walkers import Gait

_MARGIN = 0.05
"""m between bodies from which on each is driven by hand: Bullet looks for contacts 2 cm ahead."""


class Vicinity:
    """What is near bodies.

    Args:
        arena: with the world's geometry in it.
        solids: the fixed upright geometry.
        substeps: of a frame. step: s of one.

    Attributes:
        low, high: [S] m, the bottom and the top of each solid.
        plain: [A] who stands on plain level ground with nothing near that could be stepped on.
        near: the solids in reach, by the rows of the bodies that have any.
        first: [A] the substep before which nobody can touch anything.
        most: m/s in plan that nobody may come to exceed within the frame, or what is near it would not be known.
    """

    def __init__(self, arena: Arena, solids: Solids, substeps: int, step: float) -> None:
        self._arena, self._solids = arena, solids
        self._substeps, self._step, self._frame = substeps, step, substeps * step
        self._level = bool((arena.plane <= 0.0) and (arena.plane > -0.001))
        self.low, self.high = lows(solids), solids.high
        self.plain, self.first = np.zeros(0, bool), np.zeros(0, int)
        self.near: dict[int, list[int]] = {}
        self.most = 0.0

    def look(self, lineup: Lineup, gait: Gait, movers: Sequence[Mover]) -> None:
        """Find what is in reach of whom, and the substep before which nobody can touch it."""
        feet, bodies = lineup.feet, len(lineup.feet)
        speed = np.maximum(np.hypot(*gait.velocity.T), np.hypot(*gait.target.T))
        things = self._arena.things
        if movers:
            things = np.concatenate([things, [(*m.pose[:2], m.radius, m.speed) for m in movers]])
        fastest = float(max(speed.max(), things[:, 3].max(initial=0.0)))
        reach = _MARGIN + self._frame * fastest
        self.most = fastest + _MARGIN / self._frame
        around = np.empty((bodies + len(things), 4))
        around[:bodies, :2], around[:bodies, 2], around[bodies:] = feet[:, :2], lineup.stature.reach, things
        gap = _gaps(around, bodies)
        speed = around[:bodies, 3] = _pushed(speed, gap[:, :bodies] < reach)
        spare = ((gap - _MARGIN) / np.maximum(speed[:, None] + around[:, 3], 1e-9)).min(1)
        self.plain = gait.grounded & (np.abs(feet[:, 2]) < 1e-4) & self._level
        if len(things):
            self.plain &= gap[:, bodies:].min(1) > reach
        self.near = {}
        rows = lineup.close_by(self._solids, reach)
        if len(rows):
            self._beside(rows, lineup, gait, speed, reach, spare)
        if len(self._arena.slants):
            over, against = self._bumps(lineup, lineup.stature.reach + reach)
            self.plain &= ~over
            spare = np.where(against, 0.0, spare)
        self.first = np.minimum(np.maximum(spare / self._step, 0.0), self._substeps).astype(int)

    def _beside(
        self, rows: np.ndarray, lineup: Lineup, gait: Gait, speed: np.ndarray, reach: float, spare: np.ndarray
    ) -> None:
        """Find the solids in reach of some bodies; `spare` becomes the s until one may be touched."""
        stature, level = lineup.stature, lineup.feet[rows, 2]
        knee, top = (level + stature.step[rows])[:, None], (level + stature.height[rows])[:, None]
        gap = lineup.gap[rows]
        slack = 0.3 + self._frame * np.abs(gait.rise[rows])[:, None]
        close = (gap < reach) & (self.low < top + slack) & (self.high > knee - slack)
        # What rises above where a body begins to feel for the ground is beside it and never under it.
        felt = (level + from_above(stature.step[rows], stature.footprint[rows]))[:, None]
        self.plain[rows] &= ~(close & (self.high < felt)).any(1)
        for row, solid in zip(*(at.tolist() for at in np.nonzero(close)), strict=True):
            self.near.setdefault(int(rows[row]), []).append(solid)
        room = np.where(close, gap, np.inf).min(1) - _MARGIN
        spare[rows] = np.minimum(spare[rows], room / np.maximum(speed[rows], 1e-9))

    def _bumps(self, lineup: Lineup, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Who is close to ground that is not level, and who to such that rises above its knees."""
        low, high = self._arena.slanted
        feet, stature = lineup.feet, lineup.stature
        knee, top = feet[:, 2] + stature.step, feet[:, 2] + stature.height
        inside = (feet[:, None, :2] > low[:, :2] - reach[:, None, None]).all(2)
        inside &= (feet[:, None, :2] < high[:, :2] + reach[:, None, None]).all(2)
        return inside.any(1), (inside & (high[:, 2] > knee[:, None]) & (low[:, 2] < top[:, None])).any(1)


def _gaps(around: np.ndarray, bodies: int) -> np.ndarray:
    """M [A, N] in plan between the first A of N round things (x, y, radius m) and all, inf to oneself."""
    x, y, wide = around[:, :3].T
    dx, dy = x[:bodies, None] - x, y[:bodies, None] - y
    gap: np.ndarray = np.hypot(dx, dy) - (wide[:bodies, None] + wide)
    gap.flat[:: len(x) + 1] = np.inf
    return gap


def _pushed(speed: np.ndarray, near: np.ndarray) -> np.ndarray:
    """How fast each [A] may come to move, m/s, pushed by those who are near it [A, A].

    Whoever stands goes nowhere, but may be pushed by the one that comes, and push another in turn.
    """
    for _ in range(2 if near.any() else 0):
        speed = np.maximum(speed, np.where(near, speed, 0.0).max(1))
    return speed
