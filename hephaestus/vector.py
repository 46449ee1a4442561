"""Vectors and rotation matrices in few numpy calls, for what runs once a frame on a handful of bones.

On one frame the cost is the number of calls, not of products: sums of products of components are therefore written as
one outer product and one product with a constant matrix, and numbers are `real`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np


def real(number: float) -> np.ndarray:
    """Return the number as a float32 array of no axes: four times as fast in products with small arrays."""
    return np.array(number, np.float32)


_FLIP = np.array([-1.0, 1.0, 1.0], np.float32)
_NEXT, _AFTER = np.array([1, 2, 0]), np.array([2, 0, 1])
_EYE = np.eye(3, dtype=np.float32)
_ZERO, _HALF, _ONE, _THREE = map(real, (0.0, 0.5, 1.0, 3.0))
_TINY, _OPPOSITE = real(1e-9), real(2e-4)


def _matrix_table() -> np.ndarray:
    """[16, 9]: outer product of a unit quaternion xyzw with itself -> rotation matrix."""
    table = np.zeros((4, 4, 3, 3), np.float32)
    for a in range(3):
        table[3, 3, a, a] = 1.0
        for b in range(3):
            table[a, b, a, b] += 2.0
            table[a, a, b, b] -= 1.0
        table[3, a, (a + 2) % 3, (a + 1) % 3] += 2.0
        table[3, a, (a + 1) % 3, (a + 2) % 3] -= 2.0
    return table.reshape(16, 9)


_MATRIX = _matrix_table()


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a x b [..., 3]."""
    return a.take(_NEXT, -1) * b.take(_AFTER, -1) - a.take(_AFTER, -1) * b.take(_NEXT, -1)


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a . b [...] of vectors [..., 3]."""
    return np.asarray(np.vecdot(a, b))


def length(v: np.ndarray) -> np.ndarray:
    """Return the length [...] of vectors [..., 3]."""
    return np.asarray(np.sqrt(np.vecdot(v, v)))


def unit(v: np.ndarray) -> np.ndarray:
    """Return v [..., 3] at length one (near zero where it has none)."""
    return v / np.maximum(np.sqrt(np.vecdot(v, v)), _TINY)[..., None]


def flat(v: np.ndarray) -> np.ndarray:
    """Return the direction [..., 3] of v along the floor, at length one."""
    return unit(v * _LEVEL)


_LEVEL = np.array([1.0, 0.0, 1.0], np.float32)


def apply(m: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return matrices [..., 3, 3] times vectors [..., 3]."""
    return (m @ v[..., None])[..., 0]


def swing(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the shortest turns [..., 3, 3] that carry unit vectors a [..., 3] onto unit vectors b [..., 3].

    I + 2 b a^T - (a + b) (a + b)^T / (1 + a . b): the mirror across a + b after the one across a. Opposite vectors,
    which every axis across them would serve, are turned about some such axis.
    """
    middle = a + b
    size = np.vecdot(middle, middle)
    if np.logical_or.reduce(opposite := size < _OPPOSITE, None):
        aside = unit(cross(a, np.roll(a, 1, -1) * _FLIP))
        return swing(a, unit(np.where(opposite[..., None], b + 0.03 * aside, b)))
    scaled = middle / (_HALF * size)[..., None]
    return np.asarray(_EYE + (b + b)[..., None] * a[..., None, :] - scaled[..., None] * middle[..., None, :])


def to_matrix(q: np.ndarray) -> np.ndarray:
    """Return matrices [..., 3, 3] of unit quaternions xyzw [..., 4]."""
    outer = q[..., :, None] * q[..., None, :]
    return (outer.reshape(*q.shape[:-1], 16) @ _MATRIX).reshape(*q.shape[:-1], 3, 3)


def about(axis: int, angle: np.ndarray) -> np.ndarray:
    """Return matrices [..., 3, 3] that turn by angle [...] (rad) about x, y or z (0, 1, 2) of the motion frame."""
    angle = np.asarray(angle, np.float32)
    out = np.zeros((*angle.shape, 3, 3), np.float32)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    cosine, sine = np.cos(angle), np.sin(angle)
    out[..., axis, axis] = 1.0
    out[..., i, i] = out[..., j, j] = cosine
    out[..., j, i] = sine
    out[..., i, j] = -sine
    return out


def orthonormal(m: np.ndarray) -> np.ndarray:
    """Return the rotations nearest in the first two columns (Gram-Schmidt) to blends of matrices [..., 3, 3]."""
    out = np.empty_like(m)
    x = unit(m[..., :, 0])
    z = unit(cross(x, m[..., :, 1]))
    out[..., :, 0], out[..., :, 1], out[..., :, 2] = x, cross(z, x), z
    return out


def clamp(low: float | np.ndarray, high: float | np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return x between low and high; a third of the time of `numpy.clip` on one frame."""
    return np.minimum(np.maximum(x, low), high)


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """Return the cubic ramp from 0 at low to 1 at high; low may be the larger."""
    start, slope = _ramp(low, high)
    t = np.minimum(np.maximum((x - start) * slope, _ZERO), _ONE)
    return np.asarray(t * t * (_THREE - (t + t)))


@lru_cache(maxsize=256)
def _ramp(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    return real(low), real(1.0 / (high - low))


def hinge(x: np.ndarray, square: np.ndarray) -> np.ndarray:
    """Return max(x, 0), rounded at its corner by as much as the root of `square`."""
    return np.asarray(_HALF * (x + np.sqrt(x * x + square)))
