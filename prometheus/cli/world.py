"""`pwm world`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prometheus.cli.options import Json, Seed

app = typer.Typer(help="Worlds: list, show and check them.", no_args_is_help=True)


@app.callback()
def world() -> None:
    """The worlds that a run can take place in."""


@app.command("list")
def list_(json: Json = False) -> None:
    """List the shipped worlds.

    Example: pwm world list
    """
    from prometheus.cli.show import show_json
    from prometheus.world.inspection import summary
    from prometheus.world.scenario import list_worlds, load_scenario

    rows = [summary(load_scenario(name)) for name in list_worlds()]
    if json:
        show_json(rows)
        return
    for row in rows:
        print(f"{row['name']:12} {row['title']}")


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A world file, or the name of a shipped world.")],
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=100, help="How many seeds are tried.")] = 3,
    json: Json = False,
) -> None:
    """Look for what is wrong with a world: starts in walls, goals out of reach, names that nothing uses.

    Exits with 1 where it finds something, and with 2 where the file cannot be used at all.

    Example: pwm world check castle.yaml
    """
    from prometheus.cli.show import show_json
    from prometheus.world.inspection import inspect, summary
    from prometheus.world.scenario import load_scenario

    scenario = load_scenario(file if file.exists() or len(file.parts) > 1 else str(file))
    findings = inspect(scenario, range(seeds))
    if json:
        show_json(summary(scenario) | {"ok": not findings, "findings": findings})
    else:
        for finding in findings:
            print(finding)
        print(f"{scenario.name}: {len(findings) or 'no'} finding{'' if len(findings) == 1 else 's'}")
    if findings:
        raise typer.Exit(1)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A shipped world, or the path of a YAML file.")],
    png: Annotated[
        Path | None, typer.Option("--png", metavar="FILE", help="Draw it from above and in perspective.")
    ] = None,
    seed: Seed = None,
    size: Annotated[str, typer.Option("--size", metavar="WxH", help="Pixels of the picture.")] = "880x400",
    renderer: Annotated[str, typer.Option("--renderer", help="auto, gl or tiny.")] = "auto",
    json: Json = False,
) -> None:
    """Tell what is in a world, and draw it.

    Example: pwm world show castle --png castle.png
    """
    from prometheus.cli.options import picture_size
    from prometheus.cli.show import show_json
    from prometheus.world.inspection import summary
    from prometheus.world.scenario import load_scenario

    scenario, pixels = load_scenario(name), picture_size(size)
    facts = summary(scenario)
    if png is not None:
        from prometheus.drawing.worldview import draw_world

        facts |= {"png": str(png), "renderer": draw_world(scenario, png, seed=seed, size=pixels, kind=renderer)}
    if json:
        show_json(facts)
        return
    print(f"{facts['name']}: {facts['title']} ({facts['licence']}, seed {facts['seed']})")
    for word in ("agents", "entities", "solids"):
        parts = ", ".join(f"{count} {kind}" for kind, count in facts[word].items())
        print(f"  {word:9} {parts or 'none'}")
    for event in facts["expected"]:
        print(f"  expected  {event}")
    if png is not None:
        print(png)
