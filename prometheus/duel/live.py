"""Live: a duel in a window while it happens; brains think in a thread of their own, so that the window never waits."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.duel.screen import Screen, Side, brain_title, picture_size
from prometheus.pace import Pace

if TYPE_CHECKING:
    from prometheus.config import Config
    from prometheus.duel.match import Match
    from prometheus.loop import Moment

_REST = 0.004


def show(match: Match, frames: int, config: Config) -> int:
    """Play a duel in a window; space pauses, Escape ends it there.

    Args:
        match: what is played; its episodes are complete up to where it was ended.
        frames: that it has.
        config: size, shadows and speed.

    Returns:
        Frames that were played.

    Raises:
        RenderError: no window can be opened here.
    """
    from prometheus.drawing.renderer import open_renderer
    from prometheus.drawing.stage import build_stage
    from prometheus.window.opening import open_window

    size = picture_size(config.video)
    player = Player(match, frames, Pace(config.speed))
    world = match.simulations[0].world
    bodies = {name: body.asset for name, body in player.bodies.items()}
    names = (brain_title(match.settings[0].brain.model), brain_title(match.settings[1].brain.model))
    # Neither the worlds' thread may keep the one that draws waiting, nor the driver's threads both: see `App`.
    sys.setswitchinterval(0.0005)
    os.environ.setdefault("LP_NUM_THREADS", "0")
    window = open_window(size, f"PROMETHEUS: {names[0]} and {names[1]}")
    try:
        stage = build_stage(world.scenario, bodies)
        screen = Screen(size, frames, names, world.scenario, stage)
        samples = config.video.samples if "samples" in config.video.model_fields_set else 0
        renderer = open_renderer(
            screen.half, shadows=config.video.shadows, samples=samples, kind="gl", window=window, many=True
        )  # fmt: skip
        try:
            renderer.load(stage)
            _attend(window, player)
            window.set_visible(True)
            player.start()
            _loop(window, player, screen, renderer)
        finally:
            player.stop()
            renderer.close()
    finally:
        window.close()
    if player.failure is not None:
        raise player.failure
    return player.played


class Player:
    """Plays a match in a thread, at the clock's pace, and keeps what is drawn of its last frame.

    Attributes:
        latest: both sides of the last frame, None before the first. played: frames so far. bodies: worn, by actor.
        failure: what ended it before its time, or None.
    """

    def __init__(self, match: Match, frames: int, pace: Pace) -> None:
        from prometheus.window.cast import Cast

        self.pace, self.played, self.frames = pace, 0, frames
        self.latest: tuple[Side, Side] | None = None
        self.failure: BaseException | None = None
        self.match = match
        self._casts = tuple(Cast(simulation) for simulation in match.simulations)
        self.bodies = {actor.id: self._casts[0].body(actor.id) for actor in match.simulations[0].world.actors}
        self._decisions: list[dict[str, Any] | None] = [None, None]
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="duel", daemon=True)

    @property
    def done(self) -> bool:
        """Whether all frames were played, or playing failed."""
        return self.played >= self.frames or self.failure is not None

    def start(self) -> None:
        """Let time run."""
        self._thread.start()

    def stop(self) -> None:
        """End it after the frame that is being played."""
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ends.is_set() and self.played < self.frames:
                if self.pace.due():
                    moments = self.match.step()
                    a, b = (self._side(k, moment) for k, moment in enumerate(moments))
                    self.latest = (a, b)
                    self.played += 1
                else:
                    time.sleep(min(max(self.pace.rest, 0.001), _REST))
        except BaseException as error:
            self.failure = error

    def _side(self, k: int, moment: Moment) -> Side:
        from prometheus.drawing.stage import places
        from prometheus.episode import thought_to_json

        world, act = self.match.simulations[k].world, moment.acts[0]
        if act.thought is not None and act.verdict is not None and act.scene is not None:
            self._decisions[k] = {
                "frame": moment.frame, "scene": act.scene.to_json("article"), "thought": thought_to_json(act.thought),
                "verdict": act.verdict.to_json(),
            }  # fmt: skip
        frame = world.state() | {"frame": moment.frame}
        return frame, self._casts[k].places(moment) | places(world), self._decisions[k]


def _attend(window: Any, player: Player) -> None:
    """Let keys pause and end it."""
    from pyglet.window import key

    def on_key_press(symbol: int, _modifiers: int) -> bool:
        if symbol == key.SPACE:
            if player.pace.paused:
                player.pace.resume()
            else:
                player.pace.pause()
        elif symbol == key.ESCAPE:
            window.has_exit = True
        return True

    window.push_handlers(on_key_press=on_key_press)


def _loop(window: Any, player: Player, screen: Screen, renderer: Any) -> None:
    """Show every new frame until the last was seen or somebody closes the window."""
    pane = Pane(window)
    seen = -1
    picture: np.ndarray | None = None
    try:
        while not window.has_exit:
            window.switch_to()
            window.dispatch_events()
            latest = player.latest
            number = -1 if latest is None else int(latest[0][0]["frame"])
            if latest is not None and number != seen:
                seen = number
                picture = screen.draw(renderer, latest, player.match.partings.sorted)
                pane.stale = True
            if picture is not None and pane.stale:
                pane.show(picture)
                window.flip()
            if player.done and seen >= player.played:
                break
            time.sleep(_REST)
    finally:
        pane.close()


class Pane:
    """Puts pictures on a window, stretched to its size.

    Args:
        window: of pyglet; its context is current.

    Attributes:
        stale: whether the window does not show what it should: there is a newer picture, or it was covered.
    """

    def __init__(self, window: Any) -> None:
        from hephaestus.render.layer import Layer
        from hephaestus.render.programs import Programs

        self._window, self._layer, self._programs = window, Layer(), Programs()
        self.stale = True
        window.push_handlers(on_expose=self._spoil, on_resize=self._spoil)

    def show(self, picture: np.ndarray) -> None:
        """Show a picture uint8 [h, w, 3]."""
        from pyglet import gl

        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)
        gl.glViewport(0, 0, *self._window.get_framebuffer_size())
        for switch in (gl.GL_CULL_FACE, gl.GL_SCISSOR_TEST):
            gl.glDisable(switch)
        self._programs.forget()
        whole = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
        self._layer.draw(self._programs.use("layer"), whole)
        self.stale = False

    def _spoil(self, *_: int) -> None:
        self.stale = True

    def close(self) -> None:
        """Give the memory back."""
        self._layer.close()
        self._programs.close()
