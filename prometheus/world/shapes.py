"""Shapes: what a scenario's solids are made of, piece by piece, for physics and for drawing."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from prometheus.world.geometry import STEP_UP, Solids
from prometheus.world.primitives import Box, Door, Platform, Ramp, Sign, Stack, Stairs, Tower, Tree, Wall
from prometheus.world.scenario import Scenario
from prometheus.world.variation import settle

MERLON, CRENEL = 0.7, 0.6
SKIRT = 0.1
"""m: how thick the upright sides of ramps and stairs are, which stop whoever comes from beside or behind."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One upright piece of the world.

    Attributes:
        name: of the solid that it belongs to.
        kind: "box", "cylinder", "cone" (point up), "ball", or "ramp" (a wedge that rises along its own +x).
        centre: (x, y, z) m, the middle of its height.
        size: (length, width, height) m; a cylinder's or cone's length and width are its diameter.
        heading: rad about z.
        material: a name such as "stone".
        solid: False for decoration, which nothing touches.
        mass: kg, 0 for what never moves.
        floor: whether it is there to be walked on: it belongs to the ground, and stops nobody.
        hidden: whether it is there for physics alone: something else draws it.
    """

    name: str
    kind: str
    centre: tuple[float, float, float]
    size: tuple[float, float, float]
    heading: float
    material: str
    solid: bool = True
    mass: float = 0.0
    floor: bool = False
    hidden: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the shape as plain JSON values."""
        return asdict(self)


def build_shapes(scenario: Scenario) -> tuple[Shape, ...]:
    """Return every piece of a scenario that stands still or is pushed.

    Walls are cut at their gaps; groves and stacks are set out. Doors and platforms are pieces of their own
    (`prometheus.world.moving`), and pits, waters and hills belong to the ground (`prometheus.world.ground`).
    """
    return tuple(s for solid in settle(scenario).solids if type(solid) in _PIECES for s in _PIECES[type(solid)](solid))


def build_solids(shapes: tuple[Shape, ...], movable: bool = False) -> Solids:
    """Return the pieces that stop a body as arrays: those that never move, or all of them."""
    fixed = [s for s in shapes if s.solid and (movable or s.mass == 0) and not s.floor]
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
        roofless = [g for g in wall.gaps if g.height is None or g.height >= wall.height]
        open_ = [(g.at - g.width / 2, g.at + g.width / 2) for g in roofless]
        for i in range(min(count, 200)):
            a, b = i * pitch + inset, (i + 1) * pitch - inset
            if not any(low < b and a < high for low, high in open_):
                pieces.append(piece(a, b, wall.height, wall.height + 0.6, False, " merlon"))
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


def _stack(stack: Stack) -> list[Shape]:
    c, s = math.cos(stack.heading), math.sin(stack.heading)
    length, width, height = stack.size
    pieces: list[Shape] = []
    for layer in range(stack.count[2]):
        columns, rows = (max(n - layer, 0) if stack.pyramid and n > 1 else n for n in stack.count[:2])
        for i in range(columns):
            for j in range(rows):
                u = (i - (columns - 1) / 2) * (length + stack.gap)
                v = (j - (rows - 1) / 2) * (width + stack.gap)
                place = (stack.at[0] + c * u - s * v, stack.at[1] + s * u + c * v)
                centre = (*place, stack.lift + (layer + 0.5) * height)
                name = f"{stack.name} {len(pieces) + 1}"
                pieces.append(Shape(name, "box", centre, stack.size, stack.heading, stack.material, mass=stack.mass))
    return pieces


def _ramp(ramp: Ramp) -> list[Shape]:
    centre = (*ramp.at, ramp.lift + ramp.size[2] / 2)
    wedge = Shape(ramp.name, "ramp", centre, ramp.size, ramp.heading, ramp.material, floor=True)
    return [wedge, *_skirts(ramp, max(1, math.ceil(ramp.size[2] / STEP_UP)), first=0)]


def _stairs(stairs: Stairs) -> list[Shape]:
    length, width, height = stairs.size
    c, s = math.cos(stairs.heading), math.sin(stairs.heading)
    tread, rise = length / stairs.steps, height / stairs.steps
    pieces = []
    for i in range(stairs.steps):
        u, top = (i + 0.5) * tread - length / 2, (i + 1) * rise
        centre = (stairs.at[0] + c * u, stairs.at[1] + s * u, stairs.lift + top / 2)
        pieces.append(
            Shape(stairs.name, "box", centre, (tread, width, top), stairs.heading, stairs.material, floor=True)
        )
    return [*pieces, *_skirts(stairs, stairs.steps, first=1)]


