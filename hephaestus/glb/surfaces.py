"""Materials of a GLB document, and the pictures that they wear."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.asset import Material
from hephaestus.glb.container import data_uri
from hephaestus.glb.layout import Layout
from hephaestus.glb.pictures import LARGEST_SIDE, Encoded, decode, look

_LARGE = 2048 * 2048
_SPECULAR = "KHR_materials_pbrSpecularGlossiness"


@dataclass(frozen=True, slots=True)
class Wrap:
    """How texture coordinates become places on the picture (KHR_texture_transform).

    Attributes:
        channel: which set of coordinates.
        matrix: float32 [2, 3], from u, v, 1 to u, v on the picture.
    """

    channel: int
    matrix: np.ndarray

    def apply(self, uvs: np.ndarray) -> np.ndarray:
        """Return coordinates [V, 2] on the picture."""
        return (uvs @ self.matrix[:, :2].T + self.matrix[:, 2]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Surfaces:
    """Materials, the pictures that they use (uint8 [H, W, 4], sRGB), one wrap for each material, and what was left."""

    materials: tuple[Material, ...]
    pictures: tuple[np.ndarray, ...]
    wraps: tuple[Wrap | None, ...]
    notes: tuple[str, ...]


def read_surfaces(document: dict[str, Any], layout: Layout) -> Surfaces:
    """Read all materials and the base colour pictures that they use.

    Raises:
        AssetError: an index out of range, an external or oversized picture.
    """
    textures = limits.objects(document, "textures", "the document", limits.TEXTURES)
    images = limits.objects(document, "images", "the document", limits.TEXTURES)
    files = [_file(image, i, layout) for i, image in enumerate(images)]
    raw = limits.objects(document, "materials", "the document", limits.NODES)
    infos = [_info(m, f"material {i}") for i, m in enumerate(raw)]
    wanted = [_image_of(info, i, textures, len(images)) for i, info in enumerate(infos)]
    used = sorted({w for w in wanted if w is not None})
    pictures, notes = _pictures({i: files[i] for i in used})
    place = {image: k for k, image in enumerate(used)}
    slots = [None if w is None else place[w] for w in wanted]
    materials = [_material(m, f"material {i}", slot) for i, (m, slot) in enumerate(zip(raw, slots, strict=True))]
    wraps = [_wrap(info, f"material {i}") if slot is not None else None
             for i, (info, slot) in enumerate(zip(infos, slots, strict=True))]  # fmt: skip
    return Surfaces(tuple(materials), pictures, tuple(wraps), notes)


def _file(image: dict[str, Any], i: int, layout: Layout) -> memoryview:
    view = limits.index(image, "bufferView", len(layout.views), f"image {i}")
    if view is not None:
        return layout.bytes_of(view)
    if "uri" not in image:
        raise AssetError(f"Image {i} has no data inside the GLB; export with embedded textures.")
    return memoryview(data_uri(image["uri"], f"Image {i}"))


def _info(material: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the reference to the base colour texture; of a specular-glossy material the diffuse one."""
    glossy = limits.extension(material, _SPECULAR, where)
    if glossy is not None:
        return limits.mapping(glossy, "diffuseTexture", where)
    return limits.mapping(limits.mapping(material, "pbrMetallicRoughness", where), "baseColorTexture", where)


def _image_of(info: dict[str, Any], i: int, textures: list[dict[str, Any]], images: int) -> int | None:
    texture = limits.index(info, "index", len(textures), f"material {i}")
    if texture is None:
        return None
    webp = limits.extension(textures[texture], "EXT_texture_webp", f"texture {texture}") or {}
    return limits.index(textures[texture] if "source" not in webp else webp, "source", images, f"texture {texture}")


def _wrap(info: dict[str, Any], where: str) -> Wrap:
    channel = limits.whole(info, "texCoord", 0, 15, where, 0)
    change = limits.extension(info, "KHR_texture_transform", where) or {}
    channel = limits.whole(change, "texCoord", 0, 15, where, channel)
    (u, v), turn = limits.numbers(change, "offset", (0.0, 0.0), where), limits.scalar(change, "rotation", 0.0, where)
    su, sv = limits.numbers(change, "scale", (1.0, 1.0), where)
    c, s = np.cos(turn), np.sin(turn)
    return Wrap(channel, np.array([[su * c, sv * s, u], [-su * s, sv * c, v]], np.float32))


def _material(raw: dict[str, Any], where: str, texture: int | None) -> Material:
    pbr, glossy = limits.mapping(raw, "pbrMetallicRoughness", where), limits.extension(raw, _SPECULAR, where)
    if glossy is None:
        color = limits.numbers(pbr, "baseColorFactor", (1.0, 1.0, 1.0, 1.0), where)
        metallic = limits.scalar(pbr, "metallicFactor", 1.0, where)
        roughness = limits.scalar(pbr, "roughnessFactor", 1.0, where)
    else:
        color = limits.numbers(glossy, "diffuseFactor", (1.0, 1.0, 1.0, 1.0), where)
        metallic, roughness = 0.0, 1.0 - limits.scalar(glossy, "glossinessFactor", 1.0, where)
    emissive = limits.numbers(raw, "emissiveFactor", (0.0, 0.0, 0.0), where)
    alpha = raw.get("alphaMode", "OPAQUE")
    return Material(
        limits.text(raw, "name"),
        (_unit(color[0]), _unit(color[1]), _unit(color[2]), _unit(color[3])),
        _unit(metallic),
        _unit(roughness),
        (_unit(emissive[0]), _unit(emissive[1]), _unit(emissive[2])),
        texture,
        raw.get("doubleSided") is True,
        alpha if alpha in ("MASK", "BLEND") else "OPAQUE",
        limits.extension(raw, "KHR_materials_unlit", where) is not None,
    )


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _pictures(files: dict[int, memoryview]) -> tuple[tuple[np.ndarray, ...], tuple[str, ...]]:
    """Decode pictures, two at a time, as long as they do not ask for too much work; the others are white."""
    looked, notes, work = [], [], 0
    for i, file in files.items():
        what = f"Image {i}"
        found = look(file, what)
        if found is None:
            notes.append(f"{what} is neither PNG, JPEG nor still WebP; it is drawn white.")
        elif found.work > limits.PICTURE_WORK - work:
            found = None
            notes.append(f"{what} is drawn white: the pictures before it take all that is decoded of one file.")
        else:
            work += found.work
            if max(found.width, found.height) > LARGEST_SIDE:
                notes.append(f"{what} was shrunk from {found.width} x {found.height}.")
        looked.append((found, what))
    if any(found is not None and found.width * found.height > _LARGE for found, _ in looked):
        return tuple(map(_decoded, looked)), tuple(notes)  # two large ones at once would take too much memory
    with ThreadPoolExecutor(2) as pool:  # Pillow lets go of Python's lock while it decodes
        return tuple(pool.map(_decoded, looked)), tuple(notes)


def _decoded(picture: tuple[Encoded | None, str]) -> np.ndarray:
    found, what = picture
    return np.full((1, 1, 4), 255, np.uint8) if found is None else decode(found, what)
