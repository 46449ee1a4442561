"""The beast's joints, bones and paint; its clay is in `beast_clay`."""

from __future__ import annotations

import numpy as np

from hephaestus.glb.asset import Material
from hephaestus.sculpt.beast_clay import (
    EYE,
    FRONT_LEG,
    HEAD,
    HIND_LEG,
    JAW_AT,
    JAW_AXIS,
    NOSE,
    SKULL_AT,
    SKULL_AXIS,
    TAIL,
    claws,
    horns,
    jaw,
    parts,
    skull,
    spikes,
    teeth,
)  # fmt: skip
from hephaestus.sculpt.field import Part
from hephaestus.sculpt.noise import noise
from hephaestus.sculpt.panels import Panel, Region, blend, everywhere, near
from hephaestus.sculpt.sculpture import Joint, Sculpture
from hephaestus.sculpt.shapes import Ball, Chain, Cone, Vec
from hephaestus.sculpt.skinning import Bone, mirror

HEIGHT = 1.55
_HIDE, _HORN, _WET, _EYE = range(4)
_DARK, _BELLY, _PAW = (78, 62, 55), (140, 114, 94), (36, 31, 31)
_BONE, _KERATIN, _TOOTH = (186, 168, 138), (58, 48, 42), (226, 214, 188)
_MOUTH, _NOSE, _AMBER, _BLACK = (112, 26, 26), (24, 21, 22), (255, 156, 30), (12, 8, 6)

MATERIALS = (
    Material("hide", roughness=0.85),
    Material("horn", roughness=0.5),
    Material("wet", roughness=0.3),
    Material("eye", roughness=0.25, emissive=(0.9, 0.38, 0.04)),
)

_SPINE: tuple[tuple[str, Vec], ...] = (
    ("spine1", (0, 0.990, -0.400)), ("spine2", (0, 1.010, -0.160)), ("spine3", (0, 1.050, 0.080)),
    ("spine4", (0, 1.090, 0.310)),
)  # fmt: skip
_NECKS: tuple[tuple[str, Vec], ...] = (("neck1", (0, 1.090, 0.530)), ("neck2", (0, 1.110, 0.710)))
_HEAD_AT: Vec = (0, 1.100, 0.900)
_FRONT = ("blade", "upper", "lower", "paw", "toe")
_HIND = ("thigh", "shin", "hock", "toe")


def _joints() -> list[Joint]:
    joints = [Joint("root", "", (0, 0, 0)), Joint("pelvis", "root", (0, 0.960, -0.600))]
    parent = "pelvis"
    for name, at in (*_SPINE, *_NECKS, ("head", _HEAD_AT)):
        joints.append(Joint(name, parent, at))
        parent = name
    joints += [
        Joint("head_end", "head", skull(0.42, 0.0)),
        Joint("jaw", "head", JAW_AT),
        Joint("jaw_end", "jaw", jaw(0.33, 0.0)),
    ]
    parent = "pelvis"
    for i, (at, _) in enumerate(TAIL[:-1], 1):
        joints.append(Joint(f"tail{i}", parent, at))
        parent = f"tail{i}"
    joints.append(Joint("tail_end", parent, (0, 0.470, -1.550)))
    for side, x in (("L", 1.0), ("R", -1.0)):
        joints += _leg(side, x, "front", _FRONT, [p for p, _ in FRONT_LEG], "spine4")
        joints += _leg(side, x, "hind", _HIND, [p for p, _ in HIND_LEG], "pelvis")
    return joints


def _leg(side: str, x: float, end: str, names: tuple[str, ...], points: list[Vec], parent: str) -> list[Joint]:
    joints = []
    for name, at in zip((*names, "end"), points, strict=True):
        joint = f"{side}_{end}_{name}"
        joints.append(Joint(joint, parent, (x * at[0], at[1], at[2])))
        parent = joint
    return joints


def _bones() -> list[Bone]:
    trunk, ends = ("trunk",), [at for _, at in (*_SPINE[1:], _NECKS[0])]
    bones = [Bone("pelvis", (0, 0.960, -0.720), (0, 0.970, -0.480), 0.18, ("trunk",), 0.080)]
    for (name, at), end in zip(_SPINE, ends, strict=True):
        bones.append(Bone(name, at, end, 0.20, trunk, 0.080))
    bones += [
        Bone("neck1", _NECKS[0][1], _NECKS[1][1], 0.17, ("neck", "trunk"), 0.070),
        Bone("neck2", _NECKS[1][1], (0, 1.100, 0.860), 0.14, ("neck", "head"), 0.050),
        Bone("head", (0, 1.110, 0.940), skull(0.40, 0.0), 0.12, ("head", "neck"), 0.035),
        Bone("jaw", jaw(0.04, -0.01), jaw(0.30, 0.0), 0.06, ("jaw",), 0.016),
    ]
    line = [at for at, _ in TAIL]
    for i in range(len(line) - 1):
        bones.append(Bone(f"tail{i + 1}", line[i], line[i + 1], 0.06, ("tail",), 0.050))
    return [*bones, *(b for bone in _legs() for b in (bone, mirror(bone)))]


