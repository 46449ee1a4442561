"""The robot: white shells over dark joints on the 22 joints of `hephaestus.skeleton`, with a visor that glows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hephaestus.glb.asset import Material
from hephaestus.sculpt.cast import cast
from hephaestus.sculpt.field import Part
from hephaestus.sculpt.machine import Machine, Piece
from hephaestus.sculpt.noise import noise
from hephaestus.sculpt.panels import Region, everywhere
from hephaestus.sculpt.plates import Flat, Plate, box, join, lathe, prism, split
from hephaestus.sculpt.sculpture import Joint
from hephaestus.sculpt.shapes import Ball, Cone, Loft, Vec
from hephaestus.skeleton import JOINT_NAMES, PARENTS, rest_joints

HEIGHT = 1.805
Color = tuple[float, float, float]
_SHELL, _DARK, _STEEL, _GLOW, _GLASS = range(5)
_WHITE, _GREY, _GRAPHITE, _METAL = (222, 219, 212), (150, 150, 150), (46, 48, 52), (120, 122, 126)
_ORANGE, _CYAN, _BLACK = (224, 104, 34), (150, 240, 255), (12, 14, 18)

MATERIALS = (
    Material("shell", roughness=0.35),
    Material("joint", roughness=0.7),
    Material("steel", roughness=0.3, metallic=0.7),
    Material("light", roughness=0.2, emissive=(0.10, 0.75, 0.95)),
    Material("glass", roughness=0.08),
)
_UP, _FRONT, _LEFT = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)


def robot() -> Machine:
    """Return the robot in T-pose."""
    places = rest_joints().astype(np.float64)
    joints = [
        Joint(name, JOINT_NAMES[PARENTS[j]] if PARENTS[j] >= 0 else "", tuple(np.round(places[j], 4).tolist()))
        for j, name in enumerate(JOINT_NAMES)
    ]
    joints.append(Joint("head_end", "head", (0.0, HEIGHT, 0.01)))
    roles: dict[str, str | list[str] | list[list[str]]] = {
        "hips": "pelvis", "spine": ["spine1", "spine2", "spine3"], "neck": "neck", "head": "head",
    }  # fmt: skip
    for side in "LR":
        for role, joint in (
            ("clavicle", "collar"), ("upperarm", "shoulder"), ("forearm", "elbow"), ("hand", "wrist"),
            ("thigh", "hip"), ("shin", "knee"), ("foot", "ankle"), ("toe", "foot"),
        ):  # fmt: skip
            roles[f"{side}_{role}"] = f"{side}_{joint}"
    return Machine("robot", "humanoid", HEIGHT, 0.30, _pieces, joints, MATERIALS, roles)


def _pieces() -> list[Piece]:
    left = [*_arm(), *_hand(), *_leg(), *_foot()]
    return [*_trunk(), *_chest(), *_head(), *left, *map(_right, left)]


def _right(piece: Piece) -> Piece:
    return replace(piece, plate=piece.plate.mirrored(), joint="R" + piece.joint[1:])


def _scuffed(points: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Enamel that is a little dull here and there, and darker towards the floor."""
    wear = 0.03 * noise(points, 0.09) + 0.02 * noise(points, 0.025)
    low = 0.12 * np.clip((0.35 - points[:, 1]) / 0.35, 0.0, 1.0)
    return np.asarray(colors * (1.0 + wear - low)[:, None])


def _shell(plate: Plate, joint: str, color: Color = _WHITE) -> Piece:
    return Piece(plate, joint, _SHELL, color, tint=_scuffed)


def _dark(plate: Plate, joint: str) -> Piece:
    return Piece(plate, joint, _DARK, _GRAPHITE, (92, 94, 98))


def _steel(plate: Plate, joint: str) -> Piece:
    return Piece(plate, joint, _STEEL, _METAL, (196, 198, 200))


def _light(plate: Plate, joint: str) -> Piece:
    return Piece(plate, joint, _GLOW, _CYAN, shaded=False)


