"""The beast's clay: a heavy four-legged predator, 1.3 m at the withers, facing +z with its paws on y = 0."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hephaestus.sculpt.field import Part, both
from hephaestus.sculpt.shapes import Ball, Chain, Cone, Loft, Shape, Slab, Vec

_UP, _FRONT = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)

# Along +z; "right" and "left" are the flanks, "front" is up, "back" down; the last number lifts the centre.
_BARREL = [
    (-0.740, 0.150, 0.150, 0.130, 0.150, 0, 0.930),
    (-0.620, 0.185, 0.185, 0.150, 0.180, 0, 0.935),
    (-0.450, 0.190, 0.190, 0.150, 0.185, 0, 0.930),
    (-0.250, 0.190, 0.190, 0.155, 0.200, 0, 0.920),
    (-0.050, 0.220, 0.220, 0.180, 0.255, 0, 0.930),
    (0.150, 0.250, 0.250, 0.230, 0.300, 0, 0.955),
    (0.330, 0.255, 0.255, 0.270, 0.305, 0, 0.985),
    (0.470, 0.225, 0.225, 0.240, 0.260, 0, 1.000),
    (0.540, 0.200, 0.200, 0.210, 0.225, 0, 1.010),
]
# Along the neck, forwards and a little down.
_NECK = [
    (0.000, 0.190, 0.190, 0.200, 0.200, 0, 0.000),
    (0.150, 0.170, 0.170, 0.185, 0.190, 0, 0.000),
    (0.300, 0.145, 0.145, 0.150, 0.170, 0, 0.005),
    (0.420, 0.130, 0.130, 0.125, 0.140, 0, 0.010),
]
HEAD = 1.22
"""Scale of the head; the numbers of skull and jaw below are before it."""

# Along the skull, forwards, from its back to the nose.
_SKULL = [
    (0.000, 0.110, 0.110, 0.095, 0.085, 0, 0.000),
    (0.090, 0.124, 0.124, 0.104, 0.085, 0, 0.000),
    (0.165, 0.112, 0.112, 0.094, 0.066, 0, -0.004),
    (0.230, 0.084, 0.084, 0.078, 0.052, 0, -0.010),
    (0.300, 0.073, 0.073, 0.066, 0.048, 0, -0.014),
    (0.360, 0.070, 0.070, 0.060, 0.046, 0, -0.016),
]
_JAW = [
    (0.000, 0.094, 0.094, 0.040, 0.062, 0, 0.000),
    (0.090, 0.086, 0.086, 0.034, 0.058, 0, 0.000),
    (0.200, 0.064, 0.064, 0.026, 0.048, 0, 0.000),
    (0.290, 0.058, 0.058, 0.024, 0.044, 0, 0.004),
]
SKULL_AT: Vec = (0.0, 1.110, 0.900)
JAW_AT: Vec = (0.0, 0.985, 0.955)
SKULL_AXIS: Vec = (0.0, -0.22, 1.0)
JAW_AXIS: Vec = (0.0, -0.58, 1.0)

TAIL: tuple[tuple[Vec, float], ...] = (
    ((0, 1.000, -0.740), 0.105), ((0, 0.960, -0.920), 0.075), ((0, 0.860, -1.080), 0.058),
    ((0, 0.730, -1.200), 0.047), ((0, 0.600, -1.300), 0.038), ((0, 0.510, -1.420), 0.026),
)  # fmt: skip
FRONT_LEG: tuple[tuple[Vec, float], ...] = (
    ((0.185, 1.060, 0.330), 0.150), ((0.235, 0.880, 0.470), 0.130), ((0.245, 0.580, 0.330), 0.092),
    ((0.245, 0.260, 0.400), 0.064), ((0.245, 0.075, 0.440), 0.070), ((0.247, 0.050, 0.560), 0.045),
)  # fmt: skip
HIND_LEG: tuple[tuple[Vec, float], ...] = (
    ((0.165, 0.930, -0.560), 0.165), ((0.215, 0.600, -0.380), 0.112), ((0.210, 0.310, -0.690), 0.062),
    ((0.215, 0.075, -0.600), 0.062), ((0.217, 0.045, -0.480), 0.042),
)  # fmt: skip


def parts() -> list[Part]:
    """Return the beast's clay, m."""
    legs = _pair([*_front_leg(), *_hind_leg()])
    return [*_body(), *_tail(), *legs, *_head(), *spikes(), *_pair(claws()), *_floor()]


def _pair(left: list[Part]) -> list[Part]:
    return [p for part in left for p in both(part)]


def _body() -> list[Part]:
    middle = [
        Part(Loft((0, 0, 0), _FRONT, _UP, _BARREL, square=0.25, dome=0.9), "trunk"),
        Part(Ball((0, 1.170, 0.340), (0.150, 0.160, 0.250), (0, 1, -0.25)), "trunk", 0.120),
        Part(Loft((0, 1.065, 0.520), (0, 0.10, 1), _UP, _NECK, dome=1.0), "neck", 0.100),
    ]
    sides = [
        Part(Ball((0.150, 1.030, 0.350), (0.105, 0.210, 0.150), (-0.15, 1, -0.25)), "trunk", 0.080),
        Part(Ball((0.110, 0.800, 0.440), (0.110, 0.110, 0.120)), "trunk", 0.080),
    ]
    return [*middle, *_pair(sides)]