def _legs() -> list[Bone]:
    front, hind = [at for at, _ in FRONT_LEG], [at for at, _ in HIND_LEG]
    softness = {"blade": 0.070, "upper": 0.060, "lower": 0.045, "paw": 0.028, "toe": 0.024}
    radii = {"blade": 0.13, "upper": 0.11, "lower": 0.07, "paw": 0.06, "toe": 0.06}
    out = []
    for i, name in enumerate(_FRONT):
        limbs = ("L_front", "trunk") if name == "blade" else ("L_front",)
        out.append(Bone(f"L_front_{name}", front[i], front[i + 1], radii[name], limbs, softness[name]))
    for i, (name, spread, radius) in enumerate(
        zip(_HIND, (0.065, 0.045, 0.030, 0.024), (0.13, 0.08, 0.06, 0.06), strict=True)
    ):
        out.append(Bone(f"L_hind_{name}", hind[i], hind[i + 1], radius, ("L_hind",), spread))
    return out


def _frame(p: np.ndarray, at: Vec, axis: Vec) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return forwards, up and |left| of points in the frame of skull or jaw, before scaling."""
    length = (axis[1] ** 2 + axis[2] ** 2) ** 0.5
    c, s = axis[2] / length, axis[1] / length
    y, z = p[:, 1] - at[1], p[:, 2] - at[2]
    return (z * c + y * s) / HEAD, (y * c - z * s) / HEAD, np.abs(p[:, 0]) / HEAD


def _mouth(p: np.ndarray) -> np.ndarray:
    """Palate and the upper face of the lower jaw, inside the lips."""
    t, up, x = _frame(p, SKULL_AT, SKULL_AXIS)
    palate = np.maximum(np.maximum(up + 0.042, x - 0.062 + 0.06 * (t - 0.25)), np.maximum(0.12 - t, t - 0.405))
    u, high, y = _frame(p, JAW_AT, JAW_AXIS)
    floor = np.maximum(np.maximum(0.010 - high, y - 0.048), np.maximum(0.04 - u, u - 0.325))
    return HEAD * np.maximum(np.minimum(palate, np.maximum(floor, up + 0.030)), HEAD * 0.02 - high)


def _pupil(p: np.ndarray) -> np.ndarray:
    d = np.abs(p[:, 2] - EYE.center[2] - 0.006)
    return np.maximum(d - 0.0042, near([Part(EYE)], 0.0)(p) - 0.004)


def _hide(p: np.ndarray) -> np.ndarray:
    """Dark and striped above, lighter below and inside the legs, black at the paws; mottled all over."""
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    line = 0.86 + 0.10 * np.clip((z - 0.3) / 0.5, 0.0, 1.0)
    inner = np.clip((0.24 - x) / 0.10, 0.0, 1.0) * np.clip((y - 0.45) / 0.15, 0.0, 1.0)
    color = blend(_DARK, _BELLY, np.clip((line - y) / 0.20, 0.0, 1.0) * inner)
    bent = p + 0.05 * np.stack([noise(p, 0.11), noise(p + 7.0, 0.11), noise(p - 5.0, 0.11)], 1)
    wave = (bent[:, 2] + 0.45 * bent[:, 1]) / 0.17
    stripe = np.abs(wave - np.floor(wave) - 0.5) * 2.0
    flank = np.clip((y - 0.62) / 0.2, 0.0, 1.0) * np.clip((0.72 - z) / 0.2, 0.0, 1.0)
    dark = 0.75 * flank * np.clip((stripe - 0.52) / 0.22, 0.0, 1.0)
    paws = np.clip((0.40 - y) / 0.26, 0.0, 1.0)
    back = 0.7 * np.clip((0.07 - x) / 0.07, 0.0, 1.0) * np.clip((y - 0.95) / 0.15, 0.0, 1.0)
    dark = np.maximum(np.maximum(dark, paws * paws * (3 - 2 * paws)), back)[:, None]
    mottle = 1.0 + 0.10 * noise(p, 0.05) + 0.10 * noise(p + 3.0, 0.14)
    return (color * (1 - dark) + np.array(_PAW) * dark) * mottle[:, None]


def _horn(p: np.ndarray) -> np.ndarray:
    t, up, _ = _frame(p, SKULL_AT, SKULL_AXIS)
    return blend(_KERATIN, _BONE, (up - 0.06 - 0.35 * np.minimum(t, 0.0)) / 0.20)


def _spike(p: np.ndarray) -> np.ndarray:
    root = 1.300 - 1.2 * np.clip(0.33 - p[:, 2], 0.0, 0.25) - 0.35 * np.clip(p[:, 2] - 0.33, 0.0, 0.5)
    return blend(_KERATIN, _BONE, (p[:, 1] - root) / 0.16)


def _panels(clay: list[Part]) -> list[Panel]:
    back = [p for p in spikes() if not p.mirrored]
    tail = [p for p in clay if p.bone == "tail" and p.blend < 0.03]
    return [
        Panel("hide", _HIDE, _DARK, everywhere, tint=_hide),
        Panel("mouth", _WET, _MOUTH, _mouth),
        Panel("nose", _WET, _NOSE, near([Part(NOSE)], 0.005)),
        Panel("horns", _HORN, _KERATIN, near(horns(), 0.005), tint=_horn),
        Panel("spikes", _HORN, _BONE, near(back, 0.006), tint=_spike),
        Panel("stings", _HORN, _KERATIN, near(tail, 0.004)),
        Panel("claws", _HORN, _BONE, near(claws(), 0.003)),
        Panel("teeth", _WET, _TOOTH, near(teeth(), 0.006)),
        Panel("eyes", _EYE, _AMBER, near([Part(EYE)], 0.0030)),
        Panel("pupils", _WET, _BLACK, _pupil),
    ]


def _size(clay: list[Part]) -> Region:
    """Return the wanted edge length: finer at head, jaws, paws, and at all that is thin."""
    thin = [p for p in clay if not p.mirrored and p.blend < 0.03 and isinstance(p.shape, Chain | Cone)]
    spot = near(thin, 0.005)
    bite = near(teeth(), 0.004)
    ends = [p.shape.cones[-1] if isinstance(p.shape, Chain) else p.shape for p in thin]
    tip = near([Part(Ball(c.b, (c.rb, c.rb, c.rb))) for c in ends if isinstance(c, Cone) and c.rb < 0.01], 0.0)
    eye = near([Part(EYE)], 0.010)

    def size(p: np.ndarray) -> np.ndarray:
        t = _frame(p, SKULL_AT, SKULL_AXIS)[0]
        head = np.clip((p[:, 2] - 0.76) / 0.12, 0.0, 1.0)
        mouth = np.clip((t - 0.10) / 0.08, 0.0, 1.0) * head
        paw = np.clip((0.20 - p[:, 1]) / 0.12, 0.0, 1.0)
        base = 0.041 - np.maximum(np.maximum(0.018 * head, 0.023 * mouth), 0.018 * paw)
        thin = 0.017 + 0.5 * np.maximum(spot(p), 0.0)
        thin = np.minimum(thin, 0.0135 + 0.5 * np.maximum(bite(p), 0.0))
        thin = np.minimum(thin, 0.0075 + 0.4 * np.maximum(tip(p), 0.0))
        return np.minimum(np.minimum(base, thin), 0.0075 + 0.35 * np.maximum(eye(p), 0.0))

    return size


def beast() -> Sculpture:
    """Return the beast, 1.3 m at the withers, standing."""
    clay = parts()
    roles: dict[str, str | list[str] | list[list[str]]] = {
        "hips": "pelvis",
        "spine": [name for name, _ in _SPINE],
        "neck": [name for name, _ in _NECKS],
        "head": "head",
        "jaw": "jaw",
        "tail": [f"tail{i}" for i in range(1, len(TAIL))],
    }
    for side in "LR":
        roles[f"{side}_front"] = [f"{side}_front_{name}" for name in _FRONT]
        roles[f"{side}_hind"] = [f"{side}_hind_{name}" for name in _HIND]
    return Sculpture(
        "beast",
        "quadruped",
        HEIGHT,
        0.45,
        clay,
        _joints(),
        _bones(),
        _panels(clay),
        MATERIALS,
        _size(clay),
        0.008,
        roles,
    )
