"""The spider: a redknee the size of a calf, with eight jointed legs, a head that turns and an abdomen that swings."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hephaestus.glb.asset import Material
from hephaestus.sculpt.field import Part, both
from hephaestus.sculpt.noise import noise
from hephaestus.sculpt.panels import Panel, blend, everywhere, near
from hephaestus.sculpt.sculpture import Joint, Sculpture
from hephaestus.sculpt.shapes import Ball, Chain, Cone, Vec
from hephaestus.sculpt.skinning import Bone, mirror

HEIGHT = 0.903
_HIDE, _SHELL, _EYE, _FANG = range(4)
_SOOT, _BROWN, _EMBER, _TAN, _WINE = (64, 54, 50), (104, 74, 56), (222, 104, 34), (178, 138, 96), (92, 22, 16)

MATERIALS = (
    Material("hide", roughness=0.9),
    Material("shell", roughness=0.45),
    Material("eye", roughness=0.1, emissive=(0.10, 0.010, 0.002)),
    Material("fang", roughness=0.25),
)

# Each left leg: (coxa, trochanter, knee, ankle, tip), from the front backward.
_LEGS: tuple[tuple[Vec, ...], ...] = (
    ((0.115, 0.440, 0.170), (0.200, 0.470, 0.290), (0.430, 0.830, 0.660), (0.610, 0.430, 0.980), (0.700, 0.012, 1.180)),
    ((0.145, 0.440, 0.070), (0.270, 0.470, 0.120), (0.640, 0.810, 0.270), (0.940, 0.410, 0.400), (1.130, 0.012, 0.490)),
    ((0.145, 0.440, -0.040), (0.270, 0.470, -0.070), (0.620, 0.790, -0.200), (0.910, 0.400, -0.330),
     (1.090, 0.012, -0.420)),
    ((0.115, 0.440, -0.140), (0.200, 0.470, -0.230), (0.420, 0.840, -0.560), (0.640, 0.440, -0.890),
     (0.770, 0.012, -1.120)),
)  # fmt: skip
_THICK = (0.062, 0.060, 0.052, 0.034, 0.013)
_NAMES = ("coxa", "femur", "tibia", "foot", "tip")
_EYES = ((0.032, 0.566, 0.468, 0.031), (0.080, 0.562, 0.442, 0.021), (0.046, 0.618, 0.430, 0.017),
         (0.092, 0.602, 0.405, 0.015))  # fmt: skip


def spider() -> Sculpture:
    """Return the spider, standing with its tips on the floor."""
    clay = _parts()
    roles: dict[str, str | list[str] | list[list[str]]] = {"hips": "thorax", "head": "head", "tail": ["abdomen"]}
    roles["legs"] = [[f"{s}_{name}{k + 1}" for name in _NAMES] for s in "LR" for k in range(4)]
    return Sculpture(
        "spider", "manylegs", HEIGHT, 0.75, clay, _joints(), _bones(), _panels(), MATERIALS, _size, 0.009, roles
    )


def _joints() -> list[Joint]:
    joints = [
        Joint("thorax", "", (0.0, 0.450, 0.0)),
        Joint("head", "thorax", (0.0, 0.470, 0.215)),
        Joint("abdomen", "thorax", (0.0, 0.480, -0.190)),
    ]
    for side, x in (("L", 1.0), ("R", -1.0)):
        joints.append(Joint(f"{side}_palp", "head", (0.075 * x, 0.420, 0.420)))
        joints.append(Joint(f"{side}_jaw", "head", (0.045 * x, 0.440, 0.440)))
        for k, leg in enumerate(_LEGS, 1):
            parent = "thorax"
            for name, at in zip(_NAMES, leg, strict=True):
                joints.append(Joint(f"{side}_{name}{k}", parent, (x * at[0], at[1], at[2])))
                parent = f"{side}_{name}{k}"
    return joints


def _bones() -> list[Bone]:
    middle = [
        Bone("thorax", (0, 0.45, -0.10), (0, 0.45, 0.10), 0.16, ("thorax",), 0.030),
        Bone("head", (0, 0.48, 0.26), (0, 0.50, 0.42), 0.10, ("head", "thorax"), 0.035),
        Bone("abdomen", (0, 0.50, -0.26), (0, 0.56, -0.80), 0.22, ("abdomen", "thorax"), 0.030),
    ]
    side = [
        Bone("L_palp", (0.085, 0.41, 0.42), (0.120, 0.30, 0.62), 0.04, ("L_palp",), 0.018),
        Bone("L_jaw", (0.045, 0.42, 0.46), (0.045, 0.27, 0.53), 0.05, ("L_jaw",), 0.016),
    ]
    for k, leg in enumerate(_LEGS, 1):
        spread = (0.026, 0.024, 0.018, 0.014)
        limbs = (f"L_leg{k}",)
        for name, (a, b), soft, radius in zip(_NAMES, pairwise(leg), spread, _THICK, strict=False):
            side.append(Bone(f"L_{name}{k}", a, b, radius, limbs, soft))
    return [*middle, *side, *map(mirror, side)]


def _parts() -> list[Part]:
    body = [
        Part(Ball((0, 0.455, 0.0), (0.190, 0.105, 0.235)), "thorax"),
        Part(Ball((0, 0.520, 0.02), (0.110, 0.070, 0.150)), "thorax", 0.060),
        Part(Ball((0, 0.495, 0.330), (0.128, 0.115, 0.155), (0, 1, 0.25)), "head", 0.030),
        Part(Ball((0, 0.560, 0.395), (0.088, 0.066, 0.080)), "head", 0.050),
        Part(Cone((0, 0.470, -0.20), (0, 0.480, -0.27), 0.060, 0.060), "thorax", 0.030),
        Part(Ball((0, 0.585, -0.610), (0.295, 0.262, 0.395), (0, 1, -0.12)), "abdomen", 0.040),
        Part(Ball((0, 0.500, -0.330), (0.150, 0.130, 0.120)), "abdomen", 0.080),
    ]
    side = [
        Part(Chain([((0.022, 0.440, -0.880), 0.030), ((0.038, 0.415, -0.950), 0.022), ((0.048, 0.425, -1.010), 0.008)]),
             "abdomen", 0.015),
        # Jaws that bulge forward and down, with fangs that curve inward.
        Part(Ball((0.050, 0.425, 0.475), (0.052, 0.095, 0.070), (0, 1, -0.35)), "L_jaw", 0.020),
        Part(Chain([((0.050, 0.345, 0.520), 0.026), ((0.056, 0.280, 0.545), 0.020), ((0.044, 0.215, 0.525), 0.006)]),
             "L_jaw", 0.008),
        Part(Chain([((0.095, 0.425, 0.400), 0.038), ((0.135, 0.435, 0.500), 0.036), ((0.145, 0.360, 0.590), 0.030),
                    ((0.135, 0.250, 0.630), 0.018)]), "L_palp", 0.020),
        *(Part(Ball((x, y, z), (r, r, r)), "head", 0.006) for x, y, z, r in _EYES),
        *_legs(),
    ]  # fmt: skip
    return [*body, *(p for part in side for p in both(part))]


def _legs() -> list[Part]:
    out = []
    for k, leg in enumerate(_LEGS, 1):
        bone = f"L_leg{k}"
        for i, (start, end) in enumerate(pairwise(leg)):
            out.append(Part(Cone(start, end, _THICK[i], _THICK[i + 1]), bone, 0.030 if i == 0 else 0.014))
        # Muscle in femur and tibia, a swollen knee, and a pad at the tip.
        a, b = np.array(leg[1]), np.array(leg[2])
        out.append(Part(_muscle(a + 0.42 * (b - a), b - a, (0.068, 0.15, 0.068)), bone, 0.040))
        c, d = np.array(leg[2]), np.array(leg[3])
        out.append(Part(_muscle(c + 0.36 * (d - c), d - c, (0.054, 0.15, 0.054)), bone, 0.040))
        out.append(Part(Ball(leg[2], (0.056, 0.056, 0.056)), bone, 0.030))
        e, f = np.array(leg[3]), np.array(leg[4])
        out.append(Part(_muscle(e + 0.30 * (f - e), f - e, (0.036, 0.12, 0.036)), bone, 0.030))
        # Bristles.
        for t, up in ((0.30, 1.0), (0.66, 0.9)):
            root = c + t * (d - c)
            out.append(_bristle(root, d - c, 0.050 - 0.020 * t, up, bone))
        out.append(_bristle(a + 0.62 * (b - a), b - a, 0.058, 0.9, bone))
    return out


def _muscle(at: np.ndarray, way: np.ndarray, r: Vec) -> Ball:
    return Ball((at[0], at[1], at[2]), r, (way[0], way[1], way[2]), (0.3, 0.2, 1.0))


def _bristle(root: np.ndarray, way: np.ndarray, off: float, size: float, bone: str) -> Part:
    """A stout hair on the upper side of a leg, leaning to its tip."""
    along = way / np.sqrt((way * way).sum())
    up = np.array([0.0, 1.0, 0.0]) - along * along[1]
    if along[1] < -0.3:
        up = np.array([along[0], 0.0, along[2]]) - along * (along[0] ** 2 + along[2] ** 2)
    up = up / np.sqrt((up * up).sum())
    a = root + up * 0.6 * off
    b = root + up * (off + 0.105 * size) + along * 0.085 * size
    return Part(Cone((a[0], a[1], a[2]), (b[0], b[1], b[2]), 0.017, 0.004), bone, 0.012)


def _hide(p: np.ndarray) -> np.ndarray:
    """Sooty velvet that goes brown on the abdomen and dusty along the legs."""
    x, back = np.abs(p[:, 0]), np.clip(-p[:, 2] - 0.30, 0.0, 0.25) / 0.25
    color = blend(_SOOT, _BROWN, back * (x < 0.32))
    # Legs go paler outward, and their upper sides catch dust.
    far = np.clip((np.sqrt(x * x + p[:, 2] * p[:, 2]) - 0.30) / 0.8, 0.0, 1.0) * ((x > 0.32) | (p[:, 2] > -0.2))
    color = color + (0.35 * far)[:, None] * (np.array(_TAN) - color)
    grain = 1.0 + 0.16 * noise(p, 0.045) + 0.12 * noise(p * np.array([1.0, 0.35, 1.0]), 0.012)
    return np.asarray(color * grain[:, None])


def _carapace(p: np.ndarray) -> np.ndarray:
    """The shield on thorax and head: lighter to the rim, with rays."""
    x, z = np.abs(p[:, 0]) / 0.19, p[:, 2] / 0.235
    far = np.sqrt(x * x + z * z)
    return blend(_TAN, _BROWN, np.clip(1.5 - 1.3 * far + 0.25 * noise(p, 0.05), 0.0, 1.0))


def _shield(p: np.ndarray) -> np.ndarray:
    x, z = p[:, 0] / 0.165, p[:, 2] / 0.205
    disc = (np.sqrt(x * x + z * z) - 1.0) * 0.17
    return np.maximum(disc, 0.452 - p[:, 1])


def _chevrons(p: np.ndarray) -> np.ndarray:
    """Marks on the abdomen's back that point backward."""
    line = p[:, 2] + 0.9 * np.abs(p[:, 0]) + 0.960
    wave = line / 0.130
    stripe = np.abs(wave - np.floor(wave) - 0.5) * 0.130 - 0.027
    width = np.abs(p[:, 0]) - 0.150 + 0.14 * np.maximum(-0.66 - p[:, 2], 0.0)
    ends = np.maximum(p[:, 2] + 0.36, -0.90 - p[:, 2])
    return np.maximum(np.maximum(stripe, width), np.maximum(0.64 - p[:, 1], ends))