def _limb(points: tuple[tuple[Vec, float], ...], bone: str) -> list[Part]:
    """Return cones from joint to joint; the seam swells at the joints as muscle and bone do."""
    cones = [Cone(a, b, ra, rb) for (a, ra), (b, rb) in pairwise(points)]
    return [Part(cone, bone, 0.080 if i == 0 else 0.040) for i, cone in enumerate(cones)]


def _tail() -> list[Part]:
    tip = [
        Part(Cone((0, 0.525, -1.400), (0, 0.470, -1.560), 0.030, 0.004), "tail", 0.020),
        Part(Cone((0, 0.580, -1.330), (0, 0.660, -1.470), 0.022, 0.004), "tail", 0.016),
    ]
    return [Part(Chain(TAIL), "tail", 0.090), *tip]


def _front_leg() -> list[Part]:
    bone = "L_front"
    muscles: list[Shape] = [
        Ball((0.255, 0.790, 0.400), (0.080, 0.170, 0.115), (0, 1, 0.45)),
        Ball((0.262, 0.470, 0.345), (0.060, 0.130, 0.075), (0, 1, -0.15)),
    ]
    paw = [
        Part(Ball((0.247, 0.062, 0.490), (0.092, 0.066, 0.112)), bone, 0.050),
        *(
            Part(
                Ball((0.247 + x, 0.040, 0.575 - 3.0 * x * x), (0.030, 0.040, 0.052), (0, 1, 0), (0.6 * x, 0, 0.1)),
                bone,
                0.016,
            )
            for x in (-0.062, -0.021, 0.021, 0.062)
        ),
    ]
    return [*_limb(FRONT_LEG[:5], bone), *(Part(m, bone, 0.060) for m in muscles), *paw]


def _hind_leg() -> list[Part]:
    bone = "L_hind"
    muscles: list[Shape] = [
        Ball((0.195, 0.790, -0.500), (0.098, 0.230, 0.165), (0, 1, -0.45)),
        Ball((0.222, 0.500, -0.470), (0.062, 0.130, 0.082), (0, 1, 0.75)),
    ]
    paw = [
        Part(Ball((0.217, 0.056, -0.560), (0.078, 0.060, 0.098)), bone, 0.045),
        *(
            Part(
                Ball((0.217 + x, 0.036, -0.478 - 3.0 * x * x), (0.026, 0.036, 0.048), (0, 1, 0), (0.6 * x, 0, 0.1)),
                bone,
                0.014,
            )
            for x in (-0.054, -0.018, 0.018, 0.054)
        ),
    ]
    heel = Part(Cone((0.210, 0.320, -0.705), (0.210, 0.430, -0.600), 0.040, 0.030), bone, 0.050)
    return [*_limb(HIND_LEG[:4], bone), *(Part(m, bone, 0.060) for m in muscles), heel, *paw]


def claws() -> list[Part]:
    """Return the left claws."""
    claws = []
    for bone, x0, z0, spread, size in (("L_front", 0.247, 0.612, 0.062, 1.0), ("L_hind", 0.217, -0.444, 0.054, 0.85)):
        for k in (-1.0, -1 / 3, 1 / 3, 1.0):
            x = spread * k
            base = (x0 + x * 1.02, 0.040 * size, z0 - 3.0 * x * x)
            tip = (x0 + x * 1.30, 0.010, z0 - 3.0 * x * x + 0.062 * size)
            claws.append(Part(Cone(base, tip, 0.0165 * size, 0.0045), bone, 0.006))
    return claws


def _on(at: Vec, axis: Vec, t: float, up: float, x: float = 0.0) -> Vec:
    """Return the point t along a forward axis from `at`, `up` across it, and x to the left."""
    length = (axis[1] ** 2 + axis[2] ** 2) ** 0.5
    c, s = axis[2] / length, axis[1] / length
    return (x, at[1] + t * s + up * c, at[2] + t * c - up * s)


def skull(t: float, up: float, x: float = 0.0) -> Vec:
    """Return a point of the skull's frame (before scaling, forwards, up and left) in the body's frame, m."""
    return _on(SKULL_AT, SKULL_AXIS, HEAD * t, HEAD * up, HEAD * x)


def jaw(t: float, up: float, x: float = 0.0) -> Vec:
    """Return a point of the jaw's frame (before scaling, forwards, up and left) in the body's frame, m."""
    return _on(JAW_AT, JAW_AXIS, HEAD * t, HEAD * up, HEAD * x)


def _big(*sizes: float) -> Vec:
    return (HEAD * sizes[0], HEAD * sizes[1], HEAD * sizes[2])


def _rows(rows: Sequence[Sequence[float]]) -> list[tuple[float, ...]]:
    return [tuple(HEAD * v for v in row) for row in rows]


EYE = Ball(skull(0.1860, 0.0440, 0.0800), _big(0.0235, 0.0180, 0.0260))
NOSE = Ball(skull(0.395, 0.020), _big(0.046, 0.032, 0.036))


