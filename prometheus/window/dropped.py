"""Dropped: what a file or folder is that somebody dropped on the window."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from prometheus.episode import EPISODE
from prometheus.errors import shorten

BODY_FILES, WORLD_FILES = (".glb", ".vrm"), (".yaml", ".yml")
LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read."""
Sort = Literal["body", "world", "episode", ""]


def sort_out(text: str) -> tuple[Sort, str]:
    """Return what a path leads to, and for what is of no use here a sentence that says so; nothing of it is read."""
    path = Path(text)
    name = shorten(path.name or text, 60)
    try:
        if (path / EPISODE).is_file() or (path.name == EPISODE and path.is_file()):
            return "episode", ""
        size = path.stat().st_size if path.is_file() else -1
    except (OSError, ValueError):
        size = -1
    if size < 0:
        return "", f"{name} is no file; drop a GLB, a VRM, a world's YAML or an episode's folder"
    if size > LARGEST:
        return "", f"{name} is larger than {LARGEST >> 20} MB"
    suffix = path.suffix.lower()
    if suffix in BODY_FILES:
        return "body", ""
    if suffix in WORLD_FILES:
        return "world", ""
    return "", f"{name} is none of {', '.join((*BODY_FILES, *WORLD_FILES))}; nothing is done with it"
