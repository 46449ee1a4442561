"""Procedural tiling textures: stone, brick, wood and so on, made from seeded noise, no files.

A texture is uint8 [N, N, 3], sRGB, row 0 at v = 0 (the bottom); it repeats without a seam. Relief is baked in as if
lit from above, which costs nothing to draw. Every recipe is deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

SIZE = 512
"""Pixels along an edge."""


def noise(seed: int, roughness: float = 1.0, lowest: int = 1, n: int = SIZE, stretch: float = 1.0) -> np.ndarray:
    """Return tiling noise [n, n] of mean 0 and deviation 1 whose amplitude falls as frequency ** -roughness.

    Args:
        seed: which one.
        roughness: 0 white, 1 rough, 2 smooth as clouds.
        lowest: longest wave as waves a tile.
        n: pixels.
        stretch: over 1 draws it out along v (rows), under 1 along u.
    """
    rng = np.random.default_rng(seed)
    f = np.hypot(np.fft.fftfreq(n, 1 / n)[:, None] * stretch, np.fft.rfftfreq(n, 1 / n)[None, :] / stretch)
    share = np.where(f >= lowest, np.maximum(f, 1) ** -roughness, 0).astype(np.float32)
    spectrum = np.fft.rfft2(rng.standard_normal((n, n)).astype(np.float32))
    field = np.fft.irfft2(spectrum * share, (n, n))
    return (field / max(float(field.std()), 1e-9)).astype(np.float32)


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """Go from 0 at low to 1 at high without a kink."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


def relief(height: np.ndarray, strength: float) -> np.ndarray:
    """Return the brightness [n, n] about 1 of a height field lit from above and a little from the side."""
    up = np.roll(height, -1, 0) - np.roll(height, 1, 0)
    side = np.roll(height, -1, 1) - np.roll(height, 1, 1)
    return np.clip(1.0 - strength * (up + 0.45 * side), 0.35, 1.6)


