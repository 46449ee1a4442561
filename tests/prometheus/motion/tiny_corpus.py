"""A corpus of a few seconds that training tests can go through in moments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from hephaestus import rotation
from hephaestus.skeleton import rest_joints


def walk(frames: int, speed: float, turn: float) -> np.ndarray:
    """A stiff body [T, 22, 3] m that glides at a speed (m a frame) and turns (rad a frame), its arms swinging."""
    clock = np.arange(frames)
    joints = np.tile(rest_joints(), (frames, 1, 1))
    joints[:, 18:, 2] += 0.2 * np.sin(0.4 * clock)[:, None]
    facing = (turn * clock).astype(np.float32)
    joints = rotation.rotate(rotation.yaw(facing)[:, None], joints)
    joints[:, :, 0] += np.cumsum(speed * np.sin(facing))[:, None]
    joints[:, :, 2] += np.cumsum(speed * np.cos(facing))[:, None]
    return joints.astype(np.float32)


def write_corpus(folder: Path, texts: int = 1) -> Path:
    """Write `corpus.npz` and `clips.json`: three clips to train on and one kept aside, each with some sentences."""
    folder.mkdir(parents=True, exist_ok=True)
    clips = [walk(60, 0.06, 0.0), walk(50, 0.1, 0.02), walk(40, 0.0, -0.05), walk(60, 0.08, 0.0)]
    rows, start = [], 0
    for i, clip in enumerate(clips):
        said = [f"a person walks forward, way {i} of {k}" for k in range(texts)]
        rows.append({
            "id": f"clip{i}", "start": start, "length": len(clip), "origin": "procedural", "source": f"clip{i}",
            "kind": "walk", "split": "val" if i == 3 else "train", "weight": 1.0,
            "spans": [{"start": 0, "end": 30, "texts": said}, {"start": 30, "end": len(clip), "texts": said}],
        })  # fmt: skip
        start += len(clip)
    joints = np.concatenate(clips)
    np.savez(folder / "corpus.npz", joints=joints, contacts=np.ones((len(joints), 4), np.float32))
    (folder / "clips.json").write_text(json.dumps(rows))
    return folder
