"""Config: every setting in one tree, from defaults < `pwm.toml` < environment < `--set` < flags."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from prometheus.errors import ConfigError, shorten

DEFAULT_FILE = Path("pwm.toml")
_ENVIRONMENT = "PWM_"
_MAX_BYTES = 1_000_000


class Section(BaseModel):
    """A table of the configuration; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BrainConfig(Section):
    """Who thinks, how long it may take, and what goes around it; None leaves a choice to the brain or its preset."""

    model: str = "reflex"
    """A brain by name: `reflex`, `local`, a preset, any LiteLLM id such as `openai/gpt-5-mini`, `scripted:FILE`,
    `transcript:EPISODE`, `chaos:BRAIN`, `module:function`."""
    file: Path | None = None
    """Answers of the `scripted` brain, or the episode of `transcript`."""
    api_base: str | None = None
    api_key_env: str | None = None
    """The environment variable that holds the key, where it is not the provider's usual one; never the key itself."""
    deadline_s: Annotated[float, Field(gt=0, le=600)] | None = None
    """Seconds for a decision; 10 unless a preset says otherwise."""
    every_s: Annotated[float, Field(ge=0.05, le=60)] = 0.5
    """World seconds between two thoughts."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=16, le=100_000)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    vision: bool | None = None
    """Whether the camera's image is sent; None asks whether the model sees."""
    camera: bool = False
    """Whether each thought gets a picture of what the agent sees; the brain has to have vision."""
    form: Literal["lines", "json", "choices"] | None = None
    """How the answer is asked for: the two lines, JSON by a schema, or JSON from short lists for small models."""
    shots: bool | None = None
    stream: bool | None = None
    price: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]] | None = None
    """US dollars for a million tokens in and out, where LiteLLM does not know them."""
    extra: dict[str, Any] | None = None
    """Further parameters of the model's call."""
    retries: Annotated[int, Field(ge=0, le=10)] | None = None
    fallback: list[str] | str | None = None
    """Brains that answer where the first one fails, before the reflex does."""
    per_minute: Annotated[float, Field(gt=0)] | None = None
    budget_usd: Annotated[float, Field(ge=0)] | None = None
    budget_tokens: Annotated[int, Field(ge=0)] | None = None
    cache: Path | None = None
    """File of answers that are kept and cost nothing again."""
    policy: Literal["greedy", "vote", "adaptive", "entropy"] | None = None
    samples: Annotated[int, Field(ge=1, le=64)] | None = None
    vote_temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    unsure: Annotated[float, Field(ge=0, le=1)] | None = None
    """Confidence below which the policy `adaptive` votes."""
    bits: Annotated[float, Field(ge=0, le=1)] | None = None
    """Entropy of a safe-or-danger choice from which the policy `entropy` votes."""
    faults: Annotated[float, Field(ge=0, le=1)] | dict[str, float] | None = None
    """Share of calls in which the brain `chaos` fails."""
    weights: Path | None = None
    """GGUF file of the brain `local`."""
    threads: Annotated[int, Field(ge=1, le=256)] | None = None
    process: bool | None = None
    """Whether a model's client lives in a process of its own, so that the world's loop never waits for it."""

    def options(self) -> dict[str, Any]:
        """What `aether.load` takes beside the name."""
        own = ("model", "every_s", "camera")
        return {name: value for name, value in self if name not in own and value is not None}


class MotionConfig(Section):
    """The text-to-motion model."""

    weights: Path | None = None
    """Folder of other weights than the shipped ones."""
    guidance: Annotated[float, Field(ge=0, le=10)] = 3.0
    threads: Annotated[int, Field(ge=1, le=64)] = 1
    worker: bool = False
    """Whether the model runs in a process of its own, so that a window never waits for it; the frames are the same."""


