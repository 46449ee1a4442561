"""Cast: one rigid piece of a machine, shaped in clay."""

from __future__ import annotations

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.sculpt.field import Field, Part
from hephaestus.sculpt.nets import surface_nets
from hephaestus.sculpt.plates import Plate
from hephaestus.sculpt.remesh import remesh
from hephaestus.sculpt.topology import is_closed


def cast(parts: list[Part], edge: float = 0.020, step: float = 0.008) -> Plate:
    """Mesh clay as a piece with a closed smooth skin.

    Args:
        parts: the clay; the names of their bones do not matter.
        edge: m, wanted length of the triangles' edges.
        step: m, of the grid that the clay is sampled on.

    Raises:
        AssetError: the clay does not close.
    """
    field = Field(parts)
    corner, values = field.grid(step)
    vertices, faces = surface_nets(values, corner, step)
    if not len(faces) or not is_closed(faces):
        raise AssetError("The clay of a piece does not close; widen a gap or change the step.")
    vertices, faces = remesh(vertices, faces, field, lambda p: np.full(len(p), edge))
    return Plate(vertices, field.normals(vertices), faces, np.zeros(len(vertices)))
