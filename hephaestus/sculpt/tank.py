"""The tank: a small battle tank of 3 m with tracks of links, wheels, a turret that turns and a gun that rises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hephaestus.glb.asset import Material
from hephaestus.sculpt.machine import Machine, Piece, Tint
from hephaestus.sculpt.noise import noise
from hephaestus.sculpt.plates import Flat, Plate, box, join, lathe, prism, split
from hephaestus.sculpt.sculpture import Joint
from hephaestus.sculpt.shapes import Vec

HEIGHT = 1.87
Color = tuple[float, float, float]
_PAINT, _METAL, _RUBBER, _LAMP, _GLASS = range(5)
_SAND, _PALE, _OLIVE, _ORANGE = (150, 134, 96), (196, 182, 142), (92, 90, 62), (214, 104, 36)
_STEEL, _BRIGHT, _BLACK, _DUST = (72, 70, 68), (150, 146, 138), (34, 33, 32), (134, 112, 82)

MATERIALS = (
    Material("paint", roughness=0.75),
    Material("steel", roughness=0.45, metallic=0.6),
    Material("rubber", roughness=0.95),
    Material("lamp", roughness=0.2, emissive=(0.85, 0.62, 0.32)),
    Material("lens", roughness=0.1, emissive=(1.0, 0.42, 0.06)),
)

# The side of the body: (y, z) corners, counter-clockwise seen from the left.
_HULL: Flat = [(0.30, -1.30), (0.50, -1.44), (0.86, -1.40), (0.92, -1.28), (0.92, 0.62), (0.66, 1.36), (0.54, 1.44),
               (0.28, 1.16)]  # fmt: skip
_GAUGE = 0.72
"""m from the middle to the middle of a track."""
_WIDE = 0.36
_WHEELS = ((-0.76, 0.235, 0.175), (-0.38, 0.235, 0.175), (0.0, 0.235, 0.175), (0.38, 0.235, 0.175),
           (0.76, 0.235, 0.175))  # fmt: skip
_DRIVE, _IDLER = (-1.20, 0.430, 0.185), (1.22, 0.440, 0.175)
_ROLLERS = ((-0.42, 0.540, 0.07), (0.42, 0.540, 0.07))
_LINKS = 46
_SHOE = 0.0206
"""m: half the thickness of a link."""
_RING = (0.0, 0.93, -0.12)
_TRUNNION = (0.0, 1.20, 0.42)


def tank() -> Machine:
    """Return the tank, facing +z on the floor."""
    joints, pieces = [Joint("hull", "", (0.0, 0.62, 0.0))], [*_hull(), *_both(_fenders()), *_kit()]
    joints += [
        Joint("turret", "hull", _RING),
        Joint("gun", "turret", _TRUNNION),
        Joint("muzzle", "gun", (0, 1.20, 1.95)),
    ]
    pieces += [*_turret(), *_gun()]
    roles: dict[str, str | list[str] | list[list[str]]] = {"hull": "hull", "turret": "turret", "gun": "gun"}
    wheels: list[tuple[str, float]] = []
    for side, x in (("L", 1.0), ("R", -1.0)):
        links = [f"{side}_link{k + 1}" for k in range(_LINKS)]
        for name, (place, turn) in zip(links, _loop(), strict=True):
            at = (x * _GAUGE, float(place[1]), float(place[0]))
            joints.append(Joint(name, "hull", at))
            pieces += _link(name, at, turn)
        for name, (z, y, r), make in _axles():
            joint, at = f"{side}_{name}", (x * _GAUGE, y, z)
            joints.append(Joint(joint, "hull", at))
            wheels.append((joint, z))
            made = make(joint, (at[0], at[1], at[2]) if x > 0 else (-at[0], at[1], at[2]), r)
            pieces += made if x > 0 else [replace(p, plate=p.plate.mirrored()) for p in made]
        roles[f"{side}_track"] = list(links)
    # Front to back, the left ones first.
    roles["wheels"] = [name for name, _ in sorted(wheels, key=lambda w: (w[0][0], -w[1]))]
    return Machine("tank", "tank", HEIGHT, 1.05, lambda: pieces, joints, MATERIALS, roles)


def _both(left: list[Piece]) -> list[Piece]:
    return [p for piece in left for p in (piece, replace(piece, plate=piece.plate.mirrored()))]


def _camouflage(points: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Broad olive bands over sand, dust rising from below, and paint that is not quite even."""
    band = noise(points * np.array([1.0, 1.6, 0.8]) + 7.0, 0.62) + 0.35 * noise(points, 0.2)
    share = np.clip((band - 0.10) * 9.0, 0.0, 1.0)[:, None]
    out = colors + share * (np.array(_OLIVE) - np.array(_SAND))
    out = out * (1.0 + 0.05 * noise(points, 0.07)[:, None])
    return _dusty(points, out)


