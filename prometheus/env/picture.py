"""Picture: a driven body from behind, as it is, in memory or in a window."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.errors import ConfigError, shorten

if TYPE_CHECKING:
    from hephaestus.render.follow import FollowCamera
    from hephaestus.render.scene import Shot
    from prometheus.env.core import Field
    from prometheus.pace import Pace

MODES = ("human", "rgb_array")
SIZE = (480, 320)
WINDOW = (720, 480)
_FIRST_S = 0.05


def modes() -> list[str]:
    """Return the modes that work here: a window needs a display."""
    screen = not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY"))
    return [mode for mode in MODES if screen or mode != "human"]


class Picture:
    """Draws the world behind the first of the driven.

    Args:
        mode: "rgb_array" for pictures in memory, "human" for a window, which runs at the world's own pace.

    Raises:
        ConfigError: there is no such mode.
    """

    def __init__(self, mode: str | None) -> None:
        if mode is not None and mode not in MODES:
            raise ConfigError(f"render_mode is {', '.join(map(repr, MODES))} or None, not '{shorten(mode, 30)}'")
        self.mode = mode
        self._renderer: Any = None
        self._window: Any = None
        self._world: Any = None
        self._camera: FollowCamera | None = None
        self._pace: Pace | None = None
        self._bodies: dict[str, Any] = {}
        self._time = 0.0

    def draw(self, field: Field) -> np.ndarray:
        """Return uint8 [h, w, 3] sRGB.

        Raises:
            RenderError: nothing here can draw.
        """
        self._load(field)
        picture: np.ndarray = self._renderer.draw(self._shot(field))
        return picture

    def show(self, field: Field) -> None:
        """Draw into the window when the frame's hour has come; one that was closed stays closed.

        Raises:
            RenderError: there is no display, or nothing can draw on it.
        """
        if self._window is not None and self._window.has_exit:
            return
        self._load(field)
        assert self._pace is not None
        self._pace.wait()
        self._window.switch_to()
        self._window.dispatch_events()
        if self._window.has_exit:
            return
        self._renderer.render(self._shot(field))
        self._renderer.present()
        self._window.flip()

    def close(self) -> None:
        """Give renderer and window back."""
        if self._renderer is not None:
            self._renderer.close()
        if self._window is not None:
            self._window.close()
        self._renderer = self._window = self._world = None

    def _shot(self, field: Field) -> Shot:
        """What is to be drawn."""
        from hephaestus.render.camera import to_motion
        from hephaestus.render.scene import Shot
        from prometheus.drawing.stage import places
        from prometheus.drawing.worldview import standing

        world, actor = field.world, field.world.agent
        nodes = places(world) | standing(world, self._bodies)
        for agent in field.simulation.agents:
            act = field.acts.get(agent.id)
            if act is not None:
                nodes[agent.id] = agent.body.asset.world(act.pose.local[None])[0]
        beasts = [npc for npc in world.npcs if npc.kind == "beast"]
        near = min(beasts, key=lambda beast: actor.distance_to(beast.position), default=None)
        threat = None if near is None else to_motion(np.asarray(near.position, float))
        passed, self._time = max(world.time - self._time, _FIRST_S), world.time
        assert self._camera is not None
        place = to_motion(np.asarray(actor.position, float))
        camera = self._camera.update(place, actor.heading, threat, passed, actor.height)
        return Shot(camera, nodes, time=world.time)

    def _load(self, field: Field) -> None:
        from hephaestus.bodies import load_body
        from hephaestus.render.follow import FollowCamera
        from prometheus.drawing.stage import build_stage

        if self._renderer is None:
            self._open()
        world = field.world
        if self._world is not world:
            names = {actor.body for actor in world.actors}
            self._bodies = {name: self._bodies.get(name) or load_body(name) for name in names}
            worn = {agent.id: agent.body.asset for agent in field.simulation.agents}
            assets = {actor.id: worn.get(actor.id) or self._bodies[actor.body].asset for actor in world.actors}
            stage = build_stage(world.scenario, assets)
            self._renderer.load(stage)
            self._camera = FollowCamera(blocked=stage.clear)
            self._world, self._time = world, world.time

    def _open(self) -> None:
        from prometheus.drawing.renderer import open_renderer
        from prometheus.pace import Pace

        if self.mode == "human":
            from prometheus.window.opening import open_window

            self._window = open_window(WINDOW, "PROMETHEUS")
            self._window.set_visible()
            if "headless" in type(self._window).__module__:
                warnings.warn("nothing is seen: this process drew without a window before; open it first", stacklevel=2)
            self._pace = Pace()
        size = SIZE if self._window is None else WINDOW
        self._renderer = open_renderer(size, shadows=True, samples=0, window=self._window)
