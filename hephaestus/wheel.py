"""Wheels and hinges of a machine, found from the skin of their nodes: modellers leave pivots anywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hephaestus.rig import Rig
from hephaestus.vector import about, apply

_LEAST_RADIUS = 0.02


class Wheels:
    """Wheels that roll forward about the left axis.

    Args:
        rig: the rig.
        nodes: W nodes, one a wheel.

    Attributes:
        hubs: [W, 3] m, their middles at rest.
        radii: [W] m.
    """

    def __init__(self, rig: Rig, nodes: Sequence[int]) -> None:
        self.rest = rig.rest_points[list(nodes)].reshape(-1, 3)
        self.hubs, self.radii = self.rest.copy(), np.maximum(self.rest[:, 1].copy(), _LEAST_RADIUS)
        for k, node in enumerate(nodes):
            points = skin_of(rig, node)
            if len(points) >= 6:
                low, high = points.min(0), points.max(0)
                self.hubs[k] = 0.5 * (low + high)
                self.radii[k] = max(0.25 * float((high - low)[1:].sum()), _LEAST_RADIUS)

    def roll(self, way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how the nodes turn [T, W, 3, 3] and where they are [T, W, 3] m after rolling `way` [T, W] m."""
        turn = about(0, way / self.radii)
        return turn, self.hubs + apply(turn, self.rest - self.hubs)


def skin_of(rig: Rig, node: int) -> np.ndarray:
    """Return the points [V, 3] m at rest of what a node and all below it move."""
    points, owner = rig.surface
    return points[rig.under([node])[owner]]


def turret_ring(rig: Rig, node: int) -> np.ndarray:
    """Return the point [3] m about which a turret turns: its node, if that lies inside, else the middle of its base."""
    at, points = rig.rest_points[node], skin_of(rig, node)
    if len(points) < 6:
        return at
    base = points[points[:, 1] <= np.quantile(points[:, 1], 0.2)]
    low, high = base.min(0), base.max(0)
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    inside = np.abs(at - middle)[[0, 2]] <= 0.6 * half[[0, 2]] + 1e-3
    return at if inside.all() else np.array([middle[0], at[1], middle[2]])


def gun_hinge(rig: Rig, node: int) -> np.ndarray:
    """Return the point [3] m about which a gun is raised: its node, if that lies at its rear, else its rear end."""
    at, points = rig.rest_points[node], skin_of(rig, node)
    if len(points) < 6:
        return at
    low, high = points.min(0), points.max(0)
    margin = 0.25 * (high - low) + 0.02
    if ((at >= low - margin) & (at <= high + margin)).all() and at[2] < 0.5 * (low[2] + high[2]):
        return at
    return np.array([0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1]), low[2]])
