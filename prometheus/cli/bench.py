"""`pwm bench`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from prometheus.cli.options import Brain, ConfigFile, Json, Out, Settings

if TYPE_CHECKING:
    from prometheus.bench.case import Case
    from prometheus.config import Config

app = typer.Typer(invoke_without_command=True)
Track = Annotated[
    Literal["A", "B", "C"], typer.Option("--track", help="A text, B text and speed, C live in the world.")
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, max=2**31 - 1, help="Fresh scenarios of this seed.")]
Scenarios = Annotated[Path | None, typer.Option("--scenarios", metavar="FILE", help="Scenarios of this file.")]
Only = Annotated[str | None, typer.Option("--only", metavar="C01,C05", help="Some categories alone.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="At most this many scenarios of each category.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, max=64, help="Questions open at the same time.")]
Bodies = Annotated[
    list[str] | None, typer.Option("--body", help="A body for C10 besides the shipped; may be repeated.")
]
Dataset = Annotated[
    Path | None, typer.Option("--dataset", metavar="FILE", help="Ask the public dataset's scenarios instead (Track A).")
]
Scorer = Annotated[
    Path | None, typer.Option("--scorer", metavar="FILE", help="The publisher's wm_bench_scoring.py, for --dataset.")
]
Beyond = Annotated[
    bool,
    typer.Option("--beyond", help="Also twins with hostile words, failing calls, and teams with and without warnings."),
]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes for Track C.")]


@app.callback()
def bench(
    context: typer.Context,
    track: Track = "A",
    brain: Brain = None,
    seed: Seed = None,
    scenarios: Scenarios = None,
    only: Only = None,
    limit: Limit = None,
    bodies: Bodies = None,
    out: Out = None,
    jobs: Jobs = 4,
    workers: Workers = 2,
    dataset: Dataset = None,
    scorer: Scorer = None,
    beyond: Beyond = False,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Examine a mind on WM Bench, rubric pwm-1: 1000 points, graded, with every point explained in the report.

    Example: pwm bench --track A --brain reflex --out exam
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    from prometheus.bench.exam import sit_beyond, sit_live, sit_text
    from prometheus.bench.report import show, write_report
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_json
    from prometheus.config import load_config
    from prometheus.episode import check_out

    chosen = load_config(config, settings, brain__model=brain)
    if dataset is not None or scorer is not None:
        _published(dataset, scorer, chosen, out, limit, jobs, json)
        return
    measure = () if track == "A" else _measured(only)
    number, cases = _cases(seed, scenarios, only, limit, needed=not measure)
    _check_bodies(bodies)
    if out is not None:
        check_out(out)
        out.mkdir(parents=True, exist_ok=True)
    with progress("asking") as bar:
        sitting = sit_text(cases, chosen.brain, number, out=out, jobs=jobs, progress=bar)
    if beyond and cases:
        sitting = sit_beyond(sitting, chosen)
    if track != "A":
        with progress("living") as bar:
            sitting = sit_live(
                sitting, chosen, track, out=out, workers=workers, bodies=bodies or (), measure=measure, progress=bar
            )
    paths = [] if out is None else write_report(sitting, out)
    if json:
        show_json(sitting.to_json())
        return
    print(show(sitting))
    for path in paths:
        print(path)


@app.command("generate")
def generate(
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="From which they follow.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where they go.")],
    only: Only = None,
) -> None:
    """Make ten scenarios a category, with their truth from the simulator.

    Example: pwm bench generate --seed 7 --out scenarios.json
    """
    from prometheus.bench.case import write_cases
    from prometheus.bench.generate import generate as make
    from prometheus.cli.progress import progress
    from prometheus.errors import BenchError

    if not out.parent.is_dir() or out.is_dir():
        raise BenchError(f"cannot write {out}: give a file in a folder that exists")
    wanted = _categories(only)
    if not wanted:
        raise BenchError("C09 and C10 are measured and have no scenarios; give some of C01 to C08")
    with progress("scenarios") as bar:
        cases = make(seed, wanted, bar)
    write_cases(cases, seed, out)
    print(out)


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="A file of scenarios.")], json: Json = False) -> None:
    """Find out whether a file of scenarios is one, and whether its truth is what the simulator says.

    Example: pwm bench check scenarios.json
    """
    from prometheus.bench.case import read_cases
    from prometheus.bench.checking import findings
    from prometheus.cli.show import show_json

    found = findings(read_cases(file)[1])
    if json:
        show_json({"file": str(file), "findings": found})
    else:
        print("\n".join(found) or f"{file} is sound")
    if found:
        raise typer.Exit(1)


@app.command("score")
def score(
    answers: Annotated[Path, typer.Option("--answers", metavar="FILE", help='A line of {"id", "text"} each.')],
    scenarios: Scenarios = None,
    seed: Seed = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Score given answers, without a brain.

    Example: pwm bench score --scenarios scenarios.json --answers answers.jsonl --json
    """
    from prometheus.bench.answers import Answer, read_answers
    from prometheus.bench.exam import Sitting
    from prometheus.bench.report import show, write_report
    from prometheus.bench.text import score as mark
    from prometheus.bench.text import selfcheck as references
    from prometheus.cli.show import show_json
    from prometheus.episode import check_out

    number, cases = _cases(seed, scenarios, None, None)
    given = read_answers(answers)
    held = {name: Answer(name, text, "given", 0.0, 0, 0.0, None) for name, text in given.items()}
    sitting = Sitting(
        "given answers", "A", number, cases, held, mark(cases, given), references=references(cases, number)
    )
    if out is not None:
        check_out(out)
        out.mkdir(parents=True, exist_ok=True)
        write_report(sitting, out)
    if json:
        show_json(sitting.to_json())
    else:
        print(show(sitting))


