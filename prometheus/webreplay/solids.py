"""Solids: what of a world does not think, packed for the page: walls, ground, sky, flames, and what can be moved."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np

from hephaestus.glb.asset import Asset
from hephaestus.render.ground import PLAN, Ground, detail, plan, squares
from hephaestus.render.scene import Material, Mesh, Stage
from hephaestus.render.sky import dome, panorama, tone
from hephaestus.render.texture import texture
from prometheus.webreplay.pack import Pack

QUALITY = 86
"""Of the JPEGs."""
REACH = 400.0
"""m from the middle to which the level ground goes."""


def pack_stage(pack: Pack, stage: Stage) -> dict[str, Any]:
    """Pack what stands still.

    Returns:
        "meshes" by material, "materials", "pictures", "ground", "sky", "torches"; numbers are those of the pack.
    """
    groups: dict[str, list[Mesh]] = {}
    for mesh in stage.meshes:
        groups.setdefault(mesh.material, []).append(mesh)
    meshes = [_merged(pack, stage, name, parts) for name, parts in groups.items()]
    return {
        "meshes": meshes,
        "ground": None if stage.ground is None else _ground(pack, stage.ground, stage.footprints),
        "sky": _sky(pack, stage),
        "torches": [
            {
                "at": _plain(torch.position), "color": _plain(torch.color), "reach": float(torch.reach),
                "flame": float(torch.flame),
            }
            for torch in stage.torches
        ],
    }  # fmt: skip


def pack_piece(pack: Pack, stage: Stage, asset: Asset) -> list[dict[str, Any]]:
    """Pack a movable thing of one node that `prometheus.drawing.stage.piece_asset` made: its meshes, by material."""
    meshes = []
    for primitive in asset.primitives:
        surface = asset.materials[primitive.material] if primitive.material is not None else None
        name = surface.name if surface is not None and surface.name in stage.materials else "grey"
        count = len(primitive.positions)
        uvs = np.zeros((count, 2)) if primitive.uvs is None else primitive.uvs
        colors = np.ones((count, 3)) if primitive.colors is None else primitive.colors[:, :3]
        meshes.append(_mesh(pack, name, primitive.positions, primitive.normals, uvs, colors, primitive.indices))
    return meshes


def pack_materials(pack: Pack, stage: Stage, used: Iterable[str]) -> tuple[dict[str, Any], dict[str, int]]:
    """Pack the materials of those names: name -> texture and glow, and texture -> picture."""
    materials = {name: stage.materials[name] for name in sorted(set(used))}
    pictures = {
        name: picture(pack, texture(name)) for name in sorted({m.texture for m in materials.values()} - {"plain"})
    }
    told = {name: {"texture": m.texture, "glow": float(m.glow)} for name, m in materials.items()}
    return told, pictures


def picture(pack: Pack, pixels: np.ndarray, quality: int = QUALITY) -> int:
    """Pack a picture uint8 [h, w, 3] or [h, w], as JPEG, row 0 first; return its number."""
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(data, "JPEG", quality=quality, subsampling=0, optimize=True)
    return pack.add_bytes(data.getvalue())


def _merged(pack: Pack, stage: Stage, name: str, parts: list[Mesh]) -> dict[str, Any]:
    material: Material = stage.materials[name]
    starts = np.cumsum([0, *(len(part.positions) for part in parts)])
    positions, normals, uvs, shades = (
        np.concatenate([getattr(part, key) for part in parts]) for key in ("positions", "normals", "uvs", "shades")
    )
    indices = np.concatenate([part.indices + start for part, start in zip(parts, starts, strict=False)])
    colors = shades[:, None] * np.array(material.color)
    return _mesh(pack, name, positions, normals, uvs / material.span, colors, indices)


def _mesh(
    pack: Pack,
    material: str,
    positions: np.ndarray,
    normals: np.ndarray,
    uvs: np.ndarray,
    colors: np.ndarray,
    indices: np.ndarray,
) -> dict[str, Any]:
    """Pack triangles; colours are kept as roots of linear light, which eight bits are enough for."""
    return {
        "material": material,
        "positions": pack.add(positions, "f4"),
        "normals": pack.add(np.rint(np.clip(normals, -1, 1) * 127), "i1"),
        "uvs": pack.add(uvs, "f4"),
        "colors": pack.add(np.rint(np.sqrt(np.clip(colors, 0, 1)) * 255), "u1"),
        "indices": pack.add(indices, "u4"),
    }


def _ground(pack: Pack, ground: Ground, footprints: list[np.ndarray]) -> dict[str, Any]:
    """Pack the ground as squares round its holes, with the two pictures that colour it from afar and from near."""
    cuts = np.array([-REACH, REACH])
    colors = plan(ground, footprints)
    return {
        "squares": pack.add(squares(ground, cuts), "f4"),
        "extent": float(ground.extent),
        "span": float(ground.span),
        "pixels": PLAN,
        "plan": picture(pack, colors[..., :3], 92),
        "share": picture(pack, colors[..., 3], 92),
        "detail": picture(pack, detail(ground), 80),
    }


def _sky(pack: Pack, stage: Stage) -> dict[str, Any]:
    sky = stage.sky
    directions, uvs, indices = dome()
    return {
        "directions": pack.add(directions, "f4"),
        "uvs": pack.add(uvs, "f4"),
        "indices": pack.add(indices, "u4"),
        "picture": picture(pack, panorama(sky), 92),
        "to_sun": _plain(sky.to_sun),
        "sun": _plain(sky.sun_color),
        "ambient": _plain(sky.ambient),
        "bounce": _plain(sky.bounce),
        "horizon": _plain(np.sqrt(np.clip(tone(np.array(sky.horizon)), 0, 1))),
        "fog": float(sky.fog),
        "torchlight": sky.torchlight,
    }


def _plain(values: Any) -> list[float]:
    return [float(value) for value in values]