def _banded(
    plate: Plate, joint: str, line: Region, half: float, color: Color, within: Region = everywhere
) -> list[Piece]:
    """A shell with a coloured band `half` (m) to both sides of a line, where `within` is negative."""
    low, high = lambda p: line(p) - half, lambda p: line(p) + half
    borders = [low, high] if within is everywhere else [low, high, within]
    band, rest = split(plate, lambda p: np.maximum(np.abs(line(p)) - half, within(p)), *borders)
    return [_shell(rest, joint), _shell(band, joint, color)]


def _ball(at: Vec, r: float) -> Plate:
    """A joint ball, from the lathe."""
    turn = np.pi * np.arange(9) / 8
    rows = [(float(np.round(-r * np.cos(t), 6)), float(np.round(r * np.sin(t), 6))) for t in turn]
    rows[0], rows[-1] = (-r, 0.0), (r, 0.0)
    plate = lathe(rows, "x", 16, at)
    off = plate.points - np.array(at)
    return replace(plate, normals=off / np.sqrt((off * off).sum(1, keepdims=True)), worn=np.zeros(len(off)))


def _disc(at: Vec, r: float, half: float, axis: str = "x") -> Plate:
    """A bearing with a rim and a sunken middle."""
    rows = [(half - 0.002, r), (half + 0.004, r - 0.006), (half + 0.004, 0.62 * r), (half, 0.55 * r), (half, 0.0)]
    rows = [(-t, radius) for t, radius in reversed(rows)] + rows
    return lathe(rows, axis, 18, at)


def _trunk() -> list[Piece]:
    hips = cast([
        Part(Loft((0, 0, 0), _UP, _FRONT, [
            (0.900, 0.060, 0.060, 0.060, 0.066, 0, -0.004), (0.935, 0.112, 0.112, 0.086, 0.092, 0, -0.004),
            (0.985, 0.140, 0.140, 0.096, 0.098, 0, -0.004), (1.030, 0.136, 0.136, 0.090, 0.090, 0, -0.004),
        ], square=0.6, dome=0.8)),
        Part(Ball((0.105, 0.885, 0.0), (0.062, 0.075, 0.085)), "", 0.018, carve=True),
        Part(Ball((0.105, 0.885, 0.0), (0.062, 0.075, 0.085)), "", 0.018, carve=True, mirrored=True),
    ], 0.026)  # fmt: skip
    out = _banded(hips, "pelvis", lambda p: p[:, 1] - 1.000, 0.013, _GRAPHITE)
    out.append(_light(box((0, 1.000, 0.0955), (0.05, 0.018, 0.012), 0.003), "pelvis"))
    for joint, low, high in (("spine1", 1.050, 1.150), ("spine2", 1.140, 1.235)):
        rows: list[tuple[float, float]] = [(low, 0.0)]
        count = 3
        for k in range(count):
            t = low + (high - low) * k / count
            rows += [(t, 0.088), (t + 0.006, 0.102), (t + 0.018, 0.102), (t + 0.024, 0.088)]
        rows.append((high, 0.0))
        bellows = lathe(rows, "y", 20, (0, 0, 0))
        flat = np.diag([1.05, 1.0, 0.80])
        out.append(_dark(bellows.moved((0, 0, -0.008), flat), joint))
    return out


