"""Materials and pictures of a GLB document."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.asset import Material
from hephaestus.glb.layout import Layout

LARGEST_SIDE = 1024
"""px: larger pictures are shrunk while they are read; a body on a screen shows no more."""


def read_surfaces(
    document: dict[str, Any], layout: Layout
) -> tuple[tuple[Material, ...], tuple[np.ndarray, ...], list[str]]:
    """Read all materials and the base colour pictures that they use.

    Returns:
        Materials, pictures (uint8 [H, W, 4], sRGB), and a sentence for each thing that was left out.

    Raises:
        AssetError: an index out of range, an external or oversized picture.
    """
    textures = limits.objects(document, "textures", "the document", 4 * limits.TEXTURES)
    images = limits.objects(document, "images", "the document", limits.TEXTURES)
    for i, image in enumerate(images):
        if "uri" in image:
            raise AssetError(f"Image {i} lives outside the GLB (it has a uri); export with embedded textures.")
    raw = limits.objects(document, "materials", "the document", limits.NODES)
    wanted = [_image_of(m, i, textures, len(images)) for i, m in enumerate(raw)]
    used = sorted({w for w in wanted if w is not None})
    pictures, notes = [], []
    for i in used:
        picture, note = _picture(images[i], i, layout)
        pictures.append(picture)
        notes += [note] if note else []
    place = {image: k for k, image in enumerate(used)}
    slots = [None if w is None else place[w] for w in wanted]
    materials = [_material(m, i, slot) for i, (m, slot) in enumerate(zip(raw, slots, strict=True))]
    return tuple(materials), tuple(pictures), notes


def _image_of(material: dict[str, Any], i: int, textures: list[dict[str, Any]], images: int) -> int | None:
    where = f"material {i}"
    info = limits.mapping(limits.mapping(material, "pbrMetallicRoughness", where), "baseColorTexture", where)
    texture = limits.index(info, "index", len(textures), where)
    if texture is None:
        return None
    webp = limits.mapping(limits.mapping(textures[texture], "extensions", where), "EXT_texture_webp", where)
    return limits.index(textures[texture] if "source" not in webp else webp, "source", images, f"texture {texture}")


def _material(raw: dict[str, Any], i: int, texture: int | None) -> Material:
    where = f"material {i}"
    pbr = limits.mapping(raw, "pbrMetallicRoughness", where)
    color = limits.numbers(pbr, "baseColorFactor", (1.0, 1.0, 1.0, 1.0), where)
    emissive = limits.numbers(raw, "emissiveFactor", (0.0, 0.0, 0.0), where)
    alpha = raw.get("alphaMode", "OPAQUE")
    return Material(
        limits.text(raw, "name"),
        (color[0], color[1], color[2], color[3]),
        limits.number(pbr.get("metallicFactor", 1.0), f"metallicFactor of {where}"),
        limits.number(pbr.get("roughnessFactor", 1.0), f"roughnessFactor of {where}"),
        (emissive[0], emissive[1], emissive[2]),
        texture,
        raw.get("doubleSided") is True,
        alpha if alpha in ("MASK", "BLEND") else "OPAQUE",
    )


def _picture(image: dict[str, Any], i: int, layout: Layout) -> tuple[np.ndarray, str]:
    """Decode one picture after a look at the size in its header."""
    from PIL import Image, UnidentifiedImageError

    view = limits.index(image, "bufferView", len(layout.views), f"image {i}")
    if view is None:
        raise AssetError(f"Image {i} has no data inside the GLB; export with embedded textures.")
    try:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked right below
        with Image.open(io.BytesIO(layout.bytes_of(view)), formats=("PNG", "JPEG", "WEBP")) as picture:
            width, height = picture.size
            if max(width, height) > limits.TEXTURE_SIDE or width * height > limits.TEXTURE_PIXELS:
                most = f"{limits.TEXTURE_PIXELS >> 20} Mpixel"
                raise AssetError(f"Image {i} is {width} x {height}; at most {most} are read.")
            picture.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
            shrink = max(width, height) > LARGEST_SIDE
            if shrink:
                picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            pixels = np.asarray(picture.convert("RGBA"))
    except UnidentifiedImageError:
        return np.full((1, 1, 4), 255, np.uint8), f"Image {i} is neither PNG, JPEG nor WebP; it is drawn white."
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise AssetError(f"Image {i} cannot be decoded: {limits.clip(str(error))}.") from None
    return pixels, f"Image {i} was shrunk from {width} x {height}." if shrink else ""
