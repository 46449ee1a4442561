"""BVH motion files: reading the hierarchy and the frames, forward kinematics, and writing 22-joint motion."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hephaestus import rotation
from hephaestus.errors import AssetError
from hephaestus.skeleton import JOINT_NAMES, PARENTS, REST_OFFSETS

_AXES = {"X": 0, "Y": 1, "Z": 2}
_MAX_BYTES = 128 * 2**20
_MAX_JOINTS, _MAX_NUMBERS = 2000, 8_000_000
_CHANNEL = re.compile(r"[XYZ](position|rotation)", re.IGNORECASE)
_ENDS = {10: (0.0, 0.0, 6.0), 11: (0.0, 0.0, 6.0), 15: (0.0, 15.0, 0.0), 20: (16.0, 0.0, 0.0), 21: (-16.0, 0.0, 0.0)}
"""Tips of toes, crown and fingers in cm, by joint: programs draw the last bone of a limb up to them."""


class BvhError(AssetError):
    """A BVH file that cannot be read; the text is one sentence that names the place."""


@dataclass(frozen=True, slots=True)
class Bvh:
    """What a BVH file holds, in the file's own units and axes.

    Attributes:
        names: joint names; an end site is called like its parent with " end" behind it.
        parents: [J] index of the parent, -1 for the root.
        offsets: [J, 3] each joint from its parent with all rotations at zero.
        channels: for each joint the names of its channels in order.
        values: [T, C] all channel values, rotations in degrees.
        fps: frames a second.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    offsets: np.ndarray
    channels: tuple[tuple[str, ...], ...]
    values: np.ndarray
    fps: float

    def index(self, name: str) -> int:
        """Return the index of a joint; KeyError when the file has none of that name."""
        try:
            return self.names.index(name)
        except ValueError:
            raise KeyError(name) from None

    def local(self) -> tuple[np.ndarray, np.ndarray]:
        """Return local rotations [T, J, 4] (xyzw) and local positions [T, J, 3] of every frame."""
        frames, joints = len(self.values), len(self.names)
        turns = rotation.identity(frames, joints)
        places = np.broadcast_to(self.offsets.astype(np.float32), (frames, joints, 3)).copy()
        column = 0
        for j, channels in enumerate(self.channels):
            for channel in channels:
                axis, value = _AXES[channel[0].upper()], self.values[:, column]
                column += 1
                if channel[1:].lower() == "position":
                    places[:, j, axis] = value
                else:
                    unit = np.eye(3, dtype=np.float32)[axis]
                    turns[:, j] = rotation.multiply(turns[:, j], rotation.from_axis_angle(unit, np.deg2rad(value)))
        return turns, places

    def world(self) -> tuple[np.ndarray, np.ndarray]:
        """Return world rotations [T, J, 4] and world positions [T, J, 3] of every frame."""
        turns, places = self.local()
        for j, parent in enumerate(self.parents):
            if parent >= 0:
                places[:, j] = places[:, parent] + rotation.rotate(turns[:, parent], places[:, j])
                turns[:, j] = rotation.multiply(turns[:, parent], turns[:, j])
        return turns, places

    def rest(self) -> np.ndarray:
        """Return the positions [J, 3] with all channels at zero."""
        places = np.array(self.offsets, np.float32)
        places[0] = 0.0
        for j, parent in enumerate(self.parents):
            if parent >= 0:
                places[j] += places[parent]
        return places


def read(path: str | Path) -> Bvh:
    """Read a BVH file (also gzipped, by a name that ends in .gz).

    Raises:
        BvhError: when the file cannot be opened or is not a BVH file, in one sentence.
    """
    path = Path(path)
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BvhError(f"{path.name}: cannot be read ({error}).") from None
    if len(data) > _MAX_BYTES:
        raise BvhError(f"{path.name}: over {_MAX_BYTES // 2**20} MiB; cut it into shorter clips.")
    return parse(data.decode("latin-1"), path.name)


def parse(text: str, name: str = "text") -> Bvh:
    """Return the Bvh that a text holds; `name` is used in error messages. Raises BvhError."""
    parts = re.split(r"^[ \t]*MOTION\b", text, maxsplit=1, flags=re.MULTILINE)
    if len(parts) < 2:
        raise BvhError(f"{name}: no MOTION section, so this is not a BVH file.")
    names, parents, offsets, channels = _hierarchy(parts[0], name)
    lines = parts[1].strip().split("\n", 2)
    try:
        count = int(lines[0].split(":")[1])
        step = float(lines[1].split(":")[1])
        words = lines[2].split(None, _MAX_NUMBERS) if len(lines) > 2 else []
        if len(words) > _MAX_NUMBERS:
            raise BvhError(f"{name}: over {_MAX_NUMBERS} numbers; cut it into shorter clips.")
        numbers = np.array(words, np.float64)
    except (IndexError, ValueError) as error:
        if isinstance(error, BvhError):
            raise
        raise BvhError(f"{name}: the MOTION section cannot be read ({str(error)[:80]}).") from None
    width = sum(map(len, channels))
    if not 1e-4 <= step <= 10.0:
        raise BvhError(f"{name}: a frame time of {step:g} s; it must lie between 0.0001 and 10.")
    if count < 0 or width == 0 or len(numbers) < count * width:
        raise BvhError(f"{name}: {len(numbers)} numbers for {count} frames of {width} channels.")
    values = numbers[: count * width].reshape(count, width)
    if not (np.abs(values) < 1e9).all():
        raise BvhError(f"{name}: a channel value is not a finite number.")
    return Bvh(tuple(names), np.array(parents), np.array(offsets), tuple(channels), values, 1.0 / step)


