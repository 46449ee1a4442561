"""Capture formats to 22 joints in metres: BVH, ASF/AMC, DeepMimic JSON."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

from hephaestus import bvh, rotation
from hephaestus.humanml3d import heading
from hephaestus.skeleton import JOINT_NAMES, REST_OFFSETS
from prometheus.motion.corpus.clip import Raw
from prometheus.motion.corpus.rigs import RIGS

_COLLAR_SHARE = 0.35
"""Where on the way from the chest to the shoulder a collar sits in rigs that have none."""


def _text(path: Path) -> str:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="latin-1") as file:
        return file.read()


def _point(expression: str, places: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """One of the 22 from a rig's expression (see `rigs`); places [..., J, 3]."""
    if "|" in expression:
        a, b = (_point(part, places, names) for part in expression.split("|"))
        return 0.5 * (a + b)
    if expression.startswith("@"):
        a, b = (_point(part, places, names) for part in expression[1:].split(">"))
        return a + _COLLAR_SHARE * (b - a)
    return places[..., names.index(expression.replace("_end", " end")), :]


def _resolve(expression: str, names: tuple[str, ...]) -> bool:
    parts = expression.lstrip("@").replace("|", ">").split(">")
    return all(part.replace("_end", " end") in names for part in parts)


def rig_of(names: tuple[str, ...]) -> dict[str, str]:
    """Return the 22 expressions of the rig whose joints are all among names; raises BvhError."""
    for rig in RIGS.values():
        if all(_resolve(expression, names) for expression in rig.values()):
            return rig
    raise bvh.BvhError(f"no known naming fits the joints {', '.join(names[:8])}, ...; add it to rigs.py.")


def upright(joints: np.ndarray) -> np.ndarray | None:
    """Return rest joints [22, 3] turned to face +z, or None where they are not those of a standing body."""
    span = np.linalg.norm(joints[12] - joints[0])
    if joints[12, 1] - joints[0, 1] < 0.9 * span:
        return None
    rest = rotation.rotate(rotation.yaw(-heading(joints)), joints - joints[0])
    for collar, shoulder in ((13, 16), (14, 17)):
        bone = rest[shoulder] - rest[collar]
        if abs(bone[0]) < 0.6 * np.linalg.norm(bone):
            rest[shoulder] = rest[collar] + REST_OFFSETS[shoulder]
    return rest.astype(np.float32)


def _standing(joints: np.ndarray) -> np.ndarray:
    """Turn z-up joints [..., 22, 3] to y up; y-up ones pass."""
    return np.stack([joints[..., 0], joints[..., 2], -joints[..., 1]], -1)


def read_bvh(path: Path, unit: float, z_up: bool = False, thorax: float = 0.0, skip: int = 0) -> Raw:
    """Read a BVH clip.

    Args:
        path: the file, maybe gzipped.
        unit: metres per unit.
        z_up: the file's third axis points up.
        thorax: units to add to a chest link that was lost upstream.
        skip: lead-in frames to drop.
    """
    file = bvh.read(path)
    offsets = np.array(file.offsets)
    for j, name in enumerate(file.names):
        if thorax and name in ("lowerneck", "LeftCollar", "RightCollar"):
            offsets[j, 1] += thorax
    file = bvh.Bvh(file.names, file.parents, offsets, file.channels, file.values[skip:], file.fps)
    rig = rig_of(file.names)
    turns, places = file.world()
    rest = file.rest()
    places, rest = _toes(file, rig, turns, places, rest)
    joints, rest22 = (
        np.stack([_point(rig[name], p, file.names) for name in JOINT_NAMES], -2) * unit for p in (places, rest)
    )
    if z_up:
        joints, rest22 = _standing(joints), _standing(rest22)
    return Raw(joints.astype(np.float32), upright(rest22), file.fps)


