"""From a sculpture to a rigged, painted asset and its files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb.asset import Asset, Primitive
from hephaestus.glb.writer import write
from hephaestus.sculpt.field import Field
from hephaestus.sculpt.machine import Machine, assemble, skeleton
from hephaestus.sculpt.nets import surface_nets
from hephaestus.sculpt.panels import Mesh, Panel, cut, linear, regions
from hephaestus.sculpt.remesh import remesh
from hephaestus.sculpt.sculpture import Sculpture
from hephaestus.sculpt.skinning import skin_weights, sparse
from hephaestus.sculpt.topology import compact, components, edges, is_closed

_GRAIN = 2.0**17
"""Positions are rounded to 1/131072 m, so that the last bit of a sum cannot change the file."""


def build(sculpture: Sculpture | Machine) -> Asset:
    """Mesh, bind and paint a sculpture.

    Returns:
        An asset in its rest pose, with one primitive for each material: one closed skin, welded by position, of a
        `Sculpture`; the rigid pieces of a `Machine`.

    Raises:
        AssetError: the clay did not give a closed surface.
    """
    if isinstance(sculpture, Machine):
        return assemble(sculpture)
    field = Field(sculpture.parts)
    corner, values = field.grid(sculpture.step)
    vertices, faces = largest(*surface_nets(values, corner, sculpture.step))
    if not is_closed(faces):
        raise AssetError(f"The clay of {sculpture.name} does not close; widen a gap or change the step.")
    vertices, faces = remesh(vertices, faces, field, sculpture.size)
    names, weights = skin_weights(vertices, faces, field, sculpture.bones)
    mesh = Mesh(vertices, faces, weights, np.zeros(len(vertices), bool))
    for panel in sculpture.panels[1:]:
        for border in panel.cuts:
            mesh = cut(mesh, border)
    if not is_closed(mesh.faces):
        raise AssetError(f"The paint of {sculpture.name} tore its skin.")
    mesh.vertices = np.round(field.project(mesh.vertices) * _GRAIN) / _GRAIN
    return _asset(sculpture, field, mesh, names)


def largest(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the piece of a mesh with the most vertices."""
    label = components(edges(faces), len(vertices))
    main = np.argmax(np.bincount(label))
    out, kept, _ = compact(vertices, faces[label[faces[:, 0]] == main])
    return out, kept


def _asset(s: Sculpture, field: Field, mesh: Mesh, names: list[str]) -> Asset:
    order = [joint.name for joint in s.joints]
    primitives = _primitives(s, field, mesh, np.array([order.index(n) for n in names]), len(order))
    return skeleton(s.name, s.joints, primitives, s.materials)


def _primitives(s: Sculpture, field: Field, mesh: Mesh, joint: np.ndarray, node: int) -> list[Primitive]:
    panel = regions(mesh.vertices[mesh.faces].mean(1), s.panels)
    # A vertex on a border is there once for each panel that meets it, with that panel's colour.
    corners = np.stack([mesh.faces.ravel(), np.repeat(panel, 3)], 1)
    pairs, number = np.unique(corners, axis=0, return_inverse=True)
    faces = number.reshape(-1, 3)
    points = mesh.vertices[pairs[:, 0]]
    normals = field.normals(points)
    colors = _colors(points, normals, pairs[:, 1], s.panels, field)
    weights, joints = _four(sparse(mesh.values)[pairs[:, 0]], joint)
    material = np.array([p.material for p in s.panels])[panel]
    out = []
    for m in np.unique(material):
        used, local = np.unique(faces[material == m], return_inverse=True)
        out.append(
            Primitive(
                points[used].astype(np.float32),
                np.round(normals[used], 5).astype(np.float32),
                local.ravel().astype(np.uint32),
                colors=colors[used].astype(np.float32),
                joints=joints[used],
                weights=weights[used],
                material=int(m),
                node=node,
                skin=0,
            )
        )
    return out


def _colors(
    points: np.ndarray, normals: np.ndarray, panel: np.ndarray, panels: list[Panel], field: Field
) -> np.ndarray:
    light = field.occlusion(points, normals)
    colors = np.ones((len(points), 4))
    for i, p in enumerate(panels):
        mine = panel == i
        colors[mine, :3] = linear(p.color if p.tint is None else p.tint(points[mine]))
    # Creases keep a third of their light: they read as depth, not as dirt.
    colors[:, :3] *= (0.35 + 0.65 * light)[:, None]
    return np.round(colors, 4)


def _four(weights: np.ndarray, joint: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn rows [V, K] with at most four weights into weights [V, 4] in 1/65536 that sum to 1, and joints [V, 4]."""
    missing = max(0, 4 - weights.shape[1])
    weights, joint = np.pad(weights, ((0, 0), (0, missing))), np.pad(joint, (0, missing))
    order = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    w = np.round(np.take_along_axis(weights, order, 1) * 65536)
    w[:, 0] += 65536 - w.sum(1)
    joints = np.where(w > 0, joint[order], 0).astype(np.int32)
    return (w / 65536).astype(np.float32), joints


def save(sculpture: Sculpture | Machine, directory: Path) -> tuple[Path, Path]:
    """Build a sculpture and write `<name>.glb` and `<name>.body.yaml`.

    Args:
        sculpture: what to build.
        directory: where; it must exist.

    Returns:
        The two paths.

    Raises:
        AssetError: the clay does not close, or a file cannot be written.
    """
    glb, sheet = directory / f"{sculpture.name}.glb", directory / f"{sculpture.name}.body.yaml"
    write(build(sculpture), glb)
    temporary = sheet.with_name(f".{sheet.name}.part")
    try:
        temporary.write_text(body_sheet(sculpture), encoding="utf-8")
        os.replace(temporary, sheet)
    except OSError as error:
        raise AssetError(f"{sheet} cannot be written ({error.strerror}); choose another directory.") from None
    return glb, sheet


def body_sheet(sculpture: Sculpture | Machine) -> str:
    """Return the `.body.yaml` of a sculpture: kind, sizes, and the node of each role."""
    lines = [
        f"# The map of {sculpture.name}.glb: which node plays which role. Edit it to correct the map.",
        f"kind: {sculpture.kind}",
        f"height_m: {sculpture.height_m}",
        f"radius_m: {sculpture.radius_m}",
        "roles:",
    ]
    # JSON's flow style is YAML too.
    lines += [f"  {role}: {json.dumps(nodes)}" for role, nodes in sculpture.roles.items()]
    return "\n".join(lines) + "\n"
