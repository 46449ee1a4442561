"""GLB files read with json and numpy behind the limits; no array is allocated before all checks."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.asset import Asset
from hephaestus.glb.clips import ClipReader
from hephaestus.glb.layout import Layout
from hephaestus.glb.meshes import MeshReader
from hephaestus.glb.nodes import read_forest, read_humanoid, read_skins
from hephaestus.glb.surfaces import read_surfaces


def read(source: str | PathLike[str] | bytes) -> Asset:
    """Read a GLB (or VRM) file.

    Args:
        source: its path, or its bytes.

    Returns:
        What it holds; all arrays are copies, all indices are in range, all numbers finite, all weights sum to 1.

    Raises:
        AssetError: the file is missing, hostile or broken, or needs what is not read here; one sentence says which.
    """
    return parse(source if isinstance(source, bytes) else _load(Path(source)))


def _load(path: Path) -> bytes:
    try:
        if path.stat().st_size > limits.FILE_BYTES:
            raise AssetError(f"{path} is larger than {limits.FILE_BYTES >> 20} MB, the most that is read.")
        return path.read_bytes()
    except OSError as error:
        raise AssetError(f"{path} cannot be read ({error.strerror}); give the path of a GLB file.") from None


def parse(data: bytes) -> Asset:
    """Read a GLB from its bytes; see `read`."""
    document, binary = limits.open_container(data)
    limits.check_extensions(document)
    layout = Layout(document, binary)
    forest = read_forest(document)
    skins = read_skins(document, layout, len(forest.raw))
    meshes = MeshReader(document, layout, skins)
    primitives = meshes.read(forest.raw)
    materials, textures, notes = read_surfaces(document, layout)
    clips = ClipReader(document, layout, len(forest.raw))
    animations = clips.read()
    humanoid, vrm = read_humanoid(document, len(forest.raw))
    return Asset(
        forest.names,
        forest.parents,
        forest.translations,
        forest.rotations,
        forest.scales,
        forest.rest,
        primitives,
        skins,
        materials,
        textures,
        animations,
        humanoid,
        vrm,
        (*meshes.notes, *notes, *clips.notes),
    )
