"""Presets: models by a short name, each a TOML file with its id, how it is served, and settings that suit it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aether.errors import BrainError

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Preset:
    """A model that is known by name.

    Attributes:
        name: Such as "darwin-9b-neg".
        title: What it is, in one sentence.
        options: What `aether.load` takes, `model` among them.
        serve: Commands that serve it, by the name of the server; empty for a service in the network.
        source: Where the model is described.
    """

    name: str
    title: str
    options: Mapping[str, Any]
    serve: Mapping[str, str]
    source: str


def names() -> tuple[str, ...]:
    """The names of all presets, in order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def find(name: str) -> Preset | None:
    """The preset `name`, or None.

    Raises:
        BrainError: Its file is damaged.
    """
    path = _FOLDER / f"{name}.toml"
    if not name.replace("-", "").replace(".", "").isalnum() or not path.is_file():
        return None
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        return Preset(name, found["title"], found["brain"], found.get("serve", {}), found.get("source", ""))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise BrainError(f"the preset {path.name} is damaged ({error}); reinstall the package") from None