def _panels() -> list[Panel]:
    knees = [Part(Ball(leg[2], (0.092, 0.092, 0.092))) for leg in _LEGS]
    ankles = [Part(Ball(leg[3], (0.060, 0.060, 0.060))) for leg in _LEGS]
    cuffs = [Part(Ball(tuple(0.45 * np.array(leg[3]) + 0.55 * np.array(leg[2])), (0.070,) * 3)) for leg in _LEGS]
    fangs = [Part(Chain([((0.056, 0.290, 0.545), 0.022), ((0.044, 0.215, 0.525), 0.008)]))]
    return [
        Panel("hide", _HIDE, _SOOT, everywhere, tint=_hide),
        Panel("shield", _SHELL, _TAN, _shield, tint=_carapace),
        Panel("chevrons", _HIDE, _EMBER, _chevrons),
        Panel("cuffs", _HIDE, _TAN, near(cuffs, -0.030)),
        Panel("knees", _HIDE, _EMBER, near(knees, 0.0), tint=_ember),
        Panel("ankles", _HIDE, _EMBER, near(ankles, 0.0), tint=_ember),
        Panel("fangs", _FANG, _WINE, near(fangs, 0.010)),
        Panel("eyes", _EYE, (44, 8, 8), near([Part(Ball((x, y, z), (r, r, r))) for x, y, z, r in _EYES], 0.0025)),
    ]


