"""DeepMimic clips: JSON text, 44 numbers a frame (Peng et al. 2018, "DeepMimic")."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from hephaestus import rotation
from hephaestus.skeleton import JOINT_NAMES
from prometheus.errors import MotionError, shorten
from prometheus.motion.corpus.bounded import check_frames, check_numbers, read_text, sentence
from prometheus.motion.corpus.clip import Raw
from prometheus.motion.corpus.nodes import upright

_WIDTH = 44
_LONGEST = 900.0
"""s."""
# Joint, parent, offset from the parent (humanoid3d.skeleton.txt; faces +x, left is -z), first column, columns.
_DEEPMIMIC = (
    ("chest", "root", (0.0, 0.236151, 0.0), 8, 4),
    ("neck", "chest", (0.0, 0.223894, 0.0), 12, 4),
    ("R_hip", "root", (0.0, 0.0, 0.084887), 16, 4),
    ("R_knee", "R_hip", (0.0, -0.421546, 0.0), 20, 1),
    ("R_ankle", "R_knee", (0.0, -0.40987, 0.0), 21, 4),
    ("R_shoulder", "chest", (-0.02405, 0.2435, 0.18311), 25, 4),
    ("R_elbow", "R_shoulder", (0.0, -0.274788, 0.0), 29, 1),
    ("L_hip", "root", (0.0, 0.0, -0.084887), 30, 4),
    ("L_knee", "L_hip", (0.0, -0.421546, 0.0), 34, 1),
    ("L_ankle", "L_knee", (0.0, -0.40987, 0.0), 35, 4),
    ("L_shoulder", "chest", (-0.02405, 0.2435, -0.18311), 39, 4),
    ("L_elbow", "L_shoulder", (0.0, -0.274788, 0.0), 43, 1),
    # The rest has no joint of its own in the file: fixed to the joint it follows.
    ("spine1", "root", (0.0, 0.11, 0.0), -1, 0),
    ("spine3", "chest", (0.0, 0.07, 0.0), -1, 0),
    ("head", "neck", (0.03, 0.1, 0.0), -1, 0),
    ("L_foot", "L_ankle", (0.125, -0.055, -0.01), -1, 0),
    ("R_foot", "R_ankle", (0.125, -0.055, 0.01), -1, 0),
    ("L_wrist", "L_elbow", (0.0, -0.258947, 0.0), -1, 0),
    ("R_wrist", "R_elbow", (0.0, -0.258947, 0.0), -1, 0),
    ("L_collar", "chest", (-0.01, 0.19, -0.07), -1, 0),
    ("R_collar", "chest", (-0.01, 0.19, 0.07), -1, 0),
)  # fmt: skip


def _joint_turn(frames: np.ndarray, column: int, width: int) -> np.ndarray:
    if width == 4:
        return rotation.normalize(frames[:, [column + 1, column + 2, column + 3, column]])
    if width == 1:
        return rotation.from_axis_angle(np.array([0, 0, 1], np.float32), frames[:, column])
    return rotation.identity(len(frames))


def _cycled(frames: np.ndarray, repeats: int) -> np.ndarray:
    """Lay a cyclic clip end to end: the root goes on from where it was (heading of a cycle does not change)."""
    step = frames[-1, [1, 3]] - frames[0, [1, 3]]
    copies = []
    for i in range(repeats):
        copy = frames[: -1 if i < repeats - 1 else None].copy()
        copy[:, [1, 3]] += i * step
        copies.append(copy)
    return np.concatenate(copies)


def _frames(path: Path) -> tuple[np.ndarray, bool]:
    """Rows [T, 44] of a file, and whether it says that it is a cycle."""
    text = read_text(path)
    with sentence(path, "a DeepMimic clip"):
        document = json.loads(text)
        frames = np.array(document["Frames"], np.float32)
        cycle = document.get("Loop") == "wrap"
        if frames.ndim != 2 or frames.shape[1] != _WIDTH:
            raise ValueError(f"rows of {_WIDTH} numbers are missing")
    check_frames(len(frames), path)
    check_numbers(frames, path)
    if not (frames[:-1, 0] > 1e-4).all() or frames[:, 0].sum() > _LONGEST:
        raise MotionError(f"{shorten(path.name)} has steps of no length or lasts over {_LONGEST:g} s")
    return frames, cycle


def read_deepmimic(path: Path, repeats: int | None = None) -> Raw:
    """Read a DeepMimic clip and turn it from facing +x to facing +z.

    Args:
        path: the file.
        repeats: how often it is laid end to end; None repeats a cycle (`"Loop": "wrap"`) for about five seconds.

    Raises:
        MotionError: it is no such file, or absurd.
    """
    frames, cycle = _frames(path)
    if repeats is None:
        seconds = float(frames[:-1, 0].sum())
        repeats = int(np.clip(np.ceil(5.0 / seconds), 1, 16)) if cycle else 1
    frames = _cycled(frames, repeats)
    steps = frames[:, 0]
    times = np.concatenate([[0.0], np.cumsum(steps[:-1])])
    turns = {"root": _joint_turn(frames, 4, 4)}
    places = {"root": frames[:, 1:4]}
    rest = {"root": np.zeros(3, np.float32)}
    for name, parent, from_parent, column, width in _DEEPMIMIC:
        offset = np.array(from_parent, np.float32)
        places[name] = places[parent] + rotation.rotate(turns[parent], offset)
        turns[name] = rotation.multiply(turns[parent], _joint_turn(frames, column, width))
        rest[name] = rest[parent] + offset
    names = [{"pelvis": "root", "spine2": "chest"}.get(n, n) for n in JOINT_NAMES]
    turned = rotation.yaw(-np.pi / 2)
    joints = rotation.rotate(turned, np.stack([places[n] for n in names], 1))
    rest22 = rotation.rotate(turned, np.stack([rest[n] for n in names], 0))
    fps = 60.0
    grid = np.arange(0.0, times[-1] + 1e-6, 1.0 / fps)
    flat = joints.reshape(len(joints), -1)
    even = np.stack([np.interp(grid, times, column) for column in flat.T], -1).reshape(-1, 22, 3)
    return Raw(even.astype(np.float32), upright(rest22), fps)
