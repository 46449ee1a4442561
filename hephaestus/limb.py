"""Limb: a leg of any number of bones that folds as it rests, reaching a point in closed form.

The fold of a leg is one number: -1 is straight, 0 the rest, and beyond it every bone leans further from the line
root-to-paw, one forward and the next backward, as knees and hocks and wrists do when a leg is lifted. The distance from
root to paw for each fold is tabulated once, so that at run time a distance gives the lean of every bone by one linear
look-up, for any number of bones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hephaestus.vector import about, apply, length, swing, unit

_STEPS = 64
_SHOWS, _LEAST_FOLD = np.radians(6.0), np.radians(20.0)
_BENT = np.radians(15.0)
_MOST_LEAN = np.radians(100.0)


class Limbs:
    """Legs of equal build (left and right), folded in their sagittal plane.

    Args:
        points: [L, K + 1, 3] m, nodes of L legs from root to paw at rest in the motion frame.
        knee: which way the first joint bends where the rest is straight: 1 forward, -1 backward.

    Attributes:
        length: m, of the straight leg.
        chord: [L, 3] m, root to paw at rest.
    """

    def __init__(self, points: np.ndarray, knee: int) -> None:
        points = np.asarray(points, float)
        self.chord = points[:, -1] - points[:, 0]
        bones = np.diff(points, axis=1)
        plane = np.hypot(bones[..., 1], bones[..., 2])
        self.length = float(plane.sum(1).mean())
        # Angle in the sagittal plane: 0 points down, positive leads forward.
        angle = np.arctan2(bones[..., 2], -bones[..., 1])
        line = np.arctan2(self.chord[:, 2], -self.chord[:, 1])
        lean = (angle - line[:, None] + np.pi) % (2 * np.pi) - np.pi
        # A shoulder blade leads forward where a thigh does: the rest tells how each bone leans, and where it does not
        # show, joints bend in turns, the first one the way of `knee`.
        sides = np.empty_like(lean)
        before = np.full(len(lean), -float(knee))
        for bone in range(lean.shape[1]):
            before = np.where(np.abs(lean[:, bone]) > _SHOWS, np.sign(lean[:, bone]), -before)
            sides[:, bone] = before
        fold = sides * np.maximum(np.abs(lean), _LEAST_FOLD)
        fold[:, 0] *= 0.8
        fold[:, -1] *= 1.2
        base = np.where(np.abs(lean) > _SHOWS, lean, 0.0)
        self.nearest, self.furthest, self._table = fold_tables(plane, lean, fold, base)
        self._aside = self.chord[:, 0].astype(np.float32)
        self._line = unit(self.chord * [0.0, 1.0, 1.0]).astype(np.float32)

    def reach(self, body: np.ndarray, goal: np.ndarray) -> np.ndarray:
        """Return how far each bone has turned from its rest so that the paws get to their goals.

        Args:
            body: [T, L, 3, 3] turn of what each leg hangs from.
            goal: [T, L, 3] m from the leg's root; beyond reach the leg points there.

        Returns:
            [T, L, K, 3, 3] in the motion frame.
        """
        distance = length(goal)
        plane = np.sqrt(np.maximum(distance * distance - self._aside * self._aside, 1e-6))
        plane = np.minimum(np.maximum(plane, self.nearest), self.furthest)
        turn = look_up(self._table, self.nearest, self.furthest, plane)
        now = plane[..., None] * self._line
        now[..., 0] += self._aside
        carried = swing(unit(apply(body, now)), unit(goal)) @ body
        return carried[:, :, None] @ about(0, turn)


class Splayed:
    """Legs that stand out from the body, as a spider's: each bends in the upright plane through its root and foot.

    Args:
        points: [L, K + 1, 3] m, nodes of L legs from root to foot at rest in the motion frame.

    Attributes:
        length: m, of the straight legs, in the mean.
        chord: [L, 3] m, root to foot at rest.
    """

    def __init__(self, points: np.ndarray) -> None:
        points = np.asarray(points, float)
        self.chord = points[:, -1] - points[:, 0]
        out = self.chord[:, [0, 2]].copy()
        # A leg straight below its root bends away from the middle of the body.
        far = np.hypot(*out.T)
        away = (points[:, -1] - points[:, :1].mean((0, 1)))[:, [0, 2]]
        out = np.where((far > 0.05 * np.abs(self.chord[:, 1]))[:, None], out, away)
        self._bearing = np.arctan2(out[:, 0], out[:, 1])
        bones = apply(np.swapaxes(about(1, self._bearing), -1, -2)[:, None].astype(float), np.diff(points, axis=1))
        plane = np.hypot(bones[..., 1], bones[..., 2])
        self.length = float(plane.sum(1).mean())
        angle = np.arctan2(bones[..., 2], -bones[..., 1])
        chord = bones.sum(1)
        line = np.arctan2(chord[:, 2], -chord[:, 1])
        lean = (angle - line[:, None] + np.pi) % (2 * np.pi) - np.pi
        # An arch grows higher as the foot comes nearer; a leg that rests straight makes one.
        arch = np.linspace(1.0, -1.0, lean.shape[1]) * _LEAST_FOLD
        bent = np.abs(lean).max(1, keepdims=True) > _BENT
        self.nearest, self.furthest, self._table = fold_tables(
            plane, lean, np.where(bent, lean, arch), np.where(bent, lean, 0.0)
        )
        self._aside, self._line = chord[:, 0].astype(np.float32), line.astype(np.float32)
        self._out = about(1, self._bearing)

    def reach(self, body: np.ndarray, goal: np.ndarray) -> np.ndarray:
        """Return how far each bone has turned from its rest so that the feet get to their goals.

        Args:
            body: [T, L, 3, 3] turn of what each leg hangs from.
            goal: [T, L, 3] m from the leg's root; beyond reach the leg points there.

        Returns:
            [T, L, K, 3, 3] in the motion frame.
        """
        seen = apply(np.swapaxes(body @ self._out, -1, -2), goal)
        # Near the root's own axis a bearing has no meaning; there the leg keeps that of its rest.
        x, z = seen[..., 0], np.where(np.abs(seen[..., 2]) + np.abs(seen[..., 0]) < 1e-3, 1e-3, seen[..., 2])
        flat = np.hypot(x, z)
        out = np.sqrt(np.maximum(flat * flat - self._aside * self._aside, 1e-6))
        yaw = np.arctan2(x, z) - np.arctan2(self._aside, out)
        plane = np.minimum(np.maximum(np.hypot(out, seen[..., 1]), self.nearest), self.furthest)
        pitch = np.arctan2(out, -seen[..., 1]) - self._line
        turn = look_up(self._table, self.nearest, self.furthest, plane) - pitch[..., None]
        base = body @ self._out @ about(1, yaw)
        return base[:, :, None] @ about(0, turn) @ np.swapaxes(self._out, -1, -2)[:, None]


def fold_tables(
    plane: np.ndarray, rest: np.ndarray, fold: np.ndarray, base: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tabulate how legs fold over evenly spaced distances from root to foot.

    Args:
        plane: [L, K] m, lengths of the bones in the plane in which they bend.
        rest: [L, K] rad, how far each leans from the line from root to foot at rest.
        fold: [L, K] rad, how far it leans besides in a lifted leg.
        base: [L, K] rad, how far it leans in a leg that stands.

    Returns:
        The least and the largest distance [L] m, and the turn [L, steps, K] rad of each bone from its rest.
    """
    low, high, rows = [], [], []
    for bones, start, stand, way in zip(plane, rest, base, fold, strict=True):
        folds = np.linspace(-1.0, max(_MOST_LEAN / max(np.abs(way).max(), 1e-3), 0.0), 400)[:, None]
        # A loaded leg gives the way it stands; only a lifted one folds at every joint.
        lifted = np.maximum(folds, 0.0) ** 2 / (np.abs(folds) + 1.0)
        angles = stand * (1.0 + folds - lifted) + way * lifted
        end = np.stack([(bones * np.cos(angles)).sum(1), (bones * np.sin(angles)).sum(1)], 1)
        reach = np.hypot(*end.T)
        angles = angles - np.arctan2(end[:, 1], end[:, 0])[:, None]
        shrinking = np.append(True, np.cumsum(np.diff(reach) > 1e-9) == 0)
        reach, angles = reach[shrinking][::-1], angles[shrinking][::-1]
        grid = np.linspace(reach[0], max(reach[-1] - 0.001 * bones.sum(), reach[0]), _STEPS)
        low.append(grid[0])
        high.append(grid[-1])
        # Turning by +x brings a hanging bone backward, hence the minus.
        turns = [-(np.interp(grid, reach, column) - a) for column, a in zip(angles.T, start, strict=True)]
        rows.append(np.stack(turns, 1))
    return np.array(low, np.float32), np.array(high, np.float32), np.array(rows, np.float32)


def look_up(table: np.ndarray, low: np.ndarray, high: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Return the turns [T, L, K] that `fold_tables` has for distances [T, L] m."""
    at = (distance - low) * ((_STEPS - 1) / np.maximum(high - low, 1e-6))
    below = np.minimum(at.astype(int), _STEPS - 2)
    share = (at - below)[..., None]
    legs = np.arange(len(low))
    return (1.0 - share) * table[legs, below] + share * table[legs, below + 1]


def pairs(points: np.ndarray, chains: Sequence[Sequence[int]]) -> np.ndarray:
    """Return points [L, K + 1, 3] of L chains of equal length."""
    return np.stack([points[list(chain)] for chain in chains])
