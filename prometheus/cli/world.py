"""`pwm world`."""

from __future__ import annotations

import typer

from prometheus.cli.options import Json

app = typer.Typer(help="Worlds.", no_args_is_help=True)


@app.callback()
def world() -> None:
    """The worlds that a run can take place in."""


@app.command("list")
def list_(json: Json = False) -> None:
    """List the shipped worlds.

    Example: pwm world list
    """
    from prometheus.cli.show import show_json
    from prometheus.world.scenario import list_worlds, load_scenario

    rows = [{"name": name, "title": load_scenario(name).title} for name in list_worlds()]
    if json:
        show_json(rows)
        return
    for row in rows:
        print(f"{row['name']:12} {row['title']}")
