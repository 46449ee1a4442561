"""`pwm motion sample`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prometheus.cli.options import Body, ConfigFile, Json, Seed, Settings


def sample(
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE|DIR", help="A .glb, .bvh, .npy (float32 [T, 22, 3] m), .mp4; a folder for --prompts."
        ),
    ],
    text: Annotated[str | None, typer.Argument(help='A sentence, such as "a person walks forward".')] = None,
    seconds: Annotated[float, typer.Option("--seconds", help="Length of the motion, up to 1200.")] = 6.0,
    then: Annotated[
        list[str] | None,
        typer.Option("--then", metavar="TEXT@SECONDS", help="Another sentence from a time on; may be repeated."),
    ] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help="Let --then be seen at once, not a step later.")] = False,
    prompts: Annotated[
        Path | None,
        typer.Option(
            "--prompts",
            metavar="FILE.jsonl",
            help='A line {"id", "text"} each, perhaps "then": [[s, text]], "urgent": true. Each line is sampled from '
            "the same seed, and its motion does not depend on the other lines.",
        ),
    ] = None,
    seed: Seed = None,
    body: Body = None,
    json: Json = False,
    settings: Settings = None,
    config: ConfigFile = None,
) -> None:
    """Generate the motion of a sentence, of several in time, or of a file of them.

    Example: pwm motion sample "a person walks forward" --then "a person runs to the left"@3.5 --out run.glb
    """
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_json
    from prometheus.config import load_config
    from prometheus.episode import check_out
    from prometheus.errors import ConfigError
    from prometheus.motion import sample as sampling
    from prometheus.motion.prompts import check_seconds, make_prompt, read_prompts

    if (text is None) == (prompts is None):
        raise ConfigError("give either a TEXT or --prompts FILE.jsonl, and where to write it with --out")
    chosen = load_config(config, settings, seed=seed, body=body)
    check_seconds(seconds)
    if prompts is not None:
        if then or urgent:
            raise ConfigError("--then and --urgent belong to a TEXT; in a file of prompts each line has its own")
        scripts = read_prompts(prompts, seconds)
        check_out(out)
        with progress("motion") as advance:
            paths = sampling.sample_folder(scripts, seconds, out, chosen, seed=chosen.seed or 0, progress=advance)
    else:
        from prometheus.run import load_motion

        script = make_prompt(str(text), then or [], seconds, urgent=urgent)
        sampling.check_name(out, chosen.body)
        check_out(out.parent)
        with progress("motion") as advance:
            motion = sampling.sample(
                load_motion(chosen), script, seconds,
                seed=chosen.seed or 0, guidance=chosen.motion.guidance, progress=advance,
            )  # fmt: skip
        sampling.write(motion, out, chosen, script)
        paths = [out]
    if json:
        show_json({"files": [str(path) for path in paths], "seconds": seconds, "seed": chosen.seed or 0})
        return
    for path in paths:
        print(path)
