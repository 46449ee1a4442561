"""`pwm demo`."""

from __future__ import annotations

from prometheus.cli.options import Body, Brain, ConfigFile, Json, Out, Seconds, Seed, Settings


def demo(
    out: Out = None,
    seed: Seed = None,
    seconds: Seconds = None,
    brain: Brain = None,
    body: Body = None,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Play twelve seconds in a castle with a beast, and leave a film, an animated GLB and a report.

    Example: pwm demo --out out/demo
    """
    from pathlib import Path

    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_report
    from prometheus.config import load_config
    from prometheus.episode import check_out
    from prometheus.product import make

    chosen = load_config(config, settings, seed=seed, seconds=seconds, brain__model=brain, body=body)
    folder = out or Path("out") / "demo"
    check_out(folder)
    with progress("demo") as advance:
        made = make("castle", chosen, folder, video="demo.mp4", glb="agent.glb", progress=advance)
    show_report(made, as_json=json)