def _chest() -> list[Piece]:
    chest = cast([
        Part(Loft((0, 0, 0), _UP, _FRONT, [
            (1.215, 0.112, 0.112, 0.086, 0.080, 0, -0.008), (1.260, 0.142, 0.142, 0.112, 0.098, 0, -0.012),
            (1.330, 0.168, 0.168, 0.128, 0.112, 0, -0.018), (1.400, 0.172, 0.172, 0.118, 0.112, 0, -0.026),
            (1.455, 0.140, 0.140, 0.086, 0.092, 0, -0.030),
        ], square=0.62, dome=0.6)),
        Part(Ball((0.192, 1.430, -0.030), (0.075, 0.078, 0.080)), "", 0.012, carve=True),
        Part(Ball((0.192, 1.430, -0.030), (0.075, 0.078, 0.080)), "", 0.012, carve=True, mirrored=True),
        Part(Ball((0, 1.335, 0.118), (0.050, 0.050, 0.030)), "", 0.010, carve=True),
        Part(Ball((0, 1.500, -0.030), (0.070, 0.040, 0.066)), "", 0.012, carve=True),
    ], 0.025)  # fmt: skip
    side = lambda p: np.abs(p[:, 0]) - 0.098 - 0.25 * (p[:, 1] - 1.33)  # noqa: E731
    out = _banded(chest, "spine3", side, 0.007, _ORANGE, lambda p: 0.02 - p[:, 2])
    ring = lathe(
        [(0.0, 0.050), (0.014, 0.050), (0.018, 0.044), (0.018, 0.036), (0.004, 0.034)], "z", 24, (0, 1.335, 0.086)
    )
    out.append(_steel(ring, "spine3"))
    core = lathe([(0.0, 0.035), (0.010, 0.030), (0.016, 0.016), (0.016, 0.0)], "z", 20, (0, 1.335, 0.088))
    out.append(_light(core, "spine3"))
    for k in range(3):
        vent = join(
            [box((x, 1.268 - 0.017 * k, 0.094), (0.052 - 0.006 * k, 0.008, 0.020), 0.0, 1.0) for x in (-0.062, 0.062)]
        )
        out.append(_dark(vent, "spine3"))
    pack: Flat = [(-0.105, 1.235), (0.105, 1.235), (0.125, 1.300), (0.120, 1.430), (-0.120, 1.430), (-0.125, 1.300)]
    out.append(_dark(prism(pack, -0.200, -0.110, "z", 0.018, grain=0.3), "spine3"))
    for x in (-0.058, 0.058):
        nozzle = lathe([(-0.040, 0.024), (-0.050, 0.034), (0.0, 0.028), (0.012, 0.0)], "y", 14, (x, 1.232, -0.160))
        out.append(_steel(nozzle, "spine3"))
        out.append(_light(box((x, 1.350, -0.200), (0.030, 0.085, 0.008), 0.003), "spine3"))
    neck = [(1.455, 0.0), (1.455, 0.060), (1.475, 0.052)]
    for k in range(4):
        t = 1.478 + 0.020 * k
        neck += [(t, 0.044), (t + 0.005, 0.050), (t + 0.013, 0.050), (t + 0.018, 0.044)]
    neck += [(1.575, 0.040), (1.580, 0.0)]
    out.append(_dark(lathe(neck, "y", 20, (0, 0, -0.020)), "neck"))
    return out


