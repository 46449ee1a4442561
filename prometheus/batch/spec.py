"""Spec: a grid of worlds, brains, bodies and seeds, read from YAML and spread out into jobs."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from prometheus.batch.job import Job, Limits, file_hash, flat
from prometheus.batch.where import Where
from prometheus.data import data_path
from prometheus.errors import BatchError, ConfigError, WorldError, shorten

if TYPE_CHECKING:
    from prometheus.bench.case import Case
    from prometheus.config import Config

MOST_JOBS = 100_000
TERMS = frozenset({"world", "brain", "body", "seed", "seconds", "overrides"})
_MAX_BYTES = 1_000_000
_SCENARIOS = ("wmbench", "seed-2026.json")
Text = Annotated[str, Field(min_length=1, max_length=300)]
Number = Annotated[int, Field(ge=0, lt=2**63)]
Span = Annotated[float, Field(gt=0, le=3600)]


class Place(NamedTuple):
    """A world, or a scenario of the bench and its file; the seed that it has, and hashes of the files that it is in."""

    name: str
    source: str | None
    seed: int
    inputs: tuple[str, ...]


class Part(BaseModel):
    """A table of the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Ceilings(Part):
    """Limits: of each job, and with `batch_` of the whole batch."""

    seconds: Annotated[float, Field(gt=0)] | None = None
    memory_mb: Annotated[float, Field(ge=64)] | None = None
    tokens: Annotated[int, Field(ge=0)] | None = None
    usd: Annotated[float, Field(ge=0)] | None = None
    batch_seconds: Annotated[float, Field(gt=0)] | None = None
    batch_tokens: Annotated[int, Field(ge=0)] | None = None
    batch_usd: Annotated[float, Field(ge=0)] | None = None

    def of_job(self) -> Limits:
        """Those of each job."""
        return Limits(self.seconds, self.memory_mb, self.tokens, self.usd)


