"""`pwm motion eval`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prometheus.cli.options import Json


def evaluate(
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="DIR", help="Folder of a model instead of the shipped one.")
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option("--corpus", metavar="DIR", help="Folder of a corpus; without it the rows that need it are empty."),
    ] = None,
    evaluator: Annotated[
        Path | None,
        typer.Option("--evaluator", metavar="DIR", help="Folder of an evaluator instead of the shipped one."),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, max=1000, help="Seeds of every sentence (20; quick: 1).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for table.json, table.md and strips/*.png.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A check of minutes; its figures have wide errors.")] = False,
    ablations: Annotated[
        bool, typer.Option("--ablations", help="Compare with other ways of sampling, and with nothing told; slow.")
    ] = False,
    json: Json = False,
) -> None:
    """Measure the motion model: one table of figures with ceilings, floors, baselines and bars.

    Example: pwm motion eval --quick --json
    """
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_json
    from prometheus.episode import check_out
    from prometheus.motion.evaluate.evaluation import Order, paint
    from prometheus.motion.evaluate.evaluation import evaluate as measure

    if out is not None:
        check_out(out)
    with progress("evaluation") as advance:
        table, bench = measure(Order(weights, corpus, seeds, quick, ablations, evaluator=evaluator), advance)
    paths = [] if out is None else [*table.write(out), *paint(bench, out / "strips")]
    if json:
        show_json(table.to_json())
        return
    print(table.to_text())
    for path in paths:
        print(path)
