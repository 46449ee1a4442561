"""Stage: what a world looks like, from the shapes that its physics is built from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from hephaestus.glb.asset import Asset, Material, Primitive
from hephaestus.render import shapes as solids
from hephaestus.render.camera import to_motion
from hephaestus.render.ground import Ground
from hephaestus.render.scene import MATERIALS, Mesh, Stage
from hephaestus.render.scene import Material as Surface
from hephaestus.render.sky import Sky
from hephaestus.render.texture import texture
from hephaestus.rotation import to_matrix
from prometheus.drawing.scenery import add_scenery, ball
from prometheus.world.ground import holes
from prometheus.world.primitives import Door, Platform, Tower, Wall
from prometheus.world.scenario import Scenario
from prometheus.world.shapes import Shape, build_shapes, platform_slab
from prometheus.world.variation import settle

if TYPE_CHECKING:
    from prometheus.world.physics import World

SUN, SHADE = 2.7, 1.6
"""How much brighter than the scenario's colours sunlight and the light of the sky are."""
_TO_MOTION = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], np.float32)
_SECOND = {"grass": "earth", "earth": "grass", "sand": "earth", "stone": "earth", "brick": "earth"}


def build_stage(scenario: Scenario, bodies: Mapping[str, Asset] | None = None) -> Stage:
    """Return the stage of a scenario.

    Args:
        scenario: the world, settled with the seed of what is shown (`prometheus.world.variation.settle`); its movable
            boxes, doors and platforms become bodies named `prop_key(name)`.
        bodies: what each actor wears, by the actor's id.
    """
    scenario = settle(scenario)
    stage = Stage(sky=_sky(scenario), bodies=dict(bodies or {}))
    shapes = build_shapes(scenario)
    for shape in shapes:
        if shape.mass > 0:
            stage.bodies[prop_key(shape.name)] = crate_asset(shape)
        elif not shape.hidden:
            _add(stage, shape)
    for solid in scenario.solids:
        if isinstance(solid, Wall) and solid.crenellated:
            _add_cornices(stage, [s for s in shapes if s.name in (solid.name, solid.name + " lintel")], solid.height)
        elif isinstance(solid, Tower) and solid.height > 3:
            _add_slits(stage, solid.at, solid.radius, solid.height)
        elif isinstance(solid, Door):
            stage.bodies[prop_key(solid.name)] = door_asset(solid)
        elif isinstance(solid, Platform):
            stage.bodies[prop_key(solid.name)] = slab_asset(platform_slab(solid))
    add_scenery(stage, scenario)
    for torch in scenario.torches:
        stage.add_torch(np.array(torch.at), color=tuple(5.0 * _linear(c) for c in torch.colour))
    base = scenario.ground.material
    second, ways = _SECOND.get(base, base), tuple(_paths(scenario))
    cuts = tuple(tuple(float(v) for v in row) for row in holes(scenario))
    stage.ground = Ground(base, second, scenario.ground.size, paths=ways, yards=_yards(scenario), holes=cuts)  # type: ignore[arg-type]
    return stage


def prop_key(name: str) -> str:
    """Return the key under which a movable box is drawn."""
    return f"prop {name}"


def prop_places(props: Iterable[Mapping[str, object]]) -> dict[str, np.ndarray]:
    """Return where movable boxes are drawn: key -> [1, 4, 4], from `Prop.to_json()` or an episode's `props`."""
    places = {}
    for prop in props:
        m = np.eye(4, dtype=np.float32)
        turn = to_matrix(np.asarray(prop["rotation"], np.float32))
        m[:3, :3] = _TO_MOTION @ turn
        m[:3, 3] = to_motion(np.asarray(prop["position"], np.float32))
        places[prop_key(str(prop["name"]))] = m[None]
    return places


def places(world: World) -> dict[str, np.ndarray]:
    """Return where a running world's movable boxes, doors and platforms are drawn."""
    return prop_places([*(prop.to_json() for prop in world.props), *(mover.to_json() for mover in world.movers)])


Piece = tuple[np.ndarray, np.ndarray, str]
"""Centre [3] m, size [3] m (x forward, y left, z up) and material of a box."""


