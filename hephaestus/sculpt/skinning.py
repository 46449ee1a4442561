"""Which joint moves which vertex: nearest bone of the limb a vertex belongs to, then spread over the surface.

The spread is heat that flows along the skin, as in bone heat (I. Baran and J. Popovic, "Automatic rigging", SIGGRAPH
2007), so that a weight never jumps through the air from a leg to the other or from an arm to the chest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hephaestus.sculpt.field import Field
from hephaestus.sculpt.shapes import Vec
from hephaestus.sculpt.topology import edges

_FAR = 1e3
_LEAST = 0.01
_MOST_STEPS = 60
_SEAM = 0.05
"""m beyond the middle where the weight of a limb of the other side has faded out."""


@dataclass(frozen=True)
class Bone:
    """A stretch that moves with a joint.

    Attributes:
        joint: name of the joint.
        a: its start, m.
        b: its end, m.
        radius: m, how thick the body is around it; distances are compared as shares of it.
        limbs: the limbs (`Part.bone`) whose skin it may move.
        spread: m, how soft the seam to its neighbours is (the standard deviation of the heat kernel).
    """

    joint: str
    a: Vec
    b: Vec
    radius: float
    limbs: tuple[str, ...]
    spread: float = 0.04


def mirror(bone: Bone) -> Bone:
    """Return the same bone on the other side: x negated, "L_" turned to "R_"."""

    def other(name: str) -> str:
        return "R_" + name[2:] if name.startswith("L_") else name

    flip = [(-p[0], p[1], p[2]) for p in (bone.a, bone.b)]
    return replace(bone, joint=other(bone.joint), a=flip[0], b=flip[1], limbs=tuple(map(other, bone.limbs)))


def skin_weights(
    vertices: np.ndarray, faces: np.ndarray, field: Field, bones: list[Bone]
) -> tuple[list[str], np.ndarray]:
    """Bind vertices to joints.

    Args:
        vertices: [V, 3] m.
        faces: [F, 3].
        field: whose parts tell which limb a vertex belongs to.
        bones: all bones; several may share a joint.

    Returns:
        Joint names, and weights [V, K] whose rows sum to 1 with at most four above zero.
    """
    names = sorted({bone.joint for bone in bones})
    limbs, owner = field.owners(vertices)
    limb = owner.argmin(1)
    score = np.full((len(vertices), len(bones)), _FAR)
    for i, bone in enumerate(bones):
        mine = np.flatnonzero(np.isin(limb, [limbs.index(name) for name in bone.limbs]))
        score[mine, i] = segment_distance(vertices[mine], bone.a, bone.b) / bone.radius
    best = score.argmin(1)
    weights = np.zeros((len(vertices), len(names)))
    weights[np.arange(len(vertices)), [names.index(bones[i].joint) for i in best]] = 1.0
    spread = _spread(vertices, bones)
    weights = _diffuse(vertices, faces, weights, spread)
    for i, name in enumerate(names):
        side = {"L_": 1.0, "R_": -1.0}.get(name[:2], 0.0)
        if side:
            weights[:, i] *= np.clip((side * vertices[:, 0] + _SEAM) / (_SEAM - 0.01), 0.0, 1.0)
    return names, sparse(weights)


def segment_distance(points: np.ndarray, a: Vec, b: Vec) -> np.ndarray:
    """Return the distance [N] of points [N, 3] to the segment from a to b."""
    start, along = np.array(a), np.array(b) - np.array(a)
    square = max(float((along * along).sum()), 1e-12)
    p = points - start
    t = np.clip((p[:, 0] * along[0] + p[:, 1] * along[1] + p[:, 2] * along[2]) / square, 0.0, 1.0)
    d = p - t[:, None] * along
    return np.sqrt((d * d).sum(1))


def _spread(vertices: np.ndarray, bones: list[Bone]) -> np.ndarray:
    """Return the softness wanted at each vertex [V]: that of the joints near by (a bone's joint is where it starts)."""
    total, sum_ = np.zeros(len(vertices)), np.zeros(len(vertices))
    for bone in bones:
        d = vertices - np.array(bone.a)
        near = 1.0 / ((d * d).sum(1) / bone.radius**2 + 0.05) ** 2
        total += near
        sum_ += near * bone.spread
    return sum_ / total


def _diffuse(vertices: np.ndarray, faces: np.ndarray, weights: np.ndarray, spread: np.ndarray) -> np.ndarray:
    pairs = edges(faces)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    at, to = both[np.lexsort((both[:, 1], both[:, 0]))].T
    start = np.searchsorted(at, np.arange(len(vertices)))
    count = np.bincount(at)[:, None]
    offset = vertices[to] - vertices[at]
    length = np.add.reduceat((offset * offset).sum(1), start) / count[:, 0]
    # A step that mixes the share s with the neighbours widens a surface kernel by s * length^2 / 2 in each direction.
    wanted = np.minimum(2.0 * spread**2 / length, 0.9 * _MOST_STEPS)
    steps = int(np.ceil(wanted.max() / 0.9))
    share = (wanted / steps)[:, None]
    for _ in range(steps):
        weights = weights + share * (np.add.reduceat(weights[to], start) / count - weights)
    return weights


def sparse(weights: np.ndarray) -> np.ndarray:
    """Keep the four strongest weights of each row [V, K], drop traces, and make the rows sum to 1."""
    order = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    out = np.zeros_like(weights)
    np.put_along_axis(out, order, np.take_along_axis(weights, order, 1), 1)
    out[out < _LEAST] = 0.0
    return out / out.sum(1, keepdims=True)
