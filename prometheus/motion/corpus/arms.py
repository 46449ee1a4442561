"""Arm poses over a gait: thrown wide, up, before the chest, over the head, waving."""

from __future__ import annotations

import numpy as np

from hephaestus import rotation

# Directions of upper arm and forearm of the left arm in the frame of the chest (x left, y up, z forward).
POSES = {
    "wide": ((0.96, 0.16, 0.12), (0.86, 0.42, 0.22)),
    "up": ((0.42, 0.86, 0.2), (0.12, 0.96, 0.18)),
    "guard": ((0.38, -0.72, 0.55), (-0.1, 0.62, 0.78)),
    "cover": ((0.62, 0.5, 0.6), (-0.78, 0.55, -0.1)),
}
_WAVE_UPPER, _WAVE_FORE = np.array([0.78, 0.28, 0.35]), np.array([0.15, 0.95, 0.25])
_WAVES = 1.9
"""Waves of the hand a second."""


def posed(
    joints: np.ndarray, chest: np.ndarray, shares: dict[str, np.ndarray], phase: np.ndarray, seed: int, flail: float
) -> np.ndarray:
    """Return joints [n, 22, 3] with the captured arms blended with arm poses that swing at the gait's rate.

    Args:
        joints: [n, 22, 3] m at 20 fps.
        chest: [n, 4] rotation of the chest.
        shares: [n] 0..1 of each pose, of "shake", and "wave" (-1..1, left positive).
        phase: [n] of the gait.
        seed: of the arms' unrest.
        flail: factor on the swing of posed arms.
    """
    rng = np.random.default_rng(seed)
    joints = joints.copy()
    clock = np.arange(len(chest)) / 20.0
    for side, (shoulder, elbow, wrist) in enumerate(((16, 18, 20), (17, 19, 21))):
        mirror = np.array([1.0 if side == 0 else -1.0, 1.0, 1.0])
        total = np.zeros((len(chest), 1))
        upper, fore = np.zeros((len(chest), 3)), np.zeros((len(chest), 3))
        beat = 2 * np.pi * (phase + 0.5 * side)
        for name, (a, b) in POSES.items():
            weight = shares[name][:, None]
            swing = 0.28 * flail * np.stack([0 * beat, np.cos(beat), np.sin(beat)], -1)
            swing = swing * (0.35 if name in ("guard", "cover") else 1.0)
            upper = upper + weight * (np.array(a) * mirror + swing)
            fore = fore + weight * (np.array(b) * mirror + 1.3 * swing)
            total = total + weight
        weight = np.clip(shares["wave"] * mirror[0], 0, 1)[:, None]
        to_and_fro = 0.5 * np.sin(2 * np.pi * _WAVES * clock)[:, None] * np.array([1.0, 0.0, 0.0])
        upper, fore = upper + weight * _WAVE_UPPER * mirror, fore + weight * (_WAVE_FORE * mirror + to_and_fro)
        total = total + weight
        drift = shares["shake"][:, None] * 0.16 * _noise(clock, rng)
        for start, end, way in ((shoulder, elbow, upper), (elbow, wrist, fore)):
            bone = joints[:, end] - joints[:, start]
            length = np.linalg.norm(bone, axis=-1, keepdims=True)
            target = rotation.rotate(chest, (way / np.maximum(total, 1e-3) + drift).astype(np.float32))
            swing_on = rotation.from_to(bone, target)
            share = np.clip(total, 0, 1)[:, 0]
            mixed = rotation.rotate(rotation.slerp(rotation.identity(len(bone)), swing_on, share), bone / length)
            moved = joints[:, start] + mixed * length - joints[:, end]
            for joint in (end, wrist) if end == elbow else (end,):
                joints[:, joint] += moved
    return joints


def _noise(clock: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rates, shifts = rng.uniform(0.8, 2.6, (3, 3)), rng.uniform(0, 2 * np.pi, (3, 3))
    return np.asarray(np.sin(2 * np.pi * clock[:, None, None] * rates + shifts).mean(1))
