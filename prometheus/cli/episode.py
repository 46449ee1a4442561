"""`pwm episode`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from prometheus.cli.options import Json

if TYPE_CHECKING:
    from prometheus.episode import Episode

app = typer.Typer(no_args_is_help=True, help="Look into recorded episodes: check, summary, why, diff, export.")
Recorded = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of an episode, or its episode.jsonl.")]


@app.command("check")
def check(episode: Recorded, json: Json = False) -> None:
    """Check an episode: each line against the schema, the lines against one another; exit 1 where something is wrong.

    Example: pwm episode check out/demo
    """
    from prometheus.cli.show import show_json
    from prometheus.inspection import problems

    found = problems(episode)
    if json:
        show_json({"episode": str(episode), "ok": not found, "problems": found})
    else:
        print("\n".join(found) or f"{episode}: sound")
    raise typer.Exit(1 if found else 0)


@app.command("summary")
def summary(episode: Recorded, json: Json = False) -> None:
    """Give the figures of an episode, its hash, and how good and how honest its predictions were.

    Example: pwm episode summary out/demo --json
    """
    from prometheus.cli.show import counted, show_json
    from prometheus.inspection import summary as figures_of

    figures = figures_of(episode)
    _warn(episode, figures["torn"])
    if json:
        show_json(figures)
        return
    settled = figures["settled"]
    right = figures["accuracy"]
    lines = [
        f"{figures['world']}, seed {figures['seed']}, brain {figures['brain']}, body {figures['body']}: "
        f"{figures['frames'] / 20:g} s, {figures['decisions']} decisions, {counted(figures['contacts'], 'contact')}"
        + (", caught" if figures["caught"] else ""),
        f"  after two seconds: {settled['hit']} dangers foretold, {settled['miss']} missed, "
        f"{counted(settled['false_alarm'], 'false alarm')}, {settled['correct_safe']} rightly safe"
        + ("" if right is None else f" ({100 * right:.0f} % right)"),
        f"  Brier score {_figure(figures['brier'])}, warning {_figure(figures['lead_time_s'])} s ahead",
        *_table(figures["reliability"]),
        f"  sha256 {figures['sha256']}" + ("" if figures["complete"] else ", not complete"),
    ]
    print("\n".join(lines))


@app.command("diff")
def diff(
    a: Annotated[Path, typer.Argument(metavar="A", help="An episode.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    json: Json = False,
) -> None:
    """Find the first step in which two runs part, and the field; exit 1 where they do.

    Example: pwm episode diff out/one out/two
    """
    from prometheus.cli.show import show_json
    from prometheus.inspection import difference

    found = difference(a, b)
    if json:
        show_json({"equal": found is None, "first": found})
    elif found is None:
        print("the same")
    else:
        for line in found["header"]:
            print(f"set differently: {line}")
        print(f"frame {found['frame']} ({found['time_s']:g} s), {found['type']}: {found['where']}")
    raise typer.Exit(0 if found is None else 1)


@app.command("why")
def why(
    episode: Recorded,
    at: Annotated[float | None, typer.Option("--at", metavar="SECONDS", help="World time.")] = None,
    frame: Annotated[int | None, typer.Option("--frame", metavar="N", help="Frame, 1 for the first.")] = None,
    agent: Annotated[str | None, typer.Option("--agent", metavar="ID", help="Whose; the first agent's.")] = None,
    prompt: Annotated[bool, typer.Option("--prompt", help="Also print the prompt word for word.")] = False,
    json: Json = False,
) -> None:
    """Say why a body did what it did: from a moment to the decision, its prompt and answer, and what it cites.

    Example: pwm episode why out/demo --at 5.2
    """
    import math

    from prometheus.cli.show import show_json
    from prometheus.episode import read_episode
    from prometheus.errors import EpisodeError
    from prometheus.why import why as explain

    if (at is None) == (frame is None):
        raise EpisodeError("say which moment: --at SECONDS or --frame N")
    if at is not None and not (math.isfinite(at) and 0 <= at <= 1e6):
        raise EpisodeError(f"--at takes seconds of 0 or more, not {at}")
    recorded = read_episode(episode)
    _warn(episode, recorded.torn)
    number = frame if frame is not None else _frame_at(recorded, at or 0.0)
    found = explain(recorded, number, agent)
    if json:
        show_json(found)
        return
    print("\n".join(_told(found)))
    if prompt:
        print("\nSYSTEM\n" + found["prompt"]["system"] + "\nUSER\n" + found["prompt"]["user"])


@app.command("export")
def export(
    episodes: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of episodes.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the dataset; must not be there yet.")],
    json: Json = False,
) -> None:
    """Export episodes as one Parquet dataset in LeRobot v3's layout: an episode for each agent of each run.

    Example: pwm episode export out/demo --out out/dataset
    """
    from prometheus.cli.show import show_json
    from prometheus.lerobot import export as write

    figures = write(episodes, out)
    if json:
        show_json(figures)
    else:
        print(f"{figures['total_episodes']} episodes, {figures['total_frames']} frames: {out}")


def _warn(episode: Path, torn: int | None) -> None:
    if torn is not None:
        typer.echo(f"pwm: {episode}: line {torn} is torn and left out; what stands before it is read", err=True)


def _frame_at(episode: Episode, seconds: float) -> int:
    # Frame n is what the world is like n/20 s after its start; there is none at 0 s itself.
    return max(1, round(seconds * 20)) if episode.frames else 0


def _figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"


def _table(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    return ["  how sure   calls   right"] + [
        f"  {row['from']:.1f}-{row['to']:.1f} {row['calls']:9} {100 * row['right']:6.0f} %" for row in rows
    ]


def _told(found: dict[str, Any]) -> list[str]:
    from prometheus.drawing.hud import scene_line

    said, command = found["decision"], found["command"]
    sure = "" if found["confidence"] is None else f", {100 * found['confidence']:.0f} % sure"
    lines = [
        f"frame {found['frame']} ({found['time_s']:g} s), {found['agent']}: decided in frame {found['decided_at']} by "
        f"{found['brain']} ({found['route']}{sure})",
        f"SCENE    {scene_line(found['scene'])}",
    ]
    for entry in found["entries"]:
        lines.append(f"PREDICT  {entry['key']}: {_said(entry['said'])}")
        lines += [f"           cites {_object(thing)}" for thing in entry["cites"]]
        if entry["forecast"] is not None:
            lines.append(f"           physics: {_risk(entry['forecast'])} -> {entry['agreement'] or 'not called'}")
        if entry["outcome"] is not None:
            came = entry["happened"]
            what = "nothing came" if came is None else f"{came['kind']} after {came['time_s']:.2f} s"
            lines.append(f"           two seconds later: {what} -> {entry['outcome']}")
    lines.append(f"MOTION   {said['motion']}")
    if found["replaced"]:
        lines.append(f"JUDGE    {command['text']}  ({found['reason']})")
    elif found["reason"]:
        lines.append(f"JUDGE    warns: {found['reason']}")
    return lines


def _said(outlook: dict[str, Any]) -> str:
    from aether.decision import Outlook

    return str(Outlook(outlook["danger"], outlook.get("kind"), outlook.get("distance"), outlook.get("detail")))


def _risk(risk: dict[str, Any]) -> str:
    if not risk["danger"]:
        return "safe"
    when = "" if risk["time_s"] is None else f" in {risk['time_s']:.1f} s"
    return f"danger, {risk['kind']}{when}"


def _object(thing: dict[str, Any]) -> str:
    if thing["object"] == "wall":
        free = thing["distance"]
        return f"the wall {thing['direction']}" + ("" if free is None else f", {free:.1f} m")
    if thing["object"] == "entity":
        away = thing["distance"]
        return f"{thing['type']} {thing['id'] or ''}".strip() + ("" if away is None else f", {away:.1f} m")
    if thing["object"] == "memory":
        return f"its memory: {thing['token']}"
    return f"the ground: {thing['ground']}"