def _head() -> list[Piece]:
    skull = cast([
        Part(Ball((0, 1.680, -0.004), (0.094, 0.102, 0.112)), "head"),
        Part(Loft((0, 0, 0), _UP, _FRONT, [
            (1.560, 0.046, 0.046, 0.052, 0.040, 0, 0.030), (1.590, 0.064, 0.064, 0.074, 0.070, 0, 0.016),
            (1.650, 0.084, 0.084, 0.092, 0.096, 0, 0.006),
        ], square=0.5, dome=0.6), "head", 0.040),
        Part(Ball((0, 1.672, 0.118), (0.088, 0.040, 0.034)), "", 0.008, carve=True),
    ], 0.019, 0.006)  # fmt: skip
    out = _banded(skull, "head", lambda p: p[:, 0], 0.016, _ORANGE, lambda p: 1.712 - p[:, 1])
    visor = cast([
        Part(Ball((0, 1.672, 0.030), (0.084, 0.040, 0.078)), ""),
        Part(Ball((0, 1.672, -0.020), (0.12, 0.08, 0.060)), "", 0.004, carve=True),
    ], 0.008, 0.005)  # fmt: skip
    eye = lambda p: np.maximum(_oval(p, 0.036, 1.674, 0.0185, 0.0085), 0.05 - p[:, 2])  # noqa: E731
    eyes, glass = split(visor, eye)
    out += [Piece(glass, "head", _GLASS, _BLACK, shaded=False), _light(eyes, "head")]
    for s in (-1.0, 1.0):
        ear = lathe([(-0.02, 0.0), (-0.02, 0.040), (0.010, 0.040), (0.016, 0.034), (0.016, 0.022), (0.008, 0.020),
                     (0.008, 0.0)], "x", 18)  # fmt: skip
        ear = ear if s > 0 else ear.mirrored()
        out.append(_dark(ear.moved((s * 0.088, 1.672, -0.012)), "head"))
        spot = lathe([(0.0, 0.014), (0.004, 0.012), (0.004, 0.0)], "x", 12)
        spot = spot if s > 0 else spot.mirrored()
        out.append(_light(spot.moved((s * 0.0975, 1.672, -0.012)), "head"))
    mast = lathe(
        [(0.0, 0.010), (0.012, 0.008), (0.014, 0.0035), (0.105, 0.0025), (0.105, 0.0)], "y", 8, (0.088, 1.700, -0.035)
    )
    out.append(_steel(mast, "head"))
    grille = join(
        [box((0, 1.600 - 0.012 * k, 0.094 - 0.006 * k), (0.052 - 0.010 * k, 0.005, 0.012), 0.0, 1.0) for k in range(3)]
    )
    out.append(_dark(grille, "head"))
    return out


def _oval(p: np.ndarray, x: float, y: float, wide: float, high: float) -> np.ndarray:
    a, b = (np.abs(p[:, 0]) - x) / wide, (p[:, 1] - y) / high
    return (np.sqrt(a * a + b * b) - 1.0) * high


def _arm() -> list[Piece]:
    at = 1.430, -0.030
    yoke = lathe([(0.06, 0.0), (0.06, 0.040), (0.150, 0.040), (0.165, 0.030), (0.165, 0.0)], "x", 16, (0, *at))
    out = [_dark(yoke, "L_collar"), _dark(_ball((0.190, *at), 0.062), "L_shoulder")]
    cap = cast([
        Part(Ball((0.196, 1.440, -0.030), (0.072, 0.082, 0.086))),
        Part(Ball((0.150, 1.405, -0.030), (0.060, 0.090, 0.110)), "", 0.010, carve=True),
        Part(Ball((0.225, 1.365, -0.030), (0.120, 0.050, 0.120)), "", 0.014, carve=True),
    ], 0.021, 0.006)  # fmt: skip
    out += _banded(cap, "L_shoulder", lambda p: p[:, 0] - 0.222 - 0.10 * (p[:, 1] - 1.44), 0.008, _ORANGE)
    upper = cast([Part(Loft((0, *at), _LEFT, _UP, [
        (0.262, 0.036, 0.036, 0.036, 0.036, 0, 0), (0.290, 0.046, 0.046, 0.045, 0.045, 0, 0),
        (0.350, 0.048, 0.048, 0.046, 0.048, 0, 0), (0.405, 0.040, 0.040, 0.039, 0.040, 0, 0),
    ], square=0.35, dome=0.5))], 0.022)  # fmt: skip
    out.append(_shell(upper, "L_shoulder"))
    rod = lathe([(0.220, 0.026), (0.280, 0.026), (0.280, 0.0)], "x", 14, (0, *at))
    out.append(_dark(rod, "L_shoulder"))
    out += [_dark(_disc((0.455, *at), 0.044, 0.042, "y"), "L_elbow")]
    out.append(_steel(_disc((0.455, *at), 0.022, 0.048, "y"), "L_elbow"))
    fork = join([box((0.425, at[0] + s * 0.030, at[1]), (0.070, 0.014, 0.040), 0.004, 1.0) for s in (-1, 1)])
    out.append(_dark(fork, "L_shoulder"))
    lower = cast([Part(Loft((0, *at), _LEFT, _UP, [
        (0.498, 0.040, 0.038, 0.036, 0.036, 0, 0), (0.530, 0.056, 0.050, 0.048, 0.050, 0, 0),
        (0.590, 0.054, 0.050, 0.047, 0.050, 0, 0), (0.660, 0.038, 0.037, 0.034, 0.036, 0, 0),
        (0.682, 0.034, 0.034, 0.031, 0.032, 0, 0),
    ], square=0.45, dome=0.4))], 0.021)  # fmt: skip
    out += _banded(lower, "L_elbow", lambda p: p[:, 0] - 0.652, 0.009, _ORANGE)
    out.append(_light(box((0.580, at[0] + 0.047, at[1]), (0.060, 0.008, 0.014), 0.002), "L_elbow"))
    out.append(_dark(lathe([(0.455, 0.026), (0.510, 0.026), (0.510, 0.0)], "x", 12, (0, *at)), "L_elbow"))
    return out


