"""Lock: planted feet stay where they were set down, whatever the proportions of the body do to the source's foot."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from hephaestus.leak import Memory

_FADE = 0.72
"""Share of an offset that is left a frame after the foot has gone: gone in about five frames."""
_COMES, _GOES = 0.5, 0.25
"""How fast a contact comes and goes, a frame: a flag that jumps must not jerk the foot."""
_DRIFT = 0.998
"""Share that is left a frame in contact: an offset does not outlast a long stand."""


class Lock:
    """How far each foot is held off where it is wanted, carried from frame to frame.

    In contact the offset takes back every step of the support point; in the air it fades. A foot that is dragged
    further than `reach` slides after all: then the source slides, too.

    Args:
        reach: m, the longest offset.
    """

    def __init__(self, reach: float) -> None:
        self._reach = reach
        self._offset = [(0.0, 0.0), (0.0, 0.0)]
        self._contact: list[float] | None = None
        self._before: tuple[list[list[list[float]]], list[list[float]]] | None = None

    def soften(self, contacts: np.ndarray) -> np.ndarray:
        """Return contacts [T, 2, P] that come and go over a few frames, of those that follow the last call's."""
        if self._contact is None and len(contacts):
            self._contact = contacts[0].ravel().tolist()
        out = []
        for now in contacts.reshape(len(contacts), -1).tolist():
            last = self._contact or now
            if now != last:
                now = [min(max(c, b - _GOES), b + _COMES) for c, b in zip(now, last, strict=True)]
            self._contact = now
            out.append(now)
        return np.array(out, np.float32).reshape(contacts.shape)

    def hold(self, points: np.ndarray, planted: np.ndarray) -> np.ndarray:
        """Return the offsets [T, 2, 2] m (x, z) of both feet in the frames that follow those of the last call.

        Args:
            points: [T, 2, P, 2] m, where P points of each foot are wanted on the floor plan.
            planted: [T, 2, P], 0 to 1, how firmly each stands.
        """
        out = []
        for places, weights in zip(points.tolist(), planted.tolist(), strict=True):
            if self._before is not None:
                feet = zip(self._offset, *self._before, places, weights, strict=True)
                self._offset = [self._step(*foot) for foot in feet]
            out.append(self._offset)
            self._before = places, weights
        return np.array(out, np.float32).reshape(len(points), 2, 2)

    def _step(
        self,
        offset: tuple[float, float],
        last: list[list[float]],
        last_weight: list[float],
        place: list[list[float]],
        weight: list[float],
    ) -> tuple[float, float]:
        """The offset of one foot a frame after the given one."""
        x, z = offset
        total = firm = back_x = back_z = 0.0
        for now, then, a, b in zip(place, last, weight, last_weight, strict=True):
            if (w := a if a < b else b) > 0.0:
                total += w
                firm = w if w > firm else firm
                back_x += w * (now[0] - then[0])
                back_z += w * (now[1] - then[1])
        if total > 0.0:
            share = firm / total
            step_x, step_z = -share * back_x, -share * back_z
            # The nearer to its reach, the less it holds on: a dragged foot sets off gently.
            if x * step_x + z * step_z > 0.0:
                free = max(0.0, 1.0 - (x * x + z * z) / self._reach**2)
                step_x, step_z = step_x * free, step_z * free
            x, z = x + step_x, z + step_z
        keep = _FADE + firm * (_DRIFT - _FADE)
        x, z = x * keep, z * keep
        far = math.hypot(x, z)
        if far > self._reach:
            x, z = x * self._reach / far, z * self._reach / far
        return x, z


@dataclass(frozen=True)
class Past:
    """What a retarget remembers from frame to frame.

    Attributes:
        lock: of the feet.
        memory: of what is smoothed.
        turned: rotations of the frame before, by name.
    """

    lock: Lock
    memory: Memory = field(default_factory=Memory)
    turned: dict[str, np.ndarray] = field(default_factory=dict)