class Spec(Part):
    """What a batch runs: every combination of what is listed, as far as `where` means it.

    Attributes:
        worlds: names or world files. scenarios: of the bench: an id, a category, `FILE`, or `FILE#ID`.
        brains, bodies: as for `pwm run`; a body of null is what the world says.
        seeds: numbers, ranges such as "0-99", or one number for so many seeds from 0; null is the world's own.
        seconds: of world time, one or several. overrides: settings, one set or several to choose from.
        where: conditions that a job has to meet, all of them. limits: see `Ceilings`.
    """

    worlds: Annotated[tuple[Text, ...], Field(max_length=1000)] = ()
    scenarios: Annotated[tuple[Text, ...], Field(max_length=10_000)] = ()
    brains: Annotated[tuple[Text, ...], Field(min_length=1, max_length=100)] = ("reflex",)
    bodies: Annotated[tuple[Text | None, ...], Field(min_length=1, max_length=1000)] = (None,)
    seeds: Annotated[tuple[Number | None, ...], Field(min_length=1, max_length=MOST_JOBS)] = (None,)
    seconds: Annotated[tuple[Span, ...], Field(min_length=1, max_length=100)] = (10.0,)
    overrides: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=1000)] = ({},)
    where: Annotated[tuple[str, ...], Field(max_length=32)] = ()
    limits: Ceilings = Ceilings()

    @field_validator("worlds", "scenarios", "brains", "bodies", "seconds", "where", "overrides", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return value if isinstance(value, list | tuple) else (value,)

    @field_validator("seeds", mode="before")
    @classmethod
    def _spread(cls, value: Any) -> Any:
        if type(value) is int:
            if not 0 < value <= MOST_JOBS:
                raise ValueError(f"a number of seeds is 1 to {MOST_JOBS}; write one seed as [7]")
            return tuple(range(value))
        items = value if isinstance(value, list | tuple) else (value,)
        return tuple(itertools.chain.from_iterable(_seeds(item) for item in items))

    @model_validator(mode="after")
    def _has_a_place(self) -> Spec:
        if not self.worlds and not self.scenarios:
            raise ValueError("name `worlds` or `scenarios`; `pwm world list` shows the worlds")
        return self


def read_spec(path: Path) -> Spec:
    """Read a SPEC file.

    Raises:
        BatchError: it cannot be read, is no YAML, or breaks a rule; the sentence names the line and what to do.
    """
    from prometheus.world.document import Document

    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise BatchError(f"{path} is over 1 MB: that is no SPEC of a batch")
        document = Document(data.decode("utf-8-sig"), shorten(str(path), 100))
    except OSError as error:
        raise BatchError(f"cannot read the SPEC {path}: {error.strerror}; give the path of a YAML file") from None
    except (UnicodeDecodeError, ValueError):
        raise BatchError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except WorldError as error:
        raise BatchError(str(error)) from None
    if not isinstance(document.value, dict):
        raise BatchError(f"{path} holds no SPEC; start it with `worlds: [castle]`")
    try:
        return Spec.model_validate(document.value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the SPEC"
        known = f"; known are {', '.join(Spec.model_fields)}" if first["type"] == "extra_forbidden" else ""
        reason = shorten(first["msg"].removeprefix("Value error, "), 160)
        line = document.line(tuple(first["loc"]))
        raise BatchError(f"{path}, line {line}: {shorten(where, 60)}: {reason}{known}") from None


def spread(spec: Spec, file: Path | None, settings: list[str] | None = None) -> list[Job]:
    """Return the jobs of a grid, each once, in a fixed order; every name is checked on the way.

    Args:
        spec: the grid.
        file: TOML, as `load_config` takes it.
        settings: "key=value" texts, for all jobs.

    Raises:
        PrometheusError: a world, body, setting or condition is wrong, or the jobs are too many or none.
    """
    conditions = [Where(text, TERMS) for text in spec.where]
    axes = (spec.worlds + spec.scenarios, spec.brains, spec.bodies, spec.seeds, spec.seconds, spec.overrides)
    if math.prod(map(len, axes)) > MOST_JOBS:
        raise BatchError(f"the grid has over {MOST_JOBS} jobs; split it")
    found: dict[str, Job] = {}
    for job in _grid(spec, file, settings):
        if all(condition(job.terms()) for condition in conditions):
            found[job.spec] = job
            if len(found) > MOST_JOBS:
                raise BatchError(f"the grid has over {MOST_JOBS} jobs; split it")
    if not found:
        raise BatchError("no job is left of the grid; loosen `where`")
    return list(found.values())


def _grid(spec: Spec, file: Path | None, settings: list[str] | None) -> Iterator[Job]:
    places = [Place(world, None, _own_seed(world), _inputs(world)) for world in dict.fromkeys(spec.worlds)]
    cases = functools.cache(_cases)
    for text in dict.fromkeys(spec.scenarios):
        places += _scenarios(text, cases)
        if len(places) > MOST_JOBS:
            raise BatchError(f"the grid has over {MOST_JOBS} jobs; split it")
    for body in dict.fromkeys(spec.bodies):
        _check_body(body)
    for overrides, brain in itertools.product(spec.overrides, spec.brains):
        config = _config(file, settings, overrides, brain)
        # One dict for all jobs of a configuration, and its hash once: grids are large.
        values = config.model_dump(mode="json", exclude={"seed", "seconds", "body"})
        mark = hashlib.sha256(json.dumps([values, overrides], sort_keys=True).encode()).hexdigest()[:16]
        reads = _inputs(brain.partition(":")[2]) + _inputs(str(config.brain.file or ""))
        bodies = [(wears, _inputs(wears or "")) for wears in (body or config.body for body in spec.bodies)]
        for (world, source, seed, inputs), (wears, worn), wanted, seconds in itertools.product(
            places, bodies, spec.seeds, spec.seconds
        ):
            number = wanted if wanted is not None else config.seed if config.seed is not None else seed
            files = (*inputs, *reads, *worn)
            yield Job(world, brain, wears, number, seconds, values, mark, source, files, overrides)


def _config(file: Path | None, settings: list[str] | None, overrides: dict[str, Any], brain: str) -> Config:
    from prometheus.config import load_config

    flags = {name.replace(".", "__"): value for name, value in flat(overrides).items()}
    taken = flags.keys() & {"seed", "seconds", "body", "brain__model"}
    if taken:
        raise BatchError(f"`overrides` may not set {min(taken)}; the SPEC has a list for it")
    config = load_config(file, settings, **{**flags, "brain__model": brain})
    if config.mode == "realtime":
        raise ConfigError("a batch runs in lockstep; leave out mode=realtime, or run it with `pwm run`")
    _check_brain(config)
    return config


def _check_brain(config: Config) -> None:
    """Find out whether a brain has a name, its key and its file, before anything runs."""
    from aether.brains import is_model_id

    if is_model_id(config.brain.model):
        # Its library weighs more than all else here: it is loaded in a process that ends.
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            wrong = pool.submit(_wrong_with, config.model_dump(mode="json")).result()
        if wrong is not None:
            raise BatchError(wrong)
    elif (wrong := _wrong_with(config.model_dump(mode="json"))) is not None:
        raise BatchError(wrong)


def _wrong_with(values: dict[str, Any]) -> str | None:
    """What keeps the brain of a configuration from thinking, or None."""
    from aether.brains import load
    from aether.errors import AetherError
    from prometheus.config import Config

    config = Config(**values)
    try:
        load(config.brain.model, **config.brain.options())
    except AetherError as error:
        return str(error)
    return None


def _check_body(body: str | None) -> None:
    if body is None:
        return
    from hephaestus.bodies import shipped

    known = shipped()
    if body not in known and not Path(body).expanduser().is_file():
        raise BatchError(f"there is no body '{shorten(body, 60)}'; use the path of a GLB or one of {', '.join(known)}")


def _own_seed(world: str) -> int:
    from prometheus.world.scenario import load_scenario

    return load_scenario(world).seed


def _inputs(name: str) -> tuple[str, ...]:
    """The hash of the file that a name is the path of; nothing where it is none."""
    path = Path(name).expanduser()
    try:
        return (file_hash(path),) if name and path.is_file() else ()
    except OSError as error:
        raise BatchError(f"cannot read {shorten(name, 100)}: {error.strerror}") from None


def _scenarios(text: str, files: Callable[[Path], tuple[str, list[Case]]]) -> list[Place]:
    """The scenarios of the bench that a text means: an id, a category, FILE or FILE#ID."""
    from prometheus.bench.categories import CATEGORIES

    name, sharp, wanted = text.partition("#")
    shipped = not sharp and re.fullmatch(r"C\d\d(_\w+)?", text) is not None
    path = data_path("worlds", *_SCENARIOS) if shipped else Path(name).expanduser()
    if shipped:
        wanted = text
    digest, cases = files(path)
    chosen = [case for case in cases if wanted in ("", case.id, case.category) and case.category in CATEGORIES]
    if not chosen:
        raise BatchError(f"no scenario '{shorten(wanted, 40)}' in {path.name} can be lived through; C01 to C08 can")
    return [Place(case.id, str(path), case.seed, (digest,)) for case in chosen]


def _cases(path: Path) -> tuple[str, list[Case]]:
    """The hash of a file of scenarios, and what it holds."""
    from prometheus.bench.case import read_cases

    try:
        if not path.is_file():
            raise BatchError(f"{shorten(str(path), 100)} is no file; give a file of scenarios, an id or a category")
    except ValueError:
        raise BatchError("a scenario is an id, a category or a file; a path holds no zero bytes") from None
    return file_hash(path), read_cases(path)[1]


def _seeds(item: Any) -> Iterator[Any]:
    if isinstance(item, str) and (match := re.fullmatch(r"(\d{1,18})\s*-\s*(\d{1,18})", item.strip())):
        first, last = int(match[1]), int(match[2])
        if not first <= last < first + MOST_JOBS:
            raise ValueError(f"a range of seeds goes up, over at most {MOST_JOBS}, such as 0-99")
        yield from range(first, last + 1)
    else:
        yield item
