"""What is to be drawn, as plain data: materials, meshes, torches, bodies and the sky, gathered on a `Stage`.

Solids are given in the WORLD frame (x forward, y left, z up) and kept in the MOTION frame (x left, y up, z forward),
which is also a GLB's own frame and the frame of every placement: world (x, y, z) is motion (y, z, x).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from hephaestus.errors import BodyError
from hephaestus.glb.asset import Asset
from hephaestus.render import shapes
from hephaestus.render.camera import Camera, to_motion
from hephaestus.render.ground import Ground
from hephaestus.render.sky import DAY, Sky

Color = tuple[float, float, float]


class RenderError(BodyError):
    """No picture can be drawn here: no EGL or display, or the driver refused."""


@dataclass(frozen=True, slots=True)
class Material:
    """A surface.

    Attributes:
        texture: a recipe of `hephaestus.render.texture`.
        color: linear RGB, multiplied with the texture.
        span: m a tile of the texture covers.
        glow: how much of the colour shines by itself.
    """

    texture: str = "plain"
    color: Color = (1.0, 1.0, 1.0)
    span: float = 3.0
    glow: float = 0.0


MATERIALS: dict[str, Material] = {
    "stone": Material("stone", span=3.2),
    "dark stone": Material("stone", (0.62, 0.62, 0.66), 3.2),
    "brick": Material("brick", span=1.9),
    "wood": Material("wood", span=1.6),
    "dark wood": Material("wood", (0.42, 0.38, 0.36), 1.6),
    "grass": Material("grass", span=3.0),
    "earth": Material("earth", span=3.0),
    "sand": Material("sand", span=3.0),
    "rock": Material("rock", span=3.0),
    "cobble": Material("cobble", span=2.4),
    "metal": Material("metal", span=1.2),
    "roof": Material("roof", span=2.6),
    "slate": Material("slate", span=2.6),
    "plaster": Material("plaster", span=3.0),
    "red cloth": Material("cloth", (0.52, 0.035, 0.03), 2.0),
    "blue cloth": Material("cloth", (0.04, 0.10, 0.42), 2.0),
    "cloth": Material("cloth", (0.50, 0.05, 0.04), 2.0),
    "water": Material("ripples", (0.07, 0.16, 0.19), 4.0),
    "bark": Material("bark", span=1.5),
    "leaves": Material("leaves", span=1.8),
    "needles": Material("leaves", (0.36, 0.50, 0.42), 1.1),
    "soot": Material("plain", (0.025, 0.024, 0.026)),
    "gold": Material("plain", (0.75, 0.48, 0.12)),
    "white": Material("plain", (0.8, 0.8, 0.8)),
    "grey": Material("plain", (0.30, 0.31, 0.33)),
    "red": Material("plain", (0.55, 0.05, 0.04)),
    "green": Material("plain", (0.07, 0.30, 0.09)),
    "blue": Material("plain", (0.05, 0.14, 0.45)),
    "yellow": Material("plain", (0.70, 0.50, 0.06)),
    "flame": Material("plain", (1.0, 0.45, 0.08), glow=6.0),
}
"""Materials by name; `Stage.materials` may hold more."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """Static triangles of one material, motion frame.

    Attributes:
        positions: float32 [V, 3], m.
        normals: float32 [V, 3].
        uvs: float32 [V, 2], m along the surface.
        shades: float32 [V], brightness 0 to 1.
        indices: uint32 [I].
        material: a name in `Stage.materials`.
    """

    positions: np.ndarray
    normals: np.ndarray
    uvs: np.ndarray
    shades: np.ndarray
    indices: np.ndarray
    material: str


@dataclass(frozen=True, slots=True)
class Torch:
    """A flame that lights what is near.

    Attributes:
        position: [3] m, motion frame, the middle of the flame.
        color: linear RGB of its light at 1 m.
        reach: m, where its light has faded out.
        flame: m, height of the visible flame; 0 for none.
    """

    position: np.ndarray
    color: Color = (5.0, 2.2, 0.62)
    reach: float = 9.0
    flame: float = 0.5


@dataclass(frozen=True, slots=True)
class Lines:
    """Segments drawn over the picture's solids: rays, skeletons, contacts.

    Attributes:
        points: float32 [N, 2, 3] m, motion frame.
        colors: float32 [N, 4], sRGB and opacity.
        through: whether they are seen through solids: all of them, or bool [N] for each.
    """

    points: np.ndarray
    colors: np.ndarray
    through: bool | np.ndarray = False


@dataclass
class Stage:
    """Everything that can be seen.

    Attributes:
        bodies: rigs by key; a body is drawn where `placements` has its key.
        sky: light, fog and horizon.
        ground: the level ground at z = 0, or None.
        meshes: static solids.
        torches: flames.
        materials: surfaces by name.
    """

    bodies: dict[str, Asset] = field(default_factory=dict)
    sky: Sky = DAY
    ground: Ground | None = None
    meshes: list[Mesh] = field(default_factory=list)
    torches: list[Torch] = field(default_factory=list)
    materials: dict[str, Material] = field(default_factory=lambda: dict(MATERIALS))
    footprints: list[np.ndarray] = field(default_factory=list)
    _boxes: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    _stacked: tuple[np.ndarray, ...] | None = None

    def add(self, triangles: shapes.Triangles, material: str) -> None:
        """Add triangles given in the world frame.

        Raises:
            RenderError: the stage has no such material.
        """
        if material not in self.materials:
            known = ", ".join(sorted(self.materials))
            raise RenderError(f"there is no material {material!r}; use one of: {known}")
        positions, normals = to_motion(triangles.positions), to_motion(triangles.normals)
        self.meshes.append(
            Mesh(
                np.ascontiguousarray(positions, np.float32), np.ascontiguousarray(normals, np.float32),
                triangles.uvs, triangles.shades, triangles.indices, material,
            )
        )  # fmt: skip

    def add_box(
        self,
        center: np.ndarray,
        size: np.ndarray,
        yaw: float = 0.0,
        material: str = "stone",
        turn: np.ndarray | None = None,
    ) -> None:
        """Add a box.

        Args:
            center: [3] m, world.
            size: [3] m, whole edge lengths along its own axes.
            yaw: rad about z, left positive.
            material: a name in `materials`.
            turn: [3, 3] instead of yaw: the box's axes as columns.
        """
        center, size = np.asarray(center, float), np.asarray(size, float)
        self.add(shapes.box(center, size, yaw, turn), material)
        axes = turn if turn is not None else shapes.turn_about_z(yaw)
        self._boxes.append((center, size / 2, np.asarray(axes, float)))
        if turn is None and center[2] - size[2] / 2 < 0.06:
            ring = np.array([[1, -1], [1, 1], [-1, 1], [-1, -1]]) * size[:2] / 2
            self.footprints.append(ring @ axes[:2, :2].T + center[:2])

    def add_ramp(self, center: np.ndarray, size: np.ndarray, yaw: float = 0.0, material: str = "stone") -> None:
        """Add a wedge in the box of that centre and size [3] m (world), that rises along its own +x."""
        self.add(shapes.ramp(center, size, yaw), material)

    def add_cylinder(self, center: np.ndarray, radius: float, height: float, material: str = "stone") -> None:
        """Add an upright cylinder about its centre [3] m (world)."""
        center = np.asarray(center, float)
        span = self.materials[material].span if material in self.materials else 1.0
        segments = int(np.clip(round(12 + radius * 10), 12, 48))
        self.add(shapes.cylinder(center, radius, height, segments, span), material)
        self._boxes.append((center, np.array([radius * 0.9, radius * 0.9, height / 2]), np.eye(3)))
        if center[2] - height / 2 < 0.06:
            angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
            self.footprints.append(center[:2] + radius * np.stack([np.cos(angle), np.sin(angle)], -1))

    def add_cone(
        self, base: np.ndarray, radius: float, height: float, material: str = "roof", top: float = 0.0
    ) -> None:
        """Add an upright cone on the centre of its base [3] m (world); `top` is its upper radius."""
        span = self.materials[material].span if material in self.materials else 1.0
        segments = int(np.clip(round(12 + radius * 10), 12, 48))
        self.add(shapes.cone(base, radius, height, top, segments, span), material)

    def add_ground(self, extent: float = 96.0, material: str = "grass", second: str = "earth", **more: object) -> None:
        """Lay the level ground.

        Args:
            extent: m, edge of the planned square round the origin (the ground itself goes on to the horizon).
            material: texture of most of it.
            second: texture of paths, yards and the feet of walls.
            more: `paths`, `yards` and `span` of `Ground`.
        """
        self.ground = Ground(material, second, extent, **more)  # type: ignore[arg-type]

    def add_torch(self, position: np.ndarray, bracket: bool = True, **more: object) -> None:
        """Add a torch whose flame is at a world point [3] m, with a stick below it; `more` goes to `Torch`."""
        position = np.asarray(position, float)
        if bracket:
            self.add(shapes.cone(position - [0, 0, 0.75], 0.025, 0.55, 0.05, 8), "dark wood")
            self.add(shapes.cone(position - [0, 0, 0.24], 0.055, 0.12, 0.085, 10), "metal")
        self.torches.append(Torch(to_motion(position).astype(np.float32), **more))  # type: ignore[arg-type]

    def clear(self, start: np.ndarray, end: np.ndarray, room: float = 0.0, /) -> Any:
        """Return the share 0 to 1 of the way from start to end [3] (motion frame) that is free.

        Args:
            start: m.
            end: m; or many [N, 3], for shares [N].
            room: m that must be free around the way; a box nearer than that to the start is met only where it is
                really in the way.
        """
        shares = self._clear(np.asarray(start, float), np.asarray(end, float).reshape(-1, 3), room)
        return shares if np.ndim(end) > 1 else float(shares[0])

    def _clear(self, start: np.ndarray, ends: np.ndarray, room: float) -> np.ndarray:
        if not self._boxes:
            return np.ones(len(ends))
        if self._stacked is None or len(self._stacked[0]) != len(self._boxes):
            self._stacked = tuple(np.stack(c) for c in zip(*self._boxes, strict=True))
        centers, halves, axes = self._stacked
        a, b = (p[..., [2, 0, 1]] for p in (start, ends))
        # Few boxes are as near as the farthest end.
        gap, size = centers - a, np.sqrt((halves * halves).sum(1))
        reach = float(np.sqrt(((b - a) ** 2).sum(1).max())) + 2.0 * room
        near = np.flatnonzero((gap * gap).sum(1) < (size + reach) ** 2)
        if not len(near):
            return np.ones(len(ends))
        centers, halves, axes = centers[near], halves[near], axes[near]
        origin = ((a - centers)[:, None] @ axes)[:, 0]
        way = ((b - a) @ axes.transpose(1, 0, 2).reshape(3, -1)).reshape(len(b), -1, 3)
        way = np.where(np.abs(way) < 1e-9, 1e-9, way)
        if room > 0:
            close = (np.abs(origin) < halves + room).all(1, keepdims=True)
            # From within the room one may leave it, but not go deeper than the wall itself.
            halves = np.where(close, halves, halves + room)
        t0, t1 = (-halves - origin) / way, (halves - origin) / way
        enter, leave = np.minimum(t0, t1).max(-1), np.maximum(t0, t1).min(-1)
        hit = (enter < leave) & (leave > 0) & (enter < 1) & (enter > 0)
        if room > 0:
            # Before a wall within the room there is still some of it left.
            far = np.maximum(np.linalg.norm(b - a, axis=1, keepdims=True), 1e-9)
            enter = enter - np.where(close[:, 0], room / far, 0.0)
        shares: np.ndarray = np.clip(np.where(hit, enter, 1.0).min(1), 0.0, 1.0)
        return shares


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to be drawn.

    Attributes:
        camera: where from.
        placements: for each body to be seen, every node in the motion frame [J, 4, 4] (`Asset.world`).
        overlay: uint8 [h, w, 4] laid over the picture, or None.
        lines: segments to be seen, or None.
        time: s, moves the flames.
    """

    camera: Camera
    placements: Mapping[str, np.ndarray]
    overlay: np.ndarray | None = None
    lines: Lines | None = None
    time: float = 0.0


class Renderer(Protocol):
    """Whoever draws a stage."""

    name: str
    size: tuple[int, int]

    def load(self, stage: Stage) -> None:
        """Take over what is to be drawn; replaces what was loaded before."""

    def set_body(self, key: str, asset: Asset) -> None:
        """Give a key another body."""

    def resize(self, size: tuple[int, int]) -> None:
        """Draw pictures of another size (pixels) from now on."""

    def draw(self, shot: Shot) -> np.ndarray:
        """Draw one picture.

        Returns:
            uint8 [h, w, 3], sRGB, row 0 at the top.
        """
        ...

    def draw_all(self, shots: Iterable[Shot]) -> Iterator[np.ndarray]:
        """Draw many pictures in their order; some shots may be taken ahead of the pictures that are given."""
        ...

    def close(self) -> None:
        """Give the driver's memory back."""