def _ember(p: np.ndarray) -> np.ndarray:
    return np.asarray(np.array(_EMBER) * (1.0 + 0.18 * noise(p, 0.03) + 0.1 * noise(p, 0.012))[:, None])


def _size(p: np.ndarray) -> np.ndarray:
    """Finer towards head, jaws and the thin ends of the legs."""
    x = np.abs(p[:, 0])
    leg = np.clip((np.sqrt(x * x + np.maximum(np.abs(p[:, 2]) - 0.25, 0.0) ** 2) - 0.22) / 0.10, 0.0, 1.0)
    leg = leg * ~((p[:, 2] < -0.30) & (x < 0.31))
    head = np.clip((p[:, 2] - 0.26) / 0.08, 0.0, 1.0) * np.clip((0.20 - x) / 0.05, 0.0, 1.0)
    tip = np.clip((0.40 - p[:, 1]) / 0.35, 0.0, 1.0) * leg
    back = np.clip((p[:, 1] - 0.62) / 0.06, 0.0, 1.0) * (p[:, 2] < -0.30) * (x < 0.22)
    base = 0.034 - 0.013 * back - np.maximum(0.011 * leg + 0.006 * tip, 0.020 * head)
    eye = near([Part(Ball((a, b, c), (r, r, r))) for a, b, c, r in _EYES], 0.0)
    spine = near([part for part in _legs() if isinstance(part.shape, Cone) and part.shape.rb < 0.005], 0.004)
    base = np.minimum(base, 0.0125 + 0.5 * np.maximum(spine(p), 0.0))
    return np.minimum(base, 0.0075 + 0.35 * np.maximum(eye(p), 0.0))
