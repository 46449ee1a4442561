"""`pwm motion train`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from prometheus.cli.options import Json


class Stage(StrEnum):
    """What is trained."""

    denoiser = "denoiser"
    evaluator = "evaluator"
    all = "all"


class Device(StrEnum):
    """Where it is trained."""

    cpu = "cpu"
    cuda = "cuda"


def train(
    corpus: Annotated[Path, typer.Option("--corpus", metavar="DIR", help="From `pwm motion corpus build`.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for state, weights, log and curves.")],
    stage: Annotated[Stage, typer.Option("--stage", help="What to train.")] = Stage.denoiser,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", help="TOML with [denoiser] and [evaluator], or a plan.json of before."),
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Steps of the denoiser (12000).")] = None,
    batch: Annotated[int | None, typer.Option("--batch", help="Sequences a step (24).")] = None,
    rate: Annotated[float | None, typer.Option("--rate", help="Learning rate (0.0006).")] = None,
    width: Annotated[int | None, typer.Option("--width", help="Channels of the network (256).")] = None,
    depth: Annotated[int | None, typer.Option("--depth", help="Blocks of the network (6).")] = None,
    heads: Annotated[int | None, typer.Option("--heads", help="Attention heads (4).")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Number from which everything random follows (0).")] = None,
    every: Annotated[
        int | None, typer.Option("--every", help="Steps between looks at clips kept aside; it saves then (500).")
    ] = None,
    patience: Annotated[
        int | None, typer.Option("--patience", help="Looks without a better loss before it stops; 0: never (0).")
    ] = None,
    device: Annotated[Device, typer.Option("--device", help="Where to train.")] = Device.cpu,
    threads: Annotated[int, typer.Option("--threads", min=1, max=256, help="CPU threads.")] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any number, as drop_text=0.3 or evaluator.steps=500; repeat."),
    ] = None,
    json: Json = False,
) -> None:
    """Train the motion model on a corpus; the same command goes on after a kill.

    OUT then holds ema/ (weights for `motion.weights`), log.jsonl, loss.png, plan.json and last.pt; the evaluator's are
    in OUT/evaluation.

    Example: pwm motion train --corpus corpus --out train --patience 6
    """
    from prometheus.cli.show import show_json
    from prometheus.episode import check_out
    from prometheus.motion.plan import Plan, make_plan, read_plans

    given = read_plans(
        plan, settings or (), steps=steps, batch=batch, rate=rate, width=width, depth=depth, heads=heads, seed=seed,
        every=every, patience=patience,
    )  # fmt: skip
    denoiser = make_plan(Plan, given["denoiser"])
    check_out(out)
    import torch

    from prometheus.motion.evaluate.fit import Plan as EvaluatorPlan

    evaluator = make_plan(EvaluatorPlan, given["evaluator"])
    torch.set_num_threads(threads)
    losses: dict[str, Any] = {}
    if stage in (Stage.denoiser, Stage.all):
        from prometheus.motion.train import Trainer

        trainer = Trainer(denoiser, corpus, out, device.value)
        with _shown("denoiser", trainer.step, denoiser.steps) as show:
            losses["denoiser"] = trainer.run(show) | {"step": trainer.step}
    if stage in (Stage.evaluator, Stage.all):
        losses["evaluator"] = _fit(evaluator, corpus, out / "evaluation", device.value)
    if json:
        show_json(losses | {"out": str(out)})
        return
    for name, figures in losses.items():
        print(f"{name}: " + ", ".join(f"{key} {value:g}" for key, value in figures.items()))
    print(out)


def _fit(plan: Any, corpus: Path, out: Path, device: str) -> dict[str, float]:
    from prometheus.cli.progress import progress
    from prometheus.motion import checkpoint
    from prometheus.motion.curves import curves_of, draw_curves
    from prometheus.motion.evaluate.fit import Fit
    from prometheus.motion.evaluate.reference import Reference

    with progress("evaluator") as advance:
        figures = Fit(plan, Reference(corpus), out, device).run(advance)
    draw_curves(curves_of(checkpoint.rows(out)), out / "loss.png", "evaluator: loss and precision")
    return figures


@contextmanager
def _shown(label: str, done: int, total: int) -> Iterator[Callable[[dict[str, Any], int], None]]:
    """Yield what shows a row of the log: a bar with the loss on a terminal, plain lines otherwise; both on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:

        def line(row: dict[str, Any], total: int) -> None:
            where = "kept aside" if "val" in row else f"{row['seconds']} s"
            values = row.get("val", {key: value for key, value in row.items() if key not in ("step", "seconds")})
            figures = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
            console.print(f"{label}: {row['step']} of {total}, {where}: {figures}", highlight=False, soft_wrap=True)

        yield line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(label, total=total, completed=done)
        said = {"": "-", ", kept aside": "-"}

        def move(row: dict[str, Any], total: int) -> None:
            kept = "val" in row
            said[", kept aside" if kept else ""] = f"{(row['val'] if kept else row).get('total', 0):.4f}"
            text = f"{label}: loss {said['']}, kept aside {said[', kept aside']}"
            bar.update(task, completed=row["step"], total=total, description=text)

        yield move