def _dusty(points: np.ndarray, colors: np.ndarray) -> np.ndarray:
    low = np.clip((0.75 - points[:, 1]) / 0.55 + 0.25 * noise(points, 0.15), 0.0, 1.0)[:, None]
    return colors + 0.55 * low * low * (np.array(_DUST) - colors)


def _painted(plate: Plate, joint: str, color: Color = _SAND, edge: Color = _PALE, tint: Tint = _camouflage) -> Piece:
    return Piece(plate, joint, _PAINT, color, edge, tint)


def _steel(plate: Plate, joint: str, color: Color = _STEEL) -> Piece:
    return Piece(plate, joint, _METAL, color, _BRIGHT)


def _hull() -> list[Piece]:
    body = prism(_HULL, -0.52, 0.52, "x", 0.022, grain=0.24)
    upper: Flat = [(0.68, -1.38), (0.86, -1.40), (0.92, -1.30), (0.92, 0.60), (0.70, 1.24), (0.66, 1.24)]
    shoulders = prism(upper, -0.88, 0.88, "x", 0.022, grain=0.24)
    plates = [_painted(body, "hull"), _painted(shoulders, "hull")]
    # The lower glacis carries a tow bar; the upper one a spare link and the driver's hatch with its three eyes.
    hatch = lathe([(0.0, 0.19), (0.05, 0.19), (0.065, 0.17), (0.065, 0.0)], "y", 20, (-0.30, 0.915, 0.42))
    plates.append(_painted(hatch, "hull"))
    for x in (-0.42, -0.30, -0.18):
        plates.append(_steel(box((x, 0.955, 0.62), (0.085, 0.06, 0.06), 0.0), "hull", _BLACK))
    spare = [box((0.26 + 0.15 * k, 0.845, 0.83), (0.13, 0.06, 0.30), 0.012, 1.0) for k in (-1, 0, 1)]
    turn = _tilt(-0.335)
    middle, back = (0.26, 0.845, 0.83), (-0.26, -0.845, -0.83)
    plates.append(_steel(join(spare).moved(back).moved(middle, turn), "hull", (84, 76, 66)))
    grille = [
        box((0.30 * s, 0.93, -1.02 + 0.085 * k), (0.44, 0.035, 0.04), 0.0, 1.0) for s in (-1, 1) for k in range(6)
    ]
    plates.append(_steel(join(grille), "hull", (58, 55, 50)))
    for x in (-0.36, 0.36):
        plates.append(_steel(lathe([(-0.03, 0.05), (0.03, 0.05), (0.03, 0.0)], "z", 12, (x, 0.46, 1.36)), "hull"))
        hook = box((x, 0.50, 1.40), (0.06, 0.14, 0.12), 0.02)
        plates.append(_steel(hook, "hull", (96, 44, 30)))
        plates.append(_steel(box((x, 0.52, -1.46), (0.06, 0.14, 0.10), 0.02), "hull", (96, 44, 30)))
    return plates


