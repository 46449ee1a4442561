"""Footing: where the feet of a body of any number of legs stand, and when they step.

A clock runs with the way that is made. Each leg stands for its share of the cycle and then steps to where it will next
be needed. A foot that stands is nailed to the floor until it lifts; a leg that is stretched too far, because the body
was pushed, turned or stopped, steps out of turn. A step depends on the one before it, so frames are gone through one
by one, all legs at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LONGEST_LEAD = 0.6
"""s ahead that a foot is put: half a stance."""
_LATE = 0.6
"""Share of the swing until which a leg that is late may still lift."""
_TORN = 1.2
"""Times its stretch at which a leg steps whatever the others do."""
_SETTLED = 0.7
"""Share of the swing from which on a foot keeps to the spot where it will land."""
_SLOWEST_SWING = 0.5
"""s."""


@dataclass(frozen=True, slots=True)
class Gait:
    """How a body steps at its pace.

    Attributes:
        rate: [T] cycles a second.
        duty: [T] share of the cycle for which a foot stands.
        offsets: [T, K] phase of each foot's touch-down.
    """

    rate: np.ndarray
    duty: np.ndarray
    offsets: np.ndarray


@dataclass(frozen=True, slots=True)
class Feet:
    """Where the feet are.

    Attributes:
        spots: complex [T, K] m on the floor, left + i forward in the motion frame.
        swing: [T, K] 0 for a foot that stands, else the share of its way through the air.
        stance: [T, K] the share of its stance that a standing foot has behind it; 0 in the air.
        phase: [T] of the clock, rising.
    """

    spots: np.ndarray
    swing: np.ndarray
    stance: np.ndarray
    phase: np.ndarray

    @property
    def planted(self) -> np.ndarray:
        """Bool [T, K]: whether each foot stands."""
        return self.swing == 0.0


class Footing:
    """The feet of one body and their clock, carried on from call to call.

    Args:
        stretch: [K] m that a foot may be away from its home.
        idle: cycles a second while a standing body brings its feet home.
        slack: m that a foot of a standing body may be away from its home.
        phase: of the clock at the start.
    """

    def __init__(self, stretch: np.ndarray, idle: float, slack: float, phase: float = 0.0) -> None:
        self._stretch, self._idle, self._slack = np.asarray(stretch, float), idle, slack
        self._phase = phase
        count = len(self._stretch)
        self._spot, self._from, self._to = (np.zeros(count, complex) for _ in range(3))
        self._swing, self._pace = np.zeros(count), np.zeros(count)

    def walk(self, home: np.ndarray, drift: np.ndarray, gait: Gait, jumped: np.ndarray, fps: float) -> Feet:
        """Go through the frames that follow those of the last call.

        Args:
            home: complex [T, K] m, where each foot stands when the body rests there.
            drift: complex [T, K] m/s, how fast that place goes over the floor.
            gait: how the body steps.
            jumped: bool [T], where the body was put somewhere else: all feet start anew.
            fps: frames a second.
        """
        lead = drift * np.minimum(0.5 * gait.duty / np.maximum(gait.rate, 1e-3), _LONGEST_LEAD)[:, None]
        size = np.abs(lead)
        lead = lead * np.minimum(1.0, 0.9 * self._stretch / np.maximum(size, 1e-9))
        goal, way = home + lead, lead / np.maximum(np.abs(lead), 1e-9)
        size = np.abs(lead)
        slack = np.minimum(self._slack, np.where(size > 0.02, 0.6 * size, self._slack))
        spots, swing = np.empty(home.shape, complex), np.empty(home.shape)
        stance, phase = np.empty(home.shape), np.empty(len(home))
        for t in range(len(home)):
            if jumped[t]:
                self._place(home[t], lead[t], float(gait.duty[t]), gait.offsets[t])
            else:
                self._step(home[t], goal[t], drift[t] / fps, way[t], size[t], slack[t], gait, t, fps)
            spots[t], swing[t], phase[t] = self._spot, self._swing, self._phase
            share = ((self._phase - gait.offsets[t]) % 1.0) / gait.duty[t]
            stance[t] = np.where(self._swing > 0.0, 0.0, np.where(share < 1.0, share, 0.0))
        return Feet(spots, swing, stance, phase)

    def _place(self, home: np.ndarray, lead: np.ndarray, duty: float, offsets: np.ndarray) -> None:
        """Put the feet where a body that has long been going at this pace has them."""
        share = (self._phase - offsets) % 1.0
        self._swing = np.where(share < duty, 0.0, (share - duty) / (1.0 - duty))
        ahead = self._swing > 0.7
        # A body at rest stands on all its feet; a foot that has just lifted or is about to land counts as standing.
        self._swing[(np.abs(lead) < 1e-3) | ahead | (self._swing < 0.3)] = 0.0
        self._from, self._to = home - lead, home + lead
        standing = home + lead * np.where(ahead, 1.0, 1.0 - 2.0 * np.minimum(share / duty, 1.0))
        flying = self._from + 2.0 * lead * ease(self._swing)
        self._spot = np.where(self._swing > 0.0, flying, standing)
        self._pace = np.full(len(home), 0.25)

    def _step(
        self,
        home: np.ndarray,
        goal: np.ndarray,
        drift: np.ndarray,
        way: np.ndarray,
        lead: np.ndarray,
        slack: np.ndarray,
        gait: Gait,
        t: int,
        fps: float,
    ) -> None:
        duty, rate = float(gait.duty[t]), float(gait.rate[t])
        away = self._spot - home
        far = np.abs(away)
        standing = self._swing == 0.0
        if rate < self._idle and bool((~standing | (far > slack)).any()):
            rate = self._idle
        self._phase += rate / fps
        share = (self._phase - gait.offsets[t]) % 1.0
        # A foot that has just been put ahead is not lifted again.
        behind = (away * way.conj()).real <= 0.5 * lead
        due = standing & (far > slack) & behind & (share >= duty) & (share < duty + _LATE * (1.0 - duty))
        if due.any():
            left = 1.0 - share[due] + rate / fps
            self._lift(due, np.maximum(rate / fps / left, 1.0 / (_SLOWEST_SWING * fps)))
        strained = standing & ~due & (far > self._stretch) & (np.abs(goal - self._spot) > 0.3 * self._stretch)
        if strained.any():
            self._rescue(strained, far / self._stretch, max(rate, self._idle) / (fps * (1.0 - duty)))
        air = self._swing > 0.0
        if air.any():
            self._fly(air, goal, drift)

    def _lift(self, legs: np.ndarray, pace: np.ndarray | float) -> None:
        self._from[legs] = self._spot[legs]
        self._pace[legs] = pace
        self._swing[legs] = 1e-6

    def _rescue(self, strained: np.ndarray, strain: np.ndarray, pace: float) -> None:
        """Lift legs that are stretched too far out of turn, the worst first, while half of the others stand."""
        free = len(strain) // 2 - int((self._swing > 0.0).sum())
        order = np.argsort(-np.where(strained, strain, 0.0), kind="stable")
        chosen = np.zeros(len(strain), bool)
        chosen[order[: max(free, 0)]] = True
        self._lift(strained & (chosen | (strain > _TORN)), min(pace, 1.0 / 3.0))

    def _fly(self, air: np.ndarray, goal: np.ndarray, drift: np.ndarray) -> None:
        swing = self._swing + np.where(air, self._pace, 0.0)
        landed = swing > 0.999
        self._swing = np.where(landed, 0.0, swing)
        # The goal goes on with the body until the foot lands; a foot that is nearly down keeps to the last one.
        there = goal + drift * np.ceil((0.999 - swing) / np.maximum(self._pace, 1e-3))
        self._to = np.where(swing - self._pace < _SETTLED, there, self._to)
        flying = self._from + (self._to - self._from) * ease(swing)
        self._spot = np.where(air, np.where(landed, self._to, flying), self._spot)


def ease(share: np.ndarray) -> np.ndarray:
    """Return the quintic ramp [...] from 0 to 1 that starts and ends without speed or acceleration."""
    return share * share * share * (10.0 - share * (15.0 - 6.0 * share))
