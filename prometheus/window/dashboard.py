"""Dashboard: what a mind perceives, predicts, feels and does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from imgui_bundle import imgui

from prometheus.drawing.hud import scene_line
from prometheus.window.compass import CALLS, draw_compass
from prometheus.window.desk import NO_FRAME
from prometheus.window.trace import Trace, feeling_color

if TYPE_CHECKING:
    from aether.decision import Outlook
    from prometheus.window.snapshot import Mindscape, Snapshot

GREY, GOLD, RED, GREEN = (
    imgui.ImVec4(0.60, 0.63, 0.68, 1), imgui.ImVec4(1.0, 0.84, 0.36, 1), imgui.ImVec4(1.0, 0.42, 0.35, 1),
    imgui.ImVec4(0.50, 0.86, 0.52, 1),
)  # fmt: skip
LEVELS = ("all", "short", "off")
EDGE, DOCKS = 6, 0.36
"""Pixels round the panel; share of a window's width from which on it lies beside the world and not over it."""
WIDE = 292.0
"""Pixels of the panel at scale 1."""


class Dashboard:
    """The panel of a mind.

    Attributes:
        level: "all", "short" or "off".
    """

    def __init__(self, level: str = "all") -> None:
        """Begin with nothing felt."""
        self.level = level if level in LEVELS else "all"
        self.trace = Trace()
        self._scene: tuple[Any, str] = (None, "")

    def next(self) -> None:
        """Show less, or all again."""
        self.level = LEVELS[(LEVELS.index(self.level) + 1) % len(LEVELS)]

    def width(self, size: tuple[float, float], scale: float) -> float:
        """Return how much of a window's width it takes, pixels."""
        return 0.0 if self.level == "off" else min(WIDE * scale, 0.47 * size[0])

    def docked(self, size: tuple[float, float], scale: float) -> int:
        """Return how many pixels it takes for itself: where it covers much of a window it lies beside the world."""
        wide = self.width(size, scale)
        return round(wide) + 2 * EDGE if wide > DOCKS * size[0] else 0

    def draw(self, snapshot: Snapshot, chosen: str, size: tuple[float, float], scale: float) -> None:
        """Lay the panel out at the right edge.

        Args:
            snapshot: the moment.
            chosen: id of the actor that is shown.
            size: of the window in pixels.
            scale: of letters.
        """
        if self.level == "off":
            return
        wide = self.width(size, scale)
        docked = self.docked(size, scale)
        if docked:
            imgui.set_next_window_pos((size[0] - docked, 0))
            imgui.set_next_window_size_constraints((docked, size[1]), (docked, size[1]))
            imgui.set_next_window_bg_alpha(1.0)
        else:
            imgui.set_next_window_pos((size[0] - wide - EDGE, EDGE))
            imgui.set_next_window_size_constraints((wide, 40), (wide, size[1] - 2 * EDGE))
        flags = NO_FRAME & ~imgui.WindowFlags_.no_scrollbar.value | imgui.WindowFlags_.always_auto_resize.value
        imgui.begin("Mind", None, flags)
        mind = snapshot.minds.get(chosen)
        if mind is None:
            self._draw_other(snapshot, chosen)
        else:
            self._draw_mind(snapshot, chosen, mind, wide - 20)
        imgui.end()

    def _draw_mind(self, snapshot: Snapshot, chosen: str, mind: Mindscape, wide: float) -> None:
        actor = snapshot.actor(chosen)
        speed = 0.0 if actor is None else float((actor["velocity"][0] ** 2 + actor["velocity"][1] ** 2) ** 0.5)
        imgui.text_colored(GOLD, f"{chosen}")
        imgui.same_line()
        imgui.text_disabled(f"{_short(snapshot.wears.get(chosen, ''), 18)}  {speed:.1f} m/s")
        imgui.text_colored(feeling_color(mind.emotion), f"{mind.emotion}  {mind.arousal:.2f}")
        imgui.same_line()
        imgui.text_disabled("you steer; M lets go" if mind.steered else "asking ..." if mind.asking else "")
        self.trace.draw(chosen, wide, 0.13 * wide)
        _label("PREDICT")
        draw_compass(mind, 0.17 * wide)
        imgui.same_line()
        imgui.begin_group()
        self._draw_outlooks(mind)
        imgui.end_group()
        _label("MOTION")
        self._draw_motion(mind)
        if self.level == "short":
            return
        _label("BRAIN")
        self._draw_brain(mind)
        _label("MEMORY")
        imgui.text_wrapped("  ".join(mind.memory) or "-")
        _label("SCENE")
        if mind.scene is not None:
            imgui.text_wrapped(scene_line(mind.scene.to_json("article")))
            if imgui.collapsing_header("as the brain gets it"):
                imgui.text_unformatted(self._scene_json(mind))

    def _draw_outlooks(self, mind: Mindscape) -> None:
        if mind.thought is None:
            imgui.text_disabled("no thought yet")
            return
        agreement = mind.verdict.agreement if mind.verdict is not None else {}
        for key in ("npc", "forward", "left", "right", "backward"):
            outlook = mind.thought.decision.predict.get(key)
            if outlook is None and key not in agreement:
                continue
            call = agreement.get(key)
            color = imgui.ImVec4(*CALLS[call][0], 1.0) if call in CALLS else GREY
            imgui.text_colored(GREY, key)
            imgui.same_line(62 * imgui.get_style().font_scale_dpi)
            imgui.text_colored(color, _short("not foretold" if outlook is None else _said(outlook), 19))
            if call is not None and imgui.is_item_hovered():
                imgui.set_tooltip(f"{key}: {outlook}\n{CALLS[call][1]}" if call in CALLS else str(outlook))

    def _draw_motion(self, mind: Mindscape) -> None:
        if mind.thought is None:
            imgui.text_disabled("-")
            return
        said = mind.thought.decision.motion
        imgui.push_style_color(imgui.Col_.text.value, GOLD)
        imgui.text_wrapped(said)
        imgui.pop_style_color()
        if mind.verdict is not None and mind.verdict.reason:
            imgui.push_style_color(imgui.Col_.text.value, RED)
            imgui.text_wrapped(f"judge: {mind.verdict.reason}")
            imgui.pop_style_color()
        if mind.verdict is not None and mind.verdict.replaced:
            imgui.text_wrapped(f"does: {mind.verdict.command.text}")

    def _draw_brain(self, mind: Mindscape) -> None:
        thought = mind.thought
        imgui.text_wrapped(f"{mind.brain or '-'}")
        if thought is None:
            return
        if thought.route != "brain":
            imgui.push_style_color(imgui.Col_.text.value, GOLD if thought.route == "person" else RED)
            imgui.text_wrapped(f"answered by {thought.route}")
            imgui.pop_style_color()
        for stage in thought.stages:
            imgui.text_disabled(f"stage {getattr(stage, 'name', stage)}")
        sure = "" if thought.confidence is None else f", {100 * thought.confidence:.0f} % sure"
        imgui.text_disabled(f"{1000 * thought.latency_s:.0f} ms, {thought.tokens_in}+{thought.tokens_out} tokens{sure}")
        imgui.text_disabled(f"{mind.decisions} decisions, {mind.tokens} tokens, ${mind.cost:.4f}")

    def _draw_other(self, snapshot: Snapshot, chosen: str) -> None:
        actor: Mapping[str, Any] | None = snapshot.actor(chosen)
        imgui.text_colored(GOLD, chosen)
        if actor is None:
            return
        imgui.same_line()
        imgui.text_disabled(_short(snapshot.wears.get(chosen, ""), 18))
        speed = float((actor["velocity"][0] ** 2 + actor["velocity"][1] ** 2) ** 0.5)
        rows = {
            "does": str(actor.get("behavior", "-")).replace("_", " "), "notices": actor.get("noticed") or "nobody",
            "aroused": f"{float(actor.get('arousal', 0.0)):.2f}", "speed": f"{speed:.1f} m/s",
        }  # fmt: skip
        for name, value in rows.items():
            imgui.text_disabled(f"{name:8}")
            imgui.same_line()
            imgui.text_unformatted(str(value))

    def _scene_json(self, mind: Mindscape) -> str:
        if self._scene[0] is not mind.scene and mind.scene is not None:
            self._scene = (mind.scene, json.dumps(mind.scene.to_json("article"), indent=1)[:6000])
        return self._scene[1]


def _said(outlook: Outlook) -> str:
    """What was foretold, without the word that its colour says."""
    if not outlook.danger:
        return "safe"
    far = "" if outlook.distance is None else f"{outlook.distance:.1f} m"
    return " ".join(part for part in (outlook.kind or "danger", far, outlook.detail or "") if part)


def _label(text: str) -> None:
    imgui.text_colored(GREY, text)


def _short(text: str, limit: int) -> str:
    text = text.rsplit("/", 1)[-1]
    return text if len(text) <= limit else text[: limit - 2] + ".."
