"""What a stretch of motion does, measured from its joints: travel, pace, turn, height, arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus import rotation
from hephaestus.humanml3d import heading
from hephaestus.skeleton import FPS
from prometheus.motion.corpus.clean import gaussian, smooth

DIRECTIONS = ("forward", "forward-left", "left", "backward-left", "backward", "backward-right", "right",
              "forward-right")  # fmt: skip
"""Eight directions of travel in the body's own frame, by 45 degrees to the left."""
PACES = ("creep", "walk", "run", "sprint")
# m/s between the paces, for travel ahead, sideways and back: people reach less speed the less they face their way.
_PACE_EDGES = {"ahead": (0.8, 2.05, 3.9), "side": (0.72, 1.72, 3.05), "back": (0.7, 1.6, 2.55)}
STILL = 0.2
"""m/s under which a body counts as standing."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Measured facts of a stretch.

    Attributes:
        speed: m/s, mean of the root over the floor.
        bearing: rad, mean direction of travel in the body's frame, left positive.
        direction: one of DIRECTIONS, or None while standing.
        pace: one of PACES, or "stand".
        turned: rad the body turned in all, left positive.
        height: m, mean of the pelvis.
        lowest: m, lowest pelvis.
        airborne: share of frames in which both feet are off the floor by 5 cm.
        arms: "wide", "up", "front" or None.
        bent: rad, mean tilt of the trunk from upright.
        lively: m/s, mean speed of the wrists in the body's frame.
    """

    speed: float
    bearing: float
    direction: str | None
    pace: str
    turned: float
    height: float
    lowest: float
    airborne: float
    arms: str | None
    bent: float
    lively: float


def pace_of(speed: float, bearing: float) -> str:
    """Return the pace word for a speed in m/s in a direction of travel (rad in the body's frame)."""
    if speed < STILL:
        return "stand"
    cosine = np.cos(bearing)
    edges = _PACE_EDGES["ahead" if cosine > 0.5 else "back" if cosine < -0.5 else "side"]
    return PACES[int(np.searchsorted(edges, speed))]


def direction_of(bearing: float) -> str:
    """Return the nearest of the eight directions."""
    return DIRECTIONS[int(np.round(bearing / (np.pi / 4))) % 8]


def velocity(joints: np.ndarray) -> np.ndarray:
    """Return the root's velocity [T, 2] m/s (left, forward) in the body's smoothed frame."""
    facing = smooth(np.unwrap(heading(joints)), gaussian(3.0))
    step = smooth(np.gradient(joints[:, 0], axis=0) * FPS, gaussian(2.0))
    return rotation.rotate(rotation.yaw(-facing.astype(np.float32)), step.astype(np.float32))[:, [0, 2]]


def _arms(joints: np.ndarray) -> str | None:
    local = rotation.rotate(rotation.yaw(-heading(joints))[:, None], joints - joints[:, :1])
    wrists, head, chest = local[:, [20, 21]], local[:, 15, 1], local[:, 9, 1]
    high = (wrists[..., 1] > head[:, None] + 0.05).all(1)
    wide = (np.abs(wrists[..., 0]) > 0.5).all(1) & (wrists[..., 1] > chest[:, None] - 0.1).all(1)
    front = (wrists[..., 2] > 0.22).all(1) & (wrists[..., 1] > chest[:, None]).all(1)
    for name, flags in (("up", high), ("wide", wide), ("front", front)):
        if flags.mean() > 0.55:
            return name
    return None


def measure(joints: np.ndarray) -> Facts:
    """Return the facts of joints [T >= 2, 22, 3]."""
    speed2 = velocity(joints)
    mean = speed2.mean(0)
    pace_speed = float(np.linalg.norm(mean))
    bearing = float(np.arctan2(mean[0], mean[1]))
    walked = float(np.linalg.norm(speed2, axis=-1).mean())
    turned = np.unwrap(heading(joints))
    trunk = rotation.normalize(joints[:, 12] - joints[:, 0])
    local = rotation.rotate(rotation.yaw(-heading(joints))[:, None], joints - joints[:, :1])
    wrists = np.linalg.norm(np.diff(local[:, [20, 21]], axis=0), axis=-1).mean() * FPS
    feet = joints[:, [7, 8, 10, 11], 1] - np.array([0.08, 0.08, 0.025, 0.025])
    going = pace_speed >= STILL and pace_speed > 0.6 * walked
    return Facts(
        speed=pace_speed if going else walked,
        bearing=bearing,
        direction=direction_of(bearing) if going else None,
        pace=pace_of(pace_speed, bearing) if going else "stand" if walked < STILL else "mixed",
        turned=float(turned[-1] - turned[0]),
        height=float(joints[:, 0, 1].mean()),
        lowest=float(joints[:, 0, 1].min()),
        airborne=float((feet.min(1) > 0.05).mean()),
        arms=_arms(joints),
        bent=float(np.arccos(np.clip(trunk[:, 1], -1, 1)).mean()),
        lively=float(wrists),
    )