def _tilt(angle: float) -> np.ndarray:
    """Turn about the left axis, nose down positive; by a rational circle, the same on every machine."""
    t = np.round(np.tan(angle / 2), 6)
    c, s = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def _fenders() -> list[Piece]:
    """The left fender with its skirt, lamps, boxes and exhaust."""
    top: Flat = [(0.715, -1.48), (0.745, -1.48), (0.745, 1.24), (0.715, 1.24)]
    shelf = prism(top, 0.50, 0.93, "x", 0.010, grain=0.3)
    nose = prism([(0.56, 1.46), (0.59, 1.475), (0.745, 1.25), (0.715, 1.235)], 0.50, 0.93, "x", 0.008, grain=0.3)
    tail = prism([(0.58, -1.60), (0.715, -1.47), (0.745, -1.48), (0.61, -1.625)], 0.50, 0.93, "x", 0.008, grain=0.3)
    out = [_painted(p, "hull") for p in (shelf, nose, tail)]
    for k in range(4):
        z = -0.93 + 0.62 * k
        skirt: Flat = [(0.50, z - 0.29), (0.735, z - 0.29), (0.735, z + 0.29), (0.50, z + 0.29)]
        out.append(_painted(prism(skirt, 0.925, 0.955, "x", 0.010, grain=0.3), "hull"))
        bolts = [lathe([(0.0, 0.016), (0.012, 0.013), (0.012, 0.0)], "x", 5, (0.955, 0.70, z + s)) for s in (-0.2, 0.2)]
        out.append(_steel(join(bolts), "hull"))
    lamp = lathe(
        [(-0.10, 0.0), (-0.09, 0.05), (0.0, 0.085), (0.03, 0.085), (0.035, 0.072)], "z", 16, (0.70, 0.845, 1.16)
    )
    out.append(_painted(lamp, "hull"))
    out.append(Piece(lathe([(0.030, 0.072), (0.045, 0.045), (0.05, 0.0)], "z", 16, (0.70, 0.845, 1.16)), "hull", _LAMP,
                     (255, 226, 170), shaded=False))  # fmt: skip
    rear = box((0.80, 0.86, -1.42), (0.07, 0.05, 0.03), 0.008)
    out.append(Piece(rear, "hull", _GLASS, (200, 30, 20), shaded=False))
    return out


def _kit() -> list[Piece]:
    """What differs between the sides: boxes, cans, shovel, exhaust, and the number."""
    out = [_painted(box((0.72, 0.815, -0.30), (0.30, 0.14, 0.62), 0.016), "hull", (128, 118, 84))]
    out.append(_painted(box((-0.72, 0.815, -0.62), (0.30, 0.14, 0.50), 0.016), "hull", (128, 118, 84)))
    for z in (-0.50, -0.10):
        out.append(_steel(box((0.72, 0.82, z), (0.315, 0.155, 0.035), 0.0), "hull"))
    for z in (-0.78, -0.46):
        out.append(_steel(box((-0.72, 0.82, z), (0.315, 0.155, 0.035), 0.0), "hull"))
    pipe = lathe([(-0.24, 0.0), (-0.24, 0.055), (-0.20, 0.07), (0.16, 0.07), (0.20, 0.05), (0.26, 0.05), (0.26, 0.038),
                  (0.10, 0.036)], "z", 14)  # fmt: skip
    for x in (-0.70, 0.70):
        back = pipe.moved((x, 0.815, -1.24), np.diag([-1.0, 1.0, -1.0]))
        out.append(_steel(back, "hull", (92, 66, 50)))
    shaft = lathe([(-0.42, 0.0), (-0.42, 0.018), (0.34, 0.018), (0.34, 0.0)], "z", 8, (-0.72, 0.78, 0.22))
    out.append(Piece(shaft, "hull", _RUBBER, (122, 88, 54)))
    out.append(_steel(box((-0.72, 0.775, 0.66), (0.15, 0.02, 0.20), 0.006), "hull", (62, 62, 64)))
    return out