def _head() -> list[Part]:
    bulk = [
        Part(Loft(SKULL_AT, SKULL_AXIS, _UP, _rows(_SKULL), square=0.40, dome=1.0), "head", 0.060),
        Part(Loft(JAW_AT, JAW_AXIS, _UP, _rows(_JAW), square=0.35, dome=1.0), "jaw", 0.022),
        Part(NOSE, "head", 0.020),
    ]
    sides = [
        Part(Chain([(skull(0.232, 0.058, 0.030), 0.018), (skull(0.185, 0.084, 0.062), 0.028),
                    (skull(0.120, 0.088, 0.106), 0.032), (skull(0.050, 0.070, 0.110), 0.026)]), "head", 0.045),
        Part(Ball(skull(0.060, -0.030, 0.100), _big(0.045, 0.078, 0.085)), "head", 0.050),
        Part(EYE, "head", 0.008),
        Part(Ball(skull(0.424, 0.026, 0.024), _big(0.011, 0.009, 0.014)), "", 0.008, carve=True),
        Part(Ball(skull(0.380, -0.020, 0.050), _big(0.026, 0.034, 0.040)), "head", 0.020),
        Part(Chain([(skull(0.020, 0.070, 0.110), 0.036), (skull(-0.040, 0.105, 0.150), 0.028),
                    (skull(-0.120, 0.125, 0.180), 0.007)]), "head", 0.020),
    ]  # fmt: skip
    return [*bulk, *_pair(sides), *_pair(horns()), *_pair(teeth())]


def horns() -> list[Part]:
    """Return the left horn."""
    line = [
        (skull(0.095, 0.075, 0.060), 0.052), (skull(0.040, 0.160, 0.115), 0.046), (skull(-0.050, 0.215, 0.160), 0.037),
        (skull(-0.150, 0.225, 0.172), 0.028), (skull(-0.240, 0.250, 0.155), 0.017),
        (skull(-0.300, 0.300, 0.125), 0.006),
    ]  # fmt: skip
    return [Part(Chain(line), "head", 0.020)]


def teeth() -> list[Part]:
    """Return the left teeth."""
    # Rows along the jaws: t, x, length, radius; the fangs first.
    upper = ((0.356, 0.054, 0.066, 0.0155), (0.308, 0.060, 0.036, 0.0115), (0.266, 0.063, 0.042, 0.0120),
             (0.222, 0.070, 0.034, 0.0115), (0.182, 0.078, 0.026, 0.0110))  # fmt: skip
    lower = ((0.312, 0.034, 0.058, 0.0140), (0.240, 0.048, 0.034, 0.0130), (0.194, 0.053, 0.028, 0.0125))
    tip, out = 0.0045, []
    for t, x, h, r in upper:
        cone = Cone(skull(t, -0.042, x), skull(t + 0.004, -0.050 - h, 1.03 * x), HEAD * r, tip)
        out.append(Part(cone, "head", 0.005))
    for t, x, h, r in lower:
        out.append(Part(Cone(jaw(t, 0.010, x), jaw(t + 0.004, 0.018 + h, 1.03 * x), HEAD * r, tip), "jaw", 0.005))
    return out


SPIKES: tuple[tuple[float, float, float, float, float], ...] = (
    (0.00, 0.760, 1.225, 0.120, 0.030), (0.00, 0.620, 1.265, 0.160, 0.036), (0.00, 0.480, 1.310, 0.195, 0.041),
    (0.00, 0.330, 1.320, 0.205, 0.042), (0.00, 0.175, 1.260, 0.180, 0.039), (0.00, 0.030, 1.175, 0.150, 0.035),
    (0.00, -0.105, 1.110, 0.120, 0.031), (0.00, -0.230, 1.075, 0.095, 0.028), (0.00, -0.345, 1.070, 0.075, 0.025),
    (0.105, 0.690, 1.205, 0.115, 0.030), (0.125, 0.540, 1.245, 0.140, 0.034), (0.135, 0.390, 1.275, 0.150, 0.036),
    (0.130, 0.240, 1.240, 0.130, 0.034),
)  # fmt: skip
"""Along the back: x, z and y of the root, length, radius, m; those beside the middle come in pairs."""


def spikes() -> list[Part]:
    """Return the spikes of the back, the paired ones on both sides."""
    out = []
    for x, z, y, length, radius in SPIKES:
        root, tip = (x, y - 0.02, z), (x * 1.45, y + 0.78 * length, z - 0.72 * length)
        bend = (x * 1.15, y + 0.48 * length, z - 0.28 * length)
        chain = Chain([(root, radius), (bend, 0.68 * radius), (tip, 0.006)], pieces=3)
        part = Part(chain, "neck" if z > 0.58 else "trunk", 0.025)
        out += both(part) if x else [part]
    return out


def _floor() -> list[Part]:
    reach = ((-0.40, -0.06, -0.75), (0.40, 0.03, 0.75))
    return [Part(Slab((0, 0, 0), _UP, reach), "", 0.010, carve=True)]
