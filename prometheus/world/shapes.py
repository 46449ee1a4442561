"""Shapes: what a scenario's solids look like, piece by piece, for physics and for drawing."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from prometheus.world.geometry import Solids
from prometheus.world.scenario import Box, Scenario, Tower, Wall

MERLON, CRENEL = 0.7, 0.6


@dataclass(frozen=True, slots=True)
class Shape:
    """One upright piece of the world.

    Attributes:
        name: of the solid that it belongs to.
        kind: "box", "cylinder" or "cone" (point up).
        centre: (x, y, z) m, the middle of its height.
        size: (length, width, height) m; a cylinder's or cone's length and width are its diameter.
        heading: rad about z.
        material: a name such as "stone".
        solid: False for decoration, which nothing touches.
        mass: kg, 0 for what never moves.
    """

    name: str
    kind: str
    centre: tuple[float, float, float]
    size: tuple[float, float, float]
    heading: float
    material: str
    solid: bool = True
    mass: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the shape as plain JSON values."""
        return asdict(self)


def build_shapes(scenario: Scenario) -> tuple[Shape, ...]:
    """Return every piece of a scenario: walls cut at their gaps, lintels, merlons, towers and roofs, boxes."""
    return tuple(shape for solid in scenario.solids for shape in _PIECES[type(solid)](solid))


def build_solids(shapes: tuple[Shape, ...]) -> Solids:
    """Return the pieces that stop a body and never move, as arrays."""
    fixed = [s for s in shapes if s.solid and s.mass == 0]
    boxes = [s for s in fixed if s.kind == "box"]
    rounds = [s for s in fixed if s.kind == "cylinder"]

    def columns(parts: list[Shape]) -> tuple[np.ndarray, np.ndarray]:
        centre = np.array([s.centre for s in parts], np.float64).reshape(-1, 3)
        return centre, np.array([s.size for s in parts], np.float64).reshape(-1, 3)

    box_at, box_size = columns(boxes)
    round_at, round_size = columns(rounds)
    return Solids(
        box_at[:, :2],
        box_size[:, :2] / 2,
        np.array([(math.cos(s.heading), math.sin(s.heading)) for s in boxes], np.float64).reshape(-1, 2),
        box_at[:, 2] - box_size[:, 2] / 2,
        box_at[:, 2] + box_size[:, 2] / 2,
        round_at[:, :2],
        round_size[:, 0] / 2,
        round_at[:, 2] - round_size[:, 2] / 2,
        round_at[:, 2] + round_size[:, 2] / 2,
        tuple(s.name for s in (*boxes, *rounds)),
        tuple(s.material for s in (*boxes, *rounds)),
    )


def _wall(wall: Wall) -> list[Shape]:
    (x0, y0), (x1, y1) = wall.start, wall.end
    length, heading = math.hypot(x1 - x0, y1 - y0), math.atan2(y1 - y0, x1 - x0)
    c, s = math.cos(heading), math.sin(heading)

    def piece(a: float, b: float, low: float, high: float, solid: bool = True, part: str = "") -> Shape:
        mid = (a + b) / 2
        centre = (x0 + c * mid, y0 + s * mid, (low + high) / 2)
        size = (b - a, wall.thickness, high - low)
        return Shape(wall.name + part, "box", centre, size, heading, wall.material, solid)

    pieces, at = [], 0.0
    for gap in sorted(wall.gaps, key=lambda g: g.at):
        a, b = max(gap.at - gap.width / 2, at), min(gap.at + gap.width / 2, length)
        if a - at > 0.01:
            pieces.append(piece(at, a, 0.0, wall.height))
        if gap.height is not None and gap.height < wall.height and b > a:
            pieces.append(piece(a, b, gap.height, wall.height, part=" lintel"))
        at = max(at, b)
    if length - at > 0.01:
        pieces.append(piece(at, length, 0.0, wall.height))
    if wall.crenellated:
        count = max(1, int(length // (MERLON + CRENEL)))
        pitch = length / count
        inset = (pitch - MERLON * pitch / (MERLON + CRENEL)) / 2
        pieces += [
            piece(i * pitch + inset, (i + 1) * pitch - inset, wall.height, wall.height + 0.6, False, " merlon")
            for i in range(min(count, 200))
        ]
    return pieces


def _box(box: Box) -> list[Shape]:
    centre = (*box.at, box.lift + box.size[2] / 2)
    return [Shape(box.name, "box", centre, box.size, box.heading, box.material, mass=box.mass or 0.0)]


def _tower(tower: Tower) -> list[Shape]:
    x, y = tower.at
    wide = 2 * tower.radius
    pieces = [
        Shape(tower.name, "cylinder", (x, y, tower.height / 2), (wide, wide, tower.height), 0.0, tower.material)
    ]
    if tower.roof > 0:
        centre, size = (x, y, tower.height + tower.roof / 2), (wide * 1.25, wide * 1.25, tower.roof)
        pieces.append(Shape(tower.name + " roof", "cone", centre, size, 0.0, tower.roof_material, False))
    if tower.crenellated:
        count = max(4, int(math.pi * wide // (MERLON + CRENEL)))
        for turn in (2 * math.pi * i / count for i in range(min(count, 200))):
            reach = tower.radius - 0.15
            centre = (x + reach * math.cos(turn), y + reach * math.sin(turn), tower.height + 0.3)
            size = (0.3, MERLON, 0.6)
            pieces.append(Shape(tower.name + " merlon", "box", centre, size, turn, tower.material, False))
    return pieces


_PIECES: dict[type, Any] = {Wall: _wall, Box: _box, Tower: _tower}
