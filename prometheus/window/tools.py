"""Tools: buttons and lists for all that a person can do, for whoever does not know the keys."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from imgui_bundle import imgui

from prometheus.data import data_path
from prometheus.window.dashboard import GREY
from prometheus.window.desk import NO_FRAME
from prometheus.window.settings import MARKS
from prometheus.window.viewpoint import TITLES, VIEWS

if TYPE_CHECKING:
    from prometheus.window.app import App
    from prometheus.window.snapshot import Snapshot

THINGS = ("beast", "man", "woman", "wall", "sign")


class Tools:
    """The panel of tools.

    Args:
        app: whose window it is.
        shown: whether it is open at first.

    Attributes:
        open: whether it is seen.
    """

    def __init__(self, app: App, shown: bool = False) -> None:
        self._app = app
        self.open = shown
        self._path = ""

    def switch(self) -> None:
        """Open or close it."""
        self.open = not self.open

    @cached_property
    def worlds(self) -> list[str]:
        """Names of the worlds that ship."""
        return sorted(path.stem for path in data_path("worlds").glob("*.yaml"))

    @cached_property
    def bodies(self) -> list[str]:
        """Names of the bodies that ship."""
        from hephaestus.bodies import shipped

        return shipped()

    @cached_property
    def brains(self) -> list[str]:
        """Brains by name: those of the configuration, the built-in ones that need no file, and the presets."""
        from aether.brains import names
        from aether.presets import names as presets

        brain = self._app.config.brain
        more = [brain.fallback] if isinstance(brain.fallback, str) else list(brain.fallback or ())
        usable = [name for name in names() if name not in ("scripted", "transcript", "chaos")]
        return list(dict.fromkeys([brain.model, *more, *usable, *presets()]))

    def width(self, size: tuple[float, float], scale: float) -> float:
        """Return how much of a window's width it takes, pixels."""
        return min(230 * scale, 0.42 * size[0]) if self.open else 0.0

    def draw(self, snapshot: Snapshot, size: tuple[float, float], scale: float) -> None:
        """Lay the panel out at the left edge."""
        if not self.open:
            return
        wide = self.width(size, scale)
        imgui.set_next_window_pos((6, 58 * scale))
        imgui.set_next_window_size_constraints((wide, 40), (wide, max(size[1] - 66 * scale, 60)))
        flags = NO_FRAME & ~imgui.WindowFlags_.no_scrollbar.value & ~imgui.WindowFlags_.no_nav.value
        imgui.begin("tools", None, flags | imgui.WindowFlags_.always_auto_resize.value)
        imgui.push_item_width(-1)
        self._draw_time()
        self._draw_world()
        self._draw_chosen(snapshot)
        self._draw_look()
        self._draw_keeping()
        imgui.pop_item_width()
        imgui.end()

    def _draw_time(self) -> None:
        app, playground = self._app, self._app.playground
        assert playground is not None
        if imgui.button("go on" if playground.pace.paused else "pause"):
            app.actions.pause()
        imgui.same_line()
        if imgui.button("step"):
            app.actions.step()
        imgui.same_line()
        if imgui.button("reset"):
            app.actions.reset()
        flags = imgui.SliderFlags_.logarithmic.value | imgui.SliderFlags_.always_clamp.value
        moved, speed = imgui.slider_float("##speed", playground.pace.speed, 0.1, 8.0, "speed %.2gx", flags)
        if moved:
            app.actions.set_speed(min(max(float(speed), 0.1), 8.0))

    def _draw_world(self) -> None:
        app = self._app
        imgui.text_colored(GREY, "world")
        setting = None if app.playground is None else app.playground.setting
        now = app.world if setting is None else setting.world
        chosen = _list("##world", now, self.worlds)
        if chosen:
            app.actions.load_world(chosen)
        imgui.text_colored(GREY, "place, then click")
        for index, thing in enumerate(THINGS):
            if index % 3:
                imgui.same_line()
            if imgui.button(f"[{thing}]" if app.actions.placing == thing else thing):
                app.actions.do(f"place {thing}")

    def _draw_chosen(self, snapshot: Snapshot) -> None:
        app = self._app
        imgui.separator()
        names = [actor["id"] for actor in snapshot.state["actors"]]
        chosen = _list("##actor", app.chosen, names)
        if chosen:
            app.actions.choose(chosen)
        if imgui.button("say ..."):
            app.panels.type()
        imgui.same_line()
        if imgui.button("let go"):
            app.actions.release()
        imgui.text_colored(GREY, "body (or drop a GLB on the window)")
        worn = _list("##body", snapshot.wears.get(app.chosen, ""), self.bodies)
        if worn:
            app.actions.wear(worn)
        entered, self._path = imgui.input_text_with_hint(
            "##path", "path of a GLB, VRM or world", self._path, imgui.InputTextFlags_.enter_returns_true.value
        )
        if entered and self._path.strip():
            app.actions.drop([self._path.strip()])
        mind = snapshot.minds.get(app.chosen)
        if mind is not None:
            imgui.text_colored(GREY, "brain")
            brain = _list("##brain", mind.brain, self.brains)
            if brain:
                app.actions.think_with(brain)
            return
        imgui.text_colored(GREY, "behaviour")
        actor = snapshot.actor(app.chosen)
        does = "" if actor is None else str(actor.get("behavior", ""))
        behaviour = _list("##behaviour", does, [] if app.playground is None else app.playground.behaviours())
        if behaviour:
            app.actions.behave(behaviour)

    def _draw_look(self) -> None:
        app = self._app
        imgui.separator()
        view = _list("##view", TITLES[app.viewpoint.view], [TITLES[view] for view in VIEWS])
        if view:
            app.viewpoint.show(next(v for v in VIEWS if TITLES[v] == view))
        for index, mark in enumerate(MARKS):
            if index % 2:
                imgui.same_line(100 * imgui.get_style().font_scale_dpi)
            changed, _ = imgui.checkbox(mark, mark in app.markings.shown)
            if changed:
                app.actions.mark(mark)

    def _draw_keeping(self) -> None:
        app = self._app
        imgui.separator()
        for label, action, again in (
            ("save episode", "save", False), ("GLB", "export", True), ("screenshot", "screenshot", False),
            ("end video" if app.camcorder.films else "video", "video", True),
        ):  # fmt: skip
            if again:
                imgui.same_line()
            if imgui.button(label):
                app.actions.do(action)


def _list(label: str, now: str, names: list[str]) -> str | None:
    """A list to choose from; returns what was chosen just now."""
    found = None
    if imgui.begin_combo(label, now[-40:]):
        for name in names:
            clicked, _ = imgui.selectable(name, name == now)
            if clicked and name != now:
                found = name
        imgui.end_combo()
    return found
