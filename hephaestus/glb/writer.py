"""GLB files written whole or not at all, byte-equal for equal assets."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb.asset import Asset
from hephaestus.glb.builder import Builder
from hephaestus.glb.graft import graft
from hephaestus.glb.recording import clip


def write(asset: Asset, path: str | PathLike[str]) -> None:
    """Write an asset as GLB; the file appears whole (a temporary file is renamed) or not at all.

    Args:
        asset: what to write, its animations with it.
        path: where; the directory must exist.

    Raises:
        AssetError: the asset has no nodes, or the file cannot be written.
    """
    _save(to_bytes(asset), Path(path))


def _save(data: bytes, target: Path) -> None:
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            temporary = file.name
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise AssetError(f"{target} cannot be written ({error.strerror}); choose another directory.") from None


def write_animated(
    asset: Asset,
    local: np.ndarray,
    fps: float,
    path: str | PathLike[str],
    name: str = "motion",
    *,
    quantize: bool = False,
    keep: bool = False,
) -> None:
    """Write an asset with one animation in place of those it has.

    An asset that was read from a file goes out as that file with the animation in it; nothing else in it changes.

    Args:
        asset: the rig.
        local: float32 [T, J, 4, 4], every node relative to its parent in each frame.
        fps: frames a second.
        path: where to write; atomically, as `write`.
        name: of the animation.
        quantize: whether rotations are stored in 16 bits, which makes the clip about half as large.
        keep: whether the asset's own animations stay, behind the new one.

    Raises:
        AssetError: the shapes do not fit, numbers are not finite, or the file cannot be written.
    """
    animation = clip(asset, local, fps, name)
    if asset.source is not None:
        _save(graft(asset, animation, quantize=quantize, keep=keep), Path(path))
    else:
        others = asset.animations if keep else ()
        _save(Builder(replace(asset, animations=(animation, *others)), quantize).build(), Path(path))


def to_bytes(asset: Asset) -> bytes:
    """Return the asset as the bytes of a GLB.

    Raises:
        AssetError: the asset has no nodes.
    """
    return Builder(asset).build()
