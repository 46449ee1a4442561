"""Worldview: a picture of a world, from above and in perspective, with everybody at their start."""

from __future__ import annotations

import io
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.errors import ConfigError, shorten

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.render.camera import Camera
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World
    from prometheus.world.scenario import Scenario

Colour = tuple[int, int, int]
MARKS: dict[str, Colour] = {
    "agent": (255, 222, 60), "beast": (255, 70, 50), "man": (110, 180, 255), "woman": (110, 180, 255),
}  # fmt: skip
GOAL: Colour = (110, 255, 110)
COLOURS = (112, 72, 48, 32, 24)
"""Of the picture below its marks: as many as the file has room for."""
SMALL = 0.40
"""Bytes for a pixel: 140 kB for a picture of 880 x 400."""
BAND = 26
"""Pixels of the line of text below the two pictures."""


def draw_world(
    scenario: Scenario, path: Path, *, seed: int | None = None, size: tuple[int, int] = (880, 400), kind: str = "auto"
) -> str:
    """Draw a world as a PNG: on the left from above, on the right in perspective.

    Args:
        scenario: the world.
        path: of the picture; written whole or not at all.
        seed: of its variations; the scenario's own when None.
        size: pixels of the whole picture.
        kind: of renderer, as `prometheus.drawing.renderer.open_renderer` takes it.

    Returns:
        The renderer's name.

    Raises:
        RenderError: nothing here can draw.
        ConfigError: the picture cannot be written.
    """
    from PIL import Image

    from hephaestus.bodies import load_body
    from hephaestus.render.scene import Shot
    from prometheus.drawing.renderer import open_renderer
    from prometheus.drawing.stage import build_stage, places
    from prometheus.world.physics import World

    width, height = size
    half = (width // 2 - 2, height - BAND)
    canvas = Image.new("RGB", size, (18, 20, 26))
    with World(scenario, seed) as world:
        bodies = {name: load_body(name) for name in sorted({actor.body for actor in world.actors})}
        stage = build_stage(world.scenario, {actor.id: bodies[actor.body].asset for actor in world.actors})
        renderer = open_renderer(half, kind=kind)
        try:
            renderer.load(stage)
            nodes = places(world) | standing(world, bodies)
            low, high = extent(world)
            cameras = above(low, high, half), aside(low, high, half)
            for column, camera in enumerate(cameras):
                picture = renderer.draw(Shot(camera, nodes, time=0.4))
                canvas.paste(Image.fromarray(picture), (column * (width - half[0]), 0))
            name = renderer.name
        finally:
            renderer.close()
        lines = marks(world)
        for colours in COLOURS:
            # What is marked is drawn after the colours have been made fewer, so that its own stay what they are.
            few = canvas.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            for column, camera in enumerate(cameras):
                _mark(few, lines, camera, half, column * (width - half[0]))
            _caption(few, world, half[1])
            data = io.BytesIO()
            few.save(data, "PNG", optimize=True)
            if data.tell() <= SMALL * width * height:
                break
    _save(data.getvalue(), path)
    return name


def standing(world: World, bodies: dict[str, Body], leave_out: Actor | None = None) -> dict[str, np.ndarray]:
    """Return every actor's nodes [J, 4, 4] in the motion frame, as it walks or stands now, by its id."""
    from prometheus.world.gait import gait_motion

    shown = [actor for actor in world.actors if actor is not leave_out]
    if not shown:
        return {}
    motion = gait_motion(
        np.array([getattr(actor, "phase", 0.0) for actor in shown]), np.array([actor.speed for actor in shown]),
        np.array([actor.position for actor in shown]), np.array([actor.heading for actor in shown]),
        np.array([getattr(actor, "arousal", 0.0) for actor in shown]),
    )  # fmt: skip
    nodes = {}
    for i, actor in enumerate(shown):
        body = bodies[actor.body]
        nodes[actor.id] = body.asset.world(body.poses(motion[i : i + 1]))[0]
    return nodes


def extent(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest corner (x, y m) of what there is to see."""
    points = [actor.position[:2] for actor in world.actors]
    points += [np.array(mind.goal) for mind in world.scenario.minds if mind.goal is not None]
    for shape in world.shapes:
        reach = 0.5 * math.hypot(*shape.size[:2]) if shape.kind == "box" else 0.5 * shape.size[0]
        along = np.array([math.cos(shape.heading), math.sin(shape.heading)]) * shape.size[0] / 2
        reach = min(reach, shape.size[1]) if shape.kind == "box" else reach
        points += [np.array(shape.centre[:2]) + along + reach, np.array(shape.centre[:2]) - along - reach]
    for solid in world.scenario.solids:
        if solid.kind in ("pit", "water", "hills"):
            half = np.array(solid.size) / 2
            points += [np.array(solid.at) - half, np.array(solid.at) + half]
    every = np.clip(np.array(points), -80, 80)
    return every.min(0) - 0.8, every.max(0) + 0.8


def above(low: np.ndarray, high: np.ndarray, size: tuple[int, int]) -> Camera:
    """Return a camera that looks straight down on a rectangle, x to the right and y up."""
    from hephaestus.render.camera import Camera

    fov = 0.42
    wide, tall = high - low
    away = max(tall, wide * size[1] / size[0]) / 2 / math.tan(fov / 2) + 2.0
    middle = (low + high) / 2
    # A hair off the vertical fixes which way is up in the picture.
    eye, at = np.array([middle[0], middle[1] - 1e-3 * away, away]), np.array([*middle, 0.0])
    return Camera.in_world(eye, at, fov) if away < 1e6 else Camera(eye, at)


def aside(low: np.ndarray, high: np.ndarray, size: tuple[int, int]) -> Camera:
    """Return a camera that looks at a rectangle from the south-west, as far off as shows all of it."""
    from hephaestus.render.camera import Camera

    middle = np.array([*((low + high) / 2), 0.5])
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (0.0, 2.0)])
    turn, rise, fov = -2.1, 0.62, 0.62
    way = np.array([math.cos(turn) * math.cos(rise), math.sin(turn) * math.cos(rise), math.sin(rise)])
    away = 4.0
    while away < 400:
        camera = Camera.in_world(middle + way * away, middle, fov)
        seen = camera.project(corners[:, [1, 2, 0]], size)
        inside = (seen[:, 0] > 0.02 * size[0]) & (seen[:, 0] < 0.98 * size[0])
        if (inside & (seen[:, 1] > 0.02 * size[1]) & (seen[:, 1] < 0.98 * size[1]) & (seen[:, 2] > 0.5)).all():
            break
        away *= 1.04
    return camera


def marks(world: World) -> list[tuple[np.ndarray, Colour, int]]:
    """Return lines to be drawn over a picture: points [N, 3] m (world), colour, width in pixels.

    Rings round everybody's feet with a stroke to where they look, the paths of others, crosses at goals.
    """
    found: list[tuple[np.ndarray, Colour, int]] = []

    def on_ground(points: np.ndarray) -> np.ndarray:
        return np.c_[points, world.ground_at(points, 0.5)[0] + 0.05]

    for npc in world.npcs:
        if len(npc.entity.path) > 1:
            found.append((on_ground(np.array(npc.entity.path)), MARKS.get(npc.kind, GOAL), 1))
    for mind in world.scenario.minds:
        if mind.goal is not None:
            cross = np.array([[-0.6, -0.6], [0.6, 0.6], [0, 0], [-0.6, 0.6], [0.6, -0.6]])
            found.append((on_ground(cross + mind.goal), GOAL, 3))
    turns = np.linspace(0, 2 * math.pi, 25)
    for actor in world.actors:
        feet, reach = actor.position, actor.radius + 0.3
        ring = np.stack([np.cos(turns), np.sin(turns)], 1) * reach
        ahead = np.array([math.cos(actor.heading), math.sin(actor.heading)])
        color = MARKS.get(actor.kind, GOAL)
        for line in (ring, np.array([reach * ahead, (reach + 0.8) * ahead])):
            found.append((np.c_[feet[:2] + line, np.full(len(line), feet[2] + 0.05)], color, 2))
    return found


def _mark(
    canvas: Any, lines: list[tuple[np.ndarray, Colour, int]], camera: Camera, size: tuple[int, int], at: int
) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(canvas)
    for points, color, width in lines:
        spots = camera.project(points[:, [1, 2, 0]], size)
        if (spots[:, 2] > 0.1).all():
            pen.line([(float(x) + at, float(y)) for x, y, _ in spots], fill=color, width=width)


def _caption(canvas: Any, world: World, top: int) -> None:
    from PIL import ImageDraw, ImageFont

    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=13)
    scenario = world.scenario
    text = f"{scenario.name}: {scenario.title}" if scenario.title else scenario.name
    while len(text) > 8 and pen.textlength(text, font=font) > canvas.width - 330:
        text = text[:-4] + "..." if not text.endswith("...") else text[:-5] + "..."
    pen.text((8, top + 5), text, (226, 224, 216), font=font)
    x = float(canvas.width - 8)
    legend = [("goal", GOAL)] * (scenario.agent.goal is not None)
    kinds = sorted({npc.kind for npc in world.npcs})
    legend += [(kind, MARKS.get(kind, GOAL)) for kind in kinds] + [("agent", MARKS["agent"])]
    for word, color in legend:
        x -= pen.textlength(word, font=font)
        pen.text((x, top + 5), word, color, font=font)
        x -= 14


def _save(data: bytes, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ConfigError(f"cannot write {shorten(str(path), 120)}: {error.strerror}; choose another place") from error