class VideoConfig(Section):
    """The picture."""

    size: tuple[Annotated[int, Field(ge=160, le=3840)], Annotated[int, Field(ge=90, le=2160)]] = (854, 480)
    """Width and height in pixels, as "854x480" or [854, 480]."""
    samples: Annotated[int, Field(ge=0, le=8)] = 4
    """Samples a pixel for smooth edges; 0 is fastest."""
    shadows: bool = True
    renderer: Literal["auto", "gl", "tiny"] = "auto"
    camera: Literal["follow", "eyes", "above", "orbit"] = "follow"
    """From where: behind the agent, through its eyes, from above, or all around it."""
    marks: bool = False
    """Whether skeletons, rays, contacts, a grid and names are drawn over the picture."""

    @field_validator("size", mode="before")
    @classmethod
    def _read_size(cls, value: Any) -> Any:
        return value.lower().split("x") if isinstance(value, str) else value


class Config(BaseSettings):
    """All settings of a run."""

    model_config = SettingsConfigDict(
        env_prefix=_ENVIRONMENT,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    body: str | None = None
    """What agents wear, by name or path; None for what the world says."""
    mode: Literal["lockstep", "realtime"] = "lockstep"
    """Whether the world waits for its brains or goes on beside the clock while they think."""
    think_time: Literal["zero", "measured"] | Annotated[float, Field(ge=0, le=600)] = "zero"
    """What a thought costs in a world that waits: nothing, what the clock measures, or so many seconds."""
    speed: Annotated[float, Field(ge=0.1, le=8)] = 1.0
    """Times the clock's pace, in real time."""
    agents: Annotated[int, Field(ge=1, le=32)] = 1
    """Copies of the world's agent, in free places around it."""
    forecast: Literal["analytic", "physics"] = "analytic"
    """How the judge looks ahead."""
    judge: Literal["off", "advise", "enforce"] = "enforce"
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """The world's own seed where it is not given."""
    seconds: Annotated[float, Field(gt=0, le=3600)] = 12.0
    brain: BrainConfig = BrainConfig()
    motion: MotionConfig = MotionConfig()
    video: VideoConfig = VideoConfig()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, **sources: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence, first wins: flags and --set, environment, file."""
        return (init_settings, sources["env_settings"], TomlConfigSettingsSource(settings_cls))


def load_config(file: Path | None = None, settings: list[str] | None = None, **flags: Any) -> Config:
    """Read the configuration.

    Args:
        file: a TOML file; `pwm.toml` in the working directory where None and there.
        settings: "key=value" texts such as "brain.deadline_s=4".
        flags: keys of Config, nested by "__" (`brain__model`); None means not given.

    Raises:
        ConfigError: a file is missing or unreadable, a key is unknown, or a value is out of range.
    """
    given: dict[str, Any] = {}
    for text in settings or []:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set takes key=value such as brain.deadline_s=4, not '{shorten(text)}'")
        _put(given, key.strip().split("."), value.strip())
    for key, value in flags.items():
        if value is not None:
            _put(given, key.split("__"), value)
    if file is None and DEFAULT_FILE.exists():
        file = DEFAULT_FILE
    if file is not None:
        _check_toml(file)

    class Sourced(Config):
        model_config = SettingsConfigDict(toml_file=file)

    _check_environment()
    try:
        return Config.model_construct(**dict(Sourced(**given)))
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from error


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"'{shorten('.'.join(path))}' is set both as a table and as a value")
    tree[path[-1]] = value


def _check_toml(file: Path) -> None:
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise ConfigError(f"{file} is over 1 MB: that is no configuration")
        tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}; give another with --config FILE") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from error


def _check_environment() -> None:
    """Name a PWM_ variable that no setting has; pydantic-settings would pass over it without a word."""
    for name in os.environ:
        if not name.startswith(_ENVIRONMENT):
            continue
        section, _, key = name[len(_ENVIRONMENT) :].lower().partition("__")
        field = Config.model_fields.get(section)
        nested = field is not None and isinstance(field.annotation, type) and issubclass(field.annotation, Section)
        tables = field.annotation.model_fields if nested else {}
        if field is None or (key and key not in tables):
            raise ConfigError(f"the environment variable {shorten(name)} names no setting; `pwm run --help` lists them")


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        section = Config.model_fields.get(str(first["loc"][0])) if len(first["loc"]) > 1 else None
        known = section.annotation.model_fields if section else Config.model_fields
        return f"no setting is named '{shorten(where)}'; known here: {', '.join(known)}"
    return f"the setting {shorten(where)}: {first['msg']}, not {shorten(first['input'])}"
