"""Episode: what happened, one JSON object a line, and how it is read back from a file that nobody vouches for.

Lines, by their `type`: one `episode` (what was run); then for each frame a `change` or a `decision` of an agent where
there was one (and a `prompt` before the first decision under it), the `frame`, and the `outcome` of decisions that are
two seconds old; and one `end`. `episode.schema.json` says what is in each. Whatever the clock measured is in
`timings.jsonl` beside it.
"""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from aether.decision import Decision
from aether.errors import DecisionError, SceneError
from aether.thought import Thought
from prometheus.errors import ConfigError, EpisodeError, shorten
from prometheus.schema import Check, load_checks

SCHEMA = 2
EPISODE, TIMINGS = "episode.jsonl", "timings.jsonl"
SCHEMA_FILE = Path(__file__).with_name("episode.schema.json")
MAX_BYTES, MAX_LINE = 1 << 30, 4 << 20
"""Longest file and longest line, bytes."""
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


def thought_from_json(obj: Mapping[str, Any], prompt: tuple[str, str] = ("", "")) -> Thought:
    """Read what `thought_to_json` wrote; its latency is 0.

    Raises:
        EpisodeError: the decision is none that a mind can have made.
    """
    try:
        decision = Decision.from_json(obj["decision"])
    except DecisionError as error:
        raise EpisodeError(f"the episode holds a decision that is none: {error}") from error
    return Thought(
        decision=decision,
        text=obj["text"],
        brain=obj["brain"],
        latency_s=0.0,
        tokens_in=obj["tokens_in"],
        tokens_out=obj["tokens_out"],
        cost_usd=obj["cost_usd"],
        confidence=obj["confidence"],
        route=obj["route"],
        prompt=prompt,
    )


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode that was read back.

    Attributes:
        header: the first line. prompts: system messages by their id.
        decisions, frames, outcomes, changes: the lines of those types, in order.
        end: the last line, None where the run was cut off.
        torn: the number of a last line that was cut off and is left out, or None.
    """

    header: dict[str, Any]
    prompts: dict[str, str] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None
    torn: int | None = None

    @property
    def first(self) -> str:
        """The id of the first agent, which lines do not name."""
        return first_agent(self.header)

    @property
    def agents(self) -> list[str]:
        """The ids of all agents."""
        return [agent["id"] for agent in self.header.get("agents", ())] or [self.first]

    def of(self, rows: list[dict[str, Any]], agent: str | None = None) -> list[dict[str, Any]]:
        """Return the lines of one agent, the first where None."""
        return [row for row in rows if row.get("agent", self.first) == (agent or self.first)]

    def thought(self, row: Mapping[str, Any]) -> Thought:
        """Return what a decision's line says was thought, with the prompt that it answered."""
        asked = row["prompt"]
        return thought_from_json(row["thought"], (self.prompts.get(asked["system"], ""), asked["user"]))

    def joints(self, agent: str | None = None) -> np.ndarray:
        """Return an agent's joints, float32 [T, 22, 3] m, motion frame; the first agent's where None."""
        rows = [pose["joints_0.1mm"] for pose in self._poses(agent)]
        return (np.array(rows, np.float32) / 1e4).reshape(-1, 22, 3)

    def contacts(self, agent: str | None = None) -> np.ndarray:
        """Return an agent's foot contacts, float32 [T, 4]; the first agent's where None."""
        return np.array([pose["contacts_percent"] for pose in self._poses(agent)], np.float32).reshape(-1, 4) / 100

    def _poses(self, agent: str | None) -> list[dict[str, Any]]:
        if agent is None or agent == self.first:
            return self.frames
        poses = [frame.get("bodies", {}).get(agent) for frame in self.frames]
        if not all(poses):
            known = ", ".join(self.agents)
            raise EpisodeError(f"the episode holds no motion of '{shorten(agent, 40)}'; it has {known}")
        return poses


def first_agent(header: Mapping[str, Any]) -> str:
    """Return the id of the first agent of a run by its header."""
    agents = header.get("agents") or [{"id": "agent"}]
    return str(agents[0]["id"])


def episode_path(folder: Path) -> Path:
    """Return the episode's file in a folder, or the file itself."""
    return folder / EPISODE if folder.is_dir() else folder


def read_episode(folder: Path, *, frames: bool = True) -> Episode:
    """Read an episode from its folder or file; a torn last line is left out and noted.

    Args:
        folder: that holds it, or its file.
        frames: whether frames are kept, which are nearly all of it.

    Raises:
        EpisodeError: there is none, it is not one that this version reads, or a line breaks the schema.
    """
    torn: list[int] = []
    rows = read_rows(folder, torn.append)
    episode = Episode(next(rows))
    end = None
    for row in rows:
        kind = row["type"]
        if kind == "prompt":
            episode.prompts[row["id"]] = row["system"]
        elif kind == "end":
            end = row
        elif kind != "frame" or frames:
            {
                "decision": episode.decisions, "frame": episode.frames, "outcome": episode.outcomes,
                "change": episode.changes,
            }[kind].append(row)  # fmt: skip
    return Episode(
        episode.header, episode.prompts, episode.decisions, episode.frames, episode.outcomes, episode.changes, end,
        torn[0] if torn else None,
    )  # fmt: skip


