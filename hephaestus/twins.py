"""Twins: joints of skeletons that a file holds twice, as where clothes and body were each exported with their own."""

from __future__ import annotations

import numpy as np

from hephaestus.glb.asset import Asset

_NEAR = 0.01
"""Share of the size of a skeleton within which two joints lie in one place."""
_MOST_ALIKE = 0.7
"""Share of the joints of a skeleton that lie where those of the main one do, from which on it is a copy."""
_MOST = 64
"""Skins of a file that are compared: more are the parts of one thing."""


def skeletons(asset: Asset) -> list[np.ndarray]:
    """Return bool [J] for each skeleton of a file: joints of skins that have some in common, and all below them.

    The list is empty where there are not at least two.
    """
    if not 1 < len(asset.skins) <= _MOST:
        return []
    held = np.zeros((len(asset), len(asset.skins)), bool)
    for k, skin in enumerate(asset.skins):
        held[skin.joints, k] = True
    for level in asset.levels[1:]:
        held[level] |= held[asset.parents[level]]
    groups: list[np.ndarray] = []
    for mine in held.T:
        shared = [group for group in groups if (group & mine).any()]
        groups = [group for group in groups if not (group & mine).any()]
        groups.append(np.logical_or.reduce([mine, *shared]))
    return groups if len(groups) > 1 else []


def twins(asset: Asset) -> np.ndarray:
    """Return int [J]: the joint of which each node is a copy, in the skeleton of most joints; itself where of none."""
    out = np.arange(len(asset))
    groups = [np.flatnonzero(group) for group in skeletons(asset)]
    if not groups:
        return out
    places = asset.rest_world[:, :3, 3].astype(float)
    main = max(groups, key=len)
    near = _NEAR * float(np.linalg.norm(np.ptp(places[main], axis=0)))
    names = [name.rstrip("0123456789").rstrip("._ ") for name in asset.names]
    for group in groups:
        if group is main or len(group) * len(main) > 1 << 20:
            continue
        gap = np.linalg.norm(places[group][:, None] - places[main][None], axis=-1)
        if not near > 0.0 or (gap.min(1) < near).mean() < _MOST_ALIKE:
            continue
        for node, row in zip(group.tolist(), gap, strict=True):
            fits = main[row < near].tolist()
            # A twist joint may lie in the place of another one: the name tells them apart.
            alike = [other for other in fits if names[other] == names[node]]
            if fits:
                out[node] = (alike or [int(main[row.argmin()])])[0]
    return out