def _turret() -> list[Piece]:
    # Corners in (z, x), seen from above.
    low = _plan([(0.50, 0.36), (0.16, 0.60), (-0.46, 0.62), (-0.78, 0.42)])
    high = _plan([(0.30, 0.26), (0.06, 0.42), (-0.44, 0.44), (-0.66, 0.32)])
    shell = prism(low, 0.985, 1.42, "y", 0.026, top=high, grain=0.2)
    collar = lathe([(0.0, 0.50), (0.075, 0.47), (0.075, 0.0)], "y", 28, (0.0, 0.915, _RING[2]))
    band, shell = split(shell, lambda p: np.maximum(np.abs(p[:, 2] - _RING[2] + 0.36) - 0.075, 1.395 - p[:, 1] - 1.0))
    out = [_steel(collar, "turret", (64, 62, 58)), _painted(shell, "turret")]
    out.append(_painted(band, "turret", _ORANGE, _PALE, _dusty))
    bustle = box((0, 1.17, -0.98), (0.62, 0.24, 0.26), 0.02, 0.15)
    out.append(_painted(bustle, "turret", (128, 118, 84)))
    rolls = [lathe([(-0.27, 0.0), (-0.27, 0.075), (0.27, 0.075), (0.27, 0.0)], "x", 12, (0, 1.36, -0.98))]
    out.append(Piece(join(rolls), "turret", _RUBBER, (116, 108, 88), tint=_dusty))
    straps = [
        lathe([(-0.02, 0.0), (-0.02, 0.082), (0.02, 0.082), (0.02, 0.0)], "x", 12, (x, 1.36, -0.98))
        for x in (-0.16, 0.16)
    ]
    out.append(Piece(join(straps), "turret", _RUBBER, (70, 46, 30)))
    cupola = lathe([(0.0, 0.215), (0.10, 0.20), (0.125, 0.175), (0.125, 0.0)], "y", 20, (0.20, 1.41, -0.30))
    lid = lathe([(0.0, 0.155), (0.03, 0.150), (0.045, 0.12), (0.045, 0.0)], "y", 20, (0.20, 1.535, -0.30))
    out += [_painted(cupola, "turret"), _painted(lid, "turret")]
    for k in range(8):
        c, s = np.round(np.cos(np.pi * (k + 0.5) / 4), 6), np.round(np.sin(np.pi * (k + 0.5) / 4), 6)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        slit = box((0, 0, 0.205), (0.075, 0.035, 0.02), 0.0).moved((0.20, 1.465, -0.30), turn)
        out.append(Piece(slit, "turret", _METAL, _BLACK))
    hatch = lathe([(0.0, 0.17), (0.04, 0.165), (0.055, 0.14), (0.055, 0.0)], "y", 18, (-0.24, 1.415, -0.42))
    out.append(_painted(hatch, "turret"))
    # Two lenses look out beside the gun: the face.
    for x in (-0.25, 0.25):
        hood = box((x, 1.335, 0.245), (0.17, 0.13, 0.16), 0.018)
        out.append(_painted(hood, "turret"))
        rim = lathe([(0.0, 0.052), (0.018, 0.052), (0.018, 0.040)], "z", 16, (x, 1.335, 0.322))
        out.append(_steel(rim, "turret", _BLACK))
        lens = lathe([(0.0, 0.041), (0.014, 0.026), (0.018, 0.0)], "z", 16, (x, 1.335, 0.324))
        out.append(Piece(lens, "turret", _GLASS, (255, 150, 40), shaded=False))
    mast = lathe([(0.0, 0.022), (0.05, 0.014), (0.06, 0.007), (0.46, 0.004), (0.46, 0.0)], "y", 8, (-0.36, 1.41, -0.66))
    out.append(_steel(mast, "turret", _BLACK))
    for side in (-1, 1):
        tubes = [lathe([(-0.08, 0.0), (-0.08, 0.042), (0.09, 0.042), (0.09, 0.030), (0.05, 0.029)], "z", 10,
                       (side * (0.56 + 0.03 * k), 1.20 - 0.02 * k, 0.22 - 0.11 * k)) for k in range(3)]  # fmt: skip
        out.append(_painted(join(tubes), "turret", (104, 98, 70)))
    return out


def _plan(left: Flat) -> Flat:
    """A plan (z, x) on the ring from its left half, front to back."""
    right = [(z, -x) for z, x in reversed(left)]
    return [(z + _RING[2], x) for z, x in [*right[-1:], *left, *right[:-1]]]


def _gun() -> list[Piece]:
    z = _TRUNNION[2]
    mantlet = prism([(-0.21, -0.15), (0.21, -0.15), (0.21, 0.15), (-0.21, 0.15)], z - 0.06, z + 0.16, "z", 0.03,
                    [(-0.13, -0.10), (0.13, -0.10), (0.13, 0.10), (-0.13, 0.10)], 0.12)  # fmt: skip
    out = [_painted(mantlet.moved((0, _TRUNNION[1], 0)), "gun")]
    barrel = [(0.10, 0.105), (0.30, 0.095), (0.32, 0.075), (0.78, 0.070), (0.80, 0.084), (1.02, 0.084), (1.04, 0.068),
              (1.30, 0.064)]  # fmt: skip
    out.append(_painted(lathe(barrel, "z", 18, _TRUNNION), "gun"))
    brake = [(1.28, 0.064), (1.29, 0.098), (1.36, 0.098), (1.37, 0.078), (1.40, 0.078), (1.41, 0.098), (1.50, 0.098),
             (1.52, 0.085), (1.52, 0.046)]  # fmt: skip
    out.append(_steel(lathe(brake, "z", 18, _TRUNNION), "gun", (56, 54, 52)))
    bore = [(1.52, 0.046), (1.40, 0.044), (1.40, 0.0)]
    out.append(Piece(lathe(bore, "z", 14, _TRUNNION), "gun", _RUBBER, (8, 8, 8), shaded=False))
    ring = lathe([(0.50, 0.0745), (0.50, 0.0775), (0.58, 0.0775), (0.58, 0.0735)], "z", 18, _TRUNNION)
    out.append(Piece(ring, "gun", _PAINT, _ORANGE, tint=_dusty))
    coaxial = lathe([(0.08, 0.024), (0.34, 0.020), (0.34, 0.0)], "z", 10, (0.145, _TRUNNION[1] + 0.03, z))
    return [*out, _steel(coaxial, "gun", _BLACK)]