def read_rows(folder: Path, torn: Callable[[int], None] | None = None) -> Iterator[dict[str, Any]]:
    """Yield an episode's lines, each checked against the schema, one at a time in memory.

    Args:
        folder: that holds it, or its file.
        torn: called with the number of a last line that was cut off.

    Raises:
        EpisodeError: as `read_episode`.
    """
    path = episode_path(folder)
    empty = True
    for number, line, last in _lines(path):
        row = _parse(path, number, line, last)
        if row is None:
            if torn is not None:
                torn(number)
            break
        row = _checked(path, number, row, first=empty)
        empty = False
        yield row
    if empty:
        raise EpisodeError(f"{path} holds no episode: it is empty; give a folder that `pwm run --out DIR` wrote")


def _lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Number, bytes, and whether it is the last, of each line."""
    try:
        if not path.is_file():
            reason = "it is not a file" if path.exists() else "there is no such file"
            raise EpisodeError(f"cannot read an episode from {path}: {reason}; give a folder that `pwm run` wrote")
        if path.stat().st_size > MAX_BYTES:
            raise EpisodeError(f"{path} is over 1 GiB: that is more than any episode")
        with path.open("rb") as file:
            number, line = 1, file.readline(MAX_LINE + 1)
            while line:
                if len(line) > MAX_LINE:
                    raise EpisodeError(f"{path}, line {number}, is over {MAX_LINE >> 20} MB: that is no episode")
                following = file.readline(MAX_LINE + 1)
                yield number, line, not following
                number, line = number + 1, following
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise EpisodeError(f"cannot read an episode from {path}: {reason}") from error


def _parse(path: Path, number: int, line: bytes, last: bool) -> Any:
    """The value of a line; None for a last one that was cut off."""
    try:
        return json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        if isinstance(error, _NotANumber):
            raise EpisodeError(f"{path}, line {number}, holds {error}, which is no number in JSON") from None
        # A line with its newline was written whole: what is wrong with it is no accident.
        if last and number > 1 and not line.endswith(b"\n"):
            return None
        what = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else "not JSON"
        raise EpisodeError(f"{path}, line {number}, is {what}; give an episode.jsonl that `pwm run` wrote") from None


class _NotANumber(ValueError):
    pass


def _no_number(word: str) -> NoReturn:
    raise _NotANumber(word)


def _checked(path: Path, number: int, row: Any, first: bool) -> dict[str, Any]:
    kind = row.get("type") if isinstance(row, dict) else None
    if first:
        if kind != "episode":
            raise EpisodeError(f"{path} is no episode: its first line should be of type 'episode'")
        if row.get("schema") not in (1, SCHEMA):
            reads = f"this version reads 1 and {SCHEMA}"
            raise EpisodeError(f"{path} has schema {shorten(row.get('schema'), 20)}, {reads}; read it with its own")
    if isinstance(row, dict) and kind in ("episode", "decision"):
        _upgrade(row)
    check = _checks().get(kind) if isinstance(kind, str) and kind in _TYPES else None
    if check is None or (kind == "episode") != first:
        raise EpisodeError(f"{path}, line {number}, is of type {shorten(kind, 30)}, which does not belong there")
    wrong = check(row) or (_scene_problem(row["scene"]) if kind == "decision" else None)
    if wrong:
        raise EpisodeError(f"{path}, line {number}, breaks the schema: {kind}{shorten(wrong, 160)}")
    checked: dict[str, Any] = row
    return checked


def _scene_problem(scene: dict[str, Any]) -> str | None:
    """What is wrong with a decision's scene, which has its own reader."""
    from aether.scene import Scene

    try:
        Scene.from_json(scene)
    except SceneError as error:
        return f".scene: {error}"
    return None


_TYPES = ("episode", "prompt", "change", "decision", "frame", "outcome", "end")


@cache
def _checks() -> dict[str, Check]:
    return load_checks(SCHEMA_FILE)


def _upgrade(row: dict[str, Any]) -> None:
    """Give a line of schema 1 what schema 2 added."""
    if row.get("schema") == 1:
        row["schema"] = SCHEMA
    verdict = row.get("verdict")
    if row["type"] == "decision" and "prompt" not in row and "motion" not in row and isinstance(verdict, dict):
        command = verdict.get("command")
        if isinstance(command, dict):
            row["motion"] = {"text": command.get("text"), "urgent": command.get("urgent")}
        row["prompt"] = {"system": "unknown", "user": ""}
