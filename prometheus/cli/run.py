"""`pwm run WORLD`."""

from __future__ import annotations

from typing import Annotated

import typer

from prometheus.cli.options import Body, Brain, ConfigFile, Json, Out, Seconds, Seed, Settings


def run(
    world: Annotated[str, typer.Argument(help="Name of a shipped world, or the path of a YAML file.")],
    out: Out = None,
    seed: Seed = None,
    seconds: Seconds = None,
    brain: Brain = None,
    body: Body = None,
    video: Annotated[bool, typer.Option("--video", help="Also draw OUT/run.mp4.")] = False,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Run an agent in a world and record the episode.

    Example: pwm run castle --seed 7 --seconds 10 --out out/castle
    """
    from pathlib import Path

    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_report
    from prometheus.config import load_config
    from prometheus.episode import check_out
    from prometheus.product import make

    chosen = load_config(config, settings, seed=seed, seconds=seconds, brain__model=brain, body=body)
    folder = out or Path("out") / "run"
    check_out(folder)
    with progress("run") as advance:
        made = make(world, chosen, folder, video="run.mp4" if video else None, progress=advance)
    show_report(made, as_json=json)