def _loop() -> list[tuple[np.ndarray, np.ndarray]]:
    """Middles (z, y) of the links, evenly along the track, and the turn [3, 3] of each; the first is below."""
    line = _outline()
    arc = np.concatenate([[0.0], np.cumsum(np.sqrt((np.diff(line, axis=0) ** 2).sum(1)))])
    at = arc[-1] * np.arange(_LINKS) / _LINKS

    def along(where: np.ndarray) -> np.ndarray:
        return np.stack([np.interp(where % arc[-1], arc, line[:, k]) for k in (0, 1)], 1)

    way = along(at + 0.02) - along(at - 0.02)
    way = np.round(way / np.sqrt((way * way).sum(1, keepdims=True)), 6)
    # The link's own z runs along the loop, its own y points out of it.
    turns = [np.array([[1, 0, 0], [0, z, y], [0, -y, z]]) for z, y in way]
    return list(zip(np.round(along(at), 5), turns, strict=True))


def _outline() -> np.ndarray:
    """The middle of the track round its wheels [N, 2] m (z, y): below backward, over the top forward; closed."""
    circles = [(np.array([z, y]), r + _SHOE) for z, y, r in (_WHEELS[-1], _WHEELS[0], _DRIVE, _IDLER)]
    normals = []
    for (a, ra), (b, rb) in zip(circles, circles[1:] + circles[:1], strict=True):
        length = np.sqrt(((b - a) ** 2).sum())
        u, k = (b - a) / length, (ra - rb) / length
        normals.append(k * u + np.sqrt(1.0 - k * k) * np.array([-u[1], u[0]]))
    line = []
    for i, (middle, radius) in enumerate(circles):
        start, end = (np.arctan2(n[1], n[0]) for n in (normals[i - 1], normals[i]))
        angle = start - (start - end) % (2 * np.pi) * np.linspace(0.0, 1.0, 25)
        line.append(middle + radius * np.stack([np.cos(angle), np.sin(angle)], 1))
    return np.concatenate([*line, line[0][:1]])


def _link(name: str, at: Vec, turn: np.ndarray) -> list[Piece]:
    e, half = 0.012, 0.064
    side: Flat = [(-_SHOE, -half), (_SHOE - e, -half), (_SHOE, e - half), (_SHOE, half - e), (_SHOE - e, half),
                  (-_SHOE, half)]  # fmt: skip
    shoe = prism(side, -0.5 * _WIDE, 0.5 * _WIDE, "x", 0.0, grain=1.0)
    foot: Flat = [(-0.036, -0.155), (0.036, -0.155), (0.036, 0.155), (-0.036, 0.155)]
    pad = prism(foot, _SHOE, _SHOE + 0.019, "y", 0.0, [(0.7 * z, 0.96 * x) for z, x in foot], 1.0)
    low: Flat = [(-0.03, -0.022), (0.03, -0.022), (0.03, 0.022), (-0.03, 0.022)]
    horn = prism(low, 0.015, 0.085, "y", 0.0, [(0.45 * z, 0.5 * x) for z, x in low], 1.0)
    horn = horn.moved(turn=np.diag([1.0, -1.0, -1.0]))
    return [
        Piece(join([shoe, horn]).moved(at, turn), name, _METAL, (86, 80, 72), shaded=False),
        Piece(pad.moved(at, turn), name, _RUBBER, (44, 42, 40), shaded=False),
    ]


Maker = Callable[[str, Vec, float], list[Piece]]