@app.command("selfcheck")
def selfcheck(
    seed: Seed = None,
    scenarios: Scenarios = None,
    track: Annotated[Literal["A", "C"], typer.Option("--track", help="A text, C also lived through.")] = "A",
    limit: Limit = None,
    out: Out = None,
    workers: Workers = 2,
    json: Json = False,
) -> None:
    """Score minds that understand nothing, and one that reads the truth: is the rubric sound?

    On Track C those that understand nothing live through the scenarios too, and half of each score is what their bodies
    did; who reads the truth only writes.

    Example: pwm bench selfcheck --seed 11 --json
    """
    from prometheus.bench.text import selfcheck as references
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_json

    number, cases = _cases(seed, scenarios, None, limit)
    found = references(cases, number)
    if track == "C":
        from prometheus.bench.exam import live_nulls

        with progress("living") as bar:
            found |= live_nulls(cases, number, out=out, workers=workers, progress=bar)
    if json:
        show_json(found)
    else:
        print("\n".join(f"{name:15s} {total:7.1f}" for name, total in found.items()))
    if max(total for name, total in found.items() if name != "oracle") > 450 or found["oracle"] < 950:
        raise typer.Exit(1)


@app.command("compare")
def compare(
    exams: Annotated[list[Path], typer.Argument(help="Folders that `pwm bench --out` has left.")],
    json: Json = False,
) -> None:
    """Put brains side by side, with paired differences and their bootstrap intervals.

    Example: pwm bench compare exam-a exam-b
    """
    from prometheus.bench.comparison import compare as put
    from prometheus.bench.comparison import show
    from prometheus.cli.show import show_json

    found = put(exams)
    if json:
        show_json(found)
    else:
        print(show(found))


def _refuse_options(context: typer.Context) -> None:
    """An option before a verb would be lost without a word."""
    from prometheus.errors import BenchError

    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise BenchError(f"write options after `{context.invoked_subcommand}`, not before it")


def _published(
    dataset: Path | None,
    scorer: Path | None,
    config: Config,
    out: Path | None,
    limit: int | None,
    jobs: int,
    json: bool,
) -> None:
    """Put the public dataset's scenarios to a brain."""
    from prometheus.bench.official import read_dataset
    from prometheus.bench.published import sit_published
    from prometheus.cli.progress import progress
    from prometheus.cli.show import show_json
    from prometheus.episode import check_out
    from prometheus.errors import BenchError

    if dataset is None or out is None:
        raise BenchError("--scorer and --dataset want --dataset FILE and --out DIR, where the answers go")
    if scorer is not None and not scorer.is_file():
        raise BenchError(f"there is no scorer {scorer}; give the path of wm_bench_scoring.py")
    records = read_dataset(dataset)[:limit]
    check_out(out)
    out.mkdir(parents=True, exist_ok=True)
    with progress("asking") as bar:
        found = sit_published(records, config.brain, out=out, dataset=dataset, scorer=scorer, jobs=jobs, progress=bar)
    if json:
        show_json(found)
        return
    print(
        f"{found['scenarios']} scenarios; directions as the published rule has them: {found['directions_right']:.1%}, "
        f"motions that keep clear: {found['motions_sound']:.1%} ({found['note']})"
    )
    if scorer is not None:
        print(f"scorer: {found['scorer']}")
    print(out / "my_submission.json")


def _measured(only: str | None) -> tuple[str, ...]:
    """Which of the measured categories are asked for."""
    asked = None if only is None else {name.strip().upper() for name in only.split(",")}
    return tuple(name for name in ("C09", "C10") if asked is None or name in asked)


def _check_bodies(bodies: list[str] | None) -> None:
    """Read the bodies that were given before anything else is done: a wrong one costs no exam."""
    from hephaestus.bodies import load_body

    for name in bodies or ():
        load_body(name)


def _categories(only: str | None) -> tuple[str, ...]:
    from prometheus.bench.case import PILLAR_OF
    from prometheus.bench.categories import CATEGORIES
    from prometheus.errors import BenchError, shorten

    if only is None:
        return tuple(CATEGORIES)
    names = tuple(name.strip().upper() for name in only.split(",") if name.strip())
    wrong = next((name for name in names if name not in PILLAR_OF), None)
    if wrong is not None or not names:
        raise BenchError(f"there is no category {shorten(wrong or only, 20)}; they are C01 to C10")
    return tuple(name for name in CATEGORIES if name in names)


def _cases(
    seed: int | None, scenarios: Path | None, only: str | None, limit: int | None, needed: bool = True
) -> tuple[int, list[Case]]:
    """The seed and the scenarios that are asked for: a file's, a fresh seed's, or the shipped hundred."""
    from prometheus.bench.case import read_cases
    from prometheus.bench.generate import SHIPPED_SEED
    from prometheus.bench.generate import generate as make
    from prometheus.cli.progress import progress
    from prometheus.data import data_path
    from prometheus.errors import BenchError

    if seed is not None and scenarios is not None:
        raise BenchError("give --seed or --scenarios, not both")
    wanted = _categories(only)
    if scenarios is None and seed in (None, SHIPPED_SEED):
        scenarios = data_path("worlds", "wmbench", f"seed-{SHIPPED_SEED}.json")
    if scenarios is not None:
        number, cases = read_cases(scenarios)
        cases = [case for case in cases if case.category in wanted]
    else:
        number = seed or 0
        with progress("scenarios") as bar:
            cases = make(number, wanted, bar)
    if limit is not None:
        cases = [case for name in wanted for case in [c for c in cases if c.category == name][:limit]]
    if not cases and needed:
        raise BenchError("no scenario is left to ask; loosen --only")
    return number, cases
