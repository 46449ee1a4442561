"""`pwm motion import` and `pwm motion corpus build|report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prometheus.cli.options import Json

app = typer.Typer(help="The corpus to train on.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def corpus() -> None:
    """The corpus to train on."""


def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|DIR ...",
            help="BVH, AMC, DeepMimic JSON or GLB files, or folders of them; or "
            "folders in HumanML3D's layout (new_joint_vecs/ and texts/).",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the clips.")],
    text: Annotated[str, typer.Option("--text", help="A sentence that fits every clip.")] = "",
    skeleton: Annotated[
        Path | None, typer.Option("--skeleton", metavar="FILE", help="ASF of the AMC clips; else looked for beside.")
    ] = None,
    fps: Annotated[float, typer.Option("--fps", min=5, max=1000, help="Frames a second of AMC clips.")] = 120.0,
    skip: Annotated[bool, typer.Option("--skip", help="Leave out files that cannot be read.")] = False,
    json: Json = False,
) -> None:
    """Turn recorded motion into clips of 22 joints at 20 fps with captions, to train on or to build a corpus with.

    Example: pwm motion import walks/ HumanML3D/ --out clips
    """  # fmt: skip
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_json
    from prometheus.motion.corpus import importing, stored
    from prometheus.motion.corpus.report import report

    files = importing.sources(paths)
    stored.check_out(out)
    with progress("import") as advance:
        clips, left_out = importing.read_files(files, importing.Wish(text, skeleton, fps), skip, advance)
    stored.write(clips, out)
    for reason in left_out:
        typer.echo(f"left out: {reason}", err=True)
    whole = report(clips)
    figures = {key: whole[key] for key in ("clips", "minutes", "sentences")} | {"left_out": left_out}
    if json:
        show_json(figures | {"out": str(out)})
        return
    print(f"{figures['clips']} clips, {figures['minutes']} minutes, {len(left_out)} left out")
    print(out)


@app.command("build")
def build(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for corpus.npz and clips.json.")],
    mocap: Annotated[
        Path | None, typer.Option("--mocap", metavar="DIR", help="Captures with a manifest.csv and raw/.")
    ] = None,
    imported: Annotated[
        list[Path] | None, typer.Option("--imported", metavar="DIR", help="From `pwm motion import`; may be repeated.")
    ] = None,
    amount: Annotated[
        float, typer.Option("--amount", min=0, max=20, help="Of made clips: 1 is about 75 minutes.")
    ] = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Number from which everything drawn follows.")] = 0,
    json: Json = False,
) -> None:
    """Build a corpus: captures, edits, made clips, captions, mirror images. Without options: pybullet's clips alone.

    Example: pwm motion corpus build --out corpus
    """
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_json
    from prometheus.motion.corpus import stored
    from prometheus.motion.corpus.build import assemble
    from prometheus.motion.corpus.report import report, table

    more = [clip for folder in imported or () for clip in stored.read(folder)]
    stored.check_out(out)
    with progress("corpus") as advance:
        clips = assemble(mocap, seed, amount, more, advance)
    stored.write(clips, out)
    figures = report(clips)
    if json:
        show_json(figures | {"out": str(out)})
        return
    print(table(figures))
    print(out)


@app.command("report")
def report_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A corpus, or what `pwm motion import` wrote.")],
    strips: Annotated[
        Path | None, typer.Option("--strips", metavar="DIR", help="Also draw a sheet of pictures for every family.")
    ] = None,
    json: Json = False,
) -> None:
    """Say what a corpus holds: minutes by origin, family, direction and pace.

    Example: pwm motion corpus report corpus --strips pictures
    """
    from prometheus.cli.show import show_json
    from prometheus.motion.corpus import stored
    from prometheus.motion.corpus.report import draw, report, table

    clips = stored.read(folder)
    figures = report(clips)
    pictures = draw(clips, strips) if strips is not None else []
    if json:
        show_json(figures | {"strips": [str(path) for path in pictures]})
        return
    print(table(figures))
    for path in pictures:
        print(path)
