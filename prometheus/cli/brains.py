"""`pwm brains`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from prometheus.cli.options import Brain, ConfigFile, Json, Settings

if TYPE_CHECKING:
    from aether.scene import Dialect, Scene
    from aether.thought import Thought
    from prometheus.config import BrainConfig

app = typer.Typer(help="Brains.", no_args_is_help=True)
Name = Annotated[
    str, typer.Argument(help="A brain: reflex, local, a preset, a LiteLLM id, ... (see `pwm brains list`).")
]
Scenes = Annotated[Path, typer.Option("--scenes", metavar="FILE", help="Scenes of either dialect, one JSON a line.")]
Tongue = Annotated[
    Literal["article", "dataset"] | None, typer.Option("--dialect", help="Ask and answer in this one, not the scene's.")
]


@app.callback()
def brains() -> None:
    """Who can think."""


@app.command("list")
def list_(json: Json = False) -> None:
    """List the brains that have a name of their own, and the presets.

    Example: pwm brains list
    """
    from aether.brains import names
    from aether.presets import find
    from aether.presets import names as presets
    from prometheus.cli.show import show_json

    if json:
        show_json([*names(), *presets()])
        return
    print("\n".join(names()))
    for name in presets():
        found = find(name)
        print(f"{name:20} {found.title if found else ''}")
    print("and any LiteLLM id, such as openai/gpt-5-mini or ollama/llama3.2; module:function for a Python callable")


@app.command("show")
def show(
    name: Name,
    scenes: Annotated[
        Path | None, typer.Option("--scenes", metavar="FILE", help="Show what the first scene of a file would send.")
    ] = None,
    dialect: Tongue = None,
    settings: Settings = None,
    config: ConfigFile = None,
) -> None:
    """Print what a brain would be sent, byte for byte; nothing leaves this machine and no key is needed.

    Example: pwm brains show darwin-9b-neg
    """
    import sys

    from aether.dryrun import SAMPLE, wire_bytes
    from aether.presets import find
    from aether.prompt import compose
    from aether.scenes import read_scenes

    options = _brain(name, settings, config).options()
    scene = read_scenes(scenes)[0] if scenes is not None else SAMPLE
    prompt = compose(scene, dialect)
    preset = find(name)
    if preset is not None:
        print(f"{name}: {preset.title}", file=sys.stderr)
        for server, command in preset.serve.items():
            print(f"  serve with {server}: {command}", file=sys.stderr)
    body = wire_bytes(name, prompt, options) if _speaks_http(name) else None
    if body is None:
        print(f"{prompt.system}\n{prompt.user}")
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(body + b"\n")


@app.command("decide")
def decide(
    brain: Brain = None,
    scenes: Scenes = ...,  # type: ignore[assignment]
    dialect: Tongue = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=256, help="Scenes asked at the same time.")] = 1,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Answer every scene of a file, each on its own: one line a scene with --json.

    Example: pwm brains decide --brain reflex --scenes scenes.jsonl --json
    """
    from aether.scenes import read_scenes
    from prometheus.cli.show import show_json

    chosen = _brain(brain, settings, config)
    asked = read_scenes(scenes, dialect)
    for row in _decided(chosen, asked, jobs):
        if json:
            show_json(row)
        else:
            print(f"{row['scenario_id']} ({row['route']}, {row['latency_s']:.3f} s)\n{row['text']}\n")


@app.command("estimate")
def estimate(
    brain: Brain = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.05, help="World time of the run.")] = 60.0,
    decisions: Annotated[
        int | None, typer.Option("--decisions", min=1, help="Decisions, instead of a run's length.")
    ] = None,
    agents: Annotated[int, typer.Option("--agents", min=1, help="Minds in the run.")] = 1,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Say what a run would cost, without asking anybody; no key is needed.

    Example: pwm brains estimate --brain openai/gpt-4o-mini --seconds 60
    """
    import math

    from aether.brains import load
    from aether.dryrun import estimate as reckon
    from aether.wrap.wrapper import close
    from prometheus.cli.show import show_json

    chosen = _brain(brain, settings, config)
    count = agents * (decisions or math.ceil(seconds / chosen.every_s))
    thinker = load(chosen.model, **chosen.options(), dry=True)
    found = reckon(thinker, count)
    close(thinker)
    if json:
        show_json(found)
        return
    money = "at an unknown price" if found["cost_usd"] is None else f"{found['cost_usd']:.4f} USD"
    most = "" if found["cost_usd_max"] is None else f", at most {found['cost_usd_max']:.4f} USD"
    print(
        f"{found['brain']}: {count} decisions, {found['tokens_in']} tokens in, {found['tokens_out']} out, {money}; "
        f"at most {found['calls_max']} calls and {found['tokens_max']} tokens{most}"
    )


@app.command("attack")
def attack(
    name: Name,
    settings: Settings = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Put hostile words into scenes, and count how often the decision differs from that for the clean twin.

    Example: pwm brains attack reflex --json
    """
    from aether.attack import run_attacks
    from aether.brains import deadline_of, load
    from aether.wrap.wrapper import close
    from prometheus.cli.show import show_json

    chosen = _brain(name, settings, config)
    thinker = load(chosen.model, **chosen.options())
    try:
        found = run_attacks(thinker, deadline_s=chosen.deadline_s or deadline_of(chosen.model))
    finally:
        close(thinker)
    if json:
        show_json(found)
        return
    for case in found["cases"]:
        if case["changed"]:
            print(f"changed: {case['name']}")
    print(
        f"{found['brain']}: {found['changed']} of {found['total']} attacks changed the decision ({found['rate']:.0%})"
        + (f"; {found['unanswered']} without an answer of its own" if found["unanswered"] else "")
    )


def _brain(name: str | None, settings: list[str] | None, config: Path | None) -> BrainConfig:
    from prometheus.config import load_config

    return load_config(config, settings, brain__model=name).brain


def _speaks_http(name: str) -> bool:
    from aether.brains import is_model_id
    from aether.presets import find

    return name == "local" or find(name) is not None or (is_model_id(name) and ":" not in name.split("/")[0])


def _decided(chosen: BrainConfig, scenes: list[Scene], jobs: int) -> Any:
    """A row for each scene; `jobs` of them are asked at the same time, each by a mind without a past."""
    from aether.asking import ask_all
    from aether.brains import deadline_of, load
    from aether.wrap.wrapper import close

    brain = load(chosen.model, **chosen.options())
    try:
        thoughts = ask_all(brain, scenes, chosen.deadline_s or deadline_of(chosen.model), jobs)
        yield from (_row(scene, thought) for scene, thought in zip(scenes, thoughts, strict=True))
    finally:
        close(brain)


def _row(scene: Scene, thought: Thought) -> dict[str, Any]:
    dialect: Dialect = scene.dialect
    return {
        "scenario_id": scene.scenario_id,
        "text": thought.decision.lines(dialect),
        "predict": thought.decision.to_json()["predict"],
        "motion": thought.decision.motion,
        "latency_s": round(thought.latency_s, 6),
        "confidence": thought.confidence,
        "route": thought.route,
    }
