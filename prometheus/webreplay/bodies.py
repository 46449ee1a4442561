"""Bodies: what actors wear, as GLB bytes that this program wrote itself and that are small enough for a page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hephaestus.glb.asset import Asset
from prometheus.errors import EpisodeError, shorten

SIDE = 1024
"""Pixels: larger pictures of a body are made smaller."""
MOST_BYTES = 48 << 20
"""Of one body."""


def body_bytes(asset: Asset, name: str) -> bytes:
    """Return a body as a GLB without animations and without morph targets, its pictures at most 1024 pixels a side.

    What the file from which it was read held besides, such as extensions or links, is not in it.

    Raises:
        EpisodeError: it is too large for a page.
    """
    from hephaestus.glb import to_bytes

    primitives = tuple(
        replace(p, targets=None, morph=np.zeros(0, np.float32)) if p.targets is not None else p
        for p in asset.primitives
    )
    names = tuple(f"n{number}" for number in range(len(asset)))
    materials = tuple(replace(material, name="") for material in asset.materials)
    small = replace(
        asset, names=names, primitives=primitives, materials=materials, animations=(), humanoid={}, notes=(),
        textures=tuple(_smaller(picture) for picture in asset.textures),
    )  # fmt: skip
    data = to_bytes(small)
    if len(data) > MOST_BYTES:
        raise EpisodeError(
            f"the body {shorten(name, 80)} is {len(data) >> 20} MB, a page takes {MOST_BYTES >> 20}; "
            "give it fewer triangles, or draw the episode with --video FILE.mp4"
        )
    return data


def _smaller(picture: np.ndarray) -> np.ndarray:
    """Shrink a picture uint8 [h, w, 4] to at most `SIDE` pixels a side."""
    from PIL import Image

    height, width = picture.shape[:2]
    if max(height, width) <= SIDE:
        return picture
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))