def _toes(
    file: bvh.Bvh, rig: dict[str, str], turns: np.ndarray, places: np.ndarray, rest: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give a foot whose end site has no length the toe of the Daz rig, which such files come from."""
    for side in ("L", "R"):
        ankle, toe = file.names.index(rig[f"{side}_ankle"]), rig[f"{side}_foot"].replace("_end", " end")
        tip = file.names.index(toe)
        if np.linalg.norm(file.offsets[tip]) < 1e-6:
            offset = np.array([1.1221 if side == "L" else -1.1221, -3.69964, 12.103], np.float32)
            places[:, tip] = places[:, ankle] + rotation.rotate(turns[:, ankle], offset)
            rest[tip] = rest[ankle] + offset
    return places, rest


# --- ASF/AMC ---------------------------------------------------------------------------------------------------------
_ASF = dict(
    zip(
        JOINT_NAMES,
        "root lhipjoint rhipjoint lowerback lfemur rfemur upperback ltibia rtibia thorax lfoot rfoot upperneck "
        "@thorax>lclavicle @thorax>rclavicle head lclavicle rclavicle lhumerus rhumerus lradius rradius".split(),
        strict=True,
    )
)


def _euler(degrees: np.ndarray) -> np.ndarray:
    """Quaternions [..., 4] of angles [..., 3] that turn about x, then y, then z (fixed axes)."""
    x, y, z = (
        rotation.from_axis_angle(np.eye(3, dtype=np.float32)[a], np.deg2rad(degrees[..., a])) for a in range(3)
    )
    return rotation.multiply(z, rotation.multiply(y, x))


def _asf(text: str) -> tuple[dict[str, dict], dict[str, str], float]:
    """Bones, parent of each bone, and the length unit."""
    bones: dict[str, dict] = {}
    parents: dict[str, str] = {}
    section, bone, unit = "", {}, 1.0
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0].startswith(":"):
            section = words[0]
        elif section == ":units" and words[0] == "length":
            unit = float(words[1])
        elif section == ":bonedata":
            if words[0] == "begin":
                bone = {"dof": []}
            elif words[0] == "end":
                bones[bone["name"]] = bone
            elif words[0] == "name":
                bone["name"] = words[1]
            elif words[0] == "direction":
                bone["direction"] = np.array([float(w) for w in words[1:4]])
            elif words[0] == "length":
                bone["length"] = float(words[1])
            elif words[0] == "axis":
                bone["axis"] = _euler(np.array([float(w) for w in words[1:4]], np.float32))
            elif words[0] == "dof":
                bone["dof"] = words[1:]
        elif section == ":hierarchy" and words[0] not in ("begin", "end"):
            parents |= {child: words[0] for child in words[1:]}
    return bones, parents, unit


def _amc(text: str) -> dict[str, np.ndarray]:
    """Values of each bone [T, n]."""
    rows: dict[str, list[list[float]]] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0][0] not in ":#":
            rows.setdefault(words[0], []).append([float(w) for w in words[1:]])
    return {name: np.array(values, np.float32) for name, values in rows.items()}


def read_asf_amc(skeleton: Path, path: Path, fps: float = 120.0) -> Raw:
    """Read an AMC clip over its ASF skeleton (Acclaim format; inches times the skeleton's unit)."""
    bones, parents, unit = _asf(_text(skeleton))
    values = _amc(_text(path))
    metres = 0.0254 / unit
    frames = len(values["root"])
    turns = {"root": _euler(values["root"][:, 3:6])}
    places = {"root": values["root"][:, :3].astype(np.float64)}
    rest = {"root": np.zeros(3)}
    for name, parent in parents.items():
        bone = bones[name]
        angles = np.zeros((frames, 3), np.float32)
        for i, dof in enumerate(bone["dof"]):
            angles[:, "xyz".index(dof[1])] = values[name][:, i] if name in values else 0.0
        local = rotation.multiply(rotation.multiply(bone["axis"], _euler(angles)), rotation.conjugate(bone["axis"]))
        turns[name] = rotation.multiply(turns[parent], local)
        offset = bone["direction"] * bone["length"]
        places[name] = places[parent] + rotation.rotate(turns[name], offset)
        rest[name] = rest[parent] + offset
    names = tuple(places)
    stacked = np.stack([places[n] for n in names], -2) * metres
    still = np.stack([rest[n] for n in names], -2) * metres
    joints = np.stack([_point(_ASF[n], stacked, names) for n in JOINT_NAMES], -2)
    rest22 = np.stack([_point(_ASF[n], still, names) for n in JOINT_NAMES], -2)
    return Raw(joints.astype(np.float32), upright(rest22), fps)


# --- DeepMimic -------------------------------------------------------------------------------------------------------
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


def read_deepmimic(path: Path, repeats: int = 1) -> Raw:
    """Read a DeepMimic clip, laid end to end `repeats` times, and turn it from facing +x to facing +z."""
    frames = np.array(json.loads(_text(path))["Frames"], np.float32)
    frames = _cycled(frames, repeats)
    steps = frames[:, 0]
    times = np.concatenate([[0.0], np.cumsum(steps[:-1])])
    turns = {"root": _joint_turn(frames, 4, 4)}
    places = {"root": frames[:, 1:4]}
    rest = {"root": np.zeros(3, np.float32)}
    for name, parent, offset, column, width in _DEEPMIMIC:
        offset = np.array(offset, np.float32)
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

