"""Answers: what a brain said to the bench's questions, as it is kept in files and read back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus.errors import BenchError

if TYPE_CHECKING:
    from aether.thought import Thought

ANSWERS = "answers.jsonl"
"""The file of an exam's answers in its folder."""
MAX_BYTES = 256_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one question.

    Attributes:
        id: of the question. text: the brain's own words; "" where another had to step in for it.
        route: how the answer came about. latency_s: s. tokens: in and out. cost_usd: US dollars.
        confidence: 0-1, or None.
    """

    id: str
    text: str
    route: str
    latency_s: float
    tokens: int
    cost_usd: float
    confidence: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "id": self.id, "text": self.text, "route": self.route, "latency_s": round(self.latency_s, 6),
            "tokens": self.tokens, "cost_usd": self.cost_usd, "confidence": self.confidence,
        }  # fmt: skip

    @classmethod
    def of(cls, name: str, thought: Thought) -> Answer:
        """Return a thought as the answer to a question."""
        # A route with a colon names who stepped in, and why: what it said is not the brain's.
        text = "" if ": " in thought.route else _writable(thought.text)
        return cls(
            name, text, thought.route, thought.latency_s, thought.tokens_in + thought.tokens_out,
            thought.cost_usd or 0.0, thought.confidence,
        )  # fmt: skip


def read_answers(path: Path) -> dict[str, str]:
    """Read given answers: a line of JSON each, `{"id", "text"}`.

    Raises:
        BenchError: the file cannot be read, or a line is no answer; the sentence names it.
    """
    found: dict[str, str] = {}
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BenchError(f"{path} is over 256 MB; split it")
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    except OSError as error:
        raise BenchError(f"cannot read {path}: {error.strerror}; give a file of answers") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found[str(row["id"])] = _writable(row["text"]) if isinstance(row["text"], str) else ""
        except (ValueError, RecursionError, KeyError, TypeError):
            raise BenchError(f'{path}, line {number}, is no answer; write {{"id": ..., "text": ...}}') from None
    return found


def kept_answers(path: Path, brain: str) -> dict[str, Answer]:
    """Read the answers of a brain that an interrupted exam has left; a torn last line is dropped.

    Raises:
        BenchError: the file holds something else, or another brain's.
    """
    if not path.exists():
        return {}
    found = {}
    whole = path.read_text("utf-8", errors="replace")
    *lines, torn = whole.split("\n")
    if torn:
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    for line in lines:
        try:
            row = json.loads(line)
            owner = row.pop("brain")
            found[str(row["id"])] = Answer(**row)
        except (ValueError, RecursionError, KeyError, TypeError):
            raise BenchError(f"{path} holds something else than answers; give another --out") from None
        if owner != brain:
            raise BenchError(f"{path} holds the answers of {owner}; give another --out")
    return found


def _writable(text: str) -> str:
    """A text without halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
