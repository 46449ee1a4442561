"""Sheet: the role map as `<name>.body.yaml`, which a person can read and correct."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from hephaestus.anatomy.finding import Finding
from hephaestus.errors import AssetError


def sheet(finding: Finding, name: str) -> str:
    """Return the text of a role map.

    Args:
        finding: what was found.
        name: of the body, for the heading.
    """
    title = "".join(c if c.isprintable() else " " for c in name)[:80]
    lines = [
        f"# The map of {title}: which node plays which role. Edit it to correct the map.",
        f"kind: {finding.kind}",
        f"up: {_vector(finding.up)}",
        f"facing: {_vector(finding.facing)}",
        f"confidence: {finding.confidence:.2f}",
        "roles:",
    ]
    legs = []
    for role, part in finding.parts.items():
        text = _nodes(finding, part.nodes)
        if finding.kind == "manylegs" and "_leg" in role:
            legs.append(f"    - {text}")
        else:
            lines.append(f"  {role}: {text}")
    if legs:
        lines += ["  legs:", *legs]
    if not finding.parts:
        lines[-1] = "roles: {}"
    return "\n".join(lines) + "\n"


def write_sheet(finding: Finding, path: Path, name: str | None = None) -> Path:
    """Write a role map in one step.

    Args:
        finding: what was found.
        path: where, as a rule `<name>.body.yaml` beside the GLB.
        name: of the body (default: the file's).

    Raises:
        AssetError: the file cannot be written.
    """
    text = sheet(finding, name or path.name.removesuffix(".yaml").removesuffix(".body"))
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise AssetError(f"{path} cannot be written ({error.strerror}); choose another folder") from None
    return path


def _vector(axis: np.ndarray) -> str:
    return "[" + ", ".join(f"{float(x) + 0.0:.6g}" for x in axis) + "]"


def _nodes(finding: Finding, nodes: tuple[int, ...]) -> str:
    names = finding.asset.names
    # A name that is missing or shared says nothing: the index does.
    items = [json.dumps(names[n]) if names[n] and names.count(names[n]) == 1 else str(n) for n in nodes]
    return items[0] if len(items) == 1 else "[" + ", ".join(items) + "]"
