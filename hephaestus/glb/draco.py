"""Draco-compressed primitives (KHR_draco_mesh_compression), decoded by Google's library through DracoPy.

The library is C++ and its input a stranger's, so it runs in a child process with bounded memory and time: whatever it
does there, this process reads numbers of checked length or refuses the file.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.layout import Layout

EXTENSION = "KHR_draco_mesh_compression"
_CHILD = Path(__file__).with_name("draco_child.py")
_SECONDS = 20.0
"""Until the child is ended; on its own it stops after two seconds of CPU time."""


class _Job(NamedTuple):
    """One compressed primitive: its bytes, and which accessor holds which of its attributes (-1: the triangles)."""

    data: bytes
    attributes: dict[int, int]
    where: str


def unpack(document: dict[str, Any], layout: Layout) -> None:
    """Decode all Draco primitives of a document into the accessors that stand for them.

    Args:
        document: the parsed JSON.
        layout: its accessors; those of compressed primitives get their values.

    Raises:
        AssetError: a primitive is broken or too large, or DracoPy is not installed.
    """
    jobs, found = [], False
    for i, mesh in enumerate(limits.objects(document, "meshes", "the document", limits.NODES)):
        for k, raw in enumerate(limits.objects(mesh, "primitives", f"mesh {i}", limits.PRIMITIVES)):
            packed = limits.extension(raw, EXTENSION, f"primitive {k} of mesh {i}")
            if packed is not None:
                found = True
                jobs += _job(raw, packed, layout, f"Primitive {k} of mesh {i}")
    if not jobs:
        if not found and EXTENSION in limits.sequence(document, "extensionsRequired", "the document", 256):
            raise AssetError(f"The GLB requires {EXTENSION}, but nothing in it is so compressed; export it again.")
        return
    if importlib.util.find_spec("DracoPy") is None:
        raise AssetError(f"The GLB is compressed with {EXTENSION}; install DracoPy, or export without it.")
    for job, arrays in zip(jobs, _decode(jobs), strict=True):
        for accessor, values in zip(job.attributes.values(), arrays, strict=True):
            layout.unpack(accessor, values, job.where)


def _job(raw: dict[str, Any], packed: dict[str, Any], layout: Layout, where: str) -> list[_Job]:
    view = limits.index(packed, "bufferView", len(layout.views), where)
    if view is None:
        raise AssetError(f"{where} is compressed with {EXTENSION}, but has no data.")
    named, attributes = limits.mapping(raw, "attributes", where), {}
    for name, unique in limits.mapping(packed, "attributes", where).items():
        accessor = limits.index(named, name, len(layout.accessors), where)
        if accessor is not None:
            attributes[limits.integer(unique, 0, 2**31, f"an attribute of {where}")] = accessor
    triangles = limits.index(raw, "indices", len(layout.accessors), where)
    if triangles is not None:
        attributes[-1] = triangles
    counts = [layout.accessors[a].count * layout.accessors[a].width for a in attributes.values()]
    if sum(counts) * 4 > limits.DECODED_BYTES:
        raise AssetError(f"{where} unpacks to more than {limits.DECODED_BYTES >> 20} MB.")
    # A file may carry the same numbers uncompressed for readers that lack the extension; those need no decoder.
    if all(layout.accessors[a].view is not None for a in attributes.values()):
        return []
    return [_Job(bytes(layout.bytes_of(view)), attributes, where)]


def _decode(jobs: list[_Job]) -> list[list[np.ndarray]]:
    """Return the arrays [count, width] of each job, in the order of its attributes."""
    head = json.dumps([{"size": len(job.data), "attributes": list(job.attributes)} for job in jobs]).encode()
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_CHILD), str(limits.DECODED_BYTES)],
            input=b"".join([len(head).to_bytes(8, "little"), head, *(job.data for job in jobs)]),
            capture_output=True, env=environment, timeout=_SECONDS, check=True,
        )  # fmt: skip
        return _arrays(done.stdout, jobs)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        raise AssetError(f"The GLB is compressed with {EXTENSION} and cannot be unpacked; export without it.") from None


def _arrays(data: bytes, jobs: list[_Job]) -> list[list[np.ndarray]]:
    """Read what the child wrote; it is trusted no more than the file."""
    size = int.from_bytes(data[:8], "little")
    head, at, out = json.loads(data[8 : 8 + size]), 8 + size, []
    for job, shapes in zip(jobs, head, strict=True):
        arrays = []
        for kind, count, width in shapes:
            dtype = np.dtype({"f": "<f4", "u": "<u4", "i": "<i4"}[kind])
            if count < 0 or width < 1 or count * width * 4 > len(data) - at:
                raise ValueError("the child wrote less than it says")
            arrays.append(np.frombuffer(data, dtype, count * width, at).reshape(count, width))
            at += count * width * 4
        if len(arrays) != len(job.attributes):
            raise ValueError("the child wrote other attributes than it was asked for")
        out.append(arrays)
    return out
