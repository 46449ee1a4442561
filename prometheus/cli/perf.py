"""`pwm perf`."""

from __future__ import annotations

from typing import Annotated

import typer

from prometheus.cli.options import Body, ConfigFile, Json, Seconds, Seed, Settings

app = typer.Typer(invoke_without_command=True)


@app.callback()
def perf(
    context: typer.Context,
    world: Annotated[str, typer.Option("--world", help="World to measure in.")] = "castle",
    seconds: Seconds = None,
    seed: Seed = None,
    body: Body = None,
    bodies: Annotated[
        int | None, typer.Option("--bodies", min=1, max=64, metavar="N", help="Bodies in all; people join in.")
    ] = None,
    agents: Annotated[int | None, typer.Option("--agents", metavar="N", help="How many of them have a mind.")] = None,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Measure the loop without a picture: frames a second, the share of each stage, and the ratio to the raw engines.

    `pwm perf motion` measures the motion model alone, `pwm perf render` the drawing.

    Example: pwm perf --seconds 30 --bodies 30 --agents 4
    """
    if context.invoked_subcommand is not None:
        return
    from prometheus.cli.show import show_json
    from prometheus.config import load_config
    from prometheus.perf.loop import measure

    chosen = load_config(config, settings, seconds=seconds, seed=seed, body=body, brain__model="reflex", agents=agents)
    figures = measure(world, chosen, bodies=bodies)
    if json:
        show_json(figures)
        return
    print(
        f"control_fps {figures['control_fps']:.1f} ({figures['realtime_factor']:.1f} x real time) with "
        f"{figures['agents']} agent(s) among {figures['bodies']} bodies on {figures['hardware']}"
    )
    print(
        f"ratio_to_raw {figures['ratio_to_raw']:.2f}: the loop against Bullet's steps and the motion model alone; "
        f"its own work takes {figures['own_ms']:.1f} of a frame's 50 ms"
    )
    for name, share in sorted(figures["stages"].items(), key=lambda item: -item[1]):
        print(f"  {name:10} {100 * share:5.1f} %")


@app.command("motion")
def motion(
    tokens: Annotated[int, typer.Option("--tokens", min=20, max=100_000, help="Tokens that count.")] = 200,
    threads: Annotated[int, typer.Option("--threads", min=1, max=64, help="Of torch.")] = 1,
    streams: Annotated[int, typer.Option("--streams", min=1, max=64, help="In the batch.")] = 4,
    json: Json = False,
) -> None:
    """Measure the motion model alone, beside FloodDiffusion Tiny's published shape with random weights.

    Example: pwm perf motion --threads 2
    """
    from prometheus.cli.show import show_json
    from prometheus.perf.motion import measure_motion

    figures = measure_motion(tokens=tokens, streams=streams, threads=threads)
    if json:
        show_json(figures)
        return
    print(
        f"a token of {figures['latent_ms']:.0f} ms of motion: p50 {figures['p50_ms']:.1f} ms, "
        f"p95 {figures['p95_ms']:.1f} ms ({figures['p95_over_latent']:.2f} of its duration), {threads} thread(s)"
    )
    print(
        f"{figures['frames_per_s']:.0f} frames a second; FloodDiffusion Tiny's shape makes "
        f"{figures['tiny_frames_per_s']:.0f} here: {figures['speedup_vs_tiny']:.1f} times as fast "
        f"({figures['speedup_vs_tiny_with_a_text_per_latent']:.0f} where each of its latents has its own text)"
    )
    print(f"{streams} streams in one batch: each at {figures['batch_realtime']:.1f} x real time")


@app.command("render")
def render(
    size: Annotated[str, typer.Option("--size", metavar="WxH", help="Pixels.")] = "640x480",
    frames: Annotated[int, typer.Option("--frames", min=10, max=100_000, help="Pictures that count.")] = 120,
    samples: Annotated[int, typer.Option("--samples", min=0, max=16, help="Samples a pixel; 0 for one.")] = 0,
    shadows: Annotated[bool, typer.Option("--shadows/--no-shadows", help="Whether the sun throws shadows.")] = True,
    window: Annotated[bool, typer.Option("--window", help="Draw into a window instead of reading back.")] = False,
    json: Json = False,
) -> None:
    """Measure drawing: the castle with the agent and the beast in it.

    Example: pwm perf render --size 1280x720
    """
    from prometheus.cli.options import picture_size
    from prometheus.cli.show import show_json
    from prometheus.perf.drawing import measure_drawing

    figures = measure_drawing(picture_size(size), shadows=shadows, samples=samples, frames=frames, window=window)
    if json:
        show_json(figures)
        return
    width, height = figures["size"]
    print(
        f"draw_fps {figures['draw_fps']:.1f}, p99 {figures['p99_ms']:.1f} ms at {width}x{height}, "
        f"{figures['vertices']} vertices, shadows {'on' if shadows else 'off'}, {figures['renderer']}"
    )
