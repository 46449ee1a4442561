"""`pwm brains`."""

from __future__ import annotations

import typer

from prometheus.cli.options import Json

app = typer.Typer(help="Brains.", no_args_is_help=True)


@app.callback()
def brains() -> None:
    """Who can think."""


@app.command("list")
def list_(json: Json = False) -> None:
    """List the brains that have a name of their own.

    Example: pwm brains list
    """
    from aether.brains import names
    from prometheus.cli.show import show_json

    if json:
        show_json(list(names()))
        return
    print("\n".join(names()))
    print("and any LiteLLM id, such as openai/gpt-5-mini or ollama/llama3.2")
