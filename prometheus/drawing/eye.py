"""Eye: what an actor sees, as a picture for minds with vision, and as metres."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.world.arena import EVERYTHING

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.render.scene import Renderer
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World


_BATCH = 8192
"""Rays at once; Bullet takes no more than 16384."""


class Eye:
    """Draws what an actor has before its eyes; a `Camera` of `prometheus.world.perception`.

    The world is loaded into the renderer when the first picture is asked for.

    Args:
        size: width and height in pixels.
        view: vertical field of view, rad.
        kind: of renderer, as `prometheus.drawing.renderer.open_renderer` takes it.
    """

    def __init__(self, size: tuple[int, int] = (320, 240), view: float = 1.1, kind: str = "auto") -> None:
        self.size, self.view = size, view
        self._kind = kind
        self._renderer: Renderer | None = None
        self._world: World | None = None
        self._bodies: dict[str, Body] = {}

    def __call__(self, world: World, actor: Actor) -> bytes:
        """Return a PNG of what an actor sees.

        Raises:
            RenderError: nothing here can draw.
        """
        from PIL import Image

        data = io.BytesIO()
        Image.fromarray(self.draw(world, actor)).save(data, "PNG")
        return data.getvalue()

    def draw(self, world: World, actor: Actor) -> np.ndarray:
        """Return the picture, uint8 [h, w, 3] sRGB; the actor's own body is not in it.

        Raises:
            RenderError: nothing here can draw.
        """
        from hephaestus.render.camera import Camera
        from hephaestus.render.scene import Shot
        from prometheus.drawing.stage import places
        from prometheus.drawing.worldview import standing

        renderer = self._load(world)
        nodes = places(world) | standing(world, self._bodies, leave_out=actor)
        eye = np.array(actor.eye)
        ahead = np.array([math.cos(actor.heading), math.sin(actor.heading), -0.12])
        return renderer.draw(Shot(Camera.in_world(eye, eye + ahead, self.view), nodes, time=world.time))

    def depth(self, world: World, actor: Actor, size: tuple[int, int] = (64, 48), reach: float = 20.0) -> np.ndarray:
        """Return how far it is along each pixel's ray, float32 [h, w] m; `reach` where nothing is met.

        The rays are those of physics: walls, things, the ground and other bodies, whatever draws.
        """
        width, height = size
        tall = math.tan(self.view / 2)
        wide = tall * width / height
        u, v = np.meshgrid((np.arange(width) + 0.5) / width * 2 - 1, 1 - (np.arange(height) + 0.5) / height * 2)
        down = math.atan(0.12)
        c, s = math.cos(actor.heading), math.sin(actor.heading)
        ahead, up = math.cos(down) + v * tall * math.sin(down), -math.sin(down) + v * tall * math.cos(down)
        left = -u * wide
        rays = np.stack([c * ahead - s * left, s * ahead + c * left, up], -1).reshape(-1, 3)
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        # From just outside its own hull, which would else be met first.
        start = actor.radius + 0.05
        starts, ends = actor.eye + rays * start, actor.eye + rays * reach
        shares = [
            share
            for i in range(0, len(rays), _BATCH)
            for share, _ in world.rays(starts[i : i + _BATCH].tolist(), ends[i : i + _BATCH].tolist(), EVERYTHING)
        ]
        metres = start + np.array(shares) * (reach - start)
        return metres.reshape(height, width).astype(np.float32)

    def close(self) -> None:
        """Give the renderer's memory back; closing twice is allowed."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = self._world = None

    def _load(self, world: World) -> Renderer:
        from hephaestus.bodies import load_body
        from prometheus.drawing.renderer import open_renderer
        from prometheus.drawing.stage import build_stage

        if self._renderer is None:
            self._renderer = open_renderer(self.size, shadows=False, samples=0, kind=self._kind)
        worn: dict[str, Any] = {actor.body: None for actor in world.actors}
        if self._world is not world or not worn.keys() <= self._bodies.keys():
            self._bodies = {name: load_body(name) for name in worn}
            assets = {actor.id: self._bodies[actor.body].asset for actor in world.actors}
            self._renderer.load(build_stage(world.scenario, assets))
            self._world = world
        return self._renderer
