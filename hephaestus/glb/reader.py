"""GLB files read with json and numpy behind the limits; no array is allocated before all checks."""

from __future__ import annotations

import stat
from os import PathLike
from pathlib import Path

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import draco, limits, meshopt
from hephaestus.glb.asset import Asset
from hephaestus.glb.clips import ClipReader
from hephaestus.glb.container import open_document
from hephaestus.glb.layout import Layout
from hephaestus.glb.meshes import MeshReader
from hephaestus.glb.nodes import read_forest, read_humanoid, read_scene, read_skins
from hephaestus.glb.surfaces import read_surfaces


def read(source: str | PathLike[str] | bytes) -> Asset:
    """Read a GLB or VRM file, or a .gltf file whose data is embedded.

    Args:
        source: its path, or its bytes.

    Returns:
        What it holds; all indices are in range, all numbers finite, all weights sum to 1. Its arrays may share memory
        and are not to be written to.

    Raises:
        AssetError: the file is missing, hostile or broken, or needs what is not read here; one sentence says which.
    """
    return parse(source if isinstance(source, bytes) else _load(source))


def _load(source: str | PathLike[str]) -> bytes:
    name = limits.text({"name": str(source)}, "name")
    try:
        # Looked at before it is opened: opening a pipe would wait for its other end.
        regular = stat.S_ISREG(Path(source).stat().st_mode)
        data = b""
        if regular:
            with Path(source).open("rb") as file:
                data = file.read(limits.FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = getattr(error, "strerror", None) or limits.clip(str(error))
        raise AssetError(f"{name} cannot be read ({reason}); give the path of a GLB file.") from None
    if not regular:
        raise AssetError(f"{name} is not a file; give the path of a GLB file.")
    if len(data) > limits.FILE_BYTES:
        raise AssetError(f"{name} is larger than {limits.FILE_BYTES >> 20} MB, the most that is read.")
    return data


def parse(data: bytes) -> Asset:
    """Read a GLB from its bytes; see `read`."""
    try:
        return _parse(data)
    except MemoryError:
        raise AssetError("The GLB needs more memory than there is; simplify it first.") from None


def _parse(data: bytes) -> Asset:
    document, binary = meshopt.unpack(*open_document(data))
    layout = Layout(document, binary)
    draco.unpack(document, layout)
    forest = read_forest(document)
    nodes = len(forest.raw)
    skins = read_skins(document, layout, nodes)
    surfaces = read_surfaces(document, layout)
    meshes = MeshReader(document, layout, skins, surfaces.wraps)
    primitives = meshes.read(forest.raw, read_scene(document, forest.parents))
    clips = ClipReader(document, layout, nodes, meshes.morphs)
    animations = clips.read()
    humanoid, vrm = read_humanoid(document, nodes)
    asset = Asset(
        forest.names,
        forest.parents,
        forest.translations,
        forest.rotations,
        forest.scales,
        forest.rest,
        primitives,
        skins,
        surfaces.materials,
        surfaces.pictures,
        animations,
        humanoid,
        vrm,
        (*meshes.notes, *surfaces.notes, *clips.notes),
    )
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.abs(asset.rest_world).max() <= limits.LARGEST_FLOAT:  # false for NaN
            raise AssetError("The nodes of the GLB multiply to a place that is not finite; apply their scales first.")
    asset.keep_source(data)
    return asset
