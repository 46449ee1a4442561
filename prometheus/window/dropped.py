"""Dropped: what a file or folder is that somebody dropped on the window."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Literal
from urllib.parse import unquote_to_bytes, urlsplit

from prometheus.episode import EPISODE
from prometheus.errors import shorten

BODY_FILES, WORLD_FILES = (".glb", ".vrm"), (".yaml", ".yml")
LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read."""
MOST = 8
"""Files of a drop that are looked at."""
Sort = Literal["body", "world", "episode", ""]


def paths_of(listed: bytes) -> list[str]:
    """Return the paths of a list of addresses (text/uri-list, RFC 2483), the first few.

    An address that leads to no file of this machine is returned as it is, so that it can be named when it is refused.
    """
    lines = [line.strip(b"\0 \t") for line in listed.replace(b"\r", b"\n").split(b"\n")]
    return [_path(line) for line in lines if line and not line.startswith(b"#")][:MOST]


def _path(address: bytes) -> str:
    text = os.fsdecode(address)
    if text.startswith("/"):
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    here = parts.netloc.lower() in ("", "localhost", socket.gethostname().lower())
    if parts.scheme.lower() != "file" or not here or not parts.path.startswith("/"):
        return text
    # What stands after ? and # belongs to the name: addresses of files have no such parts.
    rest = text.split("://", 1)[1] if "://" in text else text.split(":", 1)[1]
    return os.fsdecode(unquote_to_bytes(rest[rest.index("/") :].encode("utf-8", "surrogateescape")))


def sort_out(text: str) -> tuple[Sort, str]:
    """Return what a path leads to, and for what is of no use here a sentence that says so; nothing of it is read."""
    path = Path(text)
    name = shorten(path.name or text, 60)
    try:
        text.encode()
    except UnicodeEncodeError:
        return "", f"{name}: its name is no UTF-8 text; rename it and drop it again"
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
