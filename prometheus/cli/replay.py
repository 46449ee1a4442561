"""`pwm replay EPISODE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prometheus.cli.options import Json, Out


def replay(
    episode: Annotated[Path, typer.Argument(help="Folder of an episode, or its episode.jsonl.")],
    out: Out = None,
    video: Annotated[Path | None, typer.Option("--video", metavar="FILE", help="Draw the recorded states.")] = None,
    json: Json = False,
) -> None:
    """Live an episode again: from its decisions through physics (--out), or draw its recorded states (--video).

    Example: pwm replay out/demo --out out/again --video again.mp4
    """
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_report
    from prometheus.config import load_config
    from prometheus.episode import check_out, read_episode
    from prometheus.errors import EpisodeError
    from prometheus.film import film
    from prometheus.inspection import difference, sha256
    from prometheus.product import make
    from prometheus.replay import changes, check_states, recalls, recorded_config

    if out is None and video is None:
        raise EpisodeError("say what to make of it: --out DIR runs it again, --video FILE.mp4 draws it")
    recorded = read_episode(episode)
    config = recorded_config(recorded, load_config())
    if out is not None:
        check_out(out)
        if out.resolve() == (episode if episode.is_dir() else episode.parent).resolve():
            raise EpisodeError(f"{out} holds the episode itself: choose another folder with --out DIR")
    if video is not None:
        check_out(video.parent)
        check_states(recorded)
    if out is not None:
        with progress("replay") as advance:
            made = make(
                recorded.header["world"], config, out, minds=recalls(recorded), before=changes(recorded),
                progress=advance,
            )  # fmt: skip
        show_report(made, as_json=json)
        parting = difference(episode, out)
        same = "the same bytes as the recording" if sha256(episode) == sha256(out) else "the same as the recording"
        typer.echo(f"replay: {same if parting is None else 'parts from the recording: ' + parting['where']}", err=True)
    if video is not None:
        with progress("draw") as advance:
            film(recorded, video, config.video, advance)
        print(video)
