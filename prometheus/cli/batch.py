"""`pwm batch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from prometheus.cli.options import ConfigFile, Json, Settings

if TYPE_CHECKING:
    from prometheus.batch.conduct import Told


class _RunFirst(TyperGroup):
    """`pwm batch SPEC` is `pwm batch run SPEC`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help"):
            args = ["run", *args]
        rest: list[str] = super().parse_args(ctx, args)
        return rest


app = typer.Typer(
    cls=_RunFirst,
    no_args_is_help=True,
    help="Run many episodes: a grid of worlds, brains, bodies and seeds.\n\nExample: pwm batch grid.yaml --out out",
)
Folder = Annotated[Path, typer.Argument(help="Folder that `pwm batch SPEC --out DIR` wrote.")]


@app.command("run")
def run(
    spec: Annotated[Path, typer.Argument(help="YAML file: worlds, scenarios, brains, bodies, seeds, seconds, ...")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the results.")],
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=1024, help="Processes; one a core.")] = None,
    engine: Annotated[Literal["local", "ray"], typer.Option("--engine", help="Where jobs run.")] = "local",
    address: Annotated[
        str | None, typer.Option("--address", metavar="auto", help="Ray cluster; without it one is started here.")
    ] = None,
    together: Annotated[
        int, typer.Option("--together", min=1, max=256, help="Episodes side by side that wait for a model.")
    ] = 8,
    record: Annotated[bool, typer.Option("--record", help="Keep each job's episode.jsonl too.")] = False,
    amend: Annotated[
        bool, typer.Option("--amend", help="Keep results of another version or SPEC beside new ones.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Run jobs again that failed or met a limit.")] = False,
    events: Annotated[
        str | None, typer.Option("--events", metavar="FILE", help="Write what happens as JSON lines; - for stdout.")
    ] = None,
    metrics: Annotated[
        str | None, typer.Option("--metrics", metavar="PORT|FILE", help="Prometheus metrics, served here or in a file.")
    ] = None,
    copy_to: Annotated[
        str | None, typer.Option("--copy-to", metavar="URL", help="Copy results there too: any URL that fsspec knows.")
    ] = None,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Run what is missing of a batch (the same as `pwm batch SPEC`); the same command again goes on where it stopped.

    Example: pwm batch run grid.yaml --out out/grid --workers 2
    """
    import os
    from contextlib import ExitStack

    from prometheus.batch.conduct import Plan, conduct
    from prometheus.batch.spec import read_spec, spread
    from prometheus.batch.tell import bar, event_lines, metrics_at, mirrored
    from prometheus.cli.show import show_json

    grid = read_spec(spec)
    jobs = spread(grid, config, settings)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    plan = Plan(workers or cores, engine, address, together, record, amend, retry)
    with ExitStack() as stack:
        hears: list[Told] = [stack.enter_context(bar())]
        if events is not None:
            hears.append(stack.enter_context(event_lines(events)))
        if metrics is not None:
            hears.append(stack.enter_context(metrics_at(metrics)))
        if copy_to is not None:
            hears.append(stack.enter_context(mirrored(out, copy_to)))

        def told(event: dict[str, Any], standing: Any) -> None:
            for hear in hears:
                hear(event, standing)

        standing, _, reason = conduct(jobs, grid.limits, out, plan, told)
    if json:
        show_json(standing.to_json() | {"out": str(out), "stopped": reason or None})
    elif events != "-":
        print(standing.line() + (f"; stopped at {reason}, raise it and run again" if reason else ""))
        print(out / "results.parquet")
    if standing.counts["failed"]:
        raise typer.Exit(1)


@app.command("status")
def status(folder: Folder, json: Json = False) -> None:
    """Say how far a batch is, also while it runs.

    Example: pwm batch status out/grid
    """
    from prometheus.batch.shelf import Shelf
    from prometheus.batch.standing import standing_of
    from prometheus.cli.show import show_json

    shelf = Shelf(folder)
    standing, broken = standing_of(shelf)
    if json:
        show_json(standing.to_json() | {"unreadable": broken, "active": shelf.running()})
        return
    print(standing.line() + ("" if shelf.running() or standing.done == standing.total else "; it does not run now"))
    if broken:
        print(f"{len(broken)} results cannot be read and will be run again: {', '.join(broken[:5])}")


@app.command("report")
def report(folder: Folder, json: Json = False) -> None:
    """Write the table and `report.html`: success, scores, latency and cost by world, brain and body.

    Example: pwm batch report out/grid
    """
    from prometheus.batch.report import write_report
    from prometheus.batch.shelf import Shelf
    from prometheus.cli.show import show_json

    figures = write_report(Shelf(folder))
    if json:
        show_json(figures)
        return
    for group in figures["groups"]["all"]:
        lived = "" if group["score"] is None else f", {group['survived']:.0%} survived, score {group['score']:.1f}"
        print(f"{group['jobs']} jobs: {group['ok']} ok{lived}")
    print(folder / "report.html")
