"""`pwm run WORLD`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from prometheus.cli.options import Body, Brain, ConfigFile, Json, Out, Seconds, Seed, Settings


def run(
    world: Annotated[str, typer.Argument(help="Name of a shipped world, or the path of a YAML file.")],
    out: Out = None,
    seed: Seed = None,
    seconds: Seconds = None,
    brain: Brain = None,
    body: Body = None,
    agents: Annotated[
        int | None, typer.Option("--agents", metavar="N", help="Copies of the world's agent, each with its own mind.")
    ] = None,
    mode: Annotated[
        Literal["lockstep", "realtime"] | None,
        typer.Option("--mode", help="Whether the world waits for its brains, or goes on beside the clock."),
    ] = None,
    think_time: Annotated[
        str | None,
        typer.Option("--think-time", metavar="T", help="What a thought costs in lockstep: zero, measured, or seconds."),
    ] = None,
    speed: Annotated[float | None, typer.Option("--speed", help="In real time, times the clock: 0.1 to 8.")] = None,
    video: Annotated[bool, typer.Option("--video", help="Also draw OUT/run.mp4.")] = False,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Run one agent or several in a world and record the episode.

    Example: pwm run castle --seed 7 --seconds 10 --agents 3 --out out/castle
    """
    from pathlib import Path

    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_report
    from prometheus.config import load_config
    from prometheus.episode import check_out
    from prometheus.product import make

    chosen = load_config(
        config, settings, seed=seed, seconds=seconds, brain__model=brain, body=body, agents=agents, mode=mode,
        think_time=think_time, speed=speed,
    )  # fmt: skip
    folder = out or Path("out") / "run"
    check_out(folder)
    with progress("run") as advance:
        made = make(world, chosen, folder, video="run.mp4" if video else None, progress=advance)
    show_report(made, as_json=json)
