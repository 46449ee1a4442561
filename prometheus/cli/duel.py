"""`pwm duel WORLD`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from prometheus.cli.options import Body, ConfigFile, Json, Seconds, Seed, Settings


def duel(
    world: Annotated[str, typer.Argument(help="Name of a shipped world, or the path of a YAML file.")],
    brain: Annotated[
        list[str] | None, typer.Option("--brain", help="Given twice: the two brains, as `pwm run` takes them.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PATH", help="Folder for what it makes, or a film's name in .mp4.")
    ] = None,
    seed: Seed = None,
    seconds: Seconds = None,
    body: Body = None,
    video: Annotated[bool, typer.Option("--video/--no-video", help="Whether the film is drawn.")] = True,
    window: Annotated[bool, typer.Option("--window", help="Also show it in a window while it happens.")] = False,
    size: Annotated[str | None, typer.Option("--size", metavar="WxH", help="Pixels of film and window.")] = None,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Let two brains live through the same world and seed side by side, and mark the first step where they part.

    The folder gets both episodes (a, b), the film, and report.json with both reports and the parting.

    Example: pwm duel castle --brain reflex --brain openai/gpt-5-mini --seconds 10 --out duel.mp4
    """
    from json import dumps

    from prometheus.atomic import write_text
    from prometheus.cli.options import picture_size
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_json
    from prometheus.duel.match import NAMES, Match, compare, configs
    from prometheus.duel.screen import film
    from prometheus.episode import check_out
    from prometheus.errors import ConfigError
    from prometheus.world.physics import FRAME

    if brain is None or len(brain) != 2:
        raise ConfigError(f"a duel takes two brains, not {len(brain or ())}: give --brain NAME twice")
    folder, path = _places(out)
    check_out(folder)
    wanted = None if size is None else picture_size(size)
    if wanted is not None and (wanted[0] < 480 or wanted[1] < 270):
        raise ConfigError(f"two worlds side by side need 480x270 pixels or more, not {size}")
    both = configs((brain[0], brain[1]), file=config, settings=settings, seed=seed, seconds=seconds, body=body,
                   video__size=wanted, motion__worker=True if window else None)  # fmt: skip
    total = max(1, round(both[0].seconds / FRAME))
    with Match(world, both, folder) as match:
        if window:
            from prometheus.duel.live import show

            show(match, total, both[0])
        else:
            with progress("duel") as advance:
                for done in range(1, total + 1):
                    match.step()
                    advance(done, total)
        reports = match.finish()
    if video:
        path.parent.mkdir(parents=True, exist_ok=True)
        episodes = folder / NAMES[0], folder / NAMES[1]
        with progress("draw") as advance:
            drawn = film(episodes, path, both[0].video, match.partings.sorted, advance)
        for report in reports:
            report.renderer = drawn
    found = compare(match, reports, folder)
    write_text(folder / "report.json", dumps(found, indent=1) + "\n")
    if json:
        show_json(found)
        return
    print("\n".join(_told(found)))
    for made in [*((folder / name / "episode.jsonl") for name in NAMES), *([path] if video else []),
                 folder / "report.json"]:  # fmt: skip
        print(made)


def _places(out: Path | None) -> tuple[Path, Path]:
    """The folder of the episodes and the path of the film."""
    if out is not None and out.suffix.lower() == ".mp4":
        return out.with_suffix(""), out
    folder = out or Path("out") / "duel"
    return folder, folder / "duel.mp4"


def _told(found: dict[str, Any]) -> list[str]:
    from prometheus.cli.show import counted

    first = found["parting"]["first"]
    lines = [f"{found['world']}, seed {found['seed']}: {found['frames'] / 20:g} s"]
    for letter in ("a", "b"):
        report = found[letter]
        calls, closest = report["predictions"], report["closest_threat_m"]
        lines.append(
            f"  {letter.upper()} {report['brain']}: {report['decisions']} decisions; dangers {calls['hit']} foretold, "
            f"{calls['miss']} missed, {counted(calls['false_alarm'], 'false alarm')}; closest threat "
            f"{'none' if closest is None else f'{closest:.2f} m'}{', caught' if report['caught'] else ''}; "
            f"{counted(report['contacts'], 'contact')}"
        )
    if first is None:
        return [*lines, "  they never part"]
    lines.append(f"  they part at {first['time_s']:g} s (frame {first['frame']}) in what they {first['kind']}")
    for kind in ("said", "did", "moved"):
        parting = found["parting"][kind]
        what = "the same to the end" if parting is None else f"{parting['time_s']:g} s: {parting['where']}"
        lines.append(f"    {kind:5} {what}")
    return lines