def _hand() -> list[Piece]:
    y, z = 1.430, -0.030
    wrist = lathe([(0.680, 0.0), (0.680, 0.024), (0.700, 0.028), (0.715, 0.024), (0.715, 0.0)], "x", 14, (0, y, z))
    palm = box((0.756, y - 0.001, z), (0.088, 0.034, 0.080), 0.010)
    guard = box((0.755, y + 0.019, z), (0.066, 0.010, 0.062), 0.004)
    out = [_dark(wrist, "L_wrist"), _dark(palm, "L_wrist"), _shell(guard, "L_wrist")]
    for off, reach in ((0.030, 0.074), (0.010, 0.084), (-0.010, 0.078), (-0.030, 0.062)):
        half = 0.52 * reach
        knuckle = lathe([(-0.009, 0.0), (-0.009, 0.0095), (0.009, 0.0095), (0.009, 0.0)], "z", 7, (0.800, y, z + off))
        first = box((0.803 + 0.5 * half, y - 0.001, z + off), (half, 0.017, 0.016), 0.0, 1.0)
        second = box((0.806 + 1.45 * half, y - 0.006, z + off), (0.86 * half, 0.015, 0.014), 0.0, 1.0)
        out += [_steel(knuckle, "L_wrist"), _shell(first, "L_wrist"), _dark(second, "L_wrist")]
    turn = np.array([[0.80, 0, -0.60], [0, 1, 0], [0.60, 0, 0.80]])
    thumb = join(
        [
            box((0.030, 0, 0), (0.044, 0.020, 0.020), 0.004, 1.0),
            box((0.072, -0.003, 0), (0.038, 0.017, 0.017), 0.003, 1.0),
        ]
    )
    out.append(_dark(thumb.moved((0.722, y - 0.008, z + 0.030), turn), "L_wrist"))
    return out