def _hierarchy(text: str, name: str) -> tuple[list[str], list[int], list[list[float]], list[tuple[str, ...]]]:
    names: list[str] = []
    parents: list[int] = []
    offsets: list[list[float]] = []
    channels: list[tuple[str, ...]] = []
    stack: list[int] = []
    for raw in text.splitlines():
        words = raw.split()
        if not words:
            continue
        key = words[0].upper()
        try:
            if key in ("ROOT", "JOINT", "END"):
                parents.append(stack[-1] if stack else -1)
                names.append(" ".join(words[1:]) if key != "END" else f"{names[stack[-1]]} end")
                offsets.append([0.0, 0.0, 0.0])
                channels.append(())
                if len(names) > _MAX_JOINTS:
                    raise BvhError(f"{name}: over {_MAX_JOINTS} joints.")
            elif key == "{":
                stack.append(len(names) - 1)
            elif key == "}":
                stack.pop()
            elif key == "OFFSET":
                offsets[stack[-1]] = _offset(words[1:4])
            elif key == "CHANNELS":
                channels[stack[-1]] = _channels(words[1:])
        except (IndexError, ValueError) as error:
            if isinstance(error, BvhError):
                raise
            raise BvhError(f"{name}: the hierarchy breaks at {raw.strip()[:60]!r}.") from None
    if not names:
        raise BvhError(f"{name}: the hierarchy is empty.")
    return names, parents, offsets, channels


def _offset(words: list[str]) -> list[float]:
    x, y, z = (float(word) for word in words)
    if not max(abs(x), abs(y), abs(z)) < 1e9:
        raise ValueError("offset")
    return [x, y, z]


def _channels(words: list[str]) -> tuple[str, ...]:
    found = tuple(words[1:])
    if int(words[0]) != len(found) or len(found) > 6 or not all(_CHANNEL.fullmatch(word) for word in found):
        raise ValueError("channels")
    return found


def write(path: str | Path, rotations: np.ndarray, root: np.ndarray, fps: float = 20.0) -> None:
    """Write local rotations [T, 22, 4] and pelvis positions [T, 3] (m) as a BVH file in centimetres, ZXY angles.

    The file appears when it is complete.
    """
    angles = np.rad2deg(_zxy(rotation.to_matrix(np.asarray(rotations, np.float64))))
    rows = np.concatenate([np.asarray(root) * 100.0, angles[:, _ORDER].reshape(len(angles), -1)], 1)
    lines = ["HIERARCHY", *_written(0, 0), "MOTION", f"Frames: {len(rows)}", f"Frame Time: {1.0 / fps:.6f}"]
    lines += [" ".join(f"{v:.4f}" for v in row) for row in rows]
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text("\n".join(lines) + "\n")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _zxy(m: np.ndarray) -> np.ndarray:
    """Angles [..., 3] (z, x, y) with m = Rz Rx Ry."""
    x = np.arcsin(np.clip(m[..., 2, 1], -1.0, 1.0))
    z = np.arctan2(-m[..., 0, 1], m[..., 1, 1])
    y = np.arctan2(-m[..., 2, 0], m[..., 2, 2])
    return np.stack([z, x, y], -1)


def _depth_first(joint: int = 0) -> list[int]:
    return [joint] + [j for child in np.flatnonzero(PARENTS == joint) for j in _depth_first(int(child))]


_ORDER = np.array(_depth_first())


def _written(joint: int, depth: int) -> list[str]:
    tab = "  " * depth
    offset = " ".join(f"{v * 100.0:.4f}" for v in REST_OFFSETS[joint])
    turn = "Zrotation Xrotation Yrotation"
    channels = f"CHANNELS 6 Xposition Yposition Zposition {turn}" if joint == 0 else f"CHANNELS 3 {turn}"
    lines = [f"{tab}{'JOINT' if joint else 'ROOT'} {JOINT_NAMES[joint]}", f"{tab}{{", f"{tab}  OFFSET {offset}"]
    lines.append(f"{tab}  {channels}")
    children = np.flatnonzero(PARENTS == joint)
    for child in children:
        lines += _written(int(child), depth + 1)
    if not len(children):
        tip = " ".join(f"{v:.4f}" for v in _ENDS[joint])
        lines += [f"{tab}  End Site", f"{tab}  {{", f"{tab}    OFFSET {tip}", f"{tab}  }}"]
    return [*lines, f"{tab}}}"]
