"""`pwm motion`: one file a verb, `motion_VERB.py`; this one names them."""

from __future__ import annotations

import typer

from prometheus.cli import motion_convert, motion_corpus, motion_eval, motion_sample, motion_train

app = typer.Typer(help="Text to motion.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def motion() -> None:
    """Text to motion."""


app.command("sample")(motion_sample.sample)
app.command("train")(motion_train.train)
app.command("eval")(motion_eval.evaluate)
app.command("encode")(motion_convert.encode)
app.command("decode")(motion_convert.decode)
app.command("import")(motion_corpus.import_)
app.add_typer(motion_corpus.app, name="corpus")
