"""`pwm play WORLD`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prometheus.cli.options import Body, Brain, ConfigFile, Out, Seed, Settings


def play(
    world: Annotated[str, typer.Argument(help="Name of a shipped world, or the path of a YAML file.")] = "castle",
    brain: Brain = None,
    body: Body = None,
    seed: Seed = None,
    speed: Annotated[float | None, typer.Option("--speed", help="Times the clock: 0.1 to 8.")] = None,
    agents: Annotated[
        int | None, typer.Option("--agents", metavar="N", help="Copies of the world's agent, each with its own mind.")
    ] = None,
    size: Annotated[str | None, typer.Option("--size", metavar="WxH", help="Pixels of the window.")] = None,
    fullscreen: Annotated[bool, typer.Option("--fullscreen", help="Fill the screen.")] = False,
    exit_after: Annotated[
        float | None, typer.Option("--exit-after", metavar="SECONDS", min=0.1, help="Close by itself.")
    ] = None,
    stats: Annotated[
        Path | None, typer.Option("--stats", metavar="FILE", help="Write how smoothly it ran, as JSON.")
    ] = None,
    screenshot_every: Annotated[
        tuple[float, Path] | None,
        typer.Option("--screenshot-every", metavar="SECONDS DIR", help="Keep what is seen as pictures."),
    ] = None,
    detail: Annotated[
        float | None,
        typer.Option("--detail", min=0.4, max=1.0, help="Share of width and height drawn; else what is smooth."),
    ] = None,
    episode: Annotated[
        Path | None, typer.Option("--episode", metavar="DIR", help="Look at a recorded episode instead of a world.")
    ] = None,
    out: Out = None,
    settings: Settings = None,
    config: ConfigFile = None,
) -> None:
    """Open a window into a world: watch the mind, walk instead of it, and change things. F1 shows the keys.

    Example: pwm play castle --brain reflex --size 1280x720
    """
    from prometheus.cli.options import picture_size
    from prometheus.config import load_config
    from prometheus.episode import check_out
    from prometheus.errors import ConfigError
    from prometheus.window.app import App, Wanted
    from prometheus.world.scenario import load_scenario

    chosen = load_config(
        config, settings, seed=seed, brain__model=brain, body=body, agents=agents, speed=speed, mode="realtime",
        motion__worker=True,
    )  # fmt: skip
    seconds, shots = screenshot_every or (0.0, None)
    if shots is not None:
        check_out(shots)
        if not 0.05 <= seconds <= 3600:
            raise ConfigError(f"--screenshot-every takes seconds from 0.05 to 3600, not {seconds:g}")
    if stats is not None:
        check_out(stats.parent)
    if episode is None:
        load_scenario(world)
    wanted = Wanted(
        size=None if size is None else picture_size(size), fullscreen=fullscreen, exit_after=exit_after, stats=stats,
        shots_every=seconds, shots=shots, out=out or Path("out") / "play", detail=detail,
    )  # fmt: skip
    if episode is not None:
        from prometheus.window.viewer import Viewer

        Viewer(episode, chosen, wanted).run()
        return
    App(world, chosen, wanted).run()
