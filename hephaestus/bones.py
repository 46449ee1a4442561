"""Bones of a body as segments with radii: for physics proxies and for how deep a body is in a wall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hephaestus.rig import Rig


class Bones:
    """Segments between nodes, and from the last nodes of a limb to the end of their skin.

    Args:
        rig: the rig.
        segments: (start node, end node) pairs.

    Attributes:
        starts: int [B], node indices.
        ends_at: int [B], the node in whose frame the end lies.
        offsets: float32 [B, 3], the end in that node's own frame.
        radii: float32 [B] m, median distance of the skin of the start node from the bone.
    """

    def __init__(self, rig: Rig, segments: Sequence[tuple[int, int]]) -> None:
        starts, ends, offsets = [s for s, _ in segments], [e for _, e in segments], [np.zeros(3)] * len(segments)
        points, nodes = rig.surface
        has_child = set(starts)
        for _, last in segments:
            skin = points[rig.under([last])[nodes]]
            if last in has_child or not len(skin):
                continue
            has_child.add(last)
            tip = _tip(skin, rig.rest_points[last])
            starts.append(last)
            ends.append(last)
            offsets.append(np.linalg.solve(rig.rest_world[last], np.append(tip, 1.0))[:3])
        self.starts, self.ends_at = np.array(starts, int), np.array(ends, int)
        self.offsets = np.array(offsets, np.float32).reshape(-1, 3)
        rest = self.ends(rig.rest_world)
        self.radii = np.array(
            [_radius(points[nodes == n], *pair, 0.03 * rig.height_m) for n, pair in zip(starts, rest, strict=True)],
            np.float32,
        )

    def __len__(self) -> int:
        return len(self.starts)

    def ends(self, world: np.ndarray) -> np.ndarray:
        """Return [..., B, 2, 3] m of world transforms [..., J, 4, 4]."""
        end = world[..., self.ends_at, :, :][..., :3, :]
        tips = (end[..., :3] @ self.offsets[:, :, None])[..., 0] + end[..., 3]
        return np.stack([world[..., self.starts, :, :][..., :3, 3], tips], -2)


def _tip(skin: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The far end of the skin, as the mean of its furthest tenth."""
    distance = np.linalg.norm(skin - start, axis=1)
    return skin[distance >= np.quantile(distance, 0.9)].mean(0)


def _radius(skin: np.ndarray, start: np.ndarray, end: np.ndarray, fallback: float) -> float:
    if len(skin) < 4:
        return fallback
    bone = end - start
    along = np.clip((skin - start) @ bone / max(bone @ bone, 1e-9), 0.0, 1.0)
    return float(np.median(np.linalg.norm(skin - start - along[:, None] * bone, axis=1)))
