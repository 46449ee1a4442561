"""Rotations as arrays: quaternions (xyzw), matrices acting on column vectors and the 6-D form.

Every function broadcasts over leading axes and returns float32 (float64 in, float64 out). A quaternion q turns a
vector v by q v q*; `multiply(q, r)` turns by r first, then by q, as matrix products do.
"""

from __future__ import annotations

import numpy as np

from hephaestus.vector import cross

_EPS = 1e-8


def _floats(a: np.ndarray) -> np.ndarray:
    a = np.asarray(a)
    return a if a.dtype in (np.float32, np.float64) else a.astype(np.float32)


def identity(*shape: int) -> np.ndarray:
    """Return identity quaternions [*shape, 4]."""
    q = np.zeros((*shape, 4), np.float32)
    q[..., 3] = 1.0
    return q


def normalize(v: np.ndarray) -> np.ndarray:
    """Return v [..., n] at length one; a vector without length stays near zero instead of dividing by it."""
    v = _floats(v)
    return v / np.maximum(np.sqrt((v * v).sum(-1, keepdims=True)), _EPS)


def multiply(q: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return the Hamilton product q r [..., 4]: first r, then q."""
    q, r = _floats(q), _floats(r)
    qv, qw, rv, rw = q[..., :3], q[..., 3:], r[..., :3], r[..., 3:]
    vector = qw * rv + rw * qv + cross(qv, rv)
    scalar = qw * rw - (qv * rv).sum(-1, keepdims=True)
    return np.concatenate([vector, scalar], -1)


def conjugate(q: np.ndarray) -> np.ndarray:
    """Return the inverse of unit quaternions [..., 4]."""
    q = _floats(q)
    return q * np.array([-1, -1, -1, 1], q.dtype)


def rotate(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Turn vectors v [..., 3] by unit quaternions q [..., 4]."""
    q, v = _floats(q), _floats(v)
    t = 2.0 * cross(q[..., :3], v)
    return v + q[..., 3:] * t + cross(q[..., :3], t)


def from_axis_angle(axis: np.ndarray, angle: np.ndarray | float) -> np.ndarray:
    """Return quaternions [..., 4] that turn by angle [...] (rad) about the unit axis [..., 3]."""
    half = _floats(np.asarray(angle) * 0.5)[..., None]
    axis = _floats(axis)
    shape = np.broadcast_shapes(axis.shape[:-1], half.shape[:-1])
    vector = np.broadcast_to(axis * np.sin(half), (*shape, 3))
    return np.concatenate([vector, np.broadcast_to(np.cos(half), (*shape, 1))], -1).astype(vector.dtype)


def yaw(angle: np.ndarray | float) -> np.ndarray:
    """Return quaternions [..., 4] that turn by angle [...] (rad) about +y; positive turns +z towards +x (left)."""
    half = _floats(np.asarray(angle) * 0.5)
    turn = np.zeros((*half.shape, 4), half.dtype)
    turn[..., 1], turn[..., 3] = np.sin(half), np.cos(half)
    return turn


def yaw_of(q: np.ndarray) -> np.ndarray:
    """Return the heading [...] (rad, left positive) that quaternions [..., 4] give to +z."""
    forward = rotate(q, np.array([0.0, 0.0, 1.0], np.float32))
    return np.arctan2(forward[..., 0], forward[..., 2])


def to_rotation_vector(q: np.ndarray) -> np.ndarray:
    """Return axis times angle [..., 3] (rad, angle at most pi) of unit quaternions [..., 4]."""
    q = _floats(q)
    q = np.where(q[..., 3:] < 0, -q, q)
    sine = np.sqrt((q[..., :3] ** 2).sum(-1, keepdims=True))
    angle = 2.0 * np.arctan2(sine, q[..., 3:])
    return q[..., :3] * np.where(sine < 1e-7, 2.0, angle / np.maximum(sine, 1e-7))


def from_rotation_vector(v: np.ndarray) -> np.ndarray:
    """Return quaternions [..., 4] from axis times angle [..., 3] (rad)."""
    v = _floats(v)
    angle = np.sqrt((v * v).sum(-1))
    return from_axis_angle(normalize(v), angle)


def to_matrix(q: np.ndarray) -> np.ndarray:
    """Return matrices [..., 3, 3] of unit quaternions [..., 4]."""
    q = _floats(q)
    x, y, z, w = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def from_matrix(m: np.ndarray) -> np.ndarray:
    """Return quaternions [..., 4] with w >= 0 of rotation matrices [..., 3, 3].

    Of Shepperd's four expressions (Journal of Guidance and Control 1(3), 1978) the best conditioned is taken.
    """
    m = _floats(m)
    candidates = (m.reshape(*m.shape[:-2], 9) @ _SHEPPERD.astype(m.dtype) + _SHEPPERD_ONES).reshape(*m.shape[:-2], 4, 4)
    best = np.argmax(np.diagonal(candidates, axis1=-2, axis2=-1), -1)
    q = normalize(np.take_along_axis(candidates, best[..., None, None], -2)[..., 0, :])
    return np.where(q[..., 3:] < 0, -q, q)


def _shepperd_table() -> np.ndarray:
    """[9, 16]: matrix -> 4 q_i q, less one where i is the number, of each number i of the quaternion."""
    table = np.zeros((3, 3, 4, 4), np.float32)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        table[i, i, [0, 1, 2, 3], [0, 1, 2, 3]] = -1.0
        table[i, i, [i, 3], [i, 3]] = 1.0
        table[i, j, [i, j], [j, i]] = table[j, i, [i, j], [j, i]] = 1.0
        table[k, j, [3, i], [i, 3]], table[j, k, [3, i], [i, 3]] = 1.0, -1.0
    return table.reshape(9, 16)


_SHEPPERD, _SHEPPERD_ONES = _shepperd_table(), np.eye(4, dtype=np.float32).ravel()


def from_axes(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return quaternions [..., 4] of the frame whose unit axes [..., 3] are given in the outer frame."""
    return from_matrix(np.stack([x, y, z], -1))


def to_6d(q: np.ndarray) -> np.ndarray:
    """Return the 6-D form [..., 6]: the first two columns of the matrix (Zhou et al., CVPR 2019)."""
    m = to_matrix(q)
    return np.concatenate([m[..., :, 0], m[..., :, 1]], -1)


def from_6d(d: np.ndarray) -> np.ndarray:
    """Return quaternions [..., 4] of the 6-D form [..., 6] by Gram-Schmidt; any six numbers give a rotation."""
    d = _floats(d)
    x = normalize(d[..., :3])
    z = normalize(cross(x, d[..., 3:]))
    return from_axes(x, cross(z, x), z)


def from_to(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the shortest turns [..., 4] that carry directions a [..., 3] onto b [..., 3]; any axis when opposite."""
    a, b = np.broadcast_arrays(normalize(a), normalize(b))
    q = np.concatenate([cross(a, b), 1.0 + (a * b).sum(-1, keepdims=True)], -1)
    helper = np.where(np.abs(a[..., :1]) < 0.7, np.array([1, 0, 0], a.dtype), np.array([0, 1, 0], a.dtype))
    opposite = np.concatenate([normalize(cross(a, helper)), np.zeros_like(a[..., :1])], -1)
    return np.where(q[..., 3:] < 1e-6, opposite, normalize(q))


def slerp(q: np.ndarray, r: np.ndarray, t: np.ndarray | float) -> np.ndarray:
    """Go the share t [...] of the shorter way from q to r [..., 4] at even angular speed (Shoemake 1985)."""
    q, r = _floats(q), _floats(r)
    t = np.asarray(t, q.dtype)[..., None]
    cosine = (q * r).sum(-1, keepdims=True)
    r = np.where(cosine < 0, -r, r)
    angle = np.arccos(np.clip(np.abs(cosine), 0.0, 1.0))
    sine = np.sin(angle)
    near = sine < 1e-4
    safe = np.where(near, 1.0, sine)
    wq = np.where(near, 1.0 - t, np.sin((1.0 - t) * angle) / safe)
    wr = np.where(near, t, np.sin(t * angle) / safe)
    return normalize(wq * q + wr * r)


def twist_about(q: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Return the part [..., 4] of q that turns about the unit axis [..., 3] (swing-twist: q = swing twist)."""
    q, axis = _floats(q), _floats(axis)
    along = (q[..., :3] * axis).sum(-1, keepdims=True)
    twist = np.concatenate([axis * along, q[..., 3:]], -1)
    length = np.sqrt((twist * twist).sum(-1, keepdims=True))
    return np.where(length < 1e-6, np.array([0, 0, 0, 1], q.dtype), twist / np.maximum(length, 1e-6))
