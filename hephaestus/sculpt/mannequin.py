"""The mannequin's joints, bones and paint; its clay is in `humanoid`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hephaestus.glb.asset import Material
from hephaestus.sculpt.field import Part
from hephaestus.sculpt.figure import Figure
from hephaestus.sculpt.humanoid import parts
from hephaestus.sculpt.panels import Border, Panel, Region, everywhere
from hephaestus.sculpt.sculpture import Joint, Sculpture
from hephaestus.sculpt.skinning import Bone, mirror
from hephaestus.skeleton import JOINT_NAMES, PARENTS, rest_joints

HEIGHT = 1.75
Color = tuple[int, int, int]
SUIT, TRIM, FACE, ACCENT = range(4)


@dataclass(frozen=True)
class Look:
    """Colours of a figure, sRGB 0 to 255, and the size of its eyes.

    Attributes:
        suit: of the overall.
        legs: of its legs, below the belt.
        flank: down the sides.
        trim: belt, gloves and shoes.
        hood: neck and head.
        face: of the mask.
        eyes: in it.
        iris: in the eyes.
        accent: cuffs, collar and emblem.
        sole: of the shoes.
        gaze: size of the eyes.
    """

    suit: Color = (188, 177, 163)
    legs: Color = (188, 177, 163)
    flank: Color = (104, 98, 93)
    trim: Color = (54, 52, 53)
    hood: Color = (104, 98, 93)
    face: Color = (226, 219, 207)
    eyes: Color = (30, 27, 30)
    iris: Color = (118, 158, 186)
    accent: Color = (206, 98, 34)
    sole: Color = (226, 219, 207)
    gaze: float = 1.0


MATERIALS = (
    Material("suit", roughness=0.85),
    Material("trim", roughness=0.55),
    Material("face", roughness=0.45),
    Material("accent", roughness=0.6),
)

_CORE, _ARM, _LEG = ("trunk",), ("L_arm",), ("L_leg",)
_MIDDLE = [
    Bone("pelvis", (-0.05, 0.960, -0.010), (0.05, 0.960, -0.010), 0.11, _CORE, 0.050),
    Bone("spine1", (0, 1.080, -0.010), (0, 1.150, -0.010), 0.13, _CORE, 0.050),
    Bone("spine2", (0, 1.205, -0.010), (0, 1.235, -0.010), 0.14, _CORE, 0.050),
    Bone("spine3", (0, 1.290, -0.010), (0, 1.430, -0.020), 0.16, _CORE, 0.045),
    Bone("neck", (0, 1.490, -0.020), (0, 1.580, 0.000), 0.055, ("neck", "trunk", "head"), 0.028),
    Bone("head", (0, 1.600, 0.010), (0, 1.700, 0.010), 0.080, ("head", "neck"), 0.022),
]
_SIDE = [
    Bone("L_collar", (0.075, 1.420, -0.030), (0.150, 1.430, -0.030), 0.065, ("trunk", "L_arm"), 0.045),
    Bone("L_shoulder", (0.185, 1.430, -0.030), (0.420, 1.430, -0.030), 0.060, _ARM, 0.042),
    Bone("L_elbow", (0.455, 1.430, -0.030), (0.670, 1.430, -0.030), 0.040, _ARM, 0.024),
    Bone("L_wrist", (0.705, 1.430, -0.030), (0.880, 1.420, -0.030), 0.040, _ARM, 0.018),
    Bone("L_hip", (0.090, 0.890, 0.000), (0.090, 0.540, 0.000), 0.080, ("L_leg", "trunk"), 0.048),
    Bone("L_knee", (0.090, 0.490, 0.000), (0.090, 0.140, -0.010), 0.050, _LEG, 0.030),
    Bone("L_ankle", (0.090, 0.080, -0.010), (0.098, 0.030, 0.070), 0.045, _LEG, 0.022),
    Bone("L_ankle", (0.090, 0.040, -0.050), (0.090, 0.040, -0.050), 0.045, _LEG, 0.022),
    Bone("L_foot", (0.101, 0.025, 0.118), (0.105, 0.025, 0.180), 0.045, _LEG, 0.018),
]


def _joints() -> list[Joint]:
    at = rest_joints().astype(np.float64)
    joints = [
        Joint(name, JOINT_NAMES[PARENTS[j]] if PARENTS[j] >= 0 else "", tuple(np.round(at[j], 4).tolist()))
        for j, name in enumerate(JOINT_NAMES)
    ]
    joints.append(Joint("head_end", "head", (0.0, HEIGHT, 0.01)))
    for side, x in (("L", 1.0), ("R", -1.0)):
        joints.append(Joint(f"{side}_hand_end", f"{side}_wrist", (0.88 * x, 1.41, -0.02)))
        joints.append(Joint(f"{side}_toe_end", f"{side}_foot", (0.108 * x, 0.025, 0.19)))
    return joints


def _plane(axis: tuple[float, float, float], at: float) -> Region:
    """Return the height (m) over a plane across the mirrored body: |x|, y and z along `axis`, less `at`."""
    n = np.array(axis) / np.sqrt((np.array(axis) ** 2).sum())
    return lambda p: np.abs(p[:, 0]) * n[0] + p[:, 1] * n[1] + p[:, 2] * n[2] - at


def _stripe(name: str, material: int, color: Color, line: Region, half: float, within: Region, *ends: Region) -> Panel:
    """Return a stripe `half` (m) to both sides of a line, where `within` is negative, cut off at the `ends`."""
    sides = (Border(lambda p: line(p) - half, within), Border(lambda p: line(p) + half, within))
    caps = tuple(Border(end, lambda p: np.abs(line(p)) - 3 * half) for end in ends)
    return Panel(name, material, color, lambda p: np.maximum(np.abs(line(p)) - half, within(p)), caps + sides)


def _arm(p: np.ndarray) -> np.ndarray:
    return np.maximum(0.10 - np.abs(p[:, 0]), 1.20 - p[:, 1])


def _shoulder(p: np.ndarray) -> np.ndarray:
    return np.maximum(0.10 - np.abs(p[:, 0]), 1.345 - p[:, 1])


def _low_neck(p: np.ndarray) -> np.ndarray:
    return np.maximum(1.39 - p[:, 1], p[:, 1] - 1.51)


def _trunk(p: np.ndarray) -> np.ndarray:
    return np.abs(p[:, 0]) - 0.30


def _face(p: np.ndarray) -> np.ndarray:
    x, y = p[:, 0] / 0.0590, (p[:, 1] - 1.6150) / 0.0790
    a, b = x * x, y * y
    squircle = np.sqrt(0.5 * (a + b + np.sqrt(np.maximum((a + b) ** 2 - 2.0 * a * b, 0.0)))) - 1.0
    return np.maximum(squircle * 0.06, 0.025 - p[:, 2])


def _neckline(p: np.ndarray) -> np.ndarray:
    """A round neckline: an upright elliptic cylinder around the neck."""
    x, z = p[:, 0] / 0.098, (p[:, 2] + 0.028) / 0.080
    inside = np.maximum((np.sqrt(x * x + z * z) - 1.0) * 0.09, 1.38 - p[:, 1])
    return np.minimum(inside, np.maximum(1.51 - p[:, 1], np.abs(p[:, 0]) - 0.115))


def _shoe(p: np.ndarray) -> np.ndarray:
    return p[:, 1] - 0.118 + 0.12 * p[:, 2]


def _sole(p: np.ndarray) -> np.ndarray:
    return p[:, 1] - 0.020 - 0.04 * np.maximum(0.0, p[:, 2] - 0.10)


def _chevron(p: np.ndarray) -> np.ndarray:
    return (p[:, 1] - 1.352 + 0.9 * np.abs(p[:, 0])) * 0.75


def _breastbone(p: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(p[:, 0]) - 0.052, -p[:, 2])


def _back(p: np.ndarray) -> np.ndarray:
    return np.maximum(p[:, 2] + 0.02, _back_span(p))


def _back_span(p: np.ndarray) -> np.ndarray:
    return np.maximum(1.06 - p[:, 1], p[:, 1] - 1.42)


def _flank(p: np.ndarray) -> np.ndarray:
    """A panel down the side: wide under the armpit, narrow at the waist, then a stripe down to the knee."""
    y = p[:, 1]
    up, down = np.clip((y - 1.06) / 0.28, 0.0, 1.0), np.clip((1.03 - y) / 0.50, 0.0, 1.0)
    width = 0.026 + 0.034 * up * up - 0.006 * down
    middle = -0.012 + 0.010 * down
    return np.maximum(np.abs(p[:, 2] - middle) - width, 0.085 + 0.020 * (y < 0.93) - np.abs(p[:, 0]))


def _flank_span(p: np.ndarray) -> np.ndarray:
    return np.maximum(np.maximum(0.512 - p[:, 1], p[:, 1] - 1.345), _trunk(p))


def _eyes(size: float) -> Region:
    """Two almonds under the brow."""

    def region(p: np.ndarray) -> np.ndarray:
        x = np.abs(p[:, 0]) - 0.0315
        along, across = x / 0.0175, (p[:, 1] - 1.6425 - 0.16 * x) / (0.0078 - 0.10 * np.abs(x))
        return np.maximum((np.sqrt(along * along + across * across) - size) * 0.008, 0.05 - p[:, 2])

    return region


def _irises(size: float) -> Region:
    def region(p: np.ndarray) -> np.ndarray:
        x, y = np.abs(p[:, 0]) - 0.0312, p[:, 1] - 1.6430
        return np.maximum(np.sqrt(x * x + y * y) - 0.0058 * size, 0.05 - p[:, 2])

    return region


def _panels(look: Look) -> list[Panel]:
    low_leg = lambda p: np.maximum(p[:, 1] - 1.02, _trunk(p))  # noqa: E731
    below = lambda p: np.maximum(_plane((0, 1, -0.10), 1.045)(p), _trunk(p))  # noqa: E731
    flank = lambda p: np.maximum(_flank(p), _flank_span(p))  # noqa: E731
    legs = [] if look.legs == look.suit else [Panel("legs", SUIT, look.legs, below, ())]
    return [
        Panel("suit", SUIT, look.suit, everywhere),
        *legs,
        Panel("flanks", SUIT, look.flank, flank),
        _stripe("waist", TRIM, look.trim, _plane((0, 1, -0.10), 1.045), 0.012, _trunk),
        _stripe("knees", TRIM, look.trim, _plane((0, 1, 0), 0.492), 0.020, low_leg),
        _stripe("shoulders", TRIM, look.trim, _plane((1, -0.28, 0), -0.230), 0.005, _shoulder),
        _stripe("elbows", TRIM, look.trim, _plane((1, 0, 0), 0.457), 0.016, _arm),
        Panel("hood", SUIT, look.hood, _neckline, ()),
        Panel("face", FACE, look.face, _face),
        Panel("eyes", FACE, look.eyes, _eyes(look.gaze)),
        Panel("irises", FACE, look.iris, _irises(look.gaze)),
        Panel("gloves", TRIM, look.trim, lambda p: 0.655 - np.abs(p[:, 0]), ()),
        Panel("shoes", TRIM, look.trim, _shoe),
        Panel("soles", SUIT, look.sole, _sole),
        _stripe("cuffs", ACCENT, look.accent, _plane((1, 0, 0), 0.651), 0.006, _arm),
        _stripe("ankles", ACCENT, look.accent, lambda p: _shoe(p) - 0.006, 0.006, _trunk),
        _stripe("collar", ACCENT, look.accent, _neckline, 0.005, _low_neck),
        _stripe("emblem", ACCENT, look.accent, _chevron, 0.0095, _breastbone, _breastbone, lambda p: p[:, 0]),
        _stripe("spine", ACCENT, look.accent, lambda p: p[:, 0], 0.0065, _back, _back_span),
    ]


def _size(p: np.ndarray) -> np.ndarray:
    """Finer where there is more to see: fingers, face, feet."""
    x = np.abs(p[:, 0])
    hand = np.clip((x - 0.64) / 0.14, 0.0, 1.0)
    head = np.clip((p[:, 1] - 1.50) / 0.06, 0.0, 1.0)
    face = head * np.clip((p[:, 2] + 0.04) / 0.08, 0.0, 1.0)
    foot = np.clip((0.16 - p[:, 1]) / 0.10, 0.0, 1.0)
    size = 0.0195 - 0.0112 * hand - 0.0035 * head - 0.0060 * face - 0.0045 * foot
    return np.minimum(size, 0.0040 + 0.45 * np.maximum(_eyes(1.2)(p), 0.0))


def mannequin() -> Sculpture:
    """Return the mannequin, 1.75 m, in T-pose."""
    return figure("humanoid", HEIGHT, 0.28, Look())


def figure(
    name: str,
    height: float,
    radius: float,
    look: Look,
    shape: Figure | None = None,
    worn: Sequence[Part] = (),
    paint: Sequence[Panel] = (),
) -> Sculpture:
    """Return a human figure in T-pose.

    Args:
        name: of the files.
        height: m, standing.
        radius: m, of its controller.
        look: its colours.
        shape: its proportions, or None for the mannequin's.
        worn: clay that is added on the mannequin, such as hair.
        paint: panels over the mannequin's, in its proportions.
    """
    roles: dict[str, str | list[str] | list[list[str]]] = {
        "hips": "pelvis", "spine": ["spine1", "spine2", "spine3"], "neck": "neck", "head": "head",
    }  # fmt: skip
    for side in "LR":
        for role, joint in (
            ("clavicle", "collar"), ("upperarm", "shoulder"), ("forearm", "elbow"), ("hand", "wrist"),
            ("thigh", "hip"), ("shin", "knee"), ("foot", "ankle"), ("toe", "foot"),
        ):  # fmt: skip
            roles[f"{side}_{role}"] = f"{side}_{joint}"
    clay, joints, panels = [*parts(), *worn], _joints(), [*_panels(look), *paint]
    bones, step = [*_MIDDLE, *_SIDE, *map(mirror, _SIDE)], 0.005
    size: Region = _size
    if shape is not None:
        clay, panels = [shape.part(p) for p in clay], [shape.panel(p) for p in panels]
        joints = [replace(j, at=shape.point(j.at, _limb_of(j.name))) for j in joints]
        bones = [_reshaped(b, shape) for b in bones]
        size, step = shape.size(_size), 0.005 * min(1.0, 1.1 * shape.head)
    return Sculpture(name, "humanoid", height, radius, clay, joints, bones, panels, MATERIALS, size, step, roles)


def _limb_of(joint: str) -> str:
    """Which limb of a `Figure` a joint lies in."""
    part = joint.split("_")[1] if joint[1:2] == "_" else joint.split("_")[0]
    limbs = {"shoulder": "arm", "elbow": "arm", "wrist": "arm", "hand": "arm", "hip": "leg", "knee": "leg",
             "ankle": "leg", "foot": "leg", "toe": "leg", "head": "head"}  # fmt: skip
    return limbs.get(part, "trunk")


def _reshaped(bone: Bone, shape: Figure) -> Bone:
    limb = _limb_of(bone.joint)
    factor = shape.factor(bone.a, limb)
    a, b = shape.point(bone.a, limb), shape.point(bone.b, limb)
    # A short neck between a large head and the chest needs a seam of its own length, or they share it all.
    soft = min(factor, shape.tallness(1.43, 1.53)) if bone.joint in ("neck", "head") else factor
    return replace(bone, a=a, b=b, radius=bone.radius * factor, spread=bone.spread * soft)
