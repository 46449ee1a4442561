"""Files of scenes: JSON lines, a list, or the object with `scenarios` that the public dataset is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from aether.errors import SceneError
from aether.scene import Dialect, Scene

_MAX_BYTES = 64_000_000
_MAX_SCENES = 100_000


def read_scenes(file: str | Path, dialect: Dialect | None = None) -> list[Scene]:
    """The scenes of a file, in order, each of either dialect and perhaps wrapped in a record's `input`.

    Args:
        file: Where they are.
        dialect: In which they are to be answered; None means in their own.

    Raises:
        SceneError: The file cannot be read, or a scene is none; the message names the line or entry.
    """
    path = Path(file)
    scenes = []
    for where, record in _records(_text(path), path):
        try:
            scene = Scene.from_json(record)
        except SceneError as error:
            raise SceneError(f"{where}: {error}") from None
        scenes.append(scene if dialect is None else replace(scene, dialect=dialect))
        if len(scenes) > _MAX_SCENES:
            raise SceneError(f"{path} holds over {_MAX_SCENES} scenes; split it")
    if not scenes:
        raise SceneError(f"{path} holds no scene; give one JSON object a line")
    return scenes


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SceneError(f"{path} is over 64 MB; split it")
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SceneError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise SceneError(f"cannot read {path}: {reason}; give a file of scenes") from None


def _records(text: str, path: Path) -> Iterator[tuple[str, Any]]:
    whole = _whole(text)
    if whole is not None:
        yield from ((f"{path}, entry {number}", record) for number, record in enumerate(whole, 1))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield f"{path}, line {number}", json.loads(line)
            except (ValueError, RecursionError):
                raise SceneError(f"{path}, line {number}, is not JSON; write one JSON object a line") from None


def _whole(text: str) -> list[Any] | None:
    """The records of a file that is one JSON value; None where it is one value a line."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list):
        return value
    scenarios = value.get("scenarios") if isinstance(value, dict) else None
    return scenarios if isinstance(scenarios, list) else [value]
