"""Meshopt-compressed buffer views (EXT_meshopt_compression)."""

from __future__ import annotations

from typing import Any

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.container import MESHOPT


def unpack(document: dict[str, Any], binary: memoryview) -> tuple[dict[str, Any], memoryview]:
    """Refuse views that are compressed.

    Raises:
        AssetError: naming the extension.
    """
    for i, view in enumerate(limits.objects(document, "bufferViews", "the document", limits.ARRAYS)):
        for name in MESHOPT if "extensions" in view else ():
            if limits.extension(view, name, f"buffer view {i}") is not None:
                raise AssetError(f"The GLB is compressed with {name}, which is not read; export without it.")
    return document, binary
