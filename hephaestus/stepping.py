"""Stepping: reading from one frame of human motion where in its stride it is, how fast, and how high.

A body that is no biped has its own legs to place. What one frame tells of the human's, without memory: its ankles are
compared with a table of an adult's gait over phase and speed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.motion import Motion
from hephaestus.skeleton import ANKLE_HEIGHT, REST_HEIGHT, REST_OFFSETS
from hephaestus.vector import apply, clamp, smoothstep, unit
from hephaestus.waves import Waves

_BALL_AHEAD, _BALL_BELOW = float(REST_OFFSETS[10, 2]), -float(REST_OFFSETS[10, 1])
_HIPS_ASIDE = np.array([REST_OFFSETS[1, 0], REST_OFFSETS[2, 0]], np.float32)
_PHASES = 96
_SPEEDS = np.concatenate([np.arange(0.0, 3.0, 0.15), np.arange(3.0, 7.1, 0.4)])
_WIDTH = 0.008
"""m: how far from the nearest entry others still count, on a frame that fits the table exactly."""
_LOOSENESS = 0.15
"""How much wider that is for each metre that a frame is off the table."""
_FEATURE_WEIGHTS = np.array([1.0, 1.5, 1.0, 1.5], np.float32)
_FIRST = np.array([0.02, 0.4], np.float32)
_HALVES, _BOTH = np.array([0.0, 0.5], np.float32), np.ones(2, np.float32)
_ANKLES = [7, 8]
_STEPPING_HEIGHT = 0.925
"""m: pelvis of a human who steps about without a steady gait."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What a motion says about stepping, each [T].

    Attributes:
        phase: 0 to 1, 0 at the left foot's touch-down; without meaning where `speed` is 0.
        speed: m/s forward, as the stride shows it.
        heading: rad, left positive, steadier than the pelvis'.
        crouch: m the pelvis is lower than in a gait of that speed (negative: higher, as in a jump).
        airborne: m that both feet are higher than in a gait of that speed.
        loose: 0 where the frame is a steady gait as in the table, 1 where it is not and phase and speed are guesses.
    """

    phase: np.ndarray
    speed: np.ndarray
    heading: np.ndarray
    crouch: np.ndarray
    airborne: np.ndarray
    loose: np.ndarray


def stride_length(speed: np.ndarray) -> np.ndarray:
    """Return the way [...] m made in one cycle (two human steps) at a speed [...] m/s (after Inman; Hay)."""
    return 0.7 + 0.45 * np.abs(speed)


def ankle_path(phase: np.ndarray, speed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an ankle's place ahead of the pelvis and height above its rest [...], in m, of an adult's gait.

    Args:
        phase: [...] 0 to 1 from this foot's touch-down.
        speed: [...] m/s.
    """
    run, moving = smoothstep(1.7, 2.7, speed), smoothstep(0.05, 0.6, speed)
    duty = 0.62 - 0.27 * run - 0.02 * np.clip(speed - 3.0, 0.0, 3.0)
    reach = stride_length(speed) * duty * 0.5 * smoothstep(0.0, 0.2, speed)
    share = np.minimum(phase / duty, 1.0)
    heel = moving * 0.9 * smoothstep(0.5, 1.0, share)
    rise = _BALL_AHEAD * np.sin(heel) - _BALL_BELOW * (1.0 - np.cos(heel))
    planted = reach * (1.0 - 2.0 * share) + _BALL_AHEAD * (1.0 - np.cos(heel)) + _BALL_BELOW * np.sin(heel)
    swing = np.clip((phase - duty) / (1.0 - duty), 0.0, 1.0)
    ease = 0.5 - 0.5 * np.cos(np.pi * swing)
    flying = planted + (reach - planted) * ease
    lift = moving * (0.07 + 0.22 * run) * np.sin(np.pi * swing) * (1.2 - 0.5 * swing) + rise * (1.0 - ease)
    return np.where(phase < duty, planted, flying) - 0.09 * moving, np.where(phase < duty, rise, lift)


def _pelvis_height(speed: np.ndarray) -> np.ndarray:
    drop = 0.02 + 0.035 * smoothstep(0.05, 0.6, speed) + 0.02 * smoothstep(1.7, 2.7, speed)
    return REST_HEIGHT - drop - 0.05 * np.clip(speed - 3.0, 0.0, 3.0) / 3.0


