"""App: the window and its loop: what happened, what is to be seen, and how smoothly."""

from __future__ import annotations

import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus.render.camera import planes
from hephaestus.render.scene import Shot
from hephaestus.thrift import PICTURE, be_thrifty, tidy
from prometheus.window.camcorder import Camcorder
from prometheus.window.detail import Detail
from prometheus.window.markings import Markings
from prometheus.window.opening import MOST_FPS, enlarge, most_fps, open_window
from prometheus.window.pacing import Pacer
from prometheus.window.remote import Remote
from prometheus.window.settings import Kept
from prometheus.window.snapshot import Blend, Snapshot
from prometheus.window.stats import Stats
from prometheus.window.viewpoint import Viewpoint
from prometheus.window.walking import Walker
from prometheus.world.physics import FRAME

if TYPE_CHECKING:
    from prometheus.config import Config
    from prometheus.window.show import Show

WAITING_FPS = 20.0
"""Pictures a second while there is no world to be seen."""
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
        playground: the running world; None while one is being put together.
        chosen: id of the actor whom the person looks at and moves.
        lost: why the world has gone, or "" while there is one.
    """

    def __init__(self, world: str, config: Config, wanted: Wanted) -> None:
        from prometheus.drawing.renderer import open_renderer

        self.kept = Kept.load()
        self.world, self.config, self.wanted = world, config, wanted
        size = wanted.size or self.kept.size
        # A driver that draws with the processor has processes of its own for pictures (`hephaestus.render.relay`); for
        # the little that is drawn here, threads cost more than they bring.
        os.environ.setdefault("LP_NUM_THREADS", "0")
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
                window=self.window, many=True,
            )  # fmt: skip
            self.desk = Desk(self.window)
            if size == Kept().size and size != wanted.size and not wanted.fullscreen:
                enlarge(self.window, self.desk.scale)
        except BaseException:
            self.window.close()
            raise
        self.detail = Detail(wanted.detail or self.kept.detail, fixed=wanted.detail is not None)
        self.markings = Markings(set(self.kept.marks))
        self.camcorder = Camcorder(wanted.out)
        self.tags = Tags()
        self.viewpoint, self.walker, self.stats = Viewpoint(), Walker(), Stats()
        self.playground: Show | None = None
        self.chosen = self.lost = ""
        self.is_open = True
        self.actions = Actions(self)
        self.panels = Panels(self)
        self.inputs = Inputs(self)
        self._opening: Show | None = None
        self._begun = False
        self._generation = self._seen = -1
        self._looked_at: Snapshot | None = None
        self._blend: Blend | None = None
        self._drawn = 0
        self._first: tuple[float, int, Any] = (time.perf_counter(), 0, None)
        self._shot = math.inf
        self._pacer = Pacer()
        self._most_fps = MOST_FPS if hasattr(self.renderer, "processes") else most_fps(self.window)

    def run(self) -> None:
        """Show the world until the window is closed.

        Raises:
            PrometheusError, aether.errors.AetherError, hephaestus.errors.BodyError: the world cannot be put together,
                or it has gone and was not begun anew.
        """
        # A thread beside must not keep the one that draws waiting for 5 ms, as Python's default would have it.
        sys.setswitchinterval(0.0005)
        be_thrifty(PICTURE)
        self._opening = self._open(self.world)
        self.window.set_visible(True)
        started: float | None = None
        last, spent = time.perf_counter(), 1 / MOST_FPS
        try:
            while self.is_open and not self.window.has_exit:
                self.inputs.poll()
                playing = self._take_over()
                self._draw(spent)
                shown = time.perf_counter()
                last, spent = shown, shown - last
                if self._drawn > WARM_UP and playing:
                    if started is None:
                        started, self._shot = shown, shown
                        self._begin_figures()
                    else:
                        self.stats.frame(spent)
                        self.inputs.shown(shown, None if self.shown is None else self.shown.camera)
                    if self.wanted.exit_after is not None and shown - started >= self.wanted.exit_after:
                        break
                self._rest()
        finally:
            failure = None if self.playground is None else self.playground.failure
            self.close()
        if failure is not None:
            raise failure

    def reopen(self) -> None:
        """Put the world together once more, where it has gone."""
        old = self.playground
        if old is not None and self.lost:
            old.close()
            self.playground, self.lost, self._generation = None, "", -1
            self._opening = self._open(self.world)

    def close(self) -> None:
        """Keep the settings, write the figures, and end everything."""
        if self.window is None:
            return
        self.kept.keep(self)
        if self.wanted.stats is not None:
            self.stats.size = self.window.get_framebuffer_size()
            self.stats.write(self.wanted.stats, **self._figures())
        self.camcorder.close()
        for show in (self.playground, self._opening):
            if show is not None:
                show.close()
        self.window.switch_to()
        self.tags.close()
        self.desk.close()
        self.renderer.close()
        self.window.close()
        self.window = None

    @property
    def shown(self) -> Shot | None:
        """What the picture shows that is on the screen, None while there is none; it may be some pictures old."""
        shot: Shot | None = self.renderer.shown
        return shot

    @property
    def snapshot(self) -> Snapshot | None:
        """The latest moment of the world, None while there is none."""
        return None if self.playground is None else self.playground.latest[1]

    @property
    def awake(self) -> bool:
        """Whether time has begun in the world that is to be seen, or was stopped before it could begin."""
        playground = self.playground
        return playground is not None and (playground.latest[1].frame > 0 or playground.pace.paused)

    def _open(self, world: str) -> Show:
        """Begin to put a world together."""
        return Remote(world, self.config)

    def _take_over(self) -> bool:
        """Take the world over when it is there; whether time has begun in it."""
        opening = self._opening
        if opening is not None:
            opening.advance()
            if opening.failure is not None and not self._begun:
                raise opening.failure
            if opening.setting is not None or opening.failure is not None:
                self.playground, self._opening, self._begun = opening, None, True
        elif self.playground is not None:
            self.playground.advance()
        playground = self.playground
        if playground is None:
            return False
        if playground.failure is not None:
            self.lost = str(playground.failure)
        if playground.generation != self._generation:
            self._load(playground)
        return self.awake

    def _load(self, playground: Show) -> None:
        """Load what the world looks like."""
        self._generation, setting = playground.generation, playground.setting
        if setting is None:
            return
        self.world = setting.world
        self.renderer.load(setting.stage, setting.shapes, setting.pictures)
        self.viewpoint.blocked = setting.stage.clear
        self.viewpoint.reset()
        self.chosen = setting.leader
        self.walker.release()
        self.detail.settle()
        self._seen = -1
        self.window.set_caption(f"PROMETHEUS: {setting.title}")
        tidy()
        playground.do("foresee", "ghosts" in self.markings.shown)
        playground.start()

    def _draw(self, seconds: float) -> None:
        """Draw one picture and show it."""
        started = time.perf_counter()
        self.window.switch_to()
        size = self.window.get_framebuffer_size()
        self.desk.begin()
        playground, still = self.playground, math.inf
        if playground is not None and playground.setting is not None and self._generation == playground.generation:
            self._follow_world(playground)
            self._draw_world(playground, size, min(seconds, 0.25))
            still = size[0] - self.panels.docked(size) if self.panels.docked(size) else math.inf
        else:
            self._draw_nothing()
        self.desk.lay_out(self.panels.lay_out)
        self.desk.lay_over(still)
        self.camcorder.see(size, time.perf_counter())
        if self.wanted.shots is not None and time.perf_counter() >= self._shot:
            self._shot += max(self.wanted.shots_every, 0.05)
            self.camcorder.shoot(size, self.wanted.shots)
        self.desk.end()
        self.window.flip()
        self._drawn += 1
        if self._blend is not None:
            self.detail.note(time.perf_counter() - started)

    def _follow_world(self, playground: Show) -> None:
        """Take note of a new moment, and of what was changed in the world."""
        snapshot = playground.latest[1]
        if playground.dressed:  # one a picture: each takes a while
            self.renderer.set_body(*playground.dressed.popleft())
        if playground.chosen:
            named, playground.chosen = playground.chosen, ""
            self.actions.choose(named)
        if snapshot.frame != self._seen:
            self._seen = snapshot.frame
            for name, mind in snapshot.minds.items():
                self.panels.dashboard.trace.add(name, snapshot.frame, mind.arousal, mind.emotion)
        if snapshot.actor(self.chosen) is None and playground.setting is not None:
            self.chosen = playground.setting.leader
        self.actions.walk()

    def _draw_world(self, playground: Show, size: tuple[int, int], seconds: float) -> None:
        before, after, at = playground.latest
        share = (time.perf_counter() - at) / FRAME * playground.pace.speed
        # A paused world is shown as it is; a frame that comes late is waited for in its last pose.
        share = 1.0 if playground.pace.paused else min(share, 1.0)
        if self._blend is None or not self._blend.joins(before, after):
            self._blend = Blend(before, after)
        places = self._blend.at(share)
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
        if after is not self._looked_at:
            self._looked_at = after
            playground.do("look", planes(camera.matrix(wide / max(size[1], 1))))
        if self.viewpoint.view == "eyes":
            places.pop(self.chosen, None)
        lines = self.markings.lines(after, places, self.renderer.stage.bodies, self.chosen)
        known = self.renderer.stage.bodies
        shown = {key: nodes for key, nodes in places.items() if key in known and len(nodes) == len(known[key].parents)}
        self.detail.still = playground.pace.paused
        self.renderer.resize(self.detail.size((wide, size[1])))
        self.inputs.asked(camera)
        self.renderer.render(Shot(camera, shown, lines=lines, time=after.frame * FRAME + share * FRAME))
        self.renderer.present(wide)
        drawn = self.shown
        if "names" in self.markings.shown and drawn is not None:
            self.tags.draw(after, drawn.placements, drawn.camera, (wide, size[1]), size, self.desk.scale)

    def _draw_nothing(self) -> None:
        from pyglet import gl

        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)
        gl.glViewport(0, 0, *self.window.get_framebuffer_size())
        gl.glClearColor(0.09, 0.10, 0.13, 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)

    def _begin_figures(self) -> None:
        """Begin to measure: what came before was loading."""
        living = () if self.playground is None else self.playground.processes
        drawing = getattr(self.renderer, "processes", ())
        named = dict(zip(("world", "motion"), living, strict=False))
        self.stats.begin(named | {f"drawing {k}": process for k, process in enumerate(drawing, 1)})
        if self.playground is not None:
            self._first = (time.perf_counter(), self.playground.latest[1].frame, self.playground.setting)

    def _figures(self) -> dict[str, Any]:
        """What the figures say besides: how finely the world was drawn, and how fast it went."""
        told: dict[str, Any] = {"detail": round(self.detail.mean, 3), "detail_least": self.detail.least}
        began, frame, setting = self._first
        passed = time.perf_counter() - began
        # Of a world that was begun anew meanwhile nothing is said.
        if self.playground is not None and self.playground.setting is setting and passed > 1.0:
            told["world_frames_per_s"] = round((self.playground.latest[1].frame - frame) / passed, 2)
        return told

    def _rest(self) -> None:
        """Leave the processor to others until the next picture is due; while a world is put together, that is later."""
        rate = self._most_fps if self.playground is not None else WAITING_FPS
        left = self._pacer.rest(time.perf_counter(), rate)
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
