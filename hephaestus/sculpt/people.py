"""The woman and the child: the mannequin in other proportions, with hair and colours of their own."""

from __future__ import annotations

import numpy as np

from hephaestus.sculpt.field import Part, both
from hephaestus.sculpt.figure import Figure
from hephaestus.sculpt.mannequin import ACCENT, SUIT, Look, figure
from hephaestus.sculpt.noise import noise
from hephaestus.sculpt.panels import Panel, Region, near
from hephaestus.sculpt.sculpture import Sculpture
from hephaestus.sculpt.shapes import Ball, Chain

WOMAN, CHILD = 1.70, 1.30
_AUBURN, _STRAW = (96, 48, 30), (150, 104, 52)


def woman() -> Sculpture:
    """Return the woman, 1.68 m without her hair, in T-pose, her hair tied back."""
    shape = Figure(
        heights=((0.0, 0.0), (0.08, 0.075), (0.49, 0.472), (0.90, 0.866), (1.05, 1.012), (1.21, 1.163), (1.43, 1.372),
                 (1.53, 1.470)),
        across=((0.85, 1.03), (0.93, 1.04), (1.00, 0.96), (1.10, 0.80), (1.18, 0.80), (1.28, 0.83), (1.36, 0.84),
                (1.43, 0.83), (1.53, 0.84)),
        deep=((0.85, 1.06), (0.93, 1.06), (1.00, 0.98), (1.10, 0.84), (1.20, 0.86), (1.36, 0.88), (1.43, 0.86),
              (1.53, 0.86)),
        leg=((0.10, 0.86), (0.30, 0.92), (0.50, 0.92), (0.66, 1.00), (0.82, 1.05), (0.90, 1.05)),
        reach=((0.455, 0.412), (0.705, 0.640)),
        arm=0.80, hand=0.88, head=0.955, foot=0.90, hip=0.088,
    )  # fmt: skip
    look = Look(
        suit=(206, 200, 190), legs=(58, 66, 78), flank=(58, 66, 78), trim=(44, 46, 52), hood=(58, 66, 78),
        face=(232, 216, 200), accent=(30, 140, 138),
        iris=(86, 196, 190),
    )  # fmt: skip
    bust = both(Part(Ball((0.074, 1.288, 0.072), (0.064, 0.062, 0.052), (0.25, 1, 0.1)), "trunk", 0.045))
    tail = Chain([((0, 1.690, -0.080), 0.026), ((0, 1.705, -0.122), 0.026), ((0, 1.680, -0.156), 0.035),
                  ((0, 1.600, -0.166), 0.034), ((0, 1.520, -0.146), 0.020), ((0, 1.480, -0.130), 0.005)])  # fmt: skip
    tie = Ball((0, 1.704, -0.116), (0.034, 0.034, 0.012), (0, 1, 0.35), (0, -0.35, 1))
    worn = [*bust, *_cap(0.006), Part(tail, "head", 0.012), Part(tie, "head", 0.006)]
    paint = [
        Panel("hair", SUIT, _AUBURN, _hair, tint=_strands(_AUBURN)),
        Panel("tail", SUIT, _AUBURN, near([Part(tail)], 0.004), (), tint=_strands(_AUBURN)),
        Panel("tie", ACCENT, look.accent, near([Part(tie)], 0.003)),
    ]
    return figure("woman", WOMAN, 0.26, look, shape, worn, paint)


