"""Frames of node transforms turned into an animation that any viewer plays."""

from __future__ import annotations

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb.asset import Animation, Asset, Channel, decompose

_STILL = 2e-6
"""Change, as a share of the value, under which a track counts as still: the rounding of float32 matrices."""


def clip(asset: Asset, local: np.ndarray, fps: float, name: str = "motion") -> Animation:
    """Turn frames of local node transforms into an animation that any viewer plays.

    The rotation of every joint and the translation of every root joint is keyed in each frame, and whatever else
    changes; a clip that keys only what moves plays wrong in Blender. A node that only carries a skinned mesh is left
    out: glTF places such a mesh by its joints alone. Quaternions keep their sign from key to key. A
    scale that mirrors keeps the signs that it has at rest.

    Args:
        asset: the rig.
        local: float32 [T, J, 4, 4].
        fps: frames a second.
        name: of the animation.

    Returns:
        The animation; its first key is at 0 s.

    Raises:
        AssetError: the shapes do not fit or numbers are not finite.
    """
    local = np.asarray(local, np.float32)
    if local.ndim != 4 or local.shape[1:] != (len(asset), 4, 4) or not len(local):
        raise AssetError(f"A clip for {len(asset)} nodes needs frames [T, {len(asset)}, 4, 4], not {local.shape}.")
    if not np.isfinite(local).all() or not 0 < fps < np.inf:
        raise AssetError("A clip needs finite transforms and a positive frame rate.")
    times = (np.arange(len(local)) / fps).astype(np.float32)
    moves, turns, scales = _parts(asset, local)
    joints = _joints(asset)
    root = joints & ~np.append(joints, False)[asset.parents]
    turned = np.abs((turns * asset.rotations).sum(-1)).min(0) < 1 - _STILL
    keyed = {
        "translation": (moves, root | _changes(moves, asset.translations)),
        "rotation": (turns, joints | turned),
        "scale": (scales, _changes(scales, asset.scales)),
    }
    useless = _useless(asset, joints)
    channels = [
        Channel(node, path, times, np.ascontiguousarray(values[:, node]))
        for path, (values, mask) in keyed.items()
        for node in np.flatnonzero(mask & ~useless).tolist()
    ]
    return Animation(name, tuple(sorted(channels, key=lambda c: c.node)))


def _parts(asset: Asset, local: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split transforms [T, J, 4, 4] so that they stay close to the node's own way of saying them at rest."""
    signs = np.where(asset.scales < 0, np.float32(-1), np.float32(1))
    upright = local.copy()
    upright[..., :3, :3] *= signs[:, None, :]
    moves, turns, scales = decompose(upright)
    flat = (np.abs(scales) < 1e-12).any(-1)
    turns = np.where(flat[..., None], asset.rotations, turns)
    return moves, _continuous(turns), scales * signs


def _changes(values: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return bool [J]: which tracks of values [T, J, 3] leave their rest [J, 3]."""
    size = np.maximum(np.abs(values).max((0, 2)), np.abs(rest).max(1))
    return np.abs(values - rest).max((0, 2)) > _STILL * size


def _continuous(q: np.ndarray) -> np.ndarray:
    """Flip quaternions [T, J, 4] so that none turns its sign against the frame before."""
    flips = np.where((q[1:] * q[:-1]).sum(-1) < 0, -1.0, 1.0).astype(np.float32)
    q = q.copy()
    q[1:] *= np.cumprod(flips, 0)[..., None]
    return q


def _joints(asset: Asset) -> np.ndarray:
    """Return bool [J]: the nodes that skins bend with, or all where there is no skin."""
    mask = np.zeros(len(asset), bool)
    for skin in asset.skins:
        mask[skin.joints] = True
    return mask if mask.any() else ~mask


def _useless(asset: Asset, joints: np.ndarray) -> np.ndarray:
    """Return bool [J]: nodes without children that carry skinned meshes; where they are changes nothing."""
    mask = np.zeros(len(asset), bool)
    mask[[p.node for p in asset.primitives if p.skin is not None]] = True
    mask[asset.parents[asset.parents >= 0]] = False
    return mask & ~joints
