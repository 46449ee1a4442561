"""Episode: what happened, one JSON object a line, the same bytes for the same run.

Lines, by their `type`: one `episode` (what was run), then for each frame a `decision` where one was made and a `frame`,
and one `end`. Whatever the clock measured is in `timings.jsonl` beside it.
"""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np

from aether.decision import Decision
from aether.mind import Thought
from prometheus.errors import ConfigError, EpisodeError, shorten
from prometheus.loop import Moment
from prometheus.world.physics import World

SCHEMA = 1
EPISODE, TIMINGS = "episode.jsonl", "timings.jsonl"
_MAX_BYTES = 1 << 30
_DISTRIBUTIONS = ("prometheus-world", "pybullet", "torch", "diffusers", "numpy")


def versions() -> dict[str, str]:
    """Return the versions that an episode's bytes depend on."""
    found = {"python": platform.python_version()}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "source"
    return found


def check_out(path: Path) -> None:
    """Find out whether a folder can be made and written, leaving nothing behind.

    Raises:
        ConfigError: it cannot.
    """
    there = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
    try:
        if not there.is_dir():
            raise NotADirectoryError(20, "a file is in the way")
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise ConfigError(f"cannot write to {path}: {error.strerror}; choose another with --out DIR") from error


class Recorder:
    """Writes an episode while it happens; a killed run leaves whole lines and at most one torn one."""

    def __init__(self, folder: Path, header: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._episode: TextIO = (folder / EPISODE).open("w", encoding="utf-8", newline="\n")
        self._timings: TextIO = (folder / TIMINGS).open("w", encoding="utf-8", newline="\n")
        self._write(self._episode, {"type": "episode", "schema": SCHEMA, **header})

    def record(self, world: World, moment: Moment, milliseconds: Mapping[str, float]) -> None:
        """Write a frame, and its decision where one was made."""
        times: dict[str, Any] = {"frame": moment.frame, "ms": dict(milliseconds)}
        if moment.thought is not None and moment.scene is not None and moment.verdict is not None:
            times["latency_s"] = round(moment.thought.latency_s, 6)
            self._write(
                self._episode,
                {
                    "type": "decision",
                    "frame": moment.frame,
                    "scene": moment.scene.to_json("article"),
                    "own": {
                        "speed": moment.scene.own.speed,
                        "body": moment.scene.own.body,
                        "task": moment.scene.own.task,
                    },
                    "thought": thought_to_json(moment.thought),
                    "verdict": moment.verdict.to_json(),
                },
            )
        self._write(self._episode, {"type": "frame", **world.state(), "frame": moment.frame, **_motion(moment)})
        self._write(self._timings, times)

    def end(self, **outcome: Any) -> None:
        """Write the last line."""
        self._write(self._episode, {"type": "end", **outcome})

    def close(self) -> None:
        """Close both files."""
        self._episode.close()
        self._timings.close()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @staticmethod
    def _write(file: TextIO, row: Mapping[str, Any]) -> None:
        file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")


def _motion(moment: Moment) -> dict[str, Any]:
    """Joints in whole tenths of a millimetre, contacts in whole hundredths: exact in text, and short."""
    joints = np.rint(moment.motion.joints[0] * 1e4).astype(int)
    contacts = np.rint(moment.motion.contacts[0] * 100).astype(int)
    return {"joints_0.1mm": joints.ravel().tolist(), "contacts_percent": contacts.tolist()}


def thought_to_json(thought: Thought) -> dict[str, Any]:
    """Return a thought without its latency."""
    return {
        "decision": thought.decision.to_json(),
        "text": thought.text,
        "brain": thought.brain,
        "tokens_in": thought.tokens_in,
        "tokens_out": thought.tokens_out,
        "cost_usd": thought.cost_usd,
        "confidence": thought.confidence,
        "route": thought.route,
    }


def thought_from_json(obj: Mapping[str, Any]) -> Thought:
    """Read what `thought_to_json` wrote; its latency is 0."""
    return Thought(
        decision=Decision.from_json(obj["decision"]),
        text=obj["text"],
        brain=obj["brain"],
        latency_s=0.0,
        tokens_in=obj["tokens_in"],
        tokens_out=obj["tokens_out"],
        cost_usd=obj["cost_usd"],
        confidence=obj["confidence"],
        route=obj["route"],
    )


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode that was read back.

    Attributes:
        header: the first line. decisions, frames: theirs, in order. end: the last line, None where the run was cut off.
    """

    header: dict[str, Any]
    decisions: list[dict[str, Any]] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None

    def joints(self) -> np.ndarray:
        """Return the agent's joints, float32 [T, 22, 3] m, motion frame."""
        rows = [frame["joints_0.1mm"] for frame in self.frames]
        return (np.array(rows, np.float32) / 1e4).reshape(-1, 22, 3)

    def contacts(self) -> np.ndarray:
        """Return the agent's foot contacts, float32 [T, 4]."""
        return np.array([frame["contacts_percent"] for frame in self.frames], np.float32) / 100


def read_episode(folder: Path) -> Episode:
    """Read an episode from its folder or file; a torn last line is left out.

    Raises:
        EpisodeError: there is none, or it is not one that this version reads.
    """
    path = folder / EPISODE if folder.is_dir() else folder
    rows = list(_rows(path))
    if not rows or rows[0].get("type") != "episode":
        raise EpisodeError(f"{path} is no episode: its first line should be of type 'episode'")
    if rows[0].get("schema") != SCHEMA:
        raise EpisodeError(f"{path} has schema {shorten(rows[0].get('schema'), 20)}, this version reads {SCHEMA}")
    episode = Episode(rows[0], end=rows[-1] if rows[-1].get("type") == "end" else None)
    for row in rows[1:]:
        if row.get("type") == "decision":
            episode.decisions.append(row)
        elif row.get("type") == "frame":
            episode.frames.append(row)
    return episode


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise EpisodeError(f"{path} is over 1 GiB: that is more than any episode")
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise EpisodeError(f"cannot read an episode from {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EpisodeError(f"{path} is no episode: it is not UTF-8 text") from error
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                return
            raise EpisodeError(f"{path}, line {number}, is not JSON") from error
        if not isinstance(row, dict):
            raise EpisodeError(f"{path}, line {number}, is not an object")
        yield row
