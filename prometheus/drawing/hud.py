"""Hud: what the mind sees, predicts and does, laid over a picture; plus a map and how the agent feels."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.drawing.minimap import Minimap
from prometheus.world.shapes import build_shapes

if TYPE_CHECKING:
    from prometheus.world.scenario import Scenario

PAPER = (12, 14, 20, 188)
WHITE, GREY, RED, GREEN, GOLD = (240, 240, 236), (150, 156, 166), (255, 104, 88), (128, 220, 132), (255, 214, 92)
FEELINGS = {
    "calm": (112, 200, 140), "curious": (150, 205, 235), "alert": (245, 205, 90), "afraid": (250, 150, 70),
    "panic": (255, 82, 66),
}  # fmt: skip
SIDES = ("ahead", "ahead left", "left", "behind left", "behind", "behind right", "right", "ahead right")
_OUTLOOK = re.compile(r"(danger|safe)(\([^)]*\))?")
Run = tuple[str, tuple[int, int, int]]


class Hud:
    """Lays the state of an episode over its pictures."""

    def __init__(self, size: tuple[int, int], scenario: Scenario):
        """Prepare the map.

        Args:
            size: width and height of the pictures in pixels.
            scenario: the world.
        """
        self.width, self.height = size
        self.unit = max(10, round(min(size[1] / 34, size[0] / 56)))
        self._map = Minimap(build_shapes(scenario), round(min(size[0] * 0.24, size[1] * 0.36)))
        self._title = scenario.title or scenario.name
        self._band: tuple[int | None, Layer | None] = (-1, None)

    def over(self, picture: np.ndarray, frame: Mapping[str, Any], decision: Mapping[str, Any] | None) -> np.ndarray:
        """Lay it over a picture.

        Args:
            picture: uint8 [h, w, 3]; changed.
            frame: a `frame` line of an episode.
            decision: the `decision` line in force, or None before the first.

        Returns:
            The picture.
        """
        key = None if decision is None else int(decision["frame"])
        band = self._band[1]
        if band is None or self._band[0] != key:
            band = Layer(self._draw_band(decision))
            self._band = (key, band)
        band.lay(picture, 0, self.height - band.height)
        margin = self.unit // 2
        self._draw_state(frame, decision).lay(picture, margin, margin)
        chart = Layer(self._map.draw(frame["actors"], decision["scene"].get("walls") if decision else None))
        chart.lay(picture, self.width - chart.width - margin, margin)
        return picture

    def _draw_band(self, decision: Mapping[str, Any] | None) -> np.ndarray:
        from PIL import Image, ImageDraw

        lines = _lines(decision)
        font, label = _font(self.unit), _font(max(8, round(self.unit * 0.72)))
        left, gap = round(self.unit * 6.0), round(self.unit * 1.35)
        wrapped = [(name, row) for name, runs in lines for row in _wrap(runs, font, self.width - left - self.unit)]
        image = Image.new("RGBA", (self.width, gap * len(wrapped) + self.unit), PAPER)
        pen = ImageDraw.Draw(image)
        pen.line([0, 0, self.width, 0], fill=(*GOLD, 90))
        shown = ""
        for k, (name, row) in enumerate(wrapped):
            y = self.unit // 2 + k * gap
            if name != shown:
                pen.text((self.unit, y + self.unit * 0.22), name, font=label, fill=GREY)
                shown = name
            x = float(left)
            for text, color in row:
                pen.text((x, y), text, font=font, fill=color)
                x += font.getlength(text)
        return np.asarray(image)

    def _draw_state(self, frame: Mapping[str, Any], decision: Mapping[str, Any] | None) -> Layer:
        agent = next(a for a in frame["actors"] if a["kind"] == "agent")
        feeling = str(decision["scene"].get("emotion_state", "calm")) if decision else "calm"
        speed = math.hypot(*agent["velocity"])
        touched = bool(agent["contacts"])
        return _chip(self.unit, f"{frame['frame'] / 20:.1f} s", feeling, f"{speed:.1f} m/s", touched)


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


@lru_cache(256)
def _chip(unit: int, clock: str, feeling: str, speed: str, touched: bool) -> Layer:
    """Draw clock, feeling and speed in a row."""
    from PIL import Image, ImageDraw

    font = _font(unit)
    color = FEELINGS.get(feeling, GREY)
    image = Image.new("RGBA", (round(unit * 14.5), round(unit * 1.9)), PAPER)
    pen = ImageDraw.Draw(image)
    y = unit * 0.35
    pen.text((unit * 4.2, y), clock, font=font, fill=WHITE, anchor="ra")
    r = unit * 0.32
    pen.ellipse([unit * 5.2 - r, unit * 0.95 - r, unit * 5.2 + r, unit * 0.95 + r], fill=color)
    pen.text((unit * 5.9, y), feeling, font=font, fill=color)
    pen.text((unit * 14.0, y), speed, font=font, fill=RED if touched else WHITE, anchor="ra")
    return Layer(np.asarray(image))


class Layer:
    """A picture with opacity, prepared so that laying it over others is two array operations."""

    def __init__(self, pixels: np.ndarray):
        """Prepare uint8 [h, w, 4]."""
        self.height, self.width = pixels.shape[:2]
        alpha = pixels[..., 3:].astype(np.uint16)
        alpha += alpha >> 7  # 0 to 256, so that a shift divides
        self._own = pixels[..., :3] * alpha
        self._through = np.repeat(256 - alpha, 3, axis=2)

    def lay(self, picture: np.ndarray, x: int, y: int) -> None:
        """Lay it over a picture uint8 [H, W, 3], its upper left corner at x, y; what overhangs is cut."""
        x, y = max(x, 0), max(y, 0)
        h, w = min(self.height, len(picture) - y), min(self.width, picture.shape[1] - x)
        if h > 0 and w > 0:
            under = picture[y : y + h, x : x + w]
            mixed = under * self._through[:h, :w]
            mixed += self._own[:h, :w]
            np.right_shift(mixed, 8, out=mixed)
            under[...] = mixed


def _lines(decision: Mapping[str, Any] | None) -> list[tuple[str, list[Run]]]:
    if decision is None:
        return [("SCENE", [("-", GREY)]), ("PREDICT", [("-", GREY)]), ("MOTION", [("-", GREY)])]
    from aether.decision import Decision

    said = Decision.from_json(decision["thought"]["decision"])
    told = str(decision["verdict"]["command"]["text"])
    motion: list[Run] = [(said.motion, GOLD)]
    if told != said.motion:
        motion += [("   judge: ", GREY), (told, WHITE)]
    elif decision["thought"]["route"] != "brain":
        motion += [(f"   ({decision['thought']['route']})", GREY)]
    return [
        ("SCENE", [(scene_line(decision["scene"]), WHITE)]),
        ("PREDICT", _colored(str(said).partition("\n")[0].removeprefix("PREDICT: "))),
        ("MOTION", motion),
    ]


def scene_line(scene: Mapping[str, Any]) -> str:
    """Say a scene (article dialect, JSON) in one line."""
    parts = []
    seen = [{k: scene.get(f"npc_{k}") for k in ("type", "behavior", "distance", "bearing")}, *scene.get("others", [])]
    for npc in seen:
        if npc.get("type") and npc.get("distance") is not None:
            side = SIDES[round((npc.get("bearing") or 0.0) / (math.pi / 4)) % 8]
            doing = _PRESENT.get(str(npc["behavior"]), npc["behavior"])
            parts.append(f"{npc['type']} {doing} {npc['distance']:.1f} m {side}")
    walls = scene.get("walls") or {}
    near = [f"{way} {free:.1f}" for way, free in walls.items() if free is not None]
    parts.append("walls " + ", ".join(near) if near else "open ground")
    if scene.get("sound"):
        parts.append(f"hears {scene['sound']}")
    if scene.get("ground") not in (None, "flat"):
        parts.append(str(scene["ground"]))
    return "  |  ".join(parts)


_PRESENT = {
    "charge": "charging", "wander": "wandering", "approach": "approaching", "stop": "standing", "patrol": "patrolling",
    "pass_by": "passing by",
}  # fmt: skip


def _colored(text: str) -> list[Run]:
    """Colour what is dangerous and what is safe."""
    runs: list[Run] = []
    at = 0
    for found in _OUTLOOK.finditer(text):
        runs.append((text[at : found.start()], GREY))
        runs.append((found.group().replace(",", ", "), RED if found.group(1) == "danger" else GREEN))
        at = found.end()
    runs.append((text[at:], GREY))
    spaced = ((part.replace("=", " ").replace(", ", "   ") if color == GREY else part, color) for part, color in runs)
    return [(part, color) for part, color in spaced if part]


def _wrap(runs: list[Run], font: Any, width: float, most: int = 2) -> list[list[Run]]:
    """Break coloured text into at most `most` rows; what does not fit ends in dots."""
    rows: list[list[Run]] = [[]]
    used = 0.0
    for text, color in runs:
        for word in re.findall(r"\S+\s*|\s+", text):
            length = font.getlength(word)
            if used + font.getlength(word.rstrip()) > width and rows[-1]:
                if len(rows) == most:
                    rows[-1].append(("...", GREY))
                    return rows
                rows.append([])
                used = 0.0
            rows[-1].append((word, color))
            used += length
    return rows