def _curves(phase: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """[n, 3]: ankle ahead, ankle lift, pelvis height."""
    return np.stack([*ankle_path(phase, speed), _pelvis_height(speed)], 1)


class StepReader:
    """The table of an adult's gait, and the reading of frames against it."""

    def __init__(self) -> None:
        self._waves = Waves(_curves)
        phase, speed = np.meshgrid(np.arange(_PHASES) / _PHASES, _SPEEDS)
        phase, speed = phase.ravel(), speed.ravel()
        features = _features(phase, speed)
        self._features = np.ascontiguousarray(features.T, np.float32)
        self._squares = (self._features**2).sum(0)
        turn = 2.0 * np.pi * phase
        inverse = _inverse_slopes(phase, speed).reshape(len(phase), 8)
        columns = [np.ones_like(turn), np.cos(turn), np.sin(turn), speed]
        self._values = np.concatenate([np.stack(columns, 1), features, inverse], 1).astype(np.float32)

    def read(self, motion: Motion) -> Steps:
        """Return what each frame of a motion says about stepping."""
        joints = np.asarray(motion.joints, np.float32)
        heading = heading_of(joints)
        sine, cosine = np.sin(heading)[:, None], np.cos(heading)[:, None]
        ankles = joints[:, _ANKLES]
        off = ankles - joints[:, :1]
        aside = off[..., 0] * cosine - off[..., 2] * sine
        ahead = off[..., 0] * sine + off[..., 2] * cosine
        lift = ankles[..., 1] - ANKLE_HEIGHT
        raised = np.maximum(lift, 0.0)
        phase, speed, table = self._match(np.stack([ahead, raised], -1))
        miss = (ahead - table[..., 0]) ** 2 + (raised - table[..., 1]) ** 2 + (aside - _HIPS_ASIDE) ** 2
        loose = smoothstep(0.022, 0.045, np.sqrt(miss @ _BOTH))
        # Off the table the speed is a guess that swings within a stride; the spread of the legs is steadier.
        spread = np.hypot(ahead[:, 0] - ahead[:, 1], 2.0 * (lift[:, 0] - lift[:, 1]))
        usual = table[..., 1].min(1) * (1.0 - loose) + 0.05 * loose
        return Steps(
            phase=phase,
            speed=speed + loose * (2.0 * smoothstep(0.05, 0.5, spread) - speed),
            heading=heading,
            crouch=table[:, 0, 2] + loose * (_STEPPING_HEIGHT - table[:, 0, 2]) - joints[:, 0, 1],
            airborne=np.maximum(lift.min(1) - usual - 0.02, 0.0),
            loose=loose,
        )

    def _match(self, ankles: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Phase [T], speed [T] and the table's curves there [T, 2, 3], of ankles [T, 2, 2] (place ahead, lift).

        Entries are weighted by how near their ankles are; two Gauss-Newton steps from that mean do the rest.
        """
        wanted = ankles.reshape(-1, 4) * _FEATURE_WEIGHTS
        distance = self._squares - 2.0 * (wanted @ self._features)
        nearest = distance.min(1, keepdims=True)
        distance -= nearest
        off = np.maximum(nearest + (wanted * wanted).sum(1, keepdims=True), 0.0)
        distance *= -0.5 / (_WIDTH**2 + _LOOSENESS**2 * off)
        mean = np.exp(distance) @ self._values
        mean /= mean[:, :1]
        inverse = mean[:, 8:].reshape(-1, 2, 4)
        step = clamp(-_FIRST, _FIRST, apply(inverse, wanted - mean[:, 4:8]))
        phase = np.arctan2(mean[:, 2], mean[:, 1]) * (0.5 / np.pi) + step[:, 0]
        speed = np.maximum(mean[:, 3] + step[:, 1], 0.0)
        table = self._waves.at(phase[:, None] + _HALVES, speed)
        step = 0.5 * clamp(-_FIRST, _FIRST, apply(inverse, wanted - table[..., :2].reshape(-1, 4) * _FEATURE_WEIGHTS))
        phase, speed = (phase + step[:, 0]) % 1.0, np.maximum(speed + step[:, 1], 0.0)
        return phase, speed, self._waves.at(phase[:, None] + _HALVES, speed)


def _features(phase: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """Weighted ankle places and lifts [n, 4]: left ahead, left lift, right ahead, right lift."""
    left, right = ankle_path(phase % 1.0, speed), ankle_path((phase + 0.5) % 1.0, speed)
    return np.stack([*left, *right], 1) * _FEATURE_WEIGHTS


def _inverse_slopes(phase: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """[n, 2, 4]: how phase and speed change with the features (damped least squares, so flat places stay calm)."""
    by_phase = (_features(phase + 0.004, speed) - _features(phase - 0.004, speed)) / 0.008
    by_speed = (_features(phase, speed + 0.05) - _features(phase, np.maximum(speed - 0.05, 0.0))) / 0.1
    slopes = np.stack([by_phase, by_speed], 2)
    normal = np.swapaxes(slopes, 1, 2) @ slopes + np.diag([0.05, 0.0004])
    return np.linalg.solve(normal, np.swapaxes(slopes, 1, 2))


def heading_of(joints: np.ndarray) -> np.ndarray:
    """Return the heading [T] rad of joints [T, 22, 3]: hips and shoulders together, which sway against each other."""
    hips, shoulders = joints[:, 1] - joints[:, 2], joints[:, 16] - joints[:, 17]
    across = unit(hips) + unit(shoulders)
    return np.arctan2(-across[:, 2], across[:, 0])