def crate_asset(shape: Shape) -> Asset:
    """Return a movable box as a body; one of wood is a crate with battens along its edges."""
    batten = min(0.09, 0.14 * min(shape.size))
    if shape.material != "wood" or batten < 0.02:
        return box_asset(shape.size, shape.material)
    inner = np.array(shape.size) - 0.03
    pieces = [(np.zeros(3), inner, "wood")]
    for axis in range(3):
        size = np.full(3, batten)
        size[axis] = shape.size[axis]
        others = [k for k in range(3) if k != axis]
        for i in (-1, 1):
            for j in (-1, 1):
                centre = np.zeros(3)
                centre[others] = [
                    i * (shape.size[others[0]] - batten) / 2, j * (shape.size[others[1]] - batten) / 2
                ]  # fmt: skip
                pieces.append((centre, size, "dark wood"))
    return piece_asset(pieces)


def door_asset(door: Door) -> Asset:
    """Return a door's leaf as a body: boards, two bands of iron and a handle on both sides."""
    wide, thick, high = door.width, door.thickness, door.height
    pieces: list[Piece] = [(np.zeros(3), np.array([wide, thick, high]), door.material)]
    bars = "metal" if door.material != "metal" else "dark stone"
    for up in (-0.32, 0.32):
        pieces.append((np.array([0.0, 0.0, up * high]), np.array([wide * 0.96, thick + 0.03, 0.1]), bars))
    handle = np.array([0.42 * wide, 0.0, min(1.05, 0.5 * high) - high / 2])
    pieces.append((handle, np.array([0.06, thick + 0.12, 0.16]), "gold"))
    return piece_asset(pieces)


def slab_asset(shape: Shape) -> Asset:
    """Return a platform's slab as a body: boards within a frame of iron."""
    length, width, height = shape.size
    rim = min(0.12, 0.2 * min(length, width))
    pieces = [(np.zeros(3), np.array([length - rim, width - rim, height * 0.96]), shape.material)]
    for side in (-1, 1):
        pieces.append((np.array([side * (length - rim) / 2, 0, 0]), np.array([rim, width, height]), "metal"))
        pieces.append((np.array([0, side * (width - rim) / 2, 0]), np.array([length, rim, height]), "metal"))
    return piece_asset(pieces)


def box_asset(size: tuple[float, float, float], material: str) -> Asset:
    """Return a plain box [3] m about its own middle (x forward, y left, z up) as a body of one node."""
    return piece_asset([(np.zeros(3), np.array(size), material)])


def piece_asset(pieces: Iterable[Piece]) -> Asset:
    """Return boxes as a body of one node about its own middle."""
    grouped: dict[str, list[solids.Triangles]] = {}
    for centre, size, material in pieces:
        grouped.setdefault(material if material in MATERIALS else "grey", []).append(
            solids.box(centre, size, turn=np.eye(3))
        )
    joined = {name: solids.join(boxes) for name, boxes in grouped.items()}
    return meshes_asset("piece", [(name, MATERIALS[name], mesh) for name, mesh in joined.items()])


def meshes_asset(name: str, meshes: Iterable[tuple[str, Surface, solids.Triangles | Mesh]]) -> Asset:
    """Return meshes, each with its material's name and surface, as a body of one node with this name."""
    primitives, materials, textures = [], [], []
    for number, (material, surface, mesh) in enumerate(meshes):
        picture = texture(surface.texture)
        shade = np.repeat(mesh.shades[:, None], 3, 1) * np.array(surface.color)
        primitives.append(
            Primitive(
                mesh.positions, mesh.normals, mesh.indices, (mesh.uvs / surface.span).astype(np.float32),
                np.c_[shade, np.ones(len(shade))].astype(np.float32), material=number,
            )
        )  # fmt: skip
        materials.append(Material(material, roughness=1.0, texture=number))
        textures.append(np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)]))
    return Asset(
        names=(name,), parents=np.array([-1], np.int32), translations=np.zeros((1, 3), np.float32),
        rotations=np.array([[0, 0, 0, 1]], np.float32), scales=np.ones((1, 3), np.float32),
        rest=np.eye(4, dtype=np.float32)[None], primitives=tuple(primitives), materials=tuple(materials),
        textures=tuple(textures),
    )  # fmt: skip


