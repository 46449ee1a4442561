"""Acclaim clips: an ASF skeleton and AMC angles, as the CMU database has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hephaestus import rotation
from hephaestus.skeleton import JOINT_NAMES
from prometheus.errors import MotionError, shorten
from prometheus.motion.corpus.bounded import check_frames, check_numbers, read_text, sentence
from prometheus.motion.corpus.clip import Raw
from prometheus.motion.corpus.nodes import point, resolves, upright

_JOINTS = dict(
    zip(
        JOINT_NAMES,
        "root lhipjoint rhipjoint lowerback lfemur rfemur upperback ltibia rtibia thorax lfoot rfoot upperneck "
        "@thorax>lclavicle @thorax>rclavicle head lclavicle rclavicle lhumerus rhumerus lradius rradius".split(),
        strict=True,
    )
)
_MOST_BYTES, _MOST_BONES = 48 * 2**20, 256


@dataclass(slots=True)
class _Bone:
    name: str = ""
    offset: np.ndarray = field(default_factory=lambda: np.zeros(3))
    axis: np.ndarray = field(default_factory=rotation.identity)
    freedoms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Skeleton:
    """Bones by name, the parent of each in an order with parents first, metres per unit and radians per angle."""

    bones: dict[str, _Bone]
    parents: dict[str, str]
    metres: float
    angle: float


def _euler(angles: np.ndarray) -> np.ndarray:
    """Quaternions [..., 4] of angles [..., 3] rad that turn about x, then y, then z (fixed axes)."""
    x, y, z = (rotation.from_axis_angle(np.eye(3, dtype=np.float32)[a], angles[..., a]) for a in range(3))
    return rotation.multiply(z, rotation.multiply(y, x))


def _sections(text: str) -> dict[str, list[list[str]]]:
    """Lines, split into words, by the section they stand in."""
    found: dict[str, list[list[str]]] = {}
    section = ""
    for line in text.splitlines():
        words = line.split()
        if words and words[0].startswith(":"):
            section = words[0]
        elif words and not words[0].startswith("#"):
            found.setdefault(section, []).append(words)
    return found


def _bones(lines: list[list[str]], angle: float) -> dict[str, _Bone]:
    bones: dict[str, _Bone] = {}
    bone, direction, length = _Bone(), np.zeros(3), 0.0
    for words in lines:
        key, rest = words[0], words[1:]
        if key == "begin":
            bone, direction, length = _Bone(), np.zeros(3), 0.0
        elif key == "name":
            bone.name = rest[0]
        elif key == "direction":
            direction = np.array([float(w) for w in rest[:3]])
        elif key == "length":
            length = float(rest[0])
        elif key == "axis":
            bone.axis = _euler(angle * np.array([float(w) for w in rest[:3]], np.float32))
        elif key == "dof":
            bone.freedoms = tuple(word.lower() for word in rest)
        elif key == "end":
            bone.offset = direction * length
            if bone.offset.shape != (3,):
                raise ValueError(f"bone {shorten(bone.name)} has no direction")
            bones[bone.name] = bone
            if len(bones) > _MOST_BONES:
                raise ValueError(f"over {_MOST_BONES} bones")
    return bones


def _ordered(parents: dict[str, str], bones: dict[str, _Bone]) -> dict[str, str]:
    """Parents, with every parent before its children; what does not hang from the root is an error."""
    done: dict[str, str] = {}
    while len(done) < len(parents):
        ready = [c for c, p in parents.items() if c not in done and (p == "root" or p in done)]
        if not ready:
            raise ValueError("bones hang from nothing or in a circle")
        for child in ready:
            if child not in bones:
                raise ValueError(f"bone {shorten(child)} is not described")
            done[child] = parents[child]
    return done


def read_skeleton(path: Path) -> _Skeleton:
    """Read an ASF file.

    Raises:
        MotionError: it is no such file.
    """
    text = read_text(path, _MOST_BYTES)
    with sentence(path, "an ASF skeleton"):
        sections = _sections(text)
        units = {words[0]: words[1] for words in sections.get(":units", []) if len(words) > 1}
        angle = 1.0 if units.get("angle", "deg").lower().startswith("rad") else float(np.pi / 180)
        bones = _bones(sections.get(":bonedata", []), angle)
        links = [words for words in sections.get(":hierarchy", []) if words[0] not in ("begin", "end")]
        parents = _ordered({child: words[0] for words in links for child in words[1:]}, bones)
        unit = float(units.get("length", 1.0))
        if not parents or not 1e-4 < unit < 1e4:
            raise ValueError("no bones, or no unit of length")
        if not all(np.isfinite(bone.offset).all() for bone in bones.values()):
            raise ValueError("a bone has no finite length")
    missing = [name for name in _JOINTS.values() if not resolves(name, ("root", *parents))]
    if missing:
        raise MotionError(f"{shorten(path.name)} has no bone {missing[0]}; a skeleton with CMU's names is needed")
    return _Skeleton(bones, parents, 0.0254 / unit, angle)


def _angles(path: Path) -> dict[str, np.ndarray]:
    """Values of each bone [T, n]."""
    rows: dict[str, list[list[float]]] = {}
    text = read_text(path, _MOST_BYTES)
    with sentence(path, "an AMC clip"):
        for line in text.splitlines():
            words = line.split()
            if len(words) > 1 and words[0][0] not in ":#":
                rows.setdefault(words[0], []).append([float(w) for w in words[1:]])
        values = {name: np.array(numbers, np.float32) for name, numbers in rows.items()}
        if values["root"].shape[1:] != (6,):
            raise ValueError("the root needs six numbers a frame")
    check_frames(len(values["root"]), path)
    for value in values.values():
        check_numbers(value, path)
    return values


def read_asf_amc(skeleton: Path, path: Path, fps: float = 120.0) -> Raw:
    """Read an AMC clip over its ASF skeleton (lengths are inches times the skeleton's unit).

    Raises:
        MotionError: one of the two is no such file, or they do not fit each other.
    """
    asf, values = read_skeleton(skeleton), _angles(path)
    frames = len(values["root"])
    turns = {"root": _euler(asf.angle * values["root"][:, 3:6])}
    places: dict[str, np.ndarray] = {"root": values["root"][:, :3].astype(np.float64)}
    rest: dict[str, np.ndarray] = {"root": np.zeros(3)}
    for name, parent in asf.parents.items():
        bone = asf.bones[name]
        angles = np.zeros((frames, 3), np.float32)
        if name in values:
            turning = [(i, "xyz".index(d[1])) for i, d in enumerate(bone.freedoms) if d in ("rx", "ry", "rz")]
            if values[name].shape != (frames, len(bone.freedoms)):
                raise MotionError(
                    f"{shorten(path.name)} does not fit {shorten(skeleton.name)}: {shorten(name)} has other freedoms "
                    "or frames; give the clip's own skeleton"
                )
            for i, axis in turning:
                angles[:, axis] = asf.angle * values[name][:, i]
        local = rotation.multiply(rotation.multiply(bone.axis, _euler(angles)), rotation.conjugate(bone.axis))
        turns[name] = rotation.multiply(turns[parent], local)
        places[name] = places[parent] + rotation.rotate(turns[name], bone.offset)
        rest[name] = rest[parent] + bone.offset
    names = tuple(places)
    stacked = np.stack([places[n] for n in names], -2) * asf.metres
    still = np.stack([rest[n] for n in names], -2) * asf.metres
    joints = np.stack([point(_JOINTS[n], stacked, names) for n in JOINT_NAMES], -2)
    rest22 = np.stack([point(_JOINTS[n], still, names) for n in JOINT_NAMES], -2)
    return Raw(joints.astype(np.float32), upright(rest22), fps)