def _leg() -> list[Piece]:
    out = [_dark(_ball((0.092, 0.900, 0.0), 0.066), "L_hip")]
    thigh = cast([Part(Loft((0.092, 0, 0), _UP, _FRONT, [
        (0.545, 0.050, 0.050, 0.052, 0.050, 0, 0.004), (0.600, 0.064, 0.064, 0.070, 0.062, 0, 0.006),
        (0.720, 0.078, 0.074, 0.084, 0.076, 0, 0.004), (0.810, 0.076, 0.070, 0.082, 0.078, 0, 0.0),
        (0.850, 0.064, 0.058, 0.068, 0.066, 0, 0.0),
    ], square=0.45, dome=0.5))], 0.026)  # fmt: skip
    line = lambda p: p[:, 1] - 0.790 - 0.35 * (p[:, 0] - 0.09)  # noqa: E731
    out += _banded(thigh, "L_hip", line, 0.009, _ORANGE, lambda p: -0.02 - p[:, 2])
    fork = join([box((0.090 + s * 0.040, 0.520, 0.0), (0.016, 0.090, 0.050), 0.004, 1.0) for s in (-1, 1)])
    out.append(_dark(fork, "L_hip"))
    out += [
        _dark(_disc((0.090, 0.490, 0.0), 0.054, 0.052), "L_knee"),
        _steel(_disc((0.090, 0.490, 0.0), 0.028, 0.058), "L_knee"),
    ]
    guard = cast([
        Part(Ball((0.090, 0.492, 0.022), (0.050, 0.070, 0.052))),
        Part(Ball((0.090, 0.490, -0.030), (0.090, 0.110, 0.070)), "", 0.008, carve=True),
    ], 0.021, 0.006)  # fmt: skip
    out.append(_shell(guard, "L_knee"))
    shin = cast([Part(Loft((0.090, 0, 0), _UP, _FRONT, [
        (0.130, 0.038, 0.038, 0.042, 0.044, 0, -0.012), (0.200, 0.050, 0.050, 0.052, 0.060, 0, -0.012),
        (0.320, 0.060, 0.060, 0.062, 0.076, 0, -0.010), (0.405, 0.056, 0.056, 0.062, 0.066, 0, -0.004),
        (0.435, 0.046, 0.046, 0.052, 0.052, 0, -0.002),
    ], square=0.45, dome=0.5))], 0.025)  # fmt: skip
    wide: Region = lambda p: np.abs(p[:, 0] - 0.09) - 0.022  # noqa: E731
    high: Region = lambda p: np.abs(p[:, 1] - 0.30) - 0.075  # noqa: E731
    calf = lambda p: np.maximum(np.maximum(wide(p), high(p)), p[:, 2] + 0.03)  # noqa: E731
    band, rest = split(shin, calf, wide, high, lambda p: p[:, 2] + 0.03)
    out += [_shell(rest, "L_knee"), Piece(band, "L_knee", _DARK, _GRAPHITE)]
    out.append(_light(box((0.090, 0.300, 0.0535), (0.016, 0.075, 0.010), 0.003), "L_knee"))
    out.append(
        _dark(
            lathe([(0.085, 0.0), (0.085, 0.030), (0.140, 0.030), (0.140, 0.0)], "y", 14, (0.090, 0, -0.010)), "L_knee"
        )
    )
    return out


def _foot() -> list[Piece]:
    out = [_dark(_disc((0.090, 0.082, -0.010), 0.036, 0.040), "L_ankle")]
    boot = cast([
        Part(Loft((0.090, 0, -0.010), (0.08, 0, 1), _UP, [
            (-0.052, 0.036, 0.036, 0.040, 0.040, 0, 0.038), (-0.020, 0.042, 0.042, 0.056, 0.044, 0, 0.042),
            (0.040, 0.044, 0.046, 0.046, 0.044, 0, 0.040), (0.100, 0.048, 0.050, 0.036, 0.036, 0, 0.034),
            (0.118, 0.048, 0.050, 0.034, 0.034, 0, 0.032),
        ], square=0.6, dome=0.4)),
        Part(Cone((0.0, -0.45, 0.0), (0.2, -0.45, 0.05), 0.456, 0.456), "", 0.004, carve=True),
    ], 0.021, 0.006)  # fmt: skip
    sole = lambda p: p[:, 1] - 0.022  # noqa: E731
    band, rest = split(boot, sole)
    out += [_shell(rest, "L_ankle"), Piece(band, "L_ankle", _DARK, _GRAPHITE)]
    toe = cast([
        Part(Loft((0.090, 0, -0.010), (0.08, 0, 1), _UP, [
            (0.132, 0.046, 0.048, 0.030, 0.030, 0, 0.031), (0.160, 0.047, 0.048, 0.028, 0.029, 0.002, 0.029),
            (0.190, 0.040, 0.040, 0.024, 0.026, 0.003, 0.027),
        ], square=0.55, dome=0.7)),
        Part(Cone((0.0, -0.45, 0.13), (0.2, -0.45, 0.18), 0.456, 0.456), "", 0.004, carve=True),
    ], 0.021, 0.006)  # fmt: skip
    band, rest = split(toe, sole)
    return [*out, _shell(rest, "L_foot"), Piece(band, "L_foot", _DARK, _GRAPHITE)]
