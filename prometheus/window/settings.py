"""Settings: what a person chose stays chosen, in the platform's folder for configuration."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus.atomic import write_text

if TYPE_CHECKING:
    from prometheus.window.app import App

MARKS = ("rays", "sectors", "ghosts", "contacts", "skeleton", "names")
_MOST = 65536
"""Bytes of the file that are read."""


@dataclass(slots=True)
class Kept:
    """What is kept.

    Attributes:
        size: of the window in pixels. level: of the dashboard. tools: whether the tools are open.
        marks: that are drawn. view: the camera. seen_hints: whether the hints of the first start were closed.
        detail: how finely the world was drawn at last, as `Detail.share`.
    """

    size: tuple[int, int] = (1120, 680)
    level: str = "all"
    tools: bool = False
    marks: tuple[str, ...] = ("names",)
    view: str = "follow"
    seen_hints: bool = False
    detail: float = 1.0

    @classmethod
    def load(cls, file: Path | None = None) -> Kept:
        """Read them; what is missing or makes no sense is as at first."""
        try:
            text = (file or settings_file()).read_bytes()[:_MOST]
            raw = json.loads(text)
        except (OSError, ValueError, RecursionError):
            return cls()
        return cls(**_checked(raw)) if isinstance(raw, dict) else cls()

    def keep(self, app: App) -> None:
        """Take over what a window was set to, and write it; a folder that cannot be written is left alone."""
        width, height = app.window.get_size()
        if not app.window.fullscreen and app.wanted.size is None:
            self.size = (int(width), int(height))
        self.level, self.tools = app.panels.dashboard.level, app.panels.tools.open
        self.marks, self.view = tuple(sorted(app.markings.shown)), app.viewpoint.view
        self.detail = app.detail.moving
        self.write()

    def write(self, file: Path | None = None) -> None:
        """Write them; a folder that cannot be written is left alone."""
        file = file or settings_file()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_text(file, json.dumps(asdict(self), indent=2) + "\n")
        except OSError:
            return


def settings_file() -> Path:
    """Return where they are kept; the folder need not exist."""
    from platformdirs import user_config_path

    return user_config_path("prometheus-world", appauthor=False) / "window.json"


def _checked(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    size = raw.get("size")
    whole = isinstance(size, list) and len(size) == 2 and all(type(v) is int and 320 <= v <= 7680 for v in size)
    if whole and isinstance(size, list):
        found["size"] = (max(size[0], 320), max(size[1], 240))
    for name, allowed in (("level", ("all", "short", "off")), ("view", ("follow", "orbit", "eyes", "above"))):
        if raw.get(name) in allowed:
            found[name] = raw[name]
    for name in ("tools", "seen_hints"):
        if isinstance(raw.get(name), bool):
            found[name] = raw[name]
    if isinstance(raw.get("detail"), float) and 0.1 <= raw["detail"] <= 1.0:
        found["detail"] = raw["detail"]
    if isinstance(raw.get("marks"), list):
        found["marks"] = tuple(mark for mark in MARKS if mark in raw["marks"])
    return found