def _axles() -> list[tuple[str, Vec, Maker]]:
    """Name, (z, y, radius) and maker of the left wheels: idler, road wheels from the front, sprocket, rollers."""
    road = [(f"wheel{k + 1}", w, _wheel) for k, w in enumerate(reversed(_WHEELS))]
    rollers = [(f"roller{k + 1}", w, _roller) for k, w in enumerate(reversed(_ROLLERS))]
    return [("idler", _IDLER, _idler), *road, ("sprocket", _DRIVE, _sprocket), *rollers]


def _spokes(count: int, radius: float, part: Plate) -> Plate:
    """Set copies of a part, made for straight up, round the left axis."""
    out = []
    for k in range(count):
        angle = 2.0 * np.pi * k / count
        c, s = np.round(np.cos(angle), 6), np.round(np.sin(angle), 6)
        out.append(part.moved((0, radius, 0)).moved(turn=np.array([[1, 0, 0], [0, c, -s], [0, s, c]])))
    return join(out)


def _wheel(joint: str, at: Vec, r: float) -> list[Piece]:
    tyre = [(-0.13, r - 0.035), (-0.13, r), (-0.04, r), (-0.035, r - 0.05), (0.035, r - 0.05), (0.04, r), (0.12, r),
            (0.13, r - 0.01), (0.13, r - 0.035)]  # fmt: skip
    disc = [(0.13, r - 0.035), (0.075, r - 0.07), (0.085, 0.055), (0.15, 0.05), (0.16, 0.035), (0.16, 0.0)]
    bolts = _spokes(6, 0.084, lathe([(0.07, 0.014), (0.098, 0.012), (0.098, 0.0)], "x", 5))
    return [
        Piece(lathe(tyre, "x", 18).moved(at), joint, _RUBBER, _BLACK, (60, 58, 54), shaded=False),
        Piece(lathe(disc, "x", 18).moved(at), joint, _PAINT, (132, 118, 84), _PALE, shaded=False),
        Piece(bolts.moved(at), joint, _METAL, _STEEL, _BRIGHT, shaded=False),
    ]


def _idler(joint: str, at: Vec, r: float) -> list[Piece]:
    rim = [(-0.11, r - 0.05), (-0.11, r), (-0.04, r), (-0.03, r - 0.05), (0.03, r - 0.05), (0.04, r), (0.11, r),
           (0.12, r - 0.02), (0.12, r - 0.045), (0.06, r - 0.06), (0.06, 0.06), (0.14, 0.05), (0.14, 0.0)]  # fmt: skip
    ribs = _spokes(7, 0.5 * r, box((0.08, 0, 0), (0.05, r - 0.10, 0.028), 0.0, 1.0))
    return [
        Piece(lathe(rim, "x", 18).moved(at), joint, _METAL, (112, 100, 74), _BRIGHT, shaded=False),
        Piece(ribs.moved(at), joint, _PAINT, (132, 118, 84), _PALE, shaded=False),
    ]


def _sprocket(joint: str, at: Vec, r: float) -> list[Piece]:
    drum = [(-0.10, 0.0), (-0.10, r - 0.055), (0.10, r - 0.055), (0.11, r - 0.075), (0.09, 0.09), (0.15, 0.075),
            (0.16, 0.06), (0.16, 0.0)]  # fmt: skip
    teeth = []
    for x in (-0.10, 0.10):
        low: Flat = [(-0.036, x - 0.014), (0.036, x - 0.014), (0.036, x + 0.014), (-0.036, x + 0.014)]
        tooth = prism(low, r - 0.07, r + 0.018, "y", 0.0, [(0.35 * z, y) for z, y in low], 1.0)
        teeth.append(_spokes(13, 0.0, tooth))
    bolts = _spokes(8, 0.115, lathe([(0.09, 0.012), (0.112, 0.010), (0.112, 0.0)], "x", 5))
    return [
        Piece(lathe(drum, "x", 18).moved(at), joint, _PAINT, (132, 118, 84), _PALE, shaded=False),
        Piece(join([*teeth, bolts]).moved(at), joint, _METAL, _STEEL, _BRIGHT, shaded=False),
    ]


def _roller(joint: str, at: Vec, r: float) -> list[Piece]:
    drum = [(-0.11, r), (-0.03, r), (-0.03, r - 0.03), (0.03, r - 0.03), (0.03, r), (0.12, r), (0.12, 0.0)]
    return [Piece(lathe(drum, "x", 10).moved(at), joint, _METAL, (60, 56, 52), shaded=False)]
