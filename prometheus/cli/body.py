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
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the GLBs.")] = Path("assets/bodies"),
) -> None:
    """Build the shipped bodies from code.

    Example: pwm body build --out assets/bodies
    """
    from hephaestus.sculpt import build as sculpt

    for path in sculpt(out):
        print(path)