def _linear(value: float) -> float:
    return value**2.2


def _sky(scenario: Scenario) -> Sky:
    s = scenario.sky
    x, y, z = s.sun
    return Sky(
        zenith=tuple(_linear(c) * 0.75 for c in s.top),  # type: ignore[arg-type]
        horizon=tuple(_linear(c) for c in s.horizon),  # type: ignore[arg-type]
        sun_color=tuple(SUN * _linear(c) for c in s.sunlight),  # type: ignore[arg-type]
        sun_azimuth=math.atan2(y, x),
        sun_height=max(math.atan2(z, math.hypot(x, y)), 0.12),
        ambient=tuple(SHADE * c for c in s.ambient),  # type: ignore[arg-type]
        bounce=tuple(0.62 * SHADE * c * w for c, w in zip(s.ambient, (1.0, 0.9, 0.72), strict=True)),  # type: ignore[arg-type]
    )


def _add(stage: Stage, shape: Shape) -> None:
    material = shape.material if shape.material in stage.materials else "grey"
    centre, size = np.array(shape.centre), np.array(shape.size)
    if shape.kind == "cylinder":
        stage.add_cylinder(centre, size[0] / 2, size[2], material)
    elif shape.kind == "cone":
        stage.add_cone(centre - [0, 0, size[2] / 2], size[0] / 2, size[2], material)
    elif shape.kind == "ball":
        stage.add(ball(shape), material)
    elif shape.kind == "ramp":
        stage.add_ramp(centre, size, shape.heading, material)
    else:
        stage.add_box(centre, size, shape.heading, material)


def _add_cornices(stage: Stage, pieces: list[Shape], height: float) -> None:
    """Crown a crenellated wall with a thin ledge; it is for the eye and stands out 7 cm."""
    for piece in pieces:
        if abs(piece.centre[2] + piece.size[2] / 2 - height) < 0.01:
            centre = np.array([*piece.centre[:2], height - 0.02])
            size = np.array([piece.size[0], piece.size[1] + 0.14, 0.16])
            stage.add_box(centre, size, piece.heading, "dark stone")


def _add_slits(stage: Stage, at: tuple[float, float], radius: float, height: float) -> None:
    """Give a tower a ledge and arrow slits."""
    x, y = at
    stage.add_cylinder(np.array([x, y, height - 0.1]), radius + 0.1, 0.22, "dark stone")
    for k in range(8):
        turn = (k + 0.5) * math.pi / 4
        place = np.array([x + radius * math.cos(turn), y + radius * math.sin(turn), height * 0.62])
        stage.add_box(place, np.array([0.05, 0.13, 0.8]), turn, "soot")


def _yards(scenario: Scenario) -> tuple[tuple[float, float, float, float], ...]:
    """Return the trodden ground inside walls: the rectangle round all walls, a little smaller."""
    ends = np.array([p for s in scenario.solids if s.kind == "wall" for p in (s.start, s.end)])
    if len(ends) < 6:
        return ()
    (x0, y0), (x1, y1) = ends.min(0) + 2.6, ends.max(0) - 2.6
    return ((float(x0), float(y0), float(x1), float(y1)),) if x1 - x0 > 4 and y1 - y0 > 4 else ()


def _paths(scenario: Scenario) -> list[tuple[np.ndarray, float]]:
    """Return the way from the agent's start to its goal and beyond, and the ways that others walk."""
    agent = scenario.agent
    ways = [(np.array(e.path, float), 1.3) for e in scenario.entities if len(e.path) > 1]
    if agent.goal is not None:
        start, goal = np.array(agent.at), np.array(agent.goal)
        on = (goal - start) / max(float(np.linalg.norm(goal - start)), 1e-6)
        side = np.array([-on[1], on[0]])
        bends = [goal + on * 9 + side * 1.5, goal + on * 18 - side * 1.0, goal + on * 34 + side * 5.0]
        ways.append((np.array([start, goal, *bends]), 3.2))
    return ways
