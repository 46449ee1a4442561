"""Centre: the point of a body on many legs that follows the path."""

from __future__ import annotations

import numpy as np

from hephaestus.rig import Rig

_INSIDE = 0.2
"""Share of the way from the middle of the feet to the outermost ones within which the centre lies: it turns on them."""


def find_centre(rig: Rig, root: int, feet: np.ndarray, height: float) -> np.ndarray:
    """Return the point [3] m at rest from which no middle of the body is far.

    Where a long body is can be told by the node that carries it, by its box, by its skin or by its feet, and these may
    lie a metre apart along it. What lies off the point that follows the path swings out in turns; so it is halfway
    between those that are furthest apart, but well between the feet.

    Args:
        rig: the rig.
        root: the node that carries the body.
        feet: [K, 3] m at rest.
        height: m, of the point.
    """
    points, _ = rig.surface
    told = [rig.rest_points[root, 2], feet[:, 2].mean()]
    if len(points):
        told += [points[:, 2].mean(), 0.5 * (points[:, 2].min() + points[:, 2].max())]
    middle, half = 0.5 * (feet[:, 2].min() + feet[:, 2].max()), 0.5 * np.ptp(feet[:, 2])
    ahead = np.clip(0.5 * (min(told) + max(told)), middle - _INSIDE * half, middle + _INSIDE * half)
    return np.array([feet[:, 0].mean(), height, ahead])
