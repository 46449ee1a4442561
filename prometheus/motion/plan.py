"""Plan: every number of a training, from one file and from the command line."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from prometheus.errors import ConfigError, shorten

STAGES = ("denoiser", "evaluator")
_MAX_BYTES = 1_000_000
_RANGES: dict[str, tuple[float, float]] = {
    "steps": (1, 10_000_000), "batch": (1, 4096), "length": (8, 1000), "groups": (1, 64), "rate": (1e-7, 1.0),
    "warmup": (0, 1_000_000), "ema": (0.0, 0.999999), "history_noise": (0.0, 2.0), "width": (16, 4096),
    "depth": (1, 64), "heads": (1, 64), "every": (1, 1_000_000), "patience": (0, 10_000), "seed": (0, 2**31 - 1),
    "decay": (0.0, 10.0), "noise": (0.0, 10.0),
}  # fmt: skip
_SHARE = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every number of a training of the denoiser."""

    steps: int = 12000
    batch: int = 24
    """Sequences a step."""
    length: int = 40
    """Clean tokens a sequence."""
    groups: int = 6
    """Windows of noisy tokens a sequence."""
    rate: float = 6e-4
    """Learning rate after the warm-up; it falls as a cosine to a twentieth."""
    warmup: int = 400
    ema: float = 0.999
    """What the moving average keeps of itself each step."""
    history_noise: float = 0.1
    history_drop: float = 0.3
    """Share of windows that see no history, as at the start of a stream; as many again see only a little of it."""
    ramp: float = 0.25
    """Share of windows in which a stream starts."""
    drop_all: float = 0.1
    drop_text: float = 0.2
    drop_slots: float = 0.3
    drop_control: float = 0.4
    width: int = 256
    depth: int = 6
    heads: int = 4
    seed: int = 0
    every: int = 500
    """Steps between looks at the clips kept aside; state and weights are saved then."""
    patience: int = 0
    """Looks without a better loss after which training stops, with the best weights kept; 0 to train to the end."""


_P = TypeVar("_P")


def read_plans(file: Path | None, settings: Sequence[str] = (), **flags: Any) -> dict[str, dict[str, Any]]:
    """Return what is to differ from the defaults, by stage.

    Args:
        file: TOML or JSON with a table for each stage; a JSON without tables, such as the `plan.json` that training
            leaves, is the denoiser's.
        settings: "stage.key=value" texts; without a stage it is the denoiser's.
        flags: of the denoiser; None where not given.

    Raises:
        ConfigError: the file cannot be read, or a text is not of that form.
    """
    given = _read(file) if file is not None else {}
    if given and not any(isinstance(value, dict) for value in given.values()):
        given = {"denoiser": given}
    for stage, table in given.items():
        if stage not in STAGES or not isinstance(table, dict):
            raise ConfigError(f"{file}: '{shorten(stage)}' is no stage of training; known: {', '.join(STAGES)}")
    plans: dict[str, dict[str, Any]] = {stage: dict(given.get(stage, {})) for stage in STAGES}
    for text in settings:
        key, equals, value = text.partition("=")
        stage, dot, name = key.strip().rpartition(".")
        if not equals or (dot and stage not in STAGES):
            raise ConfigError(f"--set takes key=value such as evaluator.batch=64, not '{shorten(text)}'")
        plans[stage or "denoiser"][name] = value.strip()
    plans["denoiser"].update({name: value for name, value in flags.items() if value is not None})
    return plans


def make_plan(kind: type[_P], values: dict[str, Any]) -> _P:
    """Return a plan: a dataclass of numbers, filled from values that may be texts.

    Raises:
        ConfigError: a key is unknown, or a value is no number in its range.
    """
    known = {field.name: type(field.default) for field in fields(kind)}  # type: ignore[arg-type]
    numbers = {}
    for name, value in values.items():
        if name not in known:
            raise ConfigError(f"training knows no '{shorten(name)}'; known: {', '.join(known)}")
        numbers[name] = _number(name, value, known[name])
    return kind(**numbers)


def write_plan(plan: Any, path: Path) -> None:
    """Write a plan as JSON, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(asdict(plan), indent=1) + "\n")
    part.replace(path)


def _number(name: str, value: Any, kind: type) -> float:
    low, high = _RANGES.get(name, _SHARE)
    try:
        number = kind(value) if isinstance(value, str) else value
    except ValueError:
        number = math.nan
    right = isinstance(number, int | float) and not isinstance(number, bool) and low <= number <= high
    if not right or (kind is int and number != int(number)):
        what = "a whole number" if kind is int else "a number"
        raise ConfigError(f"training's {name} is {shorten(value)}; it takes {what} from {low:g} to {high:g}")
    return int(number) if kind is int else float(number)


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ConfigError(f"{file} is over 1 MB: that is no plan of training")
        text = data.decode("utf-8")
        value = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}; give a TOML or JSON file") from error
    except (ValueError, RecursionError):
        raise ConfigError(f"{file} is not valid {'JSON' if file.suffix == '.json' else 'TOML'}") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{file} holds no table of numbers")
    return value
