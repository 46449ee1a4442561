"""Picture: a driven body from behind, as it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from prometheus.env.core import Field

SIZE = (480, 320)


class Picture:
    """Draws the world behind the first of the driven.

    Args:
        size: width and height in pixels.
    """

    def __init__(self, size: tuple[int, int] = SIZE) -> None:
        self.size = size
        self._renderer: Any = None
        self._world: Any = None
        self._bodies: dict[str, Any] = {}

    def draw(self, field: Field) -> np.ndarray:
        """Return uint8 [h, w, 3] sRGB.

        Raises:
            RenderError: nothing here can draw.
        """
        from hephaestus.render.camera import Camera
        from prometheus.stage import places
        from prometheus.worldview import standing

        world = field.world
        self._load(field)
        nodes = places(world) | standing(world, self._bodies)
        for agent in field.simulation.agents:
            act = field.acts.get(agent.id)
            if act is not None:
                nodes[agent.id] = agent.body.asset.world(act.pose.local[None])[0]
        actor = world.agent
        ahead = np.array([math.cos(actor.heading), math.sin(actor.heading), 0.0])
        place = np.array(actor.position, float)
        eye, target = place - 4.5 * ahead + [0, 0, 2.6], place + 1.5 * ahead + [0, 0, 1.0]
        picture: np.ndarray = self._renderer.draw(Camera.in_world(eye, target, 1.0), nodes, time=world.time)
        return picture

    def close(self) -> None:
        """Give the renderer back."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = self._world = None

    def _load(self, field: Field) -> None:
        from hephaestus.bodies import load_body
        from prometheus.renderer import open_renderer
        from prometheus.stage import build_stage

        if self._renderer is None:
            self._renderer = open_renderer(self.size, shadows=True, samples=0)
        world = field.world
        if self._world is not world:
            names = {actor.body for actor in world.actors}
            self._bodies = {name: self._bodies.get(name) or load_body(name) for name in names}
            worn = {agent.id: agent.body.asset for agent in field.simulation.agents}
            assets = {actor.id: worn.get(actor.id) or self._bodies[actor.body].asset for actor in world.actors}
            self._renderer.load(build_stage(world.scenario, assets))
            self._world = world
