"""Actions: what a person can do, whatever key, button or drop it comes from."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prometheus.errors import shorten
from prometheus.window.darkroom import free_name
from prometheus.window.dropped import sort_out
from prometheus.window.hand import grip
from prometheus.window.settings import MARKS

if TYPE_CHECKING:
    from prometheus.window.app import App

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class Actions:
    """Does what a person wants; what concerns the world is done in the world's own process.

    Args:
        app: whose window it is.

    Attributes:
        placing: what the next click places, or "". turn: rad, which way it will face.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self.placing = ""
        self.turn = 0.0
        self._table: dict[str, Callable[[], None]] = {
            "sentence": lambda: app.panels.type(),
            "release": self.release,
            "next actor": self.next_actor,
            "next view": app.viewpoint.next,
            "zoom in": lambda: app.viewpoint.zoom(2),
            "zoom out": lambda: app.viewpoint.zoom(-2),
            "turn left": lambda: app.viewpoint.drag(-60, 0),
            "full screen": self.full_screen,
            "dashboard": lambda: app.panels.dashboard.next(),
            "tools": lambda: app.panels.tools.switch(),
            "help": lambda: app.panels.switch_help(),
            "pause": self.pause,
            "step": self.step,
            "slower": lambda: self.change_speed(-1),
            "faster": lambda: self.change_speed(1),
            "real time": lambda: self.set_speed(1.0),
            "reset": self.reset,
            "rotate": self.rotate,
            "cancel": self.cancel,
            "next body": self.next_body,
            "next brain": self.next_brain,
            "next behaviour": self.next_behaviour,
            "judge": self.next_judge,
            "save": self.save,
            "export": self.export,
            "screenshot": app.camcorder.snap,
            "video": lambda: self.say(app.camcorder.toggle()),
            "quit": self.quit,
        }

    def do(self, action: str) -> None:
        """Do what a key stands for."""
        kind, _, what = action.partition(" ")
        if kind == "view":
            self._app.viewpoint.show(what)  # type: ignore[arg-type]
        elif kind == "place":
            self.placing = "" if self.placing == what else what
        elif kind == "mark" and what in MARKS:
            self.mark(what)
        elif action in self._table:
            self._table[action]()

    def say(self, notice: str) -> None:
        """Show the person a sentence."""
        self._app.panels.notices.add(notice)

    def ask(self, order: str, *given: object) -> None:
        """Have an order of `prometheus.window.orders` carried out in the world, once there is one."""
        if self._app.playground is not None:
            self._app.playground.do(order, *given)

    # Walking and talking

    def walk(self) -> None:
        """Say what the keys say that are held; called before every picture."""
        sentence = self._app.walker.due(time.perf_counter())
        if sentence is not None:
            self.tell(sentence)

    def tell(self, sentence: str) -> None:
        """Have the chosen one do what a sentence says, as if its own brain had said it."""
        self.ask("tell", self._app.chosen, sentence)

    def release(self) -> None:
        """Give the chosen one back to its own mind."""
        self._app.walker.release()
        self.ask("release", self._app.chosen)

    def choose(self, name: str) -> None:
        """Look at somebody else, and move them from now on."""
        if name == self._app.chosen:
            return
        self._app.walker.release()
        self._app.chosen = name
        self.ask("choose", name)

    def next_actor(self) -> None:
        """Choose the next one."""
        snapshot = self._app.snapshot
        if snapshot is not None:
            names = [actor["id"] for actor in snapshot.state["actors"]]
            at = names.index(self._app.chosen) if self._app.chosen in names else -1
            self.choose(names[(at + 1) % len(names)])

    # Time

    def pause(self) -> None:
        """Stop the world, or let it go on."""
        self.ask("pause")

    def step(self) -> None:
        """Let one frame pass."""
        self.ask("step")

    def change_speed(self, steps: int) -> None:
        """Let time run faster or slower."""
        playground = self._app.playground
        if playground is not None:
            near = min(range(len(SPEEDS)), key=lambda k: abs(SPEEDS[k] - playground.pace.speed))
            self.set_speed(SPEEDS[min(max(near + steps, 0), len(SPEEDS) - 1)])

    def set_speed(self, speed: float) -> None:
        """Let time run at so many times the clock's pace."""
        self.ask("speed", speed)

    def reset(self) -> None:
        """Begin the world anew; one that has gone is put together once more."""
        self.say("from the beginning ...")
        if self._app.lost:
            self._app.reopen()
        else:
            self.ask("reset")

    def load_world(self, world: str) -> None:
        """Go to another world."""
        self.say(f"loading {shorten(world, 60)} ...")
        self.ask("load", world)

    # Marks, panels and the window

    def mark(self, name: str) -> None:
        """Switch a mark on or off."""
        on = self._app.markings.switch(name)
        self.ask("foresee", "ghosts" in self._app.markings.shown)
        self.say(f"{name} {'on' if on else 'off'}")

    def full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self._app.window.set_fullscreen(not self._app.window.fullscreen)
        self._app.desk.renew()

    def cancel(self) -> None:
        """Let go of what is placed; close the help."""
        self.placing = ""
        self._app.panels.close_help()

    def quit(self) -> None:
        """Close the window."""
        self._app.is_open = False

    # Changing

    def next_judge(self) -> None:
        """Let the judge enforce, advise, or be silent."""
        self.ask("judge")

    def next_body(self) -> None:
        """Give the chosen one the next body that ships."""
        from hephaestus.bodies import shipped

        snapshot = self._app.snapshot
        if snapshot is not None:
            names = shipped()
            now = snapshot.wears.get(self._app.chosen, "")
            self.wear(names[(names.index(now) + 1) % len(names)] if now in names else names[0])

    def wear(self, name: str) -> None:
        """Give the chosen one a body by name or path."""
        self.say(f"reading {shorten(Path(name).name, 60)} ...")
        self.ask("wear", self._app.chosen, name)

    def next_brain(self) -> None:
        """Let the next brain of the list think for the chosen one."""
        names = self._app.panels.tools.brains
        snapshot = self._app.snapshot
        mind = None if snapshot is None else snapshot.minds.get(self._app.chosen)
        if mind is not None:
            self.think_with(names[(names.index(mind.brain) + 1) % len(names)] if mind.brain in names else names[0])

    def think_with(self, name: str) -> None:
        """Let a brain by that name think for the chosen one."""
        self.say(f"waking {shorten(name, 60)} ...")
        self.ask("think_with", self._app.chosen, name)

    def next_behaviour(self) -> None:
        """Let the chosen passer-by behave in the next way."""
        self.ask("behave", self._app.chosen)

    def behave(self, behaviour: str) -> None:
        """Let the chosen passer-by behave in a way by its name."""
        self.ask("behave", self._app.chosen, behaviour)

    # Mouse

    def click(self) -> None:
        """Place what is to be placed where the mouse is, or else choose whom it points at."""
        app = self._app
        start, way = app.viewpoint.ray(*app.inputs.mouse, app.window.get_framebuffer_size())
        if self.placing:
            self.ask("place", self.placing, start, way, self.turn)
            self.placing = ""
        else:
            self.ask("pick", start, way)

    def grab(self) -> bool:
        """Take hold of what the mouse points at; whether there is anything that can be held."""
        app = self._app
        held = grip(app.viewpoint, app.inputs.mouse, app.window.get_framebuffer_size(), app.snapshot)
        if held is not None:
            self.ask("take", *held)
        return held is not None

    def carry(self) -> None:
        """Carry what is held to where the mouse is."""
        app = self._app
        self.ask("reach", *app.viewpoint.ray(*app.inputs.mouse, app.window.get_framebuffer_size()))

    def let_go(self, *, throw: bool) -> None:
        """Let go of it, or throw it the way that the mouse moved."""
        self.ask("let_go", throw)

    def rotate(self) -> None:
        """Turn what is placed by an eighth."""
        self.turn = (self.turn + np.pi / 4) % (2 * np.pi)

    # Keeping

    def save(self) -> None:
        """Keep the episode so far."""
        self.ask("save", free_name(self._app.wanted.out, "episode", ""))

    def export(self) -> None:
        """Keep the motion as an animated GLB."""
        self.ask("export", free_name(self._app.wanted.out, "motion", ".glb"))

    def drop(self, paths: list[str], *, here: bool = False) -> None:
        """Wear, load, look at or refuse files; a body is for whom the mouse points at, where it counts."""
        if not paths:
            self.say("nothing that was dropped is a file; drop a GLB, a VRM, a world's YAML or an episode's folder")
        for text in paths[:1]:
            found, what = sort_out(text)
            if found == "body":
                if here:
                    self._meet()
                self.wear(text)
            elif found == "world":
                self.load_world(text)
            elif found == "episode":
                self.watch(Path(text))
            else:
                self.say(what)

    def _meet(self) -> None:
        """Choose whom the mouse points at, if anybody."""
        app = self._app
        met = grip(app.viewpoint, app.inputs.mouse, app.window.get_framebuffer_size(), app.snapshot)
        if met is not None and app.snapshot is not None and app.snapshot.actor(met[0]) is not None:
            self.choose(met[0])

    def watch(self, episode: Path) -> None:
        """Look at a recorded episode, in a window of its own."""
        command = [sys.executable, "-m", "prometheus", "play", "--episode", str(episode)]
        subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        self.say(f"opening {shorten(episode.name, 60)} in a window of its own ...")
