"""The verbs, in the order in which `pwm --help` shows them."""

from __future__ import annotations

import typer

from prometheus.cli import (
    batch,
    bench,
    body,
    brains,
    demo,
    doctor,
    duel,
    episode,
    motion,
    perf,
    play,
    replay,
    run,
    world,
)

app = typer.Typer(
    name="pwm",
    help="PROMETHEUS: a mind predicts, physics judges, a generated motion moves a body.",
    epilog="Start with: pwm demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("play")(play.play)
app.command("duel")(duel.duel)
app.command("replay")(replay.replay)
app.add_typer(episode.app, name="episode")
app.add_typer(perf.app, name="perf")
app.command("doctor")(doctor.doctor)
app.add_typer(world.app, name="world")
app.add_typer(brains.app, name="brains")
app.add_typer(bench.app, name="bench")
app.add_typer(batch.app, name="batch")
app.add_typer(motion.app, name="motion")
app.add_typer(body.app, name="body")
