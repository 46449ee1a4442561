"""Outline: as much of an asset's skin as tells its shape, so that what measures a body is quick on any file."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hephaestus.glb.asset import Asset, Primitive

MOST = 200_000
"""Vertices up to which all are taken."""


def outline(asset: Asset) -> tuple[Primitive, ...]:
    """Return the primitives, those of a file of very many vertices with some of their triangles, drawn at random.

    A primitive keeps its node, skin and material, and at least one triangle if it has any.
    """
    total = sum(len(p.positions) for p in asset.primitives)
    if total <= MOST:
        return asset.primitives
    random = np.random.default_rng(0)
    return tuple(_drawn(p, MOST / total, random) for p in asset.primitives)


def _drawn(p: Primitive, share: float, random: np.random.Generator) -> Primitive:
    faces = p.indices[: len(p.indices) // 3 * 3].reshape(-1, 3)
    count = 1 + int(share * len(p.positions) / 3)
    if count < len(faces):
        faces = faces[random.integers(0, len(faces), count)]
    # What no triangle draws is not seen, but is all that some files have.
    corners = faces if len(faces) else np.arange(0, len(p.positions), math.ceil(1 / share))
    used, local = np.unique(corners, return_inverse=True)
    local = local if len(faces) else local[:0]
    joints = None if p.joints is None else p.joints[used]
    weights = None if p.weights is None else p.weights[used]
    return replace(
        p, positions=p.positions[used], normals=p.normals[used], indices=local.ravel().astype(np.uint32), uvs=None,
        colors=None, joints=joints, weights=weights, targets=None, morph=np.zeros(0, np.float32),
    )  # fmt: skip
