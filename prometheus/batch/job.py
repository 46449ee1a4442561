"""Job: one episode of a batch, as plain values."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from prometheus.data import data_path


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take before it is ended with a reason; None for no limit.

    Attributes:
        seconds: of the clock, from its first frame on. memory_mb: of the process that runs it.
        tokens, usd: of its brains.
    """

    seconds: float | None = None
    memory_mb: float | None = None
    tokens: int | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What is run.

    Attributes:
        world: a shipped name, a world file, or the id of a scenario of the bench.
        brain, body: as for `pwm run`; body None for what the world says.
        seed: of everything. seconds: of world time; a scenario of the bench has its own.
        config: every other setting, as JSON values. mark: the hash of it.
        scenarios: the bench's file, where `world` is a scenario.
        inputs: sha256 of the files that it names. overrides: what the batch changed for it.
    """

    world: str
    brain: str
    body: str | None
    seed: int
    seconds: float
    config: Mapping[str, Any] = field(hash=False)
    mark: str = ""
    scenarios: str | None = None
    inputs: tuple[str, ...] = ()
    overrides: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return values | {"inputs": list(self.inputs), "overrides": dict(self.overrides)}

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Job:
        """Read what `to_json` wrote."""
        return cls(**{**obj, "inputs": tuple(obj["inputs"])})

    @property
    def spec(self) -> str:
        """Hash of what is run, whatever the code."""
        what = [self.world, self.brain, self.body, self.seed, self.seconds, self.mark, self.scenarios, self.inputs]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]

    def key(self, code: str) -> str:
        """Its name in a batch that runs by this version of the code: hash of both."""
        return hashlib.sha256(f"{self.spec} {code}".encode()).hexdigest()[:16]

    def terms(self) -> dict[str, Any]:
        """What `where` can ask of it."""
        return {
            "world": self.world, "brain": self.brain, "body": self.body, "seed": self.seed, "seconds": self.seconds,
            "overrides": dict(self.overrides),
        }  # fmt: skip

    def command(self, key: str) -> str:
        """Return the command that runs this job alone."""
        if self.scenarios is not None:
            return f"pwm batch run again-{key}.yaml --out out/{key}  # the file lies beside this row"
        body = [] if self.body is None else ["--body", self.body]
        rest = [f"--set={name}={value}" for name, value in sorted(flat(self.overrides).items())]
        given = ["pwm", "run", self.world, "--brain", self.brain, *body, "--seed", str(self.seed)]
        return shlex.join([*given, "--seconds", f"{self.seconds:g}", *rest, "--out", f"out/{key}"])

    def again(self) -> dict[str, Any]:
        """Return a SPEC of this job alone."""
        place = (
            {"worlds": [self.world]} if self.scenarios is None else {"scenarios": [f"{self.scenarios}#{self.world}"]}
        )
        bodies = {} if self.body is None else {"bodies": [self.body]}
        rest = {"seeds": [self.seed], "seconds": self.seconds, "overrides": dict(self.overrides)}
        return {**place, "brains": [self.brain], **bodies, **rest}


def flat(settings: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return nested settings as dotted names and values."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found |= flat(value, f"{above}{name}.") if isinstance(value, Mapping) else {f"{above}{name}": value}
    return found


@cache
def code_version() -> str:
    """Return a hash of everything that an episode depends on beside its job: sources, weights, worlds, libraries."""
    from prometheus.episode import versions

    packages = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256(json.dumps(versions(), sort_keys=True).encode())
    roots = [(packages / name, "*.py") for name in ("aether", "hephaestus", "prometheus")]
    roots += [(data_path("assets"), "*"), (data_path("worlds"), "*")]
    for root, pattern in roots:
        for path in sorted(root.rglob(pattern)):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{root.name}/{path.relative_to(root)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, shortened."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
