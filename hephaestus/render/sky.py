"""The sky as one picture round the horizon: gradient, sun, clouds and far hills, made once and cheap to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.render.texture import noise, smoothstep

WIDTH, HEIGHT = 1024, 256
"""Pixels of the panorama: all azimuths by LOWEST to 90 degrees of elevation."""
LOWEST = -0.12
"""rad: elevation of the panorama's lower edge."""


@dataclass(frozen=True, slots=True)
class Sky:
    """What is above and far away. Colours are linear RGB.

    Attributes:
        zenith: overhead.
        horizon: at the horizon, and the fog.
        sun_color: light of the sun.
        sun_azimuth: rad in the world frame (0 forward, left positive), where the sun stands.
        sun_height: rad above the horizon.
        ambient: light from above in the shade.
        bounce: light from the ground.
        clouds: 0 none to 1 many.
        fog: share of light lost a metre.
        hills: whether far hills close the horizon.
    """

    zenith: tuple[float, float, float] = (0.085, 0.23, 0.56)
    horizon: tuple[float, float, float] = (0.56, 0.70, 0.84)
    sun_color: tuple[float, float, float] = (2.75, 2.30, 1.70)
    sun_azimuth: float = 2.35
    sun_height: float = 0.72
    ambient: tuple[float, float, float] = (0.50, 0.60, 0.76)
    bounce: tuple[float, float, float] = (0.27, 0.24, 0.20)
    clouds: float = 0.55
    fog: float = 0.0038
    hills: bool = True

    @property
    def to_sun(self) -> np.ndarray:
        """[3]: unit vector towards the sun, motion frame."""
        flat = np.cos(self.sun_height)
        return np.array(
            [np.sin(self.sun_azimuth) * flat, np.sin(self.sun_height), np.cos(self.sun_azimuth) * flat], np.float32
        )

    @property
    def torchlight(self) -> bool:
        """Whether it is dark enough for torches to light anything; their flames are seen by day too."""
        return max(self.ambient) < 0.55


DAY = Sky()
EVENING = Sky(
    zenith=(0.10, 0.16, 0.36), horizon=(0.85, 0.55, 0.36), sun_color=(2.9, 1.55, 0.70), sun_height=0.24,
    ambient=(0.40, 0.40, 0.52), bounce=(0.22, 0.17, 0.14), fog=0.011,
)  # fmt: skip
NIGHT = Sky(
    zenith=(0.006, 0.010, 0.028), horizon=(0.028, 0.038, 0.065), sun_color=(0.20, 0.25, 0.36), sun_height=0.9,
    ambient=(0.055, 0.070, 0.11), bounce=(0.022, 0.024, 0.030), clouds=0.3, fog=0.012,
)  # fmt: skip
SKIES = {"day": DAY, "evening": EVENING, "night": NIGHT}


def panorama(sky: Sky) -> np.ndarray:
    """Draw the sky: uint8 [HEIGHT, WIDTH, 3], the square root of linear light under tone mapping, row 0 lowest."""
    azimuth = (np.arange(WIDTH) + 0.5) / WIDTH * 2 * np.pi
    height = LOWEST + (np.arange(HEIGHT) + 0.5) / HEIGHT * (np.pi / 2 - LOWEST)
    up = np.sin(np.maximum(height, 0))[:, None, None]
    horizon, zenith = np.array(sky.horizon), np.array(sky.zenith)
    light = zenith + (horizon - zenith) * np.exp(-up * 4.2)
    flat = np.cos(height)[:, None]
    direction = np.stack(
        [np.sin(azimuth) * flat, np.broadcast_to(np.sin(height)[:, None], (HEIGHT, WIDTH)), np.cos(azimuth) * flat], -1
    )
    toward = np.clip(direction @ sky.to_sun, 0, 1)[..., None]
    warm = np.array(sky.sun_color) / max(sky.sun_color)
    glow = warm * max(horizon)
    light = light + glow * (0.38 * toward**6 + 0.5 * toward**48)
    cover = _cover(sky, azimuth, height)[..., None]
    bright = horizon * 0.55 + glow * (0.62 + 0.5 * toward**3)
    light = light * (1 - cover) + bright * cover
    light = light + warm * max(sky.sun_color) * 2.2 * smoothstep(0.9985, 0.9994, toward) * (1 - 0.7 * cover)
    if sky.hills:
        light = _hills(light, sky, azimuth, height)
    return (np.sqrt(np.clip(tone(light), 0, 1)) * 255 + 0.5).astype(np.uint8)


def tone(light: np.ndarray) -> np.ndarray:
    """Bring linear light into 0..1 as film does (Narkowicz 2015, ACES fit); the shaders use the same curve."""
    x = light * 0.62
    return x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)


def _cover(sky: Sky, azimuth: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Return how much cloud [HEIGHT, WIDTH] there is: noise on a plane overhead, thinned towards the horizon."""
    far = 1.0 / (np.sin(np.maximum(height, 0.02)) + 0.16)[:, None]
    field = noise(7, 1.75, 2, 512)
    x = np.round(far * np.sin(azimuth) * 74).astype(int) % 512
    z = np.round(far * np.cos(azimuth) * 74).astype(int) % 512
    thick = smoothstep(0.9 - 1.6 * sky.clouds, 2.5 - 1.6 * sky.clouds, field[z, x])
    thick = (np.roll(thick, 1, 1) + 2 * thick + np.roll(thick, -1, 1)) / 4
    return 0.85 * thick * smoothstep(0.03, 0.28, height)[:, None]


def _hills(light: np.ndarray, sky: Sky, azimuth: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Lay three ridges before the sky, the farther the paler."""
    horizon = np.array(sky.horizon)
    dark = np.array(sky.ambient) * np.array([0.22, 0.30, 0.24])
    for ridge, (lift, steep, haze) in enumerate(((0.085, 0.036, 0.66), (0.048, 0.024, 0.45), (0.020, 0.010, 0.28))):
        wave = sum(
            np.cos(k * azimuth + p) / k**0.62 for k, p in zip((2, 3, 5, 9, 14, 23, 37, 61), _phases(ridge), strict=True)
        )
        edge = lift + steep * wave
        there = smoothstep(0.0, 0.007, edge[None, :] - height[:, None])[..., None]
        fade = np.clip(haze + 0.28 * (1 - height[:, None, None] / 0.10), 0, 0.95)
        light = light * (1 - there) + (dark * (1 - fade) + horizon * fade) * there
    return light


def _phases(ridge: int) -> np.ndarray:
    return np.random.default_rng(700 + ridge).uniform(0, 2 * np.pi, 8)


def dome(segments: int = 18, rings: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make the dome that carries the panorama: directions [V, 3], texture coordinates [V, 2] and indices [I]."""
    azimuth, height = np.meshgrid(
        np.linspace(0, 2 * np.pi, segments + 1), LOWEST + np.linspace(0, 1, rings + 1) * (np.pi / 2 - LOWEST)
    )
    directions = np.stack([np.sin(azimuth) * np.cos(height), np.sin(height), np.cos(azimuth) * np.cos(height)], -1)
    uvs = np.stack([azimuth / (2 * np.pi), (height - LOWEST) / (np.pi / 2 - LOWEST)], -1)
    i = (np.arange(rings)[:, None] * (segments + 1) + np.arange(segments)[None, :]).ravel()
    j = i + segments + 1
    indices = np.stack([i, j, i + 1, i + 1, j, j + 1], -1).ravel()
    flat = directions.reshape(-1, 3).astype(np.float32), uvs.reshape(-1, 2).astype(np.float32)
    return *flat, indices.astype(np.uint32)
