"""Footing: what lies under a body, felt by rays from its knees down, once a frame for all bodies together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

STEEPEST = math.cos(math.radians(46.0))
"""Upward part of the normal of the steepest ground that is walked on; on steeper ground a body slides."""
_SIDES = np.array([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
"""[5, 2] offsets of the rays: middle, ahead, behind, left, right."""
_DEEP = 0.6
"""m below the feet that a standing body feels for the ground."""
Cast = Callable[[Any, Any], list[Any]]
"""Rays [N, 3] -> [N, 3]; for each (handle, link, share of the way, place, normal), as Bullet returns them."""


@dataclass(frozen=True, slots=True)
class Footing:
    """The ground under bodies.

    Attributes:
        height: [A] m that feet stand on: under the middle, or between two sides that bear it like a bridge, smoothed
            over steps; -inf where there is nothing.
        slope: [A] rise for each metre ahead, -1..1.
        downhill: [A, 2], the way down where the ground is too steep to stand on, scaled by how steep; else 0.
        under: [A] handles of what lies under the middle, -1 for nothing.
    """

    height: np.ndarray
    slope: np.ndarray
    downhill: np.ndarray
    under: np.ndarray

    def columns(self) -> tuple[np.ndarray, ...]:
        """Return all arrays."""
        return self.height, self.slope, self.downhill, self.under


def feel(
    cast: Cast, feet: np.ndarray, ahead: np.ndarray, step: np.ndarray, reach: np.ndarray, side: np.ndarray, fall: float
) -> Footing:
    """Feel for the ground.

    Args:
        cast: rays in the world.
        feet: [A, 3] m.
        ahead: [A, 2] unit vectors of where each goes.
        step: [A] m that each can climb: what is higher is a wall to it.
        reach: [A] m from the middle to where it feels ahead and behind.
        side: [A] m, likewise to the left and right.
        fall: m beyond `_DEEP` that the rays go down, for those that fall.
    """
    count = len(feet)
    left = np.stack([-ahead[:, 1], ahead[:, 0]], -1)
    spread = _SIDES[:, :1] * (reach[:, None] * ahead)[:, None] + _SIDES[:, 1:] * (side[:, None] * left)[:, None]
    high = from_above(step, reach)
    starts = np.empty((count, 5, 3))
    starts[..., :2] = feet[:, None, :2] + spread
    starts[..., 2] = (feet[:, 2] + high)[:, None]
    ends = starts.copy()
    length = high + _DEEP + fall
    ends[..., 2] -= length[:, None]
    hits = cast(starts.reshape(-1, 3).tolist(), ends.reshape(-1, 3).tolist())
    handle = np.array([hit[0] for hit in hits]).reshape(count, 5)
    share = np.array([hit[2] for hit in hits]).reshape(count, 5)
    level = np.where(handle >= 0, starts[..., 2] - share * length[:, None], -np.inf)
    middle, front, back, port, star = level.T
    bridge = np.maximum(np.minimum(front, back), np.minimum(port, star))
    bridge = np.where(bridge <= feet[:, 2] + step + 0.01, bridge, -np.inf)
    both = np.isfinite(front) & np.isfinite(back)
    rise = np.where(both, np.where(both, front, 0.0) - np.where(both, back, 0.0), 0.0)
    # A flight of stairs becomes a ramp: half a step up when the toes are over it.
    smooth = np.where(both, 0.5 * (np.where(both, front, 0.0) + np.where(both, back, 0.0)), -np.inf)
    smooth = np.where(np.isfinite(middle) | np.isfinite(bridge), smooth, -np.inf)
    height = np.maximum(np.maximum(middle, bridge), smooth)
    return Footing(height, np.clip(rise / (2 * reach), -1.0, 1.0), _downhill(hits[::5]), handle[:, 0])


def from_above(step: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Return how high (m) above their feet bodies [A] begin to feel for the ground; see `feel`.

    What is long feels the rise of a slope far ahead, so it has to look down from higher up.
    """
    return step + 0.01 + 0.6 * np.maximum(reach - step, 0.0)


def _downhill(hits: list[Any]) -> np.ndarray:
    normal = np.array([hit[4] for hit in hits], np.float64)
    steep = (normal[:, 2] < STEEPEST) & (normal[:, 2] > 0.05)
    # A body that slides without friction gains g sin(a) cos(a) along the plan.
    return np.where(steep[:, None], normal[:, :2] * normal[:, 2:], 0.0)


def pace_on(slope: np.ndarray) -> np.ndarray:
    """Return the share [A] of its pace that a body keeps on slopes [A], rise for each metre.

    Tobler's hiking function (Tobler 1993, Three presentations on geographical analysis and modeling), relative to level
    ground, at half its strength for slopes that are metres and not miles long, and never below 0.4.
    """
    return np.clip(np.exp(-1.75 * (np.abs(slope + 0.05) - 0.05)), 0.4, 1.0)


def pace_in(depth: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Return the share [A] of its pace that a body of `height` [A] m keeps in water `depth` [A] m deep.

    Linear to a third of the pace at the waist, and no less beyond, as people walk in pools.
    """
    return 1.0 - 0.67 * np.clip(depth / (0.5 * height), 0.0, 1.0)
