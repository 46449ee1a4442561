"""`pwm perf`."""

from __future__ import annotations

from typing import Annotated

import typer

from prometheus.cli.options import Body, ConfigFile, Json, Seconds, Seed, Settings


def perf(
    world: Annotated[str, typer.Argument(help="World to measure in.")] = "castle",
    seconds: Seconds = None,
    seed: Seed = None,
    body: Body = None,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Measure the loop without a picture: frames a second, the share of each stage, and the ratio to the raw engines.

    Example: pwm perf --seconds 30
    """
    from prometheus.cli.show import show_json
    from prometheus.config import load_config
    from prometheus.perf import measure

    chosen = load_config(config, settings, seconds=seconds, seed=seed, body=body, brain__model="reflex")
    figures = measure(world, chosen)
    if json:
        show_json(figures)
        return
    print(
        f"control_fps {figures['control_fps']:.1f} ({figures['realtime_factor']:.1f} x real time) "
        f"on {figures['hardware']}"
    )
    print(f"ratio_to_raw {figures['ratio_to_raw']:.2f}: the loop against Bullet's steps and the motion model alone")
    for name, share in sorted(figures["stages"].items(), key=lambda item: -item[1]):
        print(f"  {name:10} {100 * share:5.1f} %")
