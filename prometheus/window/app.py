"""App: the window and its loop: what happened, what is to be seen, and how smoothly."""

from __future__ import annotations

import math
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus.render.camera import planes
from prometheus.window.camcorder import Camcorder
from prometheus.window.detail import Detail
from prometheus.window.markings import Markings
from prometheus.window.opening import open_window
from prometheus.window.playground import Playground
from prometheus.window.settings import Kept
from prometheus.window.snapshot import Snapshot, between
from prometheus.window.stats import Stats, rss_mb
from prometheus.window.viewpoint import Viewpoint
from prometheus.window.walking import Walker
from prometheus.world.physics import FRAME

if TYPE_CHECKING:
    from prometheus.config import Config

MOST_FPS = 60.0
"""Pictures a second at the most, where the screen does not say."""
WARM_UP = 12
"""Pictures before the clock of the figures starts: shaders are compiled when they are first used."""
_THREAT = 14.0
"""m within which a beast is kept in the picture by a camera that follows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks of a window.

    Attributes:
        size: width and height in pixels, or None for the one it had last. fullscreen: whether it fills the screen.
        exit_after: s of play after which it closes by itself, or None.
        stats: file of figures, or None.
        shots_every, shots: s between two screenshots, and their folder, or None.
        out: folder for what a person keeps.
        detail: share of width and height that is drawn, or None for as much as is smooth.
    """

    size: tuple[int, int] | None = None
    fullscreen: bool = False
    exit_after: float | None = None
    stats: Path | None = None
    shots_every: float = 0.0
    shots: Path | None = None
    out: Path = Path("out") / "play"
    detail: float | None = None


