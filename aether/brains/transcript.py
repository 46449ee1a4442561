"""A brain that answers again what an episode says it answered, and stops where the scene is not the recorded one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aether.brain import Reply
from aether.clean import clean
from aether.decision import Decision
from aether.difference import first_difference
from aether.errors import BrainError, TranscriptError
from aether.parsing import parse
from aether.prompt import Prompt

_MAX_BYTES = 1 << 30
_FILE = "episode.jsonl"


class Transcript:
    """The decisions of a recorded episode, in their order.

    Args:
        file: An episode file, or the folder that holds `episode.jsonl`.

    Raises:
        BrainError: The file cannot be read or holds no decision.
    """

    instant = True

    def __init__(self, file: str | Path | None = None) -> None:
        """Reads the decisions."""
        if file is None:
            raise BrainError(
                "the brain 'transcript' needs an episode; set brain.file=out/run, or name it transcript:FILE"
            )
        path = Path(file)
        path = path / _FILE if path.is_dir() else path
        self.name = f"transcript:{clean(path.parent.name or path.name, 60)}"
        self._rows = list(_decisions(path))
        self._next = 0
        if not self._rows:
            raise BrainError(f"{path} holds no decision; give an episode that `pwm run` recorded")

    async def think(self, prompt: Prompt, *, deadline_s: float = 0.0) -> Reply:
        """The recorded answer.

        Raises:
            TranscriptError: There is none left, or the scene differs; the message names the first difference.
        """
        if self._next >= len(self._rows):
            raise TranscriptError(
                f"the transcript has {len(self._rows)} decisions and no more; run no longer than it did"
            )
        where, scene, reply = self._rows[self._next]
        differs = first_difference(scene, prompt.scene.to_json("article"))
        if differs:
            raise TranscriptError(f"the run parts from the transcript at {where}: {differs}")
        self._next += 1
        return reply


def _decisions(path: Path) -> Iterator[tuple[str, Any, Reply]]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BrainError(f"the transcript {path} is over 1 GiB: that is more than any episode")
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                # Most lines are frames; only decisions are worth parsing, of the first agent, whom lines do not name.
                if '"type":"decision"' in line.replace(" ", "")[:40] and '"agent":' not in line.replace(" ", "")[:120]:
                    yield _decision(line, f"{path}, line {number}")
    except UnicodeDecodeError:
        raise BrainError(f"the transcript {path} is not UTF-8 text; give an episode that `pwm run` recorded") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise BrainError(f"cannot read the transcript {path}: {reason}; set brain.file to an episode") from None


def _decision(line: str, where: str) -> tuple[str, Any, Reply]:
    try:
        row = json.loads(line)
        thought = row["thought"]
        reply = Reply(
            _text(str(thought["text"]), Decision.from_json(thought["decision"])),
            int(thought["tokens_in"]),
            int(thought["tokens_out"]),
            float(thought["cost_usd"]),
            thought["confidence"],
            # Who answered is part of the record: a decision that the reflex took over is still one.
            "" if thought["route"] == "brain" else clean(str(thought["route"]), 200),
        )
        return f"frame {int(row['frame'])}", row["scene"], reply
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BrainError(f"{where} is no decision; give an episode that `pwm run` recorded") from None


def _text(text: str, decision: Decision) -> str:
    """The raw text, unless it was cut or masked so that it says something else now."""
    return text if parse(text) == decision else str(decision)
