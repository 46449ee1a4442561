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
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="PAGE.html", help="Write one page in which it plays in any browser."),
    ] = None,
    body: Annotated[
        list[Path] | None,
        typer.Option("--body", metavar="FILE", help="A GLB that the episode may name; it does not ship with it."),
    ] = None,
    json: Json = False,
) -> None:
    """Live an episode again: from its decisions through physics (--out), or from its recorded states.

    Those are drawn (--video) or written as a page for browsers (--html) that needs no network.

    Example: pwm replay out/demo --html demo.html
    """
    from prometheus.attire import Attire
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_json, show_report
    from prometheus.config import load_config
    from prometheus.drawing.film import film
    from prometheus.episode import check_out, read_episode
    from prometheus.errors import EpisodeError
    from prometheus.inspection import difference, sha256
    from prometheus.product import make
    from prometheus.replay import changes, check_states, recalls, recorded_config, recorded_scenario

    if out is None and video is None and html is None:
        raise EpisodeError(
            "say what to make of it: --out DIR runs it again, --video FILE.mp4 draws it, --html PAGE.html makes a page"
        )
    recorded = read_episode(episode)
    config, attire = load_config(), Attire(episode, body or ())
    if out is not None or video is not None:
        config = recorded_config(recorded, config)
    if out is not None:
        check_out(out)
        if out.resolve() == (episode if episode.is_dir() else episode.parent).resolve():
            raise EpisodeError(f"{out} holds the episode itself: choose another folder with --out DIR")
    for path in filter(None, (video, html)):
        check_out(path.parent)
        check_states(recorded)
        if path.is_dir():
            raise EpisodeError(f"{path} is a folder: give the name of a file in it")
    if out is not None:
        scenario = recorded_scenario(recorded)
        attire.check(recorded, scenario)
        if config.body is not None:
            config = config.model_copy(update={"body": attire.place(config.body)})
        with progress("replay") as advance:
            made = make(
                recorded.header["world"], config, out, minds=recalls(recorded), scenario=scenario,
                before=changes(recorded, attire), progress=advance,
            )  # fmt: skip
        show_report(made, as_json=json)
        parting = difference(episode, out)
        same = "the same bytes as the recording" if sha256(episode) == sha256(out) else "the same as the recording"
        typer.echo(f"replay: {same if parting is None else 'parts from the recording: ' + parting['where']}", err=True)
    if video is not None:
        with progress("draw") as advance:
            film(recorded, video, config.video, advance, attire)
        if not json:
            print(video)
    if html is not None:
        from prometheus.webreplay import write_page

        html.parent.mkdir(parents=True, exist_ok=True)
        with progress("page") as advance:
            made_page = write_page(recorded, html, advance, episode, attire)
        if not json:
            print(f"{html}: {made_page['seconds']:g} s, {made_page['bytes'] / 1e6:.1f} MB")
    if json and out is None:
        page = {"html": made_page} if html is not None else {}
        show_json(({"video": str(video)} if video is not None else {}) | page)