def _skirts(slant: Ramp | Stairs, cuts: int, first: int) -> list[Shape]:
    """The sides and the back of a ramp or of stairs, in pieces that never stand out above it.

    `first` is how many rises the first piece is high: 0 under a ramp, 1 beside a step.
    """
    length, width, height = slant.size
    c, s = math.cos(slant.heading), math.sin(slant.heading)

    def piece(u: float, v: float, size: tuple[float, float, float]) -> Shape:
        centre = (slant.at[0] + c * u - s * v, slant.at[1] + s * u + c * v, slant.lift + size[2] / 2)
        return Shape(slant.name, "box", centre, size, slant.heading, slant.material, hidden=True)

    thick = min(SKIRT, width / 2, length / 2)
    pieces = [piece((length - thick) / 2, 0.0, (thick, width, height))]
    for i in range(cuts):
        top = (i + first) * height / cuts
        if top > 0.02:
            size, u = (length / cuts, thick, top), ((i + 0.5) / cuts - 0.5) * length
            pieces += [piece(u, side * (width - thick) / 2, size) for side in (-1, 1)]
    return pieces


def _tree(tree: Tree) -> list[Shape]:
    x, y = tree.at
    bare = tree.species == "dead"
    trunk = tree.height * {"dead": 1.0, "conifer": 0.66, "broadleaf": 0.62}[tree.species]
    wide = 2 * tree.radius
    pieces = [Shape(tree.name, "cylinder", (x, y, trunk / 2), (wide, wide, trunk), 0.0, "bark")]
    if tree.species == "conifer":
        low = max(0.22 * tree.height, 1.3)
        for k in range(4):
            foot = low + (tree.height - low) * (0.0, 0.24, 0.46, 0.66)[k]
            top = tree.height if k == 3 else low + (tree.height - low) * (0.52, 0.70, 0.88)[k]
            across = 2 * tree.crown * (1.0, 0.8, 0.6, 0.38)[k]
            centre, size = (x, y, (foot + top) / 2), (across, across, top - foot)
            pieces.append(Shape(tree.name + " crown", "cone", centre, size, 0.7 * k, "needles", False))
    elif not bare:
        for k, (turn, out, up, share) in enumerate(
            ((0.0, 0.0, 0.84, 0.72), (0.4, 0.5, 0.64, 0.6), (2.5, 0.5, 0.68, 0.62), (4.5, 0.5, 0.6, 0.56))
        ):
            reach = out * tree.crown
            place = (x + reach * math.cos(turn + x), y + reach * math.sin(turn + x), up * tree.height)
            across = 2 * tree.crown * share
            size = (across, across, 0.8 * across)
            pieces.append(Shape(tree.name + " crown", "ball", place, size, 0.9 * k, "leaves", False))
    return pieces


def _sign(sign: Sign) -> list[Shape]:
    x, y = sign.at
    post = Shape(sign.name, "cylinder", (x, y, sign.height / 2), (0.12, 0.12, sign.height), 0.0, "dark wood")
    size = board_size(sign)
    c, s = math.cos(sign.heading), math.sin(sign.heading)
    centre = (x + 0.09 * c, y + 0.09 * s, sign.height - size[2] / 2 + 0.06)
    return [post, Shape(sign.name + " board", "box", centre, size, sign.heading, sign.material, False)]


def board_size(sign: Sign) -> tuple[float, float, float]:
    """Return thickness, width and height (m) of a sign's board: as large as its words need."""
    lines = sign_lines(sign.text)
    return 0.05, max(0.7, 0.115 * max(len(line) for line in lines) + 0.2), 0.2 + 0.24 * len(lines)


def sign_lines(text: str) -> list[str]:
    """Return a sign's words in lines of about 12 letters."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= 12:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines or [text]


def door_leaf(door: Door) -> Shape:
    """Return a door's leaf where it stands when it is closed."""
    size = (door.width, door.thickness, door.height)
    return Shape(door.name, "box", (*door.at, door.height / 2), size, door.heading, door.material)


def platform_slab(platform: Platform) -> Shape:
    """Return a platform's slab at the first point of its path."""
    x, y, z = platform.path[0]
    centre = (x, y, z - platform.size[2] / 2)
    return Shape(platform.name, "box", centre, platform.size, platform.heading, platform.material, floor=True)


_PIECES: dict[type, Any] = {
    Wall: _wall, Box: _box, Stack: _stack, Tower: _tower, Ramp: _ramp, Stairs: _stairs, Tree: _tree, Sign: _sign,
}  # fmt: skip
