"""What a body is made from: clay, joints, bones, paint and the numbers that its `.body.yaml` holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hephaestus.glb.asset import Material
from hephaestus.sculpt.field import Part
from hephaestus.sculpt.panels import Panel
from hephaestus.sculpt.shapes import Vec
from hephaestus.sculpt.skinning import Bone


@dataclass(frozen=True)
class Joint:
    """A joint at rest: its name, its parent's name ("" for the root) and its place in the body's frame, m."""

    name: str
    parent: str
    at: Vec


@dataclass(frozen=True)
class Sculpture:
    """Everything that `build` needs.

    Attributes:
        name: of the files.
        kind: "humanoid" or "quadruped".
        height_m: of the body, standing.
        radius_m: of its controller.
        parts: the clay.
        joints: parents before children.
        bones: what the joints move.
        panels: the paint, later over earlier; the first covers everything.
        materials: the panels' surfaces.
        size: wanted edge length (m) at points [N, 3] -> [N].
        step: m, of the grid that the clay is sampled on.
        roles: role to joint name, or list of names from root to tip.
    """

    name: str
    kind: str
    height_m: float
    radius_m: float
    parts: list[Part]
    joints: list[Joint]
    bones: list[Bone]
    panels: list[Panel]
    materials: tuple[Material, ...]
    size: Callable[[np.ndarray], np.ndarray]
    step: float
    roles: Mapping[str, str | list[str] | list[list[str]]]
