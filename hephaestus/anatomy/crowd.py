"""Crowd: figures that stand apart in one file, each on a skeleton of its own."""

from __future__ import annotations

import numpy as np

from hephaestus.glb.asset import Asset
from hephaestus.twins import skeletons

_OVERLAP = 0.25
"""Share of the smaller figure's width by which two that stand apart may overlap."""
_LEAST = 0.1
"""Share of the points of the largest figure that another one has at least."""


def figures_apart(asset: Asset) -> list[np.ndarray]:
    """Return bool [J] for each figure of a file with several: its joints and what hangs from them, the largest first.

    The list is empty where there are not two beside each other: hair and clothes on skeletons of their own lie within
    the body.
    """
    groups = [] if asset.humanoid else skeletons(asset)
    if not groups:
        return []
    places = [_points(asset, group) for group in groups]
    order = sorted((k for k in range(len(groups)) if len(places[k]) > 8), key=lambda k: (-len(places[k]), k))
    order = [k for k in order if len(places[k]) >= _LEAST * len(places[order[0]])]
    boxes = [np.quantile(places[k], [0.1, 0.9], axis=0) for k in order]
    if len(boxes) < 2 or not all(_apart(a, b) for n, a in enumerate(boxes) for b in boxes[:n]):
        return []
    return [groups[k] for k in order]


def _points(asset: Asset, group: np.ndarray) -> np.ndarray:
    """[V, 3]: the skin at rest of the joints of a group."""
    found = [np.zeros((0, 3))]
    for primitive in asset.primitives:
        if primitive.skin is not None and group[asset.skins[primitive.skin].joints].all():
            found.append(asset.vertices(primitive, asset.rest_world).astype(float))
    points = np.concatenate(found)
    return points[np.isfinite(points).all(1)]


def _apart(a: np.ndarray, b: np.ndarray) -> bool:
    """Tell whether two boxes [2, 3] lie beside each other along some axis of the file."""
    common = np.minimum(a[1], b[1]) - np.maximum(a[0], b[0])
    width = np.minimum(a[1] - a[0], b[1] - b[0])
    return bool((common < _OVERLAP * width).any())
