"""Primitives: what a world is built of, as data; each is one pydantic model with a `kind`."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from prometheus.world.parts import (
    STILL,
    Angle,
    Length,
    Mass,
    Material,
    Name,
    Part,
    Place,
    Point,
    Rgb,
    Seconds,
    Vary,
)

Count = Annotated[int, Field(ge=1, le=16)]
MAX_STEPS = 64
MAX_STACK = 64
MAX_GRID = 64


class Gap(Part):
    """An opening in a wall: `at` m from the wall's start to the gap's middle; with `height`, a lintel spans it."""

    at: Length
    width: Length
    height: Length | None = None


class Wall(Part):
    """A straight wall standing on the ground, with gaps; `crenellated` adds merlons for the eye."""

    kind: Literal["wall"]
    name: Name
    start: Point
    end: Point
    height: Length = 3.0
    thickness: Annotated[float, Field(ge=0.1, le=20)] = 0.6
    material: Material = "stone"
    gaps: Annotated[tuple[Gap, ...], Field(max_length=16)] = ()
    crenellated: bool = False

    @model_validator(mode="after")
    def _has_length(self) -> Wall:
        if self.start == self.end:
            raise ValueError("a wall needs two different ends")
        return self


class Box(Part):
    """A box on the ground (or `lift` m above it); with `mass` (kg) it is movable."""

    kind: Literal["box"]
    name: Name
    at: Point
    size: tuple[Length, Length, Length]
    heading: Angle = 0.0
    lift: Annotated[float, Field(ge=0, le=100)] = 0.0
    material: Material = "wood"
    mass: Mass | None = None
    vary: Vary = STILL


class Stack(Part):
    """Equal movable boxes on top of one another: `count` of them along length, width and height.

    Attributes:
        at: m, the middle of the whole stack. size: m of one box. mass: kg of one box.
        gap: m between neighbours of one layer. pyramid: whether each layer has one box less in each row.
    """

    kind: Literal["stack"]
    name: Name
    at: Point
    size: tuple[Length, Length, Length]
    count: tuple[Count, Count, Annotated[int, Field(ge=1, le=8)]]
    mass: Mass = 10.0
    heading: Angle = 0.0
    gap: Annotated[float, Field(ge=0, le=2)] = 0.02
    lift: Annotated[float, Field(ge=0, le=100)] = 0.0
    pyramid: bool = False
    material: Material = "wood"
    vary: Vary = STILL

    @model_validator(mode="after")
    def _bounded(self) -> Stack:
        if math.prod(self.count) > MAX_STACK:
            raise ValueError(f"a stack holds at most {MAX_STACK} boxes")
        return self


class Ramp(Part):
    """A wedge that rises along its own +x from `lift` to `lift` + height; its long side is `size[0]` m."""

    kind: Literal["ramp"]
    name: Name
    at: Point
    size: tuple[Length, Length, Length]
    heading: Angle = 0.0
    lift: Annotated[float, Field(ge=0, le=100)] = 0.0
    material: Material = "stone"

    @model_validator(mode="after")
    def _walkable(self) -> Ramp:
        if self.size[2] > self.size[0]:
            raise ValueError("a ramp may rise by at most 45 degrees; make it longer")
        return self


class Stairs(Part):
    """Solid steps that rise along their own +x to `size[2]` m; one step is a kerb or a doorstep."""

    kind: Literal["stairs"]
    name: Name
    at: Point
    size: tuple[Length, Length, Length]
    steps: Annotated[int, Field(ge=1, le=MAX_STEPS)] = 8
    heading: Angle = 0.0
    lift: Annotated[float, Field(ge=0, le=100)] = 0.0
    material: Material = "stone"

    @model_validator(mode="after")
    def _walkable(self) -> Stairs:
        if self.size[2] / self.steps > 0.25:
            raise ValueError("a step is higher than 0.25 m, the most that a body climbs; give more steps")
        if self.size[0] / self.steps < 0.15:
            raise ValueError("a tread is shorter than 0.15 m; make the stairs longer or give fewer steps")
        return self


class Tower(Part):
    """A round tower, post or well; `roof` is the height of a cone on top, drawn but not touched."""

    kind: Literal["tower"]
    name: Name
    at: Point
    radius: Length
    height: Length
    material: Material = "stone"
    roof: Annotated[float, Field(ge=0, le=50)] = 0.0
    roof_material: Material = "roof"
    crenellated: bool = False
    vary: Vary = STILL


class Tree(Part):
    """A tree: one bumps into its trunk (`radius` m) and walks under its crown."""

    kind: Literal["tree"]
    name: Name
    at: Point
    species: Literal["conifer", "broadleaf", "dead"] = "conifer"
    radius: Annotated[float, Field(ge=0.08, le=2)] = 0.25
    height: Annotated[float, Field(ge=2, le=40)] = 7.0
    crown: Annotated[float, Field(ge=0.3, le=12)] = 1.9
    vary: Vary = STILL


class Grove(Part):
    """Trees that the world's seed sets out anew: `count` of them within a rectangle, `spacing` m apart.

    Attributes:
        clear: lines of points that stay free of trees, `clear_width` m wide.
        height, radius: (least, most) m of the trees and their trunks.
    """

    kind: Literal["grove"]
    name: Name
    at: Point
    size: tuple[Length, Length]
    count: Annotated[int, Field(ge=1, le=200)]
    spacing: Annotated[float, Field(ge=0.5, le=20)] = 2.2
    species: Annotated[tuple[Literal["conifer", "broadleaf", "dead"], ...], Field(min_length=1, max_length=3)] = (
        "conifer",
        "broadleaf",
    )
    height: tuple[Length, Length] = (5.0, 9.0)
    radius: tuple[Length, Length] = (0.16, 0.34)
    clear: Annotated[tuple[Annotated[tuple[Point, ...], Field(max_length=32)], ...], Field(max_length=8)] = ()
    clear_width: Annotated[float, Field(ge=0, le=20)] = 3.0

    @model_validator(mode="after")
    def _ordered(self) -> Grove:
        if not (2 <= self.height[0] <= self.height[1] <= 40 and 0.08 <= self.radius[0] <= self.radius[1] <= 2):
            raise ValueError("`height` must rise within 2 to 40 m and `radius` within 0.08 to 2 m")
        return self


class Sign(Part):
    """A board with words that can be read from its front, on a post; its front looks along `heading`."""

    kind: Literal["sign"]
    name: Name
    at: Point
    text: Annotated[str, Field(min_length=1, max_length=60)]
    heading: Angle = 0.0
    height: Annotated[float, Field(ge=0.8, le=6)] = 1.9
    material: Material = "plaster"


class Pit(Part):
    """A hole with upright sides, its edges along x and y; `size` m along x and y."""

    kind: Literal["pit"]
    name: Name
    at: Point
    size: tuple[Length, Length]
    depth: Annotated[float, Field(ge=0.1, le=20)] = 2.0
    material: Material = "earth"


class Water(Part):
    """A pond or a ford with sloping banks, its edges along x and y; it slows whoever wades in it.

    Attributes:
        depth: m in the middle. bank: how steep the bottom falls from the edge, m down for each m inwards.
    """

    kind: Literal["water"]
    name: Name
    at: Point
    size: tuple[Length, Length]
    depth: Annotated[float, Field(ge=0.1, le=5)] = 0.5
    bank: Annotated[float, Field(ge=0.1, le=1)] = 0.5
    material: Material = "sand"


class Hills(Part):
    """A height field over a rectangle with edges along x and y.

    Attributes:
        heights: rows of m above the ground, the first row at the lowest y, each row along x; or None for hills that
            `seed` makes: smooth, `height` m high at the most, `wave` m from top to top, and level at their edges.
    """

    kind: Literal["hills"]
    name: Name
    at: Point
    size: tuple[Length, Length]
    heights: (
        Annotated[
            tuple[Annotated[tuple[Annotated[float, Field(ge=-10, le=20)], ...], Field(max_length=MAX_GRID)], ...],
            Field(max_length=MAX_GRID),
        ]
        | None
    ) = None
    height: Annotated[float, Field(ge=0.05, le=20)] = 1.0
    wave: Annotated[float, Field(ge=1, le=100)] = 8.0
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    material: Material = "grass"

    @model_validator(mode="after")
    def _full_grid(self) -> Hills:
        if self.heights is not None:
            widths = {len(row) for row in self.heights}
            if len(self.heights) < 2 or len(widths) != 1 or widths < {2}:
                raise ValueError("`heights` must be at least 2 rows of the same length, at least 2 each")
        return self


class Door(Part):
    """A leaf that opens.

    Attributes:
        at: m, the middle of the closed leaf. heading: rad, the way along the leaf from its hinge.
        style: "swing" turns about the hinge by `travel` rad, "slide" moves along the leaf by `travel` m, "lift" rises.
        opens: by "touch", when somebody "approach"es within `reach` m, or by a "timer" of `period` s.
        seconds: to open or close. hold: s that it stays open.
    """

    kind: Literal["door"]
    name: Name
    at: Point
    heading: Angle = 0.0
    width: Annotated[float, Field(ge=0.3, le=20)] = 1.4
    height: Annotated[float, Field(ge=0.5, le=20)] = 2.2
    thickness: Annotated[float, Field(ge=0.05, le=1)] = 0.12
    material: Material = "wood"
    style: Literal["swing", "slide", "lift"] = "swing"
    travel: Annotated[float, Field(ge=-20, le=20)] | None = None
    opens: Literal["touch", "approach", "timer"] = "approach"
    reach: Annotated[float, Field(ge=0.3, le=20)] = 1.6
    seconds: Annotated[float, Field(ge=0.2, le=30)] = 1.2
    hold: Seconds = 3.0
    period: Annotated[float, Field(ge=1, le=600)] = 12.0


class Platform(Part):
    """A slab that carries whoever stands on it along its path.

    Attributes:
        path: (x, y, z) m of the middle of its upper face. speed: m/s. pause: s at each point.
        loop: whether it goes from the last point straight to the first; else back the way it came.
    """

    kind: Literal["platform"]
    name: Name
    size: tuple[Length, Length, Length] = (2.0, 2.0, 0.25)
    path: Annotated[tuple[Place, ...], Field(min_length=2, max_length=32)]
    heading: Angle = 0.0
    speed: Annotated[float, Field(ge=0.05, le=3)] = 0.6
    pause: Seconds = 2.0
    loop: bool = False
    material: Material = "wood"


class Torch(Part):
    """A flame on a wall: light for the eye, nothing for physics."""

    at: Place
    colour: Rgb = (1.0, 0.62, 0.25)


Solid = Annotated[
    Wall | Box | Stack | Ramp | Stairs | Tower | Tree | Grove | Sign | Pit | Water | Hills | Door | Platform,
    Field(discriminator="kind"),
]
KINDS = (
    "wall", "box", "stack", "ramp", "stairs", "tower", "tree", "grove", "sign", "pit", "water", "hills", "door",
    "platform",
)  # fmt: skip
"""Every `kind` of a solid."""
PATCHES = Pit | Water | Hills
