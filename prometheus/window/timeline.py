"""Timeline: a recorded episode's whole length at the lower edge: feelings, decisions and calls, to be scrubbed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgui_bundle import imgui

from prometheus.drawing.hud import FEELINGS
from prometheus.window.compass import CALLS
from prometheus.window.desk import NO_FRAME
from prometheus.window.trace import feeling_color

if TYPE_CHECKING:
    from prometheus.window.recording import Recording

HIGH = 74.0
"""Pixels at scale 1."""
_WORST = ("miss", "false_alarm", "hit", "correct_safe")
_LADDER = tuple(FEELINGS)


class Timeline:
    """Draws it, and takes hold of the mouse on it.

    Args:
        recording: what is played.
    """

    def __init__(self, recording: Recording) -> None:
        self._reel = recording
        self._calls: dict[str, list[tuple[int, str, str | None]]] = {}

    def draw(self, chosen: str, left: float, right: float, bottom: float, scale: float) -> None:
        """Lay it out.

        Args:
            chosen: id of the actor whose mind is shown.
            left: edge, pixels.
            right: edge, pixels.
            bottom: edge, pixels.
            scale: of letters.
        """
        recording = self._reel
        imgui.set_next_window_pos((left, bottom - HIGH * scale))
        imgui.set_next_window_size((right - left, HIGH * scale))
        imgui.begin("timeline", None, NO_FRAME)
        if imgui.button("play" if recording.pace.paused else "pause"):
            recording.play()
        for label, step in (("<", -1), (">", 1)):
            imgui.same_line()
            if imgui.button(label):
                recording.pace.pause()
                recording.seek(recording.index + step)
        imgui.same_line()
        now, end = (recording.index + recording.first) / 20, (recording.frames - 1 + recording.first) / 20
        imgui.text_unformatted(f"{now:.2f} s")
        imgui.same_line()
        imgui.text_disabled(f"of {end:.2f} s")
        wide = max(imgui.get_content_region_avail().x, 40.0)
        high = max(imgui.get_content_region_avail().y, 16.0)
        corner = imgui.get_cursor_screen_pos()
        imgui.invisible_button("track", (wide, high))
        if imgui.is_item_active():
            share = (imgui.get_io().mouse_pos.x - corner.x) / wide
            recording.seek(round(share * (recording.frames - 1)))
        self._draw_track(chosen, corner, wide, high)
        imgui.end()

    def _draw_track(self, chosen: str, corner: Any, wide: float, high: float) -> None:
        pen, recording = imgui.get_window_draw_list(), self._reel
        x0, y0 = corner.x, corner.y
        pen.add_rect_filled((x0, y0), (x0 + wide, y0 + high), _color((0, 0, 0, 0.4)), 4.0)
        last = max(recording.frames - 1, 1)
        rows = self._rows(chosen)
        for k, (index, feeling, call) in enumerate(rows):
            end = rows[k + 1][0] if k + 1 < len(rows) else last
            a, b = x0 + wide * index / last, x0 + wide * end / last
            level = _LADDER.index(feeling) + 1 if feeling in _LADDER else 1
            top = y0 + (high - 9) * (1 - level / len(_LADDER))
            felt = imgui.get_color_u32(feeling_color(feeling, 0.5))
            pen.add_rect_filled((a, top), (max(b, a + 1), y0 + high - 9), felt)
            color = (*CALLS[call][0], 1.0) if call in CALLS else (0.5, 0.53, 0.58, 1.0)
            pen.add_rect_filled((a - 1, y0 + high - 8), (a + 2, y0 + high - 1), _color(color))
        x = x0 + wide * recording.index / last
        pen.add_rect_filled((x - 1, y0), (x + 1, y0 + high), _color((1, 1, 1, 1)))

    def _rows(self, chosen: str) -> list[tuple[int, str, str | None]]:
        """For each decision: the index of its frame, what was felt, and its worst call."""
        if chosen not in self._calls:
            found = []
            for row in self._reel.decisions(chosen):
                calls = set(row["verdict"]["agreement"].values())
                feeling = str(row["scene"].get("emotion_state", "calm"))
                found.append((row["frame"] - self._reel.first, feeling, next((c for c in _WORST if c in calls), None)))
            self._calls[chosen] = found
        return self._calls[chosen]


def _color(color: tuple[float, ...]) -> int:
    return int(imgui.get_color_u32(imgui.ImVec4(*color)))