def _grid(n: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    c = (np.arange(n) + 0.5) / n
    return np.broadcast_to(c[None, :], (n, n)), np.broadcast_to(c[:, None], (n, n))


def courses(
    rows: int, blocks: int, seed: int, ragged: float = 0.0, jitter: float = 0.25
) -> tuple[np.ndarray, np.ndarray]:
    """Lay blocks in courses over the tile.

    Args:
        rows: courses a tile.
        blocks: blocks a course.
        seed: which wall.
        ragged: how far edges wander, as a share of the tile.
        jitter: how unequal the blocks of a course are, as a share of their width.

    Returns:
        Distance to the nearest joint [n, n] as a share of the tile, and the number of the block [n, n].
    """
    rng = np.random.default_rng(seed)
    u, v = _grid()
    u = u + ragged * noise(seed + 1, 1.2, 6)
    v = v + ragged * 0.6 * noise(seed + 2, 1.2, 6)
    row = np.floor(v * rows).astype(int)
    down = np.abs(v * rows - np.round(v * rows)) / rows
    row %= rows
    distance, number = np.empty_like(u), np.empty(u.shape, int)
    for r in range(rows):
        here = row == r
        even = np.arange(blocks) + 0.5 * (r % 2) + 0.13 * r
        cuts = np.sort((even + jitter * rng.uniform(-1, 1, blocks)) / blocks % 1.0)
        wide = np.concatenate([cuts - 1, cuts, cuts + 1])
        at = u[here]
        k = np.clip(np.searchsorted(wide, at), 1, len(wide) - 1)
        distance[here] = np.minimum(at - wide[k - 1], wide[k] - at)
        number[here] = r * blocks + k % blocks
    return np.minimum(distance, down), number


def cells(count: int, seed: int, ragged: float = 0.006) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance to the nearest border (share of the tile) and the number of count x count jittered stones."""
    rng = np.random.default_rng(seed)
    u, v = _grid()
    u = u + ragged * noise(seed + 1, 1.2, 8)
    v = v + ragged * noise(seed + 2, 1.2, 8)
    places = rng.uniform(0.12, 0.88, (count, count, 2)).astype(np.float32)
    u, v = (u * count).astype(np.float32), (v * count).astype(np.float32)
    cu, cv = np.floor(u).astype(int), np.floor(v).astype(int)
    first, second = np.full(u.shape, 9.0, np.float32), np.full(u.shape, 9.0, np.float32)
    number = np.zeros(u.shape, int)
    for dv in (-1, 0, 1):
        for du in (-1, 0, 1):
            at = ((cv + dv) % count) * count + (cu + du) % count
            p = places.reshape(-1, 2)[at]
            d = (cu + du + p[..., 0] - u) ** 2 + (cv + dv + p[..., 1] - v) ** 2
            closer = d < first
            second = np.where(closer, first, np.minimum(second, d))
            number = np.where(closer, at, number)
            first = np.minimum(first, d)
    first, second = np.sqrt(first) / count, np.sqrt(second) / count
    return (second - first) / 2, number


def _paint(base: tuple[float, ...], light: np.ndarray, tint: np.ndarray | None = None) -> np.ndarray:
    """Turn a colour and a brightness [n, n] into a picture; tint [n, n] goes warm above 0 and cold below."""
    warm = 0.0 if tint is None else tint[..., None] * np.array([0.028, 0.006, -0.032])
    return np.array(base) * light[..., None] * (1.0 + warm)


def _masonry(
    base: tuple[float, ...],
    rows: int,
    blocks: int,
    seed: int,
    joint: float,
    mortar: tuple[float, ...],
    ragged: float,
    spread: float,
    bevel: float = 2.2,
    bump: float = 0.10,
) -> np.ndarray:
    distance, number = courses(rows, blocks, seed, ragged)
    rng = np.random.default_rng(seed + 9)
    tone = 1.0 + spread * rng.uniform(-1, 1, rows * blocks)[number]
    warm = rng.standard_normal(rows * blocks)[number] * 0.8
    face = smoothstep(joint * 0.5, joint * bevel, distance)
    rough = noise(seed + 3, 1.0, 4)
    height = face * (1.0 + 0.25 * rng.uniform(-1, 1, rows * blocks)[number]) + bump * rough
    grain = 1.0 + 0.05 * rough + 0.035 * noise(seed + 4, 0.25) - 0.05 * np.maximum(noise(seed + 5, 1.7, 1), 0)
    stone = _paint(base, tone * grain * relief(height, 0.55), warm + 0.6 * noise(seed + 6, 1.5))
    gap = _paint(mortar, 0.94 + 0.08 * noise(seed + 7, 0.5))
    return stone * face[..., None] + gap * (1 - face[..., None])


def _stone() -> np.ndarray:
    return _masonry((0.60, 0.575, 0.53), 8, 5, 11, 0.006, (0.40, 0.38, 0.35), 0.0022, 0.13)


def _brick() -> np.ndarray:
    return _masonry((0.53, 0.315, 0.25), 16, 6, 23, 0.006, (0.56, 0.52, 0.47), 0.0012, 0.17, 1.7, 0.07)


def _cobble() -> np.ndarray:
    distance, number = cells(9, 31)
    rng = np.random.default_rng(33)
    face = smoothstep(0.002, 0.02, distance)
    tone = 1.0 + 0.16 * rng.uniform(-1, 1, 81)[number]
    light = tone * relief(face + 0.12 * noise(34, 1.0, 4), 0.5) * (0.55 + 0.45 * face) * (1 + 0.05 * noise(35, 0.4))
    return _paint((0.50, 0.475, 0.44), light, rng.standard_normal(81)[number])


def _wood() -> np.ndarray:
    u, _ = _grid()
    planks = 6
    number = np.floor(u * planks).astype(int) % planks
    edge = np.minimum(u * planks % 1.0, 1 - u * planks % 1.0) / planks
    rng = np.random.default_rng(41)
    grain = noise(42, 0.9, 2, stretch=9.0)
    shift = rng.integers(0, SIZE, planks)
    grain = grain[(np.arange(SIZE)[:, None] + shift[number]) % SIZE, np.arange(SIZE)[None, :]]
    gap = smoothstep(0.002, 0.008, edge)
    tone = (1 + 0.14 * rng.uniform(-1, 1, planks))[number] * (1 + 0.13 * grain + 0.03 * noise(43, 0.3))
    return _paint((0.43, 0.29, 0.18), tone * (0.25 + 0.75 * gap) * relief(gap + 0.05 * grain, 0.4), 0.7 * grain)


def _grass() -> np.ndarray:
    blades = noise(51, 0.35, 12, stretch=1.0)
    clumps = noise(52, 1.0, 7)
    light = 0.93 + 0.20 * blades + 0.09 * clumps
    light *= relief(0.25 * noise(53, 0.7, 8), 0.8)
    picture = _paint((0.285, 0.335, 0.165), np.clip(light, 0.25, 1.8), 1.3 * noise(54, 1.1, 2) + 0.9 * blades)
    dry = smoothstep(1.1, 2.2, noise(55, 0.8, 6))[..., None] * 0.5
    return picture * (1 - dry) + np.array([0.43, 0.40, 0.23]) * light[..., None] * dry


def _pebbles(light: np.ndarray, seed: int, count: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    distance, number = cells(count, seed)
    rng = np.random.default_rng(seed + 5)
    there = (rng.uniform(0, 1, count * count) < share)[number]
    size = rng.uniform(0.004, 0.012, count * count)[number]
    stone = there * smoothstep(size, size + 0.004, distance)
    tone = (1.0 + 0.22 * rng.uniform(-1, 1, count * count))[number]
    return stone, light * (1 - stone) + stone * tone * relief(stone, 0.5)


def _earth() -> np.ndarray:
    light = (1 + 0.07 * noise(61, 0.9, 2) + 0.055 * noise(62, 0.2)) * relief(0.5 * noise(63, 1.0, 6), 0.4)
    stone, light = _pebbles(light, 64, 26, 0.22)
    fine, light = _pebbles(light, 66, 60, 0.10)
    stone = np.maximum(stone, fine)
    soil = _paint((0.425, 0.36, 0.285), light, noise(65, 1.2))
    return soil * (1 - stone[..., None]) + _paint((0.52, 0.48, 0.43), light) * stone[..., None]


def _sand() -> np.ndarray:
    _, v = _grid()
    waves = np.sin(2 * np.pi * (v * 14 + 0.35 * noise(71, 1.8)))
    light = (1 + 0.05 * noise(72, 1.0, 2) + 0.05 * noise(73, 0.1)) * relief(0.28 * waves, 0.35)
    return _paint((0.72, 0.61, 0.43), light, 0.5 * noise(74, 1.2))


def _rock() -> np.ndarray:
    height = noise(81, 1.5, 2) + 0.5 * np.abs(noise(82, 1.3, 3))
    light = (1 + 0.10 * noise(83, 0.8, 2)) * relief(height, 2.2)
    return _paint((0.49, 0.475, 0.455), light, noise(84, 1.4))


def _roof() -> np.ndarray:
    u, v = _grid()
    rows, count = 12, 10
    row = np.floor(v * rows).astype(int)
    shift = u * count + 0.5 * (row % 2)
    across, along = shift % 1.0 - 0.5, v * rows % 1.0
    number = (row * count + np.floor(shift).astype(int) % count) % (rows * count)
    rng = np.random.default_rng(91)
    tone = 1 + 0.16 * rng.uniform(-1, 1, rows * count)[number]
    rounded = smoothstep(0.0, 0.10, along - 0.30 * (across * 2) ** 4)
    gap = smoothstep(0.44, 0.49, np.abs(across))
    light = tone * (0.72 + 0.34 * (1 - along)) * (0.35 + 0.65 * rounded) * (1 - 0.55 * gap)
    light *= 1 + 0.06 * noise(92, 0.6)
    return _paint((0.43, 0.215, 0.165), light, rng.standard_normal(rows * count)[number])


def _slate() -> np.ndarray:
    return _masonry((0.30, 0.33, 0.38), 16, 8, 97, 0.004, (0.14, 0.15, 0.17), 0.001, 0.16, 1.6, 0.06)


def _metal() -> np.ndarray:
    u, v = _grid()
    brushed = noise(101, 0.6, 2, stretch=0.15)
    rivet = np.hypot((u * 4) % 1 - 0.5, (v * 4) % 1 - 0.5)
    bump = 1 - smoothstep(0.05, 0.09, rivet)
    rust = smoothstep(0.6, 2.0, noise(102, 1.3, 2))[..., None]
    plate = _paint((0.36, 0.37, 0.39), (1 + 0.07 * brushed) * relief(bump, 0.6))
    return plate * (1 - 0.6 * rust) + 0.6 * rust * _paint((0.40, 0.25, 0.16), 1 + 0.1 * brushed)


def _plaster() -> np.ndarray:
    stain = np.maximum(noise(111, 1.6, 1), 0)
    light = (1 + 0.03 * noise(112, 0.6) - 0.05 * stain) * relief(0.4 * noise(113, 1.0, 3), 0.35)
    return _paint((0.77, 0.72, 0.62), light, 0.4 * noise(114, 1.5))


def _cloth() -> np.ndarray:
    u, v = _grid()
    weave = 0.5 * np.sin(2 * np.pi * 64 * u) + 0.5 * np.sin(2 * np.pi * 64 * v)
    folds = np.sin(2 * np.pi * (3 * u + 0.12 * noise(121, 1.8)))
    return _paint((0.92, 0.90, 0.88), (1 + 0.03 * weave) * (0.86 + 0.14 * folds))


def _bark() -> np.ndarray:
    ridges = noise(151, 0.8, 5, stretch=5.0)
    light = (0.9 + 0.16 * ridges + 0.05 * noise(152, 0.3)) * relief(0.35 * ridges, 0.7)
    return _paint((0.34, 0.27, 0.20), np.clip(light, 0.2, 1.7), noise(153, 1.2))


def _leaves() -> np.ndarray:
    distance, number = cells(26, 161)
    rng = np.random.default_rng(163)
    tone = 1.0 + 0.30 * rng.uniform(-1, 1, 26 * 26)[number]
    leaf = smoothstep(0.0, 0.012, distance)
    light = tone * (0.45 + 0.55 * leaf) * relief(0.6 * leaf + 0.3 * noise(164, 1.0, 5), 0.7)
    return _paint((0.24, 0.36, 0.13), np.clip(light, 0.15, 1.7), 1.4 * rng.standard_normal(26 * 26)[number])


def _ripples() -> np.ndarray:
    waves = noise(171, 1.4, 5, stretch=0.7) + 0.5 * noise(172, 1.2, 12)
    return _paint((0.62, 0.78, 0.84), np.clip(0.82 + 0.10 * waves + 0.06 * relief(waves, 0.5), 0.3, 1.5))


def _plain() -> np.ndarray:
    return np.ones((8, 8, 3))


RECIPES: dict[str, Callable[[], np.ndarray]] = {
    "stone": _stone, "brick": _brick, "cobble": _cobble, "wood": _wood, "grass": _grass, "earth": _earth,
    "sand": _sand, "rock": _rock, "roof": _roof, "slate": _slate, "metal": _metal, "plaster": _plaster,
    "cloth": _cloth, "bark": _bark, "leaves": _leaves, "ripples": _ripples, "plain": _plain,
}  # fmt: skip
"""What `texture` can make."""


@cache
def texture(name: str) -> np.ndarray:
    """Return the texture uint8 [N, N, 3] of that name; treat it as read-only.

    Raises:
        KeyError: there is no such recipe.
    """
    picture = (np.clip(RECIPES[name](), 0.0, 1.0) * 255 + 0.5).astype(np.uint8)
    picture.setflags(write=False)
    return picture


def prepare(names: Iterable[str]) -> None:
    """Make textures of those names beforehand, on two processors where there are two."""
    wanted = sorted(set(names) & set(RECIPES))
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(texture, wanted))


def square(name: str) -> np.ndarray:
    """Return the texture of that name at full size, also where a smaller one would do: layers must be equal."""
    picture = texture(name)
    return picture if len(picture) == SIZE else np.tile(picture, (SIZE // len(picture), SIZE // len(picture), 1))
