"""`pwm body`: one file a verb, `body_VERB.py`; this one names them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prometheus.cli import body_check, body_retarget

app = typer.Typer(help="Bodies.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def body() -> None:
    """What an agent can wear."""


@app.command("list")
def list_() -> None:
    """List the shipped bodies.

    Example: pwm body list
    """
    from hephaestus.bodies import load_body, shipped

    for name in shipped():
        print(f"{name:12} {load_body(name).kind}")


app.command("check")(body_check.check)
app.command("retarget")(body_retarget.retarget)


@app.command("build")
def build(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which ones (default: all).")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the GLBs.")] = Path("assets/bodies"),
) -> None:
    """Build the shipped bodies from code.

    Example: pwm body build spider --out assets/bodies
    """
    from hephaestus.sculpt.bodies import SCULPTURES
    from hephaestus.sculpt.build import save
    from prometheus.errors import ConfigError, shorten

    unknown = [name for name in names or () if name not in SCULPTURES]
    if unknown:
        raise ConfigError(f"no body is called '{shorten(unknown[0], 40)}'; use one of: {', '.join(SCULPTURES)}")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot write to {shorten(str(out), 120)}: {error.strerror}; choose another folder"
        ) from error
    for name in names or SCULPTURES:
        for path in save(SCULPTURES[name](), out):
            print(path)