def child() -> Sculpture:
    """Return the child, 1.22 m without its tuft, in T-pose, with a mop of hair."""
    shape = Figure(
        heights=((0.0, 0.0), (0.08, 0.060), (0.49, 0.318), (0.90, 0.574), (1.05, 0.674), (1.21, 0.780), (1.43, 0.925),
                 (1.53, 1.000)),
        across=((0.85, 0.70), (0.95, 0.72), (1.10, 0.76), (1.28, 0.70), (1.43, 0.66), (1.53, 0.74)),
        deep=((0.85, 0.78), (1.05, 0.86), (1.20, 0.82), (1.36, 0.74), (1.43, 0.72), (1.53, 0.74)),
        leg=((0.10, 0.76), (0.30, 0.72), (0.50, 0.74), (0.66, 0.74), (0.82, 0.76), (0.90, 0.76)),
        reach=((0.455, 0.290), (0.705, 0.446)),
        arm=0.70, hand=0.74, head=1.04, foot=0.78, hip=0.064,
    )  # fmt: skip
    look = Look(
        suit=(226, 164, 44), legs=(62, 84, 116), flank=(206, 140, 34), trim=(46, 58, 78), hood=(62, 84, 116),
        face=(238, 220, 202), accent=(204, 64, 44), iris=(96, 160, 222), sole=(236, 232, 224), gaze=1.18,
    )  # fmt: skip
    tufts = [
        Chain([((0.020, 1.745, 0.010), 0.036), ((0.000, 1.772, 0.060), 0.026), ((-0.038, 1.760, 0.104), 0.006)]),
        Chain([((-0.030, 1.745, 0.000), 0.034), ((-0.050, 1.766, 0.045), 0.022), ((-0.074, 1.752, 0.078), 0.006)]),
        Chain([((0.040, 1.735, 0.020), 0.032), ((0.052, 1.756, 0.058), 0.020), ((0.040, 1.752, 0.096), 0.006)]),
        Chain([((0.010, 1.750, -0.040), 0.036), ((0.014, 1.792, -0.040), 0.022), ((-0.010, 1.815, -0.020), 0.005)]),
        Chain([((0.000, 1.660, -0.085), 0.040), ((0.010, 1.620, -0.108), 0.026), ((0.004, 1.585, -0.104), 0.007)]),
    ]
    worn = [*_cap(0.013), *(Part(t, "head", 0.018) for t in tufts)]
    paint = [
        Panel("hair", SUIT, _STRAW, _hair, tint=_strands(_STRAW)),
        Panel("tufts", SUIT, _STRAW, _all_near([Part(t) for t in tufts]), (), tint=_strands(_STRAW)),
    ]
    return figure("child", CHILD, 0.25, look, shape, worn, paint)


def _cap(thick: float) -> list[Part]:
    """Hair over the skull, from the brow to the nape."""
    crown = Ball((0, 1.684, -0.014), (0.078 + thick, 0.082 + thick, 0.092 + thick))
    nape = Ball((0, 1.625, -0.052), (0.058 + thick, 0.062, 0.048 + thick))
    return [Part(crown, "head", 0.010), Part(nape, "head", 0.020)]


def _hair(p: np.ndarray) -> np.ndarray:
    """Above a line that falls from the forehead past the temples to the nape, behind the face."""
    line = 1.700 - 1.15 * np.clip(0.060 - p[:, 2], 0.0, 0.085) - 0.30 * np.clip(-0.025 - p[:, 2], 0.0, 0.1)
    line = line + 0.10 * np.clip(np.abs(p[:, 0]) - 0.055, 0.0, 0.03) * (p[:, 2] > 0.0)
    return np.maximum(line - p[:, 1], np.abs(p[:, 0]) - 0.2) * 0.7


def _all_near(parts: list[Part]) -> Region:
    return lambda p: np.asarray(np.min([part.distance(p) for part in parts], 0) - 0.004)


def _strands(color: tuple[int, int, int]) -> Region:
    """Hair that is lighter in streaks from the parting."""

    def tint(p: np.ndarray) -> np.ndarray:
        streak = noise(p * np.array([1.0, 0.25, 0.35]), 0.011) + 0.5 * noise(p * np.array([1.0, 0.3, 0.4]), 0.026)
        return np.asarray(np.array(color) * (1.0 + 0.22 * streak)[:, None])

    return tint
