"""BVH clips to 22 joints in metres."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hephaestus import bvh, rotation
from prometheus.errors import MotionError, shorten
from prometheus.motion.corpus.bounded import check_frames
from prometheus.motion.corpus.clip import Raw
from prometheus.motion.corpus.nodes import joints_of, rig_of, up_axis, upright

_LEG = 0.82
"""m of thigh and shin; a file's own unit cannot be known, and clips are scaled by the legs anyway."""


def read_bvh(
    path: Path, unit: float | None = None, z_up: bool | None = None, thorax: float = 0.0, skip: int = 0
) -> Raw:
    """Read a BVH clip.

    Args:
        path: the file, maybe gzipped.
        unit: metres per unit; None takes a leg to be as long as an adult's.
        z_up: the file's third axis points up; None finds out.
        thorax: units to add to a chest link that was lost upstream.
        skip: lead-in frames to drop.

    Raises:
        MotionError: the joints cannot be told from their names, or the clip is too long.
        BvhError: it is no BVH file.
    """
    file = bvh.read(path)
    check_frames(len(file.values) - skip, path)
    offsets = np.array(file.offsets)
    for j, name in enumerate(file.names):
        if thorax and name in ("lowerneck", "LeftCollar", "RightCollar"):
            offsets[j, 1] += thorax
    file = bvh.Bvh(file.names, file.parents, offsets, file.channels, file.values[skip:], file.fps)
    names, rig = _rig(file, path)
    turns, places = file.world()
    rest = file.rest()
    places, rest = _toes(file, rig, turns, places, rest, names)
    joints, still = joints_of(places, turns, rest, names, rig)
    legs = [np.linalg.norm(still[a] - still[b]) for a, b in ((1, 4), (4, 7), (2, 5), (5, 8))]
    if min(legs) < 1e-6:
        raise MotionError(f"{shorten(path.name)} has a leg bone without length; export it with its skeleton")
    metres = unit if unit is not None else 2.0 * _LEG / float(sum(legs))
    frame = up_axis(joints, still) if z_up is None else _FRAMES[z_up]
    joints, still = (np.einsum("ij,...j->...i", frame, part * metres).astype(np.float32) for part in (joints, still))
    return Raw(joints, upright(still), file.fps)


_FRAMES = {False: np.eye(3, dtype=np.float32), True: np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float32)}


def _rig(file: bvh.Bvh, path: Path) -> tuple[list[str], dict[str, str]]:
    try:
        return rig_of(file.names, file.parents.tolist())
    except MotionError as error:
        raise MotionError(f"{shorten(path.name)}: {error}") from None


def _toes(
    file: bvh.Bvh, rig: dict[str, str], turns: np.ndarray, places: np.ndarray, rest: np.ndarray, names: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Give a foot whose end site has no length the toe of the Daz rig, which such files come from."""
    for side in ("L", "R"):
        toe = rig[f"{side}_foot"].replace("_end", " end")
        if toe not in names or "%" in toe:
            continue
        ankle, tip = names.index(rig[f"{side}_ankle"]), names.index(toe)
        if np.linalg.norm(file.offsets[tip]) < 1e-6:
            offset = np.array([1.1221 if side == "L" else -1.1221, -3.69964, 12.103], np.float32)
            places[:, tip] = places[:, ankle] + rotation.rotate(turns[:, ankle], offset)
            rest[tip] = rest[ankle] + offset
    return places, rest