class App:
    """A person's window into a world.

    Args:
        world: name or file of the first world.
        config: the settings of its runs.
        wanted: what the command line asks of the window.

    Raises:
        RenderError: no window can be opened here.

    Attributes:
        playground: the running world; None while the first one is being put together.
        chosen: id of the actor whom the person looks at and moves.
    """

    def __init__(self, world: str, config: Config, wanted: Wanted) -> None:
        from prometheus.renderer import open_renderer

        self.kept = Kept.load()
        self.world, self.config, self.wanted = world, config, wanted
        size = wanted.size or self.kept.size
        self.window = open_window(size, f"PROMETHEUS: {world}", fullscreen=wanted.fullscreen)
        try:
            from prometheus.window.actions import Actions
            from prometheus.window.desk import Desk
            from prometheus.window.inputs import Inputs
            from prometheus.window.panels import Panels
            from prometheus.window.tags import Tags

            samples = config.video.samples if "samples" in config.video.model_fields_set else 0
            self.renderer: Any = open_renderer(
                self.window.get_framebuffer_size(), shadows=config.video.shadows, samples=samples, kind="gl",
                window=self.window,
            )  # fmt: skip
            self.desk = Desk(self.window)
        except BaseException:
            self.window.close()
            raise
        self.detail = Detail(wanted.detail or self.kept.detail, fixed=wanted.detail is not None)
        self.markings = Markings(set(self.kept.marks))
        self.camcorder = Camcorder(wanted.out)
        self.tags = Tags()
        self.viewpoint, self.walker, self.stats = Viewpoint(), Walker(), Stats()
        self.playground: Playground | None = None
        self.chosen = ""
        self.is_open = True
        self.actions = Actions(self)
        self.panels = Panels(self)
        self.inputs = Inputs(self)
        self._opening: Playground | BaseException | None = None
        self._generation = self._seen = -1
        self._drawn = 0
        self._shot = math.inf

    def run(self) -> None:
        """Show the world until the window is closed.

        Raises:
            PrometheusError, aether.errors.AetherError, hephaestus.errors.BodyError: the world cannot be put together,
                or the motion model has gone.
        """
        # The world's thread must not keep the one that draws waiting for 5 ms, as Python's default would have it.
        sys.setswitchinterval(0.0005)
        threading.Thread(target=self._open_world, name="opening", daemon=True).start()
        self.window.set_visible(True)
        started: float | None = None
        last, spent = time.perf_counter(), 1 / MOST_FPS
        try:
            while self.is_open and not self.window.has_exit:
                self.inputs.poll()
                playing = self._take_over()
                begun = time.perf_counter()
                self._draw(spent)
                shown = time.perf_counter()
                last, spent = shown, shown - last
                if self._drawn > WARM_UP and playing:
                    if started is None:
                        started, self.stats.start, self._shot = shown, rss_mb(), shown
                    else:
                        self.stats.frame(spent)
                        self.inputs.shown(shown)
                    if self.wanted.exit_after is not None and shown - started >= self.wanted.exit_after:
                        break
                self._rest(shown - begun)
        finally:
            self.close()

    def close(self) -> None:
        """Keep the settings, write the figures, and end everything."""
        if self.window is None:
            return
        self.kept.keep(self)
        if self.wanted.stats is not None:
            self.stats.size = self.window.get_framebuffer_size()
            self.stats.write(self.wanted.stats, detail=round(self.detail.mean, 3))
        self.camcorder.close()
        if self.playground is not None:
            self.playground.close()
        self.window.switch_to()
        self.tags.close()
        self.desk.close()
        self.renderer.close()
        self.window.close()
        self.window = None

    @property
    def snapshot(self) -> Snapshot | None:
        """The latest moment of the world, None while there is none."""
        return None if self.playground is None else self.playground.latest[1]

    def _open_world(self) -> None:
        try:
            self._opening = Playground.open(self.world, self.config)
        except BaseException as error:
            self._opening = error

    def _take_over(self) -> bool:
        """Take the world over when it is there; whether time has begun in it."""
        if self.playground is None and self._opening is not None:
            if isinstance(self._opening, BaseException):
                raise self._opening
            self.playground = self._opening
            self.playground.start()
        playground = self.playground
        if playground is None:
            return False
        if playground.failure is not None:
            raise playground.failure
        if playground.generation != self._generation:
            self._load(playground)
        return playground.latest[1].frame > 0

    def _load(self, playground: Playground) -> None:
        """Load what the world looks like."""
        self._generation = playground.generation
        world, stage = playground.simulation.world, playground.stage
        self.renderer.load(stage)
        self.viewpoint.blocked = stage.clear
        self.viewpoint.reset()
        self.chosen = playground.simulation.agent.id
        self.walker.release()
        self._seen = -1
        self.window.set_caption(f"PROMETHEUS: {world.scenario.title or world.scenario.name}")

    def _draw(self, seconds: float) -> None:
        """Draw one picture and show it."""
        started = time.perf_counter()
        self.window.switch_to()
        size = self.window.get_framebuffer_size()
        playground = self.playground
        if playground is not None and self._generation == playground.generation:
            self._follow_world(playground)
            self._draw_world(playground, size, min(seconds, 0.25))
        else:
            self._draw_nothing()
        self.desk.lay_out(self.panels.lay_out)
        self.desk.lay_over()
        self.camcorder.see(size, time.perf_counter())
        if self.wanted.shots is not None and time.perf_counter() >= self._shot:
            self._shot += max(self.wanted.shots_every, 0.05)
            self.camcorder.shoot(size, self.wanted.shots)
        self.window.flip()
        self._drawn += 1
        self.detail.note(time.perf_counter() - started)

    def _follow_world(self, playground: Playground) -> None:
        """Take note of a new moment, and of what was changed in the world."""
        snapshot = playground.latest[1]
        while playground.dressed:
            key, asset = playground.dressed.popleft()
            self.renderer.set_body(key, asset)
        if snapshot.frame != self._seen:
            self._seen = snapshot.frame
            for name, mind in snapshot.minds.items():
                self.panels.dashboard.trace.add(name, snapshot.frame, mind.arousal, mind.emotion)
        if snapshot.actor(self.chosen) is None:
            self.chosen = playground.simulation.agent.id
        self.actions.walk()

    def _draw_world(self, playground: Playground, size: tuple[int, int], seconds: float) -> None:
        before, after, at = playground.latest
        share = (time.perf_counter() - at) / FRAME * playground.pace.speed
        # A paused world is shown as it is; a frame that comes late is waited for in its last pose.
        share = 1.0 if playground.pace.paused else min(share, 1.0)
        places = between(before, after, share)
        actor = after.actor(self.chosen)
        assert actor is not None
        seen = _midway(before.actor(self.chosen), actor, share)
        height = playground.heights.get(self.chosen, 1.75)
        self.viewpoint.aside = -self.panels.covered(size)
        wide = size[0] - self.panels.docked(size)
        self.viewpoint.wide = wide
        mind = after.minds.get(self.chosen)
        # Who walks by hand wants to see where they go.
        threat = None if mind is None or mind.steered else _threat(after, self.chosen)
        camera = self.viewpoint.look(seen, height, threat, seconds)
        # A recording is shown as it was recorded, and has no cast.
        if getattr(playground, "cast", None) is not None:
            playground.cast.planes = planes(camera.matrix(wide / max(size[1], 1)))
        if self.viewpoint.view == "eyes":
            places.pop(self.chosen, None)
        lines = self.markings.lines(after, places, self.renderer.stage.bodies, self.chosen)
        known = self.renderer.stage.bodies
        shown = {key: nodes for key, nodes in places.items() if key in known and len(nodes) == len(known[key].parents)}
        self.renderer.resize(self.detail.size((wide, size[1])))
        self.renderer.render(camera, shown, lines=lines, time=after.frame * FRAME + share * FRAME)
        self.renderer.present(wide)
        if "names" in self.markings.shown:
            self.tags.draw(after, shown, camera, (wide, size[1]), size, self.desk.scale)

    def _draw_nothing(self) -> None:
        from pyglet import gl

        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)
        gl.glViewport(0, 0, *self.window.get_framebuffer_size())
        gl.glClearColor(0.09, 0.10, 0.13, 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)

    def _rest(self, spent: float) -> None:
        """Leave the processor to others until the next picture is due."""
        left = 1 / MOST_FPS - spent
        if left > 0.0005:
            time.sleep(left)


def _midway(before: Any, after: Any, share: float) -> dict[str, Any]:
    """Return place and heading of an actor between two moments."""
    end = np.asarray(after["position"], float)
    start = end if before is None else np.asarray(before["position"], float)
    if float(np.abs(end - start).max()) > 1.5:
        start = end
    turn = 0.0 if before is None else math.remainder(float(after["heading"]) - float(before["heading"]), 2 * math.pi)
    return {"position": start + share * (end - start), "heading": float(after["heading"]) - (1 - share) * turn}


def _threat(snapshot: Snapshot, chosen: str) -> np.ndarray | None:
    """Return where the nearest beast is that a follower should keep in the picture, or None."""
    own = snapshot.actor(chosen)
    if own is None or own["kind"] == "beast":
        return None
    place = np.asarray(own["position"], float)
    beasts = [np.asarray(a["position"], float) for a in snapshot.state["actors"] if a["kind"] == "beast"]
    near = min(beasts, key=lambda p: float(np.linalg.norm(p - place)), default=None)
    return near if near is not None and float(np.linalg.norm(near - place)) < _THREAT else None
