"""`pwm motion`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prometheus.cli.options import ConfigFile, Settings

app = typer.Typer(help="Text to motion.", no_args_is_help=True)


@app.callback()
def motion() -> None:
    """Text to motion."""


@app.command("sample")
def sample(
    text: Annotated[str, typer.Argument(help='A sentence, such as "a person walks forward".')],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="An animated .glb, or .npy: float32 [T, 22, 3] m.")
    ],
    seconds: Annotated[float, typer.Option("--seconds", min=0.05, max=600)] = 6.0,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    settings: Settings = None,
    config: ConfigFile = None,
) -> None:
    """Generate the motion of a sentence.

    Example: pwm motion sample "a person runs to the left" --seconds 4 --out run.glb
    """
    from prometheus.cli.progress import progress
    from prometheus.config import load_config
    from prometheus.episode import check_out
    from prometheus.motion.sample import check_name, write
    from prometheus.motion.sample import sample as generate

    chosen = load_config(config, settings)
    check_name(out)
    check_out(out.parent)
    with progress("motion") as advance:
        made = generate(text, seconds, seed, chosen, advance)
    write(made, out, chosen.body)
    print(out)


@app.command(
    "train", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False
)
def train(context: typer.Context) -> None:
    """Train the model on a corpus; `pwm motion train --help` lists every number.

    Example: pwm motion train --corpus corpus --out train
    """
    from prometheus.motion.train import main

    main(context.args)
