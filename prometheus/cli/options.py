"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for what it makes.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Number from which everything random follows.")]
Seconds = Annotated[float | None, typer.Option("--seconds", help="World time to run.")]
Brain = Annotated[
    str | None, typer.Option("--brain", help="A name of `pwm brains list`, or a LiteLLM id such as openai/gpt-5-mini.")
]
Body = Annotated[str | None, typer.Option("--body", help="Name of a shipped body, or the path of a GLB.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any setting, such as brain.deadline_s=4; may be repeated."),
]
ConfigFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="TOML file instead of ./pwm.toml.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]


def picture_size(text: str) -> tuple[int, int]:
    """Read "640x480".

    Raises:
        ConfigError: it is no size of 16 to 7680 pixels a side.
    """
    from prometheus.errors import ConfigError

    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal() and len(text) < 12):
        raise ConfigError(f"{text[:40]!r} is no picture size; write it as 640x480")
    size = int(width), int(height)
    if not all(16 <= side <= 7680 for side in size):
        raise ConfigError(f"a picture of {text} pixels cannot be drawn; each side must be 16 to 7680")
    return size
