"""Strip: time below both halves: how each mind felt, what it decided, and where the two part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from prometheus.drawing.hud import FEELINGS, GREY
from prometheus.duel.parting import Parting
from prometheus.errors import shorten

PAPER, INK, FLAG = (16, 20, 29), (226, 224, 216), (255, 91, 74)
CALLS = {
    "miss": (255, 91, 74), "false_alarm": (255, 166, 61), "hit": (95, 211, 138), "correct_safe": (77, 106, 134),
}  # fmt: skip
"""Colours of a decision by the worst call among its predictions, the worst first."""
WORDS = {"said": "say otherwise", "did": "are told otherwise", "moved": "are elsewhere"}
"""What parted, in words."""
_LADDER = tuple(FEELINGS)


class Strip:
    """Draws the strip; it is drawn anew only when something was added.

    Args:
        size: width and height in pixels.
        frames: that the whole run has.
        names: of both brains.
    """

    def __init__(self, size: tuple[int, int], frames: int, names: tuple[str, str]) -> None:
        self.size, self._frames, self._names = size, max(frames, 1), names
        self._decisions: tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]] = ([], [])
        self._partings: Sequence[Parting] = ()
        self._picture: np.ndarray | None = None

    def decided(self, side: int, decision: Mapping[str, Any]) -> None:
        """Add a `decision` line of side 0 or 1."""
        self._decisions[side].append(decision)
        self._picture = None

    def part(self, partings: Sequence[Parting]) -> None:
        """Mark where they part, the earliest first."""
        if len(partings) != len(self._partings):
            self._partings, self._picture = partings, None

    def draw(self, frame: int) -> np.ndarray:
        """Draw the strip as it is at a frame, uint8 [h, w, 3]."""
        if self._picture is None:
            self._picture = self._draw_back()
        picture = self._picture.copy()
        x = min(int(self._x(frame)), self.size[0] - 2)
        picture[:, x : x + 2] = 255
        return picture

    def _x(self, frame: float) -> float:
        left = self._left
        return left + frame / self._frames * (self.size[0] - left - 8)

    @property
    def _left(self) -> int:
        return round(0.11 * self.size[0])

    def _draw_back(self) -> np.ndarray:
        from PIL import Image, ImageDraw, ImageFont

        height = self.size[1]
        image = Image.new("RGB", self.size, PAPER)
        pen, letters = ImageDraw.Draw(image), max(9, round(height * 0.17))
        font = ImageFont.load_default(letters)
        row = (height - letters - 8) / 2
        for side, decisions in enumerate(self._decisions):
            bottom = (side + 1) * row
            name = f"{'AB'[side]} {self._names[side]}"
            while len(name) > 3 and pen.textlength(name, font=font) > self._left - 14:
                name = name[:-3] + ".."
            pen.text((8, bottom - row / 2 - letters * 0.6), name, font=font, fill=INK)
            for k, decision in enumerate(decisions):
                end = decisions[k + 1]["frame"] if k + 1 < len(decisions) else decision["frame"] + 1
                self._draw_decision(pen, decision, end, bottom, row)
        self._draw_parting(pen, font, height - letters - 6)
        return np.asarray(image)

    def _draw_decision(self, pen: Any, decision: Mapping[str, Any], end: int, bottom: float, row: float) -> None:
        feeling = str(decision["scene"].get("emotion_state", "calm"))
        level = _LADDER.index(feeling) if feeling in _LADDER else 0
        tall = (level + 1) / len(_LADDER) * (row - 10)
        x0, x1 = self._x(decision["frame"]), self._x(end)
        color = tuple(round(0.55 * c) for c in FEELINGS.get(feeling, GREY))
        pen.rectangle([x0, bottom - 7 - tall, max(x1 - 1, x0 + 1), bottom - 7], fill=color)
        calls = set(decision["verdict"]["agreement"].values())
        worst = next((color for call, color in CALLS.items() if call in calls), GREY)
        pen.rectangle([x0 - 1, bottom - 6, x0 + 1, bottom - 1], fill=worst)

    def _draw_parting(self, pen: Any, font: Any, top: float) -> None:
        if not self._partings:
            pen.text((self._left, top), "the same so far", font=font, fill=GREY)
            return
        first = self._partings[0]
        for parting in self._partings[::-1]:
            x = self._x(parting.frame)
            color, width = (FLAG, 2) if parting is first else (INK, 1)
            pen.line([x, 0, x, self.size[1]], fill=color, width=width)
        later = [parting for parting in self._partings if parting.frame > first.frame]
        times = [f"{WORDS[parting.kind]} at {parting.time_s:.2f} s" for parting in later]
        text = ", ".join([f"they part at {first.time_s:.2f} s", *times])
        if first.kind == "said":
            text += "   A: {}   B: {}".format(*(shorten(said, 70) for said in first.sentences))
        while len(text) > 12 and pen.textlength(text, font=font) > self.size[0] - self._left - 20:
            text = text[:-4] + "..."
        wide = pen.textlength(text, font=font)
        x = self._x(first.frame)
        pen.text((min(max(x + 6, self._left), self.size[0] - wide - 8), top), text, font=font, fill=FLAG)
